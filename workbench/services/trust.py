"""Trust of themes, requirements and components: what was looked at, what is in doubt since, and looking again.

It is told in sentences with their cause and date. Fingerprints and reviews stay under the bonnet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from workbench.domain.checks import THRESHOLDS
from workbench.domain.errors import Refused
from workbench.domain.people import heard, top_group
from workbench.domain.roles import Action, can
from workbench.domain.trace import support_fingerprint
from workbench.domain.trust import (
    TRUSTED,
    Cause,
    Graph,
    Review,
    State,
    Trust,
    basis_json,
    basis_print,
    below,
    compute,
)
from workbench.language import day, t, tn
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import trust as reads
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires

# Kinds that are never told by what they are called: their names are places in transcripts, or words of people.
_BY_KIND = frozenset({"unit", "source", "challenge", "condensate"})
Expected = tuple[str, str, str]  # (fingerprint, that of what it rests on, the last review or "")


# -- computing -------------------------------------------------------------------------------------------------


def load_trust(conn: Connection) -> Trust:
    """The state of everything that was ever accepted or frozen; all else is in draft."""
    if not reads.has_begun(conn):
        return Trust()
    return trust_of(conn, reads.graph(conn))


def trust_of(conn: Connection, graph: Graph) -> Trust:
    """The states on this graph, which may be one that is only thought of."""
    states = compute(graph, reads.reviews(conn), failing_musts(conn, graph))
    names = reads.names(conn)
    found = _told_causes(conn, graph, states, names)
    if version := reads.last_version(conn):
        found[version.id] = _frozen_state(version, found)
        names[version.id] = ("version", version.label)
    return Trust(found, graph, names)


def _frozen_state(version: reads.Frozen, states: Mapping[str, State]) -> State:
    """A version is never in doubt itself: it says how things stood. What it holds may be."""
    paths = [
        (version.id, *(states[i].path or (i,))) for i in version.items if i in states and states[i].is_doubted
    ]
    nearest = min(paths, key=lambda path: (len(path), path), default=())
    return State("distant" if nearest else "reviewed", version.frozen_at, (), nearest, "frozen")


def _told_causes(
    conn: Connection, graph: Graph, states: Mapping[str, State], names: Mapping[str, tuple[str, str]]
) -> dict[str, State]:
    """The states with the names, dates and people of their causes."""
    causes = [(item, c) for item, state in states.items() for c in state.causes]
    if not causes:
        return dict(states)
    gone = {c.item for _, c in causes if c.item not in names}
    known = {**queries.trace.labels(conn, gone), **names}
    worded = reads.reworded_at(
        conn,
        dict.fromkeys((c.item, c.kind_of) for _, c in causes if c.kind in ("reworded", "basis_reworded")),
    )
    pairs = {
        (c.item, item) if c.kind == "let_go" else (item, c.item)
        for item, c in causes
        if "reworded" not in c.kind
    }
    moved = reads.moved_at(conn, sorted(pairs))

    def tell(item: str, c: Cause) -> Cause:
        kind = c.kind_of or known.get(c.item, ("unit", ""))[0]
        label = c.label or (t(f"trust.a.{kind}") if kind in _BY_KIND else known.get(c.item, ("", ""))[1])
        pair = (c.item, item) if c.kind == "let_go" else (item, c.item)
        at, who = (worded.get(c.item) if "reworded" in c.kind else moved.get(pair)) or (None, "")
        return replace(c, kind_of=kind, label=label, at=at, who=who)

    return {
        item: replace(state, causes=tuple(tell(item, c) for c in state.causes)) if state.causes else state
        for item, state in states.items()
    }


def failing_musts(conn: Connection, graph: Graph) -> dict[str, str]:
    """Accepted Musts whose support is less than the rule asks for that a project has switched on (R1), and the sentence
    that says so. Nothing where it is off, or was set aside for a Must with a reason."""
    if queries.setting(conn, "severity.must_support", "off") in ("", "off"):
        return {}
    musts = [id for id, r in reads.requirements(conn).items() if (r.moscow, r.status) == ("must", "accepted")]
    waived = {w["item"] for w in queries.live(conn, "waiver", rule="must_support")}
    least = {
        what: int(value) if (value := queries.setting(conn, f"threshold.{name}")).isdecimal() else THRESHOLDS[name].default
        for what in ("groups", "people")
        for name in (f"must_support.{what}",)
    }  # fmt: skip
    units = {id: _units_below(graph, id) for id in musts if id not in waived}
    who = {
        u.id: (u.words_of, u.participants) for u in queries.units(conn, among=set().union(*units.values()))
    }
    groups, people = queries.groups(conn), queries.participants(conn)
    failing = {}
    for id, mine in units.items():
        said = heard(who[u] for u in mine if u in who and u not in graph.withdrawn)
        tops = {top_group(people[p].stakeholder_group, groups) for p in said if p in people} - {None}
        if len(said) < least["people"] or len(tops) < least["groups"]:
            failing[id] = t("trust.rule", groups=least["groups"], people=least["people"])
    return failing


def _units_below(graph: Graph, requirement: str) -> set[str]:
    """The units that support a requirement, itself or through its themes."""
    found = set()
    for type, dst, role in graph.steps.get(requirement, ()):
        if type == "based_on" and role == "supports":
            if graph.kinds[dst] == "unit":
                found.add(dst)
            elif graph.kinds[dst] == "category":
                found |= {u for kind, u, _ in graph.steps.get(dst, ()) if kind == "gathers"}
    return found


# -- accepting and freezing ---------------------------------------------------------------------------------------


def accept_reviews(
    ctx: Context, work: UnitOfWork, items: Iterable[str], occasion: str, at: str | None = None
) -> None:
    """Write, inside an operation, that these items and everything they rest on were looked at as they read now.
    `occasion`: accepted | frozen.

    What they rest on is looked at by this where nobody has before. What is in doubt stays so when something that rests
    on it is accepted: whether its meaning has changed is a question of its own. What somebody has said does not hold is
    not made to hold by freezing it either."""
    wanted = list(dict.fromkeys(items))
    if not wanted:
        return
    conn = work.connection
    graph = reads.graph(conn)
    made = reads.reviews(conn)
    states = compute(graph, made)
    for item in below(graph, wanted):
        state = states.get(item, State()).state
        asked = item in wanted and (occasion == "accepted" or state != "does_not_hold")
        if asked or state == "draft":
            work.insert("review", _review(ctx, graph, item, "holds", occasion, at=at))


def _review(
    ctx: Context, graph: Graph, item: str, verdict: str, occasion: str, *, cause: str | None = None,
    note: str = "", at: str | None = None,
) -> dict[str, object]:  # fmt: skip
    basis = graph.basis(item)
    return {
        "id": ctx.new_id(), "item": item, "fp": graph.prints[item], "support_fp": basis_print(basis),
        "basis_json": basis_json(basis), "verdict": verdict, "occasion": occasion, "cause": cause, "note": note,
        "member": ctx.member.id, "at": at or ctx.now().isoformat(timespec="seconds"),
    }  # fmt: skip


# -- looking again ----------------------------------------------------------------------------------------------


@requires(Action.MODEL)
def look_at(
    ctx: Context,
    items: Sequence[str],
    holds: bool,
    note: str = "",
    cause: str | None = None,
    expects: Mapping[str, Expected] | None = None,
) -> None:
    """Say of things in doubt whether they still hold: does the meaning change? One operation, one review of each.

    `expects`: what was on the screen (DoubtedItem.expects). What reads otherwise by now, or was looked at by somebody
    else meanwhile, is refused, and then nothing is written. A theme is for those who read what it rests on."""
    with ctx.write("look_at") as work:
        conn = work.connection
        graph = reads.graph(conn)
        made = reads.reviews(conn)
        last = {r.item: r for r in made}
        names = reads.names(conn)
        for item in items:
            kind = graph.kinds.get(item)
            if kind not in TRUSTED:
                raise Refused("error.gone", kind=queries.trace.kind_of(conn, item) or "item")
            if kind == "category" and not can(ctx.member.role, Action.READ_SOURCES):
                raise Refused("trust.theme_needs_reader", name=_named(names, item))
            if item not in last:
                raise Refused("trust.never_accepted", name=_named(names, item))
            if expects is not None and item in expects:
                _check_expected(graph, item, expects[item], last[item], _named(names, item))
        known = cause if cause is None or queries.trace.kind_of(conn, cause) else None
        for item in items:
            verdict = "holds" if holds else "does_not_hold"
            row = _review(ctx, graph, item, verdict, "looked_at", cause=known, note=note.strip())
            work.insert("review", row)
        work.ids = {"item": items[0], "n": len(items)} if items else {}


def _check_expected(graph: Graph, item: str, expected: Expected, last: Review, name: str) -> None:
    fp, support_fp, review = expected
    if last.id != review:
        said = "trust.looked_holds" if last.holds else "trust.looked_not"
        raise Refused("trust.already_looked", name=name, who=last.by, day=day(last.at), said=t(said))
    if (graph.prints[item], graph.support_print(item)) != (fp, support_fp):
        raise Refused("trust.changed_meanwhile", name=name)


# -- told -------------------------------------------------------------------------------------------------------


def _named(names: Mapping[str, tuple[str, str]], item: str) -> str:
    """What a thing is called in a sentence: its key, or its kind and name."""
    kind, label = names.get(item, ("", ""))
    return (
        label if kind in ("requirement", "feedback") else t(f"trust.named.{kind}", name=label) if kind else ""
    )


def _said(cause: Cause) -> str:
    """What a cause is called in a sentence."""
    if cause.kind_of in _BY_KIND or not cause.label:
        return t(f"trust.a.{cause.kind_of}") if cause.kind_of in _BY_KIND else t("trust.something")
    if cause.kind_of in ("requirement", "feedback", "decision"):
        return cause.label
    return t(f"trust.named.{cause.kind_of}", name=cause.label)


def _causes_told(state: State) -> list[str]:
    """What has changed, as parts of one sentence; units are counted."""
    counted: Counter[str] = Counter()
    parts: list[str] = []
    for c in state.causes:
        if c.kind_of in ("unit", "challenge") and c.kind in ("came", "went", "withdrawn", "basis_reworded"):
            counted[c.kind if c.kind_of == "unit" else "challenge"] += 1
        elif c.kind == "rule":
            parts.append(c.label)
        elif c.kind == "came":
            parts.append(t(f"trust.came.{c.role}", what=_said(c)))
        else:
            parts.append(t(f"trust.{c.kind}", what=_said(c)))
    for kind in ("withdrawn", "went", "basis_reworded", "came", "challenge"):
        if n := counted[kind]:
            of = "_of" if kind in ("withdrawn", "went", "basis_reworded") and state.units > 1 else ""
            said = tn(f"trust.units_{kind}{of}", n, of=state.units)
            parts.insert(0, said) if kind in ("withdrawn", "went") else parts.append(said)
    return parts


def sentence_of(trust: Trust, item: str) -> str:
    """The state of a thing as a sentence; empty for a draft."""
    state = trust.of(item)
    if state.state == "draft":
        return ""
    name, when = _named(trust.names, item), day(state.since)
    since = t(f"trust.since.{_occasion(trust, item)}", name=name, day=when)
    if state.state == "reviewed":
        return _begun(t("trust.holds", since=since))
    if state.state == "distant":
        return _begun(t("trust.distant", since=since, what=_named(trust.names, state.path[-1])))
    causes = "; ".join(_causes_told(state))
    if state.state == "does_not_hold":
        said = t("trust.does_not_hold", who=state.by, day=when, name=name)
        if state.note:
            said = t("trust.with_note", said=said, note=state.note)
        return _begun(t("trust.because", said=said, causes=causes) if causes else t("trust.full", said=said))
    return _begun(t("trust.doubt", since=since, causes=causes))


def _occasion(trust: Trust, item: str) -> str:
    """What a thing was last reviewed on. A theme is not accepted itself: what rests on it is."""
    kind, occasion = trust.names[item][0], trust.of(item).occasion
    if kind == "version":
        return "version"
    return "below" if occasion == "accepted" and kind != "requirement" else occasion


def _since(trust: Trust, item: str) -> str:
    """When a thing last held, in short."""
    return t(f"trust.short.{_occasion(trust, item)}", day=day(trust.of(item).since))


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def sentences(conn: Connection, trust: Trust, items: Sequence[str]) -> dict[str, str]:
    """What is to be said of each of these: what has changed, and since when."""
    return {item: sentence_of(trust, item) for item in items}


@requires(Action.READ_THEMES)
def told(ctx: Context, item: str) -> str:
    """The state of one thing as a sentence; empty before it was accepted or frozen."""
    with ctx.read() as conn:
        return sentence_of(load_trust(conn), item)


# -- the front ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DoubtedItem:
    """A thing in doubt. `says` is its own sentence, `since` when it last held, `also` what put it in doubt beside the
    front's own change; `expects` is handed to look_at; `may_look`: the acting member may."""

    id: str
    kind: str
    key: str
    label: str
    says: str = ""
    since: str = ""
    also: str = ""
    moscow: str = ""
    expects: Expected = ("", "", "")
    may_look: bool = False


