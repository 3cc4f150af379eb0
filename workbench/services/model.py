"""From themes to the model: ideas, requirements, components and frozen prototype versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from workbench.domain.errors import Refused
from workbench.domain.people import heard, told, top_group
from workbench.domain.records import Category, Component, Member, Requirement, Session
from workbench.domain.roles import Action, can
from workbench.domain.stc import without_tokens
from workbench.domain.trace import (
    MEANING,
    Edge,
    ensure_acyclic,
    ensure_link,
    fingerprint,
    support_fingerprint,
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


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    n: int
    label: str
    note: str
    frozen_at: str


def _kind(conn: Connection, item: str) -> str:
    kind = queries.trace.kind_of(conn, item)
    if kind is None:
        raise Refused("error.gone", kind="item")
    return kind


def add_link(
    ctx: Context, work: UnitOfWork, type: str, src: str, dst: str, role: str = "supports", note: str = ""
) -> str:
    """A checked link; returns its id. Between the same two there is one: its role becomes the one given."""
    ensure_link(type, _kind(work.connection, src), _kind(work.connection, dst))
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
        kind = _kind(work.connection, row["src"])
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


# -- versions ---------------------------------------------------------------------------------------------


def item_fields(conn: Connection, item: str) -> tuple[str, Row]:
    """(kind, meaning-bearing fields) of a theme, requirement, component, idea or evidence."""
    kind = _kind(conn, item)
    row = queries.trace.row_of(conn, kind, item)
    return kind, {name: row[name] for name in MEANING[kind]}


def _kept_fields(conn: Connection, item: str) -> Row:
    """What a version keeps of an item: its kind, its key if it is read by one, and what it says."""
    kind, fields = item_fields(conn, item)
    key = {"key": queries.trace.key_of(conn, item)} if kind in ("requirement", "component") else {}
    return {"kind": kind, **key, **fields}


def support_of(conn: Connection, item: str) -> Row:
    """What an item rests on, without anybody's words: {"fp": ..., "basis": [[item, fingerprint, role], ...]}.

    A theme rests on its units, each known by the keyed digest of its words."""
    basis: list[tuple[str, str, str]] = []
    for r in queries.trace.basis(conn, item):
        if r["mac"]:
            basis.append((r["dst"], r["mac"], r["role"]))
        elif r["kind"] in MEANING:
            basis.append((r["dst"], fingerprint(*item_fields(conn, r["dst"])), r["role"]))
    return {"fp": support_fingerprint(basis), "basis": sorted(basis)}


def _items_behind(conn: Connection, components: Sequence[ComponentView]) -> list[str]:
    """The components, the requirements they answer and the themes those are based on, each once."""
    items = [c.component.id for c in components]
    items += dict.fromkeys(r[0] for c in components for r in c.requirements)
    for requirement in items[len(components) :]:
        items += queries.trace.themes_of(conn, requirement)
    return list(dict.fromkeys(items))


@requires(Action.MODEL)
def freeze_version(
    ctx: Context,
    *,
    label: str,
    note: str = "",
    components: Sequence[str] | None = None,
    at: str | None = None,
) -> str:
    """Freeze the components, the requirements they answer and the themes behind them as they are now.

    Fields and fingerprints are kept, never a quote or a condensate. Returns the version's id."""
    if not label.strip():
        raise Refused("version.needs_label")
    with ctx.write("freeze_version") as work:
        conn = work.connection
        chosen = [c for c in load_components(conn) if components is None or c.component.id in components]
        if not chosen:
            raise Refused("version.no_components")
        n = queries.trace.last_version(conn) + 1
        version = ctx.new_id()
        row = {"id": version, "n": n, "label": label.strip(), "note": note.strip(),
               "frozen_at": at or ctx.now().isoformat(timespec="seconds")}  # fmt: skip
        work.insert("version", row)
        work.ids = {"version": version}
        kept = []
        for item in _items_behind(conn, chosen):
            fields = _kept_fields(conn, item)
            kept.append(
                {"version": version, "item": item, "fp": fingerprint(*item_fields(conn, item)),
                 "fields_json": json.dumps(fields, ensure_ascii=False),
                 "support_json": json.dumps(support_of(conn, item))}
            )  # fmt: skip
        work.insert_only("version_row", kept)
        return version


