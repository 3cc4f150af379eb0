"""Marking unseen: while several analysts code a source on their own, none of them reads what the others marked in it."""

from __future__ import annotations

import sqlite3

_OPEN = (
    "SELECT DISTINCT mine.source FROM double_coding mine JOIN double_coding other ON other.source=mine.source"
    " AND other.retired IS NULL AND other.done_at IS NULL WHERE mine.member=? AND mine.retired IS NULL"
)
# What hangs on a unit, and by which column: it goes out of sight with it.
_HANGS = {"placement": "unit", "code_tag": "unit", "memo": "item", "cover": "unit", "recontext": "unit",
          "cleared_quote": "unit"}  # fmt: skip


def open_sources(conn: sqlite3.Connection, member: str) -> list[str]:
    """Sources that a member codes unseen, and that are not closed yet."""
    return [row[0] for row in conn.execute(_OPEN, (member,))]


def hide(conn: sqlite3.Connection, member: str) -> None:
    """For the rest of this transaction, let units of others in such sources be absent from every query, counts,
    search and the record of changes included: views in the connection's own schema stand before the tables of that
    name. Ends with it."""
    sources = open_sources(conn, member)
    if not sources:
        return
    literal = conn.execute("SELECT quote(?)", (member,)).fetchone()[0]
    listed = ",".join(conn.execute("SELECT quote(?)", (s,)).fetchone()[0] for s in sources)
    hidden = f"source IN ({listed}) AND member<>{literal}"

    def seen(unit: str) -> str:
        """Looked up row by row, so that a query for a few rows stays one for a few rows."""
        return f"NOT EXISTS(SELECT 1 FROM main.unit h WHERE h.id={unit} AND h.{hidden.replace(' AND ', ' AND h.')})"

    conn.execute(f"CREATE TEMP VIEW unit AS SELECT rowid, * FROM main.unit WHERE NOT ({hidden})")
    for table, column in _HANGS.items():
        conn.execute(
            f"CREATE TEMP VIEW {table} AS SELECT rowid, * FROM main.{table} AS x WHERE {seen(f'x.{column}')}"
        )
    others = [r[1] for r in conn.execute("PRAGMA main.table_info(condensate)") if r[1] != "golden_unit"]
    conn.execute(
        f"CREATE TEMP VIEW condensate AS SELECT rowid, {','.join(others)},"
        f" CASE WHEN {seen('x.golden_unit')} THEN x.golden_unit END AS golden_unit FROM main.condensate AS x"
    )
    whose = " ".join(
        f"WHEN '{table}' THEN (SELECT w.{column} FROM main.{table} w WHERE w.id=x.row_id)"
        for table, column in _HANGS.items()
    )
    whose = f"CASE x.tbl WHEN 'unit' THEN x.row_id {whose} END"
    conn.execute(f"CREATE TEMP VIEW change AS SELECT * FROM main.change AS x WHERE {seen(whose)}")


def hides(conn: sqlite3.Connection) -> bool:
    """Whether anything is out of sight in this transaction."""
    sql = "SELECT 1 FROM temp.sqlite_master WHERE type='view' AND name='change'"
    return conn.execute(sql).fetchone() is not None
