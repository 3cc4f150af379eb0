"""Opening the project file: the one place that sets pragmas and turns SQLite's failures into sentences."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from filelock import FileLock

from workbench.domain.errors import Refused, StoreFailed, UndoRefused

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

    Read by SQLite and never by opening the file ourselves: closing any descriptor of a file drops all POSIX
    locks this process holds on it, and another process could then take the running app's log for a dead one."""
    if not path.is_file():
        raise StoreFailed("store.missing", name=path.name)
    wal = path.with_name(path.name + "-wal")
    # `immutable` reads without making a -wal or -shm file; with a log waiting, it would not be seen.
    waiting = wal.exists() and wal.stat().st_size > 0
    address = f"{path.absolute().as_uri()}?mode=ro{'' if waiting else '&immutable=1'}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as conn:
            application = int(conn.execute("PRAGMA application_id").fetchone()[0])
            return application, int(conn.execute("PRAGMA user_version").fetchone()[0])
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None


def lock_file(path: Path) -> FileLock:
    """The lock that a running app holds on a project, and that restoring needs."""
    return FileLock(path.with_suffix(".lock"), timeout=0, mode=0o600)


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
def guarded(path: Path, *, undoing: bool = False) -> Iterator[None]:
    """Turn SQLite errors inside the block into StoreFailed; what the file's own rules refuse, and text and
    values that no file can hold, into Refused."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise (UndoRefused("undo.clash") if undoing else Refused("error.clash")) from None
    except UnicodeEncodeError:
        raise Refused("error.odd_character") from None
    except sqlite3.Error as error:
        # InterfaceError or, from Python 3.12 on, ProgrammingError: a list where a word should be.
        if "binding parameter" in str(error):
            raise Refused("reader.not_understood") from None
        raise failure(error, path) from None
