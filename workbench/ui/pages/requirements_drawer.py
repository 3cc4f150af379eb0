"""One requirement at the side: what it says, what it takes, what it rests on, and why, down to the words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import t
from workbench.services import consequences, model
from workbench.services.consequences import Consequence
from workbench.services.context import Context
from workbench.services.model import RequirementView
from workbench.ui import evidence, session
from workbench.ui.components.view import Row, view
from workbench.ui.impact import impact_note
from workbench.ui.kept import kept_choice, kept_text, row_of
from workbench.ui.text import literal

from .requirements_rows import TRUST, Sheet, act, refused, said_before

PARTS = ("requirement", "takes", "rests", "because")


def draw(sheet: Sheet, found: RequirementView) -> None:
    @st.dialog(found.requirement.key, width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        id = found.requirement.id
        part = st.segmented_control(
            t("requirements.parts"), PARTS, required=True, default=PARTS[0], label_visibility="collapsed",
            format_func=lambda p: t(f"requirements.part_{p}"), key=f"part_{id}",
        )  # fmt: skip
        now = next((r for r in model.list_requirements(sheet.ctx) if r.requirement.id == id), None)
        if now is None:
            st.text(t("error.gone", kind="requirement"))
            return
        if part != "requirement":
            st.markdown(f"**{literal(now.requirement.statement)}**", anchors=False)
        if part == "because":
            _because(sheet, now)
        elif part == "takes":
            _takes(sheet.ctx, now)
        elif part == "rests":
            _rests(sheet, now)
        else:
            _requirement(sheet, now)

    drawer()


def _close() -> None:
    session.ask(requirement=None)


class _Fields:
    """The fields of one requirement, each of which keeps itself when it is left."""

    def __init__(self, ctx: Context, r: RequirementView) -> None:
        self.ctx, self.id, self.row = ctx, r.requirement.id, row_of(r.requirement)

    def _change(self, field: str, value: str, now: Mapping[str, Any]) -> None:
        if field == "status":
            model.set_requirement_status(self.ctx, self.id, value, rev=now["rev"])
        else:
            model.change_requirement(self.ctx, self.id, rev=now["rev"], **{field: value})

    def text(self, field: str, lines: int = 3, **options: Any) -> None:
        if lines > 1:
            options["height"] = "content"
        kept_text(t(f"requirements.{field}"), name=f"requirement.{self.id}.{field}", row=self.row, field=field,
                  lines=lines, save=partial(self._change, field), **options)  # fmt: skip

    def choice(self, field: str, values: tuple[str, ...], words: str, *, required: bool = True) -> None:
        kept_choice(t(f"requirements.{field}"), values, name=f"requirement.{self.id}.{field}", row=self.row,
                    field=field, kind="pills", none="", words=lambda v: t(f"{words}.{v}"), required=required,
                    save=partial(self._change, field))  # fmt: skip


def _requirement(sheet: Sheet, r: RequirementView) -> None:
    q, ctx = r.requirement, sheet.ctx
    state, told = model.requirement_trust(ctx).get(q.id, ("", ""))
    if state in TRUST:
        told_row: Row = {"text": told, "state": TRUST[state], "word": t(f"requirements.trust_{state}"),
                         "link": t("requirements.trust_look"), "href": session.link("trace", item=q.key)}  # fmt: skip
        view("rows", {"rows": [told_row]}, key=f"trust_{q.id}")
    fields = _Fields(ctx, r)
    fields.text("statement")
    said_before(sheet, r)
    if q.status == "accepted":
        impact_note(ctx, "reword", q.id)
    fields.choice("moscow", model.MOSCOW, "moscow", required=False)
    fields.choice("status", model.STATUSES, "status")
    fields.text("rationale")
    fields.text("acceptance")
    if not session.projector():
        fields.text("owner", 1)
    if r.components:
        st.markdown(f"**{t('requirements.components')}**", anchors=False)
        view("rows", {"rows": [{"text": name, "href": session.link("prototype", component=id)}
                               for id, name in r.components]}, key=f"components_{q.id}")  # fmt: skip
    if r.decided:
        st.markdown(f"**{t('requirements.decided')}**", anchors=False)
        view("rows", {"rows": [{"text": key, "href": session.link("decisions", decision=key)}
                               for _, key in r.decided]}, key=f"decided_{q.id}")  # fmt: skip

    def retire() -> None:
        if act(f"retire_{q.id}", model.retire_requirement, ctx, q.id):
            _close()

    with (
        st.popover(
            t("requirements.take_out"), key=f"take_out_{q.id}", type="tertiary", icon=":material/delete:"
        ),
        st.container(width=360),
    ):
        st.text(t("requirements.take_out_means"))
        impact_note(ctx, "retire", q.id)
        refused(f"retire_{q.id}")
        st.button(t("requirements.take_out_now"), key=f"retire_{q.id}", on_click=retire)


# -- what it takes -----------------------------------------------------------------------------------------------


def _takes(ctx: Context, r: RequirementView) -> None:
    """In short, and then what it means for others: aspects two by two, and last what must not be broken by it."""
    q = r.requirement
    _Fields(ctx, r).text("feasibility", 2)
    found = list(consequences.consequences_of(ctx, q.id).values())
    for pair in (found[n : n + 2] for n in range(0, len(found), 2)):
        for place, one in zip(st.columns(len(pair)), pair, strict=True):
            with place:
                _aspect(ctx, q.id, one)


def _aspect(ctx: Context, requirement: str, found: Consequence) -> None:
    def save(value: str, now: Mapping[str, Any]) -> None:
        consequences.set_consequence(ctx, requirement, found.aspect, value, rev=now["rev"])

    kept_text(
        t(f"consequence.{found.aspect}"), name=f"consequence.{requirement}.{found.aspect}", row=row_of(found),
        field="text", lines=3, height="content", placeholder=t(f"consequence.{found.aspect}_hint"), save=save,
    )  # fmt: skip


# -- what it rests on ----------------------------------------------------------------------------------------------


def _rests(sheet: Sheet, r: RequirementView) -> None:
    q, ctx = r.requirement, sheet.ctx
    fields = _Fields(ctx, r)
    fields.choice("basis", model.BASES, "basis")
    fields.text("basis_note", 1, placeholder=t("requirements.basis_note_hint"))
    refused(q.id)
    grounds = [g for g in model.list_grounds(ctx) if g.id not in {s.item for s in (*r.supports, *r.against)}]
    _side(ctx, r, "supports", r.supports, grounds)
    _card(ctx, q.id)
    _side(ctx, r, "contradicts", r.against, grounds)
    _conflicts(sheet, r)


def _side(
    ctx: Context, r: RequirementView, role: str, held: tuple[model.Support, ...], grounds: list[model.Ground],
) -> None:  # fmt: skip
    """What a requirement rests on, or what speaks against it; each can be taken away, others added."""
    st.markdown(f"**{t(f'requirements.{role}')}**", anchors=False)
    may_read = can(ctx.member.role, Action.READ_SOURCES) and not session.projector()
    rows: list[Row] = []
    for s in held:
        label = s.label if s.kind not in ("unit", "source") or may_read else t(f"model.kind.{s.kind}")
        rows.append({"text": label, "key": t(f"model.kind.{s.kind}"), "id": s.link,
                     "link": t("requirements.take_away")})  # fmt: skip
    view("rows", {"rows": rows, "empty": t(f"requirements.{role}_nothing")}, key=f"{role}_{r.requirement.id}",
         on_select=lambda link: act(r.requirement.id, model.retire_link, ctx, link))  # fmt: skip
    key = f"add_{role}_{r.requirement.id}"
    names = {g.id: f"{t(f'model.kind.{g.kind}')}: {g.label}" for g in grounds}

    def add() -> None:
        if chosen := session.widget(key):
            act(r.requirement.id, model.support_requirement, ctx, r.requirement.id, chosen, role=role)
            session.set_widget(key, None)

    if names:
        st.selectbox(t(f"requirements.add_{role}"), list(names), index=None, key=key, on_change=add,
                     format_func=names.__getitem__, label_visibility="collapsed",
                     placeholder=t(f"requirements.add_{role}"))  # fmt: skip


def _card(ctx: Context, requirement: str) -> None:
    """A meaning unit by what is printed on its card: no words of a transcript are needed here."""
    key = f"card_{requirement}"

    def add() -> None:
        typed = str(session.widget(key) or "")
        if typed.strip() and act(key, model.support_by_card, ctx, requirement, typed) is not None:
            session.set_widget(key, "")

    refused(key)
    st.text_input(t("requirements.card"), key=key, on_change=add, label_visibility="collapsed",
                  placeholder=t("requirements.card"))  # fmt: skip


def _conflicts(sheet: Sheet, r: RequirementView) -> None:
    """Requirements that cannot well be met together with this one; each stands at both."""
    ctx, id = sheet.ctx, r.requirement.id
    st.markdown(f"**{t('requirements.conflicts')}**", anchors=False)
    rows: list[Row] = [
        {"text": c.statement, "note": " · ".join(x for x in (c.key, c.note) if x), "link": t("requirements.look"),
         "href": session.link("requirements", requirement=c.key),
         "also": {"id": c.link, "text": t("requirements.take_away")}}
        for c in r.conflicts
    ]  # fmt: skip
    view("rows", {"rows": rows, "empty": t("requirements.conflicts_nothing")}, key=f"conflicts_{id}",
         on_select=lambda link: act(r.requirement.id, model.retire_link, ctx, link))  # fmt: skip
    key = f"add_conflict_{id}"
    known = {id, *(c.id for c in r.conflicts)}
    names = {
        x.requirement.id: f"{x.requirement.key} {x.requirement.statement}"
        for x in sheet.requirements
        if x.requirement.id not in known
    }

    def add() -> None:
        if chosen := session.widget(key):
            act(id, model.add_conflict, ctx, id, chosen)
            session.set_widget(key, None)

    if names:
        st.selectbox(t("requirements.add_conflict"), list(names), index=None, key=key, on_change=add,
                     format_func=names.__getitem__, label_visibility="collapsed",
                     placeholder=t("requirements.add_conflict"))  # fmt: skip


def _because(sheet: Sheet, r: RequirementView) -> None:
    facts = evidence.because(sheet.ctx, r.requirement.id, sheet.matrix)
    if r.requirement.basis in model.OUTSIDE and r.requirement.basis_note:
        facts["reasons"].insert(
            0, {"key": t(f"basis.{r.requirement.basis}"), "text": r.requirement.basis_note}
        )
    view("because", facts, key=f"because_{r.requirement.id}")
