"""Agreement: the published worked examples, the faults seen in other tools, and the laws of what differs."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.agreement import (
    Analyst,
    Mark,
    Row,
    Score,
    Segment,
    Value,
    alpha_u,
    cohen_kappa,
    differences,
    krippendorff_alpha,
    over_boundaries,
    over_characters,
    over_partitions,
    over_units,
    pooled,
    unitizing,
)
from workbench.domain.errors import InvalidSpan


def exactly(value: float) -> object:
    return pytest.approx(value, abs=1e-6)


def rows(*answers: str) -> list[Row]:
    """One string of answers per analyst, a dot where there is none."""
    return [
        (tuple(None if a == "." else a for a in unit), 1)
        for unit in zip(*(a.split() for a in answers), strict=True)
    ]


def spans(*places: tuple[int, int], group: str = "A", prefix: str = "u", source: str = "s") -> Analyst:
    return Analyst(
        tuple(
            Mark(f"{prefix}{n}", source, start, end, frozenset({group}))
            for n, (start, end) in enumerate(places)
        )
    )


# -- kappa and alpha against what is printed ---------------------------------------------------------------


def table(*lines: str) -> list[Row]:
    return [
        ((r, c), int(n)) for r, line in enumerate(lines, 1) for c, n in enumerate(line.split(), 1) if int(n)
    ]


def test_kappa_is_cohens_own_1960_page_45() -> None:
    score = cohen_kappa(table("88 14 18", "10 40 10", "2 6 12"))
    assert score.agreement == exactly(0.70)
    assert 1 - (score.chance or 0) == exactly(0.41)
    assert score.value == exactly(0.29 / 0.59)  # printed as .492


def test_kappa_is_cohens_own_1960_page_37() -> None:
    score = cohen_kappa(table("25 12 3", "13 2 15", "12 16 2"))
    assert score.agreement == exactly(0.29)
    assert 1 - (score.chance or 0) == exactly(0.35)
    assert score.value == exactly((0.29 - 0.35) / 0.65)


BERTHA, BILL = "001111111100001111110000", "000011110000000110000000"
JOHN, JILL = "111111111111111111000000", "111111111100000000000000"
GERRET, GILL = "001111110011001111001100", "110011110011110011001100"


@pytest.mark.parametrize(
    ("one", "other", "printed"), [(BERTHA, BILL, 0.385), (JOHN, JILL, 0.385), (GERRET, GILL, 0.314)]
)
def test_kappa_of_characters_is_that_of_krippendorff_1995(one: str, other: str, printed: float) -> None:
    found = over_characters([from_digits(one), from_digits(other)], {"s": 24})
    assert found.overall.kappa.value == pytest.approx(printed, abs=5e-4)


def from_digits(digits: str) -> Analyst:
    return spans(*((n, n + 1) for n, digit in enumerate(digits) if digit == "1"))


def test_alpha_of_characters_is_that_of_krippendorff_1995() -> None:
    found = over_characters([from_digits(BERTHA), from_digits(BILL)], {"s": 24})
    assert found.per_group["A"].alpha.value == pytest.approx(0.329, abs=5e-4)


def test_alpha_is_krippendorffs_example_a_of_two_analysts_and_two_values() -> None:
    score = krippendorff_alpha(rows("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"))
    assert score.value == exactly(1 - 19 * 4 / (14 * 6))  # printed as .095
    assert score.prevalence == (("0", 0.7), ("1", 0.3))


def test_alpha_is_krippendorffs_example_b_of_five_values() -> None:
    score = krippendorff_alpha(rows("a a b b d c c c e d d a", "b a b b b c c c e d d d"))
    assert score.value == pytest.approx(0.692, abs=5e-4)
    assert score.agreement == exactly(9 / 12)


MISSING = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


def test_alpha_is_krippendorffs_example_c_of_four_analysts_with_answers_missing() -> None:
    assert krippendorff_alpha(rows(*MISSING)).value == exactly(0.743421)  # printed as .743


def test_alpha_is_that_of_the_three_coder_example_with_half_of_the_answers_missing() -> None:
    a = ". . . . . 3 4 1 2 1 1 3 3 . 3"
    b = "1 . 2 1 3 3 4 3 . . . . . . ."
    c = ". . 2 1 3 4 4 . 2 1 1 3 3 . 4"
    assert krippendorff_alpha(rows(a, b, c)).value == pytest.approx(0.6914, abs=5e-5)


@given(st.permutations(range(12)), st.permutations(range(4)))
def test_alpha_knows_no_order_of_units_or_analysts(units: list[int], analysts: list[int]) -> None:
    answers = rows(*MISSING)
    mixed = [(tuple(answers[u][0][a] for a in analysts), 1) for u in units]
    assert krippendorff_alpha(mixed).value == exactly(0.743421)


# -- faults seen elsewhere, and what is undefined ----------------------------------------------------------


def test_four_fifths_overlap_is_the_true_kappa() -> None:
    """QualCoder's chance term is wrong: .660 for 80 % overlap, for a true .778."""
    found = over_characters([spans((0, 100)), spans((20, 120))], {"s": 1_000})
    kappa = found.per_group["A"].kappa
    assert kappa.value == exactly(7 / 9)
    assert kappa.agreement == exactly(0.96)
    assert kappa.counts == (
        ((False, False), 880), ((False, True), 20), ((True, False), 20), ((True, True), 80),
    )  # fmt: skip
    assert dict(kappa.prevalence)[True] == exactly(0.1)


