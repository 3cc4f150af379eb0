"""Feedback: what groups said of a version that they were shown, and the transcripts of those sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Session, Source
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import versions as reads
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires
from .model import add_link

POLARITIES = ("positive", "negative", "mixed")
_FIELDS = ("text", "polarity", "session", "stakeholder_group", "component")
# What a list that is pasted puts in front of its lines.
_BULLET = re.compile(r"^\s*(?:[-–—•*·]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """One thing said of a version. Ids may be of something that has been taken out since; its name stands."""

    id: str
    rev: int
    key: str
    version: str
    version_label: str
    text: str
    polarity: str  # positive | negative | mixed
    session: str | None
    session_title: str
    stakeholder_group: str | None
    group_name: str
    component: str | None
    component_name: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The transcript of a session in which a version was tried, as a source of the next round."""

    link: str
    source: str
    title: str
    iteration: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where feedback may come from and what it may be about: (id, name) each."""

    sessions: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, str], ...]  # with their parents' names in front
    components: tuple[tuple[str, str], ...]


def load_feedback(conn: Connection, version: str | None = None) -> list[FeedbackView]:
    """What was said, by key; of one version or of all."""
    which = {} if version is None else {"version": version}
    rows = sorted(queries.live(conn, "feedback", **which), key=lambda r: str(r["key"]))

    def names(table: str, column: str, field: str) -> dict[str, str]:
        ids = {r[column] for r in rows} - {None}
        return {id: str(row[field]) for id, row in reads.rows(conn, table, ids).items()}

    versions, groups = (
        names("version", "version", "label"),
        names("stakeholder_group", "stakeholder_group", "name"),
    )
    sessions, components = names("session", "session", "title"), names("component", "component", "name")
    return [
        FeedbackView(
            r["id"], r["rev"], r["key"], r["version"], versions.get(r["version"], ""), r["text"], r["polarity"],
            r["session"], sessions.get(r["session"], ""),
            r["stakeholder_group"], groups.get(r["stakeholder_group"], ""),
            r["component"], components.get(r["component"], ""),
        )
        for r in rows
    ]  # fmt: skip


@requires(Action.MODEL)
def list_feedback(ctx: Context, version: str | None = None) -> list[FeedbackView]:
    with ctx.read() as conn:
        return load_feedback(conn, version)


@requires(Action.MODEL)
def list_places(ctx: Context) -> Places:
    """Sessions, stakeholder groups and components to choose among."""
    with ctx.read() as conn:
        sessions = queries.records(conn, Session, order="date DESC, title")
        groups = queries.groups(conn)
        return Places(
            tuple((s.id, s.title) for s in sessions if s.kind != "interview"),
            tuple((g.id, g.name) for g in groups.values()),
            tuple((c["id"], c["name"]) for c in queries.live(conn, "component")),
        )


def _checked(work: UnitOfWork, fields: Row) -> Row:
    """The fields that are given, in order; what they point at is there."""
    row = {name: value for name, value in fields.items() if name in _FIELDS}
    if "text" in row:
        row["text"] = str(row["text"]).strip()
        if not row["text"]:
            raise Refused("feedback.needs_text")
    if row.get("polarity", "mixed") not in POLARITIES:
        raise Refused("feedback.unknown_polarity", polarity=row["polarity"])
    for table in ("session", "stakeholder_group", "component"):
        if row.get(table) is not None:
            work.get(table, row[table])
    return row


@requires(Action.MODEL)
def add_feedback(
    ctx: Context,
    version: str,
    *,
    text: str,
    polarity: str,
    session: str | None = None,
    stakeholder_group: str | None = None,
    component: str | None = None,
) -> str:
    """Keep one thing said of a version; returns its id."""
    fields = {"text": text, "polarity": polarity, "session": session, "stakeholder_group": stakeholder_group,
              "component": component}  # fmt: skip
    with ctx.write("add_feedback") as work:
        return _insert(ctx, work, version, fields)


def _insert(ctx: Context, work: UnitOfWork, version: str, fields: Row) -> str:
    work.get("version", version)
    row = {
        "id": ctx.new_id(),
        "key": work.next_key("feedback", "FB"),
        "version": version,
        **_checked(work, fields),
    }
    work.ids = {"feedback": row["id"], "version": version}
    return work.insert("feedback", row)


@requires(Action.MODEL)
def add_lines(
    ctx: Context,
    version: str,
    *,
    lines: str,
    polarity: str,
    session: str | None = None,
    stakeholder_group: str | None = None,
    component: str | None = None,
) -> list[str]:
    """Keep a pasted list, one thing said on each line, in one operation; bullets and numbers in front are left out.
    Returns their ids."""
    said = [_BULLET.sub("", line).strip() for line in lines.splitlines()]
    fields = {"polarity": polarity, "session": session, "stakeholder_group": stakeholder_group,
              "component": component}  # fmt: skip
    if not any(said):
        raise Refused("feedback.needs_text")
    with ctx.write("add_feedback_lines") as work:
        ids = [_insert(ctx, work, version, {"text": text, **fields}) for text in said if text]
        work.ids = {"version": version, "n": len(ids)}
        return ids


@requires(Action.MODEL)
def change_feedback(ctx: Context, feedback: str, /, *, rev: int, **fields: str | None) -> None:
    """Change some of its fields (text, polarity, session, stakeholder_group, component); raises StaleEdit."""
    with ctx.write("change_feedback") as work:
        work.ids = {"feedback": feedback, "version": work.get("feedback", feedback)["version"]}
        work.update("feedback", feedback, _checked(work, dict(fields)), rev=rev)


@requires(Action.MODEL)
def retire_feedback(ctx: Context, feedback: str) -> None:
    """Take it out, also of the table of changes. Refused while a requirement rests on it."""
    with ctx.write("retire_feedback") as work:
        work.ids = {"feedback": feedback, "version": work.get("feedback", feedback)["version"]}
        resting = [
            reads.kinds(work.connection, [x["src"]])[x["src"]][1] for x in work.live("link", dst=feedback)
        ]
        if resting:
            raise Refused("feedback.in_use", keys=", ".join(sorted(resting)))
        for row in work.live("change_feedback", feedback=feedback):
            work.retire("change_feedback", row["id"])
        work.retire("feedback", feedback)


# -- the transcript of such a session ----------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def list_evaluations(ctx: Context, version: str) -> list[Evaluation]:
    """The sources in which this version was tried, in order of round."""
    with ctx.read() as conn:
        sources = {s.id: s for s in queries.records(conn, Source)}
        found = [
            Evaluation(x["id"], x["src"], sources[x["src"]].title, sources[x["src"]].iteration)
            for x in queries.live(conn, "link", type="evaluates", dst=version)
            if x["src"] in sources
        ]
    return sorted(found, key=lambda e: (e.iteration, e.title))


@requires(Action.READ_SOURCES)
def may_evaluate(ctx: Context, version: str) -> tuple[int, Sequence[tuple[str, str]]]:
    """(the first round that a session about this version may be of, sources as (id, title) that may be one)."""
    with ctx.read() as conn:
        first = _first_round(conn, version)
        there = {x["src"] for x in queries.live(conn, "link", type="evaluates", dst=version)}
        sources = queries.records(conn, Source, order="iteration DESC, position")
        return first, [(s.id, s.title) for s in sources if s.id not in there and s.words_of != "literature"]


def _first_round(conn: Connection, version: str) -> int:
    return reads.last_round(conn, version) + 1


@requires(Action.IMPORT)
def evaluate(ctx: Context, source: str, version: str) -> str:
    """Say that this source is the transcript of a session in which the version was tried. It must be of a later
    round than what the version rests on: nothing is evidence for what it judges. Returns the link's id."""
    with ctx.write("evaluate_version") as work:
        work.ids = {"source": source, "version": version}
        row, frozen = work.get("source", source), work.get("version", version)
        first = _first_round(work.connection, version)
        if row["iteration"] < first:
            raise Refused("feedback.too_early", round=row["iteration"], version=frozen["label"], first=first,
                          last=first - 1)  # fmt: skip
        return add_link(ctx, work, "evaluates", source, version)


@requires(Action.IMPORT)
def retire_evaluation(ctx: Context, link: str) -> None:
    """Take back that a source is the transcript of such a session; the source stays."""
    with ctx.write("retire_evaluation") as work:
        row = work.get("link", link)
        if row["type"] != "evaluates":
            raise Refused("error.gone", kind="link")
        work.ids = {"source": row["src"], "version": row["dst"]}
        work.retire("link", link)
