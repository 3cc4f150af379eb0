"""Copies for co-analysts: what is in them, and that merging one back loses nothing and overwrites nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support import TURNS, body_of, dump, mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import NotAllowed, Refused, StoreFailed, WorkbenchError
from workbench.language import t
from workbench.services import (
    code_groups,
    coding,
    comments,
    condensing,
    copies,
    correcting,
    counter_search,
    history,
    impressions,
    people,
    projects,
    rereading,
    sources,
    synthesis,
)  # fmt: skip
from workbench.services import differences as settling
from workbench.services.context import Context
from workbench.store import queries
from workbench.store.connection import APPLICATION_ID
from workbench.store.migrations import MIGRATIONS
from workbench.store.project import Store
from workbench.store.verify import verify

NIGHT, RANG, LONE = "The first night", "I rang the ward", "Nobody had rung"


def opened(path: Path) -> Context:
    """The copy at `path`, acted on by the member it was made for."""
    store = Store.open(path)
    info = copies.copy_info(projects.lead_context(store))
    assert info is not None
    member = next(m for m in projects.list_members(store) if m.id == info.member)
    return Context(member, store)


class Pair:
    """A project with a lead's marks in it, and a copy of it for Mads."""

    def __init__(self, folder: Path, *, with_marks: bool = True) -> None:
        self.folder = folder
        self.ctx, self.source = tiny_project(folder)
        self.alone = code_groups.add_code_group(self.ctx, name="Alone", definition="With nobody to ask")
        self.whose = code_groups.add_code_group(self.ctx, name="Whose job")
        self.unit = mark_words(self.ctx, self.source, "folder on my knees", self.alone)
        self.subgroup = condensing.add_subgroup(self.ctx, self.alone, name="At night", units=[self.unit])
        self.condensate = condensing.add_condensate(
            self.ctx, self.subgroup, text="I sat up.", covers=[self.unit]
        )
        self.path = folder / "mads.db"
        self.made = copies.make_copy(self.ctx, self.path, new_member="Mads", with_marks=with_marks)
        self.mads = opened(self.path)

    def sent(self, name: str = "sent.db") -> Path:
        """The copy as Mads would send it: closed, and a file of its own."""
        target = self.folder / name
        target.unlink(missing_ok=True)
        self.mads.store.close()
        with closing(sqlite3.connect(self.path)) as conn, closing(sqlite3.connect(target)) as copy:
            conn.backup(copy)
        return target

    def merge(self) -> copies.Merged:
        return copies.merge_copy(self.ctx, self.sent())

    def units(self) -> set[str]:
        return {c.unit.id for c in coding.list_units(self.ctx)}

    def row(self, table: str, id: str, ctx: Context | None = None) -> dict[str, Any]:
        with (ctx or self.ctx).store.read() as conn:
            return next(iter(queries.live(conn, table, id=id)), {})

    def whole(self) -> None:
        assert verify(self.ctx.store.path) == []
        assert verify(self.path) == []


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def bytes_of(path: Path) -> bytes:
    """The file with whatever lies beside it."""
    return b"".join(p.read_bytes() for p in sorted(path.parent.glob(path.name + "*")))


# -- making one ------------------------------------------------------------------------------------------


def test_a_copy_is_a_whole_project_without_a_vault_and_knows_where_it_comes_from(pair: Pair) -> None:
    info = copies.copy_info(pair.mads)
    assert info is not None and info.project == pair.ctx.store.id != pair.mads.store.id
    assert pair.mads.member.name == "Mads" and pair.mads.member.role == "researcher"
    assert dump(pair.mads.store) == dump(pair.ctx.store)
    assert not pair.path.with_suffix(".vault.db").exists()
    assert copies.copy_info(pair.ctx) is None
    (release,) = history.list_releases(pair.ctx)
    assert release.kind == "copy" and pair.source in release.items and pair.made.id in release.items
    pair.whole()


def test_the_sha_of_a_copy_is_of_the_file_that_left(tmp_path: Path) -> None:
    import hashlib

    ctx, _ = tiny_project(tmp_path)
    made = copies.make_copy(ctx, tmp_path / "out.db", ctx.member.id)
    assert hashlib.sha256(made.path.read_bytes()).hexdigest() == made.sha256
    assert [p.name for p in tmp_path.glob("*out*")] == ["out.db"]


def test_a_copy_overwrites_nothing_and_then_adds_nobody(pair: Pair) -> None:
    members = projects.list_members(pair.ctx.store)
    before = pair.path.read_bytes()
    for path, code in ((pair.path, "copies.exists"), (pair.folder / "x.vault.db", "copies.name"),
                       (pair.folder / "x.txt", "copies.name"), (pair.ctx.store.path, "copies.exists")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            copies.make_copy(pair.ctx, path, new_member="Somebody")
        assert refused.value.code == code
    assert pair.path.read_bytes() == before
    blocked = pair.folder / "file"
    blocked.write_text("")
    with pytest.raises(StoreFailed):
        copies.make_copy(pair.ctx, blocked / "x.db", new_member="Somebody")
    assert projects.list_members(pair.ctx.store) == members
    assert len(history.list_releases(pair.ctx)) == 1


def test_a_copy_is_made_for_somebody_who_analyses_and_by_somebody_who_does(pair: Pair) -> None:
    chair = projects.add_member(pair.ctx, name="Chair", role="steering")
    for member in (chair, "nobody", ""):
        with pytest.raises(Refused) as refused:
            copies.make_copy(pair.ctx, pair.folder / "x.db", member)
        assert refused.value.code == "copies.needs_researcher"
    seat = next(m for m in projects.list_members(pair.ctx.store) if m.id == chair)
    with pytest.raises(NotAllowed):
        copies.make_copy(replace(pair.ctx, member=seat), pair.folder / "x.db", pair.ctx.member.id)
    assert not (pair.folder / "x.db").exists()


def test_a_blind_copy_holds_no_byte_of_what_the_others_have_made(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = projects.add_member(ctx, name="Mads", role="researcher")
    other = replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == mads))
    group = code_groups.add_code_group(ctx, name="Alone", definition="Groundskeeper")
    theirs = mark_words(ctx, source, "folder on my knees", group)
    coding.comment(ctx, theirs, "Quixotic remark of the lead")
    subgroup = condensing.add_subgroup(ctx, group, name="Zanzibarish", units=[theirs])
    condensate = condensing.add_condensate(ctx, subgroup, text="Heliotrope condensate.", covers=[theirs])
    category = synthesis.add_category(ctx, group, heading="Marzipan heading")
    synthesis.change_category(
        ctx, category, rev=synthesis_rev(ctx, category), heading="Marzipan heading",
        analytic_text=f"Xylophone text. {{{{unit:{theirs}}}}}",
    )  # fmt: skip
    impressions.add_theme(ctx, title="Kaleidoscope theme")
    impressions.write_impression(ctx, source, "Umbrella impression", rev=None)
    mine = mark_words(other, source, LONE, group)
    coding.comment(other, mine, "Own remark stays")
    both = coding.place(other, theirs, placements=[{"code_group": code_groups.add_code_group(ctx, name="B")}])
    assert both is None
    path = tmp_path / "blind.db"
    copies.make_copy(ctx, path, mads, with_marks=False)
    with ctx.store.read() as conn:
        macs = [u["mac"] for u in queries.live(conn, "unit", id=theirs)]
    secret = ["Quixotic", "Zanzibarish", "Heliotrope", "Marzipan", "Xylophone", "Kaleidoscope", "Umbrella",
              theirs, subgroup, condensate, category, *macs]  # fmt: skip
    whole = tmp_path / "whole.db"
    copies.make_copy(ctx, whole, mads)
    seen = bytes_of(whole).lower()
    assert all(word.lower().encode() in seen for word in secret)  # the scan would find them
    store = opened(path)
    assert [c.unit.id for c in coding.list_units(store)] == [mine]
    assert [g.group.definition for g in code_groups.code_group_counts(store)] == ["Groundskeeper", ""]
    held = bytes_of(path).lower()  # with its log and shared memory, now that it is in use
    assert [word for word in secret if word.lower().encode() in held] == []
    assert b"own remark stays" in held and b"nobody had rung" in held
    store.store.close()
    assert [word for word in secret if word.lower().encode() in bytes_of(path).lower()] == []
    assert verify(path) == []
    with pytest.raises(Refused):
        history.undo(store)  # its first operation made it


