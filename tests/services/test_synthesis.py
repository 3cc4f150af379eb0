"""Step 4's categories: worded by several, called ready with eyes open, traced by the sentence, with literature beside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import acting_as
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.stc import embedded_units, sentences
from workbench.services import (
    checks,
    code_groups,
    coding,
    comments,
    counter_search,
    exporting,
    history,
    impressions,
    rereading,
    sentence_trace,
    synthesis,
    tracing,
)
from workbench.services.context import Context
from workbench.services.synthesis import CategoryView
from workbench.store import queries


def theme_of(ctx: Context, n: int = 0) -> CategoryView:
    step = synthesis.synthesis_view(ctx)
    return synthesis.category_view(ctx, step.categories[step.groups[n].id].id)


def reread_all(ctx: Context, *, but: int = 0) -> list[str]:
    """Re-read every source now, but for the last so many; returns the titles of those."""
    sources = [s.source for s in synthesis.synthesis_view(ctx).sources]
    for s in sources:
        if impressions.is_read(ctx, s.id, "synthesis"):
            impressions.mark_read(ctx, s.id, "synthesis")
    for s in sources[: len(sources) - but]:
        impressions.mark_read(ctx, s.id, "synthesis")
    return [s.title for s in sources[len(sources) - but :]]


def answer_all(ctx: Context, category: str) -> None:
    for note in synthesis.readiness(ctx, category).challenges:
        rereading.answer_recontext(ctx, note.id, "Met in the text.")


def waivers(ctx: Context) -> list[tuple[str, str]]:
    with ctx.read() as conn:
        return [(r["item"], r["reason"]) for r in queries.live(conn, "waiver", rule="not_reread")]


def reword(ctx: Context, category: str, text: str) -> None:
    own = synthesis.category_view(ctx, category).category
    synthesis.change_category(ctx, category, rev=own.rev, heading=own.heading, analytic_text=text)


# -- ready (capability 11) -----------------------------------------------------------------------------------


def test_a_category_is_ready_only_with_a_reason_while_sources_are_not_re_read(ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.set_category_status(ctx, own.id, "draft")
    reword(ctx, own.id, "Nobody brings it over the border but the patients.")
    missing = reread_all(ctx, but=2)
    answer_all(ctx, own.id)
    found = synthesis.readiness(ctx, own.id)
    assert [s.title for s in found.not_reread] == missing and found.needs_reason
    for reason in ("", "  "):
        with pytest.raises(Refused) as refused:
            synthesis.set_category_status(ctx, own.id, "ready", reason=reason)
        assert refused.value.code == "category.needs_reason"
    assert theme_of(ctx).category.status == "draft" and (own.id, "") not in waivers(ctx)
    synthesis.set_category_status(ctx, own.id, "ready", reason="The last two are about something else.")
    assert theme_of(ctx).category.status == "ready"
    assert (own.id, "The last two are about something else.") in waivers(ctx)
    found = synthesis.readiness(ctx, own.id)
    assert (found.reason, found.by) == ("The last two are about something else.", ctx.member.name)


def test_a_category_is_ready_without_a_reason_when_all_is_re_read_and_answered(ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.set_category_status(ctx, own.id, "draft")
    reword(ctx, own.id, "Nobody brings it over the border.")
    reread_all(ctx)
    answer_all(ctx, own.id)
    synthesis.set_category_status(ctx, own.id, "ready", reason="A reason nobody needs is not kept.")
    assert theme_of(ctx).category.status == "ready" and own.id not in dict(waivers(ctx))


def test_an_unanswered_challenge_is_listed_before_ready_and_printed_in_the_report(ctx: Context) -> None:
    theme = theme_of(ctx)
    reread_all(ctx)
    answer_all(ctx, theme.category.id)
    note = rereading.note_recontext(
        ctx,
        theme.category.id,
        theme.cards[0].unit.source,
        verdict="challenges",
        note="Here it came in time, twice",
    )
    assert [n.id for n in synthesis.readiness(ctx, theme.category.id).challenges] == [note]
    with pytest.raises(Refused):
        synthesis.set_category_status(ctx, theme.category.id, "ready")
    synthesis.set_category_status(ctx, theme.category.id, "ready", reason="One day only.")
    assert "Here it came in time, twice" in _words_of(exporting.export(ctx, ".docx"))


def _words_of(data: bytes) -> str:
    import io

    from docx import Document

    document = Document(io.BytesIO(data))
    cells = [c.text for table in document.tables for r in table.rows for c in r.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_the_reason_is_gone_when_the_words_change_or_it_is_draft_again_and_comes_back_with_undo(
    ctx: Context,
) -> None:
    own = theme_of(ctx).category
    reword(ctx, own.id, "First wording.")
    synthesis.set_category_status(ctx, own.id, "ready", reason="For the poster.")
    unit = theme_of(ctx).cards[0].unit.id
    synthesis.embed_unit(ctx, own.id, unit)  # rests on more, says the same
    assert (own.id, "For the poster.") in waivers(ctx)
    reword(ctx, own.id, "Another wording.")
    assert own.id not in dict(waivers(ctx))
    history.undo(ctx)
    assert (own.id, "For the poster.") in waivers(ctx)
    synthesis.set_category_status(ctx, own.id, "draft")
    assert own.id not in dict(waivers(ctx))


def test_the_reason_speaks_to_the_method_check_too(ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.set_category_status(ctx, own.id, "draft")
    reword(ctx, own.id, "A wording that nobody has held up against a source yet.")
    synthesis.set_category_status(ctx, own.id, "ready", reason="For the poster.")
    assert not [i for i in checks.all_issues(ctx) if i.rule == "not_reread" and i.where[1] == own.id]
    reword(ctx, own.id, "And another such wording.")
    assert [i for i in checks.all_issues(ctx) if i.rule == "not_reread" and i.where[1] == own.id]


def test_a_status_set_by_two_at_once_is_told_to_the_second(ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.set_category_status(ctx, own.id, "draft", rev=own.rev)
    with pytest.raises(StaleEdit) as stale:
        synthesis.set_category_status(ctx, own.id, "draft", rev=own.rev)
    assert stale.value.current["status"] == "draft"


# -- two analysts --------------------------------------------------------------------------------------------


def test_two_analysts_who_write_the_same_text_are_both_shown_and_nothing_is_overwritten(ctx: Context) -> None:
    mads = acting_as(ctx, "researcher")
    own = theme_of(ctx).category
    synthesis.change_category(ctx, own.id, rev=own.rev, heading=own.heading, analytic_text="Hers.")
    with pytest.raises(StaleEdit) as stale:
        synthesis.change_category(mads, own.id, rev=own.rev, heading=own.heading, analytic_text="His.")
    assert stale.value.current["analytic_text"] == "Hers."
    assert theme_of(ctx).category.analytic_text == "Hers."


def test_two_analysts_who_put_words_into_one_cell_are_told(ctx: Context) -> None:
    theme = theme_of(ctx)
    group = next(iter(theme.phrases))
    rev = theme.phrase_revs[group]
    synthesis.set_phrase(ctx, theme.category.id, group, "hers", rev=rev)
    with pytest.raises(StaleEdit) as stale:
        synthesis.set_phrase(acting_as(ctx, "researcher"), theme.category.id, group, "his", rev=rev)
    assert stale.value.current["phrase"] == "hers" and theme_of(ctx).phrases[group] == "hers"
    synthesis.set_phrase(ctx, theme.category.id, group, "", rev=theme_of(ctx).phrase_revs[group])
    assert group not in theme_of(ctx).phrases
    synthesis.set_phrase(ctx, theme.category.id, group, "first", rev=0)
    with pytest.raises(StaleEdit):
        synthesis.set_phrase(ctx, theme.category.id, group, "first too", rev=0)


def test_a_category_taken_out_takes_its_searches_comments_and_reason_with_it(empty: Context) -> None:
    group = code_groups.add_code_group(empty, name="Waiting")
    category = synthesis.add_category(empty, group, heading="Waiting is work")
    counter_search.log_counter_search(empty, category, looked_through="all", found=0)
    comments.add_comment(empty, category, "Whose work?")
    synthesis.set_category_status(empty, category, "ready")
    synthesis.retire_category(empty, category)
    assert counter_search.counter_searches(empty) == [] and waivers(empty) == []
    history.undo(empty)
    assert len(counter_search.counter_searches(empty, category)) == 1
    assert [c.text for c in comments.thread(empty, category)] == ["Whose work?"]


# -- the trace by the sentence -------------------------------------------------------------------------------


def test_from_a_sentence_to_its_units_in_context_and_to_one_that_challenges_it(ctx: Context) -> None:
    themes = [theme_of(ctx, n) for n in range(4)]
    theme = next(v for v in themes if any(x.verdict == "challenges" and x.unit for x in v.notes))
    said = sentence_trace.flat(theme.paragraphs)
    number = next(n for n, s in enumerate(said, 1) if len(s.units) > 1)
    found = sentence_trace.behind(ctx, theme.category.id, number)
    assert found.text == said[number - 1].text
    assert [u.card.unit.id for u in found.units] == list(said[number - 1].units)
    for u in found.units:
        assert u.before or u.after
        # Two turns, and what is left of its own.
        assert len({x.seq for x in u.before}) <= 3 and len({x.seq for x in u.after}) <= 3
    held = {c.unit.id for c in theme.cards if any(c.unit.id in v.covers for v in theme.condensates)}
    assert {u for c in found.condensates for u in c.units} == set(said[number - 1].units) & held
    challenge = next(c for c in found.challenges if c.unit)
    assert challenge.note.verdict == "challenges" and challenge.unit is not None
    assert challenge.unit.card.unit.id == challenge.note.unit and challenge.unit.role == "contradicts"
    assert found.looked + len(synthesis.readiness(ctx, theme.category.id).not_reread) == found.total


def test_unanswered_challenges_come_first(ctx: Context) -> None:
    theme = theme_of(ctx)
    source = theme.cards[0].unit.source
    answered = rereading.note_recontext(ctx, theme.category.id, source, verdict="challenges", note="One")
    rereading.answer_recontext(ctx, answered, "Met.")
    open_ = rereading.note_recontext(ctx, theme.category.id, source, verdict="challenges", note="Two")
    assert sentence_trace.behind(ctx, theme.category.id, 1).challenges[0].note.id == open_


@pytest.mark.parametrize("number", [0, -1, 999])
def test_a_sentence_that_is_not_there_is_refused(ctx: Context, number: int) -> None:
    with pytest.raises(Refused) as refused:
        sentence_trace.behind(ctx, theme_of(ctx).category.id, number)
    assert refused.value.code == "category.no_sentence"


def test_the_trace_goes_the_same_way_up_as_it_went_down(ctx: Context) -> None:
    down = {
        (c.id, n, u)
        for c in synthesis.synthesis_view(ctx).categories.values()
        for n, s in enumerate(sentence_trace.flat(sentences(c.analytic_text)), 1)
        for u in s.units
    }
    units = {u for _, _, u in down}
    up = {(s.category, s.number, u) for u in units for s in sentence_trace.sentences_on(ctx, u)}
    assert up == down and down


def test_a_condensate_knows_the_sentences_that_rest_on_what_it_holds(ctx: Context) -> None:
    theme = theme_of(ctx)
    view = next(c for c in theme.condensates if c.covers & set(embedded_units(theme.category.analytic_text)))
    found = sentence_trace.sentences_on(ctx, view.condensate.id)
    assert found and all(set(s.units) <= view.covers for s in found)
    assert {s.number for s in found if s.category == theme.category.id} == {
        n for n, s in enumerate(sentence_trace.flat(theme.paragraphs), 1) if set(s.units) & view.covers
    }


def test_sentences_that_rest_on_nothing_are_listed_when_asked_for_and_nowhere_else(ctx: Context) -> None:
    own = theme_of(ctx).category
    unit = theme_of(ctx).cards[0].unit.id
    reword(ctx, own.id, f"It leads on. It rests on a unit. {{{{unit:{unit}}}}}\n\nIt sums up.")
    theme = theme_of(ctx)
    assert sentence_trace.resting_on_nothing(theme.paragraphs) == [(1, "It leads on."), (3, "It sums up.")]
    assert sentence_trace.behind(ctx, own.id, 1).borne_by == 2
    assert sentence_trace.behind(ctx, own.id, 2).borne_by is None
    assert sentence_trace.behind(ctx, own.id, 3).borne_by is None
    assert not [i for i in checks.uninvited(ctx) if i.where[1] == own.id and "sentence" in i.rule]


WORDS = st.text("ab æ🙂é", min_size=1, max_size=8).map(lambda s: "X" + s.strip())


@given(st.lists(st.lists(st.tuples(WORDS, st.lists(st.sampled_from(["u-1", "u-2", "u-3"]), max_size=2)),
                         min_size=1, max_size=4), min_size=1, max_size=3))  # fmt: skip
def test_every_sentence_is_either_traced_or_listed(paragraphs: list[list[tuple[str, list[str]]]]) -> None:
    text = "\n\n".join(
        " ".join(f"{words}." + "".join(" {{unit:" + u + "}}" for u in units) for words, units in paragraph)
        for paragraph in paragraphs
    )
    found = sentences(text)
    loose = {n for n, _ in sentence_trace.resting_on_nothing(found)}
    for n, (s, (_, units)) in enumerate(
        zip(sentence_trace.flat(found), [x for p in paragraphs for x in p], strict=True), 1
    ):
        assert (n in loose) == (not units) and set(s.units) == set(units)


# -- literature ----------------------------------------------------------------------------------------------


def test_literature_is_put_beside_changed_and_taken_out_and_undone(ctx: Context) -> None:
    own = theme_of(ctx).category.id
    before = len(theme_of(ctx).evidence)
    id = synthesis.add_evidence(ctx, own, title="A. J 2020;1:1", citation="A. J 2020;1:1", finding="So it was.",
                                role="nuances")  # fmt: skip

    def now() -> synthesis.Evidence:
        return next(e for e in theme_of(ctx).evidence if e.id == id)

    assert (now().role, now().verified) == ("nuances", False)
    synthesis.change_evidence(ctx, id, rev=now().rev, citation="B. J 2021;2:2", verified=True)
    assert (now().citation, now().title, now().finding, now().verified) == (
        "B. J 2021;2:2", "B. J 2021;2:2", "So it was.", True
    )  # fmt: skip
    with pytest.raises(StaleEdit):
        synthesis.change_evidence(ctx, id, rev=now().rev - 1, finding="Not so.")
    for role in synthesis.ROLES:
        synthesis.set_evidence_role(ctx, now().link, role, rev=now().link_rev)
        assert now().role == role
    synthesis.retire_evidence(ctx, now().link)
    assert len(theme_of(ctx).evidence) == before
    history.undo(ctx)
    assert now().role == "contradicts"
    with pytest.raises(Refused) as refused:
        synthesis.change_evidence(ctx, id, rev=now().rev, citation=" ")
    assert refused.value.code == "evidence.needs_citation"


def test_literature_never_counts_as_a_person_and_a_nuance_is_printed_as_one(ctx: Context) -> None:
    before = theme_of(ctx)
    synthesis.add_evidence(ctx, before.category.id, title="", citation="C. J 2022", finding="Now and then.",
                           role="nuances")  # fmt: skip
    after = theme_of(ctx)
    assert (after.heard, len(after.cards)) == (before.heard, len(before.cards))
    said = _words_of(exporting.export(ctx, ".docx"))
    assert "nuances" in said


def test_literature_a_requirement_rests_on_stays_when_it_no_longer_stands_beside_the_category(
    ctx: Context,
) -> None:
    from workbench.services import model

    own = theme_of(ctx).category.id
    id = synthesis.add_evidence(ctx, own, title="", citation="D. J 2023", finding="Always.")
    model.add_requirement(ctx, statement="Somebody rings", based_on=[id], basis="evidence")
    synthesis.retire_evidence(ctx, next(e.link for e in theme_of(ctx).evidence if e.id == id))
    assert id not in [e.id for e in theme_of(ctx).evidence]
    assert tracing.because(ctx, id).id == id


# -- a unit that goes ----------------------------------------------------------------------------------------


def test_a_unit_that_stands_in_a_text_can_not_be_taken_out_from_under_it(ctx: Context) -> None:
    unit = embedded_units(theme_of(ctx).category.analytic_text)[0]
    with pytest.raises(Refused):
        coding.remove_unit(ctx, unit)
    assert sentence_trace.sentences_on(ctx, unit)


def test_others_in_the_team_can_comment_on_a_category(ctx: Context) -> None:
    own = theme_of(ctx).category.id
    supervisor = replace(ctx, member=acting_as(ctx, "researcher").member)
    comments.add_comment(supervisor, own, "Who says this, besides nurses?")
    assert comments.open_counts(ctx)[own] >= 1
