"""What the method hands over: files opened again, with what the project holds and nothing it does not."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import pytest
from docx import Document

from tests.conftest import acting_as
from tests.support import mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.exporters.hand_over import Branch, Heading, Line, Paper, Picture, Table, paper_docx, paper_pdf
from workbench.services import (
    before,
    code_groups,
    condensing,
    coreq,
    hand_over,
    history,
    methods_text,
    people,
    projects,
    quotes,
    sources,
)
from workbench.services.context import Context


def words_of(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [c.text for table in document.tables for r in table.rows for c in r.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def words_of_pdf(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def styles_of(docx: bytes) -> set[str]:
    document = Document(io.BytesIO(docx))
    inside = [p for table in document.tables for r in table.rows for c in r.cells for p in c.paragraphs]
    return {p.style.name for p in [*document.paragraphs, *inside]}


@pytest.mark.parametrize("kind", hand_over.KINDS)
def test_every_kind_opens_again_in_word_with_its_heading(ctx: Context, kind: str) -> None:
    data = hand_over.hand_over(ctx, kind, ".docx")
    document = Document(io.BytesIO(data))
    assert document.paragraphs[0].style.name == "Heading 1" and document.paragraphs[0].text
    assert history.list_releases(ctx)[0].kind == kind


@pytest.mark.parametrize("kind", hand_over.KINDS)
def test_every_kind_is_made_as_pdf_too(ctx: Context, kind: str) -> None:
    assert hand_over.hand_over(ctx, kind, ".pdf").startswith(b"%PDF-")


def test_the_analysis_table_goes_from_the_words_to_the_heading(ctx: Context) -> None:
    data = hand_over.hand_over(ctx, "analysis_table", ".docx", examples=1)
    said = words_of(data)
    for group in sources.list_code_groups(ctx):
        board = condensing.board(ctx, group.id)
        for s in board.subgroups:
            assert s.subgroup.name in said
            for c in s.condensates:
                assert c.condensate.text in said
    assert {"Condensate", "Quote"} <= styles_of(data)
    longer = words_of(hand_over.hand_over(ctx, "analysis_table", ".docx", examples=2))
    assert len(longer) > len(said)


def test_words_of_somebody_who_declined_are_in_no_analysis_table(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    other = mark_words(ctx, source, "He was nobody's", group)
    subgroup = condensing.add_subgroup(ctx, group, name="Nobody", units=[unit, other])
    condensing.add_condensate(ctx, subgroup, text="I was nobody's.", covers=[unit, other])
    person = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Aase")
    people.change_participant(
        ctx, person.id, rev=person.rev, pseudonym="Aase", stakeholder_group=person.stakeholder_group,
        kind="informant", quote_ok=False,
    )  # fmt: skip
    said = words_of(hand_over.hand_over(ctx, "analysis_table", ".docx"))
    assert "He was nobody's" in said and "Nobody had rung" not in said


def test_the_theme_table_holds_cleared_quotes_and_no_other_words(ctx: Context) -> None:
    said = words_of(hand_over.hand_over(ctx, "theme_table", ".docx"))
    with ctx.read() as conn:
        cleared = quotes.load_quotes(conn)
    assert any(q.printed in said for q in cleared.values())
    for view in sources.list_sources(ctx):
        for turn in sources.read_source(ctx, view.source.id).turns:
            sentence = max(re.split(r"(?<=[.!?])\s", turn.text), key=len)
            if len(sentence) > 60 and not any(sentence[:50] in q.printed for q in cleared.values()):
                assert sentence not in said


def test_the_coding_tree_stands_as_a_picture_and_as_a_list(ctx: Context) -> None:
    data = hand_over.hand_over(ctx, "coding_tree", ".docx")
    document = Document(io.BytesIO(data))
    assert len(document.inline_shapes) == 1 and {"Branch", "Branch of History"} <= styles_of(data)
    said = words_of(data)
    for group in sources.list_code_groups(ctx):
        assert group.name in said
    svg = hand_over.hand_over(ctx, "coding_tree", ".svg")
    assert svg.lstrip().startswith(b"<svg") or svg.lstrip().startswith(b"<?xml")


def test_coreq_opens_with_32_rows_of_which_twenty_say_what_the_project_knows_and_where(ctx: Context) -> None:
    rows = coreq.coreq(ctx)
    assert [r.n for r in rows] == list(range(1, 33))
    known = [r for r in rows if r.known]
    assert len(known) >= 20 and all(f.text and f.stands_in for r in known for f in r.known)
    (table,) = Document(io.BytesIO(hand_over.hand_over(ctx, "coreq", ".docx"))).tables
    assert len(table.rows) == 33
    for row, r in zip(table.rows[1:], rows, strict=True):
        if r.known:
            assert r.known[0].text in row.cells[2].text and row.cells[3].text


def test_what_is_written_to_an_item_says_who_wrote_it_and_the_slower_of_two_is_shown_both(
    ctx: Context,
) -> None:
    coreq.write_coreq(ctx, 4, "Two nurses, one with a doctorate.", rev=0)
    row = coreq.coreq(ctx)[3]
    assert (row.own, row.own_by) == ("Two nurses, one with a doctorate.", ctx.member.name) and row.own_at
    with pytest.raises(StaleEdit):
        coreq.write_coreq(acting_as(ctx, "researcher"), 4, "Three nurses.", rev=0)
    assert coreq.coreq(ctx)[3].own == "Two nurses, one with a doctorate."
    history.undo(ctx)
    assert coreq.coreq(ctx)[3].own == ""
    with pytest.raises(Refused):
        coreq.write_coreq(ctx, 33, "One more.")


def test_item_22_speaks_of_information_power(empty: Context) -> None:
    before.judge(
        empty, at="2026-03-01", levels={"aim": 4}, reasons={"aim": "Narrow."}, conclusion="Twelve will do."
    )
    (row,) = [r for r in coreq.coreq(empty) if r.n == 22]
    assert "Information power" in row.known[0].text and row.known[1].text == "Twelve will do."


def test_a_new_project_claims_nothing(empty: Context) -> None:
    assert methods_text.methods_text(empty, "en") == ()
    with pytest.raises(Refused):
        hand_over.hand_over(empty, "methods", ".docx")
    for kind in ("analysis_table", "coding_tree", "theme_table"):
        with pytest.raises(Refused):
            hand_over.hand_over(empty, kind, ".docx")
    said = words_of(hand_over.hand_over(empty, "coreq", ".docx"))
    assert "Quotations presented" in said and "cleared quote" not in said


def test_the_methods_paragraph_says_only_what_was_done(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    said = [x.text for x in methods_text.methods_text(ctx, "en")]
    assert any("has been begun" in x for x in said) and not any("was analysed by" in x for x in said)
    assert not any(
        word in " ".join(said) for word in ("condensate", "re-read 1", "preconceptions", "cleared")
    )
    assert "No re-reading against the results is logged." in said
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    one = [x.text for x in methods_text.methods_text(ctx, "en")]
    assert any(x.startswith("1 meaning unit were") or x.startswith("1 meaning unit") for x in one)
    subgroup = condensing.add_subgroup(ctx, group, name="Nobody", units=[unit])
    condensing.add_condensate(ctx, subgroup, text="I was nobody's.", covers=[unit])
    assert any("1 condensate" in x.text for x in methods_text.methods_text(ctx, "en"))


def test_the_paragraph_is_danish_where_it_is_asked_for_and_each_sentence_says_what_it_rests_on(
    ctx: Context,
) -> None:
    english = methods_text.methods_text(ctx, "en")
    danish = methods_text.methods_text(ctx, "da")
    assert [x.rests_on for x in danish] == [x.rests_on for x in english]
    assert danish[0].text.startswith("Materialet er analyseret med systematisk tekstkondensering")
    for x, y in zip(english, danish, strict=True):
        assert x.text != y.text
        assert re.findall(r"\b\d+\b", x.text)[:1] == re.findall(r"\b\d+\b", y.text)[:1]
    text = words_of(hand_over.hand_over(ctx, "methods", ".docx", language="da"))
    assert "Hvad hver sætning hviler på" in text and "Scand J Public Health" in text
    assert not re.search(r"\b(units|sources|people|between)\b", " ".join(x.text for x in danish))


def test_a_committee_and_a_facilitator_may_have_none_of_it(ctx: Context) -> None:
    for role in ("steering", "facilitator"):
        for kind in hand_over.KINDS:
            with pytest.raises(NotAllowed):
                hand_over.hand_over(acting_as(ctx, role), kind, ".docx")


def test_an_unknown_kind_or_ending_is_a_sentence(ctx: Context) -> None:
    for kind, ending in (("analysis_table", ".svg"), ("poem", ".docx"), ("coreq", ".odt")):
        with pytest.raises(Refused):
            hand_over.hand_over(ctx, kind, ending)


def test_hostile_text_is_only_ever_text_on_paper(ctx: Context) -> None:
    nasty = '=HYPERLINK("x") #set text(red) <b>x</b> \u202e \x00 ' + "a" * 3000
    paper = Paper(
        "T", "P #x", "about *x*", "da", False, ctx.now(), "today", "A",
        (
            Heading(nasty), Line(nasty, "quote", "da"), Line(nasty, "condensate"),
            Table("c", ("a", "b"), (1, 2), (((Line(nasty),), (Line("שלום", "quote"), Line(nasty, "condensate"))),)),
            Branch(nasty, "n", "dotted", (Branch("child"),)),
            Picture('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>',
                    _png(), "caption", "alt"),
        ),
    )  # fmt: skip
    assert "HYPERLINK" in words_of(paper_docx(paper))
    assert "HYPERLINK" in words_of_pdf(paper_pdf(paper))


def _png() -> bytes:
    from workbench.exporters.typesetting import png_of

    return png_of(
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
    )


def test_the_route_decides_the_first_sentence(ctx: Context) -> None:
    projects.change_setting(ctx, "route", "framework")
    assert "framework method" in methods_text.methods_text(ctx, "en")[0].text


def test_a_small_group_cannot_be_worked_out_from_the_others(ctx: Context) -> None:
    before_that = next(r for r in coreq.coreq(ctx) if r.n == 16).known[0].text
    assert all(any(c.isdigit() for c in part) for part in before_that.rstrip(".").split("; "))
    small = people.add_group(ctx, name="Ambulance")
    people.add_participant(ctx, pseudonym="Only one", stakeholder_group=small)
    (item,) = next(r for r in coreq.coreq(ctx) if r.n == 16).known
    assert "Ambulance" in item.text and not any(c.isdigit() for c in item.text)
    for language in ("en", "da"):
        groups = next(x.text for x in methods_text.methods_text(ctx, language) if "Ambulance" in x.text)
        assert not any(c.isdigit() for c in groups)


def test_reasons_are_claimed_only_where_they_were_given(empty: Context) -> None:
    before.judge(empty, at="2026-03-01", levels={"aim": 4})
    assert "with reasons" not in " ".join(x.text for x in methods_text.methods_text(empty, "en"))
    before.judge(empty, at="2026-03-02", levels={"aim": 4}, reasons={"aim": "Narrow."})
    assert "with reasons" not in " ".join(x.text for x in methods_text.methods_text(empty, "en"))
