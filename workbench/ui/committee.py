"""What the committee's two pages share: what is asked, positions taken with their reasons, and who disagrees.

Everything here comes from `services.meetings`; no source, unit or condensate is known to it."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import meetings
from workbench.services import seats as seating
from workbench.services.context import Context
from workbench.services.meetings import DecisionView
from workbench.services.packs import PackQuote, ThemeBrief
from workbench.services.synthesis import Matrix
from workbench.ui import evidence, session
from workbench.ui.call import attempt
from workbench.ui.components.view import Group, Quote, Row, State, view
from workbench.ui.text import literal

CHOICE_STATE: dict[str, State] = {
    "agree": "good",
    "agree_with_reservation": "open",
    "against": "doubt",
    "abstain": "none",
}


# -- quotes ------------------------------------------------------------------------------------------------


def quote_view(quote: PackQuote, discs: dict[str, Group]) -> Quote:
    """A cleared quote with its group's label, in the words it was said in and, where another, in translation."""
    by_name = {g["name"]: g for g in discs.values()}
    found: Quote = {"text": quote.text, "lang": quote.language, "by": ", ".join(quote.groups)}
    if quote.groups and quote.groups[0] in by_name:
        found["group"] = by_name[quote.groups[0]]
    if quote.translation:
        found["note"] = t("committee.translation", text=quote.translation)
    return found


def dissent_facts(brief: ThemeBrief, matrix: Matrix) -> tuple[list[Quote], str]:
    """(quotes, sentence) for "Who sees it differently": never empty, and never "none" where nobody looked."""
    quotes = [quote_view(q, evidence.groups_of(matrix)) for q in brief.dissent]
    if not brief.reread:
        if quotes:
            return quotes, ""
        return quotes, t("committee.challenged_uncleared" if brief.challenges else "committee.not_looked")
    sources = tn("pack.sources", brief.sources)
    read = t("committee.reread", n=brief.reread, sources=sources, at=day(brief.reread_on))
    if quotes:
        return quotes, read
    if brief.challenges:
        return quotes, f"{t('committee.challenged_uncleared')} {read}"
    return quotes, t("committee.no_challenge", n=brief.reread, sources=sources, at=day(brief.reread_on))


# -- one page at a time --------------------------------------------------------------------------------------

# Streamlit keeps the scroll position when a page's content is exchanged; the next theme begins at its top.
_TOP_JS = """
const shown = new WeakMap();
export default function ({ parentElement, data: [now] }) {
  const before = shown.get(parentElement);
  shown.set(parentElement, now);
  if (before !== undefined && before !== now) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
}
"""


@cache
def _top() -> Any:
    return st.components.v2.component("workbench_top", js=_TOP_JS, isolate_styles=False)


def from_the_top(now: str, *, key: str) -> None:
    """Scroll to the top when `now` differs from what was shown before."""
    _top()(key=key, data=[now], height=1)


# -- what is asked -----------------------------------------------------------------------------------------


def position_rows(decision: DecisionView) -> list[Row]:
    """Positions so far: those who disagree first, each with its reason."""
    order = {"against": 0, "agree_with_reservation": 1, "abstain": 2, "agree": 3}
    rows: list[Row] = []
    for v in sorted(decision.votes, key=lambda v: (not v.veto, order[v.choice])):
        said = t("committee.vetoes") if v.veto else t(f"position.{v.choice}")
        row: Row = {
            "text": t("committee.position", seat=v.seat, choice=said),
            "state": CHOICE_STATE[v.choice],
            "word": t(f"choice.{v.choice}"),
        }
        before = t("committee.before_rewording") if v.before_rewording else ""
        if said := " · ".join(x for x in (v.reservation, before) if x):
            row["note"] = said
        rows.append(row)
    return rows


def _disagreeing(decision: DecisionView) -> list[Row]:
    return [r for r in position_rows(decision) if r["state"] in ("doubt", "open")]


def count_sentence(decision: DecisionView) -> str:
    """What the positions come to under the item's rule, in a sentence; it decides nothing."""
    c = decision.count
    because = (
        f"chair_{'rejected' if c.result == 'rejected' else 'adopted'}" if c.because == "chair" else c.because
    )
    said = [
        t(f"count.{because}", agreed=c.agreed, against=c.against, reservations=c.reservations,
          seats=", ".join(c.vetoed_by))
    ]  # fmt: skip
    if c.abstained:
        said.append(tn("count.abstained", c.abstained))
    if c.silent and not decision.outcome:
        said.append(tn("count.silent", c.silent))
    return " ".join(said)


def _said(label: str, text: str) -> None:
    with st.container(gap=None):
        st.markdown(f"**{label}**", anchors=False)
        st.text(text)


