"""Agreement between analysts: whose marks differ, and, for those who ask, kappa and Krippendorff's alphas.

Two things that must not be mistaken for each other. `differences` is STC's own sense of it: "one marked, the other
not" and "placed differently", a list to talk through. The scores below it are only for those who ask for them. Each
says beside its value how often the analysts agreed, how common each answer was, and the counts it rests on, because
a kappa alone misleads; where it is undefined, its value is None with a reason:

    nothing_to_compare   nothing was judged by two analysts
    nobody_marked        no analyst used the code group in what is compared
    no_variation         one answer throughout, so agreement by chance is certain
    needs_two_analysts   the measure is for exactly two
    no_unmarked          units cannot say how often both left a passage unmarked; characters can
    units_overlap        an analyst's units overlap, where the measure wants a partition of the text

`verified` is True where the function reproduces published worked examples in tests/domain/test_agreement.py.
All offsets are code points; spans are [start, end). Scores over characters sweep over boundaries, never over the
characters themselves. Characters are not independent judgements: no confidence interval is given for them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from .errors import InvalidSpan

Span = tuple[int, int]
Value = Hashable
# What each analyst answered, None where there is no answer (in `Unitizing`: a gap), and how often.
Row = tuple[tuple[Value, ...], int]


@dataclass(frozen=True, slots=True)
class Mark:
    """A meaning unit as one analyst marked it: [start, end) of a source, and the code groups it stands in."""

    id: str
    source: str
    start: int
    end: int
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InvalidSpan("span.outside")

    @property
    def order(self) -> tuple[str, int, int, str, tuple[str, ...]]:
        return self.source, self.start, self.end, self.id, tuple(sorted(self.groups))


@dataclass(frozen=True, slots=True)
class Analyst:
    """One analyst's marks, and the sources read through with marks or without (None: every source compared).

    Marks in other sources are left out: what is not finished cannot be compared.
    """

    marks: tuple[Mark, ...]
    sources: frozenset[str] | None = None


# -- what differs ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """The same unit as each of two analysts marked it."""

    first: Mark
    second: Mark

    @property
    def overlap(self) -> int:
        """Code points in both."""
        return _overlap(self.first, self.second)

    @property
    def only_first(self) -> frozenset[str]:
        """Code groups only the first placed it in."""
        return self.first.groups - self.second.groups

    @property
    def only_second(self) -> frozenset[str]:
        return self.second.groups - self.first.groups


@dataclass(frozen=True, slots=True)
class Lone:
    """A unit one analyst marked and the other did not.

    `beside`: the other's units that overlap it by half but are paired with another: one of them has cut in two what
    the other kept whole.
    """

    mark: Mark
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """Two analysts' marks; every mark is in exactly one of the four, each in the order of the texts."""

    agreed: tuple[Pair, ...]
    placed_differently: tuple[Pair, ...]
    only_first: tuple[Lone, ...]
    only_second: tuple[Lone, ...]


def differences(first: Iterable[Mark], second: Iterable[Mark]) -> Differences:
    """What the one marked and the other did not, and what they placed differently.

    Two spans are the same unit when they overlap by at least half of the shorter one. Each mark is paired with at
    most one of the other's, closest first: by what they share of all the characters in either, then by how many code
    groups they share, then by place in the text. The answer depends neither on the order of the marks nor on who
    comes first. Marks without any code group are units too: two of them agree.
    """
    sides = sorted(first, key=lambda m: m.order), sorted(second, key=lambda m: m.order)
    possible = sorted(_same_unit(*sides), key=lambda at: _closeness(sides[0][at[0]], sides[1][at[1]]))
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs: list[Pair] = []
    beside: tuple[defaultdict[int, list[str]], ...] = (defaultdict(list), defaultdict(list))
    for at in possible:
        a, b = at
        if a not in taken[0] and b not in taken[1]:
            taken[0].add(a)
            taken[1].add(b)
            pairs.append(Pair(sides[0][a], sides[1][b]))
        else:
            beside[0][a].append(sides[1][b].id)
            beside[1][b].append(sides[0][a].id)
    pairs.sort(key=lambda p: sorted((p.first.order, p.second.order)))
    lone = [
        tuple(
            Lone(mark, tuple(sorted(beside[side][n])))
            for n, mark in enumerate(sides[side])
            if n not in taken[side]
        )
        for side in (0, 1)
    ]
    return Differences(
        tuple(p for p in pairs if p.first.groups == p.second.groups),
        tuple(p for p in pairs if p.first.groups != p.second.groups),
        lone[0],
        lone[1],
    )


