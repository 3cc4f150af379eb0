"""Short ids of units: what is printed on a card, typed back from a table, and read aloud.

Five letters and digits of Crockford's base32 (no I, L, O or U) from the id's SHA-256: the same on every paper
and in every copy of the project. Where two units of a project would be called the same, both get longer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

LENGTH = 5
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LONGEST = 51  # characters in 255 bits of the digest
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(" -‐‑–_.·\t\u00a0", None))


def _code(id: str, length: int = LENGTH) -> str:
    """The first `length` characters of the digest in base32."""
    bits = int.from_bytes(hashlib.sha256(id.encode()).digest(), "big") >> 256 - 5 * length
    return "".join(_ALPHABET[bits >> 5 * n & 31] for n in range(length - 1, -1, -1))


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Id -> its short id, five characters or as many as tell it from the others."""
    alike: dict[str, list[str]] = {}
    for id in dict.fromkeys(ids):
        alike.setdefault(_code(id), []).append(id)
    short: dict[str, str] = {}
    for code, same in alike.items():
        length = LENGTH
        while length < _LONGEST and len({_code(id, length) for id in same}) < len(same):
            length += 1
        short.update((id, code if length == LENGTH else _code(id, length)) for id in same)
    return short


def meant(typed: str) -> str:
    """What somebody who typed this meant: capitals, 0 for O, 1 for I and L, no spaces or hyphens."""
    return typed.upper().translate(_MEANT)


def find(ids: Iterable[str], typed: str) -> str | None:
    """The id that is meant, or None where none is, or where it could be more than one.

    A card printed when fewer units were there may carry fewer characters than its unit has now; it is
    found as long as only one unit begins so. Never fewer than five."""
    return find_all(ids, [typed])[typed]


def find_all(ids: Iterable[str], typed: Iterable[str]) -> dict[str, str | None]:
    """`find` for many at once: what was typed -> the id, or None."""
    by_start: dict[str, list[str]] = {}
    for id in dict.fromkeys(ids):
        by_start.setdefault(_code(id), []).append(id)
    found: dict[str, str | None] = {}
    for one in typed:
        wanted = meant(one)
        alike = [
            id
            for id in by_start.get(wanted[:LENGTH], ())
            if LENGTH <= len(wanted) <= _LONGEST and _code(id, len(wanted)) == wanted
        ]
        found[one] = alike[0] if len(alike) == 1 else None
    return found
