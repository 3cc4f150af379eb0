"""Meetings: seats, positions and their count, deadlines, actions that are carried on, minutes that stand once approved."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit, UndoRefused
from workbench.domain.records import Member
from workbench.domain.voting import Seat
from workbench.services import (
    actions,
    consequences,
    history,
    meetings,
    minutes,
    model,
    projects,
    seats,
    versioning,
)
from workbench.services.context import Context
from workbench.services.decisions import DecisionView, on_agenda
from workbench.store.verify import verify


def one(ctx: Context, decision: str) -> DecisionView:
    return next(d for d in meetings.list_decisions(ctx) if d.id == decision)


def at(ctx: Context, moment: str) -> Context:
    return replace(ctx, now=lambda: datetime.fromisoformat(moment))


@pytest.fixture
def table(empty: Context) -> tuple[Context, str]:
    """A committee of three seats and its first meeting."""
    meeting = meetings.add_meeting(empty, title="Committee 1", date="2026-03-02")
    for name in ("Chair", "Ward", "Town"):
        seats.add_seat(empty, name=name)
    seats.change_seat(empty, "Chair", is_chair=True, has_veto=False, may_vote=True)
    return empty, meeting


# -- seats and positions -----------------------------------------------------------------------------------


def test_a_meetings_old_list_of_seats_is_read_until_a_seat_is_made(empty: Context) -> None:
    meeting = meetings.add_meeting(empty, title="Committee", attendance="Chair\nTown\n")
    assert [s.name for s in seats.list_seats(empty, meeting)] == ["Chair", "Town"]
    seats.change_seat(empty, "Town", is_chair=False, has_veto=True, may_vote=True)
    assert [(s.name, s.has_veto, s.id is None) for s in seats.list_seats(empty)] == [
        ("Chair", False, False),
        ("Town", True, False),
    ]


def test_the_chair_is_held_by_one_seat(table: tuple[Context, str]) -> None:
    ctx, _ = table
    seats.change_seat(ctx, "Town", is_chair=True, has_veto=False, may_vote=True)
    assert [s.name for s in seats.list_seats(ctx) if s.is_chair] == ["Town"]


def test_a_vote_of_fourteen_seats_passes_by_ten_to_four_and_a_veto_blocks_it_with_its_reason(
    empty: Context,
) -> None:
    """The arrangement is South Somerset's (primary care holds the majority, general practice the chair and a veto);
    the vote is invented."""
    primary = [f"General practice {n}" for n in range(1, 6)] + [f"Community nursing {n}" for n in range(1, 4)]
    others = [f"Hospital {n}" for n in range(1, 4)] + [f"County {n}" for n in range(1, 4)]
    for name in (*primary, *others):
        seats.add_seat(empty, name=name)
    for name in primary[:5]:
        seats.change_seat(empty, name, is_chair=name == primary[0], has_veto=True, may_vote=True)
    first, second = (
        meetings.add_decision(empty, question=q, rule="majority")
        for q in ("Share the budget?", "Share the staff?")
    )
    for n, name in enumerate((*primary, *others)):
        choice, reason = ("agree", "") if n < 10 else ("against", "We would pay for it")
        meetings.take_position(empty, first, seat=name, choice=choice, reservation=reason)
    found = one(empty, first).count
    assert (found.result, found.agreed, found.against, found.silent) == ("adopted", 10, 4, 0)
    for n, name in enumerate((*primary, *others)):
        if n:
            meetings.take_position(empty, second, seat=name, choice="agree")
    meetings.take_position(
        empty, second, seat=primary[0], choice="against", reservation="Nobody covers us", veto=True
    )
    view = one(empty, second)
    assert (view.count.result, view.count.vetoed_by) == ("vetoed", (primary[0],))
    meetings.record_decision(empty, second, outcome="Blocked", why="General practice said no")
    view = one(empty, second)
    assert (view.result, view.is_against_count) == ("vetoed", False)
    assert [v.reservation for v in view.votes if v.veto] == ["Nobody covers us"]


def test_a_position_from_a_seat_that_has_no_vote_or_is_none_is_refused(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    d = meetings.add_decision(ctx, question="Go on?", meeting=meeting)
    seats.change_seat(ctx, "Ward", is_chair=False, has_veto=False, may_vote=False)
    with pytest.raises(Refused, match=r"vote\.no_vote"):
        meetings.take_position(ctx, d, seat="Ward", choice="agree")
    with pytest.raises(Refused, match=r"vote\.no_such_seat"):
        meetings.take_position(ctx, d, seat="Press", choice="agree")
    with pytest.raises(Refused, match=r"vote\.no_veto"):
        meetings.take_position(ctx, d, seat="Town", choice="against", reservation="No", veto=True)
    with pytest.raises(Refused, match=r"vote\.needs_reason"):
        meetings.take_position(ctx, d, seat="Town", choice="against")
    assert one(ctx, d).votes == ()
    assert meetings.list_seats(ctx, meeting) == ["Chair", "Town"]


def test_a_seats_second_position_replaces_its_first_only_knowingly(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    d = meetings.add_decision(ctx, question="Go on?", meeting=meeting)
    meetings.take_position(ctx, d, seat="Town", choice="agree")
    with pytest.raises(Refused, match=r"vote\.seat_twice"):
        meetings.take_position(ctx, d, seat="Town", choice="abstain")
    with pytest.raises(StaleEdit):
        meetings.take_position(ctx, d, seat="Town", choice="abstain", rev=0)
    meetings.take_position(ctx, d, seat="Town", choice="abstain", rev=one(ctx, d).votes[0].rev)
    assert [v.choice for v in one(ctx, d).votes] == ["abstain"]


def test_positions_are_taken_until_the_last_minute_of_the_local_day_and_not_after(
    table: tuple[Context, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, _ = table
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    try:
        d = meetings.add_decision(ctx, question="By mail?", due="2026-03-20")
        meetings.take_position(
            at(ctx, "2026-03-20T22:59:00+00:00"), d, seat="Town", choice="agree"
        )  # 23:59 there
        with pytest.raises(Refused, match=r"vote\.after_due") as late:
            meetings.take_position(at(ctx, "2026-03-20T23:00:00+00:00"), d, seat="Ward", choice="agree")
        assert late.value.params == {"due": "20 March 2026"}
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [v.seat for v in one(ctx, d).votes] == ["Town"]


def test_a_seat_that_has_a_position_on_an_open_item_is_not_taken_away(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    d = meetings.add_decision(ctx, question="Go on?", meeting=meeting)
    meetings.take_position(ctx, d, seat="Town", choice="agree")
    with pytest.raises(Refused, match=r"seat\.in_use"):
        seats.retire_seat(ctx, "Town")
    meetings.record_decision(ctx, d, outcome="Yes", why="Agreed")
    seats.retire_seat(ctx, "Town")
    assert one(ctx, d).count.agreed == 1


# -- what is decided ---------------------------------------------------------------------------------------


def test_a_requirement_is_accepted_only_by_a_decision_that_was_adopted(ctx: Context) -> None:
    d = next(d for d in meetings.list_decisions(ctx) if d.is_open)
    requirement = next(item for item, kind, _ in d.about if kind == "requirement")
    before = next(
        r.requirement.status for r in model.list_requirements(ctx) if r.requirement.id == requirement
    )
    for result in ("rejected", "postponed", "vetoed"):
        with pytest.raises(Refused, match=r"decision\.not_adopted"):
            meetings.record_decision(
                ctx, d.id, outcome="No", why="Too dear", result=result, accept=[requirement]
            )
    now = next(r.requirement.status for r in model.list_requirements(ctx) if r.requirement.id == requirement)
    assert (now, one(ctx, d.id).outcome) == (before, "")
    meetings.record_decision(ctx, d.id, outcome="No", why="Too dear", result="rejected", park=[requirement])
    assert one(ctx, d.id).result == "rejected"


def test_a_decision_against_the_count_is_recorded_with_why_and_says_so(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    d = meetings.add_decision(ctx, question="Go on?", meeting=meeting, rule="majority")
    for seat in ("Ward", "Town"):
        meetings.take_position(ctx, d, seat=seat, choice="against", reservation="Too dear")
    with pytest.raises(Refused, match=r"decision\.needs_why"):
        meetings.record_decision(ctx, d, outcome="Yes", why="", result="adopted")
    meetings.record_decision(ctx, d, outcome="Yes", why="The grant ends in May", result="adopted")
    assert one(ctx, d).is_against_count


def test_a_new_decision_supersedes_an_old_one_and_both_say_so(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    old = meetings.add_decision(ctx, question="Go on?", meeting=meeting)
    with pytest.raises(Refused, match=r"decision\.not_decided"):
        meetings.ask_again(ctx, old)
    meetings.record_decision(ctx, old, outcome="Yes", why="Agreed")
    new = meetings.ask_again(ctx, old, meeting=meeting)
    assert one(ctx, new).supersedes == (old, "DEC-001")
    assert one(ctx, old).asked_again_by == (new, "DEC-002")
    with pytest.raises(Refused, match=r"decision\.superseded_already"):
        meetings.ask_again(ctx, old)
    meetings.record_decision(ctx, new, outcome="No", why="Too dear", result="rejected")
    assert (one(ctx, old).superseded_by, one(ctx, old).asked_again_by) == ((new, "DEC-002"), None)


def test_a_decision_that_is_superseded_need_not_be_looked_at_again(ctx: Context) -> None:
    d = next(d for d in meetings.list_decisions(ctx) if d.changed_since)
    new = meetings.ask_again(ctx, d.id)
    assert one(ctx, d.id).changed_since
    meetings.record_decision(ctx, new, outcome="As before", why="Read again")
    assert not one(ctx, d.id).changed_since and not one(ctx, new).changed_since


def test_the_agenda_has_an_order_of_its_own(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    ids = [meetings.add_decision(ctx, question=q, meeting=meeting) for q in "abc"]

    def order() -> str:
        return "".join(d.question for d in on_agenda(meetings.list_decisions(ctx), meeting))

    meetings.move_decision(ctx, ids[2], -1)
    assert order() == "acb"
    meetings.move_decision(ctx, ids[0], -1)
    assert order() == "acb"
    meetings.move_decision(ctx, ids[0], 1)
    assert order() == "cab"
    history.undo(ctx)
    assert order() == "acb"


def test_what_a_committee_said_is_no_evidence_for_its_own_decision(ctx: Context) -> None:
    decision = next(d for d in meetings.list_decisions(ctx) if d.meeting and d.about)
    requirement = next(item for item, kind, _ in decision.about if kind == "requirement")
    own = model.add_idea(ctx, text="Said at the meeting", session=decision.meeting)
    other = model.add_idea(ctx, text="Said elsewhere")
    with ctx.read() as conn:
        meetings.ensure_not_own_evidence(conn, requirement, other)
        with pytest.raises(Refused, match=r"decision\.own_evidence"):
            meetings.ensure_not_own_evidence(conn, requirement, own)


def test_a_meeting_is_not_asked_about_what_rests_on_its_own_words(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    idea = model.add_idea(ctx, text="Said at the meeting", session=meeting)
    requirement = model.add_requirement(ctx, statement="The model must open at eight.", based_on=[idea])
    with pytest.raises(Refused, match=r"decision\.own_evidence"):
        meetings.add_decision(ctx, question="Accept it?", meeting=meeting, about=[requirement])
    d = meetings.add_decision(ctx, question="Accept it?", about=[requirement])
    with pytest.raises(Refused, match=r"decision\.own_evidence"):
        meetings.place_decision(ctx, d, meeting)
    assert one(ctx, d).meeting is None


# -- actions and minutes -----------------------------------------------------------------------------------


def test_an_open_action_goes_on_to_the_next_meeting_and_is_said_to_be_late(
    table: tuple[Context, str],
) -> None:
    ctx, first = table
    second = meetings.add_meeting(ctx, title="Committee 2", date="2026-04-06")
    third = meetings.add_meeting(ctx, title="Committee 3", date="2026-05-04")
    open_one = actions.add_action(ctx, text="Ask the town", owner="Town", due="2026-03-20", meeting=first)
    done = actions.add_action(ctx, text="Print the page", owner="Ward", meeting=first)
    actions.finish_action(at(ctx, "2026-03-10T09:00:00+00:00"), done, outcome="Printed")
    later = at(ctx, "2026-04-06T09:00:00+00:00")
    found = actions.list_actions(later, before_meeting=second)
    assert [(a.text, a.is_open, a.late, a.meeting_title) for a in found] == [
        ("Ask the town", True, 17, "Committee 1"),
        ("Print the page", False, 0, "Committee 1"),
    ]
    assert [a.id for a in actions.list_actions(later, before_meeting=third)] == [open_one]
    assert [a.id for a in actions.list_actions(later, open_only=True)] == [open_one]


@pytest.fixture
def held(table: tuple[Context, str]) -> tuple[Context, str, str, str]:
    """A meeting with two items, one decided and one not reached, an action, and everybody's attendance."""
    ctx, meeting = table
    seats.set_attendance(ctx, meeting, "Chair", "present")
    seats.set_attendance(ctx, meeting, "Ward", "apology", deputy="Night ward")
    d = meetings.add_decision(ctx, question="Go on?", meeting=meeting)
    meetings.add_decision(ctx, question="And then?", meeting=meeting)
    meetings.set_discussed(ctx, d, "The money was gone through.")
    meetings.take_position(ctx, d, seat="Town", choice="agree_with_reservation", reservation="Only till May")
    meetings.record_decision(ctx, d, outcome="Yes", why="Agreed", at="2026-03-02")
    action = actions.add_action(ctx, text="Ask the town", owner="Town", due="2026-03-20", decision=d)
    return ctx, meeting, d, action


