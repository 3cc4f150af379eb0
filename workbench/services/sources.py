"""Sources: preview of files, import, who speaks, and the reading view."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workbench import importers
from workbench.domain import text as text_rules
from workbench.domain.errors import ImportRejected, Refused
from workbench.domain.people import top_group
from workbench.domain.records import CodeGroup, Session, Source, Speaker, Turn
from workbench.domain.roles import Action
from workbench.domain.transcripts import ParsedTranscript, body
from workbench.language import t
from workbench.store import queries, texts
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires
from .people import add_group, add_participant, group_views

KINDS = ("interview", "workshop", "meeting", "field_note", "record", "literature")
WORDS_OF = ("participant", "researcher", "record", "literature")
MOST_ROUNDS = 99

# Labels that name nobody: roles, and codes such as P03 or Speaker 1. Any other label may be a real name
# and is kept in the vault only.
_NEUTRAL = re.compile(
    r"(?i)(interviewer(en)?|moderator(en)?|facilitator(en)?|researcher|speaker|taler|deltager|participant|informant|patient|"
    r"respondent|unknown|ukendt|[a-zæøå])[ _-]?\d{0,3}|[a-zæøå]{2,3}[ _-]?\d{1,3}"
)
_ASKING = re.compile(
    r"(?i)(i|int|interviewer(en)?|m|moderator(en)?|researcher|f|facilitator(en)?)[ _-]?\d{0,2}"
)


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as the list shows it."""

    source: Source
    words: int
    turns: int
    units: int
    people: tuple[str, ...]  # pseudonyms of informants
    groups: tuple[str, ...]  # top groups heard in it
    unassigned: int  # speakers who are nobody yet
    date: str | None
    read_by: tuple[str, ...]  # initials, whole reading (step 1)
    layout: str


@dataclass(frozen=True, slots=True)
class Wave:
    """When in the study a source was made (T0, T1, "after six months"); only studies that follow people have them."""

    id: str
    rev: int
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class ReadingTurn:
    turn: Turn
    text: str
    speaker: str
    kind: str  # informant | interviewer | facilitator | unknown
    group: str | None  # top group's id
    group_name: str
    monogram: str
    colour: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A source laid out to be read: immutable for its text_rev but for who is speaking."""

    source: Source
    words: int
    date: str | None
    turns: tuple[ReadingTurn, ...]


def preview(
    files: Iterable[tuple[str, bytes]], *, layout: str | None = None, encoding: str | None = None
) -> list[ParsedTranscript | ImportRejected]:
    """What was understood of each file; nothing is kept. One worker process for the batch."""
    return importers.read_many(list(files), layout=layout, encoding=encoding)


def proposed_kind(label: str) -> str:
    """Who a label probably is; only ever proposed."""
    return "interviewer" if _ASKING.fullmatch(label.strip()) else "informant"


def layouts_for(parsed: ParsedTranscript) -> tuple[str, ...]:
    """The layouts a file may be read in instead; `import.layout.<id>` says each."""
    return importers.layouts_for(parsed)


ENCODINGS = importers.ENCODINGS  # what a text file may be read as instead

_SMALL_WORDS = {
    "da": {"og", "det", "jeg", "ikke", "er", "at", "på", "til", "så", "vi", "der", "har", "var", "som"},
    "en": {"and", "the", "i", "not", "is", "that", "on", "to", "so", "we", "of", "it", "was", "they", "you"},
}


def proposed_language(parsed: ParsedTranscript) -> str:
    """`da` or `en` by the small words of the first turns; only ever proposed."""
    words = re.findall(r"[^\W\d_]+", " ".join(turn.text for turn in parsed.turns[:60]).lower())
    heard = {language: sum(w in small for w in words) for language, small in _SMALL_WORDS.items()}
    return "da" if heard["da"] > heard["en"] else "en"


def proposed_source_kind(parsed: ParsedTranscript) -> tuple[str, str]:
    """(kind, whose words) by how many speak; only ever proposed."""
    if not parsed.speakers and parsed.layout not in ("vtt", "srt"):  # captions are always of what was said
        return "field_note", "researcher"
    voices = sum(proposed_kind(label) == "informant" for label in parsed.speakers)
    return ("workshop" if voices > 3 else "interview"), "participant"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who speaks in a file and is no participant yet. `group` is an id, or the name of a new one."""

    pseudonym: str
    kind: str = "informant"
    group: str | None = None


