"""Synthesise without a browser: text over embedded units, cleared quotes, re-reading, what stands beside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import running_server
from workbench.domain.stc import embedded_units, sentences
from workbench.services import (
    code_groups,
    coding,
    comments,
    condensing,
    counter_search,
    impressions,
    projects,
    quotes,
    rereading,
    sentence_trace,
    sources,
    synthesis,
)
from workbench.services.context import Context
from workbench.services.synthesis import CategoryView
from workbench.store.project import Store
from workbench.ui import reading
from workbench.ui.pages import (
    synthesise_against,
    synthesise_behind,
    synthesise_beside,
    synthesise_head,
    synthesise_quotes,
    synthesise_reread,
    synthesise_text,
)
from workbench.ui.pages.synthesise_text import embedded, numbered

Run = Callable[..., Any]


def shown(at: Any) -> str:
    kinds = ("title", "subheader", "markdown", "text", "caption")
    return " ".join(str(e.value) for kind in kinds for e in at.get(kind)).replace("\\", "")


def views(at: Any) -> str:
    return " ".join(e.proto.json for e in at.get("bidi_component"))


def theme_of(ctx: Context, n: int = 0) -> CategoryView:
    step = synthesis.synthesis_view(ctx)
    return synthesis.category_view(ctx, step.categories[step.groups[n].id].id)


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[str], None]]:
    """What a press in a view calls, by the start of the view's key."""
    found: dict[str, Callable[[str], None]] = {}
    drawn = synthesise_text.view

    def view(kind: Any, data: Any, *, key: str, on_select: Any = None) -> Any:
        found[key.rsplit("_", 1)[0] if key.count("-") > 3 else key] = on_select
        return drawn(kind, data, key=key, on_select=on_select)

    for module in (
        reading, synthesise_against, synthesise_behind, synthesise_beside, synthesise_head, synthesise_quotes,
        synthesise_reread, synthesise_text,
    ):  # fmt: skip
        monkeypatch.setattr(module, "view", view)
    return found


def draft(at: Any, ctx: Context, name: str, value: Any) -> Any:
    at.session_state[f"workbench.draft.{ctx.store.id}.{name}"] = value
    return at


# -- the text as it is edited --------------------------------------------------------------------------------

words = st.text("ab .!?\n[]12é🙏", max_size=30)
ids = st.sampled_from(["u-1", "u-2", "0db09642-0116-4d1a-ab88-0995f67d4caa"])


@given(st.lists(st.one_of(words, ids.map(lambda i: "{{unit:" + i + "}}")), max_size=12).map("".join))
def test_numbers_for_units_go_back_to_the_same_text(text: str) -> None:
    edited, units = numbered(text)
    assert "{{unit:" not in edited or not embedded_units(text)
    assert embedded(edited, units) == text


