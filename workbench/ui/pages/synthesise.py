"""Step 4, synthesise: which theme and which part is in hand; each part is a module beside this file."""

from __future__ import annotations

import streamlit as st

from workbench.domain.records import CodeGroup
from workbench.language import t
from workbench.services import condensing, sources, synthesis
from workbench.services.context import Context
from workbench.services.synthesis import SynthesisView
from workbench.ui import reading, session, shell
from workbench.ui.call import say
from workbench.ui.components.view import view
from workbench.ui.pages import (
    synthesise_against,
    synthesise_behind,
    synthesise_beside,
    synthesise_head,
    synthesise_quotes,
    synthesise_reread,
    synthesise_text,
)
from workbench.ui.pages.synthesise_theme import SAID, Facts, attempt, discs, voice
from workbench.ui.text import literal

_PARTS = ("text", "reread", "against", "quotes", "beside")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.synthesise"))
    step = synthesis.synthesis_view(ctx)
    if not step.groups:
        st.title(t("synthesise.title"), anchor=False)
        st.text(t("synthesise.no_groups"))
        st.page_link(
            shell.screen_page("code"), label=t("synthesise.to_code"), icon=":material/ink_highlighter:"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="synthesise_bar"):
        part = _part()
        st.space("stretch")
        if part == "reread":
            found = [v for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
            source = reading.choose(found, name="synthesise") if found else None
        group = _choose(step, shown=part != "reread")
    place = st.container(key="synthesise_message")
    if said := session.draft(SAID):
        say(said, place)
        session.keep_draft(SAID, None)
    if part == "reread":
        if source is None:
            st.title(t("synthesise.part.reread"), anchor=False)
            st.text(t("synthesise.no_sources"))
        else:
            synthesise_reread.draw(ctx, step, group, source)
        return
    if group.id not in step.categories:
        _begin(ctx, group)
        return
    facts = Facts(ctx, synthesis.category_view(ctx, step.categories[group.id].id))
    synthesise_head.draw(facts)
    parts = {
        "text": synthesise_text.draw, "against": synthesise_against.draw, "quotes": synthesise_quotes.draw,
        "beside": synthesise_beside.draw,
    }  # fmt: skip
    parts[part](facts)
    synthesise_behind.draw(facts)


def _part() -> str:
    now = session.asked("part") if session.asked("part") in _PARTS else "text"
    session.set_widget("synthesise_part", now)
    st.segmented_control(
        t("synthesise.parts"), _PARTS, key="synthesise_part", format_func=lambda p: t(f"synthesise.part.{p}"),
        required=True, label_visibility="collapsed", wrap=False,
        on_change=lambda: session.ask(part=session.widget("synthesise_part"), sentence=None),
    )  # fmt: skip
    return str(now)


def _choose(step: SynthesisView, *, shown: bool) -> CodeGroup:
    """The code group whose theme is in hand; other screens may name the theme instead. The address is written only
    when one chooses."""
    ids = [g.id for g in step.groups]
    by_theme = {c.id: c.code_group for c in step.categories.values()}
    asked = session.asked("group") or by_theme.get(session.asked("category") or "")
    now = asked if asked in ids else session.draft("synthesise.group")
    now = now if now in ids else ids[0]
    session.keep_draft("synthesise.group", now)
    if shown:
        words = {g.id: f"{g.tag}  {step.categories[g.id].heading if g.id in step.categories else g.name}"
                 for g in step.groups}  # fmt: skip
        session.set_widget("synthesise_group", now)
        st.selectbox(
            t("synthesise.group"), ids, key="synthesise_group", format_func=lambda id: words[id],
            label_visibility="collapsed", width=380,
            on_change=lambda: session.ask(group=session.widget("synthesise_group"), category=None, sentence=None),
        )  # fmt: skip
    return next(g for g in step.groups if g.id == now)


def _begin(ctx: Context, group: CodeGroup) -> None:
    """No theme yet: its heading is where it begins."""
    with st.container(gap=None):
        st.title(literal(group.name), anchor=False)
        if group.definition:
            st.caption(literal(group.definition))
    st.text(t("synthesise.empty"))
    st.text_input(t("synthesise.heading"), key=f"synthesise_new_{group.id}", placeholder=t("synthesise.heading_hint"),
                  width=640, on_change=_start, args=(ctx, group.id))  # fmt: skip
    groups = discs(ctx)
    written = [c for s in condensing.board(ctx, group.id).subgroups for c in s.condensates]
    if written:
        view("condensate", {"condensates": [
            {"text": c.condensate.text, **voice(groups, c.condensate.voice)} for c in written
        ]}, key=f"synthesise_begin_{group.id}")  # fmt: skip


def _start(ctx: Context, group: str) -> None:
    heading = session.widget(f"synthesise_new_{group}") or ""
    if heading.strip():
        attempt(synthesis.add_category, ctx, group, heading=heading)
