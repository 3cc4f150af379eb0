"""Reads behind steps 0 and 1: earlier versions of a setting, when members came, what became of agreed themes."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = dict[str, Any]

_CHANGES = (
    "SELECT c.op, c.row_id, c.before, c.after, o.at, o.nature, m.name AS who"
    " FROM change c JOIN operation o ON o.seq=c.op LEFT JOIN member m ON m.id=o.member"
)


def setting_changes(conn: sqlite3.Connection, setting: str) -> list[Row]:
    """Every change to a setting with who made it and when, oldest first."""
    sql = f"{_CHANGES} WHERE c.tbl='setting' AND c.row_id=? ORDER BY c.pk"
    return [dict(r) for r in conn.execute(sql, (setting,))]


def origin_changes(conn: sqlite3.Connection) -> list[Row]:
    """Every change to what code groups have grown from, oldest first."""
    return [dict(r) for r in conn.execute(f"{_CHANGES} WHERE c.tbl='theme_origin' ORDER BY c.pk")]


def joined(conn: sqlite3.Connection) -> dict[str, int]:
    """Member -> the number of the operation with which they came to the project."""
    sql = "SELECT row_id, min(op) AS op FROM change WHERE tbl='member' GROUP BY row_id"
    return {r["row_id"]: r["op"] for r in conn.execute(sql)}
