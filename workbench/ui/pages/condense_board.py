"""The board of a code group: its units as cards in subgroups, what is left over and set aside, and the acts on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import Placement
from workbench.domain.roles import Action, can
from workbench.domain.stc import MIXED
from workbench.language import t, tn
from workbench.services import boards, people
from workbench.services.code_groups import GroupCount
from workbench.services.coding import UnitCard
from workbench.services.condensing import Board, CondensateView, SubgroupView
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import sentence
from workbench.ui.components.board import base_of, board, held
from workbench.ui.components.view import Group
from workbench.ui.text import literal

ALL, LEFT, ASIDE = "all", "left", "aside"  # what is in focus besides a subgroup
NEW = "new"  # a condensate not written yet
SAID = "condense.said"
LOOKS = "condense.looks"  # how often a column was opened from the board
REBASE = 300  # cards that changed before all of them travel again
DISCS = ("sand", "slate", "moss", "mauve", "sea", "clay", "iris", "stone")

Row = tuple[Any, ...]  # a card as it travels, see components/board


# -- acts --------------------------------------------------------------------------------------------------


def attempt(fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said above the board in the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(SAID, sentence(error))
        return None


# -- the board ---------------------------------------------------------------------------------------------


class Facts:
    """What every part of the page needs to draw units."""

    def __init__(self, ctx: Context, board: Board, counts: Sequence[GroupCount]) -> None:
        self.ctx, self.board = ctx, board
        self.tags = {c.group.id: c.group.tag for c in counts}
        self.names = {c.group.id: c.group.name for c in counts}
        self.colour = board.group.colour % 12 + 1
        views = people.people_view(ctx).groups
        self.discs: dict[str, Group] = {
            v.group.id: {"mono": v.group.monogram, "name": v.group.name, "tone": v.colour} for v in views
        }
        self.cards = {
            c.unit.id: c
            for part in (*(s.cards for s in board.subgroups), board.left_over, board.set_aside)
            for c in part
        }

    def by(self, card: UnitCard) -> str:
        return ", ".join(card.unit.speakers)

    def where(self, card: UnitCard) -> str:
        return t("condense.where", source=card.unit.source_title, turn=card.unit.turn)

    def quote(self, unit: str, **more: Any) -> dict[str, Any] | None:
        card = self.cards.get(unit)
        if card is None:
            return None
        group = next((self.discs[g] for g in card.groups if g in self.discs), None)
        return {
            "text": card.unit.text, "by": f"{self.by(card)} · {self.where(card)}", "colour": self.colour,
            "lang": card.unit.language, **({"group": group} if group else {}), **more,
        }  # fmt: skip

    def voice(self, voice: str | None) -> dict[str, Any]:
        if voice in self.discs:
            return {"group": self.discs[voice]}
        return {"by": t("condense.mixed") if voice == MIXED else t("condense.no_voice")}

    # -- what travels --

    def _row(self, card: UnitCard, discs: dict[str, int]) -> Row:
        unit = card.unit
        others = tuple(self.tags[p.code_group] for p in card.placements if p.code_group in self.tags
                       and p.code_group != self.board.group.id)  # fmt: skip
        disc = next((discs[g] for g in card.groups if g in discs), -1)
        return (unit.id, unit.text, unit.language, unit.source, self.where(card), self.by(card), disc,
                int(unit.words_of == "participant"), others, self.here(card).id)  # fmt: skip

    def here(self, card: UnitCard) -> Placement:
        return next(p for p in card.placements if p.code_group == self.board.group.id)

    def draw(
        self, focus: str, *, ticks: Collection[str] | None = None, focused: CondensateView | None = None
    ) -> None:
        """The board with one column in focus, or all of them; with `ticks`, what is in the condensate `focused`
        (None: one not written yet)."""
        ctx, group = self.ctx, self.board.group.id
        discs = {id: n for n, id in enumerate(self.discs)}
        cards = sorted(self.cards.values(), key=lambda c: (c.unit.source_position, c.unit.start, c.unit.end))
        rows = {c.unit.id: self._row(c, discs) for c in cards}
        have = held()
        rev, others = boards.since(ctx, have.rev if have.group == group else None)
        name, base, changed = _base(ctx, group, rev, rows, have.names)
        seen = {id: n for n, id in enumerate(session.draft(f"board.base.{group}")["rows"])}
        live: dict[str, Any] = {
            "project": ctx.store.id, "member": ctx.member.id, "group": group, "rev": rev, "base": name,
            "focus": focus, "may": can(ctx.member.role, Action.ANALYSE), "href": session.link("code"),
            "acks": session.answers(), "others": list(others), "rows": changed,
            "discs": [[v["mono"], DISCS[v["tone"] % len(DISCS)], v["name"]] for v in self.discs.values()],
            "columns": [[s.subgroup.id, s.subgroup.name, _condensed(s), int(any(c.stale for c in s.condensates))]
                        for s in self.board.subgroups],
            "at": [[id, [seen.get(c.unit.id, c.unit.id) for c in part]] for id, part in (
                *((s.subgroup.id, s.cards) for s in self.board.subgroups), (LEFT, self.board.left_over),
                (ASIDE, self.board.set_aside))],
            "asides": [[seen.get(c.unit.id, c.unit.id), self.here(c).set_aside] for c in self.board.set_aside],
            "held": [seen.get(u, u) for u in {u for s in self.board.subgroups for c in s.condensates for u in c.covers}],
            "covers": [seen.get(u, u) for u in ticks or ()],
            "golden": focused.condensate.golden_unit if focused else None,
        }  # fmt: skip
        if ticks is not None:
            live["condensate"] = focused.condensate.id if focused else None
            live["known"] = [
                c.condensate.id for s in self.board.subgroups if s.subgroup.id == focus for c in s.condensates
            ]
        board(
            base=base,
            live=live,
            key="board",
            on_operations=session.apply_operations,
            on_look=_look,
        )


def _look(column: str) -> None:
    """A column was opened by a press on its title."""
    session.ask(subgroup=column)
    session.keep_draft(LOOKS, int(session.draft(LOOKS) or 0) + 1)


def _base(
    ctx: Context, group: str, rev: int, rows: dict[str, Row], have: Collection[str]
) -> tuple[str, bytes | None, list[Row]]:
    """(name of the cards the browser builds on, all of them to send where it has not got them, those made or changed
    since with their place in reading order). What was sent is remembered by ids and digests, never words."""
    digests = {id: hash(row) for id, row in rows.items()}
    base: dict[str, Any] = session.draft(f"board.base.{group}") or {}
    if base.get("of") == ctx.member.id and base["name"] in have:
        sent: dict[str, int] = base["rows"]
        place = {id: float(n) for n, id in enumerate(sent)}
        changed: list[Row] = []
        last = -1.0
        for id, row in rows.items():
            at = place.get(id, last + 0.0001)
            last = max(at, last)
            if sent.get(id) != digests[id]:
                changed.append((at, *row))
        if len(changed) <= REBASE:
            return base["name"], None, changed
    name = f"{ctx.store.id}:{ctx.member.id}:{group}:{rev}"
    session.keep_draft(f"board.base.{group}", {"of": ctx.member.id, "name": name, "rows": digests})
    return name, base_of(name, list(rows.values())), []


# The cards scroll by themselves, so the page around them must not: the room under them goes.
TIGHT = ".stMainBlockContainer{padding-bottom:.5rem}"


def columns(facts: Facts) -> None:
    """All subgroups side by side, to sort."""
    st.html(f"<style>{TIGHT}</style>")
    with st.container(gap=None):
        st.title(literal(facts.board.group.name), anchor=False)
        if facts.board.group.definition:
            st.caption(literal(facts.board.group.definition))
    facts.draw(ALL)


def _condensed(s: SubgroupView) -> str:
    stale = sum(bool(c.stale) for c in s.condensates)
    if stale:
        return tn("condense.stale_count", stale)
    if not s.condensates:
        return t("condense.no_condensate")
    held = set().union(*(c.covers for c in s.condensates)) & {c.unit.id for c in s.cards}
    return t("condense.covered", n=len(held), of=len(s.cards))


def loose(facts: Facts, focus: str) -> None:
    """What is left over, or set aside with a reason."""
    st.html(f"<style>{TIGHT}</style>")
    with st.container(gap=None):
        st.title(t(f"condense.{focus}"), anchor=False)
        st.caption(
            t("condense.first")
            if focus == LEFT and not facts.board.subgroups
            else t(f"condense.{focus}_what")
        )
    facts.draw(focus)
