"""The two sides of a difference as a person reads them: what stands here, what the co-analyst made of it, by whom, when."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.domain.merging import PLACE
from workbench.domain.roles import Action
from workbench.language import t
from workbench.store import queries, texts
from workbench.store.connection import Connection

from . import correcting
from .context import Context, requires
from .merge_differences import Difference, worked_there
from .merge_rows import rows_here

# Columns that say nothing to a person, or follow from others.
_SILENT = frozenset({
    "id", "rev", "retired", "mac", "text_rev", "start", "end", "position", "colour", "key", "at", "import_json",
    "iteration", "cleared_at", "is_lead", "merged_into", "member", "turn",
})  # fmt: skip
_HELD = re.compile(r"\{\{unit:[0-9A-Za-z-]+\}\}")
_NAMES = ("name", "heading", "title", "label", "pseudonym", "text")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a side says: what it is called (may be empty), its text, and whether somebody said it."""

    label: str
    text: str
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says; without parts there is nothing on it. `at` is ISO, empty where it is not known."""

    parts: tuple[Part, ...]
    who: str
    at: str


@dataclass(frozen=True, slots=True)
class Told:
    """A difference with its two sides; `words` are those of the mark it is about, empty where it is about none."""

    difference: Difference
    words: str
    here: Side
    there: Side


@requires(Action.READ_SOURCES)
def tell(ctx: Context, differences: Sequence[Difference]) -> list[Told]:
    """The differences given, each with its two sides."""
    with ctx.read() as conn:
        teller = _Teller(conn)
        return [teller.told(d) for d in differences]


class _Teller:
    def __init__(self, conn: Connection) -> None:
        self.conn, self.here = conn, rows_here(conn)
        self.worked = worked_there(conn)

    def told(self, d: Difference) -> Told:
        both = {**d.there, **(self.here.find(d.table, d.row) or {})}
        about = both if d.table == "unit" else self.here.find("unit", both.get("unit")) or {}
        words = self._words(about) if d.table != "unit" or not set(d.fields) & set(PLACE) else ""
        if d.kind == "text":
            turn = d.there.get("turn")
            here: tuple[Part, ...] = (Part("", self._turn(d.row, turn), verbatim=True),)
            there: tuple[Part, ...] = (Part("", t("copies.side.their_text")),)
        else:
            here, there = self._parts(d, d.here), self._parts(d, d.there)
            if d.kind == "taken_out_there":
                there = ()
            elif d.kind == "taken_out_here" or (not d.fields and not d.here):
                here = ()
        who, at = self._last(d)
        return Told(d, words, Side(here, who, at), Side(there, d.who, d.at))

    def _last(self, d: Difference) -> tuple[str, str]:
        """Who last touched what stands here, when."""
        made = queries.operations.operation(self.conn, d.rev) if d.rev else None
        if made is None:
            return "", ""
        if made["verb"] == "merge_copy" and (d.table, d.row) in self.worked:
            member, at = self.worked[d.table, d.row]
            return self.here.name_of(member), at
        return self.here.name_of(made["member"]), made["at"]

    def _parts(self, d: Difference, says: Mapping[str, Any]) -> tuple[Part, ...]:
        found = []
        if d.table == "unit" and {"start", "end"} <= says.keys():
            row = {**(self.here.find("unit", d.row) or {}), **d.there, **says}
            found.append(Part("", self._words(row) or t("copies.side.no_words"), verbatim=True))
        for column in d.fields or self._columns(says):
            if column in _SILENT or column not in says or (d.table == "unit" and column == "source"):
                continue
            if column == "unit" and not d.fields:
                continue  # its words are told above both sides
            text, verbatim = self._text(d.table, column, says[column])
            if text or (d.fields and column not in ("subgroup", "set_aside")):
                found.append(Part(_label(column), text or t("copies.side.nothing"), verbatim))
        return tuple(found)

    def _columns(self, says: Mapping[str, Any]) -> list[str]:
        first = [c for c in _NAMES if c in says]
        return first + [c for c in says if c not in first]

    def _text(self, table: str, column: str, value: Any) -> tuple[str, bool]:
        if value is None or value == "":
            return "", False
        shape = self.here.shapes.get(table)
        target = dict(shape.references).get(column) if shape else None
        if target == "item":
            target = self.here.kinds.get(str(value), "")
        if column == "voice":
            target = "stakeholder_group" if self.here.find("stakeholder_group", str(value)) else None
        if target == "unit":
            unit = self.here.find("unit", str(value))
            return (self._words(unit) if unit else t("copies.side.only_there")), unit is not None
        if target:
            return self._name(target, str(value)), False
        if column in ("quote_ok", "verified"):
            return t("copies.side.yes" if value else "copies.side.no"), False
        if table == "setting":
            return self._setting(str(value)), False
        return _HELD.sub("[…]", str(value)), False

    def _setting(self, value: str) -> str:
        """A setting that holds several things says each of them; whoever is named in it, by name."""
        try:
            held = json.loads(value)
        except ValueError:
            return value
        said = held.values() if isinstance(held, dict) else held if isinstance(held, list) else [value]
        return ", ".join(self.here.name_of(str(v)) or str(v) for v in said if v not in (None, ""))

    def _name(self, table: str, id: str) -> str:
        row = self.here.find(table, id)
        if row is None:
            return t("copies.side.only_there")
        name = next((str(row[c]) for c in _NAMES if row.get(c)), t("copies.about.other"))
        return f"{row['tag']} {name}" if table == "code_group" else name

    def _words(self, unit: Mapping[str, Any]) -> str:
        """The words of a mark in the text that stands now; empty where they are no longer in it."""
        source = self.here.live("source", unit.get("source"))
        if source is None:
            return ""
        rev, start, end = unit["text_rev"], unit["start"], unit["end"]
        if rev != source["text_rev"]:
            place = correcting.carry_over(self.conn, source["id"], rev, start, end)
            if place is None:
                return ""
            start, end = place
        return queries.span_text(self.conn, source["id"], source["text_rev"], start, end) or ""

    def _turn(self, source: str, seq: object) -> str:
        turns = texts.turns(self.conn, source)
        return next((str(turn["text"]) for turn in turns if turn["seq"] == seq), t("copies.side.no_words"))


def _label(column: str) -> str:
    known = t(f"copies.field.{column}")
    return "" if known == f"copies.field.{column}" else known
