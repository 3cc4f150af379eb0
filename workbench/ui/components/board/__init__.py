"""The board of a code group: its units as cards in subgroups, sorted and ticked without waiting for the server.

The cards travel once, in an element of their own, until the browser says that it has them. A small one carries in which
column each stands, the cards that changed since, names, ticks, and the answers to the operations the browser sent.
Operations lie in the reader's outbox (its module is imported), so that marks, moves and undo stay in one order whatever
page sends them, and what is made just before the page is left arrives from the next one.

Operations (every one has `id`, `project`, `member`, `verb`, and `source` "units"):

    move      units [[unit, placement, its subgroup, null, seen set aside]], code_group, subgroup (null: left over),
              new_subgroups [{id, code_group, name}]                                              (the matrix's own)
    aside     units as above, code_group, text (the reason)
    tick      subgroup, condensate (null: not written yet; `known`: those there were), on [units], off [units]
    golden    condensate, unit (null: none), was (the one it stands for so far: another is not overwritten)
    undo -    redo -

`live` (shapes as `board.js` reads them; a unit is the number of its row in the base, or its id where it came later):

    project, member, group, rev, base (name of the cards), focus ("all", "left", "aside" or a subgroup), may, href
    columns   [[subgroup, name, note, 1 when stale]]          at      [[column, [units in reading order]]]
    rows      [[place, *row]] made or changed since the base  asides  [[unit, reason]]
    discs     [[monogram, colour, name]]                      held    [units in any condensate]
    covers    [units]     golden  unit or null                condensate  id or null; left out where nothing is ticked
    known     [condensates]      others  [who else did something since the browser's last]     acks  {id: null or sentence}

A row: id, text, language, source, where, by, disc (its place among `discs`, -1 none), may be a golden quote, tags of other
code groups, placement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import streamlit as st

from workbench.language import catalogue, t

_PREFIX = "board."
_HELD = "workbench.board.held"


@dataclass(frozen=True)
class Held:
    """What the browser has: the names of the cards it keeps, and how new what it shows of a code group is."""

    names: tuple[str, ...] = ()
    group: str | None = None
    rev: int | None = None


def held() -> Held:
    """What the browser has; nothing before it has said so."""
    found: Held = st.session_state.get(_HELD) or Held()
    return found


def base_of(name: str, rows: Sequence[Sequence[Any]]) -> bytes:
    """All cards and the sentences, ready to be sent. `live["base"]` must be its `name`."""
    strings = {id: t(id) for id in catalogue("en") if id.startswith(_PREFIX)}
    return json.dumps({"name": name, "rows": rows, "strings": strings}, ensure_ascii=False).encode()


def board(
    *,
    base: bytes | None,
    live: Mapping[str, Any],
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
    on_look: Callable[[str], None],
) -> None:
    """Mount the board; `base` is left out once the browser has it. `on_look(column)` when one column is opened."""
    mount = _component()
    live_key = f"{key}-live"
    with st.container(key=key, gap=None):
        # A list of one: among the values of a dict Streamlit looks for data frames, importing pandas.
        mount(
            key=live_key,
            data=[dict(live)],
            on_operations_change=partial(_receive, live_key, on_operations),
            on_look_change=partial(_look, live_key, on_look),
        )
        # After it: what comes only once must not move what stays.
        if base is not None:
            mount(key=f"{key}-base", data=base)


def _sent(key: str, name: str) -> Any:
    # .get: a trigger that arrives before the widget's base state has no entry; the outbox sends again.
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _receive(key: str, on_operations: Callable[[list[dict[str, Any]]], None]) -> None:
    """Note what the browser has and hand over the operations of this trigger; the reader's come with them."""
    value = _sent(key, "operations")
    if not isinstance(value, Mapping):
        return
    names, group, rev = value.get("have"), value.get("group"), value.get("rev")
    st.session_state[_HELD] = Held(
        tuple(str(n) for n in names) if isinstance(names, list) else (),
        str(group) if group else None,
        rev if isinstance(rev, int) else None,
    )
    sent = value.get("operations")
    operations = [
        dict(one) for one in sent or [] if isinstance(one, Mapping) and one.get("id") and one.get("verb")
    ]
    if operations:
        on_operations(operations)


def _look(key: str, on_look: Callable[[str], None]) -> None:
    value = _sent(key, "look")
    if isinstance(value, str):
        on_look(value)


@cache
def _component() -> Any:
    # Not at import: without a runtime a packaged component cannot be registered.
    return st.components.v2.component("workbench.board", js="board.js", css="board.css", isolate_styles=False)
