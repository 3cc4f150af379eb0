"""The method check: gathers the facts, asks the rules, and keeps what a person has set aside with a reason.

Three things appear uninvited (leftovers, what has gone stale, unanswered challenges); everything else waits here
until somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain import checks
from workbench.domain.checks import (
    LEVELS,
    OPTIONAL,
    RULES,
    STEPS,
    THRESHOLDS,
    UNINVITED,
    CategoryFacts,
    ChallengeFacts,
    CondensateFacts,
    DecidedFacts,
    Facts,
    GroupFacts,
    SubgroupFacts,
    Threshold,
)
from workbench.domain.errors import Refused
from workbench.domain.issues import Issue
from workbench.domain.model_checks import ModelFacts
from workbench.domain.people import heard
from workbench.domain.records import Category, CodeGroup, Member, PrelimTheme, Source, Subgroup
from workbench.domain.roles import Action, can
from workbench.domain.routes import condenses
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import checks as reads

from .before import STUDY
from .coding import UnitCard, load_cards
from .condensing import CondensateView, condensate_views
from .context import Context, requires
from .impressions import MINUTES
from .meetings import load_decisions
from .model_facts import doubts, model_facts
from .projects import put_setting
from .quotes import load_quotes
from .rereading import load_completeness
from .synthesis import NOT_REREAD
from .tracing import find_holes

_THRESHOLD = "threshold."  # the settings that keep them begin with it
_LEVEL = "severity."  # likewise: how much a rule that a project has switched on matters to it
_SEVERITIES = ("error", "warning", "note")
# Rule -> the parameter that tells issues of one cause apart; it is listed in the row they share.
_TOGETHER = {"decided_changed": "label", "condensate_stale": "subgroup", "challenge_unanswered": "source"}
# Rules whose sentences hold nothing but what a meeting already has in its papers.
_FOR_ALL = frozenset({"decided_changed", "in_doubt"})


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was set aside, by whom and when. `issue` is what would be said if it were taken back now; None: no more."""

    rule: str
    items: tuple[str, ...]
    reason: str
    by: str
    at: str
    issue: Issue | None


