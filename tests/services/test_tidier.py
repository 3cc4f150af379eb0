"""The model's description (TIDieR): twelve texts, and what the project offers for them."""

from __future__ import annotations

import io

import pytest
from docx import Document

from tests.cleared import cleared
from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.services import history, model, projects, theory, tidier
from workbench.services.context import Context


@pytest.fixture
def ctx(ctx: Context) -> Context:
    return cleared(ctx)


def item(ctx: Context, n: int) -> tidier.TidierItem:
    return tidier.tidier_view(ctx)[n - 1]


def test_an_empty_project_has_twelve_items_and_offers_its_name_alone(empty: Context) -> None:
    found = tidier.tidier_view(empty)
    assert [i.n for i in found] == list(range(1, 13))
    assert [(i.n, o.source, o.text) for i in found for o in i.offers] == [(1, "project", "A new study")]


def test_what_is_offered_says_where_it_comes_from_and_holds_no_ones_words(ctx: Context) -> None:
    theory.add_node(ctx, kind="context", text="Two record systems")
    sources = {i.n: {o.source for o in i.offers} for i in tidier.tidier_view(ctx)}
    assert sources[2] == {"themes"}
    assert sources[4] == {"components"}
    assert sources[7] == {"context"}
    assert "versions" in sources[10]
    offered = " ".join(o.text for i in tidier.tidier_view(ctx) for o in i.offers)
    assert "{{unit:" not in offered
    components = [c.component.name for c in model.list_components(ctx)]
    assert all(name in offered for name in components)


def test_a_text_taken_over_stands_after_what_was_written_and_is_known_again(ctx: Context) -> None:
    tidier.write_item(ctx, 1, "Joined-up", rev=0)
    tidier.take_over(ctx, 1, "project")
    name = projects.project_summary(ctx).name
    assert item(ctx, 1).text == f"Joined-up\n\n{name}"
    assert item(ctx, 1).offers[0].is_in
    tidier.take_over(ctx, 1, "project")
    assert item(ctx, 1).text == f"Joined-up\n\n{name}"
    projects.change_setting(ctx, "name", "Another name")
    assert not item(ctx, 1).offers[0].is_in
    with pytest.raises(Refused, match=r"error\.gone"):
        tidier.take_over(ctx, 8, "project")


def test_two_people_at_the_same_item_overwrite_nothing(ctx: Context) -> None:
    other = acting_as(ctx, "facilitator")
    tidier.write_item(ctx, 8, "Weekly", rev=0)
    with pytest.raises(StaleEdit) as told:
        tidier.write_item(other, 8, "Daily", rev=0)
    assert told.value.current["text"] == "Weekly"
    seen = item(ctx, 8).rev
    tidier.write_item(other, 8, "Every second week", rev=seen)
    with pytest.raises(StaleEdit):
        tidier.write_item(ctx, 8, "Weekly, at ten", rev=seen)


def test_an_emptied_item_says_nothing_and_undo_brings_it_back(ctx: Context) -> None:
    tidier.write_item(ctx, 9, "Length by need")
    tidier.write_item(ctx, 9, "")
    with ctx.read() as conn:
        assert 9 not in tidier.load_tidier(conn)
    history.undo(ctx)
    assert item(ctx, 9).text == "Length by need"


def test_there_are_twelve_items_and_only_those_who_work_on_the_model_write(ctx: Context) -> None:
    with pytest.raises(Refused, match=r"tidier\.unknown_item"):
        tidier.write_item(ctx, 13, "More")
    with pytest.raises(NotAllowed):
        tidier.write_item(acting_as(ctx, "steering"), 1, "Ours")
    assert not tidier.VERIFIED


def test_the_word_document_says_where_each_text_comes_from_and_what_is_missing(ctx: Context) -> None:
    tidier.take_over(ctx, 1, "project")
    tidier.write_item(ctx, 8, "Once a week\n\nFor thirty days")
    doc = Document(io.BytesIO(tidier.tidier_file(ctx)))
    rows = [[cell.text for cell in row.cells] for row in doc.tables[0].rows]
    assert len(rows) == 13
    assert rows[1][0].startswith("1. Name") and rows[1][2] == "From the project's name"
    assert rows[8][1:] == ["Once a week\nFor thirty days", "Written for this description"]
    assert rows[9][1:] == ["Not described yet.", ""]
    with ctx.read() as conn:
        kind = conn.execute("SELECT kind FROM release ORDER BY pk DESC LIMIT 1").fetchone()["kind"]
    assert kind == "tidier"
