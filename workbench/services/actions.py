"""Actions: what somebody took on at a meeting, by when, and what came of it; those that are open are carried on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection

from .context import Context, requires
from .meetings import checked_day, local_day


@dataclass(frozen=True, slots=True)
class ActionView:
    """`owner` is a role, never a name; `due` a day (ISO); `late` the days since it, 0 when it is not late."""

    id: str
    rev: int
    text: str
    owner: str
    due: str | None
    done_at: str | None  # ISO, day or moment
    outcome: str
    meeting: str | None
    meeting_title: str
    meeting_date: str | None
    decision: str | None
    decision_key: str
    late: int

    @property
    def is_open(self) -> bool:
        return self.done_at is None


def load_actions(conn: Connection, today: str) -> list[ActionView]:
    """Open ones first, the earliest deadline first; then those done, the latest first."""
    sessions = {s.id: s for s in queries.records(conn, Session)}
    keys = {r["id"]: r["key"] for r in queries.live(conn, "decision")}
    found = []
    for r in queries.live(conn, "action"):
        s = sessions.get(r["session"])
        late = (
            (date.fromisoformat(today) - date.fromisoformat(r["due"])).days
            if r["due"] and not r["done_at"]
            else 0
        )
        found.append(
            ActionView(r["id"], r["rev"], r["text"], r["owner"], r["due"], r["done_at"], r["outcome"], r["session"],
                       s.title if s else "", s.date if s else None, r["decision"], keys.get(r["decision"], ""),
                       max(late, 0))
        )  # fmt: skip
    still = sorted((a for a in found if a.is_open), key=lambda a: (a.due or "9999", a.meeting_date or ""))
    return still + sorted((a for a in found if not a.is_open), key=lambda a: str(a.done_at), reverse=True)


def carried(actions: list[ActionView], meeting: Session, until: str | None = None) -> list[ActionView]:
    """The actions of earlier meetings that this one looks at: those open before it, as they stood at `until` (ISO,
    when its minutes were approved) or stand now; one that was done is told once, at the first meeting after."""
    found = []
    for a in actions:
        if (
            a.meeting == meeting.id
            or not a.meeting_date
            or not meeting.date
            or a.meeting_date >= meeting.date
        ):
            continue
        if a.done_at and until and a.done_at > until:
            found.append(ActionView(**{**{f: getattr(a, f) for f in ActionView.__slots__}, "done_at": None,
                                       "outcome": "", "late": 0}))  # fmt: skip
        else:
            found.append(a)
    return found


@requires(Action.READ_THEMES)
def list_actions(
    ctx: Context, *, open_only: bool = False, before_meeting: str | None = None
) -> list[ActionView]:
    """Actions; with `before_meeting` those that the meeting carries on from earlier ones: open, or done since the
    meeting before it."""
    with ctx.read() as conn:
        found = load_actions(conn, local_day(ctx.now()))
        if before_meeting is not None:
            meetings = queries.records(conn, Session, kind="meeting", order="date, title")
            here = next((m for m in meetings if m.id == before_meeting), None)
            if here is None:
                return []
            found = since_last(carried(found, here), meetings, here)
        return [a for a in found if a.is_open or not open_only]


def since_last(actions: list[ActionView], meetings: list[Session], here: Session) -> list[ActionView]:
    """Without those that were done on or before the day of the meeting before this one: that one has told it."""
    earlier = [m.date for m in meetings if m.date and here.date and m.date < here.date]
    last = max(earlier, default="")
    return [a for a in actions if a.is_open or str(a.done_at)[:10] > last]


@requires(Action.MEET)
def add_action(
    ctx: Context,
    *,
    text: str,
    owner: str = "",
    due: str | None = None,
    meeting: str | None = None,
    decision: str | None = None,
) -> str:
    """What somebody does next: `owner` a role, `due` the last day (ISO); returns its id."""
    if not text.strip():
        raise Refused("action.needs_text")
    with ctx.write("add_action") as work:
        if decision and meeting is None:
            meeting = work.get("decision", decision)["meeting"]
        row = {"id": ctx.new_id(), "session": meeting, "decision": decision, "text": text.strip(),
               "owner": " ".join(owner.split()), "due": checked_day(due)}  # fmt: skip
        work.ids = {"session": meeting} if meeting else {}
        return work.insert("action", row)


@requires(Action.MEET)
def change_action(ctx: Context, action: str, *, rev: int, text: str, owner: str, due: str | None) -> None:
    if not text.strip():
        raise Refused("action.needs_text")
    with ctx.write("change_action") as work:
        changes = {"text": text.strip(), "owner": " ".join(owner.split()),
                   "due": checked_day(due)}  # fmt: skip
        work.update("action", action, changes, rev=rev)


@requires(Action.MEET)
def finish_action(ctx: Context, action: str, *, outcome: str = "", rev: int | None = None) -> None:
    """It is done, or need not be done any more; `outcome` says what came of it."""
    with ctx.write("finish_action") as work:
        if work.get("action", action)["done_at"]:
            raise Refused("action.done_already")
        work.update("action", action, {"done_at": work.at, "outcome": outcome.strip()}, rev=rev)


@requires(Action.MEET)
def reopen_action(ctx: Context, action: str) -> None:
    with ctx.write("reopen_action") as work:
        work.update("action", action, {"done_at": None, "outcome": ""})


@requires(Action.MEET)
def retire_action(ctx: Context, action: str) -> None:
    with ctx.write("retire_action") as work:
        work.retire("action", action)


@requires(Action.MEET)
def renew_action(ctx: Context, action: str, *, due: str, outcome: str, meeting: str) -> str:
    """Give an action of an earlier meeting a new deadline: the old one is finished with what came of it, and it is
    taken on anew at this meeting. What approved minutes say stays as it was. Returns the new one's id."""
    with ctx.write("renew_action") as work:
        old = work.get("action", action)
        if old["done_at"]:
            raise Refused("action.done_already")
        work.ids = {"session": meeting}
        work.update("action", action, {"done_at": work.at, "outcome": outcome})
        row = {"id": ctx.new_id(), "session": meeting, "decision": old["decision"], "text": old["text"],
               "owner": old["owner"], "due": checked_day(due)}  # fmt: skip
        return work.insert("action", row)
