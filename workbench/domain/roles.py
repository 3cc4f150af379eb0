"""Who may do what: one table of roles and actions; everything not in it is denied."""

from __future__ import annotations

from enum import StrEnum

from .errors import NotAllowed
from .records import Member


class Role(StrEnum):
    RESEARCHER = "researcher"
    FACILITATOR = "facilitator"
    STEERING = "steering"
    ADMIN = "admin"


class Action(StrEnum):
    SEE_PROJECT = "see_project"  # its name, question and counts
    READ_SOURCES = "read_sources"  # pseudonymised transcripts, units, condensates
    IMPORT = "import"
    ANALYSE = "analyse"  # mark, place, condense, synthesise
    CLEAR_QUOTE = "clear_quote"
    READ_THEMES = "read_themes"  # result categories, cleared quotes, matrix
    MODEL = "model"  # requirements, ideas, components, versions
    MEET = "meet"  # prepare meetings and record decisions
    DECIDE = "decide"  # take a position on a decision
    EXPORT_ANALYSIS = "export_analysis"
    EXPORT_RELEASED = "export_released"
    SEE_HISTORY = "see_history"
    UNDO = "undo"
    MANAGE = "manage"  # members, settings
    MAINTAIN = "maintain"  # backup, verify, restore


_R, _F, _S, _A = Role.RESEARCHER, Role.FACILITATOR, Role.STEERING, Role.ADMIN
_ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE_PROJECT: frozenset({_R, _F, _S, _A}),
    Action.READ_SOURCES: frozenset({_R}),
    Action.IMPORT: frozenset({_R}),
    Action.ANALYSE: frozenset({_R}),
    Action.CLEAR_QUOTE: frozenset({_R}),
    Action.READ_THEMES: frozenset({_R, _F, _S}),
    Action.MODEL: frozenset({_R, _F}),
    Action.MEET: frozenset({_R, _F}),
    Action.DECIDE: frozenset({_R, _F, _S}),
    Action.EXPORT_ANALYSIS: frozenset({_R}),
    Action.EXPORT_RELEASED: frozenset({_R, _F, _S}),
    Action.SEE_HISTORY: frozenset({_R, _A}),
    Action.UNDO: frozenset({_R, _F}),
    Action.MANAGE: frozenset({_R, _A}),
    Action.MAINTAIN: frozenset({_R, _A}),
}


def can(role: str, action: Action) -> bool:
    """True if the role includes the action. An unknown role may do nothing."""
    return any(role == allowed for allowed in _ALLOWED.get(action, frozenset()))


def ensure(member: Member, action: Action) -> None:
    """Raise NotAllowed if the member may not do the action."""
    if not can(member.role, action):
        raise NotAllowed("error.not_allowed", role=member.role)
