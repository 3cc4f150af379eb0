"""Import of transcripts: what was understood of each file, who its speakers are, and keeping them.

What the person has said about the files lies in the session as plain drafts, by file, and is forgotten with
them. The files themselves stay with Streamlit's uploader and are read again when they are imported; of what
was read, only what the preview shows is kept meanwhile.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from workbench.domain.errors import ImportRejected, WorkbenchError
from workbench.domain.transcripts import ParsedTranscript
from workbench.language import day, t, tn
from workbench.services import people, sources
from workbench.services.context import Context
from workbench.services.people import PeopleView
from workbench.services.sources import NewPerson
from workbench.ui import session
from workbench.ui.call import sentence
from workbench.ui.components.view import view
from workbench.ui.text import literal

LANGUAGES = ("en", "da")
_MB = 25
_SHOWN = 6  # turns in the preview
_NEW = ("new:informant", "new:interviewer", "new:facilitator")
_WIDTHS = {"label": 150, "who": 160, "pseudonym": 130, "group": 200}  # of a speaker's row, in pixels
_CODE = re.compile(r"[^\W\d_]{1,3}\d{1,3}")  # P03, KOM2: a pseudonym already
_UNKNOWN = re.compile(r"(?i)(unknown|ukendt)[ _-]?\d{0,3}")

Facts = dict[str, Any]
Plan = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """The files in hand as they were read, and who is known already."""

    facts: dict[str, Facts]
    seen: PeopleView


# -- drafts ------------------------------------------------------------------------------------------------


def start() -> None:
    """Show the import instead of the list. Usable in a callback."""
    session.keep_draft("sources.importing", True)
    session.keep_draft("sources.results", None)


def stop() -> None:
    """Back to the list; what was said about the files is forgotten, and the files with it."""
    for name in ("importing", "plan", "edits", "same", "read", "at", "safe"):
        session.keep_draft(f"sources.{name}", None)
    session.keep_draft("sources.turn", _turn() + 1)


def _turn() -> int:
    """Which round of files this is: part of every widget's key, so that a second press finds nothing."""
    return int(session.draft("sources.turn", 0))


def _plan(file: str) -> Plan:
    """What was said about a file so far."""
    return dict(session.draft("sources.plan", {}).get(file, {}))


def _say(file: str, name: str, value: Any) -> None:
    plans = session.draft("sources.plan", {})
    session.keep_draft("sources.plan", {**plans, file: {**plans.get(file, {}), name: value}})


def _keep(file: str, name: str, key: str) -> None:
    _say(file, name, session.widget(key))


# -- the screen --------------------------------------------------------------------------------------------


def show(ctx: Context) -> None:
    """The uploader; once there are files, the list of them beside the one in hand."""
    turn = _turn()
    uploaded = st.file_uploader(
        t("sources.drop"),  # of any kind: a file that cannot be read is refused with a sentence of ours
        accept_multiple_files=True,
        max_upload_size=_MB,
        key=f"sources_files_{turn}",
    )
    st.caption(t("sources.vault"))
    if not uploaded:
        session.keep_draft("sources.read", None)
        return
    files = {f.file_id: f for f in uploaded}
    batch = Batch(_read(files), people.people_view(ctx))
    problems = {id: _problem(batch, id) for id in files}
    at = session.draft("sources.at")
    if at not in files:
        # Files with something to mend come first in mind, but the first is what one expects to see.
        at = next(iter(files))
    n = sum(problem is None for problem in problems.values())
    st.space("xsmall")
    left, right = st.columns([1, 2.1], gap="large")
    with left:
        st.subheader(tn("sources.files", len(files)), anchor=False)
        view(
            "rows",
            {"rows": [_file_row(id, batch.facts[id], problems[id], id == at) for id in files]},
            key=f"sources_list_{turn}",
            on_select=lambda id: session.keep_draft("sources.at", id),
        )
        st.button(
            tn("sources.import", n) if n == len(files) else t("sources.import.some", n=n, of=len(files)),
            key=f"sources_import_{turn}",
            type="primary",
            disabled=n == 0,
            on_click=_import,
            args=(ctx, turn),
        )
        if n == 0:
            st.caption(t("sources.import.none"))
    with right, st.container(key=f"sources_file_{turn}"):
        _file(ctx, at, batch)


