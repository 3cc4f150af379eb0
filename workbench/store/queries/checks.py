"""Reads behind the method check: who has worked on what."""

from __future__ import annotations

import sqlite3

# Who took part in a step is who wrote any of it: their own rows, or a change to the step's rows.
_TOOK_PART = {
    "impression": (
        "SELECT member FROM reading WHERE step='impression' AND retired IS NULL"
        " UNION SELECT member FROM impression WHERE retired IS NULL"
        " UNION SELECT member FROM prelim_theme WHERE retired IS NULL"
    ),
    # What others mark unseen is out of sight here; that they mark is not.
    "code": (
        "SELECT member FROM unit WHERE retired IS NULL UNION SELECT member FROM placement WHERE retired IS NULL"
        " UNION SELECT member FROM settlement WHERE retired IS NULL"
        " UNION SELECT member FROM double_coding WHERE retired IS NULL"
    ),
    "condense": (
        "SELECT o.member FROM condensate c JOIN change x ON x.row_id=c.id AND x.tbl='condensate'"
        " JOIN operation o ON o.seq=x.op WHERE c.retired IS NULL"
        " UNION SELECT m.member FROM memo m JOIN condensate c ON c.id=m.item AND c.retired IS NULL"
        " WHERE m.retired IS NULL"
    ),
}


def analysts(conn: sqlite3.Connection, step: str) -> list[tuple[str, str]]:
    """(member, name) of everyone who has taken part in impression, code or condense, as they came."""
    sql = f"SELECT id, name FROM main.member WHERE id IN ({_TOOK_PART[step]}) ORDER BY rowid"
    return [(r["id"], r["name"]) for r in conn.execute(sql)]


def lapsed(conn: sqlite3.Connection, rule: str) -> frozenset[str]:
    """Categories for which a reason about what is not re-read was given before a source came that is not either: it
    was not given for that one."""
    sql = (
        "SELECT w.item FROM waiver w WHERE w.retired IS NULL AND w.rule=? AND EXISTS(SELECT 1 FROM source s"
        " WHERE s.retired IS NULL AND s.words_of<>'literature'"
        " AND (SELECT min(x.op) FROM change x WHERE x.row_id=s.id AND x.tbl='source')>w.rev"
        " AND NOT EXISTS(SELECT 1 FROM reading r WHERE r.source=s.id AND r.step='synthesis' AND r.retired IS NULL))"
    )
    return frozenset(r[0] for r in conn.execute(sql, (rule,)))


def waivers(conn: sqlite3.Connection) -> list[tuple[str, str, str, str, str]]:
    """(rule, item, reason, name of who set it aside, when), the latest first."""
    sql = (
        "SELECT w.rule, w.item, w.reason, m.name, w.at FROM waiver w LEFT JOIN main.member m ON m.id=w.member"
        " WHERE w.retired IS NULL ORDER BY w.at DESC, w.rowid DESC"
    )
    return [tuple(r) for r in conn.execute(sql)]
