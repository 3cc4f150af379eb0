"""The study's records as frozen dataclasses, one per kind of thing, in the field's words.

Field names are the columns of the project file. `rev` is the number of the last operation that touched
the record: whoever edits passes back the rev they read.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    id: str
    rev: int


@dataclass(frozen=True, slots=True)
class Member(Record):
    name: str
    initials: str
    role: str
    is_lead: bool


@dataclass(frozen=True, slots=True)
class StakeholderGroup(Record):
    name: str
    name_da: str
    monogram: str
    sector: str
    parent: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Participant(Record):
    pseudonym: str
    stakeholder_group: str | None
    kind: str  # informant | interviewer | facilitator
    consent: str  # given | limited | withdrawn
    quote_ok: bool


@dataclass(frozen=True, slots=True)
class Session(Record):
    kind: str  # interview | workshop | meeting
    date: str | None
    title: str


@dataclass(frozen=True, slots=True)
class Source(Record):
    kind: str  # interview | workshop | meeting | field_note | record | literature
    words_of: str  # participant | researcher | record | literature
    title: str
    language: str
    session: str | None
    iteration: int
    text_rev: int
    position: int


@dataclass(frozen=True, slots=True)
class Speaker(Record):
    source: str
    label: str
    participant: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's contribution. Offsets are code points into the source's text, end exclusive."""

    seq: int
    start: int
    end: int
    speaker: str | None
    t0_ms: int | None
    t1_ms: int | None


@dataclass(frozen=True, slots=True)
class PrelimTheme(Record):
    member: str | None  # None: on the agreed list
    title: str
    note: str
    agreed_into: str | None


@dataclass(frozen=True, slots=True)
class CodeGroup(Record):
    name: str
    tag: str
    definition: str
    include: str
    exclude: str
    colour: int
    position: int


@dataclass(frozen=True, slots=True)
class Subgroup(Record):
    code_group: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class MeaningUnit(Record):
    source: str
    text_rev: int
    start: int
    end: int
    mac: str
    member: str


@dataclass(frozen=True, slots=True)
class Placement(Record):
    unit: str
    code_group: str
    subgroup: str | None
    set_aside: str | None
    member: str


@dataclass(frozen=True, slots=True)
class Condensate(Record):
    subgroup: str
    voice: str | None  # a stakeholder group's id, "mixed", or not yet said
    text: str
    golden_unit: str | None


@dataclass(frozen=True, slots=True)
class Cover(Record):
    condensate: str
    unit: str


@dataclass(frozen=True, slots=True)
class Category(Record):
    code_group: str
    heading: str
    analytic_text: str
    status: str  # draft | ready
    position: int


@dataclass(frozen=True, slots=True)
class Requirement(Record):
    key: str
    statement: str
    rationale: str
    basis: str
    basis_note: str
    moscow: str
    acceptance: str
    feasibility: str
    status: str
    owner: str


@dataclass(frozen=True, slots=True)
class Component(Record):
    key: str
    name: str
    description: str
