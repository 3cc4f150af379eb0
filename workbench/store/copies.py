"""A project's copies for co-analysts as files: making one, and reading one that somebody else has worked on."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.domain.errors import Refused, StoreFailed
from workbench.domain.spans import Edit

from . import releases, texts
from .connection import APPLICATION_ID, connect, failure, identify
from .migrations import MIGRATIONS, migrate
from .project import Store
from .queries.operations import last_seq
from .unit_of_work import Row, image_mac, operation_hash, tables

LARGEST = 1 << 30  # bytes of a file that is looked at
MOST_ROWS = 500_000  # of one table
LONGEST_VALUE = 50_000_000  # bytes
MOST_TEXT, MOST_TURNS = 5_000_000, 50_000  # of one source
SECONDS = 30.0  # that checking somebody else's file may take


@dataclass(frozen=True, slots=True)
class CopyMark:
    """What a copy knows about itself: of which `project` it was taken for which `member`, after which operation of
    the project (`taken_at`), and the operation it began with itself (`base` and its `hash`)."""

    id: str
    project: str
    member: str
    at: str
    with_marks: bool
    taken_at: int
    base: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of a row in a copy: `before` as it was at the beginning of what is looked at (None: it was
    not there), and who changed it last, when."""

    table: str
    id: str
    before: Row | None
    member: str
    at: str


@dataclass(slots=True)
class Foreign:
    """A copy read whole; nothing of it is open any more. Rows are with `retired` and as of this schema."""

    mark: CopyMark
    chain: str = ""  # the beginnings of the hashes of its own operations, eight letters each
    log: list[tuple[int, str, str, Row | None, str, str]] = field(default_factory=list)
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)  # item -> kind
    made_by: dict[tuple[str, str], str] = field(
        default_factory=dict
    )  # of the rows that its operations changed
    digests: dict[tuple[str, int], Row] = field(default_factory=dict)  # (source, version) -> source_text
    edits: dict[str, list[Row]] = field(default_factory=dict)  # source -> text_edit
    turns: dict[str, list[Row]] = field(default_factory=dict)  # of the sources that its operations changed

    @property
    def last(self) -> int:
        return self.mark.base + len(self.chain) // 8

    def changes(self, since: int) -> list[Change]:
        """What its operations after `since` have come to, row by row in the order they were first changed."""
        first: dict[tuple[str, str], Row | None] = {}
        last: dict[tuple[str, str], tuple[str, str]] = {}
        for seq, table, id, before, member, at in self.log:
            if seq > since:
                first.setdefault((table, id), before)
                last[table, id] = (member, at)
        return [Change(table, id, before, *last[table, id]) for (table, id), before in first.items()]


# -- making one --------------------------------------------------------------------------------------------


def mark_of(conn: sqlite3.Connection) -> CopyMark | None:
    """What the project file is a copy of; None where it is no copy."""
    row = conn.execute("SELECT value FROM meta WHERE name='copy'").fetchone()
    return CopyMark(**json.loads(row[0])) if row else None


def beside(path: Path) -> Path | None:
    """What already stands where a copy is to be made: the file, or what is left of another of that name."""
    names = ("", "-wal", "-shm", "-journal")
    found = [path.with_name(path.name + end) for end in names] + [path.with_suffix(".vault.db")]
    return next((p for p in found if p.exists()), None)


@contextmanager
def _making(path: Path) -> Iterator[Path]:
    """A place beside `path`; what is there when the block ends is checked, flushed and moved to `path`, which is
    never overwritten."""
    making = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}.making.db")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        raise failure(error, path) from None
    try:
        yield making
        with making.open("rb+") as f:
            os.fsync(f.fileno())
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            raise Refused("copies.exists", name=path.name) from None
        making.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            making.with_name(making.name + end).unlink(missing_ok=True)


