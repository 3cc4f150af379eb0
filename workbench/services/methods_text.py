"""How the study was done, in sentences: each from something logged, and nothing that was not done.

The same sentences stand in the report and, as a paragraph to begin a methods section from, in a file of their own; in
English and Danish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.domain.roles import Action
from workbench.domain.routes import condenses
from workbench.language import day, number, speaking, t, tn
from workbench.store import releases
from workbench.store.queries import study

from . import before, condensing, counter_search, differences, double_coding, impressions, sources, synthesis
from .context import Context, requires
from .material import Material, load_material


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the id of what it rests on (`methods.from.<id>` says it)."""

    text: str
    rests_on: str


@requires(Action.EXPORT_ANALYSIS)
def methods_text(ctx: Context, language: str, material: Material | None = None) -> tuple[Said, ...]:
    """What is logged of how the study was done, in the order of the work. What was begun and not finished is said
    too; what was not done at all is left out here, or said by the last sentences."""
    with speaking(language):
        return tuple(_Account(ctx, material or load_material(ctx), language).sentences())


def listed(names: Sequence[str]) -> str:
    """ "Anna, Mads and Lise"."""
    return t("methods.and", first=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else "".join(names)


def _days(first: str | None, last: str | None) -> str:
    if day(first) == day(last):
        return t("methods.on", day=day(first))
    return t("methods.between", first=day(first), last=day(last))


class _Account:
    def __init__(self, ctx: Context, material: Material, language: str) -> None:
        self.ctx, self.m, self.language = ctx, material, language
        self.sources = sources.list_sources(ctx)
        self.searched = synthesis.synthesis_view(ctx).sources
        self.before, self.impression = before.before_view(ctx), impressions.impression_view(ctx)
        self.unseen, self.searches = (
            double_coding.marked_independently(ctx),
            counter_search.counter_searches(ctx),
        )
        self.settled = differences.settlements(ctx).counts
        with ctx.read() as conn:
            self.readings, self.marked = releases.readings(conn), releases.marked_by(conn)
            self.codebooks = study.codebooks_used(conn)
        self.total = sum(s.source.words_of != "literature" for s in self.sources)

    def sentences(self) -> Iterator[Said]:
        parts: Iterable[tuple[str, Callable[[], Iterator[str]]]] = (
            ("route", self._route), ("material", self._material), ("before", self._before), ("power", self._power),
            ("impression", self._impression), ("units", self._units), ("unseen", self._unseen),
            ("lens", self._lens), ("condensates", self._condensates), ("rereading", self._rereading),
            ("quotes", self._quotes),
        )  # fmt: skip
        for rests_on, part in parts:
            for text in part():
                yield Said(text, rests_on)

    def _route(self) -> Iterator[str]:
        if self.total:
            done = not condenses(self.m.project.route) or (self.m.categories and self._written())
            yield t(f"methods.route.{self.m.project.route}" + ("" if done else "_begun"))

    def _material(self) -> Iterator[str]:
        if not self.total:
            return
        informants = [p for p in self.m.participants.values() if p.kind == "informant"]
        yield t("methods.material", sources=tn("exporting.sources", self.total),
                people=tn("exporting.people", len(informants)))  # fmt: skip
        if groups := self.m.sample(self.language):
            yield t("methods.groups", groups=listed(groups))

    def _written(self) -> list[condensing.CondensateView]:
        return [c for b in self.m.boards.values() for s in b.subgroups for c in s.condensates]

    def _before(self) -> Iterator[str]:
        if stated := self.before.stated:
            names = listed([name for name, _ in stated])
            yield t("methods.preconceptions", names=names, on=_days(stated[0][1], stated[-1][1]))
        if reflected := self.before.reflected:
            yield t("methods.reflections", names=listed([name for name, _ in reflected]),
                    entries=tn("methods.entries", sum(n for _, n in reflected)))  # fmt: skip

    def _power(self) -> Iterator[str]:
        judged = before.power_table(self.before.judgements).rows
        if judged:
            why = "_why" if all(any(j.reasons.values()) for j in judged) else ""
            yield tn(f"methods.power{why}", len(judged), on=_days(judged[0].at, judged[-1].at))

    def _read(self, step: str) -> Iterator[str]:
        mine = [r for r in self.readings if r.step == step]
        for r in mine:
            yield t(f"methods.{step}", name=r.name, n=r.sources,
                    sources=tn("exporting.sources", self.total)) + " " + _days(r.first, r.last)  # fmt: skip
        if not mine and self.total:
            yield t(f"methods.no_{step}")

    def _impression(self) -> Iterator[str]:
        if not condenses(self.m.project.route):
            return
        yield from self._read("impression")
        yield from self._submitted()
        if agreed := self.impression.agreed:
            yield tn("methods.agreed", len(agreed)) + (
                " " + t("methods.minutes") if self.impression.minutes else ""
            )

    def _submitted(self) -> Iterator[str]:
        """Lists that were shown; one that was submitted when the others' could be read already was not written alone."""
        seen = self.impression
        lists = {m.id: themes for m, themes in seen.others} | {self.ctx.member.id: seen.mine}
        told = [(at, m.name, m.id) for m, at in seen.standing if at and m.id in lists]
        told.sort(key=lambda x: x[0])
        alone = [(at, f"{name} {number(len(lists[id]))}") for at, name, id in told if id not in seen.late]
        if not seen.is_open or len(told) < 2:
            return
        each, late = listed([x for _, x in alone]), [name for _, name, id in told if id in seen.late]
        if seen.closing:
            yield t("methods.submitted_opened", each=each, name=seen.closing.who, day=day(seen.closing.at))
        else:
            yield t("methods.submitted", each=each, day=day(alone[-1][0]))
        if late:
            yield t("methods.submitted_late", names=listed(late))

    def _units(self) -> Iterator[str]:
        yield from self._read("code")
        if not self.marked:
            return
        cards = self.m.cards.values()
        each = "; ".join(f"{name} {number(n)}" for name, n in self.marked)
        yield t("methods.units", units=tn("exporting.units", len(cards)), each=each,
                groups=tn("exporting.groups", len(self.m.code_groups)))  # fmt: skip
        if len(self.marked) == 1:
            yield t("methods.one_analyst")
        if several := sum(len(c.placements) > 1 for c in cards):
            yield tn("methods.several", several)
        if loose := sum(not c.placements for c in cards):
            yield tn("methods.loose", loose)
        if aside := sum(p.set_aside is not None for c in cards for p in c.placements):
            yield tn("methods.aside", aside)

    def _unseen(self) -> Iterator[str]:
        if self.unseen:
            names = dict.fromkeys(name for who in self.unseen.values() for name in who)
            yield tn("methods.unseen", len(self.unseen), names=listed(list(names)))
        if self.settled:
            told = [tn(f"methods.settled.{outcome}", n) for outcome, n in self.settled.items()]
            yield t("methods.settled", told=listed(told))

    def _lens(self) -> Iterator[str]:
        for book in self.codebooks:
            yield t("methods.lens", title=book["title"], units=tn("exporting.units", book["units"]))

    def _condensates(self) -> Iterator[str]:
        written = self._written()
        if not written or not condenses(self.m.project.route):
            return
        golden = sum(c.condensate.golden_unit is not None for c in written)
        yield t("methods.condensates", condensates=tn("exporting.condensates", len(written)),
                subgroups=tn("exporting.subgroups", sum(len(b.subgroups) for b in self.m.boards.values())),
                groups=tn("exporting.groups", len(self.m.boards)), golden=tn("exporting.golden_n", golden))  # fmt: skip
        if stale := sum(bool(c.stale) for c in written):
            yield tn("methods.stale", stale)

    def _rereading(self) -> Iterator[str]:
        if self.m.categories:
            yield tn("methods.categories", len(self.m.categories))
        if condenses(self.m.project.route) or any(r.step == "synthesis" for r in self.readings):
            yield from self._read("synthesis")
        if 0 < (unread := sum(not s.by for s in self.searched)) < self.total:
            yield tn("methods.unread", unread, total=self.total)
        notes = [n for s in self.searched for n in s.notes]
        if notes:
            count = {v: sum(n.verdict == v for n in notes) for v in ("challenges", "nuances")}
            yield t("methods.notes", challenges=tn("exporting.challenges", count["challenges"]),
                    nuances=tn("exporting.nuances", count["nuances"]))  # fmt: skip
            if waiting := sum(n.verdict == "challenges" and not n.answer for n in notes):
                yield tn("methods.unanswered", waiting)
        for name in dict.fromkeys(s.name for s in self.searches):
            mine = [s for s in self.searches if s.name == name]
            yield tn("methods.searched", len({s.category for s in mine}), name=name,
                     found=tn("methods.found", sum(s.found for s in mine)))  # fmt: skip

    def _quotes(self) -> Iterator[str]:
        if quotes := self.m.quotes.values():
            translated = sum(bool(q.translation) for q in quotes)
            by = listed(list(dict.fromkeys(q.cleared_by for q in quotes)))
            yield tn("methods.quotes", len(quotes), names=by)
            if translated:
                yield tn("methods.translated", translated)
