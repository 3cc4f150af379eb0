"""Rules a project may switch on for its model: who holds a Must up, what is addressed, tried and decided.

Pure: facts in, issues out. All of them are off until a project turns them on, because no number makes importance and
an idea without a theme is welcome (product.md ruling 9); "traceability.md 3.6" stands for where they were drawn from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .issues import Issue

Found = Iterator[Issue]


@dataclass(frozen=True, slots=True)
class RequirementFacts:
    """`people` and `groups`: informants heard in what supports it, and their top groups; literature has none."""

    id: str
    key: str
    moscow: str = ""
    status: str = "draft"
    people: int = 0
    groups: int = 0
    against: int = 0  # links and noted challenges that speak against it
    decided: bool = False  # a decision was taken on it
    acceptance: bool = False  # it has an acceptance criterion
    owner: bool = False
    tried: bool = False  # somebody has said something to a component that answers it, in a version


@dataclass(frozen=True, slots=True)
class ComponentFacts:
    id: str
    name: str
    grounded: bool = False  # by way of its requirements it reaches words that somebody said


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """A result category and the model. Shares are counted in units, and only informants' own words count."""

    id: str
    heading: str
    addressed: bool = False  # in the current version, or parked or rejected by a decision
    units: int = 0
    person: str = ""  # whose words most of its units are
    of_person: int = 0
    group: str = ""  # the top group most of its units are from
    of_group: int = 0


@dataclass(frozen=True, slots=True)
class DoubtFacts:
    """Something accepted or frozen that is in doubt itself; `says` is the sentence with its cause."""

    kind: str
    id: str
    says: str
    decision: str = ""  # the decision that accepted it, if one did
    decision_key: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    requirements: tuple[RequirementFacts, ...] = ()
    components: tuple[ComponentFacts, ...] = ()
    themes: tuple[ThemeFacts, ...] = ()
    subgroups: tuple[
        tuple[str, str, str], ...
    ] = ()  # (subgroup, name, code group) with units and no condensate
    no_golden: tuple[tuple[str, str, str, str], ...] = ()  # (condensate, subgroup, its name, code group)
    doubts: tuple[DoubtFacts, ...] = ()
    has_version: bool = False


def in_doubt(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """What was accepted or frozen and has come in doubt. Source: product.md ruling 12."""
    for d in facts.doubts:
        if not d.decision:  # a decision it was taken in says so itself
            yield Issue("in_doubt", "error", (d.kind, d.id), "check.in_doubt", {"says": d.says})


def must_support(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """An accepted Must rests on live support from so many groups and people; literature is no group.
    Source: traceability.md 3.6 R1."""
    groups, people = limits["must_support.groups"], limits["must_support.people"]
    for r in facts.requirements:
        if r.moscow == "must" and r.status == "accepted" and (r.groups < groups or r.people < people):
            params: dict[str, object] = {"key": r.key, "groups": r.groups, "people": r.people}
            yield Issue("must_support", "warning", ("requirement", r.id), "check.must_support", params)


def theme_not_addressed(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """A theme is addressed in the current version, or parked or rejected by a decision.
    Source: traceability.md 3.6 R2, R5 down."""
    for theme in facts.themes:
        if facts.has_version and not theme.addressed:
            params: dict[str, object] = {"heading": theme.heading}
            yield Issue(
                "theme_not_addressed", "warning", ("category", theme.id), "check.theme_not_addressed", params
            )


def against_undecided(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """What speaks against a requirement is answered by a decision. Source: traceability.md 3.6 R3."""
    for r in facts.requirements:
        if r.against and not r.decided and r.status not in ("parked", "rejected"):
            params: dict[str, object] = {"key": r.key, "n": r.against}
            yield Issue(
                "against_undecided", "warning", ("requirement", r.id), "check.against_undecided", params
            )


def subgroup_not_condensed(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """A subgroup has a condensate. Source: traceability.md 3.6 R4."""
    for id, name, group in facts.subgroups:
        where = ("subgroup", id)
        params: dict[str, object] = {"subgroup": name, "group_id": group}
        yield Issue("subgroup_not_condensed", "note", where, "check.subgroup_not_condensed", params)


def no_golden_quote(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """A condensate has a golden quote that stands. Source: traceability.md 3.6 R4."""
    for id, subgroup, name, group in facts.no_golden:
        where = ("condensate", id)
        params: dict[str, object] = {"subgroup": name, "subgroup_id": subgroup, "group_id": group}
        yield Issue("no_golden_quote", "note", where, "check.no_golden_quote", params)


def component_ungrounded(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """A component reaches, by way of its requirements, at least one thing that somebody said.
    Source: traceability.md 3.6 R5 up."""
    for c in facts.components:
        if not c.grounded:
            where = ("component", c.id)
            params: dict[str, object] = {"name": c.name}
            yield Issue("component_ungrounded", "note", where, "check.component_ungrounded", params)


def requirement_incomplete(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """A requirement that is proposed or accepted has an acceptance criterion and an owner.
    Source: traceability.md 3.6 R6."""
    for r in facts.requirements:
        missing = "both" if not (r.acceptance or r.owner) else "acceptance" if not r.acceptance else "owner"
        if r.status in ("proposed", "accepted") and not (r.acceptance and r.owner):
            code = f"check.requirement_incomplete.{missing}"
            yield Issue("requirement_incomplete", "note", ("requirement", r.id), code, {"key": r.key})


def must_not_tried(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """Somebody has tried what answers an accepted Must. Source: traceability.md 3.6 R6."""
    for r in facts.requirements:
        if facts.has_version and r.moscow == "must" and r.status == "accepted" and not r.tried:
            where = ("requirement", r.id)
            params: dict[str, object] = {"key": r.key}
            yield Issue("must_not_tried", "note", where, "check.must_not_tried", params)


def voice_share(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """No theme is carried by one person or one group alone. Said of themes with at least four units.
    Source: traceability.md 3.6 R8."""
    of_person, of_group = limits["voice_share.person"], limits["voice_share.group"]
    for theme in facts.themes:
        if theme.units < 4:
            continue
        where = ("category", theme.id)
        params: dict[str, object] = {"heading": theme.heading, "of": theme.units}
        if theme.of_person * 100 > of_person * theme.units:
            said: dict[str, object] = {**params, "n": theme.of_person, "name": theme.person}
            yield Issue("voice_share", "note", where, "check.voice_share.person", said)
        elif theme.of_group * 100 > of_group * theme.units:
            said = {**params, "n": theme.of_group, "name": theme.group}
            yield Issue("voice_share", "note", where, "check.voice_share.group", said)


def decided_before_doubt(facts: ModelFacts, limits: Mapping[str, int]) -> Found:
    """What a decision has accepted, and what it rests on has come in doubt since.
    Source: traceability.md 3.6 R9."""
    for d in facts.doubts:
        if d.decision:
            params: dict[str, object] = {"key": d.decision_key, "says": d.says}
            where = ("decision", d.decision)
            yield Issue("decided_before_doubt", "warning", where, "check.decided_before_doubt", params)
