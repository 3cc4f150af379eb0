"""Sentences in speech: abbreviations do not end one, and every letter is in a sentence or beside one."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import sentences


def said(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences.sentences(text)]


def test_abbreviations_numbers_and_initials_do_not_end_a_sentence() -> None:
    assert said("Det var bl.a. kl. 8 hos dr. Kristine M. Olsen. Så gik vi!") == [
        "Det var bl.a. kl. 8 hos dr. Kristine M. Olsen.",
        "Så gik vi!",
    ]
    assert said("Den 3. maj kom hun. Hvorfor? “Fordi.” Ja…  Nå") == [
        "Den 3. maj kom hun.",
        "Hvorfor?",
        "“Fordi.”",
        "Ja…",
        "Nå",
    ]
    assert said("  ") == []
    assert said("uden punktum\nny linje") == ["uden punktum", "ny linje"]


def test_the_sentences_around_a_place_hold_it() -> None:
    text = "Et. To er lang her. Tre er det sidste."
    start = text.index("lang")
    a, b = sentences.around(text, start, start + 4)
    assert text[a:b] == "To er lang her."
    a, b = sentences.around(text, start, text.index("det"))
    assert text[a:b] == "To er lang her. Tre er det sidste."


@given(st.text(alphabet='aÅ.!? \n…”"1é😀', max_size=60))
def test_sentences_are_in_order_trimmed_and_leave_out_only_white_space(text: str) -> None:
    spans = sentences.sentences(text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(x[1] <= y[0] for x, y in pairwise(spans))
    assert "".join(text[a:b] for a, b in spans).split() == "".join(text.split()).split() or "".join(
        "".join(text[a:b].split()) for a, b in spans
    ) == "".join(text.split())
