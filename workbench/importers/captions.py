"""WebVTT and SubRip -> turns, with no cue lost.

The framing is our own for both. Measured: webvtt-py drops a cue whose time it cannot read and the second
<v> of a
cue; srt keeps the words of such a cue but as text of the one before it, number and arrow included. Here
every line
with an arrow is a cue, whatever its time says, and a cue that says something is a turn or part of one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.text import normalise
from workbench.domain.transcripts import Notice, ParsedTurn
from workbench.importers import labels
from workbench.importers.labels import Candidate
from workbench.importers.layouts import Reading, join, merge_segments
from workbench.importers.times import CLOCK, milliseconds

_ARROW = re.compile(r"^(?P<start>[^<>]{0,40}?)\s*-->\s*(?P<end>\S*)(?:\s.*)?$")
_TIMED_ARROW = re.compile(rf"^{CLOCK}\s*-->\s*{CLOCK}(\s.*)?$")
_CUE_NUMBER = re.compile(
    r"^(\d{1,7}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(/\d+-\d+)?|\S{1,80}/\d+-\d+)$"
)


@dataclass(frozen=True, slots=True)
class Cue:
    lines: tuple[str, ...]
    t0: int | None
    t1: int | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one speaker says in one cue; `named` is False where the cue does not say who."""

    speaker: str | None
    text: str
    t0: int | None
    t1: int | None


def has_cues(lines: Sequence[str]) -> bool:
    """Is this captions without a header? Two lines of nothing but "time --> time"."""
    seen = 0
    for line in lines:
        seen += _TIMED_ARROW.match(line.strip()) is not None
        if seen == 2:
            return True
    return False


def is_srt(text: str) -> bool:
    """SubRip writes its milliseconds after a comma."""
    return any(_TIMED_ARROW.match(line) and "," in line for line in text.split("\n"))


def frame(text: str) -> tuple[list[Cue], list[Notice]]:
    """The cues of a caption file and what was odd about it."""
    lines = [line.strip() for line in text.split("\n")]
    cues: list[Cue] = []
    collected: list[str] = []
    times: tuple[int | None, int | None] | None = None
    unreadable = notes = 0
    skipping = bool(lines) and lines[0].startswith("WEBVTT")
    fresh = True  # at the start of a block: nothing but blank lines before

    def close() -> None:
        if times is not None:
            cues.append(Cue(tuple(collected), *times))
        collected.clear()

    for index, line in enumerate(lines):
        arrow = _ARROW.match(line) if "-->" in line else None
        if arrow:
            # The line above an arrow is the cue's own number or id: where it began a block,
            # or looks like one.
            if collected and not skipping and index and lines[index - 1]:
                above = index < 2 or not lines[index - 2]
                if above or _CUE_NUMBER.match(lines[index - 1]):
                    collected.pop()
            if times is None:
                collected.clear()  # a header or an id, not yet speech
            close()
            times = milliseconds(arrow["start"]), milliseconds(arrow["end"])
            if times[0] is None or times[1] is None:
                unreadable += 1
            skipping, fresh = False, False
        elif not line:
            skipping, fresh = False, True
        elif skipping:
            pass
        elif fresh and re.match(r"(NOTE|STYLE|REGION)(\s|$)", line):
            skipping = True
            notes += line.startswith("NOTE") and not line.startswith("NOTE Confidence") and line != "NOTE"
        else:
            # Lines after a blank one with no arrow of their own are lost by the book; here
            # they go with their cue.
            fresh = False
            collected.append(line)
    close()
    notices = []
    if unreadable:
        notices.append(Notice.of("import.notice.unreadable_times", n=unreadable))
    if notes:
        notices.append(Notice.of("import.notice.notes_left_out", n=notes))
    return cues, notices


def parse(text: str, layout: str) -> Reading | None:
    """The turns of a caption file: cues of one speaker in a row are one turn; None where there is no cue."""
    cues, notices = frame(text)
    if not cues:
        return None
    pieces = [piece for cue in cues for piece in _voices(cue)]
    if not any(piece.speaker for piece in pieces):
        pieces = _labelled(pieces) or _name_lines(cues) or pieces
    spoken = [
        ParsedTurn(piece.speaker, said, piece.t0, piece.t1)
        for piece in pieces
        if (said := _one_line(piece.text))
    ]
    if not any(turn.speaker for turn in spoken):
        notices.append(Notice.of("import.notice.no_speakers"))
        return Reading(layout, merge_segments(spoken), notices)
    return Reading(layout, _merge_speakers(spoken), notices)


