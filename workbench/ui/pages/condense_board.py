"""The board of a code group: its units as cards in subgroups, what is left over and set aside, and the acts on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.stc import MIXED
from workbench.language import t, tn
from workbench.services import condensing, people
from workbench.services.code_groups import GroupCount
from workbench.services.coding import UnitCard
from workbench.services.condensing import Board, CondensateView, SubgroupView
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import sentence
from workbench.ui.components.view import BoardColumn, Card, Group, view
from workbench.ui.text import literal

ALL, LEFT, ASIDE = "all", "left", "aside"  # what is in focus besides a subgroup
NEW = "new"  # a condensate not written yet
SAID = "condense.said"
_DONE, _ANSWERS = "condense.done", "condense.answers"  # what became of the board's acts, by their id
_REMEMBERED = 200


# -- acts --------------------------------------------------------------------------------------------------


def attempt(fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said above the board in the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(SAID, sentence(error))
        return None


def _receive(ctx: Context, sent: str) -> None:
    """What the board sent: all its unanswered acts as JSON; or a plain id, the subgroup to look at.

    An act may come twice, so each is done once. What became of it is noted at once, in what the session holds
    already: a run can be broken off at any touch of the session state, and the board then sends again."""
    try:
        acts = json.loads(sent)
    except ValueError:
        acts = None
    if not isinstance(acts, list):
        session.ask(subgroup=sent)
        return
    done: dict[str, str | None] = session.draft(_DONE) or {}
    session.keep_draft(_DONE, done)
    for act in acts:
        id = str(act["id"])
        if id in done:
            continue
        try:
            _act(ctx, act)
            done[id] = None
        except WorkbenchError as error:
            done[id] = sentence(error)
    for old in list(done)[:-_REMEMBERED]:
        del done[old]
    session.keep_draft(_ANSWERS, {id: done[id] for a in acts if (id := str(a["id"])) in done})


def _act(ctx: Context, act: dict[str, Any]) -> None:
    """One act, on what it says it is about: the board may show something else by now."""
    group, subgroup, condensate = act["group"], act["subgroup"], act["condensate"]
    match act["do"]:
        case "move":
            condensing.move_units(ctx, group, act["units"], None if act["to"] == LEFT else act["to"])
        case "new":
            condensing.add_subgroup(ctx, group, name=act["text"], units=act["units"])
        case "aside":
            condensing.set_units_aside(ctx, group, act["units"], act["text"])
        case "ticks":
            at = session.draft(f"condense.at.{subgroup}")
            # Ticked before there was a text, which has been written meanwhile.
            condensate = condensate or (at if at != NEW else None)
            name = f"condense.ticks.{subgroup}"
            held = _covers(ctx, group, condensate) if condensate else set(session.draft(name, []))
            now = sorted((held | set(act["on"])) - set(act["off"]))
            if condensate:
                condensing.set_covers(ctx, condensate, now)
            else:
                session.keep_draft(name, now)
        case "golden" if condensate:
            condensing.set_golden(ctx, condensate, act["unit"])


def _covers(ctx: Context, group: str, condensate: str) -> set[str]:
    """The units a condensate holds as it is now."""
    found = (c for s in condensing.board(ctx, group).subgroups for c in s.condensates)
    return next((set(c.covers) for c in found if c.condensate.id == condensate), set())


# -- the board ---------------------------------------------------------------------------------------------


class Facts:
    """What every part of the page needs to draw units."""

    def __init__(self, ctx: Context, board: Board, counts: Sequence[GroupCount]) -> None:
        self.ctx, self.board = ctx, board
        self.tags = {c.group.id: c.group.tag for c in counts}
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

    def card(self, card: UnitCard, **more: Any) -> Card:
        found: Card = {
            "id": card.unit.id, "text": card.unit.text, "by": self.by(card), "where": self.where(card),
            "lang": card.unit.language, "href": session.link("code", source=card.unit.source, unit=card.unit.id),
            **more,  # type: ignore[typeddict-item]
        }  # fmt: skip
        if group := next((self.discs[g] for g in card.groups if g in self.discs), None):
            found["group"] = group
        notes = []
        here = next(p for p in card.placements if p.code_group == self.board.group.id)
        if here.set_aside:
            notes.append(t("condense.aside_because", reason=here.set_aside))
        others = [self.tags[p.code_group] for p in card.placements if p.code_group in self.tags
                  and p.code_group != self.board.group.id]  # fmt: skip
        if others:
            notes.append(t("condense.also_in", tags=", ".join(others)))
        if notes:
            found["note"] = " · ".join(notes)
        return found

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

    def moves(self, without: str | None = None) -> list[dict[str, str]]:
        """Where units can go, each with its key."""
        places = [
            {"id": s.subgroup.id, "label": s.subgroup.name, "key": str(n) if n < 10 else ""}
            for n, s in enumerate(self.board.subgroups, 1)
            if s.subgroup.id != without
        ]
        return places + ([{"id": LEFT, "label": t("condense.left"), "key": "0"}] if without != LEFT else [])

    def draw(
        self, columns: list[BoardColumn], *, key: str, without: str | None = None, ticks: bool = False,
        focused: CondensateView | None = None, subgroup: str | None = None, aside: bool = False, wide: bool = False,
    ) -> None:  # fmt: skip
        view(
            "board",
            {"columns": columns, "moves": self.moves(without), "words": _words(ticks), "ticks": ticks,
             "can_aside": aside, "wide": wide, "box": f"{self.ctx.store.id}:{self.ctx.member.id}",
             "about": {"group": self.board.group.id, "subgroup": subgroup,
                       "condensate": focused.condensate.id if focused else None},
             "answers": session.draft(_ANSWERS) or {}},
            key=key,
            on_select=partial(_receive, self.ctx),
        )  # fmt: skip


def _words(ticks: bool) -> dict[str, str]:
    names = ("hint", "all", "none", "selected", "move", "new", "new_hint", "new_do", "aside", "aside_hint", "aside_do",
             "tick", "golden", "cancel")  # fmt: skip
    words = {n: t(f"condense.board.{n}") for n in names}
    return words | {
        "away": t("reader.dismiss"),
        "keys": t("condense.board.keys_ticks" if ticks else "condense.board.keys"),
    }


def columns(facts: Facts) -> None:
    """All subgroups side by side, to sort."""
    with st.container(gap=None):
        st.title(literal(facts.board.group.name), anchor=False)
        if facts.board.group.definition:
            st.caption(literal(facts.board.group.definition))
    columns: list[BoardColumn] = []
    for s in facts.board.subgroups:
        column: BoardColumn = {
            "id": s.subgroup.id, "to": s.subgroup.id, "title": s.subgroup.name,
            "cards": [facts.card(c) for c in s.cards], "note": _condensed(s), "empty": t("condense.empty_subgroup"),
        }  # fmt: skip
        if any(c.stale for c in s.condensates):
            column["state"] = "doubt"
        columns.append(column)
    if facts.board.left_over:
        columns.append({"id": LEFT, "to": LEFT, "title": t("condense.left"), "note": t("condense.left_what"),
                        "cards": [facts.card(c) for c in facts.board.left_over]})  # fmt: skip
    facts.draw(columns, key=f"board_{facts.board.group.id}", aside=True)


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
    cards = facts.board.left_over if focus == LEFT else facts.board.set_aside
    with st.container(gap=None):
        st.title(t(f"condense.{focus}"), anchor=False)
        st.caption(
            t("condense.first")
            if focus == LEFT and not facts.board.subgroups
            else t(f"condense.{focus}_what")
        )
    facts.draw(
        [{"cards": [facts.card(c) for c in cards], "empty": t(f"condense.{focus}_empty")}],
        key=f"board_{facts.board.group.id}_{focus}",
        without=focus if focus == LEFT else None,
        aside=focus == LEFT,
        wide=True,
    )
