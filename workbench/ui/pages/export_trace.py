"""What is taken along from the model and the table: matrix, requirements, changes, paths, the strip, minutes; and where
letters are made. A row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t
from workbench.services import meetings
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.files import file_name, offer

_MIME = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".csv": "text/csv",
    ".png": "image/png", ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
_ROWS = (
    ("requirements", (".xlsx", ".csv")), ("matrix", (".xlsx", ".csv")), ("changes", (".xlsx", ".csv")),
    ("paths", (".csv",)), ("strip", (".png",)),
)  # fmt: skip


def section(ctx: Context) -> None:
    """Everybody may have these; to those who read no source they tell no unit and no place."""
    st.space("small")
    st.subheader(t("export.along"), anchor=False)
    st.text(t("export.along.about"))
    with st.container(key="export_along", gap="xsmall"):
        for kind, endings in _ROWS:
            _row(ctx, kind, endings, None)
        held = [m for m in meetings.list_meetings(ctx) if m.date or m.title]
        if held:
            _minutes(ctx, {m.id: " · ".join(x for x in (m.title, day(m.date)) if x) for m in reversed(held)})
        if can(ctx.member.role, Action.MEET):
            with st.container(horizontal=True, vertical_alignment="center", key="export_row_letters"):
                _said("letters")
                st.link_button(
                    t("export.along.letters.open"), session.link("decisions", part="letters"), type="tertiary"
                )


def _said(kind: str) -> None:
    with st.container(gap=None, width="stretch"):
        st.markdown(f"**{t(f'export.along.{kind}')}**", anchors=False)
        st.caption(t(f"export.along.{kind}.about"))


def _minutes(ctx: Context, held: dict[str, str]) -> None:
    def choose() -> str:
        return str(
            st.selectbox(
                t("export.along.meeting"), list(held), format_func=held.__getitem__, key="export_minutes_of",
                label_visibility="collapsed", width=320,
            )
        )  # fmt: skip

    _row(ctx, "minutes", (".docx", ".pdf"), choose)


def _row(ctx: Context, kind: str, endings: tuple[str, ...], choose: Callable[[], str] | None) -> None:
    pressed = ""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"export_row_{kind}"):
        _said(kind)
        chosen = choose() if choose else ""
        for ending in endings:
            if st.button(t(f"export.as{ending}"), key=f"export_make_{kind}{ending}"):
                pressed = ending
    if pressed:
        message = st.container()
        with st.spinner(t("export.making"), show_time=False):
            data = attempt(_made, ctx, kind, pressed, chosen, where=message)
        if data:
            offer(data, file_name(ctx, f"-{kind}{pressed}"), _MIME[pressed], f"export_{kind}{pressed}")


def _made(ctx: Context, kind: str, ending: str, chosen: str) -> Any:
    from workbench.services import (
        minutes_files,
        trace_files,
        trace_picture,
    )  # writers: when something is made

    if kind == "minutes":
        return minutes_files.minutes_file(ctx, chosen, ending)
    if kind == "strip":
        return trace_picture.trace_strip_file(ctx, ending)
    return trace_files.trace_file(ctx, kind, ending)
