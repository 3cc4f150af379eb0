"""The Code screen without a browser: what travels to the reader, and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from workbench.services import code_groups, coding, condensing, sources
from workbench.services.context import Context


def parts(at: Any) -> dict[str, dict[str, Any]]:
    """The three elements of the reader by the part they carry."""
    found = {}
    for element in at.get("bidi_component"):
        data = json.loads(element.proto.json) if element.proto.json else None
        if isinstance(data, list) and data and "part" in data[0]:
            found[data[0]["part"]] = data[0]
    return found


def test_the_reader_gets_the_whole_text_and_every_mark(run_page: Callable[..., Any], ctx: Context) -> None:
    first = sources.list_sources(ctx)[0].source
    at = run_page("code", ctx, source=first.id)
    assert not at.exception
    shown = parts(at)
    reading = sources.read_source(ctx, first.id)
    assert [t[2] for t in shown["text"]["turns"]] == [t.text for t in reading.turns]
    marks = coding.marks_view(ctx, first.id).marks
    assert [m[0] for m in shown["base"]["marks"]] == [m.unit for m in marks] and len(marks) > 10
    assert shown["coder"]["project"] == ctx.store.id and shown["coder"]["member"] == ctx.member.id


def test_a_mark_made_meanwhile_travels_alone(run_page: Callable[..., Any], ctx: Context) -> None:
    first = sources.list_sources(ctx)[0].source
    at = run_page("code", ctx, source=first.id)
    before = parts(at)
    unit = coding.mark(acting_as(ctx, "researcher"), first.id, 0, 5, text_rev=1)
    after = parts(at.run())
    assert after["text"] == before["text"] and after["base"] == before["base"]
    assert [m[0] for m in after["coder"]["changed"]] == [unit]


def test_a_subgroup_renamed_elsewhere_reaches_the_reader(run_page: Callable[..., Any], ctx: Context) -> None:
    group = code_groups.code_group_counts(ctx)[0].group.id
    subgroup = condensing.board(ctx, group).subgroups[0]
    at = run_page("code", ctx, source=subgroup.cards[0].unit.source)
    condensing.rename_subgroup(ctx, subgroup.subgroup.id, name="Quite another name")
    changed = parts(at.run())["coder"]["changed"]
    assert subgroup.cards[0].unit.id in [m[0] for m in changed]
    assert "Quite another name" in json.dumps(changed)


def test_an_empty_project_says_what_to_do_first(run_page: Callable[..., Any], empty: Context) -> None:
    at = run_page("code", empty)
    assert not at.exception
    assert any("Import a source" in x.value for x in at.text)


def test_an_address_of_a_source_that_is_not_there_opens_the_first(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    at = run_page("code", ctx, source="no-such-source")
    assert not at.exception
    assert parts(at)["coder"]["source"] == sources.list_sources(ctx)[0].source.id


def test_coded_to_the_end_is_kept_and_can_be_taken_back(run_page: Callable[..., Any], ctx: Context) -> None:
    from workbench.services import impressions

    last = sources.list_sources(ctx)[-1].source.id
    was = impressions.is_read(ctx, last, "code")
    at = run_page("code", ctx, source=last)
    at.button(key="code_finished").click().run()
    assert impressions.is_read(ctx, last, "code") is not was


def test_a_code_group_is_renamed_and_defined_beside_the_text(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    at = run_page("code", ctx)
    name = next(f for f in at.text_input if f.label == "Name")
    name.set_value("Information that never arrives").run()
    meaning = next(f for f in at.text_area if f.label == "What it is about")
    meaning.set_value("Nobody knew.").run()
    assert not at.exception
    first = code_groups.code_group_counts(ctx)[0].group
    assert (first.name, first.definition) == ("Information that never arrives", "Nobody knew.")


def test_a_code_group_that_something_rests_on_stays_and_says_why(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    at = run_page("code", ctx)
    before = [c.group.id for c in code_groups.code_group_counts(ctx)]
    at.button(key="code_groups_out").click().run()
    assert not at.exception
    assert [c.group.id for c in code_groups.code_group_counts(ctx)] == before
