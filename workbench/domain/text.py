"""What text is here: cleaned once at import and never again, counted in Unicode code points.

After `normalise` a text is immutable within its version, so every span stored against it stays exact.
Browsers, Java and NVivo count UTF-16 code units instead; the two helpers at the end are the only place where
one count is turned into the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from workbench.domain.errors import InvalidSpan


@dataclass(frozen=True, slots=True)
class Normalised:
    """`changes` counts what was done or found, by name, only where it happened:

    bom, line_breaks, spaces, invisible, controls (C0, C1, noncharacters), surrogates, composed (1 when NFC
    altered anything), and two that are counted but left standing: bidi and replacement (U+FFFD in the file).
    """

    text: str
    changes: dict[str, int]


_LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u202f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + low) for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)
)
_CONTROLS = re.compile(f"[\x00-\x08\x0e-\x1f\x7f-\x9f{_NONCHARACTERS}]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Emoji are built with invisible characters: a joiner between two pictures, a variation selector after one (or
# after a keycap digit), tags after the black flag. Those stay. Between letters of Arabic and Indic scripts
# joiner and non-joiner are spelling, so they stay there too. Anything else invisible goes.
_PICTURE = "\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff"
_INVISIBLE = re.compile(
    "(?P<keep>"
    f"(?<=[{_PICTURE}])[\ufe0e\ufe0f]"
    "|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    f"|(?:(?<=[{_PICTURE}])|(?<=[{_PICTURE}]\ufe0f))\u200d(?=[{_PICTURE}])"
    "|(?<=[\u0600-\u0dff])[\u200c\u200d](?=[\u0600-\u0dff])"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]+\U000e007f"
    ")|[\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0001\U000e0020-\U000e007f]"
)


def normalise(raw: str) -> Normalised:
    """The text as it will be kept: LF line breaks, NFC, plain spaces, nothing invisible but what emoji need.

    Idempotent. Curly quotes, dashes, tabs and runs of spaces are the transcriber's and stay.
    """
    changes: dict[str, int] = {}

    def replace(name: str, pattern: re.Pattern[str], by: str, text: str) -> str:
        text, count = pattern.subn(by, text)
        if count:
            changes[name] = changes.get(name, 0) + count
        return text

    text = raw
    if text.startswith("\ufeff"):
        text = text[1:]
        changes["bom"] = 1
    text = replace("line_breaks", _LINE_BREAKS, "\n", text)
    if not text.isascii():
        text = replace("spaces", _SPACES, " ", text)
        text = replace("surrogates", _SURROGATES, "", text)
    text = replace("controls", _CONTROLS, "", text)
    if not text.isascii():
        text = _without_invisible(text, changes)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
            changes["composed"] = 1
        for name, count in (("bidi", len(_BIDI.findall(text))), ("replacement", text.count("\ufffd"))):
            if count:
                changes[name] = count
    return Normalised(text, changes)


def _without_invisible(text: str, changes: dict[str, int]) -> str:
    dropped = 0

    def keep_or_drop(match: re.Match[str]) -> str:
        nonlocal dropped
        if match["keep"]:
            return match[0]
        dropped += 1
        return ""

    # Dropping one can take the ground from under the next ("a, selector, joiner"), so until nothing moves.
    before = -1
    while dropped != before:
        before = dropped
        text = _INVISIBLE.sub(keep_or_drop, text)
    if dropped:
        changes["invisible"] = dropped
    return text


_WORD = re.compile(r"[^\W_]")


def words(text: str) -> int:
    """How many words: runs between white space that hold a letter or a digit (a lone dash is no word)."""
    return sum(1 for token in text.split() if _WORD.search(token))


def _beyond_bmp(text: str) -> bool:
    return not text.isascii() and max(text) > "\uffff"


def utf16_to_code_points(text: str, offset: int) -> int:
    """A UTF-16 offset into `text` as a code point offset. InvalidSpan inside a surrogate pair or outside."""
    if not _beyond_bmp(text):
        if 0 <= offset <= len(text):
            return offset
        raise InvalidSpan("text.outside")
    if offset < 0:
        raise InvalidSpan("text.outside")
    units = 0
    for index, character in enumerate(text):
        if units == offset:
            return index
        if units > offset:
            raise InvalidSpan("text.inside_character")
        units += 2 if character > "\uffff" else 1
    if units == offset:
        return len(text)
    raise InvalidSpan("text.inside_character" if units > offset else "text.outside")


def code_points_to_utf16(text: str, offset: int) -> int:
    """A code point offset into `text` as a UTF-16 offset. InvalidSpan outside the text."""
    if not 0 <= offset <= len(text):
        raise InvalidSpan("text.outside")
    if not _beyond_bmp(text):
        return offset
    return offset + sum(1 for character in text[:offset] if character > "\uffff")
