"""The table of changes: from what was said to what was agreed, with its reason, its requirement and its decision."""

from __future__ import annotations

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import Refused, StaleEdit
from workbench.services import change_table, feedback, history, meetings, model, versioning
from workbench.services.change_table import ChangeView
from workbench.services.context import Context
from workbench.store.verify import verify


@pytest.fixture
def version(ctx: Context) -> str:
    return versioning.freeze_version(ctx, label="A version to try")


@pytest.fixture
def said(ctx: Context, version: str) -> list[str]:
    part = model.list_components(ctx)[2].component.id
    return feedback.add_lines(ctx, version, lines="Nobody rings back\nThe line is engaged", polarity="negative",
                              component=part)  # fmt: skip


def rows(ctx: Context) -> list[ChangeView]:
    return change_table.list_changes(ctx, versioning.list_versions(ctx)[-1].id)


def only(ctx: Context) -> ChangeView:
    (found,) = rows(ctx)
    return found


def test_a_row_holds_several_things_said_and_is_about_what_they_are_about(
    ctx: Context, version: str, said: list[str]
) -> None:
    change_table.add_change(
        ctx, version, possible="A second telephone", feedback=said, reason_codes=["REP", "IMP"]
    )
    row = only(ctx)
    assert (row.key[:4], row.status, row.reason_codes, row.heard) == ("CHG-", "open", ("IMP", "REP"), 2)
    assert [f.id for f in row.feedback] == said
    assert row.component_name == model.list_components(ctx)[2].component.name
    change_table.change_change(ctx, row.id, rev=row.rev, feedback=said[:1])
    assert [f.id for f in only(ctx).feedback] == said[:1]
    history.undo(ctx)
    assert only(ctx).heard == 2


def test_what_is_not_changed_needs_its_why(ctx: Context, version: str, said: list[str]) -> None:
    made = change_table.add_change(ctx, version, possible="A second telephone", feedback=said)
    with pytest.raises(Refused, match=r"change\.needs_why"):
        change_table.change_change(ctx, made, rev=only(ctx).rev, status="not_changed")
    change_table.change_change(ctx, made, rev=only(ctx).rev, why="There is no money for it")
    change_table.change_change(ctx, made, rev=only(ctx).rev, status="not_changed")
    assert only(ctx).status == "not_changed"
    with pytest.raises(Refused, match=r"change\.needs_why"):
        change_table.change_change(ctx, made, rev=only(ctx).rev, why=" ")


def test_an_empty_row_an_unknown_code_and_an_unknown_state_are_refused(ctx: Context, version: str) -> None:
    with pytest.raises(Refused, match=r"change\.needs_text"):
        change_table.add_change(ctx, version, possible=" ")
    with pytest.raises(Refused, match=r"change\.unknown_code"):
        change_table.add_change(ctx, version, possible="Ring", reason_codes=["XYZ"])
    with pytest.raises(Refused, match=r"change\.unknown_status"):
        change_table.add_change(ctx, version, possible="Ring", status="maybe")
    assert rows(ctx) == []


def test_a_row_for_each_thing_that_stands_in_none_yet(ctx: Context, version: str, said: list[str]) -> None:
    feedback.add_feedback(ctx, version, text="It is good", polarity="positive")
    change_table.add_change(ctx, version, feedback=said[:1])
    assert change_table.add_rows(ctx, version) == 1
    assert change_table.add_rows(ctx, version) == 0
    assert [[f.id for f in c.feedback] for c in rows(ctx)] == [[said[0]], [said[1]]]


def test_what_was_agreed_becomes_a_requirement_on_what_was_said(
    ctx: Context, version: str, said: list[str]
) -> None:
    made = change_table.add_change(ctx, version, possible="A second telephone", agreed="The model must answer in a day",
                                   feedback=said, moscow="must", status="agreed", why="Said by all")  # fmt: skip
    requirement = change_table.write_requirement(ctx, made)
    view = next(r for r in model.list_requirements(ctx) if r.requirement.id == requirement)
    assert (view.requirement.statement, view.requirement.moscow, view.requirement.rationale) == (
        "The model must answer in a day", "must", "Said by all",
    )  # fmt: skip
    assert {s.item for s in view.supports} == set(said)
    assert [c[0] for c in view.components] == [model.list_components(ctx)[2].component.id]
    assert only(ctx).requirement_key == view.requirement.key
    with pytest.raises(Refused, match=r"change\.has_requirement"):
        change_table.write_requirement(ctx, made)
    history.undo(ctx)
    assert only(ctx).requirement is None
    assert requirement not in {r.requirement.id for r in model.list_requirements(ctx)}
    assert verify(ctx.store.path) == []


def test_feedback_reaches_the_decision_and_the_difference_between_versions(
    ctx: Context, version: str, said: list[str]
) -> None:
    made = change_table.add_change(
        ctx, version, possible="A second telephone", feedback=said, status="agreed"
    )
    decision = meetings.add_decision(ctx, question="A second telephone?")
    meetings.record_decision(ctx, decision, outcome="Yes", why="It was asked for")
    change_table.change_change(ctx, made, rev=only(ctx).rev, decision=decision)
    requirement = change_table.write_requirement(ctx, made)
    following = versioning.freeze_version(ctx, label="Version 3")
    found = {d.item: d for d in versioning.compare_versions(ctx, version, following)}
    new = found[requirement]
    assert new.change == "added"
    assert [c.id for c in new.changes] == [made]
    assert [d.id for d in new.decisions] == [decision]


def test_two_who_fill_in_the_same_row_are_told(ctx: Context, version: str) -> None:
    made = change_table.add_change(ctx, version, possible="Ring")
    rev = only(ctx).rev
    change_table.change_change(acting_as(ctx, "facilitator"), made, rev=rev, agreed="Ring twice")
    with pytest.raises(StaleEdit):
        change_table.change_change(ctx, made, rev=rev, feedback=[], status="done")
    assert only(ctx).status == "open"


def test_a_row_copes_with_things_that_were_taken_out_since(
    ctx: Context, version: str, said: list[str]
) -> None:
    part = model.list_components(ctx)[2].component
    requirement = model.add_requirement(ctx, statement="The model must ring")
    made = change_table.add_change(ctx, version, possible="Ring", feedback=said, requirement=requirement)
    model.retire_component(ctx, part.id)
    model.retire_requirement(ctx, requirement)
    feedback.retire_feedback(ctx, said[0])
    row = only(ctx)
    assert (row.component_name, row.heard, bool(row.requirement_key)) == (part.name, 1, True)
    change_table.change_change(ctx, made, rev=row.rev, component=part.id, agreed="Ring twice")
    assert change_table.write_requirement(ctx, made)
    change_table.retire_change(ctx, made)
    assert rows(ctx) == []


def test_a_committee_reads_what_was_agreed_and_not_what_was_said(
    ctx: Context, version: str, said: list[str]
) -> None:
    change_table.add_change(ctx, version, possible="A second telephone", feedback=said)
    (row,) = change_table.list_changes(acting_as(ctx, "steering"), version)
    assert (row.possible, row.heard, row.feedback) == ("A second telephone", 2, ())
    with pytest.raises(Refused):
        change_table.add_change(acting_as(ctx, "steering"), version, possible="Ours")
