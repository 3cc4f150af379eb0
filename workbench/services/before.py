"""Before the analysis: question, lens, aim and guide, what each analyst brings, and information power over time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from workbench.domain.before import DIMENSIONS, MOST
from workbench.domain.errors import Refused
from workbench.domain.records import Member, Record
from workbench.domain.roles import Action
from workbench.store import queries
from workbench.store.queries import before as history
from workbench.store.queries import operations
from workbench.store.unit_of_work import Row

from .context import Context, requires
from .projects import put_setting

STUDY = ("question", "lens", "aim", "guide")  # the settings that hold one text each
KINDS = ("preconception", "reflection")


@dataclass(frozen=True, slots=True)
class Kept:
    """A text that all share, and the rev it has; None where nothing has been written."""

    value: str
    rev: int | None


@dataclass(frozen=True, slots=True)
class LogEntry(Record):
    member: str
    kind: str  # preconception | reflection
    at: str  # a day, ISO
    text: str


@dataclass(frozen=True, slots=True)
class AnalystLog:
    """What one analyst has written about themselves and the work, newest first."""

    member: Member
    preconceptions: tuple[LogEntry, ...]
    reflections: tuple[LogEntry, ...]


@dataclass(frozen=True, slots=True)
class Judgement(Record):
    """Information power as judged on a day; each dimension 1-5 (0: not judged) with its reason."""

    member: str
    by: str  # the member's name
    at: str
    occasion: str
    levels: Mapping[str, int]  # by dimension
    reasons: Mapping[str, str]
    conclusion: str

    @property
    def empty(self) -> bool:
        return not (any(self.levels.values()) or any(self.reasons.values()) or self.conclusion)


@dataclass(frozen=True, slots=True)
class BeforeView:
    """`log` has everything that each analyst wrote; see `stated` and `reflected`."""

    question: Kept
    lens: Kept
    aim: Kept
    guide: Kept
    log: tuple[AnalystLog, ...]  # the acting member's first; all researchers, and others who have written
    judgements: tuple[Judgement, ...]  # oldest first
    today: str

    @property
    def stated(self) -> tuple[tuple[str, str], ...]:
        """(name, the first day) of those who wrote down preconceptions, the earliest first."""
        first = ((x.member.name, min(e.at for e in x.preconceptions)) for x in self.log if x.preconceptions)
        return tuple(sorted(first, key=lambda x: (x[1], x[0])))

    @property
    def reflected(self) -> tuple[tuple[str, int], ...]:
        """(name, entries) of those who kept a log of reflections, most first."""
        kept = ((x.member.name, len(x.reflections)) for x in self.log if x.reflections)
        return tuple(sorted(kept, key=lambda x: (-x[1], x[0])))


@dataclass(frozen=True, slots=True)
class GuideVersion:
    at: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class PowerTable:
    """All judgements as one table: a row for each day it was judged, a column for each dimension."""

    rows: tuple[Judgement, ...]
    columns: tuple[str, ...] = field(default=DIMENSIONS)


# -- reading -------------------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def before_view(ctx: Context) -> BeforeView:
    with ctx.read() as conn:
        kept = {row["id"]: Kept(row["value"], row["rev"]) for row in queries.live(conn, "setting")}
        members = queries.records(conn, Member, order="rev")
        entries = [_entry(row) for row in queries.live(conn, "log_entry")]
        judged = queries.live(conn, "information_power")
    names = {m.id: m.name for m in members}
    entries.sort(key=lambda e: e.at)
    entries.reverse()
    writers = [m for m in members if m.role == "researcher" or any(e.member == m.id for e in entries)]
    writers.sort(key=lambda m: m.id != ctx.member.id)
    judgements = [_judgement(row, names) for row in judged]
    return BeforeView(
        **{name: kept.get(name, Kept("", None)) for name in STUDY},
        log=tuple(
            AnalystLog(
                m, *(tuple(e for e in entries if e.member == m.id and e.kind == kind) for kind in KINDS)
            )
            for m in writers
        ),
        judgements=tuple(sorted(judgements, key=lambda j: j.at)),
        today=ctx.now().date().isoformat(),
    )


def _entry(row: Row) -> LogEntry:
    return LogEntry(row["id"], row["rev"], row["member"], row["kind"], row["at"], row["text"])


def _judgement(row: Row, names: Mapping[str, str]) -> Judgement:
    return Judgement(
        row["id"], row["rev"], row["member"], names.get(row["member"], ""), row["at"], row["occasion"],
        {d: row[d] for d in DIMENSIONS}, {d: row[f"{d}_why"] for d in DIMENSIONS}, row["conclusion"],
    )  # fmt: skip


def power_table(judgements: Iterable[Judgement]) -> PowerTable:
    """The judgements that say something, oldest first, as one table. No sum, and no figure for all five."""
    return PowerTable(tuple(sorted((j for j in judgements if not j.empty), key=lambda j: j.at)))


@requires(Action.ANALYSE)
def guide_versions(ctx: Context) -> list[GuideVersion]:
    """What the interview guide has been, newest first, with what it is now. One version per person and day; what
    was undone is left out."""
    with ctx.read() as conn:
        gone = operations.undone(conn)
        changes = [c for c in history.setting_changes(conn, "guide") if c["nature"] == "do" and c["after"]]
    found: list[GuideVersion] = []
    for change in changes:
        if change["op"] in gone:
            continue
        version = GuideVersion(change["at"], change["who"] or "", json.loads(change["after"])["value"])
        if found and (found[-1].who, found[-1].at[:10]) == (version.who, version.at[:10]):
            found.pop()
        found.append(version)
    return [v for v in reversed(found) if v.text]


# -- what the study asks ---------------------------------------------------------------------------------


@requires(Action.ANALYSE)
def write_study(ctx: Context, name: str, text: str, *, rev: int | None = None) -> None:
    """Keep one of STUDY. With `rev` (0: nothing was there) only if nobody was faster."""
    if name not in STUDY:
        raise Refused("project.unknown_setting", name=name)
    with ctx.write(f"write_{name}") as work:
        work.ids = {"setting": name}
        put_setting(work, name, text.strip(), rev=rev)


# -- the log ---------------------------------------------------------------------------------------------


def _day(at: str) -> str:
    try:
        return date.fromisoformat(at).isoformat()
    except ValueError as error:
        raise Refused("before.not_a_day") from error


@requires(Action.ANALYSE)
def add_entry(ctx: Context, *, kind: str, text: str, at: str | None = None) -> str:
    """Write in my log; `at` is a day (ISO), today unless told. Returns the entry's id."""
    if kind not in KINDS:
        raise Refused("before.unknown_kind", kind=kind)
    if not text.strip():
        raise Refused("before.needs_text")
    day = _day(at) if at else ctx.now().date().isoformat()
    with ctx.write("add_log_entry") as work:
        row = {"id": ctx.new_id(), "member": ctx.member.id, "kind": kind, "at": day, "text": text.strip()}
        return work.insert("log_entry", row)


