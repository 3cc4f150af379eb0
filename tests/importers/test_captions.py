"""WebVTT and SubRip: every cue's words arrive, with who said them and when."""

import pytest

from workbench.importers import read


def turns(text, name="a.vtt"):
    return [(t.speaker, t.text, t.t0_ms, t.t1_ms) for t in read(text.encode(), name).turns]


def codes(text, name="a.vtt"):
    return [n.code for n in read(text.encode(), name).notices]


def test_zoom_writes_the_name_before_the_words_and_cues_of_one_speaker_are_one_turn():
    text = (
        "WEBVTT\r\n\r\n1\r\n00:00:04.859 --> 00:00:07.410\r\nAnna Holm: Okay, so\r\n\r\n"
        "2\r\n00:00:09.540 --> 00:00:12.990\r\nAnna Holm: we begin.\r\n\r\n"
        "3\r\n00:00:15.630 --> 00:00:17.760\r\nBo: Yes: good.\r\n\r\n4\r\n00:01:00.000 --> 00:01:02.000\r\nAnna Holm: Well.\r\n"
    )
    assert turns(text) == [
        ("Anna Holm", "Okay, so we begin.", 4859, 12990),
        ("Bo", "Yes: good.", 15630, 17760),
        ("Anna Holm", "Well.", 60000, 62000),
    ]
    assert read(text.encode(), "a.vtt").layout == "vtt"


def test_teams_voices_notes_unpadded_times_and_cue_ids():
    text = (
        "WEBVTT\n\nNOTE Confidence: 0.9\n\n53118acb-c442-4300-a3e9-4f29e5413f84/3-0\n"
        "0:0:0.000 --> 0:0:6.110\n<v Anna Holm>Hello everyone.</v>\n\n"
        "NOTE a remark\nover two lines\n\n0:0:7.0 --> 0:0:9.5 align:start position:0%\n<v.loud Bo>Hi &amp; hello\n\n"
    )
    assert turns(text) == [("Anna Holm", "Hello everyone.", 0, 6110), ("Bo", "Hi & hello", 7000, 9500)]
    assert "import.notice.notes_left_out" in codes(text)


def test_two_voices_in_one_cue_are_two_turns():
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>Skal vi?</v> <v Bo>Ja.</v>\n<v Anna>Godt.\n"
    assert turns(text) == [
        ("Anna", "Skal vi?", 1000, 3000),
        ("Bo", "Ja.", 1000, 3000),
        ("Anna", "Godt.", 1000, 3000),
    ]


def test_a_cue_without_a_voice_goes_on_with_the_speaker():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v S01>First\n\n00:02.000 --> 00:04.000\nand more.\n"
    assert turns(text) == [("S01", "First and more.", 1000, 4000)]


@pytest.mark.parametrize("time", ["--:--:-- --> --:--:--", "00:99:99,1234 --> x", "soon --> later"])
def test_a_cue_whose_time_cannot_be_read_keeps_its_words(time):
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\n{time}\nTwo.\n\n00:03.000 --> 00:04.000\nThree.\n"
    assert " ".join(t[1] for t in turns(text)) == "One. Two. Three."
    assert "import.notice.unreadable_times" in codes(text)


def test_minutes_may_pass_59():
    assert turns("WEBVTT\n\n75:01.500 --> 125:00.000\nStill here.\n") == [
        (None, "Still here.", 4501500, 7500000)
    ]


def test_words_in_angle_brackets_that_are_no_tags_stay():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<c.yellow>Han</c> <unclear> <i>kom</i> <00:01.500>ikke <[?]>\n"
    assert turns(text)[0][1] == "Han <unclear> kom ikke <[?]>"


def test_words_after_a_blank_line_in_a_cue_are_not_lost():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\nTwo.\n\nid-2\n00:03.000 --> 00:04.000\nThree.\n"
    assert turns(text)[0][1] == "One. Two. Three."


def test_cues_without_blank_lines_between_them_are_still_cues():
    said = ["Anna: Hej", "Bo: Hej", "Anna: 5"]
    text = "".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i + 1},000\n{line}\n" for i, line in enumerate(said, 1))
    assert turns(text, "a.srt") == [
        ("Anna", "Hej", 1000, 2000),
        ("Bo", "Hej", 2000, 3000),
        ("Anna", "5", 3000, 4000),
    ]


def test_subrip_is_known_by_its_content():
    text = "1\n00:00:01,000 --> 00:00:02,500\n<font color='red'>Hej.</font>\n\n2\n00:00:03.000 --> 00:00:04.000\nDer.\n"
    for name in ("a.srt", "a.txt"):
        transcript = read(text.encode(), name)
        assert transcript.layout == "srt"
        assert [(t.text, t.t0_ms, t.t1_ms) for t in transcript.turns] == [("Hej. Der.", 1000, 4000)]


def test_captions_without_header_in_a_markdown_file_are_captions():
    text = "00:00.000 --> 00:27.640\nHello, everyone.\n\n00:28.000 --> 00:35.280\nToday I am here.\n"
    assert read(text.encode(), "a.md").layout == "vtt"


def test_older_teams_documents_put_the_name_above_the_words():
    text = "".join(
        f"0:0:{i}.0 --> 0:0:{i}.900\n{name}\nsaid {i}.\n"
        for i, name in enumerate(["Anna Holm", "Bo Ibsen"] * 3)
    )
    assert [(t[0], t[1]) for t in turns(text, "teams.txt")][:2] == [
        ("Anna Holm", "said 0."),
        ("Bo Ibsen", "said 1."),
    ]


def test_captions_without_speakers_become_paragraphs():
    cues = "".join(
        f"{i // 60:02d}:{i % 60:02d}.000 --> {i // 60:02d}:{i % 60:02d}.900\n"
        f"word word word word word{'.' if i % 4 == 3 else ''}\n\n"
        for i in range(200)
    )
    transcript = read(f"WEBVTT\n\n{cues}".encode(), "a.vtt")
    assert transcript.words == 1000
    sizes = [len(t.text.split()) for t in transcript.turns]
    assert max(sizes) <= 90
    assert all(t.text.endswith(".") for t in transcript.turns)
    assert "import.notice.no_speakers" in [n.code for n in transcript.notices]


def test_note_at_the_start_of_a_spoken_line_is_no_speaker_in_captions():
    text = "WEBVTT\n\n" + "".join(
        f"00:0{i}.000 --> 00:0{i}.900\n{'Note' if i % 3 == 2 else 'Anna' if i % 2 else 'Bo'}: hej {i}\n\n"
        for i in range(9)
    )
    assert set(read(text.encode(), "a.vtt").speakers) == {"Anna", "Bo"}
