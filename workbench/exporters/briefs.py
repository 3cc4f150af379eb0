"""Theme briefs as PDF: one A4 page a theme, a last page with all of them, from released material only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from workbench.language import t

from . import typesetting


@dataclass(frozen=True, slots=True)
class BriefQuote:
    """A cleared quote as it may be printed; `language` as a two-letter code."""

    text: str
    language: str
    said_by: str  # groups
    monogram: str
    colour: int
    translation: str
    translator: str  # a sentence part: "translated by ..."


@dataclass(frozen=True, slots=True)
class BriefGroup:
    """`heard` of `sample` people; heard is None where a count would point at somebody, see `said`, and 0 with
    a sample of 0 where nobody of such a group was heard."""

    name: str
    monogram: str
    colour: int
    heard: int | None
    sample: int
    said: str  # "5 of 6 people", "some", "no one"
    phrase: str  # a few words for the matrix


@dataclass(frozen=True, slots=True)
class BriefRequirement:
    key: str
    statement: str
    priority: str
    status: str
    state: str = ""  # doubt | open: its shape
    state_said: str = ""


@dataclass(frozen=True, slots=True)
class BriefEvidence:
    title: str
    citation: str
    finding: str
    note: str  # "speaks against", "not checked against the publication"
    stands: str = ""  # how it stands to the theme, where not for it


@dataclass(frozen=True, slots=True)
class BriefSure:
    """A judgement on how sure we are; `state` good | open | doubt | none."""

    name: str
    state: str
    said: str
    reason: str


@dataclass(frozen=True, slots=True)
class Brief:
    overline: str
    heading: str
    lead: str  # three sentences at most
    rest: tuple[str, ...]  # paragraphs after them
    quotes: tuple[BriefQuote, ...]
    dissent: tuple[BriefQuote, ...]
    dissent_said: str  # never empty
    groups: tuple[BriefGroup, ...]
    requirements: tuple[BriefRequirement, ...]
    evidence: tuple[BriefEvidence, ...]
    sure: tuple[BriefSure, ...] = ()


@dataclass(frozen=True, slots=True)
class Briefs:
    project: str
    language: str
    invented: bool
    made: datetime
    made_on: str
    briefs: tuple[Brief, ...]
    groups: tuple[BriefGroup, ...]  # the matrix's columns; `said` is the size of the sample
    elsewhere: tuple[BriefRequirement, ...]  # requirements that rest on something else than a theme


# Words the template sets itself.
WORDS = (
    "differently", "heard", "requirements", "evidence", "no_requirements", "no_quotes", "matrix", "matrix_note",
    "theme", "elsewhere", "invented", "none_heard", "people_not_quotes", "sure", "not_judged", "literature",
    "no_literature",
)  # fmt: skip


def briefs_pdf(briefs: Briefs) -> bytes:
    """The briefs as a PDF file."""
    data = asdict(briefs) | {"words": {name: t(f"exporting.pdf.{name}") for name in WORDS}}
    del data["made"]
    return typesetting.pdf("briefs_parts.typ", "briefs.typ", data=data, made=briefs.made)
