"""Minutes as a file: who came, what was decided with its reservations, and who does what until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from workbench.domain.errors import Refused
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.exporters.hand_over import Block, Heading, Line, Paper, Table, paper_docx, paper_pdf
from workbench.language import day, t
from workbench.store import queries

from . import minutes, projects
from .actions import ActionView
from .context import Context, requires
from .decisions import DecisionView
from .seats import Attendance

FORMATS = (".docx", ".pdf")


@requires(Action.READ_THEMES)
def minutes_file(ctx: Context, meeting: str, suffix: str) -> bytes:
    """A meeting's minutes (FORMATS); kept as a release. Minutes that are not approved say so, and are only for those who
    write them."""
    make: Mapping[str, Callable[[Paper], bytes]] = {".docx": paper_docx, ".pdf": paper_pdf}
    if suffix.lower() not in make:
        raise Refused("minutes_file.unknown_format", suffix=suffix)
    m, p, now = minutes.minutes_of(ctx, meeting), projects.project_summary(ctx), ctx.now()
    title = " · ".join(x for x in (m.meeting.title, day(m.meeting.date)) if x)
    paper = Paper(
        t("minutes_file.title", meeting=title), p.name,
        t("minutes_file.approved", day=day(m.approved_at), seat=m.approved_by) if m.approved_at
        else t("minutes_file.draft"),
        p.language, p.invented, now, day(now), ctx.member.name, tuple(_blocks(m)),
    )  # fmt: skip
    return ctx.keep_release("minutes", make[suffix.lower()](paper), m.ids)


@requires(Action.READ_THEMES)
def last_meeting(ctx: Context) -> str:
    """The latest meeting that something was put to; raises Refused where there is none."""
    with ctx.read() as conn:
        asked = {d["meeting"] for d in queries.live(conn, "decision")}
        held = [
            m for m in queries.records(conn, Session, kind="meeting", order="date, title") if m.id in asked
        ]
    if not held:
        raise Refused("minutes_file.no_meeting")
    return held[-1].id


def _blocks(m: minutes.MinutesView) -> list[Block]:
    blocks: list[Block] = []
    if came := _attendance(m.attendance):
        blocks += [Heading(t("minutes_file.attendance")), *came]
    if m.chair:
        blocks.append(Line(t("minutes_file.chair", seat=m.chair)))
    if m.earlier:
        blocks += [Heading(t("minutes_file.earlier")), _actions(m.earlier)]
    for item in m.items:
        d = item.decision
        keys = f" ({', '.join(item.keys)})" if item.keys else ""
        blocks += [
            Heading(f"{item.n}. {d.question}"), Line(f"{d.key}, {t(f'nature.{d.nature}').lower()}{keys}", "note"),
            *_item(d),
        ]  # fmt: skip
        if item.actions:
            blocks.append(_actions(item.actions))
    if m.actions:
        blocks += [Heading(t("minutes_file.actions")), _actions(m.actions)]
    if m.remarks:
        blocks += [
            Heading(t("minutes_file.remarks")),
            *(Line(x) for x in m.remarks.splitlines() if x.strip()),
        ]
    return blocks


def _attendance(found: Sequence[Attendance]) -> list[Line]:
    """A line for each way of being there or not."""
    lines = []
    for status in ("present", "apology", "absent"):
        seats = [
            t("minutes_file.deputy", seat=a.seat, deputy=a.deputy) if a.deputy else a.seat
            for a in found if a.status == status
        ]  # fmt: skip
        if seats:
            lines.append(Line(f"{t(f'attendance.{status}').capitalize()}: {', '.join(seats)}"))
    return lines


def _item(d: DecisionView) -> list[Line]:
    """What was recommended, said and decided; reservations and dissent with their reason."""
    lines = [
        Line(f"{t(f'minutes_file.{name}')}: {text}")
        for name, text in (("recommended", d.recommendation), ("discussed", d.discussed)) if text
    ]  # fmt: skip
    if d.outcome:
        result = f": {t(f'result.{d.result}').lower()}" if d.result else ""
        lines += [Line(t("minutes_file.decided") + result, "strong"), Line(d.outcome)]
        if d.why:
            lines.append(Line(t("minutes_file.because", why=d.why)))
    elif d.nature == "decision":
        lines.append(Line(t("minutes_file.not_decided"), "strong"))
    lines += _positions(d)
    if d.revisit_if:
        lines.append(Line(t("minutes_file.revisit", condition=d.revisit_if)))
    return lines


def _positions(d: DecisionView) -> list[Line]:
    """Reservations and dissent one by one with their reason; those with nothing to add together."""
    lines, quiet = [], dict[str, list[str]]()
    for vote in d.votes:
        if vote.reservation or vote.veto or vote.choice == "against":
            said = t(f"position.{vote.choice}") + (f", {t('committee.vetoes')}" if vote.veto else "")
            lines.append(Line(f"{vote.seat} {said}" + (f": {vote.reservation}" if vote.reservation else ".")))
        else:
            quiet.setdefault(vote.choice, []).append(vote.seat)
    told = [f"{t(f'choice.{choice}')}: {', '.join(seats)}." for choice, seats in quiet.items()]
    return [*lines, *([Line(" ".join(told), "note")] if told else [])]


def _actions(actions: Sequence[ActionView]) -> Table:
    columns = tuple(t(f"minutes_file.col.{c}") for c in ("action", "owner", "due", "state"))
    return Table("", columns, (4.0, 2.0, 1.6, 2.4), tuple(
        ((Line(a.text),), (Line(a.owner),), (Line(day(a.due)),), (Line(_state(a)),)) for a in actions
    ))  # fmt: skip


def _state(a: ActionView) -> str:
    if a.is_open:
        return t("minutes_file.open")
    return ". ".join(x for x in (t("actions.done", at=day(a.done_at)), a.outcome) if x)
