"""The rows of one side of a merge, looked up: as they are and, while it is planned, as they will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.domain.merging import Key, Row, Thing, Values, values_of
from workbench.domain.stc import embedded_units
from workbench.store import copies
from workbench.store.connection import Connection
from workbench.store.copies import Foreign, Shape


class Rows:
    """A side's rows, each table read when it is first asked for, also what has been taken out."""

    def __init__(
        self, load: Callable[[str], dict[str, Row]], shapes: Mapping[str, Shape], kinds: dict[str, str]
    ) -> None:
        self._load, self.shapes, self.kinds = load, shapes, kinds
        self._rows: dict[str, dict[str, Row]] = {}
        self._once: dict[str, list[tuple[Thing, dict[Values, str]]]] = {}
        self._placements: dict[str, set[str]] = {}  # unit -> its placements, also those taken out

    def rows(self, table: str) -> dict[str, Row]:
        if table not in self._rows:
            self._rows[table] = self._load(table)
        return self._rows[table]

    def find(self, table: str, id: str | None) -> Row | None:
        return self.rows(table).get(id) if id is not None else None

    def live(self, table: str, id: str | None) -> Row | None:
        row = self.find(table, id)
        return row if row is not None and row["retired"] is None else None

    def all_live(self, table: str) -> list[Row]:
        return [row for row in self.rows(table).values() if row["retired"] is None]

    def name_of(self, member: str) -> str:
        row = self.find("member", member)
        return str(row["name"]) if row else ""

    def content(self, table: str, row: Mapping[str, Any]) -> Row:
        """A row without what the store keeps beside it."""
        return {c: row[c] for c in self.shapes[table].columns}

    def references(self, table: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Key]]:
        """(column, what it points at) of a row, or of some of its columns; of a table "" where that is unknown."""
        for column, target in self.shapes[table].references:
            if (id := row.get(column)) is not None:
                yield column, (self.kinds.get(id, "") if target == "item" else target, id)

    def put(self, table: str, row: Row) -> None:
        """Let a row be as it will be."""
        index = self._index(table)
        if table == "placement" and self._placements:
            self._placements.setdefault(row["unit"], set()).add(row["id"])
        was = self.live(table, row["id"])
        self.rows(table)[row["id"]] = row
        if self.shapes[table].is_item:
            self.kinds[row["id"]] = table
        for columns, held in index:
            if was is not None and held.get(values_of(was, columns)) == row["id"]:
                del held[values_of(was, columns)]
            if row["retired"] is None:
                held[values_of(row, columns)] = row["id"]

    def read_again(self) -> None:
        """Forget what has been read: it has been changed in the file."""
        self._rows.clear()
        self._once.clear()
        self._placements.clear()

    def clash(self, table: str, row: Mapping[str, Any]) -> Row | None:
        """The other live row that stands where this one would, where there can be only one."""
        for columns, held in self._index(table):
            place = values_of(row, columns)
            other = held.get(place)
            if other is not None and other != row["id"] and None not in place:
                return self.live(table, other)
        return None

    def _index(self, table: str) -> list[tuple[Thing, dict[Values, str]]]:
        if table not in self._once:
            live = self.all_live(table)
            self._once[table] = [
                (columns, {values_of(r, columns): r["id"] for r in live})
                for columns in self.shapes[table].once
            ]
        return self._once[table]

    def has_tag(self, tag: str, but: str) -> bool:
        """Whether another code group has a tag."""
        return any(g["tag"] == tag and g["id"] != but for g in self.all_live("code_group"))

    def is_in(self, unit: str, subgroup: str) -> bool:
        """Whether a unit stands in a subgroup."""
        if not self._placements:
            for p in self.rows("placement").values():
                self._placements.setdefault(p["unit"], set()).add(p["id"])
        placed = (self.live("placement", id) for id in self._placements.get(unit, ()))
        return any(p is not None and p["subgroup"] == subgroup for p in placed)

    def standing(self, code_group: str | None) -> str | None:
        """A code group, or what it has been merged into."""
        seen: set[str] = set()
        while code_group is not None and code_group not in seen:
            row = self.find("code_group", code_group)
            if row is None or row["retired"] is None:
                return code_group if row else None
            seen.add(code_group)
            code_group = row["merged_into"]
        return None

    def resting_on(self) -> dict[Key, list[Key]]:
        """Row -> the live rows that refer to it, or hold it in their text."""
        found: dict[Key, list[Key]] = {}
        for table in self.shapes:
            for row in self.all_live(table):
                held = [key for _, key in self.references(table, row) if key[0] != "member"]
                if table == "category":
                    held += [("unit", unit) for unit in embedded_units(row["analytic_text"])]
                for key in held:
                    found.setdefault(key, []).append((table, row["id"]))
        return found


def rows_here(conn: Connection) -> Rows:
    """This side's rows."""
    return Rows(lambda table: copies.rows(conn, table), copies.shapes(conn), copies.kinds(conn))


def rows_there(foreign: Foreign, shapes: Mapping[str, Shape]) -> Rows:
    """The copy's rows."""
    return Rows(lambda table: foreign.rows.get(table, {}), shapes, foreign.items)
