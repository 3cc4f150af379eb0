"""Comparing what two analysts marked: one marked and the other did not, placed differently, alike; and settling it.

A list to talk through, not a score. What is agreed is one operation on many units, kept in a log of settlements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from workbench.domain import agreement
from workbench.domain.agreement import Mark
from workbench.domain.errors import Refused
from workbench.domain.records import CodeGroup, Member
from workbench.domain.roles import Action, Role
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import differences as reads
from workbench.store.queries import matrix
from workbench.store.unit_of_work import Row, UnitOfWork

from . import coding, correcting
from .code_groups import release_from_group
from .context import Context, requires
from .golden import ensure_quotable

Outcome = Literal["joined", "kept", "taken_out", "apart"]
Whose = Literal["first", "second", "longer"]
Groups = Literal["first", "second", "both"]
OUTCOMES: tuple[Outcome, ...] = ("joined", "kept", "taken_out", "apart")

# -- what is compared ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A source that two analysts may be compared in. `how`: unseen (they coded it so, and all are done), finished
    (both said they are through with it), marked (both have marks in it), under_way (it is being coded unseen) or
    one (not coded by both)."""

    source: str
    title: str
    how: str
    first: int  # units of each
    second: int
    length: int  # code points


@dataclass(frozen=True, slots=True)
class Side:
    """A unit as one analyst marked it. `shared` is where in its words those are that the other marked as well:
    [start, end) code points, empty where there are none."""

    unit: str
    initials: str
    text: str
    shared: tuple[int, int]
    groups: tuple[str, ...]  # code groups, in their order
    comments: int


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind`: one (one marked it, the other did not), placed (differently) or alike. `beside`: the analyst who did
    not mark it has a unit that overlaps it by half, but is compared with another."""

    kind: str
    source: str
    turn: int
    speakers: tuple[str, ...]
    first: Side | None
    second: Side | None
    beside: bool = False

    @property
    def id(self) -> str:
        return f"{self.first.unit if self.first else ''}:{self.second.unit if self.second else ''}"

    @property
    def pick(self) -> Pick:
        return Pick(self.first.unit if self.first else None, self.second.unit if self.second else None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two analysts side by side, as it is at operation `rev`, without what they have settled."""

    rev: int
    members: tuple[Member, Member]
    places: tuple[Place, ...]  # all that could be
    compared: tuple[str, ...]  # the sources that are
    differences: tuple[Difference, ...]  # in reading order
    code_groups: Mapping[str, CodeGroup]
    languages: Mapping[str, str]  # of the sources

    def count(self, kind: str) -> int:
        return sum(d.kind == kind for d in self.differences)


@requires(Action.READ_SOURCES)
def analysts(ctx: Context) -> list[Member]:
    """Researchers, who may be compared two and two."""
    with ctx.read() as conn:
        return queries.records(conn, Member, role=Role.RESEARCHER)


@requires(Action.READ_SOURCES)
def likely_pair(ctx: Context) -> tuple[str, str] | None:
    """The two researchers who have coded most sources both, the acting member among them where that can be; None
    where there are fewer than two."""
    with ctx.read() as conn:
        known = [m.id for m in queries.records(conn, Member, role=Role.RESEARCHER)]

        def weight(pair: tuple[str, str]) -> tuple[int, int, bool]:
            places = places_of(conn, *pair)
            return (
                len(chosen(places, None, marked=False)),
                len(chosen(places, None, marked=True)),
                ctx.member.id in pair,
            )

        return max(combinations(known, 2), key=weight, default=None)


def places_of(conn: Connection, first: str, second: str) -> list[Place]:
    """Every source that is marked, with what makes it comparable, in their order."""
    rows: dict[str, list[Row]] = {}
    for row in reads.sources(conn, (first, second)):
        rows.setdefault(row["id"], []).append(row)
    return [
        Place(id, a["title"], _how(a, b), a["units"], b["units"], a["length"] or 0)
        for id, (a, b) in rows.items()
    ]


def _how(a: Row, b: Row) -> str:
    if a["under_way"]:
        return "under_way"
    if a["unseen"] and b["unseen"]:
        return "unseen"
    if a["finished"] and b["finished"]:
        return "finished"
    return "marked" if a["units"] and b["units"] else "one"


def chosen(places: Sequence[Place], source: str | None, *, marked: bool) -> tuple[str, ...]:
    """The sources both have coded; with `marked` also those where both have marks; perhaps only one of them."""
    ways = ("unseen", "finished", "marked") if marked else ("unseen", "finished")
    return tuple(p.source for p in places if p.how in ways and source in (None, p.source))


def pair_of(conn: Connection, first: str, second: str) -> tuple[Member, Member]:
    """Two members by their ids. Raises Refused unless they are two, and of the project."""
    found = {m.id: m for m in queries.records(conn, Member)}
    if first == second or first not in found or second not in found:
        raise Refused("differences.needs_two")
    return found[first], found[second]


@requires(Action.READ_SOURCES)
def compare(
    ctx: Context, first: str, second: str, *, source: str | None = None, marked: bool = False
) -> Comparison:
    """What two analysts marked in the sources both have coded, or in one of them, and have not settled.

    `marked`: also in sources nobody said were coded by both, where both have marks. Raises Refused unless they are
    two of the project's members."""
    with ctx.read() as conn:
        members = pair_of(conn, first, second)
        places = places_of(conn, first, second)
        compared = chosen(places, source, marked=marked)
        sides = _marks(conn, compared, members)
        found = agreement.differences(*sides)
        shown = [(m, None) for m in found.only_first] + [(None, m) for m in found.only_second]
        units = {m.id for side in sides for m in side}
        words: dict[str, list[Row]] = {}
        for row in reads.words(conn, units):
            words.setdefault(row["id"], []).append(row)
        groups = {g.id: g for g in queries.records(conn, CodeGroup, order="position, name")}
        order = {source: n for n, source in enumerate(compared)}

        def side(n: int, mark: Mark, other: Mark | None) -> Side:
            lines = words.get(mark.id, [])
            start, end = (max(mark.start, other.start), min(mark.end, other.end)) if other else (0, 0)
            return Side(
                mark.id, members[n].initials, "\n".join(r["words"] for r in lines),
                (start - mark.start, end - mark.start) if end > start else (0, 0),
                tuple(g for g in groups if g in mark.groups), lines[0]["comments"] if lines else 0,
            )  # fmt: skip

        def difference(
            kind: str, a: Mark | None, b: Mark | None, beside: bool = False
        ) -> tuple[Any, Difference]:
            at = a or b
            assert at is not None
            lines = words.get(at.id, [])
            speakers = tuple(dict.fromkeys(r["speaker"] for r in lines if r["speaker"]))
            made = Difference(
                kind, at.source, lines[0]["seq"] if lines else 0, speakers,
                side(0, a, b) if a else None, side(1, b, a) if b else None, beside,
            )  # fmt: skip
            return (order[at.source], at.start, at.end, at.id), made

        every = [difference("alike", p.first, p.second) for p in found.agreed]
        every += [difference("placed", p.first, p.second) for p in found.placed_differently]
        every += [
            difference("one", a.mark if a else None, b.mark if b else None, bool((a or b).beside))  # type: ignore[union-attr]
            for a, b in shown
        ]
        return Comparison(
            queries.operations.last_seq(conn), members, tuple(places), compared,
            tuple(d for _, d in sorted(every, key=lambda x: x[0])), groups,
            {s["id"]: s["language"] for s in queries.live(conn, "source")},
        )  # fmt: skip


def _marks(
    conn: Connection, sources: Collection[str], members: tuple[Member, Member]
) -> tuple[list[Mark], list[Mark]]:
    """What each marked in these sources, but for what the two have settled."""
    sides: dict[str, list[Mark]] = {m.id: [] for m in members}
    rows = reads.marks(conn, sources, list(sides))
    done = settled_between(conn, [r["id"] for r in rows], members[0].id, members[1].id)
    for r in rows:
        if r["id"] not in done:
            groups = frozenset((r["groups"] or "").split())
            sides[r["member"]].append(Mark(r["id"], r["source"], r["start"], r["end"], groups))
    return sides[members[0].id], sides[members[1].id]


def settled_between(conn: Connection, units: Collection[str], first: str, second: str) -> set[str]:
    """Of these units, those that the two analysts have settled: with each other, or as a mark only one had made."""
    done: set[str] = set()
    for s in reads.compared_before(conn, units):
        if s["second"] is None or {s["first_member"], s["second_member"]} == {first, second}:
            done |= {s["first"], s["second"]}
    return done.intersection(units)


# -- settling ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pick:
    """A difference to settle, by the unit of each analyst; None where one has not marked it."""

    first: str | None
    second: str | None

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(u for u in (self.first, self.second) if u is not None)


@requires(Action.ANALYSE)
def settle(
    ctx: Context,
    picks: Sequence[Pick],
    outcome: Outcome,
    *,
    words: Whose = "longer",
    groups: Groups = "both",
    note: str = "",
    seen: int | None = None,
    op_id: str | None = None,
) -> None:
    """Settle differences together, all or none of them.

    joined: one unit stands, with the `words` of the first, the second or whose are longer, in the code `groups` of the
    first, the second or both; what rests on the other rests on it from now on. kept: a mark that only one made stands.
    taken_out: such a mark goes. apart: they stay as they are. `seen`: the operation they were seen at.

    Raises Refused where a unit is gone, was changed by somebody since, is settled already or stands in a source that is
    being marked unseen again, or something that was accepted rests on one that would go."""
    with ctx.write("settle_differences", op_id=op_id) as work:
        work.ids = {"n": len(picks)}
        at = ctx.now().isoformat(timespec="seconds")
        _check(work, picks, outcome, seen)
        for pick in picks:
            rows = [work.get("unit", u) for u in pick.units]
            if len(picks) == 1:
                work.ids = {"n": 1, "source": rows[0]["source"]}
            match outcome:
                case "joined":
                    _join(ctx, work, rows[0], rows[1], words, groups)
                case "taken_out":
                    coding.take_away(work, rows[0]["id"])
            second = rows[1]["id"] if len(rows) > 1 else None
            work.insert(
                "settlement",
                {"id": ctx.new_id(), "source": rows[0]["source"], "first": rows[0]["id"], "second": second,
                 "outcome": outcome, "note": note.strip(), "member": ctx.member.id, "at": at},
            )  # fmt: skip


def _check(work: UnitOfWork, picks: Sequence[Pick], outcome: Outcome, seen: int | None) -> None:
    """Raise Refused unless every one of them can be settled so."""
    conn = work.connection
    units = [u for pick in picks for u in pick.units]
    if not picks or not all(pick.units for pick in picks):
        raise Refused("differences.nothing")
    for unit in units:
        row = work.find("unit", unit)
        if row is None:
            raise Refused("error.gone", kind="unit")
        if row["retired"] is not None:
            raise Refused("differences.gone", who=matrix.done_by(conn, row["rev"]))
    for source in {work.get("unit", unit)["source"] for unit in units}:
        if any(row["done_at"] is None for row in work.live("double_coding", source=source)):
            raise Refused("differences.marked_unseen", title=work.get("source", source)["title"])
    if len(set(units)) < len(units):
        raise Refused("differences.twice")
    if seen is not None and (newer := reads.touched_since(conn, units, seen)):
        raise Refused("differences.changed", who=matrix.done_by(conn, newer))
    for pick in picks:
        rows = [work.get("unit", u) for u in pick.units]
        if len(rows) == 2 and (
            rows[0]["source"] != rows[1]["source"] or rows[0]["member"] == rows[1]["member"]
        ):
            raise Refused("differences.no_pair")
        if outcome == "joined" and len(rows) < 2:
            raise Refused("differences.join_one")
        if outcome in ("kept", "taken_out") and len(rows) > 1:
            raise Refused("differences.keep_two")
        others = [r["member"] for r in rows]
        if settled_between(conn, pick.units, others[0], others[-1]):
            raise Refused("differences.settled")


def _join(ctx: Context, work: UnitOfWork, first: Row, second: Row, words: Whose, groups: Groups) -> None:
    longer = second["end"] - second["start"] > first["end"] - first["start"]
    takes_second = words == "second" or (words == "longer" and longer)
    stands, goes = (second, first) if takes_second else (first, second)
    whose = {"both": "both", "second" if takes_second else "first": "stands"}.get(groups, "goes")
    _join_placements(work, stands["id"], goes["id"], whose)
    for tag in work.live("code_tag", unit=goes["id"]):
        if work.live("code_tag", unit=stands["id"], code=tag["code"]):
            work.retire("code_tag", tag["id"])
        else:
            work.update("code_tag", tag["id"], {"unit": stands["id"]})
    for memo in work.live("memo", item=goes["id"]):
        work.update("memo", memo["id"], {"item": stands["id"]})
    _join_condensates(ctx, work, stands, goes)
    _join_chain(work, stands["id"], goes["id"])
    work.retire("unit", goes["id"])


def _join_placements(work: UnitOfWork, stands: str, goes: str, whose: str) -> None:
    """Leave the unit that stands in its own code groups, in the other's (`whose` is "goes"), or in both. In a code
    group both are in, its place there is that of whose groups were chosen, where that one has a place."""
    mine = {p["code_group"]: p for p in work.live("placement", unit=stands)}
    theirs = {p["code_group"]: p for p in work.live("placement", unit=goes)}
    if whose == "goes":
        for group in mine.keys() - theirs.keys():
            work.retire("placement", mine[group]["id"])
            release_from_group(work, {stands}, group)
    for group, p in theirs.items():
        if group not in mine and whose != "stands":
            work.update("placement", p["id"], {"unit": stands})
            continue
        work.retire("placement", p["id"])
        if group not in mine:
            release_from_group(work, {goes}, group)
            continue
        here = mine[group]
        one, other = (p, here) if whose == "goes" else (here, p)
        place = one if one["subgroup"] or one["set_aside"] else other
        if here["subgroup"] and here["subgroup"] != place["subgroup"]:
            release_from_group(work, {stands}, group)
        work.update("placement", here["id"], {"subgroup": place["subgroup"], "set_aside": place["set_aside"]})


def _join_condensates(ctx: Context, work: UnitOfWork, stands: Row, goes: Row) -> None:
    """Condensates of a subgroup that the unit stands in now hold it instead of the other."""
    inside = {p["subgroup"] for p in work.live("placement", unit=stands["id"])} - {None}
    for cover in work.live("cover", unit=goes["id"]):
        condensate = cover["condensate"]
        held = bool(work.live("cover", condensate=condensate, unit=stands["id"]))
        if not held and work.get("condensate", condensate)["subgroup"] in inside:
            if stands["mac"] == goes["mac"]:
                work.update("cover", cover["id"], {"unit": stands["id"]})
                continue
            # Other words than the condensate was written from: it says so by what has left it.
            work.insert("cover", {"id": ctx.new_id(), "condensate": condensate, "unit": stands["id"]})
        work.retire("cover", cover["id"])
    for condensate in work.live("condensate", golden_unit=goes["id"]):
        golden = stands["id"] if condensate["subgroup"] in inside and _quotable(work, stands["id"]) else None
        work.update("condensate", condensate["id"], {"golden_unit": golden})


def _quotable(work: UnitOfWork, unit: str) -> bool:
    try:
        ensure_quotable(work.connection, unit)
    except Refused:
        return False
    return True


def _join_chain(work: UnitOfWork, stands: str, goes: str) -> None:
    """What rests on the one that goes rests on the other: analytic texts, challenges, quotes, requirements."""
    for category in work.live("category"):
        text = category["analytic_text"].replace(f"{{{{unit:{goes}}}}}", f"{{{{unit:{stands}}}}}")
        work.update("category", category["id"], {"analytic_text": text})
    for found in work.live("recontext", unit=goes):
        work.update("recontext", found["id"], {"unit": stands})
    for quote in work.live("cleared_quote", unit=goes):
        if work.live("cleared_quote", unit=stands):
            raise Refused("differences.both_cleared")
        work.update("cleared_quote", quote["id"], {"unit": stands})
    for end in ("src", "dst"):
        for link in work.live("link", **{end: goes}):
            there = {"type": link["type"], "src": link["src"], "dst": link["dst"], end: stands}
            if work.live("link", **there):
                work.retire("link", link["id"])
            else:
                work.update("link", link["id"], {end: stands})


@requires(Action.ANALYSE)
def reopen(ctx: Context, settlement: str) -> None:
    """Take back that a mark was kept, or that two were left apart: they are listed again. What was joined or taken out
    is undone in History, for other things have been moved with it."""
    with ctx.write("reopen_difference") as work:
        row = work.get("settlement", settlement)
        if row["outcome"] not in ("kept", "apart"):
            raise Refused("differences.undo_instead")
        work.ids = {"source": row["source"]}
        work.retire("settlement", settlement)


# -- what was agreed -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settled:
    """What was agreed about one difference. `unit` is the one that stands, None where it has gone since; `text` its
    words, or those of the one that went, empty where they are no longer in the project. `op`: the operation."""

    id: str
    op: int
    at: str
    who: str
    source: str
    title: str
    outcome: str
    note: str
    initials: tuple[str, ...]  # of those whose marks they were
    unit: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Settlements:
    """The log, newest first, and what it comes to: whose marks were compared, in which sources, who settled them."""

    rows: tuple[Settled, ...]
    counts: Mapping[str, int]  # outcome -> how many; those without any are not in it
    analysts: tuple[str, ...]  # names
    sources: tuple[str, ...]  # titles
    settled_by: tuple[str, ...]  # names
    first_at: str  # ISO, "" before any
    last_at: str


@requires(Action.READ_SOURCES)
def settlements(ctx: Context) -> Settlements:
    """Everything that was settled between analysts and stands."""
    with ctx.read() as conn:
        found = reads.settlements(conn)
        names = {m["id"]: m["name"] for m in queries.live(conn, "member")}
        rows = tuple(_settled(conn, r) for r in found)
    whose = dict.fromkeys(m for r in found for m in (r["first_member"], r["second_member"]) if m)
    return Settlements(
        rows, Counter(r.outcome for r in rows), tuple(names[m] for m in whose if m in names),
        tuple(dict.fromkeys(r.title for r in rows)), tuple(dict.fromkeys(r.who for r in rows if r.who)),
        min((r.at for r in rows), default=""), max((r.at for r in rows), default=""),
    )  # fmt: skip


def _settled(conn: Connection, r: Row) -> Settled:
    shows_second = r["second"] is not None and not r["first_stands"] and r["second_stands"]
    span = ("second_rev", "second_start", "second_end") if shows_second else ("text_rev", "start", "end")
    text_rev, start, end = (r[c] for c in span)
    stands = bool(r["second_stands"] if shows_second else r["first_stands"])
    place: tuple[int, int] | None = (start, end)
    if text_rev != r["now"]:
        place = correcting.carry_over(conn, r["source"], text_rev, start, end)
    return Settled(
        r["id"], r["op"], r["at"], r["by"] or "", r["source"], r["title"], r["outcome"], r["note"],
        tuple(i for i in (r["first_initials"], r["second_initials"]) if i),
        (r["second"] if shows_second else r["first"]) if stands else None,
        (queries.span_text(conn, r["source"], r["now"], *place) or "") if place else "",
    )  # fmt: skip
