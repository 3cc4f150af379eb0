"""Home: the start page where there is no study yet; else where it stands, what needs attention, what is next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.errors import Refused, WorkbenchError
from workbench.domain.roles import Action, can
from workbench.domain.routes import Route, condenses
from workbench.language import day, number, t, tn
from workbench.services import copy_files, overview, projects
from workbench.services.context import Context
from workbench.ui import issues, session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import State, view
from workbench.ui.pages import copies, when
from workbench.ui.text import literal

_MOST = 7


def page() -> None:
    """The start page without a project, the study's page with one."""
    ctx = session.optional_context()
    if ctx is None:
        _start()
    else:
        _study(ctx)


# -- without a project -------------------------------------------------------------------------------------


def _start() -> None:
    st.title(t("home.start.title"), anchor=False)
    st.text(t("home.start.about"), width=640)
    st.space("small")
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        if _existing():
            st.space("small")
        st.subheader(t("home.new"), anchor=False)
        st.caption(t("home.new.about"))
        _refused("home.refused")
        with st.form("home_new", border=False):
            st.text_input(
                t("home.new.name"), key="home_name", placeholder=t("home.new.name.hint"), max_chars=120
            )
            st.text_area(
                t("home.new.question"),
                key="home_question",
                placeholder=t("home.new.question.hint"),
                height=96,
                max_chars=600,
            )
            st.text_input(
                t("home.new.member"), key="home_member", placeholder=t("home.new.member.hint"), max_chars=80
            )
            st.segmented_control(
                t("settings.route"), list(Route), default=Route.STC, format_func=lambda r: t(f"route.{r}"),
                required=True, key="home_route",
            )  # fmt: skip
            st.form_submit_button(t("home.new.make"), type="primary", on_click=_make)
    with right:
        st.subheader(t("home.demo"), anchor=False)
        st.caption(t("home.demo.about"))
        _refused("home.demo.refused")
        st.button(t("home.demo.open"), key="home_demo", icon=":material/menu_book:", on_click=_open_demo)
        st.space("small")
        st.subheader(t("port.title"), anchor=False)
        st.caption(t("port.about"))
        _refused("home.port.refused")
        st.button(t("port.open"), key="home_port", icon=":material/article:", on_click=_open_port)
        st.space("small")
        st.subheader(t("home.copy"), anchor=False)
        st.caption(t("home.copy.about"))
        _refused("home.copy.refused")
        st.file_uploader(
            t("home.copy.file"), key="home_copy", max_upload_size=copies.MB, label_visibility="collapsed",
            on_change=_open_copy,
        )  # fmt: skip


def _refused(draft: str) -> None:
    """Why the last press did nothing, in a slot that is always there, so that nothing below is remounted."""
    message = st.container()
    if refused := session.draft(draft):
        say(refused, message)
        session.keep_draft(draft, None)


def _existing() -> bool:
    """The studies on this computer, if any; one that a newer version made says so and opens nothing."""
    folder = projects.projects_dir()
    rows: list[dict[str, Any]] = []
    for card in projects.list_projects(folder):
        row = {"text": card.name, "link": t("home.projects.open"), "href": f"home?project={card.id}"}
        note = t("home.projects.copy", who=card.copy_for) if card.copy else ""
        note = note or (t("home.projects.invented") if card.invented else "")
        rows.append(row | ({"note": note} if note else {}))
    rows += [
        {"text": name, "state": "open", "note": t("store.newer", name=name)}
        for name in projects.list_newer(folder)
    ]
    if rows:
        st.subheader(t("home.projects"), anchor=False)
        view("rows", {"rows": rows}, key="home_projects")
        st.caption(literal(t("home.projects.where", folder=folder)))
    return bool(rows)


def _make() -> None:
    name = str(session.widget("home_name", "")).strip()
    try:
        if not name:
            raise Refused("project.needs_name")
        folder = projects.projects_dir()
        folder.mkdir(parents=True, exist_ok=True)
        path = projects.project_file(folder, name)
        if path.exists():
            raise Refused("project.exists", name=name)
        store = projects.create_project(
            path,
            name=name,
            question=str(session.widget("home_question", "")),
            route=str(session.widget("home_route") or Route.STC),
            member_name=str(session.widget("home_member", "")).strip() or t("role.researcher").capitalize(),
        )
    except WorkbenchError as error:
        session.keep_draft("home.refused", sentence(error))
        return
    session.choose_project(store.id)
    store.close()


def _open_copy() -> None:
    """A co-analyst's copy that somebody sent: put among the studies here and opened."""
    sent = session.widget("home_copy")
    if sent is None:
        return
    try:
        session.choose_project(copy_files.take_in(sent.name, sent.getvalue(), projects.projects_dir()))
    except WorkbenchError as error:
        session.keep_draft("home.copy.refused", sentence(error))


def _open_demo() -> None:
    """Open the demo study, made first where there is none."""
    from workbench.services.demo import make_demo  # reads and codes nine transcripts: only when asked for

    folder = projects.projects_dir()
    made = next((c for c in projects.list_projects(folder) if c.invented and not c.copy), None)
    if made is None:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            store = make_demo(projects.project_file(folder, t("home.demo")))
        except WorkbenchError as error:
            session.keep_draft("home.demo.refused", sentence(error))
            return
        session.choose_project(store.id)
        store.close()
    else:
        session.choose_project(made.id)


def _open_port() -> None:
    """Open the example from published facts, made first where there is none."""
    from workbench.services.port_example import open_or_make  # only when asked for

    try:
        session.choose_project(open_or_make(projects.projects_dir()))
    except WorkbenchError as error:
        session.keep_draft("home.port.refused", sentence(error))


