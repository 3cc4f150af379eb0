"""The committee's seats (roles, never names), what each may do, and who came to a meeting, by seat."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain import voting
from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires

STATUSES = ("present", "apology", "absent")


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat; `id` is None and `rev` 0 for one that only a meeting's list of seats names."""

    id: str | None
    rev: int
    name: str
    stakeholder_group: str | None
    is_chair: bool
    has_veto: bool
    may_vote: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """A seat at a meeting. `status` present | apology | absent, "" while nobody has said; `deputy` is a role."""

    seat: str
    status: str
    deputy: str
    rev: int


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(s.strip() for s in text.splitlines() if s.strip()))


def load_seats(conn: Connection, meeting: str | None = None) -> list[SeatView]:
    """The seats in order. Where no seat has been made, those that the meeting's own list names, else every one that
    a meeting's list or a position does."""
    rows = sorted(queries.live(conn, "seat"), key=lambda r: int(r["position"]))
    if rows:
        return [
            SeatView(r["id"], r["rev"], r["name"], r["stakeholder_group"], bool(r["is_chair"]), bool(r["has_veto"]),
                     bool(r["may_vote"]))
            for r in rows
        ]  # fmt: skip
    here = [s for m in queries.live(conn, "session", id=meeting) for s in _lines(m["attendance"])]
    if not here:
        here = [s for m in queries.live(conn, "session", kind="meeting") for s in _lines(m["attendance"])]
        here += [v["seat"] for v in queries.live(conn, "vote")]
    return [SeatView(None, 0, name, None, False, False, True) for name in dict.fromkeys(here)]


def seats_of(
    seats: list[SeatView], votes: list[tuple[str, bool]], *, decided: bool = False
) -> list[voting.Seat]:
    """The seats that a decision's positions are counted among. `votes` are (seat, veto): a seat that is gone since
    counts as it did when it took its position; once it is decided, nobody is waited for."""
    taken = dict(votes)
    known = {s.name for s in seats}
    found = [
        voting.Seat(s.name, s.may_vote or s.name in taken, s.is_chair, s.has_veto or taken.get(s.name, False))
        for s in seats
        if not decided or s.name in taken
    ]
    return found + [voting.Seat(name, has_veto=veto) for name, veto in votes if name not in known]


def load_attendance(conn: Connection, meeting: str) -> list[Attendance]:
    """Every seat at a meeting, in the order of the seats."""
    noted = {r["seat"]: r for r in queries.live(conn, "attendance", session=meeting)}
    names = dict.fromkeys([*(s.name for s in load_seats(conn, meeting)), *noted])
    return [
        Attendance(name, r["status"], r["deputy"], r["rev"]) if (r := noted.get(name)) else Attendance(name, "", "", 0)
        for name in names
    ]  # fmt: skip


def ensure_may_vote(conn: Connection, meeting: str | None, seat: str, *, veto: bool) -> None:
    """Raise Refused where a seat has no vote, no veto, or is none of the committee's seats."""
    seats = load_seats(conn, meeting)
    found = next((s for s in seats if s.name == seat), None)
    if found is None:
        if any(s.id for s in seats):
            raise Refused("vote.no_such_seat", seat=seat)
        if veto:
            raise Refused("vote.no_veto", seat=seat)
        return
    if not found.may_vote:
        raise Refused("vote.no_vote", seat=seat)
    if veto and not found.has_veto:
        raise Refused("vote.no_veto", seat=seat)


@requires(Action.READ_THEMES)
def list_seats(ctx: Context, meeting: str | None = None) -> list[SeatView]:
    with ctx.read() as conn:
        return load_seats(conn, meeting)


@requires(Action.READ_THEMES)
def list_attendance(ctx: Context, meeting: str) -> list[Attendance]:
    with ctx.read() as conn:
        return load_attendance(conn, meeting)


@requires(Action.MEET)
def group_names(ctx: Context) -> dict[str, str]:
    """Stakeholder group -> name, for saying whom a seat speaks for."""
    with ctx.read() as conn:
        return {g.id: g.name for g in queries.groups(conn).values()}


