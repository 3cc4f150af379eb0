"""The reader in a page of its own, without Streamlit: its real assets, its real data, a service in memory.

What `reader()` would hand to Streamlit is caught and given to the component in the page; an operation it sends is
applied here and answered with fresh data. Opens in a moment and takes a text of any length. All texts are invented.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from workbench.ui.components import reader as wire

ASSETS = Path(wire.__file__).parent / "assets"
URL = "http://reader.test"
THEMES = {
    "light": "--st-text-color:#10181b;--st-background-color:#fff;--st-secondary-background-color:#f4f6f5;"
    "--st-border-color:#dadfde;--st-gray-text-color:#56615f;--st-primary-color:#15536e;--st-link-color:#15536e;"
    "--st-green-text-color:#1f6b45;--st-orange-text-color:#8f5200;--st-red-text-color:#b3261e",
    "dark": "--st-text-color:#e6eaea;--st-background-color:#14181a;--st-secondary-background-color:#1e2426;"
    "--st-border-color:#343c3f;--st-gray-text-color:#a9b3b4;--st-primary-color:#7cc0dc;--st-link-color:#8ccbe4;"
    "--st-green-text-color:#7fd3a4;--st-orange-text-color:#f2b65a;--st-red-text-color:#ff9a8f",
}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="/reader.css">
<style>html{color-scheme:SCHEME;THEME;--st-font:"IBM Plex Sans",sans-serif;font-size:15px}
body{margin:0;padding:1rem clamp(1rem,3vw,2.75rem);background:var(--st-background-color);font-family:var(--st-font)}
</style></head>
<body><div id="reader"></div><script type="module">
import component from "/reader.js"
window.give = (all) => {
  for (const part of all) {
    const parentElement = part.part === "coder" ? document.querySelector("#reader") : document.createElement("div")
    component({ data: [part], parentElement, setTriggerValue: (_, value) => take(value.operations) })
  }
}
async function take(operations) {
  if (!operations.length) return
  window.give(await window.serve(operations))
}
window.ready = true
</script></body></html>"""

PA, HO = wire.Disc("Pa", "sand", "Patients"), wire.Disc("Ho", "slate", "Hospital")
GROUPS = [
    wire.CodeGroup(f"g{i}", tag, name, i, i, definition=definition)
    for i, (tag, name, definition) in enumerate([
        ("IN", "Information that does not arrive", "Someone acts without knowing what others have known."),
        ("WD", "Who decides what happens next", "Decisions that cross sectors; who may change a plan."),
        ("ON", "Being one person, not five referrals", "How fragmentation is lived."),
        ("NA", "Someone who knows my name", "A named contact; continuity."),
        ("TI", "Time to ask what matters", "Needs asked about, or not."),
    ])
]  # fmt: skip
MEMBERS = [wire.Member("anna", "Anna Koch", "AK"), wire.Member("mads", "Mads Bro", "MB")]
META = ["Kirsten, 68, patient", "14 March, at home"]
INITIALS = {m.id: m.initials for m in MEMBERS}


def turn(
    text: str, speaker: str = "Kirsten", kind: str = "informant", disc: wire.Disc | None = PA
) -> wire.ReaderTurn:
    """A turn whose number and place are given by `Stage`."""
    if disc is None or kind != "informant":
        return wire.ReaderTurn(0, 0, text, speaker, kind)
    return wire.ReaderTurn(0, 0, text, speaker, kind, disc.name, disc.monogram, disc.colour)


def asks(text: str) -> wire.ReaderTurn:
    return turn(text, "Interviewer", "interviewer", None)


