"""One run of the app: page settings, the menu by role, and the screen asked for. `workbench/app.py` calls it."""

from __future__ import annotations

import gc

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import t
from workbench.ui import session, shell
from workbench.ui.call import say, sentence


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
    try:
        ctx = session.optional_context()
    except WorkbenchError as error:  # damaged, on a full disk, or made by a newer workbench
        shell.style(None)
        st.title(t("nav.app"), anchor=False)
        say(sentence(error))
        st.button(t("shell.to_start"), on_click=session.choose_project, args=(None,))
        return
    shell.style(ctx.member.role if ctx else None)
    shell.logo(ctx.member.role if ctx else None)
    page = shell.navigation(ctx)
    st.set_page_config(page_title=f"{page.title} · {t('nav.app')}")
    page.run()
