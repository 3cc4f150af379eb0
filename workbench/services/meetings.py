"""Meetings: what a committee is asked, what it sees, what it decides and who disagrees.

What steering members may read comes from here and from nowhere else: themes, cleared quotes with group
labels, requirements and decisions. No source names, no units, no condensates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.domain.trace import fingerprint
from workbench.store import queries
from workbench.store.connection import Connection

from .context import Context, requires
from .model import (
    add_link,
)
from .versioning import item_fields, support_of

NATURES = ("orientation", "discussion", "decision")
CHOICES = ("agree", "agree_with_reservation", "against", "abstain")


@dataclass(frozen=True, slots=True)
class Vote:
    id: str
    rev: int
    seat: str
    choice: str
    reservation: str


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

    @property
    def is_open(self) -> bool:
        return self.nature == "decision" and not self.outcome

    @property
    def dissent(self) -> tuple[Vote, ...]:
        return tuple(v for v in self.votes if v.choice in ("against", "agree_with_reservation"))


def load_decisions(conn: Connection) -> list[DecisionView]:
    decisions = [(r, json.loads(r["seen_json"])) for r in queries.live(conn, "decision")]
    links = queries.live(conn, "link", type="decides")
    names = queries.trace.labels(conn, {x["dst"] for x in links}.union(*(seen for _, seen in decisions)))
    sessions = {s.id: s for s in queries.records(conn, Session)}
    votes: dict[str, list[Vote]] = {}
    for r in queries.live(conn, "vote"):
        votes.setdefault(r["decision"], []).append(
            Vote(r["id"], r["rev"], r["seat"], r["choice"], r["reservation"])
        )
    about: dict[str, list[tuple[str, str, str]]] = {}
    for r in links:
        about.setdefault(r["src"], []).append((r["dst"], *names.get(r["dst"], ("", ""))))
    views = []
    for r, seen in sorted(decisions, key=lambda d: str(d[0]["key"])):
        meeting = sessions.get(r["meeting"])
        now = seen_fingerprints(conn, list(seen))
        views.append(
            DecisionView(
                r["id"],
                r["rev"],
                r["key"],
                r["meeting"],
                meeting.title if meeting else "",
                meeting.date if meeting else None,
                r["nature"],
                r["question"],
                r["recommendation"],
                r["consequences"],
                r["rule"],
                r["outcome"],
                r["why"],
                r["revisit_if"],
                r["decided_at"],
                tuple(votes.get(r["id"], ())),
                tuple(about.get(r["id"], ())),
                tuple(
                    (item, names.get(item, ("", ""))[1]) for item, fp in seen.items() if now.get(item) != fp
                ),
            )
        )
    return views


def seen_fingerprints(conn: Connection, items: Sequence[str]) -> dict[str, str]:
    """What each item says and rests on now, as one fingerprint per item."""
    found = {}
    for item in items:
        if queries.trace.kind_of(conn, item) in ("requirement", "component", "category"):
            found[item] = fingerprint(*item_fields(conn, item)) + support_of(conn, item)["fp"]
    return found


@requires(Action.READ_THEMES)
def list_decisions(ctx: Context) -> list[DecisionView]:
    with ctx.read() as conn:
        return load_decisions(conn)


@requires(Action.READ_THEMES)
def list_meetings(ctx: Context) -> list[Session]:
    """Committee meetings, in order of date."""
    with ctx.read() as conn:
        return queries.records(conn, Session, kind="meeting", order="date, title")


@requires(Action.READ_THEMES)
def list_seats(ctx: Context, meeting: str | None) -> list[str]:
    """The seats (roles, never names) at a meeting: its attendance, else every seat known so far."""
    with ctx.read() as conn:
        here = [m["attendance"] for m in queries.live(conn, "session", id=meeting)]
        known = [m["attendance"] for m in queries.live(conn, "session", kind="meeting")]
        known += [v["seat"] for v in queries.live(conn, "vote")]

    def seats(lists: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(s.strip() for text in lists for s in text.splitlines() if s.strip()))

    return seats(here) or seats(known)


@requires(Action.MEET)
def add_meeting(ctx: Context, *, title: str, date: str | None = None, attendance: str = "") -> str:
    if not title.strip():
        raise Refused("session.needs_title")
    with ctx.write("add_meeting") as work:
        row = {
            "id": ctx.new_id(),
            "kind": "meeting",
            "date": date,
            "title": title.strip(),
            "attendance": attendance,
        }
        work.ids = {"session": row["id"]}
        return work.insert("session", row)


@requires(Action.MEET)
def add_decision(
    ctx: Context,
    *,
    question: str,
    nature: str = "decision",
    meeting: str | None = None,
    recommendation: str = "",
    consequences: str = "",
    rule: str = "consensus",
    revisit_if: str = "",
    about: Sequence[str] = (),
) -> str:
    """Put an item on a meeting's agenda: what is asked, what is recommended, what it costs."""
    if not question.strip():
        raise Refused("decision.needs_question")
    if nature not in NATURES:
        raise Refused("decision.unknown_nature", nature=nature)
    with ctx.write("add_decision") as work:
        decision = ctx.new_id()
        row = {"id": decision, "key": work.next_key("decision", "DEC"), "meeting": meeting, "nature": nature,
               "question": question.strip(), "recommendation": recommendation.strip(),
               "consequences": consequences.strip(), "rule": rule, "revisit_if": revisit_if.strip()}  # fmt: skip
        work.insert("decision", row)
        work.ids = {"decision": decision}
        for item in about:
            add_link(ctx, work, "decides", decision, item)
        return decision


