"""The model's description (TIDieR): twelve texts that keep themselves, and beside each what the project knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.services import tidier
from workbench.services.context import Context
from workbench.services.tidier import Offer, TidierItem
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.files import file_name
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LONGEST = 280  # characters of what would be taken over, beside the text it would go into


def draw(ctx: Context) -> None:
    items = tidier.tidier_view(ctx)
    st.subheader(t("tidier.title"), anchor=False)
    st.caption(t("tidier.about"))
    written = sum(bool(i.text) for i in items)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="tidier_bar"):
        st.text(t("tidier.written", n=written), width="content")
        st.space("stretch")
        if written:
            st.download_button(
                t("tidier.take_file"), partial(tidier.tidier_file, ctx), file_name(ctx, "-tidier.docx"), _DOCX,
                key="tidier_docx", type="tertiary", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
    writes = can(ctx.member.role, Action.MODEL)
    for item in items:
        _item(ctx, item, writes)
    st.caption(literal(t("tidier.source", citation=tidier.CITATION)))


def _item(ctx: Context, item: TidierItem, writes: bool) -> None:
    def keep(typed: str, row: Mapping[str, Any]) -> None:
        tidier.write_item(ctx, item.n, typed, rev=row["rev"])

    left, right = st.columns([1.3, 1], gap="large")
    with left, st.container(gap="xsmall", key=f"tidier_{item.n}"):
        st.markdown(f"**{literal(tidier.item_name(item.n))}**", anchors=False)
        st.caption(t(f"tidier.asks.{item.n}"))
        said = st.container(key=f"tidier_said_{item.n}")
        if writes:
            lines = min(10, max(2, item.text.count("\n") + 1 + len(item.text) // 80))
            kept_text(tidier.item_name(item.n), name=f"tidier.{item.n}", row=row_of(item), field="text",
                      lines=lines, save=keep, label_visibility="collapsed")  # fmt: skip
        else:
            st.text(item.text)
    with right:
        if not item.offers:
            if not item.text:
                st.caption(t("tidier.knows_nothing"))
            return
        view(
            "rows", {"rows": [_known(o, writes) for o in item.offers]}, key=f"tidier_known_{item.n}",
            on_select=partial(_take, ctx, item.n, said),
        )  # fmt: skip


def _take(ctx: Context, n: int, said: Any, source: str) -> None:
    attempt(tidier.take_over, ctx, n, source, where=said)


def _known(o: Offer, writes: bool) -> Row:
    """Where it comes from, to be pressed, and the beginning of what would be taken over."""
    where = t(f"tidier.from.{o.source}")
    if o.is_in:
        return {"text": where, "state": "good", "word": t("tidier.taken"), "note": t("tidier.taken")}
    said = " · ".join(line.removeprefix("- ") for line in o.text.splitlines())
    if len(said) > _LONGEST:
        said = said[:_LONGEST].rsplit(maxsplit=1)[0] + " …"
    row: Row = {"text": where, "note": said}
    if writes:
        row["id"], row["link"] = o.source, t("tidier.take")
    return row
