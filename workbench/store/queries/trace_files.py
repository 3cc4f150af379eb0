"""Reads that only the files of the trace and the letters need: every step in bulk, readable keys, what came first."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from workbench.store.unit_of_work import Row


def path_edges(conn: sqlite3.Connection) -> list[Row]:
    """Every step from what was decided down to what it rests on: type, src, src_kind, dst, dst_kind and role. Condensates
    are left out, a theme's units are told directly; versions too, which hold copies."""
    sql = (
        "SELECT e.type, e.src, a.kind AS src_kind, e.dst, b.kind AS dst_kind, e.role FROM trace_edge e"
        " JOIN item a ON a.id=e.src JOIN item b ON b.id=e.dst"
        " WHERE e.type IN ('decides','realises','based_on','informs','gathers','challenged_by') AND b.kind<>'version'"
    )
    return [dict(r) for r in conn.execute(sql)]


def keys_of(conn: sqlite3.Connection, among: Collection[str]) -> dict[str, str]:
    """The readable keys of those that have one."""
    sql = "SELECT id, key FROM item WHERE key IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
    return {r["id"]: r["key"] for r in conn.execute(sql, (json.dumps([*among]),))}


def accepted_in(conn: sqlite3.Connection) -> dict[str, int]:
    """Requirement -> the operation that accepted it last."""
    sql = (
        "SELECT item, max(rev) AS op FROM review WHERE occasion='accepted' AND retired IS NULL GROUP BY item"
    )
    return {r["item"]: r["op"] for r in conn.execute(sql)}


def decided_in(conn: sqlite3.Connection) -> dict[str, int]:
    """Decision -> the operation that recorded what was decided."""
    sql = (
        "SELECT row_id, max(op) AS op FROM change WHERE tbl='decision' AND json_extract(after,'$.outcome')<>''"
        " AND coalesce(json_extract(before,'$.outcome'),'')='' GROUP BY row_id"
    )
    return {r["row_id"]: r["op"] for r in conn.execute(sql)}
