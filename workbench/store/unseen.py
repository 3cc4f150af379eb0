"""Marking unseen: while several analysts code a source on their own, none of them reads what the others marked in it."""

from __future__ import annotations

import sqlite3

_OPEN = (
    "SELECT DISTINCT mine.source FROM double_coding mine JOIN double_coding other ON other.source=mine.source"
    " AND other.retired IS NULL AND other.done_at IS NULL WHERE mine.member=? AND mine.retired IS NULL"
)
# What hangs on a unit goes out of sight with it.
_HANGS = {"placement": "unit", "code_tag": "unit", "memo": "item"}


def open_sources(conn: sqlite3.Connection, member: str) -> list[str]:
    """Sources that a member codes unseen, and that are not closed yet."""
    return [row[0] for row in conn.execute(_OPEN, (member,))]


def hide(conn: sqlite3.Connection, member: str) -> None:
    """For the rest of this transaction, let units of others in such sources be absent from every query, counts and
    search included: views in the connection's own schema stand before the tables of that name. Ends with it."""
    sources = open_sources(conn, member)
    if not sources:
        return
    literal = conn.execute("SELECT quote(?)", (member,)).fetchone()[0]
    listed = ",".join(conn.execute("SELECT quote(?)", (s,)).fetchone()[0] for s in sources)
    hidden = f"source IN ({listed}) AND member<>{literal}"
    conn.execute(f"CREATE TEMP VIEW unit AS SELECT rowid, * FROM main.unit WHERE NOT ({hidden})")
    for table, column in _HANGS.items():
        conn.execute(
            f"CREATE TEMP VIEW {table} AS SELECT rowid, * FROM main.{table}"
            f" WHERE {column} NOT IN (SELECT id FROM main.unit WHERE {hidden})"
        )
