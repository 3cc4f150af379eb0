"""The plan of a merge: what bringing a co-analyst's copy in comes to here, made on what this side is now, then told
or carried out. What both sides have changed is listed and left as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from workbench.domain import merging
from workbench.domain.errors import Refused
from workbench.domain.merging import PLACE, PLACING, QUIET, Key, Row, Thing, Values, values_of
from workbench.domain.stc import embedded_units, make_tag
from workbench.language import t, tn
from workbench.store import copies
from workbench.store.connection import Connection
from workbench.store.copies import Change, Foreign
from workbench.store.project import Store
from workbench.store.unit_of_work import UnitOfWork

from .code_groups import COLOURS
from .merge_differences import KEPT, Difference, keep_state, keep_worked, states, views
from .merge_rows import rows_here, rows_there
from .merge_texts import Texts

# Made in the project itself, where their keys and numbers are given, and operations counted: a copy's are not merged.
NOT_MERGED = frozenset(
    {"requirement", "component", "version", "decision", "vote", "idea", "analysis_state", "review", "consequence",
     "assumption", "open_question", "feedback", "change_item", "change_feedback", "tidier", "theory_node", "theory_link",
     "seat", "attendance", "action", "minutes", "shown", "letter", "letter_line", "erasure"}
)  # fmt: skip
# What a project is called and how it is set up here.
_OWN_SETTINGS = frozenset({"name", "language", "route", "invented", "k_min", "suggestions"})
# Counted by their own names; anything else together.
_TOLD = ("source", "unit", "placement", "memo", "code_group", "subgroup", "condensate", "category")


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging a copy does, or did: rows that came in by table, rows changed and taken out here, what is
    listed, and all that in sentences."""

    copy: str
    who: str
    came: Mapping[str, int]
    changed: int
    taken_out: int
    differences: tuple[Difference, ...]
    says: tuple[str, ...]

    @property
    def nothing_new(self) -> bool:
        return not (self.came or self.changed or self.taken_out or self.differences)


