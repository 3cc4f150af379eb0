"""What both sides of a merge have changed: kept with the project, told, and settled by taking the other side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.domain.merging import Key, Row, differs_still
from workbench.domain.stc import embedded_units, make_tag
from workbench.language import t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import LOOKS_BACK, UnitOfWork

from . import codebooks, correcting
from .code_groups import release_from_group
from .context import Context
from .merge_rows import Rows
from .projects import put_setting

# -- what is kept of the copies that have been merged ------------------------------------------------------

# Settings: `copy.<id>` is what has become of a copy, `copy.<id>.<operation>` who had worked on what came, and when.
KEPT = "copy."
Worked = Iterable[tuple[str, str, list[str]]]  # (member, when, rows as table:id)


def _kept(conn: Connection, dots: int) -> dict[str, Any]:
    return {
        s["id"].removeprefix(KEPT): json.loads(s["value"])
        for s in queries.live(conn, "setting")
        if s["id"].startswith(KEPT) and s["id"].count(".") == dots
    }


def states(conn: Connection) -> dict[str, Any]:
    """Copy -> its member, how often (n) and when last (at) it was merged, the chain of its operations up to then,
    and the differences that are not settled."""
    return _kept(conn, 1)


def keep_state(work: UnitOfWork, copy: str, state: Mapping[str, Any]) -> None:
    put_setting(work, KEPT + copy, json.dumps(state, ensure_ascii=False))


def worked_there(conn: Connection) -> dict[Key, tuple[str, str]]:
    """(table, row) that was merged -> (member, when they last worked on it in the copy)."""
    found: dict[Key, tuple[str, str]] = {}
    for kept in _kept(conn, 2).values():
        for member, at, keys in kept:
            for key in keys:
                table, _, id = key.partition(":")
                found[table, id] = (member, at)
    return found


def keep_worked(work: UnitOfWork, copy: str, worked: Worked) -> None:
    put_setting(work, f"{KEPT}{copy}.{work.seq}", json.dumps(list(worked)))


# -- telling them ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that cannot be merged without taking one side: it stands here as it stood.

    `kind`: changed (on both sides) · taken_out_here (and worked on there) · taken_out_there (and still here) ·
    words_gone (marked there, corrected away here) · rests_on_gone · text (corrected there). `here` and `there` hold
    the row's columns, of `fields` only where it was changed; `here` is as it is now, at `rev`."""

    id: str
    copy: str
    kind: str
    table: str
    row: str
    fields: tuple[str, ...]
    here: Mapping[str, Any]
    there: Mapping[str, Any]
    who: str
    at: str
    rev: int | None
    says: str


# Kinds whose row is always in the file, live or taken out: where it is not found, it is out of sight.
_ABOUT_A_ROW_HERE = frozenset({"changed", "taken_out_here", "taken_out_there"})


def views(
    here: Rows, copy: str, listed: Mapping[str, Row], there: Rows | None = None
) -> tuple[Difference, ...]:
    """What is listed of a copy, but for what has come to be the same, and what is about a mark that the acting member
    is not to see yet. `there` knows members who are not here yet."""
    found = []
    for id, d in listed.items():
        kind, table, fields = d["kind"], d["table"], tuple(d["fields"])
        row, live = here.find(table, d["row"]), here.live(table, d["row"])
        if (row is None and kind in _ABOUT_A_ROW_HERE) or not differs_still(kind, fields, live, d["there"]):
            continue
        mine = {c: v for c, v in (live or {}).items() if not fields or c in fields}
        who = here.name_of(d["who"]) or (there.name_of(d["who"]) if there else "")
        said = "placed" if (kind, table) == ("changed", "placement") else kind
        about = _about(here, table, {**d["there"], **(row or {})})
        says = t(f"copies.difference.{said}", about=about, who=who, turn=d["there"].get("turn", ""))
        rev = row["rev"] if row else None
        found.append(
            Difference(id, copy, kind, table, d["row"], fields, mine, d["there"], who, d["at"], rev, says)
        )
    return tuple(found)


