"""agreement_s: every score of two coders, as the page asks for it: read from the project and worked out."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.support import danish
from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import agreement, code_groups, differences, double_coding, projects, sources
from workbench.services.context import Context

DOCUMENTS, CHARACTERS, CODES, CODINGS = 30, 60_000, 150, 6_000


def agreement_s() -> float:
    """Median CPU seconds of five: 30 documents of 60,000 characters, 150 codes, 6,000 codings by two coders, who
    agree about four times in five. All of it: reading what they marked, kappa and alpha over characters and over
    units, alphaU, and the u-alpha family."""
    with tempfile.TemporaryDirectory() as folder:
        ctx, first, second = project(Path(folder))
        times = []
        for _ in range(5):
            began = time.process_time()
            found = agreement.agreement(ctx, first, second)
            times.append(time.process_time() - began)
        began = time.process_time()
        listed = differences.compare(ctx, first, second)
        print(
            f"  {found.marks[0] + found.marks[1]} codings, {found.length:,} characters,"
            f" kappa {found.characters.overall.kappa.value:.3f}, alpha {found.characters.overall.alpha.value:.3f};"
            f" the list of {len(listed.differences)} pairs and lone marks {time.process_time() - began:.3f} s",
            file=sys.stderr,
        )
        ctx.store.close()
        return statistics.median(times)


def project(folder: Path) -> tuple[Context, str, str]:
    """(the lead, and the two coders) of a project in which both have coded every source unseen."""
    chance = random.Random(1)
    ctx = projects.lead_context(projects.create_project(folder / "p.db", name="Bench"))
    other = projects.add_member(ctx, name="Other", role="researcher")
    made = []
    for n in range(DOCUMENTS):
        length, turns = 0, []
        while length < CHARACTERS:
            text = danish(60, chance)[: CHARACTERS - length]
            turns.append(ParsedTurn("P1", text.strip() or "ja", None, None))
            length += len(turns[-1].text) + 1
        parsed = ParsedTranscript(
            name=f"{n}.txt", layout="name", encoding="utf-8", turns=tuple(turns), notices=()
        )
        made.append(sources.import_source(ctx, parsed, b"", title=f"Interview {n + 1}"))
    double_coding.open_unseen(ctx, made, [ctx.member.id, other])
    double_coding.close_unseen(ctx, made[0])
    with ctx.write("mark") as work:
        for row in work.live("double_coding"):
            work.update("double_coding", row["id"], {"done_at": "2026-01-01T00:00:00+00:00"})
        groups = [code_groups.insert_code_group(work, ctx, f"Code {n + 1}") for n in range(CODES)]
        for _ in range(CODINGS // 2):
            source, group = chance.choice(made), chance.choice(groups)
            start, length = chance.randrange(CHARACTERS - 700), chance.randrange(40, 400)
            for member in (ctx.member.id, other):
                unit = work.insert(
                    "unit", {"id": ctx.new_id(), "source": source, "text_rev": 1, "start": start, "end": start + length,
                             "mac": "", "member": member},
                )  # fmt: skip
                work.insert(
                    "placement", {"id": ctx.new_id(), "unit": unit, "code_group": group, "subgroup": None,
                                  "set_aside": None, "member": member},
                )  # fmt: skip
                start, group = start + chance.randrange(60), group if chance.random() < 0.8 else groups[0]
    return ctx, ctx.member.id, other
