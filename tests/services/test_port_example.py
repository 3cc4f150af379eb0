"""The PORT example: 2022's demands beside 2024's elements, published facts only, the pairing told as ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED
from workbench.domain.errors import Refused
from workbench.services import (
    assumptions,
    code_groups,
    model,
    port_example,
    projects,
    synthesis,
    tidier,
    tracing,
    versioning,
)
from workbench.services.context import Context
from workbench.store import queries, verify

DEMANDS = ("care coordination", "insight into patient records across sectors",
           "a frame for making intersectoral healthcare decisions", "patient-centered healthcare planning")  # fmt: skip
ELEMENTS = {
    "Continuous information sharing",
    "Case management",
    "Total healthcare plan",
    "Systematic needs assessment",
}
THEMES_2022 = {"Healthcare fragmentation", "Dynamic information sharing", "Intersectoral healthcare decisions",
               "Patient involvement"}  # fmt: skip
THEMES_2024 = {
    "Healthcare fragmentation",
    "Information sharing",
    "Decision making across sectors",
    "Patient-centeredness",
}


@pytest.fixture
def port(tmp_path: Path) -> Context:
    return projects.lead_context(port_example.make_port(tmp_path / "port.db"))


def test_the_difference_names_each_demand_and_each_element_and_says_that_they_are_different_kinds(
    port: Context,
) -> None:
    first, second = versioning.list_versions(port)
    found = versioning.compare_versions(port, first.id, second.id)
    assert {d.label for d in found if d.kind == "component" and d.change == "added"} == ELEMENTS
    demands = [d for d in found if d.kind == "requirement"]
    assert [any(x in d.label for d in demands) for x in DEMANDS] == [True] * 4
    assert all(d.change not in ("added", "removed") for d in demands)
    themes = {d.label: d.change for d in found if d.kind == "category"}
    assert set(themes) == THEMES_2024
    assert themes["Information sharing"] == "changed"
    # The same words, and more that it rests on.
    assert themes["Healthcare fragmentation"] == "evidence"
    assert "another kind of thing" in second.note
    assert "No element" in first.note


def test_four_components_each_trace_to_a_theme_and_the_lists_of_holes_are_right(port: Context) -> None:
    holes = tracing.holes(port)
    assert (holes.themes, holes.requirements, holes.components) == ((), (), ())
    components = model.list_components(port)
    assert {c.component.name for c in components} == ELEMENTS
    supports = {r.requirement.id: {s.kind for s in r.supports} for r in model.list_requirements(port)}
    for c in components:
        assert any("category" in supports[id] for id, _, _ in c.requirements)
    # An orphan and an unused theme are found, and nothing else.
    orphan = model.add_requirement(port, statement="The model should be cheap")
    group = code_groups.add_code_group(port, name="Parking")
    unused = synthesis.add_category(port, group, heading="Parking")
    loose = model.add_component(port, name="A leaflet")
    holes = tracing.holes(port)
    assert [id for id, _ in holes.themes] == [unused]
    assert [id for id, _ in holes.requirements] == [orphan]
    assert [id for id, _ in holes.components] == [loose]


def test_every_pairing_says_that_it_is_ours_and_the_rest_says_where_it_was_published(port: Context) -> None:
    with port.read() as conn:
        links = queries.live(conn, "link")
        kinds = {x["dst"]: queries.trace.kind_of(conn, x["dst"]) for x in links}
    inferred = [x for x in links if x["type"] == "realises" or kinds[x["dst"]] == "category"]
    assert len(inferred) == 8
    assert {x["note"] for x in inferred} == {"Our inference, not the authors'."}
    assert {x["note"] for x in links if x not in inferred} == {""}
    # It is told wherever a pairing is seen, not only in the record of the link.
    assert all("our inference" in c.component.description for c in model.list_components(port))
    for r in model.list_requirements(port):
        assert "our inference" in r.requirement.rationale
        assert r.requirement.basis == "evidence"
        assert "ICIC22338" in r.requirement.basis_note
    assert "inference" in projects.project_summary(port).question
    assert not projects.project_summary(port).invented


def test_a_theme_keeps_both_names_with_their_dates(port: Context) -> None:
    with port.read() as conn:
        groups = {g["name"]: g["id"] for g in queries.live(conn, "code_group")}
    assert set(groups) == THEMES_2024
    steps = code_groups.lineage(port, groups["Information sharing"])
    renamed = [(s.was, s.at[:10]) for s in steps if s.kind == "name"]
    assert renamed == [("Dynamic information sharing", "2024-10-18")]
    found = [e for v in synthesis.theme_matrix(port).evidence.values() for e in v]
    assert any("29 persons in the whole study, not in this theme" in e.finding for e in found)
    assert any("38 persons in the whole study, not in this theme" in e.finding for e in found)


def test_nothing_is_made_up_no_source_no_person_no_quote(port: Context) -> None:
    with port.read() as conn:
        for table in (
            "source",
            "turn",
            "unit",
            "participant",
            "condensate",
            "cleared_quote",
            "decision",
            "feedback",
        ):
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
    assert [q.owner for q in assumptions.list_questions(port)] == ["PORT's steering committee (poster 2022)"]
    assert [i.n for i in tidier.tidier_view(port) if i.text] == [1, 2, 5]
    assert verify.verify(port.store.path) == []


def test_what_it_says_stands_in_the_two_publications() -> None:
    poster, article = (sorted((SHARED / "seeds").glob(f"{n}_*.txt")) for n in ("000", "001"))
    if not (poster and article):
        pytest.skip("the publications are not here")
    said = poster[0].read_text(encoding="utf-8").lower(), article[0].read_text(encoding="utf-8").lower()
    facts = port_example.read_port()
    for theme in facts["theme"]:
        assert theme["poster"].lower() in said[0]
        assert theme["article"].lower() in said[1]
    for demand in DEMANDS:
        assert demand in said[0]
    for element in ELEMENTS:
        assert element.lower() in said[1]
    assert "29 persons" in said[0]
    assert "38 persons" in said[1]
    assert "10.5334/ijic.7648" in facts["article"]["citation"]


def test_it_is_made_once_and_opened_again(tmp_path: Path) -> None:
    first = port_example.open_or_make(tmp_path)
    assert port_example.open_or_make(tmp_path) == first
    assert [c.name for c in projects.list_projects(tmp_path)] == ["PORT 2022 and 2024, from published facts"]
    with pytest.raises(Refused, match=r"project\.exists"):
        port_example.make_port(projects.project_file(tmp_path, "PORT example"))
