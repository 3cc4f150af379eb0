"""Pictures of counts, drawn with Altair without a browser: heat map, portrait of a source, marking over time.

A picture is first laid out as rectangles, lines and words at their places (plain Python, cheap), then drawn
by Altair in a process of its own, like the picture of the trace: what it needs there is given back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.resources import as_file, files
from typing import Any
from xml.sax.saxutils import escape

from .characters import printable

# Light, dark. The names are what a drawing speaks of.
PALETTE: dict[str, tuple[str, str]] = {
    "ink": ("#10181B", "#E6EAEA"), "soft": ("#4B5659", "#A9B3B4"), "line": ("#DADFDE", "#343C3F"),
    "petrol": ("#15536E", "#7CC0DC"), "paper": ("#FFFFFF", "#14181A"),
    # Code groups in the order they are given (1 to 12), as in the reader.
    "c0": ("#02409A", "#5386DE"), "c1": ("#9F8010", "#F3DC71"), "c2": ("#7E0052", "#C292A5"), "c3": ("#17927E", "#A9E8DE"),
    "c4": ("#8C6EEF", "#969EFE"), "c5": ("#88464E", "#D2606F"), "c6": ("#CC56B9", "#EEA6D6"), "c7": ("#1C6A85", "#60CEFE"),
    "c8": ("#8742BF", "#A174B0"), "c9": ("#5B5800", "#8CA12A"), "c10": ("#AB593D", "#F8876B"), "c11": ("#2A4703", "#B3CC98"),
}  # fmt: skip
_LETTER = 0.56  # of its size: how wide a letter is, on average
_MARGIN, _LABEL = 14.0, 250.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pixels from the upper left corner. `rects`: x, y, width, height, colour, opacity. `lines`: x, y, x2, y2,
    colour, width. `texts`: x, y, words, size, bold, align (left, center, right), colour, angle (0 or 270)."""

    alt: str
    width: float = 0
    height: float = 0
    rects: list[tuple[float, float, float, float, str, float]] = field(default_factory=list)
    lines: list[tuple[float, float, float, float, str, float]] = field(default_factory=list)
    texts: list[tuple[float, float, str, float, bool, str, str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a row or over a column: `tag` of a code group, `colour` its stripe (0 is the first)."""

    name: str
    tag: str = ""
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of a heat map: a figure, a smaller one under it, how dark (0 to 1), whether nobody was heard, and
    whether there is nothing in it."""

    figure: str = ""
    small: str = ""
    share: float = 0.0
    silent: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of a portrait: stretches [start, end) in code points; without a colour it is a speaker's."""

    head: Head
    stretches: tuple[tuple[int, int], ...]


# -- words -------------------------------------------------------------------------------------------------


def _wide(text: str, size: float) -> float:
    return len(text) * size * _LETTER


def _wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """Lines of at most a width; a word that is longer is cut, and what does not fit ends in an ellipsis."""
    letters = max(4, int(width / (size * _LETTER)))
    lines, line = [], ""
    for word in printable(text)[0].split():
        while len(word) > letters:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:letters])
            word = word[letters:]
        if line and len(line) + 1 + len(word) > letters:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: letters - 1] + "…"]
    return lines


def _clipped(text: str, letters: int) -> str:
    text = " ".join(printable(text)[0].split())
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _paragraph(
    d: dict[str, Any], texts: Iterable[str], y: float, width: float, size: float, bold: bool = False
) -> float:
    colour = "ink" if bold else "soft"
    for text in texts:
        for line in _wrapped(text, size, width, 8):
            if line:
                d["texts"].append((_MARGIN, y, line, size, bold, "left", colour, 0))
                y += size * 1.45
    return y


def _begun(title: str, width: float) -> tuple[dict[str, Any], float]:
    d: dict[str, Any] = {"rects": [], "lines": [], "texts": []}
    return d, _paragraph(d, [title], _MARGIN + 8, width - 2 * _MARGIN, 15, True) + 4


