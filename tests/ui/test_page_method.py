"""Method: progress, the coding tree, the check and frozen states; every count a door, nothing by colour alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.test_progress import late
from tests.ui.presses import drawn, press, words
from workbench.services import code_groups, coding, condensing, history, projects, sources, states
from workbench.services.context import Context

Run = Callable[..., Any]


def cells(at: Any, key: str, *, bands: bool = False) -> list[dict[str, Any]]:
    """The table's rows; with `bands` those that head a round or a code group instead."""
    return [row["cells"] for row in drawn(at, key)["rows"] if bool(row.get("current")) == bands]


def a_group(ctx: Context) -> Any:
    return code_groups.code_group_counts(ctx)[0].group


@pytest.mark.parametrize("part", ["progress", "tree", "check", "states"])
def test_every_part_opens_on_the_demo(part: str, ctx: Context, run_page: Run) -> None:
    assert not run_page("method", ctx, part=part).exception


@pytest.mark.parametrize(
    ("part", "said"),
    [("progress", "Nothing to follow yet"), ("tree", "No tree yet"), ("states", "No state is frozen yet")],
)
def test_an_empty_project_is_told_what_to_do(part: str, said: str, empty: Context, run_page: Run) -> None:
    assert said in words(run_page("method", empty, part=part))


