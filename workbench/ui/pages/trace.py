"""Trace: from any requirement down to the words it rests on, from any unit up to what rests on it, and what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, can
from workbench.language import t, tn
from workbench.services import packs, synthesis, tracing
from workbench.services.context import Context
from workbench.services.packs import Strip
from workbench.services.synthesis import Matrix
from workbench.ui import evidence, session, shell, trust
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components.view import Row, TableRow, view
from workbench.ui.text import literal

PARTS = ("trace", "doubt")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.trace"))
    st.title(t("nav.trace"), anchor=False)
    if not session.asked("unit") and _part() == "doubt":
        _doubt(ctx)
        return
    matrix = synthesis.theme_matrix(ctx)
    table = tracing.trace_table(ctx)
    if session.asked("unit"):
        _upward(ctx, str(session.asked("unit")), matrix)
        return
    if not table:
        st.text(t("tracepage.empty"))
        return
    strip = packs.trace_strip(ctx)
    group = _group_asked(strip)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(_lead(group, matrix), width="content")
        if group:
            st.button(t("tracepage.all_groups"), key="all_groups", type="tertiary", icon=":material/close:",
                      on_click=lambda: session.ask(group=None))  # fmt: skip
        st.space("stretch")
        shape = st.segmented_control(
            t("tracepage.shape"), ("picture", "table"), default="picture", required=True, key="trace_shape",
            format_func=lambda s: t(f"tracepage.{s}"), label_visibility="collapsed",
        )  # fmt: skip
    if shape == "table":
        _table(table, group, matrix)
    else:
        picture(strip, matrix, key="strip", group=group, press=True)
    _holes(ctx)
    if session.asked("item"):
        _drawer(ctx, str(session.asked("item")), matrix)


def _part() -> str:
    """The part that the address names."""
    now = session.asked("part") if session.asked("part") in PARTS else PARTS[0]
    session.set_widget("trace_part", now)
    st.segmented_control(
        t("tracepage.parts"), PARTS, key="trace_part", format_func=lambda p: t(f"tracepage.part_{p}"), required=True,
        on_change=lambda: session.ask(part=session.widget("trace_part"), item=None), label_visibility="collapsed",
    )  # fmt: skip
    return str(now)


def _doubt(ctx: Context) -> None:
    """What is in doubt since it was accepted, by the change it comes from."""
    head = st.container()
    found = trust.fronts(ctx)
    if not found.begun:
        head.text(t("trust.page.not_begun"))
    elif not found.fronts:
        head.text(t("trust.page.none"))
    elif found.distant:
        head.text(tn("trust.page.lead", found.doubted, distant=found.distant))
    else:
        head.text(tn("trust.page.lead_alone", found.doubted))


def _group_asked(strip: Strip) -> str | None:
    asked = session.asked("group")
    return asked if asked in {n.id for n in dict(strip.columns)["group"]} else None


def _lead(group: str | None, matrix: Matrix) -> str:
    if group is None:
        return t("tracepage.lead")
    return t("tracepage.lead_group", group=evidence.groups_of(matrix)[group]["name"])


# -- the picture -------------------------------------------------------------------------------------------


def _pressed(id: str) -> None:
    kind, _, item = id.partition(":")
    if kind == "group":
        session.ask(group=item)
    else:
        session.ask(item=item)


def picture(
    strip: Strip, matrix: Matrix, *, key: str, group: str | None = None, press: bool = False,
    numbers: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Groups -> themes -> requirements -> components. Not pressed, it holds no id of the project; not
    exact (a group is too small to be counted), every band is drawn alike and nobody is numbered. `numbers`
    are those of the themes, else as they stand in the picture."""
    discs = evidence.groups_of(matrix)
    kept = _reached(strip, group) if group else None
    short: dict[str, str] = {}
    columns: list[dict[str, Any]] = []
    for kind, nodes in strip.columns:
        drawn: list[dict[str, Any]] = []
        for n, node in enumerate(nodes, 1):
            if kept is not None and node.id not in kept:
                continue
            short[node.id] = f"{kind}:{node.id}" if press else f"{kind}{n}"
            one: dict[str, Any] = {"id": short[node.id], "label": node.label}
            if kind == "group":
                one["group"] = discs[node.id]
                if strip.is_exact:
                    one["note"] = tn("model.people", node.weight)
            elif kind == "theme":
                if number := n if numbers is None else numbers.get(node.id):
                    one["key"] = t("requirements.theme_n", n=number)
            elif kind == "requirement":
                one["key"], _, one["label"] = node.label.partition(" ")
            if node.state:
                one["state"] = "doubt" if node.state == "doubt" else "open"
                one["word"] = t(f"trust.word.{node.state}")
            drawn.append(one)
        columns.append({"title": t(f"tracepage.column_{kind}"), "nodes": drawn})
    links = [
        {"src": short[a], "dst": short[b], "weight": weight, "against": against}
        for a, b, weight, against in strip.links
        if a in short and b in short
    ]
    note = t("tracepage.width") if strip.is_exact else t("tracepage.alike")
    if any(x["against"] for x in links):
        note += " " + t("tracepage.dashed")
    if strip.left_out:
        note += " " + tn("tracepage.left_out", strip.left_out)
    groups, themes, requirements, components = (len(c["nodes"]) for c in columns)
    alt = t("tracepage.alt", groups=tn("model.groups", groups), themes=tn("tracepage.n_theme", themes),
            requirements=tn("tracepage.n_requirement", requirements),
            components=tn("tracepage.n_component", components))  # fmt: skip
    view("strip", {"columns": columns, "links": links, "alt": alt, "note": note}, key=key,
         on_select=_pressed if press else None)  # fmt: skip


