"""Undo leaves no condensate with a unit that stands elsewhere, whatever others have ticked or moved in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.test_double_coding import colleague
from tests.support import dump, mark_words, tiny_project
from workbench.domain.errors import Refused, UndoRefused
from workbench.services import boards, code_groups, condensing, history
from workbench.services.context import Context
from workbench.store.verify import verify


class Board:
    """Two analysts at a subgroup that one of two units stands in."""

    def __init__(self, folder: Path) -> None:
        self.anna, source = tiny_project(folder)
        self.mads = colleague(self.anna)
        self.group = code_groups.add_code_group(self.anna, name="Alone")
        self.night = mark_words(self.anna, source, "The first night", self.group)
        self.rung = mark_words(self.anna, source, "Nobody had rung", self.group)
        self.subgroup = condensing.add_subgroup(self.anna, self.group, name="At night", units=[self.night])
        self.condensate = condensing.add_condensate(
            self.anna, self.subgroup, text="I sat up.", covers=[self.night]
        )

    def move(self, ctx: Context, unit: str, subgroup: str | None) -> None:
        condensing.move_units(ctx, self.group, [unit], subgroup)

    def golden(self, unit: str | None, **seen: str | None) -> None:
        condensing.set_golden(self.anna, self.condensate, unit, **seen)  # type: ignore[arg-type]

    def refused(self, ctx: Context) -> None:
        """Undo says who was there since, and leaves everything as it is."""
        before = dump(ctx.store)
        with pytest.raises(UndoRefused, match=r"undo\.newer"):
            history.undo(ctx)
        assert dump(ctx.store) == before and verify(ctx.store.path) == []


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def test_a_move_into_a_subgroup_is_not_undone_under_a_tick_that_somebody_has_set_since(board: Board) -> None:
    board.move(board.mads, board.rung, board.subgroup)
    boards.tick(board.anna, board.subgroup, condensate=board.condensate, on=[board.rung])
    board.refused(board.mads)
    history.undo(board.anna)
    history.undo(board.mads)


def test_nor_under_a_golden_quote(board: Board) -> None:
    board.move(board.mads, board.rung, board.subgroup)
    board.golden(board.rung)
    board.refused(board.mads)


def test_a_tick_taken_off_does_not_come_back_for_a_unit_that_has_been_moved_out_since(board: Board) -> None:
    boards.tick(board.mads, board.subgroup, condensate=board.condensate, off=[board.night])
    board.move(board.anna, board.night, None)
    board.refused(board.mads)
    history.undo(board.anna)
    history.undo(board.mads)


def test_a_condensate_taken_out_does_not_come_back_with_a_unit_that_has_been_moved_out_since(
    board: Board,
) -> None:
    condensing.retire_condensate(board.mads, board.condensate)
    board.move(board.anna, board.night, None)
    board.refused(board.mads)


def test_a_golden_quote_does_not_come_back_once_its_unit_has_left(board: Board) -> None:
    board.move(board.anna, board.rung, board.subgroup)
    board.golden(board.rung)
    board.golden(board.night)
    board.move(board.mads, board.rung, None)
    board.refused(board.anna)


def test_a_unit_that_has_left_under_an_open_board_is_not_made_golden(board: Board) -> None:
    board.move(board.mads, board.night, None)
    with pytest.raises(Refused, match="not_here"):
        boards.apply(
            board.anna, {"verb": "golden", "condensate": board.condensate, "unit": board.night}, "op"
        )


def test_the_slower_of_two_who_choose_a_golden_quote_is_told_and_nothing_is_overwritten(board: Board) -> None:
    board.move(board.anna, board.rung, board.subgroup)
    board.golden(board.rung)
    chosen = {"verb": "golden", "condensate": board.condensate, "unit": board.night}
    with pytest.raises(Refused, match="other_golden"):
        boards.apply(board.mads, {**chosen, "was": None}, "op-1")
    boards.apply(board.mads, {**chosen, "was": board.rung}, "op-2")
