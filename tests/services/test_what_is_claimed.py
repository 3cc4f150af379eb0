"""What leaves claims nothing that was not done, and holds nothing that was taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.test_double_coding import colleague
from tests.services.test_hand_over import words_of
from tests.support import mark_words, tiny_project, tiny_transcript
from workbench.services import (
    checks,
    code_groups,
    coding_tree,
    condensing,
    counter_search,
    double_coding,
    hand_over,
    history,
    impressions,
    people,
    report,
    sources,
    states,
    synthesis,
)
from workbench.services.context import Context
from workbench.services.methods_text import methods_text


class Two:
    """Two analysts with one source, and one unit of it in a code group."""

    def __init__(self, folder: Path) -> None:
        self.anna, self.source = tiny_project(folder)
        self.mads = colleague(self.anna)
        self.group = code_groups.add_code_group(self.anna, name="Alone")

    def mark(self, ctx: Context, words: str) -> str:
        return mark_words(ctx, self.source, words, self.group)

    def unseen(self) -> None:
        double_coding.open_unseen(self.anna, self.source, [self.anna.member.id, self.mads.member.id])

    def done(self) -> None:
        for ctx in (self.anna, self.mads):
            double_coding.say_done(ctx, self.source)

    def submit(self, ctx: Context, title: str) -> None:
        impressions.add_theme(ctx, title=title)
        impressions.submit_themes(ctx)

    def said(self, language: str = "en") -> str:
        return " ".join(x.text for x in methods_text(self.anna, language))

    def write(self, unit: str) -> str:
        subgroup = condensing.add_subgroup(self.anna, self.group, name="At night", units=[unit])
        return condensing.add_condensate(
            self.anna, subgroup, text="I sat up, and nobody rang.", covers=[unit]
        )

    def files(self) -> list[str]:
        table = hand_over.hand_over(self.anna, "analysis_table", ".docx")
        return [words_of(table), words_of(report.report_docx(self.anna, picture=False))]


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path)


# -- the methods paragraph -----------------------------------------------------------------------------------


def test_marking_that_both_began_unseen_is_said(two: Two) -> None:
    two.unseen()
    two.mark(two.anna, "The first night")
    two.mark(two.mads, "Nobody had rung")
    assert "without seeing each other" not in two.said()  # it is under way
    two.done()
    assert "1 source was marked by Researcher and Mads Berg without seeing each other's marks" in two.said()


def test_marks_that_stood_before_were_not_made_unseen(two: Two) -> None:
    two.mark(two.anna, "The first night")
    two.unseen()
    two.mark(two.anna, "I rang the ward")
    two.mark(two.mads, "Nobody had rung")
    two.done()
    assert "without seeing each other" not in two.said()


def test_nor_is_a_source_that_only_one_marked(two: Two) -> None:
    two.unseen()
    two.mark(two.anna, "The first night")
    two.done()
    assert "without seeing each other" not in two.said()


def test_lists_that_were_shown_before_all_had_submitted_are_said_to_have_been(two: Two) -> None:
    two.submit(two.anna, "Nobody's")
    impressions.close_step1(two.anna, reason="Mads is on leave")
    assert "when all had submitted" not in two.said()
    two.submit(two.mads, "Whose job")
    assert "(Researcher 1); Researcher showed them to all on" in two.said()
    assert "Mads Berg submitted when the others' themes could be read." in two.said()
    assert "{" not in two.said("da")


def test_lists_that_were_written_alone_are_said_to_have_been(two: Two) -> None:
    two.submit(two.anna, "Nobody's")
    assert "Preliminary themes were written" not in two.said()
    two.submit(two.mads, "Whose job")
    assert "by each analyst alone (Researcher 1 and Mads Berg 1) and shown" in two.said()


def test_searches_are_counted_by_analyst(two: Two) -> None:
    two.mark(two.anna, "The first night")
    category = synthesis.add_category(two.anna, two.group, heading="Nobody rang at night")
    for found in (1, 2):
        counter_search.log_counter_search(two.mads, category, looked_through="All", found=found)
    assert "Mads Berg looked for units that disagree with 1 category" in two.said()


# -- what was taken back ---------------------------------------------------------------------------------------


def test_a_condensate_of_words_that_were_withdrawn_is_in_no_printed_file_until_it_is_looked_at(
    two: Two,
) -> None:
    unit = two.mark(two.anna, "The first night")
    condensate = two.write(unit)
    assert all("I sat up, and nobody rang." in said for said in two.files())
    (person,) = [p for p in people.people_view(two.anna).participants if p.pseudonym == "Aase"]
    with two.anna.write("change_participant") as work:
        work.update("participant", person.id, {"consent": "withdrawn"})
    assert all("I sat up, and nobody rang." not in said for said in two.files())
    assert [w.text for w in states.words_of(two.anna, [unit])] == [""]
    condensing.confirm_condensate(two.anna, condensate)
    # Nobody who speaks in its units may be quoted: the words are still that person's alone.
    assert all("I sat up, and nobody rang." not in said for said in two.files())


def test_a_condensate_of_several_is_printed_though_one_of_them_declined(two: Two) -> None:
    unit, other = two.mark(two.anna, "The first night"), two.mark(two.anna, "He was nobody's")
    subgroup = condensing.add_subgroup(two.anna, two.group, name="Nobody", units=[unit, other])
    condensing.add_condensate(two.anna, subgroup, text="I was nobody's.", covers=[unit, other])
    (person,) = [p for p in people.people_view(two.anna).participants if p.pseudonym == "Aase"]
    people.change_participant(
        two.anna, person.id, rev=person.rev, pseudonym="Aase", stakeholder_group=person.stakeholder_group,
        kind="informant", quote_ok=False,
    )  # fmt: skip
    assert all("I was nobody's." in said for said in two.files())


def test_a_theme_whose_author_took_the_list_back_is_not_in_the_coding_tree(two: Two) -> None:
    mine = impressions.add_theme(two.anna, title="Nobody's")
    impressions.submit_themes(two.anna)
    theirs = impressions.add_theme(two.mads, title="Whose job")
    impressions.submit_themes(two.mads)
    impressions.agree_theme(two.anna, title="Between", merged=(mine, theirs))
    (theme,) = coding_tree.coding_tree(two.anna).themes
    assert {title for title, _ in theme.came_from} == {"Nobody's", "Whose job"}
    history.undo(two.mads)
    (theme,) = coding_tree.coding_tree(two.anna).themes
    assert theme.came_from == (("Nobody's", "Researcher"),)
    (theme,) = coding_tree.coding_tree(two.mads).themes
    assert len(theme.came_from) == 2


# -- why a category is ready -----------------------------------------------------------------------------------


def test_why_a_category_is_ready_stands_in_the_report_and_lapses_when_another_source_comes(two: Two) -> None:
    two.mark(two.anna, "The first night")
    category = synthesis.add_category(
        two.anna, two.group, heading="Nobody rang at night", analytic_text="It was so."
    )
    synthesis.set_category_status(two.anna, category, "ready", reason="The poster is due")

    def told() -> list[str]:
        return [i.rule for i in checks.all_issues(two.anna) if i.rule == "not_reread"]

    said = words_of(report.report_docx(two.anna, picture=False))
    assert "Researcher called the category ready all the same on" in said and "The poster is due" in said
    assert told() == []
    late = tiny_transcript((("P9", "He rang, every evening."),), "late.txt")
    id = sources.import_source(two.anna, late, b"late", title="Late interview")
    assert told() == ["not_reread"]
    assert not any(x.rule == "not_reread" for x in checks.method_check(two.anna).set_aside)
    checks.set_aside(two.anna, "not_reread", category, "Read it on the train")
    assert told() == []
    (aside,) = [x for x in checks.method_check(two.anna).set_aside if x.rule == "not_reread"]
    assert aside.reason == "Read it on the train"
    history.undo(two.anna)
    impressions.mark_read(two.anna, id, "synthesis")
    assert told() == []  # what the reason was given for is as it was
