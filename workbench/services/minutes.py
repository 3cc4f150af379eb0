"""Minutes: made from what was done at a meeting, with free remarks, approved in the room; then they stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection

from .actions import ActionView, carried, load_actions, since_last
from .context import Context, requires
from .decisions import DecisionView, as_recorded, load_decisions, on_agenda
from .meetings import local_day
from .seats import Attendance, load_attendance, load_seats


@dataclass(frozen=True, slots=True)
class MinuteItem:
    """An item of the agenda: `n` its number, `keys` of the requirements and components it was about; the rest, with
    what was said, positions, count, outcome and revisit-if, in `decision`."""

    n: int
    decision: DecisionView
    keys: tuple[str, ...]
    actions: tuple[ActionView, ...]


@dataclass(frozen=True, slots=True)
class MinutesView:
    meeting: Session
    id: str | None  # None until something has been written or approved
    rev: int
    chair: str  # the seat that holds the chair; "" where none does
    attendance: tuple[Attendance, ...]
    earlier: tuple[ActionView, ...]  # actions of earlier meetings, as they stood
    items: tuple[MinuteItem, ...]
    actions: tuple[ActionView, ...]  # taken on at this meeting, of no item
    remarks: str
    approved_at: str | None
    approved_by: str  # a seat
    as_of: int = field(
        default=0, compare=False
    )  # the last operation when they were read, for approving what was read

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def ids(self) -> tuple[str, ...]:
        """What a file of these minutes holds: for the release that keeps that it left."""
        return (self.meeting.id, *(i.decision.id for i in self.items))


def load_minutes(conn: Connection, meeting: str, today: str) -> MinutesView:
    """Raises Refused("error.gone") for what is no meeting."""
    meetings = queries.records(conn, Session, kind="meeting", order="date, title")
    here = next((m for m in meetings if m.id == meeting), None)
    if here is None:
        raise Refused("error.gone", kind="session")
    row = next(iter(queries.live(conn, "minutes", session=meeting)), None)
    approved_at = row["approved_at"] if row else None
    every = load_actions(conn, today)
    own = [_as_taken(a) if approved_at else a for a in every if a.meeting == meeting]
    decisions = [as_recorded(d) for d in on_agenda(load_decisions(conn), meeting)]
    listed = {d.id for d in decisions}
    return MinutesView(
        here, row["id"] if row else None, row["rev"] if row else 0,
        next((s.name for s in load_seats(conn, meeting) if s.is_chair), ""),
        tuple(a for a in load_attendance(conn, meeting) if a.status or not approved_at),
        tuple(since_last(carried(every, here, approved_at), meetings, here)),
        tuple(
            MinuteItem(
                n, d, tuple(k for item, _, _ in d.about if (k := queries.trace.key_of(conn, item))),
                tuple(a for a in own if a.decision == d.id),
            )
            for n, d in enumerate(decisions, 1)
        ),
        tuple(a for a in own if a.decision not in listed),
        row["remarks"] if row else "", approved_at, row["approved_by"] if row else "", queries.operations.last_seq(conn),
    )  # fmt: skip


def _as_taken(a: ActionView) -> ActionView:
    """An action as the meeting took it on, whatever came of it later; nobody edits it here, so its rev is 0."""
    return ActionView(a.id, 0, a.text, a.owner, a.due, None, "", a.meeting, a.meeting_title, a.meeting_date,
                      a.decision, a.decision_key, 0)  # fmt: skip


@requires(Action.READ_THEMES)
def minutes_of(ctx: Context, meeting: str) -> MinutesView:
    """A meeting's minutes as they stand; the committee reads them once they are approved, before that it is refused."""
    with ctx.read() as conn:
        found = load_minutes(conn, meeting, local_day(ctx.now()))
    if not found.is_approved and not can(ctx.member.role, Action.MEET):
        raise Refused("minutes.not_approved")
    return found


@requires(Action.READ_THEMES)
def approved_minutes(ctx: Context) -> list[tuple[str, str, str]]:
    """(meeting, when approved, by which seat) of every meeting whose minutes have been approved."""
    with ctx.read() as conn:
        return [
            (r["session"], r["approved_at"], r["approved_by"]) for r in queries.live(conn, "minutes") if r["approved_at"]
        ]  # fmt: skip


@requires(Action.MEET)
def set_remarks(ctx: Context, meeting: str, text: str, *, rev: int | None = None) -> None:
    """What the minutes say beside what was done. `rev` as read, 0 where there were none; raises StaleEdit."""
    with ctx.write("set_remarks") as work:
        work.ids = {"session": meeting}
        work.get("session", meeting)
        found = work.live("minutes", session=meeting)
        if found:
            work.update("minutes", found[0]["id"], {"remarks": text.strip()}, rev=rev)
        elif text.strip():
            work.insert("minutes", {"id": ctx.new_id(), "session": meeting, "remarks": text.strip()})


@requires(Action.MEET)
def approve_minutes(ctx: Context, meeting: str, *, seat: str = "", as_of: int | None = None) -> None:
    """Approve in the room, by a seat (the chair's unless another is named). Decisions that were not reached go on to
    the next meeting, or to none, and the minutes say so. From then on nothing that they hold changes.

    With `as_of` (of the minutes that were read out) refused where somebody else has changed something in them since."""
    with ctx.write("approve_minutes") as work:
        conn = work.connection
        work.ids = {"session": meeting}
        here = load_minutes(conn, meeting, local_day(ctx.now()))
        by = seat.strip() or here.chair
        if here.is_approved:
            raise Refused("minutes.approved_already")
        if as_of is not None and (
            who := queries.operations.changed_minutes(conn, meeting, as_of, ctx.member.id)
        ):
            raise Refused("minutes.changed_meanwhile", who=who)
        if not by:
            raise Refused("minutes.needs_seat")
        if any(load_seats(conn)) and by not in {a.seat for a in here.attendance}:
            raise Refused("vote.no_such_seat", seat=by)
        if not here.items and not any(a.status for a in here.attendance):
            raise Refused("minutes.nothing_done")
        closed = {r["session"] for r in work.live("minutes") if r["approved_at"]}
        later = [
            m for m in queries.records(conn, Session, kind="meeting", order="date, title")
            if m.date and here.meeting.date and m.date > here.meeting.date and m.id not in closed
        ]  # fmt: skip
        following = later[0].id if later else None
        place = max((int(r["place"]) for r in work.live("decision", meeting=following)), default=0)
        remarks = [here.remarks] if here.remarks else []
        for n, item in enumerate((i for i in here.items if i.decision.is_open), 1):
            d = item.decision
            remarks.append(t("minutes.not_reached", key=d.key, question=d.question))
            work.update("decision", d.id, {"meeting": following, "place": place + n})
        if any(a.status for a in here.attendance):
            for a in here.attendance:
                if not a.status:
                    work.insert(
                        "attendance",
                        {"id": ctx.new_id(), "session": meeting, "seat": a.seat, "status": "absent"},
                    )
        changes = {"remarks": "\n".join(remarks), "approved_at": work.at, "approved_by": by}
        if here.id:
            work.update("minutes", here.id, changes)
        else:
            work.insert("minutes", {"id": ctx.new_id(), "session": meeting, **changes})
