"""Every write is one operation: rows, their before- and after-images and the operation itself commit
together or not at all. Undo is a new operation that applies the inverse images.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workbench.domain.errors import Refused, StaleEdit, StillInUse, UndoRefused
from workbench.domain.stc import embedded_units

Row = dict[str, Any]
GENESIS = "0" * 64

# Rows of these tables are written once and have no image; undoing an import retires the source instead.
_INSERT_ONLY = frozenset(
    {
        "item",
        "source_text",
        "turn",
        "version_row",
        "shown_row",
        "reason",
        "key_counter",
        "release",
        "text_edit",
    }
)
# Who did something stays named after they have left.
_MAY_POINT_AT_RETIRED = frozenset({"member"})
# That a source was marked unseen, what was agreed about two marks, that somebody looked at a thing, what was said of
# it or asked about it: that stays told after the thing has gone.
LOOKS_BACK = frozenset(
    {"double_coding", "settlement", "review", "feedback", "change_item", "assumption", "open_question", "theory_node",
     "letter_line", "action"}
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    references: tuple[tuple[str, str], ...]  # (column, table)
    is_item: bool
    has_key: bool
    defaults: Row  # what a column that a later schema adds held before: its default


@lru_cache(maxsize=4)
def _tables(schema_sql: str) -> dict[str, Table]:
    scratch = sqlite3.connect(":memory:")
    scratch.executescript(schema_sql)
    tables: dict[str, Table] = {}
    names = [r[0] for r in scratch.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    for name in names:
        described = scratch.execute(f"PRAGMA table_info({name})").fetchall()
        info = [r[1] for r in described]
        refs = tuple((r[3], r[2]) for r in scratch.execute(f"PRAGMA foreign_key_list({name})"))
        if "rev" in info:
            columns = tuple(c for c in info if c not in ("rev", "retired"))
            is_item = any(column == "id" and table == "item" for column, table in refs)
            defaults = {r[1]: r[4] and scratch.execute(f"SELECT {r[4]}").fetchone()[0] for r in described}
            tables[name] = Table(
                columns, tuple(r for r in refs if r[0] != "id"), is_item, is_item and "key" in columns,
                {c: defaults[c] for c in columns},
            )  # fmt: skip
    scratch.close()
    return tables


def tables(conn: sqlite3.Connection) -> dict[str, Table]:
    """The editable tables of this schema."""
    found = conn.execute(
        # Not the index of words and what lies under it: nobody edits those rows.
        "SELECT group_concat(sql, ';') FROM sqlite_master WHERE type='table' AND sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'turn\\_fts%' ESCAPE '\\'"
    )
    return _tables(found.fetchone()[0])


def live(conn: sqlite3.Connection, table: str, /, **equal: object) -> list[Row]:
    """Live rows of an editable table whose columns equal what is given, in the order they were made."""
    columns = tables(conn)[table].columns
    conditions = ""
    for column in equal:
        if column not in columns:
            raise ValueError(column)
        conditions += f" AND {column} IS ?"
    sql = f"SELECT * FROM {table} WHERE retired IS NULL{conditions} ORDER BY rowid"
    return [dict(r) for r in conn.execute(sql, tuple(equal.values()))]


def last_correction(conn: sqlite3.Connection, source: str) -> Row:
    """`who` and `at` of the last correction of a source's text, or of its being taken back."""
    sql = (
        "SELECT m.name AS who, o.at FROM change c JOIN operation o ON o.seq=c.op JOIN member m ON m.id=o.member"
        " WHERE c.row_id=? AND c.tbl='source' AND json_extract(c.before,'$.text_rev')"
        " IS NOT json_extract(c.after,'$.text_rev') ORDER BY c.pk DESC LIMIT 1"
    )
    return dict(conn.execute(sql, (source,)).fetchone())


