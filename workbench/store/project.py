"""One project on disk: `X.db`, which may be shared, and `X.vault.db`, which never is."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.domain.errors import Refused, StoreFailed

from .connection import APPLICATION_ID, connect, guarded, identify, lock_file
from .migrations import MIGRATIONS, VAULT_SCHEMA, migrate
from .unit_of_work import UnitOfWork

SCHEMA = len(MIGRATIONS)


IDLE = 3  # connections kept open between uses


class Store:
    """A project file. A connection is one block's alone; a few are kept open between uses (opening one and
    reading the schema takes longer than a mark), and one idle keeper per process keeps the WAL warm."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.vault_path = path.with_suffix(".vault.db")
        self._keeper: sqlite3.Connection | None = None
        self._idle: list[tuple[tuple[int, int], sqlite3.Connection]] = []  # with the file each has open
        self._lock: FileLock | None = None
        with guarded(path), self.read() as conn:
            self.secret = bytes.fromhex(
                conn.execute("SELECT value FROM meta WHERE name='secret'").fetchone()["value"]
            )
            self.id: str = conn.execute("SELECT value FROM meta WHERE name='project'").fetchone()["value"]
        self._keeper = connect(path)
        self._keeper.execute("SELECT 1 FROM meta").fetchone()

    @staticmethod
    def create(path: Path, project_id: str) -> Store:
        """A new project file with an empty vault; refuses to touch an existing file."""
        if path.exists():
            raise Refused("project.exists", name=path.stem)
        conn = connect(path, create=True)
        with guarded(path):
            conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
            migrate(conn)
            conn.executemany(
                "INSERT INTO meta(name, value) VALUES(?,?)",
                [("project", project_id), ("secret", secrets.token_hex(32))],
            )
        conn.close()
        return Store.open(path)

    @staticmethod
    def open(path: Path) -> Store:
        """Open a project, bringing an older one up to date (a backup is made first).

        A file that is no project, or that a newer workbench made, is refused and not touched."""
        application, version = identify(path)
        if application != APPLICATION_ID:
            raise StoreFailed("store.not_a_project", name=path.name)
        if version > SCHEMA:
            raise Refused("store.newer", name=path.stem)
        if version < SCHEMA:
            from .backup import back_up_file

            back_up_file(path, label=f"before-schema-{SCHEMA}")
            with guarded(path), closing(connect(path)) as conn:
                migrate(conn)
        return Store(path)

    @staticmethod
    def glance(path: Path) -> Store | None:
        """A store for listing: not brought up to date, and None where there is no project of ours."""
        try:
            application, version = identify(path)
            return Store(path) if application == APPLICATION_ID and version <= SCHEMA else None
        except StoreFailed:
            return None

    def hold(self) -> None:
        """Take the project's lock for as long as this process lives, so that restoring waits until it is let
        go; another app that has it already does not stop this one. After an unclean end the file is checked.

        Raises StoreFailed where the file is damaged."""
        lock = lock_file(self.path)
        try:
            lock.acquire()
        except Timeout:
            return
        self._lock = lock
        wal = self.path.with_name(self.path.name + "-wal")
        if (
            wal.exists() and wal.stat().st_size > 0
        ):  # nobody else has it open, and the last one did not close it
            with self.read() as conn:
                if conn.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                    raise StoreFailed("store.damaged", name=self.path.name)
        from . import erasing  # it is made of this

        erasing.finish(self)  # what a crash kept an erasure from doing

    def close(self) -> None:
        """Let go of the lock and the keeper; the last connection to close checkpoints the WAL."""
        if self._lock:
            self._lock.release()
            self._lock = None
        if self._keeper:
            self._keeper.close()
            self._keeper = None
        while self._idle:
            self._idle.pop()[1].close()

    def _file(self) -> tuple[int, int]:
        """Which file lies here now; a backup that is restored takes its place."""
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection with nothing under way, for one block of one thread."""
        file = self._file()
        conn = None
        with suppress(IndexError):  # another thread may take the last one
            while conn is None:
                opened, conn = self._idle.pop()
                if opened != file:
                    conn.close()
                    conn = None
        conn = conn or connect(self.path)
        try:
            yield conn
        finally:
            with suppress(sqlite3.Error):  # whatever ended the block is the error to be told
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
            if self._keeper and len(self._idle) < IDLE and not conn.in_transaction:
                self._idle.append((file, conn))
            else:
                conn.close()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for queries: one consistent snapshot for the whole block."""
        with self._connection() as conn, guarded(self.path):
            conn.execute("BEGIN")
            yield conn

    @contextmanager
    def write(
        self, *, id: str, member: str, at: str, verb: str, nature: str = "do", undoes: int | None = None
    ) -> Iterator[UnitOfWork]:
        """One operation: committed when the block ends, rolled back whatever ends it otherwise.

        An operation that changed nothing leaves no trace."""
        with self._connection() as conn, guarded(self.path, undoing=undoes is not None):
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("PRAGMA defer_foreign_keys=ON")
            work = UnitOfWork(
                conn,
                id=id,
                member=member,
                at=at,
                verb=verb,
                schema=SCHEMA,
                nature=nature,
                undoes=undoes,
            )
            yield work
            if work.has_changes:
                work.finish()
            conn.execute("COMMIT")

    @contextmanager
    def vault(self) -> Iterator[sqlite3.Connection]:
        """The vault, made when first needed; committed when the block ends."""
        new = not self.vault_path.exists()
        conn = connect(self.vault_path, create=new)
        try:
            with guarded(self.vault_path):
                conn.executescript(VAULT_SCHEMA)  # also where a process died between making the file and this
                conn.execute("BEGIN IMMEDIATE")
                try:
                    yield conn
                    conn.execute("COMMIT")
                except BaseException:
                    if conn.in_transaction:
                        conn.execute("ROLLBACK")
                    raise
        finally:
            conn.close()

    def keep_original(self, source: str, name: str, data: bytes, labels: Mapping[str, str]) -> str:
        """Put a source's file, its name and its labels (label -> speaker) into the vault; returns the file's digest."""
        sha256 = hashlib.sha256(data).hexdigest()
        with self.vault() as vault:
            vault.execute("INSERT INTO original VALUES(?,?,?,?)", (source, sha256, name, data))
            vault.executemany(
                "INSERT INTO raw_label VALUES(?,?,?)", [(source, label, id) for label, id in labels.items()]
            )
        return sha256

    def forget_original(self, source: str) -> None:
        """Take a file out of the vault again, when its import was not done."""
        with self.vault() as vault:
            vault.execute("DELETE FROM original WHERE source=?", (source,))
            vault.execute("DELETE FROM raw_label WHERE source=?", (source,))

    def mac(self, text: str) -> str:
        """A keyed digest of verbatim text: proves a span unchanged without giving the words away."""
        return hmac.new(self.secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
