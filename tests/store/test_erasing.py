"""Erasing erases: no byte of a person's words is left in any file of the project, and nobody else's move."""

from __future__ import annotations

import logging
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import body_of, dump, tiny_transcript
from workbench.domain.errors import Refused, StoreFailed, UndoRefused
from workbench.services import (
    code_groups,
    coding,
    condensing,
    copies,
    correcting,
    finding,
    history,
    model,
    people,
    projects,
    quotes,
    sending,
    sources,
    synthesis,
    withdrawing,
)
from workbench.services.context import Context
from workbench.store import connection, erasing
from workbench.store.backup import back_up
from workbench.store.project import Store
from workbench.store.verify import verify

# Twenty words that stand nowhere else, all said by one of six people in a workshop.
CANARIES = [f"Zyx{a}{b}qvæk" for a in "abde" for b in "mnoru"]
HERS = [
    f"I keep a {CANARIES[0]} by the door and my {CANARIES[1]} beside it, and nobody asks about the {CANARIES[2]}.",
    f"At night 🙂 it is the {CANARIES[3]} that wakes me, then {CANARIES[4]}, then the {CANARIES[5]} from across the yard.",
    f"My {CANARIES[6]}, my {CANARIES[7]}, my {CANARIES[8]} and what the ward called a {CANARIES[9]}.",
    f"They wrote {CANARIES[10]} where I had said {CANARIES[11]}; the {CANARIES[12]} was never put right by anyone at all.",
    f"{CANARIES[13]}. {CANARIES[14]}. {CANARIES[15]}. {CANARIES[16]}.",
    f"Ask for the {CANARIES[17]} or the {CANARIES[18]}, and you get a {CANARIES[19]}.",
]


def workshop(folder: Path) -> tuple[Context, str, str, dict[str, str]]:
    """(lead's context, the source, who will withdraw, name -> unit) of a workshop of six, used in every way there is."""
    folder.mkdir(exist_ok=True)
    ctx = projects.lead_context(projects.create_project(folder / "six.db", name="Six"))
    group = people.add_group(ctx, name="Patients")
    who: dict[str, str | None] = {
        f"P{n}": people.add_participant(ctx, pseudonym=f"P{n}", stakeholder_group=group) for n in range(1, 7)
    }
    turns = []
    for n, hers in enumerate(HERS):
        turns += [(f"P{1 + n % 2}", f"Ordinary words number {n}, said by another person 👩‍🔬."), ("P3", hers)]
    turns += [(f"P{n}", f"What P{n} adds at the end is plain enough to be read.") for n in (4, 5, 6)]
    parsed = tiny_transcript(tuple(turns), name=f"{CANARIES[0]}.txt")
    raw = "\n".join(f"{a}: {b}" for a, b in turns).encode()
    source = sources.import_source(ctx, parsed, raw, title="Workshop", kind="workshop", speakers=who)
    correcting.correct_text(
        ctx, source, *_place(ctx, source, "at the end"), "in the end", text_rev=1, quote="at the end"
    )
    nights = code_groups.add_code_group(ctx, name="Nights")
    units = {
        "hers": _mark(ctx, source, HERS[1], nights),
        "shared": _mark(ctx, source, f"{CANARIES[19]}.\nWhat P4 adds", nights),
        "other": _mark(ctx, source, "Ordinary words number 3", nights),
        "last": _mark(ctx, source, "P6 adds at the end is plain", nights),
        "removed": _mark(ctx, source, HERS[0], nights),
    }
    coding.remove_unit(ctx, units["removed"])
    subgroup = condensing.add_subgroup(ctx, nights, name="Awake")
    condensing.move_units(ctx, nights, [units["hers"], units["other"]], subgroup)
    condensate = condensing.add_condensate(ctx, subgroup, text=f"Copied at first: {HERS[1]}")
    condensing.set_covers(ctx, condensate, [units["hers"], units["other"]])
    condensing.set_golden(ctx, condensate, units["hers"])
    row = condensing.board(ctx, nights).subgroups[0].condensates[0].condensate
    condensing.change_condensate(
        ctx, condensate, rev=row.rev, text="I lie awake, and it is noises.", voice=None
    )
    coding.comment(ctx, units["hers"], f"The {CANARIES[3]} again, and the {CANARIES[5]}.")
    coding.comment(ctx, units["shared"], f"Is {CANARIES[19]} a thing?")
    quotes.clear_quote(
        ctx,
        units["hers"],
        printed=HERS[1],
        recognisable=False,
        translation=f"Om natten: {CANARIES[4]}",
        translator="K",
    )
    theme = synthesis.add_category(
        ctx,
        nights,
        heading="Nights are long",
        analytic_text=f"They wake. {{{{unit:{units['hers']}}}}} And so on.",
    )
    model.add_requirement(ctx, statement="The model must let people sleep.", based_on=[theme, units["hers"]])
    back_up(ctx.store.path)
    back_up(ctx.store.path, label="again")
    with ctx.store.vault() as vault:
        vault.execute("INSERT INTO person VALUES(?,?,'')", (who["P3"], f"Real {CANARIES[7]}"))
    return ctx, source, str(who["P3"]), units


