"""Connections that are kept open between uses behave as new ones."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from tests.support import dump, mark_words, tiny_project
from workbench.services import coding
from workbench.store.project import IDLE, Store


def test_blocks_at_the_same_time_have_a_connection_each_and_few_are_kept(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    with ctx.store.read() as one, ctx.store.read() as two:
        assert one is not two
        mark_words(ctx, source, "Nobody had rung")
        for conn in (one, two):  # each sees the file as it was when its block began, or as it is: never half
            assert conn.execute("SELECT count(*) FROM unit").fetchone()[0] in (0, 1)
    barrier = threading.Barrier(8)

    def read() -> None:
        with ctx.store.read() as conn:
            barrier.wait()
            conn.execute("SELECT 1 FROM unit").fetchone()

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ctx.store._idle) <= IDLE


def test_a_block_that_fails_leaves_nothing_under_way(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    before = dump(ctx.store)
    for _ in range(IDLE + 2):
        with pytest.raises(ZeroDivisionError), ctx.store.read():
            raise ZeroDivisionError
        with pytest.raises(ZeroDivisionError), ctx.write("mark") as work:
            work.update("source", source, {"title": "Half"})
            raise ZeroDivisionError
    assert dump(ctx.store) == before
    assert not any(conn.in_transaction for _, conn in ctx.store._idle)
    mark_words(ctx, source, "Nobody had rung")


def test_a_file_put_in_the_place_of_another_is_what_is_read(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    ctx.store.close()
    shutil.copy(ctx.store.path, tmp_path / "kept.db")
    opened = Store.open(ctx.store.path)
    again = type(ctx)(ctx.member, opened)
    mark_words(again, source, "Nobody had rung")
    for left in ("-wal", "-shm"):
        opened.path.with_name(opened.path.name + left).unlink(missing_ok=True)
    (tmp_path / "kept.db").replace(opened.path)
    assert coding.list_units(again) == []


def test_a_closed_project_keeps_no_connection_and_leaves_one_whole_file(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "Nobody had rung")
    ctx.store.close()
    assert ctx.store._idle == []
    assert not ctx.store.path.with_name(ctx.store.path.name + "-wal").exists()
    with ctx.store.read():
        pass
    assert ctx.store._idle == []
