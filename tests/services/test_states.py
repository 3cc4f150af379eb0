"""Frozen states of the analysis: what stood then is read backwards from the images, and nothing is kept twice."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.many_units import make_many
from tests.store import test_operations
from tests.support import mark_words, tiny_project
from workbench.domain.errors import Refused, StaleEdit, UndoRefused
from workbench.services import (
    code_groups,
    coding,
    coding_tree,
    condensing,
    history,
    projects,
    states,
    synthesis,
)
from workbench.services.context import Context
from workbench.services.double_coding import open_unseen
from workbench.services.states import Comparison
from workbench.store.connection import Connection
from workbench.store.project import Store
from workbench.store.queries import operations
from workbench.store.queries.states import as_of
from workbench.store.unit_of_work import Row, tables

Rows = dict[str, dict[str, Row]]


def live_rows(conn: Connection) -> Rows:
    """Everything live, by table and id, without who touched it last."""
    found: Rows = {}
    for name, spec in tables(conn).items():
        rows = conn.execute(f"SELECT {','.join(spec.columns)} FROM {name} WHERE retired IS NULL")
        found[name] = {r["id"]: dict(r) for r in rows}
    return found


class AnyActsThenBack(test_operations.AnyActsThenUndo):
    """Whatever is done and undone, what stood after an operation can be read as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.after: dict[int, Rows] = {}

    def did(self) -> None:
        with self.ctx.store.read() as conn:
            self.after[operations.last_seq(conn)] = live_rows(conn)

    @rule(redo=st.booleans())
    def step_back(self, redo: bool) -> None:
        self.tried(lambda: (history.redo if redo else history.undo)(self.ctx))

    @rule(group=test_operations.AnyActsThenUndo.groups, into=test_operations.AnyActsThenUndo.groups)
    def merge(self, group: str, into: str) -> None:
        self.tried(lambda: code_groups.merge_code_groups(self.ctx, group, into=into))

    @rule(group=test_operations.AnyActsThenUndo.groups)
    def split(self, group: str) -> None:
        units = [c.unit.id for c in coding.list_units(self.ctx)][:1]
        self.tried(lambda: code_groups.split_code_group(self.ctx, group, units=units, name="Half"))

    @invariant()
    def every_unit_is_in_exactly_one_state_of_each_placement(self) -> None:
        """Held by the machine this one extends."""

    def teardown(self) -> None:
        with self.ctx.store.read() as conn:
            for seq, rows in self.after.items():
                standing = as_of(conn, seq, tables(conn))
                assert standing.rows == rows
                assert not any(standing.erased.values())
        self.ctx.store.close()
        self.folder.cleanup()


TestAnyActsThenBack = AnyActsThenBack.TestCase
TestAnyActsThenBack.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)


def replay(conn: Connection) -> dict[tuple[str, str], Row | None]:
    """The rows that the recorded operations make, from nothing: (table, id) -> columns with `rev` and whether the row
    was taken out; None for one whose images have been erased."""
    made: dict[tuple[str, str], Row | None] = {}
    for c in conn.execute("SELECT op, tbl, row_id, before, after FROM change ORDER BY pk"):
        at = (c["tbl"], c["row_id"])
        made[at] = json.loads(c["after"]) | {"rev": c["op"]} if c["after"] else None
    return made


def test_replaying_the_operations_from_nothing_rebuilds_every_row(ctx: Context) -> None:
    with ctx.store.read() as conn:
        made = replay(conn)
        rows = 0
        for name, spec in tables(conn).items():
            for row in conn.execute(f"SELECT * FROM {name}"):
                found = {c: row[c] for c in (*spec.columns, "rev")} | {"retired": row["retired"] is not None}
                assert made[name, row["id"]] == found
                rows += 1
    assert rows == len(made) > 500


