"""How long it takes to merge a co-analyst's copy."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.many_units import make_many
from workbench.services import coding, copies, history, projects, sources
from workbench.services.context import Context
from workbench.store.project import Store

UNITS = 1_500


def merge_copy_s() -> float:
    """Median wall seconds of three merges of a copy in which somebody has marked 1,500 units, one by one, each
    placed and every tenth with a comment, into a project of as many of its own."""
    with tempfile.TemporaryDirectory() as folder:
        ctx = make_many(Path(folder) / "p.db", UNITS)
        path = Path(folder) / "copy.db"
        made = copies.make_copy(ctx, path, new_member="Mads")
        store = Store.open(path)
        mads = Context(next(m for m in projects.list_members(store) if m.id == made.member), store)
        groups = [g.id for g in sources.list_code_groups(mads)]
        for n, card in enumerate(coding.list_units(mads)[:UNITS]):
            unit = coding.mark(
                mads, card.unit.source, card.unit.start, card.unit.end - 1, text_rev=1,
                placements=[{"code_group": groups[n % len(groups)]}],
            )  # fmt: skip
            if n % 10 == 0:
                coding.comment(mads, unit, "Compare with the one before.")
        store.close()
        times = []
        for _ in range(3):
            began = time.perf_counter()
            merged = copies.merge_copy(ctx, path)
            times.append(time.perf_counter() - began)
            assert merged.came["unit"] == merged.came["placement"] == UNITS
            history.undo(ctx)
            print(f"  merged in {times[-1]:.3f} s", file=sys.stderr)
        ctx.store.close()
    return statistics.median(times)
