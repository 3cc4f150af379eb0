"""Stakeholder groups, participants and who speaks in a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.people import sample_sizes, top_group
from workbench.domain.records import Participant, Source, Speaker, StakeholderGroup
from workbench.domain.roles import Action
from workbench.store import queries

from .context import Context, requires

KINDS = ("informant", "interviewer", "facilitator")
CONSENTS = ("given", "limited", "withdrawn")


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its people and, for a top group, the size of its sample after roll-up."""

    group: StakeholderGroup
    top: str
    people: int
    sample: int
    colour: int  # index of the disc colour; a sub-group wears its top group's


@dataclass(frozen=True, slots=True)
class PeopleView:
    groups: tuple[GroupView, ...]
    participants: tuple[Participant, ...]
    speakers: Mapping[str, tuple[str, ...]]  # participant -> titles of the sources they speak in


def group_views(
    groups: Mapping[str, StakeholderGroup], participants: Mapping[str, Participant]
) -> tuple[GroupView, ...]:
    """All groups, each top group followed by its sub-groups, with counts and disc colours."""
    sizes = sample_sizes(participants.values(), groups)
    tops = [g.id for g in groups.values() if g.parent is None]
    ordered = sorted(
        groups.values(), key=lambda g: (tops.index(top_group(g.id, groups) or g.id), g.parent is not None)
    )
    views = []
    for g in ordered:
        top = top_group(g.id, groups) or g.id
        own = sum(p.stakeholder_group == g.id and p.kind == "informant" for p in participants.values())
        views.append(GroupView(g, top, own, sizes.get(top, 0), tops.index(top) % 8))
    return tuple(views)


@requires(Action.READ_SOURCES)
def people_view(ctx: Context) -> PeopleView:
    with ctx.read() as conn:
        groups, participants = queries.groups(conn), queries.participants(conn)
        spoken: dict[str, list[str]] = {}
        for source in queries.records(conn, Source, order="position"):
            for speaker in queries.records(conn, Speaker, source=source.id):
                if speaker.participant is not None:
                    spoken.setdefault(speaker.participant, []).append(source.title)
    order = {v.group.id: i for i, v in enumerate(group_views(groups, participants))}
    people = sorted(
        participants.values(),
        key=lambda p: (p.kind != "informant", order.get(p.stakeholder_group or "", 99), p.pseudonym),
    )
    return PeopleView(
        group_views(groups, participants), tuple(people), {k: tuple(v) for k, v in spoken.items()}
    )


@requires(Action.IMPORT)
def add_group(
    ctx: Context,
    *,
    name: str,
    monogram: str = "",
    sector: str = "",
    parent: str | None = None,
    name_da: str = "",
) -> str:
    """Add a stakeholder group, perhaps under another that it rolls up to; returns the id."""
    if not name.strip():
        raise Refused("group.needs_name")
    with ctx.write("add_group") as work:
        others = work.live("stakeholder_group")
        if any(o["name"].casefold() == name.strip().casefold() and o["parent"] == parent for o in others):
            raise Refused("group.same_name")
        if parent is not None and any(o["id"] == parent and o["parent"] for o in others):
            raise Refused("group.two_levels")
        row = {"id": ctx.new_id(), "name": name.strip(), "name_da": name_da, "sector": sector, "parent": parent,
               "monogram": (monogram.strip() or name.strip()[:2].capitalize())[:3],
               "position": len(others)}  # fmt: skip
        work.ids = {"stakeholder_group": row["id"]}
        return work.insert("stakeholder_group", row)


@requires(Action.IMPORT)
def change_group(ctx: Context, group: str, *, rev: int, name: str, monogram: str, parent: str | None) -> None:
    """Change a group's name, disc or the group it is counted with; only if unchanged since `rev`."""
    if not name.strip():
        raise Refused("group.needs_name")
    with ctx.write("change_group") as work:
        work.ids = {"stakeholder_group": group}
        others = [o for o in work.live("stakeholder_group") if o["id"] != group]
        if any(o["name"].casefold() == name.strip().casefold() and o["parent"] == parent for o in others):
            raise Refused("group.same_name")
        # Two levels are what a sample is reported in; a third would hide who is counted where.
        above = next((o for o in others if o["id"] == parent), None)
        if parent is not None and (
            above is None or above["parent"] or any(o["parent"] == group for o in others)
        ):
            raise Refused("group.two_levels")
        changes = {"name": name.strip(), "monogram": monogram.strip()[:2] or name.strip()[:2].capitalize(),
                   "parent": parent}  # fmt: skip
        work.update("stakeholder_group", group, changes, rev=rev)


@requires(Action.IMPORT)
def add_participant(
    ctx: Context,
    *,
    pseudonym: str,
    stakeholder_group: str | None = None,
    kind: str = "informant",
    consent: str = "given",
    quote_ok: bool = True,
) -> str:
    """Add a person under a pseudonym; returns the id. Real names belong in the vault, never here."""
    if not pseudonym.strip():
        raise Refused("participant.needs_pseudonym")
    if kind not in KINDS:
        raise Refused("participant.unknown_kind", kind=kind)
    with ctx.write("add_participant") as work:
        same = work.live("participant", pseudonym=pseudonym.strip())
        if same:
            raise Refused("participant.same_pseudonym")
        row = {"id": ctx.new_id(), "pseudonym": pseudonym.strip(), "stakeholder_group": stakeholder_group,
               "kind": kind, "consent": consent, "quote_ok": int(quote_ok)}  # fmt: skip
        work.ids = {"participant": row["id"]}
        return work.insert("participant", row)


@requires(Action.IMPORT)
def change_participant(
    ctx: Context,
    participant: str,
    *,
    rev: int,
    pseudonym: str,
    stakeholder_group: str | None,
    kind: str,
    quote_ok: bool,
) -> None:
    """Change a participant; only if unchanged since `rev`."""
    if not pseudonym.strip():
        raise Refused("participant.needs_pseudonym")
    with ctx.write("change_participant") as work:
        if any(p["id"] != participant for p in work.live("participant", pseudonym=pseudonym.strip())):
            raise Refused("participant.same_pseudonym")
        work.ids = {"participant": participant}
        changes = {"pseudonym": pseudonym.strip(), "stakeholder_group": stakeholder_group, "kind": kind,
                   "quote_ok": int(quote_ok)}  # fmt: skip
        work.update("participant", participant, changes, rev=rev)


@requires(Action.IMPORT)
def assign_speaker(ctx: Context, speaker: str, participant: str | None) -> None:
    """Say who a speaker label is. No offset moves: labels are not part of the text."""
    with ctx.write("assign_speaker") as work:
        if participant is not None and work.get("participant", participant)["consent"] == "withdrawn":
            raise Refused("withdraw.no_new_words")
        work.ids = {"speaker": speaker, "source": work.get("speaker", speaker)["source"]}
        work.update("speaker", speaker, {"participant": participant})


@requires(Action.READ_SOURCES)
def list_speakers(ctx: Context, source: str) -> list[Speaker]:
    with ctx.read() as conn:
        return queries.records(conn, Speaker, source=source, order="position")
