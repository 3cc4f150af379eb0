"""Re-reading and looking for what disagrees: silence is no support, and not looked for is never none found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.support import body_of, mark_words, tiny_project
from workbench.domain.errors import InvalidSpan, NotAllowed, Refused, StaleEdit
from workbench.services import (
    code_groups,
    coding,
    condensing,
    correcting,
    counter_search,
    history,
    impressions,
    rereading,
    synthesis,
)
from workbench.services.context import Context
from workbench.services.finding import Place


@pytest.fixture
def small(tmp_path: Path) -> tuple[Context, str, str]:
    """A tiny project with one category: context, source, category."""
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Nobody's")
    mark_words(ctx, source, "På en måde var jeg ingens.", group)
    return ctx, source, synthesis.add_category(ctx, group, heading="At night they are nobody's")


def complete(ctx: Context, category: str) -> rereading.Completeness:
    return next(c for c in rereading.completeness(ctx) if c.category.id == category)


def reword(ctx: Context, category: str, text: str) -> None:
    own = synthesis.category_view(ctx, category).category
    synthesis.change_category(ctx, category, rev=own.rev, heading=own.heading, analytic_text=text)


# -- where one has looked ------------------------------------------------------------------------------------


def test_a_re_reading_from_before_the_words_changed_does_not_count(small: tuple[Context, str, str]) -> None:
    ctx, source, category = small
    assert [s.id for s in complete(ctx, category).missing] == [source]
    impressions.mark_read(ctx, source, "synthesis")
    assert complete(ctx, category).missing == () and list(complete(ctx, category).reread) == [source]
    reword(ctx, category, "They are nobody's.")
    assert [s.id for s in complete(ctx, category).missing] == [source]


def test_a_unit_put_into_a_sentence_leaves_the_re_readings_standing(small: tuple[Context, str, str]) -> None:
    ctx, source, category = small
    reword(ctx, category, "They are nobody's.")
    impressions.mark_read(ctx, source, "synthesis")
    synthesis.embed_unit(ctx, category, coding.list_units(ctx)[0].unit.id)
    assert complete(ctx, category).missing == ()


def test_read_through_is_told_by_and_on_for_each_analyst_with_silence_where_nothing_was_noted(
    ctx: Context,
) -> None:
    mads = acting_as(ctx, "researcher")
    here = next(s for s in synthesis.synthesis_view(ctx).sources if not s.notes)
    for who in (ctx, mads):
        if not impressions.is_read(who, here.source.id, "synthesis"):
            impressions.mark_read(who, here.source.id, "synthesis")
    now = next(s for s in synthesis.synthesis_view(ctx).sources if s.source.id == here.source.id)
    assert {ctx.member.initials, mads.member.initials} <= {who for who, _ in now.by}
    assert now.mine and now.notes == ()


# -- what was found ------------------------------------------------------------------------------------------


def test_a_passage_becomes_a_unit_of_mine_with_the_note_in_one_operation(
    small: tuple[Context, str, str],
) -> None:
    ctx, source, category = small
    start = body_of(ctx, source).index("sat up with the folder")
    place = Place(source, 1, start, start + len("sat up with the folder"))
    rereading.note_recontext(
        ctx, category, source, verdict="challenges", note="She had her folder", passage=place
    )
    (note,) = synthesis.category_view(ctx, category).notes
    card = next(c for c in coding.list_units(ctx) if c.unit.id == note.unit)
    assert (card.unit.text, card.placements) == ("sat up with the folder", ())
    history.undo(ctx)
    assert synthesis.category_view(ctx, category).notes == () and len(coding.list_units(ctx)) == 1


def test_a_passage_that_is_my_unit_already_is_that_unit(small: tuple[Context, str, str]) -> None:
    ctx, source, category = small
    unit = mark_words(ctx, source, "Nobody had rung.")
    here = next(c.unit for c in coding.list_units(ctx) if c.unit.id == unit)
    rereading.note_recontext(ctx, category, source, verdict="nuances", note="Only the first night",
                             passage=Place(source, 1, here.start, here.end))  # fmt: skip
    assert synthesis.category_view(ctx, category).notes[0].unit == unit and len(coding.list_units(ctx)) == 2


def test_a_passage_of_a_text_that_was_corrected_meanwhile_is_refused_and_nothing_is_noted(
    small: tuple[Context, str, str],
) -> None:
    ctx, source, category = small
    start = body_of(ctx, source).index("folder")
    correcting.correct_text(ctx, source, start, start + 6, "binder", text_rev=1, quote="folder")
    with pytest.raises(InvalidSpan):
        rereading.note_recontext(ctx, category, source, verdict="nuances", note="So",
                                 passage=Place(source, 1, start, start + 6))  # fmt: skip
    assert synthesis.category_view(ctx, category).notes == ()


@pytest.mark.parametrize(("how", "code"), [({"verdict": "maybe", "note": "So"}, "recontext.unknown_verdict"),
                                           ({"verdict": "nuances", "note": "  "}, "recontext.needs_note")])  # fmt: skip
def test_a_note_says_something_of_a_kind(
    small: tuple[Context, str, str], how: dict[str, str], code: str
) -> None:
    ctx, source, category = small
    with pytest.raises(Refused) as refused:
        rereading.note_recontext(ctx, category, source, **how)
    assert refused.value.code == code


def test_a_note_is_changed_where_it_stands_and_two_who_change_it_are_told(
    small: tuple[Context, str, str],
) -> None:
    ctx, source, category = small
    id = rereading.note_recontext(ctx, category, source, verdict="nuances", note="Only the first night")

    def now() -> rereading.Recontext:
        return synthesis.category_view(ctx, category).notes[0]

    rev = now().rev
    rereading.change_recontext(ctx, id, rev=rev, note="Only the first two nights", verdict="challenges")
    assert (now().note, now().verdict) == ("Only the first two nights", "challenges")
    with pytest.raises(StaleEdit) as stale:
        rereading.change_recontext(ctx, id, rev=rev, note="Never")
    assert stale.value.current["note"] == "Only the first two nights"
    with pytest.raises(StaleEdit):
        rereading.answer_recontext(ctx, id, "Met.", rev=rev)


def test_a_category_taken_out_meanwhile_is_said(small: tuple[Context, str, str]) -> None:
    ctx, source, category = small
    synthesis.retire_category(ctx, category)
    with pytest.raises(Refused) as refused:
        rereading.note_recontext(ctx, category, source, verdict="nuances", note="So")
    assert refused.value.code == "error.gone"


# -- looking for what disagrees ------------------------------------------------------------------------------


def test_candidates_stand_elsewhere_and_say_which_words_they_share(ctx: Context) -> None:
    step = synthesis.synthesis_view(ctx)
    category = next(iter(step.categories.values()))
    inside = {c.unit.id for c in synthesis.category_view(ctx, category.id).cards}
    shelves = {s.kind: s for s in counter_search.candidates(ctx, category.id)}
    every = coding.list_units(ctx)
    assert shelves["elsewhere"].total == sum(
        bool(c.placements) and category.code_group not in {p.code_group for p in c.placements} for c in every
    )
    assert shelves["left"].total == sum(not c.placements for c in every)
    for shelf in shelves.values():
        assert inside.isdisjoint(c.card.unit.id for c in shelf.found) and len(shelf.found) <= 30
        assert all(w in c.card.unit.text.lower() for c in shelf.found for w in c.shares if w.isascii())
    assert shelves["elsewhere"].found[0].shares


def test_units_set_aside_and_groups_not_heard_have_shelves_of_their_own(ctx: Context) -> None:
    step = synthesis.synthesis_view(ctx)
    group = step.groups[0]
    category = step.categories[group.id]
    first = synthesis.category_view(ctx, category.id).cards[0]
    condensing.set_units_aside(ctx, group.id, [first.unit.id], "Another matter")
    lonely = code_groups.add_code_group(ctx, name="Only one said")
    alone = next(c for c in coding.list_units(ctx) if len(c.groups) == 1)
    coding.place(ctx, alone.unit.id, placements=[{"code_group": lonely}])
    theirs = synthesis.add_category(ctx, lonely, heading="One says it")
    assert [
        c.card.unit.id
        for s in counter_search.candidates(ctx, category.id)
        if s.kind == "aside"
        for c in s.found
    ] == [first.unit.id]
    not_heard = next(s for s in counter_search.candidates(ctx, theirs) if s.kind == "not_heard")
    assert not_heard.total and all(alone.groups[0] not in c.card.groups for c in not_heard.found)


def test_a_search_is_kept_with_who_when_where_and_how_much_also_when_it_found_nothing(ctx: Context) -> None:
    category = next(iter(synthesis.synthesis_view(ctx).categories.values())).id
    before = len(counter_search.counter_searches(ctx))
    id = counter_search.log_counter_search(
        ctx, category, looked_through="Other code groups", found=0, note="Twice"
    )
    (found,) = [s for s in counter_search.counter_searches(ctx, category) if s.id == id]
    assert (found.initials, found.looked_through, found.found, found.note) == (
        ctx.member.initials, "Other code groups", 0, "Twice"
    )  # fmt: skip
    assert (
        found.at == ctx.now().date().isoformat() and len(counter_search.counter_searches(ctx)) == before + 1
    )
    counter_search.retire_counter_search(ctx, id)
    assert len(counter_search.counter_searches(ctx)) == before
    with pytest.raises(Refused) as refused:
        counter_search.log_counter_search(ctx, category, looked_through=" ", found=2)
    assert refused.value.code == "counter_search.needs_where"


def test_a_category_alone_in_its_project_has_nowhere_to_look(empty: Context) -> None:
    group = code_groups.add_code_group(empty, name="Waiting")
    category = synthesis.add_category(empty, group, heading="Waiting is work")
    assert counter_search.candidates(empty, category) == ()
    assert rereading.completeness(empty)[0].missing == ()


def test_those_who_read_no_source_see_none_of_it(ctx: Context) -> None:
    chair = acting_as(ctx, "steering")
    category = next(iter(synthesis.synthesis_view(ctx).categories.values())).id
    for call in (lambda: rereading.completeness(chair), lambda: counter_search.candidates(chair, category),
                 lambda: counter_search.counter_searches(chair)):  # fmt: skip
        with pytest.raises(NotAllowed):
            call()
