"""The trace as a strip: groups, themes, requirements and components, aggregated to at most 40 nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.domain.trust import Trust

from .model import RequirementView
from .synthesis import Matrix

MOST_NODES = 40
_LEFT_OUT = ("parked", "rejected")


@dataclass(frozen=True, slots=True)
class StripNode:
    """`state`: doubt (in doubt itself) | distant (something below it is) | empty."""

    id: str
    label: str
    weight: int
    state: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """Groups -> themes -> requirements -> components, aggregated; `weight` of a ribbon is people, else 1.

    Where a group is too small to be counted it is not exact, and every weight is 1."""

    columns: tuple[tuple[str, tuple[StripNode, ...]], ...]  # (group | theme | requirement | component, nodes)
    links: tuple[tuple[str, str, int, bool], ...]  # (from, to, weight, against)
    left_out: int  # requirements, themes and components that had no room
    is_exact: bool


def told_state(trust: Trust, item: str) -> str:
    """doubt | distant | empty: what a committee is told of an item's state."""
    state = trust.of(item).state
    return "doubt" if state in ("doubt", "does_not_hold") else "distant" if state == "distant" else ""


def build_strip(
    matrix: Matrix,
    requirements: Sequence[RequirementView],
    components: Sequence[tuple[str, str, Sequence[str]]],
    trust: Trust | None = None,
) -> Strip:
    """At most 40 nodes: parked and rejected requirements go first, then the least supported, then themes and
    components past their share.

    A band is drawn wherever somebody was heard; how many is told only where the matrix is exact."""
    trust = trust or Trust()
    groups = matrix.groups[: MOST_NODES // 4]
    live = [r for r in requirements if r.requirement.status not in _LEFT_OUT]
    # Requirements get what the others leave, and at least a quarter where there are so many.
    room = MOST_NODES - len(groups) - min(len(live), MOST_NODES // 4)
    themes = matrix.themes[: max(room - min(len(components), room // 2), room // 2)]
    parts = components[: room - len(themes)]
    room = MOST_NODES - len(groups) - len(themes) - len(parts)
    ranked = sorted(live, key=lambda r: (r.requirement.moscow != "must", -(r.people or 0)))
    shown = sorted(ranked[:room], key=lambda r: r.requirement.key)
    people = {r.requirement.id: r.people or 1 for r in shown}
    drawn = {id for id, _ in themes}
    links: list[tuple[str, str, int, bool]] = []
    for theme, _ in themes:
        for group, _, _, _ in groups:
            if (cell := matrix.cells[theme][group]).anyone:
                links.append((group, theme, cell.heard or 1, False))
    for r in shown:
        for s in (*r.supports, *r.against):
            if s.item in drawn:
                links.append((s.item, r.requirement.id, people[r.requirement.id], s.role == "contradicts"))
    for id, _, realises in parts:
        links += [(q, id, people[q], False) for q in realises if q in people]
    weights = {t: sum(c.heard or 0 for c in matrix.cells[t].values()) for t, _ in themes}
    sample = {id: cell.sample or 1 for row in matrix.cells.values() for id, cell in row.items()}

    def node(id: str, label: str, weight: int) -> StripNode:
        return StripNode(id, label, weight, told_state(trust, id))

    columns: tuple[tuple[str, tuple[StripNode, ...]], ...] = (
        ("group", tuple(node(id, name, sample.get(id, 1)) for id, name, _, _ in groups)),
        ("theme", tuple(node(id, heading, weights[id]) for id, heading in themes)),
        ("requirement", tuple(node(r.requirement.id, f"{r.requirement.key} {r.requirement.statement}",
                                   people[r.requirement.id]) for r in shown)),
        ("component", tuple(node(id, name, len(q)) for id, name, q in parts)),
    )  # fmt: skip
    left_out = len(live) - len(shown) + len(matrix.themes) - len(themes) + len(components) - len(parts)
    strip = Strip(columns, tuple(links), left_out, True)
    return strip if matrix.is_exact else drawn_alike(strip)


def drawn_alike(strip: Strip) -> Strip:
    """The same with every band and node of one width, so that nobody is numbered."""
    columns = tuple((kind, tuple(replace(n, weight=1) for n in nodes)) for kind, nodes in strip.columns)
    return replace(
        strip, columns=columns, links=tuple((a, b, 1, x) for a, b, _, x in strip.links), is_exact=False
    )
