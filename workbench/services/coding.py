"""Step 2, meaning units: marking, placing and taking back, one operation per act of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.domain.errors import InvalidSpan, Refused, WorkbenchError
from workbench.domain.people import top_group
from workbench.domain.records import Member, Placement
from workbench.domain.roles import Action
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from . import code_groups
from .context import Context, requires
from .history import redo, undo


@dataclass(frozen=True, slots=True)
class MarkView:
    """A meaning unit as the reader paints it."""

    unit: str
    rev: int
    start: int
    end: int
    member: str
    initials: str
    placements: tuple[tuple[str, str, str | None], ...]  # (placement, code group, subgroup's name)


@dataclass(frozen=True, slots=True)
class MarksView:
    """What is marked in a source: everything, or what has changed since an operation."""

    rev: int
    marks: tuple[MarkView, ...]
    removed: tuple[str, ...]
    groups: tuple[code_groups.GroupCount, ...]
    unplaced: int  # units without a code group, in the whole project
    units: int  # in the whole project


@requires(Action.READ_SOURCES)
def marks_view(ctx: Context, source: str, *, since: int | None = None) -> MarksView:
    """Marks of a source. With `since`, only units touched by later operations, and those gone."""
    with ctx.store.read() as conn:
        initials = {m.id: m.initials for m in queries.records(conn, Member)}
        placed: dict[str, list[tuple[str, str, str | None]]] = {}
        for p in queries.marks.placements_of(conn, source, since):
            placed.setdefault(p["unit"], []).append((p["id"], p["code_group"], p["name"]))
        units = queries.marks.units_of(conn, source, since)
        count, unplaced = queries.marks.counts(conn)
        return MarksView(
            rev=queries.operations.last_seq(conn),
            marks=tuple(
                MarkView(u["id"], u["rev"], u["start"], u["end"], u["member"], initials.get(u["member"], "?"),
                         tuple(placed.get(u["id"], ())))
                for u in units if u["retired"] is None
            ),
            removed=tuple(u["id"] for u in units if u["retired"] is not None) if since is not None else (),
            groups=tuple(code_groups.group_counts(conn)),
            unplaced=unplaced,
            units=count,
        )  # fmt: skip


# -- marks ---------------------------------------------------------------------------------------------


def _check_span(
    ctx: Context, work: UnitOfWork, source: str, text_rev: int, start: int, end: int, quote: str | None
) -> str:
    """The keyed digest of the span's words; raises InvalidSpan where the span does not fit its text."""
    row = work.get("source", source)
    if row["text_rev"] != text_rev:
        raise InvalidSpan("span.text_changed")
    text = queries.span_text(work.connection, source, text_rev, start, end) if 0 <= start < end else None
    if text is None or not text.strip():
        raise InvalidSpan("span.outside")
    if quote is not None and text != quote:
        raise InvalidSpan("span.other_words")
    return ctx.store.mac(text)


def _place(ctx: Context, work: UnitOfWork, unit: str, op: Mapping[str, Any]) -> None:
    made = {
        g["id"]: code_groups.insert_code_group(work, ctx, str(g["name"]), g["id"])
        for g in op.get("new_code_groups", ())
        if work.find("code_group", g["id"]) is None
    }
    for p in op.get("placements", ()):
        code_group = made.get(p["code_group"], p["code_group"])
        if not work.live("placement", unit=unit, code_group=code_group):
            row = {"id": p.get("id") or ctx.new_id(), "unit": unit, "code_group": code_group,
                   "subgroup": p.get("subgroup"), "set_aside": None, "member": ctx.member.id}  # fmt: skip
            work.insert("placement", row)


@requires(Action.ANALYSE)
def mark(
    ctx: Context,
    source: str,
    start: int,
    end: int,
    *,
    text_rev: int,
    quote: str | None = None,
    placements: Iterable[Mapping[str, Any]] = (),
    new_code_groups: Iterable[Mapping[str, Any]] = (),
    unit: str | None = None,
    op_id: str | None = None,
) -> str:
    """Mark [start, end) code points of a source as a meaning unit, perhaps placed at once; returns its id.

    `quote`, where given, must be exactly the words in the span. Raises InvalidSpan."""
    with ctx.write("mark", op_id=op_id) as work:
        unit = unit or ctx.new_id()
        mac = _check_span(ctx, work, source, text_rev, start, end, quote)
        work.ids = {"source": source, "unit": unit}
        row = {"id": unit, "source": source, "text_rev": text_rev, "start": start, "end": end, "mac": mac,
               "member": ctx.member.id}  # fmt: skip
        work.insert("unit", row)
        _place(ctx, work, unit, {"placements": placements, "new_code_groups": new_code_groups})
        return unit


