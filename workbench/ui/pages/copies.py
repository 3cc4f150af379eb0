"""Co-analysts: a copy of the project for somebody to work on elsewhere, merging it back, and settling what differs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Role
from workbench.language import day, t, tn
from workbench.services import copies, copy_files, merge_sides, projects
from workbench.services.context import Context
from workbench.services.copies import CopyInfo, CopyState, Difference
from workbench.services.copy_files import KeptCopy
from workbench.services.merge_sides import Side, Told
from workbench.ui import session, shell
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components.view import view
from workbench.ui.pages import when
from workbench.ui.text import literal

MB = 25  # as much as the server takes at once
_DB = "application/vnd.sqlite3"
_SHOWN = 8  # differences at a time
_NEW = "new"
_TAKE = {
    "taken_out_there": "copies.page.take_out", "taken_out_here": "copies.page.bring_back",
    "rests_on_gone": "copies.page.bring_in",
}  # fmt: skip
_BY_HAND = ("text", "words_gone")  # their side cannot be taken over


def page() -> None:
    """A copy says what it is and how it goes back; a project makes copies, merges them, and settles differences."""
    ctx = session.context()
    shell.header(t("nav.copies"))
    st.title(t("nav.copies"), anchor=False)
    if (info := copies.copy_info(ctx)) is not None:
        _is_copy(ctx, info)
    else:
        st.text(t("copies.page.about"), width=760)
    merged, made = copies.merged_copies(ctx), copy_files.made_files(ctx)
    if info is not None and not merged and all(c.id == info.id for c in made):
        return  # one who was sent a copy hands it back; copies of a copy are made from the command line
    st.space("xsmall")
    left, right = st.columns(2, gap="large")
    with left:
        _make(ctx, info)
    with right:
        _merge(ctx)
    if any(state.differences for state in merged):
        st.space("small")
        _settle(ctx, merged)
    st.space("small")
    _made(merged, made)
    if (wanted := session.draft("copies.fetch")) and wanted != session.draft("copies.made"):
        with st.container(width=760):
            _fetch(ctx, wanted, "again")


def _said(name: str) -> None:
    """Why the last press did nothing, in a place that is always there."""
    place = st.container()
    if said := session.draft(name):
        say(said, place)
        session.keep_draft(name, None)


# -- this is a copy --------------------------------------------------------------------------------------------


def _is_copy(ctx: Context, info: CopyInfo) -> None:
    members = {m.id: m.name for m in projects.list_members(ctx.store)}
    with st.container(border=True, key="copies_is_copy", width=760):
        st.markdown(
            f"**{literal(t('copies.page.is_copy', who=members.get(info.member, ''), day=day(info.at)))}**",
            anchors=False,
        )
        if ctx.member.id == info.member:
            st.text(t("copies.page.you_are", who=ctx.member.name))
        else:
            st.text(t("copies.page.not_you", me=ctx.member.name, who=members.get(info.member, "")))
        st.text(t("copies.page.send_back"))
        message = st.container()
        if st.button(
            t("copies.page.hand_over"), key="copies_hand_over", type="primary", icon=":material/outbox:"
        ):
            data = attempt(copy_files.hand_over, ctx, where=message)
            if data is not None:
                name = f"{ctx.store.path.stem}.db"
                st.download_button(
                    t("copies.page.fetch"), data, name, _DB, key="copies_fetch_back", on_click="ignore",
                    icon=":material/download:", type="primary",
                )  # fmt: skip
                st.caption(t("copies.page.no_vault"))


# -- making one ------------------------------------------------------------------------------------------------


def _make(ctx: Context, info: CopyInfo | None) -> None:
    st.subheader(t("copies.page.make"), anchor=False)
    others = {
        m.id: m.name
        for m in projects.list_members(ctx.store)
        if m.role == Role.RESEARCHER and m.id not in (ctx.member.id, info.member if info else "")
    }
    _said("copies.make_refused")
    turn = int(session.draft("copies.turn", 0))
    member = st.selectbox(
        t("copies.page.for"),
        [*others, _NEW],
        format_func=lambda id: others.get(id, t("copies.page.somebody_new")),
        key=f"copies_member_{turn}",
    )
    if member == _NEW:
        st.text_input(
            t("copies.page.name"),
            key=f"copies_name_{turn}",
            max_chars=80,
            placeholder=t("copies.page.name.hint"),
        )
    st.radio(
        t("copies.page.holds"),
        ["whole", "unseen"],
        format_func=lambda kind: t(f"copies.page.holds.{kind}"),
        captions=[t("copies.page.holds.whole.about"), t("copies.page.holds.unseen.about")],
        key=f"copies_holds_{turn}",
    )
    st.button(
        t("copies.page.make_it"), key="copies_make", icon=":material/file_copy:",
        type="secondary" if session.draft("copies.preview") else "primary", on_click=_make_it, args=(ctx, turn),
    )  # fmt: skip
    if made := session.draft("copies.made"):
        _fetch(ctx, made, "made")


def _make_it(ctx: Context, turn: int) -> None:
    member = str(session.widget(f"copies_member_{turn}", ""))
    new = str(session.widget(f"copies_name_{turn}", "")).strip() if member == _NEW else ""
    if member == _NEW and not new:
        session.keep_draft("copies.make_refused", t("copies.page.needs_name"))
        return
    try:
        made = copy_files.make_file(
            ctx, "" if new else member, new_member=new,
            with_marks=session.widget(f"copies_holds_{turn}") != "unseen",
        )  # fmt: skip
    except WorkbenchError as error:
        session.keep_draft("copies.make_refused", sentence(error))
        return
    session.keep_draft("copies.made", made.id)
    session.keep_draft("copies.turn", turn + 1)


def _fetch(ctx: Context, copy: str, key: str) -> None:
    """The file of a copy to fetch, and where it is."""
    known = next((c for c in copy_files.made_files(ctx) if c.id == copy), None)
    if known is None:
        return
    with st.container(border=True, key=f"copies_{key}"):
        st.markdown(f"**{literal(t('copies.page.made', who=known.who, at=when(known.at)))}**", anchors=False)
        if known.path is None:
            st.text(t("copies.file_gone"))
            return
        data = attempt(copy_files.fetch, ctx, copy)
        if data is not None:
            st.download_button(
                t("copies.page.fetch"), data, known.path.name, _DB, key=f"copies_fetch_{key}", on_click="ignore",
                icon=":material/download:",
            )  # fmt: skip
        st.caption(literal(t("copies.page.kept_at", path=known.path)))
        st.text(t("copies.page.how", who=known.who))


# -- merging one back --------------------------------------------------------------------------------------------


def _merge(ctx: Context) -> None:
    st.subheader(t("copies.page.merge"), anchor=False)
    turn = int(session.draft("copies.round", 0))
    uploaded = st.file_uploader(t("copies.page.drop"), key=f"copies_file_{turn}", max_upload_size=MB)
    st.caption(t("copies.page.drop.about", mb=MB))
    _said("copies.merge_refused")
    if uploaded is None:
        session.keep_draft("copies.preview", None)
        _result()
        return
    session.keep_draft("copies.result", None)
    seen = session.draft("copies.preview")
    if not seen or seen["file"] != uploaded.file_id:
        with st.spinner(t("copies.page.reading"), show_time=False):
            seen = _preview(ctx, uploaded.file_id, uploaded.name, uploaded.getvalue())
        session.keep_draft("copies.preview", seen)
    if seen["refused"]:
        say(seen["refused"])
        return
    with st.container(border=True, key="copies_preview"):
        st.markdown(f"**{t('copies.page.would')}**", anchors=False)
        rows = [{"text": said} for said in seen["says"]]
        view("rows", {"rows": rows}, key="copies_preview_says")
        if seen["differs"]:
            st.caption(t("copies.page.differ"))
            view(
                "rows",
                {
                    "rows": [
                        {"text": said, "state": "open", "word": t("copies.page.listed")}
                        for said in seen["differs"]
                    ]
                },
                key="copies_preview_differs",
            )
            if seen["more"]:
                st.caption(tn("copies.page.more", seen["more"]))
        if not seen["nothing"]:
            st.button(
                t("copies.page.merge_it"), key="copies_merge", type="primary", icon=":material/merge:",
                on_click=_merge_it, args=(ctx, uploaded.name, uploaded.getvalue(), seen["op"]),
            )  # fmt: skip
            st.caption(t("copies.page.one_step"))


def _preview(ctx: Context, file: str, name: str, data: bytes) -> dict[str, Any]:
    """What merging the file would do, in sentences; or why it cannot be."""
    seen: dict[str, Any] = {"file": file, "refused": None, "op": str(uuid.uuid4())}
    try:
        with copy_files.uploaded(name, data) as path:
            found = copies.preview_merge(ctx, path)
    except WorkbenchError as error:
        return seen | {"refused": sentence(error)}
    differs = list(dict.fromkeys(d.says for d in found.differences))
    return seen | {
        "says": list(found.says), "differs": differs[:_SHOWN], "more": len(differs[_SHOWN:]),
        "nothing": found.nothing_new,
    }  # fmt: skip


def _merge_it(ctx: Context, name: str, data: bytes, op: str) -> None:
    try:
        with copy_files.uploaded(name, data) as path:
            merged = copies.merge_copy(ctx, path, op_id=op)
    except WorkbenchError as error:
        session.keep_draft("copies.merge_refused", sentence(error))
        session.keep_draft("copies.preview", None)
        return
    session.keep_draft("copies.result", {"says": list(merged.says), "units": merged.came.get("unit", 0)})
    session.keep_draft("copies.preview", None)
    session.keep_draft("copies.round", int(session.draft("copies.round", 0)) + 1)


def _result() -> None:
    """What has just been merged, until the next file."""
    result = session.draft("copies.result")
    if not result:
        return
    rows: list[dict[str, Any]] = [
        {"text": said, **({"state": "good", "word": t("copies.page.merged")} if n == 0 else {})}
        for n, said in enumerate(result["says"])
    ]
    if result["units"]:
        link = {"link": t("nav.differences"), "href": session.link("differences")}
        rows.append({"text": t("copies.page.compare"), **link})
    view("rows", {"rows": rows}, key="copies_result")


# -- what differs ------------------------------------------------------------------------------------------------


def _settle(ctx: Context, merged: Sequence[CopyState]) -> None:
    """Every difference with its two sides, settled one by one or several together."""
    st.subheader(t("copies.page.settle"), anchor=False)
    st.text(t("copies.page.settle.about"), width=760)
    _said("copies.settle_refused")
    for state in merged:
        if state.differences:
            _settle_copy(ctx, state)


def _settle_copy(ctx: Context, state: CopyState) -> None:
    shown = int(session.draft(f"copies.shown.{state.id}", _SHOWN))
    here = state.differences[:shown]
    picked = [d for d in here if session.widget(_tick(d))]
    meant: Sequence[Difference] = picked or state.differences
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"copies_bar_{state.id}"
    ):
        st.markdown(
            f"**{literal(tn('copies.page.open', len(state.differences), who=state.who))}**",
            anchors=False, width="content",
        )  # fmt: skip
        st.space("stretch")
        many = "chosen" if picked else "all"
        for side in ("here", "there"):
            st.button(
                literal(tn(f"copies.page.{many}.{side}", len(meant), who=state.who)),
                key=f"copies_{side}_{state.id}", on_click=_choose, args=(ctx, state.id, side, meant),
            )  # fmt: skip
    for told in merge_sides.tell(ctx, here):
        _difference(ctx, told)
    if (left := len(state.differences) - len(here)) > 0:
        st.button(
            tn("copies.page.show_more", left), key=f"copies_more_{state.id}", type="tertiary",
            on_click=session.keep_draft, args=(f"copies.shown.{state.id}", shown + 4 * _SHOWN),
        )  # fmt: skip


def _tick(d: Difference) -> str:
    return f"copies_tick_{d.copy}_{d.id}"


def _difference(ctx: Context, told: Told) -> None:
    d = told.difference
    with st.container(border=True, key=f"copies_difference_{d.copy}_{d.id}"):
        st.checkbox(literal(d.says), key=_tick(d))
        if told.words and d.table != "unit":
            view("quote", {"quotes": [{"text": told.words}]}, key=f"copies_words_{d.copy}_{d.id}")
        left, right = st.columns(2, gap="medium")
        with left:
            _side(told.here, "here", d)
            _one(ctx, d, "here", t("copies.page.leave"))
        with right:
            _side(told.there, "there", d)
            if d.kind in _BY_HAND:
                st.caption(t(f"copies.left.{'by_hand' if d.kind == 'text' else 'words_gone'}"))
            else:
                _one(ctx, d, "there", t(_TAKE.get(d.kind, "copies.page.take")))


def _one(ctx: Context, d: Difference, side: str, label: str) -> None:
    st.button(
        literal(label), key=f"copies_{side}_{d.copy}_{d.id}", on_click=_choose, args=(ctx, d.copy, side, [d])
    )


def _side(side: Side, name: str, d: Difference) -> None:
    by = " · ".join(x for x in (side.who, when(side.at) if side.at else "") if x)
    head = t(f"copies.page.side.{name}")
    st.markdown(f":gray[{literal(f'{head} · {by}' if by else head)}]", anchors=False)
    key = f"copies_{name}_says_{d.copy}_{d.id}"
    parts = list(side.parts)
    if d.table == "condensate" and parts and not parts[0].label:
        view(
            "condensate",
            {"condensates": [{"text": parts.pop(0).text}]},
            key=f"copies_{name}_text_{d.copy}_{d.id}",
        )
        if not parts:
            return
    rows: list[dict[str, Any]] = [
        {"text": part.text, "serif": part.verbatim, **({"key": part.label} if part.label else {})}
        for part in parts
    ]
    view("rows", {"rows": rows, "empty": t(f"copies.page.side.{name}.none")}, key=key)


def _choose(ctx: Context, copy: str, side: str, chosen: Sequence[Difference]) -> None:
    try:
        settled = copies.choose(ctx, copy, side, chosen)
    except WorkbenchError as error:
        session.keep_draft("copies.settle_refused", sentence(error))
        return
    for d in chosen:
        session.set_widget(_tick(d), False)
    if settled.left:
        why = dict.fromkeys(f"{d.says} {said}" for d, said in settled.left)
        session.keep_draft("copies.settle_refused", " ".join(list(why)[:3]))
    elif settled.done:
        session.flash(tn("copies.page.settled", settled.done))


# -- what was made and merged --------------------------------------------------------------------------------------


def _made(merged: Sequence[CopyState], made: Sequence[KeptCopy]) -> None:
    """Every copy that was made here or has come back."""
    st.subheader(t("copies.page.list"), anchor=False)
    states = {s.id: s for s in merged}
    rows = []
    for c in made:
        state = states.pop(c.id, None)
        rows.append(
            {"id": c.id, "cells": {
                "who": c.who,
                "made": {"text": when(c.at), "note": t("copies.page.by", who=c.by)},
                "holds": t(f"copies.page.holds.{'whole' if c.with_marks else 'unseen'}"),
                **_back(state),
            }}
        )  # fmt: skip
    for state in states.values():  # made before the project was put back to an earlier backup
        rows.append({"cells": {"who": state.who, "made": "", "holds": "", **_back(state)}})
    columns = [
        {"key": k, "label": t(f"copies.page.column.{k}")} for k in ("who", "made", "holds", "back", "open")
    ]
    view(
        "table",
        {"columns": columns, "rows": rows, "empty": t("copies.page.none")},
        key="copies_list",
        on_select=lambda id: session.keep_draft("copies.fetch", id),
    )


def _back(state: CopyState | None) -> dict[str, Any]:
    if state is None:
        return {"back": {"text": "", "state": "none", "word": t("copies.page.not_back")}, "open": ""}
    n = len(state.differences)
    settle: dict[str, Any] = {"text": "", "state": "good", "word": t("copies.page.all_settled")}
    if n:
        settle = {"text": "", "state": "open", "word": tn("copies.page.to_settle", n)}
    return {"back": {"text": when(state.at), "note": tn("copies.page.times", state.merges)}, "open": settle}
