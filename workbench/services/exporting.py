"""What leaves the workbench as files: the report, the theme briefs, units and codebook; and what has left."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.people import heard, may_be_quoted
from workbench.domain.records import CodeGroup, Participant, StakeholderGroup, Subgroup
from workbench.domain.roles import Action
from workbench.domain.stc import MIXED, embedded_units, sentences, without_tokens
from workbench.exporters import briefs as briefs_out
from workbench.exporters import pictures, spreadsheet
from workbench.exporters import report as report_out
from workbench.exporters import tables as open_tables
from workbench.exporters.spreadsheet import Column, Sheet
from workbench.language import day, number, t, tn
from workbench.store import queries, releases

from . import coding, condensing, impressions, meetings, model, people, projects, sources, synthesis, tracing
from .coding import UnitCard
from .context import Context, requires
from .synthesis import CategoryView, ClearedQuote

LEAD_SENTENCES = 3  # of a theme's text, set larger on its brief


@requires(Action.EXPORT_RELEASED)
def export(ctx: Context, suffix: str) -> bytes:
    """The file for an ending: .docx report, .pdf theme briefs, .xlsx units and codebook, .svg picture of the
    trace, .sqlite open tables.

    Each kind asks for its own action; this one is held by everybody who may have any of them. What leaves is
    kept as a release. Raises Refused("export.unknown_kind") for any other ending, and
    NotAllowed where the member's role does not include the kind."""
    make: dict[str, Callable[[Context], bytes]] = {
        ".docx": report_docx, ".pdf": briefs_pdf, ".xlsx": units_xlsx, ".svg": trace_svg, ".sqlite": tables_sqlite,
    }  # fmt: skip
    if suffix.lower() not in make:
        raise Refused("export.unknown_kind", suffix=suffix)
    return make[suffix.lower()](ctx)


def _kept(ctx: Context, kind: str, data: bytes, items: Iterable[str]) -> bytes:
    with ctx.write("export") as work:
        releases.keep(work, kind, hashlib.sha256(data).hexdigest(), items)
    return data


# -- what all three need ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Material:
    """The analysis, loaded once: names of groups, units with what is cleared of them, categories."""

    project: projects.ProjectSummary
    groups: Mapping[str, StakeholderGroup]
    participants: Mapping[str, Participant]
    cards: Mapping[str, UnitCard]
    quotes: Mapping[str, ClearedQuote]
    code_groups: Sequence[CodeGroup]
    subgroups: Mapping[str, Subgroup]
    boards: Mapping[str, condensing.Board]  # by code group
    categories: Sequence[CategoryView]
    requirements: Sequence[model.RequirementView]
    times: Mapping[tuple[str, int], int]  # (source, turn) -> milliseconds
    origins: Mapping[str, tuple[str, ...]]  # code group -> titles of the preliminary themes it has grown from

    def names(self, groups: Iterable[str]) -> str:
        return ", ".join(self.groups[g].name for g in groups if g in self.groups)

    def whose(self, card: UnitCard) -> str:
        """Whose words a unit is; what only interviewers or facilitators say is no participant's."""
        u = card.unit
        kind = "team" if u.words_of == "participant" and not u.participants else u.words_of
        return t(f"exporting.words_of.{kind}")

    def may_be_quoted(self, card: UnitCard) -> bool:
        """Participants' own words, and nobody in it has declined."""
        own_words = card.unit.words_of == "participant" and bool(card.unit.participants)
        return own_words and self.nobody_declined(card)

    def nobody_declined(self, card: UnitCard) -> bool:
        people = (self.participants[p] for p in card.unit.participants if p in self.participants)
        return may_be_quoted(people)

    def voice(self, voice: str | None) -> str:
        if voice == MIXED:
            return t("exporting.voice.mixed")
        return (
            t("exporting.voice.of", group=self.groups[voice].name) if voice and voice in self.groups else ""
        )

    def quote(self, unit: str) -> report_out.Quote | None:
        """A unit for the report. The words of a person who does not want to be printed stay out of it."""
        card = self.cards.get(unit)
        if card is None:
            return None
        u, cleared = card.unit, self.quotes.get(unit)
        place = t("exporting.place", source=u.source_title, n=u.turn)
        said_by = self.names(card.groups) or self.whose(card)
        if not self.nobody_declined(card):
            return report_out.Quote(unit, "", u.language, said_by, place, t("exporting.withheld"))
        if cleared is None:
            return report_out.Quote(unit, u.text, u.language, said_by, place)
        translation = (
            t("exporting.translation", name=cleared.translator, text=cleared.translation)
            if cleared.translation
            else ""
        )
        return report_out.Quote(
            unit, u.text, u.language, said_by, place,
            t("exporting.cleared", name=cleared.cleared_by, day=day(cleared.cleared_at)),
            cleared.printed if cleared.printed != u.text else "", translation,
        )  # fmt: skip

    def quotes_of(self, units: Iterable[str]) -> tuple[report_out.Quote, ...]:
        return tuple(q for u in units if (q := self.quote(u)) is not None)

    def subgroups_of(self, card: UnitCard) -> str:
        names = (
            self.subgroups[p.subgroup].name
            for p in card.placements
            if p.subgroup and p.subgroup in self.subgroups
        )
        return "; ".join(names)

    def people(self, cards: Iterable[UnitCard]) -> int:
        return len(heard((c.unit.words_of, c.unit.participants) for c in cards))


