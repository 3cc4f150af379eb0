"""Counts as pictures and as files: drawn for the page, or made to be taken along and then kept as a release."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterable, Sequence

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.exporters import charts
from workbench.exporters.charts import Drawing, Head, Lane, Square
from workbench.language import day, number, t, tn

from . import projects
from .context import Context, requires
from .counts import ALL, NARROW, NONE, Choices, Label, Only, Portrait, Table, told

Counted = Table | Portrait


# -- words around a picture ------------------------------------------------------------------------------------


def title_of(counted: Counted) -> str:
    """What is counted, in a line."""
    if isinstance(counted, Portrait):
        return t("explore.title.portrait", source=counted.title)
    if counted.by == "time":
        return t("explore.title.time")
    lens = t(f"explore.lens.{counted.lens}")
    if counted.together:
        return t(f"explore.title.together_{counted.by}", lens=lens)
    return t("explore.title.cross", lens=lens, by=t(f"explore.by.{counted.by}").lower())


def slug(counted: Counted) -> str:
    """A file's name for it, of ASCII letters and hyphens: no title and no name of a person is in it."""
    if isinstance(counted, Portrait):
        return "portrait"
    return f"together-{counted.by}" if counted.together else f"by-{counted.by}".replace("_", "-")


def note_of(counted: Counted) -> str:
    """How to read it, in a sentence or two."""
    if isinstance(counted, Portrait):
        return t("explore.note.portrait")
    if counted.by == "time":
        return t("explore.note.time")
    if counted.together:
        return t(f"explore.note.together_{counted.by}")
    if counted.by == "person":
        return t("explore.note.person")
    return t("explore.note.share" if counted.by in ("group", "subgroup", "sector") else "explore.note.units")


def alt_of(counted: Counted) -> str:
    """The picture in words, for those who do not see it."""
    if isinstance(counted, Portrait):
        return t("explore.alt.portrait", title=title_of(counted), turns=tn("explore.turns", len(counted.turns)),
                 units=tn("explore.units", len(counted.marks)))  # fmt: skip
    cells = [(len(c.people), len(c.units), row, column) for (row, column), c in counted.cells.items()
             if ALL not in (row, column) and NONE not in (row, column) and not (counted.together and row == column)]  # fmt: skip
    said = t("explore.alt.table", title=title_of(counted), rows=number(len(counted.rows)),
             columns=number(sum(c.id != ALL for c in counted.columns)))  # fmt: skip
    if cells and any(units for _, units, _, _ in cells):
        _, units, row, column = max(cells, key=lambda c: c[:2] if counted.by != "time" else c[1:2])
        names = {x.id: x.name for x in (*counted.rows, *counted.columns)}
        said += " " + t("explore.alt.most", row=names.get(row, ""), column=names.get(column, ""),
                        units=tn("explore.units", units))  # fmt: skip
    return said


def only_said(only: Only, found: Choices) -> str:
    """What is left in, where something is left out: "Only Interview 1; Anna."; else empty."""
    asked = (
        (only.sources, found.sources), (only.groups, found.groups), (only.people, found.people),
        (only.analysts, found.analysts), (only.waves, found.waves),
    )  # fmt: skip
    names = [", ".join(name for id, name in known if id in wanted) for wanted, known in asked if wanted]
    return t("explore.only", what="; ".join(n for n in names if n)) if any(names) else ""


def _notes(ctx: Context, counted: Counted, only: str) -> list[str]:
    project = projects.project_summary(ctx)
    made = t("explore.made", project=project.name, day=day(ctx.now()))
    if project.invented:
        made = f"{t('exporting.invented')}. {made}"
    return [note_of(counted), *([only] if only else []), made]


# -- pictures ----------------------------------------------------------------------------------------------


def _head(label: Label, *, coloured: bool) -> Head:
    return Head(label.name, label.tag, label.colour if coloured else None)


def _drawing(ctx: Context, counted: Counted, only: str, *, names: bool = True) -> Drawing:
    title, notes, alt = title_of(counted), _notes(ctx, counted, only), alt_of(counted)
    if isinstance(counted, Portrait):
        return _portrait(counted, title, notes, alt, names=names)
    if counted.by == "time":
        columns = [c for c in counted.columns if c.id != ALL]
        rows = [
            (_head(r, coloured=False), [len(counted.at(r.id, c.id).units) for c in columns])
            for r in counted.rows
        ]
        return charts.timeline(title, rows, [c.name for c in columns], notes=notes, alt=alt)
    shown = told(counted)
    cells = [
        [
            Square(x.figure, x.small, x.share, x.silent, not counted.at(r.id, c.id).units)
            for c in counted.columns
            for x in (shown[r.id, c.id],)
        ]
        for r in counted.rows
    ]
    narrow = len(counted.columns) > NARROW
    heads = [Head(c.name, c.tag if counted.together and narrow else "") for c in counted.columns]
    return charts.heat(title, [_head(r, coloured=True) for r in counted.rows], heads, cells, notes=notes, alt=alt,
                       apart=not counted.together)  # fmt: skip


def ticks(p: Portrait) -> list[tuple[int, str]]:
    """(where it begins in code points, its number) of a dozen turns at most."""
    step = next((n for n in (1, 5, 10, 20, 50, 100, 200, 500) if len(p.turns) / n <= 12), 1000)
    return [
        (x.start, t("explore.turn", n=x.seq) if n == 0 else str(x.seq))
        for n, x in enumerate(p.turns)
        if n == 0 or (x.seq % step == 0 and x.start < 0.97 * p.length)
    ]


