"""Preparing a meeting: who is here and which seats there are, new meetings, new items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from workbench.domain.records import Session
from workbench.language import day, t
from workbench.services import meetings, model, seats
from workbench.services.context import Context
from workbench.ui import evidence, session
from workbench.ui.call import attempt
from workbench.ui.kept import kept_text, row_of
from workbench.ui.text import literal

LOOSE = "none"  # in the address: the items that are on no meeting


def name_of(meeting: Session) -> str:
    return " · ".join(x for x in (meeting.title, day(meeting.date)) if x)


# -- who is here -------------------------------------------------------------------------------------------


def who(ctx: Context, here: Session) -> None:
    """One press for each seat that is here, one for each that sent word; a deputy is a role."""
    found = seats.list_attendance(ctx, here.id)
    st.subheader(t("decisions.who"), anchor=False)
    if not found:
        st.text(t("decisions.no_seats"))
        return
    trouble = st.container(key="who_said")
    for status in ("present", "apology"):
        key = f"who_{status}_{here.id}"
        # Only those who are not yet something else: a seat stands in one of the two.
        names = [
            a.seat
            for a in found
            if a.status in ("", status) or (status == "present" and a.status == "absent")
        ]
        now = [a.seat for a in found if a.status == status]
        session.set_widget(key, now)

        def pressed(key: str = key, status: str = status, now: list[str] = now) -> None:
            pressed_now = session.widget(key) or []
            for seat in {*now} ^ {*pressed_now}:
                attempt(
                    seats.set_attendance,
                    ctx,
                    here.id,
                    seat,
                    status if seat in pressed_now else "",
                    where=trouble,
                )

        if names:
            st.pills(t(f"decisions.{status}"), names, key=key, selection_mode="multi",
                     format_func=evidence.escaped(str), on_change=pressed, wrap=True)  # fmt: skip
    for a in found:
        if a.status == "apology":

            def deputy(typed: str, _now: Mapping[str, Any], seat: str = a.seat) -> None:
                seats.set_attendance(ctx, here.id, seat, "apology", deputy=typed)

            kept_text(literal(t("decisions.deputy", seat=a.seat)), name=f"deputy.{here.id}.{a.seat}", row=row_of(a),
                      field="deputy", placeholder=t("decisions.deputy_hint"), save=deputy)  # fmt: skip
    st.space("small")


def seats_at_table(ctx: Context) -> None:
    """The seats at the table. What a seat may do is hidden until somebody asks for it: most committees agree."""
    with st.popover(t("decisions.seats"), icon=":material/chair_alt:", key="seats"), st.container(width=480):
        trouble = st.container(key="seats_said")
        found = seats.list_seats(ctx)
        st.caption(t("decisions.seats_about"))
        for s in found:
            marks = [t(f"decisions.{m}") for m, on in (("chair", s.is_chair), ("veto", s.has_veto),
                                                         ("no_vote", not s.may_vote)) if on]  # fmt: skip
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.text(" · ".join([s.name, *marks]))
                st.space("stretch")

                def away(name: str = s.name) -> None:
                    attempt(seats.retire_seat, ctx, name, where=trouble)

                st.button(t("decisions.take_seat"), key=f"seat_away_{s.name}", type="tertiary", on_click=away)

        def add() -> None:
            done = attempt(seats.add_seat, ctx, name=session.widget("seat_name") or "", where=trouble)
            if done is not None:
                session.set_widget("seat_name", "")

        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            st.text_input(t("decisions.seat_name"), key="seat_name", placeholder=t("decisions.seat_hint"))
            st.button(t("decisions.add_seat"), key="seat_add", on_click=add)
        if not found:
            return
        names = [s.name for s in found]
        chosen = st.selectbox(t("decisions.seat_more"), names, index=None, key="seat_chosen",
                              placeholder=t("decisions.seat_choose"))  # fmt: skip
        one = next((s for s in found if s.name == chosen), None)
        if one is None:
            return
        now = {"is_chair": one.is_chair, "has_veto": one.has_veto, "may_vote": one.may_vote}
        for field in now:
            key = f"seat_{field}_{one.name}"
            session.set_widget(key, now[field])

            def turned(field: str = field, key: str = key, seat: seats.SeatView = one) -> None:
                attempt(seats.change_seat, ctx, seat.name, rev=seat.rev, stakeholder_group=seat.stakeholder_group,
                        **(now | {field: bool(session.widget(key))}), where=trouble)  # fmt: skip

            st.toggle(t(f"decisions.{field}"), key=key, on_change=turned)
        groups: dict[str | None, str] = {None: t("model.none_chosen")}
        groups |= {id: name for id, name in seats.group_names(ctx).items()}
        key = f"seat_group_{one.name}"
        session.set_widget(key, one.stakeholder_group if one.stakeholder_group in groups else None)

        def speaks_for() -> None:
            attempt(seats.change_seat, ctx, one.name, rev=one.rev, stakeholder_group=session.widget(key), **now,
                    where=trouble)  # fmt: skip

        st.selectbox(t("decisions.seat_group"), list(groups), key=key, format_func=groups.__getitem__,
                     on_change=speaks_for)  # fmt: skip


# -- what only those who prepare meetings do ---------------------------------------------------------------


def add_meeting(ctx: Context, has_seats: bool) -> None:
    with (
        st.popover(t("decisions.add_meeting"), icon=":material/event:", key=session.popover("add_meeting")),
        st.container(width=480),
    ):
        trouble = st.container(key="add_meeting_said")
        st.text_input(
            t("decisions.meeting_title"), key="meeting_title", placeholder=t("decisions.meeting_hint")
        )
        st.date_input(t("decisions.meeting_date"), key="meeting_date", value=None, format="YYYY-MM-DD")
        if not has_seats:
            st.text_area(t("decisions.attendance"), key="meeting_seats", height=110,
                         placeholder=t("decisions.attendance_hint"))  # fmt: skip

        def keep() -> None:
            on = session.widget("meeting_date")
            done = attempt(
                meetings.add_meeting, ctx, title=session.widget("meeting_title") or "", where=trouble,
                date=on.isoformat() if isinstance(on, date) else None,
                attendance=session.widget("meeting_seats") or "",
            )  # fmt: skip
            if done is not None:
                session.set_widget("meeting_title", "")
                session.ask(meeting=done)
                session.close_popover("add_meeting")

        st.button(t("decisions.keep_meeting"), key="keep_meeting", type="primary", on_click=keep)


def _about_options(ctx: Context) -> dict[str, str]:
    options = {
        r.requirement.id: f"{r.requirement.key} {r.requirement.statement}"
        for r in model.list_requirements(ctx)
    }
    options |= {c.component.id: c.component.name for c in model.list_components(ctx)}
    return options | {g.id: g.label for g in model.list_grounds(ctx) if g.kind == "category"}


def add_item(ctx: Context, held: list[Session], chosen: str | None) -> None:
    with (
        st.popover(
            t("decisions.add_item"), icon=":material/add:", type="primary", key=session.popover("add_item")
        ),
        st.container(width=520),
    ):
        trouble = st.container(key="add_item_said")
        st.pills(t("decisions.nature"), meetings.NATURES, default="decision", required=True, key="item_nature",
                 format_func=lambda n: t(f"nature.{n}"))  # fmt: skip
        # Not above the button: it folds when it is left, and the button would move from under the press.
        about = _about_options(ctx)
        st.multiselect(t("decisions.about"), list(about), key="item_about",
                       format_func=about.__getitem__, placeholder=t("decisions.about_hint"))  # fmt: skip
        st.text_area(t("decisions.question"), key="item_question", height=70,
                     placeholder=t("decisions.question_hint"))  # fmt: skip
        st.text_area(t("decisions.recommendation"), key="item_recommendation", height=70)
        st.text_area(t("decisions.consequences"), key="item_consequences", height=90,
                     placeholder=t("decisions.consequences_hint"))  # fmt: skip
        names = {m.id: name_of(m) for m in held}
        if session.draft("item_for") != chosen and chosen in names:
            session.set_widget("item_meeting", chosen)
            session.keep_draft("item_for", chosen)
        st.selectbox(t("decisions.meeting"), list(names), index=None, key="item_meeting",
                     format_func=names.__getitem__,
                     placeholder=t("decisions.no_meeting"))  # fmt: skip
        if session.widget("item_meeting") is None:
            st.date_input(t("decisions.due"), key="item_due", value=None, format="YYYY-MM-DD")

        def keep() -> None:
            due = session.widget("item_due") if session.widget("item_meeting") is None else None
            done = attempt(
                meetings.add_decision, ctx, question=session.widget("item_question") or "", where=trouble,
                nature=session.widget("item_nature") or "decision", meeting=session.widget("item_meeting"),
                recommendation=session.widget("item_recommendation") or "",
                consequences=session.widget("item_consequences") or "", about=session.widget("item_about") or [],
                due=due.isoformat() if isinstance(due, date) else None,
            )  # fmt: skip
            if done is not None:
                for key in ("item_question", "item_recommendation", "item_consequences"):
                    session.set_widget(key, "")
                session.set_widget("item_about", [])
                session.ask(meeting=session.widget("item_meeting") or LOOSE)
                session.close_popover("add_item")

        st.button(t("decisions.keep_item"), key="keep_item", type="primary", on_click=keep)
