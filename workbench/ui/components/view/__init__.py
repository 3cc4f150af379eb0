"""Draws read-only facts (thread, rows, quotes, evidence, trace strip …) from JSON, in one small component.

Everything a page wants to *show* and let a person press goes through `view(kind, data, key=…)`. The data
are plain dicts and lists, typed below. Rules that hold for all kinds:

* Every string is drawn with `textContent`; nothing is Markdown or HTML. Words come from `t()` in Python.
* Anything with an `href` is a real link (open in new tab works); a plain click goes to that screen inside
  the session, through `st.switch_page`. Make hrefs with `session.link("code", source=…, unit=…)`.
* Anything with an `id` (and no `href`) is a button; a click calls `on_select(id)` before the script runs
  again, and `view()` returns that id in the run which follows.
* `state` is one of "doubt" ▲, "open" ●, "good" ✓, "none" ○; it is always drawn with a word: `word`, else the
  state's own word for screen readers only.
* A stakeholder group is `Group`; `tone` 0-7 chooses the disc's colour (the position of the group in the project).
* `colour` 1-12 is a code group's colour. Text in a transcript's language takes `lang`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NotRequired, TypedDict
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from workbench.domain.records import StakeholderGroup
from workbench.language import t
from workbench.ui import session

State = Literal["doubt", "open", "good", "none"]
Kind = Literal[
    "thread", "rows", "ladder", "quote", "condensate", "brief", "spread", "evidence", "strip", "because",
    "table", "diff", "reading", "heat", "portrait", "picture", "groups",
    "steps", "swatches",
]  # fmt: skip


class Group(TypedDict):
    """A stakeholder group's disc: `mono` two letters (Pa), `name` in full, `tone` 0-7."""

    mono: str
    name: str
    tone: int


class Target(TypedDict, total=False):
    """What a press does: `href` goes to a screen, `id` alone calls `on_select`."""

    href: str
    id: str


class ThreadPart(Target):
    """One of the parts of the strip on Home: "Sources", "7", state "good", word "all read"."""

    label: str
    value: str
    state: NotRequired[State]
    word: NotRequired[str]


class Thread(TypedDict):
    """kind `thread`."""

    parts: list[ThreadPart]


class Also(Target):
    text: str


class Row(Target):
    """Shape, `key` (REQ-007, muted), sentence, second line `note`, and on the right `link` (a word).

    With an href or id the `link` word is the thing pressed (and the sentence when there is no link word).
    Without either, `link` is plain bold text ("Must"). `also` is a second, quieter thing to press, right of it;
    with an empty text it only keeps the room. `condensate` stands under it as one: its words, or their beginning."""

    text: str
    state: NotRequired[State]
    word: NotRequired[str]
    key: NotRequired[str]
    note: NotRequired[str]
    link: NotRequired[str]
    serif: NotRequired[bool]
    condensate: NotRequired[str]
    current: NotRequired[bool]
    groups: NotRequired[list[Group]]
    also: NotRequired[Also]


class Rows(TypedDict):
    """kind `rows`; `empty` is said when there are none."""

    rows: list[Row]
    empty: NotRequired[str]


class Rung(Target):
    """`done` of `total` solid, `half` more of them pale (by one of two analysts); `text` "4 of 7 coded"."""

    label: str
    done: int
    total: int
    text: str
    half: NotRequired[int]


class Ladder(TypedDict):
    """kind `ladder`."""

    rows: list[Rung]
    note: NotRequired[str]


class Quote(Target):
    """Participants' words. `by` stands beside the disc; `link` is the word pressed ("Open in context")."""

    text: str
    by: NotRequired[str]
    group: NotRequired[Group]
    colour: NotRequired[int]
    golden: NotRequired[bool]
    against: NotRequired[bool]
    note: NotRequired[str]
    link: NotRequired[str]
    lang: NotRequired[str]


class Quotes(TypedDict):
    """kind `quote`."""

    quotes: list[Quote]
    empty: NotRequired[str]


class Condensate(Target):
    """An artificial quotation, labelled as such. `voice` None = mixed: say so in `by`. `words` instead of `text`:
    beside another wording of it, what only this one has marked."""

    text: NotRequired[str]
    words: NotRequired[list[Word]]
    by: NotRequired[str]
    group: NotRequired[Group]
    note: NotRequired[str]
    state: NotRequired[State]
    word: NotRequired[str]
    link: NotRequired[str]
    lang: NotRequired[str]


