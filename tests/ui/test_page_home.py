"""Home: the start page, where a study stands, what needs attention, what is next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.ui.presses import drawn, keys, words
from workbench.services import overview, projects, synthesis
from workbench.services.context import Context
from workbench.store.project import Store

Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path / "here"))
    return tmp_path / "here"


def test_without_a_study_the_start_page_offers_three_ways(folder: Path, run_page: Run) -> None:
    at = run_page("home")
    assert [t.value for t in at.title] == ["Start with what people said"]
    assert [b.label for b in at.button] == [
        "Make the study", "Open the demo study", "Open the PORT example",
    ]  # fmt: skip
    assert keys(at) == []  # nothing to list


def test_a_new_study_is_made_and_opened(folder: Path, run_page: Run) -> None:
    at = run_page("home")
    at.text_input(key="home_name").set_value("Søvn & *ro*")
    at.text_area(key="home_question").set_value("What makes a night?")
    at.text_input(key="home_member").set_value("Ida Prøve")
    at.button[0].click().run()
    assert not at.exception
    (card,) = projects.list_projects(folder)
    assert (card.name, card.path.name) == ("Søvn & *ro*", "soevn-ro.db")
    store = Store.open(card.path)
    assert [m.name for m in projects.list_members(store)] == ["Ida Prøve"]
    assert projects.route_of(store) == "stc"
    assert at.title[0].value.replace("\\", "") == "Søvn & *ro*"
    assert "Import transcripts" in words(at)
    assert "It begins with a transcript" in words(at)


def test_a_study_without_a_name_or_with_one_that_is_taken_is_refused(folder: Path, run_page: Run) -> None:
    at = run_page("home")
    at.button[0].click().run()
    assert "▲" in words(at)
    folder.mkdir()
    projects.create_project(folder / "sleep.db", name="Sleep").close()
    at = run_page("home")
    at.text_input(key="home_name").set_value("Sleep")
    at.text_area(key="home_question").set_value("Kept while I mend the name")
    at.button[0].click().run()
    assert "▲" in words(at)
    assert "Sleep" in words(at)
    assert at.text_area(key="home_question").value == "Kept while I mend the name"
    assert len(projects.list_projects(folder)) == 1


def test_the_demo_study_is_one_press_away_and_is_made_once(folder: Path, run_page: Run) -> None:
    for _ in range(2):
        at = run_page("home")
        at.button(key="home_demo").click().run()
        assert "Invented demo study" in words(at)
    (card,) = projects.list_projects(folder)
    assert card.invented


def test_the_studies_here_are_listed_and_a_newer_one_says_so(demo: Path, run_page: Run) -> None:
    import sqlite3

    newer = demo.with_name("from-the-future.db")
    projects.create_project(newer, name="Later").close()
    with sqlite3.connect(newer) as conn:
        conn.execute("PRAGMA user_version=999")
    rows = drawn(run_page("home"), "home_projects")["rows"]
    assert rows[0]["href"].startswith("home?project=")
    assert "newer version" in rows[-1]["note"]
    assert "href" not in rows[-1]


def test_the_thread_counts_what_is_there_and_every_count_is_a_door(ctx: Context, run_page: Run) -> None:
    at = run_page("home", ctx)
    now = overview.overview(ctx)
    parts = drawn(at, "home_thread")["parts"]
    assert [p["value"] for p in parts[:4]] == [
        str(x) for x in (now.sources, now.units, now.code_groups, now.condensates)
    ]
    assert [p["href"].partition("?")[0] for p in parts] == [
        "sources", "code", "condense", "condense", "synthesise", "requirements", "prototype",
    ]  # fmt: skip
    assert parts[1]["word"] == f"{now.unplaced} unplaced"


def test_what_needs_attention_is_at_most_seven_sentences_worst_first_and_one_for_each_cause(
    ctx: Context, run_page: Run
) -> None:
    rows = drawn(run_page("home", ctx), "home_attention")["rows"]
    assert 0 < len(rows) <= 7
    states = [r["state"] for r in rows]
    assert states == sorted(states, key=["doubt", "open", "none"].index)
    assert len({r["text"] for r in rows}) == len(rows)
    assert not any("check." in json.dumps(r) for r in rows)
    assert all(r["href"] and r["link"] for r in rows)
    unplaced = next(r for r in rows if "have no code group" in r["text"])
    assert "unit=" in unplaced["href"]


def test_requirements_that_have_come_in_doubt_are_counted_in_the_thread(ctx: Context, run_page: Run) -> None:
    assert "all supported" in json.dumps(drawn(run_page("home", ctx), "home_thread"))
    theme = next(iter(synthesis.synthesis_view(ctx).categories.values()))
    synthesis.change_category(
        ctx, theme.id, rev=theme.rev, heading="Something else", analytic_text=theme.analytic_text
    )
    thread = json.dumps(drawn(run_page("home", ctx), "home_thread"))
    assert "2 in doubt" in thread and "all supported" not in thread


def test_the_primary_button_goes_to_the_next_thing(ctx: Context, run_page: Run) -> None:
    at = run_page("home", ctx)
    assert at.button(key="home_next").label == "Open the meeting pack"


def test_what_others_did_since_is_told_in_sentences(ctx: Context, run_page: Run) -> None:
    rows = drawn(run_page("home", ctx), "home_since")["rows"]
    assert rows
    assert not any(ctx.member.name in r["text"] or "history." in r["text"] for r in rows)


def test_a_facilitator_sees_no_source_title_and_only_their_own_doors(ctx: Context, run_page: Run) -> None:
    at = run_page("home", acting_as(ctx, "facilitator"))
    said = words(at)
    assert "Interview" not in said
    assert "sources?" not in said
    assert "condense?" not in said
    parts = drawn(at, "home_thread")["parts"]
    assert [p["href"].partition("?")[0] for p in parts] == ["pack", "requirements", "prototype"]
    assert "home_since" not in keys(at)


def test_a_long_name_and_an_administrator_without_any_meeting_are_no_trouble(
    empty: Context, run_page: Run
) -> None:
    projects.change_setting(empty, "name", "Very long " * 11)
    projects.add_member(empty, name="Adam", role="admin")
    at = run_page("home", acting_as(empty, "admin"))
    assert at.button(key="home_next").label == "See the history"
