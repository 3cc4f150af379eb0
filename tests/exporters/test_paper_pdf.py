"""Paper: every word and every id on it, nothing read as markup, line numbers that count the lines there are."""

from __future__ import annotations

import html
import random
import re
import shutil
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exporters.hostile_texts import PAYLOADS
from workbench.exporters import typesetting
from workbench.exporters.paper import (
    Column,
    Disc,
    PaperCondensate,
    PaperMark,
    PaperSource,
    PaperTurn,
    PaperUnit,
    Sheet,
    Tag,
    Wall,
    _turns,
    cards_pdf,
    transcript_pdf,
    wall_pdf,
)

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")

SHEET = Sheet("A study", False, datetime(2026, 5, 4, 9, 0, 0, 5, UTC), "Made on 4 May 2026")
PATIENTS = Disc("Patients", "Pa", 0)
TAG = Tag("LA", "Lamps", 3)
WORDS = ("lampen", "tændes", "når", "hjemmesygeplejersken", "kommer", "og", "udskrivelsessamtalen", "om",
         "fredagen", "blev", "glemt", "af", "koordinationsudvalget")  # fmt: skip


def _words(n: int, seed: int = 1) -> str:
    chosen = random.Random(seed)
    return " ".join(chosen.choice(WORDS) for _ in range(n))


def _unit(id: str, text: str = "A lamp in the window.", language: str = "en") -> PaperUnit:
    return PaperUnit(id, text, language, "Ida", (PATIENTS,), "Interview 1, turn 7", "goes on in turn 7", "", (TAG,))  # fmt: skip


def _source(*texts: str, title: str = "Interview 1", language: str = "da") -> PaperSource:
    turns, at = [], 0
    for n, text in enumerate(texts, start=1):
        turns.append(PaperTurn(n, at, text, "Ida" if n % 2 else "Interviewer", "", n % 2 == 0))
        at += len(text) + 1
    return PaperSource(title, language, "facts", tuple(turns))


def _text(pdf: bytes, folder: Path, *how: str) -> str:
    (folder / "p.pdf").write_bytes(pdf)
    out = subprocess.run(["pdftotext", *how, folder / "p.pdf", "-"], check=True, capture_output=True)
    return out.stdout.decode()


def _boxes(pdf: bytes, folder: Path) -> list[list[tuple[float, float, str]]]:
    """Per page, (left, bottom, word) in points."""
    found = _text(pdf, folder, "-bbox")
    return [
        [
            (float(x), float(y), html.unescape(word))
            for x, y, word in re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</word>', page)
        ]
        for page in found.split("<page ")[1:]
    ]  # fmt: skip


MM = 72 / 25.4
TEXT_AT = (19 + 24 + 3) * MM  # left edge of what was said


def _lines(page: list[tuple[float, float, str]]) -> list[float]:
    """Where the lines of what was said stand, from the top."""
    bottoms = sorted(y for x, y, _ in page if TEXT_AT - 2 < x < 150 * MM and 72 < y < 780)
    return [y for n, y in enumerate(bottoms) if n == 0 or y - bottoms[n - 1] > 6]


def _numbers(page: list[tuple[float, float, str]]) -> list[tuple[int, float]]:
    return sorted((int(word), y) for x, y, word in page if x < 18 * MM and word.isdigit())


# -- transcript -----------------------------------------------------------------------------------------------


def test_every_fifth_line_bears_its_number_and_each_source_begins_again(tmp_path):
    texts = [_words(n, n) for n in (40, 7, 130, 3, 260, 90)]
    pages = _boxes(
        transcript_pdf(SHEET, [_source(*texts), _source(*texts[::-1], title="Interview 2")]), tmp_path
    )
    passed, seen = 0, []
    for page in pages:
        lines = _lines(page)
        if any(word == "facts" for *_, word in page):  # a source's first page; its head is not counted
            passed = 0
            head = max(y for *_, y, word in page if word == "facts")
            lines = [y for y in lines if y > head + 4]
        for number, y in _numbers(page):
            assert abs(lines[number - passed - 1] - y) < 4, number
            seen.append(number)
        expected = [n for n in range(passed + 1, passed + len(lines) + 1) if n % 5 == 0]
        assert [n for n, _ in _numbers(page)] == expected
        passed += len(lines)
    assert seen.count(5) == 2 and len(seen) > 10


