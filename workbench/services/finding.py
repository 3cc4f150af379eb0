"""Find: every place where words stand, in the line around them, and marking some or all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.domain import sentences
from workbench.domain.errors import InvalidSpan, Refused
from workbench.domain.people import top_group
from workbench.domain.records import Category, CodeGroup, Member, Requirement, Source, Speaker, Subgroup
from workbench.domain.roles import Action
from workbench.language import number
from workbench.store import queries
from workbench.store import search as index
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .code_groups import insert_code_group, standing
from .coding import said_gone
from .context import Context, requires

AROUND = 90  # code points shown on either side, cut to whole words
_NEAR = 12  # occurrences closer than this are one hit: they would stand in each other's line
FORMS = index.FORMS
MOST = 2_000  # passages marked in one press

Extent = Literal["hit", "sentence", "turn"]
EXTENTS: tuple[Extent, ...] = ("hit", "sentence", "turn")


@dataclass(frozen=True, slots=True)
class Place:
    """[start, end) in code points of a source's text, of that version."""

    source: str
    text_rev: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found in its line. `words` are the spans of the words asked for, within `text`."""

    place: Place
    title: str
    language: str
    turn: int
    before: str
    text: str
    after: str
    words: tuple[tuple[int, int], ...]
    speaker: str
    kind: str  # informant | interviewer | facilitator | unknown
    group: str | None  # top stakeholder group's id
    marked: bool  # a unit stands on it, perhaps without a code group
    code_groups: tuple[str, ...]  # ids, of those units


@dataclass(frozen=True, slots=True)
class NameHit:
    """Something with a name that was asked for. `kind`: code_group, subgroup, category, requirement or comment;
    `ids` lead to it."""

    kind: str
    text: str
    note: str
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """`total` turns hold what was asked for; `hits` are the places in those asked to be shown, `turns` of them.

    `bounded`: words that stand in more longer words than were looked for. `like`: where nothing was found, word
    asked for -> words of the material that begin like it. `asked` is False where nothing was asked for."""

    total: int
    turns: int
    hits: tuple[Hit, ...]
    names: tuple[NameHit, ...]
    bounded: tuple[str, ...] = ()
    like: tuple[tuple[str, tuple[str, ...]], ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Where:
    """Which turns are looked in: ids of sources, of participants, of top stakeholder groups; None: any. Literature
    is not read and marked, and so not looked in.
    `informants`: not what an interviewer or facilitator says."""

    sources: Collection[str] | None = None
    participants: Collection[str] | None = None
    groups: Collection[str] | None = None
    informants: bool = False


ANYWHERE = Where()


@dataclass(frozen=True, slots=True)
class Marked:
    """How many passages were marked or newly placed, and in which code groups; `said`: a sentence about one that has
    been taken out meanwhile."""

    n: int
    into: tuple[str, ...]
    said: str | None = None


@requires(Action.READ_SOURCES)
def search(
    ctx: Context, text: str, *, where: Where = ANYWHERE, offset: int = 0, limit: int = 50, names: bool = True
) -> Found:
    """Find what was typed (see store.search for what may be typed): `limit` turns from `offset` on, in the order of
    the sources. Any string is safe; it is kept nowhere."""
    query = index.parse(text)
    if not query.all_of:
        return Found(0, 0, (), (), asked=False)
    with ctx.read() as conn:
        sources = _sources(conn, where)
        page = index.find(
            conn, query, limit=limit, offset=offset, sources=sources, speakers=_speakers(conn, where)
        )
        hits = _hits(conn, page.turns, query)
        like: list[tuple[str, tuple[str, ...]]] = []
        if not page.total:
            for word in dict.fromkeys(w for either in query.all_of for term in either for w in term.words):
                if not index.find(conn, index.parse(word), limit=1, sources=sources).total:
                    like.append((word, tuple(index.words_like(conn, word, sources=sources))))
        found = tuple(_names(conn, query)) if names else ()
    return Found(page.total, len(page.turns), tuple(hits), found, page.bounded, tuple(like))


def _sources(conn: Connection, where: Where) -> set[str] | None:
    """Sources that `where` lets in, or None where it lets in all there are."""
    every = queries.records(conn, Source)
    let_in = {
        s.id for s in every if s.words_of != "literature" and (where.sources is None or s.id in where.sources)
    }
    return None if len(let_in) == len(every) else let_in


def _speakers(conn: Connection, where: Where) -> set[str] | None:
    """Rows of the sources' speakers that `where` lets in, or None where it lets in all."""
    if where.participants is None and where.groups is None and not where.informants:
        return None
    groups, people = queries.groups(conn), queries.participants(conn)
    let_in = {
        id
        for id, p in people.items()
        if (where.participants is None or id in where.participants)
        and (where.groups is None or top_group(p.stakeholder_group, groups) in where.groups)
        and (not where.informants or p.kind == "informant")
    }
    return {s.id for s in queries.records(conn, Speaker) if s.participant in let_in}