def _portrait(p: Portrait, title: str, notes: Sequence[str], alt: str, *, names: bool) -> Drawing:
    voices: dict[str, list[tuple[int, int]]] = {}
    for x in p.turns if names else ():
        voices.setdefault(x.speaker or t("explore.no_speaker"), []).append((x.start, x.end))
    lanes = [Lane(Head(name), tuple(spans)) for name, spans in voices.items()]
    lanes += [
        Lane(_head(r, coloured=True), tuple((m.start, m.end) for m in p.marks if r.id in m.rows))
        for r in p.rows
    ]
    return charts.portrait(title, lanes, length=p.length, ticks=ticks(p), notes=notes, alt=alt)


def _draw(drawing: Drawing, format: str) -> bytes:
    try:
        return charts.draw_apart(drawing, format)
    except (subprocess.SubprocessError, OSError):
        raise Refused("exporting.flow.failed") from None


@requires(Action.READ_SOURCES)
def picture(ctx: Context, counted: Counted, *, only: str = "", names: bool = True) -> str:
    """The picture as an SVG for the page, on no ground of its own; `only` is said under it. Without `names` a
    portrait does not say who speaks."""
    return _draw(_drawing(ctx, counted, only, names=names), "page").decode()


@requires(Action.EXPORT_ANALYSIS)
def picture_file(ctx: Context, counted: Counted, format: str, *, only: str = "") -> bytes:
    """The picture as "svg" or "png", on white; kept as a release of the units in it."""
    if format not in ("svg", "png"):
        raise Refused("export.unknown_kind", suffix=format)
    return ctx.keep_release("counts_picture", _draw(_drawing(ctx, counted, only), format), _units(counted))


# -- tables ------------------------------------------------------------------------------------------------


@requires(Action.EXPORT_ANALYSIS)
def table_file(ctx: Context, counted: Counted, format: str, *, only: str = "") -> bytes:
    """The numbers as "xlsx" (people, units, and which units stand behind each cell) or "csv" (a row per cell);
    kept as a release."""
    if format not in ("xlsx", "csv"):
        raise Refused("export.unknown_kind", suffix=format)
    data = _csv(counted) if format == "csv" else _xlsx(ctx, counted, only)
    return ctx.keep_release("counts", data, _units(counted))


def _long(counted: Counted) -> tuple[list[str], list[list[str | int | None]]]:
    """(headings, rows): one row for each cell with something in it, or for each mark of a portrait."""
    if isinstance(counted, Portrait):
        names = {r.id: r.name for r in counted.rows}
        heads = ["turn", "speaker", "start", "end", "length", "row", "unit"]
        return heads, [
            [m.turn, m.speaker, m.start, m.end, m.end - m.start, "; ".join(names[r] for r in m.rows), m.unit]
            for m in counted.marks
        ]
    rows: list[list[str | int | None]] = []
    for r in (*counted.rows, Label(ALL, t("explore.all_rows"))):
        for c in counted.columns:
            cell = counted.at(r.id, c.id)
            if cell.units or r.id != ALL:
                rows.append(
                    [r.name, c.name, len(cell.people), c.of or None, len(cell.units), " ".join(cell.units)]
                )
    return ["row", "column", "people", "of", "units", "unit_ids"], rows


def _csv(counted: Counted) -> bytes:
    from workbench.exporters.spreadsheet import may_be_formula

    out = io.StringIO()
    write = csv.writer(out)
    heads, rows = _long(counted)
    write.writerow([t(f"explore.col.{h}") for h in heads])
    for row in rows:
        # An apostrophe keeps a spreadsheet from taking somebody's words for a formula.
        write.writerow([f"'{v}" if isinstance(v, str) and may_be_formula(v) else v for v in row])
    # The mark at the beginning tells Excel that this is UTF-8; a lone surrogate has no place in it.
    return out.getvalue().encode("utf-8-sig", "replace")


def _xlsx(ctx: Context, counted: Counted, only: str) -> bytes:
    from workbench.exporters import spreadsheet
    from workbench.exporters.spreadsheet import Column, Sheet

    heads, rows = _long(counted)
    widths = {"row": 34, "column": 28, "unit_ids": 60, "unit": 38, "speaker": 18}
    cells = Sheet(t("explore.sheet.cells"), tuple(Column(t(f"explore.col.{h}"), widths.get(h, 9)) for h in heads),
                  tuple(tuple(r) for r in rows))  # fmt: skip
    sheets = [cells]
    if isinstance(counted, Table):
        columns = (Column(t("explore.col.row"), 34), *(Column(c.name, 12) for c in counted.columns))
        every = (*counted.rows, *((Label(ALL, t("explore.all_rows")),) if not counted.together else ()))

        def grid(title: str, *, people: bool) -> Sheet:
            return Sheet(title, columns, tuple(
                (r.name, *(len(x.people if people else x.units) for c in counted.columns for x in (counted.at(r.id, c.id),)))
                for r in every
            ))  # fmt: skip

        units = grid(t("explore.sheet.units"), people=False)
        sheets = (
            [units, cells]
            if counted.by == "time"
            else [grid(t("explore.sheet.people"), people=True), units, cells]
        )
    p = projects.project_summary(ctx)
    about = [
        (t("exporting.xlsx.project"), p.name),
        (t("explore.sheet.counted"), title_of(counted)),
        (t("explore.sheet.read"), " ".join(x for x in (note_of(counted), only) if x)),
        (t("exporting.xlsx.made"), t("exporting.docx.made", day=day(ctx.now()), by=ctx.member.name)),
    ]
    if p.invented:
        about.insert(1, (t("exporting.invented"), t("exporting.docx.invented_long")))
    return spreadsheet.workbook(sheets, title=title_of(counted), about=about)


def _units(counted: Counted) -> Iterable[str]:
    if isinstance(counted, Portrait):
        return [m.unit for m in counted.marks]
    return {u for c in counted.cells.values() for u in c.units}
