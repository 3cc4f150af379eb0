"""The evidence trace: what may point at what, walking it both ways, and fingerprints of meaning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from unicodedata import normalize

from .errors import Refused
from .stc import without_tokens

# Link type -> kinds it may start from and end at (derived -> basis); everything else is refused.
LINKS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "based_on": (
        frozenset({"requirement"}),
        frozenset({"category", "unit", "idea", "evidence", "decision", "source", "feedback"}),
    ),
    "realises": (frozenset({"component"}), frozenset({"requirement"})),
    "informs": (frozenset({"category"}), frozenset({"evidence"})),
    "decides": (frozenset({"decision"}), frozenset({"requirement", "component", "version", "category"})),
    "conflicts": (frozenset({"requirement"}), frozenset({"requirement"})),
    "shown_by": (frozenset({"theory_link"}), frozenset({"category", "evidence", "requirement"})),
    "evaluates": (frozenset({"source"}), frozenset({"version"})),
}
# A decision may point at anything without closing a circle: it judges, it is not derived.
_ACYCLIC = frozenset({"based_on", "realises", "informs"})


@dataclass(frozen=True, slots=True)
class Edge:
    type: str
    src: str
    dst: str
    role: str = "supports"


def ensure_link(type: str, src_kind: str, dst_kind: str) -> None:
    """Raise Refused, with the sentence that says what may be joined, unless a link of this type may join these kinds."""
    if type not in LINKS:
        raise Refused("trace.wrong_kind", src=src_kind, dst=dst_kind)
    sources, targets = LINKS[type]
    if src_kind not in sources or dst_kind not in targets:
        raise Refused(f"trace.wrong_kind.{type}", src=src_kind, dst=dst_kind)


def ensure_acyclic(edges: Iterable[Edge], new: Edge) -> None:
    """Raise Refused if the new edge would let something rest on itself, or be in conflict with itself."""
    if new.type == "conflicts" and new.src == new.dst:
        raise Refused("trace.conflicts_itself")
    if new.type not in _ACYCLIC:
        return
    onward: dict[str, list[str]] = {}
    for edge in edges:
        if edge.type in _ACYCLIC:
            onward.setdefault(edge.src, []).append(edge.dst)
    stack, seen = [new.dst], set()
    while stack:
        here = stack.pop()
        if here == new.src:
            raise Refused("trace.circle")
        if here not in seen:
            seen.add(here)
            stack.extend(onward.get(here, ()))


def reachable(start: str, onward: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything reachable from start, without it."""
    seen: set[str] = set()
    stack = list(onward.get(start, ()))
    while stack:
        here = stack.pop()
        if here not in seen and here != start:
            seen.add(here)
            stack.extend(onward.get(here, ()))
    return seen


# The fields that carry meaning; colour, order, owner and dates do not.
MEANING: dict[str, tuple[str, ...]] = {
    "category": ("heading", "analytic_text"),
    "requirement": ("statement", "rationale", "basis", "basis_note", "moscow", "acceptance"),
    "component": ("name", "description"),
    "idea": ("text",),
    "evidence": ("title", "citation", "finding"),
    "assumption": ("text",),
    "feedback": ("polarity", "text"),
    "tidier": ("n", "text"),
}


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def fingerprint(kind: str, fields: Mapping[str, object], *, references: bool = False) -> str:
    """SHA-256 of the meaning-bearing fields (NFC, white space folded); hex, 64 characters. The references to units in
    a theme's text are no words of it: where one goes, what the theme rests on has changed, and that is told. With
    `references` they are counted in, as they were in versions and decisions kept before migration 4."""
    said = {name: str(fields[name]) for name in MEANING[kind]}
    if kind == "category" and not references:
        said["analytic_text"] = without_tokens(said["analytic_text"])
    folded = {name: " ".join(normalize("NFC", text).split()) for name, text in said.items()}
    return sha256(_canonical([kind, folded]).encode()).hexdigest()


# The shape of what something rests on: what a version keeps beside the fingerprint, without any words.
def support_fingerprint(basis: Iterable[tuple[str, str, str]]) -> str:
    """SHA-256 of the set of (basis item id, its fingerprint, role); hex, 64 characters."""
    return sha256(json.dumps(sorted(basis)).encode()).hexdigest()
