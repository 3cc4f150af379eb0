"""The theory of change as a picture on one page: SVG made here, every link numbered, shown or assumed in so many words.

Links may run back: what comes out of a model feeds into it again. They are drawn from the left edge, and say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from workbench.language import t, tn

from .characters import printable
from .coding_tree import _colour, _lines, _style, _text, _wide

KINDS = ("input", "activity", "mechanism", "outcome", "context")
_DRAWN = (
    "context",
    "input",
    "activity",
    "mechanism",
    "outcome",
)  # from left to right; context only where there is any


@dataclass(frozen=True, slots=True)
class TheoryNode:
    id: str
    rev: int
    kind: str
    text: str
    component: str | None
    component_name: str
    position: int


@dataclass(frozen=True, slots=True)
class Showing:
    """What shows a link, or (role "contradicts") speaks against it; `link` is the trace link."""

    link: str
    item: str
    kind: str
    label: str
    role: str


@dataclass(frozen=True, slots=True)
class Tried:
    """An assumption of the project's list that is about a link."""

    id: str
    key: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class TheoryLink:
    id: str
    rev: int
    n: int
    src: TheoryNode
    dst: TheoryNode
    assumption: str
    shown_by: tuple[Showing, ...]
    tried: tuple[Tried, ...]

    @property
    def state(self) -> str:
        """`shown` by something, `assumed`, or `doubted`: something speaks against it, or its test failed."""
        against = any(s.role == "contradicts" for s in self.shown_by)
        if against or any(x.state == "does_not_hold" for x in self.tried):
            return "doubted"
        return "shown" if self.shown_by else "assumed"

    @property
    def runs_back(self) -> bool:
        return _DRAWN.index(self.dst.kind) < _DRAWN.index(self.src.kind)


@dataclass(frozen=True, slots=True)
class TheoryPage:
    nodes: tuple[TheoryNode, ...]
    links: tuple[TheoryLink, ...]

    def of(self, kind: str) -> tuple[TheoryNode, ...]:
        return tuple(n for n in self.nodes if n.kind == kind)


# -- words, the same in the picture and in the list below it -----------------------------------------------------


def told(link: TheoryLink) -> str:
    """Shown by what, what speaks against it, or "Assumption": what, and how its test went."""
    said = []
    for role in ("supports", "contradicts"):
        names = [f"{s.label} ({t(f'theory.shown.{s.kind}')})" for s in link.shown_by if s.role == role]
        if names:
            said.append(t(f"theory.told.{role}", what="; ".join(names)))
    if link.assumption:
        said.append(t("theory.told.assumption", text=link.assumption))
    elif not link.shown_by and not link.tried:
        said.append(t("theory.told.assumed"))
    for x in link.tried:
        state = t(f"assumptions.state.{x.state}").lower()
        if x.text == link.assumption:
            said.append(t("theory.told.tried_same", key=x.key, state=state))
        else:
            said.append(t("theory.told.tried", key=x.key, text=x.text, state=state))
    return " ".join(f"{s[:1].upper()}{s[1:].rstrip('.')}." for s in said)


def told_pair(link: TheoryLink) -> str:
    return t(
        "theory.told.back" if link.runs_back else "theory.told.pair", src=link.src.text, dst=link.dst.text
    )


def counted(page: TheoryPage) -> str:
    """How many links are shown, assumed and in doubt."""
    parts = [
        tn(f"theory.n.{state}", n)
        for state in ("shown", "assumed", "doubted")
        if (n := sum(x.state == state for x in page.links))
    ]
    return t("theory.counted", links=tn("theory.n.links", len(page.links)), parts=", ".join(parts))


def theory_alt(page: TheoryPage) -> str:
    """What the picture says, for whoever does not see it."""
    said = [t("theory.alt")]
    for kind in _DRAWN:
        if found := page.of(kind):
            said.append(f"{t(f'theory.kind.{kind}')}: {'; '.join(n.text for n in found)}.")
    said += [f"{x.n}: {told_pair(x)}. {told(x)}" for x in page.links]
    return " ".join(said)


# -- laying out ------------------------------------------------------------------------------------------------

_WIDTH, _MARGIN, _PAD, _BETWEEN = 1116.0, 16.0, 10.0, 16.0
_BIG, _SMALL, _LEADING = 12.5, 10.5, 1.36


@dataclass(slots=True)
class _Box:
    node: TheoryNode
    x: float
    y: float
    width: float
    lines: list[tuple[str, float, str]]

    @property
    def height(self) -> float:
        return 2 * _PAD + sum(size * _LEADING for _, size, _ in self.lines) - 3

    @property
    def right(self) -> float:
        return self.x + self.width


