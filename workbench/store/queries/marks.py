"""Reads behind the reader: marks of a source, what has changed since, and counts per code group."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import Any

Row = dict[str, Any]

# Turns a unit stands in, found from the last that begins at or before it: the same work wherever it stands.
TURNS = (
    " JOIN turn t ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.end>u.start AND t.start>="
    "coalesce((SELECT max(b.start) FROM turn b WHERE b.source=u.source AND b.text_rev=u.text_rev AND b.start<=u.start),0)"
)


def _of(source: str, column: str, ids: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """Condition and parameters for units of a source, all or one of these ids. With ids the source is only looked
    at, not searched by: it has thousands, they are a few."""
    which, some = _among(column, ids)
    return f" {'+' if some else ''}u.source=?{which}", (source, *some)


def _among(column: str, ids: Collection[str] | None) -> tuple[str, tuple[str, ...]]:
    """Condition and parameter for one of these ids; None is any."""
    if ids is None:
        return "", ()
    return f" AND {column} IN (SELECT value FROM json_each(?))", (json.dumps([*ids]),)


# -- what has changed ----------------------------------------------------------------------------------


def chain(conn: sqlite3.Connection, seq: int) -> str:
    """The beginning of an operation's hash: what stands at this number in this history. Empty for none."""
    row = conn.execute("SELECT substr(hash,1,8) FROM operation WHERE seq=?", (seq,)).fetchone()
    return str(row[0]) if row else ""


def touched(conn: sqlite3.Connection, since: int) -> dict[str, set[str]]:
    """Table -> rows that operations after `since` have changed."""
    found: dict[str, set[str]] = {}
    for table, id in conn.execute("SELECT DISTINCT tbl, row_id FROM change WHERE op>?", (since,)):
        found.setdefault(table, set()).add(id)
    return found


def units_touched(conn: sqlite3.Connection, since: int) -> set[str]:
    """Units that look different since: themselves, their placements, their subgroups' names, codes, comments."""
    sql = (
        "WITH c AS (SELECT tbl, row_id FROM change WHERE op>?)"
        " SELECT row_id FROM c WHERE tbl='unit'"
        " UNION SELECT p.unit FROM c JOIN placement p ON p.id=c.row_id WHERE c.tbl='placement'"
        " UNION SELECT p.unit FROM c JOIN placement p ON p.subgroup=c.row_id WHERE c.tbl='subgroup'"
        " UNION SELECT x.unit FROM c JOIN code_tag x ON x.id=c.row_id WHERE c.tbl='code_tag'"
        " UNION SELECT m.item FROM c JOIN memo m ON m.id=c.row_id WHERE c.tbl='memo'"
    )
    return {r[0] for r in conn.execute(sql, (since,))}


def groups_touched(conn: sqlite3.Connection, since: int) -> tuple[set[str], bool]:
    """(code groups that hold other units than before, or the same over other words; whether all are additions)."""
    sql = (
        "SELECT json_extract(before,'$.code_group'), before IS NULL FROM change WHERE op>?1 AND tbl='placement'"
        " UNION SELECT json_extract(after,'$.code_group'), before IS NULL FROM change WHERE op>?1 AND tbl='placement'"
        " UNION SELECT p.code_group, 0 FROM change c JOIN placement p ON p.unit=c.row_id AND p.retired IS NULL"
        "  WHERE c.op>?1 AND c.tbl='unit' AND c.before IS NOT NULL"
    )
    found = [(group, new) for group, new in conn.execute(sql, (since,)) if group is not None]
    return {group for group, _ in found}, all(new for _, new in found)


# -- marks ---------------------------------------------------------------------------------------------


def units_of(conn: sqlite3.Connection, source: str, among: Collection[str] | None = None) -> list[Row]:
    """Units of a source in text order, retired ones too; all, or those among `among`."""
    which, parameters = _of(source, "u.id", among)
    sql = (
        "SELECT u.id, u.rev, u.start, u.end, u.member, u.retired FROM unit u"
        f" WHERE{which} ORDER BY u.start, u.end, u.id"
    )
    return [dict(r) for r in conn.execute(sql, parameters)]