def _finish(making: Path, store: Store, mark: CopyMark) -> str:
    """Write down what the copy is; returns the SHA-256 of the finished file."""
    with closing(sqlite3.connect(making, isolation_level=None)) as conn:
        conn.execute("PRAGMA secure_delete=ON")
        conn.execute("PRAGMA journal_mode=DELETE")
        conn.execute("BEGIN IMMEDIATE")
        seq, hash = conn.execute("SELECT seq, hash FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
        # A project of its own: an app that has both must not take one for the other.
        told = {**asdict(mark), "base": seq, "hash": hash, "taken_at": mark.taken_at or seq}
        conn.executemany(
            "INSERT OR REPLACE INTO meta(name, value) VALUES(?,?)",
            [
                ("project", str(uuid.uuid4())),
                ("copy", json.dumps(told)),
                ("secret", store.secret.hex()),
            ],
        )
        conn.execute("COMMIT")
        if conn.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise StoreFailed("store.damaged", name=making.name)
    digest = hashlib.sha256()
    with making.open("rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def snapshot(store: Store) -> bytes:
    """The project's file as it is now, whole and in one piece, without a vault."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / "copy.db"
        try:
            with closing(connect(store.path)) as source, closing(sqlite3.connect(path)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            return path.read_bytes()
        except (sqlite3.Error, OSError) as error:
            raise failure(error, store.path) from None


RELEASED = {True: "copy", False: "copy_unseen"}  # with the marks -> the kind that a copy's release is of


def made(conn: sqlite3.Connection) -> list[Row]:
    """The copies that were made of a project, newest first: copy, member, with_marks, by and at."""
    found = []
    known = {r[0]: "member" for r in conn.execute("SELECT id FROM main.member")}
    known |= {r[0]: "source" for r in conn.execute("SELECT id FROM main.source")}
    for release in releases.load(conn):
        if release.kind not in RELEASED.values():
            continue
        ids = {known.get(id, "copy"): id for id in release.items}
        row = {
            "copy": ids.get("copy", ""),
            "member": ids.get("member", ""),
            "by": release.member,
            "at": release.at,
        }
        found.append(row | {"with_marks": release.kind == RELEASED[True]})
    return found


def marks_in(folder: Path) -> dict[str, Path]:
    """Copy -> its file, of the copies in a folder."""
    found = {}
    for path in sorted(folder.glob("*.db")) if folder.is_dir() else []:
        with (
            suppress(sqlite3.Error, ValueError, TypeError),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn,
        ):
            if (mark := mark_of(conn)) is not None:
                found[mark.id] = path
    return found


def make_whole(store: Store, path: Path, mark: CopyMark) -> str:
    """A copy with everything but the vault, made while others may be writing; returns its SHA-256."""
    with _making(path) as making:
        with closing(connect(store.path)) as source, closing(sqlite3.connect(making)) as copy:
            source.backup(copy)
        return _finish(making, store, mark)


def make_selected(
    store: Store,
    path: Path,
    mark: CopyMark,
    select: Callable[[sqlite3.Connection], Mapping[str, Iterable[Row]]],
    operation: Mapping[str, Any],
) -> str:
    """A copy with only the live rows that `select` finds and the texts of the sources among them, in a file that
    has never held anything else, whose record begins with `operation`; returns its SHA-256."""
    with _making(path) as making:
        making.unlink()
        copy = Store.create(making, mark.id)
        try:
            with store.read() as conn, copy.write(**operation) as work:
                mark = replace(mark, taken_at=last_seq(conn))
                chosen = select(conn)
                for table, some in chosen.items():
                    columns = tables(conn)[table].columns
                    for row in some:
                        work.insert(table, {c: row[c] for c in columns})
                for source in chosen.get("source", ()):
                    for table in ("source_text", "text_edit"):
                        found = conn.execute(f"SELECT * FROM {table} WHERE source=?", (source["id"],))
                        work.insert_only(table, [dict(r) for r in found])
                    texts.put(work, texts.turns(conn, source["id"]))
        finally:
            copy.close()
        return _finish(making, store, mark)


# -- reading one -------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _schema(version: int) -> frozenset[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        for script in MIGRATIONS[:version]:
            conn.executescript(script)
        return _described(conn)


def _described(conn: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    """Tables, indices, triggers and views as the file defines them; of what lies under the index of words only
    the names, since those tables are SQLite's own."""
    sql = "SELECT type, name, CASE WHEN name LIKE 'turn\\_fts\\_%' ESCAPE '\\' THEN '' ELSE coalesce(sql,'') END"
    found = conn.execute(f"{sql} FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    return frozenset((r[0], r[1], " ".join(r[2].split())) for r in found)


@contextmanager
def _opened(path: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    """A private copy of somebody else's file, found whole and of our schema, brought up to date, read-only.

    The file itself is only ever read. Raises Refused or StoreFailed with the sentence for what it is."""
    try:
        application, version = identify(path)
    except StoreFailed as failed:
        if failed.code == "store.damaged":
            raise Refused("copies.damaged", name=path.name) from None
        raise
    if application != APPLICATION_ID:
        raise StoreFailed("store.not_a_project", name=path.name)
    if version > len(MIGRATIONS):
        raise Refused("store.newer", name=path.stem)
    wal = path.with_name(path.name + "-wal")
    waiting = wal.stat().st_size if wal.exists() else 0
    waiting += path.with_name(path.name + "-journal").exists()
    if path.stat().st_size + waiting > LARGEST:
        raise Refused("copies.too_large", name=path.name)
    mine = folder / "copy.db"
    address = f"{path.absolute().as_uri()}?mode=ro{'' if waiting else '&immutable=1'}"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=10)) as theirs,
        closing(sqlite3.connect(mine)) as copy,
    ):
        _harden(theirs)
        theirs.backup(copy)
    until = time.monotonic() + SECONDS
    with closing(sqlite3.connect(mine, isolation_level=None)) as conn:
        _harden(conn, until)
        if conn.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise Refused("copies.damaged", name=path.name)
        if version < 1 or _described(conn) != _schema(version):
            raise Refused("copies.other_schema", name=path.name)
        if version < len(MIGRATIONS):
            migrate(conn)
        conn.execute("PRAGMA query_only=ON")
        conn.row_factory = sqlite3.Row
        yield conn


def _harden(conn: sqlite3.Connection, until: float | None = None) -> None:
    for pragma in ("trusted_schema=OFF", "mmap_size=0", "cell_size_check=ON", "temp_store=MEMORY"):
        conn.execute(f"PRAGMA {pragma}")
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    if until is not None:
        conn.set_progress_handler(lambda: time.monotonic() > until, 100_000)


def read(path: Path, left_out: Iterable[str]) -> Foreign:
    """A copy that somebody has worked on, read whole; tables in `left_out` are not.

    Raises Refused or StoreFailed where it is no copy, damaged, of a newer schema, or too large."""
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder, _opened(path, Path(folder)) as conn:
            mark = mark_of(conn)
            if mark is None:
                raise Refused("copies.not_a_copy", name=path.name)
            found = Foreign(mark)
            _read_log(conn, found)
            _read_rows(conn, found, frozenset(left_out))
            _read_texts(conn, found)
            return found
    except sqlite3.Error as error:
        failed = failure(error, path)
        if failed.code in ("store.full", "store.locked"):
            raise failed from None
        raise Refused("copies.damaged", name=path.name) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, _Broken):
        raise Refused("copies.damaged", name=path.name) from None
    except OSError as error:
        raise failure(error, path) from None


