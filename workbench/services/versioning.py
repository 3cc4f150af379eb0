"""Prototype versions: freezing what stands, under a name, and the versions there are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import versions as reads

from . import trust
from .comparing import Caused, Decided, Difference, Move, Reworded, compare_versions, word_diff
from .context import Context, requires
from .frozen import (
    Kept,
    Version,
    as_now,
    item_fields,
    items_behind,
    load_versions,
    name_of,
    support_of,
    supports,
)
from .model import load_components

__all__ = [
    "Caused", "Decided", "Difference", "Labels", "Move", "Reworded", "Version", "VersionFacts", "as_it_stands",
    "compare_versions", "freeze_version", "item_fields", "list_versions", "load_versions", "next_labels",
    "next_version", "support_of", "supports", "version_facts", "word_diff",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version with what it holds and what was said of it."""

    version: Version
    components: int
    requirements: int
    themes: int
    feedback: int
    changes: int  # in its table of changes


@dataclass(frozen=True, slots=True)
class Labels:
    """What the next version may be called: as the next one, or (where there is one before) as its correction."""

    n: int
    new: str
    last: str
    correction: str


def _chosen(
    conn: Connection, components: Sequence[str] | None, requirements: Sequence[str]
) -> dict[str, Kept]:
    chosen = [c for c in load_components(conn) if components is None or c.component.id in components]
    return as_now(conn, items_behind(conn, chosen, requirements)) if chosen or requirements else {}


@requires(Action.MODEL)
def as_it_stands(ctx: Context, components: Sequence[str] | None = None) -> dict[str, str]:
    """What would be frozen now: item -> what it says and rests on, as fingerprints. Given to `freeze_version` as
    `expects`, what the person saw is what is frozen."""
    with ctx.read() as conn:
        return {item: k.seen for item, k in _chosen(conn, components, ()).items()}


@requires(Action.MODEL)
def freeze_version(
    ctx: Context,
    *,
    label: str,
    note: str = "",
    components: Sequence[str] | None = None,
    requirements: Sequence[str] = (),
    at: str | None = None,
    expects: Mapping[str, str] | None = None,
    n: int | None = None,
) -> str:
    """Freeze the components, the requirements they answer and the themes behind them as they are now, with the
    assumptions made and the description. Returns the version's id.

    `components`: only these; `requirements`: these too, whether a component answers them or not (a list of demands
    is a version without components). Fields and fingerprints are kept, never a quote or a condensate. With `expects`
    (of `as_it_stands`) and `n` (of `next_version`) it is refused where somebody has changed the model, or frozen it,
    since they were read."""
    if not label.strip():
        raise Refused("version.needs_label")
    with ctx.write("freeze_version") as work:
        conn = work.connection
        chosen = _chosen(conn, components, requirements)
        if not chosen:
            raise Refused("version.no_components")
        number = queries.trace.last_version(conn) + 1
        if n is not None and n != number:
            raise Refused("version.frozen_meanwhile")
        if any(v.label == label.strip() for v in load_versions(conn)):
            raise Refused("version.same_label", label=label.strip())
        if expects is not None:
            _as_expected(conn, chosen, expects)
        version = ctx.new_id()
        row = {"id": version, "n": number, "label": label.strip(), "note": note.strip(),
               "frozen_at": at or ctx.now().isoformat(timespec="seconds")}  # fmt: skip
        work.insert("version", row)
        work.ids = {"version": version}
        work.insert_only(
            "version_row",
            [{"version": version, "item": item, "fp": k.fp,
              "fields_json": json.dumps(k.fields, ensure_ascii=False), "support_json": json.dumps(k.support)}
             for item, k in chosen.items()],
        )  # fmt: skip
        trust.accept_reviews(ctx, work, list(chosen), "frozen")
        return version


def _as_expected(conn: Connection, chosen: Mapping[str, Kept], expects: Mapping[str, str]) -> None:
    """Refuse what reads otherwise than the person saw, by name."""
    now = {item: k.seen for item, k in chosen.items()}
    other = [item for item in {**now, **expects} if now.get(item) != expects.get(item)]
    # What itself reads otherwise, before what only rests on it.
    other = [i for i in other if now.get(i, "").split()[:1] != expects.get(i, "").split()[:1]] or other
    if other:
        there = {**chosen, **as_now(conn, [item for item in other if item not in chosen])}
        names = [name_of(there[item].fields) for item in other]
        raise Refused("version.changed_meanwhile", what=", ".join(names[:3]) + (" …" if names[3:] else ""))


@requires(Action.READ_THEMES)
def next_version(ctx: Context) -> int:
    """The number the next frozen version gets; one that was undone is not given again."""
    with ctx.read() as conn:
        return queries.trace.last_version(conn) + 1


_CORRECTION = re.compile(r"^(.*\D)?(\d+)\.(\d+)$")


@requires(Action.READ_THEMES)
def next_labels(ctx: Context) -> Labels:
    """What the next version may be called. A frozen one cannot change: its corrections are 3.1, 3.2 and so on."""
    with ctx.read() as conn:
        versions, n = load_versions(conn), queries.trace.last_version(conn) + 1
    corrections = sum(_CORRECTION.match(v.label) is not None for v in versions)
    new, last = t("prototype.version_n", n=n - corrections), versions[-1].label if versions else ""
    if (found := _CORRECTION.match(last)) is not None:
        return Labels(n, new, last, f"{found[1] or ''}{found[2]}.{int(found[3]) + 1}")
    return Labels(n, new, last, f"{last}.1" if last[-1:].isdigit() else "")


@requires(Action.READ_THEMES)
def list_versions(ctx: Context) -> list[Version]:
    with ctx.read() as conn:
        return load_versions(conn)


@requires(Action.READ_THEMES)
def version_facts(ctx: Context) -> list[VersionFacts]:
    """The versions with how much each holds and how much was said of it, oldest first."""
    with ctx.read() as conn:
        held = reads.held(conn)

        def said(table: str) -> dict[str, int]:
            found: dict[str, int] = {}
            for r in queries.live(conn, table):
                found[r["version"]] = found.get(r["version"], 0) + 1
            return found

        feedback, changes = said("feedback"), said("change_item")
        facts = []
        for v in load_versions(conn):
            n = held.get(v.id, {})
            facts.append(
                VersionFacts(v, n.get("component", 0), n.get("requirement", 0), n.get("category", 0),
                             feedback.get(v.id, 0), changes.get(v.id, 0))
            )  # fmt: skip
        return facts