class Condensates(TypedDict):
    """kind `condensate`."""

    condensates: list[Condensate]
    empty: NotRequired[str]


class Segment(Target):
    """A piece of an analytic text; with href or id and no `text` of its own it is the reference mark ⌁ to a
    unit, whose tooltip and name is `label`; `mark` is a number to show instead of ⌁. A `sentence` with an id is
    pressed as it stands in the text."""

    text: NotRequired[str]
    mark: NotRequired[str]
    label: NotRequired[str]
    sentence: NotRequired[bool]
    current: NotRequired[bool]


class Brief(TypedDict):
    """kind `brief`: a theme on one page. `text` is a list of paragraphs, each a string or a list of segments
    (serif, third person). `dissent` is never an empty box: give quotes, or say in `dissent_note` what was
    looked through."""

    text: list[str | list[Segment]]
    quotes: NotRequired[list[Quote]]
    dissent_heading: NotRequired[str]
    dissent: NotRequired[list[Quote]]
    dissent_note: NotRequired[str]


class Heard(Target):
    """Who was heard: bar of `heard` of `of` people; leave both out for a group too small to count and let
    `text` say it ("some")."""

    group: Group
    text: str
    heard: NotRequired[int]
    of: NotRequired[int]


class Spread(TypedDict):
    """kind `spread`."""

    groups: list[Heard]
    note: NotRequired[str]


class Cell(Target):
    """People heard of people in the sample, and at most five words. `n` 0 is hatched and says "not heard"
    unless a phrase is given. Without `n` (a small group) `text` stands in its place."""

    n: NotRequired[int]
    of: NotRequired[int]
    text: NotRequired[str]
    phrase: NotRequired[str]


class EvidenceRow(Target):
    """A theme; `cells` in the order of the groups."""

    heading: str
    cells: list[Cell]
    current: NotRequired[bool]


class Evidence(TypedDict):
    """kind `evidence`: theme x group. Folds to one theme per block under 640 px; `fold` "current" then shows
    only the current theme."""

    groups: list[Group]
    rows: list[EvidenceRow]
    corner: NotRequired[str]
    note: NotRequired[str]
    fold: NotRequired[Literal["all", "current"]]


class Node(Target):
    """A node of the trace strip. `id` is required here (links name it); `weight` = people, gives the height."""

    label: str
    weight: NotRequired[int]
    key: NotRequired[str]
    note: NotRequired[str]
    state: NotRequired[State]
    word: NotRequired[str]
    group: NotRequired[Group]
    current: NotRequired[bool]


class Column(TypedDict):
    """A column of the strip: Groups, Themes, Requirements, Components."""

    title: str
    nodes: list[Node]


class Ribbon(TypedDict):
    """From node to node; `weight` people. `against` is drawn dashed, `doubt` striped."""

    src: str
    dst: str
    weight: NotRequired[int]
    against: NotRequired[bool]
    doubt: NotRequired[bool]


class Strip(TypedDict):
    """kind `strip`: groups -> themes -> requirements -> components, at most 40 nodes. `alt` says it in a
    sentence; `note` says what width means. Nodes are pressed; hovering lights what hangs together."""

    columns: list[Column]
    links: list[Ribbon]
    alt: str
    note: NotRequired[str]


class Said(TypedDict):
    """A neighbouring turn, for context."""

    speaker: str
    text: str


class Unit(Quote):
    """A meaning unit in its context: turns `before` and `after`, `where` "Interview 3, turn 44"."""

    where: NotRequired[str]
    before: NotRequired[list[Said]]
    after: NotRequired[list[Said]]


class Reason(Target):
    """A step of the Because list. `below` rests under it, to any depth; units and condensates last."""

    text: str
    key: NotRequired[str]
    note: NotRequired[str]
    state: NotRequired[State]
    word: NotRequired[str]
    link: NotRequired[str]
    against: NotRequired[bool]
    condensates: NotRequired[list[Condensate]]
    units: NotRequired[list[Unit]]
    below: NotRequired[list[Reason]]
    open: NotRequired[bool]


class Because(TypedDict):
    """kind `because`. A step's units fold behind their number ("5 units") when there are more than 2 unless
    `open`."""

    reasons: list[Reason]
    empty: NotRequired[str]


