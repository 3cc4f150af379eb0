"""A thread of comments on a condensate or a category, in a popover: written, answered, settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import comments as service
from workbench.services.comments import Comment
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import say, sentence
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal


def comments(ctx: Context, item: str, *, key: str, open_count: int | None = None) -> None:
    """The comments on an item behind a popover that says how many are open. `key` is unique on the page.

    `open_count` where it is known already (`comments.open_counts`) does nothing but save a read of the label."""
    found = service.thread(ctx, item)
    n = sum(not c.settled for c in found) if open_count is None else open_count
    label = t("comments.title_open", n=n) if n else t("comments.title")
    with (
        st.popover(label, type="tertiary", icon=":material/chat_bubble:", key=f"{key}_popover"),
        st.container(width=420, gap="small", key=f"{key}_thread"),
    ):
        draw_thread(ctx, item, found, key=key)


def draw_thread(ctx: Context, item: str, found: list[Comment], *, key: str) -> None:
    """The thread itself, where a page has a place of its own for it."""
    may = can(ctx.member.role, Action.ANALYSE)
    if said := session.draft(_said(item)):
        say(said)
        session.keep_draft(_said(item), None)
    if not found:
        st.caption(t("comments.none"))
    for c in found:
        if not c.settled:
            _one(ctx, item, c, key=key, may=may)
    settled = [c for c in found if c.settled]
    if settled:
        with st.expander(tn("comments.settled", len(settled)), key=f"{key}_settled", type="compact"):
            for c in settled:
                _one(ctx, item, c, key=key, may=may)
    if may:
        _field(
            ctx, item, key=key, name="new", label=t("comments.new"), button=t("comments.add"), answers=None
        )


def _one(ctx: Context, item: str, c: Comment, *, key: str, may: bool) -> None:
    with st.container(gap=None, key=f"{key}_{c.id}"):
        _said_by(ctx, item, c, key=key, may=may)
        for answer in c.replies:
            with (
                st.container(key=f"{key}_answer_{answer.id}", gap=None),
                st.container(horizontal=True, gap="small"),
            ):
                st.space("small")
                with st.container(gap=None):
                    _said_by(ctx, item, answer, key=key, may=may)
        if not may:
            return
        with st.container(horizontal=True, gap="small"):
            st.button(
                t("comments.answer"), type="tertiary", key=f"{key}_reply_{c.id}",
                on_click=session.keep_draft, args=(_answering(item), c.id),
            )  # fmt: skip
            st.button(
                t("comments.reopen" if c.settled else "comments.settle"), type="tertiary",
                key=f"{key}_settle_{c.id}", on_click=_do, args=(item, service.settle_comment, ctx, c.id),
                kwargs={"settled": not c.settled},
            )  # fmt: skip
        if session.draft(_answering(item)) == c.id:
            _field(ctx, item, key=key, name=c.id, label=t("comments.answer_text"),
                   button=t("comments.answer"), answers=c.id)  # fmt: skip


def _said_by(ctx: Context, item: str, c: Comment, *, key: str, may: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        by = t("comments.by", name=c.name or c.initials, day=day(c.at)) if c.at else c.name or c.initials
        if c.settled:
            by += " · " + t("comments.settled_on", day=day(c.settled))
        st.caption(literal(by), width="stretch")
        if may and c.member == ctx.member.id:
            st.button(t("comments.change"), type="tertiary", key=f"{key}_change_{c.id}", on_click=session.keep_draft,
                      args=(_changing(item), None if session.draft(_changing(item)) == c.id else c.id))  # fmt: skip
    if session.draft(_changing(item)) != c.id:
        st.text(c.text)
        return
    kept_text(
        t("comments.new"), name=f"comment.{c.id}", row=row_of(c), field="text", lines=3,
        label_visibility="collapsed",
        save=lambda typed, row: service.change_comment(ctx, c.id, typed, rev=row["rev"]),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        st.button(t("comments.change_done"), type="tertiary", key=f"{key}_changed_{c.id}",
                  on_click=session.keep_draft, args=(_changing(item), None))  # fmt: skip
        st.button(t("comments.retire"), type="tertiary", key=f"{key}_retire_{c.id}",
                  on_click=_do, args=(item, service.retire_comment, ctx, c.id))  # fmt: skip


def _field(
    ctx: Context, item: str, *, key: str, name: str, label: str, button: str, answers: str | None
) -> None:
    """A text that is sent by its button; until then it is a draft that outlives leaving the page."""
    widget, draft = f"{key}_text_{item}_{name}", f"comment.{item}.{name}"
    if session.widget(widget) is None:
        session.set_widget(widget, session.draft(draft, ""))

    def typed() -> None:
        session.keep_draft(draft, session.widget(widget) or None)

    def send() -> None:
        if _do(item, service.add_comment, ctx, item, session.widget(widget) or "", answers) is not None:
            session.set_widget(widget, "")
            session.keep_draft(draft, None)
            if answers:
                session.keep_draft(_answering(item), None)

    st.text_area(label, key=widget, height=84, on_change=typed)
    with st.container(horizontal=True, gap="small"):
        st.button(button, key=f"{key}_send_{name}", on_click=send)
        if answers:
            st.button(t("comments.answer_cancel"), type="tertiary", key=f"{key}_cancel_{name}",
                      on_click=session.keep_draft, args=(_answering(item), None))  # fmt: skip


def _do(item: str, fn: Callable[..., object], /, *args: object, **kw: object) -> object:
    """A service call in a callback; what it refuses is said at the top of the thread in the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(_said(item), sentence(error))
        return None


def _said(item: str) -> str:
    return f"comments.said.{item}"


def _answering(item: str) -> str:
    return f"comments.answering.{item}"


def _changing(item: str) -> str:
    return f"comments.changing.{item}"


def counted(counts: Mapping[str, int], item: str) -> str:
    """How many open comments an item has, for a list: "2 comments", empty for none."""
    n = counts.get(item, 0)
    return tn("comments.count", n) if n else ""
