"""Faults seen in other tools by running them, in text coding, offsets and undo: none of them is here.

Each test names the tool and what was seen there (Taguette 1.5.2, QualCoder 4.0 beta; Label Studio, doccano, OpenQDA
and INCEpTION from their public issues)."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pytest

from tests.support import body_of, dump, mark_words, tiny_project, tiny_transcript
from workbench import importers
from workbench.domain.errors import InvalidSpan
from workbench.services import code_groups, coding, history, sources
from workbench.services import workbook as services_workbook
from workbench.services.context import Context


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[Context, str]:
    return tiny_project(tmp_path)


def words_of(ctx: Context, unit: str) -> str:
    return next(c.unit.text for c in coding.list_units(ctx) if c.unit.id == unit)


def units_sheet(ctx: Context) -> list[dict[str, object]]:
    book = openpyxl.load_workbook(io.BytesIO(services_workbook.units_xlsx(ctx)))
    sheet = next(s for s in book.worksheets if s.title == "Units")
    rows = [r for r in sheet.iter_rows(values_only=True) if any(v is not None for v in r)]
    head = next(i for i, r in enumerate(rows) if "Words" in r or "Text" in r)
    return [dict(zip(map(str, rows[head]), r, strict=True)) for r in rows[head + 1 :]]


# -- Taguette ------------------------------------------------------------------------------------------------------


def test_a_unit_without_a_code_group_is_in_the_export_of_all_units(tiny: tuple[Context, str]) -> None:
    """Taguette drops untagged highlights from "export all"."""
    ctx, source = tiny
    mark_words(ctx, source, "Nobody had rung")
    mark_words(
        ctx, source, "they said the municipality had me now", code_groups.add_code_group(ctx, name="A")
    )
    said = {str(v) for row in units_sheet(ctx) for v in row.values()}
    assert {"Nobody had rung", "they said the municipality had me now"} <= said


def test_a_group_whose_name_begins_like_another_does_not_bring_the_others_units(
    tiny: tuple[Context, str],
) -> None:
    """Taguette's tag filter is a prefix of the name: A.b also returns A.bc."""
    ctx, source = tiny
    short, long = code_groups.add_code_group(ctx, name="A.b"), code_groups.add_code_group(ctx, name="A.bc")
    unit, other = mark_words(ctx, source, "Nobody", short), mark_words(ctx, source, "the ward", long)
    with ctx.store.read() as conn:
        assert [c.unit.id for c in coding.load_cards(conn, short)] == [unit]
        assert [c.unit.id for c in coding.load_cards(conn, long)] == [other]


def test_a_unit_that_begins_with_an_equals_sign_is_no_formula_in_the_workbook(tmp_path: Path) -> None:
    """Taguette: text starting with "=" becomes a formula in xlsx."""
    ctx, _ = tiny_project(tmp_path)
    said = '=HYPERLINK("http://x","y") they said'
    source = sources.import_source(ctx, tiny_transcript((("P1", said),)), b"", title="Odd")
    coding.mark(ctx, source, 0, len(said), text_rev=1)
    book = openpyxl.load_workbook(io.BytesIO(services_workbook.units_xlsx(ctx)))
    assert not [c.value for s in book.worksheets for r in s.iter_rows() for c in r if c.data_type == "f"]


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (9, 3), (0, 10**9), (10**9, 10**9 + 1)])
def test_an_offset_outside_the_text_is_refused_in_a_sentence_and_changes_nothing(
    tiny: tuple[Context, str], start: int, end: int
) -> None:
    """Taguette answers bad offsets with HTTP 500."""
    ctx, source = tiny
    before = dump(ctx.store)
    with pytest.raises(InvalidSpan):
        coding.mark(ctx, source, start, end, text_rev=1)
    op = {"id": "op", "verb": "mark", "project": ctx.store.id, "member": ctx.member.id, "source": source,
          "text_rev": 1, "unit": "u", "start": start, "end": end, "quote": "x"}  # fmt: skip
    said = coding.apply_operations(ctx, [op])["op"]
    assert said and said.endswith(".")
    assert dump(ctx.store) == before


