"""All checks of a study far along: 1,500 units, 60 condensates, 12 categories, and the history that made them."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.many_units import make_many
from workbench.services import checks
from workbench.services.context import Context


def make_far_along(path: Path) -> Context:
    """A project as it is late in step 4: every unit placed in a subgroup, condensates written, changed and ticked,
    then units that moved on, texts that were re-read and a few challenges."""
    dice = random.Random(4)
    ctx = make_many(path, 1500, groups=12, loose=5)
    with ctx.store.read() as conn:
        groups = [r[0] for r in conn.execute("SELECT id FROM code_group ORDER BY position")]
        placed = [dict(r) for r in conn.execute("SELECT id, unit, code_group FROM placement ORDER BY rowid")]
        sources = [r[0] for r in conn.execute("SELECT id FROM source ORDER BY position")]
    inside: dict[str, list[str]] = {}
    with ctx.write("add_subgroup") as work:
        for s in work.live("subgroup"):
            inside.setdefault(s["code_group"], []).append(s["id"])
        for g in groups:
            while len(inside.setdefault(g, [])) < 5:
                n = len(inside[g])
                row = {"id": ctx.new_id(), "code_group": g, "name": f"Part {n + 1}", "position": n}
                inside[g].append(work.insert("subgroup", row))
    held: dict[str, list[str]] = {}
    with ctx.write("move_units") as work:
        for p in placed:
            subgroup = dice.choice(inside[p["code_group"]])
            work.update("placement", p["id"], {"subgroup": subgroup, "set_aside": None})
            held.setdefault(subgroup, []).append(p["unit"])
    written: dict[str, str] = {}
    for subgroups in inside.values():
        for s in subgroups:
            with ctx.write("add_condensate") as work:
                row = {"id": ctx.new_id(), "subgroup": s, "voice": None, "text": "I waited, and nobody called me.",
                       "golden_unit": held[s][0]}  # fmt: skip
                written[s] = work.insert("condensate", row)
            with ctx.write("set_covers") as work:
                for unit in held[s]:
                    row = {"id": ctx.new_id(), "condensate": written[s], "unit": unit}
                    work.insert("cover", row)
            for n in range(3):  # texts are written over and over
                with ctx.write("change_condensate") as work:
                    text = f"I waited {'and waited ' * n}until somebody came."
                    work.update("condensate", written[s], {"text": text})
    with ctx.write("add_category") as work:
        made = [
            work.insert("category", {
                "id": ctx.new_id(), "code_group": g, "heading": f"Waiting is work that nobody sees, part {n}",
                "analytic_text": "They waited. " * 20 + " ".join(f"{{{{unit:{u}}}}}" for u in held[inside[g][0]][:6]),
                "status": "ready" if n % 2 else "draft", "position": n})
            for n, g in enumerate(groups)
        ]  # fmt: skip
    for n in range(5):
        for category in made:
            with ctx.write("change_category") as work:
                text = work.get("category", category)["analytic_text"] + f" And again {n}."
                work.update("category", category, {"analytic_text": text})
    with ctx.write("mark_read") as work:
        for source in sources:
            for step in ("impression", "code", "synthesis"):
                work.insert("reading", {"id": ctx.new_id(), "source": source, "member": ctx.member.id, "step": step,
                                        "at": "2026-05-04"})  # fmt: skip
    for n in range(12):
        with ctx.write("note_recontext") as work:
            work.insert("recontext", {
                "id": ctx.new_id(), "category": made[n], "source": sources[n % len(sources)], "note": "Not so here.",
                "verdict": ("nuances", "challenges")[n % 2], "unit": None, "member": ctx.member.id, "answer": ""})  # fmt: skip
    with ctx.write("move_units") as work:  # since then: units moved, ticked off, taken up
        for p in dice.sample(placed, 120):
            others = [s for s in inside[p["code_group"]] if p["unit"] not in held[s]]
            work.update("placement", p["id"], {"subgroup": dice.choice(others)})
            for cover in work.live("cover", unit=p["unit"]):
                work.retire("cover", cover["id"])
    return ctx


def issues_ms() -> float:
    """Median CPU time of all checks, in ms."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        ctx = make_far_along(Path(folder) / "far.db")
        for _ in range(9):
            began = time.process_time()
            found = checks.all_issues(ctx)
            times.append((time.process_time() - began) * 1000)
        print(f"  {len(found)} issues; worst {max(times):.0f} ms", file=sys.stderr)
        ctx.store.close()
    return statistics.median(times)
