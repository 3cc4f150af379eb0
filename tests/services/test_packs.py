"""The pack: what has changed since the committee saw it last, sending it, the strip, and what stands on its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused
from workbench.domain.records import Requirement
from workbench.domain.trust import Cause, State, Trust
from workbench.services import (
    actions,
    history,
    meetings,
    model,
    pack_files,
    pack_words,
    packs,
    projects,
    sending,
    since,
    strip,
    trace_picture,
    trust,
    versioning,
)
from workbench.services.confidence import set_confidence
from workbench.services.context import Context
from workbench.services.model import RequirementView, Support
from workbench.services.synthesis import Cell, Matrix


def at(ctx: Context, date: str) -> Context:
    moments: Callable[[], datetime] = iter(
        datetime.fromisoformat(date).replace(tzinfo=UTC) + timedelta(seconds=n) for n in range(100_000)
    ).__next__
    return replace(ctx, now=moments)


def send(ctx: Context, meeting: str | None = None) -> bytes:
    marks = {q.mark for q in sending.preview(ctx, meeting).quotes}
    return sending.send_pack(ctx, meeting, read=marks)


@pytest.fixture
def met(ctx: Context) -> Context:
    """The demo after its second meeting's pack was sent; a third meeting is ahead."""
    ctx = at(ctx, "2026-06-01")
    send(ctx)
    meetings.add_meeting(ctx, title="Steering committee 3", date="2026-09-02")
    decision = packs.meeting_pack(ctx).asked[0]
    meetings.record_decision(ctx, decision.id, outcome="Asked once, in the pilot.", why="Nobody was against it.",
                             at="2026-06-03")  # fmt: skip
    return ctx


def third(ctx: Context) -> packs.Pack:
    return packs.meeting_pack(ctx, meetings.list_meetings(ctx)[-1].id)


def since_last(ctx: Context) -> since.Since:
    found = third(ctx).since
    assert found is not None
    return found


# -- since last meeting ------------------------------------------------------------------------------------------


def test_before_the_first_meeting_there_is_nothing_to_compare_with(empty: Context) -> None:
    meetings.add_meeting(empty, title="First", date="2026-05-20")
    assert packs.meeting_pack(empty).since is None


def test_without_a_pack_that_was_sent_the_last_meetings_decisions_are_what_is_compared_with(
    ctx: Context,
) -> None:
    with ctx.write("send_pack") as work:
        for row in work.live("shown"):
            work.retire("shown", row["id"])
    found = packs.meeting_pack(ctx).since
    assert found is not None and not found.as_shown and found.at == "2026-05-20"
    assert [d.key for d in found.decided] == ["DEC-001", "DEC-002", "DEC-003"]
    (front,) = found.doubtful
    assert [x.key for x in front.rows] == ["REQ-003"]
    assert ("del", "have") in front.rows[0].words and ("ins", "see") in front.rows[0].words
    assert [key for key, _, _ in found.reopen] == ["DEC-002"]
    assert found.touches_decided


def test_when_nothing_has_changed_one_calm_sentence_says_so(met: Context) -> None:
    found = since_last(met)
    assert found.as_shown and found.at == "2026-06-03"
    assert dict(found.counts) == {"decided": 1}
    assert pack_words.since_verdict(found) == "Nothing you decided on has changed since 3 June 2026."


def test_what_reads_otherwise_is_told_word_by_word_and_the_must_comes_first(met: Context) -> None:
    for key in ("REQ-005", "REQ-001"):
        r = next(x.requirement for x in model.list_requirements(met) if x.requirement.key == key)
        model.change_requirement(met, r.id, rev=r.rev, statement=r.statement + " Today.")
    found = since_last(met)
    told = [x for f in found.doubtful for x in f.rows] + list(found.changed)
    by_key = {x.key: x for x in told}
    assert {"REQ-001", "REQ-005"} <= set(by_key)
    assert ("ins", "Today.") in by_key["REQ-001"].words
    assert next(x.key for x in told if x.key) == "REQ-001"


