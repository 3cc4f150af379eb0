"""A committee is also a source: what it says is data, its members are informants, and neither is evidence for its own
decision (product.md ruling 17)."""

from __future__ import annotations

from workbench.domain.errors import Refused
from workbench.store import queries
from workbench.store.connection import Connection


def ensure_not_own_evidence(conn: Connection, requirement: str, item: str) -> None:
    """Raise Refused where `item` (a unit, source, condensate, idea or feedback) is of a meeting that was asked about
    this requirement: what a committee says is data, but never evidence for its own decision."""
    meetings = _meetings_of(conn, item)
    if not meetings:
        return
    asked = {x["src"] for x in queries.live(conn, "link", type="decides", dst=requirement)}
    for row in queries.live(conn, "decision"):
        if row["id"] in asked and row["meeting"] in meetings:
            raise Refused("decision.own_evidence", key=row["key"])


def _meetings_of(conn: Connection, item: str) -> set[str]:
    kind = queries.trace.kind_of(conn, item)
    if kind in ("idea", "feedback"):
        return {r["session"] for r in queries.live(conn, kind, id=item) if r["session"]}
    sources = {item} if kind == "source" else set()
    if kind == "unit":
        sources = {r["source"] for r in queries.live(conn, "unit", id=item)}
    elif kind == "condensate":
        units = {r["unit"] for r in queries.live(conn, "cover", condensate=item)}
        sources = {r["source"] for u in units for r in queries.live(conn, "unit", id=u)}
    return {r["session"] for s in sources for r in queries.live(conn, "source", id=s) if r["session"]}