def _overlap(a: Mark, b: Mark) -> int:
    return max(0, min(a.end, b.end) - max(a.start, b.start)) if a.source == b.source else 0


def _same_unit(first: Sequence[Mark], second: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Places in the two lists (each in text order) of marks that overlap by half of the shorter."""
    sides = (first, second)
    begun = sorted((m.source, m.start, side, n) for side in (0, 1) for n, m in enumerate(sides[side]))
    begun_here: tuple[list[int], list[int]] = ([], [])
    for source, start, side, n in begun:
        mark, others = sides[side][n], sides[1 - side]
        begun_here[1 - side][:] = [
            o for o in begun_here[1 - side] if others[o].source == source and others[o].end > start
        ]
        for o in begun_here[1 - side]:
            if 2 * _overlap(mark, others[o]) >= min(mark.end - mark.start, others[o].end - others[o].start):
                yield (n, o) if side == 0 else (o, n)
        begun_here[side].append(n)


def _closeness(a: Mark, b: Mark) -> tuple[float, int, list[tuple[object, ...]]]:
    """Sorts the closest pair first; the same for (a, b) and (b, a)."""
    either = max(a.end, b.end) - min(a.start, b.start)
    return -_overlap(a, b) / either, -len(a.groups & b.groups), sorted((a.order, b.order))


# -- scores ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """A score with what it rests on; value = 1 - observed / chance.

    `observed` and `chance` are the disagreement seen and the one chance would give, in the measure's own unit (for
    kappa and alpha a share of judgements). `agreement` is the plain share of what was compared on which all agree.
    `prevalence` is each answer's share of all answers, `counts` how often each combination of answers occurred.
    """

    value: float | None
    reason: str = ""
    observed: float | None = None
    chance: float | None = None
    agreement: float | None = None
    prevalence: tuple[tuple[Value, float], ...] = ()
    counts: tuple[Row, ...] = ()
    verified: bool = True


def cohen_kappa(rows: Iterable[Row]) -> Score:
    """Cohen's kappa, (po - pe) / (1 - pe), of two analysts' answers; rows with a missing answer are left out.

    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement
    20(1), 37-46. Verified against the tables on its pages 37 and 45, and against Krippendorff (1995), page 57.
    """
    table: Counter[tuple[Value, ...]] = Counter()
    for values, n in rows:
        if len(values) != 2:
            return Score(None, "needs_two_analysts")
        if None not in values:
            table[values] += n
    total = table.total()
    if not total:
        return Score(None, "nothing_to_compare")
    margins: tuple[Counter[Value], Counter[Value]] = (Counter(), Counter())
    for values, n in table.items():
        for margin, value in zip(margins, values, strict=True):
            margin[value] += n
    apart = total - sum(n for (a, b), n in table.items() if a == b)
    room = total * total - sum(n * margins[1][value] for value, n in margins[0].items())
    return Score(
        1 - total * apart / room if room else None,
        "" if room else "no_variation",
        apart / total,
        room / (total * total),
        1 - apart / total,
        _shares(margins[0] + margins[1]),
        _ordered(table),
    )


def krippendorff_alpha(rows: Iterable[Row]) -> Score:
    """Krippendorff's alpha for nominal answers of any number of analysts, None where an answer is missing.

    With o_ck the coincidences (a unit of m answers gives each of its pairs the weight 1 / (m - 1)) and n_c their
    margins: alpha = 1 - (n - 1) * sum(o_ck, c != k) / sum(n_c * n_k, c != k).
    Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability; the same in Content Analysis, chapter 12.
    Verified against its examples A (two analysts, two values), B (nominal) and C (four analysts, missing values).
    """
    table: Counter[tuple[Value, ...]] = Counter()
    for values, n in rows:
        if n and len(values) - values.count(None) > 1:
            table[values] += n
    margin: Counter[Value] = Counter()
    apart, alike = 0.0, 0
    for values, n in table.items():
        answers = Counter(v for v in values if v is not None)
        m = answers.total()
        for value, times in answers.items():
            margin[value] += n * times
            apart += n * times * (m - times) / (m - 1)
        alike += n * (len(answers) == 1)
    total = margin.total()
    if not total:
        return Score(None, "nothing_to_compare")
    room = total * total - sum(n * n for n in margin.values())
    return Score(
        1 - (total - 1) * apart / room if room else None,
        "" if room else "no_variation",
        apart / total,
        room / (total * (total - 1)),
        alike / table.total(),
        _shares(margin),
        _ordered(table),
    )


def pooled(scores: Iterable[Score]) -> Score:
    """Several code groups as one: 1 - (sum of observed) / (sum of chance), so that rare groups do not swing it.

    For kappa this is the pooled kappa of De Vries, Elliott, Kanouse & Teleki (2008), Field Methods 20(3), 272-282; for
    alpha it is how Krippendorff (2004) sums alphaU over categories. verified: no, for no printed example of either was
    found that does not round on the way; of a single group it is that group's score. Groups nobody used do not count.
    """
    scores = list(scores)
    told = [s for s in scores if s.observed is not None and s.reason != "nobody_marked"]
    if not told:
        unused = any(s.reason == "nobody_marked" for s in scores)
        return Score(None, "nobody_marked" if unused else "nothing_to_compare", verified=False)
    if len(told) == 1:
        return told[0]
    observed, chance = sum(s.observed or 0.0 for s in told), sum(s.chance or 0.0 for s in told)
    table: Counter[tuple[Value, ...]] = Counter()
    shares: Counter[Value] = Counter()
    for score in told:
        for values, n in score.counts:
            table[values] += n
            for value in values:
                shares[value] += n * (value is not None)
    return Score(
        1 - observed / chance if chance else None,
        "" if chance else "no_variation",
        observed / len(told),
        chance / len(told),
        sum(s.agreement or 0.0 for s in told) / len(told),
        _shares(shares),
        _ordered(table),
        verified=False,
    )


def _ordered(table: Mapping[tuple[Value, ...], int]) -> tuple[Row, ...]:
    return tuple(sorted(((v, n) for v, n in table.items() if n), key=lambda row: repr(row[0])))


def _shares(margin: Counter[Value]) -> tuple[tuple[Value, float], ...]:
    total = margin.total()
    return tuple(sorted(((v, n / total) for v, n in margin.items() if n), key=lambda s: repr(s[0])))


# -- kappa and alpha of marks ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """Kappa and alpha of one question put to every character or unit: marked so, or not (True, False)."""

    kappa: Score
    alpha: Score


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kappa and alpha per code group and over all groups; `marked`: was it marked at all, whatever the group."""

    per_group: Mapping[str, Measured]
    overall: Measured
    marked: Measured
    left_out: int = 0  # units only one analyst marked, where those do not count


