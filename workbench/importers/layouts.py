"""Which layout a text is in, and its turns: labels, bold names, times, tables, or plain paragraphs.

Text files and Word documents meet here as lines. One grammar reads a heading inside the line
(`[00:01] Anna (00:01): text`, every part but the name optional), one a heading on a line of its own
(`Anna  0:01`); what a file shows most of names its layout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workbench.domain.text import words
from workbench.domain.transcripts import Notice, ParsedTurn
from workbench.importers import labels
from workbench.importers.labels import Candidate
from workbench.importers.times import BRACKETED, STAMP, milliseconds, span


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is without Markdown's asterisks around a leading name, `bold` counts its leading bold
    characters,
    `raw` is what the line says where it names no speaker. `opens`: a new paragraph begins here. `heading`: a
    heading of the document, which nobody said."""

    text: str
    raw: str
    bold: int = 0
    opens: bool = True
    number: int = 0
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    speaker: str | None
    rest: str
    t0: int | None = None
    t1: int | None = None


@dataclass(slots=True)
class Reading:
    """What one layout made of the lines."""

    layout: str
    turns: list[ParsedTurn]
    notices: list[Notice] = field(default_factory=list)


_LEAD = re.compile(r"(\*{1,3}|__?)(?=\S)(.{1,90}?)(?<=\S)\1")


def _is_heading(raw: str) -> bool:
    return re.match(r"#{1,6} \S", raw) is not None


def lines_of(text: str) -> list[Line]:
    """The non-empty lines of a text file."""
    lines: list[Line] = []
    opens = True
    for number, whole in enumerate(text.split("\n"), 1):
        raw = whole.strip()
        if not raw:
            opens = True
            continue
        lead = _LEAD.match(raw)
        if lead:
            clean, bold = lead[2] + raw[lead.end() :], len(lead[2])
        else:
            clean, bold = raw, 0
        lines.append(
            Line(clean, raw, bold, opens or whole.startswith(("  ", "\t")), number, _is_heading(raw))
        )
        opens = False
    return lines


# --- headings -----------------------------------------------------------------------------------------------

_NAME = r"(?P<name>[^\W_][^:：\n\t\[\]{}<>#]{0,79}?)"
_INLINE = re.compile(
    rf"^(?:(?P<before>{STAMP})\s*(?:[-–—]\s*)?)?(?:>>\s*|[-–—•]\s*)?\[?{_NAME}\]?"
    rf"(?:\s*(?P<after>{BRACKETED}))?\s*[:：](?P<space>\s|$|(?=\S))\s*(?:(?P<inside>{BRACKETED})\s*)?(?P<rest>.*)$",
    re.S,
)
_HEAD_LENGTH = 200  # a heading is over by then; keeps the grammar's work per line bounded
_NAME_TIME = re.compile(rf"^{_NAME}(?P<gap>\s{{2,}}|\t|\s)\s*(?P<time>{STAMP})\s*:?$")
_TIME_NAME = re.compile(rf"^(?P<time>{STAMP})(?:\s*[-–—])?\s+{_NAME}\s*:?$")
_TIME_TEXT = re.compile(rf"^(?P<time>{STAMP})(?:\s*[-–—])?\s+(?P<rest>\S.*)$")
_STAMPED = re.compile(rf"^{STAMP}")
_ONLY_TIME = re.compile(rf"^(?:#+\s+)?(?P<time>{STAMP})$")
_CLOCK_LINE = re.compile(r"^[Kk]l\.? \d{1,2}[:.]\d{2}$")
_SERVICE_LINE = re.compile(
    r"^(Transcribed by https://otter\.ai"
    r"|.{1,60} (started|stopped) transcription|.{1,60} (startede|stoppede) transskription(en)?"
    r"|Transcription ended after .{1,20})$"
)
_END_STAMP = re.compile(r"(#(?:\d{1,3}:)?\d{1,3}:\d{2}(?:-\d|[.,]\d{1,3})?#)$")


def _inline(line: Line) -> tuple[Candidate, Head] | None:
    match = _INLINE.match(line.text[:_HEAD_LENGTH])
    if match is None:
        return None
    name = match["name"].strip()
    rest = (match["rest"] + line.text[_HEAD_LENGTH:]).strip()
    times = [span(match[part]) for part in ("before", "after", "inside") if match[part]]
    if not match["space"] and rest and (rest[0].isdigit() or rest.startswith("//")):
        return None
    name_end = match.end("name")
    colon_end = match.start("rest") if not match["inside"] else match.start("inside")
    whole_is_bold = line.bold >= len(line.text) and bool(rest)
    # Bold is evidence where it covers the name and stops there: a question that is bold throughout is
    # no label.
    bold = name_end <= line.bold <= colon_end and not whole_is_bold
    colon = line.text[match.start("space") - 1]
    spaced = bool(match["space"]) or not match["rest"] or colon == "："
    candidate = Candidate(name, sure=bold or bool(times), spaced=spaced, alone=not rest)
    t0, t1 = times[0] if times else (None, None)
    return candidate, Head(name, rest, t0, t1)