def _merge_speakers(spoken: Sequence[ParsedTurn]) -> list[ParsedTurn]:
    turns: list[ParsedTurn] = []
    parts: list[ParsedTurn] = []
    shown: dict[str, str] = {}
    for turn in spoken:
        # A cue that does not say who speaks goes on with the one who did (noScribe, Zoom).
        speaker = shown.setdefault(labels.key(turn.speaker), turn.speaker) if turn.speaker else None
        if parts and speaker not in (None, parts[0].speaker):
            turns.append(join(parts))
            parts = []
        parts.append(ParsedTurn(speaker, turn.text, turn.t0_ms, turn.t1_ms))
    if parts:
        turns.append(join(parts))
    return turns


# --- what a cue says ----------------------------------------------------------------------------------------

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:[ \t]+([^<>\n]*))?>|</v>")
# Only the tags of the formats are taken off; <unclear> or <[?]> is what the transcriber wrote.
_TAG = re.compile(
    r"</?(?:c|i|b|u|s|ruby|rt|lang|font|v)(?:[.\s][^<>\n]*)?/?>|<\d{1,3}:[\d:]{2,8}[.,]\d{3}>|\{\\an?\d\}",
    re.I,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def _clean(text: str) -> str:
    text = _TAG.sub("", text)
    if "&" in text:
        text = normalise(_ENTITY.sub(_unescape, text)).text
    return text.strip()


def _unescape(match: re.Match[str]) -> str:
    character = html.unescape(match[0])
    return match[0] if "\ufffd" in character else character


def _one_line(text: str) -> str:
    """A cue's lines are broken for the screen; only "- Yes?" / "- No." are lines of their own."""
    said = ""
    for line in text.split("\n"):
        line = line.strip()
        if line:
            said += ("\n" if said and re.match(r"[-–—] ?\S", line) else " " if said else "") + line
    return said


def _voices(cue: Cue) -> list[_Piece]:
    """The cue's pieces by <v Name>; a closing </v> is often missing, and text outside belongs to nobody."""
    text = "\n".join(cue.lines)
    pieces: list[_Piece] = []
    speaker: str | None = None
    at = 0
    for tag in _VOICE.finditer(text):
        pieces.append(_Piece(speaker, _clean(text[at : tag.start()]), cue.t0, cue.t1))
        speaker = " ".join(_clean(tag[1] or "").split()) or None
        at = tag.end()
    pieces.append(_Piece(speaker, _clean(text[at:]), cue.t0, cue.t1))
    return [piece for piece in pieces if piece.text]


_LABEL = re.compile(r"^(?:>>\s*|[-–—]\s*)?\[?([^\W_][^:：\n\[\]<>]{0,79}?)\]?\s*[:：](\s+|$)")


def _labelled(pieces: Sequence[_Piece]) -> list[_Piece] | None:
    """Zoom's `Name: text`, at the start of any line of a cue."""
    by_line = [
        (_Piece(None, line, piece.t0, piece.t1), _LABEL.match(line[:200]))
        for piece in pieces
        for line in piece.text.split("\n")
    ]
    candidates = [Candidate(match[1].strip(), sure=False) for _, match in by_line if match]
    accepted = labels.accept(candidates, len(pieces))
    if not accepted:
        return None
    result: list[_Piece] = []
    for piece, match in by_line:
        speaker = accepted.get(labels.key(match[1])) if match else None
        text = piece.text[match.end() :] if match and speaker else piece.text
        result.append(_Piece(speaker, text, piece.t0, piece.t1))
    return result


def _name_lines(cues: Sequence[Cue]) -> list[_Piece] | None:
    """Older Teams documents: the name alone on the first line of each cue, the words below."""
    named = [cue for cue in cues if len(cue.lines) > 1]
    names = [cue.lines[0] for cue in named]
    if len(named) < 2 or len(named) * 10 < len(cues) * 9 or len(set(names)) * 2 > len(names):
        return None
    accepted = labels.accept([Candidate(name, sure=False) for name in names], len(names))
    if any(labels.key(name) not in accepted for name in names) or any(
        len(name.split()) < 2 for name in names
    ):
        return None
    result: list[_Piece] = []
    for cue in cues:
        if len(cue.lines) > 1:
            speaker = accepted[labels.key(cue.lines[0])]
            result.append(_Piece(speaker, _clean("\n".join(cue.lines[1:])), cue.t0, cue.t1))
        else:
            result.append(_Piece(None, _clean("\n".join(cue.lines)), cue.t0, cue.t1))
    return result
