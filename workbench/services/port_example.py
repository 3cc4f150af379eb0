"""The PORT example: two publications of one study as a project, published facts only, the pairing told as ours.

Made from data/port, which a person can read, by the services a person uses."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.domain.errors import Refused
from workbench.domain.records import Category, CodeGroup
from workbench.store import queries
from workbench.store.project import Store

from . import assumptions, code_groups, model, projects, synthesis, tidier, versioning
from .context import Context

Toml = dict[str, Any]


class _Clock:
    """The publications' own time: each operation half a minute after the one before, moved on by their dates."""

    def __init__(self, day: date) -> None:
        self.move_to(day)

    def __call__(self) -> datetime:
        self._at += timedelta(seconds=30)
        return self._at

    def move_to(self, day: date) -> None:
        self._at = datetime.combine(day, time(9, 0), UTC)


def read_port() -> Toml:
    """The facts as written in data/port."""
    return tomllib.loads(resources.path("data", "port", "port.toml").read_text(encoding="utf-8"))


def make_port(path: Path, *, progress: Callable[[str], None] = lambda _: None) -> Store:
    """Make the example's project at `path`, which must not exist yet.

    It is made beside its place and moved there whole, so that an interrupted run leaves nothing half."""
    if path.exists():
        raise Refused("project.exists", name=path.stem)
    making = path.with_name(f".{path.stem}.making.db")
    for left in making.parent.glob(making.stem + "*"):
        left.unlink()
    progress("port.making")
    _make(making, read_port()).close()
    for suffix in (".vault.db", ".db"):
        if making.with_suffix(suffix).exists():  # without a source there is nothing for a vault
            making.with_suffix(suffix).rename(path.with_suffix(suffix))
    return Store.open(path)


def _make(path: Path, facts: Toml) -> Store:
    store = projects.create_project(
        path,
        name=facts["name"],
        question=facts["question"],
        language=facts["language"],
        route="stc",
        member_name=facts["member"],
    )
    clock = _Clock(facts["poster"]["date"])
    ctx = replace(projects.lead_context(store), now=clock)
    themes = _themes(ctx, facts)
    demands = _demands(ctx, facts, themes)
    for q in facts["open_question"]:
        assumptions.add_question(ctx, text=q["text"], owner=q["owner"])
    _write_tidier(ctx, facts, before=True)
    _freeze(ctx, facts["poster"], components=[], requirements=[*demands.values()])

    clock.move_to(facts["article"]["date"])
    _rename(ctx, facts, themes)
    _article(ctx, facts, themes)
    for e in facts["element"]:
        said = f"{e['description']} {facts['answers']}"  # told wherever the pairing is seen
        component = model.add_component(ctx, name=e["name"], description=said)
        _pair(ctx, "realises", component, demands[e["answers"]], facts["inference"])
    for theme in themes.values():
        synthesis.set_category_status(ctx, theme, "ready")  # as published; there is no source to re-read
    _write_tidier(ctx, facts, before=False)
    _freeze(ctx, facts["article"])
    return store


def _freeze(ctx: Context, edition: Toml, **what: Any) -> None:
    at = datetime.combine(edition["date"], time(12, 0), UTC).isoformat(timespec="seconds")
    versioning.freeze_version(ctx, label=edition["label"], note=edition["note"], at=at, **what)


def _pair(ctx: Context, type: str, src: str, dst: str, note: str) -> None:
    """A link that says in its note whose inference it is."""
    with ctx.write("support_requirement" if type == "based_on" else "change_component") as work:
        work.ids = {model.kind_of(work.connection, src): src}
        model.add_link(ctx, work, type, src, dst, note=note)


def _themes(ctx: Context, facts: Toml) -> dict[str, str]:
    """The poster's themes, each with the finding it rests on; there is no analysis here, so no unit is behind them."""
    found = {}
    for x in facts["theme"]:
        group = code_groups.add_code_group(ctx, name=x["poster"], tag=x["tag"])
        found[x["id"]] = synthesis.add_category(ctx, group, heading=x["poster"], analytic_text=x["finding"])
        _evidence(ctx, found[x["id"]], facts["poster"], x["finding"])
    return found


def _evidence(ctx: Context, theme: str, edition: Toml, finding: str, *, verified: bool = True) -> None:
    synthesis.add_evidence(
        ctx, theme, title=edition["title"], citation=edition["citation"],
        finding=f"{finding} ({edition['study']})", verified=verified,
    )  # fmt: skip


def _demands(ctx: Context, facts: Toml, themes: dict[str, str]) -> dict[str, str]:
    found = {}
    for d in facts["demand"]:
        theme = themes[d["theme"]]
        with ctx.read() as conn:
            poster = queries.live(conn, "link", type="informs", src=theme)[0]["dst"]
        found[d["id"]] = model.add_requirement(
            ctx, statement=d["statement"], basis="evidence", basis_note=facts["poster"]["citation"],
            based_on=[poster], status="proposed", rationale=facts["rests"],
        )  # fmt: skip
        _pair(ctx, "based_on", found[d["id"]], theme, facts["inference"])
    return found


def _rename(ctx: Context, facts: Toml, themes: dict[str, str]) -> None:
    """What a theme was called in 2022 stays in its history."""
    for x in facts["theme"]:
        if x["poster"] == x["article"]:
            continue
        with ctx.read() as conn:
            category = queries.records(conn, Category, id=themes[x["id"]])[0]
            group = queries.records(conn, CodeGroup, id=category.code_group)[0]
        code_groups.change_code_group(
            ctx,
            group.id,
            rev=group.rev,
            name=x["article"],
            note=f"{facts['article']['title']}. {facts['inference']}",
        )
        synthesis.change_category(
            ctx, category.id, rev=category.rev, heading=x["article"], analytic_text=category.analytic_text
        )


def _article(ctx: Context, facts: Toml, themes: dict[str, str]) -> None:
    """What the article says of the themes, beside what the poster said."""
    for x in facts["theme"]:
        said = f"One of four themes central for integrated care for patients with multimorbidity: {x['article']}."
        said = f"{said} {x['table']}" if "table" in x else said
        _evidence(ctx, themes[x["id"]], facts["article"], said, verified="table" not in x)


def _write_tidier(ctx: Context, facts: Toml, *, before: bool) -> None:
    """The items of the description that the publications answer; what the article alone says comes with it."""
    for x in facts["tidier"]:
        if before == ("2022" in x["text"]):
            tidier.write_item(ctx, x["n"], x["text"])


def open_or_make(folder: Path) -> str:
    """The id of the example's project in a folder, made there first where it is not."""
    path = projects.project_file(folder, "PORT example")
    card = projects.glance(path) if path.exists() else None
    if card is not None:
        return card.id
    folder.mkdir(parents=True, exist_ok=True)
    store = make_port(path)
    id = store.id
    store.close()
    return id
