"""Step 4, synthesis: result categories with heading and text, what stands beside them, and the matrix of them all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.people import heard, sample_sizes, tally, too_few
from workbench.domain.records import Category, CodeGroup, Member, Source, Subgroup
from workbench.domain.roles import Action, can
from workbench.domain.stc import Sentence, embedded_units, sentences
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row, UnitOfWork

from .coding import UnitCard, load_cards
from .comments import retire_on
from .condensing import CondensateView, condensate_views
from .context import Context, requires
from .quotes import ClearedQuote, load_quotes
from .rereading import (
    Recontext,
    RereadSource,
    load_completeness,
    load_recontexts,
    load_reread_sources,
    open_challenges,
    rereadings,
    same_words,
)

ROLES = ("supports", "nuances", "contradicts")
NOT_REREAD = "not_reread"  # the rule that a reason for marking a category ready is kept under


@dataclass(frozen=True, slots=True)
class Evidence:
    id: str
    title: str
    citation: str
    finding: str
    verified: bool
    role: str  # supports | nuances | contradicts
    rev: int
    link: str  # what puts it beside the category, with its own rev
    link_rev: int


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
    phrase_revs: Mapping[str, int]  # and the rev of each
    reread: Mapping[str, str]  # source -> the day it was last re-read, since heading and text read as they do


@dataclass(frozen=True, slots=True)
class Readiness:
    """What speaks against calling a category ready, and the reason given for doing so all the same."""

    not_reread: tuple[Source, ...]  # since heading and text read as they do
    challenges: tuple[Recontext, ...]  # not answered
    reason: str  # empty where none was given, or needed
    by: str
    at: str

    @property
    def needs_reason(self) -> bool:
        return bool(self.not_reread or self.challenges)


@dataclass(frozen=True, slots=True)
class SynthesisView:
    groups: tuple[CodeGroup, ...]
    categories: Mapping[str, Category]  # code group -> its category
    sources: tuple[RereadSource, ...]


def load_categories(conn: Connection, category: str | None = None) -> list[CategoryView]:
    """Categories, all or one, with everything about them."""
    categories = [c for c in queries.records(conn, Category, order="position") if category in (None, c.id)]
    code_groups = {g.id: g for g in queries.records(conn, CodeGroup)}
    groups, people = queries.groups(conn), queries.participants(conn)
    cards = load_cards(conn)
    condensates = condensate_views(conn, cards)
    group_of = {s.id: s.code_group for s in queries.records(conn, Subgroup)}
    recontexts, quotes = load_recontexts(conn), load_quotes(conn)
    reread = rereadings(conn, categories)
    phrases: dict[str, dict[str, str]] = {}
    phrase_revs: dict[str, dict[str, int]] = {}
    for r in queries.live(conn, "matrix_phrase"):
        phrases.setdefault(r["category"], {})[r["stakeholder_group"]] = r["phrase"]
        phrase_revs.setdefault(r["category"], {})[r["stakeholder_group"]] = r["rev"]
    evidence: dict[str, list[Evidence]] = {}
    for r in queries.synthesis.evidence(conn):
        evidence.setdefault(r["category"], []).append(
            Evidence(
                r["id"], r["title"], r["citation"], r["finding"], bool(r["verified"]), r["role"], r["rev"],
                r["link"], r["link_rev"],
            )
        )  # fmt: skip
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
                phrase_revs.get(c.id, {}),
                reread[c.id],
            )
        )
    return views


@requires(Action.READ_SOURCES)
def synthesis_view(ctx: Context) -> SynthesisView:
    with ctx.read() as conn:
        groups = queries.records(conn, CodeGroup, order="position, name")
        categories = {c.code_group: c for c in queries.records(conn, Category, order="position")}
        sources = load_reread_sources(conn, ctx.member.id)
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
        was = work.get("category", category)
        now = {"heading": heading.strip(), "analytic_text": analytic_text.strip()}
        work.update("category", category, now, rev=rev)
        if not same_words(was["heading"], was["analytic_text"], now["heading"], now["analytic_text"]):
            _forget_reason(work, category)  # it was given for another wording


@requires(Action.ANALYSE)
def retire_category(ctx: Context, category: str) -> None:
    """Take out a result category with its re-readings, searches and phrases. Refused while a requirement rests
    on it."""
    with ctx.write("retire_category") as work:
        work.ids = {"category": category}
        work.get("category", category)
        for table in ("recontext", "matrix_phrase", "counter_search", "confidence"):
            for row in work.live(table, category=category):
                work.retire(table, row["id"])
        retire_on(work, category)
        _forget_reason(work, category)
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


# -- draft or ready ----------------------------------------------------------------------------------------


def load_reasons(conn: Connection) -> dict[str, tuple[str, str, str]]:
    """Category -> why it was called ready all the same, by whom and when."""
    names = {m.id: m.name for m in queries.records(conn, Member)}
    given = queries.live(conn, "waiver", rule=NOT_REREAD)
    return {w["item"]: (w["reason"], names.get(w["member"], ""), w["at"]) for w in given}


def _readiness(conn: Connection, category: str) -> Readiness:
    missing = next((c.missing for c in load_completeness(conn) if c.category.id == category), ())
    said = load_reasons(conn).get(category, ("", "", ""))
    return Readiness(missing, tuple(open_challenges(conn).get(category, ())), *said)


@requires(Action.READ_SOURCES)
def readiness(ctx: Context, category: str) -> Readiness:
    """Sources not re-read since a category was worded as it is, and challenges to it nobody has answered."""
    with ctx.read() as conn:
        return _readiness(conn, category)


def _forget_reason(work: UnitOfWork, category: str) -> None:
    for row in work.live("waiver", rule=NOT_REREAD, item=category):
        work.retire("waiver", row["id"])


@requires(Action.ANALYSE)
def set_category_status(
    ctx: Context, category: str, status: str, *, rev: int | None = None, reason: str = ""
) -> None:
    """draft or ready. Ready needs a reason, which is kept, while sources are not re-read or challenges wait; back
    in draft, the reason is gone. Raises StaleEdit if somebody was faster."""
    if status not in ("draft", "ready"):
        raise Refused("category.unknown_status", status=status)
    with ctx.write("set_category_status") as work:
        work.ids = {"category": category}
        work.update("category", category, {"status": status}, rev=rev)
        _forget_reason(work, category)
        if status == "ready":
            waits = _readiness(work.connection, category)
            if waits.needs_reason and not reason.strip():
                raise Refused(
                    "category.needs_reason", sources=len(waits.not_reread), challenges=len(waits.challenges)
                )
            if waits.needs_reason:
                row = {"id": ctx.new_id(), "rule": NOT_REREAD, "item": category, "reason": reason.strip(),
                       "member": ctx.member.id, "at": ctx.now().isoformat(timespec="seconds")}  # fmt: skip
                work.insert("waiver", row)


# -- beside it ---------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def set_phrase(
    ctx: Context, category: str, stakeholder_group: str, phrase: str, *, rev: int | None = None
) -> None:
    """The few words a group's cell shows in the matrix; empty takes them out. `rev` is that of the words read, 0
    where there were none; raises StaleEdit if somebody was faster."""
    with ctx.write("set_phrase") as work:
        work.ids = {"category": category}
        found = work.live("matrix_phrase", category=category, stakeholder_group=stakeholder_group)
        if found:
            work.update(
                "matrix_phrase", found[0]["id"], {"phrase": phrase.strip() or found[0]["phrase"]}, rev=rev
            )
            if not phrase.strip():
                work.retire("matrix_phrase", found[0]["id"])
        elif phrase.strip():
            row = {"id": ctx.new_id(), "category": category, "stakeholder_group": stakeholder_group,
                   "phrase": phrase.strip()}  # fmt: skip
            work.insert("matrix_phrase", row)


def _stands(role: str) -> dict[str, str]:
    """How literature stands to a category, as its link keeps it: a nuance is no contradiction."""
    if role not in ROLES:
        raise Refused("evidence.unknown_role", role=role)
    return {"role": "supports", "note": role} if role == "nuances" else {"role": role, "note": ""}


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
        link = {"id": ctx.new_id(), "type": "informs", "src": category, "dst": row["id"], **_stands(role)}
        work.insert("link", link)
        return str(row["id"])


@requires(Action.ANALYSE)
def change_evidence(
    ctx: Context,
    evidence: str,
    *,
    rev: int,
    citation: str | None = None,
    finding: str | None = None,
    verified: bool | None = None,
) -> None:
    """Change what is given; None leaves it as it is. Raises StaleEdit if somebody was faster."""
    if citation is not None and not citation.strip():
        raise Refused("evidence.needs_citation")
    with ctx.write("change_evidence") as work:
        row = work.get("evidence", evidence)
        work.ids = {"evidence": evidence}
        for link in work.live("link", type="informs", dst=evidence)[:1]:
            work.ids["category"] = link["src"]
        now: Row = {}
        if citation is not None:
            now["citation"] = citation.strip()
            if row["title"] == row["citation"]:  # it had no title of its own
                now["title"] = now["citation"]
        if finding is not None:
            now["finding"] = finding.strip()
        if verified is not None:
            now["verified"] = int(verified)
        work.update("evidence", evidence, now, rev=rev)


@requires(Action.ANALYSE)
def set_evidence_role(ctx: Context, link: str, role: str, *, rev: int | None = None) -> None:
    """Whether literature supports, nuances or contradicts a category, by what puts it beside."""
    with ctx.write("change_evidence") as work:
        row = work.get("link", link)
        work.ids = {"category": row["src"], "evidence": row["dst"]}
        work.update("link", link, _stands(role), rev=rev)


@requires(Action.ANALYSE)
def retire_evidence(ctx: Context, link: str) -> None:
    """Literature no longer stands beside the category; it is gone with the last thing that it stood beside."""
    with ctx.write("retire_evidence") as work:
        row = work.get("link", link)
        work.ids = {"category": row["src"], "evidence": row["dst"]}
        work.retire("link", link)
        if not work.live("link", dst=row["dst"]) and not work.live("link", src=row["dst"]):
            work.retire("evidence", row["dst"])


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
