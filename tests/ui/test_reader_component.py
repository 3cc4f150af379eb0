"""The reader in a real browser, over the small app in reader_rig.py."""

from __future__ import annotations

import base64
import json
import os
import random
import socket
import subprocess
import sys
import time
import unicodedata
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import SELECT, random_texts

pytestmark = pytest.mark.browser

HERE = Path(__file__).resolve().parent
VOICE = ["Kirsten", "informant", "Patients", "Pa", "sand"]
ASKS = ["Interviewer", "interviewer", "", "", ""]

RANDOM = random_texts(64)
PLAIN = [
    [*ASKS, "What happened then?"],
    [*VOICE, "They sent me home on a Friday. Nobody had rung the district nurse. I had to do it on my own."],
    [*VOICE, "My neighbour drives me. She is 😀 kind, and the 👩\u200d🔬 researcher 🇩🇰 knows her."],
    [*ASKS, "And after that?"],
    [*VOICE, "After that it went better, little by little. I walk to the shop now."],
    [*VOICE, "The forbidden word is one we leave alone."],
]
MONOLOGUE = " ".join(f"On day {n} I waited by the window, and the {n}. bus went by." for n in range(1, 161))
PLAIN_TEXTS = ["mouse", "keys", "edit", "burst", "refused", "restart", "aria", "reload", "leave", "space", "again",
               "across"]  # fmt: skip
TEXTS = {
    "random": {"turns": [[*VOICE, text] for text in RANDOM]},
    **{name: {"turns": PLAIN} for name in PLAIN_TEXTS},
    "scroll": {"turns": PLAIN * 60},
    "long turn": {"turns": [*PLAIN[:2], [*VOICE, MONOLOGUE], *PLAIN[3:]]},
}
BODY = {name: "\n".join(turn[5] for turn in text["turns"]) for name, text in TEXTS.items()}


class Rig:
    """The Streamlit server of the rig, which can be killed and started again on the same port and state."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state.json"
        self.texts = folder / "texts.json"
        self.texts.write_text(json.dumps(TEXTS))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", str(HERE / "reader_rig.py"),
                   "--server.port", str(self.port), "--server.address", "127.0.0.1", "--server.headless", "true",
                   "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false",
                   "--client.toolbarMode", "minimal"]  # fmt: skip
        environment = os.environ | {"RIG_STATE": str(self.state), "RIG_TEXTS": str(self.texts)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the rig did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def log(self, source: str) -> list[dict[str, Any]]:
        if not self.state.exists():
            return []
        return [op for op in json.loads(self.state.read_text()) if op["source"] == source]

    def until(
        self, source: str, wanted: Callable[[list[dict[str, Any]]], bool], seconds: float = 10
    ) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while not wanted(found := self.log(source)):
            assert time.monotonic() < end, f"not stored: {found}"
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    rig = Rig(tmp_path_factory.mktemp("rig"))
    rig.start()
    yield rig
    rig.kill()


@pytest.fixture
def read(rig: Rig, browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens the rig on a text; fails when the page wrote an error or asked for anything off this machine."""
    contexts = []
    errors: list[str] = []

    def open_text(doc: str, **size: int) -> Any:
        context = browser.new_context(viewport={"width": size.get("width", 1280), "height": 860})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on(
            "request",
            lambda r: errors.append(r.url) if not r.url.startswith((rig.url, "data:", "blob:")) else None,
        )
        page.goto(f"{rig.url}/?doc={doc}")
        page.wait_for_selector(".wr.is-ready .wr-turn")
        return page

    yield open_text
    for context in contexts:
        context.close()
    assert errors == []


# Sets the native selection as a mouse drag would leave it, in UTF-16 offsets of two turns, and lets the mouse go.
# Where a word stands on screen: the middle of its first and of its last letter.
WORD = """([turn, words]) => {
  const el = document.querySelectorAll(".wr-text")[turn]
  el.scrollIntoView({ block: "center" })
  const at = el.textContent.indexOf(words)
  const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT)
  const place = (n, right) => {
    walker.currentNode = el
    let node = walker.nextNode()
    while (n >= node.length) { n -= node.length; node = walker.nextNode() }
    const range = document.createRange()
    range.setStart(node, n)
    range.setEnd(node, n + 1)
    const r = range.getBoundingClientRect()
    return [right ? r.right - 0.5 : r.left + 0.5, (r.top + r.bottom) / 2]
  }
  const scroll = el.closest(".wr-scroll"), box = scroll.getBoundingClientRect(), [, y] = place(at, false)
  if (y < box.top + 30 || y > box.bottom - 30) scroll.scrollTop += y - box.top - box.height / 2 // in a tall turn
  return [place(at, false), place(at + words.length - 1, true)]
}"""


