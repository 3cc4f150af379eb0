"""Step 1, total impression: whole reading, notes, preliminary themes kept apart until all have submitted."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workbench.domain.errors import NotAllowed, Refused
from workbench.domain.records import CodeGroup, Member, PrelimTheme
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import before as history
from workbench.store.queries import operations
from workbench.store.unit_of_work import Row, UnitOfWork

from .code_groups import Lineage, lineage
from .context import Context, requires
from .projects import put_setting

STEPS = ("impression", "code", "synthesis")
MINUTES = "negotiation_minutes"  # the settings that keep them,
CLOSED = "step1_closed"  # and that a lead opened the lists without waiting: who, when, why


@dataclass(frozen=True, slots=True)
class Closing:
    """That a lead opened the lists although somebody had not submitted."""

    who: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImpressionView:
    """What this member may see of step 1. Others' themes are absent until the lists are open, and those that
    somebody has not submitted are absent also then."""

    mine: tuple[PrelimTheme, ...]
    submitted: bool
    waiting_for: tuple[str, ...]  # names of researchers who have not submitted
    others: tuple[tuple[Member, tuple[PrelimTheme, ...]], ...]
    agreed: tuple[tuple[PrelimTheme, tuple[PrelimTheme, ...]], ...]  # (agreed, those merged into it)
    minutes: str
    minutes_rev: int | None = None  # None: nothing written yet
    is_open: bool = False
    closing: Closing | None = None
    late: frozenset[str] = frozenset()  # members who submitted when the lists were open already
    standing: tuple[tuple[Member, str | None], ...] = ()  # every researcher, and when they submitted


@dataclass(frozen=True, slots=True)
class _State:
    """Whether the lists are open, worked out from what is live: taking back a submission or a closing undoes it."""

    researchers: tuple[Member, ...]
    submitted: Mapping[str, int]  # member -> the operation
    at: Mapping[str, str]  # member -> when
    is_open: bool
    late: frozenset[str]
    closing: Row | None

    @property
    def waiting(self) -> tuple[str, ...]:
        return tuple(m.name for m in self.researchers if m.id not in self.submitted)


def _state(conn: Connection) -> _State:
    researchers = queries.records(conn, Member, role="researcher", order="rev")
    rows = queries.live(conn, "submission")
    submitted = {r["member"]: r["rev"] for r in rows}
    closing = next(iter(queries.live(conn, "setting", id=CLOSED)), None)
    joined = history.joined(conn)
    opened = [closing["rev"]] if closing else []
    order = sorted(submitted.values())
    for rev in order[1:]:  # one list alone is nothing to negotiate: whoever comes next is waited for
        awaited = [m.id for m in researchers if joined.get(m.id, m.rev) < rev]
        if all(submitted.get(m, rev + 1) <= rev for m in awaited):
            opened.append(rev)
            break
    # Once a list has been agreed on, or all there were had submitted, somebody who joins later closes nothing.
    agreed = queries.records(conn, PrelimTheme, member=None)
    is_open = bool(opened or agreed or (researchers and all(m.id in submitted for m in researchers)))
    late = {m for m, rev in submitted.items() if opened and rev > min(opened)}
    at = {r["member"]: r["at"] for r in rows}
    return _State(tuple(researchers), submitted, at, is_open, frozenset(late), closing)


def _must_be_open(work: UnitOfWork) -> None:
    state = _state(work.connection)
    if not state.is_open:
        raise Refused("theme.not_open_yet", who=", ".join(state.waiting))


@requires(Action.ANALYSE)
def impression_view(ctx: Context) -> ImpressionView:
    with ctx.read() as conn:
        state = _state(conn)
        themes = queries.records(conn, PrelimTheme)  # in the order they were written
        minutes = next(iter(queries.live(conn, "setting", id=MINUTES)), None)
        members = {m.id: m.name for m in queries.records(conn, Member)}
    # Somebody's list is in sight once it is submitted and the lists are open; one's own always is.
    shown = {m.id for m in state.researchers if m.id in state.submitted} if state.is_open else set()
    seen = shown | {ctx.member.id}
    closing = json.loads(state.closing["value"]) if state.closing else None
    return ImpressionView(
        mine=tuple(x for x in themes if x.member == ctx.member.id),
        submitted=ctx.member.id in state.submitted,
        waiting_for=state.waiting,
        others=tuple(
            (m, tuple(x for x in themes if x.member == m.id))
            for m in state.researchers
            if m.id in shown and m.id != ctx.member.id
        ),
        agreed=tuple(
            (x, tuple(y for y in themes if y.agreed_into == x.id and y.member in seen))
            for x in themes
            if x.member is None
        )
        if state.is_open
        else (),
        minutes=minutes["value"] if minutes and state.is_open else "",
        minutes_rev=minutes["rev"] if minutes else None,
        is_open=state.is_open,
        closing=Closing(members.get(closing["member"], ""), closing["at"], closing["reason"])
        if closing
        else None,
        late=state.late,
        standing=tuple((m, state.at.get(m.id)) for m in state.researchers),
    )


@requires(Action.ANALYSE)
def impression_notes(ctx: Context, source: str) -> list[tuple[Member, str]]:
    """The others' notes on a source: theirs alone until the lists are open and they have submitted."""
    with ctx.read() as conn:
        state = _state(conn)
        texts = {r["member"]: r["text"] for r in queries.live(conn, "impression", source=source)}
    return [
        (m, texts[m.id])
        for m in state.researchers
        if state.is_open and m.id != ctx.member.id and m.id in state.submitted and m.id in texts
    ]