@requires(Action.IMPORT)
def settle_people(ctx: Context, wanted: Mapping[str, NewPerson | str | None]) -> dict[str, str | None]:
    """Label -> participant's id, adding those who are new. The same pseudonym is the same person, and a
    group named twice is the same group, also across calls."""
    with ctx.read() as conn:
        known = {p.pseudonym.casefold(): p.id for p in queries.participants(conn).values()}
        groups = {g.name.casefold(): g.id for g in queries.groups(conn).values()}
        ids = set(queries.groups(conn))
    settled: dict[str, str | None] = {}
    for label, person in wanted.items():
        if not isinstance(person, NewPerson):
            settled[label] = person
            continue
        name = person.pseudonym.strip()
        if name.casefold() not in known:
            group = person.group
            if group is not None and group not in ids:
                at = group.strip().casefold()
                if at not in groups:
                    groups[at] = add_group(ctx, name=group)
                group = groups[at]
            known[name.casefold()] = add_participant(
                ctx, pseudonym=name, stakeholder_group=group, kind=person.kind
            )
        settled[label] = known[name.casefold()]
    return settled


def proposed_title(kind: str, n: int) -> str:
    """A title to begin with: a file's own name may hold a person's."""
    return t(f"source.proposed.{kind if kind in ('interview', 'workshop', 'meeting') else 'other'}", n=n)


def is_neutral(label: str) -> bool:
    """True if the label itself names nobody and may stand in the project file."""
    return _NEUTRAL.fullmatch(label.strip()) is not None


@requires(Action.IMPORT)
def import_source(
    ctx: Context,
    parsed: ParsedTranscript,
    data: bytes,
    *,
    title: str,
    kind: str = "interview",
    words_of: str = "participant",
    language: str = "en",
    session: str | None = None,
    iteration: int | None = None,
    speakers: Mapping[str, str | None] | None = None,
    op_id: str | None = None,
) -> str:
    """Keep a parsed transcript as a source; returns its id.

    `iteration` is the round it belongs to; None: the latest there is. `speakers` maps labels to participants'
    ids (None: nobody yet). The original bytes, the file's name
    and labels that may be real names go to the vault, never into the project file. The vault is
    written first, and cleaned again when the import is not done: a source never lacks its original."""
    if not title.strip():
        raise Refused("source.needs_title")
    if kind not in KINDS or words_of not in WORDS_OF:
        raise Refused("source.unknown_kind", kind=kind)
    speakers = speakers or {}
    text, spans = body(parsed.turns)
    source = ctx.new_id()
    labels = {label: ctx.new_id() for label in parsed.speakers}
    shown, hidden = {}, 0
    for label in labels:
        if is_neutral(label):
            shown[label] = label.strip()
        else:
            hidden += 1
            shown[label] = f"Speaker {hidden}"
    sha256 = ctx.store.keep_original(source, parsed.name, data, labels)
    record = {"layout": parsed.layout, "encoding": parsed.encoding, "sha256": sha256,
              "notices": [[n.code, dict(n.params)] for n in parsed.notices]}  # fmt: skip
    try:
        with ctx.write("import_source", op_id=op_id) as work:
            work.ids = {"source": source}
            position = work.next_position("source")
            work.insert(
                "source",
                {"id": source, "kind": kind, "words_of": words_of, "title": title.strip(), "language": language,
                 "session": session, "iteration": iteration or _latest_round(work), "text_rev": 1, "position": position,
                 "import_json": json.dumps(record, ensure_ascii=False)},
            )  # fmt: skip
            work.insert_only(
                "source_text",
                [{"source": source, "text_rev": 1, "mac": ctx.store.mac(text), "length": len(text),
                  "words": text_rules.words(text)}],
            )  # fmt: skip
            for position, (label, id) in enumerate(labels.items()):
                row = {"id": id, "source": source, "label": shown[label], "participant": speakers.get(label),
                       "position": position}  # fmt: skip
                work.insert("speaker", row)
            texts.put(
                work,
                [{"source": source, "text_rev": 1, "seq": n, "start": start, "end": end, "text": turn.text,
                  "speaker": labels.get(turn.speaker) if turn.speaker else None,
                  "t0_ms": turn.t0_ms, "t1_ms": turn.t1_ms}
                 for n, (turn, (start, end)) in enumerate(zip(parsed.turns, spans, strict=True), start=1)],
            )  # fmt: skip
    except BaseException:
        # Not imported: then nothing of the file stays either.
        ctx.store.forget_original(source)
        raise
    return source