def _of_units(
    conn: sqlite3.Connection, select: str, column: str, source: str, among: Collection[str] | None
) -> list[Row]:
    which, parameters = _of(source, column, among)
    sql = f"{select} WHERE x.retired IS NULL AND{which} ORDER BY x.rowid"
    return [dict(r) for r in conn.execute(sql, parameters)]


def placements_of(conn: sqlite3.Connection, source: str, among: Collection[str] | None = None) -> list[Row]:
    """Live placements of the same units, with the subgroup's name."""
    select = (
        "SELECT x.id, x.unit, x.code_group, g.name FROM placement x JOIN unit u ON u.id=x.unit"
        " LEFT JOIN subgroup g ON g.id=x.subgroup"
    )
    return _of_units(conn, select, "x.unit", source, among)


def tags_of(conn: sqlite3.Connection, source: str, among: Collection[str] | None = None) -> list[Row]:
    """Live codes of a codebook on the same units."""
    select = "SELECT x.id, x.unit, x.code FROM code_tag x JOIN unit u ON u.id=x.unit"
    return _of_units(conn, select, "x.unit", source, among)


def comments_of(conn: sqlite3.Connection, source: str, among: Collection[str] | None = None) -> list[Row]:
    """Live comments on the same units."""
    select = "SELECT x.id, x.item AS unit, x.member, x.text FROM memo x JOIN unit u ON u.id=x.item"
    return _of_units(conn, select, "x.item", source, among)


def by_others(conn: sqlite3.Connection, unit: str, member: str, since: int) -> Row | None:
    """The last thing others than a member have done after an operation to a unit (a correction of the text that left
    its words alone is none) or to their comment that stands on it: {who, comment}; None where there is none."""
    sql = (
        "SELECT coalesce(m.name, '') AS who, c.tbl='memo' AS comment FROM change c JOIN operation o ON o.seq=c.op"
        " LEFT JOIN member m ON m.id=o.member WHERE c.op>:since AND o.member IS NOT :member AND ("
        " c.tbl='unit' AND c.row_id=:unit AND NOT (o.verb='correct_text'"
        "  AND json_extract(c.before,'$.mac') IS json_extract(c.after,'$.mac'))"
        " OR c.tbl='memo' AND c.row_id IN (SELECT id FROM memo WHERE item=:unit AND retired IS NULL))"
        " ORDER BY c.pk DESC LIMIT 1"
    )
    row = conn.execute(sql, {"unit": unit, "member": member, "since": since}).fetchone()
    return dict(row) if row else None


# -- counts --------------------------------------------------------------------------------------------


def counts(conn: sqlite3.Connection) -> tuple[int, int]:
    """(units, units without a code group) in the whole project."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM unit WHERE retired IS NULL),"
        " (SELECT count(DISTINCT unit) FROM placement WHERE retired IS NULL)"
    ).fetchone()
    return row[0], row[0] - row[1]


def source_sizes(conn: sqlite3.Connection) -> dict[str, int]:
    """Source -> units marked in it; sources without units are not in it."""
    sql = "SELECT source, count(*) FROM unit WHERE retired IS NULL GROUP BY source"
    return dict(tuple(r) for r in conn.execute(sql))


def group_sizes(conn: sqlite3.Connection, among: Collection[str] | None = None) -> dict[str, int]:
    """Code group -> units placed in it; all, or those among `among`."""
    which, ids = _among("code_group", among)
    sql = f"SELECT code_group, count(*) FROM placement WHERE retired IS NULL{which} GROUP BY code_group"
    return dict(tuple(r) for r in conn.execute(sql, ids))


def group_speakers(
    conn: sqlite3.Connection, among: Collection[str] | None = None, units: Collection[str] | None = None
) -> list[tuple[str, str]]:
    """(code group, participant) for everyone who speaks in one of its units; perhaps only of some code groups
    and some units."""
    (which, ids), (of, unit_ids) = _among("p.code_group", among), _among("p.unit", units)
    sql = (
        f"SELECT DISTINCT p.code_group, k.participant FROM placement p JOIN unit u ON u.id=p.unit{TURNS}"
        f" JOIN speaker k ON k.id=t.speaker WHERE p.retired IS NULL AND k.participant IS NOT NULL{which}{of}"
    )
    return [(r[0], r[1]) for r in conn.execute(sql, (*ids, *unit_ids))]
