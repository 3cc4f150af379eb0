"""Letters, a part of Decisions: choose a version and a group, word the answers, and make the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import words
from workbench.services import ideas, letters, model, versioning
from workbench.services.context import Context

Run = Callable[..., Any]


def first(ctx: Context) -> letters.Letter:
    return letters.letters_for(ctx, versioning.list_versions(ctx)[-1].id)[0]


def test_what_was_said_stands_beside_the_answer_and_is_kept_when_it_is_left(
    ctx: Context, run_page: Run
) -> None:
    at = run_page("decisions", ctx, part="letters")
    assert not at.exception
    line = first(ctx).lines[0]
    key = f"kept_letters.{first(ctx).group}.{line.item}.said"
    assert at.text_area(key=key).value == line.said
    at.text_area(key=key).set_value("You hear of it too late.").run()
    assert not at.exception and first(ctx).lines[0].said == "You hear of it too late."
    assert "Worded otherwise" in words(at)
    at.text_area(key=key).set_value(line.said).run()
    assert first(ctx).lines[0].said == line.said and "Worded otherwise" not in words(at)


def test_a_line_is_left_out_and_taken_in_again(ctx: Context, run_page: Run) -> None:
    at = run_page("decisions", ctx, part="letters")
    letter = first(ctx)
    key = f"letters_out_{letter.group}_{letter.lines[0].item}"
    at.button(key=key).click().run()
    assert not at.exception and len(first(ctx).printed) == len(letter.lines) - 1
    assert "Left out of this letter" in words(at)
    at.button(key=key).click().run()
    assert len(first(ctx).printed) == len(letter.lines)


def test_another_group_is_chosen_and_the_address_says_so(ctx: Context, run_page: Run) -> None:
    hospital = letters.letters_for(ctx, versioning.list_versions(ctx)[-1].id)[1]
    at = run_page("decisions", ctx, part="letters", group=hospital.group)
    assert not at.exception
    assert any(hospital.lines[-1].item in a.key for a in at.text_area)


def test_the_letter_is_made_as_a_file(ctx: Context, run_page: Run) -> None:
    at = run_page("decisions", ctx, part="letters")
    for key, ending in (("letters_make_pdf", ".pdf"), ("letters_make_all_docx", ".docx")):
        at.button(key=key).click().run()
        assert not at.exception
        (download,) = at.get("download_button")
        assert download.proto.url.endswith(ending)


def test_a_no_without_a_reason_is_marked_and_stops_the_file(ctx: Context, run_page: Run) -> None:
    group = first(ctx).group
    idea = ideas.add_idea(ctx, text="A bench outside", stakeholder_group=group)
    asked = model.add_requirement(ctx, statement="There must be a bench", based_on=[idea], basis="idea")
    model.set_requirement_status(ctx, asked, "rejected")
    at = run_page("decisions", ctx, part="letters")
    assert "Says no without a reason" in words(at)
    at.button(key="letters_make_pdf").click().run()
    assert "says no without saying why" in words(at).replace("\\", "") and not at.get("download_button")


def test_without_a_version_it_says_what_to_do(empty: Context, run_page: Run) -> None:
    at = run_page("decisions", empty, part="letters")
    assert not at.exception and "No version yet" in words(at)


def test_the_committee_is_not_offered_letters(ctx: Context, run_page: Run) -> None:
    at = run_page("decisions", acting_as(ctx, "steering"), part="letters")
    assert not at.exception and not at.text_area


def test_a_facilitator_words_letters_too(ctx: Context, run_page: Run) -> None:
    at = run_page("decisions", acting_as(ctx, "facilitator"), part="letters")
    assert not at.exception and len(at.text_area) > 5
