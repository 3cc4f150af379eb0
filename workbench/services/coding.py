"""Step 2, meaning units: marking, placing and taking back, one operation per act of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.domain import spans
from workbench.domain.errors import InvalidSpan, Refused, WorkbenchError
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup, Member, Placement, Source
from workbench.domain.roles import Action
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import matrix
from workbench.store.unit_of_work import Row, UnitOfWork

from . import code_groups, codebooks, correcting, units
from .code_groups import release_from_group
from .context import Context, requires
from .history import redo, undo

# -- what the reader shows -----------------------------------------------------------------------------


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
    codes: tuple[tuple[str, str], ...] = ()  # (tag, code of a codebook)
    comments: tuple[tuple[str, str, str], ...] = ()  # (memo, member, text)


@dataclass(frozen=True, slots=True)
class Tally:
    """A code group's number of units and the top stakeholder groups heard in it, by their place among the top
    groups; with `more`, those heard beside the ones that were."""

    code_group: str
    units: int
    heard: tuple[int, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class MarksView:
    """What is marked in a source: everything (`since` None), or what has changed since operation `since`.

    `chain` is the beginning of the last operation's hash: the same number of another history (a backup was
    restored) has another. `groups`, `tallies` and `codes` are those that changed, too."""

    source: str
    title: str
    text_rev: int
    rev: int
    chain: str
    since: int | None
    marks: tuple[MarkView, ...]
    removed: tuple[str, ...]
    groups: tuple[CodeGroup, ...]
    groups_gone: tuple[str, ...]
    tallies: tuple[Tally, ...]
    codes: tuple[codebooks.CodeView, ...] | None  # None: as they were
    unplaced: int  # units without a code group, in the whole project
    units: int  # in the whole project


@requires(Action.READ_SOURCES)
def titles(ctx: Context) -> dict[str, str]:
    """Sources that are read and marked (literature is not), id -> title, in their order."""
    with ctx.read() as conn:
        found = queries.records(conn, Source, order="position")
        return {s.id: s.title for s in found if s.words_of != "literature"}


# Where one of these has changed the reader is told everything again: who is speaking and how it is named, and
# whether what others marked is to be seen.
_PEOPLE = frozenset({"speaker", "participant", "stakeholder_group", "member", "session", "double_coding"})


@requires(Action.READ_SOURCES)
def marks_view(ctx: Context, source: str, *, since: tuple[int, str] | None = None) -> MarksView:
    """Marks of a source. With `since`, the (rev, chain) that somebody has it at, only what is different now,
    unless too much is: then everything. Raises Refused when the source is gone."""
    with ctx.read() as conn:
        standing = queries.live(conn, "source", id=source)
        if not standing:
            raise Refused("error.gone", kind="source")
        rev = queries.operations.last_seq(conn)
        chain = queries.marks.chain(conn, rev)
        based = since is not None and since[0] <= rev and since[1] == queries.marks.chain(conn, since[0])
        touched = queries.marks.touched(conn, since[0]) if since and based else {}
        if source in touched.get("source", ()) or _PEOPLE & touched.keys():
            based = False
        last = since[0] if since and based else None
        units = queries.marks.units_touched(conn, last) if last is not None else None
        marks, removed = _marks(conn, source, units)
        changed = touched.get("code_group", set()) if based else None
        groups = queries.records(conn, CodeGroup, order="position, name")
        count, unplaced = queries.marks.counts(conn)
        return MarksView(
            source=source,
            title=standing[0]["title"],
            text_rev=standing[0]["text_rev"],
            rev=rev,
            chain=chain,
            since=last,
            marks=marks,
            removed=removed if based else (),
            groups=tuple(g for g in groups if changed is None or g.id in changed),
            groups_gone=tuple(sorted((changed or set()) - {g.id for g in groups})),
            tallies=_tallies(conn, last),
            codes=None if based and not touched.keys() & {"code", "codebook"} else tuple(codebooks.load_codes(conn)),
            unplaced=unplaced,
            units=count,
        )  # fmt: skip


def _marks(
    conn: Connection, source: str, among: Collection[str] | None
) -> tuple[tuple[MarkView, ...], tuple[str, ...]]:
    """(marks, units that are gone) of a source: all, or those among `among`."""
    initials = {m.id: m.initials for m in queries.records(conn, Member)}
    placed: dict[str, list[tuple[str, str, str | None]]] = {}
    tags: dict[str, list[tuple[str, str]]] = {}
    comments: dict[str, list[tuple[str, str, str]]] = {}
    for p in queries.marks.placements_of(conn, source, among):
        placed.setdefault(p["unit"], []).append((p["id"], p["code_group"], p["name"]))
    for c in queries.marks.tags_of(conn, source, among):
        tags.setdefault(c["unit"], []).append((c["id"], c["code"]))
    for m in queries.marks.comments_of(conn, source, among):
        comments.setdefault(m["unit"], []).append((m["id"], m["member"], m["text"]))
    units = queries.marks.units_of(conn, source, among)
    marks = tuple(
        MarkView(
            u["id"], u["rev"], u["start"], u["end"], u["member"], initials.get(u["member"], "?"),
            tuple(placed.get(u["id"], ())), tuple(tags.get(u["id"], ())), tuple(comments.get(u["id"], ())),
        )
        for u in units if u["retired"] is None
    )  # fmt: skip
    return marks, tuple(u["id"] for u in units if u["retired"] is not None)


def _tallies(conn: Connection, since: int | None) -> tuple[Tally, ...]:
    """Counts of every code group, or of those that hold other units since."""
    among, more = queries.marks.groups_touched(conn, since) if since is not None else (None, False)
    if among is not None and not among:
        return ()
    units = queries.marks.units_touched(conn, since) if more and since is not None else None
    sizes = queries.marks.group_sizes(conn, among)
    stakeholders, people = queries.groups(conn), queries.participants(conn)
    tops = [g.id for g in stakeholders.values() if g.parent is None]
    heard: dict[str, set[int]] = {}
    for code_group, participant in queries.marks.group_speakers(conn, among, units):
        person = people.get(participant)
        if (
            person
            and person.kind == "informant"
            and (top := top_group(person.stakeholder_group, stakeholders))
        ):
            heard.setdefault(code_group, set()).add(tops.index(top))
    return tuple(
        Tally(id, sizes.get(id, 0), tuple(sorted(heard.get(id, ()))), more)
        for id in sorted(sizes if among is None else among)
    )


# -- marks ---------------------------------------------------------------------------------------------


def _span(
    ctx: Context, work: UnitOfWork, source: str, text_rev: int, start: int, end: int, quote: str | None
) -> Row:
    """The columns of a unit over these words: the span carried over to the text that stands, and the keyed
    digest of its words. Raises InvalidSpan where it does not fit, or where its words are gone."""
    conn = work.connection
    now = work.get("source", source)["text_rev"]
    if not 0 <= start < end:
        raise InvalidSpan("span.outside")
    if text_rev != now:
        if not correcting.same_words(conn, source, text_rev, start, end):
            quote = None  # corrected in between; the place is still right
        found = correcting.carry_over(conn, source, text_rev, start, end)
        if found is None:
            raise InvalidSpan("span.text_changed")
        start, end = found
    text = queries.span_text(conn, source, now, start, end)
    if text is None or not text.strip():
        raise InvalidSpan("span.outside")
    if quote is not None and text != quote:
        raise InvalidSpan("span.other_words")
    return {"text_rev": now, "start": start, "end": end, "mac": ctx.store.mac(text)}


def _place(ctx: Context, work: UnitOfWork, unit: str, op: Mapping[str, Any]) -> str | None:
    """Put a unit in code groups (one that was merged stands for what it was merged into) and under codes;
    returns the sentence about one that has been taken out meanwhile."""
    for g in op.get("new_code_groups", ()):
        if work.find("code_group", g["id"]) is None:
            code_groups.insert_code_group(work, ctx, str(g["name"]), g["id"])
    said = None
    for p in op.get("placements", ()):
        code_group = code_groups.standing(work, p["code_group"])
        if code_group is None:
            said = said_gone(work, "code_group", p["code_group"])
        elif not work.live("placement", unit=unit, code_group=code_group):
            row = {"id": p.get("id") or ctx.new_id(), "unit": unit, "code_group": code_group,
                   "subgroup": p.get("subgroup"), "set_aside": None, "member": ctx.member.id}  # fmt: skip
            work.insert("placement", row)
    for c in op.get("codes", ()):
        code = work.find("code", c["code"])
        if code is None or code["retired"] is not None:
            said = said_gone(work, "code", c["code"])
        else:
            codebooks.insert_tags(work, ctx, unit, [c])
    return said


def said_gone(work: UnitOfWork, kind: str, id: str, *, said: str = "coding.gone") -> str:
    """That what is marked is kept without a code group or code which is no longer there, and by whom."""
    row = work.find(kind, id)
    if row is None:
        raise Refused("error.gone", kind=kind)
    name, who = row["name" if kind == "code_group" else "label"], matrix.done_by(work.connection, row["rev"])
    return t(said, name=name, who=who) if who else t(f"{said}.somebody", name=name)


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
    codes: Iterable[Mapping[str, Any]] = (),
    unit: str | None = None,
    op_id: str | None = None,
) -> str:
    """Mark [start, end) code points of a source as a meaning unit, perhaps placed at once; returns its id.

    `quote`, where given, must be exactly the words in the span. Raises InvalidSpan. A placement in a code
    group that was merged goes where that went; one in a code group that was taken out is left out."""
    op = {"placements": placements, "new_code_groups": new_code_groups, "codes": codes}
    unit = unit or ctx.new_id()
    _mark(ctx, source, unit, start, end, text_rev, quote, op, op_id)
    return unit


def _mark(
    ctx: Context, source: str, unit: str, start: int, end: int, text_rev: int, quote: str | None,
    op: Mapping[str, Any], op_id: str | None,
) -> str | None:  # fmt: skip
    with ctx.write("mark", op_id=op_id) as work:
        work.ids = {"source": source, "unit": unit}
        place = _span(ctx, work, source, text_rev, start, end, quote)
        work.insert("unit", {"id": unit, "source": source, **place, "member": ctx.member.id})
        return _place(ctx, work, unit, op)


@requires(Action.ANALYSE)
def place(
    ctx: Context,
    unit: str,
    *,
    placements: Iterable[Mapping[str, Any]] = (),
    new_code_groups: Iterable[Mapping[str, Any]] = (),
    codes: Iterable[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> str | None:
    """Place a unit in one or more code groups (and, with `subgroup`, in a subgroup) and under codes of a codebook;
    those it is in already stay. Returns a sentence where a code group had been taken out meanwhile."""
    with ctx.write("place", op_id=op_id) as work:
        work.ids = {"source": work.get("unit", unit)["source"], "unit": unit}
        return _place(
            ctx, work, unit, {"placements": placements, "new_code_groups": new_code_groups, "codes": codes}
        )


@requires(Action.ANALYSE)
def unplace(ctx: Context, placement: str, *, op_id: str | None = None) -> None:
    """Take a unit out of a code group; condensates of the group no longer hold it."""
    with ctx.write("unplace", op_id=op_id) as work:
        row = work.get("placement", placement)
        work.ids = {"code_group": row["code_group"], "unit": row["unit"]}
        work.retire("placement", placement)
        release_from_group(work, {row["unit"]}, row["code_group"])


@requires(Action.ANALYSE)
def untag(ctx: Context, tag: str, *, op_id: str | None = None) -> None:
    """Take a code of a codebook off a unit."""
    with ctx.write("untag", op_id=op_id) as work:
        work.ids = {"code": work.get("code_tag", tag)["code"]}
        work.retire("code_tag", tag)


@requires(Action.ANALYSE)
def remove_unit(ctx: Context, unit: str, *, seen: int | None = None, op_id: str | None = None) -> None:
    """Take a mark away, with its comments. Refused while a cleared quote, a requirement or an analytic text
    rests on it; and with `seen`, the last operation it was seen at, where somebody else has changed it or
    written a comment on it since."""
    with ctx.write("remove_unit", op_id=op_id) as work:
        row = work.get("unit", unit)
        if seen is not None and (
            newer := queries.marks.by_others(work.connection, unit, ctx.member.id, seen)
        ):
            raise Refused(
                "coding.remove_commented" if newer["comment"] else "coding.remove_changed", who=newer["who"]
            )
        work.ids = {"source": row["source"], "unit": unit}
        take_away(work, unit)


def take_away(work: UnitOfWork, unit: str) -> None:
    """Within an operation: take a mark out with its placements, codes and comments."""
    for p in work.live("placement", unit=unit):
        work.retire("placement", p["id"])
        release_from_group(work, {unit}, p["code_group"])
    codebooks.release_unit(work, unit)
    for memo in work.live("memo", item=unit):
        work.retire("memo", memo["id"])
    work.retire("unit", unit)


@requires(Action.ANALYSE)
def resize(
    ctx: Context,
    unit: str,
    start: int,
    end: int,
    *,
    rev: int | None = None,
    text_rev: int | None = None,
    quote: str | None = None,
    op_id: str | None = None,
) -> None:
    """Extend or shrink a mark to [start, end) of the text version `text_rev`, that of the mark by default."""
    with ctx.write("resize", op_id=op_id) as work:
        row = work.get("unit", unit)
        work.ids = {"source": row["source"], "unit": unit}
        place = _span(ctx, work, row["source"], text_rev or row["text_rev"], start, end, quote)
        work.update("unit", unit, place, rev=_settled(work, unit, rev))


def _settled(work: UnitOfWork, unit: str, rev: int | None) -> int | None:
    """A correction of the text elsewhere makes nobody's edit of a mark stale."""
    return None if rev is None else correcting.settled_rev(work.connection, unit, rev)


