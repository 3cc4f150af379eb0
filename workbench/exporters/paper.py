"""Paper for the analysis team: transcripts with line numbers, cards to cut out, an A3 wall per code group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from workbench.language import t

from .characters import is_right_to_left
from .typesetting import language, pdf

LANES = 3  # lines that can run under one line of text; marks beyond that share the last


@dataclass(frozen=True, slots=True)
class Sheet:
    """What every page says: whose study, when made, for whom."""

    project: str
    invented: bool
    made: datetime
    made_on: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A code group as paper shows it; `colour` is an index of the palette."""

    tag: str
    name: str
    colour: int


@dataclass(frozen=True, slots=True)
class Disc:
    """A stakeholder group; `colour` is an index of the discs' palette."""

    name: str
    monogram: str
    colour: int


# -- transcript -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperMark:
    """A unit in a transcript: [start, end) code points of the source's text."""

    id: str  # as printed
    start: int
    end: int
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class PaperTurn:
    """`start` in code points of the source's text; `muted`: asked by the team, not said by a participant."""

    number: int
    start: int
    text: str
    speaker: str
    time: str
    muted: bool


@dataclass(frozen=True, slots=True)
class PaperSource:
    title: str
    language: str
    facts: str
    turns: tuple[PaperTurn, ...]
    marks: tuple[PaperMark, ...] = ()
    tags: tuple[Tag, ...] = ()  # what the tags in the margin mean


def _lanes(marks: Sequence[PaperMark]) -> list[int]:
    """For each mark in text order, the line under the text where it meets no other, 0 nearest."""
    ends: list[int] = []
    lanes = []
    for m in marks:
        lane = next((n for n, end in enumerate(ends) if end <= m.start), len(ends))
        ends[lane : lane + 1] = [m.end]
        lanes.append(min(lane, LANES - 1))
    return lanes


def _turns(source: PaperSource) -> list[dict[str, Any]]:
    """Turns cut into parts at every edge of a mark. A part is {t: text, u: [[lane, colour or -1]], m: [marks
    that begin in it]}."""
    marks = sorted(source.marks, key=lambda m: (m.start, -m.end, m.id))
    lanes = _lanes(marks)
    begun: set[int] = set()
    first = 0  # marks before this one have ended
    turns = []
    for turn in source.turns:
        start, end = turn.start, turn.start + len(turn.text)
        while first < len(marks) and marks[first].end <= start:
            first += 1
        here = []
        for n in range(first, len(marks)):
            if marks[n].start >= end:
                break
            if marks[n].end > start:
                here.append(n)
        edges = {start, end}
        edges |= {e for n in here for e in (marks[n].start, marks[n].end) if start < e < end}
        cuts = sorted(edges)
        parts = []
        for a, b in pairwise(cuts):
            over = [n for n in here if marks[n].start <= a and marks[n].end >= b]
            new = [n for n in over if n not in begun]
            begun.update(new)
            parts.append({
                "t": turn.text[a - start : b - start],
                "u": [[lanes[n], marks[n].tags[0].colour if marks[n].tags else -1] for n in over],
                "m": new,
            })  # fmt: skip
        turns.append({
            "n": turn.number, "speaker": turn.speaker, "time": turn.time, "muted": turn.muted,
            "rtl": is_right_to_left(turn.text), "parts": parts,
        })  # fmt: skip
    return turns


def transcript_pdf(sheet: Sheet, sources: Sequence[PaperSource]) -> bytes:
    """A4 portrait, each source from a page of its own with its own line and page numbers; marks where given."""
    data = _sheet(sheet, "nobody", "no_group", "team_only") | {
        "sources": [
            {
                "title": s.title,
                "language": language(s.language),
                "facts": s.facts,
                "turns": _turns(s),
                "marks": [
                    {"id": m.id, "tags": [asdict(x) for x in m.tags]}
                    for m in sorted(s.marks, key=lambda m: (m.start, -m.end, m.id))
                ],
                "tags": [asdict(x) for x in s.tags],
            }
            for s in sources
        ]
    }
    return pdf("paper.typ", "transcript.typ", data=data, made=sheet.made)


# -- cards and walls -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperUnit:
    """A unit on a card or a wall; `id` as printed, `goes_on` is set where its words had to be cut."""

    id: str
    text: str
    language: str
    speaker: str
    groups: tuple[Disc, ...]
    place: str  # source and turn
    goes_on: str
    note: str  # "not to be quoted"
    tags: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class PaperCondensate:
    text: str
    language: str
    voice: str


@dataclass(frozen=True, slots=True)
class Column:
    """A subgroup, what is left over, or what is set aside."""

    name: str
    units: tuple[PaperUnit, ...]
    condensates: tuple[PaperCondensate, ...] = ()


@dataclass(frozen=True, slots=True)
class Wall:
    tag: Tag
    definition: str
    include: str
    exclude: str
    facts: str
    columns: tuple[Column, ...]


def _unit(u: PaperUnit) -> dict[str, Any]:
    return asdict(u) | {"language": language(u.language), "rtl": is_right_to_left(u.text)}


def cards_pdf(sheet: Sheet, units: Sequence[PaperUnit]) -> bytes:
    """A4 portrait, eight cards a page; a unit too long for the smallest size takes a row, or up to four."""
    data = _sheet(sheet, "cards", "team_only", "no_group") | {"units": [_unit(u) for u in units]}
    return pdf("paper.typ", "cards.typ", data=data, made=sheet.made)


def wall_pdf(sheet: Sheet, walls: Sequence[Wall]) -> bytes:
    """A3 landscape, as many sheets for a code group as its units need."""
    data = _sheet(
        sheet,
        "team_only",
        "condensate",
        "continued",
        "new",
        "new_about",
        "include",
        "exclude",
        "no_definition",
    )
    data |= {
        "walls": [
            asdict(w) | {
                "columns": [
                    {
                        "name": c.name,
                        "units": [_unit(u) for u in c.units],
                        "condensates": [
                            asdict(x) | {"language": language(x.language), "rtl": is_right_to_left(x.text)}
                            for x in c.condensates
                        ],
                    }
                    for c in w.columns
                ]
            }
            for w in walls
        ]
    }  # fmt: skip
    return pdf("paper.typ", "wall.typ", data=data, made=sheet.made)


def _sheet(sheet: Sheet, *words: str) -> dict[str, Any]:
    """What every page says, and the words a template sets itself. `page` keeps its places for typst to fill."""
    named = {w: t(f"paper.pdf.{w}") for w in (*words, "invented", "page")}
    return {
        "project": sheet.project,
        "invented": sheet.invented,
        "made_on": sheet.made_on,
        "words": named,
    }
