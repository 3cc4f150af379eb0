"""Correcting the text: a mishearing, a name that slipped through. A new version of the text, with every unit
carried over in the same operation; the version before goes to the vault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workbench.domain import spans
from workbench.domain import text as text_rules
from workbench.domain.errors import InvalidSpan, Refused
from workbench.domain.records import Member
from workbench.domain.roles import Action
from workbench.domain.spans import Edit, Remapping, Replacement, Span
from workbench.store import queries, texts
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row, UnitOfWork, last_correction

from .context import Context, requires

LONGEST = 20_000  # characters of what is put in; more is a paste that went wrong


@requires(Action.ANALYSE)
def correct_text(
    ctx: Context,
    source: str,
    start: int,
    end: int,
    replacement: str,
    *,
    text_rev: int,
    quote: str,
    everywhere: bool = False,
    op_id: str | None = None,
) -> int:
    """Replace [start, end) code points of one turn, and with `everywhere` the same words wherever else they stand
    in the source as whole words; returns the number of the new text version.

    `quote` must be exactly the words in the span. An empty replacement takes them out. Raises InvalidSpan, and
    Refused where nothing would change, a turn would be empty, a unit would have no words left, or somebody has
    corrected the same words since `text_rev`."""
    by = re.sub(r"[ \t]*\n\s*", " ", text_rules.normalise(replacement).text)
    if len(by) > LONGEST:
        raise Refused("correct.too_long", longest=LONGEST)
    with ctx.write("correct_text", op_id=op_id) as work:
        conn = work.connection
        from_rev = work.get("source", source)["text_rev"]
        start, end = _place(conn, source, text_rev, start, end)
        standing = texts.turns(conn, source)
        wanted = _wanted(standing, start, end, quote, everywhere)
        changes = {
            turn["seq"]: _changes(turn["text"], wanted[turn["seq"]], by) for turn in standing if turn["seq"] in wanted
        }  # fmt: skip
        if not any(changes.values()):
            raise Refused("correct.same")
        to_rev = texts.next_rev(conn, source)
        corrected = _corrected(standing, changes, to_rev)
        edits = [
            Edit(turn["start"] + c.start, turn["start"] + c.end, len(c.text))
            for turn in standing
            for c in changes.get(turn["seq"], ())
        ]
        body = "\n".join(turn["text"] for turn in corrected)
        moved = _carry_units(ctx, work, source, standing, edits, body)
        texts.put_away(ctx.store, standing)
        work.ids = {"source": source, "n": sum(len(places) for places in wanted.values())}
        work.update("source", source, {"text_rev": to_rev})
        work.insert_only(
            "source_text",
            [{"source": source, "text_rev": to_rev, "mac": ctx.store.mac(body), "length": len(body),
              "words": text_rules.words(body)}],
        )  # fmt: skip
        work.insert_only(
            "text_edit",
            [{"source": source, "from_rev": from_rev, "to_rev": to_rev, "start": e.start, "end": e.end,
              "length": e.length} for e in edits],
        )  # fmt: skip
        texts.replace(work, source, corrected)
        for unit, place in moved.items():
            work.update("unit", unit, {**place, "text_rev": to_rev})
    texts.clear_log(ctx.store)
    return to_rev


def _place(conn: Connection, source: str, text_rev: int, start: int, end: int) -> Span:
    """Where a span of an earlier version stands now, if nobody has corrected its words since."""
    if not 0 <= start < end:
        raise InvalidSpan("span.outside")
    found = carry_over(conn, source, text_rev, start, end)
    if not same_words(conn, source, text_rev, start, end):
        if _steps(conn, source, text_rev) is None:
            raise InvalidSpan("span.text_changed")
        raise Refused("correct.newer", who=last_correction(conn, source)["who"])
    assert found is not None  # the words are all there
    return found


def _wanted(
    turns: Sequence[Row], start: int, end: int, quote: str, everywhere: bool
) -> dict[int, list[Span]]:
    """Turn's number -> the places in it that are to be replaced, counted from its own beginning."""
    turn = next((t for t in turns if t["start"] <= start < t["end"]), None)
    if turn is None or start >= turns[-1]["end"]:
        raise InvalidSpan("span.outside")
    if end > turn["end"]:
        raise InvalidSpan("correct.across_turns")
    own = (start - turn["start"], end - turn["start"])
    if turn["text"][own[0] : own[1]] != quote:
        raise InvalidSpan("span.other_words")
    found = {turn["seq"]: [own]}
    if everywhere:
        for other in turns:
            here = spans.places(other["text"], quote.strip())
            if other is turn:
                here = [own, *(p for p in here if p[1] <= own[0] or p[0] >= own[1])]
            if here:
                found[other["seq"]] = here
    return found


