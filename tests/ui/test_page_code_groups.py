"""The page of code groups: choosing, changing, merging, splitting, taking out, and codebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import mark_words, tiny_transcript
from tests.ui.presses import drawn, keys, press, words
from workbench.domain.records import CodeGroup
from workbench.language import catalogue
from workbench.services import code_groups, codebooks, condensing, history, sources, synthesis
from workbench.services.context import Context

Run = Callable[..., Any]
HOSTILE = '<b>x</b> **y** $z$ :red[w] "v"'


def groups(ctx: Context) -> dict[str, CodeGroup]:
    return {c.group.name: c.group for c in code_groups.code_group_counts(ctx)}


def listed(at: Any, key: str = "code_groups_list") -> dict[str, dict[str, Any]]:
    return {r["name"]: r for r in drawn(at, key)["rows"]}


def test_the_list_shows_tag_meaning_who_is_heard_and_a_door_to_the_units(ctx: Context, run_page: Run) -> None:
    at = run_page("code_groups", ctx)
    rows = listed(at)
    assert [r["current"] for r in rows.values()] == [True, False, False, False]
    first = rows["Information that does not arrive"]
    assert (first["tag"], first["colour"], first["hatched"], first["count"]) == ("IN", 1, False, "42")
    assert [g["mono"] for g in first["groups"]] == ["Pa", "Ho", "Mu", "GP"]
    assert f"code_group={first['id']}" in first["href"] and first["href"].startswith("units?")
    assert "without knowing what others already know" in first["note"]
    assert at.button(key="code_groups_left").label == "4 units have no code group"


def test_without_code_groups_the_page_says_how_to_begin_and_one_is_made_by_typing(
    empty: Context, run_page: Run
) -> None:
    at = run_page("code_groups", empty)
    assert "No code groups yet" in words(at)
    assert "code_groups_steps" not in keys(at)
    at.text_input(key="code_groups_new").set_value(f" {HOSTILE} ").run()
    assert not at.exception
    assert list(groups(empty)) == [HOSTILE]
    assert at.text_input(key="code_groups_new").value == ""
    assert listed(at)[HOSTILE]["current"]
    assert at.button(key="code_groups_up").disabled and at.button(key="code_groups_down").disabled
    at.button(key="code_groups_merge").click().run()
    assert "no other code group" in words(at)


def test_one_is_chosen_by_the_address_and_a_gone_one_falls_back_to_the_first(
    ctx: Context, run_page: Run
) -> None:
    other = groups(ctx)["Asked what matters"]
    at = run_page("code_groups", ctx, code_group=other.id)
    assert listed(at)["Asked what matters"]["current"]
    at = press(at, "code_groups_list", id=groups(ctx)["Who decides what happens next"].id)
    assert listed(at)["Who decides what happens next"]["current"]
    assert next(iter(listed(run_page("code_groups", ctx, code_group="gone")).values()))["current"]


def test_fields_keep_themselves_one_by_one_and_a_tag_that_is_taken_is_told(
    ctx: Context, run_page: Run
) -> None:
    group = next(iter(groups(ctx).values()))
    at = run_page("code_groups", ctx)
    at.text_area(key=f"kept_code_group.{group.id}.include").set_value("Messages that are late").run()
    at.text_input(key=f"kept_code_group.{group.id}.tag").set_value("wd").run()
    assert "WD is the tag of Who decides what happens next" in words(at)
    at.text_input(key=f"kept_code_group.{group.id}.tag").set_value("if").run()
    at = press(at, "code_groups_colour", id="7")
    now = next(iter(groups(ctx).values()))
    assert (now.tag, now.include, now.colour, now.definition) == (
        "IF",
        "Messages that are late",
        7,
        group.definition,
    )
    assert drawn(at, "code_groups_steps")["steps"][0]["text"] == "Tag IF, before that IN"


def test_colours_have_names_and_say_who_has_them(ctx: Context, run_page: Run) -> None:
    swatches = drawn(run_page("code_groups", ctx), "code_groups_colour")["swatches"]
    assert len(swatches) == 12
    assert [s["name"] for s in swatches[:3]] == ["blue", "ochre, also WD", "raspberry, also NA"]
    for n in range(9):
        code_groups.add_code_group(ctx, name=f"More {n}")
    swatches = drawn(run_page("code_groups", ctx), "code_groups_colour")["swatches"]
    assert len(swatches) == 24 and swatches[13]["name"] == "ochre, hatched"


def test_code_groups_move_up_and_down(ctx: Context, run_page: Run) -> None:
    first, second, *rest = groups(ctx)
    at = run_page("code_groups", ctx)
    at.button(key="code_groups_down").click().run()
    assert list(groups(ctx)) == [second, first, *rest]
    assert listed(at)[first]["current"]
    at.button(key="code_groups_up").click().run()
    assert list(groups(ctx)) == [first, second, *rest]
    assert at.button(key="code_groups_up").disabled


def test_merging_says_what_it_moves_and_then_shows_the_one_that_stays(ctx: Context, run_page: Run) -> None:
    found = groups(ctx)
    goes, stays = found["Information that does not arrive"], code_groups.add_code_group(ctx, name=HOSTILE)
    at = run_page("code_groups", ctx, code_group=goes.id)
    at.button(key="code_groups_merge").click().run()
    at.selectbox(key=f"code_groups_into_{goes.id}").select(stays).run()
    assert f"42 units, 4 subgroups and 7 condensates will move to {HOSTILE}." in words(at)
    assert "Its theme goes along. You can undo it." in words(at)
    at.text_input(key=f"code_groups_note_{goes.id}").set_value("One thing")
    at.button(key="code_groups_do").click().run()
    assert not at.exception
    assert listed(at)[HOSTILE]["current"] and listed(at)[HOSTILE]["count"] == "42"
    step = drawn(at, "code_groups_steps")["steps"][0]
    assert step["text"] == "“Information that does not arrive” was merged into it, with 42 units"
    assert step["note"].endswith("One thing")
    assert "It was about: Someone acts without knowing" in step["note"]
    at.button(key="shell_undo").click().run()
    assert groups(ctx)["Information that does not arrive"].id == goes.id


def test_two_themes_are_not_merged_and_the_way_out_is_there(ctx: Context, run_page: Run) -> None:
    goes, stays = (groups(ctx)[n] for n in ("Asked what matters", "Someone who knows my name"))
    at = run_page("code_groups", ctx, code_group=goes.id)
    at.button(key="code_groups_merge").click().run()
    at.selectbox(key=f"code_groups_into_{goes.id}").select(stays.id).run()
    assert "Both code groups have a theme, and there can be one" in words(at)
    assert "code_groups_do" not in [b.key for b in at.button]
    at.button(key="code_groups_theme_out").click().run()
    assert "Something rests on this" in words(at)  # requirements rest on the demo's themes
    alone = code_groups.add_code_group(ctx, name="Alone")
    synthesis.add_category(ctx, alone, heading="Nobody is there")
    at = run_page("code_groups", ctx, code_group=alone)
    at.button(key="code_groups_merge").click().run()
    at.selectbox(key=f"code_groups_into_{alone}").select(stays.id).run()
    at.button(key="code_groups_theme_out").click().run()
    at.button(key="code_groups_do").click().run()
    assert "Alone" not in groups(ctx)


def test_a_subgroup_is_split_off_with_its_condensates(ctx: Context, run_page: Run) -> None:
    group = groups(ctx)["Information that does not arrive"]
    part = condensing.board(ctx, group.id).subgroups[0]
    at = run_page("code_groups", ctx, code_group=group.id)
    at.button(key="code_groups_split").click().run()
    assert at.button(key="code_groups_do").disabled
    at.checkbox(key=f"code_groups_split_{part.subgroup.id}").check().run()
    at.button(key="code_groups_do").click().run()
    assert "Give the code group a name." in words(at)
    at.text_input(key=f"code_groups_split_name_{group.id}").set_value("Part")
    at.button(key="code_groups_do").click().run()
    new = groups(ctx)["Part"]
    assert listed(at)["Part"]["current"]
    assert [len(s.condensates) for s in condensing.board(ctx, new.id).subgroups] == [len(part.condensates)]


def test_taking_out_says_what_leaves_and_is_refused_where_something_rests_on_it(
    ctx: Context, run_page: Run
) -> None:
    group = next(iter(groups(ctx).values()))
    at = run_page("code_groups", ctx)
    at.button(key="code_groups_out").click().run()
    assert "42 units leave it and stay in the project" in words(at)
    at.button(key="code_groups_do").click().run()
    assert "A theme was written from this code group" in words(at)
    assert group.name in groups(ctx)
    thin = code_groups.add_code_group(ctx, name="Thin")
    at = run_page("code_groups", ctx, code_group=thin)
    at.button(key="code_groups_out").click().run()
    at.button(key="code_groups_cancel").click().run()
    assert "code_groups_do" not in [b.key for b in at.button]
    at.button(key="code_groups_out").click().run()
    at.button(key="code_groups_do").click().run()
    assert "Thin" not in groups(ctx)


def test_a_name_that_is_code_is_shown_as_it_was_typed(empty: Context, run_page: Run) -> None:
    source = sources.import_source(empty, tiny_transcript(), b"raw", title="Interview 1")
    group = code_groups.add_code_group(empty, name=HOSTILE)
    code_groups.add_code_group(empty, name="Other")
    unit = mark_words(empty, source, "Nobody had rung", group)
    condensing.add_subgroup(empty, group, name=HOSTILE, units=[unit])
    at = run_page("code_groups", empty, code_group=group)
    at.button(key="code_groups_split").click().run()
    (box,) = at.checkbox
    assert ":red[" not in box.label and "**" not in box.label and "$z$" not in box.label


def test_forty_code_groups_with_long_danish_names_are_all_there(empty: Context, run_page: Run) -> None:
    for n in range(40):
        code_groups.add_code_group(
            empty, name=f"Ingen har det fulde overblik over patientens forløb på tværs {n}"
        )
    rows = listed(run_page("code_groups", empty))
    assert len(rows) == 40 and len({r["tag"] for r in rows.values()}) == 40


def test_codebooks_are_a_quiet_section_until_one_is_added(ctx: Context, run_page: Run) -> None:
    at = run_page("code_groups", ctx)
    assert not [k for k in keys(at) if k.startswith("codebook_")]
    at.button(key="codebooks_add_selfie").click().run()
    (book,) = codebooks.list_codebooks(ctx)
    rows = listed(at, f"codebook_{book.id}")
    assert list(rows)[:2] == ["Service delivery", "Leadership & governance"]
    assert "Health Policy 2018" in words(at) and "labels are checked against the source" in words(at)
    at = press(at, f"codebook_{book.id}", id=rows["Workforce"]["id"])
    at.text_input(key=f"code_under_{rows['Workforce']['id']}").set_value("New roles").run()
    assert listed(at, f"codebook_{book.id}")["New roles"]["level"] == 1
    at.text_area(key=f"kept_code.{rows['Workforce']['id']}.definition").set_value("Who does what").run()
    assert codebooks.list_codes(ctx)[2].definition == "Who does what"
    at.button(key=f"code_out_{rows['Workforce']['id']}").click().run()
    assert "Workforce" not in listed(at, f"codebook_{book.id}")
    at.button(key=f"codebook_out_{book.id}").click().run()
    assert codebooks.list_codebooks(ctx) == []
    history.undo(ctx)
    assert len(codebooks.list_codes(ctx)) == 6


def test_a_codebook_of_ones_own_begins_empty(ctx: Context, run_page: Run) -> None:
    at = run_page("code_groups", ctx)
    at.text_input(key="codebooks_own").set_value("Our lens").run()
    (book,) = codebooks.list_codebooks(ctx)
    assert "No codes yet" in words(at)
    at.text_input(key=f"codebook_new_{book.id}").set_value("Time").run()
    assert list(listed(at, f"codebook_{book.id}")) == ["Time"]


@pytest.mark.parametrize("kind", ["name", "tag", "definition", "include", "exclude", "merged_from", "merged_into",
                                  "split_from", "split_into", "grown_from", "retired", "added"])  # fmt: skip
def test_every_kind_of_step_has_its_sentence(kind: str) -> None:
    assert f"code_groups.lineage.{kind}" in catalogue("en")


@pytest.mark.parametrize("field", ["definition", "include", "exclude"])
def test_the_first_writing_of_a_text_has_its_sentence(field: str) -> None:
    assert f"code_groups.lineage.{field}.first" in catalogue("en")
