"""Step 3, condensation: subgroups, condensates with a voice, which units they hold, golden quotes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.people import heard, may_be_quoted, top_group
from workbench.domain.records import (
    CodeGroup,
    Condensate,
    Cover,
    Participant,
    Placement,
    StakeholderGroup,
    Subgroup,
)
from workbench.domain.roles import Action
from workbench.domain.stc import Staleness
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries.condensing import Written
from workbench.store.unit_of_work import UnitOfWork
from workbench.store.unseen import open_sources

from . import comments, correcting
from .code_groups import release_from_group
from .coding import UnitCard, load_cards
from .context import Context, requires
from .golden import ensure_quotable as ensure_quotable

LONGEST = 20_000  # characters of a condensate; a longer one is a paste that went wrong
ANY = "any"  # golden quote: whichever stands
KEEP_BOTH = "unit_in_several"  # the rule under which it is kept that a unit stays in several code groups


@dataclass(frozen=True, slots=True)
class CondensateView:
    condensate: Condensate
    covers: frozenset[str]  # units it holds
    stale: Staleness
    written_at: str
    people: int  # informants among the units it holds
    groups: tuple[str, ...]  # their top groups


@dataclass(frozen=True, slots=True)
class SubgroupView:
    subgroup: Subgroup
    cards: tuple[UnitCard, ...]
    condensates: tuple[CondensateView, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A code group laid out for condensation."""

    group: CodeGroup
    subgroups: tuple[SubgroupView, ...]
    left_over: tuple[UnitCard, ...]  # in the group, in no subgroup, not set aside
    set_aside: tuple[UnitCard, ...]
    stakeholder_groups: tuple[StakeholderGroup, ...]  # top groups a condensate may speak for
    undecided: tuple[
        str, ...
    ]  # its units that stand in another code group, too, and nobody said to keep both


@requires(Action.READ_SOURCES)
def board(ctx: Context, code_group: str) -> Board:
    with ctx.read() as conn:
        found = queries.records(conn, CodeGroup, id=code_group)
        if not found:
            raise Refused("error.gone", kind="code_group")
        cards = load_cards(conn, code_group)
        subgroups = queries.records(conn, Subgroup, code_group=code_group, order="position, name")
        views = condensate_views(conn, cards, code_group)
        tops = tuple(g for g in queries.groups(conn).values() if g.parent is None)
        decided = {w["item"] for w in queries.live(conn, "waiver", rule=KEEP_BOTH)}
    here: dict[str, Placement] = {}
    for card in cards:
        here[card.unit.id] = next(p for p in card.placements if p.code_group == code_group)

    def standing(subgroup: str | None, aside: bool) -> tuple[UnitCard, ...]:
        return tuple(
            c for c in cards
            if here[c.unit.id].subgroup == subgroup and (here[c.unit.id].set_aside is not None) == aside
        )  # fmt: skip

    return Board(
        found[0],
        tuple(
            SubgroupView(s, standing(s.id, False), tuple(v for v in views if v.condensate.subgroup == s.id))
            for s in subgroups
        ),
        standing(None, False),
        tuple(c for c in cards if here[c.unit.id].set_aside is not None),
        tops,
        tuple(
            c.unit.id for c in cards
            if here[c.unit.id].set_aside is None and c.unit.id not in decided
            and sum(p.set_aside is None for p in c.placements) > 1
        ),
    )  # fmt: skip


def condensate_views(
    conn: Connection, cards: Sequence[UnitCard], code_group: str | None = None
) -> list[CondensateView]:
    """Condensates (of one code group, or all) with what has become stale since each was written.

    A condensate was written when its text got the wording it has, or was last said to stand; stale are units that
    have come into its subgroup since and are not ticked, and units it held that have left, been withdrawn or got
    other words."""
    of_group = (
        None if code_group is None else {s.id for s in queries.records(conn, Subgroup, code_group=code_group)}
    )
    condensates = [c for c in queries.records(conn, Condensate) if of_group is None or c.subgroup in of_group]
    covers: dict[str, set[str]] = {c.id: set() for c in condensates}
    for v in queries.records(conn, Cover):
        if v.condensate in covers:
            covers[v.condensate].add(v.unit)
    by_id = {c.unit.id: c for c in cards}
    order = {unit: n for n, unit in enumerate(by_id)}
    since = queries.condensing.written(conn, covers)
    stale = _staleness(conn, condensates, covers, by_id, since)
    views = []
    for c in condensates:
        held = [by_id[u] for u in sorted(covers[c.id] & order.keys(), key=order.__getitem__)]
        people = heard((card.unit.words_of, card.unit.participants) for card in held)
        groups = dict.fromkeys(g for card in held for g in card.groups)
        at = since[c.id].at if c.id in since else ""
        views.append(CondensateView(c, frozenset(covers[c.id]), stale[c.id], at, len(people), tuple(groups)))
    return views


