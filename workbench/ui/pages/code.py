"""Step 2: read and mark. One reader over one source; everything else stays out of its way."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.language import day, number, t, tn
from workbench.services import code_groups, coding, impressions, people, projects, sources
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components import reader
from workbench.ui.kept import Row, kept_text, row_of

DISCS = ("sand", "slate", "moss", "mauve", "sea", "clay", "iris", "stone")
REBASE = 200  # marks changed before the whole list travels again


def page() -> None:
    shell.header(t("nav.code"), reads=True)
    ctx = session.context()
    found = [v for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    if not found:
        st.title(t("code.title"), anchor=False)
        st.text(t("code.no_sources"))
        st.page_link(shell.screen_page("sources"), label=t("code.to_sources"), icon=":material/description:")
        return
    view = _choose_source(ctx, found)
    st.html(f"<style>{_TIGHT}</style>")
    _read(ctx, view)


# The reader scrolls by itself, so the page around it must not: the room under it goes.
_TIGHT = ".stMainBlockContainer{padding-bottom:.5rem}"


def _choose_source(ctx: Context, found: list[sources.SourceView]) -> sources.SourceView:
    ids = [v.source.id for v in found]
    titles = {v.source.id: v for v in found}
    asked = session.asked("source")
    last = session.draft("code.source")
    if asked not in ids:
        asked = last if last in ids else ids[0]
    if session.widget("code_source") not in ids or (session.asked("source") in ids and asked != last):
        session.set_widget("code_source", asked)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="code_bar"):
        chosen = st.selectbox(
            t("code.source"),
            ids,
            key="code_source",
            format_func=lambda id: titles[id].source.title,
            label_visibility="collapsed",
            width=340,
            # Only a choice goes into the address: written on arrival it would be a step that Back cannot leave.
            on_change=lambda: session.ask(source=session.widget("code_source"), turn=None, unit=None),
        )
        st.space("stretch")
        _code_groups(ctx)
        _finished(ctx, chosen)
    session.keep_draft("code.source", chosen)
    return titles[chosen]


def _code_groups(ctx: Context) -> None:
    """What a code group is called and means; the reader's own panel is for marking."""
    with st.popover(t("code.groups"), icon=":material/sell:", key="code_groups"), st.container(width=420):
        groups = {c.group.id: c for c in code_groups.code_group_counts(ctx)}
        if not groups:
            st.text(t("code.groups.none"))
            return
        key = "code_groups_which"
        if session.widget(key) not in groups:
            session.set_widget(key, next(iter(groups)))
        chosen = st.selectbox(
            t("code.groups.which"), list(groups), key=key, format_func=lambda id: groups[id].group.name
        )
        group, units = groups[chosen].group, groups[chosen].units
        row = row_of(group)

        def save(field: str) -> Any:
            def keep(typed: str, now: Row) -> None:
                fields = {f: now[f] for f in ("name", "definition", "include", "exclude")} | {field: typed}
                code_groups.change_code_group(ctx, chosen, rev=now["rev"], **fields)

            return keep

        for field, lines in (("name", 1), ("definition", 3), ("include", 2), ("exclude", 2)):
            kept_text(
                t(f"code.groups.{field}"), name=f"code_group.{chosen}.{field}", row=row, field=field,
                save=save(field), lines=lines,
            )  # fmt: skip
        st.caption(tn("code.groups.units", units))
        said = st.container()
        st.button(
            t("code.groups.take_out"),
            key="code_groups_out",
            type="tertiary",
            help=t("code.groups.take_out_what"),
            on_click=lambda: attempt(code_groups.retire_code_group, ctx, chosen, where=said),
        )


def _finished(ctx: Context, source: str) -> None:
    done = impressions.is_read(ctx, source, "code")
    label = t("code.finished_undo") if done else t("code.finished")
    if st.button(
        label, icon=":material/check:" if done else None, key="code_finished", help=t("code.finished_help")
    ):
        attempt(impressions.mark_read, ctx, source, "code")
        st.rerun()


def _read(ctx: Context, view: sources.SourceView) -> None:
    source = view.source.id
    reading = sources.read_source(ctx, source)
    # The marks as they stood when this reader was opened travel once; after that only what has changed. Kept
    # here are ids and offsets, never words.
    kept = f"{source}:{ctx.member.id}:{reading.source.text_rev}"
    base: dict[str, Any] = session.draft("code.base") or {}
    now = coding.marks_view(ctx, source, since=base["rev"] if base.get("of") == kept else None)
    if base.get("of") != kept or len(now.marks) + len(now.removed) > REBASE:
        now = coding.marks_view(ctx, source)
        base = {"of": kept, "rev": now.rev, "marks": now.marks}
        session.keep_draft("code.base", base)
        changed: tuple[coding.MarkView, ...] = ()
    else:
        changed = now.marks
    meta = [
        ", ".join(view.people),
        day(view.date),
        tn("code.turns", view.turns),
        tn("code.words", view.words),
    ]
    with st.container(key="reader_room"):
        reader.reader(
            document=_document(reading, [m for m in meta if m]),
            marks=_marks(ctx, source, now, base, changed),
            key="reader",
            on_operations=session.apply_operations,
            focus=_focus(),
        )


def _focus() -> reader.Focus | None:
    turn, unit = session.asked("turn"), session.asked("unit")
    if unit:
        return reader.Focus(unit=unit)
    return reader.Focus(turn=int(turn)) if turn and turn.isdigit() else None


def _document(reading: sources.Reading, meta: list[str]) -> reader.Document:
    return reader.Document(
        source=reading.source.id,
        text_rev=reading.source.text_rev,
        title=reading.source.title,
        meta=meta,
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
    return reader.Mark(m.unit, m.start, m.end, m.member, m.initials, m.rev, placements)


def _marks(
    ctx: Context,
    source: str,
    now: coding.MarksView,
    base: dict[str, Any],
    changed: tuple[coding.MarkView, ...],
) -> reader.Marks:
    discs = {
        v.group.id: reader.Disc(v.group.monogram, DISCS[v.colour % len(DISCS)], v.group.name)
        for v in people.people_view(ctx).groups
    }
    footer = t("code.footer", units=number(now.units), unplaced=number(now.unplaced))
    return reader.Marks(
        rev=now.rev,
        base_rev=base["rev"],
        project=ctx.store.id,
        source=source,
        member=ctx.member.id,
        snapshot=[_mark(m) for m in base["marks"]],
        changed=[_mark(m) for m in changed],
        removed=now.removed,
        acks=session.answers(),
        code_groups=[
            reader.CodeGroup(
                id=c.group.id, tag=c.group.tag, name=c.group.name, colour=c.group.colour % 12,
                hatched=c.group.colour >= 12, count=c.units, definition=c.group.definition,
                groups=[discs[g] for g in c.heard if g in discs],
            )
            for c in now.groups
        ],
        members=[reader.Member(m.id, m.name, m.initials) for m in projects.list_members(ctx.store)],
        footer=footer,
    )  # fmt: skip
