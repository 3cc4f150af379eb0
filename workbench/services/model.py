"""From themes to the model: what a requirement rests on, requirements, and components of the prototype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.people import heard, told, top_group
from workbench.domain.records import Category, Component, Member, Requirement
from workbench.domain.roles import Action, can
from workbench.domain.trace import (
    Edge,
    ensure_acyclic,
    ensure_link,
)
from workbench.domain.unit_ids import meant, short_ids
from workbench.language import t
from workbench.store import erasing, queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row, UnitOfWork

from .coding import load_cards
from .consequences import retire_consequences
from .context import Context, requires

# Ideas stand in a module of their own; those who ask for them here find them.
from .ideas import add_idea as add_idea
from .ideas import list_ideas as list_ideas
from .own_evidence import ensure_not_own_evidence
from .synthesis import few_groups, smallest_counted
from .trust import accept_reviews, load_trust, sentences

BASES = ("theme", "unit", "idea", "law", "evidence", "practice", "decision", "feedback")
# Bases that rest on something outside the project, which the note names.
OUTSIDE = ("law", "evidence", "practice")
MOSCOW = ("must", "should", "could", "wont")
ROLES = ("supports", "contradicts")
STATUSES = ("draft", "proposed", "accepted", "parked", "rejected")


@dataclass(frozen=True, slots=True)
class Support:
    """One thing a requirement rests on, or that speaks against it."""

    link: str
    item: str
    kind: str
    label: str
    role: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another requirement that cannot well be met together with this one; the link is told of at both."""

    link: str
    id: str
    key: str
    statement: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    requirement: Requirement
    supports: tuple[Support, ...]
    against: tuple[Support, ...]
    components: tuple[tuple[str, str], ...]  # (id, name) of those that realise it
    decided: tuple[tuple[str, str], ...]  # (decision id, key)
    people: int | None  # informants in the units it rests on, through its themes; None where not to be told
    groups: tuple[str, ...]  # their top groups
    is_held_up: bool  # by a theme, unit, idea, decision, or a named law, practice or evidence
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentView:
    component: Component
    requirements: tuple[tuple[str, str, str], ...]  # (id, key, statement)


def kind_of(conn: Connection, item: str) -> str:
    """What kind of thing an id is; raises Refused where there is none."""
    kind = queries.trace.kind_of(conn, item)
    if kind is None:
        raise Refused("error.gone", kind="item")
    return kind