def _place(ctx: Context, source: str, words: str) -> tuple[int, int]:
    start = body_of(ctx, source).index(words)
    return start, start + len(words)


def _mark(ctx: Context, source: str, words: str, group: str) -> str:
    start, end = _place(ctx, source, words)
    return coding.mark(ctx, source, start, end, text_rev=2, quote=words, placements=[{"code_group": group}])


def _hits(ctx: Context, words: str) -> int:
    return len(finding.search(ctx, words, names=False).hits)


def found_in(folder: Path) -> set[tuple[str, str]]:
    """(file, canary) wherever a canary's bytes stand, as written and in lower case."""
    return {
        (file.name, canary)
        for file in folder.rglob("*")
        if file.is_file()
        for data in [file.read_bytes()]
        for canary in CANARIES
        if canary.encode() in data
        or canary.lower().encode() in data
        or canary.casefold().encode() in data.lower()
    }


def test_one_of_six_is_erased_from_every_file_and_nobody_else_moves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ctx, source, person, units = workshop(tmp_path / "study")
    before = {c.unit.id: c.unit for c in coding.list_units(ctx)}
    assert {name for name, _ in found_in(tmp_path)} >= {"six.db", "six.vault.db"}
    assert len(erasing.backups(ctx.store.path)) == 2
    with pytest.raises(Refused) as refused:
        withdrawing.withdraw(ctx, person, "erase", "She asked for it.")
    assert refused.value.code == "withdraw.backups"
    assert withdrawing.withdraw(ctx, person, "erase", "She asked for it.", backups=True) == 2

    assert found_in(tmp_path) == set()
    assert not [r for r in caplog.records for c in CANARIES if c.casefold() in r.getMessage().casefold()]
    assert verify(ctx.store.path) == []
    after = {c.unit.id: c.unit for c in coding.list_units(ctx)}
    assert set(after) == {units["other"], units["last"]}
    for id, unit in after.items():
        assert (unit.text, unit.start, unit.end) == (before[id].text, before[id].start, before[id].end)
    reading = sources.read_source(ctx, source)
    hers = [turn.text for turn in reading.turns if turn.speaker == "P3"]
    assert [len(text) for text in hers] == [len(text) for text in HERS] and set("".join(hers)) <= {"–", " "}
    assert len([turn for turn in reading.turns if "Ordinary words" in turn.text]) == 6
    assert [_hits(ctx, c) for c in CANARIES[:3]] == [0, 0, 0]
    assert _hits(ctx, "ordinary") == 6
    # The one backup that is left is whole, and is the project as it is now.
    (backup,) = erasing.backups(ctx.store.path)
    assert verify(backup) == [] and "after-erasing" in backup.name
    ctx.store.close()
    assert found_in(tmp_path) == set()


def test_what_is_left_is_ids_and_counts_and_a_reason(tmp_path: Path) -> None:
    ctx, source, person, units = workshop(tmp_path)
    withdrawing.withdraw(ctx, person, "erase", "She asked for it.", backups=True)
    with ctx.store.read() as conn:
        row = dict(conn.execute("SELECT * FROM erasure").fetchone())
        assert (row["participant"], row["turns"], row["units"]) == (person, len(HERS), 2)
        assert conn.execute("SELECT text FROM reason").fetchall()[-1]["text"] == "She asked for it."
    assert "P3" not in row["ids_json"] and source in row["ids_json"] and units["hers"] in row["ids_json"]
    last = history.list_operations(ctx)[0]
    assert last.verb == "withdraw" and "P3" not in last.label and "2 units" in last.label
    assert withdrawing.withdrawn(ctx)[person].erased


