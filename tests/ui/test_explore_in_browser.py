"""Explore in a real browser: by keyboard alone from a count to the words behind it, the picture, a file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import running_server
from workbench.services import history, projects
from workbench.store.project import Store

pytestmark = pytest.mark.browser


def test_from_a_count_to_its_words_by_keyboard_and_along_as_a_picture(
    demo: Path, browser: object, tmp_path: Path
) -> None:
    store = Store.open(demo)
    with running_server(demo.parent) as address:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")  # type: ignore[attr-defined]
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda r: asked.append(r.url))
        page.goto(f"{address}/explore?project={store.id}&part=groups")
        grid = page.get_by_role("grid")
        grid.wait_for(timeout=30_000)

        # One stop for Tab, arrows within; the name of a cell says all of it.
        assert grid.locator("[tabindex='0']").count() == 1
        grid.locator("[tabindex='0']").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        name = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert name.startswith("Who decides what happens next, Hospital: 3 of 6 people")
        page.keyboard.press("Enter")
        drawer = page.get_by_role("dialog")
        drawer.get_by_text("Open in context").first.wait_for(timeout=15_000)
        assert drawer.locator(".wv-quote").count() == 4
        page.keyboard.press("Escape")
        drawer.wait_for(state="hidden")
        page.wait_for_function("n => document.activeElement?.getAttribute('aria-label') === n", arg=name)

        # The head and the first column stay where they are.
        page.set_viewport_size({"width": 720, "height": 520})
        first = "document.querySelector('.wv-heat thead th:nth-child(2)')?.textContent"
        group = page.evaluate(first)
        page.get_by_role("radio", name="People").click()
        # The other table is there when its first column is another's.
        page.wait_for_function(f"group => {first} && {first} !== group", arg=group)
        page.get_by_role("gridcell").nth(20).wait_for()
        box = page.locator(".wv-heat-box")
        before = page.locator(".wv-heat tbody th").first.bounding_box()["x"]
        box.evaluate("b => b.scrollTo(400, 0)")
        assert abs(page.locator(".wv-heat tbody th").first.bounding_box()["x"] - before) < 2
        page.set_viewport_size({"width": 1440, "height": 900})

        # As a picture, in the page's own light, and as a file that opens again.
        page.get_by_role("radio", name="Groups").click()
        page.get_by_role("radio", name="Picture").click()
        image = page.locator("img.wv-picture")
        image.wait_for(timeout=20_000)
        page.wait_for_function("document.querySelector('img.wv-picture').naturalWidth > 300")
        assert "Code groups by stakeholder group" in image.get_attribute("alt")
        with page.expect_download(timeout=30_000) as got:
            page.get_by_role("button", name="SVG").click()
        file = tmp_path / "picture.svg"
        got.value.save_as(file)
        said = " ".join(
            "".join(t.itertext()) for t in ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")
        )
        assert "Hospital" in said and "Invented demo study" in said
        assert all(
            url.startswith((address, "data:", "blob:", address.replace("http", "ws"))) for url in asked
        )
        context.close()
    kept = history.list_releases(projects.lead_context(store))
    assert kept[0].kind == "counts_picture"
