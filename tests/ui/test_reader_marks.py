"""Editing marks in the reader: lengthen, divide, comment, in their own words, codes, correct. In a real browser."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ui.reader_stage import Stage, asks, at_top, focused, press, turn, until
from tests.ui.reader_stage import opened as opened
from workbench.ui.components.reader import Code, Mark, Placement

pytestmark = pytest.mark.browser

FRIDAY = "They sent me home on a Friday. Nobody had rung the district nurse. I had to do it on my own."


def talk() -> list[Any]:
    return [
        asks("What happened then?"),
        turn(FRIDAY),
        turn("My neighbour drives me. She is 😀 kind, and the 👩\u200d🔬 researcher 🇩🇰 knows her."),
        asks("And after that?"),
        turn("After that the nurse came. The district nurse, I mean; a nurse like that is worth a lot."),
    ]


# Where everything stands, in px: [how far it is scrolled, ...each turn's top and height, ...each letter's top, ...each
# letter's left]. The last only to the nearest pixel: where words are cut into marks, letters are fitted anew.
PLACES = """() => {
  const turns = [...document.querySelectorAll(".wr-turn")].flatMap((el) => [el.getBoundingClientRect().top, el.offsetHeight])
  const tops = [], lefts = []
  const range = document.createRange()
  for (const text of document.querySelectorAll(".wr-text")) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (const { index } of node.data.matchAll(/\\S/g)) {
        range.setStart(node, index)
        range.setEnd(node, index + 1)
        const { left, top } = range.getBoundingClientRect()
        tops.push(top)
        lefts.push(left)
      }
  }
  return [[document.querySelector(".wr-scroll").scrollTop, ...turns, ...tops], lefts]
}"""
# In the margin: what is wider or lower than its turn; whether something is folded.
OUTSIDE = """() => [...document.querySelectorAll(".wr-e, .wr-more")].filter((el) => {
  const own = el.getBoundingClientRect(), turn = el.closest(".wr-turn").getBoundingClientRect()
  return own.bottom > turn.bottom || own.top < turn.top || own.right > turn.right + 1
}).length"""

LONG = "I waited for the bus and nobody came, so I walked all of the way. "


def test_both_ends_of_a_mark_move_by_word_and_by_letter_from_the_keyboard(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("Nobody had rung", "g0")
    page = opened(stage)
    at_top(page)
    press(page, "n", "]")
    assert focused(page) == "Nobody had rung the"
    press(page, "[", "[")
    assert focused(page) == "Nobody had"
    press(page, "Shift+[")
    assert focused(page) == "Friday. Nobody had"
    press(page, "Shift+]", "Shift+]")
    assert focused(page) == "had"
    press(page, "Alt+]")
    assert focused(page) == "had r"
    press(page, "Alt+Shift+[")
    assert focused(page) == "y had r"
    # A Danish keyboard: AltGr types the bracket; the key beside P is å.
    page.evaluate(
        """() => {
          const type = (props) => document.querySelector(".wr-scroll").dispatchEvent(
            new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...props }))
          type({ key: "]", code: "Digit9", ctrlKey: true, altKey: true, modifierAltGraph: true })
          type({ key: "Å", code: "BracketLeft", shiftKey: true })
        }"""
    )
    assert focused(page) == "Nobody had rung"
    page.wait_for_timeout(700)
    assert stage.verbs() == []  # back where it was: nothing to say
    press(page, "]")
    until(page, stage, lambda: stage.verbs() == ["resize"])
    assert stage.ops[0]["quote"] == "Nobody had rung the"


def test_the_ends_of_a_mark_are_dragged_with_the_mouse(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("Nobody had rung", "g0")
    page = opened(stage)
    at_top(page)
    press(page, "n")
    handle = page.locator(".wr-handle.is-end").bounding_box()
    x, y = handle["x"] + 1, handle["y"] + handle["height"] + 4  # the knob under the line
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=4)
    page.mouse.move(x + 75, y, steps=4)
    page.mouse.up()
    until(page, stage, lambda: stage.verbs() == ["resize"])
    assert stage.ops[0]["quote"] == "Nobody had rung the district"
    handle = page.locator(".wr-handle.is-start").bounding_box()
    x, y = handle["x"] + 1, handle["y"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 12, y, steps=4)
    page.keyboard.down("Alt")
    page.mouse.move(x - 16, y, steps=4)
    page.mouse.up()
    page.keyboard.up("Alt")
    until(page, stage, lambda: len(stage.ops) == 2)
    assert (
        stage.ops[1]["quote"].endswith("Nobody had rung the district")
        and stage.ops[1]["start"] < stage.ops[0]["start"]
    )
    assert page.locator(".wr-picker:popover-open").count() == 0


def test_a_mark_is_divided_at_the_caret_and_each_part_keeps_its_code_groups(opened: Any) -> None:
    stage = Stage(talk())
    unit = stage.seed("She is 😀 kind, and the 👩\u200d🔬 researcher", "g0", "g1")
    page = opened(stage)
    at_top(page)
    press(page, "n", "x")  # the caret is at its beginning
    assert "inside the mark" in page.locator(".wr-said").inner_text()
    press(page, *["Control+ArrowRight"] * 3, "x")
    until(page, stage, lambda: stage.verbs() == ["split"])
    op = stage.ops[0]
    assert (op["unit"], stage.body[: op["at"]][-4:]) == (unit, "kind")
    page.wait_for_function("document.querySelector('.wr-units').textContent === '2 units'")
    assert [stage.body[m.start : m.end] for m in stage.marks.values()] == [
        "She is 😀 kind",
        ", and the 👩\u200d🔬 researcher",
    ]
    assert focused(page) == ", and the 👩\u200d🔬 researcher"


def test_a_comment_is_written_read_changed_and_taken_out(opened: Any) -> None:
    stage = Stage(talk())
    unit = stage.seed("Nobody had rung", "g0", comments=[("m1", "mads", "Is <b>this</b> the heart of it?")])
    page = opened(stage)
    assert page.locator(".wr-e-note").count() == 1
    assert (
        page.locator(".wr-e").get_attribute("aria-label")
        == "Information that does not arrive, AK, with a comment"
    )
    at_top(page)
    press(page, "n")
    assert "Is <b>this</b> the heart" in page.locator(".wr-said").inner_text()
    press(page, "d")
    box = page.get_by_role("dialog", name="Comment on the mark")
    assert box.locator(".wr-said-by").inner_text().split() == [
        "MB",
        "Is",
        "<b>this</b>",
        "the",
        "heart",
        "of",
        "it?",
    ]
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    page.keyboard.type("He says it twice.")
    press(page, "Control+Enter")
    assert page.evaluate("document.activeElement.className") == "wr-scroll"
    until(page, stage, lambda: len(stage.ops) == 1)
    assert stage.marks[unit].comments[1][1:] == ("anna", "He says it twice.")
    press(page, "d")
    page.keyboard.type(" And once more.")
    page.locator(".wr-title").click()  # leaving keeps
    until(page, stage, lambda: len(stage.ops) == 2)
    assert stage.ops[1]["memo"] == stage.ops[0]["memo"]
    assert stage.marks[unit].comments[1][2] == "He says it twice. And once more."
    page.locator(".wr-scroll").focus()
    press(page, "d", "Control+a", "Delete", "Escape")
    until(page, stage, lambda: len(stage.ops) == 3)
    assert [c[1] for c in stage.marks[unit].comments] == ["mads"]
    page.locator(".wr-m").hover()
    page.wait_for_selector(".wr-tip:popover-open")
    assert "heart of it" in page.locator(".wr-tip").inner_text()


def test_a_comment_on_a_mark_that_went_meanwhile_is_said_back_with_its_words(opened: Any) -> None:
    stage = Stage(talk())
    unit = stage.seed("Nobody had rung", "g0")
    other = stage.seed("She is 😀 kind", "g0")
    page = opened(stage)
    at_top(page)
    press(page, "n", "d")
    page.keyboard.type("Who <b>should</b> have?")
    # Somebody else removes the mark while the box is open; what comes next says so.
    stage.rev += 1
    del stage.marks[unit]
    stage.touched[unit] = stage.rev
    page.evaluate("(parts) => window.give(parts)", stage.parts())
    page.wait_for_function("document.querySelectorAll('.wr-e').length === 1")
    stage.refused["comment"] = "This is no longer there."
    press(page, "Control+Enter")
    until(page, stage, lambda: stage.verbs() == ["comment"])
    assert (stage.ops[0]["unit"], stage.ops[0]["before"]) == (unit, "")
    note = page.locator(".wr-note")
    note.wait_for()
    assert "This is no longer there." in note.inner_text() and "Who <b>should</b> have?" in note.inner_text()
    # Removing says what had been seen, so that what others did since is not lost.
    stage.refused["remove"] = "Mads Bro has changed this mark meanwhile."
    page.locator(".wr-scroll").focus()
    press(page, "n", "Delete")
    until(page, stage, lambda: stage.verbs() == ["comment", "remove"])
    assert (stage.ops[1]["unit"], stage.ops[1]["seen"]) == (other, stage.rev - 1)
    page.wait_for_function("document.querySelectorAll('.wr-note').length === 2")
    assert page.locator(".wr-e").count() == 1


def test_in_vivo_marks_and_names_the_code_group_with_the_words_in_one_press(opened: Any) -> None:
    stage = Stage(talk())
    page = opened(stage)
    at_top(page)
    press(page, "j", "s", "Control+i")
    until(page, stage, lambda: stage.verbs() == ["mark"])
    (named,) = stage.ops[0]["new_code_groups"]
    assert named["name"] == "They sent me home on a Friday"
    assert stage.ops[0]["quote"] == "They sent me home on a Friday."
    assert [p["code_group"] for p in stage.ops[0]["placements"]] == [named["id"]]
    assert page.locator(".wr-g-name").last.inner_text() == "They sent me home on a Friday"
    # By mouse the picker is open: there it is Ctrl I. At most 80 characters, whole words; not made twice.
    page.locator(".wr-n").nth(1).click()
    page.wait_for_selector(".wr-picker:popover-open")
    press(page, "Control+i")
    until(page, stage, lambda: len(stage.ops) == 2)
    assert stage.ops[1]["new_code_groups"][0]["name"] == FRIDAY[:80].rsplit(" ", 1)[0].rstrip(".")
    press(page, "t", "Control+i")
    until(page, stage, lambda: len(stage.ops) == 2)
    assert page.locator(".wr-g").count() == 7


def test_the_picker_shows_the_last_used_first_and_codes_of_codebooks_under_a_line(opened: Any) -> None:
    stage = Stage(talk(), codes=[Code("c1", "Waiting", "Time", "Access"), Code("c2", "Phone", "", "Access")])
    page = opened(stage)
    at_top(page)
    press(page, "j", "s", "Enter")
    assert page.locator(".wr-list-part").inner_text() == "Codes"
    assert page.locator(".wr-option-name").all_inner_texts()[-2:] == ["Time › Waiting", "Phone"]
    page.keyboard.type("ti")
    assert page.locator(".wr-option-name").all_inner_texts() == [
        "Time to ask what matters", "Information that does not arrive", "New code group “ti”", "Time › Waiting"]  # fmt: skip
    press(page, "Control+Space")
    page.keyboard.type("waiting")
    press(page, "Enter")
    until(page, stage, lambda: stage.verbs() == ["mark"])
    assert [p["code_group"] for p in stage.ops[0]["placements"]] == ["g4"]
    assert [c["code"] for c in stage.ops[0]["codes"]] == ["c1"]
    assert page.locator(".wr-e-name").all_inner_texts() == ["Time to ask what matters", "Waiting"]
    press(page, "Enter", "Backspace", "Enter")  # its groups and codes: the last one off
    until(page, stage, lambda: stage.verbs() == ["mark", "untag"])
    page.wait_for_function("document.querySelectorAll('.wr-e').length === 1")
    press(page, "j", "s", "Enter")
    assert page.locator(".wr-option-name").all_inner_texts()[:2] == [
        "Time to ask what matters",
        "Information that does not arrive",
    ]
    press(page, "Escape")
    kept = json.loads(page.evaluate("localStorage.getItem('workbench:recent:stage')"))
    assert set(kept) == {"g4", "c1"}


def test_the_text_is_corrected_while_reading_and_nothing_moves(opened: Any) -> None:
    stage = Stage(talk() * 30)
    unit = stage.seed("My neighbour drives me", "g0", nth=20)
    after = stage.seed("After that the nurse came", "g1", nth=20)
    page = opened(stage)
    page.locator(".wr-scroll").focus()
    press(page, "n")
    page.wait_for_timeout(200)
    top = "document.querySelector('.wr-m.is-focus').getBoundingClientRect().top"
    before = page.evaluate(top)
    press(page, "Control+ArrowRight", "Control+ArrowRight", "e")
    box = page.get_by_role("dialog", name="Correct the text")
    assert box.locator("textarea").input_value() == "neighbour"
    assert "also at the other 29 places" in box.inner_text()
    page.keyboard.type("cousin, she")
    press(page, "Enter")
    until(page, stage, lambda: stage.verbs() == ["correct"])
    page.wait_for_function("document.querySelector('.wr-said').textContent.includes('kept in the vault')")
    assert (stage.ops[0]["quote"], stage.ops[0]["text"], stage.ops[0]["everywhere"]) == (
        "neighbour",
        "cousin, she",
        False,
    )
    assert page.locator(".wr-text").nth(102).inner_text().startswith("My cousin, she drives me.")
    assert abs(page.evaluate(top) - before) < 1
    assert page.evaluate("document.activeElement.className") == "wr-scroll"
    assert focused(page) == "My cousin, she drives me"  # the mark is where it was, and still in focus
    words = {u: stage.body[stage.marks[u].start : stage.marks[u].end] for u in (unit, after)}
    assert words == {unit: "My cousin, she drives me", after: "After that the nurse came"}
    shown = page.evaluate(f"""document.querySelector('.wr-m[data-units="{after}"]').textContent""")
    assert shown == words[after]
    press(page, "j", "s", "Control+Enter")  # the browser's offsets are those of the new text
    until(page, stage, lambda: stage.verbs() == ["correct", "mark"])
    assert stage.ops[1]["text_rev"] == 2 and stage.ops[1]["quote"] == "And after that?"


def test_a_correction_over_two_turns_is_not_begun_and_esc_leaves_the_text_as_it_is(opened: Any) -> None:
    stage = Stage(talk())
    page = opened(stage)
    at_top(page)
    press(page, "t", "Shift+T", "Control+e")
    assert "one turn at a time" in page.locator(".wr-said").inner_text()
    press(page, "Escape", "j", "j", "j", "j", "s", "Control+e")
    assert page.locator(".wr-correct textarea").input_value() == "After that the nurse came."
    page.keyboard.type("x")
    press(page, "Escape")
    assert page.evaluate("getSelection().toString()") == "After that the nurse came."
    assert stage.verbs() == []


def test_what_is_copied_says_who_and_where(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("Nobody had rung", "g0")
    page = opened(stage, permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(
        """() => document.addEventListener("copy", (e) => { window.copied = e.clipboardData.getData("text/plain") })"""
    )
    at_top(page)
    press(page, "n", "Control+c")
    assert page.evaluate("window.copied") == "“Nobody had rung” (Kirsten, Patients, Interview 3, turn 2)"
    press(page, "j", "s", "Shift+T", "Shift+T", "Control+c")
    assert page.evaluate("window.copied").endswith("(Kirsten, Patients; Interviewer, Interview 3, turns 3–4)")


def test_while_nothing_can_be_sent_no_words_stay_on_the_device(opened: Any) -> None:
    stage = Stage(talk())
    stage.seed("Nobody had rung", "g0")
    page = opened(stage)
    page.evaluate("void (window.serve = () => new Promise(() => {}))")  # never answered
    at_top(page)
    press(page, "j", "s", "Control+i", "n", "d")
    page.keyboard.type("A thought of mine")
    press(page, "Escape", "e")
    page.keyboard.type("Someone")
    press(page, "Enter")
    page.wait_for_timeout(100)
    assert page.locator(".wr-state").inner_text() == "3 not saved yet"
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert not any(word in kept for word in ("Friday", "thought", "Someone", "Nobody"))
    (mark,) = json.loads(json.loads(kept)["workbench:outbox:stage:anna"]).values()
    assert (mark["verb"], mark["placements"], mark["new_code_groups"]) == ("mark", [], [])


def assert_same(page: Any, before: Any) -> None:
    now = page.evaluate(PLACES)
    assert now[0] == before[0]
    assert max(abs(a - b) for a, b in zip(now[1], before[1], strict=True)) < 1
    assert page.evaluate(OUTSIDE) == 0


@pytest.mark.parametrize(("width", "scale"), [(1440, 1), (720, 1), (720, 2), (390, 1)])
def test_nothing_in_the_text_moves_whatever_is_marked_in_it(opened: Any, width: int, scale: int) -> None:
    turns = [
        asks("What happened then?"),
        turn("It was the system."),
        turn(
            "They sent me home on a Friday. Nobody had rung the district nurse, so I did all of it on my own."
        ),
        turn("He knew.", "The daughter of the neighbour"),
        turn(LONG * 4),
        turn(LONG * 25),
    ]
    stage = Stage(turns * 4)
    page = opened(stage, width=width, device_scale_factor=scale)
    at_top(page)
    press(page, *["j"] * 7)
    assert page.locator(".wr-turn.is-here").get_attribute("data-seq") == "8"
    page.wait_for_timeout(200)
    first = page.evaluate(PLACES)
    made = 0

    def still(*keys: str, text: str = "") -> None:
        nonlocal made
        page.wait_for_timeout(150)  # what was scrolled to has been laid out
        before = page.evaluate(PLACES)
        if text:
            page.keyboard.type(text)
        press(page, *keys)
        made += 1
        until(page, stage, lambda: len(stage.ops) == made)
        page.wait_for_timeout(60)
        assert_same(page, before)

    # A turn of one line: without a group, in one, in three, and on each other until the stripes are counted.
    press(page, "t")
    still("Control+Enter")
    still("Enter", "i", "n", "Enter")
    press(page, "Enter")
    for name in ("wd", "on"):
        page.keyboard.type(name)
        press(page, "Control+Space")
    still("Enter", text="ti")
    for n in range(1, 6):
        press(page, "Home", *["Control+Shift+ArrowRight"] * (1 + n % 3))
        still("Enter", text=["in", "wd", "on", "na", "ti"][n - 1])
    assert page.locator(".wr-m[data-more]").count() and page.locator(".wr-more").count() == 1
    # Comment, resize, divide, remove; in the turn's own words, with a long name.
    press(page, "n", "d")
    still("Control+Enter", text="The heart of it?")
    still("]")
    press(page, "Control+ArrowRight")
    still("x")
    still("Delete")
    press(page, "j", "t")
    still("Control+i")
    press(page, "j", "k", "s", "Shift+S")
    still("Enter", text="who decides")
    press(page, "j", "t", "Shift+J")  # over two turns
    still("Enter", text="someone")
    # A long turn, and one that is taller than the screen.
    press(page, "j", "s")
    still("Enter", text="na")
    press(page, "j", "s")
    still("Enter", text="time")
    # What others mark comes while one reads.
    before = page.evaluate(PLACES)
    for n in range(7):
        stage.rev += 1
        at = stage.turns[7 if n % 2 else 9].start
        stage._put(Mark(f"other{n}", at, at + 5 + n % 3, "mads", "MB", 1, [Placement(f"op{n}", f"g{n % 5}")]))
    page.evaluate("(parts) => window.give(parts)", stage.parts())
    page.wait_for_timeout(100)
    assert_same(page, before)
    # And altogether, seen from where it began.
    page.evaluate(f"document.querySelector('.wr-scroll').scrollTop = {first[0][0]}")
    page.wait_for_timeout(100)
    assert_same(page, first)


def test_a_comment_shows_its_sign_in_the_margin_however_little_room_there_is(opened: Any) -> None:
    for width in (1440, 720, 390):
        stage = Stage([turn("It was the system."), turn("He knew. " * 30)])
        stage.seed("It was", "g0")
        stage.seed("system", "g1")
        stage.seed("He knew", "g2")
        page = opened(stage, width=width)
        at_top(page)
        page.wait_for_timeout(100)
        sign = page.locator(".wr-turn").first.locator(".wr-e-note")
        press(page, "n", "n", "d")
        page.keyboard.type("The heart of it?")
        press(page, "Control+Enter")
        until(page, stage, lambda stage=stage: len(stage.ops) == 1)
        assert page.locator(".wr-e.is-focus .wr-e-note").is_visible()
        press(page, "n")  # folded again: the sign stands at "+1"
        assert sign.count() == 1 and sign.is_visible()
        assert page.locator(".wr-more .wr-e-note").count() == 1
        press(page, "d")
        page.keyboard.type("And here?")
        press(page, "Control+Enter")
        until(page, stage, lambda stage=stage: len(stage.ops) == 2)
        for note in page.locator(".wr-e-note").all():
            own, entry = note.bounding_box(), note.locator("xpath=ancestor::button").bounding_box()
            assert own["x"] >= entry["x"] and own["x"] + own["width"] <= entry["x"] + entry["width"]
            assert own["y"] >= entry["y"] and own["y"] + own["height"] <= entry["y"] + entry["height"]
