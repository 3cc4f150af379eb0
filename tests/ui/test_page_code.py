"""The Code screen: what travels to the reader, and when, without a browser and in one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import acting_as, running_server
from workbench.services import code_groups, coding, condensing, impressions, people, sources
from workbench.services.context import Context
from workbench.ui.components import reader

ASSETS = Path(reader.__file__).parent / "assets"


def parts(at: Any) -> dict[str, dict[str, Any]]:
    """The elements of the reader by the part they carry."""
    found = {}
    for element in at.get("bidi_component"):
        data = json.loads(element.proto.json) if element.proto.json else None
        if isinstance(data, list) and data and "part" in data[0]:
            found[data[0]["part"]] = data[0]
    return found


def holding(at: Any, ctx: Context, source: str) -> Any:
    """The page as it is once the browser has said that it holds everything."""
    now = coding.marks_view(ctx, source)
    at.session_state["workbench.reader.held"] = {source: [now.rev, now.chain]}
    return at


def test_the_reader_gets_the_whole_text_and_every_mark(run_page: Callable[..., Any], ctx: Context) -> None:
    first = sources.list_sources(ctx)[0].source
    at = run_page("code", ctx, source=first.id)
    assert not at.exception
    shown = parts(at)
    reading = sources.read_source(ctx, first.id)
    assert [t[2] for t in shown["text"]["turns"]] == [t.text for t in reading.turns]
    marks = coding.marks_view(ctx, first.id).marks
    assert [m[0] for m in shown["base"]["marks"]] == [m.unit for m in marks] and len(marks) > 10
    assert shown["coder"]["project"] == ctx.store.id and shown["coder"]["member"] == ctx.member.id
    assert shown["coder"]["since"] == shown["base"]["rev"] and "delta" not in shown["coder"]


def test_a_browser_that_has_the_text_is_sent_only_what_changed_and_the_text_is_not_even_read(
    run_page: Callable[..., Any], ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sources.list_sources(ctx)[0].source
    at = holding(run_page("code", ctx, source=first.id), ctx, first.id)
    group = code_groups.code_group_counts(ctx)[0]
    unit = coding.mark(
        acting_as(ctx, "researcher"), first.id, 0, 5, text_rev=1, placements=[{"code_group": group.group.id}]
    )
    monkeypatch.setattr(sources, "read_source", lambda *_: pytest.fail("the text was read"))
    shown = parts(at.run())
    assert not at.exception and shown.keys() & {"text", "base", "coder"} == {"coder"}
    delta = shown["coder"]["delta"]
    assert [m[0] for m in delta["marks"]] == [unit] and delta.keys() == {"marks", "tallies"}
    assert [x[:2] for x in delta["tallies"]] == [[group.group.id, group.units + 1]]
    assert len(json.dumps(shown["coder"])) < 1200


def test_a_code_group_made_or_renamed_travels_alone(run_page: Callable[..., Any], ctx: Context) -> None:
    first = sources.list_sources(ctx)[0].source
    at = holding(run_page("code", ctx, source=first.id), ctx, first.id)
    made = code_groups.add_code_group(ctx, name="**Not** <b>live</b> $markup$ :red[here]")
    delta = parts(at.run())["coder"]["delta"]
    assert [g[0] for g in delta["groups"]] == [made] and "marks" not in delta
    assert delta["groups"][0][2] == "**Not** <b>live</b> $markup$ :red[here]"
    code_groups.retire_code_group(ctx, made)
    assert made in parts(at.run())["coder"]["delta"]["groupsGone"]


def test_a_subgroup_renamed_elsewhere_reaches_the_reader(run_page: Callable[..., Any], ctx: Context) -> None:
    group = code_groups.code_group_counts(ctx)[0].group.id
    subgroup = condensing.board(ctx, group).subgroups[0]
    source = subgroup.cards[0].unit.source
    at = holding(run_page("code", ctx, source=source), ctx, source)
    condensing.rename_subgroup(ctx, subgroup.subgroup.id, name="Quite another name")
    changed = parts(at.run())["coder"]["delta"]["marks"]
    assert subgroup.cards[0].unit.id in [m[0] for m in changed]
    assert "Quite another name" in json.dumps(changed)


def test_a_speaker_with_another_name_makes_everything_travel_again(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    first = sources.list_sources(ctx)[0].source
    at = holding(run_page("code", ctx, source=first.id), ctx, first.id)
    person = next(p for p in people.people_view(ctx).participants if p.kind == "informant")
    people.change_participant(
        ctx, person.id, rev=person.rev, pseudonym="Somebody", stakeholder_group=person.stakeholder_group,
        kind=person.kind, quote_ok=person.quote_ok,
    )  # fmt: skip
    assert {"text", "base"} <= parts(at.run()).keys()


def test_what_a_browser_claims_to_hold_is_believed_only_where_it_can_be(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    first = sources.list_sources(ctx)[0].source
    at = run_page("code", ctx, source=first.id)
    now = coding.marks_view(ctx, first.id)
    for claim in ([now.rev, "0ther"], [now.rev + 1, now.chain], [-1, ""], [0, ""]):
        at.session_state["workbench.reader.held"] = {first.id: claim}
        shown = parts(at.run())
        assert not at.exception and {"text", "base"} <= shown.keys()


def test_an_empty_project_says_what_to_do_first(run_page: Callable[..., Any], empty: Context) -> None:
    at = run_page("code", empty)
    assert not at.exception
    assert any("Import a source" in x.value for x in at.text)


def test_an_address_of_a_source_that_is_not_there_opens_the_first(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    at = run_page("code", ctx, source="no-such-source")
    assert not at.exception
    assert parts(at)["coder"]["source"] == sources.list_sources(ctx)[0].source.id


def test_coded_to_the_end_is_kept_and_can_be_taken_back(run_page: Callable[..., Any], ctx: Context) -> None:
    last = sources.list_sources(ctx)[-1].source.id
    was = impressions.is_read(ctx, last, "code")
    at = run_page("code", ctx, source=last)
    at.button(key="code_finished").click().run()
    assert impressions.is_read(ctx, last, "code") is not was
    icon = at.button(key="code_finished").proto.icon
    at.button(key="shell_undo").click().run()
    assert impressions.is_read(ctx, last, "code") is was and at.button(key="code_finished").proto.icon != icon


# -- in a browser --------------------------------------------------------------------------------------------


class Received:
    """Bytes the page's websocket has received, and the parts of the reader among them."""

    def __init__(self, page: Any) -> None:
        self.frames: list[bytes] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.webSocketFrameReceived", lambda e: self._frame(e["response"]))

    def _frame(self, frame: dict[str, Any]) -> None:
        if frame["opcode"] == 2:
            self.frames.append(base64.b64decode(frame["payloadData"]))

    def take(self) -> tuple[int, set[str]]:
        """(bytes, parts) since it was last asked."""
        frames, self.frames = self.frames, []
        found = {m for f in frames for m in re.findall(rb'\[\{"part": ?"(\w+)"', f)}
        return sum(map(len, frames)), {m.decode() for m in found}


