"""Agreement scores between two analysts, for those who are asked for them; computed only when somebody asks.

They are of the marks as each analyst made them: what two analysts have settled since counts as it was before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workbench.domain import agreement as measures
from workbench.domain.agreement import Agreement, Analyst, Mark, Unitized, Unitizing
from workbench.domain.records import CodeGroup, Member
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import differences as reads
from workbench.store.unit_of_work import Row

from . import correcting
from .context import Context, requires
from .differences import chosen, pair_of, places_of


@dataclass(frozen=True, slots=True)
class Scores:
    """`characters`: was each character covered. `units`: were those that both marked placed alike. `boundaries`: do
    units begin and end alike (alphaU). `partition`: the u-alpha family, where each analyst's units do not overlap.
    `named` are the code groups that a score may be of, by id; `sources` and `length` what was compared."""

    members: tuple[Member, Member]
    sources: tuple[str, ...]
    length: int  # code points
    marks: tuple[int, int]  # units of each
    named: Mapping[str, CodeGroup]
    characters: Agreement
    units: Agreement
    boundaries: Unitized
    partition: Unitizing


@requires(Action.READ_SOURCES)
def agreement(
    ctx: Context, first: str, second: str, *, source: str | None = None, marked: bool = False
) -> Scores:
    """The scores of two analysts over the sources both have coded, chosen as `differences.compare` does."""
    with ctx.read() as conn:
        members = pair_of(conn, first, second)
        places = places_of(conn, first, second)
        compared = chosen(places, source, marked=marked)
        lengths = {p.source: p.length for p in places if p.source in compared}
        sides = _as_marked(conn, compared, members)
        named = {g.id: g for g in queries.records(conn, CodeGroup, order="position, name")}
    coders = [Analyst(tuple(side)) for side in sides]
    return Scores(
        members, compared, sum(lengths.values()), (len(sides[0]), len(sides[1])), named,
        measures.over_characters(coders, lengths), measures.over_units(*sides),
        measures.over_boundaries(coders[0], coders[1], lengths), measures.over_partitions(coders, lengths),
    )  # fmt: skip


def _as_marked(
    conn: Connection, sources: Collection[str], members: tuple[Member, Member]
) -> tuple[list[Mark], list[Mark]]:
    """What each marked in these sources; a unit that was settled as it stood before that."""
    sides: dict[str, list[Mark]] = {m.id: [] for m in members}
    settled = _before_settling(conn, sources)
    for r in reads.marks(conn, sources, list(sides)):
        if r["id"] not in settled:
            groups = frozenset((r["groups"] or "").split())
            sides[r["member"]].append(Mark(r["id"], r["source"], r["start"], r["end"], groups))
    for member, mark in settled.values():
        if mark is not None and member in sides:
            sides[member].append(mark)
    return sides[members[0].id], sides[members[1].id]


def _before_settling(conn: Connection, sources: Collection[str]) -> dict[str, tuple[str, Mark | None]]:
    """Unit -> (its analyst, the mark as it stood before it was joined or taken out; None where its words are gone)."""
    changed = [
        s
        for s in reads.settlements(conn)
        if s["source"] in sources and s["outcome"] in ("joined", "taken_out")
    ]
    units: dict[tuple[int, str], Row] = {}
    placed: dict[tuple[int, str], set[str]] = {}
    touched: set[tuple[int, str]] = set()
    for c in reads.changed_by(conn, {s["op"] for s in changed}):
        was = c["before"]
        touched.add((c["op"], c["row_id"]))
        if c["tbl"] == "unit" and was is not None:
            units[c["op"], c["row_id"]] = was
        elif was is not None and not was["retired"]:
            placed.setdefault((c["op"], was["unit"]), set()).add(was["code_group"])
    now = {
        r["id"]: r
        for r in reads.units_by_id(conn, [u for s in changed for u in (s["first"], s["second"]) if u])
    }
    found: dict[str, tuple[str, Mark | None]] = {}
    for s in sorted(changed, key=lambda s: -s["op"]):  # the earliest has the last word
        for unit in (s["first"], s["second"]):
            if unit is None:
                continue
            row = units.get((s["op"], unit)) or now[unit]
            groups = set(placed.get((s["op"], unit), ()))
            came = (s["op"], unit) in touched and (
                s["op"],
                unit,
            ) not in units  # with a co-analyst's copy, settled there
            groups |= {g for id, g in now[unit]["placed"] if came or (s["op"], id) not in touched}
            place = correcting.carry_over(conn, s["source"], row["text_rev"], row["start"], row["end"])
            found[unit] = (
                row["member"], Mark(unit, s["source"], *place, frozenset(groups)) if place else None
            )  # fmt: skip
    return found
