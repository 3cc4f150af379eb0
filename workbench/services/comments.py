"""Comments on condensates and result categories: threads that are answered and settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires

LONGEST = 5_000  # characters


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody has said about an item, with the answers to it, oldest first.

    `at` and `settled` are ISO moments; `settled` is empty while it is open, and always is for an answer."""

    id: str
    rev: int
    member: str
    initials: str
    name: str
    text: str
    at: str
    settled: str
    replies: tuple[Comment, ...] = ()


@requires(Action.READ_SOURCES)
def thread(ctx: Context, item: str) -> list[Comment]:
    """The comments on an item, oldest first."""
    with ctx.read() as conn:
        rows = queries.condensing.comments_on(conn, item)
    answers: dict[str, list[Comment]] = {}
    for r in rows:
        if r["answers"]:
            answers.setdefault(r["answers"], []).append(_comment(r))
    return [_comment(r, answers.get(r["id"], ())) for r in rows if not r["answers"]]


def _comment(row: Row, replies: Iterable[Comment] = ()) -> Comment:
    return Comment(
        row["id"], row["rev"], row["member"], row["initials"] or "?", row["name"] or "", row["text"], row["at"],
        row["settled"], tuple(replies),
    )  # fmt: skip


@requires(Action.READ_SOURCES)
def open_counts(ctx: Context) -> dict[str, int]:
    """Condensate or category -> comments on it that are not settled; those without any are not in it."""
    with ctx.read() as conn:
        return queries.condensing.open_comments(conn)


# -- writing -------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def add_comment(ctx: Context, item: str, text: str, answers: str | None = None) -> str:
    """Comment on a condensate or category, or answer a comment on it; returns the id.

    An answer to an answer stands under the comment they are about; one to a settled comment opens it again."""
    with ctx.write("answer_comment" if answers else "add_comment") as work:
        work.ids = _about(work, item)
        if answers:
            root = _root(work, answers)
            if root["item"] != item:
                raise Refused("comments.gone")
            answers = root["id"]
            work.update("memo", root["id"], {"settled": ""})
        row = {"id": ctx.new_id(), "item": item, "member": ctx.member.id, "text": _checked(text),
               "at": ctx.now().isoformat(timespec="seconds"), "answers": answers, "settled": ""}  # fmt: skip
        return work.insert("memo", row)


@requires(Action.ANALYSE)
def change_comment(ctx: Context, id: str, text: str, *, rev: int) -> None:
    """Change one's own comment or answer; raises StaleEdit where it was changed elsewhere."""
    with ctx.write("change_comment") as work:
        row = _own(work, ctx, id)
        work.ids = _about(work, row["item"])
        work.update("memo", id, {"text": _checked(text)}, rev=rev)


@requires(Action.ANALYSE)
def retire_comment(ctx: Context, id: str) -> None:
    """Take out one's own comment or answer; refused where somebody else has answered it."""
    with ctx.write("retire_comment") as work:
        row = _own(work, ctx, id)
        work.ids = _about(work, row["item"])
        for answer in work.live("memo", answers=id):
            if answer["member"] != ctx.member.id:
                raise Refused("comments.answered")
            work.retire("memo", answer["id"])
        work.retire("memo", id)


@requires(Action.ANALYSE)
def settle_comment(ctx: Context, id: str, *, settled: bool = True) -> None:
    """Say that a comment, with its answers, is settled; or open it again. Anybody in the analysis may."""
    with ctx.write("settle_comment" if settled else "reopen_comment") as work:
        root = _root(work, id)
        work.ids = _about(work, root["item"])
        if bool(root["settled"]) != settled:
            when = ctx.now().isoformat(timespec="seconds") if settled else ""
            work.update("memo", root["id"], {"settled": when})


def retire_on(work: UnitOfWork, item: str) -> None:
    """Within an operation: the comments on an item go with it."""
    for row in work.live("memo", item=item):
        work.retire("memo", row["id"])


def _checked(text: str) -> str:
    if not text.strip():
        raise Refused("comments.empty")
    if len(text) > LONGEST:
        raise Refused("comments.too_long", longest=LONGEST)
    return text.strip()


def _get(work: UnitOfWork, id: str) -> Row:
    row = work.find("memo", id)
    if row is None or row["retired"] is not None:
        raise Refused("comments.gone")
    return row


def _root(work: UnitOfWork, id: str) -> Row:
    row = _get(work, id)
    return _get(work, row["answers"]) if row["answers"] else row


def _own(work: UnitOfWork, ctx: Context, id: str) -> Row:
    row = _get(work, id)
    if row["member"] != ctx.member.id:
        raise Refused("comments.not_yours")
    return row


def _about(work: UnitOfWork, item: str) -> Row:
    """What the operation is about: a condensate, with the subgroup that names it, or a category."""
    condensate = work.find("condensate", item)
    if condensate is None:
        return {"category": work.get("category", item)["id"]}
    return {"condensate": work.get("condensate", item)["id"], "subgroup": condensate["subgroup"]}
