"""Reads behind the account of a study: what is logged of how it was done, for the methods paragraph and COREQ."""

from __future__ import annotations

import sqlite3

from workbench.store.unit_of_work import Row


def _rows(conn: sqlite3.Connection, sql: str) -> list[Row]:
    return [dict(r) for r in conn.execute(sql)]


def codebooks_used(conn: sqlite3.Connection) -> list[Row]:
    """(title, citation, units): codebooks with codes on units."""
    return _rows(
        conn,
        "SELECT b.title, b.citation, count(DISTINCT x.unit) AS units FROM codebook b"
        " JOIN code c ON c.codebook=b.id AND c.retired IS NULL JOIN code_tag x ON x.code=c.id AND x.retired IS NULL"
        " WHERE b.retired IS NULL GROUP BY b.id ORDER BY b.position",
    )


def lengths_ms(conn: sqlite3.Connection) -> list[int]:
    """How long each source with times is, from its first to its last time."""
    sql = (
        "SELECT max(coalesce(t.t1_ms, t.t0_ms)) - min(t.t0_ms) AS ms FROM turn t"
        " JOIN source s ON s.id=t.source AND s.text_rev=t.text_rev AND s.retired IS NULL"
        " WHERE t.t0_ms IS NOT NULL GROUP BY t.source HAVING ms > 0"
    )
    return [r["ms"] for r in conn.execute(sql)]


def sessions(conn: sqlite3.Connection) -> list[Row]:
    """(kind, n, first, last): what was held, of sessions that a source comes from."""
    return _rows(
        conn,
        "SELECT x.kind, count(*) AS n, min(x.date) AS first, max(x.date) AS last FROM session x WHERE x.retired IS NULL"
        " AND EXISTS(SELECT 1 FROM source s WHERE s.session=x.id AND s.retired IS NULL) GROUP BY x.kind ORDER BY n DESC",
    )


def sources_of_informants(conn: sqlite3.Connection) -> list[int]:
    """For each informant who speaks in the material, in how many sources."""
    sql = (
        "SELECT count(DISTINCT k.source) AS n FROM speaker k JOIN participant p ON p.id=k.participant"
        " AND p.kind='informant' AND p.retired IS NULL JOIN source s ON s.id=k.source AND s.retired IS NULL"
        " WHERE k.retired IS NULL GROUP BY p.id"
    )
    return [r["n"] for r in conn.execute(sql)]


def speakers_by_kind(conn: sqlite3.Connection) -> dict[str, int]:
    """Speakers in the material by who they are; '' is nobody yet."""
    sql = (
        "SELECT coalesce(p.kind, '') AS kind, count(DISTINCT coalesce(p.id, k.id)) AS n FROM speaker k"
        " JOIN source s ON s.id=k.source AND s.retired IS NULL LEFT JOIN participant p ON p.id=k.participant"
        " WHERE k.retired IS NULL GROUP BY 1"
    )
    return {r["kind"]: r["n"] for r in conn.execute(sql)}


def written_by(conn: sqlite3.Connection, prefix: str) -> dict[str, Row]:
    """Settings whose name begins so -> value, rev, and who wrote them last, when."""
    sql = (
        "SELECT x.id, x.value, x.rev, o.at, m.name FROM setting x JOIN operation o ON o.seq=x.rev"
        " LEFT JOIN member m ON m.id=o.member WHERE x.retired IS NULL AND substr(x.id, 1, length(?1))=?1"
    )
    return {r["id"]: dict(r) for r in conn.execute(sql, (prefix,))}
