"""The whole study as a Word document, for the analysis team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.domain.records import CodeGroup
from workbench.domain.roles import Action
from workbench.domain.stc import embedded_units
from workbench.exporters import report as report_out
from workbench.language import day, number, t, tn

from . import impressions, meetings, model, people, projects, sources, synthesis, versioning
from .context import Context, requires
from .material import Material, evidence_label, load_material, of_sources, rests_on
from .methods_text import methods_text
from .synthesis import CategoryView
from .trace_picture import flow_picture, strip_with_groups


@requires(Action.EXPORT_ANALYSIS)
def report_docx(ctx: Context, *, picture: bool = True) -> bytes:
    """The whole study as a Word document, for the analysis team. The picture of the trace takes most of the
    time it takes; the tables say the same without it."""
    material = load_material(ctx)
    decisions, components = meetings.list_decisions(ctx), model.list_components(ctx)
    versions, ideas = versioning.list_versions(ctx), model.list_ideas(ctx)
    found = sources.list_sources(ctx)
    view = people.people_view(ctx)
    k_min, p = material.project.k_min, material.project
    cited = {u for v in material.categories for u in embedded_units(v.category.analytic_text)}
    searched = synthesis.synthesis_view(ctx).sources
    with ctx.read() as conn:
        reasons = synthesis.load_reasons(conn)
    now = ctx.now()
    report = report_out.Report(
        p.name, p.question, p.lens, p.language, p.invented, now, day(now), ctx.member.name,
        tuple(m.name for m in projects.list_members(ctx.store) if m.role == "researcher"),
        tuple(
            report_out.SourceRow(
                s.source.title, t(f"exporting.kind.{s.source.kind}"), t(f"exporting.words_of.{s.source.words_of}"),
                day(s.date), material.names(s.groups), s.words, s.turns, s.units,
            )
            for s in found
        ),
        tuple(
            report_out.GroupRow(
                g.group.name, material.groups[g.group.parent].name if g.group.parent else "",
                number(n) if (n := g.sample if g.group.parent is None else g.people) >= k_min
                else t("exporting.fewer", n=k_min),
            )
            for g in view.groups
        ),
        sum(x.kind == "informant" for x in view.participants),
        tuple(x.text for x in methods_text(ctx, "en", material)),
        _impression(ctx),
        tuple(_code_group(material, g, cited) for g in material.code_groups),
        tuple(_category(material, v, len(searched), _why_ready(v, reasons)) for v in material.categories),
        _matrix(ctx, material),
        tuple(
            report_out.RequirementPart(
                r.requirement.key, r.requirement.statement, r.requirement.rationale, r.requirement.acceptance,
                r.requirement.feasibility, r.requirement.owner,
                t(f"exporting.moscow.{r.requirement.moscow}") if r.requirement.moscow else "",
                t(f"exporting.status.{r.requirement.status}"), rests_on(r),
                tuple(t(f"exporting.support.{s.kind}", label=s.label) for s in r.against),
                t("exporting.heard_in", people=tn("exporting.people", r.people), groups=material.names(r.groups))
                if r.people else "",
                tuple(name for _, name in r.components),
            )
            for r in material.requirements
        ),
        tuple((i.text, ", ".join(x for x in (i.group_name, i.session_title) if x)) for i in ideas),
        tuple(
            report_out.ComponentPart(c.component.key, c.component.name, c.component.description,
                                     tuple((key, said) for _, key, said in c.requirements))
            for c in components
        ),
        _versions(ctx, versions),
        tuple(_decision(d) for d in decisions),
        material.quotes_of(c.unit.id for c in material.cards.values() if not c.placements),
        flow_picture(strip_with_groups(ctx, k_min), "png", invented=p.invented)
        if picture and material.categories and material.requirements else None,
    )  # fmt: skip
    items = [*material.cards, *(c.condensate.id for v in material.categories for c in v.condensates),
             *(v.category.id for v in material.categories), *(r.requirement.id for r in material.requirements),
             *(q.id for q in material.quotes.values()), *(d.id for d in decisions), *(v.id for v in versions),
             *(c.component.id for c in components)]  # fmt: skip
    return ctx.keep_release("report", report_out.report_docx(report), items)


def _heard_said(n: int | None, sample: int | None, k_min: int) -> str:
    """People of people; a group too small to be counted says so instead."""
    if n is None or sample is None or sample < k_min:
        return t("exporting.too_few", n=k_min)
    return t("exporting.heard_of", heard=n, people=tn("exporting.people", sample))


def _impression(ctx: Context) -> report_out.Impression:
    """Preliminary themes as this member may see them: others' only once all have submitted."""
    view = impressions.impression_view(ctx)
    by = [(ctx.member.name, view.mine), *((m.name, themes) for m, themes in view.others)]
    return report_out.Impression(
        tuple((name, tuple((x.title, x.note) for x in themes)) for name, themes in by if themes),
        tuple((x.title, tuple(y.title for y in origins)) for x, origins in view.agreed),
        view.minutes,
    )


