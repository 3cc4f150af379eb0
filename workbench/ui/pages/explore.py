"""Explore: who spoke of what, what stands together, the portrait of a source, the days of the work.

Each count is a door to its units; each table is a picture too, and a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from workbench.language import number, t, tn
from workbench.services import count_files, counts
from workbench.services.context import Context
from workbench.services.counts import ALL, NONE, Choices, Label, Only, Portrait, Table
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import Group, HeatHead, Lane, Unit, view
from workbench.ui.files import file_name

PARTS = ("groups", "sources", "people", "together", "portrait", "time")
BY = {
    "groups": ("group", "subgroup", "sector"),
    "sources": ("source", "source_kind", "wave", "language", "iteration"),
    "people": ("person", "kind", "analyst"),
    "together": counts.TOGETHER,
}
SHOWN = 40  # units in the drawer; the rest stand in Units
# What the address of Units calls a dimension.
_IN_UNITS = {"source": "of", "group": "group", "person": "participant", "wave": "wave", "analyst": "analyst"}
_FILES = (("png", "image/png"), ("svg", "image/svg+xml"),
          ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("csv", "text/csv"))  # fmt: skip


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.explore"))
    st.title(t("nav.explore"), anchor=False)
    found = counts.choices(ctx)
    if not found.sources:
        st.text(t("explore.no_sources"))
        st.page_link(
            shell.screen_page("sources"), label=t("explore.to_sources"), icon=":material/arrow_forward:"
        )
        return
    if not found.units:
        st.text(t("explore.no_units"))
        st.page_link(shell.screen_page("code"), label=t("explore.to_code"), icon=":material/arrow_forward:")
        return
    part = _part()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="explore_bar"):
        lens = (
            _one("lens", found.lenses, lambda x: t(f"explore.lens.{x}")) if part != "time" else "code_group"
        )
        by = _by(part, found)
        source = _source(found) if part == "portrait" else ""
        only = _only(found, part)
        st.space("stretch")
        shapes = ("marks", "table", "picture") if part == "portrait" else ("table", "picture")
        shape = _segments(
            f"shape_{len(shapes)}", shapes, lambda x: t(f"explore.shape.{x}"), t("explore.choose.shape")
        )
    counted = attempt(_count, ctx, part, lens, by, source, only)
    if counted is None:
        return
    left_in = count_files.only_said(only, found)
    if left_in:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(left_in, width="content")
            st.button(
                t("explore.everything"), key="explore_everything", type="tertiary", on_click=_everything
            )
    if _nothing(counted):
        st.text(t("explore.nothing_left"))
        return
    if shape == "picture":
        _picture(ctx, counted, left_in)
    elif isinstance(counted, Table):
        _draw_table(counted)
    elif shape == "table":
        _marks(counted)
    else:
        _draw_portrait(counted)
    _files(ctx, counted, left_in)
    if session.asked("cell"):
        _drawer(ctx, counted, str(session.asked("cell")))


def _count(ctx: Context, part: str, lens: str, by: str, source: str, only: Only) -> Table | Portrait:
    if part == "portrait":
        return counts.portrait(ctx, source, lens=lens, only=only)
    if part == "time":
        return counts.over_time(ctx, only=only)
    if part == "together":
        return counts.together(ctx, by, lens=lens, only=only)
    return counts.cross(ctx, by, lens=lens, only=only)


def _nothing(counted: Table | Portrait) -> bool:
    if isinstance(counted, Portrait):
        return not counted.turns
    return not counted.rows or (not counted.together and not counted.cells)


# -- what is asked ---------------------------------------------------------------------------------------------


def _remembered(name: str, options: Sequence[str]) -> str:
    """The widget's value: as chosen last in this project, also after another screen."""
    key = f"explore_{name}"
    value = session.widget(key) or session.draft(key)
    if value not in options:
        value = options[0]
    session.set_widget(key, value)
    return key


def _keeper(key: str) -> Callable[[], None]:
    def keep() -> None:
        session.keep_draft(key, session.widget(key))
        session.ask(cell=None)

    return keep


