"""Reading and finding one's way in the reader: filters, what is unread, the mouse, the keys, many marks."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from tests.ui.reader_stage import HO, Stage, asks, at_top, focused, press, turn, until
from tests.ui.reader_stage import opened as opened

pytestmark = pytest.mark.browser

TALK = [
    asks("What happened then?"),
    turn("They sent me home on a Friday. Nobody had rung the district nurse."),
    turn("My neighbour drives me. She is kind, and she knows the way."),
    asks("And after that?"),
    turn("After that it went better. I walk to the shop now.", "Her son", "informant", HO),
]


def long_talk(times: int = 40) -> Stage:
    stage = Stage(TALK * times)
    for n in (0, 7, 20) if times > 20 else (0, 2):
        stage.seed("Nobody had rung", "g0", nth=n)
        stage.seed("it went better", "g1", member="mads", nth=n)
    stage.seed("She is kind", nth=3)
    return stage


def shown(page: Any) -> int:
    return int(
        page.evaluate("[...document.querySelectorAll('.wr-turn')].filter((t) => t.checkVisibility()).length")
    )


def test_a_filter_says_what_it_leaves_out_and_each_choice_can_be_taken_away(opened: Any) -> None:
    stage = long_talk()
    page = opened(stage)
    at_top(page)
    press(page, "f")
    box = page.get_by_role("dialog", name="Filter")
    assert box.locator("legend").all_inner_texts() == [
        "Code groups",
        "Analysts",
        "Speakers",
        "Groups",
        "Turns",
    ]
    row = box.locator(".wr-choice", has_text="Information that does not arrive")
    assert row.locator(".wr-count").inner_text() == "3"
    row.locator("input").check()
    assert page.locator(".wr-told").inner_text() == "3 of 7 marks"  # marks only: every turn is still there
    assert shown(page) == 200
    box.get_by_label("Marked only", exact=True).check()
    assert page.locator(".wr-told").inner_text() == "Showing 3 of 200 turns · 3 of 7 marks"
    assert shown(page) == 3
    assert page.locator(".wr-turn:not([hidden])").nth(1).get_attribute("data-folded") == "34 turns not shown"
    press(page, "Escape")
    assert page.evaluate("document.activeElement.className") == "wr-scroll"
    assert page.locator(".wr-tools").get_by_role("button", name="Filter, 2").count() == 1
    # The keys go by what is shown.
    press(page, "Control+Home", "n", "n", "n")
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "102"
    press(page, "k")
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "37"
    press(page, "ArrowUp")
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "2"
    # A selection never runs unseen through what is folded away.
    press(page, "t", "Shift+T")
    assert shown(page) == 3 + 34
    page.get_by_role("button", name="Take away the filter: Marked only").click()
    assert shown(page) == 200
    page.get_by_role("button", name="Show all").first.click()
    assert page.locator(".wr-chosen").is_hidden() and page.locator(".wr-m").count() == 7


def test_turns_are_filtered_by_speaker_group_analyst_and_what_is_unmarked(opened: Any) -> None:
    stage = long_talk()
    page = opened(stage)
    at_top(page)
    press(page, "f")
    box = page.get_by_role("dialog", name="Filter")
    box.get_by_label("Her son").check()
    assert shown(page) == 40
    box.get_by_label("Her son").uncheck()
    box.get_by_label("Patients").check()
    assert shown(page) == 80
    box.get_by_label("Unmarked only").check()
    assert shown(page) == 76
    box.get_by_role("button", name="Show all").click()
    assert shown(page) == 200
    box.get_by_label("Mads Bro").uncheck()
    assert page.locator(".wr-told").inner_text() == "4 of 7 marks"
    assert page.locator(".wr-chosen .wr-chip").all_inner_texts() == ["Without Mads Bro\n×"]
    press(page, "Escape", "Control+Home", "n", "n")
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "18"  # past Mads's
    page.get_by_role("button", name="MB").click()
    assert page.locator(".wr-m").count() == 7
    # A mark made under "unmarked only" stays in sight, and the text does not jump.
    page.get_by_role("button", name="Unmarked only").click()
    before = shown(page)
    page.locator(".wr-scroll").focus()
    press(page, "Control+Home", "j", "s", "Control+Enter")
    until(page, stage, lambda: stage.verbs() == ["mark"])
    assert shown(page) == before and focused(page) == stage.ops[0]["quote"]


def test_one_returns_to_where_one_stopped_and_finds_what_is_unread(opened: Any, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 700})
    stage = long_talk()
    page = opened(stage, context=context)
    page.locator(".wr-scroll").focus()
    page.evaluate("document.querySelectorAll('.wr-turn')[100].scrollIntoView()")
    page.wait_for_timeout(2400)  # on screen for more than a second
    assert page.locator(".wr-stopped").count() == 0
    name = "workbench:read:stage:anna:s1"
    kept = json.loads(page.evaluate(f"localStorage.getItem('{name}')"))
    assert set(kept) == {"turn", "date", "seen"} and kept["turn"] == 101
    assert kept["seen"][-1][0] == 101 and kept["seen"][-1][1] > 104
    last = kept["seen"][-1][1]
    page.locator(".wr-scroll").focus()
    press(page, "v")
    assert int(page.locator(".wr-turn.is-here").get_attribute("data-seq")) > last
    kept["date"] = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
    page.close()  # which notes once more where one was
    keep = f"localStorage.setItem({json.dumps(name)}, {json.dumps(json.dumps(kept))})"
    context.add_init_script(f"if (location.protocol === 'http:') {keep}")
    stage.given = stage.given_text = 0
    page = opened(stage, context=context)
    line = page.locator(".wr-turn[data-seq='101'] .wr-stopped")
    assert line.inner_text() == "You stopped here yesterday"
    top = page.evaluate("document.querySelectorAll('.wr-turn')[100].getBoundingClientRect().top")
    assert 0 < top < 500
    page.locator(".wr-scroll").focus()
    press(page, "j")
    assert page.locator(".wr-stopped").count() == 0
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "102"
    text = " ".join(t.text for t in stage.turns)
    stored = page.evaluate("JSON.stringify(localStorage)")
    assert not any(word in stored for word in set(text.split()) if len(word) > 5)
    context.close()


def test_the_mouse_takes_a_word_a_sentence_a_turn(opened: Any) -> None:
    stage = Stage(TALK)
    page = opened(stage)
    selected = """document.querySelector('.wr-picker:popover-open')
      && CSS.highlights.get('wr-pending').values().next().value.toString()"""
    box = page.locator(".wr-text").nth(1).bounding_box()
    x, y = box["x"] + 12, box["y"] + 14
    for clicks, words in ((2, "They"), (3, "They sent me home on a Friday."), (4, TALK[1].text)):
        page.mouse.click(x, y, click_count=clicks)
        page.wait_for_timeout(120)
        assert page.evaluate(selected) == words
        press(page, "Escape")
    page.locator(".wr-n").nth(2).click()
    page.wait_for_timeout(120)
    assert page.evaluate(selected) == TALK[2].text
    page.keyboard.type("na")
    press(page, "Enter")
    until(page, stage, lambda: stage.verbs() == ["mark"])
    assert stage.ops[0]["quote"] == TALK[2].text


def test_turns_are_selected_one_after_the_other_from_the_keyboard(opened: Any) -> None:
    page = opened(Stage(TALK))
    at_top(page)
    selection = "getSelection().toString().replace(/\\s+/g, ' ').length > 0 && document.querySelector('.wr-said').textContent"
    words = lambda: page.locator(".wr-live").inner_text()  # noqa: E731
    press(page, "j", "Shift+T")
    assert words() == "Selected, 13 words" and page.evaluate(selection) is not False
    press(page, "Shift+J")
    assert words() == "Selected, 25 words"
    press(page, "Escape", "j", "Shift+K")
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") in {"3", "4"}


def test_eight_marks_on_one_sentence_are_each_told_in_the_margin(opened: Any) -> None:
    stage = Stage(TALK)
    units = [
        stage.seed(
            "Nobody had rung the district nurse"[: 15 + 2 * n], f"g{n % 5}", member=["anna", "mads"][n % 2]
        )
        for n in range(8)
    ]
    page = opened(stage, width=1440)
    heights = "[...document.querySelectorAll('.wr-turn')].map((el) => el.offsetHeight)"
    held = page.locator(".wr-e").count()
    more = page.locator(".wr-more")
    assert 1 <= held < 4 and more.inner_text() == f"+{8 - held}"
    label = more.get_attribute("aria-label")
    assert label.startswith(f"+{8 - held} more: ") and "Someone who knows my name, MB" in label
    last, fold = page.locator(".wr-e").last.bounding_box(), more.bounding_box()
    assert fold["y"] == last["y"] and fold["x"] >= last["x"] + last["width"] - 1
    assert "Mads Bro" in page.locator(".wr-m").first.get_attribute("aria-description")
    # Whichever is in focus has its line, and the turn is as tall as before.
    before = page.evaluate(heights)
    at_top(page)
    for press_more in (False, True):
        seen = set()
        for _ in range(8):
            press(page, "n")
            seen.add(page.locator(".wr-e.is-focus").get_attribute("data-unit"))
        assert seen == set(units)
        if press_more:
            break
        assert page.evaluate(heights) == before
        more.click()
        assert page.locator(".wr-e").count() == 8 and more.count() == 0
        opened_heights = page.evaluate(heights)
        assert before[1] < opened_heights[1] < 260 and opened_heights[2:] == before[2:]
    # Unfolded, it stays as tall as it is, whatever is marked and taken away.
    press(page, "Delete")
    until(page, stage, lambda: stage.verbs() == ["remove"])
    assert page.locator(".wr-e").count() == 7
    for n in range(2):
        press(page, "j", "k", "t")
        page.keyboard.type(["in", "wd"][n])
        press(page, "Enter")
        until(page, stage, lambda n=n: len(stage.ops) == 2 + n)
    assert page.evaluate(heights) == opened_heights
    assert more.inner_text() == "+1"


def test_what_is_folded_in_the_margin_opens_when_it_gets_the_focus(opened: Any) -> None:
    stage = Stage([turn("It was the system.")])
    for n, words in enumerate(("It was", "the", "system")):
        stage.seed(words, f"g{n}")
    page = opened(stage, width=390)
    page.locator(".wr-more").evaluate("(el) => el.focus()")
    assert page.locator(".wr-e-tag").all_inner_texts() == ["IN", "WD", "ON"]
    assert page.evaluate("document.activeElement.dataset.unit") == "u0"


@pytest.mark.parametrize("width", [1440, 1000, 720, 390])
def test_the_line_above_the_text_stays_one_line_whatever_the_title(opened: Any, width: int) -> None:
    stage = Stage(TALK)
    page = opened(stage, width=width)
    before = page.locator(".wr-strip").bounding_box()["height"]
    parts = stage.parts()
    stage.given = stage.given_text = 0
    stage.source = "s2"
    parts = stage.parts()
    title = "The third interview with Kirsten and her husband, at home in their kitchen, after the second discharge"
    next(one for one in parts if one["part"] == "text")["title"] = title
    page.evaluate("(parts) => window.give(parts)", parts)
    page.wait_for_function("document.querySelector('.wr-title').textContent.startsWith('The third')")
    assert page.locator(".wr-strip").bounding_box()["height"] == before
    assert page.locator(".wr-title").get_attribute("title") == title
    for name in (".wr-where", ".wr-units"):
        box, strip = page.locator(name).bounding_box(), page.locator(".wr-facts").bounding_box()
        assert box["x"] + box["width"] <= strip["x"] + strip["width"] + 0.5


def test_the_keys_are_listed_in_two_columns_and_fit_the_window(opened: Any) -> None:
    for width, columns in ((1440, 2), (390, 1)):
        page = opened(Stage(TALK), width=width)
        at_top(page)
        press(page, "?")
        dialog = page.get_by_role("dialog", name="Keys in the text")
        lefts = dialog.locator(".wr-keys-part").evaluate_all(
            "(all) => all.map((el) => Math.round(el.getBoundingClientRect().left))"
        )
        assert len(set(lefts)) == columns
        box = dialog.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= 860
        assert dialog.inner_text().count("Shift") > 3
        press(page, "Escape")
        assert page.evaluate("document.activeElement.className") == "wr-scroll"


@pytest.mark.parametrize("width", [1440, 720, 390])
def test_with_a_filter_a_mark_in_focus_and_its_boxes_nothing_is_wider_than_the_window(
    opened: Any, width: int
) -> None:
    stage = long_talk(4)
    page = opened(stage, width=width)
    at_top(page)
    press(page, "n", "d")
    fits = """(() => { const reader = document.querySelector('.wr')
      return document.documentElement.scrollWidth <= innerWidth && reader.scrollWidth <= reader.clientWidth })()"""
    inside = """(name) => { const r = document.querySelector(name).getBoundingClientRect()
      return r.left >= 0 && r.right <= innerWidth && r.top >= 0 && r.bottom <= innerHeight }"""
    assert page.evaluate(fits) and page.evaluate(inside, ".wr-comment")
    press(page, "Escape", "e")
    assert page.evaluate(fits) and page.evaluate(inside, ".wr-correct")
    press(page, "Escape", "f")
    assert page.evaluate(inside, ".wr-filter")
    for name in ("Information that does not arrive", "Marked only", "Mads Bro"):
        page.get_by_role("dialog", name="Filter").get_by_label(name, exact=name == "Marked only").click()
    press(page, "Escape")
    assert page.evaluate(fits)


def test_a_long_transcript_opens_at_once_and_every_mark_is_painted_soon(opened: Any) -> None:
    stage = Stage(TALK * 400)
    for n in range(400):
        stage.seed("Nobody had rung", f"g{n % 5}", nth=n)
    page = opened(stage)
    assert page.locator(".wr-turn").nth(1).locator(".wr-m").count() == 1
    page.evaluate("document.querySelectorAll('.wr-turn')[1996].scrollIntoView()")
    page.wait_for_function(
        "document.querySelectorAll('.wr-turn')[1996].querySelectorAll('.wr-m').length === 1"
    )
    page.wait_for_function("document.querySelectorAll('.wr-m').length === 400")
    assert page.locator(".wr-units").inner_text() == "400 units"
