"""Finding words: any string may be typed, Danish is handled, the order is the sources', and what is gone is not found."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import projects, sources
from workbench.services.context import Context
from workbench.store import search

TEXTS = {
    "Ane": ["Mappen lå på bordet. MAPPEN var tom.", "Lægemappen kom aldrig hjem fra allé 4."],
    "Bo": ["Vi spurgte om mappen, og øllet stod i Aarhus.", "Ingen svarede. Én gang til, bl.a. om natten."],
    "Cai": ["Ærligt talt: tilliden var væk.", "God tillid er ikke en mappe 😀 med papir."],
}


def transcript(turns: list[str]) -> ParsedTranscript:
    return ParsedTranscript(
        "t.txt", "name", "utf-8", tuple(ParsedTurn("P1", t, None, None) for t in turns), ()
    )


@pytest.fixture(scope="module")
def found_in(tmp_path_factory: pytest.TempPathFactory) -> Context:
    ctx = projects.lead_context(projects.create_project(tmp_path_factory.mktemp("s") / "p.db", name="Words"))
    for title, turns in TEXTS.items():
        sources.import_source(ctx, transcript(turns), b"", title=title, language="da")
    return ctx


def texts_of(ctx: Context, typed: str, **more: object) -> list[str]:
    with ctx.store.read() as conn:
        page = search.find(conn, search.parse(typed), **more)  # type: ignore[arg-type]
        rows = search.turns(conn, page.turns)
    assert page.total >= len(rows)
    return [r["text"] for r in rows]


def words_of(text: str, typed: str) -> list[str]:
    return [text[a:b] for a, b in search.occurrences(text, search.parse(typed))]


@pytest.mark.parametrize(
    ("typed", "turns"),
    [
        ("mappen", 3), ("MAPPEN", 3), ('"mappen"', 2), ("mappe", 4), ('"mappe"', 1), ("mapp*", 3),
        ("mappen øllet", 1), ("mappen -bordet", 2), ("tillid OR bordet", 3), ('"var tom"', 1), ('"tom var"', 0),
        ("ØL*", 1), ("ærligt", 1), ("Århus", 1), ("aarhus", 1), ("alle", 1), ("en gang", 1), ('"én gang"', 1),
        ("bl.a.", 1), ("😀", 0), ("mappen tillid", 0), ("-mappen", 0), ("tillid -mappe", 1), ("ikke", 1),
    ],
)  # fmt: skip
def test_what_is_typed_finds_the_turns_that_a_person_means(found_in: Context, typed: str, turns: int) -> None:
    assert len(texts_of(found_in, typed)) == turns


def test_hits_come_in_the_order_of_the_sources_also_after_their_order_has_changed(empty: Context) -> None:
    ids = {
        title: sources.import_source(empty, transcript(turns), b"", title=title)
        for title, turns in TEXTS.items()
    }
    with empty.write("change_source") as work:
        for n, title in enumerate(["Cai", "Ane", "Bo"], start=1):
            work.update("source", ids[title], {"position": n})
    order = [*TEXTS["Cai"], *TEXTS["Ane"], *TEXTS["Bo"]]
    wanted = [t for t in order if "mappe" in t.lower()]
    assert texts_of(empty, "mappe") == wanted
    assert [texts_of(empty, "mappe", limit=1, offset=n)[0] for n in range(4)] == wanted
    assert texts_of(empty, "mappe", sources=[ids["Bo"], ids["Cai"]]) == [wanted[0], wanted[3]]
    assert [texts_of(empty, "mappe", limit=2, offset=n) for n in (0, 2, 4)] == [wanted[:2], wanted[2:], []]


def test_a_source_that_was_taken_out_is_not_found_nor_counted(empty: Context) -> None:
    ids = [
        sources.import_source(empty, transcript(turns), b"", title=title) for title, turns in TEXTS.items()
    ]
    sources.retire_source(empty, ids[1])
    with empty.store.read() as conn:
        page = search.find(conn, search.parse("mappe"))
        assert (page.total, len(page.turns)) == (3, 3)
        assert search.words_like(conn, "øllejr") == []
        assert search.words_like(conn, "tillidsfuld") == ["tillid", "tilliden"]
    for id in (ids[0], ids[2]):
        sources.retire_source(empty, id)
    assert texts_of(empty, "mappe") == []


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_typed_string_is_safe(found_in: Context, typed: str) -> None:
    texts_of(found_in, typed)


_PIECES = ['"', "“", "*", "-", "(", ")", "NEAR(", "NEAR/2", "AND", "OR", "NOT", "text:", "mappen", "é", "aa", "\x00", "'",
           "^", "+", "{", "}", "\ud800", " ", "ß", "İ", "👩‍👩‍👧", "e\u0301", ";--", "%", "_", "[", "]", "?"]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_nothing_of_the_indexs_own_language_reaches_it(found_in: Context, typed: str) -> None:
    texts_of(found_in, typed)


@given(
    st.text(alphabet="aåeé bBÆæ.-😀\u0301", max_size=80),
    st.sampled_from(["aa", "be*", '"e b"', "båea", "é -b"]),
)
def test_occurrences_are_in_order_inside_the_text_and_never_overlap(text: str, typed: str) -> None:
    spans = search.occurrences(text, search.parse(typed))
    assert all(0 <= a < b <= len(text) and text[a:b].strip() for a, b in spans)
    assert all(x[1] <= y[0] for x, y in pairwise(spans))


def test_every_occurrence_is_given_exactly_after_an_emoji_too() -> None:
    text = "😀 Mappen, lægemappen og MAPPEN 👩‍👩‍👧 bl.a. mappe"
    assert words_of(text, "mappen") == ["Mappen", "lægemappen", "MAPPEN"]
    assert words_of(text, '"mappen"') == ["Mappen", "MAPPEN"]
    assert words_of(text, "bl.a.") == ["bl.a"]
    assert words_of("Aarhus og Århus", "århus") == ["Aarhus", "Århus"]


def test_a_word_that_very_many_words_hold_is_said_to_be_bounded(
    empty: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FORMS", 3)
    words = [f"{a}hjem{b}" for a in ("u", "sommer", "pleje", "føde") for b in ("", "met")]
    sources.import_source(empty, transcript(words), b"", title="Long")
    with empty.store.read() as conn:
        page = search.find(conn, search.parse("hjem"))
    assert page.bounded == ("hjem",)
    assert page.total == 3


def test_long_input_is_cut_and_still_answers(found_in: Context) -> None:
    assert texts_of(found_in, "mappen " * 500) == texts_of(found_in, "mappen")
    assert texts_of(found_in, "e" * 5000) == []
    assert Path(found_in.store.path).exists()