def _material(ctx: Context) -> _Material:
    groups = sources.list_code_groups(ctx)
    impression = impressions.impression_view(ctx)
    # Others' preliminary themes stay apart until all have submitted, here too.
    visible = {x.id for x in (*impression.mine, *(x for x, _ in impression.agreed))}
    visible |= {x.id for _, themes in impression.others for x in themes}
    with ctx.store.read() as conn:
        times = releases.turn_times(conn)
        origins: dict[str, tuple[str, ...]] = {}
        for group, theme, title in releases.theme_origins(conn):
            if theme in visible:
                origins[group] = (*origins.get(group, ()), title)
        subgroups = {s.id: s for s in queries.records(conn, Subgroup, order="position, name")}
        stakeholders, participants = queries.groups(conn), queries.participants(conn)
        categories = synthesis.load_categories(conn)
        cards = {c.unit.id: c for c in coding.load_cards(conn)}
        quotes = synthesis.load_quotes(conn)
    return _Material(
        projects.project_summary(ctx), stakeholders, participants, cards, quotes, groups, subgroups,
        {g.id: condensing.board(ctx, g.id) for g in groups}, categories, model.list_requirements(ctx), times, origins,
    )  # fmt: skip


def _rests_on(r: model.RequirementView) -> tuple[str, ...]:
    """What a requirement rests on, in words: themes and units by name, the outside by its note."""
    found = [t(f"exporting.support.{s.kind}", label=s.label) for s in r.supports]
    if r.requirement.basis_note or (not found and r.requirement.basis in model.OUTSIDE):
        note = r.requirement.basis_note or t("exporting.not_named")
        found.append(
            t("exporting.support.outside", basis=t(f"exporting.basis.{r.requirement.basis}"), note=note)
        )
    return tuple(found)


def _heard_said(n: int | None, sample: int | None, k_min: int) -> str:
    """People of people; a group too small to be counted says so instead."""
    if n is None or sample is None or sample < k_min:
        return t("exporting.too_few", n=k_min)
    return t("exporting.heard_of", heard=n, people=tn("exporting.people", sample))


def _told(h: meetings.Heard) -> str:
    """People of people for a committee; of a group too small to be counted, whether anyone was heard."""
    if not h.anyone:
        return t("exporting.pdf.none_heard")
    if h.heard is None or h.sample is None:
        return t("exporting.some_heard")
    return t("exporting.heard_of", heard=h.heard, people=tn("exporting.people", h.sample))


def _evidence_label(role: str) -> str:
    return t(f"exporting.role.{role}")


# -- the trace as a picture, and open tables --------------------------------------------------------------------


def _flow_picture(ctx: Context, strip: meetings.Strip, format: str) -> bytes:
    flow = pictures.Flow(
        [(t(f"exporting.flow.{kind}"), [pictures.Node(n.id, n.label, n.weight) for n in nodes])
         for kind, nodes in strip.columns],
        strip.links,
    )  # fmt: skip
    note = t("exporting.flow.note" if strip.is_exact else "tracepage.alike")
    if strip.left_out:
        note += " " + tn("exporting.flow.left_out", strip.left_out)
    if projects.project_summary(ctx).invented:
        note = f"{t('exporting.invented')}. {note}"
    try:
        return pictures.draw_flow_apart(flow, note=note, format=format)
    except (subprocess.SubprocessError, OSError):
        raise Refused("exporting.flow.failed") from None