def test_erasing_is_not_undone_by_any_way(tmp_path: Path) -> None:
    ctx, _, person, _ = workshop(tmp_path)
    operations = [o.seq for o in history.list_operations(ctx)]
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx)
    assert refused.value.code == "undo.erased"
    with pytest.raises(Refused) as again:
        withdrawing.take_back(ctx, person)
    assert again.value.code == "withdraw.is_erased"
    state = dump(ctx.store)
    for seq in operations:  # nothing that was done before brings a word back
        try:
            history.undo(ctx, seq)
        except (Refused, StoreFailed):
            continue
        assert found_in(tmp_path) == set() and verify(ctx.store.path) == []
        history.undo(ctx, history.list_operations(ctx)[0].seq)
    assert dump(ctx.store) == state
    assert found_in(tmp_path) == set()


def test_verify_accepts_what_the_erasure_names_and_nothing_else(tmp_path: Path) -> None:
    ctx, source, person, units = workshop(tmp_path)
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    path = ctx.store.path
    ctx.store.close()
    whole = path.read_bytes()

    def broken(*statements: str) -> list[str]:
        with sqlite3.connect(path) as conn:
            for statement in statements:
                conn.execute(statement)
        conn.close()
        found = [p.code for p in verify(path)]
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(whole)
        return found

    other = f"row_id='{units['other']}'"
    gone = "before=NULL, after=NULL, salt=NULL"
    assert broken(f"UPDATE change SET {gone} WHERE pk=(SELECT min(pk) FROM change WHERE {other})") == [
        "verify.image"
    ]
    assert "verify.image" in broken(f"UPDATE change SET {gone} WHERE tbl='erasure'")
    assert "verify.image" in broken(f"UPDATE change SET after='{{}}' WHERE row_id='{units['hers']}'")
    word = "UPDATE turn SET text=substr('she said it after all, and more of it', 1, length(text)) WHERE id=2"
    assert set(broken(word)) == {"verify.text", "verify.not_erased"}
    assert "verify.not_erased" in broken(f"UPDATE memo SET text='back' WHERE item='{units['hers']}'")
    assert verify(path) == []
    with Store.open(path).vault() as vault:
        vault.execute("INSERT INTO original VALUES(?,?,?,?)", (source, "0" * 64, "x", b""))
    assert "verify.not_erased" in [p.code for p in verify(path)]


def test_others_sources_keep_their_originals_and_what_was_corrected_in_them(tmp_path: Path) -> None:
    ctx, _, person, _ = workshop(tmp_path)
    alone = sources.import_source(
        ctx, tiny_transcript((("P4", "Only I speak here, and wrongly."),)), b"P4 alone", title="Interview",
        speakers={"P4": None},
    )  # fmt: skip
    correcting.correct_text(
        ctx, alone, *_place(ctx, alone, "wrongly"), "rightly", text_rev=1, quote="wrongly"
    )
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    with ctx.store.vault() as vault:
        assert [r[0] for r in vault.execute("SELECT source FROM original")] == [alone]
        assert {r[0] for r in vault.execute("SELECT source FROM earlier_turn")} == {alone}
        assert vault.execute("SELECT count(*) FROM person").fetchone()[0] == 0
    history.undo(ctx, next(o.seq for o in history.list_operations(ctx) if o.ids.get("source") == alone))
    assert "wrongly" in body_of(ctx, alone) and verify(ctx.store.path) == []