def _name_time(line: Line) -> tuple[Candidate, Head] | None:
    match = _NAME_TIME.match(line.text) if len(line.text) <= _HEAD_LENGTH else None
    if match is None:
        return None
    name = match["name"].strip()
    strong = (
        (0 < len(name) <= line.bold)
        or len(match["gap"]) > 1
        or match["gap"] == "\t"
        or match["time"][0] in "[({"
    )
    return Candidate(name, sure=strong and labels.is_speaker_like(name)), Head(name, "", *span(match["time"]))


def _time_name(line: Line) -> tuple[Candidate, Head] | None:
    match = _TIME_NAME.match(line.text) if len(line.text) <= _HEAD_LENGTH else None
    if match is None:
        return None
    name = match["name"].strip()
    return Candidate(name, sure=False), Head(name, "", *span(match["time"]))


def _name_alone(line: Line) -> tuple[Candidate, Head] | None:
    """A bold name with neither colon nor time, its words below: a speaker only where it comes back."""
    if not 0 < len(line.text) <= line.bold or len(line.text) > 60 or ":" in line.text:
        return None
    return Candidate(line.text, sure=False), Head(line.text, "")


def _heads(
    lines: Sequence[Line],
    grammar: Callable[[Line], tuple[Candidate, Head] | None],
    *,
    count: Callable[[Sequence[Line], Collection[int]], int],
    needs_text_below: bool,
    trusting: bool,
) -> dict[int, Head]:
    """Line index -> its heading, for the labels that the evidence of the whole file accepts. `count` says how
    many paragraphs could have had one."""
    found: dict[int, tuple[Candidate, Head]] = {}
    for index, line in enumerate(lines):
        hit = grammar(line)
        if hit is None:
            continue
        below = lines[index + 1] if index + 1 < len(lines) else None
        if needs_text_below and (below is None or grammar(below) is not None):
            continue
        found[index] = hit
    accepted = labels.accept([c for c, _ in found.values()], count(lines, found), trusting=trusting)
    heads: dict[int, Head] = {}
    for index, (candidate, head) in found.items():
        shown = accepted.get(labels.key(candidate.label))
        if shown is not None:
            heads[index] = Head(shown, head.rest, head.t0, head.t1)
    return heads


def _paragraphs(lines: Sequence[Line], found: Collection[int]) -> int:
    """Paragraphs from the first heading on; lines where nothing parts paragraphs."""
    rest = lines[min(found, default=0) :]
    return sum(1 for line in rest if line.opens) if any(line.opens for line in lines[1:]) else len(rest)


def _stamped(lines: Sequence[Line], found: Collection[int]) -> int:
    return sum(1 for line in lines if _STAMPED.match(line.text))


# --- choosing -----------------------------------------------------------------------------------------------

_INLINE_LAYOUTS = ("label", "bold-label", "time-label", "label-time", "role-name")


def parse(lines: Sequence[Line], layout: str | None) -> Reading:
    """The turns of `lines`, in `layout` or in the one that the file shows most evidence for."""
    trusting = layout is not None
    if layout == "plain":
        return _plain(lines, said=False)
    if layout == "times":
        return _times(lines)
    inline: dict[int, Head] = {}
    own: dict[int, Head] = {}
    below: dict[int, Head] = {}
    if layout is None or layout in _INLINE_LAYOUTS:
        inline = _heads(lines, _inline, count=_paragraphs, needs_text_below=False, trusting=trusting)
    if layout is None or layout == "name-time":
        own = _heads(
            lines, _name_time, count=lambda _, found: len(found), needs_text_below=True, trusting=trusting
        )
    if layout is None or layout == "time-name":
        below = _heads(lines, _time_name, count=_stamped, needs_text_below=True, trusting=trusting)
    alone: dict[int, Head] = {}
    if layout in (None, "bold-label") and len(inline) < 2:
        alone = _heads(
            lines,
            _name_alone,
            count=lambda _, found: 2 * len(found),
            needs_text_below=True,
            trusting=trusting,
        )
    best = max(len(inline), len(own), len(below), len(alone))
    if layout is not None:
        heads = alone if len(alone) > len(inline) else inline or own or below
        if not heads:
            return _plain(lines, said=True)
        return _labelled(lines, heads, layout)
    stamped = sum(1 for line in lines if _TIME_TEXT.match(line.text))
    if best == 0 or (best < 2 and stamped >= 2):
        return _times(lines) if stamped >= 2 and stamped * 2 >= len(lines) else _plain(lines, said=True)
    if len(own) == best:
        return _labelled(lines, own, "name-time")
    if len(below) == best:
        return _labelled(lines, below, "time-name")
    if len(alone) == best and len(inline) < best:
        return _labelled(lines, alone, "bold-label")
    return _labelled(lines, inline, _name_inline(lines, inline))


