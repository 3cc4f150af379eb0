"""Requirements: themes as rows, "the model must" written in place, the drawer, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from workbench.services import model, tracing
from workbench.services.context import Context


def shown(at: Any) -> str:
    """Everything the page sends to the browser, as one text."""
    assert not at.exception
    return "\n".join(str(node.proto) for node in at.main) + "\n".join(facts(at))


def facts(at: Any) -> list[str]:
    return [json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")]


def test_every_theme_is_a_row_with_people_of_people_and_its_requirements(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("requirements", ctx)
    text = shown(at)
    assert [s.value for s in at.subheader if s.value.startswith("One person who")]
    assert "7 of 7" in text
    assert "REQ-004" in text
    assert "20 people in 4 groups" in text
    assert "speaks against" in text
    assert "Only a parked requirement answers" in text
    assert "For every coordinator put in, take two away." in text


def test_the_sentence_typed_in_a_themes_row_is_a_requirement_on_that_theme(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    theme = model.list_grounds(ctx)[0].id
    at = run_page("requirements", ctx)
    at.text_input(key=f"must_{theme}").set_value("give the date in writing").run()
    assert not at.exception
    new = model.list_requirements(ctx)[-1]
    assert new.requirement.statement == "The model must give the date in writing"
    assert [s.item for s in new.supports] == [theme]
    assert at.text_input(key=f"must_{theme}").value == ""
    assert any("give the date in writing" in f for f in facts(at))


def test_a_requirement_without_any_theme_says_that_nothing_holds_it_up(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("requirements", ctx)
    at.text_input(key="must_-").set_value("Somebody must water the plants").run()
    key = model.list_requirements(ctx)[-1].requirement.key
    assert f"Nothing holds up {key} yet." in "".join(facts(at))
    at.toggle(key="holes").set_value(True).run()
    assert not at.exception
    assert "REQ-004" not in "".join(f for f in facts(at) if "Write it" not in f and "take two away" not in f)


def test_the_drawer_keeps_a_field_when_it_is_left(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    assert not at.exception
    assert at.text_area(key=f"kept_requirement.{r.id}.statement").value == r.statement
    at.text_area(key=f"kept_requirement.{r.id}.acceptance").set_value("Ten of ten").run()
    assert not at.exception
    assert model.list_requirements(ctx)[3].requirement.acceptance == "Ten of ten"


def test_a_stale_edit_shows_both_texts_and_overwrites_nothing(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    other = acting_as(ctx, "facilitator")
    model.change_requirement(other, r.id, rev=r.rev, acceptance="Theirs, meanwhile")
    at.text_area(key=f"kept_requirement.{r.id}.acceptance").set_value("Mine").run()
    assert model.list_requirements(ctx)[3].requirement.acceptance == "Theirs, meanwhile"
    assert "Theirs, meanwhile" in [x.value for x in at.text]
    assert at.text_area(key=f"kept_requirement.{r.id}.acceptance").value == "Mine"
    assert any("changed this while you wrote" in m.value for m in at.markdown)
    at.button(key=f"kept_requirement.{r.id}.acceptance_mine").click().run()
    assert not at.exception
    assert model.list_requirements(ctx)[3].requirement.acceptance == "Mine"


def test_anothers_change_to_another_field_is_no_conflict(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    model.change_requirement(acting_as(ctx, "facilitator"), r.id, rev=r.rev, owner="The clinic")
    at.text_area(key=f"kept_requirement.{r.id}.acceptance").set_value("Mine").run()
    kept = model.list_requirements(ctx)[3].requirement
    assert (kept.acceptance, kept.owner) == ("Mine", "The clinic")
    assert at.text_input(key=f"kept_requirement.{r.id}.owner").value == "The clinic"


def test_because_leads_to_the_words_in_their_context(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    at.button_group(key=f"part_{r.id}").set_value("because").run()
    assert not at.exception
    drawn = next(f for f in facts(at) if '"because"' in f)
    unit = next(u for u in tracing.because(ctx, r.id).units)
    assert unit.card.unit.text in drawn
    assert unit.before[-1].text in drawn
    assert f"unit={unit.card.unit.id}" in drawn


def test_a_facilitator_sees_reasons_but_no_word_from_a_transcript(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", acting_as(ctx, "facilitator"), requirement=r.key)
    at.button_group(key=f"part_{r.id}").set_value("because").run()
    text = shown(at)
    units = tracing.because(ctx, r.id)
    for reason in (units, *units.reasons):
        for u in reason.units:
            assert u.card.unit.text not in text
        for c in reason.condensates:
            assert c.text not in text
    assert "Preben" not in text


def test_on_a_projector_one_theme_is_shown_and_no_name(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("requirements", ctx)
    at.toggle(key="shell_projector").set_value(True).run()
    text = shown(at)
    assert len(at.header) == 1
    for name in ("Inger", "Preben", "Kenneth", "Anna K."):
        assert name not in "".join(facts(at))
    theme = model.list_grounds(ctx)[0].id
    at.text_input(key=f"must_{theme}").set_value("be written in the room").run()
    assert model.list_requirements(ctx)[-1].requirement.statement == "The model must be written in the room"
    assert text


def test_taking_out_a_requirement_that_a_component_answers_is_refused_in_a_sentence(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[0].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    at.button(key=f"retire_{r.id}").click().run()
    assert not at.exception
    assert any(m.value.startswith(":red[▲]") for m in at.markdown)
    assert model.list_requirements(ctx)[0].requirement.id == r.id


def test_an_empty_project_says_what_to_do(empty: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("requirements", empty)
    assert not at.exception
    assert any("Take one theme and finish the sentence" in x.value for x in at.text)
    at.text_input(key="must_-").set_value("be kind").run()
    assert not at.exception
    assert model.list_requirements(empty)[0].requirement.statement == "The model must be kind"


def test_a_choice_made_by_another_person_meanwhile_is_shown_and_not_overwritten(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[3].requirement
    theirs, mine = (m for m in model.MOSCOW if m != r.moscow and m != "wont")
    at = run_page("requirements", ctx, requirement=r.key)
    model.change_requirement(acting_as(ctx, "facilitator"), r.id, rev=r.rev, moscow=theirs)
    key = f"kept_requirement.{r.id}.moscow"
    at.button_group(key=key).set_value(mine).run()
    assert model.list_requirements(ctx)[3].requirement.moscow == theirs
    assert any("changed this while you wrote" in m.value for m in at.markdown)
    at.button(key=f"{key}_mine").click().run()
    assert model.list_requirements(ctx)[3].requirement.moscow == mine
    at.button_group(key=key).set_value(None).run()
    assert not at.exception
    assert model.list_requirements(ctx)[3].requirement.moscow == ""
