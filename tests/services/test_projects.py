"""Projects: what is set about one and by whom, its members, its route."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import acting_as
from tests.support import dump
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.domain.routes import Route, condenses, has_step
from workbench.services import copies, projects
from workbench.services.context import Context
from workbench.store.project import Store


def test_changing_the_route_loses_nothing(ctx: Context) -> None:
    before = dump(ctx.store)
    for route in (*projects.ROUTES, "stc"):
        projects.change_setting(ctx, "route", route)
        assert projects.route_of(ctx.store) == route
    assert dump(ctx.store) == before
    with pytest.raises(Refused, match=r"project\.unknown_route"):
        projects.change_setting(ctx, "route", "grounded theory")


def test_only_systematic_text_condensation_has_its_own_screens() -> None:
    assert [r for r in Route if has_step(r, "condense")] == [Route.STC] == [r for r in Route if condenses(r)]
    assert all(
        has_step(r, screen) for r in Route for screen in ("code", "synthesise", "explore", "requirements")
    )


def test_question_lens_and_route_belong_to_those_who_analyse(empty: Context) -> None:
    projects.add_member(empty, name="Adam", role="admin")
    admin = acting_as(empty, "admin")
    projects.change_setting(admin, "k_min", "6")
    projects.change_setting(admin, "name", "Another name")
    for name, value in (("question", "?"), ("lens", "x"), ("route", "content")):
        with pytest.raises(NotAllowed):
            projects.change_setting(admin, name, value)


def test_a_setting_is_changed_as_it_was_read_or_not_at_all(empty: Context) -> None:
    row = projects.settings_rows(empty)["question"]
    projects.change_setting(empty, "question", "First", rev=int(str(row["rev"])))
    with pytest.raises(StaleEdit) as stale:
        projects.change_setting(empty, "question", "Second", rev=int(str(row["rev"])))
    assert stale.value.current["value"] == "First"


def test_a_lead_who_analyses_always_stays(empty: Context) -> None:
    me = empty.member
    for changes in ({"is_lead": False}, {"role": "admin"}):
        with pytest.raises(Refused, match=r"member\.last_lead"):
            projects.change_member(empty, me.id, rev=me.rev, **changes)
    other = projects.add_member(empty, name="Mads", role="researcher", is_lead=True)
    projects.change_member(empty, me.id, rev=me.rev, role="admin")
    members = {m.id: m for m in projects.list_members(empty.store)}
    assert (members[me.id].role, members[me.id].is_lead) == ("admin", False)
    assert projects.lead_context(empty.store).member.id == other
    with pytest.raises(Refused, match=r"member\.unknown_role"):
        projects.change_member(
            replace(empty, member=members[other]), me.id, rev=members[me.id].rev, role="king"
        )


def test_in_a_copy_one_acts_as_whom_it_was_made_for(empty: Context) -> None:
    path = empty.store.path.with_name("copy.db")
    made = copies.make_copy(empty, path, new_member="Mads")
    there = projects.lead_context(Store.open(path))
    assert there.member.id == made.member
    assert projects.project_summary(there).copy_for == "Mads"
    cards = {c.path.name: c.copy_for for c in projects.list_projects(path.parent)}
    assert cards == {"empty.db": "", "copy.db": "Mads"}
