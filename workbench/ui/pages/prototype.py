"""Prototype: components, frozen versions, what was said of them, the theory behind, and a description."""

from __future__ import annotations

import importlib

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import model, versioning
from workbench.services.model import ComponentView
from workbench.services.versioning import Version
from workbench.ui import session, shell
from workbench.ui.pages.prototype_versions import counts, difference, freeze

__all__ = ["PARTS", "counts", "difference", "page"]

# Part -> the module that draws it, imported when it is asked for.
PARTS = {"components": "components", "versions": "versions", "feedback": "feedback", "theory": "theory",
         "description": "tidier"}  # fmt: skip


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.prototype"))
    components = model.list_components(ctx)
    part = _asked()
    with st.container(horizontal=True, vertical_alignment="center", key="prototype_head"):
        st.title(t("nav.prototype"), anchor=False, width="content")
        st.space("stretch")
        said = st.container(key="prototype_said", width="content")
        if components and part in ("components", "versions"):
            freeze(ctx, said)
    st.text(_summary(components, versioning.list_versions(ctx)))
    _parts(part)
    importlib.import_module(f"workbench.ui.pages.prototype_{PARTS[part]}").draw(ctx)


def _asked() -> str:
    """The part that the address names; what it points at has a part of its own."""
    asked = session.asked("part")
    if asked in PARTS:
        return str(asked)
    return "feedback" if session.asked("change") or session.asked("feedback") else "components"


def _parts(part: str) -> None:
    def chosen() -> None:
        session.ask(part=session.widget("prototype_part"), component=None, change=None, feedback=None)

    session.set_widget("prototype_part", part)
    st.segmented_control(
        t("prototype.parts"),
        [*PARTS],
        key="prototype_part",
        format_func=lambda p: t(f"prototype.part.{p}"),
        on_change=chosen,
        required=True,
        label_visibility="collapsed",
    )


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
