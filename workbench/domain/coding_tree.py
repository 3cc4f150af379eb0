"""The coding tree's parts: preliminary themes, code groups, subgroups, categories, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeEvent:
    """What happened to a part of the tree: `kind` renamed (until then it `was` called so) · split_from (the code group
    of that `name`, with `n` units). `at` is ISO."""

    at: str
    who: str
    kind: str
    was: str = ""
    name: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class TreeTheme:
    """A preliminary theme. Agreed: `came_from` are the members' own that went into it, as (title, member's name).
    Not agreed: one member's own, and `came_from` names that member."""

    id: str
    title: str
    agreed: bool
    came_from: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]  # code groups it dissolved into; none: it stands alone


@dataclass(frozen=True, slots=True)
class TreeSubgroup:
    id: str
    name: str
    units: int
    condensates: int
    events: tuple[TreeEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeCategory:
    id: str
    heading: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class GoneGroup:
    """A code group that is no longer there. `into`: the live one that has what was in it; None: taken out."""

    id: str
    name: str
    at: str
    who: str
    into: str | None
    n: int = 0  # units that went along
    events: tuple[TreeEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeGroup:
    """`loose`: units in no subgroup; `colour` 0 is the first code group's."""

    id: str
    name: str
    tag: str
    colour: int
    units: int
    loose: int
    subgroups: tuple[TreeSubgroup, ...]
    category: TreeCategory | None
    events: tuple[TreeEvent, ...]
    absorbed: tuple[GoneGroup, ...]  # merged into it, oldest first


@dataclass(frozen=True, slots=True)
class CodingTree:
    """`gone` are code groups that were taken out with what was in them."""

    themes: tuple[TreeTheme, ...]
    groups: tuple[TreeGroup, ...]
    gone: tuple[GoneGroup, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.themes or self.groups or self.gone)