def _boxes(page: TheoryPage, top: float) -> tuple[dict[str, _Box], list[tuple[float, str]], float, float]:
    """(boxes by node, the columns' (x, heading), the room between columns, the bottom)."""
    kinds = [k for k in _DRAWN if k != "context" or page.of(k)]
    gap = 74.0 if len(kinds) == 5 else 92.0
    # A loop within the last column runs around its right.
    loop = gap * 0.8 if any(x.src.kind == x.dst.kind == kinds[-1] for x in page.links) else 0.0
    width = (_WIDTH - 2 * _MARGIN - loop - gap * (len(kinds) - 1)) / len(kinds)
    found: dict[str, _Box] = {}
    heads, stacks = [], []
    for n, kind in enumerate(kinds):
        x = _MARGIN + n * (width + gap)
        heads.append((x, t(f"theory.column.{kind}")))
        stack = []
        for node in page.of(kind):
            lines = [(s, _BIG, "ink") for s in _lines(node.text, _BIG, width - 2 * _PAD)]
            name = node.component_name
            if name and name != node.text:
                said = t("theory.part", name=name)
            else:
                said = t("theory.is_component") if name else ""
            if said:
                lines += [(s, _SMALL, "soft") for s in _lines(said, _SMALL, width - 2 * _PAD)]
            stack.append(_Box(node, x, 0.0, width, lines))
        stacks.append(stack)
    tall = max((sum(b.height for b in s) + _BETWEEN * (len(s) - 1) for s in stacks if s), default=0.0)
    for stack in stacks:
        # Spread over the height there is, so that lines have room; a single one stands in the middle.
        left = tall - sum(b.height for b in stack)
        space = min(left / (len(stack) + 1), 64.0) if len(stack) else 0.0
        space = max(space, _BETWEEN) if len(stack) > 1 else space
        used = sum(b.height for b in stack) + space * (len(stack) - 1)
        y = top + max(0.0, (tall - used) / 2)
        for box in stack:
            box.y = y
            y += box.height + space
            found[box.node.id] = box
    bottom = max((b.y + b.height for b in found.values()), default=top)
    return found, heads, gap, bottom


_Point = tuple[float, float]


def _ends(links: Sequence[TheoryLink], boxes: Mapping[str, _Box]) -> dict[str, tuple[float, float]]:
    """Where each link leaves and arrives, in height: several at one edge are spread over it, in the order of the
    other ends, so that they cross as little as can be."""
    places: dict[tuple[str, str], list[tuple[float, str, int]]] = {}
    for x in links:
        a, b = boxes[x.src.id], boxes[x.dst.id]
        for end, (own, other) in enumerate(((a, b), (b, a))):
            edge = _edges(x)[end]
            places.setdefault((own.node.id, edge), []).append((other.y + other.height / 2, x.id, end))
    found: dict[str, list[float]] = {x.id: [0.0, 0.0] for x in links}
    for (node, _), here in places.items():
        box = boxes[node]
        for n, (_, link, end) in enumerate(sorted(here), start=1):
            found[link][end] = box.y + box.height * n / (len(here) + 1)
    return {id: (a, b) for id, (a, b) in found.items()}


def _edges(x: TheoryLink) -> tuple[str, str]:
    """The edges a link leaves and arrives by: forward from right to left, back from left to right, in one column
    around the right."""
    if x.src.kind == x.dst.kind:
        return "right", "right"
    return ("left", "right") if x.runs_back else ("right", "left")


_Curve = tuple[_Point, _Point, _Point, _Point]


def _path(
    x: TheoryLink, boxes: Mapping[str, _Box], ends: tuple[float, float], gap: float, used: dict[float, int]
) -> list[_Curve]:
    """The curves between columns, one for each gap that a link crosses; through a column on the way it runs straight,
    between the boxes. `used` counts how many go the same way there."""
    a, b = boxes[x.src.id], boxes[x.dst.id]
    leave, arrive = _edges(x)
    start = (a.right if leave == "right" else a.x, ends[0])
    end = (b.right + 5 if arrive == "right" else b.x - 5, ends[1])
    if leave == arrive:
        bulge = max(start[0], end[0]) + gap * 0.72
        return [(start, (bulge, start[1]), (bulge, end[1]), end)]
    way = 1 if end[0] > start[0] else -1
    stops = [start]
    for at in sorted({c.x for c in boxes.values()}, reverse=way < 0):
        column = [c for c in boxes.values() if c.x == at]
        if min(a.x, b.x) < at < max(a.x, b.x):
            share = (at - start[0]) / (end[0] - start[0])
            y = _channel(column, start[1] + (end[1] - start[1]) * share, used)
            edges = (at - 4, column[0].right + 4)
            stops += [(edge, y) for edge in (edges if way > 0 else edges[::-1])]
    stops.append(end)
    found = []
    for (x0, y0), (x1, y1) in zip(stops[::2], stops[1::2], strict=True):
        bend = (x1 - x0) / 2
        found.append(((x0, y0), (x0 + bend, y0), (x1 - bend, y1), (x1, y1)))
    return found


