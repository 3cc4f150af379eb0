"""Reads along the trace: anything by its key or id, what it rests on, and what rests on it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from workbench.store.unit_of_work import Row, tables


def kind_of(conn: sqlite3.Connection, id: str) -> str | None:
    """What kind of thing an id is, live or not; None where there is none."""
    row = conn.execute("SELECT kind FROM item WHERE id=?", (id,)).fetchone()
    return str(row["kind"]) if row else None


def key_of(conn: sqlite3.Connection, id: str) -> str:
    """The readable key of a thing; empty where it has none."""
    row = conn.execute("SELECT key FROM item WHERE id=?", (id,)).fetchone()
    return str(row["key"] or "") if row else ""


def find(conn: sqlite3.Connection, key_or_id: str) -> tuple[str, str] | None:
    """(id, kind) of a readable key in any case, or of an id."""
    row = conn.execute(
        "SELECT id, kind FROM item WHERE key=?1 COLLATE NOCASE OR id=?1", (key_or_id,)
    ).fetchone()
    return (row["id"], row["kind"]) if row else None


def row_of(conn: sqlite3.Connection, kind: str, id: str) -> Row:
    """The row of a thing that exists, live or not."""
    if kind not in tables(conn):
        raise ValueError(kind)
    return dict(conn.execute(f"SELECT * FROM {kind} WHERE id=?", (id,)).fetchone())


_LABELS = (
    ("category", "SELECT id, heading AS label FROM category"),
    ("idea", "SELECT id, text AS label FROM idea"),
    ("evidence", "SELECT id, title AS label FROM evidence"),
    ("decision", "SELECT id, key AS label FROM decision"),
    ("requirement", "SELECT id, key AS label FROM requirement"),
    ("component", "SELECT id, name AS label FROM component"),
    ("version", "SELECT id, label FROM version"),
    ("source", "SELECT id, title AS label FROM source"),
    ("code_group", "SELECT id, name AS label FROM code_group"),
    ("feedback", "SELECT id, key AS label FROM feedback"),
    ("assumption", "SELECT id, key AS label FROM assumption"),
    ("open_question", "SELECT id, key AS label FROM open_question"),
    ("change_item", "SELECT id, key AS label FROM change_item"),
    ("theory_node", "SELECT id, text AS label FROM theory_node"),
    (
        "theory_link",
        "SELECT l.id, a.text || ' → ' || b.text AS label FROM theory_link l JOIN theory_node a ON a.id=l.src"
        " JOIN theory_node b ON b.id=l.dst",
    ),
    (
        "unit",
        "SELECT u.id, s.title || ', ' || (SELECT t.seq FROM turn t WHERE t.source=u.source AND"
        " t.text_rev=u.text_rev AND t.start<u.end AND t.end>u.start ORDER BY t.seq LIMIT 1) AS label"
        " FROM unit u JOIN source s ON s.id=u.source",
    ),
)


def labels(conn: sqlite3.Connection, among: Collection[str] | None = None) -> dict[str, tuple[str, str]]:
    """Every linkable thing's (kind, label), or that of these ids, without any participant's words: a unit is named
    by its place."""
    if among is not None and not among:
        return {}
    which = "" if among is None else " WHERE id IN (SELECT value FROM json_each(?))"
    ids = () if among is None else (json.dumps([*among]),)
    return {
        r["id"]: (kind, str(r["label"] or ""))
        for kind, sql in _LABELS
        for r in conn.execute(f"SELECT id, label FROM ({sql}){which}", ids)
    }


def down(conn: sqlite3.Connection, id: str) -> list[Row]:
    """The steps from a thing to what it rests on, or as a decision judged: type, dst, its kind, and role."""
    sql = (
        "SELECT DISTINCT e.type, e.dst, e.role, i.kind FROM trace_edge e JOIN item i ON i.id=e.dst"
        " WHERE e.src=? AND e.type NOT IN ('evaluates','conflicts')"
    )
    return [dict(r) for r in conn.execute(sql, (id,))]


def up(conn: sqlite3.Connection, id: str) -> list[Row]:
    """The steps from a thing to what rests on it, or has judged it: type, src, its kind, and role."""
    sql = (
        "SELECT DISTINCT e.type, e.src, e.role, i.kind FROM trace_edge e JOIN item i ON i.id=e.src WHERE e.dst=?"
        " AND e.type<>'conflicts'"
    )
    return [dict(r) for r in conn.execute(sql, (id,))]


def grounds(conn: sqlite3.Connection, id: str) -> list[Row]:
    """What a thing is linked to that is no transcript and no part of one: type, dst, its kind, and role."""
    sql = (
        "SELECT DISTINCT l.type, l.dst, l.role, i.kind FROM link l JOIN item i ON i.id=l.dst WHERE l.src=?"
        " AND l.retired IS NULL AND l.type NOT IN ('evaluates','conflicts') AND i.kind NOT IN ('unit','condensate','source')"
    )
    return [dict(r) for r in conn.execute(sql, (id,))]


def basis(conn: sqlite3.Connection, id: str) -> list[Row]:
    """What a thing rests on: dst, its kind and role; for a live unit also the digest of its words, `mac`."""
    sql = (
        "SELECT DISTINCT e.dst, e.role, i.kind, u.mac FROM trace_edge e JOIN item i ON i.id=e.dst"
        " LEFT JOIN unit u ON u.id=e.dst AND u.retired IS NULL WHERE e.src=?"
        " AND e.type NOT IN ('synthesises','conflicts','decides','evaluates','includes')"
    )
    return [dict(r) for r in conn.execute(sql, (id,))]


def themes_of(conn: sqlite3.Connection, requirement: str) -> list[str]:
    """The result categories that a requirement is based on, whether they support it or not."""
    sql = (
        "SELECT l.dst FROM link l JOIN category c ON c.id=l.dst AND c.retired IS NULL"
        " WHERE l.src=? AND l.type='based_on' AND l.retired IS NULL ORDER BY l.rowid"
    )
    return [r["dst"] for r in conn.execute(sql, (requirement,))]


def condensate(conn: sqlite3.Connection, id: str) -> Row:
    """A condensate with its subgroup's name."""
    sql = "SELECT c.id, c.voice, c.text, g.name FROM condensate c JOIN subgroup g ON g.id=c.subgroup WHERE c.id=?"
    return dict(conn.execute(sql, (id,)).fetchone())


