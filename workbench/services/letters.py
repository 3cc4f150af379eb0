""" "You said - we did, or did not, because": a letter to each stakeholder group after a version of the prototype.

Each line is drafted from the project: a theme that somebody of the group is heard in, an idea of theirs, what they said
of the version before, and what became of it. A person may word a line otherwise or leave it out. No quote, no number
of people and no name is in a letter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial

from workbench.domain.errors import Refused
from workbench.domain.people import sample_sizes, top_group
from workbench.domain.records import Requirement, StakeholderGroup
from workbench.domain.roles import Action
from workbench.exporters import letters as paper
from workbench.language import LANGUAGES, day, speaking, t
from workbench.store import queries
from workbench.store.connection import Connection
from workbench.store.queries import trace_files as trace_reads
from workbench.store.unit_of_work import Row, UnitOfWork

from . import projects
from .context import Context, requires
from .synthesis import load_categories
from .versioning import Version, load_versions

FORMATS = (".pdf", ".docx")
# What became of it: done, not done, not decided yet; or some of each.
BECAME = ("did", "did_not", "not_yet", "some")


@dataclass(frozen=True, slots=True)
class LetterLine:
    """What a group said and what became of it. `rev` is 0 as long as nobody has changed the draft."""

    item: str
    kind: str  # category | idea | feedback
    said: str
    answer: str  # paragraphs, one a line
    drafted_said: str
    drafted_answer: str
    became: str  # one of BECAME
    no_reason: bool  # the answer says no, nobody has kept why, and nobody has written it here
    left_out: bool
    rev: int
    answers: tuple[str, ...]  # ids of the requirements and changes that answer it


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one group. `rev` is that of greeting and closing, 0 where they are as drafted."""

    version: Version
    group: str
    name: str  # in the letter's language
    colour: int
    monogram: str
    greeting: str
    closing: str
    drafted_greeting: str
    drafted_closing: str
    rev: int
    lines: tuple[LetterLine, ...]

    @property
    def printed(self) -> tuple[LetterLine, ...]:
        return tuple(x for x in self.lines if not x.left_out)


@requires(Action.MEET)
def letters_for(ctx: Context, version: str) -> list[Letter]:
    """A letter for every top stakeholder group that was asked, has had an idea or has said something of the version
    before; in the project's language."""
    with ctx.read() as conn:
        found = next((v for v in load_versions(conn) if v.id == version), None)
        if found is None:
            raise Refused("error.gone", kind="version")
        with speaking(letter_language(conn)):
            return _Drafts(conn, found).letters()


def letter_language(conn: Connection) -> str:
    language = queries.setting(conn, "language") or "en"
    return language if language in LANGUAGES else "en"


# -- changing a draft ---------------------------------------------------------------------------------------


@requires(Action.MEET)
def change_line(
    ctx: Context, version: str, group: str, item: str, *, rev: int | None = None,
    said: str | None = None, answer: str | None = None,
) -> None:  # fmt: skip
    """Word a line otherwise; an empty text is the draft again. `rev` as it was read, 0 for a draft; raises StaleEdit."""
    given = {"said": said, "answer": answer}
    with ctx.write("change_letter_line") as work:
        _keep_line(
            ctx, work, version, group, item, {k: v.strip() for k, v in given.items() if v is not None}, rev
        )


@requires(Action.MEET)
def leave_out(
    ctx: Context, version: str, group: str, item: str, *, left_out: bool = True, rev: int | None = None
) -> None:
    """Leave a line out of the letter, or take it in again."""
    with ctx.write("leave_out_letter_line" if left_out else "take_in_letter_line") as work:
        _keep_line(ctx, work, version, group, item, {"left_out": int(left_out)}, rev)


@requires(Action.MEET)
def change_letter(
    ctx: Context, version: str, group: str, *, rev: int | None = None,
    greeting: str | None = None, closing: str | None = None,
) -> None:  # fmt: skip
    """Word how a letter begins or ends; an empty text is the draft again."""
    changes = {k: v.strip() for k, v in {"greeting": greeting, "closing": closing}.items() if v is not None}
    with ctx.write("change_letter") as work:
        _keep(ctx, work, "letter", {"version": version, "stakeholder_group": group},
              {"greeting": "", "closing": ""}, changes, rev)  # fmt: skip


