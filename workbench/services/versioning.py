"""Frozen prototype versions: what each keeps, and what has changed from one to another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.domain.trace import MEANING, fingerprint, support_fingerprint
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row

from .context import Context, requires
from .model import ComponentView, kind_of, load_components


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    n: int
    label: str
    note: str
    frozen_at: str


def item_fields(conn: Connection, item: str) -> tuple[str, Row]:
    """(kind, meaning-bearing fields) of a theme, requirement, component, idea or evidence."""
    kind = kind_of(conn, item)
    row = queries.trace.row_of(conn, kind, item)
    return kind, {name: row[name] for name in MEANING[kind]}


def _kept_fields(conn: Connection, item: str) -> Row:
    """What a version keeps of an item: its kind, its key if it is read by one, and what it says."""
    kind, fields = item_fields(conn, item)
    key = {"key": queries.trace.key_of(conn, item)} if kind in ("requirement", "component") else {}
    return {"kind": kind, **key, **fields}


def support_of(conn: Connection, item: str) -> Row:
    """What an item rests on, without anybody's words: {"fp": ..., "basis": [[item, fingerprint, role], ...]}.

    A theme rests on its units, each known by the keyed digest of its words."""
    basis: list[tuple[str, str, str]] = []
    for r in queries.trace.basis(conn, item):
        if r["mac"]:
            basis.append((r["dst"], r["mac"], r["role"]))
        elif r["kind"] in MEANING:
            basis.append((r["dst"], fingerprint(*item_fields(conn, r["dst"])), r["role"]))
    return {"fp": support_fingerprint(basis), "basis": sorted(basis)}


def _items_behind(conn: Connection, components: Sequence[ComponentView]) -> list[str]:
    """The components, the requirements they answer and the themes those are based on, each once."""
    items = [c.component.id for c in components]
    items += dict.fromkeys(r[0] for c in components for r in c.requirements)
    for requirement in items[len(components) :]:
        items += queries.trace.themes_of(conn, requirement)
    return list(dict.fromkeys(items))


@requires(Action.MODEL)
def freeze_version(
    ctx: Context,
    *,
    label: str,
    note: str = "",
    components: Sequence[str] | None = None,
    at: str | None = None,
) -> str:
    """Freeze the components, the requirements they answer and the themes behind them as they are now.

    Fields and fingerprints are kept, never a quote or a condensate. Returns the version's id."""
    if not label.strip():
        raise Refused("version.needs_label")
    with ctx.write("freeze_version") as work:
        conn = work.connection
        chosen = [c for c in load_components(conn) if components is None or c.component.id in components]
        if not chosen:
            raise Refused("version.no_components")
        n = queries.trace.last_version(conn) + 1
        version = ctx.new_id()
        row = {"id": version, "n": n, "label": label.strip(), "note": note.strip(),
               "frozen_at": at or ctx.now().isoformat(timespec="seconds")}  # fmt: skip
        work.insert("version", row)
        work.ids = {"version": version}
        kept = []
        for item in _items_behind(conn, chosen):
            fields = _kept_fields(conn, item)
            kept.append(
                {"version": version, "item": item, "fp": fingerprint(*item_fields(conn, item)),
                 "fields_json": json.dumps(fields, ensure_ascii=False),
                 "support_json": json.dumps(support_of(conn, item))}
            )  # fmt: skip
        work.insert_only("version_row", kept)
        return version


@requires(Action.READ_THEMES)
def next_version(ctx: Context) -> int:
    """The number the next frozen version gets; one that was undone is not given again."""
    with ctx.read() as conn:
        return queries.trace.last_version(conn) + 1


@requires(Action.READ_THEMES)
def list_versions(ctx: Context) -> list[Version]:
    with ctx.read() as conn:
        return load_versions(conn)


def load_versions(conn: Connection) -> list[Version]:
    return [
        Version(r["id"], r["n"], r["label"], r["note"], r["frozen_at"])
        for r in sorted(queries.live(conn, "version"), key=lambda r: int(r["n"]))
    ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison. `words` are (op, text) pieces with op same | ins | del for what changed."""

    change: str  # added | removed | changed | evidence | same
    kind: str
    item: str
    label: str
    words: tuple[tuple[str, str], ...] = ()
    came: int = 0  # pieces of evidence that came, for "unchanged, but its evidence changed"
    went: int = 0
    reworded: int = 0  # of those that came and went: the same item, reading otherwise


def word_diff(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Word by word: (same | ins | del, text)."""
    a, b = old.split(), new.split()
    pieces: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(("same", " ".join(a[i1:i2])))
        else:
            if i2 > i1:
                pieces.append(("del", " ".join(a[i1:i2])))
            if j2 > j1:
                pieces.append(("ins", " ".join(b[j1:j2])))
    return tuple(pieces)


@requires(Action.READ_THEMES)
def compare_versions(ctx: Context, old: str, new: str | None) -> list[Difference]:
    """What changed from one frozen version to another, or (None) to the model as it is now."""
    with ctx.read() as conn:

        def frozen(version: str) -> dict[str, tuple[Row, str, Row]]:
            return {
                r["item"]: (json.loads(r["fields_json"]), r["fp"], json.loads(r["support_json"]))
                for r in queries.trace.frozen(conn, version)
            }

        def now() -> dict[str, tuple[Row, str, Row]]:
            return {
                item: (
                    _kept_fields(conn, item),
                    fingerprint(*item_fields(conn, item)),
                    support_of(conn, item),
                )
                for item in _items_behind(conn, load_components(conn))
            }

        before, after = frozen(old), frozen(new) if new else now()
    rows = []
    order = {"component": 0, "requirement": 1, "category": 2}
    for item in dict.fromkeys([*before, *after]):
        fields = (after.get(item) or before[item])[0]
        kind, label = fields["kind"], _version_label(fields)
        if item not in before:
            rows.append(Difference("added", kind, item, label))
        elif item not in after:
            rows.append(Difference("removed", kind, item, label))
        elif before[item][1] != after[item][1]:
            words: list[tuple[str, str]] = []
            for name in MEANING[kind]:
                if before[item][0][name] != after[item][0][name]:
                    words += word_diff(_plain(before[item][0][name]), _plain(after[item][0][name]))
            rows.append(Difference("changed", kind, item, label, tuple(words)))
        elif before[item][2]["fp"] != after[item][2]["fp"]:
            a, b = ({tuple(x) for x in side[item][2]["basis"]} for side in (before, after))
            both = {x[0] for x in b - a} & {x[0] for x in a - b}
            rows.append(
                Difference(
                    "evidence", kind, item, label, came=len(b - a), went=len(a - b), reworded=len(both)
                )
            )
        else:
            rows.append(Difference("same", kind, item, label))
    return sorted(rows, key=lambda d: (order.get(d.kind, 9), d.label))


def _plain(value: object) -> str:
    return without_tokens(str(value))


def _version_label(fields: Row) -> str:
    if fields["kind"] == "requirement":
        return f"{fields['key']} {fields['statement']}"
    return str(fields.get("name") or fields.get("heading") or "")
