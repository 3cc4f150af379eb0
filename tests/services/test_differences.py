"""Two codings of one source side by side; what is agreed about each difference, its log and its undoing.

All texts and both codings are invented."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.services.test_double_coding import colleague
from tests.support import body_of, dump, mark_words, tiny_project
from workbench.domain.agreement import Analyst, Mark, over_boundaries, over_characters, over_units
from workbench.domain.errors import Refused, StillInUse
from workbench.services import (
    agreement,
    code_groups,
    codebooks,
    coding,
    condensing,
    copies,
    correcting,
    differences,
    double_coding,
    history,
    impressions,
    projects,
    synthesis,
)
from workbench.services.context import Context
from workbench.services.differences import Pick
from workbench.store.project import Store
from workbench.store.verify import verify


class Two:
    """Two codings of one source, invented: three passages both marked (one alike, one placed differently, one over
    other words), one that only each of them marked."""

    def __init__(self, folder: Path) -> None:
        self.anna, self.source = tiny_project(folder)
        self.mads = colleague(self.anna)
        self.knowing, self.whose = (
            code_groups.add_code_group(self.anna, name=name) for name in ("Not knowing", "Whose job")
        )
        double_coding.open_unseen(self.anna, self.source, [self.anna.member.id, self.mads.member.id])
        a, m, source = self.anna, self.mads, self.source
        self.alike = (
            mark_words(a, source, "Nobody had rung", self.knowing),
            mark_words(m, source, "Nobody had rung.", self.knowing),
        )
        self.placed = (
            mark_words(a, source, "they said the municipality had me now", self.knowing),
            mark_words(m, source, "the municipality had me now", self.whose),
        )
        self.only_anna = mark_words(a, source, "I rang the ward", self.whose)
        self.only_mads = mark_words(m, source, "He was nobody's", self.whose)
        double_coding.say_done(a, source)
        double_coding.say_done(m, source)

    def found(self, **how: object) -> differences.Comparison:
        return differences.compare(self.anna, self.anna.member.id, self.mads.member.id, **how)  # type: ignore[arg-type]

    def kinds(self) -> list[tuple[str, bool, bool]]:
        return [(d.kind, d.first is not None, d.second is not None) for d in self.found().differences]

    def only(self, kind: str) -> list[differences.Difference]:
        return [d for d in self.found().differences if d.kind == kind]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


# -- the list --------------------------------------------------------------------------------------------


def test_two_codings_of_one_source_are_listed_side_by_side_in_reading_order(two: Two) -> None:
    found = two.found()
    assert two.kinds() == [
        ("alike", True, True), ("one", True, False), ("placed", True, True), ("one", False, True),
    ]  # fmt: skip
    placed = found.differences[2]
    assert placed.first is not None and placed.second is not None
    assert placed.first.text == "they said the municipality had me now"
    assert placed.first.text[slice(*placed.first.shared)] == placed.second.text
    assert placed.second.shared == (0, len(placed.second.text))
    assert (placed.first.groups, placed.second.groups) == ((two.knowing,), (two.whose,))
    assert (placed.first.initials, placed.second.initials) == ("RE", "MB")
    assert placed.speakers == ("Aase",) and placed.turn == 4
    assert [p.how for p in found.places] == ["unseen"] and found.compared == (two.source,)
    assert [found.count(k) for k in ("alike", "placed", "one")] == [1, 1, 2]


def test_the_other_way_round_the_same_is_listed_with_the_sides_changed(two: Two) -> None:
    other = differences.compare(two.anna, two.mads.member.id, two.anna.member.id)
    assert [d.kind for d in other.differences] == [d.kind for d in two.found().differences]
    assert [d.pick for d in other.differences] == [
        Pick(d.pick.second, d.pick.first) for d in two.found().differences
    ]


def test_a_source_under_way_or_not_coded_by_both_is_not_compared(two: Two) -> None:
    history.undo(two.mads)  # "I am done"
    found = two.found()
    assert found.differences == () and [p.how for p in found.places] == ["under_way"]
    history.redo(two.mads)
    assert two.found().differences


def test_sources_that_both_said_they_were_through_with_are_compared_and_others_when_asked_for(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = colleague(ctx)
    for who in (ctx, mads):
        mark_words(who, source, "Nobody had rung")
    of = (ctx.member.id, mads.member.id)
    assert differences.compare(ctx, *of).differences == ()
    assert [d.kind for d in differences.compare(ctx, *of, marked=True).differences] == ["alike"]
    for who in (ctx, mads):
        impressions.mark_read(who, source, "code")
    found = differences.compare(ctx, *of)
    assert [d.kind for d in found.differences] == ["alike"] and found.places[0].how == "finished"


def test_two_who_are_one_or_a_stranger_are_refused(two: Two) -> None:
    for other in (two.anna.member.id, "nobody"):
        with pytest.raises(Refused, match="needs_two"):
            differences.compare(two.anna, two.anna.member.id, other)


def test_a_unit_cut_in_two_by_the_other_says_so(two: Two) -> None:
    whole = mark_words(two.anna, two.source, "How was it to come home?")
    mark_words(two.mads, two.source, "How was it")
    mark_words(two.mads, two.source, "to come home?")
    rows = [d for d in two.found().differences if d.turn == 1]
    assert [d.kind for d in rows] == ["alike", "one"] or [d.kind for d in rows] == ["one", "alike"]
    assert [d.beside for d in rows if d.kind == "one"] == [True]
    assert whole


# -- settling --------------------------------------------------------------------------------------------


def test_one_that_both_placed_differently_is_joined_with_the_words_and_groups_chosen(two: Two) -> None:
    before = dump(two.anna.store)
    differences.settle(
        two.mads, [Pick(*two.placed)], "joined", words="second", groups="first", note=" Talked it over. "
    )
    stands = {c.unit.id: c for c in coding.list_units(two.anna)}
    assert two.placed[0] not in stands
    card = stands[two.placed[1]]
    assert card.unit.text == "the municipality had me now"
    assert [p.code_group for p in card.placements] == [two.knowing]
    assert [d.kind for d in two.found().differences] == ["alike", "one", "one"]
    log = differences.settlements(two.anna)
    (row,) = log.rows
    assert (row.outcome, row.note, row.who, row.initials) == (
        "joined",
        "Talked it over.",
        "Mads Berg",
        ("RE", "MB"),
    )
    assert row.unit == two.placed[1] and row.text == "the municipality had me now" and row.at
    assert dict(log.counts) == {"joined": 1} and log.analysts == ("Researcher", "Mads Berg")
    assert verify(two.anna.store.path) == []
    history.undo(two.mads)
    assert dump(two.anna.store) == before
    assert differences.settlements(two.anna).rows == ()
    history.redo(two.mads)
    assert len(differences.settlements(two.anna).rows) == 1


@pytest.mark.parametrize(
    ("words", "groups", "stands", "placed"),
    [
        ("first", "both", 0, {"Not knowing", "Whose job"}),
        ("second", "both", 1, {"Not knowing", "Whose job"}),
        ("first", "second", 0, {"Whose job"}),
        ("second", "second", 1, {"Whose job"}),
        ("longer", "first", 0, {"Not knowing"}),
    ],
)
def test_whose_words_and_which_groups_are_chosen_apart(
    two: Two, words: str, groups: str, stands: int, placed: set[str]
) -> None:
    differences.settle(two.anna, [Pick(*two.placed)], "joined", words=words, groups=groups)  # type: ignore[arg-type]
    names = {g.group.id: g.group.name for g in code_groups.code_group_counts(two.anna)}
    cards = {c.unit.id: c for c in coding.list_units(two.anna)}
    assert two.placed[1 - stands] not in cards
    assert {names[p.code_group] for p in cards[two.placed[stands]].placements} == placed


def test_several_are_settled_together_in_one_operation_and_undone_as_one(two: Two) -> None:
    before = dump(two.anna.store)
    ops = len(history.list_operations(two.anna))
    lone = [d.pick for d in two.only("one")]
    differences.settle(two.anna, lone, "kept", note="Both are to the point")
    assert len(history.list_operations(two.anna)) == ops + 1
    assert [d.kind for d in two.found().differences] == ["alike", "placed"]
    differences.settle(two.anna, [d.pick for d in two.found().differences], "joined")
    assert two.found().differences == ()
    log = differences.settlements(two.anna)
    assert dict(log.counts) == {"joined": 2, "kept": 2} and log.sources == ("Interview 1",)
    assert history.list_operations(two.anna)[0].label == "settled differences between analysts (2)"
    history.undo(two.anna)
    history.undo(two.anna)
    assert dump(two.anna.store) == before


def test_a_mark_taken_out_goes_and_comes_back_with_undo(two: Two) -> None:
    coding.comment(two.mads, two.only_mads, "Is this about us?")
    before = dump(two.anna.store)
    differences.settle(two.anna, [Pick(None, two.only_mads)], "taken_out")
    assert two.only_mads not in {c.unit.id for c in coding.list_units(two.anna)}
    (row,) = differences.settlements(two.anna).rows
    assert row.unit is None and row.text == "He was nobody's" and row.outcome == "taken_out"
    assert verify(two.anna.store.path) == []
    history.undo(two.anna)
    assert dump(two.anna.store) == before


def test_two_left_apart_stay_and_are_listed_again_when_opened(two: Two) -> None:
    differences.settle(two.anna, [Pick(*two.placed)], "apart", note="Two readings, both wanted")
    assert two.only("placed") == [] and len(coding.list_units(two.anna)) == 6
    (row,) = differences.settlements(two.anna).rows
    differences.reopen(two.mads, row.id)
    assert len(two.only("placed")) == 1
    differences.settle(two.anna, [Pick(*two.placed)], "joined")
    (row,) = differences.settlements(two.anna).rows
    with pytest.raises(Refused, match="undo_instead"):
        differences.reopen(two.anna, row.id)


def test_what_rests_on_the_mark_that_goes_rests_on_the_one_that_stands(two: Two) -> None:
    a, (mine, theirs) = two.anna, two.placed
    coding.comment(two.mads, theirs, "Not to be lost")
    code = codebooks.add_code(a, codebooks.add_codebook(a, title="Second lens"), label="Access")
    coding.place(two.mads, theirs, codes=[{"code": code}])
    subgroup = condensing.add_subgroup(a, two.whose, name="Nobody's", units=[theirs])
    condensate = condensing.add_condensate(
        a, subgroup, text="I was nobody's.", covers=[theirs], golden_unit=theirs
    )
    category = synthesis.add_category(
        a, two.whose, heading="Between chairs", analytic_text=f"As one said {{{{unit:{theirs}}}}}."
    )
    before = dump(a.store)
    differences.settle(a, [Pick(mine, theirs)], "joined", words="first", groups="both")
    (mark,) = [m for m in coding.marks_view(a, two.source).marks if m.unit == mine]
    assert [c[2] for c in mark.comments] == ["Not to be lost"] and [c[1] for c in mark.codes] == [code]
    assert dict((p[1], p[2]) for p in mark.placements)[two.whose] == "Nobody's"
    (view,) = condensing.board(a, two.whose).subgroups[0].condensates
    assert view.covers == {mine} and view.condensate.golden_unit == mine and view.condensate.id == condensate
    with a.read() as conn:
        text = conn.execute("SELECT analytic_text FROM category WHERE id=?", (category,)).fetchone()[0]
    assert text == f"As one said {{{{unit:{mine}}}}}."
    assert verify(a.store.path) == []
    history.undo(a)
    assert dump(a.store) == before


def test_a_condensate_says_that_it_was_written_from_other_words(two: Two) -> None:
    a, (mine, theirs) = two.anna, two.placed
    subgroup = condensing.add_subgroup(a, two.whose, name="Nobody's", units=[theirs])
    condensing.add_condensate(a, subgroup, text="I was nobody's.", covers=[theirs])
    differences.settle(a, [Pick(mine, theirs)], "joined", words="first", groups="both")
    (view,) = condensing.board(a, two.whose).subgroups[0].condensates
    assert theirs in view.stale.went


def test_a_group_that_is_not_chosen_lets_go_of_its_condensates(two: Two) -> None:
    a, (mine, theirs) = two.anna, two.placed
    subgroup = condensing.add_subgroup(a, two.whose, name="Nobody's", units=[theirs])
    condensing.add_condensate(a, subgroup, text="I was nobody's.", covers=[theirs], golden_unit=theirs)
    differences.settle(a, [Pick(mine, theirs)], "joined", words="first", groups="first")
    board = condensing.board(a, two.whose)
    (view,) = board.subgroups[0].condensates
    assert view.covers == frozenset() and view.condensate.golden_unit is None
    assert mine not in {c.unit.id for c in board.subgroups[0].cards}


def test_in_a_group_both_are_in_the_place_of_the_chosen_one_counts(two: Two) -> None:
    a, (mine, theirs) = two.anna, two.alike
    here = condensing.add_subgroup(a, two.knowing, name="At night", units=[mine])
    there = condensing.add_subgroup(a, two.knowing, name="By day", units=[theirs])
    written = condensing.add_condensate(a, there, text="Nobody rang.", covers=[theirs])
    differences.settle(a, [Pick(mine, theirs)], "joined", words="first", groups="second")
    board = {s.subgroup.id: s for s in condensing.board(a, two.knowing).subgroups}
    assert [c.unit.id for c in board[there].cards] == [mine] and board[here].cards == ()
    assert (
        board[there].condensates[0].covers == {mine} and board[there].condensates[0].condensate.id == written
    )


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_settled_the_project_is_whole_and_undoing_it_all_gives_back_what_was(
    ctx: Context, seed: int
) -> None:
    """The demo study, where units are condensed, golden, cleared, embedded in texts and required."""
    dice = random.Random(seed)
    mads = acting_as(ctx, "researcher")
    cards = coding.list_units(ctx)
    groups = [g.group.id for g in code_groups.code_group_counts(ctx)]
    for card in dice.sample(cards, 40):
        other = mads if card.unit.member == ctx.member.id else ctx
        coding.mark(
            other, card.unit.source, card.unit.start, card.unit.end - dice.choice([0, 0, 3]),
            text_rev=card.unit.text_rev, placements=[{"code_group": dice.choice(groups)}],
        )  # fmt: skip
    before, undoable = dump(ctx.store), 0
    while undoable < 12:
        found = differences.compare(ctx, ctx.member.id, mads.member.id, marked=True)
        picks = [d.pick for d in dice.sample(found.differences, min(6, len(found.differences)))]
        outcome = dice.choice(differences.OUTCOMES)
        fits = [p for p in picks if (len(p.units) == 2) == (outcome == "joined") or outcome == "apart"]
        whose: Any = dice.choice(["first", "second", "longer"])
        into: Any = dice.choice(["first", "second", "both"])
        try:
            differences.settle(ctx, fits, outcome, words=whose, groups=into, seen=found.rev)
        except (Refused, StillInUse):
            undoable += not fits or outcome == "taken_out"
            continue
        undoable += 1
        standing = {c.unit.id: {p.code_group for p in c.placements} for c in coding.list_units(ctx)}
        assert all(any(u in standing for u in p.units) for p in fits if outcome != "taken_out")
    assert verify(ctx.store.path) == []
    while dump(ctx.store) != before:
        history.undo(ctx)
    assert verify(ctx.store.path) == []


# -- what cannot be --------------------------------------------------------------------------------------


def test_a_mark_that_went_meanwhile_is_said_and_nothing_is_half_done(two: Two) -> None:
    seen = two.found()
    coding.remove_unit(two.mads, two.only_mads)
    before = dump(two.anna.store)
    with pytest.raises(Refused, match=r"differences\.gone") as refused:
        differences.settle(
            two.anna, [d.pick for d in seen.differences if d.kind == "one"], "kept", seen=seen.rev
        )
    assert refused.value.params["who"] == "Mads Berg"
    assert dump(two.anna.store) == before


def test_a_mark_that_was_moved_meanwhile_is_said(two: Two) -> None:
    seen = two.found()
    coding.place(two.mads, two.alike[1], placements=[{"code_group": two.whose}])
    with pytest.raises(Refused, match=r"differences\.changed"):
        differences.settle(two.anna, [Pick(*two.alike)], "joined", seen=seen.rev)
    differences.settle(two.anna, [Pick(None, two.only_mads)], "kept", seen=seen.rev)  # that one is as it was


def test_what_fits_no_outcome_is_refused_in_a_sentence(two: Two) -> None:
    for picks, outcome, code in (
        ([], "joined", "nothing"),
        ([Pick(None, None)], "kept", "nothing"),
        ([Pick(two.only_anna, None)], "joined", "join_one"),
        ([Pick(*two.placed)], "kept", "keep_two"),
        ([Pick(*two.placed)], "taken_out", "keep_two"),
        ([Pick(two.only_anna, None), Pick(two.only_anna, None)], "kept", "twice"),
        ([Pick(two.alike[0], two.only_anna)], "joined", "no_pair"),
        ([Pick("no such unit", None)], "kept", "error.gone"),
    ):
        with pytest.raises(Refused, match=code):
            differences.settle(two.anna, picks, outcome)  # type: ignore[arg-type]
    differences.settle(two.anna, [Pick(two.only_anna, None)], "kept")
    with pytest.raises(Refused, match=r"differences\.settled"):
        differences.settle(two.mads, [Pick(two.only_anna, None)], "taken_out")


def test_a_mark_that_an_analytic_text_holds_is_not_taken_out(two: Two) -> None:
    synthesis.add_category(
        two.anna, two.whose, heading="Between", analytic_text=f"{{{{unit:{two.only_mads}}}}}"
    )
    before = dump(two.anna.store)
    with pytest.raises(Refused, match=r"unit\.in_text"):
        differences.settle(two.anna, [Pick(None, two.only_mads)], "taken_out")
    assert dump(two.anna.store) == before


def test_a_settled_mark_can_still_be_removed_and_the_log_stays(two: Two) -> None:
    differences.settle(two.anna, [Pick(two.only_anna, None)], "kept")
    coding.remove_unit(two.anna, two.only_anna)
    (row,) = differences.settlements(two.anna).rows
    assert row.unit is None and row.text == "I rang the ward"
    body = body_of(two.anna, two.source)
    at = body.index("rang the ward")
    correcting.correct_text(two.anna, two.source, at, at + 4, "telephoned", text_rev=1, quote="rang")
    (row,) = differences.settlements(two.anna).rows
    assert row.text == "I telephoned the ward"
    assert verify(two.anna.store.path) == []


# -- scores, for those who are asked for them --------------------------------------------------------------


def scores(two: Two) -> agreement.Scores:
    return agreement.agreement(two.anna, two.anna.member.id, two.mads.member.id)


def test_the_scores_are_the_domains_over_the_two_codings(two: Two) -> None:
    body = body_of(two.anna, two.source)

    def mark(id: str, words: str, group: str) -> Mark:
        at = body.index(words)
        return Mark(id, two.source, at, at + len(words), frozenset({group}))

    anna = [
        mark("1", "Nobody had rung", two.knowing), mark("2", "I rang the ward", two.whose),
        mark("3", "they said the municipality had me now", two.knowing),
    ]  # fmt: skip
    mads = [
        mark("4", "Nobody had rung.", two.knowing), mark("5", "the municipality had me now", two.whose),
        mark("6", "He was nobody's", two.whose),
    ]  # fmt: skip
    coders, lengths = [Analyst(tuple(anna)), Analyst(tuple(mads))], {two.source: len(body)}
    found = scores(two)
    wanted = over_characters(coders, lengths)
    for group in (two.knowing, two.whose):
        for name in ("kappa", "alpha"):
            got, want = (
                getattr(found.characters.per_group[group], name),
                getattr(wanted.per_group[group], name),
            )
            assert got.value == pytest.approx(want.value, abs=1e-9) and got.counts == want.counts
    assert found.characters.overall == wanted.overall
    assert found.units == over_units(anna, mads)
    assert found.boundaries == over_boundaries(*coders, lengths)
    assert found.length == len(body) and found.marks == (3, 3)


def test_what_was_settled_counts_as_it_was_before_it_was_talked_over(two: Two) -> None:
    before = scores(two)
    differences.settle(two.anna, [Pick(*two.placed)], "joined", words="second", groups="both")
    differences.settle(two.anna, [Pick(None, two.only_mads)], "taken_out")
    differences.settle(two.anna, [Pick(two.only_anna, None)], "kept")
    after = scores(two)
    assert after.characters == before.characters and after.marks == before.marks
    assert (after.units, after.boundaries, after.partition) == (
        before.units,
        before.boundaries,
        before.partition,
    )


def test_scores_of_nothing_compared_say_why(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    mads = colleague(ctx)
    found = agreement.agreement(ctx, ctx.member.id, mads.member.id)
    assert found.characters.overall.kappa.value is None
    assert found.characters.overall.kappa.reason == "nothing_to_compare"
    assert replace(ctx, member=mads.member) and found.sources == ()


def test_a_researcher_who_marks_unseen_compares_nothing_there(two: Two) -> None:
    third = colleague(two.anna, "Third Person")
    double_coding.open_unseen(two.anna, two.source, [two.anna.member.id, third.member.id])
    assert two.found().differences == ()


# -- two PCs ---------------------------------------------------------------------------------------------


def test_what_was_marked_unseen_in_a_copy_is_compared_once_it_has_come_back(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Not knowing")
    mads = colleague(ctx).member.id
    mark_words(ctx, source, "folder on my knees", group)
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads])
    double_coding.say_done(ctx, source)
    path = tmp_path / "mads.db"
    copies.make_copy(ctx, path, mads, with_marks=False)
    there = projects.lead_context(Store.open(path))
    assert there.member.id == mads and coding.list_units(there) == []
    mark_words(there, source, "folder on my knees", group)
    mark_words(there, source, "I rang the ward", group)
    double_coding.say_done(there, source)
    there.store.close()
    assert double_coding.list_unseen(ctx)[0].is_open
    copies.merge_copy(ctx, path)
    assert not double_coding.list_unseen(ctx)[0].is_open
    found = differences.compare(ctx, ctx.member.id, mads)
    assert [d.kind for d in found.differences] == ["alike", "one"] and found.places[0].how == "unseen"
    assert verify(ctx.store.path) == []


def test_what_was_settled_in_a_copy_comes_back_with_its_log(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Not knowing")
    mads = colleague(ctx).member.id
    path = tmp_path / "mads.db"
    copies.make_copy(ctx, path, mads)
    there = projects.lead_context(Store.open(path))
    mine = mark_words(there, source, "I rang the ward", group)
    differences.settle(there, [Pick(None, mine)], "kept", note="By telephone")
    there.store.close()
    copies.merge_copy(ctx, path)
    (row,) = differences.settlements(ctx).rows
    assert (row.outcome, row.unit, row.note) == ("kept", mine, "By telephone")
    found = agreement.agreement(ctx, ctx.member.id, mads, marked=True)
    assert found.marks == (0, 0) and verify(ctx.store.path) == []  # not a source that both have marked