@requires(Action.ANALYSE)
def split(
    ctx: Context,
    unit: str,
    at: int,
    *,
    new_unit: str | None = None,
    rev: int | None = None,
    text_rev: int | None = None,
    op_id: str | None = None,
) -> str:
    """Cut a mark in two at a code point of the text: what is before it keeps the unit and its comments, what is
    after becomes `new_unit` in the same code groups and under the same codes; returns its id.

    White space at the cut belongs to neither. Raises InvalidSpan where one of them would have no words."""
    with ctx.write("split_unit", op_id=op_id) as work:
        row = work.get("unit", unit)
        source, now = row["source"], row["text_rev"]
        work.ids = {"source": source, "unit": unit}
        if text_rev is not None and text_rev != now:
            moved = correcting.carry_over(work.connection, source, text_rev, at, at + 1)
            if moved is None:
                raise InvalidSpan("span.text_changed")
            at = moved[0]
        text = queries.span_text(work.connection, source, now, row["start"], row["end"]) or ""
        cut = at - row["start"]
        before = spans.trimmed(text, 0, max(0, cut))
        after = spans.trimmed(text, max(0, cut), len(text))
        if before is None or after is None:
            raise InvalidSpan("coding.split_empty")
        new_unit = new_unit or ctx.new_id()
        for id, (start, end) in ((unit, before), (new_unit, after)):
            place = {
                "start": row["start"] + start,
                "end": row["start"] + end,
                "mac": ctx.store.mac(text[start:end]),
            }
            if id == unit:
                work.update("unit", unit, place, rev=_settled(work, unit, rev))
            else:
                new = {"id": id, "source": source, "text_rev": now, "member": row["member"], **place}
                work.insert("unit", new)
        for p in work.live("placement", unit=unit):
            kept = {"code_group": p["code_group"], "subgroup": p["subgroup"], "set_aside": p["set_aside"]}
            work.insert("placement", {"id": ctx.new_id(), "unit": new_unit, "member": p["member"], **kept})
        codebooks.copy_tags(work, ctx, unit, new_unit)
        return new_unit