@dataclass(frozen=True, slots=True)
class ThresholdView:
    threshold: Threshold
    value: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule that a project may switch on, and how much it matters to it: off, note, warning or error."""

    rule: str
    level: str


@dataclass(frozen=True, slots=True)
class MethodCheck:
    """All that was found, by step in their order (steps without anything are left out), and what is set aside."""

    begun: bool  # there is a source to look through
    steps: tuple[tuple[str, tuple[Issue, ...]], ...]
    set_aside: tuple[SetAside, ...]
    thresholds: tuple[ThresholdView, ...]  # those of the project's route
    rules: tuple[RuleView, ...]  # those a project may switch on

    @property
    def found(self) -> int:
        return sum(len(issues) for _, issues in self.steps)


# -- the facts -----------------------------------------------------------------------------------------------


def _sizes(
    cards: Sequence[UnitCard],
) -> tuple[dict[str, list[UnitCard]], dict[str, list[UnitCard]], dict[str, int]]:
    """(code group -> its units, subgroup -> its units, code group -> units in no subgroup), none of them set aside."""
    of_group: dict[str, list[UnitCard]] = {}
    of_subgroup: dict[str, list[UnitCard]] = {}
    loose: dict[str, int] = {}
    for card in cards:
        for p in card.placements:
            if p.set_aside is not None:
                continue
            of_group.setdefault(p.code_group, []).append(card)
            if p.subgroup is None:
                loose[p.code_group] = loose.get(p.code_group, 0) + 1
            else:
                of_subgroup.setdefault(p.subgroup, []).append(card)
    return of_group, of_subgroup, loose


def _people(cards: Iterable[UnitCard]) -> int:
    return len(heard((c.unit.words_of, c.unit.participants) for c in cards))


@dataclass(frozen=True, slots=True)
class _Read:
    """What both the uninvited and all the other facts are made of."""

    cards: Sequence[UnitCard]
    views: Sequence[CondensateView]
    subgroups: Mapping[str, Subgroup]
    categories: Sequence[Category]


def _uninvited_facts(conn: Connection) -> tuple[Facts, _Read]:
    """Facts of the rules that appear by themselves, and what was read for them."""
    cards = load_cards(conn)
    read = _Read(
        cards,
        condensate_views(conn, cards),
        {s.id: s for s in queries.records(conn, Subgroup)},
        queries.records(conn, Category, order="position"),
    )
    of_group, _, loose = _sizes(cards)
    divided: dict[str, int] = {}
    for s in read.subgroups.values():
        divided[s.code_group] = divided.get(s.code_group, 0) + 1
    written: dict[str, int] = {}
    condensates = []
    for v in read.views:
        subgroup = read.subgroups[v.condensate.subgroup]
        written[subgroup.code_group] = written.get(subgroup.code_group, 0) + 1
        condensates.append(
            CondensateFacts(
                v.condensate.id, subgroup.code_group, subgroup.id, subgroup.name, v.condensate.text,
                voice=v.condensate.voice, groups=v.groups, holds=len(v.covers),
                came=len(v.stale.came), went=len(v.stale.went),
            )
        )  # fmt: skip
    headings = {c.id: c.heading for c in read.categories}
    titles = {s.id: s.title for s in queries.records(conn, Source)}
    has_category = {c.code_group for c in read.categories}
    return Facts(
        placed_units=sum(bool(c.placements) for c in cards),
        unplaced=tuple((c.unit.id, c.unit.source) for c in cards if not c.placements),
        groups=tuple(
            GroupFacts(
                g.id, g.name, len(mine := of_group.get(g.id, ())), _people(mine), divided.get(g.id, 0),
                loose.get(g.id, 0), written.get(g.id, 0), g.id in has_category,
            )
            for g in queries.records(conn, CodeGroup, order="position")
        ),
        condensates=tuple(condensates),
        challenges=tuple(
            ChallengeFacts(r["category"], headings[r["category"]], r["source"], titles[r["source"]])
            for r in queries.live(conn, "recontext", verdict="challenges", answer="")
            if r["category"] in headings and r["source"] in titles
        ),
        decided=tuple(
            DecidedFacts(d.id, d.key, d.decided_at or "", item, label)
            for d in load_decisions(conn)
            for item, label in d.changed_since
        ),
        model=ModelFacts(doubts=doubts(conn)),
    ), read  # fmt: skip


def _all_facts(conn: Connection) -> Facts:
    facts, read = _uninvited_facts(conn)
    settings = {r["id"]: r["value"] for r in queries.live(conn, "setting")}
    waived = {(rule, item) for rule, item, *_ in reads.waivers(conn)}
    facts = _with_before(conn, facts, settings)
    facts = _with_condensation(conn, facts, read, settings)
    facts = _with_synthesis(conn, facts, read)
    holes = find_holes(conn)
    switched = {r: level for r in OPTIONAL if (level := settings.get(_LEVEL + r, "")) in LEVELS[1:]}
    return replace(
        facts,
        switched=switched,
        model=model_facts(conn, read.cards, read.views, facts.model) if switched else facts.model,
        thresholds={
            name: int(value)
            for name in THRESHOLDS
            if (value := settings.get(_THRESHOLD + name, "")).isdecimal()
        },
        undecided=tuple(
            c.unit.id for c in read.cards
            if sum(p.set_aside is None for p in c.placements) > 1 and ("unit_in_several", c.unit.id) not in waived
        ),
        unanswered_themes=holes.themes,
        unheld_requirements=holes.requirements,
        idle_components=holes.components,
    )  # fmt: skip


def _with_before(conn: Connection, facts: Facts, settings: Mapping[str, str]) -> Facts:
    log, judged = queries.live(conn, "log_entry"), queries.live(conn, "information_power")
    own = [("setting", name, settings.get(name, "")) for name in (*STUDY, MINUTES)]
    own += [("log_entry", r["id"], r["text"]) for r in log]
    own += [
        ("information_power", r["id"], " ".join(v for v in r.values() if isinstance(v, str))) for r in judged
    ]
    own += [
        ("category", c.id, f"{c.heading} {c.analytic_text}")
        for c in queries.records(conn, Category, order="position")
    ]
    themes = queries.records(conn, PrelimTheme)
    agreed = sum(x.member is None for x in themes)
    if not agreed and len(queries.records(conn, Member, role="researcher")) == 1:
        agreed = len(themes)  # one analyst has nobody to agree with
    steps = ("impression", "code", "condense") if condenses(settings.get("route") or "stc") else ("code",)
    return replace(
        facts,
        agreed_themes=agreed,
        guide=tuple(q for line in settings.get("guide", "").splitlines() if (q := line.strip())),
        own_texts=tuple(own),
        analysts={step: tuple(who) for step in steps if (who := reads.analysts(conn, step))},
        stated=frozenset(r["member"] for r in log if r["kind"] == "preconception"),
    )


def _with_condensation(conn: Connection, facts: Facts, read: _Read, settings: Mapping[str, str]) -> Facts:
    _, inside, _ = _sizes(read.cards)
    by_id = {c.unit.id: c for c in read.cards}
    held: dict[str, set[str]] = {}
    for v in read.views:
        held.setdefault(v.condensate.subgroup, set()).update(v.covers, v.stale.came)
    golden = {v.condensate.id: by_id.get(v.condensate.golden_unit or "") for v in read.views}
    names = {g.id: g.name for g in queries.groups(conn).values() if g.parent is None}
    language = settings.get("language") or "en"
    return replace(
        facts,
        subgroups=tuple(
            SubgroupFacts(s, read.subgroups[s].name, read.subgroups[s].code_group,
                          sum(c.unit.id not in units for c in inside.get(s, ())))
            for s, units in held.items()
        ),
        condensates=tuple(
            replace(
                c,
                languages=frozenset({language, *(x.unit.language for x in inside.get(c.subgroup, ()))}),
                golden=heard([(g.unit.words_of, g.unit.participants)]) if (g := golden[c.id]) else (),
                golden_groups=g.groups if g else (),
            )
            for c in facts.condensates
        ),
        people={p.id: p.pseudonym for p in queries.participants(conn).values()},
        stakeholder_groups={
            g: names[g] for g in dict.fromkeys(g for c in read.cards if c.placements for g in c.groups) if g in names
        },
    )  # fmt: skip


def _with_synthesis(conn: Connection, facts: Facts, read: _Read) -> Facts:
    of_group, _, _ = _sizes(read.cards)
    of_id = {g.id: g for g in facts.groups}
    quotes = load_quotes(conn)
    golden: dict[str, set[str]] = {}
    for v in read.views:
        if v.condensate.golden_unit:
            of = read.subgroups[v.condensate.subgroup].code_group
            golden.setdefault(of, set()).add(v.condensate.golden_unit)
    not_reread = {x.category.id: tuple(s.title for s in x.missing) for x in load_completeness(conn)}
    searches: dict[str, int] = {}
    for r in queries.live(conn, "counter_search"):
        searches[r["category"]] = searches.get(r["category"], 0) + 1
    said = {c.unit.id: c.unit.participants for c in read.cards}
    categories = []
    for c in read.categories:
        group, units = of_id[c.code_group], of_group.get(c.code_group, ())
        chosen = golden.get(c.code_group, set())
        categories.append(
            CategoryFacts(
                c.id, c.heading, c.code_group, group.name, c.status == "ready", bool(c.analytic_text.strip()),
                group.condensates, group.people, len({g for x in units for g in x.groups}),
                not_reread.get(c.id, ()),
                searches.get(c.id, 0), len(chosen), len(chosen - quotes.keys()),
            )
        )  # fmt: skip
    return replace(facts, categories=tuple(categories), quoted=tuple(said.get(unit, ()) for unit in quotes))


def _route(conn: Connection) -> str:
    return queries.setting(conn, "route") or "stc"


# -- what appears by itself ------------------------------------------------------------------------------------


@requires(Action.SEE_PROJECT)
def uninvited(ctx: Context) -> list[Issue]:
    """Leftovers, what has gone stale, unanswered challenges; nothing else. Worst first, one row for each cause.
    Who reads no source is told only what a meeting has in its papers anyway."""
    with ctx.read() as conn:
        return attention(conn, ctx)[0]


def attention(conn: Connection, ctx: Context) -> tuple[list[Issue], int, int, int]:
    """(what appears uninvited to this member, stale condensates, all condensates, requirements in doubt)."""
    facts, _ = _uninvited_facts(conn)
    found = checks.find(facts, _route(conn), only=UNINVITED)
    if not can(ctx.member.role, Action.READ_SOURCES):
        known = can(ctx.member.role, Action.READ_THEMES)
        found = [i for i in found if known and i.rule in _FOR_ALL]
    # By how much it matters, and what a meeting relied on before the rest.
    found.sort(key=lambda i: (_SEVERITIES.index(i.severity), i.rule not in _FOR_ALL))
    stale = sum(bool(c.came or c.went) for c in facts.condensates)
    doubted = sum(d.kind == "requirement" for d in facts.model.doubts)
    return _one_row_each_cause(found), stale, len(facts.condensates), doubted


def _one_row_each_cause(issues: Iterable[Issue]) -> list[Issue]:
    """Issues with the same rule at the same place become one, whose sentence counts them; the first one's
    place in the order is kept."""
    together: dict[tuple[object, ...], list[Issue]] = {}
    for issue in issues:
        # Several condensates of one subgroup have one cause; those of another subgroup have another.
        together.setdefault((issue.rule, issue.where, issue.params.get("subgroup")), []).append(issue)
    rows = []
    for same in together.values():
        first = same[0]
        if len(same) > 1 and first.rule in _TOGETHER:
            what = _TOGETHER[first.rule]
            joined = ", ".join(dict.fromkeys(str(i.params[what]) for i in same))
            params = {**first.params, what: joined, "n": len(same)}
            rows.append(replace(first, code=f"check.{first.rule}.several", params=params))
        else:
            rows.extend(same)
    return rows


# -- what waits until asked --------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def all_issues(ctx: Context) -> list[Issue]:
    """Everything the rules of the project's route find, in the order of the steps, without what is set aside."""
    with ctx.read() as conn:
        return _split(conn, _all_facts(conn), _route(conn))[0]


