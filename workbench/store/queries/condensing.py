"""Reads behind condensation: when a condensate got its wording, and what has left it since."""

from __future__ import annotations

import json
import sqlite3

from .operations import undone


def last_wording(conn: sqlite3.Connection, condensate: str) -> tuple[int, str]:
    """(operation, when) in which the text got the wording it has; (0, "") where that has been erased."""
    sql = (
        "SELECT x.op, o.at FROM change x JOIN operation o ON o.seq=x.op WHERE x.row_id=? AND x.tbl='condensate'"
        " AND json_extract(x.before,'$.text') IS NOT json_extract(x.after,'$.text') ORDER BY x.op DESC LIMIT 1"
    )
    row = conn.execute(sql, (condensate,)).fetchone()
    return (row["op"], row["at"]) if row else (0, "")


def confirmations(conn: sqlite3.Connection) -> dict[str, tuple[int, str]]:
    """Condensate -> (operation, when) in which it was last confirmed and not taken back."""
    sql = (
        "SELECT seq, at, ids_json FROM operation WHERE verb='confirm_condensate' AND nature='do' ORDER BY seq"
    )
    gone = undone(conn)
    return {
        json.loads(r["ids_json"])["condensate"]: (r["seq"], r["at"])
        for r in conn.execute(sql)
        if r["seq"] not in gone
    }


def left_since(conn: sqlite3.Connection, condensate: str, seq: int) -> set[str]:
    """Units that were unticked in a condensate after an operation."""
    sql = "SELECT unit FROM cover WHERE condensate=? AND retired>?"
    return {r["unit"] for r in conn.execute(sql, (condensate, seq))}


def words_changed_since(conn: sqlite3.Connection, unit: str, seq: int, mac: str) -> bool:
    """Whether a unit, whose words have this digest now, had others at an operation, or was not there yet. That a
    correction elsewhere in the text has moved it is no change."""
    sql = "SELECT json_extract(before,'$.mac') AS mac FROM change WHERE row_id=? AND tbl='unit' AND op>? ORDER BY pk LIMIT 1"
    first = conn.execute(sql, (unit, seq)).fetchone()
    return first is not None and first["mac"] != mac


def entered_since(conn: sqlite3.Connection, placement: str, seq: int) -> bool:
    """Whether a placement got the subgroup it has, or was taken up again, after an operation. Merging code groups
    touches the placements of both and moves nothing from one subgroup to another."""
    sql = (
        "SELECT 1 FROM change WHERE row_id=? AND tbl='placement' AND op>? AND (before IS NULL"
        " OR json_extract(before,'$.subgroup') IS NOT json_extract(after,'$.subgroup')"
        " OR json_extract(before,'$.set_aside') IS NOT json_extract(after,'$.set_aside')"
        " OR json_extract(before,'$.retired') IS NOT json_extract(after,'$.retired')) LIMIT 1"
    )
    return conn.execute(sql, (placement, seq)).fetchone() is not None
