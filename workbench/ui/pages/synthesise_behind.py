"""Step 4: the drawer of the trace: what is behind a sentence and against it, or which sentences rest on a thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import t, tn
from workbench.services import sentence_trace, tracing
from workbench.services.sentence_trace import Behind
from workbench.services.tracing import TracedUnit
from workbench.ui import evidence, session
from workbench.ui.call import say, sentence
from workbench.ui.components.view import Reason, Unit, view
from workbench.ui.pages.synthesise_theme import Facts, voice


def _name(facts: Facts) -> str:
    return f"synthesise.open.{facts.id}"


def open_(facts: Facts, what: str) -> None:
    """Open the drawer on "s:<number of a sentence>", "u:<unit>" or "c:<condensate>". Usable in a callback."""
    session.keep_draft(_name(facts), what)


def opened(facts: Facts) -> str | None:
    """What the drawer is open on: what was pressed, else the sentence that the address asked for, once."""
    asked = session.asked("sentence")
    if asked and asked.isdecimal() and session.draft("synthesise.asked") != (facts.id, asked):
        session.keep_draft("synthesise.asked", (facts.id, asked))
        open_(facts, f"s:{asked}")
    found: str | None = session.draft(_name(facts))
    return found


def draw(facts: Facts) -> None:
    what = opened(facts)
    if what is None:
        return
    kind, _, id = what.partition(":")
    title = t("synthesise.behind_n", n=id) if kind == "s" else t("synthesise.rests_on_this")

    @st.dialog(title, width="large" if kind == "s" else "medium", position="right",
               on_dismiss=lambda: session.keep_draft(_name(facts), None))  # fmt: skip
    def show() -> None:
        try:
            if kind == "s":
                _sentence(facts, sentence_trace.behind(facts.ctx, facts.id, int(id)))
            else:
                _thing(facts, kind, id)
        except WorkbenchError as error:
            say(sentence(error))

    show()


def _sentence(facts: Facts, found: Behind) -> None:
    view("brief", {"text": [found.text]}, key="synthesise_sentence")
    behind, against = st.columns([1.15, 1], gap="large")
    with behind:
        st.subheader(tn("synthesise.units", len(found.units)) if found.units else t("synthesise.nothing_behind"),
                     anchor=False)  # fmt: skip
        reasons: list[Reason] = []
        if found.units:
            units = [_unit(facts, u) for u in found.units]
            reasons.append({"text": t("synthesise.words_behind"), "units": units, "open": True})
        if found.borne_by:
            follows = sentence_trace.behind(facts.ctx, facts.id, found.borne_by)
            reasons.append({"text": t("synthesise.borne_by", n=found.borne_by), "id": f"s:{found.borne_by}",
                            "link": t("synthesise.open_sentence"), "open": True,
                            "units": [_unit(facts, u) for u in follows.units]})  # fmt: skip
        for c in found.condensates:
            said: Any = {"text": c.text, **voice(facts.discs, c.voice)}
            reasons.append({"text": c.subgroup, "key": t("synthesise.held_in"), "condensates": [said]})
        view("because", {"reasons": reasons, "empty": t("synthesise.loose_one")}, key="synthesise_because",
             on_select=lambda what: open_(facts, what))  # fmt: skip
    with against:
        st.subheader(t("synthesise.what_challenges"), anchor=False)
        noted: list[Reason] = [
            {"key": x.note.source_title, "text": x.note.note, "against": True,
             "note": x.note.answer or t("synthesise.unanswered"),
             "state": "good" if x.note.answer else "open", "open": True,
             "units": [_unit(facts, x.unit)] if x.unit else []}
            for x in found.challenges
        ]  # fmt: skip
        view("because", {"reasons": noted, "empty": t("synthesise.no_challenge")}, key="synthesise_against")
        st.caption(t("synthesise.looked_in", n=found.looked, of=found.total))
        st.button(
            t("synthesise.look_for_one"),
            key="synthesise_look",
            type="tertiary",
            on_click=_look,
            args=(facts,),
        )


def _unit(facts: Facts, unit: TracedUnit) -> Unit:
    """A unit with two turns before and after it, and the way to its place in the reader."""
    found = evidence.unit_view(unit, facts.discs)
    if found.get("href"):
        found["link"] = t("synthesise.to_reader")
    return found


def _look(facts: Facts) -> None:
    session.keep_draft(_name(facts), None)
    session.ask(part="against", sentence=None)


def _thing(facts: Facts, kind: str, id: str) -> None:
    """A unit or condensate, and the sentences that rest on it, in this theme and in others."""
    if kind == "u":
        because = tracing.because(facts.ctx, id)
        units = [_unit(facts, u) for u in because.units]
        view("because", {"reasons": [{"text": t("synthesise.the_unit"), "units": units, "open": True}]},
             key="synthesise_thing")  # fmt: skip
        held = [c for c in facts.theme.condensates if id in c.covers]
        if held:
            view("condensate", {"condensates": [{"text": c.condensate.text, **voice(facts.discs, c.condensate.voice)}
                                                for c in held]}, key="synthesise_held")  # fmt: skip
    else:
        for c in facts.theme.condensates:
            if c.condensate.id == id:
                said = {"text": c.condensate.text, **voice(facts.discs, c.condensate.voice)}
                view("condensate", {"condensates": [said]}, key="synthesise_thing")
    st.subheader(t("synthesise.sentences_here"), anchor=False)
    _rows(facts, sentence_trace.sentences_on(facts.ctx, id))


def _rows(facts: Facts, found: Iterable[sentence_trace.RestingSentence]) -> None:
    rows = []
    for s in found:
        row: dict[str, Any] = {"key": str(s.number), "text": s.text, "serif": True}
        if s.category == facts.id:
            row |= {"id": f"s:{s.number}", "link": t("synthesise.open_sentence")}
        else:
            row |= {"note": s.heading, "link": t("synthesise.open_sentence"),
                    "href": session.link("synthesise", group=s.code_group, sentence=s.number)}  # fmt: skip
        rows.append(row)
    view("rows", {"rows": rows, "empty": t("synthesise.no_sentences")}, key="synthesise_resting",
         on_select=lambda what: open_(facts, what))  # fmt: skip
