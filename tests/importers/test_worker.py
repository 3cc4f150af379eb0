"""The worker process: the same answers as in-process, one bad file costs only itself, and imports stay light."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from word_files import docx, p, run

from workbench.domain.errors import ImportRejected
from workbench.importers import Limits, batch, read, read_many
from workbench.importers.batch import _Worker

ROOT = Path(__file__).resolve().parents[2]
GOOD = [
    ("a.txt", "Interviewer: Hej 😀\nP1: På åen".encode("cp1252", "ignore")),
    ("b.docx", docx(p(run("Anna: ", True), run("Hej")) + p(run("Bo: ", True), run("Ja")))),
    ("c.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>Hej\n"),
]


def test_a_batch_in_the_worker_gives_what_reading_here_gives():
    files = [GOOD[0], ("tom.txt", b""), GOOD[1], ("x\udce6.pdf", b"%PDF-1.4"), GOOD[2]]
    inside, here = read_many(files), read_many(files, in_worker=False)
    for a, b in zip(inside, here, strict=True):
        if isinstance(b, ImportRejected):
            assert isinstance(a, ImportRejected)
            assert (a.code, a.params) == (b.code, b.params)
        else:
            assert a == b
    assert [isinstance(r, ImportRejected) for r in here] == [False, True, False, True, False]


def test_the_worker_starts_where_warnings_are_errors(monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert [r.name for r in read_many(GOOD)] == ["a.txt", "b.docx", "c.vtt"]


def test_one_worker_serves_the_whole_batch(monkeypatch):
    started = []

    class Counted(_Worker):
        def __init__(self):
            started.append(1)
            super().__init__()

    monkeypatch.setattr(batch, "_Worker", Counted)
    assert len(read_many(GOOD)) == 3
    assert len(started) == 1
    assert read_many([]) == []
    assert len(started) == 1


def test_a_file_that_takes_too_long_is_refused_and_the_rest_go_on(monkeypatch):
    """A stand-in worker that sleeps on one name: the real one has no file known to be slow."""
    sleepy = (
        "import time, workbench.importers.worker as w\n"
        "real = w._answer\n"
        "def answer(request, data):\n"
        "    if request['name'] == 'slow.txt': time.sleep(60)\n"
        "    return real(request, data)\n"
        "w._answer = answer\n"
        "w.main()\n"
    )
    real = subprocess.Popen

    def popen(command, **options):
        return real([sys.executable, "-c", sleepy], **options)

    monkeypatch.setattr(batch.subprocess, "Popen", popen)
    began = time.monotonic()
    results = read_many([GOOD[0], ("slow.txt", b"Hej."), GOOD[2]], limits=Limits(seconds=3))
    assert time.monotonic() - began < 12
    assert isinstance(results[1], ImportRejected)
    assert results[1].code == "import.too_slow"
    assert [r.name for r in (results[0], results[2])] == ["a.txt", "c.vtt"]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems limit a process's processor time")
def test_a_file_that_spins_is_stopped_by_the_processor_limit(monkeypatch):
    spinning = (
        "import workbench.importers.worker as w, workbench.importers.reading as r\n"
        "def read(*a, **k):\n"
        "    while True: pass\n"
        "r.read = read\n"
        "w.main()\n"
    )
    real = subprocess.Popen
    monkeypatch.setattr(
        batch.subprocess, "Popen", lambda command, **o: real([sys.executable, "-c", spinning], **o)
    )
    worker = _Worker()
    # The parent waits longer than the limit it sends, so it is the worker's own limit that ends it.
    thread_join = batch.threading.Thread.join
    monkeypatch.setattr(batch.threading.Thread, "join", lambda self, timeout=None: thread_join(self, 20))
    with pytest.raises(ImportRejected) as refused:
        worker.read(b"Hej.", "a.txt", None, None, Limits(seconds=0.5))
    worker.close()
    assert refused.value.code == "import.too_slow"


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems limit a process's memory")
def test_a_file_that_needs_too_much_memory_is_refused():
    [result] = read_many(
        [("a.txt", b"Anna: hej\n" * 2_000_000)], limits=Limits(memory=120_000_000, characters=10**9)
    )
    assert isinstance(result, ImportRejected)
    assert result.code in ("import.too_much", "import.unreadable", "import.too_big")


def test_a_worker_that_dies_is_a_refusal(monkeypatch):
    real = subprocess.Popen
    monkeypatch.setattr(batch.subprocess, "Popen", lambda command, **o: real([sys.executable, "-c", ""], **o))
    [result] = read_many([("a.txt", b"Hej.")])
    assert isinstance(result, ImportRejected)
    assert result.code == "import.unreadable"


def test_importing_the_importers_loads_nothing_heavy():
    probe = (
        "import sys, workbench.importers, workbench.importers.worker\n"
        "print(sorted(set(sys.modules) & {'lxml', 'pandas', 'spacy', 'docx', 'streamlit', 'numpy', 'sqlite3'}))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_no_module_here_imports_at_the_top_what_windows_lacks():
    for path in (ROOT / "workbench/importers").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not {"fcntl", "resource", "pwd", "grp"} & set(names), path.name


def test_a_long_danish_interview_is_read_in_far_less_than_half_a_second():
    turn = "Vi gik hjem fra hospitalet og ventede på at nogen ringede, men der kom aldrig nogen æøå. "
    text = "".join(f"{'Interviewer' if i % 2 else 'P1'}: {turn * 5}\n\n" for i in range(500))
    assert len(text) > 220_000
    began = time.process_time()
    transcript = read(text.encode(), "lang.txt")
    assert time.process_time() - began < 0.5
    assert len(transcript.turns) == 500