@contextmanager
def code_page(browser: Any, url: str, ctx: Context, source: str) -> Iterator[tuple[Any, Received]]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda e: errors.append(str(e)))
    received = Received(page)
    page.goto(f"{url}/code?project={ctx.store.id}&source={source}")
    page.wait_for_selector(".wr.is-ready .wr-turn", timeout=60_000)
    page.wait_for_timeout(400)
    yield page, received
    context.close()
    assert errors == []


def make_mark(page: Any) -> None:
    """Mark two words of the next turn, by keyboard, and wait until that is saved."""
    before = page.evaluate("window.answered = (window.answered ?? 0)")
    page.evaluate(
        """() => { if (!window.hears) { window.hears = true
        addEventListener('workbench:saved', ({ detail }) => { if (!detail.pending) window.answered += 1 }) } }"""
    )
    for key in ("j", "Control+Shift+ArrowRight", "Control+Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector(".wr-picker:popover-open")
    page.keyboard.press("Enter")
    page.wait_for_function(f"window.answered > {before}", timeout=20_000)
    page.wait_for_timeout(300)


SCROLL = "document.querySelector('.wr-scroll').scrollTop"


@pytest.mark.browser
def test_a_mark_sends_little_and_nothing_of_the_reader_is_put_up_again(
    browser: Any, demo: Path, ctx: Context
) -> None:
    source = sources.list_sources(ctx)[0].source.id
    count = len(coding.marks_view(ctx, source).marks)
    with running_server(demo.parent) as url, code_page(browser, url, ctx, source) as (page, received):
        assert {"text", "base", "coder"} <= received.take()[1]
        page.locator(".wr-scroll").focus()
        page.evaluate("window.node = document.querySelector('.wr-turn')")
        for _ in range(5):
            page.keyboard.press("j")
        page.evaluate(f"{SCROLL.replace('.scrollTop', '')}.scrollTop = 300")
        page.wait_for_timeout(200)
        received.take()
        for _ in range(3):
            make_mark(page)
            size, sent = received.take()
            assert sent == {"coder"} and size <= 5000
        assert page.evaluate("window.node.isConnected") and page.evaluate(SCROLL) > 100
        assert len(coding.marks_view(ctx, source).marks) == count + 3
        assert page.locator(".wr-units").inner_text() == f"{count + 3} units"

        # Somebody else marks meanwhile: the next run brings it, and nothing but it.
        unit = coding.mark(acting_as(ctx, "researcher"), source, 0, 5, text_rev=1)
        make_mark(page)
        assert received.take()[1] == {"coder"}
        assert page.locator(".wr-units").inner_text() == f"{count + 5} units"

        # Undo in the header, in the reader's fragment: the marks go from the screen, the text stays.
        page.get_by_role("button", name="Undo").click()
        page.wait_for_function(f"document.querySelector('.wr-units').innerText == '{count + 4} units'")
        assert received.take()[1] == {"coder"} and page.evaluate("window.node.isConnected")
        coding.remove_unit(ctx, unit)

        # Another source and back, another screen and back: what the browser holds is not sent again.
        other = sources.list_sources(ctx)[1].source
        for there, expected in ((other.title, {"text", "base", "coder"}), (None, {"coder"})):
            received.take()
            page.locator(".st-key-code_source").click()
            name = there or sources.list_sources(ctx)[0].source.title
            page.get_by_role("option", name=name).click()
            page.wait_for_function("(t) => document.querySelector('.wr-title').innerText == t", arg=name)
            page.wait_for_timeout(500)
            assert received.take()[1] - {"outbox"} == expected
        page.get_by_role("link", name="Sources").click()
        page.wait_for_selector(".wr", state="detached")
        page.get_by_role("link", name="Code", exact=False).first.click()
        page.wait_for_selector(".wr.is-ready .wr-turn")
        page.wait_for_timeout(500)
        assert "text" not in received.take()[1]
        assert page.locator(".wr-units").inner_text() == f"{count + 3} units"


@pytest.mark.browser
def test_two_tabs_of_one_person_each_keep_up_on_their_own(browser: Any, demo: Path, ctx: Context) -> None:
    source = sources.list_sources(ctx)[0].source.id
    with (
        running_server(demo.parent) as url,
        code_page(browser, url, ctx, source) as (one, _),
        code_page(browser, url, ctx, source) as (two, received),
    ):
        units = one.locator(".wr-units").inner_text()
        for page in (one, two):
            page.locator(".wr-scroll").focus()
        make_mark(one)
        two.keyboard.press("j")
        two.keyboard.press("j")
        received.take()
        make_mark(two)
        assert received.take()[1] == {"coder"}
        n = int(units.split()[0])
        assert (one.locator(".wr-units").inner_text(), two.locator(".wr-units").inner_text()) == (
            f"{n + 1} units", f"{n + 2} units",
        )  # fmt: skip


@pytest.mark.browser
def test_a_reader_without_what_a_delta_is_based_on_asks_for_everything(browser: Any) -> None:
    page = browser.new_page()
    kinds = {".js": "text/javascript", ".css": "text/css"}
    page.route(
        "http://reader.test/**",
        lambda route: (
            route.fulfill(body="<div id=reader></div>", content_type="text/html")
            if route.request.url.endswith("/")
            else route.fulfill(
                body=(ASSETS / (name := route.request.url.rpartition("/")[2])).read_text(encoding="utf-8"),
                content_type=kinds[Path(name).suffix],
            )
        ),
    )
    page.goto("http://reader.test/")
    asked = page.evaluate(
        """async () => {
          const { default: component } = await import("/reader.js")
          const sent = []
          const coder = { part: "coder", since: 5, rev: 6, chain: "c", project: "p", source: "s", member: "m",
                          textRev: 1, acks: {}, footer: "", mayMark: true, delta: { marks: [] } }
          component({ data: [coder], parentElement: document.querySelector("#reader"),
                      setTriggerValue: (name, value) => sent.push(value) })
          await new Promise((done) => setTimeout(done, 200))
          return sent
        }"""
    )
    assert asked == [{"operations": [], "have": {}}]
    page.close()
