"""Real transcripts, where they are at hand: who speaks, and that nothing is lost."""

from pathlib import Path

import pytest

from workbench.domain.errors import ImportRejected
from workbench.importers import read

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples/transcripts"

# file -> layout, number of speakers (None: none are named in it), fewest words
EXPECTED = {
    "changelog_podcast.md": ("bold-label", 3, 16_000),
    "folketing_20222M013_2023-01-17_da.txt": ("role-name", 2, 5_000),
    "folketing_20222M016_2023-01-24_da.txt": ("role-name", 2, 350),
    "hitsave_artemio_timecoded.md": ("vtt", 0, 11_000),
    "hitsave_goodboy.srt": ("srt", 0, 6_000),
    "hitsave_goodboy.txt": ("times", 0, 6_000),
    "hitsave_goodboy.vtt": ("vtt", 0, 6_000),
    "hitsave_keitai.vtt": ("vtt", 0, 14_000),
    "hitsave_silvers_2020.md": ("name-time", 2, 9_000),
    "ladybug_27_otter.md": ("name-time", 5, 10_000),
    "teams_vtt_from_Teams2AtlasTI_tests.vtt": ("vtt", 2, 20),
    "webvtt_captions_with_bom.vtt": ("vtt", 0, 12),
    "zoom_meeting001_chat.txt": ("table", 5, 80),
    "zoom_meeting001_transcript.vtt": ("vtt", 5, 8_000),
    "mammoth_comments.docx": ("plain", 0, 1),
    "mammoth_endnotes.docx": ("plain", 0, 1),
    "mammoth_footnotes.docx": ("plain", 0, 1),
    "mammoth_tables.docx": ("plain", 0, 10),
    "mammoth_text-box.docx": ("plain", 0, 2),
    "mammoth_utf8-bom.docx": ("plain", 0, 7),
}


def sample(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"the sample {name} is not on this machine")
    return path.read_bytes()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_transcript_is_read_with_its_speakers(name):
    layout, speakers, fewest = EXPECTED[name]
    transcript = read(sample(name), name)
    assert transcript.layout == layout
    assert len(transcript.speakers) == speakers
    assert transcript.words >= fewest
    assert all(turn.t0_ms is not None for turn in transcript.turns if turn.speaker and layout == "name-time")


def test_the_same_interview_in_three_formats_has_the_same_words():
    texts = {
        " ".join(" ".join(t.text for t in read(sample(f"hitsave_goodboy.{e}"), f"a.{e}").turns).split())
        for e in ("srt", "vtt", "txt")
    }
    assert len(texts) == 1


def test_a_file_in_another_script_asks_for_its_encoding():
    data = sample("cdown_gb2312.srt")
    with pytest.raises(ImportRejected) as refused:
        read(data, "a.srt")
    assert refused.value.code == "import.encoding_unclear"
    assert read(data, "a.srt", encoding="gb18030").words > 0


def test_samples_of_formats_that_come_later_are_refused_by_name():
    for name in (
        "batchalign_test.cha",
        "praatio_mary_short.TextGrid",
        "hitsave_keitai_openai_whisper.json",
        "pdpilot_P1.pdf",
    ):
        with pytest.raises(ImportRejected) as refused:
            read(sample(name), name)
        assert refused.value.code in ("import.not_yet", "import.pdf")