def test_the_same_coverage_in_overlapping_spans_is_full_agreement() -> None:
    """QualCoder counts the overlap of one coder's own spans twice: .560 for 1.0."""
    found = over_characters([spans((0, 100)), spans((0, 60), (40, 100), (40, 60))], {"s": 1_000})
    assert found.per_group["A"].kappa.value == 1
    assert found.per_group["A"].alpha.value == 1
    assert over_boundaries(spans((0, 100)), spans((0, 60), (40, 100)), {"s": 1_000}).overall.value == 1


def test_a_code_group_nobody_used_has_no_score_and_says_so() -> None:
    found = over_characters([spans(), spans()], {"s": 100}, ["A"])
    assert found.per_group["A"].kappa.value is None
    assert found.per_group["A"].kappa.reason == "nobody_marked"
    assert found.per_group["A"].kappa.agreement == 1
    assert found.overall.alpha.value is None
    assert over_boundaries(spans(), spans(), {"s": 100}, ["A"]).overall.reason == "nobody_marked"
    assert unitizing([[], []], 100).units.reason == "nobody_marked"


def test_agreement_that_chance_makes_certain_has_no_score() -> None:
    found = over_characters([spans((0, 50)), spans((0, 50))], {"s": 50})
    assert found.per_group["A"].kappa.value is None
    assert found.per_group["A"].alpha.reason == "no_variation"
    assert cohen_kappa([(("x", "x"), 9)]).reason == "no_variation"
    assert krippendorff_alpha(rows("x x .", "x . x")).value is None
    assert unitizing([[(0, 5, "x")], [(0, 5, "x")]], 5).coding.reason == "no_variation"


def test_nothing_to_compare_has_no_score() -> None:
    assert over_characters([spans(), spans()], {}).overall.kappa.reason == "nothing_to_compare"
    apart = [Analyst((), frozenset({"s"})), Analyst((), frozenset({"t"}))]
    assert over_characters(apart, {"s": 9, "t": 9}).marked.kappa.reason == "nothing_to_compare"
    assert krippendorff_alpha(rows("a . b", ". a .")).reason == "nothing_to_compare"
    assert alpha_u([]).reason == "nothing_to_compare"
    assert unitizing([[], []], 0).units.reason == "nothing_to_compare"
    assert pooled([]).reason == "nothing_to_compare"
    assert over_units([], []).marked.kappa.reason == "nothing_to_compare"


def test_kappa_is_for_two_and_alpha_for_any_number() -> None:
    found = over_characters([spans((0, 9)), spans((0, 9)), spans((3, 9))], {"s": 30})
    assert found.overall.kappa.reason == "needs_two_analysts"
    assert found.overall.alpha.value is not None