def test_minutes_are_made_from_what_was_done_and_what_was_not_reached_goes_on(
    held: tuple[Context, str, str, str],
) -> None:
    ctx, meeting, d, action = held
    second = meetings.add_meeting(ctx, title="Committee 2", date="2026-04-06")
    minutes.set_remarks(ctx, meeting, "The room was cold.")
    minutes.approve_minutes(ctx, meeting)
    found = minutes.minutes_of(acting_as_steering(ctx), meeting)
    assert [(a.seat, a.status, a.deputy) for a in found.attendance] == [
        ("Chair", "present", ""),
        ("Ward", "apology", "Night ward"),
        ("Town", "absent", ""),
    ]
    assert [(i.n, i.decision.id, [a.id for a in i.actions]) for i in found.items] == [(1, d, [action])]
    assert found.remarks == "The room was cold.\nNot reached, goes on: DEC-002 And then?"
    assert (found.approved_by, found.is_approved) == ("Chair", True)
    assert [x.meeting for x in meetings.list_decisions(ctx) if x.question == "And then?"] == [second]
    assert verify(ctx.store.path) == []


def acting_as_steering(ctx: Context) -> Context:
    from workbench.services import projects

    if not any(m.role == "steering" for m in projects.list_members(ctx.store)):
        projects.add_member(ctx, name="Chair's phone", role="steering")
    return acting_as(ctx, "steering")