def _name_inline(lines: Sequence[Line], heads: dict[int, Head]) -> str:
    def most(seen: Callable[[int], object]) -> bool:
        return sum(1 for index in heads if seen(index)) * 2 > len(heads)

    if most(lambda i: re.match(rf"{STAMP}", lines[i].text)):
        return "time-label"
    if most(lambda i: heads[i].t0 is not None):
        return "label-time"
    if most(lambda i: lines[i].bold):
        return "bold-label"
    if most(lambda i: (heads[i].speaker or "").endswith(")") and not heads[i].rest):
        return "role-name"
    return "label"


# --- building turns -----------------------------------------------------------------------------------------


class _Builder:
    """Collects the paragraphs of a turn until the next begins."""

    def __init__(self, wrapped: bool) -> None:
        self.turns: list[ParsedTurn] = []
        self.empty = 0
        self._wrapped = wrapped
        self._head: Head | None = None
        self._parts: list[str] = []
        self._started = False

    def begin(self, head: Head) -> None:
        self.close()
        self._head, self._started = head, True
        if head.rest:
            self._parts = [head.rest]

    def add(self, text: str, opens: bool) -> None:
        self._started = True
        if self._parts and self._wrapped and not opens:
            self._parts[-1] += " " + text
        else:
            self._parts.append(text)

    def close(self) -> None:
        head = self._head or Head(None, "")
        text = "\n".join(self._parts).strip()
        if text:
            self.turns.append(ParsedTurn(head.speaker, text, head.t0, head.t1))
        elif self._started:
            self.empty += 1
        self._head, self._parts, self._started = None, [], False


def _labelled(lines: Sequence[Line], heads: dict[int, Head], layout: str) -> Reading:
    notices: list[Notice] = []
    first = min(heads)
    clocks = service = 0
    kept: list[tuple[Line, Head | None]] = []
    unsure: list[int] = []
    for index, line in enumerate(lines):
        head = heads.get(index)
        if head is None and _SERVICE_LINE.match(line.raw):
            service += 1
        elif head is None and _CLOCK_LINE.match(line.raw):
            clocks += 1
        else:
            if head is None and index > first and line.opens:
                hit = _inline(line)
                if hit and hit[0].spaced and len(hit[0].label) <= 25 and labels.is_speaker_like(hit[0].label):
                    unsure.append(line.number)
            kept.append((line, head))
    wrapped = is_wrapped([line for line, head in kept if head is None or head.rest])
    if wrapped:
        kept = list(zip(unwrap([line for line, _ in kept]), [head for _, head in kept], strict=True))
    builder = _Builder(wrapped)
    pending: int | None = None
    for index, (line, head) in enumerate(kept):
        if head is not None:
            if head.t0 is None and pending is not None:
                head = Head(head.speaker, head.rest, pending, head.t1)
            pending = None
            builder.begin(head)
            continue
        # A line that is only a time belongs to the turn that follows it, where one does.
        alone = _ONLY_TIME.match(line.text)
        if alone and index + 1 < len(kept) and kept[index + 1][1] is not None:
            pending = span(alone["time"])[0]
        elif line.heading and index:
            builder.begin(Head(None, line.raw))
        else:
            builder.add(line.raw, line.opens)
    builder.close()
    turns = _strip_end_stamps(builder.turns)
    if turns and turns[0].speaker is None:
        notices.append(Notice.of("import.notice.preamble", words=words(turns[0].text)))
    if wrapped:
        notices.append(Notice.of("import.notice.unwrapped"))
    if unsure:
        notices.append(Notice.of("import.notice.unsure_labels", n=len(unsure), line=unsure[0]))
    if builder.empty:
        notices.append(Notice.of("import.notice.empty_turns", n=builder.empty))
    if service:
        notices.append(Notice.of("import.notice.service_lines", n=service))
    if clocks:
        notices.append(Notice.of("import.notice.clock_lines", n=clocks))
    return Reading(layout, turns, notices)


