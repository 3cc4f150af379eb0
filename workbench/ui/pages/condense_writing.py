"""One subgroup: its units to tick, its condensates to write, what has gone stale in them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from workbench.domain.stc import MIXED
from workbench.language import clock, day, t, tn
from workbench.services import condensing
from workbench.services.condensing import CondensateView, SubgroupView
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import say
from workbench.ui.components.view import view
from workbench.ui.kept import Row, kept_choice, kept_text
from workbench.ui.pages.condense_board import NEW, Facts, attempt
from workbench.ui.text import literal


def subgroup(facts: Facts, s: SubgroupView) -> None:
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


def _write_first(facts: Facts, s: SubgroupView) -> None:
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


def _edit(facts: Facts, s: SubgroupView, c: CondensateView) -> None:
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
                      on_click=lambda: attempt(condensing.retire_condensate, facts.ctx, own.id))  # fmt: skip
    st.caption(literal(_holds(facts, s, c)))
    golden = facts.quote(own.golden_unit, golden=True) if own.golden_unit else None
    if golden:
        view("quote", {"quotes": [golden]}, key=f"condense_golden_{own.id}")
    else:
        st.caption(t("condense.no_golden"))


def _holds(facts: Facts, s: SubgroupView, c: CondensateView) -> str:
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


def _stale(facts: Facts, c: CondensateView) -> None:
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
                  on_click=lambda: attempt(condensing.confirm_condensate, facts.ctx, c.condensate.id))  # fmt: skip
