"""Trust, computed: what still holds since somebody looked at it, what is in doubt, and why. Nothing stores a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a thing is in doubt: what became of which item. `label` holds no participant's words."""

    kind: str  # reworded | came | went | basis_reworded | withdrawn | let_go | rule
    item: str
    kind_of: str
    label: str
    at: str | None = None
    who: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """`draft`: nothing was accepted or frozen yet; `reviewed`; `doubt`: in doubt itself; `distant`: only something
    further down is, on `path` (ids, from the item to that thing); `does_not_hold`: somebody said so."""

    state: str = "draft"
    since: str | None = None
    causes: tuple[Cause, ...] = ()
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    states: Mapping[str, State] = field(default_factory=dict)

    def of(self, item: str) -> State:
        return self.states.get(item, State())
