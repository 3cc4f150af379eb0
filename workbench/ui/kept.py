"""Text fields that keep themselves when left, and show both texts when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import StaleEdit, WorkbenchError
from workbench.language import t
from workbench.ui import session
from workbench.ui.call import say, sentence

Row = Mapping[str, Any]


def kept_text(
    label: str,
    *,
    name: str,
    row: Row,
    field: str,
    save: Callable[[str, Row], object],
    lines: int = 1,
    shown: Callable[[Row], str] | None = None,
    placeholder: str = "",
    label_visibility: Any = "visible",
) -> None:
    """A field over `row[field]` (a text area from two `lines` on) that calls `save(typed, row)` when it is left.

    `row` is the row as it is now, with its `rev`; `save` gets the row the typing began from, and raises
    StaleEdit (with the row as it is now) or another error a person may meet. Then what was typed stays, both
    texts are shown, and a person decides. `shown` turns a row into the text on screen."""
    key = f"kept_{name}"
    read = shown or (lambda r: str(r[field] or ""))
    state = session.draft(key) or {"row": dict(row), "open": None}
    typed = session.widget(key)
    if typed is None:
        # First drawn, or drawn again after another screen: what could not be kept is still here.
        session.set_widget(key, state["open"]["mine"] if state["open"] else read(row))
    elif not state["open"]:
        if (
            typed.strip() in (read(state["row"]).strip(), state.get("kept"))
            and typed.strip() != read(row).strip()
        ):
            session.set_widget(key, read(row))  # untouched here: follow Undo, and what others have kept
        state["row"] = dict(row)
    session.keep_draft(key, state)
    if state["open"]:
        _both(key, state, read, save)
    options: dict[str, Any] = {
        "key": key, "placeholder": placeholder, "label_visibility": label_visibility,
        "on_change": _keep, "args": (key, read, save),
    }  # fmt: skip
    if lines > 1:
        st.text_area(label, height=lines * 23 + 18, **options)
    else:
        st.text_input(label, **options)


def _keep(key: str, read: Callable[[Row], str], save: Callable[[str, Row], object]) -> None:
    state = session.draft(key)
    typed = session.widget(key) or ""
    if state["open"] and state["open"]["theirs"] is not None:
        state["open"]["mine"] = typed
    else:
        _save(key, state, typed, state["row"], read, save)
    session.keep_draft(key, state)


def _save(
    key: str, state: dict[str, Any], typed: str, row: Row, read: Callable[[Row], str],
    save: Callable[[str, Row], object],
) -> None:  # fmt: skip
    for _ in range(3):
        if typed.strip() == read(row).strip():
            state["open"] = None
            return
        try:
            save(typed, row)
            state["open"], state["kept"] = None, typed.strip()
            return
        except StaleEdit as error:
            if read(error.current) == read(row):
                row = error.current  # another field of the row was changed, not this one
                continue
            state["open"] = {"mine": typed, "theirs": dict(error.current), "said": sentence(error)}
            return
        except WorkbenchError as error:
            state["open"] = {"mine": typed, "theirs": None, "said": sentence(error)}
            return


def _both(
    key: str, state: dict[str, Any], read: Callable[[Row], str], save: Callable[[str, Row], object]
) -> None:
    found = state["open"]
    say(found["said"])
    if found["theirs"] is None:
        return

    def mine() -> None:
        _save(key, state, session.widget(key) or "", found["theirs"], read, save)
        session.keep_draft(key, state)

    def theirs() -> None:
        session.set_widget(key, read(found["theirs"]))
        session.keep_draft(key, {"row": found["theirs"], "open": None})

    with st.container(border=True, key=f"{key}_both"):
        st.caption(t("kept.theirs"))
        st.text(read(found["theirs"]))
        with st.container(horizontal=True, gap="small"):
            st.button(t("kept.keep_mine"), key=f"{key}_mine", on_click=mine)
            st.button(t("kept.take_theirs"), key=f"{key}_theirs", on_click=theirs)
