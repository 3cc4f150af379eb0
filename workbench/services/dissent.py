"""Who sees a theme differently: challenges found on re-reading, literature and grounds that speak against, reservations.

"Not looked for yet" is never told as "none found", and nothing here is counted to those who read no source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.roles import Action, can
from workbench.store import queries
from workbench.store.connection import Connection

from .context import Context, requires
from .quotes import ClearedQuote, load_quotes
from .rereading import load_completeness, load_recontexts
from .synthesis import released_groups

_AGAINST = ("against", "agree_with_reservation")


@dataclass(frozen=True, slots=True)
class Objection:
    """One voice against. `kind`: challenge | quote | evidence | ground | reservation.

    `text` is a researcher's note, a cleared quote, a finding, a ground by its label, or a reservation; it is empty where
    a challenge may not be told in words. `by` says whose it is: groups, a source, a citation, a seat. `on` is the key of
    the requirement or decision that it was said of, `item` what it can be opened by."""

    kind: str
    text: str
    by: str
    on: str = ""
    item: str = ""
    answer: str = ""
    is_open: bool = False  # nobody has answered it
    language: str = ""
    ground: str = ""  # what kind of thing a ground is


@dataclass(frozen=True, slots=True)
class Dissent:
    objections: tuple[Objection, ...]
    reread: int  # sources re-read since heading and text read as they do
    sources: int
    reread_on: str | None  # the latest day


def load_dissent(conn: Connection, *, reads_sources: bool) -> dict[str, Dissent]:
    """Theme -> who sees it differently. Without `reads_sources`, challenges are told by their cleared quotes, with the
    groups as they may be named, and by nothing that points at a source."""
    found: dict[str, list[Objection]] = {}
    _challenges(conn, found, reads_sources)
    _literature(conn, found)
    _grounds(conn, found, reads_sources)
    _reservations(conn, found)
    return {
        c.category.id: Dissent(
            tuple(found.get(c.category.id, ())),
            len(c.reread),
            len(c.reread) + len(c.missing),
            max(c.reread.values(), default=None),
        )
        for c in load_completeness(conn)
    }


def _named(quote: ClearedQuote, names: Mapping[str, tuple[str, str]]) -> str:
    return ", ".join(dict.fromkeys(names[g][1] for g in quote.groups if g in names))


def _challenges(conn: Connection, found: dict[str, list[Objection]], reads_sources: bool) -> None:
    names = released_groups(conn)
    quotes = load_quotes(conn)
    untold: dict[str, bool] = {}
    for note in load_recontexts(conn):
        if note.verdict != "challenges":
            continue
        waits = not note.answer.strip()
        quote = quotes.get(note.unit or "")
        if reads_sources:
            words = quote.printed if quote and not note.note.strip() else note.note
            objection = Objection(
                "challenge", words, note.source_title, item=note.id, answer=note.answer, is_open=waits
            )
            found.setdefault(note.category, []).append(objection)
        elif quote is not None:
            objection = Objection(
                "quote", quote.printed, _named(quote, names), is_open=waits, language=quote.language
            )
            found.setdefault(note.category, []).append(objection)
        else:
            untold[note.category] = untold.get(note.category, False) or waits
    # What no cleared quote tells is told once, without saying how often.
    for category, waits in untold.items():
        found.setdefault(category, []).append(Objection("challenge", "", "", is_open=waits))


def _literature(conn: Connection, found: dict[str, list[Objection]]) -> None:
    for r in queries.synthesis.evidence(conn):
        if r["role"] == "contradicts":
            objection = Objection("evidence", r["finding"] or r["title"], r["citation"], item=r["id"])
            found.setdefault(r["category"], []).append(objection)


def _on_theme(conn: Connection) -> dict[str, list[str]]:
    """Requirement -> themes it rests on."""
    themes = {c["id"] for c in queries.live(conn, "category")}
    on: dict[str, list[str]] = {}
    for x in queries.live(conn, "link", type="based_on", role="supports"):
        if x["dst"] in themes:
            on.setdefault(x["src"], []).append(x["dst"])
    return on


def _grounds(conn: Connection, found: dict[str, list[Objection]], reads_sources: bool) -> None:
    """What speaks against a requirement that rests on the theme: a unit in its words, everything else by its label."""
    on, keys = _on_theme(conn), {r["id"]: r["key"] for r in queries.live(conn, "requirement")}
    against = [x for x in queries.live(conn, "link", type="based_on", role="contradicts") if x["src"] in keys]
    names = queries.trace.labels(conn, {x["dst"] for x in against})
    units = {u.id: u for u in queries.units(conn, among={x["dst"] for x in against})} if reads_sources else {}
    quotes = {} if reads_sources else load_quotes(conn)
    groups = released_groups(conn)
    for x in against:
        kind, text = names.get(x["dst"], ("", ""))
        by, language = "", ""
        if unit := units.get(x["dst"]):
            by, text, language = text, unit.text, unit.language
        elif quote := quotes.get(x["dst"]):
            by, text, language = _named(quote, groups), quote.printed, quote.language
        elif kind in ("unit", "source") and not reads_sources:
            text = ""
        for theme in on.get(x["src"], ()):
            objection = Objection(
                "ground", text, by, keys[x["src"]], x["src"], language=language, ground=kind
            )
            found.setdefault(theme, []).append(objection)


def _reservations(conn: Connection, found: dict[str, list[Objection]]) -> None:
    """Reservations and votes against in decisions about the theme, or about a requirement that rests on it."""
    on = _on_theme(conn)
    themes: dict[str, dict[str, None]] = {}  # decision -> themes it bears on
    for x in queries.live(conn, "link", type="decides"):
        themes.setdefault(x["src"], {}).update(dict.fromkeys((x["dst"], *on.get(x["dst"], ()))))
    decisions = {d["id"]: d for d in queries.live(conn, "decision")}
    for v in queries.live(conn, "vote"):
        if v["choice"] in _AGAINST and v["decision"] in decisions:
            key = decisions[v["decision"]]["key"]
            objection = Objection("reservation", v["reservation"], v["seat"], on=key, item=v["decision"])
            for theme in themes.get(v["decision"], ()):
                found.setdefault(theme, []).append(objection)


@requires(Action.READ_THEMES)
def theme_dissent(ctx: Context) -> Mapping[str, Dissent]:
    """Theme -> who sees it differently, as far as the acting role may be told."""
    with ctx.read() as conn:
        return load_dissent(conn, reads_sources=can(ctx.member.role, Action.READ_SOURCES))
