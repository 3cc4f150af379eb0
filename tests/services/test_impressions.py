"""Step 1 by several analysts: lists unseen until all have submitted, one agreed list, what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import tiny_transcript
from workbench.domain.errors import NotAllowed, Refused
from workbench.services import code_groups, history, impressions, projects, sources
from workbench.services.context import Context
from workbench.store.project import Store


@pytest.fixture
def anna(empty: Context) -> Context:
    """The lead, on a clock where every reading is a minute later."""
    start, ticks = datetime(2026, 5, 4, 9, tzinfo=UTC), iter(range(100_000))
    projects.add_member(empty, name="Mads", role="researcher")
    return replace(empty, now=lambda: start + timedelta(minutes=next(ticks)))


def called(ctx: Context, name: str) -> Context:
    return replace(ctx, member=next(m for m in projects.list_members(ctx.store) if m.name == name))


@pytest.fixture
def mads(anna: Context) -> Context:
    return called(anna, "Mads")


def write(ctx: Context, *titles: str) -> list[str]:
    return [impressions.add_theme(ctx, title=title, note=f"About {title}") for title in titles]


MINE = ("Carrying the papers", "Nobody rings", "Someone who knows", "Asked and forgotten")
THEIRS = (
    "Orders with a bow",
    "Everyone knows a piece",
    "Whose patient",
    "Not to be known",
    "The last one decides",
)


def everything_a_member_can_read(ctx: Context, source: str) -> str:
    """What step 1 and the screens around it hand to this member."""
    operations = history.list_operations(ctx)
    return repr(
        (
            impressions.impression_view(ctx), impressions.theme_fates(ctx), impressions.impression_notes(ctx, source),
            impressions.read_impression(ctx, source), operations, history.peek(ctx),
            [code_groups.lineage(ctx, c.group.id) for c in code_groups.code_group_counts(ctx)],
        )
    )  # fmt: skip


def test_two_analysts_write_four_to_eight_themes_and_neither_sees_the_others_until_both_submit(
    anna: Context, mads: Context
) -> None:
    source = sources.import_source(anna, tiny_transcript(), b"raw", title="Interview 1", speakers={})
    ours, theirs = write(anna, *MINE), write(mads, *THEIRS)
    impressions.write_impression(mads, source, "What only Mads noted")
    for step in (lambda: None, lambda: impressions.submit_themes(mads)):
        step()
        seen = everything_a_member_can_read(anna, source)
        assert not any(title in seen for title in THEIRS) and "What only Mads noted" not in seen
        assert not any(title in everything_a_member_can_read(mads, source) for title in MINE)
        for id in theirs:
            for act in (
                lambda id=id: impressions.change_theme(anna, id, rev=1, title="x", note=""),
                lambda id=id: impressions.retire_theme(anna, id),
                lambda id=id: impressions.join_themes(anna, [id], None),
                lambda id=id: impressions.agree_theme(anna, title="x", merged=(id,)),
            ):
                with pytest.raises(Refused) as caught:
                    act()
                assert not any(title in str(caught.value.params) for title in THEIRS)
    impressions.submit_themes(anna)
    assert [x.title for x in impressions.impression_view(anna).others[0][1]] == list(THEIRS)
    assert [x.title for x in impressions.impression_view(mads).others[0][1]] == list(MINE)
    assert impressions.impression_notes(anna, source) == [(mads.member, "What only Mads noted")]

    agreed = impressions.agree_theme(mads, title="Known by one", merged=(ours[2], theirs[2], theirs[3]))
    ((theme, made_of),) = impressions.impression_view(anna).agreed
    assert (theme.id, theme.title) == (agreed, "Known by one")
    assert {(x.title, x.member) for x in made_of} == {
        (MINE[2], anna.member.id), (THEIRS[2], mads.member.id), (THEIRS[3], mads.member.id),
    }  # fmt: skip


def test_a_submission_taken_back_closes_the_lists_again(anna: Context, mads: Context) -> None:
    write(anna, "Mine")
    write(mads, "Theirs")
    impressions.submit_themes(anna)
    impressions.submit_themes(mads)
    assert impressions.impression_view(anna).is_open
    history.undo(mads)
    view = impressions.impression_view(anna)
    assert not view.is_open and view.others == () and view.waiting_for == ("Mads",)
    history.redo(mads)
    assert impressions.impression_view(anna).others[0][1][0].title == "Theirs"


def test_submitted_themes_stay_as_they_are(anna: Context) -> None:
    (theme,) = write(anna, "Mine")
    impressions.submit_themes(anna)
    rev = impressions.impression_view(anna).mine[0].rev
    for act in (
        lambda: impressions.add_theme(anna, title="One more"),
        lambda: impressions.change_theme(anna, theme, rev=rev, title="Better", note=""),
        lambda: impressions.retire_theme(anna, theme),
    ):
        with pytest.raises(Refused, match=r"theme\.submitted"):
            act()


def test_two_analysts_submit_at_once_and_both_lists_are_open(anna: Context, mads: Context) -> None:
    write(anna, *MINE)
    write(mads, *THEIRS)
    start, failed = threading.Barrier(2), []

    def submit(ctx: Context) -> None:
        own = replace(ctx, store=Store.open(ctx.store.path))
        start.wait()
        try:
            impressions.submit_themes(own)
            impressions.submit_themes(own)  # pressed twice: still once
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=submit, args=(ctx,)) for ctx in (anna, mads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    view = impressions.impression_view(anna)
    assert view.is_open and view.late == frozenset() and len(view.others[0][1]) == len(THEIRS)
    assert [bool(at) for _, at in view.standing] == [True, True]
    with anna.store.read() as conn:
        assert conn.execute("SELECT count(*) FROM submission").fetchone()[0] == 2


def test_only_a_lead_opens_the_lists_early_and_unsubmitted_themes_stay_unseen(
    anna: Context, mads: Context
) -> None:
    write(anna, "Mine")
    write(mads, "A draft of Mads's")
    with pytest.raises(Refused, match=r"theme\.none_submitted"):
        impressions.close_step1(anna)
    impressions.submit_themes(anna)
    with pytest.raises(NotAllowed, match=r"theme\.only_lead_closes"):
        impressions.close_step1(mads)
    impressions.close_step1(anna, reason="Mads is on leave.")
    view = impressions.impression_view(anna)
    assert (
        view.is_open
        and view.closing
        and (view.closing.who, view.closing.reason) == ("Researcher", "Mads is on leave.")
    )
    assert view.closing.at.startswith("2026-05-04") and view.waiting_for == ("Mads",)
    assert "A draft" not in repr(view)
    assert impressions.impression_view(mads).others[0][1][0].title == "Mine"
    with pytest.raises(Refused, match=r"theme\.already_open"):
        impressions.close_step1(anna)
    history.undo(anna)
    assert not impressions.impression_view(mads).is_open and impressions.impression_view(anna).closing is None
    impressions.close_step1(anna)
    impressions.submit_themes(mads)
    view = impressions.impression_view(anna)
    assert view.others[0][1][0].title == "A draft of Mads's" and view.late == {mads.member.id}


def test_who_joins_later_closes_nothing_and_is_said_to_be_late(anna: Context, mads: Context) -> None:
    write(anna, "Mine")
    write(mads, "Theirs")
    impressions.submit_themes(anna)
    impressions.submit_themes(mads)
    projects.add_member(anna, name="Ida", role="researcher")
    ida = called(anna, "Ida")
    assert impressions.impression_view(anna).is_open and impressions.impression_view(ida).is_open
    write(ida, "Not yet for others")
    assert "Not yet" not in repr(impressions.impression_view(anna))
    impressions.submit_themes(ida)
    view = impressions.impression_view(anna)
    assert view.late == {ida.member.id} and len(view.others) == 2


def test_a_list_submitted_before_there_was_anybody_else_is_not_shown_to_the_next(empty: Context) -> None:
    write(empty, "Written alone")
    impressions.submit_themes(empty)
    projects.add_member(empty, name="Ida", role="researcher")
    view = impressions.impression_view(called(empty, "Ida"))
    assert not view.is_open and "Written alone" not in repr(view)


def opened(anna: Context, mads: Context) -> tuple[list[str], list[str]]:
    ours, theirs = write(anna, *MINE), write(mads, *THEIRS)
    impressions.submit_themes(anna)
    impressions.submit_themes(mads)
    return ours, theirs


def test_several_themes_go_into_an_agreed_one_in_one_step_and_out_again(anna: Context, mads: Context) -> None:
    ours, theirs = opened(anna, mads)
    first = impressions.agree_theme(anna, title="First", merged=(ours[0],))
    second = impressions.agree_theme(anna, title="Second")
    impressions.join_themes(mads, [ours[0], theirs[0], theirs[1]], second)

    def made_of() -> dict[str, set[str]]:
        return {a.id: {x.id for x in merged} for a, merged in impressions.impression_view(anna).agreed}

    assert made_of() == {first: set(), second: {ours[0], theirs[0], theirs[1]}}
    with pytest.raises(Refused, match=r"theme\.already_agreed"):
        impressions.join_themes(anna, [theirs[2], first], second)
    with pytest.raises(Refused, match=r"theme\.not_agreed"):
        impressions.join_themes(anna, [theirs[2]], ours[1])
    history.undo(mads)
    assert made_of() == {first: {ours[0]}, second: set()}
    impressions.retire_theme(mads, first)
    assert made_of() == {second: set()}
    with pytest.raises(Refused):
        impressions.join_themes(anna, [ours[0]], first)  # the other has just taken it out


def test_the_order_of_a_list_is_the_order_it_was_written_in(anna: Context, mads: Context) -> None:
    ours, _ = opened(anna, mads)
    impressions.agree_theme(anna, title="First", merged=(ours[0],))
    assert [x.title for x in impressions.impression_view(anna).mine] == list(MINE)


def test_agreed_themes_dissolve_many_to_many_and_what_became_of_them_is_told_with_dates(
    anna: Context, mads: Context
) -> None:
    opened(anna, mads)
    one, two, three = (impressions.agree_theme(anna, title=x) for x in ("One", "Two", "Three"))
    arrives, decides, asked = (
        code_groups.add_code_group(anna, name=x) for x in ("Information that arrives", "Who decides", "Asked")
    )
    impressions.tie_theme(anna, one, [arrives, decides])
    impressions.tie_theme(mads, two, [decides, asked])
    before = {c.group.id: c.units for c in code_groups.code_group_counts(anna)}

    group = next(c.group for c in code_groups.code_group_counts(anna) if c.group.id == decides)
    code_groups.change_code_group(mads, decides, rev=group.rev, name="Who has the last word")
    impressions.tie_theme(mads, two, [decides])  # no longer Asked
    code_groups.merge_code_groups(anna, arrives, into=decides)
    fates = {f.theme.title: f for f in impressions.theme_fates(mads)}
    assert fates["Three"].paths == () and three

    gone = next(p for p in fates["One"].paths if p.named == "Information that arrives")
    kept = next(p for p in fates["One"].paths if p.named == "Who decides")
    assert [s.kind for s in gone.steps] == ["merged_into"] and gone.steps[0].name == "Who has the last word"
    assert kept.code_group and kept.code_group.name == "Who has the last word"
    assert [(s.kind, s.was, s.now, s.who) for s in kept.steps] == [
        ("name", "Who decides", "Who has the last word", "Mads")
    ]
    untied = next(p for p in fates["Two"].paths if p.named == "Asked")
    assert untied.code_group is None and [s.kind for s in untied.steps] == ["untied"]
    assert all(p.since[:10] == "2026-05-04" and p.who for f in fates.values() for p in f.paths)
    assert sum(before.values()) == 0  # history: no unit was placed by it
    assert [s.name for s in code_groups.lineage(anna, decides) if s.kind == "grown_from"] == ["One", "Two"]


def test_only_agreed_themes_are_tied_and_undo_leaves_no_trace_of_a_tie(anna: Context, mads: Context) -> None:
    ours, _ = opened(anna, mads)
    group = code_groups.add_code_group(anna, name="A group")
    with pytest.raises(Refused, match=r"theme\.not_agreed"):
        impressions.tie_theme(anna, ours[0], [group])
    agreed = impressions.agree_theme(anna, title="Agreed")
    with pytest.raises(Refused):
        impressions.tie_theme(anna, agreed, ["no such group"])
    impressions.tie_theme(anna, agreed, [group, group])
    impressions.tie_theme(anna, agreed, [group])
    assert len(impressions.theme_fates(anna)[0].paths) == 1
    while impressions.theme_fates(anna)[0].paths:
        history.undo(anna)
    code_groups.retire_code_group(anna, group)


def test_a_code_group_taken_out_is_told_as_that(anna: Context, mads: Context) -> None:
    opened(anna, mads)
    agreed = impressions.agree_theme(anna, title="Agreed")
    group = code_groups.add_code_group(anna, name="Short-lived", grown_from=[agreed])
    code_groups.retire_code_group(mads, group)
    (path,) = impressions.theme_fates(anna)[0].paths
    assert (path.code_group, path.named, [s.kind for s in path.steps]) == (None, "Short-lived", ["retired"])


@pytest.mark.parametrize(
    "act", [lambda c: impressions.agree_theme(c, title="x"), lambda c: impressions.join_themes(c, [], None)]
)
def test_the_agreed_list_does_not_begin_before_the_lists_are_open(
    anna: Context, act: Callable[[Context], Any]
) -> None:
    write(anna, "Mine")
    impressions.submit_themes(anna)
    with pytest.raises(Refused) as caught:
        act(anna)
    assert (caught.value.code, caught.value.params) == ("theme.not_open_yet", {"who": "Mads"})
    assert not impressions.impression_view(anna).is_open
