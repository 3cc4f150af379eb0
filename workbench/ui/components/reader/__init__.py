"""The reader: a transcript one reads, marks and places in code groups without waiting for the server.

The text travels once, in an element of its own; the marks as they stood at `base_rev` once, in a second; a
third, small one carries what changed since, and the answers to the operations the browser sent. In the
browser an outbox keeps every operation until it is answered, so a lost message, a burst of keystrokes or a
restarted server loses nothing (and repeats nothing, when the service is idempotent in the operation's id).

What the page does, in this order on every run:

1. In `on_operations(operations)` (a callback: it runs before the page's script) apply each operation in
   order and keep the answers, `{id: None}` when done or already done, `{id: sentence}` when refused, in
   session state. Each call carries *all* unanswered operations, so keeping the answers of the last call is
   enough.
2. Load the marks and call `reader(...)` with these answers in `Marks.acks`, outside `st.fragment`. Anything
   above it that comes and goes (a message, an error) belongs in a container made on every run: an element put
   in before the reader moves it down one place, and when Streamlit sends that in two batches the reader is
   taken down and put up again, scroll found again but a half-typed name gone.

Operations (every one has `id`, `project`, `source`, `member`, `text_rev`, `verb`). Offsets are Unicode code
points into the body (the turns joined by a line break), `[start, end)`, trimmed of white space and on
grapheme boundaries; `quote` is the exact text for the server to check:

    mark    unit, start, end, quote, placements [{id, code_group}], new_code_groups [{id, name}]
    place   unit, placements, new_code_groups
    unplace placement, unit
    remove  unit
    resize  unit, start, end, quote, rev
    group   new_code_groups            (made in the panel, nothing marked)
    undo    -                          redo    -
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

import streamlit as st

from workbench.language import catalogue, t

VERBS: Final = frozenset({"mark", "place", "unplace", "remove", "resize", "group", "undo", "redo"})
_FIELDS: Final = ("id", "project", "source", "member")


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
    hatched: bool = False
    count: int = 0
    definition: str = ""
    groups: Sequence[Disc] = ()


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


@dataclass(frozen=True)
class Member:
    id: str
    name: str
    initials: str


@dataclass(frozen=True)
class Marks:
    """The marks of one source: `snapshot` as of `base_rev` (keep both unchanged while the page is open, so that
    they travel once), then `changed` and `removed` since. `footer` is a sentence under the code groups.
    With `may_mark` false the reader only reads."""

    rev: int
    base_rev: int
    project: str
    source: str
    member: str
    snapshot: Sequence[Mark] = ()
    changed: Sequence[Mark] = ()
    removed: Sequence[str] = ()
    acks: Mapping[str, str | None] = field(default_factory=dict)
    code_groups: Sequence[CodeGroup] = ()
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


def reader(
    *,
    document: Document,
    marks: Marks,
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
    strings: Mapping[str, str] | None = None,
    focus: Focus | None = None,
    height: str = "max(24rem, 100dvh - 9.2rem)",
) -> None:
    """Mount the reader. `key` must be the same for every source of a page, so that switching keeps the
    component; `height` is a CSS length for the whole of it."""
    doc = f"{document.source}:{document.text_rev}"
    base = f"{doc}:{marks.base_rev}"
    mount = _component()
    coder_key = f"{key}-coder"
    constant = {"strings": dict(strings or reader_strings()), "height": height}
    # A keyed container keeps the component's DOM, and with it the scroll, when the page grows above it.
    with st.container(key=key, gap=None):
        # Data in lists of one: among the values of a dict Streamlit looks for data frames, importing pandas.
        mount(
            key=f"{key}-text-{doc}",
            data=[{"part": "text", "doc": doc, **constant, **_document(document)}],
        )
        mount(
            key=f"{key}-base-{base}",
            data=[{"part": "base", "base": base, "marks": [_mark(m) for m in marks.snapshot]}],
        )
        coder = {
            "part": "coder",
            "doc": doc,
            "base": base,
            "rev": marks.rev,
            "project": marks.project,
            "source": marks.source,
            "member": marks.member,
            "textRev": document.text_rev,
            "changed": [_mark(m) for m in marks.changed],
            "removed": list(marks.removed),
            "acks": dict(marks.acks),
            "groups": [_group(g) for g in marks.code_groups],
            "members": [[m.id, m.name, m.initials] for m in marks.members],
            "footer": marks.footer,
            "mayMark": marks.may_mark,
            "focus": {"turn": focus.turn, "unit": focus.unit} if focus else None,
        }
        mount(
            key=coder_key,
            data=[coder],
            on_operations_change=partial(_receive, coder_key, on_operations),
        )


def unsent(
    *,
    project: str,
    member: str,
    acks: Mapping[str, str | None],
    key: str,
    on_operations: Callable[[list[dict[str, Any]]], None],
) -> None:
    """Nothing to see: on pages without the reader, sends what was made just before it was left and takes the
    answers, so that the header does not say "not saved yet" for what is. Never on the reader's own page."""
    carrier_key = f"{key}-outbox"
    with st.container(key=key, gap=None):
        _component()(
            key=carrier_key,
            data=[{"part": "outbox", "project": project, "member": member, "acks": dict(acks)}],
            on_operations_change=partial(_receive, carrier_key, on_operations),
        )


def _receive(coder_key: str, on_operations: Callable[[list[dict[str, Any]]], None]) -> None:
    """Hand over the operations of this trigger. Anything malformed is left out and never answered: only a
    client that is not ours sends such."""
    # .get: a trigger that arrives before the widget's base state has no entry; the outbox sends again.
    state = st.session_state.get(coder_key)
    value = state.get("operations") if isinstance(state, Mapping) else None
    sent = value.get("operations") if isinstance(value, Mapping) else None
    operations = [dict(one) for one in sent or [] if _is_operation(one)]
    if operations:
        on_operations(operations)


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
    return [mark.unit, mark.start, mark.end, mark.member, mark.member_initials, mark.rev, placements]


def _group(group: CodeGroup) -> dict[str, Any]:
    return {
        "id": group.id,
        "tag": group.tag,
        "name": group.name,
        "colour": group.colour,
        "hatched": group.hatched,
        "count": group.count,
        "definition": group.definition,
        "heard": [[d.monogram, d.colour, d.name] for d in group.groups],
    }
