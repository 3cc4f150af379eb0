"""Laws of trust, on graphs that hypothesis makes up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.trust import (
    CHALLENGE,
    Graph,
    Review,
    basis_json,
    basis_print,
    below,
    compute,
    deep_support,
    rewording,
    unlinking,
    withdrawing,
    without,
)

DOUBTED = ("doubt", "does_not_hold")


def reviewed(graph: Graph, items: list[str], *, holds: bool = True, at: str = "2026-05-04") -> list[Review]:
    found = []
    for n, item in enumerate(items):
        basis = graph.basis(item)
        found.append(
            Review(f"{at}/{n}", item, graph.prints[item], basis_print(basis), basis_json(basis), holds, "accepted", at, "A. B.")
        )  # fmt: skip
    return found


def trusted(graph: Graph) -> list[str]:
    return [i for i, k in graph.kinds.items() if k in ("category", "requirement", "component")]


LAYERS = (("unit", "u"), ("category", "t"), ("requirement", "r"), ("component", "c"))
TYPES = {"category": "gathers", "requirement": "based_on", "component": "realises"}


@st.composite
def graphs(draw: Any) -> Graph:
    """Units, themes, requirements and components; each of a layer rests on some of the layer before."""
    kinds: dict[str, str] = {}
    steps: dict[str, frozenset[tuple[str, str, str]]] = {}
    before: list[str] = []
    for kind, letter in LAYERS:
        here = [f"{letter}{n}" for n in range(draw(st.integers(1, 5)))]
        for id in here:
            kinds[id] = kind
            if before:
                on = draw(st.lists(st.sampled_from(before), max_size=4, unique=True))
                steps[id] = frozenset((TYPES[kind], dst, "supports") for dst in on)
        before = here
    return Graph(kinds, {id: f"fp {id}" for id in kinds}, steps)


def above(graph: Graph, item: str) -> set[str]:
    """Everything that rests on an item, on whatever way."""
    found: set[str] = set()
    while True:
        more = {s for s, on in graph.steps.items() if any(d == item or d in found for _, d, _ in on)} - found
        if not more:
            return found
        found |= more


@given(graphs())
def test_nothing_is_said_before_the_first_review(graph: Graph) -> None:
    assert compute(graph, []) == {}


@given(graphs())
def test_what_was_looked_at_as_it_is_holds(graph: Graph) -> None:
    states = compute(graph, reviewed(graph, trusted(graph)))
    assert {s.state for s in states.values()} == {"reviewed"}


@given(graphs(), st.data())
def test_an_edit_doubts_its_direct_dependants_and_the_rest_of_the_cone_from_afar(
    graph: Graph, data: Any
) -> None:
    item = data.draw(st.sampled_from(sorted(graph.kinds)))
    states = compute(rewording(graph, item), reviewed(graph, trusted(graph)))
    direct = {s for s, on in graph.steps.items() if any(d == item for _, d, _ in on)}
    itself = {item} & set(trusted(graph))
    assert {i for i, s in states.items() if s.state == "doubt"} == direct | itself
    assert {i for i, s in states.items() if s.state == "distant"} == above(graph, item) - direct - itself
    for i, s in states.items():
        if s.state == "distant":
            assert s.path[0] == i and states[s.path[-1]].state == "doubt"
            assert all(
                any(d == b for _, d, _ in graph.steps[a]) for a, b in zip(s.path, s.path[1:], strict=False)
            )


@given(graphs(), st.data())
def test_undoing_an_edit_restores_every_state(graph: Graph, data: Any) -> None:
    item = data.draw(st.sampled_from(sorted(graph.kinds)))
    reviews = reviewed(graph, trusted(graph))
    changed = rewording(graph, item)
    back = replace(changed, prints=graph.prints)
    assert compute(back, reviews) == compute(graph, reviews)


@given(graphs(), st.randoms())
def test_the_order_of_anything_but_the_reviews_of_one_thing_does_not_matter(graph: Graph, dice: Any) -> None:
    reviews = reviewed(graph, trusted(graph))
    changed = rewording(graph, dice.choice(sorted(graph.kinds)))
    mixed = list(reviews)
    dice.shuffle(mixed)
    ids = list(graph.kinds)
    dice.shuffle(ids)
    again = Graph(
        {i: changed.kinds[i] for i in ids}, {i: changed.prints[i] for i in ids},
        {i: changed.steps[i] for i in ids if i in changed.steps},
    )  # fmt: skip
    assert compute(again, mixed) == compute(changed, reviews)


@given(graphs(), st.data())
def test_looking_again_and_saying_it_holds_clears_what_is_above(graph: Graph, data: Any) -> None:
    unit = data.draw(st.sampled_from([i for i, k in graph.kinds.items() if k == "unit"]))
    changed = rewording(graph, unit)
    reviews = reviewed(graph, trusted(graph))
    doubted = [i for i, s in compute(changed, reviews).items() if s.state == "doubt"]
    states = compute(changed, [*reviews, *reviewed(changed, doubted, at="2026-06-01")])
    assert {s.state for s in states.values()} <= {"reviewed"}


@given(graphs(), st.data())
def test_saying_it_does_not_hold_keeps_what_is_above_in_doubt(graph: Graph, data: Any) -> None:
    item = data.draw(st.sampled_from(trusted(graph)))
    reviews = [*reviewed(graph, trusted(graph)), *reviewed(graph, [item], holds=False, at="2026-06-01")]
    states = compute(graph, reviews)
    assert states[item].state == "does_not_hold"
    assert {i for i, s in states.items() if s.state == "distant"} == above(graph, item)


@given(graphs(), st.data())
def test_a_withdrawn_unit_is_the_cause_that_is_told(graph: Graph, data: Any) -> None:
    unit = data.draw(st.sampled_from([i for i, k in graph.kinds.items() if k == "unit"]))
    reviews = reviewed(graph, trusted(graph))
    flagged, gone = withdrawing(graph, [unit]), without(withdrawing(graph, [unit]), {unit})
    for now in (flagged, gone):
        states = compute(now, reviews)
        hit = {i for i, s in states.items() if s.state == "doubt"}
        assert hit == {s for s, on in graph.steps.items() if any(d == unit for _, d, _ in on)}
        assert all([(c.kind, c.item) for c in states[i].causes] == [("withdrawn", unit)] for i in hit)


def small() -> Graph:
    kinds = {"u1": "unit", "u2": "unit", "t": "category", "r": "requirement", "c": "component"}
    steps = {
        "t": frozenset({("gathers", "u1", "supports"), ("gathers", "u2", "supports")}),
        "r": frozenset({("based_on", "t", "supports")}),
        "c": frozenset({("realises", "r", "supports")}),
    }
    return Graph(kinds, {id: f"fp {id}" for id in kinds}, steps)


def test_a_link_taken_away_doubts_both_its_ends_until_the_one_it_started_from_is_looked_at() -> None:
    graph = small()
    reviews = reviewed(graph, ["t", "r", "c"])
    cut = unlinking(graph, "based_on", "r", "t")
    states = compute(cut, reviews)
    assert [c.kind for c in states["r"].causes] == ["went"]
    assert [(c.kind, c.item) for c in states["t"].causes] == [("let_go", "r")]
    assert states["c"].state == "distant" and states["c"].path == ("c", "r")
    again = compute(cut, [*reviews, *reviewed(cut, ["r"], at="2026-06-01")])
    assert {s.state for s in again.values()} == {"reviewed"}


def test_an_open_challenge_is_a_cause_and_its_answer_is_none() -> None:
    graph = small()
    reviews = reviewed(graph, ["t", "r", "c"])
    challenged = Graph(
        graph.kinds, {**graph.prints, "x": "open"},
        {**graph.steps, "t": graph.steps["t"] | {(CHALLENGE, "x", "contradicts")}},
    )  # fmt: skip
    states = compute(challenged, reviews)
    assert [(c.kind, c.kind_of) for c in states["t"].causes] == [("came", "challenge")]
    assert states["r"].state == states["c"].state == "distant"
    looked = [*reviews, *reviewed(challenged, ["t"], at="2026-06-01")]
    assert compute(challenged, looked)["t"].state == "reviewed"
    assert compute(graph, looked)["t"].state == "reviewed"  # answered since


def test_a_thing_that_fails_a_rule_is_in_doubt_however_valid_its_links_are() -> None:
    graph = small()
    states = compute(graph, reviewed(graph, ["t", "r", "c"]), {"r": "too few"})
    assert [(c.kind, c.label) for c in states["r"].causes] == [("rule", "too few")]
    assert states["t"].state == "reviewed" and states["c"].state == "distant"
    assert compute(graph, [], {"r": "too few"}) == {}


def test_a_newer_answer_to_the_same_question_stands() -> None:
    graph = small()
    first = reviewed(graph, ["t"])
    no = reviewed(graph, ["t"], holds=False, at="2026-06-01")
    yes = reviewed(graph, ["t"], at="2026-07-01")
    assert compute(graph, [*first, *no])["t"].state == "does_not_hold"
    assert compute(graph, [*first, *no, *yes])["t"].state == "reviewed"


def test_a_basis_keeps_ids_and_fingerprints_and_is_the_same_in_any_order() -> None:
    graph = small()
    basis = sorted(graph.basis("t"))
    assert basis_print(basis) == basis_print(reversed(basis))
    assert json.loads(basis_json(basis)) == [
        ["gathers", "u1", "fp u1", "supports"],
        ["gathers", "u2", "fp u2", "supports"],
    ]


def test_what_is_accepted_is_accepted_with_everything_below_it_that_has_a_state() -> None:
    assert below(small(), ["c"]) == ["c", "r", "t"]


def test_a_requirement_whose_theme_has_lost_its_last_unit_is_held_up_by_nothing() -> None:
    graph = small()
    assert deep_support(graph) == {"r"}
    assert deep_support(withdrawing(graph, ["u1"])) == {"r"}
    assert deep_support(withdrawing(graph, ["u1", "u2"])) == set()
