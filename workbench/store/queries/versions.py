"""Reads for freezing and comparing versions, in bulk: what kind things are, their rows, and what each rests on.

What rests on what is read from the project file itself: what a member does not see while marking unseen
(store/unseen.py) is no change to anything, and only digests of words come from here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

from workbench.store.unit_of_work import Row, tables


def kinds(conn: sqlite3.Connection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Id -> (kind, readable key or ""), live or not; ids of nothing are left out."""
    sql = "SELECT id, kind, key FROM item WHERE id IN (SELECT value FROM json_each(?))"
    return {r["id"]: (r["kind"], r["key"] or "") for r in conn.execute(sql, (json.dumps([*ids]),))}


def rows(conn: sqlite3.Connection, kind: str, ids: Collection[str]) -> dict[str, Row]:
    """The rows of things of one kind by id, live or not."""
    if kind not in tables(conn):
        raise ValueError(kind)
    sql = f"SELECT * FROM {kind} WHERE id IN (SELECT value FROM json_each(?))"
    return {r["id"]: dict(r) for r in conn.execute(sql, (json.dumps([*ids]),))}


def bases(conn: sqlite3.Connection, ids: Collection[str]) -> dict[str, list[Row]]:
    """What each of these rests on: dst, its kind and role; for a live unit also the digest of its words, `mac`.

    That two requirements conflict, and that a decision judged something, is nothing that they rest on."""
    found: dict[str, list[Row]] = {id: [] for id in ids}
    sql = (
        "SELECT DISTINCT e.src, e.dst, e.role, i.kind, u.mac FROM trace_edge e JOIN item i ON i.id=e.dst"
        " LEFT JOIN main.unit u ON u.id=e.dst AND u.retired IS NULL"
        " WHERE e.src IN (SELECT value FROM json_each(?))"
        " AND e.type NOT IN ('synthesises','conflicts','decides','evaluates','includes')"
    )
    for r in conn.execute(sql, (json.dumps([*ids]),)):
        found[r["src"]].append(dict(r))
    return found


def held(conn: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Version -> kind -> how many of that kind it holds."""
    found: dict[str, dict[str, int]] = {}
    sql = (
        "SELECT r.version, i.kind, count(*) AS n FROM version_row r JOIN item i ON i.id=r.item"
        " GROUP BY r.version, i.kind"
    )
    for r in conn.execute(sql):
        found.setdefault(r["version"], {})[r["kind"]] = r["n"]
    return found


def last_round(conn: sqlite3.Connection, version: str) -> int:
    """The highest round among the sources whose units a version rests on; 0 where it rests on none."""
    sql = (
        "SELECT coalesce(max(s.iteration), 0) FROM version_row r, json_each(r.support_json, '$.basis') b"
        " JOIN main.unit u ON u.id=json_extract(b.value, '$[0]') JOIN source s ON s.id=u.source WHERE r.version=?"
    )
    return int(conn.execute(sql, (version,)).fetchone()[0])
