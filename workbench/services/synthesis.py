"""Step 4, synthesis: result categories, re-reading, cleared quotes, literature beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.people import heard, may_be_quoted, sample_sizes, tally, too_few, top_group
from workbench.domain.records import Category, CodeGroup, Member, Participant, Source, Subgroup
from workbench.domain.roles import Action, can
from workbench.domain.stc import Sentence, embedded_units, sentences, without_tokens
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import UnitCard, load_cards
from .condensing import CondensateView, condensate_views, ensure_quotable
from .context import Context, requires

VERDICTS = ("supports", "nuances", "challenges")


@dataclass(frozen=True, slots=True)
class Recontext:
    """What re-reading a source said to a category."""

    id: str
    rev: int
    category: str
    source: str
    source_title: str
    verdict: str
    note: str
    unit: str | None
    initials: str
    answer: str


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
class RereadSource:
    source: Source
    by: tuple[tuple[str, str], ...]  # (initials, date) of those who read it through for step 4
    mine: bool
    notes: tuple[Recontext, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    id: str
    title: str
    citation: str
    finding: str
    verified: bool
    role: str


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A result category with what it rests on and what challenges it."""

    category: Category
    group: CodeGroup
    paragraphs: tuple[tuple[Sentence, ...], ...]
    condensates: tuple[CondensateView, ...]
    cards: tuple[UnitCard, ...]  # units placed in the code group, not set aside
    quotes: tuple[ClearedQuote, ...]
    dissent: tuple[ClearedQuote, ...]  # cleared quotes of units noted as a challenge
    notes: tuple[Recontext, ...]
    evidence: tuple[Evidence, ...]
    heard: Mapping[str, int]  # top group -> people
    phrases: Mapping[str, str]  # top group -> a few words for the matrix
    reread: Mapping[str, str]  # source -> the day it was last re-read, since heading and text read as they do


@dataclass(frozen=True, slots=True)
class SynthesisView:
    groups: tuple[CodeGroup, ...]
    categories: Mapping[str, Category]  # code group -> its category
    sources: tuple[RereadSource, ...]


def load_recontexts(conn: Connection) -> list[Recontext]:
    return [
        Recontext(
            r["id"], r["rev"], r["category"], r["source"], r["title"], r["verdict"], r["note"], r["unit"],
            r["initials"] or "?", r["answer"],
        )
        for r in queries.synthesis.recontexts(conn)
    ]  # fmt: skip


def _withheld(unit: queries.UnitText, people: Mapping[str, Participant], mac: str) -> str:
    """Why a cleared quote may not leave after all; empty where it may. Clearing is answered for once, but
    consent can be taken back and the words can be changed at any time."""
    if unit.words_of != "participant" or not unit.participants:
        return "consent"
    if not may_be_quoted(people[p] for p in unit.participants):
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


def _reworded(conn: Connection) -> dict[str, int]:
    """Category -> the operation since when its heading and text read as they do. A unit embedded in a sentence
    changes what the sentence rests on, not what it says."""
    found: dict[str, int] = {}
    for r in queries.synthesis.rewordings(conn):
        was, now = (
            (h, " ".join(without_tokens(t or "").split()))
            for h, t in ((r["was_heading"], r["was_text"]), (r["now_heading"], r["now_text"]))
        )
        if r["was_heading"] is None or was != now:
            found.setdefault(r["category"], r["op"])
    return found


def _rereadings(conn: Connection, categories: Sequence[Category]) -> dict[str, dict[str, str]]:
    """Category -> source -> the latest day. Whoever read a source before the category was worded as it is
    cannot have looked for what speaks against it."""
    sources = {s.id for s in queries.records(conn, Source) if s.words_of != "literature"}
    readings = [r for r in queries.live(conn, "reading", step="synthesis") if r["source"] in sources]
    since = _reworded(conn)
    found: dict[str, dict[str, str]] = {c.id: {} for c in categories}
    for c in categories:
        for r in readings:
            if r["rev"] > since.get(c.id, 0):
                found[c.id][r["source"]] = max(r["at"], found[c.id].get(r["source"], ""))
    return found


