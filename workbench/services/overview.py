"""Home and the checks: where the study stands, what needs attention, what is next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.domain.issues import Issue
from workbench.domain.records import (
    Category,
    CodeGroup,
    Condensate,
    Member,
    Participant,
    Requirement,
    Source,
    Subgroup,
)
from workbench.domain.roles import Action, can
from workbench.domain.stc import MIXED, voices_without_units
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import load_cards
from .condensing import condensate_views
from .context import Context, requires
from .history import OperationView, list_operations
from .meetings import load_decisions
from .model import load_versions
from .synthesis import load_categories
from .tracing import find_holes


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far a step is: `done` of `total`; `half` are begun, or done by one of several analysts."""

    step: str  # impression | code | condense | synthesise
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
    sources: int
    words: int
    people: int
    units: int
    unplaced: int
    code_groups: int
    condensates: int
    stale: int
    themes: int
    themes_ready: int
    requirements: int
    requirements_unheld: int
    version: tuple[str, str] | None  # (label, frozen at)
    open_decisions: int
    unread: int  # sources nobody has read as a whole
    attention: tuple[Issue, ...]  # leftovers, what has gone stale, unanswered challenges; nothing else
    steps: tuple[StepProgress, ...]
    next: Next


def _counted(code: str, n: int) -> str:
    """The id of the sentence for one, or for several."""
    return f"{code}.{'one' if n == 1 else 'other'}"


def _one_row_each_cause(issues: Iterable[Issue]) -> list[Issue]:
    """Issues with the same rule at the same place become one, whose sentence counts them; the first one's
    place in the order is kept."""
    together: dict[tuple[object, ...], list[Issue]] = {}
    for issue in issues:
        # Several condensates of one subgroup have one cause; those of another subgroup have another.
        together.setdefault((issue.rule, issue.where, issue.params.get("subgroup")), []).append(issue)
    rows = []
    for same in together.values():
        first = same[0]
        if len(same) > 1 and first.rule in _TOGETHER:
            what = _TOGETHER[first.rule]
            joined = ", ".join(dict.fromkeys(str(i.params[what]) for i in same))
            rows.append(
                replace(
                    first,
                    code=f"check.{first.rule}.several",
                    params={**first.params, what: joined, "n": len(same)},
                )
            )
        else:
            rows.extend(same)
    return rows


# Rule -> the parameter that tells issues of one cause apart; it is listed in the row they share.
_TOGETHER = {"decided_changed": "label", "condensate_stale": "subgroup", "challenge_unanswered": "source"}
# Rules whose sentences hold nothing but what a meeting already has in its papers.
_FOR_ALL = {"decided_changed"}


def _attention(conn: Connection) -> tuple[list[Issue], int, int]:
    """(issues uninvited on Home, stale condensates, all condensates)."""
    issues: list[Issue] = []
    cards = load_cards(conn)
    views = condensate_views(conn, cards)
    for d in load_decisions(conn):
        for item, label in d.changed_since:
            params: dict[str, object] = {"label": label, "key": d.key, "at": d.decided_at or ""}
            issues.append(
                Issue(
                    "decided_changed",
                    "error",
                    ("decision", d.id),
                    "check.decided_changed",
                    params | {"item": item},
                )
            )
    subgroups = {s.id: s for s in queries.records(conn, Subgroup)}
    stale = [v for v in views if v.stale]
    for v in stale:
        subgroup = subgroups[v.condensate.subgroup]
        issues.append(
            Issue("condensate_stale", "error", ("code_group", subgroup.code_group), "check.condensate_stale",
                  {"subgroup": subgroup.name, "subgroup_id": subgroup.id,
                   "came": len(v.stale.came), "went": len(v.stale.went)})
        )  # fmt: skip
    headings = {c.id: c.heading for c in queries.records(conn, Category)}
    titles = {s.id: s.title for s in queries.records(conn, Source)}
    for r in queries.live(conn, "recontext", verdict="challenges", answer=""):
        issues.append(
            Issue("challenge_unanswered", "warning", ("category", r["category"]), "check.challenge_unanswered",
                  {"heading": headings[r["category"]], "source": titles[r["source"]], "source_id": r["source"]})
        )  # fmt: skip
    leftover = [c for c in cards if not c.placements]
    if leftover:
        issues.append(
            Issue(
                "units_unplaced",
                "warning",
                ("project", ""),
                _counted("check.units_unplaced", len(leftover)),
                {"n": len(leftover), "source_id": leftover[0].unit.source, "unit_id": leftover[0].unit.id},
            )
        )
    divided = {s.code_group for s in subgroups.values()}
    for g in queries.records(conn, CodeGroup, order="position"):
        n = sum(
            p.code_group == g.id and p.subgroup is None and p.set_aside is None
            for c in cards
            for p in c.placements
        )
        if n and g.id in divided:
            issues.append(
                Issue(
                    "units_left_over",
                    "warning",
                    ("code_group", g.id),
                    _counted("check.units_left_over", n),
                    {"n": n, "group": g.name},
                )
            )
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(issues, key=lambda i: order[i.severity]), len(stale), len(views)


