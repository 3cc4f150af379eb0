"""Cleared quotes: what waits, who answers for it, and what is held back again."""

from __future__ import annotations

import pytest

from tests.conftest import acting_as
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.stc import embedded_units
from workbench.services import coding, condensing, people, quotes, synthesis
from workbench.services.context import Context
from workbench.services.quotes import WaitingQuote


def waiting(ctx: Context) -> dict[str, WaitingQuote]:
    return {w.card.unit.id: w for w in quotes.waiting_quotes(ctx)}


def a_waiting(ctx: Context) -> WaitingQuote:
    return next(w for w in quotes.waiting_quotes(ctx) if not w.barred)


def test_golden_quotes_and_units_in_the_text_wait_until_they_are_cleared(ctx: Context) -> None:
    cleared = {u for u, q in quotes.quotes_by_unit(ctx).items() if not q.withheld}
    categories = synthesis.synthesis_view(ctx).categories.values()
    wanted = {u for c in categories for u in embedded_units(c.analytic_text)}
    for c in categories:
        views = synthesis.category_view(ctx, c.id).condensates
        wanted |= {v.condensate.golden_unit for v in views if v.condensate.golden_unit}
    assert waiting(ctx).keys() == wanted - cleared
    first = a_waiting(ctx)
    quotes.clear_quote(ctx, first.card.unit.id, printed="It came [...] late.", recognisable=False)
    assert first.card.unit.id not in waiting(ctx)


def test_what_waits_says_for_which_theme_and_whether_it_is_golden(ctx: Context) -> None:
    step = synthesis.synthesis_view(ctx)
    group = step.groups[0].id
    board = condensing.board(ctx, group)
    view = next(c for s in board.subgroups for c in s.condensates)
    cleared = quotes.quotes_by_unit(ctx)
    text = embedded_units(step.categories[group].analytic_text)
    card = next(c for c in board.subgroups[0].cards
                if c.unit.id not in cleared and c.unit.id not in text and c.unit.words_of == "participant")  # fmt: skip
    condensing.set_golden(ctx, view.condensate.id, card.unit.id)
    found = waiting(ctx)[card.unit.id]
    assert found.golden and found.categories == (step.categories[group].id,) and found.cleared is None
    other = next(w for w in waiting(ctx).values() if not w.golden)
    assert other.categories


def test_a_yes_to_the_colleague_clears_nothing(ctx: Context) -> None:
    unit = a_waiting(ctx).card.unit.id
    with pytest.raises(Refused) as refused:
        quotes.clear_quote(ctx, unit, printed="It came late.", recognisable=True)
    assert refused.value.code == "quote.recognisable" and unit in waiting(ctx)


def test_who_cleared_and_when_is_kept_with_the_printed_form_and_the_translator(ctx: Context) -> None:
    mads = acting_as(ctx, "researcher")
    unit = a_waiting(ctx).card.unit.id
    with pytest.raises(Refused) as refused:
        quotes.clear_quote(
            mads, unit, printed="Det kom sent.", translation="It came late.", recognisable=False
        )
    assert refused.value.code == "quote.needs_translator"
    quotes.clear_quote(mads, unit, printed=" Det kom [...] sent. ", translation="It came late.", translator="Mads",
                       recognisable=False)  # fmt: skip
    made = quotes.quotes_by_unit(ctx)[unit]
    assert (made.printed, made.translation, made.translator) == (
        "Det kom [...] sent.",
        "It came late.",
        "Mads",
    )
    assert (made.cleared_by, made.cleared_at) == (mads.member.name, mads.now().date().isoformat())


def test_two_who_clear_one_quote_otherwise_are_told(ctx: Context) -> None:
    unit, quote = next((u, q) for u, q in quotes.quotes_by_unit(ctx).items() if not q.withheld)
    quotes.clear_quote(ctx, unit, printed="Hers.", recognisable=False, rev=quote.rev)
    with pytest.raises(StaleEdit) as stale:
        quotes.clear_quote(
            acting_as(ctx, "researcher"), unit, printed="His.", recognisable=False, rev=quote.rev
        )
    assert stale.value.current["printed"] == "Hers."


def test_words_that_change_bring_a_quote_back_to_what_waits_if_it_is_golden_or_in_a_text(
    ctx: Context,
) -> None:
    categories = synthesis.synthesis_view(ctx).categories.values()
    inside = {u for c in categories for u in embedded_units(c.analytic_text)}
    unit = next(u for u, q in quotes.quotes_by_unit(ctx).items() if not q.withheld and u in inside)
    card = next(c for c in coding.list_units(ctx) if c.unit.id == unit)
    coding.resize(ctx, unit, card.unit.start, card.unit.end - 3)
    again = waiting(ctx)[unit]
    assert again.cleared is not None and again.cleared.withheld == "changed" and not again.barred
    quotes.clear_quote(ctx, unit, printed=again.cleared.printed, recognisable=False, rev=again.cleared.rev)
    assert unit not in waiting(ctx)


def test_somebody_who_may_not_be_quoted_is_told_and_stands_last(ctx: Context) -> None:
    first = quotes.waiting_quotes(ctx)[0]
    person = first.card.unit.participants[0]
    now = next(p for p in people.people_view(ctx).participants if p.id == person)
    people.change_participant(ctx, person, rev=now.rev, pseudonym=now.pseudonym, kind=now.kind,
                              stakeholder_group=now.stakeholder_group, quote_ok=False)  # fmt: skip
    found = quotes.waiting_quotes(ctx)
    assert waiting(ctx)[first.card.unit.id].barred == "quote.no_consent"
    flags = [bool(w.barred) for w in found]
    assert flags == sorted(flags)
    with pytest.raises(Refused) as refused:
        quotes.clear_quote(ctx, first.card.unit.id, printed="It came late.", recognisable=False)
    assert refused.value.code == "quote.no_consent"


def test_a_project_with_nothing_has_nothing_waiting(empty: Context) -> None:
    assert quotes.waiting_quotes(empty) == ()
