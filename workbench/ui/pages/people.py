"""People: stakeholder groups and how they are counted, participants, and where each of them speaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import Participant
from workbench.language import day, number, t, tn
from workbench.services import people, projects, withdrawing
from workbench.services.context import Context
from workbench.services.people import GroupView, PeopleView
from workbench.ui import session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import Group, view
from workbench.ui.kept import Row, kept_choice, kept_text, kept_toggle, row_of
from workbench.ui.pages import people_withdrawing
from workbench.ui.text import literal

_OPEN = "people.open"  # "person", "group", "person:<id>" or "group:<id>": the drawer that is open
_SAID = "people.said"


def disc(group: GroupView) -> Group:
    """A group's disc as the view component draws it."""
    return {"mono": group.group.monogram, "name": group.group.name, "tone": group.colour}


def page() -> None:
    """Groups with what they are counted as, participants, and a drawer to add or change one."""
    ctx = session.context()
    shell.header(t("nav.people"))
    seen = people.people_view(ctx)
    people_withdrawing.unfinished(ctx)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="content"):
            st.title(t("nav.people"), anchor=False)
        st.space("stretch")
        st.button(t("people.add_group"), key="people_add_group", on_click=_open, args=("group",))
        st.button(t("people.add"), key="people_add", type="primary", on_click=_open, args=("person",))
    informants = [p for p in seen.participants if p.kind == "informant"]
    if seen.participants:
        st.text(tn("people.count", len(informants)))
    st.space("xsmall")
    with st.container(width=980):
        st.subheader(t("people.groups"), anchor=False)
        _groups(ctx, seen)
        st.space("xsmall")
        st.subheader(t("people.participants"), anchor=False)
        _participants(ctx, seen)
    if opened := session.draft(_OPEN):
        kind, _, id = opened.partition(":")
        _drawer(ctx, kind, id)


def _open(what: str) -> None:
    session.keep_draft(_OPEN, what)
    session.keep_draft(_SAID, None)


def _close() -> None:
    session.keep_draft(_OPEN, None)
    session.keep_draft(_SAID, None)


# -- what is there -----------------------------------------------------------------------------------------


def _participants(ctx: Context, seen: PeopleView) -> None:
    gone = withdrawing.withdrawn(ctx)
    groups = {g.group.id: g for g in seen.groups}
    rows = []
    for p in seen.participants:
        group = groups.get(p.stakeholder_group or "")
        spoken = seen.speakers.get(p.id, ())
        where: Any = (
            spoken[0]
            if spoken
            else {"text": t("people.nowhere"), "state": "none", "word": t("people.nowhere")}
        )
        if len(spoken) > 1:
            where = {"text": spoken[0], "note": t("people.and", titles=", ".join(spoken[1:]))}
        quoted: Any = ""
        if p.kind == "informant":
            state, word = ("good", t("people.quote.yes")) if p.quote_ok else ("open", t("people.quote.no"))
            quoted = {"text": "", "state": state, "word": word}
        if since := gone.get(p.id):
            word = t(f"withdraw.word{'.erased' * since.erased}", at=day(since.at[:10]))
            quoted = {"text": "", "state": "none", "word": word}
        of_group: Any = {"text": t("people.no_group"), "state": "open"} if p.kind == "informant" else ""
        rows.append(
            {"id": f"person:{p.id}",
             "cells": {
                 "name": {"text": p.pseudonym, "note": "" if p.kind == "informant" else t(f"people.kind.{p.kind}")},
                 "group": {"text": group.group.name, "group": disc(group)} if group else of_group,
                 "quote": quoted,
                 "where": where,
             }}
        )  # fmt: skip
    columns = [{"key": k, "label": t(f"people.column.{k}")} for k in ("name", "group", "quote", "where")]
    view(
        "table",
        {"columns": columns, "rows": rows, "empty": t("people.empty")},
        key="people_table",
        on_select=_open,
    )