@requires(Action.ANALYSE)
def comment(
    ctx: Context,
    unit: str,
    text: str,
    *,
    memo: str | None = None,
    before: str | None = None,
    op_id: str | None = None,
) -> None:
    """Write, change or, with an empty text, take out one's own comment on a unit. With `before`, what it was when
    it was opened: refused where it has been changed since (in another window)."""
    with ctx.write("comment_unit", op_id=op_id) as work:
        work.ids = {"source": work.get("unit", unit)["source"], "unit": unit}
        memo, text = memo or ctx.new_id(), text.strip()
        row = work.find("memo", memo)
        if row is None:
            if text:
                work.insert("memo", {"id": memo, "item": unit, "member": ctx.member.id, "text": text})
            return
        if row["member"] != ctx.member.id or row["item"] != unit:
            raise Refused("coding.comment_not_yours")
        if before and row["retired"] is None and row["text"] not in (before.strip(), text):
            raise Refused("coding.comment_changed")
        if row["retired"] is not None:
            if text:  # taken out, or its writing undone, and written again
                work.revive("memo", memo, {"text": text})
        elif text:
            work.update("memo", memo, {"text": text})
        else:
            work.retire("memo", memo)


# -- what the reader sends -----------------------------------------------------------------------------


@requires(Action.ANALYSE)
def apply_operations(ctx: Context, operations: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Apply what the reader sent; returns operation id -> None (done) or a sentence: why it was not done, or
    what about it was not (a mark is kept although a code group it was to be in has been taken out).

    Every operation carries an id made by the client and is done at most once, however often it is
    sent. One that fails for want of a lock or a disk is not answered, so that it is sent again."""
    replies: dict[str, str | None] = {}
    for op in operations:
        id = str(op.get("id", ""))
        if not id or id in replies:
            continue
        if _is_known(ctx, id):
            replies[id] = None
            continue
        if op.get("project") != ctx.store.id or op.get("member") != ctx.member.id:
            continue  # not this member's to do: it waits in their outbox until they act again
        try:
            replies[id] = _apply(ctx, op, id)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            replies[id] = t("reader.not_understood")
        except Refused as refused:
            # Two tabs share what waits: the other one's delivery may have been done while this one was looked at.
            replies[id] = None if _is_known(ctx, id) else t(refused.code, **refused.params)
        except WorkbenchError:
            continue
    return replies


def _is_known(ctx: Context, id: str) -> bool:
    with ctx.read() as conn:
        return queries.operations.is_known(conn, id)


def _apply(ctx: Context, op: Mapping[str, Any], id: str) -> str | None:
    """Do one operation; returns a sentence about what of it could not be done."""
    match op["verb"]:
        case "mark":
            return _mark(
                ctx, op["source"], op["unit"], int(op["start"]), int(op["end"]), int(op["text_rev"]),
                op.get("quote"), op, id,
            )  # fmt: skip
        case "place":
            some = {k: op.get(k, ()) for k in ("placements", "new_code_groups", "codes")}
            return place(ctx, op["unit"], **some, op_id=id)
        case "unplace":
            unplace(ctx, op["placement"], op_id=id)
        case "untag":
            untag(ctx, op["tag"], op_id=id)
        case "remove":
            remove_unit(ctx, op["unit"], seen=op.get("seen"), op_id=id)
        case "resize":
            resize(
                ctx, op["unit"], int(op["start"]), int(op["end"]), rev=op.get("rev"),
                text_rev=int(op["text_rev"]), quote=op.get("quote"), op_id=id,
            )  # fmt: skip
        case "split":
            split(
                ctx, op["unit"], int(op["at"]), new_unit=op["new_unit"], rev=op.get("rev"),
                text_rev=int(op["text_rev"]), op_id=id,
            )  # fmt: skip
        case "comment":
            comment(ctx, op["unit"], str(op["text"]), memo=op["memo"], before=op.get("before"), op_id=id)
        case "correct":
            correcting.correct_text(
                ctx, op["source"], int(op["start"]), int(op["end"]), str(op["text"]),
                text_rev=int(op["text_rev"]), quote=str(op["quote"]), everywhere=bool(op.get("everywhere")), op_id=id,
            )  # fmt: skip
        case "group":
            with ctx.write("add_code_group", op_id=id) as work:
                for g in op["new_code_groups"]:
                    made = code_groups.insert_code_group(work, ctx, str(g["name"]), g["id"])
                    work.ids = {"code_group": made}
        case "undo":
            undo(ctx, op_id=id)
        case "redo":
            redo(ctx, op_id=id)
        case "move" | "copy" | "take_out" | "settle" | "aside":
            return units.apply(ctx, op, id)
        case "tick" | "golden":
            from . import boards  # it needs condensing, which needs this module

            return boards.apply(ctx, op, id)
        case _:
            raise ValueError(op["verb"])
    return None


# -- units as cards ------------------------------------------------------------------------------------


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
    of = {p.id: top_group(p.stakeholder_group, groups) for p in people.values()}
    cards = []
    for u in queries.units(conn, code_group=code_group):
        tops = dict.fromkeys(top for id in u.participants if (top := of[id]) is not None)
        cards.append(UnitCard(u, tuple(tops), initials.get(u.member, "?"), tuple(placements.get(u.id, ()))))
    return cards


@requires(Action.READ_SOURCES)
def list_units(ctx: Context) -> list[UnitCard]:
    """All units of the project in reading order."""
    with ctx.read() as conn:
        return load_cards(conn)
