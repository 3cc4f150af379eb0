"""Runs of words that one text has from another, letter for letter: what was copied instead of referred to."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"\w+")
LONG = 8  # words in a row that are no coincidence

Runs = frozenset[tuple[str, ...]]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def runs(texts: Iterable[str]) -> Runs:
    """Every run of LONG words in some texts, whatever stands between the words."""
    return frozenset(
        tuple(words[n : n + LONG])
        for words in map(_words, texts)
        for n in range(len(words) - LONG + 1)
    )  # fmt: skip


def repeats(text: str, known: Runs) -> bool:
    """True if a text has one of these runs."""
    if len(text) < 2 * LONG:
        return False
    words = _words(text)
    return any(tuple(words[n : n + LONG]) in known for n in range(len(words) - LONG + 1))