@requires(Action.ANALYSE)
def place(
    ctx: Context,
    unit: str,
    *,
    placements: Iterable[Mapping[str, Any]],
    new_code_groups: Iterable[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> None:
    """Place a unit in one or more code groups (and, with `subgroup`, in a subgroup); those it is in already stay."""
    with ctx.write("place", op_id=op_id) as work:
        work.ids = {"source": work.get("unit", unit)["source"], "unit": unit}
        _place(ctx, work, unit, {"placements": placements, "new_code_groups": new_code_groups})


def release_from_group(work: UnitOfWork, units: Collection[str], code_group: str) -> None:
    """Untick units in the condensates of a code group they leave, and let go of them as golden quotes."""
    for subgroup in work.live("subgroup", code_group=code_group) if units else ():
        for c in work.live("condensate", subgroup=subgroup["id"]):
            for v in work.live("cover", condensate=c["id"]):
                if v["unit"] in units:
                    work.retire("cover", v["id"])
            if c["golden_unit"] in units:
                work.update("condensate", c["id"], {"golden_unit": None})


@requires(Action.ANALYSE)
def unplace(ctx: Context, placement: str, *, op_id: str | None = None) -> None:
    """Take a unit out of a code group; condensates of the group no longer hold it."""
    with ctx.write("unplace", op_id=op_id) as work:
        row = work.get("placement", placement)
        work.ids = {"code_group": row["code_group"], "unit": row["unit"]}
        work.retire("placement", placement)
        release_from_group(work, {row["unit"]}, row["code_group"])


@requires(Action.ANALYSE)
def remove_unit(ctx: Context, unit: str, *, rev: int | None = None, op_id: str | None = None) -> None:
    """Take a mark away. Refused while a cleared quote, a requirement or an analytic text rests on it."""
    with ctx.write("remove_unit", op_id=op_id) as work:
        row = work.get("unit", unit)
        work.ids = {"source": row["source"], "unit": unit}
        for p in work.live("placement", unit=unit):
            work.retire("placement", p["id"])
            release_from_group(work, {unit}, p["code_group"])
        work.retire("unit", unit, rev=rev)


@requires(Action.ANALYSE)
def resize(
    ctx: Context,
    unit: str,
    start: int,
    end: int,
    *,
    rev: int | None = None,
    quote: str | None = None,
    op_id: str | None = None,
) -> None:
    """Extend or shrink a mark to [start, end)."""
    with ctx.write("resize", op_id=op_id) as work:
        row = work.get("unit", unit)
        work.ids = {"source": row["source"], "unit": unit}
        mac = _check_span(ctx, work, row["source"], row["text_rev"], start, end, quote)
        work.update("unit", unit, {"start": start, "end": end, "mac": mac}, rev=rev)


@requires(Action.ANALYSE)
def apply_operations(ctx: Context, operations: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Apply what the reader sent; returns operation id -> None (done) or the sentence that refuses it.

    Every operation carries an id made by the client and is done at most once, however often it is
    sent. One that fails for want of a lock or a disk is not answered, so that it is sent again."""
    replies: dict[str, str | None] = {}
    for op in operations:
        id = str(op.get("id", ""))
        if not id or id in replies:
            continue
        with ctx.store.read() as conn:
            known = queries.operations.is_known(conn, id)
        if known:
            replies[id] = None
            continue
        if op.get("project") != ctx.store.id or op.get("member") != ctx.member.id:
            continue  # not this member's to do: it waits in their outbox until they act again
        try:
            _apply(ctx, op, id)
            replies[id] = None
        except (KeyError, TypeError, ValueError, OverflowError):
            replies[id] = t("reader.not_understood")
        except Refused as refused:
            replies[id] = t(refused.code, **refused.params)
        except WorkbenchError:
            continue
    return replies


def _apply(ctx: Context, op: Mapping[str, Any], id: str) -> None:
    match op["verb"]:
        case "mark":
            mark(
                ctx, op["source"], int(op["start"]), int(op["end"]), text_rev=int(op["text_rev"]),
                quote=op.get("quote"), placements=op.get("placements", ()),
                new_code_groups=op.get("new_code_groups", ()), unit=op["unit"], op_id=id,
            )  # fmt: skip
        case "place":
            place(
                ctx,
                op["unit"],
                placements=op["placements"],
                new_code_groups=op.get("new_code_groups", ()),
                op_id=id,
            )
        case "unplace":
            unplace(ctx, op["placement"], op_id=id)
        case "remove":
            remove_unit(ctx, op["unit"], op_id=id)
        case "resize":
            rev = op.get("rev")
            resize(
                ctx, op["unit"], int(op["start"]), int(op["end"]), rev=rev, quote=op.get("quote"), op_id=id
            )
        case "group":
            with ctx.write("add_code_group", op_id=id) as work:
                for g in op["new_code_groups"]:
                    work.ids = {
                        "code_group": code_groups.insert_code_group(work, ctx, str(g["name"]), g["id"])
                    }
        case "undo":
            undo(ctx, op_id=id)
        case "redo":
            redo(ctx, op_id=id)
        case _:
            raise ValueError(op["verb"])


# -- the matrix of units --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitCard:
    """A unit with where it stands, for lists, boards and exports."""

    unit: queries.UnitText
    groups: tuple[str, ...]  # top stakeholder groups of those who speak in it
    initials: str
    placements: tuple[Placement, ...]


def load_cards(conn: Connection, code_group: str | None = None) -> list[UnitCard]:
    """Units in reading order, all or those placed in a code group."""
    groups, people = queries.groups(conn), queries.participants(conn)
    initials = {m.id: m.initials for m in queries.records(conn, Member)}
    placements: dict[str, list[Placement]] = {}
    for p in queries.records(conn, Placement, order="rowid"):
        placements.setdefault(p.unit, []).append(p)
    cards = []
    for u in queries.units(conn, code_group=code_group):
        tops = dict.fromkeys(
            top
            for id in u.participants
            if (top := top_group(people[id].stakeholder_group, groups)) is not None
        )
        cards.append(UnitCard(u, tuple(tops), initials.get(u.member, "?"), tuple(placements.get(u.id, ()))))
    return cards


@requires(Action.READ_SOURCES)
def list_units(ctx: Context) -> list[UnitCard]:
    """All units of the project in reading order."""
    with ctx.store.read() as conn:
        return load_cards(conn)
