"""Export: what can be handed over, what can be printed for the team, and who may see each; made when asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.domain.routes import condenses
from workbench.language import clock, day, t
from workbench.services import history, projects, sources
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import view
from workbench.ui.files import file_name, offer
from workbench.ui.pages import export_method, export_trace


@dataclass(frozen=True)
class Made:
    """A file that can be made: its ending, what it is in the catalogue, and the action it takes."""

    ending: str
    name: str
    mime: str
    action: Action
    icon: str


MADE = (
    Made(".docx", "report", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         Action.EXPORT_ANALYSIS, "article"),
    Made(".pdf", "briefs", "application/pdf", Action.EXPORT_RELEASED, "picture_as_pdf"),
    Made(".xlsx", "units", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         Action.EXPORT_ANALYSIS, "table"),
    Made(".svg", "trace", "image/svg+xml", Action.EXPORT_RELEASED, "account_tree"),
    Made(".sqlite", "tables", "application/vnd.sqlite3", Action.EXPORT_ANALYSIS, "database"),
)  # fmt: skip


def page() -> None:
    """One card per file this member may have."""
    ctx = session.context()
    shell.header(t("nav.export"))
    if session.asked("part") == "coreq" and can(ctx.member.role, Action.EXPORT_ANALYSIS):
        export_method.coreq(ctx)
        return
    st.title(t("nav.export"), anchor=False)
    paper = can(ctx.member.role, Action.EXPORT_ANALYSIS)
    if first := paper and session.asked("part") == "paper":  # asked for where cards are sorted
        _paper(ctx)
        st.space("small")
    st.text(t("export.about"))
    st.space("xsmall")
    mine = [made for made in MADE if can(ctx.member.role, made.action)]
    for at in range(0, len(mine), 3):
        for made, place in zip(mine[at : at + 3], st.columns(3, gap="medium"), strict=False):
            with place, st.container(border=True, height="stretch", key=f"export_card_{made.name}"):
                _card(ctx, made)
    if len(mine) < len(MADE):
        st.caption(t("export.released_only"))
    if can(ctx.member.role, Action.EXPORT_RELEASED):
        export_trace.section(ctx)
    if paper:
        export_method.section(ctx)
    if paper and not first:
        _paper(ctx)
    if can(ctx.member.role, Action.SEE_HISTORY):
        _left(ctx)


NO_GROUP = "none"


def _paper(ctx: Context) -> None:
    """What the team may want on paper: a card each, with what goes on it."""
    st.space("small")
    st.subheader(t("paper.title"), anchor=False)
    st.text(t("paper.about"))
    st.space("xsmall")
    titles = {v.source.id: v.source.title for v in sources.list_sources(ctx)}
    groups = {g.id: f"{g.tag} {g.name}" for g in sources.list_code_groups(ctx)}
    for kind, place in zip((_transcript, _cards, _wall), st.columns(3, gap="medium"), strict=True):
        with place, st.container(border=True, height="stretch", key=f"paper_card{kind.__name__}"):
            kind(ctx, titles if kind is _transcript else groups)


def _choice(label: str, every: str, named: dict[str, str], key: str) -> list[str]:
    """Which of them, none chosen meaning all."""
    return st.multiselect(
        t(label), list(named), format_func=lambda id: named.get(id, ""), placeholder=t(every), key=key
    )  # fmt: skip


def _transcript(ctx: Context, titles: dict[str, str]) -> None:
    _paper_head("transcript")
    chosen = _choice("paper.which_sources", "paper.all_sources", titles, "paper_sources")
    marks = st.checkbox(t("paper.with_marks"), help=t("paper.with_marks.help"), key="paper_marks")
    st.space("stretch")
    paper_button(ctx, "transcript", lambda paper: paper.transcript(ctx, chosen, marks=marks))


def _cards(ctx: Context, groups: dict[str, str]) -> None:
    _paper_head("cards")
    chosen = _choice(
        "paper.which_units", "paper.all_units", groups | {NO_GROUP: t("paper.in_no_group")}, "paper_units"
    )  # fmt: skip
    st.caption(t("paper.sorted_back"))
    picked = [id for id in chosen if id != NO_GROUP]
    st.space("stretch")
    paper_button(
        ctx, "cards", lambda paper: paper.cards(ctx, code_groups=picked, left_over=NO_GROUP in chosen)
    )  # fmt: skip


def _wall(ctx: Context, groups: dict[str, str]) -> None:
    _paper_head("wall")
    chosen = _choice("paper.which_groups", "paper.all_groups", groups, "paper_groups")
    notes = condenses(projects.route_of(ctx.store)) and st.checkbox(
        t("paper.with_condensates"), help=t("paper.with_condensates.help"), key="paper_notes"
    )
    st.space("stretch")
    paper_button(ctx, "wall", lambda paper: paper.wall(ctx, chosen, condensates=notes))


def _paper_head(kind: str) -> None:
    st.subheader(t(f"paper.{kind}"), anchor=False)
    st.markdown(f":gray[{t(f'paper.{kind}.kind')}]", anchors=False)


def paper_button(ctx: Context, kind: str, make: Callable[[Any], bytes]) -> None:
    """The button that makes it and, in the run that made it, the one that fetches it. `make` is given
    `services.paper`. Other pages may use it, once each."""
    message = st.container()
    if not st.button(t(f"paper.make.{kind}"), key=f"paper_make_{kind}", icon=":material/print:"):
        return
    from workbench.services import paper  # typst: only when something is made

    with st.spinner(t("export.making"), show_time=False):
        data = attempt(make, paper, where=message)
    if data:
        offer(data, file_name(ctx, f"-{kind}.pdf"), "application/pdf", f"paper_{kind}")


def _left(ctx: Context) -> None:
    """What has left, so that it can be found again when somebody withdraws."""
    found = history.list_releases(ctx)
    if not found:
        return
    st.space("small")
    st.subheader(t("export.left"), anchor=False)
    rows = [
        {
            "key": f"{day(r.at)}, {clock(r.at)}",
            "text": t(f"export.left.{r.kind}", who=r.member),
            "note": t("export.left.digest", digest=r.sha256[:16]),
        }
        for r in found[:50]
    ]
    view("rows", {"rows": rows}, key="export_left")


def _card(ctx: Context, made: Made) -> None:
    st.subheader(t(f"export.{made.name}"), anchor=False)
    st.markdown(f":gray[{t(f'export.{made.name}.kind')}]", anchors=False)
    st.text(t(f"export.{made.name}.about"))
    st.markdown(f"**{t('export.who')}**  \n{t(f'export.{made.name}.who')}", anchors=False)
    st.space("stretch")
    message = st.container()
    if st.button(
        t(f"export.{made.name}.make"),
        key=f"export_make_{made.name}",
        type="primary" if made is MADE[0] else "secondary",
        icon=f":material/{made.icon}:",
    ) and (data := _make(ctx, made.ending, message)):
        offer(data, file_name(ctx, made.ending), made.mime, f"export_{made.name}")


def _make(ctx: Context, ending: str, message: Any) -> bytes | None:
    """The file's bytes, or None after saying why it was not made."""
    from workbench.services import exporting  # Word, PDF and Excel writers: only when something is made

    with st.spinner(t("export.making"), show_time=False):
        return attempt(exporting.export, ctx, ending, where=message)
