"""The agenda: one meeting's items in order, who is here, what is carried on; prepared at a desk, used in the room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.records import Session
from workbench.domain.roles import Action, can
from workbench.domain.voting import RESULTS
from workbench.language import day, t, tn
from workbench.services import actions, consequences, meetings, minutes
from workbench.services.context import Context
from workbench.services.decisions import DecisionView, on_agenda
from workbench.ui import committee, session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.kept import kept_choice, kept_text, row_of
from workbench.ui.pages import decisions_actions
from workbench.ui.pages import decisions_prepare as prepare
from workbench.ui.text import literal

# -- which meeting -----------------------------------------------------------------------------------------


def choose(
    ctx: Context, held: list[Session], decisions: list[DecisionView], *, loose: bool = False
) -> str | None:
    """The meeting in hand: the address's, else the first that has something open, else the latest."""
    names = {m.id: prepare.name_of(m) for m in reversed(held)}
    if loose and any(d.meeting is None for d in decisions):
        names[prepare.LOOSE] = t("decisions.no_meeting")
    asked = session.asked("meeting")
    if asked not in names:
        still = [m.id for m in held if any(d.meeting == m.id and d.is_open for d in decisions)]
        asked = still[0] if still else next(iter(names), None)
    if len(names) > 1:
        session.set_widget("decisions_meeting", asked)
        st.selectbox(
            t("decisions.which"), list(names), key="decisions_meeting", format_func=names.__getitem__, width=340,
            label_visibility="collapsed", on_change=lambda: session.ask(meeting=session.widget("decisions_meeting")),
        )  # fmt: skip
    return asked


def draw(ctx: Context) -> None:
    held, decisions = meetings.list_meetings(ctx), meetings.list_decisions(ctx)
    may_meet = can(ctx.member.role, Action.MEET)
    if may_meet:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="agenda_head"):
            chosen = choose(ctx, held, decisions, loose=True)
            st.space("stretch")
            prepare.add_meeting(ctx, bool(held))
            if held or decisions:
                prepare.seats_at_table(ctx)
            prepare.add_item(ctx, held, chosen)
    else:
        # A committee reads what it is asked first: another meeting only where that one asks something too.
        asking = [m for m in held if any(d.meeting == m.id and d.is_open for d in decisions)]
        chosen = choose(ctx, asking or held[-1:], decisions)
    said = st.container(key="decisions_said")
    if not held and not decisions:
        st.text(t("decisions.empty" if may_meet else "decisions.empty_committee"))
        return
    here = next((m for m in held if m.id == chosen), None)
    items = on_agenda(decisions, here.id if here else None)
    closed = here is not None and any(m == here.id for m, _, _ in minutes.approved_minutes(ctx))
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        with st.container(gap=None):
            st.caption(_summary(items, here, closed))
            heading = st.header if may_meet else st.title
            heading(literal(here.title) if here else t("decisions.no_meeting"), anchor=False)
        if not items:
            st.text(t("decisions.no_items"))
        for n, d in enumerate(items, 1):
            item(ctx, d, held, said, n=n, of=len(items))
        loose = [d for d in on_agenda(decisions, None) if d.is_open] if here and not may_meet else []
        # By mail is what has a deadline; the rest was not reached, or waits for a meeting to be called.
        for title, those in (
            ("by_mail", [d for d in loose if d.due]),
            ("waits", [d for d in loose if not d.due]),
        ):
            if those:
                st.header(t(f"decisions.{title}"), anchor=False)
                for d in those:
                    item(ctx, d, held, said)
    with right:
        if here and may_meet and not closed:
            prepare.who(ctx, here)
        if here:
            decisions_actions.carried_on(ctx, here)
        again(decisions)


def draw_one(ctx: Context, d: DecisionView) -> None:
    st.button(t("decisions.all"), key="all", type="tertiary", icon=":material/arrow_back:",
              on_click=lambda: session.ask(decision=None, meeting=d.meeting))  # fmt: skip
    with st.container(width=860):
        if d.meeting:
            st.caption(literal(" · ".join(x for x in (d.meeting_title, day(d.meeting_date)) if x)))
        item(ctx, d, meetings.list_meetings(ctx), st.container(key="decisions_said"))


def _summary(items: list[DecisionView], here: Session | None, closed: bool) -> str:
    parts = [day(here.date) or t("decisions.no_date")] if here else []
    asked, taken = sum(d.is_open for d in items), sum(bool(d.outcome) for d in items)
    parts.append(
        t("decisions.summary", asked=tn("decisions.asked", asked), taken=tn("decisions.taken", taken))
    )
    if closed:
        parts.append(t("decisions.minutes_approved"))
    return literal(" · ".join(parts))


