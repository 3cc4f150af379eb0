"""The coding tree: what code groups came from and became, with names and dates, as data and as a picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import acting_as
from tests.exporters.hostile_texts import HOSTILE
from tests.store.test_operations import _second_member
from tests.support import mark_words, tiny_project
from workbench.domain.coding_tree import (
    CodingTree,
    GoneGroup,
    TreeCategory,
    TreeEvent,
    TreeGroup,
    TreeSubgroup,
    TreeTheme,
)
from workbench.domain.errors import NotAllowed
from workbench.exporters.coding_tree import tree_alt, tree_svg
from workbench.language import t
from workbench.services import code_groups, condensing, history, impressions, projects, states, synthesis
from workbench.services.coding_tree import coding_tree, tree_file
from workbench.services.context import Context
from workbench.store.project import Store

SVG = "{http://www.w3.org/2000/svg}"
LONG = ("Sammenhængende patientforløb på tværs af sektorovergange", "Medicinafstemningsforpligtelsen ved udskrivelse",
        "Sundhedsplatformsintegrationsudfordringer", "At blive set som menneske og ikke som diagnose")  # fmt: skip


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter(f"{SVG}text")]


def on(ctx: Context, day: int) -> Context:
    return replace(ctx, now=lambda: datetime(2026, 3, day, 12, tzinfo=UTC))


def rename(ctx: Context, group: str, name: str) -> None:
    rev = next(c.group.rev for c in code_groups.code_group_counts(ctx) if c.group.id == group)
    code_groups.change_code_group(ctx, group, rev=rev, name=name)


def test_a_renamed_code_group_shows_both_names_and_the_day(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Dynamic information sharing")
    mark_words(ctx, source, "Nobody had rung", group)
    rename(on(ctx, 12), group, "Information sharing")
    (told,) = coding_tree(ctx).groups
    assert (told.name, told.units) == ("Information sharing", 1)
    (event,) = told.events
    assert (event.kind, event.was, event.at[:10]) == ("renamed", "Dynamic information sharing", "2026-03-12")
    said = " ".join(texts(tree_svg(coding_tree(ctx))))
    assert "Information sharing" in said
    assert "Called “Dynamic information sharing” until 12 March 2026" in said
    history.undo(ctx)
    (told,) = coding_tree(ctx).groups
    assert (told.name, told.events) == ("Dynamic information sharing", ())


def test_merged_and_taken_out_code_groups_stay_in_sight_where_they_went(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    ids = {name: code_groups.add_code_group(ctx, name=name) for name in ("A", "B", "C", "D", "Mistake")}
    history.undo(ctx)  # what was made by mistake is no history
    mark_words(ctx, source, "Nobody had rung", ids["A"])
    mark_words(ctx, source, "folder on my knees", ids["B"])
    code_groups.merge_code_groups(on(ctx, 2), ids["A"], into=ids["B"])
    code_groups.merge_code_groups(on(ctx, 3), ids["B"], into=ids["C"])
    code_groups.retire_code_group(on(ctx, 4), ids["D"])
    tree = coding_tree(ctx)
    (group,) = tree.groups
    assert [(g.name, g.into, g.at[:10], g.n) for g in group.absorbed] == [
        ("A", ids["C"], "2026-03-02", 1), ("B", ids["C"], "2026-03-03", 2)
    ]  # fmt: skip
    assert [(g.name, g.into) for g in tree.gone] == [("D", None)]
    new = code_groups.split_code_group(
        ctx, ids["C"], units=[c.unit.id for c in condensing.board(ctx, ids["C"]).left_over][:1], name="E"
    )
    (event,) = next(g for g in coding_tree(ctx).groups if g.id == new).events
    assert (event.kind, event.name, event.n) == ("split_from", "C", 1)


def test_agreed_themes_say_whose_went_into_them_and_what_they_dissolved_into(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    other = replace(ctx, member=_second_member(ctx))
    mine = impressions.add_theme(ctx, title="Carrying it oneself")
    theirs = impressions.add_theme(other, title="Papers on the knees")
    impressions.add_theme(other, title="Nobody's")
    assert coding_tree(ctx).themes == ()  # nobody's list is anybody else's to see
    for who in (ctx, other):
        impressions.submit_themes(who)
    agreed = impressions.agree_theme(ctx, title="Papers, and whose back", merged=(mine, theirs))
    lone = impressions.agree_theme(ctx, title="Not being counted")
    groups = [code_groups.add_code_group(ctx, name=n, grown_from=[agreed]) for n in ("Alone", "Papers")]
    told = {x.id: x for x in coding_tree(ctx).themes}
    assert told.keys() == {agreed, lone}
    assert set(told[agreed].came_from) == {
        ("Carrying it oneself", ctx.member.name), ("Papers on the knees", "Mads")
    }  # fmt: skip
    assert set(told[agreed].groups) == set(groups)
    assert told[lone].groups == ()
    svg = tree_svg(coding_tree(ctx))
    assert svg.count("<path") == 2  # a line to each, and they are dotted
    assert all("stroke-dasharray" in p for p in re.findall(r"<path[^>]*>", svg))


def test_the_tree_as_it_was_in_a_frozen_state(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(on(ctx, 1), name="Dynamic information sharing")
    mark_words(on(ctx, 1), source, "Nobody had rung", group)
    subgroup = condensing.add_subgroup(on(ctx, 1), group, name="At night")
    state = states.freeze_state(on(ctx, 2), label="Poster")
    rename(on(ctx, 12), group, "Information sharing")
    condensing.rename_subgroup(on(ctx, 12), subgroup, name="At home")
    synthesis.add_category(on(ctx, 12), group, heading="Nobody rings")
    (told,) = coding_tree(ctx, state=state).groups
    assert (told.name, told.events, told.category) == ("Dynamic information sharing", (), None)
    assert [(s.name, s.events) for s in told.subgroups] == [("At night", ())]
    (told,) = coding_tree(ctx).groups
    assert told.category is not None and told.category.heading == "Nobody rings"
    assert [(s.name, s.events[0].was) for s in told.subgroups] == [("At home", "At night")]


def test_a_tree_that_leaves_is_kept_as_a_release_and_its_state_stays(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    code_groups.add_code_group(ctx, name="Alone")
    state = states.freeze_state(ctx, label="Poster")
    data = tree_file(ctx, state=state)
    assert b"Poster" in data
    assert history.list_releases(ctx)[0].kind == "coding_tree"
    assert states.list_states(ctx)[0].left
    with pytest.raises(Exception, match=r"state\.left"):
        states.retire_state(ctx, state)
    assert "{" not in t("export.left.coding_tree", who="A")


def many() -> CodingTree:
    """Twelve code groups with forty subgroups, and a thirteenth."""
    sizes = (3, 4, 2, 5, 3, 3, 4, 4, 3, 3, 3, 3, 0)
    renamed = TreeEvent("2026-03-12T10:00:00", "Anna", "renamed", was="Dynamisk informationsdeling")
    groups = tuple(
        TreeGroup(
            f"g{n}", f"{LONG[n % 4]} {n}", "AB", n, 40, n % 3,
            tuple(TreeSubgroup(f"s{n}.{k}", f"{LONG[k % 4]} {n}.{k}", 7, k % 3, (renamed,) * (k % 2)) for k in range(size)),
            TreeCategory(f"c{n}", f"Aflastning og egne data åbnede døren {n}", n % 2 == 0) if n % 4 else None,
            (renamed,) * (n % 2), (GoneGroup("x", "Papirer", "2026-04-01", "Anna", f"g{n}", 3),) * (n % 3),
        )
        for n, size in enumerate(sizes)
    )  # fmt: skip
    themes = tuple(
        TreeTheme(
            f"t{n}",
            LONG[n % 4],
            n != 3,
            tuple((LONG[k], "Anna K.") for k in range(max(1, n % 4))),
            (f"g{n}", f"g{n + 5}"),
        )
        for n in range(8)
    )
    return CodingTree(themes, groups, (GoneGroup("y", "Vejret", "2026-04-01", "Anna", None),))


def test_no_box_of_a_large_tree_stands_over_another_and_no_word_is_lost() -> None:
    tree = many()
    svg = tree_svg(tree, title="Stort kodetræ")
    root = ET.fromstring(svg)
    boxes = [
        tuple(float(r.get(k, "0")) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect") if r.get("rx") == "5"
    ]  # fmt: skip
    gone = sum(len(g.absorbed) for g in tree.groups) + 1
    categories = sum(g.category is not None for g in tree.groups)
    assert len(boxes) == 8 + 13 + 40 + categories + gone
    for n, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[n + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 + 0.1 or y2 + h2 <= y + 0.1
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    assert all(x >= 0 and x + w <= width and y >= 0 and y + h <= height for x, y, w, h in boxes)
    said = "".join(texts(svg)).replace("-", "").replace(" ", "")
    for g in tree.groups:
        for name in (g.name, *(s.name for s in g.subgroups), g.category.heading if g.category else ""):
            assert name.replace("-", "").replace(" ", "") in said


def test_no_line_is_wider_than_its_box() -> None:
    from PIL import ImageFont

    from workbench.exporters import coding_tree as drawing

    fonts = Path(drawing.__file__).parent / "fonts"
    for bold, name in ((False, "IBMPlexSans-Regular.ttf"), (True, "IBMPlexSans-SemiBold.ttf")):
        font = ImageFont.truetype(str(fonts / name), 1000)
        for text in (*LONG, "MMMMMMMM WWWWW æææææ", "illegitimt, lille fil", "CPR-NUMMER OG ÆØÅ 0123456789"):
            for line in drawing._lines(text, 12.5, 180, bold):
                assert font.getlength(line) / 1000 * 12.5 <= 180


@pytest.mark.parametrize("text", HOSTILE)
def test_names_of_any_characters_make_a_well_formed_picture(text: str) -> None:
    group = TreeGroup(
        "g", text, "AB", 0, 1, 0, (TreeSubgroup("s", text, 1, 0),), TreeCategory("c", text, True), (), ()
    )
    tree = CodingTree((TreeTheme("t", text, True, ((text, text),), ("g",)),), (group,), ())
    root = ET.fromstring(tree_svg(tree, title=text))
    assert not [e for e in root.iter() if e.tag.split("}")[1] not in
                ("svg", "title", "desc", "style", "rect", "text", "path", "polyline", "circle")]  # fmt: skip


def test_the_picture_says_itself_to_whoever_does_not_see_it(ctx: Context) -> None:
    tree = coding_tree(ctx)
    alt = tree_alt(tree)
    for g in tree.groups:
        assert g.name in alt and g.category is not None and g.category.heading in alt
        assert all(s.name in alt for s in g.subgroups)
    svg = tree_svg(tree)
    assert ET.fromstring(svg).find(f"{SVG}desc") is not None
    assert 'role="img"' in svg and "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_an_empty_project_has_an_empty_tree(empty: Context) -> None:
    tree = coding_tree(empty)
    assert tree.is_empty
    ET.fromstring(tree_svg(tree))


def test_a_committee_sees_no_tree(ctx: Context) -> None:
    with pytest.raises(NotAllowed):
        coding_tree(acting_as(ctx, "steering"))


def test_a_tree_of_a_project_opened_again_is_the_same(ctx: Context) -> None:
    before = coding_tree(ctx)
    ctx.store.close()
    assert coding_tree(projects.lead_context(Store.open(ctx.store.path))) == before
