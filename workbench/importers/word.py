"""A Word document -> its lines and tables, read as if all changes were accepted.

Insertions, content controls and the text of boxes (once) are kept, soft breaks and tabs part words. Deleted
and hidden text, comments, foot- and endnotes, page headers and embedded documents are not taken, and every
one of them is said: deleted text can hold a name that somebody asked to have removed.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.domain.errors import ImportRejected
from workbench.domain.text import normalise
from workbench.domain.transcripts import Notice
from workbench.importers.gate import Archive, Limits, ending, xml_text
from workbench.importers.layouts import Line

if TYPE_CHECKING:
    from lxml.etree import _Element

_WORD_NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_BREAKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_COUNTED = {
    "footnoteReference": "footnotes",
    "endnoteReference": "footnotes",
    "commentReference": "comments",
    "altChunk": "embedded",
    "sym": "symbols",
}
_NO_SPEECH = """
    pPr rPr tblPr tblGrid trPr tcPr sdtPr sdtEndPr sectPr instrText delInstrText delText rt rubyPr softHyphen
    proofErr bookmarkStart bookmarkEnd ffData customXmlPr smartTagPr annotationRef
"""
_SKIPPED = frozenset(_NO_SPEECH.split())
_HEADING = re.compile(r"(Heading|Overskrift|Title|Titel|Subtitle|Undertitel)\d?$")
_DEEPEST = 200


@dataclass(slots=True)
class Document:
    """`blocks`: in order, a Line, or a table as rows of cells."""

    blocks: list[Line | list[list[str]]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)


def parse(data: bytes, name: str, limits: Limits) -> Document:
    archive = Archive(data, name, limits)
    main = _main_part(archive, name)
    parts = {}
    for member in archive.names:
        # Refused wherever it stands, not only in the part that is read: no program writes one.
        if ending(member) in ("xml", "rels"):
            text = xml_text(archive.read(member), name)
            if member in (main, "word/styles.xml"):
                parts[member] = text
    if main not in parts:
        raise ImportRejected("import.docx_broken", name=name)
    bold_styles = (
        _bold_styles(_root(parts["word/styles.xml"], name)) if "word/styles.xml" in parts else frozenset()
    )
    walker = _Walker(bold_styles, limits, name)
    root = _root(parts[main], name)
    if _local(root) != "document":
        raise ImportRejected("import.docx_broken", name=name)
    bodies = [child for child in root if _local(child) == "body"]
    if not bodies:
        raise ImportRejected("import.docx_broken", name=name)
    for element in bodies:
        walker.blocks_of(element, 0)
    walker.end_paragraph()
    document = walker.document
    headers = [m for m in archive.names if re.match(r"word/(header|footer)\d*\.xml$", m)]
    if any(re.search(rb"<w:t[ >]", archive.read(member)) for member in headers):
        walker.counts["headers"] += 1
    document.notices = [
        Notice.of(f"import.notice.docx_{what}", n=count) for what, count in sorted(walker.counts.items())
    ]
    return document


def _main_part(archive: Archive, name: str) -> str:
    """The document part as the package names it; `word/document.xml` in nearly every file."""
    names = archive.names
    if "_rels/.rels" in names:
        root = _root(xml_text(archive.read("_rels/.rels"), name), name)
        for relation in root:
            kind = str(relation.get("Type", ""))
            if kind.endswith("/officeDocument") and relation.get("TargetMode") != "External":
                target = posixpath.normpath(str(relation.get("Target", "")).lstrip("/"))
                if target in names and target.endswith(".xml") and target.startswith("word/"):
                    return target
    if "word/document.xml" in names:
        return "word/document.xml"
    raise ImportRejected(_kind_of_zip(archive, name), name=name)


def _kind_of_zip(archive: Archive, name: str) -> str:
    names = archive.names
    if any(member.startswith("xl/") for member in names):
        return "import.spreadsheet"
    if any(member.startswith("ppt/") for member in names):
        return "import.presentation"
    if "mimetype" in names:
        is_text = archive.read("mimetype").startswith(b"application/vnd.oasis.opendocument.text")
        return "import.odt" if is_text else "import.open_document"
    if any(member.endswith((".qde", ".qdpx")) for member in names):
        return "import.qdpx"
    return "import.docx_broken" if ending(name) in ("docx", "docm") else "import.archive"


def _root(data: bytes, name: str) -> _Element:
    from lxml import etree  # late: only Word files need it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ImportRejected("import.docx_broken", name=name) from error


def _local(element: _Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attribute(element: _Element, name: str) -> str | None:
    for namespace in _WORD_NAMESPACES:
        value = element.get(namespace + name)
        if value is not None:
            return str(value)
    return None


def _child(element: _Element, name: str) -> _Element | None:
    return next((child for child in element if _local(child) == name), None)


def _is_on(properties: _Element | None, name: str) -> bool | None:
    """Is a toggle such as <w:b/> set? None where the properties do not mention it."""
    found = _child(properties, name) if properties is not None else None
    if found is None:
        return None
    return _attribute(found, "val") not in ("0", "false", "off", "none")


def _bold_styles(root: _Element) -> frozenset[str]:
    bold: set[str] = set()
    based: dict[str, str] = {}
    for style in root:
        identity = _attribute(style, "styleId") if _local(style) == "style" else None
        if identity is None:
            continue
        own = _is_on(_child(style, "rPr"), "b")
        parent = _child(style, "basedOn")
        if own:
            bold.add(identity)
        elif own is None and parent is not None:
            based[identity] = _attribute(parent, "val") or ""
    for identity in list(based):
        seen, at = {identity}, based[identity]
        while at in based and at not in seen:
            seen.add(at)
            at = based[at]
        if at in bold:
            bold.add(identity)
    return frozenset(bold)


class _Walker:
    """Walks the document part once. A paragraph is a list of (text, is bold) until it ends."""

    def __init__(self, bold_styles: frozenset[str], limits: Limits, name: str) -> None:
        self.document = Document()
        self.counts: Counter[str] = Counter()
        self._bold_styles = bold_styles
        self._limits = limits
        self._name = name
        self._pieces: list[tuple[str, bool]] = []
        self._boxes: list[_Element] = []
        self._characters = 0
        self._paragraphs = 0
        self._heading = False

    def _check(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise ImportRejected("import.docx_broken", name=self._name)

    def _say(self, text: str, bold: bool) -> None:
        self._characters += len(text)
        if self._characters > self._limits.characters:
            raise ImportRejected("import.too_long", name=self._name, limit=self._limits.characters)
        self._pieces.append((text, bold))

    # blocks

    def blocks_of(self, element: _Element, depth: int) -> None:
        self._check(depth)
        for child in element:
            kind = _local(child)
            if kind == "p":
                self._paragraph(child, depth)
            elif kind == "tbl":
                self.end_paragraph()
                self._table(child, depth)
            elif kind in ("del", "moveFrom"):
                self._count_deleted(child)
            elif kind == "sdt":
                self._sdt(child, depth, self.blocks_of)
            elif kind == "AlternateContent":
                self._alternate(child, depth, self.blocks_of)
            elif kind in _COUNTED:
                self.counts[_COUNTED[kind]] += 1
            elif kind not in _SKIPPED:
                self.blocks_of(child, depth + 1)

    def _paragraph(self, element: _Element, depth: int) -> None:
        properties = _child(element, "pPr")
        mark = _child(properties, "rPr") if properties is not None else None
        style = _child(properties, "pStyle") if properties is not None else None
        bold = style is not None and _attribute(style, "val") in self._bold_styles
        self._heading = style is not None and _HEADING.match(_attribute(style, "val") or "") is not None
        self._inline(element, bold, depth + 1)
        if mark is not None and (_child(mark, "del") is not None or _child(mark, "moveFrom") is not None):
            return  # the paragraph mark itself is deleted: what follows goes on in the same paragraph
        self.end_paragraph()

    def end_paragraph(self) -> None:
        """Turn the collected pieces into lines, then take the text boxes that hung in the paragraph."""
        pieces, self._pieces = self._pieces, []
        boxes, self._boxes = self._boxes, []
        if pieces:
            self._paragraphs += 1
            self._lines(pieces)
        for box in boxes:
            self.counts["text_boxes"] += 1
            self.blocks_of(box, 1)

    def _lines(self, pieces: list[tuple[str, bool]]) -> None:
        line: list[tuple[str, bool]] = []
        opens = True
        for text, bold in [*pieces, ("\n", False)]:
            first, *others = text.replace("\u2028", "\n").replace("\r", "\n").split("\n")
            line.append((first, bold))
            for other in others:
                made = self._line(line, opens)
                if made is not None:
                    self.document.blocks.append(made)
                    opens = False
                line = [(other, bold)]

    def _line(self, pieces: list[tuple[str, bool]], opens: bool) -> Line | None:
        cleaned = normalise("".join(text for text, _ in pieces))
        self.document.changes.update(cleaned.changes)
        raw = cleaned.text.strip()
        if not raw:
            return None
        lead = ""
        for text, bold in pieces:
            if not bold and text.strip():
                break
            lead += text
        return Line(
            raw, raw, len(normalise(lead).text.lstrip().rstrip()), opens, self._paragraphs, self._heading
        )

    def _table(self, element: _Element, depth: int) -> None:
        """Rows of cells; a table inside a cell is text of that cell, row by row."""
        self._check(depth)
        outer, self.document.blocks = self.document.blocks, []
        rows: list[list[str]] = []
        self._rows(element, depth + 1, rows)
        self.document.blocks = outer
        if rows:
            self.document.blocks.append(rows)

    def _rows(self, element: _Element, depth: int, rows: list[list[str]]) -> None:
        self._check(depth)
        for row in element:
            kind = _local(row)
            if kind in ("sdt", "sdtContent", "ins", "customXml"):
                self._rows(row, depth + 1, rows)
            elif kind == "tr":
                properties = _child(row, "trPr")
                if properties is not None and _child(properties, "del") is not None:
                    self._count_deleted(row)
                    continue
                cells: list[str] = []
                self._cells(row, depth + 1, cells)
                if any(cells):
                    rows.append(cells)

    def _cells(self, element: _Element, depth: int, cells: list[str]) -> None:
        self._check(depth)
        for cell in element:
            kind = _local(cell)
            if kind in ("sdt", "sdtContent", "customXml"):
                self._cells(cell, depth + 1, cells)
            elif kind == "tc":
                self.document.blocks = []
                self.blocks_of(cell, depth + 1)
                self.end_paragraph()
                cells.append("\n".join(_flat(block) for block in self.document.blocks))

    # inside a paragraph

    def _inline(self, element: _Element, bold: bool, depth: int) -> None:
        self._check(depth)
        for child in element:
            kind = _local(child)
            if kind == "t":
                self._say(child.text or "", bold)
            elif kind in _BREAKS:
                self._say(_BREAKS[kind], bold)
            elif kind == "r":
                self._run(child, bold, depth)
            elif kind in ("del", "moveFrom"):
                self._count_deleted(child)
            elif kind in ("ins", "moveTo"):
                self.counts["insertions"] += 1
                self._inline(child, bold, depth + 1)
            elif kind == "sdt":
                self._sdt(child, depth, lambda e, d: self._inline(e, bold, d))
            elif kind == "AlternateContent":
                self._alternate(child, depth, lambda e, d: self._inline(e, bold, d))
            elif kind == "txbxContent":
                self._boxes.append(child)
            elif kind in _COUNTED:
                self.counts[_COUNTED[kind]] += 1
            elif kind not in _SKIPPED:
                self._inline(child, bold, depth + 1)

    def _run(self, element: _Element, bold: bool, depth: int) -> None:
        properties = _child(element, "rPr")
        if _is_on(properties, "vanish"):
            self.counts["hidden"] += 1
            return
        own = _is_on(properties, "b")
        if own is None:
            style = _child(properties, "rStyle") if properties is not None else None
            own = bold or (style is not None and _attribute(style, "val") in self._bold_styles)
        self._inline(element, own, depth + 1)

    # what both levels share

    def _count_deleted(self, element: _Element) -> None:
        self.counts["deletions"] += 1

    def _sdt(self, element: _Element, depth: int, go_on: object) -> None:
        properties = _child(element, "sdtPr")
        content = _child(element, "sdtContent")
        if content is None or (properties is not None and _is_on(properties, "showingPlcHdr")):
            return  # "Click here to write" is Word's text, not the document's
        assert callable(go_on)
        go_on(content, depth + 1)

    def _alternate(self, element: _Element, depth: int, go_on: object) -> None:
        """The same thing twice for newer and older programs: the first that holds any text, and no other."""
        self._check(depth)
        assert callable(go_on)
        for child in element:
            if _local(child) not in ("Choice", "Fallback"):
                continue
            if any(_local(inner) == "t" for inner in child.iter()):
                go_on(child, depth + 1)
                return


def _flat(block: Line | list[list[str]]) -> str:
    return block.raw if isinstance(block, Line) else "\n".join(cell for row in block for cell in row if cell)
