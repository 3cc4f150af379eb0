"""What becomes of trust when something changes after acceptance: the events that other tools were tried with."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.support import mark_words, tiny_project
from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.trust import State
from workbench.services import (
    code_groups,
    coding,
    correcting,
    double_coding,
    history,
    meetings,
    model,
    projects,
    rereading,
    synthesis,
    trust,
    versioning,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store import queries


@dataclass
class Chain:
    """Two units -> a theme (heading "Nobody's") -> a requirement -> a component -> a version; and an idea of a second theme."""

    ctx: Context
    source: str
    group: str
    folder: str  # P1's unit
    count: str  # P2's unit
    theme: str
    other: str
    requirement: str
    component: str
    version: str

    def state(self, item: str) -> State:
        with self.ctx.read() as conn:
            return trust.load_trust(conn).of(item)

    def causes(self, item: str) -> list[tuple[str, str]]:
        return [(c.kind, c.kind_of) for c in self.state(item).causes]

    def states(self) -> tuple[str, str, str]:
        return (
            self.state(self.theme).state,
            self.state(self.requirement).state,
            self.state(self.component).state,
        )

    def row(self, table: str, id: str) -> dict[str, object]:
        with self.ctx.read() as conn:
            return queries.live(conn, table, id=id)[0]

    def reword_theme(self, text: str = "They belong to none of us.") -> None:
        row = self.row("category", self.theme)
        synthesis.change_category(
            self.ctx, self.theme, rev=int(str(row["rev"])), heading=str(row["heading"]), analytic_text=text
        )


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    ctx, source = tiny_project(tmp_path)
    group, second = (code_groups.add_code_group(ctx, name=n) for n in ("Nobody's", "The folder"))
    folder = mark_words(ctx, source, "with the folder on my knees", group)
    count = mark_words(ctx, source, "I don't count", group)
    mark_words(ctx, source, "Nobody had rung", second)
    theme = synthesis.add_category(
        ctx, group, heading="Between two houses one is nobody's", analytic_text="They wait."
    )
    other = synthesis.add_category(ctx, second, heading="The phone stays silent")
    requirement = model.add_requirement(
        ctx, statement="The model must give each patient one named contact", rationale="So that somebody calls.",
        based_on=[theme], moscow="must",
    )  # fmt: skip
    component = model.add_component(ctx, name="Named contact", realises=[requirement])
    version = versioning.freeze_version(ctx, label="First")
    return Chain(ctx, source, group, folder, count, theme, other, requirement, component, version)


# -- the seven events ----------------------------------------------------------------------------------------


def test_a_quote_reworded_doubts_the_theme_and_from_afar_all_above_it_with_the_way_there(
    chain: Chain,
) -> None:
    text = queries_text(chain)
    start = text.index("knees")
    correcting.correct_text(chain.ctx, chain.source, start, start + 5, "lap", text_rev=1, quote="knees")
    assert chain.states() == ("doubt", "distant", "distant")
    assert chain.causes(chain.theme) == [("basis_reworded", "unit")]
    assert chain.state(chain.component).path == (chain.component, chain.requirement, chain.theme)
    version = chain.state(chain.version)
    assert (version.state, version.path) == ("distant", (chain.version, chain.theme))
    assert trust.told(chain.ctx, chain.version).startswith("The version “First” was frozen on")
    assert "one of its 2 units was corrected" in trust.told(chain.ctx, chain.theme)


def queries_text(chain: Chain) -> str:
    from tests.support import body_of

    return body_of(chain.ctx, chain.source)


def test_a_doubt_that_was_looked_at_keeps_who_when_and_why_and_is_quiet(chain: Chain) -> None:
    chain.reword_theme()
    view = trust.trust_view(chain.ctx)
    (front,) = view.fronts
    assert {i.id for i in front.items} == {chain.theme, chain.requirement}
    expects = {i.id: i.expects for i in front.items}
    trust.look_at(chain.ctx, list(expects), True, "Only the wording", front.cause.item, expects)
    assert set(chain.states()) == {"reviewed"}
    rows = [r for r in reviews(chain) if r["occasion"] == "looked_at"]
    assert {(r["verdict"], r["note"], r["cause"], r["member"]) for r in rows} == {
        ("holds", "Only the wording", chain.theme, chain.ctx.member.id)
    }
    assert all(r["at"] for r in rows)
    assert trust.trust_view(chain.ctx).fronts == ()


def reviews(chain: Chain) -> list[dict[str, object]]:
    with chain.ctx.read() as conn:
        return queries.live(conn, "review")


def test_a_changed_rationale_doubts_the_component_that_answers_the_requirement(chain: Chain) -> None:
    row = chain.row("requirement", chain.requirement)
    model.change_requirement(
        chain.ctx, chain.requirement, rev=int(str(row["rev"])), rationale="Because of the nights."
    )
    assert chain.states() == ("reviewed", "doubt", "doubt")
    assert chain.causes(chain.component) == [("basis_reworded", "requirement")]
    assert "REQ-001 has been reworded" in trust.told(chain.ctx, chain.component)


def test_a_theme_that_loses_one_of_two_units_is_in_doubt_and_the_requirement_only_from_afar(
    chain: Chain,
) -> None:
    coding.remove_unit(chain.ctx, chain.folder)
    assert chain.states() == ("doubt", "distant", "distant")
    assert "one of its 2 units is gone" in trust.told(chain.ctx, chain.theme)


def test_the_requirement_is_in_doubt_itself_where_the_support_rule_is_on_and_fails(chain: Chain) -> None:
    row = chain.row("requirement", chain.requirement)
    model.set_requirement_status(chain.ctx, chain.requirement, "accepted", rev=int(str(row["rev"])))
    with chain.ctx.write("change_setting") as work:
        for name, value in (("threshold.must_support.groups", "1"), ("threshold.must_support.people", "2"),
                            ("severity.must_support", "warning")):  # fmt: skip
            projects.put_setting(work, name, value)
    assert chain.states() == ("reviewed", "reviewed", "reviewed")
    coding.remove_unit(chain.ctx, chain.folder)
    assert chain.states() == ("doubt", "doubt", "distant")
    assert chain.causes(chain.requirement) == [("rule", "requirement")]
    rule = next(f for f in trust.trust_view(chain.ctx).fronts if f.cause.kind == "rule")
    assert not rule.can_be_looked_at


@pytest.mark.parametrize("way", ["stop", "erase"])
def test_a_withdrawal_never_stops_anything_and_doubts_at_once_all_that_rests_on_the_words(
    chain: Chain, way: str
) -> None:
    other = model.add_requirement(chain.ctx, statement="The model must ask relatives", based_on=[chain.count])
    model.set_requirement_status(chain.ctx, other, "accepted")
    with chain.ctx.read() as conn:
        person = next(p.id for p in queries.participants(conn).values() if p.pseudonym == "Bo")
    withdrawing.withdraw(chain.ctx, person, way, "They asked for it", backups=True)
    assert chain.states() == ("doubt", "distant", "distant")
    assert ("withdrawn", "unit") in chain.causes(chain.theme)
    assert ("withdrawn", "unit") in chain.causes(other)
    view = trust.trust_view(chain.ctx)
    gone = next(f for f in view.fronts if f.cause.kind == "withdrawn")
    assert {i.id for i in gone.items} == {chain.theme, other}
    assert "count" not in str(view) and "Bo" not in str(view)


def test_a_link_taken_away_doubts_both_its_ends(chain: Chain) -> None:
    (link,) = [
        s.link
        for v in model.list_requirements(chain.ctx)
        for s in v.supports
        if v.requirement.id == chain.requirement
    ]
    model.retire_link(chain.ctx, link)
    assert chain.states() == ("doubt", "doubt", "distant")
    assert chain.causes(chain.theme) == [("let_go", "requirement")]
    (front,) = trust.trust_view(chain.ctx).fronts
    assert {i.id for i in front.items} == {chain.theme, chain.requirement}
    assert front.says.startswith("REQ-001 no longer rests on the theme")


def test_a_circle_and_a_thing_in_conflict_with_itself_are_refused_when_made(chain: Chain) -> None:
    with pytest.raises(Refused) as wrong, chain.ctx.write("support_requirement") as work:
        model.add_link(chain.ctx, work, "realises", chain.requirement, chain.component)
    assert wrong.value.code == "trace.wrong_kind.realises"
    with pytest.raises(Refused) as itself, chain.ctx.write("support_requirement") as work:
        model.add_link(chain.ctx, work, "conflicts", chain.requirement, chain.requirement)
    assert itself.value.code == "trace.conflicts_itself"


# -- silence, undo, two people ----------------------------------------------------------------------------------


def test_nothing_is_said_before_anything_is_accepted_or_frozen(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Nobody's")
    mark_words(ctx, source, "I don't count", group)
    theme = synthesis.add_category(ctx, group, heading="Between two houses one is nobody's")
    requirement = model.add_requirement(ctx, statement="The model must call", based_on=[theme])
    view = trust.trust_view(ctx)
    assert (view.begun, view.fronts) == (False, ())
    assert trust.told(ctx, requirement) == ""


def test_undoing_an_edit_takes_the_doubt_away_and_undoing_the_acceptance_the_trust(chain: Chain) -> None:
    chain.reword_theme()
    assert chain.states() == ("doubt", "doubt", "distant")
    history.undo(chain.ctx)
    assert chain.states() == ("reviewed", "reviewed", "reviewed")
    chain.reword_theme()
    chain.reword_theme("They wait.")
    assert chain.states() == ("reviewed", "reviewed", "reviewed")


def test_two_who_look_at_the_same_thing_are_told_of_each_other_and_the_second_writes_nothing(
    chain: Chain,
) -> None:
    chain.reword_theme()
    (front,) = trust.trust_view(chain.ctx).fronts
    expects = {i.id: i.expects for i in front.items}
    with chain.ctx.write("add_member") as work:
        row = {"id": "m2", "name": "Mads", "initials": "M", "role": "researcher", "is_lead": 0}
        work.insert("member", row)
    mads = replace(chain.ctx, member=replace(chain.ctx.member, id="m2", name="Mads"))
    trust.look_at(mads, [chain.theme], True, expects=expects)
    before = len(reviews(chain))
    with pytest.raises(Refused) as refused:
        trust.look_at(chain.ctx, [chain.requirement, chain.theme], False, expects=expects)
    assert refused.value.code == "trust.already_looked"
    assert refused.value.params["who"] == "Mads"
    assert len(reviews(chain)) == before


def test_what_changed_while_one_looked_is_refused(chain: Chain) -> None:
    chain.reword_theme()
    (front,) = trust.trust_view(chain.ctx).fronts
    chain.reword_theme("They belong to everybody.")
    with pytest.raises(Refused) as refused:
        trust.look_at(chain.ctx, [chain.theme], True, expects={i.id: i.expects for i in front.items})
    assert refused.value.code == "trust.changed_meanwhile"


def test_said_not_to_hold_it_stays_told_until_it_is_changed(chain: Chain) -> None:
    chain.reword_theme()
    trust.look_at(chain.ctx, [chain.requirement], False, "It says more than that now")
    assert chain.state(chain.requirement).state == "does_not_hold"
    said = trust.told(chain.ctx, chain.requirement)
    assert "does not hold as it is" in said and "It says more than that now" in said
    row = chain.row("requirement", chain.requirement)
    model.change_requirement(
        chain.ctx, chain.requirement, rev=int(str(row["rev"])), statement="The model must ring."
    )
    assert chain.state(chain.requirement).state == "doubt"


def test_a_challenge_nobody_has_answered_is_a_reason_for_doubt_and_its_answer_ends_it(chain: Chain) -> None:
    note = rereading.note_recontext(
        chain.ctx, chain.theme, chain.source, verdict="challenges", note="One was called."
    )
    assert chain.states() == ("doubt", "distant", "distant")
    assert chain.causes(chain.theme) == [("came", "challenge")]
    rereading.answer_recontext(chain.ctx, note, "Met in the text.")
    assert chain.states() == ("reviewed", "reviewed", "reviewed")


def test_moving_units_between_groups_is_told_of_the_theme_that_lost_one_and_of_that_which_got_one(
    chain: Chain,
) -> None:
    with chain.ctx.write("freeze_version") as work:
        trust.accept_reviews(chain.ctx, work, [chain.other], "frozen")
    with chain.ctx.read() as conn:
        (placed,) = queries.live(conn, "placement", unit=chain.folder)
        (theirs,) = queries.live(conn, "category", id=chain.other)
    with chain.ctx.write("move_units") as work:
        work.update("placement", placed["id"], {"code_group": theirs["code_group"]})
    assert chain.causes(chain.theme) == [("went", "unit")]
    assert chain.causes(chain.other) == [("came", "unit")]
    assert "a unit has come to it" in trust.told(chain.ctx, chain.other)


def test_accepting_a_requirement_reviews_it_and_what_lies_below_once(chain: Chain) -> None:
    before = {r["id"] for r in reviews(chain)}
    model.set_requirement_status(chain.ctx, chain.requirement, "accepted")
    made = [r for r in reviews(chain) if r["id"] not in before]
    assert [(r["item"], r["occasion"]) for r in made] == [(chain.requirement, "accepted")]
    assert trust.told(chain.ctx, chain.requirement).startswith("REQ-001 was accepted on")


def test_a_decision_is_not_said_to_have_changed_where_somebody_looked_and_it_holds(chain: Chain) -> None:
    ctx = chain.ctx
    decision = meetings.add_decision(ctx, question="Do we adopt it?", about=[chain.requirement])
    meetings.record_decision(
        ctx, decision, outcome="Adopted", why="It answers the theme", accept=[chain.requirement]
    )

    def changed() -> list[str]:
        with ctx.read() as conn:
            seen = json.loads(queries.live(conn, "decision", id=decision)[0]["seen_json"])
            return list(trust.changed_meaning(conn, seen))

    assert changed() == []
    coding.remove_unit(ctx, chain.folder)
    assert changed() == [chain.theme]
    trust.look_at(ctx, [chain.theme], True, "It stands without this one")
    assert changed() == []


def test_who_reads_no_source_does_not_say_whether_a_theme_holds(chain: Chain) -> None:
    chain.reword_theme()
    facilitator = replace(chain.ctx, member=replace(chain.ctx.member, role="facilitator"))
    (front,) = trust.trust_view(facilitator).fronts
    assert {i.id: i.may_look for i in front.items} == {chain.theme: False, chain.requirement: True}
    with pytest.raises(Refused) as refused:
        trust.look_at(facilitator, [chain.theme], True)
    assert refused.value.code == "trust.theme_needs_reader"
    trust.look_at(facilitator, [chain.requirement], True)
    assert chain.state(chain.requirement).state == "distant"


def test_a_steering_member_reads_sentences_and_may_press_nothing(ctx: Context) -> None:
    steering = acting_as(ctx, "steering")
    view = trust.trust_view(steering)
    assert not any(i.may_look for f in view.fronts for i in f.items)
    with pytest.raises(Refused):
        trust.look_at(steering, ["x"], True)


def test_what_is_marked_unseen_by_another_does_not_look_gone(chain: Chain) -> None:
    ctx = chain.ctx
    with ctx.write("add_member") as work:
        work.insert(
            "member", {"id": "m2", "name": "Mads", "initials": "M", "role": "researcher", "is_lead": 0}
        )
    double_coding.open_unseen(ctx, chain.source, [ctx.member.id, "m2"])
    mads = replace(ctx, member=replace(ctx.member, id="m2", name="Mads", is_lead=False))
    with mads.read() as conn:
        assert queries.units(conn) == []
        assert {s.state for s in trust.load_trust(conn).states.values()} == {"reviewed"}


def test_an_answer_is_taken_back_by_undo_and_one_to_what_was_never_accepted_is_refused(chain: Chain) -> None:
    chain.reword_theme()
    trust.look_at(chain.ctx, [chain.theme], True)
    assert chain.states() == ("reviewed", "doubt", "distant")
    history.undo(chain.ctx)
    assert chain.states() == ("doubt", "doubt", "distant")
    with pytest.raises(Refused) as refused:
        trust.look_at(chain.ctx, [chain.theme, chain.other], True)
    assert refused.value.code == "trust.never_accepted"
    assert chain.states() == ("doubt", "doubt", "distant")


def test_every_sentence_says_what_happened_without_a_word_that_was_said(chain: Chain) -> None:
    assert trust.told.action == Action.READ_THEMES  # type: ignore[attr-defined]
    coding.remove_unit(chain.ctx, chain.count)
    chain.reword_theme()
    for item in (chain.theme, chain.requirement, chain.component):
        said = trust.told(chain.ctx, item)
        assert said.endswith(".") and said[0].isupper()
        assert "count" not in said and "Interview 1" not in said


# -- what one act may not settle for another -----------------------------------------------------------------


def test_a_theme_in_two_cones_stays_in_doubt_for_the_one_when_the_other_is_accepted(chain: Chain) -> None:
    chain.reword_theme()
    trust.look_at(chain.ctx, [chain.requirement], True)
    assert chain.states() == ("doubt", "distant", "distant")
    another = model.add_requirement(chain.ctx, statement="The model must ring back", based_on=[chain.theme])
    model.set_requirement_status(chain.ctx, another, "accepted")
    assert chain.states() == ("doubt", "distant", "distant")
    assert chain.state(another).state == "distant"


@pytest.mark.parametrize("act", ["freeze", "accept another"])
def test_what_somebody_said_does_not_hold_is_not_made_to_hold_by_another_act(chain: Chain, act: str) -> None:
    trust.look_at(chain.ctx, [chain.theme], False, "It says something else")
    if act == "freeze":
        versioning.freeze_version(chain.ctx, label="Second")
    else:
        model.add_requirement(chain.ctx, statement="x", based_on=[chain.theme], status="accepted")
    assert chain.state(chain.theme).state == "does_not_hold"


def test_a_requirement_that_is_parked_or_rejected_is_no_longer_in_doubt(chain: Chain) -> None:
    model.set_requirement_status(chain.ctx, chain.requirement, "accepted")
    chain.reword_theme()
    assert chain.state(chain.requirement).state == "doubt"
    model.set_requirement_status(chain.ctx, chain.requirement, "parked")
    assert chain.state(chain.requirement).state == "draft" and trust.told(chain.ctx, chain.requirement) == ""
    assert chain.requirement not in {i.id for f in trust.trust_view(chain.ctx).fronts for i in f.items}
    history.undo(chain.ctx)
    assert chain.state(chain.requirement).state == "doubt"
    model.set_requirement_status(chain.ctx, chain.requirement, "rejected")
    model.set_requirement_status(chain.ctx, chain.requirement, "accepted")
    assert chain.state(chain.requirement).state == "distant"  # the theme's own question waits


def test_what_a_decision_saw_before_fingerprints_left_references_out_has_not_changed_by_that(
    ctx: Context,
) -> None:
    from workbench.domain.trace import fingerprint

    with ctx.read() as conn:
        theme = next(r for r in queries.live(conn, "category") if "{{unit:" in r["analytic_text"])
        kind, fields = versioning.item_fields(conn, theme["id"])
        support = versioning.support_of(conn, theme["id"])["fp"]
        before = fingerprint(kind, fields, references=True)
        assert before != fingerprint(kind, fields)
        assert trust.changed_meaning(conn, {theme["id"]: before + support}) == ()
        assert trust.changed_meaning(conn, {theme["id"]: "0" * 64 + support}) == (theme["id"],)
