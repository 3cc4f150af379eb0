"""The matrix of units: cards that are grouped, sorted, filtered and moved many at a time without waiting for the server.

All units travel once, in an element of their own, until the browser says that it has them: no words are kept here. A
small one carries what changed since, names of people and groups, and the answers to the operations the browser sent.
Operations lie in the same outbox as the reader's (its module is imported), so that marks, moves and undo stay in one
order whatever page sends them.

Operations (every one has `id`, `project`, `member`, `verb`, and `source` "units"):

    move      units [[unit, placement seen or null, its subgroup, id of the new placement]], code_group,
              subgroup (absent: stays in the subgroup it has there; null: none), new_code_groups [{id, name}],
              new_subgroups [{id, code_group, name}]
    copy      the same
    take_out  units [[unit, placement, subgroup]]
    settle    seen [[unit, [code groups]]], only (a code group, or null: keep all)
    undo -    redo -
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import streamlit as st

from workbench.language import catalogue, t

_PREFIX = "units."
_HELD = "workbench.matrix.held"


def held() -> str | None:
    """The name of the units that the browser has; None or empty when it has not got them."""
    name: str | None = st.session_state.get(_HELD)
    return name


def base_of(name: str, rows: list[list[Any]]) -> bytes:
    """All units and the sentences, ready to be sent. `live["base"]` must be its `name`."""
    strings = {id: t(id) for id in catalogue("en") if id.startswith(_PREFIX)}
    return json.dumps(
        {"part": "base", "name": name, "rows": rows, "strings": strings}, ensure_ascii=False
    ).encode()


def matrix(
    *,
    base: bytes | None,
    live: Mapping[str, Any],
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
    on_open: Callable[[str, str], None],
) -> None:
    """Mount the matrix; `base` is left out once the browser has it. `live` as the page puts it together;
    `on_open(source, unit)` when a unit is opened."""
    mount = _component()
    live_key = f"{key}-live"
    with st.container(key=key, gap=None):
        # A list of one: among the values of a dict Streamlit looks for data frames, importing pandas.
        mount(
            key=live_key,
            data=[{"part": "live", **live}],
            on_operations_change=partial(_receive, live_key, on_operations),
            on_open_change=partial(_opened, live_key, on_open),
        )
        # After it: what comes only once must not move what stays.
        if base is not None:
            mount(key=f"{key}-base", data=base)


def _sent(key: str, name: str) -> Any:
    state = st.session_state.get(key)
    return state.get(name) if isinstance(state, Mapping) else None


def _receive(key: str, on_operations: Callable[[list[dict[str, Any]]], None]) -> None:
    """Note what the browser has and hand over the operations of this trigger; the reader's lie in the same outbox
    and come with them."""
    value = _sent(key, "operations")
    if not isinstance(value, Mapping):
        return
    st.session_state[_HELD] = str(value.get("have") or "")
    sent = value.get("operations")
    operations = [
        dict(one) for one in sent or [] if isinstance(one, Mapping) and one.get("id") and one.get("verb")
    ]
    if operations:
        on_operations(operations)


def _opened(key: str, on_open: Callable[[str, str], None]) -> None:
    value = _sent(key, "open")
    if isinstance(value, Mapping) and value.get("source") and value.get("unit"):
        on_open(str(value["source"]), str(value["unit"]))


@cache
def _component() -> Any:
    # Not at import: without a runtime a packaged component cannot be registered.
    return st.components.v2.component(
        "workbench.matrix", js="matrix.js", css="matrix.css", isolate_styles=False
    )
