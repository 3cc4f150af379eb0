"""Impression, Themes: the analysts' lists beside the agreed one, the minutes, and what became of what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.records import Member, PrelimTheme
from workbench.language import day, t, tn
from workbench.services import code_groups, impressions, projects
from workbench.services.code_groups import Lineage
from workbench.services.context import Context
from workbench.services.impressions import ImpressionView, ThemeFate
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.kept import kept_text
from workbench.ui.pages.impression_read import mine, said, submit_button, tall, theme_fields, tried, waiting
from workbench.ui.text import literal

_OPEN = "impression.agreed_open"  # the agreed theme that is open to change
_ASKED = "impression.into_asked"  # M was pressed: which one shall they go into?
_TICKED = "impression.ticked"
_ABREAST = 3  # lists of analysts side by side; more go below


def draw(ctx: Context, step: ImpressionView) -> None:
    with st.container(gap=None):
        st.title(t("impression.agree_title"), anchor=False)
        st.caption(t("impression.agree_what") if step.is_open else t("impression.closed_what"))
    if not step.is_open:
        _closed(ctx, step)
        return
    said()
    _opened(ctx, step)
    me = next(m for m in projects.list_members(ctx.store) if m.id == ctx.member.id)
    by = [(me, step.mine), *step.others]
    lists, agreed = st.columns([1.72, 1], gap="large")
    with lists:
        ticked = _lists(ctx, step, by)
        st.space("small")
        kept_text(
            t("impression.minutes"),
            name="minutes",
            row={"value": step.minutes, "rev": step.minutes_rev},
            field="value",
            save=lambda typed, row: impressions.write_minutes(ctx, typed, rev=row["rev"] or 0),
            lines=7,
            placeholder=t("impression.minutes_hint"),
            **tall(step.minutes, 7),
        )
    with agreed:
        _merge(ctx, step, ticked)
        _agreed(ctx, step)
    st.space("small")
    _became(ctx, step)


# -- before the lists are open -----------------------------------------------------------------------------


def _closed(ctx: Context, step: ImpressionView) -> None:
    """My list, and who has submitted: nothing of what the others have written, not even how much."""
    own, everyone = st.columns([1.72, 1], gap="large")
    with own:
        mine(ctx, step)
    with everyone, st.container(gap="small", key="impression_waiting"):
        st.subheader(t("impression.who"), anchor=False)
        rows: list[dict[str, Any]] = [
            {
                "text": member.name,
                "state": "good",
                "word": t("impression.has"),
                "note": t("impression.has_on", day=day(at[:10])),
            }
            if at
            else {
                "text": member.name,
                "state": "none",
                "word": t("impression.has_not"),
                "note": t("impression.has_not"),
            }
            for member, at in step.standing
        ]
        view("rows", {"rows": rows}, key="impression_standing")
        if ctx.member.is_lead and any(at for _, at in step.standing):
            with st.popover(t("impression.close"), type="tertiary", key="impression_close"):
                st.text_input(t("impression.close_reason"), key="impression_close_reason")
                st.caption(t("impression.close_what"))
                st.button(t("impression.close_it"), key="impression_close_it", on_click=_close, args=(ctx,))


def _close(ctx: Context) -> None:
    tried(impressions.close_step1, ctx, reason=session.widget("impression_close_reason") or "")


def _opened(ctx: Context, step: ImpressionView) -> None:
    """How the lists came to be open, where that was not by itself, and who is still out."""
    with st.container(gap=None, key="impression_opened"):
        if step.closing:
            how = "impression.closed_why" if step.closing.reason else "impression.closed"
            st.text(t(how, who=step.closing.who, day=day(step.closing.at[:10]), reason=step.closing.reason))
        if not step.submitted and step.mine:
            st.text(t("impression.not_submitted"))
            submit_button(ctx, "impression_submit_here")
        waiting(step, but=ctx.member.name)


# -- the lists ---------------------------------------------------------------------------------------------


def _lists(
    ctx: Context, step: ImpressionView, by: Sequence[tuple[Member, tuple[PrelimTheme, ...]]]
) -> list[PrelimTheme]:
    """Each analyst's list; returns the themes that are ticked."""
    agreed = {a.id: a.title for a, _ in step.agreed}
    for first in range(0, len(by), _ABREAST):
        row = by[first : first + _ABREAST]
        for column, (member, themes) in zip(st.columns(len(row), gap="medium"), row, strict=True):
            with column, st.container(gap="small", key=f"list_{member.id}"):
                with st.container(gap=None):
                    st.subheader(literal(t("impression.of", name=member.name)), anchor=False)
                    if member.id in step.late:
                        st.caption(t("impression.late"))
                if not themes:
                    st.caption(t("impression.nothing_here"))
                view(
                    "rows",
                    {"rows": [_row(x, agreed) for x in themes]},
                    key=f"themes_{member.id}",
                    on_select=_tick,
                )
    return [x for _, themes in by for x in themes if x.id in _ticked()]