def _reached(strip: Strip, group: str) -> set[str]:
    """The group, the themes it was heard in, and what answers those."""
    kept = {group}
    kinds = {n.id: kind for kind, nodes in strip.columns for n in nodes}
    for kind in ("group", "theme", "requirement"):
        here = {id for id in kept if kinds[id] == kind}
        kept |= {b for a, b, _, _ in strip.links if a in here}
    return kept


# -- the table ---------------------------------------------------------------------------------------------


def _table(rows: list[tracing.TraceRow], group: str | None, matrix: Matrix) -> None:
    numbers = {theme: n for n, (theme, _) in enumerate(matrix.themes, 1)}
    name = evidence.groups_of(matrix)[group]["name"] if group else ""
    drawn: list[TableRow] = []
    before: str | None = "-"
    for r in rows:
        if group and r.theme and not matrix.cells[r.theme][group].anyone:
            continue
        if group and not r.theme and name not in r.groups:
            continue
        first = r.theme != before
        before = r.theme
        cells: dict[str, Any] = {
            "theme": "", "key": "", "requirement": "", "people": evidence.people_line(r.people or 0, len(r.groups)),
            "components": ", ".join(r.components),
        }  # fmt: skip
        if r.theme and first:
            cells["theme"] = {"text": r.theme_heading, "serif": True, "href": _item(r.theme),
                              "note": t("requirements.theme_n", n=numbers.get(r.theme, 0))}  # fmt: skip
        elif first:
            cells["theme"] = {"text": t("tracepage.no_theme"), "note": ""}
        if r.requirement:
            cells["key"] = {"text": r.requirement_key, "href": _item(r.requirement)}
            cells["requirement"] = {"text": r.statement, "note": ""}
            if r.role == "contradicts":
                cells["requirement"]["note"] = t("tracepage.against")
            elif not r.theme and r.basis != "theme":
                cells["requirement"]["note"] = t(f"basis.rests_{r.basis}")
        else:
            cells["requirement"] = {"text": t("requirements.none_on_theme"), "state": "open"}
        if r.requirement and not r.components:
            cells["components"] = {"text": t("tracepage.no_component"), "state": "none"}
        drawn.append({"cells": cells})
    view(
        "table",
        {"columns": [{"key": k, "label": t(f"tracepage.column_{k}"), "kind": "id" if k == "key" else "text"}
                     for k in ("theme", "key", "requirement", "people", "components")], "rows": drawn},
        key="trace_table",
    )  # fmt: skip


