"""Trust, computed: what still holds since somebody looked at it, what is in doubt, and why. Nothing stores a state."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import sha256

# Kinds that have a state; everything else (units, ideas, evidence ...) is only rested on.
TRUSTED = ("category", "requirement", "component")
# The print of a unit that may not be used any more: the same for all of them, so that it says nothing.
WITHDRAWN = "withdrawn"
# An open challenge against a theme is part of what it rests on. That it was answered is no reason for doubt.
CHALLENGE = "challenged_by"

Step = tuple[str, str, str]  # (type, what is rested on, role)
Ground = tuple[str, str, str, str]  # (type, what is rested on, its fingerprint, role)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a thing is in doubt: what became of which item. `label` holds no participant's words."""

    kind: str  # reworded | came | went | basis_reworded | withdrawn | let_go | rule | does_not_hold
    item: str
    kind_of: str
    label: str
    at: str | None = None
    who: str = ""
    role: str = "supports"


@dataclass(frozen=True, slots=True)
class State:
    """`draft`: nothing was accepted or frozen yet; `reviewed`; `doubt`: in doubt itself; `distant`: only something
    further down is, on `path` (ids, from the item to that thing); `does_not_hold`: somebody said so."""

    state: str = "draft"
    since: str | None = None
    causes: tuple[Cause, ...] = ()
    path: tuple[str, ...] = ()
    occasion: str = ""  # of the last review: accepted | frozen | looked_at
    by: str = ""  # who reviewed it last
    note: str = ""
    units: int = 0  # units it rested on when it was last reviewed

    @property
    def is_doubted(self) -> bool:
        return self.state in ("doubt", "distant", "does_not_hold")


