"""Is a project file whole? Structure, references, spans against their words, and the chain of operations."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path

from workbench.domain.stc import embedded_units
from workbench.domain.trace import fingerprint

from . import erasing, queries
from .connection import guarded
from .project import Store
from .unit_of_work import GENESIS, image_mac, operation_hash, tables


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence's id with parameters (never content)."""

    code: str
    params: dict[str, object] = field(default_factory=dict)


def verify(path: Path) -> list[Problem]:
    """Everything that is not as it was written; empty when the project is whole."""
    store = Store.open(path)
    problems: list[Problem] = []
    try:
        with guarded(path), store.read() as conn:
            for row in conn.execute("PRAGMA integrity_check"):
                if row[0] != "ok":
                    problems.append(Problem("verify.structure"))
            for row in conn.execute("PRAGMA foreign_key_check"):
                problems.append(Problem("verify.reference", {"table": row[0]}))
            may_lack = erasing.images_gone(conn)
            previous = GENESIS
            expected = 1
            for op in conn.execute("SELECT * FROM operation ORDER BY seq"):
                macs = []
                for c in conn.execute("SELECT * FROM change WHERE op=? ORDER BY pk", (op["seq"],)):
                    macs.append(c["mac"])
                    if c["before"] is None and c["after"] is None and c["salt"] is None:
                        # An erasure, itself in the chain, says that this one is gone.
                        whole = c["pk"] in may_lack
                    else:
                        whole = hmac.compare_digest(c["mac"], image_mac(c["salt"], c["before"], c["after"]))
                    if not whole:
                        problems.append(Problem("verify.image", {"seq": op["seq"]}))
                fields = {k: op[k] for k in op.keys() if k != "hash"}  # noqa: SIM118 - sqlite3.Row
                if op["seq"] != expected or op["hash"] != operation_hash(previous, fields, macs):
                    problems.append(Problem("verify.chain", {"seq": op["seq"]}))
                previous, expected = op["hash"], op["seq"] + 1
            # Each editable row must be as its last change left it.
            last: dict[tuple[str, str], str] = {}
            for c in conn.execute("SELECT tbl, row_id, after FROM change ORDER BY pk"):
                last[c["tbl"], c["row_id"]] = c["after"]
            for name, spec in tables(conn).items():
                for row in conn.execute(f"SELECT * FROM {name}"):
                    content = {c: row[c] for c in spec.columns} | {"retired": row["retired"] is not None}
                    after = last.get((name, row["id"]))
                    # A column that a later schema has added is not in an earlier image: it had its default then.
                    empty = spec.defaults | json.loads(after) if after is not None else content
                    if empty != content or (name, row["id"]) not in last:
                        problems.append(Problem("verify.row", {"table": name}))
            for s in conn.execute(
                "SELECT x.* FROM source_text x JOIN source s ON s.id=x.source AND s.text_rev=x.text_rev"
            ):
                turns = conn.execute(
                    "SELECT text FROM turn WHERE source=? AND text_rev=? ORDER BY seq",
                    (s["source"], s["text_rev"]),
                )
                if store.mac("\n".join(r["text"] for r in turns)) != s["mac"]:
                    problems.append(Problem("verify.text"))
            # Offsets and turns of any other version of the text than the one that stands mean nothing.
            for table in ("turn", "unit"):
                sql = f"SELECT 1 FROM {table} x JOIN source s ON s.id=x.source WHERE x.text_rev<>s.text_rev"
                if conn.execute(f"{sql}{' AND x.retired IS NULL' * (table == 'unit')} LIMIT 1").fetchone():
                    problems.append(Problem("verify.text_version"))
            live = {r["id"] for r in conn.execute("SELECT id FROM unit WHERE retired IS NULL")}
            for r in conn.execute("SELECT analytic_text FROM category WHERE retired IS NULL"):
                if not set(embedded_units(r["analytic_text"])) <= live:
                    problems.append(Problem("verify.text_reference"))
            for r in conn.execute("SELECT fp, fields_json FROM version_row"):
                fields = json.loads(r["fields_json"])
                kept = (fingerprint(fields["kind"], fields, references=old) for old in (False, True))
                if r["fp"] not in kept:
                    problems.append(Problem("verify.version"))
            for u in queries.units(conn):
                if store.mac(u.text) != u.mac:
                    problems.append(Problem("verify.span"))
            problems += [Problem(code) for code in erasing.remains(store, conn)]
            digests = {
                (r["source"], r["text_rev"]): r["mac"] for r in conn.execute("SELECT * FROM source_text")
            }
        if store.vault_path.exists():
            with store.vault() as vault:
                for row in vault.execute("SELECT sha256, bytes FROM original"):
                    if hashlib.sha256(row["bytes"]).hexdigest() != row["sha256"]:
                        problems.append(Problem("verify.original"))
                bodies: dict[tuple[str, int], list[str]] = {}
                sql = "SELECT source, text_rev, text FROM earlier_turn ORDER BY source, text_rev, seq"
                for row in vault.execute(sql):
                    bodies.setdefault((row["source"], row["text_rev"]), []).append(row["text"])
                for version, lines in bodies.items():
                    # No digest: of words that are erased, see erasing.py.
                    if digests.get(version) and store.mac("\n".join(lines)) != digests[version]:
                        problems.append(Problem("verify.earlier_text"))
    finally:
        store.close()
    return problems
