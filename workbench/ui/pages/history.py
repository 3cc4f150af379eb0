"""History: every operation by day, who did it, and the way to undo it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, can
from workbench.language import clock, day, t
from workbench.services import history, projects
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import sentence
from workbench.ui.components.view import view
from workbench.ui.text import literal

_PAGE = 40


def page() -> None:
    """Newest first, one page at a time; `who` and `before` stand in the address."""
    ctx = session.context()
    shell.header(t("nav.history"))
    st.title(t("nav.history"), anchor=False)
    about = "read" if not can(ctx.member.role, Action.UNDO) else "lead" if ctx.member.is_lead else ""
    st.text(t(f"history.about.{about}" if about else "history.about"))
    who = _who(ctx)
    before = session.asked("before")
    shown = history.list_operations(
        ctx, member=who, limit=_PAGE + 1, before=int(before) if before and before.isdigit() else None
    )
    st.space("xsmall")
    if not shown:
        name = next((m.name for m in projects.list_members(ctx.store) if m.id == who), "")
        st.text(t("history.empty.member", name=name) if who else t("history.empty"))
    with st.container(width=860):
        for when, operations in groupby(shown[:_PAGE], key=lambda o: _local(o.at).date()):
            st.subheader(_day(when), anchor=False)
            view(
                "rows",
                {"rows": [_row(ctx, o) for o in operations]},
                key=f"history_{when.isoformat()}",
                on_select=lambda seq: _undo(ctx, int(seq)),
            )
        _turn(shown, before)


def _who(ctx: Context) -> str | None:
    """Whose operations are shown: a filter over the members, kept in the address."""
    members = {m.id: m.name for m in projects.list_members(ctx.store)}
    if len(members) < 2:
        return None
    asked = session.asked("who")

    def chosen() -> None:
        session.ask(who=session.widget("history_who"), before=None)

    # The key holds what the address says, so that a link opened in the session shows what it asks for.
    st.pills(
        t("history.who"),
        list(members),
        default=asked if asked in members else None,
        format_func=lambda id: literal(members[id]),
        key="history_who",
        on_change=chosen,
    )
    return asked if asked in members else None


def _local(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone()


def _day(when: date) -> str:
    today = _local(datetime.now().astimezone().isoformat()).date()
    if when == today:
        return t("history.today")
    if when == today - timedelta(days=1):
        return t("history.yesterday")
    return day(datetime(when.year, when.month, when.day))


def _row(ctx: Context, o: history.OperationView) -> dict[str, Any]:
    """One operation: what, when and by whom, and Undo where this member may."""
    what = (
        o.label
        if o.nature == "do"
        else t("history.undid" if o.nature == "undo" else "history.redid", what=o.label)
    )
    row: dict[str, Any] = {"key": clock(o.at), "text": t("history.line", who=o.member, what=what)}
    if o.undone:
        return row | {
            "state": "none",
            "word": t("history.undone"),
            "text": f"{row['text']} · {t('history.undone')}",
        }
    mine = ctx.member.is_lead or o.by == ctx.member.id
    if mine and can(ctx.member.role, Action.UNDO) and o.verb != "create_project":
        row |= {"id": str(o.seq), "link": t("history.again" if o.nature == "undo" else "history.undo_this")}
    return row


def _undo(ctx: Context, seq: int) -> None:
    """Undo one operation; what happened, or why it was refused, is said under the header."""
    try:
        session.flash(t("history.done", what=history.undo(ctx, seq).label))
    except WorkbenchError as error:
        session.flash(sentence(error), refused=True)


def _turn(shown: list[history.OperationView], before: str | None) -> None:
    with st.container(horizontal=True, gap="small"):
        if before:
            st.button(t("history.newest"), key="history_newest", on_click=lambda: session.ask(before=None))
        if len(shown) > _PAGE:
            last = shown[_PAGE - 1].seq
            st.button(t("history.older"), key="history_older", on_click=lambda: session.ask(before=last))
