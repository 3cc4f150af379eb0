"""A file that was just made: its name, and the button that fetches it."""

from __future__ import annotations

from datetime import date

import streamlit as st

from workbench.language import t
from workbench.services import projects
from workbench.services.context import Context
from workbench.ui.text import literal


def file_name(ctx: Context, ending: str) -> str:
    """joined-up-discharge-2026-05-28.docx: letters, digits and hyphens, with the day it was made."""
    project = projects.project_summary(ctx)
    slug = projects.project_file(projects.projects_dir(), project.name).stem
    return f"{slug}-{date.today().isoformat()}{ending}"


def offer(data: bytes, name: str, mime: str, key: str) -> None:
    """A file to fetch. Drawn only in the run that made it, so it is not kept in the session."""
    st.download_button(
        t("export.download"),
        data,
        name,
        mime,
        key=key,
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption(literal(t("export.made", name=name, kb=max(1, len(data) // 1000))))
