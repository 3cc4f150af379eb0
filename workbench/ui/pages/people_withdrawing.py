"""People, Withdraw: what rests on somebody's words, said before anything is done; then stopping their use, or erasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import day, t, tn
from workbench.services import people, withdrawing
from workbench.services.context import Context
from workbench.services.withdrawing import Affected, WithdrawalImpact
from workbench.ui import session, shell
from workbench.ui.call import sentence
from workbench.ui.components.view import view
from workbench.ui.text import literal

Row = dict[str, Any]


def draw(ctx: Context, id: str, *, refused: Callable[[str], None], done: Callable[[], None]) -> None:
    """The drawer's inside: impact, how, why, and one button that says what happens."""
    impact = withdrawing.withdrawal_impact(ctx, id)
    name = impact.participant.pseudonym
    st.text(_first(impact))
    if rows := _rows(impact):
        view("rows", {"rows": rows}, key=f"withdraw_{id}_rests")
    if impact.hidden:
        st.caption(t("withdraw.hidden"))
    ways = [w for w in withdrawing.WAYS if w == "erase" or not impact.withdrawn_at]
    how = st.radio(
        t("withdraw.how"), ways, key=f"withdraw_{id}_how", format_func=lambda w: t(f"withdraw.how.{w}"),
        captions=[t(f"withdraw.how.{w}.about") for w in ways],
    )  # fmt: skip
    agreed = _erasing(impact) if how == "erase" else True
    st.text_area(t("withdraw.reason"), key=f"withdraw_{id}_reason", help=t("withdraw.reason.what"), height=80)

    label = tn(f"withdraw.do.{how}", len(impact.units), name=literal(name))
    if st.button(label, key=f"withdraw_{id}_do", type="primary", disabled=not agreed):
        try:
            n = withdrawing.withdraw(
                ctx, id, how, str(session.widget(f"withdraw_{id}_reason", "")),
                backups=bool(session.widget(f"withdraw_{id}_backups", False)),
            )  # fmt: skip
        except WorkbenchError as error:
            refused(sentence(error))
        else:
            session.flash(tn(f"withdraw.done.{how}", n))
            done()
        st.rerun()  # the whole page: what it shows has changed


def withdrawn(ctx: Context, id: str, *, refused: Callable[[str], None], again: Callable[[str], None]) -> bool:
    """What stands about somebody who has withdrawn, in place of the fields; False where they have not."""
    state = withdrawing.withdrawn(ctx).get(id)
    if state is None:
        return False
    names = {p.id: p.pseudonym for p in people.people_view(ctx).participants}
    st.subheader(literal(names.get(id, "")), anchor=False)
    st.text(
        t(
            f"withdraw.state.{'erased' if state.erased else 'stopped'}",
            at=day(state.at[:10]) or t("withdraw.then"),
        )
    )
    if state.erased:
        return True

    with st.container(horizontal=True):
        if state.op is not None and st.button(t("withdraw.back"), key=f"withdraw_{id}_back"):
            try:
                withdrawing.take_back(ctx, id)
            except WorkbenchError as error:
                refused(sentence(error))
            else:
                session.flash(t("withdraw.taken_back"))
            st.rerun()
        if st.button(t("withdraw.erase_now"), key=f"withdraw_{id}_open"):
            again(f"withdraw:{id}")
            st.rerun()
    return True


def unfinished(ctx: Context) -> None:
    """Said on the page until an erasure that was cut short is finished."""
    if not withdrawing.erasure_unfinished(ctx):
        return

    def finish() -> None:
        try:
            finished = withdrawing.finish_erasure(ctx)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)
            return
        session.flash(t("withdraw.finished" if finished else "withdraw.still_read"), refused=not finished)

    with st.container(horizontal=True, vertical_alignment="center", border=True, key="withdraw_unfinished"):
        st.markdown(f":red[▲] {literal(t('withdraw.unfinished'))}", anchors=False)
        st.button(t("withdraw.finish"), key="withdraw_finish", on_click=finish)


# -- what rests on them ----------------------------------------------------------------------------------


def _first(impact: WithdrawalImpact) -> str:
    said = [t("withdraw.speaks", name=impact.participant.pseudonym, turns=tn("withdraw.turns", impact.turns),
              sources=tn("withdraw.sources", len(impact.sources)))]  # fmt: skip
    if impact.withdrawn_at:
        said.append(t("withdraw.already", at=day(impact.withdrawn_at)))
    elif impact.items:
        said.append(tn("withdraw.rests", impact.items))
    else:
        said.append(t("withdraw.nothing_rests"))
    return " ".join(said)


def _door(href: str) -> Row:
    return {"link": t("withdraw.look"), "href": href}


def _names(found: tuple[Affected, ...]) -> str:
    return ", ".join(dict.fromkeys(a.key or a.label for a in found))