def _strip_with_groups(ctx: Context, k_min: int) -> meetings.Strip:
    """The trace with every group by its name; no width tells how many of a small one were heard."""
    strip = meetings.trace_strip(ctx)
    small = any(n.weight < k_min for n in dict(strip.columns)["group"])
    return meetings.drawn_alike(strip) if small else strip


@requires(Action.EXPORT_RELEASED)
def trace_svg(ctx: Context) -> bytes:
    """Groups -> themes -> requirements -> components as one picture; no quote and no source is in it."""
    found = meetings.pack(ctx)
    if not found.briefs:
        raise Refused("export.no_themes")
    items = [*(b.id for b in found.briefs), *(r.id for r in found.requirements)]
    return _kept(ctx, "trace", _flow_picture(ctx, found.strip, "svg"), items)


@requires(Action.EXPORT_ANALYSIS)
def tables_sqlite(ctx: Context) -> bytes:
    """The analysis as plain tables that other tools open: sources, turns, units, placements, condensates, themes,
    requirements and the trace."""
    m = _material(ctx)
    names = {g.id: g.name for g in m.code_groups} | {s.id: s.name for s in m.subgroups.values()}
    readings = [sources.read_source(ctx, v.source.id) for v in sources.list_sources(ctx)]
    tables: dict[str, list[dict[str, object]]] = {
        "sources": [{"id": r.source.id, "title": r.source.title, "kind": r.source.kind, "words_of": r.source.words_of,
                     "language": r.source.language, "date": r.date, "words": r.words} for r in readings],
        "turns": [{"id": f"{r.source.id}:{x.turn.seq}", "source": r.source.id, "turn": x.turn.seq, "start": x.turn.start,
                   "end": x.turn.end, "speaker": x.speaker, "stakeholder_group": x.group_name, "text": x.text}
                  for r in readings for x in r.turns],
        "meaning_units": [{"id": c.unit.id, "source": c.unit.source, "turn": c.unit.turn, "start": c.unit.start,
                           "end": c.unit.end, "speakers": ", ".join(c.unit.speakers), "analyst": c.initials,
                           "stakeholder_groups": m.names(c.groups), "text": c.unit.text} for c in m.cards.values()],
        "placements": [{"id": p.id, "unit": p.unit, "code_group": names.get(p.code_group, ""),
                        "subgroup": names.get(p.subgroup or "", ""), "set_aside": p.set_aside}
                       for c in m.cards.values() for p in c.placements],
        "condensates": [{"id": c.condensate.id, "code_group": b.group.name, "subgroup": s.subgroup.name,
                         "voice": m.voice(c.condensate.voice), "text": c.condensate.text, "units": " ".join(sorted(c.covers))}
                        for b in m.boards.values() for s in b.subgroups for c in s.condensates],
        "themes": [{"id": v.category.id, "heading": v.category.heading, "code_group": v.group.name,
                    "analytic_text": without_tokens(v.category.analytic_text), "status": v.category.status}
                   for v in m.categories],
        "requirements": [{"id": r.requirement.id, "key": r.requirement.key, "statement": r.requirement.statement,
                          "moscow": r.requirement.moscow, "status": r.requirement.status, "people": r.people}
                         for r in m.requirements],
        "trace": [{"id": s.link, "requirement": r.requirement.key, "rests_on": s.kind, "item": s.item, "label": s.label,
                   "role": s.role} for r in m.requirements for s in (*r.supports, *r.against)],
    }  # fmt: skip
    about = f"{m.project.name}{'. ' + t('exporting.invented') if m.project.invented else ''}"
    search = {
        "turns": ("text",),
        "meaning_units": ("text",),
        "condensates": ("text",),
        "themes": ("heading", "analytic_text"),
    }
    return _kept(ctx, "tables", open_tables.sqlite_file(tables, search=search, about=about), m.cards)


# -- report .docx ------------------------------------------------------------------------------------------------


