"""What was done, by whom and when; undo and redo of anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.domain.errors import UndoRefused
from workbench.domain.records import Member
from workbench.domain.roles import Action
from workbench.language import clock, t
from workbench.store import queries, releases, texts
from workbench.store.connection import Connection
from workbench.store.queries import operations, states

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A file that has left: when, made by whom, what kind, its SHA-256 and the ids of what was in it."""

    at: str
    member: str
    kind: str
    sha256: str
    items: tuple[str, ...]


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


def _label(conn: Connection, verb: str, ids: dict[str, object]) -> str:
    name = operations.object_name(conn, ids) or t("history.nameless")
    return t(f"history.{verb}", name=name, n=ids.get("n", 1))


def _stacks(conn: Connection, member: str) -> tuple[int | None, int | None]:
    """(operation that Undo would undo, undo that Redo would take back) for a member."""
    last = operations.of_member(conn, member, limit=1)
    # By far the most often: the last thing was done, and stands. Nothing else need be looked at.
    if last and last[0]["nature"] == "do" and not operations.has_inverse(conn, last[0]["seq"]):
        return last[0]["seq"], None
    undo: list[int] = []
    redo: list[int] = []
    for op in operations.of_member(conn, member, limit=5000):
        if op["nature"] == "do":
            undo.append(op["seq"])
            redo.clear()
        else:
            taken, given = (undo, redo) if op["nature"] == "undo" else (redo, undo)
            if op["undoes"] in taken:
                taken.remove(op["undoes"])
            given.append(op["seq"])
    gone = operations.undone(conn)  # somebody else, such as the lead, may have taken back what is mine
    undo = [seq for seq in undo if seq not in gone]
    redo = [seq for seq in redo if seq not in gone]
    return (undo[-1] if undo else None), (redo[-1] if redo else None)


def _origin(conn: Connection, seq: int) -> dict[str, Any] | None:
    """The operation that a chain of undos and redos is about."""
    found = operations.operation(conn, seq)
    while found is not None and found["undoes"] is not None:
        found = operations.operation(conn, found["undoes"])
    return found


@requires(Action.SEE_PROJECT)
def peek(ctx: Context) -> Peek:
    with ctx.read() as conn:
        undo_seq, redo_seq = _stacks(conn, ctx.member.id)
        saved = operations.last_at(conn)

        def label(seq: int | None) -> str | None:
            if seq is None:
                return None
            op = _origin(conn, seq)
            if op is None:
                return None
            what = _label(conn, op["verb"], json.loads(op["ids_json"]))
            return t("history.peek", what=what, at=clock(op["at"]))

        return Peek(label(undo_seq), label(redo_seq), datetime.fromisoformat(saved) if saved else None)


def _invert(ctx: Context, target: int, nature: str, op_id: str | None) -> Done:
    with ctx.read() as conn:
        op = _origin(conn, target)
        if op is None or op["verb"] == "create_project":
            raise UndoRefused("undo.nothing")
        ids = json.loads(op["ids_json"])
        label = _label(conn, op["verb"], ids)
        # What others hold on paper is superseded, not taken back; for decisions and versions the store sees to it.
        if op["verb"] == "freeze_state" and states.has_left(conn, ids["state"]):
            raise UndoRefused("undo.left")
    try:
        with ctx.write(op["verb"], op_id=op_id, nature=nature, undoes=target) as work:
            work.ids = ids
            work.invert(target)
            if op["verb"] == "correct_text":
                texts.follow(ctx.store, work, ids["source"])
    except UndoRefused as refused:
        if at := refused.params.get("at"):
            raise UndoRefused(refused.code, who=refused.params["who"], at=clock(str(at))) from None
        raise
    if op["verb"] == "correct_text":
        texts.clear_log(ctx.store)
    return Done(label, ids)


@requires(Action.UNDO)
def undo(ctx: Context, seq: int | None = None, *, op_id: str | None = None) -> Done:
    """Undo operation `seq`, or the acting member's last one. Raises UndoRefused with the reason."""
    if seq is None:
        with ctx.read() as conn:
            seq, _ = _stacks(conn, ctx.member.id)
        if seq is None:
            raise UndoRefused("undo.nothing")
    elif not ctx.member.is_lead:
        with ctx.read() as conn:
            op = operations.operation(conn, seq)
        if op is None or op["member"] != ctx.member.id:
            raise UndoRefused("undo.not_yours")
    return _invert(ctx, seq, "undo", op_id)


@requires(Action.UNDO)
def redo(ctx: Context, *, op_id: str | None = None) -> Done:
    """Take back the acting member's last undo, if they have done nothing since."""
    with ctx.read() as conn:
        _, seq = _stacks(conn, ctx.member.id)
    if seq is None:
        raise UndoRefused("redo.nothing")
    return _invert(ctx, seq, "redo", op_id)


@requires(Action.SEE_HISTORY)
def list_operations(
    ctx: Context, *, member: str | None = None, limit: int = 100, before: int | None = None
) -> list[OperationView]:
    """Newest first; `before` an operation's number to page on."""
    with ctx.read() as conn:
        undone = operations.undone(conn)
        return [
            OperationView(
                seq=o["seq"],
                at=o["at"],
                member=o["name"] or "",
                by=o["member"],
                verb=o["verb"],
                label=_label(conn, o["verb"], ids := json.loads(o["ids_json"])),
                nature=o["nature"],
                undone=o["seq"] in undone,
                ids=ids,
            )
            for o in operations.newest(conn, member, before, limit)
        ]


@requires(Action.SEE_HISTORY)
def list_releases(ctx: Context) -> list[ReleaseView]:
    """The files that have left, newest first."""
    with ctx.read() as conn:
        names = {m.id: m.name for m in queries.records(conn, Member)}
        return [
            ReleaseView(r.at, names.get(r.member, ""), r.kind, r.sha256, r.items) for r in releases.load(conn)
        ]
