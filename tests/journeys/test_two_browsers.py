"""Two analysts, two browsers, one code group at once: moves, ticks, a new subgroup and a text, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running_server
from workbench.services import code_groups, condensing, history, projects
from workbench.services.condensing import Board
from workbench.services.context import Context
from workbench.store.verify import verify

pytestmark = pytest.mark.browser


@pytest.fixture
def ida(ctx: Context) -> str:
    return projects.add_member(ctx, name="Ida Skov", role="researcher")


@pytest.fixture
def both(browser: Any, ctx: Context, demo: Path, ida: str) -> Iterator[tuple[Any, Any]]:
    """The same board in two browsers of the same server, as two members."""
    with running_server(demo.parent) as url:
        pages, errors = [], []
        for who in ("", f"&as={ida}"):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.on("pageerror", lambda e: errors.append(str(e)))
            page.goto(f"{url}/condense?project={ctx.store.id}{who}")
            page.wait_for_selector(".wb-card")
            pages.append(page)
        yield pages[0], pages[1]
        assert not errors
        for page in pages:
            page.context.close()


def open_subgroup(page: Any, name: str) -> None:
    page.locator(".wb-title", has_text=name).click()
    page.wait_for_selector("textarea")


def board_of(ctx: Context) -> Board:
    return condensing.board(ctx, code_groups.code_group_counts(ctx)[0].group.id)


def eventually(page: Any, true: Any) -> None:
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within twenty seconds")


def saved(*pages: Any) -> None:
    for page in pages:
        page.wait_for_function(
            "!/not saved|Offline|stopped/.test(document.querySelector('.ws-text').textContent)"
        )


def focus(page: Any, unit: str) -> None:
    page.evaluate("id => [...document.querySelectorAll('.wb-card')].find((c) => c.unit === id).focus()", unit)


def in_column(page: Any, n: int) -> set[str]:
    column = page.locator(".wb-column").nth(n)
    return set(column.evaluate("el => [...el.querySelectorAll('.wb-card')].map((card) => card.unit)"))


def units_in(ctx: Context, n: int) -> set[str]:
    return {c.unit.id for c in board_of(ctx).subgroups[n].cards}


def test_two_people_sort_and_condense_the_same_code_group_at_once_and_nothing_is_lost(
    both: tuple[Any, Any], ctx: Context
) -> None:
    mine, theirs = both
    before = board_of(ctx)
    first = [c.unit.id for c in before.subgroups[0].cards]
    second = [c.unit.id for c in before.subgroups[1].cards]

    # At once: one moves three units one by one out of the first subgroup, the other three out of the second.
    for a, b in zip(first[:3], second[:3], strict=True):
        focus(mine, a)
        mine.keyboard.press("3")
        focus(theirs, b)
        theirs.keyboard.press("4")
    eventually(mine, lambda: set(first[:3]) <= units_in(ctx, 2) and set(second[:3]) <= units_in(ctx, 3))
    saved(mine, theirs)

    # After the next act of one's own, both see what the other did, and it is said.
    focus(mine, first[3])
    mine.keyboard.press("3")
    mine.get_by_text("Meanwhile Ida Skov").first.wait_for()
    eventually(mine, lambda: set(second[:3]) <= in_column(mine, 3))
    focus(theirs, second[3])
    theirs.keyboard.press("4")
    theirs.get_by_text(f"Meanwhile {ctx.member.name}").first.wait_for()
    eventually(theirs, lambda: set(first[:4]) <= in_column(theirs, 2))

    # The same unit by both: the first to arrive stands, the other is told.
    focus(mine, first[4])
    focus(theirs, first[4])
    mine.keyboard.press("2")
    eventually(mine, lambda: first[4] in units_in(ctx, 1))
    saved(mine)
    theirs.keyboard.press("4")
    theirs.get_by_text("has placed this unit otherwise since you saw it").wait_for()
    assert first[4] in units_in(ctx, 1) and first[4] in in_column(theirs, 1)

    # A new subgroup by each, at once.
    for page, unit, name in ((mine, first[5], "Mine alone"), (theirs, second[5], "Theirs alone")):
        focus(page, unit)
        page.keyboard.press("n")
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    eventually(
        mine,
        lambda: {s.subgroup.name for s in board_of(ctx).subgroups[4:]} == {"Mine alone", "Theirs alone"},
    )
    saved(mine, theirs)
    for page in both:
        page.reload()
        page.locator(".wb-title", has_text="Mine alone").wait_for()
        page.locator(".wb-title", has_text="Theirs alone").wait_for()

    # Both condense the same subgroup: one ticks what the other does not, one writes, both ticks stay.
    third = board_of(ctx).subgroups[2]
    sub, cards = third.subgroup.id, [c.unit.id for c in third.cards]
    for page in both:
        open_subgroup(page, third.subgroup.name)
        page.wait_for_selector(".wb-tick input")
    condensate = third.condensates[0].condensate.id

    def covers() -> frozenset[str]:
        found = next(s for s in board_of(ctx).subgroups if s.subgroup.id == sub)
        return next(c.covers for c in found.condensates if c.condensate.id == condensate)

    fresh = [id for id in first[:4] if id not in covers()]
    assert len(fresh) >= 2
    focus(mine, fresh[0])
    mine.keyboard.press("Space")
    focus(theirs, fresh[1])
    theirs.keyboard.press("Space")
    theirs.locator("textarea").first.fill("I go from one to the next, and each begins from the start.")
    theirs.locator("h1").click()
    eventually(mine, lambda: {fresh[0], fresh[1]} <= covers())
    saved(mine, theirs)
    found = next(s for s in board_of(ctx).subgroups if s.subgroup.id == sub)
    texts = [c.condensate.text for c in found.condensates]
    eventually(
        mine,
        lambda: (
            "I go from one to the next, and each begins from the start."
            in [c.condensate.text for s in board_of(ctx).subgroups for c in s.condensates]
        ),
    )
    assert len(texts) == len(third.condensates) and {c.unit.id for c in found.cards} == set(cards)

    # Both see all of it, and the record is whole: every act once, by whom it was.
    for page in both:
        page.reload()
        page.wait_for_selector(".wb-tick input:checked")
        ticked = page.evaluate(
            "[...document.querySelectorAll('.wb-card')].filter((c) => c.querySelector('input').checked).map((c) => c.unit)"
        )
        assert {fresh[0], fresh[1]} <= set(ticked)
        assert (
            page.locator("textarea").first.input_value()
            == "I go from one to the next, and each begins from the start."
        )
    done = [o.verb for o in history.list_operations(ctx, limit=40)]
    # 4 + 4 moves, the unit that both wanted once, a subgroup each
    assert done.count("regroup") == 11
    assert not verify(ctx.store.path)


def test_one_merges_the_code_group_the_other_sorts_and_the_acts_go_along(
    both: tuple[Any, Any], ctx: Context, ida: str
) -> None:
    mine, theirs = both
    before = board_of(ctx)
    card = before.subgroups[0].cards[0].unit.id
    into = code_groups.add_code_group(ctx, name="Elsewhere")
    code_groups.merge_code_groups(ctx, before.group.id, into=into)
    focus(theirs, card)
    theirs.keyboard.press("2")
    theirs.get_by_text(f"has merged the code group {before.group.name} into Elsewhere").wait_for()
    there = condensing.board(ctx, into)
    column = next(s for s in there.subgroups if s.subgroup.id == before.subgroups[1].subgroup.id)
    assert card in {c.unit.id for c in column.cards}
    saved(theirs)
    focus(theirs, before.subgroups[0].cards[1].unit.id)  # and goes on there
    theirs.keyboard.press("2")
    eventually(
        theirs,
        lambda: (
            before.subgroups[0].cards[1].unit.id
            in {
                c.unit.id
                for s in condensing.board(ctx, into).subgroups
                if s.subgroup.id == column.subgroup.id
                for c in s.cards
            }
        ),
    )
    assert mine
