"""Minutes: what was done at a meeting, as one reads it aloud; approved in the room, then they stand."""

from __future__ import annotations

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import clock, day, t
from workbench.services import meetings, minutes, minutes_files
from workbench.services.context import Context
from workbench.services.minutes import MinuteItem, MinutesView
from workbench.ui import committee, session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, view
from workbench.ui.files import file_name, offer
from workbench.ui.kept import kept_text, row_of
from workbench.ui.pages import decisions_actions, decisions_agenda
from workbench.ui.text import literal

_FILES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def draw(ctx: Context) -> None:
    may_meet = can(ctx.member.role, Action.MEET)
    held = meetings.list_meetings(ctx)
    if not may_meet:
        approved = {m for m, _, _ in minutes.approved_minutes(ctx)}
        held = [m for m in held if m.id in approved]
    if not held:
        st.text(t("decisions.empty" if may_meet else "decisions.no_minutes"))
        return
    chosen = decisions_agenda.choose(ctx, held, meetings.list_decisions(ctx) if may_meet else [])
    if chosen is None:
        return
    m = minutes.minutes_of(ctx, chosen)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        _paper(ctx, m, may_meet)
    with right:
        if may_meet and not m.is_approved:
            _approve(ctx, m)
        _files(ctx, m)


def _head(text: str) -> None:
    st.markdown(f"**{text}**", anchors=False)


def _paper(ctx: Context, m: MinutesView, may_meet: bool) -> None:
    with st.container(gap=None):
        st.caption(literal(day(m.meeting.date)) or t("decisions.no_date"))
        st.header(literal(t("decisions.minutes_title", meeting=m.meeting.title)), anchor=False)
    if m.is_approved:
        said = t(
            "decisions.approved", at=day(m.approved_at), clock=clock(str(m.approved_at)), seat=m.approved_by
        )
        view(
            "rows",
            {"rows": [{"text": said, "state": "good", "word": t("decisions.approved_word")}]},
            key="approved",
        )
    with st.container(gap=None):
        for status in ("present", "apology", "absent"):
            names = [a.seat + (f" ({t('decisions.deputy_is', deputy=a.deputy)})" if a.deputy else "")
                     for a in m.attendance if a.status == status]  # fmt: skip
            if names:
                st.text(t(f"decisions.minutes_{status}", seats=", ".join(names)))
        if not any(a.status for a in m.attendance):
            st.text(t("decisions.nobody_noted"))
    if m.earlier:
        with st.container(gap=None):
            _head(t("decisions.carried"))
            rows = [decisions_actions.row_of_action(a, meeting=True) for a in m.earlier]
            view("rows", {"rows": rows}, key="minutes_earlier")
    if not m.items:
        st.text(t("decisions.no_items"))
    for i in m.items:
        _item(i)
    if m.actions:
        with st.container(gap=None):
            _head(t("decisions.own_actions"))
            view(
                "rows",
                {"rows": [decisions_actions.row_of_action(a) for a in m.actions]},
                key="minutes_actions",
            )
    if may_meet and not m.is_approved:
        kept_text(t("decisions.remarks"), name=f"remarks.{m.meeting.id}", row=row_of(m), field="remarks", lines=3,
                  height="content", placeholder=t("decisions.remarks_hint"),
                  save=lambda typed, now: minutes.set_remarks(ctx, m.meeting.id, typed, rev=now["rev"]))  # fmt: skip
    elif m.remarks:
        with st.container(gap=None):
            _head(t("decisions.remarks"))
            st.text(m.remarks)


def _item(i: MinuteItem) -> None:
    """What was asked, what was said, what it came to; those who disagreed in their own words."""
    d = i.decision
    with st.container(key=f"minute_{d.key}", gap="small"):
        with st.container(gap=None):
            about = t("decisions.about_keys", keys=", ".join(i.keys)) if i.keys else ""
            st.caption(literal(" · ".join(x for x in (d.key, t(f"nature.{d.nature}"), about) if x)))
            st.subheader(literal(f"{i.n}. {d.question}"), anchor=False)
        if d.discussed:
            st.text(d.discussed)
        if d.outcome:
            with st.container(gap=None):
                result = (
                    t(f"result.{d.result}") if d.result and d.result != "noted" else t("committee.outcome")
                )
                _head(result)
                st.text(d.outcome)
            if d.why and d.why != d.outcome:
                with st.container(gap=None):
                    _head(t("committee.why"))
                    st.text(d.why)
        elif d.nature == "decision":
            st.caption(t("decisions.not_reached"))
        if d.votes:
            with st.container(gap=None):
                st.text(committee.count_sentence(d))
                told: list[Row] = [r for r in committee.position_rows(d) if r.get("note")]
                if told:
                    view("rows", {"rows": told}, key=f"minute_votes_{d.key}")
        if i.actions:
            with st.container(gap=None):
                _head(t("decisions.actions"))
                rows = [decisions_actions.row_of_action(a) for a in i.actions]
                view("rows", {"rows": rows}, key=f"minute_actions_{d.key}")
        if d.revisit_if:
            st.caption(literal(t("committee.revisit", when=d.revisit_if)))


def _approve(ctx: Context, m: MinutesView) -> None:
    """Read aloud, then approved by the chair's seat; said first what will happen."""
    with st.container(border=True, key="approve"):
        said = st.container(key="approve_said")
        _head(t("decisions.approve_head"))
        waiting = [i.decision.key.replace("-", "\u2011") for i in m.items if i.decision.is_open]
        if waiting:
            st.text(t("decisions.will_go_on", keys=", ".join(waiting)))
        unnoted = [a.seat for a in m.attendance if not a.status]
        if unnoted and len(unnoted) < len(m.attendance):
            st.text(t("decisions.will_be_absent", seats=", ".join(unnoted)))
        st.text(t("decisions.approve_about"))
        names = [a.seat for a in m.attendance]
        key = f"approve_seat_{m.meeting.id}"
        if names:
            # Seats are named by the project: the one that holds the chair, else the first.
            if session.widget(key) not in names:
                session.set_widget(key, m.chair or names[0])
            st.selectbox(t("decisions.approve_seat"), names, key=key)
        else:
            st.text_input(t("decisions.approve_seat"), key=key)

        def approve() -> None:
            attempt(
                minutes.approve_minutes,
                ctx,
                m.meeting.id,
                seat=str(session.widget(key) or ""),
                as_of=m.as_of,
                where=said,
            )

        st.button(t("decisions.approve"), key="approve_keep", type="primary", on_click=approve)


def _files(ctx: Context, m: MinutesView) -> None:
    """The same on paper; what is not approved says so on its first page."""
    made = st.container(key="minutes_made")
    with st.container(horizontal=True, gap="small", key="minutes_files"):
        for suffix, mime in _FILES.items():
            if st.button(
                t(f"decisions.as_{suffix[1:]}"), key=f"minutes_as_{suffix[1:]}", icon=":material/description:"
            ):
                data = attempt(minutes_files.minutes_file, ctx, m.meeting.id, suffix, where=made)
                if data is not None:
                    with made:
                        offer(data, file_name(ctx, f"-minutes{suffix}"), mime, f"minutes_get_{suffix[1:]}")
