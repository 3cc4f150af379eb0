"""Word documents in the workbench's own styles: headings, people's words, condensates, tables, fields."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from .characters import is_right_to_left, printable

QUOTE, SOURCE, CONDENSATE, CAPTION, NOTE = "Quote", "Quote Source", "Condensate", "Caption", "Note"
BRANCH, DOTTED = "Branch", "Branch of History"
TABLE = "Workbench Table"

_INK, _MUTED, _PETROL, _RULE = "10181B", "56615F", "15536E", "B9C2C0"
_SANS, _SERIF = "Calibri", "Georgia"
_LANGUAGES = {"en": "en-GB", "da": "da-DK"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: paragraphs as (style or None, text)."""

    paragraphs: tuple[tuple[str | None, str], ...]


def _element(tag: str, **attributes: object) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


class WordDocument:
    """A document being written from top to bottom. `replaced` counts characters Word cannot hold."""

    def __init__(self, *, title: str, about: str, language: str, made: datetime, author: str) -> None:
        self.replaced = 0
        self._document = Document()
        self._language = _LANGUAGES.get(language, "en-GB")
        self._anchors: set[str] = set()
        self._bookmarks = 0
        self._headings: list[tuple[int, str, str]] = []
        self._contents: Any = None
        properties = self._document.core_properties
        properties.title, properties.subject, properties.author = (
            self._clean(x)[:255] for x in (title, about, author)
        )
        properties.comments, properties.keywords, properties.language = "", "", self._language
        properties.created = properties.modified = made.replace(tzinfo=None)
        properties.last_modified_by = self._clean(author)[:255]
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.4)
        section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.2)
        self._styles()

    # -- styles ------------------------------------------------------------------------------------------------

    def _styles(self) -> None:
        styles = self._document.styles
        language = _element("w:lang", val=self._language)
        defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
        for old in defaults.findall(qn("w:lang")):
            defaults.remove(old)
        defaults.append(language)

        def style(name: str, font: str, size: float, colour: str = _INK, **how: Any) -> Any:
            known = name in [s.name for s in styles]
            made = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
            if not known:
                made.base_style, made.quick_style = styles["Normal"], True
            made.font.name, made.font.size = font, Pt(size)
            made.font.bold, made.font.italic = how.get("bold", False), False
            made.font.color.rgb = RGBColor.from_string(colour)
            fonts = made.element.get_or_add_rPr().find(qn("w:rFonts"))
            for attribute in list(fonts.attrib):
                del fonts.attrib[attribute]
            for script in ("ascii", "hAnsi", "cs", "eastAsia"):
                fonts.set(qn(f"w:{script}"), font)
            shape = made.paragraph_format
            shape.space_before, shape.space_after = Pt(how.get("before", 0)), Pt(how.get("after", 6))
            shape.line_spacing = how.get("leading", 1.15)
            shape.left_indent = Cm(how.get("indent", 0))
            shape.keep_with_next = how.get("with_next", False)
            shape.keep_together = how.get("together", False)
            for old in made.element.get_or_add_pPr().findall(qn("w:pBdr")):
                made.element.pPr.remove(old)
            if line := how.get("line"):
                self._left_line(made, *line)
            return made

        style("Normal", _SANS, 10.5, leading=1.2)
        style("Title", _SERIF, 26, before=120, after=10, leading=1.05)
        style("Subtitle", _SANS, 13, _MUTED, after=16)
        style("Heading 1", _SERIF, 18, before=26, after=8, with_next=True, bold=True)
        style("Heading 2", _SERIF, 13.5, before=18, after=5, with_next=True, bold=True)
        style("Heading 3", _SANS, 10.5, _PETROL, before=12, after=4, with_next=True, bold=True)
        style("List Bullet", _SANS, 10.5, after=3, indent=0.6)
        # People's words: serif behind a whole line. A condensate: serif behind a dashed one, with its label.
        style(
            QUOTE, _SERIF, 10.5, indent=0.7, before=4, after=1, with_next=True, line=("single", 12, _PETROL)
        )
        style(SOURCE, _SANS, 8.5, _MUTED, indent=0.7, after=8, line=("single", 12, _PETROL))
        style(CONDENSATE, _SERIF, 10.5, indent=0.7, before=4, after=8, line=("dashed", 8, _MUTED))
        style(BRANCH, _SANS, 10, before=2, after=2, line=("single", 8, _MUTED))
        style(DOTTED, _SANS, 10, before=2, after=2, line=("dotted", 8, _MUTED))
        style(CAPTION, _SANS, 9, _MUTED, before=10, after=4, with_next=True)
        style(NOTE, _SANS, 9, _MUTED, after=6)
        style("Table Text", _SANS, 9, after=2, leading=1.1)
        style("Header", _SANS, 8.5, _MUTED, after=0)
        style("Footer", _SANS, 8.5, _MUTED, after=0)
        for level in (1, 2):
            style(f"Contents {level}", _SANS, 10.5 if level == 1 else 9.5, _INK if level == 1 else _MUTED,
                  before=5 if level == 1 else 0, after=1, indent=0 if level == 1 else 0.6, bold=level == 1)  # fmt: skip

        table = styles.add_style(TABLE, WD_STYLE_TYPE.TABLE)
        table.base_style = styles["Normal Table"]
        shape = _element("w:tblPr")
        borders = _element("w:tblBorders")
        for side in ("top", "bottom", "insideH"):
            borders.append(_element(f"w:{side}", val="single", sz=4, space=0, color=_RULE))
        margins = _element("w:tblCellMar")
        for side, width in (("top", 50), ("left", 85), ("bottom", 40), ("right", 85)):
            margins.append(_element(f"w:{side}", w=width, type="dxa"))
        shape.append(borders)
        shape.append(margins)
        table.element.append(shape)
        head = _element("w:tblStylePr", type="firstRow")
        bold = _element("w:rPr")
        bold.append(_element("w:b"))
        fill = _element("w:tcPr")
        fill.append(_element("w:shd", val="clear", color="auto", fill="EEF1F0"))
        head.append(bold)
        head.append(fill)
        table.element.append(head)

    @staticmethod
    def _left_line(style: Any, kind: str, size: int, colour: str) -> None:
        borders = _element("w:pBdr")
        borders.append(_element("w:left", val=kind, sz=size, space=10, color=colour))
        before = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc",
                  "w:outlineLvl", "w:rPr")  # fmt: skip
        shape = style.element.get_or_add_pPr()
        following = next((x for x in shape if x.tag in {qn(n) for n in before}), None)
        if following is None:
            shape.append(borders)
        else:
            following.addprevious(borders)

    # -- text --------------------------------------------------------------------------------------------------

    def _clean(self, text: str) -> str:
        text, n = printable(text)
        self.replaced += n
        return text

    def _run(self, paragraph: Any, text: str, *, language: str = "", style: str | None = None) -> Any:
        text = self._clean(text)
        run = paragraph.add_run(text, style=style)
        if is_right_to_left(text):
            run._r.get_or_add_rPr().append(_element("w:rtl"))
            shape = paragraph._p.get_or_add_pPr()
            if shape.find(qn("w:bidi")) is None:
                # Right to left as a whole; the order of pPr's children is the schema's.
                following = [
                    qn(f"w:{n}") for n in ("adjustRightInd", "snapToGrid", "spacing", "ind", "jc", "rPr")
                ]
                place = next((x for x in shape if x.tag in following), None)
                bidi = _element("w:bidi")
                if place is None:
                    shape.append(bidi)
                else:
                    place.addprevious(bidi)
        if language in _LANGUAGES and _LANGUAGES[language] != self._language:
            run._r.get_or_add_rPr().append(_element("w:lang", val=_LANGUAGES[language]))
        return run

    def paragraph(self, text: str, style: str = "Normal", *, language: str = "") -> Any:
        made = self._document.add_paragraph(style=style)
        self._run(made, text, language=language)
        return made

    def labelled(self, label: str, text: str, style: str = "Normal") -> None:
        """A paragraph that begins with a bold label; nothing at all without a text."""
        if text:
            made = self._document.add_paragraph(style=style)
            self._run(made, label + " ").bold = True
            self._run(made, text)

    def changed(self, pieces: Sequence[tuple[str, str]]) -> None:
        """A text word by word: (op, text) with op same | ins | del, struck out or underlined."""
        made = self._document.add_paragraph(style=NOTE)
        made.paragraph_format.left_indent = Cm(0.6)
        for n, (op, text) in enumerate(pieces):
            if n:
                self._run(made, " ")
            run = self._run(made, text)
            run.font.strike, run.font.underline = op == "del", op == "ins"

    def heading(self, level: int, text: str) -> None:
        """Heading 1-3; the first two levels stand in the contents too."""
        made = self._document.add_paragraph(style=f"Heading {level}")
        anchor = f"h{len(self._headings) + 1}"
        self._bookmark(made, anchor)
        self._run(made, text)
        if level < 3:
            self._headings.append((level, text, anchor))

    def branch(self, text: str, note: str, depth: int, *, dotted: bool) -> None:
        """A node of a tree: indented by its depth behind a line, which is dotted where it is history."""
        made = self._document.add_paragraph(style=DOTTED if dotted else BRANCH)
        made.paragraph_format.left_indent = Cm(0.4 + 0.8 * depth)
        self._run(made, text).bold = depth == 0
        if note:
            aside = self._run(made, "  " + note)
            aside.font.size, aside.font.color.rgb = Pt(8.5), RGBColor.from_string(_MUTED)

    def quote(
        self, text: str, source: str, *, language: str = "", anchor: str = "", number: str = ""
    ) -> None:
        """Somebody's own words with whose they are and where they stand."""
        made = self._document.add_paragraph(style=QUOTE)
        if anchor:
            self._bookmark(made, anchor)
        if number:
            mark = self._run(made, f"[{number}]  ")
            mark.font.name, mark.font.size = _SANS, Pt(8.5)
        self._run(made, text, language=language)
        self._run(self._document.add_paragraph(style=SOURCE), source)

    def condensate(self, label: str, text: str) -> None:
        """A condensate in its own style. Label and text are one paragraph: copied, they stay together."""
        made = self._document.add_paragraph(style=CONDENSATE)
        self.fill_condensate(made, label, text)

    def fill_condensate(self, paragraph: Any, label: str, text: str) -> None:
        mark = self._run(paragraph, label)
        mark.font.name, mark.font.size, mark.bold = _SANS, Pt(8.5), True
        mark.add_break()
        self._run(paragraph, text)

    def noted(self, pieces: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """A paragraph of sentences, each with its notes as raised numbers that lead to an anchor."""
        made = self._document.add_paragraph()
        for n, (text, notes) in enumerate(pieces):
            self._run(made, (" " if n else "") + text)
            for number, anchor in notes:
                link = _element("w:hyperlink", anchor=anchor, history=1)
                run = self._run(made, f"[{number}]")
                run.font.superscript = True
                run.font.color.rgb = RGBColor.from_string(_PETROL)
                link.append(run._r)
                made._p.append(link)

    # -- tables ------------------------------------------------------------------------------------------------

    def table(
        self,
        caption: str,
        headings: Sequence[str],
        widths: Sequence[float],
        rows: Sequence[Sequence[str | Cell]],
    ) -> None:
        """A captioned table; `widths` are shares of the line. The first row is repeated on each page."""
        self.paragraph(caption, CAPTION)
        table = self._document.add_table(rows=0, cols=len(headings), style=TABLE)
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        section = self._document.sections[-1]
        line = section.page_width - section.left_margin - section.right_margin
        for y, row in enumerate([list(headings), *rows]):
            cells = table.add_row().cells
            for cell, value, width in zip(cells, row, widths, strict=True):
                cell.width = int(line * width / sum(widths))
                paragraphs = value.paragraphs if isinstance(value, Cell) else ((None, value),)
                for n, (style, text) in enumerate(paragraphs):
                    made = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
                    made.style = self._document.styles[style or "Table Text"]
                    if style == CONDENSATE:
                        label, _, text = text.partition("\n")
                        self.fill_condensate(made, label, text)
                    else:
                        self._run(made, text)
            shape = table.rows[y]._tr.get_or_add_trPr()
            shape.append(_element("w:cantSplit"))
            if y == 0:
                shape.append(_element("w:tblHeader"))
        for column, width in zip(table.columns, widths, strict=True):
            column.width = int(line * width / sum(widths))
        self.paragraph("", NOTE)

    # -- furniture ---------------------------------------------------------------------------------------------

    def picture(self, png: bytes, caption: str, described: str) -> None:
        """A picture as wide as the page, with its caption and a description for those who do not see it."""
        section = self._document.sections[-1]
        width = section.page_width - section.left_margin - section.right_margin
        drawn = self._document.add_picture(io.BytesIO(png), width=width)
        drawn._inline.docPr.set("descr", described)
        self.paragraph(caption, CAPTION)

    def contents(self) -> None:
        """The place where the list of headings comes; filled by `save`."""
        self._contents = self._document.add_paragraph()

    def page_break(self) -> None:
        self._document.add_page_break()

    def landscape_throughout(self) -> None:
        """Turn the page from the first on; before anything is written."""
        section = self._document.sections[0]
        section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Cm(29.7), Cm(21)

    def landscape(self, on: bool) -> None:
        """Turn the page from here on."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE if on else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (Cm(29.7), Cm(21)) if on else (Cm(21), Cm(29.7))

    def header_and_footer(self, left: str, right: str, below: str, page: str) -> None:
        """`page` is a sentence with {page} and {pages}, which become fields."""
        section = self._document.sections[0]
        line = section.page_width - section.left_margin - section.right_margin
        for place, first, second in ((section.header, left, right), (section.footer, below, None)):
            made = place.paragraphs[0]
            stops = _element("w:tabs")
            for inherited in made.style.paragraph_format.tab_stops:
                stops.append(_element("w:tab", val="clear", pos=int(inherited.position / 635)))
            stops.append(_element("w:tab", val="right", pos=int(line / 635)))
            made._p.get_or_add_pPr().append(stops)
            self._run(made, first)
            self._run(made, "\t")
            if second is not None:
                self._run(made, second)
            else:
                for n, part in enumerate(
                    page.replace("{pages}", "\0N\0").replace("{page}", "\0P\0").split("\0")
                ):
                    if n % 2:
                        self._field(made, {"P": "PAGE", "N": "NUMPAGES"}[part])
                    elif part:
                        self._run(made, part)

    @staticmethod
    def _field(paragraph: Any, code: str) -> None:
        for kind in ("begin", None, "separate", "result", "end"):
            run = paragraph.add_run("1" if kind == "result" else "")
            if kind is None:
                text = _element("w:instrText")
                text.text = f" {code} "
                run._r.append(text)
            elif kind != "result":
                run._r.append(_element("w:fldChar", fldCharType=kind))

    def _bookmark(self, paragraph: Any, name: str) -> None:
        if name in self._anchors:
            return
        self._anchors.add(name)
        self._bookmarks += 1
        paragraph._p.append(_element("w:bookmarkStart", id=self._bookmarks, name=name))
        paragraph._p.append(_element("w:bookmarkEnd", id=self._bookmarks))

    def save(self) -> bytes:
        """The document as a .docx file."""
        if self._contents is not None:
            for level, text, anchor in self._headings:
                made = self._contents.insert_paragraph_before(style=f"Contents {level}")
                link = _element("w:hyperlink", anchor=anchor, history=1)
                link.append(self._run(made, text)._r)
                made._p.append(link)
            self._contents._p.getparent().remove(self._contents._p)
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()
