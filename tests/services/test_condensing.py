"""Condensing: what has gone stale and why, earlier wordings, golden quotes in balance, and units that always stand
somewhere."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import body_of, dump, mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.stc import REASONS, Staleness
from workbench.services import (
    checks,
    code_groups,
    coding,
    condensing,
    correcting,
    golden,
    history,
    people,
    projects,
    sources,
)
from workbench.services.coding import load_cards
from workbench.services.condensing import CondensateView, condensate_views
from workbench.services.context import Context
from workbench.store.verify import verify

WORDS = ("The first night", "sat up", "the folder", "Nobody had rung", "I rang the ward", "his", "count")


def views(ctx: Context) -> dict[str, CondensateView]:
    with ctx.read() as conn:
        return {v.condensate.id: v for v in condensate_views(conn, load_cards(conn))}


def stale(ctx: Context, condensate: str) -> Staleness:
    """What is told of a condensate, the same from its board as from the whole project."""
    whole = views(ctx)[condensate].stale
    for c in code_groups.code_group_counts(ctx):
        for s in condensing.board(ctx, c.group.id).subgroups:
            for v in s.condensates:
                if v.condensate.id == condensate:
                    assert v.stale == whole
    assert set(whole.why) == {*whole.came, *whole.went} and set(whole.why.values()) <= set(REASONS)
    return whole


def why(ctx: Context, condensate: str) -> dict[str, str]:
    return dict(stale(ctx, condensate).why)


class Study:
    """A group with two subgroups; the first holds two units, both in its condensate."""

    def __init__(self, folder: Path) -> None:
        self.ctx, self.source = tiny_project(folder)
        ctx = self.ctx
        self.group, self.other = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
        self.night = mark_words(ctx, self.source, "The first night", self.group)
        self.rung = mark_words(ctx, self.source, "Nobody had rung", self.group)
        self.here = condensing.add_subgroup(ctx, self.group, name="At night", units=[self.night, self.rung])
        self.there = condensing.add_subgroup(ctx, self.group, name="By day")
        self.condensate = condensing.add_condensate(
            ctx, self.here, text="I sat alone.", covers=[self.night, self.rung]
        )

    def own(self) -> CondensateView:
        return views(self.ctx)[self.condensate]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


# -- gone stale, and why ---------------------------------------------------------------------------------


def test_a_covered_unit_taken_away_makes_the_condensate_stale_and_is_named(study: Study) -> None:
    ctx = study.ctx
    assert not stale(ctx, study.condensate)
    coding.remove_unit(ctx, study.rung)
    assert stale(ctx, study.condensate).went == (study.rung,)
    assert why(ctx, study.condensate) == {study.rung: "taken_out"}
    named = condensing.gone_units(ctx, [study.rung])[study.rung]
    assert (named.text, named.source_title) == ("Nobody had rung", "Interview 1")
    history.undo(ctx)
    assert not stale(ctx, study.condensate)
    assert study.own().covers == {study.night, study.rung}


def test_each_unit_that_came_says_how(study: Study) -> None:
    ctx = study.ctx
    left_over = mark_words(ctx, study.source, "I rang the ward", study.group)
    aside = mark_words(ctx, study.source, "sat up", study.group)
    elsewhere = mark_words(ctx, study.source, "the folder", study.group)
    condensing.set_units_aside(ctx, study.group, [aside], "About the weather")
    condensing.move_units(ctx, study.group, [elsewhere], study.there)
    condensing.confirm_condensate(ctx, study.condensate)
    assert not stale(ctx, study.condensate)
    new = mark_words(ctx, study.source, "count", study.group)
    condensing.move_units(ctx, study.group, [left_over, aside, elsewhere, new], study.here)
    assert why(ctx, study.condensate) == {
        left_over: "moved_in", aside: "taken_up", elsewhere: "moved_in", new: "added",
    }  # fmt: skip
    condensing.set_covers(ctx, study.condensate, [*study.own().covers, left_over, aside, elsewhere, new])
    assert not stale(ctx, study.condensate)  # once ticked, they are in it


def test_each_unit_that_went_says_how(study: Study) -> None:
    ctx = study.ctx
    more = [
        mark_words(ctx, study.source, w, study.group) for w in ("sat up", "the folder", "I rang the ward")
    ]
    condensing.move_units(ctx, study.group, more, study.here)
    condensing.set_covers(ctx, study.condensate, [study.night, study.rung, *more])
    condensing.confirm_condensate(ctx, study.condensate)
    aside, moved, unplaced = more
    condensing.set_units_aside(ctx, study.group, [aside], "About the weather")
    condensing.move_units(ctx, study.group, [moved], study.there)
    board = condensing.board(ctx, study.group)
    card = next(c for s in board.subgroups for c in s.cards if c.unit.id == unplaced)
    coding.unplace(ctx, card.placements[0].id)
    assert why(ctx, study.condensate) == {aside: "set_aside", moved: "moved_out", unplaced: "taken_out"}
    coding.place(ctx, unplaced, placements=[{"code_group": study.other}])
    assert why(ctx, study.condensate)[unplaced] == "moved_out"
    assert condensing.gone_units(ctx, [unplaced])[unplaced].code_groups == ("Calls",)


def test_corrected_words_and_withdrawn_people_are_told_apart(study: Study) -> None:
    ctx = study.ctx
    text = body_of(ctx, study.source)
    at = text.index("rung")
    correcting.correct_text(ctx, study.source, at, at + 4, "called", text_rev=1, quote="rung")
    assert why(ctx, study.condensate) == {study.rung: "corrected"}
    condensing.confirm_condensate(ctx, study.condensate)
    assert not stale(ctx, study.condensate)
    with ctx.write("change_participant") as work:  # P1 speaks in both
        (person,) = work.live("participant", pseudonym="Aase")
        work.update("participant", person["id"], {"consent": "withdrawn"})
    assert why(ctx, study.condensate) == {study.night: "withdrawn", study.rung: "withdrawn"}
    assert condensing.gone_units(ctx, [study.night])[study.night].text == ""


def test_a_source_taken_out_has_withdrawn_its_units_and_shows_none_of_their_words(study: Study) -> None:
    ctx = study.ctx
    for unit in (study.night, study.rung):
        coding.remove_unit(ctx, unit)
    sources.retire_source(ctx, study.source)
    assert why(ctx, study.condensate) == {study.night: "withdrawn", study.rung: "withdrawn"}
    assert {u.text for u in condensing.gone_units(ctx, [study.night, study.rung]).values()} == {""}


def test_a_unit_moved_out_and_back_has_to_be_ticked_again_and_is_told_once(study: Study) -> None:
    ctx = study.ctx
    condensing.move_units(ctx, study.group, [study.rung], study.there)
    condensing.move_units(ctx, study.group, [study.rung], study.here)
    found = stale(ctx, study.condensate)
    assert (found.came, found.went) == ((study.rung,), ())
    assert found.why == {study.rung: "moved_in"}


def test_a_unit_unticked_by_hand_makes_nothing_stale(study: Study) -> None:
    condensing.set_covers(study.ctx, study.condensate, [study.night])
    assert not stale(study.ctx, study.condensate)
    condensing.move_units(study.ctx, study.group, [study.rung], study.there)
    assert not stale(study.ctx, study.condensate)


def test_a_wording_that_undo_brings_back_is_as_stale_as_it_was(study: Study) -> None:
    ctx = study.ctx
    late = mark_words(ctx, study.source, "I rang the ward", study.group)
    condensing.move_units(ctx, study.group, [late], study.here)
    assert why(ctx, study.condensate) == {late: "added"}
    own = study.own().condensate
    condensing.change_condensate(ctx, own.id, rev=own.rev, text="I sat alone, and rang.", voice=None)
    assert not stale(ctx, study.condensate)
    history.undo(ctx)
    assert why(ctx, study.condensate) == {late: "added"}
    history.redo(ctx)
    assert not stale(ctx, study.condensate)


def test_a_late_interview_reopens_exactly_the_condensates_its_units_touch(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    groups = [code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls")]
    subgroups, written = {}, {}
    words = iter(WORDS)
    for g in groups:
        for part in ("one", "two", "three"):
            unit = mark_words(ctx, source, next(words), g)
            subgroups[g, part] = condensing.add_subgroup(ctx, g, name=part, units=[unit])
            written[g, part] = [
                condensing.add_condensate(ctx, subgroups[g, part], text=f"I waited, {n}.", covers=[unit])
                for n in range(2)
            ]
    assert not any(v.stale for v in views(ctx).values())
    late = sources.import_source(
        ctx, tiny_transcript((("P9", "I was never asked. Nobody wrote it down. I wrote it myself."),), "late.txt"),
        b"late", title="A late interview",
    )  # fmt: skip
    touched = [(groups[0], "two"), (groups[0], "two"), (groups[1], "three")]
    came = []
    for (group, part), said in zip(touched, ("never asked", "wrote it down", "it myself"), strict=True):
        came.append(mark_words(ctx, late, said, group))
        condensing.move_units(ctx, group, [came[-1]], subgroups[group, part])
    now = views(ctx)
    assert {id for id, v in now.items() if v.stale} == {
        *written[groups[0], "two"], *written[groups[1], "three"],
    }  # fmt: skip
    for id in written[groups[0], "two"]:
        assert set(now[id].stale.came) == set(came[:2]) and not now[id].stale.went
    for id in written[groups[1], "three"]:
        assert now[id].stale.came == (came[2],)


def test_condensates_of_a_large_study_are_read_with_no_more_questions_than_those_of_a_small_one(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    asked = []
    for n, said in enumerate(WORDS):
        group = code_groups.add_code_group(ctx, name=f"Group {n}")
        unit = mark_words(ctx, source, said, group)
        subgroup = condensing.add_subgroup(ctx, group, name="Part", units=[unit])
        condensing.add_condensate(ctx, subgroup, text="I waited.", covers=[unit])
        with ctx.read() as conn:
            cards = load_cards(conn)
            statements: list[str] = []
            conn.set_trace_callback(statements.append)
            condensate_views(conn, cards)
            conn.set_trace_callback(None)
            asked.append(len(statements))
    assert len(set(asked)) == 1


# -- the text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Jeg sad alene om natten.", True),
        ("I sat alone at night.", True),
        ("Vi ringede, og ingen tog den.", True),
        ("Our folder was empty.", True),
        ("It was in January.", False),
        ("De sagde, at jegeren var gået.", False),
    ],
)
def test_a_condensate_in_the_first_person_passes_in_danish_and_in_english(
    tmp_path: Path, text: str, first: bool
) -> None:
    ctx, source = tiny_project(tmp_path)
    with ctx.write("change_source") as work:
        work.update("source", source, {"language": "da"})
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    subgroup = condensing.add_subgroup(ctx, group, name="At night", units=[unit])
    condensing.add_condensate(ctx, subgroup, text=text, covers=[unit])
    assert ("not_first_person" not in {i.rule for i in checks.all_issues(ctx)}) == first


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "condensate.empty"), ("  \n", "condensate.empty"), ("ord " * 12_500, "condensate.too_long")],
)
def test_a_condensate_of_nothing_or_of_50000_characters_is_refused_and_what_was_there_stays(
    study: Study, text: str, code: str
) -> None:
    own = study.own().condensate
    with pytest.raises(Refused) as refused:
        condensing.change_condensate(study.ctx, own.id, rev=own.rev, text=text, voice=None)
    assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        condensing.add_condensate(study.ctx, study.here, text=text)
    assert refused.value.code == code
    assert study.own().condensate == own


def test_a_first_text_is_kept_although_a_unit_ticked_for_it_left_while_it_was_written(study: Study) -> None:
    ctx = study.ctx
    coding.remove_unit(ctx, study.rung)
    made = condensing.add_condensate(
        ctx, study.here, text="I waited.", covers=[study.night, study.rung], golden_unit=study.rung
    )
    assert views(ctx)[made].covers == {study.night}
    assert views(ctx)[made].condensate.golden_unit is None


def test_a_text_is_kept_although_its_code_group_was_merged_while_it_was_written(study: Study) -> None:
    ctx = study.ctx
    own = study.own().condensate
    code_groups.merge_code_groups(ctx, study.group, into=study.other)
    condensing.change_condensate(ctx, own.id, rev=own.rev, text="I sat alone, always.", voice=None)
    condensing.add_condensate(ctx, study.there, text="By day I slept.")
    board = condensing.board(ctx, study.other)
    assert [[c.condensate.text for c in s.condensates] for s in board.subgroups] == [
        ["I sat alone, always."], ["By day I slept."],
    ]  # fmt: skip


def test_who_chooses_a_golden_quote_on_what_somebody_changed_is_told(study: Study) -> None:
    ctx = study.ctx
    own = study.own().condensate
    condensing.set_golden(ctx, own.id, study.night, rev=own.rev)
    with pytest.raises(StaleEdit) as error:
        condensing.set_golden(ctx, own.id, study.rung, rev=own.rev)
    assert error.value.current["golden_unit"] == study.night
    condensing.set_golden(ctx, own.id, None)
    assert study.own().condensate.golden_unit is None


# -- earlier versions ------------------------------------------------------------------------------------


def test_every_wording_is_kept_with_who_when_and_in_what_voice(study: Study) -> None:
    ctx = study.ctx
    other = replace(
        ctx, member=replace(ctx.member, id=projects.add_member(ctx, name="Mads", role="researcher"))
    )
    own = study.own().condensate
    condensing.change_condensate(other, own.id, rev=own.rev, text="I sat up alone.", voice=None)
    own = study.own().condensate
    condensing.change_condensate(ctx, own.id, rev=own.rev, text="I sat up alone.", voice="mixed")
    condensing.set_golden(ctx, own.id, study.night)  # no wording
    condensing.confirm_condensate(ctx, own.id)  # nor this
    found = condensing.versions(ctx, own.id)
    assert [(v.text, v.voice) for v in found] == [
        ("I sat up alone.", "mixed"), ("I sat up alone.", None), ("I sat alone.", None),
    ]  # fmt: skip
    assert [v.who for v in found][1] == "Mads" and all(v.at for v in found)
    assert not any(v.by_undo for v in found)


def test_an_erased_wording_is_a_line_without_content(study: Study) -> None:
    ctx = study.ctx
    own = study.own().condensate
    condensing.change_condensate(ctx, own.id, rev=own.rev, text="I sat up.", voice=None)
    with ctx.store.write(id="x", member=ctx.member.id, at="2026-01-01", verb="change_condensate") as work:
        work.connection.execute(
            "UPDATE change SET before=NULL, after=NULL, salt=NULL WHERE row_id=? AND tbl='condensate'",
            (own.id,),
        )
    found = condensing.versions(ctx, own.id)
    assert len(found) == 2 and all(v.text is None and v.voice is None and v.at for v in found)
    assert not stale(ctx, own.id).went


WORDINGS = st.lists(
    st.tuples(st.sampled_from(["write", "voice", "undo", "redo", "back"]), st.integers(0, 9)), max_size=10
)


@settings(max_examples=20, deadline=None)
@given(WORDINGS)
def test_no_wording_is_ever_lost_and_each_can_be_brought_back(acts: list[tuple[str, int]]) -> None:
    with a_study() as study:
        ctx, id = study.ctx, study.condensate
        ever = [study.own().condensate.text]
        floor = history.list_operations(ctx)[0].seq
        for act, n in acts:
            own = study.own().condensate
            if act == "write":
                condensing.change_condensate(
                    ctx, id, rev=own.rev, text=f"I waited {n} times.", voice=own.voice
                )
            elif act == "voice":
                condensing.change_condensate(
                    ctx, id, rev=own.rev, text=own.text, voice="mixed" if n % 2 else None
                )
            elif act == "back":
                found = condensing.versions(ctx, id)
                old = found[n % len(found)].text
                assert old is not None
                condensing.change_condensate(ctx, id, rev=own.rev, text=old, voice=own.voice)
                assert study.own().condensate.text == old
            else:
                try:
                    history.undo(ctx) if act == "undo" and history.list_operations(ctx)[
                        0
                    ].seq > floor else None
                    history.redo(ctx) if act == "redo" else None
                except Refused:
                    pass
            if not any(v.condensate.id == id for v in views(ctx).values()):
                history.redo(ctx)  # undone as far as its being written
            ever.append(study.own().condensate.text)
            found = condensing.versions(ctx, id)
            assert {v.text for v in found} >= set(ever)
            now = study.own().condensate
            assert (found[0].text, found[0].voice) == (now.text, now.voice)
            assert [v.op for v in found] == sorted((v.op for v in found), reverse=True)


# -- golden quotes ---------------------------------------------------------------------------------------


def quoted(folder: Path, by_first: int) -> Context:
    """12 patients and 26 staff; ten condensates with a golden quote each, `by_first` of them by one patient."""
    ctx = projects.lead_context(projects.create_project(folder / "quoted.db", name="Quoted"))
    groups = {n: people.add_group(ctx, name=n) for n in ("Patients", "Staff", "Relatives")}
    sample = [("Patients", f"Patient {n}") for n in range(12)] + [("Staff", f"Nurse {n}") for n in range(26)]
    who = {
        name: people.add_participant(ctx, pseudonym=name, stakeholder_group=groups[g]) for g, name in sample
    }
    say = ["Patient 0"] * by_first + [name for _, name in sample[6:]][: 10 - by_first]
    turns = tuple((name, f"It was day {n} when somebody told me.") for n, name in enumerate(say))
    source = sources.import_source(ctx, tiny_transcript(turns), b"", title="All", speakers=dict(who))
    group = code_groups.add_code_group(ctx, name="Told")
    for n in range(10):
        unit = mark_words(ctx, source, f"It was day {n} when", group)
        subgroup = condensing.add_subgroup(ctx, group, name=f"Day {n}", units=[unit])
        condensate = condensing.add_condensate(ctx, subgroup, text="I was told.", covers=[unit])
        condensing.set_golden(ctx, condensate, unit)
    return ctx


def test_golden_quotes_are_told_per_person_and_group_against_the_sample(tmp_path: Path) -> None:
    ctx = quoted(tmp_path, 4)
    found = golden.balance(ctx).golden
    assert found.quotes == 10
    assert (found.people[0].name, found.people[0].quotes) == ("Patient 0", 4)
    assert sum(p.quotes for p in found.people) == 10
    assert [(g.name, g.quotes, g.people) for g in found.groups] == [("Patients", 10, 12), ("Staff", 0, 26)]
    assert [g.name for g in found.silent()] == ["Staff"]
    assert golden.balance(ctx).cleared.quotes == 0


@pytest.mark.parametrize(("n", "flagged"), [(3, False), (4, True)])
def test_one_participant_with_more_than_three_golden_quotes_of_ten_waits_in_the_method_check(
    tmp_path: Path, n: int, flagged: bool
) -> None:
    ctx = quoted(tmp_path, n)
    found = [i for i in checks.all_issues(ctx) if i.rule == "golden_share"]
    assert bool(found) == flagged
    assert not any(i.rule.startswith("golden") for i in checks.uninvited(ctx))


# -- several code groups ---------------------------------------------------------------------------------


def test_units_in_several_groups_are_listed_until_they_are_decided_or_kept_in_both(study: Study) -> None:
    ctx = study.ctx
    for unit in (study.night, study.rung):
        coding.place(ctx, unit, placements=[{"code_group": study.other}])
    assert set(condensing.board(ctx, study.group).undecided) == {study.night, study.rung}
    condensing.keep_both(ctx, [study.night])
    assert condensing.board(ctx, study.other).undecided == (study.rung,)
    condensing.set_units_aside(ctx, study.other, [study.rung], "Said there already")
    assert condensing.board(ctx, study.group).undecided == ()
    history.undo(ctx)
    condensing.keep_both(ctx, [study.night, study.rung])
    assert condensing.board(ctx, study.group).undecided == ()
    assert "unit_in_several" not in {i.rule for i in checks.all_issues(ctx)}
    history.undo(ctx)
    assert condensing.board(ctx, study.group).undecided == (study.rung,)
    with pytest.raises(Refused):
        condensing.keep_both(ctx, ["no such unit"])


# -- every unit in one state -----------------------------------------------------------------------------


@contextmanager
def a_study() -> Iterator[Study]:
    with tempfile.TemporaryDirectory() as folder:
        found = Study(Path(folder))
        try:
            yield found
        finally:
            found.ctx.store.close()


def states(ctx: Context) -> Counter[str]:
    """Where every unit stands, counted per placement from the boards alone; each board holds each unit once."""
    found: Counter[str] = Counter()
    for c in code_groups.code_group_counts(ctx):
        board = condensing.board(ctx, c.group.id)
        sorted_in = [card.unit.id for s in board.subgroups for card in s.cards]
        loose, aside = ([x.unit.id for x in part] for part in (board.left_over, board.set_aside))
        everyone = sorted_in + loose + aside
        assert len(everyone) == len(set(everyone)) == c.units
        for s in board.subgroups:
            for v in s.condensates:  # a condensate holds only what stands beside it
                assert v.covers <= {card.unit.id for card in s.cards}
                assert v.condensate.golden_unit is None or v.condensate.golden_unit in set(everyone)
        found.update(sorted=len(sorted_in), left=len(loose), aside=len(aside))
    return found


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["mark", "place", "unplace", "sort", "loosen", "aside", "remove", "subgroup", "write", "tick", "golden",
             "merge", "split", "correct", "undo", "undo", "redo"]
        ),
        st.integers(0, 60), st.integers(0, 60),
    ),
    max_size=14,
)  # fmt: skip


def act_on(study: Study, act: str, a: int, b: int) -> None:
    """One act of a person through the services, on whatever `a` and `b` point at now."""
    ctx = study.ctx
    groups = [c.group.id for c in code_groups.code_group_counts(ctx)]
    one, other = groups[a % len(groups)], groups[b % len(groups)]
    units = [c.unit.id for c in coding.list_units(ctx)]
    board = condensing.board(ctx, one)
    inside = [c.unit.id for s in board.subgroups for c in s.cards] + [c.unit.id for c in board.left_over]
    some = inside[b % 3 :: 2]
    subgroups = [s.subgroup.id for s in board.subgroups]
    written = [v for s in board.subgroups for v in s.condensates]
    if act == "mark":
        text = body_of(ctx, study.source)
        word = WORDS[b % len(WORDS)]
        if word in text:
            at = text.index(word)
            rev = next(v.source.text_rev for v in sources.list_sources(ctx))
            coding.mark(ctx, study.source, at, at + len(word), text_rev=rev, placements=[{"code_group": one}])
    elif act == "place" and units:
        coding.place(ctx, units[b % len(units)], placements=[{"code_group": one}])
    elif act == "unplace" and inside:
        card = next(c for c in coding.list_units(ctx) if c.unit.id == inside[b % len(inside)])
        coding.unplace(ctx, next(p.id for p in card.placements if p.code_group == one))
    elif act == "sort" and subgroups:
        condensing.move_units(ctx, one, some, subgroups[b % len(subgroups)])
    elif act == "loosen":
        condensing.move_units(ctx, one, some, None)
    elif act == "aside":
        condensing.set_units_aside(ctx, one, some, "About the weather")
    elif act == "remove" and units:
        coding.remove_unit(ctx, units[b % len(units)])
    elif act == "subgroup":
        condensing.add_subgroup(ctx, one, name=f"Part {b}", units=some)
    elif act == "write" and subgroups:
        condensing.add_condensate(ctx, subgroups[b % len(subgroups)], text=f"I waited {b}.", covers=some)
    elif act == "tick" and written:
        v = written[b % len(written)]
        standing = next(s for s in board.subgroups if s.subgroup.id == v.condensate.subgroup)
        condensing.set_covers(ctx, v.condensate.id, [c.unit.id for c in standing.cards][b % 2 :])
    elif act == "golden" and written and some:
        condensing.set_golden(ctx, written[b % len(written)].condensate.id, some[0])
    elif act == "merge":
        code_groups.merge_code_groups(ctx, one, into=other)
    elif act == "split":
        code_groups.split_code_group(ctx, one, units=some, name="New")
    elif act == "correct":
        text = body_of(ctx, study.source)
        rev = next(v.source.text_rev for v in sources.list_sources(ctx))
        word = text.split()[b % len(text.split())]
        at = text.index(word)
        correcting.correct_text(ctx, study.source, at, at + len(word), word + "x", text_rev=rev, quote=word)


@settings(max_examples=40, deadline=None)
@given(ACTS)
def test_whatever_is_done_and_undone_the_states_of_the_units_sum_to_the_units(
    acts: list[tuple[str, int, int]],
) -> None:
    with a_study() as study:
        ctx = study.ctx
        for unit in WORDS[4:]:
            mark_words(ctx, study.source, unit, study.other)
        floor = history.list_operations(ctx)[0].seq
        for act, a, b in acts:
            before = dump(ctx.store)
            last = history.list_operations(ctx)[0].seq
            try:
                if act == "undo" and last > floor:
                    history.undo(ctx)
                    history.redo(ctx)
                    assert dump(ctx.store) == before
                    history.undo(ctx)
                elif act == "redo":
                    history.redo(ctx)
                else:
                    act_on(study, act, a, b)
            except Refused:
                assert dump(ctx.store) == before
            cards = coding.list_units(ctx)
            placed = sum(len(c.placements) for c in cards)
            assert states(ctx).total() == placed
            assert len(cards) == sum(bool(c.placements) for c in cards) + code_groups.count_unplaced(ctx)
            for id in views(ctx):
                stale(ctx, id)  # its reasons are whole, and the same from both sides
        assert verify(ctx.store.path) == []


def test_the_parts_of_a_side_by_side_are_the_texts_themselves() -> None:
    from workbench.domain.wording import beside

    @given(st.lists(st.sampled_from(["I", "sat", "up ", "\n", "alone.", "😀", ""]), max_size=12).map(" ".join),
           st.lists(st.sampled_from(["I", "sat", "up ", "\n", "waited.", "😀", ""]), max_size=12).map(" ".join))  # fmt: skip
    def law(old: str, new: str) -> None:
        left, right = beside(old, new)
        assert ("".join(x for _, x in left), "".join(x for _, x in right)) == (old, new)
        same: list[Any] = [
            [" ".join(x.split()) for ok, x in side if ok and x.strip()] for side in (left, right)
        ]
        assert same[0] == same[1] or " ".join(same[0]).split() == " ".join(same[1]).split()

    law()
