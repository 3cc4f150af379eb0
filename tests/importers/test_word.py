"""Word documents: read as if all changes were accepted, and everything that is not taken is said."""

import io

import pytest
from word_files import docx, p, run, table, zipped

from workbench.importers import read


def turns(inner, **parts):
    return [(t.speaker, t.text) for t in read(docx(inner, **parts), "samtale.docx").turns]


def notices(inner, **parts):
    return {
        n.code.removeprefix("import.notice.docx_"): dict(n.params).get("n")
        for n in read(docx(inner, **parts), "a.docx").notices
    }


def test_a_document_written_by_python_docx_is_read():
    from docx import Document

    document = Document()
    for label, text in (("Interviewer", "Hvordan gik det?"), ("P1", "Ingen ringede. 😀")):
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{label}: ").bold = True
        paragraph.add_run(text)
    out = io.BytesIO()
    document.save(out)
    transcript = read(out.getvalue(), "samtale.docx")
    assert transcript.layout == "bold-label"
    assert transcript.encoding is None
    assert [(t.speaker, t.text) for t in transcript.turns] == [
        ("Interviewer", "Hvordan gik det?"), ("P1", "Ingen ringede. 😀"),
    ]  # fmt: skip


def test_bold_names_inline_and_bold_names_as_their_own_paragraph():
    inline = p(run("Anna: ", True), run("Hej.")) + p(run("Bo:", True), run(" Hej.")) + p("Og så videre.")
    assert turns(inline) == [("Anna", "Hej."), ("Bo", "Hej.\nOg så videre.")]
    above = p(run("Anna:", True)) + p("Hej.") + p("Mere.") + p(run("Bo:", True)) + p("Hej.")
    assert turns(above) == [("Anna", "Hej.\nMere."), ("Bo", "Hej.")]


def test_a_bold_name_alone_above_the_words_is_a_speaker_where_it_comes_back():
    inner = "".join(
        p(run(name, True)) + p(f"Ja, {i}.") for i, name in enumerate(["Anna", "Bo", "Anna", "Bo"])
    )
    assert turns(inner) == [("Anna", "Ja, 0."), ("Bo", "Ja, 1."), ("Anna", "Ja, 2."), ("Bo", "Ja, 3.")]
    headings = p(run("Baggrund", True)) + p("Tekst.") + p(run("Hjemme igen", True)) + p("Tekst.")
    assert read(docx(headings), "a.docx").speakers == {}


def test_a_heading_in_the_document_is_nobodys_words():
    heading = '<w:p><w:pPr><w:pStyle w:val="Overskrift1"/></w:pPr>' + run("Del 2") + "</w:p>"
    inner = p("I: Hej") + p("P1: Ja") + heading + p("I: Nå") + p("P1: Jo")
    assert turns(inner)[1:3] == [("P1", "Ja"), (None, "Del 2")]


def test_a_question_that_is_bold_throughout_is_no_label():
    inner = (
        p(run("Tell me: how was it?", True))
        + p("It was fine.")
        + p(run("And then: what?", True))
        + p("Nothing.")
    )
    assert read(docx(inner), "a.docx").speakers == {}


def test_bold_from_a_style_counts_as_bold():
    styles = (
        '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:style w:styleId="Base"><w:rPr><w:b/></w:rPr></w:style>'
        '<w:style w:styleId="Taler"><w:basedOn w:val="Base"/></w:style></w:styles>'
    )
    name = '<w:r><w:rPr><w:rStyle w:val="Taler"/></w:rPr><w:t>Anna: </w:t></w:r>'
    assert turns(p(name, run("Hej.")) + p("Ja."), word__styles_dot_xml=styles) == [("Anna", "Hej.\nJa.")]


def test_otter_and_teams_put_name_and_time_above_the_words():
    otter = p(run("Anna  ", True), run("00:00")) + p("Hej.") + p(run("Bo  ", True), run("01:02")) + p("Hej.")
    teams = p(run("Anna", True), run("   0:00\nHej.")) + p(run("Bo", True), run("   1:02\nHej."))
    for inner in (otter, teams):
        transcript = read(docx(inner), "a.docx")
        assert [(t.speaker, t.text, t.t0_ms) for t in transcript.turns] == [
            ("Anna", "Hej.", 0),
            ("Bo", "Hej.", 62000),
        ]


def test_the_line_that_says_who_started_the_transcription_is_left_out_and_said():
    inner = p(run("Anna", True), run("   0:00\nHej.")) + p("Anna Holm stopped transcription")
    transcript = read(docx(inner), "a.docx")
    assert [t.text for t in transcript.turns] == ["Hej."]
    assert "import.notice.service_lines" in [n.code for n in transcript.notices]


def test_word_online_puts_time_and_name_above_the_words():
    inner = "".join(p(f"00:00:0{i} Speaker {i % 2 + 1}") + p(f"Said {i}.") for i in range(4))
    transcript = read(docx(inner), "a.docx")
    assert [(t.speaker, t.t0_ms) for t in transcript.turns][:2] == [("Speaker 1", 0), ("Speaker 2", 1000)]


