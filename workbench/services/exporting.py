"""What leaves the workbench as files, by their ending; and the analysis as open tables."""

from __future__ import annotations

from collections.abc import Callable

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.exporters import tables as open_tables
from workbench.language import t

from . import sources
from .context import Context, requires
from .material import load_material
from .report import report_docx
from .theme_briefs import briefs_pdf
from .trace_picture import trace_svg
from .workbook import units_xlsx


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


@requires(Action.EXPORT_ANALYSIS)
def tables_sqlite(ctx: Context) -> bytes:
    """The analysis as plain tables that other tools open: sources, turns, units, placements, condensates, themes,
    requirements and the trace."""
    m = load_material(ctx)
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
    return ctx.keep_release("tables", open_tables.sqlite_file(tables, search=search, about=about), m.cards)
