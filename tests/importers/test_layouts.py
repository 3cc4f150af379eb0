"""Each layout of a text transcript, and what must never become a speaker."""

import pytest

from workbench.importers import read


def turns(text, name="samtale.txt", **options):
    return [(t.speaker, t.text) for t in read(text.encode(), name, **options).turns]


def timed(text, name="samtale.txt", **options):
    return [(t.speaker, t.text, t.t0_ms) for t in read(text.encode(), name, **options).turns]


def codes(text, name="samtale.txt", **options):
    return [n.code for n in read(text.encode(), name, **options).notices]


def test_name_colon_text_is_a_turn_each():
    text = (
        "Interviewer: How was the discharge?\n\nP1: Nobody rang.\n\nInterviewer: And then?\n\nP1: I waited.\n"
    )
    assert turns(text) == [
        ("Interviewer", "How was the discharge?"), ("P1", "Nobody rang."),
        ("Interviewer", "And then?"), ("P1", "I waited."),
    ]  # fmt: skip
    assert read(text.encode(), "a.txt").layout == "label"


def test_two_lines_are_enough_when_both_are_labelled():
    assert turns("Interviewer: Hej\nP1: Goddag") == [("Interviewer", "Hej"), ("P1", "Goddag")]


def test_a_paragraph_without_a_label_goes_on_with_the_turn():
    assert turns("I: Og så?\nP1: Jeg ventede.\nLænge.\n\nMeget længe.\nI: Ja.\nP1: Ja.")[1] == (
        "P1", "Jeg ventede.\nLænge.\nMeget længe.",
    )  # fmt: skip


def test_note_and_time_was_17_never_become_speakers():
    text = (
        "I: Hvad skete der?\nP1: Vi ventede.\nNote: båndet stopper\nTime was 17: så gik vi.\n"
        "Note: igen\nTime was 17: ja.\nI: Og så?\nP1: Hjem."
    )
    assert {speaker for speaker, _ in turns(text)} == {"I", "P1"}


@pytest.mark.parametrize(
    "line",
    [
        "Note: x",
        "NB: x",
        "OBS: x",
        "Kilde: x",
        "Q12: x",
        "http: //x",
        "Time was 17: x",
        "Eksempel: x",
        "3: x",
    ],
)
def test_prose_with_a_colon_that_comes_back_has_no_speakers(line):
    text = "\n\n".join([line, "Something happened.", line, "Then more happened.", line])
    transcript = read(text.encode(), "prose.txt")
    assert transcript.speakers == {}
    assert transcript.layout == "plain"
    assert transcript.words > 0


def test_times_of_day_in_running_text_are_no_labels():
    assert (
        read(b"We met at 10:30 and left.\n\nAt 11:00 we came back.\n\nIt was 12:15 then.", "a.txt").speakers
        == {}
    )


def test_a_person_who_speaks_once_is_still_a_speaker_among_labelled_paragraphs():
    text = "I: Hvem er her?\nP1: Mig.\nP2: Og mig.\nI: Tak.\nP1: Selv tak."
    assert read(text.encode(), "a.txt").speakers == {"I": 2, "P1": 2, "P2": 1}


def test_the_same_label_in_other_letters_is_one_speaker():
    text = "INTERVIEWER: Hej\nAnna: Hej\nInterviewer: Og?\nAnna: Ja\nInterviewer: Godt\nANNA: Tak"
    assert read(text.encode(), "a.txt").speakers == {"Interviewer": 3, "Anna": 3}


def test_lower_case_labels_work_when_they_come_back():
    assert turns("interviewer: hej\nanna: hej\ninterviewer: ja?\nanna: ja")[1] == ("anna", "hej")


def test_a_danish_role_of_two_words_is_a_speaker():
    text = "Praktiserende læge: Ja.\nHjemmesygeplejerske: Nej.\n" * 3
    assert read(text.encode(), "a.txt").speakers == {"Praktiserende læge": 3, "Hjemmesygeplejerske": 3}


def test_text_before_the_first_speaker_is_kept_without_a_speaker_and_said():
    text = "Date: 3 March\nPlace: Aarhus\n\nInterviewer: Hi\n\nP1: Hello\n\nInterviewer: Bye"
    assert turns(text)[0] == (None, "Date: 3 March\nPlace: Aarhus")
    assert "import.notice.preamble" in codes(text)