def doubted(ctx: Context) -> set[str]:
    return {x.key for f in since_last(ctx).doubtful for x in f.rows}


def test_a_thing_in_doubt_that_is_looked_at_again_and_holds_is_quiet(met: Context) -> None:
    r = next(x for x in model.list_requirements(met) if x.requirement.key == "REQ-003").requirement
    model.support_requirement(met, r.id, packs.meeting_pack(met).briefs[2].id)
    assert doubted(met) == {"REQ-003"} and since_last(met).touches_decided
    assert next(x for x in third(met).requirements if x.id == r.id).trust == "doubt"
    trust.look_at(met, [r.id], True)
    assert doubted(met) == set() and not since_last(met).touches_decided


def test_undoing_a_change_leaves_nothing_to_tell(met: Context) -> None:
    r = model.list_requirements(met)[0].requirement
    model.change_requirement(met, r.id, rev=r.rev, statement="The model must be otherwise.")
    assert dict(since_last(met).counts) != {"decided": 1}
    now = model.list_requirements(met)[0].requirement
    model.change_requirement(met, r.id, rev=now.rev, statement=r.statement)
    assert dict(since_last(met).counts) == {"decided": 1}


def test_what_came_and_what_was_taken_out_is_told(met: Context) -> None:
    model.add_requirement(met, statement="The model must be new")
    (found,) = since_last(met).new
    assert found.text == "The model must be new"
    versioning.freeze_version(met, label="Version 3")
    assert {"Version 3", "The model must be new"} == {x.text for x in since_last(met).new}


def test_words_that_were_withdrawn_are_told_without_a_name_or_a_number(met: Context) -> None:
    from workbench.services import people

    person = next(p for p in people.people_view(met).participants if p.kind == "informant")
    with met.write("change_participant") as work:
        work.update("participant", person.id, {"consent": "withdrawn"})
    found = since_last(met)
    assert found.withdrawn
    assert person.pseudonym not in pack_words.since_note(found)


def test_a_cause_names_nothing_of_a_unit_a_source_or_an_idea() -> None:
    for kind in ("reworded", "came", "went", "basis_reworded", "let_go", "rule"):
        for of in ("unit", "source", "idea", "condensate", "feedback"):
            said = since.cause_said(Cause(kind, "x", of, "Interview 3, turn 44", None, "Anna"))
            assert "Interview" not in said and "Anna" not in said and not said.startswith("since.")
        assert "REQ-003" in since.cause_said(Cause(kind, "x", "requirement", "REQ-003"))
    assert not since.cause_said(Cause("withdrawn", "x", "unit", "a meaning unit")).startswith("since.")


def test_things_that_only_rest_on_what_is_in_doubt_are_a_number_of_its_front() -> None:
    root = since.Told("a", "requirement", "REQ-001", "x", "must")
    rests = since.Told("b", "component", "", "y")
    fronts, further = since._fronts([("Why", root, frozenset()), ("Rests", rests, frozenset({"a"}))])
    assert fronts == {"Why": [root]} and further == {"Why": 1}


def test_long_unchanged_stretches_are_shortened() -> None:
    then = {"statement": " ".join(f"w{n}" for n in range(200)) + " end", "rationale": "", "basis": "theme",
            "basis_note": "", "moscow": "must", "acceptance": ""}  # fmt: skip
    found = since.words(
        "requirement", then, {**then, "statement": then["statement"] + "ing", "moscow": "should"}
    )
    assert len(" ".join(text for _, text in found).split()) < 30
    assert ("del", "Must") in found and ("ins", "Should") in found
    assert since.words("requirement", None, then) == ()


# -- sending ---------------------------------------------------------------------------------------------------------


def test_a_pack_is_sent_only_when_every_quote_that_leaves_has_been_read(ctx: Context) -> None:
    marks = {q.mark for q in sending.preview(ctx).quotes}
    assert len(marks) > 5
    with pytest.raises(Refused) as refused:
        sending.send_pack(ctx, read=set(list(marks)[1:]))
    assert refused.value.code == "pack.quotes_unread"
    assert sending.preview(ctx).sent_before is None
    assert send(ctx).startswith(b"%PDF")
    assert sending.preview(ctx).sent_before is not None


