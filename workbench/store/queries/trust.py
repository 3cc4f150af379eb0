"""Reads that trust is computed from: one query per table, never one per item.

They name the tables of the project file itself: what a member does not see while marking unseen (store/unseen.py) is
hidden from what they read, and not from what is in doubt. Nothing here reads anybody's words but to fingerprint them."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from workbench.domain.stc import embedded_units
from workbench.domain.trace import MEANING, fingerprint
from workbench.domain.trust import CHALLENGE, WITHDRAWN, Graph, Review, Step

# Kinds that can be rested on and say something, with what they are called by.
_NAMES = {
    "category": "heading", "requirement": "key", "component": "name", "idea": "text", "evidence": "title",
    "feedback": "key",
}  # fmt: skip
# Fields in which a unit may be embedded as a token.
_EMBEDDING = {"category": "analytic_text", "requirement": "rationale"}

_LINKS = "SELECT type, src, dst, role FROM main.link WHERE retired IS NULL AND type IN ('based_on','realises','informs')"
_GATHERED = (
    "SELECT g.id, p.unit FROM main.category g JOIN main.placement p ON p.code_group=g.code_group AND p.retired IS NULL"
    " AND p.set_aside IS NULL WHERE g.retired IS NULL"
)
_CHALLENGES = "SELECT r.category, r.id FROM main.recontext r WHERE r.retired IS NULL AND r.verdict='challenges' AND r.answer=''"


def names(conn: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """(kind, label) of every live thing that can be rested on and has a name of its own."""
    return {
        r[0]: (kind, str(r[1]))
        for kind, column in _NAMES.items()
        for r in conn.execute(f"SELECT id, {column} FROM main.{kind} WHERE retired IS NULL")
    }


def prints(conn: sqlite3.Connection, kind: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """(id -> fingerprint of every live thing of a kind, (id, unit) for every unit embedded in one)."""
    fields = MEANING[kind]
    found, embedded = {}, []
    holding = fields.index(_EMBEDDING[kind]) + 1 if kind in _EMBEDDING else 0
    for row in conn.execute(f"SELECT id, {','.join(fields)} FROM main.{kind} WHERE retired IS NULL"):
        found[row[0]] = fingerprint(kind, dict(zip(fields, row[1:], strict=True)))
        if holding and "{{unit:" in row[holding]:
            embedded += [(row[0], unit) for unit in embedded_units(row[holding])]
    return found, embedded


def _spoken_by(conn: sqlite3.Connection, participants: Collection[str]) -> set[str]:
    """Units, live or not, with words of one of these people in the version of the text that they stand in."""
    turns: dict[tuple[str, int], list[tuple[int, int]]] = {}
    sql = (
        "SELECT t.source, t.text_rev, t.start, t.end FROM main.speaker k CROSS JOIN main.turn t ON t.source=k.source"
        " AND t.speaker=k.id WHERE k.participant IN (SELECT value FROM json_each(?)) ORDER BY t.start"
    )
    for source, text_rev, start, end in conn.execute(sql, (json.dumps([*participants]),)):
        turns.setdefault((source, text_rev), []).append((start, end))
    found = set()
    for (source, text_rev), mine in turns.items():
        units = "SELECT id, start, end FROM main.unit WHERE source=? AND text_rev=?"
        for id, start, end in conn.execute(units, (source, text_rev)):
            # Turns do not overlap: if the last one that begins before the unit ends is over, all of them are.
            n = bisect_left(mine, (end, 0))
            if n and mine[n - 1][1] > start:
                found.add(id)
    return found


def withdrawn(conn: sqlite3.Connection) -> frozenset[str]:
    """Units, live or not, of somebody who has withdrawn, or whose source is gone."""
    people = [r[0] for r in conn.execute("SELECT id FROM main.participant WHERE consent='withdrawn'")]
    found = _spoken_by(conn, people) if people else set()
    gone = (
        "SELECT u.id FROM main.source s CROSS JOIN main.unit u ON u.source=s.id WHERE s.retired IS NOT NULL"
    )
    found |= {r[0] for r in conn.execute(gone)}
    erased = "SELECT j.value FROM main.erasure e, json_tree(e.ids_json) j WHERE e.retired IS NULL AND j.type='text'"
    return frozenset(found | {r[0] for r in conn.execute(erased)})


def prints_before(conn: sqlite3.Connection) -> dict[str, str]:
    """Themes' fingerprints as they were taken before migration 4, with the units in the text counted in."""
    fields = MEANING["category"]
    sql = f"SELECT id, {','.join(fields)} FROM main.category WHERE retired IS NULL"
    return {
        row[0]: fingerprint("category", dict(zip(fields, row[1:], strict=True)), references=True)
        for row in conn.execute(sql)
    }


