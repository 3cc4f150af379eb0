"""Decisions: the agenda of a meeting, its minutes, actions, the log of what was decided, and letters to the groups."""

from __future__ import annotations

import importlib

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.services import meetings
from workbench.services.context import Context
from workbench.ui import committee, session, shell
from workbench.ui.pages import decisions_agenda

PARTS = ("agenda", "minutes", "actions", "log", "letters")
_COMMITTEE = ("agenda", "minutes", "log")  # few enough for a phone; actions stand on the agenda


def page() -> None:
    """A module for each part, imported when it is asked for; or one item by its key."""
    ctx = session.context()
    shell.header(t("nav.decisions"))
    one = session.asked("decision")
    if one and (found := next((d for d in meetings.list_decisions(ctx) if one in (d.key, d.id)), None)):
        decisions_agenda.draw_one(ctx, found)
        return
    if can(ctx.member.role, Action.MEET):
        st.title(t("nav.decisions"), anchor=False)  # a committee reads it in the way it came
    part = _part(ctx)
    importlib.import_module(f"workbench.ui.pages.decisions_{part}").draw(ctx)
    committee.from_the_top(part, key="decisions_top")


def _part(ctx: Context) -> str:
    """The part that the address names."""
    parts = PARTS if can(ctx.member.role, Action.MEET) else _COMMITTEE
    asked = session.asked("part")
    now = asked if asked in parts else parts[0]
    session.set_widget("decisions_part", now)
    st.segmented_control(
        t("decisions.parts"),
        parts,
        key="decisions_part",
        format_func=lambda p: t(f"decisions.part_{p}"),
        on_change=lambda: session.ask(part=session.widget("decisions_part")),
        required=True,
        label_visibility="collapsed",
        width=560 if len(parts) > 3 else 400,
        wrap=False,
    )
    return str(now)
