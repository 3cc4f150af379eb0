"""The pack's foot: the whole of it as one PDF to be mailed, or in Word."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.services.context import Context
from workbench.services.packs import Pack
from workbench.ui.call import attempt
from workbench.ui.files import file_name, offer

_MIME = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def foot(ctx: Context, pack: Pack) -> None:
    """Made when asked for; the button that fetches it stands there in the run that made it."""
    if not can(ctx.member.role, Action.EXPORT_RELEASED):
        return
    st.space("small")
    said = st.container(key="pack_said")
    with st.container(horizontal=True, gap="small", key="pack_foot"):
        pressed = [
            kind
            for kind, icon in (("pdf", "picture_as_pdf"), ("docx", "article"))
            if st.button(t(f"pack.make_{kind}"), key=f"pack_{kind}", icon=f":material/{icon}:")
        ]
    for kind in pressed:
        from workbench.services import pack_files  # Word and PDF writers: only when a file is made

        make = pack_files.pack_pdf if kind == "pdf" else pack_files.pack_docx
        with st.spinner(t("pack.making"), show_time=False):
            data = attempt(make, ctx, pack.meeting.id if pack.meeting else None, where=said)
        if data:
            offer(data, file_name(ctx, f"-pack.{kind}"), _MIME[kind], f"pack_file_{kind}")
