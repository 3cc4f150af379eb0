"""What the rules of the model look at (domain/model_checks.py), gathered once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from workbench.domain.model_checks import (
    ComponentFacts,
    DoubtFacts,
    ModelFacts,
    RequirementFacts,
    ThemeFacts,
)
from workbench.domain.people import heard, top_group
from workbench.domain.records import Category, Subgroup
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import UnitCard
from .condensing import CondensateView
from .model import RequirementView, load_components, load_requirements
from .rereading import open_challenges
from .trust import load_trust, sentences
from .versioning import load_versions

_SETTLED = ("parked", "rejected")


def doubts(conn: Connection) -> tuple[DoubtFacts, ...]:
    """What was accepted or frozen and is in doubt itself, each with its sentence and the decision that took it."""
    trust = load_trust(conn)
    found = [id for id, state in trust.states.items() if state.state in ("doubt", "does_not_hold")]
    if not found:
        return ()
    says = sentences(conn, trust, found)
    decided = {d["id"]: d for d in queries.live(conn, "decision") if d["outcome"]}
    took = {x["dst"]: x["src"] for x in queries.live(conn, "link", type="decides") if x["src"] in decided}
    kinds = {id: queries.trace.kind_of(conn, id) or "" for id in found}
    return tuple(
        DoubtFacts(kinds[id], id, says[id], took.get(id, ""), decided[took[id]]["key"] if id in took else "")
        for id in found
    )


def model_facts(
    conn: Connection, cards: Sequence[UnitCard], views: Sequence[CondensateView], known: ModelFacts
) -> ModelFacts:
    """The facts of the rules that a project may switch on, beside what is in doubt, which is known."""
    requirements = load_requirements(conn)
    versions = load_versions(conn)
    kept = {r["item"] for r in queries.trace.frozen(conn, versions[-1].id)} if versions else set()
    decided = {d["id"] for d in queries.live(conn, "decision") if d["outcome"]}
    judged = {x["dst"] for x in queries.live(conn, "link", type="decides") if x["src"] in decided}
    inside: dict[str, list[UnitCard]] = {}
    placed: Counter[str] = Counter()
    for card in cards:
        for p in card.placements:
            if p.set_aside is None:
                inside.setdefault(p.code_group, []).append(card)
                if p.subgroup:
                    placed[p.subgroup] += 1
    condensed = {v.condensate.subgroup for v in views}
    subgroups = {s.id: s for s in queries.records(conn, Subgroup, order="position")}
    return replace(
        known,
        requirements=_requirements(conn, requirements, judged),
        components=_components(conn, requirements),
        themes=tuple(
            _theme(conn, c, inside.get(c.code_group, ()), requirements, kept, judged)
            for c in queries.records(conn, Category, order="position")
        ),
        subgroups=tuple((s.id, s.name, s.code_group) for s in subgroups.values() if placed[s.id] and s.id not in condensed),
        no_golden=tuple(
            (v.condensate.id, s.id, s.name, s.code_group)
            for v in views
            if v.condensate.golden_unit is None and (s := subgroups[v.condensate.subgroup])
        ),
        has_version=bool(versions),
    )  # fmt: skip


def _themes(r: RequirementView) -> list[str]:
    return [s.item for s in r.supports if s.kind == "category"]


def _requirements(
    conn: Connection, requirements: Sequence[RequirementView], judged: Collection[str]
) -> tuple[RequirementFacts, ...]:
    noted = open_challenges(conn)
    said = {f["component"] for f in queries.live(conn, "feedback")}
    return tuple(
        RequirementFacts(
            r.requirement.id, r.requirement.key, r.requirement.moscow, r.requirement.status,
            r.people or 0, len(r.groups),
            len(r.against) + sum(len(noted.get(theme, ())) for theme in _themes(r)),
            r.requirement.id in judged, bool(r.requirement.acceptance), bool(r.requirement.owner),
            any(id in said for id, _ in r.components),
        )
        for r in requirements
    )  # fmt: skip


def _components(conn: Connection, requirements: Sequence[RequirementView]) -> tuple[ComponentFacts, ...]:
    spoken = {r.requirement.id for r in requirements if r.people}
    return tuple(
        ComponentFacts(c.component.id, c.component.name, any(id in spoken for id, _, _ in c.requirements))
        for c in load_components(conn)
    )


def _theme(
    conn: Connection, theme: Category, cards: Sequence[UnitCard], requirements: Sequence[RequirementView],
    kept: Collection[str], judged: Collection[str],
) -> ThemeFacts:  # fmt: skip
    """Addressed: in the version, or itself decided on, or everything that rests on it parked or rejected by one."""
    mine = [r.requirement for r in requirements if theme.id in _themes(r)]
    settled = bool(mine) and all(r.status in _SETTLED and r.id in judged for r in mine)
    people, groups = queries.participants(conn), queries.groups(conn)
    spoken = [who for c in cards if (who := heard([(c.unit.words_of, c.unit.participants)]))]
    by_person = Counter(p for who in spoken for p in who)
    by_group = Counter(
        g for who in spoken
        for g in {top_group(people[p].stakeholder_group, groups) for p in who if p in people} if g
    )  # fmt: skip
    person, of_person = by_person.most_common(1)[0] if by_person else ("", 0)
    group, of_group = by_group.most_common(1)[0] if by_group else ("", 0)
    return ThemeFacts(
        theme.id, theme.heading, theme.id in kept or theme.id in judged or settled, len(spoken),
        people[person].pseudonym if person else "", of_person, groups[group].name if group else "", of_group,
    )  # fmt: skip
