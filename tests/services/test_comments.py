"""Comments on condensates and categories: threads, answered and settled, by those who analyse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.domain.records import Member
from workbench.services import code_groups, comments, condensing, finding, history, projects, synthesis
from workbench.services.context import Context
from workbench.store.verify import verify


def study(folder: Path) -> tuple[Context, Context, str, str]:
    """(the lead, a supervisor, a condensate, a category)."""
    ctx, source = tiny_project(folder)
    id = projects.add_member(ctx, name="Supervisor", role="researcher")
    other = replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    subgroup = condensing.add_subgroup(ctx, group, name="At night", units=[unit])
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat alone.", covers=[unit])
    return ctx, other, condensate, synthesis.add_category(ctx, group, heading="Alone at night")


def test_a_comment_is_answered_settled_and_opened_again(tmp_path: Path) -> None:
    ctx, other, condensate, category = study(tmp_path)
    first = comments.add_comment(other, condensate, "  Whose I is this?  ")
    answer = comments.add_comment(ctx, condensate, "Hers.", first)
    comments.add_comment(other, condensate, "Then say so.", answer)  # an answer to an answer stands beside it
    comments.add_comment(other, category, "Too wide.")
    (found,) = comments.thread(ctx, condensate)
    assert (found.text, found.name, found.settled) == ("Whose I is this?", "Supervisor", "") and found.at
    assert [r.text for r in found.replies] == ["Hers.", "Then say so."]
    assert comments.open_counts(ctx) == {condensate: 1, category: 1}

    comments.settle_comment(ctx, answer)  # any of them settles the thread
    assert comments.thread(ctx, condensate)[0].settled and comments.open_counts(ctx) == {category: 1}
    comments.settle_comment(ctx, first, settled=False)
    assert comments.open_counts(ctx) == {condensate: 1, category: 1}
    comments.settle_comment(ctx, first)
    comments.add_comment(other, condensate, "Not yet.", first)
    assert comments.thread(ctx, condensate)[0].settled == ""
    assert verify(ctx.store.path) == []


def test_everybody_changes_and_takes_out_their_own_and_nobody_else_s(tmp_path: Path) -> None:
    ctx, other, condensate, _ = study(tmp_path)
    mine = comments.add_comment(ctx, condensate, "A thought.")
    (read,) = comments.thread(ctx, condensate)
    comments.change_comment(ctx, mine, "A better thought.", rev=read.rev)
    with pytest.raises(StaleEdit) as stale:
        comments.change_comment(ctx, mine, "From another window.", rev=read.rev)
    assert stale.value.current["text"] == "A better thought."
    for attempt in (
        lambda: comments.change_comment(other, mine, "Mine now.", rev=read.rev),
        lambda: comments.retire_comment(other, mine),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "comments.not_yours"
    comments.add_comment(other, condensate, "Yes.", mine)
    with pytest.raises(Refused) as refused:
        comments.retire_comment(ctx, mine)
    assert refused.value.code == "comments.answered"
    assert comments.thread(ctx, condensate)[0].text == "A better thought."


def test_one_s_own_answers_go_with_one_s_comment_and_undo_brings_both_back(tmp_path: Path) -> None:
    ctx, _, condensate, _ = study(tmp_path)
    mine = comments.add_comment(ctx, condensate, "A thought.")
    comments.add_comment(ctx, condensate, "And another.", mine)
    comments.retire_comment(ctx, mine)
    assert comments.thread(ctx, condensate) == []
    history.undo(ctx)
    assert [r.text for r in comments.thread(ctx, condensate)[0].replies] == ["And another."]


@pytest.mark.parametrize(("text", "code"), [("  \n", "comments.empty"), ("x" * 5001, "comments.too_long")])
def test_a_comment_has_words_and_not_too_many(tmp_path: Path, text: str, code: str) -> None:
    ctx, _, condensate, _ = study(tmp_path)
    with pytest.raises(Refused) as refused:
        comments.add_comment(ctx, condensate, text)
    assert refused.value.code == code


def test_an_answer_to_what_was_taken_out_meanwhile_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ctx, other, condensate, category = study(tmp_path)
    mine = comments.add_comment(ctx, condensate, "A thought.")
    with pytest.raises(Refused):  # of another item
        comments.add_comment(other, category, "Yes.", mine)
    comments.retire_comment(ctx, mine)
    for attempt in (
        lambda: comments.add_comment(other, condensate, "Yes.", mine),
        lambda: comments.settle_comment(other, mine),
        lambda: comments.settle_comment(other, "no such"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "comments.gone"


def test_a_condensate_goes_with_its_comments_and_comes_back_with_them(tmp_path: Path) -> None:
    ctx, other, condensate, _ = study(tmp_path)
    first = comments.add_comment(other, condensate, "Whose I is this?")
    comments.add_comment(ctx, condensate, "Hers.", first)
    condensing.retire_condensate(ctx, condensate)
    assert comments.open_counts(ctx) == {}
    history.undo(ctx)
    assert len(comments.thread(ctx, condensate)[0].replies) == 1
    assert verify(ctx.store.path) == []


def test_comments_are_for_those_who_analyse(tmp_path: Path) -> None:
    ctx, _, condensate, _ = study(tmp_path)
    for role in ("steering", "facilitator", "admin"):
        guest = replace(ctx, member=Member("guest", 1, "Guest", "G", role, False))
        with pytest.raises(NotAllowed):
            comments.thread(guest, condensate)
        with pytest.raises(NotAllowed):
            comments.add_comment(guest, condensate, "Hello.")


def test_a_comment_that_is_found_leads_to_what_it_is_about(tmp_path: Path) -> None:
    ctx, _, condensate, category = study(tmp_path)
    comments.add_comment(ctx, condensate, "Whose voice?")
    comments.add_comment(ctx, category, "Whose heading?")
    names = [n for n in finding.search(ctx, "whose").names if n.kind == "comment"]
    assert [n.ids.get("condensate") for n in names] == [condensate, None]
    assert [n.ids.get("category") for n in names] == [None, category]


def test_history_tells_what_was_commented_on_by_its_name(tmp_path: Path) -> None:
    ctx, _, condensate, category = study(tmp_path)
    comments.add_comment(ctx, condensate, "A thought.")
    comments.settle_comment(ctx, comments.add_comment(ctx, category, "Too wide."))
    labels = [o.label for o in history.list_operations(ctx, limit=3)]
    assert labels == [
        "settled a comment on Alone at night", "commented on Alone at night", "commented on At night",
    ]  # fmt: skip