@requires(Action.EXPORT_ANALYSIS)
def report_docx(ctx: Context, *, picture: bool = True) -> bytes:
    """The whole study as a Word document, for the analysis team. The picture of the trace takes most of the
    time it takes; the tables say the same without it."""
    material = _material(ctx)
    decisions, components = meetings.list_decisions(ctx), model.list_components(ctx)
    versions, ideas = model.list_versions(ctx), model.list_ideas(ctx)
    found = sources.list_sources(ctx)
    view = people.people_view(ctx)
    k_min, p = material.project.k_min, material.project
    cited = {u for v in material.categories for u in embedded_units(v.category.analytic_text)}
    searched = synthesis.synthesis_view(ctx).sources
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
        _method(ctx, material, found, searched),
        _impression(ctx),
        tuple(_code_group(material, g, cited) for g in material.code_groups),
        tuple(_category(material, v, len(searched)) for v in material.categories),
        _matrix(ctx, material),
        tuple(
            report_out.RequirementPart(
                r.requirement.key, r.requirement.statement, r.requirement.rationale, r.requirement.acceptance,
                r.requirement.feasibility, r.requirement.owner,
                t(f"exporting.moscow.{r.requirement.moscow}") if r.requirement.moscow else "",
                t(f"exporting.status.{r.requirement.status}"), _rests_on(r),
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
        _flow_picture(ctx, _strip_with_groups(ctx, k_min), "png")
        if picture and material.categories and material.requirements else None,
    )  # fmt: skip
    items = [*material.cards, *(c.condensate.id for v in material.categories for c in v.condensates),
             *(v.category.id for v in material.categories), *(r.requirement.id for r in material.requirements),
             *(q.id for q in material.quotes.values()), *(d.id for d in decisions), *(v.id for v in versions),
             *(c.component.id for c in components)]  # fmt: skip
    return _kept(ctx, "report", report_out.report_docx(report), items)


def _method(
    ctx: Context,
    material: _Material,
    found: Sequence[sources.SourceView],
    searched: Sequence[synthesis.RereadSource],
) -> tuple[str, ...]:
    """What was done, from what is logged and nothing else; what was not done is said too."""
    with ctx.store.read() as conn:
        readings, marked = releases.readings(conn), releases.marked_by(conn)
    total = sum(s.source.words_of != "literature" for s in found)
    said = []
    for step in impressions.STEPS:
        mine = [r for r in readings if r.step == step]
        for r in mine:
            first, last = day(r.first), day(r.last)
            said.append(
                t(f"exporting.method.{step}", name=r.name, n=r.sources, sources=tn("exporting.sources", total))
                + " " + (t("exporting.method.on", day=first) if first == last
                         else t("exporting.method.between", first=first, last=last))
            )  # fmt: skip
        if not mine and total:
            said.append(t(f"exporting.method.no_{step}"))
        if step == "code" and marked:
            each = "; ".join(f"{name} {number(n)}" for name, n in marked)
            said.append(
                t("exporting.method.units", units=tn("exporting.units", len(material.cards)), each=each)
            )
            if len(marked) == 1:
                said.append(t("exporting.method.one_analyst"))
            several = sum(len(c.placements) > 1 for c in material.cards.values())
            loose = sum(not c.placements for c in material.cards.values())
            aside = sum(p.set_aside is not None for c in material.cards.values() for p in c.placements)
            if several:
                said.append(tn("exporting.method.several", several))
            if loose:
                said.append(tn("exporting.method.loose", loose))
            if aside:
                said.append(tn("exporting.method.aside", aside))
            written = [c for b in material.boards.values() for s in b.subgroups for c in s.condensates]
            if written:
                golden = sum(c.condensate.golden_unit is not None for c in written)
                subgroups = sum(len(b.subgroups) for b in material.boards.values())
                said.append(
                    t("exporting.method.condensates", condensates=tn("exporting.condensates", len(written)),
                      subgroups=tn("exporting.subgroups", subgroups), groups=tn("exporting.groups", len(material.boards)),
                      golden=tn("exporting.golden_n", golden))
                )  # fmt: skip
                if stale := sum(bool(c.stale) for c in written):
                    said.append(tn("exporting.method.stale", stale))
    unread = sum(not s.by for s in searched)
    if 0 < unread < total:
        said.append(tn("exporting.method.unread", unread, total=total))
    notes = [n for s in searched for n in s.notes]
    if notes:
        count = {v: sum(n.verdict == v for n in notes) for v in synthesis.VERDICTS}
        said.append(t("exporting.method.notes", challenges=tn("exporting.challenges", count["challenges"]),
                      nuances=tn("exporting.nuances", count["nuances"])))  # fmt: skip
        if waiting := sum(n.verdict == "challenges" and not n.answer for n in notes):
            said.append(tn("exporting.method.unanswered", waiting))
    return tuple(said)


def _impression(ctx: Context) -> report_out.Impression:
    """Preliminary themes as this member may see them: others' only once all have submitted."""
    view = impressions.impression_view(ctx)
    by = [(ctx.member.name, view.mine), *((m.name, themes) for m, themes in view.others)]
    return report_out.Impression(
        tuple((name, tuple((x.title, x.note) for x in themes)) for name, themes in by if themes),
        tuple((x.title, tuple(y.title for y in origins)) for x, origins in view.agreed),
        view.minutes,
    )


def _code_group(material: _Material, group: CodeGroup, cited: set[str]) -> report_out.CodeGroupPart:
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
                        material.voice(c.condensate.voice), c.condensate.text, len(c.covers), c.people, bool(c.stale),
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


def _category(material: _Material, view: CategoryView, total: int) -> report_out.CategoryPart:
    if not view.reread:
        said = t("exporting.searched.not_yet")
    else:
        said = tn(
            f"exporting.searched.{'some' if view.notes else 'none'}",
            len(view.reread),
            sources=_of_sources(len(view.reread), total),
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
        tuple(report_out.EvidencePart(_evidence_label(e.role), e.title, e.citation, e.finding, e.verified)
              for e in view.evidence),
    )  # fmt: skip


def _matrix(ctx: Context, material: _Material) -> report_out.MatrixPart:
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
                "\n".join(f"{_evidence_label(e.role)}: {e.title or e.citation}" for e in matrix.evidence[theme]),
            )
            for theme, heading in matrix.themes
        ),
    )  # fmt: skip


