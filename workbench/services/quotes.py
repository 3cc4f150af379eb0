"""Cleared quotes: the printed form of a unit that a named person lets leave the analysis team, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.people import may_be_quoted, top_group
from workbench.domain.records import Category, CodeGroup, Condensate, Participant, Subgroup
from workbench.domain.roles import Action
from workbench.domain.stc import embedded_units
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import UnitCard, load_cards
from .condensing import ensure_quotable
from .context import Context, requires


@dataclass(frozen=True, slots=True)
class ClearedQuote:
    """The printed form of a unit that a named person has cleared to leave the analysis team."""

    id: str
    rev: int
    unit: str
    printed: str
    translation: str
    translator: str
    cleared_by: str
    cleared_at: str
    groups: tuple[str, ...]  # top groups of those who say it
    language: str
    withheld: str = ""  # why it may not leave now: consent | changed (the words, since it was cleared)


@dataclass(frozen=True, slots=True)
class WaitingQuote:
    """A golden quote, or a unit that stands in an analytic text, that no cleared quote may leave for."""

    card: UnitCard
    golden: bool
    categories: tuple[str, ...]  # whose text it stands in, or whose code group it is golden in
    cleared: ClearedQuote | None  # cleared once, and withheld since
    barred: str  # why it can not be cleared, as the id of a sentence; empty where it can


def _barred(unit: queries.UnitText, people: Mapping[str, Participant]) -> str:
    """Why a unit can not be printed, as the id of a sentence; empty where it can."""
    if unit.words_of != "participant":
        return "quote.not_participants_words"
    if not unit.participants:
        return "quote.no_informant"
    return "" if may_be_quoted(people[p] for p in unit.participants) else "quote.no_consent"


def _withheld(unit: queries.UnitText, people: Mapping[str, Participant], mac: str) -> str:
    """Why a cleared quote may not leave after all; empty where it may. Clearing is answered for once, but
    consent can be taken back and the words can be changed at any time."""
    if _barred(unit, people):
        return "consent"
    return "changed" if unit.mac != mac else ""


def load_quotes(conn: Connection, *, withheld: bool = False) -> dict[str, ClearedQuote]:
    """Cleared quotes by unit: those that may leave the analysis team now, or with `withheld` the others too."""
    groups, people = queries.groups(conn), queries.participants(conn)
    texts = {u.id: u for u in queries.units(conn, cleared=True)}
    found = {}
    for r in queries.synthesis.cleared_quotes(conn):
        unit = texts.get(r["unit"])
        if unit is None:
            continue
        why = _withheld(unit, people, r["mac"])
        if why and not withheld:
            continue
        tops = dict.fromkeys(
            t for p in unit.participants if (t := top_group(people[p].stakeholder_group, groups))
        )
        found[r["unit"]] = ClearedQuote(
            r["id"], r["rev"], r["unit"], r["printed"], r["translation"], r["translator"], r["name"] or "",
            r["cleared_at"], tuple(tops), unit.language, why,
        )  # fmt: skip
    return found


@requires(Action.READ_SOURCES)
def quotes_by_unit(ctx: Context) -> dict[str, ClearedQuote]:
    """All cleared quotes for those who clear them; one that may not leave now says why in `withheld`."""
    with ctx.read() as conn:
        return load_quotes(conn, withheld=True)


@requires(Action.READ_SOURCES)
def waiting_quotes(ctx: Context) -> tuple[WaitingQuote, ...]:
    """Golden quotes and units in analytic texts that have no cleared quote which may leave: what can be cleared
    first, each in reading order."""
    with ctx.read() as conn:
        people = queries.participants(conn)
        every = load_quotes(conn, withheld=True)
        themes: dict[str, dict[str, None]] = {}  # unit -> categories
        golden: set[str] = set()
        categories = {c.code_group: c for c in queries.records(conn, Category, order="position")}
        for c in categories.values():
            for unit in embedded_units(c.analytic_text):
                themes.setdefault(unit, {})[c.id] = None
        group_of = {s.id: s.code_group for s in queries.records(conn, Subgroup)}
        standing = {g.id for g in queries.records(conn, CodeGroup)}
        for condensate in queries.records(conn, Condensate):
            group = group_of.get(condensate.subgroup)
            if condensate.golden_unit and group in standing:
                golden.add(condensate.golden_unit)
                here = themes.setdefault(condensate.golden_unit, {})
                if group in categories:
                    here[categories[group].id] = None
        wanted = {u for u in themes if u not in every or every[u].withheld}
        cards = [c for c in load_cards(conn) if c.unit.id in wanted]
    found = [
        WaitingQuote(c, c.unit.id in golden, tuple(themes[c.unit.id]), every.get(c.unit.id), _barred(c.unit, people))
        for c in cards
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda w: bool(w.barred)))


@requires(Action.CLEAR_QUOTE)
def clear_quote(
    ctx: Context,
    unit: str,
    *,
    printed: str,
    recognisable: bool,
    translation: str = "",
    translator: str = "",
    rev: int | None = None,
) -> str:
    """Clear a unit's printed form to leave the analysis team; the acting member answers for it.

    `recognisable` is the answer to "would a colleague recognise the story?"; a yes clears nothing. `rev` is that of
    the cleared quote it was made from; raises StaleEdit if somebody has cleared it otherwise since."""
    if recognisable:
        raise Refused("quote.recognisable")
    if not printed.strip():
        raise Refused("quote.needs_text")
    if translation.strip() and not translator.strip():
        raise Refused("quote.needs_translator")
    with ctx.write("clear_quote") as work:
        ensure_quotable(work.connection, unit)
        row = work.get("unit", unit)
        work.ids = {"unit": unit, "source": row["source"]}
        changes = {"printed": printed.strip(), "translation": translation.strip(), "translator": translator.strip(),
                   "cleared_by": ctx.member.id, "cleared_at": ctx.now().date().isoformat(), "mac": row["mac"]}  # fmt: skip
        found = work.live("cleared_quote", unit=unit)
        if found:
            work.update("cleared_quote", found[0]["id"], changes, rev=rev)
            return str(found[0]["id"])
        return work.insert("cleared_quote", {"id": ctx.new_id(), "unit": unit, **changes})


@requires(Action.CLEAR_QUOTE)
def take_back_quote(ctx: Context, quote: str) -> None:
    """A cleared quote no longer leaves the team."""
    with ctx.write("take_back_quote") as work:
        work.ids = {"unit": work.get("cleared_quote", quote)["unit"]}
        work.retire("cleared_quote", quote)
