"""The demo study with others: the committee, what was said of a version, and what the model takes for granted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping
from datetime import date
from typing import Any

from . import (
    actions,
    assumptions,
    change_table,
    confidence,
    consequences,
    feedback,
    meetings,
    minutes,
    seats,
    sending,
    theory,
    tidier,
)
from .context import Context

Toml = dict[str, Any]
Ids = Mapping[Any, str]
MoveTo = Callable[[date], None]


def judge(analyst: Context, told: Toml, ids: Ids) -> None:
    """How sure the analysts are of each theme."""
    for one in told["confidence"]:
        for component in confidence.COMPONENTS:
            concern, reason = one[component]
            confidence.set_confidence(analyst, ids[one["theme"]], component, concern, reason)


def weigh(acting: Context, told: Toml, ids: Ids, items: Collection[str]) -> None:
    """What these requirements or decisions mean for others."""
    for one in told["consequences"]:
        if one["item"] in items:
            for aspect in consequences.ASPECTS:
                if text := one.get(aspect):
                    consequences.set_consequence(acting, ids[one["item"]], aspect, text)


def send(acting: Context, told: Toml, meeting: str, ids: Ids, move_to: MoveTo) -> None:
    """The pack that went out before a meeting, every quote in it read."""
    for sent in told["sent"]:
        if sent["meeting"] == meeting:
            move_to(sent["date"])
            marks = [q.mark for q in sending.preview(acting, ids[meeting]).quotes]
            sending.send_pack(acting, ids[meeting], read=marks)


def meet(acting: Context, told: Toml, meeting: str, ids: Ids) -> None:
    """Who came, what was said and what is to be done, once the decisions are recorded; then the minutes."""
    for a in told["attendance"]:
        if a["meeting"] == meeting:
            for seat in a["present"]:
                seats.set_attendance(acting, ids[meeting], seat, "present")
            for seat, deputy in a["deputies"].items():
                seats.set_attendance(acting, ids[meeting], seat, "apology", deputy=deputy)
    for d in told["discussed"]:
        if d["decision"] in ids and _meeting_of(acting, ids[d["decision"]]) == ids[meeting]:
            meetings.set_discussed(acting, ids[d["decision"]], d["text"])
    for a in told["actions"]:
        if a["meeting"] == meeting:
            actions.add_action(
                acting,
                text=a["text"],
                owner=a["owner"],
                due=a["due"].isoformat(),
                decision=ids[a["decision"]],
            )
    if told["minutes"]["meeting"] == meeting:
        minutes.set_remarks(acting, ids[meeting], told["minutes"]["remarks"])
        minutes.approve_minutes(acting, ids[meeting], seat=told["chair"]["seat"])


def _meeting_of(acting: Context, decision: str) -> str | None:
    return next(d.meeting for d in meetings.list_decisions(acting) if d.id == decision)


def try_out(
    acting: Context, told: Toml, version: str, ids: MutableMapping[Any, str], move_to: MoveTo
) -> None:
    """What was said of a version, what came of it, and the actions done meanwhile."""
    for f in told["feedback"]:
        if f["version"] == version:
            if "date" in f:
                move_to(f["date"])
            ids[f["id"]] = feedback.add_feedback(
                acting, ids[version], text=f["text"], polarity=f["polarity"],
                stakeholder_group=ids[f["group"]], component=ids[f["component"]],
            )  # fmt: skip
    for c in told["changes_table"]:
        if c["version"] == version:
            change_table.add_change(
                acting, ids[version], possible=c["possible"], feedback=[ids[f] for f in c["feedback"]],
                reason_codes=c["codes"], component=ids[c["component"]], moscow=c["moscow"], agreed=c["agreed"],
                why=c["why"], status=c["status"],
                **{name: ids[c[name]] for name in ("requirement", "decision") if name in c},
            )  # fmt: skip
    waiting = {a.text: a for a in actions.list_actions(acting, open_only=True)}
    for a in sorted((a for a in told["actions"] if "done" in a), key=lambda a: a["done"]):
        if a["text"] in waiting:
            move_to(a["done"])
            actions.finish_action(acting, waiting[a["text"]].id, outcome=a["outcome"])


def assume(acting: Context, told: Toml, ids: MutableMapping[Any, str]) -> None:
    """What is taken for granted, what nobody knows yet, the theory of change and the description."""
    for a in told["assumptions"]:
        made = assumptions.add_assumption(acting, text=a["text"], about=ids[a["about"]], test=a["test"])
        if "result" in a:
            assumptions.change_assumption(acting, made, result=a["result"], state=a["state"])
    for q in told["questions"]:
        due = q["due"].isoformat() if "due" in q else None
        assumptions.add_question(acting, text=q["text"], about=ids[q["about"]], owner=q["owner"], due=due)
    for n in told["nodes"]:
        component = ids[n["component"]] if "component" in n else None
        ids[n["id"]] = theory.add_node(acting, kind=n["kind"], text=n.get("text", ""), component=component)
    for x in told["leads_to"]:
        link = theory.add_theory_link(
            acting, ids[x["from"]], ids[x["to"]], assumption=x.get("assumption", "")
        )
        for item in x.get("shown_by", ()):
            theory.show_link(acting, link, ids[item])
    for n, text in told["tidier"].items():
        tidier.write_item(acting, int(n), text)
