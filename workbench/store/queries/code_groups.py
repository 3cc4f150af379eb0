"""Reads behind code groups: how one has changed, and how often a code of a codebook is used."""

from __future__ import annotations

import sqlite3
from typing import Any

Row = dict[str, Any]

_OPERATION = (
    "SELECT c.op, c.row_id, c.before, c.after, o.at, o.verb, o.nature, o.ids_json, m.name AS who, r.text AS note"
    " FROM change c JOIN operation o ON o.seq=c.op LEFT JOIN member m ON m.id=o.member"
    " LEFT JOIN reason r ON r.op=c.op"
)


def changes_of(conn: sqlite3.Connection, code_group: str) -> list[Row]:
    """Every change to a code group's row with its operation and note, oldest first."""
    sql = f"{_OPERATION} WHERE c.tbl='code_group' AND c.row_id=? ORDER BY c.pk"
    return [dict(r) for r in conn.execute(sql, (code_group,))]


def kin_of(conn: sqlite3.Connection, code_group: str) -> list[Row]:
    """Changes to other code groups in operations that merged them with this one or split them from it."""
    sql = (
        f"{_OPERATION} JOIN code_group g ON g.id=c.row_id WHERE c.tbl='code_group' AND c.row_id<>?1"
        " AND o.verb IN ('merge_code_groups','split_code_group')"
        " AND ?1 IN (json_extract(o.ids_json,'$.code_group'), json_extract(o.ids_json,'$.from')) ORDER BY c.pk"
    )
    return [dict(r) for r in conn.execute(sql, (code_group,))]


def themes_of(conn: sqlite3.Connection, code_group: str) -> list[Row]:
    """Preliminary themes that a code group has grown from, with when that was said and by whom."""
    sql = (
        f"{_OPERATION.replace(' FROM', ', t.title FROM')} JOIN theme_origin x ON x.id=c.row_id"
        " JOIN prelim_theme t ON t.id=x.prelim_theme"
        " WHERE c.tbl='theme_origin' AND x.code_group=? AND x.retired IS NULL AND t.retired IS NULL"
        " AND c.pk=(SELECT min(pk) FROM change f WHERE f.tbl='theme_origin' AND f.row_id=x.id) ORDER BY c.pk"
    )
    return [dict(r) for r in conn.execute(sql, (code_group,))]


def code_counts(conn: sqlite3.Connection) -> dict[str, int]:
    """Code of a codebook -> units it is on; codes without units are not in it."""
    sql = (
        "SELECT c.code, count(*) FROM code_tag c JOIN unit u ON u.id=c.unit AND u.retired IS NULL"
        " WHERE c.retired IS NULL GROUP BY c.code"
    )
    return dict(tuple(r) for r in conn.execute(sql))