def test_a_unit_has_an_author_a_date_a_comment_and_its_groups_colour(tiny: tuple[Context, str]) -> None:
    """In Taguette a highlight has no author, date, memo or colour."""
    ctx, source = tiny
    group = code_groups.add_code_group(ctx, name="A")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    op = {"id": "c", "verb": "comment", "project": ctx.store.id, "member": ctx.member.id, "source": source,
          "text_rev": 1, "unit": unit, "memo": "m1", "text": "Who would have rung?"}  # fmt: skip
    assert coding.apply_operations(ctx, [op]) == {"c": None}
    (mark,) = coding.marks_view(ctx, source).marks
    assert (mark.member, [c[2] for c in mark.comments]) == (ctx.member.id, ["Who would have rung?"])
    assert code_groups.code_group_counts(ctx)[0].group.colour == 0
    marked = next(o for o in history.list_operations(ctx) if o.verb == "mark")
    assert marked.at.startswith("20") and marked.by == ctx.member.id


def test_marking_does_not_slow_down_with_the_length_of_the_text(tmp_path: Path) -> None:
    """Taguette: 28, 89 and 270 ms of server work per mark at 10,000, 30,000 and 100,000 words."""
    ctx, _ = tiny_project(tmp_path)
    median = {}
    for words in (1_000, 100_000):
        turns = tuple(("P1", " ".join(["ord"] * 50)) for _ in range(words // 50))
        source = sources.import_source(ctx, tiny_transcript(turns), b"", title=f"{words}")
        times = []
        for n in range(41):
            began = time.perf_counter()
            coding.mark(ctx, source, n * 4, n * 4 + 3, text_rev=1, quote="ord")
            times.append(time.perf_counter() - began)
        median[words] = sorted(times)[20]
    assert median[100_000] < median[1_000] * 3


# -- QualCoder -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [
    "P1: Først 🙂 sagde de intet.\nP2: Nej.\n".encode("utf-8-sig"),
    "P1: Først 🙂 sagde de intet.\r\nP2: Nej.\r\n".encode(),
    "P1: Først 🙂 sagde de intet.\rP2: Nej.\r".encode("utf-16"),
])  # fmt: skip
def test_a_byte_order_mark_or_other_line_breaks_move_no_unit(tmp_path: Path, data: bytes) -> None:
    """QualCoder shifts every coding by one after a BOM, and gives CRLF sources a space per line."""
    ctx, _ = tiny_project(tmp_path)
    source = sources.import_source(ctx, importers.read(data, "talk.txt"), data, title="Talk")
    body = body_of(ctx, source)
    assert body == "Først 🙂 sagde de intet.\nNej."
    unit = mark_words(ctx, source, "sagde de intet")
    assert words_of(ctx, unit) == "sagde de intet"


def test_a_unit_after_an_emoji_is_where_python_says_it_is(tiny: tuple[Context, str]) -> None:
    """QualCoder mixes UTF-16 code units and code points; annotators on PyPI count UTF-16."""
    ctx, source = tiny
    unit = mark_words(ctx, source, "I sat up with the folder")  # an emoji stands before it
    view = next(m for m in coding.marks_view(ctx, source).marks if m.unit == unit)
    assert body_of(ctx, source)[view.start : view.end] == "I sat up with the folder"


def test_two_groups_of_the_same_name_keep_their_own_units(tiny: tuple[Context, str]) -> None:
    """QualCoder: duplicate code names lose codings."""
    ctx, source = tiny
    one, two = code_groups.add_code_group(ctx, name="Same"), code_groups.add_code_group(ctx, name="Same")
    mark_words(ctx, source, "Nobody", one)
    mark_words(ctx, source, "the ward", two)
    counts = {c.group.id: (c.group.tag, c.units) for c in code_groups.code_group_counts(ctx)}
    assert [n for _, n in counts.values()] == [1, 1]
    assert len({tag for tag, _ in counts.values()}) == 2


