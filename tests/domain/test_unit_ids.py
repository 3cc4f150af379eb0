"""Short ids: printed on cards, typed back from a table."""

import random

from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import unit_ids
from workbench.domain.unit_ids import find, find_all, meant, short_ids

IDS = st.lists(st.uuids().map(str), unique=True, max_size=60)


@given(IDS)
def test_every_unit_is_found_by_its_own_short_id_and_no_two_share_one(ids):
    short = short_ids(ids)
    assert set(short) == set(ids)
    assert len(set(short.values())) == len(ids)
    assert find_all(ids, short.values()) == {code: id for id, code in short.items()}


@given(IDS.filter(bool), st.data())
def test_a_short_id_typed_as_hands_type_is_found(ids, data):
    id = data.draw(st.sampled_from(ids))
    code = short_ids(ids)[id]
    slips = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(data.draw(st.sampled_from(slips.get(c, c + c.lower()))) for c in code)
    gap = data.draw(st.sampled_from(["", " ", "-", " - ", "\u00a0", "–"]))
    at = data.draw(st.integers(0, len(typed)))
    assert find(ids, typed[:at] + gap + typed[at:]) == id


@given(IDS, st.text(max_size=12))
def test_anything_typed_finds_one_unit_or_none(ids, typed):
    found = find(ids, typed)
    assert found is None or short_ids(ids)[found][:5] == meant(typed)[:5]


def test_the_same_unit_has_the_same_id_on_every_paper():
    id = "7d0f3c52-2f0c-4f5e-9a53-0f3a1d7a9a10"
    assert short_ids([id])[id] == short_ids([id, "another", "third"])[id] == "0DEE7"
    assert len(unit_ids._code("x", 51)) == 51


def test_units_that_would_share_an_id_get_longer_ones_and_the_shared_start_finds_neither():
    # Some 10,000 random ids have a pair alike in five characters of base32.
    made = random.Random(3)
    ids = [f"{made.getrandbits(128):032x}" for _ in range(12_000)]
    short = short_ids(ids)
    longer = [id for id in ids if len(short[id]) > 5]
    assert longer
    assert find_all(ids, [short[id] for id in longer]) == {short[id]: id for id in longer}
    assert find(ids, short[longer[0]][:5]) is None


def test_too_little_is_nobody():
    ids = ["a", "b"]
    assert find(ids, short_ids(ids)["a"][:4]) is None
    assert find(ids, "") is None
