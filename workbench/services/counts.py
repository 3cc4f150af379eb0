"""Counts over what is marked: who was heard in what, what stands together, the portrait of a source, the days of
the work. Counts are people first and facts, never rules; each leads to its units."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from workbench.domain.errors import Refused
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup, Member, Participant, StakeholderGroup
from workbench.domain.roles import Action
from workbench.language import day, number, t, tn
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import counts as reads

from .context import Context, requires
from .people import group_views

ALL, NONE = "*", "-"  # the row or column of everything, and of what has no value there
LENSES = ("code_group", "code")
OF_PEOPLE = ("group", "subgroup", "sector", "person", "kind")  # a person has it
OF_SOURCES = ("source", "source_kind", "language", "iteration", "wave")  # a source has it
DIMENSIONS = (*OF_PEOPLE, *OF_SOURCES, "analyst")
TOGETHER = ("unit", "overlap", "person")
BUCKETS = 42  # most days, weeks or months side by side


@dataclass(frozen=True, slots=True)
class Only:
    """What is counted; an empty set leaves nothing out. `groups` are top stakeholder groups."""

    sources: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    analysts: frozenset[str] = frozenset()
    waves: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Label:
    """A row or a column. `colour` is a code group's or a stakeholder group's; `note` says more (a codebook's title);
    `of` is how many people there are, who could have been heard."""

    id: str
    name: str
    tag: str = ""
    colour: int | None = None
    note: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """People heard (ids) and units (ids, in reading order)."""

    people: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Cells by (row, column); one that is not there is empty. Row and column ALL count everything in it, each
    person and unit once. `by` is the dimension, or the way of standing together."""

    by: str
    lens: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    cells: Mapping[tuple[str, str], Cell]
    step: str = ""  # of time: day, week or month
    together: bool = False  # code groups by code groups

    def at(self, row: str, column: str) -> Cell:
        return self.cells.get((row, column), Cell())


@dataclass(frozen=True, slots=True)
class Stretch:
    """A turn of a portrait. Offsets are code points into the source's text, end exclusive."""

    seq: int
    start: int
    end: int
    speaker: str
    asking: bool  # an interviewer or facilitator


@dataclass(frozen=True, slots=True)
class PortraitMark:
    unit: str
    start: int
    end: int
    turn: int
    speaker: str
    rows: tuple[str, ...]  # code groups or codes; NONE alone where it has none


@dataclass(frozen=True, slots=True)
class Portrait:
    """A source from its first letter to its last, with its marks in order; `length` in code points."""

    source: str
    title: str
    lens: str
    length: int
    turns: tuple[Stretch, ...]
    rows: tuple[Label, ...]  # those that occur
    marks: tuple[PortraitMark, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen from: (id, name) each; dimensions and lenses that this project has a use for."""

    sources: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]
    analysts: tuple[tuple[str, str], ...]
    waves: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]
    dimensions: tuple[str, ...]
    lenses: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class CountedUnit:
    """A unit behind a count: who speaks in it as a group's disc, and where it is placed with the colour of the
    first of those code groups."""

    unit: queries.UnitText
    disc: Label | None
    placed: tuple[str, ...]  # names of code groups
    colour: int | None


# -- what is counted ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Unit:
    id: str
    source: str
    start: int
    end: int
    member: str
    heard: tuple[str, ...]  # informants, in participants' own words
    speakers: tuple[str, ...]  # all who are known, of any kind
    rows: tuple[str, ...]  # in the order of the labels; NONE alone where there are none


@dataclass(frozen=True)
class _Facts:
    lens: str
    units: Sequence[_Unit]
    labels: Sequence[Label]
    people: Mapping[str, Participant]
    groups: Mapping[str, StakeholderGroup]
    sources: Sequence[Mapping[str, object]]
    members: Mapping[str, Member]
    speaks_in: Mapping[str, set[str]]  # source -> participants
    tops: Mapping[str, str | None]  # participant -> top stakeholder group
    colours: Mapping[str, int]  # stakeholder group -> disc
    base: frozenset[str] = field(default_factory=frozenset)  # participants who could have been heard


def _load(conn: Connection, lens: str, only: Only) -> _Facts:
    if lens not in LENSES:
        raise Refused("explore.unknown", name=lens)
    people, groups = queries.participants(conn), queries.groups(conn)
    tops = {id: top_group(p.stakeholder_group, groups) for id, p in people.items()}
    sources = [
        s for s in reads.sources(conn)
        if (not only.sources or s["id"] in only.sources) and (not only.waves or (s["wave"] or NONE) in only.waves)
    ]  # fmt: skip
    kept = {s["id"]: s for s in sources}
    speaks_in: dict[str, set[str]] = {}
    for source, person in reads.source_speakers(conn):
        speaks_in.setdefault(source, set()).add(person)
    base = {
        id for id in people
        if (not only.groups or tops[id] in only.groups) and (not only.people or id in only.people)
    }  # fmt: skip
    # With sources left out, only those who speak in what is left could have been heard.
    if only.sources or only.waves:
        base &= {p for s in kept for p in speaks_in.get(s, ())}

    if lens == "code_group":
        found = queries.records(conn, CodeGroup, order="position, name")
        labels = [Label(g.id, g.name, g.tag, g.colour) for g in found]
        pairs = reads.placed(conn)
    else:
        labels = [Label(c["id"], c["label"], note=c["title"]) for c in reads.codes(conn)]
        pairs = reads.tagged(conn)
    order = {label.id: n for n, label in enumerate(labels)}
    rows: dict[str, list[str]] = {}
    for unit, row in pairs:
        rows.setdefault(unit, []).append(row)
    speakers: dict[str, dict[str, None]] = {}
    for unit, person in reads.speakers(conn):
        speakers.setdefault(unit, {})[person] = None

    restricted = bool(only.groups or only.people)
    units = []
    for u in reads.units(conn):
        if u["source"] not in kept or (only.analysts and u["member"] not in only.analysts):
            continue
        who = tuple(p for p in speakers.get(u["id"], ()) if p in base)
        if restricted and not who:
            continue
        own = kept[u["source"]]["words_of"] == "participant"
        units.append(
            _Unit(u["id"], u["source"], u["start"], u["end"], u["member"],
                  tuple(p for p in who if own and people[p].kind == "informant"), who,
                  tuple(sorted(rows[u["id"]], key=order.__getitem__)) if u["id"] in rows else (NONE,))
        )  # fmt: skip
    return _Facts(
        lens, units, labels, people, groups, sources, {m.id: m for m in queries.records(conn, Member)}, speaks_in,
        tops, {v.group.id: v.colour for v in group_views(groups, people)}, frozenset(base),
    )  # fmt: skip


class _Tally:
    """Cells being filled: people and units once each, in the order they come."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}

    def add(self, row: str, column: str, people: Iterable[str], unit: str) -> None:
        who, units = self._cells.setdefault((row, column), ({}, {}))
        who.update(dict.fromkeys(people))
        units[unit] = None

    def extend(self, row: str, column: str, person: str, units: dict[str, None]) -> None:
        who, kept = self._cells.setdefault((row, column), ({}, {}))
        who[person] = None
        kept.update(units)

    def cells(self) -> dict[tuple[str, str], Cell]:
        return {at: Cell(tuple(who), tuple(units)) for at, (who, units) in self._cells.items()}


def _rows(facts: _Facts, cells: Mapping[tuple[str, str], Cell]) -> tuple[Label, ...]:
    """The code groups or codes, and what is in none of them where there is any. Of a codebook, which may be
    long, only codes that are used, while any is."""
    rows = list(facts.labels)
    used = {row for row, _ in cells}
    if facts.lens == "code":
        rows = [r for r in rows if r.id in used] or rows
    if NONE in used:
        rows.append(Label(NONE, t(f"explore.none.{facts.lens}")))
    return tuple(rows)


# -- code groups by something else ---------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def cross(ctx: Context, by: str, *, lens: str = "code_group", only: Only = Only()) -> Table:
    """Code groups (or, as the other lens, codes) by a dimension: who was heard where, in which units.

    By what a person has (group, sector …), a unit counts in the column of each who speaks in it, and the people
    of a cell are those of its column. NONE collects what has no value; it is left out where nothing has none.
    Raises Refused for a dimension or lens that is not known."""
    if by not in DIMENSIONS:
        raise Refused("explore.unknown", name=by)
    with ctx.read() as conn:
        facts = _load(conn, lens, only)
    columns, value_of = _columns(facts, by)
    tally = _Tally()
    for u in facts.units:
        counted = u.speakers if by == "kind" else u.heard
        split: dict[str, list[str]] = {}
        if by in OF_PEOPLE:
            for person in counted:
                split.setdefault(value_of(person), []).append(person)
            split = split or {NONE: []}
        else:
            split = {value_of(u.member if by == "analyst" else u.source): list(u.heard)}
        for row in (*u.rows, ALL):
            for column, people in split.items():
                tally.add(row, column, people, u.id)
            tally.add(row, ALL, u.heard, u.id)
    cells = tally.cells()
    if (ALL, NONE) in cells:
        columns.append(Label(NONE, t(f"explore.none.{by}")))
    informants = sum(facts.people[p].kind == "informant" for p in facts.base)
    columns.append(Label(ALL, t("explore.all"), of=informants))
    return Table(by, lens, _rows(facts, cells), tuple(columns), cells)


def _columns(facts: _Facts, by: str) -> tuple[list[Label], Callable[[str], str]]:
    """The columns of a dimension in their order, and what finds the column of a person, source or analyst."""
    people = facts.people
    sample = [p for p in facts.base if by == "kind" or people[p].kind == "informant"]
    values: dict[str, str]
    if by in OF_PEOPLE:
        sectors = sorted({g.sector for g in facts.groups.values() if g.sector}, key=str.casefold)
        # A sector has no id of its own, and its name does not belong in an address.
        sector_ids = {name: f"s{n}" for n, name in enumerate(sectors)}

        def sector(person: str) -> str:
            own = facts.groups.get(people[person].stakeholder_group or "")
            top = facts.groups.get(facts.tops[person] or "")
            return sector_ids.get((own.sector if own else "") or (top.sector if top else ""), NONE)

        # Participants keep the id of a group that has been taken out; it is no column any more.
        find: dict[str, Callable[[str], str | None]] = {
            "group": lambda p: facts.tops[p], "subgroup": lambda p: people[p].stakeholder_group, "sector": sector,
            "person": lambda p: p, "kind": lambda p: people[p].kind,
        }  # fmt: skip
        known = set(facts.groups) if by in ("group", "subgroup") else None
        values = {
            p: value if (value := find[by](p)) and (known is None or value in known) else NONE for p in people
        }
        sizes: dict[str, int] = {}
        for p in sample:
            sizes[values[p]] = sizes.get(values[p], 0) + 1
        labels: list[Label]
        if by in ("group", "subgroup"):
            ordered = [v.group for v in group_views(facts.groups, people)]
            labels = [
                Label(g.id, g.name, g.monogram, facts.colours[g.id], of=sizes.get(g.id, 0))
                for g in ordered
                if (g.parent is None if by == "group" else sizes.get(g.id))
            ]
        elif by == "sector":
            labels = [Label(id, name, of=sizes.get(id, 0)) for name, id in sector_ids.items()]
        elif by == "kind":
            labels = [Label(k, t(f"people.kind.{k}"), of=n) for k, n in sorted(sizes.items()) if k != NONE]
        else:
            places = {g: n for n, g in enumerate(facts.groups)}
            order = sorted(sample, key=lambda p: (places.get(facts.tops[p] or "", 99), people[p].pseudonym))
            labels = [
                Label(p, people[p].pseudonym, of=1,
                      tag=facts.groups[top].monogram if (top := facts.tops[p]) and top in facts.groups else "",
                      colour=facts.colours.get(facts.tops[p] or ""))
                for p in order
            ]  # fmt: skip
        if by != "person" and any(label.of for label in labels):
            # A filter leaves some groups with nobody in them: they have nothing to say here.
            labels = [label for label in labels if label.of or facts.base >= set(people)]
        return labels, lambda p: values[p]
    if by == "analyst":
        seen = {u.member for u in facts.units}
        everyone = sum(people[p].kind == "informant" for p in facts.base)
        return [
            Label(m.id, m.name, m.initials, of=everyone) for m in facts.members.values() if m.id in seen
        ], lambda member: member
    return _source_columns(facts, by)


def _source_columns(facts: _Facts, by: str) -> tuple[list[Label], Callable[[str], str]]:
    key = {
        "source": "id",
        "source_kind": "kind",
        "language": "language",
        "iteration": "iteration",
        "wave": "wave",
    }
    values = {str(s["id"]): str(s[key[by]] or NONE) for s in facts.sources}
    speak: dict[str, set[str]] = {}
    for s in facts.sources:
        if s["words_of"] == "participant":
            here = {
                p for p in facts.speaks_in.get(str(s["id"]), ())
                if p in facts.base and facts.people[p].kind == "informant"
            }  # fmt: skip
            speak.setdefault(values[str(s["id"])], set()).update(here)
    names: dict[str, str] = {}
    ordered = list(facts.sources)
    if by == "wave":
        ordered.sort(key=lambda s: int(str(s["wave_position"] or 0)))
    elif by in ("iteration", "language"):
        ordered.sort(key=lambda s: str(s[by]).rjust(6))
    for s in ordered:
        value = values[str(s["id"])]
        if value != NONE:
            names[value] = {
                "source": lambda s=s: str(s["title"]), "wave": lambda s=s: str(s["wave_name"]),
                "source_kind": lambda s=s: t(f"exporting.kind.{s['kind']}"),
                "language": lambda s=s: t(f"explore.language.{s['language']}")
                if s["language"] in ("da", "en") else str(s["language"]),
                "iteration": lambda s=s: t("explore.iteration", n=s["iteration"]),
            }[by]()  # fmt: skip
    return [Label(id, name, of=len(speak.get(id, ()))) for id, name in names.items()], values.__getitem__


# -- what stands together ------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def together(ctx: Context, by: str = "unit", *, lens: str = "code_group", only: Only = Only()) -> Table:
    """Code groups by code groups, the same either way round. A cell off the diagonal holds

    `unit`: units placed in both, and who speaks in them;
    `overlap`: units of the one whose words overlap another unit of the other, both of each pair, and who speaks in
    both of a pair;
    `person`: people who speak in both, wherever, and their units in either.
    The diagonal holds all units of the code group; for `overlap` those that overlap another unit of the same."""
    if by not in TOGETHER:
        raise Refused("explore.unknown", name=by)
    with ctx.read() as conn:
        facts = _load(conn, lens, only)
    tally = _Tally()
    units = [u for u in facts.units if u.rows != (NONE,)]
    if by == "unit":
        for u in units:
            for a in u.rows:
                for b in u.rows:
                    tally.add(a, b, u.heard, u.id)
    elif by == "overlap":
        for one, other in _overlaps(units):
            both = [p for p in one.heard if p in other.heard]
            for a in one.rows:
                for b in other.rows:
                    for row, column in {(a, b), (b, a)}:
                        tally.add(row, column, both, one.id)
                        tally.add(row, column, both, other.id)
    else:
        said: dict[str, dict[str, dict[str, None]]] = {}  # person -> code group -> units
        for u in units:
            for person in u.heard:
                for a in u.rows:
                    said.setdefault(person, {}).setdefault(a, {})[u.id] = None
        for person, mine in said.items():
            for a, in_a in mine.items():
                for b, in_b in mine.items():
                    tally.extend(a, b, person, in_a)
                    tally.extend(a, b, person, in_b)
    # In reading order, however they were met.
    place = {u.id: n for n, u in enumerate(units)}
    cells = {
        at: Cell(c.people, tuple(sorted(c.units, key=place.__getitem__))) for at, c in tally.cells().items()
    }
    rows = tuple(r for r in _rows(facts, cells) if r.id != NONE)
    return Table(by, lens, rows, rows, cells, together=True)


def _overlaps(units: Sequence[_Unit]) -> Iterable[tuple[_Unit, _Unit]]:
    """Every pair of different units that share at least one code point, once."""
    open_: list[_Unit] = []
    for u in units:  # by source, then by where they begin
        open_ = [o for o in open_ if o.source == u.source and o.end > u.start]
        for o in open_:
            yield o, u
        open_.append(u)


# -- portrait and time ---------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def portrait(ctx: Context, source: str, *, lens: str = "code_group", only: Only = Only()) -> Portrait:
    """One source as a sequence of turns and marks. Raises Refused where the source is gone."""
    with ctx.read() as conn:
        turns = reads.turns(conn, source)
        kept = Only(frozenset({source}), only.groups, only.analysts, frozenset(), only.people)
        facts = _load(conn, lens, kept)
    if not facts.sources:
        raise Refused("error.gone", kind="source")
    stretches = tuple(
        Stretch(x["seq"], x["start"], x["end"], x["speaker"], x["kind"] in ("interviewer", "facilitator"))
        for x in turns
    )
    marks = []
    at = 0
    for u in facts.units:
        while at + 1 < len(stretches) and stretches[at + 1].start <= u.start:
            at += 1
        here = stretches[at]
        if here.end <= u.start and at + 1 < len(stretches):
            here = stretches[at + 1]
        marks.append(PortraitMark(u.id, u.start, u.end, here.seq, here.speaker, u.rows))
    used = {row for m in marks for row in m.rows}
    rows = tuple(x for x in facts.labels if x.id in used)
    if NONE in used:
        rows = (*rows, Label(NONE, t(f"explore.none.{lens}")))
    title = str(facts.sources[0]["title"])
    return Portrait(source, title, lens, stretches[-1].end if stretches else 0, stretches, rows, tuple(marks))


@requires(Action.READ_SOURCES)
def over_time(ctx: Context, *, only: Only = Only()) -> Table:
    """Units by the analyst who marked them and the day (or week, or month) they were made. Only units that stand
    are counted: one that was undone or taken away is not. Days are local; those between are there, empty."""
    with ctx.read() as conn:
        facts = _load(conn, "code_group", only)
        made = reads.made(conn)
    days = {u.id: datetime.fromisoformat(made[u.id]).astimezone().date() for u in facts.units if u.id in made}
    step, buckets = _buckets(sorted(set(days.values())))
    tally = _Tally()
    for u in facts.units:
        if u.id in days:
            column = _begins(days[u.id], step).isoformat()
            for row in (u.member, ALL):
                tally.add(row, column, u.heard, u.id)
                tally.add(row, ALL, u.heard, u.id)
    seen = {u.member for u in facts.units}
    rows = [Label(m.id, m.name, m.initials) for m in facts.members.values() if m.id in seen]
    columns = [Label(b.isoformat(), _named(b, step)) for b in buckets]
    return Table(
        "time",
        "",
        tuple(rows),
        (*columns, Label(ALL, t("explore.all"))),
        tally.cells(),
        step if columns else "",
    )


def _begins(moment: date, step: str) -> date:
    if step == "month":
        return moment.replace(day=1)
    return moment - timedelta(days=moment.weekday()) if step == "week" else moment


def _next(moment: date, step: str) -> date:
    if step == "month":
        return (moment.replace(day=28) + timedelta(days=4)).replace(day=1)
    return moment + timedelta(days=7 if step == "week" else 1)


def _named(moment: date, step: str) -> str:
    if step == "month":
        return f"{t(f'date.month.{moment.month}')} {moment.year}"
    return day(moment)


def _buckets(days: Sequence[date]) -> tuple[str, list[date]]:
    """The finest step that leaves at most BUCKETS side by side, months in any case, and where each begins."""
    if not days:
        return "day", []
    for step in ("day", "week", "month"):
        found = [_begins(days[0], step)]
        while found[-1] < _begins(days[-1], step) and (step == "month" or len(found) <= BUCKETS):
            found.append(_next(found[-1], step))
        if len(found) <= BUCKETS:
            break
    return step, found


# -- what to choose from, and the units behind a count ---------------------------------------------------------


@requires(Action.READ_SOURCES)
def choices(ctx: Context) -> Choices:
    """What the page may offer: only analysts who have marked, only dimensions with something to tell apart."""
    with ctx.read() as conn:
        sources = reads.sources(conn)
        people, groups = queries.participants(conn), queries.groups(conn)
        units = reads.units(conn)
        members = queries.records(conn, Member)
        codes = bool(reads.codes(conn))
    informants = [p for p in people.values() if p.kind == "informant"]
    marked = {u["member"] for u in units}
    waves = {s["wave"]: (s["wave_position"], s["wave_name"]) for s in sources if s["wave"]}
    told_apart = {
        "group": True, "subgroup": any(g.parent for g in groups.values()),
        "sector": len({g.sector for g in groups.values() if g.sector}) > 0, "person": True,
        "kind": len({p.kind for p in people.values()}) > 1, "source": True,
        "source_kind": len({s["kind"] for s in sources}) > 1, "language": len({s["language"] for s in sources}) > 1,
        "iteration": len({s["iteration"] for s in sources}) > 1, "wave": bool(waves), "analyst": True,
    }  # fmt: skip
    return Choices(
        tuple((s["id"], s["title"]) for s in sources),
        tuple((g.id, g.name) for g in groups.values() if g.parent is None),
        tuple((m.id, m.name) for m in members if m.id in marked),
        tuple((id, name) for id, (_, name) in sorted(waves.items(), key=lambda w: w[1])),
        tuple((p.id, p.pseudonym) for p in informants),
        tuple(d for d in DIMENSIONS if told_apart[d]),
        LENSES if codes else LENSES[:1],
        len(units),
    )


@requires(Action.READ_SOURCES)
def units_behind(ctx: Context, ids: Collection[str]) -> list[CountedUnit]:
    """The units with these ids that still stand, with their words, in the order asked for."""
    with ctx.read() as conn:
        groups, people = queries.groups(conn), queries.participants(conn)
        code_groups = {g.id: g for g in queries.records(conn, CodeGroup)}
        placed: dict[str, list[CodeGroup]] = {}
        for unit, group in reads.placed(conn):
            placed.setdefault(unit, []).append(code_groups[group])
        discs = {
            v.group.id: Label(v.group.id, v.group.name, v.group.monogram, v.colour)
            for v in group_views(groups, people)
        }
        found = []
        for u in (u for id in ids for u in queries.units(conn, unit=id)):
            tops = [top_group(people[p].stakeholder_group, groups) for p in u.participants]
            mine = sorted(placed.get(u.id, ()), key=lambda g: (g.position, g.name))
            found.append(
                CountedUnit(
                    u, next((discs[g] for g in tops if g in discs), None), tuple(g.name for g in mine),
                    mine[0].colour if mine else None,
                )
            )  # fmt: skip
    return found


# -- how a count is told -------------------------------------------------------------------------------------

NARROW = 9  # with more columns than this a cell has room for a number and no word


@dataclass(frozen=True, slots=True)
class Told:
    """A cell as it is shown: people first, units under them; how dark (0 to 1); `silent` where a group has people
    and none of them spoke of it; `said` is all of it as a sentence, empty where there is nothing."""

    figure: str = ""
    small: str = ""
    share: float = 0.0
    silent: bool = False
    said: str = ""


def told(table: Table) -> dict[tuple[str, str], Told]:
    """Every cell of a table as it is shown. Never a percentage: a count of people of the people there are."""
    inner = [
        c for (row, column), c in table.cells.items()
        if ALL not in (row, column) and not (table.together and row == column)
    ]  # fmt: skip
    most = max((len(c.units) for c in inner), default=0) or 1
    most_people = max((len(c.people) for c in inner), default=0)
    rows = (*table.rows, *((Label(ALL, ""),) if any(row == ALL for row, _ in table.cells) else ()))
    return {
        (row.id, column.id): _told(table, row, column, most, most_people)
        for row in rows
        for column in table.columns
    }


def _told(table: Table, row: Label, column: Label, most: int, most_people: int) -> Told:
    cell = table.at(row.id, column.id)
    people, units = len(cell.people), len(cell.units)
    narrow = len(table.columns) > NARROW
    if not units:
        silent = table.by in ("group", "subgroup", "sector") and column.of > 0 and row.id not in (ALL, NONE)
        no_one = t("explore.no_one")
        return Told(
            "" if silent else "·",
            no_one if silent and not narrow else "",
            0.0,
            silent,
            no_one if silent else "",
        )
    n_units = tn("explore.units", units)
    small = number(units) if narrow else n_units
    one_person = table.by == "person" and not table.together and column.id not in (ALL, NONE)
    if table.by == "time" or one_person:
        return Told(number(units), "", 0.0 if ALL in (row.id, column.id) else units / most, said=n_units)
    if table.together:
        share = 0.0 if row.id == column.id else people / most_people if most_people else units / most
        said = t("explore.said", people=tn("explore.people", people), units=n_units) if people else n_units
        return Told(number(people) if people else "", small, share, said=said)
    # Researchers' notes, an interviewer's words, speakers of whom nobody has said who they are.
    if not people:
        shaded = table.by not in ("group", "subgroup", "sector") and ALL not in (row.id, column.id)
        return Told("", small, units / most if shaded else 0.0, said=n_units)
    said = t("explore.said", units=n_units, people=t("explore.people_of", n=number(people), of=number(column.of))
             if column.of else tn("explore.people", people))  # fmt: skip
    figure = number(people) if narrow or not column.of else f"{number(people)}/{number(column.of)}"
    if ALL in (row.id, column.id):
        share = 0.0
    elif table.by in ("group", "subgroup", "sector") and column.of:
        share = people / column.of
    else:
        share = units / most
    return Told(figure, small, share, said=said)