def test_the_committee_reads_minutes_once_they_are_approved(held: tuple[Context, str, str, str]) -> None:
    ctx, meeting, _, _ = held
    chair = acting_as_steering(ctx)
    with pytest.raises(Refused, match=r"minutes\.not_approved"):
        minutes.minutes_of(chair, meeting)
    with pytest.raises(NotAllowed):
        minutes.approve_minutes(chair, meeting)
    minutes.approve_minutes(ctx, meeting)
    assert minutes.minutes_of(chair, meeting).is_approved


def test_once_minutes_are_approved_nothing_they_hold_changes_and_nothing_is_half_written(
    held: tuple[Context, str, str, str],
) -> None:
    ctx, meeting, d, action = held
    seats.add_seat(ctx, name="Press")
    minutes.approve_minutes(ctx, meeting)
    before = minutes.minutes_of(ctx, meeting)
    a = next(x for x in actions.list_actions(ctx) if x.id == action)
    for change in (
        lambda: seats.set_attendance(ctx, meeting, "Town", "present"),
        lambda: meetings.set_discussed(ctx, d, "Otherwise"),
        lambda: minutes.set_remarks(ctx, meeting, "Otherwise"),
        lambda: meetings.add_decision(ctx, question="One more?", meeting=meeting),
        lambda: meetings.change_meeting(ctx, meeting, rev=before.meeting.rev, title="Other", date=None),
        lambda: actions.add_action(ctx, text="One more", meeting=meeting),
        lambda: actions.change_action(ctx, action, rev=a.rev, text="Other", owner="", due=None),
        lambda: actions.retire_action(ctx, action),
    ):
        with pytest.raises(Refused, match=r"minutes\.approved"):
            change()
    with pytest.raises(Refused, match=r"minutes\.approved_already"):
        minutes.approve_minutes(ctx, meeting)
    actions.finish_action(ctx, action, outcome="She said yes")
    seats.add_seat(ctx, name="Union")
    assert minutes.minutes_of(ctx, meeting) == before