def test_a_source_one_analyst_has_not_read_is_a_missing_answer_not_a_no() -> None:
    read = frozenset({"s"})
    second = Analyst((*spans((20, 120)).marks, *spans((0, 5), source="t", prefix="t").marks), read)
    both = over_characters([spans((0, 100)), second], {"s": 1_000, "t": 5_000})
    assert both.per_group["A"].kappa.value == exactly(7 / 9)
    third = over_characters([spans((0, 100)), second, spans((0, 100))], {"s": 1_000, "t": 5_000})
    assert {values for values, _ in third.per_group["A"].alpha.counts} >= {(False, None, False)}


def test_a_mark_beyond_its_source_is_refused() -> None:
    with pytest.raises(InvalidSpan):
        Mark("u", "s", 5, 5)
    with pytest.raises(InvalidSpan):
        over_characters([spans((0, 11)), spans()], {"s": 10})
    with pytest.raises(InvalidSpan):
        over_boundaries(spans((0, 11)), spans(), {"s": 10})
    with pytest.raises(InvalidSpan):
        over_partitions([spans((0, 11)), spans()], {"s": 10})


def test_a_rare_group_does_not_swing_the_score_over_all_groups() -> None:
    first = Analyst((*spans((0, 100)).marks, *spans((500, 501), group="B", prefix="v").marks))
    found = over_characters([first, spans((0, 100))], {"s": 1_000})
    assert found.per_group["B"].kappa.value == exactly(0)
    assert found.overall.kappa.value == exactly(1 - (0.001 / (0.18 + 0.001)))
    assert not found.overall.kappa.verified


# -- over characters equals doing it character by character ------------------------------------------------

GROUPS = ("A", "B", "C")
SOURCES = {"s": 40, "t": 25}


@st.composite
def marks(draw: st.DrawFn, prefix: str = "u") -> tuple[Mark, ...]:
    made = []
    for n in range(draw(st.integers(0, 6))):
        source = draw(st.sampled_from(sorted(SOURCES)))
        start = draw(st.integers(0, SOURCES[source] - 1))
        end = draw(st.integers(start + 1, SOURCES[source]))
        groups = draw(st.frozensets(st.sampled_from(GROUPS), max_size=2))
        made.append(Mark(f"{prefix}{n}", source, start, end, groups))
    return tuple(made)


def character_by_character(analysts: Sequence[tuple[Mark, ...]], group: str) -> list[Row]:
    return [
        (
            tuple(
                any(m.source == source and m.start <= at < m.end and group in m.groups for m in own)
                for own in analysts
            ),
            1,
        )
        for source, length in SOURCES.items()
        for at in range(length)
    ]


def same(a: Score, b: Score) -> bool:
    return (a.value is None) == (b.value is None) and (a.value or 0) == exactly(b.value or 0)


@given(st.lists(marks(), min_size=2, max_size=3))
def test_the_sweep_gives_what_counting_every_character_gives(analysts: list[tuple[Mark, ...]]) -> None:
    found = over_characters([Analyst(m) for m in analysts], SOURCES, GROUPS)
    for group in GROUPS:
        counted = character_by_character(analysts, group)
        assert same(found.per_group[group].alpha, krippendorff_alpha(counted))
        assert sum(n for _, n in found.per_group[group].alpha.counts) == sum(SOURCES.values())
        if len(analysts) == 2:
            assert same(found.per_group[group].kappa, cohen_kappa(counted))
    if len(analysts) == 2:
        turned = over_characters([Analyst(m) for m in reversed(analysts)], SOURCES, GROUPS)
        assert same(found.overall.kappa, turned.overall.kappa)
        assert same(found.marked.alpha, turned.marked.alpha)


# -- unitizing ---------------------------------------------------------------------------------------------

CODE_C = (300, [(75, 145), (220, 250)], [(70, 150), (205, 225), (250, 270)])
CODE_K = (300, [(30, 90), (150, 200)], [(30, 90), (150, 200)])


def test_alpha_u_is_krippendorffs_example_of_2004_in_every_printed_digit() -> None:
    c, k = alpha_u([CODE_C]), alpha_u([CODE_K])
    assert c.observed == exactly(2 * (50 + 850 + 400) / (2 * 1 * 300**2))
    assert [round(x or 0, 4) for x in (c.observed, c.chance, c.value)] == [0.0144, 0.0532, 0.7286]
    assert (k.observed, round(k.chance or 0, 4), k.value) == (0, 0.0490, 1)
    # Printed as .8591, put together from the rounded terms.
    assert 1 - round(c.observed or 0, 4) / (0.0532 + 0.0490) == pytest.approx(0.8591, abs=5e-5)
    assert pooled([c, k]).value == pytest.approx(0.8591, abs=5e-4)


