"""Differences, a part of Code: what one analyst marked and the other did not, and what they placed differently."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell


def page() -> None:
    session.context()
    shell.header(t("nav.differences"))
    st.title(t("nav.differences"), anchor=False)