def load_categories(conn: Connection, category: str | None = None) -> list[CategoryView]:
    """Categories, all or one, with everything about them."""
    categories = [c for c in queries.records(conn, Category, order="position") if category in (None, c.id)]
    code_groups = {g.id: g for g in queries.records(conn, CodeGroup)}
    groups, people = queries.groups(conn), queries.participants(conn)
    cards = load_cards(conn)
    condensates = condensate_views(conn, cards)
    group_of = {s.id: s.code_group for s in queries.records(conn, Subgroup)}
    recontexts, quotes = load_recontexts(conn), load_quotes(conn)
    reread = _rereadings(conn, categories)
    phrases: dict[str, dict[str, str]] = {}
    for r in queries.live(conn, "matrix_phrase"):
        phrases.setdefault(r["category"], {})[r["stakeholder_group"]] = r["phrase"]
    evidence: dict[str, list[Evidence]] = {}
    for r in queries.synthesis.evidence(conn):
        evidence.setdefault(r["category"], []).append(
            Evidence(r["id"], r["title"], r["citation"], r["finding"], bool(r["verified"]), r["role"])
        )
    views = []
    for c in categories:
        mine = tuple(
            card for card in cards
            if any(p.code_group == c.code_group and p.set_aside is None for p in card.placements)
        )  # fmt: skip
        notes = tuple(r for r in recontexts if r.category == c.id)
        challenging = {r.unit for r in notes if r.verdict == "challenges" and r.unit}
        embedded = embedded_units(c.analytic_text)
        mine_quotes = [
            quotes[x.unit.id] for x in mine if x.unit.id in quotes and x.unit.id not in challenging
        ]
        # Quotes that stand in the text come first, in the text's order.
        mine_quotes.sort(key=lambda q: embedded.index(q.unit) if q.unit in embedded else len(embedded))
        views.append(
            CategoryView(
                c,
                code_groups[c.code_group],
                sentences(c.analytic_text),
                tuple(v for v in condensates if group_of.get(v.condensate.subgroup) == c.code_group),
                mine,
                tuple(mine_quotes),
                tuple(
                    quotes[u]
                    for u in dict.fromkeys(r.unit for r in notes)
                    if u in quotes and u in challenging
                ),
                notes,
                tuple(evidence.get(c.id, ())),
                tally(heard((x.unit.words_of, x.unit.participants) for x in mine), people, groups),
                phrases.get(c.id, {}),
                reread[c.id],
            )
        )
    return views


@requires(Action.READ_SOURCES)
def synthesis_view(ctx: Context) -> SynthesisView:
    with ctx.read() as conn:
        groups = queries.records(conn, CodeGroup, order="position, name")
        categories = {c.code_group: c for c in queries.records(conn, Category, order="position")}
        recontexts = load_recontexts(conn)
        members = {m.id: m for m in queries.records(conn, Member)}
        readings = sorted(queries.live(conn, "reading", step="synthesis"), key=lambda r: str(r["at"]))
        sources = tuple(
            RereadSource(
                s,
                tuple((members[r["member"]].initials, r["at"]) for r in readings
                      if r["source"] == s.id and r["member"] in members),
                any(r["source"] == s.id and r["member"] == ctx.member.id for r in readings),
                tuple(r for r in recontexts if r.source == s.id),
            )
            for s in queries.records(conn, Source, order="position") if s.words_of != "literature"
        )  # fmt: skip
    return SynthesisView(tuple(groups), categories, sources)


@requires(Action.READ_SOURCES)
def category_view(ctx: Context, category: str) -> CategoryView:
    with ctx.read() as conn:
        found = load_categories(conn, category)
    if not found:
        raise Refused("error.gone", kind="category")
    return found[0]


@requires(Action.ANALYSE)
def add_category(ctx: Context, code_group: str, *, heading: str, analytic_text: str = "") -> str:
    """Begin the result category of a code group; returns its id."""
    if not heading.strip():
        raise Refused("category.needs_heading")
    with ctx.write("add_category") as work:
        work.get("code_group", code_group)
        if work.live("category", code_group=code_group):
            raise Refused("category.one_per_group")
        _check_embedded(work.connection, analytic_text)
        row = {"id": ctx.new_id(), "code_group": code_group, "heading": heading.strip(),
               "analytic_text": analytic_text.strip(), "status": "draft",
               "position": work.next_position("category")}  # fmt: skip
        work.ids = {"category": row["id"]}
        return work.insert("category", row)


