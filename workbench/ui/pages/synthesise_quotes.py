"""Step 4: quotes that may leave the analysis team, cleared one after another by a person who answers for each."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.language import day, t
from workbench.services import projects, quotes
from workbench.services.coding import UnitCard
from workbench.services.quotes import ClearedQuote, WaitingQuote
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.pages.synthesise_theme import Facts, Shelves, attempt, choose_shelf, shelves
from workbench.ui.text import literal

_WAITING, _EVERYWHERE = "waiting", "everywhere"


def draw(facts: Facts) -> None:
    waiting = quotes.waiting_quotes(facts.ctx)
    facts.cards = {w.card.unit.id: w.card for w in waiting} | facts.cards
    cleared = quotes.quotes_by_unit(facts.ctx)
    main, side = st.columns([1.2, 1], gap="large")
    with main:
        _queue(facts, waiting, cleared)
    with side:
        _cleared(facts, cleared)


def _queue(facts: Facts, waiting: tuple[WaitingQuote, ...], cleared: dict[str, ClearedQuote]) -> None:
    """What is being cleared, and under it what waits: golden quotes and units in the text first."""
    here = [w for w in waiting if facts.id in w.categories]
    found: Shelves = {_WAITING: (t("synthesise.waiting"), [w.card for w in here], [])}
    if len(waiting) > len(here):
        found[_EVERYWHERE] = (t("synthesise.waiting_everywhere"), [w.card for w in waiting], [])
    found |= shelves(facts)
    form = st.container(key="synthesise_form")
    shelf = choose_shelf(found, key=f"synthesise_quotes_from_{facts.id}", label=t("synthesise.quote_from"))
    why = {w.card.unit.id: w for w in waiting}
    free = [c for c in found[shelf][1] if not (why.get(c.unit.id) and why[c.unit.id].barred)]
    chosen = session.draft(_chosen(facts))
    with form:
        if chosen in facts.cards:
            ids = [c.unit.id for c in free]
            follows = ids[ids.index(chosen) + 1 :] if chosen in ids else ids
            _clear(
                facts,
                facts.cards[chosen],
                cleared.get(chosen),
                next((u for u in follows if u != chosen), None),
            )
        else:
            st.text(t("synthesise.quotes_what"))
    shown = []
    for c in found[shelf][1]:
        if c.unit.id == chosen:
            continue
        item = facts.quote(c)
        if (w := why.get(c.unit.id)) is not None:
            item["golden"] = w.golden
        if w is not None and w.barred:
            item["note"] = t(w.barred)
        else:
            item |= {
                "id": c.unit.id,
                "link": t("synthesise.again" if c.unit.id in cleared else "synthesise.prepare"),
            }
            if c.unit.id in cleared:
                held = cleared[c.unit.id].withheld
                item["note"] = t(f"synthesise.withheld.{held}") if held else t("synthesise.is_cleared")
        shown.append(item)
    empty = t("synthesise.none_waiting") if shelf in (_WAITING, _EVERYWHERE) else t("synthesise.no_units")
    if shown or chosen not in facts.cards:
        view("quote", {"quotes": shown, "empty": empty}, key=f"synthesise_candidates_{facts.id}",
             on_select=partial(_prepare, facts))  # fmt: skip


def _chosen(facts: Facts) -> str:
    return f"synthesise.quote.{facts.id}"


def _prepare(facts: Facts, unit: str | None) -> None:
    """Lay the form out for a unit, with what is cleared already or the words as they were said."""
    session.keep_draft(_chosen(facts), unit)
    if unit is None:
        return
    known = quotes.quotes_by_unit(facts.ctx).get(unit)
    session.set_widget("clear_printed", known.printed if known else facts.cards[unit].unit.text)
    session.set_widget("clear_translation", known.translation if known else "")
    session.set_widget("clear_translator", known.translator if known else "")
    session.set_widget("clear_recognise", None)
    session.keep_draft("synthesise.quote_rev", known.rev if known else None)


def _clear(facts: Facts, card: UnitCard, known: ClearedQuote | None, following: str | None) -> None:
    with st.container(border=True, gap="small", key="synthesise_clear"):
        view("quote", {"quotes": [facts.quote(card)]}, key="synthesise_clearing")
        if known and known.withheld:
            st.caption(t(f"synthesise.withheld.{known.withheld}"))
        st.text_area(
            t("synthesise.printed"), key="clear_printed", height=110, help=t("synthesise.printed_help")
        )
        if card.unit.language != projects.project_summary(facts.ctx).language or session.widget(
            "clear_translation"
        ):
            words, who = st.columns([2.2, 1], gap="small")
            words.text_area(t("synthesise.translation"), key="clear_translation", height=110)
            who.text_input(t("synthesise.translator"), key="clear_translator")
        st.radio(t("synthesise.recognise"), ("no", "yes"), key="clear_recognise", index=None, horizontal=True,
                 format_func=lambda a: t(f"synthesise.recognise.{a}"))  # fmt: skip
        if session.widget("clear_recognise") == "yes":
            st.caption(t("synthesise.recognise_then"))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(t("synthesise.clear"), key="clear_do", type="primary",
                      disabled=session.widget("clear_recognise") is None,
                      on_click=_clear_it, args=(facts, card.unit.id, following))  # fmt: skip
            if following is not None:
                st.button(t("synthesise.next_quote"), key="clear_next", type="tertiary",
                          on_click=_prepare, args=(facts, following))  # fmt: skip
            st.button(t("synthesise.leave"), key="clear_leave", type="tertiary",
                      on_click=_prepare, args=(facts, None))  # fmt: skip
            st.caption(literal(t("synthesise.in_your_name", name=facts.ctx.member.name)))


def _clear_it(facts: Facts, unit: str, following: str | None) -> None:
    made = attempt(
        quotes.clear_quote, facts.ctx, unit, printed=session.widget("clear_printed") or "",
        recognisable=session.widget("clear_recognise") != "no",
        translation=session.widget("clear_translation") or "", translator=session.widget("clear_translator") or "",
        rev=session.draft("synthesise.quote_rev"),
    )  # fmt: skip
    if made:
        _prepare(facts, following)


def _cleared(facts: Facts, every: dict[str, ClearedQuote]) -> None:
    # Those that may not leave now stand here too, with why; committees and exports do not get them.
    mine = [c.unit.id for c in facts.theme.cards]
    noted = [n.unit for n in facts.theme.notes if n.unit]
    found = [every[u] for u in dict.fromkeys([*mine, *noted]) if u in every]
    with st.container(gap=None):
        st.subheader(t("synthesise.cleared", n=len(found)), anchor=False)
        st.caption(t("synthesise.cleared_what"))
    against = {q.unit for q in facts.theme.dissent}
    shown = []
    for q in found:
        item: dict[str, Any] = {
            "text": q.printed, "colour": facts.colour, "lang": q.language, "against": q.unit in against,
            "note": t("synthesise.cleared_by", name=q.cleared_by, day=day(q.cleared_at)),
            "link": t("synthesise.take_back"), "id": q.id,
        }  # fmt: skip
        if q.translation:
            item["note"] = (
                t("synthesise.translated", text=q.translation, who=q.translator) + " · " + item["note"]
            )
        if q.withheld:
            item["note"] = t(f"synthesise.withheld.{q.withheld}") + " · " + item["note"]
        if group := next((facts.discs[g] for g in q.groups if g in facts.discs), None):
            item["group"] = group
        shown.append(item)
    view("quote", {"quotes": shown, "empty": t("synthesise.none_cleared")}, key=f"synthesise_cleared_{facts.id}",
         on_select=lambda id: attempt(quotes.take_back_quote, facts.ctx, id))  # fmt: skip
