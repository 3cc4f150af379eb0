"""What was done, by whom and when; undo and redo of anything."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from workbench.domain.errors import UndoRefused
from workbench.domain.roles import Action
from workbench.language import clock, t
from workbench.store import queries

from .context import Context, requires

# What names an operation's object at display: the first of these ids that the operation holds.
_OBJECTS = (
    ("requirement", "SELECT key FROM requirement WHERE id=?"),
    ("decision", "SELECT key FROM decision WHERE id=?"),
    ("component", "SELECT name FROM component WHERE id=?"),
    ("version", "SELECT label FROM version WHERE id=?"),
    ("category", "SELECT heading FROM category WHERE id=?"),
    ("subgroup", "SELECT name FROM subgroup WHERE id=?"),
    ("code_group", "SELECT name FROM code_group WHERE id=?"),
    ("source", "SELECT title FROM source WHERE id=?"),
    ("participant", "SELECT pseudonym FROM participant WHERE id=?"),
    ("stakeholder_group", "SELECT name FROM stakeholder_group WHERE id=?"),
    ("session", "SELECT title FROM session WHERE id=?"),
    ("member", "SELECT name FROM member WHERE id=?"),
)


@dataclass(frozen=True, slots=True)
class OperationView:
    seq: int
    at: str
    member: str
    by: str  # the member's id
    verb: str
    label: str  # a sentence part: "marked a unit in Interview 3"
    nature: str
    undone: bool
    ids: dict[str, object]


@dataclass(frozen=True, slots=True)
class Peek:
    """What Undo and Redo would do now, as labels, and when this project was last written to."""

    undo: str | None
    redo: str | None
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Done:
    """The label of what was undone or redone."""

    label: str
    ids: dict[str, object]


def _label(conn: sqlite3.Connection, verb: str, ids: dict[str, object]) -> str:
    name = ""
    for kind, sql in _OBJECTS:
        if isinstance(id := ids.get(kind), str):
            found = conn.execute(sql, (id,)).fetchone()
            name = str(found[0]) if found and found[0] else ""
            break
    n = ids.get("n", 1)
    return t(f"history.{verb}", name=name or t("history.nameless"), n=n)


def _stacks(conn: sqlite3.Connection, member: str) -> tuple[int | None, int | None]:
    """(operation that Undo would undo, undo that Redo would take back) for a member."""
    undo: list[int] = []
    redo: list[int] = []
    recent = conn.execute(
        "SELECT seq, nature, undoes FROM operation WHERE member=? AND verb<>'create_project'"
        " ORDER BY seq DESC LIMIT 5000",
        (member,),
    ).fetchall()
    for op in reversed(recent):
        if op["nature"] == "do":
            undo.append(op["seq"])
            redo.clear()
        else:
            taken, given = (undo, redo) if op["nature"] == "undo" else (redo, undo)
            if op["undoes"] in taken:
                taken.remove(op["undoes"])
            given.append(op["seq"])
    return (undo[-1] if undo else None), (redo[-1] if redo else None)


def _undone(conn: sqlite3.Connection) -> set[int]:
    """Operations that do not stand: those undone by an operation that does."""
    inverse: dict[int, list[int]] = {}
    for r in conn.execute("SELECT seq, undoes FROM operation WHERE undoes IS NOT NULL ORDER BY seq DESC"):
        inverse.setdefault(r["undoes"], []).append(r["seq"])
    gone: set[int] = set()
    for target in sorted(inverse, reverse=True):  # an inverse is always newer than its target
        if any(seq not in gone for seq in inverse[target]):
            gone.add(target)
    return gone


def _origin(conn: sqlite3.Connection, seq: int) -> sqlite3.Row:
    """The operation that a chain of undos and redos is about."""
    row: sqlite3.Row = conn.execute("SELECT * FROM operation WHERE seq=?", (seq,)).fetchone()
    while row is not None and row["undoes"] is not None:
        row = conn.execute("SELECT * FROM operation WHERE seq=?", (row["undoes"],)).fetchone()
    return row


@requires(Action.SEE_PROJECT)
def peek(ctx: Context) -> Peek:
    with ctx.store.read() as conn:
        undo_seq, redo_seq = _stacks(conn, ctx.member.id)
        last = conn.execute("SELECT at FROM operation ORDER BY seq DESC LIMIT 1").fetchone()

        def label(seq: int | None) -> str | None:
            if seq is None:
                return None
            op = _origin(conn, seq)
            return t(
                "history.peek", what=_label(conn, op["verb"], json.loads(op["ids_json"])), at=clock(op["at"])
            )

        return Peek(label(undo_seq), label(redo_seq), datetime.fromisoformat(last["at"]) if last else None)


def _invert(ctx: Context, target: int, nature: str, op_id: str | None) -> Done:
    with ctx.store.read() as conn:
        op = _origin(conn, target)
        if op is None or op["verb"] == "create_project":
            raise UndoRefused("undo.nothing")
        ids = json.loads(op["ids_json"])
        label = _label(conn, op["verb"], ids)
    try:
        with ctx.write(op["verb"], op_id=op_id, nature=nature, undoes=target) as work:
            work.ids = ids
            work.invert(target)
    except UndoRefused as refused:
        if at := refused.params.get("at"):
            raise UndoRefused(refused.code, who=refused.params["who"], at=clock(str(at))) from None
        raise
    return Done(label, ids)


@requires(Action.UNDO)
def undo(ctx: Context, seq: int | None = None, *, op_id: str | None = None) -> Done:
    """Undo operation `seq`, or the acting member's last one. Raises UndoRefused with the reason."""
    if seq is None:
        with ctx.store.read() as conn:
            seq, _ = _stacks(conn, ctx.member.id)
        if seq is None:
            raise UndoRefused("undo.nothing")
    elif not ctx.member.is_lead:
        with ctx.store.read() as conn:
            op = conn.execute("SELECT member FROM operation WHERE seq=?", (seq,)).fetchone()
        if op is None or op["member"] != ctx.member.id:
            raise UndoRefused("undo.not_yours")
    return _invert(ctx, seq, "undo", op_id)


@requires(Action.UNDO)
def redo(ctx: Context, *, op_id: str | None = None) -> Done:
    """Take back the acting member's last undo, if they have done nothing since."""
    with ctx.store.read() as conn:
        _, seq = _stacks(conn, ctx.member.id)
    if seq is None:
        raise UndoRefused("redo.nothing")
    return _invert(ctx, seq, "redo", op_id)


@requires(Action.SEE_HISTORY)
def list_operations(
    ctx: Context, *, member: str | None = None, limit: int = 100, before: int | None = None
) -> list[OperationView]:
    """Newest first; `before` an operation's number to page on."""
    with ctx.store.read() as conn:
        undone = _undone(conn)
        found = queries.rows(
            conn,
            "SELECT o.*, m.name FROM operation o LEFT JOIN member m ON m.id=o.member"
            " WHERE (?1 IS NULL OR o.member=?1) AND (?2 IS NULL OR o.seq<?2) ORDER BY o.seq DESC LIMIT ?3",
            (member, before, limit),
        )
        return [
            OperationView(
                seq=int(str(o["seq"])),
                at=str(o["at"]),
                member=str(o["name"] or ""),
                by=str(o["member"]),
                verb=str(o["verb"]),
                label=_label(conn, str(o["verb"]), ids := json.loads(str(o["ids_json"]))),
                nature=str(o["nature"]),
                undone=o["seq"] in undone,
                ids=ids,
            )
            for o in found
        ]