def _segments(name: str, options: Sequence[str], words: Callable[[str], str], label: str) -> str:
    key = _remembered(name, options)
    st.segmented_control(label, options, format_func=words, key=key, required=True,
                         label_visibility="collapsed", on_change=_keeper(key))  # fmt: skip
    return str(session.widget(key))


def _one(name: str, options: Sequence[str], words: Callable[[str], str], *, label: str = "") -> str:
    """One of several in a list; nothing is drawn where there is nothing to choose."""
    if len(options) < 2:
        return options[0]
    key = _remembered(name, options)
    st.selectbox(label or t(f"explore.choose.{name}"), options, format_func=words, key=key, on_change=_keeper(key),
                 label_visibility="collapsed", width=260)  # fmt: skip
    return str(session.widget(key))


def _part() -> str:
    """The part in the address, so that a link leads to it."""
    asked = session.asked("part")
    if asked in PARTS:
        session.set_widget("explore_part", asked)
    key = _remembered("part", PARTS)

    def keep() -> None:
        session.keep_draft(key, session.widget(key))
        session.ask(part=session.widget(key), cell=None)

    st.segmented_control(t("explore.choose.part"), PARTS, format_func=lambda x: t(f"explore.part.{x}"), key=key,
                         required=True, label_visibility="collapsed", on_change=keep)  # fmt: skip
    return str(session.widget(key))


def _by(part: str, found: Choices) -> str:
    if part not in BY:
        return ""
    if part == "together":
        return _segments("together", BY[part], lambda x: t(f"explore.together.{x}"),
                         t("explore.choose.together"))  # fmt: skip
    hidden = ("person",) if session.projector() else ()  # no name in the room
    options = [d for d in BY[part] if d in found.dimensions and d not in hidden]
    return _one(f"by_{part}", options, lambda x: t(f"explore.by.{x}"), label=t("explore.choose.by"))


def _source(found: Choices) -> str:
    names = dict(found.sources)
    return _one("source", list(names), lambda x: names[x])


def _filters(found: Choices, part: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    every = [("sources", found.sources), ("groups", found.groups), ("people", found.people),
             ("analysts", found.analysts), ("waves", found.waves)]  # fmt: skip
    left_out = {"portrait": ("sources", "waves")}.get(part, ())
    hidden = ("people",) if session.projector() else ()
    return [(name, known) for name, known in every if len(known) > 1 and name not in (*left_out, *hidden)]


def _only(found: Choices, part: str) -> Only:
    """The filters, each a list of several; those with nothing to choose are not there."""
    filters = _filters(found, part)
    chosen: dict[str, list[str]] = {}
    for name, known in filters:
        key = f"explore_only_{name}"
        ids = {id for id, _ in known}
        kept = session.widget(key)
        kept = session.draft(key) or [] if kept is None else kept
        chosen[name] = [id for id in kept if id in ids]
    if not filters:
        return Only()
    n = sum(map(len, chosen.values()))
    label = t("explore.filter_n", n=n) if n else t("explore.filter")
    with st.popover(label, icon=":material/filter_alt:", key="explore_filter"):
        for name, known in filters:
            key, names = f"explore_only_{name}", dict(known)
            session.set_widget(key, chosen[name])
            st.multiselect(t(f"explore.only.{name}"), list(names), format_func=lambda x, names=names: names[x], key=key,
                           placeholder=t("explore.every"), on_change=_keeper(key))  # fmt: skip
    return Only(**{name: frozenset(ids) for name, ids in chosen.items()})


def _everything() -> None:
    for name in ("sources", "groups", "people", "analysts", "waves"):
        key = f"explore_only_{name}"
        session.keep_draft(key, None)
        session.set_widget(key, [])


# -- as a table -------------------------------------------------------------------------------------------------


def _door(cell: str) -> None:
    session.ask(cell=cell)


def _heads(labels: Sequence[Label], *, discs: bool) -> list[HeatHead]:
    heads: list[HeatHead] = []
    for x in labels:
        head: HeatHead = {"name": x.name, "tag": x.tag, "colour": None if discs else x.colour, "note": x.note}
        if discs and x.tag and x.colour is not None:
            group: Group = {"mono": x.tag, "name": x.name, "tone": x.colour}
            head["group"] = group
        heads.append(head)
    return heads


def _draw_table(table: Table) -> None:
    shown = counts.told(table)
    rows = list(table.rows)
    heads = _heads(rows, discs=False)
    sums = not table.together and len(rows) > 1
    if sums:
        rows.append(Label(ALL, t("explore.all_rows")))
        heads.append({"name": t("explore.all_rows"), "sum": True})
    columns = list(table.columns)
    # One column beside its own sum would say everything twice.
    if len(columns) == 2 and columns[-1].id == ALL:
        columns = columns[:1]
    cells = [[_cell(r.id, c.id, shown[r.id, c.id]) for c in columns] for r in rows]
    view(
        "heat",
        {
            "label": count_files.title_of(table), "corner": "",
            "columns": _heads(columns, discs=not table.together), "rows": heads, "cells": cells,
            "narrow": len(columns) > counts.NARROW, "sums": not table.together and columns[-1].id == ALL,
            "nothing": t("explore.nothing"), "note": count_files.note_of(table),
        },
        key="explore_heat",
        on_select=_door,
    )  # fmt: skip


def _cell(row: str, column: str, x: counts.Told) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "figure": x.figure,
        "small": x.small,
        "share": x.share,
        "silent": x.silent,
        "said": x.said,
    }
    if x.said and not x.silent:
        cell["id"] = f"{row}.{column}"
    return cell


