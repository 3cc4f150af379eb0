"""Pictures for paper and files, drawn with Altair without a browser: who stands behind which part of the model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from .characters import printable

INK, PETROL, PALE, DOUBT = "#10181B", "#15536E", "#DADFDE", "#B3261E"
_WIDTH, _ROW, _STEP = 300, 46, 24


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    weight: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Columns of nodes from left to right, and ribbons (from, to, people, against) between neighbouring columns."""

    columns: Sequence[tuple[str, Sequence[Node]]]
    links: Sequence[tuple[str, str, int, bool]]


def _ordered(flow: Flow) -> list[tuple[str, list[Node]]]:
    """Each column's nodes by the middle of what they hang on, so that ribbons cross less."""
    place: dict[str, float] = {}
    columns: list[tuple[str, list[Node]]] = []
    for title, nodes in flow.columns:

        def middle(node: Node, given: Sequence[Node] = nodes) -> float:
            above = [place[a] for a, b, _, _ in flow.links if b == node.id and a in place]
            return sum(above) / len(above) if above else given.index(node) / max(1, len(given))

        ordered = sorted(nodes, key=middle)
        for n, node in enumerate(ordered):
            place[node.id] = (n + 0.5) / max(1, len(ordered))
        columns.append((title, ordered))
    return columns


def _wrapped(label: str, letters: int = 40) -> list[str]:
    lines, line = [], ""
    for word in printable(label)[0].split():
        if line and len(line) + len(word) > letters:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2] + " …"]


def draw_flow(flow: Flow, *, note: str, format: str = "svg") -> bytes:
    """The flow as "svg" or "png" (at 2x). The width of a ribbon is people; a dashed one speaks against."""
    import altair as alt
    import pandas as pd
    import vl_convert

    columns = _ordered(flow)
    height = _ROW * max((len(nodes) for _, nodes in columns), default=1)
    at: dict[str, tuple[float, float]] = {}
    clear: dict[str, float] = {}
    boxes, texts, heads = [], [], []
    for c, (title, nodes) in enumerate(columns):
        x = c * _WIDTH
        heads.append({"x": x, "y": -18.0, "text": title})
        longest = max((len(line) for node in nodes for line in _wrapped(node.label)), default=0)
        for n, node in enumerate(nodes):
            y = height * (n + 0.5) / len(nodes)
            at[node.id] = (x, y)
            boxes.append({"x": x, "y": y - 16, "y2": y + 16, "x2": x + 5})
            clear[node.id] = 18 + longest * 5.3
            lines = _wrapped(node.label)
            texts += [
                {"x": x + 11, "y": y + (k - (len(lines) - 1) / 2) * 12, "text": t}
                for k, t in enumerate(lines)
            ]
    curves = []
    for n, (a, b, weight, against) in enumerate(flow.links):
        if a not in at or b not in at:
            continue
        (x0, y0), (x1, y1) = at[a], at[b]
        x0 += clear[a]  # ribbons leave where the column's labels end, so that no word is crossed
        for k in range(_STEP + 1):
            s = k / _STEP
            eased = s * s * (3 - 2 * s)
            curves.append({"link": n, "order": k, "x": x0 + (x1 - x0) * s, "y": y0 + (y1 - y0) * eased,
                           "width": min(14.0, 1.0 + weight), "against": against})  # fmt: skip
    position = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-4, _WIDTH * len(columns)])),
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height + 8, -30])),
    }
    ribbons = (
        alt.Chart(pd.DataFrame(curves, columns=["link", "order", "x", "y", "width", "against"]))
        .mark_line(opacity=0.28, strokeCap="butt")
        .encode(
            **position,
            detail="link:N",
            order="order:Q",
            strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
            color=alt.Color(
                "against:N", scale=alt.Scale(domain=[False, True], range=[PETROL, DOUBT]), legend=None
            ),
            strokeDash=alt.StrokeDash(
                "against:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [4, 4]]), legend=None
            ),
        )
    )
    marks = alt.Chart(pd.DataFrame(boxes)).mark_rect(color=PETROL).encode(**position, x2="x2:Q", y2="y2:Q")
    words = (
        alt.Chart(pd.DataFrame(texts))
        .mark_text(align="left", fontSize=10.5, color=INK)
        .encode(**position, text="text:N")
    )
    titles = alt.Chart(pd.DataFrame(heads)).mark_text(align="left", fontSize=12, fontWeight="bold", color=INK)
    chart = (ribbons + marks + words + titles.encode(**position, text="text:N")).properties(
        width=_WIDTH * len(columns), height=height + 30,
        title=alt.TitleParams(note, orient="bottom", anchor="start", fontSize=10, fontWeight="normal", color=INK),
    ).configure_view(stroke=None)  # fmt: skip
    spec = chart.to_json()
    if format == "png":
        return bytes(vl_convert.vegalite_to_png(spec, scale=2))
    return str(vl_convert.vegalite_to_svg(spec)).encode()


def draw_flow_apart(flow: Flow, *, note: str, format: str = "svg") -> bytes:
    """The same, drawn in a process of its own: Altair, pandas and the renderer take 200 MB that are given back.

    Raises subprocess.SubprocessError or OSError when that process fails."""
    asked = json.dumps([asdict(flow), note, format]).encode()
    command = [sys.executable, "-m", "workbench.exporters.pictures"]
    done = subprocess.run(command, input=asked, capture_output=True, timeout=120, check=True)  # noqa: S603
    return done.stdout


def _main() -> None:
    given, note, format = json.loads(sys.stdin.buffer.read())
    columns = [(title, [Node(**node) for node in nodes]) for title, nodes in given["columns"]]
    flow = Flow(columns, [tuple(link) for link in given["links"]])
    sys.stdout.buffer.write(draw_flow(flow, note=note, format=format))


if __name__ == "__main__":
    _main()
