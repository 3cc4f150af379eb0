"""Backups that have been opened to prove that they open, and putting one back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout

from workbench.domain.errors import Refused, StoreFailed

from .connection import APPLICATION_ID, connect, failure, identify, lock_file
from .migrations import MIGRATIONS


def back_up_file(path: Path, *, label: str = "", folder: Path | None = None) -> Path:
    """Copy one database, while others may be using it, to FOLDER (default: NAME.backups beside it).

    Written beside its place, checked, flushed to disk, and only then given its name."""
    folder = folder or path.with_name(path.name.removesuffix(".db").removesuffix(".vault") + ".backups")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    name = "-".join(x for x in (path.name.removesuffix(".db").replace(".", "-"), stamp, label) if x)
    target, n = folder / f"{name}.db", 1
    while target.exists():
        n += 1
        target = folder / f"{name}-{n}.db"
    making = target.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        making.unlink(missing_ok=True)
        os.close(os.open(making, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(connect(path)) as source, closing(sqlite3.connect(making)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise StoreFailed("store.damaged", name=path.name)
        with making.open("rb+") as f:
            os.fsync(f.fileno())
        making.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None
    finally:
        making.unlink(missing_ok=True)
    return target


def back_up(path: Path, folder: Path | None = None, *, label: str = "") -> Path:
    """Back up a project and its vault; returns the project's copy."""
    if not path.is_file():
        raise StoreFailed("store.missing", name=path.name)
    made = back_up_file(path, folder=folder, label=label)
    vault = path.with_suffix(".vault.db")
    if vault.is_file():
        kept = back_up_file(vault, folder=made.parent, label=label)
        kept.rename(made.with_suffix(".vault.db"))
    return made


def restore(path: Path, backup: Path) -> None:
    """Put a backup (and the vault beside it) in the project's place; refused while the app has it open.

    What stands there is backed up first. The copy goes through SQLite in both directions: what still waits in
    the backup's own log comes along, somebody else's commit is waited for, and no log of the old file is
    left to be replayed into the new one."""
    if not backup.is_file():
        raise StoreFailed("store.missing", name=backup.name)
    if path.exists() and backup.samefile(path):
        raise Refused("store.same_file", name=backup.name)
    try:
        application, version = identify(backup)
    except StoreFailed:
        application, version = 0, 0
    if version > len(MIGRATIONS):
        raise Refused("store.newer", name=backup.stem)
    try:
        with closing(sqlite3.connect(f"{backup.absolute().as_uri()}?mode=ro", uri=True)) as source:
            good = application == APPLICATION_ID
            good = good and source.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.Error:
        good = False
    if not good:
        raise Refused("store.bad_backup", name=backup.name)
    try:
        with lock_file(path):
            if path.exists():
                with suppress(StoreFailed):  # a damaged file is the reason to restore; it cannot be backed up
                    back_up(path, label="before-restore")
            pairs = [(backup, path)]
            if (vault := backup.with_suffix(".vault.db")).is_file():
                pairs.append((vault, path.with_suffix(".vault.db")))
            for kept, target in reversed(pairs):  # the project last: it is what makes the restore real
                _copy_over(kept, target)
    except Timeout:
        raise Refused("store.open_elsewhere", name=path.stem) from None
    except (sqlite3.Error, OSError) as error:
        raise failure(error, path) from None


def _copy_over(kept: Path, target: Path) -> None:
    try:
        identify(target)
    except StoreFailed:  # not there, or no database any more: nothing in it to be careful with
        for left in ("", "-wal", "-shm"):
            target.with_name(target.name + left).unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{kept.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(connect(target, create=True)) as copy,
    ):
        source.backup(copy)
