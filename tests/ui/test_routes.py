"""A project on another route than systematic text condensation: its menu, its pages, and no word of that method."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.presses import drawn, words
from workbench.services import projects
from workbench.services.context import Context
from workbench.ui import shell

Run = Callable[..., Any]
STC_ONLY = ("impression", "condense")
STAYS = [s.path for s in shell.SCREENS if s.path not in STC_ONLY]
# Words that only systematic text condensation uses, and the numbers of its steps.
METHOD = re.compile(
    r"(?i)\b(condens\w*|golden quote\w*|preliminary theme\w*|total impression\w*|impressions?|systematic text|synthesi[sz]\w*|"
    r"step [1-4]|STC|[1-4] (Impression|Code|Condense|Synthesise))\b"
)
# The choice between routes names all of them.
ROUTES = re.compile("Systematic text condensation")


@pytest.fixture(params=["framework", "content"])
def other(ctx: Context, request: pytest.FixtureRequest) -> Context:
    projects.change_setting(ctx, "route", request.param)
    return ctx


def shown(at: Any, page: str = "") -> str:
    """What can be read on a page: texts, labels and our components' facts. Addresses, ids and the labels that travel
    with every view are not."""
    assert not at.exception, [e.value for e in at.exception]

    def read(value: Any, key: str = "") -> str:
        if isinstance(value, dict):
            return " · ".join(read(v, k) for k, v in value.items() if k not in _SILENT)
        if isinstance(value, list):
            return " · ".join(read(v, key) for v in value)
        return value if isinstance(value, str) else ""

    said = []
    for component in at.get("bidi_component"):
        if component.proto.json:
            said.append(read(json.loads(component.proto.json)))
    kinds = ("title", "header", "subheader", "text", "markdown", "caption", "button", "text_input", "text_area",
             "selectbox", "multiselect", "radio", "checkbox", "toggle", "segmented_control", "pills")  # fmt: skip
    for kind in kinds:
        for e in at.get(kind):
            proto = getattr(e, "proto", None)
            options = [str(getattr(o, "content", o)) for o in getattr(proto, "options", ()) or ()]
            said += [str(getattr(e, "label", "") or ""), str(getattr(e, "value", "") or ""), *options]
            said += [str(getattr(proto, "help", "") or ""), str(getattr(proto, "placeholder", "") or "")]
    text = "\n".join(said)
    return ROUTES.sub("", text) if page == "settings" else text


# Not shown: addresses and ids, words sent along for what is not there, and what people have said or written.
_SILENT = {
    "href",
    "id",
    "labels",
    "words",
    "kind",
    "part",
    "lang",
    "project",
    "member",
    "quotes",
    "texts",
    "marks",
}


def app(ctx: Context, path: str = "") -> Any:
    at = AppTest.from_function(_menu, default_timeout=30)
    at.query_params["project"] = ctx.store.id
    at.query_params["path"] = path
    return at.run()


def _menu() -> None:
    import streamlit as st

    from workbench.ui import session, shell

    ctx = session.context()
    shell.navigation(ctx)
    hidden = next(s for s in shell.SCREENS if s.path == st.query_params["path"])
    shell._no_such_step(hidden, ctx)


def menu(ctx: Context) -> list[str]:
    return [s.path for s in shell.SCREENS if shell.shows(ctx, s) and not s.part_of]


def test_the_menu_follows_the_route(other: Context) -> None:
    found = menu(other)
    assert not set(STC_ONLY) & set(found)
    assert {"home", "code", "synthesise", "explore", "method", "requirements", "pack", "settings"} <= set(
        found
    )
    projects.change_setting(other, "route", "stc")
    assert set(STC_ONLY) <= set(menu(other))


def test_menu_titles_have_no_numbers_and_themes_are_called_themes(other: Context) -> None:
    from workbench.language import t, use_variant

    use_variant("themes")
    try:
        titles = {s.path: t(f"nav.{s.path}") for s in shell.SCREENS}
    finally:
        use_variant("")
    assert titles["synthesise"] == "Themes" and titles["code"] == "Code"
    assert t("nav.synthesise") == "4 Synthesise"
    assert not any(re.match(r"\d", titles[path]) for path in STAYS)


@pytest.mark.parametrize("path", STC_ONLY)
def test_the_address_of_a_hidden_screen_says_why_it_is_not_there_and_where_to_change_it(
    other: Context, path: str
) -> None:
    said = words(app(other, path))
    assert "follows another route" in said and "has no such step" in said
    assert "The route is changed under Settings." in said


@pytest.mark.parametrize("page", STAYS)
def test_no_word_of_the_method_stands_on_a_page_that_stays(other: Context, run_page: Run, page: str) -> None:
    found = METHOD.search(said := shown(run_page(page, other), page))
    assert found is None, said[max(0, found.start() - 120) : found.end() + 120]


@pytest.mark.parametrize("page", STAYS)
def test_no_word_of_the_method_stands_on_a_page_of_an_empty_project(
    empty: Context, run_page: Run, page: str
) -> None:
    projects.change_setting(empty, "route", "framework")
    found = METHOD.search(said := shown(run_page(page, empty), page))
    assert found is None, said[max(0, found.start() - 120) : found.end() + 120]


@pytest.mark.parametrize("page", STAYS)
def test_no_page_that_stays_has_a_door_to_a_screen_that_does_not(
    ctx: Context, run_page: Run, page: str
) -> None:
    projects.change_setting(ctx, "route", "content")
    at = run_page(page, ctx)
    assert not at.exception
    facts = "".join(c.proto.json for c in at.get("bidi_component"))
    assert not re.search(r'"href": ?"(impression|condense)', facts)


def test_home_shows_the_thread_and_the_steps_of_the_route(other: Context, run_page: Run) -> None:
    at = run_page("home", other)
    parts = drawn(at, "home_thread")["parts"]
    assert [p["label"] for p in parts] == [
        "Sources", "Meaning units", "Code groups", "Themes", "Requirements", "Prototype",
    ]  # fmt: skip
    assert [r["label"] for r in drawn(at, "home_steps")["rows"]] == ["Code", "Themes"]


def test_changing_back_brings_everything_back(other: Context, run_page: Run) -> None:
    projects.change_setting(other, "route", "stc")
    parts = drawn(run_page("home", other), "home_thread")["parts"]
    assert "Condensates" in [p["label"] for p in parts]
    assert run_page("condense", other).get("bidi_component")


def test_a_new_study_may_take_another_route(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, run_page: Run
) -> None:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path / "here"))
    at = run_page("home")
    at.text_input(key="home_name").set_value("Framework")
    at.segmented_control(key="home_route").set_value("framework")
    at.button[0].click().run()
    (card,) = projects.list_projects(tmp_path / "here")
    assert projects.route_of(projects.open_project(card.path)) == "framework"
    assert METHOD.search(shown(at)) is None
