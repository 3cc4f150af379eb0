"""A participant withdraws: what rests on their words, and letting all of it go in one operation."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.records import Member, Participant
from workbench.domain.roles import Action
from workbench.domain.stc import embedded_units
from workbench.store import erasing, queries, releases
from workbench.store.connection import Connection
from workbench.store.queries import withdrawing as reads
from workbench.store.unit_of_work import LOOKS_BACK, UnitOfWork, tables
from workbench.store.unseen import hides

from . import history
from .context import Context, requires

WAYS = ("stop", "erase")
VERB = "withdraw"


@dataclass(frozen=True, slots=True)
class Affected:
    """Something that rests on a person's words: `label` never has any of them. `group` and `subgroup` say where a
    condensate stands; a requirement is `direct` where it rests on a unit itself."""

    id: str
    kind: str
    label: str
    key: str = ""
    direct: bool = False
    group: str = ""
    subgroup: str = ""


@dataclass(frozen=True, slots=True)
class SpokenSource:
    id: str
    title: str
    turns: int  # the person's
    alone: bool  # nobody else but interviewers speaks in it


@dataclass(frozen=True, slots=True)
class WithdrawalImpact:
    """What would go and what would be in doubt, before it is done. `units` of which `shared` are words of others too.

    `embedding`: themes whose text has a unit in it; `themes`: every theme that a unit supports. `musts`: those that
    would rest on nothing any more. `sent`: (date, kind, who) of files that have left with their words in them. `repeats`:
    live texts that repeat eight or more of their words in a row and that only a person can rewrite. `backups`: how many
    hold their words. `hidden`: marks made unseen by others are not counted, and go as well."""

    participant: Participant
    withdrawn_at: str  # the day; "" where they have not
    erased: bool
    units: tuple[str, ...]
    shared: int
    condensates: tuple[Affected, ...]
    golden: int
    cleared: tuple[str, ...]
    embedding: tuple[Affected, ...]
    themes: tuple[Affected, ...]
    requirements: tuple[Affected, ...]
    musts: tuple[Affected, ...]
    components: tuple[Affected, ...]
    decisions: tuple[Affected, ...]
    versions: tuple[Affected, ...]
    sent: tuple[tuple[str, str, str], ...]
    sources: tuple[SpokenSource, ...]
    turns: int
    originals: int
    repeats: tuple[Affected, ...]
    impressions: int
    backups: int
    hidden: bool

    @property
    def items(self) -> int:
        """Themes, requirements, components and decisions that rest on this person."""
        return sum(map(len, (self.themes, self.requirements, self.components, self.decisions)))


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """That somebody has withdrawn: when, in which operation (None: it was said when they were added), and whether
    their words are erased."""

    at: str
    op: int | None
    erased: bool


# -- before -----------------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def withdrawal_impact(ctx: Context, participant: str) -> WithdrawalImpact:
    """What rests on a person's words now. Nothing is changed."""
    with ctx.read() as conn:
        return _impact(ctx, conn, participant)


def _impact(ctx: Context, conn: Connection, participant: str) -> WithdrawalImpact:
    person = queries.participants(conn).get(participant)
    if person is None:
        raise Refused("error.gone", kind="participant")
    units = erasing.live_units(conn, participant)
    mine = set(units)
    spoken = erasing.spoken(conn, participant)
    known = erasing.words_of(conn, participant)
    cleared = [q["id"] for q in queries.live(conn, "cleared_quote") if q["unit"] in mine]
    condensates, golden = _condensates(conn, mine)
    themes, embedding = _themes(conn, mine)
    requirements, musts = _requirements(conn, mine, {a.id for a in themes})
    reached = {a.id for a in (*themes, *requirements)}
    components = _at_end(conn, "realises", {a.id for a in requirements}, "component")
    reached |= {a.id for a in components}
    decisions = _at_end(conn, "decides", reached, "decision")
    sources = _sources(conn, spoken)
    state = _withdrawn(conn).get(participant)
    carried = mine | set(cleared) | {s.id for s in sources} | {a.id for a in embedding}
    who = {m.id: m.name for m in queries.records(conn, Member)}
    return WithdrawalImpact(
        participant=person,
        withdrawn_at=state.at[:10] if state else "",
        erased=bool(state and state.erased),
        units=tuple(units),
        shared=_shared(conn, participant, mine),
        condensates=condensates,
        golden=golden,
        cleared=tuple(cleared),
        embedding=embedding,
        themes=themes,
        requirements=requirements,
        musts=musts,
        components=components,
        decisions=decisions,
        versions=_versions(conn, reached),
        sent=tuple(
            (r.at[:10], r.kind, who.get(r.member, "")) for r in releases.load(conn) if carried & set(r.items)
        ),
        sources=sources,
        turns=len(spoken),
        originals=_originals(ctx, {s.id for s in sources}),
        repeats=_named(conn, erasing.repeating(conn, known)),
        impressions=sum(i["source"] in {s.id for s in sources} for i in queries.live(conn, "impression")),
        backups=len(erasing.backups(ctx.store.path)),
        hidden=hides(conn),
    )


