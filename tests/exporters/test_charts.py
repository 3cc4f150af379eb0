"""Pictures of counts opened again: real SVG and PNG, with words in them as they were written."""

from __future__ import annotations

import io
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from workbench.exporters import charts
from workbench.exporters.charts import PALETTE, Head, Lane, Square

HOSTILE = 'Ærø & <b onload="x">ål</b> $x$ 🙂'
SVG = "{http://www.w3.org/2000/svg}"


def words(data: bytes) -> list[str]:
    return ["".join(t.itertext()) for t in ElementTree.fromstring(data).iter(f"{SVG}text")]


def a_heat(columns: int = 3) -> charts.Drawing:
    row = [
        Square("7/9", "14 units", 0.8),
        Square("·", empty=True),
        Square("", "no one spoke of it", 0.0, True),
    ]
    cells = [(row * columns)[:columns] for _ in range(2)]
    return charts.heat(
        HOSTILE, [Head(HOSTILE, "IN", 0), Head("Fourteenth", "FT", 13)],
        [Head(f"{n} {HOSTILE}") for n in range(columns)], cells, notes=["Invented. \x00"], alt=f"Alt {HOSTILE}",
    )  # fmt: skip


def a_portrait() -> charts.Drawing:
    lanes = [Lane(Head("Inger"), ((0, 50),)), Lane(Head(HOSTILE, "IN", 2), ((10, 12), (60, 90)))]
    return charts.portrait(
        "Interview", lanes, length=100, ticks=[(0, "turn 1"), (50, "2")], notes=[], alt="p"
    )


def a_timeline() -> charts.Drawing:
    return charts.timeline(
        "Time", [(Head(HOSTILE, "AK"), [1, 0, 12])], ["4 May", "5 May", "6 May"], notes=[], alt="t"
    )


@pytest.mark.parametrize("make", [a_heat, a_portrait, a_timeline, lambda: a_heat(41), lambda: a_heat(1)])
@pytest.mark.parametrize("format", ["svg", "page"])
def test_each_picture_is_an_svg_whose_words_are_words(make: object, format: str) -> None:
    data = charts.draw(make(), format)  # type: ignore[operator]
    root = ElementTree.fromstring(data)
    assert root.tag == f"{SVG}svg"
    said = " ".join(words(data))
    assert "Ærø & <b" in said and "🙂" in said.replace("…", "🙂")
    tags = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert tags <= {"svg", "title", "style", "rect", "g", "path", "text", "line", "defs", "tspan"}
    assert not [a for node in root.iter() for a in node.attrib if a.lower().startswith("on") or "href" in a]


def test_a_picture_says_what_it_is_to_those_who_do_not_see_it() -> None:
    title = ElementTree.fromstring(charts.draw(a_heat(), "svg")).find(f"{SVG}title")
    assert title is not None and title.text == f"Alt {HOSTILE}"


def test_a_png_is_twice_as_large_as_the_drawing_and_white_where_nothing_is() -> None:
    from PIL import Image

    drawing = a_heat()
    image = Image.open(io.BytesIO(charts.draw(drawing, "png"))).convert("RGB")
    assert abs(image.width - 2 * drawing.width) <= 2 and abs(image.height - 2 * drawing.height) <= 2
    assert image.getpixel((2, 2)) == (255, 255, 255)
    colours = image.getcolors(1 << 24)
    assert colours is not None and len(colours) > 20


def test_on_a_page_there_is_no_ground_and_every_colour_has_a_dark_one() -> None:
    page = charts.draw(a_heat(), "page").decode()
    for light, dark in PALETTE.values():
        assert f'[fill="{light}"]{{fill:{dark}}}' in page
    root = ElementTree.fromstring(page)
    used = {n.get(a) for n in root.iter() for a in ("fill", "stroke") if n.get(a)} - {"none", "transparent"}
    assert used <= {light for light, _ in PALETTE.values()}
    assert PALETTE["paper"][0] not in {n.get("fill") for n in root.iter(f"{SVG}rect")}


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [0, 1])
def test_a_figure_is_legible_on_the_darkest_cell_in_light_and_dark(mode: int) -> None:
    paper, petrol, ink = (PALETTE[n][mode] for n in ("paper", "petrol", "ink"))
    mixed = [round(int(paper[n : n + 2], 16) * 0.6 + int(petrol[n : n + 2], 16) * 0.4) for n in (1, 3, 5)]
    assert _contrast(ink, "#" + "".join(f"{c:02x}" for c in mixed)) >= 4.5
    assert _contrast(PALETTE["soft"][mode], paper) >= 4.5
    assert all(_contrast(PALETTE[f"c{n}"][mode], paper) >= 3 for n in range(12))


def test_drawing_is_done_in_another_process_and_leaves_nothing_heavy_in_this_one() -> None:
    code = (
        "import sys; from workbench.exporters import charts\n"
        "d = charts.timeline('T', [(charts.Head('A'), [1])], ['4 May'], notes=[], alt='t')\n"
        "assert charts.draw_apart(d).startswith(b'<svg')\n"
        "sys.exit(bool({'altair', 'pandas', 'vl_convert', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_all_that_is_drawn_lies_within_the_picture() -> None:
    for drawing in (a_heat(), a_heat(41), a_portrait(), a_timeline()):
        for x, y, w, h, *_ in drawing.rects:
            assert x >= 0 and x + w <= drawing.width + 1 and y >= 0 and y + h <= drawing.height
        for x, y, *_ in drawing.texts:
            assert 0 <= x <= drawing.width and 0 <= y <= drawing.height
