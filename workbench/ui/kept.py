"""Fields that keep themselves when left, and show both values when somebody else was faster.

Each field sends itself alone, into the row as it is now: what others have changed in the row's other fields
stays. To the same field, nothing is overwritten until a person has seen both values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import streamlit as st

from workbench.domain.errors import StaleEdit, WorkbenchError
from workbench.language import t
from workbench.ui import session
from workbench.ui.call import say, sentence

Row = Mapping[str, Any]
Save = Callable[[Any, Row], object]
_NEVER = object()


def row_of(record: Any) -> Row:
    """A record of the domain or a service as a row: its fields by name."""
    return {f.name: getattr(record, f.name) for f in fields(record)}


def kept_text(
    label: str,
    *,
    name: str,
    row: Row,
    field: str,
    save: Save,
    lines: int = 1,
    shown: Callable[[Row], str] | None = None,
    parsed: Callable[[str, Row], str] | None = None,
    **options: Any,
) -> None:
    """A field over `row[field]` (a text area from two `lines` on) that calls `save(value, row)` when it is left.

    `row` is the row as it is now, with its `rev`; `save` gets the row to change, raises StaleEdit (with the row
    as it is now) or another error a person may meet. Then what was typed stays, both texts are shown, and a
    person decides. `shown` turns a row into the text on screen, `parsed` turns what was typed back, with the
    row that the typing began from. `options` go to Streamlit's widget."""
    f = _Field(
        f"kept_{name}", field, save, shown or (lambda r: str(r[field] or "")), parsed or (lambda typed, _: typed), str
    )  # fmt: skip
    if lines > 1:
        _draw(f, row, lambda **how: st.text_area(label, **how), {"height": lines * 23 + 18} | options)
    else:
        _draw(f, row, lambda **how: st.text_input(label, **how), options)


def kept_choice(
    label: str,
    values: Sequence[Any],
    *,
    name: str,
    row: Row,
    field: str,
    save: Save,
    words: Callable[[Any], str],
    kind: Literal["select", "pills", "segments"] = "select",
    none: str | None = None,
    **options: Any,
) -> None:
    """One of `values`, kept at once; as `kept_text`. "" among the values of a select, or nothing chosen among
    pills, is `none` in the row. `words` gives a value's name."""
    draw: Any = {"select": st.selectbox, "pills": st.pills, "segments": st.segmented_control}[kind]
    nothing = "" if kind == "select" else None
    f = _Field(
        f"kept_{name}", field, save, lambda r: r[field] if r[field] in values else nothing,
        lambda chosen, _: chosen or none, lambda v: words(v) if v is not None else t("model.none_chosen"),
    )  # fmt: skip
    _draw(f, row, lambda **how: draw(label, values, format_func=words, **how), options)


def kept_toggle(
    label: str, *, name: str, row: Row, field: str, save: Save, words: Callable[[bool], str], **options: Any
) -> None:
    """Yes or no, kept at once; as `kept_text`. `words` says what the other one holds."""
    f = _Field(f"kept_{name}", field, save, lambda r: bool(r[field]), lambda on, _: bool(on), words)
    _draw(f, row, lambda **how: st.toggle(label, **how), options)


@dataclass(frozen=True, slots=True)
class _Field:
    key: str
    field: str
    save: Save
    shown: Callable[[Row], Any]  # a row as the widget's value
    parsed: Callable[[Any, Row], Any]  # the widget's value as the field's, with the row it began from
    said: Callable[[Any], str]  # the widget's value in words


def _bare(value: Any) -> Any:
    """What is compared: spaces around a text, and the ways to say nothing, make no difference."""
    return value.strip() if isinstance(value, str) else value or ""


def _draw(f: _Field, row: Row, widget: Callable[..., Any], options: Mapping[str, Any]) -> None:
    state = session.draft(f.key) or {"row": dict(row), "open": None}
    value = session.widget(f.key, _NEVER)
    now = f.shown(row)
    if value is _NEVER:
        # First drawn, or drawn again after another screen: what could not be kept is still here.
        session.set_widget(f.key, state["open"]["mine"] if state["open"] else now)
    elif not state["open"] and _bare(value) != _bare(now):
        untouched = (_bare(f.shown(state["row"])), state.get("kept", _NEVER))
        if _bare(value) in untouched:
            session.set_widget(f.key, now)  # follow Undo, and what others have kept
    if not state["open"]:
        state["row"] = dict(row)
    session.keep_draft(f.key, state)
    if state["open"]:
        _both(f, state)
    widget(key=f.key, on_change=_keep, args=(f,), **options)


def _keep(f: _Field) -> None:
    state = session.draft(f.key)
    value = session.widget(f.key)
    if state["open"] and state["open"]["theirs"] is not None:
        state["open"]["mine"] = value
    else:
        _save(f, state, value, state["row"])
    session.keep_draft(f.key, state)


def _save(f: _Field, state: dict[str, Any], mine: Any, row: Row) -> None:
    """Keep the widget's value in `row`; `state` says afterwards what came of it."""
    value = f.parsed(mine, state["row"])
    for _ in range(3):
        try:
            if _bare(value) != _bare(row.get(f.field)):
                f.save(value, row)
        except StaleEdit as error:
            state["open"] = {"mine": mine, "theirs": dict(error.current), "said": sentence(error)}
            if _bare(error.current.get(f.field)) != _bare(row.get(f.field)):
                return
            row = error.current  # another field of the row was changed, not this one
        except WorkbenchError as error:
            state["open"] = {"mine": mine, "theirs": None, "said": sentence(error)}
            return
        else:
            state["open"], state["kept"] = None, _bare(mine)
            return


def _both(f: _Field, state: dict[str, Any]) -> None:
    found = state["open"]
    say(found["said"])
    if found["theirs"] is None:
        return

    def mine() -> None:
        _save(f, state, session.widget(f.key), found["theirs"])
        session.keep_draft(f.key, state)

    def theirs() -> None:
        session.set_widget(f.key, f.shown(found["theirs"]))
        session.keep_draft(f.key, {"row": found["theirs"], "open": None})

    with st.container(border=True, key=f"{f.key}_both"):
        st.caption(t("kept.theirs"))
        st.text(f.said(f.shown(found["theirs"])))
        with st.container(horizontal=True, gap="small"):
            st.button(t("kept.keep_mine"), key=f"{f.key}_mine", on_click=mine)
            st.button(t("kept.take_theirs"), key=f"{f.key}_theirs", on_click=theirs)
