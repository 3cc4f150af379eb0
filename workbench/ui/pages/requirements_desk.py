"""Themes as rows with what answers them, and beside them what is missing and the ideas of the workshops."""

from __future__ import annotations

import streamlit as st

from workbench.language import t, tn
from workbench.services.dissent import Dissent
from workbench.services.model import RequirementView
from workbench.ui import session
from workbench.ui.components.view import Row, view

from . import requirements_ideas as ideas
from . import requirements_import
from .requirements_rows import WITHOUT, Sheet, heading, heard, not_needed, rows, set_aside, taken_back, write


def draw(sheet: Sheet) -> None:
    found = sheet.coverage
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(gap=None):
            st.title(t("nav.requirements"), anchor=False)
            st.text(_summary(sheet), width="content")
        st.space("stretch")
        requirements_import.draw(sheet.ctx)
        if not found.is_whole:
            st.toggle(t("requirements.holes_only"), key="holes", bind="query-params")
    only_holes = bool(session.widget("holes")) and not found.is_whole
    main, side = st.columns([1.7, 1], gap="large")
    with main:
        _themes(sheet, only_holes)
    with side:
        _missing(sheet)
        ideas.column(sheet, only_holes)


def _themes(sheet: Sheet, only_holes: bool) -> None:
    found, themes = sheet.coverage, sheet.matrix.themes
    if not themes:
        st.text(t("requirements.no_themes_yet" if sheet.requirements else "requirements.no_themes"))
    missing = {id for id, _ in found.themes}
    holed = {id for id, _ in (*found.unheld, *found.unrealised)}
    for n, (theme, words) in enumerate(themes, 1):
        mine = sheet.resting_on(theme)
        if only_holes:
            mine = [r for r in mine if r.requirement.id in holed]
            if theme not in missing and not mine:
                continue
        with st.container(key=f"theme_{theme}", gap="small"):
            heading(n, words)
            view("spread", {"groups": heard(sheet, theme)}, key=f"heard_{theme}")
            rows(sheet, mine, theme, empty=t("requirements.none_on_theme") if theme in missing else "")
            if theme in found.not_needed:
                view(
                    "rows",
                    {"rows": [set_aside(sheet, theme)]},
                    key=f"aside_{theme}",
                    on_select=taken_back(sheet),
                )
            write(sheet, theme, theme=theme)
            if theme in missing:
                not_needed(sheet, theme)
            _closer(sheet, theme)
            st.space("small")
    others = [r for r in sheet.requirements if not _on_theme(r)]
    if only_holes:
        others = [r for r in others if r.requirement.id in holed]
    if others or not only_holes:
        with st.container(key="requirements_other"):
            st.subheader(t("requirements.other" if themes else "requirements.all"), anchor=False)
            rows(sheet, others, "other")
            write(sheet, WITHOUT)


def _on_theme(r: RequirementView) -> bool:
    return any(s.kind == "category" for s in (*r.supports, *r.against))


def _summary(sheet: Sheet) -> str:
    if not sheet.requirements:
        return t("requirements.none")
    accepted = sum(r.requirement.status == "accepted" for r in sheet.requirements)
    return t(
        "requirements.summary", requirements=tn("requirements.count", len(sheet.requirements)),
        themes=tn("requirements.themes", len(sheet.matrix.themes)), accepted=accepted,
    )  # fmt: skip


# -- who sees it differently, in one line ------------------------------------------------------------------------


def _closer(sheet: Sheet, theme: str) -> None:
    """One line under a theme that leads to who sees it differently and how sure we are; never an empty one."""
    dissent = sheet.dissent[theme]
    said: Row = {
        "text": dissent_line(dissent),
        "href": session.link("requirements", about=theme, holes=session.asked("holes")),
        "link": t("requirements.closer"),
    }
    if concerns := [
        t("requirements.concern", what=t(f"confidence.{c}"), concern=t(f"confidence.concern_{j.concern}"))
        for c, j in sheet.judgements.get(theme, {}).items()
        if j.concern != "none"
    ]:
        said["note"] = " · ".join(concerns)
    if any(o.is_open for o in dissent.objections):
        said |= {"state": "open", "word": t("requirements.unanswered")}
    view("rows", {"rows": [said]}, key=f"closer_{theme}")


def dissent_line(dissent: Dissent) -> str:
    """Who sees it differently, in a sentence; not having looked is never "none"."""
    kinds = [o.kind for o in dissent.objections]
    parts = [t("requirements.seen_reread")] if {"challenge", "quote"} & {*kinds} else []
    parts += [
        tn(f"requirements.seen_{k}", n)
        for k in ("evidence", "ground", "reservation")
        if (n := kinds.count(k))
    ]
    if parts:
        return t("requirements.seen_differently", how=", ".join(parts))
    if not dissent.reread:
        return t("requirements.not_looked")
    whole = dissent.reread >= dissent.sources
    return t("requirements.none_found" if whole else "requirements.none_found_in_some",
             n=dissent.reread, of=dissent.sources)  # fmt: skip


# -- what is missing -------------------------------------------------------------------------------------------


def _missing(sheet: Sheet) -> None:
    """What is missing both ways, said as sentences; nothing when nothing is."""
    found = sheet.coverage
    lines: list[Row] = [
        {"text": t("requirements.hole_theme", theme=heading), "state": "open"} for _, heading in found.themes
    ]
    lines += [
        {"text": t("requirements.hole_parked", theme=heading), "state": "none", "word": t("status.parked")}
        for _, heading in found.parked
    ]
    lines += [
        {"text": t("requirements.hole_requirement", key=key), "state": "open", "link": t("requirements.look"),
         "href": session.link("requirements", requirement=key)}
        for _, key in found.unheld
    ]  # fmt: skip
    lines += [
        {"text": t("requirements.hole_component", key=key), "state": "open", "link": t("requirements.look"),
         "href": session.link("requirements", requirement=key)}
        for _, key in found.unrealised
    ]  # fmt: skip
    if lines:
        st.subheader(t("requirements.missing"), anchor=False)
        view("rows", {"rows": lines}, key="holes_rows")
        st.space("small")
