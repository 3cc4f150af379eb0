"""Code groups: what they are called and mean, how many units each holds, and how they have changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.domain.errors import Refused
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup
from workbench.domain.roles import Action
from workbench.domain.stc import make_tag
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class GroupCount:
    """A code group with its number of units and the top stakeholder groups heard in it."""

    group: CodeGroup
    units: int
    heard: tuple[str, ...]


def group_counts(conn: Connection) -> list[GroupCount]:
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
    with ctx.store.read() as conn:
        return group_counts(conn)


def insert_code_group(work: UnitOfWork, ctx: Context, name: str, id: str | None = None, **more: Any) -> str:
    if not name.strip():
        raise Refused("code_group.needs_name")
    others = work.live("code_group")
    tag = str(more.pop("tag", "") or "").upper()[:2]
    taken = {o["tag"] for o in others}
    used = {o["colour"] for o in others}
    row = {
        "id": id or ctx.new_id(), "name": name.strip(), "tag": tag if tag and tag not in taken else make_tag(name, taken),
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
    """Add a code group; `grown_from` are the preliminary themes it came out of (history, not evidence)."""
    with ctx.write("add_code_group") as work:
        id = insert_code_group(
            work, ctx, name, tag=tag, definition=definition, include=include, exclude=exclude
        )
        for theme in grown_from:
            work.insert("theme_origin", {"id": ctx.new_id(), "code_group": id, "prelim_theme": theme})
        work.ids = {"code_group": id}
        return id


@requires(Action.ANALYSE)
def change_code_group(
    ctx: Context,
    code_group: str,
    *,
    rev: int,
    name: str,
    definition: str = "",
    include: str = "",
    exclude: str = "",
) -> None:
    if not name.strip():
        raise Refused("code_group.needs_name")
    with ctx.write("change_code_group") as work:
        work.ids = {"code_group": code_group}
        changes = {"name": name.strip(), "definition": definition.strip(), "include": include.strip(),
                   "exclude": exclude.strip()}  # fmt: skip
        work.update("code_group", code_group, changes, rev=rev)


@requires(Action.ANALYSE)
def retire_code_group(ctx: Context, code_group: str) -> None:
    """Take out a code group with its placements and subgroups; its units stay, as leftovers.

    Refused while condensates or a result category rest on it."""
    with ctx.write("retire_code_group") as work:
        work.ids = {"code_group": code_group}
        for table in ("placement", "theme_origin", "subgroup"):
            for row in work.live(table, code_group=code_group):
                work.retire(table, row["id"])
        work.retire("code_group", code_group)
