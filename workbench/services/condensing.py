"""Step 3, condensation: subgroups, condensates with a voice, which units they hold, golden quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import CodeGroup, Condensate, Cover, Placement, StakeholderGroup, Subgroup
from workbench.domain.roles import Action
from workbench.domain.stc import Staleness
from workbench.store import queries
from workbench.store.connection import Connection

from .code_groups import release_from_group
from .coding import UnitCard, load_cards
from .context import Context, requires

LONGEST = 20_000  # characters of a condensate; a longer one is a paste that went wrong


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
    )


def condensate_views(
    conn: Connection, cards: Sequence[UnitCard], code_group: str | None = None
) -> list[CondensateView]:
    """Condensates (of one code group, or all) with what has become stale since each was written.

    A condensate was written when its text last changed; stale are units placed in its subgroup since,
    and units it held that have left or changed their words since."""
    in_group = {s.id for s in queries.records(conn, Subgroup) if code_group in (None, s.code_group)}
    confirmed = queries.condensing.confirmations(conn)
    covers: dict[str, set[str]] = {}
    for v in queries.records(conn, Cover):
        covers.setdefault(v.condensate, set()).add(v.unit)
    by_id = {c.unit.id: c for c in cards}
    views = []
    for c in queries.records(conn, Condensate):
        if c.subgroup not in in_group:
            continue
        # Written is when the text got the wording it has, or was last confirmed.
        written, at = max(queries.condensing.last_wording(conn, c.id), confirmed.get(c.id, (0, "")))
        held = covers.get(c.id, set())
        came = [
            card.unit.id for card in cards
            for p in card.placements
            if p.subgroup == c.subgroup and p.set_aside is None and card.unit.id not in held and p.rev > written
            and queries.condensing.entered_since(conn, p.id, written)
        ]  # fmt: skip
        went = queries.condensing.left_since(conn, c.id, written) - held
        went |= {
            u for u in held
            if u in by_id and by_id[u].unit.rev > written
            and queries.condensing.words_changed_since(conn, u, written, by_id[u].unit.mac)
        }  # fmt: skip
        people = {p for u in held if u in by_id for p in by_id[u].unit.participants}
        groups = dict.fromkeys(g for u in held if u in by_id for g in by_id[u].groups)
        views.append(
            CondensateView(
                c,
                frozenset(held),
                Staleness(tuple(came), tuple(sorted(went))),
                at,
                len(people),
                tuple(groups),
            )
        )
    return views


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
        for p in work.live("placement", code_group=code_group):
            if p["unit"] in wanted:
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
    """Write a condensate for a subgroup. `covers` None: nothing is ticked yet."""
    with ctx.write("add_condensate") as work:
        row = {"id": ctx.new_id(), "subgroup": subgroup, "voice": voice or None, "text": _check_text(text),
               "golden_unit": golden_unit}  # fmt: skip
        work.insert("condensate", row)
        work.ids = {"subgroup": subgroup, "condensate": row["id"]}
        for unit in covers or ():
            work.insert("cover", {"id": ctx.new_id(), "condensate": row["id"], "unit": unit})
        return str(row["id"])


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
    """Take a condensate out with its ticks."""
    with ctx.write("retire_condensate") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        for v in work.live("cover", condensate=condensate):
            work.retire("cover", v["id"])
        work.retire("condensate", condensate)


@requires(Action.ANALYSE)
def set_covers(ctx: Context, condensate: str, units: Sequence[str]) -> None:
    """Say exactly which units a condensate holds."""
    with ctx.write("set_covers") as work:
        work.ids = {"subgroup": work.get("condensate", condensate)["subgroup"], "condensate": condensate}
        held = {v["unit"]: v["id"] for v in work.live("cover", condensate=condensate)}
        wanted = dict.fromkeys(units)
        for unit, id in held.items():
            if unit not in wanted:
                work.retire("cover", id)
        for unit in wanted:
            if unit not in held:
                work.insert("cover", {"id": ctx.new_id(), "condensate": condensate, "unit": unit})


@requires(Action.ANALYSE)
def set_golden(ctx: Context, condensate: str, unit: str | None) -> None:
    """Choose the golden quote: a unit in participants' words, said by somebody who may be quoted."""
    with ctx.write("set_golden") as work:
        row = work.get("condensate", condensate)
        work.ids = {"subgroup": row["subgroup"], "condensate": condensate}
        if unit is not None:
            ensure_quotable(work.connection, unit)
        work.update("condensate", condensate, {"golden_unit": unit})


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
