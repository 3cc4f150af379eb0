"""Frozen states of the analysis (a poster, an article): keeping one, and what has become of the analysis since.

A state is the number of the last operation before it was frozen; what stood then is read from the images of what has
changed since. It holds no second copy of anybody's words: what has been erased is gone here too, and said to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.domain.errors import Refused
from workbench.domain.records import Source
from workbench.domain.roles import Action
from workbench.domain.stc import without_tokens
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import operations, states
from workbench.store.queries.states import Standing
from workbench.store.unit_of_work import Row

from .code_groups import lineage
from .context import Context, requires
from .correcting import carry_over
from .versioning import word_diff

Words = tuple[tuple[str, str], ...]  # (same | ins | del, text)


@dataclass(frozen=True, slots=True)
class State:
    """`left`: a file with it has left the project, so that freezing it can no longer be undone."""

    id: str
    rev: int
    label: str
    note: str
    frozen_at: str
    who: str
    seq: int
    left: bool


@dataclass(frozen=True, slots=True)
class UnitChange:
    """Where a unit stood and where it stands, as (code group, subgroup or ""); empty: nowhere."""

    unit: str
    was: tuple[tuple[str, str], ...]
    now: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GroupChange:
    """`change`: added | removed | changed (its name, its subgroups, its units) | same. `was` is the earlier name of one
    that was renamed, `into` the code group that a removed one was merged into, `split_from` the one that a new one came
    out of. `came` and `went` are units placed in it, beside what a merge brought along; `n_was` and `n_now` how many it
    holds."""

    change: str
    id: str
    name: str
    was: str = ""
    into: str = ""
    split_from: str = ""
    took: tuple[str, ...] = ()  # names of code groups merged into it
    # (added | removed | renamed | came | left, name, its earlier name or the other code group)
    subgroups: tuple[tuple[str, str, str], ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    n_was: int = 0
    n_now: int = 0


@dataclass(frozen=True, slots=True)
class TextChange:
    """A condensate or a category. `change`: added | removed | changed | same | erased. `place`: where it stands
    (code group, subgroup); `words` of its text and `heading`, word by word; `came` and `went` are units it holds."""

    change: str
    id: str
    place: tuple[str, str]
    words: Words = ()
    heading: Words = ()
    was_voice: str | None = None
    now_voice: str | None = None
    was_status: str = ""
    now_status: str = ""
    moved_from: tuple[str, str] | None = None
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from a state to a later one (or to now). Units that merely went along with a merge of their code
    group are not in `moved`. `erased`: how many rows of the earlier state are no longer anywhere."""

    old: State
    new: State | None
    operations: int
    groups: tuple[GroupChange, ...]
    came: tuple[UnitChange, ...]
    went: tuple[UnitChange, ...]
    moved: tuple[UnitChange, ...]
    condensates: tuple[TextChange, ...]
    categories: tuple[TextChange, ...]
    erased: int
    same: bool


# -- keeping one -------------------------------------------------------------------------------------------


def load_states(conn: Connection) -> list[State]:
    """Newest first."""
    made = states.made(conn, "analysis_state")
    found = [
        State(r["id"], r["rev"], r["label"], r["note"], r["frozen_at"], made.get(r["id"], {}).get("who", ""), r["seq"],
              states.has_left(conn, r["id"]))
        for r in queries.live(conn, "analysis_state")
    ]  # fmt: skip
    return sorted(found, key=lambda s: (s.seq, s.frozen_at), reverse=True)


@requires(Action.READ_SOURCES)
def list_states(ctx: Context) -> list[State]:
    """The frozen states of the analysis, newest first."""
    with ctx.read() as conn:
        return load_states(conn)


@requires(Action.ANALYSE)
def freeze_state(ctx: Context, *, label: str, note: str = "") -> str:
    """Keep the analysis as it is now under a name; returns the id."""
    if not label.strip():
        raise Refused("state.needs_label")
    with ctx.write("freeze_state") as work:
        if any(s["label"].casefold() == label.strip().casefold() for s in work.live("analysis_state")):
            raise Refused("state.label_taken", label=label.strip())
        row = {
            "id": ctx.new_id(),
            "label": label.strip(),
            "note": note.strip(),
            "frozen_at": work.at,
            "seq": work.seq - 1,
        }
        work.ids = {"state": row["id"]}
        return work.insert("analysis_state", row)


