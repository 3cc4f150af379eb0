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


def rewordings(conn: sqlite3.Connection) -> list[Row]:
    """Operations in which a live category's heading or analytic text came or changed, newest first: category,
    op, was_heading, was_text, now_heading, now_text. What was is None where it came, all where it was erased."""
    sql = (
        "SELECT c.row_id AS category, c.op, json_extract(c.before,'$.heading') AS was_heading,"
        " json_extract(c.before,'$.analytic_text') AS was_text, json_extract(c.after,'$.heading') AS now_heading,"
        " json_extract(c.after,'$.analytic_text') AS now_text"
        " FROM category g JOIN change c ON c.row_id=g.id AND c.tbl='category' WHERE g.retired IS NULL"
        " AND (c.before IS NULL OR was_heading IS NOT now_heading OR was_text IS NOT now_text) ORDER BY c.op DESC"
    )
    return [dict(r) for r in conn.execute(sql)]


def evidence(conn: sqlite3.Connection) -> list[Row]:
    """Live evidence with the category it informs and how it stands to it: supports, nuances (a link that supports,
    and says so in its note) or contradicts."""
    sql = (
        "SELECT l.src AS category, CASE WHEN l.role='supports' AND l.note='nuances' THEN l.note ELSE l.role END AS role,"
        " l.id AS link, l.rev AS link_rev, e.* FROM link l JOIN evidence e ON e.id=l.dst AND e.retired IS NULL"
        " WHERE l.type='informs' AND l.retired IS NULL ORDER BY l.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


def counter_searches(conn: sqlite3.Connection) -> list[Row]:
    """Live searches for what speaks against a category, newest first, with the analyst's initials and name."""
    sql = (
        "SELECT c.*, m.initials, m.name FROM counter_search c LEFT JOIN member m ON m.id=c.member"
        " WHERE c.retired IS NULL ORDER BY c.at DESC, c.rowid DESC"
    )
    return [dict(r) for r in conn.execute(sql)]
