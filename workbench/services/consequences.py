"""What a requirement, or what a decision asks for, means for others: one text for each of seven aspects.

The aspects are what local work across sectors most often cannot change by itself (VIVE 2018, 3.6 and 7.2): money, law, IT
and daily operation, who pays, which sector has to act, and the coordination that works today and must not be broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires

ASPECTS = ("economy", "law", "it", "operation", "payer", "sector", "keep")
_OF = ("requirement", "decision")


@dataclass(frozen=True, slots=True)
class Consequence:
    """`rev` is what the text was read at: 0 where there is none yet."""

    aspect: str
    text: str
    rev: int


def load_consequences(conn: Connection) -> dict[str, dict[str, str]]:
    """Item -> aspect -> text, in the order of the aspects; those without any are left out."""
    found: dict[str, dict[str, str]] = {}
    for r in sorted(queries.live(conn, "consequence"), key=lambda r: ASPECTS.index(r["aspect"])):
        found.setdefault(r["item"], {})[r["aspect"]] = r["text"]
    return found


@requires(Action.MODEL)
def consequences_of(ctx: Context, item: str) -> Mapping[str, Consequence]:
    """Every aspect of one requirement or decision, those without a text too."""
    with ctx.read() as conn:
        kept = {r["aspect"]: r for r in queries.live(conn, "consequence", item=item)}
    return {
        a: Consequence(a, kept[a]["text"], kept[a]["rev"]) if a in kept else Consequence(a, "", 0)
        for a in ASPECTS
    }


@requires(Action.MODEL)
def set_consequence(ctx: Context, item: str, aspect: str, text: str, rev: int | None = None) -> None:
    """Keep what one aspect of a requirement or decision means for others; an empty text takes it away.

    `rev` is that of the text that was read, 0 where there was none; raises StaleEdit if somebody was faster."""
    if aspect not in ASPECTS:
        raise Refused("consequence.unknown_aspect", aspect=aspect)
    with ctx.write("set_consequence") as work:
        kind = queries.trace.kind_of(work.connection, item) or "item"
        if kind not in _OF:
            raise Refused("consequence.wrong_kind")
        work.get(kind, item)
        work.ids = {kind: item}
        text = text.strip()
        kept = work.live("consequence", item=item, aspect=aspect)
        if kept:
            if text:
                work.update("consequence", kept[0]["id"], {"text": text}, rev=rev)
            else:
                work.retire("consequence", kept[0]["id"], rev=rev)
        elif rev:
            raise StaleEdit(
                "consequence.taken_away", current={"item": item, "aspect": aspect, "text": "", "rev": 0}
            )
        elif text:
            work.insert("consequence", {"id": ctx.new_id(), "item": item, "aspect": aspect, "text": text})


def retire_consequences(work: UnitOfWork, item: str) -> None:
    """Inside an operation that takes out the requirement or decision they belong to."""
    for row in work.live("consequence", item=item):
        work.retire("consequence", row["id"])
