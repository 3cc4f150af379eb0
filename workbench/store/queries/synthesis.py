"""Reads behind synthesis: notes of re-reading, cleared quotes and literature, with the names beside them."""

from __future__ import annotations

import sqlite3

from workbench.store.unit_of_work import Row


def recontexts(conn: sqlite3.Connection) -> list[Row]:
    """Live notes of re-reading in the order of the sources, with the source's title and the analyst's initials."""
    sql = (
        "SELECT r.*, s.title, m.initials FROM recontext r JOIN source s ON s.id=r.source"
        " LEFT JOIN member m ON m.id=r.member WHERE r.retired IS NULL ORDER BY s.position, r.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


def cleared_quotes(conn: sqlite3.Connection) -> list[Row]:
    """Live cleared quotes with the name of who cleared them."""
    sql = (
        "SELECT q.*, m.name FROM cleared_quote q LEFT JOIN member m ON m.id=q.cleared_by"
        " WHERE q.retired IS NULL ORDER BY q.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


def evidence(conn: sqlite3.Connection) -> list[Row]:
    """Live evidence with the category it informs and whether it supports it."""
    sql = (
        "SELECT l.src AS category, l.role, e.* FROM link l JOIN evidence e ON e.id=l.dst AND e.retired IS NULL"
        " WHERE l.type='informs' AND l.retired IS NULL ORDER BY l.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]
