"""Two wordings of one text beside each other, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import takewhile

_WORD = re.compile(r"\S+\s*|\s+")
_MANY = 1_500  # words that differ, beyond which the search for the shortest difference is given up for a quick one

Pieces = tuple[tuple[bool, str], ...]


def beside(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Each text in pieces (whether the other has it, too; the words): joined, a text's pieces are the text."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    one, other = [w.strip() for w in a], [w.strip() for w in b]
    # What both begin and end with need not be searched: most of a text that was written on.
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    rest = zip(reversed(one[head:]), reversed(other[head:]), strict=False)
    tail = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    ends = len(a) - tail, len(b) - tail
    middle, other_middle = one[head : ends[0]], other[head : ends[1]]
    quick = max(len(middle), len(other_middle)) > _MANY
    left: list[tuple[bool, str]] = [(True, "".join(a[:head]))]
    right: list[tuple[bool, str]] = [(True, "".join(b[:head]))]
    for op, i1, i2, j1, j2 in SequenceMatcher(None, middle, other_middle, autojunk=quick).get_opcodes():
        left.append((op == "equal", "".join(a[head + i1 : head + i2])))
        right.append((op == "equal", "".join(b[head + j1 : head + j2])))
    left.append((True, "".join(a[ends[0] :])))
    right.append((True, "".join(b[ends[1] :])))
    return _joined(left), _joined(right)


def _joined(pieces: list[tuple[bool, str]]) -> Pieces:
    found: list[tuple[bool, str]] = []
    for same, text in pieces:
        if not text:
            continue
        if found and found[-1][0] == same:
            found[-1] = (same, found[-1][1] + text)
        else:
            found.append((same, text))
    return tuple(found)
