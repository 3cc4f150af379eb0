"""The matrix of units: many placed, moved, taken out and settled in one operation, and cards from a table."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import acting_as
from tests.many_units import make_many
from workbench.domain.errors import NotAllowed, Refused
from workbench.domain.unit_ids import short_ids
from workbench.services import code_groups, coding, condensing, history, projects, sources, units
from workbench.services.context import Context
from workbench.services.units import KEEP, Moved, Skipped


@pytest.fixture
def small(tmp_path: Path) -> Context:
    """24 invented units: 5 code groups, the first two with subgroups, three units in none."""
    return make_many(tmp_path / "small.db", 24, loose=3, per_source=12)


def rows(ctx: Context) -> dict[str, units.UnitRow]:
    return {r.id: r for r in units.list_rows(ctx).rows}


def held(row: units.UnitRow, n: int = 0) -> Moved:
    """The unit as a person who looks at it now would take hold of it."""
    place = row.standing.places[n]
    return Moved(row.id, place.id, place.subgroup)


def groups_of(ctx: Context, unit: str) -> set[str]:
    return {p.code_group for p in rows(ctx)[unit].standing.places}


def placed(ctx: Context) -> list[units.UnitRow]:
    return [r for r in rows(ctx).values() if len(r.standing.places) == 1]


def other(ctx: Context) -> Context:
    """A second analyst on the same project."""
    id = projects.add_member(ctx, name="Mads Bro", role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def codes(ctx: Context) -> list[str]:
    return [g.id for g in units.names(ctx).code_groups]


def test_a_unit_is_shown_with_its_words_speakers_and_where_it_stands(ctx: Context):
    found = rows(ctx)
    cards = {c.unit.id: c for c in coding.list_units(ctx)}
    assert found.keys() == cards.keys()
    for id, row in found.items():
        card = cards[id]
        assert (row.text, row.turn, row.source) == (card.unit.text, card.unit.turn, card.unit.source)
        assert tuple(p for p, _ in row.speakers if p) == card.unit.participants
        assert [name for _, name in row.speakers] == list(card.unit.speakers)
        assert [(p.code_group, p.subgroup) for p in row.standing.places] == [
            (p.code_group, p.subgroup) for p in card.placements
        ]


def test_moving_many_is_one_operation_and_undo_puts_them_back(small: Context):
    before = rows(small)
    target = codes(small)[4]
    moved = [r for r in placed(small) if r.standing.places[0].code_group != target]
    assert units.move(small, [held(r) for r in moved], target) == []
    assert all(groups_of(small, r.id) == {target} for r in moved)
    assert history.peek(small).undo.startswith(f"moved units to Asking for help ({len(moved)})")
    history.undo(small)
    assert {id: r.standing.places for id, r in rows(small).items()} == {
        id: r.standing.places for id, r in before.items()
    }


def test_what_somebody_else_moved_meanwhile_stays_where_they_put_it_and_is_said(small: Context):
    first, second = placed(small)[:2]
    mine, theirs, third = codes(small)[4], codes(small)[3], codes(small)[2]
    mads = other(small)
    was = first.standing.places[0].code_group
    there = theirs if was != theirs else third
    units.move(mads, [held(first)], there)
    skipped = units.move(small, [held(first), held(second)], mine)
    assert skipped == [Skipped(first.id, "moved", "Mads Bro")]
    assert groups_of(small, first.id) == {there}
    assert groups_of(small, second.id) == {mine}
    assert units.said(skipped).startswith("Mads Bro has placed this unit otherwise")


def test_a_unit_that_somebody_took_out_or_whose_mark_is_gone_is_not_brought_back(small: Context):
    first, second = placed(small)[:2]
    mads = other(small)
    units.take_out(mads, [held(first)])
    coding.remove_unit(mads, second.id)
    skipped = units.move(small, [held(first), held(second)], codes(small)[4])
    assert [(s.unit, s.why) for s in skipped] == [(first.id, "moved"), (second.id, "gone")]
    assert groups_of(small, first.id) == set()


def test_one_that_was_without_a_group_and_has_been_placed_meanwhile_is_left_there(small: Context):
    loose = next(r for r in rows(small).values() if not r.standing.places)
    units.copy(other(small), [Moved(loose.id, None)], codes(small)[0])
    assert units.move(small, [Moved(loose.id, None)], codes(small)[1])[0].who == "Mads Bro"
    assert groups_of(small, loose.id) == {codes(small)[0]}


def test_a_copied_unit_stands_in_both_and_copying_twice_changes_nothing(small: Context):
    row = placed(small)[0]
    was = row.standing.places[0].code_group
    target = next(g for g in codes(small) if g != was)
    units.copy(small, [held(row)], target)
    units.copy(small, [held(row)], target)
    assert groups_of(small, row.id) == {was, target}
    assert len(rows(small)[row.id].standing.places) == 2


def test_moving_a_unit_to_a_group_it_is_in_already_leaves_one_placement(small: Context):
    row = next(r for r in rows(small).values() if len(r.standing.places) == 2)
    stays = row.standing.places[1].code_group
    assert units.move(small, [held(row, 0)], stays) == []
    assert groups_of(small, row.id) == {stays}


def test_a_new_group_and_a_new_subgroup_are_made_with_the_move(small: Context):
    row = placed(small)[0]
    group, subgroup = small.new_id(), small.new_id()
    units.move(
        small, [held(row)], group, subgroup=subgroup, new_code_groups=[{"id": group, "name": "Nights"}],
        new_subgroups=[{"id": subgroup, "code_group": group, "name": "Before two"}],
    )  # fmt: skip
    place = rows(small)[row.id].standing.places[0]
    assert (place.code_group, place.subgroup) == (group, subgroup)
    history.undo(small)
    assert group not in codes(small)
    assert groups_of(small, row.id) == {row.standing.places[0].code_group}


def test_a_unit_that_leaves_a_group_or_a_subgroup_is_let_go_by_its_condensates(small: Context):
    sub = next(s for s in units.names(small).subgroups)
    inside = [r for r in placed(small) if r.standing.places[0].subgroup == sub.id]
    assert len(inside) >= 1
    row = inside[0]
    held_by = condensing.add_condensate(small, sub.id, text="I wait.", covers=[row.id], golden_unit=row.id)
    units.move(small, [held(row)], sub.code_group, subgroup=None)

    def condensate():
        board = condensing.board(small, sub.code_group)
        return next(c for s in board.subgroups for c in s.condensates if c.condensate.id == held_by)

    assert condensate().covers == frozenset()
    assert condensate().condensate.golden_unit is None
    history.undo(small)
    assert condensate().covers == {row.id}
    units.take_out(small, [held(rows(small)[row.id])])
    assert condensate().covers == frozenset()


def test_a_move_within_the_group_that_names_no_subgroup_keeps_the_one_it_has(small: Context):
    row = next(r for r in placed(small) if r.standing.places[0].subgroup)
    place = row.standing.places[0]
    units.move(small, [held(row)], place.code_group, subgroup=KEEP)
    assert rows(small)[row.id].standing.places == (place,)


def test_units_kept_in_all_their_groups_are_remembered_until_they_come_into_another(small: Context):
    row = next(r for r in rows(small).values() if len(r.standing.places) == 2)
    seen = groups_of(small, row.id)
    assert units.settle(small, {row.id: sorted(seen)}) == []
    assert set(rows(small)[row.id].standing.settled) == seen
    history.undo(small)
    assert rows(small)[row.id].standing.settled == ()
    units.settle(small, {row.id: sorted(seen)})  # after an undo it can be said again
    assert set(rows(small)[row.id].standing.settled) == seen
    third = next(g for g in codes(small) if g not in seen)
    units.copy(small, [held(row)], third)
    assert third not in rows(small)[row.id].standing.settled


def test_only_one_group_takes_the_unit_out_of_the_others(small: Context):
    row = next(r for r in rows(small).values() if len(r.standing.places) == 2)
    stays, leaves = (p.code_group for p in row.standing.places)
    assert units.settle(small, {row.id: [stays, leaves]}, only=stays) == []
    assert groups_of(small, row.id) == {stays}


def test_a_unit_that_was_seen_in_other_groups_than_it_is_in_is_not_settled(small: Context):
    row = next(r for r in rows(small).values() if len(r.standing.places) == 2)
    seen = sorted(groups_of(small, row.id))
    units.copy(other(small), [held(row)], next(g for g in codes(small) if g not in seen))
    assert units.settle(small, {row.id: seen}, only=seen[0]) == [Skipped(row.id, "moved", "Mads Bro")]
    assert len(groups_of(small, row.id)) == 3


def test_a_group_that_was_taken_out_meanwhile_is_a_sentence_and_nothing_moves(small: Context):
    row = placed(small)[0]
    gone = next(g for g in codes(small) if g != row.standing.places[0].code_group)
    code_groups.retire_code_group(small, gone)
    with pytest.raises(Refused, match=r"units\.group_gone"):
        units.move(small, [held(row)], gone)
    assert groups_of(small, row.id) == {row.standing.places[0].code_group}


def test_a_group_that_was_merged_meanwhile_leads_to_the_one_it_was_merged_into(small: Context):
    row = placed(small)[0]
    was, into = [g for g in codes(small) if g != row.standing.places[0].code_group][:2]
    code_groups.merge_code_groups(small, was, into=into)
    units.move(small, [held(row)], was)
    assert groups_of(small, row.id) == {into}


def test_the_same_unit_taken_from_two_groups_at_once_ends_in_one(small: Context):
    row = next(r for r in rows(small).values() if len(r.standing.places) == 2)
    target = next(g for g in codes(small) if g not in groups_of(small, row.id))
    assert units.move(small, [held(row, 0), held(row, 1)], target) == []
    assert groups_of(small, row.id) == {target}


def test_what_the_browser_sent_is_done_once_and_answered_with_a_sentence_where_something_was_left(
    small: Context,
):
    first, second = placed(small)[:2]
    target = next(
        g for g in codes(small) if g not in groups_of(small, first.id) | groups_of(small, second.id)
    )
    new = small.new_id()
    op = {"id": small.new_id(), "project": small.store.id, "member": small.member.id, "source": "units", "verb": "move",
          "code_group": target, "units": [[first.id, first.standing.places[0].id, first.standing.places[0].subgroup, new],
                                          [second.id, "no such placement", None, small.new_id()]]}  # fmt: skip
    answers = coding.apply_operations(small, [op])
    assert answers[op["id"]].startswith("Somebody else has placed this unit otherwise")
    assert [p.id for p in rows(small)[first.id].standing.places] == [new]
    before = units.list_rows(small).rev
    assert coding.apply_operations(small, [op]) == {op["id"]: None}
    assert units.list_rows(small).rev == before


def test_a_malformed_operation_is_answered_and_changes_nothing(small: Context):
    for broken in ({"verb": "move"}, {"verb": "move", "units": [["x"]], "code_group": 3}, {"verb": "settle", "seen": [1]},
                   {"verb": "take_out", "units": 7}):  # fmt: skip
        op = {
            "id": small.new_id(),
            "project": small.store.id,
            "member": small.member.id,
            "source": "units",
        } | broken
        before = units.list_rows(small).rev
        assert coding.apply_operations(small, [op])[op["id"]]
        assert units.list_rows(small).rev == before


def test_who_may_not_analyse_may_not_move(ctx: Context):
    facilitator = acting_as(ctx, "facilitator")
    for act in (lambda: units.move(facilitator, [], "x"), lambda: units.take_out(facilitator, []),
                lambda: units.copy(facilitator, [], "x"), lambda: units.settle(facilitator, {}),
                lambda: units.place_cards(facilitator, "", seen=0)):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()


# -- what has changed since ----------------------------------------------------------------------------------


def test_after_an_operation_only_the_units_it_touched_travel(small: Context):
    before = units.list_rows(small)
    row, gone = placed(small)[:2]
    target = next(g for g in codes(small) if g != row.standing.places[0].code_group)
    units.move(small, [held(row)], target)
    coding.remove_unit(small, gone.id)
    now = units.list_rows(small, since=before.rev)
    assert {s.unit for s in now.standing} == {row.id, gone.id}
    assert now.rows == ()
    assert now.gone == (gone.id,)
    assert now.speaking == before.speaking


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_placements_always_add_up_and_undoing_everything_brings_back_the_beginning(
    tmp_path_factory, seed: int
):
    dice = random.Random(seed)
    ctx = make_many(tmp_path_factory.mktemp("law") / "p.db", 14, loose=2, per_source=7, groups=3)
    subs = {s.id: s.code_group for s in units.names(ctx).subgroups}
    beginning = {id: r.standing for id, r in rows(ctx).items()}
    start = units.list_rows(ctx)
    done = 0
    for _ in range(14):
        now = list(rows(ctx).values())
        some = dice.sample(now, dice.randint(1, 6))
        held_now = [held(r, dice.randrange(len(r.standing.places))) if r.standing.places else Moved(r.id, None)
                    for r in some]  # fmt: skip
        group = dice.choice(codes(ctx))
        subgroup = dice.choice([KEEP, None, *(s for s, g in subs.items() if g == group)])
        rev = units.list_rows(ctx).rev
        match dice.randrange(6):
            case 0 | 1:
                assert units.move(ctx, held_now, group, subgroup=subgroup) == []
            case 2:
                units.copy(ctx, held_now, group, subgroup=subgroup)
            case 3:
                units.take_out(ctx, [h for h in held_now if h.placement])
            case 4:
                units.settle(ctx, {r.id: [p.code_group for p in r.standing.places] for r in some})
            case _ if done:
                history.undo(ctx)
                done -= 2
        done += units.list_rows(ctx).rev > rev
        after = rows(ctx)
        assert after.keys() == beginning.keys()
        for r in after.values():
            groups = [p.code_group for p in r.standing.places]
            assert len(groups) == len(set(groups))
            assert all(p.subgroup is None or subs[p.subgroup] == p.code_group for p in r.standing.places)
        for g in codes(ctx):
            here = [p for r in after.values() for p in r.standing.places if p.code_group == g]
            board = condensing.board(ctx, g)
            assert len(here) == sum(len(s.cards) for s in board.subgroups) + len(board.left_over) + len(
                board.set_aside
            )
            assert {c.group.id: c.units for c in code_groups.code_group_counts(ctx)}[g] == len(here)
        # What is sent as changed, put over what was sent first, is what is.
        told = {r.id: r.standing for r in start.rows} | {
            s.unit: s for s in units.list_rows(ctx, since=start.rev).standing
        }
        assert told == {id: r.standing for id, r in after.items()}
    for _ in range(done):
        history.undo(ctx)
    assert {id: set(s.places) for id, s in beginning.items()} == {
        id: set(r.standing.places) for id, r in rows(ctx).items()
    }


# -- cards from the table ------------------------------------------------------------------------------------


def short(ctx: Context) -> dict[str, str]:
    return short_ids(units.list_rows(ctx).units)


def test_cards_typed_as_they_lay_are_understood_before_anything_is_done(small: Context):
    code = short(small)
    a, b, c, d = list(code)[:4]
    g = units.names(small).code_groups
    sub = next(s for s in units.names(small).subgroups if s.code_group == g[0].id)
    typed = (
        f"{g[0].tag.lower()}: {code[a].lower()} {code[b].replace('0', 'o')}\n"
        f"{g[1].name} / Late at night: {code[c]}, {code[a]}\n"
        f"{g[0].tag} / {sub.name.upper()}\n{code[d]}\nZZZZZ\n"
        f"Nights without sleep: {code[d]}\n"
    )
    before = units.list_rows(small).rev
    found = units.read_cards(small, typed)
    assert units.list_rows(small).rev == before
    assert [(p.code_group, p.subgroup, p.subgroup_name, p.units) for p in found.piles] == [
        (g[0].id, None, "", (a, b)),
        (g[1].id, None, "Late at night", (c, a)),
        (g[0].id, sub.id, sub.name, (d,)),
        (None, None, "", (d,)),
    ]
    assert found.piles[3].name == "Nights without sleep"
    assert found.unknown == ("ZZZZZ",)


def test_cards_are_placed_in_one_operation_and_leave_the_groups_they_did_not_lie_in(small: Context):
    code = short(small)
    a, b = [r.id for r in placed(small)[:2]]
    g = units.names(small).code_groups
    typed = f"{g[3].tag}: {code[a]} {code[b]}\n{g[4].tag} / At night: {code[a]}\nA pile of its own: {code[b]}"
    found = units.read_cards(small, typed)
    assert units.place_cards(small, typed, seen=found.rev) == []
    assert groups_of(small, a) == {g[3].id, g[4].id}
    made = next(x for x in units.names(small).code_groups if x.name == "A pile of its own")
    assert groups_of(small, b) == {g[3].id, made.id}
    assert units.list_rows(small).rev == found.rev + 1
    history.undo(small)
    assert made.id not in codes(small)


def test_cards_may_keep_where_they_were_as_well(small: Context):
    row = placed(small)[0]
    g = next(x for x in units.names(small).code_groups if x.id not in groups_of(small, row.id))
    typed = f"{g.tag}: {short(small)[row.id]}"
    units.place_cards(small, typed, seen=units.read_cards(small, typed).rev, stay=True)
    assert groups_of(small, row.id) == {row.standing.places[0].code_group, g.id}


def test_a_card_whose_unit_was_moved_after_it_was_read_is_left_alone(small: Context):
    row = placed(small)[0]
    free = [x for x in units.names(small).code_groups if x.id not in groups_of(small, row.id)]
    typed = f"{free[0].tag}: {short(small)[row.id]}"
    seen = units.read_cards(small, typed).rev
    units.move(other(small), [held(row)], free[1].id)
    assert [s.who for s in units.place_cards(small, typed, seen=seen)] == ["Mads Bro"]
    assert groups_of(small, row.id) == {free[1].id}


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_pasted_is_understood_or_named(small: Context, typed: str):
    found = units.read_cards(small, typed)
    assert all(p.name or p.code_group for p in found.piles)


# -- waves ---------------------------------------------------------------------------------------------------


def test_a_wave_is_named_once_shared_by_its_sources_and_goes_with_the_last_of_them(small: Context):
    one, two = (v.source.id for v in sources.list_sources(small))
    sources.set_wave(small, one, None, new="At discharge")
    sources.set_wave(small, two, None, new="at discharge ")
    wave = sources.wave_of(small, one)
    assert wave == sources.wave_of(small, two)
    assert [w.name for w in sources.list_waves(small)] == ["At discharge"]
    sources.set_wave(small, one, None)
    assert len(sources.list_waves(small)) == 1
    sources.set_wave(small, two, None)
    assert sources.list_waves(small) == []
    history.undo(small)
    assert [w.name for w in sources.list_waves(small)] == ["At discharge"]
    assert units.names(small).waves[0].id == sources.wave_of(small, two)


def test_five_thousand_units_are_listed_in_a_moment(tmp_path: Path):
    import time

    ctx = make_many(tmp_path / "many.db", 5000)
    best = min(_timed(lambda: units.list_rows(ctx), time.perf_counter) for _ in range(5))
    assert best < 0.15 * 2, f"{best:.3f} s"  # twice the figure: the machine does other things as well


def _timed(act, clock) -> float:
    begin = clock()
    act()
    return clock() - begin
