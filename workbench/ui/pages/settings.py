"""Settings: what the study is about and which route it takes, who works on it, the smallest group shown, its file."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.records import Member
from workbench.domain.roles import Action, Role, can
from workbench.domain.routes import Route
from workbench.language import t
from workbench.services import projects
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.kept import Row, kept_choice, kept_text, kept_toggle, row_of
from workbench.ui.pages import importing
from workbench.ui.text import literal

WIDTH = 760


def page() -> None:
    """Every field is kept when it is left. Question, lens and route are there for those who analyse."""
    ctx = session.context()
    shell.header(t("nav.settings"))
    st.title(t("nav.settings"), anchor=False)
    rows = projects.settings_rows(ctx)
    with st.container(width=WIDTH):
        _study(ctx, rows)
        st.space("small")
        _shown(ctx, rows)
        st.space("small")
        _team(ctx)
        st.space("small")
        _file(ctx)


def _field(ctx: Context, rows: dict[str, Any], name: str) -> dict[str, Any]:
    """What a kept field needs to keep one setting."""

    def save(value: Any, row: Row) -> None:
        projects.change_setting(ctx, name, str(value), rev=int(row["rev"]))

    return {"name": f"setting.{name}", "row": rows[name], "field": "value", "save": save}


def _study(ctx: Context, rows: dict[str, Any]) -> None:
    st.subheader(t("settings.study"), anchor=False)
    kept_text(t("settings.name"), **_field(ctx, rows, "name"), max_chars=120)
    if not can(ctx.member.role, Action.ANALYSE):
        return
    kept_text(t("settings.question"), **_field(ctx, rows, "question"), lines=3, max_chars=600)
    kept_text(t("settings.lens"), **_field(ctx, rows, "lens"), lines=4, max_chars=600,
              help=t("settings.lens.help"))  # fmt: skip
    kept_choice(
        t("settings.language"), importing.LANGUAGES, words=lambda code: t(f"sources.language.{code}"),
        kind="segments", required=True, **_field(ctx, rows, "language"),
    )  # fmt: skip
    st.space("small")
    st.subheader(t("settings.route"), anchor=False)
    kept_choice(
        t("settings.route"), list(Route), words=lambda route: t(f"route.{route}"), kind="segments",
        label_visibility="collapsed", required=True, **_field(ctx, rows, "route"),
    )  # fmt: skip
    route = projects.project_summary(ctx).route
    st.text(t(f"route.{route}.about"))
    st.caption(t("settings.route.about"))


def _shown(ctx: Context, rows: dict[str, Any]) -> None:
    st.subheader(t("settings.shown"), anchor=False)
    kept_text(t("settings.k_min"), **_field(ctx, rows, "k_min"), max_chars=3, width=220)
    st.caption(t("settings.k_min.about"))


def _team(ctx: Context) -> None:
    st.subheader(t("settings.team"), anchor=False)
    everyone = projects.list_members(ctx.store)
    for member in everyone:
        _member(ctx, member)
    if len(everyone) == 1:
        st.caption(t("settings.team.alone"))
    st.space("xsmall")
    st.markdown(f"**{t('settings.team.more')}**", anchors=False)
    message = st.container()
    with st.form("settings_team", border=False, clear_on_submit=True):
        left, right = st.columns([2, 1.3], vertical_alignment="bottom")
        name = left.text_input(t("settings.member"), max_chars=80, key="settings_new_name")
        role = right.selectbox(
            t("settings.role"), list(Role), format_func=lambda r: t(f"role.{r}"), key="settings_new_role"
        )
        if st.form_submit_button(t("settings.add")) and attempt(
            projects.add_member, ctx, name=name, role=str(role), where=message
        ):
            st.rerun()


def _member(ctx: Context, member: Member) -> None:
    def field(name: str) -> dict[str, Any]:
        def save(value: Any, row: Row) -> None:
            projects.change_member(ctx, member.id, rev=int(row["rev"]), **{name: value})

        return {"name": f"member.{member.id}.{name}", "row": row_of(member), "field": name, "save": save}

    hidden: Any = {"label_visibility": "collapsed"}
    who = literal(member.name)
    left, middle, right = st.columns([2, 1.3, 0.7], vertical_alignment="center")
    with left:
        kept_text(t("settings.name_of", who=who), **field("name"), max_chars=80, **hidden)
    with middle:
        kept_choice(
            t("settings.role_of", who=who), [str(r) for r in Role], words=lambda r: t(f"role.{r}"), **field("role"),
            **hidden,
        )  # fmt: skip
    with right:
        if member.role == Role.RESEARCHER:
            kept_toggle(
                t("settings.leads"), words=lambda on: t("settings.leads" if on else "settings.leads_not"),
                **field("is_lead"),
            )  # fmt: skip


def _file(ctx: Context) -> None:
    """Where it all lies, and what the interface follows."""
    st.subheader(t("settings.file"), anchor=False)
    st.text(t("settings.file.project", path=ctx.store.path))
    if ctx.store.vault_path.exists():
        st.text(t("settings.file.vault", path=ctx.store.vault_path))
    if project := projects.project_summary(ctx).copy_for:
        st.text(t("settings.file.copy", who=project))
    st.caption(f"{t('settings.interface')} {t('shell.light_dark')}")
