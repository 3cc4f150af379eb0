"""How alike two statements are: laws that hold for any text, and pairs a person would call the same or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.likeness import NEARLY_THE_SAME, folded, likeness

ALPHABET = "abcdefghijklmnopqrstuvwxyzæøåABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅ éüö .,;:!?-'’\"0123456789"
TEXTS = st.text(ALPHABET, max_size=120)


@given(TEXTS, TEXTS)
def test_it_is_the_same_both_ways_and_between_0_and_1(a: str, b: str) -> None:
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1


@given(TEXTS)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    assert likeness(text, text) == 1


@given(TEXTS, TEXTS)
def test_case_and_white_space_make_no_difference(a: str, b: str) -> None:
    spread = "  " + "\n\t ".join(b.split()) + " "
    assert likeness(a, b.upper()) == likeness(a, b.lower()) == likeness(a, b)
    if folded(a) or folded(b):
        assert likeness(a, spread) == likeness(a, b)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_at_all_can_be_asked_about(a: str, b: str) -> None:
    assert 0 <= likeness(a, b) == likeness(b, a) <= 1


SAME = [
    ("The model must give every patient one named contact before leaving the ward",
     "Every patient has a named contact before they leave the ward"),
    ("The model must send the discharge letter on the day of discharge",
     "The model must send discharge letters the same day as the discharge"),
    ("Modellen skal give alle patienter én fast kontaktperson inden udskrivelsen",
     "Alle patienter har en fast kontaktperson før udskrivelse"),
    ("Modellen skal sikre, at kommunen får besked samme dag",
     "Kommunen skal have besked samme dag"),
]  # fmt: skip
OTHER = [
    ("The model must give every patient one named contact before leaving the ward",
     "The model must let the general practitioner see the plan"),
    ("The model must be cheap", "The model must be kind"),
    ("Modellen skal give alle patienter én fast kontaktperson inden udskrivelsen",
     "Modellen skal gøre planen synlig for praktiserende læge"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), SAME)
def test_what_a_person_would_call_nearly_the_same_is_noticed(a: str, b: str) -> None:
    assert likeness(a, b) >= NEARLY_THE_SAME


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_what_says_something_else_is_not(a: str, b: str) -> None:
    assert likeness(a, b) < NEARLY_THE_SAME


def test_that_every_requirement_begins_alike_makes_none_alike() -> None:
    assert likeness("The model must", "The model must") == 1
    assert likeness("The model must sleep", "The model must bicycle") < 0.2
