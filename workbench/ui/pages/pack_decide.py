"""The pack, Decide: what is asked, what is recommended, what it costs and who disagrees; then what was decided."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import pack_words
from workbench.services.context import Context
from workbench.services.decisions import DecisionView
from workbench.services.packs import Pack
from workbench.ui import committee, session
from workbench.ui.components.view import Row, view
from workbench.ui.pages.pack_parts import head, part_link, requirement_row, theme_link
from workbench.ui.text import literal

_MOST = 12  # things a question is about that are named beside it


def draw(ctx: Context, pack: Pack) -> None:
    if not pack.asked:
        head(pack, t("pack.nothing_asked"))
    for n, decision in enumerate(pack.asked):
        if n == 0:
            head(pack, decision.question, t(f"nature.{decision.nature}_asked"))
        else:
            st.space("small")
            with st.container(gap=None):
                st.caption(t(f"nature.{decision.nature}_asked"))
                st.header(literal(decision.question), anchor=False)
        left, right = st.columns([1.5, 1], gap="large")
        with left:
            committee.facts(decision)
            _who_disagrees(pack, decision)
            if decision.votes:
                with st.container(gap=None):
                    st.markdown(f"**{t('committee.positions')}**", anchors=False)
                    view("rows", {"rows": committee.position_rows(decision)}, key=f"positions_{decision.key}")
            if decision.nature == "decision" and can(ctx.member.role, Action.DECIDE):
                with st.container(border=True, key=f"vote_{decision.key}"):
                    committee.position_form(ctx, decision, "pack")
        with right:
            _about(ctx, pack, decision)
            if n == 0:
                _beside(pack)
    if not pack.asked:
        _beside(pack)
    if pack.decided:
        st.space("small")
        st.header(t("pack.decided"), anchor=False)
        view("rows", {"rows": [logged(d) for d in reversed(pack.decided)]}, key="decision_log")


def _who_disagrees(pack: Pack, decision: DecisionView) -> None:
    """Dissent beside the question: what people said, never an empty box."""
    about = pack_words.about_themes(pack, decision)
    unlooked: list[int] = []
    for n, brief in about:
        quotes, sentence = committee.dissent_facts(brief, pack.matrix)
        if len(about) > 1 and not quotes and not brief.reread and not brief.challenges:
            unlooked.append(n)  # said in one box for all of them
            continue
        heading = t("committee.differently") if len(about) == 1 else t("committee.differently_on", n=n)
        view("brief", {"text": [], "dissent_heading": heading, "dissent": quotes, "dissent_note": sentence},
             key=f"dissent_{decision.key}_{n}")  # fmt: skip
    if unlooked:
        named = ", ".join(str(n) for n in unlooked)
        view("brief", {"text": [], "dissent_heading": t("committee.differently"), "dissent": [],
                       "dissent_note": tn("committee.not_looked_on", len(unlooked), named=named)},
             key=f"dissent_{decision.key}")  # fmt: skip


def _about(ctx: Context, pack: Pack, decision: DecisionView) -> None:
    items = {item for item, _, _ in decision.about}
    rows: list[Row] = []
    for n, b in pack_words.about_themes(pack, decision):
        rows.append({"text": b.heading, "key": t("requirements.theme_n", n=n), "href": theme_link(n)})
    rows += [requirement_row(ctx, r) for r in pack.requirements if r.id in items]
    rows += [
        {"text": label, "key": t("model.kind.component")}
        for _, kind, label in decision.about
        if kind == "component"
    ]
    if rows:
        st.subheader(t("pack.it_concerns"), anchor=False)
        view("rows", {"rows": rows[:_MOST]}, key=f"about_{decision.key}")
        if len(rows) > _MOST:
            st.caption(tn("since.more", len(rows) - _MOST))
        st.space("small")


def _beside(pack: Pack) -> None:
    """Since last time in a line, actions from last time, and who cannot come."""
    if pack.since:
        st.subheader(t("pack.since_title", at=day(pack.since.at)), anchor=False)
        counts = pack_words.since_counts(pack.since)
        row: Row = {"text": counts or pack_words.since_verdict(pack.since), "href": part_link("since")}
        if counts:
            row["note"] = pack_words.since_verdict(pack.since)
        doubtful = pack.since.doubtful
        row["state"] = "doubt" if any(f.in_doubt for f in doubtful) else "open" if doubtful else "good"
        view("rows", {"rows": [row]}, key="since_line")
        st.space("small")
    if pack.actions:
        st.subheader(t("pack.actions"), anchor=False)
        view("rows", {"rows": [
            {"text": a.text, "state": "open" if a.is_open else "good",
             "word": t("packfile.action_open") if a.is_open else t("packfile.action_done", at=day(a.done_at)),
             "note": " · ".join(x for x in (a.owner or t("packfile.no_owner"), day(a.due) if a.is_open else
                                            t("packfile.action_done", at=day(a.done_at)), a.outcome) if x)}
            for a in pack.actions]}, key="pack_actions")  # fmt: skip
        st.space("small")
    if pack.attendance:
        st.subheader(t("pack.attendance"), anchor=False)
        view("rows", {"rows": [
            {"text": t(f"packfile.attendance.{a.status or 'present'}{'_deputy' if a.deputy else ''}",
                       seat=a.seat, deputy=a.deputy)} for a in pack.attendance]}, key="pack_attendance")  # fmt: skip


def logged(decision: DecisionView) -> Row:
    """A decision in a line, with who objected."""
    against = [v.seat for v in decision.dissent]
    notes = [decision.outcome, t("pack.dissented", who=", ".join(against)) if against else "",
             committee.changed_sentence(decision)]  # fmt: skip
    row: Row = {"text": decision.question, "key": decision.key, "note": " ".join(x for x in notes if x),
                "state": "doubt" if decision.changed_since else "good",
                "word": t("requirements.changed_word") if decision.changed_since else t("committee.decided_word"),
                "href": session.link("decisions", decision=decision.key)}  # fmt: skip
    return row