def _latest_round(work: UnitOfWork) -> int:
    return max((s["iteration"] for s in work.live("source")), default=1)


@requires(Action.IMPORT)
def change_source(
    ctx: Context,
    source: str,
    *,
    rev: int,
    title: str,
    kind: str,
    words_of: str,
    language: str,
    session: str | None,
    iteration: int | None = None,
) -> None:
    """Change what is said about a source; its text stays as it is. `iteration` None leaves its round."""
    if not title.strip():
        raise Refused("source.needs_title")
    if iteration is not None and not 1 <= iteration <= MOST_ROUNDS:
        raise Refused("source.unknown_round", most=MOST_ROUNDS)
    with ctx.write("change_source") as work:
        work.ids = {"source": source}
        work.update(
            "source", source,
            {"title": title.strip(), "kind": kind, "words_of": words_of, "language": language, "session": session,
             **({"iteration": iteration} if iteration else {})},
            rev=rev,
        )  # fmt: skip


@requires(Action.IMPORT)
def retire_source(ctx: Context, source: str) -> None:
    """Take a source out of the study, if no unit stands in it. The file stays in the vault."""
    with ctx.write("retire_source") as work:
        work.ids = {"source": source}
        if work.live("unit", source=source):
            raise Refused("source.has_units")
        for table in ("speaker", "impression", "reading", "recontext"):
            for row in work.live(table, source=source):
                work.retire(table, row["id"])
        work.retire("source", source)


@requires(Action.IMPORT)
def add_session(ctx: Context, *, kind: str, title: str, date: str | None = None, attendance: str = "") -> str:
    """Add an interview, workshop or meeting that took place; returns the id."""
    if not title.strip():
        raise Refused("session.needs_title")
    with ctx.write("add_session") as work:
        row = {
            "id": ctx.new_id(),
            "kind": kind,
            "date": date,
            "title": title.strip(),
            "attendance": attendance,
        }
        work.ids = {"session": row["id"]}
        return work.insert("session", row)


@requires(Action.READ_SOURCES)
def list_sessions(ctx: Context) -> list[Session]:
    with ctx.read() as conn:
        return queries.records(conn, Session, order="date, title")


@requires(Action.READ_SOURCES)
def list_sources(ctx: Context) -> list[SourceView]:
    """All sources in their order."""
    with ctx.read() as conn:
        sources = queries.records(conn, Source, order="position")
        groups = queries.groups(conn)
        people = queries.participants(conn)
        facts = queries.sources.facts(conn)
        speakers = queries.records(conn, Speaker, order="position")
        readers = queries.sources.readers(conn, "impression")
    views = []
    for s in sources:
        here = [k.participant for k in speakers if k.source == s.id]
        informants = [people[p] for p in here if p in people and people[p].kind == "informant"]
        tops = dict.fromkeys(t for p in informants if (t := top_group(p.stakeholder_group, groups)))
        fact = facts[s.id]
        views.append(
            SourceView(
                s,
                fact["words"],
                fact["turns"],
                fact["units"],
                tuple(p.pseudonym for p in informants),
                tuple(tops),
                sum(p is None for p in here),
                fact["date"] or None,
                tuple(initials for source, initials in readers if source == s.id),
                str(json.loads(fact["import_json"]).get("layout", "")),
            )
        )
    return views


