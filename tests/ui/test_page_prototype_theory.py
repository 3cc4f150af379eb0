"""Prototype: assumptions and questions under the components, theory of change with the ten steps, the description."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cleared import cleared
from tests.conftest import acting_as
from workbench.services import assumptions, projects, theory, tidier
from workbench.services.context import Context
from workbench.ui.pages import prototype_theory
from workbench.ui.text import literal


@pytest.fixture
def ctx(ctx: Context) -> Context:
    return cleared(ctx)


def facts(at: Any) -> str:
    assert not at.exception
    return "\n".join(
        json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")
    )


def words(at: Any) -> str:
    return " ".join(str(x.value) for x in (*at.text, *at.caption, *at.markdown))


@pytest.fixture
def chain(ctx: Context) -> list[str]:
    nodes = [theory.add_node(ctx, kind=k, text=f"the {k}") for k in ("input", "activity", "outcome")]
    theory.add_theory_link(ctx, nodes[0], nodes[1], assumption="it is given")
    theory.add_theory_link(ctx, nodes[2], nodes[0])
    return nodes


def test_an_empty_theory_says_what_to_do_and_offers_a_place_to_type_in_each_column(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="theory")
    facts(at)
    assert "Nothing here yet." in words(at)
    for kind in theory.KINDS:
        assert at.text_input(key=f"theory_add_{kind}").value == ""
    at.text_input(key="theory_add_input").set_value("Two hours a week").run()
    assert not at.exception
    assert [n.text for n in theory.theory_page(ctx).nodes] == ["Two hours a week"]
    assert at.text_input(key="theory_add_input").value == ""


def test_two_parts_are_linked_by_choosing_and_the_list_has_the_pictures_numbers(
    ctx: Context, chain: list[str], run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="theory")
    drawn = facts(at)
    assert '"key": "1", "text": "the input → the activity", "note": "Assumption: it is given."' in drawn
    assert "the outcome → back to the input" in drawn
    assert "2 links: 2 assumed." in words(at)
    at.selectbox(key="theory_from").set_value(chain[1])
    at.selectbox(key="theory_to").set_value(chain[2]).run()
    at.button(key="theory_link_two").click().run()
    assert not at.exception
    assert [x.n for x in theory.theory_page(ctx).links] == [1, 2, 3]
    # What shows it is asked for at once.
    assert at.text_area(key=f"kept_theory.{theory.theory_page(ctx).links[2].id}.assumption").value == ""


def test_a_link_to_itself_is_refused_in_a_sentence(
    ctx: Context, chain: list[str], run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="theory")
    at.selectbox(key="theory_from").set_value(chain[1])
    at.selectbox(key="theory_to").set_value(chain[1]).run()
    at.button(key="theory_link_two").click().run()
    assert literal("Choose two different ones.") in words(at)
    assert len(theory.theory_page(ctx).links) == 2


def test_in_a_links_drawer_a_theme_shows_it_and_its_assumption_goes_to_the_list(
    ctx: Context, chain: list[str], run_page: Callable[..., Any]
) -> None:
    link = theory.theory_page(ctx).links[0]
    at = run_page("prototype", ctx, part="theory", theory_link=link.id)
    theme = next(g for g in theory.list_showing(ctx) if g.kind == "category")
    at.selectbox(key=f"theory_show_{link.id}").set_value(theme.id).run()
    assert not at.exception
    assert theory.theory_page(ctx).links[0].shown_by[0].label == theme.label
    at.button(key=f"theory_try_{link.id}").click().run()
    assert not at.exception
    assert [(a.text, a.about.id if a.about else "") for a in assumptions.list_assumptions(ctx)] == [
        ("it is given", link.id)
    ]


def test_a_step_is_ticked_and_unticked(ctx: Context, run_page: Callable[..., Any]) -> None:
    assert literal("0 of 10 ticked.") in words(run_page("prototype", ctx, part="theory"))
    steps = theory.ten_steps(ctx).steps
    prototype_theory._press(ctx, steps, None, steps[2].id)
    at = run_page("prototype", ctx, part="theory")
    assert literal("1 of 10 ticked.") in words(at)
    assert '"state": "good", "word": "Ticked"' in facts(at)
    prototype_theory._press(ctx, theory.ten_steps(ctx).steps, None, steps[2].id)
    assert theory.ten_steps(ctx).done == 0


def test_a_step_is_reworded_in_its_drawer(ctx: Context, run_page: Callable[..., Any]) -> None:
    step = theory.ten_steps(ctx).steps[0].id
    at = run_page("prototype", ctx, part="theory", step=step)
    at.text_area(key=f"kept_{step}.note").set_value("Two wards in April").run()
    assert not at.exception
    assert theory.ten_steps(ctx).steps[0].note == "Two wards in April"


def test_an_assumption_is_written_down_beside_what_it_is_about(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    assert "No assumption yet." in facts(at)
    subject = assumptions.list_subjects(ctx)[0]
    at.text_input(key="new_assumption").set_value("Somebody <b>answers</b> *always*")
    at.selectbox(key="new_assumption_about").set_value(subject.id)
    at.button(key="write_assumption").click().run()
    assert not at.exception
    found = assumptions.list_assumptions(ctx)[0]
    assert (found.text, found.about.id if found.about else "") == (
        "Somebody <b>answers</b> *always*",
        subject.id,
    )
    assert at.text_input(key="new_assumption").value == ""
    assert "1 assumption: 1 untested." in words(at)


def test_a_result_without_its_test_is_not_kept_and_stays_in_its_field(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    made = assumptions.add_assumption(ctx, text="It is read")
    at = run_page("prototype", ctx, assumption=made)
    at.text_area(key=f"kept_assumption.{made}.result").set_value("Eleven of twelve").run()
    assert literal("A result belongs to a test.") in words(at)
    assert at.text_area(key=f"kept_assumption.{made}.result").value == "Eleven of twelve"
    assert assumptions.list_assumptions(ctx)[0].result == ""


def test_the_description_keeps_what_is_typed_and_says_that_the_items_were_not_checked(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="description")
    drawn = facts(at)
    assert "From the components" in drawn
    assert literal("has not been checked against the article") in words(at)
    at.text_area(key="kept_tidier.8").set_value("Once a week").run()
    assert not at.exception
    assert tidier.tidier_view(ctx)[7].text == "Once a week"
    assert "1 of 12 items have a text." in words(at)


@pytest.mark.parametrize("part", ["theory", "description", "components"])
def test_every_part_works_in_an_empty_project(
    part: str, empty: Context, run_page: Callable[..., Any]
) -> None:
    facts(run_page("prototype", empty, part=part))


@pytest.mark.parametrize("part", ["theory", "description", "components"])
def test_every_part_works_for_a_facilitator(part: str, ctx: Context, run_page: Callable[..., Any]) -> None:
    facts(run_page("prototype", acting_as(ctx, "facilitator"), part=part))


def test_the_port_example_is_opened_from_the_start_page_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_page: Callable[..., Any]
) -> None:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path / "here"))
    for _ in range(2):
        at = run_page("home")
        at.button(key="home_port").click().run()
        assert not at.exception
        assert literal("Which element answers which demand is our inference") in words(at)
    assert len(projects.list_projects(tmp_path / "here")) == 1
