"""The meeting pack: what a committee is asked, the themes as they may leave the analysis team, and the version they judge.

What steering members may read comes from here and from nowhere else: themes, cleared quotes with group
labels, requirements and decisions. No source names, no units, no condensates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.domain.people import sample_sizes
from workbench.domain.records import Session
from workbench.domain.roles import Action, can
from workbench.domain.trust import Trust
from workbench.store import queries
from workbench.store.connection import Connection

from .actions import ActionView, carried, load_actions, since_last
from .confidence import load_confidence
from .context import Context, requires
from .decisions import DecisionView, load_decisions
from .meetings import local_day
from .model import as_released, load_components, load_requirements
from .pack_parts import Heard, PackQuote, PackRequirement, Sure, ThemeBrief, pack_requirement, theme_brief
from .pack_version import Frozen, load_frozen
from .rereading import open_challenges
from .seats import Attendance, load_attendance
from .since import Since, load_since, settled
from .strip import Strip, StripNode, build_strip, drawn_alike
from .synthesis import (
    Matrix,
    load_categories,
    released_groups,
    released_matrix,
    smallest_counted,
    whole_matrix,
)
from .trust import load_trust
from .versioning import Version, load_versions

__all__ = [
    "Frozen", "Heard", "Pack", "PackQuote", "PackRequirement", "Since", "Strip", "StripNode", "Sure",
    "ThemeBrief", "build_strip", "drawn_alike", "meeting_pack", "trace_strip",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pack:
    meeting: Session | None
    asked: tuple[
        DecisionView, ...
    ]  # open items of the meeting: decisions first, then discussion and orientation
    decided: tuple[DecisionView, ...]  # up to and with this meeting
    briefs: tuple[ThemeBrief, ...]
    matrix: Matrix
    requirements: tuple[PackRequirement, ...]
    versions: tuple[Version, ...]
    frozen: Frozen | None  # what the latest version holds
    strip: Strip
    people: int | None  # in the sample; None where a group is too small to be counted
    k_min: int
    since: Since | None  # None before the first meeting
    actions: tuple[ActionView, ...]  # of earlier meetings: open, or done since the last one
    attendance: tuple[Attendance, ...]  # of those who have said something: apologies, deputies
    meetings: tuple[Session, ...]  # all, in order of date
    is_current: bool


_NATURES = ("decision", "discussion", "orientation")


def _answers(conn: Connection) -> list[tuple[str, str, list[str]]]:
    return [(c.component.id, c.component.name, [q[0] for q in c.requirements]) for c in load_components(conn)]


@requires(Action.READ_THEMES)
def trace_strip(ctx: Context) -> Strip:
    """The trace to be drawn; exact for the analysis team, for others as it stands in the pack."""
    if not can(ctx.member.role, Action.READ_SOURCES):
        return meeting_pack(ctx).strip
    with ctx.read() as conn:
        matrix = whole_matrix(conn, load_categories(conn))
        return build_strip(matrix, load_requirements(conn), _answers(conn), load_trust(conn))


def _quiet(d: DecisionView, trust: Trust) -> DecisionView:
    """The same without what was looked at again and holds."""
    changed = tuple(x for x in d.changed_since if not settled(trust, x[0]))
    return d if changed == d.changed_since else replace(d, changed_since=changed)


def _current(meetings: Sequence[Session], decisions: Sequence[DecisionView]) -> str | None:
    """The next meeting that has something open, else the last."""
    open_at = {d.meeting for d in decisions if d.is_open and d.meeting}
    return next((m.id for m in meetings if m.id in open_at), meetings[-1].id if meetings else None)


@requires(Action.READ_THEMES)
def meeting_pack(ctx: Context, meeting: str | None = None) -> Pack:
    """The pack of a meeting; without one, of the next meeting that has something open, else the last.

    Who does not prepare meetings gets that one whatever is asked for. Of an earlier meeting, what was asked and
    decided by then; themes and requirements as they read today."""
    with ctx.read() as conn:
        meetings = queries.records(conn, Session, kind="meeting", order="date, title")
        trust = load_trust(conn)
        decisions = [_quiet(d, trust) for d in load_decisions(conn)]
        current = _current(meetings, decisions)
        if meeting not in {m.id for m in meetings} or not can(ctx.member.role, Action.MEET):
            meeting = current
        found = next((m for m in meetings if m.id == meeting), None)
        views = load_categories(conn)
        requirements = as_released(conn, load_requirements(conn))
        matrix = released_matrix(conn, whole_matrix(conn, views))
        people = sum(sample_sizes(queries.participants(conn).values(), queries.groups(conn)).values())
        changed = {item for d in decisions for item, _ in d.changed_since}
        names, challenged, versions = released_groups(conn), open_challenges(conn), load_versions(conn)
        judged = {
            theme: {c: (j.concern, j.reason) for c, j in four.items()} for theme, four in load_confidence(conn).items()
        }  # fmt: skip
        until = {m.id for m in meetings[: meetings.index(found) + 1]} if found else set()
        since = load_since(conn, found, decisions, trust)
        asked = [
            d for d in decisions
            if not d.outcome and (d.meeting == meeting or (d.meeting is None and meeting == current))
        ]  # fmt: skip
        asked.sort(key=lambda d: (_NATURES.index(d.nature), d.place, d.key))
        return Pack(
            found,
            tuple(asked),
            tuple(d for d in decisions if d.outcome and (meeting == current or d.meeting in until)),
            tuple(theme_brief(conn, v, matrix, requirements, judged.get(v.category.id, {}), trust) for v in views),
            matrix,
            tuple(pack_requirement(r, names, challenged, changed, trust) for r in requirements),
            tuple(versions),
            load_frozen(conn, versions[-1], trust) if versions else None,
            build_strip(matrix, requirements, _answers(conn), trust),
            people if matrix.is_exact else None, smallest_counted(conn), since,
            tuple(since_last(carried(load_actions(conn, local_day(ctx.now())), found), meetings, found)) if found else (),
            tuple(a for a in (load_attendance(conn, found.id) if found else ()) if a.status or a.deputy),
            tuple(meetings), meeting == current,
        )  # fmt: skip
