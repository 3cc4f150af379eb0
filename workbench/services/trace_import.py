"""A trace from elsewhere: tables read, every line judged before anything is kept, then one operation.

What is refused is said with the file and the number of the line; one such line and nothing is brought in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from workbench.domain.errors import Refused
from workbench.domain.roles import Action, can
from workbench.domain.stc import make_tag
from workbench.domain.trace import LINKS, ensure_link
from workbench.importers.trace_csv import Parsed, handles, parse
from workbench.importers.trace_csv import Row as Line
from workbench.language import number, t, tn
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.unit_of_work import Row, UnitOfWork

from . import trust
from .context import Context, requires
from .model import BASES, MOSCOW, ROLES, STATUSES
from .own_evidence import ensure_not_own_evidence

KINDS = ("evidence", "category", "idea", "requirement", "component", "decision")
_PREFIX = {"requirement": "REQ", "component": "CMP", "decision": "DEC"}
_ACYCLIC = ("based_on", "realises", "informs")
# What a table may link; the others are made where they are judged (feedback.evaluate, theory.show_link).
_TYPES = ("based_on", "realises", "informs", "decides", "conflicts")
MOST_THEMES = 600  # each is a code group, which has two letters of its own
HIGHEST = 9_999  # of a number in a readable key: what comes after a higher one could no longer be counted on
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9]{0,11}-\d{1,6}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, as a sentence; nothing is brought in while there is one."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class NewItem:
    handle: str  # what links call it: its key in the file, or a number made up
    kind: str
    key: str  # the readable key it gets; empty where the next free one is given, or its kind has none
    fields: Mapping[str, str]
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class NewLink:
    """Between handles of the file or ids that are here."""

    type: str
    src: str
    dst: str
    role: str
    note: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come in, and what is in the way. `notices` are sentences that stop nothing."""

    parsed: tuple[Parsed, ...]
    items: tuple[NewItem, ...]
    links: tuple[NewLink, ...]
    problems: tuple[Problem, ...]
    notices: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {k: n for k in KINDS if (n := sum(i.kind == k for i in self.items))}


@dataclass(frozen=True, slots=True)
class Imported:
    items: dict[str, str]  # handle -> id
    links: int


@requires(Action.MODEL)
def preview(ctx: Context, files: Sequence[tuple[str, bytes]]) -> Preview:
    """What files (name, bytes) of items, links or requirements hold, judged against the project as it is now.
    Raises ImportRejected for a file that is no such table."""
    parsed = tuple(parse(name, data) for name, data in files)
    with ctx.read() as conn:
        return _Judge(ctx, conn, parsed).judge()


@requires(Action.MODEL)
def import_rows(ctx: Context, found: Preview) -> Imported:
    """Bring in what a preview showed, in one operation; judged again, since others may have worked meanwhile. Raises
    Refused with the first problem where there is one."""
    with ctx.write("import_trace") as work:
        now = _Judge(ctx, work.connection, found.parsed).judge()
        if now.problems:
            raise Refused("trace_import.has_problems", problem=now.problems[0].text)
        if not now.items and not now.links:
            raise Refused("trace_import.nothing")
        work.ids = {"n": len(now.items)}
        ids = _keep_items(ctx, work, now.items)
        for link in now.links:
            if link.type == "based_on" and link.src not in ids and link.dst not in ids:
                ensure_not_own_evidence(work.connection, link.src, link.dst)
            work.insert(
                "link",
                {"id": ctx.new_id(), "type": link.type, "src": ids.get(link.src, link.src),
                 "dst": ids.get(link.dst, link.dst), "role": link.role, "note": link.note},
            )  # fmt: skip
        accepted = [ids[i.handle] for i in now.items if i.fields.get("status") == "accepted"]
        if accepted:
            trust.accept_reviews(ctx, work, accepted, "accepted")
        return Imported(ids, len(now.links))


# -- judging ------------------------------------------------------------------------------------------------


