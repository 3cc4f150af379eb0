"""One file, start to end: gate, kind, encoding, cleaning, layout, limits, notices."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from workbench.domain.errors import ImportRejected
from workbench.domain.text import normalise
from workbench.domain.transcripts import Notice, ParsedTranscript, ParsedTurn
from workbench.importers import captions, gate, layouts, word
from workbench.importers.encodings import decode
from workbench.importers.gate import Limits
from workbench.importers.layouts import Line, Reading

_TEXT_LAYOUTS = (
    "label", "bold-label", "time-label", "label-time", "name-time", "time-name", "role-name",
    "times", "table", "plain",
)  # fmt: skip

#: Kind of file -> the layouts the preview offers for it; each has a sentence `import.layout.<id>`.
LAYOUTS: dict[str, tuple[str, ...]] = {
    "text": _TEXT_LAYOUTS,
    "docx": _TEXT_LAYOUTS,
    "vtt": ("vtt",),
    "srt": ("srt",),
}


def kind_of(transcript: ParsedTranscript) -> str:
    """`docx`, `vtt`, `srt` or `text`: the key into LAYOUTS for a transcript that was read."""
    if transcript.encoding is None:
        return "docx"
    return transcript.layout if transcript.layout in _CAPTIONS else "text"


def layouts_for(transcript: ParsedTranscript) -> tuple[str, ...]:
    """What the preview offers for it; always with the layout it was read in (a docx may hold captions)."""
    offered = LAYOUTS[kind_of(transcript)]
    return offered if transcript.layout in offered else (transcript.layout, *offered)


_DEFAULT = Limits()
_CAPTIONS = ("vtt", "srt")


def read(
    data: bytes,
    name: str,
    *,
    layout: str | None = None,
    encoding: str | None = None,
    limits: Limits = _DEFAULT,
) -> ParsedTranscript:
    """The transcript in `data`. `layout` and `encoding` override what would be found. Raises
    ImportRejected, only."""
    shown = gate.display_name(name)
    try:
        return _read(data, shown, layout, encoding, limits)
    except ImportRejected:
        raise
    except MemoryError as error:
        raise ImportRejected("import.too_much", name=shown) from error
    except Exception as error:  # the promise to the caller; each that turns up is a fault to mend here
        raise ImportRejected("import.unreadable", name=shown) from error


def _read(
    data: bytes, name: str, layout: str | None, encoding: str | None, limits: Limits
) -> ParsedTranscript:
    gate.check_size(data, name, limits)
    if layout is not None and not any(layout in offered for offered in LAYOUTS.values()):
        raise ImportRejected("import.layout_unknown", name=name)
    changes: Counter[str] = Counter()
    if gate.detect(data, name) == "docx":
        found: str | None = None
        document = word.parse(data, name, limits)
        changes.update(document.changes)
        notices = document.notices
        reading = _read_blocks(document.blocks, layout)
    else:
        raw, found, notices = decode(data, name, encoding)
        if len(raw) > limits.characters:
            raise ImportRejected("import.too_long", name=name, limit=limits.characters)
        gate.check_text_kind(raw, name)
        cleaned = normalise(raw)
        changes.update(cleaned.changes)
        reading = _read_text(cleaned.text, name, layout)
    turns = tuple(reading.turns)
    if not turns:
        raise ImportRejected("import.no_text", name=name)
    if len(turns) > limits.turns:
        raise ImportRejected("import.too_many_turns", name=name, limit=limits.turns)
    notices = [*notices, *_said_changes(changes), *reading.notices, *_said_turns(turns)]
    return ParsedTranscript(name, reading.layout, found, turns, tuple(notices))


def _read_text(text: str, name: str, layout: str | None) -> Reading:
    ending = gate.ending(name)
    if layout is None and text.lstrip().startswith("WEBVTT"):
        layout = "vtt"
    elif layout is None and ending in _CAPTIONS:
        layout = ending
    elif layout is None and captions.has_cues(text.split("\n")):
        layout = "srt" if captions.is_srt(text) else "vtt"
    if layout in _CAPTIONS:
        reading = captions.parse(text, layout)
        if reading is None:
            raise ImportRejected("import.no_cues", name=name)
        return reading
    lines = layouts.lines_of(text)
    if layout in (None, "table"):
        rows = layouts.tab_rows(lines)
        reading = layouts.columns(rows) if rows else None
        if reading is not None:
            return reading
    return layouts.parse(lines, None if layout == "table" else layout)


def _read_blocks(blocks: list[Line | list[list[str]]], layout: str | None) -> Reading:
    """A Word document: one table that is the transcript, or lines (the cells of other tables among them)."""
    if layout in (None, "table"):
        reading = _read_tables(blocks)
        if reading is not None:
            return reading
    lines: list[Line] = []
    for block in blocks:
        if isinstance(block, Line):
            lines.append(block)
            continue
        for row in block:
            for cell in row:
                lines.extend(Line(part, part) for part in cell.split("\n") if part)
    if layout in _CAPTIONS or (layout is None and captions.has_cues([line.raw for line in lines])):
        reading = captions.parse("\n".join(line.raw for line in lines), layout or "vtt")
        if reading is not None:
            return reading
    if layout in (None, "table") and lines:
        rows = layouts.tab_rows(lines)
        reading = layouts.columns(rows) if rows else None
        if reading is not None:
            return reading
    return layouts.parse(lines, None if layout in ("table", *_CAPTIONS) else layout)


def _read_tables(blocks: list[Line | list[list[str]]]) -> Reading | None:
    """Tables with a column of speakers or times that hold most of the text; paragraphs around them
    stay, unnamed."""
    size = {True: 0, False: 0}
    for block in blocks:
        if isinstance(block, Line):
            size[False] += len(block.raw)
        else:
            size[True] += sum(len(cell) for row in block for cell in row)
    if not size[True] or size[True] < size[False]:
        return None
    turns: list[ParsedTurn] = []
    notices: list[Notice] = []
    for block in blocks:
        if isinstance(block, Line):
            turns.append(ParsedTurn(None, block.raw))
            continue
        reading = layouts.columns(block)
        if reading is None:
            if sum(len(cell) for row in block for cell in row) * 2 > size[True]:
                return None
            turns.extend(ParsedTurn(None, cell) for row in block for cell in row if cell)
        else:
            turns.extend(reading.turns)
            notices.extend(reading.notices)
    return Reading("table", turns, notices)


def _said_changes(changes: Counter[str]) -> list[Notice]:
    """What cleaning did that a person would want to know; line breaks, spaces and composing are not
    among it."""
    return [
        Notice.of(f"import.notice.{what}", n=changes[what])
        for what in ("controls", "surrogates", "bidi", "replacement")
        if changes[what]
    ]


def _said_turns(turns: tuple[ParsedTurn, ...]) -> list[Notice]:
    starts = [turn.t0_ms for turn in turns if turn.t0_ms is not None]
    back = sum(1 for before, after in pairwise(starts) if after < before)
    speakers = len({turn.speaker for turn in turns} - {None})
    notices = [Notice.of("import.notice.times_go_back", n=back)] if back else []
    if speakers > 20:
        notices.append(Notice.of("import.notice.many_speakers", n=speakers))
    return notices