def graph(conn: sqlite3.Connection) -> Graph:
    """Everything that can be in doubt or rested on, with its fingerprint, and the steps between."""
    kinds: dict[str, str] = {}
    found: dict[str, str] = {}
    steps: dict[str, set[Step]] = {}
    gone = withdrawn(conn)
    embedded: list[tuple[str, str]] = []
    for kind in _NAMES:
        mine, inside = prints(conn, kind)
        found |= mine
        kinds |= dict.fromkeys(mine, kind)
        embedded += inside
    for r in conn.execute("SELECT id, mac FROM main.unit WHERE retired IS NULL"):
        kinds[r[0]] = "unit"
        found[r[0]] = WITHDRAWN if r[0] in gone else r[1]
    # What a decision says does not change once it is taken, nor what a whole source is.
    for r in conn.execute("SELECT id, outcome<>'' FROM main.decision WHERE retired IS NULL"):
        kinds[r[0]], found[r[0]] = "decision", "decided" if r[1] else "open"
    for r in conn.execute("SELECT id FROM main.source WHERE retired IS NULL"):
        kinds[r[0]], found[r[0]] = "source", "source"
    for type, src, dst, role in conn.execute(_LINKS):
        if src in found and dst in found:
            steps.setdefault(src, set()).add((type, dst, role))
    for src, dst in conn.execute(_GATHERED):
        if dst in found:
            steps.setdefault(src, set()).add(("gathers", dst, "supports"))
    for src, dst in embedded:
        if dst in found and ("gathers", dst, "supports") not in steps.get(src, ()):
            steps.setdefault(src, set()).add(("embeds", dst, "supports"))
    for src, dst in conn.execute(_CHALLENGES):
        if src in found:
            found[dst] = "open"
            steps.setdefault(src, set()).add((CHALLENGE, dst, "contradicts"))
    return Graph(kinds, found, steps, gone)


def reviews(conn: sqlite3.Connection, items: Collection[str] | None = None) -> list[Review]:
    """Reviews that stand, in the order they were made; of all things, or of these. A requirement that is parked or
    rejected holds nothing up, so nothing about it is in doubt."""
    which = "" if items is None else " AND r.item IN (SELECT value FROM json_each(?))"
    rows = conn.execute(
        "SELECT r.id, r.item, r.fp, r.support_fp, r.basis_json, r.verdict='holds', r.occasion, r.at, m.name, r.note"
        " FROM main.review r JOIN main.member m ON m.id=r.member LEFT JOIN main.requirement q ON q.id=r.item"
        f" WHERE r.retired IS NULL AND coalesce(q.status,'') NOT IN ('parked','rejected'){which} ORDER BY r.rowid",
        () if items is None else (json.dumps([*items]),),
    )
    return [Review(a, b, c, d, e, bool(f), g, h, i, j) for a, b, c, d, e, f, g, h, i, j in map(tuple, rows)]


def has_begun(conn: sqlite3.Connection) -> bool:
    """Whether anything was ever accepted, frozen or decided."""
    sql = (
        "SELECT EXISTS(SELECT 1 FROM main.review WHERE retired IS NULL)"
        " OR EXISTS(SELECT 1 FROM main.decision WHERE retired IS NULL AND outcome<>'')"
    )
    return bool(conn.execute(sql).fetchone()[0])


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version: when it was frozen, and what it holds."""

    id: str
    label: str
    frozen_at: str
    items: tuple[str, ...]


def last_version(conn: sqlite3.Connection) -> Frozen | None:
    """The latest version that stands."""
    sql = "SELECT id, label, frozen_at FROM main.version WHERE retired IS NULL ORDER BY n DESC LIMIT 1"
    row = conn.execute(sql).fetchone()
    if row is None:
        return None
    items = conn.execute("SELECT item FROM main.version_row WHERE version=? ORDER BY item", (row[0],))
    return Frozen(row[0], row[1], row[2], tuple(r[0] for r in items))


# -- when, and by whom --------------------------------------------------------------------------------------

Moment = tuple[str, str]  # (at, who)


def _moments(conn: sqlite3.Connection, operations: Iterable[int]) -> dict[int, Moment]:
    sql = (
        "SELECT o.seq, o.at, m.name FROM main.operation o JOIN main.member m ON m.id=o.member"
        " WHERE o.seq IN (SELECT value FROM json_each(?))"
    )
    return {r[0]: (r[1], r[2]) for r in conn.execute(sql, (json.dumps([*operations]),))}


def reworded_at(conn: sqlite3.Connection, things: Iterable[tuple[str, str]]) -> dict[str, Moment]:
    """When each (id, kind) was last worded otherwise, and by whom."""
    found: dict[str, int] = {}
    for id, kind in things:
        fields = MEANING.get(kind, ("mac",) if kind == "unit" else ())
        differs = " OR ".join(
            f"json_extract(before,'$.{f}') IS NOT json_extract(after,'$.{f}')" for f in fields
        )
        if differs:
            row = conn.execute(
                f"SELECT op FROM main.change WHERE row_id=? AND tbl=? AND before IS NOT NULL AND ({differs})"
                " ORDER BY pk DESC LIMIT 1",
                (id, kind),
            ).fetchone()
            if row:
                found[id] = row[0]
    moments = _moments(conn, found.values())
    return {id: moments[op] for id, op in found.items() if op in moments}


def moved_at(conn: sqlite3.Connection, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Moment]:
    """When each (thing, what it rests on) came together or parted last, and by whose act."""
    sql = (
        "SELECT w.key, max(w.op) FROM ("
        " SELECT j.key, coalesce(l.retired, l.rev) AS op FROM json_each(?1) j JOIN main.link l"
        "   ON l.src=j.value->>0 AND l.dst=j.value->>1 AND l.type IN ('based_on','realises','informs')"
        " UNION ALL SELECT j.key, coalesce(p.retired, p.rev) FROM json_each(?1) j JOIN main.category g"
        "   ON g.id=j.value->>0 JOIN main.placement p ON p.unit=j.value->>1 AND p.code_group=g.code_group"
        " UNION ALL SELECT j.key, u.retired FROM json_each(?1) j JOIN main.unit u ON u.id=j.value->>1"
        "   AND u.retired IS NOT NULL"
        " UNION ALL SELECT j.key, r.rev FROM json_each(?1) j JOIN main.recontext r ON r.id=j.value->>1"
        " UNION ALL SELECT j.key, p.rev FROM json_each(?1) j JOIN main.unit u ON u.id=j.value->>1 JOIN main.turn t"
        "   ON t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end AND t.end>u.start JOIN main.speaker k"
        "   ON k.id=t.speaker JOIN main.participant p ON p.id=k.participant AND p.consent='withdrawn'"
        ") w GROUP BY w.key"
    )
    listed = [*pairs]
    found = {r[0]: r[1] for r in conn.execute(sql, (json.dumps(listed),))} if listed else {}
    moments = _moments(conn, found.values())
    return {listed[n]: moments[op] for n, op in found.items() if op in moments}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a requirement is beside its text's meaning."""

    moscow: str
    status: str
    statement: str


