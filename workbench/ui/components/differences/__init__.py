"""Two analysts' marks side by side: selecting and settling them. Selecting stays in the browser.

What is settled goes to Python once, with an id; until it is answered nothing more is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NotRequired, TypedDict

import streamlit as st

from workbench.language import t


class Marked(TypedDict):
    """One analyst's mark. `parts`: its words before, in and after what the other marked as well; `groups`: ids."""

    unit: str
    parts: list[str]
    groups: list[str]
    comments: int


class Line(TypedDict):
    """A difference; `kind` one, placed or alike. `a` and `b` are the two analysts' marks, None where one has none."""

    id: str
    kind: str
    source: str
    title: str
    turn: int
    who: str
    lang: str
    beside: bool
    a: Marked | None
    b: Marked | None
    href: str


class Facts(TypedDict):
    """`name` tells lists apart. `people`: the two analysts' names and initials. `groups`: id -> [tag, name, colour
    0-11, hatched]. `rev` is the operation all this was seen at. `answer`: [id, whether it was done, the sentence]."""

    name: str
    rev: int
    people: list[list[str]]
    lines: list[Line]
    groups: Mapping[str, list[Any]]
    answer: NotRequired[list[Any] | None]


_WORDS = (
    "not_marked", "beside", "select", "select_all", "selected.one", "selected.other", "note", "join", "join.both",
    "join.first", "join.second", "join.what", "keep", "take_out", "apart", "words", "words.longer", "words.of",
    "words.these", "no_group", "open_in", "more", "less", "comments.one", "comments.other", "keys", "mixed", "turn",
)  # fmt: skip


@cache
def _component() -> Any:
    """Registered at first use: Streamlit knows packaged components only once it runs."""
    return st.components.v2.component(
        "workbench.differences", js="differences.js", css="differences.css", isolate_styles=False
    )


def differences(facts: Facts, *, key: str, on_settle: Callable[[dict[str, Any]], None]) -> str | None:
    """Draw the list; returns the address of a place that was opened, in the run after.

    `on_settle({"id", "picks": [[unit|None, unit|None]], "outcome", "words", "groups", "note", "rev"})` is called
    before the script runs again."""

    def settled() -> None:
        value = getattr(st.session_state.get(key), "settle", None)
        if isinstance(value, dict):
            on_settle(value)

    result = _component()(
        key=key,
        # A list of one: in a dict Streamlit looks for data frames, and imports pandas to know one.
        data=[{**facts, "words": {name: t(f"differences.{name}") for name in _WORDS}}],
        on_settle_change=settled,
        on_open_change=lambda: None,
    )
    opened = getattr(result, "open", None)
    return opened if isinstance(opened, str) else None
