"""Notices that a requirement or an idea has been written before. Shown after writing, and never in the way of it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.likeness import NEARLY_THE_SAME, likeness
from workbench.domain.roles import Action
from workbench.store import queries

from .context import Context, requires

SHOWN = 3
_TEXT = {"requirement": "statement", "idea": "text"}


@dataclass(frozen=True, slots=True)
class Similar:
    """Something that says nearly the same. `key` is empty for an idea."""

    id: str
    key: str
    text: str


@requires(Action.MODEL)
def nearly_the_same(
    ctx: Context, text: str, *, kind: str = "requirement", besides: str = ""
) -> list[Similar]:
    """Requirements (or ideas) that say nearly what `text` says, the nearest first, at most three; `besides` is the id
    of the one that is asked about."""
    if kind not in _TEXT:
        raise Refused("error.gone", kind=kind)
    with ctx.read() as conn:
        rows = [r for r in queries.live(conn, kind) if r["id"] != besides]
    found = [(likeness(text, r[_TEXT[kind]]), r) for r in rows]
    near = sorted((x for x in found if x[0] >= NEARLY_THE_SAME), key=lambda x: -x[0])
    return [Similar(r["id"], r.get("key") or "", r[_TEXT[kind]]) for _, r in near[:SHOWN]]
