"""Step 1, total impression, in three parts: what stands before it, reading in peace, the themes of all together."""

from __future__ import annotations

import streamlit as st

from workbench.language import t
from workbench.services import impressions, sources
from workbench.services.sources import SourceView
from workbench.ui import reading, session, shell
from workbench.ui.pages import impression_before, impression_read, impression_themes

_PARTS = ("before", "read", "themes")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.impression"))
    chosen: SourceView | None = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="impression_bar"):
        part = _part()
        if part == "read":
            found = [v for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
            if found:
                st.space("stretch")
                chosen = reading.choose(found, name="impression")
    if part == "before":
        impression_before.draw(ctx)
    elif part == "themes":
        impression_themes.draw(ctx, impressions.impression_view(ctx))
    elif chosen:
        impression_read.draw(ctx, chosen, impressions.impression_view(ctx))
    else:
        _nothing_to_read()


def _nothing_to_read() -> None:
    st.title(t("impression.title"), anchor=False)
    st.text(t("impression.no_sources"))
    st.page_link(
        shell.screen_page("sources"), label=t("impression.to_sources"), icon=":material/description:"
    )


def _part() -> str:
    """Which part; the address says so."""
    now = session.asked("part") if session.asked("part") in _PARTS else "read"
    session.set_widget("impression_part", now)
    st.segmented_control(
        t("impression.parts"),
        _PARTS,
        key="impression_part",
        format_func=lambda p: t(f"impression.part.{p}"),
        on_change=lambda: session.ask(part=session.widget("impression_part")),
        required=True,
        label_visibility="collapsed",
        width=250,
        wrap=False,
    )
    return str(now)