def erase(ctx: Context, table: str, id: str, column: str) -> None:
    """What a purge does: the images of a row, and its words, are gone; that something was done stays."""
    with ctx.store.read() as conn:
        conn.execute("COMMIT")
        conn.execute(
            "UPDATE change SET before=NULL, after=NULL, salt=NULL WHERE tbl=? AND row_id=?", (table, id)
        )
        conn.execute(f"UPDATE {table} SET {column}='' WHERE id=?", (id,))
        conn.execute("BEGIN")


def test_after_an_erase_the_replay_has_a_tombstone_and_no_text(tmp_path: Path) -> None:
    ctx, _, condensate = condensed(tmp_path)
    rewrite(ctx, condensate, "I was nobody's, and I knew it.")
    before = states.freeze_state(ctx, label="Poster")
    rewrite(ctx, condensate, "I was somebody's at last.")
    erase(ctx, "condensate", condensate, "text")
    with ctx.store.read() as conn:
        made = replay(conn)
        everything = "\n".join(str(tuple(r)) for r in conn.execute("SELECT * FROM change"))
        assert operations.last_seq(conn) == conn.execute("SELECT count(*) FROM operation").fetchone()[0]
    assert made["condensate", condensate] is None
    assert "nobody's" not in everything and "somebody's" not in everything
    found = states.compare_states(ctx, before)
    assert found.erased == 1
    (change,) = found.condensates
    assert change.change == "erased" and change.words == () and not found.same


# -- freezing ------------------------------------------------------------------------------------------------


def condensed(folder: Path) -> tuple[Context, str, str]:
    """(lead's context, code group, condensate) of a tiny study with two units in a subgroup."""
    ctx, source = tiny_project(folder)
    group = code_groups.add_code_group(ctx, name="Dynamic information sharing")
    units = [mark_words(ctx, source, w, group) for w in ("Nobody had rung", "folder on my knees")]
    subgroup = condensing.add_subgroup(ctx, group, name="At night", units=units)
    condensate = condensing.add_condensate(ctx, subgroup, text="I sat up alone.", covers=units)
    return ctx, group, condensate


def rewrite(ctx: Context, condensate: str, text: str) -> None:
    with ctx.store.read() as conn:
        row = conn.execute("SELECT rev, voice FROM condensate WHERE id=?", (condensate,)).fetchone()
    condensing.change_condensate(ctx, condensate, rev=row["rev"], text=text, voice=row["voice"])


def rename(ctx: Context, group: str, name: str) -> None:
    rev = next(c.group.rev for c in code_groups.code_group_counts(ctx) if c.group.id == group)
    code_groups.change_code_group(ctx, group, rev=rev, name=name)


def changed(found: Comparison) -> dict[str, str]:
    return {g.name: g.change for g in found.groups if g.change != "same"}


def test_a_state_frozen_now_is_the_same_as_now_and_holds_no_words(tmp_path: Path) -> None:
    ctx, _, _ = condensed(tmp_path)
    id = states.freeze_state(ctx, label=" Poster ", note="In the hall")
    found = states.compare_states(ctx, id)
    assert found.same and found.new is None
    (state,) = states.list_states(ctx)
    assert (state.label, state.note, state.who) == ("Poster", "In the hall", ctx.member.name)
    with ctx.store.read() as conn:
        row = dict(conn.execute("SELECT * FROM analysis_state").fetchone())
    assert "alone" not in json.dumps(row)


def test_freezing_is_one_operation_that_can_be_undone_and_named_otherwise(tmp_path: Path) -> None:
    ctx, _, _ = condensed(tmp_path)
    with pytest.raises(Refused, match=r"state\.needs_label"):
        states.freeze_state(ctx, label="  ")
    id = states.freeze_state(ctx, label="Poster")
    with pytest.raises(Refused, match=r"state\.label_taken"):
        states.freeze_state(ctx, label="poster")
    history.undo(ctx)
    assert states.list_states(ctx) == []
    history.redo(ctx)
    (state,) = states.list_states(ctx)
    states.change_state(ctx, id, rev=state.rev, label="Poster, Oslo", note="")
    with pytest.raises(StaleEdit):
        states.change_state(ctx, id, rev=state.rev, label="Mine", note="")
    states.retire_state(ctx, id)
    assert states.list_states(ctx) == []
    with pytest.raises(Refused):
        states.compare_states(ctx, id)


