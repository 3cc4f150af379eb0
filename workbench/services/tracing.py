"""The trace: from anything down to the words it rests on, from any unit up to what rests on it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.records import Category, Component, Requirement
from workbench.domain.roles import Action, can
from workbench.domain.stc import without_tokens
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection

from .coding import UnitCard, load_cards
from .context import Context, requires
from .model import RequirementView, is_held_up, requirements_for
from .rereading import Recontext, open_challenges
from .synthesis import released_groups

CONTEXT_TURNS = 2
CONTEXT_LETTERS = 300  # of a turn around a unit, on the side next to it
# What may be named to those who read no source.
_RELEASED = ("category", "requirement", "component", "idea", "evidence", "decision", "version")


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
    """A thing with what it rests on, all the way down to units.

    A challenge noted against a theme, which nobody has answered, is a reason of kind "challenge" that speaks
    against what rests on the theme."""

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
    people: int | None  # None where not to be told
    groups: tuple[str, ...]
    components: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class Holes:
    """Themes that no requirement answers, requirements that nothing supports, components that answer nothing."""

    themes: tuple[tuple[str, str], ...]
    requirements: tuple[tuple[str, str], ...]
    components: tuple[tuple[str, str], ...]


def find_item(conn: Connection, key_or_id: str) -> tuple[str, str]:
    """(id, kind) of a readable key (REQ-012) or an id; raises Refused."""
    found = queries.trace.find(conn, key_or_id)
    if found is None:
        raise Refused("trace.unknown_key", key=key_or_id)
    id, kind = found
    if not queries.live(conn, kind, id=id):
        raise Refused("trace.retired", key=key_or_id)
    return id, kind


def _label(conn: Connection, id: str, kind: str, names: dict[str, tuple[str, str]]) -> str:
    said = {"requirement": "statement", "decision": "question"}.get(kind)
    return str(queries.trace.row_of(conn, kind, id)[said]) if said else names.get(id, ("", ""))[1]


def clipped(text: str, *, end: bool) -> str:
    """The beginning of a text, or its end, in whole words and about CONTEXT_LETTERS; "…" where more is left out."""
    text = text.strip()
    if len(text) <= CONTEXT_LETTERS:
        return text
    part = text[-CONTEXT_LETTERS:] if end else text[:CONTEXT_LETTERS]
    words = part.split(maxsplit=1) if end else part.rsplit(maxsplit=1)
    # A word that the cut goes through is left out; one as long as all of it stays.
    kept = (words[-1] if end else words[0]) if len(words) > 1 else part
    return f"… {kept}" if end else f"{kept} …"


def traced_unit(conn: Connection, card: UnitCard, role: str = "supports") -> TracedUnit:
    """The unit with the turns around it, of long ones what stands next to it."""
    u = card.unit
    turns = queries.trace.turns_around(conn, u.source, u.text_rev, u.start, u.end, CONTEXT_TURNS)
    before = [
        ContextTurn(t["seq"], t["speaker"], clipped(t["text"], end=True))
        for t in turns
        if t["end"] <= u.start
    ]
    after = [
        ContextTurn(t["seq"], t["speaker"], clipped(t["text"], end=False))
        for t in turns
        if t["start"] >= u.end
    ]
    # The rest of the unit's own turns is context too.
    own = [t for t in turns if t["end"] > u.start and t["start"] < u.end]
    if own and u.start > own[0]["start"]:
        rest = own[0]["text"][: u.start - own[0]["start"]]
        before.append(ContextTurn(own[0]["seq"], own[0]["speaker"], clipped(rest, end=True)))
    if own and u.end < own[-1]["end"]:
        rest = own[-1]["text"][u.end - own[-1]["start"] :]
        after.insert(0, ContextTurn(own[-1]["seq"], own[-1]["speaker"], clipped(rest, end=False)))
    return TracedUnit(card, tuple(before), tuple(after), role)


@requires(Action.READ_SOURCES)
def because(ctx: Context, key_or_id: str) -> Because:
    """What an item rests on, down to verbatim units in their context."""
    with ctx.read() as conn:
        id, kind = find_item(conn, key_or_id)
        cards = {c.unit.id: c for c in load_cards(conn)}
        names, noted = queries.trace.labels(conn), open_challenges(conn)
        return _because(conn, id, kind, "supports", cards, names, noted, frozenset())


@requires(Action.READ_THEMES)
def grounds(ctx: Context, key_or_id: str) -> Because:
    """What an item rests on as far as a role without transcripts may see: themes, ideas, law, evidence and
    decisions, and how many challenges are noted. No unit, no condensate, and nothing below a theme."""
    with ctx.read() as conn:
        id, kind = find_item(conn, key_or_id)
        if kind not in _RELEASED:
            raise Refused("error.not_allowed")
        names, noted = queries.trace.labels(conn), open_challenges(conn)
        return _grounds(conn, id, kind, "supports", names, noted, frozenset())


def _challenges(
    conn: Connection, id: str, kind: str, noted: dict[str, list[Recontext]], *, is_top: bool
) -> list[Recontext]:
    """The open challenges to be told with a thing: with a requirement those against the themes it rests on,
    once and before the themes; with a theme its own, unless a requirement above has told them."""
    if kind == "category" and is_top:
        return noted.get(id, [])
    if kind != "requirement":
        return []
    themes = [e["dst"] for e in queries.trace.down(conn, id) if e["role"] == "supports"]
    return [note for theme in dict.fromkeys(themes) for note in noted.get(theme, ())]


def _grounds(
    conn: Connection, id: str, kind: str, role: str, names: dict[str, tuple[str, str]],
    noted: dict[str, list[Recontext]], path: frozenset[str], above: str = "",
) -> Because:  # fmt: skip
    reasons = []
    if _challenges(conn, id, kind, noted, is_top=above != "requirement"):
        said = t("pack.challenged")  # how many is not told: one may be one person's
        reasons.append(Because("", "challenge", "", said, "contradicts", (), (), ()))
    if kind != "category":
        for edge in queries.trace.grounds(conn, id):
            if edge["dst"] not in path and (edge["type"] != "decides" or not path):
                reasons.append(
                    _grounds(conn, edge["dst"], edge["kind"], edge["role"], names, noted, path | {id}, kind)
                )
    key, label = queries.trace.key_of(conn, id), _label(conn, id, kind, names)
    return Because(id, kind, key, label, role, tuple(reasons), (), ())


def _because(
    conn: Connection, id: str, kind: str, role: str, cards: dict[str, UnitCard],
    names: dict[str, tuple[str, str]], noted: dict[str, list[Recontext]], path: frozenset[str], above: str = "",
) -> Because:  # fmt: skip
    # Before what it rests on, which may be long.
    reasons = [
        Because(
            note.id, "challenge", "", note.note, "contradicts", (), (),
            (traced_unit(conn, cards[note.unit], "contradicts"),) if note.unit in cards else (),
        )
        for note in _challenges(conn, id, kind, noted, is_top=above != "requirement")
    ]  # fmt: skip
    told = {note.unit for note in noted.get(id, ())} if role == "supports" else set()
    condensates: list[TracedCondensate] = []
    units: dict[str, TracedUnit] = {}
    if kind == "unit" and id in cards:
        units[id] = traced_unit(conn, cards[id], role)
    for edge in queries.trace.down(conn, id):
        dst, target = edge["dst"], edge["kind"]
        # What a decision judged is its own subject; what rests on the decision does not rest on that.
        if dst in path or (edge["type"] == "decides" and path):
            continue
        if target == "unit":
            if edge["type"] == "challenged_by" and dst in told:
                continue
            if dst in cards and (dst not in units or edge["role"] == "contradicts"):
                units[dst] = traced_unit(conn, cards[dst], edge["role"])
        elif target == "condensate":
            c = queries.trace.condensate(conn, dst)
            held = tuple(v["unit"] for v in queries.live(conn, "cover", condensate=dst))
            condensates.append(TracedCondensate(c["id"], c["name"], c["voice"], c["text"], held))
        else:
            reasons.append(_because(conn, dst, target, edge["role"], cards, names, noted, path | {id}, kind))
    ordered = sorted(units.values(), key=lambda x: (x.card.unit.source_position, x.card.unit.start))
    return Because(
        id,
        kind,
        queries.trace.key_of(conn, id),
        _label(conn, id, kind, names),
        role,
        tuple(reasons),
        tuple(condensates),
        tuple(ordered),
    )


@requires(Action.READ_SOURCES)
def resting_on(ctx: Context, key_or_id: str) -> list[Resting]:
    """What rests on an item, nearest first: condensates, themes, requirements, components, versions, and the
    decisions that judged one of them. What rests on such a decision does not rest on what it judged."""
    with ctx.read() as conn:
        start, _ = find_item(conn, key_or_id)
        names = queries.trace.labels(conn)
        found: dict[str, Resting] = {}
        front = [(start, 0, "supports")]
        while front:
            here, steps, came_as = front.pop(0)
            for edge in queries.trace.up(conn, here):
                src, kind = edge["src"], edge["kind"]
                if src in found or src == start:
                    continue
                role = "contradicts" if "contradicts" in (edge["role"], came_as) else "supports"
                label = _label(conn, src, kind, names)
                if kind == "condensate":
                    label = queries.trace.condensate(conn, src)["name"]
                found[src] = Resting(src, kind, queries.trace.key_of(conn, src), label, role, steps + 1)
                if edge["type"] != "decides":
                    front.append((src, steps + 1, role))
        return list(found.values())


@requires(Action.READ_THEMES)
def trace_table(ctx: Context) -> list[TraceRow]:
    """Theme x requirement rows with who was heard and which components answer; gaps as rows of their own."""
    with ctx.read() as conn:
        requirements = requirements_for(conn, ctx.member)
        groups = {g.id: g.name for g in queries.groups(conn).values()}
        if not can(ctx.member.role, Action.READ_SOURCES):
            groups = {g: name for g, (_, name) in released_groups(conn).items()}
        themes = queries.records(conn, Category, order="position")

    def row(theme: Category | None, view: RequirementView, role: str) -> TraceRow:
        r = view.requirement
        return TraceRow(
            theme.id if theme else None, theme.heading if theme else "", r.id, r.key, r.statement, role, view.people,
            tuple(dict.fromkeys(groups[g] for g in view.groups)), tuple(name for _, name in view.components), r.basis,
        )  # fmt: skip

    rows = []
    for theme in themes:
        mine = [(v, s) for v in requirements for s in (*v.supports, *v.against) if s.item == theme.id]
        rows += [row(theme, v, s.role) for v, s in mine]
        if not mine:
            rows.append(TraceRow(theme.id, theme.heading, None, "", "", "", 0, (), (), ""))
    for view in requirements:
        if not any(s.kind == "category" for s in (*view.supports, *view.against)):
            rows.append(row(None, view, ""))
    return rows


@requires(Action.READ_THEMES)
def holes(ctx: Context) -> Holes:
    with ctx.read() as conn:
        return find_holes(conn)


def find_holes(conn: Connection) -> Holes:
    requirements = queries.records(conn, Requirement, order="key")
    status = {r.id: r.status for r in requirements}
    based = [
        (x["src"], x["dst"])
        for x in queries.live(conn, "link", type="based_on", role="supports")
        if x["src"] in status
    ]
    supported = {src for src, _ in based}
    answered = {dst for src, dst in based if status[src] != "rejected"}
    realises = {link["src"] for link in queries.live(conn, "link", type="realises")}
    return Holes(
        tuple(
            (c.id, c.heading)
            for c in queries.records(conn, Category, order="position")
            if c.id not in answered
        ),
        tuple((r.id, r.key) for r in requirements if not is_held_up(r, r.id in supported)),
        tuple(
            (c.id, c.name) for c in queries.records(conn, Component, order="position") if c.id not in realises
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