def add_link(
    ctx: Context, work: UnitOfWork, type: str, src: str, dst: str, role: str = "supports", note: str = ""
) -> str:
    """A checked link; returns its id. Between the same two there is one: its role becomes the one given."""
    if role not in ROLES:
        raise Refused("trace.unknown_role", role=role)
    ensure_link(type, kind_of(work.connection, src), kind_of(work.connection, dst))
    found = work.live("link", type=type, src=src, dst=dst)
    if found:
        work.update("link", found[0]["id"], {"role": role})
        return str(found[0]["id"])
    edges = [Edge(r["type"], r["src"], r["dst"]) for r in work.live("link")]
    ensure_acyclic(edges, Edge(type, src, dst))
    if type == "based_on":
        ensure_not_own_evidence(work.connection, src, dst)
        if erasing.is_unit_withdrawn(work.connection, dst):
            raise Refused("withdraw.not_a_ground")
    return work.insert(
        "link", {"id": ctx.new_id(), "type": type, "src": src, "dst": dst, "role": role, "note": note}
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """Something a requirement may rest on, named without any participant's words."""

    id: str
    kind: str  # category | idea | evidence | decision
    label: str


@requires(Action.MODEL)
def list_grounds(ctx: Context) -> list[Ground]:
    """Themes, ideas, literature, decisions and feedback of the project, in this order."""
    with ctx.read() as conn:
        categories = queries.records(conn, Category, order="position")
        decisions = sorted(queries.live(conn, "decision"), key=lambda d: str(d["key"]))
        return [
            *(Ground(c.id, "category", c.heading) for c in categories),
            *(Ground(r["id"], "idea", r["text"]) for r in queries.live(conn, "idea")),
            *(Ground(r["id"], "evidence", r["title"]) for r in queries.live(conn, "evidence")),
            *(Ground(d["id"], "decision", f"{d['key']} {d['question']}") for d in decisions if d["outcome"]),
            *(Ground(r["id"], "feedback", f"{r['key']} {r['text']}") for r in queries.live(conn, "feedback")),
        ]


# -- requirements ---------------------------------------------------------------------------------------

_FIELDS = ("statement", "rationale", "basis", "basis_note", "moscow", "acceptance", "feasibility", "owner")


def _checked(fields: Mapping[str, str]) -> Row:
    row = {name: str(value).strip() for name, value in fields.items() if name in _FIELDS}
    if "statement" in row and not row["statement"]:
        raise Refused("requirement.needs_statement")
    if row.get("basis", "theme") not in BASES:
        raise Refused("requirement.unknown_basis", basis=row["basis"])
    if row.get("moscow", "") not in ("", *MOSCOW):
        raise Refused("requirement.unknown_moscow", moscow=row["moscow"])
    return row


@requires(Action.MODEL)
def add_requirement(
    ctx: Context,
    /,
    *,
    statement: str,
    based_on: Sequence[str] = (),
    against: Sequence[str] = (),
    status: str = "draft",
    **fields: str,
) -> str:
    """Write "the model must ..."; returns its id. `based_on` and `against` are ids of themes, units, ideas,
    evidence or decisions."""
    if status not in STATUSES:
        raise Refused("requirement.unknown_status", status=status)
    with ctx.write("add_requirement") as work:
        row = {"id": ctx.new_id(), "key": work.next_key("requirement", "REQ"), "rationale": "", "basis": "theme",
               "basis_note": "", "moscow": "", "acceptance": "", "feasibility": "", "owner": "", "status": status,
               **_checked({"statement": statement, **fields})}  # fmt: skip
        work.insert("requirement", row)
        work.ids = {"requirement": row["id"]}
        for role, items in (("supports", based_on), ("contradicts", against)):
            for item in items:
                add_link(ctx, work, "based_on", str(row["id"]), item, role)
        if status == "accepted":
            accept_reviews(ctx, work, [str(row["id"])], "accepted")
        return str(row["id"])


@requires(Action.MODEL)
def change_requirement(ctx: Context, /, requirement: str, *, rev: int, **fields: str) -> None:
    """Change some of a requirement's fields; raises StaleEdit if somebody was faster."""
    with ctx.write("change_requirement") as work:
        work.ids = {"requirement": requirement}
        work.update("requirement", requirement, _checked(fields), rev=rev)


@requires(Action.MODEL)
def set_requirement_status(ctx: Context, requirement: str, status: str, *, rev: int | None = None) -> None:
    """draft, proposed, accepted, parked or rejected; with `rev`, only if unchanged since."""
    if status not in STATUSES:
        raise Refused("requirement.unknown_status", status=status)
    with ctx.write("set_requirement_status") as work:
        work.ids = {"requirement": requirement}
        was = work.get("requirement", requirement)["status"]
        work.update("requirement", requirement, {"status": status}, rev=rev)
        if status == "accepted" != was:  # accepting is looking at it, and at all that it rests on
            accept_reviews(ctx, work, [requirement], "accepted")


@requires(Action.MODEL)
def retire_requirement(ctx: Context, requirement: str) -> None:
    """Take a requirement out with what it was based on, what it means for others and what it conflicts with.
    Refused while a component realises it or a decision was taken on it; park or reject it instead."""
    with ctx.write("retire_requirement") as work:
        work.ids = {"requirement": requirement}
        above = work.live("link", dst=requirement)
        if any(link["type"] != "conflicts" for link in above):
            raise Refused("requirement.in_use")
        for link in (*above, *work.live("link", src=requirement)):
            work.retire("link", link["id"])
        retire_consequences(work, requirement)
        work.retire("requirement", requirement)


@requires(Action.MODEL)
def support_requirement(ctx: Context, requirement: str, item: str, *, role: str = "supports") -> str:
    """Say that a requirement rests on a theme, unit, idea, evidence or decision, or that it speaks against it."""
    with ctx.write("support_requirement") as work:
        work.ids = {"requirement": requirement}
        return add_link(ctx, work, "based_on", requirement, item, role)


@requires(Action.MODEL)
def support_by_card(ctx: Context, requirement: str, typed: str) -> str:
    """Let a requirement rest on the meaning unit whose short id, as it is printed on its card, was typed."""
    with ctx.read() as conn:
        short = short_ids(u["id"] for u in queries.live(conn, "unit"))
    unit = next((id for id, code in short.items() if code == meant(typed)), None)
    if unit is None:
        raise Refused("requirement.unknown_card")
    return support_requirement(ctx, requirement, unit)


@requires(Action.MODEL)
def add_conflict(ctx: Context, requirement: str, other: str, *, note: str = "") -> str:
    """Say that two requirements cannot well be met together; one link between them, whichever way it was said."""
    if requirement == other:
        raise Refused("requirement.conflict_self")
    with ctx.write("add_conflict") as work:
        work.ids = {"requirement": requirement}
        for one in (requirement, other):
            work.get("requirement", one)
        back = work.live("link", type="conflicts", src=other, dst=requirement)
        src, dst = (other, requirement) if back else (requirement, other)
        link = add_link(ctx, work, "conflicts", src, dst, note=note.strip())
        if note.strip():
            work.update("link", link, {"note": note.strip()})
        return link


@requires(Action.MODEL)
def retire_link(ctx: Context, link: str) -> None:
    with ctx.write("retire_link") as work:
        row = work.get("link", link)
        kind = kind_of(work.connection, row["src"])
        work.ids = {kind: row["src"]}
        work.retire("link", link)
        if kind == "component":
            work.touch("component", row["src"])


def is_held_up(requirement: Requirement, supported: bool) -> bool:
    """Whether something supports it, or it names a law, practice or the like that is no link."""
    return supported or (requirement.basis in OUTSIDE and bool(requirement.basis_note))


def _units_of(conn: Connection, links: Sequence[Row]) -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Theme or unit that something rests on -> (whose words, participants) of the units that it stands for."""
    if not links:
        return {}
    group_of: dict[str, list[str]] = {}  # code group -> its themes
    for c in queries.records(conn, Category):
        group_of.setdefault(c.code_group, []).append(c.id)
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for card in load_cards(conn):
        said = (card.unit.words_of, card.unit.participants)
        found[card.unit.id] = [said]
        for p in card.placements:
            if p.set_aside is None:
                for theme in group_of.get(p.code_group, ()):
                    found.setdefault(theme, []).append(said)
    wanted = {x["dst"] for x in links}
    return {id: tuple(units) for id, units in found.items() if id in wanted}


def load_requirements(conn: Connection) -> list[RequirementView]:
    """Every requirement by its key, with what holds it up; a few reads, however many there are."""
    links = [
        x for x in queries.live(conn, "link") if x["type"] in ("based_on", "realises", "decides", "conflicts")
    ]
    names = queries.trace.labels(conn, {x["dst"] for x in links} | {x["src"] for x in links})
    based = [x for x in links if x["type"] == "based_on"]
    units = _units_of(conn, based)
    groups, people = queries.groups(conn), queries.participants(conn)
    order = {g: n for n, g in enumerate(groups)}
    requirements = queries.records(conn, Requirement, order="key")
    known = {r.id: r for r in requirements}
    supports: dict[tuple[str, str], list[Support]] = {}
    above: dict[tuple[str, str], list[tuple[str, str]]] = {}
    conflicts: dict[str, dict[str, Conflict]] = {}
    for x in links:
        if x["type"] == "based_on":
            named = names.get(x["dst"], ("", ""))
            supports.setdefault((x["src"], x["role"]), []).append(
                Support(x["id"], x["dst"], *named, x["role"])
            )
        elif x["type"] == "conflicts":
            for one, other in ((x["src"], x["dst"]), (x["dst"], x["src"])):
                if other in known:
                    r = known[other]
                    conflicts.setdefault(one, {})[other] = Conflict(
                        x["id"], other, r.key, r.statement, r.status, x["note"]
                    )
        elif x["src"] in names:
            above.setdefault((x["dst"], x["type"]), []).append((x["src"], names[x["src"]][1]))
    views = []
    for r in requirements:
        held = tuple(supports.get((r.id, "supports"), ()))
        said_by = heard(u for s in held for u in units.get(s.item, ()))
        tops = {top for p in said_by if (top := top_group(people[p].stakeholder_group, groups)) is not None}
        views.append(
            RequirementView(
                r,
                held,
                tuple(supports.get((r.id, "contradicts"), ())),
                tuple(above.get((r.id, "realises"), ())),
                tuple(above.get((r.id, "decides"), ())),
                len(said_by),
                tuple(sorted(tops, key=order.__getitem__)),
                is_held_up(r, bool(held)),
                tuple(sorted(conflicts.get(r.id, {}).values(), key=lambda c: c.key)),
            )
        )
    return views


def as_released(conn: Connection, views: Sequence[RequirementView]) -> list[RequirementView]:
    """Requirements as those see them who read no source: a unit or source by its kind alone, and no number of
    people that points at somebody."""
    few, k_min = few_groups(conn), smallest_counted(conn)

    def named(supports: tuple[Support, ...]) -> tuple[Support, ...]:
        return tuple(
            replace(s, item="", label=t(f"kind.{s.kind}")) if s.kind in ("unit", "source") else s
            for s in supports
        )

    return [
        replace(
            v, supports=named(v.supports), against=named(v.against), people=told(v.people or 0, few, k_min)
        )
        for v in views
    ]


def requirements_for(conn: Connection, member: Member) -> list[RequirementView]:
    views = load_requirements(conn)
    return views if can(member.role, Action.READ_SOURCES) else as_released(conn, views)


@requires(Action.MODEL)
def list_requirements(ctx: Context) -> list[RequirementView]:
    with ctx.read() as conn:
        return requirements_for(conn, ctx.member)


@requires(Action.MODEL)
def requirement_trust(ctx: Context) -> dict[str, tuple[str, str]]:
    """Requirement -> (state, the sentence about it) for those whose state has something to say."""
    with ctx.read() as conn:
        trust = load_trust(conn)
        states = {r.id: trust.of(r.id).state for r in queries.records(conn, Requirement)}
        said = {id: state for id, state in states.items() if state not in ("draft", "reviewed")}
        return {id: (said[id], text) for id, text in sentences(conn, trust, [*said]).items()} if said else {}


# -- components -------------------------------------------------------------------------------------------


@requires(Action.MODEL)
def add_component(ctx: Context, *, name: str, description: str = "", realises: Sequence[str] = ()) -> str:
    """Add a component of the prototype and the requirements it answers; returns its id."""
    if not name.strip():
        raise Refused("component.needs_name")
    with ctx.write("add_component") as work:
        row = {"id": ctx.new_id(), "key": work.next_key("component", "CMP"), "name": name.strip(),
               "description": description.strip(),
               "position": work.next_position("component")}  # fmt: skip
        work.insert("component", row)
        work.ids = {"component": row["id"]}
        for requirement in realises:
            add_link(ctx, work, "realises", str(row["id"]), requirement)
        return str(row["id"])


@requires(Action.MODEL)
def change_component(
    ctx: Context,
    component: str,
    *,
    rev: int,
    name: str,
    description: str,
    realises: Sequence[str] | None = None,
) -> None:
    """Change a component; with `realises`, exactly these requirements are answered by it.

    What it answers is part of it: a list drawn before somebody changed it is refused as stale."""
    if not name.strip():
        raise Refused("component.needs_name")
    with ctx.write("change_component") as work:
        work.ids = {"component": component}
        work.update(
            "component", component, {"name": name.strip(), "description": description.strip()}, rev=rev
        )
        if realises is not None:
            before = {link["dst"]: link["id"] for link in work.live("link", src=component, type="realises")}
            for requirement in before.keys() - set(realises):
                work.retire("link", before[requirement])
            for requirement in realises:
                add_link(ctx, work, "realises", component, requirement)
            if before.keys() != set(realises):
                work.touch("component", component)


@requires(Action.MODEL)
def retire_component(ctx: Context, component: str) -> None:
    """Take a component out of the model; frozen versions keep it as it was."""
    with ctx.write("retire_component") as work:
        work.ids = {"component": component}
        for link in work.live("link", src=component):
            work.retire("link", link["id"])
        work.retire("component", component)


def load_components(conn: Connection) -> list[ComponentView]:
    answered_by: dict[str, list[str]] = {}
    for link in queries.live(conn, "link", type="realises"):
        answered_by.setdefault(link["dst"], []).append(link["src"])
    realised: dict[str, list[tuple[str, str, str]]] = {}
    for r in queries.records(conn, Requirement, order="key"):
        for component in answered_by.get(r.id, ()):
            realised.setdefault(component, []).append((r.id, r.key, r.statement))
    return [
        ComponentView(c, tuple(realised.get(c.id, ())))
        for c in queries.records(conn, Component, order="position, key")
    ]


@requires(Action.READ_THEMES)
def list_components(ctx: Context) -> list[ComponentView]:
    with ctx.read() as conn:
        return load_components(conn)
