"""On a projector: one theme, or the ideas, in large letters; what is said is written live, and no name shows."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.ui import session
from workbench.ui.components.view import Row, view
from workbench.ui.text import literal

from . import requirements_ideas as ideas
from .requirements_rows import WITHOUT, Sheet, heard, row, set_aside, write

_IDEAS = "ideas"


def draw(sheet: Sheet) -> None:
    themes = sheet.matrix.themes
    numbers = [str(n) for n in range(1, len(themes) + 1)]
    parts = [*numbers, *([_IDEAS] if themes or sheet.ideas else [])]
    chosen = ""
    if parts:
        asked = session.asked("theme")
        chosen = st.segmented_control(
            t("requirements.show"), parts, default=asked if asked in parts else parts[0], required=True,
            format_func=lambda n: t("requirements.ideas_short") if n == _IDEAS else t("requirements.theme_n", n=n),
            label_visibility="collapsed", key="room_theme",
            on_change=lambda: session.ask(theme=session.widget("room_theme")),
        ) or parts[0]  # fmt: skip
    if chosen == _IDEAS:
        st.title(t("requirements.ideas"), anchor=False)
        ideas.room(sheet)
    elif chosen:
        _theme(sheet, *themes[int(chosen) - 1])
    else:
        st.title(t("nav.requirements"), anchor=False)
        st.text(t("requirements.no_themes_yet"))
        _rows(sheet, "room", [row(sheet, r, quiet=True) for r in sheet.requirements], "")
        write(sheet, WITHOUT)


def _theme(sheet: Sheet, theme: str, words: str) -> None:
    st.title(literal(words), anchor=False)
    view("spread", {"groups": heard(sheet, theme)}, key=f"heard_{theme}")
    mine = [row(sheet, r, quiet=True) for r in sheet.resting_on(theme)]
    aside = [set_aside(sheet, theme)] if theme in sheet.coverage.not_needed else []
    empty = "" if aside else t("requirements.none_on_theme")
    _rows(sheet, theme, [*mine, *aside], empty)
    write(sheet, theme, theme=theme)


def _rows(sheet: Sheet, where: str, found: list[Row], empty: str) -> None:
    if found or empty:
        view("rows", {"rows": found, "empty": empty}, key=f"room_rows_{where}")
