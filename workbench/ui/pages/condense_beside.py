"""What stands beside a condensate when somebody asks: its earlier versions, how golden quotes spread, units in several
code groups."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.records import Condensate
from workbench.domain.wording import Pieces, beside
from workbench.language import clock, day, t, tn
from workbench.services import condensing, golden
from workbench.services.condensing import Version
from workbench.services.golden import Spread
from workbench.ui import session
from workbench.ui.components.view import view
from workbench.ui.pages.condense_board import Facts, attempt
from workbench.ui.text import literal

_VERSIONS = "condense.versions"  # the condensate whose versions are looked at
_LISTED = 30  # units in several code groups that are listed


# -- earlier versions ----------------------------------------------------------------------------------------


def versions(facts: Facts, own: Condensate) -> None:
    """The door to a condensate's earlier versions, where it has any."""
    found = condensing.versions(facts.ctx, own.id)
    if len(found) < 2:
        return
    st.button(tn("condense.versions", len(found) - 1), type="tertiary", key=f"condense_versions_{own.id}",
              on_click=session.keep_draft, args=(_VERSIONS, own.id))  # fmt: skip
    if session.draft(_VERSIONS) != own.id:
        return

    @st.dialog(
        t("condense.versions_title"), width="large", on_dismiss=lambda: session.keep_draft(_VERSIONS, None)
    )
    def show() -> None:
        _side_by_side(facts, own, found)

    show()


def _side_by_side(facts: Facts, own: Condensate, found: tuple[Version, ...]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        old = _pick(found, 1, key="condense_version_old")
    with right:
        new = _pick(found, 0, key="condense_version_new")
    pieces = beside(old.text or "", new.text or "")
    with left:
        _wording(facts, old, pieces[0], "del", key="condense_wording_old")
        if old.text is not None and old.text != own.text:
            if st.button(t("condense.bring_back"), key="condense_bring_back"):
                attempt(
                    condensing.change_condensate,
                    facts.ctx,
                    own.id,
                    rev=own.rev,
                    text=old.text,
                    voice=own.voice,
                )
                session.keep_draft(_VERSIONS, None)
                st.rerun()
            st.caption(t("condense.bring_back_what"))
    with right:
        _wording(facts, new, pieces[1], "ins", key="condense_wording_new")


def _pick(found: tuple[Version, ...], first: int, *, key: str) -> Version:
    n = st.selectbox(
        t("condense.version"), range(len(found)), index=first, key=key, label_visibility="collapsed",
        format_func=lambda n: _when(found[n], now=n == 0),
    )  # fmt: skip
    return found[n or 0]


def _when(v: Version, *, now: bool) -> str:
    said = f"{day(v.at)} {clock(v.at)}, {v.who}"
    if now:
        said = t("condense.version_now", when=said)
    return f"{said} · {t('condense.version_undo')}" if v.by_undo else said


def _wording(facts: Facts, v: Version, pieces: Pieces, op: str, *, key: str) -> None:
    if v.text is None:
        st.caption(t("condense.version_erased"))
        return
    words = [{"op": "same" if same else op, "text": text} for same, text in pieces]
    view("condensate", {"condensates": [{"words": words, **facts.voice(v.voice)}]}, key=key)


# -- golden quotes -------------------------------------------------------------------------------------------


def golden_balance(facts: Facts) -> None:
    """How the study's golden quotes spread over people and groups: facts, for whoever is choosing one."""
    found = golden.balance(facts.ctx)
    if found.golden.quotes < 2:
        return
    label = tn("golden.quotes", found.golden.quotes)
    most = found.golden.people[0].quotes if found.golden.people else 0
    if most > 1:
        label += ", " + t("golden.one_gives", n=most)
    with st.popover(label, type="tertiary", key="golden_balance"), st.container(width=460, gap="small"):
        _spread(facts, found.golden, "golden")
        if found.cleared.quotes:
            _spread(facts, found.cleared, "cleared")


def _spread(facts: Facts, spread: Spread, kind: str) -> None:
    st.markdown(f"**{t(f'golden.{kind}', n=spread.quotes)}**")
    view(
        "spread",
        {"groups": [
            {"group": facts.discs[g.id], "heard": g.quotes, "of": spread.quotes,
             "text": t("golden.of", n=g.quotes, of=spread.quotes, people=g.people)}
            for g in spread.groups if g.id in facts.discs
        ]},
        key=f"golden_groups_{kind}",
    )  # fmt: skip
    st.caption(literal(" · ".join(f"{p.name} {p.quotes}" for p in spread.people)))


# -- units in several code groups ----------------------------------------------------------------------------


def in_several(facts: Facts) -> None:
    """Before step 3: units of this group that stand in another, too. Decided on Units, or kept in both here."""
    undecided = facts.board.undecided
    if not undecided:
        return
    with (
        st.popover(tn("condense.several", len(undecided)), type="tertiary", key="condense_several"),
        st.container(width=520, gap="small"),
    ):
        st.caption(t("condense.several_what"))
        rows: list[dict[str, Any]] = []
        for unit in undecided[:_LISTED]:
            card = facts.cards[unit]
            names = [facts.names[p.code_group] for p in card.placements
                     if p.code_group != facts.board.group.id and p.code_group in facts.names]  # fmt: skip
            rows.append({"text": card.unit.text, "serif": True, "id": unit, "link": t("condense.keep_both"),
                         "note": t("condense.also_stands_in", groups=", ".join(names))})  # fmt: skip
        group = facts.board.group.id
        rows.append({"text": t("condense.several_all", n=len(undecided)), "link": t("condense.several_units"),
                     "href": session.link("units", code_group=group, several=1)})  # fmt: skip
        with st.container(height=340 if len(undecided) > 3 else "content", border=False):
            view("rows", {"rows": rows}, key="condense_several_rows",
                 on_select=lambda unit: attempt(condensing.keep_both, facts.ctx, [unit]))  # fmt: skip
        if len(undecided) > 1:
            st.button(tn("condense.keep_all", len(undecided)), key="condense_keep_all",
                      on_click=lambda: attempt(condensing.keep_both, facts.ctx, undecided))  # fmt: skip
