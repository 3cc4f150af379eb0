"""The matrix of units: every unit with where it stands; moving, copying, taking out and settling many at once.

STC's decontextualised view: units are laid side by side across sources, and regrouped. Each act is one operation
on many units. What somebody else has moved since it was seen is left where they put it, and said."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.domain.errors import Refused
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup, Member, Participant, StakeholderGroup, Subgroup
from workbench.domain.roles import Action
from workbench.domain.unit_ids import find_all
from workbench.language import t, tn
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import matrix
from workbench.store.unit_of_work import UnitOfWork

from . import code_groups
from .code_groups import release_from_group
from .codebooks import CodeView, load_codes
from .context import Context, requires
from .projects import put_setting
from .sources import Wave, waves_of

KEEP: Final = "keep"  # stay in whatever subgroup of the code group a unit is in


# -- what is shown -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's placement: its id, the code group, the subgroup, and whether it is set aside with a reason."""

    id: str
    code_group: str
    subgroup: str | None
    aside: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands now. `settled`: the code groups it was said to stay in, all of them."""

    unit: str
    places: tuple[Place, ...]
    comments: int
    settled: tuple[str, ...]
    codes: tuple[str, ...] = ()  # of a codebook


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as a card or a line: its words, and whose they are. Only informants have a participant's id."""

    id: str
    rev: int
    made: int  # grows with every unit made
    source: str
    turn: int
    start: int
    member: str
    text: str
    speakers: tuple[tuple[str | None, str], ...]  # (participant, name), in speaking order
    standing: Standing


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of a row stand for."""

    sources: tuple[tuple[str, str, str, str | None], ...]  # (id, title, language, wave), in their order
    participants: Mapping[str, Participant]
    tops: Mapping[str, str]  # participant -> top stakeholder group
    groups: tuple[StakeholderGroup, ...]  # top stakeholder groups
    members: tuple[Member, ...]
    code_groups: tuple[CodeGroup, ...]
    subgroups: tuple[Subgroup, ...]
    waves: tuple[Wave, ...]
    codes: tuple[CodeView, ...]  # of the project's codebooks; none in most


@dataclass(frozen=True, slots=True)
class Rows:
    """All units, or with `since` those made or changed and how those touched stand. `speaking` changes when names
    beside units do: rows read before are then read anew."""

    rev: int
    speaking: int
    rows: tuple[UnitRow, ...]
    standing: tuple[Standing, ...]  # of all units touched
    gone: tuple[str, ...]
    units: tuple[str, ...]  # ids of all units, for short ids


@requires(Action.READ_SOURCES)
def list_rows(ctx: Context, *, since: int | None = None) -> Rows:
    """Units in reading order with where they stand; with `since`, what operations after it have changed."""
    with ctx.read() as conn:
        return _rows(conn, since)


def _rows(conn: Connection, since: int | None) -> Rows:
    found = matrix.units(conn, since)
    touched = None if since is None else matrix.touched(conn, since)
    standing = _standing(conn, touched)
    rows: dict[str, dict[str, Any]] = {}
    words: dict[str, list[str]] = {}
    speakers: dict[str, dict[tuple[str | None, str], None]] = {}
    for r in found:
        id = r["id"]
        if id not in rows:
            rows[id], words[id], speakers[id] = r, [], {}
        words[id].append(r["words"])
        if name := r["pseudonym"] or r["label"]:
            speakers[id][r["person"] if r["kind"] == "informant" else None, name] = None
    return Rows(
        rev=queries.operations.last_seq(conn),
        speaking=matrix.who_speaks_rev(conn),
        rows=tuple(
            UnitRow(
                id, r["rev"], r["made"], r["source"], r["seq"], r["start"], r["member"], "\n".join(words[id]),
                tuple(speakers[id]), standing.get(id) or Standing(id, (), 0, ()),
            )
            for id, r in rows.items()
        ),
        standing=tuple(standing.values()),
        gone=tuple(matrix.gone(conn, since)) if since is not None else (),
        units=tuple(rows) if since is None else (),
    )  # fmt: skip


def _standing(conn: Connection, units: Collection[str] | None) -> dict[str, Standing]:
    """How these units stand, or all that are placed, commented or settled."""
    comments, settled, codes = matrix.comments(conn), matrix.settled(conn), matrix.codes(conn)
    places: dict[str, list[Place]] = {}
    if units is not None and len(units) < 50:
        placed = [p for unit in units for p in matrix.placements_of(conn, unit)]
    else:
        placed = matrix.placements(conn)
    for p in placed:
        place = Place(p["id"], p["code_group"], p["subgroup"], bool(p["aside"]))
        places.setdefault(p["unit"], []).append(place)
    wanted = units if units is not None else {**places, **comments, **settled, **codes}
    return {
        u: Standing(
            u, tuple(places.get(u, ())), comments.get(u, 0), tuple(json.loads(settled[u]) if u in settled else ()),
            tuple(codes.get(u, ())),
        )
        for u in wanted
    }  # fmt: skip


@requires(Action.READ_SOURCES)
def names(ctx: Context) -> Names:
    """The people, sources, groups and waves that units are grouped and filtered by."""
    with ctx.read() as conn:
        groups, people = queries.groups(conn), queries.participants(conn)
        tops = {p.id: top for p in people.values() if (top := top_group(p.stakeholder_group, groups))}
        found = queries.live(conn, "source")
        found.sort(key=lambda s: s["position"])
        return Names(
            tuple((s["id"], s["title"], s["language"], s["wave"]) for s in found),
            people,
            tops,
            tuple(g for g in groups.values() if g.parent is None),
            tuple(queries.records(conn, Member)),
            tuple(queries.records(conn, CodeGroup, order="position, name")),
            tuple(queries.records(conn, Subgroup, order="position, name")),
            tuple(waves_of(conn)),
            tuple(load_codes(conn)),
        )


# -- many units in one operation -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit as it was seen when somebody took hold of it: the placement it leaves (None: it had none) with the
    subgroup that it showed. `new`: the id of the placement that is made, where the client has chosen one. `aside`:
    whether it was seen set aside, where that was shown."""

    unit: str
    placement: str | None
    subgroup: str | None = None
    new: str | None = None
    aside: bool | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A unit that was left alone: `why` gone (the mark was taken away), moved (somebody else placed it, moved it
    or took it out since; `who`) or several (which of its groups it should leave was not said)."""

    unit: str
    why: str
    who: str = ""


def _stays(work: UnitOfWork, one: Moved) -> Skipped | None:
    """None, or why a unit that leaves nothing is left alone."""
    unit = work.find("unit", one.unit)
    return Skipped(one.unit, "gone") if unit is None or unit["retired"] is not None else None


def _leaves(work: UnitOfWork, one: Moved) -> dict[str, Any] | Skipped | None:
    """The placement a unit leaves, None where it had none, or why it is left alone."""
    if gone := _stays(work, one):
        return gone
    if one.placement is None:
        placed = matrix.placements_of(work.connection, one.unit)
        rev = max((work.get("placement", p["id"])["rev"] for p in placed), default=0)
        return Skipped(one.unit, "moved", matrix.done_by(work.connection, rev)) if placed else None
    row = work.find("placement", one.placement)
    if row is None or row["unit"] != one.unit:
        return Skipped(one.unit, "moved")
    other = one.aside is not None and bool(row["set_aside"]) != bool(one.aside)
    if row["retired"] is not None or row["subgroup"] != one.subgroup or other:
        return Skipped(one.unit, "moved", matrix.done_by(work.connection, row["rev"]))
    return row


def _make(
    ctx: Context,
    work: UnitOfWork,
    new_code_groups: Iterable[Mapping[str, Any]],
    new_subgroups: Iterable[Mapping[str, Any]],
) -> None:
    for g in new_code_groups:
        if work.find("code_group", g["id"]) is None:
            code_groups.insert_code_group(work, ctx, str(g["name"]), g["id"])
    for s in new_subgroups:
        if work.find("subgroup", s["id"]) is None:
            name = str(s["name"]).strip()
            if not name:
                raise Refused("subgroup.needs_name")
            group = _standing_group(work, s["code_group"])
            position = work.next_position("subgroup", code_group=group)
            work.insert("subgroup", {"id": s["id"], "code_group": group, "name": name, "position": position})


def _standing_group(work: UnitOfWork, code_group: str) -> str:
    """The code group, or the one it was merged into meanwhile; refused where it was taken out."""
    found = code_groups.standing(work, code_group)
    if found is None:
        raise Refused("units.group_gone")
    return found


def _target(work: UnitOfWork, code_group: str, subgroup: str | None) -> tuple[str, str | None]:
    group = _standing_group(work, code_group)
    if subgroup is not None and subgroup != KEEP:
        row = work.find("subgroup", subgroup)
        if row is None or row["retired"] is not None or row["code_group"] != group:
            raise Refused("units.subgroup_gone")
    return group, subgroup


def _put(
    ctx: Context, work: UnitOfWork, unit: str, group: str, subgroup: str | None, new: str | None = None
) -> bool:
    """Place a unit; where it is in the code group already only its subgroup changes. True if it left a subgroup."""
    here = work.live("placement", unit=unit, code_group=group)
    if not here:
        row = {"id": new or ctx.new_id(), "unit": unit, "code_group": group,
               "subgroup": None if subgroup == KEEP else subgroup, "set_aside": None, "member": ctx.member.id}  # fmt: skip
        work.insert("placement", row)
        return False
    was = here[0]
    if subgroup == KEEP or (was["subgroup"] == subgroup and was["set_aside"] is None):
        return False
    work.update("placement", was["id"], {"subgroup": subgroup, "set_aside": None})
    return was["subgroup"] is not None and was["subgroup"] != subgroup


class _Left:
    """Which units leave which code group, or a subgroup of it: its condensates let go of them at the end."""

    def __init__(self, work: UnitOfWork) -> None:
        self.work = work
        self.units: dict[str, set[str]] = {}

    def note(self, code_group: str, unit: str) -> None:
        self.units.setdefault(code_group, set()).add(unit)

    def release(self) -> None:
        for code_group, units in self.units.items():
            release_from_group(self.work, units, code_group)


@requires(Action.ANALYSE)
def move(
    ctx: Context,
    units: Sequence[Moved],
    code_group: str,
    *,
    subgroup: str | None = KEEP,
    new_code_groups: Iterable[Mapping[str, Any]] = (),
    new_subgroups: Iterable[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> list[Skipped]:
    """Move units out of the placements they were seen in, to a code group (and a subgroup, None: in none of them).

    New code groups ({id, name}) and subgroups ({id, code_group, name}) are made first. Returns what was left alone."""
    return _regroup(ctx, "regroup", units, code_group, subgroup, (new_code_groups, new_subgroups), op_id)


@requires(Action.ANALYSE)
def copy(
    ctx: Context,
    units: Sequence[Moved],
    code_group: str,
    *,
    subgroup: str | None = KEEP,
    new_code_groups: Iterable[Mapping[str, Any]] = (),
    new_subgroups: Iterable[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> list[Skipped]:
    """Place units in a code group as well; they stay where they are. Returns what was left alone."""
    return _regroup(ctx, "copy_units", units, code_group, subgroup, (new_code_groups, new_subgroups), op_id)


def _regroup(
    ctx: Context, verb: str, units: Sequence[Moved], code_group: str, subgroup: str | None,
    new: tuple[Iterable[Mapping[str, Any]], Iterable[Mapping[str, Any]]], op_id: str | None,
) -> list[Skipped]:  # fmt: skip
    """Put units in a code group and, where the verb is to regroup, take each out of the placement it was seen in."""
    with ctx.write(verb, op_id=op_id) as work:
        _make(ctx, work, *new)
        group, subgroup = _target(work, code_group, subgroup)
        left, skipped, done = _Left(work), [], 0
        for one in units:
            row = _leaves(work, one) if verb == "regroup" else _stays(work, one)
            if isinstance(row, Skipped):
                skipped.append(row)
                continue
            done += 1
            if row is not None and row["code_group"] != group:
                work.retire("placement", row["id"])
                left.note(row["code_group"], one.unit)
            if _put(ctx, work, one.unit, group, subgroup, one.new):
                left.note(group, one.unit)
        left.release()
        work.ids = _ids(group, subgroup, done)
        return skipped


@requires(Action.ANALYSE)
def take_out(ctx: Context, units: Sequence[Moved], *, op_id: str | None = None) -> list[Skipped]:
    """Take units out of the placements they were seen in; the units stay. Returns what was left alone."""
    with ctx.write("take_out_units", op_id=op_id) as work:
        left, skipped, done = _Left(work), [], 0
        for one in units:
            row = _leaves(work, one)
            if isinstance(row, Skipped):
                skipped.append(row)
            elif row is not None:
                work.retire("placement", row["id"])
                left.note(row["code_group"], one.unit)
                done += 1
        left.release()
        work.ids = {"n": done}
        return skipped


@requires(Action.ANALYSE)
def set_aside(
    ctx: Context, units: Sequence[Moved], reason: str, *, op_id: str | None = None
) -> list[Skipped]:
    """Close units where they were seen, with one reason; they leave their subgroup and its condensates, not the code
    group. Returns what was left alone."""
    if not reason.strip():
        raise Refused("unit.needs_reason")
    with ctx.write("set_aside", op_id=op_id) as work:
        left, skipped, group, done = _Left(work), [], None, 0
        for one in units:
            row = _leaves(work, one)
            if isinstance(row, Skipped):
                skipped.append(row)
            elif row is not None:
                group = row["code_group"]
                if row["subgroup"] is not None:
                    left.note(group, one.unit)
                work.update("placement", row["id"], {"set_aside": reason.strip(), "subgroup": None})
                done += 1
        left.release()
        work.ids = {"n": done} | ({"code_group": group} if group else {})
        return skipped


@requires(Action.ANALYSE)
def settle(
    ctx: Context,
    units: Mapping[str, Collection[str]],
    *,
    only: str | None = None,
    op_id: str | None = None,
) -> list[Skipped]:
    """Decide on units in several code groups, or keep them in all of those.

    `units`: unit -> the code groups it was seen in. `only` takes it out of the others; None keeps all, which is
    remembered until the unit comes into a code group that was not among them. Returns what was left alone."""
    with ctx.write("settle_units" if only is None else "settle_units_in", op_id=op_id) as work:
        left, skipped, done = _Left(work), [], 0
        for unit, seen in units.items():
            placed = matrix.placements_of(work.connection, unit)
            groups = {p["code_group"] for p in placed}
            if not placed or groups != set(seen) or (only is not None and only not in groups):
                rev = matrix.changed_since(work.connection, unit, 0)
                skipped.append(Skipped(unit, "moved", matrix.done_by(work.connection, rev)))
                continue
            done += 1
            if only is None:
                put_setting(work, matrix.SETTLED + unit, json.dumps(sorted(groups)))
            for p in placed:
                if only is not None and p["code_group"] != only:
                    work.retire("placement", p["id"])
                    left.note(p["code_group"], unit)
        left.release()
        work.ids = {"n": done} | ({"code_group": only} if only else {})
        return skipped


def _ids(group: str, subgroup: str | None, n: int) -> dict[str, Any]:
    return {"code_group": group, "n": n} | ({"subgroup": subgroup} if subgroup not in (None, KEEP) else {})


# -- what the matrix sends -----------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def apply(ctx: Context, op: Mapping[str, Any], op_id: str) -> str | None:
    """Do one operation of the matrix or the board; a sentence where some of its units were left alone. Raises as the above."""
    units = [Moved(*one) for one in op.get("units", ())]
    more: dict[str, Any] = {"op_id": op_id}
    if op["verb"] in ("move", "copy"):
        more |= {"subgroup": op.get("subgroup", KEEP), "new_code_groups": op.get("new_code_groups", ()),
                 "new_subgroups": op.get("new_subgroups", ())}  # fmt: skip
        do = move if op["verb"] == "move" else copy
        return said(do(ctx, units, op["code_group"], **more))
    if op["verb"] == "aside":
        return said(set_aside(ctx, units, str(op["text"]), **more))
    if op["verb"] == "take_out":
        return said(take_out(ctx, units, **more))
    if op["verb"] == "settle":
        return said(settle(ctx, {unit: groups for unit, groups in op["seen"]}, only=op.get("only"), **more))
    raise ValueError(op["verb"])


def said(skipped: Sequence[Skipped]) -> str | None:
    """What was left alone, as a sentence; None when nothing was."""
    if not skipped:
        return None
    if all(s.why == "gone" for s in skipped):
        return tn("units.skipped.gone", len(skipped))
    who = " & ".join(dict.fromkeys(s.who for s in skipped if s.who)) or t("units.somebody")
    return tn("units.skipped.moved", len(skipped), who=who)


# -- cards from the table ------------------------------------------------------------------------------------

LONGEST = 20_000  # characters of what is typed or pasted


@dataclass(frozen=True, slots=True)
class Pile:
    """Cards that lay together. `code_group` None with a name: one to be made; `subgroup` likewise."""

    code_group: str | None
    name: str
    subgroup: str | None
    subgroup_name: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """What was understood of typed cards, before it is done."""

    rev: int
    piles: tuple[Pile, ...]
    unknown: tuple[str, ...]  # typed ids that are no unit's
    loose: int  # known cards that stood before the first heading
    leaving: tuple[tuple[str, int], ...]  # code group -> units that would leave it


@requires(Action.READ_SOURCES)
def read_cards(ctx: Context, typed: str) -> Cards:
    """Understand cards typed or pasted: `IN: K7Q2X 9F3ZA` a line, or a heading line and ids under it.

    A heading is a code group's two letters or name, perhaps `/ subgroup`; a name that no group has becomes a new
    group. Nothing is changed."""
    if len(typed) > LONGEST:
        raise Refused("units.cards.too_long", longest=LONGEST)
    with ctx.read() as conn:
        return _cards(conn, typed)


def _cards(conn: Connection, typed: str) -> Cards:
    groups = queries.records(conn, CodeGroup, order="position, name")
    subgroups = queries.records(conn, Subgroup, order="position, name")
    known = [r["id"] for r in queries.live(conn, "unit")]
    by_name = {g.name.casefold(): g for g in reversed(groups)} | {g.tag.casefold(): g for g in groups}

    def heading(line: str) -> Pile | None:
        name, _, sub = (part.strip() for part in line.partition("/"))
        group = by_name.get(name.casefold())
        found = next((s for s in subgroups if group and s.code_group == group.id
                      and s.name.casefold() == sub.casefold()), None)  # fmt: skip
        if not name:
            return None
        return Pile(group.id if group else None, group.name if group else name,
                    found.id if found else None, found.name if found else sub, ())  # fmt: skip

    lines: list[tuple[Pile | None, list[str]]] = [(None, [])]
    for line in typed.splitlines():
        before, colon, after = line.partition(":")
        if colon:
            lines.append((heading(before), _ids_in(after)))
        elif (pile := heading(line)) and pile.code_group:
            lines.append((pile, []))
        else:
            lines[-1][1].extend(_ids_in(line))
    found = find_all(known, [one for _, ids in lines for one in ids])
    piles: dict[tuple[str, str], Pile] = {}
    loose: dict[str, None] = {}
    for pile, ids in lines:
        units = dict.fromkeys(unit for one in ids if (unit := found[one]))
        if pile is None:
            loose |= units
            continue
        key = (pile.code_group or pile.name.casefold(), pile.subgroup or pile.subgroup_name.casefold())
        held = dict.fromkeys((*piles[key].units, *units)) if key in piles else units
        piles[key] = Pile(pile.code_group, pile.name, pile.subgroup, pile.subgroup_name, tuple(held))
    wanted: dict[str, set[str | None]] = {}
    for one in piles.values():
        for unit in one.units:
            wanted.setdefault(unit, set()).add(one.code_group)
    leaving: dict[str, int] = {}
    for unit, stay in wanted.items():
        for p in matrix.placements_of(conn, unit):
            if p["code_group"] not in stay:
                leaving[p["code_group"]] = leaving.get(p["code_group"], 0) + 1
    return Cards(
        queries.operations.last_seq(conn),
        tuple(p for p in piles.values() if p.units),
        tuple(dict.fromkeys(one for one, unit in found.items() if unit is None)),
        len(loose.keys() - wanted.keys()),
        tuple((g.id, leaving[g.id]) for g in groups if g.id in leaving),
    )


def _ids_in(line: str) -> list[str]:
    """The ids on a line, between spaces, commas and the like."""
    return [one for one in line.replace(",", " ").replace(";", " ").split() if any(c.isalnum() for c in one)]


@requires(Action.ANALYSE)
def place_cards(
    ctx: Context, typed: str, *, seen: int, stay: bool = False, op_id: str | None = None
) -> list[Skipped]:
    """Put units where their cards lay, all in one operation; each leaves the groups its card did not lie in, unless
    they `stay`. `seen` is `Cards.rev`: units that were placed or taken out after it are left alone."""
    with ctx.write("place_cards", op_id=op_id) as work:
        cards = _cards(work.connection, typed)
        before: dict[str, list[dict[str, Any]]] = {}
        wanted: dict[str, set[str]] = {}
        skipped: dict[str, Skipped] = {}
        for unit in dict.fromkeys(u for p in cards.piles for u in p.units):
            before[unit] = matrix.placements_of(work.connection, unit)
            if rev := matrix.changed_since(work.connection, unit, seen):
                skipped[unit] = Skipped(unit, "moved", matrix.done_by(work.connection, rev))
        left = _Left(work)
        made: dict[str, str] = {}
        for pile in cards.piles:
            units = [u for u in pile.units if u not in skipped]
            if not units:
                continue
            group = pile.code_group or made.get(pile.name.casefold())
            if group is None:
                group = made[pile.name.casefold()] = code_groups.insert_code_group(work, ctx, pile.name)
            subgroup: str | None = pile.subgroup or KEEP
            if pile.subgroup is None and pile.subgroup_name:
                subgroup = ctx.new_id()
                _make(ctx, work, (), [{"id": subgroup, "code_group": group, "name": pile.subgroup_name}])
            for unit in units:
                wanted.setdefault(unit, set()).add(group)
                if _put(ctx, work, unit, group, subgroup):
                    left.note(group, unit)
        for unit, groups in wanted.items():
            for p in before[unit]:
                if not stay and p["code_group"] not in groups:
                    work.retire("placement", p["id"])
                    left.note(p["code_group"], unit)
        left.release()
        work.ids = {"n": len(wanted)}
        return list(skipped.values())
