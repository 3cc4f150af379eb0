"""Reads of the record: operations, what they were about, and who may take what back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from workbench.store import unseen

Row = dict[str, Any]

# What names an operation's object when it is shown: the first of these that the operation holds an id of.
_NAMES = (
    ("requirement", "key"),
    ("decision", "key"),
    ("component", "name"),
    ("version", "label"),
    ("category", "heading"),
    ("subgroup", "name"),
    ("code_group", "name"),
    ("code", "label"),
    ("codebook", "title"),
    ("source", "title"),
    ("participant", "pseudonym"),
    ("stakeholder_group", "name"),
    ("session", "title"),
    ("member", "name"),
)


def object_name(conn: sqlite3.Connection, ids: Row) -> str:
    """The name, as it is now, of what an operation was about; empty where it has none."""
    for kind, column in _NAMES:
        if isinstance(id := ids.get(kind), str):
            row = conn.execute(f"SELECT {column} FROM {kind} WHERE id=?", (id,)).fetchone()
            return str(row[0]) if row and row[0] else ""
    return ""


def last_seq(conn: sqlite3.Connection) -> int:
    """The number of the last operation, 0 before the first."""
    return int(conn.execute("SELECT coalesce(max(seq),0) FROM operation").fetchone()[0])


def last_at(conn: sqlite3.Connection) -> str | None:
    row = conn.execute("SELECT at FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
    return str(row["at"]) if row else None


def is_known(conn: sqlite3.Connection, id: str) -> bool:
    """Whether an operation with this client id has been done."""
    return conn.execute("SELECT 1 FROM operation WHERE id=?", (id,)).fetchone() is not None


def operation(conn: sqlite3.Connection, seq: int) -> Row | None:
    row = conn.execute("SELECT * FROM operation WHERE seq=?", (seq,)).fetchone()
    return dict(row) if row else None


def of_member(conn: sqlite3.Connection, member: str, limit: int) -> list[Row]:
    """A member's last operations, oldest first; making the project is not one that can be taken back."""
    found = conn.execute(
        "SELECT seq, nature, undoes FROM operation WHERE member=? AND verb<>'create_project'"
        " ORDER BY seq DESC LIMIT ?",
        (member, limit),
    ).fetchall()
    return [dict(r) for r in reversed(found)]


def has_inverse(conn: sqlite3.Connection, seq: int) -> bool:
    """Whether anything has ever undone this operation; only newer ones can have."""
    sql = "SELECT 1 FROM operation WHERE seq>?1 AND undoes=?1"
    return conn.execute(sql, (seq,)).fetchone() is not None


def inverses(conn: sqlite3.Connection) -> dict[int, list[int]]:
    """Operation -> the operations that undo it (or redo it, for an undo)."""
    found: dict[int, list[int]] = {}
    for r in conn.execute("SELECT seq, undoes FROM operation WHERE undoes IS NOT NULL"):
        found.setdefault(r["undoes"], []).append(r["seq"])
    return found


# A mark out of sight may have made a code group, which is not.
_IN_SIGHT = (
    " AND NOT (EXISTS(SELECT pk FROM main.change WHERE op=o.seq EXCEPT SELECT pk FROM change WHERE op=o.seq)"
    " AND NOT EXISTS(SELECT 1 FROM change WHERE op=o.seq AND tbl<>'code_group'))"
)


def newest(conn: sqlite3.Connection, member: str | None, before: int | None, limit: int) -> list[Row]:
    """Operations with their member's name, newest first; not those about marks that are out of sight."""
    found = conn.execute(
        "SELECT o.*, m.name FROM operation o LEFT JOIN member m ON m.id=o.member"
        f" WHERE (?1 IS NULL OR o.member=?1) AND (?2 IS NULL OR o.seq<?2){_IN_SIGHT if unseen.hides(conn) else ''}"
        " ORDER BY o.seq DESC LIMIT ?3",
        (member, before, limit),
    )
    return [dict(r) for r in found]


def undone(conn: sqlite3.Connection) -> set[int]:
    """Operations that do not stand: those undone by an operation that does."""
    found = inverses(conn)
    gone: set[int] = set()
    for target in sorted(found, reverse=True):  # an inverse is always newer than its target
        if any(seq not in gone for seq in found[target]):
            gone.add(target)
    return gone


def changed_minutes(conn: sqlite3.Connection, meeting: str, since: int, besides: str) -> str:
    """The name of who, besides one member, has changed something that a meeting's minutes tell after operation
    `since`; empty for nobody."""
    sql = (
        "SELECT m.name FROM operation o JOIN member m ON m.id=o.member JOIN change c ON c.op=o.seq,"
        " json_each(json_array(coalesce(c.before,'{}'), coalesce(c.after,'{}'))) image WHERE o.seq>?2 AND o.member<>?3"
        " AND (c.tbl='session' AND c.row_id=?1 OR c.tbl IN ('attendance','minutes','action') AND image.value->>'session'=?1"
        " OR c.tbl='decision' AND image.value->>'meeting'=?1 OR c.tbl IN ('vote','consequence','link') AND"
        " coalesce(image.value->>'decision', image.value->>'item', image.value->>'src')"
        " IN (SELECT id FROM decision WHERE meeting=?1)) ORDER BY o.seq DESC LIMIT 1"
    )
    found = conn.execute(sql, (meeting, since, besides)).fetchone()
    return str(found["name"]) if found else ""


def decisions_reworded(conn: sqlite3.Connection, decisions: Iterable[str]) -> dict[str, int]:
    """Of these, decision -> the last operation in which what it asks, recommends or offers was worded otherwise."""
    differs = " OR ".join(
        f"json_extract(before,'$.{field}') IS NOT json_extract(after,'$.{field}')"
        for field in ("question", "recommendation", "options")
    )
    sql = (
        "SELECT row_id, max(op) FROM change WHERE row_id IN (SELECT value FROM json_each(?)) AND tbl='decision'"
        f" AND before IS NOT NULL AND ({differs}) GROUP BY row_id"
    )
    return {r[0]: r[1] for r in conn.execute(sql, (json.dumps(sorted(decisions)),))}
