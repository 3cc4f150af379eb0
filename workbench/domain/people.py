"""People behind the words: who was heard, how many may be told, and whether they may be quoted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

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
    """People in the sample per top group; interviewers and facilitators are not in it, nor who has withdrawn."""
    sizes: dict[str, int] = {}
    for person in participants:
        top = top_group(person.stakeholder_group, groups)
        if person.kind == "informant" and person.consent != "withdrawn" and top is not None:
            sizes[top] = sizes.get(top, 0) + 1
    return sizes


def heard(units: Iterable[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """The people whose own words the units are, each once; a unit is (whose words, participants in it).

    A researcher's notes tell of people without being their words, so nobody is heard in them."""
    return tuple(dict.fromkeys(p for words_of, people in units if words_of == "participant" for p in people))


def may_be_quoted(people: Iterable[Participant]) -> bool:
    """True if nobody has declined to be quoted or withdrawn consent."""
    return all(p.quote_ok and p.consent != "withdrawn" for p in people)


def too_few(sizes: Mapping[str, int], k_min: int) -> frozenset[str]:
    """Groups with people in the sample, but fewer than may be counted without pointing at somebody."""
    return frozenset(group for group, n in sizes.items() if 0 < n < k_min)


def told(people: int, few: Collection[str], k_min: int) -> int | None:
    """A number of people over all groups as it may be told; None where it is below k_min itself, or where a
    group is too small to be counted, whose people it would give away by subtraction."""
    return people if people == 0 or (not few and people >= k_min) else None


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