def _versions(ctx: Context, versions: Sequence[model.Version]) -> tuple[report_out.VersionPart, ...]:
    parts = []
    for n, v in enumerate(versions):
        changes = []
        for d in model.compare_versions(ctx, versions[n - 1].id, v.id) if n else ():
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


# -- theme briefs .pdf -------------------------------------------------------------------------------------------


@requires(Action.EXPORT_RELEASED)
def briefs_pdf(ctx: Context) -> bytes:
    """One page per theme for a committee, from the meeting pack and nothing else."""
    pack, project = meetings.pack(ctx), projects.project_summary(ctx)
    if not pack.briefs:
        raise Refused("export.no_themes")
    discs = {name: (monogram, colour) for _, name, monogram, colour in pack.matrix.groups}
    now = ctx.now()
    meeting = ", ".join(x for x in (pack.meeting.title, day(pack.meeting.date)) if x) if pack.meeting else ""

    def quote(q: meetings.PackQuote) -> briefs_out.BriefQuote:
        monogram, colour = discs.get(q.groups[0], ("", 0)) if q.groups else ("", 0)
        translator = t("exporting.translated_by", name=q.translator) if q.translation else ""
        said_by = ", ".join(q.groups) or t("exporting.words_of.participant")
        return briefs_out.BriefQuote(q.text, q.language, said_by, monogram, colour, q.translation, translator)

    def requirement(key: str, statement: str, moscow: str, status: str) -> briefs_out.BriefRequirement:
        return briefs_out.BriefRequirement(
            key, statement, t(f"exporting.moscow.{moscow}") if moscow else "", t(f"exporting.status.{status}")
        )

    pages = []
    for n, b in enumerate(pack.briefs, start=1):
        first = [s for part in sentences(b.paragraphs[0]) for s in part] if b.paragraphs else []
        lead = " ".join(s.text for s in first[:LEAD_SENTENCES])
        rest = (" ".join(s.text for s in first[LEAD_SENTENCES:]), *b.paragraphs[1:])
        cells = pack.matrix.cells[b.id]
        number_of = t("exporting.theme_of", n=n, total=len(pack.briefs))
        pages.append(
            briefs_out.Brief(
                " · ".join(x for x in (number_of, meeting) if x), b.heading,
                lead or t("exporting.no_text_yet"), tuple(x for x in rest if x),
                tuple(quote(q) for q in b.quotes), tuple(quote(q) for q in b.dissent), _dissent_said(b),
                tuple(
                    briefs_out.BriefGroup(
                        h.name, h.monogram, h.colour, h.heard if h.anyone else 0, h.sample or 0, _told(h),
                        cells[h.group].phrase,
                    )
                    for h in b.spread
                ),
                tuple(requirement(*r[1:]) for r in b.requirements),
                tuple(
                    briefs_out.BriefEvidence(
                        e.title, e.citation, e.finding,
                        " · ".join(
                            x for x in (_evidence_label(e.role) if e.role == "contradicts" else "",
                                        "" if e.verified else t("exporting.not_checked")) if x
                        ),
                    )
                    for e in b.evidence
                ),
            )
        )  # fmt: skip
    sizes = {group: cell.sample for cells in pack.matrix.cells.values() for group, cell in cells.items()}
    told = briefs_out.Briefs(
        project.name, project.language, project.invented, now, t("exporting.made_on", day=day(now)), tuple(pages),
        tuple(
            briefs_out.BriefGroup(
                name, monogram, colour, None, 0,
                tn("exporting.people", size) if (size := sizes[id]) is not None else t("exporting.fewer", n=pack.k_min), "",
            )
            for id, name, monogram, colour in pack.matrix.groups
        ),
        tuple(
            requirement(
                r.key,
                f"{r.statement} ({t('exporting.basis.' + r.basis)}{': ' + r.basis_note if r.basis_note else ''})",
                r.moscow, r.status,
            )
            for r in pack.requirements if not r.themes
        ),
    )  # fmt: skip
    printed = {q.text for b in pack.briefs for q in (*b.quotes, *b.dissent)}
    with ctx.store.read() as conn:
        cleared = [q.id for q in synthesis.load_quotes(conn).values() if q.printed in printed]
    items = [*(b.id for b in pack.briefs), *(r.id for r in pack.requirements), *cleared]
    return _kept(ctx, "briefs", briefs_out.briefs_pdf(told), items)


