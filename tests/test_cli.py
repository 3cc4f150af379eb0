"""The command line: the same thread without a browser, sentences for what is refused, codes that mean something."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.conftest import ROOT, SHARED
from tests.support import mark_words, tiny_project
from workbench.cli import main, parser
from workbench.services import code_groups, coding, projects, sources
from workbench.store.project import Store


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = main([str(a) for a in args])
    out = capsys.readouterr()
    return code, out.out, out.err


def bad_files(folder: Path) -> list[Path]:
    """The files of the issue's list of bad input, all invented here."""
    with_dtd = io.BytesIO()
    with zipfile.ZipFile(with_dtd, "w") as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("word/document.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><w>&a;</w>')
    contents = {
        "photo.txt": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20,
        "empty.txt": b"",
        "broken.docx": b"PK\x03\x04" + b"\0" * 300,
        "old.doc": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
        "junk.txt": bytes(range(256)) * 40,
        "dtd.docx": with_dtd.getvalue(),
        "huge.txt": b"a " * 20_000_000,
        "table.xlsx": b"PK\x05\x06" + b"\0" * 18,
    }
    made = []
    for name, data in contents.items():
        (folder / name).write_bytes(data)
        made.append(folder / name)
    return made


def test_files_of_the_wrong_kind_are_each_refused_in_a_sentence_and_nothing_is_half_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.txt"
    good.write_text(
        "P1: Jeg ringede til dem.\n\nInterviewer: Og så?\n\nP1: Så ringede jeg igen.\n", encoding="cp1252"
    )
    bad = bad_files(tmp_path)
    code, out, _ = run(capsys, "import", tmp_path / "p.db", *bad, tmp_path / "missing.txt", good, "--json")
    found = json.loads(out)["files"]
    assert code == 1
    *refused, taken = found
    assert [f["name"] for f in found] == [*(p.name for p in bad), "missing.txt", "good.txt"]
    for f in refused:
        assert (f["refused"] and f["refused"][0].isupper()) or f["name"] in f["refused"], f
        assert f["refused"].rstrip().endswith(".") and " " in f["refused"] and f["source"] is None, f
    assert len({f["refused"].replace(f["name"], "") for f in refused}) >= 7  # each says what is wrong with it
    assert taken["refused"] is None and taken["words"] == 10 and taken["turns"] == 3
    assert taken["speakers"] == {"P1": 2, "Interviewer": 1} and taken["encoding"] == "cp1252"
    ctx = projects.lead_context(Store.open(tmp_path / "p.db"))
    assert [v.source.title for v in sources.list_sources(ctx)] == ["Source 1"]


def test_the_shape_of_the_import_report_is_what_others_build_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "talk.txt"
    text.write_text(
        "Anna Eksempel: It was late.\n\nInterviewer: Was it?\n\nAnna Eksempel: Very.\n", encoding="utf-8"
    )
    code, out, _ = run(capsys, "import", tmp_path / "p.db", text, "--json")
    report = json.loads(out)
    assert code == 0 and set(report) == {"project", "files"}
    (f,) = report["files"]
    assert set(f) == {
        "name",
        "source",
        "layout",
        "encoding",
        "words",
        "turns",
        "speakers",
        "warnings",
        "refused",
    }
    assert report["project"] == str(tmp_path / "p.db")


def test_a_label_that_may_be_a_real_name_is_in_the_vault_and_nowhere_in_the_project_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "Anna Eksempelsen interview.txt"
    text.write_text(
        "Eksempelsen: It was late.\n\nInterviewer: Was it?\n\nEksempelsen: Very.\n", encoding="utf-8"
    )
    run(capsys, "import", tmp_path / "p.db", text, "--json")
    store = Store.open(tmp_path / "p.db")
    ctx = projects.lead_context(store)
    first = sources.list_sources(ctx)[0].source.id
    assert sources.read_source(ctx, first).turns[0].speaker == "Speaker 1"
    store.close()
    assert b"Eksempelsen:" in (tmp_path / "p.vault.db").read_bytes()
    with store.vault() as vault:
        labels = {r["label"] for r in vault.execute("SELECT label FROM raw_label")}
        assert labels == {"Eksempelsen", "Interviewer"}


def test_the_demo_can_be_made_traced_checked_and_verified_without_a_browser(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "demo.db"
    assert run(capsys, "demo", project)[0] == 0
    assert run(capsys, "verify", project)[0] == 0
    code, out, _ = run(capsys, "trace", project, "req-001", "--json")
    trace = json.loads(out)
    assert code == 0
    units = [u for r in trace["down"]["rests_on"] for u in r["units"]] + trace["down"]["units"]
    ctx = projects.lead_context(Store.open(project))
    texts = {c.unit.id: c.unit.text for c in coding.list_units(ctx)}
    assert units and all(texts[u["id"]] == u["text"] for u in units)
    assert {r["kind"] for r in trace["up"]} >= {"component", "version"}
    code, out, _ = run(capsys, "check", project, "--json")
    issues = json.loads(out)["issues"]
    assert issues and all(" " in i["sentence"] for i in issues)
    assert {i["severity"] for i in issues} == {"error", "warning", "note"}
    assert code == 2


def test_check_ends_with_a_code_by_the_worst_that_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.domain.issues import Issue
    from workbench.services import checks

    project = tmp_path / "notes.db"
    projects.create_project(project, name="Notes").close()
    for found, code in ((), 0), (("note",), 0), (("note", "warning"), 1), (("error", "note", "warning"), 2):
        issues = [
            Issue("subgroups", s, ("code_group", "x"), "check.in_doubt", {"says": "So it is."}) for s in found
        ]
        monkeypatch.setattr(checks, "all_issues", lambda ctx, issues=issues: issues)
        assert run(capsys, "check", project)[0] == code
    assert run(capsys, "check", tmp_path / "absent.db")[0] == 3


def test_a_demo_never_overwrites_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "demo.db"
    run(capsys, "demo", project)
    before = project.read_bytes()
    code, _, err = run(capsys, "demo", project)
    assert code == 1 and "already" in err and project.read_bytes() == before


def test_a_backup_is_restored_with_its_vault_and_what_stood_there_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "demo.db"
    run(capsys, "demo", project)
    assert run(capsys, "backup", project)[0] == 0
    (backup,) = [p for p in (tmp_path / "demo.backups").glob("*.db") if not p.name.endswith(".vault.db")]
    ctx = projects.lead_context(Store.open(project))
    projects.change_setting(ctx, "name", "Changed since")
    ctx.store.close()
    assert run(capsys, "restore", project, backup)[0] == 0
    assert projects.project_summary(projects.lead_context(Store.open(project))).name == "Joined-up discharge"
    assert run(capsys, "verify", project)[0] == 0
    assert len(list((tmp_path / "demo.backups").glob("*before-restore.db"))) == 1


def test_a_copy_goes_out_comes_back_and_what_differs_is_listed_and_settled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, out = tmp_path / "p.db", tmp_path / "mads.db"
    ctx, source = tiny_project(tmp_path)
    ctx.store.close()
    (tmp_path / "tiny.db").rename(project)
    ctx = projects.lead_context(Store.open(project))
    group = code_groups.add_code_group(ctx, name="Alone")
    code, _, err = run(capsys, "copy", project, "--for", "Mads Prøve", out)
    assert code == 0 and "copy for Mads Prøve" in err and not out.with_suffix(".vault.db").exists()
    there = projects.lead_context(Store.open(out))
    assert there.member.name == "Mads Prøve"
    for where, name in ((ctx, "Left alone"), (there, "On one's own")):
        (g,) = sources.list_code_groups(where)
        code_groups.change_code_group(where, group, rev=g.rev, name=name)
    mark_words(there, source, "The first night", group)
    there.store.close()
    code, said, _ = run(capsys, "merge", project, out, "--dry-run")
    assert code == 0 and "Nothing is changed" in said and "1 mark, 1 placement" in said
    assert coding.list_units(ctx) == []
    told = json.loads(run(capsys, "merge", project, out, "--json")[1])
    assert told["merged"] and told["came"] == {"unit": 1, "placement": 1} and len(told["differences"]) == 1
    code, said, _ = run(capsys, "differences", project)
    assert (
        code == 0
        and "Left alone" in said
        and "On one's own" in said
        and "1 difference to be settled." in said
    )
    assert "nothing new" in run(capsys, "merge", project, out)[1]
    assert run(capsys, "differences", project, "--settle", "there")[0] == 0
    assert sources.list_code_groups(ctx)[0].name == "On one's own"
    assert json.loads(run(capsys, "differences", project, "--json")[1]) == {"differences": []}
    assert run(capsys, "copy", project, "--for", "mads prøve", "--unseen", tmp_path / "again.db")[0] == 0
    assert len(projects.list_members(ctx.store)) == 2  # somebody known is not added again
    there = projects.lead_context(Store.open(tmp_path / "again.db"))
    assert [c.unit.member for c in coding.list_units(there)] == [there.member.id]
    assert run(capsys, "verify", project)[0] == 0


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("trace", "missing.db", "REQ-001"), 3, "no file"),
        (("check", "notes.db"), 3, "not a project"),
        (("restore", "demo.db", "notes.db"), 1, "no whole backup"),
        (("trace", "demo.db", "REQ-999"), 1, "REQ-999"),
        (("export", "demo.db", "out.odt"), 1, ".odt"),
        (("merge", "demo.db", "notes.db"), 3, "not a project"),
        (("merge", "demo.db", "demo.db"), 1, "no copy that was made"),
        (("copy", "demo.db", "--for", "Mads", "demo.db"), 1, "already"),
        (("copy", "demo.db", "--for", " ", "new.db"), 1, "a name"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_an_exit_code(
    demo_master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    args: tuple[str, ...], code: int, words: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.db").write_text("just notes")
    (tmp_path / "demo.db").write_bytes(demo_master.read_bytes())
    done, _, err = run(capsys, *args)
    assert done == code and words in err and "Traceback" not in err


def test_every_command_has_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    shown = parser().format_help()
    for command in (
        "run", "demo", "import", "export", "check", "trace", "copy", "merge", "differences", "backup", "restore",
        "verify",
    ):  # fmt: skip
        assert command in shown
    assert "cli." not in shown


def test_every_command_is_in_the_readme_or_the_handbook_but_the_one_that_opens_the_app() -> None:
    told = "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    )
    commands = next(a.choices for a in parser()._actions if a.dest == "command")
    assert commands
    assert [c for c in commands if f"workbench {c}" not in told and c not in ("run", "demo", "restore")] == []


def test_it_runs_as_a_process_and_uses_the_word_file_as_word_shows_it(tmp_path: Path) -> None:
    document = docx.Document()
    for speaker, words in (
        ("P1", "Der kom ingen søndag."),
        ("Interviewer", "Ingen?"),
        ("P1", "Ikke en sjæl 🙂."),
    ):
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{speaker}: ").bold = True
        paragraph.add_run(words)
    document.save(str(tmp_path / "talk.docx"))
    command = [
        sys.executable,
        "-m",
        "workbench",
        "import",
        str(tmp_path / "p.db"),
        str(tmp_path / "talk.docx"),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (f,) = json.loads(done.stdout)["files"]
    assert f["speakers"] == {"P1": 2, "Interviewer": 1} and f["words"] == 8


def test_the_samples_that_can_be_read_are_read_by_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = SHARED / "samples" / "transcripts"
    if not folder.exists():
        pytest.skip("the sample files lie outside the project and are not here")
    files: list[Any] = [
        folder / n for n in ("zoom_meeting001_transcript.vtt", "hitsave_goodboy.srt", "changelog_podcast.md")
    ]
    code, out, _ = run(capsys, "import", tmp_path / "p.db", *files, "--json")
    assert code == 0 and all(f["words"] > 5000 and f["turns"] >= 30 for f in json.loads(out)["files"])


def test_what_the_method_hands_over_is_written_from_the_shell(
    capsys: pytest.CaptureFixture[str], demo: Path, tmp_path: Path
) -> None:
    for what, name in (("coreq", "coreq.docx"), ("coding_tree", "tree.svg"), ("methods", "metode.pdf")):
        out = tmp_path / name
        code, _, said = run(capsys, "export", demo, out, "--what", what, "--language", "da")
        assert code == 0 and out.stat().st_size > 1000, said


@pytest.mark.parametrize(
    ("what", "name", "begins"),
    [
        ("letters", "l.pdf", b"%PDF"), ("letters", "l.docx", b"PK"), ("minutes", "m.docx", b"PK"),
        ("strip", "s.png", b"\x89PNG"), ("matrix", "m.xlsx", b"PK"), ("requirements", "r.csv", b"\xef\xbb\xbfKey"),
        ("paths", "p.csv", b"\xef\xbb\xbfDecision"),
    ],
)  # fmt: skip
def test_what_is_taken_along_is_written_whole(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, name: str, begins: bytes
) -> None:
    code, _, err = run(capsys, "export", demo, tmp_path / name, "--what", what)
    assert code == 0, err
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_letter_to_one_group_of_one_version_by_name(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("export", demo, tmp_path / "l.docx", "--what", "letters")
    assert run(capsys, *asked, "--version", "1", "--group", "Hospital")[0] == 0
    texts = [p.text for p in docx.Document(str(tmp_path / "l.docx")).paragraphs]
    assert texts[0] == "Hospital" and any("Version 1" in x for x in texts) and "Municipality" not in texts
    for wrong in (("--group", "Nobody"), ("--version", "9")):
        code, _, err = run(capsys, *asked, *wrong)
        assert code == 1 and err.strip().endswith(".")


def test_a_trace_comes_in_from_tables_or_not_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items, links = tmp_path / "items.csv", tmp_path / "links.csv"
    items.write_text(
        "kind,key,text\nidea,I1,A telephone hour\nrequirement,REQ-7,There must be an hour\n", encoding="utf-8"
    )
    links.write_text("from,to\nREQ-7,I2\n", encoding="utf-8")
    project = tmp_path / "p.db"
    code, out, err = run(capsys, "import-trace", project, items, links)
    assert (
        code == 1 and "links.csv, row 2" in out and "Nothing was brought in" in err and not project.exists()
    )
    links.write_text("from,to\nREQ-7,I1\n", encoding="utf-8")
    assert run(capsys, "import-trace", project, items, links, "--dry-run")[0] == 0 and not project.exists()
    code, out, _ = run(capsys, "import-trace", project, items, links)
    assert code == 0 and "one link" in out
    code, out, _ = run(capsys, "trace", project, "REQ-7")
    assert code == 0 and "A telephone hour" in out
    code, out, err = run(capsys, "import-trace", project, tmp_path / "none.csv")
    assert code == 1 and "none.csv" in err


def test_trace_tells_only_down_or_only_up(demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    up, down = (run(capsys, "trace", demo, "REQ-001", f"--{way}")[1] for way in ("up", "down"))
    assert "CMP-001" in up and "“" not in up
    assert "CMP-001" not in down and "“" in down
