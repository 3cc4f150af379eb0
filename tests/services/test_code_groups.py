"""Code groups merged, split, ordered and taken out: nothing is lost on the way, and it is known how they came to be."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import acting_as
from tests.support import dump, mark_words, tiny_project, tiny_transcript
from workbench.domain.errors import NotAllowed, Refused, StaleEdit, UndoRefused
from workbench.services import (
    code_groups,
    coding,
    condensing,
    history,
    impressions,
    projects,
    sources,
    synthesis,
)
from workbench.services.context import Context
from workbench.store.verify import verify


@contextmanager
def project() -> Iterator[tuple[Context, str]]:
    with tempfile.TemporaryDirectory() as folder:
        ctx, source = tiny_project(Path(folder))
        yield ctx, source
        ctx.store.close()


def placed(ctx: Context) -> dict[str, set[str]]:
    """Code group -> units in it."""
    found: dict[str, set[str]] = {}
    for card in coding.list_units(ctx):
        for p in card.placements:
            found.setdefault(p.code_group, set()).add(card.unit.id)
    return found


def group(ctx: Context, id: str) -> code_groups.CodeGroup:
    return next(c.group for c in code_groups.code_group_counts(ctx) if c.group.id == id)


def names(ctx: Context) -> list[str]:
    return [c.group.name for c in code_groups.code_group_counts(ctx)]


def told(ctx: Context, id: str) -> list[tuple[str, str, str, str]]:
    return [(s.kind, s.was, s.now, s.name) for s in code_groups.lineage(ctx, id)]


# -- merging -------------------------------------------------------------------------------------------


def test_merging_moves_units_subgroups_and_condensates_and_one_undo_takes_it_back(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    night = mark_words(ctx, source, "The first night", alone)
    rang = mark_words(ctx, source, "Nobody had rung", alone, calls)
    ward = mark_words(ctx, source, "I rang the ward", calls)
    sub = condensing.add_subgroup(ctx, alone, name="At night", units=[night])
    c = condensing.add_condensate(ctx, sub, text="I sat up.", covers=[night], golden_unit=night)
    before = dump(ctx.store)
    impact = code_groups.merge_impact(ctx, alone, calls)
    assert (impact.units, impact.in_both, impact.subgroups, impact.condensates) == (2, 1, 1, 1)
    assert (impact.released, impact.theme) == (0, "")

    code_groups.merge_code_groups(ctx, alone, into=calls, note="The same thing")
    assert placed(ctx) == {calls: {night, rang, ward}}
    assert names(ctx) == ["Calls"]
    board = condensing.board(ctx, calls)
    assert [s.subgroup.name for s in board.subgroups] == ["At night"]
    assert board.subgroups[0].condensates[0].condensate.id == c
    assert board.subgroups[0].condensates[0].covers == {night}
    assert {card.unit.id for card in board.left_over} == {rang, ward}
    assert verify(ctx.store.path) == []

    history.undo(ctx)
    assert dump(ctx.store) == before
    history.redo(ctx)
    assert placed(ctx) == {calls: {night, rang, ward}}


def test_a_condensate_does_not_go_stale_because_its_code_group_was_merged(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    night = mark_words(ctx, source, "The first night", alone)
    unticked = mark_words(ctx, source, "I sat up", alone)
    sub = condensing.add_subgroup(ctx, alone, name="At night", units=[night, unticked])
    condensing.add_condensate(ctx, sub, text="I sat up.", covers=[night])
    assert not condensing.board(ctx, alone).subgroups[0].condensates[0].stale
    code_groups.merge_code_groups(ctx, alone, into=calls)
    assert not condensing.board(ctx, calls).subgroups[0].condensates[0].stale
    later = mark_words(ctx, source, "Nobody had rung", calls)
    condensing.move_units(ctx, calls, [later], sub)
    assert condensing.board(ctx, calls).subgroups[0].condensates[0].stale.came == (later,)


def test_a_unit_in_both_keeps_its_subgroup_in_the_group_that_stays(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    rang = mark_words(ctx, source, "Nobody had rung", alone, calls)
    here = condensing.add_subgroup(ctx, alone, name="Here", units=[rang])
    there = condensing.add_subgroup(ctx, calls, name="There", units=[rang])
    mine = condensing.add_condensate(ctx, here, text="I waited.", covers=[rang], golden_unit=rang)
    condensing.add_condensate(ctx, there, text="I rang.", covers=[rang])
    assert code_groups.merge_impact(ctx, alone, calls).released == 1
    code_groups.merge_code_groups(ctx, alone, into=calls)
    views = {s.subgroup.id: s for s in condensing.board(ctx, calls).subgroups}
    assert [card.unit.id for card in views[there].cards] == [rang]
    assert views[there].condensates[0].covers == {rang}
    assert views[here].condensates[0].condensate.id == mine
    assert views[here].condensates[0].covers == frozenset()
    assert views[here].condensates[0].condensate.golden_unit is None


def test_a_unit_left_over_or_set_aside_where_it_goes_takes_the_subgroup_it_comes_from(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    rang = mark_words(ctx, source, "Nobody had rung", alone, calls)
    ward = mark_words(ctx, source, "I rang the ward", alone, calls)
    aside = mark_words(ctx, source, "The first night", alone, calls)
    sub = condensing.add_subgroup(ctx, alone, name="Here", units=[rang, ward])
    condensing.set_units_aside(ctx, calls, [rang], "not about calling")
    condensing.set_units_aside(ctx, alone, [aside], "not here")
    code_groups.merge_code_groups(ctx, alone, into=calls)
    board = condensing.board(ctx, calls)
    assert {card.unit.id for card in board.subgroups[0].cards} == {rang, ward}
    assert board.subgroups[0].subgroup.id == sub
    assert [card.unit.id for card in board.left_over] == [aside]  # in use in the group that stays


def test_the_same_name_may_stand_twice_among_subgroups_and_among_code_groups(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    one, other = (code_groups.add_code_group(ctx, name="Waiting") for _ in range(2))
    assert group(ctx, one).tag != group(ctx, other).tag
    for id, words in ((one, "The first night"), (other, "Nobody had rung")):
        condensing.add_subgroup(ctx, id, name="At night", units=[mark_words(ctx, source, words, id)])
    code_groups.merge_code_groups(ctx, one, into=other)
    assert [s.subgroup.name for s in condensing.board(ctx, other).subgroups] == ["At night", "At night"]


def test_a_theme_goes_along_where_the_other_has_none_and_two_are_refused(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    mark_words(ctx, source, "The first night", alone)
    mine = synthesis.add_category(ctx, alone, heading="Nobody is there")
    theirs = synthesis.add_category(ctx, calls, heading="Nobody rings")
    before = dump(ctx.store)
    assert code_groups.merge_impact(ctx, alone, calls).theme == "clash"
    with pytest.raises(Refused) as refused:
        code_groups.merge_code_groups(ctx, alone, into=calls)
    assert refused.value.code == "code_group.both_have_themes"
    assert dump(ctx.store) == before
    synthesis.retire_category(ctx, theirs)
    assert code_groups.merge_impact(ctx, alone, calls).theme == "moves"
    code_groups.merge_code_groups(ctx, alone, into=calls)
    assert synthesis.category_view(ctx, mine).category.code_group == calls


def test_a_code_group_is_not_merged_into_itself_nor_into_one_that_is_gone(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    with pytest.raises(Refused) as refused:
        code_groups.merge_code_groups(ctx, alone, into=alone)
    assert refused.value.code == "code_group.same"
    code_groups.retire_code_group(ctx, calls)
    with pytest.raises(Refused):
        code_groups.merge_code_groups(ctx, alone, into=calls)


def test_where_a_merged_code_group_went_is_followed_to_the_end(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    a, b, c, d = (code_groups.add_code_group(ctx, name=n) for n in "ABCD")
    code_groups.merge_code_groups(ctx, a, into=b)
    code_groups.merge_code_groups(ctx, b, into=c)
    code_groups.retire_code_group(ctx, d)
    with ctx.write("look") as work:
        assert [code_groups.standing(work, g) for g in (a, b, c, d, "?")] == [c, c, c, None, None]


def test_a_merge_is_not_undone_under_somebody_who_has_moved_a_unit_since(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    id = projects.add_member(ctx, name="Mads", role="researcher")
    mads = replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    night = mark_words(ctx, source, "The first night", alone)
    code_groups.merge_code_groups(ctx, alone, into=calls)
    condensing.add_subgroup(mads, calls, name="At night", units=[night])
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.params["who"] == "Mads"


# -- splitting -----------------------------------------------------------------------------------------


def test_splitting_by_units_takes_them_out_of_their_condensates_and_by_subgroup_takes_those_along(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    calls = code_groups.add_code_group(ctx, name="Calls")
    night, rang, ward = (
        mark_words(ctx, source, w, calls) for w in ("The first night", "Nobody had rung", "I rang the ward")
    )
    whole = condensing.add_subgroup(ctx, calls, name="At night", units=[night])
    part = condensing.add_subgroup(ctx, calls, name="By phone", units=[rang, ward])
    condensing.add_condensate(ctx, whole, text="I sat up.", covers=[night])
    condensing.add_condensate(ctx, part, text="I rang.", covers=[rang, ward], golden_unit=rang)
    before = dump(ctx.store)
    new = code_groups.split_code_group(ctx, calls, units=[rang], subgroups=[whole], name="Alone")
    assert placed(ctx) == {calls: {ward}, new: {night, rang}}
    board = condensing.board(ctx, new)
    assert [(s.subgroup.name, [c.covers for c in s.condensates]) for s in board.subgroups] == [
        ("At night", [{night}])
    ]
    assert [card.unit.id for card in board.left_over] == [rang]
    stayed = condensing.board(ctx, calls).subgroups[0].condensates[0]
    assert stayed.covers == {ward} and stayed.condensate.golden_unit is None
    history.undo(ctx)
    assert dump(ctx.store) == before


def test_splitting_off_nothing_or_without_a_name_is_refused(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    calls, other = (code_groups.add_code_group(ctx, name=n) for n in ("Calls", "Other"))
    unit = mark_words(ctx, source, "Nobody had rung", other)
    for how in ({"name": "New"}, {"name": "New", "units": [unit]}, {"name": "New", "subgroups": ["?"]}):
        with pytest.raises(Refused):
            code_groups.split_code_group(ctx, calls, **how)
    with pytest.raises(Refused):
        code_groups.split_code_group(ctx, other, units=[unit], name="  ")
    assert names(ctx) == ["Calls", "Other"]


WORDS = ("The first night", "sat up", "the folder", "Nobody had rung", "I rang the ward", "his", "count")
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["merge", "split", "place", "undo", "redo"]), st.integers(0, 99), st.integers(0, 99)
    ),
    max_size=7,
)


@settings(max_examples=25, deadline=None)
@given(ACTS, st.lists(st.sets(st.integers(0, 2)), min_size=len(WORDS), max_size=len(WORDS)))
def test_whatever_is_merged_split_and_undone_every_unit_keeps_a_place(
    acts: list[tuple[str, int, int]], where: list[set[int]]
) -> None:
    with project() as (ctx, source):
        first = [code_groups.add_code_group(ctx, name=n) for n in ("Same", "Same", "Other")]
        units = [
            mark_words(ctx, source, w, *(first[g] for g in gs)) for w, gs in zip(WORDS, where, strict=True)
        ]
        condensing.add_subgroup(ctx, first[0], name="Part", units=units[::2])
        floor = history.list_operations(ctx)[0].seq
        for act, a, b in acts:
            now = placed(ctx)
            groups = [c.group.id for c in code_groups.code_group_counts(ctx)]
            homes = Counter(u for us in now.values() for u in us)
            before = dump(ctx.store)
            one, other = groups[a % len(groups)], groups[b % len(groups)]
            try:
                if act == "merge":
                    impact = code_groups.merge_impact(ctx, one, other)
                    code_groups.merge_code_groups(ctx, one, into=other)
                    assert placed(ctx).get(other, set()) == now.get(one, set()) | now.get(other, set())
                    assert sum(len(u) for u in placed(ctx).values()) == homes.total() - impact.in_both
                elif act == "split":
                    chosen = set(sorted(now.get(one, ()))[: b % 4])
                    new = code_groups.split_code_group(ctx, one, units=chosen, name="New")
                    assert placed(ctx).get(new, set()) == chosen
                    assert sum(len(u) for u in placed(ctx).values()) == homes.total()
                elif act == "place":
                    coding.place(ctx, units[a % len(units)], placements=[{"code_group": other}])
                elif act == "undo" and history.list_operations(ctx)[0].seq > floor:
                    history.undo(ctx)
                    history.redo(ctx)
                    assert dump(ctx.store) == before
                    history.undo(ctx)
                else:
                    history.redo(ctx)
            except Refused:
                assert dump(ctx.store) == before
            if act in ("merge", "split"):
                assert {u for us in placed(ctx).values() for u in us} == set(homes)
        assert verify(ctx.store.path) == []


# -- changing, ordering, taking out ----------------------------------------------------------------------


def test_a_tag_is_two_letters_of_its_own(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    alone, calls = (code_groups.add_code_group(ctx, name=n) for n in ("Alone", "Calls"))
    code_groups.change_code_group(ctx, alone, rev=group(ctx, alone).rev, tag=" øå ")
    assert group(ctx, alone).tag == "ØÅ" and group(ctx, alone).name == "Alone"
    code_groups.change_code_group(ctx, alone, rev=group(ctx, alone).rev, tag="ØÅ")
    for typed, code in (("ca", "tag_taken"), ("a", "tag_letters"), ("abc", "tag_letters"), ("1a", "tag_letters"),
                        ("ß", "tag_taken")):  # fmt: skip
        if typed == "ß":  # one letter that is two in capitals
            code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, tag="ss")
        with pytest.raises(Refused) as refused:
            code_groups.change_code_group(ctx, alone, rev=group(ctx, alone).rev, tag=typed)
        assert refused.value.code == f"code_group.{code}"


def test_a_colour_is_one_of_twelve_or_the_same_hatched(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    alone = code_groups.add_code_group(ctx, name="Alone")
    code_groups.change_code_group(ctx, alone, rev=group(ctx, alone).rev, colour=23)
    assert group(ctx, alone).colour == 23
    for colour in (-1, 24):
        with pytest.raises(Refused):
            code_groups.change_code_group(ctx, alone, rev=group(ctx, alone).rev, colour=colour)


def test_two_people_on_one_definition_are_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    alone = code_groups.add_code_group(ctx, name="Alone")
    read = group(ctx, alone).rev
    code_groups.change_code_group(ctx, alone, rev=read, definition="No one there")
    with pytest.raises(StaleEdit) as stale:
        code_groups.change_code_group(ctx, alone, rev=read, definition="Lonely", note="mine")
    assert stale.value.current["definition"] == "No one there"


def test_code_groups_stand_in_the_order_given_and_those_not_named_come_after(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    ids = [code_groups.add_code_group(ctx, name=n) for n in "ABCD"]
    code_groups.order_code_groups(ctx, [ids[2], ids[0], "?", ids[2]])
    assert names(ctx) == ["C", "A", "B", "D"]
    history.undo(ctx)
    assert names(ctx) == ["A", "B", "C", "D"]


def test_a_code_group_with_a_theme_or_a_condensate_says_what_to_do(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    alone = code_groups.add_code_group(ctx, name="Alone")
    night = mark_words(ctx, source, "The first night", alone)
    sub = condensing.add_subgroup(ctx, alone, name="At night", units=[night])
    c = condensing.add_condensate(ctx, sub, text="I sat up.", covers=[night])
    theme = synthesis.add_category(ctx, alone, heading="Nobody is there")
    for code, away in (("has_theme", lambda: synthesis.retire_category(ctx, theme)),
                       ("has_condensates", lambda: condensing.retire_condensate(ctx, c))):  # fmt: skip
        with pytest.raises(Refused) as refused:
            code_groups.retire_code_group(ctx, alone)
        assert refused.value.code == f"code_group.{code}"
        away()
    code_groups.retire_code_group(ctx, alone, note="Too thin")
    assert placed(ctx) == {} and len(coding.list_units(ctx)) == 1
    assert [(s.kind, s.note) for s in code_groups.lineage(ctx, alone)][-1] == ("retired", "Too thin")


def test_only_researchers_change_code_groups(ctx: Context) -> None:
    some = code_groups.code_group_counts(ctx)[0].group
    for role in ("facilitator", "steering"):
        other = acting_as(ctx, role)
        for act in (
            lambda o=other: code_groups.lineage(o, some.id),
            lambda o=other: code_groups.merge_impact(o, some.id, some.id),
            lambda o=other: code_groups.order_code_groups(o, [some.id]),
            lambda o=other: code_groups.split_code_group(o, some.id, name="x"),
            lambda o=other: code_groups.merge_code_groups(o, some.id, into=some.id),
        ):
            with pytest.raises(NotAllowed):
                act()


# -- lineage -------------------------------------------------------------------------------------------


def test_the_lineage_tells_names_merges_splits_themes_and_notes_in_order(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    own = impressions.add_theme(ctx, title="Nobody's")
    with pytest.raises(Refused):
        code_groups.add_code_group(ctx, name="Calls", grown_from=[own])
    impressions.submit_themes(ctx)
    theme = impressions.agree_theme(ctx, title="Nobody's", merged=(own,))
    calls = code_groups.add_code_group(ctx, name="Calls", grown_from=[theme])
    alone = code_groups.add_code_group(ctx, name="Alone")
    night = mark_words(ctx, source, "The first night", calls)
    mark_words(ctx, source, "Nobody had rung", alone)
    code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, name="Ringing", note="Wider")
    code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, colour=5)
    code_groups.order_code_groups(ctx, [alone, calls])
    code_groups.merge_code_groups(ctx, alone, into=calls, note="The same")
    new = code_groups.split_code_group(ctx, calls, units=[night], name="At night")
    assert told(ctx, calls) == [
        ("added", "", "Calls", ""),
        ("grown_from", "", "", "Nobody's"),
        ("name", "Calls", "Ringing", ""),
        ("merged_from", "", "", "Alone"),
        ("split_into", "", "", "At night"),
    ]
    assert [s.note for s in code_groups.lineage(ctx, calls)] == ["", "", "Wider", "The same", ""]
    assert [s.n for s in code_groups.lineage(ctx, calls)] == [0, 0, 0, 1, 1]
    assert told(ctx, alone) == [("added", "", "Alone", ""), ("merged_into", "", "", "Ringing")]
    assert told(ctx, new) == [("split_from", "", "At night", "Ringing")]
    assert {s.who for s in code_groups.lineage(ctx, calls)} == {"Researcher"}


def test_what_was_undone_is_no_part_of_the_lineage_until_it_is_redone(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    calls, alone = (code_groups.add_code_group(ctx, name=n) for n in ("Calls", "Alone"))
    code_groups.merge_code_groups(ctx, alone, into=calls)
    history.undo(ctx)
    assert told(ctx, calls) == [("added", "", "Calls", "")]
    assert told(ctx, alone) == [("added", "", "Alone", "")]
    history.redo(ctx)
    assert [s[0] for s in told(ctx, calls)] == ["added", "merged_from"]


def test_a_text_written_in_several_goes_on_one_day_is_one_step(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    calls = code_groups.add_code_group(ctx, name="Calls")
    for typed in ("Who", "Who rings", "Who rings whom"):
        code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, definition=typed)
    assert told(ctx, calls)[1:] == [("definition", "", "Who rings whom", "")]
    code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, definition="")
    assert told(ctx, calls)[1:] == []


def test_an_erased_image_says_nothing(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    calls = code_groups.add_code_group(ctx, name="Calls")
    code_groups.change_code_group(ctx, calls, rev=group(ctx, calls).rev, name="Ringing")
    with ctx.store.read() as conn:
        conn.execute("COMMIT")
        conn.execute(
            "UPDATE change SET before=NULL, after=NULL, salt=NULL WHERE row_id=? AND before IS NOT NULL",
            (calls,),
        )
    assert told(ctx, calls) == [("added", "", "Calls", "")]


def test_a_second_source_is_merged_as_well(tmp_path: Path) -> None:
    ctx, first = tiny_project(tmp_path)
    second = sources.import_source(ctx, tiny_transcript(name="two.txt"), b"raw", title="Interview 2")
    calls, alone = (code_groups.add_code_group(ctx, name=n) for n in ("Calls", "Alone"))
    here, there = (mark_words(ctx, s, "Nobody had rung", alone) for s in (first, second))
    code_groups.merge_code_groups(ctx, alone, into=calls)
    assert placed(ctx) == {calls: {here, there}}
