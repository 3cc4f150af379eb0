"""Method check: waits until asked, then says what a reader may ask about, each with a place; sets aside with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import streamlit as st

from workbench.domain.checks import LEVELS, UNINVITED
from workbench.domain.errors import WorkbenchError
from workbench.domain.issues import Issue
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import checks
from workbench.services.context import Context
from workbench.ui import issues, session
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components.view import view
from workbench.ui.text import literal

_ASIDE = "method_check.aside"  # (rule, item) that is being set aside
_ALL = "method_check.all"  # the rule of which everything found is shown
_REFUSED = "method_check.refused"
_MOST = 5  # rows of one rule before the others are folded


def draw(ctx: Context) -> None:
    """The part of Method that checks; a link with `checked` in it has asked already."""
    if not session.asked("checked"):
        st.text(t("check.page.about"), width=640)
        st.button(t("check.page.now"), key="check_now", type="primary", icon=":material/rule:", on_click=_ask)
        return
    found = checks.method_check(ctx)
    left, right = st.columns([2.1, 1], gap="large")
    with left:
        _found(ctx, found)
        _set_aside(ctx, found)
    with right:
        st.caption(t("check.page.about"))
        if can(ctx.member.role, Action.ANALYSE):
            _rules(ctx, found)
            _thresholds(ctx, found)
    if session.draft(_ASIDE):
        _ask_why(ctx, found)


def _ask() -> None:
    session.ask(checked="yes")


def _found(ctx: Context, found: checks.MethodCheck) -> None:
    if not found.begun:
        st.text(t("check.page.begin"))
    elif not found.steps:
        st.text(t("check.page.none"))
    else:
        st.caption(tn("check.page.found", found.found))
    for step, those in found.steps:
        st.subheader(t(f"check.step.{step}"), anchor=False)
        view("rows", {"rows": _rows(ctx, those)}, key=f"check_{step}", on_select=_picked)


def _rows(ctx: Context, found: Sequence[Issue]) -> list[dict[str, Any]]:
    """A row for each; of many that a rule has found, the first, until one asks for the others. What to do about it
    is said once where the same is said of several."""
    rows: list[dict[str, Any]] = []
    for rule, of_rule in groupby(found, key=lambda issue: issue.rule):
        those = list(of_rule)
        shown = those if len(those) <= _MOST + 1 or session.draft(_ALL) == rule else those[:_MOST]
        said = ""
        for issue in shown:
            row = issues.row(ctx, issue)
            if row.get("note") == said and rule not in UNINVITED:
                row.pop("note", None)
            said = row.get("note") or said
            mended_there = rule in UNINVITED or not can(ctx.member.role, Action.ANALYSE)
            word = "" if mended_there else t("check.page.set_aside")
            rows.append(row | {"also": {"text": word, "id": f"{rule}/{issue.where[1]}"}})
        if left := len(those) - len(shown):
            more = {"text": tn("check.page.more", left), "link": t("check.page.show"), "id": f"{_ALL}/{rule}"}
            rows.append(more | {"also": {"text": ""}})
    return rows


# -- setting aside -----------------------------------------------------------------------------------------


def _picked(picked: str) -> None:
    what, _, rule = picked.partition("/")
    if what == _ALL:
        session.keep_draft(_ALL, rule)
    else:
        session.keep_draft(_ASIDE, picked)


def _leave() -> None:
    session.keep_draft(_ASIDE, None)


def _ask_why(ctx: Context, found: checks.MethodCheck) -> None:
    rule, _, item = str(session.draft(_ASIDE)).partition("/")
    issue = next((i for _, those in found.steps for i in those if (i.rule, i.where[1]) == (rule, item)), None)
    if issue is None:  # somebody has mended it or set it aside meanwhile
        _leave()
        return

    @st.dialog(t("check.aside.title"), on_dismiss=_leave)
    def ask() -> None:
        st.markdown(literal(t(issue.code, **issue.params)), anchors=False)
        if said := issues.note(issue):
            st.caption(literal(said))
        refused = st.container()
        with st.form("check_aside", border=False):
            why = st.text_area(
                t("check.aside.why"),
                key="check_why",
                placeholder=t("check.aside.hint"),
                height=110,
                max_chars=1200,
            )
            pressed = st.form_submit_button(t("check.aside.do"), type="primary")
        if pressed:
            attempt(checks.set_aside, ctx, rule, item, why, where=refused)
            if why.strip():
                _leave()
                st.rerun()

    ask()


def _set_aside(ctx: Context, found: checks.MethodCheck) -> None:
    """What was set aside, with its reason; each can be taken back."""
    st.space("small")
    st.subheader(t("check.aside.heading"), anchor=False)
    rows: list[dict[str, Any]] = []
    for n, x in enumerate(found.set_aside):
        rule = t(f"check.rule.{x.rule}")
        text = t(x.issue.code, **x.issue.params) if x.issue else t("check.aside.no_more", rule=rule)
        if x.rule == "unit_in_several":
            text = tn("check.aside.units", len(x.items))
        by = t("check.aside.by", who=x.by, day=day(x.at))
        row = {"text": text, "note": f"{x.reason} · {by}" if x.reason else by}
        if can(ctx.member.role, Action.ANALYSE):
            row |= {"link": t("check.aside.take_back"), "id": str(n)}
        rows.append(row)

    def take_back(picked: str) -> None:
        x = found.set_aside[int(picked)]
        try:
            checks.take_back(ctx, x.rule, x.items)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)

    empty = t("check.aside.none")
    view("rows", {"rows": rows, "empty": empty}, key="check_aside_rows", on_select=take_back)


# -- the numbers -------------------------------------------------------------------------------------------


def _thresholds(ctx: Context, found: checks.MethodCheck) -> None:
    with st.expander(t("check.thresholds"), icon=":material/tune:", key="check_thresholds"):
        st.caption(t("check.thresholds.about"))
        message = st.container()
        if refused := session.draft(_REFUSED):
            say(refused, message)
            session.keep_draft(_REFUSED, None)
        for _, those in groupby(found.thresholds, key=lambda x: x.threshold.rule):
            _rule(ctx, list(those))


def _rules(ctx: Context, found: checks.MethodCheck) -> None:
    """The rules a project may switch on, each with how much it matters to it."""
    with st.expander(t("check.rules"), icon=":material/rule:", key="check_rules"):
        st.caption(t("check.rules.about"))
        for x in found.rules:
            key = f"check_level_{x.rule}_{x.level}"
            st.selectbox(
                t(f"check.rule.{x.rule}"), LEVELS, index=LEVELS.index(x.level), key=key,
                format_func=lambda level: t(f"check.level.{level}"),
                on_change=lambda key=key, rule=x.rule: attempt(
                    checks.switch_rule, ctx, rule, session.widget(key) or "off"
                ),
            )  # fmt: skip


def _rule(ctx: Context, those: list[checks.ThresholdView]) -> None:
    """The numbers of one rule side by side, with where they are from and what they are unless changed."""
    with st.container(gap="xsmall"):
        for x, column in zip(those, st.columns(len(those), vertical_alignment="bottom"), strict=True):
            with column:
                _threshold(ctx, x)
        default = t("check.thresholds.and").join(str(x.threshold.default) for x in those)
        source = t(those[0].threshold.source)
        st.caption(literal(t("check.thresholds.default", source=source, default=default)))


def _threshold(ctx: Context, x: checks.ThresholdView) -> None:
    name = x.threshold.name
    key = f"check_threshold_{name}_{x.value}"

    def keep() -> None:
        value = session.widget(key)
        try:
            checks.change_threshold(ctx, name, None if value is None else int(value))
        except WorkbenchError as error:
            session.keep_draft(_REFUSED, sentence(error))

    label = t(f"check.threshold.{name}")
    st.number_input(label, 0, x.threshold.most, x.value, key=key, on_change=keep)
