"""Step 3, condense: which code group and subgroup are in hand; the board and the writing are beside this file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.language import t
from workbench.services import code_groups, condensing
from workbench.services.code_groups import GroupCount
from workbench.services.condensing import Board
from workbench.ui import session, shell
from workbench.ui.call import say
from workbench.ui.pages.condense_board import ALL, ASIDE, LEFT, SAID, Facts, columns, loose
from workbench.ui.pages.condense_writing import subgroup
from workbench.ui.text import literal


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.condense"))
    counts = code_groups.code_group_counts(ctx)
    if not counts:
        st.title(t("condense.title"), anchor=False)
        st.text(t("condense.no_groups"))
        st.page_link(
            shell.screen_page("code"), label=t("condense.to_code"), icon=":material/ink_highlighter:"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="condense_bar"):
        group = _choose_group(counts)
    board = condensing.board(ctx, group)
    focus = _choose_focus(board)
    said = st.container(key="condense_message")
    if text := session.draft(SAID):
        say(text, said)
        session.keep_draft(SAID, None)
    facts = Facts(ctx, board, counts)
    found = next((s for s in board.subgroups if s.subgroup.id == focus), None)
    if found is not None:
        subgroup(facts, found)
    elif focus == ALL:
        columns(facts)
    else:
        loose(facts, focus)


# -- what is in focus --------------------------------------------------------------------------------------


def _choose_group(counts: Sequence[GroupCount]) -> str:
    ids = [c.group.id for c in counts]
    words = {c.group.id: f"{c.group.tag}  {c.group.name}  ·  {c.units}" for c in counts}
    asked = session.asked("group")
    now = asked if asked in ids else session.draft("condense.group")
    now = now if now in ids else ids[0]
    session.ask(group=now)
    session.keep_draft("condense.group", now)
    session.set_widget("condense_group", now)

    def choose() -> None:
        session.ask(group=session.widget("condense_group"), subgroup=None)

    st.selectbox(t("condense.group"), ids, key="condense_group", format_func=lambda id: words[id],
                 label_visibility="collapsed", width=340, on_change=choose)  # fmt: skip
    return str(now)


def _choose_focus(board: Board) -> str:
    """All side by side, one subgroup, what is left over, or what is set aside; the address says which."""
    subgroups = {s.subgroup.id: s for s in board.subgroups}
    options = [*([ALL] if subgroups else []), *subgroups, LEFT, *([ASIDE] if board.set_aside else [])]
    asked = session.asked("subgroup")
    now = asked if asked in options else options[0]
    session.ask(subgroup=now)  # said, so that the first subgroup made does not change what one looks at
    stale = {id for id, s in subgroups.items() if any(c.stale for c in s.condensates)}
    sizes = {
        ALL: sum(len(s.cards) for s in board.subgroups),
        LEFT: len(board.left_over),
        ASIDE: len(board.set_aside),
    }

    def label(id: str) -> str:
        if id in subgroups:
            name = subgroups[id].subgroup.name
            short = name if len(name) <= 26 else name[:25].rstrip(" ,") + "…"
            mark = " :red[▲]" if id in stale else ""
            return f"{literal(short)} :gray[{len(subgroups[id].cards)}]{mark}"
        return f"{t(f'condense.{id}')} :gray[{sizes[id]}]"

    session.set_widget("condense_focus", now)
    st.pills(
        t("condense.focus"),
        options,
        key="condense_focus",
        format_func=label,
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=lambda: session.ask(subgroup=session.widget("condense_focus")),
    )
    return str(now)