class TableCell(Target):
    """A cell that is more than a string."""

    text: str
    note: NotRequired[str]
    state: NotRequired[State]
    word: NotRequired[str]
    group: NotRequired[Group]
    serif: NotRequired[bool]


class TableColumn(TypedDict):
    """`kind`: "text" (default), "number" right-aligned, "serif" people's words, "id" never wraps."""

    key: str
    label: str
    kind: NotRequired[Literal["text", "number", "serif", "id"]]


class TableRow(Target):
    """`cells` by column key; a row's own href or id makes its first cell the thing pressed."""

    cells: dict[str, str | TableCell]
    current: NotRequired[bool]


class Table(TypedDict):
    """kind `table`: to be read, not edited. Folds to one block per row under 640 px; a `dense` one, of short cells,
    under 510 px."""

    columns: list[TableColumn]
    rows: list[TableRow]
    dense: NotRequired[bool]
    caption: NotRequired[str]
    note: NotRequired[str]
    empty: NotRequired[str]


class Word(TypedDict):
    """A stretch of a changed text."""

    op: Literal["same", "ins", "del"]
    text: str


class DiffRow(Target):
    """+ added, − removed, ~ changed (word by word in `words`), = same. With `condensate` the words are those of one,
    and look it."""

    change: Literal["added", "removed", "changed", "same"]
    text: NotRequired[str]
    words: NotRequired[list[Word]]
    condensate: NotRequired[bool]
    key: NotRequired[str]
    note: NotRequired[str]
    state: NotRequired[State]
    word: NotRequired[str]
    link: NotRequired[str]


class Diff(TypedDict):
    """kind `diff`."""

    rows: list[DiffRow]
    empty: NotRequired[str]


def disc(group: StakeholderGroup, tone: int) -> Group:
    """A group as a disc; `tone` is `services.people.GroupView.colour`."""
    return {"mono": group.monogram, "name": group.name, "tone": tone}


class ReadMark(TypedDict):
    """A unit in a turn that is read: `start` and `end` in code points of the turn; a press sends its `id`."""

    start: int
    end: int
    colour: int
    id: str
    title: str
    current: NotRequired[bool]


class ReadTag(TypedDict):
    """A code group that a turn has marks of."""

    tag: str
    colour: int
    title: str


class ReadTurn(TypedDict):
    """One turn to be read; `asking` (interviewer, facilitator) is muted. `start` is where it begins in the source's
    text, for passages that are picked."""

    n: int
    speaker: str
    text: str
    asking: NotRequired[bool]
    group: NotRequired[Group]
    start: NotRequired[int]
    marks: NotRequired[list[ReadMark]]
    tags: NotRequired[list[ReadTag]]


class Reading(TypedDict):
    """kind `reading`: a whole source in a scroll box of its own. `name` (the source's id) lets this computer
    remember where reading stopped; a new `current` scrolls to that turn and marks it for a moment. `pick` is the word
    on the button beside a selection; pressed, it sends "passage:<start>:<end>" in code points of the text."""

    turns: list[ReadTurn]
    name: NotRequired[str]
    label: NotRequired[str]
    lang: NotRequired[str]
    current: NotRequired[int | None]
    pick: NotRequired[str]


class HeatHead(TypedDict):
    """A row or column of a heat map, or a lane of a portrait. `colour` 0 is the first code group's; `sum` counts
    all rows; `voice` is a lane of who speaks, behind which there is no door."""

    name: str
    tag: NotRequired[str]
    colour: NotRequired[int | None]
    note: NotRequired[str]
    group: NotRequired[Group]
    sum: NotRequired[bool]
    voice: NotRequired[bool]


class HeatCell(Target):
    """People in `figure`, units in `small`; `share` 0-1 is how dark; `silent` is hatched; `said` is all in words."""

    figure: str
    small: str
    share: float
    silent: bool
    said: str


class Heat(TypedDict):
    """kind `heat`: a matrix of counts whose head and first column stay in sight. `narrow`: more columns than
    words fit over; `sums`: the last column counts the others. The arrows go from cell to cell."""

    label: str
    corner: str
    columns: list[HeatHead]
    rows: list[HeatHead]
    cells: list[list[HeatCell]]
    narrow: bool
    sums: bool
    nothing: str
    note: NotRequired[str]


