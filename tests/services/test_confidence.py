"""How sure we are of a theme, and who sees it differently: people's judgements and voices, told as far as they may be."""

from __future__ import annotations

from dataclasses import fields

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.services import confidence, dissent, history, meetings, model, rereading, synthesis
from workbench.services.context import Context


def theme_of(ctx: Context, n: int = 0) -> str:
    return synthesis.theme_matrix(ctx).themes[n][0]


def unjudged(ctx: Context) -> str:
    """A theme, after every judgement that the study comes with has been taken back."""
    for theme, judged in confidence.judgements(ctx).items():
        for component in judged:
            confidence.set_confidence(ctx, theme, component, "")
    return theme_of(ctx)


def test_a_judgement_is_a_word_and_a_reason_by_somebody_on_a_day(ctx: Context) -> None:
    theme = unjudged(ctx)
    confidence.set_confidence(ctx, theme, "adequacy", "moderate", "Few from general practice", rev=0)
    j = confidence.confidence_of(ctx, theme).judgements["adequacy"]
    assert (j.concern, j.reason, j.by) == ("moderate", "Few from general practice", ctx.member.name)
    assert j.at
    with ctx.read() as conn:
        assert confidence.load_confidence(conn) == {theme: {"adequacy": j}}
    confidence.set_confidence(ctx, theme, "adequacy", "", rev=j.rev)
    assert confidence.confidence_of(ctx, theme).judgements == {}
    history.undo(ctx)
    assert confidence.confidence_of(ctx, theme).judgements["adequacy"].concern == "moderate"


def test_any_concern_has_a_reason_and_none_needs_none(ctx: Context) -> None:
    theme = unjudged(ctx)
    for concern in ("minor", "moderate", "serious"):
        with pytest.raises(Refused, match="needs_reason"):
            confidence.set_confidence(ctx, theme, "methods", concern, "  ")
    confidence.set_confidence(ctx, theme, "methods", "none")
    for component, concern in (("weather", "none"), ("methods", "high")):
        with pytest.raises(Refused):
            confidence.set_confidence(ctx, theme, component, concern, "x")


def test_two_who_judge_at_once_are_told(ctx: Context) -> None:
    theme = unjudged(ctx)
    confidence.set_confidence(acting_as(ctx, "researcher"), theme, "coherence", "minor", "One voice", rev=0)
    with pytest.raises(StaleEdit) as stale:
        confidence.set_confidence(ctx, theme, "coherence", "none", rev=0)
    assert stale.value.current["concern"] == "minor"


def test_researchers_judge_and_everybody_who_reads_themes_may_read(ctx: Context) -> None:
    theme = theme_of(ctx)
    confidence.set_confidence(ctx, theme, "relevance", "minor", "One region only")
    for role in ("facilitator", "steering"):
        acting = acting_as(ctx, role)
        assert confidence.confidence_of(acting, theme).judgements["relevance"].reason == "One region only"
        with pytest.raises(NotAllowed):
            confidence.set_confidence(acting, theme, "relevance", "none")


def test_nothing_is_counted_together_and_no_grade_is_made() -> None:
    told = {f.name for f in fields(confidence.Confidence)} | {f.name for f in fields(confidence.Facts)}
    assert not told & {"grade", "level", "score", "confidence", "total"}


def test_facts_beside_the_judgements_withhold_from_those_who_read_no_source(ctx: Context) -> None:
    facts = confidence.confidence_of(ctx, theme_of(ctx)).facts
    assert facts.units and facts.people and facts.groups <= facts.of_groups
    assert facts.reread <= facts.sources
    released = confidence.confidence_of(acting_as(ctx, "facilitator"), theme_of(ctx)).facts
    assert released.units is released.challenges is released.unanswered is None
    with ctx.write("change_setting") as work:
        if work.find("setting", "k_min"):
            work.update("setting", "k_min", {"value": "1000"})
        else:
            work.insert("setting", {"id": "k_min", "value": "1000"})
    assert confidence.confidence_of(acting_as(ctx, "facilitator"), theme_of(ctx)).facts.people is None


# -- who sees it differently -----------------------------------------------------------------------------------


def test_dissent_of_a_theme_gathers_challenges_literature_grounds_and_reservations(ctx: Context) -> None:
    theme = theme_of(ctx)
    before = dissent.theme_dissent(ctx)[theme].objections
    synthesis.add_evidence(ctx, theme, title="A trial", citation="Somebody 2019", finding="It did not help",
                           role="contradicts")  # fmt: skip
    other = theme_of(ctx, 1)
    a = model.add_requirement(ctx, statement="The model must be one", based_on=[theme], against=[other])
    decision = meetings.add_decision(
        ctx, question="One?", nature="decision", meeting=meetings.list_meetings(ctx)[-1].id, about=[a]
    )
    meetings.take_position(
        ctx, decision, seat="A new seat", choice="agree_with_reservation", reservation="Not at night"
    )
    new = [o for o in dissent.theme_dissent(ctx)[theme].objections if o not in before]
    assert {o.kind for o in new} == {"evidence", "ground", "reservation"}
    assert next(o for o in new if o.kind == "reservation").text == "Not at night"
    assert next(o for o in new if o.kind == "ground").item == a


def test_who_reads_no_source_hears_dissent_through_cleared_quotes_and_never_a_source(ctx: Context) -> None:
    titles = {s.title for s in sources_of(ctx)}
    noted = [o for d in dissent.theme_dissent(ctx).values() for o in d.objections if o.kind == "challenge"]
    assert noted and all(o.by in titles for o in noted)
    notes = {o.text for o in noted if o.text}
    for role in ("facilitator", "steering"):
        for d in dissent.theme_dissent(acting_as(ctx, role)).values():
            for o in d.objections:
                assert not {o.text, o.by, o.answer} & (titles | notes)
                if o.kind == "challenge":
                    assert not o.text and not o.by
            assert sum(o.kind == "challenge" for o in d.objections) <= 1  # never how often


def sources_of(ctx: Context) -> list[object]:
    with ctx.read() as conn:
        return rereading.to_reread(conn)  # type: ignore[return-value]


def test_not_looked_for_is_never_none_found(empty: Context) -> None:
    from workbench.services import code_groups

    group = code_groups.add_code_group(empty, name="Waiting", tag="WA")
    theme = synthesis.add_category(empty, group, heading="People wait without knowing for what")
    found = dissent.theme_dissent(empty)[theme]
    assert found.objections == () and found.reread == 0 and found.reread_on is None
