"""The Privacy screen, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.services import sources
from workbench.services.context import Context


def test_suggestions_in_a_source_are_listed_with_where_they_stand(
    run_page: Callable[..., Any], ctx: Context
) -> None:
    first = sources.list_sources(ctx)[0].source
    at = run_page("privacy", ctx, source=first.id)
    assert not at.exception
    at.button[-1].click().run()
    assert not at.exception
    shown = "".join(e.proto.json for e in at.get("bidi_component"))
    assert "Lone" in shown and "Perhaps a name" in shown


def test_an_empty_project_says_what_the_screen_is_for(run_page: Callable[..., Any], empty: Context) -> None:
    at = run_page("privacy", empty)
    assert not at.exception
    assert any("No sources yet" in x.value for x in at.text)
