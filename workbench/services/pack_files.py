"""The meeting pack as a file: one PDF, or a Word document, from the pack and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import sentences
from workbench.exporters import pack as out
from workbench.language import day, t, tn

from . import packs, projects
from .actions import ActionView
from .context import Context, requires
from .decisions import DecisionView
from .pack_words import (
    about_themes,
    against_said,
    front_heading,
    front_title,
    missing,
    since_counts,
    since_note,
    since_verdict,
)
from .since import Since, Told
from .theme_briefs import (
    brief_columns,
    brief_pages,
    dissent_said,
    meeting_line,
    printed_quotes,
    released_items,
)
from .trace_picture import strip_picture

MOST_TOLD = 6  # rows of each kind in "since last meeting", which stays half a page
_STATUS = {"draft": "none", "proposed": "open", "accepted": "good", "parked": "none", "rejected": "none"}


@requires(Action.EXPORT_RELEASED)
def pack_pdf(ctx: Context, meeting: str | None = None) -> bytes:
    """The pack as one PDF; what leaves is kept as a release. Raises Refused where there is nothing in it."""
    return _made(ctx, meeting, out.pack_pdf)


@requires(Action.EXPORT_RELEASED)
def pack_docx(ctx: Context, meeting: str | None = None) -> bytes:
    """The same as a Word document."""
    return _made(ctx, meeting, out.pack_docx)


def _made(ctx: Context, meeting: str | None, make: Callable[[out.PackFile], bytes]) -> bytes:
    pack = packs.meeting_pack(ctx, meeting)
    data = make(pack_file(ctx, pack))
    return ctx.keep_release("pack", data, items_of(ctx, pack))


def drawn_pdf(ctx: Context, pack: packs.Pack) -> bytes:
    """The PDF itself; whoever hands it on keeps the release."""
    return out.pack_pdf(pack_file(ctx, pack))


def items_of(ctx: Context, pack: packs.Pack) -> list[str]:
    version = [pack.frozen.version.id] if pack.frozen else []
    return [*released_items(ctx, pack), *(d.id for d in (*pack.asked, *pack.decided)), *version]


# -- what stands in it -------------------------------------------------------------------------------------------


def pack_file(ctx: Context, pack: packs.Pack) -> out.PackFile:
    if not (pack.briefs or pack.asked or pack.decided):
        raise Refused("pack.nothing_in_it")
    project, now = projects.project_summary(ctx), ctx.now()
    # The picture is what the committee judges: the latest version, or the model where none is frozen yet.
    shown = pack.frozen or pack
    strip = shown.strip
    drawn = any(nodes for _, nodes in strip.columns[1:])
    holes = [r for r in pack.requirements if missing(r)]
    return out.PackFile(
        project.name, project.language, project.invented, now, t("exporting.made_on", day=day(now)), ctx.member.name,
        meeting_line(pack),
        tuple(_asked(pack, d) for d in pack.asked),
        since_last(pack.since) if pack.since else None,
        tuple(out.Positions(d.question, _positions(d)) for d in pack.asked if d.votes),
        tuple(_action(a) for a in pack.actions),
        tuple(
            t(f"packfile.attendance.{a.status or 'present'}{'_deputy' if a.deputy else ''}", seat=a.seat, deputy=a.deputy)
            for a in pack.attendance
        ),
        brief_pages(pack), brief_columns(pack),
        strip_picture(strip) if drawn else "", t("packfile.strip_alt"), _strip_note(pack, strip),
        tuple(_requirement(pack, r) for r in sorted(pack.requirements, key=lambda r: (not missing(r), r.key))),
        tn("packfile.holes", len(holes)) if holes else t("packfile.no_holes"),
        tuple(_logged(d) for d in reversed(pack.decided)),
    )  # fmt: skip


def _asked(pack: packs.Pack, d: DecisionView) -> out.Asked:
    """What is asked; where nothing is to be decided, only what has been written of it."""
    about = about_themes(pack, d)
    asks = d.nature == "decision"
    return out.Asked(
        t(f"nature.{d.nature}_asked"), d.question,
        d.recommendation or (t("committee.no_recommendation") if asks else ""),
        d.consequences or (t("committee.no_cost") if asks else ""),
        tuple(out.Named(t(f"consequence.{a}"), text) for a, text in d.aspects),
        tuple(
            out.Dissent(
                t("committee.differently") if len(about) == 1 else t("committee.differently_on", n=n),
                printed_quotes(pack, b.dissent), dissent_said(b),
            )
            for n, b in about
        ),
    )  # fmt: skip


def _positions(d: DecisionView) -> tuple[out.Row, ...]:
    order = {"against": 0, "agree_with_reservation": 1, "abstain": 2, "agree": 3}
    return tuple(
        out.Row("", t("committee.position", seat=v.seat, choice=t(f"position.{v.choice}")), "", v.reservation)
        for v in sorted(d.votes, key=lambda v: order[v.choice])
    )


def _action(a: ActionView) -> out.ActionRow:
    said = t("packfile.action_done", at=day(a.done_at)) if a.done_at else t("packfile.action_open")
    return out.ActionRow(
        a.text, a.owner or t("packfile.no_owner"), day(a.due) if a.due else "", "good" if a.done_at else "open",
        said, " · ".join(x for x in (a.decision_key, a.outcome) if x),
    )  # fmt: skip


def _requirement(pack: packs.Pack, r: packs.PackRequirement) -> out.RequirementRow:
    numbers = {id: n for n, (id, _) in enumerate(pack.matrix.themes, 1)}
    rests = [t("requirements.theme_n", n=numbers[id]) for id, _ in r.themes if id in numbers]
    if r.ideas:
        rests.append(tn("pack.ideas", len(r.ideas)))
    if r.basis not in ("theme", "idea"):
        rests.append(t(f"basis.rests_{r.basis}"))
    heard = (
        t("model.people_in_groups", people=tn("model.people", r.people), groups=tn("model.groups", len(r.groups)))
        if r.people else ", ".join(r.groups)
    )  # fmt: skip
    state = {"doubt": "doubt", "distant": "open"}.get(r.trust) or (
        "doubt" if r.changed_since_decision else ""
    )
    lacks = list(missing(r))
    if state:
        lacks.insert(0, t(f"packfile.trust.{r.trust}") if r.trust else t("pack.changed_since_decided"))
    return out.RequirementRow(
        r.key, r.statement, r.acceptance, t(f"moscow.{r.moscow}") if r.moscow else "",
        ", ".join(rests) or t("requirements.unheld"), heard, against_said(r),
        state or _STATUS[r.status], t(f"status.{r.status}"), ". ".join(lacks), r.owner,
    )  # fmt: skip


def _logged(d: DecisionView) -> out.Logged:
    seats = [
        f"{v.seat}: {t(f'position.{v.choice}')}{f' ({v.reservation})' if v.reservation else ''}" for v in d.dissent
    ]  # fmt: skip
    rows = {
        "outcome": d.outcome, "why": d.why, "disagreed": "\n".join(seats), "revisit": d.revisit_if,
        "options": d.options,
    }  # fmt: skip
    return out.Logged(
        " · ".join(x for x in (d.key, t(f"nature.{d.nature}"), day(d.decided_at), d.meeting_title) if x), d.question,
        tuple(out.Named(t(f"packfile.log_{name}"), text) for name, text in rows.items() if text),
    )  # fmt: skip


def _strip_note(pack: packs.Pack, strip: packs.Strip) -> str:
    note = t("packfile.strip_note" if strip.is_exact else "packfile.strip_alike")
    if pack.frozen:
        note = t("packfile.strip_version", label=pack.frozen.version.label) + " " + note
    if strip.left_out:
        note += " " + tn("packfile.strip_left_out", strip.left_out)
    return note


# -- since last meeting ------------------------------------------------------------------------------------------


def _first(text: str) -> str:
    """The first sentence: the whole stands in the log."""
    found = [x for part in sentences(text) for x in part]
    return found[0].text if found else text


def since_last(since: Since) -> out.SinceLast:
    groups = [
        _group(f"{front_heading(f)}: {front_title(f)}", "doubt" if f.in_doubt else "open", f.rows)
        for f in since.doubtful
    ]
    decided = [Told(d.id, "decision", d.key, _first(d.outcome)) for d in since.decided]
    groups.append(_group(t("since.decided"), "good", decided))
    for what, state in (("changed", "open"), ("new", "none"), ("resolved", "good"), ("removed", "none")):
        groups.append(_group(t(f"since.{what}"), state, getattr(since, what)))
    title = t("packfile.since_title", at=day(since.at))
    return out.SinceLast(title, since_counts(since), since_verdict(since), tuple(g for g in groups if g.rows),
                         since_note(since))  # fmt: skip


def _group(title: str, state: str, rows: Sequence[Told]) -> out.Group:
    more = max(0, len(rows) - MOST_TOLD)
    return out.Group(
        title, state,
        tuple(
            out.Row(r.key or t(f"since.kind.{r.kind}"), r.text, t(f"moscow.{r.moscow}") if r.moscow else "", r.note,
                    tuple(out.Words(op, text) for op, text in r.words))
            for r in rows[:MOST_TOLD]
        ),
        more, tn("since.more", more) if more else "",
    )  # fmt: skip
