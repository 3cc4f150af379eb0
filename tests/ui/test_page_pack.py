"""The pack: asked, recommended, what it costs; who disagrees; and nothing that must stay with the analysts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.ui.committee_words import forbidden, leaks
from workbench.services import meetings, model, packs, projects, sending
from workbench.services.context import Context
from workbench.ui import committee


def facts(at: Any) -> str:
    assert not at.exception
    return "\n".join(
        json.dumps(json.loads(c.proto.json), ensure_ascii=False) for c in at.get("bidi_component")
    )


def words(at: Any) -> str:
    return "\n".join(
        str(e.value)
        for kind in ("title", "header", "subheader", "text", "markdown", "caption")
        for e in at.get(kind)
    )


@pytest.fixture
def chair(ctx: Context) -> Context:
    return acting_as(ctx, "steering")


def test_the_chair_first_reads_what_is_asked_what_is_recommended_and_what_it_costs(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("pack", chair)
    assert at.title[0].value.startswith("Should the model ask what matters once")
    text = words(at)
    at_question, at_advice = text.index("Should the model ask"), text.index("Yes, in the pilot")
    assert at_question < at_advice
    assert "A conversation of about a quarter of an hour on the ward" in text
    assert "Who sees it differently" in facts(at)
    assert "In English: If you only ask once" in facts(at)


@pytest.mark.parametrize("part", ["since", "themes", "decide", "version"])
@pytest.mark.parametrize("theme", ["1", "4"])
def test_nothing_that_stays_with_the_analysts_reaches_the_committee(
    ctx: Context, chair: Context, run_page: Callable[..., Any], part: str, theme: str
) -> None:
    at = run_page("pack", chair, part=part, theme=theme)
    assert len(forbidden(ctx)) > 300
    assert leaks(ctx, at) == []
    links = re.findall(r'"href": "([a-z]+)', facts(at))
    assert set(links) <= {"pack", "decisions"}


def test_a_researcher_may_follow_a_requirement_from_the_pack_to_what_it_rests_on(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    assert '"href": "trace?' in facts(run_page("pack", ctx, part="themes", theme="1"))


def test_the_check_for_leaks_finds_a_leak(ctx: Context, run_page: Callable[..., Any]) -> None:
    r = model.list_requirements(ctx)[0].requirement
    assert leaks(ctx, run_page("trace", ctx, item=r.id)) != []


def test_a_theme_brief_has_quotes_with_group_labels_people_and_those_who_differ(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("pack", chair, part="themes", theme="3")
    drawn = facts(at)
    assert at.title[0].value.startswith("One person who has seen all of it")
    assert "You're ill in four places" in drawn
    assert '"text": "6 of 7", "heard": 6, "of": 7' in drawn
    assert "I am the coordinator." in drawn
    assert "9 of 10 sources re-read, latest on 1 May 2026." in drawn
    assert "can sleep; one says no" in drawn


def test_who_sees_it_differently_is_never_empty_and_never_says_none_where_nobody_looked(
    ctx: Context,
) -> None:
    brief = packs.meeting_pack(ctx).briefs[0]
    matrix = packs.meeting_pack(ctx).matrix
    silent = replace(brief, dissent=(), challenges=0)
    assert "no challenge noted" in committee.dissent_facts(silent, matrix)[1]
    assert committee.dissent_facts(replace(silent, reread=0), matrix) == ([], "Not looked for yet.")
    uncleared = committee.dissent_facts(replace(brief, dissent=(), challenges=1), matrix)[1]
    assert "no quote of it has been cleared" in uncleared


def test_a_group_too_small_is_not_counted_and_no_total_gives_it_away(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    projects.change_setting(ctx, "k_min", "6")
    at = run_page("pack", chair, part="themes", theme="1")
    drawn = facts(at)
    assert '"name": "Others", "tone": 7}, "text": "some"' in drawn
    assert '"name": "General practice"' not in drawn
    assert "of 24 people" not in words(at)
    assert '"of": 5' not in drawn
    drawn = facts(run_page("pack", chair, part="version"))
    assert "Every band is drawn alike" in drawn
    assert "5 people" not in drawn
    assert "people in" not in drawn


def test_since_tells_what_changed_after_it_was_decided_and_how_it_read_then(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    drawn = facts(run_page("pack", chair, part="since"))
    assert "changed since 20 May 2026: REQ-003" in drawn
    assert '{"op": "del", "text": "have"}' in drawn
    assert "Version 2" in drawn


def test_the_version_shows_strip_and_requirements_and_only_the_holes_when_asked(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    model.add_requirement(ctx, statement="The model must rest on nothing")
    at = run_page("pack", chair, part="version")
    assert "The clinic and the emergency department" in facts(at)
    at.toggle(key="pack_holes").set_value(True).run()
    drawn = facts(at)
    assert "The model must rest on nothing" in drawn
    assert "The clinic and the emergency department" not in drawn


def test_what_was_added_after_a_version_was_frozen_stands_apart_from_it(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    first = model.list_requirements(ctx)[0].requirement
    model.change_requirement(ctx, first.id, rev=first.rev, statement="The model must read otherwise")
    model.add_requirement(ctx, statement="The model must come later")
    at = run_page("pack", chair, part="version")
    said = [json.loads(c.proto.json)[0] for c in at.get("bidi_component")]
    drawn = {x["kind"]: json.dumps(x["facts"]) for x in said if isinstance(x, dict) and "kind" in x}
    for kind in ("strip", "table"):
        assert "come later" not in drawn[kind] and "read otherwise" not in drawn[kind]
        assert first.statement in drawn[kind]
    assert "come later" in drawn["rows"] and "Not in this version" in words(at)
    assert "As they read when it was frozen" in words(at)


def test_a_requirement_with_a_challenge_says_so_in_the_pack(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    drawn = facts(run_page("pack", chair, part="version"))
    assert "Challenged on re-reading, not answered yet" in drawn


def test_a_vote_from_the_pack_is_kept_for_the_seat(chair: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("pack", chair)
    at.button_group(key="pack_DEC-004_choice").set_value("agree").run()
    at.button_group(key="pack_DEC-004_seat").set_value("Chair").run()
    at.button(key="pack_DEC-004_keep").click().run()
    assert not at.exception
    vote = meetings.list_decisions(chair)[3].votes[0]
    assert (vote.seat, vote.choice) == ("Chair", "agree")
    assert "Your vote is kept" in words(at) and "Chair, Agree" in words(at)


def test_themes_are_numbers_in_the_address_and_turned_one_at_a_time(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("pack", chair, part="themes", theme="1")
    at.button(key="theme_after").click().run()
    assert not at.exception
    assert at.query_params["theme"] in ("2", ["2"])
    assert at.title[0].value.startswith("Each sector decides")
    at = run_page("pack", chair, part="themes", theme="99")
    assert at.title[0].value.startswith("What matters is asked")


def test_an_empty_project_has_an_honest_pack(empty: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("pack", empty)
    assert not at.exception
    assert "Nothing for a committee yet." in words(at)


def test_the_lead_ticks_every_quote_before_the_pack_can_be_sent(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("pack", ctx, part="send")
    assert at.title[0].value == "Before the pack is sent"
    assert at.button(key="send_make").disabled
    ticks = [c.key for c in at.checkbox if c.key.startswith("send_tick_")]
    assert len(ticks) == len(sending.preview(ctx).quotes)
    for key in ticks:
        at.checkbox(key=key).set_value(True)
    at.run()
    assert not at.button(key="send_make").disabled
    at.button(key="send_make").click().run()
    assert not at.exception
    assert "ready to be sent" in words(at)
    with ctx.read() as conn:
        newest = conn.execute("SELECT verb FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
    assert newest["verb"] == "send_pack"


def test_the_lead_chooses_an_earlier_meeting_and_the_chair_cannot(
    ctx: Context, chair: Context, run_page: Callable[..., Any]
) -> None:
    assert "Steering committee 1 · 20 May 2026" in words(run_page("pack", ctx, part="themes", meeting="1"))
    assert "Steering committee 2 · 3 June 2026" in words(run_page("pack", chair, part="themes", meeting="1"))


def test_the_whole_pack_is_one_file_for_the_committee_too(
    chair: Context, run_page: Callable[..., Any]
) -> None:
    at = run_page("pack", chair)
    at.button(key="pack_pdf").click().run()
    assert not at.exception
    assert at.get("download_button")


def test_how_sure_we_are_is_said_in_words_with_a_reason(chair: Context, run_page: Callable[..., Any]) -> None:
    drawn = facts(run_page("pack", chair, part="themes", theme="3"))
    assert "Method carried through" in drawn and "No concern" in drawn
    assert '"name": "Published"' in drawn