def test_somebody_who_marks_on_the_text_as_it_was_keeps_the_place_or_is_told(tmp_path: Path) -> None:
    ctx, source, person, units = workshop(tmp_path)
    start, end = _place(ctx, source, "Ordinary words number 5")
    her_start, her_end = _place(ctx, source, HERS[2])
    rev = next(c.unit.rev for c in coding.list_units(ctx) if c.unit.id == units["last"])
    place = next((c.unit.start, c.unit.end) for c in coding.list_units(ctx) if c.unit.id == units["last"])
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    made = coding.mark(ctx, source, start, end, text_rev=2, quote="Ordinary words number 5")
    assert next(c.unit.text for c in coding.list_units(ctx) if c.unit.id == made) == "Ordinary words number 5"
    with pytest.raises(Refused):
        coding.mark(ctx, source, her_start, her_end, text_rev=2, quote=HERS[2])
    # Nor has the erasing made anybody's edit of another mark stale.
    coding.resize(ctx, units["last"], place[0], place[1] - 6, rev=rev, text_rev=2)
    assert verify(ctx.store.path) == []


def test_a_source_that_was_taken_out_is_erased_too(tmp_path: Path) -> None:
    ctx, _, person, _ = workshop(tmp_path)
    old = sources.import_source(
        ctx, tiny_transcript((("P3", f"An old {CANARIES[18]} story."),)), CANARIES[18].encode(), title="Old",
        speakers={"P3": person},
    )  # fmt: skip
    sources.retire_source(ctx, old)
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    assert found_in(tmp_path) == set() and verify(ctx.store.path) == []


def test_a_copy_made_before_brings_others_marks_home_and_none_of_the_words(tmp_path: Path) -> None:
    ctx, source, person, units = workshop(tmp_path / "study")
    (tmp_path / "away").mkdir()
    away = tmp_path / "away" / "mads.db"
    copies.make_copy(ctx, away, new_member="Mads", with_marks=True)
    store = Store.open(away)
    info = copies.copy_info(projects.lead_context(store))
    assert info is not None
    mads = Context(next(m for m in projects.list_members(store) if m.id == info.member), store)
    made = []
    for words in ("Ordinary words number 5", HERS[2]):
        start, end = _place(mads, source, words)
        made.append(coding.mark(mads, source, start, end, text_rev=2, quote=words))
        coding.comment(mads, made[-1], f"About: {words}")
    coding.comment(mads, units["hers"], f"The {CANARIES[3]}, once more")
    store.close()
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    copies.merge_copy(ctx, away)
    here = {c.unit.id for c in coding.list_units(ctx)}
    assert made[0] in here and not here & {made[1], units["hers"]}
    assert found_in(tmp_path / "study") == set() and verify(ctx.store.path) == []


# -- crashes -----------------------------------------------------------------------------------------------


