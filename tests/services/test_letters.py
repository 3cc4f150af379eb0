"""Letters: what each group said and what became of it, worded by people, with a reason for every no."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest

from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.language import catalogue
from workbench.services import (
    history,
    ideas,
    letters,
    meetings,
    model,
    people,
    projects,
    synthesis,
    versioning,
)
from workbench.services.context import Context


def last(ctx: Context) -> str:
    return versioning.list_versions(ctx)[-1].id


def to(ctx: Context, name: str) -> letters.Letter:
    return next(x for x in letters.letters_for(ctx, last(ctx)) if x.name == name)


def feedback(
    ctx: Context, version: str, group: str, text: str, polarity: str = "negative", **more: object
) -> str:
    """A row as helper services write it; kept here so that letters are tried on the tables themselves."""
    with ctx.write("add_feedback") as work:
        id = ctx.new_id()
        row = {"id": id, "key": work.next_key("feedback", "FB"), "version": version, "session": None, "component": None,
               "stakeholder_group": group, "polarity": polarity, "text": text, **more}  # fmt: skip
        return work.insert("feedback", row)


def change(ctx: Context, version: str, because: str, **more: object) -> str:
    with ctx.write("add_change") as work:
        id = ctx.new_id()
        row = {"id": id, "key": work.next_key("change_item", "CHG"), "version": version, "component": None,
               "possible": "Shorter sheets", "reason_codes": "", "moscow": "", "agreed": "", "why": "",
               "status": "open", "requirement": None, "decision": None, **more}  # fmt: skip
        work.insert("change_item", row)
        work.insert("change_feedback", {"id": ctx.new_id(), "change_item": id, "feedback": because})
        return id


def test_every_group_that_was_heard_gets_a_letter_with_its_themes_and_its_own_ideas(ctx: Context) -> None:
    found = letters.letters_for(ctx, last(ctx))
    assert [x.name for x in found] == [
        "Patients and relatives",
        "Hospital",
        "Municipality",
        "General practice",
    ]
    kinds = {x.name: [line.kind for line in x.lines] for x in found}
    assert "idea" not in kinds["Patients and relatives"] and kinds["Hospital"].count("idea") == 2
    asked = next(i for i in ideas.list_ideas(ctx) if i.group_name == "Hospital")
    assert any(line.item == asked.id for line in to(ctx, "Hospital").lines)
    assert all(line.item != asked.id for line in to(ctx, "Municipality").lines)


def test_what_is_in_the_version_is_told_with_the_component_that_answers_it(ctx: Context) -> None:
    line = to(ctx, "Patients and relatives").lines[0]
    assert line.became == "did" and "Version 2" in line.answer and "“The common page”" in line.answer
    assert "one page that patient, ward, home care and practice can all read" in line.answer


def test_a_statement_stands_in_a_letter_once_and_again_where_the_first_line_is_left_out(ctx: Context) -> None:
    letter = to(ctx, "Hospital")
    once = "one page that patient, ward, home care and practice"
    assert sum(once in line.answer for line in letter.lines) == 1
    first = next(line for line in letter.lines if once in line.answer)
    letters.leave_out(ctx, last(ctx), letter.group, first.item)
    assert sum(once in line.answer for line in to(ctx, "Hospital").printed) == 1


def test_what_was_refused_above_is_not_refused_again_at_length(ctx: Context) -> None:
    told = [x.answer for x in to(ctx, "Municipality").lines if x.became == "did_not"]
    assert len(told) == 2 and told[1] == "Our answer to this stands above."


def test_a_parked_requirement_is_a_no_with_the_decisions_reason(ctx: Context) -> None:
    line = next(x for x in to(ctx, "Patients and relatives").lines if x.became == "did_not")
    assert "Because: Nobody wanted to decide it over the heads" in line.answer and not line.no_reason


def test_an_idea_that_nothing_answers_says_that_nothing_has_been_decided(ctx: Context) -> None:
    line = next(x for x in to(ctx, "General practice").lines if x.said.startswith("For every coordinator"))
    assert line.became == "not_yet" and "Nothing has been decided" in line.answer


def test_a_no_without_a_reason_stops_the_letter_until_somebody_writes_why_or_leaves_it_out(
    ctx: Context,
) -> None:
    hospital = to(ctx, "Hospital").group
    idea = ideas.add_idea(ctx, text="A second whiteboard", stakeholder_group=hospital)
    asked = model.add_requirement(
        ctx, statement="The model must have a whiteboard.", based_on=[idea], basis="idea"
    )
    model.set_requirement_status(ctx, asked, "rejected")
    line = next(x for x in to(ctx, "Hospital").lines if x.item == idea)
    assert line.no_reason and line.answer == "No: The model must have a whiteboard."
    with pytest.raises(Refused) as refused:
        letters.letters_file(ctx, last(ctx), ".pdf", groups=[hospital])
    assert refused.value.code == "letters.no_reason"
    letters.change_line(ctx, last(ctx), hospital, idea, rev=0, answer="No. There is no wall for it.")
    assert not next(x for x in to(ctx, "Hospital").lines if x.item == idea).no_reason
    assert letters.letters_file(ctx, last(ctx), ".pdf", groups=[hospital]).startswith(b"%PDF")


def test_feedback_on_the_version_before_is_answered_by_the_table_of_changes(ctx: Context) -> None:
    first = versioning.list_versions(ctx)[0].id
    municipality = to(ctx, "Municipality").group
    done = feedback(ctx, first, municipality, "The sheet is too long")
    change(ctx, first, done, status="done", agreed="One side of paper")
    no = feedback(ctx, first, municipality, "We want it on the telephone")
    change(ctx, first, no, status="not_changed", possible="An app", why="Nobody could run it")
    kept = feedback(ctx, first, municipality, "The contact is good", "positive",
                    component=model.list_components(ctx)[0].component.id)  # fmt: skip
    waits = feedback(ctx, first, municipality, "Who pays?")
    after = feedback(ctx, last(ctx), municipality, "Said of the version that the letter is about")
    lines = {x.item: x for x in to(ctx, "Municipality").lines}
    assert lines[done].answer == "Yes, we have changed it: One side of paper."
    assert lines[no].became == "did_not" and lines[no].answer.endswith("Because: Nobody could run it.")
    assert lines[kept].answer == "We have kept it: “Named contact with a stand-in” is in Version 2."
    assert lines[waits].became == "not_yet" and after not in lines


def test_wording_a_line_keeps_the_draft_to_go_back_to_and_can_be_undone(ctx: Context) -> None:
    letter = to(ctx, "Hospital")
    line = letter.lines[0]
    letters.change_line(ctx, last(ctx), letter.group, line.item, rev=0, said="You hear of it too late.")
    worded = to(ctx, "Hospital").lines[0]
    assert worded.said == "You hear of it too late." and worded.drafted_said == line.said and worded.rev
    letters.change_line(ctx, last(ctx), letter.group, line.item, rev=worded.rev, said="")
    assert to(ctx, "Hospital").lines[0].said == line.said
    history.undo(ctx)
    assert to(ctx, "Hospital").lines[0].said == "You hear of it too late."


def test_two_who_word_the_same_line_are_told_and_nothing_is_overwritten(ctx: Context) -> None:
    letter = to(ctx, "Hospital")
    line = letter.lines[0]
    letters.change_line(ctx, last(ctx), letter.group, line.item, rev=0, answer="First.")
    with pytest.raises(StaleEdit) as stale:
        letters.change_line(
            acting_as(ctx, "facilitator"), last(ctx), letter.group, line.item, rev=0, answer="Second."
        )
    assert stale.value.current["answer"] == "First."
    assert to(ctx, "Hospital").lines[0].answer == "First."


def test_what_is_left_out_is_not_printed_and_can_be_taken_in_again(ctx: Context) -> None:
    letter = to(ctx, "Patients and relatives")
    for line in letter.lines:
        letters.leave_out(ctx, last(ctx), letter.group, line.item)
    with pytest.raises(Refused) as refused:
        letters.letters_file(ctx, last(ctx), ".docx", groups=[letter.group])
    assert refused.value.code == "letters.empty"
    letters.leave_out(ctx, last(ctx), letter.group, letter.lines[0].item, left_out=False)
    assert len(to(ctx, "Patients and relatives").printed) == 1


def test_the_word_file_holds_one_letter_in_large_type_or_all_of_them(ctx: Context) -> None:
    letter = to(ctx, "Municipality")
    letters.change_letter(ctx, last(ctx), letter.group, rev=0, greeting="Dear all in the municipality")
    one = docx.Document(io.BytesIO(letters.letters_file(ctx, last(ctx), ".docx", groups=[letter.group])))
    texts = [p.text for p in one.paragraphs]
    assert texts[0] == "Municipality" and "Dear all in the municipality" in texts and "Hospital" not in texts
    assert texts.count("You said") == texts.count("Our answer") == len(letter.lines)
    assert one.styles["Normal"].font.size.pt == 14
    every = docx.Document(io.BytesIO(letters.letters_file(ctx, last(ctx), ".docx")))
    assert {"Hospital", "Municipality", "General practice"} <= {p.text for p in every.paragraphs}


def test_no_letter_holds_a_quote_a_pseudonym_or_a_source(ctx: Context) -> None:
    """An idea is a group's own words to begin with, and stands in that group's letter alone."""
    said = " ".join(
        f"{'' if line.kind == 'idea' else line.said} {line.answer}"
        for x in letters.letters_for(ctx, last(ctx))
        for line in x.lines
    ) + " ".join(f"{x.greeting} {x.closing}" for x in letters.letters_for(ctx, last(ctx)))
    with ctx.read() as conn:
        hidden = [
            r[0] for r in conn.execute("SELECT pseudonym FROM participant UNION SELECT title FROM source")
        ]
        spoken = [r[0] for r in conn.execute("SELECT text FROM turn")]
    assert not [name for name in hidden if len(name) > 3 and name in said]
    words = said.split()
    runs = {" ".join(words[n : n + 9]) for n in range(len(words) - 8)}
    assert not [run for run in runs if any(run in text for text in spoken)]


def test_a_group_of_one_still_gets_a_letter_without_numbers(ctx: Context) -> None:
    group = people.add_group(ctx, name="Volunteers", monogram="Vo")
    ideas.add_idea(ctx, text="Somebody to ring in the evening", stakeholder_group=group)
    letter = to(ctx, "Volunteers")
    assert [line.said for line in letter.lines] == ["Somebody to ring in the evening."]
    assert letters.letters_file(ctx, last(ctx), ".pdf", groups=[group]).startswith(b"%PDF")


def test_facilitators_word_letters_and_the_committee_does_not(ctx: Context) -> None:
    assert letters.letters_for(acting_as(ctx, "facilitator"), last(ctx))
    with pytest.raises(NotAllowed):
        letters.letters_for(acting_as(ctx, "steering"), last(ctx))


def test_a_letter_that_leaves_is_kept_with_what_stood_in_it(ctx: Context) -> None:
    letter = to(ctx, "Hospital")
    letters.letters_file(ctx, last(ctx), ".pdf", groups=[letter.group])
    kept = history.list_releases(ctx)[0]
    assert kept.kind == "letters" and {last(ctx), letter.lines[0].item} <= set(kept.items)


def test_a_danish_project_writes_danish_letters(ctx: Context) -> None:
    projects.change_setting(ctx, "language", "da")
    letter = next(x for x in letters.letters_for(ctx, last(ctx)) if x.name == "Patienter og pårørende")
    assert letter.greeting.startswith("Tak, fordi I har fortalt os") and letter.lines[0].answer.startswith(
        "Ja. Version 2"
    )
    texts = [
        p.text for p in docx.Document(io.BytesIO(letters.letters_file(ctx, last(ctx), ".docx"))).paragraphs
    ]
    assert "I sagde" in texts and "You said" not in texts


def test_every_fixed_word_of_a_letter_is_there_in_danish() -> None:
    source = (
        Path(letters.__file__).read_text()
        + Path(letters.__file__).parents[1].joinpath("exporters/letters.py").read_text()
    )
    printed = [
        id for id in catalogue("en")
        if id.startswith("letters.") and (f'"{id}"' in source or id.startswith(("letters.paper.", "letters.change_")))
        and id not in ("letters.unknown_format", "letters.empty", "letters.no_reason")
    ]  # fmt: skip
    assert len(printed) > 12 and not [id for id in printed if id not in catalogue("da")]


def test_hostile_text_is_set_as_text(ctx: Context) -> None:
    hospital = to(ctx, "Hospital").group
    ideas.add_idea(ctx, text='#import "x" *bold* $x$ <b>&amp;</b> =1+1 \u0007', stakeholder_group=hospital)
    assert letters.letters_file(ctx, last(ctx), ".pdf", groups=[hospital]).startswith(b"%PDF")
    texts = [
        p.text for p in docx.Document(io.BytesIO(letters.letters_file(ctx, last(ctx), ".docx"))).paragraphs
    ]
    assert any("#import" in x and "<b>&amp;</b>" in x for x in texts)


def test_a_theme_is_told_to_those_groups_only_that_are_heard_in_it(ctx: Context) -> None:
    with ctx.read() as conn:
        heard = {v.category.id: {g for g, n in v.heard.items() if n} for v in synthesis.load_categories(conn)}
    for letter in letters.letters_for(ctx, last(ctx)):
        told = {line.item for line in letter.lines if line.kind == "category"}
        assert told == {c for c, groups in heard.items() if letter.group in groups}


def test_why_it_was_accepted_is_no_reason_for_a_no_that_came_later(ctx: Context) -> None:
    theme = next(x.item for x in to(ctx, "Hospital").lines if x.kind == "category")
    requirement = model.add_requirement(ctx, statement="The model must hum", based_on=[theme])
    hum = meetings.add_decision(ctx, question="Shall it hum?", about=[requirement])
    meetings.record_decision(ctx, hum, outcome="It hums", why="They love humming", accept=[requirement])
    model.set_requirement_status(ctx, requirement, "rejected")

    def line() -> letters.LetterLine:
        return next(x for x in to(ctx, "Hospital").lines if requirement in x.answers)

    assert "love humming" not in line().answer and line().no_reason
    stop = meetings.add_decision(ctx, question="Shall it stop?", about=[requirement])
    meetings.record_decision(ctx, stop, outcome="It stops", why="Nobody could sleep")
    assert "Nobody could sleep" in line().answer and not line().no_reason


def test_a_row_of_changes_that_says_little_still_makes_a_whole_sentence(ctx: Context) -> None:
    before = versioning.list_versions(ctx)[-2].id
    hospital = to(ctx, "Hospital").group
    said = feedback(ctx, before, hospital, "The sheet is too long")
    row = change(ctx, before, said, possible="")

    def answer() -> tuple[str, str]:
        line = next(x for x in to(ctx, "Hospital").lines if x.item == said)
        return line.answer, line.became

    assert answer() == ("Nothing has been decided about this yet. We have written it down.", "not_yet")
    for changes, expected in (
        ({"status": "done"}, ("Yes, we have changed it.", "did")),
        ({"possible": "Shorter sheets"}, ("Yes, we have changed it: Shorter sheets.", "did")),
        ({"status": "agreed"}, ("It is agreed, and not done yet: Shorter sheets.", "not_yet")),
        (
            {"status": "not_changed", "possible": "", "why": "The law asks for it"},
            ("We have not changed this.\nBecause: The law asks for it.", "did_not"),
        ),
    ):
        with ctx.write("change_change") as work:
            work.update("change_item", row, changes)
        assert answer() == expected