def _ticked() -> list[str]:
    return list(session.draft(_TICKED) or ())


def _row(theme: PrelimTheme, agreed: dict[str, str]) -> dict[str, Any]:
    """A theme to tick. Not a checkbox: one that has the focus swallows the keys M and 1 to 9."""
    into = f"→ {agreed[theme.agreed_into]}" if theme.agreed_into in agreed else ""
    on = theme.id in _ticked()
    return {
        "text": theme.title, "serif": True, "note": "  ".join(x for x in (theme.note, into) if x), "id": theme.id,
        "state": "good" if on else "none", "word": t("impression.tick_on") if on else t("impression.tick_off"),
        "current": on,
    }  # fmt: skip


def _tick(theme: str) -> None:
    found = _ticked()
    session.keep_draft(_TICKED, [x for x in found if x != theme] if theme in found else [*found, theme])


def _merge(ctx: Context, step: ImpressionView, ticked: list[PrelimTheme]) -> None:
    """What to do with the ticked themes: a new agreed theme, or into one there is (M, then its digit)."""
    with st.container(border=True, gap="small", key="impression_merge"):
        st.text(tn("impression.ticked", len(ticked)) if ticked else t("impression.tick_some"))
        if ticked and session.draft(_ASKED) and step.agreed:
            _which(ctx, step, ticked)
            return
        st.text_input(t("impression.agreed_new"), key="impression_agreed_new",
                      placeholder=t("impression.agreed_hint"), label_visibility="collapsed")  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(t("impression.agree"), key="impression_agree", type="primary",
                      on_click=_put_agreed, args=(ctx, ticked))  # fmt: skip
            if step.agreed and ticked:
                st.button(t("impression.into"), key="impression_into", shortcut="M",
                          on_click=session.keep_draft, args=(_ASKED, True))  # fmt: skip
        if any(x.agreed_into for x in ticked):
            st.button(t("impression.alone_again"), key="impression_alone", type="tertiary",
                      on_click=_into, args=(ctx, ticked, None))  # fmt: skip


def _which(ctx: Context, step: ImpressionView, ticked: list[PrelimTheme]) -> None:
    st.caption(t("impression.which"))
    for n, (theme, _) in enumerate(step.agreed, 1):
        st.button(literal(theme.title), key=f"into_{theme.id}", width="stretch", on_click=_into,
                  args=(ctx, ticked, theme.id), shortcut=str(n) if n < 10 else None)  # fmt: skip
    st.button(t("impression.never_mind"), key="impression_never_mind", type="tertiary", shortcut="Esc",
              on_click=session.keep_draft, args=(_ASKED, None))  # fmt: skip


def _put_agreed(ctx: Context, ticked: list[PrelimTheme]) -> None:
    title = session.widget("impression_agreed_new") or (ticked[0].title if len(ticked) == 1 else "")
    made = tried(impressions.agree_theme, ctx, title=title, merged=tuple(x.id for x in ticked))
    if made:
        session.set_widget("impression_agreed_new", "")
        _untick()


def _into(ctx: Context, ticked: list[PrelimTheme], agreed: str | None) -> None:
    tried(impressions.join_themes, ctx, [x.id for x in ticked], agreed)
    _untick()


def _untick() -> None:
    session.keep_draft(_ASKED, None)
    session.keep_draft(_TICKED, None)


# -- the agreed list ---------------------------------------------------------------------------------------


def _agreed(ctx: Context, step: ImpressionView) -> None:
    names = {m.id: m.name for m in projects.list_members(ctx.store)}
    with st.container(gap="small", key="impression_agreed_list"):
        st.subheader(t("impression.agreed", n=len(step.agreed)), anchor=False)
        open_ = session.draft(_OPEN)
        rows = []
        for n, (theme, merged) in enumerate(step.agreed, 1):
            if theme.id == open_:
                _change(ctx, theme, merged, names)
                continue
            parts: dict[str, list[str]] = {}
            for x in merged:
                parts.setdefault(names.get(x.member or "", "?"), []).append(x.title)
            note = " · ".join(f"{name}: {'; '.join(titles)}" for name, titles in parts.items())
            rows.append({"key": str(n), "text": theme.title, "serif": True, "note": note or t("impression.from_nobody"),
                         "link": t("impression.change"), "id": theme.id})  # fmt: skip
        if rows or not step.agreed:
            view(
                "rows",
                {"rows": rows, "empty": t("impression.agreed_empty")},
                key="impression_agreed",
                on_select=partial(session.keep_draft, _OPEN),
            )
        st.caption(t("impression.not_results"))


