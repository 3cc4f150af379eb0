"""COREQ: the 32 items of reporting a qualitative study, with what the project knows about each and where that stands.

Tong A, Sainsbury P, Craig J. Consolidated criteria for reporting qualitative research (COREQ): a 32-item checklist for
interviews and focus groups. Int J Qual Health Care 2007;19(6):349-57. The items' names are theirs, what is asked beside
each is in our words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action
from workbench.domain.stc import embedded_units
from workbench.language import day, number, t, tn
from workbench.store import releases
from workbench.store.queries import study

from . import before, differences, impressions, sources, synthesis
from .context import Context, requires
from .material import Material, load_material
from .methods_text import listed
from .projects import put_setting

DOMAINS = {1: range(1, 9), 2: range(9, 24), 3: range(24, 33)}
ITEMS = range(1, 33)
_KEPT = "coreq."  # settings: what somebody has written to an item


@dataclass(frozen=True, slots=True)
class Fill:
    """What the project knows about an item, and where that stands (`coreq.from.<id>` says it)."""

    text: str
    stands_in: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item: what the project knows, and what somebody has written (by whom, when; rev None: nothing)."""

    n: int
    domain: int
    known: tuple[Fill, ...]
    own: str
    own_by: str
    own_at: str
    rev: int | None


@requires(Action.EXPORT_ANALYSIS)
def coreq(ctx: Context, material: Material | None = None) -> tuple[Row, ...]:
    """All 32 items in order."""
    with ctx.read() as conn:
        written = study.written_by(conn, _KEPT)
    known = _Known(ctx, material or load_material(ctx))
    rows = []
    for n in ITEMS:
        own = written.get(f"{_KEPT}{n}", {})
        domain = next(d for d, items in DOMAINS.items() if n in items)
        rows.append(
            Row(n, domain, tuple(known.of(n)), own.get("value", ""), own.get("name") or "",
                own.get("at", ""), own.get("rev"))
        )  # fmt: skip
    return tuple(rows)


@requires(Action.ANALYSE)
def write_coreq(ctx: Context, n: int, text: str, *, rev: int | None = None) -> None:
    """Keep what somebody writes to an item; with `rev` (0: nothing was there) only if nobody was faster."""
    if n not in ITEMS:
        raise Refused("coreq.no_item", n=n)
    with ctx.write("write_coreq") as work:
        work.ids = {"n": n}
        put_setting(work, f"{_KEPT}{n}", text.strip(), rev=rev)


