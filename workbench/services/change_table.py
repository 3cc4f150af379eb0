"""The table of changes (Person-Based Approach): what was said, what could be changed, what was agreed and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action, can
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import versions as reads
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires
from .feedback import FeedbackView, load_feedback
from .model import MOSCOW, add_link

# Important for behaviour, safety or ethics; easy; said repeatedly; supported by experience; does not contradict what
# is known; not changed. The meanings are read, the abbreviations are not verified (methods.md 3).
REASON_CODES = ("IMP", "EAS", "REP", "EXP", "NCON", "NC")
STATUSES = ("open", "agreed", "done", "not_changed")
_TEXTS = ("possible", "agreed", "why", "moscow", "status")
_POINTERS = ("component", "requirement", "decision")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A row of the table. `heard` counts the feedback behind it; its words are in `feedback`, which is empty to those
    who only read what a committee reads."""

    id: str
    rev: int
    key: str
    version: str
    version_label: str
    component: str | None
    component_name: str
    possible: str
    reason_codes: tuple[str, ...]
    moscow: str
    agreed: str
    why: str
    status: str  # open | agreed | done | not_changed
    requirement: str | None
    requirement_key: str
    decision: str | None
    decision_key: str
    heard: int
    feedback: tuple[FeedbackView, ...]


def load_changes(conn: Connection, version: str | None = None, *, words: bool = True) -> list[ChangeView]:
    """The rows by key, of one version or of all; without `words`, only how much feedback is behind each."""
    which = {} if version is None else {"version": version}
    rows = sorted(queries.live(conn, "change_item", **which), key=lambda r: str(r["key"]))
    said = {f.id: f for f in load_feedback(conn)}
    behind: dict[str, list[FeedbackView]] = {}
    for x in queries.live(conn, "change_feedback"):
        if x["feedback"] in said:
            behind.setdefault(x["change_item"], []).append(said[x["feedback"]])

    def rows_of(table: str, column: str) -> dict[str, Row]:
        return reads.rows(conn, table, {r[column] for r in rows} - {None})

    versions, components = rows_of("version", "version"), rows_of("component", "component")
    keys = reads.kinds(conn, {r[c] for r in rows for c in ("requirement", "decision")} - {None})
    return [
        ChangeView(
            r["id"], r["rev"], r["key"], r["version"], versions[r["version"]]["label"],
            r["component"], components[r["component"]]["name"] if r["component"] else "",
            r["possible"], tuple(r["reason_codes"].split()), r["moscow"], r["agreed"], r["why"], r["status"],
            r["requirement"], keys[r["requirement"]][1] if r["requirement"] else "",
            r["decision"], keys[r["decision"]][1] if r["decision"] else "",
            len(behind.get(r["id"], ())),
            tuple(sorted(behind.get(r["id"], ()), key=lambda f: f.key)) if words else (),
        )
        for r in rows
    ]  # fmt: skip


@requires(Action.READ_THEMES)
def list_changes(ctx: Context, version: str | None = None) -> list[ChangeView]:
    """The table of a version, or of all."""
    with ctx.read() as conn:
        return load_changes(conn, version, words=can(ctx.member.role, Action.MODEL))


@requires(Action.MODEL)
def list_decided(ctx: Context) -> list[tuple[str, str]]:
    """Decisions that a change may go back to: (id, key and question)."""
    with ctx.read() as conn:
        rows = sorted(queries.live(conn, "decision"), key=lambda r: str(r["key"]))
        return [(r["id"], f"{r['key']} {r['question']}") for r in rows]


def _checked(work: UnitOfWork, fields: Row, row: Row | None = None) -> Row:
    changes: Row = {name: str(fields[name]).strip() for name in _TEXTS if name in fields}
    if "reason_codes" in fields:
        codes = set(fields["reason_codes"] or ())
        if unknown := codes - set(REASON_CODES):
            raise Refused("change.unknown_code", code=min(unknown))
        changes["reason_codes"] = " ".join(c for c in REASON_CODES if c in codes)
    changes |= {name: fields[name] or None for name in _POINTERS if name in fields}
    if changes.get("moscow", "") not in ("", *MOSCOW):
        raise Refused("requirement.unknown_moscow", moscow=changes["moscow"])
    if changes.get("status", "open") not in STATUSES:
        raise Refused("change.unknown_status", status=changes["status"])
    for name in _POINTERS:
        # One that was taken out meanwhile may stay, but is not chosen anew.
        if changes.get(name) is not None and (row is None or row[name] != changes[name]):
            work.get(name, changes[name])
    now = {"status": "open", "why": "", **(row or {}), **changes}
    if now["status"] == "not_changed" and not now["why"]:
        raise Refused("change.needs_why")
    return changes


