"""Feedback on a version, and the transcripts of sessions in which it was tried."""

from __future__ import annotations

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import Refused, StaleEdit
from workbench.services import feedback, history, model, people, sources, versioning
from workbench.services.context import Context
from workbench.store.verify import verify


@pytest.fixture
def version(ctx: Context) -> str:
    return versioning.freeze_version(ctx, label="A version to try")


def group(ctx: Context) -> str:
    return people.people_view(ctx).groups[0].group.id


def test_what_a_group_said_is_kept_with_where_and_about_what(ctx: Context, version: str) -> None:
    part = model.list_components(ctx)[2].component
    made = feedback.add_feedback(ctx, version, text=" I rang, and somebody answered ", polarity="positive",
                                 stakeholder_group=group(ctx), component=part.id)  # fmt: skip
    (kept,) = feedback.list_feedback(ctx, version)
    assert kept.key.startswith("FB-")
    assert (kept.id, kept.text, kept.component_name) == (
        made, "I rang, and somebody answered", part.name,
    )  # fmt: skip
    assert kept.version_label == "A version to try"
    assert kept.group_name
    history.undo(ctx)
    assert feedback.list_feedback(ctx, version) == []


def test_a_pasted_list_is_one_thing_said_per_line_without_its_bullets(ctx: Context, version: str) -> None:
    lines = "- too long\n\n  • nobody rings back \n3) the page is lost\n2 nurses must sign\n-10 degrees in the hall"
    made = feedback.add_lines(ctx, version, lines=lines, polarity="negative")
    said = [f.text for f in feedback.list_feedback(ctx, version)]
    assert said == [
        "too long",
        "nobody rings back",
        "the page is lost",
        "2 nurses must sign",
        "-10 degrees in the hall",
    ]
    assert len(made) == 5
    assert history.list_operations(ctx)[0].label == "kept 5 things said of A version to try"
    history.undo(ctx)
    assert feedback.list_feedback(ctx, version) == []


def test_nothing_is_kept_of_an_empty_list_or_of_what_is_neither_good_nor_bad(
    ctx: Context, version: str
) -> None:
    with pytest.raises(Refused, match=r"feedback\.needs_text"):
        feedback.add_lines(ctx, version, lines=" \n \n", polarity="mixed")
    with pytest.raises(Refused, match=r"feedback\.unknown_polarity"):
        feedback.add_lines(ctx, version, lines="one\ntwo", polarity="")
    assert feedback.list_feedback(ctx, version) == []


def test_two_who_change_the_same_thing_are_told(ctx: Context, version: str) -> None:
    made = feedback.add_feedback(ctx, version, text="Too long", polarity="negative")
    rev = feedback.list_feedback(ctx, version)[0].rev
    feedback.change_feedback(acting_as(ctx, "facilitator"), made, rev=rev, text="Far too long")
    with pytest.raises(StaleEdit):
        feedback.change_feedback(ctx, made, rev=rev, polarity="mixed")


def test_what_a_requirement_rests_on_is_not_taken_out(ctx: Context, version: str) -> None:
    made = feedback.add_feedback(ctx, version, text="Too long", polarity="negative")
    requirement = model.add_requirement(ctx, statement="The model must be short", based_on=[made])
    key = next(r.requirement.key for r in model.list_requirements(ctx) if r.requirement.id == requirement)
    with pytest.raises(Refused) as refused:
        feedback.retire_feedback(ctx, made)
    assert refused.value.params["keys"] == key
    model.retire_requirement(ctx, requirement)
    feedback.retire_feedback(ctx, made)
    assert feedback.list_feedback(ctx, version) == []
    assert verify(ctx.store.path) == []


def test_what_was_said_of_a_component_stands_after_it_was_taken_out(ctx: Context, version: str) -> None:
    part = model.list_components(ctx)[2].component
    made = feedback.add_feedback(ctx, version, text="Good", polarity="positive", component=part.id)
    model.retire_component(ctx, part.id)
    (kept,) = feedback.list_feedback(ctx, version)
    assert (kept.id, kept.component_name) == (made, part.name)
    # Its text can still be changed, but nothing new is said about what is gone.
    feedback.change_feedback(ctx, made, rev=kept.rev, text="Very good")
    with pytest.raises(Refused, match=r"error\.gone"):
        feedback.add_feedback(ctx, version, text="Bad", polarity="negative", component=part.id)


def test_a_committee_does_not_read_what_groups_said(ctx: Context, version: str) -> None:
    with pytest.raises(Refused):
        feedback.list_feedback(acting_as(ctx, "steering"), version)


def test_a_session_s_transcript_is_of_a_later_round_than_what_the_version_rests_on(
    ctx: Context, version: str
) -> None:
    first, offered = feedback.may_evaluate(ctx, version)
    s = next(v.source for v in sources.list_sources(ctx) if v.source.id in dict(offered))
    assert s.iteration < first
    with pytest.raises(Refused) as refused:
        feedback.evaluate(ctx, s.id, version)
    assert refused.value.params == {
        "round": s.iteration, "version": "A version to try", "first": first, "last": first - 1,
    }  # fmt: skip
    sources.change_source(ctx, s.id, rev=s.rev, title=s.title, kind=s.kind, words_of=s.words_of,
                          language=s.language, session=s.session, iteration=first)  # fmt: skip
    # A source whose own units the version rests on never becomes one: its round is part of what the version rests on.
    late = feedback.may_evaluate(ctx, version)[0]
    if late > first:
        with pytest.raises(Refused, match=r"feedback\.too_early"):
            feedback.evaluate(ctx, s.id, version)


def test_the_transcript_of_a_session_is_chosen_and_taken_back(ctx: Context, version: str) -> None:
    first, _ = feedback.may_evaluate(ctx, version)
    made = new_source(ctx, first)
    link = feedback.evaluate(ctx, made, version)
    (found,) = feedback.list_evaluations(ctx, version)
    assert (found.source, found.iteration) == (made, first)
    assert made not in dict(feedback.may_evaluate(ctx, version)[1])
    feedback.retire_evaluation(ctx, link)
    assert feedback.list_evaluations(ctx, version) == []


def new_source(ctx: Context, iteration: int) -> str:
    """A transcript with nothing marked in it."""
    with ctx.write("add_requirement") as work:
        row = {
            **work.live("source")[0],
            "id": "session-transcript",
            "title": "Trying version 2",
            "iteration": iteration,
        }
        return work.insert("source", {k: v for k, v in row.items() if k not in ("rev", "retired")})
