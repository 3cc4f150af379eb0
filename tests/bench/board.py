"""The board at 2,000 units in one code group: how long until its cards can be read, and until 200 moved units are kept."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.support import chromium, served
from tests.many_units import make_many
from workbench.services.context import Context

UNITS, MOVED, TIMES = 2_000, 200, 7
CARD = ".wb-card, .wv-card"  # the second: as it was before the board was a component of its own
# From the press on the menu until cards with words stand in the window and have been painted.
WATCH = """
window.seen = { pressed: 0, readable: 0 }
document.addEventListener("click", (e) => {
  if (e.target.closest("a[href*='/condense']")) seen.pressed = performance.now()
}, true)
const look = () => {
  const card = document.querySelector("CARD")
  const box = card?.getBoundingClientRect()
  const isThere = seen.pressed && box?.height && box.top < innerHeight && card.textContent.length > 20
  if (!isThere) return requestAnimationFrame(look)
  setTimeout(() => { seen.readable = performance.now() })
}
requestAnimationFrame(look)
""".replace("CARD", CARD)


@contextmanager
def app() -> Iterator[tuple[Any, str, Context]]:
    """Chromium, the address of Home on the real server, and a study of 2,000 units in one code group."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        ctx = make_many(Path(folder) / "many.db", UNITS, groups=1, loose=0)
        browser = chromium(play)
        with served(folder) as (_server, url):
            yield browser, f"{url}/home?project={ctx.store.id}", ctx
        browser.close()


def opened(browser: Any, url: str) -> Any:
    """A fresh browser that has gone from Home to the board by the menu, all 2,000 cards on it."""
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(WATCH)
    for _ in range(200):
        try:
            page.goto(url)
            break
        except Error:
            time.sleep(0.1)
    link = page.locator("[data-testid=stSidebarNavLink][href*='/condense']").first
    link.wait_for(timeout=60_000)
    page.wait_for_function("document.querySelector('.stApp').dataset.testScriptState === 'notRunning'")
    page.wait_for_timeout(500)
    link.click()
    page.wait_for_function("seen.readable > 0", timeout=60_000)
    return page


def board_open_s() -> float:
    """Seconds from the press on the menu until the first cards can be read; the median, after one to warm up."""
    times = []
    with app() as (browser, url, _ctx):
        for n in range(TIMES + 1):
            page = opened(browser, url)
            seen = page.evaluate("seen")
            took = (seen["readable"] - seen["pressed"]) / 1000
            print(f"  {took:.3f} s{'' if n else ' (the server is still warming up)'}", file=sys.stderr)
            if n:
                times.append(took)
            page.wait_for_function(
                f"document.querySelectorAll('{CARD}').length >= {UNITS * 6 // 10}", timeout=60_000
            )
            page.close()
    return statistics.median(times)


def board_move_s() -> float:
    """Seconds from the key until 200 moved units are in the file; the median. Beside it, until the browser says so."""
    times, told = [], []
    with app() as (browser, url, ctx):
        page = opened(browser, url)
        page.wait_for_timeout(4000)
        for n in range(TIMES + 1):
            page.evaluate(
                """([card, column, last]) => {
                  const cards = document.querySelectorAll(".wb-column, .wv-board-column")[column].querySelectorAll(card)
                  cards[0].focus()
                  cards[0].click()
                  cards[last].dispatchEvent(new MouseEvent("click", { shiftKey: true, bubbles: true }))
                }""",
                [CARD, n % 2, MOVED - 1],
            )
            page.wait_for_timeout(300)
            before, began = _moves(ctx), time.perf_counter()
            page.keyboard.press("2" if n % 2 == 0 else "1")
            while (now := _moves(ctx)) == before:
                time.sleep(0.002)
            took = time.perf_counter() - began
            assert now[1] == MOVED, now
            page.wait_for_function(
                "!/not saved|Offline/.test(document.querySelector('.ws-text').textContent)", timeout=60_000
            )
            said = time.perf_counter() - began
            print(f"  {took:.3f} s, {said:.3f} s until the browser says so", file=sys.stderr)
            if n:
                times.append(took)
                told.append(said)
            page.wait_for_timeout(2500)
    print(f"  until the browser says so: {statistics.median(told):.3f} s", file=sys.stderr)
    return statistics.median(times)


def _moves(ctx: Context) -> tuple[int, int]:
    """The last operation and how many units it moved."""
    with ctx.store.read() as conn:
        row = conn.execute("SELECT seq, ids_json FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
    return int(row["seq"]), int(json.loads(row["ids_json"]).get("n", 0))