def _read(files: dict[str, Any]) -> dict[str, Facts]:
    """What the preview shows of each file, read where it is not yet known under its layout and encoding."""
    known: dict[str, Facts] = session.draft("sources.read", {})
    now: dict[str, Facts] = {}
    keys = {
        id: "|".join((id, _plan(id).get("layout") or "", _plan(id).get("encoding") or "")) for id in files
    }
    new = [id for id in files if keys[id] not in known]
    have = len(sources.list_sources(session.context()))
    by_choice: dict[tuple[str | None, str | None], list[str]] = {}
    for id in new:
        by_choice.setdefault((_plan(id).get("layout"), _plan(id).get("encoding")), []).append(id)
    for (layout, encoding), ids in by_choice.items():
        with st.spinner(t("sources.reading"), show_time=False):
            contents = [(files[id].name, files[id].getvalue()) for id in ids]
            found = sources.preview(contents, layout=layout, encoding=encoding)
        for id, one in zip(ids, found, strict=True):
            now[keys[id]] = _facts(files[id].name, one, have + list(files).index(id) + 1)
    now |= {k: v for k, v in known.items() if k in keys.values()}
    session.keep_draft("sources.read", now)
    return {id: now[keys[id]] for id in files}


def _facts(name: str, found: ParsedTranscript | ImportRejected, n: int) -> Facts:
    """The part of a reading that is shown, as plain values."""
    if isinstance(found, ImportRejected):
        return {"name": name, "refused": sentence(found)}
    kind, words_of = sources.proposed_source_kind(found)
    return {
        "name": name, "refused": None, "layout": found.layout, "encoding": found.encoding,
        "layouts": list(sources.layouts_for(found)), "words": found.words, "turns": len(found.turns),
        "times": any(turn.t0_ms is not None for turn in found.turns), "speakers": found.speakers,
        "first": [[turn.speaker or "", turn.text[:280]] for turn in found.turns[:_SHOWN]],
        "notices": [t(n.code, **dict(n.params)) for n in found.notices],
        "kind": kind, "words_of": words_of, "language": sources.proposed_language(found),
        "title": sources.proposed_title(kind, n),
    }  # fmt: skip


def _value(id: str, facts: Facts, name: str) -> Any:
    """What was said about a file, else what is proposed."""
    return _plan(id).get(name, facts.get(name))


def _file_row(id: str, one: Facts, problem: str | None, current: bool) -> dict[str, Any]:
    # A name without spaces may break after an underscore or a dot.
    row = {"id": id, "text": re.sub(r"([_.])", "\\1\u200b", one["name"]), "current": current}
    if one["refused"]:
        return row | {"state": "doubt", "word": t("sources.not_taken"), "note": t("sources.not_taken")}
    voices = tn("sources.speakers", len(one["speakers"])) if one["speakers"] else t("sources.speakers.none")
    heard = f"{voices} · {tn('sources.words', one['words'])}"
    if problem:
        return row | {"state": "open", "word": t("state.open"), "note": f"{heard}. {problem}"}
    return row | {"state": "good", "word": t("sources.ready"), "note": heard}


def _problem(batch: Batch, id: str) -> str | None:
    """Why a file cannot be imported as things stand, as a sentence; None when it can."""
    one = batch.facts[id]
    if one["refused"]:
        return str(one["refused"])
    if not str(_value(id, one, "title") or "").strip():
        return t("source.needs_title")
    taken = {p.pseudonym.casefold() for p in batch.seen.participants}
    for label in one["speakers"]:
        person = _person(batch, id, label)
        if person["who"] in _NEW:
            name = str(person["pseudonym"] or "").strip()
            if not name:
                return t("sources.needs_pseudonym", label=label)
            if name.casefold() in taken:
                return t("sources.pseudonym_taken", name=name)
    return None


# -- one file ----------------------------------------------------------------------------------------------