def again(decisions: list[DecisionView]) -> None:
    """What may have to be looked at again: changed since it was decided, and under which condition."""
    taken = [d for d in decisions if d.outcome and not d.superseded_by]
    if not taken:
        return
    st.subheader(t("decisions.again"), anchor=False)
    rows: list[Row] = [
        {"text": committee.changed_sentence(d), "key": d.key, "state": "doubt",
         "word": t("requirements.changed_word"), "note": d.question, "href": session.link("decisions", decision=d.key)}
        for d in taken if d.changed_since
    ]  # fmt: skip
    view("rows", {"rows": rows, "empty": t("decisions.nothing_changed")}, key="again")
    conditions: list[Row] = [{"text": d.revisit_if, "key": d.key} for d in taken if d.revisit_if]
    if conditions:
        st.space("small")
        st.subheader(t("decisions.conditions"), anchor=False)
        view("rows", {"rows": conditions}, key="conditions")


# -- an item -----------------------------------------------------------------------------------------------


def item(
    ctx: Context, d: DecisionView, held: list[Session], said: Any, *, n: int | None = None, of: int = 1
) -> None:
    """An item as it is asked or as it was decided, with what those who run the meeting need at its foot."""
    may_meet = can(ctx.member.role, Action.MEET)
    card = (
        committee.decided_card(d, key="decided", n=n)
        if d.outcome
        else committee.asked_card(ctx, d, key="open", n=n)
    )
    with card:
        mine = [a for a in actions.list_actions(ctx) if a.decision == d.id]
        if mine:
            with st.container(gap=None):
                st.markdown(f"**{t('decisions.actions')}**", anchors=False)
                view(
                    "rows",
                    {"rows": [decisions_actions.row_of_action(a) for a in mine]},
                    key=f"actions_{d.key}",
                )
        if not may_meet:
            return
        if not d.outcome:
            _discussed(ctx, d)
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"do_{d.key}"):
            if d.outcome:
                _after(ctx, d, held, said)
                return
            if d.nature == "decision":
                _record(ctx, d, said)
                if d.meeting and len(d.votes) < len(meetings.list_seats(ctx, d.meeting)):

                    def rest() -> None:
                        attempt(meetings.rest_agree, ctx, d.id, where=said)

                    st.button(t("decisions.rest_agree"), key=f"rest_{d.key}", on_click=rest)
            decisions_actions.add(ctx, d.meeting, d, said)
            _change(ctx, d, held, said)
            if n is not None and of > 1:
                for way, by, off in (("up", -1, n == 1), ("down", 1, n == of)):

                    def move(by: int = by) -> None:
                        attempt(meetings.move_decision, ctx, d.id, by, where=said)

                    st.button(
                        t(f"decisions.{way}"),
                        key=f"{way}_{d.key}",
                        type="tertiary",
                        on_click=move,
                        disabled=off,
                    )


def _discussed(ctx: Context, d: DecisionView) -> None:
    """Noted while the meeting talks: kept when the field is left."""
    kept_text(t("decisions.discussed"), name=f"decision.{d.id}.discussed", row=row_of(d), field="discussed",
              lines=2, height="content", placeholder=t("decisions.discussed_hint"),
              save=lambda typed, now: meetings.set_discussed(ctx, d.id, typed, rev=now["rev"]))  # fmt: skip


def _after(ctx: Context, d: DecisionView, held: list[Session], said: Any) -> None:
    """What can still be done about a decision: something to do next, a note of what was said, or to ask again."""
    if not d.minuted:
        decisions_actions.add(ctx, d.meeting, d, said)
        with (
            st.popover(t("decisions.discussed"), type="tertiary", key=f"said_{d.key}"),
            st.container(width=520),
        ):
            _discussed(ctx, d)
    if d.nature == "decision" and not d.superseded_by and not d.asked_again_by:

        def ask() -> None:
            later = [m for m in held if m.id != d.meeting and (m.date or "9999") > (d.meeting_date or "")]
            attempt(meetings.ask_again, ctx, d.id, meeting=later[0].id if later else None, where=said)

        st.button(t("decisions.ask_again"), key=f"ask_{d.key}", type="tertiary", on_click=ask)


