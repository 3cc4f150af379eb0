"""Step 4: re-reading a source with its marks, and beside it only what it nuances or challenges, theme by theme."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.records import CodeGroup
from workbench.language import day, t, tn
from workbench.services import coding, impressions, rereading, sources
from workbench.services.coding import UnitCard
from workbench.services.context import Context
from workbench.services.finding import Place
from workbench.services.rereading import Completeness, Recontext, RereadSource
from workbench.services.sources import SourceView
from workbench.services.synthesis import SynthesisView
from workbench.ui import reading, session
from workbench.ui.components.view import view
from workbench.ui.kept import kept_text
from workbench.ui.pages.synthesise_theme import attempt, discs, quote, short
from workbench.ui.text import literal

# Keys while re-reading, as the buttons say.
_KEYS = (("supports", "Alt+1"), ("nuances", "Alt+2"), ("challenges", "Alt+3"))


def draw(ctx: Context, step: SynthesisView, group: CodeGroup, source: SourceView) -> None:
    here = next(s for s in step.sources if s.source.id == source.source.id)
    cards = [c for c in coding.list_units(ctx) if c.unit.source == source.source.id]
    main, side = st.columns([1.5, 1], gap="large")
    with main:
        with st.container(gap=None):
            st.title(literal(source.source.title), anchor=False)
            st.caption(literal(reading.facts_line(ctx, source)))
        reading.show(
            ctx, source, key="synthesise_reading", current=session.draft(f"synthesise.turn.{source.source.id}"),
            marks=_marks(ctx, step, cards, source.source.id), pick=t("synthesise.pick"),
            on_select=partial(_point, source.source.id),
        )  # fmt: skip
    with side:
        with st.container(gap=None):
            session.set_widget("synthesise_done", here.mine)
            st.checkbox(t("synthesise.reread_by_me"), key="synthesise_done",
                        on_change=partial(attempt, impressions.mark_read, ctx, source.source.id, "synthesis"))  # fmt: skip
            st.caption(literal(_looked(here)))
        complete = rereading.completeness(ctx)
        _themes(ctx, step, group, here, {c.unit.id: c for c in cards}, complete)
        _sources(step, source.source.id)
        _complete(complete)


# -- the text and its marks --------------------------------------------------------------------------------


def _marks(ctx: Context, step: SynthesisView, cards: list[UnitCard], source: str) -> list[reading.Marked]:
    groups = {g.id: g for g in step.groups}
    pointed = _pointed(source)
    found = []
    for c in cards:
        standing = [p for p in c.placements if p.set_aside is None and p.code_group in groups]
        for p in standing:
            g = groups[p.code_group]
            found.append(
                reading.Marked(c.unit.id, c.unit.start, c.unit.end, g.colour % 12 + 1, g.tag, f"{g.tag} {g.name}",
                               c.unit.id == pointed)
            )  # fmt: skip
        if not standing:
            found.append(
                reading.Marked(c.unit.id, c.unit.start, c.unit.end, 0, "", t("synthesise.unplaced"), c.unit.id == pointed)
            )  # fmt: skip
    return found


def _pointed(source: str) -> str | None:
    """What the note to be made points at: a unit's id, "passage:<start>:<end>", or nothing."""
    found: str | None = session.draft(f"synthesise.point.{source}")
    return found


def _point(source: str, what: str | None) -> None:
    session.keep_draft(f"synthesise.point.{source}", None if what == _pointed(source) else what)


def _passage(ctx: Context, source: RereadSource, what: str) -> tuple[Place, str] | None:
    """The passage that was picked, as a place and its words; None where the text has changed since."""
    _, start, end = what.split(":")
    text = sources.read_source(ctx, source.source.id)
    words = "\n".join(
        x.text[max(0, int(start) - x.turn.start) : int(end) - x.turn.start]
        for x in text.turns
        if x.turn.start < int(end) and x.turn.end > int(start)
    )
    place = Place(source.source.id, text.source.text_rev, int(start), int(end))
    return (place, words) if words.strip() else None


# -- who has read, and where one has not looked ------------------------------------------------------------


def _looked(s: RereadSource) -> str:
    if not s.by:
        return t("synthesise.not_looked")
    return t("synthesise.looked", who=", ".join(f"{who}, {day(at)}" for who, at in s.by))


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


def _complete(complete: tuple[Completeness, ...]) -> None:
    """One line for each theme: which sources are not re-read since it was worded as it is."""
    if not complete:
        return
    st.subheader(t("synthesise.complete"), anchor=False)
    rows = [
        {"key": c.tag, "text": t("synthesise.missing_in", sources="; ".join(s.title for s in c.missing))
         if c.missing else t("synthesise.missing_none", n=len(c.reread)),
         "state": "none" if c.missing else "good", "word": t("synthesise.not_looked") if c.missing else ""}
        for c in complete
    ]  # fmt: skip
    view("rows", {"rows": rows}, key="synthesise_complete")


# -- what was found, theme by theme ------------------------------------------------------------------------


