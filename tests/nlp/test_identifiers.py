"""Suggestions of identifiers: what the rules must find, and what they must leave alone."""

from __future__ import annotations

import pytest

from tests.conftest import SHARED
from workbench.nlp.identifiers import find_identifiers
from workbench.services import privacy, sources
from workbench.services.context import Context


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Hun sagde 010190-1234 højt.", "cpr", "010190-1234"),
        ("Nummeret er 0101901234, tror jeg.", "cpr", "0101901234"),
        ("Det var 311299 – 4321 i papirerne.", "cpr", "311299 – 4321"),
        ("En erstatning: 610190-1234.", "cpr", "610190-1234"),
        ("Ring på 12 34 56 78 efter otte.", "phone", "12 34 56 78"),
        ("Ring på +45 12345678 efter otte.", "phone", "+45 12345678"),
        ("Skriv til tove.eks@example.dk i aften.", "email", "tove.eks@example.dk"),
        ("Vi boede på Birkevænget 12 den gang.", "address", "Birkevænget 12"),
        ("Så kom Tove Eksempelsen forbi med kaffe.", "name", "Tove Eksempelsen"),
        ("And then Tove came by with coffee.", "name", "Tove"),
    ],
)
def test_what_may_identify_somebody_is_found_with_its_exact_words(text: str, kind: str, words: str) -> None:
    found = [
        (s.kind, text[s.start : s.end])
        for s in find_identifiers(text, "da" if "å" in text or "ø" in text else "en")
    ]
    assert (kind, words) in found


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Then I went home. The ward rang on Monday. I said: No.", "en"),
        ("Så gik jeg hjem. Der kom ingen. I skulle have ringet.", "da"),
        ("It cost 1200 kroner in 2026, 15-20 people came.", "en"),
    ],
)
def test_ordinary_speech_is_left_alone(text: str, language: str) -> None:
    assert find_identifiers(text, language) == []


def test_pseudonyms_in_use_are_not_suggested() -> None:
    assert find_identifiers("And then Inger said no to Svend.", "en", known=["Inger", "Svend"]) == []


def test_a_published_danish_report_holds_no_cpr_number_phone_or_address_by_mail() -> None:
    report = sorted((SHARED / "seeds").glob("003_*.txt")) if SHARED.exists() else []
    if not report:
        pytest.skip("the studies' texts lie outside the project and are not here")
    found = find_identifiers(report[0].read_text(encoding="utf-8"), "da")
    assert [s.kind for s in found if s.kind == "cpr"] == []


def test_suggestions_come_with_their_turn_and_surroundings(ctx: Context) -> None:
    source = sources.list_sources(ctx)[0].source.id
    for one in privacy.suggest_identifiers(ctx, source):
        turn = sources.read_source(ctx, source).turns[one.turn - 1]
        assert one.before + one.text + one.after in turn.text
