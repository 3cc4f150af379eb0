"""Step 4: the head of a theme: heading, comments on it, and whether it is ready."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import synthesis
from workbench.ui import session
from workbench.ui.comments import comments
from workbench.ui.components.view import view
from workbench.ui.impact import impact_note
from workbench.ui.kept import Row, kept_text
from workbench.ui.pages.synthesise_theme import Facts, attempt
from workbench.ui.text import literal


def row_of(facts: Facts) -> Row:
    """The category as a row whose fields keep themselves."""
    own = facts.theme.category
    return {"heading": own.heading, "analytic_text": own.analytic_text, "rev": own.rev}


def change(facts: Facts, row: Row, **changed: str) -> None:
    """Keep a field of the category in the row it was read from."""
    now = {"heading": row["heading"], "analytic_text": row["analytic_text"]} | changed
    synthesis.change_category(facts.ctx, facts.id, rev=row["rev"], **now)


def draw(facts: Facts) -> None:
    theme = facts.theme
    persons = len({p for c in theme.cards if c.unit.words_of == "participant" for p in c.unit.participants})
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="synthesise_head"):
        with st.container(gap=None, width="stretch"):
            st.title(literal(theme.category.heading), anchor=False)
            st.caption(literal(t("synthesise.rests_on", tag=theme.group.tag, group=theme.group.name,
                                 units=tn("synthesise.units", len(theme.cards)),
                                 people=tn("synthesise.people", persons))))  # fmt: skip
        comments(facts.ctx, facts.id, key=f"synthesise_comments_{facts.id}")
        with st.popover(
            t("synthesise.change_heading"), type="tertiary", key=f"synthesise_heading_{facts.id}"
        ):
            st.caption(t("synthesise.heading_advice"))
            impact_note(facts.ctx, "reword", facts.id)
            kept_text(t("synthesise.heading"), name=f"category.{facts.id}.heading", row=row_of(facts), field="heading",
                      save=lambda typed, row: change(facts, row, heading=typed), lines=3)  # fmt: skip
        key = f"synthesise_status_{facts.id}"
        session.set_widget(key, theme.category.status)
        st.segmented_control(
            t("synthesise.status"), ("draft", "ready"), key=key, required=True, label_visibility="collapsed",
            format_func=lambda s: t(f"synthesise.status.{s}"), width="content",
            on_change=_ask, args=(facts, key),
        )  # fmt: skip
    _readiness(facts)


# -- ready -------------------------------------------------------------------------------------------------


def _waits(facts: Facts) -> str:
    return f"synthesise.ready.{facts.id}"


def _ask(facts: Facts, key: str) -> None:
    """Back to draft at once; on to ready at once where nothing waits, else what waits is shown first."""
    status = str(session.widget(key))
    if status == "ready" and synthesis.readiness(facts.ctx, facts.id).needs_reason:
        session.keep_draft(_waits(facts), True)
        return
    session.keep_draft(_waits(facts), None)
    attempt(synthesis.set_category_status, facts.ctx, facts.id, status, rev=facts.theme.category.rev)


def _mark(facts: Facts) -> None:
    given = session.widget("synthesise_ready_why") or ""
    before = session.draft("synthesise.said")
    attempt(
        synthesis.set_category_status,
        facts.ctx,
        facts.id,
        "ready",
        rev=facts.theme.category.rev,
        reason=given,
    )
    if session.draft("synthesise.said") == before:
        session.keep_draft(_waits(facts), None)
        session.set_widget("synthesise_ready_why", "")


def _readiness(facts: Facts) -> None:
    """What waits, once somebody wants to call the theme ready; and the reason that was given."""
    ready = facts.theme.category.status == "ready"
    if ready:
        session.keep_draft(_waits(facts), None)
        found = synthesis.readiness(facts.ctx, facts.id)
        if found.reason:
            st.caption(
                literal(t("synthesise.ready_although", name=found.by, day=day(found.at), reason=found.reason))
            )
        return
    if not session.draft(_waits(facts)):
        return
    found = synthesis.readiness(facts.ctx, facts.id)
    rows: list[dict[str, Any]] = [
        {"text": s.title, "state": "none", "word": t("synthesise.not_looked"), "link": t("synthesise.reread_it"),
         "href": session.link("synthesise", part="reread", source=s.id, group=facts.theme.group.id)}
        for s in found.not_reread
    ]  # fmt: skip
    rows += [
        {"text": n.note, "state": "open", "word": t("synthesise.unanswered"), "link": t("synthesise.answer_it"),
         "note": f"{t('synthesise.unanswered')} · {n.source_title}, {n.initials}",
         "href": session.link("synthesise", part="reread", source=n.source, group=facts.theme.group.id)}
        for n in found.challenges
    ]  # fmt: skip
    with st.container(border=True, key="synthesise_ready"):
        waits, why = st.columns([1.2, 1], gap="large")
        with waits:
            st.markdown(f"**{_what_waits(found)}**")
            with st.container(
                height=300 if len(rows) > 6 else "content", border=False, key="synthesise_waiting"
            ):
                view("rows", {"rows": rows, "empty": ""}, key=f"synthesise_waits_{facts.id}")
        with why:
            st.text_area(t("synthesise.ready_why"), key="synthesise_ready_why", height=88,
                         placeholder=t("synthesise.ready_hint"))  # fmt: skip
            with st.container(horizontal=True, gap="small"):
                st.button(t("synthesise.mark_ready"), key="synthesise_mark_ready", type="primary", on_click=_mark,
                          args=(facts,))  # fmt: skip
                st.button(t("synthesise.leave_draft"), key="synthesise_leave_draft", type="tertiary",
                          on_click=lambda: session.keep_draft(_waits(facts), None))  # fmt: skip


def _what_waits(found: synthesis.Readiness) -> str:
    said = []
    if found.not_reread:
        said.append(tn("synthesise.sources_wait", len(found.not_reread)))
    if found.challenges:
        said.append(tn("synthesise.challenges_wait", len(found.challenges)))
    return " · ".join(said) or t("synthesise.nothing_waits")
