"""Lines that hold what was looked for: a box to type in, the lines, and marking those that are selected.

What is typed goes to Python and back and nowhere else: not into the address, not into the browser's storage.
Selecting stays in the browser. An act (marking, accepting, putting aside) waits in the browser until Python
has answered it by its id, and comes again until then: do each id once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NotRequired, TypedDict

import streamlit as st

from workbench.domain.records import CodeGroup
from workbench.language import t
from workbench.ui.components.view import Group

Answer = list[Any]  # [whether it was done, the sentence that says so or why not]


class Line(TypedDict):
    """A place in its line. `place` is [source, text_rev, start, end], code points; `parts` are pieces of what was
    found, each with whether it is a word asked for; `groups` are code groups it is in already."""

    place: list[Any]
    source: str
    title: str
    turn: int
    lang: str
    speaker: str
    asking: bool
    before: str
    parts: list[list[Any]]
    after: str
    marked: bool
    groups: list[str]
    href: str
    disc: NotRequired[Group]
    shares: NotRequired[str]  # why it is suggested


class Name(TypedDict):
    """Something with a name that was found; without an href it leads nowhere."""

    kind: str
    text: str
    note: str
    href: NotRequired[str]


class Hits(TypedDict):
    """`name` tells lists apart; `asked` is what the answer is to. `groups`: [id, tag, name, colour 0-11, hatched].
    `who` and `where`: choices as [id, words]. `like`: [sentence, words one may press]. Without a `box` the lines are
    suggestions, to be accepted or put aside."""

    name: str
    asked: dict[str, Any]
    lines: list[Line]
    count: str
    total: int
    more: bool
    sentences: list[str]
    like: list[tuple[str, list[str]]]
    names: list[Name]
    groups: list[list[Any]]
    who: list[list[str]]
    where: list[list[str]]
    answers: Mapping[str, Answer]
    box: bool
    into: NotRequired[str]  # suggestions: what they are for; another clears what was selected


_WORDS = (
    "box", "hint", "start", "how", "how.more", "where", "who", "names", "names_more", "turn", "marked", "open_in", "more",
    "select_all", "select_shown", "extent", "extent.hit", "extent.sentence", "extent.turn", "into", "make_group",
    "take_off", "mark.one", "mark.other", "mark_none", "mark_all", "marking", "accept.one", "accept.other", "accept_none",
    "aside.one", "aside.other", "aside_none", "keys", "keys_suggestions",
)  # fmt: skip
_EXAMPLES = ("and", "phrase", "begins", "not", "or")


def code_groups(groups: Iterable[CodeGroup]) -> list[list[Any]]:
    """Code groups as `Hits.groups` has them."""
    return [[g.id, g.tag, g.name, g.colour % 12, g.colour >= 12] for g in groups]


@cache
def _component() -> Any:
    """Registered at first use: Streamlit knows packaged components only once it runs."""
    return st.components.v2.component("workbench.hits", js="hits.js", css="hits.css", isolate_styles=False)


def hits(
    facts: Hits,
    *,
    key: str,
    on_ask: Callable[[dict[str, Any]], None],
    on_act: Callable[[list[dict[str, Any]]], None],
) -> str | None:
    """Draw the box and the lines; returns the address of a line that was opened, in the run after.

    `on_ask({"text", "shown", "where", "who"})` and `on_act([{"id", "do": "mark"|"accept"|"aside", …}])` are called
    before the script runs again."""

    def asked() -> None:
        value = getattr(st.session_state.get(key), "ask", None)
        if isinstance(value, dict):
            on_ask(value)

    def acted() -> None:
        value = getattr(st.session_state.get(key), "acts", None)
        if isinstance(value, str):
            on_act(json.loads(value))

    words = {name: t(f"find.{name}") for name in _WORDS}
    examples = [[t(f"find.how.example.{name}"), t(f"find.how.{name}")] for name in _EXAMPLES]
    result = _component()(
        key=key,
        # A list of one: in a dict Streamlit looks for data frames, and imports pandas to know one.
        data=[{**facts, "words": words, "examples": examples}],
        on_ask_change=asked,
        on_acts_change=acted,
        on_open_change=lambda: None,
    )
    opened = getattr(result, "open", None)
    return opened if isinstance(opened, str) else None
