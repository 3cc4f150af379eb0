"""Systematic text condensation's own rules: tags and colours of code groups, units embedded in an
analytic text, whose voice a condensate may speak with, what has gone stale.

Source of the method: Malterud K. Systematic text condensation. Scand J Public Health 2012;40(8):795-805.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

MIXED = "mixed"
COLOURS = 12  # a thirteenth code group reuses a colour, hatched

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\{\{unit:([0-9A-Za-z-]+)\}\}")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[^\s{])")


def make_tag(name: str, taken: Collection[str]) -> str:
    """A two-letter upper-case tag for a code group's name, free among those taken.

    The first two letters, else the initials of the first two words, else the first letter with each
    later one, else with each letter of the alphabet."""
    words = _WORD.findall(name) or ["Group"]
    letters = "".join(words).upper()
    candidates = [letters[:2]]
    if len(words) > 1:
        candidates.append((words[0][0] + words[1][0]).upper())
    candidates += [letters[0] + other for other in letters[1:]]
    candidates += [letters[0] + other for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    candidates += [a + b for a in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    return next(c for c in candidates if len(c) == 2 and c not in taken)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an analytic text, without its tokens, and the units embedded in or right after it."""

    text: str
    units: tuple[str, ...]


def embedded_units(analytic_text: str) -> tuple[str, ...]:
    """Ids of the units embedded as {{unit:id}}, in order, each once."""
    return tuple(dict.fromkeys(_TOKEN.findall(analytic_text)))


def without_tokens(analytic_text: str) -> str:
    """The text as a reader sees it, with the tokens and the spaces they leave taken out."""
    return re.sub(r" +([.,;:!?])", r"\1", re.sub(r"[ \t]{2,}", " ", _TOKEN.sub("", analytic_text))).strip()


def sentences(analytic_text: str) -> tuple[tuple[Sentence, ...], ...]:
    """Paragraphs of sentences, each with the units it rests on.

    A token belongs to the sentence it stands in; one that stands after the full stop belongs to the
    sentence before it."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", analytic_text.strip()):
        # Pull tokens that follow a full stop back inside their sentence, so that splitting keeps them.
        pulled = re.sub(r"([.!?…]+)((?:\s*\{\{unit:[0-9A-Za-z-]+\}\})+)", r"\2\1", paragraph)
        found = []
        for piece in _SENTENCE_END.split(pulled):
            if text := without_tokens(piece):
                found.append(Sentence(text, embedded_units(piece)))
        if found:
            paragraphs.append(tuple(found))
    return tuple(paragraphs)


def voices_without_units(voice: str | None, groups: Iterable[str]) -> bool:
    """The voice check: a condensate speaks for a group with no units in it."""
    return voice not in (None, "", MIXED) and voice not in set(groups)


REASONS = ("added", "moved_in", "taken_up", "moved_out", "set_aside", "taken_out", "withdrawn", "corrected")


@dataclass(frozen=True, slots=True)
class Staleness:
    """What has changed since a condensate was last written: units that came, and units that went or read otherwise.

    `why` gives each of them its reason, one of REASONS: added to the code group, moved in, taken up again; moved out,
    set aside, taken out, withdrawn (a person's consent, or the source), its words corrected."""

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.came or self.went)
