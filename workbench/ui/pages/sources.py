"""Sources: what has been imported and how far each is read; import; a drawer to change what is said about one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import day, number, t, tn
from workbench.services import people, sources
from workbench.services.context import Context
from workbench.services.sources import SourceView
from workbench.ui import session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import view
from workbench.ui.impact import impact_note
from workbench.ui.kept import Row, kept_choice, kept_text, row_of
from workbench.ui.pages import importing
from workbench.ui.pages.people import disc
from workbench.ui.text import literal

_SAID = "sources.said"


def page() -> None:
    """The list, or the import; without any source the import is where one begins."""
    ctx = session.context()
    shell.header(t("nav.sources"))
    found = sources.list_sources(ctx)
    adding = bool(session.draft("sources.importing")) or not found
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="content"):
            st.title(t("sources.import.title") if adding and found else t("nav.sources"), anchor=False)
        st.space("stretch")
        if adding and found:
            st.button(
                t("sources.back"), key="sources_back", icon=":material/arrow_back:", on_click=importing.stop
            )
        elif found:
            st.button(t("sources.add"), key="sources_add", type="primary", on_click=importing.start)
    if not found:
        st.text(t("sources.empty"))
    results = session.draft("sources.results")
    if results:
        _results(results)
    if adding:
        importing.show(ctx)
        return
    everyone = {name for v in found for name in v.people}
    st.text(
        t("sources.count", sources=tn("sources.sources", len(found)),
          words=tn("sources.words", sum(v.words for v in found)), people=tn("sources.people", len(everyone)))
    )  # fmt: skip
    st.space("xsmall")
    _list(ctx, found)
    opened = next((v for v in found if v.source.id == session.asked("source")), None)
    if opened is not None:
        _drawer(ctx, opened)


def _results(results: list[dict[str, Any]]) -> None:
    """What became of the files just imported, until the next import or until it is put away."""
    good = sum(r["state"] == "good" for r in results)
    with st.container(border=True, key="sources_results"):
        with st.container(horizontal=True, vertical_alignment="center"):
            said = tn("sources.imported", good) if good == len(results) else t(
                "sources.imported.some", n=good, of=len(results)
            )  # fmt: skip
            st.markdown(f"**{said}**", anchors=False)
            st.space("stretch")
            st.button(
                t("sources.results.away"), key="sources_away", type="tertiary",
                on_click=lambda: session.keep_draft("sources.results", None),
            )  # fmt: skip
        rows = []
        for r in results:
            row: dict[str, Any] = {k: r[k] for k in ("text", "state", "word", "note") if k in r}
            if source := r.get("source"):
                screen = "impression" if shell.on_route("impression") else "code"
                row |= {"link": t("sources.read_it"), "href": session.link(screen, source=source)}
            rows.append(row)
        view("rows", {"rows": rows}, key="sources_results_rows")


def _list(ctx: Context, found: list[SourceView]) -> None:
    groups = {g.group.id: g for g in people.people_view(ctx).groups}
    rows: list[dict[str, Any]] = []
    for v in found:
        s = v.source
        heard = [groups[g] for g in v.groups if g in groups]
        shown = ", ".join(v.people[:4]) + (f" +{len(v.people) - 4}" if len(v.people) > 4 else "")
        who: dict[str, Any] = {"text": shown or t("sources.nobody")}
        if heard:
            who["group"] = disc(heard[0])
        notes = [", ".join(g.group.name for g in heard)] if len(heard) > 1 else []
        if v.unassigned:
            notes.append(tn("sources.unassigned", v.unassigned))
        if notes:
            who["note"] = ". ".join(notes)
        kind = t(f"sources.kind.{s.kind}")
        if s.words_of not in ("participant", "literature"):
            kind = f"{kind}, {t(f'sources.words_of.{s.words_of}').lower()}"
        read: Any = {"text": ", ".join(sorted(v.read_by)), "state": "good", "word": t("sources.read")}
        if not v.read_by:
            read = {"text": "", "state": "none", "word": t("sources.unread")}
        rows.append(
            {"id": s.id,
             "cells": {
                 "title": {"text": s.title, "note": " · ".join(x for x in (kind, day(v.date), language(s.language)) if x)},
                 "people": who,
                 "words": number(v.words),
                 "turns": number(v.turns),
                 "units": {"text": number(v.units), "href": session.link("code", source=s.id)},
                 "read": read,
             }}
        )  # fmt: skip
    columns = [
        {
            "key": k,
            "label": t(f"sources.column.{k}"),
            **({"kind": "number"} if k in ("words", "turns", "units") else {}),
        }
        for k in ("title", "people", "read", "words", "turns", "units")
    ]
    view(
        "table", {"columns": columns, "rows": rows}, key="sources_table", on_select=_open,
    )  # fmt: skip


def language(code: str) -> str:
    """A source's language where it is one we have a word for."""
    return t(f"sources.language.{code}") if code in importing.LANGUAGES else code


# -- the drawer --------------------------------------------------------------------------------------------


def _open(id: str) -> None:
    session.ask(source=id)
    session.keep_draft(_SAID, None)


def _close() -> None:
    session.ask(source=None)
    session.keep_draft(_SAID, None)


def _drawer(ctx: Context, shown: SourceView) -> None:
    id = shown.source.id

    @st.dialog(literal(shown.source.title), position="right", width="medium", on_dismiss=_close)
    def drawer() -> None:
        v = next((v for v in sources.list_sources(ctx) if v.source.id == id), None)
        if v is None:
            st.text(t("sources.gone"))
            return
        message = st.container()
        if said := session.draft(_SAID):
            say(said, message)
        _links(id)
        _about(ctx, v)
        _voices(ctx, id)
        st.space("xsmall")
        impact_note(ctx, "take_out", id)
        st.button(t("sources.retire"), key=f"source_{id}_retire", icon=":material/remove_circle:",
                  on_click=_retire, args=(ctx, v))  # fmt: skip
        st.caption(t("sources.retire.note"))

    drawer()


