"""What the parts of the pack's page share: the head, links between parts, and a requirement as it stands."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t
from workbench.services.context import Context
from workbench.services.packs import Pack, PackRequirement
from workbench.ui import evidence, session
from workbench.ui.components.view import Row, State
from workbench.ui.text import literal

TRUST: dict[str, State] = {"doubt": "doubt", "distant": "open"}


def head(pack: Pack, title: str, first: str = "") -> None:
    """The part's title, and over it the meeting."""
    parts = [first] if first else []
    if pack.meeting:
        parts += [pack.meeting.title, day(pack.meeting.date)]
    with st.container(gap=None, key="pack_head"):
        st.caption(literal(" · ".join(p for p in parts if p)))
        st.title(literal(title), anchor=False)


def part_link(part: str, **ids: object) -> str:
    """A link to a part of the same meeting's pack."""
    return session.link("pack", part=part, meeting=session.asked("meeting"), **ids)


def theme_link(n: int) -> str:
    return part_link("themes", theme=n)


def requirement_row(ctx: Context, r: PackRequirement) -> Row:
    """A requirement as it stands; who may follow it further down gets a way there."""
    row: Row = {"text": r.statement, "key": r.key, "state": evidence.STATUS[r.status],
                "word": t(f"status.{r.status}")}  # fmt: skip
    importance = t(f"moscow.{r.moscow}") if r.moscow else ""
    notes = [t(f"status.{r.status}")]
    if can(ctx.member.role, Action.MODEL):
        row["href"], row["link"] = session.link("trace", item=r.id), t("tracepage.because")
        notes = [importance, *notes]
    elif importance:
        row["link"] = importance
    if not r.is_held_up:
        row["state"], row["word"] = "doubt", t("requirements.unheld_word")
        notes.append(t("requirements.unheld"))
    if r.trust:
        row["state"], row["word"] = TRUST[r.trust], t(f"packfile.trust.{r.trust}")
        notes.append(t(f"packfile.trust.{r.trust}"))
    elif r.changed_since_decision:
        row["state"], row["word"] = "doubt", t("requirements.changed_word")
        notes.append(t("pack.changed_since_decided"))
    row["note"] = " · ".join(n for n in notes if n)
    return row
