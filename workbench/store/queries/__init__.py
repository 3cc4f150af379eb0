"""Reads: rows of the project file as the domain's records, and the joins that several screens share."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from workbench.domain.records import Participant, Record, StakeholderGroup
from workbench.store.unit_of_work import live

from . import condensing, marks, operations, sources, synthesis, trace

__all__ = [
    "condensing", "groups", "live", "marks", "operations", "participants", "records", "setting", "sources",
    "span_text", "synthesis", "trace", "units",
]  # fmt: skip

R = TypeVar("R", bound=Record)
Row = tuple[Any, ...]

_TABLE = {
    "Member": "member", "StakeholderGroup": "stakeholder_group", "Participant": "participant",
    "Session": "session", "Source": "source", "Speaker": "speaker", "PrelimTheme": "prelim_theme",
    "CodeGroup": "code_group", "Subgroup": "subgroup", "MeaningUnit": "unit", "Placement": "placement",
    "Condensate": "condensate", "Cover": "cover", "Category": "category", "Requirement": "requirement",
    "Component": "component",
}  # fmt: skip


def records(
    conn: sqlite3.Connection,
    type: type[R],
    /,
    *,
    order: str = "rowid",
    **equal: object,
) -> list[R]:
    """Live rows as records, those whose columns equal what is given. `order` names columns of the record."""
    names = [f.name for f in fields(type)]
    sql = f"SELECT {','.join(names)} FROM {_TABLE[type.__name__]} WHERE retired IS NULL"
    for column in equal:
        if column not in names:
            raise ValueError(column)
        sql += f" AND {column} IS ?"
    sql += f" ORDER BY {order}"
    flags = {f.name for f in fields(type) if f.type in ("bool", bool)}
    rows = conn.execute(sql, tuple(equal.values()))
    if not flags:
        return [type(*row) for row in rows]
    return [
        type(*(bool(x) if n in flags else x for n, x in zip(names, row, strict=True)))  # type: ignore[arg-type]
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class UnitText:
    """A meaning unit with its words and whose they are. Offsets are code points, end exclusive."""

    id: str
    rev: int
    source: str
    source_title: str
    source_position: int
    words_of: str
    language: str
    text_rev: int
    start: int
    end: int
    mac: str
    member: str
    text: str
    turn: int  # number of the first turn it stands in
    participants: tuple[str, ...]  # informants only, in speaking order
    speakers: tuple[str, ...]  # pseudonyms or labels, in speaking order


_PLACED = "EXISTS(SELECT 1 FROM placement p WHERE p.unit=u.id AND p.code_group=? AND p.retired IS NULL)"
_LINKED = "u.id IN (SELECT dst FROM link WHERE retired IS NULL)"
_CLEARED = "EXISTS(SELECT 1 FROM cleared_quote q WHERE q.unit=u.id AND q.retired IS NULL)"


def units(
    conn: sqlite3.Connection,
    *,
    unit: str | None = None,
    code_group: str | None = None,
    among: Collection[str] | None = None,
    linked: bool = False,
    cleared: bool = False,
) -> list[UnitText]:
    """Live units of live sources in reading order, with text; all, or only those asked for.

    `among`: these ids; `linked`: that something rests on directly; `cleared`: that a cleared quote is printed of."""
    some = None if among is None else json.dumps([*among])
    asked = {"u.id=?": unit, _PLACED: code_group, "u.id IN (SELECT value FROM json_each(?))": some}
    conditions = [c for c, value in asked.items() if value is not None]
    conditions += [c for c, wanted in ((_LINKED, linked), (_CLEARED, cleared)) if wanted]
    parameters = tuple(value for value in asked.values() if value is not None)
    sql = (
        "SELECT u.id, u.rev, u.source, s.title, s.position, s.words_of, s.language, u.text_rev, u.start, u.end, u.mac,"
        " u.member, t.seq, t.start, t.text, k.label, p.id, p.pseudonym, p.kind"
        f" FROM unit u JOIN source s ON s.id=u.source AND s.retired IS NULL{marks.TURNS}"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant AND p.retired IS NULL"
        f" WHERE {' AND '.join(['u.retired IS NULL', *conditions])}"
        " ORDER BY s.position, u.start, u.end, u.id, t.seq"
    )
    # Plain tuples, and one record per unit at the end: every screen of a large study begins here.
    found: dict[str, tuple[Row, int, list[str], list[str], list[str]]] = {}
    for row in map(tuple, conn.execute(sql, parameters)):
        unit_columns, (seq, turn_start, text, label, person, pseudonym, kind) = row[:12], row[12:]
        if (held := found.get(row[0])) is None:
            held = found[row[0]] = (unit_columns, seq, [], [], [])
        _, _, pieces, people, speakers = held
        pieces.append(text[max(0, row[8] - turn_start) : row[9] - turn_start])
        if person and kind == "informant" and person not in people:
            people.append(person)
        name = pseudonym or label
        if name and name not in speakers:
            speakers.append(name)
    return [
        UnitText(*columns, "\n".join(pieces), seq, tuple(people), tuple(speakers))  # type: ignore[call-arg]
        for columns, seq, pieces, people, speakers in found.values()
    ]


def span_text(conn: sqlite3.Connection, source: str, text_rev: int, start: int, end: int) -> str | None:
    """The verbatim text of [start, end), or None where the span does not fit inside the text."""
    turns = conn.execute(
        "SELECT start, end, text FROM turn WHERE source=? AND text_rev=? AND start<? AND end>? ORDER BY seq",
        (source, text_rev, end, start),
    ).fetchall()
    if not turns or start < turns[0]["start"] or end > turns[-1]["end"]:
        return None
    return "\n".join(r["text"][max(0, start - r["start"]) : end - r["start"]] for r in turns)


def setting(conn: sqlite3.Connection, name: str, default: str = "") -> str:
    row = conn.execute("SELECT value FROM setting WHERE id=? AND retired IS NULL", (name,)).fetchone()
    return str(row["value"]) if row else default


def groups(conn: sqlite3.Connection) -> dict[str, StakeholderGroup]:
    return {g.id: g for g in records(conn, StakeholderGroup, order="position, name")}


def participants(conn: sqlite3.Connection) -> dict[str, Participant]:
    return {p.id: p for p in records(conn, Participant, order="pseudonym")}
