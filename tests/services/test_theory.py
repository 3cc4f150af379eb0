"""Theory of change: links that are shown or assumed, loops, the picture, and the ten steps."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cleared import cleared
from tests.conftest import SHARED, acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.exporters.theory import KINDS, TheoryLink, TheoryNode, TheoryPage, theory_alt, theory_svg, told
from workbench.services import assumptions, history, model, projects, theory, tracing
from workbench.services.context import Context


@pytest.fixture
def ctx(ctx: Context) -> Context:
    return cleared(ctx)


def page_of(ctx: Context) -> TheoryPage:
    return theory.theory_page(ctx)


@pytest.fixture
def chain(ctx: Context) -> list[str]:
    """Input, activity, mechanism and outcome, each leading to the next; returns the nodes."""
    nodes = [theory.add_node(ctx, kind=k, text=f"the {k}") for k in KINDS[:4]]
    for a, b in pairwise(nodes):
        theory.add_theory_link(ctx, a, b)
    return nodes


def test_every_link_says_shown_by_or_assumption(ctx: Context, chain: list[str]) -> None:
    first, second, third = page_of(ctx).links
    theme = next(g for g in theory.list_showing(ctx) if g.kind == "category")
    theory.show_link(ctx, first.id, theme.id)
    theory.change_theory_link(ctx, second.id, assumption="It is read", rev=second.rev)
    said = [told(x) for x in page_of(ctx).links]
    assert said == [
        f"Shown by {theme.label} (theme).",
        "Assumption: It is read.",
        "Assumption, not put into words yet.",
    ]
    assert [x.state for x in page_of(ctx).links] == ["shown", "assumed", "assumed"]
    assert third.n == 3


def test_what_speaks_against_a_link_or_a_failed_test_puts_it_in_doubt(ctx: Context, chain: list[str]) -> None:
    first, second, _ = page_of(ctx).links
    theme = next(g for g in theory.list_showing(ctx) if g.kind == "category")
    shown = theory.show_link(ctx, first.id, theme.id, role="contradicts")
    tried = assumptions.add_assumption(ctx, text="It is read", about=second.id, test="Count")
    assumptions.change_assumption(ctx, tried, result="Nobody did", state="does_not_hold")
    assert [x.state for x in page_of(ctx).links] == ["doubted", "doubted", "assumed"]
    assert re.fullmatch(r"ASM-\d+, does not hold: It is read\.", told(page_of(ctx).links[1]))
    theory.unshow_link(ctx, shown)
    assert page_of(ctx).links[0].state == "assumed"


def test_a_loop_is_let_be_and_nothing_leads_to_itself(ctx: Context, chain: list[str]) -> None:
    back = theory.add_theory_link(ctx, chain[3], chain[1], assumption="Who was helped tells others")
    found = next(x for x in page_of(ctx).links if x.id == back)
    assert found.runs_back
    assert "→ back to the activity" in theory_alt(page_of(ctx))
    with pytest.raises(Refused, match=r"theory\.itself"):
        theory.add_theory_link(ctx, chain[0], chain[0])
    assert theory.add_theory_link(ctx, chain[0], chain[1]) == page_of(ctx).links[0].id


def test_only_themes_requirements_and_literature_show_a_link(ctx: Context, chain: list[str]) -> None:
    link = page_of(ctx).links[0].id
    component = model.list_components(ctx)[0].component.id
    with pytest.raises(Refused, match=r"trace\.wrong_kind"):
        theory.show_link(ctx, link, component)
    with ctx.read() as conn:
        unit = conn.execute("SELECT id FROM unit WHERE retired IS NULL").fetchone()["id"]
    with pytest.raises(Refused, match=r"trace\.wrong_kind"):
        theory.show_link(ctx, link, unit)
    assert {g.kind for g in theory.list_showing(ctx)} == {"category", "requirement", "evidence"}


def test_a_part_that_is_taken_out_takes_its_links_along_and_undo_brings_them_back(
    ctx: Context, chain: list[str]
) -> None:
    theme = next(g for g in theory.list_showing(ctx) if g.kind == "category")
    theory.show_link(ctx, page_of(ctx).links[0].id, theme.id)
    theory.retire_node(ctx, chain[1])
    assert [x.src.text for x in page_of(ctx).links] == ["the mechanism"]
    history.undo(ctx)
    assert [x.state for x in page_of(ctx).links] == ["shown", "assumed", "assumed"]


def test_what_rests_on_a_theme_can_still_be_walked_when_it_shows_a_link(
    ctx: Context, chain: list[str]
) -> None:
    theme = next(g for g in theory.list_showing(ctx) if g.kind == "category")
    before = tracing.holes(ctx)
    theory.show_link(ctx, page_of(ctx).links[0].id, theme.id)
    assert tracing.holes(ctx) == before
    tracing.because(ctx, theme.id)


def test_a_component_may_be_where_a_part_comes_from(ctx: Context) -> None:
    component = model.list_components(ctx)[0].component
    node = theory.add_node(ctx, kind="activity", component=component.id)
    assert page_of(ctx).nodes[0].text == component.name
    theory.change_node(ctx, node, text="Somebody is there", component="")
    assert (page_of(ctx).nodes[0].component, page_of(ctx).nodes[0].component_name) == (None, "")


def test_parts_change_places_in_their_column(ctx: Context) -> None:
    a, b, c = (theory.add_node(ctx, kind="input", text=x) for x in "abc")
    theory.move_node(ctx, c, up=True)
    theory.move_node(ctx, a, up=True)
    theory.change_node(ctx, b, kind="outcome")
    assert [(n.kind, n.text) for n in page_of(ctx).nodes] == [
        ("input", "a"),
        ("input", "c"),
        ("outcome", "b"),
    ]


def test_two_people_at_the_same_part_overwrite_nothing(ctx: Context, chain: list[str]) -> None:
    node, link = page_of(ctx).nodes[0], page_of(ctx).links[0]
    theory.change_node(ctx, node.id, rev=node.rev, text="two hours")
    with pytest.raises(StaleEdit):
        theory.change_node(ctx, node.id, rev=node.rev, text="three hours")
    theory.change_theory_link(ctx, link.id, rev=link.rev, assumption="they are given")
    with pytest.raises(StaleEdit):
        theory.change_theory_link(ctx, link.id, rev=link.rev, assumption="they are paid")


def test_the_committee_may_take_the_page_and_change_nothing(ctx: Context, chain: list[str]) -> None:
    committee = acting_as(ctx, "steering")
    assert theory.theory_file(committee).startswith(b"<svg")
    with pytest.raises(NotAllowed):
        theory.add_node(committee, kind="input", text="more money")
    with ctx.read() as conn:
        row = conn.execute("SELECT kind, item_ids_json FROM release ORDER BY pk DESC LIMIT 1").fetchone()
    assert row["kind"] == "theory"
    assert all(n in row["item_ids_json"] for n in chain)


# -- the picture --------------------------------------------------------------------------------------------


def test_the_file_says_each_link_in_words_and_is_a_png_too(ctx: Context, chain: list[str]) -> None:
    svg = theory.theory_file(ctx).decode()
    words = " ".join(ElementTree.fromstring(svg).itertext())
    assert "assumption, not put into words yet" in words.lower()
    assert "the input → the activity" in words
    assert theory.theory_file(ctx, "png").startswith(b"\x89PNG")


def test_an_empty_theory_is_no_file(empty: Context) -> None:
    with pytest.raises(Refused, match=r"theory\.nothing"):
        theory.theory_file(empty)


_NODES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.text(min_size=1, max_size=300)), min_size=2, max_size=14
)


@settings(max_examples=40, deadline=None)
@given(_NODES, st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=20))
def test_whatever_is_written_the_picture_is_well_formed_and_holds_every_number(
    nodes: list[tuple[str, str]], pairs: list[tuple[int, int]]
) -> None:
    made = tuple(TheoryNode(str(n), 1, k, text, None, "", n) for n, (k, text) in enumerate(nodes))
    ends = list(
        dict.fromkeys((a % len(made), b % len(made)) for a, b in pairs if a % len(made) != b % len(made))
    )
    links = tuple(
        TheoryLink(f"l{n}", 1, n, made[a], made[b], "", (), ()) for n, (a, b) in enumerate(ends, start=1)
    )
    for on_page in (True, False):
        tree = ElementTree.fromstring(theory_svg(TheoryPage(made, links), page=on_page))
        width, height = float(tree.attrib["width"]), float(tree.attrib["height"])
        words = [x.text for x in tree.iter("{http://www.w3.org/2000/svg}text")]
        assert all(words.count(str(x.n)) >= 1 for x in links)
        for x in tree.iter("{http://www.w3.org/2000/svg}rect"):
            assert float(x.attrib.get("x", 0)) + float(x.attrib["width"]) <= width + 0.1
            assert float(x.attrib.get("y", 0)) + float(x.attrib["height"]) <= height + 0.1


def test_numbers_stand_on_no_box_and_not_on_each_other() -> None:
    made = [TheoryNode(f"{k}{n}", 1, k, f"{k} {n}", None, "", n) for k in KINDS for n in range(3)]
    pairs = [
        (a, b) for a in range(12) for b in range(3, 15) if made[a].kind != made[b].kind and (a + b) % 4 == 0
    ][:14]
    links = tuple(
        TheoryLink(f"l{n}", 1, n, made[a], made[b], "", (), ()) for n, (a, b) in enumerate(pairs, 1)
    )
    tree = ElementTree.fromstring(theory_svg(TheoryPage(tuple(made), links), page=True))
    rings = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in tree.iter("{http://www.w3.org/2000/svg}circle")
             if c.attrib["r"] == "9.5"]  # fmt: skip
    boxes = [tuple(float(r.attrib[k]) for k in ("x", "y", "width", "height"))
             for r in tree.iter("{http://www.w3.org/2000/svg}rect") if "rx" in r.attrib]  # fmt: skip
    assert len(rings) == len(links)
    for x, y in rings:
        assert not any(bx < x < bx + w and by < y < by + h for bx, by, w, h in boxes)
    near = [
        (a, b)
        for n, a in enumerate(rings)
        for b in rings[n + 1 :]
        if abs(a[0] - b[0]) < 18 and abs(a[1] - b[1]) < 18
    ]
    assert not near


# -- the ten steps ------------------------------------------------------------------------------------------


def test_the_ten_steps_are_a_template_to_tick_and_revise(ctx: Context) -> None:
    found = theory.ten_steps(ctx)
    assert (len(found.steps), found.done) == (10, 0)
    assert found.citation == "VIVE 2018, 5.3, translated there from Starling 2017"
    theory.change_step(ctx, found.steps[0].id, done=True)
    theory.change_step(
        ctx, found.steps[1].id, text="Ask psychiatry before anybody else", note="Done in March"
    )
    theory.retire_step(ctx, found.steps[8].id)
    own = theory.add_step(ctx, "Tell the neighbours")
    now = theory.ten_steps(ctx)
    assert (len(now.steps), now.done) == (10, 1)
    assert now.steps[1].text == "Ask psychiatry before anybody else"
    assert now.steps[-1].id == own
    theory.change_step(ctx, found.steps[1].id, text="")
    assert theory.ten_steps(ctx).steps[1].text == found.steps[1].text
    with pytest.raises(Refused, match=r"theory\.step_needs_text"):
        theory.change_step(ctx, own, text=" ")


def test_a_tick_is_undone_and_ticked_again(ctx: Context) -> None:
    step = theory.ten_steps(ctx).steps[4].id
    theory.change_step(ctx, step, done=True)
    history.undo(ctx)
    assert theory.ten_steps(ctx).done == 0
    theory.change_step(ctx, step, done=True)
    assert theory.ten_steps(ctx).done == 1


def test_two_people_at_the_same_step_overwrite_nothing(ctx: Context) -> None:
    step = theory.ten_steps(ctx).steps[0]
    theory.change_step(acting_as(ctx, "facilitator"), step.id, rev=step.rev, note="Two wards")
    with pytest.raises(StaleEdit) as told_so:
        theory.change_step(ctx, step.id, rev=step.rev, note="One ward")
    assert told_so.value.current["note"] == "Two wards"
    assert told_so.value.current["text"] == step.text
    theory.change_step(ctx, step.id, rev=theory.ten_steps(ctx).steps[0].rev, note="One ward")
    assert theory.ten_steps(ctx).steps[0].note == "One ward"


def test_no_other_setting_is_reached_by_way_of_a_step(ctx: Context) -> None:
    for call in (theory.change_step, theory.retire_step):
        with pytest.raises(Refused):
            call(ctx, "k_min")


def test_in_a_danish_study_the_steps_are_danish_and_stand_in_the_report(empty: Context) -> None:
    projects.change_setting(empty, "language", "da")
    steps = theory.ten_steps(empty).steps
    assert steps[0].text == "Fokusér på en klart afgrænset population"
    found = sorted((SHARED / "seeds").glob("003_*.txt"))
    if not found:
        pytest.skip("the report is not here")
    report = " ".join(found[0].read_text(encoding="utf-8").split())
    said = report[
        report.index("5.3.1 Forberedelsesfasen Fokus") : report.index(
            "5.4 The South Somerset Symphony Vanguard The"
        )
    ]
    for step, words in zip(steps, (
        "klart afgrænset population", "primær sektor og psykiatri", "hvor energien er", "fælles forståelse",
        "forandringsteorier", "viden og erfaringer fra andre", "forandring", "ledelsesmæssig forankring",
        "kompetenceudvikling på alle niveauer", "så løbende forbedring sikres",
    ), strict=True):  # fmt: skip
        assert words in step.text
        assert words in said