@dataclass
class Stage:
    """One source and its marks; `ops` are the operations that came, in order, each once."""

    turns: Sequence[wire.ReaderTurn]
    marks: dict[str, wire.Mark] = field(default_factory=dict)
    groups: list[wire.CodeGroup] = field(default_factory=lambda: list(GROUPS))
    codes: Sequence[wire.Code] = ()
    source: str = "s1"
    text_rev: int = 1
    may_mark: bool = True
    footer: str = ""
    ops: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # verb -> why nothing of it is done
    rev: int = 1
    touched: dict[str, int] = field(default_factory=dict)
    given: int = 0
    given_text: int = 0

    def __post_init__(self) -> None:
        self.write([one.text for one in self.turns])

    def write(self, texts: Sequence[str]) -> None:
        start, out = 0, []
        for seq, (one, text) in enumerate(zip(self.turns, texts, strict=True), 1):
            out.append(replace(one, seq=seq, start=start, text=text))
            start += len(text) + 1
        self.turns = out

    @property
    def body(self) -> str:
        return "\n".join(one.text for one in self.turns)

    def seed(
        self,
        words: str,
        *groups: str,
        member: str = "anna",
        nth: int = 0,
        comments: Sequence[tuple[str, str, str]] = (),
    ) -> str:
        """A mark on these words that is there when the reader opens; its unit."""
        at = -1
        for _ in range(nth + 1):
            at = self.body.index(words, at + 1)
        unit = f"u{len(self.marks)}"
        placed = [wire.Placement(f"p-{unit}-{g}", g) for g in groups]
        self.marks[unit] = wire.Mark(
            unit, at, at + len(words), member, INITIALS[member], 1, placed, (), comments
        )
        return unit

    def verbs(self) -> list[str]:
        return [op["verb"] for op in self.ops]

    def serve(self, operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        acks: dict[str, str | None] = {}
        for op in operations:
            if all(one["id"] != op["id"] for one in self.ops):
                self.ops.append(op)
                self.rev += 1
                if op["verb"] not in self.refused:
                    self._apply(op)
            acks[op["id"]] = self.refused.get(op["verb"])
        return self.parts(acks)

    def _apply(self, op: dict[str, Any]) -> None:
        unit = op.get("unit")
        for new in op.get("new_code_groups", []):
            n = len(self.groups)
            self.groups.append(
                wire.CodeGroup(new["id"], new["name"][:2].upper(), new["name"], n % 12, n, n >= 12)
            )
        placed = [wire.Placement(p["id"], p["code_group"]) for p in op.get("placements", [])]
        tags = [(c["id"], c["code"]) for c in op.get("codes", [])]
        mark = self.marks.get(unit or "")
        match op["verb"]:
            case "mark":
                assert self.body[op["start"] : op["end"]] == op["quote"]
                self._put(
                    wire.Mark(
                        unit, op["start"], op["end"], op["member"], INITIALS[op["member"]], 0, placed, tags
                    )
                )
            case "place":
                self._put(replace(mark, placements=[*mark.placements, *placed], codes=[*mark.codes, *tags]))
            case "unplace":
                self._put(replace(mark, placements=[p for p in mark.placements if p.id != op["placement"]]))
            case "untag":
                self._put(replace(mark, codes=[c for c in mark.codes if c[0] != op["tag"]]))
            case "resize":
                assert self.body[op["start"] : op["end"]] == op["quote"]
                self._put(replace(mark, start=op["start"], end=op["end"]))
            case "split":
                parts = [mark.start, op["at"]], [op["at"], mark.end]
                for (a, b), id in zip(parts, (unit, op["new_unit"]), strict=True):
                    words = self.body[a:b]
                    a, b = a + len(words) - len(words.lstrip()), b - len(words) + len(words.rstrip())
                    self._put(replace(mark, unit=id, start=a, end=b))
            case "comment":
                kept = [c for c in mark.comments if c[0] != op["memo"]]
                own = [(op["memo"], op["member"], op["text"])] if op["text"] else []
                self._put(replace(mark, comments=[*kept, *own]))
            case "remove":
                del self.marks[unit]
                self.touched[unit] = self.rev
            case "correct":
                self._correct(op)

    def _put(self, mark: wire.Mark) -> None:
        self.marks[mark.unit] = replace(mark, rev=self.rev)
        self.touched[mark.unit] = self.rev

    def _correct(self, op: dict[str, Any]) -> None:
        """The words in their own place only, and marks behind it moved; enough for the browser's part."""
        assert self.body[op["start"] : op["end"]] == op["quote"]
        here = max(i for i, one in enumerate(self.turns) if one.start <= op["start"])
        a, b = op["start"] - self.turns[here].start, op["end"] - self.turns[here].start
        old = [one.text for one in self.turns]
        old[here] = old[here][:a] + op["text"] + old[here][b:]
        by = len(op["text"]) - len(op["quote"])
        self.marks = {
            m.unit: replace(
                m,
                start=m.start + (by if m.start >= op["end"] else 0),
                end=m.end + (by if m.end >= op["end"] else 0),
            )
            for m in self.marks.values()
        }
        self.write(old)
        self.text_rev += 1

    def parts(self, acks: dict[str, str | None] | None = None) -> list[dict[str, Any]]:
        """What `reader()` hands to Streamlit, in its order: everything, then what came since."""
        since = self.given if self.given_text == self.text_rev else None
        marks = (
            self.marks.values()
            if since is None
            else [self.marks[u] for u, rev in self.touched.items() if rev > since and u in self.marks]
        )
        counts = Counter(p.code_group for m in self.marks.values() for p in m.placements)
        with _caught() as parts:
            wire.reader(
                document=wire.Document(self.source, self.text_rev, "Interview 3", META, "en", self.turns),
                marks=wire.Marks(
                    rev=self.rev, chain="a", since=since, project="stage", source=self.source, text_rev=self.text_rev,
                    member="anna", marks=list(marks), acks=acks or {}, code_groups=self.groups,
                    removed=[u for u in self.touched if u not in self.marks] if since is not None else [],
                    tallies=[wire.Tally(g.id, counts[g.id], [0, 1]) for g in self.groups], codes=self.codes,
                    discs=[PA, HO], members=MEMBERS, footer=self.footer, may_mark=self.may_mark,
                ),
                key="stage",
                on_operations=lambda operations: None,
                height="calc(100vh - 2rem)",
            )  # fmt: skip
        self.given, self.given_text = self.rev, self.text_rev
        return parts

    def open(self, context: Any, scheme: str = "light") -> Any:
        """A page with the reader on it, ready to be read."""
        page = context.new_page()
        page.route(f"{URL}/**", lambda route: _asset(route, scheme))
        page.expose_function("serve", self.serve)
        page.goto(URL)
        page.wait_for_function("window.ready")
        page.evaluate("(parts) => window.give(parts)", self.parts())
        page.wait_for_selector(".wr.is-ready .wr-turn")
        return page


@contextmanager
def _caught() -> Iterator[list[dict[str, Any]]]:
    parts: list[dict[str, Any]] = []

    def mount(**what: Any) -> None:
        parts.append(what["data"][0])

    with patch.object(wire, "_component", lambda: mount), patch.object(wire.st, "container"):
        yield parts


def _asset(route: Any, scheme: str) -> None:
    name = route.request.url.removeprefix(URL).lstrip("/")
    if not name:
        body = PAGE.replace("SCHEME", scheme).replace("THEME", THEMES[scheme])
        route.fulfill(body=body, content_type="text/html; charset=utf-8")
    elif (ASSETS / name).is_file():
        kind = "text/css" if name.endswith("css") else "text/javascript"
        route.fulfill(body=(ASSETS / name).read_text(), content_type=f"{kind}; charset=utf-8")
    else:
        route.fulfill(status=404, body="")


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a stage in a page; fails when the page wrote an error."""
    contexts: list[Any] = []
    errors: list[str] = []

    def open_stage(
        stage: Stage, *, width: int = 1280, scheme: str = "light", context: Any = None, **more: Any
    ) -> Any:
        if context is None:
            context = browser.new_context(viewport={"width": width, "height": 860}, **more)
            contexts.append(context)
        context.on("weberror", lambda e: errors.append(f"{e.error} {e.error.stack}"))
        return stage.open(context, scheme)

    yield open_stage
    for context in contexts:
        context.close()
    assert errors == [], errors


def at_top(page: Any) -> None:
    page.locator(".wr-scroll").focus()
    page.keyboard.press("Control+Home")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def until(page: Any, stage: Stage, wanted: Callable[[], bool]) -> None:
    for _ in range(100):
        if wanted():
            return
        page.wait_for_timeout(50)
    raise AssertionError(stage.verbs())


def focused(page: Any) -> str:
    return str(
        page.evaluate("[...document.querySelectorAll('.wr-m.is-focus')].map((m) => m.textContent).join('')")
    )