def test_alpha_u_sees_the_disagreement_printed_in_krippendorff_1995() -> None:
    one = [(2, 8), (10, 12), (14, 18), (20, 22)]
    other = [(0, 2), (4, 8), (10, 14), (16, 18), (20, 22)]
    assert alpha_u([(24, one, other)]).observed == pytest.approx(0.02777, abs=1e-5)
    john = [(0, 18)]
    jill = [(0, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 9), (9, 10)]
    assert alpha_u([(24, john, jill)]).observed == pytest.approx(2.26736, abs=1e-5)
    heather = [(0, 2), (2, 10), (10, 14), (14, 20), (20, 24)]
    hill = [(0, 4), (4, 8), (8, 15), (15, 17), (17, 24)]
    assert alpha_u([(24, heather, hill)]).observed == pytest.approx(0.38715, abs=1e-5)


def test_alpha_u_minds_how_a_passage_is_cut_up_where_kappa_does_not() -> None:
    whole, cut = spans((0, 100)), spans((0, 50), (50, 100))
    assert over_characters([whole, cut], {"s": 1_000}).overall.kappa.value == 1
    assert (over_boundaries(whole, cut, {"s": 1_000}).overall.value or 1) < 1


@given(marks(), marks())
def test_alpha_u_is_the_same_both_ways_and_full_with_oneself(
    first: tuple[Mark, ...], second: tuple[Mark, ...]
) -> None:
    one, other = Analyst(first), Analyst(second)
    assert same(over_boundaries(one, other, SOURCES).overall, over_boundaries(other, one, SOURCES).overall)
    assert over_boundaries(one, one, SOURCES).overall.value in (None, 1)


THREE: list[list[Segment]] = [
    [(2, 5, "1"), (9, 11, "1"), (12, 20, "2")],
    [(2, 5, "1"), (7, 15, "2")],
    [(2, 5, "1"), (10, 15, "2")],
]


def test_the_2016_family_gives_the_printed_example_of_three_but_is_not_called_verified() -> None:
    """The output printed with an open implementation of the paper (u .474, |u .433)."""
    found = unitizing(THREE, 20)
    assert found.units.value == pytest.approx(0.474, abs=5e-4)
    assert found.binary.value == pytest.approx(0.433, abs=5e-4)
    assert not found.units.verified
    assert found.coding.reason == "needs_two_analysts"


@st.composite
def partitions(draw: st.DrawFn) -> list[list[Segment]]:
    def one() -> list[Segment]:
        cuts = sorted(draw(st.sets(st.integers(0, 20), max_size=8)))
        values = draw(st.lists(st.sampled_from("xyz."), min_size=9, max_size=9))
        return [(a, b, v) for a, b, v in zip(cuts, cuts[1:], values, strict=False) if v != "."]

    return [one() for _ in range(draw(st.integers(2, 3)))]


@given(partitions())
def test_the_2016_family_gives_what_its_matrices_give_written_out(drawn: list[list[Segment]]) -> None:
    found = unitizing(drawn, 20)
    observed, expected = matrices(drawn, 20, collapse=False)
    assert same(found.units, off_diagonal(observed, expected))
    observed, expected = matrices(drawn, 20, collapse=True)
    assert same(found.binary, off_diagonal(observed, expected))
    if len(drawn) == 2:
        observed, expected = matrices(drawn, 20, collapse=False, pairable=True)
        assert same(found.coding, off_diagonal(observed, expected))
        for value, score, share in found.per_value:
            mine = sum(n for (c, _), n in observed.items() if c == value)
            assert share == exactly(
                mine / sum(b - a for segments in drawn for a, b, v in segments if v == value)
            )
            theirs = sum(n for (c, _), n in expected.items() if c == value)
            away = theirs - expected.get((value, value), 0)
            if mine and abs(away) > 1e-9:
                off = mine - observed[value, value]
                assert score.value == exactly(1 - theirs / mine * off / away)
            else:
                assert score.value is None


