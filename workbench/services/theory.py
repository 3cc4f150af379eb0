"""Theory of change on one page: what leads to what, and whether that is shown or assumed; and the ten steps.

Loops are let be: what comes out of a model feeds back into it, and a theory of change is no evidence trace. Only
what shows a link is a trace link (`shown_by`), and nothing can rest on a link of the theory."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from workbench import resources
from workbench.domain.errors import Refused, StaleEdit
from workbench.domain.records import Category, Requirement
from workbench.domain.roles import Action
from workbench.exporters import theory as exporter
from workbench.exporters.theory import KINDS, TheoryLink, TheoryNode, TheoryPage, Tried
from workbench.exporters.typesetting import png_of
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries.theory import component_names
from workbench.store.unit_of_work import Row, UnitOfWork

from .assumptions import load_assumptions
from .context import Context, requires
from .model import Ground, add_link
from .projects import put_setting

__all__ = ["KINDS", "TheoryLink", "TheoryNode", "TheoryPage"]

LONGEST = 300  # characters of a node's text: it has to be read on one page with the others


# -- reading ------------------------------------------------------------------------------------------------


def load_theory(conn: Connection) -> TheoryPage:
    """Nodes by column and place; links in the order they were made, numbered from 1 as in the picture."""
    components = component_names(conn)
    rows = sorted(queries.live(conn, "theory_node"), key=lambda r: (KINDS.index(r["kind"]), r["position"]))
    nodes = tuple(
        TheoryNode(r["id"], r["rev"], r["kind"], r["text"], r["component"],
                   components[r["component"]] if r["component"] else "", r["position"])
        for r in rows
    )  # fmt: skip
    shown: dict[str, list[Row]] = {}
    for x in queries.live(conn, "link", type="shown_by"):
        shown.setdefault(x["src"], []).append(x)
    names = queries.trace.labels(conn, {x["dst"] for found in shown.values() for x in found})
    tried: dict[str, list[Tried]] = {}
    for a in load_assumptions(conn):
        if a.about is not None and a.about.kind == "theory_link":
            tried.setdefault(a.about.id, []).append(Tried(a.id, a.key, a.text, a.state))
    texts = {n.id: n for n in nodes}
    links: list[TheoryLink] = []
    for r in queries.live(conn, "theory_link"):
        if r["src"] not in texts or r["dst"] not in texts:
            continue
        mine = [
            (x["id"], x["dst"], *names.get(x["dst"], ("", "")), x["role"]) for x in shown.get(r["id"], ())
        ]
        links.append(
            TheoryLink(
                r["id"], r["rev"], len(links) + 1, texts[r["src"]], texts[r["dst"]], r["assumption"],
                tuple(exporter.Showing(*m) for m in mine), tuple(tried.get(r["id"], ())),
            )
        )  # fmt: skip
    return TheoryPage(nodes, tuple(links))


@requires(Action.READ_THEMES)
def theory_page(ctx: Context) -> TheoryPage:
    with ctx.read() as conn:
        return load_theory(conn)


@requires(Action.MODEL)
def list_showing(ctx: Context) -> list[Ground]:
    """What may show a link: themes, requirements and literature."""
    with ctx.read() as conn:
        return [
            *(Ground(c.id, "category", c.heading) for c in queries.records(conn, Category, order="position")),
            *(Ground(r.id, "requirement", f"{r.key} {r.statement}")
              for r in queries.records(conn, Requirement, order="key")),
            *(Ground(r["id"], "evidence", r["title"] or r["citation"]) for r in queries.live(conn, "evidence")),
        ]  # fmt: skip


# -- nodes --------------------------------------------------------------------------------------------------


def _checked_node(row: Row) -> Row:
    if row["kind"] not in KINDS:
        raise Refused("theory.unknown_kind", kind=row["kind"])
    if not row["text"]:
        raise Refused("theory.needs_text")
    if len(row["text"]) > LONGEST:
        raise Refused("theory.too_long", most=LONGEST)
    return row


@requires(Action.MODEL)
def add_node(ctx: Context, *, kind: str, text: str = "", component: str | None = None) -> str:
    """Add an input, activity, mechanism, outcome or context; returns its id. Without words of its own it has the
    component's name."""
    with ctx.write("add_theory_node") as work:
        if component and not text.strip():
            text = work.get("component", component)["name"]
        row = _checked_node(
            {"id": ctx.new_id(), "kind": kind, "text": text.strip(), "component": component or None}
        )
        row["position"] = work.next_position("theory_node", kind=kind)
        work.ids = {"theory_node": row["id"]}
        return work.insert("theory_node", row)


