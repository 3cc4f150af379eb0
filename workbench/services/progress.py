"""How far each source and each code group is, in one picture; which condensates a late source re-opens.

Steps go back and forth: nothing here locks or ranks. A step is said by a person ("read through, by, on"), the rest
counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.records import Category, CodeGroup, MeaningUnit, Member, Session, Source, Subgroup
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import UnitCard, load_cards
from .condensing import CondensateView, condensate_views
from .context import Context, requires
from .rereading import rereadings


@dataclass(frozen=True, slots=True)
class Done:
    """That a member has said to be through with a source, on a day (ISO)."""

    member: str
    initials: str
    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Reopened:
    """A condensate that is to be looked at again because of some sources: their units that `came` into its subgroup
    since it was written, and units it held that `went` from it. `begins`: its first words."""

    condensate: str
    begins: str
    subgroup: str
    subgroup_name: str
    code_group: str
    tag: str
    written_at: str
    came: tuple[str, ...]
    went: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """A source through the steps. `of`: its units that stand in a code group and are not set aside; `held`: those
    that a condensate holds wherever they stand. `reread_for`: of the project's result categories, those it was
    re-read for since they read as they do."""

    source: Source
    date: str
    read: tuple[Done, ...]
    coded: tuple[Done, ...]
    units: int
    unplaced: int
    of: int
    held: int
    reread: tuple[Done, ...]
    reread_for: int
    reopens: tuple[Reopened, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """The sources of one round (Source.iteration) and the condensates they re-open together."""

    n: int
    sources: tuple[SourceProgress, ...]
    reopens: tuple[Reopened, ...]


@dataclass(frozen=True, slots=True)
class SubgroupProgress:
    subgroup: Subgroup
    units: int
    held: int  # of these, in a condensate
    condensates: int
    stale: int  # of these


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """`loose`: units in no subgroup, not set aside; `reread`: sources re-read for its category since it reads so."""

    group: CodeGroup
    units: int
    loose: int
    subgroups: tuple[SubgroupProgress, ...]
    category: Category | None
    reread: int


@dataclass(frozen=True, slots=True)
class Progress:
    rounds: tuple[Round, ...]
    groups: tuple[GroupProgress, ...]
    analysts: frozenset[str]  # see `analysts`
    sources: int
    categories: int


@requires(Action.READ_SOURCES)
def progress(ctx: Context) -> Progress:
    """Sources by round and step, then code groups; literature is not among the sources."""
    with ctx.read() as conn:
        sources = [
            s
            for s in queries.records(conn, Source, order="iteration, position")
            if s.words_of != "literature"
        ]
        members = {m.id: m for m in queries.records(conn, Member)}
        cards = load_cards(conn)
        views = condensate_views(conn, cards)
        categories = queries.records(conn, Category, order="position")
        reread = rereadings(conn, categories)
        dates = {s.id: s.date or "" for s in queries.records(conn, Session)}
        subgroups = queries.records(conn, Subgroup, order="position, name")
        groups = queries.records(conn, CodeGroup, order="position, name")
        said: dict[tuple[str, str], list[Done]] = {}
        for r in sorted(queries.live(conn, "reading"), key=lambda r: r["at"]):
            who = members.get(r["member"])
            said.setdefault((r["source"], r["step"]), []).append(
                Done(r["member"], who.initials if who else "?", who.name if who else "", r["at"])
            )
        taking_part = analysts(conn)
        touched = _touched(conn, cards, views, subgroups, groups)
    holding: dict[str, set[str]] = {}  # subgroup -> units that its condensates hold
    for v in views:
        holding.setdefault(v.condensate.subgroup, set()).update(v.covers)
    by_source: dict[str, list[UnitCard]] = {}
    for card in cards:
        by_source.setdefault(card.unit.source, []).append(card)

    def told(s: Source) -> SourceProgress:
        own = by_source.get(s.id, [])
        standing = [[p for p in c.placements if p.set_aside is None] for c in own]
        held = sum(
            bool(places) and all(c.unit.id in holding.get(p.subgroup or "", ()) for p in places)
            for c, places in zip(own, standing, strict=True)
        )
        return SourceProgress(
            s, dates.get(s.session or "", ""), tuple(said.get((s.id, "impression"), ())),
            tuple(said.get((s.id, "code"), ())), len(own), sum(not c.placements for c in own),
            sum(bool(places) for places in standing), held, tuple(said.get((s.id, "synthesis"), ())),
            sum(s.id in days for days in reread.values()), _reopened_by([s.id], touched),
        )  # fmt: skip

    rounds = [
        Round(n, tuple(told(s) for s in of), _reopened_by([s.id for s in of], touched))
        for n, of in _by_round(sources).items()
    ]
    placed = [(c.unit.id, p) for c in cards for p in c.placements if p.set_aside is None]
    return Progress(
        tuple(rounds),
        tuple(
            GroupProgress(
                g, sum(p.code_group == g.id for _, p in placed),
                sum(p.code_group == g.id and p.subgroup is None for _, p in placed),
                tuple(
                    SubgroupProgress(
                        s, sum(p.subgroup == s.id for _, p in placed),
                        sum(p.subgroup == s.id and unit in holding.get(s.id, ()) for unit, p in placed),
                        sum(v.condensate.subgroup == s.id for v in views),
                        sum(v.condensate.subgroup == s.id and bool(v.stale) for v in views),
                    )
                    for s in subgroups if s.code_group == g.id
                ),
                next((c for c in categories if c.code_group == g.id), None),
                sum(len(reread[c.id]) for c in categories if c.code_group == g.id),
            )
            for g in groups
        ),
        taking_part,
        len(sources),
        len(categories),
    )  # fmt: skip


def analysts(conn: Connection) -> frozenset[str]:
    """Researchers who take part in the analysis: who have read a source as a whole, submitted themes or marked a unit.
    A supervisor who joins to read and comment is not waited for. All researchers, before anybody has begun."""
    everyone = {m.id for m in queries.records(conn, Member, role="researcher")}
    begun = {r["member"] for t in ("reading", "submission") for r in queries.live(conn, t)}
    begun |= {u.member for u in queries.records(conn, MeaningUnit)}
    return frozenset(everyone & begun or everyone)


def _by_round(sources: Iterable[Source]) -> dict[int, list[Source]]:
    found: dict[int, list[Source]] = {}
    for s in sources:
        found.setdefault(s.iteration, []).append(s)
    return found


# -- what late sources re-open -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Touched:
    """A stale condensate with the source of each unit that made it so."""

    reopened: Reopened
    source_of: Mapping[str, str]


def _touched(
    conn: Connection, cards: Sequence[UnitCard], views: Sequence[CondensateView], subgroups: Sequence[Subgroup],
    groups: Sequence[CodeGroup],
) -> list[_Touched]:  # fmt: skip
    stale = [v for v in views if v.stale]
    source_of = {c.unit.id: c.unit.source for c in cards}
    gone = {u for v in stale for u in v.stale.went} - source_of.keys()
    source_of |= {row["id"]: row["source"] for row in queries.condensing.retired_units(conn, gone)}
    named, of_group = {s.id: s for s in subgroups}, {g.id: g for g in groups}
    found = []
    for v in stale:
        s = named[v.condensate.subgroup]
        told = Reopened(
            v.condensate.id, _beginning(v.condensate.text), s.id, s.name, s.code_group, of_group[s.code_group].tag,
            v.written_at, v.stale.came, v.stale.went,
        )  # fmt: skip
        found.append(_Touched(told, source_of))
    order = {s.id: n for n, s in enumerate(subgroups)}
    place = {g.id: n for n, g in enumerate(groups)}
    return sorted(found, key=lambda x: (place[x.reopened.code_group], order[x.reopened.subgroup]))


def _beginning(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:60].rsplit(" ", 1)[0] + " …"


def _reopened_by(sources: Iterable[str], touched: Iterable[_Touched]) -> tuple[Reopened, ...]:
    """The condensates that units of these sources have made stale, each with those units only."""
    among = set(sources)
    found = []
    for x in touched:
        came, went = (
            tuple(u for u in units if x.source_of.get(u) in among)
            for units in (x.reopened.came, x.reopened.went)
        )
        if came or went:
            found.append(replace(x.reopened, came=came, went=went))
    return tuple(found)
