"""Decisions: meetings and what they are asked, positions with reasons, what was decided and who disagreed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.records import Session
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import meetings, model
from workbench.services.context import Context
from workbench.services.meetings import DecisionView
from workbench.ui import committee, session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal

_RULES = ("consensus", "majority")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.decisions"))
    held = meetings.list_meetings(ctx)
    decisions = meetings.list_decisions(ctx)
    may_meet = can(ctx.member.role, Action.MEET)
    with st.container(horizontal=True, vertical_alignment="center", key="decisions_head"):
        st.title(t("nav.decisions"), anchor=False, width="content")
        st.space("stretch")
        said = st.container(key="decisions_said", width="content")
        if may_meet:
            _add_meeting(ctx, said)
            _add_item(ctx, held, said)
    st.text(_summary(held, decisions, may_meet))
    one = session.asked("decision")
    found = next((d for d in decisions if one in (d.key, d.id)), None)
    if found is not None:
        st.button(t("decisions.all"), key="all", type="tertiary", icon=":material/arrow_back:",
                  on_click=lambda: session.ask(decision=None))  # fmt: skip
        with st.container(width=860):
            _item(ctx, found, said, may_meet)
        return
    if not held and not decisions:
        return
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        for meeting in reversed(held):
            _meeting(ctx, meeting, [d for d in decisions if d.meeting == meeting.id], said, may_meet)
        loose = [d for d in decisions if d.meeting is None]
        if loose:
            st.header(t("decisions.no_meeting"), anchor=False)
            for d in loose:
                _item(ctx, d, said, may_meet)
    with right:
        _again(decisions)


def _again(decisions: list[DecisionView]) -> None:
    """What may have to be looked at again: changed since it was decided, and under which condition."""
    taken = [d for d in decisions if d.outcome]
    if not taken:
        return
    st.subheader(t("decisions.again"), anchor=False)
    changed = [d for d in taken if d.changed_since]
    rows: list[Row] = [
        {"text": committee.changed_sentence(d), "key": d.key, "state": "doubt",
         "word": t("requirements.changed_word"), "note": d.question}
        for d in changed
    ]  # fmt: skip
    view("rows", {"rows": rows, "empty": t("decisions.nothing_changed")}, key="again")
    conditions: list[Row] = [{"text": d.revisit_if, "key": d.key} for d in taken if d.revisit_if]
    if conditions:
        st.space("small")
        st.subheader(t("decisions.conditions"), anchor=False)
        view("rows", {"rows": conditions}, key="conditions")


def _summary(held: list[Session], decisions: list[DecisionView], may_meet: bool) -> str:
    if not held and not decisions:
        return t("decisions.empty") if may_meet else t("decisions.empty_committee")
    asked = sum(d.is_open for d in decisions)
    taken = sum(bool(d.outcome) for d in decisions)
    return t("decisions.summary", asked=tn("decisions.asked", asked), taken=tn("decisions.taken", taken))


def _meeting(ctx: Context, meeting: Session, items: list[DecisionView], said: Any, may_meet: bool) -> None:
    with st.container(key=f"meeting_{meeting.title}_{meeting.date}"):
        with st.container(gap=None):
            st.caption(literal(day(meeting.date)) or t("decisions.no_date"))
            st.header(literal(meeting.title), anchor=False)
        if not items:
            st.text(t("decisions.no_items"))
        for d in items:
            _item(ctx, d, said, may_meet)
        st.space("small")


def _item(ctx: Context, d: DecisionView, said: Any, may_meet: bool) -> None:
    if d.outcome:
        committee.decided_card(d, key="decided")
        return
    committee.asked_card(ctx, d, key="open")
    if may_meet:
        with st.container(horizontal=True, gap="small", key=f"do_{d.key}"):
            _record(ctx, d, said)
            _change(ctx, d, said)

            def retire() -> None:
                attempt(meetings.retire_decision, ctx, d.id, where=said)

            st.button(t("decisions.take_off"), key=f"retire_{d.key}", type="tertiary", on_click=retire)


# -- what only those who prepare meetings do ---------------------------------------------------------------


def _add_meeting(ctx: Context, said: Any) -> None:
    with (
        st.popover(t("decisions.add_meeting"), icon=":material/event:", key="add_meeting"),
        st.container(width=480),
    ):
        st.text_input(
            t("decisions.meeting_title"), key="meeting_title", placeholder=t("decisions.meeting_hint")
        )
        st.date_input(t("decisions.meeting_date"), key="meeting_date", value=None, format="YYYY-MM-DD")
        st.text_area(t("decisions.attendance"), key="meeting_seats", height=110,
                     placeholder=t("decisions.attendance_hint"))  # fmt: skip

        def keep() -> None:
            on = session.widget("meeting_date")
            done = attempt(
                meetings.add_meeting, ctx, title=session.widget("meeting_title") or "", where=said,
                date=on.isoformat() if isinstance(on, date) else None,
                attendance=session.widget("meeting_seats") or "",
            )  # fmt: skip
            if done is not None:
                for key in ("meeting_title", "meeting_seats"):
                    session.set_widget(key, "")

        st.button(t("decisions.keep_meeting"), key="keep_meeting", type="primary", on_click=keep)


def _about_options(ctx: Context) -> dict[str, str]:
    options = {
        r.requirement.id: f"{r.requirement.key} {r.requirement.statement}"
        for r in model.list_requirements(ctx)
    }
    options |= {c.component.id: c.component.name for c in model.list_components(ctx)}
    return options | {g.id: g.label for g in model.list_grounds(ctx) if g.kind == "category"}


def _add_item(ctx: Context, held: list[Session], said: Any) -> None:
    with (
        st.popover(t("decisions.add_item"), icon=":material/add:", type="primary", key="add_item"),
        st.container(width=480),
    ):
        st.pills(t("decisions.nature"), meetings.NATURES, default="decision", required=True, key="item_nature",
                 format_func=lambda n: t(f"nature.{n}"))  # fmt: skip
        st.text_area(t("decisions.question"), key="item_question", height=70,
                     placeholder=t("decisions.question_hint"))  # fmt: skip
        st.text_area(t("decisions.recommendation"), key="item_recommendation", height=70)
        st.text_area(t("decisions.consequences"), key="item_consequences", height=90,
                     placeholder=t("decisions.consequences_hint"))  # fmt: skip
        names = {m.id: " · ".join(x for x in (m.title, day(m.date)) if x) for m in held}
        if names and session.widget("item_meeting") not in names:
            session.set_widget("item_meeting", list(names)[-1])
        st.selectbox(t("decisions.meeting"), list(names), index=None, key="item_meeting",
                     format_func=names.__getitem__,
                     placeholder=t("model.none_chosen"))  # fmt: skip
        about = _about_options(ctx)
        st.multiselect(t("decisions.about"), list(about), key="item_about",
                       format_func=about.__getitem__, placeholder=t("decisions.about_hint"))  # fmt: skip

        def keep() -> None:
            done = attempt(
                meetings.add_decision, ctx, question=session.widget("item_question") or "", where=said,
                nature=session.widget("item_nature") or "decision", meeting=session.widget("item_meeting"),
                recommendation=session.widget("item_recommendation") or "",
                consequences=session.widget("item_consequences") or "", about=session.widget("item_about") or [],
            )  # fmt: skip
            if done is not None:
                for key in ("item_question", "item_recommendation", "item_consequences"):
                    session.set_widget(key, "")
                session.set_widget("item_about", [])

        st.button(t("decisions.keep_item"), key="keep_item", type="primary", on_click=keep)


def _change(ctx: Context, d: DecisionView, said: Any) -> None:
    names = ("question", "recommendation", "consequences")

    def change(field: str, typed: str, now: Mapping[str, Any]) -> None:
        meetings.change_decision(ctx, d.id, rev=now["rev"], **{n: now[n] for n in names} | {field: typed})

    with st.popover(t("decisions.change"), type="tertiary", key=f"change_{d.key}"), st.container(width=480):
        for name in names:
            kept_text(t(f"decisions.{name}"), name=f"decision.{d.id}.{name}", row=row_of(d), field=name, lines=3,
                      height="content", save=partial(change, name))  # fmt: skip


def _record(ctx: Context, d: DecisionView, said: Any) -> None:
    """What was decided and why, with what becomes of the requirements it was about, in one operation."""
    key = f"record_{d.key}"
    with (
        st.popover(t("decisions.record"), icon=":material/gavel:", type="primary", key=key),
        st.container(width=480),
    ):
        trouble = st.container(key=f"{key}_said")
        st.text_area(
            t("decisions.outcome"), key=f"{key}_outcome", height=70, placeholder=t("decisions.outcome_hint")
        )
        st.text_area(t("decisions.why"), key=f"{key}_why", height=70, placeholder=t("decisions.why_hint"))
        st.text_input(t("decisions.revisit"), key=f"{key}_revisit", value=d.revisit_if)
        names = {item: label for item, kind, label in d.about if kind == "requirement"}
        if names:
            st.multiselect(t("decisions.accepts"), list(names), key=f"{key}_accept",
                           format_func=names.__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip
            st.multiselect(t("decisions.parks"), list(names), key=f"{key}_park",
                           format_func=names.__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip

        def keep() -> None:
            attempt(
                meetings.record_decision, ctx, d.id, rev=d.rev, outcome=session.widget(f"{key}_outcome") or "",
                why=session.widget(f"{key}_why") or "", revisit_if=session.widget(f"{key}_revisit") or "",
                accept=session.widget(f"{key}_accept") or [], park=session.widget(f"{key}_park") or [],
                where=trouble,
            )  # fmt: skip

        st.button(t("decisions.record"), key=f"{key}_keep", type="primary", on_click=keep)
