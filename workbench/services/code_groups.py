"""Code groups: what they are called and mean, how many units each holds, and how they have changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.domain.errors import Refused
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup
from workbench.domain.roles import Action
from workbench.domain.stc import make_tag
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import code_groups as history
from workbench.store.queries import operations
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires

COLOURS = 24  # twelve, and the same twelve hatched


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A code group with its number of units and the top stakeholder groups heard in it."""

    group: CodeGroup
    units: int
    heard: tuple[str, ...]


def group_counts(conn: Connection) -> list[GroupCount]:
    """Code groups in their order with what each holds."""
    groups, people = queries.groups(conn), queries.participants(conn)
    sizes = queries.marks.group_sizes(conn)
    heard: dict[str, dict[str, None]] = {}
    for code_group, participant in queries.marks.group_speakers(conn):
        person = people.get(participant)
        top = top_group(person.stakeholder_group, groups) if person and person.kind == "informant" else None
        if top:
            heard.setdefault(code_group, {})[top] = None
    order = list(groups)
    return [
        GroupCount(g, sizes.get(g.id, 0), tuple(sorted(heard.get(g.id, ()), key=order.index)))
        for g in queries.records(conn, CodeGroup, order="position, name")
    ]


@requires(Action.READ_SOURCES)
def code_group_counts(ctx: Context) -> list[GroupCount]:
    """Code groups in their order with what each holds."""
    with ctx.read() as conn:
        return group_counts(conn)


@requires(Action.READ_SOURCES)
def count_unplaced(ctx: Context) -> int:
    """Units without a code group, in the whole project."""
    with ctx.read() as conn:
        return queries.marks.counts(conn)[1]


# -- adding and changing -------------------------------------------------------------------------------


def insert_code_group(work: UnitOfWork, ctx: Context, name: str, id: str | None = None, **more: Any) -> str:
    """Within an operation: a code group after those there are, in a colour and with a tag of its own; returns its id.

    `more` are further columns; a `tag` that is taken, or is not two letters, gives way to one made from the name."""
    if not name.strip():
        raise Refused("code_group.needs_name")
    others = work.live("code_group")
    tag = str(more.pop("tag", "") or "").upper()[:2]
    taken = {o["tag"] for o in others}
    if not _is_tag(tag) or tag in taken:
        tag = make_tag(name, taken)
    used = {o["colour"] for o in others}
    row = {
        "id": id or ctx.new_id(), "name": name.strip(), "tag": tag,
        # The next colour in the palette's order: each is the farthest from those before it.
        "colour": next((c for c in range(len(others) + 1) if c not in used), len(others)),
        "position": work.next_position("code_group"),
        "definition": "", "include": "", "exclude": "", **more,
    }  # fmt: skip
    return work.insert("code_group", row)


@requires(Action.ANALYSE)
def add_code_group(
    ctx: Context,
    *,
    name: str,
    tag: str = "",
    definition: str = "",
    include: str = "",
    exclude: str = "",
    grown_from: Sequence[str] = (),
) -> str:
    """Add a code group; `grown_from` are agreed preliminary themes it came out of (history, not evidence): what is
    only one analyst's own may not be submitted yet, and its title is told with the group."""
    with ctx.write("add_code_group") as work:
        id = insert_code_group(
            work, ctx, name, tag=tag, definition=definition, include=include, exclude=exclude
        )
        for theme in grown_from:
            if work.get("prelim_theme", theme)["member"] is not None:
                raise Refused("theme.not_agreed")
            work.insert("theme_origin", {"id": ctx.new_id(), "code_group": id, "prelim_theme": theme})
        work.ids = {"code_group": id}
        return id


