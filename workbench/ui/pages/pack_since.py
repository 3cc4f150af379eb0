"""The pack, Since: what has changed since the last meeting, on half a page; a calm sentence when nothing has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.language import day, t
from workbench.services import pack_words
from workbench.services.context import Context
from workbench.services.packs import Pack
from workbench.services.since import Told
from workbench.ui.components.view import DiffRow, Row, State, view
from workbench.ui.pages.pack_decide import logged
from workbench.ui.pages.pack_parts import head
from workbench.ui.text import literal


def draw(ctx: Context, pack: Pack) -> None:
    since = pack.since
    if since is None:
        head(pack, t("pack.first_meeting"))
        st.text(t("pack.first_meeting_text"))
        return
    head(pack, t("pack.since_title", at=day(since.at)))
    with st.container(gap="xsmall", key="since_summary"):
        if counts := pack_words.since_counts(since):
            st.text(counts)
        st.markdown(f"**{literal(pack_words.since_verdict(since))}**", anchors=False)
        if note := pack_words.since_note(since):
            st.caption(literal(note))
    struck = False
    with st.container(width=860, key="since_list"):
        for n, front in enumerate(since.doubtful):
            _heading(pack_words.front_heading(front), pack_words.front_title(front))
            state: State = "doubt" if front.in_doubt else "open"
            word = t("pack.in_doubt" if front.in_doubt else "since.changed").lower()
            struck |= _told(front.rows, state, word, f"doubt_{n}")
        if since.decided:
            _heading(t("since.decided"))
            view("rows", {"rows": [logged(d) for d in since.decided]}, key="since_decided")
        named: tuple[tuple[str, Sequence[Told], State], ...] = (
            ("changed", since.changed, "open"), ("new", since.new, "none"), ("resolved", since.resolved, "good"),
            ("removed", since.removed, "none"),
        )  # fmt: skip
        for what, rows, shape in named:
            if rows:
                _heading(t(f"since.{what}"))
                struck |= _told(rows, shape, t(f"since.{what}").lower(), what)
        if struck:
            st.caption(t("pack.why_changed"))


def _heading(label: str, cause: str = "") -> None:
    with st.container(gap=None):
        st.subheader(literal(label), anchor=False)
        if cause:
            st.text(cause)


def _told(rows: Sequence[Told], state: State, word: str, key: str) -> bool:
    """Things that have changed; true if how one read then is among it."""
    plain: list[Row] = []
    reworded: list[DiffRow] = []
    for r in rows:
        name = r.key or t(f"since.kind.{r.kind}")
        importance = t(f"moscow.{r.moscow}") if r.moscow else ""
        note = " · ".join(x for x in (importance, r.note) if x)
        if r.words:
            words: list[Any] = []
            for op, text in r.words:
                words += [{"op": "same", "text": " "}] if words else []
                words.append({"op": op, "text": text})
            reworded.append({"change": "changed", "words": words, "key": name, "note": note, "state": state,
                             "word": word})  # fmt: skip
        else:
            row: Row = {"text": r.text, "key": name, "state": state, "word": word}
            if note:
                row["note"] = note
            plain.append(row)
    if reworded:
        view("diff", {"rows": reworded}, key=f"since_words_{key}")
    if plain:
        view("rows", {"rows": plain}, key=f"since_{key}")
    return bool(reworded)
