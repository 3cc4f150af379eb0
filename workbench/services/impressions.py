"""Step 1, total impression: whole reading, notes, preliminary themes kept apart until all have submitted."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Member, PrelimTheme
from workbench.domain.roles import Action
from workbench.store import queries

from .context import Context, requires
from .projects import put_setting

STEPS = ("impression", "code", "synthesis")
MINUTES = "negotiation_minutes"  # the setting that keeps them


@dataclass(frozen=True, slots=True)
class ImpressionView:
    """What this member may see of step 1. Others' themes are absent until all have submitted."""

    mine: tuple[PrelimTheme, ...]
    submitted: bool
    waiting_for: tuple[str, ...]  # names of researchers who have not submitted
    others: tuple[tuple[Member, tuple[PrelimTheme, ...]], ...]
    agreed: tuple[tuple[PrelimTheme, tuple[PrelimTheme, ...]], ...]  # (agreed, those merged into it)
    minutes: str
    minutes_rev: int | None = None  # None: nothing written yet


@requires(Action.ANALYSE)
def impression_view(ctx: Context) -> ImpressionView:
    with ctx.read() as conn:
        researchers = queries.records(conn, Member, role="researcher", order="rev")
        themes = queries.records(conn, PrelimTheme, order="rev")
        done = {r["member"] for r in queries.live(conn, "submission")}
        minutes = next(iter(queries.live(conn, "setting", id=MINUTES)), None)
    waiting = tuple(m.name for m in researchers if m.id not in done)
    # Once a list has been agreed on, somebody who joins later closes nothing.
    open_to_all = not waiting or any(x.member is None for x in themes)
    return ImpressionView(
        mine=tuple(x for x in themes if x.member == ctx.member.id),
        submitted=ctx.member.id in done,
        waiting_for=waiting,
        others=tuple(
            (m, tuple(x for x in themes if x.member == m.id)) for m in researchers if m.id != ctx.member.id
        )
        if open_to_all
        else (),
        agreed=tuple(
            (x, tuple(y for y in themes if y.agreed_into == x.id)) for x in themes if x.member is None
        )
        if open_to_all
        else (),
        minutes=minutes["value"] if minutes and open_to_all else "",
        minutes_rev=minutes["rev"] if minutes else None,
    )


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


@requires(Action.ANALYSE)
def change_theme(ctx: Context, theme: str, *, rev: int, title: str, note: str) -> None:
    if not title.strip():
        raise Refused("theme.needs_title")
    with ctx.write("change_theme") as work:
        owner = work.get("prelim_theme", theme)["member"]
        if owner not in (None, ctx.member.id):
            raise Refused("theme.not_yours")
        work.update("prelim_theme", theme, {"title": title.strip(), "note": note.strip()}, rev=rev)


@requires(Action.ANALYSE)
def retire_theme(ctx: Context, theme: str) -> None:
    """Take out one of my themes, or an agreed one (its authors' themes stay)."""
    with ctx.write("retire_theme") as work:
        if work.get("prelim_theme", theme)["member"] not in (None, ctx.member.id):
            raise Refused("theme.not_yours")
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
def agree_theme(ctx: Context, *, title: str, merged: tuple[str, ...] = (), note: str = "") -> str:
    """Put a theme on the agreed list, made of some of the analysts' own; authors are kept."""
    if not title.strip():
        raise Refused("theme.needs_title")
    with ctx.write("agree_theme") as work:
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
def join_theme(ctx: Context, theme: str, agreed: str | None) -> None:
    """Let an analyst's theme go into an agreed one, or (None) stand alone again."""
    with ctx.write("join_theme") as work:
        if work.get("prelim_theme", theme)["member"] is None:
            raise Refused("theme.already_agreed")
        if agreed is not None and work.get("prelim_theme", agreed)["member"] is not None:
            raise Refused("theme.not_agreed")
        work.update("prelim_theme", theme, {"agreed_into": agreed})


@requires(Action.ANALYSE)
def write_minutes(ctx: Context, text: str, *, rev: int | None = None) -> None:
    """Keep the minutes of the negotiation. With `rev` (0: none were there) only if nobody was faster."""
    with ctx.write("write_minutes") as work:
        put_setting(work, MINUTES, text.strip(), rev=rev)