def test_the_right_margin_is_six_centimetres_wide_and_empty(tmp_path):
    for page in _boxes(transcript_pdf(SHEET, [_source(_words(400))]), tmp_path):
        assert not [word for x, y, word in page if x > 150 * MM and 72 < y < 780]


def test_danish_words_are_parted_as_danish_ones(tmp_path):
    word = "udskrivelseskonference " * 60
    danish = _text(transcript_pdf(SHEET, [_source(word)]), tmp_path)
    english = _text(transcript_pdf(SHEET, [_source(word, language="en")]), tmp_path)
    ends = set(re.findall(r"(\w+)[-\u00ad]\n", danish))
    assert ends and ends != set(re.findall(r"(\w+)[-\u00ad]\n", english))


def test_a_mark_shows_its_letters_and_id_beside_the_line_it_begins_on(tmp_path):
    text = _words(120) + " Zebra " + _words(120, 2)
    at = text.index("Zebra")
    source = replace(_source(text), marks=(PaperMark("K7M2P", at, at + 40, (TAG,)), PaperMark("Q1W2E", at, at + 5, ())),
                     tags=(TAG,))  # fmt: skip
    page = _boxes(transcript_pdf(SHEET, [source]), tmp_path)[0]
    (line,) = (y for x, y, word in page if word.startswith("Zebra"))
    for id in ("K7M2P", "Q1W2E"):
        ((x, y),) = ((x, y) for x, y, word in page if word == id)
        assert abs(y - line) < 5 and x > 150 * MM
    assert [word for *_, word in page].count("LA") == 2  # explained under the title, and in the margin


def test_no_mark_is_missing_where_many_begin_on_many_pages(tmp_path):
    source = _source(*(_words(60, n) for n in range(40)))
    end = source.turns[-1].start + 100
    chosen = random.Random(3)
    marks = tuple(
        PaperMark(f"M{n:04}", s := chosen.randrange(end - 60), s + chosen.randrange(1, 60), (TAG,) * (n % 2))
        for n in range(150)
    )
    text = _text(transcript_pdf(SHEET, [replace(source, marks=marks)]), tmp_path)
    assert sorted(re.findall(r"\bM\d{4}\b", text)) == sorted(m.id for m in marks)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cutting_a_text_at_its_marks_loses_no_letter_and_begins_every_mark_once(data):
    texts = data.draw(st.lists(st.text("ab 👩‍\u0301ا\n", min_size=1), min_size=1, max_size=6))
    source = _source(*texts)
    end = source.turns[-1].start + len(texts[-1])
    spans = data.draw(st.lists(st.tuples(st.integers(0, end - 1), st.integers(1, end)), max_size=12))
    body = "\n".join(texts)
    marks = tuple(
        PaperMark(f"{n}", a, b, (TAG,)) for n, (a, b) in enumerate(spans) if a < b and body[a:b].strip("\n")
    )
    turns = _turns(replace(source, marks=marks))
    assert ["".join(p["t"] for p in turn["parts"]) for turn in turns] == texts
    ordered = sorted(marks, key=lambda m: (m.start, -m.end, m.id))
    begun = [(m, turn.start, parts["parts"]) for turn, parts in zip(source.turns, turns, strict=True)
             for p in parts["parts"] for m in p["m"]]  # fmt: skip
    assert sorted(m for m, *_ in begun) == list(range(len(marks)))
    under = sum(len(p["t"]) * len(p["u"]) for turn in turns for p in turn["parts"])
    assert under == sum(len(body[m.start : m.end]) - sum(
        m.start <= t.start - 1 < m.end for t in source.turns[1:]) for m in ordered)  # fmt: skip


def test_page_numbers_count_each_source_by_itself(tmp_path):
    text = _text(
        transcript_pdf(SHEET, [_source(_words(900)), _source(_words(20), title="Interview 2")]), tmp_path
    )
    total = text.count("page ")
    assert total > 2 and f"page {total - 1} of {total - 1}" in text and "page 1 of 1" in text


