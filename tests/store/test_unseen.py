"""Marking unseen holds at the connection: for who takes part it is as if the others had marked nothing in the source.

Two copies of one project: in the one the other analyst has marked, in the other never. To the analyst who marks
unseen, everything that can be read must be the same in both."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import TURNS, body_of, mark_words, tiny_project, tiny_transcript
from workbench.domain.records import Member
from workbench.services import (
    checks,
    code_groups,
    codebooks,
    coding,
    condensing,
    counts,
    double_coding,
    finding,
    history,
    material,
    overview,
    paper,
    people,
    projects,
    report,
    sources,
    synthesis,
    units,
    workbook,
)
from workbench.services.context import Context
from workbench.store import unseen
from workbench.store.project import Store

OTHERS = ("Nobody had rung", "the municipality had me now", "He was nobody's")


def colleague(ctx: Context, name: str = "Mads Berg") -> Context:
    id = projects.add_member(ctx, name=name, role="researcher")
    (member,) = [m for m in projects.list_members(ctx.store) if m.id == id]
    return replace(ctx, member=member)


def two(folder: Path) -> tuple[Context, Context, str, str, list[str]]:
    """(the lead, a colleague, a source, another one, two code groups), nothing marked yet."""
    ctx, source = tiny_project(folder)
    second = sources.import_source(ctx, tiny_transcript(TURNS, "two.txt"), b"raw", title="Interview 2")
    groups = [code_groups.add_code_group(ctx, name=name) for name in ("Not knowing", "Whose job")]
    return ctx, colleague(ctx), source, second, groups


def their_marks(other: Context, source: str, groups: list[str], condensate: str) -> list[str]:
    """What the colleague does: marks, places, tags, comments, puts in a subgroup."""
    made = [mark_words(other, source, words, groups[n % 2]) for n, words in enumerate(OTHERS)]
    made.append(mark_words(other, source, "How was it to come home?"))
    coding.comment(other, made[0], "Look at this again")
    coding.place(other, made[0], codes=[{"code": codebooks.list_codes(other)[0].id}])
    board = condensing.board(other, groups[0]).subgroups[0]
    condensing.move_units(other, groups[0], [made[0], made[2]], board.subgroup.id)
    coding.mark(other, source, 0, 3, text_rev=1, new_code_groups=[], placements=[{"code_group": groups[1]}])
    return [*made, *(m.unit for m in coding.marks_view(other, source).marks if m.start == 0 and m.end == 3)]


_NUMBERS = ("rev", "chain", "made", "speaking", "saved_at", "op")


def told(value: object) -> object:
    """What a read model says, without numbers of operations: those count what is hidden as well."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return {n: told(v) for n, v in named.items() if n not in _NUMBERS}
    if isinstance(value, dict):
        return {k: told(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return value


READ: dict[str, Callable[[Context, str], object]] = {
    "reader": lambda ctx, source: coding.marks_view(ctx, source),
    "list of units": lambda ctx, source: coding.list_units(ctx),
    "matrix": lambda ctx, source: units.list_rows(ctx),
    "counts per group": lambda ctx, source: code_groups.code_group_counts(ctx),
    "unplaced": lambda ctx, source: code_groups.count_unplaced(ctx),
    "sources": lambda ctx, source: sources.list_sources(ctx),
    "find": lambda ctx, source: finding.search(ctx, "night OR municipality OR nobody*"),
    "names to filter by": lambda ctx, source: units.names(ctx),
    "cross table": lambda ctx, source: counts.cross(ctx, "source"),
    "groups together": lambda ctx, source: counts.together(ctx),
    "portrait": lambda ctx, source: counts.portrait(ctx, source),
    "over time": lambda ctx, source: counts.over_time(ctx),
    "what may be counted": lambda ctx, source: counts.choices(ctx),
    "board": lambda ctx, source: [condensing.board(ctx, g.group.id) for g in code_groups.code_group_counts(ctx)],
    "codes": lambda ctx, source: codebooks.list_codes(ctx),
    "checks": lambda ctx, source: checks.all_issues(ctx),
    "synthesis": lambda ctx, source: synthesis.synthesis_view(ctx),
    "since you were here": lambda ctx, source: overview.since_you_were_here(ctx),
    "people": lambda ctx, source: people.people_view(ctx),
    "what files are made of": lambda ctx, source: material.load_material(ctx),
    "home": lambda ctx, source: overview.overview(ctx),
    "history": lambda ctx, source: [(o.verb, o.label) for o in history.list_operations(ctx)],
}  # fmt: skip


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Context, Context, str, list[str]]:
    """(the lead where the colleague has marked, the lead where nobody has, the source, what the colleague marked)"""
    ctx, other, source, second, groups = two(tmp_path)
    codebooks.add_code(ctx, codebooks.add_codebook(ctx, title="Second lens"), label="Access")
    mine = mark_words(ctx, source, "I sat up with the folder", groups[0])
    subgroup = condensing.add_subgroup(ctx, groups[0], name="At night", units=[mine])
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat up.", covers=[mine])
    mark_words(other, second, "I was his", groups[1])  # in a source that is not marked unseen: seen
    double_coding.open_unseen(ctx, source, [ctx.member.id, other.member.id])
    ctx.store.close()
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in tmp_path.glob("tiny*"):
        shutil.copy(file, bare / file.name)
    made = their_marks(other, source, groups, condensate)
    return ctx, replace(ctx, store=Store.open(bare / "tiny.db")), source, made


@pytest.mark.parametrize("name", [n for n in READ])
def test_to_who_marks_unseen_it_is_as_if_the_other_had_marked_nothing(
    twins: tuple[Context, Context, str, list[str]], name: str
) -> None:
    ctx, bare, source, made = twins
    seen, wanted = told(READ[name](ctx, source)), told(READ[name](bare, source))
    assert seen == wanted
    assert not any(unit in str(seen) for unit in made)


def test_nothing_at_all_that_can_be_queried_names_a_hidden_unit(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, source, made = twins
    with ctx.read() as conn:
        names = [r[0] for r in conn.execute("SELECT name FROM main.sqlite_master WHERE type='table'")]
        for name in names:
            if name in ("item", "turn_fts") or name.startswith(("sqlite_", "turn_fts_")):
                continue
            rows = str([tuple(r) for r in conn.execute(f"SELECT * FROM {name}")])
            if name == "operation":
                continue  # its numbers are the project's revision; History leaves these out, see above
            assert not any(unit in rows for unit in made), name
        assert [r[0] for r in conn.execute("SELECT rowid FROM unit ORDER BY rowid")]
        assert len(unseen.open_sources(conn, ctx.member.id)) == 1
    with ctx.store.read() as conn:  # and it ends with the transaction
        assert conn.execute("SELECT count(*) FROM unit").fetchone()[0] > len(made)
    assert source


def test_the_others_marks_do_not_travel_in_a_delta_and_all_come_when_it_is_closed(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, source, made = twins
    whole = coding.marks_view(ctx, source)
    assert {m.unit for m in whole.marks}.isdisjoint(made)
    since = (whole.rev, whole.chain)
    (other,) = [m for m in projects.list_members(ctx.store) if m.name == "Mads Berg"]
    mads = replace(ctx, member=other)
    mine = mark_words(ctx, source, "I rang the ward")
    mark_words(mads, source, "they said")
    now = coding.marks_view(ctx, source, since=since)
    assert now.since == whole.rev and [m.unit for m in now.marks] == [mine]
    assert now.removed == () and now.units == whole.units + 1
    since = (now.rev, now.chain)
    double_coding.say_done(ctx, source)
    assert {m.unit for m in coding.marks_view(ctx, source).marks}.isdisjoint(made)  # the other is not done
    double_coding.say_done(mads, source)
    after = coding.marks_view(ctx, source, since=since)
    assert after.since is None  # the open reader is told everything again
    assert {m.unit for m in after.marks} > set(made)
    history.undo(mads)  # "I am done" taken back: they go out of sight again, in an open reader too
    again = coding.marks_view(ctx, source, since=(after.rev, after.chain))
    assert again.since is None and {m.unit for m in again.marks}.isdisjoint(made)


def test_the_open_matrix_reads_its_rows_anew_when_marking_unseen_begins_and_ends(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, source, made = twins
    before = units.list_rows(ctx)
    double_coding.close_unseen(ctx, source)
    now = units.list_rows(ctx, since=before.rev)
    assert now.speaking != before.speaking
    assert {r.id for r in units.list_rows(ctx).rows} > set(made)


def test_who_does_not_take_part_sees_all_of_it(twins: tuple[Context, Context, str, list[str]]) -> None:
    ctx, _, source, made = twins
    third = colleague(ctx, "Third Person")
    assert {m.unit for m in coding.marks_view(third, source).marks} > set(made)


def test_a_workbook_made_by_who_marks_unseen_holds_none_of_the_others_marks(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, _, _ = twins
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(workbook.units_xlsx(ctx)))
    cells = " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value)
    assert "I sat up with the folder" in cells and "I was his" in cells
    assert "Nobody had rung" not in cells and "Look at this again" not in cells


def test_a_mark_of_mine_over_the_same_words_is_mine_alone(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, source, made = twins
    unit = mark_words(ctx, source, OTHERS[0])
    assert unit not in made
    coding.remove_unit(ctx, unit)
    assert body_of(ctx, source)
    history.undo(ctx)


def test_a_member_whose_id_has_a_quote_in_it_breaks_nothing(tmp_path: Path) -> None:
    ctx, _, source, _, _ = two(tmp_path)
    odd = replace(ctx, member=Member("o'dd", 1, "Odd", "OD", "researcher", False))
    assert coding.marks_view(odd, source).marks == ()
    with ctx.store.read() as conn:
        unseen.hide(conn, "'; DROP TABLE unit; --")
        assert conn.execute("SELECT count(*) FROM unit").fetchone()[0] == 0


def test_a_golden_quote_out_of_sight_is_not_shown_and_not_lost(
    twins: tuple[Context, Context, str, list[str]],
) -> None:
    ctx, _, source, made = twins
    (other,) = [m for m in projects.list_members(ctx.store) if m.name == "Mads Berg"]
    (group,) = [g.group.id for g in code_groups.code_group_counts(ctx) if g.group.name == "Not knowing"]
    (view,) = condensing.board(ctx, group).subgroups[0].condensates
    mads = replace(ctx, member=other)
    mine = view.covers
    condensing.set_covers(mads, view.condensate.id, [made[0], made[2]])
    condensing.set_golden(mads, view.condensate.id, made[0])
    (view,) = condensing.board(ctx, group).subgroups[0].condensates
    assert view.condensate.golden_unit is None and view.condensate.text == "I sat up."
    assert (
        view.covers == mine
    )  # what he ticked is out of sight, and he has unticked nothing that he could not see
    condensing.change_condensate(
        ctx, view.condensate.id, rev=view.condensate.rev, text="I sat up all night.", voice=None
    )
    double_coding.close_unseen(ctx, source)
    (view,) = condensing.board(ctx, group).subgroups[0].condensates
    assert view.condensate.golden_unit == made[0] and view.covers == mine | {made[0], made[2]}


def test_every_file_of_the_demo_can_be_made_while_half_of_its_units_are_out_of_sight(ctx: Context) -> None:
    """Units that condensates hold, that are golden, cleared, embedded in analytic texts and required."""
    mads = next(
        m for m in projects.list_members(ctx.store) if m.role == "researcher" and m.id != ctx.member.id
    )
    every = [v.source.id for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    units_before = len(coding.list_units(ctx))
    double_coding.open_unseen(ctx, every, [ctx.member.id, mads.id])
    assert 0 < len(coding.list_units(ctx)) < units_before
    assert (
        synthesis.synthesis_view(ctx) and synthesis.theme_matrix(ctx) and checks.all_issues(ctx) is not None
    )
    for made in (report.report_docx, workbook.units_xlsx, paper.cards, paper.wall, paper.transcript):
        assert len(made(ctx)) > 1000
    for source in every:
        double_coding.close_unseen(ctx, source)
    assert len(coding.list_units(ctx)) == units_before