def test_progress_has_a_row_for_each_source_and_a_word_beside_each_shape(ctx: Context, run_page: Run) -> None:
    at = run_page("method", ctx)
    rows = cells(at, "method_sources")
    titles = [v.source.title for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    assert sorted(r["source"]["text"] for r in rows) == sorted(titles)
    for row in (*rows, *cells(at, "method_groups"), *cells(at, "method_groups", bands=True)):
        for cell in row.values():
            assert cell["text"] or not cell.get("state")
    assert (rows[0]["read"]["state"], rows[0]["read"]["text"]) == ("good", "AK, MB")
    assert "units?" in rows[0]["coded"]["href"] and "of=" in rows[0]["coded"]["href"]


def test_every_count_of_progress_is_a_door(ctx: Context, run_page: Run) -> None:
    at = run_page("method", ctx)
    for row in (
        *cells(at, "method_sources"),
        *cells(at, "method_groups"),
        *cells(at, "method_groups", bands=True),
    ):
        for name, cell in row.items():
            counted = any(c.isdigit() for c in cell["text"]) and name not in ("read", "reread", "category")
            assert not counted or cell.get("href"), (name, cell)


def test_a_late_round_says_which_condensates_it_reopens(ctx: Context, run_page: Run) -> None:
    group = a_group(ctx)
    subgroup = condensing.board(ctx, group.id).subgroups[0]
    source = late(ctx, 1, "Nobody had told them a thing.", round=9)
    coding.mark(
        ctx,
        source,
        23,
        30,
        text_rev=1,
        placements=[{"code_group": group.id, "subgroup": subgroup.subgroup.id}],
    )
    at = run_page("method", ctx)
    assert [b["source"]["text"] for b in cells(at, "method_sources", bands=True)][-1] == "Round 9"
    rows = drawn(at, "method_reopened_9")["rows"]
    assert len(rows) == len(subgroup.condensates)
    for row in rows:
        assert (row["text"], row["state"]) == (subgroup.subgroup.name, "doubt")
        assert "one unit came" in row["note"].casefold() and "Late 1" in row["note"]
        assert f"subgroup={subgroup.subgroup.id}" in row["href"]


def test_the_tree_is_a_picture_with_words_and_the_same_as_a_list(ctx: Context, run_page: Run) -> None:
    group = a_group(ctx)
    code_groups.change_code_group(ctx, group.id, rev=group.rev, name="Information sharing")
    at = run_page("method", ctx, part="tree")
    picture = drawn(at, "method_tree")
    assert "Information sharing" in picture["alt"] and picture["svg"].startswith("<svg")
    reasons = drawn(at, "method_tree_list")["reasons"]
    assert reasons[0]["text"] == "Information sharing"
    assert group.name in reasons[0]["note"]
    below = [r["text"] for r in reasons[0]["below"]]
    assert [s.subgroup.name for s in condensing.board(ctx, group.id).subgroups] == [
        x for x in below if x in {s.subgroup.name for s in condensing.board(ctx, group.id).subgroups}
    ]  # fmt: skip
    assert any(b.startswith("Grown from the preliminary theme") for b in below)
    assert "Picture as SVG" in words(at)


def test_a_state_is_frozen_compared_with_and_taken_out_on_the_page(ctx: Context, run_page: Run) -> None:
    before = states.list_states(ctx)
    at = run_page("method", ctx, part="states")
    at.button(key="state_freeze").click().run()
    assert "Say what the state is for" in words(at)
    at.text_input(key="state_label").input("Poster").run()
    at.button(key="state_freeze").click().run()
    poster, *others = states.list_states(ctx)
    assert poster.label == "Poster" and others == before
    assert "Nothing in the analysis has changed" in words(at)
    group = a_group(ctx)
    code_groups.change_code_group(ctx, group.id, rev=group.rev, name="Information sharing")
    subgroup = condensing.board(ctx, group.id).subgroups[0]
    condensate = subgroup.condensates[0].condensate
    condensing.change_condensate(
        ctx, condensate.id, rev=condensate.rev, text=condensate.text + " At last.", voice=condensate.voice
    )
    coding.unplace(ctx, subgroup.cards[0].placements[0].id)
    at = run_page("method", ctx, part="states")
    (row,) = drawn(at, "states_groups")["rows"]
    assert row["text"] == "Information sharing" and f"“{group.name}”" in row["note"]
    assert row["link"] == "−1 unit"
    changed = next(
        r for r in drawn(at, "states_condensates")["rows"] if {"op": "ins", "text": "At last."} in r["words"]
    )
    assert changed["change"] == "changed"
    assert [r["id"] for r in drawn(at, "states_units")["rows"]] in (["went"], ["moved"])
    press(at, "states_groups", id=row["id"])
    (quote,) = drawn(at, "states_behind")["quotes"]
    assert quote["text"] == subgroup.cards[0].unit.text
    assert quote["note"].startswith("went")
    at = run_page("method", ctx, part="states")
    at.button(key="state_out").click().run()
    assert states.list_states(ctx) == before
    history.undo(ctx)
    assert states.list_states(ctx)[0].label == "Poster"


def test_the_tree_can_be_seen_as_it_was_in_a_state(ctx: Context, run_page: Run) -> None:
    group = a_group(ctx)
    state = states.freeze_state(ctx, label="Poster")
    code_groups.change_code_group(ctx, group.id, rev=group.rev, name="Information sharing")
    at = run_page("method", ctx, part="tree", state=state)
    assert drawn(at, "method_tree_list")["reasons"][0]["text"] == group.name


def test_names_of_people_do_not_show_on_the_projector(ctx: Context, run_page: Run) -> None:
    states.freeze_state(ctx, label="Poster")
    group = a_group(ctx)
    card = condensing.board(ctx, group.id).subgroups[0].cards[0]
    coding.unplace(ctx, next(p.id for p in card.placements if p.code_group == group.id))
    at = run_page("method", ctx, part="states", behind=f"group.{group.id}")
    assert drawn(at, "states_behind")["quotes"][0]["by"]
    at.session_state["workbench.projector"] = True
    at.run()
    assert "by" not in drawn(at, "states_behind")["quotes"][0]


def test_a_project_that_does_not_condense_has_no_step_of_condensation(ctx: Context, run_page: Run) -> None:
    projects.change_setting(ctx, "route", "framework")
    at = run_page("method", ctx)
    assert [c["label"] for c in drawn(at, "method_sources")["columns"]] == [
        "Source", "Coded", "Units in code groups", "Re-read"
    ]  # fmt: skip
    assert [c["key"] for c in drawn(at, "method_groups")["columns"]] == ["group", "units", "category"]
