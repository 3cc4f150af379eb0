"""Tables of a trace from elsewhere -> rows with the number of the line each came from; nothing is judged here.

Three kinds, known by their headings: items (kind, key, text), links (from, to) and a table of requirements (statement,
with what each is based on). CSV with comma, semicolon or tab in any encoding that texts are read in, or a workbook."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from workbench.domain.errors import ImportRejected

from .encodings import decode
from .gate import Archive, Limits, check_size, display_name, ending, xml_text

MOST_ROWS = 50_000
LONGEST = 20_000  # characters in one cell

# What a column may be called, folded to small letters without spaces, dots and underscores.
_NAMES = {
    "kind": "kind type art slags",
    "key": "key id uid nøgle nr no",
    "text": "text statement requirement name heading title tekst krav udsagn navn overskrift",
    "moscow": "moscow priority prioritet prioritering",
    "status": "status",
    "basis": "basis grundlag",
    "basis_note": "basisnote note",
    "rationale": "rationale why begrundelse",
    "acceptance": "acceptance acceptancecriterion acceptkriterium",
    "feasibility": "feasibility gennemførlighed",
    "owner": "owner ejer",
    "description": "description beskrivelse",
    "citation": "citation reference kilde",
    "finding": "finding fund",
    "based_on": "basedon for byggerpå grundlagfor",
    "against": "against imod",
    "realised_by": "realisedby components component komponent komponenter",
    "from": "from source src fra",
    "to": "to target dst til",
    "role": "role rolle",
    "group": "group stakeholdergroup gruppe",
}
_COLUMNS = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
_MOSCOW = {
    "must": "must should could wont",
    "da": "skal bør kan ikkenu",
    "later": "must should could notnow",
    "short": "m s c w",
    "long": "musthave shouldhave couldhave wonthave",
    "apostrophe": "must should could won't",
}
_PRIORITIES = {
    word: moscow
    for words in _MOSCOW.values()
    for word, moscow in zip(words.split(), ("must", "should", "could", "wont"), strict=True)
}
_STATUS_WORDS = {
    "kladde": "draft", "foreslået": "proposed", "godkendt": "accepted", "parkeret": "parked", "afvist": "rejected",
}  # fmt: skip
_BASIS_WORDS = {
    "tema": "theme", "category": "theme", "meaning units": "unit", "meaning unit": "unit", "idé": "idea", "lov": "law",
    "literature": "evidence", "evidens": "evidence", "praksis": "practice", "beslutning": "decision",
}  # fmt: skip
_KIND_WORDS = {
    "krav": "requirement", "req": "requirement", "komponent": "component", "element": "component", "theme": "category",
    "tema": "category", "idé": "idea", "ide": "idea", "evidens": "evidence", "literature": "evidence",
    "beslutning": "decision",
}  # fmt: skip
_FORMULA = re.compile(r"'(?=[=+\-@＝＋－＠\t\r|%])")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells by what the column means, and the line's number in the file (1 = the headings)."""

    line: int
    cells: dict[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as it was read. `is_for`: items | links | requirements."""

    name: str
    is_for: str
    rows: tuple[Row, ...]
    unread: tuple[str, ...] = field(default=())  # headings that mean nothing here


def parse(name: str, data: bytes, *, limits: Limits | None = None) -> Parsed:
    """Read one file. Raises ImportRejected for what is no such table."""
    name = display_name(name)
    check_size(data, name, limits or Limits())
    if data[:2] == b"PK":
        table = _workbook(name, data, limits or Limits())
    else:
        text, _, _ = decode(data, name)
        table = _csv(name, text)
    lines = iter(table)
    headings = next(lines, (0, ()))[1]
    columns = _columns(headings, is_of_links="from" in {_COLUMNS.get(_folded(h)) for h in headings})
    known = set(columns.values())
    if {"from", "to"} <= known:
        is_for = "links"
    elif "kind" in known and "text" in known:
        is_for = "items"
    elif "text" in known:
        is_for = "requirements"
    else:
        raise ImportRejected("trace_import.no_columns", name=name)
    rows = []
    for line, cells in lines:
        found = {columns[n]: c for n, c in enumerate(cells) if n in columns and c}
        if found:
            rows.append(Row(line, _said(found)))
        if len(rows) > MOST_ROWS:
            raise ImportRejected("trace_import.too_many", name=name, most=f"{MOST_ROWS:,}")
    unread = tuple(h for n, h in enumerate(headings) if h and n not in columns)
    return Parsed(name, is_for, tuple(rows), unread)


def handles(text: str) -> list[str]:
    """The things a cell names: one a line, or with semicolons or bars between."""
    return [part.strip() for part in re.split(r"[\n;|]", text) if part.strip()]


def _folded(heading: str) -> str:
    return re.sub(r"[\s._\-]", "", heading).casefold()


def _columns(headings: Sequence[str], *, is_of_links: bool) -> dict[int, str]:
    """Column number -> what it means; of two that mean the same the first counts."""
    found: dict[int, str] = {}
    for n, heading in enumerate(headings):
        meant = _COLUMNS.get(_folded(heading))
        if is_of_links and meant == "basis_note":
            meant = "note"
        if meant and meant not in found.values():
            found[n] = meant
    return found


def _said(cells: dict[str, str]) -> dict[str, str]:
    """Words that have a meaning of their own, as the model knows them; unknown ones stay as they are."""
    if "kind" in cells:
        word = cells["kind"].casefold()
        cells["kind"] = _KIND_WORDS.get(word, word)
    if "moscow" in cells:
        cells["moscow"] = _PRIORITIES.get(_folded(cells["moscow"]).replace("’", "'"), cells["moscow"])
    if "basis" in cells:
        word = cells["basis"].casefold()
        cells["basis"] = _BASIS_WORDS.get(word, word)
    if "status" in cells:
        word = cells["status"].casefold()
        cells["status"] = _STATUS_WORDS.get(word, word)
    return cells


def _csv(name: str, text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    text = text.removeprefix("\ufeff")
    head = text.lstrip().partition("\n")[0]
    if head.casefold().startswith("sep=") and len(head) > 4:  # what Excel is told where to split
        text = text.lstrip().partition("\n")[2]
        delimiter = head[4]
    else:
        delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, _clean(name, line, cells)
            line = reader.line_num + 1
    except csv.Error:
        raise ImportRejected("trace_import.broken", name=name, row=line) from None


def _clean(name: str, line: int, cells: Iterable[str]) -> tuple[str, ...]:
    found = tuple(_FORMULA.sub("", c.strip(), count=1) if c[:1] == "'" else c.strip() for c in cells)
    if any(len(c) > LONGEST for c in found):
        raise ImportRejected("trace_import.long_cell", name=name, row=line, most=f"{LONGEST:,}")
    return found


def _workbook(name: str, data: bytes, limits: Limits) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The first sheet whose first row has headings that mean something."""
    if ending(name) not in ("xlsx", "xlsm"):
        raise ImportRejected("trace_import.not_a_table", name=name)
    archive = Archive(data, name, limits)
    for member in archive.names:
        if member.endswith((".xml", ".rels")):
            xml_text(archive.read(member), name)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            first = next(rows, None)
            if first and any(_folded(str(c or "")) in _COLUMNS for c in first):
                yield 1, _clean(name, 1, [str(c) if c is not None else "" for c in first])
                for line, cells in enumerate(rows, start=2):
                    yield line, _clean(name, line, [str(c) if c is not None else "" for c in cells])
                return
    except ImportRejected:
        raise
    except Exception as error:  # whatever a broken workbook does to its reader
        raise ImportRejected("trace_import.broken_workbook", name=name) from error
    raise ImportRejected("trace_import.no_columns", name=name)
