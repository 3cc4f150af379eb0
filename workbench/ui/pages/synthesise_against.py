"""Step 4: looking for what speaks against a theme, reading it, noting it, and logging that one has looked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import day, number, t, tn
from workbench.services import counter_search, rereading, sources, suggesting
from workbench.services.counter_search import Candidate
from workbench.services.finding import Place
from workbench.services.rereading import Recontext
from workbench.services.suggesting import Resemblance, Suggestion
from workbench.ui import session
from workbench.ui.call import sentence
from workbench.ui.components.view import view
from workbench.ui.pages.synthesise_reread import answer
from workbench.ui.pages.synthesise_theme import SAID, Facts, attempt, quote
from workbench.ui.text import literal

_UNMARKED = "unmarked"


def draw(facts: Facts) -> None:
    main, side = st.columns([1.35, 1], gap="large")
    with main:
        _look(facts)
    with side:
        _found(facts)
        _log(facts)


# -- where it may be ---------------------------------------------------------------------------------------


def _name(facts: Facts, what: str) -> str:
    return f"synthesise.against.{what}.{facts.id}"


def _look(facts: Facts) -> None:
    with st.container(gap=None):
        st.subheader(t("synthesise.look"), anchor=False)
        st.caption(t("synthesise.look_what"))
    shelves = {s.kind: s for s in counter_search.candidates(facts.ctx, facts.id)}
    kinds = [*shelves, _UNMARKED]
    key = f"synthesise_shelves_{facts.id}"
    if session.widget(key) not in kinds:
        session.set_widget(key, kinds[0])

    def words(kind: str) -> str:
        n = f" :gray[{number(shelves[kind].total)}]" if kind in shelves else ""
        return literal(t(f"synthesise.shelf.{kind}")) + n

    st.pills(t("synthesise.where_to_look"), kinds, key=key, format_func=words, required=True,
             label_visibility="collapsed")  # fmt: skip
    kind = str(session.widget(key))
    looked: dict[str, None] = session.draft(_name(facts, "looked")) or {}
    if kind == _UNMARKED:
        _unmarked(facts)
        return
    session.keep_draft(_name(facts, "looked"), looked | {kind: None})
    shelf = shelves[kind]
    if shelf.total > len(shelf.found):
        st.caption(t("synthesise.nearest", n=len(shelf.found), of=number(shelf.total)))
    noted = {n.unit: n for n in facts.theme.notes if n.unit}
    chosen = session.draft(_name(facts, "unit"))
    with st.container(height=680, border=False, key="synthesise_shelf"):
        colours = _colours(facts)
        view("quote", {"quotes": [_candidate(facts, c, colours, noted, chosen) for c in shelf.found]},
             key=f"synthesise_against_{facts.id}",
             on_select=partial(session.keep_draft, _name(facts, "unit")))  # fmt: skip


def _colours(facts: Facts) -> dict[str, int]:
    return {g.id: g.colour % 12 + 1 for g in sources.list_code_groups(facts.ctx)}


def _candidate(
    facts: Facts, c: Candidate, colours: Mapping[str, int], noted: Mapping[str, Recontext], chosen: object
) -> dict[str, Any]:
    """A unit in the colour of the code group it stands in, if it stands in one."""
    item = quote(c.card, facts.discs, next((colours[p.code_group] for p in c.card.placements), 0))
    said = [t("synthesise.shares", words=", ".join(c.shares))] if c.shares else []
    if n := noted.get(c.card.unit.id):
        return item | {"note": t("synthesise.noted_as", verdict=t(f"synthesise.verdict.{n.verdict}"))}
    if c.card.unit.id == chosen:
        said = [t("synthesise.in_hand")]
    return item | {"note": " · ".join(said), "id": c.card.unit.id, "link": t("synthesise.speaks")}


def _unmarked(facts: Facts) -> None:
    """Passages nobody has marked that share words with the theme's units; only where suggestions are on."""
    if not suggesting.suggestions_on(facts.ctx):
        st.text(t("synthesise.suggestions_off"))
        view("rows", {"rows": [{"text": t("synthesise.suggestions_where"), "link": t("synthesise.to_suggestions"),
                                "href": session.link("find", part="suggestions")}]},
             key="synthesise_suggestions_off")  # fmt: skip
        return
    if st.button(t("synthesise.look_unmarked"), key="synthesise_look_unmarked"):
        try:
            with st.spinner(t("find.waiting")):
                got = suggesting.suggest_for_group(facts.ctx, facts.theme.group.id)
            session.keep_draft(_name(facts, "passages"), [s.why for s in got])
            looked: dict[str, None] = session.draft(_name(facts, "looked")) or {}
            session.keep_draft(_name(facts, "looked"), looked | {_UNMARKED: None})
        except WorkbenchError as error:
            st.text(sentence(error))
            return
    kept: list[Resemblance] | None = session.draft(_name(facts, "passages"))
    if kept is None:
        return
    shown = suggesting.show_again(facts.ctx, kept)
    with st.container(height=640, border=False, key="synthesise_passages"):
        view("quote", {"quotes": [_passage(facts, n, s) for n, s in enumerate(shown)],
                       "empty": t("synthesise.no_passages")},
             key=f"synthesise_unmarked_{facts.id}",
             on_select=lambda n: session.keep_draft(_name(facts, "unit"), shown[int(n)].place))  # fmt: skip


