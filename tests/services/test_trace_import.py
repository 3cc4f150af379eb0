"""A trace from elsewhere: every line is judged first, with its number, and all of it comes in or nothing."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bench.trace_files import tables
from tests.conftest import acting_as
from workbench.domain.errors import ImportRejected, NotAllowed, Refused
from workbench.importers.trace_csv import parse
from workbench.services import history, model, sources, synthesis, trace_files, trace_import, versioning
from workbench.services.context import Context

ITEMS = (
    "kind,key,text\n"
    "evidence,E1,A review of discharge\n"
    "category,T1,Nobody knows who is in charge\n"
    "idea,I1,A telephone hour\n"
    "requirement,REQ-012,The model must name who is in charge\n"
    "requirement,,The model could have a telephone hour\n"
    "component,CMP-3,A named contact\n"
)
LINKS = (
    "from,type,to,role,note\n"
    "T1,,E1,,\n"
    "REQ-012,based_on,T1,supports,From the first round\n"
    "REQ-012,,I1,contradicts,\n"
    "CMP-3,realises,REQ-012,,\n"
)


def bring(ctx: Context, **files: str) -> trace_import.Imported:
    found = trace_import.preview(ctx, [(f"{name}.csv", text.encode()) for name, text in files.items()])
    assert found.problems == ()
    return trace_import.import_rows(ctx, found)


def problems(ctx: Context, **files: str) -> list[str]:
    found = trace_import.preview(ctx, [(f"{name}.csv", text.encode()) for name, text in files.items()])
    return [p.text for p in found.problems]


def size(ctx: Context) -> tuple[int, ...]:
    with ctx.read() as conn:
        return tuple(
            conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("item", "link", "operation", "code_group", "key_counter")
        )


def test_items_and_links_come_in_with_their_keys_and_in_one_operation(empty: Context) -> None:
    done = bring(empty, items=ITEMS, links=LINKS)
    assert len(done.items) == 6 and done.links == 4
    first, second = model.list_requirements(empty)
    assert first.requirement.key == "REQ-012" and second.requirement.key == "REQ-013"
    assert [s.label for s in first.supports] == ["Nobody knows who is in charge"]
    assert [s.label for s in first.against] == ["A telephone hour"]
    assert first.components[0][1] == "A named contact"
    (category,) = synthesis.synthesis_view(empty).categories.values()
    assert [e.title for e in synthesis.category_view(empty, category.id).evidence] == [
        "A review of discharge"
    ]
    history.undo(empty)
    assert model.list_requirements(empty) == [] and not synthesis.synthesis_view(empty).categories
    history.redo(empty)
    assert len(model.list_requirements(empty)) == 2


def test_a_key_that_is_taken_gives_way_to_the_next_free_one_and_links_follow_it(ctx: Context) -> None:
    found = trace_import.preview(ctx, [
        ("items.csv", b"kind,key,text\nrequirement,REQ-001,The model must be tried\nrequirement,SYS-7,It must be kind\n"),
        ("links.csv", b"from,to\nREQ-001,One person who has seen all of it lets patients stop"
         b" carrying their own papers\n"),
    ])  # fmt: skip
    assert found.problems == () and "REQ-001" in found.notices[0]
    trace_import.import_rows(ctx, found)
    views = {v.requirement.statement: v for v in model.list_requirements(ctx)}
    assert views["The model must be tried"].requirement.key == "REQ-011"
    assert views["It must be kind"].requirement.key == "SYS-7"
    assert len(views["The model must be tried"].supports) == 1
    later = model.add_requirement(ctx, statement="The model must go on", basis="practice")
    assert (
        next(v for v in model.list_requirements(ctx) if v.requirement.id == later).requirement.key
        == "REQ-012"
    )


def test_a_table_of_requirements_comes_in_from_danish_excel(empty: Context) -> None:
    bring(empty, items="kind;key;text\ncategory;T1;Ingen ved, hvem der bestemmer\nidea;I1;En telefontime\n")
    text = (
        "Nøgle;Krav;Prioritet;Status;Bygger på;Ejer\r\n"
        'REQ-5;"Modellen skal sige, hvem der bestemmer";Skal;Foreslået;'
        '"Ingen ved, hvem der bestemmer\nEn telefontime";Klinikken\r\n'
    )
    found = trace_import.preview(empty, [("krav.csv", text.encode("cp1252"))])
    assert found.problems == ()
    trace_import.import_rows(empty, found)
    (view,) = model.list_requirements(empty)
    r = view.requirement
    assert (r.key, r.moscow, r.status, r.owner) == ("REQ-5", "must", "proposed", "Klinikken")
    assert len(view.supports) == 2


def test_our_own_table_of_requirements_comes_back_where_its_themes_are(ctx: Context) -> None:
    from openpyxl import load_workbook

    book = load_workbook(
        io.BytesIO(trace_files.trace_file(acting_as(ctx, "facilitator"), "requirements", ".xlsx"))
    )
    sheet = book.worksheets[0]
    heads = {c.value: c.column for c in sheet[1]}
    for row in range(
        2, sheet.max_row + 1
    ):  # units are told by their kind there, which is no name of anything
        for column in ("Based on", "Against"):
            cell = sheet.cell(row, heads[column])
            cell.value = "\n".join(x for x in str(cell.value or "").splitlines() if x != "Meaning unit")
    out = io.BytesIO()
    book.save(out)
    found = trace_import.preview(ctx, [("requirements.xlsx", out.getvalue())])
    assert found.problems == ()
    assert found.counts == {"requirement": 10} and len(found.links) >= 18


@pytest.mark.parametrize(
    ("items", "links", "said"),
    [
        ("kind,key,text\nwish,W1,More time\n", "", "items.csv, row 2: “wish” is not a kind of thing"),
        ("kind,key,text\nrequirement,R1,\n", "", "items.csv, row 2: it has no text."),
        ("kind,key,text\nidea,A,One\nidea,a,Two\n", "", "items.csv, row 3: the key a stands in more than one row."),
        ("kind,key,text,priority\nrequirement,R1,Text,urgent\n", "", "row 2: “urgent” is not a priority"),
        (ITEMS, "from,to\nREQ-012,NOPE\n", "links.csv, row 2: there is nothing called “NOPE”"),
        (ITEMS, "from,to\nREQ-012,\n", "links.csv, row 2: a link needs something it goes from"),
        (ITEMS, "from,to,role\nREQ-012,T1,perhaps\n", "row 2: “perhaps” is neither supports nor contradicts."),
        (ITEMS, "from,type,to\nREQ-012,likes,T1\n", "row 2: “likes” is not a kind of link"),
        (ITEMS, "from,type,to\nREQ-012,based_on,T1\nE1,informs,T1\n", "row 3: a link informs cannot go from Literature to Theme"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_with_its_number_and_nothing_comes_in(
    empty: Context, items: str, links: str, said: str
) -> None:
    before = size(empty)
    files = [("items.csv", items.encode()), *([("links.csv", links.encode())] if links else [])]
    found = trace_import.preview(empty, files)
    assert any(said in p.text for p in found.problems), [p.text for p in found.problems]
    with pytest.raises(Refused) as refused:
        trace_import.import_rows(empty, found)
    assert refused.value.code == "trace_import.has_problems" and size(empty) == before


def test_something_that_would_rest_on_itself_is_told(empty: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kinds of today's links make no circle; the day they could, the file is still refused with its line."""
    from workbench.domain import trace

    monkeypatch.setitem(trace.LINKS, "based_on", (frozenset({"requirement"}), frozenset({"requirement"})))
    said = problems(
        empty,
        items="kind,key,text\nrequirement,A-1,One\nrequirement,A-2,Two\n",
        links="from,type,to\nA-1,based_on,A-2\nA-2,based_on,A-1\n",
    )
    assert len(said) == 1 and "links.csv, row" in said[0] and "rest on itself" in said[0]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.csv", b"", "import.empty"),
        ("a.csv", b"colour,shape\nred,round\n", "trace_import.no_columns"),
        ("a.csv", b'kind,key,text\nidea,A,"never closed\n', "trace_import.broken"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "import."),
        ("a.xlsx", b"PK\x03\x04" + b"\0" * 300, "import.zip_broken"),
        ("a.docx", b"PK\x03\x04" + b"\0" * 300, "trace_import.not_a_table"),
        ("a.csv", b"kind,key,text\nidea,A," + b"x" * 30_000 + b"\n", "trace_import.long_cell"),
    ],
)
def test_a_file_that_is_no_table_is_refused(empty: Context, name: str, data: bytes, code: str) -> None:
    with pytest.raises(ImportRejected) as refused:
        trace_import.preview(empty, [(name, data)])
    assert refused.value.code.startswith(code)


