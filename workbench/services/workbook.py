"""Units, codebook, condensates, themes, requirements and the trace as an Excel workbook, for the analysis team."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.exporters import spreadsheet
from workbench.exporters.spreadsheet import Column, Sheet
from workbench.language import day, elapsed, t

from . import tracing
from .coding import UnitCard
from .context import Context, requires
from .material import Material, evidence_label, load_material, rests_on


def _columns(*columns: tuple[str, float] | tuple[str, float, bool]) -> tuple[Column, ...]:
    return tuple(Column(t(f"exporting.col.{c[0]}"), c[1], len(c) > 2) for c in columns)


@requires(Action.EXPORT_ANALYSIS)
def units_xlsx(ctx: Context) -> bytes:
    """Units, codebook, condensates, themes, requirements and the trace as a workbook, for the analysis team."""
    m = load_material(ctx)
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
    return ctx.keep_release("units", data, items)


def _units_sheet(m: Material) -> Sheet:
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
            u.id, u.source_title, m.whose(card), u.turn, elapsed(m.times.get((u.source, u.turn))),
            u.start, u.end, ", ".join(u.speakers), m.names(card.groups), u.text,
            "; ".join(codes.get(x.code_group, "") for x in card.placements),
            m.subgroups_of(card),
            "; ".join(aside), card.initials, "; ".join(holding.get(u.id, ())),
            quote.printed if quote else "", quote.translation if quote else "", quote.translator if quote else "",
            t("exporting.cleared", name=quote.cleared_by, day=day(quote.cleared_at)) if quote else "",
            "; ".join(m.codes.get(u.id, ())), "\n".join(m.comments.get(u.id, ())), m.card_ids[u.id],
            t("exporting.yes") if m.may_be_quoted(card) else t("exporting.no"),
        ))  # fmt: skip
    columns = _columns(
        ("id", 13), ("source", 24), ("words_of", 16), ("turn", 7), ("time", 9), ("start", 8), ("end", 8), ("speaker", 14),
        ("group", 20), ("text", 70, True), ("code_groups", 26), ("subgroups", 26), ("set_aside", 20), ("analyst", 9),
        ("condensates", 26), ("cleared_form", 50, True), ("translation", 40, True), ("translator", 16), ("cleared", 26),
        ("codes", 26), ("comments", 40, True), ("card", 8), ("may_be_quoted", 12),
    )  # fmt: skip
    return Sheet(t("exporting.sheet.units"), columns, tuple(rows))


def _codebook_sheet(m: Material) -> Sheet:
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


def _condensates_sheet(m: Material) -> Sheet:
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


def _themes_sheet(m: Material) -> Sheet:
    tops = [g for g in m.groups.values() if g.parent is None]
    rows: list[tuple[spreadsheet.Cell, ...]] = []
    for v in m.categories:
        notes = "\n".join(
            f"{t('exporting.verdict.' + n.verdict)}, {n.source_title} ({n.initials}): {n.note}"
            + (f" {t('exporting.docx.answer')} {n.answer}" if n.answer else "")
            for n in v.notes
        )
        literature = "\n".join(f"{evidence_label(e.role)}: {e.finding} {e.citation}" for e in v.evidence)
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


def _requirements_sheet(m: Material) -> Sheet:
    rows = []
    for v in m.requirements:
        r = v.requirement
        rows.append((
            r.key, r.statement, t(f"exporting.moscow.{r.moscow}") if r.moscow else "", t(f"exporting.status.{r.status}"),
            t(f"exporting.basis.{r.basis}"), r.basis_note, "\n".join(rests_on(v)),
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


def _trace_sheet(ctx: Context, m: Material) -> Sheet:
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