@requires(Action.ANALYSE)
def change_code_group(
    ctx: Context,
    code_group: str,
    *,
    rev: int,
    name: str | None = None,
    definition: str | None = None,
    include: str | None = None,
    exclude: str | None = None,
    tag: str | None = None,
    colour: int | None = None,
    note: str = "",
) -> None:
    """Change what is given; None leaves a field as it is.

    `colour` is 0-11, and 12-23 for the same hatched; `tag` two letters that no other code group has."""
    texts = {"name": name, "definition": definition, "include": include, "exclude": exclude}
    changes: dict[str, Any] = {field: typed.strip() for field, typed in texts.items() if typed is not None}
    if changes.get("name") == "":
        raise Refused("code_group.needs_name")
    if colour is not None:
        if colour not in range(COLOURS):
            raise Refused("code_group.unknown_colour")
        changes["colour"] = colour
    with ctx.write("change_code_group") as work:
        work.ids = {"code_group": code_group}
        if tag is not None:
            changes["tag"] = _checked_tag(work, code_group, tag)
        work.update("code_group", code_group, changes, rev=rev)
        if work.has_changes:
            work.reason(note)


def _is_tag(tag: str) -> bool:
    return len(tag) == 2 and tag.isalpha()


def _checked_tag(work: UnitOfWork, code_group: str, typed: str) -> str:
    tag = typed.strip().upper()
    if not _is_tag(tag):
        raise Refused("code_group.tag_letters")
    for other in work.live("code_group", tag=tag):
        if other["id"] != code_group:
            raise Refused("code_group.tag_taken", tag=tag, name=other["name"])
    return tag


@requires(Action.ANALYSE)
def order_code_groups(ctx: Context, ids: Sequence[str]) -> None:
    """Put code groups in this order; those not named come after, as they stood."""
    with ctx.write("order_code_groups") as work:
        groups = {
            g["id"]: g for g in sorted(work.live("code_group"), key=lambda g: (g["position"], g["name"]))
        }
        order = [id for id in dict.fromkeys(ids) if id in groups]
        order += [id for id in groups if id not in set(order)]
        work.ids = {"n": len(order)}
        for position, id in enumerate(order, 1):
            work.update("code_group", id, {"position": position})


@requires(Action.ANALYSE)
def retire_code_group(ctx: Context, code_group: str, *, note: str = "") -> None:
    """Take out a code group with its placements and subgroups; its units stay, as leftovers.

    Refused while condensates or a result category rest on it."""
    with ctx.write("retire_code_group") as work:
        work.ids = {"code_group": code_group}
        work.get("code_group", code_group)
        if work.live("category", code_group=code_group):
            raise Refused("code_group.has_theme")
        subgroups = work.live("subgroup", code_group=code_group)
        if any(work.live("condensate", subgroup=s["id"]) for s in subgroups):
            raise Refused("code_group.has_condensates")
        for table in ("placement", "theme_origin", "subgroup"):
            for row in work.live(table, code_group=code_group):
                work.retire(table, row["id"])
        for memo in work.live("memo", item=code_group):
            work.retire("memo", memo["id"])
        work.retire("code_group", code_group)
        work.reason(note)


def release_from_group(work: UnitOfWork, units: Collection[str], code_group: str) -> None:
    """Untick units in the condensates of a code group they leave, and let go of them as golden quotes."""
    for subgroup in work.live("subgroup", code_group=code_group) if units else ():
        for c in work.live("condensate", subgroup=subgroup["id"]):
            for v in work.live("cover", condensate=c["id"]):
                if v["unit"] in units:
                    work.retire("cover", v["id"])
            if c["golden_unit"] in units:
                work.update("condensate", c["id"], {"golden_unit": None})


# -- merging -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MergeImpact:
    """What merging a code group into another would move, counted before it is done."""

    units: int  # placed in the group that goes
    in_both: int  # of these, already in the other
    subgroups: int  # that move along
    condensates: int  # that move along
    released: int  # units in both that stand in a subgroup on either side: they keep the other's
    theme: str  # "": none · "moves": goes along · "clash": both have one, so merging is refused


def _released(mine: Iterable[Row], theirs: dict[str, Row]) -> set[str]:
    """Units that stand in a subgroup of both groups: the place in the group that stays is the one they keep."""
    return {
        p["unit"] for p in mine
        if p["subgroup"] and p["unit"] in theirs and theirs[p["unit"]]["subgroup"]
    }  # fmt: skip