class _Broken(Exception):
    """What the file holds does not fit together."""


def _read_log(conn: sqlite3.Connection, found: Foreign) -> None:
    """The operations since the copy was made, each checked against the chain that the copy began with."""
    mark = found.mark
    first = conn.execute("SELECT hash FROM operation WHERE seq=?", (mark.base,)).fetchone()
    if first is None or first["hash"] != mark.hash:
        raise _Broken
    changes: dict[int, list[sqlite3.Row]] = {}
    for c in conn.execute("SELECT * FROM change WHERE op>? ORDER BY pk", (mark.base,)):
        changes.setdefault(c["op"], []).append(c)
    previous, chain = mark.hash, []
    for expected, op in enumerate(
        conn.execute("SELECT * FROM operation WHERE seq>? ORDER BY seq", (mark.base,)), mark.base + 1
    ):
        made = changes.pop(op["seq"], [])
        fields = {k: op[k] for k in op.keys() if k != "hash"}  # noqa: SIM118 - sqlite3.Row
        if op["seq"] != expected or op["hash"] != operation_hash(previous, fields, [c["mac"] for c in made]):
            raise _Broken
        for c in made:
            erased = c["before"] is None and c["after"] is None
            if not erased and not hmac.compare_digest(
                c["mac"], image_mac(c["salt"], c["before"], c["after"])
            ):
                raise _Broken
            before = json.loads(c["before"]) if c["before"] else None
            if before is not None and before.pop("retired"):
                before = None  # what was taken out and has come back is as good as new
            found.log.append((op["seq"], c["tbl"], c["row_id"], before, op["member"], op["at"]))
        previous = op["hash"]
        chain.append(previous[:8])
    if changes:
        raise _Broken
    found.chain = "".join(chain)


def _read_rows(conn: sqlite3.Connection, found: Foreign, left_out: frozenset[str]) -> None:
    known = tables(conn)
    for name in known.keys() - left_out:
        if conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] > MOST_ROWS:
            raise _Broken
        found.rows[name] = rows(conn, name)
    found.items = kinds(conn)
    sql = (
        "SELECT tbl, row_id, o.member FROM change c JOIN operation o ON o.seq=c.op WHERE c.pk IN"
        " (SELECT min(pk) FROM change WHERE row_id IN (SELECT row_id FROM change WHERE op>?) GROUP BY tbl, row_id)"
    )
    found.made_by = {(r[0], r[1]): r[2] for r in conn.execute(sql, (found.mark.base,))}
    # Each row must be as the last operation on it left it; only what was changed here is looked at.
    last = "SELECT tbl, row_id, after FROM change WHERE op>? ORDER BY pk"
    images = {(r[0], r[1]): r[2] for r in conn.execute(last, (found.mark.base,))}
    for (table, id), after in images.items():
        if table not in known:
            raise _Broken
        if table in left_out or after is None:
            continue
        row = found.rows[table][id]
        image = json.loads(after)
        if (row["retired"] is not None) != image["retired"]:
            raise _Broken
        if any(row[c] != value for c, value in image.items() if c != "retired"):
            raise _Broken
        if any(isinstance(value, str) and "\0" in value for value in row.values()):
            raise _Broken


