"""What has changed from one frozen version to another, in a reader's words, and what was decided about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from workbench.domain.people import top_group
from workbench.domain.roles import Action, can
from workbench.domain.trace import MEANING
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import versions as reads

from .context import Context, requires
from .frozen import ALSO, FIRST, Kept, as_frozen, as_now, items_behind, load_versions, name_of, plain
from .model import load_components
from .synthesis import released_groups

_ORDER = {"component": 0, "requirement": 1, "category": 2, "assumption": 3, "tidier": 4}


@dataclass(frozen=True, slots=True)
class Reworded:
    """A field that reads otherwise: its name (of the record) and (same | ins | del, text) pieces."""

    name: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """What holds a requirement otherwise: `by` "component" (answered by) or "category" (rests on), by name; `first`
    where nothing did before."""

    by: str
    went: tuple[str, ...]
    came: tuple[str, ...]
    first: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about the thing, taken between the two."""

    id: str
    key: str
    question: str
    outcome: str
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class Caused:
    """A row of the table of changes that the change goes back to."""

    id: str
    key: str
    possible: str
    agreed: str
    why: str
    reason_codes: tuple[str, ...]
    status: str  # agreed | done


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison. `words` are (op, text) pieces with op same | ins | del for what changed.

    `came`, `went` and `reworded` count pieces of what it rests on, for "unchanged, but its evidence changed" (one
    that was reworded counts among those that came and those that went); `named` are those that may be named."""

    change: str  # added | removed | changed | moved | evidence | same
    kind: str
    item: str
    label: str  # with the key in front, for a requirement
    words: tuple[tuple[str, str], ...] = ()
    came: int = 0
    went: int = 0
    reworded: int = 0
    key: str = ""
    name: str = ""  # without the key
    fields: tuple[Reworded, ...] = ()
    moves: tuple[Move, ...] = ()
    named: tuple[tuple[str, str, str], ...] = ()  # (came | went | reworded, kind, name), never a unit
    groups: tuple[str, ...] = ()  # whose words came or went, by the names they go by to the reader
    speaks_against: bool = False  # something came that speaks against it
    decisions: tuple[Decided, ...] = ()
    changes: tuple[Caused, ...] = ()

    @property
    def planned(self) -> bool:
        """Whether somebody decided or agreed on it, rather than it coming about on the way (as FRAME asks)."""
        return bool(self.decisions or self.changes)


def word_diff(old: str, new: str) -> tuple[tuple[str, str], ...]:
    """Word by word: (same | ins | del, text)."""
    a, b = old.split(), new.split()
    pieces: list[tuple[str, str]] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if op == "equal":
            pieces.append(("same", " ".join(a[i1:i2])))
        else:
            if i2 > i1:
                pieces.append(("del", " ".join(a[i1:i2])))
            if j2 > j1:
                pieces.append(("ins", " ".join(b[j1:j2])))
    return tuple(pieces)


@requires(Action.READ_THEMES)
def compare_versions(ctx: Context, old: str, new: str | None) -> list[Difference]:
    """What changed from one frozen version to another, or (None) to the model as it is now: every thing of either,
    by kind and key, each with what was decided or agreed about it between the two."""
    with ctx.read() as conn:
        before = as_frozen(conn, old)
        after = as_frozen(conn, new) if new else as_now(conn, items_behind(conn, load_components(conn)))
        compared = _Comparison(conn, before, after, knows_sources=can(ctx.member.role, Action.READ_SOURCES))
        reasons = _Reasons(conn, old, new)
    rows = [
        compared.row(item, reasons.decisions(item), reasons.changes(item))
        for item in dict.fromkeys([*before, *after])
    ]
    return sorted(rows, key=lambda d: (_ORDER.get(d.kind, 9), d.key if d.kind == "tidier" else d.label))


class _Comparison:
    """Two states of the model beside each other."""

    def __init__(
        self,
        conn: Connection,
        before: Mapping[str, Kept],
        after: Mapping[str, Kept],
        *,
        knows_sources: bool,
    ) -> None:
        self.before, self.after, self.knows_sources = before, after, knows_sources
        both = before.keys() & after.keys()
        # Field by field, and only those that both keep: a baseline of an earlier day raises no alarm by what it lacks.
        self.fields = {item: found for item in both if (found := self._reworded(item))}
        self.basis = {
            item: (self._shape(before, item, "was"), self._shape(after, item, "is")) for item in both
        }
        touched = {id for a, b in self.basis.values() for id, _, _ in a ^ b}
        self.kinds = reads.kinds(conn, touched)
        self.named = {i: key for i, (kind, key) in self.kinds.items() if kind == "feedback"} | {
            item: name_of(k.fields)
            for side in (as_now(conn, self._others(touched)), before, after)
            for item, k in side.items()
        }
        self.answering = [self._answering(side) for side in (before, after)]
        self.heard = _heard_in(
            conn, [i for i, (kind, _) in self.kinds.items() if kind == "unit"], knows_sources
        )

    def _others(self, touched: Iterable[str]) -> list[str]:
        """What something rests on that no version keeps: ideas, literature. People's words stay unnamed."""
        kept = {*self.before, *self.after}
        return [i for i in touched if i not in kept and self.kinds[i][0] in ("idea", "evidence")]

    def _reworded(self, item: str) -> tuple[Reworded, ...]:
        old, new = self.before[item].fields, self.after[item].fields
        kind = self.after[item].kind
        return tuple(
            Reworded(name, word_diff(plain(old[name]), plain(new[name])))
            for name in (*MEANING[kind], *ALSO.get(kind, ()))
            if name in old and name in new and plain(old[name]) != plain(new[name])
        )

    def _shape(self, side: Mapping[str, Kept], item: str, when: str) -> set[tuple[str, str, str]]:
        """What it rests on. What both versions keep is told apart by its fields, so that it too raises no alarm by
        what an earlier day did not keep."""
        both = self.before.keys() & self.after.keys()
        return {
            (id, (when if id in self.fields else "same") if id in both else fp, role)
            for id, fp, role in side[item].support["basis"]
        }

    @staticmethod
    def _answering(side: Mapping[str, Kept]) -> dict[str, set[str]]:
        """Requirement -> components that answer it."""
        found: dict[str, set[str]] = {}
        for item, k in side.items():
            for id, _, _ in k.support["basis"] if k.kind == "component" else ():
                found.setdefault(id, set()).add(item)
        return found

    def row(self, item: str, decisions: tuple[Decided, ...], changes: tuple[Caused, ...]) -> Difference:
        kept = self.after.get(item) or self.before[item]
        kind, label = kept.kind, name_of(kept.fields)
        key = f"{kept.fields['n']:02d}" if kind == "tidier" else str(kept.fields.get("key", ""))
        facts = {
            "key": key, "decisions": decisions, "changes": changes, "name": str(kept.fields[FIRST[kind]]),
        }  # fmt: skip
        if item not in self.before or item not in self.after:
            change = "added" if item in self.after else "removed"
            return Difference(change, kind, item, label, **facts)  # type: ignore[arg-type]
        fields, moves = self.fields.get(item, ()), self._moves(item)
        a, b = self.basis[item]
        came, went = b - a, a - b
        ids = {x[0] for x in came}, {x[0] for x in went}
        both = ids[0] & ids[1]
        change = "changed" if fields else "moved" if moves else "evidence" if a != b else "same"
        named = [
            (how, self.kinds[id][0], self.named[id])
            for how, some in (("came", ids[0] - both), ("went", ids[1] - both), ("reworded", both))
            for id in sorted(some, key=lambda i: self.named.get(i, ""))
            if id in self.named
        ]
        return Difference(
            change, kind, item, label, tuple(w for f in fields for w in f.words), self._counted(came, both),
            self._counted(went, both), len(both),
            fields=fields, moves=moves, named=tuple(named),
            groups=tuple(dict.fromkeys(g for i in self.heard if i in ids[0] | ids[1] for g in self.heard[i])),
            speaks_against=bool(_against(came) - _against(went)), **facts,  # type: ignore[arg-type]
        )  # fmt: skip

    def _counted(self, some: Iterable[tuple[str, str, str]], both: Collection[str]) -> int:
        """How many; to those who read no source, without what speaks against it: so few may have said that."""
        hidden = () if self.knows_sources else _against(some) - {*both}
        return sum(id not in hidden or self.kinds[id][0] != "unit" for id, _, _ in some)

    def _moves(self, item: str) -> tuple[Move, ...]:
        """Answered by another component, resting on another theme. A theme that only came, or only went, is
        evidence; a component that only came or went is a move, since the requirement is answered otherwise."""
        if self.after[item].kind != "requirement":
            return ()
        found = []
        a, b = (side.get(item, set()) for side in self.answering)
        if a != b:
            found.append(Move("component", self._names(a - b), self._names(b - a), not a))
        was, now = (
            {id for id, _, role in side if role == "supports" and self._is_theme(id)}
            for side in self.basis[item]
        )
        if was - now and now - was:
            found.append(Move("category", self._names(was - now), self._names(now - was)))
        return tuple(found)

    def _is_theme(self, id: str) -> bool:
        kept = self.after.get(id) or self.before.get(id)
        return kept is not None and kept.kind == "category"

    def _names(self, ids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(self.named[id] for id in ids if id in self.named))


