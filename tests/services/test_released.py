"""What leaves the analysis team, and what others may see of it: quotes, numbers, names and the trace."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import docx
import pytest

from tests.conftest import acting_as
from workbench.domain.errors import NotAllowed, Refused, StaleEdit
from workbench.domain.people import heard, may_be_quoted, told, too_few
from workbench.domain.records import Participant
from workbench.language import t
from workbench.services import (
    code_groups,
    coding,
    exporting,
    history,
    impressions,
    meetings,
    model,
    packs,
    people,
    projects,
    quotes,
    rereading,
    sources,
    synthesis,
    tracing,
    versioning,
)
from workbench.services import material as services_material
from workbench.services import report as services_report
from workbench.services import theme_briefs as services_theme_briefs
from workbench.services import workbook as services_workbook
from workbench.services.context import Context
from workbench.ui import committee


def card_of(ctx: Context, unit: str) -> coding.UnitCard:
    return next(c for c in coding.list_units(ctx) if c.unit.id == unit)


def a_quote(ctx: Context) -> quotes.ClearedQuote:
    """A cleared quote in the pack, by one person."""
    for brief in packs.meeting_pack(ctx).briefs:
        for quote in synthesis.category_view(ctx, brief.id).quotes:
            if len(card_of(ctx, quote.unit).unit.participants) == 1 and not quote.translation:
                return quote
    raise AssertionError


def in_the_pack(ctx: Context) -> set[str]:
    return {q.text for b in packs.meeting_pack(ctx).briefs for q in (*b.quotes, *b.dissent)}


def briefs_text(ctx: Context, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (folder / "briefs.pdf").write_bytes(exporting.export(ctx, ".pdf"))
    out = subprocess.run(["pdftotext", folder / "briefs.pdf", "-"], check=True, capture_output=True).stdout
    return " ".join(out.decode().split())


def speaker_of(ctx: Context, unit: str) -> Participant:
    (one,) = card_of(ctx, unit).unit.participants
    return next(p for p in people.people_view(ctx).participants if p.id == one)


# -- quotes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"consent": "withdrawn"}, {"quote_ok": 0}])
def test_taking_away_consent_takes_a_cleared_quote_out_of_pack_briefs_and_report(
    ctx: Context, tmp_path: Path, change: dict[str, object]
) -> None:
    quote = a_quote(ctx)
    assert quote.printed in in_the_pack(ctx)
    assert " ".join(quote.printed.split()) in briefs_text(ctx, tmp_path)
    with ctx.write("change_participant") as work:
        work.update("participant", speaker_of(ctx, quote.unit).id, change)
    assert quote.printed not in in_the_pack(ctx)
    assert " ".join(quote.printed.split()) not in briefs_text(ctx, tmp_path)
    assert quote.id not in history.list_releases(ctx)[0].items
    report = docx.Document(io.BytesIO(services_report.report_docx(ctx, picture=False)))
    assert not any(quote.printed in p.text for p in report.paragraphs)
    assert quotes.quotes_by_unit(ctx)[quote.unit].withheld == "consent"
    assert not any(q.unit == quote.unit for v in _views(ctx) for q in (*v.quotes, *v.dissent))


def _views(ctx: Context) -> list[synthesis.CategoryView]:
    return [synthesis.category_view(ctx, id) for id, _ in synthesis.theme_matrix(ctx).themes]


def test_words_that_turn_out_to_be_a_researchers_leave_no_quote(ctx: Context) -> None:
    quote = a_quote(ctx)
    s = next(
        v.source for v in sources.list_sources(ctx) if v.source.id == card_of(ctx, quote.unit).unit.source
    )
    sources.change_source(ctx, s.id, rev=s.rev, title=s.title, kind=s.kind, words_of="researcher",
                          language=s.language, session=s.session)  # fmt: skip
    assert quote.printed not in in_the_pack(ctx)
    assert quotes.quotes_by_unit(ctx)[quote.unit].withheld


def test_a_quote_stays_back_once_its_unit_reads_otherwise_and_leaves_again_when_it_is_cleared_anew(
    ctx: Context,
) -> None:
    quote = a_quote(ctx)
    u = card_of(ctx, quote.unit).unit
    coding.resize(ctx, u.id, u.start, u.end - 3)
    assert quote.printed not in in_the_pack(ctx)
    assert quotes.quotes_by_unit(ctx)[u.id].withheld == "changed"
    history.undo(ctx)
    assert quote.printed in in_the_pack(ctx)
    assert quotes.quotes_by_unit(ctx)[u.id].withheld == ""
    coding.resize(ctx, u.id, u.start, u.end - 3)
    quotes.clear_quote(ctx, u.id, printed=quote.printed, recognisable=False)
    assert quote.printed in in_the_pack(ctx)


def test_one_person_who_declines_is_enough() -> None:
    def person(**changes: object) -> Participant:
        return replace(Participant("p", 1, "Ada", None, "informant", "given", True), **changes)

    assert may_be_quoted([]) and may_be_quoted([person(), person(consent="limited")])
    assert not may_be_quoted([person(), person(quote_ok=False)])
    assert not may_be_quoted([person(consent="withdrawn"), person()])


# -- numbers -------------------------------------------------------------------------------------------------


def small_group(ctx: Context) -> tuple[str, str]:
    """(id, name) of the smallest group of the demo, which has five people."""
    matrix = synthesis.theme_matrix(ctx)
    cells = next(iter(matrix.cells.values()))
    return next((id, name) for id, name, _, _ in matrix.groups if cells[id].sample == 5)


@pytest.mark.parametrize("role", ["steering", "facilitator"])
def test_no_service_gives_a_role_without_transcripts_the_number_of_a_small_group(
    ctx: Context, role: str
) -> None:
    reader = acting_as(ctx, role)
    group, _ = small_group(ctx)
    whole = synthesis.theme_matrix(reader)
    assert whole.is_exact and all(c.heard is not None for row in whole.cells.values() for c in row.values())
    projects.change_setting(ctx, "k_min", "6")
    matrix = synthesis.theme_matrix(reader)
    assert matrix.few == {synthesis.OTHERS} and not matrix.is_exact
    assert group not in {id for id, *_ in matrix.groups}
    for row in matrix.cells.values():
        assert group not in row
        assert (row[synthesis.OTHERS].heard, row[synthesis.OTHERS].sample) == (None, None)
        assert all(c.heard is not None and c.sample for id, c in row.items() if id != synthesis.OTHERS)
    # No total from which the small group's number could be had by subtraction.
    assert not any(r.people for r in tracing.trace_table(reader))
    pack = packs.meeting_pack(reader)
    assert pack.people is None and not any(r.people for r in pack.requirements)
    assert pack.matrix.cells == matrix.cells
    for brief in pack.briefs:
        assert [(h.heard, h.sample) for h in brief.spread if h.group == synthesis.OTHERS] == [(None, None)]
    for strip in (pack.strip, packs.trace_strip(reader)):
        assert not strip.is_exact
        assert {n.weight for _, nodes in strip.columns for n in nodes} == {1}
        assert {weight for _, _, weight, _ in strip.links} == {1}
    if role == "facilitator":
        assert not any(r.people for r in model.list_requirements(reader))


def test_the_analysis_team_counts_everybody_and_its_pack_is_the_committees(ctx: Context) -> None:
    group, _ = small_group(ctx)
    projects.change_setting(ctx, "k_min", "6")
    assert all(row[group].sample == 5 for row in synthesis.theme_matrix(ctx).cells.values())
    assert any(r.people for r in tracing.trace_table(ctx)) and packs.trace_strip(ctx).is_exact
    assert packs.meeting_pack(ctx) == packs.meeting_pack(acting_as(ctx, "steering"))


def test_a_number_of_people_below_the_smallest_is_not_told_even_where_all_groups_are_large(
    ctx: Context,
) -> None:
    chair = acting_as(ctx, "steering")
    r = next(r for r in model.list_requirements(ctx) if r.people == 3)
    pack = packs.meeting_pack(chair)
    assert pack.strip.is_exact and pack.people == 24
    assert next(x for x in pack.requirements if x.id == r.requirement.id).people is None
    assert [x.people for x in tracing.trace_table(chair) if x.requirement == r.requirement.id] == [None]
    assert dict(next(n for k, n in _weights(pack.strip) if k == "requirement"))[r.requirement.id] == 1


def _weights(strip: packs.Strip) -> list[tuple[str, list[tuple[str, int]]]]:
    return [(kind, [(n.id, n.weight) for n in nodes]) for kind, nodes in strip.columns]


def test_the_picture_of_the_trace_says_that_its_bands_are_alike(ctx: Context) -> None:
    assert t("exporting.flow.note").partition(",")[0] in exporting.export(ctx, ".svg").decode()
    projects.change_setting(ctx, "k_min", "6")
    svg = exporting.export(acting_as(ctx, "steering"), ".svg").decode()
    assert t("tracepage.alike").partition(":")[0] in svg
    assert t("exporting.flow.note").partition(",")[0] not in svg


def test_the_briefs_say_some_instead_of_a_number(ctx: Context, tmp_path: Path) -> None:
    projects.change_setting(ctx, "k_min", "6")
    text = briefs_text(ctx, tmp_path)
    assert "Others some" in text and "of 5 people" not in text and "5 people" not in text


def everything_released(ctx: Context, folder: Path) -> str:
    """All that a committee gets: the pack, the briefs as text, and the picture of the trace."""
    chair = acting_as(ctx, "steering")
    svg = exporting.export(chair, ".svg").decode()
    return "\n".join([repr(packs.meeting_pack(chair)), repr(synthesis.theme_matrix(chair)),
                      repr(tracing.trace_table(chair)), briefs_text(chair, folder), svg])  # fmt: skip


def test_a_group_too_small_to_stand_alone_is_named_nowhere_in_what_is_released(
    ctx: Context, tmp_path: Path
) -> None:
    _, name = small_group(ctx)
    assert name in everything_released(ctx, tmp_path)
    assert synthesis.OTHERS not in {id for id, *_ in packs.meeting_pack(ctx).matrix.groups}
    projects.change_setting(ctx, "k_min", "6")
    # Its name stands in analytic texts and the like too, which the team writes: take those apart by renaming.
    group, _ = small_group(ctx)
    with ctx.write("change_group") as work:
        work.update("stakeholder_group", group, {"name": "Midwives", "monogram": "Mw"})
    released = everything_released(ctx, tmp_path)
    assert "Midwives" not in released and "'Mw'" not in released and group not in released
    assert any(q.groups == (t("pack.others"),) for b in packs.meeting_pack(ctx).briefs for q in b.quotes)
    assert any(t("pack.others") in r.groups for r in packs.meeting_pack(ctx).requirements)
    # The analysis team's own screens and files keep it by its name.
    assert "Midwives" in repr(synthesis.theme_matrix(ctx)) and "Midwives" in repr(tracing.trace_table(ctx))
    assert "Midwives" in repr(packs.trace_strip(ctx))
    report = docx.Document(io.BytesIO(services_report.report_docx(ctx, picture=False)))
    assert any("Midwives" in c.text for table in report.tables for row in table.rows for c in row.cells)


def test_small_groups_together_are_counted_once_they_are_enough_and_no_total_takes_them_apart(
    ctx: Context,
) -> None:
    projects.change_setting(ctx, "k_min", "7")
    whole, pack = synthesis.theme_matrix(ctx), packs.meeting_pack(ctx)
    small = {id for row in whole.cells.values() for id, c in row.items() if (c.sample or 0) < 7}
    assert len(small) == 3 and [id for id, *_ in pack.matrix.groups][-1] == synthesis.OTHERS
    assert len(pack.matrix.groups) == 2 and pack.matrix.is_exact and pack.people == 24
    for theme, row in whole.cells.items():
        others = pack.matrix.cells[theme][synthesis.OTHERS]
        assert others.sample == 17 and others.heard == sum(row[g].heard or 0 for g in small)


def test_under_masking_some_and_no_one_are_true(ctx: Context, run_page) -> None:  # type: ignore[no-untyped-def]
    projects.change_setting(ctx, "k_min", "6")
    group, _ = small_group(ctx)
    theme = packs.meeting_pack(ctx).briefs[0].id
    code_group = synthesis.category_view(ctx, theme).category.code_group
    assert packs.meeting_pack(ctx).matrix.cells[theme][synthesis.OTHERS].anyone
    for card in coding.list_units(ctx):
        if group in card.groups:
            for p in card.placements:
                if p.code_group == code_group:
                    coding.unplace(ctx, p.id)
    pack = packs.meeting_pack(ctx)
    assert not pack.matrix.cells[theme][synthesis.OTHERS].anyone
    heard_of_others = next(h for h in pack.briefs[0].spread if h.group == synthesis.OTHERS)
    assert (heard_of_others.heard, heard_of_others.anyone) == (None, False)
    assert services_theme_briefs._told(heard_of_others) == "no one"
    assert all(a != synthesis.OTHERS or b != theme for a, b, _, _ in pack.strip.links)
    at = run_page("pack", acting_as(ctx, "steering"), part="themes", theme="1")
    drawn = "".join(c.proto.json for c in at.get("bidi_component"))
    assert '"name": "Others", "tone": 7}, "text": "no one"' in drawn


def test_a_large_group_of_which_nobody_was_heard_is_no_one(ctx: Context) -> None:
    heard_of = packs.Heard("g", "Wards", "Wa", 0, 0, 9, False)
    assert services_theme_briefs._told(heard_of) == "no one"
    assert services_theme_briefs._told(replace(heard_of, heard=2, anyone=True)) == "2 of 9 people"


def test_numbers_are_told_or_not_by_one_rule() -> None:
    assert too_few({"a": 4, "b": 5, "c": 0}, 5) == {"a"}
    assert (told(7, (), 5), told(5, (), 5), told(4, (), 5), told(7, {"a"}, 5), told(0, {"a"}, 5)) == (
        7, 5, None, None, 0,
    )  # fmt: skip


def test_a_facilitators_pages_hold_no_number_of_a_small_group(ctx: Context, run_page) -> None:  # type: ignore[no-untyped-def]
    projects.change_setting(ctx, "k_min", "6")
    reader = acting_as(ctx, "facilitator")
    for page in ("requirements", "trace", "pack"):
        at = run_page(page, reader)
        assert not at.exception
        drawn = "".join(c.proto.json for c in at.get("bidi_component"))
        assert "of 5" not in drawn and "people in" not in drawn and "None" not in drawn


# -- who sees it differently -----------------------------------------------------------------------------------


def brief_of(ctx: Context, theme: str) -> packs.ThemeBrief:
    return next(b for b in packs.meeting_pack(ctx).briefs if b.id == theme)


def test_a_theme_written_after_the_rereading_has_not_been_looked_for(ctx: Context) -> None:
    group = code_groups.add_code_group(ctx, name="Waiting rooms")
    theme = synthesis.add_category(ctx, group, heading="Waiting is work", analytic_text="Nobody counts it.")
    brief = brief_of(ctx, theme)
    assert (brief.reread, brief.sources, brief.reread_on) == (
        0,
        len(synthesis.synthesis_view(ctx).sources),
        None,
    )
    assert services_theme_briefs.dissent_said(brief) == t("exporting.dissent.not_yet")
    assert committee.dissent_facts(brief, packs.meeting_pack(ctx).matrix) == ([], t("committee.not_looked"))
    view = synthesis.category_view(ctx, theme)
    assert services_report._category(services_material.load_material(ctx), view, 9, "").searched == t(
        "exporting.searched.not_yet"
    )
    s = sources.list_sources(ctx)[0].source
    # The lead has read none of them for step 4; one of them now.
    if impressions.is_read(ctx, s.id, "synthesis"):
        impressions.mark_read(ctx, s.id, "synthesis")
    impressions.mark_read(ctx, s.id, "synthesis", at="2026-06-02")
    brief = brief_of(ctx, theme)
    assert (brief.reread, brief.reread_on) == (1, "2026-06-02")


def test_only_other_words_make_a_rereading_old(ctx: Context) -> None:
    theme = packs.meeting_pack(ctx).briefs[0].id
    assert brief_of(ctx, theme).reread == 9
    view = synthesis.category_view(ctx, theme)
    synthesis.set_category_status(ctx, theme, "draft")
    group = packs.meeting_pack(ctx).matrix.groups[0][0]
    synthesis.set_phrase(ctx, theme, group, "carry it themselves")
    synthesis.embed_unit(ctx, theme, view.cards[-1].unit.id, after=1)
    assert brief_of(ctx, theme).reread == 9
    c = synthesis.category_view(ctx, theme).category
    synthesis.change_category(ctx, theme, rev=c.rev, heading=c.heading, analytic_text="It is otherwise.")
    assert brief_of(ctx, theme).reread == 0
    assert {b.reread for b in packs.meeting_pack(ctx).briefs if b.id != theme} == {9}


def test_a_new_heading_makes_a_rereading_old(ctx: Context) -> None:
    theme = packs.meeting_pack(ctx).briefs[1].id
    c = synthesis.category_view(ctx, theme).category
    synthesis.change_category(ctx, theme, rev=c.rev, heading="Otherwise", analytic_text=c.analytic_text)
    assert brief_of(ctx, theme).reread == 0


def test_a_challenge_noted_is_told_also_where_no_source_has_been_reread(ctx: Context) -> None:
    brief = replace(packs.meeting_pack(ctx).briefs[0], reread=0, reread_on=None, dissent=(), challenges=1)
    said = committee.dissent_facts(brief, packs.meeting_pack(ctx).matrix)[1]
    assert said == t("committee.challenged_uncleared")


def test_one_is_said_as_one(ctx: Context) -> None:
    brief = replace(packs.meeting_pack(ctx).briefs[0], reread=1, sources=1, reread_on="2026-05-03", dissent=(),
                    challenges=0)  # fmt: skip
    assert services_theme_briefs.dissent_said(brief).endswith("The only source was re-read, on 3 May 2026.")
    some = services_theme_briefs.dissent_said(replace(brief, sources=9))
    assert some.endswith("1 of 9 sources was re-read so far, on 3 May 2026.")
    matrix = packs.meeting_pack(ctx).matrix
    assert committee.dissent_facts(brief, matrix)[1].startswith("1 of 1 source re-read")


# -- links -----------------------------------------------------------------------------------------------------


def test_what_supported_a_requirement_can_be_said_to_speak_against_it(ctx: Context) -> None:
    r = next(r for r in model.list_requirements(ctx) if any(s.kind == "category" for s in r.supports))
    item = next(s for s in r.supports if s.kind == "category")
    assert model.support_requirement(ctx, r.requirement.id, item.item, role="contradicts") == item.link
    now = next(x for x in model.list_requirements(ctx) if x.requirement.id == r.requirement.id)
    assert item.item in {s.item for s in now.against} and item.item not in {s.item for s in now.supports}


def test_what_rests_on_a_decision_does_not_rest_on_what_the_decision_judged(ctx: Context) -> None:
    decision = next(d for d in meetings.list_decisions(ctx) if d.outcome and d.about)
    judged = decision.about[0][0]
    r = model.add_requirement(
        ctx, statement="The model must follow it", based_on=[decision.id], basis="decision"
    )
    for look in (tracing.because, tracing.grounds):
        (reason,) = look(ctx, r).reasons
        assert (reason.kind, reason.reasons, reason.units) == ("decision", (), ())
        assert judged in {x.id for x in look(ctx, decision.key).reasons}
    resting = {x.id for x in tracing.resting_on(ctx, judged)}
    assert decision.id in resting and r not in resting
    assert r in {x.id for x in tracing.resting_on(ctx, decision.id)}


# -- what was frozen, and what speaks against it -----------------------------------------------------------------


def without_state(frozen: packs.Frozen) -> packs.Frozen:
    columns = tuple(
        (kind, tuple(replace(n, state="") for n in nodes)) for kind, nodes in frozen.strip.columns
    )
    return replace(frozen, requirements=tuple(replace(r, trust="") for r in frozen.requirements),
                   strip=replace(frozen.strip, columns=columns))  # fmt: skip


def test_a_frozen_version_is_shown_as_it_was_frozen(ctx: Context) -> None:
    versioning.freeze_version(ctx, label="Three")
    frozen = packs.meeting_pack(ctx).frozen
    assert frozen is not None and frozen.version.label == "Three"
    by_key = {r.key: r for r in packs.meeting_pack(ctx).requirements}
    for r in frozen.requirements:
        now = by_key[r.key]
        assert (r.statement, r.acceptance, r.moscow, r.people, set(r.groups)) == (
            now.statement, now.acceptance, now.moscow, now.people, set(now.groups)
        )  # fmt: skip
        assert (set(r.themes), set(r.components)) == (set(now.themes), set(now.components))
        assert (r.challenges, sorted(r.against)) == (now.challenges, sorted(now.against))
    first = model.list_requirements(ctx)[0].requirement
    model.change_requirement(ctx, first.id, rev=first.rev, statement="The model must sing")
    component = model.list_components(ctx)[0].component
    added = model.add_requirement(
        ctx, statement="The model must dance", based_on=[packs.meeting_pack(ctx).briefs[0].id]
    )
    held = [q[0] for q in model.list_components(ctx)[0].requirements]
    model.change_component(ctx, component.id, rev=component.rev, name="Another name", description="",
                           realises=[*held, added])  # fmt: skip
    theme = packs.meeting_pack(ctx).briefs[0].id
    c = synthesis.category_view(ctx, theme).category
    synthesis.change_category(ctx, theme, rev=c.rev, heading="Another heading", analytic_text=c.analytic_text)
    pack = packs.meeting_pack(ctx)
    assert "The model must dance" in {r.statement for r in pack.requirements}
    assert pack.frozen is not None
    assert without_state(pack.frozen) == without_state(frozen)  # how it stands is today's: it is in doubt now
    assert {r.trust for r in pack.frozen.requirements if r.id == first.id} <= {"doubt", ""}
    for other in ("must sing", "must dance", "Another"):
        assert other not in repr(pack.frozen)


def test_challenges_nobody_has_answered_speak_against_what_rests_on_their_theme(ctx: Context) -> None:
    theme = packs.meeting_pack(ctx).briefs[3].id
    unit = synthesis.category_view(ctx, theme).cards[0].unit
    r = model.add_requirement(ctx, statement="The model must ask once", based_on=[theme])
    chair = acting_as(ctx, "steering")

    def told_of() -> int:
        return next(x.challenges for x in packs.meeting_pack(chair).requirements if x.id == r)

    def noted(item: str) -> list[tracing.Because]:
        return [x for x in tracing.because(ctx, item).reasons if x.kind == "challenge"]

    before = told_of()
    note = rereading.note_recontext(ctx, theme, unit.source, verdict="challenges", note="Asking once is a test",
                                    unit=unit.id)  # fmt: skip
    rereading.note_recontext(ctx, theme, unit.source, verdict="challenges", note="It was told by nobody")
    rereading.note_recontext(ctx, theme, unit.source, verdict="nuances", note="Now and then")
    assert told_of() == before + 2
    for item in (r, theme):
        assert {"Asking once is a test", "It was told by nobody"} <= {x.label for x in noted(item)}
        said = next(x for x in noted(item) if x.label == "Asking once is a test")
        assert [u.card.unit.id for u in said.units] == [unit.id] and said.role == "contradicts"
    assert tracing.because(ctx, r).reasons[0].kind == "challenge"  # before the theme and all its words
    (count,) = [x for x in tracing.grounds(chair, r).reasons if x.kind == "challenge"]
    assert not any(c.isdigit() for c in count.label) and (count.units, count.id) == ((), "")
    assert "Asking once" not in repr(tracing.grounds(chair, r)) + repr(packs.meeting_pack(chair).requirements)
    rereading.answer_recontext(ctx, note, "It is in the text")
    assert told_of() == before + 1


def test_context_around_a_unit_is_clipped_beside_it_in_whole_words(ctx: Context) -> None:
    long = " ".join(f"word{n}" for n in range(2000))
    end, start = tracing.clipped(long, end=True), tracing.clipped(long, end=False)
    assert end.startswith("… word") and end.endswith(" word1999") and len(end) <= 305
    assert start.startswith("word0 word1 ") and start.endswith(" …") and len(start) <= 305
    assert set(end[2:].split()) | set(start[:-2].split()) <= set(long.split())
    assert tracing.clipped(" short \n", end=True) == "short"
    assert len(tracing.clipped("x" * 5000, end=True)) <= 305
    said = f"Ada: {long}\n\nBo: {long}\n\nAda: {long}\n".encode()
    (parsed,) = sources.preview([("talk.txt", said)])
    source = sources.import_source(ctx, parsed, said, title="One talk", speakers={})  # type: ignore[arg-type]
    turn = sources.read_source(ctx, source).turns[1].turn
    at = turn.start + long.index("word1000 ")
    unit = coding.mark(ctx, source, at, at + len("word1000"), text_rev=1)
    (traced,) = tracing.because(ctx, unit).units
    assert traced.card.unit.text == "word1000"
    around = [x.text for x in (*traced.before, *traced.after)]
    assert len(around) == 4 and all(len(x) <= 305 for x in around)
    assert traced.before[-1].text.endswith(" word999") and traced.after[0].text.startswith("word1001 ")
    assert traced.before[0].text.endswith(" word1999") and traced.after[1].text.startswith("word0 ")


# -- names -----------------------------------------------------------------------------------------------------


def test_a_facilitator_reads_no_title_of_a_source_in_what_a_requirement_rests_on(ctx: Context) -> None:
    unit = coding.list_units(ctx)[0].unit
    r = model.add_requirement(ctx, statement="The model must", based_on=[unit.id], against=[unit.source])
    facilitator = acting_as(ctx, "facilitator")
    titles = [v.source.title for v in sources.list_sources(ctx)]
    seen = model.list_requirements(facilitator)
    labels = [s.label for v in seen for s in (*v.supports, *v.against)]
    assert not any(title in label for title in titles for label in labels)
    mine = next(v for v in seen if v.requirement.id == r)
    assert [s.label for s in (*mine.supports, *mine.against)] == [t("kind.unit"), t("kind.source")]
    own = next(v for v in model.list_requirements(ctx) if v.requirement.id == r)
    assert any(title in own.supports[0].label for title in titles)


def test_only_what_is_released_can_be_asked_for_by_a_steering_member(ctx: Context) -> None:
    chair = acting_as(ctx, "steering")
    pack = packs.meeting_pack(chair)
    card = coding.list_units(ctx)[0]
    analysts = [
        card.unit.id, card.unit.source, code_groups.code_group_counts(ctx)[0].group.id,
        next(iter(quotes.quotes_by_unit(ctx).values())).id,
        next(c.condensate.id for v in _views(ctx) for c in v.condensates),
    ]  # fmt: skip
    for id in analysts:
        with pytest.raises(Refused) as refused:
            tracing.grounds(chair, id)
        assert refused.value.code == "error.not_allowed"
        with pytest.raises(NotAllowed):
            tracing.because(chair, id)
    for id in (pack.briefs[0].id, pack.requirements[0].id, pack.versions[0].id, pack.decided[0].id,
               model.list_components(chair)[0].component.id):  # fmt: skip
        assert tracing.grounds(chair, id).id == id


# -- whose words -------------------------------------------------------------------------------------------------


def test_nobody_is_heard_in_a_researchers_notes() -> None:
    said = [("participant", ("a", "b")), ("researcher", ("c",)), ("participant", ("b", "d"))]
    assert heard(said) == ("a", "b", "d")


def alone_with_the_team(ctx: Context, unit: str) -> None:
    """Let everybody who speaks in a unit be an interviewer."""
    for person in card_of(ctx, unit).unit.participants:
        with ctx.write("change_participant") as work:
            work.update("participant", person, {"kind": "interviewer"})


def test_what_only_an_interviewer_says_is_no_participants_own_words(ctx: Context) -> None:
    quote = a_quote(ctx)
    text = card_of(ctx, quote.unit).unit.text
    assert services_material.load_material(ctx).may_be_quoted(card_of(ctx, quote.unit))
    alone_with_the_team(ctx, quote.unit)
    material = services_material.load_material(ctx)
    card = card_of(ctx, quote.unit)
    assert not material.may_be_quoted(card) and material.whose(card) == t("exporting.words_of.team")
    found = material.quote(quote.unit)
    assert found is not None and found.said_by == t("exporting.words_of.team") and found.printed == ""
    row = next(r for r in services_workbook._units_sheet(material).rows if r[0] == quote.unit)
    assert row[-1] == t("exporting.no") and t("exporting.words_of.team") in row
    report = docx.Document(io.BytesIO(services_report.report_docx(ctx, picture=False)))
    own = t("exporting.words_of.participant")
    printed = [p.text for p in report.paragraphs]
    here = [n for n, x in enumerate(printed) if text in x]
    assert here and not any(own in printed[n + 1] for n in here)
    assert quote.printed not in in_the_pack(ctx)
    with pytest.raises(Refused) as refused:
        quotes.clear_quote(ctx, quote.unit, printed=quote.printed, recognisable=False)
    assert refused.value.code == "quote.no_informant" and t("quote.no_informant") != "quote.no_informant"


def test_a_requirement_counts_the_same_people_as_its_theme_does(ctx: Context) -> None:
    unit = next(c.unit for c in coding.list_units(ctx) if len(c.unit.participants) == 1)
    r = model.add_requirement(ctx, statement="The model must", based_on=[unit.id])

    def counted() -> int | None:
        return next(v.people for v in model.list_requirements(ctx) if v.requirement.id == r)

    assert counted() == 1
    s = next(v.source for v in sources.list_sources(ctx) if v.source.id == unit.source)
    sources.change_source(ctx, s.id, rev=s.rev, title=s.title, kind=s.kind, words_of="researcher",
                          language=s.language, session=s.session)  # fmt: skip
    assert counted() == 0


# -- two at a time -----------------------------------------------------------------------------------------------


def test_a_version_that_was_taken_back_keeps_its_number(ctx: Context) -> None:
    first = versioning.freeze_version(ctx, label="One")
    n = next(v.n for v in versioning.list_versions(ctx) if v.id == first)
    history.undo(ctx)
    second = versioning.freeze_version(ctx, label="Two")
    assert [v.n for v in versioning.list_versions(ctx) if v.id == second] == [n + 1]
    numbers = [v.n for v in versioning.list_versions(ctx)]
    assert len(set(numbers)) == len(numbers)


def test_a_list_of_requirements_drawn_before_another_changed_it_is_refused(ctx: Context) -> None:
    c = model.list_components(ctx)[0]
    held = [q[0] for q in c.requirements]
    other = next(r.requirement.id for r in model.list_requirements(ctx) if r.requirement.id not in held)

    def answer(realises: list[str]) -> None:
        model.change_component(ctx, c.component.id, rev=c.component.rev, name=c.component.name,
                               description=c.component.description, realises=realises)  # fmt: skip

    answer([*held, other])
    with pytest.raises(StaleEdit):
        answer(held[1:])
    now = next(x for x in model.list_components(ctx) if x.component.id == c.component.id)
    assert other in [q[0] for q in now.requirements]
    before = now.component.rev
    model.change_component(ctx, c.component.id, rev=before, name=c.component.name,
                           description=c.component.description, realises=[*held, other])  # fmt: skip
    assert (
        next(x.component.rev for x in model.list_components(ctx) if x.component.id == c.component.id)
        == before
    )


def test_a_decision_is_not_recorded_on_a_question_that_reads_otherwise_by_now(ctx: Context) -> None:
    d = next(d for d in meetings.list_decisions(ctx) if d.is_open)
    meetings.change_decision(
        ctx, d.id, rev=d.rev, question="Should it end?", recommendation="", consequences=""
    )
    with pytest.raises(StaleEdit) as stale:
        meetings.record_decision(ctx, d.id, outcome="Yes", why="It is wanted", rev=d.rev)
    assert stale.value.current["question"] == "Should it end?"
    now = next(x for x in meetings.list_decisions(ctx) if x.id == d.id)
    assert not now.outcome
    meetings.record_decision(ctx, d.id, outcome="Yes", why="It is wanted", rev=now.rev)


def test_a_seats_reservation_that_nobody_has_read_is_not_replaced(ctx: Context) -> None:
    d = next(d for d in meetings.list_decisions(ctx) if d.is_open)

    def seat() -> meetings.Vote:
        votes = next(x for x in meetings.list_decisions(ctx) if x.id == d.id).votes
        return next(v for v in votes if v.seat == "Deputy")

    meetings.take_position(ctx, d.id, seat="Deputy", choice="against", reservation="Nobody asked us", rev=0)
    with pytest.raises(StaleEdit):
        meetings.take_position(ctx, d.id, seat="Deputy", choice="agree", rev=0)
    assert seat().reservation == "Nobody asked us"
    meetings.take_position(ctx, d.id, seat="Deputy", choice="agree", rev=seat().rev)
    assert seat().choice == "agree"
