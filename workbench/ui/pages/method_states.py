"""Frozen states of the analysis: keeping one, and what has become of the analysis since, each count a door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, can
from workbench.domain.stc import MIXED
from workbench.language import day, t, tn
from workbench.services import people, states
from workbench.services.context import Context
from workbench.services.states import Comparison, GroupChange, State, TextChange, UnitChange, UnitWords, Words
from workbench.ui import session
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components.view import Unit, Word, view
from workbench.ui.text import literal

SHOWN = 40  # units in the drawer
_REFUSED = "method_states.refused"
_CHANGES = {"added": "added", "removed": "removed", "changed": "changed", "same": "same", "erased": "removed"}


def draw(ctx: Context) -> None:
    known = states.list_states(ctx)
    if said := session.draft(_REFUSED):
        say(said)
        session.keep_draft(_REFUSED, None)
    may = can(ctx.member.role, Action.ANALYSE)
    if not known:
        st.text(t("method.states.empty"), width=640)
        if may:
            _freeze(ctx, open_=True)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="method_states_bar"):
        old, new = _choose(known)
        st.space("stretch")
        if may:
            _freeze(ctx, open_=False)
    found = attempt(states.compare_states, ctx, old.id, new.id if new else None)
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(literal(_about(found)), width="content")
        if may:
            _change(ctx, found.old)
    _compared(ctx, found)
    if behind := session.asked("behind"):
        _drawer(ctx, found, behind)


def _about(found: Comparison) -> str:
    return " · ".join(_who(s) for s in (found.old, found.new) if s)


def _who(s: State) -> str:
    who = t("method.states.who", label=s.label, who=s.who, day=day(s.frozen_at))
    return f"{who}: {s.note}" if s.note else who


# -- keeping and choosing ------------------------------------------------------------------------------------


def _freeze(ctx: Context, *, open_: bool) -> None:
    def keep() -> None:
        try:
            id = states.freeze_state(
                ctx, label=session.widget("state_label", ""), note=session.widget("state_note", "")
            )
        except WorkbenchError as error:
            session.keep_draft(_REFUSED, sentence(error))
            return
        session.set_widget("state_label", "")
        session.set_widget("state_note", "")
        session.ask(state=id, until=None, behind=None)

    place = st.container(width=420) if open_ else st.popover(
        t("method.states.freeze"), icon=":material/ac_unit:", key="method_freeze"
    )  # fmt: skip
    with place:
        st.text_input(t("method.states.label"), key="state_label", placeholder=t("method.states.label_hint"))
        st.text_area(t("method.states.note"), key="state_note", height=80)
        st.button(t("method.states.freeze_now"), key="state_freeze", type="primary", on_click=keep)


def _change(ctx: Context, state: State) -> None:
    """Another name or note; and out, as long as no file with it has left."""

    def keep() -> None:
        typed = session.widget("state_label_now", ""), session.widget("state_note_now", "")
        _try(lambda: states.change_state(ctx, state.id, rev=state.rev, label=typed[0], note=typed[1]))

    def out() -> None:
        _try(lambda: states.retire_state(ctx, state.id))
        session.ask(state=None, until=None, behind=None)

    with st.popover(t("method.states.change"), type="tertiary", key="method_state_change"):
        session.set_widget("state_label_now", state.label)
        session.set_widget("state_note_now", state.note)
        st.text_input(t("method.states.label"), key="state_label_now", on_change=keep)
        st.text_area(t("method.states.note"), key="state_note_now", height=80, on_change=keep)
        if state.left:
            st.caption(t("method.states.left"))
        else:
            st.button(t("method.states.take_out"), key="state_out", type="tertiary", on_click=out)


def _try(fn: Any) -> None:
    try:
        fn()
    except WorkbenchError as error:
        session.keep_draft(_REFUSED, sentence(error))


def _choose(known: Sequence[State]) -> tuple[State, State | None]:
    """The state, and what it is compared with: now, or another state."""
    by_id = {s.id: s for s in known}
    old = by_id.get(session.asked("state") or "", known[0])
    others = {s.id: s for s in known if s.id != old.id}
    new = others.get(session.asked("until") or "")
    session.set_widget("method_state", old.id)
    st.selectbox(
        t("method.states.state"), list(by_id), key="method_state", width=280, format_func=lambda id: _named(by_id[id]),
        on_change=lambda: session.ask(state=session.widget("method_state"), until=None, behind=None),
    )  # fmt: skip
    session.set_widget("method_until", new.id if new else "")
    st.selectbox(
        t("method.states.with"), ["", *others], key="method_until", width=280,
        format_func=lambda id: _named(others[id]) if id else t("method.now"),
        on_change=lambda: session.ask(until=session.widget("method_until") or None, behind=None),
    )  # fmt: skip
    return old, new


def _named(s: State) -> str:
    return literal(f"{s.label}, {day(s.frozen_at)}")


# -- what is different -----------------------------------------------------------------------------------------


def _compared(ctx: Context, found: Comparison) -> None:
    if found.same:
        st.text(t("method.states.same"))
        return
    if found.erased:
        st.text(tn("method.states.erased", found.erased))
    _units(found)
    _section("method.states.groups", [_group(g) for g in found.groups], key="states_groups")
    if found.condensates:
        names = {g.group.id: g.group.name for g in people.people_view(ctx).groups}
        rows = [_condensate(c, names) for c in found.condensates]
        _section("method.states.condensates", rows, key="states_condensates")
    _section(
        "method.states.categories",
        [r for c in found.categories for r in _category(c)],
        key="states_categories",
    )


def _section(title: str, rows: list[dict[str, Any]], *, key: str) -> None:
    """What changed, and in a line how much did not."""
    told = [r for r in rows if r["change"] != "same"]
    with st.container(gap="small"):
        st.subheader(t(title), anchor=False)
        view("diff", {"rows": told, "empty": t("method.states.unchanged")}, key=key, on_select=_door)
        if told and len(told) < len(rows):
            st.caption(t("method.states.others"))


def _door(id: str) -> None:
    session.ask(behind=id)


def _units(found: Comparison) -> None:
    rows = []
    for kind, units in (("came", found.came), ("went", found.went), ("moved", found.moved)):
        if units:
            rows.append(
                {"text": tn(f"method.states.{kind}", len(units)), "id": kind, "link": t("method.show")}
            )
    st.subheader(t("method.states.units"), anchor=False)
    view("rows", {"rows": rows, "empty": t("method.states.unchanged")}, key="states_units", on_select=_door)


def _group(g: GroupChange) -> dict[str, Any]:
    said = []
    if g.change == "removed":
        said.append(t("method.states.merged", name=g.into) if g.into else t("method.states.gone"))
        said.append(tn("method.states.held", g.n_was))
    if g.was:
        said.append(t("method.states.was", name=g.was))
    if g.split_from:
        said.append(t("method.states.split_from", name=g.split_from))
    if g.took:
        said.append(t("method.states.took", names="; ".join(g.took)))
    said += [_subgroup(*s) for s in g.subgroups]
    if g.change in ("changed", "added"):
        said.append(
            t("method.states.n", was=g.n_was, now=g.n_now)
            if g.change == "changed"
            else tn("tree.units", g.n_now)
        )
    row: dict[str, Any] = {"change": g.change, "text": g.name, "note": " · ".join(said)}
    if g.came or g.went:
        return row | {"id": f"group.{g.id}", "link": _came_went(g.came, g.went)}
    return row


def _subgroup(change: str, name: str, was: str) -> str:
    return t(f"method.states.subgroup.{change}", name=name, other=was)


def _came_went(came: Sequence[str], went: Sequence[str]) -> str:
    """The word one presses: +5 −2 units."""
    both = " ".join(x for x in (f"+{len(came)}" if came else "", f"−{len(went)}" if went else "") if x)
    return tn("method.states.signed", len(came) + len(went), signed=both)


def _condensate(c: TextChange, names: dict[str, str]) -> dict[str, Any]:
    said = []
    if c.moved_from:
        said.append(t("method.states.moved_from", place=" · ".join(x for x in c.moved_from if x)))
    if c.change == "changed" and c.was_voice != c.now_voice:
        said.append(t("method.states.voice", was=_voice(c.was_voice, names), now=_voice(c.now_voice, names)))
    row: dict[str, Any] = {
        "change": _CHANGES[c.change], "key": " · ".join(x for x in c.place if x), "note": " · ".join(said),
    }  # fmt: skip
    if c.change == "erased":
        return row | {"text": t("method.states.words_erased")}
    row["words"], row["condensate"] = _spaced(c.words), True
    if c.came or c.went:
        row |= {"id": f"condensate.{c.id}", "link": _came_went(c.came, c.went)}
    return row


def _spaced(words: Words) -> list[Word]:
    """The pieces with the spaces between them, which nothing underlines."""
    found: list[Word] = []
    for op, text in words:
        if found:
            found.append({"op": "same", "text": " "})
        found.append({"op": "same" if op == "same" else "ins" if op == "ins" else "del", "text": text})
    return found


def _voice(voice: str | None, names: dict[str, str]) -> str:
    if not voice:
        return t("method.states.voice.none")
    return t("method.states.voice.mixed") if voice == MIXED else names.get(voice, "?")


def _category(c: TextChange) -> list[dict[str, Any]]:
    """Its heading, and under it its text where that changed."""
    row: dict[str, Any] = {"change": _CHANGES[c.change], "key": c.place[0]}
    if c.change == "erased":
        return [row | {"text": t("method.states.words_erased")}]
    if c.was_status and c.now_status and c.was_status != c.now_status:
        row["note"] = t("method.states.status", was=t(f"tree.{c.was_status}"), now=t(f"tree.{c.now_status}"))
    row["words"] = _spaced(c.heading)
    found = [row]
    if any(op != "same" for op, _ in c.words):
        found.append({"change": _CHANGES[c.change], "key": t("method.states.text"),
                      "words": _spaced(c.words)})  # fmt: skip
    return found


# -- behind a count ----------------------------------------------------------------------------------------------


def _behind(found: Comparison, asked: str) -> tuple[str, list[UnitChange]]:
    """(what it is, its units), for what a door names; nothing where that is no longer there."""
    kind, _, id = asked.partition(".")
    every = {u.unit: u for u in (*found.came, *found.went, *found.moved)}

    def changes(units: Sequence[str]) -> list[UnitChange]:
        return [every.get(u, UnitChange(u, (), ())) for u in units]

    if kind in ("came", "went", "moved"):
        units = {"came": found.came, "went": found.went, "moved": found.moved}[kind]
        return tn(f"method.states.{kind}", len(units)), list(units)
    if kind == "group" and (g := next((x for x in found.groups if x.id == id), None)):
        return g.name, changes((*g.came, *g.went))
    if kind == "condensate" and (c := next((x for x in found.condensates if x.id == id), None)):
        return " · ".join(c.place), changes((*c.came, *c.went))
    return "", []


def _drawer(ctx: Context, found: Comparison, asked: str) -> None:
    said, changes = _behind(found, asked)
    if not changes:
        session.ask(behind=None)
        return
    came = {*(u.unit for u in found.came)}
    if asked.partition(".")[0] in ("group", "condensate"):
        parts: Sequence[GroupChange | TextChange] = (*found.groups, *found.condensates)
        came = {u for x in parts if x.id == asked.partition(".")[2] for u in x.came}

    @st.dialog(
        t("method.states.behind"),
        width="medium",
        position="right",
        on_dismiss=lambda: session.ask(behind=None),
    )
    def drawer() -> None:
        st.text(said)
        if asked.startswith("group.") and not found.new:
            onward = {"text": "", "link": t("method.states.all_units"),
                      "href": session.link("units", code_group=asked.partition(".")[2])}  # fmt: skip
            view("rows", {"rows": [onward]}, key="states_onward")
        words = {w.unit: w for w in attempt(states.words_of, ctx, [c.unit for c in changes[:SHOWN]]) or []}
        quotes = [_quote(c, words.get(c.unit), c.unit in came, asked) for c in changes[:SHOWN]]
        view("quote", {"quotes": quotes}, key="states_behind")
        if len(changes) > SHOWN:
            st.caption(tn("explore.more", len(changes) - SHOWN))

    drawer()


def _quote(change: UnitChange, words: UnitWords | None, came: bool, asked: str) -> Unit:
    places = " → ".join(p for p in (_places(change.was), _places(change.now)) if p)
    if asked.partition(".")[0] in ("group", "condensate"):
        sign = t("method.states.came.here") if came else t("method.states.went.here")
        places = f"{sign} · {places}" if places else sign
    found: Unit = {
        "text": words.text if words and words.text else t("method.states.no_words"),
        "note": places,
    }
    if words is None:
        return found
    if words.text:
        found["lang"] = words.language
    source, title, turn = words.place
    if not session.projector():
        found["by"] = ", ".join(words.speakers)
        found["where"] = t("model.where", source=title, turn=turn)
    found["link"] = t("model.in_context")
    found["href"] = session.link("code", source=source, unit=words.unit if words.is_live else None,
                                 turn=None if words.is_live else turn)  # fmt: skip
    return found


def _places(places: Sequence[tuple[str, str]]) -> str:
    return "; ".join(" · ".join(x for x in p if x) for p in places)
