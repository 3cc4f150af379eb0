"""Sending the pack: an insider reads every quote that leaves, sees what becomes of small groups, then sends.

What was ticked is kept in the session only; that all were read is kept with the sending, as its reason."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import sending
from workbench.services.context import Context
from workbench.services.packs import Pack
from workbench.ui import committee, evidence, session
from workbench.ui.call import attempt
from workbench.ui.components.view import view
from workbench.ui.files import file_name, offer
from workbench.ui.pages.pack_parts import head
from workbench.ui.text import literal


def draw(ctx: Context, pack: Pack) -> None:
    meeting = pack.meeting.id if pack.meeting else None
    preview = sending.preview(ctx, meeting)
    st.button(t("pack.back"), key="pack_back", type="tertiary", icon=":material/arrow_back:",
              on_click=lambda: session.ask(part=None))  # fmt: skip
    head(pack, t("pack.send_title"))
    with st.container(width=760, key="send_about"):
        st.text(t("pack.send_about"))
        if preview.together:
            st.text(t("pack.send_together", k=preview.k_min, groups=", ".join(preview.together)))
            if preview.uncounted:
                st.text(t("pack.send_uncounted"))
        else:
            st.text(t("pack.send_no_small", k=preview.k_min))
        if preview.sent_before:
            st.caption(t("pack.send_before", at=day(preview.sent_before)))
        _quotes(pack, preview)
        st.space("small")
        _send(ctx, meeting, preview)


def _quotes(pack: Pack, preview: sending.Preview) -> None:
    discs = evidence.groups_of(pack.matrix)
    if not preview.quotes:
        st.text(t("pack.send_none"))
    for theme, quotes in groupby(preview.quotes, key=lambda q: q.theme):
        found = list(quotes)
        st.space("small")
        st.subheader(literal(t("pack.send_theme", n=theme, heading=found[0].heading)), anchor=False)
        for q in found:
            with st.container(gap="xsmall", key=f"send_{theme}_{q.mark}"):
                if q.differs:
                    st.caption(t("pack.send_differs"))
                view(
                    "quote",
                    {"quotes": [committee.quote_view(q.quote, discs)]},
                    key=f"send_quote_{theme}_{q.mark}",
                )
                st.checkbox(t("pack.send_tick"), key=_tick(q))


def _tick(q: sending.QuoteToRead) -> str:
    return f"send_tick_{q.theme}_{q.mark}"


def _send(ctx: Context, meeting: str | None, preview: sending.Preview) -> None:
    read = {q.mark for q in preview.quotes if session.widget(_tick(q))}
    left = len({q.mark for q in preview.quotes}) - len(read)
    said = st.container(key="send_said")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="send_bar"):
        pressed = st.button(t("pack.send_make"), key="send_make", type="primary", icon=":material/outgoing_mail:",
                            disabled=left > 0)  # fmt: skip
        if preview.quotes:
            st.caption(tn("pack.send_left", left) if left else t("pack.send_ready"), width="content")
    if pressed:
        with st.spinner(t("pack.making"), show_time=False):
            data = attempt(sending.send_pack, ctx, meeting, read=read, where=said)
        if data:
            st.text(t("pack.send_done"))
            offer(data, file_name(ctx, "-pack.pdf"), "application/pdf", "pack_sent")
