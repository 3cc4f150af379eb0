"""The view component in a real browser: every kind is drawn, words stay words, a press goes where it says."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.services import projects

pytestmark = pytest.mark.browser
PACKAGE = Path(__file__).resolve().parents[2] / "workbench"
HOSTILE = "<img src=x onerror=alert(1)> **not bold** 🙏🏽 “said”"

# A stand-in for the app's pages: `home` shows every kind, `code` only where a link led.
RIG = """
from pathlib import Path
import streamlit as st
from workbench.services import projects
projects.projects_dir = lambda: Path(__file__).parent
from workbench.ui import session, shell
from workbench.ui.components.view import view

HOSTILE = {hostile!r}
G = [dict(mono="Pa", name="Patients", tone=0), dict(mono="Mu", name="Municipality", tone=2)]

def draw(screen):
    shell.header(screen.path)
    st.title(screen.path, anchor=False)
    if screen.path != "home":
        return st.text(f"source {{session.asked('source')}}")
    to = session.link("code", source="S3")
    text = dict(text=HOSTILE, group=G[0], by="Inger", colour=4)
    view("thread", dict(parts=[dict(label="Sources", value="7", state="good", word="all read", href=to)]), key="a")
    view("rows", dict(rows=[dict(text=HOSTILE, key="REQ-007", state="doubt", word="stale", note="n", link="Look", href=to),
                            dict(text="Pressed", id="row")]), key="b", on_select=lambda i: session.keep_draft("got", i))
    view("ladder", dict(rows=[dict(label="1 Impression", done=3, half=2, total=7, text="3 of 7 read")]), key="c")
    view("quote", dict(quotes=[dict(**text, golden=True, lang="da", link="Open in context", href=to)]), key="d")
    view("condensate", dict(condensates=[dict(text=HOSTILE, by="mixed, on purpose")]), key="e")
    view("brief", dict(text=[HOSTILE, [dict(text="A sentence."), dict(id="u4", label="Unit 4")]], quotes=[text],
                       dissent_heading="Who sees it differently", dissent=[], dissent_note="None found."), key="f")
    view("spread", dict(groups=[dict(group=G[0], text="9 of 12", heard=9, of=12), dict(group=G[1], text="some")]), key="g")
    view("evidence", dict(corner="Theme", groups=G, rows=[dict(heading=HOSTILE, current=True, cells=[
        dict(n=9, of=12, phrase="can sleep", id="cell"), dict(n=0, of=8)])]), key="h")
    view("strip", dict(alt="One theme.", columns=[
        dict(title="Groups", nodes=[dict(id="g", label="Patients", group=G[0])]),
        dict(title="Themes", nodes=[dict(id="t", label=HOSTILE, key="Theme 1", state="good")])],
        links=[dict(src="g", dst="t", weight=9)]), key="i")
    view("because", dict(reasons=[dict(key="REQ-001", text=HOSTILE, state="good", below=[dict(text="Theme", units=[
        dict(**text, where="turn 4", before=[dict(speaker="Interviewer", text="And then?")])])])]), key="j")
    view("table", dict(columns=[dict(key="k", label="Key", kind="id"), dict(key="t", label="Text")],
                       rows=[dict(href=to, cells=dict(k="REQ-001", t=dict(text=HOSTILE, note="n")))]), key="k")
    view("diff", dict(rows=[dict(change="changed", words=[dict(op="same", text="one "), dict(op="del", text="a"),
                                                         dict(op="ins", text="b")])]), key="l")
    st.text(f"got {{session.draft('got')}}")

shell._run = draw
from workbench.ui.app import main
main()
"""

# Every visible text node whose contrast with what lies behind it is under 4.5:1.
FAINT = """() => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const rgba = (css) => { pen.clearRect(0, 0, 1, 1); pen.fillStyle = css; pen.fillRect(0, 0, 1, 1);
    const d = pen.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (f, b) => [0, 1, 2].map((i) => f[i] * f[3] + b[i] * (1 - f[3]));
  const linear = (v) => (v / 255 <= .03928 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4);
  const light = (c) => { const [r, g, b] = c.map(linear);
    return .2126 * r + .7152 * g + .0722 * b; };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, box = node.parentElement;
    if (!node.data.trim() || box.closest('[disabled],script,style,noscript')) continue;
    if (getComputedStyle(box).clipPath !== 'none') continue;
    const r = box.getBoundingClientRect();
    if (!r.width || !r.height || getComputedStyle(box).visibility === 'hidden') continue;
    let behind = [255, 255, 255], opacity = 1; const layers = [];
    for (let x = box; x; x = x.parentElement) { const s = getComputedStyle(x); opacity *= +s.opacity;
      const b = rgba(s.backgroundColor); if (b[3]) layers.push(b); }
    for (const layer of layers.reverse()) behind = over(layer, behind);
    const ink = rgba(getComputedStyle(box).color); ink[3] *= opacity;
    const [a, b] = [light(over(ink, behind)), light(behind)].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.push(node.data.trim().slice(0, 40));
  }
  return faint; }"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real server, from another working directory, on a rig in a folder of its own."""
    folder = tmp_path_factory.mktemp("rig")
    store = projects.create_project(folder / "study.db", name="Joined-up discharge", invented=True)
    store.close()
    (folder / "app.py").write_text(RIG.format(hostile=HOSTILE), encoding="utf-8")
    shutil.copytree(PACKAGE / ".streamlit", folder / ".streamlit")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(folder / "app.py"), "--server.port", str(port)],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        stdout=log,
        stderr=log,
    )
    base = f"http://localhost:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{base}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield f"{base}/home?project={store.id}"
    finally:
        server.terminate()
        server.wait(10)
        log.close()


