"""Versions: what is frozen, and what has changed from one to another in a reader's words."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.support import body_of, mark_words
from workbench.domain.errors import Refused
from workbench.services import (
    change_table,
    coding,
    double_coding,
    history,
    meetings,
    model,
    projects,
    synthesis,
    versioning,
)
from workbench.services.context import Context
from workbench.services.versioning import Difference
from workbench.store.project import Store


def row(found: list[Difference], name: str) -> Difference:
    return next(d for d in found if name in d.label)


def requirement(ctx: Context, key: str) -> model.RequirementView:
    return next(r for r in model.list_requirements(ctx) if r.requirement.key == key)


def component(ctx: Context, name: str) -> model.ComponentView:
    return next(c for c in model.list_components(ctx) if name in c.component.name)


def reword(ctx: Context, key: str, **fields: str) -> None:
    r = requirement(ctx, key).requirement
    model.change_requirement(ctx, r.id, rev=r.rev, **fields)


def answers(ctx: Context, name: str, realises: list[str]) -> None:
    c = component(ctx, name).component
    model.change_component(ctx, c.id, rev=c.rev, name=c.name, description=c.description, realises=realises)


def rows_of(ctx: Context, sql: str, *values: object) -> list[sqlite3.Row]:
    with ctx.read() as conn:
        return list(conn.execute(sql, values))


# -- freezing ------------------------------------------------------------------------------------------------


def test_a_version_keeps_fields_and_fingerprints_and_nobody_s_words(ctx: Context) -> None:
    version = versioning.freeze_version(ctx, label="Version 3")
    kept = rows_of(ctx, "SELECT fields_json, support_json FROM version_row WHERE version=?", version)
    words = " ".join(r["fields_json"] + r["support_json"] for r in kept)
    quotes = [r["printed"] for r in rows_of(ctx, "SELECT printed FROM cleared_quote")]
    condensates = [r["text"] for r in rows_of(ctx, "SELECT text FROM condensate")]
    assert quotes and condensates
    assert not any(said in words for said in (*quotes, *condensates))
    kinds = {json.loads(r["fields_json"])["kind"] for r in kept}
    assert {"component", "requirement", "category"} <= kinds


def test_assumptions_and_the_description_are_frozen_with_it(ctx: Context) -> None:
    with ctx.write("add_requirement") as work:
        about = component(ctx, "Named contact").component.id
        work.insert("assumption", {"id": "a1", "key": "ASM-901", "text": "Somebody answers", "about": about})
        for old in work.live("tidier", n=1):
            work.retire("tidier", old["id"])
        work.insert("tidier", {"id": "t1", "n": 1, "text": "The joined page"})
    version = versioning.freeze_version(ctx, label="Version 3")
    with ctx.write("add_requirement") as work:
        work.update("assumption", "a1", {"result": "Five of six", "state": "holds"})
        work.update("tidier", "t1", {"text": "The joined page, on paper"})
    found = versioning.compare_versions(ctx, version, None)
    assumption, tidier = row(found, "ASM-901"), next(d for d in found if d.item == "t1")
    assert (assumption.change, [f.name for f in assumption.fields]) == ("changed", ["result", "state"])
    assert (tidier.change, tidier.kind) == ("changed", "tidier")


def test_what_the_person_saw_is_what_is_frozen_or_a_sentence_names_what_is_other(ctx: Context) -> None:
    seen, n = versioning.as_it_stands(ctx), versioning.next_version(ctx)
    reword(acting_as(ctx, "facilitator"), "REQ-001", statement="The model must sing")
    with pytest.raises(Refused) as refused:
        versioning.freeze_version(ctx, label="Version 3", expects=seen, n=n)
    assert refused.value.code == "version.changed_meanwhile"
    assert refused.value.params["what"] == "REQ-001 The model must sing"
    assert len(versioning.list_versions(ctx)) == 2
    version = versioning.freeze_version(ctx, label="Version 3", expects=versioning.as_it_stands(ctx), n=n)
    assert {d.change for d in versioning.compare_versions(ctx, version, None)} == {"same"}


def test_what_was_taken_out_meanwhile_is_named_too(ctx: Context) -> None:
    seen = versioning.as_it_stands(ctx)
    model.retire_component(ctx, component(ctx, "The hour").component.id)
    with pytest.raises(Refused) as refused:
        versioning.freeze_version(ctx, label="Version 3", expects=seen)
    assert "The hour from one to two" in refused.value.params["what"]


def test_two_who_freeze_at_once_freeze_one_version(ctx: Context) -> None:
    seen, n = versioning.as_it_stands(ctx), versioning.next_version(ctx)
    versioning.freeze_version(acting_as(ctx, "facilitator"), label="Version 3", expects=seen, n=n)
    with pytest.raises(Refused, match=r"version\.frozen_meanwhile"):
        versioning.freeze_version(ctx, label="Version 3 too", expects=seen, n=n)
    with pytest.raises(Refused, match=r"version\.same_label"):
        versioning.freeze_version(ctx, label="Version 3")


def test_corrections_of_a_frozen_version_are_named_after_it(ctx: Context) -> None:
    assert versioning.next_labels(ctx) == versioning.Labels(3, "Version 3", "Version 2", "Version 2.1")
    versioning.freeze_version(ctx, label="Version 2.1")
    assert versioning.next_labels(ctx) == versioning.Labels(4, "Version 3", "Version 2.1", "Version 2.2")
    versioning.freeze_version(ctx, label="Version 3")
    assert versioning.next_labels(ctx) == versioning.Labels(5, "Version 4", "Version 3", "Version 3.1")
    versioning.freeze_version(ctx, label="For the spring")
    assert versioning.next_labels(ctx).correction == ""


def test_a_list_of_demands_is_a_version_without_components(empty: Context) -> None:
    demand = model.add_requirement(empty, statement="One contact")
    with pytest.raises(Refused, match=r"version\.no_components"):
        versioning.freeze_version(empty, label="Demands")
    version = versioning.freeze_version(empty, label="Demands", components=[], requirements=[demand])
    assert [d.change for d in versioning.compare_versions(empty, version, None)] == ["removed"]


def test_the_bulk_read_of_what_things_rest_on_is_the_single_one(ctx: Context) -> None:
    with ctx.read() as conn:
        items = [
            r["id"] for r in conn.execute("SELECT id FROM item WHERE kind IN ('requirement','category')")
        ]
        together = versioning.supports(conn, items)
        assert together == {item: versioning.support_of(conn, item) for item in items}


def test_steering_may_compare_but_not_freeze(ctx: Context) -> None:
    steering = acting_as(ctx, "steering")
    one, two = versioning.list_versions(steering)
    assert versioning.compare_versions(steering, one.id, two.id)
    with pytest.raises(Refused):
        versioning.freeze_version(steering, label="Ours")


# -- comparing -----------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(ctx: Context) -> str:
    return versioning.freeze_version(ctx, label="Version 3")


def test_nothing_has_changed_right_after_a_freeze(ctx: Context, frozen: str) -> None:
    assert {d.change for d in versioning.compare_versions(ctx, frozen, None)} == {"same"}


def test_each_field_that_changed_is_named_and_shown_word_by_word(ctx: Context, frozen: str) -> None:
    old = requirement(ctx, "REQ-001").requirement
    reword(ctx, "REQ-001", statement=f"{old.statement} Always.", acceptance="Nine of ten can name them")
    d = row(versioning.compare_versions(ctx, frozen, None), "REQ-001")
    assert d.change == "changed"
    assert [f.name for f in d.fields] == ["statement", "acceptance"]
    assert d.fields[0].words[-1] == ("ins", "Always.")
    assert d.words == d.fields[0].words + d.fields[1].words


def test_an_undone_edit_is_no_change(ctx: Context, frozen: str) -> None:
    reword(ctx, "REQ-001", statement="The model must sing")
    history.undo(ctx)
    assert {d.change for d in versioning.compare_versions(ctx, frozen, None)} == {"same"}


def test_a_requirement_answered_by_another_component_has_moved_and_both_components_say_so(
    ctx: Context, frozen: str
) -> None:
    page, contact = component(ctx, "common page"), component(ctx, "Named contact")
    moved = page.requirements[0]
    answers(ctx, "common page", [r[0] for r in page.requirements[1:]])
    answers(ctx, "Named contact", [*(r[0] for r in contact.requirements), moved[0]])
    found = versioning.compare_versions(ctx, frozen, None)
    d = row(found, moved[1])
    assert d.change == "moved"
    assert [(m.by, m.went, m.came) for m in d.moves] == [
        ("component", (page.component.name,), (contact.component.name,))
    ]
    went, came = row(found, page.component.name), row(found, contact.component.name)
    assert (went.change, [n[:2] for n in went.named]) == ("evidence", [("went", "requirement")])
    assert (came.change, [n[:2] for n in came.named]) == ("evidence", [("came", "requirement")])


def test_a_requirement_resting_on_another_theme_has_moved(ctx: Context, frozen: str) -> None:
    r = next(r for r in model.list_requirements(ctx) if r.components and any(
        s.kind == "category" for s in r.supports))  # fmt: skip
    theme = next(s for s in r.supports if s.kind == "category")
    held = {s.item for s in r.supports}
    other = next(g for g in model.list_grounds(ctx) if g.kind == "category" and g.id not in held)
    model.support_requirement(ctx, r.requirement.id, other.id)
    # While a theme only comes, it is evidence.
    assert row(versioning.compare_versions(ctx, frozen, None), r.requirement.key).change == "evidence"
    model.retire_link(ctx, theme.link)
    d = row(versioning.compare_versions(ctx, frozen, None), r.requirement.key)
    assert d.change == "moved"
    assert [(m.by, m.went, m.came) for m in d.moves] == [("category", (theme.label,), (other.label,))]


def test_what_changed_and_moved_is_one_row_that_says_both(ctx: Context, frozen: str) -> None:
    page = component(ctx, "common page")
    answers(ctx, "common page", [r[0] for r in page.requirements[1:]])
    reword(ctx, page.requirements[0][1], moscow="could")
    found = versioning.compare_versions(ctx, frozen, None)
    # It is answered by no component any more, and so no longer in the version.
    assert row(found, page.requirements[0][1]).change == "removed"
    answers(ctx, "Named contact", [page.requirements[0][0]])
    d = row(versioning.compare_versions(ctx, frozen, None), page.requirements[0][1])
    assert (d.change, [f.name for f in d.fields], [m.by for m in d.moves]) == (
        "changed",
        ["moscow"],
        ["component"],
    )


def test_a_unit_that_came_under_a_theme_is_counted_with_its_group_and_without_its_words(
    ctx: Context, frozen: str
) -> None:
    theme = next(iter(synthesis.synthesis_view(ctx).categories.values()))
    unit = synthesis.category_view(ctx, theme.id).cards[0].unit
    words = " ".join(body_of(ctx, unit.source)[unit.start : unit.end].split()[:3])
    came = mark_words(ctx, unit.source, words, theme.code_group)
    d = row(versioning.compare_versions(ctx, frozen, None), theme.heading)
    assert (d.change, d.came, d.went, d.named) == ("evidence", 1, 0, ())
    group = next(c.unit for c in coding.list_units(ctx) if c.unit.id == came)
    assert bool(d.groups) == bool(group.participants)
    assert words not in repr(d)
    coding.remove_unit(ctx, came)
    assert row(versioning.compare_versions(ctx, frozen, None), theme.heading).change == "same"


def test_a_unit_that_speaks_against_it_is_said_and_not_counted_to_a_committee(
    ctx: Context, frozen: str
) -> None:
    theme = next(iter(synthesis.synthesis_view(ctx).categories.values()))
    unit = synthesis.category_view(ctx, theme.id).cards[0].unit
    r = next(r.requirement for r in model.list_requirements(ctx) if r.components)
    model.support_requirement(ctx, r.id, unit.id, role="contradicts")
    mine = row(versioning.compare_versions(ctx, frozen, None), r.key)
    theirs = row(versioning.compare_versions(acting_as(ctx, "steering"), frozen, None), r.key)
    assert (mine.change, mine.came, mine.speaks_against) == ("evidence", 1, True)
    assert (theirs.change, theirs.came, theirs.speaks_against) == ("evidence", 0, True)


def test_what_an_analyst_does_not_see_while_marking_unseen_is_no_change(ctx: Context) -> None:
    theme = next(iter(synthesis.synthesis_view(ctx).categories.values()))
    unit = synthesis.category_view(ctx, theme.id).cards[0].unit
    other = next(
        replace(ctx, member=m)
        for m in projects.list_members(ctx.store)
        if m.role == "researcher" and m.id not in (ctx.member.id, unit.member)
    )
    frozen = versioning.freeze_version(ctx, label="Version 3")
    double_coding.open_unseen(ctx, unit.source, [other.member.id, unit.member])
    assert {d.change for d in versioning.compare_versions(other, frozen, None)} == {"same"}
    assert versioning.freeze_version(other, label="Version 4", expects=versioning.as_it_stands(other))


def test_a_baseline_that_kept_fewer_fields_raises_no_alarm(ctx: Context, frozen: str) -> None:
    """As a version looks that was frozen before requirements had this field: other fingerprints, without it."""
    with sqlite3.connect(ctx.store.path) as raw:
        for version, item, fields in raw.execute(
            "SELECT version, item, fields_json FROM version_row"
        ).fetchall():
            said = json.loads(fields)
            said.pop("basis_note", None)
            raw.execute(
                "UPDATE version_row SET fp='older', fields_json=? WHERE version=? AND item=?",
                (json.dumps(said), version, item),
            )
        for version, item, support in raw.execute(
            "SELECT version, item, support_json FROM version_row"
        ).fetchall():
            held = json.loads(support)
            kept = {r[0] for r in raw.execute("SELECT item FROM version_row WHERE version=?", (version,))}
            basis = [[id, "older" if id in kept else fp, role] for id, fp, role in held["basis"]]
            raw.execute(
                "UPDATE version_row SET support_json=? WHERE version=? AND item=?",
                (json.dumps({"fp": "older", "basis": basis}), version, item),
            )
    raw.close()
    assert {d.change for d in versioning.compare_versions(ctx, frozen, None)} == {"same"}


# -- why -----------------------------------------------------------------------------------------------------


def test_each_change_has_the_decision_taken_between_the_two(ctx: Context, frozen: str) -> None:
    r = requirement(ctx, "REQ-001").requirement
    decision = meetings.add_decision(ctx, question="May it sing?", about=[r.id])
    meetings.record_decision(ctx, decision, outcome="Yes, softly", why="It was asked for")
    reword(ctx, "REQ-001", statement="The model must sing softly")
    d = row(versioning.compare_versions(ctx, frozen, None), "REQ-001")
    assert [(x.outcome, x.why) for x in d.decisions] == [("Yes, softly", "It was asked for")]
    assert d.planned
    # Before the version was frozen it was decided on too: that is not why it has changed since.
    assert "DEC-001" not in {x.key for x in d.decisions}
    reword(ctx, "REQ-005", statement="Another")
    assert not row(versioning.compare_versions(ctx, frozen, None), "REQ-005").planned


def test_a_change_goes_back_to_its_row_in_the_table_of_changes(ctx: Context, frozen: str) -> None:
    r = requirement(ctx, "REQ-001").requirement
    open_one = change_table.add_change(ctx, frozen, possible="Louder", requirement=r.id)
    change_table.add_change(ctx, frozen, possible="Softer", agreed="Softer at night", status="agreed",
                            requirement=r.id, reason_codes=["REP", "IMP"])  # fmt: skip
    reword(ctx, "REQ-001", statement="The model must sing softly")
    d = row(versioning.compare_versions(ctx, frozen, None), "REQ-001")
    assert [(c.agreed, c.reason_codes) for c in d.changes] == [("Softer at night", ("IMP", "REP"))]
    assert open_one not in {c.id for c in d.changes}
    # In the comparison with the version after it, too; not in that of an earlier pair.
    after = versioning.freeze_version(ctx, label="Version 4")
    assert row(versioning.compare_versions(ctx, frozen, after), "REQ-001").changes
    one, two = versioning.list_versions(ctx)[:2]
    assert not row(versioning.compare_versions(ctx, one.id, two.id), "REQ-001").changes


def test_versions_are_told_with_what_they_hold(ctx: Context) -> None:
    one, two = versioning.version_facts(ctx)
    assert (one.components, one.requirements, one.themes) == (3, 8, 3)
    assert (two.components, two.requirements) == (4, 9)


# -- size ----------------------------------------------------------------------------------------------------


def test_a_thousand_things_are_compared_in_well_under_a_second(tmp_path: Path) -> None:
    store = projects.create_project(tmp_path / "large.db", name="Large")
    ctx = replace(projects.lead_context(store), now=lambda: datetime(2026, 5, 4, tzinfo=UTC))
    made = []
    with ctx.write("add_requirement") as work:
        for n in range(800):
            id = f"r{n}"
            work.insert("requirement", {"id": id, "key": f"REQ-{n:04}", "statement": f"The model must {n}"})
            made.append(id)
        for n in range(200):
            work.insert(
                "component", {"id": f"c{n}", "key": f"CMP-{n:04}", "name": f"Part {n}", "position": n}
            )
            for k in range(12):
                dst = made[(n * 4 + k) % 800]
                work.insert("link", {"id": f"l{n}-{k}", "type": "realises", "src": f"c{n}", "dst": dst})
    begun = time.process_time()
    version = versioning.freeze_version(ctx, label="Version 1")
    assert time.process_time() - begun < 1
    statements: list[str] = []
    with ctx.read() as conn:
        conn.set_trace_callback(statements.append)
        begun = time.process_time()
        found = versioning.compare_versions(ctx, version, None)
        taken = time.process_time() - begun
        conn.set_trace_callback(None)
    assert len(found) == 1000
    assert len(statements) < 40
    assert taken < 0.6
    Store.open(store.path).close()
