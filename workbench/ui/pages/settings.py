"""Settings: the project's name, question and route."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell


def page() -> None:
    session.context()
    shell.header(t("nav.settings"))
    st.title(t("nav.settings"), anchor=False)
