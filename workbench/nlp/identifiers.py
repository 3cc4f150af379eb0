"""What in a text may tell who somebody is: numbers, addresses, and names by rule.

Rules and sentence boundaries, no trained model: there is no Danish one that may be shipped. Expect misses.
CPR numbers are found by shape only: numbers without the modulus 11 check digit are valid since 2007, so a
failed check dismisses nothing (cpr.dk).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

KINDS = ("cpr", "phone", "email", "web", "address", "name")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """[start, end) code points of the text that may identify somebody, and why it was thought so."""

    kind: str
    start: int
    end: int


_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"  # days + 60 are replacement numbers
_SHAPES = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("web", re.compile(r"\b(?:https?://|www\.)\S+")),
    ("cpr", re.compile(rf"(?<!\d){_DAY}(?:0[1-9]|1[0-2])\d\d\s?[-–/ ]?\s?\d{{4}}(?!\d)")),
    ("phone", re.compile(
        r"(?<![\d-])(?:(?:\+|00)45[ -]?)?(?:\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}|\d{4}[ -]\d{4}|\d{3}[ -]\d{2}[ -]\d{3})(?![\d-])"
    )),
    ("address", re.compile(
        r"\b[A-ZÆØÅ][\wæøå]*(?:vej|gade|vænget|allé|stræde|plads|parken|torv|bakken| Street| Road| Lane| Avenue)"
        r"\s+\d+(?:\s?[A-Z]\b)?"
    )),
)  # fmt: skip

_EVERYDAY = {
    "en": "i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
          " september october november december christmas easter god english danish denmark gp gps mr mrs ms dr a&e ok okay tv",
    "da": "i de dem deres gud jul påske tv ok covid cpr dr hr fr",
}  # fmt: skip


@cache
def _pipeline(language: str) -> Any:
    import spacy

    pipeline = spacy.blank(language if language in ("da", "en") else "xx")
    pipeline.add_pipe("sentencizer")
    pipeline.max_length = 6_000_000
    return pipeline


def find_identifiers(text: str, language: str, *, known: Collection[str] = ()) -> list[Suggestion]:
    """Suggestions in text order, none inside another. `known` are words that identify nobody, such as the
    pseudonyms in use; they are compared without regard to case."""
    found: list[Suggestion] = []

    def free(start: int, end: int) -> bool:
        return all(end <= s.start or start >= s.end for s in found)

    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            if free(match.start(), match.end()):
                found.append(Suggestion(kind, match.start(), match.end()))
    skip = set(_EVERYDAY.get(language, "").split()) | {w.casefold() for k in known for w in k.split()}
    for start, end in _names(text, language, skip):
        if free(start, end):
            found.append(Suggestion("name", start, end))
    return sorted(found, key=lambda s: s.start)


def _names(text: str, language: str, skip: set[str]) -> Iterable[tuple[int, int]]:
    """Runs of capitalised words that do not begin a sentence; in such a run, words that begin one too."""
    for sentence in _pipeline(language)(text).sents:
        run: list[Any] = []
        # Quotation marks, dashes and line breaks begin a sentence of their own in speech.
        begins = True
        for token in sentence:
            word = token.text
            capital = word[:1].isupper() and len(word) > 1 and any(c.islower() for c in word)
            if (
                capital
                and not begins
                and word.casefold().rstrip("'s") not in skip
                and word.casefold() not in skip
            ):
                run.append(token)
            else:
                if run:
                    yield run[0].idx, run[-1].idx + len(run[-1].text)
                run = []
            begins = (
                token.is_space
                or (token.is_punct and word not in (",", ";", "("))
                or (begins and token.is_punct)
            )
        if run:
            yield run[0].idx, run[-1].idx + len(run[-1].text)
