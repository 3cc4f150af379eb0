"""What the method asks for, tried whole: a study's chain from two quotes to a heading, marks that stay on their words
in a report of 227,500 characters, a published study's matrix, and the demo study, in which everything has something
to show.

Each capability of systematic text condensation has its test. Those below stand here; the others where their part is:

- step 1 unseen, then negotiated: tests/services/test_impressions.py
  test_two_analysts_write_four_to_eight_themes_and_neither_sees_the_others_until_both_submit
- a renamed code group with both names and days: tests/services/test_coding_tree.py
  test_a_renamed_code_group_shows_both_names_and_the_day
- every unit in one state, which sum: tests/services/test_condensing.py
  test_whatever_is_done_and_undone_the_states_of_the_units_sum_to_the_units
- a condensate gone stale names its unit: tests/services/test_condensing.py
  test_a_covered_unit_taken_away_makes_the_condensate_stale_and_is_named
- "jeg" and "I": tests/services/test_condensing.py
  test_a_condensate_in_the_first_person_passes_in_danish_and_in_english
- golden quotes of 12 patients and 26 staff: tests/services/test_condensing.py
  test_golden_quotes_are_told_per_person_and_group_against_the_sample
  test_one_participant_with_more_than_three_golden_quotes_of_ten_waits_in_the_method_check
- a category ready with a reason, challenges printed: tests/services/test_synthesis.py
  test_a_category_is_ready_only_with_a_reason_while_sources_are_not_re_read
  test_an_unanswered_challenge_is_listed_before_ready_and_printed_in_the_report
- replaying the operations: tests/services/test_states.py
  test_replaying_the_operations_from_nothing_rebuilds_every_row
  test_after_an_erase_the_replay_has_a_tombstone_and_no_text
- two codings of one source: tests/services/test_differences.py
  test_two_codings_of_one_source_are_listed_side_by_side_in_reading_order
  test_one_that_both_placed_differently_is_joined_with_the_words_and_groups_chosen
- agreement, against printed examples: tests/domain/test_agreement.py
  test_kappa_is_cohens_own_1960_page_45
  test_alpha_is_krippendorffs_example_c_of_four_analysts_with_answers_missing
  test_alpha_u_is_krippendorffs_example_of_2004_in_every_printed_digit
- information power over time, and the word "saturation": tests/services/test_before.py
  test_five_judgements_with_reasons_on_three_days_are_one_table
  test_the_word_saturation_is_known_in_its_languages
- late interviews re-open what they touch: tests/services/test_progress.py
  test_three_late_interviews_reopen_exactly_the_condensates_they_touch

The quotes are read from the study's own text where it lies beside the project; condensates, analytic text and heading
are invented, in the shape of the chain.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document

from tests.conftest import ROOT, SHARED
from tests.support import body_of, mark_words, tiny_transcript
from workbench.domain.errors import ImportRejected
from workbench.services import (
    before,
    checks,
    code_groups,
    coding,
    comments,
    condensing,
    coreq,
    correcting,
    counter_search,
    counts,
    differences,
    double_coding,
    exporting,
    hand_over,
    history,
    impressions,
    methods_text,
    people,
    progress,
    projects,
    rereading,
    sources,
    states,
    synthesis,
    tracing,
)
from workbench.services.coding_tree import coding_tree
from workbench.services.context import Context
from workbench.store.verify import verify

REPORT = next(iter(sorted((SHARED / "seeds").glob("003_*.txt"))), None) if SHARED.exists() else None
needs_report = pytest.mark.skipif(REPORT is None, reason="the report's text is not beside the project")


def quotes() -> list[str]:
    """The two quotes, each on one line as a transcript would have it, without the bracket that says who."""
    assert REPORT is not None
    lines = REPORT.read_text(encoding="utf-8").splitlines()
    found = []
    for last in (2085, 2134):  # the lines they end at
        start = next(n for n in range(last, 0, -1) if lines[n].lstrip().startswith("…"))
        text = " ".join(" ".join(lines[start : last + 1]).split()).partition(" (Projekt")[0]
        found.append(text.replace("- ", "").lstrip("… "))
    return found


@needs_report
def test_two_quotes_marked_in_the_report_stay_on_their_words_when_an_earlier_paragraph_is_corrected(
    empty: Context,
) -> None:
    assert REPORT is not None
    data = REPORT.read_bytes()
    (parsed,) = sources.preview([(REPORT.name, data)], layout="plain")
    assert not isinstance(parsed, ImportRejected)
    source = sources.import_source(
        empty, parsed, data, title="Report", kind="literature", words_of="literature", language="da"
    )
    body = body_of(empty, source)
    wanted = []
    for first, last in (("Nok fordi tilgangen", "aflaste jer."), ("De fandt det derfor", "sårbare borgere.")):
        start = body.index(first)
        end = body.index(last, start) + len(last)
        wanted.append(body[start:end])
        coding.mark(empty, source, start, end, text_rev=1)
    assert len(body) > 200_000 and wanted[0] in body
    turn = sources.read_source(empty, source).turns[3]
    word = turn.text.split()[0]
    correcting.correct_text(
        empty,
        source,
        turn.turn.start,
        turn.turn.start + len(word),
        f"{word} 😀 længere",
        text_rev=1,
        quote=word,
    )
    now = body_of(empty, source)
    units = sorted(coding.list_units(empty), key=lambda c: c.unit.start)
    assert [c.unit.text for c in units] == wanted
    assert [now[c.unit.start : c.unit.end] for c in units] == wanted and len(now) > len(body)
    history.undo(empty)
    assert body_of(empty, source) == body
    assert [c.unit.text for c in sorted(coding.list_units(empty), key=lambda c: c.unit.start)] == wanted
    assert verify(empty.store.path) == []


@needs_report
def test_the_worked_chain_is_entered_and_comes_out_whole(empty: Context) -> None:
    first, second = quotes()
    ctx = empty
    projects.change_setting(ctx, "question", "Hvad fik fagfolk til at gå med i den nye model?")
    managers = people.add_group(ctx, name="Projektledelse")
    doctors = people.add_group(ctx, name="Almen praksis")
    who = {
        "Projektchef": people.add_participant(ctx, pseudonym="PC", stakeholder_group=managers),
        "Projektleder": people.add_participant(ctx, pseudonym="PL", stakeholder_group=managers),
    }
    transcript = tiny_transcript((("Projektchef", first), ("Projektleder", second)))
    source = sources.import_source(
        ctx, transcript, b"", title="To citater", language="da", speakers=dict(who)
    )

    # Step 1: a preliminary theme, agreed, which dissolves into a code group.
    theme = impressions.add_theme(ctx, title="At blive hjulpet frem for pålagt mere")
    impressions.submit_themes(ctx)
    agreed = impressions.agree_theme(ctx, title="At blive hjulpet frem for pålagt mere", merged=(theme,))

    # Step 2: two meaning units in one code group.
    group = code_groups.add_code_group(ctx, name="Hvad der åbner døren", grown_from=[agreed])
    unit_a = mark_words(ctx, source, first[first.index("Nok fordi") :], group)
    unit_b = mark_words(
        ctx, source, second[second.index("De fandt") : second.index("sårbare borgere.") + 16], group
    )

    # Step 3: subgroups; the first wording speaks with a voice that none of its units has.
    relief = condensing.add_subgroup(ctx, group, name="Tilbud om aflastning", units=[unit_a])
    data = condensing.add_subgroup(ctx, group, name="Brugbar viden om egne borgere", units=[unit_b])
    wrong = (
        "Før skulle jeg altid gøre mere. Nu spurgte de, hvad der var svært for mig, og så ville jeg være med."
    )
    condensate = condensing.add_condensate(ctx, relief, text=wrong, voice=doctors, covers=[unit_a])
    condensing.add_condensate(
        ctx,
        data,
        text="Jeg så, at de blev ivrige, når de fik tal for deres egne.",
        voice=managers,
        covers=[unit_b],
    )
    voice = [i for i in checks.all_issues(ctx) if i.rule == "voice"]
    assert [i.where for i in voice] == [("condensate", condensate)]
    row = next(
        c.condensate
        for s in condensing.board(ctx, group).subgroups
        for c in s.condensates
        if c.condensate.id == condensate
    )
    right = "Før ville vi altid have dem til at gøre mere. Nu spurgte vi, hvordan vi kunne aflaste dem."
    condensing.change_condensate(ctx, condensate, rev=row.rev, text=right, voice=managers)
    assert [i for i in checks.all_issues(ctx) if i.rule == "voice"] == []
    condensing.set_golden(ctx, condensate, unit_a)

    # Step 4: the category, its sentences resting on the units, and what re-reading has against it.
    heading = "Aflastning og egne tal åbnede døren, hvor nye opgaver før havde lukket den"
    category = synthesis.add_category(
        ctx,
        group,
        heading=heading,
        analytic_text=f"Projektlederne oplevede, at aflastning åbnede døren. {{{{unit:{unit_a}}}}} "
        f"Tal om egne borgere gjorde arbejdet synligt. {{{{unit:{unit_b}}}}}",
    )
    note = "Begge er projektledere, der taler om almen praksis; ingen læge er hørt."
    rereading.note_recontext(ctx, category, source, verdict="challenges", note=note, unit=unit_a)

    # It comes out whole: by the trace, from the heading to the words and what speaks against it ...
    found = tracing.because(ctx, category)
    assert {u.card.unit.id for u in found.units} == {unit_a, unit_b}
    assert {c.text for c in found.condensates} >= {right}
    assert [r.label for r in found.reasons if r.kind == "challenge"] == [note]
    # ... and on paper, in the chain's order.
    said = "\n".join(_texts(exporting.export(ctx, ".docx")))
    for text in (agreed_title := "At blive hjulpet frem for pålagt mere", "Hvad der åbner døren",
                 "Tilbud om aflastning", right, heading, note, "Nok fordi tilgangen altid har været"):  # fmt: skip
        assert text in said, text
    assert wrong not in said and said.count(agreed_title) >= 1

    # The analysis table has a row from the unit to the heading, with the wording that stands.
    words = first[first.index("Nok fordi") :]
    table = "\n".join(_texts(hand_over.hand_over(ctx, "analysis_table", ".docx")))
    for text in (words, "Hvad der åbner døren", "Tilbud om aflastning", right, heading):
        assert text in table, text
    assert wrong not in table

    # The coding tree: whose theme, the code group it dissolved into, its subgroups and what it came to.
    tree = coding_tree(ctx)
    (agreed_node,) = [x for x in tree.themes if x.agreed]
    assert (agreed_node.title, agreed_node.groups) == (agreed_title, (group,))
    assert agreed_node.came_from == ((agreed_title, ctx.member.name),)
    (branch,) = tree.groups
    assert [s.name for s in branch.subgroups] == ["Tilbud om aflastning", "Brugbar viden om egne borgere"]
    assert branch.category is not None and branch.category.heading == heading and branch.loose == 0
    drawn = hand_over.hand_over(ctx, "coding_tree", ".svg").decode()
    assert "Hvad der åbner døren" in re.sub(r"<[^>]+>", " ", drawn).replace("  ", " ")

    # The methods paragraph says what was done, in both languages, and claims no more.
    for language, counted in (("en", "2 meaning units"), ("da", "2 meningsbærende enheder")):
        paragraph = " ".join(x.text for x in methods_text.methods_text(ctx, language))
        assert counted in paragraph, paragraph
        assert (
            "saturation" not in paragraph and "mætning" not in paragraph and "kappa" not in paragraph.lower()
        )
    english = [x.text for x in methods_text.methods_text(ctx, "en")]
    assert (
        "No re-reading against the results is logged." in english
    )  # a challenge was noted; nobody read it through
    assert not any("unseen" in x and "marked" in x and "were compared" in x for x in english)
    assert verify(ctx.store.path) == []


def _texts(docx: bytes) -> list[str]:
    document = Document(io.BytesIO(docx))
    cells = [c.text for table in document.tables for r in table.rows for c in r.cells]
    return [p.text for p in document.paragraphs] + cells


# PORT's Table 2, first row, as far as it was published: theme x stakeholder x evidence.
PORT_ROW = {
    "Patients": "repeatedly new contacts without knowledge",
    "Hospital": "lacking information and contact information",
    "Municipality": "lacking information and contact information",
    "General practice": "lacking information and contact information",
}
PORT_EVIDENCE = "General overview challenging for all parties"


def test_the_first_row_of_a_published_matrix_has_five_columns_and_each_cell_leads_to_its_units(
    empty: Context, run_page: Callable[..., Any]
) -> None:
    ctx = empty
    groups = {name: people.add_group(ctx, name=name) for name in PORT_ROW}
    who = {
        f"{name} {n}": people.add_participant(ctx, pseudonym=f"{name} {n}", stakeholder_group=groups[name])
        for name in groups
        for n in (1, 2)
    }
    turns = tuple((label, f"What {label} said about it.") for label in who)
    source = sources.import_source(ctx, tiny_transcript(turns), b"", title="Invented", speakers=dict(who))
    sharing = code_groups.add_code_group(ctx, name="Information sharing")
    said = {
        label: mark_words(ctx, source, f"What {label} said", sharing)
        for label in who
        if label != "Patients 2"
    }
    category = synthesis.add_category(ctx, sharing, heading="Information sharing")
    for name, phrase in PORT_ROW.items():
        synthesis.set_phrase(ctx, category, groups[name], phrase)
    synthesis.add_evidence(
        ctx, category, title="Evidence", citation="Benthien 2024, table 2", finding=PORT_EVIDENCE
    )

    matrix = synthesis.theme_matrix(ctx)
    assert [name for _, name, _, _ in matrix.groups] == list(PORT_ROW) and len(matrix.themes) == 1
    row = matrix.cells[category]
    assert [row[groups[name]].phrase for name in PORT_ROW] == list(PORT_ROW.values())
    assert [x.finding for x in matrix.evidence[category]] == [PORT_EVIDENCE]  # the fifth column
    assert [(row[groups[n]].heard, row[groups[n]].sample) for n in PORT_ROW] == [
        (1, 2),
        (2, 2),
        (2, 2),
        (2, 2),
    ]

    # From each cell to its units, in one press: the people counted in the cell are those who say them.
    table = counts.cross(ctx, "group")
    for name, group in groups.items():
        units = table.at(sharing, group).units
        assert set(units) == {u for label, u in said.items() if label.startswith(name)}
        assert row[group].heard == len(units)
        at = run_page("explore", ctx, part="groups", cell=f"{sharing}.{group}")
        shown = " ".join(e.proto.json for e in at.get("bidi_component"))
        links = re.findall(r"code\?[^\"\\]*unit=[0-9a-f-]+", shown)
        assert {u for u in said.values() if any(u in link for link in links)} == set(units)

    # And on paper, with the words each column is known by.
    theme_table = "\n".join(_texts(hand_over.hand_over(ctx, "theme_table", ".docx")))
    assert "Information sharing" in theme_table
    report = "\n".join(_texts(exporting.export(ctx, ".docx")))
    assert PORT_ROW["Patients"] in report and PORT_EVIDENCE in report


def test_every_test_this_file_leaves_to_another_is_there() -> None:
    assert __doc__ is not None
    listed = re.findall(r"(tests/\S+\.py)((?:\n  test_\w+)+)", __doc__)
    assert len(listed) >= 12
    for file, names in listed:
        body = (ROOT / file).read_text(encoding="utf-8")
        for name in names.split():
            assert f"def {name}(" in body, f"{file} has no {name}"


# -- the demo study --------------------------------------------------------------------------------------------


def test_the_demo_has_something_true_to_show_on_every_screen_of_the_method(ctx: Context) -> None:
    view = before.before_view(ctx)
    assert view.aim.value and view.guide.value and len(before.guide_versions(ctx)) == 2
    assert all(a.preconceptions for a in view.log)
    assert sum(len(a.reflections) for a in view.log) >= 4
    judged = before.power_table(view.judgements).rows
    assert len({j.at for j in judged}) == 3 and all(all(j.reasons.values()) for j in judged)

    step1 = impressions.impression_view(ctx)
    assert step1.is_open and step1.minutes
    tied = [{p.code_group.id for p in f.paths if p.code_group} for f in impressions.theme_fates(ctx)]
    assert any(len(groups) > 1 for groups in tied)  # one theme into several code groups, and several into one
    assert sum(map(len, tied)) > len(set().union(*tied))

    settled = differences.settlements(ctx)
    assert all(settled.counts[outcome] for outcome in ("joined", "kept", "taken_out", "apart"))
    assert len(double_coding.list_unseen(ctx)) == 2 and not any(
        u.is_open for u in double_coding.list_unseen(ctx)
    )
    anna, mads = (m.id for m in differences.analysts(ctx)[:2])
    left = differences.compare(ctx, anna, mads)
    assert (left.count("one"), left.count("placed"), left.count("alike")) == (2, 1, 0)

    tree = coding_tree(ctx)
    assert any(e.kind == "renamed" for g in tree.groups for e in g.events)
    assert any(g.absorbed for g in tree.groups)

    (poster,) = states.list_states(ctx)
    since = states.compare_states(ctx, poster.id)
    assert poster.frozen_at.startswith("2026-05-04") and since.came and not since.same
    assert [c.change for c in since.condensates if c.change != "same"] == ["changed"]

    rounds = progress.progress(ctx).rounds
    assert [len(r.sources) for r in rounds] == [9, 1]
    assert len(rounds[1].reopens) == 2 and all(r.came for r in rounds[1].reopens)

    assert sum(comments.open_counts(ctx).values()) == 2
    assert len(counter_search.counter_searches(ctx)) == 2
    assert sum(bool(r.own) for r in coreq.coreq(ctx)) >= 5
    assert verify(ctx.store.path) == []
