"""What is written in a layout is read back as the same turns, and every offset is exact."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from word_files import docx, p, run, table

from workbench.domain.text import normalise
from workbench.domain.transcripts import ParsedTurn, body
from workbench.importers import read

# What a turn may say here: several paragraphs of untidy speech, none of them a heading of its layout itself.
LETTERS = string.ascii_letters + "æøåÆØÅéü"
WORD = st.text(LETTERS, min_size=1, max_size=8) | st.sampled_from(
    [
        "😀",
        "👩‍🔬",
        "🇩🇰",
        "e\u0301",
        "a\u030a",
        "”ja”",
        "–",
        "100",
        "m.fl.",
        "hjem(me)",
        "[griner]",
        "*",
        "o'er",
    ]
)
PARAGRAPH = st.lists(WORD, min_size=1, max_size=12).map(" ".join).filter(lambda text: text[0] in LETTERS)
SPEECH = st.lists(PARAGRAPH, min_size=1, max_size=3).map("\n".join)
SPEAKERS = ["Interviewer", "P1", "Anna Holm", "Sygeplejerske 2", "Dr. Ø"]


@st.composite
def conversations(draw):
    """Two to twelve turns, neighbours by different speakers, each speaker at least twice, times rising."""
    people = draw(st.permutations(SPEAKERS))[: draw(st.integers(2, 4))]
    order = [*people, *people, *draw(st.lists(st.sampled_from(people), max_size=4))]
    turns = []
    at = 0
    for label in order:
        if turns and turns[-1].speaker == label:
            continue
        length = draw(st.integers(1, 300))
        turns.append(ParsedTurn(label, draw(SPEECH), at * 1000, (at + length) * 1000))
        at += length
    return turns


def clock(ms):
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}"


def spoken(turns, times="", flat=False):
    """What of the turns a layout can carry: normalised, and with the times it has room for."""
    return [
        (
            t.speaker,
            normalise(t.text.replace("\n", " ") if flat else t.text).text,
            t.t0_ms if times else None,
            t.t1_ms if times == "both" else None,
        )
        for t in turns
    ]


def found(data, name):
    transcript = read(data, name)
    text, spans = body(transcript.turns)
    assert [text[start:end] for start, end in spans] == [turn.text for turn in transcript.turns]
    assert normalise(text).text == text
    return [(t.speaker, t.text, t.t0_ms, t.t1_ms) for t in transcript.turns]


def webvtt(turns, arrow="."):
    return "\n\n".join(
        f"{clock(t.t0_ms)}{arrow}000 --> {clock(t.t1_ms)}{arrow}000\n"
        + (f"<v {t.speaker}>" if arrow == "." else f"{t.speaker}: ")
        + t.text
        for t in turns
    )


WRITERS = {
    "label": ("txt", "", lambda ts: "\n".join(f"{t.speaker}: {t.text}" for t in ts)),
    "label apart": (
        "txt",
        "",
        lambda ts: "\n\n".join(f"{t.speaker}:\t{t.text}".replace("\n", "\n\n") for t in ts),
    ),
    "bold-label": ("md", "", lambda ts: "\n\n".join(f"**{t.speaker}:** {t.text}" for t in ts)),
    "time-label": (
        "txt",
        "start",
        lambda ts: "\n".join(f"[{clock(t.t0_ms)}] {t.speaker}: {t.text}" for t in ts),
    ),
    "label-time": (
        "txt",
        "start",
        lambda ts: "\n".join(f"{t.speaker}: [{clock(t.t0_ms)}] {t.text}" for t in ts),
    ),
    "name-time": (
        "txt",
        "start",
        lambda ts: "\n\n".join(f"{t.speaker}  {clock(t.t0_ms)}\n{t.text}" for t in ts),
    ),
    "time-name": (
        "txt",
        "start",
        lambda ts: "\n".join(f"{clock(t.t0_ms)} {t.speaker}\n{t.text}" for t in ts),
    ),
    "vtt": ("vtt", "both", lambda ts: "WEBVTT\n\n" + webvtt(ts)),
    "srt": ("srt", "both", lambda ts: webvtt(ts, arrow=",")),
}


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=60, deadline=None)
@given(
    turns=conversations(),
    how=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    crlf=st.booleans(),
)
def test_turns_written_as_text_are_read_back(writer, turns, how, crlf):
    ending, times, write = WRITERS[writer]
    if how == "utf-16-le" and any(c > "\xff" for c in write(turns)):
        how = "utf-16"  # without a mark it is known by its NULs, which other scripts and emoji do not have
    data = write(turns).replace("\n", "\r\n" if crlf else "\n").encode(how)
    assert found(data, f"samtale.{ending}") == spoken(turns, times, flat=ending in ("vtt", "srt"))


@settings(max_examples=60, deadline=None)
@given(turns=conversations(), crlf=st.booleans())
def test_danish_in_windows_1252_is_read_back(turns, crlf):
    text = "\n".join(f"{t.speaker}: {t.text} Pårørende går hjem." for t in turns)
    text = normalise(text).text.encode("cp1252", "ignore").decode("cp1252")
    data = text.replace("\n", "\r\n" if crlf else "\n").encode("cp1252")
    assert read(data, "gammel.txt").encoding == "cp1252"
    assert [t.text for t in read(data, "gammel.txt").turns] == [
        t.text for t in read(text.encode(), "ny.txt").turns
    ]


@settings(max_examples=60, deadline=None)
@given(turns=conversations())
def test_turns_written_in_word_are_read_back(turns):
    inline = "".join(p(run(f"{t.speaker}: ", True), run(t.text)) for t in turns)
    assert found(docx(inline), "a.docx") == spoken(turns)
    above = "".join(
        p(run(f"{t.speaker}:", True)) + "".join(p(run(part)) for part in t.text.split("\n")) for t in turns
    )
    assert found(docx(above), "a.docx") == spoken(turns)
    timed = "".join(p(run(f"{t.speaker}  ", True), run(f"{clock(t.t0_ms)}\n{t.text}")) for t in turns)
    assert found(docx(timed), "a.docx") == spoken(turns, "start")
    rows = table([[clock(t.t0_ms), t.speaker, t.text] for t in turns])
    assert found(docx(rows), "a.docx") == spoken(turns, "start")


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_no_letter_of_any_text_is_lost_or_made_up(raw):
    """Whatever the text, its letters come out in order (a label is a letter too), and the spans are exact."""
    from workbench.domain.errors import ImportRejected

    try:
        transcript = read(raw.encode(), "a.txt", layout="plain")
    except ImportRejected:
        return
    text, spans = body(transcript.turns)
    assert all(
        text[start:end] == turn.text for (start, end), turn in zip(spans, transcript.turns, strict=True)
    )
    assert "".join(text.split()) == "".join(normalise(raw).text.split())
