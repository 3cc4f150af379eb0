"""Looking for what speaks against a result category: where it may be found, and that it was looked for.

What is offered are suggestions, found on this computer by the words that units share with the category: units on the
same matter that stand elsewhere. Whether one of them disagrees, a person reads and says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Category
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.store import queries
from workbench.store import search as index

from .coding import UnitCard, load_cards
from .context import Context, requires

SHELVES = ("not_heard", "elsewhere", "aside", "left")
_MOST = 30  # of a shelf, what is nearest to the category
_SHORTEST = 4  # letters of a word that may tell what a text is about
_NAMED = 4  # shared words that are named
# Words that tell nothing of a matter, in the languages that projects are in; shorter ones are left out anyway.
_PLAIN_WORDS = (
    "about after again also always another anything back because been before being came come could does doing done down"
    " each even ever every everybody everything four from gets give goes going have having hear heard here home into it's"
    " just keep kind knew know last like little long look looked made make many maybe mean might more most much must never"
    " nine nobody none nothing often only other others over people perhaps quite rather really right said same says seem"
    " should since some somebody something still such sure take than that their them then there these they thing things"
    " think this those though thought three through time times told took until used very want wanted well went were what"
    " when where which while will with without would year years your didn doesn isn wasn"
    " alle alligevel altid andet andre aldrig bare blev blevet blive bliver burde dels denne deres derfor dette disse efter"
    " eller ellers fået fordi første gang gerne gjort gøre går gået havde have haft hele heller hende hvad hvem hver hvis"
    " hvor hvordan hvorfor igen igennem ikke imod inden ingen intet jeres kommer komme kunne lige lidt mange måske mere mest"
    " meget mellem mens mine måtte nemlig nogen noget nogle også okay over sagde samme selv siden sidste siger skal skulle"
    " sådan som synes tage ting tror under uden vide ville været være"
)
_PLAIN = frozenset(_PLAIN_WORDS.split())
_TELLS = 0.4  # a word half again as frequent in a category as elsewhere tells of it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit that may disagree, and the words it shares with the category, most telling first."""

    card: UnitCard
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Units that do not stand in a category: `kind` is not_heard (said by groups not heard in it), elsewhere (in
    other code groups), aside (set aside in its own) or left (in no code group). `found` are the nearest, best
    first, of `total`."""

    kind: str
    found: tuple[Candidate, ...]
    total: int


@dataclass(frozen=True, slots=True)
class CounterSearch:
    """That somebody looked for what speaks against a category: through what, and how much it brought."""

    id: str
    rev: int
    category: str
    initials: str
    name: str
    at: str
    looked_through: str
    found: int
    note: str


def _about(text: str) -> set[str]:
    return {index.fold(w) for w in index.words(text) if len(w) >= _SHORTEST and w not in _PLAIN}


def _telling(own: set[str], inside: Sequence[UnitCard], outside: Sequence[UnitCard]) -> dict[str, float]:
    """How much each word tells of a category: how much oftener it stands in its units, heading and text than in
    other units. What is said everywhere tells nothing."""
    here = Counter(w for c in inside for w in _about(c.unit.text))
    here.update(own)
    there = Counter(w for c in outside for w in _about(c.unit.text))
    found = {
        w: math.log((n + 0.5) / (len(inside) + 1)) - math.log((there[w] + 0.5) / (len(outside) + 1))
        for w, n in here.items()
        if n > 1
    }
    return {w: score for w, score in found.items() if score > _TELLS}


def _nearest(cards: Sequence[UnitCard], telling: Mapping[str, float]) -> list[Candidate]:
    """The cards by what they share with the category for their length, those that share nothing last."""
    scored = []
    for n, card in enumerate(cards):
        words = _about(card.unit.text)
        shared = sorted(words & telling.keys(), key=lambda w: (-telling[w], w))
        score = sum(telling[w] for w in shared) / math.sqrt(len(words) + 4)
        scored.append((-score, n, Candidate(card, tuple(shared[:_NAMED]))))
    return [c for *_, c in sorted(scored, key=lambda x: x[:2])]


@requires(Action.READ_SOURCES)
def candidates(ctx: Context, category: str) -> tuple[Shelf, ...]:
    """Where what speaks against a category may be found; shelves with nothing on them are left out."""
    with ctx.read() as conn:
        found = queries.records(conn, Category, id=category)
        if not found:
            raise Refused("error.gone", kind="category")
        cards = load_cards(conn)
    own = found[0]
    inside, shelves = [], dict[str, list[UnitCard]]((kind, []) for kind in SHELVES)
    for c in cards:
        here = [p for p in c.placements if p.code_group == own.code_group]
        if any(p.set_aside is None for p in here):
            inside.append(c)
        elif here:
            shelves["aside"].append(c)
        else:
            shelves["elsewhere" if c.placements else "left"].append(c)
    heard = {g for c in inside for g in c.groups}
    shelves["not_heard"] = [
        c for kind in SHELVES[1:] for c in shelves[kind] if c.groups and not heard & set(c.groups)
    ]
    outside = [c for kind in SHELVES[1:] for c in shelves[kind]]
    telling = _telling(_about(f"{own.heading} {without_tokens(own.analytic_text)}"), inside, outside)
    return tuple(
        Shelf(kind, tuple(_nearest(shelves[kind], telling)[:_MOST]), len(shelves[kind]))
        for kind in SHELVES
        if shelves[kind]
    )


# -- that it was looked for --------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def counter_searches(ctx: Context, category: str | None = None) -> list[CounterSearch]:
    """The searches that were logged, newest first; all, or those for a category."""
    with ctx.read() as conn:
        rows = queries.synthesis.counter_searches(conn)
    return [
        CounterSearch(r["id"], r["rev"], r["category"], r["initials"] or "?", r["name"] or "", r["at"],
                      r["looked_through"], r["found"], r["note"])
        for r in rows
        if category in (None, r["category"])
    ]  # fmt: skip


@requires(Action.ANALYSE)
def log_counter_search(
    ctx: Context, category: str, *, looked_through: str, found: int, note: str = ""
) -> str:
    """Keep that one has looked for what speaks against a category; nothing found is a result too. Returns its id."""
    if not looked_through.strip():
        raise Refused("counter_search.needs_where")
    with ctx.write("log_counter_search") as work:
        work.get("category", category)
        work.ids = {"category": category}
        row = {"id": ctx.new_id(), "category": category, "member": ctx.member.id, "at": ctx.now().date().isoformat(),
               "looked_through": looked_through.strip(), "found": max(0, found), "note": note.strip()}  # fmt: skip
        return work.insert("counter_search", row)


@requires(Action.ANALYSE)
def retire_counter_search(ctx: Context, search: str) -> None:
    """Take out a search that was logged by mistake."""
    with ctx.write("retire_counter_search") as work:
        work.ids = {"category": work.get("counter_search", search)["category"]}
        work.retire("counter_search", search)
