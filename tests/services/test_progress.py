"""Progress: each source through the steps, and the condensates that a late interview re-opens, exactly those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.store.test_operations import _second_member
from tests.support import body_of, mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import NotAllowed
from workbench.services import code_groups, coding, condensing, history, impressions, sources, synthesis
from workbench.services.context import Context
from workbench.services.progress import Progress, Reopened, progress


def late(ctx: Context, n: int, words: str, *, round: int = 2) -> str:
    """A source of a later round with one speaker, who says `words`; returns its id."""
    turns = (("Interviewer", "And now, afterwards?"), ("P9", words))
    return sources.import_source(
        ctx, tiny_transcript(turns, f"late{n}.txt"), b"raw", title=f"Late {n}", iteration=round,
        speakers={"Interviewer": None, "P9": None},
    )  # fmt: skip


def three_subgroups(folder: Path) -> tuple[Context, str, list[str], list[str]]:
    """(lead's context, code group, its three subgroups, a condensate in each with one unit that it holds)."""
    ctx, source = tiny_project(folder)
    group = code_groups.add_code_group(ctx, name="Alone")
    subgroups, condensates = [], []
    for name, words in (
        ("At night", "folder on my knees"),
        ("By telephone", "Nobody had rung"),
        ("Uncounted", "I don't count"),
    ):
        unit = mark_words(ctx, source, words, group)
        subgroups.append(condensing.add_subgroup(ctx, group, name=name, units=[unit]))
        condensates.append(
            condensing.add_condensate(ctx, subgroups[-1], text=f"I was alone, {name}.", covers=[unit])
        )
    return ctx, group, subgroups, condensates


def reopened(found: Progress, n: int) -> dict[str, Reopened]:
    return {r.condensate: r for band in found.rounds if band.n == n for r in band.reopens}


def test_three_late_interviews_reopen_exactly_the_condensates_they_touch(tmp_path: Path) -> None:
    ctx, group, subgroups, condensates = three_subgroups(tmp_path)
    assert not any(r.reopens for r in progress(ctx).rounds)
    # Two speak of what is known, the third of nothing that has a condensate.
    said = ("I sat with the folder again.", "I rang them and rang them.", "The weather was fine.")
    read = [late(ctx, n, words) for n, words in enumerate(said, 1)]
    units = []
    for source, words, subgroup in zip(read, said, (subgroups[0], subgroups[1], None), strict=True):
        start = body_of(ctx, source).index(words)
        units.append(
            coding.mark(
                ctx, source, start, start + len(words), text_rev=1, quote=words,
                placements=[{"code_group": group, "subgroup": subgroup}],
            )
        )  # fmt: skip
    found = progress(ctx)
    assert [(r.n, len(r.sources)) for r in found.rounds] == [(1, 1), (2, 3)]
    assert not found.rounds[0].reopens
    touched = reopened(found, 2)
    assert touched.keys() == set(condensates[:2])
    assert (touched[condensates[0]].came, touched[condensates[1]].came) == ((units[0],), (units[1],))
    assert [[r.condensate for r in s.reopens] for s in found.rounds[1].sources] == [
        [condensates[0]], [condensates[1]], []
    ]  # fmt: skip
    assert [(s.held, s.of, s.units) for s in found.rounds[1].sources] == [(0, 1, 1), (0, 1, 1), (0, 1, 1)]

    # Read and ticked: closed again. Looked at, and it stands: closed again.
    held = condensing.board(ctx, group).subgroups[0].condensates[0].covers
    condensing.set_covers(ctx, condensates[0], [*held, units[0]])
    condensing.confirm_condensate(ctx, condensates[1])
    found = progress(ctx)
    assert not found.rounds[1].reopens
    assert [(s.held, s.of) for s in found.rounds[1].sources] == [(1, 1), (0, 1), (0, 1)]
    history.undo(ctx)
    assert reopened(progress(ctx), 2).keys() == {condensates[1]}


def test_a_unit_taken_out_reopens_the_condensate_that_held_it_under_its_own_round(tmp_path: Path) -> None:
    ctx, group, subgroups, condensates = three_subgroups(tmp_path)
    source = late(ctx, 1, "I sat with the folder again.")
    unit = mark_words(ctx, source, "the folder again", group)
    condensing.move_units(ctx, group, [unit], subgroups[0])
    held = condensing.board(ctx, group).subgroups[0].condensates[0].covers
    condensing.set_covers(ctx, condensates[0], [*held, unit])
    condensing.confirm_condensate(ctx, condensates[0])
    assert not any(r.reopens for r in progress(ctx).rounds)
    coding.remove_unit(ctx, unit)
    found = progress(ctx)
    assert not found.rounds[0].reopens
    (told,) = found.rounds[1].reopens
    assert (told.condensate, told.came, told.went) == (condensates[0], (), (unit,))


def test_who_read_coded_and_reread_a_source_and_when_is_told(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    other = replace(ctx, member=_second_member(ctx))
    impressions.mark_read(ctx, source, "impression", at="2026-03-02")
    impressions.mark_read(other, source, "impression", at="2026-03-04")
    impressions.mark_read(other, source, "code", at="2026-03-05")
    (told,) = progress(ctx).rounds[0].sources
    assert [(d.name, d.at[:10]) for d in told.read] == [
        (ctx.member.name, "2026-03-02"),
        ("Mads", "2026-03-04"),
    ]
    assert [d.name for d in told.coded] == ["Mads"]
    assert (told.units, told.reread, told.reread_for) == (0, (), 0)


def test_a_supervisor_who_only_reads_along_is_not_waited_for(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    supervisor = _second_member(ctx)
    assert progress(ctx).analysts == {ctx.member.id, supervisor.id}  # nobody has begun
    impressions.mark_read(ctx, source, "impression")
    assert progress(ctx).analysts == {ctx.member.id}
    mark_words(replace(ctx, member=supervisor), source, "Nobody had rung")
    assert progress(ctx).analysts == {ctx.member.id, supervisor.id}


def test_a_category_that_was_reworded_is_to_be_reread_for_again(tmp_path: Path) -> None:
    ctx, group, _, _ = three_subgroups(tmp_path)
    source = progress(ctx).rounds[0].sources[0].source.id
    category = synthesis.add_category(ctx, group, heading="Nobody rings")
    impressions.mark_read(ctx, source, "synthesis", at="2026-04-01")
    found = progress(ctx)
    assert (found.rounds[0].sources[0].reread_for, found.categories, found.groups[0].reread) == (1, 1, 1)
    view = synthesis.category_view(ctx, category).category
    synthesis.change_category(
        ctx, category, rev=view.rev, heading="Nobody rings back", analytic_text="They waited."
    )
    found = progress(ctx)
    assert found.rounds[0].sources[0].reread_for == 0 and found.groups[0].reread == 0
    assert [d.at[:10] for d in found.rounds[0].sources[0].reread] == ["2026-04-01"]


def test_the_demo_adds_up(ctx: Context) -> None:
    found = progress(ctx)
    told = [s for r in found.rounds for s in r.sources]
    cards = coding.list_units(ctx)
    assert sum(s.units for s in told) == len(cards)
    assert sum(s.unplaced for s in told) == code_groups.count_unplaced(ctx)
    assert all(s.held <= s.of <= s.units for s in told)
    for g in found.groups:
        assert g.units == g.loose + sum(s.units for s in g.subgroups)
        assert all(s.held <= s.units and s.stale <= s.condensates for s in g.subgroups)


def test_literature_is_no_source_to_be_read_as_a_whole(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    sources.import_source(
        ctx, tiny_transcript(((None, "A review."),)), b"raw", title="Review", words_of="literature"
    )
    assert [s.source.title for r in progress(ctx).rounds for s in r.sources] == ["Interview 1"]


def test_an_empty_project_has_no_rounds(empty: Context) -> None:
    found = progress(empty)
    assert (found.rounds, found.groups) == ((), ())


def test_a_committee_sees_no_progress(ctx: Context) -> None:
    with pytest.raises(NotAllowed):
        progress(acting_as(ctx, "steering"))
