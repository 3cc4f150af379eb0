"""What leaves a project: the reads that only exports need, and one row for each file that has left, never changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from .unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Release:
    """`sha256` of the file's bytes; `items` are ids of what was in it."""

    at: str
    member: str
    kind: str
    sha256: str
    items: tuple[str, ...]


def keep(work: UnitOfWork, kind: str, sha256: str, items: Iterable[str]) -> None:
    """Add a row inside an operation. An operation that does nothing else leaves no entry in the history to undo."""
    row = {
        "at": work.at, "member": work.member, "kind": kind, "sha256": sha256,
        "item_ids_json": json.dumps(sorted(set(items))),
    }  # fmt: skip
    work.insert_only("release", [row])


def load(conn: sqlite3.Connection) -> list[Release]:
    """Newest first."""
    return [
        Release(r["at"], r["member"], r["kind"], r["sha256"], tuple(json.loads(r["item_ids_json"])))
        for r in conn.execute("SELECT * FROM release ORDER BY pk DESC")
    ]


@dataclass(frozen=True, slots=True)
class Logged:
    """That a member has gone through `sources` sources for a step, between two dates (ISO)."""

    step: str
    name: str
    sources: int
    first: str
    last: str


def readings(conn: sqlite3.Connection) -> list[Logged]:
    """Who has read how much for which step."""
    return [
        Logged(r["step"], r["name"], r["n"], r["first"], r["last"])
        for r in conn.execute(
            "SELECT r.step, m.name, count(DISTINCT r.source) AS n, min(r.at) AS first, max(r.at) AS last FROM reading r"
            " JOIN member m ON m.id=r.member JOIN source s ON s.id=r.source AND s.retired IS NULL"
            " AND s.words_of<>'literature' WHERE r.retired IS NULL GROUP BY r.step, m.name ORDER BY n DESC, m.name"
        )
    ]


def marked_by(conn: sqlite3.Connection) -> list[tuple[str, int]]:
    """(member's name, units marked), most first."""
    return [
        (r["name"], r["n"])
        for r in conn.execute(
            "SELECT m.name, count(*) AS n FROM unit u JOIN member m ON m.id=u.member WHERE u.retired IS NULL"
            " GROUP BY m.name ORDER BY n DESC, m.name"
        )
    ]


def turn_times(conn: sqlite3.Connection) -> dict[tuple[str, int], int]:
    """(source, turn's number) -> milliseconds from the recording's start, where they are known."""
    return {
        (r["source"], r["seq"]): r["t0_ms"]
        for r in conn.execute(
            "SELECT t.source, t.seq, t.t0_ms FROM turn t JOIN source s ON s.id=t.source AND s.text_rev=t.text_rev"
            " WHERE t.t0_ms IS NOT NULL AND s.retired IS NULL"
        )
    }


def theme_origins(conn: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """(code group, preliminary theme it has grown from, the theme's title)."""
    return [
        (r["code_group"], r["id"], r["title"])
        for r in conn.execute(
            "SELECT o.code_group, x.id, x.title FROM theme_origin o JOIN prelim_theme x ON x.id=o.prelim_theme"
            " AND x.retired IS NULL WHERE o.retired IS NULL ORDER BY o.rowid"
        )
    ]