@requires(Action.READ_SOURCES)
def merge_impact(ctx: Context, code_group: str, into: str) -> MergeImpact:
    """What `merge_code_groups` would do."""
    with ctx.read() as conn:
        mine = queries.live(conn, "placement", code_group=code_group)
        theirs = {p["unit"]: p for p in queries.live(conn, "placement", code_group=into)}
        subgroups = {s["id"] for s in queries.live(conn, "subgroup", code_group=code_group)}
        themes = [bool(queries.live(conn, "category", code_group=g)) for g in (code_group, into)]
        return MergeImpact(
            units=len(mine),
            in_both=sum(p["unit"] in theirs for p in mine),
            subgroups=len(subgroups),
            condensates=sum(c["subgroup"] in subgroups for c in queries.live(conn, "condensate")),
            released=len(_released(mine, theirs)),
            theme="clash" if all(themes) else "moves" if themes[0] else "",
        )


@requires(Action.ANALYSE)
def merge_code_groups(ctx: Context, code_group: str, *, into: str, note: str = "") -> None:
    """Move everything in a code group into another, and take it out; where it went stays known.

    Subgroups move along with their condensates. A unit that is in both keeps its place in `into`; where that was
    left over or set aside, it takes the other's. A result category goes along if `into` has none; refused when
    both have one."""
    if code_group == into:
        raise Refused("code_group.same")
    with ctx.write("merge_code_groups") as work:
        work.get("code_group", code_group)
        work.get("code_group", into)
        mine = work.live("placement", code_group=code_group)
        theirs = {p["unit"]: p for p in work.live("placement", code_group=into)}
        work.ids = {"code_group": into, "merged": code_group, "n": len(mine)}
        _merge_themes(work, code_group, into)
        release_from_group(work, _released(mine, theirs), code_group)
        position = work.next_position("subgroup", code_group=into)
        for n, s in enumerate(
            sorted(work.live("subgroup", code_group=code_group), key=lambda s: s["position"])
        ):
            work.update("subgroup", s["id"], {"code_group": into, "position": position + n})
        for p in mine:
            other = theirs.get(p["unit"])
            if other is None:
                work.update("placement", p["id"], {"code_group": into})
                continue
            work.retire("placement", p["id"])
            if not other["subgroup"] and not p["set_aside"]:
                work.update("placement", other["id"], {"subgroup": p["subgroup"], "set_aside": None})
        grown = {o["prelim_theme"] for o in work.live("theme_origin", code_group=into)}
        for o in work.live("theme_origin", code_group=code_group):
            if o["prelim_theme"] in grown:
                work.retire("theme_origin", o["id"])
            else:
                work.update("theme_origin", o["id"], {"code_group": into})
        for memo in work.live("memo", item=code_group):
            work.update("memo", memo["id"], {"item": into})
        work.update("code_group", code_group, {"merged_into": into})
        work.retire("code_group", code_group)
        work.reason(note)


def _merge_themes(work: UnitOfWork, code_group: str, into: str) -> None:
    found = work.live("category", code_group=code_group)
    if found and work.live("category", code_group=into):
        raise Refused("code_group.both_have_themes")
    for category in found:
        work.update("category", category["id"], {"code_group": into})


def standing(work: UnitOfWork, code_group: str) -> str | None:
    """The code group itself, or the one it has been merged into by now; None where it has been taken out."""
    row = work.find("code_group", code_group)
    while row is not None and row["retired"] is not None:
        row = work.find("code_group", row["merged_into"]) if row["merged_into"] else None
    return str(row["id"]) if row else None


# -- splitting -----------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def split_code_group(
    ctx: Context,
    code_group: str,
    *,
    units: Collection[str] = (),
    subgroups: Collection[str] = (),
    name: str,
    note: str = "",
) -> str:
    """Move units, or whole subgroups with their condensates, to a new code group; returns its id.

    Units chosen by themselves leave their subgroup, and the condensates that held them. The result category
    stays with the code group it was written for."""
    with ctx.write("split_code_group") as work:
        work.get("code_group", code_group)
        whole = {s["id"] for s in work.live("subgroup", code_group=code_group)} & set(subgroups)
        wanted = set(units)
        placements = work.live("placement", code_group=code_group)
        moved = [p for p in placements if p["unit"] in wanted or p["subgroup"] in whole]
        if not moved and not whole:
            raise Refused("code_group.nothing_to_split")
        id = insert_code_group(work, ctx, name)
        work.ids = {"code_group": id, "from": code_group, "n": len(moved)}
        alone = {p["unit"] for p in moved if p["subgroup"] not in whole}
        release_from_group(work, alone, code_group)
        for n, s in enumerate(sorted(whole), 1):
            work.update("subgroup", s, {"code_group": id, "position": n})
        for p in moved:
            changes = {"code_group": id} | ({"subgroup": None} if p["unit"] in alone else {})
            work.update("placement", p["id"], changes)
        work.reason(note)
        return id


