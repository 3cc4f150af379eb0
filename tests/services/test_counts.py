"""Counts against a model that counts by going through everything, and the rules for how a count is told."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import body_of, mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused
from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import (
    code_groups,
    codebooks,
    coding,
    count_files,
    counts,
    history,
    people,
    projects,
    sources,
)
from workbench.services.context import Context
from workbench.services.counts import ALL, NONE, Only

# -- a project and its model --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    id: str
    source: int
    start: int
    end: int
    rows: frozenset[str]
    analyst: str


@dataclass
class Model:
    """What the project holds, as the test put it there."""

    ctx: Context
    groups: list[str]
    people: list[tuple[str, str | None, str]]  # id, group, kind
    sources: list[
        tuple[str, str, list[tuple[int, int, int | None]]]
    ]  # id, whose words, turns (start, end, person)
    code_groups: list[str]
    marks: list[Mark]

    def speakers(self, m: Mark) -> list[str]:
        turns = self.sources[m.source][2]
        return [self.people[p][0] for a, b, p in turns if p is not None and a < m.end and b > m.start]

    def heard(self, m: Mark) -> set[str]:
        if self.sources[m.source][1] != "participant":
            return set()
        informants = {id for id, _, kind in self.people if kind == "informant"}
        return {p for p in self.speakers(m) if p in informants}

    def group(self, person: str) -> str:
        return next(group for id, group, _ in self.people if id == person) or NONE


@st.composite
def plans(draw: st.DrawFn) -> dict[str, object]:
    n_people = draw(st.integers(1, 4))
    kinds = st.sampled_from(["informant", "informant", "informant", "interviewer"])
    who = st.one_of(st.none(), st.integers(0, n_people - 1))
    turns = st.lists(st.tuples(who, st.integers(2, 9)), min_size=1, max_size=7)
    n_sources = draw(st.integers(1, 3))
    place = st.floats(0, 1)
    marks = st.tuples(st.integers(0, n_sources - 1), place, place, st.frozensets(st.integers(0, 2)), st.booleans(),
                      st.sampled_from(["stands", "stands", "stands", "undone", "removed"]))  # fmt: skip
    return {
        "people": draw(st.lists(st.tuples(st.sampled_from([0, 1, None]), kinds), min_size=n_people, max_size=n_people)),
        "sources": draw(st.lists(st.tuples(st.sampled_from(["participant", "participant", "researcher"]), turns),
                                 min_size=n_sources, max_size=n_sources)),
        "marks": draw(st.lists(marks, max_size=9)),
    }  # fmt: skip


def build(plan: dict[str, object], folder: Path) -> Model:
    ctx = projects.lead_context(projects.create_project(folder / "counted.db", name="Counted"))
    second = projects.add_member(ctx, name="Second Analyst", role="researcher")
    other = replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == second))
    groups = [people.add_group(ctx, name=f"Group {n}") for n in range(2)]
    who = []
    for n, (group, kind) in enumerate(plan["people"]):  # type: ignore[arg-type]
        own = groups[group] if group is not None else None
        id = people.add_participant(ctx, pseudonym=f"P{n}", stakeholder_group=own, kind=kind)
        who.append((id, own, kind))
    kept = []
    for n, (words_of, turns) in enumerate(plan["sources"]):  # type: ignore[arg-type]
        parsed = tuple(
            ParsedTurn(None if p is None else f"L{p}", "a" * length, None, None) for p, length in turns
        )
        transcript = ParsedTranscript(
            name=f"{n}.txt", layout="name", encoding="utf-8", turns=parsed, notices=()
        )
        speakers = {f"L{p}": who[p][0] for p, _ in turns if p is not None}
        id = sources.import_source(
            ctx, transcript, b"x%d" % n, title=f"Source {n}", words_of=words_of, speakers=speakers
        )
        at, spans = 0, []
        for p, length in turns:
            spans.append((at, at + length, p))
            at += length + 1
        kept.append((id, words_of, spans))
    cgs = [code_groups.add_code_group(ctx, name=name) for name in ("One", "Two", "Three")]
    marks = []
    for source, a, b, rows, by_second, fate in plan["marks"]:  # type: ignore[attr-defined]
        id, _, spans = kept[source]
        length = spans[-1][1]
        start, end = sorted((round(a * (length - 2)), round(b * length)))
        end = max(end, start + 2)
        breaks = {stop for _, stop, _ in spans}  # a mark begins and ends in a turn, as the reader trims it
        start, end = start + (start in breaks), end - (end - 1 in breaks)
        acting = other if by_second else ctx
        unit = coding.mark(
            acting, id, start, end, text_rev=1, placements=[{"code_group": cgs[r]} for r in rows]
        )
        if fate == "undone":
            history.undo(acting)
        elif fate == "removed":
            coding.remove_unit(acting, unit)
        else:
            marks.append(Mark(unit, source, start, end, frozenset(cgs[r] for r in rows), acting.member.id))
    return Model(ctx, groups, who, kept, cgs, marks)


Expected = dict[tuple[str, str], tuple[set[str], set[str]]]


def counted(table: counts.Table) -> Expected:
    assert all(
        len(set(c.units)) == len(c.units) and len(set(c.people)) == len(c.people)
        for c in table.cells.values()
    )
    return {at: (set(c.people), set(c.units)) for at, c in table.cells.items()}


def by_hand(model: Model, columns: Callable[[Mark], dict[str, set[str]]]) -> Expected:
    found: Expected = {}
    for m in model.marks:
        for row in (*(m.rows or {NONE}), ALL):
            for column, who in (*columns(m).items(), (ALL, model.heard(m))):
                cell = found.setdefault((row, column), (set(), set()))
                cell[0].update(who)
                cell[1].add(m.id)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_every_count_is_what_going_through_everything_finds(plan: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = build(plan, Path(folder))
        ctx = model.ctx

        def of_group(m: Mark) -> dict[str, set[str]]:
            split: dict[str, set[str]] = {}
            for p in model.heard(m):
                split.setdefault(model.group(p), set()).add(p)
            return split or {NONE: set()}

        assert counted(counts.cross(ctx, "group")) == by_hand(model, of_group)
        assert counted(counts.cross(ctx, "person")) == by_hand(
            model, lambda m: {p: {p} for p in model.heard(m)} or {NONE: set()}
        )
        assert counted(counts.cross(ctx, "source")) == by_hand(
            model, lambda m: {model.sources[m.source][0]: model.heard(m)}
        )
        assert counted(counts.cross(ctx, "analyst")) == by_hand(model, lambda m: {m.analyst: model.heard(m)})
        _together(model)
        _portraits(model)
        _filtered(model)
        model.ctx.store.close()


def _together(model: Model) -> None:
    unit: Expected = {}
    overlap: Expected = {}
    person: Expected = {}

    def put(found: Expected, a: str, b: str, who: set[str], *units: str) -> None:
        cell = found.setdefault((a, b), (set(), set()))
        cell[0].update(who)
        cell[1].update(units)

    for m in model.marks:
        for a in m.rows:
            for b in m.rows:
                put(unit, a, b, model.heard(m), m.id)
        for o in model.marks:
            shared = set(range(m.start, m.end)) & set(range(o.start, o.end))
            for a in m.rows:
                for b in o.rows:
                    if o.id != m.id and o.source == m.source and shared:
                        put(overlap, a, b, model.heard(m) & model.heard(o), m.id, o.id)
                    for p in model.heard(m) & model.heard(o):
                        put(person, a, b, {p}, m.id, o.id)
    assert counted(counts.together(model.ctx, "unit")) == unit
    assert counted(counts.together(model.ctx, "overlap")) == overlap
    assert counted(counts.together(model.ctx, "person")) == person


def _portraits(model: Model) -> None:
    for n, (source, _, spans) in enumerate(model.sources):
        p = counts.portrait(model.ctx, source)
        mine = sorted((m for m in model.marks if m.source == n), key=lambda m: (m.start, m.end, m.id))
        assert [(m.unit, m.start, m.end) for m in p.marks] == [(m.id, m.start, m.end) for m in mine]
        assert [frozenset(m.rows) - {NONE} for m in p.marks] == [m.rows for m in mine]
        assert [m.turn for m in p.marks] == [
            next(k for k, (_, b, _) in enumerate(spans, 1) if b > m.start) for m in mine
        ]
        assert p.length == spans[-1][1] and [(x.start, x.end) for x in p.turns] == [
            (a, b) for a, b, _ in spans
        ]


def _filtered(model: Model) -> None:
    """A filter leaves what a count of the rest would have."""
    source, group, analyst = model.sources[0][0], model.groups[0], model.ctx.member.id
    tables = [
        (Only(sources=frozenset({source})), lambda m: m.source == 0),
        (Only(analysts=frozenset({analyst})), lambda m: m.analyst == analyst),
    ]
    for only, keeps in tables:
        rest = replace(model, marks=[m for m in model.marks if keeps(m)])
        assert counted(counts.cross(model.ctx, "source", only=only)) == by_hand(
            rest, lambda m: {model.sources[m.source][0]: model.heard(m)}
        )
    table = counts.cross(model.ctx, "group", only=Only(groups=frozenset({group})))
    whole = counts.cross(model.ctx, "group")
    for row in model.code_groups:
        assert set(table.at(row, group).people) == set(whole.at(row, group).people)
        assert set(table.at(row, group).units) == set(whole.at(row, group).units)
    assert all(model.group(p) == group for c in table.cells.values() for p in c.people)


# -- how it is told -----------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> tuple[Context, str, str, str]:
    """The tiny project with two code groups and two units in the first; returns (context, source, first, second)."""
    ctx, source = tiny_project(tmp_path)
    people.add_group(ctx, name="Hospital")
    first, second = (code_groups.add_code_group(ctx, name=n) for n in ("Waiting <b> & [æøå]", "Nobody's"))
    mark_words(ctx, source, "The first night 🙂 I sat up", first)
    mark_words(ctx, source, "I was his", first, second)
    return ctx, source, first, second


def test_a_count_is_people_of_people_and_never_a_percentage(small: tuple[Context, str, str, str]) -> None:
    ctx, _, first, second = small
    table = counts.cross(ctx, "group")
    patients = next(c for c in table.columns if c.name == "Patients")
    told = counts.told(table)
    assert (told[first, patients.id].figure, told[first, patients.id].small) == ("2/2", "2 units")
    assert told[second, patients.id].said == "1 of 2 people, 1 unit"
    assert not any("%" in x.figure + x.small + x.said for x in told.values())


def test_that_no_one_in_a_group_spoke_of_it_is_said_in_words_and_a_group_without_people_is_quiet(
    small: tuple[Context, str, str, str],
) -> None:
    ctx, *_ = small
    third = code_groups.add_code_group(ctx, name="Silence")
    table = counts.cross(ctx, "group")
    patients, hospital = (next(c for c in table.columns if c.name == n) for n in ("Patients", "Hospital"))
    told = counts.told(table)
    assert told[third, patients.id].silent and told[third, patients.id].small == "no one spoke of it"
    assert not told[third, hospital.id].silent and told[third, hospital.id].figure == "·"


def test_a_researchers_notes_are_units_and_nobody_is_heard_in_them(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    notes = ParsedTranscript(
        name="n.txt", layout="name", encoding="utf-8", notices=(),
        turns=(ParsedTurn("P1", "He said that he sat up with the folder.", None, None),),
    )  # fmt: skip
    aase = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Aase").id
    source = sources.import_source(
        ctx, notes, b"n", title="Notes", words_of="researcher", speakers={"P1": aase}
    )
    group = code_groups.add_code_group(ctx, name="Night")
    mark_words(ctx, source, "sat up", group)
    cell = counts.cross(ctx, "source").at(group, source)
    assert (cell.people, len(cell.units)) == ((), 1)
    assert counts.told(counts.cross(ctx, "source"))[group, source].said == "1 unit"


def test_codes_of_a_codebook_are_counted_like_code_groups(small: tuple[Context, str, str, str]) -> None:
    ctx, source, *_ = small
    assert counts.choices(ctx).lenses == ("code_group",)
    book = codebooks.add_codebook(ctx, title="Components")
    used, unused = (codebooks.add_code(ctx, book, label=x) for x in ("Workforce", "Financing"))
    unit = counts.cross(ctx, "source").at(ALL, source).units[0]
    coding.place(ctx, unit, codes=[{"code": used}])
    assert counts.choices(ctx).lenses == ("code_group", "code")
    table = counts.cross(ctx, "source", lens="code")
    assert [r.name for r in table.rows] == ["Workforce", "Without a code"] and unused not in {
        r.id for r in table.rows
    }
    assert table.rows[0].note == "Components"
    assert table.at(used, source).units == (unit,)


def test_literature_is_not_offered_and_not_counted(small: tuple[Context, str, str, str]) -> None:
    ctx, source, *_ = small
    parsed = ParsedTranscript("l.txt", "name", "utf-8", (ParsedTurn("", "What is known.", None, None),), ())
    article = sources.import_source(
        ctx, parsed, b"l", title="Article", kind="literature", words_of="literature"
    )
    assert [id for id, _ in counts.choices(ctx).sources] == [source]
    assert article not in {c.id for c in counts.cross(ctx, "source").columns}


def test_waves_are_counted_where_there_are_any(small: tuple[Context, str, str, str]) -> None:
    ctx, source, first, _ = small
    assert "wave" not in counts.choices(ctx).dimensions
    sources.set_wave(ctx, source, None, new="T0")
    ((wave, name),) = counts.choices(ctx).waves
    assert name == "T0" and "wave" in counts.choices(ctx).dimensions
    assert len(counts.cross(ctx, "wave").at(first, wave).units) == 2
    assert counts.cross(ctx, "wave", only=Only(waves=frozenset({"another"}))).cells == {}


def test_marking_over_time_leaves_out_what_was_undone_and_keeps_what_was_redone(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    may = replace(ctx, now=lambda: now)
    mark_words(may, source, "The first night")
    mark_words(may, source, "Nobody had rung")
    history.undo(may)
    june = replace(ctx, now=lambda: datetime(2026, 5, 6, 12, tzinfo=UTC))
    mark_words(june, source, "He was nobody's")
    table = counts.over_time(ctx)
    days = [c.name for c in table.columns]
    assert days == ["4 May 2026", "5 May 2026", "6 May 2026", "All"] and table.step == "day"
    assert [len(table.at(ctx.member.id, c.id).units) for c in table.columns] == [1, 0, 1, 2]
    history.undo(june)
    history.redo(june)
    assert [len(counts.over_time(ctx).at(ALL, c.id).units) for c in table.columns] == [1, 0, 1, 2]


def test_a_long_study_is_told_in_weeks_and_a_longer_one_in_months(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    for day, words in ((1, "The first night"), (28, "Nobody had rung")):
        at = datetime(2026, 1, day, 12, tzinfo=UTC)
        mark_words(replace(ctx, now=lambda at=at: at), source, words)
    assert counts.over_time(ctx).step == "day"
    mark_words(replace(ctx, now=lambda: datetime(2026, 6, 3, 12, tzinfo=UTC)), source, "He was nobody's")
    assert counts.over_time(ctx).step == "week"
    mark_words(replace(ctx, now=lambda: datetime(2028, 6, 3, 12, tzinfo=UTC)), source, "I rang the ward")
    table = counts.over_time(ctx)
    assert table.step == "month" and table.columns[0].name == "January 2026" and len(table.columns) == 31
    assert sum(len(table.at(ALL, c.id).units) for c in table.columns if c.id != ALL) == 4


def test_each_cell_gives_its_units_with_their_words(small: tuple[Context, str, str, str]) -> None:
    ctx, source, first, second = small
    ids = counts.together(ctx, "unit").at(first, second).units
    (unit,) = counts.units_behind(ctx, ids)
    assert unit.unit.text == "I was his" and unit.unit.speakers == ("Bo",)
    assert (
        unit.placed == ("Waiting <b> & [æøå]", "Nobody's")
        and unit.disc is not None
        and unit.disc.name == "Patients"
    )
    assert body_of(ctx, source)[unit.unit.start : unit.unit.end] == unit.unit.text


@pytest.mark.parametrize("ask", [
    lambda ctx: counts.cross(ctx, "shoe_size"), lambda ctx: counts.together(ctx, "luck"),
    lambda ctx: counts.cross(ctx, "group", lens="tarot"), lambda ctx: counts.portrait(ctx, "nowhere"),
])  # fmt: skip
def test_what_cannot_be_counted_is_refused_in_a_sentence(
    small: tuple[Context, str, str, str], ask: Callable[[Context], object]
) -> None:
    with pytest.raises(Refused):
        ask(small[0])


def test_an_empty_project_has_counts_with_nothing_in_them(empty: Context) -> None:
    for by in counts.DIMENSIONS:
        assert counts.cross(empty, by).cells == {}
    assert counts.over_time(empty).cells == {} and counts.together(empty).rows == ()
    assert counts.told(counts.cross(empty, "group")) == {}
    assert counts.choices(empty).units == 0


# -- files ----------------------------------------------------------------------------------------------------------


def test_a_table_leaves_as_a_workbook_and_as_csv_with_the_same_numbers_and_is_kept_as_a_release(
    small: tuple[Context, str, str, str],
) -> None:
    from openpyxl import load_workbook

    ctx, _, first, _ = small
    code_groups.change_code_group(ctx, first, rev=_rev(ctx, first), name="=cmd|' /C calc'!A0")
    table = counts.cross(ctx, "group")
    book = load_workbook(io.BytesIO(count_files.table_file(ctx, table, "xlsx")))
    assert book.sheetnames[:3] == ["People", "Units", "Cells"]
    rows = list(book["Units"].iter_rows(values_only=True))
    assert rows[0] == ("Code group or code", "Patients", "Hospital", "All") and rows[1] == (
        "=cmd|' /C calc'!A0",
        2,
        0,
        2,
    )
    assert book["Units"]["A2"].data_type == "s"
    data = count_files.table_file(ctx, table, "csv")
    read = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    mine = next(r for r in read if r["Column"] == "Patients" and r["Code group or code"].startswith("'=cmd"))
    assert (mine["People"], mine["Of people"], mine["Units"]) == ("2", "2", "2")
    assert set(mine["Ids of units"].split()) == set(table.at(first, table.columns[0].id).units)
    kinds = [r.kind for r in history.list_releases(ctx)]
    assert kinds == ["counts", "counts"]
    assert zipfile.is_zipfile(io.BytesIO(count_files.table_file(ctx, counts.over_time(ctx), "xlsx")))


def _rev(ctx: Context, code_group: str) -> int:
    return next(g.rev for g in sources.list_code_groups(ctx) if g.id == code_group)


def test_a_committee_member_and_a_facilitator_get_no_count_and_no_picture(ctx: Context) -> None:
    from tests.conftest import acting_as

    table = counts.cross(ctx, "group")
    for role in ("facilitator", "steering"):
        with pytest.raises(NotAllowed):
            counts.cross(acting_as(ctx, role), "group")
        with pytest.raises(NotAllowed):
            count_files.picture(acting_as(ctx, role), table)
        with pytest.raises(NotAllowed):
            count_files.table_file(acting_as(ctx, role), table, "csv")
