"""Reading and coding in the real app in real Chromium: any text, any selection, two people, keys alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running_server
from tests.support import SELECT, body_of, random_texts, tiny_transcript
from workbench.domain.text import normalise
from workbench.services import code_groups, coding, projects, sources
from workbench.services.context import Context
from workbench.store.project import Store
from workbench.store.verify import verify

pytestmark = pytest.mark.browser

Opens = Callable[..., AbstractContextManager[Any]]

# What the reader shows as taken: where it begins in the body, in code points, and its words.
TAKEN = """() => {
    const texts = [...document.querySelectorAll('.wr-text')]
    const [taken] = [...CSS.highlights.get('wr-pending')]
    const part = document.createRange()
    let start = 0, words = []
    for (const el of texts) {
        part.selectNodeContents(el)
        if (el.contains(taken.startContainer)) part.setStart(taken.startContainer, taken.startOffset)
        if (el.contains(taken.endContainer)) part.setEnd(taken.endContainer, taken.endOffset)
        if (taken.intersectsNode(el)) words.push(part.toString())
        if (el.contains(taken.startContainer)) {
            const before = document.createRange()
            before.selectNodeContents(el)
            before.setEnd(taken.startContainer, taken.startOffset)
            start = texts.slice(0, texts.indexOf(el)).reduce((n, one) => n + [...one.textContent].length + 1, 0)
                + [...before.toString()].length
        }
    }
    return [start, words.join('\\n')]
}"""

HOSTILE = (
    "<img src=x onerror=alert(1)> <b>not bold</b> &amp; **not strong** $E=mc^2$ :red[not red] `code`",
    "[a link](http://example.org) # no heading\u202e turned ~~struck~~ :smile: {{unit:1}}",
)


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    folder = tmp_path / "projects"
    folder.mkdir()
    return projects.lead_context(projects.create_project(folder / "study.db", name="Study"))


@pytest.fixture
def server(ctx: Context) -> Iterator[str]:
    with running_server(ctx.store.path.parent) as url:
        yield url


@pytest.fixture
def open_code(browser: Any, ctx: Context, server: str) -> Opens:
    """`with open_code(source, member) as page`: the Code page in a browser of its own."""

    @contextmanager
    def opened(source: str, member: str | None = None) -> Iterator[Any]:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.set_default_timeout(20_000)
        errors: list[str] = []
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("dialog", lambda d: errors.append("a script from the text has run"))
        page.goto(
            f"{server}/code?project={ctx.store.id}&source={source}" + (f"&as={member}" if member else "")
        )
        page.wait_for_selector(".wr-text")
        page.wait_for_timeout(500)
        yield page
        assert errors == []
        context.close()

    return opened


def all_saved(page: Any) -> None:
    page.wait_for_function("!/not saved|Offline/.test(document.querySelector('.ws-text').textContent)")


def words_of_units(ctx: Context, source: str) -> dict[str, str]:
    """Every unit's words, as Python slices them."""
    body = body_of(ctx, source)
    return {m.unit: body[m.start : m.end] for m in coding.marks_view(ctx, source).marks}


