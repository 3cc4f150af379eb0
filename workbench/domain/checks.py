"""The method check: what a study's facts give reason to say, each as one calm sentence with a place.

Pure: facts in, issues out; nothing is read, written or raised. Numbers are conventions or proposals and can be
changed per project; none of them makes anything important. "methods.md" below stands for the method's description
that these rules were drawn from: Malterud K. Scand J Public Health 2012;40(8):795-805 and what reviewers flag.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from types import MappingProxyType

from . import model_checks
from .before import mentions_saturation
from .issues import Issue, Severity
from .model_checks import ModelFacts
from .routes import condenses
from .stc import voices_without_units

# -- facts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A code group. Units set aside are not counted."""

    id: str
    name: str
    units: int = 0
    people: int = 0  # informants whose own words they are
    subgroups: int = 0
    loose: int = 0  # units in no subgroup
    condensates: int = 0
    category: bool = False


@dataclass(frozen=True, slots=True)
class SubgroupFacts:
    """A subgroup that has condensates: how many of its units none of them holds, those that came since apart."""

    id: str
    name: str
    code_group: str
    not_held: int = 0


@dataclass(frozen=True, slots=True)
class CondensateFacts:
    id: str
    code_group: str
    subgroup: str
    subgroup_name: str
    text: str = ""
    languages: frozenset[str] = frozenset()  # of the project, and of the sources its units are from
    voice: str | None = None
    groups: tuple[str, ...] = ()  # top stakeholder groups heard in the units it holds
    holds: int = 0
    came: int = 0
    went: int = 0
    golden: tuple[str, ...] = ()  # participants heard in its golden quote
    golden_groups: tuple[str, ...] = ()  # their top groups


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A result category and what stands behind it."""

    id: str
    heading: str
    code_group: str
    group_name: str
    ready: bool = False
    written: bool = False  # it has an analytic text
    condensates: int = 0
    people: int = 0  # informants heard in its units
    groups: int = 0  # their top groups
    not_reread: tuple[str, ...] = ()  # titles of sources not re-read since it reads as it does
    searches: int = 0  # times somebody looked for what speaks against it
    golden: int = 0  # golden quotes of its condensates
    uncleared: int = 0  # those of them that are not cleared


@dataclass(frozen=True, slots=True)
class ChallengeFacts:
    """A challenge noted on re-reading that nobody has answered."""

    category: str
    heading: str
    source: str
    source_title: str


@dataclass(frozen=True, slots=True)
class DecidedFacts:
    """Something that has changed since it was decided on."""

    decision: str
    key: str
    at: str
    item: str
    label: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at, gathered once."""

    thresholds: Mapping[str, int] = field(default_factory=dict)  # only those that differ from their default
    # Before and step 1
    agreed_themes: int | None = None  # None: not for the acting member to count yet
    guide: tuple[str, ...] = ()  # the interview guide's questions
    own_texts: tuple[tuple[str, str, str], ...] = ()  # (kind, id, what the team itself wrote)
    analysts: Mapping[str, tuple[tuple[str, str], ...]] = field(
        default_factory=dict
    )  # step -> (member, name)
    stated: frozenset[str] = frozenset()  # members who have stated preconceptions
    # Step 2
    placed_units: int = 0  # units in at least one code group
    unplaced: tuple[tuple[str, str], ...] = ()  # (unit, source) in no code group
    undecided: tuple[str, ...] = ()  # units in several code groups, where nobody has said to keep both
    groups: tuple[GroupFacts, ...] = ()
    # Step 3
    subgroups: tuple[SubgroupFacts, ...] = ()
    condensates: tuple[CondensateFacts, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)  # participant -> pseudonym
    stakeholder_groups: Mapping[str, str] = field(default_factory=dict)  # top group heard in any unit -> name
    # Step 4
    categories: tuple[CategoryFacts, ...] = ()
    challenges: tuple[ChallengeFacts, ...] = ()
    quoted: tuple[tuple[str, ...], ...] = ()  # participants in each cleared quote
    # The model
    decided: tuple[DecidedFacts, ...] = ()
    unanswered_themes: tuple[tuple[str, str], ...] = ()  # (category, heading)
    unheld_requirements: tuple[tuple[str, str], ...] = ()  # (requirement, key)
    idle_components: tuple[tuple[str, str], ...] = ()  # (component, name)
    model: ModelFacts = field(default_factory=ModelFacts)
    switched: Mapping[str, str] = field(default_factory=dict)  # rule -> off | note | warning | error

    def limit(self, name: str) -> int:
        """The project's threshold, or its default."""
        return self.thresholds.get(name, THRESHOLDS[name].default)


