"""Golden quotes: which unit may be one, and how those chosen spread over people and groups. Facts, no rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.people import heard, top_group
from workbench.domain.records import Condensate
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import UnitText

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the quotes somebody gives. A quote that several speak in counts for each of them."""

    id: str  # of a participant or a top stakeholder group
    name: str
    quotes: int
    people: int = 1  # of a group: informants in the sample


@dataclass(frozen=True, slots=True)
class Spread:
    """`people`: those who give any, most first. `groups`: every top group of the sample in its order, also those
    that give none."""

    quotes: int
    people: tuple[Share, ...]
    groups: tuple[Share, ...]

    def silent(self) -> tuple[Share, ...]:
        """Groups of the sample that give none of the quotes."""
        return tuple(g for g in self.groups if not g.quotes)


@dataclass(frozen=True, slots=True)
class Balance:
    golden: Spread
    cleared: Spread


@requires(Action.READ_SOURCES)
def balance(ctx: Context) -> Balance:
    """How the golden quotes of all condensates, and the cleared quotes, spread over people and groups. A unit that
    is the golden quote of two condensates is one quote."""
    with ctx.read() as conn:
        chosen = {c.golden_unit for c in queries.records(conn, Condensate) if c.golden_unit}
        cleared = {r["unit"] for r in queries.live(conn, "cleared_quote")}
        units = {u.id: u for u in queries.units(conn, among=chosen | cleared)}
        return Balance(
            _spread(conn, (units[u] for u in chosen if u in units)),
            _spread(conn, (units[u] for u in cleared if u in units)),
        )


def _spread(conn: Connection, units: Iterable[UnitText]) -> Spread:
    groups, people = queries.groups(conn), queries.participants(conn)
    of = {p.id: top_group(p.stakeholder_group, groups) for p in people.values() if p.kind == "informant"}
    sample = Counter(of.values())
    n, by_person, by_group = 0, Counter[str](), Counter[str]()
    for u in units:
        said = heard([(u.words_of, u.participants)])
        n += 1
        by_person.update(said)
        by_group.update({g for p in said if (g := of.get(p))})
    return Spread(
        n,
        tuple(Share(id, people[id].pseudonym, count) for id, count in sorted(
            by_person.items(), key=lambda x: (-x[1], people[x[0]].pseudonym))),
        tuple(Share(g.id, g.name, by_group[g.id], sample[g.id])
              for g in groups.values() if g.parent is None and sample[g.id]),
    )  # fmt: skip


def ensure_quotable(conn: Connection, unit: str) -> None:
    """Raise Refused unless the unit is participants' own words, by at least one informant, and everyone
    in it may be quoted."""
    found = queries.units(conn, unit=unit)
    if not found:
        raise Refused("error.gone", kind="unit")
    if found[0].words_of != "participant":
        raise Refused("quote.not_participants_words")
    if not found[0].participants:
        raise Refused("quote.no_informant")
    people = queries.participants(conn)
    if any(not people[p].quote_ok or people[p].consent == "withdrawn" for p in found[0].participants):
        raise Refused("quote.no_consent")
