"""Trace: down to verbatim words in context, up from a unit, as a table and as a picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.conftest import acting_as
from workbench.services import model, rereading, synthesis, tracing, trust
from workbench.services.context import Context


def facts(at: Any) -> dict[str, Any]:
    assert not at.exception
    found: dict[str, Any] = {}
    for c in at.get("bidi_component"):
        for data in json.loads(c.proto.json):
            if "kind" in data:
                found[data["kind"]] = data["facts"]
    return found


def test_the_picture_goes_from_groups_over_themes_and_requirements_to_components(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    strip = facts(run_page("trace", ctx))["strip"]
    assert [len(c["nodes"]) for c in strip["columns"]] == [4, 4, 9, 4]
    assert sum(len(c["nodes"]) for c in strip["columns"]) <= 40
    nodes = {n["id"] for c in strip["columns"] for n in c["nodes"]}
    assert all(x["src"] in nodes and x["dst"] in nodes for x in strip["links"])


def test_a_group_pressed_leaves_only_what_it_was_heard_in(ctx: Context, run_page: Callable[..., Any]) -> None:
    whole = facts(run_page("trace", ctx))["strip"]
    group = whole["columns"][0]["nodes"][0]["id"].removeprefix("group:")
    strip = facts(run_page("trace", ctx, group=group))["strip"]
    assert len(strip["columns"][0]["nodes"]) == 1


def test_the_table_holds_every_theme_and_requirement(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("trace", ctx)
    at.button_group(key="trace_shape").set_value("table").run()
    rows = facts(at)["table"]["rows"]
    keys = {r["cells"]["key"]["text"] for r in rows}
    assert keys == {r.requirement.key for r in model.list_requirements(ctx)}
    assert [r["cells"]["people"] for r in rows if r["cells"]["key"]["text"] == "REQ-007"] == [
        "3 people in 3 groups"
    ]


def test_an_item_opens_what_it_rests_on_with_links_into_the_reader(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[0].requirement
    reasons = facts(run_page("trace", ctx, item=r.id))["because"]["reasons"]
    said = reasons[0]["units"]
    assert all(u["href"].startswith("code?") and "unit=" in u["href"] for u in said)
    assert any(u.get("against") for u in said)
    theme = next(x for x in reasons if x.get("key") == "Theme")
    assert any(x.get("condensates") and x["units"] for x in theme["below"])


def test_from_a_unit_upward_everything_that_rests_on_it_is_listed(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[0].requirement
    unit = tracing.because(ctx, r.id).units[0].card.unit
    found = facts(run_page("trace", ctx, unit=unit.id))
    assert found["quote"]["quotes"][0]["text"] == unit.text
    assert r.statement in [row["text"] for row in found["rows"]["rows"]]


def test_a_facilitator_sees_table_and_picture_and_no_word_of_a_unit(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    r = model.list_requirements(ctx)[0].requirement
    node = tracing.because(ctx, r.id)
    at = run_page("trace", acting_as(ctx, "facilitator"), item=r.id)
    drawn = json.dumps(facts(at), ensure_ascii=False)
    assert "strip" in facts(at)
    for n in (node, *node.reasons):
        assert not any(u.card.unit.text in drawn for u in n.units)
        assert not any(c.text in drawn for c in n.condensates)
    unit = node.units[0].card.unit
    at = run_page("trace", acting_as(ctx, "facilitator"), unit=unit.id)
    assert unit.text not in json.dumps(facts(at), ensure_ascii=False)
    assert any("Your role does not include this" in m.value for m in at.markdown)


def test_challenges_are_read_before_the_words_a_theme_rests_on(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    theme = model.list_grounds(ctx)[0].id
    source = synthesis.category_view(ctx, theme).cards[0].unit.source
    rereading.note_recontext(ctx, theme, source, verdict="challenges", note="Nobody carries anything")
    reasons = facts(run_page("trace", ctx, item=theme))["because"]["reasons"]
    assert reasons[0]["against"] and reasons[0]["key"] == "Challenge"
    assert "Nobody carries anything" in [r["text"] for r in reasons]
    at = run_page("trace", acting_as(ctx, "facilitator"), item=theme)
    first = facts(at)["because"]["reasons"][0]
    assert "Challenged on re-reading" in first["text"] and "Nobody carries" not in json.dumps(facts(at))


def test_an_unknown_item_is_a_sentence(ctx: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("trace", ctx, item="no-such-thing")
    assert not at.exception
    assert any(m.value.startswith(":red[▲]") for m in at.markdown)


def test_holes_are_listed_as_sentences(ctx: Context, run_page: Callable[..., Any]) -> None:
    assert "Nothing: every theme is answered" in facts(run_page("trace", ctx))["rows"]["empty"]
    model.add_component(ctx, name="A loose end")
    rows = facts(run_page("trace", ctx))["rows"]["rows"]
    assert [r["text"] for r in rows] == ["“A loose end” answers no requirement yet."]


def test_an_empty_project_says_when_it_fills(empty: Context, run_page: Callable[..., Any]) -> None:
    at = run_page("trace", empty)
    assert not at.exception
    assert any("Nothing to trace yet." in x.value for x in at.text)


def accept_all(ctx: Context) -> None:
    with ctx.write("set_requirement_status") as work:
        trust.accept_reviews(ctx, work, [r["id"] for r in work.live("requirement")], "accepted")


def reword_first(ctx: Context, text: str = "So that one of them knows all of it.") -> str:
    """Reword what the first requirement is for; returns its id."""
    r = model.list_requirements(ctx)[0].requirement
    model.change_requirement(ctx, r.id, rev=r.rev, rationale=text)
    return r.id


def doubted(at: Any) -> list[dict[str, Any]]:
    """The rows of all fronts on the page."""
    assert not at.exception
    found = [data for c in at.get("bidi_component") for data in json.loads(c.proto.json)]
    return [
        row for data in found if "kind" in data and data["kind"] == "rows" for row in data["facts"]["rows"]
    ]


def test_what_is_in_doubt_stands_under_its_cause_and_one_answer_clears_it(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    accept_all(ctx)
    at = run_page("trace", ctx, part="doubt")
    assert doubted(at) == []
    assert any("Nothing is in doubt" in x.value for x in at.text)
    reword_first(ctx)
    at = run_page("trace", ctx, part="doubt")
    assert [r["key"] for r in doubted(at)] == ["REQ-001", "Component"]
    assert any(m.value.startswith("**REQ\\-001 was reworded") for m in at.markdown)
    at.text_input[0].input("The wording only")
    next(b for b in at.button if b.label == "It still holds").click().run()
    assert doubted(at) == []
    with ctx.read() as conn:
        assert {s.state for s in trust.load_trust(conn).states.values()} == {"reviewed"}
        assert {r[0] for r in conn.execute("SELECT note FROM review WHERE occasion='looked_at'")} == {
            "The wording only"
        }


def test_what_was_said_not_to_hold_stands_there_with_who_said_it(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    accept_all(ctx)
    reword_first(ctx)
    at = run_page("trace", ctx, part="doubt")
    next(b for b in at.button if b.label == "It no longer holds").click().run()
    assert any(m.value.startswith("**Said not to hold by Anna") for m in at.markdown)


def test_one_who_answers_what_has_changed_meanwhile_is_told_and_nothing_is_kept(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    accept_all(ctx)
    reword_first(ctx)
    at = run_page("trace", ctx, part="doubt")
    reword_first(ctx, "So that nobody is asked twice.")
    next(b for b in at.button if b.label == "It still holds").click().run()
    assert any("has changed" in m.value and m.value.startswith(":red[▲]") for m in at.markdown)
    assert [r["key"] for r in doubted(at)] == ["REQ-001", "Component"]


def test_a_facilitator_answers_for_requirements_and_not_for_themes(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    accept_all(ctx)
    theme = synthesis.category_view(ctx, model.list_grounds(ctx)[0].id).category
    synthesis.change_category(
        ctx,
        theme.id,
        rev=theme.rev,
        heading=theme.heading,
        analytic_text=theme.analytic_text + " And they say so.",
    )
    at = run_page("trace", acting_as(ctx, "facilitator"), part="doubt")
    assert "Theme" in [r["key"] for r in doubted(at)]
    next(b for b in at.button if b.label == "It still holds").click().run()
    assert [r["key"] for r in doubted(at)] == ["Theme"]
    assert not [b for b in at.button if b.label == "It still holds"]


def test_the_picture_says_by_shape_and_word_what_is_in_doubt(
    ctx: Context, run_page: Callable[..., Any]
) -> None:
    accept_all(ctx)
    changed = reword_first(ctx)
    nodes = [n for c in facts(run_page("trace", ctx))["strip"]["columns"] for n in c["nodes"]]
    told = {n["id"]: (n["state"], n["word"]) for n in nodes if "state" in n}
    assert told[f"requirement:{changed}"] == ("doubt", "in doubt")
    assert len(nodes) <= 40
