"""Every service function names its action, and each role is held to the table, called directly."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace

import pytest

import workbench.services
from workbench.domain.errors import NotAllowed
from workbench.domain.records import Member
from workbench.domain.roles import Action, Role, can
from workbench.services.context import Context

# Functions over a context that other services call inside a checked one.
_HELPERS = {"add_link", "accept_reviews", "pack_file", "drawn_pdf", "items_of", "released_items"}


def service_functions() -> list[tuple[str, object]]:
    found = []
    for module in pkgutil.iter_modules(workbench.services.__path__):
        code = importlib.import_module(f"workbench.services.{module.name}")
        for name, function in inspect.getmembers(code, inspect.isfunction):
            if function.__module__ != code.__name__ or name.startswith("_"):
                continue
            first = next(iter(inspect.signature(function).parameters), "")
            if first == "ctx" and name not in _HELPERS:
                found.append((f"{module.name}.{name}", function))
    return found


@pytest.mark.parametrize(("name", "function"), service_functions())
def test_every_service_function_names_its_action(name: str, function: object) -> None:
    assert isinstance(getattr(function, "action", None), Action), name


@pytest.mark.parametrize("role", [*Role, "stranger"])
def test_each_role_is_held_to_the_table_by_every_service(ctx: Context, role: str) -> None:
    member = Member("someone", 1, "Someone", "SO", role, False)
    acting = replace(ctx, member=member)
    refused = allowed = 0
    for name, function in service_functions():
        if can(role, function.action):  # type: ignore[attr-defined]
            allowed += 1
            continue
        required = [
            p for p in list(inspect.signature(function).parameters.values())[1:]  # type: ignore[arg-type]
            if p.default is inspect.Parameter.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]  # fmt: skip
        args = [None for p in required if p.kind is not p.KEYWORD_ONLY]
        kwargs = {p.name: None for p in required if p.kind is p.KEYWORD_ONLY}
        with pytest.raises(NotAllowed):
            function(acting, *args, **kwargs)  # type: ignore[operator]
        refused += 1
        del name
    assert refused + allowed == len(service_functions()) > 50
    assert (allowed == 0) == (role == "stranger")


def test_a_steering_member_may_read_no_source_and_an_admin_no_content() -> None:
    assert not can("steering", Action.READ_SOURCES) and not can("facilitator", Action.READ_SOURCES)
    assert not can("admin", Action.READ_SOURCES) and not can("admin", Action.READ_THEMES)
