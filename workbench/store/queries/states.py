"""Rows as they stood after an operation, read backwards from the images of what has changed since.

The earliest change after that operation holds, as its before-image, the row as it was; a row that nothing has touched
since is as it stands. So no second copy of anybody's words is kept, and what has been erased is gone here too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.store.unit_of_work import tables

Row = dict[str, Any]

# What an analysis is made of, from the preliminary themes to the categories.
ANALYSIS = (
    "prelim_theme", "theme_origin", "code_group", "subgroup", "unit", "placement", "condensate", "cover", "category",
    "recontext", "reading", "source",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """`rows`: table -> id -> the columns of each row that was live. `erased`: table -> ids of rows that stood there
    and whose content is no longer anywhere."""

    rows: dict[str, dict[str, Row]]
    erased: dict[str, frozenset[str]]


def as_of(conn: sqlite3.Connection, seq: int | None, names: Iterable[str] = ANALYSIS) -> Standing:
    """What was live right after operation `seq`; None: what is live now."""
    known = tables(conn)
    rows: dict[str, dict[str, Row]] = {}
    for name in names:
        columns = known[name].columns
        sql = f"SELECT {','.join(columns)} FROM {name} WHERE retired IS NULL ORDER BY rowid"
        # Plain tuples: thousands of rows are read, and sqlite3.Row costs twice the time.
        rows[name] = {row["id"]: dict(zip(columns, tuple(row), strict=True)) for row in conn.execute(sql)}
    erased: dict[str, set[str]] = {name: set() for name in rows}
    if seq is None:
        return Standing(rows, {name: frozenset() for name in rows})
    for change in _first_since(conn, seq, rows):
        name, id = change["tbl"], change["row_id"]
        image = change["before"]
        if image is None and change["after"] is None:
            stood = _last_until(conn, seq, name, id)
            if stood is None:  # made since, and erased since
                rows[name].pop(id, None)
                continue
            image = stood["after"]
            if image is None:
                erased[name].add(id)
                rows[name].pop(id, None)
                continue
        was = json.loads(image) if image else None
        if was is None or was.pop("retired"):
            rows[name].pop(id, None)
        else:
            # A column that a later schema has added is not in an earlier image: it was empty then.
            rows[name][id] = dict.fromkeys(known[name].columns) | was
    return Standing(rows, {name: frozenset(ids) for name, ids in erased.items()})


def _first_since(conn: sqlite3.Connection, seq: int, names: Iterable[str]) -> list[Row]:
    """The earliest change to each row after an operation."""
    listed = ",".join(f"'{name}'" for name in names)
    sql = (
        f"SELECT tbl, row_id, before, after, min(pk) FROM change WHERE op>? AND tbl IN ({listed})"
        " GROUP BY tbl, row_id"  # with min(), SQLite takes the other columns from that row
    )
    return [dict(r) for r in conn.execute(sql, (seq,))]


def _last_until(conn: sqlite3.Connection, seq: int, table: str, id: str) -> Row | None:
    """The latest change to a row up to and with an operation; None where it was not there yet."""
    sql = "SELECT after FROM change WHERE row_id=? AND tbl=? AND op<=? ORDER BY pk DESC LIMIT 1"
    row = conn.execute(sql, (id, table, seq)).fetchone()
    return dict(row) if row else None


@dataclass(frozen=True, slots=True)
class Renamed:
    """That a row of `id` was called `was` until this moment, and `now` since."""

    id: str
    at: str
    who: str
    was: str
    now: str
    op: int


_NAMED = {"code_group": "name", "subgroup": "name", "category": "heading", "prelim_theme": "title"}


def renamings(conn: sqlite3.Connection, table: str) -> list[Renamed]:
    """Every renaming of rows of a table, also those undone (see operations.undone), oldest first."""
    column = _NAMED[table]
    sql = (
        f"SELECT c.row_id AS id, c.op, o.at, coalesce(m.name,'') AS who, json_extract(c.before,'$.{column}') AS was,"
        f" json_extract(c.after,'$.{column}') AS now FROM {table} x JOIN change c ON c.row_id=x.id AND c.tbl=?"
        " JOIN operation o ON o.seq=c.op AND o.nature='do' LEFT JOIN member m ON m.id=o.member"
        f" WHERE c.before IS NOT NULL AND c.after IS NOT NULL"
        f" AND json_extract(c.before,'$.{column}') IS NOT json_extract(c.after,'$.{column}') ORDER BY c.pk"
    )
    return [
        Renamed(r["id"], r["at"], r["who"], r["was"], r["now"], r["op"]) for r in conn.execute(sql, (table,))
    ]


def made(conn: sqlite3.Connection, table: str) -> dict[str, Row]:
    """Row -> `op`, `at` and `who` of the operation that made it."""
    sql = (
        "SELECT c.row_id AS id, c.op, o.at, coalesce(m.name,'') AS who, min(c.pk) FROM change c"
        f" JOIN {table} x ON x.id=c.row_id JOIN operation o ON o.seq=c.op LEFT JOIN member m ON m.id=o.member"
        " WHERE c.tbl=? GROUP BY c.row_id"
    )
    return {r["id"]: {"op": r["op"], "at": r["at"], "who": r["who"]} for r in conn.execute(sql, (table,))}


def has_left(conn: sqlite3.Connection, id: str) -> bool:
    """Whether a file has left the project that had this in it."""
    sql = "SELECT 1 FROM release r, json_each(r.item_ids_json) x WHERE x.value=? LIMIT 1"
    return conn.execute(sql, (id,)).fetchone() is not None


def gone_groups(conn: sqlite3.Connection, until: int | None) -> list[Row]:
    """Code groups that were merged or taken out up to an operation (None: by now), not those whose making was undone:
    id, name, merged_into, at, who and the number of units that went along; in the order they went."""
    sql = (
        "SELECT g.id, g.name, g.merged_into, o.at, coalesce(m.name,'') AS who,"
        " coalesce(json_extract(o.ids_json,'$.n'),0) AS n FROM code_group g JOIN operation o ON o.seq=g.retired"
        " LEFT JOIN member m ON m.id=o.member WHERE o.nature<>'undo' AND (?1 IS NULL OR o.seq<=?1) ORDER BY o.seq"
    )
    return [dict(r) for r in conn.execute(sql, (until,))]


def turn_at(conn: sqlite3.Connection, source: str, start: int) -> int:
    """The number of the turn that stands at an offset now; 0 where none does."""
    sql = "SELECT seq FROM turn WHERE source=? AND start<=? ORDER BY start DESC LIMIT 1"
    row = conn.execute(sql, (source, start)).fetchone()
    return int(row["seq"]) if row else 0