class Lane(HeatHead):
    """`spans`: start, end (code points), what it is in words, id or ""."""

    spans: list[tuple[int, int, str, str]]


class Portrait(TypedDict):
    """kind `portrait`: a text from its first letter to its last, a lane for each code group."""

    label: str
    length: int
    ticks: list[tuple[int, str]]
    lanes: list[Lane]
    note: NotRequired[str]


class Picture(TypedDict):
    """kind `picture`: an SVG made here, as an image with `alt`; `label` names the place it scrolls in."""

    svg: str
    alt: str
    label: str


class GroupRow(TypedDict):
    """A code group or a code: `id` chooses it, `href` is behind its `count`. `colour` 1-12, as elsewhere."""

    id: str
    name: str
    count: str
    href: NotRequired[str]
    tag: NotRequired[str]
    colour: NotRequired[int]
    hatched: NotRequired[bool]
    note: NotRequired[str]
    count_title: NotRequired[str]
    groups: NotRequired[list[Group]]
    level: NotRequired[int]
    current: NotRequired[bool]


class Groups(TypedDict):
    """kind `groups`: code groups, or the codes of a codebook (without tags), in a list that scrolls by itself."""

    rows: list[GroupRow]
    label: NotRequired[str]
    empty: NotRequired[str]


class Step(TypedDict):
    """One thing that happened: its day, what, and under it by whom and why."""

    when: str
    text: str
    note: NotRequired[str]


class Steps(TypedDict):
    """kind `steps`: newest first; those after the sixth fold."""

    steps: list[Step]


class Swatch(TypedDict):
    """A colour as a button; `used` by another code group."""

    id: str
    name: str
    colour: int
    hatched: NotRequired[bool]
    current: NotRequired[bool]
    used: NotRequired[bool]


class Swatches(TypedDict):
    """kind `swatches`."""

    swatches: list[Swatch]
    label: str


@cache
def _component() -> Any:
    """Registered at first use: Streamlit knows packaged components only once it runs."""
    return st.components.v2.component("workbench.view", js="view.js", css="view.css", isolate_styles=False)


def _labels() -> dict[str, str]:
    """The few words the component itself says."""
    return {
        "doubt": t("state.doubt"),
        "open": t("state.open"),
        "good": t("state.good"),
        "none": t("state.none"),
        "condensate": t("view.condensate"),
        "golden": t("view.golden"),
        "against": t("view.against"),
        "people": t("view.people"),
        "not_heard": t("view.not_heard"),
        "show_all": t("view.show_all"),
        "show_less": t("view.show_less"),
        "show_units": t("view.show_units"),
        "leads_to": t("view.leads_to"),
        "unit": t("view.unit"),
        "added": t("view.added"),
        "removed": t("view.removed"),
        "changed": t("view.changed"),
        "same": t("view.same"),
    }


def view(
    kind: Kind,
    data: Mapping[str, Any],
    *,
    key: str,
    on_select: Callable[[str], None] | None = None,
) -> str | None:
    """Draw `data` as `kind`; see the typed dict of that name for its shape.

    `key` is unique on the page. A press on something with an href goes there; a press on something with only
    an id calls `on_select(id)` as a callback, before the script runs again. Returns the id pressed, in the
    run that the press caused, else None."""

    def picked() -> None:
        found = _pick(session.widget(key))
        if on_select is not None and found.get("id") and not found.get("href"):
            on_select(found["id"])

    result = _component()(
        key=key,
        # A list of one: in a dict Streamlit looks for data frames, and imports pandas to know one.
        data=[{"kind": kind, "facts": data, "labels": _labels()}],
        on_pick_change=picked,
    )
    found = _pick(result)
    if href := found.get("href"):
        follow(href)
    return found.get("id")


def _pick(result: object) -> dict[str, str]:
    """The trigger's value as strings, empty when there was none or it is not of our making."""
    value = getattr(result, "pick", None)
    if not isinstance(value, Mapping):
        return {}
    return {name: str(value[name]) for name in ("href", "id") if value.get(name)}


def follow(href: str) -> None:
    """Go to a screen of this app by the relative address that `workbench.ui.session.link` makes."""
    from workbench.ui.shell import screen_page

    parts = urlsplit(href)
    page = None if parts.scheme or parts.netloc else screen_page(parts.path.strip("./"))
    if page is not None:
        st.switch_page(page, query_params=dict(parse_qsl(parts.query)))
