"""How long it takes to bring in a trace of 1,000 items and 3,000 links from CSV, and to write out every path of it.

Two shapes, in our own kinds: deep (five layers of 200) and wide (300 requirements, 100 themes, 600 pieces of evidence)."""

from __future__ import annotations

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from workbench.services import projects, trace_files, trace_import
from workbench.services.context import Context

SHAPES = {
    "deep": ((("decision", 200), ("component", 200), ("requirement", 200), ("category", 200), ("evidence", 200)), 750),
    "wide": ((("requirement", 300), ("category", 100), ("evidence", 600)), 1_500),
}  # fmt: skip


def tables(shape: str) -> list[tuple[str, bytes]]:
    """The graph of a shape as the two files that are brought in; the same each time."""
    layers, between = SHAPES[shape]
    chance = random.Random(7)
    ids = [[f"{kind[:3].upper()}-{n + 1}" for n in range(size)] for kind, size in layers]
    items = [
        (kind, id, f"Invented {kind} {id}: the model must do something that nobody has asked for.")
        for (kind, _), names in zip(layers, ids, strict=True) for id in names
    ]  # fmt: skip
    links: list[tuple[str, str]] = []
    for upper, lower in pairwise(ids):
        found: set[tuple[str, str]] = set()
        while len(found) < between:
            found.add((chance.choice(upper), chance.choice(lower)))
        links += sorted(found)
    return [
        ("items.csv", _csv(("kind", "key", "text"), items)),
        ("links.csv", _csv(("from", "to"), links)),
    ]


def _csv(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(headings)
    write.writerows(rows)
    return out.getvalue().encode()


def made(folder: str, shape: str) -> Context:
    """A project with the graph of a shape in it."""
    ctx = projects.lead_context(projects.create_project(Path(folder) / f"{shape}.db", name="Bench"))
    done = trace_import.import_rows(ctx, trace_import.preview(ctx, tables(shape)))
    assert (len(done.items), done.links) == (1_000, 3_000)
    return ctx


def trace_import_s() -> float:
    """Median wall seconds of three imports, judged and kept, of the slower shape."""
    worst = 0.0
    for shape in SHAPES:
        files, times = tables(shape), []
        for _ in range(3):
            with tempfile.TemporaryDirectory() as folder:
                ctx = projects.lead_context(projects.create_project(Path(folder) / "p.db", name="Bench"))
                began = time.perf_counter()
                done = trace_import.import_rows(ctx, trace_import.preview(ctx, files))
                times.append(time.perf_counter() - began)
                assert (len(done.items), done.links) == (1_000, 3_000)
                ctx.store.close()
        print(f"  {shape}: {statistics.median(times):.2f} s", file=sys.stderr)
        worst = max(worst, statistics.median(times))
    return worst


def trace_paths_s() -> float:
    """Median wall seconds of three files of every path, of the slower shape."""
    worst = 0.0
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            ctx, times, rows = made(folder, shape), [], 0
            for _ in range(3):
                began = time.perf_counter()
                rows = trace_files.trace_file(ctx, "paths", ".csv").count(b"\r\n") - 1
                times.append(time.perf_counter() - began)
            ctx.store.close()
        print(f"  {shape}: {rows:,} paths in {statistics.median(times):.2f} s", file=sys.stderr)
        worst = max(worst, statistics.median(times))
    return worst
