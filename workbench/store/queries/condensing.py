"""Reads behind condensation: when a condensate got its wording, and what has left it since."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Written:
    """The operation in which a text got the wording it has, or was last said to stand, and when; 0 and "" where the
    images of that have been erased."""

    op: int = 0
    at: str = ""


def written(conn: sqlite3.Connection, among: Collection[str]) -> dict[str, Written]:
    """Condensate -> since when it stands as it does. A wording that Undo has brought back stands since it was
    written, not since it was brought back: what came in between is still not in it."""
    sql = (
        "SELECT x.row_id, x.op, o.at, o.nature, o.undoes FROM json_each(?) a JOIN change x ON x.row_id=a.value"
        " JOIN operation o ON o.seq=x.op WHERE x.tbl='condensate' AND (o.verb='confirm_condensate'"
        " OR json_extract(x.before,'$.text') IS NOT json_extract(x.after,'$.text')) ORDER BY x.op"
    )
    now: dict[str, Written] = {}
    before: dict[tuple[str, int], Written] = {}  # what stood before an operation, for whatever inverts it
    for id, op, at, nature, undoes in conn.execute(sql, (json.dumps([*among]),)):
        before[id, op] = now.get(id, Written())
        now[id] = Written(op, at) if nature == "do" else before.get((id, undoes), Written(op, at))
    return now


def entered(
    conn: sqlite3.Connection, placements: Collection[str], since: int
) -> dict[str, list[tuple[int, str]]]:
    """Placement -> (operation, reason) each time after an operation that it got the subgroup it has, or was taken up
    again, newest last. Merging code groups touches the placements of both and moves nothing between subgroups."""
    sql = (
        "SELECT x.row_id, x.op, CASE WHEN x.before IS NULL THEN 'added'"
        " WHEN json_extract(x.before,'$.set_aside') IS NOT NULL OR json_extract(x.before,'$.retired') THEN 'taken_up'"
        " ELSE 'moved_in' END FROM json_each(?) a JOIN change x ON x.row_id=a.value"
        " WHERE x.tbl='placement' AND x.op>? AND (x.before IS NULL"
        " OR json_extract(x.before,'$.subgroup') IS NOT json_extract(x.after,'$.subgroup')"
        " OR json_extract(x.before,'$.set_aside') IS NOT json_extract(x.after,'$.set_aside')"
        " OR json_extract(x.before,'$.retired') IS NOT json_extract(x.after,'$.retired')) ORDER BY x.pk"
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for id, op, reason in conn.execute(sql, (json.dumps([*placements]), since)):
        found.setdefault(id, []).append((op, reason))
    return found


def released(conn: sqlite3.Connection, among: Collection[str]) -> list[tuple[str, str, int, str]]:
    """(condensate, unit, operation, reason) of units that have left a condensate's subgroup and so the condensate.
    One that was unticked by hand, or that stands in the subgroup again, has not left."""
    sql = (
        "SELECT v.condensate, v.unit, v.retired, CASE WHEN s.retired IS NOT NULL OR o.verb='withdraw' THEN 'withdrawn'"
        " WHEN u.retired IS NOT NULL THEN 'taken_out' WHEN p.set_aside IS NOT NULL THEN 'set_aside'"
        " WHEN p.id IS NOT NULL OR EXISTS(SELECT 1 FROM placement e WHERE e.unit=u.id AND e.retired IS NULL)"
        " THEN 'moved_out' ELSE 'taken_out' END"
        " FROM cover v CROSS JOIN operation o ON o.seq=v.retired"
        " JOIN condensate c ON c.id=v.condensate JOIN subgroup g ON g.id=c.subgroup"
        " JOIN unit u ON u.id=v.unit JOIN source s ON s.id=u.source"
        " LEFT JOIN placement p ON p.unit=u.id AND p.code_group=g.code_group AND p.retired IS NULL"
        " WHERE v.retired IS NOT NULL AND v.condensate IN (SELECT value FROM json_each(?))"
        " AND o.verb<>'set_covers' AND (p.id IS NULL OR p.set_aside IS NOT NULL OR p.subgroup IS NOT c.subgroup)"
        " ORDER BY v.retired"
    )
    return [tuple(r) for r in conn.execute(sql, (json.dumps([*among]),))]


def earlier_words(
    conn: sqlite3.Connection, units: Collection[str], since: int
) -> dict[str, list[tuple[int, str]]]:
    """Unit -> (operation, digest of the words it had until then) for each change after an operation, oldest first.
    That it was made since is no change of its words."""
    sql = (
        "SELECT x.row_id, x.op, json_extract(x.before,'$.mac') FROM json_each(?) a JOIN change x ON x.row_id=a.value"
        " WHERE x.tbl='unit' AND x.op>? AND x.before IS NOT NULL ORDER BY x.pk"
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for id, op, mac in conn.execute(sql, (json.dumps([*units]), since)):
        found.setdefault(id, []).append((op, mac))
    return found


def retired_units(conn: sqlite3.Connection, units: Collection[str]) -> list[dict[str, Any]]:
    """Units that have been taken out, with their place; whether their source stands, in which text version now, and
    whether somebody who speaks in it has withdrawn."""
    sql = (
        "SELECT u.id, u.source, u.text_rev, u.start, u.end, s.title, s.language, s.text_rev AS now,"
        " s.retired IS NULL AS source_stands, EXISTS(SELECT 1 FROM speaker k JOIN participant p ON p.id=k.participant"
        " WHERE k.source=u.source AND p.consent='withdrawn') AS withdrawn"
        " FROM json_each(?) a JOIN unit u ON u.id=a.value JOIN source s ON s.id=u.source WHERE u.retired IS NOT NULL"
    )
    return [dict(r) for r in conn.execute(sql, (json.dumps([*units]),))]


def withdrawals(conn: sqlite3.Connection) -> dict[str, int]:
    """Participant who has withdrawn -> the operation in which they did."""
    sql = (
        "SELECT p.id, max(x.op) FROM participant p JOIN change x ON x.row_id=p.id AND x.tbl='participant'"
        " WHERE p.consent='withdrawn' AND json_extract(x.before,'$.consent') IS NOT json_extract(x.after,'$.consent')"
        " GROUP BY p.id"
    )
    return dict(tuple(r) for r in conn.execute(sql))


def wordings(conn: sqlite3.Connection, condensate: str) -> list[dict[str, Any]]:
    """`op`, `at`, `who`, `nature`, `text` and `voice` each time a condensate got another text or voice, newest first;
    text and voice are None where the images have been erased."""
    sql = (
        "SELECT x.op, o.at, coalesce(m.name,'') AS who, o.nature, json_extract(x.after,'$.text') AS text,"
        " json_extract(x.after,'$.voice') AS voice FROM change x JOIN operation o ON o.seq=x.op"
        " LEFT JOIN member m ON m.id=o.member WHERE x.row_id=? AND x.tbl='condensate'"
        " AND (x.after IS NULL OR x.before IS NULL OR json_extract(x.before,'$.text') IS NOT json_extract(x.after,'$.text')"
        " OR json_extract(x.before,'$.voice') IS NOT json_extract(x.after,'$.voice')) ORDER BY x.pk DESC"
    )
    return [dict(r) for r in conn.execute(sql, (condensate,))]


# -- comments ------------------------------------------------------------------------------------------


def comments_on(conn: sqlite3.Connection, item: str) -> list[dict[str, Any]]:
    """Live comments on an item and answers to them, oldest first, with who wrote each."""
    sql = (
        "SELECT m.*, p.name, p.initials FROM memo m LEFT JOIN member p ON p.id=m.member"
        " WHERE m.item=? AND m.retired IS NULL ORDER BY m.at, m.rowid"
    )
    return [dict(r) for r in conn.execute(sql, (item,))]


def open_comments(conn: sqlite3.Connection) -> dict[str, int]:
    """Condensate or category -> open comments on it."""
    sql = (
        "SELECT m.item, count(*) FROM memo m JOIN item i ON i.id=m.item WHERE m.retired IS NULL"
        " AND m.answers IS NULL AND m.settled='' AND i.kind IN ('condensate','category') GROUP BY m.item"
    )
    return dict(tuple(r) for r in conn.execute(sql))