def _check_embedded(conn: Connection, analytic_text: str) -> None:
    for unit in embedded_units(analytic_text):
        if not queries.live(conn, "unit", id=unit):
            raise Refused("category.unknown_unit")


@requires(Action.ANALYSE)
def change_category(ctx: Context, category: str, *, rev: int, heading: str, analytic_text: str) -> None:
    """Change heading and text; raises StaleEdit if somebody was faster."""
    if not heading.strip():
        raise Refused("category.needs_heading")
    with ctx.write("change_category") as work:
        work.ids = {"category": category}
        _check_embedded(work.connection, analytic_text)
        work.update(
            "category",
            category,
            {"heading": heading.strip(), "analytic_text": analytic_text.strip()},
            rev=rev,
        )


@requires(Action.ANALYSE)
def retire_category(ctx: Context, category: str) -> None:
    """Take out a result category with its re-readings and phrases. Refused while a requirement rests on it."""
    with ctx.write("retire_category") as work:
        work.ids = {"category": category}
        work.get("category", category)
        for table in ("recontext", "matrix_phrase"):
            for row in work.live(table, category=category):
                work.retire(table, row["id"])
        for memo in work.live("memo", item=category):
            work.retire("memo", memo["id"])
        work.retire("category", category)


def embed(analytic_text: str, unit: str, after: int | None = None) -> str:
    """The text with {{unit:id}} put in after its nth sentence (from 1, over all paragraphs), or at its end."""
    token = "{{unit:" + unit + "}}"
    wanted = [s.text for p in sentences(analytic_text) for s in p][: after or None]
    if after is not None and len(wanted) == after:
        # A sentence ends where the text so far makes exactly the sentences wanted, tokens behind it included.
        for end in re.finditer(
            r"[.!?…]+[\"'”’)]*(?:\s*\{\{unit:[0-9A-Za-z-]+\}\})*(?=\s|$)|\s*(?=\n\s*\n)", analytic_text
        ):
            so_far = analytic_text[: end.end()]
            if [s.text for p in sentences(so_far) for s in p] == wanted:
                return f"{so_far.rstrip()} {token}{analytic_text[len(so_far.rstrip()) :]}"
    return f"{analytic_text.rstrip()} {token}".lstrip()


@requires(Action.ANALYSE)
def embed_unit(ctx: Context, category: str, unit: str, *, after: int | None = None) -> None:
    """Let a sentence of the analytic text rest on a unit; does nothing where it does already."""
    with ctx.write("embed_unit") as work:
        row = work.get("category", category)
        work.ids = {"category": category, "unit": unit}
        flat = [s for p in sentences(row["analytic_text"]) for s in p]
        here = flat[(after or len(flat)) - 1].units if flat and (after or 0) <= len(flat) else ()
        if unit not in here:
            text = embed(row["analytic_text"], unit, after)
            _check_embedded(work.connection, text)
            work.update("category", category, {"analytic_text": text})


@requires(Action.ANALYSE)
def set_category_status(ctx: Context, category: str, status: str) -> None:
    """draft or ready."""
    if status not in ("draft", "ready"):
        raise Refused("category.unknown_status", status=status)
    with ctx.write("set_category_status") as work:
        work.ids = {"category": category}
        work.update("category", category, {"status": status})


@requires(Action.ANALYSE)
def note_recontext(
    ctx: Context, category: str, source: str, *, verdict: str, note: str, unit: str | None = None
) -> str:
    """Note a nuance, a challenge or (if one wishes) support found on re-reading; returns its id."""
    if verdict not in VERDICTS:
        raise Refused("recontext.unknown_verdict", verdict=verdict)
    if not note.strip():
        raise Refused("recontext.needs_note")
    with ctx.write("note_recontext") as work:
        row = {"id": ctx.new_id(), "category": category, "source": source, "verdict": verdict, "note": note.strip(),
               "unit": unit, "member": ctx.member.id, "answer": ""}  # fmt: skip
        work.ids = {"category": category, "source": source}
        return work.insert("recontext", row)