def _of_sources(n: int, total: int) -> str:
    return t("exporting.of_sources", n=number(n), sources=tn("exporting.sources", total))


def _dissent_said(b: meetings.ThemeBrief) -> str:
    """Who sees it differently is never an empty box, and not having looked is never "none found"."""
    if not b.reread and not b.challenges and not b.dissent:
        return t("exporting.dissent.not_yet")
    how = "all" if b.reread >= b.sources else "some"
    read = tn(f"exporting.dissent.{how}_read", b.reread,
              sources=_of_sources(b.reread, b.sources), day=day(b.reread_on)) if b.reread else ""  # fmt: skip
    if b.dissent:
        said = ""
        if (more := b.challenges - len(b.dissent)) > 0:
            said = tn("exporting.dissent.more", more)
    elif b.challenges:
        said = tn("exporting.dissent.not_cleared", b.challenges)
    else:
        said = t("exporting.dissent.none")
    return " ".join(x for x in (said, read) if x)


# -- units and codebook .xlsx --------------------------------------------------------------------------------------


def _clock(ms: int | None) -> str:
    """0:04:17 from the recording's start."""
    if ms is None:
        return ""
    seconds = ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _columns(*columns: tuple[str, float] | tuple[str, float, bool]) -> tuple[Column, ...]:
    return tuple(Column(t(f"exporting.col.{c[0]}"), c[1], len(c) > 2) for c in columns)


@requires(Action.EXPORT_ANALYSIS)
def units_xlsx(ctx: Context) -> bytes:
    """Units, codebook, condensates, themes, requirements and the trace as a workbook, for the analysis team."""
    m = _material(ctx)
    p = m.project
    sheets = [_units_sheet(m), _codebook_sheet(m), _condensates_sheet(m), _themes_sheet(m), _requirements_sheet(m),
              _trace_sheet(ctx, m)]  # fmt: skip
    now = ctx.now()
    about = [
        (t("exporting.xlsx.project"), p.name),
        (t("exporting.xlsx.question"), p.question),
        (t("exporting.xlsx.made"), t("exporting.docx.made", day=day(now), by=ctx.member.name)),
        (t("exporting.xlsx.inside"), t("exporting.docx.inside_long")),
        (t("exporting.condensate_label"), t("exporting.xlsx.condensate")),
    ]
    if p.invented:
        about.insert(1, (t("exporting.invented"), t("exporting.docx.invented_long")))
    data = spreadsheet.workbook(sheets, title=p.name, about=about)
    condensates = [c.condensate.id for b in m.boards.values() for s in b.subgroups for c in s.condensates]
    items = [*m.cards, *condensates, *(v.category.id for v in m.categories),
             *(r.requirement.id for r in m.requirements), *(g.id for g in m.code_groups)]  # fmt: skip
    return _kept(ctx, "units", data, items)


