"""Step 2: read and mark. One reader over one source; everything else stays out of its way."""

from __future__ import annotations

import streamlit as st

from workbench.domain.errors import Refused
from workbench.language import day, number, t, tn
from workbench.services import coding, double_coding, impressions, people, projects, sources
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components import reader

DISCS = ("sand", "slate", "moss", "mauve", "sea", "clay", "iris", "stone")


def page() -> None:
    slots = shell.header(t("nav.code"), reads=True)
    ctx = session.context()
    found = coding.titles(ctx)
    if not found:
        if slots:
            shell.saved(ctx, slots)
        st.title(t("code.title"), anchor=False)
        st.text(t("code.no_sources"))
        st.page_link(shell.screen_page("sources"), label=t("code.to_sources"), icon=":material/description:")
        return
    source = _choose_source(ctx, found)
    st.html(f"<style>{_TIGHT}</style>")
    _read(source, found[source], impressions.is_read(ctx, source, "code"), _unseen(ctx, source), slots)


# The reader scrolls by itself, so the page around it must not: the room under it goes.
_TIGHT = ".stMainBlockContainer{padding-bottom:.5rem}"


def _choose_source(ctx: Context, found: dict[str, str]) -> str:
    asked = session.asked("source")
    last = session.draft("code.source")
    if asked not in found:
        asked = last if last in found else next(iter(found))
    if session.widget("code_source") not in found or (session.asked("source") in found and asked != last):
        session.set_widget("code_source", asked)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="code_bar"):
        shell.parts("code", "code")
        chosen: str = st.selectbox(
            t("code.source"),
            list(found),
            key="code_source",
            format_func=lambda id: found[id],
            label_visibility="collapsed",
            width=340,
            # Only a choice goes into the address: written on arrival it would be a step that Back cannot leave.
            on_change=lambda: session.ask(source=session.widget("code_source"), turn=None, unit=None),
        )
        st.space("stretch")
        if _unseen(ctx, chosen):
            _unseen_link(ctx)
        _finished(ctx, chosen)
    session.keep_draft("code.source", chosen)
    return chosen


def _unseen(ctx: Context, source: str) -> bool:
    """Whether what others mark in this source is out of sight."""
    return any(u.is_open and u.coder(ctx.member.id) for u in double_coding.list_unseen(ctx, source))


def _unseen_link(ctx: Context) -> None:
    me = session.asked("as")
    st.page_link(
        shell.screen_page("differences"), label=t("unseen.on_read"), icon=":material/visibility_off:", width="content",
        help=t("unseen.on_read_what"), query_params={"project": ctx.store.id} | ({"as": me} if me else {}),
    )  # fmt: skip


def _finished(ctx: Context, source: str) -> None:
    done = impressions.is_read(ctx, source, "code")
    label = t("code.finished_undo") if done else t("code.finished")
    if st.button(
        label, icon=":material/check:" if done else None, key="code_finished", help=t("code.finished_help")
    ):
        attempt(impressions.mark_read, ctx, source, "code")
        st.rerun()


@st.fragment
def _read(source: str, title: str, done: bool, unseen: bool, slots: shell.Slots | None) -> None:
    """The reader with what each mark changes in the header: all that a mark sends and draws again. `title`, `done`
    and `unseen` are what the page around it shows; where they no longer hold (undone, say) the page is drawn anew."""
    ctx = session.context()
    try:
        now = coding.marks_view(ctx, source, since=reader.held(source))
    except Refused:  # taken out by somebody else since the page was drawn
        st.rerun()
    if now.title != title or impressions.is_read(ctx, source, "code") is not done:
        st.rerun()
    if now.since is None and _unseen(ctx, source) is not unseen:
        st.rerun()
    if slots:
        shell.saved(ctx, slots)
    reader.reader(
        document=_document(ctx, source) if now.since is None else None,
        marks=_marks(ctx, now),
        key="reader",
        on_operations=session.apply_operations,
        focus=_focus(),
    )


def _focus() -> reader.Focus | None:
    turn, unit = session.asked("turn"), session.asked("unit")
    if unit:
        return reader.Focus(unit=unit)
    return reader.Focus(turn=int(turn)) if turn and turn.isdigit() else None


def _document(ctx: Context, source: str) -> reader.Document:
    reading = sources.read_source(ctx, source)
    heard = dict.fromkeys(x.speaker for x in reading.turns if x.kind == "informant")
    meta = [
        ", ".join(heard),
        day(reading.date),
        tn("code.turns", len(reading.turns)),
        tn("code.words", reading.words),
    ]
    return reader.Document(
        source=source,
        text_rev=reading.source.text_rev,
        title=reading.source.title,
        meta=[m for m in meta if m],
        language=reading.source.language,
        turns=[
            reader.ReaderTurn(
                seq=x.turn.seq, start=x.turn.start, text=x.text, speaker=x.speaker, kind=x.kind,
                group_name=x.group_name, monogram=x.monogram, group_colour=DISCS[x.colour % len(DISCS)],
                t0_ms=x.turn.t0_ms,
            )
            for x in reading.turns
        ],
    )  # fmt: skip


def _mark(m: coding.MarkView) -> reader.Mark:
    placements = [reader.Placement(*p) for p in m.placements]
    return reader.Mark(m.unit, m.start, m.end, m.member, m.initials, m.rev, placements, m.codes, m.comments)


def _marks(ctx: Context, now: coding.MarksView) -> reader.Marks:
    whole = now.since is None
    tops = [v for v in people.people_view(ctx).groups if v.group.parent is None] if whole else []
    return reader.Marks(
        rev=now.rev,
        chain=now.chain,
        since=now.since,
        project=ctx.store.id,
        source=now.source,
        text_rev=now.text_rev,
        member=ctx.member.id,
        marks=[_mark(m) for m in now.marks],
        removed=now.removed,
        acks=session.answers(),
        code_groups=[
            reader.CodeGroup(
                id=g.id, tag=g.tag, name=g.name, colour=g.colour % 12, position=g.position,
                hatched=g.colour >= 12, definition=g.definition,
            )
            for g in now.groups
        ],
        groups_gone=now.groups_gone,
        tallies=[reader.Tally(x.code_group, x.units, x.heard, x.more) for x in now.tallies],
        codes=None if now.codes is None
        else [reader.Code(c.id, c.label, c.parent_label, c.title) for c in now.codes],
        discs=[reader.Disc(v.group.monogram, DISCS[v.colour % len(DISCS)], v.group.name) for v in tops],
        members=[reader.Member(m.id, m.name, m.initials) for m in projects.list_members(ctx.store)] if whole else [],
        footer=t("code.footer", units=number(now.units), unplaced=number(now.unplaced)),
    )  # fmt: skip
