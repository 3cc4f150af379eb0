"""Meetings: what a committee is asked, what it decides and who disagrees.

What steering members may read of it comes from `decisions`, `minutes`, `actions` and `packs`: themes, cleared quotes
with group labels, requirements and decisions. No source names, no units, no condensates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from workbench.domain import voting
from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.language import day
from workbench.store import queries
from workbench.store.unit_of_work import UnitOfWork

from . import trust
from .consequences import retire_consequences
from .context import Context, requires
from .decisions import DecisionView as DecisionView
from .decisions import Vote as Vote
from .decisions import load_decisions as load_decisions
from .decisions import seen_fingerprints as seen_fingerprints
from .model import add_link
from .own_evidence import ensure_not_own_evidence
from .seats import ensure_may_vote, load_attendance, load_seats, seats_of

NATURES = ("orientation", "discussion", "decision")
CHOICES = voting.CHOICES
RULES = voting.RULES


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
    """The names of the seats at a meeting that have a vote, in their order."""
    with ctx.read() as conn:
        return [s.name for s in load_seats(conn, meeting) if s.may_vote]


# -- meetings ----------------------------------------------------------------------------------------------


@requires(Action.MEET)
def add_meeting(ctx: Context, *, title: str, date: str | None = None, attendance: str = "") -> str:
    """A committee meeting; `attendance` names its seats, one on each line, where the project has made none."""
    if not title.strip():
        raise Refused("session.needs_title")
    with ctx.write("add_meeting") as work:
        row = {
            "id": ctx.new_id(),
            "kind": "meeting",
            "date": checked_day(date),
            "title": title.strip(),
            "attendance": attendance,
        }
        work.ids = {"session": row["id"]}
        return work.insert("session", row)


@requires(Action.MEET)
def change_meeting(ctx: Context, meeting: str, *, rev: int, title: str, date: str | None) -> None:
    if not title.strip():
        raise Refused("session.needs_title")
    with ctx.write("change_meeting") as work:
        work.ids = {"session": meeting}
        work.update("session", meeting, {"title": title.strip(), "date": checked_day(date)}, rev=rev)


# -- what is asked -----------------------------------------------------------------------------------------


@requires(Action.MEET)
def add_decision(
    ctx: Context,
    *,
    question: str,
    nature: str = "decision",
    meeting: str | None = None,
    recommendation: str = "",
    consequences: str = "",
    options: str = "",
    rule: str = "consensus",
    revisit_if: str = "",
    due: str | None = None,
    about: Sequence[str] = (),
    supersedes: str | None = None,
    aspects: Mapping[str, str] | None = None,
) -> str:
    """Put an item on a meeting's agenda: what is asked, what is recommended, what it costs.

    `due` is the last day (ISO) on which positions are taken without a meeting; `supersedes` a decision that this one
    would take the place of; `aspects` what it means for others (consequences.ASPECTS)."""
    if not question.strip():
        raise Refused("decision.needs_question")
    if nature not in NATURES:
        raise Refused("decision.unknown_nature", nature=nature)
    if rule not in RULES:
        raise Refused("vote.unknown_rule")
    with ctx.write("add_decision") as work:
        decision = ctx.new_id()
        row = {"id": decision, "key": work.next_key("decision", "DEC"), "meeting": meeting, "nature": nature,
               "question": question.strip(), "recommendation": recommendation.strip(), "options": options.strip(),
               "consequences": consequences.strip(), "rule": rule, "revisit_if": revisit_if.strip(),
               "due": checked_day(due), "place": _last_place(work, meeting), "supersedes": supersedes}  # fmt: skip
        if supersedes:
            _ensure_can_be_superseded(work, supersedes)
        work.insert("decision", row)
        work.ids = {"decision": decision}
        for item in about:
            add_link(ctx, work, "decides", decision, item)
        for aspect, text in (aspects or {}).items():
            row = {"id": ctx.new_id(), "item": decision, "aspect": aspect, "text": text}
            work.insert("consequence", row)
        _ensure_not_on_own_evidence(work, decision)
        return decision


@requires(Action.MEET)
def ask_again(ctx: Context, decision: str, *, meeting: str | None = None) -> str:
    """A new item that asks what was decided before, about the same things, and supersedes that once it is decided."""
    with ctx.read() as conn:
        old = next((d for d in load_decisions(conn) if d.id == decision), None)
    if old is None:
        raise Refused("error.gone", kind="decision")
    return add_decision(
        ctx, question=old.question, nature=old.nature, meeting=meeting, recommendation=old.recommendation,
        consequences=old.consequences, options=old.options, rule=old.rule, revisit_if=old.revisit_if,
        about=[item for item, _, _ in old.about], supersedes=decision, aspects=dict(old.aspects),
    )  # fmt: skip


def _ensure_can_be_superseded(work: UnitOfWork, decision: str) -> None:
    if not work.get("decision", decision)["outcome"]:
        raise Refused("decision.not_decided")
    for other in work.live("decision", supersedes=decision):
        raise Refused("decision.superseded_already", key=other["key"])


def checked_day(value: str | None) -> str | None:
    """A day as it is kept (ISO), None for none; raises Refused for what is no day."""
    try:
        return date.fromisoformat(value).isoformat() if value else None
    except ValueError:
        raise Refused("error.no_day", value=str(value)[:40]) from None


def _last_place(work: UnitOfWork, meeting: str | None) -> int:
    return max((int(r["place"]) for r in work.live("decision", meeting=meeting)), default=0) + 1


@requires(Action.MEET)
def change_decision(
    ctx: Context,
    decision: str,
    *,
    rev: int,
    question: str,
    recommendation: str,
    consequences: str,
    nature: str | None = None,
    options: str | None = None,
    rule: str | None = None,
    revisit_if: str | None = None,
    due: str | None = None,
) -> None:
    """Change what is asked; once decided, record a new decision instead. None leaves a field; an empty `due` clears it."""
    if not question.strip():
        raise Refused("decision.needs_question")
    if nature is not None and nature not in NATURES:
        raise Refused("decision.unknown_nature", nature=nature)
    if rule is not None and rule not in RULES:
        raise Refused("vote.unknown_rule")
    with ctx.write("change_decision") as work:
        work.ids = {"decision": decision}
        if work.get("decision", decision)["outcome"]:
            raise Refused("decision.already")
        texts = {"question": question, "recommendation": recommendation, "consequences": consequences,
                 "nature": nature, "options": options, "rule": rule, "revisit_if": revisit_if}  # fmt: skip
        changes: dict[str, object] = {name: text.strip() for name, text in texts.items() if text is not None}
        if due is not None:
            changes["due"] = checked_day(due)
        work.update("decision", decision, changes, rev=rev)


@requires(Action.MEET)
def place_decision(ctx: Context, decision: str, meeting: str | None) -> None:
    """Put an item last on another meeting's agenda, or (None) on no meeting's: then it is asked by mail."""
    with ctx.write("place_decision") as work:
        work.ids = {"decision": decision}
        row = work.get("decision", decision)
        if row["outcome"]:
            raise Refused("decision.already")
        if row["meeting"] != meeting:
            work.update("decision", decision, {"meeting": meeting, "place": _last_place(work, meeting)})
            _ensure_not_on_own_evidence(work, decision)


@requires(Action.MEET)
def move_decision(ctx: Context, decision: str, by: int) -> None:
    """Move an item up (-1) or down (1) on its agenda; at the end of it nothing happens."""
    with ctx.write("move_decision") as work:
        work.ids = {"decision": decision}
        meeting = work.get("decision", decision)["meeting"]
        order = [
            r["id"]
            for r in sorted(work.live("decision", meeting=meeting), key=lambda r: (r["place"], r["key"]))
        ]
        at = order.index(decision)
        order.insert(max(0, at + by), order.pop(at))
        for place, id in enumerate(order, 1):
            work.update("decision", id, {"place": place})


@requires(Action.MEET)
def set_discussed(ctx: Context, decision: str, text: str, *, rev: int | None = None) -> None:
    """What was said to an item, for the minutes."""
    with ctx.write("set_discussed") as work:
        work.ids = {"decision": decision}
        work.update("decision", decision, {"discussed": text.strip()}, rev=rev)


@requires(Action.MEET)
def retire_decision(ctx: Context, decision: str) -> None:
    """Take an item off the agenda, with its positions; one that was decided stays."""
    with ctx.write("retire_decision") as work:
        work.ids = {"decision": decision}
        if work.get("decision", decision)["outcome"]:
            raise Refused("decision.already")
        retire_consequences(work, decision)
        for table, held in (("vote", "decision"), ("link", "src")):
            for row in work.live(table, **{held: decision}):
                work.retire(table, row["id"])
        work.retire("decision", decision)


# -- positions ---------------------------------------------------------------------------------------------


@requires(Action.DECIDE)
def take_position(
    ctx: Context,
    decision: str,
    *,
    seat: str,
    choice: str,
    reservation: str = "",
    veto: bool = False,
    rev: int | None = None,
) -> str:
    """A seat's position, kept with its reason. A veto is against, by a seat that has one.

    Taken again, it replaces the seat's earlier one only knowingly: with its `rev`. Raises StaleEdit where the seat
    has taken another one since (0: none yet), so that nobody's reservation goes unread, and Refused without `rev`."""
    seat = seat.strip()
    choice = "against" if veto else choice
    if not seat:
        raise Refused("vote.needs_seat")
    if choice not in CHOICES:
        raise Refused("vote.unknown_choice", choice=choice)
    if choice in ("against", "agree_with_reservation") and not reservation.strip():
        raise Refused("vote.veto_needs_reason" if veto else "vote.needs_reason")
    with ctx.write("take_position") as work:
        row = work.get("decision", decision)
        work.ids = {"decision": decision}
        _ensure_open(ctx, row)
        ensure_may_vote(work.connection, row["meeting"], seat, veto=veto)
        found = work.live("vote", decision=decision, seat=seat)
        changes = {"choice": choice, "reservation": reservation.strip(), "veto": int(veto), "at": work.at}
        if found and rev is None:
            raise Refused("vote.seat_twice", seat=seat)
        if found:
            if rev == found[0]["rev"] and all(
                found[0][c] == changes[c] for c in ("choice", "reservation", "veto")
            ):
                return str(found[0]["id"])
            work.update("vote", found[0]["id"], changes, rev=rev)
            return str(found[0]["id"])
        return work.insert("vote", {"id": ctx.new_id(), "decision": decision, "seat": seat, **changes})


