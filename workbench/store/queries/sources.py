"""Reads behind the list of sources and the reading view."""

from __future__ import annotations

import sqlite3

from workbench.store.unit_of_work import Row


def facts(conn: sqlite3.Connection) -> dict[str, Row]:
    """Source -> its number of words, turns and units, the date of its session and how it was imported."""
    sql = (
        "SELECT s.id, x.words, s.import_json, e.date,"
        " (SELECT count(*) FROM turn t WHERE t.source=s.id AND t.text_rev=s.text_rev) AS turns,"
        " (SELECT count(*) FROM unit u WHERE u.source=s.id AND u.retired IS NULL) AS units"
        " FROM source s JOIN source_text x ON x.source=s.id AND x.text_rev=s.text_rev"
        " LEFT JOIN session e ON e.id=s.session WHERE s.retired IS NULL"
    )
    return {r["id"]: dict(r) for r in conn.execute(sql)}


def words(conn: sqlite3.Connection) -> dict[str, int]:
    """Source -> its number of words."""
    sql = (
        "SELECT s.id, x.words FROM source s JOIN source_text x ON x.source=s.id AND x.text_rev=s.text_rev"
        " WHERE s.retired IS NULL"
    )
    return {r["id"]: r["words"] for r in conn.execute(sql)}


def readers(conn: sqlite3.Connection, step: str) -> list[tuple[str, str]]:
    """(source, initials) of everyone who has read it through for a step, earliest first; also who has left since."""
    sql = (
        "SELECT r.source, m.initials FROM reading r JOIN member m ON m.id=r.member"
        " WHERE r.retired IS NULL AND r.step=? ORDER BY r.at"
    )
    return [(r["source"], r["initials"]) for r in conn.execute(sql, (step,))]


def turns(conn: sqlite3.Connection, source: str, text_rev: int) -> list[Row]:
    """The turns of a text in their order, with the speaker's label and participant."""
    sql = (
        "SELECT t.seq, t.start, t.end, t.text, t.speaker, t.t0_ms, t.t1_ms, k.label, k.participant"
        " FROM turn t LEFT JOIN speaker k ON k.id=t.speaker WHERE t.source=? AND t.text_rev=? ORDER BY t.seq"
    )
    return [dict(r) for r in conn.execute(sql, (source, text_rev))]
