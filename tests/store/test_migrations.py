"""Bringing an older project up to date: a backup first, all or nothing, and everything still there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import dump, mark_words, tiny_project
from workbench.domain.errors import StoreFailed
from workbench.store import migrations, project
from workbench.store.project import Store


@pytest.fixture
def add_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """As if a later workbench had one more step."""

    def step(sql: str) -> None:
        steps = (*migrations.MIGRATIONS, sql)
        monkeypatch.setattr(migrations, "MIGRATIONS", steps)
        monkeypatch.setattr(project, "SCHEMA", len(steps))

    return step


def test_an_older_project_is_backed_up_and_then_brought_up_to_date(
    tmp_path: Path, add_step: Callable[[str], None]
) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "Nobody had rung")
    before = dump(ctx.store)
    ctx.store.close()
    add_step(
        "CREATE TABLE later(id TEXT PRIMARY KEY) STRICT;\n-- a note\nALTER TABLE idea ADD COLUMN votes INTEGER;"
    )
    store = Store.open(tmp_path / "tiny.db")
    after = dump(store)
    assert {name: rows for name, rows in after.items() if name != "idea"} == {
        name: rows for name, rows in before.items() if name != "idea"
    }
    with store.read() as conn:
        assert conn.execute("PRAGMA user_version").fetchone()[0] == project.SCHEMA
    (kept,) = (tmp_path / "tiny.backups").glob("*before-schema*.db")
    conn = sqlite3.connect(kept)
    assert conn.execute("SELECT count(*) FROM unit").fetchone()[0] == 1
    conn.close()


def test_a_step_that_fails_in_the_middle_leaves_the_old_project(
    tmp_path: Path, add_step: Callable[[str], None]
) -> None:
    ctx, _ = tiny_project(tmp_path)
    ctx.store.close()
    old = project.SCHEMA
    add_step("CREATE TABLE later(id TEXT PRIMARY KEY) STRICT;\nINSERT INTO nowhere VALUES(1);")
    with pytest.raises(StoreFailed):
        Store.open(tmp_path / "tiny.db")
    conn = sqlite3.connect(tmp_path / "tiny.db")
    assert conn.execute("PRAGMA user_version").fetchone()[0] == old
    assert conn.execute("SELECT count(*) FROM sqlite_master WHERE name='later'").fetchone()[0] == 0
    conn.close()


def test_listing_projects_brings_none_of_them_up_to_date(
    tmp_path: Path, add_step: Callable[[str], None]
) -> None:
    from workbench.services import projects

    ctx, _ = tiny_project(tmp_path)
    ctx.store.close()
    before = (tmp_path / "tiny.db").read_bytes()
    add_step("CREATE TABLE later(id TEXT PRIMARY KEY) STRICT;")
    assert [c.name for c in projects.list_projects(tmp_path)] == ["Tiny"]
    assert (tmp_path / "tiny.db").read_bytes() == before