def requirements(conn: sqlite3.Connection) -> dict[str, Wanted]:
    return {
        r[0]: Wanted(r[1], r[2], r[3])
        for r in conn.execute(
            "SELECT id, moscow, status, statement FROM main.requirement WHERE retired IS NULL"
        )
    }


def answered_challenges(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(theme, unit) for every challenge that points at a unit, answered or not."""
    sql = (
        "SELECT category, unit FROM main.recontext WHERE retired IS NULL AND verdict='challenges'"
        " AND unit IS NOT NULL"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]


# -- what an act would touch ------------------------------------------------------------------------------------


def units_of(conn: sqlite3.Connection, kind: str, id: str) -> set[str]:
    """Live units that a participant speaks in, that stand in a source, or that are placed in a code group."""
    if kind == "participant":
        live = {r[0] for r in conn.execute("SELECT id FROM main.unit WHERE retired IS NULL")}
        return _spoken_by(conn, [id]) & live
    sql = {
        "source": "SELECT id FROM main.unit WHERE source=? AND retired IS NULL",
        "code_group": "SELECT unit FROM main.placement WHERE code_group=? AND retired IS NULL AND set_aside IS NULL",
    }[kind]
    return {r[0] for r in conn.execute(sql, (id,))}


def kind_of_any(conn: sqlite3.Connection, id: str) -> str:
    """What an id is, also where it is no item of the trace: a participant or a link; empty for none."""
    row = conn.execute("SELECT kind FROM main.item WHERE id=?", (id,)).fetchone()
    if row:
        return str(row[0])
    for table in ("participant", "link"):
        if conn.execute(f"SELECT 1 FROM main.{table} WHERE id=?", (id,)).fetchone():
            return table
    return ""


def theme_of(conn: sqlite3.Connection, code_group: str) -> str | None:
    """The live result category of a code group."""
    row = conn.execute(
        "SELECT id FROM main.category WHERE code_group=? AND retired IS NULL", (code_group,)
    ).fetchone()
    return row[0] if row else None


def link(conn: sqlite3.Connection, id: str) -> tuple[str, str, str] | None:
    """(type, src, dst) of a live link."""
    row = conn.execute(
        "SELECT type, src, dst FROM main.link WHERE id=? AND retired IS NULL", (id,)
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def released(conn: sqlite3.Connection, items: Collection[str]) -> list[tuple[str, str]]:
    """(kind, at) of every file that has left with one of these in it, newest first."""
    sql = (
        "SELECT r.kind, r.at FROM main.release r WHERE EXISTS(SELECT 1 FROM json_each(r.item_ids_json) j JOIN"
        " json_each(?) mine ON mine.value=j.value) ORDER BY r.pk DESC"
    )
    return [(r[0], r[1]) for r in conn.execute(sql, (json.dumps([*items]),))]


def decided_on(conn: sqlite3.Connection) -> list[tuple[str, str, frozenset[str]]]:
    """(id, key, what it saw) of every decision that was taken."""
    sql = "SELECT id, key, seen_json FROM main.decision WHERE retired IS NULL AND outcome<>''"
    return [(r[0], r[1], frozenset(json.loads(r[2]))) for r in conn.execute(sql)]
