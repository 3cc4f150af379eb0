"""Counting people, not quotes: groups rolled up, informants only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .records import Participant, StakeholderGroup


def top_group(group: str | None, groups: Mapping[str, StakeholderGroup]) -> str | None:
    """The group at the top of the chain of parents; a loop, which nobody should make, ends where it began."""
    seen: set[str] = set()
    while group is not None and group in groups and group not in seen:
        parent = groups[group].parent
        if parent is None:
            break
        seen.add(group)
        group = parent
    return group


def sample_sizes(
    participants: Iterable[Participant], groups: Mapping[str, StakeholderGroup]
) -> dict[str, int]:
    """People in the sample per top group; interviewers and facilitators are not in it."""
    sizes: dict[str, int] = {}
    for person in participants:
        top = top_group(person.stakeholder_group, groups)
        if person.kind == "informant" and top is not None:
            sizes[top] = sizes.get(top, 0) + 1
    return sizes


def tally(
    heard: Iterable[str], participants: Mapping[str, Participant], groups: Mapping[str, StakeholderGroup]
) -> dict[str, int]:
    """Distinct informants heard, per top group."""
    counts: dict[str, set[str]] = {}
    for id in set(heard):
        person = participants.get(id)
        if person is not None and person.kind == "informant":
            top = top_group(person.stakeholder_group, groups)
            if top is not None:
                counts.setdefault(top, set()).add(id)
    return {group: len(ids) for group, ids in counts.items()}