def _draw_portrait(p: Portrait) -> None:
    lanes: list[Lane] = []
    if not session.projector():
        voices: dict[str, list[tuple[int, int, str, str]]] = {}
        for x in p.turns:
            voices.setdefault(x.speaker or t("explore.no_speaker"), []).append((x.start, x.end, "", ""))
        lanes += [{"name": name, "voice": True, "spans": spans} for name, spans in voices.items()]
    for head, row in zip(_heads(p.rows, discs=False), p.rows, strict=True):
        spans = [
            (m.start, m.end, t("explore.mark", turn=m.turn, speaker="" if session.projector() else m.speaker,
                               letters=tn("explore.letters", m.end - m.start)), f"u.{m.unit}")
            for m in p.marks if row.id in m.rows
        ]  # fmt: skip
        lanes.append({**head, "spans": spans})
    if not p.marks:
        st.text(t("explore.none_here"))
    view(
        "portrait",
        {"label": count_files.title_of(p), "length": p.length, "ticks": count_files.ticks(p), "lanes": lanes,
         "note": count_files.note_of(p)},
        key="explore_portrait", on_select=_door,
    )  # fmt: skip


def _marks(p: Portrait) -> None:
    names = {r.id: r.name for r in p.rows}
    keys = ("turn", "row", "length") if session.projector() else ("turn", "speaker", "row", "length")
    columns = [
        {"key": k, "label": t(f"explore.col.{k}"), "kind": "number" if k == "length" else "text"}
        for k in keys
    ]
    rows = [
        {"cells": {"turn": {"text": str(m.turn), "id": f"u.{m.unit}"}, "speaker": m.speaker,
                   "row": ", ".join(names[r] for r in m.rows), "length": number(m.end - m.start)}}
        for m in p.marks
    ]  # fmt: skip
    view(
        "table",
        {"columns": columns, "rows": rows, "empty": t("explore.none_here")},
        key="explore_marks",
        on_select=_door,
    )


# -- as a picture, and as files ------------------------------------------------------------------------------------


def _picture(ctx: Context, counted: Table | Portrait, only: str) -> None:
    with st.spinner(t("explore.drawing"), show_time=False):
        svg = attempt(count_files.picture, ctx, counted, only=only, names=not session.projector())
    if svg:
        title = count_files.title_of(counted)
        view(
            "picture", {"svg": svg, "alt": count_files.alt_of(counted), "label": title}, key="explore_picture"
        )