def _units_sheet(m: _Material) -> Sheet:
    codes = {g.id: g.name for g in m.code_groups}
    holding: dict[str, list[str]] = {}
    for board in m.boards.values():
        for s in board.subgroups:
            for c in s.condensates:
                for unit in c.covers:
                    holding.setdefault(unit, []).append(f"{s.subgroup.name} ({m.voice(c.condensate.voice)})"
                                                        if c.condensate.voice else s.subgroup.name)  # fmt: skip
    rows = []
    for card in m.cards.values():
        u, quote = card.unit, m.quotes.get(card.unit.id)
        aside = [
            f"{codes.get(x.code_group, '')}: {x.set_aside}"
            for x in card.placements
            if x.set_aside is not None
        ]
        rows.append((
            u.id, u.source_title, m.whose(card), u.turn, _clock(m.times.get((u.source, u.turn))),
            u.start, u.end, ", ".join(u.speakers), m.names(card.groups), u.text,
            "; ".join(codes.get(x.code_group, "") for x in card.placements),
            m.subgroups_of(card),
            "; ".join(aside), card.initials, "; ".join(holding.get(u.id, ())),
            quote.printed if quote else "", quote.translation if quote else "", quote.translator if quote else "",
            t("exporting.cleared", name=quote.cleared_by, day=day(quote.cleared_at)) if quote else "",
            t("exporting.yes") if m.may_be_quoted(card) else t("exporting.no"),
        ))  # fmt: skip
    columns = _columns(
        ("id", 13), ("source", 24), ("words_of", 16), ("turn", 7), ("time", 9), ("start", 8), ("end", 8), ("speaker", 14),
        ("group", 20), ("text", 70, True), ("code_groups", 26), ("subgroups", 26), ("set_aside", 20), ("analyst", 9),
        ("condensates", 26), ("cleared_form", 50, True), ("translation", 40, True), ("translator", 16), ("cleared", 26),
        ("may_be_quoted", 12),
    )  # fmt: skip
    return Sheet(t("exporting.sheet.units"), columns, tuple(rows))


def _codebook_sheet(m: _Material) -> Sheet:
    rows = []
    for g in m.code_groups:
        cards = [c for c in m.cards.values() if any(x.code_group == g.id for x in c.placements)]
        subgroups = "\n".join(f"{s.subgroup.name} ({len(s.cards)})" for s in m.boards[g.id].subgroups)
        rows.append(
            (g.name, g.tag, g.definition, g.include, g.exclude, subgroups, len(cards), m.people(cards))
        )
    columns = _columns(("code_group", 28), ("tag", 6), ("definition", 50), ("include", 36), ("exclude", 36),
                       ("subgroups_units", 36), ("units_n", 9), ("people_n", 9))  # fmt: skip
    return Sheet(t("exporting.sheet.codebook"), columns, tuple(rows))


def _condensates_sheet(m: _Material) -> Sheet:
    rows = []
    for g in m.code_groups:
        for s in m.boards[g.id].subgroups:
            for c in s.condensates:
                golden = m.cards.get(c.condensate.golden_unit or "")
                rows.append((
                    c.condensate.id, g.name, s.subgroup.name, m.voice(c.condensate.voice), c.condensate.text,
                    len(c.covers), c.people, m.names(c.groups), golden.unit.text if golden else "",
                    t("exporting.stale") if c.stale else "", "; ".join(sorted(c.covers)),
                ))  # fmt: skip
    columns = _columns(
        ("id", 13), ("code_group", 26), ("subgroup", 26), ("voice", 22), ("condensate", 80), ("units_n", 9),
        ("people_n", 9), ("groups", 24), ("golden", 50, True), ("state", 16), ("unit_ids", 40),
    )  # fmt: skip
    return Sheet(t("exporting.sheet.condensates"), columns, tuple(rows))