@dataclass(frozen=True, slots=True)
class Front:
    """Everything that one change put in doubt: `items` themselves, `distant` what rests on them. `key` stands for the
    change, and holds no id of anything in a transcript."""

    key: str
    cause: Cause
    says: str
    items: tuple[DoubtedItem, ...]
    distant: tuple[DoubtedItem, ...]

    @property
    def can_be_looked_at(self) -> bool:
        """Nothing is answered by looking where a rule asks for more support."""
        return self.cause.kind != "rule"


@dataclass(frozen=True, slots=True)
class TrustView:
    begun: bool  # something was accepted or frozen
    fronts: tuple[Front, ...]
    doubted: int  # things in doubt themselves
    distant: int


def _origin(item: str, c: Cause) -> tuple[str, str, str]:
    """What a cause goes back to: causes with the same origin are one front."""
    day_of = (c.at or "")[:10]
    if c.kind in ("withdrawn", "rule"):
        return (c.kind, "" if c.kind == "withdrawn" else item, day_of)
    if c.kind in ("reworded", "basis_reworded"):
        # Units that were corrected on one day in one theme are one change.
        return ("reworded", f"units {item}" if c.kind_of == "unit" else c.item, "")
    if c.kind_of in ("unit", "challenge"):
        return ("units", item, "")
    if c.kind == "let_go":
        return ("went", item, "")
    return (c.kind, c.item, "")