def _row_head(d: dict[str, Any], head: Head, y: float, height: float) -> None:
    """A stripe, the tag in bold and the name, in the middle of the row's height."""
    x = _MARGIN
    if head.colour is not None:
        high, colour = height - 10, f"c{head.colour % 12}"
        # The thirteenth code group wears the first one's colour, broken.
        parts = ((0.0, 1.0),) if head.colour < 12 else ((0.0, 0.25), (0.375, 0.25), (0.75, 0.25))
        d["rects"] += [(x, y + 5 + high * at, 4.0, high * part, colour, 1.0) for at, part in parts]
    x += 11
    if head.tag:
        d["texts"].append((x, y + height / 2, head.tag, 11, True, "left", "ink", 0))
        x += 28
    lines = _wrapped(head.name, 11.5, _MARGIN + _LABEL - 10 - x, max(1, int(height / 13)))
    for n, line in enumerate(lines):
        d["texts"].append(
            (x, y + height / 2 + (n - (len(lines) - 1) / 2) * 13.5, line, 11.5, False, "left", "ink", 0)
        )


# -- the three pictures ----------------------------------------------------------------------------------------


def heat(
    title: str, rows: Sequence[Head], columns: Sequence[Head], cells: Sequence[Sequence[Square]], *, notes: Sequence[str],
    alt: str, apart: bool = True,
) -> Drawing:  # fmt: skip
    """A matrix of figures, the darker the more; `apart` sets the last column off as the sum of the others."""
    narrow = len(columns) > 9
    across, down = (38.0, 36.0) if narrow else (104.0, 46.0)
    left = _MARGIN + _LABEL
    gap = 12.0 if apart and len(columns) > 1 else 0.0
    width = max(left + across * len(columns) + gap + _MARGIN, 560.0)
    d, y = _begun(title, width)
    names = [f"{c.tag} {c.name}".strip() if c.tag and narrow else c.name for c in columns]
    if narrow:
        short = [_clipped(name, 34) for name in names]
        top = max((_wide(s, 11) for s in short), default=0) + 12
    else:
        wrapped = [_wrapped(name, 11, across - 12, 4) for name in names]
        top = 15.0 * max((len(w) for w in wrapped), default=1) + 6
    x_of = [left + n * across + (gap if gap and n == len(columns) - 1 else 0) for n in range(len(columns))]
    y += top
    for n, x in enumerate(x_of):
        if narrow:
            d["texts"].append((x + across / 2, y - 8, short[n], 11, False, "left", "ink", 270))
        else:
            for k, line in enumerate(reversed(wrapped[n])):
                d["texts"].append((x + 8, y - 10 - k * 14, line, 11, True, "left", "ink", 0))
    end = x_of[-1] + across if x_of else width - _MARGIN
    d["lines"].append((_MARGIN, y, end, y, "line", 1.0))
    for row, squares in zip(rows, cells, strict=True):
        _row_head(d, row, y, down)
        for x, s in zip(x_of, squares, strict=True):
            inside = (x + 1.5, y + 1.5, across - 3, down - 3)
            if s.silent:  # no line runs through the words
                said = _wide(s.small, 9.5) + 14 if s.small else 0.0
                _hatch(d, inside[0] + said, inside[1], inside[2] - said, inside[3])
            elif s.share:
                d["rects"].append((*inside, "petrol", round(0.07 + 0.33 * min(1.0, s.share), 3)))
            at, align = (x + across / 2, "center") if narrow else (x + 10, "left")
            if s.figure:
                middle, colour = y + down / 2 - (7 if s.small else 0), "soft" if s.empty else "ink"
                d["texts"].append((at, middle, s.figure, 12.5, not s.empty, align, colour, 0))
            if s.small:
                under, colour = y + down / 2 + (7 if s.figure else 0), "soft" if s.silent else "ink"
                d["texts"].append((at, under, s.small, 9.5, False, align, colour, 0))
        y += down
        d["lines"].append((_MARGIN, y, end, y, "line", 1.0))
    return _ended(d, y, width, notes, alt)


