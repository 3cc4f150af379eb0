"""Workbooks for Excel and its kin: the one place for spreadsheet safety.

Every cell is a string or a number, whatever the text looks like: nothing that was typed becomes a formula,
an error value or a date. Text that is longer than a cell goes on in a column beside it; characters that a
workbook cannot hold are replaced by a visible one. Both are said on the last sheet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from workbench.language import t, tn

from .characters import may_be_formula as may_be_formula
from .characters import printable

Cell = str | int | float | None

LONGEST = 32_767  # UTF-16 code units in one cell, Excel's limit
# Excel reads _x0041_ inside a string as the letter A; the underscore itself has to be written so.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_INK, _RULE, _HEAD = "10181B", "DADFDE", "EEF1F0"
_TOP = Alignment(vertical="top", wrap_text=True)
_SANS, _SERIF = Font(name="Calibri", size=10, color=_INK), Font(name="Georgia", size=10, color=_INK)
_BOLD = Font(name="Calibri", size=10, bold=True, color=_INK)
_FILL = PatternFill("solid", fgColor=_HEAD)
_LINE = Border(bottom=Side(style="thin", color=_RULE))


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in characters; `is_voice` for participants' own words, which are set in serif."""

    title: str
    width: float = 14
    is_voice: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    title: str  # at most 31 characters, none of []:*?/\
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def pieces(text: str) -> list[str]:
    """The text in pieces that each fit a cell; joined again they are the text. Always at least one."""
    if len(text) * 7 <= LONGEST:
        return [text]
    escaped = {m.start() for m in _ESCAPE.finditer(text)}  # written as seven characters
    found, start, used = [], 0, 0
    for at, character in enumerate(text):
        units = 7 if at in escaped else 2 if character > "\uffff" else 1
        if used + units > LONGEST:
            found.append(text[start:at])
            start, used = at, 0
        used += units
    return [*found, text[start:]]


def workbook(sheets: Sequence[Sheet], *, title: str, about: Sequence[tuple[str, str]]) -> bytes:
    """The sheets as an .xlsx file, with a last sheet of facts `about` it: (what, fact)."""
    book = Workbook()
    book.remove(book["Sheet"])
    book.properties.title = printable(title)[0]
    book.properties.creator = t("exporting.made_with")
    replaced = 0
    parted: list[str] = []
    for sheet in sheets:
        more, long_columns = _fill(book.create_sheet(sheet.title), sheet)
        replaced += more
        parted += [f"{sheet.title}: {name}" for name in long_columns]
    facts = list(about)
    if parted:
        facts.append(
            (t("exporting.xlsx.long"), t("exporting.xlsx.long_text", columns="; ".join(parted), n=LONGEST))
        )
    if replaced:
        facts.append((t("exporting.xlsx.replaced"), tn("exporting.replaced", replaced)))
    columns = (Column(t("exporting.xlsx.what"), 28), Column(t("exporting.xlsx.fact"), 100))
    _fill(book.create_sheet(t("exporting.xlsx.about")), Sheet("", columns, tuple(facts)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> tuple[int, list[str]]:
    """Write a sheet; returns (characters replaced, titles of columns that needed parts)."""
    replaced = 0
    rows: list[list[list[Cell]]] = []  # row -> column -> the parts of its value
    for row in sheet.rows:
        cells: list[list[Cell]] = []
        for value in row:
            if isinstance(value, str):
                text, n = printable(value)
                replaced += n
                cells.append(list(pieces(text)))
            else:
                cells.append([value])
        rows.append(cells)
    parts = [max([1, *(len(cells[n]) for cells in rows)]) for n in range(len(sheet.columns))]
    at = 0
    for n, column in enumerate(sheet.columns):
        for part in range(parts[n]):
            at += 1
            title = pieces(printable(column.title)[0])[0]  # people's words where a theme is a column
            heading = title if part == 0 else t("exporting.xlsx.part", title=title, n=part + 1)
            head = page.cell(1, at)
            _put(head, heading)
            head.font, head.fill, head.border, head.alignment = _BOLD, _FILL, _LINE, _TOP
            page.column_dimensions[get_column_letter(at)].width = column.width
            for y, cells in enumerate(rows, start=2):
                if part < len(cells[n]) and cells[n][part] not in (None, ""):
                    cell = page.cell(y, at)
                    _put(cell, cells[n][part])
                    cell.font, cell.alignment = _SERIF if column.is_voice else _SANS, _TOP
    page.freeze_panes = "B2"
    if rows:
        page.auto_filter.ref = f"A1:{get_column_letter(at)}{len(rows) + 1}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    return replaced, [c.title for c, n in zip(sheet.columns, parts, strict=True) if n > 1]


def _put(cell: OpenpyxlCell | MergedCell, value: Cell) -> None:
    """A number as a number, any text as text, whatever it looks like."""
    if isinstance(value, str):
        cell.value = _ESCAPE.sub("_x005F_", value)
        cell.data_type = "s"
        # Keeps it text when somebody edits the cell in Excel and presses Enter.
        cell.quotePrefix = may_be_formula(value)
    else:
        cell.value = value
