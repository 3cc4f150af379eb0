"""Home: where the study stands, what needs attention, what is next."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain.issues import Issue
from workbench.domain.records import (
    Category,
    CodeGroup,
    Condensate,
    Participant,
    Requirement,
    Source,
    Subgroup,
)
from workbench.domain.roles import Action, can
from workbench.domain.routes import has_step
from workbench.store import queries
from workbench.store.connection import Connection

from .checks import attention
from .context import Context, requires
from .history import OperationView, list_operations
from .progress import analysts
from .tracing import find_holes
from .versioning import load_versions


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step is: `done` of `total`; `half` are begun, or done by one of several analysts."""

    step: str  # impression | code | condense | synthesise, those of the project's route
    done: int
    half: int
    total: int


@dataclass(frozen=True, slots=True)
class Next:
    """The next thing for this member: a sentence's id, its parameters, and where it is done."""

    code: str
    params: dict[str, object]
    page: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class Overview:
    route: str  # stc | framework | content
    sources: int
    words: int
    people: int
    units: int
    unplaced: int
    code_groups: int
    subgroups: int
    condensates: int
    stale: int
    themes: int
    themes_ready: int
    requirements: int
    requirements_unheld: int
    requirements_in_doubt: int
    version: tuple[str, str] | None  # (label, frozen at)
    open_decisions: int
    unread: int  # sources nobody has read as a whole
    attention: tuple[Issue, ...]  # leftovers, what has gone stale, unanswered challenges; nothing else
    steps: tuple[StepProgress, ...]
    next: Next


def _steps(conn: Connection, route: str) -> tuple[StepProgress, ...]:
    taking_part = analysts(conn)
    sources = {s.id for s in queries.records(conn, Source) if s.words_of != "literature"}
    readers: dict[str, set[str]] = {}
    finished: set[str] = set()
    for r in queries.live(conn, "reading"):
        if r["source"] in sources and r["step"] == "impression":
            readers.setdefault(r["source"], set()).add(r["member"])
        elif r["source"] in sources and r["step"] == "code":
            finished.add(r["source"])
    both = sum(taking_part <= members for members in readers.values())
    begun = (queries.marks.source_sizes(conn).keys() & sources) - finished
    subgroups = queries.records(conn, Subgroup)
    written = {c.subgroup for c in queries.records(conn, Condensate)}
    themes = [c.status for c in queries.records(conn, Category)]
    steps = (
        StepProgress("impression", both, len(readers) - both, len(sources)),
        StepProgress("code", len(finished), len(begun), len(sources)),
        StepProgress("condense", sum(s.id in written for s in subgroups), 0, len(subgroups)),
        StepProgress(
            "synthesise",
            themes.count("ready"),
            themes.count("draft"),
            len(queries.records(conn, CodeGroup)),
        ),
    )
    return tuple(s for s in steps if has_step(route, s.step))


def _next(conn: Connection, ctx: Context, route: str) -> Next:
    if not can(ctx.member.role, Action.READ_THEMES):
        return Next("home.next.history", {}, "history", {})
    if not can(ctx.member.role, Action.ANALYSE):
        return Next("home.next.pack", {}, "pack", {})
    sources = [s for s in queries.records(conn, Source, order="position") if s.words_of != "literature"]
    if not sources:
        return Next("home.next.import", {}, "sources", {})
    units = queries.marks.source_sizes(conn)
    if not units and has_step(route, "impression"):
        read = {r["source"] for r in queries.live(conn, "reading", step="impression", member=ctx.member.id)}
        for s in sources:
            if s.id not in read:
                return Next("home.next.read", {"title": s.title}, "impression", {"source": s.id})
    coded = {r["source"] for r in queries.live(conn, "reading", step="code")}
    for s in sources:
        if s.id not in coded:
            code = "home.next.continue_coding" if units.get(s.id) else "home.next.code"
            return Next(code, {"title": s.title}, "code", {"source": s.id})
    groups = queries.records(conn, CodeGroup, order="position")
    subgroups = queries.records(conn, Subgroup)
    written = {c.subgroup for c in queries.records(conn, Condensate)}
    for g in groups if has_step(route, "condense") else ():
        mine = [s.id for s in subgroups if s.code_group == g.id]
        if not mine or not written.issuperset(mine):
            return Next("home.next.condense", {"name": g.name}, "condense", {"group": g.id})
    ready = {c.code_group for c in queries.records(conn, Category, status="ready")}
    for g in groups:
        if g.id not in ready:
            return Next("home.next.synthesise", {"name": g.name}, "synthesise", {"group": g.id})
    if queries.live(conn, "decision", nature="decision", outcome=""):
        return Next("home.next.pack", {}, "pack", {})
    return Next("home.next.requirements", {}, "requirements", {})


@requires(Action.SEE_PROJECT)
def overview(ctx: Context) -> Overview:
    with ctx.read() as conn:
        uninvited, stale, condensates, doubted = attention(conn, ctx)
        versions = load_versions(conn)
        themes = queries.records(conn, Category)
        units, unplaced = queries.marks.counts(conn)
        route = queries.setting(conn, "route") or "stc"
        steps = _steps(conn, route)
        return Overview(
            route=route,
            sources=len(queries.records(conn, Source)),
            words=sum(queries.sources.words(conn).values()),
            people=len(queries.records(conn, Participant, kind="informant")),
            units=units,
            unplaced=unplaced,
            code_groups=len(queries.records(conn, CodeGroup)),
            subgroups=len(queries.records(conn, Subgroup)),
            condensates=condensates,
            stale=stale,
            themes=len(themes),
            themes_ready=sum(c.status == "ready" for c in themes),
            requirements=len(queries.records(conn, Requirement)),
            requirements_unheld=len(find_holes(conn).requirements),
            requirements_in_doubt=doubted,
            version=(versions[-1].label, versions[-1].frozen_at) if versions else None,
            open_decisions=len(queries.live(conn, "decision", nature="decision", outcome="")),
            unread=sum(s.total - s.done - s.half for s in steps if s.step == "impression"),
            attention=tuple(uninvited),
            steps=steps,
            next=_next(conn, ctx, route),
        )  # fmt: skip


@requires(Action.SEE_HISTORY)
def since_you_were_here(ctx: Context, limit: int = 4) -> list[tuple[OperationView, int]]:
    """What others did after this member's last operation, newest first; the same thing done several times
    in a row is one entry with its number."""
    found: list[tuple[OperationView, int]] = []
    for operation in list_operations(ctx, limit=200):
        if operation.by == ctx.member.id:
            break
        if operation.nature != "do" or operation.undone:
            continue
        last = found[-1][0] if found else None
        if last and (last.by, last.label, last.at[:10]) == (operation.by, operation.label, operation.at[:10]):
            found[-1] = (last, found[-1][1] + 1)
        elif len(found) == limit:
            break
        else:
            found.append((operation, 1))
    return found
