"""Settings: each field is kept when it is left; who looks after a project without analysing sees none of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from tests.ui.presses import words
from workbench.services import projects
from workbench.services.context import Context

Run = Callable[..., Any]


def labels(at: Any) -> list[str]:
    kinds = ("text_input", "text_area", "selectbox", "toggle", "segmented_control")
    return [str(getattr(e, "label", "")) for kind in kinds for e in at.get(kind)]


def choose_route(at: Any, route: str) -> Any:
    at.segmented_control(key="kept_setting.route").set_value(route).run()
    assert not at.exception
    return at


def test_name_question_and_lens_are_kept_when_the_field_is_left(ctx: Context, run_page: Run) -> None:
    at = run_page("settings", ctx)
    at.text_input(key="kept_setting.name").set_value("Home *again*").run()
    at.text_area(key="kept_setting.question").set_value("And what else?").run()
    at.text_area(key="kept_setting.lens").set_value("Continuity of care").run()
    about = projects.project_summary(ctx)
    assert (about.name, about.question, about.lens) == (
        "Home *again*",
        "And what else?",
        "Continuity of care",
    )


def test_what_cannot_be_kept_is_a_sentence_and_stays_typed(ctx: Context, run_page: Run) -> None:
    at = run_page("settings", ctx)
    at.text_input(key="kept_setting.name").set_value(" ").run()
    assert "▲" in words(at)
    for typed in ("0", "ten", "999", "-1", "2.5"):
        at = run_page("settings", ctx)
        at.text_input(key="kept_setting.k_min").set_value(typed).run()
        assert "a whole number from 1 to 100" in words(at)
        assert at.text_input(key="kept_setting.k_min").value == typed
    about = projects.project_summary(ctx)
    assert (about.name, about.k_min) == ("Joined-up discharge", 5)
    at.text_input(key="kept_setting.k_min").set_value("7").run()
    assert projects.project_summary(ctx).k_min == 7


def test_a_setting_changed_by_somebody_else_meanwhile_shows_both_and_overwrites_nothing(
    ctx: Context, run_page: Run
) -> None:
    at = run_page("settings", ctx)
    projects.change_setting(ctx, "question", "Theirs")
    at.text_area(key="kept_setting.question").set_value("Mine").run()
    assert projects.project_summary(ctx).question == "Theirs"
    assert "Theirs" in words(at) and at.text_area(key="kept_setting.question").value == "Mine"


def test_the_route_is_changed_and_changed_back_and_says_what_it_means(ctx: Context, run_page: Run) -> None:
    at = choose_route(run_page("settings", ctx), "framework")
    assert projects.project_summary(ctx).route == "framework"
    assert "a matrix over them" in words(at) and "is there when you change back" in words(at)
    choose_route(at, "stc")
    assert projects.project_summary(ctx).route == "stc"


def test_a_member_is_added_and_may_get_another_name_and_role(empty: Context, run_page: Run) -> None:
    at = run_page("settings", empty)
    assert "You work alone so far" in words(at)
    at.text_input(key="settings_new_name").set_value("Mads")
    next(b for b in at.button if b.label == "Add to the team").click().run()
    assert not at.exception
    mads = next(m for m in projects.list_members(empty.store) if m.name == "Mads")
    at.text_input(key=f"kept_member.{mads.id}.name").set_value("Mads Prøve").run()
    at.selectbox(key=f"kept_member.{mads.id}.role").set_value("facilitator").run()
    mads = next(m for m in projects.list_members(empty.store) if m.id == mads.id)
    assert (mads.name, mads.initials, mads.role) == ("Mads Prøve", "MP", "facilitator")


def test_somebody_who_analyses_always_leads(empty: Context, run_page: Run) -> None:
    at = run_page("settings", empty)
    at.toggle(key=f"kept_member.{empty.member.id}.is_lead").set_value(False).run()
    assert "Let another researcher lead first" in words(at)
    at = run_page("settings", empty)
    at.selectbox(key=f"kept_member.{empty.member.id}.role").set_value("admin").run()
    assert "Let another researcher lead first" in words(at)
    assert projects.lead_context(empty.store).member.role == "researcher"


def test_an_administrator_looks_after_members_and_the_smallest_group_and_sees_no_analysis(
    ctx: Context, run_page: Run
) -> None:
    projects.add_member(ctx, name="Adam", role="admin")
    at = run_page("settings", acting_as(ctx, "admin"))
    said = words(at)
    about = projects.project_summary(ctx)
    assert about.question not in said and "Interview" not in said
    assert not {"Question", "Lens", "Route of the analysis"} & set(labels(at))
    assert {"Name", "Smallest group"} <= set(labels(at))
    at.text_input(key="kept_setting.k_min").set_value("6").run()
    assert projects.project_summary(ctx).k_min == 6


def test_a_very_long_name_is_no_trouble(empty: Context, run_page: Run) -> None:
    projects.change_setting(empty, "name", "Very long " * 11)
    projects.add_member(empty, name="Karen " * 13, role="researcher")
    assert not run_page("settings", empty).exception