def over_characters(
    analysts: Sequence[Analyst], lengths: Mapping[str, int], groups: Iterable[str] | None = None
) -> Agreement:
    """Each character of each source, each code group: did the analyst's marks cover it?

    `lengths`: code points of each source compared. An analyst's marks of one group that overlap count once: it is
    the coverage that is compared, not how it was cut up. Sources an analyst has not read through are missing values.
    `groups`: also asked for where nobody used them; by default those in use. Raises InvalidSpan for a mark beyond its
    source.
    """
    read = [frozenset(lengths) if a.sources is None else a.sources for a in analysts]
    readers = {s: tuple(s in sources for sources in read) for s in lengths}
    whole: Counter[tuple[bool, ...]] = Counter()
    for source, length in lengths.items():
        whole[readers[source]] += length
    edges: defaultdict[str | None, list[tuple[str, int, int, int]]] = defaultdict(list)
    for n, analyst in enumerate(analysts):
        for mark in analyst.marks:
            if mark.source not in lengths or mark.source not in read[n]:
                continue
            if mark.end > lengths[mark.source]:
                raise InvalidSpan("span.outside")
            begins, ends = (mark.source, mark.start, 1, n), (mark.source, mark.end, -1, n)
            for group in (None, *mark.groups):
                edges[group] += (begins, ends)
    wanted = sorted({g for g in edges if g is not None}.union(groups or ()))
    measured = {g: _measured(_covered(edges.get(g, []), readers, whole), len(analysts)) for g in wanted}
    return Agreement(
        measured,
        _overall(measured.values()),
        _measured(_covered(edges.get(None, []), readers, whole), len(analysts)),
    )


