"""Trust on a generated graph of 1,000 items and 3,000 links, deep and wide, and on one ten times larger.

The levels of traceability.md stand for our kinds like this:
- deep, 5 x 200: meaning unit <- condensate <- theme (result category) <- requirement <- component. The 3,000 links are 750
  ticks of condensates, 750 placements in code groups, 750 `based_on` and 750 `realises`.
- wide, 600/100/300: meaning units <- themes <- requirements, 1,800 placements and 1,200 `based_on`.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import checks, model, people, projects, sources, trust
from workbench.services.context import Context
from workbench.store import queries
from workbench.store.project import Store

SHAPES = {
    "deep": {"unit": 200, "condensate": 200, "category": 200, "requirement": 200, "component": 200},
    "wide": {"unit": 600, "condensate": 0, "category": 100, "requirement": 300, "component": 0},
}
LINKS = {
    "deep": {"cover": 750, "placement": 750, "based_on": 750, "realises": 750},
    "wide": {"placement": 1800, "based_on": 1200},
}


def make_graph(path: Path, shape: str, times: int = 1, *, accepted: bool = True) -> Context:
    """A project with such a graph, `times` as large; accepted, everything in it was looked at."""
    dice = random.Random(f"{shape} {times}")
    n = {kind: count * times for kind, count in SHAPES[shape].items()}
    links = {type: count * times for type, count in LINKS[shape].items()}
    ctx = projects.lead_context(projects.create_project(path, name=f"Bench {shape}"))
    groups = [people.add_group(ctx, name=name) for name in ("Patients", "Nurses", "Doctors")]
    who = {
        f"P{i}": people.add_participant(ctx, pseudonym=f"P{i}", stakeholder_group=groups[i % 3])
        for i in range(20)
    }
    turns = tuple(
        ParsedTurn(
            f"P{i % 20}", f"Somebody rang the ward {i} times, and each time it was somebody else.", None, None
        )
        for i in range(n["unit"])
    )
    source = sources.import_source(
        ctx, ParsedTranscript("bench.txt", "name", "utf-8", turns, ()), b"", title="Interview", speakers=who
    )

    def pairs(count: int, above: list[str], below: list[str]) -> list[tuple[str, str]]:
        """So many different pairs; everything above has one."""
        found = {(a, dice.choice(below)): None for a in above}
        while len(found) < count:
            found[dice.choice(above), dice.choice(below)] = None
        return list(found)

    with ctx.write("mark") as work:
        units = [
            work.insert("unit", {"id": ctx.new_id(), "source": source, "text_rev": 1, "start": r["start"], "end": r["end"],
                                 "mac": ctx.store.mac(r["text"]), "member": ctx.member.id})
            for r in work.connection.execute("SELECT * FROM turn WHERE source=? ORDER BY seq", (source,)).fetchall()
        ]  # fmt: skip
        code_groups = [
            work.insert("code_group", {"id": ctx.new_id(), "name": f"Group {i}", "tag": f"{i}", "colour": i % 12, "position": i})
            for i in range(n["category"])
        ]  # fmt: skip
        subgroups = [
            work.insert("subgroup", {"id": ctx.new_id(), "code_group": g, "name": "Part", "position": 1}) for g in code_groups
        ]  # fmt: skip
        placed: dict[str, list[str]] = {}
        for g, unit in pairs(links["placement"], list(range(len(code_groups))), units):  # type: ignore[arg-type]
            placed.setdefault(subgroups[g], []).append(unit)  # type: ignore[call-overload]
            work.insert("placement", {"id": ctx.new_id(), "unit": unit, "code_group": code_groups[g],  # type: ignore[call-overload]
                                      "subgroup": subgroups[g], "member": ctx.member.id})  # type: ignore[call-overload]  # fmt: skip
        for subgroup in subgroups[: n["condensate"]]:
            row = {"id": ctx.new_id(), "subgroup": subgroup, "text": "I rang, and each time it was another."}
            condensate = work.insert("condensate", row)
            for unit in placed.get(subgroup, ()):
                work.insert("cover", {"id": ctx.new_id(), "condensate": condensate, "unit": unit})
        themes = [
            work.insert("category", {"id": ctx.new_id(), "code_group": g, "heading": f"Ringing is work that nobody sees {i}",
                                     "analytic_text": "They rang, and rang again. " * 12, "position": i})
            for i, g in enumerate(code_groups)
        ]  # fmt: skip
        requirements = [
            work.insert("requirement", {
                "id": ctx.new_id(), "key": work.next_key("requirement", "REQ"), "rationale": "So that somebody answers.",
                "statement": f"The model must let somebody answer within {i} minutes", "acceptance": "Nine calls of ten.",
                "moscow": ("must", "should", "could")[i % 3], "status": "accepted", "owner": "The ward"})
            for i in range(n["requirement"])
        ]  # fmt: skip
        components = [
            work.insert("component", {"id": ctx.new_id(), "key": work.next_key("component", "CMP"), "name": f"Number {i}",
                                      "description": "A number that is answered.", "position": i})
            for i in range(n["component"])
        ]  # fmt: skip
        for type, above, below in (
            ("based_on", requirements, themes),
            ("realises", components, requirements),
        ):
            for src, dst in pairs(links[type], above, below) if above else ():
                work.insert("link", {"id": ctx.new_id(), "type": type, "src": src, "dst": dst})
    if accepted:
        with ctx.write("freeze_version") as work:
            trust.accept_reviews(ctx, work, [*components, *requirements, *themes], "frozen")
    return ctx


def _edit(ctx: Context, n: int) -> None:
    """Reword one requirement."""
    with ctx.read() as conn:
        row = queries.live(conn, "requirement")[n]
    model.change_requirement(ctx, row["id"], rev=row["rev"], rationale=f"So that somebody answers, time {n}.")


def _reword_theme(ctx: Context, n: int) -> None:
    with ctx.write("change_category") as work:
        row = work.live("category")[n]
        work.update("category", row["id"], {"analytic_text": row["analytic_text"] + f" Again {n}."})


def tiers_ms() -> float:
    """Median wall ms of all states after one edit, the worse of deep and wide."""
    worst = 0.0
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            ctx = make_graph(Path(folder) / "p.db", shape)
            times, doubted = [], 0
            for n in range(15):
                (_reword_theme if n % 2 else _edit)(ctx, n)
                began = time.perf_counter()
                with ctx.read() as conn:
                    found = trust.load_trust(conn)
                times.append((time.perf_counter() - began) * 1000)
                doubted = sum(s.is_doubted for s in found.states.values())
            ctx.store.close()
        median = statistics.median(times)
        print(
            f"  {shape}: median {median:.1f} ms, worst {max(times):.1f} ms; {doubted} in doubt",
            file=sys.stderr,
        )
        worst = max(worst, median)
    return worst


def _process(project: Path) -> tuple[float, str]:
    """CPU seconds of `workbench check` with everything it starts, and its last line."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "check", str(project)],
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    assert done.returncode in (0, 1, 2), done.stderr
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, done.stdout.strip().splitlines()[-1]