@requires(Action.ANALYSE)
def change_entry(
    ctx: Context,
    entry: str,
    *,
    rev: int,
    text: str | None = None,
    kind: str | None = None,
    at: str | None = None,
) -> None:
    """Change an entry of mine; None leaves a field as it is. Others' are theirs."""
    if text is not None and not text.strip():
        raise Refused("before.needs_text")
    if kind is not None and kind not in KINDS:
        raise Refused("before.unknown_kind", kind=kind)
    changes = {"text": text.strip() if text else None, "kind": kind, "at": _day(at) if at else None}
    with ctx.write("change_log_entry") as work:
        if work.get("log_entry", entry)["member"] != ctx.member.id:
            raise Refused("before.not_yours")
        work.update("log_entry", entry, {k: v for k, v in changes.items() if v is not None}, rev=rev)


@requires(Action.ANALYSE)
def retire_entry(ctx: Context, entry: str) -> None:
    with ctx.write("retire_log_entry") as work:
        if work.get("log_entry", entry)["member"] != ctx.member.id:
            raise Refused("before.not_yours")
        work.retire("log_entry", entry)


# -- information power -----------------------------------------------------------------------------------


def _columns(levels: Mapping[str, int], reasons: Mapping[str, str]) -> Row:
    if not {*levels, *reasons} <= set(DIMENSIONS) or any(n not in range(MOST + 1) for n in levels.values()):
        raise Refused("before.unknown_level")
    return {**levels, **{f"{d}_why": why.strip() for d, why in reasons.items()}}


@requires(Action.ANALYSE)
def judge(
    ctx: Context,
    *,
    occasion: str = "",
    at: str | None = None,
    levels: Mapping[str, int] | None = None,
    reasons: Mapping[str, str] | None = None,
    conclusion: str = "",
) -> str:
    """Judge information power on a day (ISO; today unless told). Dimensions left out are not judged. Returns its id."""
    columns = _columns(levels or {}, reasons or {})
    day = _day(at) if at else ctx.now().date().isoformat()
    with ctx.write("judge_power") as work:
        row = {"id": ctx.new_id(), "member": ctx.member.id, "at": day, "occasion": occasion.strip(),
               "conclusion": conclusion.strip()}  # fmt: skip
        return work.insert("information_power", row | columns)


@requires(Action.ANALYSE)
def change_judgement(
    ctx: Context,
    judgement: str,
    *,
    rev: int,
    occasion: str | None = None,
    at: str | None = None,
    levels: Mapping[str, int] | None = None,
    reasons: Mapping[str, str] | None = None,
    conclusion: str | None = None,
) -> None:
    """Change a judgement of mine; what is left out stays as it is."""
    changes = _columns(levels or {}, reasons or {})
    texts = {"occasion": occasion, "conclusion": conclusion, "at": _day(at) if at else None}
    changes |= {name: text.strip() for name, text in texts.items() if text is not None}
    with ctx.write("change_judgement") as work:
        if work.get("information_power", judgement)["member"] != ctx.member.id:
            raise Refused("before.judgement_not_yours")
        work.update("information_power", judgement, changes, rev=rev)


@requires(Action.ANALYSE)
def retire_judgement(ctx: Context, judgement: str) -> None:
    with ctx.write("retire_judgement") as work:
        if work.get("information_power", judgement)["member"] != ctx.member.id:
            raise Refused("before.judgement_not_yours")
        work.retire("information_power", judgement)