@requires(Action.ANALYSE)
def change_state(ctx: Context, state: str, *, rev: int, label: str, note: str) -> None:
    """Another name or note; what was frozen stays."""
    if not label.strip():
        raise Refused("state.needs_label")
    with ctx.write("change_state") as work:
        work.ids = {"state": state}
        others = (s for s in work.live("analysis_state") if s["id"] != state)
        if any(s["label"].casefold() == label.strip().casefold() for s in others):
            raise Refused("state.label_taken", label=label.strip())
        work.update("analysis_state", state, {"label": label.strip(), "note": note.strip()}, rev=rev)


@requires(Action.ANALYSE)
def retire_state(ctx: Context, state: str) -> None:
    """Take a state out; refused once a file with it has left."""
    with ctx.write("retire_state") as work:
        work.ids = {"state": state}
        if states.has_left(work.connection, state):
            raise Refused("state.left")
        work.retire("analysis_state", state)


# -- comparing ---------------------------------------------------------------------------------------------


@requires(Action.READ_SOURCES)
def compare_states(ctx: Context, old: str, new: str | None = None) -> Comparison:
    """What changed from one state to another, or (None) to the analysis as it is now. Given the other way round, they
    are put in their order. `operations` counts what was done since the first was frozen."""
    with ctx.read() as conn:
        known = {s.id: s for s in load_states(conn)}
        if old not in known or (new is not None and new not in known):
            raise Refused("error.gone", kind="analysis_state")
        first, last = known[old], known[new] if new is not None else None
        if last is not None and last.seq < first.seq:
            first, last = last, first
        was, now = states.as_of(conn, first.seq), states.as_of(conn, last.seq if last else None)
        until = last.seq if last else operations.last_seq(conn)
        went = {g["id"]: g for g in states.gone_groups(conn, last.seq if last else None)}
    onward = {id: g["merged_into"] for id, g in went.items() if g["merged_into"]}
    groups = tuple(
        replace(g, split_from=next((x.name for x in lineage(ctx, g.id) if x.kind == "split_from"), ""))
        if g.change == "added"
        else g
        for g in _groups(was, now, onward)
    )
    came, gone, moved = _units(was, now, onward)
    condensates, categories = _condensates(was, now), _categories(was, now)
    erased = sum(len(ids) for ids in was.erased.values())
    same = not (came or gone or moved or erased) and all(
        c == "same" for c in (*(g.change for g in groups), *(x.change for x in (*condensates, *categories)))
    )
    return Comparison(
        first, last, max(0, until - first.seq - 1), groups, came, gone, moved, condensates, categories, erased, same,
    )  # fmt: skip


def _standing_in(group: str, onward: Mapping[str, str], live: Mapping[str, Row]) -> str:
    """The code group that has by then what stood in this one: itself, or the one it was merged into."""
    seen = {group}
    while group not in live and group in onward and onward[group] not in seen:
        group = onward[group]
        seen.add(group)
    return group


def _placed(standing: Standing) -> dict[str, set[str]]:
    """Code group -> units placed in it and not set aside."""
    found: dict[str, set[str]] = {}
    for p in standing.rows["placement"].values():
        if p["set_aside"] is None:
            found.setdefault(p["code_group"], set()).add(p["unit"])
    return found


def _position(row: Row) -> tuple[int, str]:
    return (row["position"], row["id"])


