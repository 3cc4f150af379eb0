"""From a requirement written in the room to a committee's decision, its minutes, and a doubt that is looked at: the demo
study in real Chromium, the facilitator on a projector and a desk, the committee on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import acting_as, running_server
from tests.journeys.test_the_thread import eventually, settled
from workbench.services import actions, history, meetings, minutes, model, synthesis, trust
from workbench.services.context import Context
from workbench.store.verify import verify

pytestmark = pytest.mark.browser

DEMAND = "ring on the second day after discharge"
QUESTION = "Should the contact ring on the second day?"


@pytest.fixture
def app(browser: Any, demo: Path, tmp_path: Path) -> Iterator[tuple[Any, str]]:
    with running_server(demo.parent) as url:
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
        page.set_default_timeout(20_000)
        yield page, url
        page.screenshot(path=str(tmp_path / "last.png"))  # where a failed journey stood
        page.close()


class Person:
    """Somebody at the app, who reaches a page by its address and presses what it shows."""

    def __init__(self, page: Any, url: str, ctx: Context) -> None:
        self.page, self.url, self.ctx = page, url, ctx

    def opens(self, path: str, key: str, **query: str) -> None:
        asked = "".join(f"&{name}={value}" for name, value in query.items())
        self.page.goto(f"{self.url}/{path}?project={self.ctx.store.id}&as={self.ctx.member.id}{asked}")
        self.at(key).first.wait_for()
        settled(self.page)

    def at(self, key: str) -> Any:
        return self.page.locator(f"[class*='st-key-{key}']")

    def writes(self, key: str, words: str) -> None:
        field = self.at(key).locator("input, textarea").first
        field.click()
        field.fill(words)
        field.press("Tab")
        settled(self.page)

    def presses(self, key: str, name: str | None = None) -> None:
        """The button of a key, or what has that name in the place with the key."""
        place = self.at(key)
        (place.get_by_text(name, exact=True) if name else place.locator("button")).first.click()
        settled(self.page)

    def closes(self) -> None:
        self.page.keyboard.press("Escape")
        settled(self.page)

    def reads(self) -> str:
        return str(self.page.locator("[data-testid=stMain]").inner_text())


def test_a_requirement_written_in_the_room_is_asked_decided_minuted_doubted_and_looked_at(
    app: tuple[Any, str], ctx: Context
) -> None:
    page, url = app
    lead = Person(page, url, ctx)
    lise = Person(page, url, acting_as(ctx, "facilitator"))
    chair = Person(page, url, acting_as(ctx, "steering"))
    second = meetings.list_meetings(ctx)[1].id
    with ctx.read() as conn:
        theme = synthesis.load_categories(conn)[0].category

    # On the projector: "The model must ..." beside the theme, and no name in sight.
    lise.opens("requirements", "must_")
    lise.presses("shell_person")
    lise.at("shell_projector").locator("label").first.click()
    settled(page)
    lise.closes()
    lise.at(f"must_{theme.id}").locator("input").fill(DEMAND)
    lise.at(f"must_{theme.id}").locator("input").press("Enter")
    page.get_by_text(DEMAND).first.wait_for()
    with ctx.read() as conn:
        names = [str(r[0]) for r in conn.execute("SELECT pseudonym FROM participant WHERE kind='informant'")]
    assert not [n for n in names if re.search(rf"\b{re.escape(n)}\b", lise.reads())]
    demand = next(v.requirement for v in model.list_requirements(ctx) if DEMAND in v.requirement.statement)

    # On the agenda, with what is recommended and what it costs.
    lise.opens("decisions", "add_item_")
    lise.presses("add_item_")
    lise.writes("item_question", QUESTION)
    lise.writes("item_recommendation", "Yes, in the pilot.")
    lise.writes("item_consequences", "Ten minutes for each patient.")
    about = lise.at("item_about").locator("input")
    about.fill(demand.key)
    about.press("Enter")
    settled(page)
    lise.presses("keep_item")
    eventually(page, lambda: any(d.question == QUESTION for d in meetings.list_decisions(ctx)))
    item = next(d for d in meetings.list_decisions(ctx) if d.question == QUESTION)
    if item.meeting != second:
        meetings.place_decision(lise.ctx, item.id, second)

    # The pack: every quote read by an insider, then sent.
    lise.opens("pack", "send_make", part="send")
    boxes = lise.at("send_tick").locator("label")
    for n in range(boxes.count()):
        boxes.nth(n).click()
    settled(page)
    lise.presses("send_make")
    eventually(page, lambda: history.list_operations(ctx)[0].verb == "send_pack")

    # On the phone: what is asked, recommended and costs on the first screens, and nothing behind it.
    page.set_viewport_size({"width": 390, "height": 844})
    chair.opens("pack", f"pack_{item.key}_choice")
    said = chair.reads()
    assert QUESTION in said and "Yes, in the pilot." in said and "Ten minutes for each patient." in said
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chair.presses(f"pack_{item.key}_choice", "Agree with reservation")
    chair.presses(f"pack_{item.key}_seat", "Patient representative")
    chair.writes(f"pack_{item.key}_reason", "Not before ten in the morning.")
    chair.presses(f"pack_{item.key}_keep")
    eventually(page, lambda: len(_item(ctx, item.id).votes) == 1)

    # In the room: the rest agree, it is decided, somebody takes it on, the minutes are read out and approved.
    page.set_viewport_size({"width": 1440, "height": 1000})
    lise.opens("decisions", f"rest_{item.key}", meeting=second)
    lise.presses(f"rest_{item.key}")
    eventually(page, lambda: len(_item(ctx, item.id).votes) > 5)
    lise.presses(f"record_{item.key}")
    lise.writes(f"record_{item.key}_outcome", "The contact rings on the second day.")
    lise.writes(f"record_{item.key}_why", "It is what was asked for.")
    accepts = lise.at(f"record_{item.key}_accept").locator("input")
    accepts.fill(demand.key)
    accepts.press("Enter")
    settled(page)
    lise.presses(f"record_{item.key}_keep")
    eventually(page, lambda: bool(_item(ctx, item.id).outcome))
    assert _item(ctx, item.id).result == "with_reservations"
    lise.closes()
    lise.presses(f"act_{item.key}_0")
    lise.writes(f"act_{item.key}_text", "Tell the wards")
    lise.writes(f"act_{item.key}_owner", "Hospital")
    lise.presses(f"act_{item.key}_keep")
    eventually(page, lambda: any(a.text == "Tell the wards" for a in actions.list_actions(ctx)))
    lise.opens("decisions", "approve_keep", part="minutes", meeting=second)
    assert "Not before ten in the morning." in lise.reads()
    lise.presses("approve_keep")
    eventually(page, lambda: minutes.minutes_of(ctx, second).is_approved)

    # A theme is worded otherwise: what was accepted on it says so, is looked at, holds, and is quiet.
    now = next(v for v in _themes(ctx) if v.id == theme.id)
    synthesis.change_category(
        ctx, theme.id, rev=now.rev, heading=now.heading, analytic_text=f"{now.analytic_text} Not on Sundays."
    )
    lise.opens("requirements", "rows_")
    eventually(page, lambda: "in doubt" in lise.reads())
    lead.opens("trace", "trace_part", part="doubt")
    eventually(page, lambda: "was reworded" in lead.reads())
    page.get_by_role("button", name="It still holds", exact=True).first.click()
    eventually(page, lambda: trust.trust_view(ctx).fronts == ())
    eventually(page, lambda: "Nothing is in doubt" in lead.reads())
    assert trust.told(chair.ctx, demand.id).endswith("reads and rests as it did then.")
    assert verify(ctx.store.path) == []


def _item(ctx: Context, decision: str) -> meetings.DecisionView:
    return next(d for d in meetings.list_decisions(ctx) if d.id == decision)


def _themes(ctx: Context) -> list[Any]:
    with ctx.read() as conn:
        return [v.category for v in synthesis.load_categories(conn)]
