"""One run of the app: page settings, the menu by role, and the screen asked for. `workbench/app.py` calls it."""

from __future__ import annotations

import gc

import streamlit as st

from workbench.language import t
from workbench.ui import session, shell


@st.cache_resource(show_spinner=False)
def _freeze() -> None:
    """Take what is imported out of the collector's sight, once: Streamlit collects after every run, and
    walking the libraries each time costs more than the run."""
    gc.collect()
    gc.freeze()


def main() -> None:
    st.set_page_config(
        page_icon=str(shell.THEME / "icon.png"),
        layout="wide",
        initial_sidebar_state=232,
    )
    _freeze()
    ctx = session.optional_context()
    shell.style(ctx.member.role if ctx else None)
    shell.logo(ctx.member.role if ctx else None)
    page = shell.navigation(ctx)
    st.set_page_config(page_title=f"{page.title} · {t('nav.app')}")
    page.run()
