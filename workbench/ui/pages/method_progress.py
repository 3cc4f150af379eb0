"""Progress in one picture: sources through the steps by round, code groups through condensation and synthesis, and
what late sources re-open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.domain.routes import condenses
from workbench.language import day, number, t, tn
from workbench.services import projects
from workbench.services.context import Context
from workbench.services.progress import (
    Done,
    GroupProgress,
    Progress,
    Reopened,
    Round,
    SourceProgress,
    progress,
)
from workbench.ui import session, shell
from workbench.ui.components.view import view

Cell = dict[str, Any]
# What a project that does not condense has no use for.
_STC = ("read", "condensed", "in_condensates", "condensates")


def draw(ctx: Context) -> None:
    found = progress(ctx)
    if not found.rounds:
        st.text(t("method.no_sources"))
        st.page_link(
            shell.screen_page("sources"), label=t("method.to_sources"), icon=":material/arrow_forward:"
        )
        return
    stc = condenses(projects.route_of(ctx.store))
    st.caption(t("method.progress.about"))
    _sources(found, stc)
    for late in found.rounds if stc else ():
        _reopened(late, len(found.rounds) > 1)
    st.space("small")
    st.subheader(t("method.groups"), anchor=False)
    _groups(found, stc)


def _columns(keys: Sequence[str], stc: bool) -> list[dict[str, str]]:
    return [{"key": key, "label": t(f"method.col.{key}")} for key in keys if stc or key not in _STC]


def _only(columns: Sequence[Mapping[str, str]], rows: Sequence[dict[str, Any]]) -> None:
    """Leave out the cells of columns that the project's route does not have."""
    shown = {c["key"] for c in columns}
    for row in rows:
        row["cells"] = {key: cell for key, cell in row["cells"].items() if key in shown}


# -- sources -----------------------------------------------------------------------------------------------


def _sources(found: Progress, stc: bool) -> None:
    columns = _columns(("source", "read", "coded", "placed", "condensed", "reread"), stc)
    rows: list[dict[str, Any]] = []
    for band in found.rounds:
        if len(found.rounds) > 1:
            rows.append({"cells": _band(band), "current": True})
        rows += [{"cells": _cells(s, found, stc)} for s in band.sources]
    _only(columns, rows)
    facts = {"columns": columns, "rows": rows, "note": t("method.legend"), "dense": True}
    view("table", facts, key="method_sources")


def _band(band: Round) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "source": {"text": t("method.round", n=band.n), "note": tn("method.sources", len(band.sources))}
    }
    if band.reopens:
        cells["condensed"] = {"state": "doubt", "text": tn("method.reopens", len(band.reopens))}
    return cells


def _cells(s: SourceProgress, found: Progress, stc: bool) -> dict[str, Cell]:
    id = s.source.id
    title: Cell = {"text": s.source.title, "href": session.link("impression" if stc else "code", source=id)}
    if s.date:
        title["note"] = day(s.date)
    return {
        "source": title,
        "read": _said(s.read, "good" if found.analysts <= {d.member for d in s.read} else "open"),
        "coded": _coded(s),
        "placed": _placed(s),
        "condensed": _condensed(s),
        "reread": _reread(s, found),
    }


def _said(done: Sequence[Done], state: str) -> Cell:
    """By whom, and on which days."""
    if not done:
        return {"state": "none", "text": t("method.not_yet")}
    days = " · ".join(dict.fromkeys(day(d.at) for d in done))
    return {"state": state, "text": ", ".join(dict.fromkeys(d.initials for d in done)), "note": days}


def _coded(s: SourceProgress) -> Cell:
    cell = _said(s.coded, "good")
    if not s.units:
        return cell
    units = tn("tree.units", s.units)
    by = f"{cell['text']}, {cell['note']}" if s.coded else t("method.begun")
    return {"state": "good" if s.coded else "open", "text": units, "note": by,
            "href": session.link("units", of=s.source.id)}  # fmt: skip


def _placed(s: SourceProgress) -> Cell:
    if not s.units:
        return {"text": ""}
    if s.unplaced:
        return {"state": "open", "text": tn("method.unplaced", s.unplaced),
                "href": session.link("units", of=s.source.id, code_group="none")}  # fmt: skip
    return {"state": "good", "text": t("method.all")}


def _condensed(s: SourceProgress) -> Cell:
    if not s.of:
        return {"state": "none", "text": t("method.not_yet")} if s.units else {"text": ""}
    state = "doubt" if s.reopens else "good" if s.held == s.of else "open" if s.held else "none"
    cell: Cell = {"state": state, "text": t("method.of", n=s.held, of=s.of),
                  "href": session.link("units", of=s.source.id, by="subgroup")}  # fmt: skip
    if s.reopens:
        cell["note"] = tn("method.reopens", len(s.reopens))
    return cell


