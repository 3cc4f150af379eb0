"""Paper for the analysis team: which words go on a transcript, a set of cards or a wall, kept as a release."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain import unit_ids
from workbench.domain.errors import Refused
from workbench.domain.people import may_be_quoted
from workbench.domain.records import CodeGroup
from workbench.domain.roles import Action
from workbench.domain.stc import MIXED
from workbench.exporters import paper as out
from workbench.language import day, elapsed, t, tn
from workbench.store import queries

from . import condensing, projects, sources
from .coding import UnitCard, load_cards
from .context import Context, requires
from .people import group_views


@dataclass(frozen=True)
class _Material:
    """What cards and walls are made of, loaded once."""

    cards: Mapping[str, UnitCard]
    ids: Mapping[str, str]  # unit -> its id as printed
    code_groups: Mapping[str, CodeGroup]
    discs: Mapping[str, out.Disc]  # top stakeholder group -> its disc
    declined: Collection[str]  # units with somebody in them who may not be quoted

    def tag(self, code_group: str) -> out.Tag:
        g = self.code_groups[code_group]
        return out.Tag(g.tag, g.name, g.colour)

    def tags(self, card: UnitCard) -> tuple[out.Tag, ...]:
        """The code groups a unit stands in, in their order."""
        held = {p.code_group for p in card.placements}
        return tuple(self.tag(g) for g in self.code_groups if g in held)

    def unit(self, card: UnitCard) -> out.PaperUnit:
        u = card.unit
        return out.PaperUnit(
            self.ids[u.id], u.text, u.language, ", ".join(u.speakers) or t("paper.pdf.nobody"),
            tuple(self.discs[g] for g in card.groups if g in self.discs),
            t("paper.place", source=u.source_title, n=u.turn), t("paper.goes_on", source=u.source_title, n=u.turn),
            t("paper.not_quoted") if u.id in self.declined else "", self.tags(card),
        )  # fmt: skip


def _material(ctx: Context) -> _Material:
    with ctx.read() as conn:
        cards = {c.unit.id: c for c in load_cards(conn)}
        groups, people = queries.groups(conn), queries.participants(conn)
        code_groups = {g.id: g for g in queries.records(conn, CodeGroup, order="position, name")}
    discs = {
        v.group.id: out.Disc(v.group.name, v.group.monogram, v.colour)
        for v in group_views(groups, people)
        if v.group.parent is None
    }
    declined = {
        id for id, c in cards.items()
        if not may_be_quoted(people[p] for p in c.unit.participants if p in people)
    }  # fmt: skip
    return _Material(cards, unit_ids.short_ids(cards), code_groups, discs, declined)


def _sheet(ctx: Context) -> out.Sheet:
    project, now = projects.project_summary(ctx), ctx.now()
    return out.Sheet(project.name, project.invented, now, t("exporting.made_on", day=day(now)))


@requires(Action.EXPORT_ANALYSIS)
def transcript(ctx: Context, chosen: Sequence[str] = (), *, marks: bool = False) -> bytes:
    """Sources (ids; all where none is named) as a PDF to write on, with what is marked in them or clean.

    Raises Refused("paper.no_sources") where there are none, Refused("error.gone") for one that is not there."""
    wanted = list(dict.fromkeys(chosen)) or [v.source.id for v in sources.list_sources(ctx)]
    if not wanted:
        raise Refused("paper.no_sources")
    material = _material(ctx) if marks else None
    found = [_transcript(sources.read_source(ctx, id), material) for id in wanted]
    items = [
        *wanted,
        *((u for u, c in material.cards.items() if c.unit.source in wanted) if material else ()),
    ]
    return ctx.keep_release("paper_transcript", out.transcript_pdf(_sheet(ctx), found), items)


def _transcript(reading: sources.Reading, material: _Material | None) -> out.PaperSource:
    s = reading.source
    here = [c for c in material.cards.values() if c.unit.source == s.id] if material else []
    used = {p.code_group for c in here for p in c.placements}
    facts = (
        t(f"exporting.kind.{s.kind}"), day(reading.date), tn("paper.words", reading.words),
        tn("paper.turns", len(reading.turns)), tn("exporting.units", len(here)) if material else "",
    )  # fmt: skip
    return out.PaperSource(
        s.title, s.language, " · ".join(x for x in facts if x),
        tuple(
            out.PaperTurn(x.turn.seq, x.turn.start, x.text, x.speaker, elapsed(x.turn.t0_ms),
                          x.kind in ("interviewer", "facilitator"))
            for x in reading.turns
        ),
        tuple(out.PaperMark(material.ids[c.unit.id], c.unit.start, c.unit.end, material.tags(c)) for c in here)
        if material else (),
        tuple(material.tag(g) for g in material.code_groups if g in used) if material else (),
    )  # fmt: skip


@requires(Action.EXPORT_ANALYSIS)
def cards(
    ctx: Context, *, code_groups: Collection[str] = (), left_over: bool = False, units: Collection[str] = ()
) -> bytes:
    """Units as cards to cut out, each once, in the order of code groups and then of the sources.

    What is named is put together: units of code groups, units in none, and units by id; all where nothing is
    named. Raises Refused("paper.no_units"), or Refused("error.gone") for a unit or group that is not there."""
    m = _material(ctx)
    _all_there("code_group", code_groups, m.code_groups)
    _all_there("unit", units, m.cards)
    order = list(m.code_groups)
    everything = not (code_groups or left_over or units)

    def asked(card: UnitCard) -> list[int]:
        """Where a unit comes: after which code groups it is asked for; empty where it is not asked for."""
        held = sorted(order.index(p.code_group) for p in card.placements if p.code_group in m.code_groups)
        if everything or card.unit.id in units:
            return held or [len(order)]
        return [n for n in held if order[n] in code_groups] if held else [len(order)] * left_over

    found = sorted((c for c in m.cards.values() if asked(c)), key=lambda c: asked(c)[0])
    if not found:
        raise Refused("paper.no_units")
    data = out.cards_pdf(_sheet(ctx), [m.unit(c) for c in found])
    return ctx.keep_release("paper_cards", data, [c.unit.id for c in found])


@requires(Action.EXPORT_ANALYSIS)
def wall(ctx: Context, code_groups: Sequence[str] = (), *, condensates: bool = False) -> bytes:
    """A3 sheets for code groups (all where none is named): subgroups as columns, their units as slips.

    Condensates are working notes; they come with, and say so, only where asked for.
    Raises Refused("paper.no_code_groups"), or Refused("error.gone") for a group that is not there."""
    m = _material(ctx)
    _all_there("code_group", code_groups, m.code_groups)
    wanted = [g for g in m.code_groups if g in code_groups or not code_groups]
    if not wanted:
        raise Refused("paper.no_code_groups")
    boards = [condensing.board(ctx, g) for g in wanted]
    data = out.wall_pdf(_sheet(ctx), [_wall(m, b, condensates) for b in boards])
    items = [*wanted, *(c.unit.id for b in boards for c in _units_of(b))]
    if condensates:
        items += [v.condensate.id for b in boards for s in b.subgroups for v in s.condensates]
    return ctx.keep_release("paper_wall", data, items)


def _units_of(board: condensing.Board) -> list[UnitCard]:
    return [*(c for s in board.subgroups for c in s.cards), *board.left_over, *board.set_aside]


def _wall(m: _Material, board: condensing.Board, condensates: bool) -> out.Wall:
    g, cards = board.group, _units_of(board)
    people = {p for c in cards if c.unit.words_of == "participant" for p in c.unit.participants}
    languages = [c.unit.language for c in cards] or ["en"]

    def voice(of: str | None) -> str:
        if of == MIXED:
            return t("exporting.voice.mixed")
        return t("exporting.voice.of", group=m.discs[of].name) if of and of in m.discs else ""

    columns = [
        out.Column(
            s.subgroup.name, tuple(m.unit(c) for c in s.cards),
            tuple(
                out.PaperCondensate(v.condensate.text, max(set(languages), key=languages.count), voice(v.condensate.voice))
                for v in s.condensates
            ) if condensates else (),
        )
        for s in board.subgroups
    ]  # fmt: skip
    for name, rest in (("left_over", board.left_over), ("set_aside", board.set_aside)):
        if rest:
            columns.append(out.Column(t(f"paper.{name}"), tuple(m.unit(c) for c in rest)))
    facts = f"{tn('exporting.units', len(cards))} · {tn('exporting.people', len(people))}"
    return out.Wall(m.tag(g.id), g.definition, g.include, g.exclude, facts, tuple(columns))


# -- what a person may call them --------------------------------------------------------------------------------


@requires(Action.EXPORT_ANALYSIS)
def find_sources(ctx: Context, names: Iterable[str]) -> list[str]:
    """Ids of sources named by title or id. Raises Refused("paper.unknown_source")."""
    known = [(v.source.id, v.source.title) for v in sources.list_sources(ctx)]
    return [_named("source", name, known) for name in names]


@requires(Action.EXPORT_ANALYSIS)
def find_code_groups(ctx: Context, names: Iterable[str]) -> list[str]:
    """Ids of code groups named by name, tag or id. Raises Refused("paper.unknown_group")."""
    groups = sources.list_code_groups(ctx)
    known = [*((g.id, g.name) for g in groups), *((g.id, g.tag) for g in groups)]
    return [_named("group", name, known) for name in names]


@requires(Action.EXPORT_ANALYSIS)
def find_units(ctx: Context, names: Iterable[str]) -> list[str]:
    """Units by the ids on their cards, or their own. Raises Refused("paper.unknown_unit")."""
    with ctx.read() as conn:
        ids = [u.id for u in queries.units(conn)]
    named = {name: name if name in ids else unit for name, unit in unit_ids.find_all(ids, names).items()}
    return [_named("unit", name, [(unit, name)] if unit else []) for name, unit in named.items()]


def _named(kind: str, name: str, known: Iterable[tuple[str, str]]) -> str:
    """The first id that is called so; capitals do not matter."""
    for id, called in known:
        if name == id or name.strip().casefold() == called.strip().casefold():
            return id
    raise Refused(f"paper.unknown_{kind}", name=name)


def _all_there(kind: str, wanted: Iterable[str], known: Collection[str]) -> None:
    if any(x not in known for x in wanted):
        raise Refused("error.gone", kind=kind)