def _code_group(material: Material, group: CodeGroup, cited: set[str]) -> report_out.CodeGroupPart:
    board = material.boards[group.id]
    category = next(
        (v.category.heading for v in material.categories if v.category.code_group == group.id), ""
    )
    here = [c for c in material.cards.values() if any(p.code_group == group.id for p in c.placements)]
    aside = {
        c.unit.id: next(p.set_aside for p in c.placements if p.code_group == group.id)
        for c in board.set_aside
    }
    others = [(s.subgroup.name, c) for s in board.subgroups for c in s.cards if c.unit.id not in cited]
    others += [(t("exporting.in_no_subgroup"), c) for c in board.left_over if c.unit.id not in cited]
    return report_out.CodeGroupPart(
        group.name, group.tag, group.definition, group.include, group.exclude,
        material.origins.get(group.id, ()), len(here), material.people(here), len(board.left_over),
        tuple(
            report_out.SubgroupPart(
                s.subgroup.name, len(s.cards),
                tuple(
                    report_out.CondensatePart(
                        material.voice(c.condensate.voice),
                        material.condensate(c) or t("exporting.condensate_withheld"), len(c.covers), c.people, bool(c.stale),
                        material.quote(c.condensate.golden_unit) if c.condensate.golden_unit else None,
                    )
                    for c in s.condensates
                ),
            )
            for s in board.subgroups
        ),
        tuple((q, aside[q.unit] or "") for q in material.quotes_of(c.unit.id for c in board.set_aside)),
        category,
        tuple((subgroup, q) for subgroup, c in others if (q := material.quote(c.unit.id)) is not None),
    )  # fmt: skip


def _why_ready(view: CategoryView, reasons: Mapping[str, tuple[str, str, str]]) -> str:
    """Why a category was called ready although sources were not re-read, or challenges not answered."""
    if view.category.status != "ready" or view.category.id not in reasons:
        return ""
    reason, name, at = reasons[view.category.id]
    return t("exporting.ready_all_the_same", name=name, day=day(at), reason=reason)


def _category(material: Material, view: CategoryView, total: int, why: str) -> report_out.CategoryPart:
    if not view.reread:
        said = t("exporting.searched.not_yet")
    else:
        said = tn(
            f"exporting.searched.{'some' if view.notes else 'none'}",
            len(view.reread),
            sources=of_sources(len(view.reread), total),
            day=day(max(view.reread.values())),
        )
    return report_out.CategoryPart(
        view.category.heading, view.group.name, view.category.status == "ready",
        tuple(tuple((s.text, s.units) for s in paragraph) for paragraph in view.paragraphs),
        material.quotes_of(embedded_units(view.category.analytic_text)),
        tuple(
            report_out.Finding(t(f"exporting.verdict.{n.verdict}"), n.source_title, n.initials, n.note,
                               n.answer or (t("exporting.docx.unanswered") if n.verdict == "challenges" else ""),
                               material.quote(n.unit) if n.unit else None)
            for n in view.notes
        ),
        said,
        why,
        tuple(report_out.EvidencePart(evidence_label(e.role), e.title, e.citation, e.finding, e.verified)
              for e in view.evidence),
    )  # fmt: skip


def _matrix(ctx: Context, material: Material) -> report_out.MatrixPart:
    matrix, k_min = synthesis.theme_matrix(ctx), material.project.k_min
    return report_out.MatrixPart(
        tuple(name for _, name, _, _ in matrix.groups),
        tuple(
            (
                heading,
                tuple(
                    (_heard_said(c.heard, c.sample, k_min) if c.heard or (c.sample or 0) < k_min
                     else t("exporting.none_heard"),
                     c.phrase)
                    for group, _, _, _ in matrix.groups for c in [matrix.cells[theme][group]]
                ),
                "\n".join(f"{evidence_label(e.role)}: {e.title or e.citation}" for e in matrix.evidence[theme]),
            )
            for theme, heading in matrix.themes
        ),
    )  # fmt: skip


def _versions(ctx: Context, versions: Sequence[versioning.Version]) -> tuple[report_out.VersionPart, ...]:
    parts = []
    for n, v in enumerate(versions):
        changes = []
        for d in versioning.compare_versions(ctx, versions[n - 1].id, v.id) if n else ():
            if d.change != "same":
                words = " ".join(
                    text if op == "same" else t(f"exporting.{op}", text=text) for op, text in d.words
                )
                said = t(f"exporting.change.{d.change}", what=d.label, came=d.came, went=d.went)
                changes.append(f"{said} {words}".strip())
        if n and not changes:
            changes.append(t("exporting.change.nothing"))
        parts.append(report_out.VersionPart(v.label, day(v.frozen_at), v.note, tuple(changes)))
    return tuple(parts)


def _decision(d: meetings.DecisionView) -> report_out.DecisionPart:
    meeting = ", ".join(x for x in (d.meeting_title, day(d.meeting_date)) if x)
    facts = {
        "meeting": meeting, "nature": t(f"exporting.nature.{d.nature}"), "recommendation": d.recommendation,
        "consequences": d.consequences, "rule": d.rule,
        "outcome": d.outcome or (t("exporting.open") if d.nature == "decision" else ""),
        "why": d.why if d.why != d.outcome else "", "decided_at": day(d.decided_at), "revisit_if": d.revisit_if,
        "about": ", ".join(label for _, _, label in d.about),
    }  # fmt: skip
    return report_out.DecisionPart(
        d.key, d.question, tuple((t(f"exporting.decision.{k}"), v) for k, v in facts.items() if v),
        tuple((v.seat, t(f"exporting.choice.{v.choice}"), v.reservation) for v in d.votes),
        tuple(label for _, label in d.changed_since),
    )  # fmt: skip
