"""What happens to spans when the text under them is corrected.

All offsets are Unicode code points. An edit replaces [start, end) of a text by `length` code points of another;
the edits of one correction do not overlap, stand in order, and all count in the text as it was before.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """[start, end) of the earlier text has become `length` code points."""

    start: int
    end: int
    length: int

    @property
    def shift(self) -> int:
        """How far everything after it moves."""
        return self.length - (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Replacement:
    """[start, end) of a text is to read `text`."""

    start: int
    end: int
    text: str

    @property
    def edit(self) -> Edit:
        return Edit(self.start, self.end, len(self.text))


# -- spans across edits ----------------------------------------------------------------------------------


class Remapping:
    """Moves spans of the earlier text to where they stand in the later one."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits = sorted(edits, key=lambda e: (e.start, e.end))
        self._starts = [e.start for e in self._edits]
        self._ends = [e.end for e in self._edits]
        # How far the text has moved after the first n edits.
        self._shifts = [0, *accumulate(e.shift for e in self._edits)]

    def __call__(self, start: int, end: int) -> Span | None:
        """The span in the later text, or None where nothing of it is left.

        Before an edit nothing moves, after it everything does, around it the span grows or shrinks. A boundary
        inside an edit goes to the edit's outer edge, so that no word is cut. What is put in right before or right
        after a span is not in it."""
        n = bisect_right(self._ends, start)  # edits that end at or before the start
        new_start = start + self._shifts[n]
        if n < len(self._edits) and self._starts[n] < start:
            new_start = self._starts[n] + self._shifts[n]
        m = bisect_left(self._starts, end)  # edits that begin before the end
        new_end = end + self._shifts[m]
        if m and self._ends[m - 1] > end:
            new_end = self._ends[m - 1] + self._shifts[m]
        return (new_start, new_end) if new_start < new_end else None

    def touches(self, start: int, end: int) -> bool:
        """True where an edit changed something inside [start, end): then its words are not the same."""
        n = bisect_right(self._ends, start)
        return n < len(self._edits) and self._starts[n] < end


def remap(span: Span, edits: Iterable[Edit]) -> Span | None:
    """One span across the edits of one correction; see Remapping."""
    return Remapping(edits)(*span)


def inverse(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that take the later text back to the earlier one."""
    back, shift = [], 0
    for e in sorted(edits, key=lambda e: (e.start, e.end)):
        back.append(Edit(e.start + shift, e.start + shift + e.length, e.end - e.start))
        shift += e.shift
    return back


def through(span: Span, corrections: Iterable[Sequence[Edit]]) -> Span | None:
    """One span across several corrections, one after the other."""
    found: Span | None = span
    for edits in corrections:
        if found is None:
            return None
        found = remap(found, edits)
    return found


def trimmed(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None where there is nothing else."""
    words = text[start:end]
    if not words.strip():
        return None
    return start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())


# -- from what a person typed to edits -------------------------------------------------------------------


def _joined(left: str, right: str) -> bool:
    """True if no span may begin or end between two characters: inside a word, or inside what is seen as one
    character (a letter and its accents, an emoji built of several)."""
    if not left or not right:
        return False
    if left == "\u200d" or right in "\u200d\u200c" or unicodedata.category(right)[0] == "M":
        return True
    if "\U0001f3fb" <= right <= "\U0001f3ff" or "\U000e0020" <= right <= "\U000e007f":
        return True
    if "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff":
        return True
    return _in_word(left) and _in_word(right)


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def is_whole(text: str, start: int, end: int) -> bool:
    """True if [start, end) cuts no word at either end."""
    return not _joined(text[start - 1 : start], text[start : start + 1]) and not _joined(
        text[end - 1 : end], text[end : end + 1]
    )


def places(text: str, words: str) -> list[Span]:
    """Where exactly these words stand in a text as whole words, without overlaps, in order."""
    found: list[Span] = []
    at = text.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        if is_whole(text, at, end):
            found.append((at, end))
            at = text.find(words, end)
        else:
            at = text.find(words, at + 1)
    return found


def tidy(text: str, start: int, end: int, by: str) -> tuple[int, int, str]:
    """What is meant by replacing [start, end): white space around the words is not part of either, and a word
    taken out leaves no second space."""
    words = text[start:end]
    if words.strip():
        start += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        by = by.strip()
        if not by:
            if start and text[start - 1] == " " and (end == len(text) or text[end] in " .,;:!?…"):
                start -= 1
            elif start == 0:
                end += len(text[end:]) - len(text[end:].lstrip())
    return start, end, by


def replacements(text: str, spans: Iterable[Span], by: str) -> list[Replacement]:
    """Replacing each span by the same words, told in the least change that cuts no word.

    What is the same before and behind is left out, then each edit is widened to whole words of both texts, so
    that a span which ends with a word still ends with it when the word grows. Edits that meet become one."""
    wanted = []
    for start, end in sorted(spans):
        start, end, new = tidy(text, start, end, by)
        old = text[start:end]
        before = _alike(old, new)
        behind = _alike(old[before:][::-1], new[before:][::-1])
        if old != new:
            wanted.append(Replacement(start + before, end - behind, new[before : len(new) - behind]))
    done: list[Replacement] = []
    for n, one in enumerate(wanted):
        ahead = wanted[n + 1].start if n + 1 < len(wanted) else len(text)
        start, end, new = one.start, one.end, one.text
        while True:
            if done and start <= done[-1].end:
                met = done.pop()
                start, end, new = met.start, max(end, met.end), met.text + new
            elif start and _cuts(text, start, end, new, left=True):
                start -= 1
                new = text[start] + new
            elif end < ahead and _cuts(text, start, end, new, left=False):
                new += text[end]
                end += 1
            else:
                break
        done.append(Replacement(start, end, new))
    return done


def _alike(a: str, b: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _cuts(text: str, start: int, end: int, new: str, *, left: bool) -> bool:
    """Whether the edge of an edit stands inside a word, of the text as it was or as it will be."""
    if left:
        a, b = text[start - 1], text[start : start + 1]
        return _joined(a, b) or _joined(a, new[:1] or text[end : end + 1])
    b = text[end]
    return _joined(text[end - 1 : end], b) or _joined(new[-1:] or text[start - 1 : start], b)


def apply(text: str, changes: Iterable[Replacement]) -> str:
    """The text with the replacements made."""
    pieces, at = [], 0
    for c in changes:
        pieces += [text[at : c.start], c.text]
        at = c.end
    return "".join([*pieces, text[at:]])
