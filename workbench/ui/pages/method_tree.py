"""The coding tree: a picture for paper, and the same as a list that folds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.coding_tree import CodingTree, TreeGroup
from workbench.domain.roles import Action, can
from workbench.exporters.coding_tree import (
    told,
    told_gone,
    told_group,
    told_subgroup,
    told_theme,
    tree_alt,
)
from workbench.language import t, tn
from workbench.services import coding_tree, states
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import view
from workbench.ui.files import file_name
from workbench.ui.text import literal


def draw(ctx: Context) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="method_tree_bar"):
        state = _state(ctx)
        st.space("stretch")
        slot = st.container(width="content")
    tree = attempt(coding_tree.coding_tree, ctx, state=state)
    if tree is None:
        return
    if tree.is_empty:
        st.text(t("method.tree.empty"))
        st.page_link(shell.screen_page("code"), label=t("method.to_code"), icon=":material/arrow_forward:")
        return
    if can(ctx.member.role, Action.EXPORT_ANALYSIS):
        slot.download_button(
            t("method.tree.take"), lambda: coding_tree.tree_file(ctx, state=state), file_name(ctx, "-coding-tree.svg"),
            "image/svg+xml", key="method_tree_svg", icon=":material/download:", type="tertiary", on_click="ignore",
        )  # fmt: skip
    svg = coding_tree.tree_picture(ctx, tree)
    view("picture", {"svg": svg, "alt": tree_alt(tree), "label": t("tree.title")}, key="method_tree")
    with st.expander(t("method.tree.list")):
        view("because", {"reasons": _reasons(tree)}, key="method_tree_list")


def _state(ctx: Context) -> str | None:
    """As it is now, or as it was in a frozen state."""
    known = {s.id: s.label for s in states.list_states(ctx)}
    if not known:
        return None
    asked = session.asked("state")
    session.set_widget("method_tree_state", asked if asked in known else "")
    st.selectbox(
        t("method.tree.as_of"), ["", *known], key="method_tree_state", width=300,
        format_func=lambda id: literal(known[id]) if id else t("method.now"),
        on_change=lambda: session.ask(state=session.widget("method_tree_state") or None),
    )  # fmt: skip
    return asked if asked in known else None


def _reasons(tree: CodingTree) -> list[dict[str, Any]]:
    """Code groups with what they came from, what is in them, and what they became; then what went."""
    found = [_group(g, tree) for g in tree.groups]
    alone = [x for x in tree.themes if not x.groups]
    if alone:
        below = [{"text": x.title, "note": "; ".join(told_theme(x))} for x in alone]
        found.append({"text": t("method.tree.alone"), "below": below})
    if tree.gone:
        below = [{"text": g.name, "note": told_gone(g)} for g in tree.gone]
        found.append({"text": t("method.tree.gone"), "below": below})
    return found


def _group(g: TreeGroup, tree: CodingTree) -> dict[str, Any]:
    below: list[dict[str, Any]] = [
        {"text": t("method.tree.grown_from", title=x.title), "note": "; ".join(told_theme(x))}
        for x in tree.themes if g.id in x.groups
    ]  # fmt: skip
    below += [
        {"text": t("method.tree.absorbed", name=x.name), "note": told_gone(x, g.tag)} for x in g.absorbed
    ]
    below += [
        {
            "text": s.name, "note": "; ".join([told_subgroup(s), *(told(e) for e in s.events)]),
            "href": session.link("units", subgroup=s.id), "link": tn("tree.units", s.units),
        }
        for s in g.subgroups
    ]  # fmt: skip
    if g.category:
        ready = "good" if g.category.is_ready else "open"
        below.append({"text": g.category.heading, "note": t("method.tree.category"), "state": ready,
                      "href": session.link("synthesise", group=g.id), "link": t("method.open")})  # fmt: skip
    return {
        "key": g.tag, "text": g.name, "note": "; ".join([told_group(g), *(told(e) for e in g.events)]), "below": below,
        "href": session.link("units", code_group=g.id), "link": tn("tree.units", g.units),
    }  # fmt: skip
