from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exporters.hostile_texts import PAYLOADS
from workbench.exporters.characters import printable
from workbench.exporters.spreadsheet import LONGEST, Column, Sheet, may_be_formula, pieces, workbook


def _made(rows: list[tuple[str | int | float | None, ...]], columns: int = 2) -> openpyxl.Workbook:
    sheet = Sheet("Units", tuple(Column(f"c{n}") for n in range(columns)), tuple(rows))
    return openpyxl.load_workbook(io.BytesIO(workbook([sheet], title="t", about=[("=a", "=b")])))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_whatever_the_text_looks_like_the_cell_is_text(payload):
    book = _made([(payload, payload)])
    for cell in book["Units"][2]:
        assert cell.data_type == "s"
        assert cell.value == printable(payload)[0].replace("_x0", "_x005F_x0")
    assert all(c.data_type in "sn" for page in book for row in page.iter_rows() for c in row)


def test_a_text_that_begins_as_a_formula_stays_text_when_somebody_edits_it():
    book = _made([("＝1", " =1"), ("plain", "a=b")])
    assert [c.quotePrefix for row in book["Units"].iter_rows(min_row=2) for c in row] == [
        True,
        True,
        False,
        False,
    ]
    assert may_be_formula("\ufeff-1") and not may_be_formula("no - formula")


def test_numbers_stay_numbers_and_nothing_stays_empty():
    row = _made([(3, None), (2.5, "")])["Units"]
    assert [[c.value for c in r] for r in row.iter_rows(min_row=2)] == [[3, None], [2.5, None]]


def test_text_longer_than_a_cell_goes_on_beside_it_and_the_last_sheet_says_so():
    long = "å" * (LONGEST - 1) + "😀" + "_x0041_" * 9000
    book = _made([("one", long), ("two", "short")])
    found = [c.value or "" for c in book["Units"][2]][1:]
    assert len(found) > 2
    assert "".join(found).replace("_x005F_", "_") == long
    assert all(len(x.encode("utf-16-le")) // 2 <= LONGEST for x in found)
    assert "Units: c1" in " ".join(str(c.value) for row in book["About"].iter_rows() for c in row)
    assert [c.value for c in book["Units"][3]][:2] == ["two", "short"]


@given(st.text(alphabet=st.sampled_from("a_x01F😀\n="), max_size=200), st.integers(1, 400))
def test_pieces_joined_again_are_the_text(text, times):
    found = pieces(text * times)
    assert "".join(found) == text * times
    assert all(len(x.encode("utf-16-le")) // 2 <= LONGEST for x in found)


def test_characters_a_workbook_cannot_hold_are_seen_and_counted():
    book = _made([("a\x00b\x0bc", "\ud800")])
    assert [c.value for c in book["Units"][2]] == ["a�b�c", "�"]
    assert "3 characters" in " ".join(str(c.value) for row in book["About"].iter_rows() for c in row)


def test_the_header_row_stays_in_sight():
    page = _made([("a", "b")])["Units"]
    assert page.freeze_panes == "B2" and page.auto_filter.ref == "A1:B2"
    assert page.print_title_rows == "$1:$1"
