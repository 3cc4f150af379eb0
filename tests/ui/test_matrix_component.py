"""The matrix of units in a real browser: sorted by keys alone, by mouse and drag, and from paper cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import running_server
from tests.many_units import make_many
from workbench.domain.unit_ids import short_ids
from workbench.services import history, projects, units
from workbench.services.context import Context

pytestmark = pytest.mark.browser


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    folder = tmp_path / "projects"
    folder.mkdir()
    monkeypatch.setenv("WORKBENCH_DATA", str(folder))
    return make_many(folder / "study.db", 60, loose=4, per_source=20, groups=4)


@pytest.fixture
def page(browser: Any, study: Context) -> Iterator[Any]:
    """The matrix of a study of 60 units, in Chromium; any error on the page fails the test."""
    with running_server(study.store.path.parent) as url:
        found = browser.new_page(viewport={"width": 1440, "height": 900})
        errors: list[str] = []
        found.on("pageerror", lambda e: errors.append(str(e)))
        found.goto(f"{url}/units?project={study.store.id}")
        found.wait_for_selector(".wm-card")
        yield found
        assert not errors
        found.close()


def eventually(page: Any, true: Any) -> None:
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not happen within ten seconds")


def standing(ctx: Context) -> dict[str, list[tuple[str, str | None]]]:
    return {r.id: [(p.code_group, p.subgroup) for p in r.standing.places] for r in units.list_rows(ctx).rows}


def groups(ctx: Context) -> list[str]:
    return [g.id for g in units.names(ctx).code_groups]


def in_section(page: Any, n: int) -> list[str]:
    """Units in the n-th section, as they are on screen."""
    found: list[str] = (
        page.locator(".wm-main .wm-sec")
        .nth(n)
        .evaluate("el => [...el.querySelectorAll('.wm-card')].map((card) => card.unit)")
    )
    return found


def saved(page: Any) -> None:
    page.wait_for_function("!/not saved|Offline/.test(document.querySelector('.ws-text').textContent)")


def test_three_units_are_selected_moved_and_undone_by_keys_alone(page: Any, study: Context) -> None:
    before = standing(study)
    first, second = groups(study)[:2]
    mine = in_section(page, 0)
    page.locator(".wm-card").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator(".wm-card.is-on").count() in (2, 3)
    page.keyboard.press("Escape")
    page.locator(".wm-card").first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator(".wm-card.is-on").count() == 3
    # M, some letters, Enter: no dialog, nothing to confirm. The next card has the focus.
    page.keyboard.press("m")
    page.keyboard.type("whose")
    page.keyboard.press("Enter")
    assert set(mine[:3]) <= set(in_section(page, 1))  # before the server has answered
    assert page.evaluate("document.activeElement.unit") == mine[3]
    eventually(
        page,
        lambda: all(
            (second, None) in standing(study)[u] or second in dict(standing(study)[u]) for u in mine[:3]
        ),
    )
    saved(page)
    page.keyboard.press("Control+z")
    eventually(page, lambda: standing(study) == before)
    eventually(page, lambda: in_section(page, 0) == mine)
    page.keyboard.press("Control+Shift+z")
    eventually(page, lambda: first not in dict(standing(study)[mine[0]]))
    # A digit goes straight to a group; Del takes out, and the unit lies in the tray.
    eventually(page, lambda: in_section(page, 0)[0] == mine[3])
    page.locator(".wm-card").first.focus()
    page.keyboard.press("3")
    eventually(page, lambda: groups(study)[2] in dict(standing(study)[mine[3]]))
    loose = page.locator(".wm-tray .wm-card").count()
    single = next(u for u in in_section(page, 0) if len(standing(study)[u]) == 1)
    page.evaluate(
        "id => [...document.querySelectorAll('.wm-main .wm-card')].find((c) => c.unit === id).focus()", single
    )
    page.keyboard.press("Delete")
    assert page.locator(".wm-tray .wm-card").count() == loose + 1
    eventually(page, lambda: standing(study)[single] == [])
    # A new subgroup in place, for all of the section.
    page.locator(".wm-main .wm-card").first.focus()
    rest = in_section(page, 0)
    page.keyboard.press("Control+a")
    page.keyboard.press("m")
    page.keyboard.type("wa / Long *nights*")
    page.keyboard.press("Enter")
    eventually(page, lambda: "Long *nights*" in [s.name for s in units.names(study).subgroups])
    made = next(s.id for s in units.names(study).subgroups if s.name == "Long *nights*")
    eventually(page, lambda: all((first, made) in standing(study)[u] for u in rest))
    assert page.locator("dialog, [role=alertdialog]").count() == 0


def test_a_burst_of_moves_is_stored_once_each(page: Any, study: Context) -> None:
    mine = [u for u in in_section(page, 0) if len(standing(study)[u]) == 1]
    before = units.list_rows(study).rev
    page.locator(".wm-main .wm-card").first.focus()
    for _ in range(10):
        page.keyboard.press("2")
    eventually(page, lambda: units.list_rows(study).rev == before + 10)
    page.wait_for_timeout(2500)
    assert units.list_rows(study).rev == before + 10
    saved(page)
    page.reload()
    page.wait_for_selector(".wm-card")
    assert not set(mine[:5]) & set(in_section(page, 0))


def test_what_is_selected_is_dragged_onto_a_section_and_out_of_it(page: Any, study: Context) -> None:
    mine = in_section(page, 0)
    single = [u for u in mine if len(standing(study)[u]) == 1][:2]
    first = page.locator(".wm-main .wm-sec").first

    def card(unit: str) -> Any:
        return first.locator(f".wm-card:has(.wm-id:text-is('{short(study)[unit]}'))")

    card(single[0]).click()
    card(single[1]).click(modifiers=["ControlOrMeta"])
    lane = page.locator(".wm-main .wm-sec").nth(2)
    card(single[1]).hover()
    page.mouse.down()
    lane.hover()
    lane.hover()
    assert lane.locator(".wm-drop").inner_text() == "Move 2 here"
    page.mouse.up()
    eventually(page, lambda: all(groups(study)[2] in dict(standing(study)[u]) for u in single))
    page.locator(
        f".wm-main .wm-sec:nth-child(3) .wm-card:has(.wm-id:text-is('{short(study)[single[0]]}'))"
    ).drag_to(page.locator(".wm-tray"))
    eventually(page, lambda: standing(study)[single[0]] == [])


def short(ctx: Context) -> dict[str, str]:
    return short_ids(units.list_rows(ctx).units)


def test_units_in_several_groups_are_decided_one_by_one_until_none_is_left(page: Any, study: Context) -> None:
    several = [u for u, places in standing(study).items() if len(places) > 1]
    assert len(several) >= 2
    page.get_by_role("button", name=f"In several groups {len(several)}").click()
    page.locator(".wm-card").first.focus()
    page.keyboard.press("k")
    eventually(page, lambda: len([r for r in units.list_rows(study).rows if r.standing.settled]) == 1)
    while page.locator(".wm-main .wm-card").count():
        page.locator(".wm-main .wm-card").first.get_by_role("button", name="Only").first.click()
    page.get_by_text("No unit stands undecided in several code groups.").wait_for()
    eventually(page, lambda: len([u for u, places in standing(study).items() if len(places) > 1]) == 1)


def test_what_somebody_else_moved_is_said_at_the_card_and_stays_there(page: Any, study: Context) -> None:
    mine = in_section(page, 0)
    unit = next(u for u in mine if len(standing(study)[u]) == 1)
    id = projects.add_member(study, name="Mads Bro", role="researcher")
    mads = replace(study, member=next(m for m in projects.list_members(study.store) if m.id == id))
    row = next(r for r in units.list_rows(study).rows if r.id == unit)
    place = row.standing.places[0]
    units.move(mads, [units.Moved(unit, place.id, place.subgroup)], groups(study)[3])
    page.evaluate(
        "id => [...document.querySelectorAll('.wm-main .wm-card')].find((c) => c.unit === id).focus()", unit
    )
    page.keyboard.press("2")
    note = page.locator(".wm-main .wm-sec").nth(3).locator(".wm-note")
    note.wait_for()
    assert "Mads Bro has placed this unit otherwise" in note.inner_text()
    assert dict(standing(study)[unit]).keys() == {groups(study)[3]}
    saved(page)


def test_a_unit_opens_where_it_was_said_and_one_comes_back_to_the_same_card(
    page: Any, study: Context
) -> None:
    page.get_by_label("Group by").select_option("source")
    card = page.locator(".wm-main .wm-card").nth(5)
    card.focus()
    unit = page.evaluate("document.activeElement.unit")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wr-text")
    assert f"unit={unit}" in page.url
    page.wait_for_selector(".wr mark.is-focus")
    page.get_by_text("Units", exact=True).first.click()
    page.wait_for_selector(".wm-card")
    assert page.evaluate("document.querySelector('.wm-card[tabindex=\"0\"]').unit") == unit
    assert page.get_by_label("Group by").input_value() == "source"


def test_words_people_said_or_typed_are_never_markup(page: Any, study: Context) -> None:
    unit = units.list_rows(study).rows[1]
    group = study.new_id()
    place = unit.standing.places[0]
    units.move(study, [units.Moved(unit.id, place.id, place.subgroup)], group,
               new_code_groups=[{"id": group, "name": "<b>**bold**</b> :red[no] $x^2$"}])  # fmt: skip
    page.reload()
    page.get_by_text("<b>**bold**</b> :red[no] $x^2$").first.wait_for()
    assert page.locator(".wm img, .wm b").count() == 0


def test_ids_from_paper_are_pasted_understood_and_placed_in_one_operation(page: Any, study: Context) -> None:
    chosen = [u for u in in_section(page, 0) if len(standing(study)[u]) == 1][:3]
    ids = " ".join(short(study)[u].lower() for u in chosen)
    page.get_by_role("button", name="Cards from the table").click()
    field = page.get_by_label("Cards that lay together")
    field.fill(f"be: {ids} QQQQQ")
    page.get_by_role("button", name="Read the cards").click()
    page.get_by_text("No unit has this id: QQQQQ").wait_for()
    before = units.list_rows(study).rev
    page.get_by_role("button", name="Place 3 units").click()
    eventually(page, lambda: all(dict(standing(study)[u]).keys() == {groups(study)[2]} for u in chosen))
    assert units.list_rows(study).rev == before + 1
    eventually(page, lambda: set(chosen) <= set(in_section(page, 2)))
    history.undo(study)


def test_filters_words_and_the_tray_leave_what_fits(page: Any, study: Context) -> None:
    total = len(units.list_rows(study).rows)
    page.locator(".wm-card").first.focus()
    page.keyboard.press("/")
    page.keyboard.type("Monday")
    wanted = [r.id for r in units.list_rows(study).rows if "monday" in r.text.lower()]
    assert 0 < len(wanted) < total
    eventually(
        page,
        lambda: (
            set(page.evaluate("[...document.querySelectorAll('.wm-card')].map((c) => c.unit)")) == set(wanted)
        ),
    )
    page.keyboard.press("Escape")
    eventually(
        page,
        lambda: (
            len(set(page.evaluate("[...document.querySelectorAll('.wm-card')].map((c) => c.unit)"))) == total
        ),
    )
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Stakeholder group").select_option(label="Hospital")
    page.keyboard.press("Escape")
    assert page.locator(".wm-main .wm-name:has-text('Person 0')").count() == 0
    page.get_by_role("button", name="Hospital: take the filter away").click()
    eventually(
        page,
        lambda: (
            len(set(page.evaluate("[...document.querySelectorAll('.wm-card')].map((c) => c.unit)"))) == total
        ),
    )


def test_a_mark_divided_just_before_is_sent_from_the_matrix_and_undo_does_not_wait_for_the_reader(
    page: Any, study: Context
) -> None:
    before = standing(study)
    row = units.list_rows(study).rows[0]
    cut = row.start + row.text.index(" ") + 1
    split = {
        "id": "split-1", "project": study.store.id, "member": study.member.id, "source": row.source, "text_rev": 1,
        "verb": "split", "unit": row.id, "at": cut, "new_unit": "second-half", "rev": row.rev,
    }  # fmt: skip
    page.evaluate(
        "([name, op]) => localStorage.setItem(name, JSON.stringify({[op.id]: op}))",
        [f"workbench:outbox:{study.store.id}:{study.member.id}", split],
    )
    page.reload()
    page.wait_for_selector(".wm-card")
    eventually(page, lambda: "second-half" in standing(study))
    page.locator(".wm-card").first.focus()
    page.keyboard.press("Control+z")
    eventually(page, lambda: standing(study) == before)
