"""What two sides have made of one row: told thing by thing, and never more than was said."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.merging import (
    HASH,
    PLACE,
    PLACING,
    Row,
    Thing,
    Values,
    differs_still,
    in_common,
    is_untouched,
    is_whole,
    said,
    same,
    says_more,
    things,
    values_of,
)

GROUP = ("id", "name", "definition", "position", "colour", "tag")
UNIT = ("id", "source", "member", *PLACE)
PLACED = ("id", "unit", "member", *PLACING)


def as_it_is(row: Row, thing: Thing) -> Values | None:
    return values_of(row, thing)


def group(**changed: Any) -> Row:
    return {"id": "g", "name": "Alone", "definition": "", "position": 1, "colour": 0, "tag": "AL", **changed}


def unit(**changed: Any) -> Row:
    row = {"id": "u", "source": "s", "member": "m", "text_rev": 1, "start": 4, "end": 9, "mac": "x"}
    return {**row, **changed}


def placed(**changed: Any) -> Row:
    row = {"id": "p", "unit": "u", "member": "m", "code_group": "g", "subgroup": None, "set_aside": None}
    return {**row, **changed}


def test_every_column_is_compared_once_and_a_place_is_one_thing() -> None:
    assert things("unit", UNIT) == [PLACE, ("id",), ("source",), ("member",)]
    assert things("placement", PLACED, {"member"}) == [PLACING, ("id",), ("unit",)]
    assert things("source", ("id", "title", "text_rev")) == [("id",), ("title",)]


def test_what_only_they_have_changed_is_what_they_have_said() -> None:
    assert said("code_group", GROUP, group(), group()) == []
    told = said("code_group", GROUP, group(), group(name="Alone at night", id="another"))
    assert told == [(("name",), ("Alone at night",))]
    assert said("unit", UNIT, unit(), unit(end=12)) == [(PLACE, (1, 4, 12, "x"))]


def test_a_column_that_the_earlier_row_did_not_have_is_as_it_was() -> None:
    assert said("code_group", GROUP, {"name": "Alone"}, group(definition="With nobody to ask")) == []


def test_of_a_row_made_without_knowing_of_ours_nothing_said_is_no_contradiction() -> None:
    assert said("placement", PLACED, None, placed()) == [(("unit",), ("u",))]
    assert (PLACING, ("g", "s", None)) in said("placement", PLACED, None, placed(subgroup="s"))
    told = said("code_group", GROUP, None, group(definition="With nobody to ask"))
    assert [thing for thing, _ in told] == [
        ("name",),
        ("definition",),
    ]  # tag, order and colour need not agree


def test_an_order_and_a_colour_are_nothing_that_somebody_would_miss() -> None:
    assert not says_more("code_group", GROUP, group(), group(position=7, colour=3))
    assert says_more("code_group", GROUP, group(), group(position=7, definition="With nobody to ask"))
    assert says_more("code_group", GROUP, None, group())


def test_a_mark_carried_to_a_corrected_text_is_untouched() -> None:
    before, here = unit(), unit(text_rev=2, start=6, end=11)
    assert not is_untouched(PLACE, here, before, as_it_is)
    assert is_untouched(PLACE, here, before, lambda _row, _thing: (2, 6, 11, "y"))
    assert not is_untouched(PLACE, here, before, lambda _row, _thing: None)
    assert same(PLACE, (1, 4, 9, "x"), (1, 4, 9, "y")) and not same(PLACE, (1, 4, 9, "x"), (1, 4, 8, "x"))


def test_a_row_is_whole_until_somebody_changes_more_than_its_order() -> None:
    assert is_whole("code_group", GROUP, group(position=9, colour=2), group(), as_it_is)
    assert not is_whole("code_group", GROUP, group(name="Lonely"), group(), as_it_is)


@given(
    st.fixed_dictionaries({c: st.sampled_from(["", "a", "b", "c"]) for c in GROUP}),
    st.fixed_dictionaries({c: st.sampled_from(["", "a", "b", "c"]) for c in GROUP}),
    st.fixed_dictionaries({c: st.sampled_from(["", "a", "b", "c"]) for c in GROUP}),
)
def test_taking_what_they_said_where_nobody_here_said_anything_overwrites_nothing(
    before: Row, here: Row, there: Row
) -> None:
    merged = dict(here)
    for thing, values in said("code_group", GROUP, before, there):
        if is_untouched(thing, here, before, as_it_is):
            merged |= dict(zip(thing, values, strict=True))
    for c in GROUP:
        assert merged[c] in (here[c], there[c])
        assert merged[c] == here[c] or here[c] == before[c]
        if c != "id" and there[c] != before[c] and here[c] == before[c]:
            assert merged[c] == there[c]


def test_a_difference_is_one_until_both_sides_are_alike() -> None:
    assert differs_still("changed", ("name",), group(), {"name": "Lonely"})
    assert not differs_still("changed", ("name",), group(), {"name": "Alone"})
    assert differs_still("changed", ("name",), None, {"name": "Alone"})
    assert differs_still("taken_out_there", (), group(), {}) and not differs_still(
        "taken_out_there", (), None, {}
    )
    for kind in ("taken_out_here", "words_gone", "rests_on_gone"):
        assert differs_still(kind, (), None, {}) and not differs_still(kind, (), group(), {})
    assert differs_still("text", ("turn 3",), {}, {"turn": 3})


def test_two_chains_have_in_common_what_they_begin_with() -> None:
    a, b, c = ("a" * HASH), ("b" * HASH), ("c" * HASH)
    assert in_common("", a) == in_common(b, a) == 0
    assert in_common(a + b, a + b + c) == in_common(a + b + a, a + b + c) == 2
