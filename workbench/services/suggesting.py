"""Suggestions: passages that resemble a unit or what a code group holds, for a person to accept or put aside.

Off until a project turns them on. Found on this computer by the words passages share, in a process of its own that
ends when it has answered; nothing is marked before somebody accepts it, and the record says it was a suggestion.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from workbench.domain.errors import Refused
from workbench.domain.people import top_group
from workbench.domain.records import Source
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store import search as index
from workbench.store.connection import Connection

from .context import Context, requires
from .finding import Marked, Place, mark_places
from .projects import put_setting

SETTING = "suggestions"
_SECONDS = 90
_SEEDS = 80  # the newest units speak for a code group that has more
_TURNS = 2_000  # turns compared; in a larger project those that share a rare word with the seeds


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Where a passage is and why it is suggested: the words it `shares`, or by meaning the unit it is `like`. What a
    page may keep; the passage itself is read again."""

    place: Place
    shares: tuple[str, ...]
    like: str | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A passage with what is shown of it; `like` are the words of the unit that it is like."""

    why: Resemblance
    title: str
    language: str
    turn: int
    text: str
    like: str
    speaker: str
    group: str | None  # top stakeholder group's id

    @property
    def place(self) -> Place:
        return self.why.place

    @property
    def shares(self) -> tuple[str, ...]:
        return self.why.shares


@requires(Action.READ_SOURCES)
def suggestions_on(ctx: Context) -> bool:
    """Whether this project wants suggestions."""
    with ctx.read() as conn:
        return queries.setting(conn, SETTING) == "yes"


@requires(Action.ANALYSE)
def turn_on(ctx: Context) -> None:
    """From now on suggestions may be asked for."""
    with ctx.write("turn_on_suggestions") as work:
        put_setting(work, SETTING, "yes")


@requires(Action.ANALYSE)
def turn_off(ctx: Context) -> None:
    """No more suggestions; what was accepted stays."""
    with ctx.write("turn_off_suggestions") as work:
        put_setting(work, SETTING, "no")


@requires(Action.READ_SOURCES)
def suggest_for_group(
    ctx: Context, code_group: str, *, aside: Collection[Place] = (), by: str = "words"
) -> list[Suggestion]:
    """Passages that resemble the units of a code group and are not in it, best first. `aside` stays away."""
    with ctx.read() as conn:
        units = queries.units(conn, code_group=code_group)
        if not units:
            raise Refused("suggestions.no_units")
        question = _question(conn, sorted(units, key=lambda u: -u.rev)[:_SEEDS], units, aside, by)
    return _answered(ctx, question)


@requires(Action.READ_SOURCES)
def suggest_for_unit(
    ctx: Context, unit: str, *, aside: Collection[Place] = (), by: str = "words"
) -> list[Suggestion]:
    """Passages that resemble one unit, best first; those that are marked already too, but not the unit itself."""
    with ctx.read() as conn:
        units = queries.units(conn, unit=unit)
        if not units:
            raise Refused("error.gone", kind="unit")
        question = _question(conn, units, units, aside, by)
    return _answered(ctx, question)


@requires(Action.READ_SOURCES)
def show_again(ctx: Context, found: Iterable[Resemblance]) -> list[Suggestion]:
    """The passages behind what was found before; those whose text has been corrected or taken out are left out."""
    with ctx.read() as conn:
        people, groups = queries.participants(conn), queries.groups(conn)
        sources = {s.id: s for s in queries.records(conn, Source)}
        held = []
        for r in found:
            source = sources.get(r.place.source)
            if source is not None and source.text_rev == r.place.text_rev:
                turn = index.turn_holding(conn, source.id, source.text_rev, r.place.start)
                held += [(r, source, turn["id"])] if turn else []
        turns = {t["id"]: t for t in index.turns(conn, (id for _, _, id in held))}
        likes = {id: queries.units(conn, unit=id) for id in {r.like for r, _, _ in held} if id}
    shown = []
    for r, source, id in held:
        turn, like = turns[id], likes.get(r.like or "")
        person = people.get(turn["participant"])
        shown.append(
            Suggestion(
                why=r,
                title=source.title,
                language=source.language,
                turn=turn["seq"],
                text=turn["text"][r.place.start - turn["start"] : r.place.end - turn["start"]],
                like=like[0].text if like else "",
                speaker=person.pseudonym if person else (turn["label"] or ""),
                group=top_group(person.stakeholder_group, groups) if person else None,
            )
        )
    return shown


@dataclass(frozen=True, slots=True)
class _Question:
    asked: dict[str, Any]
    seeds: list[queries.UnitText]
    turns: list[dict[str, Any]]


def _question(
    conn: Connection,
    seeds: list[queries.UnitText],
    taken: list[queries.UnitText],
    aside: Collection[Place],
    by: str,
) -> _Question:
    if queries.setting(conn, SETTING) != "yes":
        raise Refused("suggestions.off")
    languages = {u.language for u in seeds}
    sources = {
        s.id: s
        for s in queries.records(conn, Source)
        if s.words_of != "literature" and (by == "meaning" or s.language in languages)
    }
    asking = {id for id, p in queries.participants(conn).items() if p.kind != "informant"}
    turns = [t for t in _turns(conn, seeds, sources) if t["participant"] not in asking]
    spans: dict[str, list[tuple[int, int]]] = {}
    for place in [*(Place(u.source, u.text_rev, u.start, u.end) for u in taken), *aside]:
        spans.setdefault(place.source, []).append((place.start, place.end))
    asked = {
        "what": "similar",
        "by": by,
        "seeds": [[u.text, u.language] for u in seeds],
        "turns": [
            [t["text"], sources[t["source"]].language,
             [[a - t["start"], b - t["start"]] for a, b in spans.get(t["source"], ()) if a < t["end"] and b > t["start"]]]
            for t in turns
        ],
    }  # fmt: skip
    return _Question(asked, seeds, turns)


def _answered(ctx: Context, question: _Question) -> list[Suggestion]:
    """Ask, with no connection held meanwhile: comparing may take a minute."""
    found = []
    for number, start, end, _score, shares, like in _ask(question.asked):
        turn = question.turns[number]
        place = Place(turn["source"], turn["text_rev"], turn["start"] + start, turn["start"] + end)
        found.append(Resemblance(place, tuple(shares), question.seeds[like].id if like is not None else None))
    return show_again(ctx, found)


def _turns(
    conn: Connection, seeds: Iterable[queries.UnitText], sources: Collection[str]
) -> list[dict[str, Any]]:
    """The turns to compare: all of these sources, or where those are very many, those that share the seeds' rarest words."""
    everything = index.turn_ids(conn, sources, limit=_TURNS + 1)
    if len(everything) <= _TURNS:
        return index.turns(conn, everything)
    words = Counter(w for u in seeds for w in index.words(u.text) if len(w) > 4)
    totals = {
        w: index.find(conn, index.Query(((index.Term((w,)),),)), limit=0, sources=sources).total
        for w, _ in words.most_common(60)
    }
    rarest = sorted((w for w, n in totals.items() if n), key=lambda w: totals[w] / words[w])[:24]
    query = index.Query((tuple(index.Term((w,)) for w in rarest),)) if rarest else index.Query(())
    return index.turns(conn, index.find(conn, query, limit=_TURNS, sources=sources).turns)


def _ask(asked: dict[str, Any]) -> list[Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.nlp"],
            input=json.dumps(asked).encode("utf-8", "surrogatepass"),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        raise Refused("suggestions.failed") from None
    answer = json.loads(done.stdout)
    if isinstance(answer, dict):
        raise Refused("suggestions.no_semantic")
    return list(answer)


@requires(Action.ANALYSE)
def accept_suggestions(
    ctx: Context, code_group: str, places: Iterable[Place], *, op_id: str | None = None
) -> Marked:
    """Mark suggested passages and place them in the code group, in one operation that says so."""
    spans = list(dict.fromkeys(places))
    with ctx.write("accept_suggestions", op_id=op_id) as work:
        marked = mark_places(work, ctx, spans, [code_group])
        work.ids = {"code_group": next(iter(marked.into), code_group), "n": marked.n}
    return marked
