"""Export: what can be handed over, and who may see each; a file is made when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import clock, day, t
from workbench.services import history, projects
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import view
from workbench.ui.text import literal


@dataclass(frozen=True)
class Made:
    """A file that can be made: its ending, what it is in the catalogue, and the action it takes."""

    ending: str
    name: str
    mime: str
    action: Action
    icon: str


MADE = (
    Made(".docx", "report", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         Action.EXPORT_ANALYSIS, "article"),
    Made(".pdf", "briefs", "application/pdf", Action.EXPORT_RELEASED, "picture_as_pdf"),
    Made(".xlsx", "units", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         Action.EXPORT_ANALYSIS, "table"),
    Made(".svg", "trace", "image/svg+xml", Action.EXPORT_RELEASED, "account_tree"),
    Made(".sqlite", "tables", "application/vnd.sqlite3", Action.EXPORT_ANALYSIS, "database"),
)  # fmt: skip


def page() -> None:
    """One card per file this member may have."""
    ctx = session.context()
    shell.header(t("nav.export"))
    st.title(t("nav.export"), anchor=False)
    st.text(t("export.about"))
    st.space("xsmall")
    mine = [made for made in MADE if can(ctx.member.role, made.action)]
    for first in range(0, len(mine), 3):
        for made, place in zip(mine[first : first + 3], st.columns(3, gap="medium"), strict=False):
            with place, st.container(border=True, height="stretch", key=f"export_card_{made.name}"):
                _card(ctx, made)
    if len(mine) < len(MADE):
        st.caption(t("export.released_only"))
    if can(ctx.member.role, Action.SEE_HISTORY):
        _left(ctx)


def _left(ctx: Context) -> None:
    """What has left, so that it can be found again when somebody withdraws."""
    found = history.list_releases(ctx)
    if not found:
        return
    st.space("small")
    st.subheader(t("export.left"), anchor=False)
    rows = [
        {
            "key": f"{day(r.at)}, {clock(r.at)}",
            "text": t(f"export.left.{r.kind}", who=r.member),
            "note": t("export.left.digest", digest=r.sha256[:16]),
        }
        for r in found[:50]
    ]
    view("rows", {"rows": rows}, key="export_left")


def file_name(ctx: Context, ending: str) -> str:
    """joined-up-discharge-2026-05-28.docx: letters, digits and hyphens, with the day it was made."""
    project = projects.project_summary(ctx)
    slug = projects.project_file(projects.projects_dir(), project.name).stem
    return f"{slug}-{date.today().isoformat()}{ending}"


def _card(ctx: Context, made: Made) -> None:
    st.subheader(t(f"export.{made.name}"), anchor=False)
    st.markdown(f":gray[{t(f'export.{made.name}.kind')}]", anchors=False)
    st.text(t(f"export.{made.name}.about"))
    st.markdown(f"**{t('export.who')}**  \n{t(f'export.{made.name}.who')}", anchors=False)
    st.space("stretch")
    message = st.container()
    if st.button(
        t(f"export.{made.name}.make"),
        key=f"export_make_{made.name}",
        type="primary" if made is MADE[0] else "secondary",
        icon=f":material/{made.icon}:",
    ) and (data := _make(ctx, made.ending, message)):
        # Drawn only in the run that made it, so the file is not kept in the session.
        st.download_button(
            t("export.download"),
            data,
            file_name(ctx, made.ending),
            made.mime,
            key=f"export_{made.name}",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(literal(t("export.made", name=file_name(ctx, made.ending), kb=max(1, len(data) // 1000))))


def _make(ctx: Context, ending: str, message: Any) -> bytes | None:
    """The file's bytes, or None after saying why it was not made."""
    from workbench.services import exporting  # Word, PDF and Excel writers: only when something is made

    with st.spinner(t("export.making"), show_time=False):
        return attempt(exporting.export, ctx, ending, where=message)