def test_what_was_shown_the_release_and_the_reason_are_one_operation(ctx: Context) -> None:
    with ctx.read() as conn:
        before = conn.execute("SELECT max(seq) FROM operation").fetchone()[0]
    send(ctx)
    with ctx.read() as conn:
        (op,) = conn.execute("SELECT seq, verb FROM operation WHERE seq>?", (before,)).fetchall()
        assert op["verb"] == "send_pack"
        rows = conn.execute("SELECT kind, label, trust FROM shown_row").fetchall()
        why = conn.execute("SELECT text FROM reason WHERE op=?", (op["seq"],)).fetchone()["text"]
    assert {"category", "requirement", "component", "version", "decision"} == {r["kind"] for r in rows}
    assert "has read all" in why
    release = next(r for r in history.list_releases(ctx) if r.kind == "pack")
    decisions = {d.id for d in meetings.list_decisions(ctx)}
    assert decisions & set(release.items)


def test_what_is_kept_of_a_pack_holds_labels_and_fingerprints_and_no_words(ctx: Context) -> None:
    send(ctx)
    with ctx.read() as conn:
        kept = [tuple(r) for r in conn.execute("SELECT label, fp, support_fp, status, trust FROM shown_row")]
    text = repr(kept)
    for r in model.list_requirements(ctx):
        assert r.requirement.statement not in text