class _Known:
    """What the project says to each item; nothing where it says nothing."""

    def __init__(self, ctx: Context, material: Material) -> None:
        self.ctx, self.m = ctx, material
        self.sources = [s for s in sources.list_sources(ctx) if s.source.words_of != "literature"]
        self.before = before.before_view(ctx)
        self.searched = synthesis.synthesis_view(ctx).sources
        self.agreed = impressions.impression_view(ctx).agreed
        self.settled = differences.settlements(ctx).rows
        with ctx.read() as conn:
            self.marked = releases.marked_by(conn)
            self.sessions, self.kinds = study.sessions(conn), study.speakers_by_kind(conn)
            self.in_sources, self.lengths = study.sources_of_informants(conn), study.lengths_ms(conn)
            self.codebooks = study.codebooks_used(conn)
            self.origins = releases.theme_origins(conn)
        self.people = [p for p in material.participants.values() if p.kind == "informant"]

    def of(self, n: int) -> Iterator[Fill]:
        ask = getattr(self, f"_item_{n}", None)
        if ask is not None and (self.sources or n in (8, 17, 22, 27)):
            yield from ask()

    def _item_1(self) -> Iterator[Fill]:
        names = [
            p.pseudonym for p in self.m.participants.values() if p.kind in ("interviewer", "facilitator")
        ]
        if names:
            yield Fill(t("coreq.known.interviewers", names=listed(sorted(names))), "people")

    def _item_8(self) -> Iterator[Fill]:
        for name, first in self.before.stated:
            yield Fill(t("coreq.known.preconceptions", name=name, day=day(first)), "before")

    def _item_9(self) -> Iterator[Fill]:
        yield Fill(t(f"coreq.known.route.{self.m.project.route}"), "settings")
        if self.m.project.lens:
            yield Fill(t("coreq.known.lens", lens=self.m.project.lens), "before")

    def _item_12(self) -> Iterator[Fill]:
        yield Fill(t("coreq.known.sample", people=tn("exporting.people", len(self.people)),
                     sources=tn("exporting.sources", len(self.sources))), "people")  # fmt: skip

    def _item_13(self) -> Iterator[Fill]:
        yield Fill(tn("coreq.known.withdrawn", sum(p.consent == "withdrawn" for p in self.people)), "people")

    def _item_14(self) -> Iterator[Fill]:
        if self.sessions:
            told = [tn(f"coreq.session.{r['kind']}", r["n"]) for r in self.sessions]
            dates = [d for r in self.sessions for d in (r["first"], r["last"]) if d]
            text = t("coreq.known.sessions", told=listed(told))
            if dates:
                text += " " + t("coreq.known.dates", first=day(min(dates)), last=day(max(dates)))
            yield Fill(text, "sources")

    def _item_15(self) -> Iterator[Fill]:
        others = {k: n for k, n in self.kinds.items() if k != "informant"}
        if others:
            told = [tn(f"coreq.speaker.{kind or 'nobody'}", n) for kind, n in others.items()]
            yield Fill(t("coreq.known.present", told=listed(told)), "people")

    def _item_16(self) -> Iterator[Fill]:
        if groups := self.m.sample():
            yield Fill("; ".join(groups) + ".", "people")

    def _item_17(self) -> Iterator[Fill]:
        if self.before.guide.value:
            versions = before.guide_versions(self.ctx)
            said = tn("coreq.known.guide", max(1, len(versions)), day=day(versions[0].at) if versions else "")
            yield Fill(said, "before")

    def _item_18(self) -> Iterator[Fill]:
        yield Fill(tn("coreq.known.repeat", sum(n > 1 for n in self.in_sources)), "sources")

    def _item_19(self) -> Iterator[Fill]:
        verbatim = [s for s in self.sources if s.source.words_of == "participant"]
        yield Fill(t("coreq.known.recorded", timed=tn("coreq.known.timed", len(self.lengths)),
                     verbatim=tn("exporting.sources", len(verbatim))), "sources")  # fmt: skip

    def _item_20(self) -> Iterator[Fill]:
        notes = [s for s in self.sources if s.source.words_of == "researcher"]
        yield Fill(tn("coreq.known.notes", len(notes)), "sources")

    def _item_21(self) -> Iterator[Fill]:
        if self.lengths:
            minutes = sorted(max(1, round(ms / 60_000)) for ms in self.lengths)
            yield Fill(
                tn("coreq.known.duration", len(minutes), least=minutes[0], most=minutes[-1]), "sources"
            )

    def _item_22(self) -> Iterator[Fill]:
        judged = before.power_table(self.before.judgements).rows
        if judged:
            yield Fill(tn("coreq.known.power", len(judged), day=day(judged[-1].at)), "before")
            if judged[-1].conclusion:
                yield Fill(judged[-1].conclusion, "before")

    def _item_24(self) -> Iterator[Fill]:
        if self.marked:
            each = listed([f"{name} ({number(n)})" for name, n in self.marked])
            yield Fill(tn("coreq.known.coders", len(self.marked), each=each), "code")
        if self.settled:
            yield Fill(tn("coreq.known.settled", len(self.settled)), "differences")

    def _item_25(self) -> Iterator[Fill]:
        if self.m.code_groups:
            yield Fill(t("coreq.known.tree", groups=tn("exporting.groups", len(self.m.code_groups)),
                         subgroups=tn("exporting.subgroups", len(self.m.subgroups))), "tree")  # fmt: skip

    def _item_26(self) -> Iterator[Fill]:
        if self.agreed:
            grown = len({group for group, _, _ in self.origins})
            yield Fill(t("coreq.known.derived", themes=tn("coreq.themes", len(self.agreed)),
                         groups=tn("exporting.groups", grown)), "impression")  # fmt: skip
        for book in self.codebooks:
            yield Fill(
                t("methods.lens", title=book["title"], units=tn("exporting.units", book["units"])), "code"
            )

    def _item_27(self) -> Iterator[Fill]:
        yield Fill(t("coreq.known.software", name=t("exporting.made_with")), "project")

    def _item_29(self) -> Iterator[Fill]:
        quotes = self.m.quotes.values()
        if quotes:
            people = {
                p for q in quotes if q.unit in self.m.cards for p in self.m.cards[q.unit].unit.participants
            }
            yield Fill(t("coreq.known.quotes", quotes=tn("coreq.quotes", len(quotes)),
                         people=tn("exporting.people", len(people))), "quotes")  # fmt: skip

    def _item_30(self) -> Iterator[Fill]:
        for v in self.m.categories:
            cited = embedded_units(v.category.analytic_text)
            yield Fill(t("coreq.known.rests", heading=v.category.heading,
                         units=tn("exporting.units", len(v.cards)), people=tn("exporting.people", self.m.people(v.cards)),
                         cited=number(len(cited))), "synthesise")  # fmt: skip

    def _item_31(self) -> Iterator[Fill]:
        if self.m.categories:
            yield Fill("; ".join(v.category.heading for v in self.m.categories) + ".", "synthesise")

    def _item_32(self) -> Iterator[Fill]:
        names = [s.name for s in self.m.subgroups.values()]
        if names:
            yield Fill(_first(names), "condense")
        challenges = [n for s in self.searched for n in s.notes if n.verdict == "challenges"]
        if challenges:
            yield Fill(tn("coreq.known.challenges", len(challenges)), "reread")


def _first(names: Sequence[str], most: int = 24) -> str:
    """Names in a row; of very many, the first and how many more."""
    shown = "; ".join(names[:most])
    return (
        f"{shown}." if len(names) <= most else t("coreq.known.more", names=shown, n=number(len(names) - most))
    )
