"""The schema's history: append-only steps, each in one transaction with the number that records it."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

MIGRATIONS: tuple[str, ...] = tuple(
    files("workbench.store").joinpath(name).read_text(encoding="utf-8")
    for name in ("schema.sql", "schema_2.sql", "schema_3.sql", "schema_4.sql")
)

VAULT_SCHEMA = """
CREATE TABLE IF NOT EXISTS original(source TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS raw_label(source TEXT NOT NULL, label TEXT NOT NULL, speaker TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS person(participant TEXT PRIMARY KEY, real_name TEXT NOT NULL, aliases TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS earlier_turn(source TEXT NOT NULL, text_rev INTEGER NOT NULL, seq INTEGER NOT NULL,
  start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL, speaker TEXT, t0_ms INTEGER, t1_ms INTEGER,
  PRIMARY KEY(source, text_rev, seq)) STRICT;
"""


def _statements(script: str) -> list[str]:
    """Whole statements; sqlite3.executescript would commit the transaction we are in."""
    found, buffer = [], ""
    for line in script.splitlines(keepends=True):
        if line.lstrip().startswith("--"):
            continue
        buffer += line
        if sqlite3.complete_statement(buffer):
            found.append(buffer.strip())
            buffer = ""
    return found


def migrate(conn: sqlite3.Connection) -> None:
    """Bring the file up to the newest schema, one step at a time."""
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        conn.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(script):
                conn.execute(statement)
            conn.execute(f"PRAGMA user_version={number}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise
