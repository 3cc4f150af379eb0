"""Whatever the bytes: a transcript or a refusal with a sentence, never anything else."""

import io
import random
import re
import zipfile

import pytest
from word_files import W, docx, p, run, table, zipped

from workbench.domain.errors import ImportRejected
from workbench.domain.text import normalise
from workbench.domain.transcripts import body
from workbench.importers import LAYOUTS, read

STYLES = f'<w:styles xmlns:w="{W}"><w:style w:styleId="a"><w:rPr><w:b/></w:rPr></w:style></w:styles>'
RICH = docx(
    p(run("Anna: ", True), run("Hej\nmed\tdig")) + "<w:p><w:ins>" + run("ny") + "</w:ins><w:del>" + run("x") + "</w:del></w:p>"
    "<w:sdt><w:sdtPr/><w:sdtContent>" + p("blok") + "</w:sdtContent></w:sdt>" + table([["00:01", "Bo", "Ja"], ["", "", "og"]])
    + "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent>" + p("boks") + "</w:txbxContent></mc:Choice>"
    "<mc:Fallback/></mc:AlternateContent></w:r></w:p>" + p(run("Bo: ", True), run("Ja")),
    word__styles_dot_xml=STYLES,
)  # fmt: skip
TEXTS = [
    "Interviewer: Hej\r\nP1: Ja\n\n[00:01] P2: nej\nNote: x\n",
    "WEBVTT\n\nNOTE x\n\n1\n00:01.000 --> 00:02.000\n<v Anna>Hej &amp; du</v> <v Bo>Ja\n\n--:-- --> x\nmere\n",
    "1\n00:00:01,000 --> 00:00:02,000\nAnna: Hej\n\n2\n00:00:03,000 --> 00:00:04,000\nBo: Ja\n",
    "Anna  0:00\nHej\n\nBo  0:12\nJa\n\n00:01:02\tAnna\tHej\n",
    "**Anna** 0:04  \nHej #00:00:01-2#\n**Bo:** Ja [00:01 --> 00:02]\nKl. 13:00\n",
]
NASTY = [
    "\x00", "\ud7ff", "\ufeff", "\u202e", ":", "-->", "\t", " " * 400, "\n" * 50, "[", "]", "<v ", "</v>", "&#0;", "&#xD800;",
    "**", "99999999:99:99", "00:00:00,000", "#", "WEBVTT\n", "NOTE", "\U0010ffff", "👩‍", "\u0301", "١٢:٣٤", "：", "A" * 300,
    "(" * 200,
]  # fmt: skip


def attempt(data, name, **options):
    try:
        transcript = read(data, name, **options)
    except ImportRejected as refused:
        assert refused.code != "import.unreadable", repr(refused.__cause__)
        return
    assert transcript.turns
    text, spans = body(transcript.turns)
    assert "\ufffd" not in text or b"\xef\xbf\xbd" in data
    for (start, end), turn in zip(spans, transcript.turns, strict=True):
        assert text[start:end] == turn.text
        assert turn.text
        assert turn.text == turn.text.strip()
        assert "\n\n" not in turn.text
        assert normalise(turn.text).text == turn.text
        assert turn.speaker is None or turn.speaker.strip() == turn.speaker != ""


def mutate_text(text, rng):
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + rng.choice(NASTY) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 9) :]
        elif kind == 2:
            end = min(len(text), at + rng.randint(1, 40))
            text = text[:at] + text[at:end] * rng.randint(2, 5) + text[end:]
        else:
            lines = text.split("\n")
            rng.shuffle(lines)
            text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(6))
def test_mutated_texts_are_read_or_refused(seed):
    rng = random.Random(seed)
    layouts = [None, None, *{layout for offered in LAYOUTS.values() for layout in offered}]
    for _ in range(150):
        text = mutate_text(rng.choice(TEXTS), rng)
        codec = rng.choice(["utf-8", "utf-8", "utf-8", "utf-16", "cp1252"])
        data = text.encode(codec, "ignore")
        attempt(
            data,
            rng.choice(["a.txt", "a.md", "a.vtt", "a.srt", "a"]),
            layout=rng.choice(sorted(layouts, key=str)),
        )