def test_a_new_deadline_is_a_new_action_at_the_new_meeting(held: tuple[Context, str, str, str]) -> None:
    ctx, meeting, _, action = held
    minutes.approve_minutes(ctx, meeting)
    before = minutes.minutes_of(ctx, meeting)
    second = meetings.add_meeting(ctx, title="Committee 2", date="2026-04-06")
    new = actions.renew_action(ctx, action, due="2026-05-01", outcome="More time", meeting=second)
    assert [(a.id, a.due) for a in actions.list_actions(ctx, open_only=True)] == [(new, "2026-05-01")]
    assert minutes.minutes_of(ctx, meeting) == before


# -- undo --------------------------------------------------------------------------------------------------


def last(ctx: Context, verb: str) -> int:
    return next(o.seq for o in history.list_operations(ctx) if o.verb == verb)


def test_a_decision_is_not_taken_back_once_its_minutes_are_approved(
    held: tuple[Context, str, str, str],
) -> None:
    ctx, meeting, d, _ = held
    minutes.approve_minutes(ctx, meeting)
    for verb in ("record_decision", "take_position", "set_discussed", "set_attendance", "add_action"):
        with pytest.raises(UndoRefused, match=r"undo\.(minuted|newer)"):
            history.undo(ctx, last(ctx, verb))
    with pytest.raises(UndoRefused, match=r"undo\.minuted"):
        history.undo(ctx, last(ctx, "record_decision"))
    assert one(ctx, d).outcome == "Yes"