def _rows(impact: WithdrawalImpact) -> list[Row]:
    """Numbers first, each with the door behind it, then the themes, requirements and decisions one by one."""
    rows: list[Row] = []
    if impact.units:
        row = {"text": tn("withdraw.units", len(impact.units)),
               **_door(session.link("units", participant=impact.participant.id))}  # fmt: skip
        if impact.shared:
            row["note"] = tn("withdraw.shared", impact.shared)
        rows.append(row)
    if impact.condensates:
        first = impact.condensates[0]
        row = {
            "text": tn("withdraw.condensates", len(impact.condensates)),
            "note": _names(impact.condensates),
        }
        if impact.golden:
            row["note"] += f". {tn('withdraw.golden', impact.golden)}"
        if shell.on_route("condense"):
            row |= _door(
                session.link("condense", group=first.group, subgroup=first.subgroup, condensate=first.id)
            )
        rows.append(row)
    if impact.cleared:
        rows.append(
            {
                "text": tn("withdraw.cleared", len(impact.cleared)),
                **_door(session.link("synthesise", part="quotes")),
            }
        )
    embedding = {a.id for a in impact.embedding}
    for theme in impact.themes:
        note = t("withdraw.theme.text" if theme.id in embedding else "withdraw.theme.units")
        rows.append(
            {"text": theme.label, "note": note, **_door(session.link("synthesise", category=theme.id))}
        )
    musts = {a.id for a in impact.musts}
    for r in (r for r in impact.requirements if r.direct or r.id in musts):
        row = {"key": r.key, "text": r.label, "note": t("withdraw.requirement.direct"),
               **_door(session.link("requirements", requirement=r.id))}  # fmt: skip
        if r.id in musts:
            row |= {"state": "doubt", "word": t("withdraw.must"), "note": t("withdraw.must.note")}
        rows.append(row)
    if others := tuple(r for r in impact.requirements if not r.direct and r.id not in musts):
        rows.append({"text": tn("withdraw.requirements", len(others)), "note": _names(others),
                     **_door(session.link("requirements"))})  # fmt: skip
    if impact.components:
        rows.append({"text": tn("withdraw.components", len(impact.components)), "note": _names(impact.components),
                     **_door(session.link("prototype", component=impact.components[0].id))})  # fmt: skip
    if impact.decisions:
        rows.append({"text": tn("withdraw.decisions", len(impact.decisions)), "note": _names(impact.decisions),
                     **_door(session.link("decisions"))})  # fmt: skip
    if impact.versions:
        rows.append({"text": tn("withdraw.versions", len(impact.versions)), "note": _names(impact.versions),
                     **_door(session.link("prototype", part="versions"))})  # fmt: skip
    if impact.sent:
        note = "; ".join(
            dict.fromkeys(
                f"{day(at)}, {t(f'export.left.{kind}', who=who)}" for at, kind, who in impact.sent[:8]
            )
        )
        rows.append({"state": "doubt", "word": t("withdraw.sent.word"), "text": tn("withdraw.sent", len(impact.sent)),
                     "note": note, **_door(session.link("export"))})  # fmt: skip
    return rows


# -- erasing -----------------------------------------------------------------------------------------------


def _erasing(impact: WithdrawalImpact) -> bool:
    """What erasing takes besides, and what it leaves; whether it is agreed to."""
    id = impact.participant.id
    told = [tn("withdraw.erase.turns", impact.turns)]
    if impact.originals:
        told.append(tn("withdraw.erase.originals", impact.originals))
    shared = [s.title for s in impact.sources if not s.alone]
    if shared and impact.originals:
        told.append(t("withdraw.erase.shared", titles=", ".join(shared)))
    told.append(
        tn("withdraw.erase.stays", impact.impressions)
        if impact.impressions
        else t("withdraw.erase.stays.none")
    )
    for said in told:
        st.text(said)
    if impact.repeats:
        st.text(tn("withdraw.erase.repeats", len(impact.repeats)))
        view("rows", {"rows": [_repeat(a) for a in impact.repeats]}, key=f"withdraw_{id}_repeats")
    if not impact.backups:
        st.caption(t("withdraw.erase.elsewhere"))
        return True
    st.checkbox(tn("withdraw.erase.backups", impact.backups), key=f"withdraw_{id}_backups")
    st.caption(t("withdraw.erase.elsewhere"))
    return bool(session.widget(f"withdraw_{id}_backups", False))


_REPEATS = ("condensate", "category", "requirement", "decision", "idea", "impression", "memo", "recontext",
            "code_group", "version")  # fmt: skip


def _repeat(a: Affected) -> Row:
    row: Row = {
        "text": a.label or t("withdraw.repeat.some"),
        "note": t(f"withdraw.repeat.{a.kind if a.kind in _REPEATS else 'other'}"),
    }
    doors = {
        "condensate": {"group": a.group, "subgroup": a.subgroup, "condensate": a.id}, "category": {"category": a.id},
        "requirement": {"requirement": a.id}, "decision": {"decision": a.label},
    }  # fmt: skip
    screens = {
        "condensate": "condense",
        "category": "synthesise",
        "requirement": "requirements",
        "decision": "decisions",
    }
    if a.kind in doors:
        row |= _door(session.link(screens[a.kind], **doors[a.kind]))
    return row