@requires(Action.ANALYSE)
def read_impression(ctx: Context, source: str) -> tuple[str, int | None]:
    """My note on a source and the rev it has; ("", None) if there is none."""
    with ctx.read() as conn:
        found = queries.live(conn, "impression", source=source, member=ctx.member.id)
    return (found[0]["text"], found[0]["rev"]) if found else ("", None)


@requires(Action.ANALYSE)
def write_impression(ctx: Context, source: str, text: str, *, rev: int | None = None) -> None:
    """Keep my note on a source; an empty text takes it out."""
    with ctx.write("write_impression") as work:
        work.ids = {"source": source}
        found = work.live("impression", source=source, member=ctx.member.id)
        if found and text.strip():
            work.update("impression", found[0]["id"], {"text": text.strip()}, rev=rev)
        elif found:
            work.retire("impression", found[0]["id"], rev=rev)
        elif text.strip():
            row = {"id": ctx.new_id(), "source": source, "member": ctx.member.id, "text": text.strip()}
            work.insert("impression", row)


@requires(Action.ANALYSE)
def mark_read(ctx: Context, source: str, step: str, *, at: str | None = None) -> None:
    """Say "read through, by me, today" for a step; again takes it back."""
    if step not in STEPS:
        raise Refused("reading.unknown_step", step=step)
    with ctx.write("mark_read") as work:
        work.ids = {"source": source, "step": step}
        found = work.live("reading", source=source, member=ctx.member.id, step=step)
        if found:
            work.retire("reading", found[0]["id"])
        else:
            row = {"id": ctx.new_id(), "source": source, "member": ctx.member.id, "step": step,
                   "at": at or ctx.now().date().isoformat()}  # fmt: skip
            work.insert("reading", row)


@requires(Action.READ_SOURCES)
def is_read(ctx: Context, source: str, step: str) -> bool:
    """Whether the acting member has said "read through" of a source for a step."""
    with ctx.read() as conn:
        return bool(queries.live(conn, "reading", source=source, member=ctx.member.id, step=step))


@requires(Action.ANALYSE)
def add_theme(ctx: Context, *, title: str, note: str = "") -> str:
    """Add one of my preliminary themes; after submitting, none are added."""
    if not title.strip():
        raise Refused("theme.needs_title")
    with ctx.write("add_theme") as work:
        if work.live("submission", member=ctx.member.id):
            raise Refused("theme.submitted")
        row = {"id": ctx.new_id(), "member": ctx.member.id, "title": title.strip(), "note": note.strip(),
               "agreed_into": None}  # fmt: skip
        return work.insert("prelim_theme", row)


