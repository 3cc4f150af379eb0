"""Every string a person reads: `t("id", **params)` over gettext catalogues, one .po file per area.

The ids are stable; the English sentence is a translation like any other, so that Danish can follow
by adding a folder. Dates and numbers are formatted here too, in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

_language: ContextVar[str] = ContextVar("language", default="en")
_variant: ContextVar[str] = ContextVar("variant", default="")

_ENTRY = re.compile(r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)^msgstr ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")


def _unquote(literal: str) -> str:
    text = "".join(_QUOTED.findall(literal))
    return _ESCAPE.sub(lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)


@lru_cache(maxsize=8)
def catalogue(language: str) -> dict[str, str]:
    """All entries of a language, id -> sentence. Plain singular .po entries only; Babel and other
    translation tools read the same files. Read here without Babel because its import costs more
    than the whole start-up budget for it."""
    entries: dict[str, str] = {}
    folder = files("workbench.language").joinpath(language)
    for po in sorted(folder.iterdir(), key=lambda f: f.name):
        if po.name.endswith(".po"):
            for found in _ENTRY.finditer(po.read_text(encoding="utf-8")):
                key = _unquote(found[1])
                if key:
                    entries[key] = _unquote(found[2])
    return entries


LANGUAGES = ("en", "da")  # those with a folder; what one of them lacks is said in English


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything said in the block is in this language; English for one that has no catalogue."""
    before = _language.set(language if language in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(before)


def use_variant(variant: str) -> None:
    """From now on in this thread, say `id~variant` wherever there is such an entry: "themes" where a project does not
    condense, and has no numbered steps. Empty for none."""
    _variant.set(variant)


def t(id: str, /, **params: object) -> str:
    """The sentence with this id, its {named} places filled. An unknown id is shown as itself, so that
    a missing entry is seen and never stops work; a test forbids it."""
    here, english = catalogue(_language.get()), catalogue("en")
    sentence = None
    if variant := _variant.get():
        sentence = here.get(f"{id}~{variant}") or english.get(f"{id}~{variant}")
    sentence = sentence or here.get(id) or english.get(id)
    if sentence is None:
        return id
    return sentence.format(**params) if params else sentence


def tn(id: str, n: int, /, **params: object) -> str:
    """The sentence `id.one` or `id.other`, by n; {n} is filled in with the number as written here."""
    return t(f"{id}.{'one' if n == 1 else 'other'}", n=number(n), **params)


def number(n: int) -> str:
    """A whole number with the language's thousands mark."""
    return f"{n:,}".replace(",", "." if _language.get() == "da" else ",")


def day(value: date | datetime | str | None) -> str:
    """A date as a person writes it: 4 May 2026 / 4. maj 2026. Accepts ISO text; empty for None."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return t("date.day", d=moment.day, month=t(f"date.month.{moment.month}"), year=moment.year)


def elapsed(ms: int | None) -> str:
    """0:04:17 from a recording's start; empty for None."""
    return "" if ms is None else f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}"


def clock(value: datetime | str) -> str:
    """Hours and minutes, 14:02, in local time."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone().strftime("%H:%M")
