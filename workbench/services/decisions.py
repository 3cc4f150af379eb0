"""Items on an agenda as they are read: what is asked, positions and their count, what was decided, what changed since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.domain.records import Session
from workbench.domain.trace import fingerprint
from workbench.domain.voting import ADOPTING, Count, Position, count
from workbench.store import queries
from workbench.store.connection import Connection

from . import trust
from .consequences import load_consequences
from .seats import SeatView, load_seats, seats_of
from .versioning import item_fields, support_of


@dataclass(frozen=True, slots=True)
class Vote:
    """A seat's position; `at` is when it was taken, "" for one from before that was kept."""

    id: str
    rev: int
    seat: str
    choice: str
    reservation: str
    veto: bool = False
    at: str = ""
    before_rewording: bool = False  # what is asked or recommended has been worded otherwise since


@dataclass(frozen=True, slots=True)
class DecisionView:
    id: str
    rev: int
    key: str
    meeting: str | None
    meeting_title: str
    meeting_date: str | None
    nature: str
    question: str
    recommendation: str
    consequences: str
    rule: str
    outcome: str
    why: str
    revisit_if: str
    decided_at: str | None
    votes: tuple[Vote, ...]
    about: tuple[tuple[str, str, str], ...]  # (item, kind, label)
    changed_since: tuple[tuple[str, str], ...]  # (item, label) of what has changed since it was decided
    count: Count
    place: int = 0
    options: str = ""
    due: str | None = None  # the last day on which positions are taken, without a meeting
    discussed: str = ""
    result: str = ""
    aspects: tuple[
        tuple[str, str], ...
    ] = ()  # (aspect, what it means for others), in the order they are read
    supersedes: tuple[str, str] | None = None  # (decision, key)
    superseded_by: tuple[str, str] | None = None
    asked_again_by: tuple[str, str] | None = None  # an item that would supersede it and is not decided yet
    minuted: bool = False  # it stands in approved minutes: nothing about it changes any more

    @property
    def is_open(self) -> bool:
        return self.nature == "decision" and not self.outcome

    @property
    def dissent(self) -> tuple[Vote, ...]:
        return tuple(v for v in self.votes if v.choice in ("against", "agree_with_reservation"))

    @property
    def is_against_count(self) -> bool:
        """Whether what was recorded is not what the positions come to."""
        if not self.votes or self.count.because == "nobody":
            return False
        counted, recorded = self.count.result in ADOPTING, self.result in ADOPTING
        return recorded != counted and (recorded or self.result in ("rejected", "vetoed"))


def load_decisions(conn: Connection) -> list[DecisionView]:
    """Every item, in the order of its key."""
    rows = sorted(
        ((r, json.loads(r["seen_json"])) for r in queries.live(conn, "decision")),
        key=lambda x: str(x[0]["key"]),
    )
    links = queries.live(conn, "link", type="decides")
    names = queries.trace.labels(conn, {x["dst"] for x in links}.union(*(seen for _, seen in rows)))
    sessions = {s.id: s for s in queries.records(conn, Session)}
    approved = {r["session"] for r in queries.live(conn, "minutes") if r["approved_at"]}
    seats: dict[str | None, list[SeatView]] = {
        m: load_seats(conn, m) for m in {r["meeting"] for r, _ in rows}
    }
    votes: dict[str, list[Vote]] = {}
    taken = queries.live(conn, "vote")
    reworded = queries.operations.decisions_reworded(conn, {v["decision"] for v in taken})
    for v in taken:
        votes.setdefault(v["decision"], []).append(
            Vote(v["id"], v["rev"], v["seat"], v["choice"], v["reservation"], bool(v["veto"]), v["at"],
                 reworded.get(v["decision"], 0) > v["rev"])
        )  # fmt: skip
    about: dict[str, list[tuple[str, str, str]]] = {}
    for x in links:
        about.setdefault(x["src"], []).append((x["dst"], *names.get(x["dst"], ("", ""))))
    aspects = load_consequences(conn)
    keys = {r["id"]: r["key"] for r, _ in rows}
    followed = {r["supersedes"]: (r["id"], r["key"]) for r, _ in rows if r["supersedes"]}
    decided = {r["id"] for r, _ in rows if r["outcome"]}
    # What has been superseded by another decision need not be looked at again.
    stands = [(r, seen) for r, seen in rows if r["id"] not in followed or followed[r["id"]][0] not in decided]
    changed = changed_since(conn, {r["id"]: seen for r, seen in stands})
    views = []
    for r, _ in rows:
        meeting = sessions.get(r["meeting"])
        own, follows = votes.get(r["id"], []), followed.get(r["id"])
        voters = seats_of(seats[r["meeting"]], [(v.seat, v.veto) for v in own], decided=bool(r["outcome"]))
        views.append(
            DecisionView(
                r["id"], r["rev"], r["key"], r["meeting"], meeting.title if meeting else "",
                meeting.date if meeting else None, r["nature"], r["question"], r["recommendation"],
                r["consequences"], r["rule"], r["outcome"], r["why"], r["revisit_if"], r["decided_at"], tuple(own),
                tuple(about.get(r["id"], ())),
                tuple((item, names.get(item, ("", ""))[1]) for item in changed.get(r["id"], ())),
                count(r["rule"], voters, [Position(v.seat, v.choice, v.veto) for v in own]),
                place=r["place"], options=r["options"], due=r["due"], discussed=r["discussed"], result=r["result"],
                aspects=tuple(aspects.get(r["id"], {}).items()),
                supersedes=(r["supersedes"], keys.get(r["supersedes"], "")) if r["supersedes"] else None,
                superseded_by=follows if follows and follows[0] in decided else None,
                asked_again_by=follows if follows and follows[0] not in decided else None, minuted=r["meeting"] in approved,
            )
        )  # fmt: skip
    return views


def changed_since(conn: Connection, seen: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """Decision -> the items that mean something else, or rest on something else, than when it was taken."""
    if not any(seen.values()):
        return {}
    found = trust.load_trust(conn)
    return {d: list(trust.changed_meaning(conn, items, found)) for d, items in seen.items()}


def seen_fingerprints(conn: Connection, items: Sequence[str]) -> dict[str, str]:
    """What each item says and rests on now, as one fingerprint per item."""
    found = {}
    for item in items:
        if queries.trace.kind_of(conn, item) in ("requirement", "component", "category"):
            found[item] = fingerprint(*item_fields(conn, item)) + support_of(conn, item)["fp"]
    return found


def on_agenda(decisions: Sequence[DecisionView], meeting: str | None) -> list[DecisionView]:
    """A meeting's items in the order of its agenda; those that are on no meeting for None."""
    return sorted((d for d in decisions if d.meeting == meeting), key=lambda d: (d.place, d.key))


def as_recorded(view: DecisionView) -> DecisionView:
    """The same without what stands beside it today (for minutes)."""
    return replace(view, changed_since=(), superseded_by=None, asked_again_by=None)