def _hits(conn: Connection, turns: Iterable[int], query: index.Query) -> list[Hit]:
    groups, people = queries.groups(conn), queries.participants(conn)
    sources = {s.id: s for s in queries.records(conn, Source)}
    hits = []
    for turn in index.turns(conn, turns):
        source, text, first = sources[turn["source"]], turn["text"], turn["start"]
        person = people.get(turn["participant"])
        units = index.units_at(conn, source.id, first, turn["end"])
        for words in _lines(index.occurrences(text, query) or [(0, len(text))]):
            start, end = words[0][0], words[-1][1]
            here = [u for u in units if u["start"] < first + end and u["end"] > first + start]
            hits.append(
                Hit(
                    place=Place(source.id, turn["text_rev"], first + start, first + end),
                    title=source.title,
                    language=source.language,
                    turn=turn["seq"],
                    before=_left(text[:start]),
                    text=text[start:end],
                    after=_right(text[end:]),
                    words=tuple((low - start, high - start) for low, high in words),
                    speaker=person.pseudonym if person else (turn["label"] or ""),
                    kind=person.kind if person else "unknown",
                    group=top_group(person.stakeholder_group, groups) if person else None,
                    marked=bool(here),
                    code_groups=tuple(dict.fromkeys(g for u in here for g in u["code_groups"])),
                )
            )
    return hits


