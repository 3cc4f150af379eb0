"""Paper for the team: whose words may be on it, in what order, found back by their ids, and kept as a release."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.domain import unit_ids
from workbench.domain.errors import NotAllowed, Refused
from workbench.language import t
from workbench.services import coding, condensing, history, paper, sources
from workbench.services.context import Context
from workbench.store import queries

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")

ID = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}\b")


def _text(pdf: bytes, folder: Path, *how: str) -> str:
    (folder / "p.pdf").write_bytes(pdf)
    out = subprocess.run(["pdftotext", *how, folder / "p.pdf", "-"], check=True, capture_output=True)
    return out.stdout.decode()


def _plain(text: str) -> str:
    """Letters only: lines and hyphens are the page's."""
    return re.sub(r"[\W_]+", "", text)


def _found(ctx: Context, text: str) -> list[str]:
    """The units whose ids stand in a text, each as often as it stands there."""
    ids = [c.unit.id for c in coding.list_units(ctx)]
    return [unit for typed in ID.findall(text) if (unit := unit_ids.find(ids, typed))]


def test_the_ids_on_the_cards_are_exactly_those_by_which_the_units_are_found_back(
    ctx: Context, tmp_path: Path
) -> None:
    text = _text(paper.cards(ctx), tmp_path)
    assert sorted(_found(ctx, text)) == sorted(c.unit.id for c in coding.list_units(ctx))


def test_every_card_has_its_units_words_whole(ctx: Context, tmp_path: Path) -> None:
    plain = _plain(_text(paper.cards(ctx), tmp_path))
    for c in coding.list_units(ctx):
        assert _plain(c.unit.text) in plain, c.unit.text


def test_cards_come_by_code_group_and_then_by_source(ctx: Context, tmp_path: Path) -> None:
    ids = unit_ids.short_ids(c.unit.id for c in coding.list_units(ctx))
    tags = [g.id for g in sources.list_code_groups(ctx)]
    at = {}
    (tmp_path / "c.pdf").write_bytes(paper.cards(ctx))
    pages = subprocess.run(["pdftotext", "-bbox", tmp_path / "c.pdf", "-"], check=True, capture_output=True)
    for n, page in enumerate(pages.stdout.decode().split("<page ")[1:]):
        for x, y, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)".*?>(.*?)</word>', page):
            at[word] = (n, round(float(y) / 190), float(x))
    printed = sorted(coding.list_units(ctx), key=lambda c: at[ids[c.unit.id]])

    def place(c: coding.UnitCard) -> tuple[int, int, int]:
        held = [tags.index(p.code_group) for p in c.placements]
        return min(held, default=len(tags)), c.unit.source_position, c.unit.start

    assert [place(c) for c in printed] == sorted(place(c) for c in printed)


def test_cards_can_be_asked_for_by_code_group_as_leftovers_or_one_by_one(
    ctx: Context, tmp_path: Path
) -> None:
    units = coding.list_units(ctx)
    group = sources.list_code_groups(ctx)[1].id
    inside = {c.unit.id for c in units if any(p.code_group == group for p in c.placements)}
    left = {c.unit.id for c in units if not c.placements}
    assert inside and left
    assert set(_found(ctx, _text(paper.cards(ctx, code_groups=[group]), tmp_path))) == inside
    assert set(_found(ctx, _text(paper.cards(ctx, left_over=True), tmp_path))) == left
    one = units[5].unit.id
    both = _found(ctx, _text(paper.cards(ctx, left_over=True, units=[one]), tmp_path))
    assert set(both) == left | {one}


def test_every_unit_of_a_code_group_hangs_on_its_wall_once(ctx: Context, tmp_path: Path) -> None:
    for group in sources.list_code_groups(ctx):
        board = condensing.board(ctx, group.id)
        hung = [*(c for s in board.subgroups for c in s.cards), *board.left_over, *board.set_aside]
        text = _text(paper.wall(ctx, [group.id]), tmp_path)
        assert sorted(_found(ctx, text)) == sorted(c.unit.id for c in hung)
        assert _plain(group.definition) in _plain(text)
        assert all(_plain(s.subgroup.name) in _plain(text) for s in board.subgroups)


def test_condensates_hang_on_the_wall_only_where_asked_for_and_never_as_quotes(
    ctx: Context, tmp_path: Path
) -> None:
    group = sources.list_code_groups(ctx)[0].id
    texts = [v.condensate.text for s in condensing.board(ctx, group).subgroups for v in s.condensates]
    without = _plain(_text(paper.wall(ctx, [group]), tmp_path))
    asked = _text(paper.wall(ctx, [group], condensates=True), tmp_path)
    assert texts and not any(_plain(x) in without for x in texts)
    assert all(_plain(x) in _plain(asked) for x in texts)
    assert _plain(asked).count(_plain("Condensate, not a quote")) == len(texts)