@requires(Action.READ_SOURCES)
def method_check(ctx: Context) -> MethodCheck:
    """What the page shows when it is asked."""
    with ctx.read() as conn:
        facts, route = _all_facts(conn), _route(conn)
        found, aside = _split(conn, facts, route)
        begun = bool(queries.live(conn, "source"))
    rows = _one_row_each_cause(found)
    steps = ((step, tuple(i for i in rows if checks.step_of(i) == step)) for step in STEPS)
    return MethodCheck(
        begun,
        tuple((step, issues) for step, issues in steps if issues),
        aside,
        tuple(
            ThresholdView(x, facts.limit(x.name))
            for x in THRESHOLDS.values()
            if checks.applies(RULES[x.rule], route)
            # What a rule that is off asks for is nothing to set.
            and (not RULES[x.rule].optional or x.rule in facts.switched)
        ),
        tuple(
            RuleView(r, facts.switched.get(r, LEVELS[0])) for r in OPTIONAL if checks.applies(RULES[r], route)
        ),
    )


def _split(conn: Connection, facts: Facts, route: str) -> tuple[list[Issue], tuple[SetAside, ...]]:
    """(what stands, what is set aside)."""
    issues, lapsed = checks.find(facts, route), reads.lapsed(conn, NOT_REREAD)
    waived = [w for w in reads.waivers(conn) if w[0] != NOT_REREAD or w[1] not in lapsed]
    by_place = {(i.rule, i.where[1]): i for i in issues}
    aside = {(rule, item) for rule, item, *_ in waived if rule not in UNINVITED}
    # What was set aside together, as units that stay in several groups are, is one thing to take back.
    together: dict[tuple[str, ...], list[str]] = {}
    for rule, item, reason, who, at in waived:
        if rule in RULES and checks.applies(RULES[rule], route):
            key = (rule, reason, who or "", at) + (() if rule == "unit_in_several" else (item,))
            together.setdefault(key, []).append(item)
    rows = tuple(
        SetAside(rule, tuple(items), reason, who, at, by_place.get((rule, items[0])))
        for (rule, reason, who, at, *_), items in together.items()
    )
    return [i for i in issues if (i.rule, i.where[1]) not in aside], rows