def fronts_of(trust: Trust, reviews: Sequence[Review], may: Collection[str]) -> tuple[Front, ...]:
    """What is in doubt, by the one change it comes from; Musts first, then what most rests on."""
    graph = trust.graph
    found: dict[tuple[str, str, str], list[tuple[str, Cause]]] = {}
    for item, state in trust.states.items():
        if state.state == "does_not_hold":
            found.setdefault(("does_not_hold", item, ""), []).append(
                (
                    item,
                    Cause(
                        "does_not_hold", item, graph.kinds[item], trust.names[item][1], state.since, state.by
                    ),
                )
            )
        elif state.state == "doubt":
            for c in state.causes:
                found.setdefault(_origin(item, c), []).append((item, c))
    above: dict[str, set[str]] = {}
    for src, steps in graph.steps.items():
        for _, dst, _ in steps:
            above.setdefault(dst, set()).add(src)
    last = {r.item: r.id for r in reviews}
    expects = {
        item: (graph.prints[item], graph.support_print(item), last.get(item, ""))
        for pairs in found.values()
        for item, _ in pairs
    }
    made = []
    for origin, pairs in found.items():
        items = list(dict.fromkeys(item for item, _ in pairs))
        cone, queue = set(items), list(items)
        while queue:
            for src in above.get(queue.pop(), ()):
                if src not in cone:
                    cone.add(src)
                    queue.append(src)
        far = [i for i in cone if trust.of(i).state == "distant"]

        cause = _leading(pairs)
        made.append(
            Front(
                sha256(":".join(origin).encode()).hexdigest()[:16], cause, _front_said(trust, origin, pairs),
                tuple(_doubted(trust, i, origin, expects[i], may) for i in items),
                tuple(DoubtedItem(i, *_called(trust, i)) for i in sorted(far, key=lambda i: trust.names[i])),
            )
        )  # fmt: skip
    return tuple(made)