@requires(Action.MODEL)
def change_node(ctx: Context, /, node: str, *, rev: int | None = None, **fields: str | None) -> None:
    """Change some of kind, text and component (None: of no component); raises StaleEdit if somebody was faster."""
    with ctx.write("change_theory_node") as work:
        work.ids = {"theory_node": node}
        row = work.get("theory_node", node)
        changes: Row = {k: (v or "").strip() for k, v in fields.items() if k in ("kind", "text", "component")}
        if "component" in changes:
            changes["component"] = changes["component"] or None
            if changes["component"]:
                work.get("component", changes["component"])
        _checked_node({**row, **changes})
        if changes.get("kind", row["kind"]) != row["kind"]:
            changes["position"] = work.next_position("theory_node", kind=changes["kind"])
        work.update("theory_node", node, changes, rev=rev)


@requires(Action.MODEL)
def move_node(ctx: Context, node: str, *, up: bool) -> None:
    """One place up or down in its column; at the end of it nothing happens."""
    with ctx.write("order_theory_nodes") as work:
        work.ids = {"theory_node": node}
        row = work.get("theory_node", node)
        column = sorted(work.live("theory_node", kind=row["kind"]), key=lambda r: r["position"])
        at = [r["id"] for r in column].index(node)
        to = at - 1 if up else at + 1
        if 0 <= to < len(column):
            column[at], column[to] = column[to], column[at]
            for n, r in enumerate(column, start=1):
                work.update("theory_node", r["id"], {"position": n})


@requires(Action.MODEL)
def retire_node(ctx: Context, node: str) -> None:
    """Take a node out, with the links from and to it."""
    with ctx.write("retire_theory_node") as work:
        work.ids = {"theory_node": node}
        for link in [*work.live("theory_link", src=node), *work.live("theory_link", dst=node)]:
            _retire_link(work, link["id"])
        work.retire("theory_node", node)


# -- links --------------------------------------------------------------------------------------------------


@requires(Action.MODEL)
def add_theory_link(ctx: Context, src: str, dst: str, *, assumption: str = "") -> str:
    """Say that one leads to the other; returns the link's id, also of one that was there. Until something shows it,
    it is an assumption."""
    if src == dst:
        raise Refused("theory.itself")
    with ctx.write("add_theory_link") as work:
        for end in (src, dst):
            work.get("theory_node", end)
        found = work.live("theory_link", src=src, dst=dst)
        if found:
            work.ids = {"theory_link": found[0]["id"]}
            return str(found[0]["id"])
        row = {"id": ctx.new_id(), "src": src, "dst": dst, "assumption": assumption.strip()}
        work.ids = {"theory_link": row["id"]}
        return work.insert("theory_link", row)


@requires(Action.MODEL)
def change_theory_link(ctx: Context, link: str, *, assumption: str, rev: int | None = None) -> None:
    """What has to be true for the one to lead to the other; raises StaleEdit if somebody was faster."""
    with ctx.write("change_theory_link") as work:
        work.ids = {"theory_link": link}
        work.update("theory_link", link, {"assumption": assumption.strip()}, rev=rev)


@requires(Action.MODEL)
def show_link(ctx: Context, link: str, item: str, *, role: str = "supports", note: str = "") -> str:
    """A theme, requirement or piece of literature shows a link, or (role "contradicts") speaks against it; returns
    the trace link's id."""
    with ctx.write("show_theory_link") as work:
        work.ids = {"theory_link": link}
        work.get("theory_link", link)
        return add_link(ctx, work, "shown_by", link, item, role, note)


@requires(Action.MODEL)
def unshow_link(ctx: Context, shown_by: str) -> None:
    """Take away what shows a link, by the trace link's id."""
    with ctx.write("unshow_theory_link") as work:
        row = work.get("link", shown_by)
        if row["type"] != "shown_by":
            raise Refused("error.gone", kind="link")
        work.ids = {"theory_link": row["src"]}
        work.retire("link", shown_by)


@requires(Action.MODEL)
def retire_theory_link(ctx: Context, link: str) -> None:
    with ctx.write("retire_theory_link") as work:
        work.ids = {"theory_link": link}
        _retire_link(work, link)


def _retire_link(work: UnitOfWork, link: str) -> None:
    for shown in work.live("link", src=link):
        work.retire("link", shown["id"])
    work.retire("theory_link", link)


# -- as a picture -------------------------------------------------------------------------------------------


@requires(Action.READ_THEMES)
def theory_picture(ctx: Context, page: TheoryPage) -> str:
    """The theory as an SVG for a page of the app, where its numbers stand in a list below."""
    return exporter.theory_svg(page, page=True)


@requires(Action.EXPORT_RELEASED)
def theory_file(ctx: Context, format: str = "svg") -> bytes:
    """The theory with what its numbers mean, on one page, as SVG or PNG; kept as something that has left."""
    found = theory_page(ctx)
    if not found.nodes:
        raise Refused("theory.nothing")
    with ctx.read() as conn:
        name = queries.setting(conn, "name")
    svg = exporter.theory_svg(found, title=name)
    data = png_of(svg) if format == "png" else svg.encode()
    items = [n.id for n in found.nodes] + [x.id for x in found.links]
    return ctx.keep_release("theory", data, [*items, *(s.item for x in found.links for s in x.shown_by)])


