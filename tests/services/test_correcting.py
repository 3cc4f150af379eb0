"""Correcting the text: every mark keeps its words, the words before go to the vault, and it can be undone."""

from __future__ import annotations

import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support import body_of, dump, mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import InvalidSpan, Refused, StoreFailed, UndoRefused
from workbench.domain.spans import trimmed
from workbench.language import t
from workbench.services import (
    code_groups,
    coding,
    condensing,
    correcting,
    history,
    projects,
    quotes,
    sources,
    synthesis,
    versioning,
)
from workbench.services.context import Context
from workbench.store import queries, texts
from workbench.store.project import Store
from workbench.store.verify import verify


def correct(ctx: Context, source: str, words: str, by: str, *, everywhere: bool = False, rev: int = 0) -> int:
    """Correct the first place where these words stand."""
    start = body_of(ctx, source).index(words)
    rev = rev or sources.read_source(ctx, source).source.text_rev
    return correcting.correct_text(
        ctx, source, start, start + len(words), by, text_rev=rev, quote=words, everywhere=everywhere
    )


def units(ctx: Context) -> dict[str, queries.UnitText]:
    with ctx.store.read() as conn:
        return {u.id: u for u in queries.units(conn)}


def words_of(ctx: Context, unit: str) -> str:
    return units(ctx)[unit].text