_DRAFT = State()


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything that is live: `kinds` and fingerprints (`prints`) by id, and the steps down from each thing."""

    kinds: Mapping[str, str]
    prints: Mapping[str, str]
    steps: Mapping[str, AbstractSet[Step]]
    withdrawn: frozenset[str] = frozenset()  # units of somebody who has withdrawn, or whose source is gone

    def basis(self, item: str) -> frozenset[Ground]:
        prints = self.prints
        return frozenset(
            [(type, dst, prints.get(dst, ""), role) for type, dst, role in self.steps.get(item, ())]
        )

    def support_print(self, item: str) -> str:
        """`basis_print` of what an item rests on."""
        prints = self.prints
        lines = [
            f"{type}\t{dst}\t{prints.get(dst, '')}\t{role}" for type, dst, role in self.steps.get(item, ())
        ]
        lines.sort()
        return sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Trust:
    """The states, and what they were computed from. `names`: (kind, label) of live things, units by no name."""

    states: Mapping[str, State] = field(default_factory=dict)
    graph: Graph = Graph({}, {}, {})
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, item: str) -> State:
        return self.states.get(item, _DRAFT)


@dataclass(frozen=True, slots=True)
class Review:
    """That somebody looked at an item as it read (`fp`), with what it rested on. `basis_json` is that basis, read
    only where it is not what `support_fp` says it is today."""

    id: str
    item: str
    fp: str
    support_fp: str
    basis_json: str
    holds: bool
    occasion: str
    at: str
    by: str
    note: str = ""

    @property
    def basis(self) -> frozenset[Ground]:
        return frozenset((t, d, p, r) for t, d, p, r in json.loads(self.basis_json))


def basis_json(basis: Iterable[Ground]) -> str:
    return json.dumps(sorted(basis), separators=(",", ":"))


def basis_print(basis: Iterable[Ground]) -> str:
    """SHA-256 of what something rests on; hex, 64 characters."""
    return sha256("\n".join(sorted(map("\t".join, basis))).encode()).hexdigest()


def below(graph: Graph, items: Iterable[str]) -> list[str]:
    """The items and everything with a state that they rest on, each once, the items first."""
    found: dict[str, None] = {}
    queue = deque(items)
    while queue:
        here = queue.popleft()
        if here not in found and graph.kinds.get(here) in TRUSTED:
            found[here] = None
            queue.extend(sorted(dst for _, dst, _ in graph.steps.get(here, ())))
    return list(found)


def _matches(graph: Graph, review: Review, fp: str, support_fp: str) -> bool:
    """Whether a review is of the thing as it reads and rests now."""
    if review.fp != fp:
        return False
    if review.support_fp == support_fp:
        return True
    was, basis = review.basis, graph.basis(review.item)
    return basis <= was and all(g[0] == CHALLENGE for g in was - basis)


def _causes(graph: Graph, item: str, review: Review) -> list[Cause]:
    """How a thing differs from how it was reviewed."""
    causes = []
    basis = graph.basis(item)
    if graph.prints[item] != review.fp:
        causes.append(Cause("reworded", item, graph.kinds[item], ""))
    was = review.basis
    before = {(t, d): (p, r) for t, d, p, r in sorted(was)}
    now = {(t, d): (p, r) for t, d, p, r in sorted(basis)}
    for (type, dst), (fp, role) in sorted(now.items()):
        kind = "challenge" if type == CHALLENGE else graph.kinds.get(dst, "")
        if dst in graph.withdrawn:
            if before.get((type, dst), ("", ""))[0] != WITHDRAWN:
                causes.append(Cause("withdrawn", dst, kind, "", role=role))
        elif (type, dst) not in before or before[type, dst][1] != role:
            causes.append(Cause("came", dst, kind, "", role=role))
        elif before[type, dst][0] != fp:
            causes.append(Cause("basis_reworded", dst, kind, "", role=role))
    for (type, dst), (_, role) in sorted(before.items()):
        if (type, dst) not in now and type != CHALLENGE:
            causes.append(
                Cause(
                    "withdrawn" if dst in graph.withdrawn else "went",
                    dst,
                    graph.kinds.get(dst, ""),
                    "",
                    role=role,
                )
            )
    return causes


def compute(
    graph: Graph, reviews: Sequence[Review], failing: Mapping[str, str] | None = None
) -> dict[str, State]:
    """The state of every live theme, requirement and component that was ever reviewed; the others are in draft.

    `reviews` in the order they were made. `failing`: requirements that fail a rule a project has switched on, with
    the sentence that says so; such a thing is in doubt however valid what it rests on is."""
    of_item: dict[str, list[Review]] = {}
    for review in reviews:
        if graph.kinds.get(review.item) in TRUSTED and review.item in graph.prints:
            of_item.setdefault(review.item, []).append(review)
    found: dict[str, tuple[str, list[Cause], Review]] = {}
    let_go: dict[str, list[Cause]] = {}
    for item, mine in of_item.items():
        fp, support_fp = graph.prints[item], graph.support_print(item)
        last = mine[-1]
        matching = [r for r in mine if _matches(graph, r, fp, support_fp)]
        if matching and matching[-1].holds:
            found[item] = ("reviewed", [], last)
            continue
        if matching:
            held = next((r for r in reversed(mine) if r.holds), None)
            found[item] = ("does_not_hold", _causes(graph, item, held) if held else [], last)
            continue
        causes = _causes(graph, item, last)
        found[item] = ("doubt", causes, last)
        for cause in causes:
            if cause.kind == "went" and graph.kinds.get(cause.item) in TRUSTED:
                let_go.setdefault(cause.item, []).append(Cause("let_go", item, graph.kinds[item], ""))
    for item, said in (failing or {}).items():
        if item in found:
            let_go.setdefault(item, []).append(Cause("rule", item, graph.kinds[item], said))
    for item, causes in let_go.items():
        if item in found:
            state, known, last = found[item]
            found[item] = ("doubt" if state == "reviewed" else state, [*known, *causes], last)
    paths = _paths(graph, sorted(i for i, (state, _, _) in found.items() if state != "reviewed"))
    states = {}
    for item, (state, causes, last) in found.items():
        distant = state == "reviewed" and item in paths
        states[item] = State(
            "distant" if distant else state, last.at, tuple(causes), paths[item] if distant else (),
            last.occasion, last.by, last.note, sum(g[0] == "gathers" for g in last.basis) if causes else 0,
        )  # fmt: skip
    return states


def _paths(graph: Graph, doubted: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """From every thing that rests on something in doubt, the shortest way down to it, both ends included."""
    above: dict[str, list[str]] = {}
    if doubted:
        for src in sorted(graph.steps):
            for _, dst, _ in graph.steps[src]:
                above.setdefault(dst, []).append(src)
    paths: dict[str, tuple[str, ...]] = {item: (item,) for item in doubted}
    queue = deque(doubted)
    while queue:
        here = queue.popleft()
        for src in above.get(here, ()):
            if src not in paths:
                paths[src] = (src, *paths[here])
                queue.append(src)
    return paths


def deep_support(graph: Graph) -> set[str]:
    """Requirements with at least one ground that still carries: a theme with a unit left, or anything but a unit
    that was withdrawn."""
    carries: dict[str, bool] = {}

    def is_carrying(item: str) -> bool:
        if item not in carries:
            carries[item] = False
            if graph.kinds.get(item) == "category":
                carries[item] = any(
                    t == "gathers" and d not in graph.withdrawn for t, d, _ in graph.steps.get(item, ())
                )
            else:
                carries[item] = item in graph.kinds and item not in graph.withdrawn
        return carries[item]

    return {
        item
        for item, kind in graph.kinds.items()
        if kind == "requirement"
        and any(
            t == "based_on" and r == "supports" and is_carrying(d) for t, d, r in graph.steps.get(item, ())
        )
    }


# -- the graph as it would be -----------------------------------------------------------------------------------


def without(graph: Graph, items: Collection[str], replaced_by: str | None = None) -> Graph:
    """The graph with these things taken out. With `replaced_by`, what rested on them rests on that, and that on what
    they rested on."""
    kinds = {i: k for i, k in graph.kinds.items() if i not in items}
    steps: dict[str, set[Step]] = {}
    for src, onward in graph.steps.items():
        into = replaced_by if src in items else src
        if into is None:
            continue
        for type, dst, role in onward:
            target = replaced_by if dst in items else dst
            if target is not None and target != into:
                steps.setdefault(into, set()).add((type, target, role))
    prints = {i: p for i, p in graph.prints.items() if i not in items}
    return Graph(kinds, prints, steps, graph.withdrawn)


def withdrawing(graph: Graph, units: Collection[str]) -> Graph:
    """The graph with these units withdrawn."""
    mine = {u: WITHDRAWN for u in units if u in graph.prints}
    return Graph(graph.kinds, {**graph.prints, **mine}, graph.steps, graph.withdrawn | frozenset(units))


def rewording(graph: Graph, item: str) -> Graph:
    """The graph with one thing reading otherwise."""
    return Graph(graph.kinds, {**graph.prints, item: "reworded"}, graph.steps, graph.withdrawn)


def unlinking(graph: Graph, type: str, src: str, dst: str) -> Graph:
    """The graph without one step."""
    kept = frozenset(s for s in graph.steps.get(src, ()) if s[:2] != (type, dst))
    return Graph(graph.kinds, graph.prints, {**graph.steps, src: kept}, graph.withdrawn)
