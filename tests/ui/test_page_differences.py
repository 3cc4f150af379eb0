"""Differences as a page: marking unseen begins and ends there, what differs stands side by side, and is settled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import acting_as, running_server
from tests.support import tiny_transcript
from workbench.language import t
from workbench.services import (
    code_groups,
    coding,
    differences,
    double_coding,
    history,
    projects,
    sources,
)
from workbench.services.context import Context

Run = Callable[..., Any]


SAID = (
    "The ward rang on Friday to say that I was on my way home.",
    "I had the folder with me, and the folder is the only thing that is the same everywhere.",
    "Then on Monday nobody knew anything. I said it all once more.",
    "My daughter asked who decides, and the nurse laughed and said that was a good question.",
    "You get used to it. You should not get used to it.",
    "In the end I called my own doctor, who called the others.",
)


@pytest.fixture
def ctx(empty: Context) -> Context:
    """A study with one interview, two researchers, and two code groups; the lead acts."""
    turns = tuple(("P1", text) for text in SAID)
    sources.import_source(empty, tiny_transcript(turns), b"raw", title="Interview *1*")
    projects.add_member(empty, name="Mads Berg", role="researcher")
    for name in ("Not knowing", "Who decides"):
        code_groups.add_code_group(empty, name=name)
    return empty


def coded_twice(ctx: Context) -> tuple[Context, str]:
    """Every turn but the last marked by the lead, the second to the last by the other: the second placed alike,
    the third and fourth in another code group, unseen and done; returns the other analyst and the source."""
    mads = acting_as(ctx, "researcher")
    source = sources.list_sources(ctx)[0].source.id
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    turns = [x.turn for x in sources.read_source(ctx, source).turns]
    one, other = (g.group.id for g in code_groups.code_group_counts(ctx))
    for n, turn in enumerate(turns):
        for who, marks, group in ((ctx, n < 4, one), (mads, n > 0, one if n == 1 else other)):
            if marks:
                placed = [{"code_group": group}]
                coding.mark(who, source, turn.start, turn.end, text_rev=1, placements=placed)
    for who in (ctx, mads):
        double_coding.say_done(who, source)
    return mads, source


def facts(at: Any, name: str = "differences_list") -> dict[str, Any]:
    """What the list of differences was given."""
    for found in at.get("bidi_component"):
        if found.proto.id.endswith(name) or '"lines"' in found.proto.json:
            data = json.loads(found.proto.json)
            if isinstance(data, list) and data and "lines" in data[0]:
                return dict(data[0])
    raise AssertionError("no list")


def texts(at: Any) -> str:
    return " ".join(
        [*(x.value for x in at.text), *(x.value for x in at.markdown), *(x.value for x in at.caption)]
    )


# -- the page ----------------------------------------------------------------------------------------------


def test_a_project_with_one_researcher_says_where_to_find_a_second(run_page: Run, empty: Context) -> None:
    at = run_page("differences", empty)
    assert not at.exception and t("differences.alone") in texts(at)


def test_before_anything_is_coded_by_both_it_says_how_to_begin(run_page: Run, ctx: Context) -> None:
    at = run_page("differences", ctx)
    assert not at.exception and t("differences.none_coded") in texts(at)
    source = sources.list_sources(ctx)[0].source.id
    for who in (ctx, acting_as(ctx, "researcher")):
        coding.mark(who, source, 0, 8, text_rev=1)
    # Both have marks in it now, but nobody said that both have coded it: only when asked for.
    at = run_page("differences", ctx)
    at.checkbox(key="differences_marked").check().run()
    at.segmented_control(key="differences_kind").set_value("alike").run()
    assert not at.exception and len(facts(at)["lines"]) == 1


def test_marking_unseen_is_begun_there_and_ends_when_each_says_so(run_page: Run, ctx: Context) -> None:
    mads = acting_as(ctx, "researcher")
    source = sources.list_sources(ctx)[0].source
    coding.mark(mads, source.id, 0, 8, text_rev=1)
    at = run_page("differences", ctx)
    at.multiselect(key="unseen_sources").set_value([source.id]).run()
    at.button(key="unseen_start").click().run()
    assert not at.exception and double_coding.list_unseen(ctx)[0].is_open
    assert "is now marked unseen" in texts(at) and t("differences.under_way.one") in texts(at)
    assert coding.list_units(ctx) == []
    at.button(key=f"unseen_done_{source.id}").click().run()
    assert not at.exception and double_coding.list_unseen(ctx)[0].waiting == (mads.member.name,)
    assert not [b for b in at.button if b.key == f"unseen_done_{source.id}"]
    other = run_page("differences", mads)
    assert not [b for b in other.button if b.key == f"unseen_now_{source.id}"]  # only a lead may close it
    other.button(key=f"unseen_done_{source.id}").click().run()
    assert not other.exception and len(facts(other)["lines"]) == 1
    assert len(coding.list_units(ctx)) == 1


def test_begun_without_a_source_it_says_what_is_wanting(run_page: Run, ctx: Context) -> None:
    at = run_page("differences", ctx)
    at.button(key="unseen_start").click().run()
    assert not at.exception and "Choose a source to mark unseen" in texts(at).replace("\\", "")


def test_a_lead_closes_it_with_a_note(run_page: Run, ctx: Context) -> None:
    mads = acting_as(ctx, "researcher")
    source = sources.list_sources(ctx)[0].source.id
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    at = run_page("differences", ctx)
    at.text_input(key=f"unseen_note_{source}").set_value("Out of time")
    at.button(key=f"unseen_now_{source}").click().run()
    assert not at.exception
    (state,) = double_coding.list_unseen(ctx)
    assert not state.is_open and state.note == "Out of time"


def test_what_differs_stands_side_by_side_and_its_counts_are_doors(run_page: Run, ctx: Context) -> None:
    mads, source = coded_twice(ctx)
    at = run_page("differences", ctx)
    assert not at.exception
    given = facts(at)
    assert {line["kind"] for line in given["lines"]} == {"one", "placed"}
    placed = next(
        line
        for line in given["lines"]
        if line["kind"] == "placed" and line["a"]["parts"] == line["b"]["parts"]
    )
    assert placed["a"]["groups"] != placed["b"]["groups"]
    assert placed["href"].startswith("code?") and f"source={source}" in placed["href"]
    at.segmented_control(key="differences_kind").set_value("placed").run()
    assert {line["kind"] for line in facts(at)["lines"]} == {"placed"} and "placed" in at.query_params["kind"]
    of_others = run_page("differences", mads, kind="alike")
    assert {line["kind"] for line in facts(of_others)["lines"]} == {"alike"}


def test_all_that_are_alike_are_joined_in_one_press_and_undone(run_page: Run, ctx: Context) -> None:
    mads, _ = coded_twice(ctx)
    before = len(coding.list_units(ctx))
    alike = differences.compare(ctx, ctx.member.id, mads.member.id).count("alike")
    at = run_page("differences", ctx)
    at.button(key="differences_join_alike").click().run()
    assert not at.exception and len(coding.list_units(ctx)) == before - alike < before
    assert "Undo takes it back" in texts(at)
    history.undo(ctx)
    assert len(coding.list_units(ctx)) == before


def test_what_was_settled_is_kept_with_date_and_note_and_may_be_listed_again(
    run_page: Run, ctx: Context
) -> None:
    mads, _ = coded_twice(ctx)
    found = differences.compare(ctx, ctx.member.id, mads.member.id)
    picks = {d.kind: d.pick for d in found.differences}
    differences.settle(ctx, [picks["placed"]], "apart", note="Two readings")
    differences.settle(mads, [picks["one"]], "taken_out")
    at = run_page("differences", ctx, kind="settled")
    assert not at.exception
    shown = next(b.proto.json for b in at.get("bidi_component") if "Two readings" in b.proto.json)
    assert "Left as it is" in shown and "Taken out" in shown and "List it again" in shown
    assert "left as it is 1" in texts(at).lower().replace("\\", "")


def test_the_scores_are_worked_out_only_when_somebody_asks(
    run_page: Run, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.services import agreement

    coded_twice(ctx)
    asked: list[str] = []
    work_out = agreement.agreement
    monkeypatch.setattr(agreement, "agreement", lambda *a, **k: (asked.append("yes"), work_out(*a, **k))[1])
    at = run_page("differences", ctx)
    assert not asked and t("agreement.stc") in texts(at)
    at.button(key="differences_work_out").click().run()
    assert not at.exception and asked
    assert any("Cohen" in b.proto.json for b in at.get("bidi_component"))


def test_three_researchers_are_compared_two_and_two(run_page: Run, ctx: Context) -> None:
    mads, _ = coded_twice(ctx)
    third = projects.add_member(ctx, name="A third of us", role="researcher")
    at = run_page("differences", ctx)
    assert not at.exception and facts(at)["people"][1][0] == mads.member.name
    at.selectbox(key="differences_second").set_value(third).run()
    assert not at.exception and t("differences.none_coded") in texts(at)


def test_the_reader_says_that_a_source_is_marked_unseen(run_page: Run, ctx: Context) -> None:
    mads = acting_as(ctx, "researcher")
    source = sources.list_sources(ctx)[0].source.id
    double_coding.open_unseen(ctx, source, [ctx.member.id, mads.member.id])
    at = run_page("code", ctx, source=source)
    assert not at.exception
    assert t("unseen.on_read") in str([x.proto for x in at.get("page_link")])


# -- in the browser ----------------------------------------------------------------------------------------


@pytest.fixture
def screen(ctx: Context, browser: Any) -> Iterator[Any]:
    """Differences in Chromium."""
    coded_twice(ctx)
    with running_server(ctx.store.path.parent) as url:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        page.goto(f"{url}/differences?project={ctx.store.id}")
        page.wait_for_selector(".wd-line", timeout=30_000)
        yield page
        context.close()


def count(page: Any) -> int:
    return int(page.locator(".wd-line").count())


@pytest.mark.browser
def test_differences_are_settled_by_keys_one_by_one_and_together_and_undone(
    screen: Any, ctx: Context
) -> None:
    page = screen
    n = count(page)
    first = page.locator(".wd-line").first
    first.locator(".wd-quote").first.click()
    assert page.evaluate("document.activeElement.classList.contains('wd-line')")
    page.locator(".wd-line[data-kind=placed]").first.click(position={"x": 60, "y": 8})
    assert page.evaluate("document.activeElement.dataset.kind") == "placed"
    page.keyboard.press("n")
    page.keyboard.type("We talked about j and k")  # letters that are keys are typed here
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.wait_for_function(f"document.querySelectorAll('.wd-line').length === {n - 1}", timeout=20_000)
    assert page.locator(".wd-said").inner_text().startswith("Joined")
    log = differences.settlements(ctx)
    assert log.rows[0].note == "We talked about j and k" and log.rows[0].outcome == "joined"
    # Focus is on the next line, so that one goes on with the keyboard alone.
    assert page.evaluate("document.activeElement.classList.contains('wd-line')")
    page.get_by_text("One marked, the other not").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.wd-line')].every((l) => l.querySelectorAll('.wd-quote').length === 1)"
    )
    lone = count(page)
    page.locator(".wd-line").first.click(position={"x": 60, "y": 8})
    page.keyboard.press("a")
    assert f"{lone} selected" in page.locator(".wd-all").inner_text()
    page.locator(".wd-acts button", has_text="Keep the mark").click()
    page.wait_for_function("document.querySelectorAll('.wd-line').length === 0", timeout=20_000)
    assert dict(differences.settlements(ctx).counts) == {"joined": 1, "kept": lone}
    history.undo(ctx)
    history.undo(ctx)
    assert differences.settlements(ctx).rows == ()


@pytest.mark.browser
def test_a_place_is_opened_in_the_reader(screen: Any) -> None:
    page = screen
    page.locator(".wd-open").first.click()
    page.wait_for_selector(".wr-text", timeout=30_000)
    assert "/code?" in page.url and "unit=" in page.url