def _against(basis: Iterable[tuple[str, str, str]]) -> set[str]:
    return {id for id, _, role in basis if role == "contradicts"}


def _heard_in(conn: Connection, units: Sequence[str], knows_sources: bool) -> dict[str, tuple[str, ...]]:
    """Unit -> the groups whose words it is, in their order; small ones go by another name to those who read no
    source. A unit that has gone is nobody's any more."""
    if not units:
        return {}
    groups, people = queries.groups(conn), queries.participants(conn)
    names = {} if knows_sources else {id: name for id, (_, name) in released_groups(conn).items()}
    found = {}
    for u in queries.units(conn, among=units):
        tops = {top_group(people[p].stakeholder_group, groups) for p in u.participants if p in people}
        if u.words_of == "participant":
            found[u.id] = tuple(names.get(g, groups[g].name) for g in groups if g in tops)
    return found


class _Reasons:
    """What was decided and agreed between two versions, by what it is about."""

    def __init__(self, conn: Connection, old: str, new: str | None) -> None:
        versions = load_versions(conn)
        first = next((v for v in versions if v.id == old), None)
        last = next((v for v in versions if v.id == new), None)
        begins, ends = first.frozen_at[:10] if first else "", last.frozen_at[:10] if last else "9"
        judged = {
            r["id"]: Decided(r["id"], r["key"], r["question"], r["outcome"], r["why"], r["decided_at"] or "")
            for r in queries.live(conn, "decision")
            if r["outcome"]
        }
        self._decided: dict[str, list[Decided]] = {}
        for link in queries.live(conn, "link", type="decides"):
            d = judged.get(link["src"])
            if d is not None and begins <= d.at[:10] <= ends:
                self._decided.setdefault(link["dst"], []).append(d)
        tables = {v.id for v in versions if first and first.n <= v.n and (last is None or v.n < last.n)}
        self._caused: dict[str, list[Caused]] = {}
        for r in queries.live(conn, "change_item"):
            if r["version"] not in tables or r["status"] not in ("agreed", "done"):
                continue
            caused = Caused(r["id"], r["key"], r["possible"], r["agreed"], r["why"],
                            tuple(r["reason_codes"].split()), r["status"])  # fmt: skip
            for item in {r["requirement"], r["component"]} - {None}:
                self._caused.setdefault(item, []).append(caused)
                # What was decided on the change was decided on the thing.
                if r["decision"] in judged and judged[r["decision"]] not in self._decided.get(item, []):
                    self._decided.setdefault(item, []).append(judged[r["decision"]])

    def decisions(self, item: str) -> tuple[Decided, ...]:
        return tuple(sorted(self._decided.get(item, ()), key=lambda d: (d.at, d.key)))

    def changes(self, item: str) -> tuple[Caused, ...]:
        return tuple(sorted(self._caused.get(item, ()), key=lambda c: c.key))