def _passage(facts: Facts, n: int, s: Suggestion) -> dict[str, Any]:
    item: dict[str, Any] = {
        "text": s.text, "lang": s.language, "id": str(n), "link": t("synthesise.speaks"),
        "by": f"{s.speaker} · {t('synthesise.where', source=s.title, turn=s.turn)}",
        "note": t("synthesise.shares", words=", ".join(s.shares)) if s.shares else "",
    }  # fmt: skip
    if s.group in facts.discs:
        item["group"] = facts.discs[s.group]
    return item


# -- what it brought ---------------------------------------------------------------------------------------


def _found(facts: Facts) -> None:
    chosen = session.draft(_name(facts, "unit"))
    if chosen is not None:
        _new(facts, chosen)
    notes = [n for n in facts.theme.notes if n.verdict == "challenges"]
    with st.container(gap=None):
        st.subheader(t("synthesise.what_challenges"), anchor=False)
        done = len(facts.theme.reread)
        total = sum(len(x) for c in rereading.completeness(facts.ctx) if c.category.id == facts.id
                    for x in (c.reread, c.missing))  # fmt: skip
        st.caption(t("synthesise.looked_in", n=done, of=total))
    if not notes:
        st.text(t("synthesise.no_challenge"))
    for n in notes:
        with st.container(gap="xsmall", key=f"against_{n.id}"):
            row: dict[str, Any] = {"text": n.note, "note": f"{n.source_title}, {n.initials}",
                   "link": t("synthesise.in_source"),
                   "href": session.link("synthesise", group=facts.theme.group.id, part="reread", source=n.source)}  # fmt: skip
            if not n.answer:
                row |= {"state": "open", "word": t("synthesise.unanswered")}
            view("rows", {"rows": [row]}, key=f"against_view_{n.id}")
            answer(facts.ctx, n)


def _new(facts: Facts, chosen: str | Place) -> None:
    """A unit, or a passage that becomes one, and what it says against the theme."""
    with st.container(border=True, gap="small", key="synthesise_new_challenge"):
        if isinstance(chosen, Place):
            shown = suggesting.show_again(facts.ctx, [Resemblance(chosen, (), None)])
            if not shown:
                session.keep_draft(_name(facts, "unit"), None)
                return
            item = _passage(facts, 0, shown[0])
            item["note"] = t("synthesise.becomes_unit")
            source = chosen.source
        else:
            found = next((c.card for s in counter_search.candidates(facts.ctx, facts.id) for c in s.found
                          if c.card.unit.id == chosen), None)  # fmt: skip
            if found is None:
                session.keep_draft(_name(facts, "unit"), None)
                return
            item = quote(
                found, facts.discs, next((_colours(facts)[p.code_group] for p in found.placements), 0)
            )
            source = found.unit.source
        item |= {"id": "off", "link": t("synthesise.point_off")}
        view("quote", {"quotes": [item]}, key="synthesise_challenging",
             on_select=lambda _: session.keep_draft(_name(facts, "unit"), None))  # fmt: skip
        st.text_area(t("synthesise.what"), key="against_note", height=88, placeholder=t("synthesise.against_hint"),
                     label_visibility="collapsed")  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            for verdict in ("challenges", "nuances"):
                st.button(t(f"synthesise.verdict.{verdict}"), key=f"against_{verdict}",
                          type="primary" if verdict == "challenges" else "secondary",
                          on_click=_add, args=(facts, chosen, source, verdict))  # fmt: skip


