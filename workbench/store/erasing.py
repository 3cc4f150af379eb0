"""Taking a person's words out of a project for good: in the operation itself from the text, its index and the images
of what was done; after it from the vault, the free pages, the log and the backups.

Offsets stay: each turn keeps its length, so that everybody else's units stand where they stood. What is left is an
`erasure` row with ids and counts, and `verify` accepts the images that it names as gone, and no others.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from workbench.domain import text as text_rules
from workbench.domain.verbatim import Runs, repeats, runs

from . import texts
from .backup import back_up
from .connection import connect, guarded
from .project import Store
from .unit_of_work import Row, UnitOfWork, canonical, tables

_GUESSED = 30  # words that somebody with the file and a list of guesses could hit upon
_UNFINISHED = "erasing"  # the name in `meta` of what the vault and the backups have still to let go of
_SPOKEN = (
    "SELECT t.* FROM turn t JOIN speaker k ON k.id=t.speaker WHERE k.participant=? ORDER BY t.source, t.seq"
)
# A unit goes with the person as soon as one of its words is theirs.
_UNITS = (
    "SELECT DISTINCT u.id FROM speaker k JOIN turn t ON t.speaker=k.id JOIN unit u ON u.source=t.source"
    " AND u.text_rev=t.text_rev AND u.start<t.end AND u.end>t.start WHERE k.participant=?"
)


def filler(length: int) -> str:
    """What stands where somebody's words stood: as many code points, no word, and it can be broken into lines."""
    text = ("– " * (length // 2 + 1))[:length]
    return text[:-1] + "–" if text.endswith(" ") else text


# -- whose words -----------------------------------------------------------------------------------------


def spoken(conn: sqlite3.Connection, participant: str) -> list[Row]:
    """The turns a person speaks, also in sources that have been taken out."""
    return [dict(r) for r in conn.execute(_SPOKEN, (participant,))]


def live_units(conn: sqlite3.Connection, participant: str) -> list[str]:
    """Live units with words of a person in them, alone or with others."""
    return [r[0] for r in conn.execute(f"{_UNITS} AND u.retired IS NULL ORDER BY u.rowid", (participant,))]


def _every_unit(conn: sqlite3.Connection, participant: str) -> set[str]:
    """Live or not. Where a mark stood that was taken out before its text was corrected is not known any more: it can
    not be brought back either, so it counts as theirs."""
    found = {r[0] for r in conn.execute(_UNITS, (participant,))}
    older = (
        "SELECT u.id FROM unit u JOIN source s ON s.id=u.source AND s.text_rev<>u.text_rev WHERE u.retired IS NOT NULL"
        " AND u.source IN (SELECT source FROM speaker WHERE participant=?)"
    )
    return found | {r[0] for r in conn.execute(older, (participant,))}


def is_withdrawn(conn: sqlite3.Connection, source: str, start: int, end: int) -> bool:
    """Whether a span of the text that stands has words of somebody who has withdrawn."""
    sql = (
        "SELECT 1 FROM turn t JOIN speaker k ON k.id=t.speaker JOIN participant p ON p.id=k.participant"
        " WHERE t.source=? AND t.start<? AND t.end>? AND p.consent='withdrawn' LIMIT 1"
    )
    return conn.execute(sql, (source, end, start)).fetchone() is not None


def is_unit_withdrawn(conn: sqlite3.Connection, unit: str) -> bool:
    """Whether a meaning unit, live or not, has words of somebody who has withdrawn."""
    row = conn.execute("SELECT source, start, end FROM unit WHERE id=?", (unit,)).fetchone()
    return row is not None and is_withdrawn(conn, *row)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A live text that has LONG or more of a person's words in a row: a row's table and id."""

    table: str
    id: str


def _strings(row: Mapping[str, object]) -> Iterable[str]:
    return (value for value in row.values() if isinstance(value, str))


def repeating(conn: sqlite3.Connection, known: Runs) -> list[Repeat]:
    """Live rows whose own text repeats somebody's words; frozen versions too, which nobody changes."""
    if not known:
        return []
    found = []
    for table, spec in tables(conn).items():
        if table in ("cleared_quote", "erasure"):
            continue  # made of quotes: they are erased
        for row in conn.execute(f"SELECT * FROM {table} WHERE retired IS NULL"):
            if any(repeats(text, known) for text in _strings({c: row[c] for c in spec.columns})):
                found.append(Repeat(table, row["id"]))
    versions = {
        r["version"] for r in conn.execute("SELECT version, fields_json FROM version_row")
        if repeats(r["fields_json"], known)
    }  # fmt: skip
    return found + [Repeat("version", id) for id in sorted(versions)]


def words_of(conn: sqlite3.Connection, participant: str) -> Runs:
    """What a copy of a person's words is known by."""
    return runs(turn["text"] for turn in spoken(conn, participant))


# -- in the operation ------------------------------------------------------------------------------------


def erase(work: UnitOfWork, store: Store, participant: str, id: str, units: int) -> None:
    """Within the operation that has taken a person's units out: let go of their words.

    `id`: of the erasure row; `units`: how many were taken out. Call `finish` after the commit."""
    conn = work.connection
    turns = spoken(conn, participant)
    known = runs(turn["text"] for turn in turns)
    gone: dict[str, set[str]] = {"unit": _every_unit(conn, participant)}
    for table, column in (("cleared_quote", "unit"), ("memo", "item")):
        some = json.dumps(sorted(gone["unit"]))
        sql = f"SELECT id FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
        gone[table] = {r[0] for r in conn.execute(sql, (some,))}
    by_source: dict[str, set[int]] = {}
    for turn in turns:
        by_source.setdefault(turn["source"], set()).add(turn["seq"])
    for source, seqs in by_source.items():
        _blank_turns(work, store, source, seqs)
    blank = {"unit": {"mac": ""}, "memo": {"text": ""},
             "cleared_quote": {"printed": "", "translation": "", "mac": ""}}  # fmt: skip
    for table, ids in gone.items():
        for row_id in sorted(ids):
            work.rewrite(table, row_id, blank[table], forget=True)
    for table, row_id, changes in _retired_repeats(conn, known):
        work.rewrite(table, row_id, changes, forget=True)
        gone.setdefault(table, set()).add(row_id)
    some_rows = json.dumps([[table, row_id] for table, ids in gone.items() for row_id in sorted(ids)])
    conn.execute(
        "UPDATE change SET before=NULL, after=NULL, salt=NULL WHERE pk IN (SELECT c.pk FROM json_each(?) x"
        " JOIN change c ON c.row_id=json_extract(x.value,'$[1]') AND c.tbl=json_extract(x.value,'$[0]'))",
        (some_rows,),
    )
    images = _earlier_repeats(conn, known)
    conn.executemany(
        "UPDATE change SET before=NULL, after=NULL, salt=NULL WHERE pk=?", [(pk,) for pk in images]
    )
    conn.executemany(
        "UPDATE reason SET text=NULL, salt=NULL WHERE op=?",
        [
            (r["op"],)
            for r in conn.execute("SELECT op, text FROM reason").fetchall()
            if repeats(r["text"] or "", known)
        ],
    )
    conn.executemany(
        "UPDATE shown_row SET label='' WHERE shown=? AND item=?",
        [
            (r["shown"], r["item"])
            for r in conn.execute("SELECT shown, item, label FROM shown_row").fetchall()
            if known and repeats(r["label"], known)
        ],
    )
    speakers = [
        r[0] for r in conn.execute("SELECT id FROM speaker WHERE participant=? ORDER BY id", (participant,))
    ]
    what = {
        "participant": participant, "turns": {s: sorted(n) for s, n in sorted(by_source.items())},
        "rows": {table: sorted(ids) for table, ids in sorted(gone.items())}, "images": images, "speakers": speakers,
    }  # fmt: skip
    work.insert(
        "erasure",
        {"id": id, "participant": participant, "member": work.member, "at": work.at, "turns": len(turns),
         "units": units, "ids_json": canonical(what)},
    )  # fmt: skip
    conn.execute("INSERT OR IGNORE INTO meta(name, value) VALUES(?,?)", (_UNFINISHED, work.at))


def _blank_turns(work: UnitOfWork, store: Store, source: str, seqs: Collection[int]) -> None:
    """Another version of a source's text, with the same offsets; no version before it is kept anywhere."""
    conn = work.connection
    standing = texts.turns(conn, source)
    (from_rev,) = conn.execute("SELECT text_rev FROM source WHERE id=?", (source,)).fetchone()
    to_rev = texts.next_rev(conn, source)
    after = [
        {
            **turn,
            "text_rev": to_rev,
            "text": filler(len(turn["text"])) if turn["seq"] in seqs else turn["text"],
        }
        for turn in standing
    ]
    body = "\n".join(turn["text"] for turn in after)
    others = work.live("unit", source=source)
    work.rewrite("source", source, {"text_rev": to_rev})
    work.insert_only(
        "source_text",
        [{"source": source, "text_rev": to_rev, "mac": store.mac(body), "length": len(body),
          "words": text_rules.words(body)}],
    )  # fmt: skip
    work.insert_only(
        "text_edit",
        [{"source": source, "from_rev": from_rev, "to_rev": to_rev, "start": turn["start"], "end": turn["end"],
          "length": turn["end"] - turn["start"]} for turn in standing if turn["seq"] in seqs],
    )  # fmt: skip
    texts.replace(work, source, after)
    for unit in others:
        work.update("unit", unit["id"], {"text_rev": to_rev})
    # A digest of few words that are gone would still answer whether a guess is right. Of many it does not, and copies
    # made before find by it where their marks stand.
    if sum(text_rules.words(turn["text"]) for turn in standing if turn["seq"] in seqs) < _GUESSED:
        conn.execute("UPDATE source_text SET mac='' WHERE source=? AND text_rev<>?", (source, to_rev))


def _retired_repeats(conn: sqlite3.Connection, known: Runs) -> list[tuple[str, str, Row]]:
    """(table, id, columns to empty) of rows taken out whose text repeats the words."""
    found = []
    for table, spec in tables(conn).items() if known else ():
        for row in conn.execute(f"SELECT * FROM {table} WHERE retired IS NOT NULL"):
            held = {c: "" for c in spec.columns if isinstance(row[c], str) and repeats(row[c], known)}
            if held:
                found.append((table, row["id"], held))
    return found


def _earlier_repeats(conn: sqlite3.Connection, known: Runs) -> list[int]:
    """Images of earlier wordings that repeat the words: every change but the last of its row, which is how the row
    still reads."""
    if not known:
        return []
    last = {r[0] for r in conn.execute("SELECT max(pk) FROM change GROUP BY tbl, row_id")}
    found = []
    for pk, *images in conn.execute(
        "SELECT pk, before, after FROM change WHERE after IS NOT NULL ORDER BY pk"
    ):
        held = [json.loads(image) for image in images if image is not None]
        if any(repeats(text, known) for image in held for text in _strings(image)):
            found.append((pk, images))
    gone = []
    for pk, images in found:
        if pk in last and repeats(" ".join(_strings(json.loads(images[1]))), known):
            continue
        gone.append(pk)
    return gone


# -- what is left of it, for verify ----------------------------------------------------------------------


def _erasures(conn: sqlite3.Connection) -> list[tuple[int, Row]]:
    """(operation, what went) of each erasure, as far as the chain vouches for it."""
    return [
        (r["op"], json.loads(json.loads(r["after"])["ids_json"]))
        for r in conn.execute(
            "SELECT c.op, c.after FROM change c JOIN operation o ON o.seq=c.op AND o.verb='withdraw' AND o.nature='do'"
            " WHERE c.tbl='erasure' AND c.before IS NULL AND c.after IS NOT NULL"
        )
    ]


def images_gone(conn: sqlite3.Connection) -> set[int]:
    """The changes (`pk`) whose images an erasure has taken: of the rows it names until then, and those it lists."""
    gone: set[int] = set()
    for op, what in _erasures(conn):
        gone.update(what["images"])
        for table, ids in what["rows"].items():
            sql = "SELECT pk FROM change WHERE tbl=? AND op<=? AND row_id IN (SELECT value FROM json_each(?))"
            gone.update(r[0] for r in conn.execute(sql, (table, op, json.dumps(ids))))
    return gone


def remains(store: Store, conn: sqlite3.Connection) -> list[str]:
    """Codes of what an erasure says is gone and is still there."""
    found = []
    for _, what in _erasures(conn):
        for source, seqs in what["turns"].items():
            sql = "SELECT text FROM turn WHERE source=? AND seq IN (SELECT value FROM json_each(?))"
            if any(
                r["text"] != filler(len(r["text"])) for r in conn.execute(sql, (source, json.dumps(seqs)))
            ):
                found.append("verify.not_erased")
        for table, column in (("unit", "mac"), ("memo", "text"), ("cleared_quote", "printed")):
            sql = f"SELECT 1 FROM {table} WHERE {column}<>'' AND id IN (SELECT value FROM json_each(?))"
            if conn.execute(sql, (json.dumps(what["rows"].get(table, [])),)).fetchone():
                found.append("verify.not_erased")
    if is_unfinished(conn):
        return [*found, "verify.erasure_unfinished"]
    if store.vault_path.exists():
        with store.vault() as vault:
            kept = {
                r[0]
                for table in ("original", "earlier_turn")
                for r in vault.execute(f"SELECT source FROM {table}")
            }
        if any(kept & what["turns"].keys() for _, what in _erasures(conn)):
            found.append("verify.not_erased")
    return found


# -- after the commit ------------------------------------------------------------------------------------


def is_unfinished(conn: sqlite3.Connection) -> bool:
    """Whether words of somebody who is erased may still lie in the vault, in free pages, in the log or a backup."""
    return conn.execute("SELECT 1 FROM meta WHERE name=?", (_UNFINISHED,)).fetchone() is not None


def backups(path: Path) -> list[Path]:
    """The project's own backups, oldest first (each with its vault beside it)."""
    folder = path.with_suffix(".backups")
    found = folder.glob("*.db") if folder.is_dir() else ()
    return sorted(f for f in found if not f.name.endswith(".vault.db"))


def finish(store: Store) -> bool:
    """Do what can only be done after the commit; done twice does no harm, and what a crash or a reader kept from
    being done is done the next time. Returns whether nothing is left to do."""
    with store.read() as conn:
        if not is_unfinished(conn):
            return True
        erased = [
            json.loads(r[0]) for r in conn.execute("SELECT ids_json FROM erasure WHERE retired IS NULL")
        ]
    _empty_vault(store, erased)
    with guarded(store.path), closing(connect(store.path)) as conn:
        conn.execute("VACUUM")
    if not _empty_log(store.path):
        return False
    _renew_backups(store.path)
    with guarded(store.path), closing(connect(store.path)) as conn:
        conn.execute("DELETE FROM meta WHERE name=?", (_UNFINISHED,))
    return _empty_log(store.path)


def originals(store: Store) -> set[str]:
    """Sources whose original file is in the vault."""
    if not store.vault_path.exists():
        return set()
    with store.vault() as vault:
        return {r["source"] for r in vault.execute("SELECT source FROM original")}


def _empty_vault(store: Store, erased: Iterable[Row]) -> None:
    """The files a person spoke in hold their words, whoever else spoke there; who they are goes as well."""
    if not store.vault_path.exists():
        return
    with store.vault() as vault:
        for what in erased:
            for source in what["turns"]:
                vault.execute("DELETE FROM original WHERE source=?", (source,))
                vault.execute("DELETE FROM earlier_turn WHERE source=?", (source,))
            vault.executemany("DELETE FROM raw_label WHERE speaker=?", [(s,) for s in what["speakers"]])
            vault.execute("DELETE FROM person WHERE participant=?", (what["participant"],))
    with guarded(store.vault_path), closing(connect(store.vault_path)) as conn:
        conn.execute("VACUUM")
    _empty_log(store.vault_path)


def _empty_log(path: Path) -> bool:
    """Empty the write-ahead log, waiting for who still reads an older state; False where they went on reading."""
    with guarded(path), closing(connect(path)) as conn:
        return bool(conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)


def _renew_backups(path: Path) -> None:
    """One backup of the project as it is now in the place of all earlier ones."""
    folder = path.with_suffix(".backups")
    earlier = [f for f in folder.iterdir() if f.is_file()] if folder.is_dir() else []
    if not earlier:
        return
    made = back_up(path, label="after-erasing")
    with guarded(made), closing(sqlite3.connect(made, isolation_level=None)) as conn:
        conn.execute("DELETE FROM meta WHERE name=?", (_UNFINISHED,))  # in this file nothing is left to do
    for file in earlier:
        if file.name.startswith(path.stem) and file not in (made, made.with_suffix(".vault.db")):
            file.unlink(missing_ok=True)