def _about(here: Rows, table: str, row: Mapping[str, Any]) -> str:
    """What a difference is about, in a few words."""
    if table in ("unit", "placement", "impression"):
        unit = here.find("unit", row["unit"]) if table == "placement" else row
        source = here.find("source", unit["source"]) if unit else None
        return t(f"copies.about.{table}", name=source["title"] if source else "")
    if table == "condensate":
        subgroup = here.find("subgroup", row.get("subgroup"))
        return t("copies.about.condensate", name=subgroup["name"] if subgroup else "")
    if table == "memo":
        return t("copies.about.memo")
    if table == "setting":
        known = f"copies.setting.{row['id']}"
        return t("copies.about.setting", name=t(known)) if t(known) != known else t("copies.about.setting_of")
    name = next((row[c] for c in ("name", "heading", "title", "label", "pseudonym") if row.get(c)), "")
    return t("copies.about.named", name=name) if name else t("copies.about.other")


# -- settling them -----------------------------------------------------------------------------------------

# What goes along with a row that is taken out, and what only lets go of it.
_ALONG = {
    "unit": {"placement", "memo", "code_tag", "cover"}, "condensate": {"cover", "memo"},
    "category": {"recontext", "matrix_phrase", "counter_search", "memo"}, "code_group": {"theme_origin", "memo"},
    "prelim_theme": {"theme_origin"}, "code": {"code_tag"}, "source": {"speaker", "reading"},
}  # fmt: skip
_LETS_GO = {"unit": "condensate", "subgroup": "placement"}


