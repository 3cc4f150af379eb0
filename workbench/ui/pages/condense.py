"""Step 3, condense: which code group and subgroup are in hand; the board and the writing are beside this file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.language import t
from workbench.services import boards, code_groups, condensing
from workbench.services.code_groups import GroupCount
from workbench.services.condensing import Board
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import say
from workbench.ui.pages.condense_beside import in_several
from workbench.ui.pages.condense_board import ALL, ASIDE, LEFT, LOOKS, SAID, Facts, columns, loose
from workbench.ui.pages.condense_writing import stranded, subgroup
from workbench.ui.text import literal

MANY = 14  # from more on, what may be in focus is a list and not pills in many lines


def page() -> None:
    slots = shell.header(t("nav.condense"), reads=True)  # the outbox is the board's here
    ctx = session.context()
    if not code_groups.code_group_counts(ctx):
        if slots:
            shell.saved(ctx, slots)
        st.title(t("condense.title"), anchor=False)
        st.text(t("condense.no_groups"))
        st.page_link(
            shell.screen_page("code"), label=t("condense.to_code"), icon=":material/ink_highlighter:"
        )
        return
    _condense(slots)


@st.fragment
def _condense(slots: shell.Slots | None) -> None:
    """All of the screen, with what each act changes in the header: an act draws this again, and not the menu."""
    ctx = session.context()
    counts = code_groups.code_group_counts(ctx)
    if not counts:  # the last was taken out by somebody else
        st.rerun()
    if slots:
        shell.saved(ctx, slots)
    bar = st.container(horizontal=True, vertical_alignment="center", gap="small", key="condense_bar")
    with bar:
        group = _choose_group(ctx, counts)
    board = condensing.board(ctx, group)
    facts = Facts(ctx, board, counts)
    with bar:
        in_several(facts)
        focus = _choose_focus(board)
    said = st.container(key="condense_message")
    if text := session.draft(SAID):
        say(text, said)
        session.keep_draft(SAID, None)
    found = next((s for s in board.subgroups if s.subgroup.id == focus), None)
    # Each layout has a place of its own: where one was an element, the next is never a block of elements.
    above, one, many = (st.container(key=f"condense_{place}") for place in ("above", "one", "many"))
    with above:
        stranded(facts, found)
    if found is not None:
        with one:
            subgroup(facts, found)
    else:
        with many:
            columns(facts) if focus == ALL else loose(facts, focus)


# -- what is in focus --------------------------------------------------------------------------------------


def _choose_group(ctx: Context, counts: Sequence[GroupCount]) -> str:
    """The address's code group, else the last one; where that was merged, the one it went into, and a sentence."""
    ids = [c.group.id for c in counts]
    words = {c.group.id: f"{c.group.tag}  {c.group.name}  ·  {c.units}" for c in counts}
    wanted = session.asked("group") or session.draft("condense.group")
    now = wanted
    if wanted and wanted not in ids:
        now, why = boards.went_to(ctx, wanted)
        if why:
            session.keep_draft(SAID, why)
        session.ask(group=None, subgroup=session.asked("subgroup") if now else None)
    now = now if now in ids else ids[0]
    session.keep_draft("condense.group", now)
    session.set_widget("condense_group", now)

    def choose() -> None:
        session.ask(group=session.widget("condense_group"), subgroup=None)

    st.selectbox(t("condense.group"), ids, key="condense_group", format_func=lambda id: words[id],
                 label_visibility="collapsed", width=260, on_change=choose)  # fmt: skip
    return str(now)


def _choose_focus(board: Board) -> str:
    """All side by side, one subgroup, what is left over, or what is set aside; the address says which was chosen.
    Only a choice goes into it: what is written on arrival would be a step that Back cannot leave."""
    subgroups = {s.subgroup.id: s for s in board.subgroups}
    options = [*([ALL] if subgroups else []), *subgroups, LEFT, *([ASIDE] if board.set_aside else [])]
    asked = session.asked("subgroup")
    last = session.draft(f"condense.subgroup.{board.group.id}")
    now = next((one for one in (asked, last) if one in options), options[0])
    # Kept, so that the first subgroup made does not change what one looks at.
    session.keep_draft(f"condense.subgroup.{board.group.id}", now)
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

    # A press on the board begins another widget: what the browser still has to say of the one before, which had another
    # in focus, would be taken for a choice and undo the press.
    key = f"condense_{'focus' if len(options) <= MANY else 'one_of_many'}_{session.draft(LOOKS) or 0}"

    def choose() -> None:
        # A browser that says again what is in focus chooses nothing: an address written then undoes a press on the menu.
        if session.widget(key) != now:
            session.ask(subgroup=session.widget(key))

    session.set_widget(key, now)
    if len(options) > MANY:
        sizes |= {id: len(s.cards) for id, s in subgroups.items()}
        names = {id: s.subgroup.name for id, s in subgroups.items()}
        st.selectbox(
            t("condense.focus"), options, key=key, label_visibility="collapsed", width=420, on_change=choose,
            format_func=lambda id: f"{names.get(id) or t(f'condense.{id}')}  ·  {sizes[id]}" + ("  ▲" if id in stale else ""),
        )  # fmt: skip
    else:
        with st.container(key="condense_focus"):
            st.pills(
                t("condense.focus"), options, key=key, format_func=label, required=True, label_visibility="collapsed",
                wrap=True, on_change=choose,
            )  # fmt: skip
    return str(now)