def check_s() -> float:
    """CPU seconds of `workbench check` as a process, median of five, the worse of deep and wide."""
    worst = 0.0
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "p.db"
            ctx = make_graph(project, shape)
            _reword_theme(ctx, 0)
            ctx.store.close()
            runs = [_process(project) for _ in range(5)]
        median = statistics.median(cpu for cpu, _ in runs)
        print(f"  {shape}: {median:.2f} s CPU; {runs[0][1]}", file=sys.stderr)
        worst = max(worst, median)
    return worst


def scale() -> float:
    """How many times as long `workbench check` takes, as a process, on a graph ten times larger; the worse of deep and
    wide. What the checks alone take in that process, without its start, is told beside it."""
    worst = 0.0
    for shape in SHAPES:
        took, alone = [], []
        for times in (1, 10):
            with tempfile.TemporaryDirectory() as folder:
                project = Path(folder) / "p.db"
                ctx = make_graph(project, shape, times)
                _reword_theme(ctx, 0)
                ctx.store.close()
                took.append(statistics.median(_process(project)[0] for _ in range(3)))
                command = [sys.executable, "-m", "tests.bench.trust", str(project)]
                alone.append(
                    statistics.median(
                        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
                        for _ in range(3)
                    )
                )
        print(
            f"  {shape}: {took[0]:.2f} s, ten times larger {took[1]:.2f} s CPU; the checks alone"
            f" {alone[0] * 1000:.0f} and {alone[1] * 1000:.0f} ms",
            file=sys.stderr,
        )
        worst = max(worst, took[1] / took[0])
    return worst


def _checks_alone(project: Path) -> float:
    """CPU seconds of all checks, which compute all states, once."""
    ctx = projects.lead_context(Store.open(project))
    began = time.process_time()
    checks.all_issues(ctx)
    return time.process_time() - began


if __name__ == "__main__":
    print(_checks_alone(Path(sys.argv[1])))
