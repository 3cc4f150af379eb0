"""Reads: rows of the project file as the domain's records, and the joins that several screens share."""

from __future__ import annotations

import sqlite3
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
    found = []
    for row in conn.execute(sql, tuple(equal.values())):
        values: dict[str, Any] = {n: bool(row[n]) if n in flags else row[n] for n in names}
        found.append(type(**values))
    return found


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
    linked: bool = False,
    cleared: bool = False,
) -> list[UnitText]:
    """Live units of live sources in reading order, with text; all, or only those asked for.

    `linked`: that something rests on directly; `cleared`: that a cleared quote is printed of."""
    asked = {"u.id=?": unit, _PLACED: code_group}
    conditions = [c for c, value in asked.items() if value is not None]
    conditions += [c for c, wanted in ((_LINKED, linked), (_CLEARED, cleared)) if wanted]
    parameters = tuple(value for value in asked.values() if value is not None)
    sql = (
        "SELECT u.id, u.rev, u.source, s.title, s.position, s.words_of, s.language, u.text_rev, u.start, u.end, u.mac,"
        " u.member, t.seq, t.start AS t_start, t.text, k.label, p.id AS person, p.pseudonym, p.kind"
        " FROM unit u JOIN source s ON s.id=u.source AND s.retired IS NULL"
        " JOIN turn t ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.end>u.start"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant AND p.retired IS NULL"
        f" WHERE {' AND '.join(['u.retired IS NULL', *conditions])}"
        " ORDER BY s.position, u.start, u.end, u.id, t.seq"
    )
    found: dict[str, dict[str, object]] = {}
    pieces: dict[str, list[str]] = {}
    people: dict[str, list[str]] = {}
    speakers: dict[str, list[str]] = {}
    for r in conn.execute(sql, parameters):
        id = r["id"]
        if id not in found:
            found[id] = {
                "id": id, "rev": r["rev"], "source": r["source"], "source_title": r["title"],
                "source_position": r["position"], "words_of": r["words_of"], "language": r["language"],
                "text_rev": r["text_rev"], "start": r["start"], "end": r["end"], "mac": r["mac"],
                "member": r["member"], "turn": r["seq"],
            }  # fmt: skip
            pieces[id], people[id], speakers[id] = [], [], []
        pieces[id].append(r["text"][max(0, r["start"] - r["t_start"]) : r["end"] - r["t_start"]])
        if r["person"] and r["kind"] == "informant" and r["person"] not in people[id]:
            people[id].append(r["person"])
        name = r["pseudonym"] or r["label"]
        if name and name not in speakers[id]:
            speakers[id].append(name)
    return [
        UnitText(
            **row,  # type: ignore[arg-type]
            text="\n".join(pieces[id]),
            participants=tuple(people[id]),
            speakers=tuple(speakers[id]),
        )
        for id, row in found.items()
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