def facts(decision: DecisionView, key: str = "facts") -> None:
    """What is recommended, and what follows from it: the two things a reader looks for first. Where nothing is to be
    decided, only what has been written of them."""
    asks = decision.nature == "decision"
    if asks or decision.recommendation:
        _said(t("committee.recommended"), decision.recommendation or t("committee.no_recommendation"))
    if not asks and not decision.consequences and not decision.aspects:
        return
    with st.container(gap=None):
        st.markdown(f"**{t('committee.cost')}**", anchors=False)
        if decision.consequences or not decision.aspects:
            st.text(decision.consequences or t("committee.no_cost"))
        if decision.aspects:
            view("rows", {"rows": [{"text": text, "key": t(f"consequence.{a}")} for a, text in decision.aspects]},
                 key=f"{key}_aspects_{decision.key}")  # fmt: skip
    if decision.options:
        _said(t("committee.options"), decision.options)


def until(decision: DecisionView, today: str) -> str:
    """Until when positions are taken; empty without a deadline."""
    if not decision.due:
        return ""
    due = day(decision.due)
    if today > decision.due:
        return t("committee.closed", due=due)
    return t("committee.due" if decision.meeting else "committee.due_by_mail", due=due)


def overline(decision: DecisionView, n: int | None = None) -> str:
    """ "2 · Decision asked for · DEC-004 · Majority"; the rule only where it is not the usual one."""
    parts = [str(n)] if n else []
    parts += [t(f"nature.{decision.nature}_asked"), decision.key]
    if decision.nature == "decision" and decision.rule != "consensus":
        parts.append(t(f"rule.{decision.rule}"))
    return literal(" · ".join(parts))


def asked_card(ctx: Context, decision: DecisionView, *, key: str = "asked", n: int | None = None) -> Any:
    """An open item: the question, the recommendation, what it costs, who disagrees, and one's own position.

    Returns the card, so that a page can put more at its foot."""
    card = st.container(border=True, key=f"{key}_{decision.key}")
    with card:
        with st.container(gap=None):
            st.caption(overline(decision, n))
            st.subheader(literal(decision.question), anchor=False)
        if decision.supersedes:
            st.caption(literal(t("committee.supersedes", key=decision.supersedes[1])))
        facts(decision, key)
        if decision.votes:
            with st.container(gap=None):
                st.markdown(f"**{t('committee.positions')}**", anchors=False)
                st.text(count_sentence(decision))
                view("rows", {"rows": position_rows(decision)}, key=f"{key}_positions_{decision.key}")
        if decision.nature == "decision" and can(ctx.member.role, Action.DECIDE):
            position_form(ctx, decision, key)
    return card


def position_form(ctx: Context, decision: DecisionView, key: str) -> None:
    """One's position: a seat, a choice, and a reason where a reader will want one. Who runs the meeting keeps the
    positions of others."""
    whose = "" if can(ctx.member.role, Action.MEET) else "your_"
    seats = {s.name: s for s in seating.list_seats(ctx, decision.meeting) if s.may_vote}
    mine = session.draft("seat")
    name = f"{key}_{decision.key}"
    today = meetings.local_day(ctx.now())
    if decision.due and today > decision.due:
        st.caption(until(decision, today))
        return
    said = st.container(key=f"{name}_said")
    choice = st.pills(
        t(f"committee.{whose}choice"), meetings.CHOICES, key=f"{name}_choice",
        format_func=lambda c: t(f"choice.{c}"), wrap=True,
    )  # fmt: skip
    if not choice:
        st.caption(_taken(decision, list(seats), today))
        return
    if seats:
        if mine in seats and session.widget(f"{name}_seat") is None:
            session.set_widget(f"{name}_seat", mine)
        seat = st.pills(
            t(f"committee.{whose}seat"),
            list(seats),
            key=f"{name}_seat",
            format_func=evidence.escaped(str),
            wrap=True,
        )
    else:
        seat = st.text_input(
            t(f"committee.{whose}seat"), key=f"{name}_seat", placeholder=t("committee.seat_hint")
        )
    if choice in ("against", "agree_with_reservation"):
        st.text_area(
            t(f"committee.{whose}reason"),
            key=f"{name}_reason",
            height=90,
            placeholder=t("committee.reason_hint"),
        )
    has_veto = choice == "against" and seat in seats and seats[str(seat)].has_veto
    if has_veto:
        st.toggle(literal(t("committee.veto", seat=seat)), key=f"{name}_veto")
    held = next((v for v in decision.votes if v.seat == str(seat or "").strip()), None)
    if held is not None:
        again = t("committee.again_reason" if held.reservation else "committee.again", seat=held.seat,
                  choice=t(f"position.{held.choice}"), reason=held.reservation)  # fmt: skip
        st.caption(literal(again))

    def keep() -> None:
        seat = str(session.widget(f"{name}_seat") or "")
        # What the seat had said when this was drawn: a reservation nobody has read is not replaced.
        taken = next((v.rev for v in decision.votes if v.seat == seat.strip()), 0)
        done = attempt(
            meetings.take_position, ctx, decision.id, seat=seat, choice=choice,
            reservation=str(session.widget(f"{name}_reason") or "") if choice in _WITH_REASON else "",
            veto=has_veto and bool(session.widget(f"{name}_veto")), rev=taken, where=said,
        )  # fmt: skip
        if done is not None:
            session.keep_draft("seat", seat)
            session.keep_draft(f"kept.{decision.key}", {"seat": seat, "choice": choice})
            session.set_widget(f"{name}_choice", None)
            if session.widget(f"{name}_reason") is not None:
                session.set_widget(f"{name}_reason", "")

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(t(f"committee.{whose}keep"), key=f"{name}_keep", type="primary", on_click=keep)
        st.caption(_taken(decision, list(seats), today), width="content")


