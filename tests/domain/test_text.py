"""Cleaning, counting words, and turning UTF-16 offsets into code points."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.errors import InvalidSpan
from workbench.domain.text import code_points_to_utf16, normalise, utf16_to_code_points, words

ANY_TEXT = st.text(
    st.characters(codec=None) | st.sampled_from("\u200d\ufe0f\u00ad👩🔬🇩🇰å̊\u2028\r\n\x00\ufeff#\u20e3")
)


def test_all_line_breaks_become_one_kind():
    assert normalise("a\r\nb\rc\u2028d\u2029e\x85f\x0bg\x0ch").text == "a\nb\nc\nd\ne\nf\ng\nh"


def test_a_danish_letter_typed_as_letter_and_ring_becomes_one_character():
    cleaned = normalise("a\u030ar")
    assert cleaned.text == "år"
    assert cleaned.changes == {"composed": 1}


def test_a_byte_order_mark_soft_hyphens_and_zero_width_spaces_go():
    assert normalise("\ufeffhjemme\u00adsyge\u200bpleje\u2060n").text == "hjemmesygeplejen"


def test_hard_spaces_become_spaces_and_double_spaces_stay():
    assert normalise("10\u00a0km\u202fog  5").text == "10 km og  5"


def test_emoji_built_of_several_characters_stay_whole():
    for emoji in (
        "👩‍🔬",
        "❤️",
        "👍🏽",
        "🏳️‍🌈",
        "1️⃣",
        "🇩🇰",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ):
        assert normalise(f"a {emoji} b").text == f"a {emoji} b"


def test_joiners_and_selectors_outside_emoji_go():
    assert normalise("a\u200db\ufe0fc\U000e0041").text == "abc"


def test_a_joiner_that_only_followed_something_dropped_goes_too():
    assert normalise("a\ufe0f\u200d👩").text == "a👩"


def test_the_non_joiner_of_persian_is_spelling_and_stays():
    assert normalise("می\u200cروم").text == "می\u200cروم"


def test_control_characters_noncharacters_and_lone_surrogates_are_stripped_and_counted():
    cleaned = normalise("a\x00b\x07c\ufffed\ud800e\x7f\tf")
    assert cleaned.text == "abcde\tf"
    assert cleaned.changes == {"controls": 4, "surrogates": 1}


def test_direction_controls_are_counted_and_kept():
    cleaned = normalise("a\u202eb\u2066c")
    assert cleaned.text == "a\u202eb\u2066c"
    assert cleaned.changes == {"bidi": 2}


def test_a_lost_character_in_the_file_is_counted():
    assert normalise("r\ufffdd").changes == {"replacement": 1}


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(raw):
    once = normalise(raw).text
    again = normalise(once)
    assert again.text == once
    assert set(again.changes) <= {"bidi", "replacement"}
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


def test_words_are_runs_with_a_letter_or_digit():
    assert words("Ja – det var d. 3. maj, 'så' gik hun … 👍") == 9
    assert words(" \n\t") == 0


@given(ANY_TEXT, st.data())
def test_offsets_survive_the_way_to_utf16_and_back(raw, data):
    text = normalise(raw).text
    offset = data.draw(st.integers(0, len(text)))
    there = code_points_to_utf16(text, offset)
    assert there == len(text[:offset].encode("utf-16-le")) // 2
    assert utf16_to_code_points(text, there) == offset


def test_an_offset_inside_a_surrogate_pair_is_refused():
    with pytest.raises(InvalidSpan) as refused:
        utf16_to_code_points("a😀b", 2)
    assert refused.value.code == "text.inside_character"
    with pytest.raises(InvalidSpan):
        utf16_to_code_points("a😀", 2)


@pytest.mark.parametrize("text", ["abc", "a😀"])
@pytest.mark.parametrize("offset", [-1, 4])
def test_an_offset_outside_the_text_is_refused(text, offset):
    for convert in (utf16_to_code_points, code_points_to_utf16):
        with pytest.raises(InvalidSpan) as refused:
            convert(text, offset)
        assert refused.value.code == "text.outside"
