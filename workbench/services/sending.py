"""Sending a pack: what leaves is read by an insider first, and how everything read and stood is kept with it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.language import number, tn
from workbench.store import queries, releases
from workbench.store.connection import Connection

from . import packs
from .context import Context, requires
from .decisions import load_decisions
from .since import snapshot
from .synthesis import OTHERS, released_groups
from .trust import load_trust


@dataclass(frozen=True, slots=True)
class QuoteToRead:
    """A quote that will leave, to be read by an insider first. `mark` stands for its words, label and place."""

    mark: str
    theme: int
    heading: str
    quote: packs.PackQuote
    differs: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What sending means: quotes that leave, groups that stand together as Others, and what is not counted."""

    quotes: tuple[QuoteToRead, ...]
    together: tuple[str, ...]  # names of the small groups
    uncounted: bool  # they are too few even together
    k_min: int
    sent_before: str | None  # when this meeting's pack was sent last (ISO)


def _to_read(pack: packs.Pack) -> tuple[QuoteToRead, ...]:
    found = []
    for n, b in enumerate(pack.briefs, 1):
        for differs, quotes in ((False, b.quotes), (True, b.dissent)):
            for q in quotes:
                words = "\x1f".join((q.text, q.translation, *q.groups, b.id))
                found.append(
                    QuoteToRead(hashlib.sha256(words.encode()).hexdigest()[:16], n, b.heading, q, differs)
                )
    return tuple(found)


@requires(Action.MEET)
def preview(ctx: Context, meeting: str | None = None) -> Preview:
    pack = packs.meeting_pack(ctx, meeting)
    with ctx.read() as conn:
        released = released_groups(conn)
        together = [g.name for g in queries.groups(conn).values() if released.get(g.id, ("",))[0] == OTHERS]
        sent = [
            w["at"] for w in queries.live(conn, "shown", session=pack.meeting.id if pack.meeting else None)
        ]
    return Preview(
        _to_read(pack), tuple(together), not pack.matrix.is_exact, pack.k_min, max(sent, default=None)
    )


@requires(Action.MEET)
def send_pack(ctx: Context, meeting: str | None = None, *, read: Collection[str]) -> bytes:
    """The pack's PDF, to be sent; how everything read and stood is kept with it, in one operation.

    `read` are the marks of the quotes that an insider has read (see `preview`). Raises Refused("pack.quotes_unread")
    unless every quote that leaves is among them, and Refused("pack.changed_meanwhile") if somebody changed
    something while the file was made."""
    pack = packs.meeting_pack(ctx, meeting)
    marks = {q.mark for q in _to_read(pack)}
    if unread := marks - set(read):
        raise Refused("pack.quotes_unread", n=number(len(unread)))
    with ctx.read() as conn:
        rows = _rows(conn)
    from . import pack_files  # the PDF writer: only when a file is made

    data, items = pack_files.drawn_pdf(ctx, pack), pack_files.items_of(ctx, pack)
    with ctx.write("send_pack") as work:
        # What is read beside this operation is what stood before it: nobody else writes meanwhile.
        if _rows(work.connection) != rows or packs.meeting_pack(ctx, meeting) != pack:
            raise Refused("pack.changed_meanwhile")
        shown, session = ctx.new_id(), pack.meeting.id if pack.meeting else None
        work.ids = {"shown": shown} | ({"session": session} if session else {})
        work.insert("shown", {"id": shown, "session": session, "at": work.at, "member": ctx.member.id})
        work.insert_only("shown_row", [{"shown": shown, **row} for row in rows])
        releases.keep(work, "pack", hashlib.sha256(data).hexdigest(), items)
        work.reason(tn("packfile.all_read", len(marks), name=ctx.member.name) if marks else "")
    return data


def _rows(conn: Connection) -> list[dict[str, str]]:
    found = snapshot(conn, load_decisions(conn), load_trust(conn))
    names = ("item", "kind", "label", "fp", "support_fp", "status", "trust")
    return [{n: str(getattr(row, n)) for n in names} for row in found]
