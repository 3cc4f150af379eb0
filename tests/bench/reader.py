"""The reader's figures, in a real Chromium on the real Code page: curves over words and marks to stderr."""

from __future__ import annotations

import base64
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.bench.support import chromium, long_transcript, served
from workbench.services import code_groups, coding, people, projects, sources
from workbench.services.context import Context
from workbench.store.project import Store

CELLS = [(words, marks) for words in (2_000, 10_000, 50_000) for marks in (100, 2_000, 5_000)]
AIM = (20_000, 2_000)
TIMES = 100

# In the page: when the reader was put up and could be read; for every Enter that marks, when the mark had been drawn
# and when it was acknowledged; every task longer than 50 ms. Times in ms since the page was asked for.
WATCH = """
window.seen = { mounted: 0, readable: 0, marks: [], long: [] }
const afterPaint = (run) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => run(performance.now())
  port2.postMessage(0)
})
new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => e.duration))).observe({ type: "longtask" })
addEventListener("keydown", (e) => {
  if (e.key === "Enter" && document.querySelector(".wr-picker:popover-open"))
    seen.marks.push({ from: e.timeStamp, drawn: 0, saved: 0 })
}, true)
addEventListener("workbench:saved", ({ detail }) => {
  if (!detail.pending) for (const one of seen.marks) one.saved ||= performance.now()
})
const append = Element.prototype.append
Element.prototype.append = function (...nodes) { // the moment itself: an observer hears of it only after the task
  if (!seen.mounted && nodes[0]?.classList?.contains("wr")) seen.mounted = performance.now()
  return append.apply(this, nodes)
}
addEventListener("DOMContentLoaded", () => new MutationObserver((changes) => {
  const root = document.querySelector(".wr")
  if (!seen.readable && root?.matches(".is-ready") && root.querySelector(".wr-turn")) {
    seen.readable = -1
    afterPaint((at) => { seen.readable = at })
  }
  const last = seen.marks.at(-1)
  const isMark = (n) => n.matches?.(".wr-m") || n.querySelector?.(".wr-m")
  if (last && !last.drawn && changes.some((c) => [...c.addedNodes].some(isMark))) {
    last.drawn = -1
    afterPaint((at) => { last.drawn = at })
  }
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] }))
"""


def make(folder: str, words: int, marks: int) -> str:
    """A project with one text and so many marks in twenty code groups, four people; returns its address in the app."""
    store = projects.create_project(Path(folder) / f"p{words}-{marks}.db", name=f"{words} {marks}")
    ctx = projects.lead_context(store)
    group = people.add_group(ctx, name="Patients")
    who = {"P1": people.add_participant(ctx, pseudonym="Aase", stakeholder_group=group)}
    source = sources.import_source(ctx, long_transcript(words), b"", title="Long", speakers=who)
    groups = [code_groups.add_code_group(ctx, name=f"Code group number {n}") for n in range(20)]
    chance = random.Random(marks)
    turns = [t.turn for t in sources.read_source(ctx, source).turns]
    with ctx.write("mark") as work:  # as the service does it, in one operation
        work.ids = {"source": source}
        for _ in range(marks):
            start = chance.choice(turns).start + chance.randrange(200)
            place = coding._span(ctx, work, source, 1, start, start + 60, None)
            unit = work.insert(
                "unit", {"id": ctx.new_id(), "source": source, **place, "member": ctx.member.id}
            )
            coding._place(ctx, work, unit, {"placements": [{"code_group": chance.choice(groups)}]})
    id = store.id
    store.close()
    return f"/code?project={id}&source={source}"