def _groups(was: Standing, now: Standing, onward: Mapping[str, str]) -> tuple[GroupChange, ...]:
    before, after = was.rows["code_group"], now.rows["code_group"]
    had, has = _placed(was), _placed(now)
    merged: dict[str, list[str]] = {}
    for id in before:
        if id not in after and (into := _standing_in(id, onward, after)) in after:
            merged.setdefault(into, []).append(id)
    found = []
    for row in sorted(after.values(), key=_position):
        id = row["id"]
        units = has.get(id, set())
        base = had.get(id, set()).union(*(had.get(m, set()) for m in merged.get(id, ())))
        subgroups = _subgroups(was, now, id, {id, *merged.get(id, ())})
        took = tuple(before[m]["name"] for m in merged.get(id, ()))
        earlier = before[id]["name"] if id in before and before[id]["name"] != row["name"] else ""
        told = GroupChange(
            "added", id, row["name"], took=took, n_was=len(had.get(id, ())), n_now=len(units),
            came=tuple(sorted(units - base)), went=tuple(sorted(base - units)),
        )  # fmt: skip
        if id in before:
            other = earlier or took or subgroups or units != base
            told = replace(told, change="changed" if other else "same", was=earlier, subgroups=subgroups)
        found.append(told)
    for row in sorted(before.values(), key=_position):
        if row["id"] not in after:
            into = _standing_in(row["id"], onward, after)
            units = had.get(row["id"], set())
            found.append(
                GroupChange("removed", row["id"], row["name"], into=after[into]["name"] if into in after else "",
                            n_was=len(units))
            )  # fmt: skip
    return tuple(found)


def _subgroups(
    was: Standing, now: Standing, group: str, earlier: set[str]
) -> tuple[tuple[str, str, str], ...]:
    """What became of a code group's subgroups, those that a merge brought along being there before."""
    then, here = was.rows["subgroup"], now.rows["subgroup"]
    before = {id: s for id, s in then.items() if s["code_group"] in earlier}
    after = {id: s for id, s in here.items() if s["code_group"] == group}

    def of(standing: Standing, subgroup: Row) -> str:
        row = standing.rows["code_group"].get(subgroup["code_group"])
        return row["name"] if row else ""

    found = []
    for id, s in after.items():
        if id in before and before[id]["name"] != s["name"]:
            found.append(("renamed", s["name"], before[id]["name"]))
        elif id not in before:
            found.append(("came", s["name"], of(was, then[id])) if id in then else ("added", s["name"], ""))
    for id, s in before.items():
        if id not in after:
            found.append(("left", s["name"], of(now, here[id])) if id in here else ("removed", s["name"], ""))
    return tuple(found)


def _places(standing: Standing) -> dict[str, set[tuple[str, str]]]:
    """Unit -> the (code group, subgroup or "") it stands in, not set aside."""
    found: dict[str, set[tuple[str, str]]] = {}
    for p in standing.rows["placement"].values():
        if p["set_aside"] is None:
            found.setdefault(p["unit"], set()).add((p["code_group"], p["subgroup"] or ""))
    return found