def _add(facts: Facts, chosen: str | Place, source: str, verdict: str) -> None:
    what: dict[str, Any] = {"passage": chosen} if isinstance(chosen, Place) else {"unit": chosen}
    made = attempt(rereading.note_recontext, facts.ctx, facts.id, source, verdict=verdict,
                   note=session.widget("against_note") or "", **what)  # fmt: skip
    if made:
        session.keep_draft(_name(facts, "unit"), None)
        session.set_widget("against_note", "")
        if verdict == "challenges":
            session.keep_draft(_name(facts, "n"), (session.draft(_name(facts, "n")) or 0) + 1)


# -- that one has looked -----------------------------------------------------------------------------------


def _log(facts: Facts) -> None:
    with st.container(gap=None):
        st.subheader(t("synthesise.searches"), anchor=False)
        st.caption(t("synthesise.searches_what"))
    rows = [
        {"text": s.looked_through, "note": " · ".join(
            x for x in (f"{s.initials}, {day(s.at)}", tn("synthesise.challenges_found", s.found) if s.found
                        else t("synthesise.searched_none"), s.note) if x),
         "id": s.id, "link": t("synthesise.take_out")}
        for s in counter_search.counter_searches(facts.ctx, facts.id)
    ]  # fmt: skip
    view("rows", {"rows": rows, "empty": "" if rows else t("synthesise.not_searched")}, key=f"synthesise_searches_{facts.id}",
         on_select=lambda id: attempt(counter_search.retire_counter_search, facts.ctx, id))  # fmt: skip
    with st.popover(t("synthesise.log_it"), key=f"synthesise_log_{facts.id}"):
        looked = session.draft(_name(facts, "looked")) or {}
        where = "; ".join(t(f"synthesise.shelf.{kind}") for kind in looked)
        for key, value in (("through", where), ("n", session.draft(_name(facts, "n")) or 0)):
            # What was looked through grows while one looks, until it is put otherwise.
            name, last = f"search_{key}_{facts.id}", _name(facts, f"last_{key}")
            if session.widget(name) in (None, session.draft(last)):
                session.set_widget(name, value)
            session.keep_draft(last, value)
        st.text_input(t("synthesise.looked_through"), key=f"search_through_{facts.id}", width=420)
        st.number_input(t("synthesise.n_found"), min_value=0, step=1, key=f"search_n_{facts.id}", width=220)
        st.text_input(t("synthesise.search_note"), key=f"search_note_{facts.id}", width=420)
        st.button(t("synthesise.log_do"), key="search_log", type="primary", on_click=_log_it, args=(facts,))


def _log_it(facts: Facts) -> None:
    made = attempt(
        counter_search.log_counter_search, facts.ctx, facts.id,
        looked_through=session.widget(f"search_through_{facts.id}") or "",
        found=int(session.widget(f"search_n_{facts.id}") or 0), note=session.widget(f"search_note_{facts.id}") or "",
    )  # fmt: skip
    if made:
        for what in ("looked", "n", "last_through", "last_n"):
            session.keep_draft(_name(facts, what), None)
        session.set_widget(f"search_through_{facts.id}", "")
        session.set_widget(f"search_n_{facts.id}", 0)
        session.set_widget(f"search_note_{facts.id}", "")
        session.keep_draft(SAID, None)