@contextmanager
def app(*cells: tuple[int, int]) -> Iterator[tuple[Any, dict[tuple[int, int], str], str]]:
    """The app over generated projects and a browser: (browser, cell -> address, folder)."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        paths = {cell: make(folder, *cell) for cell in cells}
        with served(folder) as (_server, url), sync_playwright() as play:
            browser = chromium(play)
            warm = browser.new_page()
            open_reader(warm, url + paths[cells[0]])  # the first page of a server pays for its imports
            warm.close()
            yield browser, {cell: url + path for cell, path in paths.items()}, folder
            browser.close()


def open_reader(page: Any, url: str) -> None:
    from playwright.sync_api import Error

    page.add_init_script(WATCH)
    for _ in range(200):
        try:
            page.goto(url)
            break
        except Error:
            time.sleep(0.1)
    page.wait_for_function("window.seen?.readable > 0", timeout=60_000)


def mark(page: Any, n: int, *, wait: bool = True) -> None:
    """The n-th mark by keyboard: the next turn, some words, the picker, Enter."""
    turns = page.evaluate("document.querySelectorAll('.wr-turn').length")
    if n % (turns - 1) == 0:
        page.locator(".wr-scroll").focus()
        page.keyboard.press("Control+Home")
    page.keyboard.press("j")
    for _ in range(2 + n // (turns - 1)):
        page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Enter")
    if wait:
        page.wait_for_selector(".wr-picker:popover-open")
    page.keyboard.press("Enter")
    if wait:
        page.wait_for_function("seen.marks.at(-1)?.drawn > 0 && seen.marks.at(-1).saved > 0", timeout=20_000)


@dataclass(frozen=True)
class Cell:
    visible: list[float]
    saved: list[float]
    kilobytes: list[float]

    def p95(self, times: list[float]) -> float:
        return sorted(times)[int(len(times) * 0.95)]


@cache
def curves() -> dict[tuple[int, int], Cell]:
    """Hundred marks in every cell, once for all figures."""
    found = {}
    cells = [AIM, *CELLS]
    print("    words  marks   drawn p50/p95   saved p50/p95     kB p50/most", file=sys.stderr)
    with app(*cells) as (browser, paths, _folder):
        for cell in cells:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            received = [0]
            network = page.context.new_cdp_session(page)
            network.send("Network.enable")

            def count(event: dict[str, Any], received: list[int] = received) -> None:
                frame = event["response"]
                text = frame["payloadData"]
                received[0] += len(base64.b64decode(text)) if frame["opcode"] == 2 else len(text)

            network.on("Network.webSocketFrameReceived", count)
            open_reader(page, paths[cell])
            page.wait_for_timeout(500)
            kilobytes = []
            for n in range(TIMES):
                before = received[0]
                mark(page, n)
                page.wait_for_timeout(60)  # until the run's last messages are here, and as nobody is faster
                kilobytes.append((received[0] - before) / 1000)
            seen = page.evaluate("seen.marks")
            assert len(seen) == TIMES
            one = found[cell] = Cell(
                [m["drawn"] - m["from"] for m in seen], [m["saved"] - m["from"] for m in seen], kilobytes
            )
            print(
                f"  {cell[0]:>7} {cell[1]:>6}   {statistics.median(one.visible):5.1f} / {one.p95(one.visible):5.1f}"
                f"   {statistics.median(one.saved):5.1f} / {one.p95(one.saved):5.1f}"
                f"   {statistics.median(one.kilobytes):5.2f} / {max(one.kilobytes):5.2f}",
                file=sys.stderr,
            )
            page.close()
    return found


def visible_ms() -> float:
    """From Enter in the picker to the mark drawn, p95."""
    return (cell := curves()[AIM]).p95(cell.visible)


def saved_ms() -> float:
    """From Enter in the picker to the acknowledged save, p95."""
    return (cell := curves()[AIM]).p95(cell.saved)


def flat() -> float:
    """How much slower the median mark is at 50,000 words than at 2,000: the worse of drawn and saved."""
    found = curves()
    ratios = []
    for marks in (100, 2_000, 5_000):
        short, long = found[2_000, marks], found[50_000, marks]
        ratios.append(statistics.median(long.visible) / statistics.median(short.visible))
        ratios.append(statistics.median(long.saved) / statistics.median(short.saved))
    return max(ratios)


def bytes_per_mark() -> float:
    """What the server sends for one mark, everything counted, in kB: the most of any mark in any cell."""
    return max(max(cell.kilobytes) for cell in curves().values())


def open_s() -> float:
    """From the component put up to text and marks drawn, at 50,000 words and 5,000 marks."""
    times = []
    with app((50_000, 5_000)) as (browser, paths, _folder):
        for _ in range(5):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            open_reader(page, paths[50_000, 5_000])
            seen = page.evaluate("seen")
            times.append((seen["readable"] - seen["mounted"]) / 1000)
            print(f"  {times[-1]:.3f} s ({seen['readable'] / 1000:.2f} s from the address)", file=sys.stderr)
            page.close()
    return statistics.median(times)


def scroll_ms() -> float:
    """The longest task while 50,000 words with 5,000 marks are scrolled through, 0 where none took 50 ms; the median
    of five times, each from a fresh page."""
    longest = []
    with app((50_000, 5_000)) as (browser, paths, _folder):
        for _ in range(5):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            open_reader(page, paths[50_000, 5_000])
            page.wait_for_timeout(1500)
            page.evaluate("seen.long = []")
            page.mouse.move(600, 500)
            for _ in range(300):
                page.mouse.wheel(0, 500)
                page.wait_for_timeout(16)
            page.wait_for_timeout(500)
            long, top = page.evaluate("[seen.long, document.querySelector('.wr-scroll').scrollTop]")
            print(f"  scrolled {top:.0f} px, tasks over 50 ms: {[round(x) for x in long]}", file=sys.stderr)
            assert top > 50_000
            longest.append(float(max(long, default=0)))
            page.close()
    return statistics.median(longest)


def burst() -> float:
    """Marks lost or stored twice of 20 made with no pause, and of 20 more while the server is killed and started
    again; a scroll that moved counts as one."""
    from playwright.sync_api import sync_playwright

    cell = (10_000, 100)
    lost = 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        path = make(folder, *cell)
        browser = chromium(play)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        where = "document.querySelector('.wr-scroll').scrollTop"
        done = "document.querySelector('.wr-state')?.matches('.is-saved')"
        with served(folder) as (_server, url):
            open_reader(page, url + path)
            for n in range(20):
                mark(page, n, wait=False)
            page.wait_for_function(done, timeout=60_000)
            lost += abs(stored(folder) - cell[1] - 20)
            for n in range(20, 30):
                mark(page, n, wait=False)
        for n in range(30, 40):  # nobody is listening
            mark(page, n, wait=False)
        before = page.evaluate(where)
        with served(folder):
            page.wait_for_function(done, timeout=90_000)
            lost += abs(stored(folder) - cell[1] - 40) + int(page.evaluate(where) != before)
            print(f"  stored {stored(folder) - cell[1]} of 40, scroll {before} px kept", file=sys.stderr)
        browser.close()
    return float(lost)


def stored(folder: str) -> int:
    store = Store.open(next(p for p in Path(folder).glob("*.db") if not p.name.endswith(".vault.db")))
    with store.read() as conn:
        count, once = conn.execute(
            "SELECT count(*), count(DISTINCT start || '-' || end) FROM unit"
        ).fetchone()
    store.close()
    assert count == once or count - once < 20
    return int(count)


def marks_2000_s() -> float:
    """2,000 marks one by one through the service, in 20 code groups of a text of 20,000 words; wall seconds."""
    with tempfile.TemporaryDirectory() as folder:
        ctx: Context = projects.lead_context(projects.create_project(Path(folder) / "p.db", name="Bench"))
        source = sources.import_source(ctx, long_transcript(20_000), b"", title="Long")
        groups = [code_groups.add_code_group(ctx, name=f"Code group {n}") for n in range(20)]
        turns = [t.turn for t in sources.read_source(ctx, source).turns]
        chance = random.Random(1)
        began = time.perf_counter()
        for _ in range(2_000):
            start = chance.choice(turns).start + chance.randrange(100)
            placed = [{"code_group": chance.choice(groups)}]
            coding.mark(ctx, source, start, start + 100, text_rev=1, placements=placed)
        took = time.perf_counter() - began
        ctx.store.close()
        return took
