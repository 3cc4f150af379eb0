"""Reads behind counts and pictures: every live unit with its place, and who speaks, is placed and is tagged where."""

from __future__ import annotations

import sqlite3

from workbench.store.unit_of_work import Row


def units(conn: sqlite3.Connection) -> list[Row]:
    """Live units of live sources in reading order: id, source, start, end, member."""
    sql = (
        "SELECT u.id, u.source, u.start, u.end, u.member FROM unit u"
        " JOIN source s ON s.id=u.source AND s.retired IS NULL"
        " WHERE u.retired IS NULL ORDER BY s.position, s.id, u.start, u.end, u.id"
    )
    return [dict(r) for r in conn.execute(sql)]


def speakers(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(unit, participant) for everyone who speaks in a live unit, in speaking order; of any kind."""
    # Units first, and from each by the index to the turn it begins in: not through all turns before it.
    sql = (
        "SELECT u.id, k.participant FROM unit u CROSS JOIN turn t INDEXED BY turn_at"
        " CROSS JOIN speaker k CROSS JOIN participant p"
        " WHERE u.retired IS NULL AND t.source=u.source AND t.text_rev=u.text_rev AND t.start<u.end"
        " AND t.start>=coalesce((SELECT max(x.start) FROM turn x"
        "  WHERE x.source=u.source AND x.text_rev=u.text_rev AND x.start<=u.start), 0)"
        " AND t.end>u.start AND k.id=t.speaker AND p.id=k.participant AND p.retired IS NULL ORDER BY u.rowid, t.start"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]


def source_speakers(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(source, participant) for everyone who is named as a speaker of a live source."""
    sql = (
        "SELECT DISTINCT k.source, k.participant FROM speaker k"
        " JOIN source s ON s.id=k.source AND s.retired IS NULL"
        " JOIN participant p ON p.id=k.participant AND p.retired IS NULL WHERE k.retired IS NULL"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]


def placed(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(unit, code group) for every live placement."""
    sql = (
        "SELECT p.unit, p.code_group FROM placement p"
        " JOIN code_group g ON g.id=p.code_group AND g.retired IS NULL WHERE p.retired IS NULL"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]


def tagged(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    """(unit, code) for every live tag of a live code."""
    sql = (
        "SELECT a.unit, a.code FROM code_tag a JOIN code c ON c.id=a.code AND c.retired IS NULL"
        " JOIN codebook b ON b.id=c.codebook AND b.retired IS NULL WHERE a.retired IS NULL"
    )
    return [(r[0], r[1]) for r in conn.execute(sql)]


def codes(conn: sqlite3.Connection) -> list[Row]:
    """Live codes of live codebooks in their order: id, label, title of the codebook."""
    sql = (
        "SELECT c.id, c.label, b.title FROM code c JOIN codebook b ON b.id=c.codebook AND b.retired IS NULL"
        " WHERE c.retired IS NULL ORDER BY b.position, b.title, c.position, c.label"
    )
    return [dict(r) for r in conn.execute(sql)]


def sources(conn: sqlite3.Connection) -> list[Row]:
    """Live sources that are marked (literature is not), in their order: id, title, kind, words_of, language,
    iteration, text_rev, wave, wave_name."""
    sql = (
        "SELECT s.id, s.title, s.kind, s.words_of, s.language, s.iteration, s.text_rev, w.id AS wave,"
        " w.name AS wave_name, w.position AS wave_position FROM source s"
        " LEFT JOIN wave w ON w.id=s.wave AND w.retired IS NULL"
        " WHERE s.retired IS NULL AND s.words_of<>'literature' ORDER BY s.position, s.id"
    )
    return [dict(r) for r in conn.execute(sql)]


def turns(conn: sqlite3.Connection, source: str) -> list[Row]:
    """Turns of a source's standing text: seq, start, end, participant, speaker (pseudonym or label), kind."""
    sql = (
        "SELECT t.seq, t.start, t.end, p.id AS participant, coalesce(p.pseudonym, k.label, '') AS speaker, p.kind"
        " FROM source s JOIN turn t ON t.source=s.id AND t.text_rev=s.text_rev"
        " LEFT JOIN speaker k ON k.id=t.speaker LEFT JOIN participant p ON p.id=k.participant AND p.retired IS NULL"
        " WHERE s.id=? AND s.retired IS NULL ORDER BY t.seq"
    )
    return [dict(r) for r in conn.execute(sql, (source,))]


def made(conn: sqlite3.Connection) -> dict[str, str]:
    """Live unit -> when the operation that made it was done (ISO)."""
    sql = (
        "SELECT u.id, o.at FROM unit u JOIN operation o ON o.seq="
        "(SELECT min(c.op) FROM change c WHERE c.row_id=u.id AND c.tbl='unit') WHERE u.retired IS NULL"
    )
    return {r[0]: r[1] for r in conn.execute(sql)}
