"""A row on two sides that began as one: what each has made of it, thing by thing.

`before` is the row as both sides last had it, or None where they made it without knowing of each other. It may hold
fewer columns than the row: what it does not hold is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Key = tuple[str, str]  # (table, id)
Thing = tuple[str, ...]  # columns that say one thing together
Values = tuple[Any, ...]
# What their row says of a thing comes to here, None where that cannot be.
Translate = Callable[[Row, Thing], Values | None]

PLACE: Thing = ("text_rev", "start", "end", "mac")  # of a unit
PLACING: Thing = ("code_group", "subgroup", "set_aside")  # of a placement
_TOGETHER = {"unit": (PLACE,), "placement": (PLACING,)}

# Order and colour: taken where nobody here has changed them, or not.
QUIET = frozenset({"position", "colour"})
_NEVER = frozenset({"id", "member", "key", "role", "is_lead"})
# What two people who did the same thing need not agree on.
_ALIKE = frozenset({"tag", "at", "cleared_by", "cleared_at", "status", "merged_into", *QUIET})

HASH = 8  # letters of each operation's hash in a chain


def values_of(row: Mapping[str, Any], columns: Sequence[str]) -> Values:
    return tuple(row[c] for c in columns)


def same(thing: Thing, a: Values, b: Values) -> bool:
    """Whether two sides say the same. A unit's place is where it stands; the digest follows from that."""
    return a[1:3] == b[1:3] if thing == PLACE else a == b


def things(table: str, columns: Sequence[str], but: Collection[str] = ()) -> list[Thing]:
    """What a row says: its columns but some, those together that say one thing. Which version of its text a source
    has is not said by anybody: it follows from the corrections."""
    together = _TOGETHER.get(table, ())
    left_out = {*but, *(c for thing in together for c in thing)}
    if table == "source":
        left_out.add("text_rev")
    return [*together, *((c,) for c in columns if c not in left_out)]


def said(table: str, columns: Sequence[str], before: Row | None, there: Row) -> list[tuple[Thing, Values]]:
    """What they have changed; where they did not know of ours, what they have said: nothing said is no
    contradiction."""
    if before is None:
        found = [(thing, values_of(there, thing)) for thing in things(table, columns, _NEVER | _ALIKE)]
        return [(thing, values) for thing, values in found if not says_nothing(thing, values)]
    was = {**there, **before}
    found = [(thing, values_of(there, thing)) for thing in things(table, columns, _NEVER)]
    return [(thing, values) for thing, values in found if values != values_of(was, thing)]


def says_more(table: str, columns: Sequence[str], before: Row | None, there: Row) -> bool:
    """Whether they have said anything since that somebody would miss."""
    return before is None or any(thing[0] not in QUIET for thing, _ in said(table, columns, before, there))


def says_nothing(thing: Thing, values: Values) -> bool:
    """Whether it is empty; that a placement is in its code group goes without saying."""
    return all(v is None or v == "" for v in (values[1:] if thing == PLACING else values))


def is_untouched(thing: Thing, here: Row, before: Row | None, translate: Translate) -> bool:
    """Whether nobody here has changed it."""
    mine = values_of(here, thing)
    if before is None:
        return says_nothing(thing, mine)
    was = {**here, **before}
    if thing != PLACE and mine == values_of(was, thing):
        return True
    base = translate(was, thing)
    return base is not None and same(thing, mine, base)


def is_whole(table: str, columns: Sequence[str], here: Row, before: Row, translate: Translate) -> bool:
    """Whether nobody here has changed anything of a row but its order and colour."""
    compared = things(table, columns, _NEVER | QUIET)
    return all(is_untouched(thing, here, before, translate) for thing in compared)


def differs_still(kind: str, fields: Thing, mine: Row | None, there: Mapping[str, Any]) -> bool:
    """Whether what was listed is a difference still; `mine` is the row as it stands, None where it was taken out.

    Without `fields` a whole row is on one side only; the two have become one where it stands, or stands no more."""
    if not fields:
        return (mine is not None) == (kind == "taken_out_there")
    return not (
        kind == "changed"
        and mine is not None
        and same(fields, values_of(mine, fields), values_of(there, fields))
    )


def in_common(known: str, found: str) -> int:
    """How many operations two chains of hashes have in common from their beginning: fewer than either has where
    a copy was put back to an earlier state and carried on from there."""
    at = 0
    while at < min(len(known), len(found)) and known[at : at + HASH] == found[at : at + HASH]:
        at += HASH
    return at // HASH