@requires(Action.ANALYSE)
def answer_recontext(ctx: Context, recontext: str, answer: str, *, rev: int | None = None) -> None:
    """Say how a challenge was met: in the text, or set aside with this reason."""
    with ctx.write("answer_recontext") as work:
        work.ids = {"category": work.get("recontext", recontext)["category"]}
        work.update("recontext", recontext, {"answer": answer.strip()}, rev=rev)


@requires(Action.ANALYSE)
def retire_recontext(ctx: Context, recontext: str) -> None:
    with ctx.write("retire_recontext") as work:
        work.ids = {"category": work.get("recontext", recontext)["category"]}
        work.retire("recontext", recontext)


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

    `recognisable` is the answer to "would a colleague recognise the story?"; a yes clears nothing."""
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


@requires(Action.READ_SOURCES)
def quotes_by_unit(ctx: Context) -> dict[str, ClearedQuote]:
    """All cleared quotes for those who clear them; one that may not leave now says why in `withheld`."""
    with ctx.read() as conn:
        return load_quotes(conn, withheld=True)


@requires(Action.ANALYSE)
def set_phrase(ctx: Context, category: str, stakeholder_group: str, phrase: str) -> None:
    """The few words a group's cell shows in the matrix; empty takes them out."""
    with ctx.write("set_phrase") as work:
        work.ids = {"category": category}
        found = work.live("matrix_phrase", category=category, stakeholder_group=stakeholder_group)
        if found and phrase.strip():
            work.update("matrix_phrase", found[0]["id"], {"phrase": phrase.strip()})
        elif found:
            work.retire("matrix_phrase", found[0]["id"])
        elif phrase.strip():
            row = {"id": ctx.new_id(), "category": category, "stakeholder_group": stakeholder_group,
                   "phrase": phrase.strip()}  # fmt: skip
            work.insert("matrix_phrase", row)


@requires(Action.ANALYSE)
def add_evidence(
    ctx: Context,
    category: str,
    *,
    title: str,
    citation: str,
    finding: str,
    verified: bool = False,
    role: str = "supports",
) -> str:
    """Put a published finding beside a category; it never counts as a person or a group."""
    if not citation.strip():
        raise Refused("evidence.needs_citation")
    with ctx.write("add_evidence") as work:
        row = {"id": ctx.new_id(), "title": title.strip(), "citation": citation.strip(), "finding": finding.strip(),
               "verified": int(verified)}  # fmt: skip
        work.insert("evidence", row)
        work.ids = {"category": category, "evidence": row["id"]}
        link = {
            "id": ctx.new_id(),
            "type": "informs",
            "src": category,
            "dst": row["id"],
            "role": role,
            "note": "",
        }
        work.insert("link", link)
        return str(row["id"])


# -- theme x stakeholder group, counting people ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """None for both numbers where the group is too small to be counted; `anyone` is told of every group."""

    heard: int | None  # people of this group in this theme's units
    sample: int | None
    phrase: str
    anyone: bool  # somebody of this group was heard


@dataclass(frozen=True, slots=True)
class Matrix:
    """Themes x top groups. `groups` are (id, name, monogram, colour); `cells[theme id][group id]`."""

    groups: tuple[tuple[str, str, str, int], ...]
    themes: tuple[tuple[str, str], ...]  # (category, heading)
    cells: Mapping[str, Mapping[str, Cell]]
    evidence: Mapping[str, tuple[Evidence, ...]]
    few: frozenset[str] = frozenset()  # groups whose numbers are withheld

    @property
    def is_exact(self) -> bool:
        """Totals over groups may be shown: no number is withheld that they would give away."""
        return not self.few


def smallest_counted(conn: Connection) -> int:
    """How many people a group must have in the sample for its numbers to leave the analysis team."""
    return int(queries.setting(conn, "k_min", "5"))


# Top groups too small to stand alone outside the analysis team stand together under this id.
OTHERS = "others"


def _small_groups(conn: Connection) -> tuple[frozenset[str], int]:
    """Top groups too small to be counted alone, and how many people they are together."""
    sizes = sample_sizes(queries.participants(conn).values(), queries.groups(conn))
    small = too_few(sizes, smallest_counted(conn))
    return small, sum(sizes[g] for g in small)