def test_a_transcript_holds_every_turn_and_with_marks_every_id(ctx: Context, tmp_path: Path) -> None:
    source = sources.list_sources(ctx)[0].source
    reading = sources.read_source(ctx, source.id)
    clean, marked = (
        _text(paper.transcript(ctx, [source.id], marks=m), tmp_path, "-raw") for m in (False, True)
    )
    here = [c.unit.id for c in coding.list_units(ctx) if c.unit.source == source.id]
    assert here and set(here) <= set(_found(ctx, marked)) and not _found(ctx, clean)
    for turn in reading.turns:
        if len(turn.text) < 60:  # on one line, where no page and no line number comes between
            assert _plain(turn.text) in _plain(clean)
    assert source.title in clean


def test_a_label_that_may_be_a_real_name_is_on_no_paper(empty: Context, tmp_path: Path) -> None:
    data = (
        b"Anna Eksempel: It was late and the lamp was out.\n\nInterviewer: Was it?\n\nAnna Eksempel: Very.\n"
    )
    (parsed,) = sources.preview([("Anna Eksempel.txt", data)])
    source = sources.import_source(empty, parsed, data, title="Source 1", language="en")  # type: ignore[arg-type]
    coding.mark(empty, source, 0, 11, text_rev=1)
    for pdf in (paper.transcript(empty, marks=True), paper.cards(empty)):
        text = _text(pdf, tmp_path)
        assert "It was late" in text and "Eksempel" not in text and b"Eksempel" not in pdf


def test_words_of_somebody_who_declined_say_that_they_are_not_to_be_quoted(
    ctx: Context, tmp_path: Path
) -> None:
    with ctx.store.read() as conn:
        people = queries.participants(conn)
    declined = [
        c for c in coding.list_units(ctx)
        if any(not people[p].quote_ok or people[p].consent == "withdrawn" for p in c.unit.participants)
    ]  # fmt: skip
    assert declined
    assert _text(paper.cards(ctx), tmp_path).count("not to be quoted") == len(declined)


def test_what_was_printed_is_kept_as_a_release_with_what_was_on_it(ctx: Context) -> None:
    source = sources.list_sources(ctx)[0].source.id
    group = sources.list_code_groups(ctx)[0].id
    before = len(history.list_releases(ctx))
    paper.transcript(ctx, [source])
    paper.cards(ctx, code_groups=[group])
    paper.wall(ctx, [group], condensates=True)
    walls, cards, transcript, *earlier = history.list_releases(ctx)
    assert [r.kind for r in (transcript, cards, walls)] == ["paper_transcript", "paper_cards", "paper_wall"]
    assert len(earlier) == before
    units = {c.unit.id for c in coding.list_units(ctx) if any(p.code_group == group for p in c.placements)}
    assert transcript.items == (source,)
    assert set(cards.items) == units
    notes = {v.condensate.id for s in condensing.board(ctx, group).subgroups for v in s.condensates}
    assert set(walls.items) == units | {group} | notes
    assert all(t(f"export.left.{r.kind}") != f"export.left.{r.kind}" for r in (transcript, cards, walls))


@pytest.mark.parametrize("role", ["facilitator", "steering", "admin"])
def test_paper_with_participants_words_is_for_researchers_only(ctx: Context, role: str) -> None:
    other = replace(ctx, member=replace(ctx.member, role=role))
    for make in (paper.transcript, paper.cards, paper.wall):
        with pytest.raises(NotAllowed):
            make(other)


def test_with_nothing_to_print_the_reason_is_a_sentence(empty: Context) -> None:
    for make in (paper.transcript, paper.cards, paper.wall):
        with pytest.raises(Refused) as refused:
            make(empty)
        assert t(refused.value.code) != refused.value.code


def test_what_is_gone_is_refused(ctx: Context) -> None:
    for make in (lambda: paper.transcript(ctx, ["x"]), lambda: paper.cards(ctx, units=["x"]),
                 lambda: paper.cards(ctx, code_groups=["x"]), lambda: paper.wall(ctx, ["x"])):  # fmt: skip
        with pytest.raises(Refused):
            make()


def test_the_command_line_makes_all_three_by_names_people_use(
    ctx: Context, demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "p.pdf"
    unit = coding.list_units(ctx)[0].unit
    short = unit_ids.short_ids(c.unit.id for c in coding.list_units(ctx))[unit.id]
    group = sources.list_code_groups(ctx)[0]
    for args in (
        ["transcript", out, "--source", unit.source_title.upper(), "--marks"],
        ["cards", out, "--unit", f"{short[:2].lower()} {short[2:]}"],
        ["wall", out, "--group", group.tag.lower(), "--group", group.name],
    ):
        out.unlink(missing_ok=True)
        assert main(["paper", str(demo), *map(str, args)]) == 0
        assert out.read_bytes().startswith(b"%PDF")
    for args in (["cards", out, "--unit", "QQQQQ"], ["wall", out, "--group", "nobody"],
                 ["transcript", out, "--source", "nothing"]):  # fmt: skip
        capsys.readouterr()
        assert main(["paper", str(demo), *map(str, args)]) == 1
        assert capsys.readouterr().err.rstrip().endswith(".")
