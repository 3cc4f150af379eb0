"""The trace: from anything down to the words it rests on, from any unit up to what rests on it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.store import queries

from .coding import UnitCard, load_cards
from .context import Context, requires
from .model import labels, load_requirements

CONTEXT_TURNS = 2


@dataclass(frozen=True, slots=True)
class ContextTurn:
    seq: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class TracedUnit:
    """A unit in its place: the turns it stands in, two before and two after."""

    card: UnitCard
    before: tuple[ContextTurn, ...]
    after: tuple[ContextTurn, ...]
    role: str  # supports | contradicts


@dataclass(frozen=True, slots=True)
class TracedCondensate:
    id: str
    subgroup: str
    voice: str | None
    text: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """A thing with what it rests on, all the way down to units."""

    id: str
    kind: str
    key: str
    label: str
    role: str
    reasons: tuple[Because, ...]
    condensates: tuple[TracedCondensate, ...]
    units: tuple[TracedUnit, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """Something that rests on an item, and on which way: `steps` from the item."""

    id: str
    kind: str
    key: str
    label: str
    role: str
    steps: int


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One row of the trace table: groups heard, theme, requirement, components."""

    theme: str | None
    theme_heading: str
    requirement: str | None
    requirement_key: str
    statement: str
    role: str
    people: int
    groups: tuple[str, ...]
    components: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Holes:
    """Themes that no requirement answers, requirements that nothing supports, components that answer nothing."""

    themes: tuple[tuple[str, str], ...]
    requirements: tuple[tuple[str, str], ...]
    components: tuple[tuple[str, str], ...]


def find_item(conn: sqlite3.Connection, key_or_id: str) -> tuple[str, str]:
    """(id, kind) of a readable key (REQ-012) or an id; raises Refused."""
    row = conn.execute(
        "SELECT id, kind FROM item WHERE key=?1 COLLATE NOCASE OR id=?1", (key_or_id,)
    ).fetchone()
    if row is None:
        raise Refused("trace.unknown_key", key=key_or_id)
    live = conn.execute(
        f"SELECT 1 FROM {row['kind']} WHERE id=? AND retired IS NULL", (row["id"],)
    ).fetchone()
    if live is None:
        raise Refused("trace.retired", key=key_or_id)
    return row["id"], row["kind"]


def _key(conn: sqlite3.Connection, id: str) -> str:
    row = conn.execute("SELECT key FROM item WHERE id=?", (id,)).fetchone()
    return str(row["key"] or "") if row else ""


def _label(conn: sqlite3.Connection, id: str, kind: str, names: dict[str, tuple[str, str]]) -> str:
    if kind == "requirement":
        return str(
            conn.execute("SELECT statement FROM requirement WHERE id=?", (id,)).fetchone()["statement"]
        )
    if kind == "decision":
        return str(conn.execute("SELECT question FROM decision WHERE id=?", (id,)).fetchone()["question"])
    return names.get(id, ("", ""))[1]


def traced_unit(conn: sqlite3.Connection, card: UnitCard, role: str = "supports") -> TracedUnit:
    """The unit with the turns around it."""
    u = card.unit
    turns = conn.execute(
        "SELECT t.seq, t.start, t.end, t.text, coalesce(p.pseudonym, k.label, '') AS speaker FROM turn t"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant"
        " WHERE t.source=? AND t.text_rev=? AND t.seq BETWEEN"
        " (SELECT min(seq) FROM turn WHERE source=?1 AND text_rev=?2 AND end>?3) - ?5 AND"
        " (SELECT max(seq) FROM turn WHERE source=?1 AND text_rev=?2 AND start<?4) + ?5 ORDER BY t.seq",
        (u.source, u.text_rev, u.start, u.end, CONTEXT_TURNS),
    ).fetchall()
    before = [ContextTurn(t["seq"], t["speaker"], t["text"]) for t in turns if t["end"] <= u.start]
    after = [ContextTurn(t["seq"], t["speaker"], t["text"]) for t in turns if t["start"] >= u.end]
    # The rest of the unit's own turns is context too.
    own = [t for t in turns if t["end"] > u.start and t["start"] < u.end]
    if own and u.start > own[0]["start"]:
        before.append(
            ContextTurn(own[0]["seq"], own[0]["speaker"], own[0]["text"][: u.start - own[0]["start"]].strip())
        )
    if own and u.end < own[-1]["end"]:
        after.insert(
            0,
            ContextTurn(
                own[-1]["seq"], own[-1]["speaker"], own[-1]["text"][u.end - own[-1]["start"] :].strip()
            ),
        )
    return TracedUnit(card, tuple(before), tuple(after), role)


