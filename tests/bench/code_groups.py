"""How long it takes to merge two full code groups."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import code_groups, condensing, history, projects, sources

UNITS = 2_000  # in each
BOTH = 200  # of these in both


def merge_s() -> float:
    """Median wall seconds of five merges of two code groups of 2,000 units each, 200 units in both, four
    subgroups with a condensate in the one that goes."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        ctx = projects.lead_context(projects.create_project(Path(folder) / "p.db", name="Bench"))
        words = " ".join(chance.choice(("jeg", "ringede", "til", "afdelingen", "æbler")) for _ in range(60))
        turns = tuple(ParsedTurn("P1", words, None, None) for _ in range(400))
        source = sources.import_source(
            ctx, ParsedTranscript("l.txt", "name", "utf-8", turns, ()), b"", title="Long"
        )
        goes, stays = (code_groups.add_code_group(ctx, name=n) for n in ("Goes", "Stays"))
        units = [ctx.new_id() for _ in range(2 * UNITS - BOTH)]
        with ctx.write("mark") as work:
            for n, unit in enumerate(units):
                work.insert("unit", {"id": unit, "source": source, "text_rev": 1, "start": n * 20, "end": n * 20 + 90,
                                     "mac": "", "member": ctx.member.id})  # fmt: skip
                for group in [goes] * (n < UNITS) + [stays] * (n >= UNITS - BOTH):
                    row = {"id": ctx.new_id(), "unit": unit, "code_group": group, "subgroup": None,
                           "set_aside": None, "member": ctx.member.id}  # fmt: skip
                    work.insert("placement", row)
        for n in range(4):
            mine = units[n * 450 : n * 450 + 400]
            subgroup = condensing.add_subgroup(ctx, goes, name=f"Part {n}", units=mine)
            condensing.add_condensate(ctx, subgroup, text="Jeg ringede.", covers=mine)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            code_groups.merge_code_groups(ctx, goes, into=stays)
            times.append(time.perf_counter() - began)
            began = time.perf_counter()
            history.undo(ctx)
            print(
                f"  merged in {times[-1]:.3f} s, undone in {time.perf_counter() - began:.3f} s",
                file=sys.stderr,
            )
        ctx.store.close()
    return statistics.median(times)
