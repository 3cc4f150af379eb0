"""Explore: counts as a matrix of doors, as a picture and as files; a sentence where there is nothing to count."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import acting_as
from workbench.services import code_groups, counts, sources
from workbench.services.context import Context

PARTS = ("groups", "sources", "people", "together", "portrait", "time")


def facts(at: Any) -> dict[str, Any]:
    assert not at.exception
    found: dict[str, Any] = {}
    for c in at.get("bidi_component"):
        for data in json.loads(c.proto.json):
            if "kind" in data:
                found[data["kind"]] = data["facts"]
    return found


def said(at: Any) -> list[str]:
    return [x.value for x in at.text]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_shows_the_demo_with_a_door_behind_each_count(
    ctx: Context, run_page: Callable[..., Any], part: str
) -> None:
    shown = facts(run_page("explore", ctx, part=part))
    if part == "portrait":
        lanes = shown["portrait"]["lanes"]
        assert any(lane.get("voice") for lane in lanes)
        marks = [span for lane in lanes if not lane.get("voice") for span in lane["spans"]]
        assert marks and all(id.startswith("u.") and label for _, _, label, id in marks)
        return
    heat = shown["heat"]
    assert len(heat["cells"]) == len(heat["rows"]) and len(heat["cells"][0]) == len(heat["columns"])
    for cell in (c for row in heat["cells"] for c in row):
        assert bool(cell.get("id")) == (bool(cell["said"]) and not cell["silent"])
    assert any(c.get("id") for row in heat["cells"] for c in row)


def test_a_door_opens_the_units_it_counts_with_links_into_their_context(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    table = counts.cross(ctx, "group")
    row, column = table.rows[0].id, table.columns[1].id
    shown = facts(run_page("explore", ctx, part="groups", cell=f"{row}.{column}"))
    quotes = shown["quote"]["quotes"]
    assert len(quotes) == len(table.at(row, column).units) > 1
    assert all(q["href"].startswith("code?") and "unit=" in q["href"] and q["by"] for q in quotes)
    (onward,) = shown["rows"]["rows"]
    assert (
        onward["href"].startswith("units?")
        and f"code_group={row}" in onward["href"]
        and f"group={column}" in onward["href"]
    )


def test_a_door_to_nothing_closes_itself(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("explore", ctx, part="groups", cell="gone.away")
    assert "quote" not in facts(at) and "cell" not in at.query_params


def test_a_filter_counts_only_what_is_left_and_says_so(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("explore", ctx, part="sources")
    whole = len(facts(at)["heat"]["columns"])
    source, title = counts.choices(ctx).sources[0]
    at.multiselect(key="explore_only_sources").set_value([source]).run()
    heat = facts(at)["heat"]
    assert whole > 3 and [c["name"] for c in heat["columns"]] == [title]
    assert f"Only {title}." in said(at)
    at.button(key="explore_everything").click().run()
    assert len(facts(at)["heat"]["columns"]) == whole


def test_the_picture_is_an_svg_with_words_for_those_who_do_not_see_it(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("explore", ctx, part="groups")
    at.button_group(key="explore_shape_2").set_value("picture").run()
    picture = facts(at)["picture"]
    assert picture["svg"].startswith("<svg") and "Hospital" in picture["svg"]
    assert picture["alt"].startswith("Code groups by stakeholder group: a table of")


def test_the_marks_of_a_portrait_are_a_table_one_press_away(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("explore", ctx, part="portrait")
    at.button_group(key="explore_shape_3").set_value("table").run()
    table = facts(at)["table"]
    p = counts.portrait(ctx, counts.choices(ctx).sources[0][0])
    assert len(table["rows"]) == len(p.marks)
    assert table["rows"][0]["cells"]["turn"]["id"] == f"u.{p.marks[0].unit}"


def test_each_count_can_be_taken_along_as_picture_and_table(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("explore", ctx, part="together")
    assert len(at.get("download_button")) == 4


def test_a_project_without_sources_and_one_without_marks_say_what_to_do(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("explore", empty)
    assert not at.exception and any("Add a transcript first" in x for x in said(at))
    from tests.support import tiny_transcript

    sources.import_source(empty, tiny_transcript(), b"raw", title="Interview 1")
    at = run_page("explore", empty)
    assert not at.exception and any("Nothing is marked yet" in x for x in said(at))


def test_names_with_markup_stay_letters(ctx: Context, run_page: Callable[..., Any]) -> None:
    name = ":red[x] **fed** $y$ <b>ål</b>"
    group = sources.list_code_groups(ctx)[0]
    code_groups.change_code_group(ctx, group.id, rev=group.rev, name=name)
    at = run_page("explore", ctx, part="groups", cell=f"{group.id}.*")
    shown = facts(at)
    assert shown["heat"]["rows"][0]["name"] == name
    assert name in said(at)
    assert not any(
        ":red[x]" in str(m.value) or "**fed**" in str(m.value) for m in (*at.markdown, *at.caption)
    )


@pytest.mark.parametrize("role", ["facilitator", "steering"])
def test_who_may_not_read_sources_sees_no_count(
    ctx: Context, run_page: Callable[..., Any], role: str
) -> None:
    from workbench.ui import shell

    screen = next(s for s in shell.SCREENS if s.path == "explore")
    assert not shell.may_see(acting_as(ctx, role).member.role, screen)