def _themes(
    ctx: Context, step: SynthesisView, group: CodeGroup, here: RereadSource, cards: dict[str, UnitCard],
    complete: tuple[Completeness, ...],
) -> None:  # fmt: skip
    themes = [g for g in step.groups if g.id in step.categories]
    if not themes:
        st.caption(t("synthesise.no_themes"))
        return
    now = group.id if group.id in step.categories else themes[0].id
    looked = {c.category.id for c in complete if here.source.id in c.reread}
    for g in themes:
        theme = step.categories[g.id]
        notes = [n for n in here.notes if n.category == theme.id]
        with st.container(gap="small", border=g.id == now, key=f"reread_theme_{theme.id}"):
            row: dict[str, Any] = {"text": f"{g.tag}  {theme.heading}", "id": g.id, "current": g.id == now}
            if here.by and theme.id not in looked:
                row["note"] = t("synthesise.reworded")
            view(
                "rows",
                {"rows": [row]},
                key=f"reread_heading_{theme.id}",
                on_select=lambda id: session.ask(group=id),
            )
            if g.id == now:
                _new(ctx, step, g, here, cards)
            for n in notes:
                _note(ctx, n, cards)


def _note(ctx: Context, n: Recontext, cards: dict[str, UnitCard]) -> None:
    """A note that can be changed where it stands; a challenge with its answer."""
    with st.container(gap="xsmall", key=f"note_{n.id}"):
        waits = n.verdict == "challenges" and not n.answer
        row: dict[str, Any] = {
            "text": t(f"synthesise.verdict.{n.verdict}"), "id": n.id, "link": t("synthesise.take_out"),
            "note": f"{n.initials} · {t('synthesise.unanswered')}" if waits else n.initials,
            "state": "open" if waits else "none", "word": t("synthesise.unanswered") if waits else "",
        }  # fmt: skip
        if not waits:
            del row["state"]
        view("rows", {"rows": [row]}, key=f"note_view_{n.id}",
             on_select=partial(attempt, rereading.retire_recontext, ctx))  # fmt: skip
        kept_text(
            t("synthesise.what"), name=f"note.{n.id}", row={"note": n.note, "rev": n.rev}, field="note",
            save=lambda typed, row: rereading.change_recontext(ctx, n.id, rev=row["rev"], note=typed),
            lines=2, label_visibility="collapsed",
        )  # fmt: skip
        if n.unit in cards:
            card = cards[n.unit]
            view("rows", {"rows": [{"text": short(card), "serif": True, "id": str(card.unit.turn),
                                    "link": t("synthesise.to_turn", turn=card.unit.turn)}]},
                 key=f"note_unit_{n.id}",
                 on_select=lambda n: session.keep_draft(f"synthesise.turn.{card.unit.source}", int(n)))  # fmt: skip
        if n.verdict == "challenges":
            answer(ctx, n)


def answer(ctx: Context, n: Recontext) -> None:
    """How a challenge is met; kept when left, or said with one press."""
    kept_text(
        t("synthesise.answer"),
        name=f"answer.{n.id}",
        row={"answer": n.answer, "rev": n.rev},
        field="answer",
        save=lambda typed, row: rereading.answer_recontext(ctx, n.id, typed, rev=row["rev"]),
        lines=2,
        placeholder=t("synthesise.answer_hint"),
    )
    if not n.answer:
        st.button(t("synthesise.met"), key=f"met_{n.id}",
                  on_click=lambda: attempt(rereading.answer_recontext, ctx, n.id, t("synthesise.met_answer")))  # fmt: skip


def _new(
    ctx: Context, step: SynthesisView, group: CodeGroup, here: RereadSource, cards: dict[str, UnitCard]
) -> None:
    source = here.source.id
    pointed = _pointed(source)
    place: Place | None = None
    if pointed in cards:
        item = quote(cards[pointed], discs(ctx), group.colour % 12 + 1)
        item |= {
            "by": ", ".join(cards[pointed].unit.speakers),
            "link": t("synthesise.point_off"),
            "id": pointed,
        }
        view("quote", {"quotes": [item]}, key="reread_pointed", on_select=lambda _: _point(source, None))
    elif pointed and pointed.startswith("passage:"):
        found = _passage(ctx, here, pointed)
        if found is not None:
            place, words = found
            view("quote", {"quotes": [{"text": words, "lang": here.source.language, "note": t("synthesise.becomes_unit"),
                                       "link": t("synthesise.point_off"), "id": pointed}]},
                 key="reread_pointed", on_select=lambda _: _point(source, None))  # fmt: skip
    else:
        st.caption(t("synthesise.point_hint"))
    st.text_area(t("synthesise.what"), key="reread_note", height=88, placeholder=t("synthesise.what_hint"),
                 label_visibility="collapsed")  # fmt: skip
    unit = pointed if pointed in cards else None
    with st.container(horizontal=True, gap="xxsmall", key="reread_verdicts"):
        for verdict, key in _KEYS:
            st.button(t(f"synthesise.verdict.{verdict}"), key=f"reread_{verdict}", shortcut=key, on_click=_add,
                      type="tertiary" if verdict == "supports" else "secondary",
                      args=(ctx, step.categories[group.id].id, source, verdict, unit, place))  # fmt: skip


def _add(
    ctx: Context, category: str, source: str, verdict: str, unit: str | None, place: Place | None
) -> None:
    made = attempt(rereading.note_recontext, ctx, category, source, verdict=verdict,
                   note=session.widget("reread_note") or "", unit=unit, passage=place)  # fmt: skip
    if made:
        session.set_widget("reread_note", "")
        session.keep_draft(f"synthesise.point.{source}", None)
