"""Reading a whole source in peace: choosing it, what is said about it, and its text. Steps 1 and 4 share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.language import day, number, t
from workbench.services import projects, sources
from workbench.services.context import Context
from workbench.services.sources import SourceView
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.text import literal


@dataclass(frozen=True, slots=True)
class Marked:
    """A unit as it is seen in a text that is read: `start` and `end` in code points of the source, `colour` 1-12, or
    0 where it is in no code group."""

    id: str
    start: int
    end: int
    colour: int
    tag: str
    title: str
    current: bool = False


def choose(found: Sequence[SourceView], *, name: str) -> SourceView:
    """The source in hand by the address, with one before, one after and a list. Call it in a toolbar, which is
    a horizontal container."""
    ids = [v.source.id for v in found]
    titles = {v.source.id: v.source.title for v in found}
    asked = session.asked("source")
    now = asked if asked in ids else session.draft(f"{name}.source")
    if now not in ids:
        now = ids[0]
    session.ask(source=now)
    session.keep_draft(f"{name}.source", now)
    at = ids.index(now)
    key = f"{name}_source"
    session.set_widget(key, now)

    def go(step: int) -> None:
        session.ask(source=ids[at + step])

    st.button(t("reading.before"), key=f"{name}_before", icon=":material/chevron_left:", type="tertiary",
              disabled=at == 0, on_click=go, args=(-1,))  # fmt: skip
    st.selectbox(
        t("reading.source"),
        ids,
        key=key,
        format_func=lambda id: titles[id],
        label_visibility="collapsed",
        width=300,
        on_change=lambda: session.ask(source=session.widget(key)),
    )
    st.button(t("reading.after"), key=f"{name}_after", icon=":material/chevron_right:", icon_position="right",
              type="tertiary", disabled=at == len(ids) - 1, on_click=go, args=(1,))  # fmt: skip
    st.markdown(f":gray[{literal(t('reading.of', n=at + 1, of=len(ids)))}]", width="content")
    return found[at]


def facts_line(ctx: Context, chosen: SourceView) -> str:
    """Who, when, how long, and the language where it is not the project's."""
    parts = [", ".join(chosen.people), day(chosen.date), t("reading.words", n=number(chosen.words))]
    if chosen.source.language != projects.project_summary(ctx).language:
        parts.append(t(f"reading.language.{chosen.source.language}"))
    if chosen.source.words_of != "participant":
        parts.append(t(f"reading.words_of.{chosen.source.words_of}"))
    return " · ".join(p for p in parts if p)


def show(
    ctx: Context,
    chosen: SourceView,
    *,
    key: str,
    current: int | None = None,
    marks: Sequence[Marked] = (),
    pick: str | None = None,
    on_select: Callable[[str], None] | None = None,
) -> None:
    """The text, every turn numbered, who asks muted; a new `current` turn is scrolled to.

    `marks` are seen in it and pressed; `pick` is the word on the button beside a selected passage. `on_select` gets
    a mark's id, or "passage:<start>:<end>" in code points of the text."""
    text = sources.read_source(ctx, chosen.source.id)
    turns: list[dict[str, Any]] = []
    for x in text.turns:
        turn: dict[str, Any] = {"n": x.turn.seq, "speaker": x.speaker, "text": x.text}
        if x.kind in ("interviewer", "facilitator"):
            turn["asking"] = True
        elif x.group:
            turn["group"] = {"mono": x.monogram, "name": x.group_name, "tone": x.colour}
        here = [m for m in marks if m.start < x.turn.end and m.end > x.turn.start]
        if here:
            turn["marks"] = [
                {"start": max(0, m.start - x.turn.start), "end": min(m.end, x.turn.end) - x.turn.start,
                 "colour": m.colour, "id": m.id, "title": m.title, "current": m.current}
                for m in here
            ]  # fmt: skip
            tags = {m.tag: m for m in here if m.tag}
            turn["tags"] = [{"tag": m.tag, "colour": m.colour, "title": m.title} for m in tags.values()]
        if pick:
            turn["start"] = x.turn.start
        turns.append(turn)
    facts: dict[str, Any] = {
        "turns": turns, "name": chosen.source.id, "label": chosen.source.title, "lang": chosen.source.language,
        "current": current,
    }  # fmt: skip
    view("reading", facts | ({"pick": pick} if pick else {}), key=key, on_select=on_select)