# -- thresholds ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number a rule uses. `source` is the id of a sentence that says where it is from."""

    name: str
    default: int
    source: str
    most: int = 999

    @property
    def rule(self) -> str:
        return self.name.partition(".")[0]


def _threshold(name: str, default: int, source: str, most: int = 999) -> tuple[str, Threshold]:
    return name, Threshold(name, default, f"check.from.{source}", most)


THRESHOLDS: Mapping[str, Threshold] = MappingProxyType(
    dict(
        (
            _threshold("preliminary_themes.least", 4, "published"),
            _threshold("preliminary_themes.most", 8, "published"),
            _threshold("code_groups.least", 3, "usual_groups"),
            _threshold("code_groups.most", 6, "usual_groups"),
            _threshold("group_large.percent", 40, "proposal", 100),
            _threshold("group_large.times", 2, "proposal"),
            _threshold("group_small.units", 3, "proposal"),
            _threshold("group_small.people", 2, "proposal"),
            _threshold("subgroups.least", 2, "usual_subgroups"),
            _threshold("subgroups.most", 4, "usual_subgroups"),
            _threshold("golden_share.percent", 30, "proposal", 100),
            _threshold("quotes_few.people", 3, "reviewers"),
            _threshold("heading_short.words", 3, "reviewers"),
            _threshold("guide_mirrored.percent", 60, "reviewers", 100),
            _threshold("must_support.groups", 2, "proposal"),
            _threshold("must_support.people", 3, "proposal"),
            _threshold("voice_share.person", 50, "proposal", 100),
            _threshold("voice_share.group", 80, "proposal", 100),
            _threshold("rests_on_few.people", 0, "off"),
            _threshold("rests_on_few.groups", 0, "off"),
        )
    )
)


def _counted(code: str, n: int) -> str:
    """The id of the sentence for one, or for several."""
    return f"{code}.{'one' if n == 1 else 'other'}"


_PROJECT = ("project", "")
Found = Iterator[Issue]


# -- before ------------------------------------------------------------------------------------------------


def no_preconceptions(facts: Facts) -> Found:
    """Bracketing is stating and challenging preconceptions, not claiming to have none. Source: methods.md 1.1
    step 0; a fault reviewers name (1.4)."""
    for id, name in _everyone(facts):
        if id not in facts.stated:
            yield Issue(
                "no_preconceptions", "note", ("member", id), "check.no_preconceptions", {"name": name}
            )


def saturation(facts: Facts) -> Found:
    """ "Saturation" claimed in a study that reasons by information power. Source: methods.md 1.4 and 6 (Malterud,
    Siersma, Guassora, Qual Health Res 2016;26:1753-60)."""
    for kind, id, text in facts.own_texts:
        if mentions_saturation(text):
            yield Issue("saturation", "note", (kind, id), f"check.saturation.{kind}")


# -- step 1 ------------------------------------------------------------------------------------------------


def preliminary_themes(facts: Facts) -> Found:
    """Four to eight preliminary themes come out of the total impression. Source: methods.md 1.2 rule 1 and 1.1."""
    n = facts.agreed_themes
    least, most = facts.limit("preliminary_themes.least"), facts.limit("preliminary_themes.most")
    if n is None or least <= n <= most:
        return
    if n == 0 and facts.groups:
        yield Issue("preliminary_themes", "note", _PROJECT, "check.preliminary_themes.none")
    elif n:
        code = "check.preliminary_themes.many" if n > most else _counted("check.preliminary_themes", n)
        yield Issue("preliminary_themes", "note", _PROJECT, code, {"n": n, "least": least, "most": most})


def one_analyst(facts: Facts) -> Found:
    """Only one analyst in steps 1 to 3: told, with a note asked for. Source: methods.md 1.2 rule 16."""
    alone = {step: who for step, who in facts.analysts.items() if len(who) == 1}
    people = {who[0] for who in alone.values()}
    if len(alone) > 1 and len(alone) == len(facts.analysts) and len(people) == 1:
        name = next(iter(people))[1]
        yield Issue("one_analyst", "note", ("step", "all"), "check.one_analyst.all", {"name": name})
        return
    for step, who in alone.items():
        yield Issue("one_analyst", "note", ("step", step), f"check.one_analyst.{step}", {"name": who[0][1]})