# -- lineage -------------------------------------------------------------------------------------------

_LONG = ("definition", "include", "exclude")
_TOLD = ("name", "tag", *_LONG)  # colour and order are not what a group is


@dataclass(frozen=True, slots=True)
class Lineage:
    """One thing that happened to a code group: when, by whom, what it was before and became.

    `kind`: added · name · tag · definition · include · exclude · merged_from · merged_into · split_from ·
    split_into · grown_from (a preliminary theme) · retired. `name` is the other group's, or the theme's; `was`
    for merged_from what that group was about."""

    at: str
    who: str
    kind: str
    was: str = ""
    now: str = ""
    name: str = ""
    n: int = 0  # units moved by a merge or a split
    note: str = ""


@requires(Action.READ_SOURCES)
def lineage(ctx: Context, code_group: str) -> list[Lineage]:
    """How a code group came to be what it is, oldest first. What was undone, or has been erased, is left out."""
    with ctx.read() as conn:
        gone = operations.undone(conn)
        found: list[tuple[int, Lineage]] = []
        for change in history.changes_of(conn, code_group):
            if _stands(change, gone):
                found += [(change["op"], step) for step in _steps(conn, change)]
        for change in history.kin_of(conn, code_group):
            if _stands(change, gone):
                merged = change["verb"] == "merge_code_groups"
                image = json.loads(change["after"])
                kind, was = ("merged_from", image["definition"]) if merged else ("split_into", "")
                step = _step(change, kind, name=image["name"], was=was)
                if merged == image["retired"]:  # of a split, the new group; of a merge, the one that went
                    found.append((change["op"], step))
        for change in history.themes_of(conn, code_group):
            found.append((change["op"], _step(change, "grown_from", name=change["title"])))
        found.sort(key=lambda pair: pair[0])
        return _together([step for _, step in found])


def _stands(change: Row, gone: Collection[int]) -> bool:
    erased = change["before"] is None and change["after"] is None
    return change["nature"] == "do" and change["op"] not in gone and not erased


def _step(change: Row, kind: str, **more: Any) -> Lineage:
    n = json.loads(change["ids_json"]).get("n", 0) if kind.startswith(("merged", "split")) else 0
    return Lineage(change["at"], change["who"] or "", kind, n=n, note=change["note"] or "", **more)


def _steps(conn: Connection, change: Row) -> list[Lineage]:
    """What one change of the group's own row was; nothing for its colour and its place in the list."""
    after = json.loads(change["after"])
    if change["before"] is None:
        if change["verb"] == "split_code_group":
            parent = json.loads(change["ids_json"])["from"]
            return [_step(change, "split_from", now=after["name"], name=_name(conn, parent))]
        return [_step(change, "added", now=after["name"])]
    before = json.loads(change["before"])
    if after["retired"] and not before["retired"]:
        if after.get("merged_into"):
            return [_step(change, "merged_into", name=_name(conn, after["merged_into"]))]
        return [_step(change, "retired")]
    return [_step(change, f, was=before[f], now=after[f]) for f in _TOLD if before[f] != after[f]]


def _name(conn: Connection, code_group: str) -> str:
    return operations.object_name(conn, {"code_group": code_group})


def _together(steps: list[Lineage]) -> list[Lineage]:
    """A long field keeps itself while one writes: what one person did to it on one day is one step."""
    found: list[Lineage] = []
    for step in steps:
        same = [i for i, e in enumerate(found) if e.kind == step.kind in _LONG]
        first = found[same[-1]] if same else None
        if first is None or first.note or step.note or (first.who, first.at[:10]) != (step.who, step.at[:10]):
            found.append(step)
            continue
        found.pop(same[-1])
        if first.was != step.now:
            found.append(replace(step, was=first.was))
    return found