def may_be_printed(
    view: CondensateView, cards: Mapping[str, UnitCard], people: Mapping[str, Participant]
) -> bool:
    """Whether a file that is read outside the workbench may hold a condensate's text, which is made of people's words:
    not once any of these are withdrawn, until it is written anew or said to stand, nor where nobody who speaks in the
    units it holds has agreed to be quoted."""
    if "withdrawn" in view.stale.why.values():
        return False
    spoken = [cards[u].unit.participants for u in view.covers if u in cards and cards[u].unit.participants]
    return not spoken or any(may_be_quoted(people[p] for p in said if p in people) for said in spoken)


def _staleness(
    conn: Connection,
    condensates: Sequence[Condensate],
    covers: Mapping[str, Collection[str]],
    by_id: Mapping[str, UnitCard],
    since: Mapping[str, Written],
) -> dict[str, Staleness]:
    """Condensate -> what has changed since. One query for each kind of change, however many condensates there are."""
    written = {c.id: since[c.id].op if c.id in since else 0 for c in condensates}
    first = min(written.values(), default=0)
    inside: dict[str, list[Placement]] = {}
    for card in by_id.values():
        for p in card.placements:
            if p.subgroup is not None and p.set_aside is None:
                inside.setdefault(p.subgroup, []).append(p)
    newer = {
        c.id: [p for p in inside.get(c.subgroup, ()) if p.rev > written[c.id] and p.unit not in covers[c.id]]
        for c in condensates
    }
    touched = {
        c.id: [u for u in covers[c.id] if u in by_id and by_id[u].unit.rev > written[c.id]]
        for c in condensates
    }
    entered = queries.condensing.entered(conn, {p.id for ps in newer.values() for p in ps}, first)
    words = queries.condensing.earlier_words(conn, {u for us in touched.values() for u in us}, first)
    withdrawn = queries.condensing.withdrawals(conn)
    went: dict[str, dict[str, str]] = {c.id: {} for c in condensates}
    for condensate, unit, op, reason in queries.condensing.released(conn, covers):
        if op > written[condensate] and unit not in covers[condensate]:
            went[condensate][unit] = reason
    found = {}
    for c in condensates:
        came = {}
        for p in newer[c.id]:
            if reasons := [reason for op, reason in entered.get(p.id, ()) if op > written[c.id]]:
                came[p.unit] = "added" if "added" in reasons else reasons[-1]
        for unit in touched[c.id]:
            was = next((mac for op, mac in words.get(unit, ()) if op > written[c.id]), by_id[unit].unit.mac)
            if was != by_id[unit].unit.mac:
                went[c.id][unit] = "corrected"
        for unit in covers[c.id] if withdrawn else ():
            if unit in by_id and any(
                withdrawn.get(p, 0) > written[c.id] for p in by_id[unit].unit.participants
            ):
                went[c.id][unit] = "withdrawn"
        found[c.id] = Staleness(tuple(came), tuple(sorted(went[c.id])), came | went[c.id])
    return found


@dataclass(frozen=True, slots=True)
class GoneUnit:
    """A unit that no longer stands where it stood, as far as it may be read: `text` is empty where it was withdrawn
    or its words are no longer in the source. `code_groups`: the names of those it stands in now."""

    unit: str
    text: str
    language: str
    source: str
    source_title: str
    speakers: tuple[str, ...]
    groups: tuple[str, ...]  # top stakeholder groups of those who speak in it
    code_groups: tuple[str, ...]


@requires(Action.READ_SOURCES)
def gone_units(ctx: Context, units: Collection[str]) -> dict[str, GoneUnit]:
    """Units that have left a board, by their ids, so that a person can read what a text no longer rests on."""
    found: dict[str, GoneUnit] = {}
    if not units:
        return found
    with ctx.read() as conn:
        groups, people = queries.groups(conn), queries.participants(conn)
        names = {g.id: g.name for g in queries.records(conn, CodeGroup)}
        for u in queries.units(conn, among=units):
            tops = (top_group(people[p].stakeholder_group, groups) for p in u.participants)
            placed = queries.live(conn, "placement", unit=u.id)
            found[u.id] = GoneUnit(
                u.id, u.text, u.language, u.source, u.source_title, u.speakers,
                tuple(dict.fromkeys(g for g in tops if g)), tuple(names[p["code_group"]] for p in placed),
            )  # fmt: skip
            if any(people[p].consent == "withdrawn" for p in u.participants):
                found[u.id] = replace(found[u.id], text="")
        for row in queries.condensing.retired_units(conn, set(units) - found.keys()):
            text = ""
            if row["source_stands"] and not row["withdrawn"]:
                place = correcting.carry_over(conn, row["source"], row["text_rev"], row["start"], row["end"])
                text = (place and queries.span_text(conn, row["source"], row["now"], *place)) or ""
            found[row["id"]] = GoneUnit(
                row["id"], text, row["language"], row["source"], row["title"], (), (), ()
            )
    return found


