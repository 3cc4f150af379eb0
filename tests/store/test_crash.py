"""Saved means saved: a process killed at any moment loses nothing it acknowledged and leaves nothing half."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import tiny_project
from workbench.services import coding, projects
from workbench.store.project import Store
from workbench.store.verify import verify

WRITER = """
import sys
from pathlib import Path
from workbench.services import coding, projects
from workbench.store.project import Store
path, source = Path(sys.argv[1]), sys.argv[2]
ctx = projects.lead_context(Store.open(path))
n = 0
while True:
    start = n % 60
    unit = coding.mark(ctx, source, start, start + 9, text_rev=1, new_code_groups=[], placements=[])
    print(unit, flush=True)
    n += 1
"""
CYCLES = 12


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_a_writer_killed_at_any_moment_loses_no_acknowledged_mark(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    path = ctx.store.path
    ctx.store.close()
    chance = random.Random(7)
    acknowledged: set[str] = set()
    for _ in range(CYCLES):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), source], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        acknowledged.add(writer.stdout.readline().strip())  # it is under way
        time.sleep(chance.uniform(0, 0.08))
        writer.send_signal(signal.SIGKILL)
        # A line cut in the middle was not acknowledged.
        acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        writer.wait()
        writer.stdout.close()
    acknowledged.discard("")
    again = projects.lead_context(Store.open(path))
    kept = {c.unit.id for c in coding.list_units(again)}
    assert acknowledged <= kept and len(acknowledged) > CYCLES
    assert verify(path) == []


def test_any_cut_or_garbled_log_recovers_to_a_state_that_was_committed(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    path, wal = ctx.store.path, ctx.store.path.with_name("tiny.db-wal")
    states = [0]
    for n in range(6):
        coding.mark(ctx, source, n, n + 9, text_rev=1)
        states.append(n + 1)
    whole_db, whole_wal = path.read_bytes(), wal.read_bytes()
    chance = random.Random(11)
    work = tmp_path / "cut"
    for _ in range(120):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        (work / "tiny.db").write_bytes(whole_db)
        cut = bytearray(whole_wal[: chance.randrange(len(whole_wal) + 1)])
        if cut and chance.random() < 0.5:
            cut[chance.randrange(len(cut))] ^= 0xFF
        (work / "tiny.db-wal").write_bytes(bytes(cut))
        conn = sqlite3.connect(work / "tiny.db")
        assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        has_tables = conn.execute("SELECT count(*) FROM sqlite_master WHERE name='unit'").fetchone()[0]
        units = conn.execute("SELECT count(*) FROM unit").fetchone()[0] if has_tables else 0
        marked = (
            conn.execute("SELECT count(*) FROM operation WHERE verb='mark'").fetchone()[0]
            if has_tables
            else 0
        )
        conn.close()
        assert units in states and units == marked


def test_a_backup_made_while_others_write_restores_to_a_whole_project(tmp_path: Path) -> None:
    from workbench.store.backup import back_up, restore

    ctx, source = tiny_project(tmp_path)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(ctx.store.path), source], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    made = [back_up(ctx.store.path) for _ in range(4)]
    writer.kill()
    writer.communicate()
    ctx.store.close()
    for backup in made:
        target = tmp_path / f"again-{backup.stem}" / "tiny.db"
        target.parent.mkdir()
        # A log left over from another file must not be replayed into the restored one.
        target.with_name("tiny.db-wal").write_bytes(b"left over")
        restore(target, backup)
        assert verify(target) == []
        assert target.with_suffix(".vault.db").exists()


def test_a_project_that_is_open_in_the_app_is_not_restored_under_it(tmp_path: Path) -> None:
    from workbench.domain.errors import Refused
    from workbench.store.backup import back_up, restore

    ctx, _ = tiny_project(tmp_path)
    made = back_up(ctx.store.path)
    ctx.store.hold()
    before = ctx.store.path.read_bytes()
    with pytest.raises(Refused) as refused:
        restore(ctx.store.path, made)
    assert refused.value.code == "store.open_elsewhere" and ctx.store.path.read_bytes() == before
    ctx.store.close()
    restore(ctx.store.path, made)
    assert verify(ctx.store.path) == []


def test_another_process_that_opens_and_closes_a_project_leaves_the_running_apps_log_alone(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    coding.mark(ctx, source, 0, 9, text_rev=1)
    wal = ctx.store.path.with_name("tiny.db-wal")
    projects.list_projects(tmp_path)  # what the header does on every run
    assert wal.exists() and wal.stat().st_size > 0
    other = "import sys, pathlib; from workbench.store.project import Store; Store.open(pathlib.Path(sys.argv[1])).close()"
    subprocess.run([sys.executable, "-c", other, ctx.store.path], check=True)
    assert wal.exists(), "the other process took ours for the last connection"
    coding.mark(ctx, source, 3, 12, text_rev=1)
    assert len(coding.list_units(ctx)) == 2 and verify(ctx.store.path) == []