def canonical(value: object) -> str:
    """JSON that is the same for the same value, whatever order it was built in."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def image_mac(salt: bytes | None, before: str | None, after: str | None) -> str:
    return hmac.new(salt or b"", canonical([before, after]).encode(), hashlib.sha256).hexdigest()


def operation_hash(previous: str, fields: Row, macs: list[str]) -> str:
    return hashlib.sha256((previous + canonical([fields, macs])).encode()).hexdigest()


class UnitOfWork:
    """One operation under way. Use through `Store.write`; nothing is visible to others until it ends."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        id: str,
        member: str,
        at: str,
        verb: str,
        schema: int,
        nature: str = "do",
        undoes: int | None = None,
    ) -> None:
        self._conn = conn
        self._tables = tables(conn)
        last = conn.execute("SELECT seq, hash FROM operation ORDER BY seq DESC LIMIT 1").fetchone()
        self.seq: int = (last["seq"] if last else 0) + 1
        self._previous: str = last["hash"] if last else GENESIS
        self._fields: Row = {
            "seq": self.seq, "id": id, "member": member, "at": at, "verb": verb, "nature": nature,
            "undoes": undoes, "schema": schema,
        }  # fmt: skip
        self.ids: Row = {}
        self._images: dict[tuple[str, str], tuple[Row | None, Row]] = {}
        self._forgotten: set[tuple[str, str]] = set()
        self.member, self.at = member, at

    @property
    def connection(self) -> sqlite3.Connection:
        """For queries inside the operation; writes go through the methods below."""
        return self._conn

    # -- reading what is being changed ------------------------------------------------------------

    def find(self, table: str, id: str) -> Row | None:
        """The row with its rev and retired, or None."""
        row = self._conn.execute(f"SELECT * FROM {self._name(table)} WHERE id=?", (id,)).fetchone()
        return dict(row) if row else None

    def get(self, table: str, id: str) -> Row:
        """The live row; raises Refused if it is gone."""
        row = self.find(table, id)
        if row is None or row["retired"] is not None:
            raise Refused("error.gone", kind=table)
        return row

    def live(self, table: str, **equal: object) -> list[Row]:
        """Live rows whose columns equal what is given, in the order they were made."""
        return live(self._conn, table, **equal)

    def next_position(self, table: str, **equal: object) -> int:
        """One after the last position among live rows whose columns equal what is given; 1 when there are none."""
        return max((row["position"] for row in self.live(table, **equal)), default=0) + 1

    # -- writing ---------------------------------------------------------------------------------

    def insert(self, table: str, row: Row) -> str:
        """Add a live row; the item it is, if it is one, comes with it. Returns its id."""
        spec = self._tables[self._name(table)]
        if spec.is_item:
            self._conn.execute(
                "INSERT INTO item(id, kind, key) VALUES(?,?,?)",
                (row["id"], table, row.get("key") if spec.has_key else None),
            )
        columns = [c for c in spec.columns if c in row]
        marks = ",".join("?" * len(columns))
        sql = f"INSERT INTO {table}({','.join(columns)},rev) VALUES({marks},?)"
        self._conn.execute(sql, (*(row[c] for c in columns), self.seq))
        # Read again only for what the schema fills in.
        new = row if len(columns) == len(spec.columns) else self.find(table, row["id"])
        assert new is not None
        self._image(table, None, {**new, "retired": None})
        return str(row["id"])

    def insert_only(self, table: str, rows: list[Row]) -> None:
        """Add rows of a table that is never edited."""
        if table not in _INSERT_ONLY:
            raise ValueError(table)
        if rows:
            columns = ",".join(rows[0])
            marks = ",".join("?" * len(rows[0]))
            sql = f"INSERT INTO {table}({columns}) VALUES({marks})"
            self._conn.executemany(sql, [tuple(r.values()) for r in rows])

    def update(self, table: str, id: str, changes: Row, *, rev: int | None = None) -> None:
        """Change a live row. With `rev`, only if nobody has touched it since; raises StaleEdit."""
        row = self.get(table, id)
        if rev is not None and row["rev"] != rev:
            raise self._stale(row)
        if any(row[name] != value for name, value in changes.items()):
            self._change(table, row, changes)

    def touch(self, table: str, id: str) -> None:
        """Note a live row as looked at in this operation, unchanged."""
        self._change(table, self.get(table, id), {})

    def revive(self, table: str, id: str, changes: Row) -> None:
        """Bring back, changed, a row that was taken out: for rows whose id has a meaning of its own."""
        row = self.find(table, id)
        if row is None or row["retired"] is None:
            raise ValueError(table)
        self._change(table, row, {**changes, "retired": None})

    def retire(self, table: str, id: str, *, rev: int | None = None) -> None:
        """Take a live row out. What rests on it must have been taken care of by the end of the operation."""
        row = self.get(table, id)
        if rev is not None and row["rev"] != rev:
            raise self._stale(row)
        self._change(table, row, {"retired": self.seq})

    def rewrite(self, table: str, id: str, changes: Row, *, forget: bool = False) -> None:
        """Change a row whether it is live or has been taken out, and with `forget` keep no image of what this
        operation does to it. For erasing, and nothing else: see erasing.py."""
        row = self.find(table, id)
        assert row is not None
        self._change(table, row, changes)
        if forget:
            self._forgotten.add((table, id))

    def next_key(self, kind: str, prefix: str) -> str:
        """The next readable key of a kind, REQ-012; never given twice."""
        self._conn.execute("INSERT INTO key_counter(kind, next) VALUES(?,1) ON CONFLICT DO NOTHING", (kind,))
        n = self._conn.execute(
            "UPDATE key_counter SET next=next+1 WHERE kind=? RETURNING next-1", (kind,)
        ).fetchone()[0]
        return f"{prefix}-{n:03d}"

    def reason(self, text: str) -> None:
        """Keep why, beside the operation; erasable free text."""
        if text.strip():
            self.insert_only(
                "reason", [{"op": self.seq, "text": text.strip(), "salt": secrets.token_bytes(16)}]
            )

    # -- undo ------------------------------------------------------------------------------------

    def invert(self, target: int) -> None:
        """Apply the inverse of operation `target`, only where each row still is as it left it."""
        changes = self._conn.execute(
            "SELECT tbl, row_id, before, after FROM change WHERE op=? ORDER BY pk DESC", (target,)
        ).fetchall()
        if not changes:
            raise UndoRefused("undo.nothing")
        for change in changes:
            table, id = change["tbl"], change["row_id"]
            if table == "erasure" or (change["before"] is None and change["after"] is None):
                raise UndoRefused("undo.erased")
            current = self.find(table, id)
            after = json.loads(change["after"]) if change["after"] else {}
            # Columns that a later schema has added are not in an earlier image: they stay as they are.
            if current is None or {c: self._content(table, current).get(c) for c in after} != after:
                if current is not None and after.get("text_rev") != current.get("text_rev"):
                    raise self._text_corrected(current["source"] if table == "unit" else id)
                raise self._undo_refused(current["rev"] if current else None)
            before = json.loads(change["before"]) if change["before"] else None
            before = {"retired": True} if before is None else before
            self._change(table, current, {**before, "retired": self.seq if before["retired"] else None})

    def _undo_refused(self, rev: int | None) -> UndoRefused:
        who = self._conn.execute(
            "SELECT m.name, o.at FROM operation o JOIN member m ON m.id=o.member WHERE o.seq=?", (rev,)
        ).fetchone()
        if who is None:
            return UndoRefused("undo.nothing")
        return UndoRefused("undo.newer", who=who["name"], at=who["at"])

    def _text_corrected(self, source: str) -> UndoRefused:
        """Undoing what was done on another version of a text than the one that stands."""
        return UndoRefused("undo.text_corrected", **last_correction(self._conn, source))

    # -- ending ----------------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        return bool(self._images)

    def finish(self) -> None:
        """Check what is left live, write images and the operation. Called by Store.write before COMMIT."""
        alive: set[tuple[str, str]] = set()
        for (table, id), (before, after) in self._images.items():
            if self._fields["undoes"]:
                self._check_final(table, before, after)
            self._check_minuted(table, before, after)
            self._check_decided(table, before, after)
            self._check_references(table, id, after, alive)
            if self._fields["undoes"]:
                self._check_held(table, before, after)
        self._check_text_versions()
        self._check_withdrawn()
        rows = []
        for (table, id), (before, after) in self._images.items():
            b, a = (canonical(x) if x else None for x in (before, after))
            salt = secrets.token_bytes(16)
            mac = image_mac(salt, b, a)
            kept = (None, None, None) if (table, id) in self._forgotten else (b, a, salt)
            rows.append((self.seq, table, id, *kept, mac))
        self._conn.executemany(
            "INSERT INTO change(op, tbl, row_id, before, after, salt, mac) VALUES(?,?,?,?,?,?,?)", rows
        )
        fields = {**self._fields, "ids_json": canonical(self.ids)}
        fields["hash"] = operation_hash(self._previous, dict(fields), [row[-1] for row in rows])
        self._conn.execute(
            "INSERT INTO operation(seq,id,member,at,verb,nature,undoes,schema,ids_json,hash)"
            " VALUES(:seq,:id,:member,:at,:verb,:nature,:undoes,:schema,:ids_json,:hash)",
            fields,
        )

    def _check_text_versions(self) -> None:
        """Every live unit stands in the version of its source's text that stands: offsets mean nothing else."""
        for table, id in self._images:
            if table not in ("unit", "source"):
                continue
            sql = (
                "SELECT u.rev, u.source FROM unit u JOIN source s ON s.id=u.source"
                f" WHERE u.{'id' if table == 'unit' else 'source'}=?"
                " AND u.retired IS NULL AND u.text_rev<>s.text_rev LIMIT 1"
            )
            if other := self._conn.execute(sql, (id,)).fetchone():
                if not self._fields["undoes"]:
                    raise Refused("span.text_changed")
                if ("source", other["source"]) in self._images:
                    raise UndoRefused("undo.marked_since", **self._undo_refused(other["rev"]).params)
                raise self._text_corrected(other["source"])

    def _check_withdrawn(self) -> None:
        """No mark comes, or comes back, on words of somebody who has withdrawn, by whatever way."""
        sql = (
            "SELECT 1 FROM turn t JOIN speaker k ON k.id=t.speaker JOIN participant p ON p.id=k.participant"
            " WHERE t.source=? AND t.text_rev=? AND t.start<? AND t.end>? AND p.consent='withdrawn' LIMIT 1"
        )
        for (table, _), (before, after) in self._images.items():
            if table != "unit" or after["retired"]:
                continue
            if before is None or before["retired"] or before["mac"] != after["mac"]:
                place = after["source"], after["text_rev"], after["end"], after["start"]
                if self._conn.execute(sql, place).fetchone():
                    raise (UndoRefused if self._fields["undoes"] else Refused)("withdraw.no_new_marks")

    def _check_held(self, table: str, before: Row | None, after: Row) -> None:
        """A condensate holds units of its own subgroup, and its golden quote is one of them: what others have ticked
        or moved since is in no image of the operation that is undone."""
        if table == "placement" and before is not None:
            place = before["unit"], before["subgroup"]
            left = after["retired"] or place != (after["unit"], after["subgroup"])
            sql = (
                "SELECT v.rev FROM cover v JOIN condensate c ON c.id=v.condensate WHERE v.retired IS NULL AND v.unit=?1"
                " AND c.retired IS NULL AND c.subgroup=?2 UNION ALL SELECT rev FROM condensate WHERE retired IS NULL"
                " AND golden_unit=?1 AND subgroup=?2 LIMIT 1"
            )
            if before["subgroup"] and left and (held := self._conn.execute(sql, place).fetchone()):
                raise self._undo_refused(held["rev"])
        elif table == "cover" and not after["retired"]:
            held = self.find("condensate", after["condensate"])
            assert held is not None  # it is live: its references have been looked at
            self._check_stands(after["unit"], held["subgroup"])
        elif table == "condensate" and before is not None and not after["retired"] and after["golden_unit"]:
            came = before["retired"] or before["golden_unit"] != after["golden_unit"]
            if came:
                self._check_stands(after["golden_unit"], after["subgroup"])

    def _check_stands(self, unit: str, subgroup: str) -> None:
        """Refuse an undo that would put a unit into a condensate of a subgroup that it has left since."""
        stands = "SELECT 1 FROM placement WHERE unit=? AND subgroup=? AND retired IS NULL"
        if self._conn.execute(stands, (unit, subgroup)).fetchone() is None:
            moved = self._conn.execute("SELECT max(rev) FROM placement WHERE unit=?", (unit,)).fetchone()[0]
            # One that had left before then (a copy that was merged knew nothing of it) is as it was.
            if moved is None or moved > self._fields["undoes"]:
                raise self._undo_refused(moved)

    def _check_final(self, table: str, before: Row | None, after: Row) -> None:
        """What others hold on paper, or have judged, is not taken back; something new supersedes it."""
        if before is None or before["retired"]:
            return
        id = after["id"]
        if table == "decision" and before["outcome"] and (after["retired"] or not after["outcome"]):
            if self._has_left(id):
                raise UndoRefused("undo.decision_left", key=before["key"])
        elif table == "minutes" and before["approved_at"] and (after["retired"] or not after["approved_at"]):
            if self._has_left(before["session"]):
                raise UndoRefused("undo.minutes_left")
        elif table == "version" and after["retired"]:
            judged = (
                "SELECT d.key FROM link l JOIN decision d ON d.id=l.src AND d.retired IS NULL WHERE l.dst=?"
            )
            if held := self._conn.execute(judged + " AND l.retired IS NULL LIMIT 1", (id,)).fetchone():
                raise UndoRefused("undo.version_judged", key=held["key"])
            said = "SELECT 1 FROM feedback WHERE version=? AND retired IS NULL LIMIT 1"
            if self._conn.execute(said, (id,)).fetchone():
                raise UndoRefused("undo.version_commented")
            if self._has_left(id):
                raise UndoRefused("undo.version_left")

    def _has_left(self, id: str) -> bool:
        """Whether a file that holds it has left the project since what is undone was done: the pack that asked a
        question had left before it was decided."""
        sql = (
            "SELECT 1 FROM release r, json_each(r.item_ids_json) i WHERE i.value=?"
            " AND r.at>=(SELECT at FROM operation WHERE seq=?) LIMIT 1"
        )
        return self._conn.execute(sql, (id, self._fields["undoes"])).fetchone() is not None

    def _check_minuted(self, table: str, before: Row | None, after: Row) -> None:
        """Nothing that approved minutes hold changes, whether it is done or undone."""
        meetings: set[str | None] = set()
        rows = [r for r in (before, after) if r is not None]
        if table in ("attendance", "decision"):
            meetings = {
                r["session" if table == "attendance" else "meeting"] for r in rows if not r["retired"]
            }
        elif table == "vote":
            of = "SELECT meeting FROM decision WHERE id=?"
            meetings = {self._conn.execute(of, (r["decision"],)).fetchone()["meeting"] for r in rows}
        elif table in ("consequence", "link"):
            of, column = (
                "SELECT meeting FROM decision WHERE id=?",
                "item" if table == "consequence" else "src",
            )
            meetings = {m["meeting"] for r in rows if (m := self._conn.execute(of, (r[column],)).fetchone())}
        elif table == "session":
            meetings = {after["id"]}
        elif table == "minutes" and before is not None and before["approved_at"]:
            if not self._fields["undoes"] and any(before[c] != after[c] for c in before):
                raise Refused("minutes.approved")
        elif table == "action":
            self._check_action(before, after)
        for meeting in meetings - {None}:
            if before is not None and before == after:
                continue
            if self._approved(meeting) and ("minutes", self._approved(meeting)) not in self._images:
                raise UndoRefused("undo.minuted") if self._fields["undoes"] else Refused("minutes.approved")

    def _check_decided(self, table: str, before: Row | None, after: Row) -> None:
        """What a decision was taken on stays once it is taken, and so does who disagreed: positions, consequences and
        what it is about. Taking the decision itself back, in the same operation, is another thing."""
        column = {"vote": "decision", "consequence": "item", "link": "src"}.get(table)
        if column is None or before == after or (table == "link" and after["type"] != "decides"):
            return
        if ("decision", after[column]) in self._images:
            return
        sql = "SELECT key FROM decision WHERE id=? AND outcome<>'' AND retired IS NULL"
        if held := self._conn.execute(sql, (after[column],)).fetchone():
            if self._fields["undoes"]:
                raise UndoRefused("undo.decided", key=held["key"])
            raise Refused("decision.already")

    def _approved(self, meeting: str | None) -> str | None:
        """The id of a meeting's approved minutes."""
        sql = "SELECT id FROM minutes WHERE session=? AND approved_at IS NOT NULL AND retired IS NULL"
        found = self._conn.execute(sql, (meeting,)).fetchone()
        return str(found["id"]) if found else None

    def _check_action(self, before: Row | None, after: Row) -> None:
        """An action reads on as the minutes of its meeting, and of those that carried it, say; what comes of it is
        noted once, and stays where minutes have told it."""
        held = ("text", "owner", "due", "session", "decision", "retired")
        told = [r for r in (before, after) if r is not None and not r["retired"]]
        sql = (
            "SELECT max(m.approved_at) AS at FROM minutes m JOIN session s ON s.id=m.session WHERE m.retired IS NULL"
            " AND m.approved_at IS NOT NULL AND (s.id=?1 OR s.date>(SELECT date FROM session WHERE id=?1))"
        )
        for row in told:
            at = self._conn.execute(sql, (row["session"],)).fetchone()["at"]
            if at is None:
                continue
            reads = before is None or any(before[c] != after[c] for c in held)
            was_done = before is not None and before["done_at"] and before["done_at"] <= at
            if reads or (was_done and before != after):
                raise UndoRefused("undo.minuted") if self._fields["undoes"] else Refused("minutes.approved")

    def _check_embedded(self, table: str, row: Row) -> None:
        """No analytic text may hold a unit that has been taken out; a token in a text is no foreign key."""
        if table == "category" and not row["retired"]:
            for unit in embedded_units(row["analytic_text"]):
                held = self.find("unit", unit)
                if held is None or held["retired"] is not None:
                    if self._fields["undoes"] and held is not None:
                        raise self._undo_refused(held["rev"])
                    raise Refused("category.unknown_unit")
        elif table == "unit" and row["retired"]:
            token = "{{unit:" + row["id"] + "}}"
            sql = "SELECT rev FROM category WHERE retired IS NULL AND instr(analytic_text, ?)"
            if held := self._conn.execute(sql, (token,)).fetchone():
                raise self._undo_refused(held["rev"]) if self._fields["undoes"] else Refused("unit.in_text")

    def _check_references(self, table: str, id: str, row: Row, alive: set[tuple[str, str]]) -> None:
        """No live row may point at a retired one. Checked for every row the operation touched; `row` is its
        after-image, `alive` what has been found live on the way (nothing is written any more)."""
        self._check_embedded(table, row)
        if table in LOOKS_BACK:
            return
        if not row["retired"]:
            for column, target in self._tables[table].references:
                held = (target, row[column])
                if row[column] is None or target in _MAY_POINT_AT_RETIRED or held in alive:
                    continue
                self._check_live(*held)
                alive.add(held)
            return
        spec = self._tables[table]
        for name, other in self._tables.items():
            for column, target in () if name in LOOKS_BACK else other.references:
                if target == table or (target == "item" and spec.is_item):
                    # That a component was once decided on stays told after it has left the model.
                    told = " AND type<>'decides'" if (name, table) == ("link", "component") else ""
                    held = self._conn.execute(
                        f"SELECT rev FROM {name} WHERE {column}=? AND retired IS NULL{told} LIMIT 1", (id,)
                    ).fetchone()
                    if held and table not in _MAY_POINT_AT_RETIRED:
                        if self._fields["undoes"]:
                            raise self._undo_refused(held["rev"])
                        raise StillInUse("error.in_use", kind=table, by=name)

    def _check_live(self, target: str, id: str) -> None:
        if target == "item":
            kind = self._conn.execute("SELECT kind FROM item WHERE id=?", (id,)).fetchone()
            if kind is None:
                raise Refused("error.gone", kind="item")
            target = kind["kind"]
        if target in self._tables:
            row = self.find(target, id)
            if row is None or row["retired"] is not None:
                if self._fields["undoes"] and row is not None:
                    raise self._undo_refused(row["rev"])
                raise Refused("error.gone", kind=target)

    def _stale(self, row: Row) -> StaleEdit:
        who = self._conn.execute(
            "SELECT m.name, o.at FROM operation o LEFT JOIN member m ON m.id=o.member WHERE o.seq=?",
            (row["rev"],),
        ).fetchone()
        return StaleEdit(
            "error.stale", current=row, who=who["name"] if who else "", at=who["at"] if who else ""
        )

    def _name(self, table: str) -> str:
        if table not in self._tables:
            raise ValueError(table)
        return table

    def _content(self, table: str, row: Row) -> Row:
        """What an image keeps: the columns, and whether the row was in use. Not by which operation it was
        taken out: undo and redo must find the same content."""
        return {c: row[c] for c in self._tables[table].columns} | {"retired": row["retired"] is not None}

    def _change(self, table: str, row: Row, changes: Row) -> None:
        """Write what differs, so that SQLite leaves the other columns' indices alone, and keep the images."""
        changes = {c: v for c, v in changes.items() if row[c] != v} | {"rev": self.seq}
        sets = ",".join(f"{c}=?" for c in changes)
        self._conn.execute(f"UPDATE {table} SET {sets} WHERE id=?", (*changes.values(), row["id"]))
        self._image(table, row, {**row, **changes})

    def _image(self, table: str, before: Row | None, after: Row) -> None:
        at = (table, after["id"])
        first = self._images[at][0] if at in self._images else before and self._content(table, before)
        self._images[at] = (first, self._content(table, after))