def _groups(ctx: Context, seen: PeopleView) -> None:
    k_min = projects.project_summary(ctx).k_min
    rows, small = [], False
    for g in seen.groups:
        top = g.group.parent is None
        above = next((x.group.name for x in seen.groups if x.group.id == g.top), "")
        few = top and 0 < g.sample < k_min
        small = small or few
        below = [x for x in seen.groups if x.top == g.group.id and x is not g]
        note = t("people.counted_with", name=above) if not top else ""
        if few:
            note = t("people.few", k_min=k_min)
        elif top and below:
            names = ", ".join(f"{x.group.name} ({number(x.people)})" for x in below)
            note = t("people.rolled_up", names=names)
        sample: Any = {
            "text": str(g.sample),
            **({"state": "open", "word": t("people.few.word")} if few else {}),
        }
        rows.append(
            {"id": f"group:{g.group.id}", "cells": {
                "group": {"text": g.group.name, "group": disc(g), "note": note},
                "people": str(g.people) if g.people or not below else "",
                "sample": sample if top else "",
            }}
        )  # fmt: skip
    columns: list[dict[str, str]] = [
        {"key": "group", "label": t("people.column.group")},
        {"key": "people", "label": t("people.column.people"), "kind": "number"},
        {"key": "sample", "label": t("people.column.sample"), "kind": "number"},
    ]
    facts = {"columns": columns, "rows": rows, "empty": t("people.groups.empty")}
    if rows:
        facts["note"] = t("people.groups.note", k_min=k_min)
    view("table", facts, key="people_groups", on_select=_open)


# -- the drawer --------------------------------------------------------------------------------------------


def _drawer(ctx: Context, kind: str, id: str) -> None:
    title = (
        t(f"people.{'change' if id else 'new'}.{kind}") if kind != "withdraw" else _withdraw_title(ctx, id)
    )
    body: Callable[[Context, str], None] = {"person": _person, "group": _group, "withdraw": _withdraw}[kind]

    @st.dialog(title, position="right", width="medium" if kind == "withdraw" else "small", on_dismiss=_close)
    def drawer() -> None:
        message = st.container()
        if said := session.draft(_SAID):
            say(said, message)
        body(ctx, id)

    drawer()


def _withdraw_title(ctx: Context, id: str) -> str:
    names = {p.id: p.pseudonym for p in people.people_view(ctx).participants}
    return t("withdraw.title", name=literal(names.get(id, "")))


def _withdraw(ctx: Context, id: str) -> None:
    people_withdrawing.draw(ctx, id, refused=lambda said: session.keep_draft(_SAID, said), done=_close)


def _try(make: Callable[[], object]) -> None:
    """Make something in a callback and close; a refusal is said in the drawer, above what was typed."""
    try:
        make()
    except WorkbenchError as error:
        session.keep_draft(_SAID, sentence(error))
        return
    session.keep_draft(_SAID, None)
    session.keep_draft(_OPEN, None)


def _group_names(seen: PeopleView) -> dict[str, str]:
    names = {g.group.id: g.group.name for g in seen.groups}
    return {g.group.id: names[g.group.id] if g.group.parent is None else f"{names[g.top]} / {names[g.group.id]}"
            for g in seen.groups}  # fmt: skip


