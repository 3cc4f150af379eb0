"""From themes to prototype versions and to the committee's table, tried whole: what the model must be able to do, what
becomes of trust when something changes, what is refused, and the way from an invitation to approved minutes.

Each capability of the model has its test. Those below stand here; the others where their part is:

- the first row of a published matrix, and from a cell to its units: tests/test_methods.py
  test_the_first_row_of_a_published_matrix_has_five_columns_and_each_cell_leads_to_its_units
- four published components, each on a theme, both lists of holes right: tests/services/test_port_example.py
  test_four_components_each_trace_to_a_theme_and_the_lists_of_holes_are_right
  test_every_pairing_says_that_it_is_ours_and_the_rest_says_where_it_was_published
- requirements in conflict, what is left without one, coverage both ways: tests/services/test_model_requirements.py
  test_a_conflict_is_one_row_whichever_way_it_is_said_and_stands_at_both
  test_a_theme_or_idea_is_left_without_a_requirement_only_with_a_reason
  test_coverage_goes_both_ways
- the trace as tables: tests/services/test_trace_files.py
  test_the_matrix_says_of_each_requirement_which_themes_support_it_and_what_answers_it
  test_every_path_goes_from_what_was_decided_to_what_it_rests_on
- fourteen seats, ten to four, and a veto with its reason: tests/services/test_meetings.py
  test_a_vote_of_fourteen_seats_passes_by_ten_to_four_and_a_veto_blocks_it_with_its_reason
- the difference between the two published lists names each: tests/services/test_port_example.py
  test_the_difference_names_each_demand_and_each_element_and_says_that_they_are_different_kinds
- what a group said reaches the decision: tests/services/test_change_table.py
  test_feedback_reaches_the_decision_and_the_difference_between_versions
- theory of change: each link says what shows it, and the ten steps: tests/services/test_theory.py
  test_every_link_says_shown_by_or_assumption
  test_the_ten_steps_are_a_template_to_tick_and_revise

The seven events that other tools were tried with, after acceptance:

- a quote reworded; a doubt looked at; a rationale changed; a theme that loses one of two units; a withdrawal; a link
  taken away; a circle: tests/services/test_trust.py
  test_a_quote_reworded_doubts_the_theme_and_from_afar_all_above_it_with_the_way_there
  test_a_doubt_that_was_looked_at_keeps_who_when_and_why_and_is_quiet
  test_a_changed_rationale_doubts_the_component_that_answers_the_requirement
  test_a_theme_that_loses_one_of_two_units_is_in_doubt_and_the_requirement_only_from_afar
  test_the_requirement_is_in_doubt_itself_where_the_support_rule_is_on_and_fails
  test_a_withdrawal_never_stops_anything_and_doubts_at_once_all_that_rests_on_the_words
  test_a_link_taken_away_doubts_both_its_ends
  test_a_circle_and_a_thing_in_conflict_with_itself_are_refused_when_made
- a circle by way of a table: tests/services/test_trace_import.py
  test_something_that_would_rest_on_itself_is_told
- whatever links are tried: tests/domain/test_trace_links.py
  test_whatever_links_are_tried_nothing_ever_comes_to_rest_on_itself
- undoing an edit restores every state, as a law: tests/domain/test_trust_laws.py
  test_undoing_an_edit_restores_every_state

Withdrawal in one transaction:

- all of it or nothing, and back again: tests/services/test_withdrawing.py
  test_all_of_theirs_leaves_in_one_operation_and_nothing_of_others
  test_taking_it_back_brings_everything_back_exactly
  test_the_themes_and_requirements_are_in_doubt_at_once_because_of_a_withdrawal
- erased from every file, whatever stops it: tests/store/test_erasing.py
  test_one_of_six_is_erased_from_every_file_and_nobody_else_moves
  test_an_error_at_any_statement_leaves_the_state_before_or_the_state_after
  test_a_process_killed_while_erasing_has_erased_or_not_and_the_rest_is_finished_later

What the published matrix says is cited; the people, units and votes are invented.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from tests.conftest import ROOT, acting_as
from tests.support import body_of, dump, mark_words, tiny_transcript
from tests.test_methods import PORT_EVIDENCE, PORT_ROW
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.records import Category
from workbench.language import catalogue, t
from workbench.services import (
    actions,
    code_groups,
    coding,
    history,
    meetings,
    minutes,
    model,
    packs,
    people,
    projects,
    seats,
    sending,
    sources,
    synthesis,
    theory,
    trace_files,
    tracing,
    trust,
    versioning,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store import queries
from workbench.store.verify import verify


def test_every_test_this_file_leaves_to_another_is_there() -> None:
    assert __doc__ is not None
    listed = re.findall(r"(tests/\S+\.py)((?:\n  test_\w+)+)", __doc__)
    assert len(listed) >= 14
    for file, names in listed:
        body = (ROOT / file).read_text(encoding="utf-8")
        for name in names.split():
            assert f"def {name}(" in body, f"{file} has no {name}"


def test_the_handbooks_call_things_what_the_screens_call_them() -> None:
    shown = {said.strip().rstrip(".").lower() for said in catalogue("en").values()}
    for book in ("facilitators.md", "committees.md"):
        text = (ROOT / "docs" / book).read_text(encoding="utf-8").replace("...", "…")
        named = [" ".join(x.split()) for x in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", text)]
        assert len(named) >= 6
        assert [x for x in named if x.lower() not in shown] == []


# -- theme x stakeholder x evidence, as a committee sees it ----------------------------------------------------


def test_the_first_row_of_a_published_matrix_reaches_the_committee_with_people_counted_and_no_unit(
    empty: Context,
) -> None:
    ctx = empty
    projects.add_member(ctx, name="Chair", role="steering")
    groups = {name: people.add_group(ctx, name=name) for name in PORT_ROW}
    who = {
        f"{name} {n}": people.add_participant(ctx, pseudonym=f"{name} {n}", stakeholder_group=groups[name])
        for name in groups
        for n in range(1, 6)
    }
    turns = tuple((label, f"What {label} said about it.") for label in who)
    source = sources.import_source(ctx, tiny_transcript(turns), b"", title="Invented", speakers=dict(who))
    sharing = code_groups.add_code_group(ctx, name="Information sharing")
    heard = [label for label in who if label[-1] in "123" or not label.startswith("Patients")]
    units = {mark_words(ctx, source, f"What {label} said", sharing) for label in heard}
    theme = synthesis.add_category(ctx, sharing, heading="Information sharing")
    for name, phrase in PORT_ROW.items():
        synthesis.set_phrase(ctx, theme, groups[name], phrase)
    synthesis.add_evidence(
        ctx, theme, title="Evidence", citation="Benthien 2024, table 2", finding=PORT_EVIDENCE
    )

    pack = packs.meeting_pack(acting_as(ctx, "steering"))
    assert [name for _, name, *_ in pack.matrix.groups] == list(PORT_ROW)
    row = pack.matrix.cells[theme]
    assert [row[groups[name]].phrase for name in PORT_ROW] == list(PORT_ROW.values())
    assert [(row[groups[n]].heard, row[groups[n]].sample) for n in PORT_ROW] == [
        (3, 5),
        (5, 5),
        (5, 5),
        (5, 5),
    ]
    assert [e.finding for e in pack.matrix.evidence[theme]] == [PORT_EVIDENCE]  # the fifth column
    everything = repr(pack)
    assert not [u for u in units if u in everything] and source not in everything
    assert "What Patients" not in everything and "Invented" not in everything


def _themes(ctx: Context) -> list[Category]:
    with ctx.read() as conn:
        return [v.category for v in synthesis.load_categories(conn)]


# -- both ways: from a component to somebody's words, from words to a decision ---------------------------------


def test_from_any_component_of_the_demo_it_is_three_steps_to_words_as_they_were_said(ctx: Context) -> None:
    found = [tracing.because(ctx, c.component.key) for c in model.list_components(ctx)]
    assert len(found) == 4
    for component in found:
        ways = list(_ways(component))
        assert ways and min(steps for steps, _ in ways) <= 3
        for steps, traced in ways:
            unit = traced.card.unit
            assert steps <= 3
            assert body_of(ctx, unit.source)[unit.start : unit.end] == unit.text


def _ways(node: tracing.Because, steps: int = 1) -> Any:
    """(steps from the top, unit) for every unit below."""
    for unit in node.units:
        yield steps, unit
    for reason in node.reasons:
        yield from _ways(reason, steps + (reason.kind != "unit"))


def test_from_somebodys_words_to_the_decision_they_are_behind(ctx: Context) -> None:
    view = next(v for v in model.list_requirements(ctx) if v.requirement.key == "REQ-001")
    unit = next(s.item for s in view.supports if s.kind == "unit")
    above = {(r.kind, r.key) for r in tracing.resting_on(ctx, unit)}
    assert {("requirement", "REQ-001"), ("component", "CMP-001"), ("decision", "DEC-001")} <= above


def test_the_page_of_a_component_shows_the_words_and_leads_to_where_they_were_said(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("trace", ctx, item="CMP-001")
    assert not at.exception
    shown = " ".join(e.proto.json for e in at.get("bidi_component"))
    units = [traced for _, traced in _ways(tracing.because(ctx, "CMP-001"))]
    linked = [u for u in units if u.card.unit.id in shown]
    assert linked, "no unit of the component is on its page"


def test_the_matrix_opens_as_a_workbook_and_as_a_table(ctx: Context) -> None:
    book = openpyxl.load_workbook(io.BytesIO(trace_files.trace_file(ctx, "matrix", ".xlsx")))
    sheet = [[c or "" for c in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    text = trace_files.trace_file(ctx, "matrix", ".csv").decode("utf-8-sig")
    plain = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))
    themes = {c.id: c.heading for c in _themes(ctx)}
    for table in (sheet, plain):
        head = next(row for row in table if set(themes.values()) <= set(row))
        for v in model.list_requirements(ctx):
            (row,) = (r for r in table if v.requirement.key in r)
            grounds = {s.item for s in (*v.supports, *v.against)}
            assert {id for id, heading in themes.items() if row[head.index(heading)]} == grounds & set(themes)


# -- theory of change on one page ------------------------------------------------------------------------------


def test_each_link_of_the_demos_theory_says_what_shows_it_or_that_it_is_assumed(ctx: Context) -> None:
    page = theory.theory_page(ctx)
    assert page.links and {x.state for x in page.links} <= {"shown", "assumed", "doubted"}
    assert {"shown", "assumed"} <= {x.state for x in page.links}
    assert all(bool(x.shown_by) == (x.state == "shown") for x in page.links if x.state != "doubted")
    assert len(theory.ten_steps(ctx).steps) == 10


# -- one person withdraws --------------------------------------------------------------------------------------


def test_somebody_in_the_demo_withdraws_and_everything_knows_in_one_operation_and_goes_back_in_one(
    ctx: Context,
) -> None:
    before, seq = dump(ctx.store), history.list_operations(ctx)[0].seq
    assert trust.trust_view(ctx).doubted == 0
    person, unit = _somebody(ctx)
    with ctx.read() as conn:
        name = queries.participants(conn)[person].pseudonym
    said = next(c.unit.text for c in coding.list_units(ctx) if c.unit.id == unit)
    withdrawing.withdraw(ctx, person, "stop", "They asked for it")
    assert history.list_operations(ctx)[0].seq == seq + 1
    view = trust.trust_view(ctx)
    (front,) = view.fronts  # one change, though their words were in several texts
    assert front.cause.kind == "withdrawn"
    assert {"REQ-001", ""} == {i.key for i in front.items}  # and the themes it stands in
    assert {i.kind for i in front.distant} == {"requirement", "component"}
    # The committee is told on its next pack, by the sentence alone.
    pack = repr(packs.meeting_pack(acting_as(ctx, "steering")))
    assert "withdrawn" in pack and unit not in pack and name not in pack and said not in pack
    assert verify(ctx.store.path) == []
    history.undo(ctx)
    assert dump(ctx.store) == before
    assert trust.trust_view(ctx).doubted == 0


def _somebody(ctx: Context) -> tuple[str, str]:
    """(a participant, a unit of theirs) that REQ-001 rests on directly."""
    view = next(v for v in model.list_requirements(ctx) if v.requirement.key == "REQ-001")
    unit = next(s.item for s in view.supports if s.kind == "unit")
    card = next(c for c in coding.list_units(ctx) if c.unit.id == unit)
    return card.unit.participants[0], unit


# -- what is refused -------------------------------------------------------------------------------------------


def _req(ctx: Context, key: str) -> model.RequirementView:
    return next(v for v in model.list_requirements(ctx) if v.requirement.key == key)


def _link(ctx: Context, type: str, src: str, dst: str) -> None:
    with ctx.write("support_requirement") as work:
        model.add_link(ctx, work, type, src, dst)


def _circle(ctx: Context) -> Callable[[], object]:
    component = model.list_components(ctx)[0]
    return lambda: _link(ctx, "realises", component.requirements[0][0], component.component.id)


def _conflict_with_itself(ctx: Context) -> Callable[[], object]:
    return lambda: model.add_conflict(
        ctx, _req(ctx, "REQ-001").requirement.id, _req(ctx, "REQ-001").requirement.id
    )


def _component_on_a_theme(ctx: Context) -> Callable[[], object]:
    theme = _themes(ctx)[0].id
    return lambda: model.add_component(ctx, name="On a theme", realises=[theme])


def _requirement_on_a_withdrawn_unit(ctx: Context) -> Callable[[], object]:
    person, unit = _somebody(ctx)
    withdrawing.withdraw(ctx, person, "stop", "They asked for it")
    return lambda: model.add_requirement(ctx, statement="The model must go on", based_on=[unit])


def _two_look_at_one_thing(ctx: Context) -> Callable[[], object]:
    v = _req(ctx, "REQ-001")
    model.change_requirement(ctx, v.requirement.id, rev=v.requirement.rev, rationale="Other reasons")
    items = [i for f in trust.trust_view(ctx).fronts for i in f.items]
    seen = {i.id: i.expects for i in items}
    trust.look_at(acting_as(ctx, "facilitator"), [v.requirement.id], True, expects=seen)
    return lambda: trust.look_at(ctx, [v.requirement.id], False, "No", expects=seen)


def _a_position_after_the_deadline(ctx: Context) -> Callable[[], object]:
    item = meetings.add_decision(ctx, question="By mail?", due="2026-06-10")
    late = replace(ctx, now=lambda: datetime(2026, 6, 11, 12, tzinfo=UTC))
    return lambda: meetings.take_position(late, item, seat="Municipality", choice="agree")


def _a_seat_twice(ctx: Context) -> Callable[[], object]:
    item = meetings.add_decision(ctx, question="By mail?")
    meetings.take_position(ctx, item, seat="Municipality", choice="agree")
    return lambda: meetings.take_position(ctx, item, seat="Municipality", choice="abstain")


def _against_without_a_reason(ctx: Context) -> Callable[[], object]:
    item = meetings.add_decision(ctx, question="By mail?")
    return lambda: meetings.take_position(ctx, item, seat="Municipality", choice="against")


def _a_version_while_somebody_edits(ctx: Context) -> Callable[[], object]:
    seen, v = versioning.as_it_stands(ctx), _req(ctx, "REQ-001")
    other = acting_as(ctx, "facilitator")
    model.change_requirement(other, v.requirement.id, rev=v.requirement.rev, statement="The model must wait")
    return lambda: versioning.freeze_version(ctx, label="Version 3", expects=seen)


def _two_versions_at_once(ctx: Context) -> Callable[[], object]:
    n = versioning.next_version(ctx)
    versioning.freeze_version(acting_as(ctx, "facilitator"), label="Version 3", n=n)
    return lambda: versioning.freeze_version(ctx, label="Version 3 too", n=n)


def _a_decision_undone_after_its_minutes(ctx: Context) -> Callable[[], object]:
    seq = next(o.seq for o in history.list_operations(ctx, limit=2000) if o.verb == "record_decision")
    return lambda: history.undo(ctx, seq)


def _minutes_that_are_approved(ctx: Context) -> Callable[[], object]:
    meeting = minutes.approved_minutes(ctx)[0][0]
    return lambda: minutes.set_remarks(ctx, meeting, "Otherwise")


def _a_pack_whose_quotes_nobody_read(ctx: Context) -> Callable[[], object]:
    return lambda: sending.send_pack(ctx, read=[])


def _accepted_though_it_was_not_adopted(ctx: Context) -> Callable[[], object]:
    item = meetings.add_decision(ctx, question="By mail?")
    key = _req(ctx, "REQ-009").requirement.id
    return lambda: meetings.record_decision(
        ctx, item, outcome="No", why="Too dear", result="rejected", accept=[key]
    )


def _a_requirement_that_holds_something_up(ctx: Context) -> Callable[[], object]:
    return lambda: model.retire_requirement(ctx, _req(ctx, "REQ-001").requirement.id)


BAD = (
    _circle, _conflict_with_itself, _component_on_a_theme, _requirement_on_a_withdrawn_unit, _two_look_at_one_thing,
    _a_position_after_the_deadline, _a_seat_twice, _against_without_a_reason, _a_version_while_somebody_edits,
    _two_versions_at_once, _a_decision_undone_after_its_minutes, _minutes_that_are_approved,
    _a_pack_whose_quotes_nobody_read, _accepted_though_it_was_not_adopted, _a_requirement_that_holds_something_up,
)  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda f: f.__name__.strip("_"))
def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_half_written(
    ctx: Context, bad: Callable[[Context], Callable[[], object]]
) -> None:
    act = bad(ctx)
    before, seq = dump(ctx.store), history.list_operations(ctx)[0].seq
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.code in catalogue("en"), refused.value.code
    said = t(refused.value.code, **refused.value.params)
    assert said.endswith(".") and "{" not in said and len(said) < 300
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", said), said
    assert dump(ctx.store) == before
    assert history.list_operations(ctx)[0].seq == seq
    assert verify(ctx.store.path) == []


def test_two_who_change_one_requirement_at_once_see_both_texts_and_nothing_is_overwritten(
    ctx: Context,
) -> None:
    v = _req(ctx, "REQ-009").requirement
    model.change_requirement(acting_as(ctx, "facilitator"), v.id, rev=v.rev, rationale="First")
    before = dump(ctx.store)
    with pytest.raises(StaleEdit) as stale:
        model.change_requirement(ctx, v.id, rev=v.rev, rationale="Second")
    assert stale.value.current["rationale"] == "First"
    assert dump(ctx.store) == before


# -- from an invitation to approved minutes, and the meeting after ----------------------------------------------


def test_from_an_invitation_to_approved_minutes_and_on_to_what_has_changed_since(ctx: Context) -> None:
    facilitator, chair = acting_as(ctx, "facilitator"), acting_as(ctx, "steering")
    first, second = (m.id for m in meetings.list_meetings(ctx))
    theme = _themes(ctx)[0]

    # The evening before: a demand beside its theme, an item about it, the pack read and sent.
    demand = model.add_requirement(
        facilitator, statement="The model must ring on the second day", based_on=[theme.id]
    )
    item = meetings.add_decision(
        facilitator, question="Should the contact ring on the second day?", meeting=second,
        recommendation="Yes, in the pilot", consequences="Ten minutes for each patient", about=[demand],
    )  # fmt: skip
    quotes = sending.preview(facilitator, second).quotes
    assert quotes, "an insider has quotes to read"
    paper = sending.send_pack(facilitator, second, read=[q.mark for q in quotes])
    assert paper.startswith(b"%PDF")

    # 7:40, on the phone: what is asked, recommended, what it costs.
    asked = {d.id: d for d in packs.meeting_pack(chair).asked}
    assert (asked[item].recommendation, asked[item].consequences) == (
        "Yes, in the pilot",
        "Ten minutes for each patient",
    )
    meetings.take_position(
        chair,
        item,
        seat="Patient representative",
        choice="agree_with_reservation",
        reservation="Not before ten",
    )

    # In the room: who came, the others agree, it is decided, somebody does it, the minutes are read out and approved.
    names = [s.name for s in seats.list_seats(facilitator, second)]
    for name in names:
        seats.set_attendance(facilitator, second, name, "present")
    meetings.rest_agree(facilitator, item)
    meetings.record_decision(
        facilitator, item, outcome="Yes", why="It is what was asked for", accept=[demand]
    )
    action = actions.add_action(
        facilitator, text="Tell the wards", owner="Hospital", due="2026-07-01", decision=item
    )
    minutes.approve_minutes(facilitator, second, seat="Chair")
    read = minutes.minutes_of(chair, second)
    assert read.is_approved and action in {a.id for i in read.items for a in i.actions}
    (decided,) = (d for d in meetings.list_decisions(chair) if d.id == item)
    assert decided.result == "with_reservations" and decided.minuted
    assert [(v.seat, v.reservation) for v in decided.dissent] == [
        ("Patient representative", "Not before ten")
    ]

    # Later a theme is worded otherwise. What was accepted on it says so, to the committee as well.
    assert trust.told(chair, demand).endswith("reads and rests as it did then.")
    row = next(c for c in _themes(ctx) if c.id == theme.id)
    synthesis.change_category(
        ctx, theme.id, rev=row.rev, heading=row.heading, analytic_text=row.analytic_text + " Not on Sundays."
    )
    (front,) = trust.trust_view(ctx).fronts
    assert front.cause.item == theme.id and {theme.id, demand} <= {i.id for i in front.items}
    assert not any(i.may_look for f in trust.trust_view(chair).fronts for i in f.items)
    # One question: does the meaning change? It does not, and everything above is quiet again.
    trust.look_at(
        ctx, [i.id for i in front.items], True, "Only a day named", cause=front.cause.item,
        expects={i.id: i.expects for i in front.items},
    )  # fmt: skip
    assert trust.trust_view(ctx).fronts == ()

    # The next meeting opens with what is open, and with no false alarm.
    third = meetings.add_meeting(facilitator, title="Committee 3", date="2026-07-08")
    meetings.add_decision(facilitator, question="What is next?", meeting=third, nature="discussion")
    pack = packs.meeting_pack(chair)
    assert pack.meeting is not None and pack.meeting.id == third
    assert action in {a.id for a in pack.actions}
    assert not [d for d in pack.decided if d.id == item and d.changed_since]
    assert first != second and verify(ctx.store.path) == []
