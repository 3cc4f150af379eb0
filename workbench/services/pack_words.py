"""What the pack's page and its files say alike: what a requirement lacks, what speaks against it, what has changed."""

from __future__ import annotations

from workbench.language import day, t, tn

from .decisions import DecisionView
from .pack_parts import PackRequirement, ThemeBrief
from .packs import Pack
from .since import Front, Since


def about_themes(pack: Pack, decision: DecisionView) -> list[tuple[int, ThemeBrief]]:
    """Themes a decision is about, itself or through its requirements, with their numbers."""
    items = {item for item, _, _ in decision.about}
    return [
        (n, b) for n, b in enumerate(pack.briefs, 1) if b.id in items or any(r[0] in items for r in b.requirements)
    ]  # fmt: skip


def missing(r: PackRequirement) -> tuple[str, ...]:
    """What a requirement lacks, in words; a parked or rejected one lacks nothing."""
    if r.status in ("parked", "rejected"):
        return ()
    found = []
    if not r.is_held_up:
        found.append(t("pack.missing.basis"))
    if not r.acceptance:
        found.append(t("pack.missing.acceptance"))
    if r.status in ("accepted", "proposed") and not r.components:
        found.append(t("pack.missing.component"))
    if r.status == "accepted" and not r.owner:
        found.append(t("pack.missing.owner"))
    return tuple(found)


def against_said(r: PackRequirement) -> str:
    """What speaks against a requirement; how often it was challenged is not counted."""
    kinds = ("unit", "idea", "evidence", "decision", "source", "feedback")
    said = dict.fromkeys(t(f"pack.against_{what}") if what in kinds else what for what in r.against)
    return ", ".join([*said, *([t("pack.challenged")] if r.challenges else [])])


def since_counts(since: Since) -> str:
    """ "3 decided · 2 now in doubt · 1 new"."""
    return " · ".join(tn(f"since.count.{what}", n) for what, n in since.counts)


def since_verdict(since: Since) -> str:
    """Whether anything decided on has changed, and whether something must be opened again."""
    first = "" if since.touches_decided else t("pack.nothing_changed", at=day(since.at))
    again = "; ".join(t("since.reopen_one", key=key, what=what) for key, _, what in since.reopen)
    second = (
        t("since.reopen", what=again)
        if again
        else t("since.nothing_to_reopen")
        if since.touches_decided
        else ""
    )
    return " ".join(x for x in (first, second) if x)


def since_note(since: Since) -> str:
    notes = []
    if since.withdrawn:
        notes.append(t("since.withdrawn"))
    if since.still:
        notes.append(tn("since.still", since.still))
    return " ".join(notes)


def front_heading(front: Front) -> str:
    """ "Now in doubt"; for what was looked at since and holds, only that it is not what was decided on."""
    return t("since.doubtful" if front.in_doubt else "since.otherwise")


def front_title(front: Front) -> str:
    """Why things are in doubt, and how many more rest on them."""
    return f"{front.cause}." + (" " + tn("since.further", front.further) if front.further else "")
