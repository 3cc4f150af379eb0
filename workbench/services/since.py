"""Since the last meeting: what was decided, came, changed, is in doubt or settled, against what the committee was
shown then. What was looked at again and holds is quiet."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workbench.domain.records import Session
from workbench.domain.stc import without_tokens
from workbench.domain.trace import MEANING, fingerprint
from workbench.domain.trust import Cause, Trust
from workbench.language import day, t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import shown as shown_rows
from workbench.store.unit_of_work import Row

from .decisions import DecisionView
from .versioning import item_fields, support_of, word_diff

# What a committee is told of, and in this order; decisions are told on their own.
KINDS = ("requirement", "category", "component", "version")
# Causes may be told by the label of these; a unit, a source or an idea is somebody's words or their place.
_TOLD_BY_LABEL = frozenset({"category", "requirement", "component", "evidence", "decision", "version"})
_DOUBT = frozenset({"doubt", "does_not_hold"})
_WORDS_AROUND = 7  # of an unchanged stretch between two changes


@dataclass(frozen=True, slots=True)
class ShownRow:
    """How a thing reads and stands, as it is kept when a pack is sent: labels and fingerprints, no words."""

    item: str
    kind: str
    label: str
    fp: str
    support_fp: str
    status: str
    trust: str


@dataclass(frozen=True, slots=True)
class Told:
    """A thing that has changed. `words` are (op, text) with op same | ins | del, where it reads otherwise."""

    item: str
    kind: str
    key: str
    text: str
    moscow: str = ""
    note: str = ""
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Front:
    """What is in doubt now for one cause, the Must first; `further` things rest on these."""

    cause: str  # a sentence
    rows: tuple[Told, ...]
    further: int = 0
    in_doubt: bool = True  # else it was looked at since and holds, but not as the committee decided on it


@dataclass(frozen=True, slots=True)
class Since:
    """`at` is the day of the last meeting, `title` its name; `as_shown` where its pack was sent from here, so that
    also what things rest on is compared."""

    at: str
    title: str
    as_shown: bool
    decided: tuple[DecisionView, ...]
    doubtful: tuple[Front, ...]
    changed: tuple[Told, ...]
    new: tuple[Told, ...]
    resolved: tuple[Told, ...]
    removed: tuple[Told, ...]
    withdrawn: bool  # somebody's words were taken out; who, and how many, is not told
    still: int  # in doubt then and now
    reopen: tuple[tuple[str, str, str], ...]  # (key, question, what of it is in doubt) of decisions
    touches_decided: bool  # something that was decided on reads otherwise, is in doubt or has gone

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """(what, how many) of each that is not none."""
        found = {
            "decided": len(self.decided), "doubtful": sum(len(f.rows) for f in self.doubtful if f.in_doubt),
            "otherwise": sum(len(f.rows) for f in self.doubtful if not f.in_doubt),
            "changed": len(self.changed), "new": len(self.new), "resolved": len(self.resolved),
            "removed": len(self.removed),
        }  # fmt: skip
        return tuple((what, n) for what, n in found.items() if n)


@dataclass(frozen=True, slots=True)
class _Base:
    seq: int  # the operation it stands at
    at: str
    title: str
    meeting: str | None
    rows: Mapping[str, ShownRow]
    as_shown: bool


# -- how things stand --------------------------------------------------------------------------------------------


def snapshot(conn: Connection, decisions: Sequence[DecisionView], trust: Trust) -> list[ShownRow]:
    """How everything a committee is shown reads and stands now."""
    rows = []
    for kind in ("category", "requirement", "component"):
        for r in queries.live(conn, kind):
            fp = fingerprint(*item_fields(conn, r["id"]))
            support = str(support_of(conn, r["id"])["fp"])
            rows.append(ShownRow(r["id"], kind, _label(kind, r), fp, support, str(r.get("status", "")),
                                 trust.of(r["id"]).state))  # fmt: skip
    rows += [ShownRow(r["id"], "version", r["label"], "", "", "", "") for r in queries.live(conn, "version")]
    rows += [
        ShownRow(d.id, "decision", d.key, "", "", "decided" if d.outcome else "open", "") for d in decisions
    ]
    return rows


def _label(kind: str, row: Row) -> str:
    return str(row["key"] if kind == "requirement" else row.get("name") or row.get("heading") or "")


def _base(conn: Connection, meeting: Session | None) -> _Base | None:
    """What the committee was shown last before this meeting; without a pack that was sent, how things stood when the
    last meeting had decided, or at the end of its day. None before the first."""
    here = meeting.date if meeting else None
    meetings = {m.id: m for m in queries.records(conn, Session, kind="meeting", order="date, title")}

    def earlier(date: str | None) -> bool:
        return here is None or (date is not None and date < here)

    for pack in reversed(shown_rows.sent(conn)):
        if meeting and pack["session"] == meeting.id:
            continue
        held = meetings.get(pack["session"] or "")
        if earlier(pack["date"] or pack["at"][:10]):
            rows = {
                r["item"]: ShownRow(
                    *(r[c] for c in ("item", "kind", "label", "fp", "support_fp", "status", "trust"))
                )
                for r in shown_rows.rows(conn, pack["id"])
            }
            return _Base(pack["rev"], pack["date"] or pack["at"][:10], held.title if held else "",
                         pack["session"], rows, True)  # fmt: skip
    before = [m for m in meetings.values() if m.date and here and m.date < here]
    if not before:
        return None
    last = before[-1]
    assert last.date is not None
    seq = shown_rows.last_decided_at(conn, last.id) or shown_rows.last_operation_on(conn, last.date)
    then: dict[str, ShownRow] = {}
    for kind in ("category", "requirement", "component", "version", "decision"):
        for id, r in shown_rows.as_of(conn, kind, seq).items():
            status = (
                ("decided" if r["outcome"] else "open") if kind == "decision" else str(r.get("status", ""))
            )
            label = r["label"] if kind == "version" else r["key"] if kind == "decision" else _label(kind, r)
            fp = fingerprint(kind, _said(kind, r)) if kind in MEANING else ""
            then[id] = ShownRow(id, kind, label, fp, "", status, "")
    return _Base(seq, last.date, last.title, last.id, then, False)


def _said(kind: str, row: Row) -> Row:
    """The meaning-bearing fields of an image; one that a later schema has added was empty."""
    return {name: row.get(name) or "" for name in MEANING[kind]}


# -- what has changed --------------------------------------------------------------------------------------------


def load_since(
    conn: Connection, meeting: Session | None, decisions: Sequence[DecisionView], trust: Trust
) -> Since | None:
    """What has changed for a committee since its last meeting before this one; None where there was none."""
    base = _base(conn, meeting)
    if base is None:
        return None
    now = {r.item: r for r in snapshot(conn, decisions, trust)}
    then_read = {
        kind: shown_rows.as_of(conn, kind, base.seq) for kind in ("category", "requirement", "component")
    }
    reads = {kind: {r["id"]: r for r in queries.live(conn, kind)} for kind in then_read}
    decided = tuple(d for d in decisions if d.outcome and _is_new(d, base))
    moved_by = {item for d in decided for item, _, _ in d.about}

    def told(row: ShownRow, note: str = "", read: Mapping[str, Mapping[str, Row]] = reads) -> Told:
        found = read.get(row.kind, {}).get(row.item, {})
        if row.kind == "requirement":
            key, text = row.label, str(found.get("statement", ""))
        else:
            key, text = "", row.label
        return Told(row.item, row.kind, key, text or row.label, str(found.get("moscow", "")), note,
                    words(row.kind, then_read.get(row.kind, {}).get(row.item), found)
                    if read is reads and reworded(row) else ())  # fmt: skip

    def reworded(row: ShownRow) -> bool:
        was = base.rows.get(row.item)
        return was is not None and bool(was.fp) and was.fp != row.fp

    def rested_otherwise(row: ShownRow) -> bool:
        was = base.rows.get(row.item)
        return was is None or not was.support_fp or was.support_fp != row.support_fp

    since_decided = {item: d for d in decisions for item, _ in d.changed_since}
    found: list[
        tuple[str, Told, frozenset[str]]
    ] = []  # why, what, and what it rests on that may be the reason
    still: set[str] = set()
    as_decided: set[str] = set()  # holds, but is not what was decided on
    for row in now.values():
        state = trust.of(row.item)
        was = base.rows.get(row.item)
        below = frozenset(dst for _, dst, _ in trust.graph.steps.get(row.item, ()))
        if state.state in _DOUBT:
            known = was is not None and (
                was.trust in _DOUBT if base.as_shown
                else bool(state.causes) and all(c.at is not None and c.at[:10] <= base.at for c in state.causes)
            )  # fmt: skip
            if known and not reworded(row):
                still.add(row.item)
                continue
            cause = cause_said(state.causes[0]) if state.causes else t("since.cause.does_not_hold")
            note = t("since.accepted_on", at=day(state.since)) if state.since else ""
            basis = frozenset(c.item for c in state.causes if c.kind == "basis_reworded")
            found.append((cause, told(row, note), basis & below))
        elif (
            state.state in ("draft", "reviewed")
            and row.item in since_decided
            and (reworded(row) or rested_otherwise(row))
        ):
            d = since_decided[row.item]
            as_decided.add(row.item)
            what = "reworded" if reworded(row) else "otherwise"
            note = t("since.decided_on", key=d.key, at=day(d.decided_at))
            found.append(
                (
                    t(f"since.cause.decided_{what}"),
                    told(row, note),
                    below if what == "otherwise" else frozenset(),
                )
            )
    fronts, further = _fronts(found)
    doubted = {x.item for _, x, _ in found}
    in_doubt = doubted | still
    changed, new = [], []
    quiet: set[str] = set()
    for row in now.values():
        was = base.rows.get(row.item)
        if row.kind == "decision" or row.item in doubted:
            continue
        if was is None:
            new.append(told(row))
        elif reworded(row):
            held = settled(trust, row.item)
            changed.append(told(row, t("since.holds") if held else ""))
            quiet |= {row.item} if held else set()
        elif was.status != row.status and row.kind == "requirement" and row.item not in moved_by:
            changed.append(
                told(row, t("since.status", before=t(f"status.{was.status}"), now=t(f"status.{row.status}")))
            )
    resolved = [
        told(r) for r in now.values()
        if r.item in base.rows and base.rows[r.item].trust in _DOUBT and trust.of(r.item).state == "reviewed"
    ]  # fmt: skip
    removed = [
        told(was, "", then_read)
        for was in base.rows.values()
        if was.item not in now and was.kind != "decision"
    ]
    decided_on = _decided_on(conn, decisions)
    changes = {x.item for x in (*changed, *removed)} - quiet | doubted
    return Since(
        base.at, base.title, base.as_shown, decided,
        tuple(
            Front(cause, _must_first(rows), _resting(trust, [x.item for x in rows]) + further[cause],
                  not any(x.item in as_decided for x in rows))
            for cause, rows in sorted(fronts.items(), key=lambda f: not any(x.moscow == "must" for x in f[1]))
        ),
        _must_first(changed), _must_first(new), _must_first(resolved), _must_first(removed),
        shown_rows.withdrawn_since(conn, base.seq), len(still), _to_reopen(decisions, in_doubt, now),
        bool(changes & decided_on),
    )  # fmt: skip


def settled(trust: Trust, item: str) -> bool:
    """It was looked at again and holds, or was accepted as it reads now. That a version was frozen with it is not
    enough: the committee decided on what it read before."""
    state = trust.of(item)
    return state.state in ("reviewed", "distant") and state.occasion != "frozen"


def _fronts(
    found: Sequence[tuple[str, Told, frozenset[str]]],
) -> tuple[dict[str, list[Told]], dict[str, int]]:
    """By why: what is in doubt, and how many more only because they rest on one of those."""
    roots = {x.item: why for why, x, below in found if not below}
    fronts: dict[str, list[Told]] = {}
    further: dict[str, int] = {}
    for why, x, below in found:
        cause = next((roots[item] for item in sorted(below) if item in roots), None)
        if cause is None:
            fronts.setdefault(why, []).append(x)
        else:
            further[cause] = further.get(cause, 0) + 1
    return fronts, {why: further.get(why, 0) for why in fronts}


def _is_new(d: DecisionView, base: _Base) -> bool:
    was = base.rows.get(d.id)
    return was is None or was.status != "decided" or (d.meeting == base.meeting and not base.as_shown)


def _decided_on(conn: Connection, decisions: Sequence[DecisionView]) -> set[str]:
    """What a decision is about, or has seen."""
    items = {item for d in decisions if d.outcome for item, _, _ in d.about}
    for row in queries.live(conn, "decision"):
        items |= set(json.loads(row["seen_json"]))
    return items


def _to_reopen(
    decisions: Sequence[DecisionView], in_doubt: Collection[str], now: Mapping[str, ShownRow]
) -> tuple[tuple[str, str, str], ...]:
    found = []
    for d in decisions:
        about = {item for item, _, _ in d.about} | {item for item, _ in d.changed_since}
        found_in = [now[item] for item in sorted(about & set(in_doubt)) if item in now]
        # A requirement's key says enough; a theme is named where no requirement is.
        labels = [r.label for r in found_in if r.kind == "requirement"] or [r.label for r in found_in]
        if d.outcome and labels and not d.superseded_by:
            found.append((d.key, d.question, ", ".join(sorted(set(labels)))))
    return tuple(found)


def _resting(trust: Trust, items: Sequence[str]) -> int:
    """How many things are in doubt only because they rest on one of these."""
    return sum(s.state == "distant" and bool(set(s.path) & set(items)) for s in trust.states.values())


def _must_first(rows: Sequence[Told]) -> tuple[Told, ...]:
    order = {kind: n for n, kind in enumerate(KINDS)}
    return tuple(sorted(rows, key=lambda x: (x.moscow != "must", order.get(x.kind, 9), x.key, x.text)))


def cause_said(cause: Cause) -> str:
    """Why, in a sentence for those who read no source: nothing of a unit, a source or an idea is named, nor who."""
    if cause.kind == "withdrawn":
        return t("since.cause.withdrawn")
    if cause.kind_of in _TOLD_BY_LABEL and cause.label:
        return t(f"since.cause.{cause.kind}", what=f"“{cause.label}”")
    return t(f"since.cause.{cause.kind}_words")


# -- how it read then and now ------------------------------------------------------------------------------------


def words(kind: str, then: Row | None, now: Row) -> tuple[tuple[str, str], ...]:
    """Word by word what reads otherwise, long unchanged stretches shortened; empty where then is not kept."""
    pieces: list[tuple[str, str]] = []
    if then is None or kind not in MEANING:
        return ()
    for name in MEANING[kind]:
        old, new = (_readable(name, side.get(name)) for side in (then, now))
        if old != new and name != "basis":
            pieces += word_diff(old, new)
    return tuple(_shortened(pieces))


def _readable(name: str, value: object) -> str:
    text = without_tokens(str(value or ""))
    return t(f"moscow.{text}") if name == "moscow" and text else text


def _shortened(pieces: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found = []
    for n, (op, text) in enumerate(pieces):
        held = text.split()
        if op == "same" and len(held) > 2 * _WORDS_AROUND + 2:
            before = held[:_WORDS_AROUND] if n > 0 else []
            after = held[-_WORDS_AROUND:] if n < len(pieces) - 1 else []
            text = " ".join([*before, "…", *after])
        found.append((op, text))
    return found
