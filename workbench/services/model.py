"""From themes to the model: ideas, requirements, components and frozen prototype versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.people import heard, told, top_group
from workbench.domain.records import Category, Component, Member, Requirement, Session
from workbench.domain.roles import Action, can
from workbench.domain.trace import (
    Edge,
    ensure_acyclic,
    ensure_link,
)
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires
from .synthesis import few_groups, load_categories, smallest_counted

BASES = ("theme", "unit", "idea", "law", "evidence", "practice", "decision")
# Bases that rest on something outside the project, which the note names.
OUTSIDE = ("law", "evidence", "practice")
MOSCOW = ("must", "should", "could", "wont")
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
class RequirementView:
    requirement: Requirement
    supports: tuple[Support, ...]
    against: tuple[Support, ...]
    components: tuple[tuple[str, str], ...]  # (id, name) of those that realise it
    decided: tuple[tuple[str, str], ...]  # (decision id, key)
    people: int | None  # informants in the units it rests on, through its themes; None where not to be told
    groups: tuple[str, ...]  # their top groups
    is_held_up: bool  # by a theme, unit, idea, decision, or a named law, practice or evidence


@dataclass(frozen=True, slots=True)
class Idea:
    id: str
    rev: int
    text: str
    session: str | None
    session_title: str
    stakeholder_group: str | None
    group_name: str


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
    ensure_link(type, kind_of(work.connection, src), kind_of(work.connection, dst))
    found = work.live("link", type=type, src=src, dst=dst)
    if found:
        work.update("link", found[0]["id"], {"role": role})
        return str(found[0]["id"])
    edges = [Edge(r["type"], r["src"], r["dst"]) for r in work.live("link")]
    ensure_acyclic(edges, Edge(type, src, dst))
    return work.insert(
        "link", {"id": ctx.new_id(), "type": type, "src": src, "dst": dst, "role": role, "note": note}
    )


# -- ideas ----------------------------------------------------------------------------------------------


@requires(Action.MODEL)
def add_idea(
    ctx: Context, *, text: str, session: str | None = None, stakeholder_group: str | None = None
) -> str:
    """Keep a workshop's own idea with its origin; returns its id."""
    if not text.strip():
        raise Refused("idea.needs_text")
    with ctx.write("add_idea") as work:
        row = {
            "id": ctx.new_id(),
            "session": session,
            "stakeholder_group": stakeholder_group,
            "text": text.strip(),
        }
        work.ids = {"idea": row["id"]}
        return work.insert("idea", row)


@requires(Action.MODEL)
def list_ideas(ctx: Context) -> list[Idea]:
    with ctx.read() as conn:
        sessions = {s.id: s.title for s in queries.records(conn, Session)}
        groups = {g.id: g.name for g in queries.groups(conn).values()}
        return [
            Idea(
                r["id"],
                r["rev"],
                r["text"],
                r["session"],
                sessions.get(r["session"], ""),
                r["stakeholder_group"],
                groups.get(r["stakeholder_group"], ""),
            )
            for r in queries.live(conn, "idea")
        ]


@dataclass(frozen=True, slots=True)
class Ground:
    """Something a requirement may rest on, named without any participant's words."""

    id: str
    kind: str  # category | idea | evidence | decision
    label: str


@requires(Action.MODEL)
def list_grounds(ctx: Context) -> list[Ground]:
    """Themes, ideas, literature and decisions of the project, in this order."""
    with ctx.read() as conn:
        categories = queries.records(conn, Category, order="position")
        decisions = sorted(queries.live(conn, "decision"), key=lambda d: str(d["key"]))
        return [
            *(Ground(c.id, "category", c.heading) for c in categories),
            *(Ground(r["id"], "idea", r["text"]) for r in queries.live(conn, "idea")),
            *(Ground(r["id"], "evidence", r["title"]) for r in queries.live(conn, "evidence")),
            *(Ground(d["id"], "decision", f"{d['key']} {d['question']}") for d in decisions if d["outcome"]),
        ]