def synthesis_rev(ctx: Context, category: str) -> int:
    with ctx.store.read() as conn:
        return int(queries.live(conn, "category", id=category)[0]["rev"])


# -- what comes in -----------------------------------------------------------------------------------------


def test_what_is_new_in_a_copy_comes_in_with_ids_authors_and_times(pair: Pair) -> None:
    mads = replace(
        pair.mads, now=lambda: __import__("datetime").datetime.fromisoformat("2026-05-04T10:00:00+00:00")
    )
    unit = mark_words(mads, pair.source, NIGHT, pair.alone)
    coding.comment(mads, unit, "Here it begins")
    group = code_groups.add_code_group(mads, name="Papers")
    coding.place(mads, unit, placements=[{"code_group": group}])
    subgroup = condensing.add_subgroup(mads, group, name="The folder", units=[unit])
    condensate = condensing.add_condensate(mads, subgroup, text="I held on to it.", covers=[unit])
    before = dump(pair.ctx.store)
    path = pair.sent()
    said = copies.preview_merge(pair.ctx, path)
    assert dump(pair.ctx.store) == before
    merged = copies.merge_copy(pair.ctx, path)
    assert merged.came == said.came == {
        "unit": 1, "placement": 2, "memo": 1, "code_group": 1, "subgroup": 1, "condensate": 1, "cover": 1,
    }  # fmt: skip
    assert merged.differences == () and merged.changed == 0
    assert merged.says == (
        "From the copy of Mads: 1 mark, 2 placements, 1 comment, 1 code group, 1 subgroup, 1 condensate, 1 other entry.",
    )
    assert pair.row("unit", unit)["member"] == pair.mads.member.id
    assert pair.row("condensate", condensate)["text"] == "I held on to it."
    at = copies.made_there(pair.ctx)
    assert at["unit", unit] == (pair.mads.member.id, "2026-05-04T10:00:00+00:00")
    assert history.list_operations(pair.ctx)[0].label == "merged the copy of Mads (8)"
    pair.whole()


def test_merging_twice_does_nothing_the_second_time_and_says_so(pair: Pair) -> None:
    mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    path = pair.sent()
    copies.merge_copy(pair.ctx, path)
    before, count = dump(pair.ctx.store), len(history.list_operations(pair.ctx))
    again = copies.merge_copy(pair.ctx, path)
    assert again.nothing_new
    assert again.says == ("There is nothing new in the copy of Mads. Nothing was changed.",)
    assert dump(pair.ctx.store) == before and len(history.list_operations(pair.ctx)) == count


def test_a_later_state_of_a_copy_brings_only_what_is_new(pair: Pair) -> None:
    first = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    pair.merge()
    placement = next(c for c in coding.list_units(pair.ctx) if c.unit.id == first).placements[0].id
    coding.unplace(pair.ctx, placement)  # the lead has thought again: that is not undone by the next merge
    second = mark_words(pair.mads, pair.source, RANG, pair.whose)
    merged = pair.merge()
    assert merged.came == {"unit": 1, "placement": 1} and merged.differences == ()
    assert pair.units() == {pair.unit, first, second}
    assert next(c for c in coding.list_units(pair.ctx) if c.unit.id == first).placements == ()
    pair.whole()