def _files(ctx: Context, counted: Table | Portrait, only: str) -> None:
    def make(format: str) -> Callable[[], bytes]:
        if format in ("png", "svg"):
            return lambda: count_files.picture_file(ctx, counted, format, only=only)
        return lambda: count_files.table_file(ctx, counted, format, only=only)

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="explore_files"):
        st.caption(t("explore.take"), width="content")
        for format, mime in _FILES:
            # Made when it is pressed, and only then kept as something that has left.
            st.download_button(
                t(f"explore.file.{format}"), make(format), file_name(ctx, f"-{count_files.slug(counted)}.{format}"),
                mime, key=f"explore_{format}", type="tertiary", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


# -- behind a count ----------------------------------------------------------------------------------------------


def _behind(counted: Table | Portrait, cell: str) -> tuple[str, list[str], int] | None:
    """(what the cell is, its units, its people); None where there is no such cell any more."""
    row, _, column = cell.partition(".")
    if isinstance(counted, Portrait):
        mark = next((m for m in counted.marks if row == "u" and m.unit == column), None)
        if mark is None:
            return None
        names = {r.id: r.name for r in counted.rows}
        return ", ".join(names[r] for r in mark.rows), [mark.unit], 0
    found = counted.at(row, column)
    if not found.units:
        return None
    names = {x.id: x.name for x in (*counted.rows, *counted.columns) if x.id != ALL}
    said = " · ".join(dict.fromkeys(names[x] for x in (row, column) if x in names)) or t("explore.all_rows")
    return said, list(found.units), len(found.people)


def _drawer(ctx: Context, counted: Table | Portrait, cell: str) -> None:
    behind = _behind(counted, cell)
    if behind is None:
        session.ask(cell=None)
        return
    said, ids, people = behind

    @st.dialog(
        t("explore.behind"), width="medium", position="right", on_dismiss=lambda: session.ask(cell=None)
    )
    def drawer() -> None:
        # The name is set as it is; a bold label would read it as Markdown.
        st.text(said)
        line = tn("explore.units", len(ids))
        if people:
            line = t("explore.said", people=tn("explore.people", people), units=line)
        # The first line of the drawer, so that the way on is not below forty units.
        onward = {"text": line, "link": t("explore.in_units"), "href": _in_units(counted, cell)}
        view("rows", {"rows": [onward]}, key="explore_onward")
        units = attempt(counts.units_behind, ctx, ids[:SHOWN]) or []
        view("quote", {"quotes": [_quote(u) for u in units], "empty": t("explore.gone")}, key="explore_units")
        if len(ids) > SHOWN:
            st.caption(tn("explore.more", len(ids) - SHOWN))

    drawer()


def _quote(x: counts.CountedUnit) -> Unit:
    found: Unit = {"text": x.unit.text, "lang": x.unit.language}
    if len(x.placed) > 1:
        found["note"] = ", ".join(x.placed)
    if x.disc is not None:
        found["group"] = {"mono": x.disc.tag, "name": x.disc.name, "tone": x.disc.colour or 0}
    if x.colour is not None:
        found["colour"] = x.colour % 12 + 1
    if session.projector():
        return found
    found["by"] = ", ".join(x.unit.speakers)
    found["where"] = t("model.where", source=x.unit.source_title, turn=x.unit.turn)
    found["href"] = session.link("code", source=x.unit.source, unit=x.unit.id)
    found["link"] = t("model.in_context")
    return found


def _in_units(counted: Table | Portrait, cell: str) -> str:
    """The matrix of units, narrowed as far as it can be to what the cell counts."""
    row, _, column = cell.partition(".")
    asked: dict[str, str | None] = {}
    if isinstance(counted, Portrait):
        asked["of"] = counted.source
    else:
        if counted.lens and row not in (ALL, NONE):
            asked[counted.lens] = row
        key = _IN_UNITS.get(counted.by)
        if key and not counted.together and column not in (ALL, NONE):
            asked[key] = column
    return session.link("units", **asked)
