"""What is taken for granted and how it was tried (ASM-001), and what nobody knows yet (OQ-001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries.theory import subjects
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires

STATES = ("untested", "holds", "does_not_hold", "unclear")
# What an assumption or a question may be about: parts of the model, never a source or a unit.
ABOUT = ("component", "requirement", "theory_link", "theory_node", "category", "version")


@dataclass(frozen=True, slots=True)
class About:
    """What something is about, as it reads now; `gone` where it has been taken out since."""

    id: str
    kind: str
    label: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class AssumptionView:
    id: str
    rev: int
    key: str
    text: str
    about: About | None
    test: str  # how it is, or was, tried
    result: str
    state: str  # one of STATES


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: str
    rev: int
    key: str
    text: str
    about: About | None
    owner: str
    due: str | None  # ISO date
    answer: str

    @property
    def is_open(self) -> bool:
        return not self.answer


# -- what they may be about ---------------------------------------------------------------------------------


def load_subjects(conn: Connection) -> dict[str, About]:
    """Everything an assumption or question may be about, gone or not, in the order of ABOUT."""
    return {
        r["id"]: About(r["id"], r["kind"], str(r["label"]), r["retired"] is not None) for r in subjects(conn)
    }


@requires(Action.MODEL)
def list_subjects(ctx: Context) -> list[About]:
    """What a new assumption or question may be about: components, requirements, links and parts of the theory of
    change, themes, versions."""
    with ctx.read() as conn:
        return [a for a in load_subjects(conn).values() if not a.gone]


def _checked_about(conn: Connection, about: str | None) -> str | None:
    if not about:
        return None
    kind = queries.trace.kind_of(conn, about)
    if kind not in ABOUT:
        raise Refused("assumption.wrong_about")
    if not queries.live(conn, kind, id=about):
        raise Refused("error.gone", kind=kind)
    return about


# -- assumptions --------------------------------------------------------------------------------------------


def load_assumptions(conn: Connection, *, about: str | None = None) -> list[AssumptionView]:
    known = load_subjects(conn)
    where = {} if about is None else {"about": about}
    rows = sorted(queries.live(conn, "assumption", **where), key=lambda r: str(r["key"]))
    return [
        AssumptionView(
            r["id"], r["rev"], r["key"], r["text"], known.get(r["about"]), r["test"], r["result"], r["state"]
        )
        for r in rows
    ]  # fmt: skip


@requires(Action.READ_THEMES)
def list_assumptions(ctx: Context) -> list[AssumptionView]:
    """Every assumption, by key."""
    with ctx.read() as conn:
        return load_assumptions(conn)


def _checked_assumption(row: Row) -> None:
    """A result belongs to a test, and a state other than untested to a result."""
    if not row["text"]:
        raise Refused("assumption.needs_text")
    if row["state"] not in STATES:
        raise Refused("assumption.unknown_state", state=row["state"])
    if row["result"] and not row["test"]:
        raise Refused("assumption.needs_test")
    if row["state"] != "untested" and not row["result"]:
        raise Refused("assumption.needs_result")


@requires(Action.MODEL)
def add_assumption(ctx: Context, *, text: str, about: str | None = None, test: str = "") -> str:
    """Write down what is taken for granted, untested yet; returns its id. `about` is the id of a component,
    requirement, theme, version, or part of the theory of change."""
    with ctx.write("add_assumption") as work:
        row = {"id": ctx.new_id(), "text": text.strip(), "about": _checked_about(work.connection, about),
               "test": test.strip(), "result": "", "state": "untested"}  # fmt: skip
        _checked_assumption(row)
        row["key"] = work.next_key("assumption", "ASM")
        work.ids = {"assumption": row["id"]}
        return work.insert("assumption", row)


@requires(Action.MODEL)
def change_assumption(
    ctx: Context, /, assumption: str, *, rev: int | None = None, **fields: str | None
) -> None:
    """Change some of text, about, test, result and state; raises StaleEdit if somebody was faster. A result needs
    its test, and "holds", "does not hold" or "unclear" a result; emptying the result makes it untested again."""
    with ctx.write("change_assumption") as work:
        work.ids = {"assumption": assumption}
        row = work.get("assumption", assumption)
        changes = _changes(work, fields, ("text", "about", "test", "result", "state"))
        after = {**row, **changes}
        if not after["result"] and "state" not in changes:
            changes["state"] = after["state"] = "untested"
        if rev is None or rev == row["rev"]:  # else it is told as stale before anything else
            _checked_assumption(after)
        work.update("assumption", assumption, changes, rev=rev)


@requires(Action.MODEL)
def retire_assumption(ctx: Context, assumption: str) -> None:
    with ctx.write("retire_assumption") as work:
        work.ids = {"assumption": assumption}
        work.retire("assumption", assumption)


def _changes(work: UnitOfWork, fields: Mapping[str, str | None], known: tuple[str, ...]) -> Row:
    changes: Row = {name: (value or "").strip() for name, value in fields.items() if name in known}
    if "about" in changes:
        changes["about"] = _checked_about(work.connection, changes["about"])
    return changes


# -- open questions -----------------------------------------------------------------------------------------


def load_questions(conn: Connection, *, open_only: bool = False) -> list[QuestionView]:
    """By key; with `open_only` those without an answer."""
    known = load_subjects(conn)
    rows = sorted(queries.live(conn, "open_question"), key=lambda r: str(r["key"]))
    return [
        QuestionView(
            r["id"], r["rev"], r["key"], r["text"], known.get(r["about"]), r["owner"], r["due"], r["answer"]
        )
        for r in rows
        if not (open_only and r["answer"])
    ]  # fmt: skip


@requires(Action.READ_THEMES)
def list_questions(ctx: Context, *, open_only: bool = False) -> list[QuestionView]:
    with ctx.read() as conn:
        return load_questions(conn, open_only=open_only)


def _checked_question(row: Row) -> None:
    if not row["text"]:
        raise Refused("question.needs_text")
    if row["due"]:
        try:
            date.fromisoformat(row["due"])
        except ValueError:
            raise Refused("question.due", due=row["due"]) from None


@requires(Action.MODEL)
def add_question(
    ctx: Context, *, text: str, about: str | None = None, owner: str = "", due: str | None = None
) -> str:
    """Write down what nobody knows yet; returns its id. `due` is an ISO date."""
    with ctx.write("add_question") as work:
        row = {"id": ctx.new_id(), "text": text.strip(), "about": _checked_about(work.connection, about),
               "owner": owner.strip(), "due": (due or "").strip() or None, "answer": ""}  # fmt: skip
        _checked_question(row)
        row["key"] = work.next_key("open_question", "OQ")
        work.ids = {"open_question": row["id"]}
        return work.insert("open_question", row)


@requires(Action.MODEL)
def change_question(ctx: Context, /, question: str, *, rev: int | None = None, **fields: str | None) -> None:
    """Change some of text, about, owner, due and answer; an answer closes the question."""
    with ctx.write("change_question") as work:
        work.ids = {"open_question": question}
        changes = _changes(work, fields, ("text", "about", "owner", "due", "answer"))
        if "due" in changes:
            changes["due"] = changes["due"] or None
        _checked_question({**work.get("open_question", question), **changes})
        work.update("open_question", question, changes, rev=rev)


@requires(Action.MODEL)
def retire_question(ctx: Context, question: str) -> None:
    with ctx.write("retire_question") as work:
        work.ids = {"open_question": question}
        work.retire("open_question", question)
