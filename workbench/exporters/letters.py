"""Letters to stakeholder groups as PDF and Word: large plain type, what was said and what became of it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from workbench.language import t

from .characters import printable
from .typesetting import language as typeset_language
from .typesetting import pdf

SIZE = 14  # points: to be read without one's best glasses


@dataclass(frozen=True, slots=True)
class Letter:
    """Paragraphs of a greeting, of each pair (what was said, what became of it), and of a closing."""

    group: str
    greeting: tuple[str, ...]
    lines: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    closing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    project: str
    language: str
    invented: bool
    made: datetime
    made_on: str
    made_by: str
    letters: tuple[Letter, ...]


def letters_pdf(found: Letters) -> bytes:
    words = {w: t(f"letters.paper.{w}") for w in ("said", "answer", "invented")}
    data = {
        "project": found.project, "language": typeset_language(found.language), "invented": found.invented,
        "made_on": found.made_on, "words": words, "size": SIZE,
        "letters": [
            {"group": x.group, "greeting": x.greeting, "closing": x.closing,
             "lines": [{"said": said, "answer": answer} for said, answer in x.lines]}
            for x in found.letters
        ],
    }  # fmt: skip
    return pdf("letter.typ", data=data, made=found.made)


def letters_docx(found: Letters) -> bytes:
    document = Document()
    properties = document.core_properties
    properties.title, properties.author = printable(found.project)[0][:255], printable(found.made_by)[0][:255]
    properties.comments, properties.last_modified_by = "", printable(found.made_by)[0][:255]
    properties.created = properties.modified = found.made.replace(tzinfo=None)
    code = {"da": "da-DK"}.get(found.language, "en-GB")
    properties.language = code
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin = section.bottom_margin = Cm(2.2)
    _style(document, "Normal", SIZE, after=8)
    normal = document.styles["Normal"]
    normal.paragraph_format.line_spacing = 1.25
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), code)
    normal.element.get_or_add_rPr().append(spoken)
    _style(document, "Heading 1", SIZE + 6, bold=True, after=14)
    _style(document, "Heading 2", SIZE - 1, bold=True, before=20, after=3, colour="15536E")
    _style(document, "Heading 3", SIZE - 1, bold=True, before=4, after=3, colour="56615F")
    head = f"{found.project} · {t('letters.paper.invented')}" if found.invented else found.project
    document.sections[0].header.paragraphs[0].text = printable(head)[0]
    for n, letter in enumerate(found.letters):
        if n:
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        document.add_paragraph(printable(letter.group)[0], "Heading 1")
        document.add_paragraph(printable(found.made_on)[0])
        _paragraphs(document, letter.greeting)
        for said, answer in letter.lines:
            document.add_paragraph(t("letters.paper.said"), "Heading 2")
            _paragraphs(document, said, keep=True)
            document.add_paragraph(t("letters.paper.answer"), "Heading 3")
            _paragraphs(document, answer)
        document.add_paragraph()
        _paragraphs(document, letter.closing)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _style(
    document: Any,
    name: str,
    size: int,
    *,
    bold: bool = False,
    before: int = 0,
    after: int = 6,
    colour: str = "10181B",
) -> None:
    style = document.styles[name]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor.from_string(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), "Calibri")
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.keep_with_next = bold


def _paragraphs(document: Any, texts: tuple[str, ...], *, keep: bool = False) -> None:
    for text in texts:
        paragraph = document.add_paragraph(printable(text)[0])
        paragraph.paragraph_format.keep_with_next = keep
