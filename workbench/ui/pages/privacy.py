"""What may tell who somebody is: suggestions in a source, for a person to look at."""

from __future__ import annotations

import streamlit as st

from workbench.language import t, tn
from workbench.services import privacy, sources
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import view


def page() -> None:
    shell.header(t("nav.privacy"))
    ctx = session.context()
    st.title(t("privacy.title"), anchor=False)
    found = [v.source for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    if not found:
        st.text(t("privacy.no_sources"))
        return
    st.text(t("privacy.lead"))
    titles = {s.id: s.title for s in found}
    where = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        asked = session.asked("source")
        chosen = st.selectbox(
            t("privacy.source"),
            list(titles),
            index=list(titles).index(asked) if asked in titles else 0,
            format_func=lambda id: titles[id],
            width=340,
        )
        look = st.button(t("privacy.look"), type="primary")
    session.ask(source=chosen)
    if look:
        with st.spinner(t("privacy.looking", title=titles[chosen])):
            suggestions = attempt(privacy.suggest_identifiers, ctx, chosen, where=where)
        if suggestions is not None:
            _show(chosen, titles[chosen], suggestions)
    st.caption(t("privacy.vault"))


def _show(source: str, title: str, suggestions: list[privacy.Identifier]) -> None:
    if suggestions:
        st.subheader(tn("privacy.found", len(suggestions), title=title), anchor=False)
    rows = [
        {
            "text": f"… {one.before}{one.text}{one.after} …",
            "serif": True,
            "note": t("privacy.where", kind=t(f"privacy.{one.kind}"), turn=one.turn, speaker=one.speaker),
            "key": one.text,
            "link": t("privacy.open"),
            "href": session.link("code", source=source, turn=one.turn),
        }
        for one in suggestions
    ]
    view("rows", {"rows": rows, "empty": t("privacy.none", title=title)}, key="privacy_rows")