# -- the ten steps ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the checklist; `rev` 0 while it stands as in the template."""

    id: str
    rev: int
    phase: str
    text: str
    why: str
    done: bool
    note: str
    is_own: bool  # added or reworded here


@dataclass(frozen=True, slots=True)
class Steps:
    citation: str
    checked: str
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(s.done for s in self.steps)


_PREFIX = "ten_steps."
_FIELDS = ("text", "note")


@cache
def _template() -> tuple[str, str, tuple[tuple[str, dict[str, str], dict[str, str], str], ...]]:
    """(citation, checked, steps as (id, phase by language, text by language, why))."""
    book = tomllib.loads(resources.path("codebooks", "ten_steps.toml").read_text(encoding="utf-8"))
    steps = [(phase, step) for phase in book["code"] for step in phase["code"]]
    return book["citation"], book["checked"], tuple(
        (f"{_PREFIX}{n:02d}", _both(phase), _both(step), step["definition"])
        for n, (phase, step) in enumerate(steps, start=1)
    )  # fmt: skip


def _both(entry: Row) -> dict[str, str]:
    return {"en": entry["label"], "da": entry["label_da"]}


@requires(Action.READ_THEMES)
def ten_steps(ctx: Context) -> Steps:
    """The ten steps in the study's language, as revised here: ticked, reworded, taken off, and own ones after them."""
    citation, checked, template = _template()
    with ctx.read() as conn:
        language = queries.setting(conn, "language") or "en"
        kept = {r["id"]: r for r in queries.live(conn, "setting") if str(r["id"]).startswith(_PREFIX)}
    found = []
    for id, phase, text, why in template:
        row = kept.pop(id, None)
        value = json.loads(row["value"]) if row else {}
        if not value.get("off"):
            said = value.get("text") or text.get(language, text["en"])
            found.append(
                Step(id, row["rev"] if row else 0, phase.get(language, phase["en"]), said,
                     "" if value.get("text") or language != "en" else why,
                     bool(value.get("done")), value.get("note", ""), bool(value.get("text")))
            )  # fmt: skip
    for id, row in kept.items():
        value = json.loads(row["value"])
        if not value.get("off"):
            found.append(
                Step(id, row["rev"], "", value.get("text", ""), "", bool(value.get("done")), value.get("note", ""), True)
            )  # fmt: skip
    return Steps(citation, checked, tuple(found))


def _put_step(ctx: Context, verb: str, id: str, rev: int | None, change: Callable[[Row], None]) -> None:
    with ctx.write(verb) as work:
        row = work.find("setting", id)
        value: Row = json.loads(row["value"]) if row and row["retired"] is None else {}
        change(value)
        work.ids = {"setting": id}
        try:
            put_setting(work, id, json.dumps(value, ensure_ascii=False, sort_keys=True), rev=rev)
        except StaleEdit as error:  # as the step reads now, not as it is kept
            theirs = json.loads(str(error.current["value"]))
            now = {"text": theirs.get("text") or _worded(work.connection, id), "note": theirs.get("note", ""),
                   "done": bool(theirs.get("done")), "rev": error.current["rev"]}  # fmt: skip
            raise StaleEdit(error.code, current=now, **error.params) from None


def _worded(conn: Connection, id: str) -> str:
    """The template's words for a step, in the study's language; empty for one's own."""
    language = queries.setting(conn, "language") or "en"
    text = next((text for known, _, text, _ in _template()[2] if known == id), {})
    return text.get(language, text.get("en", ""))


def _step_id(id: str) -> str:
    if not id.startswith(_PREFIX):
        raise Refused("error.gone", kind="setting")
    return id


@requires(Action.MODEL)
def change_step(ctx: Context, /, step: str, *, rev: int | None = None, **fields: object) -> None:
    """Tick a step (`done`), word it otherwise (`text`; empty is the template's words again) or note how (`note`);
    `rev` as read. Raises StaleEdit, with the step as it reads now, if somebody was faster."""

    def change(value: Row) -> None:
        if "done" in fields:
            value["done"] = bool(fields["done"])
        for name in _FIELDS:
            if name in fields:
                value[name] = str(fields[name] or "").strip()
        known = any(id == step for id, *_ in _template()[2])
        if not known and not value.get("text"):
            raise Refused("theory.step_needs_text")

    _put_step(ctx, "change_step", _step_id(step), rev, change)


@requires(Action.MODEL)
def add_step(ctx: Context, text: str) -> str:
    """A step of one's own, after the ten; returns its id."""
    if not text.strip():
        raise Refused("theory.step_needs_text")
    id = f"{_PREFIX}{ctx.new_id()}"
    _put_step(ctx, "add_step", id, None, lambda value: value.update(text=text.strip()))
    return id


@requires(Action.MODEL)
def retire_step(ctx: Context, step: str, *, rev: int | None = None) -> None:
    """Take a step off the list; Undo brings it back."""
    _put_step(ctx, "retire_step", _step_id(step), rev, lambda value: value.update(off=True))
