"""The decision log: everything that has been decided, the latest first, and what may have to be looked at again."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t
from workbench.services import meetings
from workbench.services.context import Context
from workbench.ui import committee
from workbench.ui.pages import decisions_agenda
from workbench.ui.text import literal


def draw(ctx: Context) -> None:
    decisions = meetings.list_decisions(ctx)
    taken = sorted(
        (d for d in decisions if d.outcome), key=lambda d: (str(d.decided_at), d.key), reverse=True
    )
    if not taken:
        st.text(t("decisions.none_taken"))
        return
    said = st.container(key="decisions_said")
    held = meetings.list_meetings(ctx)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        for d in taken:
            with st.container(gap=None):
                st.caption(literal(" · ".join(x for x in (d.meeting_title, day(d.meeting_date)) if x)))
                if can(ctx.member.role, Action.MEET):
                    decisions_agenda.item(ctx, d, held, said)
                else:
                    committee.decided_card(d, key="decided")
    with right:
        decisions_agenda.again(decisions)
