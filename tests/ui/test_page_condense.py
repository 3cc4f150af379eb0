"""Condense without a browser: sorting, writing beside the units, a voice, what has gone stale."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workbench.services import coding, condensing, history, sources
from workbench.services.condensing import Board
from workbench.services.context import Context
from workbench.ui.pages import condense

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
    drawn = condense.view

    def view(kind: Any, data: Any, *, key: str, on_select: Any = None) -> Any:
        found[key] = on_select
        return drawn(kind, data, key=key, on_select=on_select)

    monkeypatch.setattr(condense, "view", view)
    return found


def board_of(ctx: Context, n: int = 0) -> Board:
    return condensing.board(ctx, coding.code_group_counts(ctx)[n].group.id)


def fresh(ctx: Context, units: int = 3) -> tuple[str, list[str]]:
    """A code group with some units, unsorted."""
    words = [f"Sentence number {n} is here." for n in range(units)]
    parsed = sources.preview([("talk.txt", f"P01: {' '.join(words)}".encode())])[0]
    source = sources.import_source(ctx, parsed, b"x", title="Talk", speakers={})  # type: ignore[arg-type]
    group = coding.add_code_group(ctx, name="Waiting")
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
    at.selectbox(key=f"condense_voice_{own.id}").set_value("mixed").run()
    assert board_of(ctx).subgroups[0].condensates[0].condensate.voice == "mixed"


def test_units_are_sorted_ticked_and_set_aside_from_the_board(
    run_page: Run, empty: Context, acts: dict[str, Callable[[str], None]]
) -> None:
    group, units = fresh(empty, 4)
    at = run_page("condense", empty, group=group)
    assert "No subgroups yet" in shown(at) and at.title[0].value == "Left over"
    act = acts[f"board_{group}_left"]
    act(json.dumps({"do": "new", "text": "Late", "units": units[:2]}))
    act(json.dumps({"do": "aside", "text": "About the weather", "units": units[3:]}))
    board = condensing.board(empty, group)
    assert [c.unit.id for c in board.subgroups[0].cards] == units[:2]
    assert [c.unit.id for c in board.left_over] == [units[2]] and [c.unit.id for c in board.set_aside] == [
        units[3]
    ]
    act(json.dumps({"do": "move", "to": board.subgroups[0].subgroup.id, "units": units[2:]}))
    assert len(condensing.board(empty, group).subgroups[0].cards) == 4
    act(json.dumps({"do": "move", "to": "left", "units": [units[0]]}))
    assert [c.unit.id for c in condensing.board(empty, group).left_over] == [units[0]]
    made = condensing.add_condensate(empty, board.subgroups[0].subgroup.id, text="I waited.")
    run_page("condense", empty, group=group, subgroup=board.subgroups[0].subgroup.id)
    act = acts[f"board_{board.subgroups[0].subgroup.id}"]
    act(json.dumps({"do": "ticks", "on": units[1:3], "off": []}))
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
    n = next(i for i, c in enumerate(coding.code_group_counts(ctx))
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