@requires(Action.READ_SOURCES)
def because(ctx: Context, key_or_id: str) -> Because:
    """What an item rests on, down to verbatim units in their context."""
    with ctx.store.read() as conn:
        id, kind = find_item(conn, key_or_id)
        cards = {c.unit.id: c for c in load_cards(conn)}
        return _because(conn, id, kind, "supports", cards, labels(conn), frozenset())


@requires(Action.READ_THEMES)
def grounds(ctx: Context, key_or_id: str) -> Because:
    """What an item rests on as far as a role without transcripts may see: themes, ideas, law, evidence and
    decisions. No unit, no condensate, and nothing below a theme."""
    with ctx.store.read() as conn:
        id, kind = find_item(conn, key_or_id)
        if kind in ("unit", "condensate", "source"):
            raise Refused("error.not_allowed")
        return _grounds(conn, id, kind, "supports", labels(conn), frozenset())


def _grounds(
    conn: sqlite3.Connection, id: str, kind: str, role: str, names: dict[str, tuple[str, str]],
    path: frozenset[str],
) -> Because:  # fmt: skip
    reasons = []
    if kind != "category":
        for edge in conn.execute(
            "SELECT DISTINCT l.dst, l.role, i.kind FROM link l JOIN item i ON i.id=l.dst WHERE l.src=?"
            " AND l.retired IS NULL AND l.type<>'evaluates' AND i.kind NOT IN ('unit','condensate','source')",
            (id,),
        ):
            if edge["dst"] not in path:
                reasons.append(_grounds(conn, edge["dst"], edge["kind"], edge["role"], names, path | {id}))
    return Because(id, kind, _key(conn, id), _label(conn, id, kind, names), role, tuple(reasons), (), ())


def _because(
    conn: sqlite3.Connection, id: str, kind: str, role: str, cards: dict[str, UnitCard],
    names: dict[str, tuple[str, str]], path: frozenset[str],
) -> Because:  # fmt: skip
    reasons: list[Because] = []
    condensates: list[TracedCondensate] = []
    units: dict[str, TracedUnit] = {}
    if kind == "unit" and id in cards:
        units[id] = traced_unit(conn, cards[id], role)
    for edge in conn.execute(
        "SELECT DISTINCT type, dst, role FROM trace_edge WHERE src=? AND type<>'evaluates'", (id,)
    ):
        dst = edge["dst"]
        if dst in path:
            continue
        target = conn.execute("SELECT kind FROM item WHERE id=?", (dst,)).fetchone()["kind"]
        if target == "unit":
            if dst in cards and (dst not in units or edge["role"] == "contradicts"):
                units[dst] = traced_unit(conn, cards[dst], edge["role"])
        elif target == "condensate":
            c = conn.execute(
                "SELECT c.id, c.voice, c.text, g.name FROM condensate c JOIN subgroup g ON g.id=c.subgroup WHERE c.id=?",
                (dst,),
            ).fetchone()
            held = tuple(
                r["unit"]
                for r in conn.execute("SELECT unit FROM cover WHERE condensate=? AND retired IS NULL", (dst,))
            )
            condensates.append(TracedCondensate(c["id"], c["name"], c["voice"], c["text"], held))
        else:
            reasons.append(_because(conn, dst, target, edge["role"], cards, names, path | {id}))
    ordered = sorted(units.values(), key=lambda x: (x.card.unit.source_position, x.card.unit.start))
    return Because(
        id,
        kind,
        _key(conn, id),
        _label(conn, id, kind, names),
        role,
        tuple(reasons),
        tuple(condensates),
        tuple(ordered),
    )