def few_groups(conn: Connection) -> frozenset[str]:
    """Top groups that are not counted outside the analysis team, since they are too few even together."""
    small, people = _small_groups(conn)
    return small if people < smallest_counted(conn) else frozenset()


def released_groups(conn: Connection) -> dict[str, tuple[str, str]]:
    """Top group -> (id, name) it goes by outside the analysis team: small ones as Others, also a single one,
    whose name would point at its few people."""
    small, _ = _small_groups(conn)
    return {
        g.id: (OTHERS, t("pack.others")) if g.id in small else (g.id, g.name)
        for g in queries.groups(conn).values()
        if g.parent is None
    }


def released_matrix(conn: Connection, matrix: Matrix) -> Matrix:
    """The matrix as it may leave the analysis team: small groups are one column, Others, which carries no
    number where they are too few even together."""
    small, together = _small_groups(conn)
    if not small:
        return matrix
    counted = together >= smallest_counted(conn)
    kept = tuple(g for g in matrix.groups if g[0] not in small)
    name, used = t("pack.others"), {colour for *_, colour in kept}
    colour = next((c for c in range(7, -1, -1) if c not in used), 7)
    cells: dict[str, dict[str, Cell]] = {}
    for theme, row in matrix.cells.items():
        few = [c for g, c in row.items() if g in small]
        cells[theme] = {g: c for g, c in row.items() if g not in small}
        cells[theme][OTHERS] = Cell(
            sum(c.heard or 0 for c in few) if counted else None,
            together if counted else None,
            "; ".join(dict.fromkeys(c.phrase for c in few if c.phrase)),
            any(c.anyone for c in few),
        )
    return replace(
        matrix,
        groups=(*kept, (OTHERS, name, name[:2], colour)),
        cells=cells,
        few=frozenset() if counted else frozenset({OTHERS}),
    )


def build_matrix(
    conn: Connection,
    themes: Sequence[tuple[str, str]],
    heard: Mapping[str, Mapping[str, int]],
    phrases: Mapping[str, Mapping[str, str]],
    evidence: Mapping[str, tuple[Evidence, ...]],
) -> Matrix:
    """The matrix of (id, heading); `heard` and `phrases` are theme -> top group -> people, or a few words."""
    groups, people = queries.groups(conn), queries.participants(conn)
    sizes = sample_sizes(people.values(), groups)
    tops = [g for g in groups.values() if g.parent is None and sizes.get(g.id)]
    order = [g.id for g in groups.values() if g.parent is None]
    return Matrix(
        tuple((g.id, g.name, g.monogram, order.index(g.id) % 8) for g in tops),
        tuple(themes),
        {
            theme: {
                g.id: Cell(n := heard[theme].get(g.id, 0), sizes[g.id], phrases[theme].get(g.id, ""), n > 0)
                for g in tops
            }
            for theme, _ in themes
        },
        evidence,
    )


def whole_matrix(conn: Connection, views: Sequence[CategoryView]) -> Matrix:
    """The matrix of all themes with every group and number, for the analysis team."""
    return build_matrix(
        conn,
        [(v.category.id, v.category.heading) for v in views],
        {v.category.id: v.heard for v in views},
        {v.category.id: v.phrases for v in views},
        {v.category.id: v.evidence for v in views},
    )


@requires(Action.READ_THEMES)
def theme_matrix(ctx: Context) -> Matrix:
    """Themes x groups; for those who read no source, small groups stand together as Others."""
    with ctx.read() as conn:
        matrix = whole_matrix(conn, load_categories(conn))
        return matrix if can(ctx.member.role, Action.READ_SOURCES) else released_matrix(conn, matrix)


def open_challenges(conn: Connection) -> dict[str, list[Recontext]]:
    """Theme -> challenges noted on re-reading that nobody has answered yet."""
    found: dict[str, list[Recontext]] = {}
    for note in load_recontexts(conn):
        if note.verdict == "challenges" and not note.answer.strip():
            found.setdefault(note.category, []).append(note)
    return found