@given(
    st.lists(st.text("abc é", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=5), st.data()
)
def test_a_unit_goes_to_the_sentence_chosen_and_no_word_changes(said: list[str], data: st.DataObject) -> None:
    text = " ".join(f"X{s.strip()}." for s in said)
    after = data.draw(st.integers(1, len(said)))
    made = synthesis.embed(text, "u-9", after)
    flat = [s for p in sentences(made) for s in p]
    assert [s.text for s in flat] == [s.text for p in sentences(text) for s in p]
    assert [n for n, s in enumerate(flat, 1) if "u-9" in s.units] == [after]


# -- the page ------------------------------------------------------------------------------------------------


def test_the_filled_demo_shows_the_text_with_numbers_that_open_its_units(run_page: Run, ctx: Context) -> None:
    at = run_page("synthesise", ctx)
    assert not at.exception
    theme = theme_of(ctx)
    assert at.title[0].value == theme.category.heading
    assert "{{unit:" not in at.text_area(key=f"kept_category.{theme.category.id}.text").value
    assert "[1]" in at.text_area(key=f"kept_category.{theme.category.id}.text").value
    drawn = views(at)
    first = embedded_units(theme.category.analytic_text)[0]
    assert f'"id": "{first}"' in drawn and '"mark": "1"' in drawn


def test_an_empty_project_is_told_where_to_begin(run_page: Run, empty: Context) -> None:
    at = run_page("synthesise", empty)
    assert not at.exception
    assert "No code groups yet" in shown(at)


def test_a_code_group_without_a_theme_begins_with_its_heading(run_page: Run, empty: Context) -> None:
    group = code_groups.add_code_group(empty, name="Waiting")
    at = run_page("synthesise", empty)
    assert "No text yet" in shown(at)
    at.text_input(key=f"synthesise_new_{group}").set_value("Waiting is work that nobody counts").run()
    assert not at.exception
    assert synthesis.synthesis_view(empty).categories[group].heading == "Waiting is work that nobody counts"
    assert at.title[0].value == "Waiting is work that nobody counts"


def test_every_part_of_the_page_runs_in_an_almost_empty_project(run_page: Run, empty: Context) -> None:
    group = code_groups.add_code_group(empty, name="Waiting")
    for part in ("text", "reread", "against", "quotes", "beside"):
        assert not run_page("synthesise", empty, part=part).exception
    synthesis.add_category(empty, group, heading="Waiting")
    for part in ("text", "reread", "against", "quotes", "beside"):
        assert not run_page("synthesise", empty, part=part).exception


def test_the_text_is_kept_with_its_units_when_its_field_is_left(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    units = embedded_units(theme.category.analytic_text)
    at = run_page("synthesise", ctx)
    field = f"kept_category.{theme.category.id}.text"
    at.text_area(key=field).set_value("They carry it. [3] It is heavy [1].").run()
    now = theme_of(ctx).category.analytic_text
    assert embedded_units(now) == (units[2], units[0])
    assert at.text_area(key=field).value == "They carry it. [1] It is heavy [2]."


def test_two_tabs_on_one_text_show_both_and_overwrite_nothing(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    own = theme.category
    field = f"kept_category.{own.id}.text"
    at = run_page("synthesise", ctx)
    synthesis.change_category(
        ctx, own.id, rev=own.rev, heading=own.heading, analytic_text="From the other tab."
    )
    at.text_area(key=field).set_value("From this tab. [1]").run()
    assert theme_of(ctx).category.analytic_text == "From the other tab."
    assert "From the other tab." in shown(at) and at.text_area(key=field).value == "From this tab. [1]"
    next(b for b in at.button if b.label == "Keep what I wrote").click().run()
    assert theme_of(ctx).category.analytic_text.startswith("From this tab.")


def test_a_number_kept_over_the_other_text_is_still_the_unit_it_was_when_it_was_typed(
    run_page: Run, ctx: Context
) -> None:
    own = theme_of(ctx).category
    first, second = embedded_units(own.analytic_text)[:2]
    field = f"kept_category.{own.id}.text"
    at = run_page("synthesise", ctx)
    theirs = f"The other one first. {{{{unit:{second}}}}} Then this. {{{{unit:{first}}}}}"
    synthesis.change_category(ctx, own.id, rev=own.rev, heading=own.heading, analytic_text=theirs)
    at.text_area(key=field).set_value("From this tab. [1]").run()
    next(b for b in at.button if b.label == "Keep what I wrote").click().run()
    assert theme_of(ctx).category.analytic_text == f"From this tab. {{{{unit:{first}}}}}"


def test_a_text_that_reads_the_same_but_rests_on_another_unit_is_not_overwritten(
    run_page: Run, ctx: Context
) -> None:
    own = theme_of(ctx).category
    first, second = embedded_units(own.analytic_text)[:2]
    field = f"kept_category.{own.id}.text"
    mine, theirs = (f"It is heavy. {{{{unit:{u}}}}}" for u in (first, second))
    synthesis.change_category(ctx, own.id, rev=own.rev, heading=own.heading, analytic_text=mine)
    at = run_page("synthesise", ctx)
    own = theme_of(ctx).category
    synthesis.change_category(ctx, own.id, rev=own.rev, heading=own.heading, analytic_text=theirs)
    at.text_area(key=field).set_value("It is very heavy. [1]").run()
    assert theme_of(ctx).category.analytic_text == theirs
    next(b for b in at.button if b.label == "Keep what I wrote").click().run()
    assert theme_of(ctx).category.analytic_text == f"It is very heavy. {{{{unit:{first}}}}}"


def test_a_heading_and_a_text_changed_at_once_are_both_kept(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    at = run_page("synthesise", ctx)
    synthesis.change_category(ctx, own.id, rev=own.rev, heading=own.heading, analytic_text="A new text.")
    at.text_area(key=f"kept_category.{own.id}.heading").set_value("A new heading").run()
    now = theme_of(ctx).category
    assert (now.heading, now.analytic_text) == ("A new heading", "A new text.")


def test_a_unit_is_put_in_after_the_sentence_chosen(
    run_page: Run, ctx: Context, acts: dict[str, Callable[[str], None]]
) -> None:
    theme = theme_of(ctx)
    unit = next(
        c.unit.id for c in theme.cards if c.unit.id not in embedded_units(theme.category.analytic_text)
    )
    at = run_page("synthesise", ctx)
    at.selectbox(key=f"synthesise_after_{theme.category.id}").set_value(2).run()
    acts["synthesise_units"](unit)
    second = [s for p in theme_of(ctx).paragraphs for s in p][1]
    assert unit in second.units
    assert [s.text for p in theme_of(ctx).paragraphs for s in p] == [
        s.text for p in theme.paragraphs for s in p
    ]


def test_draft_or_ready_is_chosen(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    at = run_page("synthesise", ctx)
    at.segmented_control(key=f"synthesise_status_{own.id}").set_value("draft").run()
    assert theme_of(ctx).category.status == "draft"


def test_before_ready_what_waits_is_listed_and_a_reason_is_asked_for(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.set_category_status(ctx, own.id, "draft")
    own = theme_of(ctx).category
    synthesis.change_category(
        ctx, own.id, rev=own.rev, heading="Worded anew", analytic_text=own.analytic_text
    )
    at = run_page("synthesise", ctx)
    at.segmented_control(key=f"synthesise_status_{own.id}").set_value("ready").run()
    assert not at.exception and theme_of(ctx).category.status == "draft"
    assert "sources not re-read since it was worded" in shown(at)
    for s in synthesis.synthesis_view(ctx).sources:
        assert s.source.title in views(at)
    at.button(key="synthesise_mark_ready").click().run()
    assert theme_of(ctx).category.status == "draft" and "Say why" in shown(at)
    at.text_area(key="synthesise_ready_why").set_value("For the poster.").run()
    at.button(key="synthesise_mark_ready").click().run()
    assert theme_of(ctx).category.status == "ready" and "For the poster." in shown(at)


def test_a_sentence_opens_the_words_behind_it_and_what_challenges_it(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    number, sentence = next(
        (n, s) for n, s in enumerate(sentence_trace.flat(theme.paragraphs), 1) if len(s.units) > 1
    )
    at = run_page("synthesise", ctx)
    assert f'"id": "s:{number}"' in views(at)
    draft(at, ctx, f"synthesise.open.{theme.category.id}", f"s:{number}").run()
    assert not at.exception
    behind, against = (
        json.loads(e.proto.json)[0]["facts"]["reasons"]
        for e in at.get("bidi_component") if '"kind": "because"' in e.proto.json
    )  # fmt: skip
    assert len(behind[0]["units"]) == len(sentence.units)
    assert all(
        u["link"] == "Open in the reader" and u["href"].startswith("code?") for u in behind[0]["units"]
    )
    challenge = next(n for n in theme.notes if n.verdict == "challenges")
    assert challenge.note in [r["text"] for r in against]


def test_a_number_opens_the_unit_and_every_sentence_that_rests_on_it(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    unit = embedded_units(theme.category.analytic_text)[0]
    at = draft(run_page("synthesise", ctx), ctx, f"synthesise.open.{theme.category.id}", f"u:{unit}").run()
    assert not at.exception
    drawn = views(at)
    for s in sentence_trace.sentences_on(ctx, unit):
        assert json.dumps(s.text) in drawn
    condensate = theme.condensates[0].condensate.id
    at = draft(
        run_page("synthesise", ctx), ctx, f"synthesise.open.{theme.category.id}", f"c:{condensate}"
    ).run()
    assert not at.exception
    for s in sentence_trace.sentences_on(ctx, condensate):
        assert json.dumps(s.text) in views(at)


def test_an_address_that_names_a_sentence_opens_it(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    at = run_page("synthesise", ctx, group=theme.group.id, sentence="1")
    assert not at.exception
    assert sentence_trace.behind(ctx, theme.category.id, 1).units[0].card.unit.text[:30] in views(at)


def test_a_sentence_that_is_gone_is_said_and_nothing_breaks(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    at = draft(run_page("synthesise", ctx), ctx, f"synthesise.open.{theme.category.id}", "s:99").run()
    assert not at.exception and "not in the text any more" in shown(at)


def test_sentences_that_rest_on_nothing_wait_to_be_asked_for(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    loose = sentence_trace.resting_on_nothing(theme.paragraphs)
    at = run_page("synthesise", ctx)
    rows = next(json.loads(e.proto.json)[0]["facts"]["rows"] for e in at.get("bidi_component")
                if all(json.dumps(text) in e.proto.json for _, text in loose) and '"kind": "rows"' in e.proto.json)  # fmt: skip
    assert [r["text"] for r in rows] == [text for _, text in loose] and loose
    assert all("state" not in r for r in rows)


def test_a_quote_is_cleared_only_when_nobody_would_recognise_the_story(
    run_page: Run, ctx: Context, acts: dict[str, Callable[[str], None]]
) -> None:
    theme = theme_of(ctx)
    known = quotes.quotes_by_unit(ctx)
    card = next(c for c in theme.cards if c.unit.id not in known and c.unit.language == "en")
    at = run_page("synthesise", ctx, part="quotes")
    draft(at, ctx, f"synthesise.quote.{theme.category.id}", card.unit.id)
    at.session_state["clear_printed"] = card.unit.text
    at.run()
    assert at.text_area(key="clear_printed").value == card.unit.text
    assert at.button(key="clear_do").disabled
    at.radio(key="clear_recognise").set_value("yes").run()
    at.button(key="clear_do").click().run()
    assert card.unit.id not in quotes.quotes_by_unit(ctx) and "▲" in shown(at)
    at.radio(key="clear_recognise").set_value("no").run()
    at.text_area(key="clear_printed").set_value("It came [...] late.").run()
    at.button(key="clear_do").click().run()
    made = quotes.quotes_by_unit(ctx)[card.unit.id]
    assert made.printed == "It came [...] late." and made.cleared_by == ctx.member.name
    acts["synthesise_cleared"](made.id)
    assert card.unit.id not in quotes.quotes_by_unit(ctx)


def test_re_reading_is_silent_but_for_what_was_found_and_not_looked_is_never_none(
    run_page: Run, ctx: Context
) -> None:
    source = next(s for s in synthesis.synthesis_view(ctx).sources if not s.mine)
    at = run_page("synthesise", ctx, part="reread", source=source.source.id)
    assert not at.exception and at.title[0].value == source.source.title
    at.checkbox(key="synthesise_done").check().run()
    assert next(s for s in synthesis.synthesis_view(ctx).sources if s.source.id == source.source.id).mine
    for s in synthesis.synthesis_view(ctx).sources:
        if s.mine:
            impressions.mark_read(ctx, s.source.id, "synthesis")
    at.run()
    drawn = views(at)
    unread = [s for s in synthesis.synthesis_view(ctx).sources if not s.by]
    assert unread and drawn.count('"word": "Not looked for yet", "note"') == len(unread)
    assert "none found" not in (drawn + shown(at)).lower()


def test_a_challenge_is_noted_changed_and_answered(run_page: Run, ctx: Context) -> None:
    source = next(s for s in synthesis.synthesis_view(ctx).sources if not s.notes).source.id

    def note() -> rereading.Recontext:
        return next(s for s in synthesis.synthesis_view(ctx).sources if s.source.id == source).notes[0]

    at = run_page("synthesise", ctx, part="reread", source=source)
    at.text_area(key="reread_note").set_value("Here nobody carried anything.")
    at.run()
    at.button(key="reread_challenges").click().run()
    assert not at.exception
    assert (note().verdict, note().note, note().answer) == ("challenges", "Here nobody carried anything.", "")
    assert at.text_area(key="reread_note").value == ""
    at.text_area(key=f"kept_note.{note().id}").set_value("Here nobody carried any paper.").run()
    assert note().note == "Here nobody carried any paper."
    assert "Here nobody carried any paper." in views(run_page("synthesise", ctx))
    at.text_area(key=f"kept_answer.{note().id}").set_value("Set aside, because it was one day.").run()
    assert note().answer == "Set aside, because it was one day."


def test_the_marks_stand_in_the_text_and_one_that_is_pressed_goes_with_the_note(
    run_page: Run, ctx: Context
) -> None:
    card = next(c for c in coding.list_units(ctx) if c.placements)
    at = run_page("synthesise", ctx, part="reread", source=card.unit.source)
    facts = next(json.loads(e.proto.json)[0]["facts"] for e in at.get("bidi_component")
                 if '"kind": "reading"' in e.proto.json)  # fmt: skip
    inside = {c.unit.id for c in coding.list_units(ctx) if c.unit.source == card.unit.source}
    assert {m["id"] for turn in facts["turns"] for m in turn.get("marks", ())} == inside
    turn = next(x for x in facts["turns"] if x["n"] == card.unit.turn)
    mark = next(m for m in turn["marks"] if m["id"] == card.unit.id)
    assert turn["text"][mark["start"] : mark["end"]] == card.unit.text.split("\n")[0]
    draft(at, ctx, f"synthesise.point.{card.unit.source}", card.unit.id).run()
    assert '"current": true' in views(at)
    at.text_area(key="reread_note").set_value("Only on a Friday.")
    at.run()
    at.button(key="reread_nuances").click().run()
    here = next(s for s in synthesis.synthesis_view(ctx).sources if s.source.id == card.unit.source)
    assert [n.unit for n in here.notes if n.note == "Only on a Friday."] == [card.unit.id]


def test_a_passage_that_is_picked_is_noted_as_a_unit(run_page: Run, ctx: Context) -> None:
    source = synthesis.synthesis_view(ctx).sources[0].source.id
    at = run_page("synthesise", ctx, part="reread", source=source)
    before = {c.unit.id for c in coding.list_units(ctx)}
    draft(at, ctx, f"synthesise.point.{source}", "passage:3:14").run()
    at.text_area(key="reread_note").set_value("It begins otherwise.")
    at.run()
    at.button(key="reread_challenges").click().run()
    assert not at.exception
    (new,) = [c for c in coding.list_units(ctx) if c.unit.id not in before]
    assert (new.unit.start, new.unit.end, new.placements) == (3, 14, ())


def test_which_sources_are_not_re_read_is_one_line_for_each_theme(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    synthesis.change_category(
        ctx, own.id, rev=own.rev, heading="Worded anew", analytic_text=own.analytic_text
    )
    at = run_page("synthesise", ctx, part="reread")
    rows = next(json.loads(e.proto.json)[0]["facts"]["rows"] for e in at.get("bidi_component")
                if "since it was worded" in e.proto.json)  # fmt: skip
    assert len(rows) == len(synthesis.synthesis_view(ctx).categories)
    assert all(s.source.title in rows[0]["text"] for s in synthesis.synthesis_view(ctx).sources)
    assert "Worded anew since this source was re-read; not looked for yet" in views(at)


def test_what_disagrees_is_looked_for_noted_and_logged(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    before = len(counter_search.counter_searches(ctx, own.id))
    at = run_page("synthesise", ctx, part="against")
    assert not at.exception
    candidate = counter_search.candidates(ctx, own.id)[0].found[0].card
    draft(at, ctx, f"synthesise.against.unit.{own.id}", candidate.unit.id).run()
    at.text_area(key="against_note").set_value("She was told the same day.")
    at.run()
    at.button(key="against_challenges").click().run()
    assert not at.exception
    note = next(n for n in theme_of(ctx).notes if n.note == "She was told the same day.")
    assert (note.verdict, note.unit, note.source) == ("challenges", candidate.unit.id, candidate.unit.source)
    assert at.number_input(key=f"search_n_{own.id}").value == 1
    assert "Other code groups" in at.text_input(key=f"search_through_{own.id}").value
    at.button(key="search_log").click().run()
    found = counter_search.counter_searches(ctx, own.id)
    assert len(found) == before + 1 and (found[0].found, found[0].looked_through) == (1, "Other code groups")


def test_not_looked_for_yet_is_never_printed_as_none_found(run_page: Run, empty: Context) -> None:
    group = code_groups.add_code_group(empty, name="Waiting")
    category = synthesis.add_category(empty, group, heading="Waiting is work")
    at = run_page("synthesise", empty, part="against")
    assert "Not looked for yet" in views(at) and "no challenge found" not in views(at) + shown(at)
    counter_search.log_counter_search(empty, category, looked_through="Everything there is", found=0)
    at = run_page("synthesise", empty, part="against")
    assert "looked for, no challenge found" in views(at) and "Not looked for yet" not in views(at)


def test_a_queue_of_quotes_is_cleared_one_after_another(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    queue = [w.card.unit.id for w in quotes.waiting_quotes(ctx) if own.id in w.categories and not w.barred]
    at = run_page("synthesise", ctx, part="quotes")
    draft(at, ctx, f"synthesise.quote.{own.id}", queue[0])
    at.session_state["clear_printed"] = "It came [...] late."
    at.run()
    for unit in queue[:2]:
        at.radio(key="clear_recognise").set_value("no").run()
        at.button(key="clear_do").click().run()
        assert not at.exception and unit in quotes.quotes_by_unit(ctx)
    card = next(c for c in coding.list_units(ctx) if c.unit.id == queue[2])
    assert at.text_area(key="clear_printed").value == card.unit.text
    at.radio(key="clear_recognise").set_value("yes").run()
    assert "Then it stays here" in shown(at)


def test_comments_on_a_theme_are_one_press_from_its_heading(run_page: Run, ctx: Context) -> None:
    own = theme_of(ctx).category
    comments.add_comment(ctx, own.id, "Who says this?")
    at = run_page("synthesise", ctx)
    assert not at.exception and "Who says this?" in shown(at) + views(at)


def test_phrases_and_literature_stand_beside_the_theme(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    group = synthesis.theme_matrix(ctx).groups[0][0]
    at = run_page("synthesise", ctx, part="beside")
    assert json.dumps(theme.evidence[0].citation)[:-1] in views(at)
    at.text_input(key=f"kept_phrase.{theme.category.id}.{group}").set_value("carry it home").run()
    assert theme_of(ctx).phrases[group] == "carry it home"
    at.text_input(key="evidence_citation").set_value("An author. A journal 2020;1:1")
    at.text_area(key="evidence_finding").set_value("It was so there too.")
    at.segmented_control(key="evidence_role").set_value("nuances")
    at.run()
    at.button(key="evidence_add").click().run()
    made = theme_of(ctx).evidence[-1]
    assert (made.finding, made.verified, made.role) == ("It was so there too.", False, "nuances")
    draft(at, ctx, "synthesise.literature", made.id).run()
    at.text_input(key=f"kept_evidence.{made.id}.citation").set_value("Another author. 2021").run()
    at.toggle(key=f"kept_evidence.{made.id}.verified").set_value(True).run()
    at.segmented_control(key=f"kept_evidence.{made.id}.role").set_value("contradicts").run()
    assert not at.exception
    now = theme_of(ctx).evidence[-1]
    assert (now.citation, now.verified, now.role) == ("Another author. 2021", True, "contradicts")
    at.button(key="evidence_out").click().run()
    assert made.id not in [e.id for e in theme_of(ctx).evidence]


def test_condensates_are_shown_as_condensates_never_as_quotes(run_page: Run, ctx: Context) -> None:
    theme = theme_of(ctx)
    board = condensing.board(ctx, theme.group.id)
    text = board.subgroups[0].condensates[0].condensate.text[:40]
    at = run_page("synthesise", ctx)
    drawn = [e.proto.json for e in at.get("bidi_component") if text in e.proto.json]
    assert drawn and all('"kind": "condensate"' in d for d in drawn)


def test_a_quote_that_may_not_leave_any_more_says_why_and_can_be_taken_back(
    ctx: Context, run_page: Any
) -> None:
    from tests.ui.presses import words

    quote = next(iter(quotes.quotes_by_unit(ctx).values()))
    card = next(c for c in coding.list_units(ctx) if c.unit.id == quote.unit)
    coding.resize(ctx, quote.unit, card.unit.start, card.unit.end - 4)
    at = run_page("synthesise", ctx, group=card.placements[0].code_group, part="quotes")
    assert not at.exception
    assert "the marked words have changed" in words(at)


@pytest.mark.browser
def test_re_reading_by_hand_a_mark_a_passage_and_the_keys_keep_the_place_in_the_text(
    demo: Path, browser: Any
) -> None:
    store = Store.open(demo)
    ctx = projects.lead_context(store)
    source = synthesis.synthesis_view(ctx).sources[0].source.id

    def noted() -> dict[str, rereading.Recontext]:
        return {n.note: n for n in synthesis.synthesis_view(ctx).sources[0].notes}

    with running_server(demo.parent) as address:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(f"{address}/synthesise?project={store.id}&part=reread&source={source}")
        mark = page.locator(".wv-read-mark").first
        mark.wait_for(timeout=30_000)
        unit = mark.get_attribute("data-id")
        mark.click()
        page.get_by_text("Leave it out").wait_for()
        page.wait_for_timeout(400)
        before = page.evaluate("document.querySelector('.wv-reading').scrollTop")
        assert before > 0

        # What is being typed is handed over by the key itself; nothing is lost, the text stays where it was.
        page.get_by_placeholder("What is said here").fill("Here she knew at once.")
        page.keyboard.press("Alt+3")
        page.get_by_text("not answered").first.wait_for(timeout=15_000)
        note = noted()["Here she knew at once."]
        assert (note.verdict, note.unit) == ("challenges", unit)
        assert page.evaluate("document.querySelector('.wv-reading').scrollTop") == before

        # A passage across an emoji-free turn, begun inside a word, is taken with whole words.
        page.evaluate("""() => {
          const text = document.querySelectorAll(".wv-read-turn .wv-read-text")[1].firstChild
          getSelection().setBaseAndExtent(text, 1, text, 7)
          document.querySelector(".wv-reading").dispatchEvent(new MouseEvent("mouseup", { bubbles: true }))
        }""")
        page.get_by_role("button", name="Note this passage").click()
        page.get_by_text("It becomes a unit with your note").wait_for(timeout=15_000)
        page.get_by_placeholder("What is said here").fill("It begins otherwise.")
        page.keyboard.press("Alt+2")
        page.get_by_text("It becomes a unit with your note").wait_for(state="hidden", timeout=15_000)
        note = noted()["It begins otherwise."]
        words = next(c.unit.text for c in coding.list_units(ctx) if c.unit.id == note.unit)
        said = sources.read_source(ctx, source).turns[1].text
        assert (
            note.verdict == "nuances" and said.startswith(words) and words.endswith(("Where", "Well. Where"))
        )
        page.close()
