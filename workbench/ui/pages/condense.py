"""Step 3, condense: sort a code group's units into subgroups, and write condensates beside their units."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.stc import MIXED
from workbench.language import clock, day, t, tn
from workbench.services import code_groups, condensing, people
from workbench.services.code_groups import GroupCount
from workbench.services.coding import UnitCard
from workbench.services.condensing import Board, CondensateView, SubgroupView
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.view import BoardColumn, Card, Group, view
from workbench.ui.kept import Row, kept_choice, kept_text
from workbench.ui.text import literal

ALL, LEFT, ASIDE = "all", "left", "aside"  # what is in focus besides a subgroup
NEW = "new"  # a condensate not written yet
_SAID = "condense.said"
_DONE, _ANSWERS = "condense.done", "condense.answers"  # what became of the board's acts, by their id
_REMEMBERED = 200


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.condense"))
    counts = code_groups.code_group_counts(ctx)
    if not counts:
        st.title(t("condense.title"), anchor=False)
        st.text(t("condense.no_groups"))
        st.page_link(
            shell.screen_page("code"), label=t("condense.to_code"), icon=":material/ink_highlighter:"
        )
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="condense_bar"):
        group = _choose_group(counts)
    board = condensing.board(ctx, group)
    focus = _choose_focus(board)
    said = st.container(key="condense_message")
    if text := session.draft(_SAID):
        say(text, said)
        session.keep_draft(_SAID, None)
    facts = _Facts(ctx, board, counts)
    found = next((s for s in board.subgroups if s.subgroup.id == focus), None)
    if found is not None:
        _subgroup(facts, found)
    elif focus == ALL:
        _columns(facts)
    else:
        _loose(facts, focus)


# -- what is in focus --------------------------------------------------------------------------------------


def _choose_group(counts: Sequence[GroupCount]) -> str:
    ids = [c.group.id for c in counts]
    words = {c.group.id: f"{c.group.tag}  {c.group.name}  ·  {c.units}" for c in counts}
    asked = session.asked("group")
    now = asked if asked in ids else session.draft("condense.group")
    now = now if now in ids else ids[0]
    session.ask(group=now)
    session.keep_draft("condense.group", now)
    session.set_widget("condense_group", now)

    def choose() -> None:
        session.ask(group=session.widget("condense_group"), subgroup=None)

    st.selectbox(t("condense.group"), ids, key="condense_group", format_func=lambda id: words[id],
                 label_visibility="collapsed", width=340, on_change=choose)  # fmt: skip
    return str(now)


def _choose_focus(board: Board) -> str:
    """All side by side, one subgroup, what is left over, or what is set aside; the address says which."""
    subgroups = {s.subgroup.id: s for s in board.subgroups}
    options = [*([ALL] if subgroups else []), *subgroups, LEFT, *([ASIDE] if board.set_aside else [])]
    asked = session.asked("subgroup")
    now = asked if asked in options else options[0]
    session.ask(subgroup=now)  # said, so that the first subgroup made does not change what one looks at
    stale = {id for id, s in subgroups.items() if any(c.stale for c in s.condensates)}
    sizes = {
        ALL: sum(len(s.cards) for s in board.subgroups),
        LEFT: len(board.left_over),
        ASIDE: len(board.set_aside),
    }

    def label(id: str) -> str:
        if id in subgroups:
            name = subgroups[id].subgroup.name
            short = name if len(name) <= 26 else name[:25].rstrip(" ,") + "…"
            mark = " :red[▲]" if id in stale else ""
            return f"{literal(short)} :gray[{len(subgroups[id].cards)}]{mark}"
        return f"{t(f'condense.{id}')} :gray[{sizes[id]}]"

    session.set_widget("condense_focus", now)
    st.pills(
        t("condense.focus"),
        options,
        key="condense_focus",
        format_func=label,
        required=True,
        label_visibility="collapsed",
        wrap=True,
        on_change=lambda: session.ask(subgroup=session.widget("condense_focus")),
    )
    return str(now)


# -- acts --------------------------------------------------------------------------------------------------


def _try(fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """A service call in a callback; what it refuses is said above the board in the run that follows."""
    try:
        return fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft(_SAID, sentence(error))
        return None


def _receive(ctx: Context, sent: str) -> None:
    """What the board sent: all its unanswered acts as JSON; or a plain id, the subgroup to look at.

    An act may come twice, so each is done once. What became of it is noted at once, in what the session holds
    already: a run can be broken off at any touch of the session state, and the board then sends again."""
    try:
        acts = json.loads(sent)
    except ValueError:
        acts = None
    if not isinstance(acts, list):
        session.ask(subgroup=sent)
        return
    done: dict[str, str | None] = session.draft(_DONE) or {}
    session.keep_draft(_DONE, done)
    for act in acts:
        id = str(act["id"])
        if id in done:
            continue
        try:
            _act(ctx, act)
            done[id] = None
        except WorkbenchError as error:
            done[id] = sentence(error)
    for old in list(done)[:-_REMEMBERED]:
        del done[old]
    session.keep_draft(_ANSWERS, {id: done[id] for a in acts if (id := str(a["id"])) in done})


def _act(ctx: Context, act: dict[str, Any]) -> None:
    """One act, on what it says it is about: the board may show something else by now."""
    group, subgroup, condensate = act["group"], act["subgroup"], act["condensate"]
    match act["do"]:
        case "move":
            condensing.move_units(ctx, group, act["units"], None if act["to"] == LEFT else act["to"])
        case "new":
            condensing.add_subgroup(ctx, group, name=act["text"], units=act["units"])
        case "aside":
            condensing.set_units_aside(ctx, group, act["units"], act["text"])
        case "ticks":
            at = session.draft(f"condense.at.{subgroup}")
            # Ticked before there was a text, which has been written meanwhile.
            condensate = condensate or (at if at != NEW else None)
            name = f"condense.ticks.{subgroup}"
            held = _covers(ctx, group, condensate) if condensate else set(session.draft(name, []))
            now = sorted((held | set(act["on"])) - set(act["off"]))
            if condensate:
                condensing.set_covers(ctx, condensate, now)
            else:
                session.keep_draft(name, now)
        case "golden" if condensate:
            condensing.set_golden(ctx, condensate, act["unit"])


def _covers(ctx: Context, group: str, condensate: str) -> set[str]:
    """The units a condensate holds as it is now."""
    found = (c for s in condensing.board(ctx, group).subgroups for c in s.condensates)
    return next((set(c.covers) for c in found if c.condensate.id == condensate), set())


# -- the board ---------------------------------------------------------------------------------------------


class _Facts:
    """What every part of the page needs to draw units."""

    def __init__(self, ctx: Context, board: Board, counts: Sequence[GroupCount]) -> None:
        self.ctx, self.board = ctx, board
        self.tags = {c.group.id: c.group.tag for c in counts}
        self.colour = board.group.colour % 12 + 1
        views = people.people_view(ctx).groups
        self.discs: dict[str, Group] = {
            v.group.id: {"mono": v.group.monogram, "name": v.group.name, "tone": v.colour} for v in views
        }
        self.cards = {
            c.unit.id: c
            for part in (*(s.cards for s in board.subgroups), board.left_over, board.set_aside)
            for c in part
        }

    def by(self, card: UnitCard) -> str:
        return ", ".join(card.unit.speakers)

    def where(self, card: UnitCard) -> str:
        return t("condense.where", source=card.unit.source_title, turn=card.unit.turn)

    def card(self, card: UnitCard, **more: Any) -> Card:
        found: Card = {
            "id": card.unit.id, "text": card.unit.text, "by": self.by(card), "where": self.where(card),
            "lang": card.unit.language, "href": session.link("code", source=card.unit.source, unit=card.unit.id),
            **more,  # type: ignore[typeddict-item]
        }  # fmt: skip
        if group := next((self.discs[g] for g in card.groups if g in self.discs), None):
            found["group"] = group
        notes = []
        here = next(p for p in card.placements if p.code_group == self.board.group.id)
        if here.set_aside:
            notes.append(t("condense.aside_because", reason=here.set_aside))
        others = [self.tags[p.code_group] for p in card.placements if p.code_group in self.tags
                  and p.code_group != self.board.group.id]  # fmt: skip
        if others:
            notes.append(t("condense.also_in", tags=", ".join(others)))
        if notes:
            found["note"] = " · ".join(notes)
        return found

    def quote(self, unit: str, **more: Any) -> dict[str, Any] | None:
        card = self.cards.get(unit)
        if card is None:
            return None
        group = next((self.discs[g] for g in card.groups if g in self.discs), None)
        return {
            "text": card.unit.text, "by": f"{self.by(card)} · {self.where(card)}", "colour": self.colour,
            "lang": card.unit.language, **({"group": group} if group else {}), **more,
        }  # fmt: skip

    def voice(self, voice: str | None) -> dict[str, Any]:
        if voice in self.discs:
            return {"group": self.discs[voice]}
        return {"by": t("condense.mixed") if voice == MIXED else t("condense.no_voice")}

    def moves(self, without: str | None = None) -> list[dict[str, str]]:
        """Where units can go, each with its key."""
        places = [
            {"id": s.subgroup.id, "label": s.subgroup.name, "key": str(n) if n < 10 else ""}
            for n, s in enumerate(self.board.subgroups, 1)
            if s.subgroup.id != without
        ]
        return places + ([{"id": LEFT, "label": t("condense.left"), "key": "0"}] if without != LEFT else [])

    def draw(
        self, columns: list[BoardColumn], *, key: str, without: str | None = None, ticks: bool = False,
        focused: CondensateView | None = None, subgroup: str | None = None, aside: bool = False, wide: bool = False,
    ) -> None:  # fmt: skip
        view(
            "board",
            {"columns": columns, "moves": self.moves(without), "words": _words(ticks), "ticks": ticks,
             "can_aside": aside, "wide": wide, "box": f"{self.ctx.store.id}:{self.ctx.member.id}",
             "about": {"group": self.board.group.id, "subgroup": subgroup,
                       "condensate": focused.condensate.id if focused else None},
             "answers": session.draft(_ANSWERS) or {}},
            key=key,
            on_select=partial(_receive, self.ctx),
        )  # fmt: skip


def _words(ticks: bool) -> dict[str, str]:
    names = ("hint", "all", "none", "selected", "move", "new", "new_hint", "new_do", "aside", "aside_hint", "aside_do",
             "tick", "golden", "cancel")  # fmt: skip
    words = {n: t(f"condense.board.{n}") for n in names}
    return words | {
        "away": t("reader.dismiss"),
        "keys": t("condense.board.keys_ticks" if ticks else "condense.board.keys"),
    }


def _columns(facts: _Facts) -> None:
    """All subgroups side by side, to sort."""
    with st.container(gap=None):
        st.title(literal(facts.board.group.name), anchor=False)
        if facts.board.group.definition:
            st.caption(literal(facts.board.group.definition))
    columns: list[BoardColumn] = []
    for s in facts.board.subgroups:
        column: BoardColumn = {
            "id": s.subgroup.id, "to": s.subgroup.id, "title": s.subgroup.name,
            "cards": [facts.card(c) for c in s.cards], "note": _condensed(s), "empty": t("condense.empty_subgroup"),
        }  # fmt: skip
        if any(c.stale for c in s.condensates):
            column["state"] = "doubt"
        columns.append(column)
    if facts.board.left_over:
        columns.append({"id": LEFT, "to": LEFT, "title": t("condense.left"), "note": t("condense.left_what"),
                        "cards": [facts.card(c) for c in facts.board.left_over]})  # fmt: skip
    facts.draw(columns, key=f"board_{facts.board.group.id}", aside=True)


def _condensed(s: SubgroupView) -> str:
    stale = sum(bool(c.stale) for c in s.condensates)
    if stale:
        return tn("condense.stale_count", stale)
    if not s.condensates:
        return t("condense.no_condensate")
    held = set().union(*(c.covers for c in s.condensates)) & {c.unit.id for c in s.cards}
    return t("condense.covered", n=len(held), of=len(s.cards))


def _loose(facts: _Facts, focus: str) -> None:
    """What is left over, or set aside with a reason."""
    cards = facts.board.left_over if focus == LEFT else facts.board.set_aside
    with st.container(gap=None):
        st.title(t(f"condense.{focus}"), anchor=False)
        st.caption(
            t("condense.first")
            if focus == LEFT and not facts.board.subgroups
            else t(f"condense.{focus}_what")
        )
    facts.draw(
        [{"cards": [facts.card(c) for c in cards], "empty": t(f"condense.{focus}_empty")}],
        key=f"board_{facts.board.group.id}_{focus}",
        without=focus if focus == LEFT else None,
        aside=focus == LEFT,
        wide=True,
    )


# -- one subgroup ------------------------------------------------------------------------------------------


def _subgroup(facts: _Facts, s: SubgroupView) -> None:
    id = s.subgroup.id
    chosen = session.draft(f"condense.at.{id}")
    focused = next((c for c in s.condensates if c.condensate.id == chosen), None)
    if focused is None and chosen != NEW and s.condensates:
        focused = s.condensates[0]
    main, side = st.columns([1.22, 1], gap="large")
    with main:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="condense_head"):
            st.title(literal(s.subgroup.name), anchor=False, width="stretch")
            _manage(facts, s)
        ticks = set(focused.covers) if focused else set(session.draft(f"condense.ticks.{id}", []))
        golden = focused.condensate.golden_unit if focused else None
        facts.draw(
            [{"cards": [facts.card(c, **{"in": c.unit.id in ticks, "golden": c.unit.id == golden,
                                         "quotable": focused is not None and c.unit.words_of == "participant"}) for c in s.cards],
              "empty": t("condense.empty_subgroup")}],
            key=f"board_{id}", without=id, ticks=True, focused=focused, subgroup=id, aside=True,
        )  # fmt: skip
    with side:
        _condensates(facts, s, focused)


def _manage(facts: _Facts, s: SubgroupView) -> None:
    with st.popover(t("condense.manage"), type="tertiary", key="condense_manage"):
        kept_text(
            t("condense.rename"),
            name=f"subgroup.{s.subgroup.id}",
            row={"name": s.subgroup.name, "rev": s.subgroup.rev},
            field="name",
            save=lambda typed, row: condensing.rename_subgroup(
                facts.ctx, s.subgroup.id, name=typed, rev=row["rev"]
            ),
        )
        if s.condensates:
            st.caption(t("condense.keeps"))
        else:
            st.caption(tn("condense.retire_what", len(s.cards)))
            st.button(
                t("condense.retire"), key="condense_retire", on_click=_retire, args=(facts.ctx, s.subgroup.id)
            )


def _retire(ctx: Context, subgroup: str) -> None:
    _try(condensing.retire_subgroup, ctx, subgroup)
    session.ask(subgroup=None)


def _condensates(facts: _Facts, s: SubgroupView, focused: CondensateView | None) -> None:
    id = s.subgroup.id
    at = f"condense.at.{id}"
    options = [c.condensate.id for c in s.condensates] + [NEW]
    if s.condensates:
        labels = {c.condensate.id: f"{n} {literal(_voice_name(facts, c))}" + (" :red[▲]" if c.stale else "")
                  for n, c in enumerate(s.condensates, 1)}  # fmt: skip
        key = f"condense_which_{id}"
        session.set_widget(key, focused.condensate.id if focused else NEW)
        st.pills(
            t("condense.condensates"), options, key=key, required=True, label_visibility="collapsed", wrap=True,
            format_func=lambda o: labels.get(o, t("condense.another")),
            on_change=lambda: session.keep_draft(at, session.widget(key)),
        )  # fmt: skip
    if focused is None:
        _write_first(facts, s)
    else:
        _edit(facts, s, focused)
    others = [c for c in s.condensates if c is not focused]
    if others:
        st.space("small")
        st.markdown(f"**{t('condense.others')}**")
        view(
            "condensate",
            {"condensates": [
                {"text": c.condensate.text, **facts.voice(c.condensate.voice), "id": c.condensate.id,
                 "link": t("condense.write_on"), "note": _holds(facts, s, c)} for c in others
            ]},
            key=f"condense_others_{id}",
            on_select=partial(session.keep_draft, at),
        )  # fmt: skip


def _voice_name(facts: _Facts, c: CondensateView) -> str:
    said = facts.voice(c.condensate.voice)
    return str(said["group"]["name"] if "group" in said else said["by"])


def _write_first(facts: _Facts, s: SubgroupView) -> None:
    id = s.subgroup.id

    def save(typed: str, row: Row) -> None:
        ticks = [c.unit.id for c in s.cards if c.unit.id in session.draft(f"condense.ticks.{id}", [])]
        made = condensing.add_condensate(facts.ctx, id, text=typed, covers=ticks)
        session.keep_draft(f"condense.at.{id}", made)
        session.keep_draft(f"condense.ticks.{id}", None)
        session.set_widget(f"kept_condensate.{NEW}.{id}", "")

    kept_text(t("view.condensate"), name=f"condensate.{NEW}.{id}", row={"text": "", "rev": 0}, field="text",
              save=save, lines=10, placeholder=t("condense.text_hint"))  # fmt: skip
    st.caption(t("condense.how"))


def _edit(facts: _Facts, s: SubgroupView, c: CondensateView) -> None:
    own = c.condensate
    if c.stale:
        _stale(facts, c)
    row = {"text": own.text, "voice": own.voice, "golden_unit": own.golden_unit, "rev": own.rev}
    kept_text(
        t("view.condensate"),
        name=f"condensate.{own.id}",
        row=row,
        field="text",
        save=lambda typed, row: condensing.change_condensate(
            facts.ctx, own.id, rev=row["rev"], text=typed, voice=row["voice"]
        ),
        lines=10,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = {g.id: g.name for g in facts.board.stakeholder_groups}
        kept_choice(
            t("condense.voice"), ["", *names, MIXED], name=f"condensate.{own.id}.voice", row=row, field="voice",
            words=lambda v: names.get(v) or t("condense.mixed" if v == MIXED else "condense.no_voice"), width=260,
            save=lambda voice, row: condensing.change_condensate(
                facts.ctx, own.id, rev=row["rev"], text=row["text"], voice=voice
            ),
        )  # fmt: skip
        st.space("stretch")
        with st.popover(t("condense.more"), type="tertiary", key=f"condense_more_{own.id}"):
            st.caption(t("condense.take_out_what"))
            st.button(t("condense.take_out"), key=f"condense_out_{own.id}",
                      on_click=lambda: _try(condensing.retire_condensate, facts.ctx, own.id))  # fmt: skip
    st.caption(literal(_holds(facts, s, c)))
    golden = facts.quote(own.golden_unit, golden=True) if own.golden_unit else None
    if golden:
        view("quote", {"quotes": [golden]}, key=f"condense_golden_{own.id}")
    else:
        st.caption(t("condense.no_golden"))


def _holds(facts: _Facts, s: SubgroupView, c: CondensateView) -> str:
    """How many units it holds, of how many people and groups; a fact, not a rule."""
    here = {x.unit.id for x in s.cards}
    n = len(c.covers & here)
    if n == len(here) and n:
        said = t("condense.holds_all")
    else:
        said = t("condense.holds", n=n, of=len(here))
    if c.people:
        names = ", ".join(facts.discs[g]["name"] for g in c.groups if g in facts.discs)
        said += " " + tn("condense.people", c.people, groups=names)
    return said


def _stale(facts: _Facts, c: CondensateView) -> None:
    """What came and went since it was written, and the two ways to settle it."""
    written = f"{day(c.written_at)} {clock(c.written_at)}"
    came, went = len(c.stale.came), len(c.stale.went)
    parts = ([tn("condense.came", came)] if came else []) + ([tn("condense.went", went)] if went else [])
    with st.container(border=True, gap="small", key=f"condense_stale_{c.condensate.id}"):
        say(t("condense.stale", what=t("condense.and").join(parts), when=written))
        quotes = []
        for unit, word in [(u, "condense.this_came") for u in c.stale.came] + [
            (u, "condense.this_went") for u in c.stale.went
        ]:
            found = facts.quote(unit)
            if found:
                quotes.append(found | {"note": t(word)})
        if quotes:
            view("quote", {"quotes": quotes}, key=f"condense_changed_{c.condensate.id}")
        st.button(t("condense.stands"), key=f"condense_stands_{c.condensate.id}",
                  on_click=lambda: _try(condensing.confirm_condensate, facts.ctx, c.condensate.id))  # fmt: skip
