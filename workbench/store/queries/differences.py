"""Reads behind comparing two analysts: who coded which source, their marks, and how these were before they settled."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import Any

Row = dict[str, Any]


# -- marking unseen ------------------------------------------------------------------------------------------


def unseen(conn: sqlite3.Connection) -> list[Row]:
    """A row for everybody who codes, or coded, a live source unseen, in the order of the sources: source, title,
    member, name, initials, done_at; `seq`, `verb` and `at` of the last operation that touched it, `by` whom, and
    `begun`, when it was opened."""
    sql = (
        "SELECT d.id, d.source, s.title, d.member, m.name, m.initials, d.done_at, o.seq, o.verb, o.at,"
        " coalesce(w.name, '') AS by, coalesce(r.text, '') AS note, b.at AS begun"
        " FROM double_coding d JOIN source s ON s.id=d.source AND s.retired IS NULL JOIN member m ON m.id=d.member"
        " JOIN operation o ON o.seq=d.rev LEFT JOIN member w ON w.id=o.member LEFT JOIN reason r ON r.op=o.seq"
        " JOIN operation b ON b.seq=(SELECT min(op) FROM change WHERE row_id=d.id AND tbl='double_coding')"
        " WHERE d.retired IS NULL ORDER BY s.position, s.id, d.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


def begun_with(conn: sqlite3.Connection) -> list[Row]:
    """source, name, `marked` and `earlier` of everybody who coded a live source unseen: whether they have marked anything
    in it since it began, and whether something of theirs stood in it then, for others to have seen."""
    made = (
        "EXISTS(SELECT 1 FROM unit u WHERE u.source=d.source AND u.member=d.member"
        " AND (SELECT min(op) FROM change x WHERE x.row_id=u.id AND x.tbl='unit')"
    )
    begun = "(SELECT min(op) FROM change x WHERE x.row_id=d.id AND x.tbl='double_coding')"
    sql = (
        f"SELECT d.source, m.name, {made}>{begun}) AS marked,"
        f" {made}<{begun} AND (u.retired IS NULL OR u.retired>{begun})) AS earlier"
        " FROM double_coding d JOIN source s ON s.id=d.source AND s.retired IS NULL JOIN member m ON m.id=d.member"
        " WHERE d.retired IS NULL ORDER BY s.position, s.id, d.rowid"
    )
    return [dict(r) for r in conn.execute(sql)]


# -- two analysts' marks -------------------------------------------------------------------------------------


def sources(conn: sqlite3.Connection, members: Collection[str]) -> list[Row]:
    """Live sources that are marked, in their order: id, title, language, text_rev, length; and per member, how many
    units they have in it, whether they said they were through with it, and whether it was coded unseen."""
    sql = (
        "SELECT s.id, s.title, s.language, s.text_rev, x.length, m.value AS member,"
        " (SELECT count(*) FROM unit u WHERE u.source=s.id AND u.member=m.value AND u.retired IS NULL) AS units,"
        " EXISTS(SELECT 1 FROM reading r WHERE r.source=s.id AND r.member=m.value AND r.step='code' AND r.retired IS NULL)"
        "  AS finished,"
        " EXISTS(SELECT 1 FROM double_coding d WHERE d.source=s.id AND d.member=m.value AND d.retired IS NULL) AS unseen,"
        " EXISTS(SELECT 1 FROM double_coding d WHERE d.source=s.id AND d.retired IS NULL AND d.done_at IS NULL) AS under_way"
        " FROM source s JOIN json_each(?) m LEFT JOIN source_text x ON x.source=s.id AND x.text_rev=s.text_rev"
        " WHERE s.retired IS NULL AND s.words_of<>'literature' ORDER BY s.position, s.id, m.key"
    )
    return [dict(r) for r in conn.execute(sql, (json.dumps([*members]),))]


def marks(conn: sqlite3.Connection, among: Collection[str], members: Collection[str]) -> list[Row]:
    """Live units of these members in these sources: id, source, start, end, member, rev, and `groups`, the ids of
    their code groups with blanks between."""
    sql = (
        "SELECT u.id, u.source, u.start, u.end, u.member, u.rev,"
        " (SELECT group_concat(p.code_group, ' ') FROM placement p WHERE p.unit=u.id AND p.retired IS NULL) AS groups"
        " FROM unit u WHERE u.retired IS NULL AND u.source IN (SELECT value FROM json_each(?))"
        " AND u.member IN (SELECT value FROM json_each(?)) ORDER BY u.source, u.start, u.end, u.id"
    )
    return [dict(r) for r in conn.execute(sql, (json.dumps([*among]), json.dumps([*members])))]


def words(conn: sqlite3.Connection, units: Collection[str]) -> list[Row]:
    """A row for every turn that one of these units stands in: id, seq, words, who speaks, comments."""
    sql = (
        "SELECT u.id, t.seq, substr(t.text, max(u.start-t.start, 0)+1, min(u.end, t.end)-max(u.start, t.start)) AS words,"
        " coalesce(p.pseudonym, k.label, '') AS speaker,"
        " (SELECT count(*) FROM memo m WHERE m.item=u.id AND m.retired IS NULL) AS comments"
        " FROM unit u JOIN turn t ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.start>="
        "  (SELECT max(x.start) FROM turn x WHERE x.source=u.source AND x.text_rev=u.text_rev AND x.start<=u.start)"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant AND p.retired IS NULL"
        " WHERE u.id IN (SELECT value FROM json_each(?)) ORDER BY u.id, t.seq"
    )
    return [dict(r) for r in conn.execute(sql, (json.dumps([*units]),))]


# -- what was agreed -----------------------------------------------------------------------------------------


def settlements(conn: sqlite3.Connection) -> list[Row]:
    """Live settlements, the newest first, with `op`, the operation; who settled it; each unit's member, initials and
    whether it stands; and where the words are: source, text_rev, start, end of the unit that stands, else the first."""
    sql = (
        "SELECT s.*, s.rev AS op, x.title, x.text_rev AS now, w.name AS by,"
        " a.member AS first_member, a.start, a.end, a.text_rev, a.retired IS NULL AS first_stands, ma.initials AS first_initials,"
        " b.member AS second_member, b.start AS second_start, b.end AS second_end, b.text_rev AS second_rev,"
        " b.retired IS NULL AS second_stands, mb.initials AS second_initials"
        " FROM settlement s JOIN source x ON x.id=s.source JOIN unit a ON a.id=s.first JOIN member ma ON ma.id=a.member"
        " LEFT JOIN unit b ON b.id=s.second LEFT JOIN member mb ON mb.id=b.member LEFT JOIN member w ON w.id=s.member"
        " WHERE s.retired IS NULL AND x.retired IS NULL ORDER BY s.at DESC, s.rowid DESC"
    )
    return [dict(r) for r in conn.execute(sql)]


def compared_before(conn: sqlite3.Connection, units: Collection[str]) -> list[Row]:
    """Live settlements that one of these units is in: first, second, and the member of each."""
    sql = (
        "SELECT s.id, s.first, s.second, a.member AS first_member, b.member AS second_member FROM settlement s"
        " JOIN unit a ON a.id=s.first LEFT JOIN unit b ON b.id=s.second WHERE s.retired IS NULL"
        " AND (s.first IN (SELECT value FROM json_each(?1)) OR s.second IN (SELECT value FROM json_each(?1)))"
    )
    return [dict(r) for r in conn.execute(sql, (json.dumps([*units]),))]


def changed_by(conn: sqlite3.Connection, operations: Collection[int]) -> list[Row]:
    """Units and placements that these operations have changed: op, tbl, row_id, and before, each row as it was (None
    where it was not there yet, or where it has been erased)."""
    sql = (
        "SELECT op, tbl, row_id, before FROM change WHERE op IN (SELECT value FROM json_each(?))"
        " AND tbl IN ('unit','placement') ORDER BY pk"
    )
    return [
        {**dict(r), "before": json.loads(r["before"]) if r["before"] else None}
        for r in conn.execute(sql, (json.dumps([*operations]),))
    ]


def units_by_id(conn: sqlite3.Connection, units: Collection[str]) -> list[Row]:
    """Units, those that have gone too: id, member, text_rev, start, end, and `placed`, their live placements as
    (placement, code group)."""
    listed = json.dumps([*units])
    placed: dict[str, list[tuple[str, str]]] = {}
    sql = "SELECT id, unit, code_group FROM placement WHERE retired IS NULL AND unit IN (SELECT value FROM json_each(?))"
    for r in conn.execute(sql, (listed,)):
        placed.setdefault(r["unit"], []).append((r["id"], r["code_group"]))
    sql = "SELECT id, member, text_rev, start, end FROM unit WHERE id IN (SELECT value FROM json_each(?))"
    return [{**dict(r), "placed": placed.get(r["id"], [])} for r in conn.execute(sql, (listed,))]


def touched_since(conn: sqlite3.Connection, units: Collection[str], seq: int) -> int:
    """The last operation after `seq` that changed one of these units or its placements; 0 where there is none."""
    sql = (
        "SELECT coalesce(max(rev),0) FROM (SELECT rev FROM unit WHERE id IN (SELECT value FROM json_each(?1))"
        " UNION ALL SELECT rev FROM placement WHERE unit IN (SELECT value FROM json_each(?1)))"
        " WHERE rev>?2"
    )
    return int(conn.execute(sql, (json.dumps([*units]), seq)).fetchone()[0])
