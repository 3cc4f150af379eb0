"""What surrounds every screen: the list of screens, the menu by role, the header, the few lines of CSS."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page as StreamlitPage

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, Role, can
from workbench.domain.routes import has_step
from workbench.language import clock, day, t
from workbench.services import history, projects
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import say, sentence
from workbench.ui.components.shell import shell
from workbench.ui.text import literal

THEME = Path(__file__).parent / "theme"

# Not among the theme's fontFaces: those travel with every run, and a mark in the reader is a run.
_FACE = (
    "@font-face{font-family:'IBM Plex Sans';font-weight:100 700;font-style:%s;unicode-range:%s;"
    "src:url(/_stcore/bidi-components/workbench.view/fonts/ibm-plex-sans-%s-wght-%s.woff2)}"
)
_LATIN = {
    "latin": "U+0-FF,U+131,U+152-153,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+304,U+308,U+329,U+2000-206F,U+20AC,U+2122,U+2191,"
    "U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
    "latin-ext": "U+100-2BA,U+2BD-2C5,U+2C7-2CC,U+2CE-2D7,U+2DD-2FF,U+1D00-1DBF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,"
    "U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
}
FONTS = "".join(_FACE % (s, range, part, s) for part, range in _LATIN.items() for s in ("normal", "italic"))

# The only CSS put on top of the theme (why each: interface.md 2.6). Constants, nothing from data.
_CSS = (
    f"<style>{FONTS}"
    + """