def _units(
    was: Standing, now: Standing, onward: Mapping[str, str]
) -> tuple[tuple[UnitChange, ...], tuple[UnitChange, ...], tuple[UnitChange, ...]]:
    """Units that came into a code group, left all of them, or stand elsewhere."""
    before, after = _places(was), _places(now)
    live = now.rows["code_group"]

    def named(standing: Standing, places: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        groups, subgroups = standing.rows["code_group"], standing.rows["subgroup"]
        return tuple(
            sorted(
                (groups[g]["name"], subgroups[s]["name"] if s in subgroups else "")
                for g, s in places
                if g in groups
            )
        )

    came, gone, moved = [], [], []
    for unit in dict.fromkeys((*before, *after)):
        change = UnitChange(unit, named(was, before.get(unit, ())), named(now, after.get(unit, ())))
        if unit not in before:
            came.append(change)
        elif unit not in after:
            gone.append(change)
        elif {(_standing_in(g, onward, live), s) for g, s in before[unit]} != after[unit]:
            moved.append(change)
    return tuple(came), tuple(gone), tuple(moved)


def _place_of(standing: Standing, row: Row) -> tuple[str, str]:
    """(code group, subgroup) by name, of a condensate (which names its subgroup) or a category."""
    subgroup = standing.rows["subgroup"].get(row.get("subgroup") or "")
    group = standing.rows["code_group"].get(
        subgroup["code_group"] if subgroup else row.get("code_group") or ""
    )
    return (group["name"] if group else "", subgroup["name"] if subgroup else "")


def _held(standing: Standing) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for v in standing.rows["cover"].values():
        found.setdefault(v["condensate"], set()).add(v["unit"])
    return found


def _condensates(was: Standing, now: Standing) -> tuple[TextChange, ...]:
    before, after = was.rows["condensate"], now.rows["condensate"]
    had, has = _held(was), _held(now)
    gone = was.erased["condensate"] | now.erased["condensate"]
    found = []
    for id in dict.fromkeys((*after, *before, *sorted(gone))):
        old, new = before.get(id), after.get(id)
        place = _place_of(now, new) if new else _place_of(was, old) if old else ("", "")
        told = TextChange(
            "erased", id, place,
            was_voice=old["voice"] if old else None, now_voice=new["voice"] if new else None,
            came=tuple(sorted(has.get(id, set()) - had.get(id, set()))),
            went=tuple(sorted(had.get(id, set()) - has.get(id, set()))),
            is_live=new is not None,
        )  # fmt: skip
        # Whoever erases a condensate leaves an empty one, where it is still there.
        if id not in gone and all(x["text"] for x in (old, new) if x):
            if old and new:
                moved = _place_of(was, old) if old["subgroup"] != new["subgroup"] else None
                same = (old["text"], old["voice"], told.came, told.went, moved) == (
                    new["text"],
                    new["voice"],
                    (),
                    (),
                    None,
                )
                told = replace(
                    told,
                    change="same" if same else "changed",
                    words=word_diff(old["text"], new["text"]),
                    moved_from=moved,
                )
            elif new:
                told = replace(told, change="added", words=(("ins", new["text"]),))
            elif old:
                told = replace(told, change="removed", words=(("del", old["text"]),))
        found.append(told)
    return tuple(found)


def _categories(was: Standing, now: Standing) -> tuple[TextChange, ...]:
    before, after = was.rows["category"], now.rows["category"]
    order = sorted(after, key=lambda id: _position(after[id]))
    found = []
    for id in dict.fromkeys((*order, *before, *sorted(was.erased["category"]))):
        old, new = before.get(id), after.get(id)
        place = _place_of(now, new) if new else _place_of(was, old) if old else ("", "")
        told = TextChange(
            "erased", id, place, was_status=old["status"] if old else "", now_status=new["status"] if new else "",
            is_live=new is not None,
        )  # fmt: skip
        if id not in was.erased["category"]:
            heading, text = (
                tuple(without_tokens(x[field]) if x else "" for x in (old, new))
                for field in ("heading", "analytic_text")
            )
            same = heading[0] == heading[1] and text[0] == text[1] and told.was_status == told.now_status
            told = replace(
                told, change="added" if not old else "removed" if not new else "same" if same else "changed",
                words=word_diff(*text), heading=word_diff(*heading),
            )  # fmt: skip
        found.append(told)
    return tuple(found)


# -- behind a count ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitWords:
    """A unit of either state: its words as they stand now, "" where they are gone, corrected away or withdrawn. `place`
    is (source, its title, number of the turn); `is_live`: the mark is still there."""

    unit: str
    text: str
    language: str
    place: tuple[str, str, int]
    speakers: tuple[str, ...]
    is_live: bool


@requires(Action.READ_SOURCES)
def words_of(ctx: Context, units: Sequence[str]) -> list[UnitWords]:
    """The words of units, also of marks that have been taken out, in reading order; units erased are not in it."""
    wanted = set(units)
    with ctx.read() as conn:
        sources = {s.id: s for s in queries.records(conn, Source)}
        people = queries.participants(conn)
        live = queries.units(conn, among=wanted)
        found = [
            UnitWords(
                u.id, "" if any(people[p].consent == "withdrawn" for p in u.participants) else u.text,
                u.language, (u.source, u.source_title, u.turn), u.speakers, True,
            )
            for u in live
        ]  # fmt: skip
        order = {u.id: (u.source_position, u.start) for u in live}
        for row in queries.condensing.retired_units(conn, wanted - {u.id for u in live}):
            source = sources.get(row["source"])
            if source is None:
                continue
            span = carry_over(conn, source.id, row["text_rev"], row["start"], row["end"])
            shown = span if not row["withdrawn"] else None
            text = queries.span_text(conn, source.id, source.text_rev, *shown) if shown else None
            turn = states.turn_at(conn, source.id, span[0] if span else row["start"])
            order[row["id"]] = (source.position, span[0] if span else row["start"])
            found.append(
                UnitWords(row["id"], text or "", source.language, (source.id, source.title, turn), (), False)
            )
    return sorted(found, key=lambda x: order[x.unit])
