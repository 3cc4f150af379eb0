"""What the method hands over, as Word and as PDF: tables, trees and paragraphs laid out once, drawn twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from workbench.language import t

from .characters import is_right_to_left
from .typesetting import language as typeset_language
from .typesetting import pdf
from .word import CONDENSATE, NOTE, QUOTE, SOURCE, Cell, WordDocument

Kind = Literal["text", "note", "quote", "source", "condensate", "strong"]


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph: `kind` says how it looks. A quote is somebody's words, a condensate a working note."""

    text: str
    kind: Kind = "text"
    language: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int = 1  # 1 or 2


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares of the line; a cell is its lines. A row of one line for all columns is a band."""

    caption: str
    headings: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[tuple[Line, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of a tree with what grows from it: `mark` is "dotted" for history, `note` dates of renames and merges."""

    text: str
    note: str = ""
    mark: str = ""
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG (for PDF) and the same as PNG (for Word)."""

    svg: str
    png: bytes
    caption: str
    alt: str


Block = Line | Heading | Table | Branch | Picture


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to hand over. `wide` turns the page."""

    title: str
    project: str
    about: str
    language: str
    invented: bool
    made: datetime
    made_on: str
    made_by: str
    blocks: tuple[Block, ...]
    wide: bool = False


_STYLES: dict[Kind, str | None] = {
    "text": None, "note": NOTE, "quote": QUOTE, "source": SOURCE, "condensate": CONDENSATE, "strong": "Heading 3",
}  # fmt: skip


def paper_docx(paper: Paper) -> bytes:
    """As a Word document in the workbench's own styles."""
    document = WordDocument(
        title=paper.title, about=paper.project, language=paper.language, made=paper.made, author=paper.made_by
    )
    if paper.wide:
        document.landscape_throughout()
    document.header_and_footer(
        paper.project, t("exporting.invented") if paper.invented else "",
        t("handover.made", day=paper.made_on, name=paper.made_by), t("exporting.docx.page"),
    )  # fmt: skip
    document.heading(1, paper.title)
    if paper.about:
        document.paragraph(paper.about, NOTE)
    for block in paper.blocks:
        match block:
            case Heading():
                document.heading(min(3, block.level + 1), block.text)
            case Line(kind="condensate"):
                document.condensate(t("view.condensate"), block.text)
            case Line():
                document.paragraph(block.text, _STYLES[block.kind] or "Normal", language=block.language)
            case Table():
                document.table(
                    block.caption, block.headings, block.widths,
                    [[_cell(lines) for lines in row] for row in block.rows],
                )  # fmt: skip
            case Branch():
                _branch(document, block, 0)
            case Picture():
                document.picture(block.png, block.caption, block.alt)
    return document.save()


_IN_A_CELL: dict[Kind, str | None] = {"condensate": CONDENSATE, "quote": QUOTE, "note": NOTE, "source": NOTE}


def _cell(lines: Sequence[Line]) -> Cell:
    """A table's cell; people's words and condensates keep their own look there."""
    label = t("view.condensate")
    return Cell(
        tuple(
            (_IN_A_CELL.get(x.kind), f"{label}\n{x.text}" if x.kind == "condensate" else x.text)
            for x in lines
        )
    )


def _branch(document: WordDocument, branch: Branch, depth: int) -> None:
    document.branch(branch.text, branch.note, depth, dotted=branch.mark == "dotted")
    for child in branch.children:
        _branch(document, child, depth + 1)


def paper_pdf(paper: Paper) -> bytes:
    """As a PDF."""
    words = {w: t(f"handover.pdf.{w}") for w in ("page", "invented")} | {"condensate": t("view.condensate")}
    data = {
        "title": paper.title, "project": paper.project, "about": paper.about, "invented": paper.invented,
        "language": typeset_language(paper.language), "wide": paper.wide,
        "made": t("handover.made", day=paper.made_on, name=paper.made_by), "words": words,
        "blocks": [_block(b) for b in paper.blocks],
    }  # fmt: skip
    return pdf("paper.typ", "hand_over.typ", data=data, made=paper.made)


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind, "text": line.text, "language": typeset_language(line.language or "en"),
        "rtl": is_right_to_left(line.text),
    }  # fmt: skip


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"is": "heading", "text": block.text, "level": block.level}
        case Line():
            return {"is": "line", **_line(block)}
        case Table():
            return {
                "is": "table", "caption": block.caption, "headings": block.headings, "widths": block.widths,
                "rows": [[[_line(x) for x in cell] for cell in row] for row in block.rows],
            }  # fmt: skip
        case Branch():
            return {"is": "branch", **_tree(block)}
        case Picture():
            return {"is": "picture", "svg": block.svg, "caption": block.caption, "alt": block.alt}


def _tree(branch: Branch) -> dict[str, Any]:
    return {
        "text": branch.text, "note": branch.note, "mark": branch.mark, "children": [_tree(c) for c in branch.children],
    }  # fmt: skip
