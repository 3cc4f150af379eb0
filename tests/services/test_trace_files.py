"""The trace as tables to take along, opened again; and minutes as files."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import docx
import pytest
from openpyxl import load_workbook

from tests.bench.trace_files import tables
from tests.conftest import acting_as
from workbench.domain.errors import Refused
from workbench.services import (
    actions,
    coding,
    history,
    meetings,
    minutes,
    minutes_files,
    model,
    trace_files,
    trace_import,
    trace_picture,
)
from workbench.services.context import Context


def rows(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def hidden(ctx: Context) -> set[str]:
    """What must not leave to those who read no source: titles of sources, pseudonyms, ids of units."""
    with ctx.read() as conn:
        sql = "SELECT title FROM source UNION SELECT pseudonym FROM participant UNION SELECT id FROM unit"
        return {r[0] for r in conn.execute(sql) if len(r[0]) > 3}


def test_the_matrix_says_of_each_requirement_which_themes_support_it_and_what_answers_it(
    ctx: Context,
) -> None:
    first = rows(trace_files.trace_file(ctx, "matrix", ".csv"))[0]
    assert first["Key"] == "REQ-001"
    assert (
        first["One person who has seen all of it lets patients stop carrying their own papers"] == "supports"
    )
    assert first["CMP-001 Named contact with a stand-in"] == "answers"
    book = load_workbook(io.BytesIO(trace_files.trace_file(ctx, "matrix", ".xlsx")))
    assert book.worksheets[0].max_row == 11 and book.worksheets[0]["A2"].value == "REQ-001"


def test_the_table_of_requirements_has_what_each_rests_on_costs_and_how_it_stands(ctx: Context) -> None:
    found = {r["Key"]: r for r in rows(trace_files.trace_file(ctx, "requirements", ".csv"))}
    one = found["REQ-001"]
    assert one["Priority"] == "Must" and one["Status"] == "Accepted" and one["People"].isdigit()
    assert one["Components"] == "Named contact with a stand-in" and "DEC-001" in one["Decisions"]
    assert {"Economy", "Law", "IT", "Who pays", "Conflicts with", "State"} <= one.keys()
    book = load_workbook(io.BytesIO(trace_files.trace_file(ctx, "requirements", ".xlsx")))
    assert [c.value for c in book.worksheets[0][1]][:2] == ["Key", "Statement"] and len(book.worksheets) == 2


@pytest.mark.parametrize("role", ["facilitator", "steering"])
@pytest.mark.parametrize(
    ("kind", "ending"), [(k, e) for k, es in trace_files.FORMATS.items() for e in es if k != "changes"]
)
def test_no_source_person_or_unit_leaves_in_the_tables_of_who_reads_no_source(
    ctx: Context, role: str, kind: str, ending: str
) -> None:
    data = trace_files.trace_file(acting_as(ctx, role), kind, ending)
    if ending == ".csv":
        text = data.decode("utf-8-sig")
    else:
        sheets = load_workbook(io.BytesIO(data)).worksheets
        text = "\n".join(str(c) for s in sheets for row in s.iter_rows(values_only=True) for c in row)
    text = "\n".join(line for line in text.splitlines() if "made by" not in line.lower())
    assert not [name for name in hidden(ctx) if name in text]


def test_every_path_goes_from_what_was_decided_to_what_it_rests_on(ctx: Context) -> None:
    found = rows(trace_files.trace_file(ctx, "paths", ".csv"))
    assert list(found[0]) == ["Decision", "Component", "Requirement", "Theme", "Rests on", "Speaks against"]
    assert any(r["Component"] == "CMP-001" and r["Requirement"] == "REQ-001" and r["Theme"] for r in found)
    assert any(r["Speaks against"] for r in found) and any(not r["Speaks against"] for r in found)
    released = rows(trace_files.trace_file(acting_as(ctx, "steering"), "paths", ".csv"))
    assert 0 < len(released) < len(found)


def test_a_requirement_on_a_decision_that_decides_it_does_not_go_round_for_ever(ctx: Context) -> None:
    asked = model.list_requirements(ctx)[0].requirement.id
    with ctx.read() as conn:
        decision = conn.execute("SELECT id FROM item WHERE key='DEC-001'").fetchone()[0]
    model.support_requirement(ctx, asked, decision)
    assert any(r["Rests on"] == "DEC-001" for r in rows(trace_files.trace_file(ctx, "paths", ".csv")))


def test_all_paths_of_a_large_graph_are_there(empty: Context) -> None:
    trace_import.import_rows(empty, trace_import.preview(empty, tables("wide")))
    found = rows(trace_files.trace_file(empty, "paths", ".csv"))
    below: dict[str, int] = {}
    with empty.read() as conn:
        links = [(r["src"], r["dst"]) for r in conn.execute("SELECT src, dst FROM link")]
        kinds = {r["id"]: r["kind"] for r in conn.execute("SELECT id, kind FROM item")}
    for src, _ in links:
        below[src] = below.get(src, 0) + 1
    through = sum(below.get(dst, 1) for src, dst in links if kinds[src] == "requirement")
    loose = {s for s, _ in links if kinds[s] == "category"} - {d for _, d in links}
    alone = sum(kinds[i] == "evidence" and i not in {d for _, d in links} for i in kinds)
    wanted = through + sum(below[c] for c in loose)
    assert (
        wanted
        <= len(found)
        <= wanted + alone + sum(kinds[i] == "requirement" and i not in below for i in kinds)
    )


def test_what_was_typed_does_not_become_a_formula(ctx: Context) -> None:
    model.add_requirement(ctx, statement="=HYPERLINK(1)", basis="law", basis_note="@SUM(A1)")
    found = rows(trace_files.trace_file(ctx, "requirements", ".csv"))[-1]
    assert found["Statement"] == "'=HYPERLINK(1)" and found["Basis note"] == "'@SUM(A1)"
    sheet = load_workbook(io.BytesIO(trace_files.trace_file(ctx, "requirements", ".xlsx"))).worksheets[0]
    cell = sheet.cell(sheet.max_row, 2)
    assert cell.value == "=HYPERLINK(1)" and cell.data_type == "s"


def test_what_leaves_is_kept_and_an_unknown_ending_is_refused(ctx: Context) -> None:
    trace_files.trace_file(ctx, "requirements", ".csv")
    assert history.list_releases(ctx)[0].kind == "trace_requirements"
    with pytest.raises(Refused):
        trace_files.trace_file(ctx, "paths", ".xlsx")


@pytest.mark.parametrize("kind", trace_files.KINDS)
def test_an_empty_project_says_what_is_not_there_yet(empty: Context, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        trace_files.trace_file(empty, kind, ".csv")
    assert refused.value.code == f"trace_files.nothing.{kind}"


def test_the_strip_is_a_picture_in_both_formats(ctx: Context) -> None:
    assert trace_picture.trace_strip_file(ctx, ".png").startswith(b"\x89PNG")
    assert b"<svg" in trace_picture.trace_strip_file(acting_as(ctx, "steering"), ".SVG")[:500]
    with pytest.raises(Refused):
        trace_picture.trace_strip_file(ctx, ".gif")


def test_minutes_hold_what_was_decided_why_by_whom_reserved_and_who_does_what(ctx: Context) -> None:
    held = meetings.list_meetings(ctx)[0]
    with suppress(Refused):  # where the demo's minutes have been approved, nothing is added to them
        actions.add_action(
            ctx, text="Ask the legal adviser", owner="Chair", due="2026-06-15", meeting=held.id
        )
    found = minutes.minutes_of(ctx, held.id)
    texts: list[str] = []
    document = docx.Document(io.BytesIO(minutes_files.minutes_file(ctx, held.id, ".docx")))
    texts += [p.text for p in document.paragraphs]
    texts += [c.text for table in document.tables for row in table.rows for c in row.cells]
    said = "\n".join(texts)
    for item in found.items:
        assert f"{item.n}. {item.decision.question}" in said and item.decision.outcome in said
        for vote in item.decision.votes:
            assert vote.seat in said and vote.reservation in said
    assert held.title in said and ("Ask the legal adviser" in said or found.is_approved)
    assert minutes_files.minutes_file(ctx, held.id, ".pdf").startswith(b"%PDF")
    assert history.list_releases(ctx)[0].kind == "minutes"


def test_the_committee_gets_minutes_once_they_are_approved(ctx: Context) -> None:
    steering = acting_as(ctx, "steering")
    for held in meetings.list_meetings(ctx):
        if minutes.minutes_of(ctx, held.id).is_approved:
            assert minutes_files.minutes_file(steering, held.id, ".pdf").startswith(b"%PDF")
        else:
            with pytest.raises(Refused):
                minutes_files.minutes_file(steering, held.id, ".pdf")
    with pytest.raises(Refused):
        minutes_files.minutes_file(ctx, meetings.list_meetings(ctx)[0].id, ".txt")


def test_a_rationale_that_refers_to_a_unit_leaves_without_its_id(ctx: Context) -> None:
    unit = coding.list_units(ctx)[0].unit.id
    model.add_requirement(
        ctx, statement="The model must wait", rationale="As was said {{unit:" + unit + "}}, twice"
    )
    data = trace_files.trace_file(acting_as(ctx, "steering"), "requirements", ".csv")
    assert unit not in data.decode() and "As was said" in data.decode()


def test_a_theme_or_component_named_by_anything_is_a_column_all_the_same(ctx: Context) -> None:
    requirement = model.list_requirements(ctx)[0].requirement.id
    for name in ("a\x00b\x0bc", "=1+1", "x" * 40_000):
        model.add_component(ctx, name=name, realises=[requirement])
    book = load_workbook(io.BytesIO(trace_files.trace_file(ctx, "matrix", ".xlsx")))
    heads = [str(c.value) for c in next(book.worksheets[0].iter_rows(max_row=1))]
    assert any("a\ufffdb\ufffdc" in h for h in heads) and max(map(len, heads)) <= 32_767