class Settling:
    """Takes the other side of one difference; returns None, or the id of the sentence why it cannot be."""

    def __init__(self, ctx: Context, work: UnitOfWork, here: Rows) -> None:
        self.ctx, self.work, self.here = ctx, work, here

    def take(self, d: Difference) -> str | None:
        match d.kind:
            case "text":
                return "copies.left.by_hand"
            case "words_gone":
                return "copies.left.words_gone"
            case "taken_out_there":
                why = self._take_out(d.table, d.row, d.there)
                self.here.read_again()
                return why
            case _ if d.fields:
                return self._change(d)
            case _:
                return self._bring(d.table, d.row, dict(d.there))

    def _change(self, d: Difference) -> str | None:
        row = self.here.live(d.table, d.row)
        if row is None:
            return "copies.left.gone"
        changes = self._stood(d.table, {**row, **d.there})
        if changes is None:
            return "copies.left.rests_on_gone"
        changes = {c: changes[c] for c in d.fields}
        new = {**row, **changes}
        if self.here.clash(d.table, new) or (d.fields == ("tag",) and self.here.has_tag(new["tag"], d.row)):
            return "copies.left.there_already"
        if not all(self.here.live("unit", u) for u in embedded_units(str(changes.get("analytic_text", "")))):
            return "copies.left.rests_on_gone"
        self.work.update(d.table, d.row, changes)
        self._see(d.table, d.row)
        if d.table == "placement" and new["subgroup"] != row["subgroup"]:
            release_from_group(self.work, {row["unit"]}, row["code_group"])
            self.here.read_again()
        return None

    def _see(self, table: str, id: str) -> None:
        row = self.work.find(table, id)
        assert row is not None
        self.here.put(table, row)

    def _revive(self, table: str, id: str, changes: Row) -> None:
        self.work.revive(table, id, changes)
        self._see(table, id)

    def _bring(self, table: str, id: str, there: Row) -> str | None:
        """Bring a row in, or back; what it rests on that was taken out here comes back as it was, but no source."""
        back: dict[Key, Row] = {}
        row = self._stood(table, there, back)
        if row is not None and table == "cover":
            condensate = self.here.live("condensate", row["condensate"])
            if condensate and not self.here.is_in(row["unit"], condensate["subgroup"]):
                row = None
        if row is None:
            return "copies.left.rests_on_gone"
        if self.here.clash(table, row) is not None:
            return "copies.left.there_already"
        for key, content in back.items():
            self._revive(*key, content)
        was = self.here.find(table, id)
        row = self.here.content(table, row)
        if was is not None and was["retired"] is not None:
            self._revive(table, id, row)
            if table == "unit":
                self._bring_along(id, was["retired"])
            return None
        if was is None:
            self.work.insert(table, row)
        else:  # it has come back with what it rests on
            self.work.update(table, id, row)
        self._see(table, id)
        return None

    def _bring_along(self, unit: str, taken_out: int) -> None:
        """A unit's placements, comments and codes that went with it come back with it."""
        for table, column in (("placement", "unit"), ("memo", "item"), ("code_tag", "unit")):
            for row in list(self.here.rows(table).values()):
                went = row[column] == unit and row["retired"] == taken_out
                if went and self._may_return(table, row):
                    self._revive(table, row["id"], {})

    def _may_return(self, table: str, row: Row) -> bool:
        return self.here.clash(table, row) is None and all(
            kind in ("member", "unit") or self.here.live(kind, id)
            for _, (kind, id) in self.here.references(table, row)
        )

    def _stood(self, table: str, there: Row, back: dict[Key, Row] | None = None) -> Row | None:
        """A row in this side's terms as they are now. With `back`, what it needs and was taken out may come back,
        and is added there with what it is to be."""
        row = dict(there)
        if table == "unit" and not self._carry(row):
            return None
        if table == "placement":
            row["code_group"] = self.here.standing(row["code_group"]) or row["code_group"]
            if subgroup := self.here.live("subgroup", row["subgroup"]):
                row["code_group"] = subgroup["code_group"]
        for column, key in list(self.here.references(table, row)):
            kind, id = key
            found = self.here.find(kind, id) if kind else None
            if kind == "member" or (found is not None and found["retired"] is None):
                continue
            if column in self.here.shapes[table].optional:
                row[column] = None
                continue
            if found is None or back is None or kind == "source":
                return None
            if key in back:
                continue
            again = self._stood(kind, found, back)
            if again is None or self.here.clash(kind, again) is not None:
                return None
            if kind == "code_group" and self.here.has_tag(again["tag"], id):
                taken = {g["tag"] for g in self.here.all_live("code_group")}
                again["tag"] = make_tag(again["name"], taken)
            back[key] = self.here.content(kind, again)
        return row

    def _carry(self, row: Row) -> bool:
        """Let a unit's place be in the text that stands now."""
        source = self.here.live("source", row["source"])
        if source is None:
            return False
        conn = self.work.connection
        if row["text_rev"] != source["text_rev"]:
            place = correcting.carry_over(conn, row["source"], row["text_rev"], row["start"], row["end"])
            if place is None:
                return False
            row |= {"text_rev": source["text_rev"], "start": place[0], "end": place[1]}
        words = queries.span_text(conn, row["source"], row["text_rev"], row["start"], row["end"])
        if words is None or not words.strip():
            return False
        row["mac"] = self.ctx.store.mac(words)
        return True

    def _take_out(self, table: str, id: str, there: Mapping[str, Any]) -> str | None:
        row = self.here.live(table, id)
        if row is None:
            return None
        work = self.work
        resting = self.here.resting_on()
        others = [key for key in resting.get((table, id), []) if key[0] not in LOOKS_BACK]
        along, lets_go = _ALONG.get(table, {"memo"}), _LETS_GO.get(table)
        if any(other not in along and other != lets_go for other, _ in others):
            return "copies.left.group_in_use" if table == "code_group" else "copies.left.in_use"
        if any(set(resting.get(key, ())) - set(others) for key in others if key[0] in along):
            return "copies.left.in_use"
        if table == "unit":
            for p in work.live("placement", unit=id):
                release_from_group(work, {id}, p["code_group"])
            codebooks.release_unit(work, id)
        elif table == "placement":
            release_from_group(work, {row["unit"]}, row["code_group"])
        for other, key in others:
            held = work.find(other, key)
            if held is None or held["retired"] is not None:
                continue
            if other in along:
                work.retire(other, key)
            elif other == "placement":
                work.update(other, key, {"subgroup": None})
            elif held["golden_unit"] == id:
                work.update(other, key, {"golden_unit": None})
        for waiver in work.live("waiver", item=id):
            work.retire("waiver", waiver["id"])
        if table == "code_group" and self.here.live("code_group", there.get("merged_into")):
            work.update(table, id, {"merged_into": there["merged_into"]})
        work.retire(table, id)
        return None
