"""Codebooks: a second lens that comes with its citation, is the project's own once added, and never loses a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.support import dump, mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.services import code_groups, codebooks, coding, history
from workbench.services.codebooks import CodeView, ShippedCode
from workbench.services.context import Context
from workbench.store.verify import verify


def codes(ctx: Context) -> dict[str, CodeView]:
    """By the labels on the way down."""
    found = {c.id: c for c in codebooks.list_codes(ctx)}

    def path(c: CodeView) -> str:
        return (path(found[c.parent]) + " / " if c.parent else "") + c.label

    return {path(c): c for c in found.values()}


def leaves(found: tuple[ShippedCode, ...]) -> list[ShippedCode]:
    return [leaf for c in found for leaf in (leaves(c.codes) if c.codes else [c])]


def test_the_shipped_codebooks_say_what_they_are_cited_from_and_what_was_checked() -> None:
    shipped = {c.id: c for c in codebooks.list_shipped()}
    assert [c.label for c in shipped["selfie"].codes] == [
        "Service delivery", "Leadership & governance", "Workforce", "Financing", "Technologies and medical products",
        "Information & research",
    ]  # fmt: skip
    assert len(leaves(shipped["chronic_care_model"].codes)) == 6
    assert len(leaves(shipped["challenges_and_facilitators"].codes)) == 18
    for book in shipped.values():
        assert book.citation and book.title
        assert book.checked or not book.verified
        assert "\n" not in book.citation


def test_a_project_has_no_codes_until_a_codebook_is_added_and_then_a_copy_of_its_own(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    assert codebooks.list_codes(ctx) == []
    first = codebooks.add_codebook(ctx, shipped="selfie")
    second = codebooks.add_codebook(ctx, shipped="selfie")
    found = codebooks.list_codes(ctx)
    assert [c.codebook for c in found] == [first] * 6 + [second] * 6
    assert [c.label for c in found[:6]] == [c.label for c in found[6:]]
    assert codebooks.list_codebooks(ctx)[0].verified
    codebooks.change_code(ctx, found[0].id, rev=found[0].rev, label="Delivering")
    assert [c.label for c in codebooks.list_codes(ctx)][::6] == ["Delivering", "Service delivery"]
    history.undo(ctx)
    history.undo(ctx)
    assert len(codebooks.list_codes(ctx)) == 6


def test_the_same_label_may_stand_under_two_parents(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    codebooks.add_codebook(ctx, shipped="challenges_and_facilitators")
    challenges = [c for c in codebooks.list_codes(ctx) if c.label == "Challenges"]
    assert [c.parent_label for c in challenges] == [
        "Level and purpose", "Planning, leadership and implementation", "Economy and incentives",
    ]  # fmt: skip
    assert {c.level for c in challenges} == {1}
    own = codebooks.add_codebook(ctx, title="Mine")
    a, b = (codebooks.add_code(ctx, own, label=label) for label in "AB")
    for parent in (a, b):
        codebooks.add_code(ctx, own, parent=parent, label="Before")
    assert [(c.label, c.level) for c in codebooks.list_codes(ctx) if c.codebook == own] == [
        ("A", 0), ("Before", 1), ("B", 0), ("Before", 1),
    ]  # fmt: skip


def test_codes_go_on_many_units_once_and_are_counted(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    codebooks.add_codebook(ctx, shipped="selfie")
    workforce, money = codes(ctx)["Workforce"].id, codes(ctx)["Financing"].id
    units = [mark_words(ctx, source, w) for w in ("The first night", "Nobody had rung", "I rang the ward")]
    for some, code in ((units[:2], workforce), (units, workforce), (units[:1], money)):
        for unit in some:
            coding.place(ctx, unit, codes=[{"code": code}])
    assert (codes(ctx)["Workforce"].count, codes(ctx)["Financing"].count) == (3, 1)
    (mark,) = (m for m in coding.marks_view(ctx, source).marks if m.unit == units[1])
    coding.untag(ctx, mark.codes[0][0])
    assert codes(ctx)["Workforce"].count == 2
    assert history.undo(ctx).label == "took the code Workforce off a unit"
    assert codes(ctx)["Workforce"].count == 3
    assert verify(ctx.store.path) == []


def test_a_code_that_is_taken_out_leaves_its_units_and_the_codes_under_it(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    own = codebooks.add_codebook(ctx, title="Mine")
    top = codebooks.add_code(ctx, own, label="Time")
    below = codebooks.add_code(ctx, own, parent=top, label="Waiting")
    unit = mark_words(ctx, source, "The first night")
    coding.place(ctx, unit, codes=[{"code": top}, {"code": below}])
    before = dump(ctx.store)
    codebooks.retire_code(ctx, top)
    assert [(c.label, c.level, c.count) for c in codebooks.list_codes(ctx)] == [("Waiting", 0, 1)]
    history.undo(ctx)
    assert dump(ctx.store) == before
    codebooks.retire_codebook(ctx, own)
    assert codebooks.list_codes(ctx) == [] and len(coding.list_units(ctx)) == 1
    history.undo(ctx)
    assert dump(ctx.store) == before


def test_what_cannot_be_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    one, other = (codebooks.add_codebook(ctx, title=t) for t in ("One", "Other"))
    parent = codebooks.add_code(ctx, one, label="Time")
    for code, act in (
        ("codebook.unknown", lambda: codebooks.add_codebook(ctx, shipped="../selfie")),
        ("codebook.needs_title", lambda: codebooks.add_codebook(ctx, title=" ")),
        ("code.needs_label", lambda: codebooks.add_code(ctx, one, label=" ")),
        ("code.other_codebook", lambda: codebooks.add_code(ctx, other, label="x", parent=parent)),
        ("error.gone", lambda: codebooks.retire_code(ctx, "?")),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == code
    rev = codes(ctx)["Time"].rev
    codebooks.change_code(ctx, parent, rev=rev, definition="When")
    with pytest.raises(StaleEdit):
        codebooks.change_code(ctx, parent, rev=rev, definition="How long")


def test_a_codebook_leaves_the_code_groups_alone(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    unit = mark_words(ctx, source, "The first night", group)
    before = code_groups.code_group_counts(ctx)
    codebooks.add_codebook(ctx, shipped="selfie")
    coding.place(ctx, unit, codes=[{"code": codes(ctx)["Workforce"].id}])
    assert code_groups.code_group_counts(ctx) == before


def test_only_researchers_see_and_change_codebooks(ctx: Context) -> None:
    for role in ("facilitator", "steering"):
        with pytest.raises(NotAllowed):
            codebooks.list_codes(acting_as(ctx, role))
        with pytest.raises(NotAllowed):
            codebooks.add_codebook(acting_as(ctx, role), title="x")