def turns_around(
    conn: sqlite3.Connection, source: str, text_rev: int, start: int, end: int, context: int
) -> list[Row]:
    """The turns that [start, end) stands in, with so many before and after, and who is speaking."""
    sql = (
        "SELECT t.seq, t.start, t.end, t.text, coalesce(p.pseudonym, k.label, '') AS speaker FROM turn t"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant"
        " WHERE t.source=?1 AND t.text_rev=?2 AND t.seq BETWEEN"
        " (SELECT min(seq) FROM turn WHERE source=?1 AND text_rev=?2 AND end>?3) - ?5 AND"
        " (SELECT max(seq) FROM turn WHERE source=?1 AND text_rev=?2 AND start<?4) + ?5 ORDER BY t.seq"
    )
    return [dict(r) for r in conn.execute(sql, (source, text_rev, start, end, context))]


def last_version(conn: sqlite3.Connection) -> int:
    """The highest number a version has had, taken back or not; 0 before the first."""
    return int(conn.execute("SELECT coalesce(max(n), 0) FROM version").fetchone()[0])


def frozen(conn: sqlite3.Connection, version: str) -> list[Row]:
    """What a version keeps: item, fp, fields_json and support_json."""
    return [dict(r) for r in conn.execute("SELECT * FROM version_row WHERE version=?", (version,))]