class Plan:
    """What merging a copy comes to. `file` is what its file is called; raises Refused where it is older than what
    has been merged, or a text in it is not what it was."""

    def __init__(self, store: Store, conn: Connection, foreign: Foreign, file: str) -> None:
        self.conn, self.foreign, self.file = conn, foreign, file
        self.mark = foreign.mark
        self.here = rows_here(conn)
        self.there = rows_there(foreign, self.here.shapes)
        self.texts = Texts(store, conn, foreign, self.here)
        self.state = states(conn).get(self.mark.id)
        self.ours = copies.merge_operations(conn, self.mark.id)
        self.who = self.here.name_of(self.mark.member) or self.there.name_of(self.mark.member)
        # (insert | revive | update, table, columns with the id), in the order they were planned: where there can be
        # only one, the one must have left before the other comes.
        self.actions: list[tuple[str, str, Row]] = []
        self.fresh: dict[Key, None] = {}
        self.changed: dict[Key, None] = {}
        self.retires: list[Key] = []
        self.came: Counter[str] = Counter()
        self.listed: dict[str, Row] = {}
        self.settled: set[str] = set()  # ids of differences of earlier merges that are none any more
        self.notes: dict[str, None] = {}
        self.left_there = 0
        self._brought: dict[Key, str | None] = {}
        self._gone: dict[Key, Change] = {}  # what they took out and stands here
        self._changes: dict[Key, Change] = {}
        self._make()

    def _make(self) -> None:
        by_table: dict[str, list[Change]] = {}
        for change in self.foreign.changes(self._since()):
            key = (change.table, change.id)
            if not self._is_merged(key):
                self.left_there += change.table != "setting"
                continue
            self._changes[key] = change
            if self.there.live(*key):
                by_table.setdefault(change.table, []).append(change)
            elif self.here.live(*key):
                self._gone[key] = change
            else:
                self.settled.add(f"{change.table}:{change.id}:")
        for table in self.here.shapes:
            for change in by_table.get(table, ()):
                self._merge_row(change)
        self._take_out()
        self._note_names()

    def _since(self) -> int:
        """The last of the copy's operations that has been merged; raises Refused where the file is older."""
        known, found = self.state["chain"] if self.state else "", self.foreign.chain
        if known.startswith(found) and found != known:
            raise Refused("copies.older", name=self.file)
        return self.mark.base + merging.in_common(known, found)

    def _is_merged(self, key: Key) -> bool:
        table, id = key
        if table == "setting":
            return id not in _OWN_SETTINGS and not id.startswith(KEPT)
        if table == "link":
            row = self.foreign.rows[table][id]
            return not {self.there.kinds.get(row[end]) for end in ("src", "dst")} & NOT_MERGED
        return table not in NOT_MERGED

    # -- one row -----------------------------------------------------------------------------------------

    def _merge_row(self, change: Change) -> None:
        table, key = change.table, (change.table, change.id)
        there, here = self.foreign.rows[table][change.id], self.here.find(*key)
        if here is None or (here["retired"] is not None and self._may_return(table, here)):
            self._bring(*key)
        elif here["retired"] is None:
            self._merge_things(table, here, change.before, there, key)
        else:
            row = self._translated(table, there)
            other = self.here.clash(table, row) if row else None
            if other is not None:
                self._merge_things(table, other, change.before, there, key)
            elif merging.says_more(table, self.here.shapes[table].columns, change.before, there):
                self._list("taken_out_here", key, row or there)

    def _may_return(self, table: str, here: Row) -> bool:
        """A row that nobody has taken out here since the copy was made."""
        return table == "setting" or here["retired"] in self.ours or here["retired"] <= self.mark.taken_at

    def _merge_things(self, table: str, here: Row, before: Row | None, there: Row, key: Key) -> None:
        """Three-way, thing by thing: what only they have changed comes in, what both have changed is listed."""
        mine = (table, here["id"])
        if table == "source" and before is not None and before.get("text_rev") != there["text_rev"]:
            # Their words stay in the copy: they may hold a name taken out here.
            for seq in self.texts.apart(there["id"]):
                self._list("text", mine, {"turn": seq}, (f"turn {seq}",))
        for thing, said in merging.said(table, self.here.shapes[table].columns, before, there):
            values = self._values(table, there, thing)
            if values is not None and self._take(mine, before, thing, values, key):
                self.settled.add(":".join((*mine, thing[0])))
            elif thing[0] not in QUIET:
                kind, told = ("changed", values) if values is not None else (self._why(table, there), said)
                self._list(kind, mine, dict(zip(thing, told, strict=True)), thing, key)

    def _take(self, mine: Key, before: Row | None, thing: Thing, values: Values, cause: Key) -> bool:
        """Let a row say what they have said, if it does not yet; False where that would overwrite something, or
        cannot be."""
        table, id = mine
        here = self.here.rows(table)[id]
        if merging.same(thing, values, values_of(here, thing)):
            return True
        new = {**here, **dict(zip(thing, values, strict=True))}
        if (
            not merging.is_untouched(thing, here, before, partial(self._values, table))
            or (thing == PLACING and here["subgroup"] != new["subgroup"] and self._is_held(here))
            or self.here.clash(table, new) is not None
            or (thing == ("tag",) and self.here.has_tag(new["tag"], id))
        ):
            return False
        self.here.put(table, new)
        self.actions.append(("update", table, {c: new[c] for c in ("id", *thing)}))
        if mine not in self.fresh:
            self.changed[mine] = None
            if change := self._changes.get(cause):
                self._changes.setdefault(mine, change)
        return True

    def _is_held(self, placement: Row) -> bool:
        """Whether a condensate here holds a unit for its place in a subgroup, and the copy's does so too or has
        never been seen there: then it cannot just leave."""
        unit, subgroup = placement["unit"], placement["subgroup"]
        for row in self.here.all_live("condensate") if subgroup is not None else ():
            if row["subgroup"] != subgroup or ("condensate", row["id"]) in self._gone:
                continue
            there = self.there.find("condensate", row["id"]) or row
            if row["golden_unit"] == unit == there["golden_unit"]:
                return True
            cover = self.here.clash("cover", {"id": "", "condensate": row["id"], "unit": unit})
            if cover is not None and ("cover", cover["id"]) not in self._gone:
                return True
        return False

    # -- rows that are new here --------------------------------------------------------------------------

    def _bring(self, table: str, id: str) -> str | None:
        """Bring a row in with what it refers to; returns the id it has here: its own, or that of the one that
        stands in its place already. None where it cannot be."""
        key = (table, id)
        if key in self._brought:
            return self._brought[key]
        self._brought[key] = None
        there = self.there.live(table, id)
        if there is None or not self._is_merged(key):
            return None
        row = self._translated(table, there)
        if row is None:
            self._list(self._why(table, there), key, there)
            return None
        # A condensate holds the units of its subgroup: not one that stands elsewhere here, and not there.
        if table == "cover" and self._where(row, there) == (False, True):
            self._list("rests_on_gone", key, row)
            return None
        if (other := self.here.clash(table, row)) is not None:
            # They took theirs out and made it again: it is the one that stands here.
            taken = self._gone.pop((table, other["id"]), None)
            before = (taken.before or self.here.content(table, other)) if taken else None
            self._brought[key] = other["id"]
            self._merge_things(table, other, before, there, key)
            return str(other["id"])
        was = self.here.find(table, id)
        self._fit(table, row, was)
        if table == "source" and not copies.has_text(self.conn, id):
            if not self.texts.bring(id):
                raise Refused("copies.damaged", name=self.file)
            self.notes[t("copies.no_original", name=there["title"])] = None
        self.here.put(table, {"rev": 0, **row, "retired": None})
        self.actions.append(("insert" if was is None else "revive", table, row))
        self.fresh[key] = None
        self.came[table] += 1
        self.settled.add(f"{table}:{id}:row")
        self._brought[key] = id
        return id

    def _why(self, table: str, there: Row) -> str:
        """Why a row, or a thing it says, cannot be here."""
        lost = table == "unit" and self._resolve("source", there["source"])
        return "words_gone" if lost else "rests_on_gone"

    def _where(self, here: Row, there: Row) -> tuple[bool, bool] | None:
        """Whether the unit of a tick stands in the subgroup of its condensate here, and there; None where there
        are not two condensates."""
        mine = self.here.live("condensate", here["condensate"])
        theirs = self.there.find("condensate", there["condensate"])
        if mine is None or theirs is None:
            return None
        return (
            self.here.is_in(here["unit"], mine["subgroup"]),
            self.there.is_in(there["unit"], theirs["subgroup"]),
        )

    def _fit(self, table: str, row: Row, was: Row | None) -> None:
        """What only has a meaning among its neighbours here."""
        if table == "member":
            row |= {"role": "researcher", "is_lead": 0}
        if table == "source" and was is not None:
            row["text_rev"] = was["text_rev"]
        if "position" not in row or not (live := self.here.all_live(table)):
            return
        beside = live
        if table == "code_group":
            taken, used = {r["tag"] for r in live}, {r["colour"] for r in live}
            if row["tag"] in taken:
                row["tag"] = make_tag(row["name"], taken)
            if row["colour"] in used:
                row["colour"] = next((c for c in range(COLOURS) if c not in used), len(live) % COLOURS)
        else:
            parents = [column for column, _ in self.here.shapes[table].references]
            beside = [r for r in live if values_of(r, parents) == values_of(row, parents)]
        row["position"] = max((r["position"] for r in beside), default=0) + 1

    # -- what a row says, in this side's terms -------------------------------------------------------------

    def _resolve(self, table: str, id: str) -> str | None:
        """The id that a reference has here; None where what it points at has been taken out."""
        if table == "item":
            table = self.there.kinds.get(id) or self.here.kinds.get(id) or ""
        if table not in self.here.shapes:
            return None
        here = self.here.find(table, id)
        if here is None:
            return self._bring(table, id)
        if here["retired"] is None or table == "member":
            return id
        if table == "code_group" and (into := self.here.standing(id)):
            return into
        if self.there.live(table, id) and self._may_return(table, here):
            return self._bring(table, id)
        return None

    def _translated(self, table: str, there: Row) -> Row | None:
        """The row in this side's terms; None where what it cannot be without is not here."""
        row = self.here.content(table, there)
        for thing in merging.things(table, self.here.shapes[table].columns):
            values = self._values(table, there, thing)
            if values is None:
                return None
            row |= dict(zip(thing, values, strict=True))
        return row

    def _values(self, table: str, there: Row, thing: Thing) -> Values | None:
        """What a row says of one thing, in this side's terms; None where that cannot be here."""
        if thing == PLACE:
            if self._resolve("source", there["source"]) is None:
                return None
            place = self.texts.place(there["source"], there["text_rev"], there["start"], there["end"])
            return values_of(place, PLACE) if place else None
        if thing == PLACING:
            return self._placing(there)
        (column,) = thing
        value, shape = there[column], self.here.shapes[table]
        target = dict(shape.references).get(column)
        if target and value is not None:
            value = self._resolve(target, value)
            if value is None and column not in shape.optional:
                return None
        held = embedded_units(value) if (table, column) == ("category", "analytic_text") else ()
        return (value,) if all(self._resolve("unit", unit) for unit in held) else None

    def _placing(self, there: Mapping[str, Any]) -> Values | None:
        """Code group and subgroup: a subgroup that has moved to another code group takes its units along."""
        if there["subgroup"] and (subgroup := self._resolve("subgroup", there["subgroup"])):
            row = self.here.live("subgroup", subgroup)
            return (row["code_group"] if row else None, subgroup, there["set_aside"])
        code_group = self._resolve("code_group", there["code_group"])
        if code_group is None:
            return None
        if there["subgroup"] and (gone := self.there.find("subgroup", there["subgroup"])):
            self.notes[t("copies.left_loose", name=gone["name"], who=self.who)] = None
        return (code_group, None, there["set_aside"])

    # -- what was taken out there --------------------------------------------------------------------------

    def _take_out(self) -> None:
        """What they took out goes here too if it was their own and nobody here has touched it, or anything that
        rests on it; else it is listed, with what went along with it left standing."""
        order = {table: n for n, table in enumerate(self.here.shapes)}
        resting = self.here.resting_on() if self._gone else {}
        taken: dict[Key, bool] = {}
        for key in sorted(self._gone, key=lambda k: order[k[0]]):
            table, id = key
            here = self.here.rows(table)[id]
            above = [taken[on] for _, on in self.here.references(table, here) if on in taken]
            if above or (table == "cover" and self._where(here, here) == (True, False)):
                # It goes with what it was on; a unit that has its place in the subgroup here was let go there.
                taken[key] = any(above)
            else:
                held = table == "placement" and self._is_held(here)
                taken[key] = self._is_theirs(key, here) and self._is_whole(key, resting) and not held
                if not taken[key]:
                    self._list("taken_out_there", key, self.foreign.rows[table][id])
            if taken[key]:
                self.here.put(table, {**here, "retired": 0})
                self.retires.append(key)
                self.settled.add(f"{table}:{id}:")

    def _is_whole(
        self, key: Key, resting: Mapping[Key, list[Key]], seen: frozenset[Key] = frozenset()
    ) -> bool:
        """Whether nobody here has touched a row that is gone there, or rests anything on it that is not."""
        if key in seen:
            return True
        (table, id), before = key, self._gone[key].before
        columns, here = self.here.shapes[table].columns, self.here.rows(table)[id]
        if before and not merging.is_whole(table, columns, here, before, partial(self._values, table)):
            return False
        return all(
            other in self._gone and self._is_whole(other, resting, seen | {key})
            for other in resting.get(key, ())
        )

    def _is_theirs(self, key: Key, here: Row) -> bool:
        if key[0] in ("cover", "theme_origin"):
            return True  # a tick has no author: it says something about what it is on, and anybody may change that
        if key[0] in ("setting", "member"):
            return False
        maker = here["member"] if "member" in here else self.foreign.made_by.get(key)
        return bool(maker == self.mark.member)

    def _is_withdrawn(self, table: str, there: Mapping[str, Any]) -> bool:
        """Whether what they wrote is on words of somebody who has withdrawn here: then it is not even listed."""
        unit = self.there.find("unit", there.get({"memo": "item", "cleared_quote": "unit"}.get(table, "")))
        place = unit and (unit["source"], unit["text_rev"], unit["start"], unit["end"])
        return place is not None and self.texts.is_withdrawn(*place)

    # -- telling ---------------------------------------------------------------------------------------------

    def _list(
        self,
        kind: str,
        key: Key,
        there: Mapping[str, Any],
        fields: Thing = (),
        cause: Key | None = None,
    ) -> None:
        table, id = key
        if self._is_withdrawn(table, there):
            return
        change = self._changes.get(cause or key)
        self.listed[f"{table}:{id}:{fields[0] if fields else 'row'}"] = {
            "kind": kind, "table": table, "row": id, "fields": list(fields),
            "there": {c: v for c, v in there.items() if c not in ("rev", "retired")},
            "who": change.member if change else self.mark.member, "at": change.at if change else self.mark.at,
        }  # fmt: skip

    def _note_names(self) -> None:
        live = self.here.all_live("code_group")
        names = Counter(g["name"].casefold() for g in live)
        new = self.fresh.keys() | self.changed.keys()
        for group in live:
            if ("code_group", group["id"]) in new and names[group["name"].casefold()] > 1:
                self.notes[t("copies.same_name", name=group["name"])] = None

    def told(self) -> Merged:
        known = self.state["differences"] if self.state else {}
        listed = views(self.here, self.mark.id, self.listed, self.there)
        new = tuple(d for d in listed if known.get(d.id) != self.listed[d.id])
        counted = [(f"copies.new.{table}", self.came[table]) for table in _TOLD]
        counted += [
            ("copies.new.more", sum(n for table, n in self.came.items() if table not in _TOLD)),
            ("copies.changed", len(self.changed)),
            ("copies.taken_out", len(self.retires)),
        ]
        what = ", ".join(tn(id, n) for id, n in counted if n)
        says = [t("copies.came", who=self.who, what=what)] if what else []
        says += [tn("copies.listed", len(new))] * bool(new)
        says = says or [t("copies.nothing_new.named", who=self.who)]
        says += self.notes
        says += [tn("copies.not_merged", self.left_there)] * bool(self.left_there)
        return Merged(
            self.mark.id, self.who, dict(self.came), len(self.changed), len(self.retires), new, tuple(says)
        )

    # -- doing -------------------------------------------------------------------------------------------------

    def carry_out(self, work: UnitOfWork) -> None:
        for action, table, row in self.actions:
            if action == "insert":
                work.insert(table, row)
            elif action == "revive":
                work.revive(table, row["id"], row)
            else:
                work.update(table, row["id"], row)
        self.texts.put(work)
        for table, id in self.retires:
            work.retire(table, id)
        before = self.state or {"n": 0, "differences": {}}
        kept = {id: d for id, d in before["differences"].items() if not id.startswith(tuple(self.settled))}
        keep_state(work, self.mark.id, {
            "member": self.mark.member, "at": work.at, "chain": self.foreign.chain,
            "n": before["n"] + 1, "differences": kept | self.listed,
        })  # fmt: skip
        keep_worked(work, self.mark.id, self._worked())
        n = sum(self.came.values()) + len(self.changed) + len(self.retires)
        work.ids = {"member": self.mark.member, "copy": self.mark.id, "n": n}

    def _worked(self) -> list[tuple[str, str, list[str]]]:
        """Who last worked on each row that came or was changed, when: an operation here has only its own time."""
        found: dict[tuple[str, str], list[str]] = {}
        for key in [*self.fresh, *self.changed]:
            if change := self._changes.get(key):
                found.setdefault((change.member, change.at), []).append(":".join(key))
        return [(member, at, keys) for (member, at), keys in found.items()]
