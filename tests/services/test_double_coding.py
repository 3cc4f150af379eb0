"""Several researchers mark a source unseen: begun, done by each, closed by a lead; what is said when it cannot be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import dump, mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused
from workbench.services import coding, differences, double_coding, history, projects, sources
from workbench.services.context import Context


def colleague(ctx: Context, name: str = "Mads Berg", role: str = "researcher") -> Context:
    id = projects.add_member(ctx, name=name, role=role)
    (member,) = [m for m in projects.list_members(ctx.store) if m.id == id]
    return replace(ctx, member=member)


@pytest.fixture
def both(tmp_path: Path) -> tuple[Context, Context, str]:
    ctx, source = tiny_project(tmp_path)
    return ctx, colleague(ctx), source


def test_a_source_is_open_until_each_is_done_and_says_who_is_waited_for(
    both: tuple[Context, Context, str],
) -> None:
    ctx, mads, source = both
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    (state,) = double_coding.list_unseen(ctx)
    assert state.is_open and state.waiting == ("Researcher", "Mads Berg") and state.begun_at
    mark_words(mads, source, "Nobody had rung")
    assert coding.list_units(ctx) == [] and len(coding.list_units(mads)) == 1
    double_coding.say_done(ctx, source)
    (state,) = double_coding.list_unseen(mads, source)
    assert state.waiting == ("Mads Berg",) and state.coder(ctx.member.id).done_at  # type: ignore[union-attr]
    assert coding.list_units(ctx) == []
    double_coding.say_done(mads, source)
    (state,) = double_coding.list_unseen(ctx)
    assert not state.is_open and state.closed_at and state.closed_by == ""
    assert len(coding.list_units(ctx)) == 1


def test_a_lead_may_close_it_with_a_note_and_nobody_else(both: tuple[Context, Context, str]) -> None:
    ctx, mads, source = both
    double_coding.open_unseen(mads, source, [ctx.member.id, mads.member.id])
    with pytest.raises(NotAllowed, match="only_lead"):
        double_coding.close_unseen(mads, source)
    double_coding.say_done(ctx, source)
    double_coding.close_unseen(ctx, source, note="Mads is on leave")
    (state,) = double_coding.list_unseen(ctx)
    assert not state.is_open and state.closed_by == ctx.member.name and state.note == "Mads is on leave"
    history.undo(ctx)
    (state,) = double_coding.list_unseen(ctx)
    assert state.is_open and state.waiting == ("Mads Berg",) and state.note == ""


def test_every_step_is_undone_exactly(both: tuple[Context, Context, str]) -> None:
    ctx, mads, source = both
    before = dump(ctx.store)
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    opened = dump(ctx.store)
    double_coding.say_done(ctx, source)
    history.undo(ctx)
    assert dump(ctx.store) == opened
    history.undo(ctx)
    assert dump(ctx.store) == before
    with pytest.raises(Refused, match="not_open"):
        double_coding.say_done(mads, source)


def test_a_third_may_join_while_it_is_open_and_it_may_begin_again_once_it_is_closed(
    both: tuple[Context, Context, str],
) -> None:
    ctx, mads, source = both
    pair = [ctx.member.id, mads.member.id]
    double_coding.open_unseen(ctx, source, pair)
    with pytest.raises(Refused, match="already_open"):
        double_coding.open_unseen(ctx, source, pair)
    third = colleague(ctx, "Third Person")
    double_coding.open_unseen(ctx, source, [*pair, third.member.id])
    (state,) = double_coding.list_unseen(ctx)
    assert len(state.coders) == 3
    double_coding.close_unseen(ctx, source)
    double_coding.open_unseen(ctx, source, pair)
    (state,) = double_coding.list_unseen(ctx)
    assert state.is_open and len(state.coders) == 2


def test_one_researcher_alone_a_facilitator_or_no_source_is_refused_in_a_sentence(
    both: tuple[Context, Context, str],
) -> None:
    ctx, _, source = both
    facilitator = colleague(ctx, "Lise", "facilitator")
    for members in ([ctx.member.id], [ctx.member.id, facilitator.member.id], [ctx.member.id, "nobody"]):
        with pytest.raises(Refused, match="needs_two"):
            double_coding.open_unseen(ctx, source, members)
    everyone = [m.id for m in projects.list_members(ctx.store)]
    with pytest.raises(Refused, match="needs_source"):
        double_coding.open_unseen(ctx, [], everyone)
    with pytest.raises(Refused):
        double_coding.open_unseen(ctx, "no such source", everyone)
    third = colleague(ctx, "Third Person")
    double_coding.open_unseen(ctx, source, everyone)
    with pytest.raises(Refused, match="not_yours"):
        double_coding.say_done(third, source)


def test_a_source_that_was_marked_unseen_can_still_be_taken_out(both: tuple[Context, Context, str]) -> None:
    ctx, mads, source = both
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    sources.retire_source(ctx, source)
    assert double_coding.list_unseen(ctx) == []
    history.undo(ctx)
    assert double_coding.list_unseen(ctx)[0].is_open


def test_nothing_is_settled_in_a_source_that_is_marked_unseen_again(
    both: tuple[Context, Context, str],
) -> None:
    ctx, mads, source = both
    pick = differences.Pick(
        mark_words(ctx, source, "Nobody had rung"), mark_words(mads, source, "Nobody had rung.")
    )
    double_coding.open_unseen(mads, source, [ctx.member.id, mads.member.id])
    with pytest.raises(Refused, match="marked_unseen"):
        differences.settle(ctx, [pick], "joined")
    double_coding.close_unseen(ctx, source)
    differences.settle(ctx, [pick], "joined")
    assert len(coding.list_units(mads)) == 1
