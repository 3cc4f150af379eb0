"""The reader: a transcript one reads, marks and places in code groups without waiting for the server.

Three elements in a keyed container. The first, "coder", is the one on screen: it carries what has changed and
the answers to the operations the browser sent. "text" and "base" after it deliver the document and its marks as
they stand at `rev`, and only to a browser that has not got them: with every message it says which revision of
which source it holds (`held`), and then neither is sent, nor need be read, any more. What the browser cannot
build on (`since` is later than what it has) it asks for with a message without operations, and gets everything.

In the browser an outbox keeps every operation until it is answered, so a lost message, a burst of keystrokes or
a restarted server loses nothing (and repeats nothing, when the service is idempotent in the operation's id).

What the page does, in this order on every run:

1. In `on_operations(operations)` (a callback: it runs before the page's script) apply each operation in
   order and keep the answers, `{id: None}` when done or already done, or a sentence when refused or done only in
   part, in session state. Each call carries *all* unanswered operations, so keeping the answers of the last call
   is enough.
2. Load what is new since `held(source)` and call `reader(...)` with the answers in `Marks.acks`; with `document`
   when `Marks.since` is None. In a fragment, so that a mark does not send the whole page again: then `unsent(...,
   rescue=True)` must stand outside it, because a restarted server knows no fragments and only a full run makes
   them. Anything above the reader that comes and goes belongs in a container made on every run: an element put in
   before the reader moves it down one place, and when Streamlit sends that in two batches the reader is taken down
   and put up again, scroll found again but a half-typed name gone.

Operations (every one has `id`, `project`, `source`, `member`, `text_rev`, `verb`). Offsets are Unicode code
points into the body (the turns joined by a line break), `[start, end)`, trimmed of white space and on
grapheme boundaries; `quote` is the exact text for the server to check:

    mark     unit, start, end, quote, placements [{id, code_group}], new_code_groups [{id, name}], codes [{id, code}]
    place    unit, placements, new_code_groups, codes
    unplace  placement, unit            untag    tag, unit
    remove   unit
    resize   unit, start, end, quote, rev
    split    unit, at, new_unit, rev
    comment  unit, memo, text           (of one's own: new, changed or, with an empty text, taken out)
    correct  start, end, quote, text, everywhere
    group    new_code_groups            (made in the panel, nothing marked)
    undo     -                          redo     -

Those of the matrix of units (move, copy, take_out, settle) and of the board (move, aside, tick, golden) travel
through the same outbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

import streamlit as st

from workbench.language import catalogue, t

VERBS: Final = frozenset(
    ("mark", "place", "unplace", "untag", "remove", "resize", "split", "comment", "correct", "group", "undo",
     "redo", "move", "copy", "take_out", "settle", "aside", "tick", "golden")
)  # fmt: skip
_FIELDS: Final = ("id", "project", "source", "member")
_HELD: Final = "workbench.reader.held"  # what the browser of this session has: source -> (rev, chain)


@dataclass(frozen=True)
class ReaderTurn:
    """One speaker's contribution; `start` in code points of the body. `kind`: informant, interviewer,
    facilitator or unknown. `group_colour` names a disc colour: sand, slate, moss, mauve, sea, clay, iris, stone."""

    seq: int
    start: int
    text: str
    speaker: str
    kind: str
    group_name: str = ""
    monogram: str = ""
    group_colour: str = ""
    t0_ms: int | None = None


@dataclass(frozen=True)
class Document:
    """A source's text in one version. `meta` are short facts for the strip above it; `language` is 'da', 'en' …"""

    source: str
    text_rev: int
    title: str
    meta: Sequence[str]
    language: str
    turns: Sequence[ReaderTurn]


@dataclass(frozen=True)
class Disc:
    """A stakeholder group as its disc: two letters, a disc colour (see ReaderTurn) and its name."""

    monogram: str
    colour: str
    name: str


@dataclass(frozen=True)
class CodeGroup:
    """A code group. `colour` is 0..11 in the order of the palette; a 13th reuses one with `hatched`."""

    id: str
    tag: str
    name: str
    colour: int
    position: int
    hatched: bool = False
    definition: str = ""


