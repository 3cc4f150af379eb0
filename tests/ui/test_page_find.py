"""Find: what is typed, the lines it gives, marking them; suggestions; and all of it by keyboard in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, acting_as, running_server
from tests.ui.presses import _component, words
from workbench.services import code_groups, coding, history, suggesting
from workbench.services.context import Context
from workbench.services.projects import lead_context
from workbench.store.project import Store

Run = Callable[..., Any]


def facts(at: Any, key: str = "find_hits") -> dict[str, Any]:
    return json.loads(_component(at, key).proto.json)[0]


def ask(at: Any, ctx: Context, text: str, **more: Any) -> Any:
    at.session_state[f"workbench.draft.{ctx.store.id}.find.asked"] = {"text": text, **more}
    at.run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def act(at: Any, key: str = "find_hits", **what: Any) -> Any:
    """What the component sends when a button is pressed."""
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{_component(at, key).proto.id}__events"
    state.json_trigger_value = json.dumps(
        [{"event": "acts", "value": json.dumps([{"id": "press-1", **what}])}]
    )
    at._run(states)
    assert not at.exception, [e.value for e in at.exception]
    return at


def test_before_anything_is_typed_it_says_how_to_ask(ctx: Context, run_page: Run) -> None:
    shown = facts(run_page("find", ctx))
    assert shown["lines"] == []
    assert shown["words"]["start"] == "Type words to find every place they were said."
    assert len(shown["examples"]) == 5


def test_lines_come_with_speaker_source_and_a_link_that_opens_the_turn(ctx: Context, run_page: Run) -> None:
    at = ask(run_page("find", ctx), ctx, "home")
    shown = facts(at)
    line = next(line for line in shown["lines"] if line["speaker"] == "Inger")
    assert any(hit and "home" in text.lower() for text, hit in line["parts"])
    assert f"source={line['source']}&turn={line['turn']}" in line["href"]
    assert line["disc"]["mono"] == "Pa"
    assert shown["count"].endswith("sources")
    # What is typed may be a name: it stands in no address.
    assert "home" not in json.dumps([line["href"] for line in shown["lines"]]) + str(dict(at.query_params))


def test_a_word_that_stands_nowhere_is_answered_with_words_that_begin_like_it(
    ctx: Context, run_page: Run
) -> None:
    shown = facts(ask(run_page("find", ctx), ctx, "homesick <b>:red[x]"))
    assert shown["sentences"][0].startswith("No passage holds “homesick”")
    assert shown["like"][0] == ["Words that begin like “homesick”:", ["home"]]


def test_an_empty_project_has_nothing_and_says_so(empty: Context, run_page: Run) -> None:
    shown = facts(ask(run_page("find", empty), empty, "anything"))
    assert shown["sentences"] == ["No passage holds “anything”."]
    assert shown["lines"] == []


def test_selected_lines_are_marked_in_a_group_made_on_the_way_and_a_repeat_is_answered_alike(
    ctx: Context, run_page: Run
) -> None:
    at = ask(run_page("find", ctx), ctx, "doctor")
    before = len(coding.list_units(ctx))
    places = [line["place"] for line in facts(at)["lines"][:2]]
    new = [{"id": "11111111-1111-4111-8111-111111111111", "name": "Doctors"}]
    for _ in range(2):
        act(at, do="mark", places=places, extent="hit", code_groups=[], new_code_groups=new)
        assert facts(at)["answers"] == {
            "press-1": [True, "2 passages marked in one step. Undo takes them back."]
        }
    assert len(coding.list_units(ctx)) == before + 2
    assert all("11111111-1111-4111-8111-111111111111" in line["groups"] for line in facts(at)["lines"][:2])
    assert history.peek(ctx).undo is not None


def test_what_cannot_be_marked_is_said_in_a_sentence(ctx: Context, run_page: Run) -> None:
    at = ask(run_page("find", ctx), ctx, "doctor")
    place = facts(at)["lines"][0]["place"]
    act(at, do="mark", places=[[place[0], 99, place[2], place[3]]], extent="hit")
    ((done, said),) = facts(at)["answers"].values()
    assert not done and said and "99" not in said
    assert facts(at)["lines"]


def test_suggestions_are_off_until_the_switch_is_turned_and_can_be_accepted_or_put_aside(
    ctx: Context, run_page: Run
) -> None:
    at = run_page("find", ctx, part="suggestions")
    assert "a person decides on each" in words(at)
    assert not [b for b in at.button if b.key == "find_look"]
    at.toggle(key="find_suggestions_on").set_value(True).run()
    assert suggesting.suggestions_on(ctx)
    at.button(key="find_look").click().run(timeout=120)
    first = facts(at, "find_suggested")
    assert first["lines"] and all(line["shares"].startswith("shares: ") for line in first["lines"])
    passage = "".join(piece for piece, _ in first["lines"][0]["parts"])
    assert passage not in repr(at.session_state[f"workbench.draft.{ctx.store.id}.find.suggested"])
    group = at.selectbox(key="find_group").value
    count = next(c.units for c in code_groups.code_group_counts(ctx) if c.group.id == group)
    act(at, "find_suggested", do="accept", places=[line["place"] for line in first["lines"][:2]])
    assert next(c.units for c in code_groups.code_group_counts(ctx) if c.group.id == group) == count + 2
    assert len(facts(at, "find_suggested")["lines"]) == len(first["lines"]) - 2
    at.session_state[f"workbench.draft.{ctx.store.id}.find.suggested_said"] = {}
    act(at, "find_suggested", do="aside", places=[first["lines"][2]["place"]])
    at.button(key="find_look").click().run(timeout=120)
    assert first["lines"][2]["place"] not in [line["place"] for line in facts(at, "find_suggested")["lines"]]


def test_a_facilitator_is_told_that_find_is_not_theirs(ctx: Context, demo: Path) -> None:
    from streamlit.testing.v1 import AppTest

    from workbench.ui import shell

    mia = acting_as(ctx, "facilitator")
    assert not shell.may_see(mia.member.role, next(s for s in shell.SCREENS if s.path == "find"))
    at = AppTest.from_file(str(ROOT / "workbench/app.py"), default_timeout=30)
    at.query_params["project"], at.query_params["as"] = ctx.store.id, mia.member.id
    at.run()
    assert not [b for b in at.button if b.key == "shell_find"]


@pytest.mark.browser
def test_two_hits_are_found_marked_and_taken_back_without_a_mouse(demo: Path, browser: Any) -> None:
    ctx = lead_context(Store.open(demo))
    before = len(coding.list_units(ctx))
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    outside: list[str] = []
    page.on(
        "request",
        lambda r: None if "localhost" in r.url or r.url.startswith("data:") else outside.append(r.url),
    )
    with running_server(demo.parent) as url:
        page.goto(f"{url}/history?project={ctx.store.id}")
        page.wait_for_selector(".st-key-shell_find button", timeout=60_000)
        page.wait_for_selector(".ws")
        page.keyboard.press("Control+k")
        page.wait_for_selector(".wh-input:focus", timeout=30_000)
        page.keyboard.type("my own doctor")
        page.wait_for_selector(".wh-line")
        page.keyboard.press("Control+a")
        page.keyboard.type("doctor")
        page.wait_for_function("document.querySelectorAll('.wh-line').length > 8")
        for key in ("ArrowDown", "Space", "ArrowDown", "Space", "m"):
            page.keyboard.press(key)
        page.keyboard.type("Met the doctor")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_selector(".wh-said:not(:empty)", timeout=15_000)
        assert page.inner_text(".wh-said") == "2 passages marked in one step. Undo takes them back."
        assert len(coding.list_units(ctx)) == before + 2
        assert page.locator(".wh-line .wh-tag[title='Met the doctor']").count() == 2
        # Keys that are nobody's leave the page as it is; a slash goes back to the box.
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.className") == "wh-input"
        assert page.input_value(".wh-input") == "doctor"
        assert "doctor" not in page.url
        page.get_by_role("button", name="Undo").focus()
        page.keyboard.press("Enter")
        page.wait_for_function("!document.querySelector(\".wh-line .wh-tag[title='Met the doctor']\")")
        assert len(coding.list_units(ctx)) == before
        # A hit opens where it stands, and coming back finds the same words.
        page.locator(".wh-tick").nth(2).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/code?*turn=*")
        page.wait_for_selector(".wr-scroll", timeout=30_000)
        page.keyboard.press("Control+k")
        page.wait_for_selector(".wh-line")
        assert page.input_value(".wh-input") == "doctor"
    context.close()
    assert outside == []


@pytest.mark.browser
def test_all_that_was_found_is_marked_by_mouse_also_what_is_not_shown(empty: Context, browser: Any) -> None:
    from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
    from workbench.services import sources

    turns = tuple(
        ParsedTurn("P1", f"Her er <b>mappe</b> :red[{n}] og $x$ igen.", None, None) for n in range(70)
    )
    sources.import_source(
        empty, ParsedTranscript("t.txt", "name", "utf-8", turns, ()), b"", title="*Long* <i>", language="da"
    )
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    with running_server(empty.store.path.parent) as url:
        page.goto(f"{url}/find?project={empty.store.id}")
        page.wait_for_selector(".wh-input:focus", timeout=60_000)
        page.keyboard.type("mappe")
        page.wait_for_selector(".wh-line")
        assert page.locator(".wh-line").count() == 50
        assert "<b>mappe</b> :red[0] og $x$ igen." in page.inner_text(".wh-line >> nth=0")
        assert page.inner_text(".wh-title").startswith("*Long* <i>")
        page.locator("[data-name=all]").check()
        page.locator("[data-name=everything]").click()
        page.locator("[data-name='extent.turn']").check()
        page.get_by_role("button", name="Mark all of it").click()
        page.wait_for_selector(".wh-said:not(:empty)", timeout=15_000)
        assert page.inner_text(".wh-said").startswith("70 passages marked in one step.")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    context.close()
    assert len(coding.list_units(empty)) == 70