def _covered(
    edges: list[tuple[str, int, int, int]],
    readers: Mapping[str, tuple[bool, ...]],
    whole: Mapping[tuple[bool, ...], int],
) -> list[Row]:
    """How many characters each combination of analysts covered, from where their marks begin (1) and end (-1)."""
    lengths: Counter[tuple[tuple[bool, ...], tuple[bool, ...]]] = Counter()
    rest = Counter(whole)
    edges.sort()
    source, before = "", 0
    depth = [0] * len(next(iter(whole), ()))
    for here, at, step, n in edges:
        if here == source and at > before and any(depth):
            who = readers[source]
            lengths[who, tuple(d > 0 for d in depth)] += at - before
            rest[who] -= at - before
        source, before = here, at
        depth[n] += step
    for who, length in rest.items():
        lengths[who, (False,) * len(who)] += length
    return [
        (tuple(c if w else None for w, c in zip(who, covered, strict=True)), length)
        for (who, covered), length in lengths.items()
        if length
    ]


def over_units(
    first: Iterable[Mark],
    second: Iterable[Mark],
    groups: Iterable[str] | None = None,
    *,
    count_lone: bool = False,
) -> Agreement:
    """Each unit two analysts marked, paired as in `differences`, each code group: was it placed there?

    Units only one of them marked are left out and counted in `left_out`: whether a passage was marked is another
    question than where it was placed. With `count_lone` they count as placed nowhere by the other; "neither" is then
    still only what at least one of them marked, in some other group.
    """
    found = differences(first, second)
    pairs = [(p.first.groups, p.second.groups) for p in (*found.agreed, *found.placed_differently)]
    nowhere: frozenset[str] = frozenset()
    lone = [(x.mark.groups, nowhere) for x in found.only_first]
    lone += [(nowhere, x.mark.groups) for x in found.only_second]
    judged = pairs + lone if count_lone else pairs
    every = Counter(judged)
    wanted = sorted({g for pair in (*pairs, *lone) for side in pair for g in side}.union(groups or ()))
    measured = {g: _measured([((g in a, g in b), n) for (a, b), n in every.items()], 2) for g in wanted}
    met: tuple[Row, ...] = (
        ((False, True), len(found.only_second)),
        ((True, False), len(found.only_first)),
        ((True, True), len(pairs)),
    )
    share = len(pairs) / (len(pairs) + len(lone)) if pairs or lone else None
    counted = Score(
        None, "no_unmarked" if pairs or lone else "nothing_to_compare", agreement=share, counts=met
    )
    return Agreement(
        measured,
        _overall(measured.values()),
        Measured(counted, counted),
        0 if count_lone else len(lone),
    )


def _measured(rows: list[Row], analysts: int) -> Measured:
    kappa = cohen_kappa(rows) if analysts == 2 else Score(None, "needs_two_analysts")
    alpha = krippendorff_alpha(rows)
    if not any(True in values for values, _ in rows):
        return Measured(_nobody(kappa), _nobody(alpha))
    return Measured(kappa, alpha)


def _nobody(score: Score) -> Score:
    if score.reason != "no_variation":
        return score
    return replace(score, reason="nobody_marked")


def _overall(measured: Collection[Measured]) -> Measured:
    kappas = [m.kappa for m in measured]
    if kappas and all(k.reason == "needs_two_analysts" for k in kappas):
        return Measured(kappas[0], pooled(m.alpha for m in measured))
    return Measured(pooled(kappas), pooled(m.alpha for m in measured))