def _hatch(d: dict[str, Any], x: float, y: float, width: float, height: float) -> None:
    """Hairlines at 45 degrees within a rectangle."""
    for at in range(0, int(width + height), 8):
        x1, x2 = max(0.0, at - height), min(width, float(at))
        if x2 > x1:
            d["lines"].append((x + x1, y + at - x1, x + x2, y + at - x2, "line", 1.0))


def portrait(
    title: str,
    lanes: Sequence[Lane],
    *,
    length: int,
    ticks: Sequence[tuple[int, str]],
    notes: Sequence[str],
    alt: str,
) -> Drawing:
    """A text from left to right, a lane each for who speaks and for each code group."""
    across, down = 760.0, 30.0
    left = _MARGIN + _LABEL
    width = left + across + _MARGIN + 20
    d, y = _begun(title, width)
    scale = across / max(1, length)
    y += 16
    clear = -1e9
    for at, name in ticks:
        x = left + at * scale
        if x > clear:
            d["texts"].append((x, y - 9, name, 9.5, False, "left", "soft", 0))
            clear = x + _wide(name, 9.5) + 14
    d["lines"].append((_MARGIN, y, left + across, y, "line", 1.0))
    coloured = False
    for lane in lanes:
        voice = lane.head.colour is None and not coloured
        coloured = coloured or not voice
        high = 20.0 if voice else down
        _row_head(d, lane.head, y, high)
        colour = "soft" if lane.head.colour is None else f"c{lane.head.colour % 12}"
        for start, stop in lane.stretches:
            # A mark of a few words in a long text is still to be seen.
            x, wide = round(left + start * scale, 2), round(max(2.0, (stop - start) * scale - 0.7), 2)
            bar = (x, y + 7, wide, 6.0, colour, 0.5) if voice else (x, y + 6, wide, high - 12, colour, 0.85)
            d["rects"].append(bar)
        y += high
        d["lines"].append((_MARGIN, y, left + across, y, "line", 1.0))
    return _ended(d, y, width, notes, alt)


def timeline(
    title: str,
    rows: Sequence[tuple[Head, Sequence[int]]],
    columns: Sequence[str],
    *,
    notes: Sequence[str],
    alt: str,
) -> Drawing:
    """Bars over days, one band per analyst on the same scale, with the numbers at the bars."""
    left, down = _MARGIN + _LABEL, 92.0
    step = min(64.0, max(17.0, 760.0 / max(1, len(columns))))
    width = max(left + step * len(columns) + _MARGIN, 620.0)
    d, y = _begun(title, width)
    most = max((n for _, counts in rows for n in counts), default=0) or 1
    bar = min(30.0, step - 5)
    end = left + step * len(columns)
    y -= 18
    for head, counts in rows:
        floor = y + down - 14
        _row_head(d, head, floor - 40, 40)
        for n, count in enumerate(counts):
            if count:
                high = max(1.5, (down - 40) * count / most)
                x = left + n * step + (step - bar) / 2
                d["rects"].append((x, floor - high, bar, high, "petrol", 0.85))
                d["texts"].append((x + bar / 2, floor - high - 8, str(count), 10, False, "center", "ink", 0))
        d["lines"].append((left, floor, end, floor, "soft", 1.0))
        y += down
    y += 4
    clear = -1e9
    for n, name in enumerate(columns):
        half = _wide(name, 10) / 2
        x = min(max(left + n * step + step / 2, left + half), max(end, left + 2 * half) - half)
        if x - half > clear:
            d["texts"].append((x, y - 2, name, 10, False, "center", "soft", 0))
            clear = x + half + 12
    return _ended(d, y + 6, width, notes, alt)


def _ended(d: dict[str, Any], y: float, width: float, notes: Sequence[str], alt: str) -> Drawing:
    y = _paragraph(d, notes, y + 22, width - 2 * _MARGIN, 10.5)
    return Drawing(alt, round(width, 1), round(y + _MARGIN - 6, 1), **d)


# -- drawing -------------------------------------------------------------------------------------------------


def _words(chart: Any, how: dict[str, Any]) -> Any:
    return chart.mark_text(aria=False, baseline="middle", font="IBM Plex Sans", **how)


