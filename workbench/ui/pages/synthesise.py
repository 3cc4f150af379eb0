"""Step 4, synthesise: heading and analytic text over embedded units, cleared quotes, re-reading, what stands beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import CodeGroup
from workbench.domain.stc import MIXED, embedded_units
from workbench.language import day, t, tn
from workbench.services import coding, condensing, impressions, people, projects, sources, synthesis, tracing
from workbench.services.coding import UnitCard
from workbench.services.context import Context
from workbench.services.synthesis import CategoryView, Recontext, RereadSource, SynthesisView
from workbench.ui import evidence, reading, session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import Group, view
from workbench.ui.kept import Row, kept_text
from workbench.ui.text import literal

_PARTS = ("text", "quotes", "reread", "beside")
_SAID = "synthesise.said"
_NUMBER = re.compile(r"\[(\d+)\]")
_TOKEN = re.compile(r"\{\{unit:([0-9A-Za-z-]+)\}\}")


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
    if said := session.draft(_SAID):
        say(said, place)
        session.keep_draft(_SAID, None)
    if part == "reread":
        if source is None:
            st.title(t("synthesise.part.reread"), anchor=False)
            st.text(t("synthesise.no_sources"))
        else:
            _reread(ctx, step, group, source)
        return
    if group.id not in step.categories:
        _begin(ctx, group)
        return
    theme = synthesis.category_view(ctx, step.categories[group.id].id)
    facts = _Facts(ctx, theme)
    _head(facts)
    {"text": _text, "quotes": _quotes, "beside": _beside}[part](facts)
    _drawer(facts)


def _try(fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said at the top of the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(_SAID, sentence(error))
        return None


# -- what is in hand ---------------------------------------------------------------------------------------


def _part() -> str:
    now = session.asked("part") if session.asked("part") in _PARTS else "text"
    session.set_widget("synthesise_part", now)
    st.segmented_control(
        t("synthesise.parts"), _PARTS, key="synthesise_part", format_func=lambda p: t(f"synthesise.part.{p}"),
        required=True, label_visibility="collapsed",
        on_change=lambda: session.ask(part=session.widget("synthesise_part")),
    )  # fmt: skip
    return str(now)


def _choose(step: SynthesisView, *, shown: bool) -> CodeGroup:
    """The code group whose theme is in hand; other screens may name the theme instead."""
    ids = [g.id for g in step.groups]
    by_theme = {c.id: c.code_group for c in step.categories.values()}
    asked = session.asked("group") or by_theme.get(session.asked("category") or "")
    now = asked if asked in ids else session.draft("synthesise.group")
    now = now if now in ids else ids[0]
    session.ask(group=now, category=None)
    session.keep_draft("synthesise.group", now)
    if shown:
        words = {g.id: f"{g.tag}  {step.categories[g.id].heading if g.id in step.categories else g.name}"
                 for g in step.groups}  # fmt: skip
        session.set_widget("synthesise_group", now)
        st.selectbox(t("synthesise.group"), ids, key="synthesise_group", format_func=lambda id: words[id],
                     label_visibility="collapsed", width=420,
                     on_change=lambda: session.ask(group=session.widget("synthesise_group")))  # fmt: skip
    return next(g for g in step.groups if g.id == now)


class _Facts:
    """The theme in hand and what every part needs to draw its units."""

    def __init__(self, ctx: Context, theme: CategoryView) -> None:
        self.ctx, self.theme, self.id = ctx, theme, theme.category.id
        self.colour = theme.group.colour % 12 + 1
        self.discs = _discs(ctx)
        self.cards = {c.unit.id: c for c in theme.cards}
        missing = [u for u in embedded_units(theme.category.analytic_text) if u not in self.cards]
        if missing:  # a sentence may rest on a unit of another code group
            self.cards |= {c.unit.id: c for c in coding.list_units(ctx) if c.unit.id in missing}

    def quote(self, card: UnitCard, **more: Any) -> dict[str, Any]:
        return _quote(card, self.discs, self.colour) | more


def _discs(ctx: Context) -> dict[str, Group]:
    return {v.group.id: {"mono": v.group.monogram, "name": v.group.name, "tone": v.colour}
            for v in people.people_view(ctx).groups}  # fmt: skip


def _quote(card: UnitCard, discs: dict[str, Group], colour: int) -> dict[str, Any]:
    where = t("synthesise.where", source=card.unit.source_title, turn=card.unit.turn)
    found: dict[str, Any] = {
        "text": card.unit.text, "by": f"{', '.join(card.unit.speakers)} · {where}", "colour": colour,
        "lang": card.unit.language,
    }  # fmt: skip
    if group := next((discs[g] for g in card.groups if g in discs), None):
        found["group"] = group
    return found


def _begin(ctx: Context, group: CodeGroup) -> None:
    """No theme yet: its heading is where it begins."""
    with st.container(gap=None):
        st.title(literal(group.name), anchor=False)
        if group.definition:
            st.caption(literal(group.definition))
    st.text(t("synthesise.empty"))
    st.text_input(t("synthesise.heading"), key=f"synthesise_new_{group.id}", placeholder=t("synthesise.heading_hint"),
                  width=640, on_change=_start, args=(ctx, group.id))  # fmt: skip
    discs = _discs(ctx)
    written = [c for s in condensing.board(ctx, group.id).subgroups for c in s.condensates]
    if written:
        view("condensate", {"condensates": [
            {"text": c.condensate.text, **_voice(discs, c.condensate.voice)} for c in written
        ]}, key=f"synthesise_begin_{group.id}")  # fmt: skip


def _start(ctx: Context, group: str) -> None:
    heading = session.widget(f"synthesise_new_{group}") or ""
    if heading.strip():
        _try(synthesis.add_category, ctx, group, heading=heading)


def _head(facts: _Facts) -> None:
    theme = facts.theme
    persons = len({p for c in theme.cards if c.unit.words_of == "participant" for p in c.unit.participants})
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="synthesise_head"):
        with st.container(gap=None, width="stretch"):
            st.title(literal(theme.category.heading), anchor=False)
            st.caption(literal(t("synthesise.rests_on", tag=theme.group.tag, group=theme.group.name,
                                 units=tn("synthesise.units", len(theme.cards)),
                                 people=tn("synthesise.people", persons))))  # fmt: skip
        with st.popover(
            t("synthesise.change_heading"), type="tertiary", key=f"synthesise_heading_{facts.id}"
        ):
            st.caption(t("synthesise.heading_advice"))
            kept_text(t("synthesise.heading"), name=f"category.{facts.id}.heading", row=_row(facts), field="heading",
                      save=lambda typed, row: _change(facts, row, heading=typed), lines=3)  # fmt: skip
        key = f"synthesise_status_{facts.id}"
        session.set_widget(key, theme.category.status)
        st.segmented_control(
            t("synthesise.status"), ("draft", "ready"), key=key, required=True, label_visibility="collapsed",
            format_func=lambda s: t(f"synthesise.status.{s}"), width="content",
            on_change=lambda: _try(synthesis.set_category_status, facts.ctx, facts.id, session.widget(key)),
        )  # fmt: skip


def _row(facts: _Facts) -> Row:
    own = facts.theme.category
    return {"heading": own.heading, "analytic_text": own.analytic_text, "rev": own.rev}


# -- the text ----------------------------------------------------------------------------------------------


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


def _change(facts: _Facts, row: Row, **changed: str) -> None:
    now = {"heading": row["heading"], "analytic_text": row["analytic_text"]} | changed
    synthesis.change_category(facts.ctx, facts.id, rev=row["rev"], **now)


def _text(facts: _Facts) -> None:
    own = facts.theme.category
    main, side = st.columns([1.35, 1], gap="large")
    with main:
        kept_text(
            t("synthesise.analytic"),
            name=f"category.{facts.id}.text",
            row=_row(facts),
            field="analytic_text",
            shown=lambda row: numbered(row["analytic_text"])[0],
            # The numbers in what was typed are those of the text the typing began from.
            parsed=lambda typed, row: embedded(typed, numbered(row["analytic_text"])[1]),
            save=lambda text, row: _change(facts, row, analytic_text=text),
            lines=12,
            placeholder=t("synthesise.text_hint"),
        )  # fmt: skip
        if own.analytic_text:
            st.markdown(f"**{t('synthesise.as_read')}**")
            _as_read(facts)
        else:
            st.caption(t("synthesise.text_empty"))
        _challenges(facts)
    with side:
        _material(facts)


def _as_read(facts: _Facts) -> None:
    number = {id: n for n, id in numbered(facts.theme.category.analytic_text)[1].items()}
    paragraphs: list[Any] = []
    for paragraph in facts.theme.paragraphs:
        pieces: list[dict[str, Any]] = []
        for s in paragraph:
            pieces.append({"text": s.text})
            for u in s.units:
                card = facts.cards.get(u)
                pieces.append(
                    {"id": u, "mark": str(number[u]), "label": _short(card) if card else t("synthesise.gone")}
                )
            pieces.append({"text": " "})
        paragraphs.append(pieces)
    view("brief", {"text": paragraphs}, key=f"synthesise_read_{facts.id}",
         on_select=partial(session.keep_draft, "synthesise.open"))  # fmt: skip
    st.caption(t("synthesise.press"))


def _short(card: UnitCard, most: int = 70) -> str:
    words = " ".join(card.unit.text.split())
    cut = words if len(words) <= most else words[: most - 1].rstrip() + "…"
    return t("synthesise.short", speaker=", ".join(card.unit.speakers), text=cut)


def _challenges(facts: _Facts) -> None:
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


def _pick(
    facts: _Facts, *, key: str, label: str, first: str
) -> tuple[list[UnitCard], list[condensing.CondensateView]]:
    """Choose a shelf of units: those in the text, golden quotes, or a subgroup with its condensates."""
    board = condensing.board(facts.ctx, facts.theme.group.id)
    inside = embedded_units(facts.theme.category.analytic_text)
    golden = {c.condensate.golden_unit for c in facts.theme.condensates} - {None}
    shelves: dict[str, tuple[str, list[UnitCard], list[condensing.CondensateView]]] = {}
    for s in board.subgroups:
        shelves[s.subgroup.id] = (s.subgroup.name, list(s.cards), list(s.condensates))
    if board.left_over:
        shelves["left"] = (t("synthesise.left"), list(board.left_over), [])
    shelves["golden"] = (t("synthesise.golden"), [c for c in facts.theme.cards if c.unit.id in golden], [])
    shelves["text"] = (t("synthesise.in_text"), [facts.cards[u] for u in inside if u in facts.cards], [])
    if session.widget(key) not in shelves:
        session.set_widget(key, first if first in shelves and shelves[first][1] else next(iter(shelves)))
    chosen = st.selectbox(label, list(shelves), key=key,
                          format_func=lambda id: f"{shelves[id][0]}  ·  {len(shelves[id][1])}")  # fmt: skip
    return shelves[str(chosen)][1:]


def _material(facts: _Facts) -> None:
    """Condensates and units to write from, each unit one press from the text."""
    cards, condensates = _pick(
        facts, key=f"synthesise_shelf_{facts.id}", label=t("synthesise.shelf"), first=""
    )
    flat = [s.text for p in facts.theme.paragraphs for s in p]
    key = f"synthesise_after_{facts.id}"
    if session.widget(key) not in range(len(flat) + 1):
        session.set_widget(key, 0)
    after = st.selectbox(
        t("synthesise.after"), range(len(flat) + 1), key=key,
        format_func=lambda n: f"{n}  {flat[n - 1]}" if n else t("synthesise.at_end"),
    )  # fmt: skip
    with st.container(height=620, border=False, key="synthesise_material"):
        if condensates:
            view("condensate", {"condensates": [
                {"text": c.condensate.text, **_voice(facts.discs, c.condensate.voice)} for c in condensates
            ]}, key=f"synthesise_condensates_{facts.id}")  # fmt: skip
            st.space("small")
        inside = embedded_units(facts.theme.category.analytic_text)
        view(
            "quote",
            {"quotes": [facts.quote(c, link=t("synthesise.put_in"), id=c.unit.id,
                                    note=t("synthesise.stands_in_text") if c.unit.id in inside else "") for c in cards],
             "empty": t("synthesise.no_units")},
            key=f"synthesise_units_{facts.id}",
            on_select=lambda u: _try(synthesis.embed_unit, facts.ctx, facts.id, u, after=after or None),
        )  # fmt: skip


def _voice(discs: dict[str, Group], voice: str | None) -> dict[str, Any]:
    if voice in discs:
        return {"group": discs[voice]}
    return {"by": t("synthesise.mixed")} if voice == MIXED else {}


def _drawer(facts: _Facts) -> None:
    """What stands behind a sentence, and what challenges the theme, in context."""
    opened = session.draft("synthesise.open")
    found = (
        next((s for p in facts.theme.paragraphs for s in p if opened in s.units), None) if opened else None
    )
    if found is None:
        return

    @st.dialog(t("synthesise.behind"), width="medium", position="right",
               on_dismiss=lambda: session.keep_draft("synthesise.open", None))  # fmt: skip
    def show() -> None:
        view("brief", {"text": [found.text]}, key="synthesise_sentence")
        reasons: list[dict[str, Any]] = [
            {
                "text": tn("synthesise.units", len(found.units)),
                "units": _in_context(facts, found.units),
                "open": True,
            }
        ]
        for n in facts.theme.notes:
            if n.verdict == "challenges":
                units = _in_context(facts, [n.unit]) if n.unit else []
                reasons.append({"key": n.source_title, "text": n.note, "against": True, "note": n.answer,
                                "units": units, "open": True})  # fmt: skip
        view("because", {"reasons": reasons}, key="synthesise_because")
        looked = [s for s in synthesis.synthesis_view(facts.ctx).sources if not s.by]
        if looked:
            st.caption(tn("synthesise.not_looked_in", len(looked)))

    show()


def _in_context(facts: _Facts, units: Sequence[str]) -> list[Any]:
    found = []
    for u in units:
        because = _try(tracing.because, facts.ctx, u)
        found += [evidence.unit_view(x, facts.discs) for x in because.units] if because else []
    return found


# -- quotes that may leave ---------------------------------------------------------------------------------


def _quotes(facts: _Facts) -> None:
    main, side = st.columns([1.2, 1], gap="large")
    cleared = synthesis.quotes_by_unit(facts.ctx)
    with main:
        chosen = session.draft(f"synthesise.quote.{facts.id}")
        if chosen in facts.cards:
            _clear(facts, facts.cards[chosen])
        else:
            st.text(t("synthesise.quotes_what"))
        cards, _ = _pick(
            facts, key=f"synthesise_quotes_from_{facts.id}", label=t("synthesise.quote_from"), first="golden"
        )
        view(
            "quote",
            {"quotes": [facts.quote(c, link=t("synthesise.again" if c.unit.id in cleared else "synthesise.prepare"), id=c.unit.id,
                                    note=t("synthesise.is_cleared") if c.unit.id in cleared else "")
                        for c in cards if c.unit.id != chosen], "empty": t("synthesise.no_units")},
            key=f"synthesise_candidates_{facts.id}",
            on_select=partial(_prepare, facts),
        )  # fmt: skip
    with side:
        _cleared(facts)


def _prepare(facts: _Facts, unit: str) -> None:
    """Lay the form out for a unit, with what is cleared already or the words as they were said."""
    known = synthesis.quotes_by_unit(facts.ctx).get(unit)
    session.keep_draft(f"synthesise.quote.{facts.id}", unit)
    session.set_widget("clear_printed", known.printed if known else facts.cards[unit].unit.text)
    session.set_widget("clear_translation", known.translation if known else "")
    session.set_widget("clear_translator", known.translator if known else "")
    session.set_widget("clear_recognise", None)


def _clear(facts: _Facts, card: UnitCard) -> None:
    with st.container(border=True, gap="small", key="synthesise_clear"):
        view("quote", {"quotes": [facts.quote(card)]}, key="synthesise_clearing")
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
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(t("synthesise.clear"), key="clear_do", type="primary",
                      disabled=session.widget("clear_recognise") is None,
                      on_click=_clear_it, args=(facts, card.unit.id))  # fmt: skip
            st.button(t("synthesise.leave"), key="clear_leave", type="tertiary",
                      on_click=partial(session.keep_draft, f"synthesise.quote.{facts.id}", None))  # fmt: skip
            st.caption(literal(t("synthesise.in_your_name", name=facts.ctx.member.name)))


def _clear_it(facts: _Facts, unit: str) -> None:
    made = _try(
        synthesis.clear_quote, facts.ctx, unit, printed=session.widget("clear_printed") or "",
        recognisable=session.widget("clear_recognise") != "no",
        translation=session.widget("clear_translation") or "", translator=session.widget("clear_translator") or "",
    )  # fmt: skip
    if made:
        session.keep_draft(f"synthesise.quote.{facts.id}", None)


def _cleared(facts: _Facts) -> None:
    # Those that may not leave now stand here too, with why; committees and exports do not get them.
    every = synthesis.quotes_by_unit(facts.ctx)
    noted = [n.unit for n in facts.theme.notes if n.unit]
    quotes = [every[u] for u in dict.fromkeys([*facts.cards, *noted]) if u in every]
    with st.container(gap=None):
        st.subheader(t("synthesise.cleared", n=len(quotes)), anchor=False)
        st.caption(t("synthesise.cleared_what"))
    against = {q.unit for q in facts.theme.dissent}
    shown = []
    for q in quotes:
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
         on_select=lambda id: _try(synthesis.take_back_quote, facts.ctx, id))  # fmt: skip


# -- re-reading --------------------------------------------------------------------------------------------


def _reread(ctx: Context, step: SynthesisView, group: CodeGroup, source: sources.SourceView) -> None:
    here = next(s for s in step.sources if s.source.id == source.source.id)
    main, side = st.columns([1.5, 1], gap="large")
    turn = session.draft(f"synthesise.turn.{source.source.id}")
    with main:
        with st.container(gap=None):
            st.title(literal(source.source.title), anchor=False)
            st.caption(literal(reading.facts_line(ctx, source)))
        reading.show(ctx, source, key="synthesise_reading", current=turn)
    with side:
        with st.container(gap=None):
            session.set_widget("synthesise_done", here.mine)
            st.checkbox(t("synthesise.reread_by_me"), key="synthesise_done",
                        on_change=partial(_try, impressions.mark_read, ctx, source.source.id, "synthesis"))  # fmt: skip
            st.caption(literal(_looked(here)))
        _notes(ctx, step, here)
        _note(ctx, step, group, source)
        _sources(step, source.source.id)


def _looked(s: RereadSource) -> str:
    if not s.by:
        return t("synthesise.not_looked")
    return t("synthesise.looked", who=", ".join(f"{who}, {day(at)}" for who, at in s.by))


def _notes(ctx: Context, step: SynthesisView, here: RereadSource) -> None:
    """Only what was found: nuances and challenges, theme by theme."""
    tags = {c.id: g.tag for g in step.groups if (c := step.categories.get(g.id))}
    with st.container(gap=None):
        st.subheader(t("synthesise.found", n=len(here.notes)), anchor=False)
        st.caption(t("synthesise.nothing_noted"))
    for n in here.notes:
        with st.container(gap=None, key=f"note_{n.id}"):
            row = {"key": tags.get(n.category, ""), "text": n.note, "link": t("synthesise.take_out"), "id": n.id,
                   "note": f"{t(f'synthesise.verdict.{n.verdict}')} · {n.initials}"}  # fmt: skip
            if n.verdict == "challenges" and not n.answer:
                row |= {"state": "open", "word": t("synthesise.unanswered")}
            view("rows", {"rows": [row]}, key=f"note_view_{n.id}",
                 on_select=partial(_try, synthesis.retire_recontext, ctx))  # fmt: skip
            if n.verdict == "challenges":
                _answer(ctx, n)


def _answer(ctx: Context, n: Recontext) -> None:
    kept_text(
        t("synthesise.answer"),
        name=f"answer.{n.id}",
        row={"answer": n.answer, "rev": n.rev},
        field="answer",
        save=lambda typed, row: synthesis.answer_recontext(ctx, n.id, typed, rev=row["rev"]),
        lines=2,
        placeholder=t("synthesise.answer_hint"),
        label_visibility="collapsed",
    )
    if not n.answer:
        st.button(t("synthesise.met"), key=f"met_{n.id}",
                  on_click=lambda: _try(synthesis.answer_recontext, ctx, n.id, t("synthesise.met_answer")))  # fmt: skip


def _note(ctx: Context, step: SynthesisView, group: CodeGroup, source: sources.SourceView) -> None:
    themes = {g.id: g for g in step.groups if g.id in step.categories}
    if not themes:
        st.caption(t("synthesise.no_themes"))
        return
    st.subheader(t("synthesise.note_new"), anchor=False)
    now = group.id if group.id in themes else next(iter(themes))
    session.set_widget("reread_theme", now)
    st.selectbox(t("synthesise.theme"), list(themes), key="reread_theme",
                 format_func=lambda id: f"{themes[id].tag}  {step.categories[id].heading}",
                 on_change=lambda: session.ask(group=session.widget("reread_theme")))  # fmt: skip
    theme = synthesis.category_view(ctx, step.categories[now].id)
    everywhere = [c for c in coding.list_units(ctx) if c.unit.source == source.source.id]
    units = {c.unit.id: c for c in everywhere}
    st.segmented_control(t("synthesise.verdict"), ("nuances", "challenges", "supports"), key="reread_verdict",
                         default="nuances", required=True, format_func=lambda v: t(f"synthesise.verdict.{v}"),
                         label_visibility="collapsed")  # fmt: skip
    st.text_area(t("synthesise.what"), key="reread_note", height=88, placeholder=t("synthesise.what_hint"),
                 label_visibility="collapsed")  # fmt: skip
    st.selectbox(t("synthesise.unit"), [None, *units], key="reread_unit",
                 format_func=lambda u: t("synthesise.turn_of", turn=units[u].unit.turn, text=_short(units[u])) if u
                 else t("synthesise.no_unit"))  # fmt: skip
    st.button(t("synthesise.note_it"), key="reread_add", on_click=_add_note,
              args=(ctx, step.categories[now].id, source.source.id))  # fmt: skip
    marks = [c for c in theme.cards if c.unit.source == source.source.id]
    if marks:
        st.markdown(f"**{literal(t('synthesise.marks', tag=theme.group.tag, n=len(marks)))}**")
        discs = _discs(ctx)
        view("quote",
             {"quotes": [_quote(c, discs, theme.group.colour % 12 + 1)
                         | {"by": ", ".join(c.unit.speakers), "link": t("synthesise.to_turn", turn=c.unit.turn),
                            "id": str(c.unit.turn)} for c in marks]},
             key="reread_marks",
             on_select=lambda n: session.keep_draft(f"synthesise.turn.{source.source.id}", int(n)))  # fmt: skip


def _add_note(ctx: Context, category: str, source: str) -> None:
    made = _try(synthesis.note_recontext, ctx, category, source, verdict=session.widget("reread_verdict") or "nuances",
                note=session.widget("reread_note") or "", unit=session.widget("reread_unit"))  # fmt: skip
    if made:
        session.set_widget("reread_note", "")
        session.set_widget("reread_unit", None)


def _sources(step: SynthesisView, now: str) -> None:
    """Where one has looked, and where not yet: never "none found" for what nobody has read."""
    st.subheader(t("synthesise.sources"), anchor=False)
    rows = []
    for s in step.sources:
        found = tn("synthesise.notes", len(s.notes)) if s.notes else t("synthesise.silence") if s.by else ""
        rows.append({"text": s.source.title, "state": "good" if s.by else "none", "word": _looked(s),
                     "note": " · ".join(x for x in (_looked(s), found) if x), "id": s.source.id,
                     "current": s.source.id == now})  # fmt: skip
    view("rows", {"rows": rows}, key="synthesise_sources", on_select=lambda id: session.ask(source=id))


# -- beside ------------------------------------------------------------------------------------------------


def _beside(facts: _Facts) -> None:
    matrix = synthesis.theme_matrix(facts.ctx)
    main, side = st.columns([1, 1], gap="large")
    with main:
        with st.container(gap=None):
            st.subheader(t("synthesise.phrases"), anchor=False)
            st.caption(t("synthesise.phrases_what"))
        for id, name, _mono, _tone in matrix.groups:
            cell = matrix.cells[facts.id][id]
            kept_text(
                literal(t("synthesise.heard", group=name, n=cell.heard, of=cell.sample)),
                name=f"phrase.{facts.id}.{id}",
                row={"phrase": cell.phrase, "rev": 0},
                field="phrase",
                save=partial(_phrase, facts, id),
            )
    with side:
        with st.container(gap=None):
            st.subheader(t("synthesise.literature"), anchor=False)
            st.caption(t("synthesise.literature_what"))
        rows = [
            {"text": e.finding or e.title, "note": e.citation, "serif": False,
             "state": "good" if e.verified else "open",
             "word": t("synthesise.verified" if e.verified else "synthesise.not_verified"),
             "link": t("synthesise.verified" if e.verified else "synthesise.not_verified"),
             "key": t("synthesise.speaks_against") if e.role != "supports" else ""}
            for e in facts.theme.evidence
        ]  # fmt: skip
        view(
            "rows",
            {"rows": rows, "empty": t("synthesise.no_literature")},
            key=f"synthesise_literature_{facts.id}",
        )
        with st.popover(t("synthesise.add_literature"), key="synthesise_add_literature"):
            st.text_input(t("synthesise.citation"), key="evidence_citation")
            st.text_area(t("synthesise.finding"), key="evidence_finding", height=88)
            st.checkbox(t("synthesise.i_checked"), key="evidence_verified")
            st.button(t("synthesise.put_beside"), key="evidence_add", on_click=_add_evidence, args=(facts,))


def _phrase(facts: _Facts, group: str, typed: str, _: Row) -> None:
    synthesis.set_phrase(facts.ctx, facts.id, group, typed)


def _add_evidence(facts: _Facts) -> None:
    citation = session.widget("evidence_citation") or ""
    made = _try(synthesis.add_evidence, facts.ctx, facts.id, title=citation, citation=citation,
                finding=session.widget("evidence_finding") or "",
                verified=bool(session.widget("evidence_verified")))  # fmt: skip
    if made:
        for key, empty in (("evidence_citation", ""), ("evidence_finding", ""), ("evidence_verified", False)):
            session.set_widget(key, empty)