def _changes(text: str, places: Sequence[Span], by: str) -> list[Replacement]:
    changes = spans.replacements(text, places, by)
    new = spans.apply(text, changes)
    if not new.strip():
        raise Refused("correct.empty_turn")
    if (normal := text_rules.normalise(new).text) != new:
        # An accent put in right behind a letter becomes one with it.
        changes = spans.replacements(text, [(0, len(text))], normal)
    return changes


def _corrected(turns: Sequence[Row], changes: dict[int, list[Replacement]], text_rev: int) -> list[Row]:
    """The turns of the new version: the body is still the turns joined by line breaks."""
    corrected, at = [], 0
    for turn in turns:
        text = spans.apply(turn["text"], changes.get(turn["seq"], ()))
        corrected.append({**turn, "text_rev": text_rev, "start": at, "end": at + len(text), "text": text})
        at += len(text) + 1
    return corrected


def _carry_units(
    ctx: Context, work: UnitOfWork, source: str, standing: Sequence[Row], edits: Sequence[Edit], body: str
) -> dict[str, Row]:
    """Unit -> where it stands in the corrected text, and the digest of its words if they are others now."""
    moved: dict[str, Row] = {}
    lost: list[Row] = []
    remapping = Remapping(edits)
    before = "\n".join(turn["text"] for turn in standing)
    for unit in work.live("unit", source=source):
        place = remapping(unit["start"], unit["end"])
        if place is not None and not remapping.touches(unit["start"], unit["end"]):
            moved[unit["id"]] = {"start": place[0], "end": place[1]}
            continue
        had_words = text_rules.words(before[unit["start"] : unit["end"]])
        place = place and spans.trimmed(body, *place)
        if place is None or (had_words and not text_rules.words(body[place[0] : place[1]])):
            lost.append(unit)
            continue
        mac = ctx.store.mac(body[place[0] : place[1]])
        moved[unit["id"]] = {"start": place[0], "end": place[1], "mac": mac}
    if lost:
        first = min(lost, key=lambda unit: (unit["start"], unit["end"]))
        turn = next(t["seq"] for t in standing if t["end"] > first["start"])
        who = {m.id: m.name for m in queries.records(work.connection, Member)}.get(first["member"], "")
        code = "correct.mark_left_empty" if who else "correct.mark_left_empty.somebody"
        raise Refused(code, who=who, turn=turn)
    return moved


# -- what was made on an earlier version ------------------------------------------------------------------


def _steps(conn: Connection, source: str, from_rev: int) -> Iterator[list[Edit]] | None:
    """The corrections between a version of the text and the one that stands, those undone since taken back;
    None where there is no such version."""
    made = texts.corrections(conn, source)
    found = queries.live(conn, "source", id=source)
    if not found or (from_rev != 1 and from_rev not in made):
        return None

    def origins(rev: int) -> list[int]:
        line = [rev]
        while line[-1] in made:
            line.append(made[line[-1]][0])
        return line

    there, here = origins(from_rev), origins(found[0]["text_rev"])
    back = [spans.inverse(made[rev][1]) for rev in there if rev not in here]
    on = [made[rev][1] for rev in reversed(here) if rev not in there]
    return iter([*back, *on])


def carry_over(conn: Connection, source: str, from_rev: int, start: int, end: int) -> Span | None:
    """Where a span of an earlier text version stands in the one that stands now, also across corrections that
    were undone; None where nothing is left of it or there is no such version."""
    steps = _steps(conn, source, from_rev)
    return spans.through((start, end), steps) if steps is not None else None


def same_words(conn: Connection, source: str, from_rev: int, start: int, end: int) -> bool:
    """True if no correction between that version and the one that stands has changed the words of a span."""
    steps = _steps(conn, source, from_rev)
    if steps is None:
        return False
    place: Span | None = (start, end)
    for edits in steps:
        remapping = Remapping(edits)
        if place is None or remapping.touches(*place):
            return False
        place = remapping(*place)
    return place is not None


def settled_rev(conn: Connection, unit: str, rev: int) -> int:
    """The rev of a unit for somebody who read it at `rev`: the one it has now, if nothing but corrections that
    left its words alone came between; else `rev`, so that the edit is told to be stale."""
    found = queries.live(conn, "unit", id=unit)
    if found and found[0]["rev"] > rev and texts.is_only_carried(conn, unit, rev):
        return int(found[0]["rev"])
    return rev