def _steps(conn: Connection) -> tuple[StepProgress, ...]:
    researchers = len(queries.records(conn, Member, role="researcher"))
    sources = {s.id for s in queries.records(conn, Source) if s.words_of != "literature"}
    readers: dict[str, set[str]] = {}
    finished: set[str] = set()
    for r in queries.live(conn, "reading"):
        if r["source"] in sources and r["step"] == "impression":
            readers.setdefault(r["source"], set()).add(r["member"])
        elif r["source"] in sources and r["step"] == "code":
            finished.add(r["source"])
    both = sum(len(members) >= researchers for members in readers.values())
    begun = (queries.marks.source_sizes(conn).keys() & sources) - finished
    subgroups = queries.records(conn, Subgroup)
    written = {c.subgroup for c in queries.records(conn, Condensate)}
    themes = [c.status for c in queries.records(conn, Category)]
    return (
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


def _next(conn: Connection, ctx: Context, steps: tuple[StepProgress, ...]) -> Next:
    if not can(ctx.member.role, Action.READ_THEMES):
        return Next("home.next.history", {}, "history", {})
    if not can(ctx.member.role, Action.ANALYSE):
        return Next("home.next.pack", {}, "pack", {})
    sources = [s for s in queries.records(conn, Source, order="position") if s.words_of != "literature"]
    if not sources:
        return Next("home.next.import", {}, "sources", {})
    units = queries.marks.source_sizes(conn)
    if not units:
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
    for g in groups:
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
        attention, stale, condensates = _attention(conn)
        if not can(ctx.member.role, Action.READ_SOURCES):
            known = can(ctx.member.role, Action.READ_THEMES)
            attention = [i for i in attention if known and i.rule in _FOR_ALL]
        versions = load_versions(conn)
        themes = queries.records(conn, Category)
        units, unplaced = queries.marks.counts(conn)
        steps = _steps(conn)
        return Overview(
            sources=len(queries.records(conn, Source)),
            words=sum(queries.sources.words(conn).values()),
            people=len(queries.records(conn, Participant, kind="informant")),
            units=units,
            unplaced=unplaced,
            code_groups=len(queries.records(conn, CodeGroup)),
            condensates=condensates,
            stale=stale,
            themes=len(themes),
            themes_ready=sum(c.status == "ready" for c in themes),
            requirements=len(queries.records(conn, Requirement)),
            requirements_unheld=len(find_holes(conn).requirements),
            version=(versions[-1].label, versions[-1].frozen_at) if versions else None,
            open_decisions=len(queries.live(conn, "decision", nature="decision", outcome="")),
            unread=steps[0].total - steps[0].done - steps[0].half,
            attention=tuple(_one_row_each_cause(attention)),
            steps=steps,
            next=_next(conn, ctx, steps),
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


@requires(Action.READ_SOURCES)
def find_issues(ctx: Context) -> list[Issue]:
    """All checks, for whoever asks: what Home shows, and what waits until asked."""
    with ctx.read() as conn:
        issues, _, _ = _attention(conn)
        gaps = find_holes(conn)
        cards = load_cards(conn)
        for card in cards:
            if len(card.placements) > 1:
                issues.append(
                    Issue(
                        "unit_in_several",
                        "note",
                        ("unit", card.unit.id),
                        "check.unit_in_several",
                        {"source": card.unit.source_title},
                    )
                )
        for v in condensate_views(conn, cards):
            if (
                v.condensate.voice
                and v.condensate.voice != MIXED
                and v.covers
                and voices_without_units(v.condensate.voice, v.groups)
            ):
                issues.append(Issue("voice", "warning", ("condensate", v.condensate.id), "check.voice", {}))
        for theme, heading in gaps.themes:
            issues.append(
                Issue(
                    "theme_unanswered",
                    "warning",
                    ("category", theme),
                    "check.theme_unanswered",
                    {"heading": heading},
                )
            )
        for requirement, key in gaps.requirements:
            issues.append(
                Issue(
                    "requirement_unheld",
                    "warning",
                    ("requirement", requirement),
                    "check.requirement_unheld",
                    {"key": key},
                )
            )
        for component, name in gaps.components:
            issues.append(
                Issue(
                    "component_answers_nothing",
                    "note",
                    ("component", component),
                    "check.component_answers_nothing",
                    {"name": name},
                )
            )
        for view in load_categories(conn):
            if view.category.heading.casefold() == view.group.name.casefold():
                issues.append(
                    Issue(
                        "heading_is_label",
                        "note",
                        ("category", view.category.id),
                        "check.heading_is_label",
                        {"heading": view.category.heading},
                    )
                )
        return issues