class _Judge:
    def __init__(self, ctx: Context, conn: Connection, parsed: Sequence[Parsed]) -> None:
        self.ctx, self.conn, self.parsed = ctx, conn, parsed
        self.problems: list[Problem] = []
        self.notices: list[str] = []
        self.items: list[NewItem] = []
        self.links: list[NewLink] = []
        self.kinds: dict[str, str] = {}  # handle -> kind, of what comes
        self.here: dict[str, tuple[str, str] | None] = {}  # key, id or name -> (id, kind) of what is here
        self.names: dict[str, list[tuple[str, str]]] | None = None
        self.renumbered: list[str] = []
        self.repeated = 0
        self.themes = len(queries.live(conn, "code_group"))

    def judge(self) -> Preview:
        waiting: list[tuple[Parsed, Line, str]] = []
        for n, p in enumerate(self.parsed):
            if p.unread:
                self.notices.append(t("trace_import.unread", name=p.name, columns=", ".join(p.unread)))
            if p.is_for != "links":
                for line in p.rows:
                    if handle := self._item(p, line, f"{n}:{line.line}"):
                        waiting.append((p, line, handle))
        for p, line, handle in waiting:
            self._links_of_item(p, line, handle)
        for p in self.parsed:
            if p.is_for == "links":
                for line in p.rows:
                    self._link_row(p, line)
        self._no_circles()
        if self.renumbered:
            self.notices.append(
                tn("trace_import.renumbered", len(self.renumbered), keys=_some(self.renumbered))
            )
        if self.repeated:
            self.notices.append(tn("trace_import.repeated", self.repeated))
        self.problems.sort(key=lambda p: ([x.name for x in self.parsed].index(p.file), p.line))
        return Preview(
            tuple(self.parsed), tuple(self.items), tuple(self.links), tuple(self.problems), tuple(self.notices)
        )  # fmt: skip

    def _bad(self, p: Parsed, line: Line, id: str, **params: object) -> None:
        said = t(f"trace_import.row.{id}", **params)
        self.problems.append(
            Problem(p.name, line.line, t("trace_import.row", name=p.name, row=number(line.line), said=said))
        )

    # items

    def _item(self, p: Parsed, line: Line, place: str) -> str | None:
        """Judge a line that is an item; returns its handle where it can come in: its key, else its place."""
        before = len(self.problems)
        kind = "requirement" if p.is_for == "requirements" else line.get("kind")
        if kind not in KINDS:
            self._bad(p, line, "unknown_kind" if kind else "no_kind", kind=kind,
                      kinds=", ".join(t(f"trace_import.kind.{k}") for k in KINDS))  # fmt: skip
            return None
        needs = {"category": Action.ANALYSE, "evidence": Action.ANALYSE, "decision": Action.MEET}.get(kind)
        if needs and not can(self.ctx.member.role, needs):
            self._bad(p, line, "not_allowed", kind=t(f"trace_import.kind.{kind}"))
        text, key = line.get("text"), line.get("key")
        if not text:
            self._bad(p, line, "no_text")
        for name, known in (("moscow", ("", *MOSCOW)), ("status", ("", *STATUSES)), ("basis", ("", *BASES))):
            if kind == "requirement" and line.get(name) not in known:
                self._bad(
                    p, line, f"unknown_{name}", value=line.get(name), known=", ".join(k for k in known if k)
                )
        if kind == "category":
            self.themes += 1
            if self.themes > MOST_THEMES:
                self._bad(p, line, "many_themes", most=MOST_THEMES)
        handle = key.casefold() or f"\1{place}"
        if handle in self.kinds:
            self._bad(p, line, "same_key", key=key)
        if len(self.problems) > before:
            return None
        self.kinds[handle] = kind
        self.items.append(NewItem(handle, kind, self._key(kind, key), dict(line.cells), p.name, line.line))
        return handle

    def _key(self, kind: str, key: str) -> str:
        """The key as it is kept, or "" where the next free one has to do."""
        if kind not in _PREFIX or not key:
            return ""
        found = key.upper() if _KEY.fullmatch(key) else ""
        counted = found.rpartition("-")[0] in _PREFIX.values()
        other = counted and found.rpartition("-")[0] != _PREFIX[kind]
        if not found or other or (counted and int(found.rpartition("-")[2]) > HIGHEST) or self._taken(found):
            self.renumbered.append(key)
            return ""
        return found

    def _taken(self, key: str) -> bool:
        return queries.trace.find(self.conn, key) is not None

    def _links_of_item(self, p: Parsed, line: Line, handle: str) -> None:
        """What stands in the columns "based on", "against" and "components" of a table of requirements."""
        if self.kinds[handle] == "requirement":
            for column, role in (("based_on", "supports"), ("against", "contradicts")):
                for name in handles(line.get(column)):
                    for end in self._ends(p, line, name):
                        self._link(p, line, "", handle, end, role, "")
            for name in handles(line.get("realised_by")):
                for end in self._ends(p, line, name):
                    self._link(p, line, "realises", end, handle, "supports", "")

    # links

    def _link_row(self, p: Parsed, line: Line) -> None:
        role = line.get("role").casefold() or "supports"
        role = {"against": "contradicts", "imod": "contradicts", "støtter": "supports"}.get(role, role)
        if role not in ROLES:
            self._bad(p, line, "unknown_role", value=line.get("role"))
            return
        if not line.get("from") or not line.get("to"):
            self._bad(p, line, "no_ends")
            return
        ends = [self._end(line.get(side)) for side in ("from", "to")]
        for side, end in zip(("from", "to"), ends, strict=True):
            if end is None:
                self._bad(p, line, "unknown_key", key=line.get(side))
        if ends[0] and ends[1]:
            self._link(p, line, line.get("kind"), ends[0], ends[1], role, line.get("note"))

    def _ends(self, p: Parsed, line: Line, name: str) -> list[str]:
        """What a cell's piece names: one thing, or several keys with commas or spaces between."""
        if end := self._end(name):
            return [end]
        several = [self._end(part) for part in re.split(r"[,\s]+", name) if part]
        if len(several) > 1 and all(several):
            return [end for end in several if end]
        self._bad(p, line, "unknown_key", key=name)
        return []

    def _end(self, name: str) -> str | None:
        """A handle of the files, or the id of something here by its key, id or name; None where there is none."""
        folded = name.casefold()
        if folded in self.kinds:
            return folded
        if name not in self.here:
            found = queries.trace.find(self.conn, name) or self._named(folded)
            row = (
                queries.trace.row_of(self.conn, found[1], found[0])
                if found and found[1] in LINKABLE
                else None
            )
            self.here[name] = found if row and row["retired"] is None else None
        if (known := self.here[name]) is not None:
            self.kinds.setdefault(f"\0{known[0]}", known[1])
            return f"\0{known[0]}"
        return None

    def _named(self, folded: str) -> tuple[str, str] | None:
        """Themes, literature, ideas and components by what they are called, where only one is called so."""
        if self.names is None:
            self.names = {}
            for kind, column in (
                ("category", "heading"),
                ("evidence", "title"),
                ("idea", "text"),
                ("component", "name"),
            ):
                for r in queries.live(self.conn, kind):
                    self.names.setdefault(str(r[column]).casefold(), []).append((r["id"], kind))
        found = self.names.get(folded, [])
        return found[0] if len(found) == 1 else None

    def _link(self, p: Parsed, line: Line, type: str, src: str, dst: str, role: str, note: str) -> None:
        kinds = self.kinds[src], self.kinds[dst]
        if not type:
            fits = [k for k in _TYPES if kinds[0] in LINKS[k][0] and kinds[1] in LINKS[k][1]]
            type = fits[0] if fits else "based_on"
        try:
            if type not in _TYPES:
                self._bad(p, line, "unknown_type", value=type, known=", ".join(_TYPES))
                return
            if type == "conflicts" and src == dst:
                self._bad(p, line, "conflict_self")
                return
            ensure_link(type, *kinds)
            if type == "informs" and not can(self.ctx.member.role, Action.ANALYSE):
                self._bad(p, line, "not_allowed", kind=t("trace_import.kind.evidence"))
                return
        except Refused:
            self._bad(p, line, "wrong_kind", type=type, src=t(f"kind.{kinds[0]}"), dst=t(f"kind.{kinds[1]}"))
            return
        self.links.append(NewLink(type, src.lstrip("\0"), dst.lstrip("\0"), role, note, p.name, line.line))

    def _no_circles(self) -> None:
        """Nothing rests on itself, with what is linked here already; what is linked twice comes once."""
        kept: dict[tuple[str, str, str], NewLink] = {}
        present = {(r["type"], r["src"], r["dst"]) for r in queries.live(self.conn, "link")}
        for link in self.links:
            place = (link.type, link.src, link.dst)
            back = (link.type, link.dst, link.src) if link.type == "conflicts" else place
            if {place, back} & (kept.keys() | present):
                self.repeated += 1
            else:
                kept[place] = link
        self.links = list(kept.values())
        graph: dict[str, set[str]] = {}
        for type, src, dst in (*present, *kept):
            if type in _ACYCLIC:
                graph.setdefault(src, set()).add(dst)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as circle:
            there = circle.args[1]
            steps = set(pairwise(there)) | set(pairwise(there[::-1]))
            found = [x for x in self.links if (x.src, x.dst) in steps]
            for link in found[:1]:
                said = t("trace_import.row.circle")
                said = t("trace_import.row", name=link.file, row=number(link.line), said=said)
                self.problems.append(Problem(link.file, link.line, said))


