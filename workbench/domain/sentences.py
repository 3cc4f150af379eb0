"""Where a sentence begins and ends in a turn of speech: a rule of punctuation, for Danish and English."""

from __future__ import annotations

import re

# A full stop after these does not end a sentence.
_SHORT = re.compile(
    r"adr|afd|a\.m|ang|bl\.a|ca|cand|cf|d\.d|d\.v\.s|dr|dvs|e\.g|el\.lign|etc|evt|f\.eks|fr|fru|hhv|hr|i\.e|ift|inkl|jf|jr|kap"
    r"|kl|kr|m\.a\.o|m\.fl|m\.m|maks|mr|mrs|ms|nr|o\.a|o\.l|osv|p\.m|p\.t|pga|pkt|prof|s\.u|sek|skt|sml|str|t\.o\.m|tel"
    r"|tlf|vedr|vs|[^\W\d_]"  # one letter is somebody's initial
)
_END = re.compile(r"(?P<stop>[.!?…]+)[\"'”’»)\]]*(?P<gap>\s+)(?=\S)|(?P<line>\n+)")


def sentences(text: str) -> list[tuple[int, int]]:
    """[start, end) in code points of each sentence, without the white space around it."""
    found, start = [], 0
    for end in _END.finditer(text):
        if end["stop"]:
            following = text[end.end()]
            word = text[start : end.start()].rsplit(None, 1)[-1:]
            before = word[0].lower().lstrip("(\"'”«") if word else ""
            if following.islower():
                continue
            if end["stop"] == "." and _SHORT.fullmatch(before):
                continue
        found.append((start, end.end()))
        start = end.end()
    found.append((start, len(text)))
    trimmed = []
    for low, high in found:
        piece = text[low:high]
        if piece.strip():
            low += len(piece) - len(piece.lstrip())
            trimmed.append((low, low + len(piece.strip())))
    return trimmed


def around(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole sentences that [start, end) stands in."""
    inside = [(low, high) for low, high in sentences(text) if low < end and high > start]
    return (min(start, inside[0][0]), max(end, inside[-1][1])) if inside else (start, end)
