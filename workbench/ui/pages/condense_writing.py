"""One subgroup: its units to tick, its condensates to write, what has gone stale in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.checks import is_first_person
from workbench.domain.errors import Refused
from workbench.domain.stc import MIXED
from workbench.language import clock, day, t, tn
from workbench.services import boards, condensing
from workbench.services.condensing import CondensateView, SubgroupView
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import say
from workbench.ui.comments import comments
from workbench.ui.components.view import view
from workbench.ui.kept import Row, Save, kept_choice, kept_text
from workbench.ui.pages.condense_beside import golden_balance, versions
from workbench.ui.pages.condense_board import NEW, TIGHT, Facts, attempt
from workbench.ui.text import literal

# A condensate looks like one while it is written, too; and it stays in sight beside units further down.
_PAPER = """
[class*=st-key-kept_condensate] textarea{font-family:"Source Serif",serif;font-size:1.07rem;line-height:1.55}
[class*=st-key-kept_condensate] [data-testid=stTextAreaRootElement]{
border-left:3px dashed color-mix(in oklab,currentColor 55%,transparent)}
@media (min-width:48rem){[data-testid=stColumn]:has(.st-key-condense_side)>[data-testid=stVerticalBlock]{
position:sticky;top:.75rem;max-height:calc(100dvh - 9.1rem);overflow:hidden auto}}
[data-testid=stColumn]:has(.st-key-condense_head)>[data-testid=stVerticalBlock]{gap:.25rem}
"""
_STRANDED = "condense.stranded"  # texts whose place was taken out while they were written
_GONE = frozenset({"error.gone", "units.subgroup_gone", "board.condensate_gone"})


def subgroup(facts: Facts, s: SubgroupView) -> None:
    id = s.subgroup.id
    asked = session.asked("condensate")
    if asked and asked != session.draft("condense.came_for"):  # once: then the person chooses
        session.keep_draft("condense.came_for", asked)
        session.keep_draft(f"condense.at.{id}", asked)
    chosen = session.draft(f"condense.at.{id}")
    focused = next((c for c in s.condensates if c.condensate.id == chosen), None)
    if focused is None and chosen != NEW and s.condensates:
        focused = s.condensates[0]
    st.html(f"<style>{TIGHT}{_PAPER}</style>")
    main, side = st.columns([1.6, 1], gap="medium")
    with main:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="condense_head"):
            st.title(literal(s.subgroup.name), anchor=False, width="stretch")
            _manage(facts, s)
        ticks = focused.covers if focused else boards.first_ticks(facts.ctx, id)
        facts.draw(id, ticks=ticks, focused=focused)
    with side, st.container(key="condense_side"):
        _condensates(facts, s, focused)


def _manage(facts: Facts, s: SubgroupView) -> None:
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
    attempt(condensing.retire_subgroup, ctx, subgroup)
    session.ask(subgroup=None)


def _condensates(facts: Facts, s: SubgroupView, focused: CondensateView | None) -> None:
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


def _voice_name(facts: Facts, c: CondensateView) -> str:
    said = facts.voice(c.condensate.voice)
    return str(said["group"]["name"] if "group" in said else said["by"])


def _same(facts: Facts, subgroup: str, text: str) -> str | None:
    """The condensate that holds this very text already: a tick made before the answer to it carries it once more."""
    try:
        now = condensing.board(facts.ctx, facts.board.group.id).subgroups
    except Refused:  # merged meanwhile: the text goes where its subgroup went
        return None
    inside = (c.condensate for s in now if s.subgroup.id == subgroup for c in s.condensates)
    return next((c.id for c in inside if c.text.strip() == text.strip()), None)


def _write_first(facts: Facts, s: SubgroupView) -> None:
    id = s.subgroup.id

    def save(typed: str, row: Row) -> None:
        ticked = boards.first_ticks(facts.ctx, id)
        made = _same(facts, id, typed)
        made = made or condensing.add_condensate(
            facts.ctx, id, text=typed, covers=[c.unit.id for c in s.cards if c.unit.id in ticked]
        )
        session.keep_draft(f"condense.at.{id}", made)
        session.set_widget(f"kept_condensate.{NEW}.{id}", "")

    kept_text(t("view.condensate"), name=f"condensate.{NEW}.{id}", row={"text": "", "rev": 0}, field="text",
              save=_kept(save), lines=12, placeholder=t("condense.text_hint"))  # fmt: skip
    st.caption(t("condense.how"))


def _edit(facts: Facts, s: SubgroupView, c: CondensateView) -> None:
    own = c.condensate
    if c.stale:
        _stale(facts, c)
    row = {"text": own.text, "voice": own.voice, "golden_unit": own.golden_unit, "rev": own.rev}

    def change(typed: str, row: Row) -> None:
        condensing.change_condensate(facts.ctx, own.id, rev=row["rev"], text=typed, voice=row["voice"])

    def speak(voice: str | None, row: Row) -> None:
        condensing.change_condensate(facts.ctx, own.id, rev=row["rev"], text=row["text"], voice=voice)

    kept_text(
        t("view.condensate"), name=f"condensate.{own.id}", row=row, field="text", save=_kept(change), lines=12
    )
    st.caption(literal(_holds(facts, s, c)))
    names = {g.id: g.name for g in facts.board.stakeholder_groups}
    kept_choice(
        t("condense.voice"), ["", *names, MIXED], name=f"condensate.{own.id}.voice", row=row, field="voice",
        words=lambda v: names.get(v) or t("condense.mixed" if v == MIXED else "condense.no_voice"), save=speak,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="condense_acts"):
        comments(facts.ctx, own.id, key="condense_comments")
        versions(facts, own)
        st.space("stretch")
        with st.popover(t("condense.more"), type="tertiary", key=f"condense_more_{own.id}"):
            st.caption(t("condense.take_out_what"))
            st.button(t("condense.take_out"), key=f"condense_out_{own.id}",
                      on_click=lambda: attempt(condensing.retire_condensate, facts.ctx, own.id))  # fmt: skip
    golden = facts.quote(own.golden_unit, golden=True) if own.golden_unit else None
    if golden:
        view("quote", {"quotes": [golden]}, key=f"condense_golden_{own.id}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="condense_golden"):
        if not golden:
            st.caption(t("condense.no_golden"), width="stretch")
        golden_balance(facts)


def _holds(facts: Facts, s: SubgroupView, c: CondensateView) -> str:
    """How many units it holds, of how many people and groups; facts, not rules. That it is told in the first person
    is said where it is, and nothing where it is not."""
    here = {x.unit.id for x in s.cards}
    n = len(c.covers & here)
    if n == len(here) and n:
        said = t("condense.holds_all")
    else:
        said = t("condense.holds", n=n, of=len(here))
    if c.people:
        names = ", ".join(facts.discs[g]["name"] for g in c.groups if g in facts.discs)
        said += " " + (
            tn("condense.people", c.people, groups=names) if names else tn("condense.people_only", c.people)
        )
    if is_first_person(c.condensate.text, {"en", "da", *(x.unit.language for x in s.cards)}):
        said += " " + t("condense.first_person")
    return said


def _stale(facts: Facts, c: CondensateView) -> None:
    """What came and went since it was written, each with its reason, and the way to settle it."""
    written = f"{day(c.written_at)} {clock(c.written_at)}" if c.written_at else t("condense.earlier")
    came, went = len(c.stale.came), len(c.stale.went)
    parts = ([tn("condense.came", came)] if came else []) + ([tn("condense.went", went)] if went else [])
    with st.container(border=True, gap="small", key=f"condense_stale_{c.condensate.id}"):
        what = t("condense.and").join(parts)
        say(t("condense.stale", what=what[:1].upper() + what[1:], when=written))
        with st.container(height=300 if came + went > 2 else "content", border=False):
            view("quote", {"quotes": _changed(facts, c)}, key=f"condense_changed_{c.condensate.id}")
        st.button(t("condense.stands"), key=f"condense_stands_{c.condensate.id}",
                  on_click=lambda: attempt(condensing.confirm_condensate, facts.ctx, c.condensate.id))  # fmt: skip


def _changed(facts: Facts, c: CondensateView) -> list[dict[str, Any]]:
    """The units that came or went, in their own words where these may be read, with why."""
    here = {u: q for u, why in c.stale.why.items() if why != "withdrawn" and (q := facts.quote(u))}
    gone = condensing.gone_units(facts.ctx, c.stale.why.keys() - here.keys())
    quotes = []
    for unit in (*c.stale.came, *c.stale.went):
        why = t(f"condense.why.{c.stale.why[unit]}")
        if unit in here:
            quotes.append(here[unit] | {"note": why})
        elif left := gone.get(unit):
            if left.code_groups and c.stale.why[unit] == "moved_out":
                why = t("condense.why.moved_to", groups=", ".join(left.code_groups))
            disc = next((facts.discs[g] for g in left.groups if g in facts.discs), None)
            by = " · ".join(x for x in (", ".join(left.speakers), left.source_title) if x)
            quotes.append({"text": left.text or t("condense.no_words"), "by": by, "note": why,
                           **({"lang": left.language} if left.text else {}), **({"group": disc} if disc else {})})  # fmt: skip
    return quotes


# -- a text whose place is gone ------------------------------------------------------------------------------


def _kept(save: Callable[[str, Row], None]) -> Save:
    """`save`, where a text loses nothing when its condensate or subgroup is taken out while it is written."""

    def keep(typed: str, row: Row) -> None:
        try:
            save(typed, row)
        except Refused as refused:
            if refused.code not in _GONE:
                raise
            session.keep_draft(_STRANDED, [*session.draft(_STRANDED, []), typed])

    return keep


def stranded(facts: Facts, s: SubgroupView | None) -> None:
    """Texts that could not be kept where they were written, until a person has put them elsewhere."""
    found: list[str] = session.draft(_STRANDED, [])
    for n, text in enumerate(found):
        with st.container(border=True, gap="small", key=f"condense_stranded_{n}"):
            say(t("condense.stranded"))
            with st.container(height=220 if len(text) > 600 else "content", border=False):
                st.text(text)
            with st.container(horizontal=True, gap="small"):
                if s is not None:
                    st.button(t("condense.stranded_keep", name=literal(s.subgroup.name)), key=f"condense_rescue_{n}",
                              on_click=_rescue, args=(facts.ctx, s.subgroup.id, text))  # fmt: skip
                st.button(t("condense.stranded_drop"), type="tertiary", key=f"condense_drop_{n}",
                          on_click=_drop, args=(text,))  # fmt: skip


def _rescue(ctx: Context, subgroup: str, text: str) -> None:
    made = attempt(condensing.add_condensate, ctx, subgroup, text=text)
    if made is not None:
        session.keep_draft(f"condense.at.{subgroup}", made)
        _drop(text)


def _drop(text: str) -> None:
    session.keep_draft(_STRANDED, [x for x in session.draft(_STRANDED, []) if x != text] or None)
