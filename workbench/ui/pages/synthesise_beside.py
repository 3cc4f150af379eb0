"""Step 4: what stands beside a theme: a few words per group in the matrix, and published findings."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from workbench.language import t
from workbench.services import synthesis
from workbench.services.synthesis import Evidence
from workbench.ui import session
from workbench.ui.components.view import State, view
from workbench.ui.kept import Row, kept_choice, kept_text, kept_toggle
from workbench.ui.pages.synthesise_theme import Facts, attempt
from workbench.ui.text import literal

_STATES: dict[bool, State] = {True: "good", False: "open"}


def draw(facts: Facts) -> None:
    main, side = st.columns([1, 1.15], gap="large")
    with main:
        _phrases(facts)
    with side:
        _literature(facts)


def _phrases(facts: Facts) -> None:
    matrix = synthesis.theme_matrix(facts.ctx)
    with st.container(gap=None):
        st.subheader(t("synthesise.phrases"), anchor=False)
        st.caption(t("synthesise.phrases_what"))
    for id, name, _mono, _tone in matrix.groups:
        cell = matrix.cells[facts.id][id]
        kept_text(
            literal(t("synthesise.heard", group=name, n=cell.heard, of=cell.sample)),
            name=f"phrase.{facts.id}.{id}",
            row={"phrase": cell.phrase, "rev": facts.theme.phrase_revs.get(id, 0)},
            field="phrase",
            save=partial(_phrase, facts, id),
        )


def _phrase(facts: Facts, group: str, typed: str, row: Row) -> None:
    synthesis.set_phrase(facts.ctx, facts.id, group, typed, rev=row["rev"])


def _literature(facts: Facts) -> None:
    with st.container(gap=None):
        st.subheader(t("synthesise.literature"), anchor=False)
        st.caption(t("synthesise.literature_what"))
    rows = [
        {"text": e.finding or e.title, "note": f"{e.citation} · {_checked(e.verified)}", "id": e.id,
         "state": _STATES[e.verified], "word": _checked(e.verified), "link": t("synthesise.change_literature"),
         "key": t(f"synthesise.role.{e.role}")}
        for e in facts.theme.evidence
    ]  # fmt: skip
    opened = session.draft("synthesise.literature")
    view("rows", {"rows": [r for r in rows if r["id"] != opened], "empty": "" if rows else t("synthesise.no_literature")},
         key=f"synthesise_literature_{facts.id}",
         on_select=partial(session.keep_draft, "synthesise.literature"))  # fmt: skip
    for e in facts.theme.evidence:
        if e.id == opened:
            _edit(facts, e)
    with st.popover(t("synthesise.add_literature"), key="synthesise_add_literature"):
        st.text_input(t("synthesise.citation"), key="evidence_citation", width=420)
        st.text_area(t("synthesise.finding"), key="evidence_finding", height=88)
        st.segmented_control(t("synthesise.role"), synthesis.ROLES, key="evidence_role", default="supports",
                             required=True, format_func=lambda r: t(f"synthesise.role.{r}"))  # fmt: skip
        st.checkbox(t("synthesise.i_checked"), key="evidence_verified")
        st.button(t("synthesise.put_beside"), key="evidence_add", on_click=_add, args=(facts,))


def _checked(verified: bool) -> str:
    return t("synthesise.verified" if verified else "synthesise.not_verified")


def _edit(facts: Facts, e: Evidence) -> None:
    row: dict[str, Any] = {"citation": e.citation, "finding": e.finding, "verified": e.verified, "rev": e.rev}

    def keep(field: str) -> Any:
        return lambda value, row: synthesis.change_evidence(facts.ctx, e.id, rev=row["rev"], **{field: value})

    with st.container(border=True, gap="small", key="synthesise_literature_open"):
        kept_text(t("synthesise.citation"), name=f"evidence.{e.id}.citation", row=row, field="citation",
                  save=keep("citation"))  # fmt: skip
        kept_text(t("synthesise.finding"), name=f"evidence.{e.id}.finding", row=row, field="finding", lines=3,
                  save=keep("finding"))  # fmt: skip
        kept_choice(
            t("synthesise.role"), synthesis.ROLES, name=f"evidence.{e.id}.role",
            row={"role": e.role, "rev": e.link_rev}, field="role", kind="segments", required=True,
            words=lambda r: t(f"synthesise.role.{r}"),
            save=lambda role, row: synthesis.set_evidence_role(facts.ctx, e.link, role, rev=row["rev"]),
        )  # fmt: skip
        kept_toggle(t("synthesise.i_checked"), name=f"evidence.{e.id}.verified", row=row, field="verified",
                    save=keep("verified"), words=_checked)  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            st.button(t("synthesise.close"), key="evidence_close",
                      on_click=partial(session.keep_draft, "synthesise.literature", None))  # fmt: skip
            st.button(
                t("synthesise.take_out"), key="evidence_out", type="tertiary", on_click=_out, args=(facts, e)
            )


def _out(facts: Facts, e: Evidence) -> None:
    attempt(synthesis.retire_evidence, facts.ctx, e.link)
    session.keep_draft("synthesise.literature", None)


def _add(facts: Facts) -> None:
    citation = session.widget("evidence_citation") or ""
    made = attempt(synthesis.add_evidence, facts.ctx, facts.id, title=citation, citation=citation,
                   finding=session.widget("evidence_finding") or "", role=session.widget("evidence_role") or "supports",
                   verified=bool(session.widget("evidence_verified")))  # fmt: skip
    if made:
        for key, empty in (("evidence_citation", ""), ("evidence_finding", ""), ("evidence_verified", False),
                           ("evidence_role", "supports")):  # fmt: skip
            session.set_widget(key, empty)
