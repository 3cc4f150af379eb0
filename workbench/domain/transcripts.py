"""A transcript as it was read from a file: turns, who spoke, when, and what the reading had to say about
it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.domain.text import words as count_words


@dataclass(frozen=True, slots=True)
class ParsedTurn:
    """One speaker's contribution. `text` is normalised, never empty, without the label, without white space
    at its ends; paragraphs inside it are parted by one line break. Times are milliseconds into the recording.
    """

    speaker: str | None
    text: str
    t0_ms: int | None = None
    t1_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know about the reading: the id of a sentence and its parameters."""

    code: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **params: object) -> Notice:
        return cls(code, tuple(sorted(params.items())))


@dataclass(frozen=True, slots=True)
class ParsedTranscript:
    """`layout` is one of `workbench.importers.LAYOUTS`; `encoding` is None where the format fixes it
    (docx)."""

    name: str
    layout: str
    encoding: str | None
    turns: tuple[ParsedTurn, ...]
    notices: tuple[Notice, ...] = field(default=())

    @property
    def words(self) -> int:
        return sum(count_words(turn.text) for turn in self.turns)

    @property
    def speakers(self) -> dict[str, int]:
        """Label -> number of turns, in the order they first speak; turns without a speaker are not in it."""
        return dict(Counter(turn.speaker for turn in self.turns if turn.speaker is not None))


def body(turns: Iterable[ParsedTurn]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of a source and the [start, end) code points of each turn in it.

    Turns are joined by one line break and labels are left out, so that mending a speaker never moves an
    offset.
    """
    spans: list[tuple[int, int]] = []
    texts: list[str] = []
    at = 0
    for turn in turns:
        texts.append(turn.text)
        spans.append((at, at + len(turn.text)))
        at += len(turn.text) + 1
    return "\n".join(texts), tuple(spans)
