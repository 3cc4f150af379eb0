"""Meeting pack: what the committee reads, at a desk and on a phone, from `services.packs` and nothing else.

Neither the page nor its address holds a source, a unit, a condensate or a person; themes and meetings are numbers."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t
from workbench.services import meetings, packs
from workbench.services.context import Context
from workbench.services.packs import Pack
from workbench.ui import committee, session, shell
from workbench.ui.pages import pack_decide, pack_files, pack_send, pack_since, pack_themes, pack_version

PARTS = ("since", "themes", "decide", "version")
_DRAW = {
    "since": pack_since.draw, "themes": pack_themes.draw, "decide": pack_decide.draw, "version": pack_version.draw,
}  # fmt: skip


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.pack"))
    may_send = can(ctx.member.role, Action.MEET)
    pack = packs.meeting_pack(ctx, _asked_for(ctx) if may_send else None)
    if not pack.briefs and not pack.asked and not pack.decided:
        st.title(t("nav.pack"), anchor=False)
        st.text(t("pack.empty"))
        return
    if may_send and session.asked("part") == "send":
        pack_send.draw(ctx, pack)
        return
    part = _parts(pack, may_send)
    if not pack.is_current:
        st.caption(t("pack.not_current"))
    _DRAW[part](ctx, pack)
    pack_files.foot(ctx, pack)
    committee.from_the_top(f"{part}{session.asked('theme') or ''}", key="pack_top")


def _asked_for(ctx: Context) -> str | None:
    """The meeting in the address, by its number among all meetings; None is the current one."""
    asked = session.asked("meeting") or ""
    held = meetings.list_meetings(ctx) if asked.isdigit() else []
    return held[int(asked) - 1].id if 0 < int(asked or 0) <= len(held) else None


def _parts(pack: Pack, may_send: bool) -> str:
    """What is asked comes first; without a question, the themes."""
    asked = session.asked("part")
    begin = "themes" if session.asked("theme") or not pack.asked else "decide"
    start = asked if asked in PARTS else begin

    def chosen() -> None:
        session.ask(part=session.widget("pack_part"), theme=None)

    if session.widget("pack_part") is None or asked in PARTS:
        session.set_widget("pack_part", start)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="pack_bar"):
        with st.container(width=560, key="pack_parts"):
            part = st.segmented_control(
                t("pack.parts"), PARTS, key="pack_part", required=True, on_change=chosen, wrap=False,
                width="stretch", format_func=lambda p: t(f"pack.part_{p}"), label_visibility="collapsed",
            )  # fmt: skip
        if may_send:
            st.space("stretch")
            _meeting_choice(pack)
            st.button(t("pack.send"), key="pack_send", type="primary", icon=":material/outgoing_mail:",
                      on_click=lambda: session.ask(part="send", theme=None))  # fmt: skip
    return part or start


def _meeting_choice(pack: Pack) -> None:
    if len(pack.meetings) < 2 or pack.meeting is None:
        return
    ids = [m.id for m in pack.meetings]
    numbers = list(range(len(ids), 0, -1))
    here = ids.index(pack.meeting.id) + 1

    def chosen() -> None:
        session.ask(meeting=session.widget("pack_meeting"))

    def said(n: int) -> str:
        meeting = pack.meetings[n - 1]
        return ", ".join(x for x in (meeting.title, day(meeting.date)) if x)

    if session.widget("pack_meeting") != here:
        session.set_widget("pack_meeting", here)
    st.selectbox(
        t("pack.which_meeting"), numbers, key="pack_meeting", format_func=said, on_change=chosen,
        label_visibility="collapsed", width=270,
    )  # fmt: skip
