"""Bytes of a text file -> text, exactly or not at all.

Byte order mark, then strict UTF-8, then UTF-16 by where its NULs stand, then Windows-1252, the Western
default.
Statistical detectors were measured on Danish and read cp1252 as Central European; the order here does not
guess,
and where Windows-1252 is only the likely answer a notice asks the reader to look at the letters.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from workbench.domain.errors import ImportRejected
from workbench.domain.transcripts import Notice

#: What a person may choose in the preview.
ENCODINGS = ("utf-8", "utf-16", "cp1252", "mac_roman", "cp865", "cp850", "iso8859-15", "gb18030")
_ALLOWED = {
    codecs.lookup(name).name for name in (*ENCODINGS, "utf-8-sig", "utf-16-le", "utf-16-be", "latin-1")
}

_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
# Control characters no transcript holds; tab, line breaks, form feed and the old end-of-file mark are
# harmless.
_JUNK = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_UTF8_PAIR = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_HIGH = re.compile(rb"[\x80-\xff]")
# Letters of Danish as Mac Roman and as DOS wrote them, seen through Windows-1252: "pŒr¿rende", "p†r›rende".
_MISREAD = re.compile("[^\\W\\d_][Œ¿¾†›‘][^\\W\\d_]")


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str, list[Notice]]:
    """The text, the name of its encoding, and notices. ImportRejected where no exact reading exists."""
    if encoding is not None:
        return _decode_as(data, name, encoding), encoding, []
    for bom, label, codec in _BOMS:
        if data.startswith(bom):
            text = _strict(data[len(bom) :], codec)
            if text is None or _is_binary(text, wide=label != "utf-8"):
                raise ImportRejected("import.encoding_broken", name=name, encoding=label)
            return text, label, []
    nuls = data.count(0)
    if nuls * 20 > len(data) * 7:
        return _decode_utf16(data, name)
    text = _strict(data, "utf-8")
    if text is not None:
        if _is_binary(text):
            raise ImportRejected("import.binary", name=name)
        return text, "utf-8", []
    return _decode_western(data, name)


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _decode_as(data: bytes, name: str, encoding: str) -> str:
    try:
        known = codecs.lookup(encoding).name in _ALLOWED
    except (LookupError, ValueError):
        known = False
    if not known:
        raise ImportRejected("import.encoding_unknown", name=name)
    text = _strict(data, encoding)
    if text is None:
        raise ImportRejected("import.encoding_wrong", name=name, encoding=encoding)
    if _is_binary(text):
        raise ImportRejected("import.binary", name=name)
    return text


def _decode_utf16(data: bytes, name: str) -> tuple[str, str, list[Notice]]:
    """UTF-16 without a mark: in Western text every other byte is NUL, and which one tells the byte order."""
    odd, even = data[1::2].count(0), data[0::2].count(0)
    text = _strict(data, "utf-16-le" if odd > even else "utf-16-be")
    if text is None or min(odd, even) * 10 > max(odd, even) or _is_binary(text, wide=True):
        raise ImportRejected("import.binary", name=name)
    return text, "utf-16", []


def _decode_western(data: bytes, name: str) -> tuple[str, str, list[Notice]]:
    pairs = _UTF8_PAIR.findall(data)
    stray = len(_HIGH.findall(data)) - sum(len(pair) for pair in pairs)
    text = _strict(data, "cp1252")
    if text is None or _is_binary(text):
        raise ImportRejected("import.binary", name=name)
    letters = [character for character in text if character.isalpha()]
    foreign = sum(1 for character in letters if character > "\x7f")
    if len(letters) > 10 and foreign * 10 > len(letters) * 4:
        # No Western language is mostly accents: another script seen through the wrong table.
        raise ImportRejected("import.encoding_unclear", name=name)
    if pairs and len(pairs) >= stray:
        raise ImportRejected("import.encoding_mixed", name=name)
    code = (
        "import.notice.encoding_doubtful"
        if len(_MISREAD.findall(text)) > 2
        else "import.notice.encoding_guessed"
    )
    return text, "cp1252", [Notice.of(code)]


def _is_binary(text: str, *, wide: bool = False) -> bool:
    """Control characters, or, where any pair of bytes makes a character, characters that do not exist."""
    if len(_JUNK.findall(text)) * 100 > len(text):
        return True
    sample = text[:20_000] if wide else ""
    unassigned = sum(1 for character in sample if unicodedata.category(character) in ("Cn", "Co", "Cs"))
    return unassigned * 10 > len(sample)
