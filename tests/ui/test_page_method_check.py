"""The method check's page: it waits until asked, each sentence has a place, and a reason sets one aside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import drawn, keys, press, words
from workbench.domain.checks import UNINVITED
from workbench.services import checks, code_groups, projects
from workbench.services.context import Context

Run = Callable[..., Any]


def rows(at: Any, step: str) -> list[dict[str, Any]]:
    return drawn(at, f"check_{step}")["rows"]


def kept_of(ctx: Context, rule: str) -> list[checks.SetAside]:
    return [x for x in checks.method_check(ctx).set_aside if x.rule == rule]


def opened(run_page: Run, ctx: Context) -> Any:
    return run_page("method", ctx, part="check", checked="yes")


def test_it_waits_until_somebody_asks(ctx: Context, run_page: Run) -> None:
    at = run_page("method", ctx, part="check")
    assert not [k for k in keys(at) if k.startswith("check_")]
    at.button(key="check_now").click().run()
    assert rows(at, "synthesise")
    assert at.query_params["checked"] in ("yes", ["yes"])


def test_a_link_has_asked_already_and_everything_found_has_a_sentence_and_a_place(
    ctx: Context, run_page: Run
) -> None:
    at = opened(run_page, ctx)
    found = [r for step, _ in checks.method_check(ctx).steps for r in rows(at, step)]
    assert len(found) == checks.method_check(ctx).found > 10
    assert all(r["href"].startswith(("impression", "code", "units", "condense", "synthesise", "decisions"))
               for r in found)  # fmt: skip
    assert all(r["link"] and "check." not in json.dumps([r[x] for x in ("text", "link")]) for r in found)
    notes = [r.get("note") for r in rows(at, "synthesise")]
    assert len([n for n in notes if n]) == len({n for n in notes if n})  # each said once


def test_a_sentence_is_set_aside_with_a_reason_and_taken_back(ctx: Context, run_page: Run) -> None:
    at = opened(run_page, ctx)
    row = next(r for r in rows(at, "synthesise") if "one level" in r["text"])
    at = press(at, "check_synthesise", id=row["also"]["id"])
    at.button[-1].click().run()
    assert "▲" in words(at)
    assert kept_of(ctx, "headings_level") == []
    at.text_area(key="check_why").set_value("Read aloud on 4 May: <b>all</b> are *sentences*.")
    at.button[-1].click().run()
    (kept,) = kept_of(ctx, "headings_level")
    assert kept.reason == "Read aloud on 4 May: <b>all</b> are *sentences*."
    at = opened(run_page, ctx)
    assert not any("one level" in r["text"] for r in rows(at, "synthesise"))
    aside = next(r for r in drawn(at, "check_aside_rows")["rows"] if "one level" in r["text"])
    assert kept.reason in aside["note"] and "Anna" in aside["note"]
    at = press(at, "check_aside_rows", id=aside["id"])
    assert kept_of(ctx, "headings_level") == []
    assert any("one level" in r["text"] for r in rows(at, "synthesise"))


def test_what_comes_uninvited_has_no_set_aside(ctx: Context, run_page: Run) -> None:
    at = opened(run_page, ctx)
    for step, _ in checks.method_check(ctx).steps:
        for r in rows(at, step):
            assert bool(r["also"]["text"]) == (r["also"]["id"].partition("/")[0] not in UNINVITED)


def test_a_number_of_the_project_is_kept_and_tells_its_source_and_default(
    ctx: Context, run_page: Run
) -> None:
    at = opened(run_page, ctx)
    field = next(n for n in at.number_input if n.label == "Code groups, at least")
    assert field.value == 3
    assert "Three to five are usual; the number is a proposal. 3 and 6 unless changed." in words(at)
    field.set_value(5).run()
    assert {x.threshold.name: x.value for x in checks.method_check(ctx).thresholds}["code_groups.least"] == 5
    assert any("code groups" in r["text"] for r in rows(at, "code"))


def test_an_empty_study_says_where_it_begins(empty: Context, run_page: Run) -> None:
    at = opened(run_page, empty)
    assert "It begins with a transcript" in words(at)
    assert "Nothing has been set aside" in words(at)


def test_another_route_shows_neither_steps_nor_condensation(ctx: Context, run_page: Run) -> None:
    projects.change_setting(ctx, "route", "framework")
    at = opened(run_page, ctx)
    told = {k: drawn(at, k) for k in keys(at) if k.startswith("check_")}
    labels = (
        [n.label for n in at.number_input] + [h.value for h in at.subheader] + [c.value for c in at.caption]
    )
    said = re.sub(r'"(href|id)": "[^"]*"', "", json.dumps([list(told.values()), labels]))
    assert not any(f"check_{step}" in keys(at) for step in ("before", "impression", "condense"))
    assert drawn(at, "check_code") and drawn(at, "check_synthesise")
    found = re.search(r"(?i)condensate|condensed|golden|preliminary|step \d|synthesise|impression", said)
    assert found is None, said[max(0, found.start() - 80) : found.end() + 80]


def test_a_second_analyst_sees_the_same_and_sets_aside_under_their_own_name(
    ctx: Context, run_page: Run
) -> None:
    mads = acting_as(ctx, "researcher")
    at = opened(run_page, mads)
    row = next(r for r in rows(at, "synthesise") if "already" in r["text"])
    at = press(at, "check_synthesise", id=row["also"]["id"])
    at.text_area(key="check_why").set_value("We asked three wards.")
    at.button[-1].click().run()
    (kept,) = kept_of(ctx, "banality")
    assert kept.by == mads.member.name != ctx.member.name


def test_many_of_one_rule_are_folded_until_asked_for(empty: Context, run_page: Run) -> None:
    for n in range(9):
        code_groups.add_code_group(empty, name=f"Group {n}")
    at = opened(run_page, empty)
    shown = [r["text"] for r in rows(at, "code")]
    assert len([x for x in shown if "has no units" in x]) == 5
    more = rows(at, "code")[-1]
    assert more["text"] == "4 more like these"
    at = press(at, "check_code", id=more["id"])
    assert len([r for r in rows(at, "code") if "has no units" in r["text"]]) == 9


def test_only_the_uninvited_appear_on_home(ctx: Context, run_page: Run) -> None:
    drawn_rows = drawn(run_page("home", ctx), "home_attention")["rows"]
    waiting = {r["text"] for step, _ in checks.method_check(ctx).steps for r in _uninvited_texts(ctx, step)}
    assert {r["text"] for r in drawn_rows} <= waiting


def _uninvited_texts(ctx: Context, step: str) -> list[dict[str, str]]:
    from workbench.language import t

    found = dict(checks.method_check(ctx).steps)[step]
    return [{"text": t(i.code, **i.params)} for i in found if i.rule in UNINVITED]
