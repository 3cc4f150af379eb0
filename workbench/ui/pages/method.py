"""Method: progress in one picture, the coding tree, the method check, states of the analysis to compare with."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell


def page() -> None:
    session.context()
    shell.header(t("nav.method"))
    st.title(t("nav.method"), anchor=False)
