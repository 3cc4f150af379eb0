"""A sentence of an analytic text down to the words it rests on, and from a unit or condensate up to the sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Category
from workbench.domain.roles import Action
from workbench.domain.stc import Sentence, sentences
from workbench.store import queries

from .coding import load_cards
from .context import Context, requires
from .rereading import Recontext, load_completeness, load_recontexts
from .tracing import TracedCondensate, TracedUnit, traced_unit


@dataclass(frozen=True, slots=True)
class Challenge:
    """What speaks against a category, with the words it points at, if it points at any."""

    note: Recontext
    unit: TracedUnit | None


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a sentence: its units in their context, the condensates that hold them, and what challenges
    the category, unanswered first. `looked` of `total` sources have been re-read since it was worded. `borne_by` is, for
    a sentence without units, the next one of its paragraph that has some, which may bear both."""

    category: Category
    number: int  # of the sentence, from 1 over all paragraphs
    text: str
    units: tuple[TracedUnit, ...]
    condensates: tuple[TracedCondensate, ...]
    challenges: tuple[Challenge, ...]
    looked: int
    total: int
    borne_by: int | None


@dataclass(frozen=True, slots=True)
class RestingSentence:
    """A sentence that rests on a unit, or on units that a condensate holds."""

    category: str
    heading: str
    code_group: str
    number: int
    text: str
    units: tuple[str, ...]  # those asked for that it rests on


def flat(paragraphs: Sequence[Sequence[Sentence]]) -> list[Sentence]:
    """The sentences of a text in order; the first is number 1."""
    return [s for p in paragraphs for s in p]


def resting_on_nothing(paragraphs: Sequence[Sequence[Sentence]]) -> list[tuple[int, str]]:
    """(number, text) of the sentences that no unit is embedded in. They may be right: one that leads on, or sums up."""
    return [(n, s.text) for n, s in enumerate(flat(paragraphs), 1) if not s.units]


@requires(Action.READ_SOURCES)
def behind(ctx: Context, category: str, number: int) -> Behind:
    """What stands behind a category's sentence. Raises Refused where there is no such sentence any more."""
    with ctx.read() as conn:
        found = queries.records(conn, Category, id=category)
        if not found:
            raise Refused("error.gone", kind="category")
        own = flat(sentences(found[0].analytic_text))
        if not 1 <= number <= len(own):
            raise Refused("category.no_sentence")
        cards = {c.unit.id: c for c in load_cards(conn)}
        here = own[number - 1]
        held: dict[str, list[str]] = {}
        for r in queries.live(conn, "cover"):
            if r["unit"] in here.units:
                held.setdefault(r["condensate"], []).append(r["unit"])
        condensates = []
        for id, units in held.items():
            c = queries.trace.condensate(conn, id)
            condensates.append(TracedCondensate(id, c["name"], c["voice"], c["text"], tuple(units)))
        noted = [n for n in load_recontexts(conn) if n.category == category and n.verdict == "challenges"]
        noted.sort(key=lambda n: bool(n.answer.strip()))
        looked = next(c for c in load_completeness(conn) if c.category.id == category)
        return Behind(
            found[0],
            number,
            here.text,
            tuple(traced_unit(conn, cards[u]) for u in here.units if u in cards),
            tuple(condensates),
            tuple(
                Challenge(n, traced_unit(conn, cards[n.unit], "contradicts") if n.unit in cards else None)
                for n in noted
            ),
            len(looked.reread),
            len(looked.reread) + len(looked.missing),
            None if here.units else _next_with_units(sentences(found[0].analytic_text), number),
        )


def _next_with_units(paragraphs: Sequence[Sequence[Sentence]], number: int) -> int | None:
    first = 1
    for paragraph in paragraphs:
        last = first + len(paragraph) - 1
        if first <= number <= last:
            return next((n for n in range(number + 1, last + 1) if paragraph[n - first].units), None)
        first = last + 1
    return None


@requires(Action.READ_SOURCES)
def sentences_on(ctx: Context, item: str) -> list[RestingSentence]:
    """The sentences, over all categories, that rest on a unit, or on a unit that a condensate holds."""
    with ctx.read() as conn:
        units = {item} | {r["unit"] for r in queries.live(conn, "cover", condensate=item)}
        categories = queries.records(conn, Category, order="position")
    return [
        RestingSentence(c.id, c.heading, c.code_group, n, s.text, tuple(u for u in s.units if u in units))
        for c in categories
        for n, s in enumerate(flat(sentences(c.analytic_text)), 1)
        if units & set(s.units)
    ]
