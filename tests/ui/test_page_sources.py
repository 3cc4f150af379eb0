"""Sources: the list, the drawer of one, and import with preview and mapping of speakers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import tiny_project
from tests.ui.presses import drawn, keys, press, words
from workbench.domain.transcripts import ParsedTranscript
from workbench.language import t
from workbench.services import history, people, sources
from workbench.services.context import Context

Run = Callable[..., Any]
ONE = (
    "Interviewer: How did you come home?\n\nKirsten Holm: By bus 🙂, with a bag of pills.\n\n"
    "Interviewer: And then?\n\nKirsten Holm: Then I rang, and rang.\n"
).encode()
TWO = (
    "Interviewer: Hvordan var det at komme hjem?\n\nP07: Det var ikke så godt, og der var ikke nogen.\n\n"
    "Interviewer: Og hvad gjorde du så?\n\nP07: Jeg ringede til afdelingen.\n"
).encode("cp1252")


def upload(at: Any, *files: tuple[str, bytes]) -> Any:
    at.get("file_uploader")[0].set_value([(name, data, "text/plain") for name, data in files]).run()
    assert not at.exception, [e.value for e in at.exception]
    return at


def importer(at: Any) -> Any:
    return next(b for b in at.button if b.key and b.key.startswith("sources_import_"))


def files(at: Any) -> dict[str, dict[str, Any]]:
    key = next(k for k in keys(at) if k.startswith("sources_list_"))
    return {row["text"].replace("\u200b", ""): row for row in drawn(at, key)["rows"]}


def type_new(box: Any, text: str) -> Any:
    """Type what is no option yet; AppTest only knows how to choose."""
    box.options.append(text)
    return box.set_value(text)


def field(at: Any, kind: str, label: str) -> Any:
    return next(w for w in at.get(kind) if w.label == label)


def test_each_source_stands_with_who_speaks_and_how_far_it_is_read(ctx: Context, run_page: Run) -> None:
    at = run_page("sources", ctx)
    rows = {r["cells"]["title"]["text"]: r["cells"] for r in drawn(at, "sources_table")["rows"]}
    assert len(rows) == 10
    workshop = rows["Workshop 2, municipality"]
    assert "Danish" in workshop["title"]["note"]
    assert workshop["people"]["group"]["mono"] == "Mu"
    assert workshop["people"]["text"].endswith("+2")
    assert workshop["read"]["text"] == "AK, MB"
    assert workshop["units"]["href"].startswith("code?")
    assert "10 sources" in words(at)


def test_an_empty_project_begins_with_the_import(empty: Context, run_page: Run) -> None:
    at = run_page("sources", empty)
    assert "No sources yet." in words(at)
    assert at.get("file_uploader")


def test_two_files_are_shown_as_understood_and_imported_with_their_people(
    empty: Context, run_page: Run
) -> None:
    at = upload(run_page("sources", empty), ("Interview_Kirsten.txt", ONE), ("dansk.txt", TWO))
    assert [row["state"] for row in files(at).values()] == ["good", "good"]
    assert "By bus 🙂" in words(at)  # how it begins, as text
    assert not sources.list_sources(empty)  # nothing is kept before it is imported
    # A label that may be a real name is never the proposed pseudonym; one that asks is proposed as such.
    assert field(at, "text_input", "Pseudonym of Kirsten Holm").value == "P1"
    assert field(at, "selectbox", "Who Interviewer is").value == "new:interviewer"
    type_new(field(at, "selectbox", "Group of those who speak here"), "Patients").run()
    field(at, "text_input", "Title").set_value("Interview 1").run()
    press(at, next(k for k in keys(at) if k.startswith("sources_list_")), id=files(at)["dansk.txt"]["id"])
    assert field(at, "selectbox", "Language").value == "da"
    assert field(at, "text_input", "Pseudonym of P07").value == "P07"
    assert "Windows-1252" in words(at)
    importer(at).click().run()
    assert not at.exception
    first, second = sources.list_sources(empty)
    assert (first.source.title, first.people, first.source.language) == ("Interview 1", ("P1",), "en")
    assert (second.source.title, second.people, second.source.language) == ("Interview 2", ("P07",), "da")
    seen = people.people_view(empty)
    assert {p.pseudonym: p.kind for p in seen.participants} == {
        "P1": "informant", "P07": "informant", "Interviewer": "interviewer",
    }  # fmt: skip
    assert [(g.group.name, g.sample) for g in seen.groups] == [("Patients", 1)]
    assert "afdelingen" in sources.read_source(empty, second.source.id).turns[-1].text
    assert "2 files were imported." in words(at)
    # One operation for each file.
    verbs = [o.verb for o in history.list_operations(empty)]
    assert verbs.count("import_source") == 2
    # What may be a real name is in the vault, and nowhere in the project file.
    assert b"Kirsten Holm" not in empty.store.path.read_bytes()
    with empty.store.vault() as vault:
        assert vault.execute("SELECT count(*) FROM raw_label WHERE label='Kirsten Holm'").fetchone()[0] == 1


def test_the_files_can_be_pseudonymised_already(empty: Context, run_page: Run) -> None:
    at = upload(run_page("sources", empty), ("a.txt", ONE))
    control = next(c for c in at.segmented_control if c.label == "The names in the files are")
    control.set_value(True).run()
    assert field(at, "text_input", "Pseudonym of Kirsten Holm").value == "Kirsten Holm"


def test_a_refused_file_says_what_to_do_and_stops_none_of_the_others(empty: Context, run_page: Run) -> None:
    at = upload(
        run_page("sources", empty),
        ("notes.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.txt", ONE),
    )
    assert files(at)["notes.doc"]["state"] == "doubt"
    assert "old Word format" in words(at)
    assert importer(at).label == "Import 1 of 2 files"
    importer(at).click().run()
    assert [v.source.title for v in sources.list_sources(empty)] == ["Interview 2"]
    said = words(at)
    assert "notes.doc was not imported" in said
    assert "1 of 2 files were imported." in said


def test_only_refused_files_cannot_be_imported(empty: Context, run_page: Run) -> None:
    at = upload(run_page("sources", empty), ("empty.txt", b""))
    assert importer(at).disabled
    assert "empty.txt is empty" in words(at)


def test_a_speaker_without_a_pseudonym_holds_the_file_back(empty: Context, run_page: Run) -> None:
    at = upload(run_page("sources", empty), ("a.txt", ONE))
    field(at, "text_input", "Pseudonym of Kirsten Holm").set_value(" ").run()
    assert importer(at).disabled
    assert "Give “Kirsten Holm” a pseudonym." in words(at)
    field(at, "selectbox", "Who Kirsten Holm is").set_value("nobody").run()
    assert not importer(at).disabled


def test_equal_labels_are_one_person_or_two_as_one_says(empty: Context, run_page: Run) -> None:
    at = upload(run_page("sources", empty), ("a.txt", ONE), ("b.txt", ONE))
    field(at, "checkbox", "Kirsten Holm is the same person in all 2 files").set_value(False).run()
    importer(at).click().run()
    assert not at.exception
    assert sorted(v.people for v in sources.list_sources(empty)) == [("P1",), ("P2",)]
    assert sum(p.kind == "interviewer" for p in people.people_view(empty).participants) == 1


def test_a_participant_who_is_known_is_proposed_by_pseudonym(ctx: Context, run_page: Run) -> None:
    at = run_page("sources", ctx)
    at.button(key="sources_add").click().run()
    upload(
        at, ("late.txt", b"Interviewer: Again?\n\nInger: Again.\n\nInterviewer: Why?\n\nInger: Because.\n")
    )
    inger = next(p for p in people.people_view(ctx).participants if p.pseudonym == "Inger")
    assert field(at, "selectbox", "Who Inger is").value == inger.id
    importer(at).click().run()
    assert sources.list_sources(ctx)[-1].people == ("Inger",)
    assert sum(p.pseudonym == "Inger" for p in people.people_view(ctx).participants) == 1


def test_a_second_press_imports_nothing_more(
    empty: Context, run_page: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.ui import session
    from workbench.ui.pages import importing

    asked: list[int] = []
    monkeypatch.setattr(session, "draft", lambda name, default=None: 4 if name == "sources.turn" else default)
    monkeypatch.setattr(session, "widget", lambda *a: asked.append(1))
    importing._import(empty, 3)  # the press belongs to the round before
    assert not asked


def test_a_source_is_renamed_on_blur_and_an_empty_title_is_refused(ctx: Context, run_page: Run) -> None:
    source = sources.list_sources(ctx)[0].source
    at = press(run_page("sources", ctx), "sources_table", id=source.id)
    title = f"kept_source.{source.id}.title"
    at.text_input(key=title).set_value("Interview 1, *at home*").run()
    assert sources.list_sources(ctx)[0].source.title == "Interview 1, *at home*"
    at.text_input(key=title).set_value("").run()
    assert "▲" in words(at)
    assert sources.list_sources(ctx)[0].source.title == "Interview 1, *at home*"


def test_a_speaker_is_given_to_another_or_to_somebody_new(ctx: Context, run_page: Run) -> None:
    source = sources.list_sources(ctx)[1].source
    speaker = next(s for s in people.list_speakers(ctx, source.id) if s.label != "Interviewer")
    at = run_page("sources", ctx, source=source.id)
    type_new(at.selectbox(key=f"speaker_{speaker.id}"), "Somebody new").run()
    assert not at.exception
    assert sources.list_sources(ctx)[1].people == ("Somebody new",)


def test_a_source_with_units_stays_and_one_without_can_be_taken_out(
    tmp_path: Any, ctx: Context, run_page: Run
) -> None:
    source = sources.list_sources(ctx)[0].source
    at = run_page("sources", ctx, source=source.id)
    at.button(key=f"source_{source.id}_retire").click().run()
    assert "▲" in words(at)
    assert len(sources.list_sources(ctx)) == 10
    parsed = sources.preview([("a.txt", ONE)])[0]
    assert isinstance(parsed, ParsedTranscript)
    late = sources.import_source(ctx, parsed, ONE, title="Late")
    at = run_page("sources", ctx, source=late)
    at.button(key=f"source_{late}_retire").click().run()
    assert not at.exception
    assert len(sources.list_sources(ctx)) == 10


def test_another_layout_can_be_asked_for(empty: Context, run_page: Run) -> None:
    at = upload(run_page("sources", empty), ("a.txt", ONE))
    field(at, "selectbox", "Layout").set_value("plain").run()
    assert not at.exception
    assert re.search(r"no speakers", " ".join(r["note"] for r in files(at).values()))


def test_many_sources_with_long_titles_are_listed(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, run_page: Run
) -> None:
    monkeypatch.setenv("WORKBENCH_DATA", str(tmp_path))
    ctx, _ = tiny_project(tmp_path)
    parsed = sources.preview([("a.txt", ONE)])[0]
    assert isinstance(parsed, ParsedTranscript)
    for n in range(30):
        sources.import_source(ctx, parsed, ONE, title=f"{'A long title ' * 8}{n}")
    at = run_page("sources", ctx)
    assert len(drawn(at, "sources_table")["rows"]) == 31
    assert "1 speaker is nobody yet" in words(at) or "2 speakers are nobody yet" in words(at)


def test_an_open_drawer_leaves_what_another_person_changed_about_the_source(
    ctx: Context, run_page: Run
) -> None:
    source = sources.list_sources(ctx)[0].source
    at = press(run_page("sources", ctx), "sources_table", id=source.id)
    sources.change_source(
        ctx, source.id, rev=source.rev, title=source.title, kind="record", words_of="record", language="da",
        session=None,
    )  # fmt: skip
    at.run()
    next(x for x in at.text_input if x.value == source.title).set_value("Mine").run()
    assert not at.exception
    now = sources.list_sources(ctx)[0].source
    assert (now.title, now.kind, now.words_of, now.language, now.session) == (
        "Mine",
        "record",
        "record",
        "da",
        None,
    )
    field(at, "selectbox", "Language").set_value("en").run()
    assert sources.list_sources(ctx)[0].source.language == "en"


def test_a_late_interview_begins_a_round_and_what_is_imported_next_joins_it(
    ctx: Context, run_page: Run
) -> None:
    first, second = (v.source for v in sources.list_sources(ctx)[:2])
    at = press(run_page("sources", ctx), "sources_table", id=second.id)
    rounds = next(x for x in at.selectbox if x.label == t("sources.round"))
    rounds.set_value(3).run()
    assert not at.exception
    changed = next(v.source for v in sources.list_sources(ctx) if v.source.id == second.id)
    assert changed.iteration == 3 and changed.title == second.title
    parsed = sources.preview([("late.txt", ONE)])[0]
    assert isinstance(parsed, ParsedTranscript)
    late = sources.import_source(ctx, parsed, ONE, title="Late")
    found = {v.source.id: v.source.iteration for v in sources.list_sources(ctx)}
    assert found[late] == 3 and found[first.id] == first.iteration
