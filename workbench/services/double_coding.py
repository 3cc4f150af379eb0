"""Marking unseen: letting chosen researchers code a source without seeing each other's marks, until they are done.

What is out of sight is so at the connection (Context.read, store/unseen.py), for those who take part; the rest of the
project's researchers see everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from workbench.domain.errors import NotAllowed, Refused
from workbench.domain.roles import Action, Role
from workbench.store.connection import Connection
from workbench.store.queries import differences as reads
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class Coder:
    """Somebody who codes a source unseen. `done_at` is empty until they say so, or until it was closed."""

    member: str
    name: str
    initials: str
    done_at: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A source that is, or was, coded unseen. `closed_by`: the lead who did not wait, with a note; "" where all were
    done, or it is open still."""

    source: str
    title: str
    coders: tuple[Coder, ...]
    begun_at: str
    closed_at: str
    closed_by: str = ""
    note: str = ""

    @property
    def is_open(self) -> bool:
        return any(not c.done_at for c in self.coders)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Names of those who are not done."""
        return tuple(c.name for c in self.coders if not c.done_at)

    def coder(self, member: str) -> Coder | None:
        return next((c for c in self.coders if c.member == member), None)


@requires(Action.READ_SOURCES)
def list_unseen(ctx: Context, source: str | None = None) -> list[Unseen]:
    """Sources coded unseen, open or closed, in their order; or one of them."""
    with ctx.read() as conn:
        return [u for u in _list(conn) if source in (None, u.source)]


def _list(conn: Connection) -> list[Unseen]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in reads.unseen(conn):
        found.setdefault(row["source"], []).append(row)
    listed = []
    for source, rows in found.items():
        done = [r["done_at"] or "" for r in rows]
        closing = next((r for r in rows if r["verb"] == "close_unseen"), None)
        listed.append(
            Unseen(
                source, rows[0]["title"],
                tuple(Coder(r["member"], r["name"], r["initials"], r["done_at"] or "") for r in rows),
                min(r["begun"] for r in rows), max(done) if all(done) else "",
                *((closing["by"], closing["note"]) if closing and all(done) else ()),
            )
        )  # fmt: skip
    return listed


@requires(Action.READ_SOURCES)
def marked_independently(ctx: Context) -> dict[str, tuple[str, ...]]:
    """Source -> names of those who marked it without any of them having seen what another had: two or more marked
    something in it while it was coded unseen, and nothing of theirs stood in it before. Only what is closed."""
    still_open = {u.source for u in list_unseen(ctx) if u.is_open}
    found: dict[str, list[dict[str, str]]] = {}
    with ctx.read() as conn:
        for row in reads.begun_with(conn):
            found.setdefault(row["source"], []).append(row)
    names = {
        source: tuple(r["name"] for r in rows if r["marked"])
        for source, rows in found.items()
        if source not in still_open and not any(r["earlier"] for r in rows)
    }
    return {source: who for source, who in names.items() if len(who) > 1}


@requires(Action.ANALYSE)
def open_unseen(ctx: Context, source: str | Collection[str], members: Collection[str]) -> None:
    """From now on let these researchers, two or more, code a source (or several) without seeing what the others
    marked in it: also what they marked before.

    Where it is under way already, those who are new to it join in; where it was closed, it begins again."""
    sources = [source] if isinstance(source, str) else list(dict.fromkeys(source))
    with ctx.write("open_unseen") as work:
        work.ids = {"n": len(sources)} | ({"source": sources[0]} if len(sources) == 1 else {})
        chosen = [m for m in work.live("member", role=Role.RESEARCHER) if m["id"] in members]
        if len(chosen) < 2:
            raise Refused("unseen.needs_two")
        if not sources:
            raise Refused("unseen.needs_source")
        for id in sources:
            if work.get("source", id)["words_of"] == "literature":
                raise Refused("unseen.not_marked")
            rows = {r["member"]: r for r in work.live("double_coding", source=id)}
            under_way = any(r["done_at"] is None for r in rows.values())
            new = [m["id"] for m in chosen if not (under_way and m["id"] in rows)]
            if not new:
                raise Refused("unseen.already_open", title=work.get("source", id)["title"])
            for row in () if under_way else rows.values():
                work.retire("double_coding", row["id"])
            for member in new:
                row = {"id": ctx.new_id(), "source": id, "member": member, "done_at": None}
                work.insert("double_coding", row)


def _open_rows(work: UnitOfWork, source: str) -> list[dict[str, str]]:
    """Those who are not done with a source; refused where nobody is coding it unseen any more."""
    rows = [r for r in work.live("double_coding", source=source) if r["done_at"] is None]
    if not rows:
        raise Refused("unseen.not_open")
    return rows


@requires(Action.ANALYSE)
def say_done(ctx: Context, source: str) -> None:
    """Say that I am done with a source. Once all are, each sees what the others marked."""
    with ctx.write("done_unseen") as work:
        work.ids = {"source": source}
        mine = [r for r in _open_rows(work, source) if r["member"] == ctx.member.id]
        if not mine:
            raise Refused("unseen.not_yours")
        work.update("double_coding", mine[0]["id"], {"done_at": ctx.now().isoformat(timespec="seconds")})


@requires(Action.ANALYSE)
def close_unseen(ctx: Context, source: str, *, note: str = "") -> None:
    """Let all see each other's marks in a source without waiting for those who are not done; a lead's to do."""
    if not ctx.member.is_lead:
        raise NotAllowed("unseen.only_lead_closes")
    with ctx.write("close_unseen") as work:
        work.ids = {"source": source}
        for row in _open_rows(work, source):
            work.update("double_coding", row["id"], {"done_at": ctx.now().isoformat(timespec="seconds")})
        work.reason(note)