def _called(trust: Trust, item: str) -> tuple[str, str, str]:
    """(kind, key, label) of a thing."""
    kind, label = trust.names[item]
    return kind, label if kind == "requirement" else "", label


def _doubted(
    trust: Trust, item: str, origin: tuple[str, str, str], expects: Expected, may: Collection[str]
) -> DoubtedItem:
    kind, key, label = _called(trust, item)
    state = trust.of(item)
    others = replace(state, causes=tuple(c for c in state.causes if _origin(item, c) != origin))
    return DoubtedItem(
        item, kind, key, label, sentence_of(trust, item), _since(trust, item),
        "; ".join(_causes_told(others)) if state.state == "doubt" else "",
        expects=expects, may_look=kind in may,
    )  # fmt: skip


def _leading(pairs: Sequence[tuple[str, Cause]]) -> Cause:
    """The cause that says most of what happened: the thing's own change before what followed from it."""
    order = ("withdrawn", "reworded", "basis_reworded", "went", "came", "let_go", "rule", "does_not_hold")
    return min((c for _, c in pairs), key=lambda c: order.index(c.kind))


def _front_said(trust: Trust, origin: tuple[str, str, str], pairs: Sequence[tuple[str, Cause]]) -> str:
    """What happened, as the heading of a front: who and when where they are known."""
    cause = _leading(pairs)
    kind, n = origin[0], len({c.item for _, c in pairs})
    who, when = cause.who, day(cause.at)
    if kind == "rule":
        return t("trust.front.rule", name=_named(trust.names, pairs[0][0]))
    if kind == "does_not_hold":
        return t("trust.front.does_not_hold", who=who, day=when, name=_named(trust.names, pairs[0][0]))
    if kind == "withdrawn":
        said = tn("trust.front.withdrawn", n)
    elif kind == "units" or (kind == "reworded" and cause.kind_of == "unit"):
        item = pairs[0][0]
        mine = replace(trust.of(item), causes=tuple(c for _, c in pairs))
        said = t("trust.front.units", name=_named(trust.names, item), causes="; ".join(_causes_told(mine)))
    elif kind == "went" and any(c.kind == "let_go" for _, c in pairs):
        link = next((item, c) for item, c in pairs if c.kind == "let_go")
        said = t("trust.front.let_go", src=_said(link[1]), dst=_named(trust.names, link[0]))
    else:
        said = t(f"trust.front.{kind}", what=_said(cause))
    if when and who and kind != "withdrawn":
        return t("trust.front.by", said=_begun(said), who=who, day=when)
    return t("trust.front.on", said=_begun(said), day=when) if when else _begun(said)


