from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
from dataclasses import replace

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from tests.conftest import acting_as
from tests.exporters.hostile_texts import HOSTILE
from workbench.domain.errors import NotAllowed, Refused
from workbench.language import catalogue
from workbench.services import (
    code_groups,
    coding,
    condensing,
    exporting,
    history,
    meetings,
    model,
    packs,
    people,
    quotes,
    sources,
    synthesis,
)
from workbench.services import report as services_report
from workbench.services import theme_briefs as services_theme_briefs
from workbench.store.verify import verify


def _docx(ctx):
    return docx.Document(io.BytesIO(services_report.report_docx(ctx, picture=False)))


def _texts(document):
    """All text in a document: paragraphs, tables, headers and footers."""
    found = ["".join(x.text or ("\n" if x.tag == qn("w:br") else "\t") for x in p.iter(qn("w:t"), qn("w:br"), qn("w:tab")))
             for p in document.element.body.iter(qn("w:p"))]  # fmt: skip
    for section in document.sections:
        found += [p.text for p in (*section.header.paragraphs, *section.footer.paragraphs)]
    return found


def _of_style(document, style):
    return [p.text for p in document.paragraphs if p.style.name == style]


def _xlsx(ctx):
    return openpyxl.load_workbook(io.BytesIO(exporting.export(ctx, ".xlsx")))


def _rows(page):
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _pdf_text(data, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "b.pdf").write_bytes(data)
    out = subprocess.run(
        ["pdftotext", tmp_path / "b.pdf", "-"], check=True, capture_output=True
    ).stdout.decode()
    return out.split("\f")[:-1]


def _flat(text):
    return " ".join(text.split())


# -- the report ---------------------------------------------------------------------------------------------


def test_every_unit_that_was_marked_stands_in_the_report_unless_its_speaker_will_not_be_printed(ctx):
    document = _docx(ctx)
    quoted = "\n".join(re.sub(r"^\[\d+\]  ", "", x) for x in _of_style(document, "Quote"))
    unwilling = {p.id for p in people.people_view(ctx).participants if not p.quote_ok}
    assert unwilling
    withheld = 0
    for card in coding.list_units(ctx):
        if unwilling & set(card.unit.participants):
            withheld += 1
            assert card.unit.text not in quoted
        else:
            assert card.unit.text in quoted
    said = [x for x in _texts(document) if "has not agreed to be quoted" in x]
    assert withheld and len(said) >= withheld


def test_condensates_stand_in_their_own_style_with_their_label_and_never_as_quotes(ctx):
    document = _docx(ctx)
    board = [condensing.board(ctx, g.group.id) for g in code_groups.code_group_counts(ctx)]
    written = [c.condensate.text for b in board for s in b.subgroups for c in s.condensates]
    printed = _of_style(document, "Condensate")
    assert len(printed) == len(written)
    assert all(x.startswith("Condensate, not a quote · ") for x in printed)
    assert {x.partition("\n")[2] for x in printed} == set(written)
    assert not any(text in x for text in written for x in _of_style(document, "Quote"))


def test_numbers_in_the_analytic_text_lead_to_the_units_it_rests_on(ctx):
    document = _docx(ctx)
    body = document.element.body
    names = {x.get(qn("w:name")) for x in body.iter(qn("w:bookmarkStart"))}
    notes = [x for x in body.iter(qn("w:hyperlink")) if x.get(qn("w:anchor")).startswith("c")]
    assert notes and {x.get(qn("w:anchor")) for x in notes} <= names
    numbered = [x for x in _of_style(document, "Quote") if re.match(r"\[\d+\]", x)]
    assert [int(re.match(r"\[(\d+)\]", x)[1]) for x in numbered] == list(range(1, len(numbered) + 1))


def test_the_report_has_the_study_from_its_question_to_its_decisions(ctx):
    document = _docx(ctx)
    texts = _texts(document)
    headings = _of_style(document, "Heading 1")
    assert headings[0] == "Question and material" and "Decisions" in headings
    for r in model.list_requirements(ctx):
        assert any(r.requirement.statement in x for x in texts)
    for d in meetings.list_decisions(ctx):
        assert any(d.question in x for x in _of_style(document, "Heading 2"))
        for v in d.dissent:
            assert any(v.reservation in x for x in texts)
    for v in synthesis.theme_matrix(ctx).themes:
        assert v[1] in _of_style(document, "Heading 2")
    assert any("Not answered yet." in x for x in texts)
    assert "Invented demo study" in document.sections[0].header.paragraphs[0].text
    assert {t.style.name for t in document.tables} == {"Workbench Table"}