def test_bold_names_in_markdown_and_bold_inside_the_text_stays_as_written():
    text = "**Facilitator:** Hello all.\n\n**H1**: Yes.\n\n__H2:__ No.\n**really** not.\n"
    assert turns(text, "ws.md") == [
        ("Facilitator", "Hello all."),
        ("H1", "Yes."),
        ("H2", "No.\n**really** not."),
    ]
    assert read(text.encode(), "ws.md").layout == "bold-label"


def test_otter_puts_name_and_time_on_a_line_of_their_own():
    text = (
        "Anna Holm  0:00  \nHello there.\n\nMore.\n\nBo  1:02:03\nYes.\n\nTranscribed by https://otter.ai\n"
    )
    assert timed(text) == [("Anna Holm", "Hello there.\nMore.", 0), ("Bo", "Yes.", 3723000)]
    assert "import.notice.service_lines" in codes(text)
    assert timed("**Ali** 0:04\nHello.\n\n**Kit** 0:16  \nHi.\n", "a.md") == [
        ("Ali", "Hello.", 4000), ("Kit", "Hi.", 16000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("[00:01:02] Speaker 1: Hello\n[00:01:09] Speaker 2: Hi\n", "time-label"),
        ("00:01:02 Speaker 1: Hello\n00:01:09 Speaker 2: Hi\n", "time-label"),
        ("Speaker 1: [00:01:02] Hello\nSpeaker 2: [00:01:09] Hi\n", "label-time"),
        ("Speaker 1 (01:02): Hello\nSpeaker 2 (01:09): Hi\n", "label-time"),
        ("Speaker 1 (01:02):\nHello\n\nSpeaker 2 (01:09):\nHi\n", "name-time"),
        ("[00:01:02.00] - Speaker 1\nHello\n\n[00:01:09.00] - Speaker 2\nHi\n", "time-name"),
        ("00:01:02 Speaker 1\nHello\n00:01:09 Speaker 2\nHi\n", "time-name"),
        ("00:01:02\tSpeaker 1:\tHello\n00:01:09\tSpeaker 2:\tHi\n", "table"),
        ("### 00:01:02\n\n**Speaker 1:** Hello\n\n### 00:01:09\n\n**Speaker 2:** Hi\n", "bold-label"),
    ],
)
def test_names_with_times(text, layout):
    assert timed(text) == [("Speaker 1", "Hello", 62000), ("Speaker 2", "Hi", 69000)]
    assert read(text.encode(), "a.txt").layout == layout


def test_f4_stamps_the_end_of_a_turn():
    first, second = read(b"I: Hvad skete der? #00:00:04-5#\nB: Intet. #00:00:09-1#\n", "f4.txt").turns
    assert (first.text, first.t0_ms, first.t1_ms) == ("Hvad skete der?", 0, 4500)
    assert (second.text, second.t0_ms, second.t1_ms) == ("Intet.", 4500, 9100)


def test_a_title_with_the_name_in_parentheses_is_a_speaker():
    text = "Formanden (Anna Bo):\nMødet er åbnet.\n\nKl. 13:02\nMinisteren (Ib Holm):\nTak.\n\nFormanden (Anna Bo):\nVærsgo."
    assert turns(text) == [
        ("Formanden (Anna Bo)", "Mødet er åbnet."), ("Ministeren (Ib Holm)", "Tak."), ("Formanden (Anna Bo)", "Værsgo."),
    ]  # fmt: skip
    assert "import.notice.clock_lines" in codes(text)


def test_tab_separated_columns_with_and_without_headings():
    rows = "Interviewer\tHvordan gik det\nP1\tFint nok\nInterviewer\tGodt\n"
    assert turns(rows) == [("Interviewer", "Hvordan gik det"), ("P1", "Fint nok"), ("Interviewer", "Godt")]
    headed = "Tid\tTaler\tTekst\n00:01\tP1\tJa\n\t\tog nej\n00:09\tI\tHvad\n"
    assert timed(headed) == [("P1", "Ja\nog nej", 1000), ("I", "Hvad", 9000)]


def test_times_without_speakers():
    text = "00:00:01 Hello there\n00:00:05 Yes\n00:00:09 Bye now\n"
    assert timed(text) == [(None, "Hello there", 1000), (None, "Yes", 5000), (None, "Bye now", 9000)]
    assert "import.notice.no_speakers" in codes(text)