def test_fifty_thousand_words_are_set_while_one_waits(tmp_path):
    source = _source(*(_words(20, n) for n in range(2500)))
    begun = time.perf_counter()
    pdf = transcript_pdf(SHEET, [source])
    assert time.perf_counter() - begun < 30  # 2 s on a machine with nothing else to do
    assert _text(pdf, tmp_path).count("page ") > 100


# -- what people typed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_typed_stands_there_as_typed_on_all_three(payload, tmp_path):
    unit = replace(_unit("K7M2P", f"before {payload} after"), speaker=payload, place=payload, note=payload)
    tag = replace(TAG, name=payload)
    source = replace(
        _source(f"before {payload} after", title=payload), marks=(PaperMark("K7M2P", 2, 9, (tag,)),)
    )
    wall = Wall(tag, payload, payload, payload, "1 unit", (Column(payload, (unit,)),))
    sheet = replace(SHEET, project=payload)
    for pdf in (transcript_pdf(sheet, [source]), cards_pdf(sheet, [unit]), wall_pdf(sheet, [wall])):
        text = _text(pdf, tmp_path)
        assert "be" in text and "fore" in text
        if payload.isascii() and payload.isprintable():
            assert "".join(payload.split()) in "".join(text.replace("\u00ad\n", "").split())


def test_letters_that_no_font_has_are_seen_as_boxes_and_stop_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(typesetting, "fonts", lambda: typst.Fonts(include_system_fonts=False))
    assert cards_pdf(SHEET, [_unit("K7M2P", "👩‍👩‍👧 مرحبا 漢字 ok")])
    assert transcript_pdf(SHEET, [_source("👩‍👩‍👧 مرحبا 漢字 ok")])


@pytest.mark.parametrize("language", ["", "Dansk", "x" * 40, "da", "ar", 'da")'])
def test_any_language_a_source_may_have_can_be_set(language, tmp_path):
    assert "lamp" in _text(transcript_pdf(SHEET, [_source("A lamp.", language=language)]), tmp_path)
    assert "lamp" in _text(cards_pdf(SHEET, [_unit("K7M2P", language=language)]), tmp_path)


def test_a_word_longer_than_any_line_and_a_turn_with_nothing_in_it_stop_nothing(tmp_path):
    text = _text(transcript_pdf(SHEET, [_source("å" * 40_000, "", "\n\n", " ")]), tmp_path)
    assert text.count("å") == 40_000
    assert cards_pdf(SHEET, [_unit("K7M2P", "å" * 40_000), _unit("K7M2Q", " ")])


def test_the_same_paper_is_the_same_bytes():
    assert cards_pdf(SHEET, [_unit("K7M2P")]) == cards_pdf(SHEET, [_unit("K7M2P")])


# -- cards -----------------------------------------------------------------------------------------------------


def test_eight_cards_stand_on_a_page_and_every_page_says_whom_they_are_for(tmp_path):
    ids = [f"A{n:04}" for n in range(19)]
    text = _text(cards_pdf(SHEET, [_unit(id) for id in ids]), tmp_path)
    pages = text.split("\f")[:-1]
    assert [len(re.findall(r"A\d{4}", page)) for page in pages] == [8, 8, 3]
    assert sorted(re.findall(r"A\d{4}", text)) == ids
    assert all(
        "For the analysis team only" in page and f"page {n} of 3" in page for n, page in enumerate(pages, 1)
    )


@pytest.mark.parametrize("n", [10, 90, 130, 220, 420, 700])
def test_a_long_unit_gets_a_larger_card_and_keeps_every_word(n, tmp_path):
    words = [f"ord{k}" for k in range(n)]
    text = _text(cards_pdf(SHEET, [_unit("K7M2P", " ".join(words), "da"), _unit("Q1W2E")]), tmp_path)
    assert set(words) <= set(re.findall(r"ord\d+", text)) and "goes on" not in text


