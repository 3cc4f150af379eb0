"""The page of the matrix of units: what travels, what the browser may send, and cards from the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workbench.domain.unit_ids import short_ids
from workbench.services import history, sources, units
from workbench.services.context import Context

Run = Callable[..., Any]


def sent(at: Any, part: str) -> dict[str, Any]:
    """What the page hands to the matrix: "base" all units, "live" the rest."""
    assert not at.exception, [e.value for e in at.exception]
    found = next(c for c in at.get("bidi_component") if c.proto.id.endswith(f"-units-{part}"))
    return json.loads(found.proto.bytes) if part == "base" else json.loads(found.proto.json)[0]


def trigger(at: Any, event: str, value: dict[str, Any]) -> Any:
    """The matrix sends something, and the page runs again. Streamlit's private names, as in presses.py."""
    states = at._tree.get_widget_states()
    state = states.widgets.add()
    live = next(c for c in at.get("bidi_component") if c.proto.id.endswith("-units-live"))
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{live.proto.id}__events"
    state.json_trigger_value = json.dumps([{"event": event, "value": value}])
    at._run(states)
    assert not at.exception, [e.value for e in at.exception]
    return at


def said(at: Any) -> str:
    """What Streamlit's own widgets say, Markdown escapes taken away."""
    assert not at.exception, [e.value for e in at.exception]
    kinds = ("title", "text", "markdown", "caption", "button")
    found = [
        str(getattr(e, "label", None) or getattr(e, "value", "")) for kind in kinds for e in at.get(kind)
    ]
    return " ".join(found).replace("\\", "")


def operation(ctx: Context, **more: Any) -> dict[str, Any]:
    return {"id": ctx.new_id(), "project": ctx.store.id, "member": ctx.member.id, "source": "units"} | more


def one_placed(ctx: Context) -> tuple[units.UnitRow, str]:
    """A unit in one code group, and another code group."""
    row = next(r for r in units.list_rows(ctx).rows if len(r.standing.places) == 1)
    was = row.standing.places[0].code_group
    return row, next(g.id for g in units.names(ctx).code_groups if g.id != was)


def test_without_units_the_page_says_where_they_come_from(empty: Context, run_page: Run):
    at = run_page("units", empty)
    assert "No units yet." in said(at)
    assert not [c for c in at.get("bidi_component") if "-units-" in c.proto.id]


def test_all_units_travel_once_and_after_that_only_what_changed(ctx: Context, run_page: Run):
    at = run_page("units", ctx)
    base, live = sent(at, "base"), sent(at, "live")
    rows = units.list_rows(ctx).rows
    assert [r[0] for r in base["rows"]] == [r.id for r in rows]
    assert base["name"] == live["base"]
    assert live["standing"] == []
    row, target = one_placed(ctx)
    place = row.standing.places[0]
    op = operation(
        ctx, verb="move", code_group=target, units=[[row.id, place.id, place.subgroup, ctx.new_id()]]
    )
    trigger(at, "operations", {"operations": [op], "have": base["name"]})
    assert not [c for c in at.get("bidi_component") if "-units-base" in c.proto.id]
    live = sent(at, "live")
    assert live["acks"] == {op["id"]: None}
    assert [(s[0], s[1][0][1]) for s in live["standing"]] == [(row.id, target)]
    history.undo(ctx)
    assert sent(at.run(), "live")["standing"][0][1][0][:2] == [place.id, place.code_group]


def test_another_member_and_another_speaker_have_all_units_sent_anew(ctx: Context, run_page: Run):
    from workbench.services import people

    at = run_page("units", ctx)
    before = sent(at, "base")["name"]
    trigger(at, "operations", {"operations": [], "have": before})
    trigger(at, "operations", {"operations": [], "have": ""})  # it has lost them: they come again
    assert sent(at, "base")["name"] == before
    trigger(at, "operations", {"operations": [], "have": before})
    source = sources.list_sources(ctx)[0].source.id
    people.assign_speaker(ctx, people.list_speakers(ctx, source)[-1].id, None)
    assert sent(at.run(), "base")["name"] != before


def test_an_opened_unit_is_shown_in_its_source(ctx: Context, run_page: Run, monkeypatch: pytest.MonkeyPatch):
    from workbench.ui import shell

    gone: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(shell, "go", lambda path, **ids: gone.append((path, ids)))
    at = run_page("units", ctx)
    row = units.list_rows(ctx).rows[3]
    trigger(at, "open", {"source": row.source, "unit": row.id})
    assert gone == [("code", {"source": row.source, "unit": row.id})]


def test_what_was_asked_for_in_the_address_reaches_the_matrix(ctx: Context, run_page: Run):
    at = run_page("units", ctx, by="source", group="x", several="1")
    assert sent(at, "live")["ask"] == {"by": "source", "group": "x", "several": "1"}


def test_cards_are_read_shown_and_then_placed(ctx: Context, run_page: Run):
    row, target = one_placed(ctx)
    group = next(g for g in units.names(ctx).code_groups if g.id == target)
    code = short_ids(units.list_rows(ctx).units)[row.id]
    at = run_page("units", ctx)
    at.text_area(key="units_cards_text").set_value(f"{group.tag.lower()}: {code.lower()} NOPE9").run()
    assert f"**{group.tag}** {group.name}: 1 unit" in said(at)
    assert "No unit has this id: NOPE9" in said(at)
    assert "Cards that lay elsewhere before leave" in said(at)
    at.button(key="units_cards_place").click().run()
    assert "1 unit placed." in said(at)
    assert at.text_area(key="units_cards_text").value == ""
    assert [p.code_group for r in units.list_rows(ctx).rows if r.id == row.id for p in r.standing.places] == [
        target
    ]


def test_a_wave_is_out_of_the_way_until_somebody_asks_for_it(ctx: Context, run_page: Run):
    source = sources.list_sources(ctx)[0].source.id
    at = run_page("sources", ctx, source=source)
    assert not [s for s in at.selectbox if s.key == f"source_{source}_wave"]
    at.button(key=f"source_{source}_wave_open").click().run()
    at.selectbox(key=f"source_{source}_wave").set_value(None)
    wave = sources.add_wave(ctx, "At *discharge*")
    at = run_page("sources", ctx, source=source)
    at.selectbox(key=f"source_{source}_wave").set_value(wave).run()
    assert sources.wave_of(ctx, source) == wave
    assert sent(run_page("units", ctx), "live")["waves"] == [[wave, "At *discharge*"]]