def test_a_thousand_random_texts_are_marked_exactly_as_they_were_selected(
    ctx: Context, open_code: Opens
) -> None:
    texts = [normalise(text).text.strip() or "ja" for text in random_texts(1000)]
    turns = tuple(("P1" if n % 2 else "P2", text) for n, text in enumerate(texts))
    source = sources.import_source(ctx, tiny_transcript(turns), b"", title="Anything")
    texts = [t.text for t in sources.read_source(ctx, source).turns]
    dice = random.Random(11)
    wanted: list[tuple[int, str]] = []
    with open_code(source) as page:
        for turn in range(len(texts)):
            last = min(turn + dice.choice([0, 0, 0, 0, 1, 2]), len(texts) - 1)
            sizes = [len(texts[n].encode("utf-16-le")) // 2 for n in (turn, last)]
            ends = [dice.randint(0, sizes[0]), dice.randint(0, sizes[1])]
            points = [turn, ends[0], last, ends[1]]
            if turn == last and ends[0] == ends[1]:
                points = [turn, 0, turn, sizes[0]]
            if dice.random() < 0.3:  # dragged from the end to the beginning
                points = points[2:] + points[:2]
            page.evaluate(SELECT, points)
            try:
                page.wait_for_selector(".wr-picker:popover-open", timeout=150)
            except Exception:
                continue  # white space only, or nothing: there is nothing to mark
            wanted.append(tuple(page.evaluate(TAKEN)))
            page.keyboard.press("Control+Enter")
        all_saved(page)
    assert len(wanted) > 900
    body = body_of(ctx, source)
    assert [body[start : start + len(words)] for start, words in wanted] == [words for _, words in wanted]
    # The same span taken twice is one mark, placed again.
    stored = sorted((m.start, m.end) for m in coding.marks_view(ctx, source).marks)
    assert stored == sorted({(start, start + len(words)) for start, words in wanted})
    assert not verify(ctx.store.path)


def test_marks_are_placed_though_another_person_takes_out_or_merges_the_group_meanwhile(
    ctx: Context, open_code: Opens
) -> None:
    source = sources.import_source(ctx, tiny_transcript(), b"", title="Talk")
    gone = code_groups.add_code_group(ctx, name="Gone soon")
    merged, into = (code_groups.add_code_group(ctx, name=name) for name in ("Merged", "Into this"))
    with open_code(source) as page:
        for group, turn, name in ((gone, 1, "Gone soon"), (merged, 3, "Merged")):
            page.evaluate(SELECT, [turn, 0, turn, 15])
            page.wait_for_selector(".wr-picker:popover-open")
            if group == gone:
                code_groups.retire_code_group(ctx, gone)
            else:
                code_groups.merge_code_groups(ctx, merged, into=into)
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            page.wait_for_timeout(700)
        all_saved(page)
        assert page.locator(".wr-note").count() == 1  # only where something was not done is something said
        assert "Gone soon" in page.locator(".wr-note").inner_text()
    placed = {m.start: [p[1] for p in m.placements] for m in coding.marks_view(ctx, source).marks}
    starts = [t.turn.start for t in sources.read_source(ctx, source).turns]
    assert placed == {starts[1]: [], starts[3]: [into]}


def test_two_people_mark_the_same_words_and_each_sees_both(ctx: Context, open_code: Opens) -> None:
    source = sources.import_source(ctx, tiny_transcript(), b"", title="Talk")
    code_groups.add_code_group(ctx, name="Alone at home")
    other = projects.add_member(ctx, name="Mads", role="researcher")
    with open_code(source) as mine, open_code(source, other) as theirs:
        for page in (mine, theirs):
            page.evaluate(SELECT, [1, 0, 1, 15])
            page.wait_for_selector(".wr-picker:popover-open")
        for page in (mine, theirs):
            page.keyboard.type("al")
            page.keyboard.press("Enter")
            all_saved(page)
        mine.evaluate(SELECT, [3, 0, 3, 4])  # whoever writes next hears of it
        mine.wait_for_selector(".wr-picker:popover-open")
        mine.keyboard.press("Control+Enter")
        all_saved(mine)
        mine.wait_for_function(
            "document.querySelectorAll('.wr-text')[1].querySelector('mark').dataset.units.split(' ').length === 2"
        )
    marks = coding.marks_view(ctx, source).marks
    assert sorted({m.member for m in marks}) == sorted([ctx.member.id, other])
    assert len({(m.start, m.end) for m in marks}) == 2 and len(marks) == 3


def test_the_place_and_the_scroll_survive_a_page_change_and_a_reload(ctx: Context, open_code: Opens) -> None:
    turns = tuple(("P1", f"This is the {n}. thing I have to say about it.") for n in range(400))
    source = sources.import_source(ctx, tiny_transcript(turns), b"", title="Long")
    with open_code(source) as page:
        page.locator(".wr-scroll").focus()
        page.evaluate("document.querySelector('.wr-scroll').scrollTop = 6000")
        page.wait_for_timeout(1500)

        def first() -> str:
            at: str = page.evaluate("""() => {
                const top = document.querySelector('.wr-scroll').getBoundingClientRect().top
                const turns = [...document.querySelectorAll('.wr-turn')]
                return turns.find((el) => el.getBoundingClientRect().bottom > top + 4).dataset.seq
            }""")
            return at

        before = first()
        assert int(before) > 50
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Sources").click()
        page.wait_for_selector(".wr-text", state="detached")
        page.wait_for_url("**/sources**")  # else Back leaves the app: the address follows the page
        page.go_back()
        page.wait_for_selector(".wr-text")
        page.wait_for_timeout(1500)
        assert abs(int(first()) - int(before)) <= 1
        page.reload()
        page.wait_for_selector(".wr-text")
        page.wait_for_timeout(2000)
        # Another day, another session: the turn one was reading stands a little below the top.
        assert 0 <= int(before) - int(first()) <= 8


def test_nothing_that_was_said_or_named_becomes_markup_on_any_page_of_coding(
    ctx: Context, open_code: Opens, server: str
) -> None:
    source = sources.import_source(
        ctx, tiny_transcript(tuple(("P1", text) for text in HOSTILE)), b"", title=HOSTILE[0]
    )
    group = code_groups.add_code_group(ctx, name=HOSTILE[1])
    unit = coding.mark(ctx, source, 0, 20, text_rev=1, placements=[{"code_group": group}])
    assert unit
    with open_code(source) as page:
        for path in ("code", "units", "code_groups", "find", "explore"):
            page.goto(f"{server}/{path}?project={ctx.store.id}")
            page.wait_for_timeout(2500)
            main = page.get_by_test_id("stMain")
            assert (
                main.locator(
                    "img[src='x'], b:text-is('not bold'), .katex, a[href='http://example.org']"
                ).count()
                == 0
            ), path


def test_a_mistake_is_corrected_by_keys_alone_and_the_marks_move_with_it(
    ctx: Context, open_code: Opens
) -> None:
    source = sources.import_source(ctx, tiny_transcript(), b"raw", title="Talk")
    body = body_of(ctx, source)
    start = body.index("Nobody had rung")
    coding.mark(ctx, source, start, start + 15, text_rev=1, quote="Nobody had rung")
    with open_code(source) as page:
        page.locator(".wr-scroll").focus()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Control+ArrowRight")
        page.keyboard.press("e")  # the word at the caret
        page.wait_for_selector(".wr-area.is-voice")
        page.keyboard.press("Control+a")
        page.keyboard.type("fifth")
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        all_saved(page)
    after = body_of(ctx, source)
    assert after != body and "fifth" in after
    assert list(words_of_units(ctx, source).values()) == ["Nobody had rung"]
    ctx.store.close()
    assert not verify(Store.open(ctx.store.path).path)
