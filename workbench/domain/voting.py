"""What the positions of a committee's seats come to under its rule: a count, never the decision itself.

No quorum is invented: what is counted is what has been said, and how many seats have said nothing stands beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .errors import Refused

RULES = ("consensus", "majority")
CHOICES = ("agree", "agree_with_reservation", "against", "abstain")
ADOPTING = ("adopted", "with_reservations")
RESULTS = (*ADOPTING, "rejected", "vetoed", "postponed", "noted")  # what a person may record


@dataclass(frozen=True, slots=True)
class Seat:
    """A place at the table: a role, never a person."""

    name: str
    may_vote: bool = True
    is_chair: bool = False
    has_veto: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    seat: str
    choice: str  # agree | agree_with_reservation | against | abstain
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """`result`: adopted | with_reservations | rejected | vetoed | undecided; `because` says which rule made it so:
    nobody | veto | consensus | reservations | no_consensus | all_against | majority | minority | chair | tie.

    `agreed` are all who agree, with or without reservation; `silent` are seats with a vote that have said nothing."""

    result: str
    because: str
    agreed: int
    reservations: int
    against: int
    abstained: int
    silent: int
    vetoed_by: tuple[str, ...] = ()


def count(rule: str, seats: Iterable[Seat], positions: Iterable[Position]) -> Count:
    """Count the positions of seats that may vote; others' are not counted.

    Consensus with reservations: adopted where nobody is against. Majority: of those for and against; on a tie, as
    the chair's seat says. A veto counts where its seat holds one, under either rule. Raises
    Refused("vote.twice", seat=...) for a seat with two positions, Refused("vote.unknown_rule")."""
    if rule not in RULES:
        raise Refused("vote.unknown_rule")
    by_name = {s.name: s for s in seats}
    taken: dict[str, Position] = {}
    for p in positions:
        if p.seat in taken:
            raise Refused("vote.twice", seat=p.seat)
        if p.choice not in CHOICES:
            raise Refused("vote.unknown_choice")
        if p.seat in by_name and by_name[p.seat].may_vote:
            taken[p.seat] = p
    n = {c: sum(p.choice == c for p in taken.values()) for c in CHOICES}
    agreed, against = n["agree"] + n["agree_with_reservation"], n["against"]
    vetoed_by = tuple(p.seat for p in taken.values() if p.veto and by_name[p.seat].has_veto)
    chair = next((taken[s.name].choice for s in by_name.values() if s.is_chair and s.name in taken), "")
    adopted = "with_reservations" if n["agree_with_reservation"] else "adopted"
    if vetoed_by:
        found = "vetoed", "veto"
    elif not agreed and not against:
        found = "undecided", "nobody"
    elif not against:
        found = adopted, "reservations" if n["agree_with_reservation"] else "consensus"
    elif not agreed:
        found = "rejected", "all_against"
    elif rule == "consensus":
        found = "undecided", "no_consensus"
    elif agreed != against:
        found = (adopted, "majority") if agreed > against else ("rejected", "minority")
    elif chair in ("agree", "agree_with_reservation"):
        found = adopted, "chair"
    elif chair == "against":
        found = "rejected", "chair"
    else:
        found = "undecided", "tie"
    silent = sum(s.may_vote for s in by_name.values()) - len(taken)
    return Count(*found, agreed, n["agree_with_reservation"], against, n["abstain"], silent, vetoed_by)
