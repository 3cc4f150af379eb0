"""What an act would put in doubt, said before it is done: trust, computed on the graph as it would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.roles import Action
from workbench.domain.trust import (
    Graph,
    compute,
    deep_support,
    rewording,
    unlinking,
    withdrawing,
    without,
)
from workbench.language import day, t, tn
from workbench.store.connection import Connection
from workbench.store.queries import trust as reads

from .context import Context, requires
from .trust import failing_musts, trust_of

ACTS = ("retire", "merge", "reword", "withdraw", "take_out", "unlink")
MOST_NAMED = 4
Item = tuple[str, str, str, str, str]  # (id, kind, key, label, direct | distant)


@dataclass(frozen=True, slots=True)
class Impact:
    """`items`: what would come in doubt itself (direct) or by what it rests on (distant), decisions and the latest
    version among them. `must_losing`: (id, key) of Musts that nothing would hold up any more. `sent`: (kind, date)
    of files that have left with it. Empty where nothing would happen."""

    sentences: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    must_losing: tuple[tuple[str, str], ...] = ()
    sent: tuple[tuple[str, str], ...] = ()


def _after(conn: Connection, graph: Graph, act: str, item: str, into: str | None) -> tuple[Graph, set[str]]:
    """(the graph as it would be, the things the act is about)."""
    kind = reads.kind_of_any(conn, item)
    if kind == "link" or act == "unlink":
        found = reads.link(conn, item)
        return (unlinking(graph, *found), set()) if found else (graph, set())
    about = {item}
    if kind in ("participant", "source"):
        about |= reads.units_of(conn, kind, item)
    if act == "withdraw":
        return withdrawing(graph, about - {item} if kind != "unit" else about), about
    if act == "reword":
        return rewording(graph, item), about
    if act == "merge" and into is not None:
        return _merged(conn, graph, kind, item, into), about
    if kind == "code_group" and (theme := reads.theme_of(conn, item)):
        about.add(theme)
    return without(graph, about), about


def _merged(conn: Connection, graph: Graph, kind: str, item: str, into: str) -> Graph:
    if kind != "code_group":
        return without(graph, {item}, replaced_by=into)
    # The units go over; a theme of the one goes along where the other has none.
    theme = reads.theme_of(conn, into) or reads.theme_of(conn, item)
    if theme is None:
        return graph
    came = {("gathers", u, "supports") for g in (item, into) for u in reads.units_of(conn, "code_group", g)}
    steps = {**graph.steps, theme: graph.steps.get(theme, frozenset()) | came}
    return Graph(graph.kinds, graph.prints, steps, graph.withdrawn)


def find_impact(conn: Connection, act: str, item: str, into: str | None = None) -> Impact:
    if act not in ACTS:
        raise ValueError(act)
    graph = reads.graph(conn)
    after, about = _after(conn, graph, act, item, into)
    sent = tuple(reads.released(conn, about)) if about else ()
    if after is graph and not sent:
        return Impact()
    before, made = trust_of(conn, graph), reads.reviews(conn)
    states = compute(after, made, failing_musts(conn, after))
    found: list[Item] = []
    for id, state in states.items():
        was = before.of(id)
        more = {(c.kind, c.item) for c in state.causes} - {(c.kind, c.item) for c in was.causes}
        if id in about or not state.is_doubted or (state.state == was.state and not more):
            continue
        kind, label = before.names[id]
        near = "distant" if state.state == "distant" else "direct"
        found.append((id, kind, label if kind == "requirement" else "", label, near))
    order = {"requirement": 0, "category": 1, "component": 2}
    found.sort(key=lambda i: (i[4] == "distant", order[i[1]], i[3]))
    direct = {i[0] for i in found if i[4] == "direct"} | (about if made else set())
    found += [
        (id, "decision", key, key, "direct") for id, key, seen in reads.decided_on(conn) if seen & direct
    ]
    version, touched = reads.last_version(conn), {i[0] for i in found} | (about if made else set())
    if version and touched & set(version.items):
        found.append((version.id, "version", "", version.label, "distant"))
    musts = {
        id for id, r in reads.requirements(conn).items()
        if r.moscow == "must" and r.status not in ("parked", "rejected")
    }  # fmt: skip
    losing = sorted(
        (musts & deep_support(graph)) - deep_support(after) - about, key=lambda i: before.names[i][1]
    )
    must_losing = tuple((id, before.names[id][1]) for id in losing)
    return Impact(_told(act, found, must_losing, sent), tuple(found), must_losing, sent)


def _told(
    act: str, items: Sequence[Item], losing: Sequence[tuple[str, str]], sent: Sequence[tuple[str, str]]
) -> tuple[str, ...]:
    says = []
    if direct := _listed([i for i in items if i[4] == "direct"]):
        says.append(t(f"impact.direct.{act}", what=direct))
    if distant := _listed([i for i in items if i[4] == "distant"]):
        says.append(t("impact.distant" if direct else f"impact.distant.{act}", what=distant))
    for _, key in losing:
        says.append(t("impact.must", key=key))
    if sent:
        newest = sent[0]
        kinds = len(sent)
        says.append(tn("impact.sent", kinds, kind=_file(newest[0]), day=day(newest[1])))
    return tuple(says)


def _file(kind: str) -> str:
    id = f"impact.file.{kind}"
    said = t(id)
    return t("impact.file.other") if said == id else said


def _listed(items: Sequence[Item]) -> str:
    """REQ-004, the theme “…”, 2 components, decision DEC-003: requirements by key, the rest by name while they are few."""
    parts: list[str] = []
    for kind in ("requirement", "category", "component", "decision", "version"):
        mine = [i for i in items if i[1] == kind]
        if len(mine) > MOST_NAMED:
            parts.append(tn(f"impact.n_{kind}", len(mine)))
        else:
            parts += [i[2] if kind == "requirement" else t(f"impact.named.{kind}", name=i[3]) for i in mine]
    return ", ".join(parts)


@requires(Action.READ_THEMES)
def impact_of(ctx: Context, act: str, item: str, into: str | None = None) -> Impact:
    """What retiring, merging (`into`), rewording or withdrawing a thing, taking a source out, or taking a link away
    would put in doubt. Nothing is written. `item` is the id of anything of the trace, of a participant, a code group
    or a link."""
    with ctx.read() as conn:
        return find_impact(conn, act, item, into)