Matrix = dict[tuple[Value, Value], float]


def matrices(
    drawn: list[list[Segment]], length: int, *, collapse: bool, pairable: bool = False
) -> tuple[Counter[tuple[Value, Value]], Matrix]:
    """Observed and expected coincidences as the formulas say, pair by pair and character by character."""
    full = [
        [next(((a, b, v) for a, b, v in own if a <= at < b), (at, at + 1, None)) for at in range(length)]
        for own in drawn
    ]
    observed: Counter[tuple[Value, Value]] = Counter()
    left: Counter[tuple[int, Segment]] = Counter()
    for one, other in permutations(range(len(full)), 2):
        for here, there in zip(full[one], full[other], strict=True):
            if pairable and None in (here[2], there[2]):
                continue
            c, k = ((s[2] and True) if collapse else s[2] for s in (here, there))
            observed[c, k] += 1
            left[one, here] += 1
    weight = len(full) - 1
    observed = Counter({key: n / weight for key, n in observed.items()})
    margin: Counter[Value] = Counter()
    for (c, _), n in observed.items():
        margin[c] += n
    own: Counter[Value] = Counter()
    for (_, (_, _, value)), n in left.items():
        own[value and True if collapse else value] += (n / weight) ** 2
    total = margin.total()
    expected = {
        (c, k): total * (margin[c] * margin[k] - (own[c] if c == k else 0)) / (total**2 - own.total())
        for c, k in product(margin, repeat=2)
    }
    return observed, expected


def off_diagonal(observed: Counter[tuple[Value, Value]], expected: Matrix) -> Score:
    chance = sum(n for (c, k), n in expected.items() if c != k)
    if abs(chance) < 1e-9:
        return Score(None)
    return Score(1 - sum(n for (c, k), n in observed.items() if c != k) / chance)


@given(st.lists(st.sampled_from("xyz"), min_size=2, max_size=15), st.data())
def test_u_alpha_of_units_of_one_character_is_krippendorffs_alpha(
    one: list[str], data: st.DataObject
) -> None:
    other = data.draw(st.lists(st.sampled_from("xyz"), min_size=len(one), max_size=len(one)))
    segments: list[list[Segment]] = [[(n, n + 1, v) for n, v in enumerate(own)] for own in (one, other)]
    alpha = krippendorff_alpha([((a, b), 1) for a, b in zip(one, other, strict=True)])
    assert same(unitizing(segments, len(one)).units, alpha)


def test_units_that_overlap_are_no_partition_and_have_no_u_alpha() -> None:
    found = over_partitions([spans((0, 10), (5, 15)), spans((0, 10))], {"s": 50})
    assert found.units.reason == found.coding.reason == "units_overlap"


def test_sources_laid_end_to_end_keep_their_own_units() -> None:
    first = Analyst((*spans((0, 10)).marks, *spans((0, 10), source="t", prefix="t", group="B").marks))
    second = Analyst((*spans((0, 10)).marks, *spans((0, 10), source="t", prefix="t").marks))
    found = over_partitions([first, second], {"s": 50, "t": 50})
    assert found.binary.value == 1
    assert found.coding.agreement == exactly(0.5)
    assert [(value, share) for value, _, share in found.per_value] == [(("A",), 1), (("B",), 1)]


# -- one marked, the other not; placed differently ---------------------------------------------------------


def unit(id: str, start: int, end: int, *groups: str) -> Mark:
    return Mark(id, "s", start, end, frozenset(groups))


def test_spans_that_overlap_by_half_of_the_shorter_are_the_same_unit() -> None:
    found = differences([unit("a", 0, 100, "A")], [unit("b", 80, 121, "A")])
    assert not found.agreed
    found = differences([unit("a", 0, 100, "A")], [unit("b", 80, 120, "A")])
    assert [(p.first.id, p.second.id, p.overlap) for p in found.agreed] == [("a", "b", 20)]