def test_every_comment_on_a_unit_is_in_the_export(tiny: tuple[Context, str]) -> None:
    """QualCoder: only one annotation per document survives export."""
    ctx, source = tiny
    for words in ("Nobody had rung", "the ward"):
        unit = mark_words(ctx, source, words)
        for n in (1, 2):
            coding.comment(ctx, unit, f"{words}, comment {n}")
    told = "\n".join(str(v) for row in units_sheet(ctx) for v in row.values())
    assert all(f"{words}, comment {n}" in told for words in ("Nobody had rung", "the ward") for n in (1, 2))


def test_every_act_of_coding_can_be_taken_back_and_done_again(tiny: tuple[Context, str]) -> None:
    """QualCoder has no undo (#1293)."""
    ctx, source = tiny
    states = [dump(ctx.store)]
    group = code_groups.add_code_group(ctx, name="A")
    states.append(dump(ctx.store))
    unit = mark_words(ctx, source, "Nobody had rung")
    states.append(dump(ctx.store))
    coding.place(ctx, unit, placements=[{"code_group": group}])
    states.append(dump(ctx.store))
    start = body_of(ctx, source).index("Nobody")
    coding.resize(ctx, unit, start, start + len("Nobody"))
    states.append(dump(ctx.store))
    coding.remove_unit(ctx, unit)
    states.append(dump(ctx.store))
    for state in reversed(states[:-1]):
        history.undo(ctx)
        assert dump(ctx.store) == state
    for state in states[1:]:
        history.redo(ctx)
        assert dump(ctx.store) == state


# -- Label Studio, doccano, OpenQDA, INCEpTION ---------------------------------------------------------------------


def test_double_spaces_and_tabs_stay_and_move_nothing(tmp_path: Path) -> None:
    """Label Studio and doccano: offsets drift after double spaces."""
    ctx, _ = tiny_project(tmp_path)
    said = "They  said \t that   nobody\u00a0would come  back"
    source = sources.import_source(ctx, importers.read(said.encode(), "a.txt"), b"", title="Spaces")
    body = body_of(ctx, source)
    unit = mark_words(ctx, source, "come  back")
    view = next(m for m in coding.marks_view(ctx, source).marks if m.unit == unit)
    assert body[view.start : view.end] == "come  back"


def test_hundreds_of_overlapping_marks_leave_one_another_alone(tiny: tuple[Context, str]) -> None:
    """Overlaps corrupt later marks; labels vanish after some dozens in a long text."""
    ctx, source = tiny
    body = body_of(ctx, source)
    spans = [(a, b) for a in range(30, 60) for b in range(a + 5, a + 16) if body[a:b].strip()]
    made = {coding.mark(ctx, source, a, b, text_rev=1, quote=body[a:b]): (a, b) for a, b in spans}
    views = {m.unit: (m.start, m.end) for m in coding.marks_view(ctx, source).marks}
    assert views == made and len(made) > 300
    coding.remove_unit(ctx, (gone := next(iter(made))))
    assert {m.unit for m in coding.marks_view(ctx, source).marks} == set(made) - {gone}


def test_what_another_person_marks_is_seen_at_the_next_look(tiny: tuple[Context, str]) -> None:
    """Live codings do not update."""
    ctx, source = tiny
    before = coding.marks_view(ctx, source)
    unit = mark_words(ctx, source, "Nobody had rung")
    after = coding.marks_view(ctx, source, since=(before.rev, before.chain))
    assert [m.unit for m in after.marks] == [unit]
    coding.remove_unit(ctx, unit)
    assert coding.marks_view(ctx, source, since=(after.rev, after.chain)).removed == (unit,)
