"""Step 1, total impression: read the whole of each source, write what strikes, agree on preliminary themes."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import PrelimTheme
from workbench.language import t, tn
from workbench.services import impressions, projects, sources
from workbench.services.context import Context
from workbench.services.impressions import ImpressionView
from workbench.services.sources import SourceView
from workbench.ui import reading, session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import view
from workbench.ui.kept import Row, kept_text
from workbench.ui.text import literal

_PARTS = ("read", "agree")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.impression"))
    found = [v for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    if not found:
        st.title(t("impression.title"), anchor=False)
        st.text(t("impression.no_sources"))
        st.page_link(
            shell.screen_page("sources"), label=t("impression.to_sources"), icon=":material/description:"
        )
        return
    step = impressions.impression_view(ctx)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="impression_bar"):
        part = _part()
        if part == "read":
            st.space("stretch")
            chosen = reading.choose(found, name="impression")
    if part == "agree":
        _agree(ctx, step)
    else:
        _read(ctx, chosen, step)


def _part() -> str:
    """Reading, or the themes of all together; the address says which."""
    now = session.asked("part") if session.asked("part") in _PARTS else "read"
    session.set_widget("impression_part", now)
    st.segmented_control(
        t("impression.parts"),
        _PARTS,
        key="impression_part",
        format_func=lambda p: t(f"impression.part.{p}"),
        on_change=lambda: session.ask(part=session.widget("impression_part")),
        required=True,
        label_visibility="collapsed",
        width=290,
    )
    return str(now)


def _try(where: str, fn: Any, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said in the run that follows."""
    session.keep_draft(where, None)
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(where, sentence(error))
        return None


def _said(where: str) -> None:
    if said := session.draft(where):
        say(said)


# -- reading -----------------------------------------------------------------------------------------------


def _read(ctx: Context, chosen: SourceView, step: ImpressionView) -> None:
    main, side = st.columns([1.72, 1], gap="large")
    with main:
        with st.container(gap=None):
            st.title(literal(chosen.source.title), anchor=False)
            st.caption(literal(reading.facts_line(ctx, chosen)))
        reading.show(ctx, chosen, key="impression_text")
    with side:
        _progress(ctx, chosen)
        text, rev = impressions.read_impression(ctx, chosen.source.id)
        kept_text(
            t("impression.note"),
            name=f"note.{ctx.member.id}.{chosen.source.id}",
            row={"text": text, "rev": rev},
            field="text",
            save=lambda typed, row: impressions.write_impression(
                ctx, chosen.source.id, typed, rev=row["rev"] or 0
            ),
            lines=9,
            placeholder=t("impression.note_hint"),
        )
        _mine(ctx, step)


def _progress(ctx: Context, chosen: SourceView) -> None:
    """ "Read through, by me": said by the person, never worked out."""
    id = chosen.source.id
    session.set_widget("impression_done", impressions.is_read(ctx, id, "impression"))
    with st.container(gap=None):
        st.checkbox(
            t("impression.read_through"),
            key="impression_done",
            on_change=partial(_try, "impression.said", impressions.mark_read, ctx, id, "impression"),
        )
        st.caption(
            t("impression.read_by", who=literal(", ".join(chosen.read_by)))
            if chosen.read_by
            else t("impression.read_by_nobody")
        )


