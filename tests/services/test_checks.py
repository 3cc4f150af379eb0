"""The method check over a real project: what is found, what is set aside, and what comes uninvited."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import acting_as
from workbench.domain.checks import UNINVITED
from workbench.domain.errors import Refused
from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.language import t
from workbench.services import (
    before,
    checks,
    code_groups,
    coding,
    condensing,
    history,
    overview,
    people,
    projects,
    sources,
    synthesis,
)
from workbench.services.context import Context

SAID = ("I waited two days.", "Nobody rang me.", "The nurse came back.", "They asked me twice.")


@pytest.fixture
def study(empty: Context) -> Context:
    """One interview of four turns by one patient; no unit yet."""
    patients = people.add_group(empty, name="Patients")
    inger = people.add_participant(empty, pseudonym="Inger", stakeholder_group=patients, kind="informant")
    parsed = ParsedTranscript("a.txt", "plain", "utf-8", tuple(ParsedTurn("P1", x) for x in SAID), ())
    sources.import_source(empty, parsed, b"", title="Interview 1", speakers={"P1": inger})
    return empty


def marked(ctx: Context, group: str | None, turn: int) -> str:
    (source,) = sources.list_sources(ctx)
    place = sources.read_source(ctx, source.source.id).turns[turn].turn
    placements = [{"code_group": group}] if group else []
    return coding.mark(ctx, source.source.id, place.start, place.end, text_rev=1, placements=placements)


def rules(ctx: Context) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for issue in checks.all_issues(ctx):
        found.setdefault(issue.rule, []).append(t(issue.code, **issue.params))
    return found


def test_a_new_study_hears_nothing(empty: Context) -> None:
    assert checks.all_issues(empty) == []
    found = checks.method_check(empty)
    assert (found.begun, found.steps, found.set_aside) == (False, (), ())


def test_a_study_is_followed_from_the_first_unit_to_a_category(study: Context) -> None:
    ctx = study
    waiting = code_groups.add_code_group(ctx, name="Waiting")
    unplaced = marked(ctx, None, 3)
    units = [marked(ctx, waiting, n) for n in range(3)]
    found = rules(ctx)
    assert found["units_unplaced"] == ["1 meaning unit has no code group"]
    assert found["group_small"] == ["All 3 units in “Waiting” are from one person"]
    assert found["code_groups"] == ["There is one code group"]
    assert found["preliminary_themes"] == ["No preliminary themes have been agreed on"]
    assert len(found["no_preconceptions"]) == 1
    assert "units_left_over" not in found

    alone = condensing.add_subgroup(ctx, waiting, name="At the ward", units=units[:2])
    gp = people.add_group(ctx, name="General practice")
    text = condensing.add_condensate(
        ctx, alone, text="She waited.", voice=gp, covers=units[:1], golden_unit=units[0]
    )
    found = rules(ctx)
    assert found["units_left_over"] == ["1 unit in “Waiting” is in no subgroup"]
    assert found["subgroups"] == ["“Waiting” has one subgroup"]
    assert found["not_first_person"] == ["A condensate in “At the ward” does not say I or we"]
    assert found["voice"] == ["A condensate in “At the ward” speaks for a group that has no units in it"]
    assert found["not_held"] == ["1 unit in “At the ward” is held by none of its condensates"]
    assert "golden_share" not in found  # one quote is nobody's share
    assert "condensate_stale" not in found

    condensing.move_units(ctx, waiting, [units[2]], alone)
    found = rules(ctx)
    assert found["condensate_stale"] == ["A condensate in “At the ward” was written before its units changed"]
    assert found["not_held"] == [
        "1 unit in “At the ward” is held by none of its condensates"
    ]  # not the one that came

    theme = synthesis.add_category(ctx, waiting, heading="Waiting", analytic_text="They waited.")
    synthesis.set_category_status(
        ctx, theme, "ready", reason="The interview is short, and we know it by heart."
    )
    found = rules(ctx)
    assert found["heading_is_label"] and found["heading_short"] and found["banality"]
    assert "not_reread" not in found  # it was said why
    checks.take_back(ctx, "not_reread", theme)
    assert rules(ctx)["not_reread"] == [
        "“Waiting” is ready, and one source has not been read again since it reads as it does"
    ]
    assert found["no_counter_search"] == ["Nobody has looked for what speaks against “Waiting” yet"]
    assert found["quotes_not_cleared"] == ["1 of 1 golden quotes under “Waiting” is not cleared"]
    assert found["theme_unanswered"] == ["No requirement answers “Waiting”"]
    assert "step_skipped" not in found
    condensing.retire_condensate(ctx, text)
    assert "step_skipped" in rules(ctx)
    coding.remove_unit(ctx, unplaced)
    assert "units_unplaced" not in rules(ctx)


def test_preconceptions_and_the_word_saturation_are_looked_for_in_what_the_team_wrote(study: Context) -> None:
    marked(study, None, 0)
    entry = before.add_entry(study, kind="preconception", text="I expect waiting to be the worst of it.")
    assert "no_preconceptions" not in rules(study)
    before.write_study(study, "lens", "We interview until data saturation.")
    assert rules(study)["saturation"] == ["What the study says about itself speaks of saturation"]
    before.retire_entry(study, entry)
    assert "no_preconceptions" in rules(study)


def test_a_heading_close_to_the_guide_is_asked_about(study: Context) -> None:
    group = code_groups.add_code_group(study, name="Going home")
    synthesis.add_category(study, group, heading="Telephone calls from the ward", analytic_text="")
    assert "guide_mirrored" not in rules(study)
    before.write_study(study, "guide", "Begin\nTell me about the telephone call from the ward?\n")
    assert rules(study)["guide_mirrored"] == [
        "“Telephone calls from the ward” is close to a question of the interview guide"
    ]


def test_what_is_set_aside_is_told_no_more_keeps_its_reason_and_can_be_taken_back_and_undone(
    study: Context,
) -> None:
    code_groups.add_code_group(study, name="Waiting")
    assert "code_groups" in rules(study)
    with pytest.raises(Refused, match="needs_reason"):
        checks.set_aside(study, "code_groups", "", "  ")
    checks.set_aside(study, "code_groups", "", "One question, one group.")
    assert "code_groups" not in rules(study)
    (kept,) = checks.method_check(study).set_aside
    assert (kept.rule, kept.items, kept.reason, kept.by) == (
        "code_groups", ("",), "One question, one group.", study.member.name,
    )  # fmt: skip
    assert kept.issue is not None and kept.at
    checks.take_back(study, "code_groups", "")
    assert "code_groups" in rules(study)
    assert checks.method_check(study).set_aside == ()
    history.undo(study)
    assert "code_groups" not in rules(study)
    history.undo(study)
    assert "code_groups" in rules(study)
    assert all("history." not in o.label for o in history.list_operations(study))


def test_setting_the_same_aside_twice_keeps_the_first_reason(study: Context) -> None:
    code_groups.add_code_group(study, name="Waiting")
    checks.set_aside(study, "code_groups", "", "First")
    checks.set_aside(study, "code_groups", "", "Second")
    assert [x.reason for x in checks.method_check(study).set_aside] == ["First"]


def test_what_is_set_aside_and_no_longer_found_stays_in_the_list(study: Context) -> None:
    group = code_groups.add_code_group(study, name="Waiting")
    checks.set_aside(study, "group_small", group, "It will fill.")
    assert checks.method_check(study).set_aside[0].issue is not None
    for turn in range(2):
        marked(study, group, turn)
    assert "group_small" not in rules(study)
    checks.change_threshold(study, "group_small.units", 2)
    checks.change_threshold(study, "group_small.people", 1)
    (kept,) = checks.method_check(study).set_aside
    assert kept.issue is None


def test_units_in_several_code_groups_are_kept_together_and_a_new_one_is_told_again(study: Context) -> None:
    first, second = (code_groups.add_code_group(study, name=x) for x in ("Waiting", "Telephone"))
    for turn in (0, 1):
        coding.place(study, marked(study, first, turn), placements=[{"code_group": second}])
    assert rules(study)["unit_in_several"] == ["2 units stand in several code groups"]
    checks.set_aside(study, "unit_in_several", "", "Both are meant.")
    assert "unit_in_several" not in rules(study)
    (kept,) = checks.method_check(study).set_aside
    assert len(kept.items) == 2
    coding.place(study, marked(study, first, 2), placements=[{"code_group": second}])
    assert rules(study)["unit_in_several"] == ["1 unit stands in several code groups"]
    checks.take_back(study, "unit_in_several", kept.items)
    assert rules(study)["unit_in_several"] == ["3 units stand in several code groups"]
    history.undo(study)
    assert rules(study)["unit_in_several"] == ["1 unit stands in several code groups"]


def test_what_comes_uninvited_is_mended_where_it_stands(study: Context) -> None:
    marked(study, None, 0)
    with pytest.raises(Refused, match="mended_where_it_stands"):
        checks.set_aside(study, "units_unplaced", "", "Later")
    with pytest.raises(Refused, match="unknown_rule"):
        checks.set_aside(study, "nothing_such", "", "Later")


def test_only_leftovers_staleness_and_challenges_are_told_uninvited(ctx: Context) -> None:
    everything = {i.rule for i in checks.all_issues(ctx)}
    uninvited = {i.rule for i in checks.uninvited(ctx)}
    assert uninvited == everything & UNINVITED
    assert uninvited and everything - UNINVITED
    assert {i.rule for i in overview.overview(ctx).attention} == uninvited


def test_who_reads_no_source_is_told_only_what_a_meeting_has_in_its_papers(ctx: Context) -> None:
    assert {i.rule for i in checks.uninvited(acting_as(ctx, "facilitator"))} <= {"decided_changed"}
    assert checks.uninvited(replace(ctx, member=replace(ctx.member, role="admin"))) == []


def test_a_threshold_is_the_projects_own_and_refuses_what_is_no_number_for_it(study: Context) -> None:
    for name in ("One", "Two"):
        code_groups.add_code_group(study, name=name)
    assert "code_groups" in rules(study)
    checks.change_threshold(study, "code_groups.least", 2)
    assert "code_groups" not in rules(study)
    shown = {x.threshold.name: x.value for x in checks.method_check(study).thresholds}
    assert shown["code_groups.least"] == 2
    history.undo(study)
    assert "code_groups" in rules(study)
    checks.change_threshold(study, "code_groups.least", 1)
    checks.change_threshold(study, "code_groups.least", None)
    assert "code_groups" in rules(study)
    for name, value in (("code_groups.least", -1), ("golden_share.percent", 101), ("nothing.such", 1)):
        with pytest.raises(Refused):
            checks.change_threshold(study, name, value)


@pytest.mark.parametrize("route", ["framework", "content"])
def test_another_route_has_only_the_rules_that_are_not_condensations(study: Context, route: str) -> None:
    group = code_groups.add_code_group(study, name="Waiting")
    marked(study, None, 0)
    condensing.add_subgroup(study, group, name="At the ward")
    projects.change_setting(study, "route", route)
    found = rules(study)
    assert {"units_unplaced", "group_small", "one_analyst"} <= found.keys()
    assert (
        not {"code_groups", "preliminary_themes", "no_preconceptions", "subgroups", "units_left_over"}
        & found.keys()
    )
    assert {x.threshold.rule for x in checks.method_check(study).thresholds} == {
        "group_large", "group_small", "heading_short", "quotes_few", "rests_on_few",
    }  # fmt: skip
    now = overview.overview(study)
    assert [s.step for s in now.steps] == ["code", "synthesise"]
    assert now.next.page == "code"
    (source,) = sources.list_sources(study)
    from workbench.services import impressions

    impressions.mark_read(study, source.source.id, "code")
    assert overview.overview(study).next.page == "synthesise"


def test_two_analysts_marking_unseen_are_two_though_neither_sees_the_others_units(study: Context) -> None:
    projects.add_member(study, name="Mads", role="researcher")
    mads = replace(study, member=next(m for m in projects.list_members(study.store) if m.name == "Mads"))
    marked(study, None, 0)
    assert [i.where[1] for i in checks.all_issues(study) if i.rule == "one_analyst"] == ["code"]
    (source,) = sources.list_sources(study)
    with study.write("mark") as work:
        for member in (study.member.id, mads.member.id):
            row = {"id": study.new_id(), "source": source.source.id, "member": member, "done_at": None}
            work.insert("double_coding", row)
    for who in (study, mads):
        assert "one_analyst" not in rules(who)
    assert "units_unplaced" in rules(study)
    assert "units_unplaced" not in rules(mads)


def test_a_project_switches_a_rule_on_and_undo_takes_it_back(ctx: Context) -> None:
    def of(rule: str) -> list[str]:
        return [i.severity for i in checks.all_issues(ctx) if i.rule == rule]

    assert all(x.level == "off" for x in checks.method_check(ctx).rules)
    assert of("requirement_incomplete") == [] and of("must_support") == []
    checks.change_threshold(ctx, "must_support.people", 99)
    checks.switch_rule(ctx, "must_support", "error")
    assert set(of("must_support")) == {"error"}
    names = {x.threshold.name for x in checks.method_check(ctx).thresholds}
    assert "must_support.people" in names and "voice_share.group" not in names
    for rule in ("theme_not_addressed", "component_ungrounded", "voice_share", "must_not_tried"):
        checks.switch_rule(ctx, rule, "note")
    checks.all_issues(ctx)
    for _ in range(5):
        history.undo(ctx)
    assert of("must_support") == []
    with pytest.raises(Refused):
        checks.switch_rule(ctx, "units_unplaced", "off")
