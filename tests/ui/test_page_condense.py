"""Condense without a browser: sorting, writing beside the units, a voice, what has gone stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import press
from workbench.services import boards, code_groups, coding, comments, condensing, history, sources
from workbench.services.condensing import Board
from workbench.services.context import Context

Run = Callable[..., Any]


def shown(at: Any) -> str:
    return " ".join(
        str(e.value) for kind in ("title", "markdown", "text", "caption") for e in at.get(kind)
    ).replace("\\", "")


def views(at: Any) -> str:
    return " ".join(e.proto.json for e in at.get("bidi_component"))


def kept(at: Any) -> Any:
    """The condensate's own field (renaming the subgroup is another)."""
    return at.text_area[0]


def board_of(ctx: Context, n: int = 0) -> Board:
    return condensing.board(ctx, code_groups.code_group_counts(ctx)[n].group.id)


def fresh(ctx: Context, units: int = 3) -> tuple[str, list[str]]:
    """A code group with some units, unsorted."""
    words = [f"Sentence number {n} is here." for n in range(units)]
    parsed = sources.preview([("talk.txt", f"P01: {' '.join(words)}".encode())])[0]
    source = sources.import_source(ctx, parsed, b"x", title="Talk", speakers={})  # type: ignore[arg-type]
    group = code_groups.add_code_group(ctx, name="Waiting")
    text = sources.read_source(ctx, source).turns[0].text
    marks = []
    for w in words:
        at = text.index(w)
        marks.append(
            coding.mark(ctx, source, at, at + len(w), text_rev=1, placements=[{"code_group": group}])
        )
    return group, marks


def test_the_filled_demo_shows_all_subgroups_side_by_side(run_page: Run, ctx: Context) -> None:
    at = run_page("condense", ctx)
    assert not at.exception
    board = board_of(ctx)
    assert at.title[0].value == board.group.name
    drawn = views(at)
    for s in board.subgroups:
        assert json.dumps(s.subgroup.name)[1:-1] in drawn
    assert len(at.get("checkbox")) == 0  # cards are one component, however many they are


def test_an_empty_project_is_told_where_to_begin(run_page: Run, empty: Context) -> None:
    at = run_page("condense", empty)
    assert not at.exception
    assert "No code groups yet" in shown(at)