def _mine(ctx: Context, step: ImpressionView) -> None:
    with st.container(gap="small", key="impression_mine"):
        with st.container(gap=None):
            st.subheader(t("impression.mine", n=len(step.mine)), anchor=False)
            st.caption(t("impression.submitted_mine") if step.submitted else t("impression.advice"))
        _said("impression.said")
        if not step.mine:
            st.text(t("impression.empty"))
        open_ = session.draft("impression.open")
        for theme in step.mine:
            if theme.id == open_ and not step.submitted:
                _edit(ctx, theme)
        rows = [
            _row(x, number, step) for number, x in enumerate(step.mine, 1) if x.id != open_ or step.submitted
        ]
        if rows:
            view(
                "rows",
                {"rows": rows},
                key="impression_themes",
                on_select=partial(session.keep_draft, "impression.open"),
            )
        if step.submitted:
            _waiting(step)
            return
        st.text_input(
            t("impression.new"),
            key="impression_new",
            placeholder=t("impression.new_hint"),
            label_visibility="collapsed",
            on_change=_add,
            args=(ctx,),
        )
        if step.mine:
            st.button(
                t("impression.submit"),
                key="impression_submit",
                type="primary",
                on_click=partial(_try, "impression.said", impressions.submit_themes, ctx),
            )
            st.caption(t("impression.submit_what"))


def _row(theme: PrelimTheme, number: int, step: ImpressionView) -> dict[str, Any]:
    row: dict[str, Any] = {"key": str(number), "text": theme.title, "note": theme.note, "serif": True}
    if not step.submitted:
        row |= {"link": t("impression.change"), "id": theme.id}
    return row


def _add(ctx: Context) -> None:
    title = session.widget("impression_new") or ""
    if title.strip() and _try("impression.said", impressions.add_theme, ctx, title=title):
        session.set_widget("impression_new", "")


def _edit(ctx: Context, theme: PrelimTheme) -> None:
    """One theme open to change; the others stay a list."""

    def save(field: str, typed: str, row: Row) -> None:
        now = {"title": row["title"], "note": row["note"]} | {field: typed}
        impressions.change_theme(ctx, theme.id, rev=row["rev"], **now)

    row = {"title": theme.title, "note": theme.note, "rev": theme.rev}
    with st.container(border=True, gap="small", key="impression_edit"):
        kept_text(t("impression.theme"), name=f"theme.{theme.id}.title", row=row, field="title",
                  save=partial(save, "title"))  # fmt: skip
        kept_text(t("impression.theme_note"), name=f"theme.{theme.id}.note", row=row, field="note",
                  save=partial(save, "note"), lines=3)  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.button(t("impression.done"), key="impression_edit_done",
                      on_click=partial(session.keep_draft, "impression.open", None))  # fmt: skip
            st.button(t("impression.take_out"), key="impression_take_out", type="tertiary",
                      on_click=_take_out, args=(ctx, theme.id))  # fmt: skip


def _take_out(ctx: Context, theme: str) -> None:
    session.keep_draft("impression.open", None)
    _try("impression.said", impressions.retire_theme, ctx, theme)


def _waiting(step: ImpressionView) -> None:
    if step.waiting_for:
        st.text(tn("impression.waiting", len(step.waiting_for), who=_names(step.waiting_for)))


def _names(names: tuple[str, ...]) -> str:
    if len(names) < 2:
        return "".join(names)
    return t("impression.and", first=", ".join(names[:-1]), last=names[-1])


# -- agreeing ----------------------------------------------------------------------------------------------