def _strip_end_stamps(turns: list[ParsedTurn]) -> list[ParsedTurn]:
    """f4 and easytranscript stamp the end of a paragraph: `B: text #00:12:34-5#`."""
    stamped = sum(1 for turn in turns if _END_STAMP.search(turn.text[-24:]))
    if stamped < 2 or stamped * 2 < len(turns):
        return turns
    result: list[ParsedTurn] = []
    at: int | None = 0
    for turn in turns:
        stamp = _END_STAMP.search(turn.text[-24:])
        end = milliseconds(stamp[1]) if stamp else None
        text = turn.text[: -len(stamp[1])].rstrip() if stamp else turn.text
        if text:
            result.append(ParsedTurn(turn.speaker, text, turn.t0_ms if turn.t0_ms is not None else at, end))
        at = end
    return result


def _plain(lines: Sequence[Line], *, said: bool) -> Reading:
    """Paragraphs as turns without a speaker; where no blank line parts them, each line is one."""
    apart = any(line.opens for line in lines[1:])
    wrapped = is_wrapped(lines)
    builder = _Builder(wrapped)
    for line in unwrap(lines) if wrapped else lines:
        if line.opens or not (apart or wrapped):
            builder.begin(Head(None, line.raw))
        else:
            builder.add(line.raw, line.opens)
    builder.close()
    notices = [Notice.of("import.notice.no_speakers")] if said else []
    if wrapped:
        notices.append(Notice.of("import.notice.unwrapped"))
    return Reading("plain", builder.turns, notices)


def _times(lines: Sequence[Line]) -> Reading:
    builder = _Builder(wrapped=False)
    ranged = 0
    for line in lines:
        match = _TIME_TEXT.match(line.text)
        if match:
            t0, t1 = span(match["time"])
            ranged += t1 is not None
            builder.begin(Head(None, match["rest"], t0, t1))
        else:
            builder.add(line.raw, line.opens)
    builder.close()
    turns = builder.turns
    if ranged * 2 > len(turns):  # a recogniser's segments, not paragraphs that a person made
        turns = merge_segments(turns)
    return Reading("times", turns, [Notice.of("import.notice.no_speakers")])


_SENTENCE_END = re.compile(r"[.?!…][\"'”’»)\]]*$")


def merge_segments(segments: Iterable[ParsedTurn]) -> list[ParsedTurn]:
    """Captions without speakers as paragraphs: a new one at a sentence's end after a silence (1.5 s) or
    some 60
    words, and at 90 words where the captions have no sentences."""
    merged: list[ParsedTurn] = []
    parts: list[ParsedTurn] = []
    count = 0
    for segment in segments:
        if parts:
            ends = _SENTENCE_END.search(parts[-1].text[-4:]) is not None
            before, after = parts[-1].t1_ms, segment.t0_ms
            silence = after - before if before is not None and after is not None else 0
            if (ends and (count >= 60 or (silence >= 1500 and count >= 12))) or count >= 90:
                merged.append(join(parts))
                parts, count = [], 0
        parts.append(segment)
        count += words(segment.text)
    if parts:
        merged.append(join(parts))
    return merged


def join(parts: Sequence[ParsedTurn]) -> ParsedTurn:
    """Pieces of one speaker's turn as one: from the first start to the last end."""
    starts = [part.t0_ms for part in parts if part.t0_ms is not None]
    ends = [part.t1_ms for part in parts if part.t1_ms is not None]
    text = " ".join(part.text for part in parts)
    return ParsedTurn(parts[0].speaker, text, starts[0] if starts else None, max(ends) if ends else None)


