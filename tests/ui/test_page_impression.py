"""Impression without a browser: reading, notes that keep themselves, themes apart until all have submitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.services import before, code_groups, impressions, projects, sources
from workbench.services.context import Context

Run = Callable[..., Any]


def shown(at: Any) -> str:
    return " ".join(
        str(e.value) for kind in ("title", "subheader", "markdown", "text", "caption") for e in at.get(kind)
    )


def views(at: Any) -> str:
    """The facts handed to the view component, as JSON text."""
    return " ".join(e.proto.json for e in at.get("bidi_component"))


def tick(at: Any, ctx: Context, *themes: str) -> None:
    """What pressing the themes does: AppTest presses nothing inside a component."""
    at.session_state[f"workbench.draft.{ctx.store.id}.impression.ticked"] = list(themes)
    at.run()


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
    at.segmented_control(key="impression_part").set_value("themes").run()
    assert not at.exception
    assert "Mads has not submitted" in shown(at) and "What only Mads saw" not in shown(at) + views(at)


def test_ticked_themes_become_one_agreed_theme_with_who_it_came_from(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx, part="themes")
    assert not at.exception
    step = impressions.impression_view(ctx)
    picked = [step.mine[0], step.others[0][1][0]]
    tick(at, ctx, *(theme.id for theme in picked))
    at.text_input(key="impression_agreed_new").set_value("What we call it")
    at.run()
    at.button(key="impression_agree").click().run()
    agreed = {a.title: merged for a, merged in impressions.impression_view(ctx).agreed}
    assert {x.id for x in agreed["What we call it"]} == {x.id for x in picked}
    assert "Tick themes on the lists" in shown(at)
    assert "What we call it" in views(at)


def test_minutes_of_the_negotiation_are_kept(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx, part="themes")
    at.text_area[0].set_value("We agreed on five, and differed on one.").run()
    assert impressions.impression_view(ctx).minutes == "We agreed on five, and differed on one."
    at.text_area[0].set_value("We agreed on four.").run()
    assert impressions.impression_view(ctx).minutes == "We agreed on four."


def test_a_mate_who_has_not_submitted_leaves_no_trace_on_any_part_of_the_page(
    run_page: Run, empty: Context
) -> None:
    id = one_source(empty)
    projects.add_member(empty, name="Mads", role="researcher")
    impressions.add_theme(other(empty), title="Seen by Mads alone", note="His words")
    impressions.write_impression(other(empty), id, "His note")
    impressions.add_theme(empty, title="Mine")
    impressions.submit_themes(empty)
    for part in ("before", "read", "themes"):
        at = run_page("impression", empty, part=part)
        assert not at.exception
        everything = shown(at) + views(at) + repr([e.value for e in at.text_area])
        assert not any(x in everything for x in ("Seen by Mads alone", "His words", "His note"))
    assert '"Mads"' in views(at) and "Not yet" in views(at)


def test_a_lead_opens_the_lists_without_waiting_and_the_page_says_who_and_why(
    run_page: Run, empty: Context
) -> None:
    projects.add_member(empty, name="Mads", role="researcher")
    impressions.add_theme(empty, title="Mine")
    impressions.submit_themes(empty)
    assert "impression_close_it" not in {
        b.key for b in run_page("impression", other(empty), part="themes").button
    }
    at = run_page("impression", empty, part="themes")
    at.text_input(key="impression_close_reason").set_value("Mads is *away*.")
    at.button(key="impression_close_it").click().run()
    assert not at.exception and impressions.impression_view(empty).is_open
    assert "without waiting for everyone: Mads is *away*." in shown(at)
    assert "Mads has not submitted, and can still do so." in shown(at)


def test_ticked_themes_go_into_an_agreed_one_by_m_and_a_digit(run_page: Run, ctx: Context) -> None:
    at = run_page("impression", ctx, part="themes")
    step = impressions.impression_view(ctx)
    into = step.agreed[1][0]
    theme = next(x for x in step.mine if x.agreed_into != into.id)
    tick(at, ctx, theme.id)
    assert at.button(key="impression_into").proto.shortcut.lower() == "m"
    at.button(key="impression_into").click().run()
    assert at.button(key=f"into_{into.id}").proto.shortcut == "2"
    at.button(key=f"into_{into.id}").click().run()
    assert not at.exception
    assert theme.id in {
        x.id for x in dict((a.id, m) for a, m in impressions.impression_view(ctx).agreed)[into.id]
    }


def test_an_agreed_theme_is_changed_and_tied_to_code_groups_and_the_table_says_so(
    run_page: Run, ctx: Context
) -> None:
    agreed = impressions.impression_view(ctx).agreed[0][0]
    at = run_page("impression", ctx, part="themes")
    at.session_state[f"workbench.draft.{ctx.store.id}.impression.agreed_open"] = agreed.id
    at.run()
    groups = at.pills(key=f"tie_{agreed.id}")
    groups.set_value([c.group.id for c in code_groups.code_group_counts(ctx)]).run()
    assert not at.exception
    fate = impressions.theme_fates(ctx)[0]
    assert {p.code_group.id for p in fate.paths if p.code_group} == {
        c.group.id for c in code_groups.code_group_counts(ctx)
    }
    assert fate.paths[-1].code_group and fate.paths[-1].code_group.name in views(at)
    note = next(a for a in at.text_area if a.label == "What you mean by it together")
    note.set_value("All that crosses on paper").run()
    assert impressions.impression_view(ctx).agreed[0][0].note == "All that crosses on paper"


def test_an_empty_before_is_a_quiet_page_and_reading_begins_without_it(run_page: Run, empty: Context) -> None:
    at = run_page("impression", empty, part="before")
    assert not at.exception
    said = shown(at) + views(at)
    assert "None of it has to be there" in said and "Not judged yet" in said and "saturation" not in said
    assert "should" not in said
    one_source(empty)
    assert run_page("impression", empty).title[0].value == "First talk"


def test_what_is_written_before_keeps_itself_and_the_log_is_dated_and_mine(
    run_page: Run, empty: Context
) -> None:
    projects.add_member(empty, name="Mads", role="researcher")
    before.add_entry(other(empty), kind="preconception", text="I *expect* <b>kindness</b>.", at="2026-02-05")
    at = run_page("impression", empty, part="before")
    fields = {a.label: a for a in at.text_area}
    fields["Research question"].set_value("What is it like to come home?").run()
    fields["As you ask it now"].set_value("1. How was it?").run()
    at.text_area(key="before_new").set_value("I have been a nurse for years.").run()
    assert not at.exception
    view = before.before_view(empty)
    assert (view.question.value, view.guide.value) == ("What is it like to come home?", "1. How was it?")
    assert [e.text for e in view.log[0].preconceptions] == ["I have been a nurse for years."]
    assert at.text_area(key="before_new").value == ""
    theirs = before.before_view(empty).log[1].preconceptions[0]
    drawn = views(at)
    assert "I *expect* <b>kindness</b>." in drawn and "5 February 2026" in drawn
    assert f'"id": "{view.log[0].preconceptions[0].id}"' in drawn and f'"id": "{theirs.id}"' not in drawn


def test_a_text_changed_by_another_analyst_meanwhile_shows_both(run_page: Run, empty: Context) -> None:
    before.write_study(empty, "aim", "To begin with")
    at = run_page("impression", empty, part="before")
    before.write_study(empty, "aim", "Theirs")
    next(a for a in at.text_area if a.label == "Aim").set_value("Mine").run()
    assert before.before_view(empty).aim.value == "Theirs"
    assert "Theirs" in shown(at)
    next(b for b in at.button if b.label == "Keep what I wrote").click().run()
    assert before.before_view(empty).aim.value == "Mine"


def test_the_word_saturation_gets_one_gentle_note(run_page: Run, empty: Context) -> None:
    at = run_page("impression", empty, part="before")
    fields = {a.label: a for a in at.text_area}
    fields["Aim"].set_value("Go on until datamætning.").run()
    fields["Theoretical lens"].set_value("Saturation, then.").run()
    notes = [c.value for c in at.caption if "grounded theory" in c.value]
    assert len(notes) == 1 and "information power" in notes[0]
    assert not at.warning and not at.error and not at.info
    fields["Aim"].set_value("").run()
    fields["Theoretical lens"].set_value("").run()
    assert not [c for c in at.caption if "grounded theory" in c.value]


def test_information_power_is_judged_dimension_by_dimension_and_printed_as_one_table(
    run_page: Run, empty: Context
) -> None:
    before.judge(
        empty, at="2026-02-03", occasion="Planning", levels={"aim": 3}, reasons={"aim": "One question"}
    )
    at = run_page("impression", empty, part="before")
    at.button(key="before_judge").click().run()
    new = next(j for j in before.before_view(empty).judgements if j.empty)
    assert "3 February 2026: 3 · in between. One question" in shown(at).replace("\\", "")
    at.segmented_control(key=f"kept_judged.{new.id}.aim").set_value(4).run()
    at.text_input(key=f"kept_judged.{new.id}.aim.why").set_value("Narrowed to the first weeks").run()
    at.text_input(key=f"kept_judged.{new.id}.occasion").set_value("After interview 6").run()
    assert not at.exception
    now = next(j for j in before.before_view(empty).judgements if j.id == new.id)
    assert (now.levels["aim"], now.reasons["aim"], now.occasion) == (
        4,
        "Narrowed to the first weeks",
        "After interview 6",
    )
    drawn = views(at)
    assert "rather narrow" in drawn and "in between" in drawn and "Malterud" in drawn
    at.segmented_control(key=f"kept_judged.{new.id}.aim").set_value(None).run()
    assert next(j for j in before.before_view(empty).judgements if j.id == new.id).levels["aim"] == 0