_WITH_REASON = ("against", "agree_with_reservation")


def _taken(decision: DecisionView, seats: list[str], today: str) -> str:
    known = max(len(seats), len(decision.votes))
    taken = tn("committee.taken", len(decision.votes), seats=tn("committee.seats", known))
    said = [taken if known else t("committee.nobody_yet"), until(decision, today)]
    kept: dict[str, Any] = session.draft(f"kept.{decision.key}", {})
    if kept and any(v.seat == kept["seat"] and v.choice == kept["choice"] for v in decision.votes):
        said.insert(0, t("committee.kept", seat=kept["seat"], choice=t(f"choice.{kept['choice']}")))
    return literal(" ".join(s for s in said if s))


# -- what was decided --------------------------------------------------------------------------------------


def changed_sentence(decision: DecisionView) -> str:
    """ "3 things have changed since 20 May 2026: REQ-003, REQ-004 and one more."; empty when nothing has. What has a
    key is told by it; without any, by its name."""
    if not decision.changed_since:
        return ""
    names = [label for _, label in decision.changed_since]
    keys = [n for n in names if " " not in n] or names
    what = ", ".join(keys)
    if rest := len(names) - len(keys):
        what = f"{what} {tn('committee.and_more', rest)}"
    return t(
        "committee.changed_since", things=tn("committee.things", len(decision.changed_since)),
        at=day(decision.decided_at), what=what,
    )  # fmt: skip


def tally(decision: DecisionView) -> str:
    """ "3 agree, 2 with reservation, 1 against, 1 abstains"."""
    parts = [
        tn(f"committee.tally_{choice}", n)
        for choice in meetings.CHOICES
        if (n := sum(v.choice == choice for v in decision.votes))
    ]
    return ", ".join(parts)


def decided_card(decision: DecisionView, *, key: str, n: int | None = None) -> Any:
    """A decision as it was taken, with those who disagreed in their own words. Returns the card."""
    card = st.container(border=True, key=f"{key}_{decision.key}")
    with card:
        with st.container(gap=None):
            facts = [decision.key, t(f"nature.{decision.nature}"),
                     t("committee.decided_on", at=day(decision.decided_at))]  # fmt: skip
            if decision.result and decision.result != "noted":
                facts.append(t(f"result.{decision.result}"))
            st.caption(literal(" · ".join([str(n), *facts] if n else facts)))
            st.subheader(literal(decision.question), anchor=False)
        if decision.discussed:
            _said(t("committee.discussed"), decision.discussed)
        _said(
            t("committee.outcome" if decision.nature == "decision" else "committee.came_of_it"),
            decision.outcome,
        )
        told: list[Row] = []
        if changed := changed_sentence(decision):
            told.append({"text": changed, "state": "doubt", "word": t("requirements.changed_word")})
        if decision.is_against_count:
            told.append(
                {"text": t("committee.against_count", count=count_sentence(decision)), "state": "open"}
            )
        if told:
            view("rows", {"rows": told}, key=f"{key}_changed_{decision.key}")
        if decision.why:
            _said(t("committee.why"), decision.why)
        if decision.dissent:
            with st.container(gap=None):
                st.markdown(f"**{t('committee.disagreed')}**", anchors=False)
                view("rows", {"rows": _disagreeing(decision)}, key=f"{key}_dissent_{decision.key}")
        notes = []
        if decision.votes:
            notes.append(tally(decision) + ".")
        if decision.revisit_if:
            notes.append(t("committee.revisit", when=decision.revisit_if))
        if decision.supersedes:
            notes.append(t("committee.superseded_item", key=decision.supersedes[1]))
        if decision.superseded_by:
            notes.append(t("committee.superseded_by", key=decision.superseded_by[1]))
        elif decision.asked_again_by:
            notes.append(t("committee.superseded_asked", key=decision.asked_again_by[1]))
        if notes:
            st.caption(literal(" ".join(notes)))
    return card
