"""Step 4: the analytic text over its units: as it is edited, as it is read, and the material it is written from."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.stc import embedded_units
from workbench.language import t
from workbench.services import sentence_trace, synthesis
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.impact import impact_note
from workbench.ui.kept import kept_text
from workbench.ui.pages import synthesise_behind
from workbench.ui.pages.synthesise_head import change, row_of
from workbench.ui.pages.synthesise_theme import Facts, attempt, choose_shelf, shelves, short, voice

_NUMBER = re.compile(r"\[(\d+)\]")
_TOKEN = re.compile(r"\{\{unit:([0-9A-Za-z-]+)\}\}")


def numbered(analytic_text: str) -> tuple[str, dict[int, str]]:
    """The text with [1], [2] … for its units, as a person edits it, and which unit each number is.

    Where the author's own words hold such a number, the numbering begins after it."""
    first = max((int(n) for n in _NUMBER.findall(analytic_text)), default=0) + 1
    ids = embedded_units(analytic_text)
    number = {id: n for n, id in enumerate(ids, first)}
    return _TOKEN.sub(lambda m: f"[{number[m[1]]}]", analytic_text), {n: id for id, n in number.items()}


def embedded(edited: str, units: dict[int, str]) -> str:
    """The edited text with its numbers as units again; a number that is no unit's stays as typed."""
    return _NUMBER.sub(lambda m: "{{unit:" + units[int(m[1])] + "}}" if int(m[1]) in units else m[0], edited)


def draw(facts: Facts) -> None:
    own = facts.theme.category
    main, side = st.columns([1.35, 1], gap="large")
    with main:
        kept_text(
            t("synthesise.analytic"),
            name=f"category.{facts.id}.text",
            row=row_of(facts),
            field="analytic_text",
            shown=lambda row: numbered(row["analytic_text"])[0],
            # The numbers in what was typed are those of the text the typing began from.
            parsed=lambda typed, row: embedded(typed, numbered(row["analytic_text"])[1]),
            save=lambda text, row: change(facts, row, analytic_text=text),
            lines=12,
            placeholder=t("synthesise.text_hint"),
        )  # fmt: skip
        impact_note(facts.ctx, "reword", facts.id)
        if own.analytic_text:
            st.markdown(f"**{t('synthesise.as_read')}**")
            _as_read(facts)
        else:
            st.caption(t("synthesise.text_empty"))
        _challenges(facts)
    with side:
        _material(facts)


def _as_read(facts: Facts) -> None:
    """A sentence opens what is behind it, a number the unit and every sentence that rests on it."""
    number = {id: n for n, id in numbered(facts.theme.category.analytic_text)[1].items()}
    opened = synthesise_behind.opened(facts)
    paragraphs: list[Any] = []
    n = 0
    for paragraph in facts.theme.paragraphs:
        pieces: list[dict[str, Any]] = []
        for s in paragraph:
            n += 1
            pieces.append({"text": s.text, "id": f"s:{n}", "sentence": True, "current": opened == f"s:{n}"})
            for u in s.units:
                card = facts.cards.get(u)
                label = short(card) if card else t("synthesise.gone")
                pieces.append({"id": f"u:{u}", "mark": str(number[u]), "label": label})
            pieces.append({"text": " "})
        paragraphs.append(pieces)
    view("brief", {"text": paragraphs}, key=f"synthesise_read_{facts.id}",
         on_select=partial(synthesise_behind.open_, facts))  # fmt: skip
    st.caption(t("synthesise.press"))
    loose = sentence_trace.resting_on_nothing(facts.theme.paragraphs)
    with st.popover(t("synthesise.loose"), type="tertiary", key=f"synthesise_loose_{facts.id}"):
        if loose:
            st.caption(t("synthesise.loose_what"), width=440)
        rows = [{"key": str(n), "text": text, "id": f"s:{n}"} for n, text in loose]
        view("rows", {"rows": rows, "empty": t("synthesise.loose_none")}, key=f"synthesise_loose_rows_{facts.id}",
             on_select=lambda id: session.set_widget(f"synthesise_after_{facts.id}", int(id[2:])))  # fmt: skip


def _challenges(facts: Facts) -> None:
    """Challenges nobody has answered: one of the three things that come uninvited."""
    rows = [
        {"text": n.note, "state": "open", "word": t("synthesise.unanswered"), "note": f"{n.source_title}, {n.initials}",
         "link": t("synthesise.answer_it"),
         "href": session.link("synthesise", group=facts.theme.group.id, part="reread", source=n.source)}
        for n in facts.theme.notes
        if n.verdict == "challenges" and not n.answer
    ]  # fmt: skip
    if rows:
        st.markdown(f"**{t('synthesise.unanswered_heading')}**")
        view("rows", {"rows": rows}, key=f"synthesise_open_{facts.id}")


# The shelf is for choosing from: more of it in sight than where one reads, and no longer than the screen.
_SHELF = """
:has(>.st-key-synthesise_material){height:max(20rem,calc(100dvh - 25.4rem))!important;flex:none!important}
.st-key-synthesise_material .wv .wv-said{font-size:1.03rem;line-height:1.5}
.st-key-synthesise_material .wv .wv-stack{gap:1rem}
.st-key-synthesise_material .wv .wv-source{margin-top:.2rem}
"""


def _material(facts: Facts) -> None:
    """Condensates and units to write from, each unit one press from the text, each with the sentences on it."""
    found = shelves(facts)
    shelf = choose_shelf(found, key=f"synthesise_shelf_{facts.id}", label=t("synthesise.shelf"))
    _, cards, condensates = found[shelf]
    said = sentence_trace.flat(facts.theme.paragraphs)
    key = f"synthesise_after_{facts.id}"
    if session.widget(key) not in range(len(said) + 1):
        session.set_widget(key, 0)
    after = st.selectbox(
        t("synthesise.after"), range(len(said) + 1), key=key,
        format_func=lambda n: f"{n}  {said[n - 1].text}" if n else t("synthesise.at_end"),
    )  # fmt: skip
    on: dict[str, list[int]] = {}
    for n, s in enumerate(said, 1):
        for u in s.units:
            on.setdefault(u, []).append(n)

    def sentences_of(units: Any) -> str:
        numbers = sorted({n for u in units for n in on.get(u, ())})
        if not numbers:
            return ""
        return t("synthesise.in_sentence" if len(numbers) == 1 else "synthesise.in_sentences",
                 n=", ".join(map(str, numbers)))  # fmt: skip

    st.html(f"<style>{_SHELF}</style>")
    with st.container(height=620, border=False, key="synthesise_material"):
        if condensates:
            view("condensate", {"condensates": [
                {"text": c.condensate.text, **voice(facts.discs, c.condensate.voice), "id": f"c:{c.condensate.id}",
                 "note": sentences_of(c.covers), "link": t("synthesise.sentences_on")} for c in condensates
            ]}, key=f"synthesise_condensates_{facts.id}", on_select=partial(synthesise_behind.open_, facts))  # fmt: skip
            st.space("small")
        view(
            "quote",
            {"quotes": [facts.quote(c, link=t("synthesise.put_in"), id=c.unit.id, note=sentences_of([c.unit.id]))
                        for c in cards],
             "empty": t("synthesise.no_units")},
            key=f"synthesise_units_{facts.id}",
            on_select=lambda u: attempt(synthesis.embed_unit, facts.ctx, facts.id, u, after=after or None),
        )  # fmt: skip
