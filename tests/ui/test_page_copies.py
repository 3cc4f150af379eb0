"""Co-analysts: a copy goes out, comes back, and what differs is settled by a person; nothing is overwritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support import body_of, dump, mark_words, tiny_project
from tests.ui.presses import drawn, keys, press, words
from workbench.services import (
    code_groups,
    coding,
    condensing,
    copies,
    copy_files,
    correcting,
    history,
    projects,
    sources,
)
from workbench.services.context import Context
from workbench.store.migrations import MIGRATIONS
from workbench.store.project import Store
from workbench.store.verify import verify

Run = Callable[..., Any]
NIGHT, RANG, LONE = "The first night", "I rang the ward", "Nobody had rung"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Context, str, str]:
    """A small project on this computer: its lead, its source, its code group."""
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    mark_words(ctx, source, "folder on my knees", group)
    return ctx, source, group


def as_member(path: Path) -> Context:
    """The copy at `path` on the other computer, by whom it was made for."""
    return projects.lead_context(Store.open(path))


def file_of(ctx: Context) -> bytes:
    """The copy as it is handed over."""
    data = copy_files.hand_over(ctx)
    ctx.store.close()
    return data


def upload(at: Any, name: str, data: bytes) -> Any:
    at.get("file_uploader")[0].set_value((name, data, "application/octet-stream")).run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def made_for_mads(ctx: Context, **how: Any) -> Path:
    return copy_files.make_file(ctx, new_member="Mads", **how).path


def labels(at: Any) -> list[str]:
    return [b.label.replace("\\", "") for b in at.button]


# -- making ------------------------------------------------------------------------------------------------


def test_a_copy_is_made_for_somebody_new_and_can_be_fetched_and_found(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path
) -> None:
    ctx, _, _ = study
    at = run_page("copies", ctx)
    assert "No copies yet" in words(at)
    at.text_input(key="copies_name_0").set_value("Mads Prøve").run()
    at.button(key="copies_make").click().run()
    assert not at.exception
    (path,) = (tmp_path / "tiny.copies").glob("*.db")
    assert path.name == "tiny-mads-proeve.db"
    said = words(at)
    assert "Fetch the file" in said and str(path) in said and "real names are not in it" in said
    assert [m.name for m in projects.list_members(ctx.store)][1:] == ["Mads Prøve"]
    assert drawn(at, "copies_list")["rows"][0]["cells"]["who"] == "Mads Prøve"
    assert projects.glance(path).copy_for == "Mads Prøve"
    assert [c.name for c in projects.list_projects(tmp_path)] == [
        "Tiny"
    ]  # a copy to be sent is no project here


def test_a_copy_without_a_name_is_asked_for_one_and_adds_nobody(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path
) -> None:
    ctx, _, _ = study
    at = run_page("copies", ctx)
    at.button(key="copies_make").click().run()
    assert "Give the co-analyst a name." in words(at)
    assert not (tmp_path / "tiny.copies").exists() and len(projects.list_members(ctx.store)) == 1


def test_a_copy_for_a_member_may_leave_out_what_others_have_marked(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path
) -> None:
    ctx, source, _ = study
    ida = projects.add_member(ctx, name="Ida", role="researcher")
    at = run_page("copies", ctx)
    at.selectbox(key="copies_member_0").set_value(ida).run()
    at.radio(key="copies_holds_0").set_value("unseen").run()
    at.button(key="copies_make").click().run()
    (path,) = (tmp_path / "tiny.copies").glob("*.db")
    there = as_member(path)
    assert there.member.id == ida and coding.list_units(there) == []
    assert sources.read_source(there, source).turns
    there.store.close()
    (row,) = drawn(at, "copies_list")["rows"]
    assert row["cells"]["holds"] == "Unseen" and row["cells"]["back"]["word"] == "not merged yet"


def test_no_real_name_and_no_original_leaves_in_any_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    ctx = projects.lead_context(projects.create_project(tmp_path / "p.db", name="P"))
    raw = "Ægidius Hemmelig: It was late.\n\nInterviewer: Was it?\n\nÆgidius Hemmelig: Very.\n".encode()
    (parsed,) = sources.preview([("Hemmelig.txt", raw)])
    sources.import_source(ctx, parsed, raw, title="Interview 1", language="en")
    assert b"Hemmelig" in (tmp_path / "p.vault.db").read_bytes()
    whole = made_for_mads(ctx)
    unseen = copy_files.make_file(ctx, new_member="Ida", with_marks=False).path
    there = as_member(whole)
    (again,) = sources.preview([("Second Hemmelig.txt", raw + b"More.")])
    sources.import_source(
        there, again, raw, title="Interview 2", language="en"
    )  # the copy has a vault by now
    back = file_of(there)
    sent = {"whole": copy_files.fetch(ctx, copies_id(whole)), "unseen": unseen.read_bytes(), "back": back}
    for name, data in sent.items():
        assert b"It was late." in data, name
        for planted in ("Hemmelig", "Ægidius"):
            assert planted.encode() not in data, name
    folder = tmp_path / "p.copies"
    assert not list(unseen.parent.glob("tiny-ida*.vault.db")) and folder == whole.parent


def copies_id(path: Path) -> str:
    return projects.glance(path).copy


def test_a_copy_made_earlier_is_fetched_again_and_says_when_its_file_is_gone(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, _, _ = study
    path = made_for_mads(ctx)
    at = press(run_page("copies", ctx), "copies_list", id=copies_id(path))
    assert "Fetch the file" in words(at)
    path.unlink()
    at = press(run_page("copies", ctx), "copies_list", id=drawn(at, "copies_list")["rows"][0]["id"])
    assert "no longer where it was kept" in words(at)


# -- a copy opened as a project ------------------------------------------------------------------------------


def test_a_copy_one_was_sent_is_opened_from_the_start_page_and_says_what_it_is(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, _, _ = study
    data = made_for_mads(ctx).read_bytes()
    other = tmp_path / "other-pc"
    monkeypatch.setenv("WORKBENCH_DATA", str(other))
    at = upload(run_page("home"), "tiny-mads.db", data)
    (card,) = projects.list_projects(other)
    assert card.copy_for == "Mads" and card.path.name == "tiny-mads.db"
    assert at.title[0].value == "Tiny"
    there = as_member(card.path)
    assert there.member.name == "Mads"
    at = run_page("copies", there)
    said = words(at)
    assert "copy of the project, made for Mads" in said and "You work in it as Mads" in said
    at.button(key="copies_hand_over").click().run()
    assert "Fetch the file" in words(at)
    lead = next(m for m in projects.list_members(there.store) if m.is_lead)
    said = words(run_page("copies", Context(lead, there.store)))
    assert "it was made for Mads. Choose Mads at the top right" in said
    before = card.path.read_bytes()
    assert "here already" in words(upload(run_page("home"), "again.db", data))
    assert len(projects.list_projects(other)) == 1 and card.path.read_bytes() == before


@pytest.mark.parametrize("kind", ["text", "project", "half", "newer"])
def test_what_is_no_copy_is_not_opened_from_the_start_page(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    ctx, _, _ = study
    other = tmp_path / "other-pc"
    monkeypatch.setenv("WORKBENCH_DATA", str(other))
    data, says = bad_file(kind, ctx, made_for_mads(ctx), opening=True)
    at = upload(run_page("home"), f"{kind}.db", data)
    assert says in words(at) and not list(other.glob("*"))


# -- merging -------------------------------------------------------------------------------------------------


def bad_file(kind: str, ctx: Context, made: Path, *, opening: bool = False) -> tuple[bytes, str]:
    whole = made.read_bytes()
    match kind:
        case "text":
            return b"Not a database at all. " * 1000, "is not a project of the workbench"
        case "project":
            ctx.store.close()
            with closing(sqlite3.connect(ctx.store.path)) as conn:
                conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return ctx.store.path.read_bytes(), "no copy that was made for a co-analyst"
        case "half":
            return whole[: len(whole) // 2], "is damaged, or not all of it is here"
        case "newer":
            with closing(sqlite3.connect(made)) as conn:
                conn.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}")
            return made.read_bytes(), "newer version of the workbench"
        case "odd":
            with closing(sqlite3.connect(made)) as conn:
                conn.execute("CREATE VIEW v AS SELECT 1")
            return made.read_bytes(), "not built as a project"
        case _:
            folder = made.parent / "elsewhere"
            folder.mkdir()
            other, _ = tiny_project(folder)
            return made_for_mads(other).read_bytes(), "a copy of another project"


@pytest.mark.parametrize("kind", ["text", "project", "half", "newer", "odd", "other"])
def test_a_file_that_cannot_be_merged_is_one_sentence_and_changes_nothing(
    study: tuple[Context, str, str], run_page: Run, kind: str
) -> None:
    ctx, _, _ = study
    data, says = bad_file(kind, ctx, made_for_mads(ctx))
    before = dump(ctx.store)
    at = upload(run_page("copies", ctx), f"{kind}.db", data)
    said = words(at)
    assert says in said and said.count("▲") == 1
    assert "Merge it" not in labels(at) and dump(ctx.store) == before


def test_what_would_come_is_seen_before_anything_is_done_and_one_undo_takes_it_back(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, source, group = study
    there = as_member(made_for_mads(ctx))
    unit = mark_words(there, source, NIGHT, group)
    data, before = file_of(there), dump(ctx.store)
    at = upload(run_page("copies", ctx), "back.db", data)
    assert "From the copy of Mads: 1 mark, 1 placement." in words(at)
    assert dump(ctx.store) == before
    at.button(key="copies_merge").click().run()
    assert not at.exception
    assert unit in {c.unit.id for c in coding.list_units(ctx)}
    assert next(c for c in coding.list_units(ctx) if c.unit.id == unit).unit.member == there.member.id
    (first, second) = drawn(at, "copies_result")["rows"]
    assert first["text"] == "From the copy of Mads: 1 mark, 1 placement."
    assert second["href"].startswith("differences?")
    (row,) = drawn(at, "copies_list")["rows"]
    assert row["cells"]["back"]["note"] == "once" and row["cells"]["open"]["word"] == "none"
    at = upload(run_page("copies", ctx), "back.db", data)  # the same file a second time
    assert "nothing new in the copy of Mads" in words(at) and "Merge it" not in labels(at)
    history.undo(ctx)
    assert dump(ctx.store) == before
    assert verify(ctx.store.path) == []


def test_an_older_state_than_was_merged_is_refused_in_a_sentence(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, source, group = study
    path = made_for_mads(ctx)
    there = as_member(path)
    mark_words(there, source, NIGHT, group)
    older = file_of(there)
    there = as_member(path)
    mark_words(there, source, RANG, group)
    with copy_files.uploaded("newer.db", file_of(there)) as newer:
        copies.merge_copy(ctx, newer)
    at = upload(run_page("copies", ctx), "older.db", older)
    assert "is older than what has been merged from this copy already" in words(at)


def test_a_copy_made_with_an_earlier_schema_is_merged(study: tuple[Context, str, str], run_page: Run) -> None:
    ctx, source, group = study
    there = as_member(made_for_mads(ctx))
    mark_words(there, source, NIGHT, group)
    data = in_schema_2(file_of(there), Path(ctx.store.path.parent))
    at = upload(run_page("copies", ctx), "from-before.db", data)
    at.button(key="copies_merge").click().run()
    assert not at.exception and len(coding.list_units(ctx)) == 2
    assert verify(ctx.store.path) == []


def in_schema_2(data: bytes, folder: Path) -> bytes:
    """A project file as the workbench before this one would have written it."""
    from workbench.store.connection import APPLICATION_ID

    (folder / "now.x").write_bytes(data)
    with closing(sqlite3.connect(folder / "then.x", isolation_level=None)) as conn:
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        for script in MIGRATIONS[:2]:
            conn.executescript(script)
        conn.execute("PRAGMA user_version=2")
        conn.execute("ATTACH ? AS new", (str(folder / "now.x"),))
        sql = "SELECT name FROM main.sqlite_master WHERE type='table' AND name NOT LIKE 'turn_fts%'"
        for (table,) in conn.execute(sql).fetchall():
            columns = ",".join(r[1] for r in conn.execute(f"PRAGMA main.table_info({table})").fetchall())
            conn.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM new.{table}")
    return (folder / "then.x").read_bytes()


# -- settling ------------------------------------------------------------------------------------------------


@pytest.fixture
def differing(study: tuple[Context, str, str]) -> tuple[Context, list[str]]:
    """A merged copy in which three code groups were renamed on both sides."""
    ctx, _, _ = study
    groups = [code_groups.add_code_group(ctx, name=f"Group {n}") for n in range(3)]
    there = as_member(made_for_mads(ctx))
    for where, name in ((ctx, "here"), (there, "there")):
        revs = {g.id: g.rev for g in sources.list_code_groups(where)}
        for n, id in enumerate(groups):
            code_groups.change_code_group(where, id, rev=revs[id], name=f"{name} *{n}*")
    with copy_files.uploaded("back.db", file_of(there)) as path:
        copies.merge_copy(ctx, path)
    return ctx, groups


def names(ctx: Context, ids: list[str]) -> list[str]:
    held = {g.id: g.name for g in sources.list_code_groups(ctx)}
    return [held[id] for id in ids]


def test_both_sides_stand_beside_each_other_with_who_and_when_and_nothing_is_overwritten(
    differing: tuple[Context, list[str]], run_page: Run
) -> None:
    ctx, groups = differing
    at = run_page("copies", ctx)
    said = words(at)
    assert "3 differences with the copy of Mads" in said
    sides = [drawn(at, k)["rows"] for k in keys(at) if "_says_" in k]
    assert [{"text": "here *0*", "serif": False, "key": "Name"}] in sides
    assert [{"text": "there *0*", "serif": False, "key": "Name"}] in sides
    assert "Here · Researcher · " in said and "There · Mads · " in said
    assert names(ctx, groups) == ["here *0*", "here *1*", "here *2*"]
    (row,) = drawn(at, "copies_list")["rows"]
    assert row["cells"]["open"]["word"] == "3 to be settled"


def test_differences_are_settled_one_by_one_or_several_together(
    differing: tuple[Context, list[str]], run_page: Run
) -> None:
    ctx, groups = differing
    at = run_page("copies", ctx)
    found = {d.row: d for d in copies.differences(ctx)}
    one = found[groups[0]]
    at.button(key=f"copies_there_{one.copy}_{one.id}").click().run()
    assert not at.exception
    assert names(ctx, groups) == ["there *0*", "here *1*", "here *2*"]
    two = found[groups[1]]
    at.checkbox(key=f"copies_tick_{two.copy}_{two.id}").check().run()
    assert "Take the one chosen from Mads" in labels(at)
    at.button(key=f"copies_there_{two.copy}").click().run()
    assert names(ctx, groups) == ["there *0*", "there *1*", "here *2*"]
    at.button(key=f"copies_here_{two.copy}").click().run()
    assert names(ctx, groups) == ["there *0*", "there *1*", "here *2*"]
    assert copies.differences(ctx) == [] and "To be settled" not in words(at)
    history.undo(ctx)
    assert len(copies.differences(ctx)) == 1


def test_what_was_changed_since_it_was_looked_at_stays_listed_and_says_why(
    differing: tuple[Context, list[str]], run_page: Run
) -> None:
    ctx, groups = differing
    at = run_page("copies", ctx)
    d = next(d for d in copies.differences(ctx) if d.row == groups[0])
    rev = next(g.rev for g in sources.list_code_groups(ctx) if g.id == groups[0])
    code_groups.change_code_group(ctx, groups[0], rev=rev, name="A third name")
    at.button(key=f"copies_there_{d.copy}_{d.id}").click().run()
    assert "It has been changed here since you looked." in words(at)
    assert names(ctx, groups)[0] == "A third name" and len(copies.differences(ctx)) == 3


def test_a_mark_placed_differently_shows_its_words_above_both_places(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, _, group = study
    there = as_member(made_for_mads(ctx))
    (card,) = coding.list_units(ctx)
    condensing.add_subgroup(there, group, name="By day", units=[card.unit.id])
    condensing.set_units_aside(ctx, group, [card.unit.id], "Not about this")
    with copy_files.uploaded("back.db", file_of(there)) as path:
        merged = copies.merge_copy(ctx, path)
    at = run_page("copies", ctx)
    (d,) = merged.differences
    assert drawn(at, f"copies_words_{d.copy}_{d.id}")["quotes"][0]["text"] == "folder on my knees"
    here = [r["text"] for r in drawn(at, f"copies_here_says_{d.copy}_{d.id}")["rows"]]
    assert here == ["AL Alone", "Not about this"]
    assert drawn(at, f"copies_there_says_{d.copy}_{d.id}")["rows"][1]["text"] == "By day"


def test_a_project_without_copies_says_what_to_do_and_other_roles_are_sent_away(
    empty: Context, run_page: Run
) -> None:
    assert "Make one for somebody who analyses with you" in words(run_page("copies", empty))


def test_one_who_was_sent_a_copy_is_shown_how_to_hand_it_back_and_nothing_else(
    study: tuple[Context, str, str], run_page: Run, tmp_path: Path
) -> None:
    ctx, _, _ = study
    there = as_member(made_for_mads(ctx))
    assert there.member.name == "Mads"
    there.store.path.rename(tmp_path / "sent.db")
    there = as_member(tmp_path / "sent.db")
    at = run_page("copies", there)
    assert "Make the copy" not in labels(at) and not at.get("file_uploader")
    assert "Make the file to send back" in labels(at)


def test_many_differences_are_shown_some_at_a_time_and_settled_all_together(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, _, _ = study
    ids = [code_groups.add_code_group(ctx, name=f"Group {n}") for n in range(30)]
    there = as_member(made_for_mads(ctx))
    for where, name in ((ctx, "here"), (there, "there")):
        revs = {g.id: g.rev for g in sources.list_code_groups(where)}
        for n, id in enumerate(ids):
            code_groups.change_code_group(where, id, rev=revs[id], name=f"{name} {n}")
    with copy_files.uploaded("back.db", file_of(there)) as path:
        copies.merge_copy(ctx, path)
    at = run_page("copies", ctx)
    assert len(at.checkbox) == 8 and "Show 22 more" in labels(at)
    (state,) = copies.merged_copies(ctx)
    at.button(key=f"copies_there_{state.id}").click().run()
    assert not at.exception
    assert names(ctx, ids) == [f"there {n}" for n in range(30)]
    assert len(history.list_operations(ctx, limit=2)) == 2 and copies.differences(ctx) == []
    history.undo(ctx)
    assert names(ctx, ids) == [f"here {n}" for n in range(30)]


def test_what_came_to_be_here_after_the_preview_is_not_overwritten_by_the_press_that_merges(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, _, group = study
    there = as_member(made_for_mads(ctx))
    rename(there, group, "Theirs")
    at = upload(run_page("copies", ctx), "back.db", file_of(there))
    assert "1 change to what was here" in words(at)
    rename(ctx, group, "Ours, made meanwhile")
    at.button(key="copies_merge").click().run()
    assert not at.exception
    assert names(ctx, [group]) == ["Ours, made meanwhile"]
    assert "1 difference to be settled" in words(at)


def rename(ctx: Context, group: str, name: str) -> None:
    rev = next(g.rev for g in sources.list_code_groups(ctx) if g.id == group)
    code_groups.change_code_group(ctx, group, rev=rev, name=name)


def test_a_file_with_an_outlandish_name_is_read_under_a_plain_one(tmp_path: Path) -> None:
    for name in ("../../etc/passwd", "C:\\x\\copy.db", "a" * 400 + ".db", "\0\n.db", "", "æøå 🙂.db"):
        with copy_files.uploaded(name, b"x") as path:
            assert path.read_bytes() == b"x" and len(path.name) <= 120
            held = path.parent
        assert not held.exists()


def test_the_question_changed_on_both_sides_is_told_in_words(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, _, _ = study
    there = as_member(made_for_mads(ctx))
    projects.change_setting(ctx, "question", "How is it to come home?")
    projects.change_setting(there, "question", "Who is there when one comes home?")
    with copy_files.uploaded("back.db", file_of(there)) as path:
        (d,) = copies.merge_copy(ctx, path).differences
    at = run_page("copies", ctx)
    assert d.says == "The setting Question was changed here and by Mads."
    assert (
        drawn(at, f"copies_there_says_{d.copy}_{d.id}")["rows"][0]["text"]
        == "Who is there when one comes home?"
    )


def test_a_text_corrected_on_both_sides_shows_the_turn_that_stands_and_is_mended_by_hand(
    study: tuple[Context, str, str], run_page: Run
) -> None:
    ctx, source, _ = study
    there = as_member(made_for_mads(ctx))
    body = body_of(there, source)
    at_word = body.index("folder")
    correcting.correct_text(there, source, at_word, at_word + 6, "binder", text_rev=1, quote="folder")
    with copy_files.uploaded("back.db", file_of(there)) as path:
        (d,) = copies.merge_copy(ctx, path).differences
    at = run_page("copies", ctx)
    shown = drawn(at, f"copies_here_says_{d.copy}_{d.id}")["rows"]
    assert "folder on my knees" in shown[0]["text"] and shown[0]["serif"]
    assert "Their words stay in the copy" in words(at) and "corrected by hand" in words(at)
    assert "binder" not in words(at)
    assert f"copies_there_{d.copy}_{d.id}" not in [b.key for b in at.button]
