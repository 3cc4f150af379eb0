"""The analysis loaded once, in the words of the files that leave: names of groups, units with what is cleared of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.people import heard, may_be_quoted, sample_sizes, too_few
from workbench.domain.records import CodeGroup, Member, Participant, StakeholderGroup, Subgroup
from workbench.domain.roles import Action
from workbench.domain.stc import MIXED
from workbench.domain.unit_ids import short_ids
from workbench.exporters import report as report_out
from workbench.language import day, number, t, tn
from workbench.store import queries, releases

from . import codebooks, coding, condensing, impressions, model, projects, sources, synthesis
from .coding import UnitCard
from .context import Context, requires
from .quotes import ClearedQuote, load_quotes
from .synthesis import CategoryView


@dataclass(frozen=True)
class Material:
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
    comments: Mapping[str, tuple[str, ...]]  # unit -> "initials: what was written"
    codes: Mapping[str, tuple[str, ...]]  # unit -> labels of codes of codebooks
    card_ids: Mapping[str, str]  # unit -> its id on paper
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

    def condensate(self, view: condensing.CondensateView) -> str:
        """A condensate's text; empty where it may not be printed."""
        return view.condensate.text if condensing.may_be_printed(view, self.cards, self.participants) else ""

    def subgroups_of(self, card: UnitCard) -> str:
        names = (
            self.subgroups[p.subgroup].name
            for p in card.placements
            if p.subgroup and p.subgroup in self.subgroups
        )
        return "; ".join(names)

    def sample(self, language: str = "en") -> tuple[str, ...]:
        """The groups of the sample with their people. Where one is too small to be counted none has a number: what is
        left of the whole sample would be that one's."""
        sizes = sample_sizes(self.participants.values(), self.groups)
        named = {
            g: (self.groups[g].name_da if language == "da" else "") or self.groups[g].name for g in sizes
        }
        if too_few(sizes, self.project.k_min):
            return tuple(named.values())
        return tuple(f"{named[g]} ({number(n)})" for g, n in sizes.items())

    def people(self, cards: Iterable[UnitCard]) -> int:
        return len(heard((c.unit.words_of, c.unit.participants) for c in cards))


@requires(Action.EXPORT_ANALYSIS)
def load_material(ctx: Context) -> Material:
    """Everything the analysis holds, as this member may see it."""
    groups = sources.list_code_groups(ctx)
    impression = impressions.impression_view(ctx)
    # Others' preliminary themes stay apart until all have submitted, here too.
    visible = {x.id for x in (*impression.mine, *(x for x, _ in impression.agreed))}
    visible |= {x.id for _, themes in impression.others for x in themes}
    with ctx.read() as conn:
        times = releases.turn_times(conn)
        origins: dict[str, tuple[str, ...]] = {}
        for group, theme, title in releases.theme_origins(conn):
            if theme in visible:
                origins[group] = (*origins.get(group, ()), title)
        subgroups = {s.id: s for s in queries.records(conn, Subgroup, order="position, name")}
        stakeholders, participants = queries.groups(conn), queries.participants(conn)
        categories = synthesis.load_categories(conn)
        cards = {c.unit.id: c for c in coding.load_cards(conn)}
        quotes = load_quotes(conn)
        initials = {m.id: m.initials for m in queries.records(conn, Member)}
        comments: dict[str, tuple[str, ...]] = {}
        for memo in queries.live(conn, "memo"):
            said = f"{initials.get(memo['member'], '?')}: {memo['text']}"
            comments[memo["item"]] = (*comments.get(memo["item"], ()), said)
        labels = {c.id: c.label for c in codebooks.load_codes(conn)}
        codes = {unit: tuple(labels[c] for c in on) for unit, on in queries.matrix.codes(conn).items()}
    return Material(
        projects.project_summary(ctx), stakeholders, participants, cards, quotes, groups, subgroups,
        {g.id: condensing.board(ctx, g.id) for g in groups}, categories, model.list_requirements(ctx), times, comments, codes,
        short_ids(cards), origins,
    )  # fmt: skip


def rests_on(r: model.RequirementView) -> tuple[str, ...]:
    """What a requirement rests on, in words: themes and units by name, the outside by its note."""
    found = [t(f"exporting.support.{s.kind}", label=s.label) for s in r.supports]
    if r.requirement.basis_note or (not found and r.requirement.basis in model.OUTSIDE):
        note = r.requirement.basis_note or t("exporting.not_named")
        found.append(
            t("exporting.support.outside", basis=t(f"exporting.basis.{r.requirement.basis}"), note=note)
        )
    return tuple(found)


def evidence_label(role: str) -> str:
    """How literature stands to a theme, in a word."""
    return t(f"exporting.role.{role}")


def of_sources(n: int, total: int) -> str:
    """ "3 of 7 sources"."""
    return t("exporting.of_sources", n=number(n), sources=tn("exporting.sources", total))
