"""The pack as a file: one A4 PDF with an outline, a Word document with real styles, and nothing hostile in either."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from tests.conftest import acting_as
from tests.exporters.hostile_texts import PAYLOADS
from workbench.domain.errors import Refused
from workbench.exporters import pack as out
from workbench.exporters.strip import StripNode, strip_svg
from workbench.exporters.typesetting import png_of
from workbench.services import meetings, pack_files, packs, projects
from workbench.services.context import Context
from workbench.store.project import Store


@pytest.fixture(scope="module")
def file(demo_master: Path) -> out.PackFile:
    ctx = projects.lead_context(Store.open(demo_master))
    return pack_files.pack_file(ctx, packs.meeting_pack(ctx))


def text_of(pdf: bytes, folder: Path) -> list[str]:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (folder / "pack.pdf").write_bytes(pdf)
    out = subprocess.run(
        ["pdftotext", "-layout", folder / "pack.pdf", "-"], check=True, capture_output=True
    ).stdout
    return [" ".join(page.split()) for page in out.decode().split("\f")[:-1]]


def test_the_first_page_is_what_is_asked_recommended_what_it_costs_and_who_differs(
    ctx: Context, tmp_path: Path
) -> None:
    pages = text_of(pack_files.pack_pdf(acting_as(ctx, "steering")), tmp_path)
    first = pages[0]
    places = [first.index(x) for x in (
        "Should the model ask what matters once", "Recommended", "Yes, in the pilot", "What it costs", "A conversation of",
        "Who sees it differently", "Since 20 May 2026")]  # fmt: skip
    assert places == sorted(places)
    assert "REQ-003" in first and "Invented demo study" in first
    assert len([p for p in pages if re.search(r"Theme \d of 4", p)]) == 4
    whole = " ".join(pages)
    for part in ("All themes, and who spoke of them", "Published elsewhere", "From people to prototype", "What was decided",
                 "How sure we are"):  # fmt: skip
        assert part in whole


def test_the_pdf_has_an_outline_and_says_the_same_bytes_of_the_same_moment(ctx: Context) -> None:
    pack = packs.meeting_pack(ctx)
    file = pack_files.pack_file(ctx, pack)
    from workbench.exporters.pack import pack_pdf

    data = pack_pdf(file)
    assert b"/Outlines" in data
    assert data == pack_pdf(file)


def test_several_questions_stand_under_each_other_and_none_says_so(ctx: Context, tmp_path: Path) -> None:
    meeting = meetings.list_meetings(ctx)[-1].id
    meetings.add_decision(ctx, question="Who pays afterwards?", nature="discussion", meeting=meeting)
    first = text_of(pack_files.pack_pdf(ctx), tmp_path)[0]
    assert first.index("Should the model ask") < first.index("Who pays afterwards?")
    for d in packs.meeting_pack(ctx).asked:
        meetings.record_decision(ctx, d.id, outcome="So.", why="Because.")
    assert "Nothing is asked of you this time" in text_of(pack_files.pack_pdf(ctx), tmp_path)[0]


def test_the_word_document_has_headings_quotes_and_tables_in_real_styles(ctx: Context) -> None:
    found = docx.Document(io.BytesIO(pack_files.pack_docx(acting_as(ctx, "steering"))))
    styles = {p.style.name for p in found.paragraphs}
    assert {"Heading 1", "Heading 2", "Heading 3", "Quote", "Quote Source", "List Bullet"} <= styles
    assert found.paragraphs[1].style.name == "Heading 1"
    assert found.paragraphs[1].text.startswith("Should the model ask what matters once")
    assert any(r.font.strike for p in found.paragraphs for r in p.runs)
    heads = {t.rows[0].cells[-1].text: t for t in found.tables}
    assert heads["Published elsewhere"].rows[0].cells[0].text == "Theme"
    assert len(found.tables[-1].rows) >= 11
    assert len(found.inline_shapes) == 1


def test_an_empty_project_has_no_pack_to_make(empty: Context) -> None:
    with pytest.raises(Refused) as refused:
        pack_files.pack_pdf(empty)
    assert refused.value.code == "pack.nothing_in_it"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_texts_are_set_as_text(file: out.PackFile, payload: str) -> None:
    asked = replace(file.asked[0], question=payload, recommendation=payload, consequences=payload,
                    aspects=(out.Named(payload, payload),))  # fmt: skip
    rows = (
        out.Row(payload, payload, payload, payload, (out.Words("ins", payload), out.Words("del", payload))),
    )
    since = out.SinceLast(
        payload, payload, payload, (out.Group(payload, "doubt", rows, 1, payload),), payload
    )
    hostile = replace(file, project=payload, meeting=payload, asked=(asked,), since=since, attendance=(payload,),
                      requirements=tuple(replace(r, statement=payload, against=payload) for r in file.requirements[:2]),
                      positions=(out.Positions(payload, rows),))  # fmt: skip
    assert out.pack_pdf(hostile).startswith(b"%PDF")
    with zipfile.ZipFile(io.BytesIO(out.pack_docx(hostile))) as found:
        assert found.testzip() is None


def test_a_strip_of_one_or_of_no_node_can_be_drawn() -> None:
    for columns in (
        [],
        [("Groups", [])],
        [("Groups", [StripNode("a", "<b>&\x00 " + "w" * 500, 1, "doubt", "in doubt")])],
    ):
        svg = strip_svg(columns, [("a", "gone", 3, True)])
        assert "<b>" not in svg
        assert png_of(svg).startswith(b"\x89PNG")