def test_a_unit_longer_than_a_page_is_cut_and_says_where_it_goes_on(tmp_path):
    words = [f"ord{k}" for k in range(6000)]
    text = _text(cards_pdf(SHEET, [_unit("K7M2P", " ".join(words)), _unit("Q1W2E")]), tmp_path)
    found = [w for w in words if re.search(rf"\b{w}\b", text)]
    assert found == words[: len(found)] and 500 < len(found) < 6000
    assert "…" in text and "goes on in turn 7" in text and "Q1W2E" in text


def test_words_on_a_card_are_never_smaller_than_can_be_read(tmp_path):
    (tmp_path / "p.pdf").write_bytes(
        cards_pdf(SHEET, [_unit("K7M2P", _words(n), "da") for n in (4, 100, 300, 3000)])
    )
    out = subprocess.run(
        ["pdftotext", "-bbox-layout", tmp_path / "p.pdf", "-"], check=True, capture_output=True
    )
    heights = [float(b) - float(a) for a, b, word in re.findall(
        r'<word xMin="[\d.]+" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(\w+)</word>', out.stdout.decode())
        if word in WORDS]  # fmt: skip
    assert heights and min(heights) > 0.95 * 8.5


# -- walls -----------------------------------------------------------------------------------------------------


def _wall(*columns: Column) -> Wall:
    return Wall(TAG, "What is said of lamps.", "", "", "units", columns)


@pytest.mark.parametrize("sizes", [(3, 2), (30, 1, 5), (0, 0), (80, 60, 2, 2, 2, 2, 2, 9)])
def test_every_unit_stands_once_on_the_wall_however_many_sheets_it_takes(sizes, tmp_path):
    ids = iter(f"W{n:04}" for n in range(1000))
    columns = tuple(
        Column(
            f"Subgroup {k}", tuple(_unit(next(ids), _words(5 + (n * 37) % 90, n), "da") for n in range(size))
        )
        for k, size in enumerate(sizes)
    )
    text = _text(wall_pdf(SHEET, [_wall(*columns)]), tmp_path)
    asked = [u.id for c in columns for u in c.units]
    assert sorted(re.findall(r"W\d{4}", text)) == asked
    assert "New" in text.split("\f")[-2] and all(f"Subgroup {k}" in text for k in range(len(sizes)))
    assert all("Lamps" in page and "For the analysis team only" in page for page in text.split("\f")[:-1])


def test_nothing_on_a_wall_stands_below_the_edge_of_its_sheet(tmp_path):
    units = tuple(_unit(f"W{n:04}", _words(5 + (n * 53) % 200, n), "da") for n in range(60))
    for page in _boxes(wall_pdf(SHEET, [_wall(Column("One", units), Column("Two", units[:5]))]), tmp_path):
        assert all(y <= (297 - 13.5) * MM or "page" in word or y > (297 - 12) * MM for _, y, word in page)


def test_a_condensate_on_a_wall_is_said_to_be_no_quote(tmp_path):
    column = Column(
        "One", (_unit("W0001"),), (PaperCondensate("I carry the lamp myself.", "en", "voice: Patients"),)
    )
    text = " ".join(_text(wall_pdf(SHEET, [_wall(column)]), tmp_path).split())
    assert "Condensate, not a quote" in text and "I carry the lamp myself." in text
    assert "Condensate" not in _text(wall_pdf(SHEET, [_wall(replace(column, condensates=()))]), tmp_path)


def test_each_code_group_has_a_sheet_of_its_own(tmp_path):
    walls = [
        replace(_wall(Column("One", (_unit(f"W000{n}"),))), tag=Tag(f"T{n}", f"Group {n}", n))
        for n in range(3)
    ]
    pages = _text(wall_pdf(SHEET, walls), tmp_path).split("\f")[:-1]
    assert [f"Group {n}" in page for n, page in enumerate(pages)] == [True] * 3


def test_an_id_is_one_word_to_who_searches_the_file_whatever_its_letters(tmp_path):
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    units = tuple(_unit(a + b + a + a + b) for a in letters for b in letters)
    for pdf in (cards_pdf(SHEET, units), wall_pdf(SHEET, [_wall(Column("One", units))])):
        assert {u.id for u in units} <= set(_text(pdf, tmp_path).split())
