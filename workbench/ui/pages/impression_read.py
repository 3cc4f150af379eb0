"""Impression, Read: the whole of a source without marks, my note on it, and my preliminary themes."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import PrelimTheme
from workbench.language import t, tn
from workbench.services import impressions
from workbench.services.context import Context
from workbench.services.impressions import ImpressionView
from workbench.services.sources import SourceView
from workbench.ui import reading, session
from workbench.ui.call import say, sentence
from workbench.ui.components.view import view
from workbench.ui.kept import Row, kept_text
from workbench.ui.text import literal

SAID = "impression.said"


def tried(fn: Any, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said in the run that follows."""
    session.keep_draft(SAID, None)
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(SAID, sentence(error))
        return None


def said() -> None:
    """What the last call refused, where it was pressed."""
    if sentence_ := session.draft(SAID):
        say(sentence_)


def names(of: tuple[str, ...]) -> str:
    """Several names as one would say them."""
    if len(of) < 2:
        return "".join(of)
    return t("impression.and", first=", ".join(of[:-1]), last=of[-1])


def tall(text: str, lines: int) -> dict[str, Any]:
    """A text area of `lines` grows with a text that is longer."""
    return {"height": "content"} if len(text) > 80 * lines or text.count("\n") >= lines else {}


def draw(ctx: Context, chosen: SourceView, step: ImpressionView) -> None:
    main, side = st.columns([1.72, 1], gap="large")
    with main:
        with st.container(gap=None):
            st.title(literal(chosen.source.title), anchor=False)
            st.caption(literal(reading.facts_line(ctx, chosen)))
        reading.show(ctx, chosen, key="impression_text")
    with side:
        _progress(ctx, chosen)
        _note(ctx, chosen)
        mine(ctx, step)


def _progress(ctx: Context, chosen: SourceView) -> None:
    """ "Read through, by me": said by the person, never worked out."""
    id = chosen.source.id
    session.set_widget("impression_done", impressions.is_read(ctx, id, "impression"))
    with st.container(gap=None):
        st.checkbox(
            t("impression.read_through"),
            key="impression_done",
            on_change=partial(tried, impressions.mark_read, ctx, id, "impression"),
        )
        st.caption(
            t("impression.read_by", who=literal(", ".join(chosen.read_by)))
            if chosen.read_by
            else t("impression.read_by_nobody")
        )


def _note(ctx: Context, chosen: SourceView) -> None:
    text, rev = impressions.read_impression(ctx, chosen.source.id)
    kept_text(
        t("impression.note"),
        name=f"note.{ctx.member.id}.{chosen.source.id}",
        row={"text": text, "rev": rev},
        field="text",
        save=lambda typed, row: impressions.write_impression(
            ctx, chosen.source.id, typed, rev=row["rev"] or 0
        ),
        lines=9,
        placeholder=t("impression.note_hint"),
    )
    others = impressions.impression_notes(ctx, chosen.source.id)
    if others:
        with st.expander(t("impression.others_notes"), key=f"notes_{chosen.source.id}"):
            for member, theirs in others:
                st.caption(literal(member.name))
                st.text(theirs)


def mine(ctx: Context, step: ImpressionView) -> None:
    """My preliminary themes, to write, change and submit."""
    with st.container(gap="small", key="impression_mine"):
        with st.container(gap=None):
            st.subheader(t("impression.mine", n=len(step.mine)), anchor=False)
            st.caption(t("impression.submitted_mine") if step.submitted else t("impression.advice"))
        said()
        if not step.mine:
            st.text(t("impression.empty"))
        open_ = session.draft("impression.open")
        for theme in step.mine:
            if theme.id == open_ and not step.submitted:
                _edit(ctx, theme)
        rows = [
            _row(x, number, step) for number, x in enumerate(step.mine, 1) if x.id != open_ or step.submitted
        ]
        if rows:
            view(
                "rows",
                {"rows": rows},
                key="impression_themes",
                on_select=partial(session.keep_draft, "impression.open"),
            )
        if step.submitted:
            waiting(step)
            return
        st.text_input(
            t("impression.new"),
            key="impression_new",
            placeholder=t("impression.new_hint"),
            label_visibility="collapsed",
            on_change=_add,
            args=(ctx,),
        )
        if step.mine:
            submit_button(ctx, "impression_submit")
            st.caption(t("impression.not_submitted") if step.is_open else t("impression.submit_what"))


def submit_button(ctx: Context, key: str) -> None:
    st.button(
        t("impression.submit"),
        key=key,
        type="primary",
        on_click=partial(tried, impressions.submit_themes, ctx),
    )


def _row(theme: PrelimTheme, number: int, step: ImpressionView) -> dict[str, Any]:
    row: dict[str, Any] = {"key": str(number), "text": theme.title, "note": theme.note, "serif": True}
    if not step.submitted:
        row |= {"link": t("impression.change"), "id": theme.id}
    return row


def _add(ctx: Context) -> None:
    title = session.widget("impression_new") or ""
    if title.strip() and tried(impressions.add_theme, ctx, title=title):
        session.set_widget("impression_new", "")


def _edit(ctx: Context, theme: PrelimTheme) -> None:
    """One theme open to change; the others stay a list."""
    with st.container(border=True, gap="small", key="impression_edit"):
        theme_fields(ctx, theme)
        with st.container(horizontal=True, gap="small"):
            st.button(t("impression.done"), key="impression_edit_done",
                      on_click=partial(session.keep_draft, "impression.open", None))  # fmt: skip
            st.button(t("impression.take_out"), key="impression_take_out", type="tertiary",
                      on_click=_take_out, args=(ctx, theme.id))  # fmt: skip


def theme_fields(ctx: Context, theme: PrelimTheme) -> None:
    """A theme's name and what is meant by it, mine or agreed."""

    def save(field: str, typed: str, row: Row) -> None:
        now = {"title": row["title"], "note": row["note"]} | {field: typed}
        impressions.change_theme(ctx, theme.id, rev=row["rev"], **now)

    row = {"title": theme.title, "note": theme.note, "rev": theme.rev}
    note = t("impression.theme_note") if theme.member else t("impression.agreed_note")
    kept_text(t("impression.theme"), name=f"theme.{theme.id}.title", row=row, field="title",
              save=partial(save, "title"))  # fmt: skip
    kept_text(note, name=f"theme.{theme.id}.note", row=row, field="note", save=partial(save, "note"), lines=3)


def _take_out(ctx: Context, theme: str) -> None:
    session.keep_draft("impression.open", None)
    tried(impressions.retire_theme, ctx, theme)


def waiting(step: ImpressionView, but: str = "") -> None:
    """Who has not submitted, and what that means now."""
    who = tuple(n for n in step.waiting_for if n != but)
    if who:
        said_as = "impression.still_out" if step.is_open else "impression.waiting"
        st.text(tn(said_as, len(who), who=names(who)))
