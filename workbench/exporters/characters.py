"""Characters that Office files cannot hold, made visible in one place for all exports; and text that a spreadsheet could
take for a formula."""

from __future__ import annotations

import re
import unicodedata

# XML 1.0 has no place for these: control characters but tab and line break, lone surrogates, two non-characters.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a spreadsheet may take for a formula, also in full width and behind white space or a byte order mark.
_FORMULA = re.compile(r"[\s\x00\ufeff\u200b]*[=+\-@＝＋－＠\t\r\n|%]")
STAND_IN = "�"


def printable(text: str) -> tuple[str, int]:
    """(text as an Office file can hold it, number of characters that a stand-in replaces).

    Line breaks become \\n; every impossible character becomes U+FFFD, so that a reader sees that
    something stood there."""
    return _IMPOSSIBLE.subn(STAND_IN, text.replace("\r\n", "\n").replace("\r", "\n"))


def may_be_formula(text: str) -> bool:
    """True if some spreadsheet could take the text for a formula."""
    return _FORMULA.match(text) is not None


def is_right_to_left(text: str) -> bool:
    """True if the first letter with a direction runs from right to left (Arabic, Hebrew)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
