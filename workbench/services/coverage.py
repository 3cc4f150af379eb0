"""What is held up by what, both ways: themes and ideas that no requirement answers, requirements that nothing holds up
or no component answers, and what is left without an answer on purpose, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Requirement
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import checks as reads

from .context import Context, requires
from .tracing import find_holes

# Kind -> the rule under which "not needed, because" is kept; that of themes is one of the method check.
_RULES = {"category": "theme_unanswered", "idea": "idea_unanswered"}
_LEFT = ("parked", "rejected")  # requirements that nobody is waiting for


@dataclass(frozen=True, slots=True)
class NotNeeded:
    """Why no requirement answers a theme or an idea, by whom and when."""

    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Coverage:
    themes: tuple[tuple[str, str], ...]  # (id, heading) no requirement answers, and nobody has said why not
    parked: tuple[tuple[str, str], ...]  # (id, heading) that only parked requirements answer
    ideas: tuple[tuple[str, str], ...]  # (id, text) nobody has taken up, or said why not
    unheld: tuple[tuple[str, str], ...]  # (id, key) of requirements that nothing holds up
    unrealised: tuple[tuple[str, str], ...]  # (id, key) of accepted requirements that no component answers
    not_needed: Mapping[str, NotNeeded]  # theme or idea that no requirement answers -> why

    @property
    def is_whole(self) -> bool:
        return not (self.themes or self.ideas or self.unheld or self.unrealised)


def load_not_needed(conn: Connection) -> dict[str, NotNeeded]:
    """Theme or idea -> why it needs no requirement; also where one has come since."""
    rules = set(_RULES.values())
    return {
        item: NotNeeded(why, who or "", at)
        for rule, item, why, who, at in reads.waivers(conn)
        if rule in rules
    }


def load_coverage(conn: Connection) -> Coverage:
    """A few reads, however many requirements there are."""
    holes = find_holes(conn)
    requirements = {r.id: r for r in queries.records(conn, Requirement, order="key")}
    on: dict[str, set[str]] = {}  # theme or idea -> states of the requirements that rest on it
    for x in queries.live(conn, "link", type="based_on", role="supports"):
        if x["src"] in requirements:
            on.setdefault(x["dst"], set()).add(requirements[x["src"]].status)
    realised = {x["dst"] for x in queries.live(conn, "link", type="realises")}
    categories = [(c["id"], c["heading"]) for c in queries.live(conn, "category")]
    ideas = [(i["id"], i["text"]) for i in queries.live(conn, "idea")]
    open_ideas = [(id, text) for id, text in ideas if not on.get(id, set()) - {"rejected"}]
    unanswered = {id for id, _ in (*holes.themes, *open_ideas)}
    not_needed = {id: why for id, why in load_not_needed(conn).items() if id in unanswered}
    return Coverage(
        tuple(x for x in holes.themes if x[0] not in not_needed),
        tuple((id, heading) for id, heading in categories if on.get(id, set()) - {"rejected"} == {"parked"}),
        tuple(x for x in open_ideas if x[0] not in not_needed),
        tuple(x for x in holes.requirements if requirements[x[0]].status not in _LEFT),
        tuple(
            (r.id, r.key) for r in requirements.values() if r.status == "accepted" and r.id not in realised
        ),
        not_needed,
    )


@requires(Action.READ_THEMES)
def coverage(ctx: Context) -> Coverage:
    with ctx.read() as conn:
        return load_coverage(conn)


@requires(Action.MODEL)
def set_not_needed(ctx: Context, item: str, reason: str) -> None:
    """Say why a theme or an idea needs no requirement; said again, the new reason stands."""
    if not reason.strip():
        raise Refused("coverage.needs_reason")
    with ctx.write("set_not_needed") as work:
        kind = queries.trace.kind_of(work.connection, item) or ""
        if kind not in _RULES:
            raise Refused("coverage.wrong_kind")
        work.get(kind, item)
        work.ids = {kind: item}
        said = {"reason": reason.strip(), "member": ctx.member.id,
                "at": ctx.now().isoformat(timespec="seconds")}  # fmt: skip
        if kept := work.live("waiver", rule=_RULES[kind], item=item):
            work.update("waiver", kept[0]["id"], said)
        else:
            work.insert("waiver", {"id": ctx.new_id(), "rule": _RULES[kind], "item": item, **said})


@requires(Action.MODEL)
def take_not_needed_back(ctx: Context, item: str) -> None:
    """The theme or idea waits for a requirement again."""
    with ctx.write("take_not_needed_back") as work:
        kind = queries.trace.kind_of(work.connection, item) or ""
        work.ids = {kind: item}
        for row in work.live("waiver", rule=_RULES.get(kind, ""), item=item):
            work.retire("waiver", row["id"])
