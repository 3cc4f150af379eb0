"""The meeting pack: what a committee is asked, the themes as they may leave the analysis team, and the version they judge.

What steering members may read comes from here and from nowhere else: themes, cleared quotes with group
labels, requirements and decisions. No source names, no units, no condensates.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.people import heard, sample_sizes, tally, told, top_group
from workbench.domain.records import Requirement, Session, Source
from workbench.domain.roles import Action, can
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import load_cards
from .context import Context, requires
from .meetings import DecisionView, load_decisions
from .model import (
    OUTSIDE,
    RequirementView,
    Support,
    as_released,
    load_components,
    load_requirements,
)
from .quotes import ClearedQuote
from .rereading import Recontext, open_challenges
from .synthesis import (
    CategoryView,
    Evidence,
    Matrix,
    build_matrix,
    few_groups,
    load_categories,
    released_groups,
    released_matrix,
    smallest_counted,
    whole_matrix,
)
from .versioning import Version, load_versions


@dataclass(frozen=True, slots=True)
class PackQuote:
    text: str
    translation: str
    translator: str
    language: str
    groups: tuple[str, ...]  # names of top groups


@dataclass(frozen=True, slots=True)
class Heard:
    """How many of a group were heard; both numbers are None where the group is too small to be counted.
    `anyone` says of every group whether somebody was heard."""

    group: str
    name: str
    monogram: str
    colour: int
    heard: int | None
    sample: int | None
    anyone: bool


@dataclass(frozen=True, slots=True)
class ThemeBrief:
    """A theme as it may leave the analysis team."""

    id: str
    heading: str
    paragraphs: tuple[str, ...]
    quotes: tuple[PackQuote, ...]
    dissent: tuple[PackQuote, ...]
    challenges: int  # challenges noted on re-reading, whether or not a quote of them is cleared
    reread: int  # sources re-read for step 4 since heading and text read as they do
    sources: int
    reread_on: str | None  # the latest date
    spread: tuple[Heard, ...]
    evidence: tuple[Evidence, ...]
    requirements: tuple[tuple[str, str, str, str, str], ...]  # (id, key, statement, moscow, status)


@dataclass(frozen=True, slots=True)
class PackRequirement:
    id: str
    key: str
    statement: str
    moscow: str
    status: str
    acceptance: str
    feasibility: str
    owner: str
    basis: str
    basis_note: str
    themes: tuple[tuple[str, str], ...]  # (id, heading) that support it
    against: tuple[str, ...]  # headings of themes that speak against it; other grounds as kinds
    challenges: int  # noted against the themes it rests on, and not answered
    ideas: tuple[str, ...]
    people: int | None  # None where not to be told
    groups: tuple[str, ...]
    components: tuple[str, ...]
    is_held_up: bool
    changed_since_decision: bool


@dataclass(frozen=True, slots=True)
class StripNode:
    id: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Groups -> themes -> requirements -> components, aggregated; `weight` of a ribbon is people, else 1.

    Where a group is too small to be counted it is not exact, and every weight is 1."""

    columns: tuple[tuple[str, tuple[StripNode, ...]], ...]  # (group | theme | requirement | component, nodes)
    links: tuple[tuple[str, str, int, bool], ...]  # (from, to, weight, against)
    left_out: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a version holds, as it was frozen: the model may read otherwise by now.

    Only who was heard is looked up today, in the units that its themes rested on then."""

    version: Version
    matrix: Matrix  # its themes by the headings they had
    requirements: tuple[PackRequirement, ...]  # without status, feasibility and owner: no version keeps them
    strip: Strip


@dataclass(frozen=True, slots=True)
class Pack:
    meeting: Session | None
    asked: tuple[DecisionView, ...]  # open items of the meeting
    decided: tuple[DecisionView, ...]
    briefs: tuple[ThemeBrief, ...]
    matrix: Matrix
    requirements: tuple[PackRequirement, ...]
    versions: tuple[Version, ...]
    frozen: Frozen | None  # what the latest version holds
    strip: Strip
    people: int | None  # in the sample; None where a group is too small to be counted
    k_min: int


def _named(groups: Sequence[str], names: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names[g][1] for g in groups if g in names))


def _quotes(found: Sequence[ClearedQuote], names: Mapping[str, tuple[str, str]]) -> tuple[PackQuote, ...]:
    return tuple(
        PackQuote(q.printed, q.translation, q.translator, q.language, _named(q.groups, names)) for q in found
    )


def _brief(
    conn: Connection,
    view: CategoryView,
    matrix: Matrix,
    requirements: Sequence[RequirementView],
) -> ThemeBrief:
    names = released_groups(conn)
    sources = sum(s.words_of != "literature" for s in queries.records(conn, Source))
    spread = []
    for id, name, monogram, colour in matrix.groups:
        cell = matrix.cells[view.category.id][id]
        spread.append(Heard(id, name, monogram, colour, cell.heard, cell.sample, cell.anyone))
    return ThemeBrief(
        view.category.id, view.category.heading,
        tuple(" ".join(s.text for s in paragraph) for paragraph in view.paragraphs),
        _quotes(view.quotes, names), _quotes(view.dissent, names),
        sum(n.verdict == "challenges" for n in view.notes),
        len(view.reread), sources, max(view.reread.values(), default=None),
        tuple(spread), view.evidence,
        tuple(
            (r.requirement.id, r.requirement.key, r.requirement.statement, r.requirement.moscow, r.requirement.status)
            for r in requirements if any(s.item == view.category.id for s in r.supports)
        ),
    )  # fmt: skip


def build_strip(
    matrix: Matrix,
    requirements: Sequence[RequirementView],
    components: Sequence[tuple[str, str, Sequence[str]]],
) -> Strip:
    """At most 40 nodes: parked and rejected requirements go first, then the least supported.

    A band is drawn wherever somebody was heard; how many is told only where the matrix is exact."""
    live = [r for r in requirements if r.requirement.status not in ("parked", "rejected")]
    room = 40 - len(matrix.groups) - len(matrix.themes) - len(components)
    shown = sorted(live, key=lambda r: (r.requirement.moscow != "must", -(r.people or 0)))[: max(room, 0)]
    shown.sort(key=lambda r: r.requirement.key)
    people = {r.requirement.id: r.people or 1 for r in shown}
    links: list[tuple[str, str, int, bool]] = []
    for theme, _ in matrix.themes:
        for group, _, _, _ in matrix.groups:
            if (cell := matrix.cells[theme][group]).anyone:
                links.append((group, theme, cell.heard or 1, False))
    for r in shown:
        for s in (*r.supports, *r.against):
            if s.kind == "category":
                links.append((s.item, r.requirement.id, people[r.requirement.id], s.role == "contradicts"))
    for id, _, realises in components:
        links += [(q, id, people[q], False) for q in realises if q in people]
    weights = {t: sum(c.heard or 0 for c in matrix.cells[t].values()) for t, _ in matrix.themes}
    sample = {id: cell.sample or 1 for row in matrix.cells.values() for id, cell in row.items()}
    columns: tuple[tuple[str, tuple[StripNode, ...]], ...] = (
        ("group", tuple(StripNode(id, name, sample.get(id, 1)) for id, name, _, _ in matrix.groups)),
        ("theme", tuple(StripNode(id, heading, weights[id]) for id, heading in matrix.themes)),
        ("requirement", tuple(StripNode(r.requirement.id, f"{r.requirement.key} {r.requirement.statement}",
                                        people[r.requirement.id]) for r in shown)),
        ("component", tuple(StripNode(id, name, len(q)) for id, name, q in components)),
    )  # fmt: skip
    strip = Strip(columns, tuple(links), len(live) - len(shown), True)
    return strip if matrix.is_exact else drawn_alike(strip)


def drawn_alike(strip: Strip) -> Strip:
    """The same with every band and node of one width, so that nobody is numbered."""
    columns = tuple((kind, tuple(replace(n, weight=1) for n in nodes)) for kind, nodes in strip.columns)
    return replace(
        strip, columns=columns, links=tuple((a, b, 1, x) for a, b, _, x in strip.links), is_exact=False
    )


def _answers(conn: Connection) -> list[tuple[str, str, list[str]]]:
    return [(c.component.id, c.component.name, [q[0] for q in c.requirements]) for c in load_components(conn)]


@requires(Action.READ_THEMES)
def trace_strip(ctx: Context) -> Strip:
    """The trace to be drawn; exact for the analysis team, for others as it stands in the pack."""
    if not can(ctx.member.role, Action.READ_SOURCES):
        return meeting_pack(ctx).strip
    with ctx.read() as conn:
        matrix = whole_matrix(conn, load_categories(conn))
        return build_strip(matrix, load_requirements(conn), _answers(conn))


def _pack_requirement(
    r: RequirementView,
    names: Mapping[str, tuple[str, str]],
    challenged: Mapping[str, Sequence[Recontext]],
    changed: Collection[str],
) -> PackRequirement:
    themes = tuple((s.item, s.label) for s in r.supports if s.kind == "category")
    return PackRequirement(
        r.requirement.id, r.requirement.key, r.requirement.statement, r.requirement.moscow,
        r.requirement.status, r.requirement.acceptance, r.requirement.feasibility, r.requirement.owner,
        r.requirement.basis, r.requirement.basis_note,
        themes,
        tuple(s.label if s.kind == "category" else s.kind for s in r.against),
        sum(len(challenged.get(theme, ())) for theme, _ in themes),
        tuple(s.label for s in r.supports if s.kind == "idea"),
        r.people, _named(r.groups, names),
        tuple(name for _, name in r.components), r.is_held_up, r.requirement.id in changed,
    )  # fmt: skip


def _frozen(conn: Connection, version: Version) -> Frozen:
    """A version read back from what it keeps of each item, and of what that rested on."""
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
        version, matrix, tuple(_pack_requirement(v, names, challenged, ()) for v in views),
        build_strip(matrix, views, answers),
    )  # fmt: skip


@requires(Action.READ_THEMES)
def meeting_pack(ctx: Context, meeting: str | None = None) -> Pack:
    """The pack of a meeting; without one, of the next meeting that has something open, else the last."""
    with ctx.read() as conn:
        meetings = queries.records(conn, Session, kind="meeting", order="date, title")
        decisions = load_decisions(conn)
        if meeting is None:
            open_at = [d.meeting for d in decisions if d.is_open and d.meeting]
            meeting = next((m.id for m in meetings if m.id in open_at), meetings[-1].id if meetings else None)
        found = next((m for m in meetings if m.id == meeting), None)
        views = load_categories(conn)
        requirements = as_released(conn, load_requirements(conn))
        matrix = released_matrix(conn, whole_matrix(conn, views))
        people = sum(sample_sizes(queries.participants(conn).values(), queries.groups(conn)).values())
        changed = {item for d in decisions for item, _ in d.changed_since}
        names, challenged, versions = released_groups(conn), open_challenges(conn), load_versions(conn)
        return Pack(
            found,
            tuple(d for d in decisions if (d.meeting == meeting or d.meeting is None) and not d.outcome),
            tuple(d for d in decisions if d.outcome),
            tuple(_brief(conn, v, matrix, requirements) for v in views),
            matrix,
            tuple(_pack_requirement(r, names, challenged, changed) for r in requirements),
            tuple(versions),
            _frozen(conn, versions[-1]) if versions else None,
            build_strip(matrix, requirements, _answers(conn)),
            people if matrix.is_exact else None, smallest_counted(conn),
        )  # fmt: skip