# -- unitizing: where the units begin and end --------------------------------------------------------------


def alpha_u(continua: Iterable[tuple[int, Sequence[Span], Sequence[Span]]]) -> Score:
    """Krippendorff's alphaU of one code group for two analysts, over one or more texts.

    Each text: its length, and each analyst's spans of that group; an analyst's spans that overlap become one, those
    that only touch stay two. Unlike kappa over characters it minds where units begin and end: the disagreement of two
    overlapping units is (difference of starts)^2 + (difference of ends)^2, that of a unit wholly in the other's gap
    its length^2. With N units of length l, and g the gaps of both analysts:
        Do = sum(disagreement) / L^2
        De = 2/L * sum((N-1)/3 * (2l^3 - 3l^2 + l) + l^2 * sum(g - l + 1 for g >= l)) / (2L(2L-1) - sum(l(l-1)))
    Krippendorff, K. (2004). Measuring the reliability of qualitative text analysis data. Quality & Quantity 38,
    787-800 (appendix); the same in Content Analysis, 2nd edition, page 254. Verified against that example in every
    printed digit (Do .0144, De .0532 and .0490, alpha .7286 and 1), and Do against Krippendorff (1995), page 57.
    It was amended in 2016 for how it behaves with more than two analysts, so it is for two.
    """
    length = apart = 0
    units: list[int] = []
    gaps: list[int] = []
    table: Counter[tuple[Value, ...]] = Counter()
    for size, *both in continua:
        length += size
        first, second = (_joined(spans, size) for spans in both)
        for spans in (first, second):
            units += (end - start for start, end in spans)
            edge = [0, *(at for span in spans for at in span), size]
            gaps += (b - a for a, b in zip(edge[::2], edge[1::2], strict=True) if b > a)
        shared, disagreement = _meeting(first, second)
        apart += disagreement
        sums = [sum(end - start for start, end in spans) for spans in (first, second)]
        table[True, True] += shared
        table[True, False] += sums[0] - shared
        table[False, True] += sums[1] - shared
        table[False, False] += size - sum(sums) + shared
    if not length:
        return Score(None, "nothing_to_compare")
    gaps.sort()
    upto = [0, *accumulate(gaps)]
    by_chance = 0
    for unit in units:
        fits = bisect_left(gaps, unit)
        room = upto[-1] - upto[fits] - (len(gaps) - fits) * (unit - 1)
        by_chance += (len(units) - 1) * unit * (unit - 1) * (2 * unit - 1) // 3 + unit * unit * room
    pairs = 2 * length * (2 * length - 1) - sum(unit * (unit - 1) for unit in units)
    observed, chance = apart / length**2, 2 * by_chance / (length * pairs)
    margin: Counter[Value] = Counter()
    for values, n in table.items():
        for value in values:
            margin[value] += n
    return Score(
        1 - observed / chance if by_chance else None,
        "" if by_chance else "no_variation" if units else "nobody_marked",
        observed,
        chance,
        (table[True, True] + table[False, False]) / length,
        _shares(margin),
        _ordered(table),
    )


