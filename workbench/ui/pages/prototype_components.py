"""Prototype, components: each with the requirements it answers and what was said of it, and what is still missing."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.language import t, tn
from workbench.services import feedback, model, tracing
from workbench.services.context import Context
from workbench.services.feedback import FeedbackView
from workbench.services.model import ComponentView, RequirementView
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.impact import impact_note
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal


def draw(ctx: Context) -> None:
    components = model.list_components(ctx)
    requirements = model.list_requirements(ctx)
    said = st.container(key="components_said")
    holes = _holes(ctx, requirements)
    left, right = st.columns([1.55, 1], gap="large") if holes else (st.container(width=860), None)
    with left:
        _components(ctx, components, feedback.list_feedback(ctx), said)
    if right is not None:
        with right:
            st.subheader(t("requirements.missing"), anchor=False)
            view("rows", {"rows": holes}, key="prototype_holes")
    importlib.import_module("workbench.ui.pages.prototype_assumptions").draw(ctx)
    opened = next((c for c in components if c.component.id == session.asked("component")), None)
    if opened is not None:
        _drawer(ctx, opened, requirements, said)


def _components(
    ctx: Context, components: list[ComponentView], heard: Sequence[FeedbackView], said: Any
) -> None:
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
            about = [f for f in heard if f.component == c.component.id]
            # Of the version last talked about: the number opens what it counts.
            if about := [f for f in about if f.version == about[-1].version]:
                text = tn("prototype.said_of_it", len(about), what=polarities(about))
                href = session.link("prototype", part="feedback", version=about[-1].version)
                rows.append({"text": text, "link": t("prototype.see_feedback"), "href": href})
            if not c.requirements:
                rows.insert(0, {"text": t("prototype.answers_nothing"), "state": "open"})
            view("rows", {"rows": rows}, key=f"answers_{c.component.id}")
            st.space("small")

    def keep() -> None:
        typed = str(session.widget("new_component") or "").strip()
        if typed and attempt(model.add_component, ctx, name=typed, where=said) is not None:
            session.set_widget("new_component", "")

    st.text_input(t("prototype.add"), key="new_component", placeholder=t("prototype.add_hint"),
                  label_visibility="collapsed", on_change=keep)  # fmt: skip


def polarities(heard: Sequence[FeedbackView]) -> str:
    """ "6 positive, 4 negative": how what was said is spread, without those nobody was."""
    found = [
        tn(f"feedback.n_{p}", n) for p in feedback.POLARITIES if (n := sum(f.polarity == p for f in heard))
    ]
    return ", ".join(found)


def _holes(ctx: Context, requirements: list[RequirementView]) -> list[Row]:
    """Components that answer nothing, and requirements that nothing answers."""
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
    return rows


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
        impact_note(ctx, "retire", c.id)
        st.button(t("prototype.take_out"), key=f"retire_{c.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip
        st.caption(t("prototype.take_out_note"))

    drawer()
