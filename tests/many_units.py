"""A project with as many invented units as a test or a look at the screen needs, made in one operation."""

from __future__ import annotations

import random
import re
from pathlib import Path

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import people, projects, sources
from workbench.services.code_groups import insert_code_group
from workbench.services.context import Context

NAMES = ("Waiting without knowing", "Whose job it is", "Being met as a person", "Papers that go missing",
         "Asking for help", "What home is for", "Medicine on one's own", "The way back")  # fmt: skip
WORDS = """I waited nobody called the letter came late they asked me again whether my daughter knew the nurse wrote it
down and then somebody else began from the start we were told to ring on Monday but Monday was closed and so it went
until the physiotherapist took out her own telephone and rang them for us"""
SAID = re.findall(r"\w+", WORDS)


def make_many(path: Path, units: int, *, groups: int = 5, per_source: int = 250, loose: int = 40) -> Context:
    """A new project at `path`: sources of `per_source` turns, a unit in every turn, dealt over the code groups;
    every 40th unit is in two, and `loose` are in none."""
    dice = random.Random(units)
    ctx = projects.lead_context(projects.create_project(path, name="Many units"))
    kinds = [people.add_group(ctx, name=name) for name in ("Patients", "Hospital", "Municipality")]
    spoken = [
        people.add_participant(ctx, pseudonym=f"Person {n}", stakeholder_group=kinds[n % 3], kind="informant")
        for n in range(max(3, units // per_source))
    ]
    spans: list[tuple[str, int, int]] = []
    for n in range(-(-units // per_source)):
        turns = [
            ParsedTurn(
                "P1", " ".join(dice.choice(SAID) for _ in range(dice.randint(9, 45))).capitalize() + "."
            )
            for _ in range(min(per_source, units - len(spans)))
        ]
        parsed = ParsedTranscript(
            name=f"{n}.txt", layout="plain", encoding="utf-8", turns=tuple(turns), notices=()
        )
        id = sources.import_source(
            ctx, parsed, b"invented", title=f"Interview {n + 1}", speakers={"P1": spoken[n % len(spoken)]}
        )
        spans += [(id, x.turn.start, x.turn.end) for x in sources.read_source(ctx, id).turns]
    with ctx.write("mark") as work:
        made = [
            insert_code_group(work, ctx, NAMES[g % len(NAMES)] + " again" * (g // len(NAMES)))
            for g in range(groups)
        ]
        inside = {}
        for group in made[:2]:
            for position, name in enumerate(("At the ward", "At home")):
                row = {"id": ctx.new_id(), "code_group": group, "name": name, "position": position}
                inside.setdefault(group, []).append(work.insert("subgroup", row))
        for n, (source, start, end) in enumerate(spans):
            unit = work.insert(
                "unit", {"id": ctx.new_id(), "source": source, "text_rev": 1, "start": start, "end": end, "mac": "",
                         "member": ctx.member.id},
            )  # fmt: skip
            if n % max(1, units // loose if loose else units + 1) == 0 and loose:
                continue
            for group in dice.sample(made, 2 if n % 40 == 1 and groups > 1 else 1):
                within = dice.choice([None, *inside.get(group, [])])
                work.insert(
                    "placement", {"id": ctx.new_id(), "unit": unit, "code_group": group, "subgroup": within,
                                  "set_aside": None, "member": ctx.member.id},
                )  # fmt: skip
    return ctx
