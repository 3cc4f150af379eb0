"""The coding tree: preliminary themes, the code groups they dissolved into, subgroups and categories, and how it grew.

Preliminary themes are history, not evidence: they stand before the tree, dotted. A code group that was merged or taken
out stays in sight where it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from workbench.domain.coding_tree import (
    CodingTree,
    GoneGroup,
    TreeCategory,
    TreeEvent,
    TreeGroup,
    TreeSubgroup,
    TreeTheme,
)
from workbench.domain.errors import Refused
from workbench.domain.records import Member
from workbench.domain.roles import Action
from workbench.exporters import coding_tree as exporter
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import operations, states
from workbench.store.queries.states import Standing
from workbench.store.unit_of_work import Row

from .code_groups import Lineage, lineage
from .context import Context, requires

__all__ = [
    "CodingTree", "GoneGroup", "TreeCategory", "TreeEvent", "TreeGroup", "TreeSubgroup", "TreeTheme", "coding_tree",
    "tree_file", "tree_picture",
]  # fmt: skip


@requires(Action.READ_SOURCES)
def coding_tree(ctx: Context, *, state: str | None = None) -> CodingTree:
    """The tree as it is now, or as it was in a frozen state of the analysis."""
    with ctx.read() as conn:
        until, at = None, ""
        if state is not None:
            found = queries.live(conn, "analysis_state", id=state)
            if not found:
                raise Refused("error.gone", kind="analysis_state")
            until, at = found[0]["seq"], found[0]["frozen_at"]
        standing = states.as_of(conn, until)
        members = {m.id: m.name for m in queries.records(conn, Member)}
        told = {r["member"] for r in queries.live(conn, "submission")} | {ctx.member.id}
        went = states.gone_groups(conn, until)
        renamed = _renamed(conn, "subgroup", until)
    live = standing.rows["code_group"]
    events = {
        id: [e for x in lineage(ctx, id) if not at or x.at <= at for e in _event(x)]
        for id in (*live, *(g["id"] for g in went))
    }
    gone = _gone(went, live, events)
    return CodingTree(
        _themes(standing, members, told),
        tuple(_group(g, standing, renamed, events[g["id"]], gone) for g in _ordered(live.values())),
        tuple(g for g in gone if g.into is None),
    )


def _ordered(rows: Iterable[Row], name: str = "name") -> list[Row]:
    return sorted(rows, key=lambda r: (r["position"], r[name]))


def _event(step: Lineage) -> list[TreeEvent]:
    """The few things of a code group's lineage that a tree shows."""
    if step.kind == "name":
        return [TreeEvent(step.at, step.who, "renamed", was=step.was)]
    if step.kind == "split_from":
        return [TreeEvent(step.at, step.who, "split_from", name=step.name, n=step.n)]
    return []


def _renamed(conn: Connection, table: str, until: int | None) -> dict[str, list[TreeEvent]]:
    undone = operations.undone(conn)
    found: dict[str, list[TreeEvent]] = {}
    for r in states.renamings(conn, table):
        if r.op not in undone and (until is None or r.op <= until):
            found.setdefault(r.id, []).append(TreeEvent(r.at, r.who, "renamed", was=r.was))
    return found


def _gone(
    went: Iterable[Row], live: Mapping[str, Row], events: Mapping[str, list[TreeEvent]]
) -> list[GoneGroup]:
    """Each with the live code group that has its units by now, through all merges."""
    onward = {g["id"]: g["merged_into"] for g in went}
    found = []
    for g in went:
        into = g["merged_into"]
        while into is not None and into not in live:
            into = onward.get(into)
        n = g["n"] if g["merged_into"] else 0
        found.append(GoneGroup(g["id"], g["name"], g["at"], g["who"], into, n, tuple(events[g["id"]])))
    return found


def _group(
    row: Row,
    standing: Standing,
    renamed: Mapping[str, list[TreeEvent]],
    events: list[TreeEvent],
    gone: list[GoneGroup],
) -> TreeGroup:
    id, rows = row["id"], standing.rows
    placed = [p for p in rows["placement"].values() if p["code_group"] == id and p["set_aside"] is None]
    inside = [p["subgroup"] for p in placed if p["subgroup"]]
    written = [c["subgroup"] for c in rows["condensate"].values()]
    subgroups = tuple(
        TreeSubgroup(
            s["id"], s["name"], inside.count(s["id"]), written.count(s["id"]), tuple(renamed.get(s["id"], ()))
        )
        for s in _ordered(s for s in rows["subgroup"].values() if s["code_group"] == id)
    )
    category = next((c for c in rows["category"].values() if c["code_group"] == id), None)
    return TreeGroup(
        id, row["name"], row["tag"], row["colour"], len(placed), len(placed) - len(inside), subgroups,
        TreeCategory(category["id"], category["heading"], category["status"] == "ready") if category else None,
        tuple(events), tuple(g for g in gone if g.into == id),
    )  # fmt: skip


def _themes(standing: Standing, members: Mapping[str, str], told: Collection[str]) -> tuple[TreeTheme, ...]:
    """The agreed list, and of the members' own those that a code group grew from; the others wait until they are
    agreed on, and are nobody else's to see. Nor is what a member not among `told` has not submitted, or has taken
    back."""
    themes, live = standing.rows["prelim_theme"], standing.rows["code_group"]
    order = {g["id"]: n for n, g in enumerate(_ordered(live.values()))}
    grown: dict[str, list[str]] = {}
    for o in standing.rows["theme_origin"].values():
        if o["code_group"] in live:
            grown.setdefault(o["prelim_theme"], []).append(o["code_group"])
    found = []
    for theme in themes.values():
        agreed = theme["member"] is None
        if not agreed and (theme["id"] not in grown or theme["member"] not in told):
            continue
        own = [x for x in themes.values() if x["agreed_into"] == theme["id"]] if agreed else [theme]
        own = [x for x in own if x["member"] in told]
        groups = tuple(sorted(grown.get(theme["id"], ()), key=order.__getitem__))
        named = tuple((x["title"], members.get(x["member"], "")) for x in own)
        found.append(TreeTheme(theme["id"], theme["title"], agreed, named, groups))
    return tuple(found)


# -- as a picture ------------------------------------------------------------------------------------------------


def _title(ctx: Context, state: str | None) -> str:
    with ctx.read() as conn:
        label = (
            next((s["label"] for s in queries.live(conn, "analysis_state", id=state)), "") if state else ""
        )
        name = queries.setting(conn, "name")
    return t("tree.of_state", name=name, label=label) if label else t("tree.of", name=name)


@requires(Action.READ_SOURCES)
def tree_picture(ctx: Context, tree: CodingTree) -> str:
    """The tree as an SVG for a page of the app."""
    return exporter.tree_svg(tree, page=True)


@requires(Action.EXPORT_ANALYSIS)
def tree_file(ctx: Context, *, state: str | None = None) -> bytes:
    """The tree as an SVG file on white, kept as something that has left."""
    tree = coding_tree(ctx, state=state)
    parts = [x.id for x in tree.themes] + [g.id for g in tree.groups]
    parts += [g.category.id for g in tree.groups if g.category]
    data = exporter.tree_svg(tree, title=_title(ctx, state)).encode()
    return ctx.keep_release("coding_tree", data, [*parts, *([state] if state else [])])
