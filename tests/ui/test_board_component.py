"""The board of unit cards in a real browser: sorting and condensing by keys, mouse and drag, kept at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running_server
from tests.many_units import make_many
from workbench.services import boards, code_groups, condensing, history, projects, units
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
        found.wait_for_selector(".wb-card")
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


def saved(page: Any) -> None:
    page.wait_for_function("!/not saved|Offline/.test(document.querySelector('.ws-text').textContent)")


def in_column(page: Any, n: int) -> set[str]:
    """Units in the n-th column, as they are on screen."""
    column = page.locator(".wb-column").nth(n)
    return set(column.evaluate("el => [...el.querySelectorAll('.wb-card')].map((card) => card.unit)"))


def test_cards_are_sorted_ticked_and_made_golden_by_keys_mouse_and_drag(page: Any, ctx: Context) -> None:
    before = board_of(ctx)
    second = [c.unit.id for c in before.subgroups[1].cards]

    # Keys: select two going down, make a subgroup of them.
    page.locator(".wb-column").nth(1).locator(".wb-card").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("n")
    page.keyboard.type("Old or *wrong* <b>")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wb-title:has-text('Old or *wrong* <b>')")
    eventually(page, lambda: [c.unit.id for c in board_of(ctx).subgroups[-1].cards] == second[:2])
    assert "wb-card" in page.evaluate("document.activeElement.className")  # the next card, to go on with

    # A digit moves the one in focus; dragging moves another.
    page.keyboard.press("5")
    eventually(page, lambda: len(board_of(ctx).subgroups[-1].cards) == 3)
    columns = page.locator(".wb-column")
    eventually(page, lambda: columns.nth(4).locator(".wb-card").count() == 3)
    columns.nth(3).locator(".wb-card").first.drag_to(columns.nth(4))
    eventually(page, lambda: len(board_of(ctx).subgroups[-1].cards) == 4)

    # One subgroup: tick before there is a text, write, leave the field.
    page.locator(".wb-title:has-text('Old or')").click()
    page.wait_for_selector("textarea")
    page.locator(".wb-card").first.focus()
    page.keyboard.press("Space")
    page.wait_for_timeout(700)
    page.locator("textarea").first.fill("It is old, and it is about me.")
    page.locator("h1").click()
    eventually(page, lambda: bool(board_of(ctx).subgroups[-1].condensates))
    page.wait_for_selector("text=Holds 1 of 4 units")

    # Quick ticks are all kept, and one card is the golden quote.
    page.locator(".wb-card").nth(1).focus()
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("text=Every unit is in it")
    page.locator(".wb-golden").nth(1).click()
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
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    for _ in moved:
        page.keyboard.press("2")
        page.wait_for_timeout(pause)
    eventually(page, lambda: len(board_of(ctx).subgroups[1].cards) == len(others) + 5)
    assert {c.unit.id for c in board_of(ctx).subgroups[1].cards} == {*others, *moved}
    saved(page)
    page.wait_for_timeout(2000)  # longer than it waits before it sends again
    assert [o.verb for o in history.list_operations(ctx)].count("regroup") == 5
    assert "wb-card" in page.evaluate("document.activeElement.className")


def test_a_refused_move_is_said_and_moves_sent_while_the_connection_is_down_arrive_later(
    page: Any, ctx: Context
) -> None:
    before = board_of(ctx)
    first, second = (c.unit.id for c in before.subgroups[0].cards[:2])
    page.evaluate("void (window.sends = WebSocket.prototype.send, WebSocket.prototype.send = () => {})")
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    assert in_column(page, 1) >= {first} and in_column(page, 2) >= {second}  # drawn as it will be
    # The second place is gone when they arrive.
    gone = before.subgroups[2]
    for c in gone.condensates:
        condensing.retire_condensate(ctx, c.condensate.id)
    condensing.retire_subgroup(ctx, gone.subgroup.id)
    page.evaluate("void (WebSocket.prototype.send = window.sends)")
    page.wait_for_selector(".wb-said [role=alert]")
    now = board_of(ctx)
    assert first in {c.unit.id for c in now.subgroups[1].cards}
    assert second in {c.unit.id for c in now.subgroups[0].cards}
    page.get_by_role("button", name="Put away").click()
    assert page.locator(".wb-said [role=alert]").count() == 0


def test_moves_made_just_before_leaving_the_page_are_not_lost(page: Any, ctx: Context) -> None:
    before = len(board_of(ctx).subgroups[1].cards)
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    for _ in range(3):
        page.keyboard.press("2")
    # One press each: the page that was pressed comes and stays.
    for path in ("home", "condense"):
        page.locator(f"[data-testid=stSidebarNavLink][href*='/{path}']").first.click()
        page.wait_for_url(f"**/{path}?*")
        page.wait_for_timeout(1500)
        assert f"/{path}" in page.url
    eventually(page, lambda: len(board_of(ctx).subgroups[1].cards) == before + 3)


def test_a_selection_is_extended_moved_by_name_by_nought_and_by_drag_and_taken_back(
    page: Any, ctx: Context
) -> None:
    before = board_of(ctx)
    first = [c.unit.id for c in before.subgroups[0].cards]
    left = {c.unit.id for c in before.left_over}
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator(".wb-card[aria-selected=true]").count() == 3
    # M and some letters of the name.
    page.keyboard.press("m")
    page.keyboard.type(before.subgroups[2].subgroup.name[:6])
    page.keyboard.press("Enter")
    eventually(page, lambda: set(first[:3]) <= {c.unit.id for c in board_of(ctx).subgroups[2].cards})
    assert page.evaluate("document.activeElement.unit") == first[3]
    # Undo takes back all three at once, from the same keys.
    saved(page)
    page.keyboard.press("Control+z")
    eventually(page, lambda: [c.unit.id for c in board_of(ctx).subgroups[0].cards] == first)
    eventually(page, lambda: set(first) <= in_column(page, 0))
    # Nought: left over.
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    page.keyboard.press("0")
    eventually(page, lambda: {c.unit.id for c in board_of(ctx).left_over} == left | {first[0]})
    # Right goes to the column beside; two clicked are dragged as one.
    page.keyboard.press("ArrowRight")
    second = {c.unit.id for c in before.subgroups[1].cards}
    assert page.evaluate("document.activeElement.unit") in second
    page.locator(".wb-column").first.locator(".wb-card").nth(0).click()
    page.locator(".wb-column").first.locator(".wb-card").nth(2).click(modifiers=["Shift"])
    page.locator(".wb-column").first.locator(".wb-card").nth(1).drag_to(page.locator(".wb-column").nth(4))
    eventually(page, lambda: {c.unit.id for c in board_of(ctx).left_over} == left | set(first[:4]))
    assert next(o.verb for o in history.list_operations(ctx)) == "regroup"
    assert page.locator("dialog, [role=alertdialog]").count() == 0


def test_acts_that_were_not_sent_survive_a_reload(page: Any, ctx: Context) -> None:
    before = board_of(ctx)
    first, second = (c.unit.id for c in before.subgroups[0].cards[:2])
    page.evaluate("void (WebSocket.prototype.send = () => {})")
    page.locator(".wb-column").first.locator(".wb-card").first.focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.wait_for_timeout(300)
    assert first in {c.unit.id for c in board_of(ctx).subgroups[0].cards}
    page.reload()
    page.wait_for_selector(".wb-card")
    eventually(page, lambda: first in {c.unit.id for c in board_of(ctx).subgroups[1].cards})
    eventually(page, lambda: second in {c.unit.id for c in board_of(ctx).subgroups[2].cards})
    saved(page)
    assert [o.verb for o in history.list_operations(ctx)].count("regroup") == 2


def other_than(ctx: Context) -> Context:
    id = projects.add_member(ctx, name="Ida Skov", role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def test_what_another_did_under_the_open_board_is_said_and_a_merged_group_is_followed(
    page: Any, ctx: Context
) -> None:
    ida = other_than(ctx)
    before = board_of(ctx)
    taken, moved, mine = (c for c in before.subgroups[0].cards[:3])
    place = next(p for p in taken.placements if p.code_group == before.group.id)
    units.take_out(ida, [units.Moved(taken.unit.id, place.id, place.subgroup)])
    condensing.move_units(ida, before.group.id, [moved.unit.id], before.subgroups[2].subgroup.id)
    page.evaluate(
        "id => [...document.querySelectorAll('.wb-card')].find((c) => c.unit === id).focus()", mine.unit.id
    )
    page.keyboard.press("2")
    page.get_by_text("Meanwhile Ida Skov: 1 unit was moved, 1 unit was taken out.").wait_for()
    assert taken.unit.id not in in_column(page, 0) and moved.unit.id in in_column(page, 2)
    assert mine.unit.id in {c.unit.id for c in board_of(ctx).subgroups[1].cards}
    # The code group is merged into another while this one is on screen: the act follows, and the page says so.
    saved(page)
    into = code_groups.add_code_group(ctx, name="Somewhere else")
    rest = [c.unit.id for c in board_of(ctx).subgroups[0].cards]
    code_groups.merge_code_groups(ida, before.group.id, into=into)
    page.evaluate(
        "id => [...document.querySelectorAll('.wb-card')].find((c) => c.unit === id).focus()", rest[0]
    )
    page.keyboard.press("2")
    page.get_by_text(
        f"Ida Skov has merged the code group {before.group.name} into Somewhere else. You go on there."
    ).wait_for()
    there = condensing.board(ctx, into)
    column = next(s for s in there.subgroups if s.subgroup.id == before.subgroups[1].subgroup.id)
    assert rest[0] in {c.unit.id for c in column.cards}


def test_all_or_those_in_sight_are_ticked_at_once_before_and_after_there_is_a_text(
    page: Any, ctx: Context
) -> None:
    condensing.move_units(
        ctx,
        board_of(ctx).group.id,
        [c.unit.id for c in board_of(ctx).subgroups[1].cards][:2],
        condensing.add_subgroup(ctx, board_of(ctx).group.id, name="New one"),
    )
    page.reload()
    page.locator(".wb-title:has-text('New one')").click()
    page.get_by_role("button", name="Tick all").click()
    made = board_of(ctx).subgroups[-1]
    eventually(
        page, lambda: boards.first_ticks(ctx, made.subgroup.id) == frozenset(c.unit.id for c in made.cards)
    )
    page.reload()  # nothing of it was in the session only
    page.wait_for_selector(".wb-card")
    page.locator(".st-key-condense_focus button", has_text="New one").first.click()
    page.wait_for_selector(".wb-tick input:checked")
    assert page.locator(".wb-tick input:checked").count() == 2
    page.locator("textarea").first.fill("It was new, and nobody said.")
    page.locator("h1").click()
    eventually(page, lambda: bool(board_of(ctx).subgroups[-1].condensates))
    assert board_of(ctx).subgroups[-1].condensates[0].covers == {c.unit.id for c in made.cards}
    assert boards.first_ticks(ctx, made.subgroup.id) == frozenset()
    page.get_by_role("button", name="Tick all").wait_for()
    page.locator(".wb-card").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Space")
    eventually(page, lambda: not board_of(ctx).subgroups[-1].condensates[0].covers)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Tick those in sight").click()
    eventually(page, lambda: len(board_of(ctx).subgroups[-1].condensates[0].covers) == 2)


def test_everything_on_the_board_has_a_name_and_the_keys_are_told(page: Any) -> None:
    board = page.get_by_role("region", name="Units as cards")
    assert board.get_by_role("toolbar", name="What to do with the units").count() == 1
    lists = board.get_by_role("listbox")
    names = lists.evaluate_all("els => els.map((el) => el.getAttribute('aria-label'))")
    assert len(names) >= 4 and all(name and "unit" in name for name in names)
    assert all(el.get_attribute("aria-multiselectable") == "true" for el in lists.all())
    assert board.locator(".wb-card[tabindex='0']").count() == 1  # one tab stop, arrows inside
    unnamed = board.evaluate(
        """el => [...el.querySelectorAll('button, a, input')].filter((x) =>
             !(x.textContent.trim() || x.getAttribute('aria-label') || x.closest('label')?.textContent.trim())).length"""
    )
    assert unnamed == 0
    small = board.evaluate(
        """el => [...el.querySelectorAll('button')].map((x) => x.getBoundingClientRect())
             .filter((b) => b.width && b.height < 23.5).length"""
    )
    assert small == 0
    board.locator(".wb-card").first.focus()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").get_by_text("new subgroup from those selected").wait_for()
    page.keyboard.press("Escape")


def test_a_board_of_2000_cards_is_read_selected_and_moved_as_a_whole(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    monkeypatch.setenv("WORKBENCH_DATA", str(folder))
    many = make_many(folder / "many.db", 2000, groups=1, loose=0)
    with running_server(folder) as url:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/condense?project={many.store.id}")
        page.wait_for_selector(".wb-card")
        board = board_of(many)
        shown = in_column(page, 0)
        assert shown == {c.unit.id for c in board.subgroups[0].cards}
        # The last card of the column is reached and read at once, though it was far out of sight.
        page.locator(".wb-card").first.focus()
        page.keyboard.press("End")
        assert page.evaluate("document.activeElement.unit") == board.subgroups[0].cards[-1].unit.id
        assert page.evaluate("document.activeElement.textContent.length") > 20
        page.keyboard.press("Control+a")
        page.get_by_text(f"{len(shown)} selected").wait_for()
        page.keyboard.press("2")
        eventually(page, lambda: not board_of(many).subgroups[0].cards)
        saved(page)
        assert in_column(page, 1) == shown | {c.unit.id for c in board.subgroups[1].cards}
        page.wait_for_timeout(2500)
        assert [o.verb for o in history.list_operations(many)].count("regroup") == 1
        page.close()
