"""The one gate for untrusted files: size, what kind of file it is, what is inside a zip, and XML without a
DTD.

Nothing is extracted to disk, nothing is fetched, and what is declared too large is refused before it is
unpacked
(zipfile never returns more than a member declares). Every refusal is an ImportRejected.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass

from workbench.domain.errors import ImportRejected


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may be. `seconds` is wall time and `memory` bytes of address space, for the
    worker."""

    size: int = 25_000_000
    zip_entries: int = 2_000
    zip_entry: int = 50_000_000
    zip_total: int = 100_000_000
    zip_ratio: int = 100
    characters: int = 5_000_000
    turns: int = 50_000
    seconds: float = 30.0
    memory: int = 1 << 30


def display_name(name: str) -> str:
    """A file's name as it may be shown and stored: no path, no control or direction characters, <= 200
    long."""
    last = re.split(r"[/\\]", name)[-1]
    kept = (c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn", "Co"))
    clean = unicodedata.normalize("NFC", " ".join("".join(kept).split()))[:200].strip()
    return clean if clean.strip(".") else "file"


def ending(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def check_size(data: bytes, name: str, limits: Limits) -> None:
    if not data:
        raise ImportRejected("import.empty", name=name)
    if len(data) > limits.size:
        raise ImportRejected(
            "import.too_big",
            name=name,
            size=max(1, round(len(data) / 1e6)),
            limit=max(1, round(limits.size / 1e6)),
        )


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_RECORDINGS = (
    b"ID3",
    b"OggS",
    b"fLaC",
    b"FORM",
    b"#!AMR",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf1",
    b"\x1aE\xdf\xa3",
)
_ISO_IMAGES = (b"heic", b"heix", b"mif1", b"avif")
_ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")


def detect(data: bytes, name: str) -> str:
    """`docx` or `text` by what the bytes are, not by what the file is called; anything else is refused with
    a sentence of its own that says what to do."""
    head = data[:64]
    if head.startswith(_OLE):
        raise ImportRejected(_kind_of_ole(data, name), name=name)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return "docx"
    if b"%PDF-" in data[:1024]:
        raise ImportRejected("import.pdf", name=name)
    if data[:16].lstrip().startswith(b"{\\rtf"):
        raise ImportRejected("import.rtf", name=name)
    if head.startswith(b"SQLite format 3\x00"):
        raise ImportRejected("import.database", name=name)
    # The signatures of some are plain letters: a text may begin with "BM" or "ID3", but holds no NUL.
    binary = b"\x00" in head or head[:1] >= b"\x80"
    iso, riff = head[4:8] == b"ftyp", head[:4] == b"RIFF" and binary
    if (
        (binary and head.startswith(_IMAGES))
        or (iso and head[8:12] in _ISO_IMAGES)
        or (riff and head[8:12] == b"WEBP")
    ):
        raise ImportRejected("import.image", name=name)
    if (binary and head.startswith(_RECORDINGS)) or iso or riff:
        raise ImportRejected("import.recording", name=name)
    if head.lstrip(b"\xef\xbb\xbf").startswith((b"@UTF8", b"@Begin")):
        # Before the encoding: its time marks are control characters and would look like junk.
        raise ImportRejected("import.not_yet", name=name, format="CHAT")
    if head.startswith(_ARCHIVES) and ending(name) not in ("txt", "md", "vtt", "srt"):
        raise ImportRejected("import.archive", name=name)
    return "text"


def _kind_of_ole(data: bytes, name: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "import.password"
    if "WordDocument".encode("utf-16-le") in data or ending(name) in ("doc", "dot", "docx"):
        return "import.doc"
    return "import.old_office"


#: Endings of files that are never text: text inside one means that the name is wrong, or the file.
_BINARY_ENDINGS = (
    "docx doc odt rtf pdf xlsx xls pptx ppt png jpg jpeg gif heic mp3 m4a mp4 wav zip qdpx sqlite3 qda"
)
_NEVER_TEXT = frozenset(_BINARY_ENDINGS.split())

_NOT_YET = (
    (re.compile(r"\s*(<!doctype html|<html)", re.I), "HTML"),
    (re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<ANNOTATION_DOCUMENT", re.S), "ELAN"),
    (re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(TEI|teiCorpus)\b", re.S), "TEI"),
    (re.compile(r"\s*(<\?xml\b|<[A-Za-z][\w:.-]*( [^<>]*)?>\s*<)"), "XML"),
    (re.compile(r"\s*File type = \"ooTextFile"), "Praat"),
    (re.compile(r"\s*(\{\s*\"[^\"\n]*\"\s*:|\[\s*\{\s*\")"), "JSON"),
)
_NOT_YET_ENDINGS = {
    "html": "HTML", "htm": "HTML", "eaf": "ELAN", "textgrid": "Praat", "cha": "CHAT", "json": "JSON", "csv": "CSV",
    "otr": "oTranscribe", "xml": "XML", "tei": "TEI", "qdc": "REFI-QDA", "qdpx": "REFI-QDA", "tex": "LaTeX",
    "eml": "e-mail",
}  # fmt: skip


def check_text_kind(text: str, name: str) -> None:
    """Refuse text that is a format we do not read yet, and text under the name of another kind of file."""
    for pattern, label in _NOT_YET:
        if pattern.match(text[:2_000]):
            raise ImportRejected("import.not_yet", name=name, format=label)
    if ending(name) in _NOT_YET_ENDINGS:
        raise ImportRejected("import.not_yet", name=name, format=_NOT_YET_ENDINGS[ending(name)])
    if ending(name) in _NEVER_TEXT:
        raise ImportRejected("import.not_what_it_says", name=name, ending=ending(name))


class Archive:
    """A zip that has passed the gate: members read by exact name, into memory, within what they declare."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self._name = name
        _check_directory(data, name, limits)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = {info.filename: info for info in self._zip.infolist()}
        except (
            zipfile.BadZipFile,
            ValueError,
            OSError,
            EOFError,
            struct.error,
            NotImplementedError,
        ) as error:
            raise ImportRejected("import.zip_broken", name=name) from error
        self._check_members(limits)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def read(self, member: str) -> bytes:
        info = self._members.get(member)
        if info is None:
            raise ImportRejected("import.docx_broken", name=self._name)
        try:
            return self._zip.read(info)
        except (
            zipfile.BadZipFile,
            zlib.error,
            ValueError,
            OSError,
            EOFError,
            RuntimeError,
            struct.error,
        ) as error:
            raise ImportRejected("import.zip_broken", name=self._name) from error

    def _check_members(self, limits: Limits) -> None:
        infos = self._zip.infolist()
        name = self._name
        # Word files may hold spreadsheets (charts) as members: they count in the sums and are never opened.
        if len(self._members) != len(infos) or any(_is_unsafe(info) for info in infos):
            raise ImportRejected("import.zip_unsafe", name=name)
        if any(info.flag_bits & 0x1 for info in infos):
            raise ImportRejected("import.password", name=name)
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
            raise ImportRejected("import.zip_broken", name=name)
        if (
            len(infos) > limits.zip_entries
            or sum(info.file_size for info in infos) > limits.zip_total
            or any(info.file_size > limits.zip_entry for info in infos)
            or any(
                info.file_size > 1_000_000 and info.file_size > limits.zip_ratio * max(info.compress_size, 1)
                for info in infos
            )
        ):
            raise ImportRejected("import.zip_bomb", name=name)


def _check_directory(data: bytes, name: str, limits: Limits) -> None:
    """Look at the size of the zip's table of contents before zipfile builds an object for each entry."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if at < 0 or len(data) < at + 22:
        raise ImportRejected("import.zip_broken", name=name)
    entries, size = struct.unpack_from("<HI", data, at + 10)
    if entries > limits.zip_entries or size > limits.zip_entries * 500:
        raise ImportRejected("import.zip_bomb", name=name)


def _is_unsafe(info: zipfile.ZipInfo) -> bool:
    name = info.orig_filename
    return (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\x00" in name
        or re.match(r"[A-Za-z]:", name) is not None
        or ".." in name.split("/")
        or stat.S_ISLNK(info.external_attr >> 16)
    )


_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_DECLARED = re.compile(r"encoding\s*=\s*[\"']([^\"']*)[\"']")


def xml_text(data: bytes, name: str) -> bytes:
    """An XML part as UTF-8 without its declaration, after refusing any DTD or entity in it.

    OPC allows UTF-8 and UTF-16 only, and no DTD at all. What is checked is exactly what is then parsed, so no
    other encoding can carry a DTD past the check.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf-16"
    elif data[:2] == b"<\x00":
        codec = "utf-16-le"
    elif data[:2] == b"\x00<":
        codec = "utf-16-be"
    else:
        codec = "utf-8-sig"
    try:
        text = data.decode(codec)
    except UnicodeError as error:
        raise ImportRejected("import.docx_broken", name=name) from error
    declaration = _DECLARATION.match(text)
    if declaration:
        declared = _DECLARED.search(declaration[0])
        if declared and declared[1].lower() not in ("utf-8", "utf8", "utf-16", "us-ascii"):
            raise ImportRejected("import.docx_broken", name=name)
        text = text[declaration.end() :]
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.I):
        raise ImportRejected("import.docx_dtd", name=name)
    return text.encode("utf-8", "strict")