def _read_texts(conn: sqlite3.Connection, found: Foreign) -> None:
    for r in conn.execute("SELECT * FROM source_text"):
        found.digests[r["source"], r["text_rev"]] = dict(r)
    for r in conn.execute("SELECT * FROM text_edit ORDER BY to_rev, start"):
        found.edits.setdefault(r["source"], []).append(dict(r))
    for source in dict.fromkeys(entry[2] for entry in found.log if entry[1] == "source"):
        sql = "SELECT count(*), coalesce(sum(length(text)),0) FROM turn WHERE source=?"
        count, length = conn.execute(sql, (source,)).fetchone()
        if count > MOST_TURNS or length > MOST_TEXT:
            raise _Broken
        found.turns[source] = texts.turns(conn, source)


# -- what merging asks of both sides -----------------------------------------------------------------------


def rows(conn: sqlite3.Connection, table: str) -> dict[str, Row]:
    """Every row of an editable table, also those taken out, id -> row, in the order they were made."""
    if table not in tables(conn):
        raise ValueError(table)
    cursor = conn.execute(f"SELECT * FROM {table} ORDER BY rowid")
    names = [d[0] for d in cursor.description]
    return {r["id"]: r for r in (dict(zip(names, tuple(row), strict=True)) for row in cursor)}


@dataclass(frozen=True, slots=True)
class Shape:
    """An editable table: its columns, what they refer to, which may be empty, and what is there once only."""

    columns: tuple[str, ...]
    references: tuple[tuple[str, str], ...]  # (column, table)
    optional: frozenset[str]
    once: tuple[tuple[str, ...], ...]  # columns that no two live rows share
    is_item: bool


def shapes(conn: sqlite3.Connection) -> dict[str, Shape]:
    """The editable tables, each after those it refers to."""
    known = tables(conn)
    found: dict[str, Shape] = {}

    def add(name: str, above: tuple[str, ...] = ()) -> None:
        if name in found or name in above or name not in known:
            return
        for _, target in known[name].references:
            add(target, (*above, name))
        if name in found:
            return
        optional = frozenset(r[1] for r in conn.execute(f"PRAGMA table_info({name})") if not r[3])
        once = []
        for index in conn.execute(f"PRAGMA index_list({name})").fetchall():
            if index[2] and index[4]:  # unique, of the live rows
                once.append(tuple(r[2] for r in conn.execute(f"PRAGMA index_info({index[1]})")))
        found[name] = Shape(
            known[name].columns, known[name].references, optional, tuple(once), known[name].is_item
        )

    # What may refer to any item comes after all of them; what a condensate holds follows from where units stand.
    add("placement")
    for name in sorted(known, key=lambda n: any(target == "item" for _, target in known[n].references)):
        add(name)
    return found


def kinds(conn: sqlite3.Connection) -> dict[str, str]:
    """Item -> the table it is a row of."""
    return {r[0]: r[1] for r in conn.execute("SELECT id, kind FROM item")}


def merge_operations(conn: sqlite3.Connection, copy: str) -> set[int]:
    """Operations that merged this copy, or took that back: what they took out, nobody here has taken out."""
    sql = "SELECT seq FROM operation WHERE verb='merge_copy' AND json_extract(ids_json,'$.copy')=?"
    return {r[0] for r in conn.execute(sql, (copy,))}


def digests(conn: sqlite3.Connection, source: str) -> dict[str, int]:
    """Digest of a text of this source -> its version; the one that stands, where two versions are alike."""
    sql = (
        "SELECT x.mac, x.text_rev FROM source_text x JOIN source s ON s.id=x.source WHERE x.source=?"
        " ORDER BY x.text_rev=s.text_rev, x.text_rev"
    )
    return {r[0]: r[1] for r in conn.execute(sql, (source,))}


def has_text(conn: sqlite3.Connection, source: str) -> bool:
    """Whether the text of a source is here, also where the source has been taken out."""
    return conn.execute("SELECT 1 FROM turn WHERE source=? LIMIT 1", (source,)).fetchone() is not None


def edits_of(edits: Iterable[Mapping[str, Any]]) -> dict[int, tuple[int, list[Edit]]]:
    """Version that a correction made -> the version it was made from, and the edits; as texts.corrections."""
    found: dict[int, tuple[int, list[Edit]]] = {}
    for r in edits:
        found.setdefault(r["to_rev"], (r["from_rev"], []))[1].append(Edit(r["start"], r["end"], r["length"]))
    return found


def forget(path: Path) -> None:
    """Take away a copy that was just made and could not be recorded."""
    with suppress(OSError):
        path.unlink()
