"""Reads behind the reader: marks of a source, what has changed since, and counts per code group."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = dict[str, Any]

_TOUCHED = (
    " AND (u.rev>?2 OR EXISTS(SELECT 1 FROM placement p WHERE p.unit=u.id AND p.rev>?2)"
    " OR EXISTS(SELECT 1 FROM placement p JOIN subgroup g ON g.id=p.subgroup"
    "  WHERE p.unit=u.id AND p.retired IS NULL AND g.rev>?2))"
)


def _since(source: str, since: int | None) -> tuple[str, tuple[object, ...]]:
    return (_TOUCHED, (source, since)) if since is not None else ("", (source,))


def units_of(conn: sqlite3.Connection, source: str, since: int | None) -> list[Row]:
    """Units of a source in text order, retired ones too; with `since`, those touched by later operations."""
    touched, parameters = _since(source, since)
    sql = (
        "SELECT u.id, u.rev, u.start, u.end, u.member, u.retired FROM unit u WHERE u.source=?1"
        f"{touched} ORDER BY u.start, u.end, u.id"
    )
    return [dict(r) for r in conn.execute(sql, parameters)]


def placements_of(conn: sqlite3.Connection, source: str, since: int | None) -> list[Row]:
    """Live placements of the same units, with the subgroup's name."""
    touched, parameters = _since(source, since)
    sql = (
        "SELECT p.id, p.unit, p.code_group, g.name FROM placement p JOIN unit u ON u.id=p.unit"
        f" LEFT JOIN subgroup g ON g.id=p.subgroup WHERE u.source=?1 AND p.retired IS NULL{touched} ORDER BY p.rowid"
    )
    return [dict(r) for r in conn.execute(sql, parameters)]


def counts(conn: sqlite3.Connection) -> tuple[int, int]:
    """(units, units without a code group) in the whole project."""
    row = conn.execute(
        "SELECT (SELECT count(*) FROM unit WHERE retired IS NULL), (SELECT count(*) FROM unit u WHERE u.retired IS NULL"
        " AND NOT EXISTS(SELECT 1 FROM placement p WHERE p.unit=u.id AND p.retired IS NULL))"
    ).fetchone()
    return row[0], row[1]


def source_sizes(conn: sqlite3.Connection) -> dict[str, int]:
    """Source -> units marked in it; sources without units are not in it."""
    sql = "SELECT source, count(*) FROM unit WHERE retired IS NULL GROUP BY source"
    return dict(tuple(r) for r in conn.execute(sql))


def group_sizes(conn: sqlite3.Connection) -> dict[str, int]:
    """Code group -> units placed in it."""
    sql = "SELECT code_group, count(*) FROM placement WHERE retired IS NULL GROUP BY code_group"
    return dict(tuple(r) for r in conn.execute(sql))


def group_speakers(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(code group, participant) for everyone who speaks in one of its units."""
    sql = (
        "SELECT DISTINCT p.code_group, k.participant FROM placement p JOIN unit u ON u.id=p.unit"
        " JOIN turn t ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.end>u.start"
        " JOIN speaker k ON k.id=t.speaker WHERE p.retired IS NULL AND k.participant IS NOT NULL"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]
