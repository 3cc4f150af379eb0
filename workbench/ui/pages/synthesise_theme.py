"""Step 4: the theme in hand, as every part of Synthesise needs it: its units as quotes, shelves to choose from, calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.stc import MIXED, embedded_units
from workbench.language import t
from workbench.services import coding, condensing, people
from workbench.services.coding import UnitCard
from workbench.services.condensing import CondensateView
from workbench.services.context import Context
from workbench.services.synthesis import CategoryView
from workbench.ui import session
from workbench.ui.call import sentence
from workbench.ui.components.view import Group

SAID = "synthesise.said"


def attempt(fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said at the top of the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(SAID, sentence(error))
        return None


class Facts:
    """The theme in hand and what every part needs to draw its units."""

    def __init__(self, ctx: Context, theme: CategoryView) -> None:
        self.ctx, self.theme, self.id = ctx, theme, theme.category.id
        self.colour = theme.group.colour % 12 + 1
        self.discs = discs(ctx)
        self.cards = {c.unit.id: c for c in theme.cards}
        missing = [u for u in embedded_units(theme.category.analytic_text) if u not in self.cards]
        if missing:  # a sentence may rest on a unit of another code group
            self.cards |= {c.unit.id: c for c in coding.list_units(ctx) if c.unit.id in missing}

    def quote(self, card: UnitCard, **more: Any) -> dict[str, Any]:
        return quote(card, self.discs, self.colour) | more


def discs(ctx: Context) -> dict[str, Group]:
    """Top stakeholder groups by id."""
    return {v.group.id: {"mono": v.group.monogram, "name": v.group.name, "tone": v.colour}
            for v in people.people_view(ctx).groups}  # fmt: skip


def quote(card: UnitCard, groups: Mapping[str, Group], colour: int) -> dict[str, Any]:
    """A unit as the view draws a quote, with who says it and where."""
    where = t("synthesise.where", source=card.unit.source_title, turn=card.unit.turn)
    found: dict[str, Any] = {
        "text": card.unit.text, "by": f"{', '.join(card.unit.speakers)} · {where}", "colour": colour,
        "lang": card.unit.language,
    }  # fmt: skip
    if group := next((groups[g] for g in card.groups if g in groups), None):
        found["group"] = group
    return found


def short(card: UnitCard, most: int = 70) -> str:
    """A unit on one line: who says it, and how it begins."""
    words = " ".join(card.unit.text.split())
    cut = words if len(words) <= most else words[: most - 1].rstrip() + "…"
    return t("synthesise.short", speaker=", ".join(card.unit.speakers), text=cut)


def voice(groups: Mapping[str, Group], of: str | None) -> dict[str, Any]:
    """Whose voice a condensate has, as the view draws it."""
    if of and of in groups:
        return {"group": groups[of]}
    return {"by": t("synthesise.mixed")} if of == MIXED else {}


Shelves = dict[str, tuple[str, list[UnitCard], list[CondensateView]]]


def shelves(facts: Facts) -> Shelves:
    """What one may choose units from, as (name, units, condensates): each subgroup, what is left over, golden
    quotes, what stands in the text."""
    board = condensing.board(facts.ctx, facts.theme.group.id)
    inside = embedded_units(facts.theme.category.analytic_text)
    golden = {c.condensate.golden_unit for c in facts.theme.condensates} - {None}
    found: Shelves = {}
    for s in board.subgroups:
        found[s.subgroup.id] = (s.subgroup.name, list(s.cards), list(s.condensates))
    if board.left_over:
        found["left"] = (t("synthesise.left"), list(board.left_over), [])
    found["golden"] = (t("synthesise.golden"), [c for c in facts.theme.cards if c.unit.id in golden], [])
    found["text"] = (t("synthesise.in_text"), [facts.cards[u] for u in inside if u in facts.cards], [])
    return found


def choose_shelf(found: Shelves, *, key: str, label: str) -> str:
    """Which shelf; the first that holds something until another is chosen."""
    if session.widget(key) not in found:
        session.set_widget(
            key, next((id for id, (_, cards, _c) in found.items() if cards), next(iter(found)))
        )
    st.selectbox(
        label, list(found), key=key, format_func=lambda id: f"{found[id][0]}  ·  {len(found[id][1])}"
    )
    return str(session.widget(key))