@requires(Action.ANALYSE)
def set_aside(ctx: Context, rule: str, item: str, reason: str) -> None:
    """Set aside what a rule found at a place (its `where`), with a reason others can read. Units that stand in
    several code groups are set aside one by one: those that are undecided now, or the one named.

    What appears uninvited is not set aside here: it is placed, written anew or answered where it stands."""
    if rule not in RULES:
        raise Refused("checks.unknown_rule", rule=rule)
    if rule in UNINVITED:
        raise Refused("checks.mended_where_it_stands")
    if not reason.strip():
        raise Refused("checks.needs_reason")
    items = [item]
    if rule == "unit_in_several" and not item:
        with ctx.read() as conn:
            items = list(_all_facts(conn).undecided)
    with ctx.write("set_check_aside") as work:
        work.ids = {"rule": rule, "n": len(items)}
        at = ctx.now().isoformat(timespec="seconds")
        if rule == NOT_REREAD and item in reads.lapsed(work.connection, rule):
            for row in work.live("waiver", rule=rule, item=item):
                work.retire("waiver", row["id"])
        for one in items:
            if not work.live("waiver", rule=rule, item=one):
                row = {"id": ctx.new_id(), "rule": rule, "item": one, "reason": reason.strip(),
                       "member": ctx.member.id, "at": at}  # fmt: skip
                work.insert("waiver", row)