def _width(lines: Sequence[Line]) -> int:
    return sorted(len(line.raw) for line in lines)[len(lines) * 98 // 100]


def is_wrapped(lines: Sequence[Line]) -> bool:
    """Was the text broken at a fixed width? True where nearly every line inside a paragraph is as full as it
    could be: the next word would not have fitted."""
    pairs = [(a.raw, b.raw) for a, b in pairwise(lines) if not b.opens]
    if len(pairs) < 10:
        return False
    width = _width(lines)
    if not 40 <= width <= 120:
        return False
    return sum(1 for a, b in pairs if _is_full(a, b, width)) * 100 >= len(pairs) * 85


def _is_full(line: str, below: str, width: int) -> bool:
    # Four fifths: text taken from a PDF in a proportional type has lines of uneven length.
    return (len(line) + 1 + len(below.split(None, 1)[0])) * 10 > width * 8


def unwrap(lines: Sequence[Line]) -> list[Line]:
    """Lines of wrapped text with `opens` also where the line above had room left: there a paragraph ended."""
    width = _width(lines)
    return [
        replace(line, opens=line.opens or not _is_full(above.raw, line.raw, width))
        for above, line in zip([Line("", ""), *lines], lines, strict=False)
    ]


# --- columns ------------------------------------------------------------------------------------------------

_COLUMN_NAMES = {
    "time": "time tid timestamp start tidspunkt tidskode timecode begin",
    "end": "end slut stop",
    "speaker": "speaker taler name navn who hvem deltager participant person rolle role speakers label",
    "text": "text tekst transcript transskription transskript utterance words content indhold udsagn speech",
    "number": "# no nr no. nr. id line linje",
}
_COLUMN = {name: role for role, names in _COLUMN_NAMES.items() for name in names.split()}


def tab_rows(lines: Sequence[Line]) -> list[list[str]] | None:
    """Tab-separated rows, where three lines in five have the same number of columns (two to four)."""
    if len(lines) < 2:
        return None
    for width in (2, 3, 4):
        rows = [[cell.strip() for cell in line.raw.split("\t", width - 1)] for line in lines]
        exact = sum(1 for line in lines if line.raw.count("\t") == width - 1)
        if exact * 5 >= len(lines) * 3:
            return rows
    return None


def columns(rows: Sequence[Sequence[str]]) -> Reading | None:
    """Turns from a table with columns for time, speaker and text, by their headings or by what is in
    them; None
    where it is not such a table. An empty time and speaker continue the turn above."""
    if len(rows) < 2:
        return None
    width = max(len(row) for row in rows)
    # A short row is a line without tabs or a merged cell: words, not a name.
    grid = [[*[""] * (width - len(row)), *row] for row in rows]
    named = [_COLUMN.get(cell.strip().strip(":").casefold()) for cell in grid[0]]
    if "text" in named and ("speaker" in named or "time" in named):
        roles: list[str | None] = list(named)
        grid = grid[1:]
    else:
        guessed = _roles_by_content(grid)
        if guessed is None:
            return None
        roles = guessed
    return _turns_of_columns(grid, roles)


def _roles_by_content(grid: Sequence[Sequence[str]]) -> list[str | None] | None:
    width = len(grid[0])
    cells = [[row[c].strip() for row in grid if row[c].strip()] for c in range(width)]
    roles: list[str | None] = [None] * width
    for c in range(width):
        if all(cell.rstrip(".").isdigit() for cell in cells[c]):
            roles[c] = "number"  # or empty
        elif sum(1 for cell in cells[c] if milliseconds(cell) is not None) * 5 >= len(cells[c]) * 4:
            roles[c] = "end" if "time" in roles else "time"
    free = [c for c in range(width) if roles[c] is None]
    if not free:
        return None
    # The first column of names, where another is left for the words (which may well be shorter: "Yes").
    for c in free[:-1] if len(free) > 1 else []:
        names = [cell.rstrip(":").strip() for cell in cells[c]]
        accepted = labels.accept([Candidate(name, sure=False) for name in names], len(names))
        if sum(1 for name in names if labels.key(name) in accepted) * 10 >= len(names) * 9:
            roles[c] = "speaker"
            free.remove(c)
            break
    roles[max(free, key=lambda c: sum(len(cell) for cell in cells[c]))] = "text"
    return roles if "speaker" in roles or "time" in roles else None


def _turns_of_columns(grid: Sequence[Sequence[str]], roles: Sequence[str | None]) -> Reading:
    where = {role: c for c, role in reversed(list(enumerate(roles))) if role}
    builder = _Builder(wrapped=False)
    left_out = 0
    begun = False
    shown: dict[str, str] = {}
    for row in grid:
        label = row[where["speaker"]].strip().rstrip(":").strip() if "speaker" in where else ""
        time = row[where["time"]].strip() if "time" in where else ""
        end = row[where["end"]].strip() if "end" in where else ""
        text = row[where["text"]].strip()
        left_out += sum(1 for c, cell in enumerate(row) if cell.strip() and c not in where.values())
        if label or time or not begun:
            begun = True
            speaker = shown.setdefault(labels.key(label), " ".join(label.split())) if label else None
            builder.begin(Head(speaker, text, milliseconds(time), milliseconds(end)))
        elif text:
            builder.add(text, True)
    builder.close()
    notices = []
    if builder.empty:
        notices.append(Notice.of("import.notice.empty_turns", n=builder.empty))
    if left_out:
        notices.append(Notice.of("import.notice.columns_left_out", n=left_out))
    if "speaker" not in where:
        notices.append(Notice.of("import.notice.no_speakers"))
    return Reading("table", builder.turns, notices)
