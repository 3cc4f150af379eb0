"""Opening the project file: the one place that sets pragmas and turns SQLite's failures into sentences."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from workbench.domain.errors import StoreFailed

Connection = sqlite3.Connection  # what services pass on to queries, without knowing what it is

APPLICATION_ID = 0x57424E43  # "WBNC"

_PRAGMAS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",  # we say "saved" after COMMIT, so a commit must survive a power cut
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


def identify(path: Path) -> tuple[int, int]:
    """(application id, schema number) of a file without changing a byte of it; raises StoreFailed.

    Read from the header where nothing is waiting in a -wal: even a read-only connection may make files."""
    try:
        with path.open("rb") as f:
            header = f.read(100)
        if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
            raise StoreFailed("store.not_a_project", name=path.name)
        wal = path.with_name(path.name + "-wal")
        if not wal.exists() or wal.stat().st_size == 0:
            return int.from_bytes(header[68:72], "big"), int.from_bytes(header[60:64], "big")
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as conn:
            application = conn.execute("PRAGMA application_id").fetchone()[0]
            return int(application), int(conn.execute("PRAGMA user_version").fetchone()[0])
    except FileNotFoundError:
        raise StoreFailed("store.missing", name=path.name) from None
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None


def connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """A connection with our pragmas, in autocommit mode; raises StoreFailed."""
    if not create and not path.is_file():
        raise StoreFailed("store.missing", name=path.name)
    try:
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Made before SQLite does, so that the file and its -wal are the owner's alone.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        conn = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
        conn.row_factory = sqlite3.Row
        if conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            conn.execute("PRAGMA journal_mode=WAL")
        for pragma in _PRAGMAS:
            conn.execute(pragma)
        return conn
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None


def failure(error: Exception, path: Path) -> StoreFailed:
    """The sentence for what SQLite or the system said. The message itself is not kept: it may hold content."""
    text = str(error).lower()
    for part, code in (
        ("locked", "store.locked"),
        ("busy", "store.locked"),
        ("full", "store.full"),
        ("no space", "store.full"),
        ("readonly", "store.readonly"),
        ("read-only", "store.readonly"),
        ("permission", "store.readonly"),
        ("not a database", "store.not_a_project"),
        ("malformed", "store.damaged"),
        ("unable to open", "store.missing"),
    ):
        if part in text:
            return StoreFailed(code, name=path.name)
    return StoreFailed("store.failed", name=path.name, kind=type(error).__name__)


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Turn SQLite errors inside the block into StoreFailed."""
    try:
        yield
    except sqlite3.Error as error:
        raise failure(error, path) from None
