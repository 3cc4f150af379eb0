"""Requirements: themes as rows, "the model must" written in place, the drawer, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import drawn
from workbench.services import (
    code_groups,
    confidence,
    consequences,
    coverage,
    ideas,
    model,
    quotes,
    rereading,
    synthesis,
    tracing,
)
from workbench.services.context import Context
from workbench.store import queries
from workbench.ui.text import literal


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
    assert [title.value for title in at.title] == [literal(model.list_grounds(ctx)[0].label)]
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


# -- themes and ideas, answered or not -----------------------------------------------------------------------


def test_what_has_been_written_before_is_said_quietly_with_a_link_and_both_are_kept(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    theme = model.list_grounds(ctx)[0].id
    first = model.list_requirements(ctx)[2].requirement
    at = run_page("requirements", ctx)
    assert not any("says nearly the same" in f for f in facts(at))
    at.text_input(key=f"must_{theme}").set_value(first.statement.replace("must see", "must always see")).run()
    assert not at.exception
    near = next(f for f in facts(at) if f"{first.key} says nearly the same." in f)
    assert f"requirement={first.key}" in near
    assert model.list_requirements(ctx)[-1].requirement.status == "draft"


def test_a_theme_may_be_answered_with_not_needed_and_why(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    group = code_groups.add_code_group(empty, name="Waiting", tag="WA")
    theme = synthesis.add_category(empty, group, heading="People wait without knowing for what")
    at = run_page("requirements", empty)
    at.button(key=f"not_needed_keep_{theme}").click().run()
    assert any("Write why no requirement is needed" in m.value for m in at.markdown)
    at.text_area(key=f"because_{theme}").set_value("It is met by the new timetable").run()
    at.button(key=f"not_needed_keep_{theme}").click().run()
    assert not at.exception
    assert any("Not needed: It is met by the new timetable" in f for f in facts(at))
    assert coverage.coverage(empty).themes == ()
    assert any("Nobody has looked yet for what speaks against it." in f for f in facts(at))


def test_an_idea_is_opened_worded_otherwise_and_taken_out(ctx: Context, run_page: Callable[..., Any]) -> None:
    idea = ideas.list_ideas(ctx)[-1]
    at = run_page("requirements", ctx, idea=idea.id)
    assert not at.exception
    at.text_area(key=f"kept_idea.{idea.id}.text").set_value("For every coordinator, take three away.").run()
    assert ideas.list_ideas(ctx)[-1].text == "For every coordinator, take three away."
    at.selectbox(key=f"kept_idea.{idea.id}.session").set_value("").run()
    assert not at.exception
    assert ideas.list_ideas(ctx)[-1].session is None
    at.button(key=f"retire_{idea.id}").click().run()
    assert not at.exception
    assert idea.id not in {i.id for i in ideas.list_ideas(ctx)}


def test_an_idea_that_a_requirement_rests_on_is_not_taken_out(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    idea = ideas.list_ideas(ctx)[0]
    at = run_page("requirements", ctx, idea=idea.id)
    at.button(key=f"retire_{idea.id}").click().run()
    assert any(m.value.startswith(":red[▲]") for m in at.markdown)
    assert idea.id in {i.id for i in ideas.list_ideas(ctx)}


def test_the_requirement_is_written_under_the_idea_in_hand(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    idea = ideas.list_ideas(ctx)[-1]
    at = run_page("requirements", ctx)
    at.session_state[f"workbench.draft.{ctx.store.id}.idea"] = idea.id
    at.run()
    at.text_input(key="must_idea").set_value("take two away for every one put in").run()
    assert not at.exception
    new = model.list_requirements(ctx)[-1]
    assert (new.requirement.basis, [s.item for s in new.supports]) == ("idea", [idea.id])


# -- the drawer's other parts ----------------------------------------------------------------------------------


def test_what_it_takes_is_asked_in_seven_aspects_and_each_keeps_itself(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", acting_as(ctx, "facilitator"), requirement=r.key)
    at.button_group(key=f"part_{r.id}").set_value("takes").run()
    assert not at.exception
    for aspect in consequences.ASPECTS:
        at.text_area(key=f"kept_consequence.{r.id}.{aspect}").set_value(f"What {aspect} means").run()
    assert not at.exception
    kept = consequences.consequences_of(ctx, r.id)
    assert [c.text for c in kept.values()] == [f"What {a} means" for a in consequences.ASPECTS]
    consequences.set_consequence(ctx, r.id, "law", "Theirs, meanwhile")
    at.text_area(key=f"kept_consequence.{r.id}.law").set_value("Mine").run()
    assert consequences.consequences_of(ctx, r.id)["law"].text == "Theirs, meanwhile"
    assert "Theirs, meanwhile" in [x.value for x in at.text]


def test_a_conflict_is_noted_at_one_requirement_and_told_at_both(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    one, other = (r.requirement for r in model.list_requirements(ctx)[:2])
    at = run_page("requirements", ctx, requirement=one.key)
    at.button_group(key=f"part_{one.id}").set_value("rests").run()
    at.selectbox(key=f"add_conflict_{one.id}").set_value(other.id).run()
    assert not at.exception
    text = "".join(facts(at))
    assert f"conflicts with {other.key}" in text and f"conflicts with {one.key}" in text


def test_a_unit_is_added_by_the_number_on_its_card(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[3].requirement
    at = run_page("requirements", ctx, requirement=r.key)
    at.button_group(key=f"part_{r.id}").set_value("rests").run()
    at.text_input(key=f"card_{r.id}").set_value("no such").run()
    assert any("No meaning unit has that number" in m.value for m in at.markdown)


def test_an_accepted_requirement_that_was_worded_otherwise_is_in_doubt_in_a_sentence(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = next(r.requirement for r in model.list_requirements(ctx) if r.requirement.status == "accepted")
    at = run_page("requirements", ctx, requirement=r.key)
    assert not any('"word": "in doubt"' in f for f in facts(at))
    at.text_area(key=f"kept_requirement.{r.id}.statement").set_value("The model must be another one").run()
    assert not at.exception
    told = next(f for f in facts(at) if "The model must be another one" in f)
    assert '"state": "doubt"' in told and '"word": "in doubt"' in told
    assert f"{r.key} was" in told and "reworded" in told
    now = next(x.requirement for x in model.list_requirements(ctx) if x.requirement.id == r.id)
    model.change_requirement(ctx, r.id, rev=now.rev, statement=r.statement)
    at.run()
    assert not any("reworded since" in f for f in facts(at))


# -- voices and certainty --------------------------------------------------------------------------------------


def test_a_concern_waits_for_its_reason_and_is_then_kept(ctx: Context, run_page: Callable[..., Any]) -> None:
    theme = model.list_grounds(ctx)[0].id
    for component in confidence.judgements(ctx).get(theme, {}):
        confidence.set_confidence(ctx, theme, component, "")
    at = run_page("requirements", ctx, about=theme)
    assert not at.exception
    name = f"kept_sure.{theme}.adequacy"
    at.button_group(key=f"{name}.concern").set_value("moderate").run()
    assert any("Write why in the line below" in m.value for m in at.markdown)
    assert confidence.confidence_of(ctx, theme).judgements == {}
    at.text_input(key=f"{name}.reason").set_value("Few from general practice").run()
    assert not at.exception
    assert not any("Write why in the line below" in m.value for m in at.markdown)
    j = confidence.confidence_of(ctx, theme).judgements["adequacy"]
    assert (j.concern, j.reason) == ("moderate", "Few from general practice")
    assert any("Enough material: Moderate concern" in f for f in facts(at))


def test_a_facilitator_reads_how_sure_we_are_and_no_words_of_a_transcript(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    theme = model.list_grounds(ctx)[0].id
    confidence.set_confidence(ctx, theme, "coherence", "minor", "One voice pulls the other way")
    at = run_page("requirements", acting_as(ctx, "facilitator"), about=theme)
    text = shown(at)
    assert "Minor concern: One voice pulls the other way" in text
    assert not [w for w in (*at.get("text_area"), *at.get("text_input")) if "sure." in str(w.key)]
    with ctx.read() as conn:
        notes = [r for r in rereading.load_recontexts(conn) if r.note.strip()]
        cleared = {q.printed for q in quotes.load_quotes(conn).values()}
        units = [u.text for u in queries.units(conn) if u.text not in cleared]
    workshops = {title for _, title in ideas.list_origins(ctx)[0]}  # where an idea came from may be told
    assert not any(n.note in text for n in notes)
    assert not any(n.source_title in text for n in notes if n.source_title not in workshops)
    assert not any(u in text for u in units if len(u) > 20)


def test_on_a_projector_ideas_are_there_for_all_and_the_state_is_not_hidden(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = next(r for r in model.list_requirements(ctx) if r.requirement.status == "accepted" and r.supports)
    model.change_requirement(
        ctx, r.requirement.id, rev=r.requirement.rev, statement="The model must be another one"
    )
    at = run_page("requirements", ctx, theme="ideas")
    at.toggle(key="shell_projector").set_value(True).run()
    assert not at.exception
    assert any("For every coordinator put in, take two away." in f for f in facts(at))
    at.button_group(key="room_theme").set_value("1").run()
    themes = [g.id for g in model.list_grounds(ctx) if g.kind == "category"]
    n = next(n for n, id in enumerate(themes, 1) if id in {s.item for s in r.supports})
    at.button_group(key="room_theme").set_value(str(n)).run()
    drawn = next(f for f in facts(at) if "The model must be another one" in f)
    assert '"word": "in doubt"' in drawn and "Accepted" not in drawn.split("another one")[1][:120]


def test_a_table_is_brought_in_whole_or_what_is_in_its_way_is_said(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("requirements", empty)
    good = b"key;statement;moscow\nREQ-007;The model must ring back;must\n;The model must say when;should\n"
    at.get("file_uploader")[0].set_value(("old.csv", good, "text/csv")).run()
    assert any("It brings in: " in x.value for x in at.text)
    at.button(key="requirements_import_do").click().run()
    assert [r.requirement.key for r in model.list_requirements(empty)] == ["REQ-007", "REQ-008"]
    assert not at.exception
    bad = b"key;statement;moscow\n;The model must wait;perhaps\n"
    at.get("file_uploader")[0].set_value(("bad.csv", bad, "text/csv")).run()
    assert at.button(key="requirements_import_do").disabled
    assert "row 2" in json.dumps(drawn(at, "requirements_import_rows"))
    assert len(model.list_requirements(empty)) == 2
