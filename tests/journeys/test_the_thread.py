"""One journey through the real app in real Chromium: from a Word file to a decision, and three steps back."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.conftest import running_server
from workbench.services import (
    code_groups,
    coding,
    condensing,
    meetings,
    model,
    projects,
    quotes,
    sources,
    synthesis,
    versioning,
)
from workbench.services.context import Context
from workbench.store.project import Store
from workbench.store.verify import verify

pytestmark = pytest.mark.browser

TALK = (
    ("Interviewer", "How was it to come home?"),
    ("Tove Eksempel", "The first night I sat up with the folder on my knees. Nobody had rung. På en måde var jeg ingens."),
    ("Interviewer", "And then?"),
    ("Tove Eksempel", "Then I rang the ward, and they said the municipality had me now 🙂. They had never heard of me."),
    ("Interviewer", "Who helped?"),
    ("Tove Eksempel", "A nurse on the second floor. She knew my name. She rang me back every Friday until it was settled."),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "projects"
    made.mkdir()
    document = docx.Document()
    for speaker, words in TALK:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{speaker}: ").bold = True
        paragraph.add_run(words)
    document.save(str(tmp_path / "interview with Tove.docx"))
    return made


@pytest.fixture
def page(browser: Any, folder: Path, tmp_path: Path) -> Iterator[Any]:
    with running_server(folder) as url:
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, accept_downloads=True, locale="en-GB"
        )
        opened = context.new_page()
        opened.set_default_timeout(20_000)
        opened.goto(url)
        yield opened
        opened.screenshot(path=str(tmp_path / "last.png"))  # where a failed journey stood
        context.close()


def settled(page: Any) -> None:
    """Wait until Streamlit has stopped working on the last press."""
    page.wait_for_timeout(150)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=20_000)
    page.wait_for_timeout(250)


def eventually(page: Any, true: Any) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within ten seconds")


def press(page: Any, name: str, *, exact: bool = True, nth: int = 0) -> None:
    page.get_by_role("button", name=name, exact=exact).nth(nth).click()
    settled(page)


def write(page: Any, label: str, words: str, *, commit: str = "Tab", nth: int = 0) -> None:
    """Type into a field and leave it, which is what keeps it."""
    field = page.get_by_label(label, exact=True).nth(nth)
    field.click()
    field.fill(words)
    field.press(commit)
    settled(page)


def go(page: Any, screen: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(
        has_text=re.compile(rf"^.*{re.escape(screen)}$")
    ).first.click()
    settled(page)


def the_project(folder: Path) -> Context:
    (path,) = [p for p in folder.glob("*.db") if not p.name.endswith(".vault.db")]
    return projects.lead_context(Store.open(path))


def select_words(page: Any, words: str) -> None:
    """Drag the mouse over words in the reader, as a hand would: once more if the page was still moving."""
    for _ in range(4):
        drag_over(page, words)
        try:
            page.wait_for_selector(".wr-picker:popover-open", timeout=3000)
            return
        except PlaywrightTimeout:
            page.keyboard.press("Escape")
    raise AssertionError("the list of code groups did not open")


def drag_over(page: Any, words: str) -> None:
    box = page.evaluate(
        """(words) => {
            const walker = document.createTreeWalker(document.querySelector('.wr-scroll'), NodeFilter.SHOW_TEXT)
            for (let n = walker.nextNode(); n; n = walker.nextNode()) {
                const at = n.data.indexOf(words)
                if (at < 0) continue
                const ends = [at, at + words.length].map((o) => {
                    const range = document.createRange(); range.setStart(n, o); range.setEnd(n, o)
                    return range.getBoundingClientRect()
                })
                return { x0: ends[0].left, y0: ends[0].top + 8, x1: ends[1].left, y1: ends[1].top + 8 }
            }
        }""",
        words,
    )
    page.mouse.move(box["x0"] + 1, box["y0"])
    page.mouse.down()
    page.mouse.move((box["x0"] + box["x1"]) / 2, (box["y0"] + box["y1"]) / 2, steps=4)
    page.mouse.move(box["x1"], box["y1"], steps=6)
    page.mouse.up()


def test_the_thread_from_a_word_file_to_a_decision_and_three_steps_back(
    page: Any, folder: Path, tmp_path: Path
) -> None:
    # A new study.
    page.get_by_label("Name of the study").fill("Coming home")
    page.get_by_label("Your name").fill("Ida Prøve")
    press(page, "Make the study")
    page.get_by_role("heading", name="Coming home").wait_for()

    # Import.
    go(page, "Sources")
    page.locator("input[type=file]").set_input_files(str(tmp_path / "interview with Tove.docx"))
    page.get_by_text("Who speaks", exact=True).wait_for()
    settled(page)
    write(page, "Title", "Interview 1")
    press(page, "Import 1 file")
    page.get_by_text("1 file was imported.").wait_for()
    ctx = the_project(folder)
    (source,) = sources.list_sources(ctx)
    assert source.turns == 6 and source.source.title == "Interview 1" and source.unassigned == 0
    assert b"Tove" not in ctx.store.path.read_bytes()
    assert len(source.people) == 1

    # Mark by mouse, with a new code group typed in place.
    go(page, "2 Code")
    page.locator(".wr-scroll").wait_for()
    page.wait_for_timeout(600)
    select_words(page, "they said the municipality had me now 🙂")
    page.keyboard.type("Being sent on")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wr-picker:popover-open", state="hidden")
    eventually(page, lambda: len(coding.list_units(ctx)) == 1)
    # Mark by keyboard alone: the next turns, a sentence, two letters.
    page.locator(".wr-scroll").focus()
    page.keyboard.press("Escape")
    for key in ("j", "j", "s"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector(".wr-picker:popover-open")
    page.keyboard.type("be")
    page.keyboard.press("Enter")
    eventually(page, lambda: len(coding.list_units(ctx)) == 2)
    cards = coding.list_units(ctx)
    assert "they said the municipality had me now 🙂" in [c.unit.text for c in cards]
    assert len(cards) == 2
    (group,) = code_groups.code_group_counts(ctx)
    assert group.group.name == "Being sent on" and group.units == 2

    # Place both in a subgroup, condense beside the units, say which it holds, choose the golden quote.
    go(page, "3 Condense")
    page.get_by_text("they said the municipality had me now").first.wait_for()
    press(page, "Select all")
    press(page, "New subgroup")
    page.get_by_placeholder("Name of the new subgroup").fill("Nobody has me")
    page.keyboard.press("Enter")
    page.locator(".st-key-condense_focus button", has_text="Nobody has me").click()
    page.get_by_role("heading", name="Nobody has me", level=1).wait_for()
    settled(page)
    write(page, "Condensate, not a quote", "I was sent on, and then somebody knew my name.")
    for n in range(2):
        page.locator(".wb-tick").nth(n).click()
    settled(page)
    page.locator(".wb-golden").first.click()
    settled(page)
    (subgroup,) = condensing.board(ctx, group.group.id).subgroups
    (written,) = subgroup.condensates
    assert written.condensate.text == "I was sent on, and then somebody knew my name."
    assert len(written.covers) == 2 and written.condensate.golden_unit in written.covers

    # Synthesise: a heading, a text with a unit in it; then clear a quote.
    go(page, "4 Synthesise")
    page.get_by_label("Heading", exact=True).fill(
        "Whoever comes home is nobody's until somebody knows them by name"
    )
    page.keyboard.press("Enter")
    page.get_by_label("Analytic text, third person").wait_for()
    settled(page)
    write(
        page, "Analytic text, third person", "People come home to nobody. It ends when one person rings back."
    )
    press(page, "Put in")
    (theme,) = [synthesis.category_view(ctx, c.id) for c in synthesis.synthesis_view(ctx).categories.values()]
    assert sum(len(s.units) for p in theme.paragraphs for s in p) == 1
    page.get_by_text("Quotes", exact=True).first.click()
    settled(page)
    press(page, "Prepare")
    write(page, "As it is printed", "They said the municipality had me now [...].")
    page.get_by_text("No", exact=True).click()
    settled(page)
    press(page, "Clear the quote")
    (cleared,) = quotes.quotes_by_unit(ctx).values()
    assert (
        cleared.printed == "They said the municipality had me now [...]."
        and cleared.cleared_by == "Ida Prøve"
    )

    # A requirement, in the theme's own row.
    go(page, "Requirements")
    page.get_by_placeholder("The model must …").first.fill("give everyone one person who rings back")
    page.keyboard.press("Enter")
    settled(page)
    (requirement,) = model.list_requirements(ctx)
    assert requirement.requirement.statement == "The model must give everyone one person who rings back"
    assert requirement.people == 1 and requirement.is_held_up

    # A component that answers it, and a frozen version.
    go(page, "Prototype")
    page.get_by_placeholder("Add a component: its name").fill("The Friday call")
    page.keyboard.press("Enter")
    settled(page)
    press(page, "Change")
    page.get_by_label("Add a requirement it answers").click()
    page.get_by_role("option").first.click()
    settled(page)
    page.keyboard.press("Escape")
    settled(page)
    (component,) = model.list_components(ctx)
    assert [key for _, key, _ in component.requirements] == ["REQ-001"]
    press(page, "Freeze Version 1")
    press(page, "Freeze it")
    assert [v.n for v in versioning.list_versions(ctx)] == [1]

    # A decision.
    go(page, "Decisions")
    press(page, "Add an item")
    page.get_by_label("What they are asked").fill("Should the Friday call be tried?")
    page.get_by_label("What is recommended").fill("Yes, in two wards.")
    page.get_by_label("What it costs, and what follows").fill("One hour a week.")
    press(page, "Put it on the agenda")
    press(page, "Record the decision")
    page.get_by_label("What was decided").fill("Tried in two wards until summer.")
    page.get_by_label("Why", exact=True).fill("It costs little and answers what was said.")
    press(page, "Record the decision", nth=1)
    (decision,) = meetings.list_decisions(ctx)
    assert decision.outcome == "Tried in two wards until summer."

    # Undo the last three: the decision, its place on the agenda, the version.
    for _ in range(3):
        press(page, "Undo")
    assert meetings.list_decisions(ctx) == [] and versioning.list_versions(ctx) == []
    assert len(model.list_components(ctx)) == 1
    press(page, "Redo")
    assert [v.n for v in versioning.list_versions(ctx)] == [1]

    # The report, as a file that opens again.
    go(page, "Export")
    press(page, "Make the report", exact=False)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download").first.click()
    report = docx.Document(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    words = "\n".join(p.text for p in report.paragraphs)
    assert "Whoever comes home is nobody's until somebody knows them by name" in words
    assert "I was sent on, and then somebody knew my name." in words and "Tove" not in words
    assert verify(ctx.store.path) == []