def _shared(conn: Connection, participant: str, units: Collection[str]) -> int:
    texts = queries.units(conn, among=units)
    return sum(bool(set(u.participants) - {participant}) for u in texts)


def _condensates(conn: Connection, units: Collection[str]) -> tuple[tuple[Affected, ...], int]:
    held = {v["condensate"] for v in queries.live(conn, "cover") if v["unit"] in units}
    subgroups = {s["id"]: s for s in queries.live(conn, "subgroup")}
    found, golden = [], 0
    for c in queries.live(conn, "condensate"):
        golden += c["golden_unit"] in units
        if c["id"] in held or c["golden_unit"] in units:
            subgroup = subgroups[c["subgroup"]]
            found.append(
                Affected(
                    c["id"],
                    "condensate",
                    subgroup["name"],
                    group=subgroup["code_group"],
                    subgroup=subgroup["id"],
                )
            )
    return tuple(found), golden


def _themes(conn: Connection, units: Collection[str]) -> tuple[tuple[Affected, ...], tuple[Affected, ...]]:
    placed = {p["code_group"] for p in queries.live(conn, "placement") if p["unit"] in units}
    themes, embedding = [], []
    for c in sorted(queries.live(conn, "category"), key=lambda c: c["position"]):
        named = Affected(c["id"], "category", c["heading"])
        embeds = not set(units).isdisjoint(embedded_units(c["analytic_text"]))
        if embeds:
            embedding.append(named)
        if embeds or c["code_group"] in placed:
            themes.append(named)
    return tuple(themes), tuple(embedding)


def _requirements(
    conn: Connection, units: Collection[str], themes: Collection[str]
) -> tuple[tuple[Affected, ...], tuple[Affected, ...]]:
    """Requirements that rest on the units, directly or through a theme, and the Musts left with no support."""
    left = {
        c["id"] for c in queries.live(conn, "category")
        if any(p["unit"] not in units for p in queries.live(conn, "placement", code_group=c["code_group"]))
    }  # fmt: skip
    basis: dict[str, list[tuple[str, str]]] = {}
    for link in queries.live(conn, "link", type="based_on"):
        basis.setdefault(link["src"], []).append((link["dst"], link["role"]))
    found, musts = [], []
    for r in queries.live(conn, "requirement"):
        rests = basis.get(r["id"], [])
        direct = any(dst in units for dst, _ in rests)
        if not direct and not any(dst in themes for dst, _ in rests):
            continue
        named = Affected(r["id"], "requirement", r["statement"], r["key"], direct)
        found.append(named)
        supports = [dst for dst, role in rests if role == "supports"]
        falls = all(dst in units or (dst in themes and dst not in left) for dst in supports)
        if r["moscow"] == "must" and r["status"] != "rejected" and supports and falls:
            musts.append(named)
    return tuple(found), tuple(musts)


def _at_end(conn: Connection, type: str, of: Collection[str], kind: str) -> tuple[Affected, ...]:
    """What points at any of these by a link of a type."""
    sources = {link["src"] for link in queries.live(conn, "link", type=type) if link["dst"] in of}
    label = "name" if kind == "component" else "question"
    return tuple(
        Affected(row["id"], kind, row[label], row["key"])
        for row in queries.live(conn, kind)
        if row["id"] in sources
    )


def _versions(conn: Connection, of: Collection[str]) -> tuple[Affected, ...]:
    held = reads.versions_with(conn, of)
    return tuple(
        Affected(v["id"], "version", v["label"]) for v in queries.live(conn, "version") if v["id"] in held
    )


def _sources(conn: Connection, spoken: Iterable[dict[str, object]]) -> tuple[SpokenSource, ...]:
    turns: dict[str, int] = {}
    for turn in spoken:
        turns[str(turn["source"])] = turns.get(str(turn["source"]), 0) + 1
    titles = reads.titles(conn)
    return tuple(
        SpokenSource(id, titles[id], n, reads.informants_in(conn, id) <= 1) for id, n in turns.items()
    )


def _originals(ctx: Context, sources: Collection[str]) -> int:
    return len(erasing.originals(ctx.store) & set(sources))


def _named(conn: Connection, found: Iterable[erasing.Repeat]) -> tuple[Affected, ...]:
    """Texts that repeat a person's words, by what they are and where; each once."""
    labels = {
        "category": "heading", "requirement": "key", "component": "key", "decision": "key", "version": "label",
        "code_group": "name", "assumption": "key", "open_question": "key", "feedback": "key", "change_item": "key",
    }  # fmt: skip
    named = []
    for repeat in found:
        row = reads.row_of(conn, repeat.table, repeat.id)
        one = Affected(
            repeat.id, repeat.table, str(row[labels[repeat.table]]) if repeat.table in labels else ""
        )
        if repeat.table == "condensate":
            sub = reads.row_of(conn, "subgroup", row["subgroup"])
            one = replace(one, label=sub["name"], group=sub["code_group"], subgroup=sub["id"])
        named.append(one)
    return tuple(named)