def test_nothing_is_sent_when_somebody_changes_something_meanwhile(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = pack_files.drawn_pdf

    def slow(c: Context, pack: packs.Pack) -> bytes:
        r = model.list_requirements(ctx)[0].requirement
        model.change_requirement(ctx, r.id, rev=r.rev, statement="Meanwhile")
        return drawn(c, pack)

    def kept() -> list[int]:
        tables = ("shown", "shown_row", "release")
        with ctx.read() as conn:
            return [conn.execute(f"SELECT count(*) FROM {x}").fetchone()[0] for x in tables]

    before = kept()
    monkeypatch.setattr(pack_files, "drawn_pdf", slow)
    with pytest.raises(Refused) as refused:
        send(ctx)
    assert refused.value.code == "pack.changed_meanwhile"
    assert kept() == before


def test_the_committee_cannot_send_a_pack_and_gets_the_current_meetings_only(ctx: Context) -> None:
    chair = acting_as(ctx, "steering")
    with pytest.raises(NotAllowed):
        sending.preview(chair)
    with pytest.raises(NotAllowed):
        sending.send_pack(chair, read=())
    first = meetings.list_meetings(ctx)[0].id
    assert packs.meeting_pack(chair, first).meeting == packs.meeting_pack(chair).meeting
    earlier = packs.meeting_pack(ctx, first)
    assert earlier.meeting is not None and earlier.meeting.id == first and not earlier.is_current
    assert not earlier.asked and earlier.since is None


def test_a_small_group_is_named_to_who_sends_and_to_nobody_else(ctx: Context) -> None:
    projects.change_setting(ctx, "k_min", "6")
    preview = sending.preview(ctx)
    assert preview.together == ("General practice",) and preview.uncounted
    chair = acting_as(ctx, "steering")
    pack = packs.meeting_pack(chair)
    assert pack.people is None
    file = pack_files.pack_file(chair, pack)
    told = [g for b in file.briefs for g in b.groups] + [
        q for b in file.briefs for q in (*b.quotes, *b.dissent)
    ]
    assert "General practice" not in repr(
        (told, file.groups, file.strip, [r.heard for r in file.requirements])
    )


# -- what stands in it -------------------------------------------------------------------------------------------


def test_the_four_judgements_stand_in_words_and_one_not_made_says_so(ctx: Context) -> None:
    theme = packs.meeting_pack(ctx).briefs[2]
    set_confidence(ctx, theme.id, "methods", "")
    set_confidence(ctx, theme.id, "adequacy", "moderate", "Few from general practice.")
    found = {s.component: (s.concern, s.reason) for s in packs.meeting_pack(ctx).briefs[2].sure}
    assert found["adequacy"] == ("moderate", "Few from general practice.")
    assert found["methods"] == ("", "") and len(found) == 4


def test_actions_of_the_last_meeting_come_with_the_pack_and_those_of_this_one_do_not(ctx: Context) -> None:
    first, second = (m.id for m in meetings.list_meetings(ctx))
    actions.add_action(ctx, text="Later", meeting=second)
    found = packs.meeting_pack(acting_as(ctx, "steering")).actions
    assert found and {a.meeting for a in found} == {first}


def test_what_a_requirement_lacks_is_said_and_a_parked_one_lacks_nothing(ctx: Context) -> None:
    model.add_requirement(ctx, statement="The model must rest on nothing")
    pack = packs.meeting_pack(ctx)
    (hole,) = [r for r in pack.requirements if pack_words.missing(r)]
    assert hole.statement == "The model must rest on nothing"
    assert pack_words.missing(hole)[0] == "nothing holds it up"
    parked = next(r for r in pack.requirements if r.status == "parked")
    assert pack_words.missing(replace(parked, components=(), acceptance="")) == ()


def test_challenges_that_few_carry_are_told_without_a_number(ctx: Context) -> None:
    r = next(r for r in packs.meeting_pack(ctx).requirements if r.challenges)
    assert "Challenged on re-reading" in pack_words.against_said(r)
    assert str(r.challenges) not in pack_words.against_said(r)


# -- the strip -----------------------------------------------------------------------------------------------------


def _requirement(n: int, themes: list[str]) -> RequirementView:
    return RequirementView(
        Requirement(f"r{n}", 0, f"REQ-{n:03d}", "Do it", "", "theme", "", "must" if n % 3 else "could", "", "", "", ""),
        tuple(Support("", x, "category", x, "supports") for x in themes), (), (), (), n, (), True,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(0, 60), st.integers(0, 80), st.integers(0, 60))
def test_a_strip_never_has_more_than_forty_nodes_and_says_what_has_no_room(
    groups: int, themes: int, requirements: int, components: int
) -> None:
    g = tuple((f"g{n}", f"G{n}", "Gg", n % 8) for n in range(groups))
    th = tuple((f"t{n}", f"T{n}") for n in range(themes))
    matrix = Matrix(
        g, th, {x: {id: Cell(1, 5, "", True) for id, *_ in g} for x, _ in th}, {x: () for x, _ in th}
    )
    needs = [_requirement(n, [x for x, _ in th][:2]) for n in range(requirements)]
    parts = [(f"c{n}", f"C{n}", [f"r{n}"]) for n in range(components)]
    found = strip.build_strip(matrix, needs, parts)
    nodes = [n.id for _, column in found.columns for n in column]
    assert len(nodes) <= 40 and len(set(nodes)) == len(nodes)
    drawn = {kind: len(column) for kind, column in found.columns}
    assert (
        found.left_out
        == themes + requirements + components - drawn["theme"] - drawn["requirement"] - drawn["component"]
    )
    assert all(a in nodes and b in nodes for a, b, _, _ in found.links)
    if groups + themes + requirements + components <= 40 and groups <= 10:
        assert found.left_out == 0


def test_a_thing_in_doubt_has_a_shape_and_a_word_in_the_strip(ctx: Context) -> None:
    r = model.list_requirements(ctx)[0]
    states = Trust({r.requirement.id: State("doubt"), r.supports[0].item: State("distant")})
    matrix = packs.meeting_pack(ctx).matrix
    found = strip.build_strip(matrix, model.list_requirements(ctx), [], states)
    drawn = trace_picture.strip_picture(found)
    assert ">in doubt<" in drawn and ">rests on something in doubt<" in drawn
    assert "<circle" in drawn and "l3.6,-6.6" in drawn
    assert drawn.count("<svg") == 1
