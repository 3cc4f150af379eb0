"""The model's description (TIDieR) as a Word document: twelve items, each with where its text comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.language import t

from .word import NOTE, Cell, WordDocument


@dataclass(frozen=True, slots=True)
class DescribedItem:
    """`asks` what the item is about, `text` what is written ("" where nothing is), `sources` where it was taken from."""

    name: str
    asks: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    project: str
    invented: bool
    language: str
    made: datetime
    made_on: str
    made_by: str
    note: str
    items: Sequence[DescribedItem]


def description_docx(of: Description) -> bytes:
    title = t("tidier.file.title", project=of.project)
    doc = WordDocument(title=title, about=of.project, language=of.language, made=of.made, author=of.made_by)
    invented = t("exporting.invented") if of.invented else ""
    doc.header_and_footer(of.project, invented, of.made_on, t("exporting.docx.page"))
    doc.heading(1, title)
    rows = [
        (
            Cell(((None, i.name), (NOTE, i.asks))),
            Cell(tuple((None, line) for line in (i.text or t("tidier.file.nothing")).splitlines() if line.strip())),
            "; ".join(i.sources) if i.text else "",
        )
        for i in of.items
    ]  # fmt: skip
    heads = [t("tidier.file.item"), t("tidier.file.text"), t("tidier.file.source")]
    doc.table(t("tidier.file.caption"), heads, (1.1, 2.6, 1.1), rows)
    doc.paragraph(of.note, NOTE)
    return doc.save()