def test_approving_is_taken_back_until_the_minutes_have_left(held: tuple[Context, str, str, str]) -> None:
    ctx, meeting, d, _ = held
    minutes.approve_minutes(ctx, meeting)
    history.undo(ctx)
    assert not minutes.minutes_of(ctx, meeting).is_approved
    minutes.approve_minutes(ctx, meeting)
    found = minutes.minutes_of(ctx, meeting)
    ctx.keep_release("minutes", b"paper", found.ids)
    with pytest.raises(UndoRefused, match=r"undo\.minutes_left"):
        history.undo(ctx, last(ctx, "approve_minutes"))
    assert found.ids == (meeting, d)


def test_a_decision_that_has_left_in_a_pack_is_superseded_and_not_taken_back(ctx: Context) -> None:
    d = next(d for d in meetings.list_decisions(ctx) if d.is_open)
    meetings.record_decision(ctx, d.id, outcome="Yes", why="Agreed")
    ctx.keep_release("pack", b"paper", [d.id])
    with pytest.raises(UndoRefused, match=r"undo\.(decision_left|left)"):
        history.undo(ctx, last(ctx, "record_decision"))
    assert one(ctx, d.id).outcome == "Yes"


def test_a_version_that_a_decision_is_about_or_that_was_commented_on_stays(ctx: Context) -> None:
    judged = versioning.freeze_version(ctx, label="Judged")
    meetings.add_decision(ctx, question="Is it good?", about=[judged])
    with pytest.raises(UndoRefused, match=r"undo\.version_judged"):
        history.undo(ctx, last(ctx, "freeze_version"))
    commented = versioning.freeze_version(ctx, label="Commented")
    with ctx.write("add_feedback") as work:
        work.insert("feedback", {"id": "f", "key": "FB-900", "version": commented, "polarity": "positive",
                                 "text": "Good"})  # fmt: skip
    with pytest.raises(UndoRefused, match=r"undo\.version_commented"):
        history.undo(ctx, last(ctx, "freeze_version"))
    assert {v.label for v in versioning.list_versions(ctx)} >= {"Judged", "Commented"}


def test_a_seat_counts_as_it_did_when_it_took_its_position() -> None:
    found = seats.seats_of([], [("Gone", True)], decided=True)
    assert found == [Seat("Gone", has_veto=True)]


