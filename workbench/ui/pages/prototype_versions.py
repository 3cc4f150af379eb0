"""Prototype, versions: freezing one, what each holds, and two beside each other in a reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import versioning
from workbench.services.context import Context
from workbench.services.versioning import Difference, Move, Reworded, VersionFacts
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import DiffRow, Row, Word, view

_NOW = "now"
_SIGNS = {"added": "added", "removed": "removed", "changed": "changed", "moved": "changed", "evidence": "same",
          "same": "same"}  # fmt: skip
_KINDS = ("component", "requirement", "category", "assumption", "tidier")
# So many unchanged words stay on each side of what was changed.
_AROUND = 12
_SHORT = 180


def draw(ctx: Context) -> None:
    facts = versioning.version_facts(ctx)
    if not facts:
        st.text(t("prototype.no_versions"))
        return
    _versions(facts)
    _compare(ctx, facts)


# -- freezing --------------------------------------------------------------------------------------------------


def freeze(ctx: Context, said: Any) -> None:
    """The button that freezes what is on the page now, and nothing that somebody changes meanwhile."""
    labels, seen = versioning.next_labels(ctx), versioning.as_it_stands(ctx)
    n, session_key = labels.n, f"freeze_kind_{labels.n}"
    kinds = {"new": labels.new} | ({"correction": labels.correction} if labels.correction else {})

    def pick() -> None:
        session.set_widget(f"freeze_label_{n}", kinds[session.widget(session_key) or "new"])

    with (
        st.popover(t("prototype.freeze", label=labels.new), type="primary", icon=":material/ac_unit:",
                   key=f"freeze_{n}"),
        st.container(width=420),
    ):  # fmt: skip
        if labels.correction:
            st.caption(t("prototype.cannot_change", last=labels.last, correction=labels.correction))
            st.segmented_control(t("prototype.what_is_it"), [*kinds], key=session_key, default="new", required=True,
                                 format_func=lambda k: t(f"prototype.freeze_{k}", label=kinds[k]), on_change=pick,
                                 label_visibility="collapsed")  # fmt: skip
        st.text_input(t("prototype.label"), key=f"freeze_label_{n}", value=labels.new)
        st.text_area(
            t("prototype.note"), key=f"freeze_note_{n}", height=90, placeholder=t("prototype.note_hint")
        )
        st.caption(t("prototype.freeze_note"))

        def freeze_it() -> None:
            attempt(versioning.freeze_version, ctx, label=session.widget(f"freeze_label_{n}") or "",
                    note=session.widget(f"freeze_note_{n}") or "", expects=seen, n=n, where=said)  # fmt: skip

        st.button(t("prototype.freeze_now"), key=f"freeze_now_{n}", type="primary", on_click=freeze_it)


# -- the versions ----------------------------------------------------------------------------------------------


def _versions(facts: Sequence[VersionFacts]) -> None:
    rows: list[Row] = []
    for f in reversed(facts):
        v = f.version
        held = [tn("prototype.components", f.components), tn("prototype.requirements", f.requirements),
                tn("prototype.themes", f.themes)]  # fmt: skip
        if f.changes:
            held.append(tn("prototype.changes", f.changes))
        row: Row = {"text": v.label, "state": "good", "word": t("prototype.frozen"),
                    "note": " · ".join(x for x in (t("prototype.frozen_on", at=day(v.frozen_at)), *held, v.note) if x),
                    "href": session.link("prototype", part="feedback", version=v.id),
                    "link": tn("prototype.feedback", f.feedback) if f.feedback else t("prototype.keep_feedback")}  # fmt: skip
        rows.append(row)
    with st.container(width=980):
        view("rows", {"rows": rows}, key="versions")


def _compare(ctx: Context, facts: Sequence[VersionFacts]) -> None:
    names = {f.version.id: f.version.label for f in facts} | {_NOW: t("prototype.now")}
    ids = [f.version.id for f in facts]
    st.space("small")
    st.header(t("prototype.compare"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=220):
            old = st.selectbox(t("prototype.from"), ids, index=max(len(ids) - 2, 0), key="compare_old",
                               format_func=names.__getitem__)  # fmt: skip
        with st.container(width=220):
            later = [*ids[ids.index(old) + 1 :], _NOW] if old in ids else [_NOW]
            new = st.selectbox(t("prototype.to"), later, key=f"compare_new_{old}",
                               format_func=names.__getitem__)  # fmt: skip
        all_of_it = st.toggle(t("prototype.show_same"), key="show_same")
    found = attempt(versioning.compare_versions, ctx, old, None if new == _NOW else new)
    if found is not None:
        st.text(counts(found))
        with st.container(width=980):
            difference(found, "compare", all_of_it)


def counts(found: Sequence[Difference]) -> str:
    """What a comparison found, as a sentence of counts."""
    parts = [
        tn(f"prototype.n_{change}", n)
        for change in ("added", "removed", "changed", "moved", "evidence", "same")
        if (n := sum(d.change == change for d in found))
    ]
    decided = sum(d.planned for d in found if d.change != "same")
    said = t("prototype.counts", what=", ".join(parts))
    return f"{said} {tn('prototype.n_decided', decided)}" if decided else said


def difference(found: Sequence[Difference], key: str, all_of_it: bool = False) -> None:
    """A comparison by kind: what came, went, changed word by word, moved, or rests on other evidence now."""
    shown = [d for d in found if all_of_it or d.change != "same"]
    if not shown:
        st.text(t("prototype.nothing_changed"))
    for kind in _KINDS:
        rows = [_diff_row(d) for d in shown if d.kind == kind]
        if rows:
            st.markdown(f"**{t(f'prototype.kind_{kind}')}**", anchors=False)
            view("diff", {"rows": rows}, key=f"{key}_{kind}")


def _diff_row(d: Difference) -> DiffRow:
    """The row of a thing: its name or statement, word by word where that changed, then each other field that reads
    otherwise; under it what else is to be said."""
    row: DiffRow = {"change": _SIGNS[d.change]}  # type: ignore[typeddict-item]
    if d.key and d.kind in ("requirement", "assumption"):
        row["key"] = d.key
    if d.fields:
        first, others = _parted(d)
        row["words"] = _words(first.words) if first is not None else [{"op": "same", "text": _shown(d)}]
        for f in others:
            row["words"] += [{"op": "same", "text": f" · {_field(d, f)}: "}, *_words(f.words)]
    else:
        row["text"] = _shown(d)
    if d.change == "evidence":
        row["state"] = (
            "open"  # a fact about two versions; whether the thing is in doubt is told where it stands today
        )
        row["word"] = t(
            "prototype.answers_changed" if d.kind == "component" else "prototype.evidence_changed"
        )
    elif d.change == "moved":
        row["state"], row["word"] = "open", t("prototype.moved_word")
    if note := " ".join(_sentences(d)):
        row["note"] = note
    if d.change != "same" and d.decisions:
        row["link"] = d.decisions[-1].key
        row["href"] = session.link("decisions", decision=d.decisions[-1].key)
    return row


def _parted(d: Difference) -> tuple[Reworded | None, list[Reworded]]:
    """The change of what the thing is read by, if that changed, and the other fields that did."""
    first = {"requirement": "statement", "category": "heading", "component": "name", "assumption": "text"}
    here = next((f for f in d.fields if f.name == first.get(d.kind)), None)
    return here, [f for f in d.fields if f is not here]


def _shown(d: Difference) -> str:
    return d.label if d.kind == "tidier" else d.name


def _field(d: Difference, f: Reworded) -> str:
    return t(f"prototype.field_{f.name}") if d.kind != "tidier" else t("prototype.field_text")


def _words(pieces: Sequence[tuple[str, str]]) -> list[Word]:
    """The pieces with spaces between them; a long stretch that is the same gives way to dots."""
    words: list[Word] = []
    for n, (op, text) in enumerate(pieces):
        if op == "same":
            said = text.split()
            before, after = (_AROUND if n else 0), (_AROUND if n < len(pieces) - 1 else 0)
            if len(pieces) > 1 and len(said) > before + after + 4:
                text = " ".join([*said[:before], "…", *(said[-after:] if after else [])])
        words += [{"op": "same", "text": " "}] if words else []
        words.append({"op": op, "text": text})  # type: ignore[typeddict-item]
    return words


def _sentences(d: Difference) -> list[str]:
    """Under a row: where it moved, what came and went beneath it, what was decided and agreed."""
    said = [x for m in d.moves for x in _moved(m)]
    if d.change not in ("same", "added", "removed"):
        said += _evidence(d)
        if d.speaks_against:
            said.append(t("prototype.speaks_against"))
    if d.change != "same":
        said += [t("prototype.decided", key=x.key, outcome=_short(x.outcome)) for x in d.decisions]
        said += [t("prototype.caused", key=x.key, agreed=_short(x.agreed or x.possible)) for x in d.changes]
    return said


def _moved(move: Move) -> list[str]:
    both = (
        "_first" if move.first else "_both" if move.went and move.came else "_came" if move.came else "_went"
    )
    return [t(f"prototype.moved_{move.by}{both}", went=_list(move.went), came=_list(move.came))]


def _evidence(d: Difference) -> list[str]:
    """What came, went and was reworded: by name where it has one, else counted; with whose words they are."""
    said = []
    # What has moved has been said by then.
    moved = {name for m in d.moves for name in (*m.went, *m.came)}
    for how, n in (("came", d.came - d.reworded), ("went", d.went - d.reworded), ("reworded", d.reworded)):
        named = [(kind, name) for what, kind, name in d.named if what == how]
        told = [name.partition(" ")[0] if kind == "requirement" else t("prototype.quoted", name=_short(name))
                for kind, name in named if name not in moved]  # fmt: skip
        if told:
            said.append(t(f"prototype.{how}_named", what=", ".join(told)))
        if rest := n - len(named):
            said.append(tn(f"prototype.{how}", rest))
    if said and d.groups:
        said.append(t("prototype.whose", groups=_list(d.groups)))
    return said


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def _short(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip() + "…"