def test_the_same_words_in_other_groups_are_placed_differently() -> None:
    found = differences([unit("a", 0, 50, "A", "B")], [unit("b", 0, 50, "B", "C")])
    (pair,) = found.placed_differently
    assert (pair.only_first, pair.only_second) == ({"A"}, {"C"})
    assert not (found.agreed or found.only_first or found.only_second)


def test_the_closest_span_is_the_pair_not_the_longest() -> None:
    found = differences([unit("a", 0, 100)], [unit("wide", 0, 1_000), unit("close", 0, 90)])
    assert [p.second.id for p in found.agreed] == ["close"]
    assert [(x.mark.id, x.beside) for x in found.only_second] == [("wide", ("a",))]


def test_the_same_words_marked_twice_pair_by_code_group() -> None:
    found = differences(
        [unit("a1", 0, 50, "A"), unit("a2", 0, 50, "B")], [unit("b1", 0, 50, "B"), unit("b2", 0, 50, "A")]
    )
    assert {(p.first.id, p.second.id) for p in found.agreed} == {("a1", "b2"), ("a2", "b1")}


def test_a_unit_cut_in_two_by_the_other_says_which_it_stands_beside() -> None:
    found = differences([unit("whole", 0, 100, "A")], [unit("b1", 0, 60, "A"), unit("b2", 60, 100, "A")])
    assert [p.second.id for p in found.agreed] == ["b1"]
    assert [(x.mark.id, x.beside) for x in found.only_second] == [("b2", ("whole",))]


@given(marks("a"), marks("b"))
def test_no_mark_is_lost_and_none_told_twice(first: tuple[Mark, ...], second: tuple[Mark, ...]) -> None:
    found = differences(first, second)
    pairs = found.agreed + found.placed_differently
    assert Counter([p.first for p in pairs] + [x.mark for x in found.only_first]) == Counter(first)
    assert Counter([p.second for p in pairs] + [x.mark for x in found.only_second]) == Counter(second)
    assert all(p.first.source == p.second.source and p.overlap > 0 for p in pairs)
    assert all(p.first.groups == p.second.groups for p in found.agreed)
    # Whatever could still be paired has been.
    left = differences([x.mark for x in found.only_first], [x.mark for x in found.only_second])
    assert not (left.agreed or left.placed_differently)


@given(marks("a"), marks("b"), st.randoms(use_true_random=False))
def test_the_order_of_marks_and_of_analysts_does_not_matter(
    first: tuple[Mark, ...], second: tuple[Mark, ...], chance: random.Random
) -> None:
    found = differences(first, second)
    mixed = list(first), list(second)
    for side in mixed:
        chance.shuffle(side)
    assert differences(*mixed) == found
    turned = differences(second, first)
    assert (turned.only_second, turned.only_first) == (found.only_first, found.only_second)
    for here, there in (
        (found.agreed, turned.agreed),
        (found.placed_differently, turned.placed_differently),
    ):
        assert [(p.first, p.second) for p in here] == [(p.second, p.first) for p in there]


@given(marks())
def test_an_analyst_agrees_with_oneself(own: tuple[Mark, ...]) -> None:
    found = differences(own, own)
    assert len(found.agreed) == len(own)
    assert not (found.placed_differently or found.only_first or found.only_second)


def test_units_are_scored_by_where_both_placed_them_and_lone_ones_are_counted() -> None:
    first = [
        unit("a1", 0, 10, "A"),
        unit("a2", 20, 30, "A"),
        unit("a3", 40, 50, "B"),
        unit("a4", 60, 70, "A"),
    ]
    second = [unit("b1", 0, 10, "A"), unit("b2", 20, 30, "B"), unit("b3", 40, 50, "B")]
    found = over_units(first, second)
    assert found.left_out == 1
    assert found.per_group["A"].kappa.counts == (
        ((False, False), 1), ((True, False), 1), ((True, True), 1),
    )  # fmt: skip
    assert found.per_group["A"].kappa.value == exactly((2 / 3 - 4 / 9) / (5 / 9))
    assert found.marked.kappa.value is None
    assert (found.marked.kappa.reason, found.marked.kappa.agreement) == ("no_unmarked", 0.75)
    counted = over_units(first, second, count_lone=True)
    assert counted.left_out == 0
    assert sum(n for _, n in counted.per_group["A"].kappa.counts) == 4
