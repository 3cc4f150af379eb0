"""Ideas of the workshops, each with where it came from; welcome without any theme."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.unit_of_work import Row

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class Idea:
    id: str
    rev: int
    text: str
    session: str | None
    session_title: str
    stakeholder_group: str | None
    group_name: str


@requires(Action.MODEL)
def add_idea(
    ctx: Context, *, text: str, session: str | None = None, stakeholder_group: str | None = None
) -> str:
    """Keep a workshop's own idea with its origin; returns its id."""
    if not text.strip():
        raise Refused("idea.needs_text")
    with ctx.write("add_idea") as work:
        row = {
            "id": ctx.new_id(),
            "session": session,
            "stakeholder_group": stakeholder_group,
            "text": text.strip(),
        }
        work.ids = {"idea": row["id"]}
        return work.insert("idea", row)


@requires(Action.MODEL)
def change_idea(ctx: Context, /, idea: str, *, rev: int, **fields: str | None) -> None:
    """Word an idea otherwise, or say where it came from (`session`, `stakeholder_group`, None where nobody knows).
    Raises StaleEdit if somebody was faster."""
    row: Row = {k: v for k, v in fields.items() if k in ("text", "session", "stakeholder_group")}
    if "text" in row:
        row["text"] = str(row["text"] or "").strip()
        if not row["text"]:
            raise Refused("idea.needs_text")
    with ctx.write("change_idea") as work:
        work.ids = {"idea": idea}
        work.update("idea", idea, row, rev=rev)


@requires(Action.MODEL)
def retire_idea(ctx: Context, idea: str) -> None:
    """Take an idea out. Refused while a requirement rests on it, or it speaks against one."""
    with ctx.write("retire_idea") as work:
        work.ids = {"idea": idea}
        if work.live("link", dst=idea):
            raise Refused("idea.in_use")
        work.retire("idea", idea)


@requires(Action.MODEL)
def list_ideas(ctx: Context) -> list[Idea]:
    with ctx.read() as conn:
        sessions = {s.id: s.title for s in queries.records(conn, Session)}
        groups = {g.id: g.name for g in queries.groups(conn).values()}
        return [
            Idea(
                r["id"],
                r["rev"],
                r["text"],
                r["session"],
                sessions.get(r["session"], ""),
                r["stakeholder_group"],
                groups.get(r["stakeholder_group"], ""),
            )
            for r in queries.live(conn, "idea")
        ]


@requires(Action.MODEL)
def list_origins(ctx: Context) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Where an idea may come from: (workshops as (id, title), top stakeholder groups as (id, name))."""
    with ctx.read() as conn:
        workshops = queries.records(conn, Session, kind="workshop", order="date, title")
        return (
            [(w.id, w.title) for w in workshops],
            [(g.id, g.name) for g in queries.groups(conn).values() if g.parent is None],
        )
