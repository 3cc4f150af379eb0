"""Finding words in the turns of a project: what was typed, taken apart by us, and asked of the index.

What a person types never reaches SQLite as it is: it is cut into words here, and only letters and digits go on,
each word in quotes. Spaces between words mean and. "Words in quotes" stand together exactly so. begin* is any
word that begins so; -word leaves turns out; OR in capitals between two words means either. A bare word of four
letters or more is also found inside longer words: Danish writes compounds as one word. e is also é, and aa is
also å, whichever was typed.
"""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product

from workbench.domain.text import normalise

from .unit_of_work import Row

LONGEST = 400  # code points of what was typed that are read
_MOST_TERMS = 24
_INSIDE = 4  # letters from which a bare word is also looked for inside longer ones
FORMS = 120  # longer words that hold a word somewhere after their beginning: so many are looked for
_SPELLINGS = 64

# As unicode61 cuts words: letters and digits with the marks that sit on them.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb'
_CHUNK = re.compile(
    rf"(?P<no>-?)(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]?|(?P<plain>[^\s{_QUOTES}]+))"
)
_ALIKE = re.compile("aa|å|[eé]")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other, in lower case. `begins`: the last is only a beginning;
    `inside`: the one word is also looked for inside longer ones."""

    words: tuple[str, ...]
    begins: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """Turns that hold one term of each of `all_of`, and none of `none_of`."""

    all_of: tuple[tuple[Term, ...], ...]
    none_of: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Ids of turns in source order from an offset on, how many there are in all, and the words that are in more
    longer words than were looked for."""

    total: int
    turns: tuple[int, ...]
    bounded: tuple[str, ...]


# -- what was typed ------------------------------------------------------------------------------------------


def parse(typed: str) -> Query:
    """What was typed, as terms. Any string will do; one without a letter or digit asks for nothing."""
    all_of: list[tuple[Term, ...]] = []
    none_of: list[Term] = []
    either = False
    # Twice the length: characters that mean nothing may be among them.
    for chunk in _CHUNK.finditer(normalise(typed[: 2 * LONGEST]).text[:LONGEST]):
        plain = chunk["plain"]
        if plain == "OR" and all_of:
            either = True
            continue
        asked = tuple(words(plain if plain is not None else chunk["phrase"]))
        if not asked or len(all_of) + len(none_of) == _MOST_TERMS:
            continue
        alone = plain is not None and len(asked) == 1
        # One letter begins so many asked that it is taken for a word itself.
        begins = plain is not None and plain.rstrip(")]}.,;:").endswith("*") and len(asked[-1]) > 1
        term = Term(asked, begins, alone and not begins and len(asked[0]) >= _INSIDE)
        if chunk["no"]:
            none_of.append(term)
        elif either:
            all_of[-1] += (term,)
        else:
            all_of.append((term,))
        either = False
    return Query(tuple(all_of), tuple(none_of))


def words(text: str) -> list[str]:
    """The words of a text in lower case, as the index has them."""
    return [w.lower() for w in _WORD.findall(text)]


def fold(text: str) -> str:
    """Words that are taken for the same fold to the same: without regard to case, é as e, å as aa."""
    return text.lower().replace("é", "e").replace("å", "aa")


def holds(text: str, query: Query) -> bool:
    """Whether a short text, such as a name, is what was asked for."""

    def has(term: Term) -> bool:
        return bool(occurrences(text, Query(((term,),))))

    return (
        bool(query.all_of)
        and all(any(has(term) for term in either) for either in query.all_of)
        and not any(has(term) for term in query.none_of)
    )


