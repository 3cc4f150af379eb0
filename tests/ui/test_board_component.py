"""The board of unit cards in a real browser: sorting and condensing by keys, mouse and drag, kept at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.conftest import running_server
from workbench.services import code_groups, condensing, history
from workbench.services.condensing import Board
from workbench.services.context import Context

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Any, ctx: Context, demo: Path) -> Iterator[Any]:
    """The app on the demo study, in Chromium; any error on the page fails the test."""
    with running_server(demo.parent) as url:
        found = browser.new_page(viewport={"width": 1440, "height": 900})
        errors: list[str] = []
        found.on("pageerror", lambda e: errors.append(str(e)))
        found.goto(f"{url}/condense?project={ctx.store.id}")
        found.wait_for_selector(".wv-card")
        yield found
        assert not errors
        found.close()


def board_of(ctx: Context) -> Board:
    return condensing.board(ctx, code_groups.code_group_counts(ctx)[0].group.id)


def eventually(page: Any, true: Any) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within ten seconds")


def test_cards_are_sorted_ticked_and_made_golden_by_keys_mouse_and_drag(page: Any, ctx: Context) -> None:
    before = board_of(ctx)
    second = [c.unit.id for c in before.subgroups[1].cards]

    # Keys: select two going down, make a subgroup of them.
    page.locator(".wv-board-column").nth(1).locator(".wv-card").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("n")
    page.keyboard.type("Old or *wrong* <b>")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wv-board-title:has-text('Old or *wrong* <b>')")
    assert [c.unit.id for c in board_of(ctx).subgroups[-1].cards] == second[:2]
    assert "wv-card" in page.evaluate("document.activeElement.className")  # the next card, to go on with

    # A digit moves the one in focus; dragging moves another.
    page.keyboard.press("5")
    eventually(page, lambda: len(board_of(ctx).subgroups[-1].cards) == 3)
    columns = page.locator(".wv-board-column")
    eventually(page, lambda: columns.nth(4).locator(".wv-card").count() == 3)
    columns.nth(3).locator(".wv-card").first.drag_to(columns.nth(4))
    eventually(page, lambda: len(board_of(ctx).subgroups[-1].cards) == 4)

    # One subgroup: tick before there is a text, write, leave the field.
    page.locator(".wv-board-title:has-text('Old or')").click()
    page.wait_for_selector("textarea")
    page.locator(".wv-board-single .wv-card").first.focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(700)
    page.locator("textarea").first.fill("It is old, and it is about me.")
    page.locator("h1").click()
    eventually(page, lambda: bool(board_of(ctx).subgroups[-1].condensates))
    page.wait_for_selector("text=Holds 1 of 4 units")

    # Quick ticks are all kept, and one card is the golden quote.
    page.locator(".wv-board-single .wv-card").nth(1).focus()
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("text=Every unit is in it")
    page.locator(".wv-card-golden").nth(1).click()
    eventually(page, lambda: board_of(ctx).subgroups[-1].condensates[0].condensate.golden_unit is not None)
    made = board_of(ctx).subgroups[-1]
    assert made.condensates[0].covers == {c.unit.id for c in made.cards}
    assert made.condensates[0].condensate.golden_unit == made.cards[1].unit.id


@pytest.mark.parametrize("pause", [0, 20, 80, 150])
def test_five_moves_in_quick_succession_all_arrive_and_each_once(page: Any, ctx: Context, pause: int) -> None:
    before = board_of(ctx)
    moved = [c.unit.id for c in before.subgroups[0].cards][:5]
    assert len(moved) == 5
    others = [c.unit.id for c in before.subgroups[1].cards]
    page.locator(".wv-board-column").first.locator(".wv-card").first.focus()
    for _ in moved:
        page.keyboard.press("2")
        page.wait_for_timeout(pause)
    eventually(page, lambda: len(board_of(ctx).subgroups[1].cards) == len(others) + 5)
    assert {c.unit.id for c in board_of(ctx).subgroups[1].cards} == {*others, *moved}
    eventually(page, lambda: page.locator(".wv-leaving").count() == 0)
    page.wait_for_timeout(2000)  # longer than it waits before it sends again
    assert [o.verb for o in history.list_operations(ctx)].count("move_units") == 5
    assert "wv-card" in page.evaluate("document.activeElement.className")


def test_a_refused_move_is_said_and_moves_sent_while_the_connection_is_down_arrive_later(
    page: Any, ctx: Context
) -> None:
    before = board_of(ctx)
    first, second = (c.unit.id for c in before.subgroups[0].cards[:2])
    page.evaluate("void (window.sends = WebSocket.prototype.send, WebSocket.prototype.send = () => {})")
    page.locator(".wv-board-column").first.locator(".wv-card").first.focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    assert page.locator(".wv-leaving").count() == 2
    # The second place is gone when they arrive.
    gone = before.subgroups[2]
    for c in gone.condensates:
        condensing.retire_condensate(ctx, c.condensate.id)
    condensing.retire_subgroup(ctx, gone.subgroup.id)
    page.evaluate("void (WebSocket.prototype.send = window.sends)")
    page.wait_for_selector(".wv-board-bar [role=alert]")
    now = board_of(ctx)
    assert first in {c.unit.id for c in now.subgroups[1].cards}
    assert second in {c.unit.id for c in now.subgroups[0].cards}
    page.get_by_role("button", name="Put away").click()
    assert page.locator(".wv-board-bar [role=alert]").count() == 0


def test_moves_made_just_before_leaving_the_page_are_not_lost(page: Any, ctx: Context) -> None:
    before = len(board_of(ctx).subgroups[1].cards)
    page.locator(".wv-board-column").first.locator(".wv-card").first.focus()
    for _ in range(3):
        page.keyboard.press("2")
    # While the moves are on their way Streamlit may answer a press with the page one is on: then once more.
    for path in ("home", "condense"):
        for _ in range(6):
            page.locator(f"[data-testid=stSidebarNavLink][href*='/{path}']").first.click()
            try:
                page.wait_for_url(f"**/{path}?*", timeout=2500)
                page.wait_for_timeout(700)
                if f"/{path}" in page.url:
                    break
            except PlaywrightTimeout:
                continue
    eventually(page, lambda: len(board_of(ctx).subgroups[1].cards) == before + 3)
