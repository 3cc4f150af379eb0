"""The method check's rules: each says its one sentence where it should, and is silent where it should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from workbench.domain import checks
from workbench.domain.checks import (
    RULES,
    STEPS,
    THRESHOLDS,
    CategoryFacts,
    ChallengeFacts,
    CondensateFacts,
    DecidedFacts,
    Facts,
    GroupFacts,
    SubgroupFacts,
)
from workbench.domain.issues import Issue
from workbench.domain.model_checks import (
    ComponentFacts,
    DoubtFacts,
    ModelFacts,
    RequirementFacts,
    ThemeFacts,
)
from workbench.language import catalogue, t

ANNA, MADS = ("a", "Anna"), ("m", "Mads")


def group(id: str = "g", **of: object) -> GroupFacts:
    given = {"units": 10, "people": 4, "subgroups": 3, "category": True} | of
    return GroupFacts(id, f"Group {id}", **given)  # type: ignore[arg-type]


def condensate(**of: object) -> CondensateFacts:
    given = {"text": "I waited, and nobody rang.", "languages": frozenset({"en"})} | of
    return CondensateFacts("c", "g", "s", "Message comes late", **given)  # type: ignore[arg-type]


def category(id: str = "k", heading: str = "Waiting is work nobody sees", **of: object) -> CategoryFacts:
    given = {"condensates": 2, "people": 3, "groups": 2} | of
    return CategoryFacts(id, heading, "g", "Waiting", **given)  # type: ignore[arg-type]


def model(on: str = "", limits: dict[str, int] | None = None, **of: object) -> Facts:
    """Facts of the model, with one of its rules switched on."""
    facts = ModelFacts(**of)  # type: ignore[arg-type]
    return Facts(model=facts, switched={on: "note"} if on else {}, thresholds=limits or {})


def must(**of: object) -> RequirementFacts:
    given = {
        "moscow": "must",
        "status": "accepted",
        "people": 5,
        "groups": 3,
        "acceptance": True,
        "owner": True,
    } | of
    return RequirementFacts("r", "REQ-003", **given)  # type: ignore[arg-type]


GROUPS = (group("g"), group("h"), group("i"))
# Rule -> (facts it speaks of, the sentence it says, facts just like them it is silent about).
CASES: dict[str, list[tuple[Facts, str, Facts]]] = {
    "no_preconceptions": [
        (Facts(analysts={"code": (ANNA, MADS)}, stated=frozenset({"a"})),
         "Mads has not written down any preconceptions yet",
         Facts(analysts={"code": (ANNA, MADS)}, stated=frozenset({"a", "m"}))),
    ],
    "saturation": [
        (Facts(own_texts=(("category", "k", "We stopped when data saturation was reached."),)),
         "An analytic text speaks of saturation",
         Facts(own_texts=(("category", "k", "Oxygen saturation fell at night."),))),
        (Facts(own_texts=(("setting", "lens", "Vi nåede datamætning."),)),
         "What the study says about itself speaks of saturation",
         Facts(own_texts=(("setting", "lens", "Informationsstyrke"),))),
    ],
    "preliminary_themes": [
        (Facts(agreed_themes=3), "There are 3 preliminary themes", Facts(agreed_themes=4)),
        (Facts(agreed_themes=1), "There is one preliminary theme", Facts(agreed_themes=None)),
        (Facts(agreed_themes=9), "There are 9 preliminary themes, more than 8", Facts(agreed_themes=8)),
        (Facts(agreed_themes=0, groups=GROUPS), "No preliminary themes have been agreed on", Facts(agreed_themes=0)),
        (Facts(agreed_themes=4, thresholds={"preliminary_themes.least": 5}), "There are 4 preliminary themes",
         Facts(agreed_themes=3, thresholds={"preliminary_themes.least": 3})),
    ],
    "one_analyst": [
        (Facts(analysts={"impression": (ANNA, MADS), "code": (ANNA,)}), "Only Anna has marked and placed units",
         Facts(analysts={"impression": (ANNA, MADS), "code": (ANNA, MADS)})),
        (Facts(analysts={"impression": (ANNA,), "code": (ANNA,)}), "Anna has done steps 1 to 3 alone so far", Facts()),
    ],
    "units_unplaced": [
        (Facts(unplaced=(("u", "s"), ("v", "s"))), "2 meaning units have no code group", Facts()),
        (Facts(unplaced=(("u", "s"),)), "1 meaning unit has no code group", Facts()),
    ],
    "unit_in_several": [
        (Facts(undecided=("u", "v")), "2 units stand in several code groups", Facts()),
        (Facts(undecided=("u",)), "1 unit stands in several code groups", Facts()),
    ],
    "code_groups": [
        (Facts(groups=GROUPS[:2]), "There are 2 code groups", Facts(groups=GROUPS)),
        (Facts(groups=GROUPS[:1]), "There is one code group", Facts()),
        (Facts(groups=GROUPS * 3), "There are 9 code groups, more than 6", Facts(groups=GROUPS * 2)),
    ],
    "group_large": [
        (Facts(placed_units=100, groups=(group("g", units=45, people=9), group("h", units=30), group("i", units=25))),
         "“Group g” holds 45 of 100 placed units, from people heard: 9",
         Facts(placed_units=100, groups=(group("g", units=40), group("h", units=30), group("i", units=30)))),
        (Facts(placed_units=110, groups=(group("g", units=44), *(group(x, units=22) for x in "hij"))),
         "", Facts(placed_units=100, groups=(group("g", units=60), group("h", units=40)))),
        (Facts(placed_units=90, groups=(group("g", units=30), *(group(x, units=12) for x in "hijkl"))),
         "“Group g” holds 30 of 90 placed units, far more than the others; people heard: 4",
         Facts(placed_units=90, groups=(group("g", units=24), *(group(x, units=12) for x in "hijkl")))),
    ],
    "group_small": [
        (Facts(groups=(group(units=2),)), "“Group g” has 2 units", Facts(groups=(group(units=3),))),
        (Facts(groups=(group(units=1),)), "“Group g” has one unit", Facts(groups=(group(units=3, people=0),))),
        (Facts(groups=(group(units=0),)), "“Group g” has no units", Facts()),
        (Facts(groups=(group(units=9, people=1),)), "All 9 units in “Group g” are from one person",
         Facts(groups=(group(units=9, people=2),))),
        (Facts(groups=(group(units=9, people=2),), thresholds={"group_small.people": 3}),
         "All 9 units in “Group g” are from 2 people", Facts(groups=(group(units=9, people=2),))),
    ],
    "units_left_over": [
        (Facts(groups=(group(loose=2),)), "2 units in “Group g” are in no subgroup",
         Facts(groups=(group(loose=2, subgroups=0),))),
        (Facts(groups=(group(loose=1),)), "1 unit in “Group g” is in no subgroup", Facts(groups=(group(),))),
    ],
    "subgroups": [
        (Facts(groups=(group(subgroups=1),)), "“Group g” has one subgroup", Facts(groups=(group(subgroups=0),))),
        (Facts(groups=(group(subgroups=2),), thresholds={"subgroups.least": 3}), "“Group g” has 2 subgroups",
         Facts(groups=(group(subgroups=2),))),
        (Facts(groups=(group(subgroups=5),)), "“Group g” has 5 subgroups, more than 4",
         Facts(groups=(group(subgroups=4),))),
    ],
    "voice": [
        (Facts(condensates=(condensate(voice="gp", groups=("pa",), holds=2),)),
         "A condensate in “Message comes late” speaks for a group that has no units in it",
         Facts(condensates=(condensate(voice="pa", groups=("pa",), holds=2),
                            condensate(voice="mixed", groups=("pa",), holds=2),
                            condensate(voice="gp", groups=(), holds=0)))),
    ],
    "not_first_person": [
        (Facts(condensates=(condensate(text="She waited, and nobody rang."),)),
         "A condensate in “Message comes late” does not say I or we", Facts(condensates=(condensate(),))),
        (Facts(condensates=(condensate(text="Hun ventede i to dage.", languages=frozenset({"da"})),)),
         "A condensate in “Message comes late” does not say I or we",
         Facts(condensates=(condensate(text="Mine papirer var væk.", languages=frozenset({"da"})),
                            condensate(text="On attendait.", languages=frozenset({"fr"}))))),
    ],
    "not_held": [
        (Facts(subgroups=(SubgroupFacts("s", "At the ward", "g", 3),)),
         "3 units in “At the ward” are held by none of its condensates",
         Facts(subgroups=(SubgroupFacts("s", "At the ward", "g", 0),))),
        (Facts(subgroups=(SubgroupFacts("s", "At the ward", "g", 1),)),
         "1 unit in “At the ward” is held by none of its condensates", Facts()),
    ],
    "condensate_stale": [
        (Facts(condensates=(condensate(came=2),)),
         "A condensate in “Message comes late” was written before its units changed",
         Facts(condensates=(condensate(),))),
    ],
    "golden_share": [
        (Facts(condensates=(condensate(golden=("p",)), condensate(golden=("p",)), condensate(golden=("q",))),
               people={"p": "Inger", "q": "Ole"}),
         "2 of 3 golden quotes are by Inger",
         Facts(condensates=tuple(condensate(golden=(x,)) for x in "ppqqrrs"), people={"p": "Inger"})),
    ],
    "golden_spread": [
        (Facts(condensates=(condensate(golden=("p",), golden_groups=("pa",)), condensate(golden=("q",), golden_groups=("pa",))),
               stakeholder_groups={"pa": "Patients", "gp": "General practice"}),
         "No golden quote is by anyone from “General practice”",
         Facts(condensates=(condensate(golden=("p",), golden_groups=("pa",)),),
               stakeholder_groups={"pa": "Patients", "gp": "General practice"})),
    ],
    "step_skipped": [
        (Facts(categories=(category(condensates=0),)),
         "“Waiting is work nobody sees” rests on a code group without condensates",
         Facts(categories=(category(condensates=1),))),
    ],
    "group_without_category": [
        (Facts(groups=(group("g"), group("h", category=False)), categories=(category(ready=True),)),
         "“Group h” has no result category",
         Facts(groups=(group("g"), group("h", category=False)), categories=(category(),))),
    ],
    "challenge_unanswered": [
        (Facts(challenges=(ChallengeFacts("k", "Waiting", "s", "Interview 3"),)),
         "Interview 3 challenges “Waiting”, and nothing answers it yet", Facts()),
    ],
    "not_reread": [
        (Facts(categories=(category(ready=True, not_reread=("Interview 1", "Interview 2")),)),
         "“Waiting is work nobody sees” is ready, and 2 sources have not been read again since it reads as it does",
         Facts(categories=(category(ready=True), category(not_reread=("Interview 1",))))),
        (Facts(categories=(category(ready=True, not_reread=("Interview 1",)),)),
         "“Waiting is work nobody sees” is ready, and one source has not been read again since it reads as it does",
         Facts()),
    ],
    "no_counter_search": [
        (Facts(categories=(category(written=True),)),
         "Nobody has looked for what speaks against “Waiting is work nobody sees” yet",
         Facts(categories=(category(written=True, searches=1), category()))),
    ],
    "heading_is_label": [
        (Facts(categories=(category(heading=" waiting "),)), "“ waiting ” is the code group's label too",
         Facts(categories=(category(),))),
    ],
    "heading_short": [
        (Facts(categories=(category(heading="Struggle"),)), "“Struggle” is one word",
         Facts(categories=(category(heading="Waiting is work"),))),
        (Facts(categories=(category(heading="Great challenges"),)), "“Great challenges” is 2 words",
         Facts(categories=(category(heading="Great challenges"),), thresholds={"heading_short.words": 2})),
    ],
    "guide_mirrored": [
        (Facts(guide=("What was the discharge from hospital like?",),
               categories=(category(heading="Discharges from the hospital"),)),
         "“Discharges from the hospital” is close to a question of the interview guide",
         Facts(guide=("What was the discharge from hospital like?",),
               categories=(category(), category(heading="Hospital")))),
    ],
    "headings_level": [
        (Facts(categories=(category("k"), category("l"))), "Do the 2 headings stand on one level?",
         Facts(categories=(category(),))),
    ],
    "banality": [
        (Facts(categories=(category(written=True),)), "Did we know this already, and what does it say to the question?",
         Facts(categories=(category(),))),
    ],
    "quotes_few": [
        (Facts(quoted=(("p",), ("q",), ("p",))), "All 3 cleared quotes are by 2 people",
         Facts(quoted=(("p",), ("q",), ("r",)))),
        (Facts(quoted=(("p",), ("p",), ("p",))), "All 3 cleared quotes are by one person",
         Facts(quoted=(("p",), ("p",)))),
    ],
    "quotes_not_cleared": [
        (Facts(categories=(category(ready=True, golden=4, uncleared=3),)),
         "3 of 4 golden quotes under “Waiting is work nobody sees” are not cleared",
         Facts(categories=(category(golden=4, uncleared=3), category(ready=True, golden=4)))),
        (Facts(categories=(category(ready=True, golden=4, uncleared=1),)),
         "1 of 4 golden quotes under “Waiting is work nobody sees” is not cleared", Facts()),
    ],
    "rests_on_few": [
        (Facts(categories=(category(people=2),), thresholds={"rests_on_few.people": 3}),
         "“Waiting is work nobody sees” rests on people heard: 2, in groups: 2",
         Facts(categories=(category(people=1, groups=1),))),
    ],
    "decided_changed": [
        (Facts(decided=(DecidedFacts("d", "DEC-001", "2026-05-04", "r", "REQ-003"),)),
         "REQ-003 has changed since DEC-001 was decided", Facts()),
    ],
    "theme_unanswered": [(Facts(unanswered_themes=(("k", "Waiting"),)), "No requirement answers “Waiting”", Facts())],
    "requirement_unheld": [(Facts(unheld_requirements=(("r", "REQ-003"),)), "REQ-003 rests on nothing yet", Facts())],
    "component_answers_nothing": [
        (Facts(idle_components=(("x", "The common page"),)), "The common page answers no requirement", Facts()),
    ],
    "in_doubt": [
        (model(doubts=(DoubtFacts("requirement", "r", "REQ-003 was reworded."),)), "REQ-003 was reworded.",
         model(doubts=(DoubtFacts("requirement", "r", "REQ-003 was reworded.", "d", "DEC-001"),))),
    ],
    "must_support": [
        (model("must_support", requirements=(must(groups=1, people=4),)),
         "REQ-003 is a Must and rests on people: 4, and groups: 1",
         model("must_support", requirements=(must(groups=2, people=3), must(status="draft", groups=0)))),
        (model("must_support", requirements=(must(groups=3, people=3),), limits={"must_support.people": 4}),
         "REQ-003 is a Must and rests on people: 3, and groups: 3", model(requirements=(must(groups=0),))),
    ],
    "theme_not_addressed": [
        (model("theme_not_addressed", has_version=True, themes=(ThemeFacts("k", "Waiting"),)),
         "“Waiting” is not in the current version, and no decision has parked or rejected it",
         model("theme_not_addressed", themes=(ThemeFacts("k", "Waiting"),))),
    ],
    "against_undecided": [
        (model("against_undecided", requirements=(must(against=1),)),
         "Something speaks against REQ-003, and no decision has answered it",
         model("against_undecided", requirements=(must(against=1, decided=True), must(against=1, status="parked")))),
    ],
    "subgroup_not_condensed": [
        (model("subgroup_not_condensed", subgroups=(("s", "Message comes late", "g"),)),
         "“Message comes late” has units and no condensate", model("subgroup_not_condensed")),
    ],
    "no_golden_quote": [
        (model("no_golden_quote", no_golden=(("c", "s", "Message comes late", "g"),)),
         "A condensate in “Message comes late” has no golden quote", model("no_golden_quote")),
    ],
    "component_ungrounded": [
        (model("component_ungrounded", components=(ComponentFacts("x", "The common page"),)),
         "“The common page” does not reach anything that somebody said",
         model("component_ungrounded", components=(ComponentFacts("x", "The common page", True),))),
    ],
    "requirement_incomplete": [
        (model("requirement_incomplete", requirements=(must(acceptance=False),)),
         "REQ-003 has no acceptance criterion", model("requirement_incomplete", requirements=(must(),))),
        (model("requirement_incomplete", requirements=(must(owner=False),)), "REQ-003 has no owner",
         model("requirement_incomplete", requirements=(must(status="draft", owner=False),))),
        (model("requirement_incomplete", requirements=(must(acceptance=False, owner=False),)),
         "REQ-003 has neither an acceptance criterion nor an owner", model("requirement_incomplete")),
    ],
    "must_not_tried": [
        (model("must_not_tried", has_version=True, requirements=(must(),)),
         "REQ-003 is a Must, and nobody has said anything to what answers it",
         model("must_not_tried", has_version=True, requirements=(must(tried=True), must(moscow="should")))),
    ],
    "voice_share": [
        (model("voice_share", themes=(ThemeFacts("k", "Waiting", False, 5, "Inger", 3, "Patients", 4),)),
         "3 of 5 units behind “Waiting” are by Inger",
         model("voice_share", themes=(ThemeFacts("k", "Waiting", False, 5, "Inger", 2, "Patients", 4),))),
        (model("voice_share", themes=(ThemeFacts("k", "Waiting", False, 6, "Inger", 2, "Patients", 5),)),
         "5 of 6 units behind “Waiting” are from Patients",
         model("voice_share", themes=(ThemeFacts("k", "Waiting", False, 3, "Inger", 3, "Patients", 3),))),
    ],
    "decided_before_doubt": [
        (model("decided_before_doubt", doubts=(DoubtFacts("requirement", "r", "Reworded.", "d", "DEC-001"),)),
         "DEC-001 was decided before this: Reworded.",
         model("decided_before_doubt", doubts=(DoubtFacts("requirement", "r", "Reworded."),))),
    ],
}  # fmt: skip


def said(found: list[Issue]) -> list[str]:
    return [t(i.code, **i.params) for i in found]


def test_every_rule_has_a_case() -> None:
    assert CASES.keys() == RULES.keys()


@pytest.mark.parametrize(
    ("rule", "facts", "sentence", "silent"),
    [(rule, *case) for rule, cases in CASES.items() for case in cases],
)
def test_a_rule_says_its_sentence_and_is_silent_otherwise(
    rule: str, facts: Facts, sentence: str, silent: Facts
) -> None:
    found = checks.find(facts, only=[rule])
    assert said(found) == ([sentence] if sentence else [])
    assert checks.find(silent, only=[rule]) == []
    assert all(i.rule == rule and i.code in catalogue("en") for i in found)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_its_source_and_has_a_name_for_the_list_of_what_is_set_aside(rule: str) -> None:
    assert "Source:" in (RULES[rule].find.__doc__ or "")
    assert f"check.rule.{rule}" in catalogue("en")
    assert RULES[rule].step in STEPS


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_belongs_to_a_rule_and_says_where_it_is_from(name: str) -> None:
    assert THRESHOLDS[name].rule in RULES
    assert {f"check.threshold.{name}", THRESHOLDS[name].source} <= catalogue("en").keys()


def test_only_leftovers_staleness_and_unanswered_challenges_come_uninvited() -> None:
    assert {
        "units_unplaced", "units_left_over",  # leftovers
        "condensate_stale", "decided_changed", "in_doubt",  # what has gone stale
        "challenge_unanswered",
    } == checks.UNINVITED  # fmt: skip


def test_nothing_is_said_of_a_study_that_has_not_begun() -> None:
    assert checks.find(Facts()) == []


def everything(take: Callable[[tuple[Facts, str, Facts]], Facts]) -> list[Facts]:
    return [take(case) for cases in CASES.values() for case in cases]


def test_another_route_hears_nothing_of_condensation() -> None:
    words = re.compile(r"(?i)condensate|golden|preliminary|subgroup|saturation|Steps? \d")
    for facts in everything(lambda case: case[0]):
        if "impression" in facts.analysts:
            continue  # nobody takes part in a step the route does not have
        found = checks.find(facts, "framework")
        assert not [s for s in said(found) if words.search(s)]
        assert found == checks.find(facts, "content")
    assert checks.find(Facts(unplaced=(("u", "s"),)), "content")


def test_advice_is_calm_and_a_number_of_people_is_said_with_people() -> None:
    for facts in everything(lambda case: case[0]):
        for issue in checks.find(facts):
            sentence = t(issue.code, **issue.params)
            assert not re.search(
                r"(?i)(?<!is a )\bmust\b|\bshould\b|\bwrong\b|\bfail|\bbad\b|\brequired\b|%", sentence
            )
            assert "\n" not in sentence and "{" not in sentence
            assert issue.severity == "note" or RULES[issue.rule].uninvited or issue.severity == "warning"


def test_how_few_a_category_rests_on_is_said_only_when_a_project_asks() -> None:
    few = Facts(categories=(category(people=1, groups=1),))
    assert checks.find(few, only=["rests_on_few"]) == []
    asked = replace(few, thresholds={"rests_on_few.groups": 2})
    assert len(checks.find(asked, only=["rests_on_few"])) == 1


def test_a_rule_of_the_model_is_off_until_it_is_switched_on_and_matters_as_much_as_it_was_said_to() -> None:
    few = must(groups=0, people=0)
    assert checks.find(model(requirements=(few,)), only=["must_support"]) == []
    facts = model("must_support", requirements=(few,))
    for level in ("note", "warning", "error"):
        (found,) = checks.find(replace(facts, switched={"must_support": level}), only=["must_support"])
        assert found.severity == level
    assert checks.find(replace(facts, switched={"must_support": "off"}), only=["must_support"]) == []
