"""How sure we are of a theme: four judgements by people, each a word and a reason, beside the facts they are made from.

Informed by the four components of GRADE-CERQual, which grades findings of reviews: nothing here is a grade, nothing is
counted together, and no judgement is made by the machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.people import heard, tally, told
from workbench.domain.records import Category, Member
from workbench.domain.roles import Action, can
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import load_cards
from .context import Context, requires
from .rereading import load_completeness
from .synthesis import few_groups, released_groups, smallest_counted

COMPONENTS = ("methods", "coherence", "adequacy", "relevance")
CONCERNS = ("none", "minor", "moderate", "serious")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`concern`: none | minor | moderate | serious; `reason` is empty only with none. `by` is a member's name."""

    id: str
    rev: int
    concern: str
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the judgements are made from. Numbers of people are None where they are not to be told."""

    analysts: int  # who have marked units in it
    reread: int  # sources, since heading and text read as they do
    sources: int
    challenges: int | None  # noted on re-reading; None, as the next, to those who read no source
    unanswered: int | None
    is_challenged: bool
    units: int | None
    people: int | None
    groups: int  # top groups heard
    of_groups: int  # top groups in the sample


@dataclass(frozen=True, slots=True)
class Confidence:
    judgements: Mapping[str, Judgement]  # component -> judgement; those not made are left out
    facts: Facts


def load_confidence(conn: Connection) -> dict[str, dict[str, Judgement]]:
    """Theme -> component -> judgement, in the order of the components."""
    names = {m.id: m.name for m in queries.records(conn, Member)}
    found: dict[str, dict[str, Judgement]] = {}
    for r in sorted(queries.live(conn, "confidence"), key=lambda r: COMPONENTS.index(r["component"])):
        found.setdefault(r["category"], {})[r["component"]] = Judgement(
            r["id"], r["rev"], r["concern"], r["reason"], names.get(r["member"], ""), r["at"]
        )
    return found


@requires(Action.READ_THEMES)
def judgements(ctx: Context) -> dict[str, dict[str, Judgement]]:
    """Theme -> component -> judgement, for all themes."""
    with ctx.read() as conn:
        return load_confidence(conn)


@requires(Action.READ_THEMES)
def confidence_of(ctx: Context, category: str) -> Confidence:
    """The four judgements of a theme and the facts beside them."""
    with ctx.read() as conn:
        theme = next((c for c in queries.records(conn, Category) if c.id == category), None)
        if theme is None:
            raise Refused("error.gone", kind="category")
        reads = can(ctx.member.role, Action.READ_SOURCES)
        cards = [
            c for c in load_cards(conn, theme.code_group)
            if any(p.code_group == theme.code_group and p.set_aside is None for p in c.placements)
        ]  # fmt: skip
        people = heard((c.unit.words_of, c.unit.participants) for c in cards)
        complete = next(x for x in load_completeness(conn) if x.category.id == category)
        notes = queries.live(conn, "recontext", category=category, verdict="challenges")
        facts = Facts(
            len({c.unit.member for c in cards}),
            len(complete.reread),
            len(complete.reread) + len(complete.missing),
            len(notes) if reads else None,
            sum(not n["answer"].strip() for n in notes) if reads else None,
            bool(notes),
            len(cards) if reads else None,
            len(people) if reads else told(len(people), few_groups(conn), smallest_counted(conn)),
            len(_tops(conn, people, reads)),
            len(_tops(conn, queries.participants(conn), reads)),
        )
        return Confidence(load_confidence(conn).get(category, {}), facts)


def _tops(conn: Connection, people: Iterable[str], reads: bool) -> frozenset[str]:
    """Top groups of these people; small ones are one, Others, to those who read no source."""
    found = frozenset(tally(people, queries.participants(conn), queries.groups(conn)))
    released = {} if reads else released_groups(conn)
    return frozenset(released[g][0] if g in released else g for g in found)


@requires(Action.ANALYSE)
def set_confidence(
    ctx: Context, category: str, component: str, concern: str, reason: str = "", rev: int | None = None
) -> None:
    """Judge one component of a theme; an empty `concern` takes the judgement back. Any concern has a reason.

    `rev` is that of the judgement that was read, 0 where there was none; raises StaleEdit if somebody was faster."""
    if component not in COMPONENTS:
        raise Refused("confidence.unknown_component", component=component)
    if concern not in ("", *CONCERNS):
        raise Refused("confidence.unknown_concern", concern=concern)
    if concern not in ("", "none") and not reason.strip():
        raise Refused("confidence.needs_reason")
    with ctx.write("set_confidence") as work:
        work.get("category", category)
        work.ids = {"category": category}
        kept = work.live("confidence", category=category, component=component)
        said = {"concern": concern, "reason": reason.strip(), "member": ctx.member.id,
                "at": ctx.now().isoformat(timespec="seconds")}  # fmt: skip
        if kept:
            if concern:
                work.update("confidence", kept[0]["id"], said, rev=rev)
            else:
                work.retire("confidence", kept[0]["id"], rev=rev)
        elif rev:
            raise StaleEdit(
                "confidence.taken_back",
                current={"category": category, "component": component, "concern": "", "reason": "", "rev": 0},
            )
        elif concern:
            row = {"id": ctx.new_id(), "category": category, "component": component, **said}
            work.insert("confidence", row)