def _file(ctx: Context, id: str, batch: Batch) -> None:
    one = batch.facts[id]
    st.subheader(literal(one["name"]), anchor=False)
    if one["refused"]:
        st.markdown(f":red[▲] {literal(one['refused'])}", anchors=False)
        return
    key = f"sources_{_turn()}_{id}"

    def field(name: str) -> dict[str, Any]:
        return {"key": f"{key}_{name}", "on_change": _keep, "args": (id, name, f"{key}_{name}")}

    _understood(id, one, key)
    kinds, whose = list(sources.KINDS), list(sources.WORDS_OF)
    st.text_input(t("sources.title"), _value(id, one, "title"), max_chars=120, **field("title"))
    sessions = {s.id: s for s in sources.list_sessions(ctx)}
    options = ["own", *sessions, "none"]
    chosen = _value(id, one, "session") or "own"
    with st.container(horizontal=True, gap="small"):  # wraps where it is narrow
        st.selectbox(
            t("sources.kind"), kinds, kinds.index(_value(id, one, "kind")), width=160,
            format_func=lambda k: t(f"sources.kind.{k}"), **field("kind"),
        )  # fmt: skip
        st.selectbox(
            t("sources.words_of"), whose, whose.index(_value(id, one, "words_of")), width=210,
            format_func=lambda w: t(f"sources.words_of.{w}"), **field("words_of"),
        )  # fmt: skip
        st.selectbox(
            t("sources.language"), LANGUAGES, LANGUAGES.index(_value(id, one, "language")), width=130,
            format_func=lambda x: t(f"sources.language.{x}"), **field("language"),
        )  # fmt: skip
        st.selectbox(
            t("sources.session"), options, options.index(chosen) if chosen in options else 0, width=300,
            format_func=lambda s: session_name(sessions[s]) if s in sessions else t(f"sources.session.{s}"),
            **field("session"),
        )  # fmt: skip
        if chosen == "own":
            st.date_input(
                t("sources.date"),
                _date(_value(id, one, "date")),
                format="DD/MM/YYYY",
                width=160,
                **field("date"),
            )
    st.space("xsmall")
    _speakers(id, batch)
    st.space("xsmall")
    st.markdown(f"**{t('sources.begins')}**", anchors=False)
    view(
        "rows",
        {"rows": [{"key": label, "text": text, "serif": True} for label, text in one["first"]]},
        key=f"{key}_first",
    )
    if one["turns"] > _SHOWN:
        st.caption(tn("sources.more_turns", one["turns"] - _SHOWN))


