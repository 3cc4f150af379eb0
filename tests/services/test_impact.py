"""Before an act: what it would put in doubt, and that what is said comes true."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.test_trust import Chain
from tests.services.test_trust import chain as chain
from tests.support import dump, mark_words, tiny_project
from workbench.services import code_groups, coding, impact, model, synthesis, theme_briefs, trust
from workbench.services.context import Context
from workbench.services.impact import Impact
from workbench.store import queries


def near(found: Impact, how: str = "direct") -> set[str]:
    return {i[0] for i in found.items if i[4] == how and i[1] in ("category", "requirement", "component")}


def doubts(ctx: Context) -> dict[str, str]:
    with ctx.read() as conn:
        found = trust.load_trust(conn)
    return {i: s.state for i, s in found.states.items() if s.is_doubted and i in found.graph.kinds}


def test_what_is_said_of_taking_a_unit_out_comes_true(chain: Chain) -> None:
    before = dump(chain.ctx.store)
    said = impact.impact_of(chain.ctx, "take_out", chain.folder)
    assert dump(chain.ctx.store) == before
    coding.remove_unit(chain.ctx, chain.folder)
    now = doubts(chain.ctx)
    assert near(said) == {i for i, s in now.items() if s == "doubt"} == {chain.theme}
    assert near(said, "distant") == {i for i, s in now.items() if s == "distant"}
    assert (
        said.sentences[0]
        == "Taking it out would put in doubt: the theme “Between two houses one is nobody's”."
    )


def test_what_is_said_of_rewording_a_theme_comes_true(chain: Chain) -> None:
    said = impact.impact_of(chain.ctx, "reword", chain.theme)
    chain.reword_theme()
    now = doubts(chain.ctx)
    assert near(said) == {i for i, s in now.items() if s == "doubt"} - {chain.theme}
    assert near(said, "distant") == {i for i, s in now.items() if s == "distant"} == {chain.component}


def test_what_is_said_of_taking_a_link_away_comes_true(chain: Chain) -> None:
    (link,) = [
        s.link
        for v in model.list_requirements(chain.ctx)
        for s in v.supports
        if v.requirement.id == chain.requirement
    ]
    said = impact.impact_of(chain.ctx, "unlink", link)
    assert said.must_losing == ((chain.requirement, "REQ-001"),)
    assert "REQ-001 is a Must, and would lose the last thing it rests on." in said.sentences
    model.retire_link(chain.ctx, link)
    assert near(said) == {i for i, s in doubts(chain.ctx).items() if s == "doubt"}


def test_a_withdrawal_names_musts_that_would_stand_on_nothing_and_files_that_have_left(chain: Chain) -> None:
    alone = model.add_requirement(
        chain.ctx, statement="The model must ask relatives", based_on=[chain.count], moscow="must"
    )
    model.set_requirement_status(chain.ctx, alone, "accepted")
    chain.ctx.keep_release("pack", b"x", [chain.count])
    with chain.ctx.read() as conn:
        bo = next(p.id for p in queries.participants(conn).values() if p.pseudonym == "Bo")
    said = impact.impact_of(chain.ctx, "withdraw", bo)
    assert near(said) == {chain.theme, alone}
    assert said.must_losing == ((alone, "REQ-002"),)
    assert [kind for kind, _ in said.sent] == ["pack"]
    assert any("meeting pack" in s for s in said.sentences)
    assert not any("Bo" in s or "count" in s for s in said.sentences)


def test_merging_code_groups_says_which_theme_gets_what_was_not_looked_at(chain: Chain) -> None:
    third = code_groups.add_code_group(chain.ctx, name="Calls")
    mark_words(chain.ctx, chain.source, "Then I rang the ward", third)
    with chain.ctx.read() as conn:
        (into,) = [c["code_group"] for c in queries.live(conn, "category", id=chain.theme)]
    said = impact.impact_of(chain.ctx, "merge", third, into)
    code_groups.merge_code_groups(chain.ctx, third, into=into)
    assert near(said) == {i for i, s in doubts(chain.ctx).items() if s == "doubt"} == {chain.theme}


def test_merging_a_requirement_into_another_doubts_what_answers_it(chain: Chain) -> None:
    other = model.add_requirement(
        chain.ctx, statement="The model must have a contact", based_on=[chain.other]
    )
    model.set_requirement_status(chain.ctx, other, "accepted")
    said = impact.impact_of(chain.ctx, "merge", chain.requirement, other)
    assert near(said) == {chain.component, other}


def test_a_decision_that_was_taken_and_the_version_are_named(chain: Chain) -> None:
    from workbench.services import meetings

    decision = meetings.add_decision(chain.ctx, question="Do we adopt it?", about=[chain.requirement])
    meetings.record_decision(chain.ctx, decision, outcome="Adopted", why="Yes", accept=[chain.requirement])
    said = impact.impact_of(chain.ctx, "reword", chain.requirement)
    assert ("decision", "DEC-001", "direct") in {(i[1], i[2], i[4]) for i in said.items}
    assert ("version", "First", "distant") in {(i[1], i[3], i[4]) for i in said.items}
    assert "decision DEC-001" in said.sentences[0]


def test_before_anything_is_accepted_nothing_is_said(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Nobody's")
    unit = mark_words(ctx, source, "I don't count", group)
    theme = synthesis.add_category(ctx, group, heading="Between two houses one is nobody's")
    model.add_requirement(ctx, statement="The model must call", based_on=[theme])
    for act, item in (("take_out", unit), ("reword", theme), ("retire", theme)):
        assert impact.impact_of(ctx, act, item) == Impact()


@pytest.mark.parametrize("act", ["retire", "reword", "take_out", "withdraw", "merge", "unlink"])
def test_any_act_on_anything_of_the_demo_is_answered(ctx: Context, act: str) -> None:
    with ctx.read() as conn:
        some = [queries.live(conn, kind)[0]["id"] for kind in
                ("requirement", "category", "component", "unit", "source", "participant", "code_group", "idea", "evidence",
                 "decision", "link")]  # fmt: skip
    for item in some:
        assert isinstance(impact.impact_of(ctx, act, item, some[0]), Impact)
    assert impact.impact_of(ctx, act, "nothing") == Impact()


def test_a_brief_that_has_left_is_told_of_before_its_theme_is_reworded(ctx: Context) -> None:
    theme_briefs.briefs_pdf(ctx)
    with ctx.read() as conn:
        theme = queries.live(conn, "category")[0]["id"]
    assert any("theme briefs" in s for s in impact.impact_of(ctx, "reword", theme).sentences)