# -- nothing that somebody has not read is overwritten, or approved -------------------------------------------


def test_remarks_that_somebody_wrote_meanwhile_are_not_written_over(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    read = minutes.minutes_of(ctx, meeting)
    minutes.set_remarks(ctx, meeting, "The ward brought figures.", rev=read.rev)
    with pytest.raises(StaleEdit):
        minutes.set_remarks(ctx, meeting, "Coffee.", rev=read.rev)
    assert minutes.minutes_of(ctx, meeting).remarks == "The ward brought figures."


def test_a_seat_that_somebody_made_of_a_list_meanwhile_is_not_written_over(empty: Context) -> None:
    meetings.add_meeting(empty, title="Committee", attendance="Chair\nTown\n")
    read = next(s for s in seats.list_seats(empty) if s.name == "Town")
    seats.change_seat(empty, "Town", rev=read.rev, is_chair=False, has_veto=True, may_vote=True)
    with pytest.raises(StaleEdit):
        seats.change_seat(empty, "Town", rev=read.rev, is_chair=False, has_veto=False, may_vote=False)
    assert next(s for s in seats.list_seats(empty) if s.name == "Town").has_veto


def test_the_rest_do_not_agree_after_the_last_day_either(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    decision = meetings.add_decision(ctx, question="Adopt it?", meeting=meeting, due="2026-03-01")
    with pytest.raises(Refused, match=r"vote\.after_due"):
        meetings.rest_agree(at(ctx, "2026-03-02T12:00:00+00:00"), decision)
    assert one(ctx, decision).votes == ()


def test_what_is_no_day_is_refused_in_a_sentence(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    for ask in (
        lambda: meetings.add_decision(ctx, question="Adopt it?", due="soon"),
        lambda: meetings.add_meeting(ctx, title="Committee 2", date="in May"),
        lambda: actions.add_action(ctx, text="Ask the ward", due="31-31", meeting=meeting),
    ):
        with pytest.raises(Refused, match=r"error\.no_day"):
            ask()
    assert meetings.list_decisions(ctx) == []


def test_minutes_are_approved_as_they_were_read_out(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    helper = replace(ctx, member=_helper(ctx))
    seats.set_attendance(ctx, meeting, "Ward", "present")
    decision = meetings.add_decision(ctx, question="Adopt it?", meeting=meeting)
    meetings.take_position(ctx, decision, seat="Ward", choice="agree")
    read = minutes.minutes_of(ctx, meeting)
    meetings.set_discussed(ctx, decision, "Own words, just typed")  # by who approves: that is no surprise
    meetings.take_position(helper, decision, seat="Town", choice="against", reservation="Too dear")
    with pytest.raises(Refused) as refused:
        minutes.approve_minutes(ctx, meeting, as_of=read.as_of)
    assert (
        refused.value.code == "minutes.changed_meanwhile"
        and refused.value.params["who"] == helper.member.name
    )
    assert not minutes.minutes_of(ctx, meeting).is_approved
    meetings.add_meeting(helper, title="Committee 2", date="2026-05-02")  # nothing of these minutes
    minutes.approve_minutes(ctx, meeting, as_of=minutes.minutes_of(ctx, meeting).as_of)


def _helper(ctx: Context) -> Member:
    projects.add_member(ctx, name="Helper", role="facilitator")
    return next(m for m in projects.list_members(ctx.store) if m.name == "Helper")


def test_a_decision_does_not_accept_and_park_the_same_requirement(ctx: Context) -> None:
    requirement = model.add_requirement(ctx, statement="The model must wait")
    decision = meetings.add_decision(ctx, question="Shall it wait?", about=[requirement])
    with pytest.raises(Refused, match="accept_and_park"):
        meetings.record_decision(
            ctx, decision, outcome="Both", why="Why not", accept=[requirement], park=[requirement]
        )
    assert one(ctx, decision).outcome == ""


def test_what_was_not_reached_goes_on_to_a_meeting_that_is_still_to_be_held(
    table: tuple[Context, str],
) -> None:
    ctx, first = table
    second, third = (meetings.add_meeting(ctx, title=f"Committee {n}", date=f"2026-0{n}-02") for n in (4, 5))
    decision = meetings.add_decision(ctx, question="Adopt it?", meeting=first)
    seats.set_attendance(ctx, second, "Ward", "present")
    minutes.approve_minutes(ctx, second)
    minutes.approve_minutes(ctx, first)
    assert one(ctx, decision).meeting == third


def test_what_is_asked_again_is_asked_with_all_that_it_means_for_others(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    decision = meetings.add_decision(ctx, question="Adopt it?", meeting=meeting)
    consequences.set_consequence(ctx, decision, "economy", "A post of 20 hours")
    meetings.record_decision(ctx, decision, outcome="Adopted", why="It answers the theme")
    again = meetings.ask_again(ctx, decision, meeting=meeting)
    assert one(ctx, again).aspects == (("economy", "A post of 20 hours"),)


def test_dissent_does_not_leave_a_decision_that_was_taken(table: tuple[Context, str]) -> None:
    ctx, meeting = table
    helper = replace(ctx, member=_helper(ctx))
    decision = meetings.add_decision(ctx, question="Adopt it?", meeting=meeting)
    consequences.set_consequence(helper, decision, "economy", "A post of 20 hours")
    meetings.take_position(helper, decision, seat="Town", choice="against", reservation="Too dear")
    meetings.record_decision(ctx, decision, outcome="Adopted", why="It answers the theme", result="adopted")
    for _ in range(2):
        with pytest.raises(UndoRefused, match=r"undo\.decided"):
            history.undo(helper)
    with pytest.raises(Refused, match=r"decision\.already"):
        consequences.set_consequence(helper, decision, "economy", "Nothing at all")
    assert [v.reservation for v in one(ctx, decision).dissent] == ["Too dear"]
    assert one(ctx, decision).aspects == (("economy", "A post of 20 hours"),)
    history.undo(ctx)  # the decision itself is taken back: then it is open again
    history.undo(helper)
    assert one(ctx, decision).votes == ()


def test_a_pack_that_only_asked_does_not_keep_a_decision_from_being_taken_back(ctx: Context) -> None:
    before, after = at(ctx, "2031-01-10T09:00:00+00:00"), at(ctx, "2031-01-17T10:00:00+00:00")
    decision = meetings.add_decision(before, question="Adopt it?")
    before.keep_release("pack", b"paper", [decision])
    meetings.record_decision(after, decision, outcome="Yes", why="Agreed")
    history.undo(after)  # a slip of the hand in the room
    assert one(ctx, decision).is_open
    meetings.record_decision(after, decision, outcome="Yes", why="Agreed")
    after.keep_release("pack", b"paper", [decision])
    with pytest.raises(UndoRefused, match=r"undo\.decision_left"):
        history.undo(after)


def test_a_position_says_that_it_was_taken_before_the_item_was_worded_as_it_is(
    table: tuple[Context, str],
) -> None:
    ctx, meeting = table
    d = meetings.add_decision(ctx, question="Should we try it?", meeting=meeting)
    meetings.take_position(ctx, d, seat="Ward", choice="agree")
    item = one(ctx, d)
    meetings.set_discussed(ctx, d, "At length.")
    assert [v.before_rewording for v in one(ctx, d).votes] == [False]
    item = one(ctx, d)
    meetings.change_decision(ctx, d, rev=item.rev, question="Should we try it at once?", recommendation="",
                             consequences="")  # fmt: skip
    meetings.take_position(ctx, d, seat="Town", choice="agree")
    assert {v.seat: v.before_rewording for v in one(ctx, d).votes} == {"Ward": True, "Town": False}


def test_a_seat_that_left_between_two_meetings_is_no_seat_when_one_is_given_a_veto(empty: Context) -> None:
    first = meetings.add_meeting(empty, title="One", date="2026-01-05", attendance="Chair\nTown\nResearch")
    meetings.add_meeting(empty, title="Two", date="2026-02-05", attendance="Chair\nTown")
    seats.set_attendance(empty, first, "Research", "present")
    seats.change_seat(empty, "Town", is_chair=False, has_veto=True, may_vote=True)
    assert [s.name for s in seats.list_seats(empty)] == ["Chair", "Town"]
    assert [a.seat for a in seats.list_attendance(empty, first)] == ["Chair", "Town", "Research"]
