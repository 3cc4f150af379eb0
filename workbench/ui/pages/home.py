"""Home: the start page where there is no study yet; else where it stands, what needs attention, what is next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.errors import Refused, WorkbenchError
from workbench.domain.issues import Issue
from workbench.domain.roles import Action, Role, can
from workbench.language import day, number, t, tn
from workbench.services import overview, projects
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components.view import State, view
from workbench.ui.pages import when
from workbench.ui.text import literal

_STATE: dict[str, State] = {"error": "doubt", "warning": "open", "note": "none"}
_MOST = 7
# A rule of the checks -> the screen that mends it, and what its address says: ids taken from the issue's
# parameters ("" is the place the issue is about), then words that are always the same.
_PLACES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "decided_changed": ("decisions", {"decision": ""}, {}),
    "condensate_stale": ("condense", {"group": "", "subgroup": "subgroup_id"}, {}),
    "challenge_unanswered": ("synthesise", {"category": "", "source": "source_id"}, {"part": "reread"}),
    "units_unplaced": ("code", {"source": "source_id", "unit": "unit_id"}, {}),
    "units_left_over": ("condense", {"group": ""}, {"subgroup": "left"}),
}
_STEPS = ("impression", "code", "condense", "synthesise")


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
            st.form_submit_button(t("home.new.make"), type="primary", on_click=_make)
    with right:
        st.subheader(t("home.demo"), anchor=False)
        st.caption(t("home.demo.about"))
        _refused("home.demo.refused")
        st.button(t("home.demo.open"), key="home_demo", icon=":material/menu_book:", on_click=_open_demo)


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
        rows.append(row | ({"note": t("home.projects.invented")} if card.invented else {}))
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
            member_name=str(session.widget("home_member", "")).strip() or t("role.researcher").capitalize(),
        )
    except WorkbenchError as error:
        session.keep_draft("home.refused", sentence(error))
        return
    session.choose_project(store.id)
    store.close()


def _open_demo() -> None:
    """Open the demo study, made first where there is none."""
    from workbench.services.demo import make_demo  # reads and codes nine transcripts: only when asked for

    folder = projects.projects_dir()
    made = next((c for c in projects.list_projects(folder) if c.invented), None)
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
            with st.popover(t("home.settings"), icon=":material/tune:", key="home_settings"):
                _settings(ctx, about)


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


def _href(ctx: Context, screen: str, **ids: object) -> dict[str, str]:
    """The address of a screen, for those who have it in their menu."""
    found = next(s for s in shell.SCREENS if s.path == screen)
    return {"href": session.link(screen, **ids)} if shell.may_see(ctx.member.role, found) else {}


def _thread(ctx: Context, now: overview.Overview) -> list[dict[str, Any]]:
    """The seven parts of the thread: how many, and the one thing to know about each. A number that this
    member can open nothing with is left out."""

    def part(
        what: str, n: int, screen: str, bad: int, word: str, good: str, state: State = "open"
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {"label": t(f"home.thread.{what}"), "value": number(n), **_href(ctx, screen)}
        if not n:
            return shown | {"state": "none", "word": t("home.thread.none")}
        if bad:
            return shown | {"state": state, "word": word}
        return shown | {"state": "good", "word": t(good)}

    drafts = now.themes - now.themes_ready
    subgroups = next(s.total for s in now.steps if s.step == "condense")
    themes = "synthesise" if can(ctx.member.role, Action.ANALYSE) else "pack"
    label, frozen = now.version or (t("home.thread.no_version"), "")
    parts = [
        part("sources", now.sources, "sources", now.unread, t("home.thread.unread", n=now.unread), "home.thread.read"),
        part("units", now.units, "code", now.unplaced, t("home.thread.unplaced", n=now.unplaced), "home.thread.placed"),
        {"label": t("home.thread.groups"), "value": number(now.code_groups), **_href(ctx, "condense"),
         **({"word": tn("home.thread.subgroups", subgroups)} if now.code_groups
            else {"state": "none", "word": t("home.thread.none")})},
        part("condensates", now.condensates, "condense", now.stale, t("home.thread.stale", n=now.stale),
             "home.thread.fresh", "doubt"),
        part("themes", now.themes, themes, drafts, tn("home.thread.drafts", drafts), "home.thread.ready"),
        part("requirements", now.requirements, "requirements", now.requirements_unheld,
             t("home.thread.unheld", n=now.requirements_unheld), "home.thread.held"),
        {"label": t("home.thread.prototype"), "value": label, **_href(ctx, "prototype"),
         "state": "good" if now.version else "none",
         "word": t("home.thread.frozen", day=day(frozen)) if now.version else t("home.thread.none")},
    ]  # fmt: skip
    return [p for p in parts if "href" in p]


def _attention(ctx: Context, now: overview.Overview) -> None:
    shown = now.attention[:_MOST]
    empty = t("home.attention.none") if now.sources else t("home.attention.begin")
    view("rows", {"rows": [_issue(ctx, i) for i in shown], "empty": empty}, key="home_attention")
    if left := len(now.attention) - len(shown):
        st.caption(tn("home.attention.more", left))


def _issue(ctx: Context, issue: Issue) -> dict[str, Any]:
    screen, names, fixed = _PLACES[issue.rule]
    ids = {name: issue.params[param] if param else issue.where[1] for name, param in names.items()} | fixed
    row: dict[str, Any] = {"state": _STATE[issue.severity], "text": t(issue.code, **issue.params)}
    if target := _href(ctx, screen, **ids):
        row |= target | {"link": t(f"home.look.{issue.rule}")}
    note = f"{issue.code}.note" if issue.code.endswith(".several") else f"check.{issue.rule}.note"
    if issue.rule == "condensate_stale":
        came, went = issue.params["came"], issue.params["went"]
        note = f"check.condensate_stale.note.{'both' if came and went else 'came' if came else 'went'}"
    if (told := t(note, **issue.params)) != note:
        row["note"] = told
    return row


def _steps(ctx: Context, now: overview.Overview) -> None:
    by_name = {s.step: s for s in now.steps}
    rungs = []
    for name in _STEPS:
        step = by_name[name]
        text = (
            t(f"home.step.{name}.text", done=step.done, total=step.total)
            if step.total
            else t("home.steps.nothing")
        )
        rungs.append(
            {"label": t(f"home.step.{name}"), "done": step.done, "half": step.half, "total": step.total,
             "text": text, **_href(ctx, name)}
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


# -- the study and who works on it -------------------------------------------------------------------------


def _settings(ctx: Context, about: projects.ProjectSummary) -> None:
    message = st.container()
    with message:
        _refused("home.settings.refused")

    def keep(name: str) -> None:
        try:
            projects.change_setting(ctx, name, str(session.widget(f"home_set_{name}", "")))
        except WorkbenchError as error:
            session.keep_draft("home.settings.refused", sentence(error))

    st.text_input(
        t("home.settings.name"),
        about.name,
        key="home_set_name",
        max_chars=120,
        on_change=keep,
        args=("name",),
    )
    st.text_area(
        t("home.settings.question"), about.question, key="home_set_question", height=96, max_chars=600,
        on_change=keep, args=("question",),
    )  # fmt: skip
    st.markdown(f"**{t('home.settings.team')}**", anchors=False)
    leads = t("home.settings.lead")
    st.text(
        "\n".join(
            f"{m.name} · {t(f'role.{m.role}')}{f', {leads}' if m.is_lead else ''}"
            for m in projects.list_members(ctx.store)
        )
    )
    with st.form("home_team", border=False, clear_on_submit=True):
        name = st.text_input(t("home.settings.member"), max_chars=80, key="home_team_name")
        role = st.selectbox(
            t("home.settings.role"), list(Role), format_func=lambda r: t(f"role.{r}"), key="home_team_role"
        )
        if st.form_submit_button(t("home.settings.add")) and attempt(
            projects.add_member, ctx, name=name, role=str(role), where=message
        ):
            st.rerun()