def _change(ctx: Context, theme: PrelimTheme, merged: Sequence[PrelimTheme], names: dict[str, str]) -> None:
    """One agreed theme open: its name, what is meant, whose themes are in it, which code groups it went into."""
    with st.container(border=True, gap="small", key="impression_agreed_edit"):
        theme_fields(ctx, theme)
        with st.container(gap=None):
            st.markdown(f"**{t('impression.made_of')}**", anchors=False)
            if not merged:
                st.caption(t("impression.made_of_nothing"))
            if merged:
                rows = [
                    {"text": x.title, "serif": True, "note": names.get(x.member or "", "?"),
                     "link": t("impression.take_from"), "id": x.id}
                    for x in merged
                ]  # fmt: skip
                view("rows", {"rows": rows}, key="impression_made_of",
                     on_select=lambda id: tried(impressions.join_themes, ctx, [id], None))  # fmt: skip
        _tie(ctx, theme)
        with st.container(horizontal=True, gap="small"):
            st.button(t("impression.done"), key="impression_agreed_done",
                      on_click=partial(session.keep_draft, _OPEN, None))  # fmt: skip
            st.button(t("impression.take_out"), key="impression_agreed_out", type="tertiary",
                      on_click=_take_out, args=(ctx, theme.id))  # fmt: skip


def _tie(ctx: Context, theme: PrelimTheme) -> None:
    groups = {c.group.id: c.group for c in code_groups.code_group_counts(ctx)}
    if not groups:
        st.caption(t("impression.tie_none"))
        return
    fates = {f.theme.id: f for f in impressions.theme_fates(ctx)}
    now = [p.code_group.id for p in fates[theme.id].paths if p.code_group] if theme.id in fates else []
    key = f"tie_{theme.id}"
    session.set_widget(key, [id for id in groups if id in now])
    st.pills(
        t("impression.tie"),
        list(groups),
        key=key,
        selection_mode="multi",
        format_func=lambda id: literal(groups[id].name),
        on_change=lambda: tried(impressions.tie_theme, ctx, theme.id, session.widget(key)),
    )


def _take_out(ctx: Context, theme: str) -> None:
    session.keep_draft(_OPEN, None)
    tried(impressions.retire_theme, ctx, theme)


# -- what became of them -----------------------------------------------------------------------------------


def _became(ctx: Context, step: ImpressionView) -> None:
    with st.container(gap=None):
        st.header(t("impression.became"), anchor=False)
        st.caption(t("impression.became_what"))
    fates = impressions.theme_fates(ctx) if step.agreed else []
    view(
        "table",
        {
            "columns": [
                {"key": key, "label": t(f"impression.became_{key}")} for key in ("theme", "group", "since")
            ],
            "rows": [row for fate in fates for row in _fate_rows(fate)],
            "empty": t("impression.became_empty"),
        },
        key="impression_became",
        on_select=partial(session.keep_draft, _OPEN),
    )


def _fate_rows(fate: ThemeFate) -> list[dict[str, Any]]:
    """A row for each code group; the theme is named in the first."""
    theme = {"text": fate.theme.title, "serif": True, "id": fate.theme.id}
    if not fate.paths:
        return [{"cells": {"theme": theme, "group": {"text": t("impression.became_none")}}}]
    rows = []
    for n, path in enumerate(fate.paths):
        tied = t("impression.tied", day=day(path.since[:10]), who=path.who)
        group: dict[str, Any] = {"text": path.named, "note": tied}
        if path.code_group:
            group |= {
                "text": path.code_group.name,
                "href": session.link("code_groups", code_group=path.code_group.id),
            }
        cells: dict[str, Any] = {"group": group, "since": "\n".join(_step(s) for s in path.steps)}
        rows.append({"cells": ({"theme": theme} if n == 0 else {}) | cells})
    return rows


def _step(step: Lineage) -> str:
    return t(
        f"impression.fate.{step.kind}", day=day(step.at[:10]), was=step.was, now=step.now, name=step.name
    )
