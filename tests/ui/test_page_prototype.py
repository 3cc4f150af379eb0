"""Prototype: components with what they answer, a version frozen, two compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from workbench.services import model, versioning
from workbench.services.context import Context


def facts(at: Any) -> str:
    assert not at.exception
    return "\n".join(
        json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")
    )


def test_components_stand_with_the_requirements_they_answer_and_the_versions_beside_them(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    drawn = facts(at)
    assert [s.value for s in at.subheader][:2] == ["Named contact with a stand\\-in", "The common page"]
    assert "REQ-001" in drawn
    assert "Version 2" in drawn
    assert "28 May 2026" in drawn
    assert any("4 components answer 9 requirements." in x.value for x in at.text)


def test_two_versions_compared_show_added_changed_word_by_word_and_other_evidence(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    drawn = facts(at)
    assert '"change": "added", "text": "The hour from one to two"' in drawn
    assert '{"op": "del", "text": "have"}' in drawn
    assert "The words are the same, what it rests on is not." in drawn
    assert '"change": "same", "text": "Named contact' not in drawn
    at.toggle(key="show_same").set_value(True).run()
    assert '"change": "same", "text": "Named contact' in facts(at)


def test_a_version_is_frozen_under_its_label_and_the_next_one_waits(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    at.text_area(key="freeze_note_3").set_value("After the second meeting")
    at.button(key="freeze_now_3").click().run()
    assert not at.exception
    last = versioning.list_versions(ctx)[-1]
    assert (last.n, last.label, last.note) == (3, "Version 3", "After the second meeting")
    assert at.text_input(key="freeze_label_4").value == "Version 4"


def test_a_version_without_a_label_is_refused_and_nothing_is_frozen(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    at.text_input(key="freeze_label_3").set_value(" ")
    at.button(key="freeze_now_3").click().run()
    assert not at.exception
    assert any(m.value.startswith(":red[▲]") for m in at.markdown)
    assert len(versioning.list_versions(ctx)) == 2


def test_a_component_is_added_by_its_name_and_linked_in_its_drawer(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", acting_as(ctx, "facilitator"))
    at.text_input(key="new_component").set_value("A bench in the corridor").run()
    new = model.list_components(ctx)[-1].component
    assert new.name == "A bench in the corridor"
    assert "“A bench in the corridor” answers no requirement yet." in facts(at)
    requirement = model.list_requirements(ctx)[9].requirement.id
    at = run_page("prototype", ctx, component=new.id)
    at.selectbox(key=f"realises_{new.id}").set_value(requirement).run()
    assert not at.exception
    assert [r[0] for r in model.list_components(ctx)[-1].requirements] == [requirement]
    at.text_area(key=f"kept_component.{new.id}.description").set_value("Somewhere to sit and ask").run()
    kept = model.list_components(ctx)[-1]
    assert kept.component.description == "Somewhere to sit and ask"
    assert len(kept.requirements) == 1


def test_an_empty_project_says_what_a_component_is(empty: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("prototype", empty)
    assert not at.exception
    assert any("No component yet." in x.value for x in at.text)
    assert not at.get("popover") or not any("Freeze" in p.proto.popover.label for p in at.get("popover"))


def test_a_components_name_and_description_written_by_two_people_are_both_kept(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    c = model.list_components(ctx)[0].component
    at = run_page("prototype", ctx, component=c.id)
    model.change_component(
        acting_as(ctx, "facilitator"), c.id, rev=c.rev, name="Theirs", description=c.description
    )
    next(f for f in at.text_area if f.value == c.description).set_value("Mine").run()
    assert not at.exception
    now = model.list_components(ctx)[0].component
    assert (now.name, now.description) == ("Theirs", "Mine")
