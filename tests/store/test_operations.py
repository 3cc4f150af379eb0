"""Laws of the unit of work: all or nothing, undo restores exactly, nobody is overwritten, the record holds."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from tests.support import body_of, dump, mark_words, tiny_project
from workbench.domain.errors import InvalidSpan, Refused, StaleEdit, StillInUse, StoreFailed, UndoRefused
from workbench.services import (
    code_groups,
    coding,
    condensing,
    history,
    impressions,
    people,
    projects,
    quotes,
    synthesis,
)
from workbench.store.project import SCHEMA, Store
from workbench.store.verify import verify


def test_a_failure_in_the_middle_of_an_operation_leaves_nothing_behind(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    before = dump(ctx.store)
    with pytest.raises(ZeroDivisionError), ctx.write("mark") as work:
        row = {"id": "g", "name": "Half", "tag": "HA", "colour": 0, "position": 1}
        work.insert("code_group", row)
        raise ZeroDivisionError
    assert dump(ctx.store) == before
    assert verify(ctx.store.path) == []


def test_an_operation_that_changes_nothing_leaves_no_trace(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    rev = code_groups.code_group_counts(ctx)[0].group.rev
    code_groups.change_code_group(ctx, group, rev=rev, name="Alone")
    assert code_groups.code_group_counts(ctx)[0].group.rev == rev


def test_a_stale_edit_is_told_who_was_faster_and_overwrites_nothing(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    subgroup = condensing.add_subgroup(ctx, group, name="At night")
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat alone.")
    rev = condensing.board(ctx, group).subgroups[0].condensates[0].condensate.rev
    condensing.change_condensate(ctx, condensate, rev=rev, text="I sat alone at night.", voice=None)
    with pytest.raises(StaleEdit) as stale:
        condensing.change_condensate(ctx, condensate, rev=rev, text="Something else.", voice=None)
    assert stale.value.current["text"] == "I sat alone at night."
    assert stale.value.params["who"] == "Researcher"
    assert condensing.board(ctx, group).subgroups[0].condensates[0].condensate.text == "I sat alone at night."


def test_undo_is_refused_with_a_name_when_something_newer_rests_on_it(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    made = history.list_operations(ctx)[0].seq
    other = replace(ctx, member=_second_member(ctx))
    mark_words(other, source, "Nobody had rung", group)
    with pytest.raises(UndoRefused) as refused:
        history.undo(ctx, made)
    assert refused.value.params["who"] == "Mads"
    assert code_groups.code_group_counts(ctx)[0].units == 1


def _second_member(ctx: object) -> object:
    id = projects.add_member(ctx, name="Mads", role="researcher")  # type: ignore[arg-type]
    return next(m for m in projects.list_members(ctx.store) if m.id == id)  # type: ignore[attr-defined]


def test_each_analyst_undoes_their_own_last_act(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    other = replace(ctx, member=_second_member(ctx))
    mine = mark_words(ctx, source, "Nobody had rung")
    theirs = mark_words(other, source, "folder on my knees")
    history.undo(ctx)
    assert [c.unit.id for c in coding.list_units(ctx)] == [theirs]
    history.redo(ctx)
    assert {c.unit.id for c in coding.list_units(ctx)} == {mine, theirs}


def test_undo_survives_a_restart(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "Nobody had rung")
    ctx.store.close()
    again = projects.lead_context(Store.open(tmp_path / "tiny.db"))
    history.undo(again)
    assert coding.list_units(again) == []


def test_minutes_can_be_written_again_after_their_first_writing_was_undone(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    impressions.add_theme(ctx, title="Alone")
    impressions.submit_themes(ctx)  # until all have, nobody sees the minutes
    impressions.write_minutes(ctx, "We met.", rev=0)
    history.undo(ctx)
    assert impressions.impression_view(ctx).minutes == ""
    impressions.write_minutes(ctx, "We met again.", rev=0)
    assert impressions.impression_view(ctx).minutes == "We met again."
    history.undo(ctx)
    assert impressions.impression_view(ctx).minutes == ""
    history.redo(ctx)
    assert impressions.impression_view(ctx).minutes == "We met again."
    with pytest.raises(StaleEdit):
        impressions.write_minutes(ctx, "Over yours.", rev=0)
    assert verify(ctx.store.path) == []


def test_a_row_that_something_live_rests_on_cannot_be_taken_out(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung")
    quotes.clear_quote(ctx, unit, printed="Nobody had rung.", recognisable=False)
    with pytest.raises(StillInUse):
        coding.remove_unit(ctx, unit)


def test_a_span_that_does_not_hold_the_quoted_words_is_refused(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    length = len(body_of(ctx, source))
    for start, end, quote in ((0, 4, "Who "), (3, 3, None), (-1, 4, None), (length - 1, length + 1, None)):
        with pytest.raises(InvalidSpan):
            coding.mark(ctx, source, start, end, text_rev=1, quote=quote)
    with pytest.raises(InvalidSpan):
        coding.mark(ctx, source, 0, 3, text_rev=2)
    assert coding.list_units(ctx) == []


def test_the_same_client_operation_sent_twice_is_done_once(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    start = body_of(ctx, source).index("folder")
    op = {"id": "op-1", "verb": "mark", "project": ctx.store.id, "member": ctx.member.id, "source": source,
          "text_rev": 1, "unit": "u-1", "start": start, "end": start + 6, "quote": "folder",
          "placements": [{"id": "p-1", "code_group": "g-1"}], "new_code_groups": [{"id": "g-1", "name": "Papers"}]}  # fmt: skip
    assert coding.apply_operations(ctx, [op, op]) == {"op-1": None}
    assert coding.apply_operations(ctx, [op]) == {"op-1": None}
    (card,) = coding.list_units(ctx)
    assert card.unit.text == "folder" and len(card.placements) == 1


def test_a_refused_client_operation_is_answered_with_a_sentence_and_the_rest_is_done(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    base = {"verb": "mark", "project": ctx.store.id, "member": ctx.member.id, "source": source, "text_rev": 1}
    replies = coding.apply_operations(
        ctx,
        [
            base | {"id": "a", "unit": "u1", "start": 0, "end": 3, "quote": "How"},
            base | {"id": "b", "unit": "u2", "start": 0, "end": 3, "quote": "Who"},
            base | {"id": "c", "unit": "u3", "start": "x", "end": 3},
            {"id": "d", "verb": "dance", "project": ctx.store.id, "member": ctx.member.id},
            base | {"id": "e", "project": "another", "unit": "u4", "start": 0, "end": 3},
        ],
    )
    assert replies["a"] is None
    assert all(replies[x] and " " in str(replies[x]) for x in "bcd")
    assert "e" not in replies  # another project's: it waits in its own outbox
    assert len(coding.list_units(ctx)) == 1


def test_eight_at_once_lose_no_acknowledged_edit(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="0")
    done: list[int] = []

    def count_up() -> None:
        for _ in range(12):
            while True:
                with ctx.store.read() as conn:
                    row = conn.execute("SELECT name, rev FROM code_group WHERE id=?", (group,)).fetchone()
                try:
                    code_groups.change_code_group(ctx, group, rev=row["rev"], name=str(int(row["name"]) + 1))
                except StaleEdit:
                    continue
                done.append(1)
                break

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert code_groups.code_group_counts(ctx)[0].group.name == str(len(done)) == "96"
    assert verify(ctx.store.path) == []


def test_a_project_of_a_newer_schema_is_refused_and_not_touched(tmp_path: Path) -> None:
    ctx, _ = tiny_project(tmp_path)
    ctx.store.close()
    conn = sqlite3.connect(tmp_path / "tiny.db")
    conn.execute(f"PRAGMA user_version={SCHEMA + 1}")
    conn.close()
    before = (tmp_path / "tiny.db").read_bytes()
    with pytest.raises(Refused) as refused:
        Store.open(tmp_path / "tiny.db")
    assert refused.value.code == "store.newer"
    assert (tmp_path / "tiny.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 40, b"SQLite format 3\0" + b"\0" * 4000])
def test_a_file_that_is_no_project_is_refused_and_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.db"
    path.write_bytes(content)
    with pytest.raises(StoreFailed):
        Store.open(path)
    assert path.read_bytes() == content


def test_the_record_shows_every_kind_of_tampering(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "Nobody had rung")
    ctx.store.close()
    path = tmp_path / "tiny.db"
    whole = path.read_bytes()
    for sql in (
        "DROP TRIGGER operation_is_unchanging; UPDATE operation SET member='x' WHERE seq=3",
        "DROP TRIGGER operation_is_append_only; DROP TRIGGER change_is_append_only;"
        " DELETE FROM change WHERE op=3; DELETE FROM operation WHERE seq=3",
        "DROP TRIGGER change_is_append_only; DELETE FROM change WHERE op=3",
        "UPDATE change SET after='{}' WHERE op=3",
        "UPDATE participant SET pseudonym='Somebody'",
        "UPDATE turn SET text=replace(text, 'Nobody', 'Anybody')",
        "UPDATE unit SET start=start+1",
    ):
        conn = sqlite3.connect(path)
        conn.executescript("PRAGMA foreign_keys=OFF;" + sql)
        conn.close()
        assert verify(path), sql
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        path.write_bytes(whole)
    assert verify(path) == []


class AnyActsThenUndo(RuleBasedStateMachine):
    """Whatever is done, undoing step by step restores every state on the way, and redoing brings all back."""

    groups, subgroups, units, condensates = (
        Bundle("groups"),
        Bundle("subgroups"),
        Bundle("units"),
        Bundle("condensates"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ctx, self.source = tiny_project(Path(self.folder.name))
        self.length = len(body_of(self.ctx, self.source))
        self.states = [dump(self.ctx.store)]

    def did(self) -> None:
        state = dump(self.ctx.store)
        if state != self.states[-1]:
            self.states.append(state)

    @rule(target=groups, name=st.sampled_from(["Alone", "Papers", "Æble", "Alone"]))
    def add_group(self, name: str) -> str:
        return code_groups.add_code_group(self.ctx, name=name)

    @rule(target=units, a=st.integers(0, 190), n=st.integers(1, 60), group=st.one_of(st.none(), groups))
    def mark(self, a: int, n: int, group: str | None) -> object:
        try:
            return coding.mark(
                self.ctx, self.source, a, min(a + n, self.length), text_rev=1,
                placements=[{"code_group": group}] if group else [],
            )  # fmt: skip
        except Refused:
            return multiple()

    @rule(unit=units, group=groups)
    def place(self, unit: str, group: str) -> None:
        self.tried(lambda: coding.place(self.ctx, unit, placements=[{"code_group": group}]))

    @rule(unit=units, a=st.integers(0, 190), n=st.integers(1, 30))
    def resize(self, unit: str, a: int, n: int) -> None:
        self.tried(lambda: coding.resize(self.ctx, unit, a, a + n))

    @rule(unit=units)
    def take_out_first_placement(self, unit: str) -> None:
        placements = next((c.placements for c in coding.list_units(self.ctx) if c.unit.id == unit), ())
        if placements:
            self.tried(lambda: coding.unplace(self.ctx, placements[0].id))

    @rule(unit=consumes(units))
    def remove(self, unit: str) -> None:
        self.tried(lambda: coding.remove_unit(self.ctx, unit))

    @rule(target=subgroups, group=groups)
    def add_subgroup(self, group: str) -> object:
        inside = [c.unit.id for c in coding.list_units(self.ctx)]
        try:
            return (condensing.add_subgroup(self.ctx, group, name="One", units=inside[:2]), group)
        except Refused:
            return multiple()

    @rule(subgroup=subgroups)
    def move_all_in(self, subgroup: tuple[str, str]) -> None:
        inside = [c.unit.id for c in coding.list_units(self.ctx)]
        self.tried(lambda: condensing.move_units(self.ctx, subgroup[1], inside, subgroup[0]))

    @rule(target=condensates, subgroup=subgroups)
    def condense(self, subgroup: tuple[str, str]) -> object:
        inside = [c.unit.id for c in coding.list_units(self.ctx)]
        try:
            return condensing.add_condensate(self.ctx, subgroup[0], text="I was nobody's.", covers=inside)
        except Refused:
            return multiple()

    @rule(condensate=condensates, text=st.sampled_from(["I waited.", "Jeg ventede."]))
    def rewrite(self, condensate: str, text: str) -> None:
        with self.ctx.store.read() as conn:
            rev = conn.execute("SELECT rev FROM condensate WHERE id=?", (condensate,)).fetchone()["rev"]
        self.tried(
            lambda: condensing.change_condensate(self.ctx, condensate, rev=rev, text=text, voice="mixed")
        )

    @rule(group=consumes(groups))
    def retire_group(self, group: str) -> None:
        self.tried(lambda: code_groups.retire_code_group(self.ctx, group))

    def tried(self, act: object) -> None:
        with suppress(Refused):
            act()  # type: ignore[operator]

    @invariant()
    def what_was_done_is_one_more_state(self) -> None:
        if hasattr(self, "states"):
            self.did()

    @invariant()
    def every_unit_is_in_exactly_one_state_of_each_placement(self) -> None:
        for card in coding.list_units(self.ctx):
            groups = [p.code_group for p in card.placements]
            assert len(groups) == len(set(groups))
            assert all(p.subgroup is None or p.set_aside is None for p in card.placements)

    def teardown(self) -> None:
        for state in reversed(self.states[:-1]):
            history.undo(self.ctx)
            assert dump(self.ctx.store) == state
        for state in self.states[1:]:
            history.redo(self.ctx)
            assert dump(self.ctx.store) == state
        assert verify(self.ctx.store.path) == []
        self.ctx.store.close()
        self.folder.cleanup()


TestAnyActsThenUndo = AnyActsThenUndo.TestCase
TestAnyActsThenUndo.settings = settings(
    max_examples=25, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_people_are_counted_once_whatever_group_they_sit_in(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Alone")
    mark_words(ctx, source, "Nobody had rung", group)
    mark_words(ctx, source, "folder on my knees", group)
    category = synthesis.add_category(ctx, group, heading="Nobody rings")
    view = synthesis.category_view(ctx, category)
    assert list(view.heard.values()) == [1]
    assert [g.people for g in people.people_view(ctx).groups] == [2]
