"""What the method asks for, tried whole: a study's chain from two quotes to a heading, and marks that stay on their
words in a report of 227,500 characters.

The quotes are read from the study's own text where it lies beside the project; condensates, analytic text and heading
are invented, in the shape of the chain.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document

from tests.conftest import SHARED
from tests.support import body_of, mark_words, tiny_transcript
from workbench.domain.errors import ImportRejected
from workbench.services import (
    checks,
    code_groups,
    coding,
    condensing,
    correcting,
    exporting,
    history,
    impressions,
    people,
    projects,
    rereading,
    sources,
    synthesis,
    tracing,
)
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
        empty, source, turn.turn.start, turn.turn.start + len(word), f"{word} 😀 længere", text_rev=1, quote=word
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
    wrong = "Før skulle jeg altid gøre mere. Nu spurgte de, hvad der var svært for mig, og så ville jeg være med."
    condensate = condensing.add_condensate(ctx, relief, text=wrong, voice=doctors, covers=[unit_a])
    condensing.add_condensate(
        ctx, data, text="Jeg så, at de blev ivrige, når de fik tal for deres egne.", voice=managers, covers=[unit_b]
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
    assert verify(ctx.store.path) == []


def _texts(docx: bytes) -> list[str]:
    document = Document(io.BytesIO(docx))
    cells = [c.text for table in document.tables for r in table.rows for c in r.cells]
    return [p.text for p in document.paragraphs] + cells