def _channel(column: Sequence[_Box], wanted: float, used: dict[float, int]) -> float:
    """Where a line passes a column: the free height nearest to the one wanted."""
    stack = sorted(column, key=lambda c: c.y)
    free = [
        stack[0].y - 10,
        *((p.y + p.height + q.y) / 2 for p, q in pairwise(stack)),
        stack[-1].y + stack[-1].height + 10,
    ]
    y = min(free, key=lambda f: abs(f - wanted))
    used[y + column[0].x] = n = used.get(y + column[0].x, 0) + 1
    return y + (n // 2) * (5 if n % 2 else -5)


def _at(p: _Curve, s: float) -> _Point:
    r = 1 - s
    w = (r**3, 3 * r * r * s, 3 * r * s * s, s**3)
    return sum(k * q[0] for k, q in zip(w, p, strict=True)), sum(k * q[1] for k, q in zip(w, p, strict=True))


def _free(curves: Sequence[_Curve], boxes: Mapping[str, _Box], taken: Sequence[_Point]) -> _Point:
    """Where a link's number stands: on its line, off every box, away from the other numbers."""

    def clear(p: _Point) -> float:
        """How far the nearest other number is, with the word under it; less than nothing on a box."""
        for b in boxes.values():
            if b.x - 11 < p[0] < b.right + 11 and b.y - 11 < p[1] < b.y + b.height + 11:
                return -1.0
        return min((((p[0] - q[0]) / 1.7) ** 2 + (p[1] - q[1]) ** 2) ** 0.5 for q in taken) if taken else 99.0

    tries = [
        _at(c, s / 40) for s in (20, 18, 22, 16, 24, 14, 26, 12, 28, 10, 30, 8, 32, 6, 34) for c in curves
    ]
    good = next((p for p in tries if clear(p) >= 31), None)
    return good if good is not None else max(tries, key=clear)


# -- drawing ---------------------------------------------------------------------------------------------------


def _sign(x: float, y: float, state: str, colour: str = "ink") -> str:
    """The shapes of interface.md 3.3, drawn, since not every font has them: ✓ shown, ○ assumed, ▲ in doubt."""
    ink = _colour(colour)
    if state == "shown":
        points = f"{x - 4.5:.1f},{y + 0.2:.1f} {x - 1.4:.1f},{y + 3.4:.1f} {x + 4.5:.1f},{y - 4:.1f}"
        return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.7"/>'
    if state == "assumed":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="none" stroke="{ink}" stroke-width="1.5"/>'
    return f'<path d="M{x:.1f} {y - 4.4:.1f}L{x + 4.8:.1f} {y + 3.8:.1f}H{x - 4.8:.1f}Z" fill="{ink}"/>'


_STROKE = {
    "shown": 'stroke-width="1.7"',
    "assumed": 'stroke-width="1.3" stroke-dasharray="5 4"',
    "doubted": 'stroke-width="1.7" stroke-dasharray="1.5 4" stroke-linecap="round"',
}


def _arrow(x: TheoryLink, curves: Sequence[_Curve]) -> str:
    ink = _colour("petrol" if x.state == "shown" else "soft")
    path = f"M{curves[0][0][0]:.1f} {curves[0][0][1]:.1f}"
    for (x0, y0), (x1, y1), (x2, y2), (x3, y3) in curves:
        path += f"L{x0:.1f} {y0:.1f}C{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f} {x3:.1f} {y3:.1f}"
    way = 1 if x2 < x3 else -1
    head = f"M{x3 + 4 * way:.1f} {y3:.1f}L{x3 - 4.5 * way:.1f} {y3 - 4.2:.1f}V{y3 + 4.2:.1f}Z"
    return f'<path d="{path}" fill="none" stroke="{ink}" {_STROKE[x.state]}/><path d="{head}" fill="{ink}"/>'


def _number(x: TheoryLink, at: _Point) -> str:
    """The link's number in a ring on its line, and under it the one word that says how it stands."""
    cx, cy = at
    paper, ink = _colour("paper"), _colour("ink")
    middle = 'text-anchor="middle"'
    word = escape(t(f"theory.word.{x.state}"))
    size = 9.5
    return (
        f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="9.5" fill="{paper}" stroke="{ink}" stroke-width="1.1"/>'
        f'<text x="{cx:.1f}" y="{cy + 3.8:.1f}" font-size="11" font-weight="600" {middle} fill="{ink}">{x.n}</text>'
        f'<text x="{cx:.1f}" y="{cy + 20.5:.1f}" font-size="{size}" {middle} fill="{ink}" stroke="{paper}"'
        f' stroke-width="3.2" paint-order="stroke" stroke-linejoin="round">{word}</text>'
    )


def _drawn(box: _Box) -> list[str]:
    context = box.node.kind == "context"
    dash = ' stroke-dasharray="5 4"' if context else ""
    found = [
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5"'
        f' fill="{_colour("paper")}" stroke="{_colour("soft")}" stroke-width="1"{dash}/>'
    ]
    if box.node.kind == "outcome":
        found.append(
            f'<rect x="{box.right - 4:.1f}" y="{box.y:.1f}" width="4" height="{box.height:.1f}" rx="1.5"'
            f' fill="{_colour("petrol")}"/>'
        )
    y = box.y + _PAD - 2.5
    for words, size, colour in box.lines:
        found.append(_text(box.x + _PAD, y + size * 1.05, words, size, colour))
        y += size * _LEADING
    return found


def _notes(page: TheoryPage, top: float) -> tuple[list[str], float]:
    """Each link in words, in two columns under the picture, so that the page stands alone."""
    width = (_WIDTH - 2 * _MARGIN - 32) / 2
    blocks = []
    for x in page.links:
        lines = [(s, True) for s in _lines(told_pair(x), _SMALL + 0.5, width - 44, True)]
        blocks.append((x, lines + [(s, False) for s in _lines(told(x), _SMALL + 0.5, width - 44)]))
    size = (_SMALL + 0.5) * 1.36
    heights = [len(lines) * size + 9 for _, lines in blocks]
    half, run = sum(heights) / 2, 0.0
    found: list[str] = []
    y, x0, bottom, turned = top, _MARGIN, top, False
    for (link, lines), height in zip(blocks, heights, strict=True):
        if not turned and run and run + height / 2 > half:
            y, x0, turned = top, _MARGIN + width + 32, True
        run += height
        ink = _colour("ink")
        found.append(
            f'<text x="{x0 + 7:.1f}" y="{y + 11:.1f}" font-size="11" font-weight="600" text-anchor="middle"'
            f' fill="{ink}">{link.n}</text>'
        )
        found.append(_sign(x0 + 29, y + 7, link.state))
        for words, bold in lines:
            found.append(_text(x0 + 44, y + 11, words, _SMALL + 0.5, "ink" if bold else "soft", bold=bold))
            y += size
        y += 9
        bottom = max(bottom, y)
    return found, bottom


def theory_svg(theory: TheoryPage, *, title: str = "", page: bool = False) -> str:
    """The theory as an SVG 1,116 wide; on white with each link in words below and `title` above, or with `page` for
    a page of the app: no ground, light or dark as the page is, and no words below."""
    parts: list[str] = []
    top = _MARGIN
    if not page:
        for line in _lines(
            t("theory.of", name=title) if title else t("theory.title"), 17, _WIDTH - 2 * _MARGIN, True
        ):
            parts.append(_text(_MARGIN, top + 14, line, 17, "ink", bold=True))
            top += 24
    boxes, heads, gap, bottom = _boxes(theory, top + 32)
    parts += [_text(x, top + 14, name, 11.5, "soft", bold=True) for x, name in heads]
    ends = _ends(theory.links, boxes)
    used: dict[float, int] = {}
    curves = {x.id: _path(x, boxes, ends[x.id], gap, used) for x in theory.links}
    taken: list[_Point] = []
    numbers = []
    for x in theory.links:
        taken.append(_free(curves[x.id], boxes, taken))
        numbers.append(_number(x, taken[-1]))
        bottom = max(bottom, taken[-1][1] + 24)
    drawn = [_arrow(x, curves[x.id]) for x in theory.links]
    drawn += [piece for b in boxes.values() for piece in _drawn(b)] + numbers
    y = bottom + 30
    left = _MARGIN
    for state in ("shown", "assumed", "doubted"):
        words = t(f"theory.legend.{state}")
        parts += [_sign(left + 5, y - 4, state), _text(left + 16, y, words, _SMALL, "soft")]
        left += 16 + _wide(words, _SMALL) + 24
    if not page and theory.links:
        notes, y = _notes(theory, y + 20)
        parts += notes
    height = round(y + _MARGIN)
    body = "".join([*drawn, *parts])
    ground = "" if page else f'<rect width="{_WIDTH:.0f}" height="{height}" fill="{_colour("paper")}"/>'
    name = escape(printable(title or t("theory.title"))[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH:.0f}" height="{height}"'
        f' viewBox="0 0 {_WIDTH:.0f} {height}" role="img" font-family="IBM Plex Sans"><title>{name}</title>'
        f"<desc>{escape(printable(theory_alt(theory))[0])}</desc>{_style(body, page=page)}{ground}{body}</svg>"
    )
