"""Co-analysts: copies of the project to work on elsewhere, and merging them back."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell


def page() -> None:
    session.context()
    shell.header(t("nav.copies"))
    st.title(t("nav.copies"), anchor=False)