# -- step 2 ------------------------------------------------------------------------------------------------


def units_unplaced(facts: Facts) -> Found:
    """Leftovers: units in no code group are always visible with a count. Source: methods.md 1.2 rule 6."""
    if n := len(facts.unplaced):
        unit, source = facts.unplaced[0]
        params: dict[str, object] = {"n": n, "source_id": source, "unit_id": unit}
        yield Issue("units_unplaced", "warning", _PROJECT, _counted("check.units_unplaced", n), params)


def unit_in_several(facts: Facts) -> Found:
    """A unit may stand in several code groups in step 2; before step 3 it is decided, or both are kept. Source:
    product.md ruling 1."""
    if n := len(facts.undecided):
        code = _counted("check.unit_in_several", n)
        yield Issue("unit_in_several", "note", _PROJECT, code, {"n": n, "units": facts.undecided})


def code_groups(facts: Facts) -> Found:
    """Three to six code groups; three to five are usual. Source: methods.md 1.2 rule 2."""
    n, least, most = len(facts.groups), facts.limit("code_groups.least"), facts.limit("code_groups.most")
    if n and not least <= n <= most:
        code = "check.code_groups.many" if n > most else _counted("check.code_groups", n)
        yield Issue("code_groups", "note", _PROJECT, code, {"n": n, "least": least, "most": most})


def group_large(facts: Facts) -> Found:
    """A code group that holds more than 40 % of the units, or more than twice the median, is often two things.
    Said of three code groups or more: with fewer, one always does. Source: methods.md 1.2 rule 3."""
    if len(facts.groups) < 3:
        return
    percent, times = facts.limit("group_large.percent"), facts.limit("group_large.times")
    middle = median(g.units for g in facts.groups)
    for g in facts.groups:
        params: dict[str, object] = {
            "group": g.name,
            "n": g.units,
            "of": facts.placed_units,
            "people": g.people,
        }
        if g.units * 100 > percent * facts.placed_units:
            yield Issue("group_large", "note", ("code_group", g.id), "check.group_large.share", params)
        elif middle and g.units > times * middle:
            yield Issue("group_large", "note", ("code_group", g.id), "check.group_large.median", params)


def group_small(facts: Facts) -> Found:
    """A code group of fewer than three units, or from one participant: merge it, or keep it as a voice of its own.
    Source: methods.md 1.2 rule 4."""
    for g in facts.groups:
        where, params = ("code_group", g.id), {"group": g.name, "n": g.units, "people": g.people}
        if g.units == 0:
            yield Issue("group_small", "note", where, "check.group_small.empty", params)
        elif g.units < facts.limit("group_small.units"):
            yield Issue("group_small", "note", where, _counted("check.group_small.units", g.units), params)
        elif 0 < g.people < facts.limit("group_small.people"):
            yield Issue("group_small", "note", where, _counted("check.group_small.people", g.people), params)


# -- step 3 ------------------------------------------------------------------------------------------------


def units_left_over(facts: Facts) -> Found:
    """Leftovers: units of a divided code group in none of its subgroups. Source: methods.md 1.2 rule 6."""
    for g in facts.groups:
        if g.loose and g.subgroups:
            params: dict[str, object] = {"n": g.loose, "group": g.name}
            code = _counted("check.units_left_over", g.loose)
            yield Issue("units_left_over", "warning", ("code_group", g.id), code, params)


def subgroups(facts: Facts) -> Found:
    """Two to four subgroups in a code group; two or three are usual. Source: methods.md 1.2 rule 5."""
    least, most = facts.limit("subgroups.least"), facts.limit("subgroups.most")
    for g in facts.groups:
        if g.subgroups and not least <= g.subgroups <= most:
            code = "check.subgroups.many" if g.subgroups > most else _counted("check.subgroups", g.subgroups)
            params: dict[str, object] = {"n": g.subgroups, "group": g.name, "least": least, "most": most}
            yield Issue("subgroups", "note", ("code_group", g.id), code, params)