@requires(Action.MEET)
def change_decision(
    ctx: Context, decision: str, *, rev: int, question: str, recommendation: str, consequences: str
) -> None:
    """Change what is asked; once decided, record a new decision instead."""
    if not question.strip():
        raise Refused("decision.needs_question")
    with ctx.write("change_decision") as work:
        work.ids = {"decision": decision}
        if work.get("decision", decision)["outcome"]:
            raise Refused("decision.already")
        changes = {"question": question.strip(), "recommendation": recommendation.strip(),
                   "consequences": consequences.strip()}  # fmt: skip
        work.update("decision", decision, changes, rev=rev)


@requires(Action.DECIDE)
def take_position(
    ctx: Context, decision: str, *, seat: str, choice: str, reservation: str = "", rev: int | None = None
) -> str:
    """A seat's position, kept with its reason; taken again, it replaces the seat's earlier one.

    With `rev`, only the position whose rev it is (0: none); raises StaleEdit where the seat has taken another
    one since, so that nobody's reservation goes unread."""
    if not seat.strip():
        raise Refused("vote.needs_seat")
    if choice not in CHOICES:
        raise Refused("vote.unknown_choice", choice=choice)
    if choice in ("against", "agree_with_reservation") and not reservation.strip():
        raise Refused("vote.needs_reason")
    with ctx.write("take_position") as work:
        row = work.get("decision", decision)
        work.ids = {"decision": decision}
        if row["outcome"]:
            raise Refused("decision.already")
        found = work.live("vote", decision=decision, seat=seat.strip())
        changes = {"choice": choice, "reservation": reservation.strip()}
        if found:
            work.update("vote", found[0]["id"], changes, rev=rev)
            return str(found[0]["id"])
        return work.insert(
            "vote", {"id": ctx.new_id(), "decision": decision, "seat": seat.strip(), **changes}
        )


@requires(Action.MEET)
def record_decision(
    ctx: Context,
    decision: str,
    *,
    outcome: str,
    why: str,
    revisit_if: str = "",
    accept: Sequence[str] = (),
    park: Sequence[str] = (),
    at: str | None = None,
    rev: int | None = None,
) -> None:
    """Record what was decided and why, with what the committee saw (as fingerprints), and the new status of
    requirements it accepts or parks, in one operation. With `rev`, only on the question as it read then;
    raises StaleEdit if somebody has changed it since."""
    if not outcome.strip():
        raise Refused("decision.needs_outcome")
    if not why.strip():
        raise Refused("decision.needs_why")
    with ctx.write("record_decision") as work:
        row = work.get("decision", decision)
        work.ids = {"decision": decision}
        if row["outcome"]:
            raise Refused("decision.already")
        for status, items in (("accepted", accept), ("parked", park)):
            for requirement in items:
                work.update("requirement", requirement, {"status": status})
        about = [r["dst"] for r in work.live("link", src=decision, type="decides")]
        for item in list(about):
            about += queries.trace.themes_of(work.connection, item)
        seen = seen_fingerprints(work.connection, list(dict.fromkeys(about)))
        changes = {"outcome": outcome.strip(), "why": why.strip(), "decided_at": at or ctx.now().date().isoformat(),
                   "revisit_if": revisit_if.strip() or row["revisit_if"], "seen_json": json.dumps(seen)}  # fmt: skip
        work.update("decision", decision, changes, rev=rev)


@requires(Action.MEET)
def retire_decision(ctx: Context, decision: str) -> None:
    """Take an item off the agenda, with its positions; one that was decided stays."""
    with ctx.write("retire_decision") as work:
        work.ids = {"decision": decision}
        if work.get("decision", decision)["outcome"]:
            raise Refused("decision.already")
        for vote in work.live("vote", decision=decision):
            work.retire("vote", vote["id"])
        for link in work.live("link", src=decision):
            work.retire("link", link["id"])
        work.retire("decision", decision)
