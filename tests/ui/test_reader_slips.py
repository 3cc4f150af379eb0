"""Slips of a hand while coding by keys: capitals, a mark left behind, the wrong one divided. In a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.reader_stage import Stage, asks, at_top, press, turn, until
from tests.ui.reader_stage import opened as opened

pytestmark = pytest.mark.browser


def talk() -> list[Any]:
    return [
        asks("What happened then?"),
        turn("They sent me home on a Friday. Nobody had rung the district nurse."),
        asks("And after that?"),
        turn("After that the nurse came. She stayed."),
    ]


def test_a_reader_that_is_opened_answers_to_keys_at_once(opened: Any) -> None:
    page = opened(Stage(talk()))
    page.wait_for_function("document.activeElement.className === 'wr-scroll'")
    press(page, "j", "s")
    assert page.evaluate("getSelection().toString()") == "They sent me home on a Friday."


@pytest.mark.parametrize("name", ["Education", "Independence", "Doubt", "Nurses", "Users"])
def test_a_name_that_begins_with_a_capital_is_a_name_and_neither_corrects_nor_goes_elsewhere(
    opened: Any, name: str
) -> None:
    stage = Stage(talk())
    page = opened(stage)
    at_top(page)
    press(page, "j", "s")
    page.keyboard.type(name)
    assert page.locator(".wr-picker .wr-input").input_value() == name
    press(page, "Enter")
    until(page, stage, lambda: stage.verbs() == ["mark"])
    assert stage.ops[0]["new_code_groups"][0]["name"] == name
    assert stage.ops[0]["quote"] == "They sent me home on a Friday."


def test_del_removes_no_mark_that_the_caret_has_left(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("Nobody had rung", "g0")
    page = opened(stage)
    at_top(page)
    press(page, "n", "ArrowRight")
    assert page.locator(".wr-m.is-focus").count() == 1
    press(page, "Control+End", "Delete")
    page.wait_for_timeout(300)
    assert stage.ops == [] and page.locator(".wr-m.is-focus").count() == 0


def test_with_a_mark_in_focus_no_other_is_divided(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("They sent me home on a Friday. Nobody had rung the district nurse.", "g0")
    stage.seed("Nobody had rung", "g1")
    page = opened(stage)
    at_top(page)
    press(page, "n", "n", "x")  # the caret is where the second begins, in the middle of the first
    assert "inside the mark" in page.locator(".wr-said").inner_text()
    press(page, "ArrowRight", "x")
    until(page, stage, lambda: stage.verbs() == ["split"])


def test_correcting_a_passage_begins_at_its_end_and_a_word_is_typed_anew(opened: Any) -> None:
    page = opened(Stage(talk()))
    at_top(page)
    press(page, "j", "s", "Control+e")
    page.keyboard.type("x")
    assert page.locator(".wr-correct textarea").input_value() == "They sent me home on a Friday.x"
    press(page, "Escape", "Escape", "e")
    page.keyboard.type("x")
    assert page.locator(".wr-correct textarea").input_value() == "x"