def _withdrawn(conn: Connection) -> dict[str, Withdrawn]:
    """Participant -> since when they have withdrawn, as it stands now."""
    erased = {r["participant"] for r in queries.live(conn, "erasure")}
    since = queries.condensing.withdrawals(conn)
    found = {}
    for person in queries.participants(conn).values():
        if person.consent == "withdrawn":
            op = since.get(person.id)
            at, verb = reads.operation_at(conn, op)
            found[person.id] = Withdrawn(at, op if verb == VERB else None, person.id in erased)
    return found


@requires(Action.READ_SOURCES)
def withdrawn(ctx: Context) -> dict[str, Withdrawn]:
    """Those who have withdrawn."""
    with ctx.read() as conn:
        return _withdrawn(conn)


# -- the act ----------------------------------------------------------------------------------------------


@requires(Action.IMPORT)
def withdraw(
    ctx: Context, participant: str, how: str, reason: str, *, backups: bool = False, op_id: str | None = None
) -> int:
    """Let a person's words go: `stop` using them, or `erase` them; returns how many units left.

    One operation. Units with words of the person in them are taken out with their placements, codes, comments, covers,
    golden quotes, cleared quotes, links and places in analytic texts; whatever came to rest on them until now goes or
    lets go in the same moment. `erase` also takes the words out of the text, the index and the record of changes, and
    then out of the vault and the backups: `backups` says that the project's own backups may be deleted and one new one
    made. Never undone; `stop` is, by Undo or `take_back`.

    Raises Refused without a reason, for somebody who has withdrawn already, or where backups are not agreed to."""
    if how not in WAYS:
        raise ValueError(how)
    if not reason.strip():
        raise Refused("withdraw.needs_reason")
    if how == "erase" and not ctx.member.is_lead:
        raise Refused("withdraw.lead_only")
    if how == "erase" and not backups and erasing.backups(ctx.store.path):
        raise Refused("withdraw.backups")
    with ctx.write(VERB, op_id=op_id) as work:
        conn = work.connection
        person = work.get("participant", participant)
        before = _withdrawn(conn).get(participant)
        units = erasing.live_units(conn, participant)
        if before is not None and (before.erased or (how == "stop" and not units)):
            raise Refused("withdraw.already", at=before.at[:10])
        items = _impact(ctx, conn, participant).items
        work.ids = {"participant": participant, "how": how, "n": len(units), "items": items}
        if person["consent"] != "withdrawn":
            work.update("participant", participant, {"consent": "withdrawn"})
        _out_of_texts(work, units)
        for unit in units:
            _let_go(work, "unit", unit)
        work.reason(reason)
        if how == "erase":
            erasing.erase(work, ctx.store, participant, ctx.new_id(), len(units))
    if how == "erase":
        erasing.finish(ctx.store)
    return len(units)


def _out_of_texts(work: UnitOfWork, units: Collection[str]) -> None:
    """Take the tokens of units out of analytic texts, with the space before each."""
    gone = set(units)
    for category in work.live("category"):
        here = gone & set(embedded_units(category["analytic_text"]))
        if here:
            tokens = "|".join(re.escape("{{unit:" + unit + "}}") for unit in here)
            text = re.sub(rf"[ \t]?(?:{tokens})", "", category["analytic_text"])
            work.update("category", category["id"], {"analytic_text": text})


def _let_go(work: UnitOfWork, table: str, id: str) -> None:
    """Take a row out with everything that rests on it, however it came to: what may stand without it stays and points
    at nothing (a condensate's golden quote, a challenge's unit), the rest goes."""
    row = work.find(table, id)
    if row is None or row["retired"] is not None:
        return
    known = tables(work.connection)
    for name, spec in known.items():
        if name in LOOKS_BACK:
            continue
        for column, target in spec.references:
            if target == table or (target == "item" and known[table].is_item):
                for held in work.live(name, **{column: id}):
                    if reads.is_optional(work.connection, name, column):
                        work.update(name, held["id"], {column: None})
                    else:
                        _let_go(work, name, held["id"])
    work.retire(table, id)


@requires(Action.IMPORT)
def take_back(ctx: Context, participant: str) -> None:
    """The person has agreed again: everything their withdrawal took out stands as it stood. Raises UndoRefused where
    their words are erased, or something newer is in the way."""
    with ctx.read() as conn:
        state = _withdrawn(conn).get(participant)
    if state is None or state.op is None:
        raise Refused("withdraw.not_withdrawn")
    if state.erased:
        raise Refused("withdraw.is_erased")
    history.undo(ctx, state.op)


@requires(Action.READ_SOURCES)
def erasure_unfinished(ctx: Context) -> bool:
    """Whether an erasure was cut short after the project file itself was clean."""
    with ctx.read() as conn:
        return erasing.is_unfinished(conn)


@requires(Action.IMPORT)
def finish_erasure(ctx: Context) -> bool:
    """Do what an erasure that was cut short has left in the vault, the log and the backups; True when all is done."""
    return erasing.finish(ctx.store)
