"""Impression without a browser: reading, notes that keep themselves, themes apart until all have submitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.services import impressions, projects, sources
from workbench.services.context import Context

Run = Callable[..., Any]


def shown(at: Any) -> str:
    return " ".join(
        str(e.value) for kind in ("title", "subheader", "markdown", "text", "caption") for e in at.get(kind)
    )


def views(at: Any) -> str:
    """The facts handed to the view component, as JSON text."""
    return " ".join(e.proto.json for e in at.get("bidi_component"))


def one_source(ctx: Context) -> str:
    parsed = sources.preview(
        [("talk.txt", b"Interviewer: How was it?\nP01: They rang *twice* <b>that</b> day.")]
    )[0]
    return sources.import_source(ctx, parsed, b"x", title="First talk", speakers={})  # type: ignore[arg-type]


def other(ctx: Context) -> Context:
    return replace(
        ctx,
        member=next(m for m in projects.list_members(ctx.store) if m.role == "researcher" and not m.is_lead),
    )


def test_the_filled_demo_shows_the_text_my_note_and_my_themes(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx)
    assert not at.exception
    assert at.title[0].value.startswith("Interview 1")
    assert (
        at.text_area[0].value
        == impressions.read_impression(ctx, sources.list_sources(ctx)[0].source.id)[0]
        != ""
    )
    drawn = views(at)
    turns = sources.read_source(ctx, sources.list_sources(ctx)[0].source.id).turns
    assert '"kind": "reading"' in drawn and f'"n": {len(turns)}' in drawn
    assert impressions.impression_view(ctx).mine[0].title in drawn
    assert at.checkbox[0].value is True


def test_an_empty_project_says_what_to_do_first(run_page: Run, empty: Context) -> None:
    at = run_page("impression", empty)
    assert not at.exception
    assert "No sources yet" in shown(at)


def test_a_note_is_kept_when_its_field_is_left(run_page: Run, empty: Context) -> None:
    id = one_source(empty)
    at = run_page("impression", empty)
    at.text_area[0].set_value("She *laughs* where it was worst.").run()
    assert impressions.read_impression(empty, id)[0] == "She *laughs* where it was worst."
    at.text_area[0].set_value("").run()
    assert impressions.read_impression(empty, id)[0] == ""
    at.text_area[0].set_value("Once more.").run()
    assert not at.exception
    assert impressions.read_impression(empty, id)[0] == "Once more."


def test_a_note_written_in_two_tabs_shows_both_texts_and_overwrites_neither(
    run_page: Run, empty: Context
) -> None:
    id = one_source(empty)
    at = run_page("impression", empty)
    impressions.write_impression(empty, id, "From the other tab.")
    at.text_area[0].set_value("From this tab.").run()
    assert impressions.read_impression(empty, id)[0] == "From the other tab."
    assert "From the other tab." in shown(at) and at.text_area[0].value == "From this tab."
    assert "changed this while you wrote" in shown(at).replace("\\", "")
    next(b for b in at.button if b.label == "Keep what I wrote").click().run()
    assert impressions.read_impression(empty, id)[0] == "From this tab."


def test_read_through_is_said_by_me_and_taken_back(run_page: Run, empty: Context) -> None:
    id = one_source(empty)
    at = run_page("impression", empty)
    at.checkbox[0].check().run()
    assert impressions.is_read(empty, id, "impression")
    at.checkbox[0].uncheck().run()
    assert not impressions.is_read(empty, id, "impression")


def test_themes_are_added_changed_and_submitted_and_others_stay_hidden(run_page: Run, empty: Context) -> None:
    one_source(empty)
    projects.add_member(empty, name="Mads", role="researcher")
    impressions.add_theme(other(empty), title="What only Mads saw")
    at = run_page("impression", empty)
    assert "do not sort yet" in shown(at)
    at.text_input(key="impression_new").set_value("Carrying the papers").run()
    assert [x.title for x in impressions.impression_view(empty).mine] == ["Carrying the papers"]
    assert at.text_input(key="impression_new").value == ""
    at.button(key="impression_submit").click().run()
    assert impressions.impression_view(empty).submitted
    assert "Mads has not submitted" in shown(at)
    at.segmented_control(key="impression_part").set_value("agree").run()
    assert not at.exception
    assert "Mads has not submitted" in shown(at) and "What only Mads saw" not in shown(at) + views(at)


def test_ticked_themes_become_one_agreed_theme_with_who_it_came_from(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx, part="agree")
    assert not at.exception
    step = impressions.impression_view(ctx)
    picked = [step.mine[0], step.others[0][1][0]]
    for theme in picked:
        at.checkbox(key=f"tick_{theme.id}").check()
    at.text_input(key="impression_agreed_new").set_value("What we call it")
    at.run()
    at.button(key="impression_agree").click().run()
    agreed = {a.title: merged for a, merged in impressions.impression_view(ctx).agreed}
    assert {x.id for x in agreed["What we call it"]} == {x.id for x in picked}
    assert not at.checkbox(key=f"tick_{picked[0].id}").value
    assert "What we call it" in views(at)


def test_minutes_of_the_negotiation_are_kept(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx, part="agree")
    at.text_area[0].set_value("We agreed on five, and differed on one.").run()
    assert impressions.impression_view(ctx).minutes == "We agreed on five, and differed on one."
    at.text_area[0].set_value("We agreed on four.").run()
    assert impressions.impression_view(ctx).minutes == "We agreed on four."
