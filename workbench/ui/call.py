"""Runs a service call from a page and shows what it refused, as a sentence above what it concerns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import t
from workbench.ui.text import literal

R = TypeVar("R")


def sentence(error: WorkbenchError) -> str:
    """What a person reads about a refusal: the catalogue's sentence, parameters filled in."""
    return t(error.code, **error.params)


def say(text: str, where: Any = None) -> None:
    """One sentence about something that was not done, in `where` (a slot above what it concerns) or here."""
    place = where if where is not None else st
    place.markdown(f":red[▲] {literal(text)}", anchors=False)


def attempt(fn: Callable[..., R], /, *args: Any, where: Any = None, **kw: Any) -> R | None:
    """`fn(*args, **kw)`, or None after showing in `where` why it was refused.

    Only errors a person may meet are caught. What was typed stays in its widgets, because nothing is cleared
    here; a page clears its draft after a result. Use an empty `st.container()` made before the widgets as
    `where`, so that the sentence stands above them and nothing below is remounted."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        say(sentence(error), where)
        return None