def test_the_report_claims_only_what_is_logged(empty):
    texts = " ".join(_texts(_docx(empty)))
    assert "No themes" not in texts and "Invented" not in texts
    assert "No sources yet." in texts and "read 0 of" not in texts


# -- the briefs ---------------------------------------------------------------------------------------------


def test_the_briefs_hold_released_material_only(ctx, tmp_path):
    pages = _pdf_text(exporting.export(ctx, ".pdf"), tmp_path)
    pack = packs.meeting_pack(ctx)
    assert len(pages) == len(pack.briefs) + 1
    text = _flat(" ".join(pages))
    for source in sources.list_sources(ctx):
        assert source.source.title not in text
    cleared = [q.printed for q in quotes.quotes_by_unit(ctx).values()]
    for card in coding.list_units(ctx):
        words = _flat(card.unit.text)
        if len(words) > 30 and not any(words in _flat(q) for q in cleared):
            assert words not in text
    for code_group in code_groups.code_group_counts(ctx):
        for s in condensing.board(ctx, code_group.group.id).subgroups:
            assert not any(_flat(c.condensate.text) in text for c in s.condensates)
    for page, brief in zip(pages, pack.briefs, strict=False):
        assert "Who sees it differently" in page and "Invented demo study" in page
        for q in (*brief.quotes, *brief.dissent):
            assert _flat(q.text) in _flat(page)
            assert _flat(q.translation) in _flat(page)


def test_not_looked_for_yet_is_never_none_found():
    brief = packs.ThemeBrief("t", "h", (), (), (), 0, 0, 9, None, (), (), ())
    assert "Not looked for yet" in services_theme_briefs.dissent_said(brief)
    some = services_theme_briefs.dissent_said(replace(brief, reread=4, reread_on="2026-05-03"))
    assert "No contradicting statement found" in some and "4 of 9 sources" in some
    assert "All 9 sources" in services_theme_briefs.dissent_said(
        replace(brief, reread=9, reread_on="2026-05-03")
    )
    uncleared = services_theme_briefs.dissent_said(
        replace(brief, reread=9, reread_on="2026-05-03", challenges=2)
    )
    assert "It is challenged in the material" in uncleared and "No contradicting" not in uncleared
    assert "2" not in uncleared.split(".")[0]  # who few carry is not counted


def test_briefs_of_a_project_without_themes_are_refused_in_a_sentence(empty):
    with pytest.raises(Refused) as refused:
        exporting.export(empty, ".pdf")
    assert refused.value.code == "export.no_themes"


# -- the workbook -------------------------------------------------------------------------------------------


def test_the_workbook_has_every_unit_with_where_it_stands_also_those_in_no_group(ctx):
    rows = {r["id"]: r for r in _rows(_xlsx(ctx)["Units"])}
    cards = coding.list_units(ctx)
    assert set(rows) == {c.unit.id for c in cards}
    assert any(not c.placements for c in cards)
    names = {g.group.id: g.group.name for g in code_groups.code_group_counts(ctx)}
    for c in cards:
        row = rows[c.unit.id]
        assert row["Text"] == c.unit.text and row["Turn"] == c.unit.turn
        assert (row["Code groups"] or "") == "; ".join(names[p.code_group] for p in c.placements)


def test_the_trace_sheet_leads_from_each_requirement_to_its_units(ctx):
    rows = _rows(_xlsx(ctx)["Trace"])
    assert {r["Key"] for r in rows if r["Key"]} == {r.requirement.key for r in model.list_requirements(ctx)}
    units = {c.unit.id for c in coding.list_units(ctx)}
    assert {r["Unit"] for r in rows if r["Unit"]} <= units
    assert any(r["Unit"] for r in rows)


def test_code_groups_of_which_one_name_begins_with_the_other_are_kept_apart(ctx):
    units = [c.unit.id for c in coding.list_units(ctx)][:2]
    short, long = code_groups.add_code_group(ctx, name="A.b"), code_groups.add_code_group(ctx, name="A.bc")
    coding.place(ctx, units[0], placements=[{"code_group": short}])
    coding.place(ctx, units[1], placements=[{"code_group": long}])
    found = {r["Code group"]: r["Units"] for r in _rows(_xlsx(ctx)["Codebook"])}
    assert (found["A.b"], found["A.bc"]) == (1, 1)


