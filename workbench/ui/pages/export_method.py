"""For the article: analysis table, coding tree, theme table, COREQ and methods paragraph; and filling in COREQ."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.routes import condenses
from workbench.language import day, t, tn
from workbench.services import projects
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.files import file_name, offer
from workbench.ui.kept import kept_text
from workbench.ui.text import literal

_MIME = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
}
_FORMATS = {"coding_tree": (".docx", ".pdf", ".svg")}


def section(ctx: Context) -> None:
    """A card per thing the method hands over, with what it takes to make it."""
    kinds = [*(["analysis_table"] if condenses(projects.route_of(ctx.store)) else []),
             "coding_tree", "theme_table", "coreq", "methods"]  # fmt: skip
    st.space("small")
    st.subheader(t("export.article"), anchor=False)
    st.text(t("export.article.about"))
    st.space("xsmall")
    for at in range(0, len(kinds), 3):
        for kind, place in zip(kinds[at : at + 3], st.columns(3, gap="medium"), strict=False):
            with place, st.container(border=True, height="stretch", key=f"export_method_{kind}"):
                _card(ctx, kind)


def _card(ctx: Context, kind: str) -> None:
    st.subheader(t(f"export.{kind}"), anchor=False)
    st.text(t(f"export.{kind}.about"))
    how: dict[str, object] = {}
    if kind == "analysis_table":
        how["examples"] = st.segmented_control(
            t("export.examples"), (1, 2), default=2, required=True, key="export_examples",
            format_func=lambda n: tn("export.examples", n), label_visibility="collapsed",
        )  # fmt: skip
    elif kind == "methods":
        how["language"] = st.segmented_control(
            t("export.language"), ("en", "da"), default="en", required=True, key="export_language",
            format_func=lambda code: t(f"export.language.{code}"), label_visibility="collapsed",
        )  # fmt: skip
    elif kind == "coreq" and st.button(
        t("export.coreq.fill"), key="export_coreq_fill", icon=":material/edit:"
    ):
        session.ask(part="coreq")
        st.rerun()
    st.space("stretch")
    message = st.container()
    with st.container(horizontal=True, gap="small"):
        made = {
            ending: st.button(
                t(f"export.as{ending}"), key=f"export_make_{kind}{ending}", help=t(f"export.as{ending}.help")
            )
            for ending in _FORMATS.get(kind, (".docx", ".pdf"))
        }
    for ending in (e for e, pressed in made.items() if pressed):
        from workbench.services.hand_over import (
            hand_over,  # Word and PDF writers: only when something is made
        )

        with st.spinner(t("export.making"), show_time=False):
            data = attempt(hand_over, ctx, kind, ending, where=message, **how)
        if data:
            name = file_name(ctx, f"-{kind.replace('_', '-')}{ending}")
            offer(data, name, _MIME[ending], f"export_{kind}{ending}")


# -- COREQ -------------------------------------------------------------------------------------------------


def coreq(ctx: Context) -> None:
    """The 32 items: what the project knows of each, and a field for what it does not."""
    from workbench.services import coreq as items

    rows = items.coreq(ctx)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.title(t("export.coreq"), anchor=False)
            known, own = sum(bool(r.known) for r in rows), sum(bool(r.own) for r in rows)
            st.caption(t("export.coreq.so_far", known=known, own=own, of=len(rows)))
        if st.button(t("export.back"), key="export_back", icon=":material/arrow_back:", type="tertiary"):
            session.ask(part=None)
            st.rerun()
    for domain in items.DOMAINS:
        st.subheader(t(f"coreq.domain.{domain}"), anchor=False)
        for r in rows:
            if r.domain == domain:
                _item(ctx, r)
    st.caption(t("handover.coreq.about"))


def _item(ctx: Context, r: Any) -> None:
    from workbench.services import coreq as items

    name, known, own = st.columns([1.1, 1.7, 1.5], gap="medium")
    with name, st.container(gap=None):
        st.markdown(f"**{r.n}  {t(f'coreq.item.{r.n}')}**", anchors=False)
        st.caption(t(f"coreq.ask.{r.n}"))
    with known, st.container(gap=None):
        for f in r.known:
            st.text(f.text)
        said = list(dict.fromkeys(t(f"coreq.from.{f.stands_in}") for f in r.known))
        st.caption(
            literal(t("export.coreq.stands_in", where=", ".join(said))) if said else t("export.coreq.unknown")
        )
    with own:
        kept_text(
            t("export.coreq.own", n=r.n),
            name=f"coreq.{r.n}",
            row={"value": r.own, "rev": r.rev},
            field="value",
            save=lambda typed, row: items.write_coreq(ctx, r.n, typed, rev=row["rev"] or 0),
            lines=2,
            placeholder=t("export.coreq.own_hint"),
            label_visibility="collapsed",
        )
        if r.own:
            st.caption(literal(t("coreq.from.written", name=r.own_by, day=day(r.own_at))))
