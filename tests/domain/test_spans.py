"""Laws of spans under correction: what is outside an edit keeps its words, and no word is ever cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.spans import (
    Edit,
    Remapping,
    Replacement,
    apply,
    inverse,
    places,
    remap,
    replacements,
    through,
    tidy,
    trimmed,
)

# What texts are made of here: words, emoji built of several characters, accents on their own, right-to-left.
PIECES = [
    "ward",
    "a",
    "på",
    "مرحبا",
    "שלום",
    "🙂",
    "👩‍👩‍👧",
    "🇩🇰",
    "👍🏽",
    "y\u0323",
    " ",
    " ",
    " ",
    "-",
    ", ",
    ". ",
    "'",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Replacement]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return text, [Replacement(a, b, draw(TEXTS)) for a, b in pairs]


@st.composite
def span_in(draw: st.DrawFn, text: str) -> tuple[int, int]:
    start = draw(st.integers(0, len(text) - 1))
    return start, draw(st.integers(start + 1, len(text)))


@given(edited(), st.data())
def test_words_outside_every_edit_are_the_same_words_afterwards(
    case: tuple[str, list[Replacement]], data: st.DataObject
) -> None:
    text, changes = case
    if not text:
        return
    edits = [c.edit for c in changes]
    after = apply(text, changes)
    start, end = data.draw(span_in(text))
    place = remap((start, end), edits)
    if not Remapping(edits).touches(start, end):
        assert place is not None
        assert after[slice(*place)] == text[start:end]
        assert remap(place, inverse(edits)) == (start, end)
    elif place is not None:
        assert 0 <= place[0] < place[1] <= len(after)


@given(edited(), st.data())
def test_order_and_containment_are_kept(case: tuple[str, list[Replacement]], data: st.DataObject) -> None:
    text, changes = case
    if not text:
        return
    edits = [c.edit for c in changes]
    a, b = data.draw(span_in(text)), data.draw(span_in(text))
    there, here = remap(a, edits), remap(b, edits)
    if there is None or here is None:
        return
    if a[0] <= b[0]:
        assert there[0] <= here[0]
    if a[1] <= b[1]:
        assert there[1] <= here[1]


@given(edited())
def test_the_edits_taken_back_are_the_text_as_it_was(case: tuple[str, list[Replacement]]) -> None:
    text, changes = case
    back = inverse(c.edit for c in changes)
    after = apply(text, changes)
    olds = [text[c.start : c.end] for c in changes]
    undone = [Replacement(e.start, e.end, old) for e, old in zip(back, olds, strict=True)]
    assert apply(after, undone) == text
    assert inverse(back) == [c.edit for c in changes]


@given(TEXTS.filter(bool), st.data())
def test_an_edit_that_changes_nothing_moves_nothing(text: str, data: st.DataObject) -> None:
    span, edit = data.draw(span_in(text)), data.draw(span_in(text))
    assert replacements(text, [edit], text[slice(*edit)]) == []
    assert remap(span, []) == span
    assert through(span, [[], []]) == span


@given(TEXTS.filter(bool), TEXTS, st.data())
def test_the_least_change_reads_as_what_was_asked_for(text: str, by: str, data: st.DataObject) -> None:
    span = data.draw(span_in(text))
    start, end, new = tidy(text, *span, by)
    changes = replacements(text, [span], by)
    assert apply(text, changes) == text[:start] + new + text[end:]
    for one, two in pairwise(changes):
        assert one.end < two.start


@given(TEXTS.filter(bool), TEXTS, st.data())
def test_many_places_read_as_what_was_asked_for(text: str, by: str, data: st.DataObject) -> None:
    words = text[slice(*data.draw(span_in(text)))].strip()
    found = places(text, words)
    changes = replacements(text, found, by)
    if by.strip():
        pieces, at = [], 0
        for a, b in found:
            pieces += [text[at:a], by.strip()]
            at = b
        assert apply(text, changes) == "".join([*pieces, text[at:]])
    for one, two in pairwise(changes):
        assert one.end < two.start


@given(TEXTS, TEXTS, st.data())
def test_whole_words_beside_a_correction_stay_whole(text: str, by: str, data: st.DataObject) -> None:
    """A unit of whole words still is one after its last word has grown, shrunk or been exchanged."""
    if not text.strip():
        return
    span = data.draw(span_in(text))
    changes = replacements(text, [span], by)
    after = apply(text, changes)
    words = [w for w in text.split() if len(places(text, w)) == 1]
    for word in words:
        (where,) = places(text, word)
        place = remap(where, [c.edit for c in changes])
        # White space put right behind it divides nothing; a letter put there belongs to it.
        if place is not None and place[1] < len(after) and after[place[1] - 1].isalnum():
            assert not after[place[1]].isalnum()
        if place is not None and place[0] and after[place[0]].isalnum():
            assert not after[place[0] - 1].isalnum()


@pytest.mark.parametrize(
    ("text", "marked", "words", "by", "then"),
    [
        ("they rang the ward again", "the ward", "ward", "wards", "the wards"),
        ("they rang the ward again", "the ward", "again", "once more", "the ward"),
        ("they rang the ward again", "the ward", "rang", "called up", "the ward"),
        ("they rang the ward again", "rang the ward again", "ward", "municipality", "rang the municipality again"),
        ("they rang the ward again", "the wa", "ward", "office", "the office"),
        ("they rang the ward again", "rd again", "ward", "office", "office again"),
        ("they rang the ward", "the ward", "ward", "ward.", "the ward"),
        ("he didn't ring", "he didn't", "didn't", "did not", "he did not"),
        ("he said, Jensen came", "Jensen came", "Jensen", "the neighbour", "the neighbour came"),
        ("the fat her of mine", "fat her of mine", "fat her", "father", "father of mine"),
        ("I saw 👩‍👩‍👧 there", "👩‍👩‍👧 there", "👩‍👩‍👧", "👩‍👩‍👦", "👩‍👩‍👦 there"),
        ("I saw 👩‍👩‍👧 there", "I saw", "👩‍👩‍👧", "👩‍👩‍👦", "I saw"),
        ("go 👍🏽 now", "👍🏽", "👍🏽", "👍🏿", "👍🏿"),
        ("he came home late", "came home", "home", "", "came"),
        ("he came home late", "home", "home", "", None),
    ],
)  # fmt: skip
def test_a_mark_after_a_correction(text: str, marked: str, words: str, by: str, then: str | None) -> None:
    changes = replacements(text, [(text.index(words), text.index(words) + len(words))], by)
    after = apply(text, changes)
    start = text.index(marked)
    place = remap((start, start + len(marked)), [c.edit for c in changes])
    place = place and trimmed(after, *place)
    assert (after[slice(*place)] if place else None) == then


@pytest.mark.parametrize(
    ("text", "words", "then"),
    [
        ("so Jensen came", "Jensen", "so came"),
        ("Jensen came", "Jensen", "came"),
        ("so came Jensen", "Jensen", "so came"),
        ("Jensen, he came, Jensen.", "Jensen", ", he came,."),
        ("(Jensen) came", "Jensen", "() came"),
    ],
)
def test_a_word_taken_out_leaves_no_second_space(text: str, words: str, then: str) -> None:
    assert apply(text, replacements(text, places(text, words), "")) == then


def test_words_are_found_only_whole() -> None:
    assert places("Ann, Anna and Ann's Ann_ Ann", "Ann") == [(0, 3), (14, 17), (25, 28)]
    assert places("y\u0323 y", "y") == [(3, 4)]
    assert places("👩‍👩‍👧 👩", "👩") == [(6, 7)]
    assert places("aaa", "") == []


def test_a_span_goes_through_several_corrections() -> None:
    first, second = [Edit(0, 3, 5)], [Edit(20, 20, 4), Edit(30, 34, 0)]
    assert through((10, 20), [first, second]) == (12, 26)
    assert through((29, 31), [first, second]) is None