def test_undoing_a_merge_takes_everything_back_and_it_can_be_merged_again(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    code_groups.change_code_group(
        pair.mads, pair.whose, rev=pair.row("code_group", pair.whose)["rev"], name="Whose"
    )
    before = dump(pair.ctx.store)
    pair.merge()
    merged = dump(pair.ctx.store)
    history.undo(pair.ctx)
    assert dump(pair.ctx.store) == before
    history.redo(pair.ctx)
    assert dump(pair.ctx.store) == merged
    history.undo(pair.ctx)
    again = pair.merge()
    assert again.came == {"unit": 1, "placement": 1} and again.changed == 1
    assert {k: v for k, v in dump(pair.ctx.store).items() if k != "setting"} == {
        k: v for k, v in merged.items() if k != "setting"
    }
    assert unit in pair.units()
    pair.whole()


def test_a_span_that_two_people_marked_independently_stands_twice_each_with_its_author(pair: Pair) -> None:
    mine = mark_words(pair.ctx, pair.source, NIGHT, pair.alone)
    theirs = mark_words(pair.mads, pair.source, NIGHT, pair.whose)
    assert pair.merge().differences == ()
    cards = {c.unit.id: c.unit for c in coding.list_units(pair.ctx)}
    assert cards[mine].text == cards[theirs].text
    assert {cards[mine].member, cards[theirs].member} == {pair.ctx.member.id, pair.mads.member.id}


def test_what_only_the_co_analyst_changed_comes_in_and_what_only_the_lead_changed_stays(pair: Pair) -> None:
    rev = pair.row("code_group", pair.alone)["rev"]
    code_groups.change_code_group(pair.mads, pair.alone, rev=rev, name="Left alone")
    code_groups.change_code_group(pair.ctx, pair.alone, rev=rev, definition="Nobody there")
    condensing.move_units(pair.mads, pair.alone, [pair.unit], None)
    merged = pair.merge()
    assert merged.differences == () and merged.changed == 2
    group = pair.row("code_group", pair.alone)
    assert (group["name"], group["definition"]) == ("Left alone", "Nobody there")
    (card,) = coding.list_units(pair.ctx)
    assert card.placements[0].subgroup is None
    with pair.ctx.store.read() as conn:
        assert queries.live(conn, "cover") == []  # the condensate has let go of it, as it did there
    pair.whole()


def test_a_unit_does_not_leave_a_subgroup_under_a_condensate_that_holds_it_here(pair: Pair) -> None:
    condensing.move_units(pair.mads, pair.alone, [pair.unit], None)
    late = condensing.add_condensate(pair.ctx, pair.subgroup, text="I waited.", covers=[pair.unit])
    (told,) = pair.merge().differences
    assert (told.kind, told.table, told.there["subgroup"]) == ("changed", "placement", None)
    (card,) = coding.list_units(pair.ctx)
    assert card.placements[0].subgroup == pair.subgroup
    with pair.ctx.store.read() as conn:
        assert {c["condensate"] for c in queries.live(conn, "cover")} == {pair.condensate, late}
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    with pair.ctx.store.read() as conn:
        assert queries.live(conn, "cover") == []
    pair.whole()


def test_a_blind_copy_merges_beside_what_was_not_in_it(tmp_path: Path) -> None:
    pair = Pair(tmp_path, with_marks=False)
    assert coding.list_units(pair.mads) == []
    same = mark_words(pair.mads, pair.source, "folder on my knees", pair.whose)
    merged = pair.merge()
    assert merged.came == {"unit": 1, "placement": 1} and merged.differences == ()
    assert pair.units() == {pair.unit, same}
    pair.whole()


def test_a_source_imported_into_a_copy_comes_in_with_its_people_its_words_and_its_marks(pair: Pair) -> None:
    person = people.add_participant(pair.mads, pseudonym="Carla")
    new = sources.import_source(
        pair.mads, tiny_transcript((("C", "The lighthouse keeper wrote it down."), *TURNS)), b"raw",
        title="Interview 2", speakers={"C": person},
    )  # fmt: skip
    correcting.correct_text(pair.mads, new, 4, 14, "windmill", text_rev=1, quote="lighthouse")
    words = body_of(pair.mads, new)
    at = words.index("windmill keeper")
    unit = coding.mark(pair.mads, new, at, at + 15, text_rev=2, quote="windmill keeper",
                       placements=[{"code_group": pair.alone}])  # fmt: skip
    before = dump(pair.ctx.store)
    merged = pair.merge()
    assert merged.came["source"] == 1 and merged.differences == ()
    assert any("vault" in s for s in merged.says)
    assert body_of(pair.ctx, new) == words
    assert {c.unit.id: c.unit.text for c in coding.list_units(pair.ctx)}[unit] == "windmill keeper"
    with pair.ctx.store.read() as conn:
        found = conn.execute("SELECT count(*) FROM turn_fts WHERE turn_fts MATCH 'windmill'").fetchone()[0]
    assert found == 1
    pair.whole()
    history.undo(pair.ctx)
    assert dump(pair.ctx.store) == before
    assert pair.merge().came["source"] == 1
    assert body_of(pair.ctx, new) == words
    pair.whole()


# -- text versions and code groups that have moved on ---------------------------------------------------------


def test_marks_made_on_an_older_text_are_carried_over_or_listed(pair: Pair) -> None:
    body = body_of(pair.ctx, pair.source)
    kept = mark_words(pair.mads, pair.source, LONE, pair.alone)
    lost = mark_words(pair.mads, pair.source, "How was it", pair.alone)
    correcting.correct_text(pair.ctx, pair.source, 0, 11, "", text_rev=1, quote=body[:11])
    at = body_of(pair.ctx, pair.source).index("🙂")
    correcting.correct_text(pair.ctx, pair.source, at, at + 1, "(laughs aloud)", text_rev=2, quote="🙂")
    merged = pair.merge()
    assert {c.unit.id: c.unit.text for c in coding.list_units(pair.ctx)}[kept] == LONE
    kinds = {d.row: d.kind for d in merged.differences if d.table == "unit"}
    assert kinds == {lost: "words_gone"}
    says = {d.says for d in merged.differences if d.row == lost}
    assert says == {"A mark in Interview 1, by Mads, stood on words that have been corrected away here."}
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 0
    pair.whole()


def test_a_text_corrected_in_the_copy_is_told_by_turn_and_its_marks_still_come_in(pair: Pair) -> None:
    body = body_of(pair.mads, pair.source)
    at = body.index("ward")
    correcting.correct_text(pair.mads, pair.source, at, at + 4, "hospital ward", text_rev=1, quote="ward")
    later = body_of(pair.mads, pair.source)
    start = later.index("jeg ingens")
    unit = coding.mark(pair.mads, pair.source, start, start + 10, text_rev=2, quote="jeg ingens")
    merged = pair.merge()
    assert {c.unit.id: c.unit.text for c in coding.list_units(pair.ctx)}[unit] == "jeg ingens"
    (told,) = merged.differences
    assert (told.kind, told.there) == ("text", {"turn": 4})
    assert body_of(pair.ctx, pair.source) == body
    # The corrected words stay in the copy: they are nowhere in the project's file.
    assert b"hospital ward" not in bytes_of(pair.ctx.store.path)
    assert copies.choose(pair.ctx, pair.made.id, "there").left[0][1] == t("copies.left.by_hand")
    assert copies.choose(pair.ctx, pair.made.id, "here").done == 1
    assert copies.differences(pair.ctx) == []
    pair.whole()


def test_marks_follow_code_groups_that_were_merged_and_renamed_here(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    condensing.move_units(pair.mads, pair.alone, [unit], pair.subgroup)
    code_groups.merge_code_groups(pair.ctx, pair.alone, into=pair.whose)
    code_groups.change_code_group(
        pair.ctx, pair.whose, rev=pair.row("code_group", pair.whose)["rev"], name="Whose task"
    )
    merged = pair.merge()
    assert merged.differences == ()
    placement = next(c for c in coding.list_units(pair.ctx) if c.unit.id == unit).placements[0]
    assert (placement.code_group, placement.subgroup) == (pair.whose, pair.subgroup)
    pair.whole()


def test_a_placement_in_a_code_group_taken_out_here_is_listed_and_can_bring_it_back(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.whose)
    code_groups.retire_code_group(pair.ctx, pair.whose)
    merged = pair.merge()
    assert unit in pair.units()
    (told,) = merged.differences
    assert told.kind == "rests_on_gone" and told.table == "placement"
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    card = next(c for c in coding.list_units(pair.ctx) if c.unit.id == unit)
    assert [p.code_group for p in card.placements] == [pair.whose]
    pair.whole()


def test_two_code_groups_of_one_name_both_stand_and_are_pointed_out(pair: Pair) -> None:
    code_groups.add_code_group(pair.ctx, name="Papers")
    code_groups.add_code_group(pair.mads, name="papers")
    merged = pair.merge()
    assert any("papers" in s and "Merge them" in s for s in merged.says)
    tags = [g.group.tag for g in code_groups.code_group_counts(pair.ctx)]
    colours = [g.group.colour for g in code_groups.code_group_counts(pair.ctx)]
    assert len(set(tags)) == len(tags) == 4 and len(set(colours)) == 4


# -- differences ------------------------------------------------------------------------------------------------


def both_write(pair: Pair) -> None:
    rev = pair.row("condensate", pair.condensate)["rev"]
    condensing.change_condensate(pair.mads, pair.condensate, rev=rev, text="I sat up all night.", voice=None)
    condensing.change_condensate(pair.ctx, pair.condensate, rev=rev, text="I stayed awake.", voice=None)


def test_what_both_changed_is_listed_with_both_versions_and_ours_stands(pair: Pair) -> None:
    both_write(pair)
    merged = pair.merge()
    (told,) = merged.differences
    assert (told.kind, told.fields) == ("changed", ("text",))
    assert told.here == {"text": "I stayed awake."} and told.there == {"text": "I sat up all night."}
    assert told.who == "Mads" and told.says == "A condensate in “At night” was changed here and by Mads."
    assert pair.row("condensate", pair.condensate)["text"] == "I stayed awake."
    assert merged.says == ("1 difference to be settled; what stands here is left as it is.",)
    assert copies.differences(pair.ctx) == [told]
    assert pair.merge().nothing_new and copies.differences(pair.ctx) == [told]


def test_a_person_chooses_a_side_per_difference_and_can_take_it_back(pair: Pair) -> None:
    both_write(pair)
    (told,) = pair.merge().differences
    settled = copies.choose(pair.ctx, pair.made.id, "there", [told])
    assert (settled.done, settled.left) == (1, ())
    assert pair.row("condensate", pair.condensate)["text"] == "I sat up all night."
    assert copies.differences(pair.ctx) == []
    history.undo(pair.ctx)
    assert pair.row("condensate", pair.condensate)["text"] == "I stayed awake."
    assert len(copies.differences(pair.ctx)) == 1
    copies.choose(pair.ctx, pair.made.id, "here")
    assert copies.differences(pair.ctx) == [] and pair.merge().nothing_new
    pair.whole()


def test_choosing_on_what_has_been_changed_since_it_was_read_is_left(pair: Pair) -> None:
    both_write(pair)
    (told,) = pair.merge().differences
    rev = pair.row("condensate", pair.condensate)["rev"]
    condensing.change_condensate(pair.ctx, pair.condensate, rev=rev, text="Awake.", voice=None)
    settled = copies.choose(pair.ctx, pair.made.id, "there", [told])
    assert settled.done == 0 and settled.left[0][1] == t("copies.left.changed_since")
    assert pair.row("condensate", pair.condensate)["text"] == "Awake."
    with pytest.raises(Refused):
        copies.choose(pair.ctx, "another", "here")


def test_a_unit_placed_differently_by_both_is_listed(pair: Pair) -> None:
    other = condensing.add_subgroup(pair.mads, pair.alone, name="By day", units=[pair.unit])
    condensing.set_units_aside(pair.ctx, pair.alone, [pair.unit], "Not about this")
    (told,) = pair.merge().differences
    assert told.says == "A mark in Interview 1 was placed differently here and by Mads."
    assert told.there["subgroup"] == other and told.here["set_aside"] == "Not about this"
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    (card,) = coding.list_units(pair.ctx)
    assert card.placements[0].subgroup == other and card.placements[0].set_aside is None
    pair.whole()


def test_the_same_placement_made_by_both_is_one(pair: Pair) -> None:
    for ctx in (pair.ctx, pair.mads):
        coding.place(ctx, pair.unit, placements=[{"code_group": pair.whose}])
    merged = pair.merge()
    assert merged.nothing_new
    sub = condensing.add_subgroup(pair.mads, pair.whose, name="Theirs", units=[pair.unit])
    merged = pair.merge()  # ours says no more than that it is in the group; theirs says where
    assert merged.came == {"subgroup": 1} and merged.differences == ()
    (card,) = coding.list_units(pair.ctx)
    assert {p.subgroup for p in card.placements} == {pair.subgroup, sub}
    pair.whole()


def test_two_categories_for_one_code_group_are_listed_not_doubled(pair: Pair) -> None:
    mine = synthesis.add_category(pair.ctx, pair.alone, heading="Nights")
    theirs = synthesis.add_category(pair.mads, pair.alone, heading="Nobody came")
    rereading.note_recontext(pair.mads, theirs, pair.source, verdict="nuances", note="Not all nights")
    merged = pair.merge()
    told = next(d for d in merged.differences if d.fields == ("heading",))
    assert (told.row, told.there, told.here) == (mine, {"heading": "Nobody came"}, {"heading": "Nights"})
    with pair.ctx.store.read() as conn:
        (note,) = queries.live(conn, "recontext")
    assert note["category"] == mine  # what rests on theirs rests on the one that stands
    pair.whole()


# -- what was taken out ---------------------------------------------------------------------------------------


def test_what_the_co_analyst_took_out_of_their_own_goes_here_too(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    coding.comment(pair.mads, unit, "Hm")
    pair.merge()
    coding.remove_unit(pair.mads, unit)
    merged = pair.merge()
    assert merged.taken_out == 3 and merged.differences == ()
    assert pair.units() == {pair.unit}
    pair.whole()


def test_what_they_took_out_stays_and_is_listed_where_it_is_not_theirs_or_something_rests_on_it(
    pair: Pair,
) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    pair.merge()
    coding.comment(pair.ctx, unit, "The lead has written here")
    coding.remove_unit(pair.mads, unit)
    coding.remove_unit(pair.mads, pair.unit)
    merged = pair.merge()
    assert merged.taken_out == 0
    assert {(d.kind, d.row) for d in merged.differences} == {
        ("taken_out_there", unit), ("taken_out_there", pair.unit),
    }  # fmt: skip
    cards = {c.unit.id: c.placements for c in coding.list_units(pair.ctx)}
    assert len(cards[unit]) == len(cards[pair.unit]) == 1
    settled = copies.choose(pair.ctx, pair.made.id, "there")
    assert settled.done == 2 and pair.units() == set()
    assert copies.differences(pair.ctx) == []
    pair.whole()
    history.undo(pair.ctx)
    assert pair.units() == {unit, pair.unit}
    pair.whole()


def test_what_was_taken_out_here_and_worked_on_there_is_listed_and_can_come_back_whole(pair: Pair) -> None:
    coding.comment(pair.mads, pair.unit, "I wonder")
    start = body_of(pair.mads, pair.source).index("the folder on my knees")
    coding.resize(pair.mads, pair.unit, start, start + 22, text_rev=1)
    coding.remove_unit(pair.ctx, pair.unit)
    merged = pair.merge()
    assert {(d.kind, d.table) for d in merged.differences} == {
        ("taken_out_here", "unit"), ("rests_on_gone", "memo"),
    }  # fmt: skip
    assert pair.units() == set()
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 2
    (card,) = coding.list_units(pair.ctx)
    assert card.unit.text == "the folder on my knees" and len(card.placements) == 1
    pair.whole()


def test_taking_a_placement_out_and_making_it_again_is_a_change(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    pair.merge()
    (card,) = [c for c in coding.list_units(pair.mads) if c.unit.id == unit]
    coding.unplace(pair.mads, card.placements[0].id)
    coding.place(pair.mads, unit, placements=[{"code_group": pair.alone}])
    condensing.move_units(pair.mads, pair.alone, [unit], pair.subgroup)
    merged = pair.merge()
    assert merged.differences == () and merged.taken_out == 0
    card = next(c for c in coding.list_units(pair.ctx) if c.unit.id == unit)
    assert [p.subgroup for p in card.placements] == [pair.subgroup]
    pair.whole()


def test_a_code_group_merged_there_is_listed_and_its_units_move_along(pair: Pair) -> None:
    code_groups.merge_code_groups(pair.mads, pair.alone, into=pair.whose)
    merged = pair.merge()
    (told,) = merged.differences
    assert (told.kind, told.row) == ("taken_out_there", pair.alone)
    (card,) = coding.list_units(pair.ctx)
    assert [(p.code_group, p.subgroup) for p in card.placements] == [(pair.whose, pair.subgroup)]
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    assert [g.group.id for g in code_groups.code_group_counts(pair.ctx)] == [pair.whose]
    pair.whole()


# -- files that are not what they should be ---------------------------------------------------------------------


def refused(pair: Pair, path: Path) -> str:
    """The code of the sentence; nothing may have happened."""
    before, operations = dump(pair.ctx.store), len(history.list_operations(pair.ctx))
    held = path.read_bytes() if path.is_file() else b""
    codes = set()
    for do in (copies.preview_merge, copies.merge_copy):
        with pytest.raises(WorkbenchError) as error:
            do(pair.ctx, path)
        codes.add(error.value.code)
        assert " " in t(error.value.code, **error.value.params)
    assert dump(pair.ctx.store) == before and len(history.list_operations(pair.ctx)) == operations
    assert held == (path.read_bytes() if path.is_file() else b"")
    assert len(codes) == 1
    return codes.pop()


def test_a_file_that_is_no_copy_of_this_project_is_refused_in_a_sentence(pair: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    theirs = Pair(other)
    assert refused(pair, theirs.sent()) == "copies.other_project"
    assert refused(pair, theirs.ctx.store.path) == "copies.not_a_copy"
    assert refused(pair, pair.ctx.store.path) == "copies.not_a_copy"
    assert refused(pair, tmp_path / "none.db") == "store.missing"
    text = tmp_path / "text.db"
    text.write_text("Not a database at all. " * 1000)
    assert refused(pair, text) == "store.not_a_project"
    empty = tmp_path / "nothing.db"
    empty.write_bytes(b"")
    assert refused(pair, empty) == "store.not_a_project"


def test_a_copy_of_a_copy_is_merged_where_it_was_made(pair: Pair) -> None:
    third = copies.make_copy(pair.mads, pair.folder / "third.db", new_member="Ida")
    ida = opened(third.path)
    unit = mark_words(ida, pair.source, NIGHT, pair.alone)
    ida.store.close()
    assert refused(pair, third.path) == "copies.other_project"
    copies.merge_copy(pair.mads, third.path)
    merged = pair.merge()
    assert unit in pair.units() and merged.came["member"] == 1
    assert pair.row("unit", unit)["member"] == ida.member.id
    pair.whole()


def test_a_copy_of_a_newer_or_another_schema_is_refused_and_an_older_one_brought_up_beside_it(
    pair: Pair,
) -> None:
    path = pair.sent()

    def changed(name: str, *statements: str) -> Path:
        target = pair.folder / name
        shutil.copy(path, target)
        with closing(sqlite3.connect(target, isolation_level=None)) as conn:
            for statement in statements:
                conn.execute(statement)
        return target

    newer = changed("newer.db", f"PRAGMA user_version={len(MIGRATIONS) + 1}")
    assert refused(pair, newer) == "store.newer"
    for n, extra in enumerate((
        "CREATE TRIGGER t AFTER INSERT ON unit BEGIN SELECT 1; END", "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more(x)", "ALTER TABLE unit ADD COLUMN more TEXT", "DROP INDEX memo_item",
        f"PRAGMA user_version={len(MIGRATIONS) - 1}",
    )):  # fmt: skip
        assert refused(pair, changed(f"odd{n}.db", extra)) == "copies.other_schema"


def test_a_copy_of_an_older_schema_is_brought_up_to_date_beside_its_place(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    path, older = pair.sent(), pair.folder / "older.db"
    with closing(sqlite3.connect(older, isolation_level=None)) as conn:
        conn.execute(f"PRAGMA application_id={APPLICATION_ID}")
        conn.executescript(MIGRATIONS[0])
        conn.execute("PRAGMA user_version=1")
        conn.execute("ATTACH ? AS new", (str(path),))
        tables = [
            r[0] for r in conn.execute("SELECT name FROM main.sqlite_master WHERE type='table'").fetchall()
        ]
        for table in tables:
            columns = ",".join(r[1] for r in conn.execute(f"PRAGMA main.table_info({table})").fetchall())
            conn.execute(f"INSERT INTO main.{table}({columns}) SELECT {columns} FROM new.{table}")
    held = older.read_bytes()
    merged = copies.merge_copy(pair.ctx, older)
    assert merged.came == {"unit": 1, "placement": 1} and unit in pair.units()
    assert older.read_bytes() == held
    pair.whole()


def test_a_damaged_copy_is_refused(pair: Pair) -> None:
    for words in (NIGHT, RANG, LONE):
        mark_words(pair.mads, pair.source, words, pair.alone)
    path = pair.sent()
    whole = path.read_bytes()
    broken = pair.folder / "broken.db"
    for at in range(4096, len(whole), max(4096, len(whole) // 40)):
        broken.write_bytes(whole[:at] + b"\xa5" * 512 + whole[at + 512 :])
        with suppress(WorkbenchError):  # where only free space was hit it merges, and whole
            copies.preview_merge(pair.ctx, broken)
    broken.write_bytes(whole[: len(whole) // 2])
    assert refused(pair, broken) == "copies.damaged"
    shutil.copy(path, broken)
    with closing(sqlite3.connect(broken)) as conn:  # a row that no operation has left like this
        conn.execute("UPDATE unit SET start=start+1 WHERE rev=(SELECT max(rev) FROM unit)")
        conn.commit()
    assert refused(pair, broken) == "copies.damaged"
    shutil.copy(path, broken)
    with closing(sqlite3.connect(broken)) as conn:
        conn.execute("UPDATE meta SET value='{' WHERE name='copy'")
        conn.commit()
    assert refused(pair, broken) == "copies.damaged"


def test_a_copy_that_makes_somebody_lead_or_holds_an_operation_nobody_did_is_not_believed(pair: Pair) -> None:
    with pair.mads.write("add_member") as work:
        row = {"id": "m", "name": "Mallory", "initials": "MA", "role": "admin", "is_lead": 1}
        work.insert("member", row)
        work.update("member", pair.mads.member.id, {"is_lead": 1})
    pair.merge()
    members = {m.id: m for m in projects.list_members(pair.ctx.store)}
    assert (members["m"].role, members["m"].is_lead) == ("researcher", False)
    assert not members[pair.mads.member.id].is_lead
    path = pair.sent("forged.db")
    mark_words(pair.mads, pair.source, NIGHT)
    path = pair.sent("forged.db")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DROP TRIGGER operation_is_unchanging")
        conn.execute("UPDATE operation SET member='m' WHERE seq=(SELECT max(seq) FROM operation)")
        sql = "CREATE TRIGGER operation_is_unchanging BEFORE UPDATE ON operation BEGIN SELECT RAISE(ABORT, 'append only'); END"
        conn.execute(sql)
        conn.commit()
    assert refused(pair, path) == "copies.damaged"


def test_an_older_state_of_a_copy_than_was_merged_is_refused(pair: Pair) -> None:
    mark_words(pair.mads, pair.source, NIGHT)
    older = pair.sent("older.db")
    mark_words(pair.mads, pair.source, RANG)
    pair.merge()
    assert refused(pair, older) == "copies.older"


def test_a_copy_put_back_to_an_earlier_state_and_carried_on_from_there_loses_nothing(pair: Pair) -> None:
    first = mark_words(pair.mads, pair.source, NIGHT)
    older = pair.sent("older.db")
    second = mark_words(pair.mads, pair.source, RANG)
    pair.merge()
    again = opened(older)
    third = mark_words(again, pair.source, LONE, pair.whose)
    again.store.close()
    merged = copies.merge_copy(pair.ctx, older)
    assert merged.came == {"unit": 1, "placement": 1}
    assert pair.units() == {pair.unit, first, second, third}
    assert pair.merge().nothing_new
    pair.whole()


def test_requirements_made_in_a_copy_stay_there_and_that_is_said(pair: Pair) -> None:
    from workbench.services import model

    model.add_requirement(pair.mads, statement="A number to ring", basis="law", basis_note="§")
    merged = pair.merge()
    assert merged.came == {} and "requirements" in merged.says[-1]


def test_words_marked_in_a_copy_of_a_project_restored_from_before_it_come_in_whole(tmp_path: Path) -> None:
    from workbench.store.backup import back_up, restore

    ctx, source = tiny_project(tmp_path)
    kept = back_up(ctx.store.path)
    group = code_groups.add_code_group(ctx, name="Later than the backup")
    copies.make_copy(ctx, tmp_path / "c.db", new_member="Mads")
    ctx.store.close()
    restore(tmp_path / "tiny.db", kept)
    back = projects.lead_context(Store.open(tmp_path / "tiny.db"))
    mads = opened(tmp_path / "c.db")
    unit = mark_words(mads, source, NIGHT, group)
    mads.store.close()
    merged = copies.merge_copy(back, tmp_path / "c.db")
    assert merged.came == {"member": 1, "code_group": 1, "unit": 1, "placement": 1}
    assert [c.unit.id for c in coding.list_units(back)] == [unit]
    assert verify(back.store.path) == []


# -- the law ----------------------------------------------------------------------------------------------------

WORDS = (NIGHT, RANG, LONE, "folder on my knees", "How was it", "På en måde", "nobody's", "I was his")
VERBS = ("mark", "mark", "mark", "place", "unplace", "remove", "resize", "comment", "group", "rename", "merge_groups",
         "retire_group", "subgroup", "move", "aside", "condensate", "rewrite", "cover", "golden", "drop_condensate",
         "category", "embed", "correct", "undo", "redo", "sync", "choose", "retire_subgroup", "split_group")  # fmt: skip
STEP = st.tuples(st.booleans(), st.sampled_from(VERBS), *[st.integers(0, 7)] * 3)


def live(ctx: Context, table: str, **equal: Any) -> list[dict[str, Any]]:
    with ctx.store.read() as conn:
        return queries.live(conn, table, **equal)


def pick(rows: list[dict[str, Any]], n: int) -> dict[str, Any]:
    if not rows:
        raise Refused("error.gone", kind="")
    return rows[n % len(rows)]


def act(ctx: Context, source: str, verb: str, a: int, b: int, c: int) -> None:
    """One thing somebody may do, with whatever is there; refused where it cannot be done."""
    if verb == "mark":
        words, body = WORDS[a], body_of(ctx, source)
        at = body.find(words)
        if at >= 0:
            rev = live(ctx, "source", id=source)[0]["text_rev"]
            groups = [pick(live(ctx, "code_group"), b)["id"]] if c else []
            coding.mark(ctx, source, at, at + len(words) - c % 3, text_rev=rev,
                        placements=[{"code_group": g} for g in groups])  # fmt: skip
    elif verb == "place":
        coding.place(
            ctx,
            pick(live(ctx, "unit"), a)["id"],
            placements=[{"code_group": pick(live(ctx, "code_group"), b)["id"]}],
        )
    elif verb == "unplace":
        coding.unplace(ctx, pick(live(ctx, "placement"), a)["id"])
    elif verb == "remove":
        coding.remove_unit(ctx, pick(live(ctx, "unit"), a)["id"])
    elif verb == "resize":
        u = pick(live(ctx, "unit"), a)
        coding.resize(ctx, u["id"], max(0, u["start"] - b), u["end"], text_rev=u["text_rev"])
    elif verb == "comment":
        coding.comment(ctx, pick(live(ctx, "unit"), a)["id"], f"Comment {b}")
    elif verb == "group":
        code_groups.add_code_group(ctx, name=f"Group {a}")
    elif verb == "rename":
        g = pick(live(ctx, "code_group"), a)
        code_groups.change_code_group(ctx, g["id"], rev=g["rev"], name=f"Name {b}", definition=f"Meaning {c}")
    elif verb == "merge_groups":
        groups = live(ctx, "code_group")
        code_groups.merge_code_groups(ctx, pick(groups, a)["id"], into=pick(groups, b)["id"])
    elif verb == "split_group":
        p = pick(live(ctx, "placement"), a)
        code_groups.split_code_group(ctx, p["code_group"], units=[p["unit"]], name=f"Split {b}")
    elif verb == "retire_group":
        code_groups.retire_code_group(ctx, pick(live(ctx, "code_group"), a)["id"])
    elif verb == "subgroup":
        g = pick(live(ctx, "code_group"), a)["id"]
        units = [p["unit"] for p in live(ctx, "placement", code_group=g)][: b + 1]
        condensing.add_subgroup(ctx, g, name=f"Sub {c}", units=units)
    elif verb == "retire_subgroup":
        condensing.retire_subgroup(ctx, pick(live(ctx, "subgroup"), a)["id"])
    elif verb == "move":
        p = pick(live(ctx, "placement"), a)
        subs = [None, *(s["id"] for s in live(ctx, "subgroup", code_group=p["code_group"]))]
        condensing.move_units(ctx, p["code_group"], [p["unit"]], subs[b % len(subs)])
    elif verb == "aside":
        p = pick(live(ctx, "placement"), a)
        condensing.set_units_aside(ctx, p["code_group"], [p["unit"]], f"Reason {b}")
    elif verb == "condensate":
        s = pick(live(ctx, "subgroup"), a)["id"]
        units = [p["unit"] for p in live(ctx, "placement", subgroup=s)]
        condensing.add_condensate(ctx, s, text=f"Condensate {b}", covers=units[: c + 1])
    elif verb == "rewrite":
        k = pick(live(ctx, "condensate"), a)
        condensing.change_condensate(ctx, k["id"], rev=k["rev"], text=f"Rewritten {b}", voice=None)
    elif verb == "cover":
        k = pick(live(ctx, "condensate"), a)
        units = [p["unit"] for p in live(ctx, "placement", subgroup=k["subgroup"])]
        condensing.set_covers(ctx, k["id"], units[b % 3 :])
    elif verb == "golden":
        k = pick(live(ctx, "condensate"), a)
        condensing.set_golden(ctx, k["id"], pick(live(ctx, "placement", subgroup=k["subgroup"]), b)["unit"])
    elif verb == "drop_condensate":
        condensing.retire_condensate(ctx, pick(live(ctx, "condensate"), a)["id"])
    elif verb == "category":
        synthesis.add_category(ctx, pick(live(ctx, "code_group"), a)["id"], heading=f"Heading {b}")
    elif verb == "embed":
        k = pick(live(ctx, "category"), a)
        unit = pick(live(ctx, "placement", code_group=k["code_group"]), b)["unit"]
        synthesis.change_category(
            ctx, k["id"], rev=k["rev"], heading=k["heading"], analytic_text=f"Text {c}. {{{{unit:{unit}}}}}"
        )  # fmt: skip
    elif verb == "correct":
        turn = list(sources.read_source(ctx, source).turns)[a % len(TURNS)]
        words = turn.text.split(" ")[b % len(turn.text.split(" "))]
        at = turn.turn.start + turn.text.index(words)
        rev = live(ctx, "source", id=source)[0]["text_rev"]
        correcting.correct_text(
            ctx,
            source,
            at,
            at + len(words),
            ("", "corrected", "so to speak")[c % 3],
            text_rev=rev,
            quote=words,
        )
    elif verb == "undo":
        history.undo(ctx)
    elif verb == "redo":
        history.redo(ctx)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    pair = Pair(folder)
    pair.ctx.store.close()
    pair.mads.store.close()
    (folder / "made").write_text(json.dumps([pair.source, pair.made.id]))
    return folder


# A golden quote chosen there of a unit that has left here, merged, and taken out there.
GOLDEN = [(False, "mark", 0, 0, 0)] * 13 + [
    (False, "unplace", 0, 0, 0), (True, "golden", 0, 0, 0), (False, "sync", 0, 0, 0), (True, "unplace", 0, 0, 0),
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=4, max_size=26))
@example(steps=GOLDEN)
def test_whatever_both_sides_do_merging_loses_nothing_and_can_be_undone(
    begun: Path, steps: list[tuple[Any, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in begun.glob("*.db"):
            shutil.copy(path, folder)
        source, copy = json.loads((begun / "made").read_text())
        store = Store.open(folder / "tiny.db")
        ctx = projects.lead_context(store)
        mads = opened(folder / "mads.db")
        try:
            play(ctx, mads, source, copy, steps)
        finally:
            store.close()
            mads.store.close()


def send(mads: Context) -> Path:
    target = mads.store.path.with_name("sent.db")
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(mads.store.path)) as conn, closing(sqlite3.connect(target)) as copy:
        conn.backup(copy)
    return target


def play(ctx: Context, mads: Context, source: str, copy: str, steps: list[tuple[Any, ...]]) -> None:
    begun = written(ctx)
    ever: set[str] = set()
    for there, verb, *n in steps:
        if verb == "sync":
            merge_lawfully(ctx, mads, begun, ever)
        elif verb == "choose":
            with suppress(WorkbenchError):
                found = copies.differences(ctx, copy)
                copies.choose(ctx, copy, "there" if there else "here", found[: n[0] + 1])
        else:
            with suppress(WorkbenchError):
                act(mads if there else ctx, source, verb, *n)
    merge_lawfully(ctx, mads, begun, ever)
    left = copies.differences(ctx, copy)
    if left:
        settled = copies.choose(ctx, copy, "there")
        assert settled.done + len(settled.left) == len(left)
        assert all(" " in why for _, why in settled.left)
        copies.choose(ctx, copy, "here")
        assert copies.differences(ctx, copy) == []
    assert verify(ctx.store.path) == []
    assert verify(mads.store.path) == []


TOLD = (("code_group", "name"), ("code_group", "definition"), ("condensate", "text"), ("category", "heading"))


def written(ctx: Context) -> dict[tuple[str, str, str], str]:
    """What people have written, by where it stands."""
    return {(table, r["id"], column): r[column] for table, column in TOLD for r in live(ctx, table)}


def merge_lawfully(
    ctx: Context, mads: Context, begun: dict[tuple[str, str, str], str], ever: set[str]
) -> None:
    """Merge, and hold the law; `begun` is what was written when the copy was made, `ever` what was listed so far."""
    path = send(mads)
    first, mine, others = not copies.merged_copies(ctx), written(ctx), written(mads)
    before = dump(ctx.store)
    units = {u["id"]: u for u in live(ctx, "unit")}
    told = copies.preview_merge(ctx, path)
    assert dump(ctx.store) == before
    last = history.list_operations(ctx, limit=1)[0].seq
    merged = copies.merge_copy(ctx, path)
    assert (merged.came, merged.changed, merged.taken_out) == (told.came, told.changed, told.taken_out)
    assert [d.id for d in merged.differences] == [d.id for d in told.differences]
    assert verify(ctx.store.path) == []
    # Every unit of either side is there, or listed; or it was taken out by whose it was, and nobody else used it.
    here, theirs = {u["id"] for u in live(ctx, "unit")}, {u["id"] for u in live(mads, "unit")}
    listed = {d.row for d in copies.differences(ctx)}
    with ctx.store.read() as conn:
        known = {r["id"] for r in conn.execute("SELECT id FROM unit")}
    assert theirs - here - listed <= known  # only what somebody here has taken out, or settled
    for gone in units.keys() - here:
        assert gone not in theirs and units[gone]["member"] == mads.member.id
    # Nothing that is there alone is left out unlisted.
    ever |= {d.row for d in copies.differences(ctx)}
    for table in ("placement", "memo", "code_group", "subgroup", "condensate", "category"):
        with ctx.store.read() as conn:
            known = {r["id"] for r in conn.execute(f"SELECT id FROM {table}")}
        for row in live(mads, table):
            if row["id"] in known or row["id"] in ever:
                continue
            if table == "placement":  # ours in the same group stands for it
                assert row["unit"] in {p["unit"] for p in live(ctx, "placement")}
            else:
                assert table == "category" and live(ctx, "category")
    # What one side wrote stands; what both wrote is listed with both.
    both = {(d.table, d.row, d.fields[0]): d for d in copies.differences(ctx) if len(d.fields) == 1}
    now = written(ctx)
    for at in begun.keys() & mine.keys() & others.keys() if first else ():
        if others[at] == begun[at]:
            assert now[at] == mine[at]
        elif mine[at] == begun[at]:
            assert now[at] == others[at]
        else:
            assert now[at] == mine[at]
            assert mine[at] == others[at] or (both[at].here, both[at].there) == (
                {at[2]: mine[at]}, {at[2]: others[at]},
            )  # fmt: skip
    # A second time nothing happens, and everything can be taken back and done again.
    after = dump(ctx.store)
    assert copies.merge_copy(ctx, path).nothing_new
    assert dump(ctx.store) == after
    if not merged.nothing_new:
        operation = history.list_operations(ctx, limit=1)[0].seq
        assert operation == last + 1
        history.undo(ctx, operation)
        assert dump(ctx.store) == before
        again = copies.merge_copy(ctx, path)
        assert (again.came, again.changed, again.taken_out) == (told.came, told.changed, told.taken_out)
        same = {k: v for k, v in dump(ctx.store).items() if k != "setting"}
        assert same == {k: v for k, v in after.items() if k != "setting"}


def test_differences_about_what_one_is_not_to_see_yet_wait_until_one_may(pair: Pair) -> None:
    theirs = replace(pair.ctx, member=pair.mads.member)
    unit = mark_words(theirs, pair.source, NIGHT, pair.alone)
    again = copies.make_copy(pair.ctx, pair.folder / "again.db", pair.mads.member.id)
    there = opened(again.path)
    condensing.set_units_aside(pair.ctx, pair.alone, [unit], "Not about this")
    condensing.add_subgroup(there, pair.alone, name="By day", units=[unit])
    there.store.close()
    copies.merge_copy(pair.ctx, again.path)
    assert len(copies.differences(pair.ctx)) == 1
    with pair.ctx.write("export") as work:
        for n, member in enumerate((pair.ctx.member.id, pair.mads.member.id)):
            work.insert(
                "double_coding", {"id": f"d{n}", "source": pair.source, "member": member, "done_at": None}
            )
    assert copies.differences(pair.ctx) == []
    assert len(copies.differences(theirs)) == 1
    with pair.ctx.write("export") as work:
        for n in range(2):
            work.update("double_coding", f"d{n}", {"done_at": "2026-05-04"})
    assert len(copies.differences(pair.ctx)) == 1


def test_an_unseen_copy_holds_ones_own_answer_without_what_it_answers(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = projects.add_member(ctx, name="Mads", role="researcher")
    with ctx.write("comment_unit") as work:
        theirs = {"id": "m1", "item": source, "member": ctx.member.id, "text": "What of the night?", "at": ""}
        work.insert("memo", theirs | {"answers": None, "settled": ""})
        own = {"id": "m2", "item": source, "member": mads, "text": "I will look.", "at": "", "answers": "m1"}
        work.insert("memo", own | {"settled": ""})
        for n, member in enumerate((ctx.member.id, mads)):
            log = {
                "id": f"l{n}",
                "member": member,
                "kind": "reflection",
                "at": "2026-05-04",
                "text": f"Thought {n}",
            }
            work.insert("log_entry", log)
            work.insert("double_coding", {"id": f"d{n}", "source": source, "member": member, "done_at": None})
    made = copies.make_copy(ctx, tmp_path / "mads.db", mads, with_marks=False)
    there = opened(made.path)
    with there.store.read() as conn:
        assert [(m["id"], m["answers"]) for m in queries.live(conn, "memo")] == [("m2", None)]
        assert [e["text"] for e in queries.live(conn, "log_entry")] == ["Thought 1"]
        assert len(queries.live(conn, "double_coding")) == 2
    with there.write("export") as work:
        work.update("double_coding", "d1", {"done_at": "2026-05-09"})
    there.store.close()
    copies.merge_copy(ctx, made.path)
    with ctx.store.read() as conn:
        done = {d["id"]: d["done_at"] for d in queries.live(conn, "double_coding")}
        answers = {m["id"]: m["answers"] for m in queries.live(conn, "memo")}
    assert done == {"d0": None, "d1": "2026-05-09"} and answers == {"m1": None, "m2": "m1"}


def test_a_state_of_the_analysis_made_in_a_copy_stays_there_and_that_is_said(pair: Pair) -> None:
    with pair.mads.write("export") as work:
        row = {"id": "s", "label": "Poster", "note": "", "frozen_at": "2026-05-04", "seq": work.seq - 1}
        work.insert("analysis_state", row)
    merged = pair.merge()
    assert not merged.came and "stays in the copy" in merged.says[-1]


# -- what may be taken out with a row, and what only tells of it -------------------------------------------------


def test_a_category_taken_out_there_goes_with_its_searches_and_the_reason_it_was_ready(pair: Pair) -> None:
    category = synthesis.add_category(
        pair.mads, pair.alone, heading="Nobody rang", analytic_text="So it was."
    )
    pair.merge()
    counter_search.log_counter_search(pair.ctx, category, looked_through="All", found=0)
    synthesis.set_category_status(pair.ctx, category, "ready", reason="The poster is due")
    synthesis.retire_category(pair.mads, category)
    pair.merge()
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    with pair.ctx.read() as conn:
        assert not queries.live(conn, "waiver") and not queries.live(conn, "counter_search")
    pair.whole()


def test_a_condensate_taken_out_there_goes_with_comments_that_were_answered(pair: Pair) -> None:
    made = condensing.add_condensate(pair.mads, pair.subgroup, text="I rang.")
    pair.merge()
    comment = comments.add_comment(pair.ctx, made, "Whose voice?")
    comments.add_comment(pair.ctx, made, "Mine", answers=comment)
    condensing.retire_condensate(pair.mads, made)
    pair.merge()
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    pair.whole()


def test_a_mark_that_was_agreed_to_stand_is_not_taken_out_unasked_but_may_be(pair: Pair) -> None:
    unit = mark_words(pair.mads, pair.source, NIGHT, pair.alone)
    pair.merge()
    settling.settle(pair.ctx, [settling.Pick(unit, None)], "kept")
    coding.remove_unit(pair.mads, unit)
    (told,) = pair.merge().differences
    assert (told.kind, told.row) == ("taken_out_there", unit) and unit in pair.units()
    assert copies.choose(pair.ctx, pair.made.id, "there").done == 1
    assert unit not in pair.units() and settling.settlements(pair.ctx).counts == {"kept": 1}
    pair.whole()