def _agree(ctx: Context, step: ImpressionView) -> None:
    with st.container(gap=None):
        st.title(t("impression.agree_title"), anchor=False)
        st.caption(t("impression.agree_what"))
    if step.waiting_for:
        mine_missing = not step.submitted
        with st.container(key="impression_waiting"):
            if mine_missing:
                st.text(t("impression.you_first"))
                if step.mine:
                    st.button(
                        t("impression.submit"),
                        key="impression_submit_here",
                        type="primary",
                        on_click=partial(_try, "impression.said", impressions.submit_themes, ctx),
                    )
            others = tuple(n for n in step.waiting_for if n != ctx.member.name)
            if others:
                st.text(tn("impression.waiting", len(others), who=_names(others)))
        return
    me = next(m for m in projects.list_members(ctx.store) if m.id == ctx.member.id)
    agreed = {a.id: a.title for a, _ in step.agreed}
    by = [(me, step.mine), *step.others]
    _said("impression.said")
    main, side = st.columns([1.72, 1], gap="large")
    with main:
        for column, (member, themes) in zip(st.columns(len(by), gap="medium"), by, strict=True):
            with column, st.container(gap="small"):
                st.subheader(literal(t("impression.of", name=member.name)), anchor=False)
                for theme in themes:
                    with st.container(gap=None):
                        st.checkbox(f"**{literal(theme.title)}**", key=f"tick_{theme.id}")
                        if theme.note:
                            st.caption(literal(theme.note))
                        if theme.agreed_into in agreed:
                            st.caption(t("impression.in", name=literal(agreed[theme.agreed_into])))
        ticked = [x for _, themes in by for x in themes if session.widget(f"tick_{x.id}")]
        _merge(ctx, ticked, agreed)
    with side:
        _agreed(ctx, step)
        st.space("small")
        kept_text(
            t("impression.minutes"),
            name="minutes",
            row={"value": step.minutes, "rev": step.minutes_rev},
            field="value",
            save=lambda typed, row: impressions.write_minutes(ctx, typed, rev=row["rev"] or 0),
            lines=7,
            placeholder=t("impression.minutes_hint"),
        )


def _merge(ctx: Context, ticked: list[PrelimTheme], agreed: dict[str, str]) -> None:
    """What to do with the ticked themes: a new agreed theme, or into one there is."""
    with st.container(border=True, gap="small", key="impression_merge"):
        st.text(tn("impression.ticked", len(ticked)) if ticked else t("impression.tick_some"))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(t("impression.agreed_new"), key="impression_agreed_new",
                          placeholder=t("impression.agreed_hint"), label_visibility="collapsed", width=330)  # fmt: skip
            st.button(t("impression.agree"), key="impression_agree", type="primary",
                      on_click=_put_agreed, args=(ctx, ticked))  # fmt: skip
            if agreed and ticked:
                st.menu_button(t("impression.into"), list(agreed), key="impression_into",
                               format_func=lambda id: literal(agreed[id]),
                               on_click=_into, args=(ctx, ticked))  # fmt: skip


def _put_agreed(ctx: Context, ticked: list[PrelimTheme]) -> None:
    title = session.widget("impression_agreed_new") or (ticked[0].title if len(ticked) == 1 else "")
    made = _try(
        "impression.said", impressions.agree_theme, ctx, title=title, merged=tuple(x.id for x in ticked)
    )
    if made:
        session.set_widget("impression_agreed_new", "")
        _untick(ticked)


def _into(ctx: Context, ticked: list[PrelimTheme]) -> None:
    chosen = session.widget("impression_into")
    for theme in ticked:
        _try("impression.said", impressions.join_theme, ctx, theme.id, chosen)
    _untick(ticked)


def _untick(ticked: list[PrelimTheme]) -> None:
    for theme in ticked:
        session.set_widget(f"tick_{theme.id}", False)


def _agreed(ctx: Context, step: ImpressionView) -> None:
    names = {m.id: m.name for m in projects.list_members(ctx.store)}
    st.subheader(t("impression.agreed", n=len(step.agreed)), anchor=False)
    rows = []
    for n, (theme, merged) in enumerate(step.agreed, 1):
        parts: dict[str, list[str]] = {}
        for x in merged:
            parts.setdefault(names.get(x.member or "", "?"), []).append(x.title)
        note = " · ".join(f"{name}: {'; '.join(titles)}" for name, titles in parts.items())
        rows.append({"key": str(n), "text": theme.title, "serif": True, "note": note or t("impression.from_nobody"),
                     "link": t("impression.take_out"), "id": theme.id})  # fmt: skip
    view(
        "rows",
        {"rows": rows, "empty": t("impression.agreed_empty")},
        key="impression_agreed",
        on_select=lambda id: _try("impression.said", impressions.retire_theme, ctx, id),
    )
    st.caption(t("impression.not_results"))
