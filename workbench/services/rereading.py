"""Re-reading, the other half of step 4: who read which source through, what it said to a category, what is open.

Silence is the default: a source that was read through with nothing noted says nothing against a category. A source
that nobody has re-read since the category was worded as it is has not been looked in yet, which is not the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Category, CodeGroup, Member, Source
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.store import queries
from workbench.store.connection import Connection

from .context import Context, requires
from .finding import Place, mark_places

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
class RereadSource:
    source: Source
    by: tuple[tuple[str, str], ...]  # (initials, date) of those who read it through for step 4
    mine: bool
    notes: tuple[Recontext, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Where one has looked for what speaks against a category, since its heading and text read as they do."""

    category: Category
    tag: str  # of its code group
    reread: Mapping[str, str]  # source -> the day it was last re-read
    missing: tuple[Source, ...]  # not re-read


def load_recontexts(conn: Connection) -> list[Recontext]:
    return [
        Recontext(
            r["id"], r["rev"], r["category"], r["source"], r["title"], r["verdict"], r["note"], r["unit"],
            r["initials"] or "?", r["answer"],
        )
        for r in queries.synthesis.recontexts(conn)
    ]  # fmt: skip


def open_challenges(conn: Connection) -> dict[str, list[Recontext]]:
    """Theme -> challenges noted on re-reading that nobody has answered yet."""
    found: dict[str, list[Recontext]] = {}
    for note in load_recontexts(conn):
        if note.verdict == "challenges" and not note.answer.strip():
            found.setdefault(note.category, []).append(note)
    return found


# -- where one has looked ----------------------------------------------------------------------------------


def to_reread(conn: Connection) -> list[Source]:
    """The sources of step 4: all but literature."""
    return [s for s in queries.records(conn, Source, order="position") if s.words_of != "literature"]


def same_words(heading: str, analytic_text: str, other_heading: str, other_text: str) -> bool:
    """Whether a category says the same. A unit embedded in a sentence changes what the sentence rests on, not
    what it says."""

    def bare(text: str) -> str:
        return " ".join(without_tokens(text).split())

    return (bare(heading), bare(analytic_text)) == (bare(other_heading), bare(other_text))


def _reworded(conn: Connection) -> dict[str, int]:
    """Category -> the operation since when its heading and text read as they do."""
    found: dict[str, int] = {}
    for r in queries.synthesis.rewordings(conn):
        now = r["now_heading"] or "", r["now_text"] or ""
        if r["was_heading"] is None or not same_words(r["was_heading"], r["was_text"] or "", *now):
            found.setdefault(r["category"], r["op"])
    return found


def rereadings(conn: Connection, categories: Sequence[Category]) -> dict[str, dict[str, str]]:
    """Category -> source -> the latest day. Whoever read a source before the category was worded as it is
    cannot have looked for what speaks against it."""
    sources = {s.id for s in to_reread(conn)}
    readings = [r for r in queries.live(conn, "reading", step="synthesis") if r["source"] in sources]
    since = _reworded(conn)
    found: dict[str, dict[str, str]] = {c.id: {} for c in categories}
    for c in categories:
        for r in readings:
            if r["rev"] > since.get(c.id, 0):
                found[c.id][r["source"]] = max(r["at"], found[c.id].get(r["source"], ""))
    return found


def load_completeness(conn: Connection) -> tuple[Completeness, ...]:
    categories = queries.records(conn, Category, order="position")
    tags = {g.id: g.tag for g in queries.records(conn, CodeGroup)}
    sources, reread = to_reread(conn), rereadings(conn, categories)
    return tuple(
        Completeness(
            c, tags.get(c.code_group, ""), reread[c.id], tuple(s for s in sources if s.id not in reread[c.id])
        )
        for c in categories
    )


@requires(Action.READ_SOURCES)
def completeness(ctx: Context) -> tuple[Completeness, ...]:
    """Every category with the sources that have been re-read since it was worded, and those that have not."""
    with ctx.read() as conn:
        return load_completeness(conn)


def load_reread_sources(conn: Connection, member: str) -> tuple[RereadSource, ...]:
    """The sources of step 4 with who read each through, and what was found in it; `mine` is the member's."""
    recontexts = load_recontexts(conn)
    initials = {m.id: m.initials for m in queries.records(conn, Member)}
    readings = sorted(queries.live(conn, "reading", step="synthesis"), key=lambda r: str(r["at"]))
    return tuple(
        RereadSource(
            s,
            tuple((initials[r["member"]], r["at"]) for r in readings
                  if r["source"] == s.id and r["member"] in initials),
            any(r["source"] == s.id and r["member"] == member for r in readings),
            tuple(r for r in recontexts if r.source == s.id),
        )
        for s in to_reread(conn)
    )  # fmt: skip


# -- what was found ----------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def note_recontext(
    ctx: Context,
    category: str,
    source: str,
    *,
    verdict: str,
    note: str,
    unit: str | None = None,
    passage: Place | None = None,
) -> str:
    """Note a nuance, a challenge or (if one wishes) support found on re-reading; returns its id.

    It may point at a unit, or at a passage of the source that is no unit yet: the passage becomes the acting
    member's unit in the same operation, placed in no code group. Raises InvalidSpan where the text has changed."""
    if verdict not in VERDICTS:
        raise Refused("recontext.unknown_verdict", verdict=verdict)
    if not note.strip():
        raise Refused("recontext.needs_note")
    with ctx.write("note_recontext") as work:
        work.get("category", category)
        if passage is not None:
            mark_places(work, ctx, [passage], [])
            span = {"source": passage.source, "start": passage.start, "end": passage.end}
            unit = work.live("unit", member=ctx.member.id, **span)[0]["id"]
        row = {"id": ctx.new_id(), "category": category, "source": source, "verdict": verdict, "note": note.strip(),
               "unit": unit, "member": ctx.member.id, "answer": ""}  # fmt: skip
        work.ids = {"category": category, "source": source}
        return work.insert("recontext", row)


@requires(Action.ANALYSE)
def change_recontext(
    ctx: Context, recontext: str, *, rev: int, note: str | None = None, verdict: str | None = None
) -> None:
    """Change what was noted; None leaves it. Raises StaleEdit if somebody was faster."""
    changes = {k: v.strip() for k, v in (("note", note), ("verdict", verdict)) if v is not None}
    if changes.get("verdict", VERDICTS[0]) not in VERDICTS:
        raise Refused("recontext.unknown_verdict", verdict=changes["verdict"])
    if not changes.get("note", "as it was"):
        raise Refused("recontext.needs_note")
    with ctx.write("change_recontext") as work:
        row = work.get("recontext", recontext)
        work.ids = {"category": row["category"], "source": row["source"]}
        work.update("recontext", recontext, changes, rev=rev)


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
