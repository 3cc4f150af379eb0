"""What may be joined with what in the trace: refused when made, with a sentence that says what may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.errors import Refused
from workbench.domain.trace import LINKS, Edge, ensure_acyclic, ensure_link
from workbench.language import catalogue, t

KINDS = sorted({kind for sides in LINKS.values() for side in sides for kind in side} | {"condensate", "memo"})


@given(st.sampled_from(sorted(LINKS)), st.sampled_from(KINDS), st.sampled_from(KINDS))
def test_a_link_is_made_or_refused_with_a_sentence_of_its_own(type: str, src: str, dst: str) -> None:
    sources, targets = LINKS[type]
    if src in sources and dst in targets:
        ensure_link(type, src, dst)
        return
    with pytest.raises(Refused) as refused:
        ensure_link(type, src, dst)
    assert refused.value.code in catalogue("en")
    assert t(refused.value.code, **refused.value.params).endswith(".")


def test_a_link_of_no_known_type_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        ensure_link("likes", "requirement", "category")
    assert refused.value.code == "trace.wrong_kind"


def test_a_requirement_is_not_in_conflict_with_itself() -> None:
    ensure_acyclic([], Edge("conflicts", "a", "b"))
    ensure_acyclic([Edge("conflicts", "a", "b")], Edge("conflicts", "b", "a"))
    with pytest.raises(Refused) as refused:
        ensure_acyclic([], Edge("conflicts", "a", "a"))
    assert refused.value.code == "trace.conflicts_itself"


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30))
def test_whatever_links_are_tried_nothing_ever_comes_to_rest_on_itself(tried: list[tuple[int, int]]) -> None:
    kept: list[Edge] = []
    for a, b in tried:
        new = Edge("based_on", str(a), str(b))
        try:
            ensure_acyclic(kept, new)
        except Refused as refused:
            assert refused.code == "trace.circle"
        else:
            kept.append(new)
    onward: dict[str, set[str]] = {}
    for edge in kept:
        onward.setdefault(edge.src, set()).add(edge.dst)
    for start in onward:
        seen: set[str] = set()
        stack = list(onward[start])
        while stack:
            here = stack.pop()
            assert here != start
            if here not in seen:
                seen.add(here)
                stack += onward.get(here, ())