def _may_change(work: UnitOfWork, ctx: Context, theme: str) -> None:
    """An agreed theme is everybody's; an analyst's own is theirs, and stays as it was submitted."""
    owner = work.get("prelim_theme", theme)["member"]
    if owner is None:
        return
    if owner != ctx.member.id:
        raise Refused("theme.not_yours")
    if work.live("submission", member=owner):
        raise Refused("theme.submitted_stays")


@requires(Action.ANALYSE)
def change_theme(ctx: Context, theme: str, *, rev: int, title: str, note: str) -> None:
    if not title.strip():
        raise Refused("theme.needs_title")
    with ctx.write("change_theme") as work:
        _may_change(work, ctx, theme)
        work.update("prelim_theme", theme, {"title": title.strip(), "note": note.strip()}, rev=rev)


@requires(Action.ANALYSE)
def retire_theme(ctx: Context, theme: str) -> None:
    """Take out one of my themes, or an agreed one (its authors' themes stay)."""
    with ctx.write("retire_theme") as work:
        _may_change(work, ctx, theme)
        for row in work.live("prelim_theme", agreed_into=theme):
            work.update("prelim_theme", row["id"], {"agreed_into": None})
        for row in work.live("theme_origin", prelim_theme=theme):
            work.retire("theme_origin", row["id"])
        work.retire("prelim_theme", theme)


@requires(Action.ANALYSE)
def submit_themes(ctx: Context) -> None:
    """Show my preliminary themes to the others once all have submitted."""
    with ctx.write("submit_themes") as work:
        if not work.live("prelim_theme", member=ctx.member.id):
            raise Refused("theme.none_to_submit")
        if not work.live("submission", member=ctx.member.id):
            at = ctx.now().isoformat(timespec="seconds")
            work.insert("submission", {"id": ctx.new_id(), "member": ctx.member.id, "at": at})


@requires(Action.ANALYSE)
def close_step1(ctx: Context, *, reason: str = "") -> None:
    """Open the lists that are submitted without waiting for the rest; a lead's to do. Undo closes them again.

    Who has not submitted keeps theirs to themselves, and may submit later."""
    if not ctx.member.is_lead:
        raise NotAllowed("theme.only_lead_closes")
    with ctx.write("close_step1") as work:
        state = _state(work.connection)
        if state.is_open:
            raise Refused("theme.already_open")
        if not state.submitted:
            raise Refused("theme.none_submitted")
        at = ctx.now().isoformat(timespec="seconds")
        value = {"member": ctx.member.id, "at": at, "reason": reason.strip()}
        put_setting(work, CLOSED, json.dumps(value, ensure_ascii=False))


@requires(Action.ANALYSE)
def agree_theme(ctx: Context, *, title: str, merged: tuple[str, ...] = (), note: str = "") -> str:
    """Put a theme on the agreed list, made of some of the analysts' own; authors are kept."""
    if not title.strip():
        raise Refused("theme.needs_title")
    with ctx.write("agree_theme") as work:
        _must_be_open(work)
        row = {
            "id": ctx.new_id(),
            "member": None,
            "title": title.strip(),
            "note": note.strip(),
            "agreed_into": None,
        }
        agreed = work.insert("prelim_theme", row)
        for theme in merged:
            work.update("prelim_theme", theme, {"agreed_into": agreed})
        return agreed


@requires(Action.ANALYSE)
def join_themes(ctx: Context, themes: Collection[str], agreed: str | None) -> None:
    """Let analysts' themes go into an agreed one, or (None) stand alone again: one operation."""
    with ctx.write("join_theme") as work:
        _must_be_open(work)
        if agreed is not None and work.get("prelim_theme", agreed)["member"] is not None:
            raise Refused("theme.not_agreed")
        for theme in themes:
            if work.get("prelim_theme", theme)["member"] is None:
                raise Refused("theme.already_agreed")
            work.update("prelim_theme", theme, {"agreed_into": agreed})


