"""Prototype, feedback and changes: what was said of a version, and the table of changes that a team fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st

from workbench.domain.errors import StaleEdit
from workbench.domain.roles import Action, can
from workbench.language import t, tn
from workbench.services import change_table, feedback, model, versioning
from workbench.services.change_table import ChangeView
from workbench.services.context import Context
from workbench.services.feedback import FeedbackView, Places
from workbench.services.versioning import Version
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, TableRow, view
from workbench.ui.kept import kept_choice, kept_text, row_of
from workbench.ui.pages.prototype_components import polarities

Label = Literal["visible", "collapsed"]

# So many rows of the table are open for writing at a time.
_PAGE = 10
# So many things that were said are shown above the table at first.
_FIRST = 10
_SHORT = 70


def draw(ctx: Context) -> None:
    versions = versioning.list_versions(ctx)
    if not versions:
        st.text(t("feedback.no_version"))
        return
    version = _version(versions)
    heard = feedback.list_feedback(ctx, version.id)
    places = feedback.list_places(ctx)
    st.text(_summary(heard))
    left, right = st.columns([1.55, 1], gap="large")
    with left:
        st.subheader(t("feedback.said"), anchor=False)
        _heard(heard)
        if can(ctx.member.role, Action.READ_SOURCES):
            _transcripts(ctx, version)
    with right:
        _add(ctx, version, places)
    st.space("small")
    _table(ctx, version, heard, places)
    opened = next((f for f in heard if f.id == session.asked("feedback")), None)
    if opened is not None:
        _drawer(ctx, version, opened, places)


def _version(versions: Sequence[Version]) -> Version:
    """The version that the address names, else the latest."""
    found = next((v for v in versions if v.id == session.asked("version")), versions[-1])
    labels = {v.id: v.label for v in reversed(versions)}
    session.set_widget("feedback_version", found.id)
    with st.container(width=260):
        st.selectbox(t("feedback.of_version"), [*labels], key="feedback_version", format_func=labels.__getitem__,
                     on_change=lambda: session.ask(version=session.widget("feedback_version"), feedback=None,
                                                   change=None))  # fmt: skip
    return found


def _summary(heard: Sequence[FeedbackView]) -> str:
    if not heard:
        return t("feedback.none")
    said = tn("feedback.summary", len(heard), what=polarities(heard))
    groups = {f.stakeholder_group for f in heard} - {None}
    return f"{said} {tn('feedback.from_groups', len(groups))}" if groups else said


# -- what was said ---------------------------------------------------------------------------------------------


def _heard(heard: Sequence[FeedbackView]) -> None:
    rows: list[TableRow] = [
        {"id": f.id, "current": f.id == session.asked("feedback"),
         "cells": {"key": f.key, "said": f.text, "group": f.group_name, "about": f.component_name,
                   "how": t(f"feedback.{f.polarity}")}}
        for f in sorted(heard, key=lambda f: (not f.component_name, f.component_name, f.key))
    ]  # fmt: skip
    if rows:
        everything = session.draft("feedback.all") or len(rows) <= _FIRST
        shown = ["key", "said", *(c for c in ("group", "about") if any(r["cells"][c] for r in rows)), "how"]
        kinds = {"key": "id", "said": "serif"}
        columns = [
            {"key": c, "label": t(f"feedback.column_{c}"), "kind": kinds.get(c, "text")} for c in shown
        ]
        first = rows if everything else rows[:_FIRST]
        view("table", {"columns": columns, "rows": first}, key="feedback_rows",
             on_select=lambda id: session.ask(feedback=id))  # fmt: skip
        if not everything:
            st.button(t("feedback.all", n=len(rows)), key="feedback_all", type="tertiary",
                      on_click=lambda: session.keep_draft("feedback.all", True))  # fmt: skip


def _add(ctx: Context, version: Version, places: Places) -> None:
    """One field for one thing said or a whole pasted list; where it was said stays chosen for the next."""
    st.subheader(t("feedback.add"), anchor=False)
    trouble = st.container(key="feedback_add_trouble")

    def keep() -> None:
        made = attempt(feedback.add_lines, ctx, version.id, lines=session.widget("feedback_lines") or "",
                       polarity=session.widget("feedback_polarity") or "",
                       stakeholder_group=session.widget("feedback_group") or None,
                       component=session.widget("feedback_component") or None,
                       session=session.widget("feedback_session") or None, where=trouble)  # fmt: skip
        if made is not None:
            session.set_widget("feedback_lines", "")

    with st.form("feedback_add", border=False, enter_to_submit=False):
        st.text_area(
            t("feedback.lines"), key="feedback_lines", height=110, placeholder=t("feedback.lines_hint")
        )
        st.pills(t("feedback.how"), feedback.POLARITIES, key="feedback_polarity", default="negative",
                 format_func=lambda p: t(f"feedback.{p}"))  # fmt: skip
        _pick("feedback_group", t("feedback.group"), places.groups)
        _pick("feedback_component", t("feedback.component"), places.components)
        _pick("feedback_session", t("feedback.session"), places.sessions)
        st.form_submit_button(t("feedback.keep"), type="primary", on_click=keep)


def _pick(key: str, label: str, among: Sequence[tuple[str, str]]) -> None:
    """One of these, or none."""
    if among:
        names = dict(among)
        st.selectbox(label, [*names], index=None, key=key, format_func=names.__getitem__,
                     placeholder=t("feedback.none_chosen"))  # fmt: skip


def _transcripts(ctx: Context, version: Version) -> None:
    """Whole transcripts of the sessions, as sources of the next round."""
    found = feedback.list_evaluations(ctx, version.id)
    first, others = feedback.may_evaluate(ctx, version.id)
    st.space("xsmall")
    st.markdown(f"**{t('feedback.transcripts')}**", anchors=False)
    rows: list[Row] = [
        {"text": e.title, "note": t("feedback.round", n=e.iteration), "href": session.link("code", source=e.source),
         "link": t("feedback.read"), "also": {"text": t("feedback.not_it"), "id": e.link}}
        for e in found
    ]  # fmt: skip
    trouble = st.container(key="evaluation_trouble")
    view("rows", {"rows": rows, "empty": t("feedback.no_transcript", first=first)}, key="evaluations",
         on_select=lambda link: attempt(feedback.retire_evaluation, ctx, link, where=trouble))  # fmt: skip
    if others:
        names = dict(others)

        def add() -> None:
            if chosen := session.widget("evaluation_add"):
                attempt(feedback.evaluate, ctx, chosen, version.id, where=trouble)
                session.set_widget("evaluation_add", None)

        st.selectbox(t("feedback.add_transcript"), [*names], index=None, key="evaluation_add", on_change=add,
                     format_func=names.__getitem__, placeholder=t("feedback.add_transcript"),
                     label_visibility="collapsed")  # fmt: skip


def _drawer(ctx: Context, version: Version, found: FeedbackView, places: Places) -> None:
    def close() -> None:
        session.ask(feedback=None)

    @st.dialog(found.key, width="medium", position="right", on_dismiss=close)
    def drawer() -> None:
        now = next((f for f in feedback.list_feedback(ctx, version.id) if f.id == found.id), None)
        if now is None:
            st.text(t("error.gone"))
            return
        trouble = st.container(key="feedback_trouble")

        def save(field: str) -> Callable[[Any, Mapping[str, Any]], object]:
            return lambda value, row: feedback.change_feedback(
                ctx, now.id, rev=row["rev"], **{field: value or None}
            )

        row, name = row_of(now), f"feedback.{now.id}"
        kept_text(t("feedback.text"), name=f"{name}.text", row=row, field="text", lines=3, height="content",
                  save=lambda v, r: feedback.change_feedback(ctx, now.id, rev=r["rev"], text=v))  # fmt: skip
        kept_choice(t("feedback.how"), feedback.POLARITIES, name=f"{name}.polarity", row=row, field="polarity",
                    save=save("polarity"), words=lambda p: t(f"feedback.{p}"), kind="segments", required=True)  # fmt: skip
        for field, among, held in (("stakeholder_group", places.groups, now.group_name),
                                   ("component", places.components, now.component_name),
                                   ("session", places.sessions, now.session_title)):  # fmt: skip
            names = {"": t("feedback.none_chosen"), **dict(among)}
            if value := getattr(now, field):
                names.setdefault(value, held)
            kept_choice(t(f"feedback.{field.removeprefix('stakeholder_')}"), [*names], name=f"{name}.{field}", row=row,
                        field=field, save=save(field), words=names.__getitem__)  # fmt: skip

        def into_table() -> None:
            made = attempt(change_table.add_change, ctx, version.id, feedback=[now.id], where=trouble)
            if made is not None:
                session.ask(feedback=None, change=made)

        def retire() -> None:
            if attempt(_retired, feedback.retire_feedback, ctx, now.id, where=trouble):
                close()

        st.space("xsmall")
        st.button(t("feedback.into_table"), key="feedback_into_table", on_click=into_table)
        st.button(t("feedback.take_out"), key="feedback_retire", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip

    drawer()


def _retired(fn: Callable[..., None], *args: Any) -> bool:
    fn(*args)
    return True


# -- the table of changes --------------------------------------------------------------------------------------


def _table(ctx: Context, version: Version, heard: Sequence[FeedbackView], places: Places) -> None:
    changes = change_table.list_changes(ctx, version.id)
    st.header(t("changes.title"), anchor=False)
    trouble = st.container(key="changes_trouble")
    alone = next((c for c in changes if c.id == session.asked("change")), None)
    if alone is not None:
        shown = [alone]
        st.button(t("changes.whole"), key="changes_whole", type="tertiary", icon=":material/arrow_back:",
                  on_click=lambda: session.ask(change=None))  # fmt: skip
    else:
        _waiting(ctx, version, heard, changes, trouble)
        shown = _filtered(changes)
    if changes:
        st.caption(t("changes.codes"))
    choices = _Choices(heard, dict(places.components), dict(change_table.list_decided(ctx)) if shown else {})
    most = session.draft("changes.shown") or _PAGE
    for n, change in enumerate(shown[:most]):
        _change(ctx, change, choices, trouble, "collapsed" if n else "visible")
    if len(shown) > most:
        st.button(tn("changes.more", min(_PAGE, len(shown) - most)), key="changes_more", type="tertiary",
                  on_click=lambda: session.keep_draft("changes.shown", most + _PAGE))  # fmt: skip
    if alone is None:
        _new(ctx, version, trouble)


def _waiting(
    ctx: Context, version: Version, heard: Sequence[FeedbackView], changes: Sequence[ChangeView], trouble: Any
) -> None:
    """What was said and stands in no row yet."""
    there = {f.id for c in changes for f in c.feedback}
    n = sum(f.polarity != "positive" and f.id not in there for f in heard)
    if not changes and not n:
        st.text(t("changes.none"))
    if n:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(tn("changes.waiting", n))
            st.button(tn("changes.add_rows", n), key="changes_add_rows",
                      on_click=lambda: attempt(change_table.add_rows, ctx, version.id, where=trouble))  # fmt: skip


def _filtered(changes: Sequence[ChangeView]) -> list[ChangeView]:
    """Those of one state, the open ones first asked for; with the numbers of each."""
    if not changes:
        return []
    n = {s: sum(c.status == s for c in changes) for s in change_table.STATUSES}
    there = [s for s in change_table.STATUSES if n[s]]
    kinds = [*there, "all"] if len(there) > 1 else ["all"]
    if session.widget("changes_filter") not in kinds:
        session.set_widget("changes_filter", kinds[0])
    if len(kinds) == 1:
        return [*changes]
    kind = st.segmented_control(t("changes.filter"), kinds, key="changes_filter", required=True,
                                format_func=lambda s: t(f"changes.filter_{s}", n=n.get(s, len(changes))),
                                label_visibility="collapsed")  # fmt: skip
    return [c for c in changes if kind in (c.status, "all")]


def _new(ctx: Context, version: Version, trouble: Any) -> None:
    def keep() -> None:
        typed = str(session.widget("changes_new") or "").strip()
        if (
            typed
            and attempt(change_table.add_change, ctx, version.id, possible=typed, where=trouble) is not None
        ):
            session.set_widget("changes_new", "")
            session.set_widget("changes_filter", "open")

    st.text_input(t("changes.new"), key="changes_new", placeholder=t("changes.new_hint"),
                  label_visibility="collapsed", on_change=keep)  # fmt: skip


class _Choices:
    """What a row of the table may point at, as id -> name."""

    def __init__(
        self, heard: Sequence[FeedbackView], components: dict[str, str], decisions: dict[str, str]
    ) -> None:
        self.feedback = {f.id: f"{f.key} {f.text}" for f in heard}
        self.components, self.decisions = components, decisions

    @staticmethod
    def among(names: Mapping[str, str], held: str | None, name: str, none: str) -> dict[str, str]:
        """These or none, with the one that is chosen although it has been taken out since."""
        return {"": none, **names} | ({held: name} if held and held not in names else {})


def _change(ctx: Context, c: ChangeView, choices: _Choices, trouble: Any, label: Label) -> None:
    """One row: what was said, what could be done, what was agreed and why; everything is written in place. The first
    row's labels are seen and stand for the columns; the others' are read out."""
    row, name = row_of(c), f"change.{c.id}"

    def save(field: str) -> Callable[[Any, Mapping[str, Any]], object]:
        return lambda value, now: change_table.change_change(
            ctx, c.id, rev=now["rev"], **{field: value or ""}
        )

    with st.container(key=f"change_row_{c.id}", border=True, gap="small"):
        said: list[Row] = [
            {"key": f.key, "text": f.text, "serif": True,
             "note": " · ".join(x for x in (f.group_name, t(f"feedback.{f.polarity}"), f.session_title) if x)}
            for f in c.feedback
        ]  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="top", gap="small"):
            with st.container(key=f"change_head_{c.id}"):
                view(
                    "rows", {"rows": said or [{"text": t("changes.nobody_said")}]}, key=f"change_said_{c.id}"
                )
            _behind(ctx, c, choices, trouble, save)
        for column, field in zip(st.columns(3, gap="small"), ("possible", "agreed", "why"), strict=True):
            with column:
                kept_text(t(f"changes.{field}"), name=f"{name}.{field}", row=row, field=field, lines=2,
                          height="content", save=save(field), label_visibility=label,
                          placeholder=t(f"changes.{field}"))  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            with st.container(width=330):
                _codes(ctx, c, trouble, label)
            with st.container(width=130):
                kept_choice(t("changes.moscow"), ["", *model.MOSCOW], name=f"{name}.moscow", row=row, field="moscow",
                            none="", save=save("moscow"), label_visibility=label,
                            words=lambda m: t(f"moscow.{m}") if m else t("changes.no_priority"))  # fmt: skip
            with st.container(width=150):
                kept_choice(t("changes.status"), change_table.STATUSES, name=f"{name}.status", row=row, field="status",
                            save=save("status"), label_visibility=label, words=lambda s: t(f"changes.status_{s}"))  # fmt: skip
            with st.container(width=210):
                names = choices.among(
                    choices.components, c.component, c.component_name, t("changes.no_component")
                )
                kept_choice(t("feedback.component"), [*names], name=f"{name}.component", row=row, field="component",
                            save=save("component"), label_visibility=label, words=names.__getitem__)  # fmt: skip
            st.space("stretch")
            _onward(ctx, c, trouble)


def _codes(ctx: Context, c: ChangeView, trouble: Any, label: Label) -> None:
    key = f"change_codes_{c.id}"
    session.set_widget(key, list(c.reason_codes))
    st.pills(t("changes.reason_codes"), change_table.REASON_CODES, selection_mode="multi", key=key, label_visibility=label,
             on_change=lambda: _keep_list(ctx, c, "reason_codes", session.widget(key), trouble))  # fmt: skip


def _keep_list(ctx: Context, c: ChangeView, field: str, chosen: Sequence[str], trouble: Any) -> None:
    """Keep a list; where somebody has changed another field of the row, that stays too."""

    def keep() -> None:
        try:
            change_table.change_change(ctx, c.id, rev=c.rev, **{field: chosen})  # type: ignore[arg-type]
        except StaleEdit as stale:
            now = next((x for x in change_table.list_changes(ctx, c.version) if x.id == c.id), None)
            if now is None or getattr(now, field) != getattr(c, field):
                raise
            change_table.change_change(ctx, c.id, rev=stale.current["rev"], **{field: chosen})  # type: ignore[arg-type]

    attempt(keep, where=trouble)


def _onward(ctx: Context, c: ChangeView, trouble: Any) -> None:
    """The requirement it has become, or the button that makes it one."""
    if c.requirement:
        with st.container(width=110):
            view("rows", {"rows": [{"text": "", "link": c.requirement_key,
                                    "href": session.link("requirements", requirement=c.requirement)}]},
                 key=f"change_requirement_{c.id}")  # fmt: skip
    elif c.status != "not_changed" and (c.agreed or c.possible):
        st.button(t("changes.write_requirement"), key=f"change_write_{c.id}",
                  on_click=partial(attempt, change_table.write_requirement, ctx, c.id, where=trouble))  # fmt: skip


def _behind(
    ctx: Context,
    c: ChangeView,
    choices: _Choices,
    trouble: Any,
    save: Callable[[str], Callable[[Any, Mapping[str, Any]], object]],
) -> None:
    """What is seldom changed, under the row's key: what was said to it, where it was decided, taking it out."""
    with (
        st.popover(c.key, key=f"change_more_{c.id}", type="tertiary", width="content"),
        st.container(width=420),
    ):
        key = f"change_feedback_{c.id}"
        session.set_widget(key, [f.id for f in c.feedback])
        named = choices.feedback | {f.id: f"{f.key} {f.text}" for f in c.feedback}
        st.multiselect(t("changes.because"), [*named], key=key, format_func=lambda f: _begun(named[f]),
                       placeholder=t("feedback.none_chosen"),
                       on_change=lambda: _keep_list(ctx, c, "feedback", session.widget(key), trouble))  # fmt: skip
        decisions = choices.among(choices.decisions, c.decision, c.decision_key, t("changes.no_decision"))
        kept_choice(t("changes.decision"), [*decisions], name=f"change.{c.id}.decision", row=row_of(c),
                    field="decision", save=save("decision"), words=lambda d: _begun(decisions[d]))  # fmt: skip
        st.button(t("changes.take_out"), key=f"change_retire_{c.id}", type="tertiary", icon=":material/delete:",
                  on_click=partial(attempt, change_table.retire_change, ctx, c.id, where=trouble))  # fmt: skip


def _begun(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
