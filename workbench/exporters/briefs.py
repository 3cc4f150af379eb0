"""Theme briefs as PDF: one A4 page a theme, a last page with all of them, from released material only.

The pages are laid out by typst, offline, with fonts that come with it or with this package. What people
typed reaches it as JSON and is only ever set as text, never read as markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import typst

from workbench.language import t

from .characters import printable


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


@dataclass(frozen=True, slots=True)
class BriefEvidence:
    title: str
    citation: str
    finding: str
    note: str  # "speaks against", "not checked against the publication"


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


# A line of one word past 65,535 bytes makes the PDF writer stop; one past the margin is not read.
_LONG_WORD = re.compile(r"[^ \n\t\u200b]{60}(?=[^ \n\t])")

# Words the template sets itself.
_WORDS = (
    "differently", "heard", "requirements", "evidence", "no_requirements", "no_quotes", "matrix", "matrix_note",
    "theme", "elsewhere", "invented", "none_heard", "people_not_quotes",
)  # fmt: skip


def _clean(value: Any) -> Any:
    """Every string of the data as a PDF can hold it; a word longer than a line gets places to break."""
    if isinstance(value, str):
        return _LONG_WORD.sub("\\g<0>\u200b", printable(value)[0])
    if isinstance(value, Mapping):
        return {k: _clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(v) for v in value]
    return value


@cache
def _template() -> bytes:
    return files("workbench.exporters").joinpath("briefs.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Our own fonts and typst's; the system's only lend letters that these do not have."""
    with as_file(files("workbench.exporters").joinpath("fonts")) as folder:
        return typst.Fonts(include_system_fonts=True, font_paths=[folder])


def briefs_pdf(briefs: Briefs) -> bytes:
    """The briefs as a PDF file."""
    data = asdict(briefs) | {"words": {name: t(f"exporting.pdf.{name}") for name in _WORDS}}
    del data["made"]
    pdf = typst.compile(
        _template(),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(_clean(data), ensure_ascii=False)},
        timestamp=briefs.made.replace(microsecond=0),
    )
    assert isinstance(pdf, bytes)
    return pdf
