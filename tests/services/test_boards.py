"""What a board does beside moving units: ticks from two hands, ticks before a text, the golden quote, others' acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from workbench.language import t
from workbench.services import boards, code_groups, coding, condensing, history, projects, sources, units
from workbench.services.condensing import Board
from workbench.services.context import Context


def board_of(ctx: Context) -> Board:
    return condensing.board(ctx, code_groups.code_group_counts(ctx)[0].group.id)


@pytest.fixture
def ida(ctx: Context) -> Context:
    id = projects.add_member(ctx, name="Ida Skov", role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def sent(ctx: Context, **what: Any) -> str | None:
    """An operation as the board sends it; the answer to it."""
    id = ctx.new_id()
    op = {"id": id, "project": ctx.store.id, "member": ctx.member.id, "source": "units", **what}
    answers = [coding.apply_operations(ctx, [op])[id] for _ in range(2)]  # the first answer was lost
    assert answers[1] is None or answers[0] is not None
    return answers[0]


def fresh_subgroup(ctx: Context, n: int = 3) -> tuple[str, list[str]]:
    board = board_of(ctx)
    chosen = [c.unit.id for c in board.subgroups[0].cards][:n]
    return condensing.add_subgroup(ctx, board.group.id, name="Fresh", units=chosen), chosen


def covers(ctx: Context, subgroup: str) -> list[frozenset[str]]:
    return [c.covers for s in board_of(ctx).subgroups if s.subgroup.id == subgroup for c in s.condensates]


def test_two_people_tick_the_same_condensate_and_each_tick_stays(ctx: Context, ida: Context) -> None:
    sub, (a, b, c) = fresh_subgroup(ctx)
    made = condensing.add_condensate(ctx, sub, text="Mine", covers=[])
    tick = {"verb": "tick", "subgroup": sub, "condensate": made, "off": []}
    assert sent(ctx, **tick, on=[a, b]) is None
    assert sent(ida, **tick, on=[b, c]) is None
    assert covers(ctx, sub) == [frozenset({a, b, c})]
    assert sent(ida, **(tick | {"off": [a]}), on=[]) is None
    assert covers(ctx, sub) == [frozenset({b, c})]


def test_a_unit_that_left_the_subgroup_meanwhile_is_not_ticked_and_that_is_said(
    ctx: Context, ida: Context
) -> None:
    sub, (a, b, _) = fresh_subgroup(ctx)
    made = condensing.add_condensate(ctx, sub, text="Mine", covers=[])
    condensing.move_units(ida, board_of(ctx).group.id, [a], None)
    said = sent(ctx, verb="tick", subgroup=sub, condensate=made, on=[a, b], off=[])
    assert said == t("board.skipped.one")
    assert covers(ctx, sub) == [frozenset({b})]
    condensing.retire_condensate(ida, made)
    assert sent(ctx, verb="tick", subgroup=sub, condensate=made, on=[b], off=[]) == t("board.condensate_gone")
    assert sent(ctx, verb="golden", condensate=made, unit=b) == t("board.condensate_gone")


def test_ticks_before_a_text_are_kept_each_members_own_until_it_is_written(
    ctx: Context, ida: Context
) -> None:
    sub, (a, b, c) = fresh_subgroup(ctx)
    first = {"verb": "tick", "subgroup": sub, "condensate": None, "known": [], "off": []}
    assert sent(ctx, **first, on=[a, b]) is None
    assert sent(ida, **first, on=[c]) is None
    assert sent(ctx, **(first | {"off": [b]}), on=[]) is None
    assert boards.first_ticks(ctx, sub) == {a} and boards.first_ticks(ida, sub) == {c}
    made = condensing.add_condensate(ctx, sub, text="Mine", covers=[a])
    # They have gone into it; the other's wait for the other's text.
    assert boards.first_ticks(ctx, sub) == frozenset() and boards.first_ticks(ida, sub) == {c}
    # A tick made just before, which comes only now, is meant for the text written meanwhile.
    assert sent(ctx, **first, on=[b]) is None
    assert covers(ctx, sub) == [frozenset({a, b})]
    history.undo(ctx)
    history.undo(ctx)  # the writing is taken back: what was ticked for it is there again
    assert made and boards.first_ticks(ctx, sub) == {a}


def test_setting_aside_leaves_alone_what_another_moved_and_asks_for_a_reason(
    ctx: Context, ida: Context
) -> None:
    board = board_of(ctx)
    one, other = board.subgroups[0].cards[:2]
    seen = [[c.unit.id, next(p.id for p in c.placements if p.code_group == board.group.id),
             board.subgroups[0].subgroup.id, None, False] for c in (one, other)]  # fmt: skip
    units.move(ida, [units.Moved(*seen[0])], board.group.id, subgroup=board.subgroups[1].subgroup.id)
    act = {"verb": "aside", "units": seen, "code_group": board.group.id}
    assert sent(ctx, **act, text=" ") == t("unit.needs_reason")
    assert "Ida Skov" in str(sent(ctx, **act, text="About something else"))
    now = board_of(ctx)
    assert [c.unit.id for c in now.set_aside] == [other.unit.id]
    assert one.unit.id in {c.unit.id for c in now.subgroups[1].cards}
    # Seen set aside, taken up again; once more comes too late.
    back = [[other.unit.id, seen[1][1], None, None, True]]
    move = {
        "verb": "move",
        "units": back,
        "code_group": board.group.id,
        "subgroup": board.subgroups[0].subgroup.id,
    }
    assert sent(ctx, **move) is None
    assert "One" in str(sent(ida, **move)) or "placed" in str(sent(ida, **move))


def test_acts_on_a_code_group_merged_meanwhile_follow_it_and_where_it_went_is_said(
    ctx: Context, ida: Context
) -> None:
    board = board_of(ctx)
    card = board.subgroups[0].cards[0]
    place = next(p.id for p in card.placements if p.code_group == board.group.id)
    into = code_groups.add_code_group(ctx, name="Elsewhere")
    code_groups.merge_code_groups(ida, board.group.id, into=into)
    new = ctx.new_id()
    move = {"verb": "move", "units": [[card.unit.id, place, board.subgroups[0].subgroup.id, None, False]],
            "code_group": board.group.id, "subgroup": new,
            "new_subgroups": [{"id": new, "code_group": board.group.id, "name": "Late one"}]}  # fmt: skip
    assert sent(ctx, **move) is None
    there = condensing.board(ctx, into)
    assert [s.subgroup.name for s in there.subgroups if card.unit.id in {c.unit.id for c in s.cards}] == [
        "Late one"
    ]
    said = t("board.group_merged", name=board.group.name, into="Elsewhere", who="Ida Skov")
    assert boards.went_to(ctx, board.group.id) == (into, said)
    assert boards.went_to(ctx, into) == (into, None)
    assert boards.went_to(ctx, "never") == (None, None)


def test_who_did_something_meanwhile_is_known_and_ones_own_acts_are_no_news(
    ctx: Context, ida: Context
) -> None:
    rev, who = boards.since(ctx, None)
    assert who == ()
    board = board_of(ctx)
    condensing.move_units(ctx, board.group.id, [board.subgroups[0].cards[0].unit.id], None)
    assert boards.since(ctx, rev) == (rev + 1, ())
    condensing.move_units(ida, board.group.id, [board.subgroups[0].cards[1].unit.id], None)
    assert boards.since(ctx, rev) == (rev + 2, ("Ida Skov",))
    assert boards.since(ida, rev)[1] == (ctx.member.name,)


def test_a_unit_taken_out_or_withdrawn_under_an_open_board_is_left_alone_and_said(
    ctx: Context, ida: Context
) -> None:
    board = board_of(ctx)
    source = board.subgroups[0].cards[0].unit.source
    reading = sources.read_source(ctx, source)
    start = next(x.turn.start for x in reading.turns if len(x.text) > 30)
    unit = coding.mark(ctx, source, start, start + 20, text_rev=reading.source.text_rev,
                       placements=[{"code_group": board.group.id}])  # fmt: skip
    card = next(c for c in board_of(ctx).left_over if c.unit.id == unit)
    place = next(p for p in card.placements if p.code_group == board.group.id)
    coding.remove_unit(ida, unit)
    seen = [[card.unit.id, place.id, place.subgroup, None, False]]
    said = sent(ctx, verb="move", units=seen, code_group=board.group.id, subgroup=None)
    assert said == t("units.skipped.gone.one")
