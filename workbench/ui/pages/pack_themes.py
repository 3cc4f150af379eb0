"""The pack, Themes: one theme at a time as it may leave the analysis team, then all of them and who spoke of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import pack_words, packs
from workbench.services.context import Context
from workbench.services.packs import Pack, ThemeBrief
from workbench.services.synthesis import OTHERS
from workbench.ui import committee, evidence, session
from workbench.ui.components.view import Row, State, view
from workbench.ui.pages.pack_parts import head, requirement_row, theme_link

_CONCERN: dict[str, State] = {
    "none": "good",
    "minor": "open",
    "moderate": "open",
    "serious": "doubt",
    "": "none",
}


def draw(ctx: Context, pack: Pack) -> None:
    if not pack.briefs:
        head(pack, t("pack.no_themes"))
        return
    asked = session.asked("theme") or "1"
    n = min(max(int(asked), 1), len(pack.briefs)) if asked.isdigit() else 1
    brief = pack.briefs[n - 1]
    head(pack, brief.heading, t("pack.theme_of", n=n, of=len(pack.briefs)))
    decisions = [d for d in pack.asked if any(k == n for k, _ in pack_words.about_themes(pack, d))]
    _badges(pack, brief, bool(decisions))
    left, right = st.columns([1.5, 1], gap="large")
    discs = evidence.groups_of(pack.matrix)
    quotes = [committee.quote_view(q, discs) for q in brief.quotes]
    with left:
        dissent, sentence = committee.dissent_facts(brief, pack.matrix)
        view(
            "brief",
            {"text": list(brief.paragraphs), "quotes": quotes[:2], "dissent_heading": t("committee.differently"),
             "dissent": dissent, "dissent_note": sentence},
            key=f"brief_{n}",
        )  # fmt: skip
        for d in decisions:
            committee.asked_card(ctx, d, key=f"theme{n}")
    with right:
        st.subheader(t("pack.heard"), anchor=False)
        view("spread", {"groups": [_heard(ctx, h) for h in brief.spread]}, key=f"heard_{n}")
        st.space("small")
        st.subheader(t("pack.sure_heading"), anchor=False)
        view("rows", {"rows": [_sure(s) for s in brief.sure], "empty": t("pack.not_judged")}, key=f"sure_{n}")
        st.space("small")
        st.subheader(t("pack.requirements_on_it"), anchor=False)
        ids = [r[0] for r in brief.requirements]
        view("rows", {"rows": [requirement_row(ctx, r) for r in pack.requirements if r.id in ids],
                      "empty": t("requirements.none_on_theme")}, key=f"requirements_{n}")  # fmt: skip
        if len(quotes) > 2:
            st.space("small")
            st.subheader(t("pack.more_quotes"), anchor=False)
            view("quote", {"quotes": quotes[2:]}, key=f"quotes_{n}")
        if brief.evidence:
            st.space("small")
            st.subheader(t("pack.published"), anchor=False)
            view("rows", {"rows": [{"text": e.finding, "note": e.citation} for e in brief.evidence]},
                 key=f"evidence_{n}")  # fmt: skip
    _turn(n, len(pack.briefs))
    st.header(t("pack.matrix"), anchor=False)
    _matrix(pack, n)


def _badges(pack: Pack, brief: ThemeBrief, asked: bool) -> None:
    with st.container(horizontal=True, gap="small", key="pack_badges"):
        if pack.matrix.is_exact:
            heard = sum(h.heard or 0 for h in brief.spread)
            people = tn("model.people", pack.people or 0)
            st.badge(t("pack.people_of", n=heard, people=people), icon=":material/forum:", color="gray")
        since = [d for d in pack.decided if any(item == brief.id for item, _ in d.changed_since)]
        if brief.trust:
            st.badge(
                t(f"packfile.trust.{brief.trust}").capitalize(),
                icon=":material/change_history:",
                color="orange",
            )
        elif since:
            st.badge(t("pack.changed_since", at=day(since[-1].decided_at)), icon=":material/change_history:",
                     color="orange")  # fmt: skip
        if asked:
            st.badge(t("pack.decision_asked"), icon=":material/how_to_vote:", color="primary")


def _heard(ctx: Context, h: packs.Heard) -> dict[str, Any]:
    found: dict[str, Any] = {"group": {"mono": h.monogram, "name": h.name, "tone": h.colour}}
    if can(ctx.member.role, Action.MODEL) and h.group != OTHERS:
        found["href"] = session.link("trace", group=h.group)
    if h.heard is None:
        return {**found, "text": t("pack.few" if h.anyone else "pack.no_one")}
    said = t("model.of", n=h.heard, of=h.sample) if h.heard else t("pack.no_one_of", of=h.sample)
    return {**found, "text": said, "heard": h.heard, "of": h.sample}


def _sure(s: packs.Sure) -> Row:
    """A judgement in words: which, how much concern, and why."""
    word = t(f"pack.concern.{s.concern or 'not_yet'}")
    row: Row = {"text": t(f"pack.sure.{s.component}"), "state": _CONCERN[s.concern], "word": word,
                "note": word if not s.reason else f"{word}: {s.reason}"}  # fmt: skip
    row["note"] = row["note"][0].upper() + row["note"][1:]
    return row


def _turn(n: int, of: int) -> None:
    """One theme at a time: the one before and the one after."""
    with st.container(horizontal=True, key="pack_turn"):
        if n > 1:
            st.button(t("requirements.theme_n", n=n - 1), key="theme_before", icon=":material/chevron_left:",
                      on_click=lambda: session.ask(part="themes", theme=n - 1))  # fmt: skip
        st.space("stretch")
        if n < of:
            st.button(t("requirements.theme_n", n=n + 1), key="theme_after", icon=":material/chevron_right:",
                      icon_position="right", on_click=lambda: session.ask(part="themes", theme=n + 1))  # fmt: skip


def _published(brief: ThemeBrief) -> dict[str, Any]:
    """The last column: how much is published beside a theme, and what."""
    if not brief.evidence:
        return {"text": "", "phrase": t("pack.no_literature")}
    against = any(e.role == "contradicts" for e in brief.evidence)
    said = "; ".join(e.title for e in brief.evidence[:2])
    return {"text": tn("pack.literature_n", len(brief.evidence)),
            "phrase": f"{said} ({t('pack.literature_against')})" if against else said}  # fmt: skip


def _matrix(pack: Pack, current: int) -> None:
    groups = [{"mono": m, "name": name, "tone": tone} for _, name, m, tone in pack.matrix.groups]
    rows = []
    for n, brief in enumerate(pack.briefs, 1):
        cells: list[dict[str, Any]] = []
        for id, _, _, _ in pack.matrix.groups:
            cell = pack.matrix.cells[brief.id][id]
            if cell.heard is None:
                said = t("pack.few" if cell.anyone else "pack.no_one")
                cells.append({"text": said, "phrase": cell.phrase})
            else:
                cells.append({"n": cell.heard, "of": cell.sample, "phrase": cell.phrase})
        cells.append(_published(brief))
        rows.append(
            {"heading": brief.heading, "current": n == current, "href": theme_link(n), "cells": cells}
        )
    groups.append({"mono": "", "name": t("pack.literature"), "tone": 0})
    view("evidence", {"corner": t("model.kind.category"), "groups": groups, "rows": rows, "fold": "current",
                      "note": t("pack.matrix_note", k=pack.k_min)}, key="matrix")  # fmt: skip
