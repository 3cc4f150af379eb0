"""The coding tree as a picture: an SVG laid out here, on white for print, or light and dark as the page it is part of."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape

from workbench.domain.coding_tree import (
    CodingTree,
    GoneGroup,
    TreeCategory,
    TreeEvent,
    TreeGroup,
    TreeSubgroup,
    TreeTheme,
)
from workbench.language import day, t, tn

from .characters import printable
from .charts import PALETTE

# -- words, the same in the picture and in the list beside it ----------------------------------------------------


def told(event: TreeEvent) -> str:
    """A renaming or a split with its day."""
    if event.kind == "renamed":
        return t("tree.renamed", was=event.was, day=day(event.at))
    return tn("tree.split_from", event.n, name=event.name, day=day(event.at))


def told_gone(gone: GoneGroup, into: str = "") -> str:
    """Where a code group went, and when."""
    if gone.into is None:
        return t("tree.taken_out", day=day(gone.at))
    return tn("tree.merged", gone.n, into=into, day=day(gone.at))


def told_theme(theme: TreeTheme) -> list[str]:
    """Whose themes went into an agreed one; whose one is that nobody agreed on."""
    if not theme.agreed:
        return [t("tree.own", who=theme.came_from[0][1])]
    whose: dict[str, list[str]] = {}
    for title, who in theme.came_from:
        whose.setdefault(who, []).append(title)
    return [t("tree.from", who=who, titles="; ".join(titles)) for who, titles in whose.items()]


def told_subgroup(subgroup: TreeSubgroup) -> str:
    units = tn("tree.units", subgroup.units)
    return f"{units} · {tn('tree.condensates', subgroup.condensates)}" if subgroup.condensates else units


def told_group(group: TreeGroup) -> str:
    units = tn("tree.units", group.units)
    return f"{units} · {tn('tree.loose', group.loose)}" if group.loose and group.subgroups else units


def tree_alt(tree: CodingTree) -> str:
    """What the picture says, for whoever does not see it: how much, then each code group in a sentence."""
    subgroups = sum(len(g.subgroups) for g in tree.groups)
    counts = (
        tn("tree.n.themes", len(tree.themes)), tn("tree.n.groups", len(tree.groups)), tn("tree.n.subgroups", subgroups),
        tn("tree.n.categories", sum(g.category is not None for g in tree.groups)),
    )  # fmt: skip
    said = [t("tree.alt", counts=", ".join(counts))]
    for g in tree.groups:
        inside = "; ".join(s.name for s in g.subgroups) or t("tree.no_subgroups")
        heading = g.category.heading if g.category else t("tree.no_category")
        said.append(
            t("tree.alt.group", name=g.name, units=tn("tree.units", g.units), inside=inside, heading=heading)
        )
    return " ".join(said)


# -- measuring -----------------------------------------------------------------------------------------------

# Of its size: how wide a letter of IBM Plex Sans is, a little too much rather than too little.
_EMS = {c: ems for letters, ems in ((" ", 0.24), ("ilj.,:;'!|", 0.29), ("tfr()[]-·I", 0.4), ("csvxyzkJ?“”", 0.52),
                                    ("mwMWæÆœ@%—…&", 0.91)) for c in letters}  # fmt: skip


_LONGEST = 400  # characters of a name in the picture


def _wide(text: str, size: float, bold: bool = False) -> float:
    ems = sum(_EMS.get(c, 0.69 if c.isupper() else 0.585) for c in text)
    return ems * size * (1.05 if bold else 1.01)


def _lines(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """The words in lines of at most `width`; a word longer than a line is broken, and a name longer than _LONGEST cut."""
    found: list[str] = []
    line = ""
    for word in _cut(printable(text)[0]).split():
        while _wide(word, size, bold) > width and len(word) > 1:
            fits = 1
            while fits < len(word) - 1 and _wide(word[: fits + 1] + "-", size, bold) <= width:
                fits += 1
            if line:
                found.append(line)
                line = ""
            found.append(word[:fits] + "-")
            word = word[fits:]
        longer = f"{line} {word}".strip()
        if line and _wide(longer, size, bold) > width:
            found.append(line)
            line = word
        else:
            line = longer
    return [*found, line] if line or not found else found


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + " …"


# -- laying out ------------------------------------------------------------------------------------------------

_MARGIN, _GAP, _BETWEEN, _PAD = 16.0, 8.0, 22.0, 9.0
_COLUMNS = ((16.0, 220.0), (286.0, 232.0), (556.0, 250.0), (844.0, 256.0))  # x, width
_WIDTH = 1116.0
_BIG, _SMALL = 12.5, 10.5


@dataclass(slots=True)
class _Box:
    """Words in a frame; `y` is set when its place is known. Each line: words, size, bold, colour."""

    width: float
    lines: list[tuple[str, float, bool, str]] = field(default_factory=list)
    frame: str = "plain"  # plain | dotted | dashed
    tag: str = ""
    colour: int | None = None
    stripe: float = 0.0
    state: bool | None = None  # of a category: ready or not
    x: float = 0.0
    y: float = 0.0

    @property
    def inset(self) -> float:
        return _PAD + (self.stripe + 2 if self.stripe else 0) + (27 if self.tag else 0)

    def say(
        self, texts: Iterable[str], size: float = _SMALL, *, bold: bool = False, soft: bool = True
    ) -> _Box:
        for text in texts:
            room = self.width - self.inset - _PAD - (16 if self.state is not None and size == _SMALL else 0)
            self.lines += [
                (line, size, bold, "soft" if soft else "ink") for line in _lines(text, size, room, bold)
            ]
        return self

    @property
    def height(self) -> float:
        return 2 * _PAD + sum(size * 1.34 for _, size, _, _ in self.lines) - 2

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def _stack(boxes: Sequence[_Box]) -> float:
    return sum(b.height for b in boxes) + _GAP * max(0, len(boxes) - 1)


def _put(boxes: Sequence[_Box], column: int, top: float, room: float) -> None:
    """One under another in a column, in the middle of the room there is."""
    y = top + max(0.0, (room - _stack(boxes)) / 2)
    for box in boxes:
        box.x, box.y = _COLUMNS[column][0], y
        y += box.height + _GAP


def _theme(theme: TreeTheme) -> _Box:
    box = _Box(_COLUMNS[0][1], frame="dotted").say([theme.title], _BIG, soft=False)
    return box.say(told_theme(theme))


def _group(group: TreeGroup) -> _Box:
    box = _Box(_COLUMNS[1][1], tag=group.tag, colour=group.colour, stripe=5.0)
    box.say([group.name], _BIG, bold=True, soft=False)
    return box.say([told_group(group), *(told(e) for e in group.events)])


def _went(gone: GoneGroup, into: str = "") -> _Box:
    box = _Box(_COLUMNS[1][1], frame="dashed").say([gone.name], 11.5)
    return box.say([told_gone(gone, into), *(told(e) for e in gone.events)])


def _subgroup(subgroup: TreeSubgroup, colour: int) -> _Box:
    box = _Box(_COLUMNS[2][1], colour=colour, stripe=2.5).say([subgroup.name], _BIG, soft=False)
    return box.say([told_subgroup(subgroup), *(told(e) for e in subgroup.events)])


def _category(category: TreeCategory) -> _Box:
    box = _Box(_COLUMNS[3][1], state=category.is_ready).say([category.heading], _BIG, bold=True, soft=False)
    return box.say([t("tree.ready" if category.is_ready else "tree.draft")])


# -- drawing ---------------------------------------------------------------------------------------------------


def _colour(name: str) -> str:
    return PALETTE[name][0]


def _text(x: float, y: float, words: str, size: float, colour: str, *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{weight} fill="{_colour(colour)}">{escape(words)}</text>'


_DASH = {
    "plain": "",
    "dotted": ' stroke-dasharray="0.1 4.5" stroke-linecap="round"',
    "dashed": ' stroke-dasharray="5 4"',
}
_EDGE = {"plain": 1.0, "dotted": 1.7, "dashed": 1.0}


def _drawn(box: _Box) -> list[str]:
    paper, edge = _colour("paper"), _colour("line" if box.frame == "plain" else "soft")
    found = [
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="5" fill="{paper}"'
        f' stroke="{edge}" stroke-width="{_EDGE[box.frame]}"{_DASH[box.frame]}/>'
    ]
    if box.colour is not None:
        # The thirteenth code group wears the first one's colour, broken.
        parts = ((0.0, 1.0),) if box.colour < 12 else ((0.0, 0.26), (0.37, 0.26), (0.74, 0.26))
        found += [
            f'<rect x="{box.x:.1f}" y="{box.y + box.height * at:.1f}" width="{box.stripe}" height="{box.height * part:.1f}"'
            f' rx="1.2" fill="{_colour(f"c{box.colour % 12}")}"/>'
            for at, part in parts
        ]
    y = box.y + _PAD - 2
    if box.tag:
        found.append(_text(box.x + _PAD + box.stripe + 2, y + _BIG * 1.05, box.tag, 11, "ink", bold=True))
    for n, (words, size, bold, colour) in enumerate(box.lines):
        x = box.x + box.inset
        if box.state is not None and n == len(box.lines) - 1:
            found.append(_shape(x, y + size * 0.62, box.state))
            x += 16
        found.append(_text(x, y + size * 1.05, words, size, colour, bold=bold))
        y += size * 1.34
    return found


def _shape(x: float, y: float, ready: bool) -> str:
    """The shapes of interface.md 3.3, drawn, since not every font has them: ✓ ready, ● draft."""
    ink = _colour("ink")
    if ready:
        points = f"{x + 0.5:.1f},{y + 0.5:.1f} {x + 3.6:.1f},{y + 3.6:.1f} {x + 9.5:.1f},{y - 4:.1f}"
        return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.8"/>'
    return f'<circle cx="{x + 4:.1f}" cy="{y:.1f}" r="3.4" fill="{ink}"/>'


def _curve(a: _Box, b: _Box, *, dotted: bool = False) -> str:
    x0, y0, x1, y1 = a.x + a.width, a.middle, b.x, b.middle
    bend = (x1 - x0) / 2
    how = (
        f'stroke="{_colour("soft")}" stroke-width="1.6"{_DASH["dotted"]}'
        if dotted
        else f'stroke="{_colour("soft")}"'
    )
    return f'<path d="M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}" fill="none" {how}/>'


def _rise(a: _Box, b: _Box) -> str:
    """From a code group that went up to the one it is in now."""
    x = a.x + 18
    return f'<path d="M{x:.1f} {a.y:.1f}V{b.y + b.height:.1f}" fill="none" stroke="{_colour("soft")}"{_DASH["dashed"]}/>'


def _settle(boxes: Sequence[_Box], wanted: Sequence[float], top: float, bottom: float) -> None:
    """Each as near as can be to the height it wants, in that order, none over another."""
    order = sorted(range(len(boxes)), key=lambda n: wanted[n])
    y = top
    for n in order:
        boxes[n].y = max(y, wanted[n] - boxes[n].height / 2)
        y = boxes[n].y + boxes[n].height + _GAP
    limit = max(bottom, top + _stack(boxes))
    for n in reversed(order):
        boxes[n].y = min(boxes[n].y, limit - boxes[n].height)
        limit = boxes[n].y - _GAP


@cache
def _font(part: str) -> str:
    """The interface's own letters for a part of the alphabet, to stand in the file: 46 kB, and 31 for the rest of Europe's."""
    folder = files("workbench").joinpath("ui", "components", "view", "assets", "fonts")
    data = folder.joinpath(f"ibm-plex-sans-{part}-wght-normal.woff2").read_bytes()
    return (
        "@font-face{font-family:'IBM Plex Sans';font-weight:100 700;"
        f"src:url(data:font/woff2;base64,{b64encode(data).decode()})}}"
    )


def _style(drawn: str, *, page: bool) -> str:
    fonts = _font("latin")
    if any(0x100 <= ord(c) < 0x2BB or 0x1E00 <= ord(c) < 0x1F00 for c in drawn):
        # In the same family a later face hides an earlier one: the rest of Europe's letters have a family of their own.
        fonts += _font("latin-ext").replace("'IBM Plex Sans'", "'IBM Plex Sans Ext'")
    dark = "".join(
        f'[fill="{light}"]{{fill:{dark}}}[stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in PALETTE.values()
    )
    rules = f"@media (prefers-color-scheme:dark){{{dark}}}" if page else ""
    return f"<style>{fonts}text{{font-family:'IBM Plex Sans','IBM Plex Sans Ext',system-ui,sans-serif}}{rules}</style>"


def tree_svg(tree: CodingTree, *, title: str = "", page: bool = False) -> str:
    """The tree as an SVG 1,116 wide, with its words for screen readers in it; on white, or with `page` on no ground
    and light or dark as the page is. `title` stands over it."""
    boxes: list[_Box] = []
    lines: list[str] = []
    heads: list[str] = []
    top = _MARGIN
    for line in _lines(title, 17, _WIDTH - 2 * _MARGIN, True) if title else []:
        heads.append(_text(_MARGIN, top + 14, line, 17, "ink", bold=True))
        top += 24
    for (x, _), name in zip(_COLUMNS, ("themes", "groups", "subgroups", "categories"), strict=True):
        heads.append(_text(x, top + 14, t(f"tree.column.{name}"), 11.5, "soft", bold=True))
    top += 30
    y = top
    drawn: dict[str, _Box] = {}
    for group in tree.groups:
        own = _group(group)
        absorbed = [_went(gone, group.tag) for gone in group.absorbed]
        inside = [_subgroup(s, group.colour) for s in group.subgroups]
        category = [_category(group.category)] if group.category else []
        room = max(_stack([own, *absorbed]), _stack(inside), _stack(category))
        _put([own, *absorbed], 1, y, room)
        _put(inside, 2, y, room)
        _put(category, 3, y, room)
        lines += [_curve(own, s) for s in inside]
        lines += [_curve(s, c) for s in inside or [own] for c in category]
        lines += [_rise(below, above) for above, below in zip([own, *absorbed], absorbed, strict=False)]
        boxes += [own, *absorbed, *inside, *category]
        drawn[group.id] = own
        y += room + _BETWEEN
    gone = [_went(g) for g in tree.gone]
    _put(gone, 1, y, _stack(gone))
    y += _stack(gone) + _BETWEEN if gone else 0
    themes = [_theme(x) for x in tree.themes]
    middles = [[drawn[g].middle for g in x.groups if g in drawn] for x in tree.themes]
    _settle(themes, [sum(m) / len(m) if m else 1e9 for m in middles], top, y - _BETWEEN)
    for theme, box in zip(tree.themes, themes, strict=True):
        box.x = _COLUMNS[0][0]
        lines += [_curve(box, drawn[g], dotted=True) for g in theme.groups if g in drawn]
    boxes += [*themes, *gone]
    y = max([y - _BETWEEN, *(b.y + b.height for b in boxes)]) + 26
    for line in _lines(t("tree.note"), _SMALL, _WIDTH - 2 * _MARGIN):
        heads.append(_text(_MARGIN, y, line, _SMALL, "soft"))
        y += _SMALL * 1.4
    height = round(y + _MARGIN - 6)
    body = "".join([*lines, *(part for box in boxes for part in _drawn(box)), *heads])
    ground = "" if page else f'<rect width="{_WIDTH:.0f}" height="{height}" fill="{_colour("paper")}"/>'
    alt = escape(printable(tree_alt(tree))[0])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH:.0f}" height="{height}" viewBox="0 0 {_WIDTH:.0f} {height}"'
        f' role="img" font-family="IBM Plex Sans"><title>{escape(printable(title or t("tree.title"))[0])}</title>'
        f"<desc>{alt}</desc>{_style(body, page=page)}{ground}{body}</svg>"
    )
