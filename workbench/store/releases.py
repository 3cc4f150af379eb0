"""What has left a project: one row for each file that was exported, never changed."""

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
