"""The route of a project's analysis: systematic text condensation, framework method or content analysis."""

from __future__ import annotations

from enum import StrEnum


class Route(StrEnum):
    STC = "stc"
    FRAMEWORK = "framework"
    CONTENT = "content"


# Screens of systematic text condensation alone.
_STC_ONLY = frozenset({"impression", "condense"})


def has_step(route: str, screen: str) -> bool:
    """Whether a screen belongs to the route. What has been made on one that does not is kept, out of sight."""
    return route == Route.STC or screen not in _STC_ONLY


def condenses(route: str) -> bool:
    """Whether the route has condensates, golden quotes and numbered steps."""
    return route == Route.STC


def variant(route: str) -> str:
    """How sentences are said on a route, see language.use_variant."""
    return "" if condenses(route) else "themes"