_FIRST_PERSON = {
    "en": r"I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|[Uu]s|[Oo]ur|[Oo]urs|[Oo]urselves",
    "da": r"[Jj]eg|[Mm]ig|[Mm]in|[Mm]it|[Mm]ine|[Vv]i|[Oo]s|[Vv]ores",
    "nb": r"[Jj]eg|[Mm]eg|[Mm]in|[Mm]itt|[Mm]i|[Mm]ine|[Vv]i|[Oo]ss|[Vv]år|[Vv]årt|[Vv]åre",
    "sv": r"[Jj]ag|[Mm]ig|[Mm]in|[Mm]itt|[Mm]ina|[Vv]i|[Oo]ss|[Vv]år|[Vv]årt|[Vv]åra",
}
_FIRST_PERSON["no"] = _FIRST_PERSON["nb"]


def is_first_person(text: str, languages: Iterable[str]) -> bool:
    """Whether somebody says I or we in it, in one of these languages; True where none of them is known here."""
    known = [_FIRST_PERSON[x] for x in {y.partition("-")[0] for y in languages} if x in _FIRST_PERSON]
    return not known or re.search(rf"\b(?:{'|'.join(known)})\b", text) is not None


def not_first_person(facts: Facts) -> Found:
    """A condensate is an artificial quotation in the first person. Source: methods.md 1.2 rule 7 and 1.1 step 3."""
    for c in facts.condensates:
        if c.text.strip() and not is_first_person(c.text, c.languages):
            params: dict[str, object] = {"subgroup": c.subgroup_name, "group_id": c.code_group,
                                         "subgroup_id": c.subgroup}  # fmt: skip
            yield Issue("not_first_person", "note", ("condensate", c.id), "check.not_first_person", params)


def voice(facts: Facts) -> Found:
    """The condensate's "I" belongs to a group that has no units in it. Source: methods.md 1.2 rule 17 and 1.2b."""
    for c in facts.condensates:
        if c.holds and voices_without_units(c.voice, c.groups):
            params: dict[str, object] = {"subgroup": c.subgroup_name, "group_id": c.code_group,
                                         "subgroup_id": c.subgroup}  # fmt: skip
            yield Issue("voice", "warning", ("condensate", c.id), "check.voice", params)


def not_held(facts: Facts) -> Found:
    """Every unit is reflected in a condensate, or moved; an analyst ticks which. Source: methods.md 1.2 rule 9."""
    for s in facts.subgroups:
        if s.not_held:
            params: dict[str, object] = {"n": s.not_held, "subgroup": s.name, "group_id": s.code_group}
            yield Issue(
                "not_held", "note", ("subgroup", s.id), _counted("check.not_held", s.not_held), params
            )


def condensate_stale(facts: Facts) -> Found:
    """Units that came, went or changed their words after a condensate was written. Source: methods.md 1.2 rule 10."""
    for c in facts.condensates:
        if c.came or c.went:
            params: dict[str, object] = {"subgroup": c.subgroup_name, "subgroup_id": c.subgroup,
                                         "came": c.came, "went": c.went}  # fmt: skip
            where = ("code_group", c.code_group)
            yield Issue("condensate_stale", "error", where, "check.condensate_stale", params)


def golden_share(facts: Facts) -> Found:
    """One participant with more than 30 % of the golden quotes, at least two of them. Source: methods.md 1.2 rule 11."""
    chosen = [c.golden for c in facts.condensates if c.golden]
    for person, n in Counter(p for people in chosen for p in set(people)).items():
        if n > 1 and n * 100 > facts.limit("golden_share.percent") * len(chosen):
            params: dict[str, object] = {"name": facts.people.get(person, ""), "n": n, "of": len(chosen)}
            yield Issue("golden_share", "note", ("participant", person), "check.golden_share", params)


def golden_spread(facts: Facts) -> Found:
    """A group heard in the units and in none of the golden quotes, once there are as many quotes as groups. Source:
    methods.md 1.2 rule 11."""
    chosen = [c for c in facts.condensates if c.golden]
    quoted = {g for c in chosen for g in c.golden_groups}
    if len(chosen) >= len(facts.stakeholder_groups):
        for id, name in facts.stakeholder_groups.items():
            if id not in quoted:
                where = ("stakeholder_group", id)
                yield Issue("golden_spread", "note", where, "check.golden_spread", {"group": name})


# -- step 4 ------------------------------------------------------------------------------------------------