@requires(Action.ANALYSE)
def take_back(ctx: Context, rule: str, item: str | Iterable[str]) -> None:
    """What was set aside is told again; several items are taken back as one act."""
    items = [item] if isinstance(item, str) else list(item)
    with ctx.write("take_check_back") as work:
        work.ids = {"rule": rule, "n": len(items)}
        for one in items:
            for row in work.live("waiver", rule=rule, item=one):
                work.retire("waiver", row["id"])


@requires(Action.ANALYSE)
def change_threshold(ctx: Context, name: str, value: int | None) -> None:
    """Let the project have another threshold; None is the default again."""
    threshold = THRESHOLDS.get(name)
    if threshold is None:
        raise Refused("checks.unknown_rule", rule=name)
    if value is not None and not 0 <= value <= threshold.most:
        raise Refused("checks.threshold", most=threshold.most)
    with ctx.write("change_threshold") as work:
        work.ids = {"rule": threshold.rule}
        put_setting(work, _THRESHOLD + name, str(threshold.default if value is None else value))


@requires(Action.ANALYSE)
def switch_rule(ctx: Context, rule: str, level: str) -> None:
    """Let a rule matter to the project: off, note, warning or error."""
    if rule not in OPTIONAL or level not in LEVELS:
        raise Refused("checks.unknown_rule", rule=rule)
    with ctx.write("switch_rule") as work:
        work.ids = {"rule": rule}
        put_setting(work, _LEVEL + rule, level)