@requires(Action.READ_SOURCES)
def resting_on(ctx: Context, key_or_id: str) -> list[Resting]:
    """What rests on an item, nearest first: condensates, themes, requirements, components, versions, decisions."""
    with ctx.store.read() as conn:
        start, _ = find_item(conn, key_or_id)
        names = labels(conn)
        found: dict[str, Resting] = {}
        front = [(start, 0, "supports")]
        while front:
            here, steps, came_as = front.pop(0)
            for edge in conn.execute("SELECT DISTINCT src, role FROM trace_edge WHERE dst=?", (here,)):
                src = edge["src"]
                if src in found or src == start:
                    continue
                kind = conn.execute("SELECT kind FROM item WHERE id=?", (src,)).fetchone()["kind"]
                role = "contradicts" if "contradicts" in (edge["role"], came_as) else "supports"
                label = _label(conn, src, kind, names)
                if kind == "condensate":
                    label = conn.execute(
                        "SELECT g.name FROM condensate c JOIN subgroup g ON g.id=c.subgroup WHERE c.id=?",
                        (src,),
                    ).fetchone()["name"]
                found[src] = Resting(src, kind, _key(conn, src), label, role, steps + 1)
                front.append((src, steps + 1, role))
        return list(found.values())


@requires(Action.READ_THEMES)
def trace_table(ctx: Context) -> list[TraceRow]:
    """Theme x requirement rows with who was heard and which components answer; gaps as rows of their own."""
    with ctx.store.read() as conn:
        requirements = load_requirements(conn)
        groups = queries.groups(conn)
        themes = conn.execute(
            "SELECT id, heading FROM category WHERE retired IS NULL ORDER BY position"
        ).fetchall()
    rows = []
    for t in themes:
        mine = [(r, s) for r in requirements for s in (*r.supports, *r.against) if s.item == t["id"]]
        for r, s in mine:
            rows.append(
                TraceRow(t["id"], t["heading"], r.requirement.id, r.requirement.key, r.requirement.statement, s.role,
                         r.people, tuple(groups[g].name for g in r.groups), tuple(c for _, c in r.components), r.requirement.basis)
            )  # fmt: skip
        if not mine:
            rows.append(TraceRow(t["id"], t["heading"], None, "", "", "", 0, (), (), ""))
    for r in requirements:
        if not any(s.kind == "category" for s in (*r.supports, *r.against)):
            rows.append(
                TraceRow(None, "", r.requirement.id, r.requirement.key, r.requirement.statement, "", r.people,
                         tuple(groups[g].name for g in r.groups), tuple(c for _, c in r.components), r.requirement.basis)
            )  # fmt: skip
    return rows


@requires(Action.READ_THEMES)
def holes(ctx: Context) -> Holes:
    with ctx.store.read() as conn:
        return find_holes(conn)


def find_holes(conn: sqlite3.Connection) -> Holes:
    requirements = load_requirements(conn)
    answered = {s.item for r in requirements if r.requirement.status != "rejected" for s in r.supports}
    realises = {
        r["src"] for r in conn.execute("SELECT src FROM link WHERE type='realises' AND retired IS NULL")
    }
    return Holes(
        tuple(
            (r["id"], r["heading"])
            for r in conn.execute("SELECT id, heading FROM category WHERE retired IS NULL ORDER BY position")
            if r["id"] not in answered
        ),
        tuple((r.requirement.id, r.requirement.key) for r in requirements if not r.is_held_up),
        tuple(
            (r["id"], r["name"])
            for r in conn.execute("SELECT id, name FROM component WHERE retired IS NULL ORDER BY position")
            if r["id"] not in realises
        ),
    )


def as_json(node: Because) -> dict[str, object]:
    """A Because as plain data for the command line; `text` is verbatim."""
    return {
        "id": node.id, "kind": node.kind, "key": node.key, "label": without_tokens(node.label), "role": node.role,
        "condensates": [
            {"id": c.id, "subgroup": c.subgroup, "voice": c.voice, "text": c.text, "units": list(c.units)}
            for c in node.condensates
        ],
        "units": [
            {"id": u.card.unit.id, "source": u.card.unit.source_title, "turn": u.card.unit.turn,
             "start": u.card.unit.start, "end": u.card.unit.end, "speakers": list(u.card.unit.speakers),
             "text": u.card.unit.text, "role": u.role,
             "before": [{"speaker": t.speaker, "text": t.text} for t in u.before],
             "after": [{"speaker": t.speaker, "text": t.text} for t in u.after]}
            for u in node.units
        ],
        "rests_on": [as_json(r) for r in node.reasons],
    }  # fmt: skip
