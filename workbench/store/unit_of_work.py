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
    {"item", "source_text", "turn", "version_row", "reason", "key_counter", "release", "text_edit"}
)
# Who did something stays named after they have left.
_MAY_POINT_AT_RETIRED = frozenset({"member"})


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]
    references: tuple[tuple[str, str], ...]  # (column, table)
    is_item: bool
    has_key: bool


@lru_cache(maxsize=4)
def _tables(schema_sql: tuple[str, ...]) -> dict[str, Table]:
    scratch = sqlite3.connect(":memory:")
    for sql in schema_sql:
        scratch.execute(sql)
    tables: dict[str, Table] = {}
    names = [r[0] for r in scratch.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    for name in names:
        info = [r[1] for r in scratch.execute(f"PRAGMA table_info({name})")]
        refs = tuple((r[3], r[2]) for r in scratch.execute(f"PRAGMA foreign_key_list({name})"))
        if "rev" in info:
            columns = tuple(c for c in info if c not in ("rev", "retired"))
            is_item = any(column == "id" and table == "item" for column, table in refs)
            tables[name] = Table(
                columns, tuple(r for r in refs if r[0] != "id"), is_item, is_item and "key" in columns
            )
    scratch.close()
    return tables


def tables(conn: sqlite3.Connection) -> dict[str, Table]:
    """The editable tables of this schema."""
    found = conn.execute(
        # Not the index of words and what lies under it: nobody edits those rows.
        "SELECT sql FROM sqlite_master WHERE type='table' AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE 'turn\\_fts%' ESCAPE '\\'"
    )
    return _tables(tuple(r[0] for r in found))


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
        self._images: dict[tuple[str, str], tuple[Row | None, Row | None]] = {}
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
        self._write(table, {**row, "rev": self.seq, "retired": None}, new=True)
        self._image(table, row["id"], None)
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
            raise self._stale(table, row)
        if any(row[name] != value for name, value in changes.items()):
            self._write(table, {**row, **changes, "rev": self.seq})
            self._image(table, id, row)

    def touch(self, table: str, id: str) -> None:
        """Note a live row as looked at in this operation, unchanged."""
        row = self.get(table, id)
        self._write(table, {**row, "rev": self.seq})
        self._image(table, id, row)

    def revive(self, table: str, id: str, changes: Row) -> None:
        """Bring back, changed, a row that was taken out: for rows whose id has a meaning of its own."""
        row = self.find(table, id)
        if row is None or row["retired"] is None:
            raise ValueError(table)
        self._write(table, {**row, **changes, "rev": self.seq, "retired": None})
        self._image(table, id, row)

    def retire(self, table: str, id: str, *, rev: int | None = None) -> None:
        """Take a live row out. What rests on it must have been taken care of by the end of the operation."""
        row = self.get(table, id)
        if rev is not None and row["rev"] != rev:
            raise self._stale(table, row)
        self._write(table, {**row, "rev": self.seq, "retired": self.seq})
        self._image(table, id, row)

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
            if change["before"] is None and change["after"] is None:
                raise UndoRefused("undo.erased")
            current = self.find(table, id)
            after = json.loads(change["after"]) if change["after"] else {}
            # Columns that a later schema has added are not in an earlier image: they stay as they are.
            if current is None or {c: self._content(table, current).get(c) for c in after} != after:
                raise self._undo_refused(current["rev"] if current else None)
            before = json.loads(change["before"]) if change["before"] else None
            if before is None:
                row = {**current, "retired": self.seq}
            else:
                row = {**current, **before, "retired": self.seq if before["retired"] else None}
            self._write(table, {**row, "rev": self.seq})
            self._image(table, id, current)

    def _undo_refused(self, rev: int | None) -> UndoRefused:
        who = self._conn.execute(
            "SELECT m.name, o.at FROM operation o JOIN member m ON m.id=o.member WHERE o.seq=?", (rev,)
        ).fetchone()
        if who is None:
            return UndoRefused("undo.nothing")
        return UndoRefused("undo.newer", who=who["name"], at=who["at"])

    # -- ending ----------------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        return bool(self._images)

    def finish(self) -> None:
        """Check what is left live, write images and the operation. Called by Store.write before COMMIT."""
        for table, id in self._images:
            self._check_references(table, id)
        macs = []
        for (table, id), (before, after) in self._images.items():
            b, a = (canonical(x) if x else None for x in (before, after))
            salt = secrets.token_bytes(16)
            macs.append(mac := image_mac(salt, b, a))
            self._conn.execute(
                "INSERT INTO change(op, tbl, row_id, before, after, salt, mac) VALUES(?,?,?,?,?,?,?)",
                (self.seq, table, id, b, a, salt, mac),
            )
        fields = {**self._fields, "ids_json": canonical(self.ids)}
        fields["hash"] = operation_hash(self._previous, dict(fields), macs)
        self._conn.execute(
            "INSERT INTO operation(seq,id,member,at,verb,nature,undoes,schema,ids_json,hash)"
            " VALUES(:seq,:id,:member,:at,:verb,:nature,:undoes,:schema,:ids_json,:hash)",
            fields,
        )

    def _check_embedded(self, table: str, row: Row) -> None:
        """No analytic text may hold a unit that has been taken out; a token in a text is no foreign key."""
        if table == "category" and row["retired"] is None:
            for unit in embedded_units(row["analytic_text"]):
                held = self.find("unit", unit)
                if held is None or held["retired"] is not None:
                    if self._fields["undoes"] and held is not None:
                        raise self._undo_refused(held["rev"])
                    raise Refused("category.unknown_unit")
        elif table == "unit" and row["retired"] is not None:
            token = "{{unit:" + row["id"] + "}}"
            sql = "SELECT rev FROM category WHERE retired IS NULL AND instr(analytic_text, ?)"
            if held := self._conn.execute(sql, (token,)).fetchone():
                raise self._undo_refused(held["rev"]) if self._fields["undoes"] else Refused("unit.in_text")

    def _check_references(self, table: str, id: str) -> None:
        """No live row may point at a retired one. Checked for every row the operation touched."""
        row = self.find(table, id)
        assert row is not None
        self._check_embedded(table, row)
        if row["retired"] is None:
            for column, target in self._tables[table].references:
                if row[column] is not None and target not in _MAY_POINT_AT_RETIRED:
                    self._check_live(target, row[column])
            return
        spec = self._tables[table]
        for name, other in self._tables.items():
            for column, target in other.references:
                if target == table or (target == "item" and spec.is_item):
                    held = self._conn.execute(
                        f"SELECT rev FROM {name} WHERE {column}=? AND retired IS NULL LIMIT 1",
                        (id,),
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

    def _stale(self, table: str, row: Row) -> StaleEdit:
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

    def _image(self, table: str, id: str, before: Row | None) -> None:
        after = self.find(table, id)
        assert after is not None
        first = self._images.get((table, id), (self._content(table, before) if before else None, None))[0]
        self._images[table, id] = (first, self._content(table, after))

    def _write(self, table: str, row: Row, *, new: bool = False) -> None:
        columns = [*self._tables[table].columns, "rev", "retired"]
        if new:
            names = [c for c in columns if c in row]
            sql = f"INSERT INTO {table}({','.join(names)}) VALUES({','.join(':' + c for c in names)})"
        else:
            sets = ",".join(f"{c}=:{c}" for c in columns if c != "id")
            sql = f"UPDATE {table} SET {sets} WHERE id=:id"
        self._conn.execute(sql, row)
