"""What a meeting pack is made of: themes, quotes, people heard and requirements as they may leave the analysis team."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.records import Source
from workbench.domain.trust import Trust
from workbench.store import queries
from workbench.store.connection import Connection

from .model import RequirementView
from .quotes import ClearedQuote
from .rereading import Recontext
from .strip import told_state
from .synthesis import CategoryView, Evidence, Matrix, released_groups


@dataclass(frozen=True, slots=True)
class PackQuote:
    text: str
    translation: str
    translator: str
    language: str
    groups: tuple[str, ...]  # names of top groups


@dataclass(frozen=True, slots=True)
class Heard:
    """How many of a group were heard; both numbers are None where the group is too small to be counted.
    `anyone` says of every group whether somebody was heard."""

    group: str
    name: str
    monogram: str
    colour: int
    heard: int | None
    sample: int | None
    anyone: bool


@dataclass(frozen=True, slots=True)
class Sure:
    """One of the four judgements on how sure we are of a theme; `concern` is empty where nobody has judged yet."""

    component: str  # methods | coherence | adequacy | relevance
    concern: str  # none | minor | moderate | serious
    reason: str


SURE = ("methods", "coherence", "adequacy", "relevance")


@dataclass(frozen=True, slots=True)
class ThemeBrief:
    """A theme as it may leave the analysis team."""

    id: str
    heading: str
    paragraphs: tuple[str, ...]
    quotes: tuple[PackQuote, ...]
    dissent: tuple[PackQuote, ...]
    challenges: int  # challenges noted on re-reading, whether or not a quote of them is cleared
    reread: int  # sources re-read for step 4 since heading and text read as they do
    sources: int
    reread_on: str | None  # the latest date
    spread: tuple[Heard, ...]
    evidence: tuple[Evidence, ...]
    requirements: tuple[tuple[str, str, str, str, str], ...]  # (id, key, statement, moscow, status)
    sure: tuple[Sure, ...] = ()  # all four once one was judged
    trust: str = ""  # doubt | distant | empty


@dataclass(frozen=True, slots=True)
class PackRequirement:
    id: str
    key: str
    statement: str
    moscow: str
    status: str
    acceptance: str
    feasibility: str
    owner: str
    basis: str
    basis_note: str
    themes: tuple[tuple[str, str], ...]  # (id, heading) that support it
    against: tuple[str, ...]  # headings of themes that speak against it; other grounds as kinds
    challenges: int  # noted against the themes it rests on, and not answered
    ideas: tuple[str, ...]
    people: int | None  # None where not to be told
    groups: tuple[str, ...]
    components: tuple[str, ...]
    is_held_up: bool
    changed_since_decision: bool
    trust: str = ""  # doubt | distant | empty


def named(groups: Sequence[str], names: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names[g][1] for g in groups if g in names))


def pack_quotes(found: Sequence[ClearedQuote], names: Mapping[str, tuple[str, str]]) -> tuple[PackQuote, ...]:
    return tuple(
        PackQuote(q.printed, q.translation, q.translator, q.language, named(q.groups, names)) for q in found
    )


def theme_brief(
    conn: Connection,
    view: CategoryView,
    matrix: Matrix,
    requirements: Sequence[RequirementView],
    judged: Mapping[str, tuple[str, str]],
    trust: Trust,
) -> ThemeBrief:
    """`judged` are a theme's judgements: component -> (concern, reason)."""
    names = released_groups(conn)
    sources = sum(s.words_of != "literature" for s in queries.records(conn, Source))
    spread = []
    for id, name, monogram, colour in matrix.groups:
        cell = matrix.cells[view.category.id][id]
        spread.append(Heard(id, name, monogram, colour, cell.heard, cell.sample, cell.anyone))
    return ThemeBrief(
        view.category.id, view.category.heading,
        tuple(" ".join(s.text for s in paragraph) for paragraph in view.paragraphs),
        pack_quotes(view.quotes, names), pack_quotes(view.dissent, names),
        sum(n.verdict == "challenges" for n in view.notes),
        len(view.reread), sources, max(view.reread.values(), default=None),
        tuple(spread), view.evidence,
        tuple(
            (r.requirement.id, r.requirement.key, r.requirement.statement, r.requirement.moscow, r.requirement.status)
            for r in requirements if any(s.item == view.category.id for s in r.supports)
        ),
        tuple(Sure(c, *judged.get(c, ("", ""))) for c in SURE) if judged else (),
        told_state(trust, view.category.id),
    )  # fmt: skip


def pack_requirement(
    r: RequirementView,
    names: Mapping[str, tuple[str, str]],
    challenged: Mapping[str, Sequence[Recontext]],
    changed: Collection[str],
    trust: Trust,
) -> PackRequirement:
    themes = tuple((s.item, s.label) for s in r.supports if s.kind == "category")
    return PackRequirement(
        r.requirement.id, r.requirement.key, r.requirement.statement, r.requirement.moscow,
        r.requirement.status, r.requirement.acceptance, r.requirement.feasibility, r.requirement.owner,
        r.requirement.basis, r.requirement.basis_note,
        themes,
        tuple(s.label if s.kind == "category" else s.kind for s in r.against),
        sum(len(challenged.get(theme, ())) for theme, _ in themes),
        tuple(s.label for s in r.supports if s.kind == "idea"),
        r.people, named(r.groups, names),
        tuple(name for _, name in r.components), r.is_held_up, r.requirement.id in changed,
        told_state(trust, r.requirement.id),
    )  # fmt: skip
