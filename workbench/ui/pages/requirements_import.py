"""A table of requirements from elsewhere: what it would bring in and what is in its way, and then all of it or nothing."""

from __future__ import annotations

import streamlit as st

from workbench.language import t, tn
from workbench.services import trace_import
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.text import literal

_TURN = "requirements.import"  # how often something was brought in: an uploader is emptied by being another
_MOST = 8  # problems shown
_MB = 10


def draw(ctx: Context) -> None:
    turn = int(session.draft(_TURN) or 0)
    with (
        st.popover(
            t("requirements.import"), type="tertiary", icon=":material/upload:", key="requirements_import"
        ),
        st.container(width=460),
    ):
        said = st.container(key="requirements_import_said")
        uploaded = st.file_uploader(
            t("requirements.import_file"), accept_multiple_files=True, max_upload_size=_MB,
            key=f"requirements_import_{turn}",
        )  # fmt: skip
        st.caption(t("requirements.import_about"))
        if not uploaded:
            return
        files = [(f.name, f.getvalue()) for f in uploaded]
        found = attempt(trace_import.preview, ctx, files, where=said)
        if found is None:
            return
        rows: list[Row] = [{"text": p.text, "state": "open"} for p in found.problems[:_MOST]]
        if left := len(found.problems) - len(rows):
            rows.append({"text": tn("requirements.import_more", left)})
        if rows:
            view("rows", {"rows": rows}, key="requirements_import_rows")
        for notice in found.notices:
            st.caption(literal(notice))
        counted = ", ".join(f"{t(f'trace_import.kind.{kind}')} {n}" for kind, n in found.counts.items())
        if counted and not found.problems:
            st.text(t("requirements.import_would", what=counted))

        def bring() -> None:
            if attempt(trace_import.import_rows, ctx, found, where=said) is not None:
                session.keep_draft(_TURN, turn + 1)

        st.button(t("requirements.import_do"), key="requirements_import_do", type="primary", on_click=bring,
                  disabled=bool(found.problems))  # fmt: skip
