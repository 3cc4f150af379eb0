"""Theory of change: a picture of what leads to what, the same as a numbered list, and the ten steps to tick.

Everything is written by typing and choosing; nothing has to be dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.exporters.theory import counted, theory_alt, told, told_pair
from workbench.language import t
from workbench.services import assumptions, model, theory
from workbench.services.context import Context
from workbench.services.theory import KINDS, Step, TheoryLink, TheoryNode, TheoryPage
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, State, view
from workbench.ui.files import file_name
from workbench.ui.kept import kept_choice, kept_text, row_of
from workbench.ui.text import literal

_STATES: dict[str, State] = {"shown": "good", "assumed": "none", "doubted": "doubt"}


def draw(ctx: Context) -> None:
    page = theory.theory_page(ctx)
    st.subheader(t("theory.title"), anchor=False)
    st.caption(t("theory.about"))
    said = st.container(key="theory_said")
    if page.nodes:
        _picture(ctx, page)
    else:
        st.text(t("theory.empty"))
    if can(ctx.member.role, Action.MODEL):
        left, right = st.columns([1.55, 1], gap="large")
        with left:
            _links(ctx, page, said)
        with right:
            _nodes(ctx, page, said)
        st.space("small")
        _steps(ctx, said)
        _opened(ctx, page, said)


def _picture(ctx: Context, page: TheoryPage) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="theory_bar"):
        st.text(counted(page) if page.links else t("theory.links.empty"), width="content")
        st.space("stretch")
        for format, mime in (("svg", "image/svg+xml"), ("png", "image/png")):
            st.download_button(
                t(f"theory.take_{format}"), partial(theory.theory_file, ctx, format),
                file_name(ctx, f"-theory-of-change.{format}"), mime, key=f"theory_{format}", type="tertiary",
                icon=":material/download:", on_click="ignore",
            )  # fmt: skip
    svg = theory.theory_picture(ctx, page)
    view("picture", {"svg": svg, "alt": theory_alt(page), "label": t("theory.title")}, key="theory_picture")


# -- links --------------------------------------------------------------------------------------------------


def _name(n: TheoryNode) -> str:
    return f"{t(f'theory.name.{n.kind}')}: {n.text}"


def _links(ctx: Context, page: TheoryPage, said: Any) -> None:
    st.markdown(f"**{t('theory.links')}**", anchors=False)
    rows: list[Row] = [
        {"key": str(x.n), "text": told_pair(x), "note": told(x), "state": _STATES[x.state],
         "word": t(f"theory.word.{x.state}"), "id": x.id, "link": t("theory.change")}
        for x in page.links
    ]  # fmt: skip
    view(
        "rows", {"rows": rows, "empty": t("theory.links.empty") if page.nodes else ""}, key="theory_links",
        on_select=lambda id: session.ask(theory_link=id, theory_node=None),
    )  # fmt: skip
    if len(page.nodes) < 2:
        return
    names = {n.id: _name(n) for n in page.nodes}

    def link() -> None:
        src, dst = session.widget("theory_from"), session.widget("theory_to")
        if not (src and dst):
            return
        made = attempt(theory.add_theory_link, ctx, src, dst, where=said)
        if made is not None:
            session.set_widget("theory_from", None)
            session.set_widget("theory_to", None)
            session.ask(theory_link=made, theory_node=None)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="theory_new_link"):
        for end, hint in (("theory_from", "theory.from_hint"), ("theory_to", "theory.to_hint")):
            st.selectbox(
                t(f"theory.{end.removeprefix('theory_')}"), list(names), index=None, key=end,
                placeholder=t(hint), format_func=names.__getitem__, width=240,
            )  # fmt: skip
        st.button(t("theory.link"), key="theory_link_two", icon=":material/arrow_forward:", on_click=link)


# -- nodes --------------------------------------------------------------------------------------------------


def _nodes(ctx: Context, page: TheoryPage, said: Any) -> None:
    st.markdown(f"**{t('theory.parts')}**", anchors=False)
    for kind in KINDS:
        with st.container(gap="xsmall", key=f"theory_kind_{kind}"):
            st.caption(t(f"theory.column.{kind}"))
            rows: list[Row] = [
                {"text": n.text, "id": n.id, "link": t("theory.change"), **_origin(n)} for n in page.of(kind)
            ]
            if rows:
                view(
                    "rows", {"rows": rows}, key=f"theory_nodes_{kind}",
                    on_select=lambda id: session.ask(theory_node=id, theory_link=None),
                )  # fmt: skip
            st.text_input(
                t(f"theory.add.{kind}"), key=f"theory_add_{kind}", placeholder=t(f"theory.add.{kind}"),
                label_visibility="collapsed", on_change=_add, args=(ctx, kind, said), max_chars=theory.LONGEST,
            )  # fmt: skip
            if kind == "activity":
                _from_component(ctx, page, said)


def _origin(n: TheoryNode) -> Row:
    if not n.component_name:
        return {}  # type: ignore[typeddict-item]
    same = n.component_name == n.text
    return {"note": t("theory.is_component") if same else t("theory.part", name=n.component_name)}  # type: ignore[typeddict-item]


def _add(ctx: Context, kind: str, said: Any) -> None:
    typed = str(session.widget(f"theory_add_{kind}") or "").strip()
    if typed and attempt(theory.add_node, ctx, kind=kind, text=typed, where=said) is not None:
        session.set_widget(f"theory_add_{kind}", "")


def _from_component(ctx: Context, page: TheoryPage, said: Any) -> None:
    used = {n.component for n in page.nodes}
    names = {c.component.id: c.component.name for c in model.list_components(ctx)}
    free = [id for id in names if id not in used]
    if not free:
        return

    def add() -> None:
        if chosen := session.widget("theory_component"):
            attempt(theory.add_node, ctx, kind="activity", component=chosen, where=said)
            session.set_widget("theory_component", None)

    st.selectbox(
        t("theory.from_component"), free, index=None, key="theory_component", placeholder=t("theory.from_component"),
        format_func=names.__getitem__, label_visibility="collapsed", on_change=add,
    )  # fmt: skip


# -- one of them --------------------------------------------------------------------------------------------


def _close() -> None:
    session.ask(theory_link=None, theory_node=None, step=None)


def _opened(ctx: Context, page: TheoryPage, said: Any) -> None:
    """The drawer that the address names."""
    link = next((x for x in page.links if x.id == session.asked("theory_link")), None)
    node = next((n for n in page.nodes if n.id == session.asked("theory_node")), None)
    if link is not None:
        _link_drawer(ctx, link, said)
    elif node is not None:
        _node_drawer(ctx, node, said)


def _node_drawer(ctx: Context, opened: TheoryNode, said: Any) -> None:
    @st.dialog(t(f"theory.name.{opened.kind}"), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        n = next((x for x in theory.theory_page(ctx).nodes if x.id == opened.id), None)
        if n is None:
            st.text(t("error.gone"))
            return

        def change(field: str, value: Any, row: Mapping[str, Any]) -> None:
            theory.change_node(ctx, opened.id, rev=row["rev"], **{field: value})

        trouble = st.container(key=f"theory_node_trouble_{n.id}")
        kept_text(t("theory.node.text"), name=f"theory.{n.id}.text", row=row_of(n), field="text", lines=3,
                  save=partial(change, "text"), max_chars=theory.LONGEST)  # fmt: skip
        kept_choice(t("theory.node.kind"), KINDS, name=f"theory.{n.id}.kind", row=row_of(n), field="kind",
                    save=partial(change, "kind"), words=lambda k: t(f"theory.name.{k}"))  # fmt: skip
        names = {c.component.id: c.component.name for c in model.list_components(ctx)}
        if names:
            kept_choice(
                t("theory.node.component"), ["", *names], name=f"theory.{n.id}.component", row=row_of(n),
                field="component", save=partial(change, "component"),
                words=lambda id: names.get(id, n.component_name) if id else t("theory.node.no_component"),
            )  # fmt: skip

        def retire() -> None:
            attempt(theory.retire_node, ctx, opened.id, where=said)
            _close()

        with st.container(horizontal=True, gap="small"):
            for way, up in (("up", True), ("down", False)):
                st.button(
                    t(f"theory.node.{way}"), key=f"theory_{way}_{n.id}", icon=f":material/arrow_{way}ward:",
                    on_click=lambda up=up: attempt(theory.move_node, ctx, opened.id, up=up, where=trouble),
                )  # fmt: skip
        st.space("small")
        st.button(t("theory.node.take_out"), key=f"theory_retire_{n.id}", type="tertiary",
                  icon=":material/delete:", on_click=retire)  # fmt: skip
        st.caption(t("theory.node.take_out_note"))

    drawer()


def _link_drawer(ctx: Context, opened: TheoryLink, said: Any) -> None:
    @st.dialog(t("theory.edit.link", n=opened.n), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        x = next((y for y in theory.theory_page(ctx).links if y.id == opened.id), None)
        if x is None:
            st.text(t("error.gone"))
            return
        st.text(told_pair(x))
        trouble = st.container(key=f"theory_link_trouble_{x.id}")

        def keep(typed: str, row: Mapping[str, Any]) -> None:
            theory.change_theory_link(ctx, opened.id, assumption=typed, rev=row["rev"])

        kept_text(t("theory.edit.assumption"), name=f"theory.{x.id}.assumption", row=row_of(x), field="assumption",
                  lines=2, save=keep, placeholder=t("theory.edit.assumption_hint"))  # fmt: skip
        _tried(ctx, x, trouble)
        _shown_by(ctx, x, trouble)

        def retire() -> None:
            attempt(theory.retire_theory_link, ctx, opened.id, where=said)
            _close()

        st.space("small")
        st.button(t("theory.edit.take_out"), key=f"theory_retire_{x.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip

    drawer()


def _tried(ctx: Context, x: TheoryLink, trouble: Any) -> None:
    """What of the list of assumptions is about this link, and the way to put its assumption there."""
    if x.tried:
        st.markdown(f"**{t('theory.edit.tried')}**", anchors=False)
        rows: list[Row] = [
            {"key": a.key, "text": a.text, "link": t(f"assumptions.state.{a.state}"),
             "href": session.link("prototype", assumption=a.id)}
            for a in x.tried
        ]  # fmt: skip
        view("rows", {"rows": rows}, key=f"theory_tried_{x.id}")
    if x.assumption and all(a.text != x.assumption for a in x.tried):
        st.button(
            t("theory.edit.try"), key=f"theory_try_{x.id}", icon=":material/science:",
            on_click=lambda: attempt(assumptions.add_assumption, ctx, text=x.assumption, about=x.id, where=trouble),
        )  # fmt: skip


def _shown_by(ctx: Context, x: TheoryLink, trouble: Any) -> None:
    st.markdown(f"**{t('theory.edit.shown')}**", anchors=False)
    rows: list[Row] = [
        {"text": s.label, "id": s.link, "link": t("theory.edit.take_away"), "note": _kind(s.kind, s.role),
         "state": "doubt" if s.role == "contradicts" else "good"}
        for s in x.shown_by
    ]  # fmt: skip
    view(
        "rows", {"rows": rows, "empty": t("theory.edit.shown_empty")}, key=f"theory_shown_{x.id}",
        on_select=lambda id: attempt(theory.unshow_link, ctx, id, where=trouble),
    )  # fmt: skip
    there = {s.item for s in x.shown_by}
    names = {g.id: f"{t(f'theory.shown.{g.kind}').capitalize()}: {g.label}" for g in theory.list_showing(ctx)}
    free = [id for id in names if id not in there]
    if not free:
        return
    st.segmented_control(
        t("theory.edit.role"), ["supports", "contradicts"], key=f"theory_role_{x.id}", default="supports",
        required=True, format_func=lambda r: t(f"theory.edit.role.{r}"), label_visibility="collapsed",
    )  # fmt: skip

    def show() -> None:
        if chosen := session.widget(f"theory_show_{x.id}"):
            role = session.widget(f"theory_role_{x.id}") or "supports"
            attempt(theory.show_link, ctx, x.id, chosen, role=role, where=trouble)
            session.set_widget(f"theory_show_{x.id}", None)

    st.selectbox(
        t("theory.edit.shown_hint"), free, index=None, key=f"theory_show_{x.id}", on_change=show,
        placeholder=t("theory.edit.shown_hint"), format_func=names.__getitem__, label_visibility="collapsed",
    )  # fmt: skip


def _kind(kind: str, role: str) -> str:
    word = t(f"theory.shown.{kind}")
    return f"{word}, {t('theory.edit.against')}" if role == "contradicts" else word


# -- the ten steps ------------------------------------------------------------------------------------------


def _steps(ctx: Context, said: Any) -> None:
    found = theory.ten_steps(ctx)
    st.subheader(t("theory.steps"), anchor=False)
    st.caption(literal(f"{t('theory.steps.about', citation=found.citation)} "
                       f"{t('theory.steps.done', done=found.done, all=len(found.steps))}"))  # fmt: skip
    phases = list(dict.fromkeys(s.phase for s in found.steps))
    half = (len(found.steps) + 1) // 2
    columns = st.columns(2, gap="large")
    placed = 0
    for phase in phases:
        steps = [s for s in found.steps if s.phase == phase]
        with columns[placed >= half - 1]:
            st.markdown(f"**{literal(phase or t('theory.steps.own'))}**", anchors=False)
            view("rows", {"rows": [_step(s) for s in steps]}, key=f"steps_{steps[0].id.replace('.', '_')}",
                 on_select=partial(_press, ctx, found.steps, said))  # fmt: skip
        placed += len(steps)

    def add() -> None:
        typed = str(session.widget("step_new") or "").strip()
        if typed and attempt(theory.add_step, ctx, typed, where=said) is not None:
            session.set_widget("step_new", "")

    st.text_input(t("theory.steps.add"), key="step_new", placeholder=t("theory.steps.add"), width=420,
                  label_visibility="collapsed", on_change=add, max_chars=theory.LONGEST)  # fmt: skip
    opened = next((s for s in found.steps if s.id == session.asked("step")), None)
    if opened is not None:
        _step_drawer(ctx, opened, said)


def _step(s: Step) -> Row:
    return {
        "text": s.text, "note": s.note or s.why, "state": "good" if s.done else "none",
        "word": t("theory.steps.is_done") if s.done else t("theory.steps.is_open"), "id": s.id,
        "link": t("theory.steps.untick") if s.done else t("theory.steps.tick"),
        "also": {"id": f"change {s.id}", "text": t("theory.steps.change")},
    }  # fmt: skip


def _press(ctx: Context, steps: Sequence[Step], said: Any, pressed: str) -> None:
    """A tick, or the step opened to be reworded."""
    if pressed.startswith("change "):
        session.ask(step=pressed.removeprefix("change "), theory_link=None, theory_node=None)
    for s in steps:
        if s.id == pressed:
            attempt(theory.change_step, ctx, s.id, done=not s.done, where=said)


def _step_drawer(ctx: Context, opened: Step, said: Any) -> None:
    @st.dialog(t("theory.steps"), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        s = next((x for x in theory.ten_steps(ctx).steps if x.id == opened.id), None)
        if s is None:
            st.text(t("error.gone"))
            return

        def change(field: str, typed: str, row: Mapping[str, Any]) -> None:
            theory.change_step(ctx, opened.id, rev=row["rev"], **{field: typed})

        for field, lines in (("text", 2), ("note", 3)):
            kept_text(t(f"theory.steps.{field}"), name=f"{s.id}.{field}", row=row_of(s), field=field, lines=lines,
                      save=partial(change, field))  # fmt: skip

        def retire() -> None:
            attempt(theory.retire_step, ctx, opened.id, where=said)
            _close()

        st.button(t("theory.steps.take_off"), key=f"step_off_{s.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip

    drawer()
