"""What the method hands over as files: analysis table, coding tree, theme table, COREQ, methods paragraph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.exporters import coding_tree as tree_out
from workbench.exporters.hand_over import (
    Block,
    Branch,
    Heading,
    Line,
    Paper,
    Picture,
    Table,
    paper_docx,
    paper_pdf,
)
from workbench.exporters.typesetting import png_of
from workbench.language import day, speaking, t, tn

from . import coding_tree, condensing, packs
from . import coreq as coreq_items
from .context import Context, requires
from .material import Material, load_material
from .methods_text import listed, methods_text

KINDS = ("analysis_table", "coding_tree", "theme_table", "coreq", "methods")
MOST_EXAMPLES = 2


@requires(Action.EXPORT_ANALYSIS)
def hand_over(ctx: Context, kind: str, suffix: str, *, language: str = "en", examples: int = 2) -> bytes:
    """The file of a kind (KINDS) for an ending: .docx or .pdf, of the coding tree also .svg. What leaves is kept as a
    release. `language` is that of the methods paragraph; `examples`, 1 or 2, of the analysis table.

    Raises Refused where there is nothing to hand over yet, or for an unknown kind or ending."""
    suffix = suffix.lower()
    if (
        kind not in KINDS
        or suffix not in (".docx", ".pdf", ".svg")
        or (suffix == ".svg" and kind != "coding_tree")
    ):
        raise Refused("handover.unknown", kind=kind, suffix=suffix)
    material = load_material(ctx)
    if suffix == ".svg":
        _tree(ctx)
        return coding_tree.tree_file(ctx)
    make: dict[str, Callable[[], tuple[list[Block], list[str], bool]]] = {
        "analysis_table": lambda: _analysis_table(material, examples),
        "coding_tree": lambda: _coding_tree(ctx),
        "theme_table": lambda: _theme_table(ctx),
        "coreq": lambda: _coreq(ctx, material),
        "methods": lambda: _methods(ctx, material, language),
    }
    blocks, items, wide = make[kind]()
    now, p = ctx.now(), material.project
    with speaking(language if kind == "methods" else "en"):
        paper = Paper(
            t(f"handover.{kind}"), p.name, t(f"handover.{kind}.about"), language if kind == "methods" else p.language,
            p.invented, now, day(now), ctx.member.name, tuple(blocks), wide,
        )  # fmt: skip
        data = paper_docx(paper) if suffix == ".docx" else paper_pdf(paper)
    return ctx.keep_release(kind, data, items)


# -- analysis table ------------------------------------------------------------------------------------------


def _analysis_table(m: Material, examples: int) -> tuple[list[Block], list[str], bool]:
    """From the words to the heading, a row for each condensate with one or two of its units. The golden quote comes
    first, then a unit of somebody else."""
    rows: list[tuple[tuple[Line, ...], ...]] = []
    items: list[str] = []
    headings = {v.category.code_group: v.category.heading for v in m.categories}
    for board in m.boards.values():
        for s in board.subgroups:
            here = [c.unit.id for c in s.cards]
            for c in s.condensates:
                golden = [c.condensate.golden_unit] if c.condensate.golden_unit else []
                held = [*golden, *(u for u in here if u in c.covers)]
                chosen = _of_different_people(m, dict.fromkeys(held), min(max(1, examples), MOST_EXAMPLES))
                items += [c.condensate.id, *chosen]
                rows.append((
                    _words(m, chosen), (Line(board.group.name),), (Line(s.subgroup.name),),
                    _condensate(m, c),
                    (Line(headings.get(board.group.id, "")),),
                ))  # fmt: skip
            if not s.condensates and here:
                chosen = _of_different_people(m, here, min(max(1, examples), MOST_EXAMPLES))
                items += chosen
                rows.append((
                    _words(m, chosen), (Line(board.group.name),), (Line(s.subgroup.name),),
                    (Line(t("handover.no_condensate"), "note"),), (Line(headings.get(board.group.id, "")),),
                ))  # fmt: skip
    if not rows:
        raise Refused("handover.no_subgroups")
    columns = tuple(
        t(f"handover.col.{c}") for c in ("unit", "code_group", "subgroup", "condensate", "category")
    )
    return [Table("", columns, (3.4, 1.5, 1.5, 3.2, 2.0), tuple(rows))], items, True


def _of_different_people(m: Material, units: Iterable[str], n: int) -> list[str]:
    """The first n units that may be printed, of different people as long as there are any."""
    found = [u for u in units if u in m.cards and m.may_be_quoted(m.cards[u])]
    heard: set[str] = set()
    chosen: list[str] = []
    for u in found:
        people = set(m.cards[u].unit.participants)
        if len(chosen) < n and not people & heard:
            chosen.append(u)
            heard |= people
    return chosen + [u for u in found if u not in chosen][: n - len(chosen)]


def _words(m: Material, units: Sequence[str]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for quote in m.quotes_of(units):
        lines += [Line(quote.printed or quote.text, "quote", quote.language),
                  Line(f"{quote.said_by}, {quote.place}", "source")]  # fmt: skip
    return tuple(lines) or (Line(t("handover.no_words"), "note"),)


def _condensate(m: Material, view: condensing.CondensateView) -> tuple[Line, ...]:
    if text := m.condensate(view):
        return (Line(text, "condensate"), *_voice(m, view.condensate.voice))
    return (Line(t("exporting.condensate_withheld"), "note"),)


def _voice(m: Material, voice: str | None) -> tuple[Line, ...]:
    said = m.voice(voice)
    return (Line(said, "note"),) if said else ()


# -- coding tree ---------------------------------------------------------------------------------------------


def _tree(ctx: Context) -> coding_tree.CodingTree:
    tree = coding_tree.coding_tree(ctx)
    if not tree.groups:
        raise Refused("handover.no_groups")
    return tree


def _coding_tree(ctx: Context) -> tuple[list[Block], list[str], bool]:
    """The picture, and the same as an indented list: what a reader without the picture has."""
    tree = _tree(ctx)
    svg = tree_out.tree_svg(tree)
    blocks: list[Block] = [Picture(svg, png_of(svg), t("handover.tree.caption"), tree_out.tree_alt(tree))]
    names = {g.id: g.name for g in tree.groups}
    if tree.themes:
        blocks.append(Heading(t("handover.tree.themes"), 2))
        for theme in tree.themes:
            became = listed([names[g] for g in theme.groups if g in names])
            said = [
                *tree_out.told_theme(theme),
                *([t("handover.tree.became", groups=became)] if became else []),
            ]
            blocks.append(Branch(theme.title, " · ".join(said), "dotted"))
    blocks.append(Heading(t("handover.tree.groups"), 2))
    for g in tree.groups:
        said = [tree_out.told_group(g), *map(tree_out.told, g.events)]
        said += [f"{x.name}: {tree_out.told_gone(x, g.name)}" for x in g.absorbed]
        subgroups = tuple(
            Branch(s.name, " · ".join([tree_out.told_subgroup(s), *map(tree_out.told, s.events)]))
            for s in g.subgroups
        )
        last = (Branch(t("handover.tree.category", heading=g.category.heading)),) if g.category else ()
        blocks.append(Branch(g.name, " · ".join(said), "", (*subgroups, *last)))
    blocks += [Branch(gone.name, tree_out.told_gone(gone), "dotted") for gone in tree.gone]
    return blocks, [g.id for g in tree.groups], False


# -- theme table ---------------------------------------------------------------------------------------------


def _theme_table(ctx: Context) -> tuple[list[Block], list[str], bool]:
    """From the meeting pack and nothing else: cleared quotes, and no number of a group that is too small."""
    found = packs.meeting_pack(ctx)
    if not found.briefs:
        raise Refused("export.no_themes")
    rows: list[tuple[tuple[Line, ...], ...]] = []
    for b in found.briefs:
        said = tuple(Line(x) for x in b.paragraphs[:1]) or (Line(t("exporting.no_text_yet"), "note"),)
        heard = tuple(
            Line(f"{h.name}: " + (t("exporting.heard_of", heard=h.heard, people=tn("exporting.people", h.sample))
                                  if h.heard is not None and h.sample is not None
                                  else t("exporting.some_heard" if h.anyone else "exporting.none_heard")))
            for h in b.spread
        )  # fmt: skip
        against = (Line(t("handover.against"), "strong"), *_cleared(b.dissent)) if b.dissent else ()
        rows.append(((Line(b.heading, "strong"),), said, (*_cleared(b.quotes), *against), heard))
    columns = tuple(t(f"handover.col.{c}") for c in ("theme", "says", "quotes", "heard"))
    return [Table("", columns, (1.6, 3.0, 3.6, 1.6), tuple(rows))], [b.id for b in found.briefs], True


def _cleared(quotes: Iterable[packs.PackQuote]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for q in quotes:
        lines.append(Line(q.text, "quote", q.language))
        if q.translation:
            lines.append(Line(t("exporting.translation", name=q.translator, text=q.translation), "note"))
        lines.append(Line(", ".join(q.groups) or t("exporting.words_of.participant"), "source"))
    return tuple(lines)


# -- COREQ and the methods paragraph ---------------------------------------------------------------------------


def _coreq(ctx: Context, material: Material) -> tuple[list[Block], list[str], bool]:
    rows: list[tuple[tuple[Line, ...], ...]] = []
    for r in coreq_items.coreq(ctx, material):
        answer = [Line(f.text) for f in r.known]
        if r.own:
            answer.append(Line(r.own))
        sources = list(dict.fromkeys(t(f"coreq.from.{f.stands_in}") for f in r.known))
        if r.own:
            sources.append(t("coreq.from.written", name=r.own_by, day=day(r.own_at)))
        rows.append((
            (Line(str(r.n)),), (Line(t(f"coreq.item.{r.n}")), Line(t(f"coreq.ask.{r.n}"), "note")),
            tuple(answer) or (Line(t("handover.not_answered"), "note"),), tuple(Line(x, "note") for x in sources),
            (Line(""),),
        ))  # fmt: skip
    columns = tuple(t(f"handover.col.{c}") for c in ("n", "item", "answer", "stands_in", "page"))
    return [Table("", columns, (0.4, 2.4, 4.6, 1.7, 0.7), tuple(rows))], [], True


def _methods(ctx: Context, material: Material, language: str) -> tuple[list[Block], list[str], bool]:
    said = methods_text(ctx, language, material)
    if not said:
        raise Refused("handover.nothing_logged")
    with speaking(language):
        rows = tuple(((Line(x.text),), (Line(t(f"methods.from.{x.rests_on}"), "note"),)) for x in said)
        columns = (t("handover.col.sentence"), t("handover.col.rests_on"))
        return (
            [
                Line(" ".join(x.text for x in said)),
                Heading(t("handover.methods.rests_on"), 2),
                Table("", columns, (3.2, 1.4), rows),
                Heading(t("handover.methods.references"), 2),
                *(Line(t(f"handover.reference.{n}"), "note") for n in _references(said)),
            ],
            [],
            False,
        )


def _references(said: Sequence[object]) -> list[str]:
    text = " ".join(str(getattr(x, "text", "")) for x in said)
    return [
        n
        for n, mark in (("malterud", "Malterud 2012"), ("gale", "Gale et al."), ("power", "Siersma"))
        if mark in text
    ]
