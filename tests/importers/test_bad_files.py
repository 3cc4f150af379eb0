"""Files that cannot be taken: each gets a sentence of its own that says what to do, and nothing is read of it."""

import io
import re
import struct
import time
import zipfile
from pathlib import Path

import pytest
from word_files import W, document_xml, docx, p, zipped

from workbench.domain.errors import ImportRejected
from workbench.importers import ENCODINGS, LAYOUTS, Limits, read
from workbench.language import catalogue, t

ROOT = Path(__file__).resolve().parents[2]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LATIN = '<?xml version="1.0" encoding="latin-1"?><a/>'
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>'
)


def encrypted_zip():
    data = bytearray(docx(p("Hej")))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def named(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), document_xml(p("Hej")))
    return out.getvalue()


def symlink():
    out = io.BytesIO()
    info = zipfile.ZipInfo("word/document.xml")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def duplicate():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("word/document.xml", document_xml(p("En")))
        archive.writestr("word/document.xml", document_xml(p("To")))
    return out.getvalue()


def flipped():
    data = bytearray(zipped({"word/document.xml": document_xml(p("Hej " * 99))}))
    data[80] ^= 0xFF
    return bytes(data)


def deep(levels):
    return docx("<w:sdt><w:sdtContent>" * levels + p("dyb") + "</w:sdtContent></w:sdt>" * levels)


