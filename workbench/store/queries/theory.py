"""Reads of what assumptions and the theory of change are about: parts of the model, live or gone, never anybody's words."""

from __future__ import annotations

import sqlite3

from workbench.store.unit_of_work import Row

_SUBJECTS = (
    ("component", "SELECT id, retired, key || ' ' || name AS label FROM component ORDER BY position, key"),
    ("requirement", "SELECT id, retired, key || ' ' || statement AS label FROM requirement ORDER BY key"),
    (
        "theory_link",
        "SELECT l.id, l.retired, a.text || ' → ' || b.text AS label FROM theory_link l"
        " JOIN theory_node a ON a.id=l.src JOIN theory_node b ON b.id=l.dst ORDER BY l.rowid",
    ),
    ("theory_node", "SELECT id, retired, text AS label FROM theory_node ORDER BY position"),
    ("category", "SELECT id, retired, heading AS label FROM category ORDER BY position"),
    ("version", "SELECT id, retired, label FROM version ORDER BY n"),
)


def subjects(conn: sqlite3.Connection) -> list[Row]:
    """Everything an assumption or question may be about: id, kind, label, retired; by kind, each in its order."""
    return [{**dict(r), "kind": kind} for kind, sql in _SUBJECTS for r in conn.execute(sql)]


def component_names(conn: sqlite3.Connection) -> dict[str, str]:
    """Component -> name, also of one that has been taken out: a part of the theory may still come from it."""
    return {r["id"]: r["name"] for r in conn.execute("SELECT id, name FROM component")}
