from __future__ import annotations

import io
from datetime import UTC, datetime

import docx
import pytest
from docx.oxml.ns import qn

from tests.exporters.hostile_texts import PAYLOADS
from workbench.exporters import word
from workbench.exporters.characters import printable
from workbench.exporters.word import Cell, WordDocument


def _new(language: str = "en") -> WordDocument:
    at = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    return WordDocument(title="T", about="", language=language, made=at, author="A")


def _opened(doc: WordDocument):
    return docx.Document(io.BytesIO(doc.save()))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_any_text_survives_in_every_place_it_can_stand(payload):
    doc = _new()
    doc.header_and_footer(payload, payload, payload, "Page {page} of {pages}")
    doc.heading(1, payload)
    doc.paragraph(payload)
    doc.quote(payload, payload, language="da", anchor="a1", number="1")
    doc.condensate("Label", payload)
    doc.noted([(payload, [("1", "a1")])])
    doc.table(
        payload,
        ["h"],
        (1,),
        [(payload,), (Cell(((word.QUOTE, payload), (word.CONDENSATE, f"L\n{payload}"))),)],
    )
    opened = _opened(doc)
    wanted = printable(payload)[0]
    assert next(p for p in opened.paragraphs if p.style.name == "Heading 1").text == wanted
    assert [p.text for p in opened.paragraphs if p.style.name == word.QUOTE] == [f"[1]  {wanted}"]
    assert [p.text for p in opened.paragraphs if p.style.name == word.CONDENSATE] == [f"Label\n{wanted}"]
    assert opened.tables[0].cell(1, 0).text == wanted
    assert opened.sections[0].header.paragraphs[0].text == f"{wanted}\t{wanted}"
    assert (doc.replaced > 0) == (printable(payload)[1] > 0)


def test_a_condensate_stands_behind_a_dashed_line_and_a_quote_behind_a_whole_one():
    styles = _opened(_new()).styles
    lines = {name: styles[name].element.pPr.find(qn("w:pBdr")).find(qn("w:left")).get(qn("w:val"))
             for name in (word.QUOTE, word.CONDENSATE)}  # fmt: skip
    assert lines == {word.QUOTE: "single", word.CONDENSATE: "dashed"}
    assert styles[word.QUOTE].font.name == styles[word.CONDENSATE].font.name == "Georgia"
    assert styles["Normal"].font.name != "Georgia"


def test_a_very_long_text_is_whole():
    doc = _new()
    long = "Coming home on a Friday. " * 20_000
    doc.quote(long, "somebody")
    assert [p.text for p in _opened(doc).paragraphs if p.style.name == word.QUOTE] == [long]


def test_right_to_left_text_runs_right_to_left_and_danish_is_spelled_as_danish():
    doc = _new()
    doc.quote("مرحبا", "somebody", language="ar")
    doc.quote("Det kommer som en bestilling.", "somebody", language="da")
    arabic, danish = (p for p in _opened(doc).paragraphs if p.style.name == word.QUOTE)
    assert arabic._p.pPr.find(qn("w:bidi")) is not None
    assert arabic.runs[0]._r.rPr.find(qn("w:rtl")) is not None
    assert danish.runs[0]._r.rPr.find(qn("w:lang")).get(qn("w:val")) == "da-DK"


def test_page_numbers_are_fields_and_the_first_row_of_a_table_is_repeated():
    doc = _new()
    doc.header_and_footer("A", "B", "C", "Page {page} of {pages}")
    doc.table("Caption", ["a", "b"], (1, 2), [("1", "2")])
    opened = _opened(doc)
    codes = [x.text.strip() for x in opened.sections[0].footer._element.iter(qn("w:instrText"))]
    assert codes == ["PAGE", "NUMPAGES"]
    assert opened.tables[0].style.name == word.TABLE
    assert opened.tables[0].rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None


def test_every_note_number_leads_to_a_place_in_the_document():
    doc = _new()
    doc.contents()
    doc.heading(1, "A")
    doc.noted([("One sentence.", [("1", "n1")])])
    doc.quote("Words.", "somebody", anchor="n1", number="1")
    body = _opened(doc).element
    anchors = {x.get(qn("w:anchor")) for x in body.iter(qn("w:hyperlink"))}
    assert anchors == {"h1", "n1"}
    assert anchors <= {x.get(qn("w:name")) for x in body.iter(qn("w:bookmarkStart"))}