def test_a_table_of_time_speaker_and_text():
    rows = [
        ["00:01", "Anna", "Hej"],
        ["", "", "og velkommen"],
        ["00:09", "Bo", "Tak"],
        ["00:12", "Anna", "Jo"],
    ]
    for grid in (rows, [["Time", "Speaker", "Text"], *rows]):
        transcript = read(docx(p("Interview 3") + table(grid)), "a.docx")
        assert transcript.layout == "table"
        assert [(t.speaker, t.text, t.t0_ms) for t in transcript.turns] == [
            (None, "Interview 3", None), ("Anna", "Hej\nog velkommen", 1000), ("Bo", "Tak", 9000), ("Anna", "Jo", 12000),
        ]  # fmt: skip


def test_a_table_that_is_no_transcript_is_read_cell_by_cell():
    transcript = read(docx(p("A. " * 40) + table([["one thing", "two things"], ["three", "four"]])), "a.docx")
    assert [t.text for t in transcript.turns][1:] == ["one thing", "two things", "three", "four"]


def test_soft_breaks_and_tabs_part_words():
    assert turns(p(run("én\nto\ttre")) + p("fire")) == [(None, "én\nto\ttre"), (None, "fire")]


def test_insertions_and_content_controls_are_taken_and_deletions_are_not_but_are_said():
    inner = (
        "<w:p><w:ins w:id='1' w:author='x'>" + run("Ny ") + "</w:ins>"
        "<w:del w:id='2' w:author='x'><w:r><w:delText>Hemmelig</w:delText></w:r></w:del>"
        "<w:sdt><w:sdtPr/><w:sdtContent>" + run("styret ") + "</w:sdtContent></w:sdt>"
        "<w:moveFrom><w:r><w:t>flyttet</w:t></w:r></w:moveFrom>" + run("tekst") + "</w:p>"
        "<w:sdt><w:sdtContent>" + p("Blok.") + "</w:sdtContent></w:sdt>"
    )
    assert turns(inner) == [(None, "Ny styret tekst"), (None, "Blok.")]
    assert notices(inner).items() >= {"insertions": 1, "deletions": 2}.items()


def test_a_deleted_paragraph_mark_joins_what_it_parted():
    inner = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("Halv ") + "</w:p>" + p("sætning.")
    assert turns(inner) == [(None, "Halv sætning.")]


def test_text_boxes_come_once():
    box = f"<w:txbxContent>{p('I boksen.')}</w:txbxContent>"
    inner = (
        "<w:p>" + run("Før.") + "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>" + box + "</wps:txbx>"
        "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>" + box + "</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>" + p("Efter.")
    )  # fmt: skip
    assert turns(inner) == [(None, "Før."), (None, "I boksen."), (None, "Efter.")]
    assert notices(inner)["text_boxes"] == 1


def test_footnotes_comments_headers_hidden_text_and_field_codes_are_not_taken_but_said():
    inner = (
        "<w:p>"
        + run("Ord")
        + "<w:r><w:footnoteReference w:id='1'/></w:r><w:r><w:commentReference w:id='1'/></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>skjult</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:r><w:sym w:font='Wingdings' w:char='F0E0'/></w:r></w:p>"
    )
    parts = {"word__comments_dot_xml": "<c/>", "word__header1_dot_xml": "<h><w:t xmlns:w='x'>Anna</w:t></h>"}
    assert turns(inner, **parts) == [(None, "Ord")]
    found = notices(inner, **parts)
    assert {
        what: found.get(what) for what in ("footnotes", "comments", "headers", "hidden", "symbols")
    } == dict.fromkeys(("footnotes", "comments", "headers", "hidden", "symbols"), 1)


def test_soft_hyphens_go_and_hard_hyphens_and_spaces_become_plain():
    inner = (
        "<w:p><w:r><w:t>hjemme</w:t><w:softHyphen/><w:t>pleje a\u00adb 5\u00a0km e</w:t>"
        "<w:noBreakHyphen/><w:t>mail</w:t></w:r></w:p>"
    )
    assert turns(inner) == [(None, "hjemmepleje ab 5 km e-mail")]


def test_a_strict_document_and_one_in_utf16_are_read():
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    xml = f'<w:document xmlns:w="{strict}"><w:body>{p("Strengt.")}</w:body></w:document>'
    assert read(zipped({"word/document.xml": xml}), "a.docx").turns[0].text == "Strengt."
    utf16 = f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16")
    assert read(zipped({"word/document.xml": utf16}), "a.docx").turns[0].text == "Strengt."


@pytest.mark.parametrize("name", ["notes.txt", "interview", "a.md"])
def test_a_word_file_is_known_by_its_content_whatever_it_is_called(name):
    assert read(docx(p("Hej.")), name).encoding is None
