"""Finding and marking what was found: exact places, one step that undo takes back, and nothing doubled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import acting_as
from workbench.domain.errors import InvalidSpan, NotAllowed, Refused
from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import code_groups, coding, correcting, finding, history, people, projects, sources
from workbench.services.context import Context

TURNS = [
    ("Interviewer", "Hvad stod der i mappen?"),
    ("P1", "Nå 😀 mappen. Mappen var tom, og sommermappen også! Ingen svarede, bl.a. om natten."),
    ("P2", "Jeg bar papirerne. Mappen bar jeg ikke."),
]


@pytest.fixture
def small(empty: Context) -> Context:
    group = people.add_group(empty, name="Gardeners")
    ane = people.add_participant(empty, pseudonym="Ane", stakeholder_group=group)
    asking = people.add_participant(empty, pseudonym="Interviewer", kind="interviewer")
    turns = tuple(ParsedTurn(who, text, None, None) for who, text in TURNS)
    parsed = ParsedTranscript("t.txt", "name", "utf-8", turns, ())
    for title in ("One", "Two"):
        sources.import_source(
            empty,
            parsed,
            b"",
            title=title,
            language="da",
            speakers={"Interviewer": asking, "P1": ane, "P2": None},
        )
    return empty


def words(ctx: Context) -> list[str]:
    return [c.unit.text for c in coding.list_units(ctx)]


def body(ctx: Context, source: str) -> str:
    return "\n".join(t.text for t in sources.read_source(ctx, source).turns)


def test_a_hit_is_exactly_the_words_found_with_what_stands_around_them_and_who_said_it(
    small: Context,
) -> None:
    found = finding.search(small, "mappen")
    assert found.total == 6
    one = [h for h in found.hits if h.title == "One"]
    assert [h.turn for h in one] == [1, 2, 2, 3]
    for hit in found.hits:
        whole = body(small, hit.place.source)
        assert whole[hit.place.start : hit.place.end] == hit.text
        assert whole[hit.place.start - len(hit.before) : hit.place.start] == hit.before
        assert whole[hit.place.end : hit.place.end + len(hit.after)] == hit.after
        assert all("mappen" in hit.text[a:b].lower() for a, b in hit.words)
    assert one[1].text == "mappen. Mappen"  # two that share a line are one hit with two words
    assert (one[1].speaker, one[1].kind) == ("Ane", "informant")
    assert one[2].text == "sommermappen"
    assert one[0].kind == "interviewer"


def test_speakers_groups_and_sources_narrow_what_is_found(small: Context) -> None:
    ane = next(p for p in people.people_view(small).participants if p.pseudonym == "Ane")
    first = sources.list_sources(small)[0].source.id

    def total(**where: object) -> int:
        return finding.search(small, "mappen", where=finding.Where(**where)).total  # type: ignore[arg-type]

    assert total(participants=[ane.id]) == 2
    assert total(groups=[ane.stakeholder_group or ""]) == 2
    assert total(sources=[first]) == 3
    assert total(sources=[first], informants=True) == 1
    assert total(participants=[]) == 0


def test_some_hits_are_marked_in_one_step_placed_and_taken_back_by_one_undo(small: Context) -> None:
    group = code_groups.add_code_group(small, name="The folder")
    hits = finding.search(small, "sommermappen").hits
    before = history.list_operations(small, limit=1)[0].seq
    assert finding.mark_hits(small, [h.place for h in hits], code_groups=[group]).n == 2
    newest = history.list_operations(small, limit=1)[0]
    assert newest.seq == before + 1
    assert newest.label == "marked passages found by words, in The folder (2)"
    assert words(small) == ["sommermappen", "sommermappen"]
    again = finding.search(small, "sommermappen").hits
    assert all(h.marked and h.code_groups == (group,) for h in again)
    assert history.undo(small).label == newest.label
    assert words(small) == []


@pytest.mark.parametrize(
    ("extent", "wanted"),
    [("hit", "sommermappen"), ("sentence", "Mappen var tom, og sommermappen også!"), ("turn", TURNS[1][1])],
)
def test_the_words_the_sentence_or_the_turn_is_marked(
    small: Context, extent: finding.Extent, wanted: str
) -> None:
    places = [h.place for h in finding.search(small, "sommermappen").hits]
    finding.mark_hits(small, places, extent=extent)
    assert words(small) == [wanted, wanted]
    assert history.list_operations(small, limit=1)[0].label == "marked passages found by words (2)"


def test_a_span_that_is_marked_already_is_placed_and_not_doubled(small: Context) -> None:
    one, two = (code_groups.add_code_group(small, name=n) for n in ("Groups", "Others"))
    places = [h.place for h in finding.search(small, "papirerne").hits]
    assert finding.mark_hits(small, places, code_groups=[one]).n == 2
    assert finding.mark_hits(small, places + places, code_groups=[one, two]).n == 2
    assert finding.mark_hits(small, places, code_groups=[one, two]).n == 0
    cards = coding.list_units(small)
    assert len(cards) == 2
    assert all({p.code_group for p in c.placements} == {one, two} for c in cards)


def test_everything_found_is_marked_also_what_was_not_shown_and_the_same_press_twice_counts_once(
    small: Context,
) -> None:
    new = [{"id": small.new_id(), "name": "Made on the way"}]
    press = small.new_id()
    marked = finding.mark_all(small, "mappen", extent="turn", new_code_groups=new, op_id=press)
    assert marked.n == 6
    assert len(words(small)) == 6
    assert [g.group.name for g in code_groups.code_group_counts(small)] == ["Made on the way"]
    with pytest.raises(
        Refused
    ):  # the page answers a repeated press itself; the file refuses it whatever happens
        finding.mark_all(small, "papirerne", op_id=press)
    assert len(words(small)) == 6


def test_too_many_at_once_are_refused_before_anything_is_written(
    small: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 3)
    with pytest.raises(Refused) as refused:
        finding.mark_all(small, "mappen")
    assert refused.value.code == "find.too_many"
    assert words(small) == []


def test_a_place_in_a_text_that_has_changed_since_is_refused_and_nothing_is_marked(small: Context) -> None:
    places = [h.place for h in finding.search(small, "papirerne").hits]
    stale = finding.Place(places[1].source, 7, places[1].start, places[1].end)
    with pytest.raises(InvalidSpan):
        finding.mark_hits(small, [places[0], stale])
    with pytest.raises(InvalidSpan):
        finding.mark_hits(small, [finding.Place(places[0].source, 1, 90_000, 90_009)])
    assert words(small) == []


def test_where_nothing_is_found_words_that_begin_alike_are_offered(small: Context) -> None:
    found = finding.search(small, "papirløs mappe")
    assert found.total == 0
    assert found.like == (("papirløs", ("papirerne",)),)
    assert not finding.search(small, "?!").asked
    assert finding.search(small, "mappen natten -sommermappen").like == ()


def test_names_and_comments_are_found_beside_the_passages(ctx: Context) -> None:
    kinds = {n.kind for n in finding.search(ctx, "named OR arrive").names}
    assert {"code_group", "requirement"} <= kinds
    unit = coding.list_units(ctx)[0].unit
    with ctx.write("mark") as work:
        work.insert(
            "memo",
            {
                "id": ctx.new_id(),
                "item": unit.id,
                "member": ctx.member.id,
                "text": "Compare with zebrafinken",
            },
        )
    (name,) = finding.search(ctx, "zebrafink").names
    assert (name.kind, name.ids["unit"], name.note) == ("comment", unit.id, ctx.member.name)


@given(typed=st.text(max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_string_may_be_looked_for(small: Context, typed: str) -> None:
    finding.search(small, typed)


def test_a_committee_finds_nothing_because_it_may_not_look(ctx: Context) -> None:
    with pytest.raises(NotAllowed):
        finding.search(acting_as(ctx, "steering"), "home")


def test_a_code_group_that_was_merged_while_one_chose_takes_the_passages_as_what_it_became(
    small: Context,
) -> None:
    one, two = (code_groups.add_code_group(small, name=n) for n in ("Groups", "Others"))
    code_groups.merge_code_groups(small, one, into=two)
    places = [h.place for h in finding.search(small, "papirerne").hits]
    finding.mark_hits(small, places, code_groups=[one])
    assert {p.code_group for c in coding.list_units(small) for p in c.placements} == {two}


def test_passages_are_marked_without_a_code_group_that_was_taken_out_while_one_chose_and_it_is_said(
    small: Context,
) -> None:
    one, two = (code_groups.add_code_group(small, name=n) for n in ("Groups", "Others"))
    code_groups.retire_code_group(small, one)
    places = [h.place for h in finding.search(small, "papirerne").hits]
    marked = finding.mark_hits(small, places, code_groups=[one, two])
    assert (marked.n, marked.into) == (2, (two,))
    assert marked.said and "has taken out Groups: the passages are marked without it" in marked.said
    assert history.list_operations(small, limit=1)[0].label.endswith("in Others (2)")
    assert {p.code_group for c in coding.list_units(small) for p in c.placements} == {two}


def test_a_colleagues_mark_on_the_same_words_stays_theirs_and_a_new_one_is_made(small: Context) -> None:
    id = projects.add_member(small, name="Mads", role="researcher")
    mads = replace(small, member=next(m for m in projects.list_members(small.store) if m.id == id))
    group = code_groups.add_code_group(small, name="Groups")
    places = [h.place for h in finding.search(small, "papirerne").hits]
    assert finding.mark_hits(mads, places).n == 2
    assert finding.mark_hits(small, places, code_groups=[group]).n == 2
    placed = {(c.unit.member, bool(c.placements)) for c in coding.list_units(small)}
    assert placed == {(mads.member.id, False), (small.member.id, True)}
    assert finding.mark_hits(small, places, code_groups=[group]).n == 0


def test_a_corrected_word_is_found_as_it_now_stands_and_no_longer_as_it_stood(small: Context) -> None:
    first = sources.list_sources(small)[0].source.id
    old = next(h for h in finding.search(small, "papirerne").hits if h.place.source == first)
    correcting.correct_text(
        small, first, old.place.start, old.place.end, "blanketterne", text_rev=1, quote="papirerne"
    )
    (hit,) = finding.search(small, "blanketterne").hits
    assert (hit.place.text_rev, hit.text) == (2, "blanketterne")
    assert finding.search(small, "papirerne").total == 1
    finding.mark_hits(small, [hit.place], extent="sentence")
    assert words(small) == ["Jeg bar blanketterne."]
    with pytest.raises(InvalidSpan):
        finding.mark_hits(small, [old.place])


def test_literature_is_not_looked_in_because_it_is_not_read_and_marked(small: Context) -> None:
    turns = (ParsedTurn("", "Mappen i litteraturen hedder papirmappe.", None, None),)
    parsed = ParsedTranscript("l.txt", "name", "utf-8", turns, ())
    article = sources.import_source(
        small, parsed, b"", title="Article", kind="literature", words_of="literature", language="da"
    )
    assert article not in coding.titles(small)
    assert article not in {h.place.source for h in finding.search(small, "mappen").hits}
    assert finding.search(small, "mappen").total == 6
    assert finding.search(small, "papirmappe", where=finding.Where(sources=[article])).total == 0
    assert finding.search(small, "litteraturen").like == (("litteraturen", ()),)