# -- subgroups -------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def add_subgroup(ctx: Context, code_group: str, *, name: str, units: Sequence[str] = ()) -> str:
    """Add a subgroup, perhaps with some of the group's units in it; returns its id."""
    if not name.strip():
        raise Refused("subgroup.needs_name")
    with ctx.write("add_subgroup") as work:
        row = {"id": ctx.new_id(), "code_group": code_group, "name": name.strip(),
               "position": work.next_position("subgroup", code_group=code_group)}  # fmt: skip
        work.insert("subgroup", row)
        work.ids = {"subgroup": row["id"]}
        wanted = set(units)
        moved = [p for p in work.live("placement", code_group=code_group) if p["unit"] in wanted]
        release_from_group(work, {p["unit"] for p in moved if p["subgroup"] is not None}, code_group)
        for p in moved:
            work.update("placement", p["id"], {"subgroup": row["id"], "set_aside": None})
        return str(row["id"])


@requires(Action.ANALYSE)
def rename_subgroup(ctx: Context, subgroup: str, *, name: str, rev: int | None = None) -> None:
    if not name.strip():
        raise Refused("subgroup.needs_name")
    with ctx.write("rename_subgroup") as work:
        work.ids = {"subgroup": subgroup}
        work.update("subgroup", subgroup, {"name": name.strip()}, rev=rev)


@requires(Action.ANALYSE)
def retire_subgroup(ctx: Context, subgroup: str) -> None:
    """Take a subgroup out; its units become left over. Refused while it has condensates."""
    with ctx.write("retire_subgroup") as work:
        work.ids = {"subgroup": subgroup}
        if work.live("condensate", subgroup=subgroup):
            raise Refused("subgroup.has_condensates")
        for p in work.live("placement", subgroup=subgroup):
            work.update("placement", p["id"], {"subgroup": None})
        work.retire("subgroup", subgroup)


@requires(Action.ANALYSE)
def move_units(ctx: Context, code_group: str, units: Sequence[str], subgroup: str | None) -> None:
    """Move units of a code group into one of its subgroups, or (None) back to left over."""
    with ctx.write("move_units") as work:
        work.ids = {"subgroup": subgroup, "code_group": code_group, "n": len(units)}
        if subgroup is not None and work.get("subgroup", subgroup)["code_group"] != code_group:
            raise Refused("subgroup.other_group")
        wanted = set(units)
        moved = [
            p
            for p in work.live("placement", code_group=code_group)
            if p["unit"] in wanted and (p["subgroup"] != subgroup or p["set_aside"])
        ]
        release_from_group(work, {p["unit"] for p in moved if p["subgroup"] is not None}, code_group)
        for p in moved:
            work.update("placement", p["id"], {"subgroup": subgroup, "set_aside": None})


@requires(Action.ANALYSE)
def set_units_aside(ctx: Context, code_group: str, units: Sequence[str], reason: str) -> None:
    """Close several units of a code group with one reason; they leave their subgroup and its condensates."""
    if not reason.strip():
        raise Refused("unit.needs_reason")
    with ctx.write("set_aside") as work:
        work.ids = {"code_group": code_group, "n": len(units)}
        wanted = set(units)
        closed = [p for p in work.live("placement", code_group=code_group) if p["unit"] in wanted]
        release_from_group(work, {p["unit"] for p in closed if p["subgroup"] is not None}, code_group)
        for p in closed:
            work.update("placement", p["id"], {"set_aside": reason.strip(), "subgroup": None})


@requires(Action.ANALYSE)
def keep_both(ctx: Context, units: Sequence[str]) -> None:
    """Decide that units stay in all the code groups they stand in; the method check asks no more about them."""
    with ctx.write("keep_both") as work:
        work.ids = {"n": len(units)}
        decided = {w["item"] for w in work.live("waiver", rule=KEEP_BOTH)}
        for unit in dict.fromkeys(units):
            work.get("unit", unit)
            if unit not in decided:
                row = {"id": ctx.new_id(), "rule": KEEP_BOTH, "item": unit, "reason": "", "member": ctx.member.id,
                       "at": ctx.now().isoformat(timespec="seconds")}  # fmt: skip
                work.insert("waiver", row)


# -- condensates -----------------------------------------------------------------------------------------


def _check_text(text: str) -> str:
    if not text.strip():
        raise Refused("condensate.empty")
    if len(text) > LONGEST:
        raise Refused("condensate.too_long", longest=LONGEST)
    return text.strip()


