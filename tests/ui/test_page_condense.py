"""Condense without a browser: sorting, writing beside the units, a voice, what has gone stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.ui.presses import drawn, press
from workbench.services import code_groups, coding, condensing, history, sources
from workbench.services.condensing import Board
from workbench.services.context import Context
from workbench.ui.pages import condense_board

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


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[str], None]]:
    """What the board calls when a person acts on it, by the board's key."""
    found: dict[str, Callable[[str], None]] = {}
    drawn = condense_board.view

    def view(kind: Any, data: Any, *, key: str, on_select: Any = None) -> Any:
        found[key] = on_select
        return drawn(kind, data, key=key, on_select=on_select)

    monkeypatch.setattr(condense_board, "view", view)
    return found


def as_sent(
    acts: list[dict[str, Any]], group: str, subgroup: str | None = None, condensate: str | None = None
) -> str:
    """Acts as the board sends them: each with its id and what it is about."""
    about = {"group": group, "subgroup": subgroup, "condensate": condensate}
    return json.dumps([{"id": f"act-{n}-{act}"} | about | act for n, act in enumerate(acts)])


def sender(receive: Callable[[str], None], *about: str) -> Callable[[dict[str, Any]], None]:
    return lambda act: receive(as_sent([act], *about))


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


def test_one_subgroup_shows_its_units_beside_its_condensate(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    assert not at.exception
    assert kept(at).value == s.condensates[0].condensate.text
    assert kept(at).label == "Condensate, not a quote"
    drawn = views(at)
    assert all(json.dumps(c.unit.text)[1:-1] in drawn for c in s.cards)
    assert s.condensates[1].condensate.text[:40] in drawn
    assert not at.warning and not at.error and not at.info


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


def test_the_first_condensate_takes_the_ticks_made_before_it(
    run_page: Run, empty: Context, acts: dict[str, Callable[[str], None]]
) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    at = run_page("condense", empty, subgroup=sub)
    at.session_state[f"workbench.draft.{empty.store.id}.condense.ticks.{sub}"] = units[:2]
    at.run()
    kept(at).set_value("I waited, and I rang.").run()
    assert not at.exception
    found = condensing.board(empty, group).subgroups[0].condensates[0]
    assert found.condensate.text == "I waited, and I rang." and found.covers == set(units[:2])
    assert kept(at).value == "I waited, and I rang."


def test_the_voice_is_a_group_or_mixed_on_purpose(run_page: Run, ctx: Context) -> None:
    s = board_of(ctx).subgroups[0]
    own = s.condensates[0].condensate
    at = run_page("condense", ctx, subgroup=s.subgroup.id)
    at.selectbox(key=f"kept_condensate.{own.id}.voice").set_value("mixed").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.voice == "mixed"


def test_units_are_sorted_ticked_and_set_aside_from_the_board(
    run_page: Run, empty: Context, acts: dict[str, Callable[[str], None]]
) -> None:
    group, units = fresh(empty, 4)
    at = run_page("condense", empty, group=group)
    assert "No subgroups yet" in shown(at) and at.title[0].value == "Left over"
    act = sender(acts[f"board_{group}_left"], group)
    act({"do": "new", "text": "Late", "units": units[:2]})
    act({"do": "aside", "text": "About the weather", "units": units[3:]})
    board = condensing.board(empty, group)
    assert [c.unit.id for c in board.subgroups[0].cards] == units[:2]
    assert [c.unit.id for c in board.left_over] == [units[2]] and [c.unit.id for c in board.set_aside] == [
        units[3]
    ]
    act({"do": "move", "to": board.subgroups[0].subgroup.id, "units": units[2:]})
    assert len(condensing.board(empty, group).subgroups[0].cards) == 4
    act({"do": "move", "to": "left", "units": [units[0]]})
    assert [c.unit.id for c in condensing.board(empty, group).left_over] == [units[0]]
    made = condensing.add_condensate(empty, board.subgroups[0].subgroup.id, text="I waited.")
    run_page("condense", empty, group=group, subgroup=board.subgroups[0].subgroup.id)
    act = sender(acts[f"board_{board.subgroups[0].subgroup.id}"], group, board.subgroups[0].subgroup.id, made)
    act({"do": "ticks", "on": units[1:3], "off": []})
    found = condensing.board(empty, group).subgroups[0].condensates[0]
    assert found.condensate.id == made and found.covers == set(units[1:3])


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
    assert "One unit has come since this was written" in shown(at)
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


def test_acts_that_come_again_with_later_ones_are_each_done_once_and_answered(
    run_page: Run, empty: Context
) -> None:
    group, _ = fresh(empty)
    at = run_page("condense", empty, group=group)
    new = [{"do": "new", "text": f"Subgroup {n}", "units": []} for n in range(3)]
    press(at, f"board_{group}_left", id=as_sent(new[:2], group))
    assert list(drawn(at, f"board_{group}_left")["answers"].values()) == [None, None]
    press(at, f"board_{group}_left", id=as_sent(new, group))  # the answer was lost on its way
    assert list(drawn(at, f"board_{group}_left")["answers"].values()) == [None, None, None]
    names = [s.subgroup.name for s in condensing.board(empty, group).subgroups]
    assert names == ["Subgroup 0", "Subgroup 1", "Subgroup 2"]


def test_a_refused_act_is_answered_with_a_sentence_and_stops_none_of_the_others(
    run_page: Run, empty: Context
) -> None:
    group, units = fresh(empty)
    at = run_page("condense", empty, group=group)
    acts = [
        {"do": "aside", "text": "  ", "units": units[:1]},
        {"do": "aside", "text": "The weather", "units": units[1:2]},
    ]
    press(at, f"board_{group}_left", id=as_sent(acts, group))
    refused, done = drawn(at, f"board_{group}_left")["answers"].values()
    assert refused and refused[0].isupper() and refused.endswith(".") and done is None
    assert [c.unit.id for c in condensing.board(empty, group).set_aside] == units[1:2]


def test_ticks_sent_together_leave_what_somebody_else_ticked_meanwhile(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty, 4)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    made = condensing.add_condensate(empty, sub, text="I waited.")
    at = run_page("condense", empty, group=group, subgroup=sub)
    condensing.set_covers(empty, made, units[3:])  # in another tab
    ticks = [{"do": "ticks", "on": [u], "off": []} for u in units[:2]] + [
        {"do": "ticks", "on": [], "off": units[:1]}
    ]
    press(at, f"board_{sub}", id=as_sent(ticks, group, sub, made))
    assert condensing.board(empty, group).subgroups[0].condensates[0].covers == {units[1], units[3]}


def test_a_tick_sent_before_the_text_it_belongs_to_was_kept_is_in_it(run_page: Run, empty: Context) -> None:
    group, units = fresh(empty)
    sub = condensing.add_subgroup(empty, group, name="Late", units=units)
    at = run_page("condense", empty, group=group, subgroup=sub)
    kept(at).set_value("I waited.").run()
    press(at, f"board_{sub}", id=as_sent([{"do": "ticks", "on": units[:1], "off": []}], group, sub))
    assert condensing.board(empty, group).subgroups[0].condensates[0].covers == {units[0]}


def test_a_voice_chosen_elsewhere_is_shown_before_it_is_overwritten(run_page: Run, ctx: Context) -> None:
    own = board_of(ctx).subgroups[0].condensates[0].condensate
    at = run_page("condense", ctx, subgroup=board_of(ctx).subgroups[0].subgroup.id)
    group = board_of(ctx).stakeholder_groups[-1].id
    condensing.change_condensate(ctx, own.id, rev=own.rev, text=own.text, voice=group)
    at.selectbox(key=f"kept_condensate.{own.id}.voice").set_value("mixed").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.voice == group
    assert "changed this while you wrote" in shown(at)