@requires(Action.ANALYSE)
def write_minutes(ctx: Context, text: str, *, rev: int | None = None) -> None:
    """Keep the minutes of the negotiation. With `rev` (0: none were there) only if nobody was faster."""
    with ctx.write("write_minutes") as work:
        put_setting(work, MINUTES, text.strip(), rev=rev)


# -- what became of the agreed themes ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Path:
    """One way an agreed theme dissolved: into which code group, since when, and what has happened since.

    `code_group` is where it stands now; None when the group, or the tie to it, has been taken out. `named` is
    what the group was called when they were tied. `steps` are kinds name · split_into · merged_into · retired of
    `Lineage`, and "untied", oldest first."""

    code_group: CodeGroup | None
    named: str
    since: str
    who: str
    steps: tuple[Lineage, ...]


@dataclass(frozen=True, slots=True)
class ThemeFate:
    theme: PrelimTheme
    paths: tuple[Path, ...]


_TOLD = ("name", "split_into", "merged_into", "retired")


@requires(Action.ANALYSE)
def theme_fates(ctx: Context) -> list[ThemeFate]:
    """What became of each agreed theme, with dates. History: nothing rests on it."""
    view = impression_view(ctx)
    with ctx.read() as conn:
        gone = operations.undone(conn)
        groups = {g.id: g for g in queries.records(conn, CodeGroup)}
        changes: dict[str, list[Row]] = {}
        for change in history.origin_changes(conn):
            if change["nature"] == "do" and change["op"] not in gone and change["after"]:
                changes.setdefault(change["row_id"], []).append(change)
    told: dict[str, list[Lineage]] = {}
    paths: dict[str, list[Path]] = {}
    for ties in changes.values():
        if ties[0]["before"] is None:
            images = [json.loads(c["after"]) for c in ties]
            for image in images:
                if image["code_group"] not in told:
                    told[image["code_group"]] = lineage(ctx, image["code_group"])
            path = _path(ties, images, told, groups)
            paths.setdefault(images[-1]["prelim_theme"], []).append(path)
    return [ThemeFate(theme, tuple(paths.get(theme.id, ()))) for theme, _ in view.agreed]


def _path(
    ties: list[Row], images: list[Row], told: Mapping[str, list[Lineage]], groups: Mapping[str, CodeGroup]
) -> Path:
    """The changes of one tie, and what its code groups have been through while they had it."""
    steps: list[Lineage] = []
    for n, (tie, image) in enumerate(zip(ties, images, strict=True)):
        if image["retired"]:
            if not any(s.at == tie["at"] and s.kind in ("merged_into", "retired") for s in steps):
                steps.append(Lineage(tie["at"], tie["who"] or "", "untied"))
            break
        until = ties[n + 1]["at"] if n + 1 < len(ties) else None
        # The moment of tying itself is left out: a group made from a theme was not renamed by it.
        steps += [
            s for s in told[image["code_group"]]
            if s.kind in _TOLD and tie["at"] <= s.at and (until is None or s.at <= until)
        ]  # fmt: skip
    last = images[-1]
    names = [s for s in told[images[0]["code_group"]] if s.kind in ("added", "split_from", "name")]
    named = next((s.now for s in reversed(names) if s.at <= ties[0]["at"]), names[0].now if names else "")
    return Path(
        None if last["retired"] else groups.get(last["code_group"]),
        named, ties[0]["at"], ties[0]["who"] or "", tuple(steps),
    )  # fmt: skip


@requires(Action.ANALYSE)
def tie_theme(ctx: Context, theme: str, code_groups: Collection[str]) -> None:
    """Say which code groups an agreed theme dissolved into: these, and no others. History, never evidence."""
    with ctx.write("tie_theme") as work:
        if work.get("prelim_theme", theme)["member"] is not None:
            raise Refused("theme.not_agreed")
        now = {row["code_group"]: row["id"] for row in work.live("theme_origin", prelim_theme=theme)}
        for group in dict.fromkeys(code_groups):
            if group not in now:
                work.get("code_group", group)
                work.insert("theme_origin", {"id": ctx.new_id(), "code_group": group, "prelim_theme": theme})
        for group, id in now.items():
            if group not in code_groups:
                work.retire("theme_origin", id)