@requires(Action.READ_THEMES)
def trust_view(ctx: Context) -> TrustView:
    """What is in doubt, grouped by the one change it comes from, with Musts first. Sentences only for those who may
    not say whether a thing holds."""
    with ctx.read() as conn:
        trust = load_trust(conn)
        if not trust.states:
            return TrustView(False, (), 0, 0)
        may = [
            kind for kind in TRUSTED
            if can(ctx.member.role, Action.READ_SOURCES if kind == "category" else Action.MODEL)
        ]  # fmt: skip
        doubted = [i for i, s in trust.states.items() if s.state in ("doubt", "does_not_hold")]
        distant = sum(s.state == "distant" and i in trust.graph.kinds for i, s in trust.states.items())
        if not doubted:
            return TrustView(True, (), 0, distant)
        wanted = reads.requirements(conn)
        fronts = fronts_of(trust, reads.reviews(conn, doubted), may)
    told_fronts = [_musts_first(f, wanted) for f in fronts]
    told_fronts.sort(
        key=lambda f: (
            not any(i.moscow == "must" for i in (*f.items, *f.distant)),
            -len(f.items) - len(f.distant),
            f.key,
        )
    )
    if not can(ctx.member.role, Action.READ_SOURCES):  # they get no id of anything in a transcript
        told_fronts = [
            replace(f, cause=replace(f.cause, item="")) if f.cause.kind_of in _BY_KIND else f
            for f in told_fronts
        ]
    return TrustView(True, tuple(told_fronts), len(doubted), distant)


