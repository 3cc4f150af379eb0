"""What stands before the analysis: shared texts, each analyst's log, information power judged again over time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workbench.domain.before import DIMENSIONS, mentions_saturation
from workbench.domain.errors import Refused, StaleEdit
from workbench.services import before, history, projects
from workbench.services.context import Context


@pytest.fixture
def anna(empty: Context) -> Context:
    projects.add_member(empty, name="Mads", role="researcher")
    return empty


@pytest.fixture
def mads(anna: Context) -> Context:
    return replace(anna, member=next(m for m in projects.list_members(anna.store) if m.name == "Mads"))


def on(ctx: Context, day: str) -> Context:
    moment = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=UTC)
    return replace(ctx, now=lambda: moment)


def test_question_aim_lens_and_guide_are_one_text_each_and_empty_ones_hold_nothing_up(anna: Context) -> None:
    view = before.before_view(anna)
    assert [k.value for k in (view.question, view.aim, view.lens, view.guide)] == [""] * 4
    assert view.judgements == () and [x.preconceptions for x in view.log] == [(), ()]
    for name in before.STUDY:
        before.write_study(anna, name, f"  What the {name} is ", rev=getattr(view, name).rev or 0)
    view = before.before_view(anna)
    assert [getattr(view, n).value for n in before.STUDY] == [f"What the {n} is" for n in before.STUDY]
    assert projects.project_summary(anna).question == "What the question is"


def test_who_writes_the_guide_after_somebody_else_is_shown_both_and_overwrites_nothing(
    anna: Context, mads: Context
) -> None:
    before.write_study(anna, "guide", "1. How was it?", rev=0)
    rev = before.before_view(anna).guide.rev
    before.write_study(mads, "guide", "1. How was it?\n2. And then?", rev=rev)
    with pytest.raises(StaleEdit) as caught:
        before.write_study(anna, "guide", "1. What happened?", rev=rev)
    assert caught.value.current["value"] == "1. How was it?\n2. And then?"


def test_earlier_versions_of_the_guide_are_kept_one_for_each_person_and_day_and_undo_takes_one_back(
    anna: Context, mads: Context
) -> None:
    for day, text in (("2026-02-03", "1. How"), ("2026-02-03", "1. How was it?")):
        before.write_study(on(anna, day), "guide", text)
    before.write_study(on(mads, "2026-03-10"), "guide", "1. How was it?\n2. And then?")
    found = before.guide_versions(anna)
    assert [(v.at[:10], v.who, v.text) for v in found] == [
        ("2026-03-10", "Mads", "1. How was it?\n2. And then?"),
        ("2026-02-03", "Researcher", "1. How was it?"),
    ]
    history.undo(mads)
    assert [v.who for v in before.guide_versions(anna)] == ["Researcher"]
    assert before.before_view(anna).guide.value == "1. How was it?"


def test_each_analyst_reads_every_log_and_changes_only_their_own(anna: Context, mads: Context) -> None:
    mine = before.add_entry(
        on(anna, "2026-02-03"), kind="preconception", text=" I expect the message to be late. "
    )
    before.add_entry(mads, kind="reflection", text="We agree too fast.", at="2026-04-02")
    before.add_entry(mads, kind="reflection", text="Earlier than that.", at="2026-03-02")
    log = before.before_view(mads).log
    assert [x.member.name for x in log] == ["Mads", "Researcher"]  # one's own first
    assert [e.text for e in log[0].reflections] == ["We agree too fast.", "Earlier than that."]
    entry = log[1].preconceptions[0]
    assert (entry.at, entry.text) == ("2026-02-03", "I expect the message to be late.")
    with pytest.raises(Refused, match=r"before\.not_yours"):
        before.change_entry(mads, mine, rev=entry.rev, text="You expect wrongly")
    with pytest.raises(Refused, match=r"before\.not_yours"):
        before.retire_entry(mads, mine)
    before.change_entry(anna, mine, rev=entry.rev, at="2026-02-01", kind="reflection")
    with pytest.raises(StaleEdit) as caught:
        before.change_entry(anna, mine, rev=entry.rev, text="From another tab")
    assert caught.value.current["text"] == "I expect the message to be late."
    before.retire_entry(anna, mine)
    assert before.before_view(anna).log[0].reflections == ()
    history.undo(anna)
    assert before.before_view(anna).log[0].reflections[0].at == "2026-02-01"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"kind": "preconception", "text": " \n "}, "before.needs_text"),
        ({"kind": "diary", "text": "x"}, "before.unknown_kind"),
        ({"kind": "reflection", "text": "x", "at": "yesterday"}, "before.not_a_day"),
    ],
)
def test_an_entry_that_says_nothing_or_has_no_day_is_refused(
    anna: Context, how: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        before.add_entry(anna, **how)
    assert caught.value.code == code


def test_five_judgements_with_reasons_on_three_days_are_one_table(anna: Context, mads: Context) -> None:
    levels = dict(zip(DIMENSIONS, (3, 4, 2, 3, 2), strict=True))
    reasons = {d: f"Because of the {d}" for d in DIMENSIONS}
    before.judge(
        on(mads, "2026-05-02"), occasion="After workshop 2", levels=levels | {"aim": 5}, reasons=reasons
    )
    before.judge(
        on(anna, "2026-02-03"), occasion="Planning", levels=levels, reasons=reasons, conclusion="Go on."
    )
    last = before.judge(on(anna, "2026-03-20"), levels=levels | {"dialogue": 4})
    before.judge(anna)  # begun, nothing said yet: not a row
    row = next(j for j in before.before_view(anna).judgements if j.id == last)
    before.change_judgement(anna, last, rev=row.rev, occasion="After interview 4", reasons=reasons)
    table = before.power_table(before.before_view(mads).judgements)
    assert table.columns == DIMENSIONS and len(DIMENSIONS) == 5
    assert [(j.at, j.occasion, j.by) for j in table.rows] == [
        ("2026-02-03", "Planning", "Researcher"),
        ("2026-03-20", "After interview 4", "Researcher"),
        ("2026-05-02", "After workshop 2", "Mads"),
    ]
    assert [j.levels["dialogue"] for j in table.rows] == [3, 4, 3]
    assert [j.levels["aim"] for j in table.rows] == [3, 3, 5]
    assert all(j.reasons == reasons for j in table.rows)
    assert table.rows[0].conclusion == "Go on."


def test_a_judgement_is_changed_by_who_made_it_and_each_of_the_five_goes_from_one_to_five(
    anna: Context, mads: Context
) -> None:
    id = before.judge(anna, levels={"aim": 1})
    rev = before.before_view(anna).judgements[0].rev
    with pytest.raises(Refused, match=r"before\.judgement_not_yours"):
        before.change_judgement(mads, id, rev=rev, levels={"aim": 5})
    with pytest.raises(Refused, match=r"before\.judgement_not_yours"):
        before.retire_judgement(mads, id)
    for bad in ({"aim": 6}, {"aim": -1}, {"saturation": 3}):
        with pytest.raises(Refused, match=r"before\.unknown_level"):
            before.change_judgement(anna, id, rev=rev, levels=bad)
    before.retire_judgement(anna, id)
    assert before.before_view(anna).judgements == ()


@pytest.mark.parametrize(
    "text",
    [
        "We go on until saturation.", "Data saturation was reached", "datamætning", "Vi nåede mætning efter 12.",
        "Datamætningen kom", "thematic Saturation-point", "until the data were saturated", "datametning", "mättnad",
        "ma\u0308ttnad",
    ],
)  # fmt: skip
def test_the_word_saturation_is_known_in_its_languages(text: str) -> None:
    assert mentions_saturation(text)


@pytest.mark.parametrize(
    "text",
    ["", "information power", "informationsstyrke", "oxygen saturation of 92 %", "iltmætning", "saturation 92 %",
     "saturated fat", "fastsættning"],
)  # fmt: skip
def test_what_the_blood_holds_is_not_that_word(text: str) -> None:
    assert not mentions_saturation(text)
