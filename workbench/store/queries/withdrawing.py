"""Reads behind a withdrawal: who speaks where, what holds a thing, and when somebody withdrew."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from workbench.store.unit_of_work import Row, tables


def titles(conn: sqlite3.Connection) -> dict[str, str]:
    """Source -> its title, also of those taken out."""
    return {r["id"]: r["title"] for r in conn.execute("SELECT id, title FROM source")}


def informants_in(conn: sqlite3.Connection, source: str) -> int:
    """How many speak in a source besides interviewers and facilitators; who is nobody yet counts as one."""
    sql = (
        "SELECT count(DISTINCT coalesce(p.id, k.id)) FROM speaker k LEFT JOIN participant p ON p.id=k.participant"
        " WHERE k.source=? AND coalesce(p.kind,'informant')='informant'"
    )
    return int(conn.execute(sql, (source,)).fetchone()[0])


def versions_with(conn: sqlite3.Connection, items: Collection[str]) -> set[str]:
    """Versions that any of these is frozen in."""
    return {r["version"] for r in conn.execute("SELECT version, item FROM version_row") if r["item"] in items}


def row_of(conn: sqlite3.Connection, table: str, id: str) -> Row:
    """A row of an editable table, live or not."""
    if table not in tables(conn):
        raise ValueError(table)
    return dict(conn.execute(f"SELECT * FROM {table} WHERE id=?", (id,)).fetchone())


def operation_at(conn: sqlite3.Connection, seq: int | None) -> tuple[str, str]:
    """(when, verb) of an operation; two empty strings where there is none."""
    row = conn.execute("SELECT at, verb FROM operation WHERE seq=?", (seq,)).fetchone()
    return (row["at"], row["verb"]) if row else ("", "")


def is_optional(conn: sqlite3.Connection, table: str, column: str) -> bool:
    """Whether a row may be without what a column points at."""
    found = conn.execute('SELECT 1 FROM pragma_table_info(?) WHERE name=? AND "notnull"=0', (table, column))
    return found.fetchone() is not None