def step_skipped(facts: Facts) -> Found:
    """From codes straight to categories: a category whose code group has no condensate. Source: methods.md 1.4."""
    for c in facts.categories:
        if not c.condensates:
            params: dict[str, object] = {"heading": c.heading, "group_id": c.code_group}
            yield Issue("step_skipped", "warning", ("category", c.id), "check.step_skipped", params)


def group_without_category(facts: Facts) -> Found:
    """Result category and code group are one to one; an exception carries a note. Looked for once a category is
    ready. Source: product.md ruling 7."""
    if any(c.ready for c in facts.categories):
        for g in facts.groups:
            if g.units and not g.category:
                where = ("code_group", g.id)
                yield Issue(
                    "group_without_category", "note", where, "check.group_without_category", {"group": g.name}
                )


def challenge_unanswered(facts: Facts) -> Found:
    """A challenge found on re-reading that nothing answers yet. Source: product.md ruling 11."""
    for c in facts.challenges:
        params: dict[str, object] = {"heading": c.heading, "source": c.source_title, "source_id": c.source}
        where = ("category", c.category)
        yield Issue("challenge_unanswered", "warning", where, "check.challenge_unanswered", params)


def not_reread(facts: Facts) -> Found:
    """A category that is ready though sources have not been read again since it reads as it does. Source:
    methods.md 1.2 rule 14."""
    for c in facts.categories:
        if c.ready and (n := len(c.not_reread)):
            params: dict[str, object] = {"heading": c.heading, "n": n, "sources": ", ".join(c.not_reread)}
            yield Issue("not_reread", "note", ("category", c.id), _counted("check.not_reread", n), params)


def no_counter_search(facts: Facts) -> Found:
    """Nobody has recorded a search for what speaks against a category. Source: methods.md 1.2 rule 15."""
    for c in facts.categories:
        if c.written and not c.searches:
            where = ("category", c.id)
            yield Issue("no_counter_search", "note", where, "check.no_counter_search", {"heading": c.heading})


def heading_is_label(facts: Facts) -> Found:
    """A heading says what was found; the code group's label says what was looked at. Source: methods.md 1.2 rule 12."""
    for c in facts.categories:
        if c.heading.strip().casefold() == c.group_name.strip().casefold():
            where = ("category", c.id)
            yield Issue("heading_is_label", "note", where, "check.heading_is_label", {"heading": c.heading})


def heading_short(facts: Facts) -> Found:
    """A heading of one word, or of so few that the context cannot be in it. Source: methods.md 1.2 rule 13 and 1.4
    ("Det gode resultatafsnit", Klinisk Sygepleje 2017(4))."""
    for c in facts.categories:
        n = len(re.findall(r"\w+(?:['’-]\w+)*", c.heading))
        if 0 < n < facts.limit("heading_short.words"):
            code = _counted("check.heading_short", n)
            yield Issue("heading_short", "note", ("category", c.id), code, {"heading": c.heading, "n": n})


_CONTENT = re.compile(r"[^\W\d_]{4,}")
_LIGHT = (
    "what when where which whom whose does have been were that this these those there then than with from into your "
    "yours they them their about after before would could should tell more most some very much such also hvad "
    "hvordan hvornår hvorfor hvilke hvilken hvilket have været blev blive eller efter inden under denne dette disse "
    "deres jeres fortæl noget nogle meget ville kunne skulle ikke også"
)
_EMPTY = frozenset(_LIGHT.split())


def _content(text: str) -> frozenset[str]:
    """The words that carry a text, cut to five letters so that endings do not tell them apart."""
    return frozenset(w[:5] for w in _CONTENT.findall(text.casefold()) if w not in _EMPTY)


def guide_mirrored(facts: Facts) -> Found:
    """Categories that mirror the interview guide: most of a heading's words stand in one of its questions. Source:
    methods.md 1.4."""
    questions = [(q, _content(q)) for q in facts.guide]
    for c in facts.categories:
        words = _content(c.heading)
        if len(words) < 2:
            continue
        for question, asked in questions:
            if len(words & asked) * 100 >= facts.limit("guide_mirrored.percent") * len(words):
                params: dict[str, object] = {"heading": c.heading, "question": question}
                yield Issue("guide_mirrored", "note", ("category", c.id), "check.guide_mirrored", params)
                break