def test_a_rename_a_split_and_a_merge_since_are_told_by_name(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Dynamic information sharing")
    papers = code_groups.add_code_group(ctx, name="Papers")
    alone = code_groups.add_code_group(ctx, name="Alone")
    first = mark_words(ctx, source, "Nobody had rung", group)
    second = mark_words(ctx, source, "folder on my knees", papers)
    third = mark_words(ctx, source, "He was nobody's", alone)
    states.freeze_state(ctx, label="Poster")
    rename(ctx, group, "Information sharing")
    code_groups.merge_code_groups(ctx, papers, into=group)
    code_groups.retire_code_group(ctx, alone)
    fourth = mark_words(ctx, source, "I don't count", group)
    (state,) = states.list_states(ctx)
    found = states.compare_states(ctx, state.id)
    assert changed(found) == {"Information sharing": "changed", "Papers": "removed", "Alone": "removed"}
    sharing, merged, gone = found.groups
    assert (sharing.was, sharing.took) == ("Dynamic information sharing", ("Papers",))
    assert (sharing.came, sharing.went, sharing.n_was, sharing.n_now) == ((fourth,), (), 1, 3)
    assert (merged.into, gone.into) == ("Information sharing", "")
    # What only went along with the merge has not moved.
    assert [u.unit for u in found.came] == [fourth]
    assert [u.unit for u in found.went] == [third]
    assert found.moved == ()
    new = code_groups.split_code_group(ctx, group, units=[first], name="Nobody rings")
    found = states.compare_states(ctx, state.id)
    assert [u.unit for u in found.moved] == [first]
    assert found.moved[0].was == (("Dynamic information sharing", ""),)
    assert found.moved[0].now == (("Nobody rings", ""),)
    assert next(g for g in found.groups if g.id == new).split_from == "Information sharing"
    assert second in {u.unit.id for u in coding.list_units(ctx)}


def test_condensates_and_categories_are_compared_word_by_word(tmp_path: Path) -> None:
    ctx, group, condensate = condensed(tmp_path)
    category = synthesis.add_category(ctx, group, heading="Nobody rings")
    state = states.freeze_state(ctx, label="Poster")
    rewrite(ctx, condensate, "I sat up quite alone.")
    held = condensing.board(ctx, group).subgroups[0].condensates[0].covers
    condensing.set_covers(ctx, condensate, sorted(held)[:1])
    view = synthesis.category_view(ctx, category).category
    synthesis.change_category(
        ctx, category, rev=view.rev, heading="Nobody rings back", analytic_text="They waited."
    )
    found = states.compare_states(ctx, state)
    (told,) = found.condensates
    assert told.words == (("same", "I sat up"), ("ins", "quite"), ("same", "alone."))
    assert (told.came, told.went) == ((), (sorted(held)[1],))
    assert told.place == ("Dynamic information sharing", "At night")
    (told,) = found.categories
    assert told.heading == (("same", "Nobody rings"), ("ins", "back"))
    assert told.words == (("ins", "They waited."),)
    condensing.retire_condensate(ctx, condensate)
    (told,) = states.compare_states(ctx, state).condensates
    assert (told.change, told.is_live, told.words) == ("removed", False, (("del", "I sat up alone."),))


def test_two_states_are_compared_in_their_order_whichever_is_named_first(tmp_path: Path) -> None:
    ctx, group, _ = condensed(tmp_path)
    poster = states.freeze_state(ctx, label="Poster")
    rename(ctx, group, "Information sharing")
    article = states.freeze_state(ctx, label="Article")
    rename(ctx, group, "Sharing")
    for old, new in ((poster, article), (article, poster)):
        found = states.compare_states(ctx, old, new)
        assert found.new is not None
        assert (found.old.label, found.new.label) == ("Poster", "Article")
        assert changed(found) == {"Information sharing": "changed"}


def test_undoing_everything_since_makes_now_the_same_as_the_state(tmp_path: Path) -> None:
    ctx, group, condensate = condensed(tmp_path)
    state = states.freeze_state(ctx, label="Poster")
    rename(ctx, group, "Information sharing")
    rewrite(ctx, condensate, "I was alone.")
    assert not states.compare_states(ctx, state).same
    history.undo(ctx)
    history.undo(ctx)
    found = states.compare_states(ctx, state)
    assert found.same and found.operations == 4


def test_words_of_a_mark_that_was_taken_out_are_read_where_they_still_stand(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung", code_groups.add_code_group(ctx, name="Alone"))
    state = states.freeze_state(ctx, label="Poster")
    coding.remove_unit(ctx, unit)
    (went,) = states.compare_states(ctx, state).went
    (told,) = states.words_of(ctx, [went.unit])
    assert (told.text, told.is_live, told.place[1]) == ("Nobody had rung", False, "Interview 1")


def test_whoever_marks_unseen_sees_nothing_of_the_others_in_a_state_either(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    other = replace(ctx, member=test_operations._second_member(ctx))
    group = code_groups.add_code_group(ctx, name="Alone")
    mine = mark_words(ctx, source, "folder on my knees", group)
    open_unseen(ctx, source, [ctx.member.id, other.member.id])
    state = states.freeze_state(ctx, label="Poster")
    theirs = mark_words(other, source, "Nobody had rung", group)
    assert states.compare_states(ctx, state).came == ()
    assert [u.unit for u in states.compare_states(other, state).came] == [theirs]
    coding.remove_unit(ctx, mine)
    assert states.compare_states(other, state).went == ()


def test_steering_sees_no_state(ctx: Context) -> None:
    chair = next(m for m in projects.list_members(ctx.store) if m.role == "steering")
    with pytest.raises(Refused):
        states.list_states(replace(ctx, member=chair))


def test_three_thousand_operations_are_read_back_in_a_third_of_a_second(tmp_path: Path) -> None:
    ctx = make_many(tmp_path / "many.db", 1500, groups=12)
    state = states.freeze_state(ctx, label="Poster")
    with ctx.store.read() as conn:
        placed = [
            tuple(r) for r in conn.execute("SELECT id, code_group FROM placement WHERE retired IS NULL")
        ]
        groups = [r[0] for r in conn.execute("SELECT id FROM code_group")]
        conn.execute("COMMIT")
        conn.execute("PRAGMA synchronous=OFF")  # for the writing of them only
        conn.execute("BEGIN")
    for n in range(3000):
        id, _ = placed[n % len(placed)]
        with ctx.write("move_units") as work:
            row = work.get("placement", id)
            free = next(
                g
                for g in groups
                if g != row["code_group"] and not work.live("placement", unit=row["unit"], code_group=g)
            )
            work.update("placement", id, {"code_group": free, "subgroup": None})
    began = time.process_time()
    found = states.compare_states(ctx, state)
    took = time.process_time() - began
    assert found.operations == 3000 and len(found.moved) > 1000
    assert took < 0.3, took


def test_freezing_is_undone_until_a_file_with_the_state_has_left(tmp_path: Path) -> None:
    ctx, _, _ = condensed(tmp_path)
    state = states.freeze_state(ctx, label="Poster")
    coding_tree.tree_file(ctx)  # of the analysis as it is now, not of the state
    history.undo(ctx)
    history.redo(ctx)
    coding_tree.tree_file(ctx, state=state)
    with pytest.raises(UndoRefused, match=r"undo\.left"):
        history.undo(ctx)
    assert [s.left for s in states.list_states(ctx)] == [True]


def test_undo_of_a_state_still_works_in_a_project_opened_again(tmp_path: Path) -> None:
    ctx, _, _ = condensed(tmp_path)
    states.freeze_state(ctx, label="Poster")
    ctx.store.close()
    again = projects.lead_context(Store.open(tmp_path / "tiny.db"))
    history.undo(again)
    assert states.list_states(again) == []
    with pytest.raises(UndoRefused):
        for _ in range(100):
            history.undo(again)