def _keep_line(
    ctx: Context, work: UnitOfWork, version: str, group: str, item: str, changes: Row, rev: int | None
) -> None:
    _keep(ctx, work, "letter_line", {"version": version, "stakeholder_group": group, "item": item},
          {"said": "", "answer": "", "left_out": 0}, changes, rev)  # fmt: skip


def _keep(
    ctx: Context, work: UnitOfWork, table: str, place: Row, as_drafted: Row, changes: Row, rev: int | None
) -> None:
    """Change the row of a place, or make it; one that somebody has made meanwhile is stale to who read none (rev 0)."""
    work.get("version", place["version"])
    work.get("stakeholder_group", place["stakeholder_group"])
    work.ids = {"version": place["version"]}
    found = work.live(table, **place)
    if found:
        work.update(table, found[0]["id"], changes, rev=rev)
    else:
        work.insert(table, {"id": ctx.new_id(), **place, **as_drafted, **changes})


# -- the drafts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of something: `text` says it, without the reason where none is kept."""

    became: str
    text: str
    no_reason: bool = False
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What a group said; `answer` is given the requirements that the letter has told in full before."""

    item: str
    kind: str
    text: str
    answer: Callable[[Set[str]], _Answer]


class _Drafts:
    def __init__(self, conn: Connection, version: Version) -> None:
        self.conn, self.version = conn, version
        self.groups = queries.groups(conn)
        self.requirements = {r.id: r for r in queries.records(conn, Requirement, order="key")}
        rows = {r["item"]: r for r in queries.trace.frozen(conn, version.id)}
        self.frozen: dict[str, Row] = {item: json.loads(r["fields_json"]) for item, r in rows.items()}
        self.in_version: dict[
            str, list[str]
        ] = {}  # requirement -> names of the components that answered it then
        for item, fields in sorted(self.frozen.items(), key=lambda x: str(x[1].get("key"))):
            if fields["kind"] == "component":
                for dst, _, _ in json.loads(rows[item]["support_json"])["basis"]:
                    self.in_version.setdefault(dst, []).append(str(fields["name"]))
        self.resting: dict[str, list[str]] = {}  # theme, idea or feedback -> requirements, by key
        self.why: dict[
            str, str
        ] = {}  # requirement -> why it was decided so, the last word since it was accepted
        decisions = {d["id"]: d for d in queries.live(conn, "decision")}
        found: dict[str, list[Row]] = {}
        for link in queries.live(conn, "link"):
            if link["type"] == "based_on" and link["role"] == "supports" and link["src"] in self.requirements:
                self.resting.setdefault(link["dst"], []).append(link["src"])
            elif link["type"] == "decides" and (d := decisions.get(link["src"])) and d["outcome"]:
                found.setdefault(link["dst"], []).append(d)
        accepted, decided = trace_reads.accepted_in(conn), trace_reads.decided_in(conn)
        for item, taken in found.items():
            # Why something was accepted is no reason for parking it later.
            later = [d for d in taken if decided.get(d["id"], 0) > accepted.get(item, -1)]
            later.sort(key=lambda d: (d["decided_at"] or "", d["key"]))
            self.why[item] = next((d["why"] for d in reversed(later) if d["why"]), "")
        self.decision_why = {id: str(d["why"]) for id, d in decisions.items()}
        order = {id: n for n, id in enumerate(self.requirements)}
        for rests in self.resting.values():
            rests.sort(key=order.__getitem__)
        self.kept_lines = {
            (r["stakeholder_group"], r["item"]): r
            for r in queries.live(conn, "letter_line", version=version.id)
        }
        self.kept = {r["stakeholder_group"]: r for r in queries.live(conn, "letter", version=version.id)}

    def letters(self) -> list[Letter]:
        said = self._said()
        sample = sample_sizes(queries.participants(self.conn).values(), self.groups)
        tops = [g for g in self.groups.values() if g.parent is None]
        return [
            self._letter(g, n, said.get(g.id, []))
            for n, g in enumerate(tops)
            if said.get(g.id) or sample.get(g.id)
        ]

    def _said(self) -> dict[str, list[_Said]]:
        """Top group -> (item, kind, what was said, what became of it): themes, then ideas, then feedback."""
        said: dict[str, list[_Said]] = {}
        for view in load_categories(self.conn):
            for heard_in, people in view.heard.items():
                if people:
                    c = view.category
                    answer = partial(self._of_requirements, c.id)
                    said.setdefault(heard_in, []).append(
                        _Said(c.id, "category", _sentence(c.heading), answer)
                    )
        for idea in queries.live(self.conn, "idea"):
            if group := top_group(idea["stakeholder_group"], self.groups):
                answer = partial(self._of_requirements, idea["id"])
                said.setdefault(group, []).append(_Said(idea["id"], "idea", _sentence(idea["text"]), answer))
        for feedback, changes in self._feedback():
            if group := top_group(feedback["stakeholder_group"], self.groups):
                answer = partial(self._of_changes, feedback, changes)
                said.setdefault(group, []).append(
                    _Said(feedback["id"], "feedback", _sentence(feedback["text"]), answer)
                )
        return said

    def _feedback(self) -> Iterable[tuple[Row, list[Row]]]:
        """What was said of the version before, with what was agreed to change because of it."""
        before = [v for v in load_versions(self.conn) if v.n < self.version.n]
        if not before:
            return
        changes = {c["id"]: c for c in queries.live(self.conn, "change_item")}
        because: dict[str, list[Row]] = {}
        for link in queries.live(self.conn, "change_feedback"):
            if link["change_item"] in changes:
                because.setdefault(link["feedback"], []).append(changes[link["change_item"]])
        for feedback in queries.live(self.conn, "feedback", version=before[-1].id):
            yield feedback, because.get(feedback["id"], [])

    def _of_changes(self, feedback: Row, changes: Sequence[Row], told: Set[str]) -> _Answer:
        parts: list[_Answer] = []
        for c in changes:
            possible, agreed = _sentence(c["possible"]), _sentence(c["agreed"] or c["possible"])
            if c["status"] == "not_changed":
                why = c["why"] or self.decision_why.get(c["decision"], "")
                parts.append(_no(_of_text("letters.not_changed", possible), possible, why, c["id"]))
            elif c["status"] in ("agreed", "done"):
                said = t(_of_text(f"letters.change_{c['status']}", agreed), text=agreed)
                parts.append(_Answer("did" if c["status"] == "done" else "not_yet", said, answers=(c["id"],)))
            elif possible:
                parts.append(_Answer("not_yet", t("letters.open", text=possible), answers=(c["id"],)))
        if rests := self.resting.get(feedback["id"]):
            parts += self._requirements(rests, told)
        if parts:
            return _together(parts)
        if feedback["polarity"] == "positive" and (
            name := self.frozen.get(feedback["component"] or "", {}).get("name")
        ):
            return _Answer("did", t("letters.kept", component=name, version=self.version.label))
        return _Answer("not_yet", t("letters.nothing_yet"))

    def _of_requirements(self, item: str, told: Set[str]) -> _Answer:
        rests = self.resting.get(item, [])
        return (
            _together(self._requirements(rests, told))
            if rests
            else _Answer("not_yet", t("letters.nothing_yet"))
        )

    def _requirements(self, rests: Sequence[str], told: Set[str]) -> list[_Answer]:
        """What is in the version first, with the parts of the model that answer it; then what is not, and why. What
        the letter has told before stands in it once."""
        done = [r for r in rests if r in self.in_version]
        parts: list[_Answer] = []
        if done:
            names = list(dict.fromkeys(name for r in done for name in self.in_version[r]))
            new = [
                _sentence(str(self.frozen[r]["statement"]))
                for r in done
                if r in self.frozen and r not in told
            ]
            did = t(
                f"letters.did{'' if new else '_above'}", version=self.version.label, components=_listed(names)
            )
            parts.append(_Answer("did", "\n".join([did, *new]), answers=tuple(done)))
        for id in (r for r in rests if r not in self.in_version):
            answer = self._not_in_version(id)
            if id in told:
                answer = replace(answer, text=t("letters.above"), no_reason=False)
            if answer.text not in {p.text for p in parts}:
                parts.append(answer)
        return parts

    def _not_in_version(self, id: str) -> _Answer:
        r = self.requirements[id]
        statement = _sentence(r.statement)
        if r.status in ("parked", "rejected"):
            return _no(f"letters.{r.status}", statement, self.why.get(id, ""), id)
        said = "accepted" if r.status == "accepted" else "open"
        return _Answer("not_yet", t(f"letters.{said}", text=statement), answers=(id,))

    def _letter(self, group: StakeholderGroup, n: int, said: Sequence[_Said]) -> Letter:
        name = _name(group)
        greeting = t("letters.greeting", group=name, version=self.version.label)
        closing = t("letters.closing", project=queries.setting(self.conn, "name"))
        kept = self.kept.get(group.id, {"greeting": "", "closing": "", "rev": 0})
        lines: list[LetterLine] = []
        told: set[str] = set()
        for x in said:
            line = self._line(group.id, x, x.answer(told))
            lines.append(line)
            if not line.left_out and line.answer == line.drafted_answer:
                told |= set(line.answers)
        return Letter(
            self.version, group.id, name, n, group.monogram, kept["greeting"] or greeting, kept["closing"] or closing,
            greeting, closing, kept["rev"], tuple(lines),
        )  # fmt: skip

    def _line(self, group: str, x: _Said, answer: _Answer) -> LetterLine:
        kept = self.kept_lines.get((group, x.item), {"said": "", "answer": "", "left_out": 0, "rev": 0})
        return LetterLine(
            x.item, x.kind, kept["said"] or x.text, kept["answer"] or answer.text, x.text, answer.text, answer.became,
            answer.no_reason and not kept["answer"], bool(kept["left_out"]), kept["rev"], answer.answers,
        )  # fmt: skip


def _name(group: StakeholderGroup) -> str:
    """In the language spoken now."""
    return (group.name_da if t("letters.language") == "da" else "") or group.name


def _of_text(id: str, text: str) -> str:
    """The sentence that ends in a text, or the one that does without where nobody has written any."""
    return id if text else f"{id}_this"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text[-1] in ".!?…”\"'" else f"{text}."


def _listed(names: Sequence[str]) -> str:
    quoted = [t("letters.named", name=name) for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return t("letters.and", first=", ".join(quoted[:-1]), last=quoted[-1])


def _no(id: str, text: str, why: str, answer: str) -> _Answer:
    said = t(id, text=text)
    if why:
        said += "\n" + t("letters.because", why=_sentence(why))
    return _Answer("did_not", said, not why, (answer,))


def _together(parts: Sequence[_Answer]) -> _Answer:
    became = {p.became for p in parts}
    return _Answer(
        became.pop() if len(became) == 1 else "some", "\n".join(p.text for p in parts),
        any(p.no_reason for p in parts), tuple(a for p in parts for a in p.answers),
    )  # fmt: skip


# -- the file -----------------------------------------------------------------------------------------------


@requires(Action.MEET)
def letters_file(ctx: Context, version: str, suffix: str, *, groups: Sequence[str] = ()) -> bytes:
    """The letters to these groups, or to all, in one file (FORMATS), each from a page of its own. Raises Refused where a
    letter has no line, or says no without saying why."""
    make: Mapping[str, Callable[[paper.Letters], bytes]] = {
        ".pdf": paper.letters_pdf, ".docx": paper.letters_docx
    }  # fmt: skip
    if suffix.lower() not in make:
        raise Refused("letters.unknown_format", suffix=suffix)
    found = [x for x in letters_for(ctx, version) if not groups or x.group in groups]
    chosen = [x for x in found if x.printed]
    if not chosen or (groups and len(chosen) < len(set(groups))):
        raise Refused("letters.empty", group=", ".join(x.name for x in found if not x.printed))
    for letter in chosen:
        if any(x.no_reason for x in letter.printed):
            raise Refused("letters.no_reason", group=letter.name)
    project, now = projects.project_summary(ctx), ctx.now()
    with ctx.read() as conn:
        language = letter_language(conn)
    with speaking(language):
        data = make[suffix.lower()](
            paper.Letters(
                project.name, language, project.invented, now, day(now), ctx.member.name,
                tuple(
                    paper.Letter(
                        x.name, _paragraphs(x.greeting),
                        tuple((_paragraphs(line.said), _paragraphs(line.answer)) for line in x.printed),
                        _paragraphs(x.closing),
                    )
                    for x in chosen
                ),
            )
        )  # fmt: skip
    items = {version, *(i for x in chosen for line in x.printed for i in (line.item, *line.answers))}
    return ctx.keep_release("letters", data, items)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(p.strip() for p in text.split("\n") if p.strip())
