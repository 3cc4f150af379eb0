"""A frozen version as the pack shows it: read back from what it keeps of each item, and of what that rested on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.people import heard, tally, told, top_group
from workbench.domain.records import Requirement
from workbench.domain.trust import Trust
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import load_cards
from .model import OUTSIDE, RequirementView, Support
from .pack_parts import PackRequirement, pack_requirement
from .rereading import open_challenges
from .strip import Strip, build_strip
from .synthesis import (
    Matrix,
    build_matrix,
    few_groups,
    released_groups,
    released_matrix,
    smallest_counted,
)
from .versioning import Version


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a version holds, as it was frozen: the model may read otherwise by now.

    Only who was heard is looked up today, in the units that its themes rested on then."""

    version: Version
    matrix: Matrix  # its themes by the headings they had
    requirements: tuple[PackRequirement, ...]  # without status, feasibility and owner: no version keeps them
    strip: Strip


def load_frozen(conn: Connection, version: Version, trust: Trust) -> Frozen:
    """The version as it was frozen; only the state of things is today's."""
    rows = {r["item"]: r for r in queries.trace.frozen(conn, version.id)}
    said = {item: json.loads(r["fields_json"]) for item, r in rows.items()}
    basis = {item: json.loads(r["support_json"])["basis"] for item, r in rows.items()}
    themes = [(item, f["heading"]) for item, f in said.items() if f["kind"] == "category"]
    themes.sort(key=lambda theme: int(queries.trace.row_of(conn, "category", theme[0])["position"]))
    answers = [
        (item, f["name"], [dst for dst, _, _ in basis[item] if dst in said])
        for item, f in sorted(said.items(), key=lambda x: str(x[1].get("key"))) if f["kind"] == "component"
    ]  # fmt: skip
    groups, people = queries.groups(conn), queries.participants(conn)
    units = {c.unit.id: c.unit for c in load_cards(conn)}

    def heard_in(items: Sequence[str]) -> tuple[str, ...]:
        found = [
            units[u] for item in items for u, _, role in basis[item] if role == "supports" and u in units
        ]
        return heard((u.words_of, u.participants) for u in found)

    matrix = released_matrix(
        conn,
        build_matrix(
            conn, themes, {id: tally(heard_in([id]), people, groups) for id, _ in themes},
            {id: {} for id, _ in themes}, {id: () for id, _ in themes},
        ),
    )  # fmt: skip
    few, k_min = few_groups(conn), smallest_counted(conn)
    headings = dict(themes)
    views = []
    for item, f in said.items():
        if f["kind"] != "requirement":
            continue
        sides: dict[str, list[Support]] = {"supports": [], "contradicts": []}
        for dst, _, role in basis[item]:
            kind = queries.trace.kind_of(conn, dst) or ""
            sides[role].append(Support("", dst, kind, headings.get(dst, kind), role))
        mine = heard_in([item, *(s.item for s in sides["supports"] if s.item in headings)])
        tops = {top_group(people[p].stakeholder_group, groups) for p in mine}
        views.append(
            RequirementView(
                Requirement(item, 0, f["key"], f["statement"], f["rationale"], f["basis"], f["basis_note"],
                            f["moscow"], f["acceptance"], "", "", ""),
                tuple(sides["supports"]), tuple(sides["contradicts"]),
                tuple((id, name) for id, name, realises in answers if item in realises), (),
                told(len(mine), few, k_min), tuple(g for g in groups if g in tops),
                bool(sides["supports"]) or f["basis"] == "decision"
                or (f["basis"] in OUTSIDE and bool(f["basis_note"])),
            )
        )  # fmt: skip
    views.sort(key=lambda v: v.requirement.key)
    names, challenged = released_groups(conn), open_challenges(conn)
    return Frozen(
        version, matrix, tuple(pack_requirement(v, names, challenged, (), trust) for v in views),
        build_strip(matrix, views, answers, trust),
    )  # fmt: skip