def _person(ctx: Context, id: str) -> None:
    seen = people.people_view(ctx)
    known: Participant | None = next((p for p in seen.participants if p.id == id), None)
    if id and known is None:
        st.text(t("people.gone"))
        return
    if known and people_withdrawing.withdrawn(
        ctx, id, refused=lambda said: session.keep_draft(_SAID, said), again=_open
    ):
        return
    groups = _group_names(seen)
    group_words = {"": t("people.no_group")} | groups
    if known is None:
        _new_person(ctx, group_words)
        return
    names = ("pseudonym", "stakeholder_group", "kind", "quote_ok")

    def field(name: str) -> dict[str, Any]:
        def save(value: Any, row: Row) -> None:
            now = {n: row[n] for n in names} | {name: value}
            people.change_participant(ctx, id, rev=row["rev"], **now | {"quote_ok": bool(now["quote_ok"])})

        return {"name": f"person.{id}.{name}", "row": row_of(known), "field": name, "save": save}

    kept_text(t("people.pseudonym"), **field("pseudonym"), max_chars=60)
    st.caption(t("people.pseudonym.note"))
    kept_choice(t("people.column.group"), list(group_words), words=group_words.__getitem__,
                **field("stakeholder_group"))  # fmt: skip
    kept_choice(t("people.kind"), people.KINDS, kind="segments", words=lambda k: t(f"people.kind.{k}"),
                required=True, **field("kind"))  # fmt: skip
    kept_toggle(t("people.may_be_quoted"), words=lambda on: t(f"people.quote.{'yes' if on else 'no'}"),
                **field("quote_ok"))  # fmt: skip
    st.markdown(f"**{t('people.column.where')}**", anchors=False)
    for title in seen.speakers.get(id, ()) or (t("people.nowhere"),):
        st.text(title)
    st.space("xsmall")
    if st.button(t("withdraw.open"), key=f"person_{id}_withdraw"):
        _open(f"withdraw:{id}")
        st.rerun()
    st.caption(t("withdraw.open.about"))


def _new_person(ctx: Context, groups: dict[str, str]) -> None:
    st.text_input(t("people.pseudonym"), max_chars=60, key="people_new_name")
    st.caption(t("people.pseudonym.note"))
    st.selectbox(
        t("people.column.group"), list(groups), format_func=groups.__getitem__, key="people_new_group"
    )
    st.segmented_control(t("people.kind"), people.KINDS, default="informant", required=True,
                         format_func=lambda k: t(f"people.kind.{k}"), key="people_new_kind")  # fmt: skip
    st.toggle(t("people.may_be_quoted"), True, key="people_new_quote")

    def make() -> None:
        _try(lambda: people.add_participant(
            ctx, pseudonym=str(session.widget("people_new_name", "")),
            stakeholder_group=session.widget("people_new_group") or None,
            kind=session.widget("people_new_kind", "informant"), quote_ok=bool(session.widget("people_new_quote", True)),
        ))  # fmt: skip

    st.button(t("people.add"), key="people_make", type="primary", on_click=make)


def _group(ctx: Context, id: str) -> None:
    seen = people.people_view(ctx)
    known = next((g.group for g in seen.groups if g.group.id == id), None)
    if id and known is None:
        st.text(t("people.gone"))
        return
    tops = {g.group.id: g.group.name for g in seen.groups if g.group.parent is None and g.group.id != id}
    parents = {"": t("people.group.itself")} | tops
    if known is None:
        _new_group(ctx, parents)
        return
    names = ("name", "monogram", "parent")

    def field(name: str) -> dict[str, Any]:
        def save(value: Any, row: Row) -> None:
            people.change_group(ctx, id, rev=row["rev"], **{n: row[n] for n in names} | {name: value})

        return {"name": f"group.{id}.{name}", "row": row_of(known), "field": name, "save": save}

    kept_text(t("people.group.name"), **field("name"), max_chars=80)
    kept_text(t("people.group.mono"), **field("monogram"), max_chars=2, help=t("people.group.mono.help"))
    kept_choice(t("people.group.parent"), list(parents), words=parents.__getitem__, **field("parent"))
    st.caption(t("people.group.parent.note"))


def _new_group(ctx: Context, parents: dict[str, str]) -> None:
    st.text_input(t("people.group.name"), max_chars=80, key="people_g_new_name")
    st.text_input(
        t("people.group.mono"), max_chars=2, key="people_g_new_mono", help=t("people.group.mono.help")
    )
    st.selectbox(
        t("people.group.parent"), list(parents), format_func=parents.__getitem__, key="people_g_new_parent"
    )
    st.caption(t("people.group.parent.note"))

    def make() -> None:
        _try(lambda: people.add_group(
            ctx, name=str(session.widget("people_g_new_name", "")),
            monogram=str(session.widget("people_g_new_mono", "")), parent=session.widget("people_g_new_parent") or None,
        ))  # fmt: skip

    st.button(t("people.add_group"), key="people_group_make", type="primary", on_click=make)