def occurrences(text: str, query: Query) -> list[tuple[int, int]]:
    """[start, end) in code points of `text` of everything in it that was asked for, in order, none twice."""
    tokens = [(fold(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]
    found: list[tuple[int, int]] = []
    for term in (term for either in query.all_of for term in either):
        wanted = [fold(w) for w in term.words]
        *first, last = wanted
        for at in range(len(tokens) - len(wanted) + 1):
            here = tokens[at + len(first)][0]
            fits = last in here if term.inside else here.startswith(last) if term.begins else here == last
            if fits and all(tokens[at + i][0] == w for i, w in enumerate(first)):
                found.append((tokens[at][1], tokens[at + len(first)][2]))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(set(found)):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


# -- what is asked of the index ------------------------------------------------------------------------------


def _spellings(word: str) -> list[str]:
    """The word with e or é, aa or å at each place that has either; itself first."""
    pieces, at = [], 0
    for place in list(_ALIKE.finditer(word))[:6]:  # 2 to the sixth
        pieces += [
            [word[at : place.start()]],
            [place[0], {"aa": "å", "å": "aa", "e": "é", "é": "e"}[place[0]]],
        ]
        at = place.end()
    return ["".join(parts) for parts in product(*pieces, [word[at:]])]


def _known(conn: sqlite3.Connection, word: str) -> list[str]:
    """Those spellings of a word that stand somewhere, and the word itself."""
    spellings = _spellings(word)
    marks = ",".join("?" * len(spellings))
    there = {r[0] for r in conn.execute(f"SELECT term FROM word WHERE term IN ({marks})", spellings)}
    return [s for s in spellings if s == word or s in there]


def _holding(conn: sqlite3.Connection, word: str) -> list[str]:
    """Word forms that hold a word after their beginning, the shortest first: one more than are looked for."""
    probe = max(_ALIKE.split(word), key=len)  # what every spelling of it has
    patterns = ["?*" + "".join(parts) + "*" for parts in product(*_glob(word))]
    globs = " OR ".join(["term GLOB ?"] * len(patterns))
    sql = f"SELECT term FROM word WHERE instr(term, ?) AND ({globs}) ORDER BY length(term), term LIMIT {FORMS + 1}"
    return [r[0] for r in conn.execute(sql, (probe, *patterns))]


def _glob(word: str) -> list[list[str]]:
    """The word in pieces, each with its ways of being written, as GLOB has them."""
    pieces, at, doubled = [], 0, 0
    for place in _ALIKE.finditer(word):
        alike = ["[eé]"] if place[0] in "eé" else ["aa", "å"]
        doubled += len(alike) - 1
        pieces += [[word[at : place.start()]], alike if doubled <= 3 else [place[0]]]
        at = place.end()
    return [*pieces, [word[at:]]]


def _expression(conn: sqlite3.Connection, term: Term, bounded: list[str]) -> str:
    """A term in the index's own language. Nothing but letters and digits in quotes comes from what was typed."""
    if term.inside:
        word = term.words[0]
        forms = _holding(conn, word)
        if len(forms) > FORMS:
            bounded.append(word)
        asked = [f'"{s}"*' for s in _spellings(word)] + [f'"{f}"' for f in forms[:FORMS]]
    else:
        *first, last = term.words
        ways = product(
            *(_known(conn, w) for w in first), _spellings(last) if term.begins else _known(conn, last)
        )
        star = "*" if term.begins else ""
        asked = [f'"{" ".join(way)}"{star}' for way, _ in zip(ways, range(_SPELLINGS), strict=False)]
    return f"({' OR '.join(asked)})"


def _ranges(conn: sqlite3.Connection, sources: Collection[str] | None) -> tuple[list[tuple[int, int]], bool]:
    """Runs of turn ids to look in, in source order, and whether they are all there are. The turns of one text have
    ids in a row; runs that follow each other in the index as in the project become one."""
    rows = conn.execute(
        "SELECT s.id, s.retired, s.position,"
        " (SELECT t.id FROM turn t WHERE t.source=s.id AND t.text_rev=s.text_rev ORDER BY seq LIMIT 1) AS first,"
        " (SELECT t.id FROM turn t WHERE t.source=s.id AND t.text_rev=s.text_rev ORDER BY seq DESC LIMIT 1) AS last"
        " FROM source s ORDER BY s.position, s.id"
    ).fetchall()
    rows = [r for r in rows if r["first"] is not None]
    index = {r["id"]: n for n, r in enumerate(sorted(rows, key=lambda r: r["first"]))}
    runs: list[tuple[int, int]] = []
    before = -2
    asked = [r for r in rows if r["retired"] is None and (sources is None or r["id"] in sources)]
    for r in asked:
        if index[r["id"]] == before + 1:
            runs[-1] = (runs[-1][0], r["last"])
        else:
            runs.append((r["first"], r["last"]))
        before = index[r["id"]]
    return runs, len(asked) == len(rows)


def find(
    conn: sqlite3.Connection,
    query: Query,
    *,
    limit: int = 50,
    offset: int = 0,
    sources: Collection[str] | None = None,
    speakers: Collection[str] | None = None,
) -> Page:
    """Turns in the order of the sources, `limit` of them from `offset` on; None looks in all sources and at all
    speakers (speakers are rows of the sources' own lists)."""
    if not query.all_of:
        return Page(0, (), ())
    bounded: list[str] = []
    match = " AND ".join(
        "(" + " OR ".join(_expression(conn, term, bounded) for term in either) + ")"
        for either in query.all_of
    )
    for term in query.none_of:
        match = f"({match}) NOT {_expression(conn, term, [])}"
    runs, whole = _ranges(conn, sources)
    if not runs:
        return Page(0, (), tuple(bounded))
    tables, spoken, who = "turn_fts", "", tuple(speakers or ())
    if speakers is not None:
        tables = "turn_fts CROSS JOIN turn ON turn.id=turn_fts.rowid"
        spoken = f" AND turn.speaker IN ({','.join('?' * len(who))})"
    within = " AND turn_fts.rowid BETWEEN ? AND ?"

    def count(condition: str, *bounds: int) -> int:
        sql = f"SELECT count(*) FROM {tables} WHERE turn_fts MATCH ?{condition}{spoken}"
        return int(conn.execute(sql, (match, *bounds, *who)).fetchone()[0])

    def ids(condition: str, *bounds: int, tail: str = "") -> list[int]:
        sql = f"SELECT turn_fts.rowid FROM {tables} WHERE turn_fts MATCH ?{condition}{spoken} ORDER BY turn_fts.rowid{tail}"
        rows = conn.cursor()
        rows.row_factory = None  # plain tuples: there may be very many
        return [id for (id,) in rows.execute(sql, (match, *bounds, *who))]

    if len(runs) == 1:
        run = runs[0]
        total = count("") if whole else count(within, *run)
        return Page(total, tuple(ids(within, *run, tail=f" LIMIT {limit} OFFSET {offset}")), tuple(bounded))
    # Asking the index once for everything and cutting here is quicker than asking it again for every run.
    everything = ids(within, min(low for low, _ in runs), max(high for _, high in runs))
    found: list[int] = []
    total, skip = 0, offset
    for low, high in runs:
        first, last = bisect_left(everything, low), bisect_right(everything, high)
        total += last - first
        found += everything[first + skip : min(last, first + skip + limit - len(found))]
        skip = max(0, skip - (last - first))
    return Page(total, tuple(found), tuple(bounded))


# -- what stands there ---------------------------------------------------------------------------------------


def turns(conn: sqlite3.Connection, ids: Iterable[int]) -> list[Row]:
    """Turns by their ids, in that order: source, text_rev, seq, start, end, text, label and participant."""
    wanted = list(ids)
    found: dict[int, Row] = {}
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        sql = (
            "SELECT t.id, t.source, t.text_rev, t.seq, t.start, t.end, t.text, k.label, k.participant FROM turn t"
            f" LEFT JOIN speaker k ON k.id=t.speaker WHERE t.id IN ({','.join('?' * len(part))})"
        )
        found |= {r["id"]: dict(r) for r in conn.execute(sql, part)}
    return [found[id] for id in wanted if id in found]


def turn_ids(conn: sqlite3.Connection, sources: Collection[str], *, limit: int) -> list[int]:
    """Ids of the turns of these sources in source order, `limit` at most."""
    runs, _ = _ranges(conn, sources)
    return [id for low, high in runs for id in range(low, high + 1)][:limit]


def turn_holding(conn: sqlite3.Connection, source: str, text_rev: int, at: int) -> Row | None:
    """The turn that a place in a text is in: id, seq, start, end, text."""
    sql = "SELECT id, seq, start, end, text FROM turn WHERE source=? AND text_rev=? AND start<=? AND end>=? ORDER BY seq"
    row = conn.execute(sql, (source, text_rev, at, at)).fetchone()
    return dict(row) if row else None


def units_at(conn: sqlite3.Connection, source: str, start: int, end: int) -> list[Row]:
    """Live units of a source that share words with [start, end): id, start, end, and their code groups by id."""
    sql = (
        "SELECT u.id, u.start, u.end, u.member, (SELECT group_concat(p.code_group, ' ') FROM placement p"
        "  WHERE p.unit=u.id AND p.retired IS NULL) AS code_groups"
        " FROM unit u WHERE u.source=? AND u.retired IS NULL AND u.start<? AND u.end>? ORDER BY u.start, u.end, u.id"
    )
    return [
        {**dict(r), "code_groups": (r["code_groups"] or "").split()}
        for r in conn.execute(sql, (source, end, start))
    ]


def words_like(
    conn: sqlite3.Connection, word: str, *, sources: Collection[str] | None = None, limit: int = 6
) -> list[str]:
    """Words of these live sources that begin as much like this one as any do, the shortest first."""
    runs, _ = _ranges(conn, sources)
    for length in range(len(word) - 1, 2, -1):
        begin = word[:length]
        sql = "SELECT term FROM word WHERE term>=? AND term<? ORDER BY length(term), term LIMIT 40"
        near: list[str] = []
        for (term,) in conn.execute(sql, (begin, begin + "\U0010ffff")).fetchall():
            # A form may be left of a text that has been corrected or taken out.
            if len(near) < limit and _stands(conn, term, runs):
                near.append(term)
        if near:
            return near
    return []


def _stands(conn: sqlite3.Connection, term: str, runs: list[tuple[int, int]]) -> bool:
    sql = "SELECT 1 FROM turn_fts WHERE turn_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT 1"
    return any(conn.execute(sql, (f'"{term}"', *run)).fetchone() for run in runs)
