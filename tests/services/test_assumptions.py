"""Assumptions with their tests, and open questions."""

from __future__ import annotations

import pytest

from tests.cleared import cleared
from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.services import assumptions, history, model, theory
from workbench.services.context import Context


@pytest.fixture
def ctx(ctx: Context) -> Context:
    return cleared(ctx)


def the(ctx: Context, id: str) -> assumptions.AssumptionView:
    return next(a for a in assumptions.list_assumptions(ctx) if a.id == id)


def test_an_assumption_has_a_key_and_is_untested_until_a_test_has_shown_something(empty: Context) -> None:
    made = assumptions.add_assumption(empty, text=" Somebody answers the telephone ")
    assert (the(empty, made).key, the(empty, made).text, the(empty, made).state) == (
        "ASM-001", "Somebody answers the telephone", "untested",
    )  # fmt: skip
    with pytest.raises(Refused, match=r"assumption\.needs_test"):
        assumptions.change_assumption(empty, made, result="Nine calls of ten")
    with pytest.raises(Refused, match=r"assumption\.needs_result"):
        assumptions.change_assumption(empty, made, state="holds")
    assumptions.change_assumption(empty, made, test="Ten calls in a week")
    assumptions.change_assumption(empty, made, result="Nine of ten were answered", state="holds")
    assert the(empty, made).state == "holds"
    with pytest.raises(Refused, match=r"assumption\.needs_test"):
        assumptions.change_assumption(empty, made, test="")
    assumptions.change_assumption(empty, made, result="")
    assert the(empty, made).state == "untested"


def test_it_is_about_a_part_of_the_model_and_never_about_a_source(ctx: Context) -> None:
    component = model.list_components(ctx)[0].component
    made = assumptions.add_assumption(ctx, text="There is a stand-in", about=component.id)
    about = the(ctx, made).about
    assert about and (about.kind, about.label) == ("component", f"{component.key} {component.name}")
    with ctx.read() as conn:
        source = conn.execute("SELECT id FROM source").fetchone()["id"]
    for wrong in (source, "nothing of ours"):
        with pytest.raises(Refused, match=r"assumption\.wrong_about"):
            assumptions.add_assumption(ctx, text="It says so", about=wrong)
    assert {a.kind for a in assumptions.list_subjects(ctx)} <= set(assumptions.ABOUT)


def test_what_it_was_about_may_go_and_it_says_so(ctx: Context) -> None:
    component = model.add_component(ctx, name="A wall calendar")
    made = assumptions.add_assumption(ctx, text="It hangs where it is seen", about=component)
    model.retire_component(ctx, component)
    about = the(ctx, made).about
    assert about and about.gone and about.label.endswith("A wall calendar")
    assumptions.change_assumption(ctx, made, text="It would hang where it is seen")
    with pytest.raises(Refused, match=r"error\.gone"):
        assumptions.add_assumption(ctx, text="Another", about=component)


def test_two_people_at_the_same_assumption_overwrite_nothing(ctx: Context) -> None:
    made = assumptions.add_assumption(ctx, text="It is read the same day")
    seen = the(ctx, made).rev
    other = acting_as(ctx, "facilitator")
    assumptions.change_assumption(other, made, rev=seen, test="Ask on Friday")
    with pytest.raises(StaleEdit):
        assumptions.change_assumption(ctx, made, rev=seen, test="Ask on Monday")
    assert the(ctx, made).test == "Ask on Friday"


def test_undo_brings_an_assumption_back_as_it_was(ctx: Context) -> None:
    made = assumptions.add_assumption(ctx, text="Both sides write", test="Look at ten pages")
    assumptions.retire_assumption(ctx, made)
    assert all(a.id != made for a in assumptions.list_assumptions(ctx))
    assert history.undo(ctx).label == "took out an assumption"
    assert the(ctx, made).test == "Look at ten pages"


def test_a_question_is_open_until_it_is_answered(empty: Context) -> None:
    made = assumptions.add_question(empty, text="Who pays?", owner="The region", due="2026-06-30")
    assert [(q.key, q.due, q.is_open) for q in assumptions.list_questions(empty)] == [
        ("OQ-001", "2026-06-30", True)
    ]
    with pytest.raises(Refused, match=r"question\.due"):
        assumptions.change_question(empty, made, due="before summer")
    assumptions.change_question(empty, made, answer="The municipality, from January")
    assert assumptions.list_questions(empty, open_only=True) == []
    assumptions.change_question(empty, made, due="")
    assert assumptions.list_questions(empty)[0].due is None


def test_nothing_is_written_down_without_words(empty: Context) -> None:
    with pytest.raises(Refused, match=r"assumption\.needs_text"):
        assumptions.add_assumption(empty, text="  ")
    with pytest.raises(Refused, match=r"question\.needs_text"):
        assumptions.add_question(empty, text="")
    assert assumptions.list_assumptions(empty) == [] == assumptions.list_questions(empty)


def test_the_committee_reads_assumptions_and_changes_none(ctx: Context) -> None:
    nodes = [theory.add_node(ctx, kind=k, text=k) for k in ("input", "outcome")]
    link = theory.add_theory_link(ctx, *nodes)
    assumptions.add_assumption(ctx, text="It works", about=link)
    committee = acting_as(ctx, "steering")
    found = assumptions.list_assumptions(committee)[-1]
    assert found.about and found.about.label == "input → outcome"
    with pytest.raises(NotAllowed):
        assumptions.change_assumption(committee, found.id, text="It does not")
    with pytest.raises(NotAllowed):
        assumptions.add_question(committee, text="Why?")
