"""Texts in the project file: only the version that stands, in its turns, with the index that finds its words.

Earlier versions of a corrected text are kept in the vault, because what was corrected may be a name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress

from workbench.domain.errors import UndoRefused
from workbench.domain.spans import Edit

from .connection import connect
from .project import Store
from .unit_of_work import Row, UnitOfWork

_TOKENS = "tokenize='unicode61 remove_diacritics 0'"  # as turn_fts has it


def terms(conn: sqlite3.Connection, texts: Iterable[str]) -> set[str]:
    """The word forms of some texts exactly as the index cuts and folds them: SQLite itself is asked."""
    conn.execute(f"CREATE VIRTUAL TABLE temp.cut USING fts5(text, content='', columnsize=0, {_TOKENS})")
    conn.execute("CREATE VIRTUAL TABLE temp.cut_words USING fts5vocab(temp, cut, row)")
    conn.executemany("INSERT INTO temp.cut(rowid, text) VALUES(?,?)", list(enumerate(texts)))
    found = {row[0] for row in conn.execute("SELECT term FROM temp.cut_words").fetchall()}
    conn.execute("DROP TABLE temp.cut_words")
    conn.execute("DROP TABLE temp.cut")
    return found


def _index(conn: sqlite3.Connection, turns: Sequence[tuple[int, str]]) -> set[str]:
    """Index turns by their ids; returns their word forms."""
    conn.executemany("INSERT INTO turn_fts(rowid, text) VALUES(?,?)", turns)
    found = terms(conn, (text for _, text in turns))
    conn.executemany("INSERT OR IGNORE INTO word(term) VALUES(?)", [(term,) for term in sorted(found)])
    return found


def put(work: UnitOfWork, turns: list[Row]) -> None:
    """Add the turns of a source's first text and index their words."""
    work.insert_only("turn", turns)
    if turns:
        sql = "SELECT id, text FROM turn WHERE source=? AND text_rev=? ORDER BY id"
        version = (turns[0]["source"], turns[0]["text_rev"])
        _index(work.connection, [tuple(r) for r in work.connection.execute(sql, version)])


def replace(work: UnitOfWork, source: str, turns: list[Row]) -> None:
    """Let another version of a text stand, turn for turn; what stood must have been put away.

    Turns keep their ids, and only those whose words changed are indexed anew. A word form that then stands nowhere
    in the project is taken out of `word` and, by merging the index, out of the file itself: it may be a name."""
    conn = work.connection
    sql = "SELECT id, text FROM turn WHERE source=? ORDER BY seq"
    pairs = list(zip(conn.execute(sql, (source,)).fetchall(), turns, strict=True))
    changed = [(was["id"], was["text"], now["text"]) for was, now in pairs if was["text"] != now["text"]]
    conn.executemany(
        "INSERT INTO turn_fts(turn_fts, rowid, text) VALUES('delete',?,?)",
        [(id, was) for id, was, _ in changed],
    )
    conn.executemany(
        "UPDATE turn SET text_rev=?, start=?, end=?, text=? WHERE id=?",
        [(now["text_rev"], now["start"], now["end"], now["text"], was["id"]) for was, now in pairs],
    )
    kept = _index(conn, [(id, now) for id, _, now in changed])
    gone = [
        term for term in sorted(terms(conn, (was for _, was, _ in changed)) - kept)
        if conn.execute("SELECT 1 FROM turn_fts WHERE turn_fts MATCH ? LIMIT 1", (f'"{term}"',)).fetchone() is None
    ]  # fmt: skip
    if gone:
        conn.executemany("DELETE FROM word WHERE term=?", [(term,) for term in gone])
        # A deletion is only noted beside what it deletes until the two are merged.
        conn.execute("INSERT INTO turn_fts(turn_fts) VALUES('optimize')")


_KEPT = ("source", "text_rev", "seq", "start", "end", "text", "speaker", "t0_ms", "t1_ms")


