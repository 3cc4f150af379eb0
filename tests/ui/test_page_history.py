"""History: who did what and when, undo from there, and a sentence for everything that can be done."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import drawn, keys, press, words
from workbench.language import catalogue
from workbench.services import history, people
from workbench.services.context import Context

Run = Callable[..., Any]
SERVICES = Path(__file__).resolve().parents[2] / "workbench" / "services"


def days(at: Any) -> list[str]:
    return [k for k in keys(at) if k.startswith("history_")]


def rows(at: Any) -> list[dict[str, Any]]:
    return [row for key in days(at) for row in drawn(at, key)["rows"]]


def test_everything_that_can_be_done_has_a_sentence_that_names_it() -> None:
    written = " ".join(p.read_text(encoding="utf-8") for p in SERVICES.glob("*.py"))
    verbs = set(re.findall(r'\.write\(\s*"([a-z_]+)"', written)) | set(
        re.findall(r'verb="([a-z_]+)"', written)
    )
    assert len(verbs) > 60
    known = catalogue("en")
    assert {v for v in verbs if f"history.{v}" not in known} == set()
    for verb in verbs:
        places = set(re.findall(r"{(\w+)}", known[f"history.{verb}"]))
        assert places <= {"name", "n"}, verb


def test_the_newest_is_first_and_older_pages_follow(ctx: Context, run_page: Run) -> None:
    at = run_page("history", ctx)
    shown = rows(at)
    assert len(shown) == 40
    first = history.list_operations(ctx, limit=1)[0]
    assert first.label in shown[0]["text"]
    assert first.member in shown[0]["text"]
    at.button(key="history_older").click().run()
    assert [r["id"] for r in rows(at)] == [str(o.seq) for o in history.list_operations(ctx, limit=80)[40:]]
    at.button(key="history_newest").click().run()
    assert rows(at)[0]["text"] == shown[0]["text"]


def test_one_members_operations_can_be_seen_alone(ctx: Context, run_page: Run) -> None:
    mads = acting_as(ctx, "researcher").member
    at = run_page("history", ctx, who=mads.id)
    assert rows(at)
    assert all(mads.name in r["text"] for r in rows(at))
    chair = acting_as(ctx, "steering").member
    assert "has not done anything yet" in words(run_page("history", ctx, who=chair.id))


def test_undo_this_takes_it_back_and_shows_it_as_undone(ctx: Context, run_page: Run) -> None:
    people.add_group(ctx, name="Bus drivers")
    at = run_page("history", ctx)
    row = rows(at)[0]
    assert row["text"].endswith("added the group Bus drivers")
    press(at, days(at)[0], id=row["id"])
    assert "Bus drivers" not in {g.group.name for g in people.people_view(ctx).groups}
    undid, undone = rows(at)[:2]
    assert "undid: " in undid["text"]
    assert undid["link"] == "Do again"
    assert undone["text"].endswith("undone")
    assert "id" not in undone
    press(at, days(at)[0], id=undid["id"])
    assert "Bus drivers" in {g.group.name for g in people.people_view(ctx).groups}


def test_an_undo_that_would_harm_something_newer_is_refused_in_a_sentence(
    ctx: Context, run_page: Run
) -> None:
    group = people.add_group(ctx, name="Bus drivers")
    added = history.list_operations(ctx, limit=1)[0].seq
    people.add_participant(ctx, pseudonym="Driver", stakeholder_group=group)
    at = run_page("history", ctx)
    press(at, days(at)[0], id=str(added))
    assert "▲" in words(at)
    assert "Bus drivers" in {g.group.name for g in people.people_view(ctx).groups}


def test_only_the_lead_may_undo_what_others_did(ctx: Context, run_page: Run) -> None:
    people.add_group(ctx, name="Bus drivers")
    mads = acting_as(ctx, "researcher")
    at = run_page("history", mads)
    by = {str(o.seq): o.by for o in history.list_operations(ctx, limit=40)}
    assert all(by[r["id"]] == mads.member.id for r in rows(at) if "id" in r)
    added = history.list_operations(ctx, limit=1)[0].seq
    press(at, days(at)[0], id=str(added))
    assert "done by somebody else" in words(at).lower() or "▲" in words(at)
    assert "Bus drivers" in {g.group.name for g in people.people_view(ctx).groups}


def test_a_new_project_has_a_history_of_one_that_cannot_be_undone(empty: Context, run_page: Run) -> None:
    at = run_page("history", empty)
    (row,) = rows(at)
    assert row["text"].endswith("made the project")
    assert "id" not in row