def _links(id: str) -> None:
    screens = [s for s in ("impression", "code") if shell.on_route(s)]
    rows = [
        {"text": t(f"sources.open_{s}"), "link": t("sources.open"), "href": session.link(s, source=id)}
        for s in screens
    ]
    view("rows", {"rows": rows}, key=f"source_{id}_links")


def _about(ctx: Context, v: SourceView) -> None:
    s = v.source
    names = ("title", "kind", "words_of", "language", "session", "iteration")

    def field(name: str) -> dict[str, Any]:
        def save(value: Any, row: Row) -> None:
            sources.change_source(ctx, s.id, rev=row["rev"], **{n: row[n] for n in names} | {name: value})

        return {"name": f"source.{s.id}.{name}", "row": row_of(s), "field": name, "save": save}

    languages = list(dict.fromkeys((*importing.LANGUAGES, s.language)))
    sessions = {x.id: importing.session_name(x) for x in sources.list_sessions(ctx)}
    held = {"": t("sources.session.none")} | sessions
    kept_text(t("sources.title"), **field("title"), max_chars=120)
    left, right = st.columns(2)
    with left:
        kept_choice(t("sources.kind"), sources.KINDS, words=lambda k: t(f"sources.kind.{k}"), **field("kind"))
        kept_choice(t("sources.language"), languages, words=language, **field("language"))
    with right:
        kept_choice(t("sources.words_of"), sources.WORDS_OF, words=lambda w: t(f"sources.words_of.{w}"),
                    **field("words_of"))  # fmt: skip
        kept_choice(t("sources.session"), list(held), words=held.__getitem__, **field("session"))
        rounds = range(1, max(v.source.iteration for v in sources.list_sources(ctx)) + 2)
        kept_choice(t("sources.round"), rounds, words=lambda n: t("explore.iteration", n=n),
                    help=t("sources.round.what"), **field("iteration"))  # fmt: skip
    _wave(ctx, s.id)


def _wave(ctx: Context, id: str) -> None:
    """When in the study it was made: out of the way until the project has waves, or somebody asks for them."""
    waves = {w.id: w.name for w in sources.list_waves(ctx)}
    if not waves and session.draft("sources.wave") != id:
        st.button(t("wave.open"), key=f"source_{id}_wave_open", type="tertiary", help=t("wave.what"),
                  on_click=session.keep_draft, args=("sources.wave", id))  # fmt: skip
        return
    key = f"source_{id}_wave"
    options: list[str | None] = [None, *waves]

    def choose() -> None:
        chosen = session.widget(key)
        try:
            if chosen is None or chosen in waves:
                sources.set_wave(ctx, id, chosen)
            else:
                sources.set_wave(ctx, id, None, new=str(chosen))
        except WorkbenchError as error:
            session.keep_draft(_SAID, sentence(error))
        else:
            session.keep_draft(_SAID, None)

    now = sources.wave_of(ctx, id)
    session.set_widget(key, now if now in waves else None)
    st.selectbox(
        t("wave.label"), options, key=key, on_change=choose, accept_new_options=True, placeholder=t("wave.type"),
        format_func=lambda w: t("wave.none") if w is None else waves.get(w, w), help=t("wave.what"),
    )  # fmt: skip


def _voices(ctx: Context, id: str) -> None:
    """Who each speaker is. A name that is typed becomes a new participant."""
    speakers = people.list_speakers(ctx, id)
    if not speakers:
        return
    st.markdown(f"**{t('sources.who_speaks')}**", anchors=False)
    known = {p.id: p.pseudonym for p in people.people_view(ctx).participants}
    options: list[str | None] = [None, *known]
    begins: dict[str, str] = {}
    turns: Counter[str] = Counter()
    for turn in sources.read_source(ctx, id).turns:
        if turn.turn.speaker:
            begins.setdefault(turn.turn.speaker, turn.text)
            turns[turn.turn.speaker] += 1
    for speaker in speakers:
        key = f"speaker_{speaker.id}"

        def assign(speaker_id: str = speaker.id, key: str = key) -> None:
            chosen = session.widget(key)
            try:
                if chosen is not None and chosen not in known:
                    chosen = sources.settle_people(ctx, {"": sources.NewPerson(str(chosen))})[""]
                people.assign_speaker(ctx, speaker_id, chosen)
            except WorkbenchError as error:
                session.keep_draft(_SAID, sentence(error))
            else:
                session.keep_draft(_SAID, None)

        label, who = st.columns([1.4, 1], vertical_alignment="center")
        said = begins.get(speaker.id, "")
        words = t(
            "sources.voice",
            turns=tn("sources.turns", turns[speaker.id]),
            words=said[:60] + "…" * (len(said) > 60),
        )
        label.markdown(f"{literal(speaker.label)}  \n:gray[:small[{literal(words)}]]", anchors=False)
        who.selectbox(
            t("sources.who", label=speaker.label), options,
            options.index(speaker.participant) if speaker.participant in options else 0,
            format_func=lambda p: t("sources.who.nobody") if p is None else known.get(p, p),
            accept_new_options=True, placeholder=t("sources.who.type"), label_visibility="collapsed", key=key,
            on_change=assign,
        )  # fmt: skip
    st.caption(t("sources.who.note"))


def _retire(ctx: Context, v: SourceView) -> None:
    try:
        sources.retire_source(ctx, v.source.id)
    except WorkbenchError as error:
        session.keep_draft(_SAID, sentence(error))
    else:
        _close()
        session.flash(t("sources.retired", title=v.source.title))