@requires(Action.MODEL)
def list_origins(ctx: Context) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Where an idea may come from: (workshops as (id, title), top stakeholder groups as (id, name))."""
    with ctx.read() as conn:
        workshops = queries.records(conn, Session, kind="workshop", order="date, title")
        return (
            [(w.id, w.title) for w in workshops],
            [(g.id, g.name) for g in queries.groups(conn).values() if g.parent is None],
        )


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
    with ctx.write("add_requirement") as work:
        row = {"id": ctx.new_id(), "key": work.next_key("requirement", "REQ"), "rationale": "", "basis": "theme",
               "basis_note": "", "moscow": "", "acceptance": "", "feasibility": "", "owner": "", "status": status,
               **_checked({"statement": statement, **fields})}  # fmt: skip
        work.insert("requirement", row)
        work.ids = {"requirement": row["id"]}
        for role, items in (("supports", based_on), ("contradicts", against)):
            for item in items:
                add_link(ctx, work, "based_on", str(row["id"]), item, role)
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
        work.update("requirement", requirement, {"status": status}, rev=rev)


@requires(Action.MODEL)
def retire_requirement(ctx: Context, requirement: str) -> None:
    """Take a requirement out with what it was based on. Refused while a component realises it or a decision
    was taken on it; park or reject it instead."""
    with ctx.write("retire_requirement") as work:
        work.ids = {"requirement": requirement}
        if work.live("link", dst=requirement):
            raise Refused("requirement.in_use")
        for link in work.live("link", src=requirement):
            work.retire("link", link["id"])
        work.retire("requirement", requirement)


@requires(Action.MODEL)
def support_requirement(ctx: Context, requirement: str, item: str, *, role: str = "supports") -> str:
    """Say that a requirement rests on a theme, unit, idea, evidence or decision, or that it speaks against it."""
    with ctx.write("support_requirement") as work:
        work.ids = {"requirement": requirement}
        return add_link(ctx, work, "based_on", requirement, item, role)


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


def load_requirements(conn: Connection) -> list[RequirementView]:
    names = queries.trace.labels(conn)
    themes = {v.category.id: v for v in load_categories(conn)}
    links = queries.live(conn, "link")
    texts = {u.id: u for u in queries.units(conn, linked=True)}
    groups, people = queries.groups(conn), queries.participants(conn)
    views = []
    for r in queries.records(conn, Requirement, order="key"):
        mine = [x for x in links if x["src"] == r.id and x["type"] == "based_on"]
        sides: dict[str, list[Support]] = {"supports": [], "contradicts": []}
        for x in mine:
            sides[x["role"]].append(Support(x["id"], x["dst"], *names.get(x["dst"], ("", "")), x["role"]))
        units = []
        for s in sides["supports"]:
            if s.kind == "category" and s.item in themes:
                units += [card.unit for card in themes[s.item].cards]
            elif s.kind == "unit" and s.item in texts:
                units.append(texts[s.item])
        said_by = heard((u.words_of, u.participants) for u in units)
        tops = {top_group(people[p].stakeholder_group, groups) for p in said_by}
        views.append(
            RequirementView(
                r,
                tuple(sides["supports"]),
                tuple(sides["contradicts"]),
                tuple(
                    (x["src"], names[x["src"]][1])
                    for x in links
                    if x["dst"] == r.id and x["type"] == "realises"
                ),
                tuple(
                    (x["src"], names[x["src"]][1])
                    for x in links
                    if x["dst"] == r.id and x["type"] == "decides"
                ),
                len(said_by),
                tuple(g for g in groups if g in tops),
                is_held_up(r, bool(sides["supports"])),
            )
        )
    return views


def as_released(conn: Connection, views: Sequence[RequirementView]) -> list[RequirementView]:
    """Requirements as those see them who read no source: a unit or source by its kind alone, and no number of
    people that points at somebody."""
    few, k_min = few_groups(conn), smallest_counted(conn)

    def named(supports: tuple[Support, ...]) -> tuple[Support, ...]:
        return tuple(
            replace(s, label=t(f"kind.{s.kind}")) if s.kind in ("unit", "source") else s for s in supports
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
