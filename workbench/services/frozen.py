"""What a version keeps of each thing: what it says, and what it rests on, as fingerprints and without anybody's words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.stc import without_tokens
from workbench.domain.trace import MEANING, fingerprint, support_fingerprint
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import versions as reads
from workbench.store.unit_of_work import Row

from .model import ComponentView, kind_of

# What a version keeps of a kind besides what carries its meaning, and compares as well.
ALSO = {"assumption": ("test", "result", "state")}
_KEYED = ("requirement", "component", "assumption")
# The field that a thing is read by: it says the change of that field without a name in front.
FIRST = {
    "requirement": "statement", "component": "name", "category": "heading", "assumption": "text", "tidier": "text",
    "idea": "text", "evidence": "title",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    id: str
    n: int
    label: str
    note: str
    frozen_at: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A thing as a version keeps it, or as it would be kept now."""

    fields: Row  # kind, key where there is one, and what it says
    fp: str
    support: Row  # {"fp": ..., "basis": [[item, fingerprint, role], ...]}

    @property
    def kind(self) -> str:
        return str(self.fields["kind"])

    @property
    def seen(self) -> str:
        """What it says and what it rests on, as fingerprints."""
        return f"{self.fp} {self.support['fp']}"


def item_fields(conn: Connection, item: str) -> tuple[str, Row]:
    """(kind, meaning-bearing fields) of a theme, requirement, component, idea, evidence and the like."""
    kind = kind_of(conn, item)
    row = queries.trace.row_of(conn, kind, item)
    return kind, {name: row[name] for name in MEANING[kind]}


def support_of(conn: Connection, item: str) -> Row:
    """What an item rests on, without anybody's words: {"fp": ..., "basis": [[item, fingerprint, role], ...]}.

    A theme rests on its units, each known by the keyed digest of its words."""
    return supports(conn, [item])[item]


def supports(conn: Connection, items: Collection[str]) -> dict[str, Row]:
    """`support_of` many items at once, in a handful of reads."""
    bases = reads.bases(conn, items)
    found = {r["dst"]: str(r["kind"]) for basis in bases.values() for r in basis if not r["mac"]}
    prints = _fingerprints(conn, {id: kind for id, kind in found.items() if kind in MEANING})
    told = {}
    for item, basis in bases.items():
        shape = [
            (r["dst"], r["mac"] or prints[r["dst"]], r["role"])
            for r in basis
            if r["mac"] or r["dst"] in prints
        ]
        told[item] = {"fp": support_fingerprint(shape), "basis": sorted(shape)}
    return told


def _rows(conn: Connection, kinds: Mapping[str, str]) -> dict[str, Row]:
    by_kind: dict[str, list[str]] = {}
    for id, kind in kinds.items():
        by_kind.setdefault(kind, []).append(id)
    return {id: row for kind, ids in by_kind.items() for id, row in reads.rows(conn, kind, ids).items()}


def _fingerprints(conn: Connection, kinds: Mapping[str, str]) -> dict[str, str]:
    return {id: fingerprint(kinds[id], row) for id, row in _rows(conn, kinds).items()}


def as_now(conn: Connection, items: Sequence[str]) -> dict[str, Kept]:
    """Each item as it would be kept now, in their order."""
    kinds = reads.kinds(conn, items)
    rows = _rows(conn, {id: kind for id, (kind, _) in kinds.items()})
    resting = supports(conn, items)
    kept = {}
    for item in items:
        kind, key = kinds[item]
        fields: Row = {"kind": kind} | ({"key": key} if kind in _KEYED else {})
        fields |= {name: rows[item][name] for name in (*MEANING[kind], *ALSO.get(kind, ()))}
        kept[item] = Kept(fields, fingerprint(kind, rows[item]), resting[item])
    return kept


def as_frozen(conn: Connection, version: str) -> dict[str, Kept]:
    return {
        r["item"]: Kept(json.loads(r["fields_json"]), r["fp"], json.loads(r["support_json"]))
        for r in queries.trace.frozen(conn, version)
    }


def items_behind(
    conn: Connection, components: Sequence[ComponentView], requirements: Sequence[str] = ()
) -> list[str]:
    """The components, the requirements they answer and those given, the themes these are based on, the assumptions
    that are about any of them or about the whole, and the description; each once."""
    requirements = [*dict.fromkeys([*(r[0] for c in components for r in c.requirements), *requirements])]
    themes: dict[str, list[str]] = {}
    categories = {r["id"] for r in queries.live(conn, "category")}
    for link in queries.live(conn, "link", type="based_on"):
        if link["dst"] in categories:
            themes.setdefault(link["src"], []).append(link["dst"])
    items = [c.component.id for c in components] + [*requirements]
    items += [theme for requirement in requirements for theme in themes.get(requirement, ())]
    here = {None, *items}
    items += [a["id"] for a in queries.live(conn, "assumption") if a["about"] in here]
    items += [r["id"] for r in queries.live(conn, "tidier")]
    return list(dict.fromkeys(items))


def load_versions(conn: Connection) -> list[Version]:
    return [
        Version(r["id"], r["n"], r["label"], r["note"], r["frozen_at"])
        for r in sorted(queries.live(conn, "version"), key=lambda r: int(r["n"]))
    ]


def plain(value: object) -> str:
    return " ".join(without_tokens(str(value)).split())


def name_of(fields: Row) -> str:
    """What a thing is called, with its key where people read it by that."""
    if fields["kind"] in ("requirement", "assumption"):
        return f"{fields['key']} {fields[FIRST[fields['kind']]]}"
    if fields["kind"] == "tidier":
        return t(f"prototype.tidier_{fields['n']}")
    return str(fields[FIRST[fields["kind"]]])
