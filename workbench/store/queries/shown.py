"""Reads of what a committee was shown before, and of how things read at an earlier operation."""

from __future__ import annotations

import json
import sqlite3

from workbench.store.unit_of_work import Row


def sent(conn: sqlite3.Connection) -> list[Row]:
    """Packs that were sent, oldest first: id, rev (the operation), session, its date, at."""
    sql = (
        "SELECT w.id, w.rev, w.session, w.at, s.date FROM shown w LEFT JOIN session s ON s.id=w.session"
        " WHERE w.retired IS NULL ORDER BY w.rev"
    )
    return [dict(r) for r in conn.execute(sql)]


def rows(conn: sqlite3.Connection, shown: str) -> list[Row]:
    """What was shown: item, kind, label, fp, support_fp, status, trust."""
    return [dict(r) for r in conn.execute("SELECT * FROM shown_row WHERE shown=?", (shown,))]


def last_operation_on(conn: sqlite3.Connection, date: str) -> int:
    """The last operation up to the end of a day (ISO); 0 where there was none."""
    sql = "SELECT coalesce(max(seq), 0) FROM operation WHERE substr(at, 1, 10)<=?"
    return int(conn.execute(sql, (date,)).fetchone()[0])


def last_decided_at(conn: sqlite3.Connection, meeting: str) -> int:
    """The operation that recorded a meeting's last decision; 0 where none was recorded."""
    sql = (
        "SELECT coalesce(max(o.seq), 0) FROM operation o JOIN decision d ON d.id=json_extract(o.ids_json,'$.decision')"
        " WHERE o.verb='record_decision' AND d.meeting=? AND d.retired IS NULL AND d.outcome<>''"
    )
    return int(conn.execute(sql, (meeting,)).fetchone()[0])


def as_of(conn: sqlite3.Connection, table: str, seq: int) -> dict[str, Row]:
    """Rows of a table that were live after an operation, as they read then, by id; not those erased since."""
    sql = (
        "SELECT row_id, after FROM change WHERE pk IN"
        " (SELECT max(pk) FROM change WHERE tbl=? AND op<=? GROUP BY row_id) AND after IS NOT NULL ORDER BY pk"
    )
    found = {r["row_id"]: json.loads(r["after"]) for r in conn.execute(sql, (table, seq))}
    return {id: row for id, row in found.items() if not row["retired"]}


def withdrawn_since(conn: sqlite3.Connection, seq: int) -> bool:
    """Somebody's words were taken out for good, or their consent withdrawn, after an operation."""
    erased = "SELECT 1 FROM erasure WHERE retired IS NULL AND rev>? LIMIT 1"
    withdrew = (
        "SELECT 1 FROM change c JOIN participant p ON p.id=c.row_id WHERE c.tbl='participant' AND c.op>?"
        " AND p.consent='withdrawn' AND json_extract(c.before,'$.consent') IS NOT 'withdrawn'"
        " AND json_extract(c.after,'$.consent')='withdrawn' LIMIT 1"
    )
    return any(conn.execute(sql, (seq,)).fetchone() for sql in (erased, withdrew))