def test_a_recognisers_segments_become_paragraphs_and_lose_no_word():
    lines = [f"[00:{i:02d}.000 --> 00:{i:02d}.900]  word{i} and some more words here." for i in range(59)]
    transcript = read("\r\n".join(lines).encode(), "whisper.txt")
    assert transcript.layout == "times"
    assert 3 <= len(transcript.turns) <= 10
    assert transcript.words == 59 * 6
    assert transcript.turns[0].t0_ms == 0
    assert transcript.turns[-1].t1_ms == 58900


def test_plain_paragraphs_are_turns_without_speaker_and_a_notice_says_so():
    assert turns("First paragraph.\nStill first.\n\nSecond.") == [
        (None, "First paragraph.\nStill first."),
        (None, "Second."),
    ]
    assert codes("First paragraph.\n\nSecond.") == ["import.notice.no_speakers"]


def test_text_broken_at_a_fixed_width_becomes_paragraphs_again():
    import textwrap

    paragraph = "Vi talte længe om hvordan det egentlig er at komme hjem og vente på en der ringer. " * 8
    wrapped = "\n\n".join(textwrap.fill(paragraph, 72) for _ in range(3))
    transcript = read(wrapped.encode(), "bred.txt")
    assert [t.text for t in transcript.turns] == [paragraph.strip()] * 3
    assert "import.notice.unwrapped" in [n.code for n in transcript.notices]


def test_a_person_can_choose_another_layout():
    text = "Anna: hej med dig\n\nDet var det.\n\nOg så mere.\n\nOg mere endnu.\n"
    assert read(text.encode(), "a.txt").layout == "plain"
    assert turns(text, layout="label") == [("Anna", "hej med dig\nDet var det.\nOg så mere.\nOg mere endnu.")]
    labelled = "I: Hej\nP1: Hej"
    assert turns(labelled, layout="plain") == [(None, "I: Hej"), (None, "P1: Hej")]


def test_a_heading_between_turns_is_nobodys_words():
    text = "**I**: Hej\n\n**P3**: Hej\n\n## Del 2\n\n**I**: Nå\n\n**P3**: Ja"
    assert turns(text, "a.md")[1:3] == [("P3", "Hej"), (None, "## Del 2")]


@pytest.mark.parametrize(
    "text",
    [
        "*Anna:* Hej\n*Bo:* Ja\n",
        "[Anna]: Hej\n[Bo]: Ja\n",
        ">> Anna: Hej\n>> Bo: Ja\n",
        "Anna：Hej\nBo：Ja\n",
    ],
)
def test_labels_in_other_dress(text):
    assert turns(text) == [("Anna", "Hej"), ("Bo", "Ja")]


def test_a_last_name_before_the_first_is_a_name():
    text = "Hansen, Anna: Hej\nIbsen, Bo: Ja\n" * 2
    assert read(text.encode(), "a.txt").speakers == {"Hansen, Anna": 2, "Ibsen, Bo": 2}


@pytest.mark.parametrize("arrow", ["-->", "-", "–"])
def test_a_range_of_time_gives_start_and_end(arrow):
    for text in (
        f"[00:01 {arrow} 00:05] Anna: Hej\n[00:05 {arrow} 00:09] Bo: Ja\n",
        f"Anna (00:01 {arrow} 00:05)\nHej\n\nBo (00:05 {arrow} 00:09)\nJa\n",
    ):
        found = [(t.speaker, t.text, t.t0_ms, t.t1_ms) for t in read(text.encode(), "a.txt").turns]
        assert found == [("Anna", "Hej", 1000, 5000), ("Bo", "Ja", 5000, 9000)]


def test_a_label_with_nothing_said_is_left_out_and_counted():
    text = "I: Hej\nP1:\nI: Er du der?\nP1: Ja"
    assert turns(text) == [("I", "Hej"), ("I", "Er du der?"), ("P1", "Ja")]
    assert "import.notice.empty_turns" in codes(text)


def test_times_that_go_backwards_are_said():
    assert "import.notice.times_go_back" in codes("[00:09] I: Hej\n[00:02] P1: Hej\n[00:12] I: Ja\n")