@dataclass(frozen=True)
class Tally:
    """What a code group holds: units, and whose discs (places in `Marks.discs`); `more` adds to those before."""

    code_group: str
    count: int
    heard: Sequence[int] = ()
    more: bool = False


@dataclass(frozen=True)
class Code:
    """A code of a codebook: a second lens, in most projects none."""

    id: str
    label: str
    parent: str
    codebook: str


@dataclass(frozen=True)
class Placement:
    id: str
    code_group: str
    subgroup: str | None = None


@dataclass(frozen=True)
class Mark:
    """A meaning unit as it stands: `[start, end)` in code points of the body, `member` an id."""

    unit: str
    start: int
    end: int
    member: str
    member_initials: str
    rev: int
    placements: Sequence[Placement] = ()
    codes: Sequence[tuple[str, str]] = ()  # (tag, code)
    comments: Sequence[tuple[str, str, str]] = ()  # (memo, member, text)


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    initials: str


@dataclass(frozen=True)
class Marks:
    """The marks of one source at `rev`: everything (`since` None), or what is different since the revision the
    browser has. With everything come discs, members and codes; later only what changed of code groups, tallies
    and codes (None: as they were). `chain` tells histories apart that use the same numbers. `footer` is a sentence
    under the code groups. With `may_mark` false the reader only reads."""

    rev: int
    chain: str
    since: int | None
    project: str
    source: str
    text_rev: int
    member: str
    marks: Sequence[Mark] = ()
    removed: Sequence[str] = ()
    acks: Mapping[str, str | None] = field(default_factory=dict)
    code_groups: Sequence[CodeGroup] = ()
    groups_gone: Sequence[str] = ()
    tallies: Sequence[Tally] = ()
    codes: Sequence[Code] | None = None
    discs: Sequence[Disc] = ()
    members: Sequence[Member] = ()
    footer: str = ""
    may_mark: bool = True


@dataclass(frozen=True)
class Focus:
    """Where to go when the reader opens: a turn's `seq` or a unit's id. A changed value jumps again."""

    turn: int | None = None
    unit: str | None = None


def reader_strings() -> dict[str, str]:
    """All sentences of the reader in the present language, with their {named} places left open."""
    return {id: t(id) for id in catalogue("en") if id.startswith("reader.")}


def held(source: str) -> tuple[int, str] | None:
    """The (rev, chain) at which the browser has this source and its marks; None when it has not got them."""
    found = st.session_state.get(_HELD, {}).get(source)
    return (found[0], found[1]) if found else None


def reader(
    *,
    document: Document | None,
    marks: Marks,
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
    strings: Mapping[str, str] | None = None,
    focus: Focus | None = None,
    height: str = "max(24rem, 100dvh - 9.2rem)",
) -> None:
    """Mount the reader; `document` is needed when `marks` is everything. `key` must be the same for every source
    of a page, so that switching keeps the component; `height` is a CSS length for the whole of it."""
    doc = f"{marks.source}:{marks.text_rev}"
    mount = _component()
    coder_key = f"{key}-coder"
    whole = marks.since is None
    delta: dict[str, Any] = {
        "marks": [_mark(m) for m in marks.marks],
        "removed": list(marks.removed),
        "groups": [_group(g) for g in marks.code_groups],
        "groupsGone": list(marks.groups_gone),
        "tallies": [[x.code_group, x.count, list(x.heard), int(x.more)] for x in marks.tallies],
        "codes": None
        if marks.codes is None
        else [[c.id, c.label, c.parent, c.codebook] for c in marks.codes],
    }
    coder: dict[str, Any] = {
        "part": "coder",
        "since": marks.rev if whole else marks.since,
        "rev": marks.rev,
        "chain": marks.chain,
        "project": marks.project,
        "source": marks.source,
        "member": marks.member,
        "textRev": marks.text_rev,
        "acks": dict(marks.acks),
        "footer": marks.footer,
        "mayMark": marks.may_mark,
    }
    if focus:
        coder["focus"] = {"turn": focus.turn, "unit": focus.unit}
    if not whole:
        coder["delta"] = {k: v for k, v in delta.items() if v}
    # A keyed container keeps the component's DOM, and with it the scroll, when the page grows above it; what
    # comes only once stands after it.
    with st.container(key=key, gap=None):
        # Data in lists of one: among the values of a dict Streamlit looks for data frames, importing pandas.
        mount(key=coder_key, data=[coder], on_operations_change=partial(_receive, coder_key, on_operations))
        if whole and document is not None:
            constant = {"strings": dict(strings or reader_strings()), "height": height}
            mount(
                key=f"{key}-text-{doc}",
                data=[
                    {"part": "text", "doc": doc, "source": marks.source, **constant, **_document(document)}
                ],
            )
            base = {
                "part": "base",
                "doc": doc,
                "source": marks.source,
                "rev": marks.rev,
                "chain": marks.chain,
                "discs": [[d.monogram, d.colour, d.name] for d in marks.discs],
                "members": [[m.id, m.name, m.initials] for m in marks.members],
                **delta,
            }
            mount(key=f"{key}-base-{doc}:{marks.rev}", data=[base])


