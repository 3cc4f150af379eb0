"""Copies of a project for co-analysts on other computers: making one, and merging what was done in it back by
permanent ids. Nothing here is overwritten: what both sides have changed is listed, and settled by a person."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.domain import spans
from workbench.domain import text as text_rules
from workbench.domain.errors import Refused
from workbench.domain.records import Member
from workbench.domain.roles import Action, can
from workbench.domain.spans import Remapping
from workbench.domain.stc import embedded_units, make_tag
from workbench.language import t, tn
from workbench.store import copies, queries, releases, texts
from workbench.store.connection import Connection
from workbench.store.copies import Change, CopyMark, Foreign
from workbench.store.unit_of_work import Row, UnitOfWork

from . import codebooks, correcting, history
from .code_groups import COLOURS, release_from_group
from .context import Context, requires
from .projects import SETTINGS, initials, put_setting

# Made in the project itself, where their keys and numbers are given: a copy's are not merged.
NOT_MERGED = frozenset({"requirement", "component", "version", "decision", "vote", "idea"})
# What a project is called and how it is set up here; and what has been merged.
_OWN_SETTINGS = frozenset({"name", "language", "route", "invented", "k_min", "suggestions"})
_STATE = "copy."

Key = tuple[str, str]  # (table, id)


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
    with ctx.store.read() as conn:
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
        with ctx.store.read() as conn:
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
                releases.keep(work, "copy", sha256, [mark.id, *held])
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
            mine = queries.live(conn, table, member=member)
            rows[table] = [r for r in mine if r["source"] in sources]
        rows["submission"] = queries.live(conn, "submission", member=member)
        items = units.union(
            *({r["id"] for r in rows[x]} for x in ("source", "code_group", "codebook", "code"))
        )
        rows["memo"] = [m for m in queries.live(conn, "memo", member=member) if m["item"] in items]
        return rows

    return select


# -- what is merged, and what is listed ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that cannot be merged without taking one side: it stands here as it stood.

    `kind`: changed (on both sides) · taken_out_here (and worked on there) · taken_out_there (and still here) ·
    words_gone (marked there, corrected away here) · rests_on_gone · text (corrected there). `here` and `there` hold
    the row's columns, of `fields` only where it was changed; `here` is as it is now, at `rev`."""

    id: str
    copy: str
    kind: str
    table: str
    row: str
    fields: tuple[str, ...]
    here: Mapping[str, Any]
    there: Mapping[str, Any]
    who: str
    at: str
    rev: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging a copy does, or did: rows that came in by table, rows changed and taken out here, what is
    listed, and all that in sentences."""

    copy: str
    who: str
    came: Mapping[str, int]
    changed: int
    taken_out: int
    differences: tuple[Difference, ...]
    says: tuple[str, ...]

    @property
    def nothing_new(self) -> bool:
        return not (self.came or self.changed or self.taken_out or self.differences)


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
    with ctx.store.read() as conn:
        plan = _Plan(ctx, conn, foreign, path.name)
        plan.make()
        return plan.told()


@requires(Action.IMPORT)
def merge_copy(ctx: Context, path: Path, *, op_id: str | None = None) -> Merged:
    """Bring in what was done in the copy at `path` since it was made, or merged last, in one operation.

    Ids and authors stay; when each thing was done there is kept, see `made_there`. What both sides have changed
    stands here as it stood and is listed, see `differences` and `choose`. A second time does nothing.

    Raises Refused where the file is no copy of this project, damaged, of a newer schema, or older than what has
    been merged; StoreFailed where it cannot be read or is no project."""
    foreign = _read(ctx, path)
    with ctx.write("merge_copy", op_id=op_id) as work:
        plan = _Plan(ctx, work.connection, foreign, path.name)
        plan.make()
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
    with ctx.store.read() as conn:
        here = _Here(conn)
        found = []
        for id, state in _states(conn).items():
            who = _name_of(here, state["member"])
            listed = _views(here, id, state["differences"])
            found.append(CopyState(id, who, state["n"], state["at"], tuple(listed)))
        return found


@requires(Action.READ_SOURCES)
def differences(ctx: Context, copy: str | None = None) -> list[Difference]:
    """What is still to be settled, of one copy or of all. What has come to be the same is left out."""
    return [d for state in merged_copies(ctx) if copy in (None, state.id) for d in state.differences]


@requires(Action.READ_SOURCES)
def made_there(ctx: Context) -> dict[Key, tuple[str, str]]:
    """(table, row) that was merged -> (member, when they last worked on it, ISO) in the copy it came from."""
    found: dict[Key, tuple[str, str]] = {}
    with ctx.store.read() as conn:
        for setting in queries.live(conn, "setting"):
            if setting["id"].startswith(_STATE) and setting["id"].count(".") == 2:
                for member, at, keys in json.loads(setting["value"]):
                    found |= {_key(key): (member, at) for key in keys}
    return found


def _key(told: str) -> Key:
    table, _, id = told.partition(":")
    return table, id


def _states(conn: Connection) -> dict[str, Any]:
    return {
        s["id"].removeprefix(_STATE): json.loads(s["value"])
        for s in queries.live(conn, "setting")
        if s["id"].startswith(_STATE) and s["id"].count(".") == 1
    }


# -- this side -------------------------------------------------------------------------------------------


class _Here:
    """This side's rows, as they are and, while a merge is planned, as they will be."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.shapes = copies.shapes(conn)
        self.kinds = copies.kinds(conn)
        self._rows: dict[str, dict[str, Row]] = {}
        self._once: dict[str, list[tuple[tuple[str, ...], dict[tuple[Any, ...], str]]]] = {}
        self._placements: dict[str, set[str]] = {}  # unit -> its placements, also those taken out

    def rows(self, table: str) -> dict[str, Row]:
        if table not in self._rows:
            self._rows[table] = copies.rows(self.conn, table)
        return self._rows[table]

    def find(self, table: str, id: str) -> Row | None:
        return self.rows(table).get(id)

    def live(self, table: str, id: str | None) -> Row | None:
        row = self.rows(table).get(id) if id is not None else None
        return row if row is not None and row["retired"] is None else None

    def put(self, table: str, row: Row) -> None:
        """Let a row be as it will be."""
        index = self._index(table)
        if table == "placement" and self._placements:
            self._placements.setdefault(row["unit"], set()).add(row["id"])
        was = self.live(table, row["id"])
        self.rows(table)[row["id"]] = row
        if self.shapes[table].is_item:
            self.kinds[row["id"]] = table
        for columns, held in index:
            if was is not None and held.get(_of(was, columns)) == row["id"]:
                del held[_of(was, columns)]
            if row["retired"] is None:
                held[_of(row, columns)] = row["id"]

    def clash(self, table: str, row: Mapping[str, Any]) -> Row | None:
        """The other live row that stands where this one would, where there can be only one."""
        for columns, held in self._index(table):
            other = held.get(_of(row, columns))
            if other is not None and other != row["id"] and None not in _of(row, columns):
                return self.live(table, other)
        return None

    def _index(self, table: str) -> list[tuple[tuple[str, ...], dict[tuple[Any, ...], str]]]:
        if table not in self._once:
            live = [r for r in self.rows(table).values() if r["retired"] is None]
            self._once[table] = [
                (columns, {_of(r, columns): r["id"] for r in live}) for columns in self.shapes[table].once
            ]
        return self._once[table]

    def read_again(self) -> None:
        """Forget what has been read: it has been changed in the file."""
        self._rows.clear()
        self._once.clear()
        self._placements.clear()

    def is_in(self, unit: str, subgroup: str) -> bool:
        """Whether a unit stands in a subgroup."""
        if not self._placements:
            self._placements = _by_unit(self.rows("placement"))
        placed = (self.live("placement", id) for id in self._placements.get(unit, ()))
        return any(p is not None and p["subgroup"] == subgroup for p in placed)

    def standing(self, code_group: str | None) -> str | None:
        """A code group, or what it has been merged into."""
        seen: set[str] = set()
        while code_group is not None and code_group not in seen:
            row = self.find("code_group", code_group)
            if row is None or row["retired"] is None:
                return code_group if row else None
            seen.add(code_group)
            code_group = row["merged_into"]
        return None

    def resting_on(self) -> dict[Key, list[Key]]:
        """Row -> the live rows that refer to it, or hold it in their text."""
        found: dict[Key, list[Key]] = {}
        for table, shape in self.shapes.items():
            for row in self.rows(table).values():
                if row["retired"] is not None:
                    continue
                for column, target in shape.references:
                    if row[column] is not None and target != "member":
                        kind = self.kinds.get(row[column], "") if target == "item" else target
                        found.setdefault((kind, row[column]), []).append((table, row["id"]))
                if table == "category":
                    for unit in embedded_units(row["analytic_text"]):
                        found.setdefault(("unit", unit), []).append((table, row["id"]))
        return found