BAD = {
    "empty": (b"", "a.txt", "import.empty"),
    "forty megabytes": (b"a " * 20_000_000, "a.txt", "import.too_big"),
    "old word": (OLE + "WordDocument".encode("utf-16-le"), "a.doc", "import.doc"),
    "old word called docx": (OLE + bytes(600), "a.docx", "import.doc"),
    "old excel": (OLE + bytes(600), "a.xls", "import.old_office"),
    "password": (OLE + "EncryptedPackage".encode("utf-16-le"), "a.docx", "import.password"),
    "encrypted zip": (encrypted_zip(), "a.docx", "import.password"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a.txt", "import.pdf"),
    "rtf": (b"{\\rtf1\\ansi Hej}", "a.rtf", "import.rtf"),
    "odt": (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "a.odt", "import.odt"),
    "spreadsheet": (zipped({"xl/workbook.xml": "<a/>"}), "a.xlsx", "import.spreadsheet"),
    "presentation": (zipped({"ppt/presentation.xml": "<a/>"}), "a.pptx", "import.presentation"),
    "project exchange": (zipped({"project.qde": "<a/>"}), "a.qdpx", "import.qdpx"),
    "zip of something": (zipped({"a.txt": "hej"}), "a.zip", "import.archive"),
    "zip called docx": (zipped({"a.txt": "hej"}), "a.docx", "import.docx_broken"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "a.png", "import.image"),
    "photo": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a.txt", "import.image"),
    "sound": (b"ID3\x03\x00\x00\x00", "a.mp3", "import.recording"),
    "video": (b"\x00\x00\x00\x20ftypisom", "a.mp4", "import.recording"),
    "database": (b"SQLite format 3\x00" + bytes(84), "a.db", "import.database"),
    "web page": (b"<!DOCTYPE html><html><body>Hej</body></html>", "a.html", "import.not_yet"),
    "json": (b'{"text": "hej"}', "a.json", "import.not_yet"),
    "csv": (b"a,b\nc,d\n", "a.csv", "import.not_yet"),
    "chat": (b"@UTF8\n@Begin\n*PAR:\thi . \x150_100\x15\n", "a.cha", "import.not_yet"),
    "text called docx": (b"I: hej\nP1: hej", "a.docx", "import.not_what_it_says"),
    "junk called txt": (bytes(range(256)) * 8, "a.txt", "import.binary"),
    "nul bytes": (b"\x00" * 500, "a.txt", "import.binary"),
    "control characters": (b"abc\x01\x02\x03\x04" * 50, "a.md", "import.binary"),
    "undefined in windows": ("på åen".encode("cp1252") + b"\x81\x8d", "a.txt", "import.binary"),
    "half utf-8": (("blåbærgrød " * 9).encode() + b"\xe6", "a.txt", "import.encoding_mixed"),
    "another alphabet": ("привет как дела".encode("cp1251"), "a.txt", "import.encoding_unclear"),
    "broken utf-16": (b"\xff\xfea\x00\x00\xd8a\x00", "a.txt", "import.encoding_broken"),
    "only spaces": (b" \n\t \n", "a.txt", "import.no_text"),
    "no cues": (b"WEBVTT\n\nNOTE nothing here\n", "a.vtt", "import.no_cues"),
    "srt without times": (b"Hej med dig\n", "a.srt", "import.no_cues"),
    "cues without words": (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "a.vtt", "import.no_text"),
    "broken zip": (docx(p("Hej"))[:300], "a.docx", "import.zip_broken"),
    "zip with a flipped byte": (flipped(), "a.docx", "import.zip_broken"),
    "no document": (zipped({"word/styles.xml": "<a/>"}), "a.docx", "import.docx_broken"),
    "ill-formed xml": (zipped({"word/document.xml": "<w:document"}), "a.docx", "import.docx_broken"),
    "other root": (zipped({"word/document.xml": "<a/>"}), "a.docx", "import.docx_broken"),
    "xml in latin-1": (zipped({"word/document.xml": LATIN}), "a.docx", "import.docx_broken"),
    "too deep": (deep(300), "a.docx", "import.docx_broken"),
    "no words": (docx("<w:p/>"), "a.docx", "import.no_text"),
    "dtd": (zipped({"word/document.xml": LAUGHS}), "a.docx", "import.docx_dtd"),
    "dtd in utf-16": (zipped({"word/document.xml": LAUGHS.encode("utf-16")}), "a.docx", "import.docx_dtd"),
    "dtd in another part": (docx(p("Hej"), word__styles_dot_xml="<!DOCTYPE a><a/>"), "a.docx", "import.docx_dtd"),
    "path upwards": (named("word/document.xml", "../../etc/passwd"), "a.docx", "import.zip_unsafe"),
    "absolute path": (named("word/document.xml", "/etc/passwd"), "a.docx", "import.zip_unsafe"),
    "drive": (named("word/document.xml", "C:/x"), "a.docx", "import.zip_unsafe"),
    "symbolic link": (symlink(), "a.docx", "import.zip_unsafe"),
    "bomb by ratio": (docx(p("Hej"), word__x_dot_xml=b"<a>" + b" " * 9_000_000 + b"</a>"), "a.docx", "import.zip_bomb"),
    "bomb by entries": (zipped({f"x{i}": "" for i in range(2001)}), "a.docx", "import.zip_bomb"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_its_own_sentence_and_quickly(case):
    data, name, code = BAD[case]
    began = time.process_time()
    with pytest.raises(ImportRejected) as refused:
        read(data, name)
    assert refused.value.code == code
    assert refused.value.params["name"] == name
    assert time.process_time() - began < 1
    sentence = t(code, **refused.value.params)
    assert name in sentence
    assert "{" not in sentence
    assert sentence != code


def test_two_members_of_one_name_are_refused():
    with pytest.raises(ImportRejected) as refused:
        read(duplicate(), "a.docx")
    assert refused.value.code == "import.zip_unsafe"


def test_a_bomb_that_declares_a_lie_is_refused():
    """The table of contents says small; zipfile then stops at what was declared and the checksum does not fit."""
    data = bytearray(zipped({"word/document.xml": document_xml(p("x" * 5000))}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", data, data.find(signature) + offset, 100)
    with pytest.raises(ImportRejected) as refused:
        read(bytes(data), "a.docx")
    assert refused.value.code == "import.zip_broken"


def test_an_external_entity_is_never_read(tmp_path):
    canary = tmp_path / "canary.txt"
    canary.write_text("KANARIE")
    xml = (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "{canary.as_uri()}">]>'
        f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>'
    )
    with pytest.raises(ImportRejected) as refused:
        read(zipped({"word/document.xml": xml}), "a.docx")
    assert "KANARIE" not in str(refused.value.params)


def test_too_many_characters_or_turns_are_refused():
    limits = Limits(characters=100, turns=5)
    for data, name in ((b"a" * 101, "a.txt"), (docx(p("a" * 101)), "a.docx")):
        with pytest.raises(ImportRejected) as refused:
            read(data, name, limits=limits)
        assert refused.value.code == "import.too_long"
    with pytest.raises(ImportRejected) as refused:
        read(b"a\n\nb\n\nc\n\nd\n\ne\n\nf", "a.txt", limits=limits)
    assert refused.value.code == "import.too_many_turns"


@pytest.mark.parametrize(
    "encoding", ["rot13", "base64", "unicode_escape", "utf-7", "nonsense", "", "\x00", "idna"]
)
def test_an_encoding_that_is_not_offered_is_refused(encoding):
    with pytest.raises(ImportRejected) as refused:
        read(b"hej", "a.txt", encoding=encoding)
    assert refused.value.code == "import.encoding_unknown"


def test_a_chosen_encoding_that_does_not_fit_is_refused_and_one_that_fits_is_used():
    with pytest.raises(ImportRejected) as refused:
        read("på".encode("cp1252"), "a.txt", encoding="utf-8")
    assert refused.value.code == "import.encoding_wrong"
    for encoding in ("mac_roman", "cp865", "cp850", "iso8859-15", "cp1252"):
        transcript = read("Pårørende går på åen".encode(encoding), "a.txt", encoding=encoding)
        assert (transcript.turns[0].text, transcript.encoding) == ("Pårørende går på åen", encoding)


def test_danish_from_an_old_macintosh_is_doubted_aloud():
    notices = [n.code for n in read(("pårørende går på gården " * 9).encode("mac_roman"), "a.txt").notices]
    assert "import.notice.encoding_doubtful" in notices


def test_an_unknown_layout_is_refused():
    with pytest.raises(ImportRejected) as refused:
        read(b"hej", "a.txt", layout="nonsense")
    assert refused.value.code == "import.layout_unknown"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\interview.md", "interview.md"),
        ("a\x00b\u202etxt.exe", "abtxt.exe"),
        ("..", "file"),
        ("", "file"),
        ("å" * 300 + ".txt", "å" * 200),
    ],
)
def test_a_files_name_is_cleaned_before_it_is_shown(name, shown):
    assert read(b"Hej.", name).name == shown


def test_every_sentence_the_importers_can_say_is_in_the_catalogue():
    sources = [*(ROOT / "workbench/importers").glob("*.py"), ROOT / "workbench/domain/text.py"]
    said = {
        code
        for path in sources
        for code in re.findall(r'"((?:import|text)\.[a-z_.]+[a-z])"', path.read_text("utf-8"))
    }
    word = (ROOT / "workbench/importers/word.py").read_text("utf-8")
    said |= {f"import.notice.docx_{what}" for what in re.findall(r'counts\["(\w+)"\]', word)}
    said |= {f"import.notice.docx_{what}" for what in ("footnotes", "comments", "embedded", "symbols")}
    said |= {f"import.notice.{what}" for what in ("controls", "surrogates", "bidi", "replacement")}
    said |= {f"import.layout.{layout}" for offered in LAYOUTS.values() for layout in offered}
    entries = catalogue("en")
    assert said - set(entries) == set()
    ours = {key for key in entries if key.startswith(("import.", "text."))}
    assert len([entries[key] for key in ours]) == len({entries[key] for key in ours})
    assert ENCODINGS[0] == "utf-8"
