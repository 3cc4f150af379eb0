"""Step 2 through the service: every operation of the reader, what others do meanwhile, and taking it all back."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import body_of, dump, mark_words, tiny_project
from workbench.domain.errors import InvalidSpan, Refused, StaleEdit, UndoRefused
from workbench.services import code_groups, codebooks, coding, correcting, history, people, projects, sources
from workbench.services.coding import MarksView, MarkView
from workbench.services.context import Context
from workbench.store.verify import verify


def other_member(ctx: Context, name: str = "Mads") -> Context:
    id = projects.add_member(ctx, name=name, role="researcher")
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.id == id))


def op(ctx: Context, source: str, verb: str, id: str, **fields: Any) -> dict[str, Any]:
    return {"id": id, "verb": verb, "project": ctx.store.id, "member": ctx.member.id, "source": source,
            "text_rev": 1, **fields}  # fmt: skip


def send(ctx: Context, source: str, verb: str, **fields: Any) -> str | None:
    id = ctx.new_id()
    return coding.apply_operations(ctx, [op(ctx, source, verb, id, **fields)])[id]


def marks_of(ctx: Context, source: str) -> dict[str, MarkView]:
    return {m.unit: m for m in coding.marks_view(ctx, source).marks}


def words_of(ctx: Context, source: str) -> list[str]:
    text = body_of(ctx, source)
    return [text[m.start : m.end] for m in marks_of(ctx, source).values()]


# -- one operation each ----------------------------------------------------------------------------------


def test_a_mark_is_split_in_two_that_share_code_groups_and_codes_but_not_the_space_between(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Papers")
    book = codebooks.add_codebook(ctx, title="COM-B")
    code = codebooks.add_code(ctx, book, label="Opportunity")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    assert send(ctx, source, "place", unit=unit, codes=[{"id": "t1", "code": code}]) is None
    at = body_of(ctx, source).index(" had rung")
    assert send(ctx, source, "split", unit=unit, at=at, new_unit="half", rev=None) is None
    assert words_of(ctx, source) == ["Nobody", "had rung"]
    whole = marks_of(ctx, source)
    assert [[p[1] for p in m.placements] for m in whole.values()] == [[group], [group]]
    assert [[c[1] for c in m.codes] for m in whole.values()] == [[code], [code]]
    with pytest.raises(InvalidSpan):
        coding.split(ctx, unit, at)
    history.undo(ctx)
    assert words_of(ctx, source) == ["Nobody had rung"]
    assert verify(ctx.store.path) == []


def test_a_comment_is_written_changed_and_taken_out_by_whoever_wrote_it(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung")
    mads = other_member(ctx)
    for text in ("A first <b>thought</b>", "A second one :red[here]"):
        assert send(ctx, source, "comment", unit=unit, memo="m1", text=text) is None
        assert marks_of(ctx, source)[unit].comments == (("m1", ctx.member.id, text),)
    refused = coding.apply_operations(
        mads, [op(mads, source, "comment", "x", unit=unit, memo="m1", text="Mine")]
    )
    assert "Somebody else wrote" in str(refused["x"])
    assert send(mads, source, "comment", unit=unit, memo="m2", text="Mine") is None
    assert send(ctx, source, "comment", unit=unit, memo="m1", text=" ") is None
    assert [c[0] for c in marks_of(ctx, source)[unit].comments] == ["m2"]
    history.undo(ctx)
    assert [c[0] for c in marks_of(ctx, source)[unit].comments] == ["m1", "m2"]


def test_a_mark_with_comments_and_codes_goes_and_comes_back_whole(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    group = code_groups.add_code_group(ctx, name="Papers")
    code = codebooks.add_code(ctx, codebooks.add_codebook(ctx, title="COM-B"), label="Opportunity")
    unit = mark_words(ctx, source, "Nobody had rung", group)
    coding.place(ctx, unit, codes=[{"code": code}])
    coding.comment(ctx, unit, "Rung by whom?")
    before = marks_of(ctx, source)[unit]
    assert send(ctx, source, "remove", unit=unit) is None
    assert marks_of(ctx, source) == {}
    history.undo(ctx)
    assert replace(marks_of(ctx, source)[unit], rev=0) == replace(before, rev=0)
    assert send(ctx, source, "untag", unit=unit, tag=before.codes[0][0]) is None
    assert marks_of(ctx, source)[unit].codes == ()


def test_two_people_marking_the_same_words_both_keep_their_mark(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mine = mark_words(ctx, source, "Nobody had rung")
    theirs = mark_words(other_member(ctx), source, "Nobody had rung")
    found = marks_of(ctx, source)
    assert found.keys() == {mine, theirs} and len({(m.start, m.end) for m in found.values()}) == 1
    assert len({m.initials for m in found.values()}) == 2


# -- what somebody else did meanwhile ----------------------------------------------------------------------


def test_a_mark_that_somebody_else_changed_or_commented_on_meanwhile_is_not_removed(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = other_member(ctx)
    unit = mark_words(ctx, source, "Nobody had rung")
    coding.comment(mads, unit, "Seen before")
    seen = coding.marks_view(ctx, source).rev
    mark = marks_of(ctx, source)[unit]
    coding.resize(mads, unit, mark.start, mark.end - 5)
    said = send(ctx, source, "remove", unit=unit, seen=seen)
    assert said and said.startswith("Mads has changed this mark meanwhile.")
    seen = coding.marks_view(ctx, source).rev
    coding.comment(mads, unit, "Keep this one")
    said = send(ctx, source, "remove", unit=unit, seen=seen)
    assert said and said.startswith("Mads has written a comment on this mark meanwhile.")
    assert unit in marks_of(ctx, source)
    assert send(ctx, source, "remove", unit=unit, seen=coding.marks_view(ctx, source).rev) is None
    assert marks_of(ctx, source) == {}


def test_neither_ones_own_changes_nor_a_correction_elsewhere_keep_a_mark_from_being_removed(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = other_member(ctx)
    unit = mark_words(ctx, source, "Nobody had rung")
    seen = coding.marks_view(ctx, source).rev
    mark = marks_of(ctx, source)[unit]
    coding.comment(ctx, unit, "My own")
    coding.resize(ctx, unit, mark.start, mark.end - 5)
    at = body_of(ctx, source).index("first night")
    correcting.correct_text(mads, source, at, at + 5, "opening", text_rev=1, quote="first")
    assert send(ctx, source, "remove", unit=unit, seen=seen) is None
    assert marks_of(ctx, source) == {}


def test_a_correction_of_its_words_by_somebody_else_keeps_a_mark_from_being_removed(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mads = other_member(ctx)
    unit = mark_words(ctx, source, "Nobody had rung")
    seen = coding.marks_view(ctx, source).rev
    at = body_of(ctx, source).index("rung")
    correcting.correct_text(mads, source, at, at + 4, "called", text_rev=1, quote="rung")
    assert "Mads has changed" in str(send(ctx, source, "remove", unit=unit, seen=seen))


def test_a_comment_on_a_mark_removed_meanwhile_is_answered(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung")
    coding.remove_unit(other_member(ctx), unit)
    said = send(ctx, source, "comment", unit=unit, start=4, memo="m1", text="Whose call?", before="")
    assert said and "no longer there" in said


def test_ones_own_comment_changed_in_another_window_is_not_written_over(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung")
    for before, text in (("", "One"), ("One", "Two")):
        assert send(ctx, source, "comment", unit=unit, memo="m1", text=text, before=before) is None
    for text in ("Three", ""):
        said = send(ctx, source, "comment", unit=unit, memo="m1", text=text, before="One")
        assert said and "in another window" in said
    assert marks_of(ctx, source)[unit].comments[0][2] == "Two"


@pytest.mark.parametrize("odd", [["a", "list"], {"a": 1}])
def test_a_value_of_the_wrong_kind_is_answered_and_what_comes_behind_it_is_done(
    tmp_path: Path, odd: object
) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "Nobody had rung")
    wrong = (
        op(ctx, source, "place", "a", unit=odd),
        op(ctx, source, "unplace", "b", placement=odd),
        op(ctx, source, "remove", "c", unit=unit, seen=odd),
        op(ctx, source, "comment", "d", unit=unit, memo=odd, text="x"),
        op(ctx, source, "group", "e", new_code_groups=[{"id": odd, "name": "x"}]),
    )
    replies = coding.apply_operations(ctx, [*wrong, op(ctx, source, "undo", "z")])
    assert [k for k, v in replies.items() if v is None] == ["z"]
    assert replies.keys() == {*"abcdez"} and len(set(replies.values())) == 2
    assert marks_of(ctx, source) == {}


# -- the picker while somebody else is at the code groups --------------------------------------------------


def _mark_op(ctx: Context, source: str, words: str, *groups: str, **more: Any) -> dict[str, Any]:
    start = body_of(ctx, source).index(words)
    return {"unit": ctx.new_id(), "start": start, "end": start + len(words), "quote": words,
            "placements": [{"id": ctx.new_id(), "code_group": g} for g in groups], **more}  # fmt: skip


def test_a_mark_placed_in_a_code_group_merged_meanwhile_goes_where_that_went(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    here, there = (code_groups.add_code_group(ctx, name=n) for n in ("Here", "There"))
    code_groups.merge_code_groups(other_member(ctx), here, into=there)
    assert send(ctx, source, "mark", **_mark_op(ctx, source, "Nobody had rung", here)) is None
    (mark,) = marks_of(ctx, source).values()
    assert [p[1] for p in mark.placements] == [there]


def test_a_mark_placed_in_a_code_group_taken_out_meanwhile_is_kept_and_says_so(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    gone, kept = (code_groups.add_code_group(ctx, name=n) for n in ("Gone {who} <b>", "Kept"))
    code = codebooks.add_code(ctx, codebooks.add_codebook(ctx, title="COM-B"), label="Opportunity")
    mads = other_member(ctx)
    code_groups.retire_code_group(mads, gone)
    codebooks.retire_code(mads, code)
    said = send(ctx, source, "mark", **_mark_op(ctx, source, "Nobody had rung", gone))
    assert said and "Mads" in said and "Gone {who} <b>" in said
    said = send(ctx, source, "mark", **_mark_op(ctx, source, "folder on my knees", gone, kept))
    assert said and "Mads" in said
    said = send(ctx, source, "mark", **_mark_op(ctx, source, "And then", codes=[{"id": "t", "code": code}]))
    assert said and "Opportunity" in said
    assert {tuple(p[1] for p in m.placements) for m in marks_of(ctx, source).values()} == {(), (kept,)}
    assert len(marks_of(ctx, source)) == 3
    assert verify(ctx.store.path) == []


def test_what_the_client_sends_twice_or_malformed_is_never_done_twice_and_always_answered(
    tmp_path: Path,
) -> None:
    ctx, source = tiny_project(tmp_path)
    good = op(ctx, source, "mark", "a", **_mark_op(ctx, source, "Nobody had rung"))
    bad: list[dict[str, Any]] = [
        {"verb": "mark", "unit": "u"}, {"verb": "split", "unit": "u"}, {"verb": "comment", "unit": "u"},
        {"verb": "mark", **_mark_op(ctx, source, "And then"), "placements": [7]},
        {"verb": "mark", **_mark_op(ctx, source, "And then"), "placements": 7},
        {"verb": "correct", "start": 0, "end": 3, "quote": "How", "text": ""},
        {"verb": "move", "units": 3}, {"verb": "resize", "unit": "none", "start": 0, "end": 2, "rev": None},
    ]  # fmt: skip
    sent = [good, good, *(op(ctx, source, str(b.pop("verb")), f"b{n}", **b) for n, b in enumerate(bad))]
    answers = coding.apply_operations(ctx, sent)
    assert answers["a"] is None and len(answers) == 1 + len(bad)
    assert [str(answers[f"b{n}"])[-1] for n in range(len(bad)) if n != 5] == ["."] * (len(bad) - 1)
    assert coding.apply_operations(ctx, [good]) == {"a": None}
    assert words_of(ctx, source) == ["Nobody had rung"]


def test_what_two_tabs_send_at_the_same_time_is_done_once_and_answered_as_done_to_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx, source = tiny_project(tmp_path)
    one = op(ctx, source, "mark", "a", **_mark_op(ctx, source, "Nobody had rung"))
    assert coding.apply_operations(ctx, [one]) == {"a": None}
    really, asked = coding._is_known, []

    def too_early(ctx: Context, id: str) -> bool:
        asked.append(id)
        return len(asked) > 1 and really(ctx, id)  # when the second tab looked, the first was not done

    monkeypatch.setattr(coding, "_is_known", too_early)
    assert coding.apply_operations(ctx, [one]) == {"a": None}
    assert asked == ["a", "a"]
    assert words_of(ctx, source) == ["Nobody had rung"]


# -- a text corrected meanwhile -------------------------------------------------------------------------------


def _correct(ctx: Context, source: str, words: str, by: str) -> int:
    start = body_of(ctx, source).index(words)
    rev = sources.read_source(ctx, source).source.text_rev
    return correcting.correct_text(ctx, source, start, start + len(words), by, text_rev=rev, quote=words)


def test_what_was_done_on_an_earlier_text_is_carried_over(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    unit = mark_words(ctx, source, "rang the ward, and they said")
    rev = marks_of(ctx, source)[unit].rev
    late = _mark_op(ctx, source, "Nobody had rung")
    before = body_of(ctx, source)
    cut = before.index("and they said")
    _correct(other_member(ctx), source, "The first night", "That very first 🙂 night")
    assert send(ctx, source, "mark", **late) is None
    split = {"unit": unit, "at": cut, "new_unit": "half", "rev": rev}
    assert send(ctx, source, "split", **split) is None
    assert words_of(ctx, source) == ["Nobody had rung", "rang the ward,", "and they said"]
    end = before.index("the ward") + len("the ward")
    rev = marks_of(ctx, source)[unit].rev
    shrink = {"unit": unit, "start": before.index("the ward"), "end": end, "quote": "the ward", "rev": rev}
    assert send(ctx, source, "resize", **shrink) is None
    assert "the ward" in words_of(ctx, source)
    assert verify(ctx.store.path) == []


def test_a_mark_over_words_corrected_meanwhile_is_over_the_new_words(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    late = _mark_op(ctx, source, "the folder on my knees")
    _correct(ctx, source, "folder", "ring binder")
    assert send(ctx, source, "mark", **late) is None
    assert words_of(ctx, source) == ["the ring binder on my knees"]
    assert send(ctx, source, "mark", **{**late, "unit": "y", "text_rev": 9})  # there is no such version
    assert len(words_of(ctx, source)) == 1


# -- what is told since ------------------------------------------------------------------------------------


def _merged(ctx: Context, source: str, have: MarksView) -> tuple[dict[str, Any], dict[str, Any], MarksView]:
    """What a reader shows that had `have` and hears only what is new."""
    marks = {m.unit: m for m in have.marks}
    groups = {g.id: g for g in have.groups}
    tallies = {x.code_group: (x.units, set(x.heard)) for x in have.tallies}
    new = coding.marks_view(ctx, source, since=(have.rev, have.chain))
    if new.since is None:
        marks, groups, tallies = {}, {}, {}
    marks |= {m.unit: m for m in new.marks}
    groups |= {g.id: g for g in new.groups}
    for unit in new.removed:
        marks.pop(unit, None)
    for id in new.groups_gone:
        groups.pop(id, None)
    for x in new.tallies:
        before = tallies.get(x.code_group, (0, set()))[1] if x.more else set()
        tallies[x.code_group] = (x.units, before | set(x.heard))
    held = {id: (groups[id], *tallies.get(id, (0, set()))) for id in groups}
    return marks, held, new


def _whole(ctx: Context, source: str) -> tuple[dict[str, Any], dict[str, Any]]:
    now = coding.marks_view(ctx, source)
    tallies = {x.code_group: (x.units, set(x.heard)) for x in now.tallies}
    return {m.unit: m for m in now.marks}, {g.id: (g, *tallies.get(g.id, (0, set()))) for g in now.groups}


def test_nothing_is_told_again_and_a_mark_only_with_its_own_code_group(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    one, two = (code_groups.add_code_group(ctx, name=n) for n in ("One", "Two"))
    mark_words(ctx, source, "And then", two)
    have = coding.marks_view(ctx, source)
    again = coding.marks_view(ctx, source, since=(have.rev, have.chain))
    assert (again.marks, again.removed, again.groups, again.tallies, again.codes) == ((), (), (), (), None)
    unit = mark_words(ctx, source, "Nobody had rung", one)
    new = coding.marks_view(ctx, source, since=(have.rev, have.chain))
    assert [m.unit for m in new.marks] == [unit] and new.groups == ()
    assert [(x.code_group, x.units, x.heard, x.more) for x in new.tallies] == [(one, 1, (0,), True)]


def test_another_history_another_name_or_another_text_is_told_whole(tmp_path: Path) -> None:
    ctx, source = tiny_project(tmp_path)
    mark_words(ctx, source, "Nobody had rung")
    have = coding.marks_view(ctx, source)
    assert coding.marks_view(ctx, source, since=(have.rev, "otherwise")).since is None
    assert coding.marks_view(ctx, source, since=(have.rev + 9, have.chain)).since is None
    person = people.people_view(ctx).participants[0]
    people.change_participant(
        ctx, person.id, rev=person.rev, pseudonym="Another name", stakeholder_group=person.stakeholder_group,
        kind=person.kind, quote_ok=person.quote_ok,
    )  # fmt: skip
    assert coding.marks_view(ctx, source, since=(have.rev, have.chain)).since is None
    have = coding.marks_view(ctx, source)
    _correct(ctx, source, "folder", "binder")
    assert coding.marks_view(ctx, source, since=(have.rev, have.chain)).since is None
    with pytest.raises(Refused):
        coding.marks_view(ctx, "none")


# -- random sequences against a simple model -----------------------------------------------------------------

LENGTH = 230  # of the tiny project's text, about
STEP = st.one_of(
    st.tuples(st.just("mark"), st.integers(0, LENGTH), st.integers(1, 40), st.integers(0, 3)),
    st.tuples(st.just("place"), st.integers(0, 9), st.integers(0, 2)),
    st.tuples(st.just("unplace"), st.integers(0, 9)),
    st.tuples(st.just("split"), st.integers(0, 9), st.integers(0, 40)),
    st.tuples(st.just("resize"), st.integers(0, 9), st.integers(0, LENGTH), st.integers(1, 40)),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("comment"), st.integers(0, 9), st.sampled_from(["", "Why?", "Hvorfor? 🙂"])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


class Model:
    """Units as dictionaries, and undo as a pile of what was."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.units: dict[str, dict[str, Any]] = {}
        self.past: list[dict[str, Any]] = []
        self.future: list[dict[str, Any]] = []

    def did(self, units: dict[str, Any]) -> None:
        if units != self.units:
            self.past.append(self.units)
            self.future.clear()
            self.units = units

    def shown(self) -> dict[str, Any]:
        return {
            id: (u["start"], u["end"], frozenset(u["groups"]), u["comment"]) for id, u in self.units.items()
        }


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, max_size=25))
def test_any_sequence_is_as_a_simple_model_says_and_is_taken_back_and_brought_back_exactly(
    steps: Any,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ctx, source = tiny_project(Path(folder))
        groups = [code_groups.add_code_group(ctx, name=n) for n in ("One", "Two", "Three")]
        ctx = other_member(ctx)  # with nothing of their own to take back yet
        model = Model(body_of(ctx, source))
        start, have, n = dump(ctx.store), coding.marks_view(ctx, source), 0
        for step in steps:
            n += _both(ctx, source, model, groups, step)
            now = marks_of(ctx, source)
            assert {
                id: (m.start, m.end, frozenset(p[1] for p in m.placements), "".join(c[2] for c in m.comments))
                for id, m in now.items()
            } == model.shown()
            marks, held, told = _merged(ctx, source, have)
            assert (marks, held) == _whole(ctx, source) and told.since is not None
        end, pile = dump(ctx.store), len(model.past)
        for _ in range(pile):
            history.undo(ctx)
        assert dump(ctx.store) == start
        with pytest.raises(UndoRefused):
            history.undo(ctx)
        for _ in range(pile):
            history.redo(ctx)
        assert dump(ctx.store) == end
        assert verify(ctx.store.path) == []
        ctx.store.close()


def _both(ctx: Context, source: str, model: Model, groups: list[str], step: Any) -> int:
    """One step in the service and in the model; where the service refuses, nothing may change."""
    verb, *args = step
    units = deepcopy(model.units)
    ids = list(units)
    try:
        if verb in ("undo", "redo"):
            taken, given_ = (model.past, model.future) if verb == "undo" else (model.future, model.past)
            (history.undo if verb == "undo" else history.redo)(ctx)
            given_.append(model.units)
            model.units = taken.pop()
            return 0
        if verb == "mark":
            a, length, group = args
            placed = groups[:group]
            unit = coding.mark(
                ctx, source, a, a + length, text_rev=1, placements=[{"code_group": g} for g in placed]
            )
            units[unit] = {"start": a, "end": a + length, "groups": set(placed), "comment": ""}
        elif not ids:
            return 0
        else:
            unit = ids[args[0] % len(ids)]
            one = units[unit]
            if verb == "place":
                coding.place(ctx, unit, placements=[{"code_group": groups[args[1]]}])
                one["groups"].add(groups[args[1]])
            elif verb == "unplace":
                for p in marks_of(ctx, source)[unit].placements[:1]:
                    coding.unplace(ctx, p[0])
                    one["groups"].discard(p[1])
            elif verb == "split":
                at = one["start"] + args[1]
                left, right = model.text[one["start"] : at], model.text[at : one["end"]]
                new = coding.split(ctx, unit, at)
                assert left.strip() and right.strip()
                units[new] = {**deepcopy(one), "start": one["end"] - len(right.lstrip()),
                              "end": one["start"] + len((left + right).rstrip()), "comment": ""}  # fmt: skip
                one["end"] = one["start"] + len(left.rstrip())
                one["start"] += len(left) - len(left.lstrip())
            elif verb == "resize":
                coding.resize(ctx, unit, args[1], args[1] + args[2])
                one |= {"start": args[1], "end": args[1] + args[2]}
            elif verb == "remove":
                coding.remove_unit(ctx, unit)
                del units[unit]
            elif verb == "comment":
                coding.comment(ctx, unit, args[1], memo=f"memo of {unit}")
                one["comment"] = args[1]
    except (Refused, StaleEdit):
        return 0
    model.did(units)
    return 1