.stMainBlockContainer{padding-inline:clamp(1rem,3vw,2.75rem)}
[data-testid^=stBaseButton-primary],[data-testid=stPopoverButton][kind=primary]{color:light-dark(#fff,#0E1A20)}
[data-testid=stSidebarNavLink]:focus-visible{
outline:2px solid light-dark(#15536E,#7CC0DC);outline-offset:-2px}
@media (max-width:780px){[data-testid=stLayoutWrapper]:has(>.st-key-shell_screen){display:none}}
/* Streamlit's own "is Streamlit still running? streamlit run yourscript.py" (the only dialog with code in it)
covers the text and takes the keys; the header says it instead. */
[data-rac]:has(section[role=dialog] pre){display:none}
@media (max-width:480px){.st-key-shell_redo{display:none}}
%s</style>"""
)
_SIZE = {
    "desk": "",
    # A committee's header stays on one line of a phone: it has nothing to save, and needs no space between.
    "steering": "html{font-size:17px!important}@media(max-width:480px){.st-key-shell_header{gap:.25rem .4rem}"
    ".st-key-shell_header>:has(>.st-key-shell_line),.st-key-shell_line{position:absolute}"
    ".st-key-shell_header>:has([data-testid=stSpace]){display:none}"
    ".st-key-shell_header .stMarkdownBadge{font-size:.7rem!important}.st-key-shell_person{margin-left:auto}}",
    "projector": "html{font-size:21px!important}",
}


@dataclass(frozen=True)
class Screen:
    """A page: its url path (and the name of its module), its section in the menu, and who may see it."""

    path: str
    section: str
    icon: str
    action: Action
    part_of: str = ""  # reached from within that screen, or from the header: not in the menu


SCREENS = (
    Screen("home", "", "home", Action.SEE_PROJECT),
    Screen("sources", "material", "description", Action.READ_SOURCES),
    Screen("people", "material", "group", Action.READ_SOURCES),
    Screen("privacy", "material", "shield_person", Action.READ_SOURCES),
    Screen("impression", "analysis", "visibility", Action.ANALYSE),
    Screen("code", "analysis", "ink_highlighter", Action.ANALYSE),
    Screen("units", "analysis", "grid_view", Action.ANALYSE, part_of="code"),
    Screen("code_groups", "analysis", "sell", Action.ANALYSE, part_of="code"),
    Screen("differences", "analysis", "compare_arrows", Action.ANALYSE, part_of="code"),
    Screen("condense", "analysis", "compress", Action.ANALYSE),
    Screen("synthesise", "analysis", "edit_note", Action.ANALYSE),
    Screen("explore", "analysis", "bar_chart", Action.READ_SOURCES),
    Screen("method", "analysis", "rule", Action.READ_SOURCES),
    Screen("trace", "analysis", "account_tree", Action.MODEL),
    Screen("requirements", "model", "checklist", Action.MODEL),
    Screen("prototype", "model", "deployed_code", Action.MODEL),
    Screen("pack", "meeting", "groups", Action.READ_THEMES),
    Screen("decisions", "meeting", "gavel", Action.READ_THEMES),
    Screen("find", "project", "search", Action.READ_SOURCES, part_of="shell"),
    Screen("export", "project", "ios_share", Action.EXPORT_RELEASED),
    Screen("copies", "project", "file_copy", Action.EXPORT_ANALYSIS),
    Screen("history", "project", "history", Action.SEE_HISTORY),
    Screen("settings", "project", "settings", Action.MANAGE),
)
_COMMITTEE = ("pack", "decisions")


def may_see(role: str, screen: Screen) -> bool:
    """Whether the screen is in this role's menu; its services refuse as well."""
    if role == Role.STEERING:
        return screen.path in _COMMITTEE
    return can(role, screen.action)


def shows(ctx: Context, screen: Screen) -> bool:
    """Whether the screen is there for who acts, on the project's route."""
    return may_see(ctx.member.role, screen) and has_step(projects.route_of(ctx.store), screen.path)


def on_route(path: str) -> bool:
    """Whether the project in hand has this screen on its route: before a link is made to it."""
    found = session.store()
    return found is None or has_step(projects.route_of(found), path)


def first_screen(role: str | None) -> str:
    """Where a role begins."""
    return "pack" if role == Role.STEERING else "home"


# -- pages and menu ----------------------------------------------------------------------------------------


def _page(screen: Screen, run: Callable[[], None], *, hidden: bool = False) -> StreamlitPage:
    return st.Page(
        run,
        title=t(f"nav.{screen.path}"),
        # What the menu does not show has no icon: the list of pages travels with every run.
        icon=None if screen.part_of else f":material/{screen.icon}:",
        url_path=screen.path,
        visibility="hidden" if hidden else "visible",
    )


def _run(screen: Screen) -> None:
    """Import the screen's module only now, so that Home starts without what heavier screens need."""
    importlib.import_module(f"workbench.ui.pages.{screen.path}").page()


def _without_project(screen: Screen) -> None:
    st.title(t(f"nav.{screen.path}"), anchor=False)
    st.text(t("shell.no_project"))
    st.page_link(screen_page("home"), label=t("shell.to_start"), icon=":material/arrow_back:")


def _not_yours(screen: Screen, ctx: Context) -> None:
    header(t(f"nav.{screen.path}"))
    st.title(t(f"nav.{screen.path}"), anchor=False)
    lead = next((m.name for m in projects.list_members(ctx.store) if m.is_lead), "")
    st.text(t("shell.not_yours", role=t(f"role.{ctx.member.role}"), lead=lead))


def _no_such_step(screen: Screen, ctx: Context) -> None:
    """A screen of systematic text condensation in a project that takes another route."""
    header(t(f"nav.{screen.path}"))
    st.title(t(f"nav.{screen.path}").lstrip("1234 "), anchor=False)
    st.text(t("route.no_step", route=t(f"route.{projects.route_of(ctx.store)}").lower()))
    st.text(t("route.no_step.change"))
    st.page_link(screen_page("settings"), label=t("route.no_step.to"), icon=":material/settings:")


def screen_page(path: str) -> StreamlitPage | None:
    """The page of this url path, to give to `st.switch_page` or `st.page_link`."""
    found = next((s for s in SCREENS if s.path == path), None)
    return _page(found, partial(_run, found)) if found else None


def go(path: str, **ids: object) -> None:
    """Go to a screen, inside the session: `go("code", source=…)`. Not in a callback."""
    page = screen_page(path)
    if page is not None:
        query = {"project": session.project_id(), "as": session.asked("as"), **ids}
        st.switch_page(page, query_params={k: str(v) for k, v in query.items() if v is not None})


def navigation(ctx: Context | None) -> StreamlitPage:
    """The menu by role, in product.md's rooms. Every url path is kept for every role: a screen that is not
    yours says so instead of "page not found"."""
    role = ctx.member.role if ctx else None
    route = projects.route_of(ctx.store) if ctx else ""
    rooms: dict[str, list[StreamlitPage]] = {"": [_start(role)]}
    for screen in SCREENS:
        if ctx is None:
            run = partial(_run if screen.path == "home" else _without_project, screen)
            page = _page(screen, run, hidden=screen.path != "home")
        elif may_see(ctx.member.role, screen) and not has_step(route, screen.path):
            page = _page(screen, partial(_no_such_step, screen, ctx), hidden=True)
        elif may_see(ctx.member.role, screen):
            page = _page(screen, partial(_run, screen), hidden=bool(screen.part_of))
        else:
            page = _page(screen, partial(_not_yours, screen, ctx), hidden=True)
        # What the menu does not show needs no room's name: the list of pages travels with every run.
        shown = page.visibility == "visible" and screen.section
        rooms.setdefault(t(f"section.{screen.section}") if shown else "", []).append(page)
    return st.navigation(rooms, position="hidden" if role == Role.STEERING else "sidebar", expanded=True)


def _start(role: str | None) -> StreamlitPage:
    """The default page has no url path of its own, so it is a hidden one that leads to the role's first."""

    def start() -> None:
        go(first_screen(role), **{k: v for k, v in st.query_params.items() if k not in ("project", "as")})

    return st.Page(start, title=t("nav.app"), default=True, visibility="hidden")


# -- header ------------------------------------------------------------------------------------------------


def style(role: str | None) -> None:
    """Put the CSS in, in the size of the room."""
    size = "projector" if session.projector() else "steering" if role == Role.STEERING else "desk"
    st.html(_CSS % _SIZE[size])


def logo(role: str | None) -> None:
    """The name in outlined letters above the menu. A committee has no menu, and no row to spare for it."""
    if role != Role.STEERING:
        st.logo(str(THEME / "logo.svg"), size="medium", icon_image=str(THEME / "icon.png"))


@dataclass(frozen=True)
class Slots:
    """Places in the header for what a page draws itself: what is saved with Undo and Redo, and messages."""

    saved: DeltaGenerator
    message: DeltaGenerator
    at: list[str]  # when the project was last written to, as first said


def header(screen: str, *, reads: bool = False) -> Slots | None:
    """Project / screen, what is saved, Undo and Redo with what they will undo, and who acts.

    `screen` is the words after the project's name; a menu title's digit is left out. Call it first on every
    page; its messages have a slot of their own, so that nothing below is remounted. The page that `reads` calls
    `saved` itself, from its fragment."""
    ctx = session.optional_context()
    if ctx is None:
        return None
    project = projects.project_summary(ctx)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="shell_header"):
        with st.popover(f"**{literal(_short(project.name, 48))}**", type="tertiary", key="shell_project"):
            _projects(ctx)
        with st.container(key="shell_screen", width="content"):
            st.markdown(f"/ {literal(screen.lstrip('1234 '))}", width="content", anchors=False)
        if project.copy_for:
            st.badge(literal(t("shell.copy", who=_short(project.copy_for, 28))), color="primary")
        elif project.invented:
            st.badge(t("shell.invented"), color="gray")
        st.space("stretch")
        line = st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="shell_line"
        )
        _find(ctx)
        _person(ctx)
    slots = Slots(line, st.container(key="shell_message"), [])
    if not reads:
        saved(ctx, slots)
    if can(ctx.member.role, Action.ANALYSE):
        with slots.message:  # it has no height, and a place of its own would have a gap
            _deliver(ctx, rescue=reads)
    if ctx.member.role == Role.STEERING:
        _committee_parts()
    return slots


def _short(name: str, most: int) -> str:
    """A name that leaves room for the rest of the header; it stands whole in the list behind it and on Home."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def saved(ctx: Context, slots: Slots) -> None:
    """What is saved, Undo and Redo, and what the last of them did or why it was refused.

    Called again from a fragment, the time stays that of the page's run: the reader tells the line in the browser
    when something was saved."""
    with slots.saved:
        _saved(ctx, slots)
    said = session.take_flash()
    if said and said["refused"]:
        with slots.message:
            say(said["text"])


def _deliver(ctx: Context, *, rescue: bool) -> None:
    """Marks made just before the reader was left are still on their way: take and answer them here too."""
    from workbench.ui.components.reader import unsent

    unsent(
        project=ctx.store.id,
        member=ctx.member.id,
        acks=session.answers(),
        key="shell_unsent",
        rescue=rescue,
        on_operations=session.apply_operations,
    )


def _projects(ctx: Context) -> None:
    """The project switcher: the project's name opens it."""
    for card in projects.list_projects(projects.projects_dir()):
        st.button(
            literal(t("home.projects.copied", name=card.name, who=card.copy_for) if card.copy else card.name),
            key=f"shell_project_{card.id}",
            type="tertiary",
            disabled=card.id == ctx.store.id,
            on_click=session.choose_project,
            args=(card.id,),
        )
    st.button(
        t("shell.other_project"),
        key="shell_project_none",
        type="tertiary",
        icon=":material/add:",
        on_click=_leave,
    )


def _leave() -> None:
    session.choose_project(None)


def _step(take: Callable[[Context], history.Done], said: str, ctx: Context) -> None:
    """Undo or redo, before the page is drawn; what happened is said in the header that follows."""
    try:
        session.flash(t(said, what=take(ctx).label))
    except WorkbenchError as error:
        session.flash(sentence(error), refused=True)


def _when(moment: datetime) -> str:
    """The time for today, the date for any other day."""
    return clock(moment) if moment.astimezone().date() == datetime.now().date() else day(moment.astimezone())


def _saved(ctx: Context, slots: Slots) -> None:
    """The saved line, Undo and Redo. A committee neither saves nor undoes anything but its own position."""
    now = history.peek(ctx)
    said = session.peek_flash()
    first = not slots.at
    if said or first:
        # A committee's own position says where it is kept; on a phone the line would cost a row of the screen.
        known = now.saved_at and ctx.member.role != Role.STEERING
        slots.at[:] = [t("shell.saved", at=_when(now.saved_at)) if known and now.saved_at else ""]
    shell(saved=slots.at[0], said=said["text"] if said and not said["refused"] else "", words=first)
    if not can(ctx.member.role, Action.UNDO):
        return
    st.button(
        t("shell.undo"),
        key="shell_undo",
        icon=":material/undo:",
        type="tertiary",
        disabled=now.undo is None,
        help=t("shell.undo_what", what=literal(now.undo)) if now.undo else t("shell.undo_nothing"),
        on_click=_step,
        args=(history.undo, "shell.undone", ctx),
    )
    st.button(
        t("shell.redo"),
        key="shell_redo",
        icon=":material/redo:",
        type="tertiary",
        disabled=now.redo is None,
        help=t("shell.redo_what", what=literal(now.redo)) if now.redo else t("shell.redo_nothing"),
        on_click=_step,
        args=(history.redo, "shell.redone", ctx),
    )


def _find(ctx: Context) -> None:
    """Words in the whole project, one press away; Ctrl+K presses it (see shell.js)."""
    if can(ctx.member.role, Action.READ_SOURCES) and st.button(
        t("shell.find"),
        key="shell_find",
        icon=":material/search:",
        type="tertiary",
        help=t("shell.find_help"),
    ):
        go("find")


def _person(ctx: Context) -> None:
    """Who acts, and how large the letters are."""
    with st.popover(
        literal(ctx.member.initials), icon=":material/account_circle:", type="tertiary", key="shell_person"
    ):
        everyone = {m.id: m for m in projects.list_members(ctx.store)}

        def act() -> None:
            session.choose_member(ctx.store, session.widget("shell_member"))

        st.radio(
            t("shell.acting"),
            list(everyone),
            index=list(everyone).index(ctx.member.id),
            format_func=lambda id: f"{literal(everyone[id].name)}, {t(f'role.{everyone[id].role}')}",
            key="shell_member",
            on_change=act,
        )
        st.caption(t("shell.not_a_login"))
        st.toggle(
            t("shell.projector"),
            value=session.projector(),
            key="shell_projector",
            on_change=lambda: session.set_projector(session.widget("shell_projector")),
        )
        st.caption(t("shell.light_dark"))


def parts(of: str, here: str) -> None:
    """The parts of a screen side by side: the screen itself and those that are part of it."""
    paths = [of, *(s.path for s in SCREENS if s.part_of == of)]
    chosen = st.segmented_control(
        t("shell.parts"),
        paths,
        default=here,
        format_func=lambda path: t(f"part.{path}"),
        label_visibility="collapsed",
        required=True,
        key=f"shell_part_{here}",
    )
    if chosen and chosen != here:
        go(chosen)


def _committee_parts() -> None:
    """A committee has no menu: two parts, side by side, also on a phone."""
    address = (st.context.url or "").partition("?")[0]
    here = next((path for path in _COMMITTEE if address.endswith(f"/{path}")), None)
    chosen = st.segmented_control(
        t("shell.parts"),
        _COMMITTEE,
        default=here,
        format_func=lambda path: t(f"nav.{path}"),
        label_visibility="collapsed",
        width="stretch",
        required=True,
        key=f"shell_parts_{here}",
    )
    if chosen and chosen != here:
        go(chosen)