def _change(ctx: Context, d: DecisionView, held: list[Session], said: Any) -> None:
    """Everything that is asked, each field kept when it is left; moving it, and taking it off."""
    texts = ("question", "recommendation", "consequences", "options", "revisit_if")

    def change(field: str, typed: Any, now: Mapping[str, Any]) -> None:
        must = {n: now[n] for n in ("question", "recommendation", "consequences")}
        meetings.change_decision(ctx, d.id, rev=now["rev"], **(must | {field: typed}))

    def follow(aspect: str, typed: str, now: Mapping[str, Any]) -> None:
        consequences.set_consequence(ctx, d.id, aspect, typed, rev=now["rev"])

    with st.popover(t("decisions.change"), type="tertiary", key=f"change_{d.key}"), st.container(width=520):
        row = row_of(d)
        for name in texts:
            height = {} if name == "revisit_if" else {"height": "content"}
            lines = 1 if name == "revisit_if" else 2
            options: dict[str, Any] = {"lines": lines, "save": partial(change, name), **height}
            kept_text(t(f"decisions.{name}"), name=f"decision.{d.id}.{name}", row=row, field=name, **options)
        st.markdown(f"**{t('decisions.aspects')}**", anchors=False)
        for aspect, c in consequences.consequences_of(ctx, d.id).items():
            kept_text(
                t(f"consequence.{aspect}"), name=f"decision.{d.id}.{aspect}", row=row_of(c), field="text",
                placeholder=t(f"consequence.{aspect}_hint"),
                save=partial(follow, aspect),
            )  # fmt: skip
        kept_choice(t("decisions.rule"), meetings.RULES, name=f"decision.{d.id}.rule", row=row, field="rule",
                    kind="pills", words=lambda r: t(f"rule.{r}"), save=partial(change, "rule"))  # fmt: skip
        key = f"item_{d.key}"
        now = date.fromisoformat(d.due) if d.due else None
        if session.widget(f"{key}_due", now) != now and session.draft(f"{key}.due") != d.due:
            session.set_widget(f"{key}_due", now)
        session.keep_draft(f"{key}.due", d.due)

        def due() -> None:
            on = session.widget(f"{key}_due")
            attempt(meetings.change_decision, ctx, d.id, rev=d.rev, question=d.question,
                    recommendation=d.recommendation, consequences=d.consequences,
                    due=on.isoformat() if on else "", where=said)  # fmt: skip

        st.date_input(t("decisions.due"), key=f"{key}_due", value=now, format="YYYY-MM-DD", on_change=due)
        names: dict[str | None, str] = {m.id: prepare.name_of(m) for m in held} | {
            None: t("decisions.no_meeting")
        }

        def place() -> None:
            attempt(meetings.place_decision, ctx, d.id, session.widget(f"{key}_meeting"), where=said)

        session.set_widget(f"{key}_meeting", d.meeting)
        st.selectbox(t("decisions.meeting"), list(names), key=f"{key}_meeting", format_func=names.__getitem__,
                     on_change=place)  # fmt: skip

        def retire() -> None:
            attempt(meetings.retire_decision, ctx, d.id, where=said)

        st.button(t("decisions.take_off"), key=f"retire_{d.key}", type="tertiary", on_click=retire)


def _record(ctx: Context, d: DecisionView, said: Any) -> None:
    """What was decided and why, with what becomes of the requirements it was about, in one operation."""
    key = f"record_{d.key}"
    with (
        st.popover(t("decisions.record"), icon=":material/gavel:", type="primary", key=key),
        st.container(width=520),
    ):
        trouble = st.container(key=f"{key}_said")
        if d.votes:
            st.text(committee.count_sentence(d))
        results = [r for r in RESULTS if r != "noted" and (r != "vetoed" or d.count.vetoed_by)]
        counted = d.count.result if d.count.result in results else "adopted"
        # What the positions come to is put first, until a person says otherwise or they come to something else.
        if session.draft(f"{key}.counted") != counted or session.widget(f"{key}_result") not in results:
            session.set_widget(f"{key}_result", counted)
            session.keep_draft(f"{key}.counted", counted)
        st.pills(t("decisions.result"), results, key=f"{key}_result", required=True,
                 format_func=lambda r: t(f"result.{r}"))  # fmt: skip
        # Not above the button: they fold when they are left, and the button would move from under the press.
        names = {item: label for item, kind, label in d.about if kind == "requirement"}
        if names:
            st.multiselect(t("decisions.accepts"), list(names), key=f"{key}_accept",
                           format_func=names.__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip
            st.multiselect(t("decisions.parks"), list(names), key=f"{key}_park",
                           format_func=names.__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip
        st.text_area(
            t("decisions.outcome"), key=f"{key}_outcome", height=70, placeholder=t("decisions.outcome_hint")
        )
        st.text_area(t("decisions.why"), key=f"{key}_why", height=70, placeholder=t("decisions.why_hint"))
        st.text_input(t("decisions.revisit"), key=f"{key}_revisit", value=d.revisit_if)

        def keep() -> None:
            attempt(
                meetings.record_decision, ctx, d.id, rev=d.rev, outcome=session.widget(f"{key}_outcome") or "",
                why=session.widget(f"{key}_why") or "", revisit_if=session.widget(f"{key}_revisit") or "",
                accept=session.widget(f"{key}_accept") or [], park=session.widget(f"{key}_park") or [],
                result=session.widget(f"{key}_result"), where=trouble,
            )  # fmt: skip

        st.button(t("decisions.record"), key=f"{key}_keep", type="primary", on_click=keep)