def _understood(id: str, one: Facts, key: str) -> None:
    """How the file was read, what to know about it, and the way to have it read otherwise."""
    parts = [t(f"import.layout.{one['layout']}"), tn("sources.turns", one["turns"]),
             tn("sources.words", one["words"]), t("sources.times" if one["times"] else "sources.no_times")]  # fmt: skip
    if one["encoding"]:
        parts.append(one["encoding"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":gray[{literal(' · '.join(parts))}]", anchors=False, width="content")
        otherwise = st.container(width="content")
    if one["notices"]:
        notices = [{"state": "none", "word": t("sources.notice"), "text": n} for n in one["notices"]]
        view("rows", {"rows": notices}, key=f"{key}_notices")
    with (
        otherwise,
        st.popover(t("sources.otherwise"), type="tertiary", icon=":material/tune:", key=f"{key}_otherwise"),
    ):
        layouts = [None, *one["layouts"]]
        st.selectbox(
            t("sources.layout"), layouts, _at(layouts, _plan(id).get("layout")), key=f"{key}_layout",
            format_func=lambda x: t(f"import.layout.{x}") if x else t("sources.as_found"),
            on_change=_keep, args=(id, "layout", f"{key}_layout"),
        )  # fmt: skip
        if one["encoding"]:
            encodings = [None, *sources.ENCODINGS]
            st.selectbox(
                t("sources.encoding"), encodings, _at(encodings, _plan(id).get("encoding")), key=f"{key}_encoding",
                format_func=lambda x: x or t("sources.as_found"),
                on_change=_keep, args=(id, "encoding", f"{key}_encoding"),
            )  # fmt: skip


def _at(options: list[str | None], value: str | None) -> int:
    return options.index(value) if value in options else 0


def _date(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def session_name(s: Any) -> str:
    """A session in a list of choices: its title and its day."""
    return f"{s.title}, {day(s.date)}" if s.date else str(s.title)


# -- who speaks --------------------------------------------------------------------------------------------


def _scope(batch: Batch, id: str, label: str) -> str:
    """Where what is said about a label holds: in all files that have it, or in this one."""
    files = [x for x, one in batch.facts.items() if not one["refused"] and label in one["speakers"]]
    if len(files) < 2:
        return id
    asks = sources.proposed_kind(label) == "interviewer"
    return "*" if session.draft("sources.same", {}).get(label, asks or not sources.is_neutral(label)) else id


def _person(batch: Batch, id: str, label: str) -> Facts:
    """Who a label is: {"who", "pseudonym", "group"}; what was chosen stands over what is proposed."""
    known = batch.seen.participants
    same = next((p for p in known if p.pseudonym.casefold() == label.strip().casefold()), None)
    asks = sources.proposed_kind(label) == "interviewer"
    scope = _scope(batch, id, label)
    edited = session.draft("sources.edits", {}).get(f"{scope}\t{label}", {})
    proposed: Facts = {"who": same.id if same else "new:informant", "group": _plan(id).get("group")}
    if asks and not same:
        asker = next(
            (p for p in known if p.kind == "interviewer" and p.pseudonym == t("sources.interviewer")), None
        )
        proposed |= {"who": asker.id if asker else "new:interviewer"}
    elif _UNKNOWN.fullmatch(label.strip()):
        proposed |= {"who": "nobody"}
    proposed["pseudonym"] = _pseudonym(batch, id, label)
    return proposed | edited


def _pseudonym(batch: Batch, id: str, label: str) -> str:
    """A pseudonym to begin with: the label where it is one, never what may be a real name."""
    if sources.proposed_kind(label) == "interviewer":
        return t("sources.interviewer")
    if session.draft("sources.safe", False) or _CODE.fullmatch(label.strip()):
        return label.strip()
    last = max(
        (int(m[1]) for p in batch.seen.participants if (m := re.fullmatch(r"P(\d+)", p.pseudonym))),
        default=0,
    )
    order: dict[tuple[str, str], int] = {}
    for file, one in batch.facts.items():
        for other in one.get("speakers", ()):
            if sources.proposed_kind(other) == "informant" and not _CODE.fullmatch(other.strip()):
                order.setdefault((_scope(batch, file, other), other), len(order) + 1)
    return f"P{last + order[_scope(batch, id, label), label]}"


def _edit(scope: str, label: str, name: str, key: str) -> None:
    edits = session.draft("sources.edits", {})
    at = f"{scope}\t{label}"
    session.keep_draft("sources.edits", {**edits, at: {**edits.get(at, {}), name: session.widget(key)}})


def _speakers(id: str, batch: Batch) -> None:
    one, seen = batch.facts[id], batch.seen
    turn = _turn()
    st.markdown(f"**{t('sources.who_speaks')}**", anchors=False)
    if not one["speakers"]:
        st.text(t("sources.no_speakers"))
        return
    known = {p.id: p.pseudonym for p in seen.participants}
    groups = {g.group.id: g.group.name for g in seen.groups}
    typed = [e["group"] for e in session.draft("sources.edits", {}).values() if e.get("group")]
    typed += [p["group"] for p in session.draft("sources.plan", {}).values() if p.get("group")]
    choices: list[str | None] = [None, *groups, *dict.fromkeys(g for g in typed if g not in groups)]

    def group_name(g: str | None) -> str:
        return groups.get(g, g) if g else t("people.no_group")

    key = f"sources_{turn}_{id}_group"
    with st.container(horizontal=True, gap="medium"):
        st.segmented_control(
            t("sources.labels_are"), (False, True), default=bool(session.draft("sources.safe", False)), required=True,
            format_func=lambda x: t("sources.labels.safe" if x else "sources.labels.unsure"),
            key=f"sources_safe_{turn}",
            on_change=lambda: session.keep_draft("sources.safe", session.widget(f"sources_safe_{turn}")),
        )  # fmt: skip
        st.selectbox(
            t("sources.group_of_all"), choices, _at(choices, _plan(id).get("group")), format_func=group_name, key=key,
            accept_new_options=True, placeholder=t("sources.group.type"), on_change=_keep, args=(id, "group", key),
            width=260,
        )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for name, width in _WIDTHS.items():
            st.caption(t(f"sources.column.{name}"), width=width)
    files = Counter(label for x in batch.facts.values() if not x["refused"] for label in x["speakers"])
    for n, (label, turns) in enumerate(one["speakers"].items()):
        _speaker(batch, id, n, label, turns, known, choices, group_name, files[label])


def _speaker(
    batch: Batch, id: str, n: int, label: str, turns: int,
    known: dict[str, str], choices: list[str | None], group_name: Any, files: int,
) -> None:  # fmt: skip
    """One row: the label, who it is, and for somebody new the pseudonym and group."""
    scope = _scope(batch, id, label)
    person = _person(batch, id, label)
    # The key changes with what is proposed, so that a new proposal is shown; what was typed stands in the edits.
    key = f"sources_{_turn()}_{id}_{n}_{scope == '*'}_{bool(session.draft('sources.safe'))}"

    def field(name: str) -> dict[str, Any]:
        return {"key": f"{key}_{name}", "on_change": _edit, "args": (scope, label, name, f"{key}_{name}"),
                "label_visibility": "collapsed", "width": _WIDTHS[name]}  # fmt: skip

    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    row.markdown(
        f"{literal(label)}  \n:gray[:small[{tn('sources.turns', turns)}]]",
        anchors=False,
        width=_WIDTHS["label"],
    )
    options = [*_NEW, *known, "nobody"]
    row.selectbox(
        t("sources.who", label=label), options, options.index(person["who"]) if person["who"] in options else 0,
        format_func=lambda w: known[w] if w in known else t(f"sources.who.{w}"), **field("who"),
    )  # fmt: skip
    if person["who"] in _NEW:
        row.text_input(
            t("sources.pseudonym_of", label=label), person["pseudonym"], max_chars=60, **field("pseudonym")
        )
    if person["who"] == "new:informant":
        if person["group"] is not None and person["group"] not in choices:
            choices = [*choices, person["group"]]
        inherited = _plan(id).get("group") if "group" not in _edited(scope, label) else ""
        row.selectbox(
            t("sources.group_for", label=label), choices, _at(choices, person["group"]), format_func=group_name,
            accept_new_options=True, placeholder=t("sources.group.type"),
            **(field("group") | {"key": f"{key}_group_{inherited}",
                                 "args": (scope, label, "group", f"{key}_group_{inherited}")}),
        )  # fmt: skip
    if files > 1:
        same = f"sources_same_{_turn()}_{id}_{n}"

        def keep() -> None:
            chosen = {**session.draft("sources.same", {}), label: session.widget(same)}
            session.keep_draft("sources.same", chosen)

        st.checkbox(t("sources.same", label=literal(label), n=files), scope == "*", key=same, on_change=keep)


def _edited(scope: str, label: str) -> Facts:
    return dict(session.draft("sources.edits", {}).get(f"{scope}\t{label}", {}))


# -- keeping -----------------------------------------------------------------------------------------------


def _import(ctx: Context, turn: int) -> None:
    """Import every file that is ready, each on its own; a refused one stops none of the others."""
    if turn != _turn():
        return  # pressed twice
    files = {f.file_id: f for f in session.widget(f"sources_files_{turn}") or ()}
    batch = Batch(_read(files), people.people_view(ctx))
    # Who is who is settled before anything is added: what is proposed depends on who is known already.
    wanted = {id: _wanted(batch, id) for id in files if not batch.facts[id]["refused"]}
    problems = {id: _problem(batch, id) for id in files}
    results: list[dict[str, Any]] = []
    for id, file in files.items():
        one, problem = batch.facts[id], problems[id]
        source = None
        if problem is None:
            try:
                source = _import_one(ctx, id, file, one, wanted[id])
            except WorkbenchError as error:
                problem = sentence(error)
        if problem is not None:
            results.append(
                {"text": t("sources.was_not", name=one["name"]), "state": "doubt", "note": problem}
            )
        else:
            results.append(
                {"text": str(_value(id, one, "title")).strip(), "state": "good", "word": t("sources.was"),
                 "note": tn("sources.words", one["words"]), "source": source}
            )  # fmt: skip
    stop()
    session.keep_draft("sources.results", results)


def _wanted(batch: Batch, id: str) -> dict[str, NewPerson | str | None]:
    """Label -> who it is to be."""
    wanted: dict[str, NewPerson | str | None] = {}
    for label in batch.facts[id]["speakers"]:
        person = _person(batch, id, label)
        who = person["who"]
        if who in _NEW:
            kind = who.partition(":")[2]
            group = person["group"] if kind == "informant" else None
            wanted[label] = NewPerson(str(person["pseudonym"]).strip(), kind, group or None)
        else:
            wanted[label] = None if who == "nobody" else who
    return wanted


def _import_one(
    ctx: Context, id: str, file: Any, one: Facts, wanted: dict[str, NewPerson | str | None]
) -> str:
    """Keep one file: its people and session, then the source, which is one operation. Returns its id."""
    plan = _plan(id)
    data = file.getvalue()
    found = sources.preview([(file.name, data)], layout=plan.get("layout"), encoding=plan.get("encoding"))[0]
    if isinstance(found, ImportRejected):
        raise found
    title, kind = str(_value(id, one, "title")).strip(), _value(id, one, "kind")
    held = _value(id, one, "session") or "own"
    speakers = sources.settle_people(ctx, wanted)
    if held == "own":
        on = _date(_value(id, one, "date"))
        kinds = {"workshop": "workshop", "meeting": "meeting"}
        held = "none" if kind in ("record", "literature") else sources.add_session(
            ctx, kind=kinds.get(kind, "interview"), title=title, date=on.isoformat() if on else None
        )  # fmt: skip
    return sources.import_source(
        ctx, found, data, title=title, kind=kind, words_of=_value(id, one, "words_of"),
        language=_value(id, one, "language"), session=None if held == "none" else held, speakers=speakers,
    )  # fmt: skip