# -- with one ----------------------------------------------------------------------------------------------


def _study(ctx: Context) -> None:
    shell.header(t("nav.home"))
    about = projects.project_summary(ctx)
    now = overview.overview(ctx)
    left, right = st.columns([3, 1.1], vertical_alignment="bottom", gap="large")
    with left:
        st.title(literal(about.name), anchor=False)
        st.markdown(f":gray[{literal(about.question or t('home.no_question'))}]", anchors=False)
    with right, st.container(horizontal_alignment="right", gap="small"):
        _go_on(ctx, now.next)
    st.space("xsmall")
    if parts := _thread(ctx, now):
        view("thread", {"parts": parts}, key="home_thread")
    if session.projector():
        return
    st.space("small")
    left, right = st.columns([1.55, 1], gap="large")
    with left:
        st.subheader(t("home.attention"), anchor=False)
        _attention(ctx, now)
    with right:
        st.subheader(t("home.steps"), anchor=False)
        _steps(ctx, now)
        if can(ctx.member.role, Action.SEE_HISTORY):
            st.space("small")
            st.subheader(t("home.since"), anchor=False)
            _since(ctx)
        if can(ctx.member.role, Action.MANAGE):
            st.space("small")
            st.page_link(shell.screen_page("settings"), label=t("home.settings"), icon=":material/tune:")


def _go_on(ctx: Context, next: overview.Next) -> None:
    if st.button(
        literal(_short(t(next.code, **next.params))),
        key="home_next",
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
    ):
        shell.go(next.page, **next.query)


def _short(text: str, most: int = 52) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _thread(ctx: Context, now: overview.Overview) -> list[dict[str, Any]]:
    """The seven parts of the thread: how many, and the one thing to know about each. A number that this
    member can open nothing with is left out."""

    def part(
        what: str, n: int, screen: str, bad: int, word: str, good: str, state: State = "open"
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {"label": t(f"home.thread.{what}"), "value": number(n)}
        shown |= issues.href(ctx, screen)
        if not n:
            return shown | {"state": "none", "word": t("home.thread.none")}
        if bad:
            return shown | {"state": state, "word": word}
        return shown | {"state": "good", "word": t(good)}

    drafts = now.themes - now.themes_ready
    stc = condenses(now.route)
    themes = "synthesise" if can(ctx.member.role, Action.ANALYSE) else "pack"
    label, frozen = now.version or (t("home.thread.no_version"), "")
    parts = [
        part("sources", now.sources, "sources", now.unread, t("home.thread.unread", n=now.unread), "home.thread.read")
        if stc else {"label": t("home.thread.sources"), "value": number(now.sources), **issues.href(ctx, "sources")},
        part("units", now.units, "code", now.unplaced, t("home.thread.unplaced", n=now.unplaced), "home.thread.placed"),
        {"label": t("home.thread.groups"), "value": number(now.code_groups),
         **issues.href(ctx, "condense" if stc else "code_groups"),
         **({"word": tn("home.thread.subgroups", now.subgroups) if stc else ""} if now.code_groups
            else {"state": "none", "word": t("home.thread.none")})},
        *([part("condensates", now.condensates, "condense", now.stale, t("home.thread.stale", n=now.stale),
                "home.thread.fresh", "doubt")] if stc else []),
        part("themes", now.themes, themes, drafts, tn("home.thread.drafts", drafts), "home.thread.ready"),
        part("requirements", now.requirements, "requirements", now.requirements_in_doubt,
             t("home.thread.doubt", n=now.requirements_in_doubt), "home.thread.held", "doubt")
        if now.requirements_in_doubt else
        part("requirements", now.requirements, "requirements", now.requirements_unheld,
             t("home.thread.unheld", n=now.requirements_unheld), "home.thread.held"),
        {"label": t("home.thread.prototype"), "value": label, **issues.href(ctx, "prototype"),
         "state": "good" if now.version else "none",
         "word": t("home.thread.frozen", day=day(frozen)) if now.version else t("home.thread.none")},
    ]  # fmt: skip
    return [p for p in parts if "href" in p]


def _attention(ctx: Context, now: overview.Overview) -> None:
    shown = now.attention[:_MOST]
    empty = t("home.attention.none") if now.sources else t("home.attention.begin")
    view("rows", {"rows": [issues.row(ctx, i) for i in shown], "empty": empty}, key="home_attention")
    if left := len(now.attention) - len(shown):
        st.caption(tn("home.attention.more", left))


def _steps(ctx: Context, now: overview.Overview) -> None:
    rungs = []
    for step in now.steps:
        text = (
            t(f"home.step.{step.step}.text", done=step.done, total=step.total)
            if step.total
            else t("home.steps.nothing")
        )
        rungs.append(
            {"label": t(f"home.step.{step.step}"), "done": step.done, "half": step.half,
             "total": step.total, "text": text, **issues.href(ctx, step.step)}
        )  # fmt: skip
    half = any(s.half for s in now.steps)
    view("ladder", {"rows": rungs, **({"note": t("home.steps.note")} if half else {})}, key="home_steps")


def _since(ctx: Context) -> None:
    rows: list[dict[str, Any]] = []
    for operation, times in overview.since_you_were_here(ctx):
        at = when(operation.at)
        rows.append(
            {"state": "none", "word": t("home.since.word"),
             "text": t("history.line", who=operation.member, what=operation.label),
             "note": t("home.since.times", at=at, n=times) if times > 1 else at}
        )  # fmt: skip
    alone = len(projects.list_members(ctx.store)) == 1
    empty = t("home.since.alone") if alone else t("home.since.none")
    view("rows", {"rows": rows, "empty": empty}, key="home_since")