def _specification(drawing: Drawing, *, ground: bool) -> str:
    """The drawing as a Vega-Lite specification, made by Altair."""
    import altair as alt

    def colour(name: str) -> str:
        return PALETTE[name][0]

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, drawing.width], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[drawing.height, 0], nice=False))
    own: dict[str, Any] = {"scale": None, "legend": None}
    layers: list[Any] = []

    def layer(values: list[dict[str, Any]], draw: Callable[[Any], Any], **more: Any) -> None:
        if values:
            layers.append(draw(alt.Chart(alt.Data(values=values))).encode(x=x, y=y, **more))

    layer(
        [{"x": a, "y": b, "x2": a + w, "y2": b + h, "fill": colour(c), "share": o} for a, b, w, h, c, o in drawing.rects],
        lambda chart: chart.mark_rect(aria=False), x2="x2:Q", y2="y2:Q", color=alt.Color("fill:N", **own),
        opacity=alt.Opacity("share:Q", **own),
    )  # fmt: skip
    layer(
        [{"x": a, "y": b, "x2": e, "y2": f, "ink": colour(c), "wide": w} for a, b, e, f, c, w in drawing.lines],
        lambda chart: chart.mark_rule(aria=False), x2="x2:Q", y2="y2:Q", color=alt.Color("ink:N", **own),
        strokeWidth=alt.StrokeWidth("wide:Q", **own),
    )  # fmt: skip
    kinds = dict.fromkeys((bold, align, angle) for _, _, _, _, bold, align, _, angle in drawing.texts)
    for bold, align, angle in kinds:
        how = {"align": align, "angle": angle, "fontWeight": 600 if bold else 400}
        layer(
            [{"x": a, "y": b, "words": printable(words)[0], "size": size, "ink": colour(c)}
             for a, b, words, size, *kind, c, turned in drawing.texts if (*kind, turned) == (bold, align, angle)],
            partial(_words, how=how), text="words:N", size=alt.Size("size:Q", **own), color=alt.Color("ink:N", **own),
        )  # fmt: skip
    chart = alt.layer(*layers).properties(
        width=drawing.width, height=drawing.height, description=drawing.alt, padding=0,
        background=PALETTE["paper"][0] if ground else "transparent",
    ).configure_view(stroke=None).configure_axis(grid=False)  # fmt: skip
    # Every value is of our making: going through them all against the schema would take half of the time.
    return str(chart.to_json(indent=None, validate=False))


def _style() -> str:
    """Follows the page's colours, light or dark, where the picture is part of a page."""
    rules = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in PALETTE.values()
    )
    return f"<style>text{{font-family:'IBM Plex Sans',system-ui,sans-serif}}@media (prefers-color-scheme:dark){{{rules}}}</style>"


def draw(drawing: Drawing, format: str = "svg") -> bytes:
    """The drawing as "svg" or "png" (at 2x) on white, or as "page": an SVG on no ground, light or dark as the page is."""
    import vl_convert

    with as_file(files("workbench.exporters").joinpath("fonts")) as folder:
        vl_convert.register_font_directory(str(folder))
        spec = _specification(drawing, ground=format != "page")
        if format == "png":
            return bytes(vl_convert.vegalite_to_png(spec, scale=2))
        svg = str(vl_convert.vegalite_to_svg(spec))
    inside = svg.index(">") + 1
    title = f"<title>{escape(printable(drawing.alt)[0])}</title>"
    return (svg[:inside] + title + (_style() if format == "page" else "") + svg[inside:]).encode()


def draw_apart(drawing: Drawing, format: str = "svg") -> bytes:
    """The same, drawn in a process of its own. Raises subprocess.SubprocessError or OSError when that process fails."""
    asked = json.dumps([asdict(drawing), format]).encode()
    command = [sys.executable, "-m", "workbench.exporters.charts"]
    return subprocess.run(command, input=asked, capture_output=True, timeout=120, check=True).stdout  # noqa: S603


def _main() -> None:
    given, format = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(draw(Drawing(**given), format))


if __name__ == "__main__":
    _main()