def test_a_workbook_with_an_entity_in_it_is_refused(empty: Context) -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("[Content_Types].xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Types/>')
    with pytest.raises(ImportRejected):
        trace_import.preview(empty, [("a.xlsx", out.getvalue())])


def test_a_link_that_is_there_already_comes_once(empty: Context) -> None:
    bring(empty, items=ITEMS, links=LINKS)
    found = trace_import.preview(empty, [
        ("items.csv", b"kind,key,text\nidea,I9,Another\n"),
        ("links.csv", b"from,to\nREQ-012,Nobody knows who is in charge\nREQ-012,I9\nREQ-012,I9\n"),
    ])  # fmt: skip
    assert found.problems == () and len(found.links) == 1 and "2 links" in found.notices[0]


def test_what_others_did_meanwhile_is_judged_again(empty: Context) -> None:
    bring(empty, items=ITEMS, links=LINKS)
    found = trace_import.preview(empty, [("links.csv", b"from,type,to\nCMP-3,,REQ-013\n")])
    assert found.problems == ()
    model.retire_requirement(
        empty,
        next(v.requirement.id for v in model.list_requirements(empty) if v.requirement.key == "REQ-013"),
    )
    with pytest.raises(Refused) as refused:
        trace_import.import_rows(empty, found)
    assert "REQ-013" in str(refused.value.params["problem"])


def test_a_facilitator_brings_in_requirements_but_no_themes_and_the_committee_nothing(ctx: Context) -> None:
    facilitator = acting_as(ctx, "facilitator")
    assert problems(facilitator, r="key,statement\nREQ-99,It must be tried\n") == []
    assert "those who may write it" in problems(facilitator, i="kind,text\ncategory,A theme\n")[0]
    with pytest.raises(NotAllowed):
        trace_import.preview(acting_as(ctx, "steering"), [])


def test_accepted_requirements_are_kept_as_looked_at(ctx: Context) -> None:
    bring(ctx, r="key,statement,status\nREQ-50,It must be tried,accepted\n")
    with ctx.read() as conn:
        asked = next(v.requirement.id for v in model.load_requirements(conn) if v.requirement.key == "REQ-050"
                     or v.requirement.key == "REQ-50")  # fmt: skip
        assert conn.execute("SELECT count(*) FROM review WHERE item=?", (asked,)).fetchone()[0] == 1


def test_a_thousand_items_and_three_thousand_links_come_in_within_a_second_or_so(empty: Context) -> None:
    began = time.process_time()
    done = trace_import.import_rows(empty, trace_import.preview(empty, tables("deep")))
    assert (len(done.items), done.links) == (1_000, 3_000)
    assert time.process_time() - began < 3  # 0.2 s on a quiet machine; the figure is held by tests/bench


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        try:
            parse(name, b"kind,key,text\n" + data if name == "a.csv" else data)
        except ImportRejected as refused:
            assert refused.code


def test_an_apostrophe_before_a_formula_and_a_byte_order_mark_are_taken_off(empty: Context) -> None:
    """What the exporter writes as an apostrophe before a formula is taken off again."""
    found = trace_import.preview(empty, [("i.csv", "﻿kind,key,text\nidea,A,'=1+1\n".encode())])
    assert found.items[0].fields["text"] == "=1+1"


def test_a_table_brings_no_link_that_is_judged_where_it_is_made(ctx: Context) -> None:
    facilitator = acting_as(ctx, "facilitator")
    source = sources.list_sources(ctx)[0].source.id
    version = versioning.list_versions(ctx)[-1].id
    for line in (f"{source},{version},evaluates", f"{source},{version},"):
        assert problems(facilitator, links=f"from,to,type\n{line}\n")
    theme, evidence = (
        next(g.id for g in model.list_grounds(ctx) if g.kind == kind) for kind in ("category", "evidence")
    )
    (told,) = problems(facilitator, links=f"from,to,type\n{theme},{evidence},informs\n")
    assert told.endswith("can be brought in by those who may write it.")


def test_a_conflict_comes_once_whichever_way_it_is_written_and_never_with_itself(ctx: Context) -> None:
    found = trace_import.preview(
        ctx, [("a.csv", b"from,to,type\nREQ-001,REQ-009,conflicts\nREQ-009,REQ-001,conflicts\n")]
    )
    assert len(found.links) == 1 and found.problems == ()
    (told,) = problems(ctx, links="from,to,type\nREQ-001,REQ-001,conflicts\n")
    assert told == "links.csv, row 2: a requirement cannot be in conflict with itself."


def test_two_files_of_one_name_are_two_files(empty: Context) -> None:
    one, other = b"kind,text\nidea,A bell\n", b"kind,text\nidea,A rope\n"
    found = trace_import.preview(empty, [("a.csv", one), ("a.csv", other)])
    assert found.problems == () and found.counts == {"idea": 2}