def headings_level(facts: Facts) -> Found:
    """Headings at different levels of abstraction (apple, pear, fruit): only ever a question. Source: methods.md 1.4."""
    if (n := len(facts.categories)) > 1:
        params: dict[str, object] = {
            "n": n,
            "headings": " · ".join(f"“{c.heading}”" for c in facts.categories),
        }
        yield Issue("headings_level", "note", _PROJECT, "check.headings_level", params)


def banality(facts: Facts) -> Found:
    """The banality test: did we know this already, what does it say to the question? Source: methods.md 1.4."""
    if any(c.written for c in facts.categories):
        yield Issue("banality", "note", _PROJECT, "check.banality")


def quotes_few(facts: Facts) -> Found:
    """All quotes from one or two articulate informants. Source: methods.md 1.4."""
    people = {p for quote in facts.quoted for p in quote}
    least = facts.limit("quotes_few.people")
    if len(facts.quoted) >= least and people and len(people) < least:
        code = _counted("check.quotes_few", len(people))
        yield Issue("quotes_few", "note", _PROJECT, code, {"n": len(people), "of": len(facts.quoted)})


def quotes_not_cleared(facts: Facts) -> Found:
    """Golden quotes of a category that is ready, which nobody has cleared to leave the team. Source: product.md
    ruling 4."""
    for c in facts.categories:
        if c.ready and c.uncleared:
            params: dict[str, object] = {"heading": c.heading, "n": c.uncleared, "of": c.golden}
            code = _counted("check.quotes_not_cleared", c.uncleared)
            yield Issue("quotes_not_cleared", "note", ("category", c.id), code, params)


def rests_on_few(facts: Facts) -> Found:
    """How few people or groups a category is heard from; off until a project turns it on, because no number makes
    importance. Source: product.md ruling 9 (R1)."""
    people, groups = facts.limit("rests_on_few.people"), facts.limit("rests_on_few.groups")
    for c in facts.categories:
        if c.people < people or c.groups < groups:
            params: dict[str, object] = {"heading": c.heading, "people": c.people, "groups": c.groups}
            yield Issue("rests_on_few", "note", ("category", c.id), "check.rests_on_few", params)


# -- the model ---------------------------------------------------------------------------------------------


def decided_changed(facts: Facts) -> Found:
    """What has changed since it was decided on. Source: product.md ruling 12."""
    for d in facts.decided:
        params: dict[str, object] = {"label": d.label, "key": d.key, "at": d.at, "item": d.item}
        yield Issue("decided_changed", "error", ("decision", d.decision), "check.decided_changed", params)


def theme_unanswered(facts: Facts) -> Found:
    """A theme that no requirement answers. Source: interface.md 5.9."""
    for id, heading in facts.unanswered_themes:
        params: dict[str, object] = {"heading": heading}
        yield Issue("theme_unanswered", "warning", ("category", id), "check.theme_unanswered", params)


def requirement_unheld(facts: Facts) -> Found:
    """A requirement without any basis. Source: product.md ruling 9."""
    for id, key in facts.unheld_requirements:
        params: dict[str, object] = {"key": key}
        yield Issue("requirement_unheld", "warning", ("requirement", id), "check.requirement_unheld", params)


def component_answers_nothing(facts: Facts) -> Found:
    """A component of the prototype that answers no requirement. Source: product.md, the chain."""
    for id, name in facts.idle_components:
        where = ("component", id)
        yield Issue(
            "component_answers_nothing", "note", where, "check.component_answers_nothing", {"name": name}
        )


# -- all of them -------------------------------------------------------------------------------------------

STEPS = ("before", "impression", "code", "condense", "synthesise", "model")


@dataclass(frozen=True, slots=True)
class Rule:
    """`stc`: a rule of systematic text condensation, which other routes do not have. `uninvited`: it appears by
    itself, and is mended where it stands rather than set aside here. `optional`: off until a project switches it on."""

    name: str
    step: str
    find: Callable[[Facts], Iterable[Issue]]
    stc: bool = True
    uninvited: bool = False
    optional: bool = False  # off until a project switches it on


def _rule(
    step: str, find: Callable[[Facts], Iterable[Issue]], *, stc: bool = True, uninvited: bool = False
) -> Rule:
    return Rule(find.__name__, step, find, stc, uninvited)


