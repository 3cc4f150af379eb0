"""Texts in the project file: only the version that stands, in its turns, with the index that finds its words.

Earlier versions of a corrected text are kept in the vault, because what was corrected may be a name.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from .project import Store
from .unit_of_work import Row, UnitOfWork

# As SQLite's unicode61 cuts words: runs of letters, digits and the marks that sit on them.
_TERM = re.compile(r"[^\W_]+")


def terms(text: str) -> set[str]:
    """The word forms of a text as the index keeps them."""
    return set(_TERM.findall(text.lower()))


def put(work: UnitOfWork, turns: list[Row]) -> None:
    """Add the turns of one text version and index their words."""
    work.insert_only("turn", turns)
    if not turns:
        return
    version = (turns[0]["source"], turns[0]["text_rev"])
    conn = work.connection
    conn.execute(
        "INSERT INTO turn_fts(rowid, text) SELECT id, text FROM turn WHERE source=? AND text_rev=? ORDER BY id",
        version,
    )
    found: set[str] = set()
    for turn in turns:
        found |= terms(turn["text"])
    conn.executemany("INSERT OR IGNORE INTO word(term) VALUES(?)", [(term,) for term in sorted(found)])


def take_out(conn: sqlite3.Connection, source: str, text_rev: int) -> None:
    """Take a text version out of the project file, its words out of the index. `word` may keep a form that
    stands nowhere: it finds nothing."""
    version = (source, text_rev)
    conn.execute(
        "INSERT INTO turn_fts(turn_fts, rowid, text) SELECT 'delete', id, text FROM turn WHERE source=? AND text_rev=?",
        version,
    )
    conn.execute("DELETE FROM turn WHERE source=? AND text_rev=?", version)


_KEPT = ("source", "text_rev", "seq", "start", "end", "text", "speaker", "t0_ms", "t1_ms")


def turns(conn: sqlite3.Connection, source: str, text_rev: int) -> list[Row]:
    """The turns of the version that stands, as rows to `put` again."""
    sql = f"SELECT {','.join(_KEPT)} FROM turn WHERE source=? AND text_rev=? ORDER BY seq"
    return [dict(r) for r in conn.execute(sql, (source, text_rev))]


def put_away(store: Store, rows: Iterable[Row]) -> None:
    """Keep the turns of a version in the vault, before the project file lets go of it. Done twice does no harm."""
    sql = f"INSERT OR IGNORE INTO earlier_turn({','.join(_KEPT)}) VALUES({','.join('?' * len(_KEPT))})"
    with store.vault() as vault:
        vault.executemany(sql, [tuple(r[c] for c in _KEPT) for r in rows])


def earlier(store: Store, source: str, text_rev: int) -> list[Row]:
    """An earlier version out of the vault; empty where this copy of the project has none."""
    if not store.vault_path.exists():
        return []
    sql = f"SELECT {','.join(_KEPT)} FROM earlier_turn WHERE source=? AND text_rev=? ORDER BY seq"
    with store.vault() as vault:
        return [dict(r) for r in vault.execute(sql, (source, text_rev))]


def edits(conn: sqlite3.Connection, source: str) -> list[dict[str, Any]]:
    """All corrections of a source: from_rev, to_rev, [start, end) of the earlier text, length of what replaced it."""
    sql = "SELECT from_rev, to_rev, start, end, length FROM text_edit WHERE source=? ORDER BY to_rev, start"
    return [dict(r) for r in conn.execute(sql, (source,))]