@requires(Action.READ_THEMES)
def next_version(ctx: Context) -> int:
    """The number the next frozen version gets; one that was undone is not given again."""
    with ctx.read() as conn:
        return queries.trace.last_version(conn) + 1


@requires(Action.READ_THEMES)
def list_versions(ctx: Context) -> list[Version]:
    with ctx.read() as conn:
        return load_versions(conn)


def load_versions(conn: Connection) -> list[Version]:
    return [
        Version(r["id"], r["n"], r["label"], r["note"], r["frozen_at"])
        for r in sorted(queries.live(conn, "version"), key=lambda r: int(r["n"]))
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison. `words` are (op, text) pieces with op same | ins | del for what changed."""

    change: str  # added | removed | changed | evidence | same
    kind: str
    item: str
    label: str
    words: tuple[tuple[str, str], ...] = ()
    came: int = 0  # pieces of evidence that came, for "unchanged, but its evidence changed"
    went: int = 0
    reworded: int = 0  # of those that came and went: the same item, reading otherwise


def word_diff(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Word by word: (same | ins | del, text)."""
    a, b = old.split(), new.split()
    pieces: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(("same", " ".join(a[i1:i2])))
        else:
            if i2 > i1:
                pieces.append(("del", " ".join(a[i1:i2])))
            if j2 > j1:
                pieces.append(("ins", " ".join(b[j1:j2])))
    return tuple(pieces)


@requires(Action.READ_THEMES)
def compare_versions(ctx: Context, old: str, new: str | None) -> list[Difference]:
    """What changed from one frozen version to another, or (None) to the model as it is now."""
    with ctx.read() as conn:

        def frozen(version: str) -> dict[str, tuple[Row, str, Row]]:
            return {
                r["item"]: (json.loads(r["fields_json"]), r["fp"], json.loads(r["support_json"]))
                for r in queries.trace.frozen(conn, version)
            }

        def now() -> dict[str, tuple[Row, str, Row]]:
            return {
                item: (
                    _kept_fields(conn, item),
                    fingerprint(*item_fields(conn, item)),
                    support_of(conn, item),
                )
                for item in _items_behind(conn, load_components(conn))
            }

        before, after = frozen(old), frozen(new) if new else now()
    rows = []
    order = {"component": 0, "requirement": 1, "category": 2}
    for item in dict.fromkeys([*before, *after]):
        fields = (after.get(item) or before[item])[0]
        kind, label = fields["kind"], _version_label(fields)
        if item not in before:
            rows.append(Difference("added", kind, item, label))
        elif item not in after:
            rows.append(Difference("removed", kind, item, label))
        elif before[item][1] != after[item][1]:
            words: list[tuple[str, str]] = []
            for name in MEANING[kind]:
                if before[item][0][name] != after[item][0][name]:
                    words += word_diff(_plain(before[item][0][name]), _plain(after[item][0][name]))
            rows.append(Difference("changed", kind, item, label, tuple(words)))
        elif before[item][2]["fp"] != after[item][2]["fp"]:
            a, b = ({tuple(x) for x in side[item][2]["basis"]} for side in (before, after))
            both = {x[0] for x in b - a} & {x[0] for x in a - b}
            rows.append(
                Difference(
                    "evidence", kind, item, label, came=len(b - a), went=len(a - b), reworded=len(both)
                )
            )
        else:
            rows.append(Difference("same", kind, item, label))
    return sorted(rows, key=lambda d: (order.get(d.kind, 9), d.label))


def _plain(value: object) -> str:
    return without_tokens(str(value))


def _version_label(fields: Row) -> str:
    if fields["kind"] == "requirement":
        return f"{fields['key']} {fields['statement']}"
    return str(fields.get("name") or fields.get("heading") or "")