def _of_model(
    find: Callable[[ModelFacts, Mapping[str, int]], Iterable[Issue]],
    *,
    stc: bool = False,
    uninvited: bool = False,
) -> Rule:
    """A rule of model_checks; all but what is in doubt are off until a project switches them on."""

    def look(facts: Facts) -> Iterable[Issue]:
        return find(facts.model, {name: facts.limit(name) for name in THRESHOLDS})

    look.__doc__ = find.__doc__
    return Rule(find.__name__, "model", look, stc, uninvited, optional=not uninvited)


_ALL = (
    _rule("before", no_preconceptions),
    _rule("before", saturation),
    _rule("impression", preliminary_themes),
    _rule("impression", one_analyst, stc=False),
    _rule("code", units_unplaced, stc=False, uninvited=True),
    _rule("code", unit_in_several),
    _rule("code", code_groups),
    _rule("code", group_large, stc=False),
    _rule("code", group_small, stc=False),
    _rule("condense", condensate_stale, uninvited=True),
    _rule("condense", units_left_over, uninvited=True),
    _rule("condense", subgroups),
    _rule("condense", voice),
    _rule("condense", not_first_person),
    _rule("condense", not_held),
    _rule("condense", golden_share),
    _rule("condense", golden_spread),
    _rule("synthesise", challenge_unanswered, stc=False, uninvited=True),
    _rule("synthesise", step_skipped),
    _rule("synthesise", group_without_category),
    _rule("synthesise", not_reread),
    _rule("synthesise", no_counter_search, stc=False),
    _rule("synthesise", heading_is_label),
    _rule("synthesise", heading_short, stc=False),
    _rule("synthesise", guide_mirrored),
    _rule("synthesise", headings_level, stc=False),
    _rule("synthesise", banality, stc=False),
    _rule("synthesise", quotes_few, stc=False),
    _rule("synthesise", quotes_not_cleared),
    _rule("synthesise", rests_on_few, stc=False),
    _rule("model", decided_changed, stc=False, uninvited=True),
    _rule("model", theme_unanswered, stc=False),
    _rule("model", requirement_unheld, stc=False),
    _rule("model", component_answers_nothing, stc=False),
    _of_model(model_checks.in_doubt, uninvited=True),
    _of_model(model_checks.must_support),
    _of_model(model_checks.theme_not_addressed),
    _of_model(model_checks.against_undecided),
    _of_model(model_checks.subgroup_not_condensed, stc=True),
    _of_model(model_checks.no_golden_quote, stc=True),
    _of_model(model_checks.component_ungrounded),
    _of_model(model_checks.requirement_incomplete),
    _of_model(model_checks.must_not_tried),
    _of_model(model_checks.voice_share),
    _of_model(model_checks.decided_before_doubt),
)
RULES: Mapping[str, Rule] = MappingProxyType({r.name: r for r in _ALL})
UNINVITED = frozenset(r.name for r in _ALL if r.uninvited)
# What a project may switch on, and how much each may matter to it.
OPTIONAL = tuple(r.name for r in _ALL if r.optional)
LEVELS = ("off", "note", "warning", "error")


def step_of(issue: Issue) -> str:
    """The step of STEPS a thing found belongs to: its rule's, unless it names one itself."""
    kind, id = issue.where
    return id if kind == "step" and id in STEPS else RULES[issue.rule].step


def applies(rule: Rule, route: str) -> bool:
    """Whether a project of this route (stc, framework, content) has the rule."""
    return condenses(route) or not rule.stc


def find(facts: Facts, route: str = "stc", *, only: Iterable[str] | None = None) -> list[Issue]:
    """What the rules of a route find, in the order of the steps; all of them, or only those named."""
    wanted = RULES.keys() if only is None else set(only)
    found: list[Issue] = []
    for rule in _ALL:
        level = facts.switched.get(rule.name, "off") if rule.optional else ""
        if rule.name in wanted and applies(rule, route) and level != "off":
            severity: Severity | None = _SEVERITY.get(level)
            found += [replace(i, severity=severity) if severity else i for i in rule.find(facts)]
    return found


_SEVERITY: Mapping[str, Severity] = {"note": "note", "warning": "warning", "error": "error"}


def _everyone(facts: Facts) -> list[tuple[str, str]]:
    """Everybody who has worked in steps 1 to 3, each once."""
    return list(dict.fromkeys(who for step in facts.analysts.values() for who in step))
