"""Requirements and ideas: what they rest on, what conflicts, what they mean for others, and what nothing answers."""

from __future__ import annotations

import time

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.unit_ids import short_ids
from workbench.services import (
    coding,
    consequences,
    coverage,
    history,
    ideas,
    likeness,
    meetings,
    model,
    synthesis,
    tracing,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store import queries


def theme_of(ctx: Context, n: int = 0) -> str:
    return synthesis.theme_matrix(ctx).themes[n][0]


def found(ctx: Context, id: str) -> model.RequirementView:
    return next(r for r in model.list_requirements(ctx) if r.requirement.id == id)


# -- conflicts -----------------------------------------------------------------------------------------------


def test_a_conflict_is_one_row_whichever_way_it_is_said_and_stands_at_both(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must be open all night")
    b = model.add_requirement(ctx, statement="The model must need no more staff")
    first = model.add_conflict(ctx, a, b, note="Nights are staff")
    assert model.add_conflict(ctx, b, a) == first
    with ctx.read() as conn:
        assert len(queries.live(conn, "link", type="conflicts")) == 1
    assert [(c.id, c.note) for c in found(ctx, a).conflicts] == [(b, "Nights are staff")]
    assert [(c.id, c.link) for c in found(ctx, b).conflicts] == [(a, first)]
    model.retire_link(ctx, first)
    assert found(ctx, a).conflicts == found(ctx, b).conflicts == ()


def test_a_requirement_does_not_conflict_with_itself_or_with_something_else(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must be open all night")
    with pytest.raises(Refused, match="conflict_self"):
        model.add_conflict(ctx, a, a)
    with pytest.raises(Refused):
        model.add_conflict(ctx, a, theme_of(ctx))


def test_taking_out_a_requirement_takes_its_conflicts_and_consequences_along_and_undo_brings_them_back(
    ctx: Context,
) -> None:
    a = model.add_requirement(ctx, statement="The model must be open all night", based_on=[theme_of(ctx)])
    b = model.add_requirement(ctx, statement="The model must need no more staff")
    model.add_conflict(ctx, a, b)
    consequences.set_consequence(ctx, b, "economy", "Dear")
    model.retire_requirement(ctx, b)
    assert found(ctx, a).conflicts == ()
    history.undo(ctx)
    assert [c.id for c in found(ctx, a).conflicts] == [b]
    assert consequences.consequences_of(ctx, b)["economy"].text == "Dear"


# -- what it rests on ----------------------------------------------------------------------------------------


def test_a_unit_is_added_by_what_is_printed_on_its_card(ctx: Context) -> None:
    with ctx.read() as conn:
        units = [u["id"] for u in queries.live(conn, "unit")]
    unit, code = next(iter(short_ids(units).items()))
    a = model.add_requirement(ctx, statement="The model must be open all night", basis="unit")
    facilitator = acting_as(ctx, "facilitator")
    model.support_by_card(facilitator, a, f" {code[:2].lower()}-{code[2:].lower()} ")
    assert [s.item for s in found(ctx, a).supports] == [unit]
    # Who reads no source sees that it is a unit, and not where it stands.
    assert [s.label for s in found(facilitator, a).supports] != [s.label for s in found(ctx, a).supports]
    with pytest.raises(Refused, match="unknown_card"):
        model.support_by_card(ctx, a, "ZZZZZ")


def test_every_basis_of_the_issue_can_be_chosen(ctx: Context) -> None:
    for basis in ("theme", "unit", "idea", "law", "evidence", "practice", "decision", "feedback"):
        model.add_requirement(ctx, statement=f"The model must have {basis}", basis=basis)
    with pytest.raises(Refused):
        model.add_requirement(ctx, statement="The model must x", basis="hearsay")
    with pytest.raises(Refused):
        model.add_requirement(ctx, statement="The model must x", status="sleeping")


def test_people_and_groups_are_counted_through_themes_and_units_and_nobody_twice(ctx: Context) -> None:
    theme = theme_of(ctx)
    a = model.add_requirement(ctx, statement="The model must be one", based_on=[theme])
    with ctx.read() as conn:
        (view,) = synthesis.load_categories(conn, theme)
    people = {p for c in view.cards if c.unit.words_of == "participant" for p in c.unit.participants}
    assert found(ctx, a).people == len(people)
    placed = next(c.unit.id for c in view.cards if c.unit.participants)
    model.support_requirement(ctx, a, placed)
    assert found(ctx, a).people == len(people)


def test_three_hundred_requirements_are_read_with_as_many_queries_as_three(ctx: Context) -> None:
    theme = theme_of(ctx)

    def queries_now() -> int:
        asked: list[str] = []
        with ctx.read() as conn:
            conn.set_trace_callback(asked.append)
            model.load_requirements(conn)
            conn.set_trace_callback(None)
        return len(asked)

    few = queries_now()
    before = len(model.list_requirements(ctx))
    with ctx.write("add_requirement") as work:
        for n in range(300):
            row = {"id": f"r{n:03d}", "key": f"REQ-{900 + n}", "statement": f"The model must {n}", "rationale": "",
                   "basis": "theme", "basis_note": "", "moscow": "", "acceptance": "", "feasibility": "", "owner": "",
                   "status": "draft"}  # fmt: skip
            work.insert("requirement", row)
            link = {
                "id": f"l{n:03d}",
                "type": "based_on",
                "src": row["id"],
                "dst": theme,
                "role": "supports",
                "note": "",
            }
            work.insert("link", link)
    assert queries_now() == few
    began = time.perf_counter()
    assert len(model.list_requirements(ctx)) == before + 300
    assert time.perf_counter() - began < 1  # about a tenth of that on an idle machine


# -- acceptance ----------------------------------------------------------------------------------------------


def test_accepting_looks_at_what_it_rests_on_once_and_with_the_status_in_one_operation(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[str], str]] = []
    monkeypatch.setattr(
        model, "accept_reviews", lambda ctx, work, items, occasion: asked.append((list(items), occasion))
    )
    a = model.add_requirement(ctx, statement="The model must be one", based_on=[theme_of(ctx)])
    for status in ("proposed", "accepted", "accepted", "parked"):
        model.set_requirement_status(ctx, a, status)
    b = model.add_requirement(ctx, statement="The model must be two", status="accepted")
    assert asked == [([a], "accepted"), ([b], "accepted")]


def test_an_accepted_requirement_can_still_be_worded_otherwise_and_nothing_else_than_a_sentence_follows(
    ctx: Context,
) -> None:
    a = model.add_requirement(ctx, statement="The model must be one", based_on=[theme_of(ctx)])
    model.set_requirement_status(ctx, a, "accepted")
    rev = found(ctx, a).requirement.rev
    model.change_requirement(ctx, a, rev=rev, statement="The model must be whole")
    assert found(ctx, a).requirement.status == "accepted"
    state, told = model.requirement_trust(ctx)[a]
    assert state == "doubt" and found(ctx, a).requirement.key in told
    history.undo(ctx)
    assert a not in model.requirement_trust(ctx)


# -- what it means for others --------------------------------------------------------------------------------


def test_each_aspect_keeps_its_own_text_and_an_empty_one_is_gone(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must be one")
    for aspect in consequences.ASPECTS:
        consequences.set_consequence(ctx, a, aspect, f" on {aspect} ", rev=0)
    with ctx.read() as conn:
        assert consequences.load_consequences(conn)[a] == {x: f"on {x}" for x in consequences.ASPECTS}
    now = consequences.consequences_of(ctx, a)["law"]
    consequences.set_consequence(ctx, a, "law", "", rev=now.rev)
    with ctx.read() as conn:
        assert "law" not in consequences.load_consequences(conn)[a]
    assert consequences.consequences_of(ctx, a)["law"].rev == 0


def test_two_who_write_the_same_aspect_are_both_shown_and_nothing_is_overwritten(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must be one")
    other = acting_as(ctx, "facilitator")
    consequences.set_consequence(other, a, "payer", "The region", rev=0)
    with pytest.raises(StaleEdit) as stale:
        consequences.set_consequence(ctx, a, "payer", "The municipality", rev=0)
    assert stale.value.current["text"] == "The region"
    rev = consequences.consequences_of(ctx, a)["payer"].rev
    consequences.set_consequence(other, a, "payer", "", rev=rev)
    with pytest.raises(StaleEdit) as stale:
        consequences.set_consequence(ctx, a, "payer", "Both", rev=rev)
    assert stale.value.current["text"] == ""
    assert consequences.consequences_of(ctx, a)["payer"].text == ""


def test_consequences_belong_to_requirements_and_decisions_and_have_seven_aspects(ctx: Context) -> None:
    decision = meetings.list_decisions(ctx)[-1].id
    consequences.set_consequence(ctx, decision, "keep", "The nurses' own line")
    assert consequences.consequences_of(ctx, decision)["keep"].text == "The nurses' own line"
    for item, aspect in ((theme_of(ctx), "law"), ("nothing", "law"), (decision, "weather")):
        with pytest.raises(Refused):
            consequences.set_consequence(ctx, item, aspect, "x")


# -- what nothing answers ------------------------------------------------------------------------------------


def test_a_theme_or_idea_is_left_without_a_requirement_only_with_a_reason(ctx: Context) -> None:
    idea = ideas.add_idea(ctx, text="Paint the corridor")
    assert idea in {id for id, _ in coverage.coverage(ctx).ideas}
    with pytest.raises(Refused, match="needs_reason"):
        coverage.set_not_needed(ctx, idea, "  ")
    coverage.set_not_needed(acting_as(ctx, "facilitator"), idea, "It is a matter for the ward")
    now = coverage.coverage(ctx)
    assert idea not in {id for id, _ in now.ideas}
    assert now.not_needed[idea].reason == "It is a matter for the ward"
    coverage.take_not_needed_back(ctx, idea)
    assert idea in {id for id, _ in coverage.coverage(ctx).ideas}
    with pytest.raises(Refused, match="wrong_kind"):
        coverage.set_not_needed(ctx, model.list_requirements(ctx)[0].requirement.id, "x")


def test_a_theme_left_on_purpose_is_set_aside_in_the_method_check_too(empty: Context) -> None:
    from workbench.services import checks, code_groups

    group = code_groups.add_code_group(empty, name="Waiting", tag="WA")
    theme = synthesis.add_category(empty, group, heading="People wait without knowing for what")
    assert any(i.rule == "theme_unanswered" for i in checks.all_issues(empty))
    coverage.set_not_needed(empty, theme, "It is met by the new timetable")
    assert not any(i.rule == "theme_unanswered" for i in checks.all_issues(empty))
    a = model.add_requirement(empty, statement="The model must tell the time", based_on=[theme])
    assert theme not in coverage.coverage(empty).not_needed  # an answer has come
    model.set_requirement_status(empty, a, "rejected")
    assert theme in coverage.coverage(empty).not_needed


def test_coverage_goes_both_ways(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must float")
    now = coverage.coverage(ctx)
    assert a in {id for id, _ in now.unheld}
    assert a not in {id for id, _ in now.unrealised}
    model.set_requirement_status(ctx, a, "accepted")
    assert a in {id for id, _ in coverage.coverage(ctx).unrealised}
    model.add_component(ctx, name="A boat", realises=[a])
    assert a not in {id for id, _ in coverage.coverage(ctx).unrealised}
    model.set_requirement_status(ctx, a, "rejected")
    assert a not in {id for id, _ in coverage.coverage(ctx).unheld}
    assert tracing.holes(ctx).components == ()


# -- ideas ---------------------------------------------------------------------------------------------------


def test_an_idea_is_worded_otherwise_says_where_it_came_from_and_is_taken_out(ctx: Context) -> None:
    workshops, groups = ideas.list_origins(ctx)
    id = ideas.add_idea(ctx, text="Paint the corridor")
    idea = next(i for i in ideas.list_ideas(ctx) if i.id == id)
    ideas.change_idea(ctx, id, rev=idea.rev, text="Paint the corridor blue", session=workshops[0][0],
                      stakeholder_group=groups[0][0])  # fmt: skip
    now = next(i for i in ideas.list_ideas(ctx) if i.id == id)
    assert (now.text, now.session_title, now.group_name) == (
        "Paint the corridor blue", workshops[0][1], groups[0][1]
    )  # fmt: skip
    with pytest.raises(StaleEdit):
        ideas.change_idea(ctx, id, rev=idea.rev, text="Paint it red")
    with pytest.raises(Refused, match="needs_text"):
        ideas.change_idea(ctx, id, rev=now.rev, text=" ")
    a = model.add_requirement(ctx, statement="The model must be blue", based_on=[id], basis="idea")
    with pytest.raises(Refused, match="in_use"):
        ideas.retire_idea(ctx, id)
    model.retire_requirement(ctx, a)
    ideas.retire_idea(ctx, id)
    assert id not in {i.id for i in ideas.list_ideas(ctx)}


# -- noticed -------------------------------------------------------------------------------------------------


def test_what_has_been_written_before_is_noticed_and_nothing_is_kept_from_being_written(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must send the letter on the day of discharge")
    b = model.add_requirement(ctx, statement="The model must send letters on the day of the discharge")
    assert [s.id for s in likeness.nearly_the_same(ctx, found(ctx, b).requirement.statement, besides=b)] == [
        a
    ]
    assert likeness.nearly_the_same(ctx, "The model must be purple") == []
    assert a in {s.id for s in likeness.nearly_the_same(ctx, "send THE letter on the day of discharge")}


# -- what a link may not be ------------------------------------------------------------------------------------


def test_nothing_new_rests_on_the_words_of_somebody_who_has_withdrawn(ctx: Context) -> None:
    unit = coding.list_units(ctx)[0].unit
    a = model.add_requirement(ctx, statement="The model must wait")
    withdrawing.withdraw(ctx, unit.participants[0], "stop", "By letter")
    with pytest.raises(Refused, match=r"withdraw\.not_a_ground"):
        model.support_requirement(ctx, a, unit.id)
    with pytest.raises(Refused, match=r"withdraw\.not_a_ground"):
        model.add_requirement(ctx, statement="The model must wait longer", based_on=[theme_of(ctx), unit.id])
    assert found(ctx, a).supports == ()
    assert "The model must wait longer" not in {r.requirement.statement for r in model.list_requirements(ctx)}


def test_a_link_supports_or_contradicts_and_nothing_else(ctx: Context) -> None:
    a = model.add_requirement(ctx, statement="The model must wait")
    with pytest.raises(Refused, match=r"trace\.unknown_role"):
        model.support_requirement(ctx, a, theme_of(ctx), role="perhaps")


def test_who_reads_no_source_gets_no_unit_by_its_id_either(ctx: Context) -> None:
    units = {c.unit.id for c in coding.list_units(ctx)}
    a = model.add_requirement(ctx, statement="The model must wait", based_on=[next(iter(units))])
    views = model.list_requirements(acting_as(ctx, "facilitator"))
    grounds = [s for v in views for s in (*v.supports, *v.against)]
    assert not units & {s.item for s in grounds}
    (mine,) = next(v for v in views if v.requirement.id == a).supports
    assert (mine.kind, mine.item) == ("unit", "") and mine.link
