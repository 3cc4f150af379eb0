"""Home and the checks: where the study stands, what needs attention, what is next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.domain.issues import Issue
from workbench.domain.records import Source
from workbench.domain.roles import Action, can
from workbench.domain.stc import MIXED, voices_without_units
from workbench.store import queries

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


def _attention(conn: sqlite3.Connection) -> tuple[list[Issue], int, int]:
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
    names = {
        r["id"]: (r["name"], r["code_group"])
        for r in conn.execute("SELECT id, name, code_group FROM subgroup")
    }
    stale = [v for v in views if v.stale]
    for v in stale:
        name, group = names[v.condensate.subgroup]
        issues.append(
            Issue("condensate_stale", "error", ("code_group", group), "check.condensate_stale",
                  {"subgroup": name, "subgroup_id": v.condensate.subgroup,
                   "came": len(v.stale.came), "went": len(v.stale.went)})
        )  # fmt: skip
    for r in conn.execute(
        "SELECT r.id, r.category, r.source, c.heading, s.title FROM recontext r"
        " JOIN category c ON c.id=r.category AND c.retired IS NULL"
        " JOIN source s ON s.id=r.source WHERE r.retired IS NULL AND r.verdict='challenges' AND r.answer=''"
    ):
        issues.append(
            Issue("challenge_unanswered", "warning", ("category", r["category"]), "check.challenge_unanswered",
                  {"heading": r["heading"], "source": r["title"], "source_id": r["source"]})
        )  # fmt: skip
    leftover = [c for c in cards if not c.placements]
    if leftover:
        issues.append(
            Issue("units_unplaced", "warning", ("project", ""),
                  _counted("check.units_unplaced", len(leftover)),
                  {"n": len(leftover), "source_id": leftover[0].unit.source, "unit_id": leftover[0].unit.id})
        )
    subgroups = {
        r["code_group"]
        for r in conn.execute("SELECT DISTINCT code_group FROM subgroup WHERE retired IS NULL")
    }
    for g in conn.execute("SELECT id, name FROM code_group WHERE retired IS NULL ORDER BY position"):
        n = sum(
            p.code_group == g["id"] and p.subgroup is None and p.set_aside is None
            for c in cards
            for p in c.placements
        )
        if n and g["id"] in subgroups:
            issues.append(
                Issue(
                    "units_left_over",
                    "warning",
                    ("code_group", g["id"]),
                    _counted("check.units_left_over", n),
                    {"n": n, "group": g["name"]},
                )
            )
    order = {"error": 0, "warning": 1, "note": 2}
    return sorted(issues, key=lambda i: order[i.severity]), len(stale), len(views)


def _steps(conn: sqlite3.Connection) -> tuple[StepProgress, ...]:
    researchers = conn.execute(
        "SELECT count(*) AS n FROM member WHERE role='researcher' AND retired IS NULL"
    ).fetchone()["n"]
    total = conn.execute(
        "SELECT count(*) AS n FROM source WHERE retired IS NULL AND words_of<>'literature'"
    ).fetchone()["n"]
    steps = []
    readers = [
        r["n"] for r in conn.execute(
            "SELECT count(DISTINCT r.member) AS n FROM reading r JOIN source s ON s.id=r.source AND s.retired IS NULL"
            " AND s.words_of<>'literature' WHERE r.retired IS NULL AND r.step='impression' GROUP BY r.source"
        )
    ]  # fmt: skip
    both = sum(n >= researchers for n in readers)
    steps.append(StepProgress("impression", both, len(readers) - both, total))
    coded = {
        r["source"]: (r["finished"], r["units"]) for r in conn.execute(
            "SELECT s.id AS source, EXISTS(SELECT 1 FROM reading r WHERE r.source=s.id AND r.step='code' AND r.retired IS NULL)"
            " AS finished, (SELECT count(*) FROM unit u WHERE u.source=s.id AND u.retired IS NULL) AS units FROM source s"
            " WHERE s.retired IS NULL AND s.words_of<>'literature'"
        )
    }  # fmt: skip
    done = sum(bool(f) for f, _ in coded.values())
    steps.append(StepProgress("code", done, sum(1 for f, n in coded.values() if n and not f), total))
    sub = conn.execute(
        "SELECT count(*) AS n, coalesce(sum(EXISTS(SELECT 1 FROM condensate c WHERE c.subgroup=g.id"
        " AND c.retired IS NULL)),0) AS w FROM subgroup g WHERE g.retired IS NULL"
    ).fetchone()
    steps.append(StepProgress("condense", sub["w"], 0, sub["n"]))
    cat = conn.execute(
        "SELECT (SELECT count(*) FROM code_group WHERE retired IS NULL) AS n,"
        " (SELECT count(*) FROM category WHERE retired IS NULL AND status='ready') AS r,"
        " (SELECT count(*) FROM category WHERE retired IS NULL AND status='draft') AS d"
    ).fetchone()
    steps.append(StepProgress("synthesise", cat["r"], cat["d"], cat["n"]))
    return tuple(steps)


def _next(conn: sqlite3.Connection, ctx: Context, steps: tuple[StepProgress, ...]) -> Next:
    if not can(ctx.member.role, Action.READ_THEMES):
        return Next("home.next.history", {}, "history", {})
    if not can(ctx.member.role, Action.ANALYSE):
        return Next("home.next.pack", {}, "pack", {})
    sources = queries.records(conn, Source, "words_of<>'literature'", order="position")
    if not sources:
        return Next("home.next.import", {}, "sources", {})

    def mine(step: str) -> set[str]:
        return {
            r["source"] for r in conn.execute(
                "SELECT source FROM reading WHERE step=? AND member=? AND retired IS NULL", (step, ctx.member.id)
            )
        }  # fmt: skip

    units = {
        r["source"]: r["n"]
        for r in conn.execute("SELECT source, count(*) AS n FROM unit WHERE retired IS NULL GROUP BY source")
    }
    if not units:
        for s in sources:
            if s.id not in mine("impression"):
                return Next("home.next.read", {"title": s.title}, "impression", {"source": s.id})
    coded = mine("code") | {
        r["source"] for r in conn.execute("SELECT source FROM reading WHERE step='code' AND retired IS NULL")
    }
    for s in sources:
        if s.id not in coded:
            code = "home.next.continue_coding" if units.get(s.id) else "home.next.code"
            return Next(code, {"title": s.title}, "code", {"source": s.id})
    for g in conn.execute(
        "SELECT g.id, g.name FROM code_group g WHERE g.retired IS NULL AND (NOT EXISTS(SELECT 1 FROM subgroup s WHERE"
        " s.code_group=g.id AND s.retired IS NULL) OR EXISTS(SELECT 1 FROM subgroup s WHERE s.code_group=g.id"
        " AND s.retired IS NULL AND NOT EXISTS(SELECT 1 FROM condensate c WHERE c.subgroup=s.id AND c.retired IS NULL)))"
        " ORDER BY g.position"
    ):
        return Next("home.next.condense", {"name": g["name"]}, "condense", {"group": g["id"]})
    for g in conn.execute(
        "SELECT g.id, g.name FROM code_group g WHERE g.retired IS NULL AND NOT EXISTS(SELECT 1 FROM category c WHERE"
        " c.code_group=g.id AND c.retired IS NULL AND c.status='ready') ORDER BY g.position"
    ):
        return Next("home.next.synthesise", {"name": g["name"]}, "synthesise", {"group": g["id"]})
    if conn.execute(
        "SELECT 1 FROM decision WHERE outcome='' AND retired IS NULL AND nature='decision'"
    ).fetchone():
        return Next("home.next.pack", {}, "pack", {})
    return Next("home.next.requirements", {}, "requirements", {})


@requires(Action.SEE_PROJECT)
def overview(ctx: Context) -> Overview:
    with ctx.store.read() as conn:

        def count(sql: str) -> int:
            return int(conn.execute(sql).fetchone()[0] or 0)

        attention, stale, condensates = _attention(conn)
        if not can(ctx.member.role, Action.READ_SOURCES):
            known = can(ctx.member.role, Action.READ_THEMES)
            attention = [i for i in attention if known and i.rule in _FOR_ALL]
        versions = load_versions(conn)
        steps = _steps(conn)
        return Overview(
            sources=count("SELECT count(*) FROM source WHERE retired IS NULL"),
            words=count("SELECT sum(x.words) FROM source_text x JOIN source s ON s.id=x.source AND s.text_rev=x.text_rev"
                        " WHERE s.retired IS NULL"),
            people=count("SELECT count(*) FROM participant WHERE retired IS NULL AND kind='informant'"),
            units=count("SELECT count(*) FROM unit WHERE retired IS NULL"),
            unplaced=count("SELECT count(*) FROM unit u WHERE retired IS NULL AND NOT EXISTS"
                           "(SELECT 1 FROM placement p WHERE p.unit=u.id AND p.retired IS NULL)"),
            code_groups=count("SELECT count(*) FROM code_group WHERE retired IS NULL"),
            condensates=condensates,
            stale=stale,
            themes=count("SELECT count(*) FROM category WHERE retired IS NULL"),
            themes_ready=count("SELECT count(*) FROM category WHERE retired IS NULL AND status='ready'"),
            requirements=count("SELECT count(*) FROM requirement WHERE retired IS NULL"),
            requirements_unheld=len(find_holes(conn).requirements),
            version=(versions[-1].label, versions[-1].frozen_at) if versions else None,
            open_decisions=count("SELECT count(*) FROM decision WHERE retired IS NULL AND nature='decision' AND outcome=''"),
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
    with ctx.store.read() as conn:
        issues, _, _ = _attention(conn)
        gaps = find_holes(conn)
        cards = load_cards(conn)
        for r in conn.execute(
            "SELECT u.id, s.title FROM unit u JOIN source s ON s.id=u.source WHERE u.retired IS NULL AND s.retired IS NULL"
            " AND (SELECT count(*) FROM placement p WHERE p.unit=u.id AND p.retired IS NULL) > 1"
        ):
            issues.append(
                Issue(
                    "unit_in_several",
                    "note",
                    ("unit", r["id"]),
                    "check.unit_in_several",
                    {"source": r["title"]},
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
