"""Prototype: components with what they answer, a version frozen, two compared, what was said of it and what changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import acting_as
from workbench.services import change_table, feedback, history, model, versioning
from workbench.services.context import Context


def facts(at: Any) -> str:
    assert not at.exception
    return "\n".join(
        json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")
    )


def test_components_stand_with_the_requirements_they_answer(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    drawn = facts(at)
    assert [s.value for s in at.subheader][:2] == ["Named contact with a stand\\-in", "The common page"]
    assert "REQ-001" in drawn
    said = "4 components answer 9 requirements. Version 2 was frozen on 28 May 2026."
    assert said in [x.value for x in at.text]


def test_versions_stand_with_what_they_hold(ctx: Context, run_page: Callable[..., Any]) -> None:
    drawn = facts(run_page("prototype", ctx, part="versions"))
    assert "Frozen 4 May 2026 · 3 components · 8 requirements · 3 themes" in drawn
    assert drawn.index("Version 2") < drawn.index("Version 1")


PARTS = ("components", "versions", "feedback", "theory", "description")


@pytest.mark.parametrize("role", ["researcher", "facilitator"])
def test_every_part_is_drawn_for_those_who_model(
    ctx: Context, said: list[str], run_page: Callable[..., Any], role: str
) -> None:
    for part in PARTS:
        at = run_page("prototype", acting_as(ctx, role), part=part)
        assert not at.exception
        assert [x.value for x in at.title] == ["Prototype"]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_drawn_in_an_empty_project(
    empty: Context, run_page: Callable[..., Any], part: str
) -> None:
    assert not run_page("prototype", empty, part=part).exception


def test_two_versions_compared_show_added_changed_word_by_word_and_other_evidence(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="versions")
    drawn = facts(at)
    assert '"change": "added", "text": "The hour from one to two"' in drawn
    assert '{"op": "del", "text": "have"}' in drawn
    assert "The words are the same, what it rests on is not." in drawn
    assert '"change": "same", "text": "Named contact' not in drawn
    at.toggle(key="show_same").set_value(True).run()
    assert '"change": "same", "text": "Named contact' in facts(at)


def test_a_comparison_says_what_moved_what_it_answers_and_which_decision_it_goes_back_to(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="versions")
    drawn = facts(at)
    assert "Now also answered by The hour from one to two." in drawn
    assert "The part is the same, what it answers is not." in drawn
    assert "Reworded: REQ-003." in drawn
    assert '"link": "DEC-002"' in drawn
    assert any("1 moved" in x.value and "go back to a decision" in x.value for x in at.text)


def test_a_field_that_changed_is_named(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[3].requirement
    model.change_requirement(ctx, r.id, rev=r.rev, moscow="could", acceptance="Nine of ten can say it")
    at = run_page("prototype", ctx, part="versions")
    at.selectbox(key="compare_old").set_value(versioning.list_versions(ctx)[-1].id).run()
    drawn = facts(at)
    assert "How one would see it: " in drawn
    assert "Priority: " in drawn


def test_what_somebody_changed_meanwhile_is_not_frozen_unseen(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx)
    r = model.list_requirements(ctx)[0].requirement
    model.change_requirement(acting_as(ctx, "facilitator"), r.id, rev=r.rev, statement="The model must sing")
    at.button(key="freeze_now_3").click().run()
    assert not at.exception
    assert any("nothing is frozen yet" in m.value and "sing" in m.value for m in at.markdown)
    assert len(versioning.list_versions(ctx)) == 2
    at.button(key="freeze_now_3").click().run()
    assert len(versioning.list_versions(ctx)) == 3


def test_a_correction_of_the_last_version_is_named_after_it(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="versions")
    said = "Version 2 is frozen. It cannot change; corrections become Version 2.1."
    assert said in [c.value for c in at.caption]
    at.segmented_control(key="freeze_kind_3").set_value("correction").run()
    assert at.text_input(key="freeze_label_3").value == "Version 2.1"
    at.button(key="freeze_now_3").click().run()
    assert versioning.list_versions(ctx)[-1].label == "Version 2.1"
    assert at.text_input(key="freeze_label_4").value == "Version 3"


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


# -- what was said, and what changes -----------------------------------------------------------------------------


def fresh(ctx: Context) -> str:
    """A version of which nothing has been said yet."""
    return versioning.freeze_version(ctx, label="A version to try")


def changes(ctx: Context) -> list[change_table.ChangeView]:
    return change_table.list_changes(ctx, versioning.list_versions(ctx)[-1].id)


def heard(ctx: Context) -> list[feedback.FeedbackView]:
    return feedback.list_feedback(ctx, versioning.list_versions(ctx)[-1].id)


@pytest.fixture
def said(ctx: Context) -> list[str]:
    version, part = fresh(ctx), model.list_components(ctx)[0].component.id
    made = feedback.add_lines(ctx, version, lines="Nobody *rings* back\nThe line is engaged", polarity="negative",
                              component=part)  # fmt: skip
    return [*made, feedback.add_feedback(ctx, version, text="Good", polarity="positive", component=part)]


def test_a_list_is_pasted_and_kept_and_the_field_is_empty_for_the_next(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    fresh(ctx)
    at = run_page("prototype", ctx, part="feedback")
    assert any("Nothing has been kept" in x.value for x in at.text)
    at.text_area(key="feedback_lines").set_value("- too long\n- too small")
    at.selectbox(key="feedback_component").set_value(model.list_components(ctx)[0].component.id)
    next(b for b in at.button if b.label == "Keep").click().run()
    drawn = facts(at)
    assert [f.text for f in heard(ctx)] == ["too long", "too small"]
    assert '"said": "too long"' in drawn
    assert at.text_area(key="feedback_lines").value == ""
    assert at.selectbox(key="feedback_component").value is not None
    assert any("2 things were said of it: 2 negative." in x.value for x in at.text)


def test_what_was_said_stands_under_its_component_too(
    ctx: Context, said: list[str], run_page: Callable[..., Any]
) -> None:
    assert "3 things were said of it: 1 positive, 2 negative." in facts(run_page("prototype", ctx))


def test_what_was_said_is_changed_put_in_the_table_and_taken_out_in_its_drawer(
    ctx: Context, said: list[str], run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", ctx, part="feedback", feedback=said[0])
    at.text_area(key=f"kept_feedback.{said[0]}.text").set_value("Nobody rings back at all").run()
    assert heard(ctx)[0].text == "Nobody rings back at all"
    at.button(key="feedback_into_table").click().run()
    assert not at.exception
    (row,) = changes(ctx)
    assert row.id in at.query_params["change"]
    at = run_page("prototype", ctx, part="feedback", feedback=said[1])
    at.button(key="feedback_retire").click().run()
    assert [f.id for f in heard(ctx)] == [said[0], said[2]]


def test_a_row_is_filled_in_in_place(ctx: Context, said: list[str], run_page: Callable[..., Any]) -> None:
    at = run_page("prototype", ctx, part="feedback")
    assert any("2 things that were said are in no row yet." in x.value for x in at.text)
    at.button(key="changes_add_rows").click().run()
    first, _ = changes(ctx)
    at.text_area(key=f"kept_change.{first.id}.possible").set_value("A second telephone").run()
    at.text_area(key=f"kept_change.{first.id}.agreed").set_value("The model must answer in a day").run()
    at.pills(key=f"change_codes_{first.id}").set_value(["IMP", "REP"]).run()
    at.selectbox(key=f"kept_change.{first.id}.moscow").set_value("must").run()
    at.selectbox(key=f"kept_change.{first.id}.status").set_value("agreed").run()
    assert not at.exception
    first, _ = changes(ctx)
    assert (first.possible, first.agreed, first.reason_codes, first.moscow, first.status) == (
        "A second telephone", "The model must answer in a day", ("IMP", "REP"), "must", "agreed",
    )  # fmt: skip
    at.segmented_control(key="changes_filter").set_value("all").run()
    at.button(key=f"change_write_{first.id}").click().run()
    made = changes(ctx)[0]
    assert made.requirement_key in facts(at)
    assert history.list_operations(ctx)[0].label == f"wrote an agreed change as {made.requirement_key}"


def test_a_row_without_a_why_is_not_called_not_changed(
    ctx: Context, said: list[str], run_page: Callable[..., Any]
) -> None:
    version = versioning.list_versions(ctx)[-1].id
    row = change_table.add_change(ctx, version, possible="Ring", feedback=said[:1])
    at = run_page("prototype", ctx, part="feedback")
    at.selectbox(key=f"kept_change.{row}.status").set_value("not_changed").run()
    assert any("Write why it is not changed first" in m.value for m in at.markdown)
    assert changes(ctx)[0].status == "open"


def test_two_who_choose_reasons_of_a_row_at_once_are_told_and_another_field_is_kept(
    ctx: Context, said: list[str], run_page: Callable[..., Any]
) -> None:
    version, other = versioning.list_versions(ctx)[-1].id, acting_as(ctx, "facilitator")
    row = change_table.add_change(ctx, version, possible="Ring", feedback=said[:1])

    def rev() -> int:
        return changes(ctx)[0].rev

    at = run_page("prototype", ctx, part="feedback")
    change_table.change_change(other, row, rev=rev(), agreed="Ring twice")
    at.pills(key=f"change_codes_{row}").set_value(["EAS"]).run()
    (kept,) = changes(ctx)
    assert (kept.agreed, kept.reason_codes) == ("Ring twice", ("EAS",))
    change_table.change_change(other, row, rev=rev(), reason_codes=["IMP"])
    at.pills(key=f"change_codes_{row}").set_value(["EAS", "REP"]).run()
    assert not at.exception
    assert any("changed this while you wrote" in m.value for m in at.markdown)
    assert changes(ctx)[0].reason_codes == ("IMP",)


def test_a_long_table_opens_ten_rows_at_a_time(ctx: Context, run_page: Callable[..., Any]) -> None:
    version = fresh(ctx)
    feedback.add_lines(ctx, version, lines="\n".join(f"Said {n}" for n in range(40)), polarity="negative")
    change_table.add_rows(ctx, version)
    at = run_page("prototype", ctx, part="feedback")
    assert len([a for a in at.text_area if "possible" in (a.key or "")]) == 10
    assert '"said": "Said 39"' not in facts(at)
    at.button(key="changes_more").click().run()
    assert len([a for a in at.text_area if "possible" in (a.key or "")]) == 20
    at.button(key="feedback_all").click().run()
    assert '"said": "Said 39"' in facts(at)


def test_without_a_version_feedback_says_what_to_do_first(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("prototype", empty, part="feedback")
    assert any("Freeze one under Components" in x.value for x in at.text)
    at = run_page("prototype", empty, part="versions")
    assert any("No version yet." in x.value for x in at.text)