def _item(id: str) -> str:
    return session.link("trace", item=id, group=session.asked("group"))


def _holes(ctx: Context) -> None:
    found = tracing.holes(ctx)
    rows: list[Row] = [
        {"text": t("requirements.hole_theme", theme=heading), "state": "open", "link": t("tracepage.write"),
         "href": session.link("requirements")}
        for _, heading in found.themes
    ]  # fmt: skip
    rows += [
        {"text": t("requirements.hole_requirement", key=key), "state": "doubt", "link": t("requirements.look"),
         "href": session.link("requirements", requirement=id)}
        for id, key in found.requirements
    ]  # fmt: skip
    rows += [
        {"text": t("prototype.hole_component", name=name), "state": "open", "link": t("requirements.look"),
         "href": session.link("prototype", component=id)}
        for id, name in found.components
    ]  # fmt: skip
    st.space("small")
    st.subheader(t("requirements.missing"), anchor=False)
    view("rows", {"rows": rows, "empty": t("tracepage.no_holes")}, key="trace_holes")


# -- because -----------------------------------------------------------------------------------------------


def _drawer(ctx: Context, item: str, matrix: Matrix) -> None:
    try:
        head = tracing.grounds(ctx, item)
    except WorkbenchError as error:
        say(sentence(error))
        return

    @st.dialog(t("tracepage.because"), width="medium", position="right",
               on_dismiss=lambda: session.ask(item=None))  # fmt: skip
    def drawer() -> None:
        st.caption(head.key or t(f"model.kind.{head.kind}"))
        st.markdown(f"**{literal(head.label)}**", anchors=False)
        facts = evidence.because(ctx, item, matrix)
        # What speaks against it is not to be looked for behind all that it rests on.
        facts["reasons"].sort(key=lambda reason: not reason.get("against"))
        view("because", facts, key=f"because_{item}")
        if not can(ctx.member.role, Action.READ_SOURCES):
            st.caption(t("tracepage.words_stay"))

    drawer()


def _upward(ctx: Context, unit: str, matrix: Matrix) -> None:
    """From one unit up: its words in context, and everything that rests on it, nearest first."""
    node = attempt(tracing.because, ctx, unit)
    resting = attempt(tracing.resting_on, ctx, unit) if node is not None else None
    if node is None or resting is None:
        st.page_link(shell.screen_page("trace"), label=t("tracepage.whole"), icon=":material/arrow_back:")
        return
    discs = evidence.groups_of(matrix)
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        st.subheader(t("tracepage.this_unit"), anchor=False)
        view("quote", {"quotes": [evidence.unit_view(u, discs) for u in node.units]}, key="unit")
    with right:
        st.subheader(t("tracepage.resting"), anchor=False)
        rows: list[Row] = []
        order = ("condensate", "category", "requirement", "component", "version", "decision")
        for r in sorted(resting, key=lambda r: (order.index(r.kind) if r.kind in order else 9, r.key)):
            row: Row = {"text": r.label, "key": r.key or t(f"model.kind.{r.kind}")}
            if r.role == "contradicts":
                row["note"] = t("tracepage.as_against")
            if r.kind in ("requirement", "category", "component"):
                row["href"] = session.link("trace", item=r.id)
            elif r.kind == "decision":
                row["href"] = session.link("decisions", decision=r.key)
            elif r.kind == "version":
                row["href"] = session.link("prototype")
            rows.append(row)
        view("rows", {"rows": rows, "empty": t("tracepage.nothing_rests")}, key="resting")
    st.button(t("tracepage.whole"), key="whole", type="tertiary", icon=":material/arrow_back:",
              on_click=lambda: session.ask(unit=None))  # fmt: skip