def test_a_condensate_is_kept_when_its_field_is_left_and_undo_brings_the_old_text_back(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    before = s.condensates[0].condensate.text
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    kept(at).set_value("Nobody told me, and I took both.").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == "Nobody told me, and I took both."
    history.undo(ctx)
    at.run()
    assert kept(at).value == before


def test_two_tabs_on_one_condensate_show_both_texts_and_nothing_is_overwritten(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0].condensate
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    condensing.change_condensate(ctx, own.id, rev=own.rev, text="From the other tab.", voice=own.voice)
    kept(at).set_value("From this tab.").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == "From the other tab."
    assert kept(at).value == "From this tab." and "From the other tab." in shown(at)
    assert "changed this while you wrote" in shown(at)
    next(b for b in at.button if b.label == "Take the other").click().run()
    assert kept(at).value == "From the other tab." and "changed this while" not in shown(at)


def test_another_field_changed_meanwhile_does_no_harm(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0].condensate
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    condensing.change_condensate(ctx, own.id, rev=own.rev, text=own.text, voice="mixed")
    kept(at).set_value("Typed at the same time.").run()
    now = board_of(ctx).subgroups[0].condensates[0].condensate
    assert (now.text, now.voice) == ("Typed at the same time.", "mixed")


def test_the_voice_is_a_group_or_mixed_on_purpose(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0].condensate
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    at.selectbox(key=f"kept_condensate.{own.id}.voice").set_value("mixed").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.voice == "mixed"


def test_what_is_set_aside_can_be_opened_again_to_left_over(empty: Context) -> None:
    group, units = fresh(empty)
    condensing.set_units_aside(empty, group, units, "Not about it")
    condensing.move_units(empty, group, units[:1], None)
    assert [c.unit.id for c in condensing.board(empty, group).left_over] == units[:1]


def test_a_stale_condensate_says_what_came_and_stands_when_a_person_says_so(
    run_page: Run, ctx: Context
) -> None:
    n = next(i for i, c in enumerate(code_groups.code_group_counts(ctx))
             if any(v.stale for s in condensing.board(ctx, c.group.id).subgroups for v in s.condensates))  # fmt: skip
    board = board_of(ctx, n)
    s = next(s for s in board.subgroups if any(c.stale for c in s.condensates))
    first = next(c for c in s.condensates if c.stale)
    at = run_page("condense", ctx, group=board.group.id, subgroup=s.subgroup.id)
    assert "come since this was written" in shown(at)
    at.button(key=f"condense_stands_{first.condensate.id}").click().run()
    now = next(
        c for x in board_of(ctx, n).subgroups for c in x.condensates if c.condensate.id == first.condensate.id
    )
    assert not now.stale
    assert now.covers == first.covers  # nobody else's units are put into it


def test_an_emptied_condensate_is_not_kept_and_says_so_without_losing_what_was_there(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    kept(at).set_value("  ").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == s.condensates[0].condensate.text
    assert "▲" in shown(at)


def test_a_voice_chosen_elsewhere_is_shown_before_it_is_overwritten(run_page: Run, ctx: Context) -> None:
    own = board_of(ctx).subgroups[0].condensates[0].condensate
    at = run_page("condense", ctx, subgroup=board_of(ctx).subgroups[0].subgroup.id)
    group = board_of(ctx).stakeholder_groups[-1].id
    condensing.change_condensate(ctx, own.id, rev=own.rev, text=own.text, voice=group)
    at.selectbox(key=f"kept_condensate.{own.id}.voice").set_value("mixed").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.voice == group
    assert "changed this while you wrote" in shown(at)


def test_one_subgroup_shows_its_units_beside_its_condensate(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    assert not at.exception
    assert kept(at).value == s.condensates[0].condensate.text
    assert kept(at).label == "Condensate, not a quote"
    assert json.dumps(s.condensates[1].condensate.text[:40])[1:-1] in views(at)
    assert not at.warning and not at.error and not at.info


def test_the_first_condensate_takes_the_ticks_made_before_it(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    boards.tick(empty, sub, condensate=None, on=units[:2])
    at = run_page("condense", empty, subgroup=sub)
    coding.remove_unit(empty, units[1])  # by somebody else, while it is written
    kept(at).set_value("I waited, and I rang.").run()
    assert not at.exception
    found = condensing.board(empty, group).subgroups[0].condensates[0]
    assert found.condensate.text == "I waited, and I rang." and found.covers == {units[0]}
    assert kept(at).value == "I waited, and I rang."


# -- nothing that is typed is lost -----------------------------------------------------------------------


def test_a_condensate_of_50000_characters_is_told_so_and_stays_as_it_was_typed(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    long = "I waited. " * 5_000
    kept(at).set_value(long).run()
    assert "at most" in shown(at) and kept(at).value == long
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == s.condensates[0].condensate.text
    kept(at).set_value("I waited.").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == "I waited."


def test_a_text_whose_condensate_was_taken_out_is_here_until_it_is_put_somewhere(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    condensing.retire_condensate(ctx, s.condensates[0].condensate.id)
    kept(at).set_value("Half an hour of work.").run()
    assert "was taken out meanwhile" in shown(at) and "Half an hour of work." in shown(at)
    at.run()
    assert "Half an hour of work." in shown(at)
    next(b for b in at.button if b.label.startswith("Keep it as a condensate")).click().run()
    assert "was taken out meanwhile" not in shown(at)
    texts = [c.condensate.text for c in board_of(ctx).subgroups[0].condensates]
    assert "Half an hour of work." in texts and kept(at).value == "Half an hour of work."


def test_a_text_whose_code_group_was_merged_is_kept_where_its_subgroup_went(
    run_page: Run, empty: Context
) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    at = run_page("condense", empty, group=group, subgroup=sub)
    into = code_groups.add_code_group(empty, name="Slow")
    code_groups.merge_code_groups(empty, group, into=into)
    kept(at).set_value("I waited, and I rang.").run()
    assert not at.exception
    assert (
        condensing.board(empty, into).subgroups[0].condensates[0].condensate.text == "I waited, and I rang."
    )
    assert kept(at).value == "I waited, and I rang."


def test_an_empty_subgroup_and_a_source_gone_while_one_writes_stop_nobody(
    run_page: Run, empty: Context
) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    at = run_page("condense", empty, group=group, subgroup=sub)
    for unit in units:
        coding.remove_unit(empty, unit)
    sources.retire_source(empty, sources.list_sources(empty)[0].source.id)
    kept(at).set_value("I waited.").run()
    assert not at.exception and kept(at).value == "I waited."


# -- stale, and why --------------------------------------------------------------------------------------


def test_a_stale_condensate_names_each_unit_with_its_reason(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty, 5)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units[:4])
    condensing.add_condensate(empty, sub, text="I waited.", covers=units[:4])
    coding.remove_unit(empty, units[0])
    condensing.set_units_aside(empty, group, [units[1]], "The weather")
    condensing.move_units(empty, group, [units[2]], None)
    condensing.move_units(empty, group, [units[4]], sub)
    at = run_page("condense", empty, group=group, subgroup=sub)
    assert not at.exception
    assert "One unit has come and 3 units have gone or changed since this was written" in shown(at)
    drawn = views(at)
    for n, why in (
        (0, "no longer marked"),
        (1, "Set aside"),
        (2, "Moved out"),
        (4, "Moved into this subgroup"),
    ):
        assert f"Sentence number {n} is here." in drawn and why in drawn


def test_the_words_of_somebody_who_has_withdrawn_are_not_shown_again(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0]
    card = next(c for c in s.cards if c.unit.id in own.covers and c.unit.participants)
    with ctx.write("change_participant") as work:
        work.update("participant", card.unit.participants[0], {"consent": "withdrawn"})
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    box = next(
        c for c in at.get("bidi_component") if c.proto.id.endswith(f"condense_changed_{own.condensate.id}")
    )
    assert "Withdrawn" in box.proto.json and json.dumps(card.unit.text)[1:-1] not in box.proto.json


def test_nothing_is_said_of_the_first_person_where_it_is_missing(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    condensing.add_condensate(empty, sub, text="One waits.", covers=units)
    at = run_page("condense", empty, group=group, subgroup=sub)
    assert "irst person" not in shown(at) and "▲" not in shown(at)
    kept(at).set_value("Jeg ventede.").run()
    assert "First person ✓" in shown(at)


# -- beside it -------------------------------------------------------------------------------------------


def test_earlier_wordings_stand_side_by_side_and_one_is_brought_back_as_an_edit(
    run_page: Run, ctx: Context
) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0].condensate
    condensing.change_condensate(ctx, own.id, rev=own.rev, text=own.text + " And I rang.", voice=own.voice)
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    at.button(key=f"condense_versions_{own.id}").click().run()
    assert not at.exception
    drawn = views(at)
    assert '"op": "ins"' in drawn and "And I rang." in drawn
    at.button(key="condense_bring_back").click().run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.text == own.text
    assert kept(at).value == own.text
    assert [v.text for v in condensing.versions(ctx, own.id)][:2] == [own.text, own.text + " And I rang."]


def test_a_supervisor_comments_and_the_thread_is_answered_and_settled(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    own = condensing.add_condensate(ctx, s.subgroup.id, text="I rang.")
    other = acting_as(ctx, "researcher")
    asked = comments.add_comment(other, own, "Whose I is this?")
    at = run_page("condense", ctx, subgroup=s.subgroup.id, condensate=own)
    assert kept(at).value == "I rang."
    assert "Whose I is this?" in shown(at)
    at.button(key=f"condense_comments_reply_{asked}").click().run()
    at.text_area(key=f"condense_comments_text_{own}_{asked}").set_value("Hers.").run()
    at.button(key=f"condense_comments_send_{asked}").click().run()
    assert [r.text for r in comments.thread(ctx, own)[0].replies] == ["Hers."]
    at.text_area(key=f"condense_comments_text_{own}_new").set_value("Half a thought").run()
    at.button(key=f"condense_comments_settle_{asked}").click().run()
    assert own not in comments.open_counts(ctx)
    assert at.text_area(key=f"condense_comments_text_{own}_new").value == "Half a thought"
    at.button(key="condense_comments_send_new").click().run()
    assert comments.open_counts(ctx)[own] == 1
    assert at.text_area(key=f"condense_comments_text_{own}_new").value == ""


def test_units_in_several_groups_are_listed_and_kept_in_both(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty)
    other = code_groups.add_code_group(empty, name="Also")
    for unit in units[:2]:
        coding.place(empty, unit, placements=[{"code_group": other}])
    at = run_page("condense", empty, group=group)
    assert "Sentence number 1 is here." in views(at) and "also in Also" in views(at)
    press(at, "condense_several_rows", id=units[0])
    assert condensing.board(empty, group).undecided == (units[1],)
    condensing.keep_both(empty, [units[1]])
    at = run_page("condense", empty, group=group)
    assert "also in Also" not in views(at)


def test_arriving_writes_nothing_into_the_address(run_page: Run, ctx: Context) -> None:
    at = run_page("condense", ctx)
    assert set(at.query_params) <= {"project", "as"}
