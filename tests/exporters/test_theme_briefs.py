from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.exporters.hostile_texts import PAYLOADS
from workbench.exporters.briefs import (
    Brief,
    BriefEvidence,
    BriefGroup,
    BriefQuote,
    BriefRequirement,
    Briefs,
    briefs_pdf,
)

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def _brief(text: str = "A lamp in the window.", quotes: int = 1) -> Brief:
    quote = BriefQuote(text, "en", "Hospital", "Ho", 1, "", "")
    groups = (BriefGroup("Hospital", "Ho", 1, 4, 6, "4 of 6 people", text),
              BriefGroup("Small", "Sm", 2, None, 3, "too few to be counted", text))  # fmt: skip
    return Brief("Theme 1 of 1", text, text, (text,), (quote,) * quotes, (), "Not looked for yet.", groups,
                 (BriefRequirement("REQ-001", text, "Must", "accepted"),), (BriefEvidence(text, text, text, ""),))  # fmt: skip


def _briefs(*briefs: Brief) -> Briefs:
    heads = tuple(replace(g, heard=None, phrase="") for g in briefs[0].groups)
    at = datetime(2026, 5, 4, 9, 0, 0, 5, UTC)
    return Briefs("A study", "en", True, at, "Made on 4 May 2026", briefs, heads, ())


def _pages(pdf: bytes, folder: Path) -> list[str]:
    (folder / "b.pdf").write_bytes(pdf)
    out = subprocess.run(
        ["pdftotext", "-layout", folder / "b.pdf", "-"], check=True, capture_output=True
    ).stdout
    return out.decode().split("\f")[:-1]


def test_each_theme_has_one_page_and_a_last_page_has_all(tmp_path):
    pages = _pages(briefs_pdf(_briefs(_brief(), _brief("Another theme."))), tmp_path)
    assert len(pages) == 3
    assert "Another theme." in pages[1] and "All themes" in pages[2]
    assert all("Invented demo study" in page for page in pages)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_typed_is_set_as_text_and_never_read_as_markup(payload, tmp_path):
    page = _pages(briefs_pdf(_briefs(_brief(f"before {payload} after"))), tmp_path)[0]
    assert "before" in page
    # U+202E asks for what follows it to be set backwards.
    assert ("after" if "\u202e" not in payload else "retfa") in page
    if payload.isascii() and payload.isprintable():
        assert "".join(payload.split()) in "".join(page.split())


def test_a_theme_with_more_than_a_page_is_set_smaller_and_then_goes_on(tmp_path):
    seven = _pages(
        briefs_pdf(_briefs(_brief("A longer sentence about coming home on a Friday. " * 2, 7))), tmp_path
    )
    assert len(seven) == 2
    many = _pages(
        briefs_pdf(_briefs(_brief("A longer sentence about coming home on a Friday. " * 2, 40))), tmp_path
    )
    assert len(many) > 2
    assert sum(page.count("about coming home") for page in many) >= 40


def test_a_group_too_small_to_be_counted_carries_no_number(tmp_path):
    pages = _pages(briefs_pdf(_briefs(_brief())), tmp_path)
    assert "of 3" not in "".join(pages)


@pytest.mark.parametrize("name", ["Home nurses, therapists and assistants in the three municipalities of the bay",
                                  "Hjemmesygeplejerskekoordinationsfællesskabet"])  # fmt: skip
@pytest.mark.parametrize("said", ["some", "17 of 24 people", "too few to be counted (under 5)"])
def test_no_word_is_printed_over_another_however_long_a_groups_name_is(name, said, tmp_path):
    groups = (BriefGroup(name, "Ho", 1, 4, 6, said, "calm"), BriefGroup(name, "Sm", 2, None, 0, said, "calm"),
              BriefGroup(name, "No", 3, 0, 0, "no one", ""))  # fmt: skip
    (tmp_path / "b.pdf").write_bytes(briefs_pdf(_briefs(replace(_brief(), groups=groups))))
    out = subprocess.run(["pdftotext", "-bbox", tmp_path / "b.pdf", "-"], check=True, capture_output=True)
    for page in out.stdout.decode().split("<page")[1:]:
        boxes = [tuple(map(float, b)) for b in re.findall(
            r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"', page)]  # fmt: skip
        for n, a in enumerate(boxes):
            for b in boxes[n + 1 :]:
                wide = min(a[2], b[2]) - max(a[0], b[0])
                high = min(a[3], b[3]) - max(a[1], b[1])
                assert wide <= 1 or high <= 4, (a, b)  # lines of one paragraph touch a little


@pytest.mark.parametrize("word", ["å" * 40_000, "a\u00a0" * 40_000, "=" * 70_000])
def test_a_word_longer_than_any_line_is_broken_into_lines(word, tmp_path):
    text = "".join(_pages(briefs_pdf(_briefs(replace(_brief(), rest=(word,)))), tmp_path))
    assert text.count(word[0]) >= 40_000
