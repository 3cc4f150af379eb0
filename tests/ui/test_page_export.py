"""Export: which files each role may have, made when asked for, refused in a sentence."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.ui.presses import words
from workbench.domain.errors import Refused
from workbench.language import t
from workbench.services import coreq, exporting, history
from workbench.services.context import Context

Run = Callable[..., Any]


def test_a_researcher_may_make_all_of_them_and_each_says_who_may_see_it(ctx: Context, run_page: Run) -> None:
    at = run_page("export", ctx)
    assert [b.key for b in at.button if b.key.startswith("export_make") and "." not in b.key] == [
        "export_make_report", "export_make_briefs", "export_make_units", "export_make_trace", "export_make_tables",
    ]  # fmt: skip
    assert words(at).count("Who may see it") == 5
    assert not at.get("download_button")


@pytest.mark.parametrize("role", ["facilitator", "steering"])
def test_others_are_offered_only_what_is_released(ctx: Context, run_page: Run, role: str) -> None:
    at = run_page("export", acting_as(ctx, role))
    assert [b.key for b in at.button if b.key.startswith("export_make") and "." not in b.key] == [
        "export_make_briefs", "export_make_trace",
    ]  # fmt: skip


def test_the_report_is_made_when_asked_for_and_opens_in_word(ctx: Context, run_page: Run) -> None:
    import docx

    at = run_page("export", ctx)
    at.button(key="export_make_report").click().run()
    assert not at.exception
    (download,) = at.get("download_button")
    assert re.search(r"joined-up-discharge-\d{4}-\d\d-\d\d\.docx", words(at))
    assert download.proto.url.endswith(".docx")
    assert docx.Document(io.BytesIO(exporting.export(ctx, ".docx"))).paragraphs


def test_what_cannot_be_made_is_told_and_nothing_is_offered(
    ctx: Context, run_page: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise Refused("version.no_components")

    monkeypatch.setattr(exporting, "export", refuse)
    at = run_page("export", ctx)
    at.button(key="export_make_briefs").click().run()
    assert "▲" in words(at)
    assert not at.get("download_button")


def test_an_empty_project_can_still_open_the_page(empty: Context, run_page: Run) -> None:
    assert "Units and codebook" in words(run_page("export", empty))


def test_the_team_can_print_three_things_and_each_is_made_when_asked_for(ctx: Context, run_page: Run) -> None:
    at = run_page("export", ctx)
    kinds = ("transcript", "cards", "wall")
    assert [b.key for b in at.button if b.key.startswith("paper_make")] == [f"paper_make_{k}" for k in kinds]
    for kind in kinds:
        at.button(key=f"paper_make_{kind}").click().run()
        assert not at.exception
        (download,) = at.get("download_button")
        assert download.proto.url.endswith(".pdf")
    assert "printed unit cards" in words(run_page("export", ctx))


def test_what_is_chosen_for_paper_is_what_is_made(ctx: Context, run_page: Run) -> None:
    from workbench.services import coding, history

    at = run_page("export", ctx)
    at.multiselect(key="paper_units").set_value(["none"]).run()
    at.button(key="paper_make_cards").click().run()
    left = {c.unit.id for c in coding.list_units(ctx) if not c.placements}
    assert set(history.list_releases(ctx)[0].items) == left


@pytest.mark.parametrize("role", ["facilitator", "steering"])
def test_nobody_else_is_offered_paper_with_participants_words(ctx: Context, run_page: Run, role: str) -> None:
    at = run_page("export", acting_as(ctx, role))
    assert "On paper" not in words(at) and not [b for b in at.button if b.key.startswith("paper")]


def test_an_empty_project_says_why_there_is_nothing_to_print(empty: Context, run_page: Run) -> None:
    at = run_page("export", empty)
    at.button(key="paper_make_wall").click().run()
    assert "There are no code groups yet" in words(at) and not at.get("download_button")


def test_what_the_article_needs_is_made_and_offered(ctx: Context, run_page: Run) -> None:
    at = run_page("export", ctx)
    assert t("export.article") in [s.value for s in at.subheader]
    at.button(key="export_make_methods.docx").click().run()
    assert not at.exception
    assert history.list_releases(ctx)[0].kind == "methods"


def test_coreq_shows_what_is_known_and_keeps_what_is_written(ctx: Context, run_page: Run) -> None:
    at = run_page("export", ctx, part="coreq")
    assert not at.exception and len(at.text_area) == 32
    at.text_area(key="kept_coreq.3").input("A nurse and a physician.").run()
    assert not at.exception
    assert coreq.coreq(ctx)[2].own == "A nurse and a physician."


def test_a_facilitator_sees_nothing_of_coreq(ctx: Context, run_page: Run) -> None:
    at = run_page("export", acting_as(ctx, "facilitator"), part="coreq")
    assert not at.exception and not at.text_area
    assert t("export.article") not in [s.value for s in at.subheader]


def test_tables_of_the_model_are_made_for_the_committee_too(ctx: Context, run_page: Run) -> None:
    at = run_page("export", acting_as(ctx, "steering"))
    for key in ("requirements.xlsx", "matrix.csv", "paths.csv"):
        at.button(key=f"export_make_{key}").click().run()
        assert not at.exception and len(at.get("download_button")) == 1
    at.button(key="export_make_changes.csv").click().run()
    assert not at.exception


def test_letters_are_led_to_by_those_who_word_them(ctx: Context, run_page: Run) -> None:
    assert "Letters" in words(run_page("export", ctx))
    assert "Word the letters" not in words(run_page("export", acting_as(ctx, "steering")))