def _reread(s: SourceProgress, found: Progress) -> Cell:
    whole = s.reread_for >= found.categories
    cell = _said(s.reread, "good" if whole else "open")
    if s.reread and not whole:
        cell["note"] += " · " + t("method.reread_for", n=s.reread_for, of=found.categories)
    return cell


# -- what is re-opened -----------------------------------------------------------------------------------------


def _reopened(late: Round, by_round: bool) -> None:
    if not late.reopens:
        return
    st.space("small")
    head = tn("method.round_reopens", len(late.reopens), n_round=late.n) if by_round else t("method.reopened")
    st.subheader(head, anchor=False)
    titles = {
        r.condensate: [s.source.title for s in late.sources if r.condensate in _of(s)] for r in late.reopens
    }
    rows = [
        {
            "state": "doubt", "key": r.tag, "text": r.subgroup_name, "note": _why(r, titles[r.condensate]),
            "condensate": r.begins,
            "link": t("method.open"),
            "href": session.link("condense", group=r.code_group, subgroup=r.subgroup, condensate=r.condensate),
        }
        for r in late.reopens
    ]  # fmt: skip
    view("rows", {"rows": rows}, key=f"method_reopened_{late.n}")


def _of(s: SourceProgress) -> set[str]:
    return {r.condensate for r in s.reopens}


def _why(r: Reopened, titles: Sequence[str]) -> str:
    said = [tn("method.came", len(r.came))] if r.came else []
    said += [tn("method.went", len(r.went))] if r.went else []
    what = ", ".join(said)
    return t(
        "method.since", what=what[:1].upper() + what[1:], sources="; ".join(titles), day=day(r.written_at)
    )


# -- code groups ---------------------------------------------------------------------------------------------------


def _groups(found: Progress, stc: bool) -> None:
    columns = _columns(("group", "units", "in_condensates", "condensates", "category"), stc)
    rows: list[dict[str, Any]] = []
    for g in found.groups:
        rows.append({"cells": _group(g, found), "current": True})
        rows += [{"cells": cells} for cells in _subgroups(g)]
    _only(columns, rows)
    facts = {"columns": columns, "rows": rows, "empty": t("method.no_groups"), "dense": True}
    view("table", facts, key="method_groups")


def _group(g: GroupProgress, found: Progress) -> dict[str, Cell]:
    id = g.group.id
    cells: dict[str, Cell] = {
        "group": {
            "text": f"{g.group.tag}  {g.group.name}",
            "href": session.link("code_groups", code_group=id),
        },
        "units": {"text": number(g.units), "href": session.link("units", code_group=id)},
    }
    if g.loose and g.subgroups:
        cells["in_condensates"] = {"state": "open", "text": t("method.left_over", n=number(g.loose)),
                                   "href": session.link("condense", group=id)}  # fmt: skip
    elif not g.subgroups:
        cells["in_condensates"] = {"state": "none", "text": t("method.no_subgroups")}
    where = session.link("synthesise", group=id)
    if g.category is None:
        cells["category"] = {"state": "none", "text": t("method.not_yet"), "href": where}
    else:
        ready = g.category.status == "ready"
        note = (
            t("tree.ready" if ready else "tree.draft")
            + " · "
            + t("method.reread_in", n=g.reread, of=found.sources)
        )
        cells["category"] = {"state": "good" if ready else "open", "text": g.category.heading, "href": where,
                             "serif": True, "note": note}  # fmt: skip
    return cells


def _subgroups(g: GroupProgress) -> list[dict[str, Cell]]:
    rows = []
    for s in g.subgroups:
        board = session.link("condense", group=g.group.id, subgroup=s.subgroup.id)
        held: Cell = {"text": ""}
        if s.units:
            state = "good" if s.held == s.units else "open" if s.held else "none"
            held = {"state": state, "text": t("method.of", n=s.held, of=s.units), "href": board}
        written: Cell = {"state": "none", "text": t("method.not_yet"), "href": board}
        if s.condensates:
            written = {
                "state": "doubt" if s.stale else "good",
                "text": number(s.condensates),
                "href": board,
            }
            if s.stale:
                written["note"] = tn("method.stale", s.stale)
        rows.append(
            {
                "group": {"text": s.subgroup.name},
                "units": {
                    "text": number(s.units),
                    "href": session.link("units", subgroup=s.subgroup.id),
                },
                "in_condensates": held,
                "condensates": written,
            }
        )
    return rows
