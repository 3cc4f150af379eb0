"""The study as plain tables in a SQLite file of its own, for tools that read SQLite; full-text search included."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

Rows = Sequence[Mapping[str, object]]


def sqlite_file(tables: Mapping[str, Rows], *, search: Mapping[str, Sequence[str]], about: str) -> bytes:
    """A SQLite database with these tables; `search` names the columns to index for full-text search.

    Each table's first column is its key. Nothing of the project file itself is copied: no history, no vault."""
    from sqlite_utils import Database

    conn = sqlite3.connect(":memory:")
    database = Database(conn)
    database["about"].insert({"name": "about", "value": about}, pk="name")
    for name, rows in tables.items():
        if rows:
            database[name].insert_all((dict(row) for row in rows), pk=next(iter(rows[0])))
            if name in search:
                database[name].enable_fts(list(search[name]), tokenize="unicode61 remove_diacritics 0")
    conn.commit()
    data = bytes(conn.serialize())
    conn.close()
    return data
