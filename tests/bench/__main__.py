"""Prints every figure as a table, or one as a JSON line {"name", "value", "unit", "limit", "holds"}."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import reader
from tests.bench import trust as bench_trust
from tests.bench.agreement import agreement_s
from tests.bench.board import board_move_s, board_open_s
from tests.bench.code_groups import merge_s
from tests.bench.copies import merge_copy_s
from tests.bench.issues import issues_ms
from tests.bench.pack import pack_s
from tests.bench.search import search_ms
from tests.bench.support import chromium, danish, long_transcript, served
from tests.bench.trace_files import trace_import_s, trace_paths_s
from workbench.services import code_groups, coding, projects, sources
from workbench.services.demo import make_demo


@dataclass(frozen=True)
class Figure:
    measure: Callable[[], float]
    unit: str
    limit: float


def mark_ms() -> float:
    """Median time of one mark through the service, the worst of 2,000, 20,000 and 100,000 words."""
    worst = 0.0
    for words in (2_000, 20_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            ctx = projects.lead_context(projects.create_project(Path(folder) / "p.db", name="Bench"))
            source = sources.import_source(ctx, long_transcript(words), b"", title="Long")
            group = code_groups.add_code_group(ctx, name="One")
            turns = sources.read_source(ctx, source).turns
            chance, times = random.Random(1), []
            for _ in range(300):
                start = chance.choice(turns).turn.start + chance.randrange(100)
                began = time.perf_counter()
                coding.mark(ctx, source, start, start + 100, text_rev=1, placements=[{"code_group": group}])
                times.append((time.perf_counter() - began) * 1000)
            median = statistics.median(times)
            print(
                f"  {words:>7} words: median {median:.2f} ms, p95 {sorted(times)[285]:.2f} ms",
                file=sys.stderr,
            )
            worst = max(worst, median)
            ctx.store.close()
    return worst


def import_report_s() -> float:
    """CPU seconds of `workbench import` for a Danish text of 230,000 characters, children included."""
    chance = random.Random(3)
    lines, length, n = [], 0, 0
    while length < 230_000:
        lines.append(f"{'P1' if n % 2 else 'Interviewer'}: {danish(55, chance)}.")
        length += len(lines[-1]) + 2
        n += 1
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "rapport.txt"
        text.write_text("\n\n".join(lines), encoding="utf-8")
        before = os.times()
        command = [
            sys.executable,
            "-m",
            "workbench",
            "import",
            f"{folder}/p.db",
            str(text),
            "--json",
            "--language",
            "da",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        after = os.times()
        assert json.loads(done.stdout)["files"][0]["turns"] == n
        return after.children_user + after.children_system - before.children_user - before.children_system


def demo_mb() -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.db"
        make_demo(path).close()
        return path.stat().st_size / 1e6


@contextmanager
def demo_served(folder: str) -> Any:
    """The real server on a copy of the demo; yields (process, address of Home)."""
    store = make_demo(Path(folder) / "demo.db")
    project = store.id
    store.close()
    with served(folder) as (server, url):
        yield server, f"{url}/home?project={project}"


def start_page_s() -> float:
    """Wall seconds from process start to Home's heading in a running Chromium: the second start of two."""
    from playwright.sync_api import Error, sync_playwright

    times = []
    with sync_playwright() as play:
        browser = chromium(play)
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                page = browser.new_page()
                began = time.perf_counter()
                store_made = 0.0
                with demo_served(folder) as (_server, url):
                    store_made = time.perf_counter() - began  # making the demo is not part of starting
                    began = time.perf_counter()
                    while True:
                        try:
                            page.goto(url)
                            break
                        except Error:
                            time.sleep(0.05)
                    page.wait_for_selector("h1", timeout=30_000)
                    times.append(time.perf_counter() - began)
                page.close()
                print(f"  {times[-1]:.2f} s (demo made in {store_made:.2f} s before)", file=sys.stderr)
        browser.close()
    return statistics.median(times[1:])


def app_rss_mb() -> float:
    """Resident memory of the server with the demo open, after every screen has been seen once, in MB."""
    import psutil
    from playwright.sync_api import sync_playwright

    from workbench.ui.shell import SCREENS

    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as play,
        demo_served(folder) as (server, url),
    ):
        browser = chromium(play)
        page = browser.new_page()
        time.sleep(3)
        for screen in SCREENS:
            page.goto(url.replace("/home", f"/{screen.path}"))
            page.wait_for_timeout(1500)
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        rss = max(p.memory_info().rss for p in processes) / 1e6
        browser.close()
        return rss


FIGURES = {
    "mark_ms": Figure(mark_ms, "ms", 2),
    "import_report_s": Figure(import_report_s, "s CPU", 1),
    "reader_visible_ms": Figure(reader.visible_ms, "ms", 40),
    "reader_saved_ms": Figure(reader.saved_ms, "ms", 150),
    "reader_flat": Figure(reader.flat, "times", 1.5),
    "reader_bytes": Figure(reader.bytes_per_mark, "kB", 5),
    "reader_open_s": Figure(reader.open_s, "s", 0.5),
    "reader_scroll_ms": Figure(reader.scroll_ms, "ms", 100),
    "reader_burst": Figure(reader.burst, "lost", 0),
    "marks_2000_s": Figure(reader.marks_2000_s, "s", 3),
    "merge_s": Figure(merge_s, "s", 0.2),
    "search_ms": Figure(search_ms, "ms", 100),
    "board_open_s": Figure(board_open_s, "s", 1.5),
    "board_move_s": Figure(board_move_s, "s", 0.5),
    "issues_ms": Figure(issues_ms, "ms CPU", 100),
    "agreement_s": Figure(agreement_s, "s CPU", 0.3),
    "merge_copy_s": Figure(merge_copy_s, "s", 2),
    "trace_check_s": Figure(bench_trust.check_s, "s CPU", 0.7),
    "trace_tiers_ms": Figure(bench_trust.tiers_ms, "ms", 50),
    "trace_scale": Figure(bench_trust.scale, "times", 10),
    "trace_import_s": Figure(trace_import_s, "s", 1),
    "trace_paths_s": Figure(trace_paths_s, "s", 1),
    "pack_s": Figure(pack_s, "s", 3),
    "demo_mb": Figure(demo_mb, "MB", 5),
    "start_page_s": Figure(start_page_s, "s", 4),
    "app_rss_mb": Figure(app_rss_mb, "MB", 300),
}


def main() -> int:
    wanted = sys.argv[1:]
    for name in wanted:
        if name not in FIGURES:
            print(f"No figure called {name}. There are: {', '.join(FIGURES)}.", file=sys.stderr)
            return 2
    for name in wanted or FIGURES:
        figure = FIGURES[name]
        value = figure.measure()
        holds = value <= figure.limit
        if wanted:
            row = {
                "name": name,
                "value": round(value, 3),
                "unit": figure.unit,
                "limit": figure.limit,
                "holds": holds,
            }
            print(json.dumps(row))
        else:
            print(
                f"{name:<18} {value:>10.2f} {figure.unit:<6} limit {figure.limit:<6} {'holds' if holds else 'MISSED'}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