def _themes_sheet(m: _Material) -> Sheet:
    tops = [g for g in m.groups.values() if g.parent is None]
    rows: list[tuple[spreadsheet.Cell, ...]] = []
    for v in m.categories:
        notes = "\n".join(
            f"{t('exporting.verdict.' + n.verdict)}, {n.source_title} ({n.initials}): {n.note}"
            + (f" {t('exporting.docx.answer')} {n.answer}" if n.answer else "")
            for n in v.notes
        )
        literature = "\n".join(f"{_evidence_label(e.role)}: {e.finding} {e.citation}" for e in v.evidence)
        rows.append((
            v.category.heading, v.group.name, t(f"exporting.category.{v.category.status}"),
            without_tokens(v.category.analytic_text), len(v.cards), m.people(v.cards),
            *(v.heard.get(g.id, 0) for g in tops), len(v.quotes) + len(v.dissent), notes, literature,
        ))  # fmt: skip
    columns = (
        *_columns(
            ("theme", 36),
            ("code_group", 24),
            ("state", 10),
            ("analytic_text", 90),
            ("units_n", 9),
            ("people_n", 9),
        ),
        *(Column(t("exporting.col.people_of", group=g.name), 12) for g in tops),
        *_columns(("cleared_n", 9), ("reread", 60), ("literature", 50)),
    )
    return Sheet(t("exporting.sheet.themes"), columns, tuple(rows))


def _requirements_sheet(m: _Material) -> Sheet:
    rows = []
    for v in m.requirements:
        r = v.requirement
        rows.append((
            r.key, r.statement, t(f"exporting.moscow.{r.moscow}") if r.moscow else "", t(f"exporting.status.{r.status}"),
            t(f"exporting.basis.{r.basis}"), r.basis_note, "\n".join(_rests_on(v)),
            "\n".join(t(f"exporting.support.{s.kind}", label=s.label) for s in v.against), v.people, m.names(v.groups),
            r.rationale, r.acceptance, r.feasibility, r.owner, "; ".join(name for _, name in v.components),
            "; ".join(key for _, key in v.decided),
        ))  # fmt: skip
    columns = _columns(
        ("key", 10), ("requirement", 60), ("priority_only", 10), ("status", 12), ("basis", 12), ("basis_note", 30),
        ("rests_on", 40), ("speaks_against", 30), ("people_n", 9), ("groups", 26), ("rationale", 40), ("acceptance", 40),
        ("feasibility", 24), ("owner", 16), ("components", 28), ("decisions", 14),
    )  # fmt: skip
    return Sheet(t("exporting.sheet.requirements"), columns, tuple(rows))


def _trace_sheet(ctx: Context, m: _Material) -> Sheet:
    """From each requirement to each unit it rests on, one row a path; a gap is a row of its own."""
    by_theme = {v.category.id: v for v in m.categories}
    rows: list[tuple[spreadsheet.Cell, ...]] = []

    def unit_cells(unit: str) -> tuple[spreadsheet.Cell, ...]:
        u = m.cards[unit].unit
        return (
            u.id,
            u.source_title,
            u.turn,
            m.names(m.cards[unit].groups),
            m.subgroups_of(m.cards[unit]),
            u.text,
        )

    nothing: tuple[spreadsheet.Cell, ...] = ("", "", None, "", "", "")
    for v in m.requirements:
        components = "; ".join(name for _, name in v.components)
        head = (v.requirement.key, v.requirement.statement, components)
        reasons = [*v.supports, *v.against]
        for s in reasons:
            role = t(f"exporting.role.{s.role}")
            kind = t(f"exporting.support_kind.{s.kind}")
            if s.kind == "category" and s.item in by_theme and by_theme[s.item].cards:
                rows += [(*head, role, kind, s.label, *unit_cells(c.unit.id)) for c in by_theme[s.item].cards]
            elif s.kind == "unit" and s.item in m.cards:
                rows.append((*head, role, kind, s.label, *unit_cells(s.item)))
            else:
                rows.append((*head, role, kind, s.label, *nothing))
        if v.requirement.basis_note or not reasons:
            said = v.requirement.basis_note or t("exporting.nothing_yet")
            rows.append((*head, "", t(f"exporting.basis.{v.requirement.basis}"), said, *nothing))
    for theme, heading in tracing.holes(ctx).themes:
        found: Sequence[UnitCard] = by_theme[theme].cards if theme in by_theme else ()
        kind, role = t("exporting.support_kind.category"), t("exporting.unanswered_theme")
        rows += [("", "", "", role, kind, heading, *unit_cells(c.unit.id)) for c in found]
        if not found:
            rows.append(("", "", "", role, kind, heading, *nothing))
    columns = _columns(
        ("key", 10), ("requirement", 44), ("components", 26), ("role", 14), ("rests_on_kind", 14), ("rests_on_what", 40),
        ("unit_id", 13), ("source", 24), ("turn", 7), ("group", 20), ("subgroups", 24), ("text", 60, True),
    )  # fmt: skip
    return Sheet(t("exporting.sheet.trace"), columns, tuple(rows))
