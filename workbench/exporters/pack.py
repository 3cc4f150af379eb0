"""The meeting pack as one PDF, for printing and for a telephone, and as a Word document with real styles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from workbench.language import t

from . import typesetting
from .briefs import WORDS, Brief, BriefGroup, BriefQuote
from .word import NOTE, Cell, WordDocument


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Dissent:
    """Who sees it differently; `said` is never empty."""

    title: str
    quotes: tuple[BriefQuote, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Asked:
    nature: str
    question: str
    recommendation: str
    consequences: str
    aspects: tuple[Named, ...]
    dissent: tuple[Dissent, ...]


@dataclass(frozen=True, slots=True)
class Words:
    op: str  # same | ins | del
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    text: str
    moscow: str = ""
    note: str = ""
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`state` is the rows' shape (doubt | open | good | none or empty); `more` rows had no room."""

    title: str
    state: str
    rows: tuple[Row, ...]
    more: int
    more_said: str


@dataclass(frozen=True, slots=True)
class SinceLast:
    title: str
    counts: str
    verdict: str  # whether anything decided on has changed, or is to be reopened
    groups: tuple[Group, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Positions:
    question: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ActionRow:
    text: str
    owner: str
    due: str
    state: str
    said: str
    outcome: str


@dataclass(frozen=True, slots=True)
class RequirementRow:
    key: str
    statement: str
    acceptance: str
    moscow: str
    rests: str
    heard: str
    against: str
    state: str
    status: str
    missing: str
    owner: str


@dataclass(frozen=True, slots=True)
class Logged:
    overline: str
    question: str
    rows: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class PackFile:
    project: str
    language: str
    invented: bool
    made: datetime
    made_on: str
    made_by: str
    meeting: str
    asked: tuple[Asked, ...]
    since: SinceLast | None
    positions: tuple[Positions, ...]
    actions: tuple[ActionRow, ...]
    attendance: tuple[str, ...]
    briefs: tuple[Brief, ...]
    groups: tuple[BriefGroup, ...]
    strip: str  # SVG, or empty
    strip_alt: str
    strip_note: str
    requirements: tuple[RequirementRow, ...]
    holes: str
    log: tuple[Logged, ...]


_WORDS = (
    "nothing_asked", "recommended", "cost", "meeting", "positions", "actions", "action", "owner", "due", "status",
    "attendance", "strip", "requirements_all", "key", "requirement", "moscow", "rests", "against", "log", "title",
    "since_none",
)  # fmt: skip


def _words() -> dict[str, str]:
    return {n: t(f"exporting.pdf.{n}") for n in WORDS} | {n: t(f"packfile.{n}") for n in _WORDS}


def pack_pdf(pack: PackFile) -> bytes:
    """The pack as one PDF, with an outline."""
    data = asdict(pack) | {"words": _words()}
    del data["made"]
    return typesetting.pdf("briefs_parts.typ", "pack.typ", data=data, made=pack.made)


# -- Word --------------------------------------------------------------------------------------------------------

_SHAPES = {"doubt": "▲ ", "open": "● ", "good": "✓ ", "none": "○ ", "": ""}


def pack_docx(pack: PackFile) -> bytes:
    """The same as a Word document: headings, quotes and tables in its own styles."""
    w = _words()
    doc = WordDocument(title=w["title"], about=pack.project, language=pack.language, made=pack.made,
                       author=pack.made_by)  # fmt: skip
    doc.header_and_footer(
        pack.project,
        t("exporting.pdf.invented") if pack.invented else "",
        pack.made_on,
        t("exporting.docx.page"),
    )
    doc.paragraph(pack.meeting, NOTE)
    if not pack.asked:
        doc.heading(1, w["nothing_asked"])
    for n, x in enumerate(pack.asked):
        doc.heading(1 if n == 0 else 2, x.question)
        doc.paragraph(x.nature, NOTE)
        if x.recommendation:
            doc.labelled(w["recommended"] + ":", x.recommendation)
        if x.consequences:
            doc.labelled(w["cost"] + ":", x.consequences)
        for a in x.aspects:
            doc.labelled(a.name + ":", a.text, "List Bullet")
        for box in x.dissent:
            _dissent(doc, box)
    if pack.since:
        _since(doc, pack.since)
    if pack.positions or pack.actions or pack.attendance:
        doc.page_break()
        doc.heading(1, w["meeting"])
    for p in pack.positions:
        doc.heading(3, p.question)
        for r in p.rows:
            doc.labelled(r.key, f"{r.text}{f'. {r.note}' if r.note else ''}", "List Bullet")
    if pack.actions:
        doc.heading(2, w["actions"])
        doc.table("", (w["action"], w["owner"], w["due"], w["status"]), (2.6, 1, 1, 1),
                  [[_cell(a.text, a.outcome), a.owner, a.due, _SHAPES[a.state] + a.said] for a in pack.actions])  # fmt: skip
    if pack.attendance:
        doc.heading(2, w["attendance"])
        for line in pack.attendance:
            doc.paragraph(line, "List Bullet")
    for b in pack.briefs:
        doc.page_break()
        _brief(doc, b, w)
    if pack.briefs:
        doc.page_break()
        _matrix(doc, pack, w)
    if pack.strip:
        doc.heading(1, w["strip"])
        doc.picture(typesetting.png_of(pack.strip, ppi=170), pack.strip_note, pack.strip_alt)
    if pack.requirements:
        doc.heading(1, w["requirements_all"])
        doc.table(
            pack.holes,
            (w["key"], w["requirement"], w["moscow"], w["rests"], w["against"], w["status"]),
            (0.75, 2.6, 0.75, 1.2, 1, 1.2),
            [[r.key, _cell(r.statement, r.acceptance), r.moscow, _cell(r.rests, r.heard), r.against,
              _cell(_SHAPES[r.state] + r.status, r.missing, r.owner)] for r in pack.requirements],
        )  # fmt: skip
    if pack.log:
        doc.page_break()
        doc.heading(1, w["log"])
        for one in pack.log:
            doc.heading(2, one.question)
            doc.paragraph(one.overline, NOTE)
            for named in one.rows:
                doc.labelled(named.name + ":", named.text)
    return doc.save()


def _cell(text: str, *notes: str) -> Cell:
    return Cell(((None, text), *((NOTE, x) for x in notes if x)))


def _quote(doc: WordDocument, q: BriefQuote) -> None:
    said_by = " · ".join(x for x in (q.said_by, q.translator) if x)
    doc.quote(f"{q.text}\n{q.translation}" if q.translation else q.text, said_by, language=q.language)


def _dissent(doc: WordDocument, box: Dissent) -> None:
    doc.heading(3, box.title)
    for q in box.quotes:
        _quote(doc, q)
    doc.paragraph(box.said, NOTE)


def _since(doc: WordDocument, since: SinceLast) -> None:
    doc.heading(2, since.title)
    if since.counts:
        doc.paragraph(since.counts)
    doc.paragraph(since.verdict)
    for g in since.groups:
        doc.heading(3, g.title)
        for r in g.rows:
            said = " ".join(x for x in (r.text, f"({r.moscow})" if r.moscow else "") if x)
            doc.labelled(_SHAPES[g.state] + r.key, said + (f". {r.note}" if r.note else ""), "List Bullet")
            if r.words:
                doc.changed(tuple((p.op, p.text) for p in r.words))
        if g.more:
            doc.paragraph(g.more_said, NOTE)
    if since.note:
        doc.paragraph(since.note, NOTE)


def _brief(doc: WordDocument, b: Brief, w: dict[str, str]) -> None:
    doc.heading(1, b.heading)
    doc.paragraph(b.overline, NOTE)
    for text in (b.lead, *b.rest):
        doc.paragraph(text)
    for q in b.quotes:
        _quote(doc, q)
    if not b.quotes:
        doc.paragraph(w["no_quotes"], NOTE)
    _dissent(doc, Dissent(w["differently"], b.dissent, b.dissent_said))
    doc.heading(3, w["heard"])
    for g in b.groups:
        doc.labelled(g.name + ":", g.said, "List Bullet")
    doc.heading(3, w["sure"])
    for s in b.sure:
        doc.labelled(
            f"{_SHAPES[s.state]}{s.name}:", " ".join(x for x in (s.said + ".", s.reason) if x), "List Bullet"
        )
    if not b.sure:
        doc.paragraph(w["not_judged"], NOTE)
    doc.heading(3, w["requirements"])
    for r in b.requirements:
        status = ", ".join(x for x in (r.priority, r.status, r.state_said) if x)
        doc.labelled(_SHAPES[r.state] + r.key, f"{r.statement} ({status})", "List Bullet")
    if not b.requirements:
        doc.paragraph(w["no_requirements"], NOTE)
    if b.evidence:
        doc.heading(3, w["evidence"])
        for e in b.evidence:
            doc.paragraph(e.finding)
            doc.paragraph(" · ".join(x for x in (e.citation, e.note) if x), NOTE)


def _matrix(doc: WordDocument, pack: PackFile, w: dict[str, str]) -> None:
    doc.heading(1, w["matrix"])
    rows: list[list[str | Cell]] = []
    for b in pack.briefs:
        cells = [_cell(w["none_heard"] if g.heard == 0 else g.said, g.phrase) for g in b.groups]
        beside = Cell(tuple((None if n == 0 else NOTE, x) for e in b.evidence for n, x in enumerate((e.title, e.stands)) if x)
                      or ((NOTE, w["no_literature"]),))  # fmt: skip
        rows.append([b.heading, *cells, beside])
    heads = [w["theme"], *(f"{g.name} ({g.said})" for g in pack.groups), w["literature"]]
    doc.table(w["matrix_note"], heads, [1.5, *(1.0 for _ in pack.groups), 1.5], rows)
