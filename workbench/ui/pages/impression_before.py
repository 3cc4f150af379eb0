"""Impression, Before: what the study asks, what each analyst brings, the interview guide, information power."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.before import DIMENSIONS, LEAST, MOST, mentions_saturation
from workbench.language import day, t, tn
from workbench.services import before
from workbench.services.before import KINDS, AnalystLog, BeforeView, Judgement, Kept, LogEntry
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.kept import Row, kept_choice, kept_text
from workbench.ui.pages.impression_read import said, tall, tried
from workbench.ui.text import literal

_ENTRY = "before.entry"  # the entry that is open
_JUDGED = "before.judged"  # the judgement that is open
_LONG = 420  # characters of an entry that are read without asking for more
_LEVELS: list[Any] = list(range(LEAST, MOST + 1))


def draw(ctx: Context) -> None:
    found = before.before_view(ctx)
    note = _once(t("before.saturation"))
    with st.container(gap=None):
        st.title(t("before.title"), anchor=False)
        st.caption(t("before.what"))
    said()
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        st.header(t("before.asks"), anchor=False)
        _study(ctx, "question", found.question, 3, note)
        _study(ctx, "aim", found.aim, 3, note)
        _study(ctx, "lens", found.lens, 2, note)
    with right:
        _guide(ctx, found, note)
    st.space("small")
    _bring(ctx, found, note)
    st.space("small")
    _power(ctx, found, note)


def _once(sentence: str) -> Callable[[str], None]:
    """Says one sentence beneath the first text on the page that speaks of saturation, and not again."""
    told: list[bool] = []

    def note(text: str) -> None:
        if not told and mentions_saturation(text):
            told.append(True)
            st.caption(sentence)

    return note


# -- what the study asks, and the guide --------------------------------------------------------------------


def _study(
    ctx: Context, name: str, now: Kept, lines: int, note: Callable[[str], None], **options: Any
) -> None:
    kept_text(
        t(f"before.{name}_label"),
        name=f"before.{name}",
        row={"value": now.value, "rev": now.rev},
        field="value",
        save=lambda typed, row: before.write_study(ctx, name, typed, rev=row["rev"] or 0),
        lines=lines,
        placeholder=t(f"before.{name}_hint"),
        **tall(now.value, lines),
        **options,
    )
    note(now.value)


def _guide(ctx: Context, found: BeforeView, note: Callable[[str], None]) -> None:
    st.header(t("before.guide"), anchor=False)
    _study(ctx, "guide", found.guide, 12, note)
    versions = before.guide_versions(ctx)
    if len(versions) > 1:
        with st.popover(tn("before.guide_versions", len(versions)), type="tertiary", key="before_versions"):
            for n, version in enumerate(versions):
                said_as = "before.guide_version" if n else "before.guide_now"
                st.caption(literal(t(said_as, day=day(version.at[:10]), who=version.who)))
                st.text(version.text)


# -- what each brings --------------------------------------------------------------------------------------


def _bring(ctx: Context, found: BeforeView, note: Callable[[str], None]) -> None:
    with st.container(gap=None):
        st.header(t("before.bring"), anchor=False)
        st.caption(t("before.bring_what"))
    mine, others = found.log[0], found.log[1:]
    left, right = st.columns([1.1, 1], gap="large")
    with left, st.container(gap="small", key="before_mine"):
        st.subheader(t("before.mine"), anchor=False)
        _write(ctx, mine)
        _entries(ctx, mine, note)
    with right, st.container(gap="small", key="before_others"):
        if not others:
            st.subheader(t("before.others"), anchor=False)
            st.caption(t("before.nobody_else"))
        for log in others:
            st.subheader(literal(log.member.name), anchor=False)
            _entries(ctx, log, note)


def _write(ctx: Context, mine: AnalystLog) -> None:
    """A new entry: kept when it is left, and then it stands in the list."""
    session.set_widget(
        "before_kind",
        session.widget("before_kind") or ("reflection" if mine.preconceptions else "preconception"),
    )
    kind = session.widget("before_kind")
    st.segmented_control(t("before.kind"), KINDS, key="before_kind", required=True, label_visibility="collapsed",
                         format_func=lambda k: t(f"before.kind.{k}"))  # fmt: skip
    st.text_area(t("before.new"), key="before_new", height=87, label_visibility="collapsed",
                 placeholder=t(f"before.hint.{kind}"), on_change=_add, args=(ctx,))  # fmt: skip
    st.button(t("before.add"), key="before_add")  # pressing it leaves the field, which keeps it


def _add(ctx: Context) -> None:
    text = session.widget("before_new") or ""
    if text.strip() and tried(before.add_entry, ctx, kind=session.widget("before_kind"), text=text):
        session.set_widget("before_new", "")


def _entries(ctx: Context, log: AnalystLog, note: Callable[[str], None]) -> None:
    is_mine = log.member.id == ctx.member.id
    if not log.preconceptions and not log.reflections:
        st.caption(t("before.mine_empty") if is_mine else t("before.theirs_empty"))
    for name, entries in (("preconceptions", log.preconceptions), ("reflections", log.reflections)):
        if entries:
            with st.container(gap=None, key=f"before_{name}_{log.member.id}"):
                st.markdown(f"**{t(f'before.{name}')}**", anchors=False)
                _list(ctx, entries, is_mine, f"before_{name}_{log.member.id}_rows")
            if is_mine:
                for entry in entries:
                    note(entry.text)


def _list(ctx: Context, entries: Sequence[LogEntry], is_mine: bool, key: str) -> None:
    open_ = session.draft(_ENTRY)
    rows: list[dict[str, Any]] = []
    for entry in entries:
        if entry.id == open_ and is_mine:
            _entry(ctx, entry)
            continue
        whole = entry.id == open_ or len(entry.text) <= _LONG
        row = {
            "text": entry.text if whole else f"{entry.text[:_LONG].rsplit(' ', 1)[0]} …",
            "note": day(entry.at),
        }
        if is_mine:
            row |= {"link": t("before.change"), "id": entry.id}
        elif not whole or entry.id == open_:
            row |= {"link": t("before.read_all") if not whole else t("before.fold"), "id": entry.id}
        rows.append(row)
    if rows:
        view("rows", {"rows": rows}, key=key, on_select=_open_entry)


def _open_entry(id: str) -> None:
    session.keep_draft(_ENTRY, None if session.draft(_ENTRY) == id else id)


def _entry(ctx: Context, entry: LogEntry) -> None:
    """One entry of mine open to change."""

    def save(field: str, typed: Any, row: Row) -> None:
        before.change_entry(ctx, entry.id, rev=row["rev"], **{field: typed})

    row = {"text": entry.text, "kind": entry.kind, "rev": entry.rev}
    with st.container(border=True, gap="small", key="before_entry"):
        kept_text(t("before.entry"), name=f"entry.{entry.id}.text", row=row, field="text", save=partial(save, "text"),
                  lines=6, label_visibility="collapsed")  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _day(
                f"entry_day_{entry.id}",
                entry.at,
                lambda at: before.change_entry(ctx, entry.id, rev=entry.rev, at=at),
            )
            kept_choice(t("before.kind"), KINDS, name=f"entry.{entry.id}.kind", row=row, field="kind",
                        save=partial(save, "kind"), words=lambda k: t(f"before.kind.{k}"), kind="segments",
                        required=True, label_visibility="collapsed")  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.button(
                t("before.done"), key="before_entry_done", on_click=session.keep_draft, args=(_ENTRY, None)
            )
            st.button(t("before.take_out"), key="before_entry_out", type="tertiary",
                      on_click=_take_out, args=(ctx, entry.id))  # fmt: skip


def _day(key: str, at: str, save: Callable[[str], None]) -> None:
    session.set_widget(key, date.fromisoformat(at))
    st.date_input(t("before.day"), key=key, format="DD/MM/YYYY", width=150,
                  on_change=lambda: session.widget(key) and tried(save, session.widget(key).isoformat()))  # fmt: skip


def _take_out(ctx: Context, entry: str) -> None:
    session.keep_draft(_ENTRY, None)
    tried(before.retire_entry, ctx, entry)


# -- information power -------------------------------------------------------------------------------------


def _power(ctx: Context, found: BeforeView, note: Callable[[str], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(gap=None, width="stretch"):
            st.header(t("before.power"), anchor=False)
            st.caption(t("before.power_what"))
        again = t("before.judge_again") if found.judgements else t("before.judge")
        st.button(again, key="before_judge", on_click=_judge, args=(ctx,))
    open_ = next(
        (j for j in found.judgements if j.id == session.draft(_JUDGED) and j.member == ctx.member.id), None
    )
    if open_:
        earlier = [j for j in found.judgements if not j.empty and j.id != open_.id and j.at <= open_.at]
        _judgement(ctx, open_, earlier[-1] if earlier else None, note)
    _table(ctx, found)
    for judgement in found.judgements:
        if judgement.member == ctx.member.id and judgement is not open_:
            note(" ".join((*judgement.reasons.values(), judgement.conclusion)))


def _judge(ctx: Context) -> None:
    """A new judgement, or the empty one that was begun."""
    mine = [
        j
        for j in before.before_view(ctx).judgements
        if j.member == ctx.member.id and j.empty and not j.occasion
    ]
    session.keep_draft(_JUDGED, mine[0].id if mine else tried(before.judge, ctx))


def _said(dimension: str, level: int) -> str:
    if not level:
        return t("before.not_judged")
    return t("before.level_said", n=level, word=t(f"before.level.{dimension}.{level}"))


def _table(ctx: Context, found: BeforeView) -> None:
    """One table over time: a row for each day it was judged, a column for each of the five."""
    columns = [{"key": "when", "label": t("before.when")}]
    columns += [{"key": d, "label": t(f"before.dim.{d}")} for d in DIMENSIONS]
    if any(j.conclusion for j in found.judgements):
        columns.append({"key": "conclusion", "label": t("before.conclusion")})
    rows: list[dict[str, Any]] = []
    for j in before.power_table(found.judgements).rows:
        who = t("before.judged_by", occasion=j.occasion, who=j.by) if j.occasion else j.by
        when: dict[str, Any] = {"text": day(j.at), "note": who}
        if j.member == ctx.member.id:
            when["id"] = j.id
        cells: dict[str, Any] = {"when": when, "conclusion": j.conclusion}
        for d in DIMENSIONS:
            cells[d] = {"text": _said(d, j.levels[d]), "note": j.reasons[d]}
        rows.append({"cells": cells, "current": j.id == session.draft(_JUDGED)})
    if rows:
        fewer: dict[str, Any] = {d: {"text": "", "note": t(f"before.fewer.{d}")} for d in DIMENSIONS}
        rows.insert(0, {"cells": {"when": {"text": "", "note": t("before.fewer_when")}, **fewer}})
    view(
        "table",
        {
            "columns": columns,
            "rows": rows,
            "empty": t("before.power_empty"),
            "note": t("before.power_source"),
        },
        key="before_power",
        on_select=partial(session.keep_draft, _JUDGED),
    )


def _judgement(ctx: Context, j: Judgement, earlier: Judgement | None, note: Callable[[str], None]) -> None:
    """One judgement of mine open: when, on what occasion, and each of the five with its reason."""

    def save(field: str, typed: str, row: Row) -> None:
        change: dict[str, Any] = {field: typed}
        before.change_judgement(ctx, j.id, rev=row["rev"], **change)

    row: dict[str, Any] = {"occasion": j.occasion, "conclusion": j.conclusion, "rev": j.rev}
    with st.container(border=True, gap="small", key="before_judgement"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            _day(f"judged_day_{j.id}", j.at, lambda at: before.change_judgement(ctx, j.id, rev=j.rev, at=at))
            kept_text(t("before.occasion"), name=f"judged.{j.id}.occasion", row=row, field="occasion",
                      save=partial(save, "occasion"), placeholder=t("before.occasion_hint"))  # fmt: skip
        for d in DIMENSIONS:
            _dimension(ctx, j, d, earlier)
        kept_text(t("before.conclusion"), name=f"judged.{j.id}.conclusion", row=row, field="conclusion",
                  save=partial(save, "conclusion"), placeholder=t("before.conclusion_hint"))  # fmt: skip
        note(" ".join((*j.reasons.values(), j.conclusion)))
        with st.container(horizontal=True, gap="small"):
            st.button(
                t("before.done"), key="before_judged_done", on_click=session.keep_draft, args=(_JUDGED, None)
            )
            st.button(t("before.take_out"), key="before_judged_out", type="tertiary", on_click=_withdraw,
                      args=(ctx, j.id))  # fmt: skip


def _dimension(ctx: Context, j: Judgement, d: str, earlier: Judgement | None) -> None:
    row: dict[str, Any] = {d: j.levels[d], f"{d}_why": j.reasons[d], "rev": j.rev}

    def level(chosen: Any, now: Row) -> None:
        before.change_judgement(ctx, j.id, rev=now["rev"], levels={d: chosen or 0})

    def why(typed: str, now: Row) -> None:
        before.change_judgement(ctx, j.id, rev=now["rev"], reasons={d: typed})

    name, where, reason = st.columns([1, 1.15, 2], gap="medium")
    with name, st.container(gap=None):
        st.markdown(f"**{t(f'before.dim.{d}')}**", anchors=False)
        st.caption(t("before.fewer_for", what=t(f"before.fewer.{d}")))
    with where, st.container(gap=None):
        kept_choice(t("before.level"), _LEVELS, name=f"judged.{j.id}.{d}", row=row, field=d, save=level,
                    words=str, kind="segments", label_visibility="collapsed",
                    width="stretch", wrap=False)  # fmt: skip
        least, most = (t(f"before.level.{d}.{n}") for n in (LEAST, MOST))
        st.caption(t("before.scale", least=least, most=most))
    with reason, st.container(gap=None):
        kept_text(t("before.reason"), name=f"judged.{j.id}.{d}.why", row=row, field=f"{d}_why", save=why,
                  placeholder=t("before.reason_hint"), label_visibility="collapsed")  # fmt: skip
        if earlier and (earlier.levels[d] or earlier.reasons[d]):
            said_as = "before.last_time_why" if earlier.reasons[d] else "before.last_time"
            what = t(said_as, day=day(earlier.at), level=_said(d, earlier.levels[d]), why=earlier.reasons[d])
            st.caption(literal(what))


def _withdraw(ctx: Context, judgement: str) -> None:
    session.keep_draft(_JUDGED, None)
    tried(before.retire_judgement, ctx, judgement)