# What a link of a file may point at.
LINKABLE = frozenset(
    {
        "category",
        "unit",
        "idea",
        "evidence",
        "decision",
        "requirement",
        "component",
        "version",
        "feedback",
        "source",
    }
)


def _some(keys: Sequence[str]) -> str:
    return ", ".join(keys[:5]) + ("…" if len(keys) > 5 else "")


# -- keeping ------------------------------------------------------------------------------------------------


def _keep_items(ctx: Context, work: UnitOfWork, items: Iterable[NewItem]) -> dict[str, str]:
    """Insert the items; those with a key of their own first, so that the next free ones come after theirs."""
    ids: dict[str, str] = {}
    groups = _CodeGroups(ctx, work)
    positions = {kind: work.next_position(kind) - 1 for kind in ("component", "category")}
    given = sorted(items, key=lambda i: not i.key)
    for kind, prefix in _PREFIX.items():
        mine = [i for i in given if i.kind == kind]
        highest = max(
            (int(i.key.rpartition("-")[2]) for i in mine if i.key.startswith(f"{prefix}-")), default=0
        )
        while highest and int(work.next_key(kind, prefix).rpartition("-")[2]) < highest:
            pass
    for item in given:
        id = ids[item.handle] = ctx.new_id()
        if item.kind in positions:
            positions[item.kind] += 1
        work.insert(item.kind, {"id": id, **_row(work, item, positions.get(item.kind, 0), groups)})
    return ids