@pytest.fixture
def page(browser, address):  # type: ignore[no-untyped-def]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.faults, page.outside = [], []
    base = address.partition("/home")[0]
    page.on("pageerror", lambda e: page.faults.append(str(e)))
    page.on("dialog", lambda d: (page.faults.append("a script ran"), d.dismiss()))
    page.on("request", lambda r: page.outside.append(r.url) if "//localhost" not in r.url.partition("?")[0]
            and not r.url.startswith(("data:", "blob:")) else None)  # fmt: skip
    page.goto(address)
    page.get_by_text("got ").wait_for()
    page.wait_for_timeout(300)
    yield page
    assert page.faults == []
    assert page.outside == []
    assert base in page.url
    context.close()


def test_every_kind_is_drawn_and_words_are_never_markup(page) -> None:  # type: ignore[no-untyped-def]
    assert page.locator(".wv").count() == 12
    assert page.locator(".wv img").count() == 0
    assert page.get_by_text(HOSTILE, exact=True).count() >= 8
    assert page.evaluate("document.querySelector('.wv-said').lang") == "da"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_link_goes_there_inside_the_session_and_is_a_real_address(page) -> None:  # type: ignore[no-untyped-def]
    page.evaluate("window.before = 1")
    link = page.locator("a", has_text="Look")
    assert "code?project=" in link.get_attribute("href")
    link.click()
    page.get_by_text("source S3").wait_for()
    assert "/code?" in page.url
    assert "source=S3" in page.url
    assert page.evaluate("window.before") == 1


def test_a_button_tells_python_before_the_page_is_drawn_and_keeps_the_focus(page) -> None:  # type: ignore[no-untyped-def]
    page.get_by_role("button", name="Pressed").focus()
    page.keyboard.press("Enter")
    page.get_by_text("got row").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Pressed"


def test_states_and_counts_are_words_as_well_as_shapes(page) -> None:  # type: ignore[no-untyped-def]
    assert "stale" in page.locator(".wv-rows").first.inner_text()
    assert page.get_by_role("button", name="Patients: 9 of 12 people, can sleep").is_visible()
    assert page.locator(".wv-silent").inner_text().split("\n")[-1].strip() == "not heard"
    assert page.get_by_text("Condensate, not a quote").is_visible()
    assert page.locator(".wv-ribbon").count() == 1


def test_the_saved_line_follows_the_outbox(page) -> None:  # type: ignore[no-untyped-def]
    def tell(**detail: object) -> str:
        page.evaluate("d => dispatchEvent(new CustomEvent('workbench:saved', {detail: d}))", detail)
        return page.locator(".ws-text").inner_text()

    stored = page.locator(".ws-text").inner_text()
    assert stored.startswith("Saved ")
    assert tell(pending=2, offline=False) == "2 not saved yet"
    assert tell(pending=2, offline=True) == "Offline: 2 kept here"
    at = page.evaluate("new Date(2100, 4, 4, 14, 7).getTime()")
    assert tell(pending=0, offline=False, at=at) == "Saved 14:07"
    assert tell(pending=0, offline=False, at=1) == stored  # the store has written since


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_is_legible_in_both_modes_and_nothing_is_cut_at_any_width(page, mode: str) -> None:  # type: ignore[no-untyped-def]
    page.emulate_media(color_scheme=mode)
    for width in (1440, 720, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(350)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cut = "[...document.querySelectorAll('.wv')].filter(v => v.scrollWidth > v.clientWidth + 1).length"
        assert page.evaluate(cut) == 0
        assert page.evaluate(FAINT) == []


def test_the_interface_font_is_our_own(page) -> None:  # type: ignore[no-untyped-def]
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert "IBM Plex Sans" in {name.strip('"') for name in loaded}


@pytest.mark.parametrize(
    ("headers", "answer"),
    [({}, 101), ({"Origin": "http://elsewhere.example"}, 403), ({"Host": "elsewhere.example"}, 403)],
)
def test_the_shipped_configuration_holds_from_another_directory(
    address: str, headers: dict[str, str], answer: int
) -> None:
    host = address.partition("//")[2].partition("/")[0]
    line = http.client.HTTPConnection(host, timeout=10)
    line.putrequest("GET", "/_stcore/stream", skip_host=True)
    upgrade = {"Host": host, "Origin": f"http://{host}", "Connection": "Upgrade", "Upgrade": "websocket",
               "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip
    for name, value in (upgrade | headers).items():
        line.putheader(name, value)
    line.endheaders()
    assert line.getresponse().status == answer
    line.close()