@requires(Action.MEET)
def rest_agree(ctx: Context, decision: str) -> int:
    """Note in the room that every seat that is there, or sent a deputy, and has said nothing agrees: "anybody against?
    Then it is agreed." Where attendance has not been noted, every seat with a vote. Returns how many."""
    with ctx.write("rest_agree") as work:
        row = work.get("decision", decision)
        work.ids = {"decision": decision}
        _ensure_open(ctx, row)
        if not row["meeting"]:
            raise Refused("vote.not_in_room")
        conn = work.connection
        seats = [s.name for s in load_seats(conn, row["meeting"]) if s.may_vote]
        noted = load_attendance(conn, row["meeting"])
        if any(a.status for a in noted):
            here = {a.seat for a in noted if a.status == "present" or a.deputy}
            seats = [s for s in seats if s in here]
        said = {v["seat"] for v in work.live("vote", decision=decision)}
        rest = [s for s in seats if s not in said]
        if not rest:
            raise Refused("vote.nobody_left")
        for seat in rest:
            work.insert("vote", {"id": ctx.new_id(), "decision": decision, "seat": seat, "choice": "agree",
                                 "at": work.at})  # fmt: skip
        return len(rest)


def _ensure_open(ctx: Context, row: dict[str, Any]) -> None:
    """Raise Refused where it is decided, or its last day for positions is over."""
    if row["outcome"]:
        raise Refused("decision.already")
    if row["due"] and local_day(ctx.now()) > row["due"]:
        raise Refused("vote.after_due", due=day(row["due"]))


