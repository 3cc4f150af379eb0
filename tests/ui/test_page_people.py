"""People: how groups are counted, adding and changing, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.ui.presses import drawn, press, words
from workbench.domain.records import Participant, StakeholderGroup
from workbench.language import t
from workbench.services import people
from workbench.services.context import Context

Run = Callable[..., Any]


def group_rows(at: Any) -> dict[str, dict[str, Any]]:
    return {r["cells"]["group"]["text"]: r["cells"] for r in drawn(at, "people_groups")["rows"]}


def test_small_groups_are_shown_as_counted_with_the_one_above_them(ctx: Context, run_page: Run) -> None:
    rows = group_rows(run_page("people", ctx))
    assert rows["Hospital"]["sample"]["text"] == "6"
    assert "Medical ward (4)" in rows["Hospital"]["group"]["note"]
    assert rows["Medical ward"]["group"]["note"] == "Counted with Hospital"
    assert rows["Medical ward"]["sample"] == ""


def test_a_participant_stands_with_group_consent_and_where_they_speak(ctx: Context, run_page: Run) -> None:
    rows = {
        r["cells"]["name"]["text"]: r["cells"] for r in drawn(run_page("people", ctx), "people_table")["rows"]
    }
    assert rows["Svend"]["quote"]["word"] == "no"
    assert rows["Svend"]["where"] == "Interview 1, Inger and Svend"
    assert rows["Inger"]["group"]["group"]["mono"] == "Pa"


def test_an_empty_project_says_where_people_come_from(empty: Context, run_page: Run) -> None:
    said = words(run_page("people", empty))
    assert "They come with the transcripts" in said
    assert "No groups yet" in said


def test_a_participant_is_added_in_the_drawer(ctx: Context, run_page: Run) -> None:
    at = run_page("people", ctx)
    at.button(key="people_add").click().run()
    at.text_input(key="people_new_name").set_value("  Viggo *the* 2nd ")
    at.button(key="people_make").click().run()
    assert not at.exception
    added = [p for p in people.people_view(ctx).participants if p.pseudonym == "Viggo *the* 2nd"]
    assert [(p.kind, p.quote_ok, p.stakeholder_group) for p in added] == [("informant", True, None)]


def test_a_pseudonym_that_is_taken_is_refused_and_what_was_typed_stays(ctx: Context, run_page: Run) -> None:
    before = len(people.people_view(ctx).participants)
    at = run_page("people", ctx)
    at.button(key="people_add").click().run()
    at.text_input(key="people_new_name").set_value("Inger")
    at.button(key="people_make").click().run()
    assert "▲" in words(at)
    assert at.text_input(key="people_new_name").value == "Inger"
    assert len(people.people_view(ctx).participants) == before


def test_a_group_is_changed_on_blur_and_one_of_three_levels_is_refused(ctx: Context, run_page: Run) -> None:
    groups = {g.group.name: g.group for g in people.people_view(ctx).groups}
    hospital, gp = groups["Hospital"], groups["General practice"]
    at = press(run_page("people", ctx), "people_groups", id=f"group:{hospital.id}")
    key = f"kept_group.{hospital.id}"
    at.text_input(key=f"{key}.name").set_value("The hospital").run()
    assert "The hospital" in {g.group.name for g in people.people_view(ctx).groups}
    at.selectbox(key=f"{key}.parent").set_value(gp.id).run()
    assert "two levels" in words(at)
    assert next(g.group for g in people.people_view(ctx).groups if g.group.id == hospital.id).parent is None


def test_two_who_change_the_same_participant_are_both_shown(ctx: Context, run_page: Run) -> None:
    person = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Bent")
    at = press(run_page("people", ctx), "people_table", id=f"person:{person.id}")
    change = {"stakeholder_group": person.stakeholder_group, "kind": "informant", "quote_ok": True}
    people.change_participant(ctx, person.id, rev=person.rev, pseudonym="Bendt", **change)  # in another tab
    at.text_input(key=f"kept_person.{person.id}.pseudonym").set_value("Børge").run()
    assert "Bendt" in words(at)
    assert next(p for p in people.people_view(ctx).participants if p.id == person.id).pseudonym == "Bendt"


def test_a_group_of_under_five_people_is_said_to_be_shown_with_others(empty: Context, run_page: Run) -> None:
    group = people.add_group(
        empty, name="A group with a name that is longer than anybody would want it to be"
    )
    people.add_participant(empty, pseudonym="One", stakeholder_group=group)
    (row,) = group_rows(run_page("people", empty)).values()
    assert "shown together with others to committees" in row["group"]["note"]


def test_an_open_drawer_never_puts_back_a_consent_that_was_taken_away_meanwhile(
    ctx: Context, run_page: Run
) -> None:
    def bent() -> Participant:
        return next(p for p in people.people_view(ctx).participants if p.id == person.id)

    person = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Bent")
    same = {"stakeholder_group": person.stakeholder_group, "kind": "informant"}
    for rerun in (False, True):  # the drawer is drawn again before the name is changed, or it is not
        people.change_participant(ctx, person.id, rev=bent().rev, pseudonym="Bent", quote_ok=True, **same)
        at = press(run_page("people", ctx), "people_table", id=f"person:{person.id}")
        people.change_participant(ctx, person.id, rev=bent().rev, pseudonym="Bent", quote_ok=False, **same)
        if rerun:
            at.run()
            assert not next(x for x in at.toggle if x.label == t("people.may_be_quoted")).value
        next(x for x in at.text_input if x.value == "Bent").set_value("Børge").run()
        assert not at.exception
        assert (bent().pseudonym, bent().quote_ok) == ("Børge", False)


def test_consent_and_group_are_kept_at_once_from_the_drawer(ctx: Context, run_page: Run) -> None:
    person = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Bent")
    at = press(run_page("people", ctx), "people_table", id=f"person:{person.id}")
    at.toggle(key=f"kept_person.{person.id}.quote_ok").set_value(not person.quote_ok).run()
    at.selectbox(key=f"kept_person.{person.id}.stakeholder_group").set_value("").run()
    assert not at.exception
    now = next(p for p in people.people_view(ctx).participants if p.id == person.id)
    assert (now.quote_ok, now.stakeholder_group, now.pseudonym) == (not person.quote_ok, None, "Bent")


def test_an_open_group_drawer_leaves_what_another_person_changed(ctx: Context, run_page: Run) -> None:
    def hospital() -> StakeholderGroup:
        return next(g.group for g in people.people_view(ctx).groups if g.group.id == known.id)

    known = next(g.group for g in people.people_view(ctx).groups if g.group.name == "Hospital")
    at = press(run_page("people", ctx), "people_groups", id=f"group:{known.id}")
    people.change_group(ctx, known.id, rev=known.rev, name="Hospital", monogram="Hp", parent=None)
    at.run()
    next(x for x in at.text_input if x.value == "Hospital").set_value("The hospital").run()
    assert (hospital().name, hospital().monogram) == ("The hospital", "Hp")


# -- withdrawing -------------------------------------------------------------------------------------------


def person_called(ctx: Context, name: str) -> Participant:
    return next(p for p in people.people_view(ctx).participants if p.pseudonym == name)


def test_what_rests_on_somebody_is_said_before_they_are_withdrawn_and_the_button_says_what_happens(
    ctx: Context, run_page: Run
) -> None:
    inger = person_called(ctx, "Inger")
    at = press(run_page("people", ctx), "people_table", id=f"person:{inger.id}")
    at.button(key=f"person_{inger.id}_withdraw").click().run()
    facts = drawn(at, f"withdraw_{inger.id}_rests")["rows"]
    assert facts[0]["text"] == "17 meaning units leave, with their places and comments"
    assert f"participant={inger.id}" in facts[0]["href"]
    assert "REQ-001" in {row.get("key") for row in facts}
    assert all("Inger" not in row.get("href", "") for row in facts)
    button = at.button(key=f"withdraw_{inger.id}_do")
    assert button.label == "Withdraw Inger: 17 units leave"
    button.click().run()
    assert "A reason is asked for" in words(at)
    at.text_area(key=f"withdraw_{inger.id}_reason").set_value("She wrote to us.")
    at.button(key=f"withdraw_{inger.id}_do").click().run()
    assert not at.exception
    row = next(r for r in drawn(at, "people_table")["rows"] if r["id"] == f"person:{inger.id}")
    assert row["cells"]["quote"]["word"].startswith("withdrawn ")
    at = press(at, "people_table", id=f"person:{inger.id}")
    assert "Their words are not used" in words(at)
    at.button(key=f"withdraw_{inger.id}_back").click().run()
    assert person_called(ctx, "Inger").consent == "given"


def test_erasing_asks_for_the_backups_and_says_what_stays(ctx: Context, run_page: Run) -> None:
    from workbench.store.backup import back_up

    back_up(ctx.store.path)
    niels = person_called(ctx, "Niels")
    at = press(run_page("people", ctx), "people_table", id=f"person:{niels.id}")
    at.button(key=f"person_{niels.id}_withdraw").click().run()
    at.radio(key=f"withdraw_{niels.id}_how").set_value("erase").run()
    said = words(at)
    assert "The one backup of this project" in str([c.label for c in at.checkbox])
    assert "texts repeat eight or more of their words" in said and "Others speak there too" in said
    assert at.button(key=f"withdraw_{niels.id}_do").disabled
    at.checkbox(key=f"withdraw_{niels.id}_backups").check().run()
    at.text_area(key=f"withdraw_{niels.id}_reason").set_value("He wrote to us.")
    at.button(key=f"withdraw_{niels.id}_do").click().run()
    assert not at.exception
    at = press(at, "people_table", id=f"person:{niels.id}")
    assert "Their words are erased" in words(at)
    assert not [b for b in at.button if str(b.key).startswith(f"withdraw_{niels.id}")]


def test_an_erasure_that_was_cut_short_is_offered_to_be_finished(
    ctx: Context, run_page: Run, monkeypatch: Any
) -> None:
    from workbench.services import withdrawing
    from workbench.store import erasing

    niels = person_called(ctx, "Niels")
    monkeypatch.setattr(erasing, "finish", lambda store: False)
    withdrawing.withdraw(ctx, niels.id, "erase", "He wrote to us.")
    at = run_page("people", ctx)  # opening the project did not get it done either
    assert "An erasure was cut short" in words(at)
    monkeypatch.undo()
    monkeypatch.setenv("WORKBENCH_DATA", str(ctx.store.path.parent))
    at.button(key="withdraw_finish").click().run()
    assert not withdrawing.erasure_unfinished(ctx) and "cut short" not in words(at)
