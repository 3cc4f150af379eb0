"""Decisions: what is asked and decided, positions with reasons, dissent first, at a desk and for the committee."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.ui.committee_words import leaks
from workbench.services import actions, history, meetings, minutes, model, projects, seats
from workbench.services.context import Context


def facts(at: Any) -> str:
    assert not at.exception
    return "\n".join(
        json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")
    )


def words(at: Any) -> str:
    return "\n".join(
        str(e.value)
        for kind in ("title", "header", "subheader", "text", "markdown", "caption")
        for e in at.get(kind)
    )


@pytest.fixture
def chair(ctx: Context) -> Context:
    return acting_as(ctx, "steering")


def test_what_is_asked_stands_on_the_agenda_and_what_was_decided_in_the_log_with_dissent_in_its_own_words(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("decisions", ctx)
    assert [h.value for h in at.header] == ["Steering committee 2"]
    assert "One thing has changed since 20 May 2026: REQ-003" in facts(at)
    at = run_page("decisions", ctx, part="log")
    drawn = facts(at)
    assert "Municipality: against" in drawn
    assert "The one who knows the citizen must sit where the key is." in drawn
    assert "3 agreed, 2 with reservation, 1 against, 1 abstained." in words(at).replace("\\", "")
    at = run_page("decisions", ctx, meeting=meetings.list_meetings(ctx)[0].id)
    assert [h.value for h in at.header] == ["Steering committee 1"]
    assert "Municipality: against" in facts(at)


def test_the_committee_sees_no_word_that_stays_with_the_analysts(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    if not minutes.approved_minutes(ctx):
        minutes.approve_minutes(ctx, meetings.list_meetings(ctx)[0].id, seat="Chair")
    for part in ("agenda", "minutes", "log", "actions", "letters"):
        at = run_page("decisions", chair, part=part)
        assert leaks(ctx, at) == []
        labels = [p.proto.popover.label for p in at.get("popover")]
        assert not any(
            x in labels for x in ("Add an item", "Add a meeting", "Record the decision", "Change", "Action")
        )
        assert [o.content for o in at.button_group(key="decisions_part").proto.options] == [
            "Agenda", "Minutes", "Decided"
        ]  # fmt: skip


def test_against_without_a_reason_is_refused_and_what_was_chosen_stays(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("decisions", chair)
    at.button_group(key="open_DEC-004_choice").set_value("against").run()
    at.button_group(key="open_DEC-004_seat").set_value("Municipality").run()
    at.button(key="open_DEC-004_keep").click().run()
    assert not at.exception
    assert meetings.list_decisions(chair)[3].votes == ()
    assert at.button_group(key="open_DEC-004_choice").value == "against"
    assert any(m.value.startswith(":red[▲]") for m in at.markdown)
    at.text_area(key="open_DEC-004_reason").set_value("We must ask each time.")
    at.button(key="open_DEC-004_keep").click().run()
    vote = meetings.list_decisions(chair)[3].votes[0]
    assert (vote.seat, vote.choice, vote.reservation) == ("Municipality", "against", "We must ask each time.")
    assert "Municipality: against" in facts(at)


def test_a_decision_is_recorded_with_its_reason_and_accepts_a_requirement(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("decisions", ctx)
    requirement = next(r.requirement for r in model.list_requirements(ctx) if r.requirement.key == "REQ-010")
    at.text_area(key="record_DEC-004_outcome").set_value("Yes, in the pilot.")
    at.text_area(key="record_DEC-004_why").set_value("Both wishes are met.")
    at.multiselect(key="record_DEC-004_accept").set_value([requirement.id])
    at.button(key="record_DEC-004_keep").click().run()
    assert not at.exception
    d = meetings.list_decisions(ctx)[3]
    assert (d.outcome, d.why) == ("Yes, in the pilot.", "Both wishes are met.")
    now = next(r.requirement for r in model.list_requirements(ctx) if r.requirement.key == "REQ-010")
    assert now.status == "accepted"
    assert "0 decisions asked for, 1 taken" in words(at)


def test_a_decision_without_a_reason_is_refused(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("decisions", ctx)
    at.text_area(key="record_DEC-004_outcome").set_value("Yes.")
    at.button(key="record_DEC-004_keep").click().run()
    assert not at.exception
    assert meetings.list_decisions(ctx)[3].outcome == ""
    assert at.text_area(key="record_DEC-004_outcome").value == "Yes."


def test_a_meeting_and_an_item_are_added(empty: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("decisions", empty)
    assert "No meetings yet." in words(at)
    at.text_input(key="meeting_title").set_value("Steering committee 1")
    at.text_area(key="meeting_seats").set_value("Chair\nPatients")
    at.button(key="keep_meeting").click().run()
    assert not at.exception
    meeting = meetings.list_meetings(empty)[0]
    assert meetings.list_seats(empty, meeting.id) == ["Chair", "Patients"]
    at.text_area(key="item_question").set_value("Should we go on?")
    at.selectbox(key="item_meeting").set_value(meeting.id)
    at.button(key="keep_item").click().run()
    assert not at.exception
    d = meetings.list_decisions(empty)[0]
    assert (d.question, d.nature, d.meeting) == ("Should we go on?", "decision", meeting.id)
    assert "Should we go on?" in words(at)


def test_an_item_without_a_question_is_refused(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("decisions", ctx)
    at.button(key="keep_item").click().run()
    assert not at.exception
    assert len(meetings.list_decisions(ctx)) == 4
    assert any("Write what the committee is asked" in m.value for m in at.markdown)


def test_one_decision_opens_by_its_key(chair: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("decisions", chair, decision="DEC-001")
    assert not at.exception
    assert [s.value for s in at.subheader] == ["Should the named contact sit at the clinic in the pilot?"]


def test_the_committee_of_an_empty_project_reads_a_sentence(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    id = projects.add_member(empty, name="Chair", role="steering")
    member = next(m for m in projects.list_members(empty.store) if m.id == id)
    at = run_page("decisions", replace(empty, member=member))
    assert not at.exception
    assert "No meeting has been called yet." in words(at)


def test_a_field_of_an_item_leaves_what_another_person_wrote_in_the_other_fields(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("decisions", ctx)
    d = meetings.list_decisions(ctx)[3]
    meetings.change_decision(
        acting_as(ctx, "facilitator"), d.id, rev=d.rev, question=d.question, recommendation="Theirs, meanwhile",
        consequences="Theirs too",
    )  # fmt: skip
    next(f for f in at.text_area if f.value == d.question).set_value("Mine?").run()
    assert not at.exception
    now = meetings.list_decisions(ctx)[3]
    assert (now.question, now.recommendation, now.consequences) == (
        "Mine?",
        "Theirs, meanwhile",
        "Theirs too",
    )


def test_a_seats_earlier_position_is_read_before_it_is_replaced(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    d = meetings.list_decisions(chair)[3]
    meetings.take_position(
        chair, d.id, seat="Municipality", choice="against", reservation="We must ask each time."
    )
    at = run_page("decisions", chair)
    at.button_group(key="open_DEC-004_choice").set_value("agree").run()
    at.button_group(key="open_DEC-004_seat").set_value("Municipality").run()
    assert "Municipality has said already: against, “We must ask each time” Keeping" in words(at).replace(
        "\\", ""
    ).replace(".”", "”")
    at.button(key="open_DEC-004_keep").click().run()
    assert [(v.choice, v.reservation) for v in meetings.list_decisions(chair)[3].votes] == [("agree", "")]


def test_a_veto_is_offered_to_a_seat_that_has_one_and_kept_with_its_reason(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    seats.change_seat(ctx, "General practice", is_chair=False, has_veto=True, may_vote=True)
    at = run_page("decisions", ctx)
    at.button_group(key="open_DEC-004_choice").set_value("against").run()
    at.button_group(key="open_DEC-004_seat").set_value("Municipality").run()
    assert not [x for x in at.toggle if x.key == "open_DEC-004_veto"]
    at.button_group(key="open_DEC-004_seat").set_value("General practice").run()
    at.toggle(key="open_DEC-004_veto").set_value(True).run()
    at.text_area(key="open_DEC-004_reason").set_value("Nobody is there to ask.")
    at.button(key="open_DEC-004_keep").click().run()
    assert "General practice: vetoes" in facts(at)
    assert "Vetoed by General practice." in words(at)
    assert at.button_group(key="record_DEC-004_result").value == "vetoed"


def test_after_the_last_day_nobody_is_asked_for_a_position(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    meetings.add_decision(ctx, question="By mail?", due="2026-01-05")
    at = run_page("decisions", ctx, meeting="none")
    assert "Positions were taken until 5 January 2026." in words(at).replace("\\", "")
    assert not [b for b in at.get("button_group") if b.key == "open_DEC-005_choice"]


def test_what_is_asked_by_mail_stands_under_the_meeting_for_the_committee(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    meetings.add_decision(ctx, question="By mail?", due="2099-01-05")
    at = run_page("decisions", chair)
    assert [s.value for s in at.subheader][:2][-1] == "By mail?"
    assert "Asked by mail. Open until 5 January 2099, the day included." in words(at).replace("\\", "")


def test_from_who_is_here_to_approved_minutes(ctx: Context, run_page: Callable[..., Any]) -> None:
    meeting = meetings.list_meetings(ctx)[1].id
    at = run_page("decisions", ctx)
    at.button_group(key=f"who_present_{meeting}").set_value(["Chair", "Hospital"]).run()
    at.button_group(key=f"who_apology_{meeting}").set_value(["General practice"]).run()
    next(f for f in at.text_input if f.label.startswith("Who sits in for")).set_value("Practice nurse").run()
    at.button(key="rest_DEC-004").click().run()
    assert {v.seat for v in meetings.list_decisions(ctx)[3].votes} == {
        "Chair",
        "Hospital",
        "General practice",
    }
    at.text_area(key="record_DEC-004_outcome").set_value("Yes, in the pilot.")
    at.text_area(key="record_DEC-004_why").set_value("Both wishes are met.")
    at.button(key="record_DEC-004_keep").click().run()
    at.text_input(key="act_DEC-004_text").set_value("Ask the ward")
    at.text_input(key="act_DEC-004_owner").set_value("Hospital")
    at.button(key="act_DEC-004_keep").click().run()
    at.button_group(key="decisions_part").set_value("minutes").run()
    assert not at.exception
    at.button(key="approve_keep").click().run()
    assert not at.exception
    found = minutes.minutes_of(ctx, meeting)
    assert found.is_approved and found.items[0].actions[0].text == "Ask the ward"
    assert "by the seat of: Chair" in facts(at)
    assert "Apologies: General practice (deputy: Practice nurse)" in words(at)
    at.button(key="minutes_as_pdf").click().run()
    assert not at.exception
    left = history.list_releases(ctx)[0]
    assert left.kind == "minutes" and meeting in left.items


def test_an_action_of_an_earlier_meeting_stands_on_the_next_agenda_and_is_done_there(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    first = meetings.add_meeting(ctx, title="Committee 8", date="2026-08-01")
    second = meetings.add_meeting(ctx, title="Committee 9", date="2026-09-01")
    a = actions.add_action(ctx, text="Find rooms", owner="Municipality", due="2026-06-01", meeting=first)
    at = run_page("decisions", ctx, meeting=second)
    assert "was due 1 June 2026" in facts(at) and "from Committee 8" in facts(at)
    at.text_input(key=f"done_{a}_outcome").set_value("Two rooms")
    at.button(key=f"done_{a}_keep").click().run()
    assert not at.exception
    assert next(x for x in actions.list_actions(ctx) if x.id == a).outcome == "Two rooms"


def test_an_item_on_no_meeting_is_shown_and_decided_as_well(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("decisions", empty)
    at.text_area(key="item_question").set_value("Should we go on?")
    at.button(key="keep_item").click().run()
    assert not at.exception
    assert "Should we go on?" in words(at)
    at.text_area(key="record_DEC-001_outcome").set_value("Yes.")
    at.text_area(key="record_DEC-001_why").set_value("Wanted.")
    at.button(key="record_DEC-001_keep").click().run()
    assert meetings.list_decisions(empty)[0].result == "adopted"
