"""A participant withdraws: what is said before, one operation that never stops half-way, and taking it back."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.support import body_of, dump, mark_words, tiny_project
from workbench.domain.errors import NotAllowed, Refused, UndoRefused
from workbench.services import (
    code_groups,
    codebooks,
    coding,
    condensing,
    copies,
    exporting,
    finding,
    history,
    model,
    people,
    projects,
    quotes,
    rereading,
    sources,
    synthesis,
    versioning,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store import queries
from workbench.store.project import Store
from workbench.store.verify import verify

AASE, BO, BOTH = "Nobody had rung", "I was his", "ingens.\nHe was nobody"


class Study:
    """The tiny project with everything that can rest on a unit: `unit` is Aase's, `both` hers and Bo's, `bo` his."""

    def __init__(self, folder: Path) -> None:
        self.ctx, self.source = tiny_project(folder)
        ctx = self.ctx
        self.aase = next(p.id for p in people.people_view(ctx).participants if p.pseudonym == "Aase")
        self.alone = code_groups.add_code_group(ctx, name="Alone")
        self.unit, self.both, self.bo = (
            mark_words(ctx, self.source, words, self.alone) for words in (AASE, BOTH, BO)
        )
        self.subgroup = condensing.add_subgroup(ctx, self.alone, name="At night", units=[self.unit, self.bo])
        self.condensate = condensing.add_condensate(
            ctx, self.subgroup, text="I sat alone.", covers=[self.unit, self.bo]
        )
        condensing.set_golden(ctx, self.condensate, self.unit)
        quotes.clear_quote(ctx, self.unit, printed="Nobody rang.", recognisable=False)
        self.theme = synthesis.add_category(
            ctx, self.alone, heading="Nobody rings",
            analytic_text=f"They wait {{{{unit:{self.unit}}}}}. They wait longer {{{{unit:{self.bo}}}}}.",
        )  # fmt: skip
        rereading.note_recontext(
            ctx, self.theme, self.source, verdict="challenges", note="Or do they?", unit=self.both
        )
        book = codebooks.add_codebook(ctx, title="Second lens")
        code = codebooks.add_code(ctx, book, label="Waiting")
        coding.place(ctx, self.unit, codes=[{"code": code}])
        coding.comment(ctx, self.unit, "Read this again")
        self.direct = model.add_requirement(
            ctx, statement="The model must ring.", based_on=[self.unit], moscow="must"
        )
        self.through = model.add_requirement(
            ctx, statement="The model must wait.", based_on=[self.theme], against=[self.both]
        )

    def live(self, table: str) -> set[str]:
        with self.ctx.store.read() as conn:
            return {row["id"] for row in queries.live(conn, table)}

    def row(self, table: str, id: str) -> dict[str, object]:
        with self.ctx.store.read() as conn:
            return queries.live(conn, table, id=id)[0]

    def stop(self) -> int:
        return withdrawing.withdraw(self.ctx, self.aase, "stop", "She rang.")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


# -- before ------------------------------------------------------------------------------------------------


def test_the_impact_is_told_before_and_is_what_then_happens(study: Study) -> None:
    before = dump(study.ctx.store)
    impact = withdrawing.withdrawal_impact(study.ctx, study.aase)
    assert dump(study.ctx.store) == before
    assert set(impact.units) == {study.unit, study.both} and impact.shared == 1
    assert [c.id for c in impact.condensates] == [study.condensate] and impact.golden == 1
    assert len(impact.cleared) == 1 and [t.id for t in impact.embedding] == [study.theme]
    assert {(r.key, r.direct) for r in impact.requirements} == {("REQ-001", True), ("REQ-002", True)}
    assert [r.key for r in impact.musts] == ["REQ-001"]
    assert [(s.title, s.turns, s.alone) for s in impact.sources] == [("Interview 1", 2, False)]
    assert (impact.turns, impact.originals, impact.backups, impact.items) == (2, 1, 0, 3)
    assert study.stop() == len(impact.units)
    ((_, ids),) = [(o.seq, o.ids) for o in history.list_operations(study.ctx) if o.verb == "withdraw"]
    assert (ids["n"], ids["items"], ids["how"]) == (2, 3, "stop")


def test_files_that_left_decisions_and_versions_are_named_before(ctx: Context) -> None:
    versioning.freeze_version(ctx, label="Version 3")
    exporting.export(ctx, ".xlsx")
    inger = next(p.id for p in people.people_view(ctx).participants if p.pseudonym == "Inger")
    impact = withdrawing.withdrawal_impact(ctx, inger)
    assert ("units" in {kind for _, kind, _ in impact.sent}) and impact.decisions and impact.components
    assert "Version 3" in {v.label for v in impact.versions}
    assert all("Inger" not in a.label for a in (*impact.requirements, *impact.decisions))


def test_texts_that_repeat_their_words_are_pointed_at(tmp_path: Path) -> None:
    study = Study(tmp_path)
    words = "I sat up with the folder on my knees. Nobody had rung."
    idea = model.add_idea(study.ctx, text=f"Somebody said: {words.upper()}")
    repeats = withdrawing.withdrawal_impact(study.ctx, study.aase).repeats
    assert [(r.kind, r.id) for r in repeats] == [("idea", idea)]
    assert all(r.label == "" or words not in r.label for r in repeats)


# -- stopping use ------------------------------------------------------------------------------------------


def test_all_of_theirs_leaves_in_one_operation_and_nothing_of_others(study: Study) -> None:
    n = len(history.list_operations(study.ctx))
    study.stop()
    assert len(history.list_operations(study.ctx)) == n + 1
    assert study.live("unit") == {study.bo} and study.live("code_tag") == study.live("memo") == set()
    assert study.live("cleared_quote") == set()
    held = study.row("condensate", study.condensate)
    assert held["golden_unit"] is None and held["text"] == "I sat alone."
    text = str(study.row("category", study.theme)["analytic_text"])
    assert text == f"They wait. They wait longer {{{{unit:{study.bo}}}}}."
    (note,) = [study.row("recontext", id) for id in study.live("recontext")]
    assert note["unit"] is None and note["note"] == "Or do they?"
    with study.ctx.store.read() as conn:
        assert [(row["src"], row["dst"]) for row in queries.live(conn, "link")] == [
            (study.through, study.theme)
        ]
    assert {study.direct, study.through} <= study.live("requirement")
    assert body_of(study.ctx, study.source).count(AASE) == 1  # the transcript is as it was
    assert verify(study.ctx.store.path) == []


def test_taking_it_back_brings_everything_back_exactly(study: Study) -> None:
    before = dump(study.ctx.store)
    study.stop()
    assert dump(study.ctx.store) != before
    withdrawing.take_back(study.ctx, study.aase)
    assert dump(study.ctx.store) == before and withdrawing.withdrawn(study.ctx) == {}
    # And again, by Redo and Undo.
    history.redo(study.ctx)
    assert set(withdrawing.withdrawn(study.ctx)) == {study.aase}
    withdrawing.take_back(study.ctx, study.aase)
    assert dump(study.ctx.store) == before and verify(study.ctx.store.path) == []


def test_it_is_not_taken_back_over_what_somebody_has_written_since(study: Study) -> None:
    study.stop()
    row = synthesis.category_view(study.ctx, study.theme).category
    synthesis.change_category(
        study.ctx, study.theme, rev=row.rev, heading="Nobody rings", analytic_text="New words."
    )
    state = dump(study.ctx.store)
    with pytest.raises(UndoRefused) as refused:
        withdrawing.take_back(study.ctx, study.aase)
    assert refused.value.code == "undo.newer" and dump(study.ctx.store) == state


def test_a_requirement_made_after_the_impact_was_shown_lets_go_as_well(study: Study) -> None:
    impact = withdrawing.withdrawal_impact(study.ctx, study.aase)
    late = model.add_requirement(study.ctx, statement="The model must listen.", based_on=[study.unit])
    assert late not in {r.id for r in impact.requirements}
    study.stop()
    with study.ctx.store.read() as conn:
        assert queries.live(conn, "link", src=late) == [] and queries.live(conn, "requirement", id=late)
    with pytest.raises(Refused):
        model.add_requirement(study.ctx, statement="The model must hear.", based_on=[study.unit])
    assert verify(study.ctx.store.path) == []


def test_a_condensate_says_that_words_in_it_were_withdrawn_and_leaves_in_no_file(study: Study) -> None:
    study.stop()
    (view,) = condensing.board(study.ctx, study.alone).subgroups[0].condensates
    assert view.stale.why == {study.unit: "withdrawn"} and view.covers == {study.bo}
    with study.ctx.read() as conn:
        cards = {c.unit.id: c for c in coding.load_cards(conn)}
        assert not condensing.may_be_printed(view, cards, queries.participants(conn))
    gone = condensing.gone_units(study.ctx, [study.unit])[study.unit]
    assert gone.text == "" and gone.source_title == "Interview 1"


def test_no_mark_comes_on_their_words_again_by_any_way(study: Study) -> None:
    taken_out = mark_words(study.ctx, study.source, "folder on my knees")
    coding.remove_unit(study.ctx, taken_out)
    removal = history.list_operations(study.ctx)[0].seq
    study.stop()
    state = dump(study.ctx.store)
    with pytest.raises(Refused) as refused:
        mark_words(study.ctx, study.source, "folder on my knees")
    assert refused.value.code == "withdraw.no_new_marks"
    with pytest.raises(Refused):
        finding.mark_all(study.ctx, "folder", code_groups=[study.alone])
    with pytest.raises(UndoRefused) as undone:
        history.undo(study.ctx, removal)
    assert undone.value.code == "withdraw.no_new_marks"
    start = body_of(study.ctx, study.source).index(BOTH)
    with pytest.raises(Refused):
        coding.resize(study.ctx, study.bo, start, start + len(BOTH))
    assert dump(study.ctx.store) == state
    mark_words(study.ctx, study.source, "I don't count")  # Bo's words are still his to have marked


def test_an_interviewers_questions_between_do_not_make_others_units_theirs(study: Study) -> None:
    asked = mark_words(study.ctx, study.source, "How was it to come home?")
    study.stop()
    assert study.live("unit") == {study.bo, asked}


def test_who_withdrew_before_anything_was_marked_is_withdrawn_all_the_same(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    bo = next(p.id for p in people.people_view(ctx).participants if p.pseudonym == "Bo")
    assert withdrawing.withdraw(ctx, bo, "stop", "He wrote.") == 0
    assert set(withdrawing.withdrawn(ctx)) == {bo}
    with pytest.raises(Refused) as refused:
        withdrawing.withdraw(ctx, bo, "stop", "He wrote again.")
    assert refused.value.code == "withdraw.already"
    assert withdrawing.withdraw(ctx, bo, "erase", "Now he wants more.") == 0
    assert "nobody's" not in body_of(ctx, sources.list_sources(ctx)[0].source.id)
    assert verify(ctx.store.path) == []


def test_a_reason_is_asked_for_and_the_lead_alone_erases(study: Study) -> None:
    state = dump(study.ctx.store)
    with pytest.raises(Refused) as refused:
        withdrawing.withdraw(study.ctx, study.aase, "stop", "  ")
    assert refused.value.code == "withdraw.needs_reason"
    id = projects.add_member(study.ctx, name="Mads", role="researcher")
    mads = replace(study.ctx, member=next(m for m in projects.list_members(study.ctx.store) if m.id == id))
    with pytest.raises(Refused) as refused:
        withdrawing.withdraw(mads, study.aase, "erase", "She rang.")
    assert refused.value.code == "withdraw.lead_only"
    assert {k: v for k, v in dump(study.ctx.store).items() if k != "member"} == {
        k: v for k, v in state.items() if k != "member"
    }
    assert withdrawing.withdraw(mads, study.aase, "stop", "She rang.") == 2


@pytest.mark.parametrize("role", ["facilitator", "steering"])
def test_only_who_reads_sources_sees_or_does_it(ctx: Context, role: str) -> None:
    other = acting_as(ctx, role)
    with pytest.raises(NotAllowed):
        withdrawing.withdrawal_impact(other, "x")
    with pytest.raises(NotAllowed):
        withdrawing.withdraw(other, "x", "stop", "y")
    with pytest.raises(NotAllowed):
        withdrawing.withdrawn(other)


def test_two_who_withdraw_the_same_person_at_once_and_a_third_who_marks(study: Study) -> None:
    path, answers = study.ctx.store.path, []
    start = threading.Barrier(3)

    def one() -> None:
        ctx = projects.lead_context(Store.open(path))
        start.wait()
        try:
            answers.append(withdrawing.withdraw(ctx, study.aase, "stop", "She rang."))
        except Refused as refused:
            answers.append(refused.code)

    def mark() -> None:
        ctx = projects.lead_context(Store.open(path))
        start.wait()
        for words in ("He was", "nobody's", "folder", "ward", "I don't"):
            try:
                mark_words(ctx, study.source, words, study.alone)
            except Refused as refused:
                assert refused.code == "withdraw.no_new_marks"

    threads = [threading.Thread(target=f) for f in (one, one, mark)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "withdraw.already" in answers and len([a for a in answers if isinstance(a, int)]) == 1
    spoken = {p for card in coding.list_units(study.ctx) for p in card.unit.participants}
    assert study.aase not in spoken and study.bo in study.live("unit")
    assert verify(path) == []


def test_withdrawing_never_stops_half_way_on_any_study(ctx: Context) -> None:
    """Each of the demo's people in turn, with a decision, a challenge, a golden quote or a requirement on them."""
    quote = next(iter(quotes.quotes_by_unit(ctx)))
    requirement = model.add_requirement(
        ctx, statement="The model must last.", based_on=[quote], moscow="must"
    )
    model.set_requirement_status(ctx, requirement, "accepted")
    for person in people.people_view(ctx).participants:
        impact = withdrawing.withdrawal_impact(ctx, person.id)
        assert withdrawing.withdraw(ctx, person.id, "stop", "All of them.") == len(impact.units)
    assert coding.list_units(ctx) == [] and verify(ctx.store.path) == []
    assert quotes.quotes_by_unit(ctx) == {}
    assert requirement in {r.requirement.id for r in model.list_requirements(ctx)}


