"""Bringing an older project up to date: a backup first, all or nothing, and everything still there."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.support import dump, mark_words, tiny_project
from workbench.domain.errors import StoreFailed
from workbench.services import coding, correcting, history, projects, sources
from workbench.services.context import Context
from workbench.store import migrations, project
from workbench.store.project import Store
from workbench.store.verify import verify


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


# -- from schema 1 ---------------------------------------------------------------------------------------

LINES = ("How was it to come home?", "The first night 🙂 I rang sygeplejersken. På en måde var jeg ingens.")


def project_of_schema_1(path: Path) -> tuple[str, str]:
    """A project as the first workbench wrote it: every table of schema.sql that a source and its units need.

    Returns a source and a unit. The operations: everything at once; the source renamed; the code group renamed;
    the unit made shorter."""
    store = Store.create(path, "p")
    ids = count(1)

    def write(verb: str) -> object:
        return store.write(id=f"op{next(ids)}", member="m", at="2026-01-01T00:00:00+00:00", verb=verb)

    body = "\n".join(LINES)
    with write("import_source") as work:
        work.ids = {"source": "s"}
        work.insert(
            "member", {"id": "m", "name": "Researcher", "initials": "RE", "role": "researcher", "is_lead": 1}
        )
        work.insert("setting", {"id": "name", "value": "Old"})
        work.insert(
            "source",
            {"id": "s", "kind": "interview", "words_of": "participant", "title": "Interview", "language": "da",
             "session": None, "iteration": 1, "text_rev": 1, "position": 1, "import_json": "{}"},
        )  # fmt: skip
        work.insert_only(
            "source_text",
            [{"source": "s", "text_rev": 1, "mac": store.mac(body), "length": len(body), "words": 15}],
        )
        work.insert("speaker", {"id": "k", "source": "s", "label": "P1", "participant": None, "position": 0})
        at = 0
        for n, line in enumerate(LINES, start=1):
            row = {"source": "s", "text_rev": 1, "seq": n, "start": at, "end": at + len(line), "text": line,
                   "speaker": "k", "t0_ms": None, "t1_ms": None}  # fmt: skip
            work.insert_only("turn", [row])
            at += len(line) + 1
        work.insert("code_group", {"id": "g", "name": "Alone", "tag": "AL", "colour": 0, "position": 1})
        start = body.index("I rang")
        words = body[start : start + 22]
        work.insert(
            "unit",
            {"id": "u", "source": "s", "text_rev": 1, "start": start, "end": start + len(words),
             "mac": store.mac(words), "member": "m"},
        )  # fmt: skip
        work.insert(
            "placement",
            {"id": "p", "unit": "u", "code_group": "g", "subgroup": None, "set_aside": None, "member": "m"},
        )
    with write("change_source") as work:
        work.ids = {"source": "s"}
        work.update("source", "s", {"title": "Interview 1"})
    with write("change_code_group") as work:
        work.ids = {"code_group": "g"}
        work.update("code_group", "g", {"name": "On one's own"})
    with write("resize") as work:
        work.ids = {"source": "s", "unit": "u"}
        work.update("unit", "u", {"end": start + 6, "mac": store.mac("I rang")})
    store.close()
    return "s", "u"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """That project, opened by this workbench."""
    with monkeypatch.context() as then:
        then.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
        then.setattr(project, "SCHEMA", 1)
        project_of_schema_1(tmp_path / "old.db")
    conn = sqlite3.connect(tmp_path / "old.db")
    assert conn.execute("PRAGMA user_version").fetchone()[0] == 1
    assert conn.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'turn_fts%'").fetchone()[0] == 0
    conn.close()
    return projects.lead_context(Store.open(tmp_path / "old.db"))


def test_a_project_of_schema_1_has_everything_afterwards(old: Context) -> None:
    with old.store.read() as conn:
        assert conn.execute("PRAGMA user_version").fetchone()[0] == project.SCHEMA
    assert [turn.text for turn in sources.read_source(old, "s").turns] == list(LINES)
    (card,) = coding.list_units(old)
    assert card.unit.text == "I rang" and [p.code_group for p in card.placements] == ["g"]
    assert verify(old.store.path) == []
    assert list(old.store.path.parent.glob("old.backups/*before-schema*.db"))


def test_the_words_of_a_project_of_schema_1_are_found(old: Context) -> None:
    with old.store.read() as conn:
        sql = "SELECT t.seq FROM turn_fts f JOIN turn t ON t.id=f.rowid WHERE turn_fts MATCH ? ORDER BY t.seq"
        assert [r[0] for r in conn.execute(sql, ("sygeplejersken",))] == [2]
        assert [r[0] for r in conn.execute(sql, ("måde",))] == [2]
        assert [r[0] for r in conn.execute(sql, ("home",))] == [1]
        known = {r[0] for r in conn.execute("SELECT term FROM word")}
    assert {"sygeplejersken", "måde", "home", "på"} <= known


def test_what_was_done_before_the_migration_can_be_undone_and_redone_after_it(old: Context) -> None:
    before = dump(old.store)
    for _ in range(3):
        history.undo(old)
    assert coding.list_units(old)[0].unit.text == "I rang sygeplejersken."
    assert sources.read_source(old, "s").source.title == "Interview"
    assert verify(old.store.path) == []
    for _ in range(3):
        history.redo(old)
    assert dump(old.store) == before
    assert verify(old.store.path) == []


def test_the_text_of_a_project_of_schema_1_can_be_corrected(old: Context) -> None:
    start = LINES[0].index("home")
    correcting.correct_text(old, "s", start, start + 4, "back here", text_rev=1, quote="home")
    (card,) = coding.list_units(old)
    assert card.unit.text == "I rang" and verify(old.store.path) == []
    for _ in range(4 - 1):
        history.undo(old)
    assert sources.read_source(old, "s").turns[0].text == LINES[0]
    assert verify(old.store.path) == []


def test_a_project_of_schema_1_takes_what_the_third_schema_added(old: Context) -> None:
    with old.read() as conn:
        row = conn.execute("SELECT count(*) FROM waiver, double_coding, analysis_state").fetchone()
        assert row[0] == 0
        memo = {r["name"] for r in conn.execute("SELECT name FROM pragma_table_info('memo')")}
    assert {"at", "answers", "settled"} <= memo
    coding.comment(old, "u", "Look at this again.")
    (mark,) = coding.marks_view(old, "s").marks
    assert [text for _, _, text in mark.comments] == ["Look at this again."]
    history.undo(old)
    assert verify(old.store.path) == []