@pytest.mark.parametrize("seed", range(4))
def test_noise_and_cut_bytes_are_read_or_refused(seed):
    rng = random.Random(seed)
    for _ in range(150):
        base = rng.choice([RICH, *(text.encode() for text in TEXTS), rng.randbytes(rng.randint(1, 400))])
        data = bytearray(base[: rng.randint(1, len(base))] if rng.random() < 0.4 else base)
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        attempt(bytes(data), rng.choice(["a.txt", "a.docx", "a.vtt", "a.srt"]))


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


ELEMENT = re.compile(r"<(w:\w+|mc:\w+)[^<>]*?(/?)>")
NAMES = [
    "w:p", "w:r", "w:t", "w:tbl", "w:tr", "w:tc", "w:sdt", "w:sdtContent", "w:sdtPr", "w:ins", "w:del", "w:br", "w:tab",
    "w:b", "w:rPr", "w:pPr", "w:body", "w:txbxContent", "mc:AlternateContent", "mc:Choice", "mc:Fallback", "w:hyperlink",
    "w:sym", "w:vanish", "w:moveFrom", "w:document",
]  # fmt: skip


def mutate_xml(xml, rng):
    """Well-formed more often than not: rename, drop, double or nest whole elements, or spoil a character."""
    for _ in range(rng.randint(1, 5)):
        elements = list(ELEMENT.finditer(xml))
        if not elements:
            return xml
        kind = rng.randrange(6)
        hit = rng.choice(elements)
        if kind == 0:  # rename all of one element
            xml = re.sub(rf"(</?){hit[1]}\b", rf"\g<1>{rng.choice(NAMES)}", xml)
        elif kind == 1:  # an empty element somewhere
            xml = xml[: hit.start()] + f"<{rng.choice(NAMES)}/>" + xml[hit.start() :]
        elif kind == 2:  # take one element out, or double it
            close = re.compile(rf"</{hit[1]}>").search(xml, hit.end())
            end = hit.end() if hit[2] or close is None else close.end()
            whole = xml[hit.start() : end]
            xml = xml[: hit.start()] + whole * rng.choice([0, 2, 3]) + xml[end:]
        elif kind == 3:  # wrap
            inner = rng.choice(NAMES)
            xml = xml.replace("<w:body>", f"<w:body><{inner}>", 1).replace(
                "</w:body>", f"</{inner}></w:body>", 1
            )
        elif kind == 4:  # text
            xml = xml.replace(
                "Hej",
                rng.choice(["&#x1F600;", "&#13;", "&amp;#0;", " " * 500, "P1: ", "\u202e", "&lt;v&gt;"]),
                1,
            )
        else:
            at = rng.randrange(len(xml))
            xml = xml[:at] + rng.choice("<>&\"'x\x01é") + xml[at + 1 :]
    return xml


@pytest.mark.parametrize("seed", range(4))
def test_word_files_with_mutated_parts_are_read_or_refused(seed):
    rng = random.Random(seed)
    original = parts_of(RICH)
    for _ in range(150):
        parts = dict(original)
        name = rng.choice(["word/document.xml"] * 6 + ["word/styles.xml", "_rels/.rels"])
        parts[name] = mutate_xml(parts[name], rng)
        if rng.random() < 0.05:
            del parts[rng.choice(list(parts))]
        attempt(zipped(parts), "a.docx")


@pytest.mark.parametrize(
    "text",
    [" " * 2_000_000, "A " * 500_000, "A" + " " * 1_000_000 + "B", "a:" * 500_000, "#" * 1_000_000, "[00:01" * 200_000,
     "**" * 500_000, "<v " * 400_000, "-->\n" * 200_000, "\u0301" * 300_000, "&#1;" * 300_000, "a\u200d\ufe0f" * 300_000,
     "P1: x\n" * 40_000, "P1:\tx\n" * 40_000, "00:01 a\n" * 40_000, "1\n00:00:01,000 --> 00:00:02,000\nA: x\n\n" * 20_000],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.txt", "a.vtt"])
def test_repetitive_text_takes_no_time_to_speak_of(text, name):
    import time

    began = time.process_time()
    attempt(text.encode(), name)
    assert time.process_time() - began < 5