def _joined(spans: Iterable[Span], size: int) -> list[Span]:
    """In order, those that overlap made one. Raises InvalidSpan for one that is empty or outside."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if not 0 <= start < end <= size:
            raise InvalidSpan("span.outside")
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _meeting(first: Sequence[Span], second: Sequence[Span]) -> tuple[int, int]:
    """Characters in both, and alphaU's disagreement, of two analysts' spans (each list in order, none overlap)."""
    shared = disagreement = i = j = 0
    met: tuple[set[int], set[int]] = (set(), set())
    while i < len(first) and j < len(second):
        (a, b), (c, d) = first[i], second[j]
        if min(b, d) > max(a, c):
            shared += min(b, d) - max(a, c)
            disagreement += (a - c) ** 2 + (b - d) ** 2
            met[0].add(i)
            met[1].add(j)
        i, j = i + (b <= d), j + (d <= b)
    for spans, some in zip((first, second), met, strict=True):
        disagreement += sum((e - s) ** 2 for n, (s, e) in enumerate(spans) if n not in some)
    return shared, disagreement


@dataclass(frozen=True, slots=True)
class Unitized:
    """AlphaU per code group and over all; for two analysts."""

    per_group: Mapping[str, Score]
    overall: Score


def over_boundaries(
    first: Analyst, second: Analyst, lengths: Mapping[str, int], groups: Iterable[str] | None = None
) -> Unitized:
    """AlphaU of each code group over the sources both have read through, and 1 - sum(Do) / sum(De) over them."""
    shared = [s for s in lengths if all(a.sources is None or s in a.sources for a in (first, second))]
    spans: defaultdict[str, defaultdict[str, tuple[list[Span], list[Span]]]]
    spans = defaultdict(lambda: defaultdict(lambda: ([], [])))
    common = frozenset(shared)
    for side, analyst in enumerate((first, second)):
        for mark in analyst.marks:
            if mark.source in common:
                for group in mark.groups:
                    spans[group][mark.source][side].append((mark.start, mark.end))
    nothing: tuple[list[Span], list[Span]] = ([], [])
    per_group = {
        g: alpha_u((lengths[s], *spans[g].get(s, nothing)) for s in shared)
        for g in sorted(set(spans).union(groups or ()))
    }
    return Unitized(per_group, pooled(per_group.values()))


# The family of 2016, of which alphaU above is the forerunner.
Segment = tuple[int, int, Value]


@dataclass(frozen=True, slots=True)
class Unitizing:
    """The u-alpha family over one partition of the text per analyst.

    `units` (u-alpha): boundaries and values together. `binary` (|u-alpha): marked or not. `coding` (cu-alpha): the
    values, where both have marked. `per_value` ((k)u-alpha): (value, score, share of its characters both marked).
    """

    units: Score
    binary: Score
    coding: Score
    per_value: tuple[tuple[Value, Score, float], ...] = ()


def unitizing(analysts: Sequence[Sequence[Segment]], length: int) -> Unitizing:
    """u-alpha, |u-alpha, cu-alpha and (k)u-alpha of analysts' segments [start, end) of a text, each with one value.

    With l_ck the lengths of intersections (each pair of analysts weighing 1 / (m - 1)), l_c their margins, l = m * L,
    and S the sum over segments of length^2 for a unit and of length for a gap, the expected coincidences are
        e_ck = l * (l_c * l_k - [c = k] * S_c) / (l^2 - S),      alpha = 1 - sum(l_ck) / sum(e_ck), c != k.
    |u puts all values in one; cu leaves out whatever meets a gap, and takes S over what is left of each unit; (k)u
    is cu's row of the value k. Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of
    unitizing textual continua: further developments. Quality & Quantity 50, 2347-2364; Krippendorff (2019), 12.6.

    verified: no. The paper's own tables (it has an erratum, 50, 2365) could not be had. What holds: for two analysts
    two independent open implementations have this formula; u and |u give the one printed example found for three, to
    its three decimals; with units of one character u is exactly Krippendorff's alpha. For more than two analysts the
    implementations part on S in cu and (k)u, so these are for two.
    """
    if length < 1 or len(analysts) < 2:
        none = Score(None, "nothing_to_compare", verified=False)
        return Unitizing(none, none, none)
    partitions = [sorted(segments, key=lambda s: s[:2]) for segments in analysts]
    for segments in partitions:
        if any(not 0 <= start < end <= length for start, end, _ in segments):
            raise InvalidSpan("span.outside")
        if any(b[0] < a[1] for a, b in pairwise(segments)):
            none = Score(None, "units_overlap", verified=False)
            return Unitizing(none, none, none)
    edges = sorted((at, side, n, who) for who, segments in enumerate(partitions)
                   for n, segment in enumerate(segments) for side, at in ((1, segment[0]), (0, segment[1])))  # fmt: skip
    table: Counter[tuple[Value, ...]] = Counter()
    # What is left of each unit where every analyst has marked.
    pairable: Counter[tuple[int, int]] = Counter()
    now: list[int | None] = [None] * len(partitions)
    before = 0
    for at, side, n, who in [*edges, (length, 0, -1, 0)]:
        if at > before:
            table[tuple(None if u is None else p[u][2] for p, u in zip(partitions, now, strict=True))] += (
                at - before
            )
            if None not in now:
                for other, unit in enumerate(now):
                    pairable[other, unit or 0] += at - before
        before = at
        now[who] = n if side else None
    units = [(value, end - start) for segments in partitions for start, end, value in segments]
    gaps = len(partitions) * length - sum(size for _, size in units)
    selves = gaps + sum(size * size for _, size in units)
    found = Unitizing(
        _unit_score(table, selves),
        _unit_score(_collapsed(table), selves),
        Score(None, "needs_two_analysts", verified=False),
    )
    if len(partitions) > 2:
        return found
    both = Counter({values: n for values, n in table.items() if None not in values})
    own: Counter[Value] = Counter()
    for (who, n), size in pairable.items():
        own[partitions[who][n][2]] += size * size
    margin: Counter[Value] = Counter()
    for values, n in both.items():
        for value in values:
            margin[value] += n
    all_of: Counter[Value] = Counter()
    for value, size in units:
        all_of[value] += size
    per_value = tuple(
        (value, _value_score(both, value, margin, own[value]), margin[value] / all_of[value])
        for value in sorted(all_of, key=repr)
    )
    return Unitizing(found.units, found.binary, _unit_score(both, own.total()), per_value)


def _collapsed(table: Mapping[tuple[Value, ...], int]) -> Counter[tuple[Value, ...]]:
    binary: Counter[tuple[Value, ...]] = Counter()
    for values, n in table.items():
        binary[tuple(None if v is None else True for v in values)] += n
    return binary


def _unit_score(table: Counter[tuple[Value, ...]], selves: int) -> Score:
    """1 - Do / De of lengths per combination of values, None being a gap, that pair with themselves by `selves`."""
    margin: Counter[Value] = Counter()
    apart, alike = 0.0, 0
    for values, n in table.items():
        answers = Counter(values)
        for value, times in answers.items():
            margin[value] += n * times
            apart += n * times * (len(values) - times) / (len(values) - 1)
        alike += n * (len(answers) == 1)
    total = margin.total()
    if not total:
        return Score(None, "nothing_to_compare", verified=False)
    room = total * total - sum(n * n for n in margin.values())
    reason = "nobody_marked" if set(margin) == {None} else "no_variation"
    return Score(
        1 - apart * (total * total - selves) / (total * room) if room else None,
        "" if room else reason,
        apart / total,
        room / (total * total - selves),
        alike / table.total(),
        _shares(margin),
        _ordered(table),
        verified=False,
    )


def _value_score(both: Counter[tuple[Value, ...]], value: Value, margin: Counter[Value], own: int) -> Score:
    total, mine = margin.total(), margin[value]
    if not mine:
        return Score(None, "nothing_to_compare", verified=False)
    apart = mine - 2 * both[value, value]
    chance = mine * (total - mine) / (mine * total - own)
    return Score(
        1 - apart / mine / chance if chance else None,
        "" if chance else "no_variation",
        apart / mine,
        chance,
        1 - apart / mine,
        _shares(margin),
        _ordered({values: n for values, n in both.items() if value in values}),
        verified=False,
    )


def over_partitions(analysts: Sequence[Analyst], lengths: Mapping[str, int]) -> Unitizing:
    """The u-alpha family of the sources every analyst has read through, laid end to end.

    A unit's value is its code groups together (a sorted tuple, empty where it has none); an analyst whose units
    overlap has made no partition, and gets the reason "units_overlap".
    """
    laid: dict[str, int] = {}
    length = 0
    for source in lengths:
        if all(a.sources is None or source in a.sources for a in analysts):
            laid[source] = length
            length += lengths[source]
    segments: list[list[Segment]] = [[] for _ in analysts]
    for analyst, own in zip(analysts, segments, strict=True):
        for mark in analyst.marks:
            if mark.source in laid:
                if mark.end > lengths[mark.source]:
                    raise InvalidSpan("span.outside")
                at = laid[mark.source]
                own.append((at + mark.start, at + mark.end, tuple(sorted(mark.groups))))
    return unitizing(segments, length)