def local_day(now: datetime) -> str:
    """The day it is where the project is worked on: a deadline ends with that day, at 23:59."""
    return now.astimezone().date().isoformat()


# -- what was decided --------------------------------------------------------------------------------------


@requires(Action.MEET)
def record_decision(
    ctx: Context,
    decision: str,
    *,
    outcome: str,
    why: str,
    result: str | None = None,
    revisit_if: str = "",
    accept: Sequence[str] = (),
    park: Sequence[str] = (),
    at: str | None = None,
    rev: int | None = None,
) -> None:
    """Record what was decided and why, with what the committee saw (as fingerprints), and the new status of
    requirements it accepts or parks, in one operation. With `rev`, only on the question as it read then;
    raises StaleEdit if somebody has changed it since.

    `result` is what a person says came of it; without one, what the positions come to, or that it was adopted."""
    if not outcome.strip():
        raise Refused("decision.needs_outcome")
    if result is not None and result not in voting.RESULTS:
        raise Refused("decision.unknown_result")
    if set(accept) & set(park):
        raise Refused("decision.accept_and_park")
    with ctx.write("record_decision") as work:
        row = work.get("decision", decision)
        work.ids = {"decision": decision}
        if row["outcome"]:
            raise Refused("decision.already")
        if not why.strip() and row["nature"] == "decision":
            raise Refused("decision.needs_why")
        result = result or _result(work, row)
        if accept and result not in voting.ADOPTING and row["nature"] == "decision":
            raise Refused("decision.not_adopted")
        for status, items in (("accepted", accept), ("parked", park)):
            for requirement in items:
                work.update("requirement", requirement, {"status": status})
        about = [r["dst"] for r in work.live("link", src=decision, type="decides")]
        for item in list(about):
            about += queries.trace.themes_of(work.connection, item)
        seen = seen_fingerprints(work.connection, list(dict.fromkeys(about)))
        changes = {"outcome": outcome.strip(), "why": why.strip(), "decided_at": at or local_day(ctx.now()),
                   "result": result, "revisit_if": revisit_if.strip() or row["revisit_if"],
                   "seen_json": json.dumps(seen)}  # fmt: skip
        work.update("decision", decision, changes, rev=rev)
        if accept:
            trust.accept_reviews(ctx, work, list(accept), "accepted")


def _result(work: UnitOfWork, row: dict[str, object]) -> str:
    if row["nature"] != "decision":
        return "noted"
    votes = work.live("vote", decision=row["id"])
    seats = seats_of(load_seats(work.connection), [(v["seat"], bool(v["veto"])) for v in votes], decided=True)
    positions = [voting.Position(v["seat"], v["choice"], bool(v["veto"])) for v in votes]
    counted = voting.count(str(row["rule"]), seats, positions)
    if counted.result != "undecided":
        return counted.result
    return "with_reservations" if counted.reservations or counted.against else "adopted"


# -- the committee as a source -----------------------------------------------------------------------------


def _ensure_not_on_own_evidence(work: UnitOfWork, decision: str) -> None:
    """The same, where the decision comes after the ground."""
    for asked in work.live("link", type="decides", src=decision):
        for ground in work.live("link", type="based_on", src=asked["dst"]):
            ensure_not_own_evidence(work.connection, asked["dst"], ground["dst"])