@requires(Action.MODEL)
def add_change(
    ctx: Context,
    version: str,
    /,
    *,
    possible: str = "",
    feedback: Sequence[str] = (),
    reason_codes: Sequence[str] = (),
    **fields: str | None,
) -> str:
    """A row in the table of changes of a version: what was said, and what could be changed. Returns its id.

    It needs the one or the other. `fields`: component, moscow, agreed, why, status, requirement, decision."""
    if not possible.strip() and not feedback:
        raise Refused("change.needs_text")
    with ctx.write("add_change") as work:
        row = _checked(work, {"possible": possible, "reason_codes": reason_codes, **fields})
        change = _insert(ctx, work, version, row, feedback)
        work.ids = {"change_item": change, "version": version}
        return change


def _insert(ctx: Context, work: UnitOfWork, version: str, fields: Row, feedback: Sequence[str]) -> str:
    """A row with the feedback behind it; it is about what all of that is about."""
    work.get("version", version)
    about = {work.get("feedback", f)["component"] for f in feedback}
    row = {"id": ctx.new_id(), "key": work.next_key("change_item", "CHG"), "version": version,
           "component": about.pop() if len(about) == 1 else None,
           **{name: value for name, value in fields.items() if name != "component" or value}}  # fmt: skip
    work.insert("change_item", row)
    _set_feedback(ctx, work, str(row["id"]), feedback)
    return str(row["id"])


@requires(Action.MODEL)
def add_rows(ctx: Context, version: str) -> int:
    """A row for each negative or mixed thing said of a version that stands in none yet, in one operation, with what
    could be changed still to be written. Returns how many."""
    with ctx.write("add_change_rows") as work:
        there = {x["feedback"] for x in work.live("change_feedback")}
        waiting = [
            f["id"]
            for f in sorted(work.live("feedback", version=version), key=lambda f: str(f["key"]))
            if f["polarity"] != "positive" and f["id"] not in there
        ]
        for f in waiting:
            _insert(ctx, work, version, {"possible": "", "reason_codes": ""}, [f])
        work.ids = {"version": version, "n": len(waiting)}
        return len(waiting)


@requires(Action.MODEL)
def change_change(
    ctx: Context,
    change: str,
    /,
    *,
    rev: int,
    reason_codes: Sequence[str] | None = None,
    feedback: Sequence[str] | None = None,
    **fields: str | None,
) -> None:
    """Change some of a row; raises StaleEdit. What is not changed needs its why. `feedback`: exactly this is behind
    it."""
    with ctx.write("change_change") as work:
        row = work.get("change_item", change)
        work.ids = {"change_item": change, "version": row["version"]}
        if reason_codes is not None:
            fields = {**fields, "reason_codes": reason_codes}  # type: ignore[dict-item]
        work.update("change_item", change, _checked(work, dict(fields), row), rev=rev)
        if feedback is not None and _set_feedback(ctx, work, change, feedback):
            work.touch("change_item", change)


def _set_feedback(ctx: Context, work: UnitOfWork, change: str, feedback: Sequence[str]) -> bool:
    """Exactly this feedback is behind the row; True where that changed something."""
    there = {x["feedback"]: x["id"] for x in work.live("change_feedback", change_item=change)}
    for gone in there.keys() - set(feedback):
        work.retire("change_feedback", there[gone])
    for came in [f for f in dict.fromkeys(feedback) if f not in there]:
        work.get("feedback", came)
        work.insert("change_feedback", {"id": ctx.new_id(), "change_item": change, "feedback": came})
    return there.keys() != set(feedback)


@requires(Action.MODEL)
def retire_change(ctx: Context, change: str) -> None:
    """Take a row out of the table; the feedback behind it stays."""
    with ctx.write("retire_change") as work:
        work.ids = {"change_item": change, "version": work.get("change_item", change)["version"]}
        for row in work.live("change_feedback", change_item=change):
            work.retire("change_feedback", row["id"])
        work.retire("change_item", change)


@requires(Action.MODEL)
def write_requirement(ctx: Context, change: str, *, rev: int | None = None) -> str:
    """Make a requirement of what was agreed (else of what could be changed), resting on the feedback behind it, and
    answered by the component it is about, in one operation. Returns the requirement's id."""
    with ctx.write("change_to_requirement") as work:
        row = work.get("change_item", change)
        there = work.find("requirement", row["requirement"]) if row["requirement"] else None
        if there is not None and there["retired"] is None:
            raise Refused("change.has_requirement", key=there["key"])
        statement = row["agreed"] or row["possible"]
        if not statement:
            raise Refused("change.needs_text")
        behind = [x["feedback"] for x in work.live("change_feedback", change_item=change)]
        made = {
            "id": ctx.new_id(),
            "key": work.next_key("requirement", "REQ"),
            "statement": statement,
            "rationale": row["why"],
            "basis": "feedback" if behind else "practice",
            "moscow": row["moscow"],
            "status": "draft",
        }
        requirement = work.insert("requirement", made)
        for feedback in behind:
            add_link(ctx, work, "based_on", requirement, feedback)
        if row["component"]:
            component = work.find("component", row["component"])
            if component is not None and component["retired"] is None:
                add_link(ctx, work, "realises", row["component"], requirement)
                work.touch("component", row["component"])
        work.update("change_item", change, {"requirement": requirement}, rev=rev)
        work.ids = {"change_item": change, "requirement": requirement}
        return requirement
