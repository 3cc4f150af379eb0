"""The trace strip as a picture of its own, drawn without a browser: who stands behind which part of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from .characters import printable

_INK, _MUTED, _PETROL, _RULE = "#10181B", "#56615F", "#15536E", "#DADFDE"
_STATE = {"doubt": "#B3261E", "distant": "#8F5200"}
_WIDTHS, _GAP, _TOP, _SIZE, _LINE = (128, 196, 268, 138), 52, 30, 10.0, 12.2
_HEIGHT = 470


@dataclass(frozen=True, slots=True)
class StripNode:
    """`state` doubt | distant | empty, said in `word`."""

    id: str
    label: str
    weight: int
    state: str = ""
    word: str = ""


def _wrapped(label: str, width: float, most: int) -> list[str]:
    letters = int(width / (_SIZE * 0.53))
    lines = [""]
    for word in printable(label)[0].split():
        for piece in [word[i : i + letters] for i in range(0, len(word), letters)]:
            if lines[-1] and len(lines[-1]) + 1 + len(piece) > letters:
                lines.append(piece)
            else:
                lines[-1] = f"{lines[-1]} {piece}".strip()
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: letters - 2].rstrip(" ,.;") + " …"]
    return lines


def _shape(state: str, x: float, y: float) -> str:
    if state == "doubt":
        return f'<path d="M{x:.1f},{y:.1f} l3.6,-6.6 l3.6,6.6 z" fill="{_STATE[state]}"/>'
    return f'<circle cx="{x + 3.4:.1f}" cy="{y - 3.2:.1f}" r="3" fill="{_STATE[state]}"/>'


def strip_svg(
    columns: Sequence[tuple[str, Sequence[StripNode]]],
    links: Sequence[tuple[str, str, int, bool]],
    *,
    note: str = "",
    alt: str = "",
) -> str:
    """Columns of nodes from left to right, with a ribbon for each (from, to, people, against); `note` below.

    A thing in doubt has a triangle and its word, one above it a disc; a ribbon that speaks against is dashed."""
    place: dict[str, float] = {}
    ordered: list[tuple[str, list[StripNode]]] = []
    for title, nodes in columns:

        def middle(node: StripNode, given: Sequence[StripNode] = nodes) -> float:
            near = [place[a] for a, b, _, _ in links if b == node.id and a in place]
            return sum(near) / len(near) if near else given.index(node) / max(1, len(given))

        ordered.append((title, sorted(nodes, key=middle)))
        for n, node in enumerate(ordered[-1][1]):
            place[node.id] = (n + 0.5) / len(nodes)
    fullest = max((len(nodes) for _, nodes in ordered), default=0)
    height = max(_HEIGHT, fullest * (_LINE + 5))
    heaviest = max((w for *_, w, _ in links), default=1)
    drawn, behind, box = [], [], {}
    x = 0.0
    for (title, nodes), width in zip(ordered, _WIDTHS, strict=False):
        drawn.append(f'<text x="{x:.1f}" y="12" font-weight="600" font-size="11">{escape(title)}</text>')
        each = (height - _TOP) / max(1, len(nodes))
        most = max(1, min(4, int((each - 6) / _LINE)))
        for n, node in enumerate(nodes):
            y = _TOP + each * (n + 0.5)
            lines = _wrapped(node.label, width - 14, max(1, most - 1) if node.state and most > 1 else most)
            tall = len(lines) + (1 if node.state and most > 1 else 0)
            half = max(tall * _LINE / 2 + 1, 7)
            box[node.id] = (x, x + width, y, half)
            colour = _STATE.get(node.state, _PETROL)
            drawn.append(
                f'<rect x="{x:.1f}" y="{y - half:.1f}" width="3" height="{2 * half:.1f}" fill="{colour}"/>'
            )
            at = y - (tall - 1) * _LINE / 2 + 3.4
            if node.state:
                drawn.append(_shape(node.state, x + 9, at))
                if most > 1:
                    drawn.append(f'<text x="{x + 20:.1f}" y="{at:.1f}" fill="{_MUTED}" font-size="9">'
                                 f"{escape(node.word)}</text>")  # fmt: skip
                    at += _LINE
            indent = 20 if node.state and most == 1 else 9
            for line in lines:
                drawn.append(f'<text x="{x + indent:.1f}" y="{at:.1f}">{escape(line)}</text>')
                at += _LINE
        x += width + _GAP
    for a, b, weight, against in sorted(links, key=lambda link: -link[2]):
        if a not in box or b not in box:
            continue
        (_, x0, y0, _), (x1, _, y1, _) = box[a], box[b]
        x0, x1 = x0 + 2, x1 - 2
        bend = (x1 - x0) * 0.5
        how = (
            f'stroke="{_STATE["doubt"]}" stroke-width="1.4" stroke-dasharray="4 3"' if against
            else f'stroke="{_PETROL}" stroke-opacity="0.26" stroke-width="{1.2 + 9 * weight / max(heaviest, 8):.1f}"'
        )  # fmt: skip
        behind.append(
            f'<path d="M{x0:.1f},{y0:.1f} C{x0 + bend:.1f},{y0:.1f} {x1 - bend:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"'
            f' fill="none" {how}/>'
        )
    width = sum(_WIDTHS) + 3 * _GAP
    height += 10
    for line in _wrapped(note, width, 9) if note else ():
        height += _LINE
        drawn.append(f'<text x="0" y="{height - 4:.1f}" fill="{_MUTED}">{escape(line)}</text>')
    # A file of its own has paper round it; in a document the page is the paper.
    edge = 14 if note else 0
    if note:
        whole = f'x="-{edge}" y="-{edge}" width="{width + 2 * edge}" height="{height + 2 * edge:.0f}"'
        behind.insert(0, f'<rect {whole} fill="#ffffff"/>')
    if alt:
        behind.insert(0, f"<title>{escape(printable(alt)[0])}</title>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{edge} -{edge} {width + 2 * edge} {height + 2 * edge:.0f}"'
        f' width="{width + 2 * edge}" height="{height + 2 * edge:.0f}"'
        f' font-family="IBM Plex Sans, sans-serif" font-size="{_SIZE}" fill="{_INK}">'
        f"{''.join(behind)}{''.join(drawn)}</svg>"
    )
