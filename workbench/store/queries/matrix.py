"""Reads behind the matrix of units: every unit of the project, where it is placed, and what has changed since."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = dict[str, Any]

SETTLED = "settled:"  # and a unit's id: the setting that keeps in which groups it was said to stay

# A unit's first turn is the last that begins at or before it: found by the index, however long the text is.
_UNITS = (
    "SELECT u.id, u.rev, u.rowid AS made, u.source, u.start, u.member, t.seq,"
    " substr(t.text, max(u.start-t.start, 0)+1, min(u.end, t.end)-max(u.start, t.start)) AS words,"
    " k.label, p.id AS person, p.pseudonym, p.kind"
    " FROM unit u JOIN source s ON s.id=u.source AND s.retired IS NULL"
    " JOIN turn t ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.start>="
    "  (SELECT max(x.start) FROM turn x WHERE x.source=u.source AND x.text_rev=u.text_rev AND x.start<=u.start)"
    " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant AND p.retired IS NULL"
    " WHERE u.retired IS NULL%s ORDER BY s.position, u.start, u.end, u.id, t.seq"
)


def units(conn: sqlite3.Connection, since: int | None = None) -> list[Row]:
    """A row for every turn that a live unit stands in, in reading order; with `since`, of units made or changed after."""
    if since is None:
        return [dict(r) for r in conn.execute(_UNITS % "")]
    return [dict(r) for r in conn.execute(_UNITS % " AND u.rev>?", (since,))]


def placements(conn: sqlite3.Connection) -> list[Row]:
    """Live placements in the order they were made."""
    sql = (
        "SELECT id, unit, code_group, subgroup, set_aside IS NOT NULL AS aside FROM placement"
        " WHERE retired IS NULL ORDER BY rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


def placements_of(conn: sqlite3.Connection, unit: str) -> list[Row]:
    """Live placements of one unit, oldest first."""
    sql = (
        "SELECT id, unit, code_group, subgroup, set_aside IS NOT NULL AS aside FROM placement"
        " WHERE retired IS NULL AND unit=? ORDER BY rowid"
    )
    return [dict(r) for r in conn.execute(sql, (unit,))]


def comments(conn: sqlite3.Connection) -> dict[str, int]:
    """Unit -> comments on it; those without are not in it."""
    sql = (
        "SELECT m.item, count(*) FROM memo m JOIN unit u ON u.id=m.item"
        " WHERE m.retired IS NULL AND u.retired IS NULL GROUP BY m.item"
    )
    return dict(tuple(r) for r in conn.execute(sql))


def codes(conn: sqlite3.Connection) -> dict[str, list[str]]:
    """Unit -> codes of a codebook that are on it; those without are not in it."""
    found: dict[str, list[str]] = {}
    for r in conn.execute("SELECT unit, code FROM code_tag WHERE retired IS NULL ORDER BY rowid"):
        found.setdefault(r["unit"], []).append(r["code"])
    return found


def settled(conn: sqlite3.Connection) -> dict[str, str]:
    """Unit -> the code groups it was said to stay in, as JSON."""
    sql = "SELECT id, value FROM setting WHERE retired IS NULL AND id>=?1 AND id<?2"
    return {r["id"][len(SETTLED) :]: r["value"] for r in conn.execute(sql, (SETTLED, SETTLED[:-1] + ";"))}


def touched(conn: sqlite3.Connection, since: int) -> set[str]:
    """Units that, or whose placements, codes, comments or settling, have changed after an operation; gone ones too."""
    sql = (
        "SELECT id FROM unit WHERE rev>?1 UNION SELECT unit FROM placement WHERE rev>?1"
        " UNION SELECT item FROM memo WHERE rev>?1 UNION SELECT unit FROM code_tag WHERE rev>?1"
        " UNION SELECT substr(id, ?2) FROM setting WHERE rev>?1 AND id>=?3 AND id<?4"
    )
    key = (since, len(SETTLED) + 1, SETTLED, SETTLED[:-1] + ";")
    return {r[0] for r in conn.execute(sql, key)}


def gone(conn: sqlite3.Connection, since: int) -> list[str]:
    """Units taken away after an operation."""
    sql = "SELECT id FROM unit WHERE retired IS NOT NULL AND rev>?"
    return [r[0] for r in conn.execute(sql, (since,))]


def who_speaks_rev(conn: sqlite3.Connection) -> int:
    """The last operation that said who speaks in a source, or whose marks are to be seen: units are read anew after it."""
    sql = (
        "SELECT max((SELECT coalesce(max(rev),0) FROM speaker), (SELECT coalesce(max(rev),0) FROM participant),"
        " (SELECT coalesce(max(rev),0) FROM double_coding))"
    )
    return int(conn.execute(sql).fetchone()[0])


def changed_since(conn: sqlite3.Connection, unit: str, since: int) -> int:
    """The last operation after `since` that placed the unit or took it out; 0 where there is none."""
    sql = "SELECT coalesce(max(rev),0) FROM placement WHERE unit=? AND rev>?"
    return int(conn.execute(sql, (unit, since)).fetchone()[0])


def done_by(conn: sqlite3.Connection, rev: int) -> str:
    """The name of the member who did an operation."""
    sql = "SELECT m.name FROM operation o JOIN member m ON m.id=o.member WHERE o.seq=?"
    row = conn.execute(sql, (rev,)).fetchone()
    return str(row["name"]) if row else ""


def made_by(conn: sqlite3.Connection, row: str) -> str | None:
    """The member in whose operation a row was made."""
    sql = (
        "SELECT o.member FROM change x JOIN operation o ON o.seq=x.op WHERE x.row_id=? ORDER BY x.op LIMIT 1"
    )
    found = conn.execute(sql, (row,)).fetchone()
    return found["member"] if found else None


def went_to(conn: sqlite3.Connection, code_group: str) -> tuple[str | None, str, str, int] | None:
    """(the code group that stands for it now or None, its own name, that one's name, the operation that took it out);
    None where there never was such a code group."""
    row = conn.execute("SELECT * FROM code_group WHERE id=?", (code_group,)).fetchone()
    if row is None:
        return None
    name, rev = str(row["name"]), int(row["rev"])
    while row is not None and row["retired"] is not None:
        row = conn.execute("SELECT * FROM code_group WHERE id=?", (row["merged_into"],)).fetchone()
    return (str(row["id"]), name, str(row["name"]), rev) if row is not None else (None, name, "", rev)