class _CodeGroups:
    """A code group of its own for each theme that comes, named as the theme."""

    def __init__(self, ctx: Context, work: UnitOfWork) -> None:
        self.ctx, self.work = ctx, work
        others = work.live("code_group")
        self.tags = {o["tag"] for o in others}
        self.colours = {o["colour"] for o in others}
        self.position = max((o["position"] for o in others), default=0)
        self.colour = 0

    def add(self, name: str) -> str:
        tag = make_tag(name, self.tags)
        self.tags.add(tag)
        while self.colour in self.colours:
            self.colour += 1
        self.colours.add(self.colour)
        self.position += 1
        row = {"id": self.ctx.new_id(), "name": name, "tag": tag, "colour": self.colour, "position": self.position,
               "definition": "", "include": "", "exclude": ""}  # fmt: skip
        return self.work.insert("code_group", row)


def _row(work: UnitOfWork, item: NewItem, position: int, groups: _CodeGroups) -> Row:
    f = item.fields
    text = f["text"]

    def key() -> str:
        return item.key or work.next_key(item.kind, _PREFIX[item.kind])

    match item.kind:
        case "requirement":
            return {
                "key": key(), "statement": text, "rationale": f.get("rationale", ""), "basis": f.get("basis", "theme"),
                "basis_note": f.get("basis_note", ""), "moscow": f.get("moscow", ""),
                "acceptance": f.get("acceptance", ""), "feasibility": f.get("feasibility", ""),
                "owner": f.get("owner", ""), "status": f.get("status", "draft"),
            }  # fmt: skip
        case "component":
            return {"key": key(), "name": text, "description": f.get("description", ""), "position": position}
        case "decision":
            return {
                "key": key(),
                "nature": "decision",
                "question": text,
                "recommendation": f.get("description", ""),
            }
        case "evidence":
            return {"title": text, "citation": f.get("citation", ""), "finding": f.get("finding", "")}
        case "idea":
            return {"session": None, "stakeholder_group": _group(work, f.get("group", "")), "text": text}
        case _:
            return {
                "code_group": groups.add(text), "heading": text, "analytic_text": f.get("description", ""), "status": "draft",
                "position": position,
            }  # fmt: skip


def _group(work: UnitOfWork, name: str) -> str | None:
    """The stakeholder group of this name, if there is one."""
    found = [g["id"] for g in work.live("stakeholder_group") if g["name"].casefold() == name.casefold()]
    return found[0] if found and name else None
