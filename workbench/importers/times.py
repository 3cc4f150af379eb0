"""Times as transcripts write them -> whole milliseconds."""

from __future__ import annotations

import re

#: m:ss, mm:ss.mmm, h:mm:ss,mmm; minutes may pass 59; Teams leaves digits out (0:0:6.110).
CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{1,2}(?:[.,]\d{1,3})?"
_CLOCK = re.compile(rf"^{CLOCK}$")

#: A time or a range in any of the brackets in use, and f4's #00:12:34-5# (tenths).
RANGE = rf"(?:[\[(]\s*{CLOCK}\s*(?:-->|[-–—])\s*{CLOCK}\s*[\])])"
BRACKETED = rf"(?:{RANGE}|\[{CLOCK}\]|\({CLOCK}\)|\{{{CLOCK}\}}|<{CLOCK}>|#{CLOCK}(?:-\d)?#)"
#: Bare times need two digits of seconds, or "1:2" in running text would be one.
BARE = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3})?(?![\d:])"
STAMP = rf"(?:{BRACKETED}|{BARE})"


_RANGE = re.compile(rf"^{RANGE}$")


def milliseconds(clock: str) -> int | None:
    """`clock` in ms, or None where it is no time. Brackets and f4's tenths are taken off first."""
    clock = clock.strip().strip("[](){}<>#").strip()
    tenths = re.fullmatch(rf"({CLOCK})-(\d)", clock)
    if tenths:
        clock = f"{tenths[1]}.{tenths[2]}"
    if not _CLOCK.match(clock):
        return None
    whole, _, fraction = clock.replace(",", ".").partition(".")
    seconds = 0
    for part in whole.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + int((fraction + "000")[:3])


def span(text: str) -> tuple[int | None, int | None]:
    """(start, end) of a stamp or of a "[start --> end]" or "(start - end)" range."""
    if not _RANGE.match(text):
        return milliseconds(text), None
    start, end = re.findall(CLOCK, text)
    return milliseconds(start), milliseconds(end)