def drag(page: Any, turn: int, words: str, backwards: bool = False) -> None:
    a, b = page.evaluate(WORD, [turn, words])
    if backwards:
        a, b = b, a
    page.mouse.move(*a)
    page.mouse.down()
    page.mouse.move(*b, steps=4)
    page.mouse.up()
    page.wait_for_selector(".wr-picker:popover-open")


def marks(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [op for op in log if op["verb"] == "mark"]


def into_reader(page: Any) -> None:
    page.locator(".wr-scroll").focus()
    page.keyboard.press("Control+Home")


def test_a_mark_by_mouse_is_seen_at_once_and_stored_with_its_exact_words(rig: Rig, read: Any) -> None:
    page = read("mouse")
    drag(page, 1, "sent me home on a Friday")
    assert page.evaluate("document.activeElement.className") == "wr-input"
    page.keyboard.type("in")
    page.keyboard.press("Enter")
    assert page.locator(".wr-m").all_text_contents() == ["sent me home on a Friday"]
    assert page.locator(".wr-e-name").all_text_contents() == ["Information that does not arrive"]
    drag(page, 1, "on a Friday. Nobody had rung", backwards=True)
    page.locator(".wr-option", has_text="Who decides").click()
    assert page.locator(".wr-m").all_text_contents() == ["sent me home ", "on a Friday", ". Nobody had rung"]
    page.wait_for_selector(".wr-state.is-saved")
    stored = marks(rig.log("mouse"))
    assert [op["quote"] for op in stored] == ["sent me home on a Friday", "on a Friday. Nobody had rung"]
    assert [[p["code_group"] for p in op["placements"]] for op in stored] == [["g0"], ["g1"]]
    assert all(BODY["mouse"][op["start"] : op["end"]] == op["quote"] for op in stored)


def test_offsets_are_code_points_for_any_text_and_any_selection(rig: Rig, read: Any) -> None:
    page = read("random")
    dice = random.Random(7)
    wanted = []
    for turn in range(len(RANDOM)):
        last = min(turn + dice.choice([0, 0, 0, 1, 2]), len(RANDOM) - 1)
        units = [len(RANDOM[t].encode("utf-16-le")) // 2 for t in (turn, last)]
        ends = [dice.randint(0, units[0]), dice.randint(0, units[1])]
        if turn == last and ends[0] == ends[1]:
            ends = [0, units[1]]
        points = [turn, ends[0], last, ends[1]]
        if dice.random() < 0.3:  # dragged from the end to the beginning
            points = [last, ends[1], turn, ends[0]]
        page.evaluate(SELECT, points)
        page.wait_for_timeout(15)
        if page.locator(".wr-picker:popover-open").count():
            wanted.append(points)
            page.keyboard.press("Control+Enter")
    stored = marks(rig.until("random", lambda log: len(marks(log)) >= len(wanted)))
    assert len(stored) == len(wanted) > 50
    for op in stored:  # the rig has refused what does not match; here once more, and what the browser shows
        assert op["quote"] == BODY["random"][op["start"] : op["end"]] == op["quote"].strip()
        assert 0 <= op["start"] < op["end"] <= len(BODY["random"])
        after = BODY["random"][op["end"] : op["end"] + 1] or " "
        assert not unicodedata.combining(after) and after not in ("\u200d", "\ufe0f", "\U0001f3fd")
    shown = page.evaluate(
        """(unit) => [...document.querySelectorAll(`.wr-m[data-units~="${unit}"]`)].map((m) => m.textContent).join("")""",
        stored[-1]["unit"],
    )
    assert shown == stored[-1]["quote"].replace("\n", "")


def test_the_keyboard_alone_marks_extends_places_and_leaves(rig: Rig, read: Any) -> None:
    page = read("keys")
    into_reader(page)
    page.keyboard.press("j")
    page.keyboard.press("s")  # the sentence
    page.keyboard.press("Shift+S")  # and the next
    page.keyboard.type("wd")  # letters open the picker
    page.keyboard.press("Control+Space")
    page.keyboard.type("Left on my own")
    assert page.locator(".wr-none-found").inner_text() == "No group called “Left on my own”. Enter makes it."
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "wr-scroll"
    page.keyboard.press("j")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Control+Enter")  # without a group
    page.keyboard.press("u")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # left unmarked, and the selection is still there
    assert page.evaluate("getSelection().toString()") == PLAIN[4][5]
    page.get_by_role("button", name="+ New").click()
    page.keyboard.type("Getting through by phone")
    page.keyboard.press("Enter")
    assert page.locator(".wr-g-name").last.inner_text() == "Getting through by phone"
    log = rig.until("keys", lambda log: log[-1:] != [] and log[-1]["verb"] == "group")
    stored = marks(log)
    page.locator(".wr-scroll").focus()
    assert stored[0]["quote"] == "They sent me home on a Friday. Nobody had rung the district nurse."
    assert [p["code_group"] for p in stored[0]["placements"]] == ["g1", stored[0]["new_code_groups"][0]["id"]]
    assert stored[0]["new_code_groups"][0]["name"] == "Left on my own"
    assert (stored[1]["quote"], stored[1]["placements"]) == ("drives", [])
    for _ in range(3):
        page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.querySelector('.wr-scroll')") is False


def test_a_mark_can_be_placed_again_taken_out_shortened_removed_and_undone(rig: Rig, read: Any) -> None:
    page = read("edit")
    drag(page, 1, "Nobody had rung")
    page.keyboard.type("in")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the mark is in focus: its groups
    page.keyboard.type("ti")
    page.keyboard.press("Enter")
    assert page.locator(".wr-e-tag").all_text_contents() == ["IN", "TI"]
    page.locator(".wr-e", has_text="Information").click()
    page.get_by_role("button", name="Take out of IN").click()
    assert page.locator(".wr-e-tag").all_text_contents() == ["TI"]
    page.keyboard.press("]")
    page.keyboard.press("]")
    page.keyboard.press("[")
    assert page.locator(".wr-m").all_text_contents() == ["Nobody had rung the"]
    log = rig.until("edit", lambda log: log[-1:] != [] and log[-1]["verb"] == "resize")
    assert [op["verb"] for op in log] == ["mark", "place", "unplace", "resize"]
    assert (log[-1]["quote"], log[-1]["rev"]) == ("Nobody had rung the", 3)
    page.keyboard.press("Delete")
    assert page.locator(".wr-m").count() == 0
    drag(page, 4, "After that")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+z")
    rig.until("edit", lambda log: log[-1]["verb"] == "undo")
    page.wait_for_function("document.querySelectorAll('.wr-m').length === 0")


def test_twenty_marks_without_a_pause_are_each_stored_once(rig: Rig, read: Any) -> None:
    page = read("burst")
    ends = [n for n in range(3, 60) if PLAIN[1][5][n - 1] != " "][:20]  # no two spans the same when trimmed
    for end in ends:
        page.evaluate(SELECT, [1, 0, 1, end])
        page.wait_for_selector(".wr-picker:popover-open")
        page.keyboard.press("Enter")
    stored = marks(rig.until("burst", lambda log: len(marks(log)) >= 20))
    page.wait_for_selector(".wr-state.is-saved")
    assert len(marks(rig.log("burst"))) == 20 == len({op["unit"] for op in stored})
    assert page.locator(".wr-units").inner_text() == "20 units"
    assert page.evaluate("localStorage.getItem('workbench:outbox:rig:anna')") is None


def test_an_undo_waits_behind_a_change_that_cannot_be_sent_yet(browser: Any) -> None:
    outbox = Path(__file__).resolve().parents[2] / "workbench/ui/components/reader/assets/outbox.js"
    module = "data:text/javascript;base64," + base64.b64encode(outbox.read_bytes()).decode()
    page = browser.new_page()
    sent = page.evaluate(
        """async (module) => {
          const { outboxFor } = await import(module)
          const box = outboxFor("p", "m"), sent = []
          let ready = false
          box.add({ verb: "place" })
          box.add({ verb: "resize" })
          box.add({ verb: "mark" })
          box.add({ verb: "undo" })
          box.add({ verb: "remove" })
          box.attach({ send: (ops) => sent.push(ops.map((op) => op.verb)), prepare: (op) => ready || op.verb !== "resize" })
          box.flush()
          ready = true
          box.flush()
          clearTimeout(box.timer)
          return sent
        }""",
        module,
    )
    page.close()
    assert sent == [["place", "mark"], ["place", "resize", "mark", "undo", "remove"]]


def test_a_refused_mark_is_undone_on_screen_with_a_sentence_beside_it(rig: Rig, read: Any) -> None:
    page = read("refused")
    drag(page, 5, "forbidden word")
    page.keyboard.press("Enter")
    note = page.locator(".wr-turn").nth(5).locator(".wr-note")
    note.wait_for()
    assert "corrected meanwhile" in note.inner_text()
    assert page.locator(".wr-m").count() == 0
    note.get_by_role("button").click()
    assert page.locator(".wr-note").count() == 0
    assert marks(rig.log("refused")) == []


def test_marks_made_while_the_server_is_down_are_kept_and_sent_when_it_is_back(rig: Rig, read: Any) -> None:
    page = read("restart")
    page.evaluate(
        """window.seen = []
        window.addEventListener("workbench:saved", (e) => window.seen.push(String(e.detail.pending)))"""
    )
    rig.kill()
    for words in ("on a Friday", "district nurse"):
        drag(page, 1, words)
        page.keyboard.press("Enter")
    assert page.locator(".wr-m").count() == 2
    assert page.locator(".wr-state").inner_text() == "2 not saved yet"
    kept = page.evaluate("JSON.stringify({...localStorage})")
    assert "Friday" not in kept and "nurse" not in kept and "start" in kept
    rig.start()
    stored = marks(rig.until("restart", lambda log: len(marks(log)) == 2, 20))
    assert [op["quote"] for op in stored] == ["on a Friday", "district nurse"]
    page.wait_for_selector(".wr-state.is-saved")
    assert page.locator(".wr-m").count() == 2
    assert "2" in page.evaluate("window.seen") and page.evaluate("window.seen.at(-1)") == "0"


def test_a_mark_that_was_not_sent_survives_a_reload(rig: Rig, read: Any) -> None:
    page = read("reload")
    drag(page, 2, "👩\u200d🔬 researcher")
    # As if the connection had died that moment: the message never leaves.
    page.evaluate("WebSocket.prototype.send = () => {}")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert marks(rig.log("reload")) == []
    page.reload()
    stored = marks(rig.until("reload", lambda log: len(marks(log)) == 1))
    assert stored[0]["quote"] == "👩\u200d🔬 researcher"
    page.wait_for_selector(".wr-state.is-saved")


def test_a_mark_made_just_before_leaving_the_page_is_stored_and_said_to_be(rig: Rig, read: Any) -> None:
    page = read("leave")
    page.evaluate("window.addEventListener('workbench:saved', (e) => { window.saved = e.detail })")
    drag(page, 1, "on a Friday")
    page.evaluate("void (window.sends = WebSocket.prototype.send, WebSocket.prototype.send = () => {})")
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    page.evaluate("void (WebSocket.prototype.send = window.sends)")
    page.get_by_text("Another page").click()
    page.wait_for_function("window.saved.pending === 0 && !document.querySelector('.wr')")
    assert [op["quote"] for op in marks(rig.log("leave"))] == ["on a Friday"]


def test_nothing_moves_when_a_mark_is_made_or_the_page_grows_and_the_place_is_kept(
    rig: Rig, read: Any
) -> None:
    page = read("scroll")
    top = """document.querySelectorAll(".wr-turn")[200].getBoundingClientRect().top
      - document.querySelector(".wr-box").getBoundingClientRect().top"""
    page.evaluate(WORD, [200, "kind"])
    page.wait_for_timeout(400)  # the chunks around it are laid out
    before = page.evaluate(top)
    assert 0 < before < 860
    for words in ("drives me", "kind", "knows her"):
        drag(page, 200, words)
        page.keyboard.press("Enter")
    page.wait_for_selector(".wr-state.is-saved")
    assert abs(page.evaluate(top) - before) < 1
    page.get_by_text("A sentence above the reader").click()
    page.get_by_text("It came and the reader stayed.").wait_for()
    assert abs(page.evaluate(top) - before) < 1
    assert page.locator(".wr-units").inner_text() == "3 units"
    for source, turns in (("main", "< 50"), ("scroll", "> 300")):
        page.locator("[data-testid=stSelectbox] input").click()
        page.get_by_role("option", name=source).click()
        page.wait_for_function(f"document.querySelectorAll('.wr-turn').length {turns}")
    page.wait_for_timeout(400)
    assert abs(page.evaluate(top) - before) < 4
    page.get_by_text("Another page").click()
    page.wait_for_function("!document.querySelector('.wr')")
    page.get_by_text("Another page").click()
    page.wait_for_selector(".wr.is-ready .wr-turn")
    page.wait_for_timeout(400)
    assert abs(page.evaluate(top) - before) < 4


# How far below the first line of its mark each margin entry of a turn stands, in px; then the height of turn and text.
BESIDE = """(turn) => {
  const el = document.querySelectorAll(".wr-turn")[turn]
  const below = [...el.querySelectorAll(".wr-e")].map((e) => e.getBoundingClientRect().top
    - el.querySelector(`.wr-m[data-units~="${e.dataset.unit}"]`).getClientRects()[0].top)
  return [below, el.offsetHeight, el.querySelector(".wr-text").offsetHeight]
}"""
IN_VIEW = """() => {
  const el = document.querySelector(".wr-m.is-focus").getBoundingClientRect()
  const box = document.querySelector(".wr-scroll").getBoundingClientRect()
  const picker = document.querySelector(".wr-picker").getBoundingClientRect()
  return el.top >= box.top && el.bottom <= box.bottom
    && Math.min(Math.abs(picker.top - el.bottom), Math.abs(el.top - picker.bottom)) < 24
}"""


def test_in_a_long_turn_each_margin_entry_stands_beside_its_mark_and_the_picker_too(
    rig: Rig, read: Any
) -> None:
    page = read("long turn", width=1440)
    _, turn, text = page.evaluate(BESIDE, 2)
    days = [1, 40, 41, 42, 80, 120, 121, 122, 160]
    for day in days:
        drag(page, 2, f"On day {day} I waited")
        page.keyboard.type("in")
        page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    below, turn_after, text_after = page.evaluate(BESIDE, 2)
    assert (turn_after, text_after) == (turn, text)  # no taller for its margin
    # Two entries' heights at most: where marks are on neighbouring lines one is pushed.
    assert len(below) == len(days) and all(-60 < by < 60 for by in below)
    assert [abs(by) < 8 for by in below].count(True) >= 6
    page.set_viewport_size({"width": 720, "height": 860})
    page.wait_for_timeout(300)
    below, turn_after, text_after = page.evaluate(BESIDE, 2)
    assert turn_after - text_after == turn - text and all(-60 < by < 60 for by in below)
    # A short turn keeps its entries at the top.
    for words in ("Friday", "district nurse", "on my own"):
        drag(page, 1, words)
        page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    tops = page.evaluate(
        """[...document.querySelectorAll(".wr-turn")[1].querySelectorAll(".wr-e")].map((e) => e.offsetTop)"""
    )
    assert tops[0] < 20 and tops[2] < 110
    # The mark in focus is scrolled away; Enter brings it back and opens the picker at it.
    drag(page, 2, "the 140. bus")
    page.keyboard.press("Enter")
    for top in ("0", "1e6"):
        page.evaluate(f"document.querySelector('.wr-scroll').scrollTop = {top}")
        page.wait_for_timeout(200)
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert page.evaluate(IN_VIEW)
        page.keyboard.press("Escape")
    # And from mark to mark, each is brought into view.
    for _ in range(4):
        page.keyboard.press("n")
        page.keyboard.press("Enter")
        page.wait_for_timeout(200)
        assert page.evaluate(IN_VIEW)
        page.keyboard.press("Escape")


def test_a_space_adds_a_group_unless_the_name_goes_on(rig: Rig, read: Any) -> None:
    page = read("space")
    chosen = page.locator(".wr-chip")
    written = page.locator(".wr-picker .wr-input")
    drag(page, 1, "district nurse")
    # A tag; the beginning of a word of a name; a word of a name that goes on.
    page.keyboard.type("ti per what ")
    assert chosen.all_inner_texts() == [
        "TI\nTime to ask what matters",
        "ON\nBeing one person, not five referrals",
    ]
    assert written.input_value() == "what "
    written.fill("")
    page.keyboard.type("Who d ")  # the first space goes on with the name, the second ends it
    assert chosen.count() == 3 and written.input_value() == ""
    page.keyboard.type("na")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")  # what is highlighted, here the new one
    assert chosen.last.inner_text() == "+\nna"
    page.keyboard.press("Backspace")
    page.keyboard.type("ti me at all")  # taken out again; then a new name with ordinary spaces
    assert chosen.count() == 2 and written.input_value() == "me at all"
    page.keyboard.press("Enter")
    (stored,) = marks(rig.until("space", lambda log: len(log) == 1))
    assert [p["code_group"] for p in stored["placements"]][:2] == ["g2", "g1"]
    assert [g["name"] for g in stored["new_code_groups"]] == ["me at all"]


def test_the_same_words_marked_again_are_placed_not_marked_twice(rig: Rig, read: Any) -> None:
    page = read("again")
    drag(page, 1, "Nobody had rung")
    page.keyboard.type("in")
    page.keyboard.press("Enter")
    drag(page, 1, "Nobody had rung")
    page.keyboard.type("wd")
    page.keyboard.press("Enter")
    drag(page, 1, "Nobody had rung")
    page.keyboard.press("Escape")
    page.locator(".wr-g", has_text="Information").click()  # it is there already
    assert page.locator(".wr-e-tag").all_text_contents() == ["IN", "WD"]
    # A selection that was left does not wait for one's return.
    drag(page, 4, "better")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('.wr-scroll').dispatchEvent(new Event('scroll'))")
    page.wait_for_timeout(200)
    for _ in range(2):
        page.get_by_text("Another page").click()
        page.wait_for_timeout(600)
    page.wait_for_selector(".wr.is-ready .wr-m")
    page.locator(".wr-g", has_text="Time to ask").click()
    page.wait_for_timeout(300)
    log = rig.log("again")
    assert [op["verb"] for op in log] == ["mark", "place"]
    assert [p["code_group"] for p in log[1]["placements"]] == ["g1"]


def test_a_mark_over_two_turns_has_its_name_beside_both(read: Any) -> None:
    page = read("across")
    page.evaluate(SELECT, [1, 60, 2, 30])
    page.wait_for_selector(".wr-picker:popover-open")
    page.keyboard.type("in")
    page.keyboard.press("Enter")
    assert page.locator(".wr-e-name").all_inner_texts() == ["Information that does not arrive"] * 2
    assert (
        page.locator(".wr-e").last.get_attribute("aria-label")
        == "Information that does not arrive, continued, AK"
    )


def test_a_screen_reader_hears_turns_marks_and_what_happened(rig: Rig, read: Any) -> None:
    page = read("aria")
    drag(page, 1, "district nurse")
    page.keyboard.type("in")
    page.keyboard.press("Enter")
    assert page.locator(".wr-live").inner_text() == "Marked, 2 words"
    page.wait_for_function("document.querySelector('.wr-live').textContent === 'Saved'")
    assert page.get_by_role("document", name="Interview 3").count() == 1
    assert page.get_by_role("group", name="2 Kirsten, Patients").count() == 1
    assert (
        page.locator(".wr-m").get_attribute("aria-description")
        == "Information that does not arrive, Anna Koch"
    )
    # One tab stop for the text, whatever is in it.
    assert (
        page.evaluate(
            "[...document.querySelectorAll('.wr-scroll, .wr-scroll *')].filter((e) => e.tabIndex >= 0).length"
        )
        == 1
    )


def test_text_that_looks_like_markup_is_only_text(read: Any) -> None:
    page = read("aria")
    drag(page, 4, "little by little")
    page.keyboard.type("<img src=x onerror=document.title='out'>")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wr-state.is-saved")
    assert page.locator(".wr img").count() == 0
    assert page.title() != "out"


@pytest.mark.parametrize("width", [1440, 720, 390])
def test_nothing_is_wider_than_the_window(read: Any, width: int) -> None:
    page = read("main", width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "document.querySelector('.wr').scrollWidth <= document.querySelector('.wr').clientWidth"
    )
    shown = page.evaluate("getComputedStyle(document.querySelector('.wr-panel')).display")
    assert shown == ("flex" if width > 1000 else "none")
