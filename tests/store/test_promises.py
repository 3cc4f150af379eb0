"""Faults that a second pair of eyes found, each held so that it does not come back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import Refused, StaleEdit, UndoRefused
from workbench.services import (
    code_groups,
    coding,
    condensing,
    history,
    impressions,
    model,
    projects,
    sources,
    synthesis,
    versioning,
)
from workbench.services.context import Context
from workbench.store.backup import back_up, restore
from workbench.store.project import Store
from workbench.store.verify import verify


def second(ctx: Context, name: str = "Mads") -> Context:
    id = projects.add_member(ctx, name=name, role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def test_undo_that_would_double_a_placement_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = second(ctx)
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    coding.unplace(ctx, coding.list_units(ctx)[0].placements[0].id)
    coding.place(mads, unit, placements=[{"code_group": group}])
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.code == "undo.clash"
    sent = {"id": "x", "verb": "undo", "project": ctx.store.id, "member": ctx.member.id}
    assert coding.apply_operations(ctx, [sent])["x"]  # answered, so the outbox does not wait for ever


def test_an_offset_that_no_file_can_hold_is_answered(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    sent = {"id": "x", "verb": "mark", "project": ctx.store.id, "member": ctx.member.id, "source": source,
            "text_rev": 1, "unit": "u", "start": 0, "end": 2**70}  # fmt: skip
    assert coding.apply_operations(ctx, [sent])["x"]


def test_operations_of_another_member_wait_instead_of_being_refused(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    other = second(ctx)
    sent = {"id": "x", "verb": "mark", "project": ctx.store.id, "member": ctx.member.id, "source": source,
            "text_rev": 1, "unit": "u", "start": 0, "end": 3, "quote": "How"}  # fmt: skip
    assert coding.apply_operations(other, [sent]) == {}
    assert coding.apply_operations(ctx, [sent]) == {"x": None}


def test_a_mark_that_stands_in_a_text_is_not_undone_under_it(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    mads = second(ctx)
    unit = mark_words(mads, source, "Nobody had rung", group)
    category = synthesis.add_category(
        ctx, group, heading="Nobody rings", analytic_text=f"So. {{{{unit:{unit}}}}}"
    )
    with pytest.raises(UndoRefused) as refused:
        history.undo(mads)
    assert refused.value.params["who"] == "Researcher"
    # Nor does undoing an edit bring back a reference to a unit that has gone since.
    row = synthesis.category_view(ctx, category).category
    synthesis.change_category(ctx, category, rev=row.rev, heading="Nobody rings", analytic_text="So.")
    edit = history.list_operations(ctx)[0].seq
    coding.remove_unit(ctx, unit)
    with pytest.raises(UndoRefused):
        history.undo(ctx, edit)
    assert verify(ctx.store.path) == []


def test_what_has_left_in_an_export_is_superseded_and_not_undone(ctx: Context) -> None:
    from workbench.services import exporting, pack_files

    versioning.freeze_version(ctx, label="Version 3")
    frozen = history.list_operations(ctx)[0].seq
    history.undo(ctx, frozen)
    history.redo(ctx)
    exporting.export(ctx, ".pdf")  # the briefs hold no version
    history.undo(ctx)
    history.redo(ctx)
    pack_files.pack_docx(ctx)
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.code == "undo.version_left"


def test_undo_passes_over_what_the_lead_has_taken_back(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = second(ctx)
    mark_words(mads, source, "Nobody had rung")
    mark_words(mads, source, "folder on my knees")
    history.undo(ctx, history.list_operations(ctx)[0].seq)
    history.undo(mads)
    assert coding.list_units(ctx) == []


def test_a_confirmed_condensate_stays_confirmed_through_undo_and_redo(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    subgroup = condensing.add_subgroup(ctx, group, name="At night")
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat alone.")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    condensing.move_units(ctx, group, [unit], subgroup)

    def stale() -> bool:
        return bool(condensing.board(ctx, group).subgroups[0].condensates[0].stale)

    assert stale()
    condensing.confirm_condensate(ctx, condensate)
    assert not stale()
    history.undo(ctx)
    assert stale()
    history.redo(ctx)
    assert not stale()


@pytest.mark.parametrize("label", ["Ida", "Bo", "Per", "JH", "Kim Hansen", "Inger"])
def test_a_short_name_is_a_name(label: str) -> None:
    assert not sources.is_neutral(label)


@pytest.mark.parametrize(
    "label", ["I", "P1", "P03", "GP 2", "Interviewer", "Speaker 1", "DELTAGER 3", "ukendt"]
)
def test_a_role_or_a_code_names_nobody(label: str) -> None:
    assert sources.is_neutral(label)


def test_a_refused_import_leaves_nothing_in_the_vault(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    with pytest.raises(Refused):
        sources.import_source(ctx, tiny_transcript(), b"raw", title="Two", session="no such session")
    with ctx.store.vault() as vault:
        assert vault.execute("SELECT count(*) FROM original").fetchone()[0] == 1


def test_a_vault_torn_at_its_making_does_not_stop_imports(tmp_path: Path) -> None:
    store = projects.create_project(tmp_path / "p.db", name="P")
    store.vault_path.touch()
    ctx = projects.lead_context(store)
    assert sources.import_source(ctx, tiny_transcript(), b"raw", title="One")


def test_restoring_brings_what_waits_in_the_backups_own_log(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    (tmp_path / "other").mkdir()
    code_groups.add_code_group(ctx, name="Only in the log")
    target = tmp_path / "other" / "p.db"
    restore(target, ctx.store.path)
    again = projects.lead_context(Store.open(target))
    assert [g.group.name for g in code_groups.code_group_counts(again)] == ["Only in the log"]
    with pytest.raises(Refused) as refused:
        restore(ctx.store.path, ctx.store.path)
    assert refused.value.code == "store.same_file"


def test_a_damaged_project_can_be_restored_over(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    made = back_up(ctx.store.path)
    ctx.store.close()
    ctx.store.path.write_bytes(b"gone to pieces")
    restore(ctx.store.path, made)
    assert verify(ctx.store.path) == []


def test_a_backup_of_a_newer_schema_is_refused(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    made = back_up(ctx.store.path)
    conn = sqlite3.connect(made)
    conn.execute("PRAGMA user_version=99")
    conn.close()
    with pytest.raises(Refused) as refused:
        restore(tmp_path / "new.db", made)
    assert refused.value.code == "store.newer" and not (tmp_path / "new.db").exists()


def test_a_frozen_version_that_was_tampered_with_is_found(ctx: Context) -> None:
    conn = sqlite3.connect(ctx.store.path)
    conn.execute("UPDATE version_row SET fields_json=replace(fields_json, 'must', 'need not')")
    conn.commit()
    conn.close()
    assert "verify.version" in {p.code for p in verify(ctx.store.path)}


@pytest.mark.parametrize("value", ["abc", "", "0", "-1", "2.5"])
def test_the_smallest_group_is_a_number_or_nothing_changes(ctx: Context, value: str) -> None:
    with pytest.raises(Refused):
        projects.change_setting(ctx, "k_min", value)
    assert projects.project_summary(ctx).k_min == 5


def test_a_researcher_who_joins_late_closes_nothing(ctx: Context) -> None:
    before = impressions.impression_view(ctx).agreed
    second(ctx, "Late")
    assert impressions.impression_view(ctx).agreed == before != ()


def test_a_status_set_on_what_somebody_has_changed_meanwhile_is_refused(ctx: Context) -> None:
    first = model.list_requirements(ctx)[0].requirement
    model.set_requirement_status(ctx, first.id, "parked", rev=first.rev)
    with pytest.raises(StaleEdit):
        model.set_requirement_status(ctx, first.id, "rejected", rev=first.rev)
    assert model.list_requirements(ctx)[0].requirement.status == "parked"


def test_a_version_number_is_never_given_twice(ctx: Context) -> None:
    n = versioning.next_version(ctx)
    versioning.freeze_version(ctx, label="Tried")
    history.undo(ctx)
    assert versioning.next_version(ctx) == n + 1