def _musts_first(front: Front, wanted: Mapping[str, reads.Wanted]) -> Front:
    def marked(items: Sequence[DoubtedItem]) -> tuple[DoubtedItem, ...]:
        found = [
            replace(i, label=w.statement, moscow=w.moscow) if (w := wanted.get(i.id)) else i for i in items
        ]
        return tuple(sorted(found, key=lambda i: (i.moscow != "must", TRUSTED.index(i.kind), i.key, i.label)))

    return replace(front, items=marked(front.items), distant=marked(front.distant))


# -- what a decision saw ----------------------------------------------------------------------------------------


def changed_meaning(conn: Connection, seen: Mapping[str, str], trust: Trust | None = None) -> tuple[str, ...]:
    """Items that mean something else than a decision saw (`seen`: item -> its fingerprint and that of its basis).

    Its own text differs; or what it rests on does, and nobody has since looked and said that it holds: what was looked
    at is quiet. With many decisions, hand in `load_trust(conn)` once."""
    if not seen:
        return ()
    trust = trust if trust is not None else load_trust(conn)
    graph = trust.graph if trust.graph.prints else reads.graph(conn)
    challenged: dict[str, set[str]] = {}
    for theme, unit in reads.answered_challenges(conn):
        challenged.setdefault(theme, set()).add(unit)
    changed = []
    before: Graph | None = None  # as fingerprints were taken when an older decision was kept
    for item, both in seen.items():
        if _still_says(trust, graph, item, both, challenged.get(item, ())):
            continue
        before = before or replace(graph, prints={**graph.prints, **reads.prints_before(conn)})
        if not _still_says(trust, before, item, both, challenged.get(item, ())):
            changed.append(item)
    return tuple(changed)


def _still_says(trust: Trust, graph: Graph, item: str, both: str, challenged: Collection[str]) -> bool:
    fp, support_fp = both[:64], both[64:]
    return graph.prints.get(item) == fp and (
        trust.of(item).state in ("reviewed", "distant")
        or support_fp == _support_seen(graph, item, challenged)
    )


def _support_seen(graph: Graph, item: str, challenged: Iterable[str]) -> str:
    """What an item rests on as versions and decisions keep it (versioning.support_of)."""
    basis = {
        (dst, graph.prints[dst], role)
        for type, dst, role in graph.steps.get(item, ())
        if type not in ("challenged_by", "embeds") and graph.kinds[dst] not in ("decision", "source")
    }
    basis |= {(unit, graph.prints[unit], "contradicts") for unit in challenged if unit in graph.prints}
    return support_fingerprint(basis)
