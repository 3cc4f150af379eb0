"""Copies of a project for co-analysts on other computers: making one, and merging what was done in it back by
permanent ids. Nothing here is overwritten: what both sides have changed is listed, and settled by a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.errors import Refused
from workbench.domain.merging import Key
from workbench.domain.records import Member
from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.store import copies, queries, releases
from workbench.store.connection import Connection
from workbench.store.copies import CopyMark, Foreign
from workbench.store.unit_of_work import Row

from . import history
from .context import Context, requires
from .merge_differences import Difference, Settling, keep_state, states, views, worked_there
from .merge_rows import rows_here
from .merging import NOT_MERGED, Merged, Plan
from .projects import SETTINGS, initials

__all__ = [
    "CopyInfo", "CopyState", "Difference", "MadeCopy", "Merged", "Settled",
    "choose", "copy_info", "differences", "made_there", "make_copy", "merge_copy", "merged_copies", "preview_merge",
]  # fmt: skip


# -- making one ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """A copy that has been made: for which member (an id), and the SHA-256 of the file."""

    id: str
    path: Path
    member: str
    with_marks: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class CopyInfo:
    """What the project at hand is a copy of, for whom (a member's id), and when it was made."""

    id: str
    project: str
    member: str
    at: str
    with_marks: bool


@requires(Action.SEE_PROJECT)
def copy_info(ctx: Context) -> CopyInfo | None:
    """What this project is a copy of; None where it is no copy. Its member is who acts on it."""
    with ctx.read() as conn:
        mark = copies.mark_of(conn)
    return CopyInfo(mark.id, mark.project, mark.member, mark.at, mark.with_marks) if mark else None


@requires(Action.EXPORT_ANALYSIS)
def make_copy(
    ctx: Context, path: Path, member: str = "", *, new_member: str = "", with_marks: bool = True
) -> MadeCopy:
    """Make a project file at `path` for a member, or one of the name `new_member`, to work on elsewhere.

    It has no vault. Without `with_marks` it holds the texts, the people and the code groups, and of the analysis
    only what the member has made alone: units, placements, comments, impressions. Never overwrites a file."""
    if path.suffix != ".db" or not path.stem or path.name.endswith(".vault.db"):
        raise Refused("copies.name")
    if (stands := copies.beside(path)) is not None:
        raise Refused("copies.exists", name=stands.name)
    added = None
    if new_member.strip():
        member, added = _add_member(ctx, new_member.strip())
    try:
        with ctx.read() as conn:
            found = queries.records(conn, Member, id=member)
            held = [row["id"] for row in queries.live(conn, "source")]
        if not found or not can(found[0].role, Action.ANALYSE):
            raise Refused("copies.needs_researcher")
        at = ctx.now().isoformat(timespec="seconds")
        mark = CopyMark(ctx.new_id(), ctx.store.id, member, at, with_marks, taken_at=0)
        if with_marks:
            sha256 = copies.make_whole(ctx.store, path, mark)
        else:
            first = {"id": ctx.new_id(), "member": ctx.member.id, "at": at, "verb": "create_project"}
            sha256 = copies.make_selected(ctx.store, path, mark, _unmarked(member), first)
        try:
            with ctx.write("export") as work:
                releases.keep(work, copies.RELEASED[with_marks], sha256, [mark.id, member, *held])
        except BaseException:
            copies.forget(path)
            raise
    except BaseException:
        if added is not None:
            history.undo(ctx, added)
        raise
    return MadeCopy(mark.id, path, member, with_marks, sha256)


def _add_member(ctx: Context, name: str) -> tuple[str, int]:
    """(the new member, the operation that added them)"""
    with ctx.write("add_member") as work:
        row = {
            "id": ctx.new_id(),
            "name": name,
            "initials": initials(name),
            "role": "researcher",
            "is_lead": 0,
        }
        work.ids = {"member": row["id"]}
        return work.insert("member", row), work.seq


_SHARED = (
    "member", "stakeholder_group", "participant", "session", "wave", "source", "codebook", "code", "code_group",
    "double_coding",
)  # fmt: skip


def _unmarked(member: str) -> Callable[[Connection], dict[str, list[Row]]]:
    """What a copy holds for somebody who is not to see what the others have marked: named here, one by one, so
    that nothing that is added to a project later goes along unthought of."""

    def select(conn: Connection) -> dict[str, list[Row]]:
        rows = {table: queries.live(conn, table) for table in _SHARED}
        rows["setting"] = [s for s in queries.live(conn, "setting") if s["id"] in SETTINGS]
        sources = {s["id"] for s in rows["source"]}
        rows["speaker"] = [s for s in queries.live(conn, "speaker") if s["source"] in sources]
        rows["unit"] = [u for u in queries.live(conn, "unit", member=member) if u["source"] in sources]
        units = {u["id"] for u in rows["unit"]}
        for table in ("placement", "code_tag"):
            rows[table] = [r for r in queries.live(conn, table, member=member) if r["unit"] in units]
        # Subgroups, and what the agreed themes are called, have been made of what all have marked.
        rows["placement"] = [{**p, "subgroup": None} for p in rows["placement"]]
        themes = queries.live(conn, "prelim_theme", member=member)
        rows["prelim_theme"] = [{**theme, "agreed_into": None} for theme in themes]
        for table in ("impression", "reading"):
            own = queries.live(conn, table, member=member)
            rows[table] = [r for r in own if r["source"] in sources]
        for table in ("submission", "log_entry", "information_power"):
            rows[table] = queries.live(conn, table, member=member)
        items = units.union(
            *({r["id"] for r in rows[x]} for x in ("source", "code_group", "codebook", "code"))
        )
        memos = [m for m in queries.live(conn, "memo", member=member) if m["item"] in items]
        mine = {m["id"] for m in memos}  # what it answers may be somebody else's
        rows["memo"] = [{**m, "answers": m["answers"] if m["answers"] in mine else None} for m in memos]
        return rows

    return select


# -- merging one back ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CopyState:
    """A copy that has been merged: whose it is, how often and when last, and what is still to be settled."""

    id: str
    who: str
    merges: int
    at: str
    differences: tuple[Difference, ...]


@requires(Action.IMPORT)
def preview_merge(ctx: Context, path: Path) -> Merged:
    """What merging the copy at `path` would do; nothing is changed. Raises Refused or StoreFailed as merge_copy."""
    foreign = _read(ctx, path)
    with ctx.store.read() as conn:  # of all that is here, as merging will meet it
        return Plan(ctx.store, conn, foreign, path.name).told()


@requires(Action.IMPORT)
def merge_copy(ctx: Context, path: Path, *, op_id: str | None = None) -> Merged:
    """Bring in what was done in the copy at `path` since it was made, or merged last, in one operation.

    Ids and authors stay; when each thing was done there is kept, see `made_there`. What both sides have changed
    stands here as it stood and is listed, see `differences` and `choose`. A second time does nothing.

    Raises Refused where the file is no copy of this project, damaged, of a newer schema, or older than what has
    been merged; StoreFailed where it cannot be read or is no project."""
    foreign = _read(ctx, path)
    with ctx.write("merge_copy", op_id=op_id) as work:
        plan = Plan(ctx.store, work.connection, foreign, path.name)
        told = plan.told()
        if not told.nothing_new:
            plan.carry_out(work)
        return told


def _read(ctx: Context, path: Path) -> Foreign:
    if path.exists() and path.samefile(ctx.store.path):
        raise Refused("copies.not_a_copy", name=path.name)
    foreign = copies.read(path, NOT_MERGED)
    if foreign.mark.project != ctx.store.id:
        raise Refused("copies.other_project", name=path.name)
    return foreign


@requires(Action.READ_SOURCES)
def merged_copies(ctx: Context) -> list[CopyState]:
    """Every copy that has been merged, with what is still to be settled."""
    with ctx.read() as conn:
        here = rows_here(conn)
        return [
            CopyState(
                id,
                here.name_of(state["member"]),
                state["n"],
                state["at"],
                views(here, id, state["differences"]),
            )
            for id, state in states(conn).items()
        ]


@requires(Action.READ_SOURCES)
def differences(ctx: Context, copy: str | None = None) -> list[Difference]:
    """What is still to be settled, of one copy or of all. What has come to be the same is left out."""
    return [d for state in merged_copies(ctx) if copy in (None, state.id) for d in state.differences]


@requires(Action.READ_SOURCES)
def made_there(ctx: Context) -> dict[Key, tuple[str, str]]:
    """(table, row) that was merged -> (member, when they last worked on it, ISO) in the copy it came from."""
    with ctx.read() as conn:
        return worked_there(conn)


# -- settling them -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settled:
    """How many differences are settled, and those that are not, each with the sentence why."""

    done: int
    left: tuple[tuple[Difference, str], ...]


@requires(Action.ANALYSE)
def choose(
    ctx: Context,
    copy: str,
    side: str,
    chosen: Sequence[Difference] | None = None,
    *,
    op_id: str | None = None,
) -> Settled:
    """Settle differences of a copy, those given as they were read or all: `side` "here" leaves what stands, "there"
    takes what the co-analyst made of it. One operation. What cannot be done stays listed."""
    if side not in ("here", "there"):
        raise ValueError(side)
    with ctx.write("settle_copy", op_id=op_id) as work:
        here = rows_here(work.connection)
        state = states(work.connection).get(copy)
        if state is None:
            raise Refused("copies.unknown")
        now = {d.id: d for d in views(here, copy, state["differences"])}
        left: list[tuple[Difference, str]] = []
        # What others rest on first, so that bringing a unit back lets its placement come back too.
        order = {table: n for n, table in enumerate(here.shapes)}
        wanted = [d for d in (now.values() if chosen is None else chosen) if d.id in now]
        done, settling = 0, Settling(ctx, work, here)
        for d in sorted(wanted, key=lambda d: order[d.table]):
            why = None
            if side == "there":
                stands = now[d.id].rev == d.rev and dict(now[d.id].here) == dict(d.here)
                why = settling.take(now[d.id]) if stands else "copies.left.changed_since"
            if why is None:
                done += 1
                del state["differences"][d.id]
            else:
                left.append((d, t(why)))
        work.ids = {"member": state["member"], "copy": copy, "n": done}
        for id in state["differences"].keys() - now.keys():  # they have come to be the same
            del state["differences"][id]
        keep_state(work, copy, state)
        return Settled(done, tuple(left))
