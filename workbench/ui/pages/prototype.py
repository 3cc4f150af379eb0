"""Prototype: components with the requirements they answer, and versions of them frozen and compared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import model, tracing, versioning
from workbench.services.context import Context
from workbench.services.model import ComponentView, RequirementView
from workbench.services.versioning import Difference, Version
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import DiffRow, Row, view
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal

_NOW = "now"
_SIGNS = {"added": "added", "removed": "removed", "changed": "changed", "evidence": "same", "same": "same"}


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.prototype"))
    components = model.list_components(ctx)
    requirements = model.list_requirements(ctx)
    versions = versioning.list_versions(ctx)
    with st.container(horizontal=True, vertical_alignment="center", key="prototype_head"):
        st.title(t("nav.prototype"), anchor=False, width="content")
        st.space("stretch")
        said = st.container(key="prototype_said", width="content")
        if components:
            _freeze(ctx, components, said)
    st.text(_summary(components, versions))
    left, right = st.columns([1.55, 1], gap="large")
    with left:
        _components(ctx, components, said)
    with right:
        _versions(versions)
        _holes(ctx, requirements)
    if versions:
        _compare(ctx, versions)
    opened = next((c for c in components if c.component.id == session.asked("component")), None)
    if opened is not None:
        _drawer(ctx, opened, requirements, said)


def _summary(components: list[ComponentView], versions: list[Version]) -> str:
    if not components:
        return t("prototype.none")
    answered = {r for c in components for r, _, _ in c.requirements}
    said = t("prototype.summary", components=tn("prototype.components", len(components)),
             requirements=tn("prototype.requirements", len(answered)))  # fmt: skip
    if versions:
        last = versions[-1]
        return f"{said} {t('prototype.last', label=last.label, at=day(last.frozen_at))}"
    return f"{said} {t('prototype.no_version')}"


# -- components --------------------------------------------------------------------------------------------


def _components(ctx: Context, components: list[ComponentView], said: Any) -> None:
    for c in components:
        with st.container(key=f"component_{c.component.id}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.subheader(literal(c.component.name), anchor=False, width="content")
                st.space("stretch")
                st.button(t("prototype.change"), key=f"change_{c.component.id}", type="tertiary",
                          icon=":material/edit:", on_click=lambda id=c.component.id: session.ask(component=id))  # fmt: skip
            if c.component.description:
                st.text(c.component.description)
            rows: list[Row] = [
                {"text": statement, "key": key, "href": session.link("requirements", requirement=id)}
                for id, key, statement in c.requirements
            ]
            view(
                "rows",
                {"rows": rows, "empty": t("prototype.answers_nothing")},
                key=f"answers_{c.component.id}",
            )
            st.space("small")

    def keep() -> None:
        typed = str(session.widget("new_component") or "").strip()
        if typed and attempt(model.add_component, ctx, name=typed, where=said) is not None:
            session.set_widget("new_component", "")

    st.text_input(t("prototype.add"), key="new_component", placeholder=t("prototype.add_hint"),
                  label_visibility="collapsed", on_change=keep)  # fmt: skip


def _holes(ctx: Context, requirements: list[RequirementView]) -> None:
    rows: list[Row] = [
        {"text": t("prototype.hole_component", name=name), "state": "open"}
        for _, name in tracing.holes(ctx).components
    ]
    rows += [
        {"text": t("prototype.hole_requirement", key=r.requirement.key), "note": r.requirement.statement,
         "state": "open", "href": session.link("requirements", requirement=r.requirement.id),
         "link": t("requirements.look")}
        for r in requirements
        if r.requirement.status in ("accepted", "proposed") and not r.components
    ]  # fmt: skip
    if rows:
        st.space("small")
        st.subheader(t("requirements.missing"), anchor=False)
        view("rows", {"rows": rows}, key="prototype_holes")


def _close() -> None:
    session.ask(component=None)


def _drawer(ctx: Context, found: ComponentView, requirements: list[RequirementView], said: Any) -> None:
    names = {r.requirement.id: f"{r.requirement.key} {r.requirement.statement}" for r in requirements}

    @st.dialog(found.component.key, width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        now = next((c for c in model.list_components(ctx) if c.component.id == found.component.id), None)
        if now is None:
            st.text(t("error.gone"))
            return
        c = now.component

        def change(field: str, typed: str, row: Mapping[str, Any]) -> None:
            both = {"name": row["name"], "description": row["description"]} | {field: typed}
            model.change_component(ctx, c.id, rev=row["rev"], **both)

        kept_text(t("prototype.name"), name=f"component.{c.id}.name", row=row_of(c), field="name",
                  save=partial(change, "name"))  # fmt: skip
        kept_text(t("prototype.description"), name=f"component.{c.id}.description", row=row_of(c),
                  field="description", lines=3, height="content", save=partial(change, "description"))  # fmt: skip
        trouble = st.container(key=f"trouble_{c.id}")
        answered = [id for id, _, _ in now.requirements]

        def answer(realises: list[str]) -> None:
            attempt(model.change_component, ctx, c.id, rev=c.rev, name=c.name, description=c.description,
                    realises=realises, where=trouble)  # fmt: skip

        def add() -> None:
            if chosen := session.widget(f"realises_{c.id}"):
                answer([*answered, chosen])
                session.set_widget(f"realises_{c.id}", None)

        st.markdown(f"**{t('prototype.answers')}**", anchors=False)
        rows: list[Row] = [
            {"text": statement, "key": key, "id": id, "link": t("requirements.take_away")}
            for id, key, statement in now.requirements
        ]
        view("rows", {"rows": rows, "empty": t("prototype.answers_nothing")}, key=f"drawer_answers_{c.id}",
             on_select=lambda id: answer([x for x in answered if x != id]))  # fmt: skip
        others = [id for id in names if id not in answered]
        if others:
            st.selectbox(t("prototype.answers_hint"), others, index=None, key=f"realises_{c.id}", on_change=add,
                         format_func=names.__getitem__, label_visibility="collapsed",
                         placeholder=t("prototype.answers_hint"))  # fmt: skip

        def retire() -> None:
            attempt(model.retire_component, ctx, c.id, where=said)
            _close()

        st.space("small")
        st.button(t("prototype.take_out"), key=f"retire_{c.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip
        st.caption(t("prototype.take_out_note"))

    drawer()


# -- versions ----------------------------------------------------------------------------------------------


def _freeze(ctx: Context, components: list[ComponentView], said: Any) -> None:
    n = versioning.next_version(ctx)
    with (
        st.popover(t("prototype.freeze", n=n), type="primary", icon=":material/ac_unit:", key=f"freeze_{n}"),
        st.container(width=420),
    ):
        st.text_input(t("prototype.label"), key=f"freeze_label_{n}", value=t("prototype.version_n", n=n))
        st.text_area(
            t("prototype.note"), key=f"freeze_note_{n}", height=90, placeholder=t("prototype.note_hint")
        )
        st.caption(t("prototype.freeze_note"))

        def freeze() -> None:
            attempt(versioning.freeze_version, ctx, label=session.widget(f"freeze_label_{n}") or "",
                    note=session.widget(f"freeze_note_{n}") or "", where=said)  # fmt: skip

        st.button(t("prototype.freeze", n=n), key=f"freeze_now_{n}", type="primary", on_click=freeze)


def _versions(versions: list[Version]) -> None:
    st.subheader(t("prototype.versions"), anchor=False)
    rows: list[Row] = [
        {"text": v.label, "state": "good", "word": t("prototype.frozen"),
         "note": " · ".join(x for x in (t("prototype.frozen_on", at=day(v.frozen_at)), v.note) if x)}
        for v in reversed(versions)
    ]  # fmt: skip
    view("rows", {"rows": rows, "empty": t("prototype.no_versions")}, key="versions")


def _compare(ctx: Context, versions: list[Version]) -> None:
    names = {v.id: v.label for v in versions} | {_NOW: t("prototype.now")}
    ids = [v.id for v in versions]
    st.space("small")
    st.header(t("prototype.compare"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=220):
            old = st.selectbox(t("prototype.from"), ids, index=max(len(ids) - 2, 0), key="compare_old",
                               format_func=names.__getitem__)  # fmt: skip
        with st.container(width=220):
            later = [*ids[ids.index(old) + 1 :], _NOW] if old in ids else [_NOW]
            new = st.selectbox(t("prototype.to"), later, key=f"compare_new_{old}",
                               format_func=names.__getitem__)  # fmt: skip
        all_of_it = st.toggle(t("prototype.show_same"), key="show_same")
    found = attempt(versioning.compare_versions, ctx, old, None if new == _NOW else new)
    if found is not None:
        st.text(counts(found))
        difference(found, "compare", all_of_it)


def counts(found: list[Difference]) -> str:
    """What a comparison found, as a sentence of counts."""
    parts = [
        tn(f"prototype.n_{change}", n)
        for change in ("added", "removed", "changed", "evidence", "same")
        if (n := sum(d.change == change for d in found))
    ]
    return t("prototype.counts", what=", ".join(parts))


def difference(found: list[Difference], key: str, all_of_it: bool = False) -> None:
    """A comparison by kind: what came, went, changed word by word, or rests on other evidence now."""
    shown = [d for d in found if all_of_it or d.change != "same"]
    if not shown:
        st.text(t("prototype.nothing_changed"))
    for kind in ("component", "requirement", "category"):
        rows = [_diff_row(d) for d in shown if d.kind == kind]
        if rows:
            st.markdown(f"**{t(f'prototype.kind_{kind}')}**", anchors=False)
            view("diff", {"rows": rows}, key=f"{key}_{kind}")


def _diff_row(d: Difference) -> DiffRow:
    row: DiffRow = {"change": _SIGNS[d.change]}  # type: ignore[typeddict-item]
    text = d.label
    if d.kind == "requirement":
        row["key"], _, text = d.label.partition(" ")
    if d.change == "changed":
        row["words"] = []
        for op, words in d.words:
            if row["words"]:
                row["words"].append({"op": "same", "text": " "})
            row["words"].append({"op": op, "text": words})  # type: ignore[typeddict-item]
        if d.kind != "requirement":
            row["note"] = text
    else:
        row["text"] = text
    if d.change == "evidence":
        row["state"], row["word"] = "doubt", t("prototype.evidence_changed")
        moves = (("came", d.came - d.reworded), ("went", d.went - d.reworded), ("reworded", d.reworded))
        row["note"] = ", ".join(tn(f"prototype.{move}", n) for move, n in moves if n) + "."
    return row
