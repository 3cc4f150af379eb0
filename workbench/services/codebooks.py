"""Codebooks: a second lens on the same units, hidden until a project adds one; never turned into code groups."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import resources
from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries.code_groups import code_counts
from workbench.store.unit_of_work import Row, UnitOfWork

from .context import Context, requires


@dataclass(frozen=True, slots=True)
class ShippedCode:
    """A code of a codebook that comes with the workbench, with the codes under it."""

    label: str
    label_da: str
    definition: str
    codes: tuple[ShippedCode, ...]


@dataclass(frozen=True, slots=True)
class ShippedCodebook:
    """`id` is its file's name; `checked` says what was checked against which source, and what was not."""

    id: str
    title: str
    citation: str
    verified: bool
    checked: str
    codes: tuple[ShippedCode, ...]


@dataclass(frozen=True, slots=True)
class CodebookView:
    id: str
    rev: int
    title: str
    citation: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code with the number of units it is on. `level` is how deep it stands, 0 without a parent."""

    id: str
    rev: int
    codebook: str
    title: str  # the codebook's
    parent: str | None
    parent_label: str
    label: str
    label_da: str
    definition: str
    count: int
    level: int


# -- what comes with the workbench -----------------------------------------------------------------------


def list_shipped() -> list[ShippedCodebook]:
    """The codebooks that come with the workbench, by title. No project is needed."""
    found = [_shipped(path) for path in resources.path("codebooks").glob("*.toml")]
    return sorted(found, key=lambda c: c.title)


def _shipped(path: Path) -> ShippedCodebook:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    codes = tuple(_shipped_code(c) for c in data["code"])
    checked = str(data.get("checked", "")).strip()
    return ShippedCodebook(
        path.stem, data["title"], data["citation"].strip(), data["verified"], checked, codes
    )


def _shipped_code(data: Mapping[str, Any]) -> ShippedCode:
    below = tuple(_shipped_code(c) for c in data.get("code", ()))
    return ShippedCode(data["label"], data.get("label_da", ""), data.get("definition", "").strip(), below)


# -- what the project has ----------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def list_codebooks(ctx: Context) -> list[CodebookView]:
    """The project's codebooks in their order; none in most."""
    with ctx.read() as conn:
        return _codebooks(conn)


def _codebooks(conn: Connection) -> list[CodebookView]:
    rows = sorted(queries.live(conn, "codebook"), key=lambda b: b["position"])
    return [CodebookView(b["id"], b["rev"], b["title"], b["citation"], bool(b["verified"])) for b in rows]


@requires(Action.READ_SOURCES)
def list_codes(ctx: Context) -> list[CodeView]:
    """Every code of the project's codebooks in reading order: each parent before its children."""
    with ctx.read() as conn:
        return load_codes(conn)


def load_codes(conn: Connection) -> list[CodeView]:
    """As `list_codes`, over a connection."""
    codebooks = _codebooks(conn)
    if not codebooks:
        return []
    counts = code_counts(conn)
    children: dict[tuple[str, str | None], list[Row]] = {}
    for code in sorted(queries.live(conn, "code"), key=lambda c: c["position"]):
        children.setdefault((code["codebook"], code["parent"]), []).append(code)

    def walk(book: CodebookView, parent: Row | None, level: int) -> Iterator[CodeView]:
        for c in children.get((book.id, parent["id"] if parent else None), ()):
            yield CodeView(
                c["id"], c["rev"], book.id, book.title, c["parent"], parent["label"] if parent else "",
                c["label"], c["label_da"], c["definition"], counts.get(c["id"], 0), level,
            )  # fmt: skip
            yield from walk(book, c, level + 1)

    return [code for book in codebooks for code in walk(book, None, 0)]


# -- codebooks ---------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def add_codebook(ctx: Context, *, shipped: str = "", title: str = "") -> str:
    """Add a codebook: one that comes with the workbench, by its id, or an empty one with a title.

    What is added is the project's own copy: to be changed, and to be added twice where that is wanted."""
    source = next((c for c in list_shipped() if c.id == shipped), None)
    if shipped and source is None:
        raise Refused("codebook.unknown")
    title = source.title if source else title.strip()
    if not title:
        raise Refused("codebook.needs_title")
    with ctx.write("add_codebook") as work:
        id = ctx.new_id()
        row = {"id": id, "title": title, "citation": source.citation if source else "",
               "verified": int(bool(source and source.verified)), "position": work.next_position("codebook")}  # fmt: skip
        work.insert("codebook", row)
        work.ids = {"codebook": id}
        _insert_codes(ctx, work, id, None, source.codes if source else ())
        return id