def _by_unit(placements: Mapping[str, Row]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for p in placements.values():
        found.setdefault(p["unit"], set()).add(p["id"])
    return found


def _of(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[c] for c in columns)


# -- planning --------------------------------------------------------------------------------------------

# Columns that say one thing together.
_TOGETHER = {
    "unit": (("text_rev", "start", "end", "mac"),),
    "placement": (("code_group", "subgroup", "set_aside"),),
}
_PLACE = _TOGETHER["unit"][0]
_QUIET = frozenset(
    {"position", "colour"}
)  # order and colour: taken where nobody here has changed them, or not
_NEVER = frozenset({"id", "member", "key", "role", "is_lead"})
# What two people who did the same thing need not agree on.
_ALIKE = frozenset({"tag", "at", "cleared_by", "cleared_at", "status", "merged_into", *_QUIET})


def _empty(values: Sequence[Any]) -> bool:
    return all(v is None or v == "" for v in values)


class _Plan:
    """What merging a copy comes to. Made on what this side is now, told or carried out."""

    def __init__(self, ctx: Context, conn: Connection, foreign: Foreign, name: str) -> None:
        self.ctx, self.conn, self.there, self.file = ctx, conn, foreign, name
        self.here = _Here(conn)
        self.mark = foreign.mark
        self.state = _states(conn).get(self.mark.id)
        self.ours = copies.merge_operations(conn, self.mark.id)
        # In the order they were planned: where there can be only one, the one must have left before the other comes.
        self.actions: list[
            tuple[str, str, Row]
        ] = []  # (insert | revive | update, table, columns with the id)
        self.fresh: dict[Key, None] = {}
        self.changed: dict[Key, None] = {}
        self.retires: list[Key] = []
        self.new_texts: list[str] = []
        self.came: Counter[str] = Counter()
        self.listed: dict[str, Row] = {}
        self.settled: set[str] = set()  # ids of differences of earlier merges that are none any more
        self.notes: dict[str, None] = {}
        self.left_there = 0
        self._brought: dict[Key, str | None] = {}
        self._gone: dict[Key, Change] = {}
        self._changes: dict[Key, Change] = {}
        self._carriers: dict[tuple[str, int], Callable[[int, int], spans.Span | None]] = {}
        self._bodies: dict[str, str] = {}
        self._placed_there = _by_unit(foreign.rows["placement"])
        member = foreign.rows["member"].get(self.mark.member) or {"name": ""}
        self.who: str = _name_of(self.here, self.mark.member) or member["name"]

    def _since(self) -> int:
        """The last of the copy's operations that has been merged; raises Refused where the file is older."""
        if self.state is None:
            return self.mark.base
        known, found = self.state["chain"], self.there.chain
        if known.startswith(found) and found != known:
            raise Refused("copies.older", name=self.file)
        # Where the copy was put back to an earlier state and carried on from there: the last they have in common.
        same = 0
        while same < min(len(known), len(found)) and known[same : same + 8] == found[same : same + 8]:
            same += 8
        return self.mark.base + same // 8

    def make(self) -> None:
        by_table: dict[str, list[Change]] = {}
        for change in self.there.changes(self._since()):
            key = (change.table, change.id)
            if not self._is_merged(key):
                self.left_there += change.table != "setting"
                continue
            self._changes[key] = change
            row = self.there.rows[change.table][change.id]
            if row["retired"] is None:
                by_table.setdefault(change.table, []).append(change)
            elif self.here.live(*key):
                self._gone[key] = change
            else:
                self.settled |= {f"{change.table}:{change.id}:"}
        for table in self.here.shapes:
            for change in by_table.get(table, ()):
                self._merge_row(change)
        self._take_out()
        self._note_names()

    def _is_merged(self, key: Key) -> bool:
        table, id = key
        if table == "setting":
            return id not in _OWN_SETTINGS and not id.startswith(_STATE)
        if table == "link":
            row = self.there.rows[table][id]
            return not {self.there.items.get(row[end]) for end in ("src", "dst")} & NOT_MERGED
        return table not in NOT_MERGED

    # -- one row -----------------------------------------------------------------------------------------

    def _merge_row(self, change: Change) -> None:
        key = (change.table, change.id)
        there, here = self.there.rows[change.table][change.id], self.here.find(*key)
        if here is None or (here["retired"] is not None and self._may_return(change.table, here)):
            self._bring(*key)
        elif here["retired"] is None:
            self._merge_fields(change.table, here, change.before, there, key)
        else:
            row = self._translated(change.table, there)
            other = self.here.clash(change.table, row) if row else None
            if other is not None:
                self._merge_fields(change.table, other, change.before, there, key)
            elif self._says_more(change.table, change.before, there):
                self._list("taken_out_here", key, row or there)

    def _may_return(self, table: str, here: Row) -> bool:
        """A row that nobody has taken out here since the copy was made."""
        return table == "setting" or here["retired"] in self.ours or here["retired"] <= self.mark.taken_at

    def _says_more(self, table: str, before: Row | None, there: Row) -> bool:
        if before is None:
            return True
        return any(there[c] != before.get(c, there[c]) for c in self._columns(table, _NEVER | _QUIET))

    def _columns(self, table: str, but: frozenset[str]) -> list[str]:
        left_out = but | ({"text_rev"} if table == "source" else frozenset())
        return [c for c in self.here.shapes[table].columns if c not in left_out]

    def _groups(self, table: str, but: frozenset[str]) -> list[tuple[str, ...]]:
        together = _TOGETHER.get(table, ())
        held = {c for group in together for c in group}
        return [*together, *((c,) for c in self._columns(table, but) if c not in held)]

    def _merge_fields(self, table: str, here: Row, before: Row | None, there: Row, key: Key) -> None:
        """Three-way, thing by thing: what only they have changed comes in, what both have changed is listed."""
        if table == "source" and before is not None and before.get("text_rev") != there["text_rev"]:
            self._list_texts(there["id"])
        for group in self._groups(table, _NEVER if before is not None else _NEVER | _ALIKE):
            theirs = _of(there, group)
            if before is None:
                # They did not know of ours; nothing said is no contradiction.
                bare = theirs[1:] if table == "placement" and len(group) == 3 else theirs
                if _empty(bare):
                    continue
            elif theirs == tuple(before.get(c, there[c]) for c in group):
                continue
            id = f"{table}:{here['id']}:{group[0]}"
            values = self._values(table, there, group)
            mine = _of(here, group)
            if values is not None and _same(group, values, mine):
                self.settled.add(id)
                continue
            if values is not None and self._is_untouched(table, here, before, group):
                new = {**here, **dict(zip(group, values, strict=True))}
                leaves = (
                    table == "placement" and len(group) == 3 and mine[1] != values[1] and self._is_held(here)
                )
                if not leaves and self.here.clash(table, new) is None and self._tag_is_free(new, group):
                    self._change(table, new, group, key)
                    self.settled.add(id)
                    continue
            if group[0] in _QUIET:
                continue
            kind = "changed" if values is not None else self._why(table)
            told = values if values is not None else theirs
            self._list(kind, (table, here["id"]), dict(zip(group, told, strict=True)), group, key)

    def _is_untouched(self, table: str, here: Row, before: Row | None, group: tuple[str, ...]) -> bool:
        mine = _of(here, group)
        if before is None:
            return _empty(mine[1:] if table == "placement" and len(group) == 3 else mine)
        was = {**here, **before}
        if _same(group, mine, _of(was, group)) and group != _PLACE:
            return True
        base = self._values(table, was, group)
        return base is not None and _same(group, mine, base)

    def _is_held(self, placement: Row) -> bool:
        """Whether a condensate here holds a unit for its place in a subgroup, and the copy's does so too or has
        never been seen there: then it cannot just leave."""
        unit, subgroup = placement["unit"], placement["subgroup"]
        if subgroup is None:
            return False
        for row in self.here.rows("condensate").values():
            if (
                row["subgroup"] != subgroup
                or row["retired"] is not None
                or ("condensate", row["id"]) in self._gone
            ):
                continue
            there = self.there.rows["condensate"].get(row["id"], row)
            if row["golden_unit"] == unit == there["golden_unit"]:
                return True
            cover = self.here.clash("cover", {"id": "", "condensate": row["id"], "unit": unit})
            if cover is not None and ("cover", cover["id"]) not in self._gone:
                return True
        return False

    def _is_in_there(self, unit: str, subgroup: str) -> bool:
        placed = (self.there.rows["placement"][id] for id in self._placed_there.get(unit, ()))
        return any(p["retired"] is None and p["subgroup"] == subgroup for p in placed)

    def _tag_is_free(self, row: Row, group: tuple[str, ...]) -> bool:
        others = self.here.rows("code_group").values() if group == ("tag",) else ()
        return not any(
            o["tag"] == row["tag"] and o["id"] != row["id"] and o["retired"] is None for o in others
        )

    def _change(self, table: str, new: Row, group: tuple[str, ...], key: Key) -> None:
        self.here.put(table, new)
        mine = (table, new["id"])
        self.actions.append(("update", table, {c: new[c] for c in ("id", *group)}))
        if mine not in self.fresh:
            self.changed[mine] = None
            if change := self._changes.get(key):
                self._changes.setdefault(mine, change)

    def _why(self, table: str) -> str:
        return "words_gone" if table == "unit" else "rests_on_gone"

    # -- rows that are new here --------------------------------------------------------------------------

    def _bring(self, table: str, id: str) -> str | None:
        """Bring a row in with what it refers to; returns the id it has here: its own, or that of the one that
        stands in its place already. None where it cannot be."""
        key = (table, id)
        if key in self._brought:
            return self._brought[key]
        self._brought[key] = None
        there = self.there.rows.get(table, {}).get(id)
        if there is None or there["retired"] is not None or not self._is_merged(key):
            return None
        row = self._translated(table, there)
        if row is None:
            self._list(self._why(table) if table == "unit" and self._live_source(there) else "rests_on_gone",
                       key, there)  # fmt: skip
            return None
        if table == "cover" and not self._may_tick(row, there):
            self._list("rests_on_gone", key, row)
            return None
        if (other := self.here.clash(table, row)) is not None:
            # They took theirs out and made it again: it is the one that stands here.
            taken = self._gone.pop((table, other["id"]), None)
            before = (taken.before or self._without(table, other)) if taken else None
            self._brought[key] = other["id"]
            self._merge_fields(table, other, before, there, key)
            return str(other["id"])
        was = self.here.find(table, id)
        self._fit(table, row, was)
        if table == "source" and not copies.has_text(self.conn, id):
            self._check_text(id)
            self.new_texts.append(id)
        self.here.put(table, {"rev": 0, **row, "retired": None})
        self.actions.append(("insert" if was is None else "revive", table, row))
        self.fresh[key] = None
        self.came[table] += 1
        self.settled.add(f"{table}:{id}:row")
        self._brought[key] = id
        return id

    def _may_tick(self, row: Row, there: Row) -> bool:
        """A condensate holds the units of its subgroup: not one that stands elsewhere here, and not there."""
        condensate = self.here.live("condensate", row["condensate"])
        theirs = self.there.rows["condensate"].get(there["condensate"])
        return (
            condensate is None
            or theirs is None
            or self.here.is_in(row["unit"], condensate["subgroup"])
            or not self._is_in_there(there["unit"], theirs["subgroup"])
        )

    def _without(self, table: str, row: Row) -> Row:
        return {c: row[c] for c in self.here.shapes[table].columns}

    def _live_source(self, unit: Row) -> bool:
        return self._resolve("source", unit["source"]) is not None

    def _fit(self, table: str, row: Row, was: Row | None) -> None:
        """What only has a meaning among its neighbours here."""
        if table == "member":
            row |= {"role": "researcher", "is_lead": 0}
        if table == "source" and was is not None:
            row["text_rev"] = was["text_rev"]
        live = (
            [r for r in self.here.rows(table).values() if r["retired"] is None] if "position" in row else []
        )
        if table == "code_group":
            taken, used = {r["tag"] for r in live}, {r["colour"] for r in live}
            if row["tag"] in taken:
                row["tag"] = make_tag(row["name"], taken)
            if row["colour"] in used:
                row["colour"] = next((c for c in range(COLOURS) if c not in used), len(live) % COLOURS)
        if live:
            parents = [c for c, _ in self.here.shapes[table].references]
            beside = [
                r["position"] for r in live if table == "code_group" or _of(r, parents) == _of(row, parents)
            ]
            row["position"] = max(beside, default=0) + 1

    def _check_text(self, source: str) -> None:
        there = self.there.rows["source"][source]
        body = "\n".join(turn["text"] for turn in self.there.turns.get(source, ()))
        held = self.there.digests.get((source, there["text_rev"]))
        if held is None or self.ctx.store.mac(body) != held["mac"] or "\0" in body:
            raise Refused("copies.damaged", name=self.file)
        self._bodies[source] = body
        self.notes[t("copies.no_original", name=there["title"])] = None

    # -- what a row says, in this side's terms -------------------------------------------------------------

    def _resolve(self, table: str, id: str) -> str | None:
        """The id that a reference has here; None where what it points at has been taken out."""
        if table == "item":
            kind = self.there.items.get(id) or self.here.kinds.get(id)
            return self._resolve(kind, id) if kind in self.here.shapes else None
        here = self.here.find(table, id)
        if here is None:
            return self._bring(table, id)
        if here["retired"] is None or table == "member":
            return id
        if table == "code_group" and (into := self.here.standing(id)):
            return into
        there = self.there.rows.get(table, {}).get(id)
        if there is not None and there["retired"] is None and self._may_return(table, here):
            return self._bring(table, id)
        return None

    def _translated(self, table: str, there: Row) -> Row | None:
        """The row in this side's terms; None where what it cannot be without is not here."""
        row = {c: there[c] for c in self.here.shapes[table].columns}
        for group in self._groups(table, frozenset()):
            values = self._values(table, there, group)
            if values is None:
                return None
            row |= dict(zip(group, values, strict=True))
        return row

    def _values(self, table: str, there: Mapping[str, Any], group: tuple[str, ...]) -> tuple[Any, ...] | None:
        shape = self.here.shapes[table]
        if group == _PLACE and table == "unit":
            place = self._place(there["source"], there["text_rev"], there["start"], there["end"])
            return _of(place, _PLACE) if place else None
        if table == "placement" and len(group) == 3:
            return self._placing(there)
        targets = dict(shape.references)
        values = []
        for column in group:
            value = there[column]
            if value is not None and column in targets and column != "id":
                value = self._resolve(targets[column], value)
                if value is None and column not in shape.optional:
                    return None
            held = embedded_units(value) if (table, column) == ("category", "analytic_text") else ()
            if not all(self._resolve("unit", unit) for unit in held):
                return None
            values.append(value)
        return tuple(values)

    def _placing(self, there: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Code group and subgroup: a subgroup that has moved to another code group takes its units along."""
        subgroup = there["subgroup"] and self._resolve("subgroup", there["subgroup"])
        if subgroup:
            row = self.here.live("subgroup", subgroup)
            return (row["code_group"] if row else None, subgroup, there["set_aside"])
        code_group = self._resolve("code_group", there["code_group"])
        if code_group is None:
            return None
        if there["subgroup"] and (gone := self.there.rows["subgroup"].get(there["subgroup"])):
            self.notes[t("copies.left_loose", name=gone["name"], who=self.who)] = None
        return (code_group, None, there["set_aside"])

    def _place(self, source: str, text_rev: int, start: int, end: int) -> Row | None:
        """Where a span of the copy's text stands in the text that stands here; None where its words are gone."""
        if self._resolve("source", source) is None:
            return None
        body = self._body(source)
        place = self._carrier(source, text_rev)(start, end)
        if place is None or not 0 <= place[0] < place[1] <= len(body):
            return None
        if place != (start, end):
            place = spans.trimmed(body, *place)
        if place is None or not body[place[0] : place[1]].strip():
            return None
        row = self.here.find("source", source)
        standing = row["text_rev"] if row else text_rev
        return {"text_rev": standing, "start": place[0], "end": place[1],
                "mac": self.ctx.store.mac(body[place[0] : place[1]])}  # fmt: skip

    def _body(self, source: str) -> str:
        if source not in self._bodies:
            self._bodies[source] = "\n".join(turn["text"] for turn in texts.turns(self.conn, source))
        return self._bodies[source]

    def _carrier(self, source: str, text_rev: int) -> Callable[[int, int], spans.Span | None]:
        """Carries spans from a version of the copy's text, through the last version both sides have had, to the
        one that stands here. Two versions are the same where their digests are."""
        if (source, text_rev) in self._carriers:
            return self._carriers[source, text_rev]
        made = copies.edits_of(self.there.edits.get(source, ()))
        known = copies.digests(self.conn, source)
        row = self.here.find("source", source)
        standing = row["text_rev"] if row else text_rev
        back: list[Remapping] = []
        version, common = text_rev, None
        if source in self.new_texts:
            common = standing = text_rev
        while common is None:
            digest = self.there.digests.get((source, version))
            common = known.get(digest["mac"]) if digest else None
            if common is not None or version not in made:
                break
            back.append(Remapping(spans.inverse(made[version][1])))
            version = made[version][0]

        def carry(start: int, end: int) -> spans.Span | None:
            place: spans.Span | None = (start, end)
            for step in back:
                place = step(*place) if place else None
            if place is None or common is None:
                return None
            if common == standing:
                return place
            found = correcting.carry_over(self.conn, source, common, *place)
            # Where only marks are left of what was marked, the words are gone.
            if found and not text_rules.words(self._body(source)[found[0] : found[1]]):
                return None
            return found

        self._carriers[source, text_rev] = carry
        return carry

    def _list_texts(self, source: str) -> None:
        """Turns that read otherwise there. Their words stay in the copy: they may hold a name taken out here."""
        for mine, theirs in zip(
            texts.turns(self.conn, source), self.there.turns.get(source, ()), strict=False
        ):
            if mine["text"] != theirs["text"]:
                self._list("text", ("source", source), {"turn": mine["seq"]}, (f"turn {mine['seq']}",))

    # -- what was taken out there --------------------------------------------------------------------------

    def _take_out(self) -> None:
        """What they took out goes here too if it was their own and nobody here has touched it, or anything that
        rests on it; else it is listed, with what went along with it left standing."""
        order = {table: n for n, table in enumerate(self.here.shapes)}
        resting = self.here.resting_on() if self._gone else {}
        taken: dict[Key, bool] = {}

        def touched(key: Key) -> bool:
            here, before = self.here.find(*key), self._gone[key].before
            if here is None or before is None:
                return False
            groups = self._groups(key[0], _NEVER | _QUIET)
            return not all(self._is_untouched(key[0], here, before, group) for group in groups)

        def is_whole(key: Key, seen: frozenset[Key] = frozenset()) -> bool:
            if key in seen:
                return True
            return not touched(key) and all(
                other in self._gone and is_whole(other, seen | {key}) for other in resting.get(key, ())
            )

        for key in sorted(self._gone, key=lambda k: order[k[0]]):
            here = self.here.find(*key)
            assert here is not None
            above = []
            for column, target in self.here.shapes[key[0]].references:
                kind = self.here.kinds.get(here[column], "") if target == "item" else target
                if (kind, here[column]) in taken:
                    above.append(taken[kind, here[column]])
            if any(above):
                taken[key] = True
            elif above or (key[0] == "cover" and self._still_stands(here)):
                taken[key] = False
                continue
            else:
                held = key[0] == "placement" and self._is_held(here)
                taken[key] = self._is_theirs(key, here) and is_whole(key) and not held
                if not taken[key]:
                    self._list("taken_out_there", key, self.there.rows[key[0]][key[1]])
            if taken[key]:
                self.here.put(key[0], {**here, "retired": 0})
                self.retires.append(key)
                self.settled.add(f"{key[0]}:{key[1]}:")

    def _still_stands(self, cover: Row) -> bool:
        """Whether a unit has its place in the subgroup here, and let go of the condensate there by leaving it."""
        condensate = self.here.live("condensate", cover["condensate"])
        theirs = self.there.rows["condensate"].get(cover["condensate"])
        return (
            condensate is not None
            and theirs is not None
            and self.here.is_in(cover["unit"], condensate["subgroup"])
            and not self._is_in_there(cover["unit"], theirs["subgroup"])
        )

    def _is_theirs(self, key: Key, here: Row) -> bool:
        if key[0] in ("cover", "theme_origin"):
            return True  # a tick has no author: it says something about what it is on, and anybody may change that
        if key[0] in ("setting", "member"):
            return False
        maker = here["member"] if "member" in here else self.there.made_by.get(key)
        return bool(maker == self.mark.member)

    # -- telling ---------------------------------------------------------------------------------------------

    def _list(
        self,
        kind: str,
        key: Key,
        there: Mapping[str, Any],
        fields: tuple[str, ...] = (),
        cause: Key | None = None,
    ) -> None:
        table, id = key
        change = self._changes.get(cause or key)
        self.listed[f"{table}:{id}:{fields[0] if fields else 'row'}"] = {
            "kind": kind, "table": table, "row": id, "fields": list(fields),
            "there": {c: v for c, v in there.items() if c not in ("rev", "retired")},
            "who": change.member if change else self.mark.member, "at": change.at if change else self.mark.at,
        }  # fmt: skip

    def _note_names(self) -> None:
        live = [g for g in self.here.rows("code_group").values() if g["retired"] is None]
        names = Counter(g["name"].casefold() for g in live)
        new = {id for table, id in [*self.fresh, *self.changed] if table == "code_group"}
        for group in live:
            if group["id"] in new and names[group["name"].casefold()] > 1:
                self.notes[t("copies.same_name", name=group["name"])] = None

    def told(self) -> Merged:
        listed = _views(self.here, self.mark.id, self.listed, self.there)
        known = self.state["differences"] if self.state else {}
        new = [d for d in listed if known.get(d.id) != self.listed[d.id]]
        changed = len(self.changed)
        what = [tn(f"copies.new.{x}", self.came[x]) for x in _TOLD if self.came[x]]
        more = sum(n for x, n in self.came.items() if x not in _TOLD)
        what += [tn("copies.new.more", more)] * bool(more)
        what += [tn("copies.changed", changed)] * bool(changed)
        what += [tn("copies.taken_out", len(self.retires))] * bool(self.retires)
        says = [t("copies.came", who=self.who, what=", ".join(what))] if what else []
        says += [tn("copies.listed", len(new))] * bool(new)
        says = says or [t("copies.nothing_new.named", who=self.who)]
        says += self.notes
        says += [tn("copies.not_merged", self.left_there)] * bool(self.left_there)
        return Merged(
            self.mark.id, self.who, dict(self.came), changed, len(self.retires), tuple(new), tuple(says)
        )

    # -- doing -------------------------------------------------------------------------------------------------

    def carry_out(self, work: UnitOfWork) -> None:
        for action, table, row in self.actions:
            if action == "insert":
                work.insert(table, row)
            elif action == "revive":
                work.revive(table, row["id"], row)
            else:
                work.update(table, row["id"], row)
        for source in self.new_texts:
            self._put_text(work, source)
        for table, id in self.retires:
            work.retire(table, id)
        before = self.state["differences"] if self.state else {}
        kept = {id: d for id, d in before.items() if not any(id.startswith(gone) for gone in self.settled)}
        state = {
            "member": self.mark.member, "at": work.at, "chain": self.there.chain,
            "n": (self.state["n"] if self.state else 0) + 1, "differences": kept | self.listed,
        }  # fmt: skip
        put_setting(work, _STATE + self.mark.id, json.dumps(state, ensure_ascii=False))
        put_setting(work, f"{_STATE}{self.mark.id}.{work.seq}", json.dumps(self._when()))
        n = sum(self.came.values()) + len(self.changed) + len(self.retires)
        work.ids = {"member": self.mark.member, "copy": self.mark.id, "n": n}

    def _when(self) -> list[tuple[str, str, list[str]]]:
        """Who last worked on each row that came or was changed, when: an operation here has only its own time."""
        found: dict[tuple[str, str], list[str]] = {}
        for key in [*self.fresh, *self.changed]:
            if change := self._changes.get(key):
                found.setdefault((change.member, change.at), []).append(":".join(key))
        return [(member, at, keys) for (member, at), keys in found.items()]

    def _put_text(self, work: UnitOfWork, source: str) -> None:
        held = [row for (id, _), row in self.there.digests.items() if id == source]
        work.insert_only("source_text", held)
        work.insert_only("text_edit", self.there.edits.get(source, []))
        speakers = self.here.rows("speaker")
        rows = [
            {**turn, "speaker": turn["speaker"] if turn["speaker"] in speakers else None}
            for turn in self.there.turns[source]
        ]
        texts.put(work, rows)


_TOLD = ("source", "unit", "placement", "memo", "code_group", "subgroup", "condensate", "category")


def _same(group: tuple[str, ...], a: Sequence[Any], b: Sequence[Any]) -> bool:
    """A unit's place is where it stands; the digest follows from that."""
    return tuple(a[1:3]) == tuple(b[1:3]) if group == _PLACE else tuple(a) == tuple(b)


# -- differences, told -------------------------------------------------------------------------------------


def _name_of(here: _Here, member: str) -> str:
    row = here.find("member", member)
    return str(row["name"]) if row else ""


def _views(
    here: _Here, copy: str, listed: Mapping[str, Row], foreign: Foreign | None = None
) -> list[Difference]:
    found = []
    for id, d in listed.items():
        row = here.find(d["table"], d["row"])
        standing = row is not None and row["retired"] is None
        fields = tuple(d["fields"])
        mine = {c: v for c, v in (row or {}).items() if not fields or c in fields} if standing else {}
        if d["kind"] == "changed" and standing and _same(fields, _of(mine, fields), _of(d["there"], fields)):
            continue
        if (d["kind"] == "taken_out_there") != standing and d["kind"] in (
            "taken_out_here", "taken_out_there", "rests_on_gone",
        ) and not fields:  # fmt: skip
            continue
        if d["kind"] == "words_gone" and standing and not fields:
            continue
        who = _name_of(here, d["who"])
        if not who and foreign is not None:
            who = foreign.rows["member"].get(d["who"], {"name": ""})["name"]
        placed = d["kind"] == "changed" and d["table"] == "placement"
        says = t(
            f"copies.difference.{'placed' if placed else d['kind']}",
            about=_about(here, d["table"], {**d["there"], **(row or {})}), who=who, turn=d["there"].get("turn", ""),
        )  # fmt: skip
        rev = row["rev"] if row else None
        found.append(
            Difference(
                id, copy, d["kind"], d["table"], d["row"], fields, mine, d["there"], who, d["at"], rev, says
            )
        )
    return found


def _about(here: _Here, table: str, row: Mapping[str, Any]) -> str:
    """What a difference is about, in a few words."""
    if table in ("unit", "placement", "impression"):
        unit = here.find("unit", row["unit"]) if table == "placement" else row
        source = here.find("source", unit["source"]) if unit else None
        return t(f"copies.about.{table}", name=source["title"] if source else "")
    if table == "condensate":
        subgroup = here.find("subgroup", row.get("subgroup", ""))
        return t("copies.about.condensate", name=subgroup["name"] if subgroup else "")
    if table == "memo":
        return t("copies.about.memo")
    name = next((row[c] for c in ("name", "heading", "title", "label", "pseudonym") if row.get(c)), "")
    return t("copies.about.named", name=name) if name else t("copies.about.other")


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
        here = _Here(work.connection)
        state = _states(work.connection).get(copy)
        if state is None:
            raise Refused("copies.unknown")
        now = {d.id: d for d in _views(here, copy, state["differences"])}
        left: list[tuple[Difference, str]] = []
        # What others rest on first, so that bringing a unit back lets its placement come back too.
        order = {table: n for n, table in enumerate(here.shapes)}
        wanted = [d for d in (now.values() if chosen is None else chosen) if d.id in now]
        done, settling = 0, _Settling(ctx, work, here)
        for d in sorted(wanted, key=lambda d: order[d.table]):
            why = None
            if side == "there":
                if now[d.id].rev != d.rev or dict(now[d.id].here) != dict(d.here):
                    why = "copies.left.changed_since"
                else:
                    why = settling.take(now[d.id])
            if why is None:
                done += 1
                del state["differences"][d.id]
            else:
                left.append((d, t(why)))
        work.ids = {"member": state["member"], "copy": copy, "n": done}
        for id in state["differences"].keys() - now.keys():  # they have come to be the same
            del state["differences"][id]
        put_setting(work, _STATE + copy, json.dumps(state, ensure_ascii=False))
        return Settled(done, tuple(left))


class _Settling:
    """Takes the other side of one difference; returns None, or the id of the sentence why it cannot be."""

    def __init__(self, ctx: Context, work: UnitOfWork, here: _Here) -> None:
        self.ctx, self.work, self.here = ctx, work, here

    def take(self, d: Difference) -> str | None:
        match d.kind:
            case "text":
                return "copies.left.by_hand"
            case "words_gone":
                return "copies.left.words_gone"
            case "taken_out_there":
                why = self._take_out(d.table, d.row, d.there)
                self.here.read_again()
                return why
            case _ if d.fields:
                return self._change(d)
            case _:
                return self._bring(d.table, d.row, dict(d.there))

    def _change(self, d: Difference) -> str | None:
        row = self.here.live(d.table, d.row)
        if row is None:
            return "copies.left.gone"
        changes = self._stood(d.table, {**row, **d.there})
        if changes is None:
            return "copies.left.rests_on_gone"
        changes = {c: changes[c] for c in d.fields}
        new = {**row, **changes}
        if self.here.clash(d.table, new) is not None or not self._tag_is_free(new, d):
            return "copies.left.there_already"
        if not all(self.here.live("unit", u) for u in embedded_units(str(changes.get("analytic_text", "")))):
            return "copies.left.rests_on_gone"
        self.work.update(d.table, d.row, changes)
        self._see(d.table, d.row)
        if d.table == "placement" and new["subgroup"] != row["subgroup"]:
            release_from_group(self.work, {row["unit"]}, row["code_group"])
            self.here.read_again()
        return None

    def _see(self, table: str, id: str) -> None:
        row = self.work.find(table, id)
        assert row is not None
        self.here.put(table, row)

    def _revive(self, table: str, id: str, changes: Row) -> None:
        self.work.revive(table, id, changes)
        self._see(table, id)

    def _tag_is_free(self, row: Row, d: Difference) -> bool:
        return d.fields != ("tag",) or all(
            o["tag"] != row["tag"] or o["id"] == row["id"] for o in self.work.live("code_group")
        )

    def _bring(self, table: str, id: str, there: Row) -> str | None:
        """Bring a row in, or back; what it rests on that was taken out here comes back as it was, but no source."""
        back: dict[Key, Row] = {}
        row = self._stood(table, there, back)
        if row is not None and table == "cover":
            condensate = self.here.live("condensate", row["condensate"])
            if condensate and not self.here.is_in(row["unit"], condensate["subgroup"]):
                row = None
        if row is None:
            return "copies.left.rests_on_gone"
        if self.here.clash(table, row) is not None:
            return "copies.left.there_already"
        for key, content in back.items():
            self._revive(*key, content)
        was = self.here.find(table, id)
        row = {c: row[c] for c in self.here.shapes[table].columns}
        if was is None:
            self.work.insert(table, row)
            self._see(table, id)
            return None
        if was["retired"] is None:  # it has come back with what it rests on
            self.work.update(table, id, row)
            self._see(table, id)
            return None
        self._revive(table, id, row)
        if table == "unit":  # its placements and comments went with it, and come back with it
            for other in ("placement", "memo", "code_tag"):
                column = "item" if other == "memo" else "unit"
                for r in list(self.here.rows(other).values()):
                    if r[column] == id and r["retired"] == was["retired"] and self._may_return(other, r):
                        self._revive(other, r["id"], {})
        return None

    def _may_return(self, table: str, row: Row) -> bool:
        return self.here.clash(table, row) is None and all(
            row[c] is None or target in ("member", "item", "unit") or self.here.live(target, row[c])
            for c, target in self.here.shapes[table].references
        )

    def _stood(self, table: str, there: Row, back: dict[Key, Row] | None = None) -> Row | None:
        """A row in this side's terms as they are now. With `back`, what it needs and was taken out may come back,
        and is added there with what it is to be."""
        row = dict(there)
        if table == "unit" and not self._carry(row):
            return None
        if table == "placement":
            row["code_group"] = self.here.standing(row["code_group"]) or row["code_group"]
            if row["subgroup"] and (subgroup := self.here.live("subgroup", row["subgroup"])):
                row["code_group"] = subgroup["code_group"]
        for column, target in self.here.shapes[table].references:
            value = row.get(column)
            if value is None or target == "member" or column not in row:
                continue
            kind = self.here.kinds.get(value, "") if target == "item" else target
            found = self.here.find(kind, value) if kind in self.here.shapes else None
            if found is not None and found["retired"] is None:
                continue
            if column in self.here.shapes[table].optional:
                row[column] = None
                continue
            if found is None or back is None or kind == "source":
                return None
            if (kind, value) in back:
                continue
            again = self._stood(kind, found, back)
            if again is None or self.here.clash(kind, again) is not None:
                return None
            if kind == "code_group":
                taken = {g["tag"] for g in self.work.live("code_group")}
                again["tag"] = again["tag"] if again["tag"] not in taken else make_tag(again["name"], taken)
            back[kind, value] = {c: again[c] for c in self.here.shapes[kind].columns}
        return row

    def _carry(self, row: Row) -> bool:
        """Let a unit's place be in the text that stands now."""
        source = self.here.live("source", row["source"])
        if source is None:
            return False
        if row["text_rev"] != source["text_rev"]:
            place = correcting.carry_over(
                self.work.connection, row["source"], row["text_rev"], row["start"], row["end"]
            )
            if place is None:
                return False
            row |= {"text_rev": source["text_rev"], "start": place[0], "end": place[1]}
        words = queries.span_text(
            self.work.connection, row["source"], row["text_rev"], row["start"], row["end"]
        )
        if words is None or not words.strip():
            return False
        row["mac"] = self.ctx.store.mac(words)
        return True

    def _take_out(self, table: str, id: str, there: Mapping[str, Any]) -> str | None:
        row = self.here.live(table, id)
        if row is None:
            return None
        work = self.work
        resting = self.here.resting_on()
        # What goes along with a row, and what only lets go of it.
        along = {
            "unit": {"placement", "memo", "code_tag", "cover"}, "condensate": {"cover", "memo"},
            "category": {"recontext", "matrix_phrase", "memo"}, "code_group": {"theme_origin", "memo"},
            "prelim_theme": {"theme_origin"}, "code": {"code_tag"}, "source": {"speaker", "reading"},
        }.get(table, {"memo"})  # fmt: skip
        loose = {"unit": "condensate", "subgroup": "placement"}.get(table)
        others = resting.get((table, id), [])
        if any(other not in along and other != loose for other, _ in others):
            return "copies.left.group_in_use" if table == "code_group" else "copies.left.in_use"
        if any(resting.get(key) for key in others if key[0] in along):
            return "copies.left.in_use"
        if table == "unit":
            for p in work.live("placement", unit=id):
                release_from_group(work, {id}, p["code_group"])
            codebooks.release_unit(work, id)
        elif table == "placement":
            release_from_group(work, {row["unit"]}, row["code_group"])
        for other, key in others:
            held = work.find(other, key)
            if held is None or held["retired"] is not None:
                continue
            if other in along:
                work.retire(other, key)
            elif other == "placement":
                work.update(other, key, {"subgroup": None})
            elif held["golden_unit"] == id:
                work.update(other, key, {"golden_unit": None})
        if table == "code_group" and self.here.live("code_group", there.get("merged_into")):
            work.update(table, id, {"merged_into": there["merged_into"]})
        work.retire(table, id)
        return None