def another(ctx: Context, name: str = "Mads") -> Context:
    id = projects.add_member(ctx, name=name, role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def whole(ctx: Context) -> bool:
    """Nothing wrong with the file, every unit's words are a slice of the body, every turn where it says."""
    assert verify(ctx.store.path) == []
    for view in sources.list_sources(ctx):
        reading = sources.read_source(ctx, view.source.id)
        body = "\n".join(turn.text for turn in reading.turns)
        assert all(body[x.turn.start : x.turn.end] == x.text for x in reading.turns)
        for unit in units(ctx).values():
            if unit.source == view.source.id:
                assert unit.text == body[unit.start : unit.end]
                assert unit.mac == ctx.store.mac(unit.text)
                assert unit.text_rev == reading.source.text_rev
    with ctx.store.read() as conn:
        known = {r[0] for r in conn.execute("SELECT term FROM word")}
        stand = texts.terms(conn, [r[0] for r in conn.execute("SELECT text FROM turn")])
    assert stand <= known
    return True


def found(ctx: Context, word: str) -> list[int]:
    """Numbers of the turns in which the index finds a word."""
    with ctx.store.read() as conn:
        sql = "SELECT t.seq FROM turn_fts f JOIN turn t ON t.id=f.rowid WHERE turn_fts MATCH ? ORDER BY t.seq"
        return [r[0] for r in conn.execute(sql, (f'"{word}"',))]


# -- what a correction does -------------------------------------------------------------------------------


def test_a_mishearing_is_mended_and_every_mark_keeps_its_words(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    before = mark_words(ctx, source, "The first night 🙂")
    around = mark_words(ctx, source, "I sat up with the folder on my knees.")
    after = mark_words(ctx, source, "På en måde var jeg ingens.")
    over_two = mark_words(ctx, source, "Nobody had rung.\nAnd then?\nThen I rang the ward")
    assert correct(ctx, source, "folder", "old folders") == 2
    assert "with the old folders on my knees" in body_of(ctx, source)
    assert words_of(ctx, before) == "The first night 🙂"
    assert words_of(ctx, around) == "I sat up with the old folders on my knees."
    assert words_of(ctx, after) == "På en måde var jeg ingens."
    assert words_of(ctx, over_two) == "Nobody had rung.\nAnd then?\nThen I rang the ward"
    assert whole(ctx)
    assert history.list_operations(ctx)[0].label == "corrected a word in Interview 1"
    assert found(ctx, "folders") == [2]
    assert found(ctx, "folder") == []


def test_a_correction_in_every_place_takes_whole_words_only(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    turns = (("P1", "Ann came. Anna did not."), ("P2", "Ann's bag, and Ann"), ("P1", "Nobody else, annoyed."))
    source = sources.import_source(ctx, tiny_transcript(turns), b"x", title="Two")
    mark = mark_words(ctx, source, "bag, and Ann")
    correct(ctx, source, "Ann", "the neighbour", everywhere=True)
    assert body_of(ctx, source) == (
        "the neighbour came. Anna did not.\nthe neighbour's bag, and the neighbour\nNobody else, annoyed."
    )
    assert words_of(ctx, mark) == "bag, and the neighbour"
    assert history.list_operations(ctx)[0].ids["n"] == 3
    assert whole(ctx)


def test_what_is_put_in_is_cleaned_as_an_imported_text_is(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    correct(ctx, source, "folder", "  old\r\nblue\u00a0fol\u00adder \ufeff")
    assert "with the old blue folder on my knees" in body_of(ctx, source)
    correct(ctx, source, "And then", "And the")
    start = body_of(ctx, source).index("the?")
    correcting.correct_text(ctx, source, start, start + 4, "the\u0301?", text_rev=3, quote="the?")
    assert "And thé?" in body_of(ctx, source)
    assert whole(ctx)


@pytest.mark.parametrize(
    ("words", "by", "code"),
    [
        ("folder", "folder", "correct.same"),
        ("folder", " folder\n", "correct.same"),
        ("rung.\nAnd", "rung", "correct.across_turns"),
        ("And then?", "", "correct.empty_turn"),
        ("And then?", " \u200b\n", "correct.empty_turn"),
        ("folder", "x" * 20_001, "correct.too_long"),
        ("", "x", "span.outside"),
    ],
)
def test_what_cannot_be_corrected_is_refused_in_a_sentence(
    tmp_path: Path, words: str, by: str, code: str
) -> None:
    ctx, source = tiny_project(tmp_path)
    before = dump(ctx.store)
    with pytest.raises(Refused) as refused:
        correct(ctx, source, words, by)
    assert refused.value.code == code
    assert t(refused.value.code, **refused.value.params)
    assert dump(ctx.store) == before
    assert texts.earlier(ctx.store, source, 1) == []


def test_other_words_than_those_selected_are_not_overwritten(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    start = body_of(ctx, source).index("folder")
    for at, quote, rev in (
        (start + 1, "folder", 1),
        (10_000, "folder", 1),
        (start, "folder", 7),
        (-3, "f", 1),
    ):
        with pytest.raises((InvalidSpan, Refused)):
            correcting.correct_text(
                ctx, source, at, at + len(quote), "x", text_rev=rev, quote=quote
            )  # fmt: skip
    assert sources.read_source(ctx, source).source.text_rev == 1


def test_a_mark_that_would_lose_its_words_stops_the_correction_and_is_named(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    mark_words(ctx, source, "the folder")
    mark_words(mads, source, "folder")
    before = dump(ctx.store)
    with pytest.raises(Refused) as refused:
        correct(ctx, source, "folder on", "")
    assert t(refused.value.code, **refused.value.params) == (
        "A mark of Mads in turn 2 would have no words left. Take that mark away first, or keep one of its words."
    )
    assert dump(ctx.store) == before
    correct(ctx, source, "on my knees", "")
    assert whole(ctx)


# -- undo and redo ----------------------------------------------------------------------------------------


def test_undo_and_redo_bring_back_exactly_the_text_and_the_marks(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    for words in ("The first night 🙂", "the folder", "fold", "my knees. Nobody", "ingens"):
        mark_words(ctx, source, words, group)
    states = [(dump(ctx.store), body_of(ctx, source))]
    for words, by in (("folder", "map"), ("map on my", "big folders"), ("ingens", "ingens patient 🇩🇰")):
        correct(ctx, source, words, by)
        states.append((dump(ctx.store), body_of(ctx, source)))
    for state in reversed(states[:-1]):
        history.undo(ctx)
        assert (dump(ctx.store), body_of(ctx, source)) == state
        assert whole(ctx)
    for state in states[1:]:
        history.redo(ctx)
        assert (dump(ctx.store), body_of(ctx, source)) == state
        assert whole(ctx)
    assert found(ctx, "folder") == [] and found(ctx, "folders") == [2]
    history.undo(ctx)
    ctx.store.close()
    again = projects.lead_context(Store.open(ctx.store.path))
    history.redo(again)
    assert dump(again.store) == states[-1][0]


def test_a_version_number_is_never_given_twice(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    assert correct(ctx, source, "folder", "map") == 2
    history.undo(ctx)
    assert correct(ctx, source, "folder", "bag") == 3
    history.undo(ctx)
    history.redo(ctx)
    assert "the bag on my knees" in body_of(ctx, source)
    assert whole(ctx)


def test_undo_of_a_correction_is_refused_where_somebody_has_marked_the_corrected_text(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    correct(ctx, source, "folder", "map")
    start = body_of(ctx, source).index("the map")
    mark = coding.mark(mads, source, start, start + 7, text_rev=2, quote="the map")
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.code == "undo.marked_since"
    assert t(refused.value.code, **refused.value.params).startswith("Mads marked the text at ")
    assert "the map" in body_of(ctx, source)
    coding.remove_unit(mads, mark)
    history.undo(ctx)
    assert "the folder" in body_of(ctx, source)
    assert whole(ctx)
    with pytest.raises(UndoRefused) as refused:
        history.undo(mads)  # would bring the mark back, on a text that is gone
    assert refused.value.code == "undo.text_corrected"
    assert refused.value.params["who"] == "Researcher"


def test_undo_of_a_correction_is_refused_where_somebody_has_moved_a_mark_since(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    unit = mark_words(ctx, source, "Nobody had rung.")
    correct(ctx, source, "folder", "map")
    held = units(ctx)[unit]
    coding.resize(mads, unit, held.start, held.end - 1, rev=held.rev)
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.params["who"] == "Mads"
    assert whole(ctx)


def test_what_was_done_before_a_correction_is_not_undone_over_it(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    removed = mark_words(ctx, source, "Nobody had rung.")
    coding.remove_unit(ctx, removed)
    kept = mark_words(ctx, source, "And then?")
    correct(mads, source, "folder", "map")
    for seq in (op.seq for op in history.list_operations(ctx) if op.verb in ("mark", "remove_unit")):
        with suppress(UndoRefused):
            history.undo(ctx, seq)
            pytest.fail("undone")
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert t(refused.value.code, **refused.value.params).startswith("Mads corrected the text at ")
    assert set(units(ctx)) == {kept}
    history.undo(mads)
    history.undo(ctx)
    history.undo(ctx)
    assert words_of(ctx, removed) == "Nobody had rung."
    assert whole(ctx)


def test_undo_needs_the_vault_and_says_so(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    correct(ctx, source, "folder", "map")
    ctx.store.vault_path.rename(tmp_path / "elsewhere.db")
    before = dump(ctx.store)
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.code == "undo.no_vault"
    assert dump(ctx.store) == before and "the map" in body_of(ctx, source)
    (tmp_path / "elsewhere.db").rename(ctx.store.vault_path)
    history.undo(ctx)
    assert "the folder" in body_of(ctx, source)


def test_an_earlier_text_that_was_altered_in_the_vault_is_seen_and_never_brought_back(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    correct(ctx, source, "folder", "map")
    with ctx.store.vault() as vault:
        vault.execute("UPDATE earlier_turn SET text='Something else' WHERE seq=2")
    assert [p.code for p in verify(ctx.store.path)] == ["verify.earlier_text"]
    with pytest.raises(UndoRefused):
        history.undo(ctx)


# -- crashes, and several at once ------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["put_away", "replace"])
@pytest.mark.parametrize("act", ["correct", "undo", "redo"])
def test_a_crash_between_vault_and_project_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, act: str
) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "the folder")
    if act != "correct":
        correct(ctx, source, "folder", "map")
    if act == "redo":
        history.undo(ctx)
    before = dump(ctx.store), body_of(ctx, source)
    real = getattr(texts, where)

    def dies(*args: object) -> None:
        real(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(texts, where, dies)
    with pytest.raises(KeyboardInterrupt):
        {"correct": lambda: correct(ctx, source, "folder", "bag"), "undo": lambda: history.undo(ctx),
         "redo": lambda: history.redo(ctx)}[act]()  # fmt: skip
    assert (dump(ctx.store), body_of(ctx, source)) == before
    assert whole(ctx)
    monkeypatch.setattr(texts, where, real)
    {"correct": lambda: correct(ctx, source, "folder", "bag"), "undo": lambda: history.undo(ctx),
     "redo": lambda: history.redo(ctx)}[act]()  # fmt: skip
    assert whole(ctx)
    history.undo(ctx) if act != "undo" else history.redo(ctx)
    assert whole(ctx)


def test_without_room_for_the_vault_nothing_is_corrected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, source = tiny_project(tmp_path)
    before = dump(ctx.store), body_of(ctx, source)

    def full(*_: object) -> None:
        raise StoreFailed("store.full", name="tiny.vault.db")

    monkeypatch.setattr(texts, "put_away", full)
    with pytest.raises(StoreFailed):
        correct(ctx, source, "folder", "map")
    assert (dump(ctx.store), body_of(ctx, source)) == before


def test_two_people_correct_at_once_and_neither_is_lost(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    unit = mark_words(ctx, source, "the folder on my knees")
    body = body_of(ctx, source)
    failed: list[BaseException] = []

    def work(who: Context, words: str, by: str) -> None:
        start = body.index(words)
        try:
            correcting.correct_text(who, source, start, start + len(words), by, text_rev=1, quote=words)
        except BaseException as error:
            failed.append(error)

    both = [threading.Thread(target=work, args=a) for a in ((ctx, "folder", "map"), (mads, "knees", "lap"))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert failed == []
    assert words_of(ctx, unit) == "the map on my lap"
    assert whole(ctx)


def test_two_people_correct_the_same_word_and_the_second_is_told(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    start = body_of(ctx, source).index("folder")
    correct(mads, source, "folder", "map")
    with pytest.raises(Refused) as refused:
        correcting.correct_text(ctx, source, start, start + 6, "bag", text_rev=1, quote="folder")
    assert t(refused.value.code, **refused.value.params).startswith(
        "Mads corrected these words while you did."
    )
    assert "the map" in body_of(ctx, source)


def test_a_span_made_on_an_earlier_text_lands_on_the_same_words(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    body = body_of(ctx, source)
    quote = "the municipality had me now"
    span = (body.index(quote), body.index(quote) + len(quote))

    def carried(rev: int, of: tuple[int, int] = span) -> str | None:
        with ctx.store.read() as conn:
            place = correcting.carry_over(conn, source, rev, *of)
        return body_of(ctx, source)[slice(*place)] if place else None

    correct(ctx, source, "folder", "big old map")  # 2
    assert carried(1) == quote
    correct(ctx, source, "Nobody", "No one at all")  # 3
    assert carried(1) == quote
    two = (span[0] + 5, span[1] + 5)
    assert carried(2, two) == quote
    history.undo(ctx)  # 2 stands again
    assert carried(1) == quote and carried(3, (span[0] + 12, span[1] + 12)) == quote
    correct(ctx, source, "Nobody", "None")  # 4, from 2
    assert carried(3, (span[0] + 12, span[1] + 12)) == quote
    correct(ctx, source, "municipality", "home care")  # 5
    assert carried(1) == "the home care had me now"
    assert carried(9) is None
    with ctx.store.read() as conn:
        assert not correcting.same_words(conn, source, 1, *span)
        assert correcting.same_words(conn, source, 1, 0, 5)
        assert correcting.same_words(conn, source, 5, 0, 5)
        assert not correcting.same_words(conn, source, 9, 0, 5)


def test_who_read_a_mark_before_a_correction_elsewhere_has_not_read_a_stale_one(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    moved, changed = mark_words(ctx, source, "Nobody had rung."), mark_words(ctx, source, "the folder")
    read = {id: unit.rev for id, unit in units(ctx).items()}

    def settled(unit: str) -> int:
        with ctx.store.read() as conn:
            return correcting.settled_rev(conn, unit, read[unit])

    assert settled(moved) == read[moved]
    correct(ctx, source, "folder", "map")
    assert settled(moved) == units(ctx)[moved].rev > read[moved]
    assert settled(changed) == read[changed]
    history.undo(ctx)
    assert settled(changed) == units(ctx)[changed].rev
    held = units(ctx)[moved]
    coding.resize(ctx, moved, held.start, held.end - 1)
    assert settled(moved) == read[moved]


def sent(ctx: Context, source: str, verb: str, **fields: object) -> dict[str, object]:
    """An operation as the reader sends it."""
    return {"id": ctx.new_id(), "project": ctx.store.id, "source": source, "member": ctx.member.id, "verb": verb,
            "text_rev": 1, **fields}  # fmt: skip


def test_marks_that_were_on_their_way_when_the_text_was_corrected_land_on_the_right_words(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    body, placed = body_of(ctx, source), code_groups.add_code_group(ctx, name="Alone")

    def marking(unit: str, quote: str) -> dict[str, object]:
        start = body.index(quote)
        return sent(ctx, source, "mark", unit=unit, start=start, end=start + len(quote), quote=quote,
                    placements=[{"id": f"{unit}p", "code_group": placed}])  # fmt: skip

    at = body.index("folder")
    fix = sent(
        ctx, source, "correct", start=at, end=at + 6, quote="folder", text="big 🙂 map", everywhere=False
    )
    batch = [marking("before", "The first night 🙂"), fix, marking("after", "Nobody had rung."),
             marking("through", "with the folder on"), marking("cut", "fold")]  # fmt: skip
    assert set(coding.apply_operations(ctx, batch).values()) == {None}
    assert set(coding.apply_operations(ctx, batch).values()) == {None}  # sent again: done once
    assert words_of(ctx, "before") == "The first night 🙂"
    assert words_of(ctx, "after") == "Nobody had rung."
    assert words_of(ctx, "through") == "with the big 🙂 map on"
    assert words_of(ctx, "cut") == "big 🙂 map"
    assert "the big 🙂 map on my knees" in body_of(ctx, source)
    assert whole(ctx)


def test_a_mark_is_made_longer_while_the_text_elsewhere_is_corrected(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = another(ctx)
    unit, other = mark_words(ctx, source, "Nobody had"), mark_words(ctx, source, "the folder")
    read, body = units(ctx), body_of(ctx, source)
    correct(mads, source, "folder", "big map")

    def longer(unit: str, quote: str) -> str | None:
        start = body.index(quote)
        op = sent(ctx, source, "resize", unit=unit, start=start, end=start + len(quote), quote=quote,
                  rev=read[unit].rev)  # fmt: skip
        return coding.apply_operations(ctx, [op])[str(op["id"])]

    assert longer(unit, "Nobody had rung.") is None
    assert words_of(ctx, unit) == "Nobody had rung."
    said = longer(other, "the folder on my knees")
    assert said is not None and said.startswith("Mads changed this while you wrote.")
    assert words_of(ctx, other) == "the big map"
    assert whole(ctx)


def test_marking_and_correcting_at_the_same_time_keeps_every_mark_on_its_words(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    mads = another(ctx)
    lines = tuple(("P1", f"Word{n} here and there{n} again.") for n in range(20))
    source = sources.import_source(ctx, tiny_transcript(lines), b"x", title="Many")
    body = body_of(ctx, source)
    failed: list[BaseException] = []

    def marking() -> None:
        try:
            for n in range(20):
                start = body.index(f"there{n} again")
                end = start + len(f"there{n} again")
                coding.mark(mads, source, start, end, text_rev=1, quote=body[start:end], unit=f"u{n}")
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=marking)
    thread.start()
    for n in range(0, 20, 2):
        correct(ctx, source, f"Word{n} here", f"A longer word {n * 1000} here")
    thread.join()
    assert failed == []
    assert {id: u.text for id, u in units(ctx).items()} == {f"u{n}": f"there{n} again" for n in range(20)}
    assert whole(ctx)


def test_no_operation_ends_with_a_mark_on_another_version_of_the_text(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung.")
    for table, id in (("source", source), ("unit", unit)):
        with pytest.raises(Refused) as refused, ctx.write("correct_text") as work:
            work.update(table, id, {"text_rev": 2})
        assert refused.value.code == "span.text_changed"
    with ctx.store.write(id="x", member="x", at="", verb="x") as work:
        work.connection.execute("UPDATE turn SET text_rev=2 WHERE seq=1")
    assert "verify.text_version" in [p.code for p in verify(ctx.store.path)]


# -- what rests on the words -----------------------------------------------------------------------------


def test_a_cleared_quote_is_held_back_when_its_words_were_corrected_and_not_when_they_only_moved(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung.")
    quotes.clear_quote(ctx, unit, printed="Nobody had rung.", recognisable=False)
    correct(ctx, source, "folder", "big map")
    assert quotes.quotes_by_unit(ctx)[unit].withheld == ""
    correct(ctx, source, "rung", "called")
    assert quotes.quotes_by_unit(ctx)[unit].withheld == "changed"
    history.undo(ctx)
    assert quotes.quotes_by_unit(ctx)[unit].withheld == ""


def test_a_condensate_goes_stale_when_a_units_words_were_corrected_and_not_when_they_only_moved(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung.", group)
    subgroup = condensing.add_subgroup(ctx, group, name="At night", units=[unit])
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat alone.", covers=[unit])

    def stale() -> bool:
        return bool(condensing.board(ctx, group).subgroups[0].condensates[0].stale)

    assert not stale()
    correct(ctx, source, "folder", "big map")
    assert not stale()
    correct(ctx, source, "rung", "called")
    assert stale()
    history.undo(ctx)
    assert not stale()
    history.redo(ctx)
    assert stale()
    condensing.confirm_condensate(ctx, condensate)
    assert not stale()


def test_what_a_theme_rests_on_has_changed_only_where_words_did(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    mark_words(ctx, source, "Nobody had rung.", group)
    category = synthesis.add_category(ctx, group, heading="Alone at night", analytic_text="They were alone.")

    def rests_on() -> object:
        with ctx.store.read() as conn:
            return versioning.support_of(conn, category)

    before = rests_on()
    correct(ctx, source, "folder", "big map")
    assert rests_on() == before
    correct(ctx, source, "rung", "called")
    assert rests_on() != before


# -- a name that slipped through -------------------------------------------------------------------------

CANARY = "Kvitsøhaugen"


def bytes_left(ctx: Context, word: str) -> int:
    """How often a word stands in the project's file, its log and its index, in any case."""
    with ctx.store.read() as conn:
        listed = conn.execute("SELECT count(*) FROM word WHERE instr(term, ?)", (word.lower(),)).fetchone()[0]
    needles = {word.encode(), word.lower().encode(), word[1:].lower().encode(), word.encode("utf-16-le")}
    left = 0
    for suffix in ("", "-wal"):
        path = ctx.store.path.with_name(ctx.store.path.name + suffix)
        if path.exists():
            data = path.read_bytes()
            left += sum(data.count(n) for n in needles)
    return left + int(listed)


@pytest.mark.parametrize("turns_before", [0, 40, 400])
def test_a_name_taken_out_is_nowhere_in_the_file_that_is_shared_and_in_the_vault(
    tmp_path: Path, turns_before: int
) -> None:
    ctx, _ = tiny_project(tmp_path)
    filler = tuple(
        ("P1", f"Then I rang number {n}, and nobody came to the {n}th door. " * 3)
        for n in range(turns_before)
    )
    turns = (
        *filler,
        ("P1", f"It was {CANARY} who came."),
        ("P2", f"{CANARY}? No, {CANARY}s sister."),
        *filler,
    )
    source = sources.import_source(ctx, tiny_transcript(turns), b"raw", title="Two")
    mark_words(ctx, source, f"{CANARY} who came")
    assert bytes_left(ctx, CANARY) > 0
    correct(ctx, source, CANARY, "the neighbour", everywhere=True)
    assert bytes_left(ctx, CANARY) > 0  # in the form that was no whole word
    correct(ctx, source, f"{CANARY}s", "the neighbour's")
    assert bytes_left(ctx, CANARY) == 0
    assert CANARY.encode() in ctx.store.vault_path.read_bytes() + (
        ctx.store.vault_path.with_name("tiny.vault.db-wal").read_bytes()
        if ctx.store.vault_path.with_name("tiny.vault.db-wal").exists()
        else b""
    )
    assert whole(ctx)
    history.undo(ctx)
    history.undo(ctx)
    assert found(ctx, CANARY) == [turns_before + 1, turns_before + 2]
    history.redo(ctx)
    history.redo(ctx)
    assert bytes_left(ctx, CANARY) == 0
    ctx.store.close()
    assert bytes_left(ctx, CANARY) == 0


def test_a_word_that_stands_elsewhere_stays_findable(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    correct(ctx, source, "Nobody", "No one")
    assert found(ctx, "nobody") == [5]  # "nobody's"
    correct(ctx, source, "rang", "called")
    assert found(ctx, "ward") == [4]
    with ctx.store.read() as conn:
        known = {r[0] for r in conn.execute("SELECT term FROM word")}
    assert {"nobody", "ward", "called", "one"} <= known and "rang" not in known


def test_word_forms_are_those_of_the_index(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    turns = (("P1", "Åse's ÆBLE, naïve İstanbul STRASSE straße y\u0323x مرحبا 3rd _x_ ½ 🙂 日本語"),)
    sources.import_source(ctx, tiny_transcript(turns), b"x", title="Odd")
    with ctx.store.write(id="x", member="x", at="", verb="x") as work:
        conn = work.connection
        conn.execute("CREATE VIRTUAL TABLE temp.all_words USING fts5vocab(main, turn_fts, row)")
        indexed = {r[0] for r in conn.execute("SELECT term FROM temp.all_words")}
        assert indexed == {r[0] for r in conn.execute("SELECT term FROM word")}
        conn.execute("DROP TABLE temp.all_words")


# -- anything, in any order ------------------------------------------------------------------------------

WORDS = [
    "ward",
    "på",
    "Bo",
    "🙂",
    "👩‍👩‍👧",
    "🇩🇰",
    "مرحبا",
    "שלום",
    "don't",
    "x\u0323",
    "e\u0301",
    "<b>",
    "$a$",
    "—",
    "A",
    "ab",
]
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


@settings(
    max_examples=25, stateful_step_count=14, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)  # fmt: skip
class Corrections(RuleBasedStateMachine):
    """Marks, corrections, undo and redo in any order: words stay words, and all can be taken back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ctx, _ = tiny_project(Path(self.folder.name))

    @initialize(turns=st.lists(SENTENCES, min_size=1, max_size=4))
    def read_in(self, turns: list[str]) -> None:
        from workbench.domain.text import normalise

        lines = tuple(("P1" if n % 2 else "P2", normalise(text).text) for n, text in enumerate(turns))
        self.source = sources.import_source(self.ctx, tiny_transcript(lines), b"r", title="Any")
        self.states = [self.now()]  # what each operation left, the last one that stands last
        self.undone: list[object] = []

    def now(self) -> tuple[object, str]:
        return dump(self.ctx.store), body_of(self.ctx, self.source)

    def done(self) -> None:
        self.states.append(self.now())
        self.undone = []

    @rule(data=st.data())
    def mark(self, data: st.DataObject) -> None:
        body = body_of(self.ctx, self.source)
        start = data.draw(st.integers(0, len(body) - 1))
        end = data.draw(st.integers(start + 1, len(body)))
        rev = sources.read_source(self.ctx, self.source).source.text_rev
        with suppress(InvalidSpan):
            coding.mark(self.ctx, self.source, start, end, text_rev=rev, quote=body[start:end])
            self.done()

    @rule(data=st.data(), by=SENTENCES | st.just(""), everywhere=st.booleans())
    def correct(self, data: st.DataObject, by: str, everywhere: bool) -> None:
        reading = sources.read_source(self.ctx, self.source)
        turn = data.draw(st.sampled_from(reading.turns))
        if data.draw(st.booleans()):
            found = [m.span() for m in re.finditer(r"\S+", turn.text)]
            start, end = data.draw(st.sampled_from(found))
        else:
            start = data.draw(st.integers(0, len(turn.text) - 1))
            end = data.draw(st.integers(start + 1, len(turn.text)))
        quote = turn.text[start:end]
        before = {id: u for id, u in units(self.ctx).items()}
        try:
            correcting.correct_text(
                self.ctx, self.source, turn.turn.start + start, turn.turn.start + end, by,
                text_rev=reading.source.text_rev, quote=quote, everywhere=everywhere,
            )  # fmt: skip
        except Refused as refused:
            assert t(refused.code, **refused.params)
            assert self.now() == self.states[-1]
            return
        after = units(self.ctx)
        assert set(after) == set(before)
        if not everywhere:
            a, b = turn.turn.start, turn.turn.end
            for id, unit in before.items():
                if unit.end <= a or unit.start >= b:
                    assert after[id].text == unit.text
        for unit in after.values():
            assert unit.text.strip()
            if unit.text != before[unit.id].text:
                assert trimmed(unit.text, 0, len(unit.text)) == (0, len(unit.text))
        self.done()

    @precondition(lambda self: len(self.states) > 1)
    @rule()
    def undo(self) -> None:
        history.undo(self.ctx)
        self.undone.append(self.states.pop())
        assert self.now() == self.states[-1]

    @precondition(lambda self: bool(self.undone))
    @rule()
    def redo(self) -> None:
        history.redo(self.ctx)
        self.states.append(self.undone.pop())
        assert self.now() == self.states[-1]

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert whole(self.ctx)

    def teardown(self) -> None:
        if hasattr(self, "states"):
            while len(self.states) > 1:
                self.undo()
        self.ctx.store.close()
        self.folder.cleanup()


TestCorrections = Corrections.TestCase