def _materialise(ctx: Context, work: UnitOfWork) -> None:
    """Make the seats that until now only lists named, so that one of them can be given something: those of the last
    meeting that has a list, since a seat may have gone between two meetings."""
    listed = [m for m in work.live("session", kind="meeting") if _lines(m["attendance"])]
    last = max(listed, key=lambda m: m["date"] or "", default=None)
    for n, s in enumerate(load_seats(work.connection, last["id"] if last else None), 1):
        if s.id is None:
            work.insert("seat", {"id": ctx.new_id(), "name": s.name, "position": n})


@requires(Action.MEET)
def add_seat(ctx: Context, *, name: str, stakeholder_group: str | None = None) -> str:
    """A new seat at the table; returns its id."""
    name = " ".join(name.split())
    if not name:
        raise Refused("seat.needs_name")
    with ctx.write("add_seat") as work:
        _materialise(ctx, work)
        if work.live("seat", name=name):
            raise Refused("seat.exists", name=name)
        row = {"id": ctx.new_id(), "name": name, "stakeholder_group": stakeholder_group,
               "position": work.next_position("seat")}  # fmt: skip
        work.ids = {"seat": row["id"]}
        return work.insert("seat", row)


@requires(Action.MEET)
def change_seat(
    ctx: Context,
    name: str,
    *,
    rev: int | None = None,
    stakeholder_group: str | None = None,
    is_chair: bool,
    has_veto: bool,
    may_vote: bool,
) -> None:
    """What a seat stands for and may do. One seat holds the chair: giving it to one takes it from another.

    `rev` as read, 0 for one that only a list named; raises StaleEdit if somebody was faster."""
    with ctx.write("change_seat") as work:
        if rev == 0 and not any(s.id for s in load_seats(work.connection)):
            rev = None  # it is made here
        _materialise(ctx, work)
        found = work.live("seat", name=name)
        if not found:
            raise Refused("seat.gone", name=name)
        if is_chair:
            for other in work.live("seat", is_chair=1):
                if other["id"] != found[0]["id"]:
                    work.update("seat", other["id"], {"is_chair": 0})
        changes = {"stakeholder_group": stakeholder_group, "is_chair": int(is_chair), "has_veto": int(has_veto),
                   "may_vote": int(may_vote)}  # fmt: skip
        work.ids = {"seat": found[0]["id"]}
        work.update("seat", found[0]["id"], changes, rev=rev)


@requires(Action.MEET)
def retire_seat(ctx: Context, name: str) -> None:
    """Take a seat away. Positions it has taken stay with their decisions; refused while one of an open item is its."""
    with ctx.write("retire_seat") as work:
        _materialise(ctx, work)
        found = work.live("seat", name=name)
        if not found:
            raise Refused("seat.gone", name=name)
        for vote in work.live("vote", seat=name):
            if not work.get("decision", vote["decision"])["outcome"]:
                raise Refused("seat.in_use", name=name)
        work.ids = {"seat": found[0]["id"]}
        work.retire("seat", found[0]["id"])


@requires(Action.MEET)
def set_attendance(ctx: Context, meeting: str, seat: str, status: str, *, deputy: str = "") -> None:
    """Note that a seat is present, sent apologies or is absent, and as which role somebody sits in for it; an empty
    `status` takes the note away."""
    if status and status not in STATUSES:
        raise Refused("attendance.unknown_status")
    with ctx.write("set_attendance") as work:
        work.ids = {"session": meeting}
        work.get("session", meeting)
        if seat not in {a.seat for a in load_attendance(work.connection, meeting)}:
            raise Refused("vote.no_such_seat", seat=seat)
        found = work.live("attendance", session=meeting, seat=seat)
        changes = {"status": status, "deputy": " ".join(deputy.split()) if status == "apology" else ""}
        if found and not status:
            work.retire("attendance", found[0]["id"])
        elif found:
            work.update("attendance", found[0]["id"], changes)
        elif status:
            work.insert("attendance", {"id": ctx.new_id(), "session": meeting, "seat": seat, **changes})