def _lines(occurrences: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Occurrences that share a line."""
    lines: list[list[tuple[int, int]]] = []
    for span in occurrences:
        if lines and span[0] - lines[-1][-1][1] <= _NEAR:
            lines[-1].append(span)
        else:
            lines.append([span])
    return lines


def _left(text: str) -> str:
    return text if len(text) <= AROUND else text[-AROUND:].partition(" ")[2]


def _right(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0]


def _names(conn: Connection, query: index.Query) -> Iterable[NameHit]:
    """Code groups, subgroups, themes, requirements and comments: few enough to be looked through one by one."""
    code_groups = {g.id: g for g in queries.records(conn, CodeGroup, order="position, name")}
    for g in code_groups.values():
        if index.holds(f"{g.name}\n{g.tag}", query):
            yield NameHit("code_group", g.name, g.definition, {"code_group": g.id})
    for s in queries.records(conn, Subgroup, order="position, name"):
        if index.holds(s.name, query) and s.code_group in code_groups:
            ids = {"code_group": s.code_group, "subgroup": s.id}
            yield NameHit("subgroup", s.name, code_groups[s.code_group].name, ids)
    for c in queries.records(conn, Category, order="position"):
        if index.holds(c.heading, query):
            yield NameHit("category", c.heading, "", {"category": c.id, "code_group": c.code_group})
    for r in queries.records(conn, Requirement, order="key"):
        if index.holds(f"{r.key}\n{r.statement}", query):
            yield NameHit("requirement", r.statement, r.key, {"requirement": r.id, "key": r.key})
    members = {m.id: m.name for m in queries.records(conn, Member)}
    for m in queries.live(conn, "memo"):
        if index.holds(m["text"], query):
            yield NameHit("comment", m["text"], members.get(m["member"], ""), _commented(conn, m["item"]))


def _commented(conn: Connection, item: str) -> dict[str, str]:
    """What leads to the unit, condensate or category that a comment is about."""
    for unit in queries.live(conn, "unit", id=item):
        return {"unit": item, "source": unit["source"]}
    for condensate in queries.live(conn, "condensate", id=item):
        (subgroup,) = queries.live(conn, "subgroup", id=condensate["subgroup"])
        return {"condensate": item, "subgroup": subgroup["id"], "code_group": subgroup["code_group"]}
    for category in queries.live(conn, "category", id=item):
        return {"category": item, "code_group": category["code_group"]}
    return {}


# -- marking what was found ------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def mark_hits(
    ctx: Context,
    places: Iterable[Place],
    *,
    extent: Extent = "hit",
    code_groups: Collection[str] = (),
    new_code_groups: Sequence[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> Marked:
    """Mark places as units in one operation: the words found, the sentence or the turn they stand in; perhaps placed
    in code groups, of which `new_code_groups` ({id, name}) are made first. One's own unit with exactly these words is
    placed, not doubled. Raises InvalidSpan, Refused."""
    spans = list(places)
    with ctx.read() as conn:
        spans = list(dict.fromkeys(_widened(conn, p, extent) for p in spans))
    if len(spans) > MOST:
        raise Refused("find.too_many", n=number(len(spans)), most=number(MOST))
    into = [*code_groups, *(str(g["id"]) for g in new_code_groups)]
    if not into:
        with ctx.write("mark_found", op_id=op_id) as work:
            marked = mark_places(work, ctx, spans, ())
            work.ids = {"n": marked.n}
        return marked
    with ctx.write("mark_hits", op_id=op_id) as work:
        for g in new_code_groups:
            if work.find("code_group", str(g["id"])) is None:
                insert_code_group(work, ctx, str(g["name"]), str(g["id"]))
        marked = mark_places(work, ctx, spans, into)
        work.ids = {"code_group": next(iter(marked.into), into[0]), "n": marked.n}
    return marked


@requires(Action.ANALYSE)
def mark_all(
    ctx: Context,
    text: str,
    *,
    where: Where = ANYWHERE,
    extent: Extent = "hit",
    code_groups: Collection[str] = (),
    new_code_groups: Sequence[Mapping[str, Any]] = (),
    op_id: str | None = None,
) -> Marked:
    """Mark everything that a search finds now, see `mark_hits`; also what has not been shown."""
    found = search(ctx, text, where=where, limit=MOST + 1, names=False)
    if found.total > MOST:
        raise Refused("find.too_many", n=number(found.total), most=number(MOST))
    return mark_hits(
        ctx, (h.place for h in found.hits), extent=extent, code_groups=code_groups,
        new_code_groups=new_code_groups, op_id=op_id,
    )  # fmt: skip


def _widened(conn: Connection, place: Place, extent: Extent) -> Place:
    if extent == "hit":
        return place
    turn = index.turn_holding(conn, place.source, place.text_rev, place.start)
    if turn is None:
        raise InvalidSpan("span.text_changed")
    first, text = turn["start"], turn["text"]
    if extent == "turn":
        start = len(text) - len(text.lstrip())
        end = len(text.rstrip())
    else:
        start, end = sentences.around(text, place.start - first, place.end - first)
    return Place(place.source, place.text_rev, first + start, first + end)


def mark_places(
    work: UnitOfWork, ctx: Context, places: Iterable[Place], code_groups: Collection[str]
) -> Marked:
    """Within an operation: one's own units on these places, each in the code groups (in what one that was merged
    became; without one that was taken out). A colleague's unit on the same words stays theirs."""
    into: dict[str, None] = {}
    gone = None
    for group in code_groups:
        found = standing(work, group)
        if found is None:
            gone = said_gone(work, "code_group", group, said="find.gone")
        else:
            into[found] = None
    units_at: dict[str, dict[tuple[int, int], str]] = {}
    revs: dict[str, int] = {}
    changed = 0
    for place in places:
        if place.source not in units_at:
            revs[place.source] = work.get("source", place.source)["text_rev"]
            units = work.live("unit", source=place.source, member=ctx.member.id)
            units_at[place.source] = {(u["start"], u["end"]): u["id"] for u in units}
        if revs[place.source] != place.text_rev:
            raise InvalidSpan("span.text_changed")
        span = (place.start, place.end)
        unit = units_at[place.source].get(span)
        new = unit is None
        if unit is None:
            text = queries.span_text(work.connection, place.source, place.text_rev, *span)
            if text is None or not text.strip():
                raise InvalidSpan("span.outside")
            unit = units_at[place.source][span] = ctx.new_id()
            row = {"id": unit, "source": place.source, "text_rev": place.text_rev, "start": place.start,
                   "end": place.end, "mac": ctx.store.mac(text), "member": ctx.member.id}  # fmt: skip
            work.insert("unit", row)
        there = set() if new else {p["code_group"] for p in work.live("placement", unit=unit)}
        for group in into:
            if group not in there:
                row = {"id": ctx.new_id(), "unit": unit, "code_group": group, "subgroup": None, "set_aside": None,
                       "member": ctx.member.id}  # fmt: skip
                work.insert("placement", row)
                new = True
        changed += new
    return Marked(changed, tuple(into), gone)


def extent_of(name: object) -> Extent:
    """An extent by its name; the words found for any other."""
    return next((e for e in EXTENTS if e == name), "hit")
