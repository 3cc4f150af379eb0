"""Laws of the count: what positions come to under a rule, whoever says them in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.errors import Refused
from workbench.domain.voting import ADOPTING, CHOICES, RULES, Position, Seat, count

# The arrangement of South Somerset (VIVE 5.4.1): 14 seats, primary care holds the majority, general practice the
# chair and a veto. The source gives no vote; these are invented.
PRIMARY = [Seat("GP 1", is_chair=True, has_veto=True), *(Seat(f"GP {n}", has_veto=True) for n in range(2, 6)),
           *(Seat(f"Community nursing {n}") for n in range(1, 4))]  # fmt: skip
OTHERS = [Seat(f"Hospital {n}") for n in range(1, 4)] + [Seat(f"County {n}") for n in range(1, 4)]
SOMERSET = [*PRIMARY, *OTHERS]


def said(seats: list[Seat], choice: str) -> list[Position]:
    return [Position(s.name, choice) for s in seats]


def test_an_invented_vote_of_fourteen_seats_passes_by_ten_to_four() -> None:
    found = count("majority", SOMERSET, said(SOMERSET[:10], "agree") + said(SOMERSET[10:], "against"))
    assert len(SOMERSET) == 14 and len(PRIMARY) > len(OTHERS)
    assert (found.result, found.because, found.agreed, found.against) == ("adopted", "majority", 10, 4)


def test_a_veto_by_a_seat_that_has_one_blocks_it_and_by_another_seat_does_not() -> None:
    votes = said(SOMERSET[1:11], "agree") + said(SOMERSET[11:], "against")
    assert count("majority", SOMERSET, [Position("GP 1", "against", veto=True), *votes]).result == "vetoed"
    last = [Position(p.seat, p.choice, veto=p.choice == "against") for p in votes]  # the county has none
    assert count("majority", SOMERSET, last).result == "adopted"
    assert count("majority", SOMERSET, [Position("GP 1", "against", veto=True), *votes]).vetoed_by == (
        "GP 1",
    )


def test_on_a_tie_the_chairs_seat_decides_and_without_it_nothing_is_decided() -> None:
    seats = [Seat("Chair", is_chair=True), *(Seat(x) for x in "abc")]
    two = [Position("a", "agree"), Position("b", "against"), Position("c", "abstain")]
    assert count("majority", seats, [*two]).result == "undecided"
    tie = [
        Position("Chair", "agree"),
        Position("a", "agree"),
        Position("b", "against"),
        Position("c", "against"),
    ]
    assert (count("majority", seats, tie).result, count("majority", seats, tie).because) == (
        "adopted",
        "chair",
    )
    tie[0], tie[2] = Position("Chair", "against"), Position("b", "agree")
    assert count("majority", seats, tie).result == "rejected"


def test_consensus_holds_with_reservations_and_not_with_somebody_against() -> None:
    seats = [Seat(x) for x in "abc"]
    some = [Position("a", "agree"), Position("b", "agree_with_reservation")]
    assert count("consensus", seats, some).result == "with_reservations"
    assert count("consensus", seats, some).silent == 1
    assert count("consensus", seats, [*some, Position("c", "against")]).result == "undecided"
    assert count("consensus", seats, said(seats, "against")).result == "rejected"


def test_a_seat_with_two_positions_and_a_rule_nobody_knows_are_refused() -> None:
    with pytest.raises(Refused, match=r"vote\.twice"):
        count("majority", [Seat("a")], [Position("a", "agree"), Position("a", "against")])
    with pytest.raises(Refused, match=r"vote\.unknown_rule"):
        count("loudest", [], [])


_seats = st.lists(
    st.builds(
        Seat,
        st.sampled_from("abcdefgh"),
        may_vote=st.booleans(),
        has_veto=st.booleans(),
        is_chair=st.booleans(),
    ),
    unique_by=lambda s: s.name,
)
_positions = st.lists(
    st.builds(Position, st.sampled_from("abcdefghij"), st.sampled_from(CHOICES), st.booleans()),
    unique_by=lambda p: p.seat,
)


@given(st.sampled_from(RULES), _seats, _positions, st.randoms())
def test_the_order_in_which_positions_are_taken_changes_nothing(rule, seats, positions, random) -> None:  # type: ignore[no-untyped-def]
    mixed = list(positions)
    random.shuffle(mixed)
    chairs = [s for s in seats if s.is_chair]
    if len(chairs) < 2:
        a, b = count(rule, seats, positions), count(rule, seats, mixed)
        assert (a.result, a.because, sorted(a.vetoed_by)) == (b.result, b.because, sorted(b.vetoed_by))


@given(st.sampled_from(RULES), _seats, _positions)
def test_every_seat_that_may_vote_is_counted_once_and_no_other(
    rule: str, seats: list[Seat], positions: list[Position]
) -> None:
    found = count(rule, seats, positions)
    voters = {s.name for s in seats if s.may_vote}
    assert found.agreed + found.against + found.abstained + found.silent == len(voters)
    assert found == count(rule, seats, [p for p in positions if p.seat in voters])
    assert set(found.vetoed_by) <= {s.name for s in seats if s.may_vote and s.has_veto}


@given(st.sampled_from(RULES), _seats, _positions)
def test_nothing_is_adopted_over_a_veto_and_one_more_who_agrees_never_undoes_an_adoption(
    rule: str, seats: list[Seat], positions: list[Position]
) -> None:
    found = count(rule, seats, positions)
    if found.result in ADOPTING:
        assert found.agreed and not found.vetoed_by
        more = count(rule, [*seats, Seat("new")], [*positions, Position("new", "agree")])
        assert more.result == found.result