def turns(conn: sqlite3.Connection, source: str) -> list[Row]:
    """The turns of the version that stands, as rows to `replace` and to `put_away`."""
    sql = f"SELECT {','.join(_KEPT)} FROM turn WHERE source=? ORDER BY seq"
    return [dict(r) for r in conn.execute(sql, (source,))]


def put_away(store: Store, rows: Iterable[Row]) -> None:
    """Keep the turns of a version in the vault, before the project file lets go of it. Done twice does no harm,
    and what stands in the project is right where the vault has something else of that number."""
    sql = f"INSERT OR REPLACE INTO earlier_turn({','.join(_KEPT)}) VALUES({','.join('?' * len(_KEPT))})"
    with store.vault() as vault:
        vault.executemany(sql, [tuple(r[c] for c in _KEPT) for r in rows])


def earlier(store: Store, source: str, text_rev: int) -> list[Row]:
    """An earlier version out of the vault; empty where this copy of the project has none."""
    if not store.vault_path.exists():
        return []
    sql = f"SELECT {','.join(_KEPT)} FROM earlier_turn WHERE source=? AND text_rev=? ORDER BY seq"
    with store.vault() as vault:
        return [dict(r) for r in vault.execute(sql, (source, text_rev))]


def follow(store: Store, work: UnitOfWork, source: str) -> None:
    """After an undo or redo has set a source's text_rev: put the turns that stand away and bring those back.

    Raises UndoRefused where the vault that has them is not here."""
    conn = work.connection
    wanted = work.get("source", source)["text_rev"]
    standing = turns(conn, source)
    if not standing or standing[0]["text_rev"] == wanted:
        return
    found = earlier(store, source, wanted)
    sql = "SELECT mac FROM source_text WHERE source=? AND text_rev=?"
    mac = conn.execute(sql, (source, wanted)).fetchone()
    if mac is None or not found or store.mac("\n".join(r["text"] for r in found)) != mac["mac"]:
        raise UndoRefused("undo.no_vault")
    put_away(store, standing)
    replace(work, source, found)


def clear_log(store: Store) -> None:
    """Empty the write-ahead log, which still has the words that were just replaced. Where somebody is reading
    an older state it is left to the next checkpoint; nobody waits for it."""
    with suppress(sqlite3.Error), closing(connect(store.path)) as conn:
        conn.execute("PRAGMA busy_timeout=100")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def next_rev(conn: sqlite3.Connection, source: str) -> int:
    """The number of a source's next text version; never given twice, also where one was undone."""
    sql = "SELECT max(text_rev) + 1 FROM source_text WHERE source=?"
    return int(conn.execute(sql, (source,)).fetchone()[0])


def corrections(conn: sqlite3.Connection, source: str) -> dict[int, tuple[int, list[Edit]]]:
    """Each version of a text that a correction made -> the version it was made from, and the edits."""
    sql = "SELECT from_rev, to_rev, start, end, length FROM text_edit WHERE source=? ORDER BY to_rev, start"
    found: dict[int, tuple[int, list[Edit]]] = {}
    for r in conn.execute(sql, (source,)):
        found.setdefault(r["to_rev"], (r["from_rev"], []))[1].append(Edit(r["start"], r["end"], r["length"]))
    return found


def is_only_carried(conn: sqlite3.Connection, unit: str, since: int) -> bool:
    """True if nothing has happened to a unit after an operation but corrections of its text that left its own
    words as they were (or back as they were), or that somebody else's words were erased around it."""
    sql = (
        "SELECT o.verb, json_extract(c.before,'$.mac') AS was, json_extract(c.after,'$.mac') AS now"
        " FROM change c JOIN operation o ON o.seq=c.op WHERE c.row_id=? AND c.tbl='unit' AND c.op>? ORDER BY c.pk"
    )
    found = conn.execute(sql, (unit, since)).fetchall()
    return (
        bool(found)
        and found[0]["was"] == found[-1]["now"]
        and all(r["verb"] in ("correct_text", "withdraw") for r in found)
    )