class _Counting(sqlite3.Connection):
    """Calls `at` before each statement."""

    at: Callable[[], None] = staticmethod(lambda: None)

    def execute(self, *args: Any) -> sqlite3.Cursor:
        type(self).at()
        return super().execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        type(self).at()
        return super().executemany(*args)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[_Counting]:
    real = sqlite3.connect
    monkeypatch.setattr(connection.sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": _Counting} | k))
    yield _Counting  # type: ignore[misc]
    _Counting.at = staticmethod(lambda: None)


def _copied(master: Path, to: Path) -> Context:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(master, to)
    return projects.lead_context(Store.open(to / "six.db"))


@pytest.mark.parametrize("how", ["stop", "erase"])
def test_an_error_at_any_statement_leaves_the_state_before_or_the_state_after(
    how: str, tmp_path: Path, counted: type[_Counting]
) -> None:
    ctx, _, person, _ = workshop(tmp_path / "master")
    ctx.store.close()
    ctx = _copied(tmp_path / "master", tmp_path / "n")
    before, n = dump(ctx.store), 0
    withdrawing.withdraw(ctx, person, how, "She asked.", backups=True)
    after = {name: len(rows) for name, rows in dump(ctx.store).items()}
    ctx.store.close()
    seen = set()
    while True:
        n += 7
        ctx = _copied(tmp_path / "master", tmp_path / "n")
        left = [n]

        def fail(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise sqlite3.OperationalError("disk I/O error")

        counted.at = staticmethod(fail)
        try:
            withdrawing.withdraw(ctx, person, how, "She asked.", backups=True)
            failed = False
        except StoreFailed:
            failed = True
        counted.at = staticmethod(lambda: None)
        now = dump(ctx.store)
        is_after = now != before
        seen.add(is_after)
        assert {name: len(rows) for name, rows in now.items()} == (
            after if is_after else {name: len(rows) for name, rows in before.items()}
        )
        if is_after and how == "erase":
            withdrawing.finish_erasure(ctx)  # whatever the error kept from being done
            assert not withdrawing.erasure_unfinished(ctx)
            assert found_in(tmp_path / "n") == set()
        assert verify(ctx.store.path) == []
        ctx.store.close()
        if not failed:
            break
    assert seen == ({False, True})


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_a_process_killed_while_erasing_has_erased_or_not_and_the_rest_is_finished_later(
    tmp_path: Path, counted: type[_Counting]
) -> None:
    ctx, _, person, _ = workshop(tmp_path / "master")
    ctx.store.close()
    ctx = _copied(tmp_path / "master", tmp_path / "n")
    total = [0]

    def count() -> None:
        total[0] += 1

    counted.at = staticmethod(count)
    withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
    counted.at = staticmethod(lambda: None)
    ctx.store.close()
    chance = random.Random(5)
    seen = set()
    for stop in [*sorted(chance.sample(range(1, total[0]), 12)), total[0] - 3]:
        ctx = _copied(tmp_path / "master", tmp_path / "n")
        ctx.store.close()
        child = os.fork()
        if child == 0:
            try:
                again, left = projects.lead_context(Store.open(tmp_path / "n" / "six.db")), [stop]

                def die(left: list[int] = left) -> None:
                    left[0] -= 1
                    if left[0] == 0:
                        os._exit(9)

                counted.at = staticmethod(die)
                withdrawing.withdraw(again, person, "erase", "She asked.", backups=True)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        ctx = projects.lead_context(Store.open(tmp_path / "n" / "six.db"))
        erased = bool(withdrawing.withdrawn(ctx))
        seen.add(erased)
        codes = {p.code for p in verify(ctx.store.path)}
        assert codes <= ({"verify.erasure_unfinished"} if erased else set())
        if erased:
            assert withdrawing.finish_erasure(ctx)
            assert found_in(tmp_path / "n") == set() and verify(ctx.store.path) == []
        else:
            assert len(coding.list_units(ctx)) == 4
        ctx.store.close()
    assert seen == {False, True}


def test_a_reader_of_an_older_state_keeps_the_log_and_the_erasing_is_finished_after(tmp_path: Path) -> None:
    ctx, _, person, _ = workshop(tmp_path)
    reader = sqlite3.connect(ctx.store.path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM turn").fetchone()
    with connection_waits_little():
        withdrawing.withdraw(ctx, person, "erase", "She asked.", backups=True)
        assert withdrawing.erasure_unfinished(ctx)
        assert [p.code for p in verify(ctx.store.path)] == ["verify.erasure_unfinished"]
    reader.close()
    assert withdrawing.finish_erasure(ctx) and not withdrawing.erasure_unfinished(ctx)
    assert found_in(tmp_path) == set() and verify(ctx.store.path) == []


class connection_waits_little:
    """SQLite waits ten seconds for a lock; here a tenth of one."""

    def __enter__(self) -> None:
        self.real = connection._PRAGMAS
        connection._PRAGMAS = (*self.real, "PRAGMA busy_timeout=100")

    def __exit__(self, *_: object) -> None:
        connection._PRAGMAS = self.real


def test_what_a_pack_kept_as_a_label_is_erased_where_it_repeats_the_words(tmp_path: Path) -> None:
    ctx, _, person, _ = workshop(tmp_path / "study")
    with ctx.read() as conn:
        theme = dict(conn.execute("SELECT id, rev FROM category").fetchone())
    synthesis.change_category(ctx, theme["id"], rev=theme["rev"], heading=HERS[1], analytic_text="They wake.")
    sending.send_pack(ctx, read={q.mark for q in sending.preview(ctx).quotes})
    with ctx.read() as conn:
        rev = conn.execute("SELECT rev FROM category").fetchone()["rev"]
    synthesis.change_category(ctx, theme["id"], rev=rev, heading="Nights", analytic_text="They wake.")
    withdrawing.withdraw(ctx, person, "erase", "She asked for it.", backups=True)
    assert found_in(tmp_path) == set() and verify(ctx.store.path) == []