# -- all of them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_any_field_leaves_as_text(ctx, hostile, tmp_path):
    theme = packs.meeting_pack(ctx).briefs[0].id
    view = synthesis.category_view(ctx, theme)
    synthesis.change_category(
        ctx, theme, rev=view.category.rev, heading=hostile + " x", analytic_text=hostile + " y."
    )
    group = code_groups.add_code_group(ctx, name=hostile + " g")
    assert group
    model.add_requirement(
        ctx, statement=hostile + " r", rationale=hostile, acceptance=hostile, based_on=[theme]
    )
    meetings.add_decision(ctx, question=hostile + " d", recommendation=hostile)
    book = _xlsx(ctx)
    assert all(c.data_type in "sn" for page in book for row in page.iter_rows() for c in row)
    assert len(_docx(ctx).paragraphs) > 100
    assert exporting.export(ctx, ".pdf").startswith(b"%PDF")


def test_what_left_is_kept_with_its_digest_and_nothing_comes_into_undo(ctx):
    before = history.peek(ctx)
    data = exporting.export(ctx, ".DOCX")
    exporting.export(ctx, ".pdf")
    newest, first = history.list_releases(ctx)[:2]
    assert first.sha256 == hashlib.sha256(data).hexdigest() and first.kind == "report"
    assert set(first.items) >= {c.unit.id for c in coding.list_units(ctx)}
    assert newest.kind == "briefs" and set(newest.items) >= {b.id for b in packs.meeting_pack(ctx).briefs}
    assert not set(newest.items) & {c.unit.id for c in coding.list_units(ctx)}
    assert history.peek(ctx).undo == before.undo
    assert verify(ctx.store.path) == []


def test_a_committee_gets_the_briefs_and_nothing_else(ctx):
    chair = acting_as(ctx, "steering")
    assert exporting.export(chair, ".pdf").startswith(b"%PDF")
    for suffix in (".docx", ".xlsx"):
        with pytest.raises(NotAllowed):
            exporting.export(chair, suffix)


def test_another_ending_is_refused(ctx):
    with pytest.raises(Refused) as refused:
        exporting.export(ctx, ".odt")
    assert refused.value.code == "export.unknown_kind"


def test_an_empty_project_can_be_exported_and_opens(empty):
    assert _docx(empty).paragraphs
    assert _xlsx(empty).sheetnames[0] == "Units"


def test_every_sentence_in_the_files_is_in_the_catalogue(ctx, tmp_path):
    text = " ".join(_texts(_docx(ctx))) + " ".join(
        str(c.value) for page in _xlsx(ctx) for row in page.iter_rows() for c in row
    ) + " ".join(_pdf_text(exporting.export(ctx, ".pdf"), tmp_path))  # fmt: skip
    assert re.findall(r"exporting\.[a-z]\w*", text) == []
    assert {"export.unknown_kind", "export.no_themes"} <= set(catalogue("en"))


def test_the_report_holds_the_trace_as_a_picture_that_is_described_in_words(ctx) -> None:  # type: ignore[no-untyped-def]
    document = docx.Document(io.BytesIO(exporting.export(ctx, ".docx")))
    (drawn,) = document.inline_shapes
    assert "stakeholder groups" in drawn._inline.docPr.get("descr")


def test_the_picture_takes_any_text(ctx) -> None:  # type: ignore[no-untyped-def]
    model.add_requirement(ctx, statement="The model must\x00 <b>hold</b> & keep \u202e it 😀" + "x" * 4000)
    assert exporting.export(ctx, ".svg").startswith(b"<svg")


def test_the_trace_as_a_picture_names_themes_and_requirements_and_no_source(ctx) -> None:  # type: ignore[no-untyped-def]
    from workbench.services import packs, sources

    svg = exporting.export(ctx, ".svg").decode()
    assert svg.startswith("<svg") and "Invented demo study" in svg
    assert all(
        r.key in svg for r in packs.meeting_pack(ctx).requirements if r.status not in ("parked", "rejected")
    )
    assert not any(v.source.title in svg for v in sources.list_sources(ctx))


def test_open_tables_hold_every_unit_with_its_words_and_can_be_searched(ctx, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import sqlite3

    from workbench.services import coding

    path = tmp_path / "open.sqlite"
    path.write_bytes(exporting.export(ctx, ".sqlite"))
    conn = sqlite3.connect(path)
    kept = dict(conn.execute("SELECT id, text FROM meaning_units"))
    assert kept == {c.unit.id: c.unit.text for c in coding.list_units(ctx)}
    word = next(iter(kept.values())).split()[0].strip(",.“”")
    assert conn.execute(
        "SELECT count(*) FROM meaning_units_fts WHERE meaning_units_fts MATCH ?", (f'"{word}"',)
    ).fetchone()[0]
    conn.close()
