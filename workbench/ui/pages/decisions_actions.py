"""Actions: what somebody took on, by when, what is late, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.records import Session
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import actions, meetings
from workbench.services.actions import ActionView
from workbench.services.context import Context
from workbench.services.decisions import DecisionView
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal


def told(a: ActionView, *, meeting: bool = False) -> str:
    """ "Municipality · was due 20 March 2026 · from Steering committee 1"."""
    due = t("actions.was_due" if a.late else "actions.due", due=day(a.due)) if a.due else ""
    if not a.is_open:
        due = t("actions.done", at=day(a.done_at))
    where = t("actions.from", meeting=a.meeting_title) if meeting and a.meeting_title else ""
    return " · ".join(x for x in (a.owner, due, where) if x)


def row_of_action(a: ActionView, *, meeting: bool = False) -> Row:
    """Who, by when in words, and what came of it; what was due says so, and does not shout."""
    row: Row = {"text": a.text, "note": told(a, meeting=meeting)}
    if not a.is_open:
        row["state"], row["word"] = "good", t("decisions.done_word")
        if a.outcome:
            row["note"] = f"{row['note']}. {a.outcome}"
    else:
        row["state"], row["word"] = "open", t("decisions.open_word")
    return row


def draw(ctx: Context) -> None:
    """All actions, those that are late first."""
    found = actions.list_actions(ctx)
    said = st.container(key="decisions_said")
    still = [a for a in found if a.is_open]
    with st.container(horizontal=True, vertical_alignment="center", key="actions_head"):
        late = sum(bool(a.late) for a in still)
        sentence = tn("decisions.actions_open", len(still)) if still else t("decisions.actions_none")
        st.text(f"{sentence} {tn('decisions.actions_late', late)}" if late else sentence, width="content")
        st.space("stretch")
        add(ctx, None, None, said)
    with st.container(width=860):
        for a in still:
            one(ctx, a, said)
        done = [a for a in found if not a.is_open]
        if done:
            st.space("small")
            st.subheader(t("decisions.actions_done"), anchor=False)
            view("rows", {"rows": [row_of_action(a, meeting=True) for a in done]}, key="actions_done")


def carried_on(ctx: Context, here: Session) -> None:
    """What earlier meetings left open, shown here by itself."""
    found = actions.list_actions(ctx, before_meeting=here.id)
    own = [a for a in actions.list_actions(ctx) if a.meeting == here.id and not a.decision]
    may_meet = can(ctx.member.role, Action.MEET)
    if not found and not own and not may_meet:
        return
    said = st.container(key="carried_said")
    st.subheader(t("decisions.carried"), anchor=False)
    if not found:
        st.text(t("decisions.nothing_carried"))
    if may_meet:
        for a in found:
            if a.is_open:
                one(ctx, a, said, here=here)
    else:
        view(
            "rows", {"rows": [row_of_action(a, meeting=True) for a in found if a.is_open]}, key="carried_open"
        )
    if done := [a for a in found if not a.is_open]:
        view("rows", {"rows": [row_of_action(a, meeting=True) for a in done]}, key="carried_done")
    if own:
        st.space("small")
        st.subheader(t("decisions.own_actions"), anchor=False)
        view("rows", {"rows": [row_of_action(a) for a in own]}, key="own_actions")
    st.space("small")


def one(ctx: Context, a: ActionView, said: Any, *, here: Session | None = None) -> None:
    """An open action with what can be done about it."""
    # Beside the sentence where there is room, under it in the narrow column and on a phone.
    wide = here is None
    with st.container(horizontal=wide, gap="small" if wide else None, key=f"action_{a.id}"):
        with st.container(width=600 if wide else "stretch"):
            view("rows", {"rows": [row_of_action(a, meeting=True)]}, key=f"action_row_{a.id}")
        with st.container(horizontal=True, gap="small", width="content"):
            _done(ctx, a, said, here)
            _change(ctx, a, said)


def _done(ctx: Context, a: ActionView, said: Any, here: Session | None) -> None:
    key = f"done_{a.id}"
    with st.popover(t("decisions.done"), type="tertiary", key=key), st.container(width=420):
        st.text_input(
            t("decisions.action_outcome"),
            key=f"{key}_outcome",
            placeholder=t("decisions.action_outcome_hint"),
        )

        def finish() -> None:
            attempt(
                actions.finish_action, ctx, a.id, outcome=session.widget(f"{key}_outcome") or "", where=said
            )

        st.button(t("decisions.action_done"), key=f"{key}_keep", type="primary", on_click=finish)
        if here is None or a.meeting == here.id:
            return
        st.date_input(t("decisions.new_due"), key=f"{key}_due", value=None, format="YYYY-MM-DD")

        def renew() -> None:
            on = session.widget(f"{key}_due")
            if isinstance(on, date):
                outcome = session.widget(f"{key}_outcome") or t("decisions.renewed", due=day(on))
                attempt(
                    actions.renew_action,
                    ctx,
                    a.id,
                    due=on.isoformat(),
                    outcome=outcome,
                    meeting=here.id,
                    where=said,
                )

        st.button(t("decisions.renew"), key=f"{key}_renew", on_click=renew,
                  disabled=not session.widget(f"{key}_due"))  # fmt: skip


def _change(ctx: Context, a: ActionView, said: Any) -> None:
    def change(field: str, typed: str, now: Mapping[str, Any]) -> None:
        fields = {n: now[n] for n in ("text", "owner", "due")} | {field: typed}
        actions.change_action(ctx, a.id, rev=now["rev"], **fields)

    with st.popover(t("decisions.change"), type="tertiary", key=f"change_{a.id}"), st.container(width=420):
        for field in ("text", "owner"):
            kept_text(t(f"decisions.action_{field}"), name=f"action.{a.id}.{field}", row=row_of(a), field=field,
                      save=partial(change, field))  # fmt: skip

        def retire() -> None:
            attempt(actions.retire_action, ctx, a.id, where=said)

        st.button(t("decisions.take_away"), key=f"retire_{a.id}", type="tertiary", on_click=retire)


def add(ctx: Context, meeting: str | None, decision: DecisionView | None, said: Any) -> None:
    """Somebody takes something on: what, who by role, by when. Of an item, or of a meeting."""
    key = f"act_{decision.key if decision else meeting or 'any'}"
    with (
        st.popover(t("decisions.add_action"), icon=":material/task_alt:", key=session.popover(key)),
        st.container(width=460),
    ):
        trouble = st.container(key=f"{key}_said")
        st.text_input(t("decisions.action_text"), key=f"{key}_text", placeholder=t("decisions.action_hint"))
        st.text_input(t("decisions.action_owner"), key=f"{key}_owner", placeholder=t("decisions.owner_hint"))
        st.date_input(t("decisions.action_due"), key=f"{key}_due", value=None, format="YYYY-MM-DD")
        if meeting is None and decision is None:
            held = meetings.list_meetings(ctx)
            names = {m.id: literal(m.title) for m in reversed(held)}
            st.selectbox(t("decisions.meeting"), list(names), index=0 if names else None, key=f"{key}_meeting",
                         format_func=names.__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip

        def keep() -> None:
            on = session.widget(f"{key}_due")
            done = attempt(
                actions.add_action, ctx, text=session.widget(f"{key}_text") or "",
                owner=session.widget(f"{key}_owner") or "", due=on.isoformat() if isinstance(on, date) else None,
                meeting=meeting or session.widget(f"{key}_meeting"), decision=decision.id if decision else None,
                where=trouble,
            )  # fmt: skip
            if done is not None:
                for field in ("text", "owner"):
                    session.set_widget(f"{key}_{field}", "")
                session.close_popover(key)

        st.button(t("decisions.keep_action"), key=f"{key}_keep", type="primary", on_click=keep)