def test_the_themes_and_requirements_are_in_doubt_at_once_because_of_a_withdrawal(study: Study) -> None:
    from workbench.services.trust import load_trust

    for id in (study.direct, study.through):
        model.set_requirement_status(study.ctx, id, "accepted")
    study.stop()
    with study.ctx.store.read() as conn:
        trust = load_trust(conn)
        for id in (study.direct, study.theme):
            state = trust.of(id)
            assert state.state == "doubt" and "withdrawn" in {c.kind for c in state.causes}, (id, state)
    withdrawing.take_back(study.ctx, study.aase)
    with study.ctx.store.read() as conn:
        assert {load_trust(conn).of(id).state for id in (study.direct, study.theme)} == {"reviewed"}


def test_a_copy_made_before_does_not_bring_their_marks_back(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "mads.db"
    copies.make_copy(study.ctx, path, new_member="Mads", with_marks=True)
    store = Store.open(path)
    info = copies.copy_info(projects.lead_context(store))
    assert info is not None
    mads = Context(next(m for m in projects.list_members(store) if m.id == info.member), store)
    hers = mark_words(mads, study.source, "folder on my knees", study.alone)
    his = mark_words(mads, study.source, "I don't count", study.alone)
    coding.comment(mads, study.unit, "And this?")
    store.close()
    study.stop()
    copies.merge_copy(study.ctx, path)
    units = study.live("unit")
    assert his in units and hers not in units and study.unit not in units
    assert verify(study.ctx.store.path) == []