def unsent(
    *,
    project: str,
    member: str,
    acks: Mapping[str, str | None],
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
    rescue: bool = False,
) -> None:
    """Nothing to see: on pages without the reader, sends what was made just before it was left and takes the
    answers, so that the header does not say "not saved yet" for what is. On the reader's own page, outside its
    fragment and with `rescue`, it sends only what the reader has sent in vain."""
    carrier_key = f"{key}-outbox"
    carried = {"part": "outbox", "project": project, "member": member, "acks": dict(acks), "rescue": rescue}
    with st.container(key=key, gap=None):
        _component()(
            key=carrier_key,
            data=[carried],
            on_operations_change=partial(_receive, carrier_key, on_operations),
        )


def _receive(coder_key: str, on_operations: Callable[[list[dict[str, Any]]], None]) -> None:
    """Note what the browser holds and hand over the operations of this trigger. Anything malformed is left out
    and never answered: only a client that is not ours sends such."""
    # .get: a trigger that arrives before the widget's base state has no entry; the outbox sends again.
    state = st.session_state.get(coder_key)
    value = state.get("operations") if isinstance(state, Mapping) else None
    if not isinstance(value, Mapping):
        return
    have = value.get("have")
    if isinstance(have, Mapping):
        st.session_state[_HELD] = {str(source): at for source, at in have.items() if _is_revision(at)}
    operations = [dict(one) for one in value.get("operations") or [] if _is_operation(one)]
    if operations:
        on_operations(operations)


def _is_revision(at: object) -> bool:
    return isinstance(at, list) and len(at) == 2 and isinstance(at[0], int) and isinstance(at[1], str)


def _is_operation(one: object) -> bool:
    if not isinstance(one, Mapping) or one.get("verb") not in VERBS:
        return False
    return all(isinstance(one.get(name), str) and one[name] for name in _FIELDS)


@cache
def _component() -> Any:
    # Not at import: without a runtime a packaged component cannot be registered.
    return st.components.v2.component(
        "workbench.reader", js="reader.js", css="reader.css", isolate_styles=False
    )


def _document(document: Document) -> dict[str, Any]:
    return {
        "title": document.title,
        "meta": list(document.meta),
        "lang": document.language,
        "turns": [
            [t.seq, t.start, t.text, t.speaker, t.kind, t.group_name, t.monogram, t.group_colour, t.t0_ms]
            for t in document.turns
        ],
    }


def _mark(mark: Mark) -> list[Any]:
    placements = [[p.id, p.code_group, p.subgroup] for p in mark.placements]
    more = [[list(c) for c in mark.codes], [list(c) for c in mark.comments]]
    while more and not more[-1]:
        more.pop()
    return [mark.unit, mark.start, mark.end, mark.member, mark.member_initials, mark.rev, placements, *more]


def _group(group: CodeGroup) -> list[Any]:
    return [
        group.id,
        group.tag,
        group.name,
        group.colour,
        group.position,
        int(group.hatched),
        group.definition,
    ]
