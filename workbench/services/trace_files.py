"""The trace as tables to take along: what rests on what as a matrix, every path as rows, requirements and changes.

To those who read no source a unit is told by its kind, and no number of people points at somebody."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from workbench.domain.errors import Refused
from workbench.domain.records import Category
from workbench.domain.roles import Action, can
from workbench.domain.stc import without_tokens
from workbench.exporters.characters import may_be_formula
from workbench.language import day, t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import trace_files as trace_reads
from workbench.store.unit_of_work import Row

from . import projects, trust
from .change_table import list_changes
from .consequences import ASPECTS, load_consequences
from .context import Context, requires
from .model import RequirementView, Support, load_components, requirements_for
from .synthesis import released_groups

KINDS = ("matrix", "requirements", "changes", "paths")
FORMATS = {
    "matrix": (".xlsx", ".csv"),
    "requirements": (".xlsx", ".csv"),
    "changes": (".xlsx", ".csv"),
    "paths": (".csv",),
}
MOST_PATHS = 500_000
# Columns of the path rows, from what was decided to what somebody said; a kind stands in one of them.
_LEVELS = ("decision", "component", "requirement", "category", "ground")
_LEVEL = {kind: n for n, kind in enumerate(_LEVELS)}

Grid = tuple[Sequence[str], list[Sequence[str | int | None]]]


@requires(Action.EXPORT_RELEASED)
def trace_file(ctx: Context, kind: str, suffix: str) -> bytes:
    """A file of a kind (KINDS) for an ending (FORMATS); kept as a release. Raises Refused for another kind or ending, or
    where there is nothing to put in it."""
    suffix = suffix.lower()
    if suffix not in FORMATS.get(kind, ()):
        raise Refused("trace_files.unknown", kind=kind, suffix=suffix)
    if kind == "paths":
        data, items = _paths(ctx)
    else:
        make: Mapping[str, Callable[[Context], tuple[Grid, list[str]]]] = {
            "matrix": _matrix, "requirements": _requirements, "changes": _changes
        }  # fmt: skip
        grid, items = make[kind](ctx)
        if not grid[1]:
            raise Refused(f"trace_files.nothing.{kind}")
        data = _as_csv(grid) if suffix == ".csv" else _as_xlsx(ctx, kind, grid)
    return ctx.keep_release(f"trace_{kind}", data, items)


# -- as a file ----------------------------------------------------------------------------------------------


def _cell(value: str | int | None) -> str | int:
    """A cell of a CSV: an apostrophe keeps a spreadsheet from taking text for a formula."""
    if isinstance(value, str) and may_be_formula(value):
        return f"'{value}"
    return "" if value is None else value


def _as_csv(grid: Grid) -> bytes:
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(grid[0])
    write.writerows([_cell(v) for v in row] for row in grid[1])
    # The mark at the beginning tells Excel that this is UTF-8; a lone surrogate has no place in it.
    return out.getvalue().encode("utf-8-sig", "replace")


_WIDTHS = {
    "statement": 60,
    "possible": 44,
    "agreed": 44,
    "why": 44,
    "based_on": 44,
    "against": 30,
    "acceptance": 44,
}


def _as_xlsx(ctx: Context, kind: str, grid: Grid) -> bytes:
    from workbench.exporters.spreadsheet import Column, Sheet, workbook

    by_title = {t(f"trace_files.col.{name}"): width for name, width in _WIDTHS.items()}
    columns = tuple(Column(title, by_title.get(title, 16)) for title in grid[0])
    p = projects.project_summary(ctx)
    about = [
        (t("exporting.xlsx.project"), p.name),
        (t("exporting.xlsx.made"), t("exporting.docx.made", day=day(ctx.now()), by=ctx.member.name)),
        (t("trace_files.read"), t(f"trace_files.{kind}.read")),
    ]
    if p.invented:
        about.insert(1, (t("exporting.invented"), t("exporting.docx.invented_long")))
    title = t(f"trace_files.{kind}")
    sheet = Sheet(title, columns, tuple(tuple(row) for row in grid[1]))
    return workbook([sheet], title=f"{p.name}: {title}", about=about)


def _heads(*names: str) -> list[str]:
    return [t(f"trace_files.col.{n}") for n in names]


# -- the tables ---------------------------------------------------------------------------------------------


def _groups(conn: Connection, ctx: Context, ids: Iterable[str]) -> str:
    """Names of groups as this member may know them."""
    if can(ctx.member.role, Action.READ_SOURCES):
        known = {g.id: g.name for g in queries.groups(conn).values()}
    else:
        known = {id: name for id, (_, name) in released_groups(conn).items()}
    return ", ".join(dict.fromkeys(known[g] for g in ids if g in known))


def _matrix(ctx: Context) -> tuple[Grid, list[str]]:
    """A row for each requirement; a column for each theme, then for each component."""
    with ctx.read() as conn:
        views = requirements_for(conn, ctx.member)
        themes = queries.records(conn, Category, order="position")
        components = [c.component for c in load_components(conn)]
    heads = [*_heads("key", "statement", "moscow", "status"), *(c.heading for c in themes),
             *(f"{c.key} {c.name}" for c in components)]  # fmt: skip
    rows: list[Sequence[str | int | None]] = []
    for v in views:
        roles = {s.item: s.role for s in (*v.supports, *v.against)}
        done = {id for id, _ in v.components}
        r = v.requirement
        rows.append([
            r.key, r.statement, _moscow(r.moscow), t(f"status.{r.status}"),
            *(t(f"trace_files.role.{roles[c.id]}") if c.id in roles else "" for c in themes),
            *(t("trace_files.answers") if c.id in done else "" for c in components),
        ])  # fmt: skip
    items = [*(v.requirement.id for v in views), *(c.id for c in themes), *(c.id for c in components)]
    return (heads, rows), items


def _moscow(moscow: str) -> str:
    return t(f"moscow.{moscow}") if moscow else ""


def _requirements(ctx: Context) -> tuple[Grid, list[str]]:
    with ctx.read() as conn:
        views = requirements_for(conn, ctx.member)
        aspects = load_consequences(conn)
        found = trust.load_trust(conn)
        states = {v.requirement.id: found.of(v.requirement.id).state for v in views}
        said = trust.sentences(
            conn, found, [id for id, s in states.items() if s not in ("draft", "reviewed")]
        )
        groups = {v.requirement.id: _groups(conn, ctx, v.groups) for v in views}
    heads = _heads(
        "key", "statement", "moscow", "status", "basis", "basis_note", "based_on", "against", "people", "groups",
        "acceptance", *(f"aspect.{a}" for a in ASPECTS), "feasibility", "conflicts", "owner", "components", "state",
        "since", "decisions", "rationale",
    )  # fmt: skip
    rows: list[Sequence[str | int | None]] = [_requirement(v, aspects, states, said, groups) for v in views]
    items = {i for v in views for i in (v.requirement.id, *(d for d, _ in v.decided))}
    return (heads, rows), sorted(items)


def _requirement(
    v: RequirementView,
    aspects: Mapping[str, Mapping[str, str]],
    states: Mapping[str, str],
    said: Mapping[str, str],
    groups: Mapping[str, str],
) -> list[str | int | None]:
    r = v.requirement
    mine = aspects.get(r.id, {})
    return [
        r.key, r.statement, _moscow(r.moscow), t(f"status.{r.status}"), t(f"basis.{r.basis}"), r.basis_note,
        _lines(v.supports), _lines(v.against), v.people, groups[r.id],
        r.acceptance, *(mine.get(a, "") for a in ASPECTS), r.feasibility,
        "\n".join(" ".join(x for x in (c.key, c.note) if x) for c in v.conflicts), r.owner,
        "\n".join(name for _, name in v.components), t(f"trace_files.state.{states[r.id]}"), said.get(r.id, ""),
        ", ".join(key for _, key in v.decided), without_tokens(r.rationale),
    ]  # fmt: skip


def _lines(found: Sequence[Support]) -> str:
    """What it rests on, each once: units that are told by their kind alone are not counted by it."""
    return "\n".join(dict.fromkeys(s.label for s in found))


def _changes(ctx: Context) -> tuple[Grid, list[str]]:
    changes = list_changes(ctx)
    heads = _heads("key", "version", "component", "possible", "reasons", "moscow", "agreed", "why", "status",
                   "requirement", "decision", "heard")  # fmt: skip
    rows: list[Sequence[str | int | None]] = [
        [c.key, c.version_label, c.component_name, c.possible, ", ".join(c.reason_codes), _moscow(c.moscow), c.agreed,
         c.why, t(f"trace_files.change.{c.status}"), c.requirement_key, c.decision_key, c.heard]
        for c in changes
    ]  # fmt: skip
    items = {i for c in changes for i in (c.id, c.version, c.requirement, c.decision) if i}
    return (heads, rows), sorted(items)


# -- every path -----------------------------------------------------------------------------------------------


def _paths(ctx: Context) -> tuple[bytes, list[str]]:
    """A row for each way from what was decided down to what it rests on, and whether a step of it speaks against."""
    reads = can(ctx.member.role, Action.READ_SOURCES)
    with ctx.read() as conn:
        edges = trace_reads.path_edges(conn) if reads else _without_sources(conn)
        names = _names(conn, edges, reads)
    kinds = {x["src"]: x["src_kind"] for x in edges} | {x["dst"]: x["dst_kind"] for x in edges}
    onward: dict[str, list[tuple[str, bool]]] = {}
    for x in edges:
        onward.setdefault(x["src"], []).append((x["dst"], x["role"] == "contradicts"))
    level = {id: _LEVEL.get(kind, 4) for id, kind in kinds.items()}
    written = {id: _written(names.get(id, "")) for id in kinds}
    under: dict[str, list[tuple[str, bool]]] = {}
    # From the ground up: each thing's rows are its own cell before those of what it rests on. A link that would lead
    # up again (a requirement on a decision, which decides requirements) ends there.
    for id in sorted(kinds, key=lambda i: -level[i]):
        mine, here = [], level[id]
        for dst, against in onward.get(id, ()):
            if level[dst] > here:
                gap = "," * (level[dst] - here)
                mine += [(f"{written[id]}{gap}{row}", no or against) for row, no in under[dst]]
            else:
                mine.append((f"{written[id]}{',' * (4 - here)}{written[dst]}", against))
        if len(mine) > MOST_PATHS:
            raise Refused("trace_files.too_many", most=f"{MOST_PATHS:,}")
        under[id] = mine or [(f"{written[id]}{',' * (4 - here)}", False)]
    beneath = {dst for id, steps in onward.items() for dst, _ in steps if level[dst] > level[id]}
    tops = sorted((i for i in kinds if i not in beneath), key=lambda i: (level[i], names.get(i, "")))
    if not any(onward.get(i) for i in tops):
        raise Refused("trace_files.nothing.paths")
    if sum(len(under[i]) for i in tops) > MOST_PATHS:
        raise Refused("trace_files.too_many", most=f"{MOST_PATHS:,}")
    no, yes = "", _written(t("trace_files.role.contradicts"))
    head = ",".join(_written(h) for h in _heads(*_LEVELS, "speaks_against"))
    rows = dict.fromkeys(
        f"{',' * level[i]}{row},{yes if against else no}" for i in tops for row, against in under[i]
    )
    text = "\r\n".join([head, *rows, ""])
    return text.encode("utf-8-sig", "replace"), [
        i for i, k in kinds.items() if reads or k not in ("unit", "source")
    ]


def _without_sources(conn: Connection) -> list[Row]:
    """The links as those see them who read no source: no theme leads to a unit, and a unit is one thing for all."""
    found = []
    for x in trace_reads.path_edges(conn):
        if x["type"] in ("gathers", "challenged_by"):
            continue
        found.append({**x, "dst": x["dst_kind"]} if x["dst_kind"] in ("unit", "source", "feedback") else x)
    return found


def _names(conn: Connection, edges: Sequence[Row], reads: bool) -> dict[str, str]:
    """What a thing is called in a row: by its key where it has one, else by its name."""
    ids = {x[side] for x in edges for side in ("src", "dst")}
    labels = queries.trace.labels(conn, ids)
    if not reads:
        labels |= {kind: (kind, t(f"kind.{kind}")) for kind in ("unit", "source", "feedback")}
    return {**{id: label for id, (_, label) in labels.items()}, **trace_reads.keys_of(conn, ids)}


def _written(text: str) -> str:
    """A cell as a CSV holds it."""
    text = str(_cell(text))
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(c in text for c in ',"\r\n') else text
