"""What a board of units does beside moving them: ticks, the golden quote, and what others did under an open board.

Moving, making subgroups and setting aside are acts on units, in `units`. Ticks made before there is a text are a
setting of the member who made them, so that a reload, or a co-analyst's board, takes nothing from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.language import t, tn
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import matrix
from workbench.store.unit_of_work import Row, UnitOfWork

from .condensing import ANY, set_golden
from .context import Context, requires
from .projects import put_setting

_READ_BACK = 500  # operations that are looked through for who did something meanwhile


# -- ticks and the golden quote ------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def tick(
    ctx: Context,
    subgroup: str,
    *,
    condensate: str | None,
    known: Collection[str] = (),
    on: Collection[str] = (),
    off: Collection[str] = (),
    op_id: str | None = None,
) -> str | None:
    """Put units into a condensate, or take them out of it; only those named change, so two can tick at once.

    `condensate` None: ticked before a text was written, when `known` were the subgroup's condensates; where one has
    been written since, it is meant. Returns a sentence where a unit no longer stands in the subgroup."""
    with ctx.write("set_covers", op_id=op_id) as work:
        row = _condensate(work, ctx.member.id, subgroup, condensate, known)
        if row is None:
            found = work.find("subgroup", subgroup)
            if found is None or found["retired"] is not None:
                raise Refused("units.subgroup_gone")
            ticked = (_first(work.connection, subgroup, ctx.member.id) | set(on)) - set(off)
            first = {
                "known": [c["id"] for c in work.live("condensate", subgroup=subgroup)],
                "units": sorted(ticked),
            }
            put_setting(work, _name(subgroup, ctx.member.id), json.dumps(first))
            work.ids = {"subgroup": subgroup, "n": len(on) + len(off)}
            return None
        subgroup = row["subgroup"]
        work.ids = {"subgroup": subgroup, "condensate": row["id"]}
        here = {p["unit"] for p in work.live("placement", subgroup=subgroup) if p["set_aside"] is None}
        held = {v["unit"]: v["id"] for v in work.live("cover", condensate=row["id"])}
        for unit in off:
            if unit in held:
                work.retire("cover", held[unit])
        for unit in dict.fromkeys(on):
            if unit in here and unit not in held:
                work.insert("cover", {"id": ctx.new_id(), "condensate": row["id"], "unit": unit})
        left = len(set(on) - here)
        return tn("board.skipped", left) if left else None


def _condensate(
    work: UnitOfWork, member: str, subgroup: str, condensate: str | None, known: Collection[str]
) -> Row | None:
    """The condensate that is meant, None where none has been written yet; refused where it was taken out."""
    if condensate is None:
        written = _written(work.connection, subgroup, member, known)
        return work.get("condensate", written[0]) if len(written) == 1 else None
    row = work.find("condensate", condensate)
    if row is None or row["retired"] is not None:
        raise Refused("board.condensate_gone")
    return row


def _written(conn: Connection, subgroup: str, member: str, known: Collection[str]) -> list[str]:
    """Condensates of a subgroup that a member has written beside those that were known."""
    found = [c["id"] for c in queries.live(conn, "condensate", subgroup=subgroup) if c["id"] not in known]
    return [id for id in found if matrix.made_by(conn, id) == member]


@requires(Action.READ_SOURCES)
def first_ticks(ctx: Context, subgroup: str) -> frozenset[str]:
    """Units that the acting member ticked in a subgroup for a condensate that is not written yet. Once it is, there
    are none; when its writing is undone, they are there again."""
    with ctx.read() as conn:
        return frozenset(_first(conn, subgroup, ctx.member.id))


def _name(subgroup: str, member: str) -> str:
    return f"board.ticks.{subgroup}.{member}"


def _first(conn: Connection, subgroup: str, member: str) -> set[str]:
    kept = json.loads(queries.setting(conn, _name(subgroup, member), "{}"))
    if not kept or _written(conn, subgroup, member, kept["known"]):
        return set()
    return set(kept["units"])


# -- what the board sends ------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def apply(ctx: Context, op: Mapping[str, Any], op_id: str) -> str | None:
    """Do one operation of the board; a sentence where some of its units were left alone. Raises as the above."""
    if op["verb"] == "golden":
        set_golden(ctx, op["condensate"], op["unit"], was=op.get("was", ANY), op_id=op_id)
        return None
    if op["verb"] != "tick":
        raise ValueError(op["verb"])
    return tick(
        ctx, op["subgroup"], condensate=op["condensate"], known=op.get("known", ()), on=op["on"], off=op["off"],
        op_id=op_id,
    )  # fmt: skip


# -- what others did -----------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def since(ctx: Context, rev: int | None) -> tuple[int, tuple[str, ...]]:
    """The number of the last operation, and the names of the other members who have done any after `rev`."""
    with ctx.read() as conn:
        now = queries.operations.last_seq(conn)
        if rev is None or rev >= now:
            return now, ()
        found = queries.operations.newest(conn, None, None, min(now - rev, _READ_BACK))
    others = [o["name"] for o in found if o["seq"] > rev and o["member"] != ctx.member.id and o["name"]]
    return now, tuple(dict.fromkeys(others))


@requires(Action.READ_SOURCES)
def went_to(ctx: Context, code_group: str) -> tuple[str | None, str | None]:
    """For a code group that is no longer there: the one it was merged into by now, None where it was taken out, and
    a sentence on that. (the group itself, None) where it stands; (None, None) where there never was one."""
    with ctx.read() as conn:
        found = matrix.went_to(conn, code_group)
        if found is None:
            return None, None
        now, name, into, rev = found
        if now == code_group:
            return now, None
        who = matrix.done_by(conn, rev) or t("units.somebody")
    if now is None:
        return None, t("board.group_gone", name=name, who=who)
    return now, t("board.group_merged", name=name, into=into, who=who)