@requires(Action.ANALYSE)
def add_condensate(
    ctx: Context,
    subgroup: str,
    *,
    text: str,
    voice: str | None = None,
    covers: Sequence[str] | None = None,
    golden_unit: str | None = None,
) -> str:
    """Write a condensate for a subgroup. `covers` None: nothing is ticked yet.

    The text is kept even where a unit that was ticked has left the subgroup meanwhile; that one is not in it."""
    with ctx.write("add_condensate") as work:
        here = _standing(work, subgroup)
        row = {"id": ctx.new_id(), "subgroup": subgroup, "voice": voice or None, "text": _check_text(text),
               "golden_unit": golden_unit if golden_unit in here else None}  # fmt: skip
        if row["golden_unit"] is not None:
            ensure_quotable(work.connection, row["golden_unit"])
        work.insert("condensate", row)
        work.ids = {"subgroup": subgroup, "condensate": row["id"]}
        for unit in dict.fromkeys(covers or ()):
            if unit in here:
                work.insert("cover", {"id": ctx.new_id(), "condensate": row["id"], "unit": unit})
        return str(row["id"])


def _standing(work: UnitOfWork, subgroup: str) -> set[str]:
    return {p["unit"] for p in work.live("placement", subgroup=subgroup) if p["set_aside"] is None}


@requires(Action.ANALYSE)
def change_condensate(ctx: Context, condensate: str, *, rev: int, text: str, voice: str | None) -> None:
    """Change text and voice; raises StaleEdit (with the row as it is now) if somebody was faster."""
    with ctx.write("change_condensate") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        work.update("condensate", condensate, {"text": _check_text(text), "voice": voice or None}, rev=rev)


@requires(Action.ANALYSE)
def confirm_condensate(ctx: Context, condensate: str) -> None:
    """Say that the text still stands though its units have changed.

    Ticks nothing: which of them are in this condensate, and which in another of the subgroup's, a person says."""
    with ctx.write("confirm_condensate") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        work.touch("condensate", condensate)


@requires(Action.ANALYSE)
def retire_condensate(ctx: Context, condensate: str) -> None:
    """Take a condensate out with its ticks and comments."""
    with ctx.write("retire_condensate") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        for v in work.live("cover", condensate=condensate):
            work.retire("cover", v["id"])
        comments.retire_on(work, condensate)
        work.retire("condensate", condensate)


@requires(Action.ANALYSE)
def set_covers(ctx: Context, condensate: str, units: Sequence[str]) -> None:
    """Say exactly which units a condensate holds. Those that the acting member is not shown, because they mark their
    source unseen, stay as they are."""
    with ctx.write("set_covers") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        held = {v["unit"]: v["id"] for v in work.live("cover", condensate=condensate)}
        wanted = dict.fromkeys(units)
        unseen = set(open_sources(work.connection, ctx.member.id))
        for unit, id in held.items():
            row = work.get("unit", unit)
            if unit not in wanted and (row["source"] not in unseen or row["member"] == ctx.member.id):
                work.retire("cover", id)
        for unit in wanted:
            if unit not in held:
                work.insert("cover", {"id": ctx.new_id(), "condensate": condensate, "unit": unit})


@requires(Action.ANALYSE)
def set_golden(
    ctx: Context,
    condensate: str,
    unit: str | None,
    *,
    rev: int | None = None,
    was: str | None = ANY,
    op_id: str | None = None,
) -> None:
    """Choose the golden quote, or with None none: a unit of the condensate's subgroup, in participants' words, said by
    somebody who may be quoted. With `rev`, only if the condensate has not changed since; raises StaleEdit. With `was`,
    only if the golden quote is still the one that was seen; raises Refused."""
    with ctx.write("set_golden", op_id=op_id) as work:
        row = work.find("condensate", condensate)
        if row is None or row["retired"] is not None:
            raise Refused("board.condensate_gone")
        work.ids = {"subgroup": row["subgroup"], "condensate": condensate}
        if was != ANY and row["golden_unit"] not in (was, unit):
            raise Refused("condensate.other_golden")
        if unit is not None:
            ensure_quotable(work.connection, unit)
            if unit not in _standing(work, row["subgroup"]):
                raise Refused("condensate.not_here")
        work.update("condensate", condensate, {"golden_unit": unit}, rev=rev)


# -- earlier versions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """A wording and voice that a condensate had. `text` None: erased, and nowhere any more."""

    op: int
    at: str
    who: str
    text: str | None
    voice: str | None
    by_undo: bool  # Undo or Redo brought it back


@requires(Action.READ_SOURCES)
def versions(ctx: Context, condensate: str) -> tuple[Version, ...]:
    """Every wording and voice a condensate has had, newest first; the first is how it reads now."""
    with ctx.read() as conn:
        return tuple(
            Version(r["op"], r["at"], r["who"], r["text"], r["voice"], r["nature"] != "do")
            for r in queries.condensing.wordings(conn, condensate)
        )
