"""The committee sees themes, cleared quotes, requirements and decisions, and nothing else: not on a page, not in an
address, not in a file, and not through any service its role may call."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import acting_as
from tests.ui.committee_reads import READS, everything_read, reads
from tests.ui.committee_words import everything, forbidden, leaks
from workbench.domain.errors import NotAllowed
from workbench.domain.records import Session
from workbench.domain.roles import Action
from workbench.services import (
    actions,
    coding,
    meetings,
    model,
    pack_files,
    projects,
    sending,
    sources,
)
from workbench.services.context import Context
from workbench.store import queries

PAGES = [("pack", p) for p in ("since", "themes", "decide", "version", "send", "")] + [
    ("decisions", p) for p in ("agenda", "log", "minutes", "actions", "letters", "")
]  # fmt: skip


@pytest.fixture
def full(ctx: Context) -> Context:
    """The demo with another pack sent, one more action, and something changed since."""
    sending.send_pack(ctx, read={q.mark for q in sending.preview(ctx).quotes})
    last = meetings.list_meetings(ctx)[-1].id
    actions.add_action(ctx, text="Ask the legal advisers", owner="Municipality", meeting=last)
    unit = coding.list_units(ctx)[0].unit.id
    r = model.list_requirements(ctx)[0].requirement
    model.support_requirement(ctx, r.id, unit)
    return ctx


def withheld(ctx: Context) -> list[str]:
    """What stays with the analysts: words, ids of units, condensates and sources, titles and pseudonyms."""
    titles = [v.source.title for v in sources.list_sources(ctx)]
    with ctx.read() as conn:
        people = [r["id"] for r in conn.execute("SELECT id FROM participant WHERE retired IS NULL")]
    return [*forbidden(ctx), *people, *(x for x in titles if re.search(r"\d", x))]


def leaked(text: str, words: list[str]) -> list[str]:
    return [
        w
        for w in words
        if (w in text if " " in w or len(w) > 30 else re.search(rf"\b{re.escape(w)}\b", text))
    ]


@pytest.mark.parametrize(("page", "part"), PAGES)
def test_no_page_the_committee_can_open_holds_what_stays_with_the_analysts(
    full: Context, run_page: Callable[..., Any], page: str, part: str
) -> None:
    chair = acting_as(full, "steering")
    for theme in ("1", "3") if part == "themes" else ("",):
        at = run_page(page, chair, part=part, theme=theme, meeting="1")
        assert leaks(full, at) == []
        assert leaked(everything(at), withheld(full)) == []


def test_no_service_the_committee_may_call_gives_what_stays_with_the_analysts(
    full: Context, tmp_path: Path
) -> None:
    found = everything_read(full, acting_as(full, "steering"), tmp_path)
    assert len(reads()) > 20 and len(found) > 30
    words = withheld(full)
    assert {call: hits for call, text in found.items() if (hits := leaked(text, words))} == {}


def test_no_service_a_facilitator_may_read_gives_words_or_ids_of_the_transcripts(
    full: Context, tmp_path: Path
) -> None:
    requirements = [v.requirement.id for v in model.list_requirements(full)]
    source = sources.list_sources(full)[0].source.id
    for id, ground in zip(
        requirements, (source, *(c.unit.id for c in coding.list_units(full)[1:3])), strict=False
    ):
        model.support_requirement(full, id, ground)
    reads_more = (*READS, Action.MODEL, Action.MEET)
    found = everything_read(full, acting_as(full, "facilitator"), tmp_path, reads_more)
    workshops = {s.title for s in places_of(full)}  # they were there
    words = [w for w in withheld(full) if w not in workshops]
    assert {call: hits for call, text in found.items() if (hits := leaked(text, words))} == {}


def places_of(ctx: Context) -> list[Session]:
    with ctx.read() as conn:
        return queries.records(conn, Session)


def test_the_same_sweep_finds_what_a_researcher_may_read(full: Context, tmp_path: Path) -> None:
    found = everything_read(full, full, tmp_path)
    assert any(leaked(text, withheld(full)) for text in found.values())


@pytest.mark.parametrize("k_min", ["6", "7"])
def test_a_group_too_small_to_stand_alone_is_named_and_counted_nowhere(
    full: Context, run_page: Callable[..., Any], tmp_path: Path, k_min: str
) -> None:
    projects.change_setting(full, "k_min", k_min)
    chair = acting_as(full, "steering")
    # A seat may have a group's name; it is told as a seat, with a position.
    seat = re.compile(
        r"General practice: [a-z]+|General practice(?=,|\.)|'General practice'|\"General practice\""
    )
    for part in ("since", "themes", "version"):
        at = run_page("pack", chair, part=part, theme="1")
        text = seat.sub("", everything(at))
        assert "Practices" not in text and '"name": "General practice"' not in text
    pdf = " ".join(pack_file_text(chair, tmp_path).split())
    assert not re.search(r"General practice \d+ of|General practice some|\d+ of 24", pdf)


def pack_file_text(ctx: Context, folder: Path) -> str:
    from tests.ui.committee_reads import text_of

    return text_of(pack_files.pack_pdf(ctx), folder)


def test_the_committee_cannot_open_what_is_only_for_who_prepares_meetings(
    full: Context, run_page: Callable[..., Any]
) -> None:
    chair = acting_as(full, "steering")
    at = run_page("pack", chair, part="send")
    assert not at.exception and not [b for b in at.button if b.key in ("send_make", "pack_send")]
    with pytest.raises(NotAllowed):
        sending.preview(chair)
