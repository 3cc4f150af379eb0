"""The report as a Word document: question and material, what was done, the analysis step by step, the results,
and what was made of them. For the analysis team: it holds people's words as they were said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.language import number, t, tn

from . import word
from .word import Cell, WordDocument


@dataclass(frozen=True, slots=True)
class Quote:
    """A meaning unit as the report prints it. An empty `text` was withheld; `note` says why."""

    unit: str
    text: str
    language: str
    said_by: str  # groups
    place: str  # source and turn
    note: str = ""
    printed: str = ""  # the cleared form, where it differs from the words
    translation: str = ""  # of the cleared form, with its translator


@dataclass(frozen=True, slots=True)
class SourceRow:
    title: str
    kind: str
    words_of: str
    date: str
    groups: str
    words: int
    turns: int
    units: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    name: str
    within: str
    people: str  # a number, or that it is too small to be shown


@dataclass(frozen=True, slots=True)
class Impression:
    """Step 1: preliminary themes by analyst, and those agreed with the titles they were made of."""

    by_analyst: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # (analyst, (title, note))
    agreed: tuple[tuple[str, tuple[str, ...]], ...]
    minutes: str


@dataclass(frozen=True, slots=True)
class CondensatePart:
    voice: str
    text: str
    holds: int
    people: int
    stale: bool
    golden: Quote | None


@dataclass(frozen=True, slots=True)
class SubgroupPart:
    name: str
    units: int
    condensates: tuple[CondensatePart, ...]


@dataclass(frozen=True, slots=True)
class CodeGroupPart:
    name: str
    tag: str
    definition: str
    include: str
    exclude: str
    grown_from: tuple[str, ...]
    units: int
    people: int
    left_over: int
    subgroups: tuple[SubgroupPart, ...]
    set_aside: tuple[tuple[Quote, str], ...]  # with the reason
    category: str
    others: tuple[tuple[str, Quote], ...]  # (subgroup, unit) not cited in the text


@dataclass(frozen=True, slots=True)
class Finding:
    """What re-reading a source found."""

    verdict: str
    source: str
    by: str
    note: str
    answer: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class EvidencePart:
    role: str
    title: str
    citation: str
    finding: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CategoryPart:
    heading: str
    code_group: str
    ready: bool
    paragraphs: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]  # sentences with the units they rest on
    cited: tuple[Quote, ...]
    findings: tuple[Finding, ...]
    searched: str  # what was re-read, a sentence
    why_ready: str  # why it was called ready all the same, a sentence; or empty
    evidence: tuple[EvidencePart, ...]


@dataclass(frozen=True, slots=True)
class MatrixPart:
    groups: tuple[str, ...]
    rows: tuple[
        tuple[str, tuple[tuple[str, str], ...], str], ...
    ]  # heading, (count, phrase) by group, literature


@dataclass(frozen=True, slots=True)
class RequirementPart:
    key: str
    statement: str
    rationale: str
    acceptance: str
    feasibility: str
    owner: str
    priority: str
    status: str
    rests_on: tuple[str, ...]
    against: tuple[str, ...]
    heard: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComponentPart:
    key: str
    name: str
    description: str
    requirements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VersionPart:
    label: str
    frozen_on: str
    note: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionPart:
    key: str
    question: str
    facts: tuple[tuple[str, str], ...]  # (what, text), those that are empty left out
    positions: tuple[tuple[str, str, str], ...]  # (seat, choice, reservation)
    changed_since: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    project: str
    question: str
    lens: str
    language: str
    invented: bool
    made: datetime
    made_on: str
    made_by: str
    analysts: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    groups: tuple[GroupRow, ...]
    people: int
    method: tuple[str, ...]  # sentences, each from a logged fact
    impression: Impression
    code_groups: tuple[CodeGroupPart, ...]
    categories: tuple[CategoryPart, ...]
    matrix: MatrixPart
    requirements: tuple[RequirementPart, ...]
    ideas: tuple[tuple[str, str], ...]  # (text, where it comes from)
    components: tuple[ComponentPart, ...]
    versions: tuple[VersionPart, ...]
    decisions: tuple[DecisionPart, ...]
    unplaced: tuple[Quote, ...]
    flow: bytes | None  # groups -> themes -> requirements -> components, as PNG


def report_docx(report: Report) -> bytes:
    """The report as a .docx file."""
    doc = WordDocument(
        title=t("exporting.docx.title", project=report.project), about=report.question, language=report.language,
        made=report.made, author=report.made_by,
    )  # fmt: skip
    doc.header_and_footer(
        report.project, t("exporting.invented") if report.invented else "",
        t("exporting.docx.inside"), t("exporting.docx.page", page="{page}", pages="{pages}"),
    )  # fmt: skip
    _front(doc, report)
    _material(doc, report)
    _method(doc, report)
    _code_groups(doc, report)
    _results(doc, report)
    _matrix(doc, report)
    _requirements(doc, report)
    _prototype(doc, report)
    _decisions(doc, report)
    _others(doc, report)
    if doc.replaced:
        doc.paragraph(tn("exporting.replaced", doc.replaced), word.NOTE)
    return doc.save()


def _front(doc: WordDocument, report: Report) -> None:
    doc.paragraph(report.project, "Title")
    if report.question:
        doc.paragraph(report.question, "Subtitle")
    if report.invented:
        doc.paragraph(t("exporting.docx.invented_long"))
    doc.paragraph(t("exporting.docx.made", day=report.made_on, by=report.made_by), word.NOTE)
    doc.paragraph(t("exporting.docx.inside_long"), word.NOTE)
    doc.paragraph(t("exporting.docx.contents"), "Heading 3")
    doc.contents()
    doc.page_break()


def _material(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.material"))
    if report.question:
        doc.labelled(t("exporting.docx.question"), report.question)
    doc.labelled(t("exporting.docx.lens"), report.lens)
    if not report.sources:
        doc.paragraph(t("exporting.docx.no_sources"))
        return
    words = sum(s.words for s in report.sources)
    doc.paragraph(
        t("exporting.docx.material_sum", sources=tn("exporting.sources", len(report.sources)), words=number(words),
          people=tn("exporting.people", report.people))
    )  # fmt: skip
    doc.table(
        t("exporting.docx.sources_caption"),
        [
            t(f"exporting.col.{x}")
            for x in ("source", "kind", "date", "heard_in_it", "words", "turns", "units")
        ],
        (2.8, 2.2, 1.5, 2.4, 0.9, 0.8, 0.8),
        [
            (
                s.title,
                f"{s.kind}\n{s.words_of}",
                s.date,
                s.groups,
                number(s.words),
                number(s.turns),
                number(s.units),
            )
            for s in report.sources
        ],
    )
    if report.groups:
        doc.table(
            t("exporting.docx.groups_caption"), [t(f"exporting.col.{x}") for x in ("group", "within", "people")], (3, 3, 1.5),
            [(g.name, g.within, g.people) for g in report.groups],
        )  # fmt: skip


def _joined(title: str, more: str) -> str:
    """A title with a sentence after it."""
    if not more:
        return title
    return f"{title}{'' if title.endswith(('.', '?', '!', '…')) else '.'} {more}"


def _method(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.method"))
    doc.paragraph(t("exporting.docx.method_log"), word.NOTE)
    for sentence in report.method:
        doc.paragraph(sentence)
    impression = report.impression
    if impression.by_analyst or impression.agreed:
        doc.heading(2, t("exporting.docx.prelim"))
        doc.paragraph(t("exporting.docx.prelim_note"), word.NOTE)
        for analyst, themes in impression.by_analyst:
            doc.heading(3, analyst)
            for title, note in themes:
                doc.paragraph(_joined(title, note), "List Bullet")
        if impression.agreed:
            doc.heading(3, t("exporting.docx.agreed"))
            for title, origins in impression.agreed:
                made_of = t("exporting.docx.made_of", titles="; ".join(origins)) if origins else ""
                doc.paragraph(_joined(title, made_of), "List Bullet")
        doc.labelled(t("exporting.docx.minutes"), impression.minutes)


def _condensate_label(c: CondensatePart) -> str:
    facts = [
        t("exporting.condensate_label"),
        c.voice,
        tn("exporting.units", c.holds),
        tn("exporting.people", c.people),
    ]
    if c.stale:
        facts.append(t("exporting.stale"))
    return " · ".join(x for x in facts if x)


def _quote(doc: WordDocument, q: Quote, *, before: str = "", anchor: str = "", number: str = "") -> None:
    source = " · ".join(x for x in (before, q.said_by, q.place, q.note) if x)
    if not q.text:
        doc.paragraph((f"[{number}] " if number else "") + source, word.NOTE)
        return
    if q.printed:
        source += "\n" + t("exporting.printed_as", text=q.printed)
    if q.translation:
        source += "\n" + q.translation
    doc.quote(q.text, source, language=q.language, anchor=anchor, number=number)


def _code_groups(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.code_groups"))
    if not report.code_groups:
        doc.paragraph(t("exporting.docx.no_code_groups"))
        return
    doc.table(
        t("exporting.docx.tree_caption"),
        [t(f"exporting.col.{x}") for x in ("grown_from", "code_group", "subgroups", "theme")], (2.4, 2, 2.6, 2.4),
        [
            ("\n".join(g.grown_from) or t("exporting.none_written"), f"{g.tag}  {g.name}",
             "\n".join(f"{s.name} ({number(s.units)})" for s in g.subgroups) or t("exporting.none_yet"),
             g.category or t("exporting.none_yet"))
            for g in report.code_groups
        ],
    )  # fmt: skip
    examples = [
        (g, s, c) for g in report.code_groups
        for s, c in [(s, c) for s in g.subgroups for c in s.condensates if c.golden and c.golden.text][:1]
    ]  # fmt: skip
    if examples:
        doc.table(
            t("exporting.docx.analysis_caption"),
            [t(f"exporting.col.{x}") for x in ("unit", "code_group_and_subgroup", "condensate", "theme")], (3, 1.7, 3.4, 2),
            [
                (Cell(((word.QUOTE, c.golden.text), (word.SOURCE, f"{c.golden.said_by} · {c.golden.place}"))),
                 f"{g.name}\n{s.name}", Cell(((word.CONDENSATE, f"{_condensate_label(c)}\n{c.text}"),)), g.category)
                for g, s, c in examples if c.golden
            ],
        )  # fmt: skip
    for g in report.code_groups:
        doc.heading(2, f"{g.tag}  {g.name}")
        doc.labelled(t("exporting.col.definition") + ":", g.definition)
        doc.labelled(t("exporting.col.include") + ":", g.include)
        doc.labelled(t("exporting.col.exclude") + ":", g.exclude)
        left = tn("exporting.left_over", g.left_over) if g.left_over else ""
        facts = (tn("exporting.units", g.units), tn("exporting.people", g.people), left)
        doc.paragraph(" · ".join(x for x in facts if x), word.NOTE)
        for s in g.subgroups:
            doc.heading(3, t("exporting.docx.subgroup", name=s.name, units=tn("exporting.units", s.units)))
            if not s.condensates:
                doc.paragraph(t("exporting.docx.not_condensed"), word.NOTE)
            for c in s.condensates:
                doc.condensate(_condensate_label(c), c.text)
                if c.golden:
                    _quote(doc, c.golden, before=t("exporting.golden"))
        if g.set_aside:
            doc.heading(3, t("exporting.docx.set_aside"))
            for q, reason in g.set_aside:
                _quote(doc, q, before=t("exporting.docx.reason", reason=reason))


def _results(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.results"))
    if not report.categories:
        doc.paragraph(t("exporting.docx.no_results"))
    last = 0
    for n, category in enumerate(report.categories):
        doc.heading(2, category.heading)
        status = "" if category.ready else t("exporting.draft")
        doc.paragraph(
            " · ".join(x for x in (t("exporting.docx.from_group", name=category.code_group), status) if x),
            word.NOTE,
        )
        numbers: dict[str, int] = {}
        for q in category.cited:
            last += 1
            numbers[q.unit] = last
        if not category.paragraphs:
            doc.paragraph(t("exporting.docx.no_text"), word.NOTE)
        for paragraph in category.paragraphs:
            doc.noted([
                (text, [(str(numbers[u]), f"c{n}n{numbers[u]}") for u in units if u in numbers])
                for text, units in paragraph
            ])  # fmt: skip
        if category.cited:
            doc.heading(3, t("exporting.docx.units_behind"))
            for q in category.cited:
                _quote(doc, q, anchor=f"c{n}n{numbers[q.unit]}", number=str(numbers[q.unit]))
        doc.heading(3, t("exporting.docx.reread"))
        doc.paragraph(category.searched)
        if category.why_ready:
            doc.paragraph(category.why_ready)
        for f in category.findings:
            doc.labelled(f"{f.verdict}, {f.source} ({f.by}):", f.note)
            if f.quote:
                _quote(doc, f.quote)
            doc.labelled(t("exporting.docx.answer"), f.answer)
        if category.evidence:
            doc.heading(3, t("exporting.docx.literature"))
            for e in category.evidence:
                checked = "" if e.verified else " " + t("exporting.not_checked")
                doc.labelled(f"{e.role}:", f"{e.finding} {e.citation}{checked}")


def _matrix(doc: WordDocument, report: Report) -> None:
    matrix = report.matrix
    if not matrix.rows or not matrix.groups:
        return
    wide = len(matrix.groups) > 5
    if wide:
        doc.landscape(True)
    doc.heading(1, t("exporting.docx.matrix"))
    has_evidence = any(row[2] for row in matrix.rows)
    last = [t("exporting.col.literature")] if has_evidence else []
    doc.table(
        t("exporting.docx.matrix_caption"), [t("exporting.col.theme"), *matrix.groups, *last],
        [2.2, *[1.5] * len(matrix.groups), *[1.9] * has_evidence],
        [
            [heading, *(f"{count}\n{phrase}".strip() for count, phrase in cells), *([evidence] if has_evidence else [])]
            for heading, cells, evidence in matrix.rows
        ],
    )  # fmt: skip
    doc.paragraph(t("exporting.docx.matrix_note"), word.NOTE)
    if wide:
        doc.landscape(False)


def _requirements(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.requirements"))
    if report.requirements:
        if report.flow:
            doc.picture(report.flow, t("exporting.docx.flow"), t("exporting.docx.flow_about"))
        rows = []
        for r in report.requirements:
            said = [r.statement]
            for name in ("rationale", "acceptance", "feasibility", "owner"):
                if text := getattr(r, name):
                    said.append(f"{t('exporting.col.' + name)}: {text}")
            rests = [*(r.rests_on or (t("exporting.nothing_yet"),)), r.heard]
            rests += [t("exporting.against", what=x) for x in r.against]
            rows.append(
                (r.key, "\n".join(said), "\n".join(x for x in (r.priority, r.status) if x),
                 "\n".join(x for x in rests if x), "\n".join(r.components) or t("exporting.none_yet"))
            )  # fmt: skip
        doc.table(
            t("exporting.docx.requirements_caption"),
            [t(f"exporting.col.{x}") for x in ("key", "requirement", "priority", "rests_on", "components")],
            (1.1, 4.2, 1.2, 3, 1.8), rows,
        )  # fmt: skip
    else:
        doc.paragraph(t("exporting.docx.no_requirements"))
    if report.ideas:
        doc.heading(2, t("exporting.docx.ideas"))
        for text, origin in report.ideas:
            doc.paragraph(f"{text} ({origin})" if origin else text, "List Bullet")


def _prototype(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.prototype"))
    if not report.components:
        doc.paragraph(t("exporting.docx.no_components"))
    for c in report.components:
        doc.heading(2, f"{c.key}  {c.name}")
        if c.description:
            doc.paragraph(c.description)
        for key, statement in c.requirements:
            doc.labelled(key, statement, "List Bullet")
    for v in report.versions:
        doc.heading(2, t("exporting.docx.version", label=v.label, day=v.frozen_on))
        if v.note:
            doc.paragraph(v.note)
        for change in v.changes:
            doc.paragraph(change, "List Bullet")


def _decisions(doc: WordDocument, report: Report) -> None:
    doc.heading(1, t("exporting.docx.decisions"))
    if not report.decisions:
        doc.paragraph(t("exporting.docx.no_decisions"))
    for d in report.decisions:
        doc.heading(2, f"{d.key}  {d.question}")
        for what, text in d.facts:
            doc.labelled(what + ":", text)
        if d.positions:
            doc.table(
                t("exporting.docx.positions_caption"),
                [t(f"exporting.col.{x}") for x in ("seat", "position", "reservation")], (2.4, 1.8, 4),
                list(d.positions),
            )  # fmt: skip
        for change in d.changed_since:
            doc.paragraph(t("exporting.docx.changed_since", what=change), "List Bullet")


def _others(doc: WordDocument, report: Report) -> None:
    """Every unit that the text does not cite: nothing that was marked is missing from the report."""
    if not any(g.others for g in report.code_groups) and not report.unplaced:
        return
    doc.heading(1, t("exporting.docx.others"))
    doc.paragraph(t("exporting.docx.others_note"), word.NOTE)
    for g in report.code_groups:
        if g.others:
            doc.heading(2, t("exporting.docx.others_in", name=g.name))
            for subgroup, q in g.others:
                _quote(doc, q, before=subgroup)
    if report.unplaced:
        doc.heading(2, t("exporting.docx.unplaced"))
        for q in report.unplaced:
            _quote(doc, q)