@requires(Action.READ_SOURCES)
def read_source(ctx: Context, source: str) -> Reading:
    """The whole text in turns with who is speaking."""
    with ctx.read() as conn:
        found = queries.records(conn, Source, id=source)
        if not found:
            raise Refused("error.gone", kind="source")
        s = found[0]
        groups, people = queries.groups(conn), queries.participants(conn)
        views = {v.group.id: v for v in group_views(groups, people)}
        words = queries.sources.words(conn)[s.id]
        date = next((e.date for e in queries.records(conn, Session, id=s.session)), None)
        turns = []
        for r in queries.sources.turns(conn, s.id, s.text_rev):
            person = people.get(r["participant"])
            top = top_group(person.stakeholder_group, groups) if person else None
            view = views.get(top or "")
            turns.append(
                ReadingTurn(
                    Turn(r["seq"], r["start"], r["end"], r["speaker"], r["t0_ms"], r["t1_ms"]),
                    r["text"],
                    person.pseudonym if person else (r["label"] or ""),
                    person.kind
                    if person
                    else ("interviewer" if _ASKING.fullmatch(r["label"] or "") else "unknown"),
                    top,
                    view.group.name if view else "",
                    view.group.monogram if view else "",
                    view.colour if view else 0,
                )
            )
    return Reading(s, words, date, tuple(turns))


def waves_of(conn: Connection) -> list[Wave]:
    """Waves in their order."""
    found = sorted(queries.live(conn, "wave"), key=lambda w: (w["position"], w["name"]))
    return [Wave(w["id"], w["rev"], w["name"], w["position"]) for w in found]


@requires(Action.READ_SOURCES)
def list_waves(ctx: Context) -> list[Wave]:
    """Waves in their order; none in most studies."""
    with ctx.read() as conn:
        return waves_of(conn)


@requires(Action.READ_SOURCES)
def wave_of(ctx: Context, source: str) -> str | None:
    """The wave a source belongs to."""
    with ctx.read() as conn:
        return next((s["wave"] for s in queries.live(conn, "source", id=source)), None)


@requires(Action.IMPORT)
def add_wave(ctx: Context, name: str) -> str:
    """Add a wave after those there are; returns its id. A name that is there already is that wave."""
    with ctx.write("add_wave") as work:
        return _add_wave(ctx, work, name)


def _add_wave(ctx: Context, work: UnitOfWork, name: str) -> str:
    if not name.strip():
        raise Refused("wave.needs_name")
    for wave in work.live("wave"):
        if wave["name"].casefold() == name.strip().casefold():
            return str(wave["id"])
    id = ctx.new_id()
    work.ids = {"wave": id}
    return work.insert("wave", {"id": id, "name": name.strip(), "position": work.next_position("wave")})


@requires(Action.IMPORT)
def set_wave(ctx: Context, source: str, wave: str | None, *, new: str = "") -> None:
    """Say in which wave a source was made: a wave's id, None for none, or the name of a `new` one.

    A wave that no source is left in goes."""
    with ctx.write("set_wave") as work:
        was = work.get("source", source)["wave"]
        now = _add_wave(ctx, work, new) if new.strip() else wave
        work.ids = {"source": source}
        work.update("source", source, {"wave": now})
        if was and was != now and not work.live("source", wave=was):
            work.retire("wave", was)


@requires(Action.READ_SOURCES)
def list_code_groups(ctx: Context) -> list[CodeGroup]:
    with ctx.read() as conn:
        return queries.records(conn, CodeGroup, order="position, name")
