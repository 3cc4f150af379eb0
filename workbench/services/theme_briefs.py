"""One page per theme for a committee: what stands on it, for the briefs' own file and for the pack."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import sentences
from workbench.exporters import briefs as briefs_out
from workbench.language import day, t, tn

from . import packs, projects, quotes
from .context import Context, requires
from .material import evidence_label, of_sources

LEAD_SENTENCES = 3  # of a theme's text, set larger on its brief
CONCERN_STATE = {"none": "good", "minor": "open", "moderate": "open", "serious": "doubt", "": "none"}


def _told(h: packs.Heard) -> str:
    """People of people for a committee; of a group too small to be counted, whether anyone was heard."""
    if not h.anyone:
        return t("exporting.pdf.none_heard")
    if h.heard is None or h.sample is None:
        return t("exporting.some_heard")
    return t("exporting.heard_of", heard=h.heard, people=tn("exporting.people", h.sample))


def meeting_line(pack: packs.Pack) -> str:
    return ", ".join(x for x in (pack.meeting.title, day(pack.meeting.date)) if x) if pack.meeting else ""


def printed_quotes(pack: packs.Pack, found: Iterable[packs.PackQuote]) -> tuple[briefs_out.BriefQuote, ...]:
    discs = {name: (monogram, colour) for _, name, monogram, colour in pack.matrix.groups}
    made = []
    for q in found:
        monogram, colour = discs.get(q.groups[0], ("", 0)) if q.groups else ("", 0)
        translator = t("exporting.translated_by", name=q.translator) if q.translation else ""
        said_by = ", ".join(q.groups) or t("exporting.words_of.participant")
        made.append(
            briefs_out.BriefQuote(q.text, q.language, said_by, monogram, colour, q.translation, translator)
        )
    return tuple(made)


def requirement_of(
    pack: packs.Pack, key: str, statement: str, moscow: str, status: str
) -> briefs_out.BriefRequirement:
    state = next((r.trust for r in pack.requirements if r.key == key), "")
    return briefs_out.BriefRequirement(
        key, statement, t(f"exporting.moscow.{moscow}") if moscow else "", t(f"exporting.status.{status}"),
        {"doubt": "doubt", "distant": "open"}.get(state, ""), t(f"packfile.trust.{state}") if state else "",
    )  # fmt: skip


def brief_pages(pack: packs.Pack) -> tuple[briefs_out.Brief, ...]:
    """A page for each theme, in words and numbers as they may leave the analysis team."""
    pages = []
    for n, b in enumerate(pack.briefs, start=1):
        first = [s for part in sentences(b.paragraphs[0]) for s in part] if b.paragraphs else []
        lead = " ".join(s.text for s in first[:LEAD_SENTENCES])
        rest = (" ".join(s.text for s in first[LEAD_SENTENCES:]), *b.paragraphs[1:])
        cells = pack.matrix.cells[b.id]
        overline = (t("exporting.theme_of", n=n, total=len(pack.briefs)), meeting_line(pack),
                    t(f"packfile.trust.{b.trust}") if b.trust else "")  # fmt: skip
        pages.append(
            briefs_out.Brief(
                " · ".join(x for x in overline if x), b.heading,
                lead or t("exporting.no_text_yet"), tuple(x for x in rest if x),
                printed_quotes(pack, b.quotes), printed_quotes(pack, b.dissent), dissent_said(b),
                tuple(
                    briefs_out.BriefGroup(
                        h.name, h.monogram, h.colour, h.heard if h.anyone else 0, h.sample or 0, _told(h),
                        cells[h.group].phrase,
                    )
                    for h in b.spread
                ),
                tuple(requirement_of(pack, *r[1:]) for r in b.requirements),
                tuple(
                    briefs_out.BriefEvidence(
                        e.title, e.citation, e.finding,
                        " · ".join(
                            x for x in (evidence_label(e.role) if e.role == "contradicts" else "",
                                        "" if e.verified else t("exporting.not_checked")) if x
                        ),
                        evidence_label(e.role),
                    )
                    for e in b.evidence
                ),
                tuple(
                    briefs_out.BriefSure(t(f"pack.sure.{s.component}"), CONCERN_STATE[s.concern],
                                         t(f"pack.concern.{s.concern or 'not_yet'}"), s.reason)
                    for s in b.sure
                ),
            )
        )  # fmt: skip
    return tuple(pages)


def brief_columns(pack: packs.Pack) -> tuple[briefs_out.BriefGroup, ...]:
    """The matrix's columns, each with the size of its sample where that may be told."""
    sizes = {group: cell.sample for cells in pack.matrix.cells.values() for group, cell in cells.items()}
    return tuple(
        briefs_out.BriefGroup(
            name, monogram, colour, None, 0,
            tn("exporting.people", size) if (size := sizes.get(id)) is not None else t("exporting.fewer", n=pack.k_min),
            "",
        )
        for id, name, monogram, colour in pack.matrix.groups
    )  # fmt: skip


def released_items(ctx: Context, pack: packs.Pack) -> list[str]:
    """Ids of what is in a file made from the pack, with the cleared quotes printed in it."""
    printed = {q.text for b in pack.briefs for q in (*b.quotes, *b.dissent)}
    with ctx.read() as conn:
        cleared = [q.id for q in quotes.load_quotes(conn).values() if q.printed in printed]
    return [*(b.id for b in pack.briefs), *(r.id for r in pack.requirements), *cleared]


@requires(Action.EXPORT_RELEASED)
def briefs_pdf(ctx: Context) -> bytes:
    """One page per theme for a committee, from the meeting pack and nothing else."""
    pack, project = packs.meeting_pack(ctx), projects.project_summary(ctx)
    if not pack.briefs:
        raise Refused("export.no_themes")
    now = ctx.now()
    told = briefs_out.Briefs(
        project.name, project.language, project.invented, now, t("exporting.made_on", day=day(now)),
        brief_pages(pack), brief_columns(pack),
        tuple(
            requirement_of(
                pack, r.key,
                f"{r.statement} ({t('exporting.basis.' + r.basis)}{': ' + r.basis_note if r.basis_note else ''})",
                r.moscow, r.status,
            )
            for r in pack.requirements if not r.themes
        ),
    )  # fmt: skip
    return ctx.keep_release("briefs", briefs_out.briefs_pdf(told), released_items(ctx, pack))


def dissent_said(b: packs.ThemeBrief) -> str:
    """Who sees it differently is never an empty box, and not having looked is never "none found"."""
    if not b.reread and not b.challenges and not b.dissent:
        return t("exporting.dissent.not_yet")
    how = "all" if b.reread >= b.sources else "some"
    read = tn(f"exporting.dissent.{how}_read", b.reread,
              sources=of_sources(b.reread, b.sources), day=day(b.reread_on)) if b.reread else ""  # fmt: skip
    if b.dissent:
        said = ""
        if b.challenges > len(b.dissent):
            said = t("packfile.dissent.more")
    elif b.challenges:
        said = t("packfile.dissent.not_cleared")
    else:
        said = t("exporting.dissent.none")
    return " ".join(x for x in (said, read) if x)
