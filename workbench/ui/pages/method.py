"""Method: progress in one picture, the coding tree, the method check, states of the analysis to compare with."""

from __future__ import annotations

import importlib

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell

PARTS = ("progress", "tree", "check", "states")


def page() -> None:
    """A module for each part, imported when it is asked for."""
    ctx = session.context()
    shell.header(t("nav.method"))
    st.title(t("nav.method"), anchor=False)
    part = _part()
    importlib.import_module(f"workbench.ui.pages.method_{part}").draw(ctx)


def _part() -> str:
    """The part that the address names."""
    now = session.asked("part") if session.asked("part") in PARTS else PARTS[0]
    session.set_widget("method_part", now)
    st.segmented_control(
        t("method.parts"),
        PARTS,
        key="method_part",
        format_func=lambda p: t(f"method.part.{p}"),
        on_change=lambda: session.ask(part=session.widget("method_part"), checked=None),
        required=True,
        label_visibility="collapsed",
        width=480,
    )
    return str(now)
