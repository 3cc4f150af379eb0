"""A theme at the side: who was heard, who sees it differently, and how sure we are, in people's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import Refused
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import confidence
from workbench.services.confidence import Confidence
from workbench.services.dissent import Dissent, Objection
from workbench.ui import evidence, session
from workbench.ui.components.view import Quote, Row, State, view
from workbench.ui.kept import kept_choice, kept_text
from workbench.ui.text import literal

from .requirements_rows import Sheet, heard

_CONCERN: dict[str, State] = {
    "": "none",
    "none": "good",
    "minor": "open",
    "moderate": "open",
    "serious": "doubt",
}


def draw(sheet: Sheet, theme: str) -> None:
    @st.dialog(t("requirements.closer_title"), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        st.markdown(f"**{literal(sheet.headings[theme])}**", anchors=False)
        _head("requirements.heard")
        view("spread", {"groups": heard(sheet, theme, bars=True), "note": t("requirements.heard_note")},
             key=f"voices_{theme}")  # fmt: skip
        _head("committee.differently")
        _dissent(sheet, theme, sheet.dissent[theme])
        _head("confidence.title")
        _confidence(sheet, theme)

    drawer()


def _close() -> None:
    session.ask(about=None)


def _head(id: str) -> None:
    st.space("small")
    st.markdown(f"**{t(id)}**", anchors=False)


# -- who sees it differently ---------------------------------------------------------------------------------------


def _dissent(sheet: Sheet, theme: str, found: Dissent) -> None:
    discs = {g["name"]: g for g in evidence.groups_of(sheet.matrix).values()}
    quotes: list[Quote] = []
    rows: list[Row] = []
    for o in found.objections:
        if o.kind == "quote":
            quote: Quote = {"text": o.text, "by": o.by, "lang": o.language, "against": True}
            if o.by in discs:
                quote["group"] = discs[o.by]
            quotes.append(quote)
        else:
            rows.append(_objection(o, theme))
    if quotes:
        view("quote", {"quotes": quotes}, key=f"against_{theme}")
    if rows:
        view("rows", {"rows": rows}, key=f"objections_{theme}")
    st.caption(looked(found))


def looked(found: Dissent) -> str:
    """How far anyone has looked: without having looked, nothing is said to be missing."""
    if not found.reread:
        return t("requirements.not_looked")
    return t("requirements.looked", n=found.reread, of=found.sources, at=day(found.reread_on))


def _objection(o: Objection, theme: str) -> Row:
    row: Row = {"text": o.text or t("requirements.objection_untold")}
    facts = [t(f"requirements.objection_{o.kind}")]
    if o.kind == "ground":
        kind = t(f"model.kind.{o.ground}") if o.ground else ""
        row |= {"link": o.on, "href": session.link("requirements", requirement=o.on)}
        if o.text:
            facts = [t("requirements.objection_on", kind=kind, key=o.on)]
            row["serif"] = o.ground == "unit"
            facts += [o.by] if o.by and not session.projector() else []
        else:
            row["text"], facts = t("requirements.objection_said", key=o.on), []
    elif o.kind == "reservation":
        row["text"] = o.text or t("requirements.objection_no_reason")
        facts.append(o.by)
        row |= {"link": o.on, "href": session.link("decisions", decision=o.on)}
    elif o.by and not session.projector():
        facts.append(o.by)
    if o.kind == "challenge":
        row |= {"state": "open", "word": t("requirements.unanswered")} if o.is_open else {
            "state": "good", "word": t("requirements.answered")}  # fmt: skip
        if o.answer:
            facts.append(t("requirements.answer", answer=o.answer))
        elif o.is_open:
            facts.append(t("requirements.unanswered"))
        if o.text:
            row |= {"link": t("requirements.look"), "href": session.link("synthesise", category=theme)}
    row["note"] = " · ".join(facts)
    return row


# -- how sure we are -----------------------------------------------------------------------------------------------


def _confidence(sheet: Sheet, theme: str) -> None:
    found = confidence.confidence_of(sheet.ctx, theme)
    if can(sheet.ctx.member.role, Action.ANALYSE) and not session.projector():
        st.caption(t("confidence.note"))
        for component in confidence.COMPONENTS:
            _judge(sheet, theme, component, found)
    else:
        view("rows", {"rows": judged(found)}, key=f"sure_{theme}")


def judged(found: Confidence) -> list[Row]:
    """The four judgements to be read: a shape, what it is about, and the word and reason for it."""
    rows: list[Row] = []
    for component in confidence.COMPONENTS:
        j = found.judgements.get(component)
        concern = j.concern if j else ""
        said = t(f"confidence.concern_{concern or 'unsaid'}")
        facts = [said if not j or not j.reason else f"{said}: {j.reason}", _facts(component, found)]
        rows.append({"text": t(f"confidence.{component}"), "state": _CONCERN[concern], "word": said,
                     "note": " · ".join(f for f in facts if f)})  # fmt: skip
    return rows


def _facts(component: str, found: Confidence) -> str:
    """The facts beside a judgement; they are not it."""
    f = found.facts
    if component == "methods":
        return t(
            "confidence.fact_methods",
            analysts=tn("confidence.analysts", f.analysts),
            n=f.reread,
            of=f.sources,
        )
    if component == "coherence":
        if f.challenges is None:
            return t("confidence.fact_challenged") if f.is_challenged else ""
        if not f.challenges:
            return t("confidence.fact_unchallenged") if f.reread else t("requirements.not_looked")
        how = t("confidence.unanswered", n=f.unanswered) if f.unanswered else t("requirements.answered")
        return f"{tn('confidence.challenges', f.challenges)}, {how}"
    if component == "adequacy":
        if f.units is None:
            return tn("model.people", f.people) if f.people else ""
        return t("model.rests_on", units=tn("model.units", f.units), people=tn("model.people", f.people or 0))
    return t("confidence.fact_relevance", n=f.groups, of=f.of_groups)


def _judge(sheet: Sheet, theme: str, component: str, found: Confidence) -> None:
    j = found.judgements.get(component)
    row = {"concern": j.concern if j else "", "reason": j.reason if j else "", "rev": j.rev if j else 0}
    name = f"sure.{theme}.{component}"

    def concern(value: str, now: Mapping[str, Any]) -> None:
        reason = now["reason"] or session.widget(f"kept_{name}.reason") or ""
        confidence.set_confidence(sheet.ctx, theme, component, value, reason, rev=now["rev"])

    def reason(value: str, now: Mapping[str, Any]) -> None:
        word = session.widget(f"kept_{name}.concern") or now["concern"]
        if not word:
            raise Refused("confidence.needs_concern")
        confidence.set_confidence(sheet.ctx, theme, component, word, value, rev=now["rev"])
        session.keep_draft(f"kept_{name}.concern", None)  # a word that waited for its reason is kept now

    with st.container(key=f"judge_{component}", gap="xsmall"):
        kept_choice(t(f"confidence.{component}"), confidence.CONCERNS, name=f"{name}.concern", row=row,
                    field="concern", kind="pills", none="", words=lambda v: t(f"confidence.concern_{v}"),
                    save=concern, help=t(f"confidence.{component}_help"))  # fmt: skip
        kept_text(t("confidence.reason"), name=f"{name}.reason", row=row, field="reason", save=reason,
                  label_visibility="collapsed", placeholder=t(f"confidence.{component}_hint"))  # fmt: skip
        who = t("requirements.by_on", who=j.by, at=day(j.at)) if j else ""
        st.caption(literal(" · ".join(x for x in (_facts(component, found), who) if x)))