def _insert_codes(
    ctx: Context, work: UnitOfWork, codebook: str, parent: str | None, codes: Iterable[ShippedCode]
) -> None:
    for position, c in enumerate(codes, 1):
        row = {"id": ctx.new_id(), "codebook": codebook, "parent": parent, "label": c.label,
               "label_da": c.label_da, "definition": c.definition, "position": position}  # fmt: skip
        _insert_codes(ctx, work, codebook, work.insert("code", row), c.codes)


@requires(Action.ANALYSE)
def change_codebook(
    ctx: Context, codebook: str, *, rev: int, title: str | None = None, citation: str | None = None
) -> None:
    """Change what is given; None leaves a field as it is."""
    changes = {f: v.strip() for f, v in (("title", title), ("citation", citation)) if v is not None}
    if changes.get("title") == "":
        raise Refused("codebook.needs_title")
    with ctx.write("change_codebook") as work:
        work.ids = {"codebook": codebook}
        work.update("codebook", codebook, changes, rev=rev)


@requires(Action.ANALYSE)
def retire_codebook(ctx: Context, codebook: str) -> None:
    """Take out a codebook with its codes; the units they were on stay."""
    with ctx.write("retire_codebook") as work:
        work.ids = {"codebook": codebook}
        work.get("codebook", codebook)
        for code in work.live("code", codebook=codebook):
            _retire_with_tags(work, code["id"])
        work.retire("codebook", codebook)


# -- codes -------------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def add_code(
    ctx: Context,
    codebook: str,
    *,
    label: str,
    parent: str | None = None,
    definition: str = "",
    label_da: str = "",
) -> str:
    """Add a code, under another of the same codebook or by itself. The same label may stand under two parents."""
    if not label.strip():
        raise Refused("code.needs_label")
    with ctx.write("add_code") as work:
        work.get("codebook", codebook)
        if parent is not None and work.get("code", parent)["codebook"] != codebook:
            raise Refused("code.other_codebook")
        row = {"id": ctx.new_id(), "codebook": codebook, "parent": parent, "label": label.strip(),
               "label_da": label_da.strip(), "definition": definition.strip(),
               "position": work.next_position("code", codebook=codebook, parent=parent)}  # fmt: skip
        work.ids = {"code": row["id"]}
        return work.insert("code", row)


@requires(Action.ANALYSE)
def change_code(
    ctx: Context,
    code: str,
    *,
    rev: int,
    label: str | None = None,
    label_da: str | None = None,
    definition: str | None = None,
) -> None:
    """Change what is given; None leaves a field as it is."""
    given = {"label": label, "label_da": label_da, "definition": definition}
    changes = {field: typed.strip() for field, typed in given.items() if typed is not None}
    if changes.get("label") == "":
        raise Refused("code.needs_label")
    with ctx.write("change_code") as work:
        work.ids = {"code": code}
        work.update("code", code, changes, rev=rev)


@requires(Action.ANALYSE)
def retire_code(ctx: Context, code: str) -> None:
    """Take out a code; the units it was on stay, and codes under it move up to its parent."""
    with ctx.write("retire_code") as work:
        work.ids = {"code": code}
        row = work.get("code", code)
        position = work.next_position("code", codebook=row["codebook"], parent=row["parent"])
        below = sorted(work.live("code", codebook=row["codebook"], parent=code), key=lambda c: c["position"])
        for n, child in enumerate(below):
            work.update("code", child["id"], {"parent": row["parent"], "position": position + n})
        _retire_with_tags(work, code)


def _retire_with_tags(work: UnitOfWork, code: str) -> None:
    for tag in work.live("code_tag", code=code):
        work.retire("code_tag", tag["id"])
    work.retire("code", code)


# -- units and codes -----------------------------------------------------------------------------------------


def insert_tags(work: UnitOfWork, ctx: Context, unit: str, codes: Iterable[Mapping[str, Any]]) -> None:
    """Put codes ({code, and perhaps the tag's id}) on a unit inside an operation; those it has stay."""
    for c in codes:
        if not work.live("code_tag", unit=unit, code=c["code"]):
            row = {
                "id": c.get("id") or ctx.new_id(),
                "unit": unit,
                "code": c["code"],
                "member": ctx.member.id,
            }
            work.insert("code_tag", row)


def copy_tags(work: UnitOfWork, ctx: Context, unit: str, other: str) -> None:
    """Put the codes of a unit on another too, for a unit that is split."""
    insert_tags(work, ctx, other, [{"code": tag["code"]} for tag in work.live("code_tag", unit=unit)])


def release_unit(work: UnitOfWork, unit: str) -> None:
    """Take every code off a unit that is about to go."""
    for tag in work.live("code_tag", unit=unit):
        work.retire("code_tag", tag["id"])
