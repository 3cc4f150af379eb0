"""Assumptions with their tests and results, and open questions: below the components they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import assumptions
from workbench.services.assumptions import STATES, About, AssumptionView, QuestionView
from workbench.services.context import Context
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import Row, State, view
from workbench.ui.kept import kept_choice, kept_text, row_of

_SHAPES: dict[str, State] = {"untested": "none", "holds": "good", "does_not_hold": "doubt", "unclear": "open"}


def draw(ctx: Context) -> None:
    known = assumptions.list_assumptions(ctx)
    asked = assumptions.list_questions(ctx)
    subjects = assumptions.list_subjects(ctx)
    left, right = st.columns([1.3, 1], gap="large")
    with left:
        st.subheader(t("assumptions.title"), anchor=False)
        st.caption(t("assumptions.about"))
        said = st.container(key="assumptions_said")
        if known:
            st.text(_summary(known))
        view(
            "rows", {"rows": [_row(a) for a in known], "empty": t("assumptions.empty")}, key="assumptions",
            on_select=lambda id: session.ask(assumption=id, question=None),
        )  # fmt: skip
        _new(ctx, "assumption", subjects, said)
    with right:
        st.subheader(t("questions.title"), anchor=False)
        st.caption(t("questions.about"))
        said_too = st.container(key="questions_said")
        today = ctx.now().date()
        view(
            "rows", {"rows": [_question(q, today) for q in _ordered(asked)], "empty": t("questions.empty")},
            key="questions", on_select=lambda id: session.ask(question=id, assumption=None),
        )  # fmt: skip
        _new(ctx, "question", subjects, said_too)
    opened = next((a for a in known if a.id == session.asked("assumption")), None)
    question = next((q for q in asked if q.id == session.asked("question")), None)
    if opened is not None:
        _assumption_drawer(ctx, opened, subjects, said)
    elif question is not None:
        _question_drawer(ctx, question, subjects, said_too)


def _summary(known: list[AssumptionView]) -> str:
    parts = [
        t(f"assumptions.n_state.{state}", n=n) for state in STATES if (n := sum(a.state == state for a in known))
    ]  # fmt: skip
    return t("assumptions.summary", all=tn("assumptions.n", len(known)), states=", ".join(parts))


def _about(about: About | None) -> list[str]:
    if about is None:
        return []
    return [t("assumptions.note.about_gone" if about.gone else "assumptions.note.about", what=about.label)]


def _row(a: AssumptionView) -> Row:
    tried = [t("assumptions.note.test", test=a.test)] if a.test else [t("assumptions.note.no_test")]
    tried += [t("assumptions.note.result", result=a.result)] if a.result else []
    word = t(f"assumptions.state.{a.state}")
    return {
        "key": a.key, "text": a.text, "note": ". ".join(x.rstrip(".") for x in [word, *_about(a.about), *tried]) + ".",
        "state": _SHAPES[a.state], "word": word, "id": a.id, "link": t("assumptions.open"),
    }  # fmt: skip


def _ordered(asked: list[QuestionView]) -> list[QuestionView]:
    """Open ones first, those with the nearest day on top."""
    return sorted(asked, key=lambda q: (not q.is_open, q.due or "9999", q.key))


def _question(q: QuestionView, today: date) -> Row:
    late = q.is_open and q.due is not None and q.due < today.isoformat()
    state = "open" if q.is_open else "answered"
    word = t(f"questions.state.{state}")
    who = t("questions.note.owner", owner=q.owner) if q.owner else t("questions.note.no_owner")
    if q.due:
        who = f"{who}, {t('questions.note.was_due' if late else 'questions.note.due', day=day(q.due))}"
    said = [word, *([t("questions.note.answer", answer=q.answer)] if q.answer else [who]), *_about(q.about)]
    shape: State = "open" if q.is_open else "good"
    return {
        "key": q.key, "text": q.text, "note": ". ".join(x.rstrip(".") for x in said) + ".", "state": shape,
        "word": word, "id": q.id, "link": t("assumptions.open"),
    }  # fmt: skip


def _named(about: About) -> str:
    return f"{t(f'assumptions.kind.{about.kind}').capitalize()}: {about.label}"


def _new(ctx: Context, what: str, subjects: list[About], said: Any) -> None:
    area = f"{what}s"
    names = {a.id: _named(a) for a in subjects}

    def add() -> None:
        typed = str(session.widget(f"new_{what}") or "").strip()
        fn = assumptions.add_assumption if what == "assumption" else assumptions.add_question
        about = session.widget(f"new_{what}_about")
        if typed and attempt(fn, ctx, text=typed, about=about, where=said) is not None:
            session.set_widget(f"new_{what}", "")
            session.set_widget(f"new_{what}_about", None)

    with st.form(f"form_{what}", border=False, enter_to_submit=True):
        st.text_input(t(f"{area}.add"), key=f"new_{what}", placeholder=t(f"{area}.add_hint"))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            if names:
                st.selectbox(
                    t("assumptions.about_what"), list(names), index=None, key=f"new_{what}_about", width=320,
                    placeholder=t("assumptions.about_hint"), format_func=names.__getitem__,
                    label_visibility="collapsed",
                )  # fmt: skip
            st.form_submit_button(t("assumptions.write_down"), on_click=add, key=f"write_{what}")


# -- one of them --------------------------------------------------------------------------------------------


def _close() -> None:
    session.ask(assumption=None, question=None)


def _about_field(name: str, about: About | None, rev: int, subjects: list[About], save: Any) -> None:
    names = {a.id: _named(a) for a in [*subjects, *([about] if about else [])]}
    kept_choice(
        t("assumptions.about_what"), ["", *names], name=name, row={"about": about.id if about else "", "rev": rev},
        field="about", save=save, words=lambda id: names.get(id, "") if id else t("assumptions.nothing"),
    )  # fmt: skip


def _assumption_drawer(ctx: Context, opened: AssumptionView, subjects: list[About], said: Any) -> None:
    @st.dialog(opened.key, width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        a = next((x for x in assumptions.list_assumptions(ctx) if x.id == opened.id), None)
        if a is None:
            st.text(t("error.gone"))
            return

        def change(field: str, typed: Any, row: Mapping[str, Any]) -> None:
            assumptions.change_assumption(ctx, opened.id, rev=row["rev"], **{field: typed})

        for field, hint in (("text", ""), ("test", t("assumptions.test_hint")), ("result", "")):
            kept_text(t(f"assumptions.{field}"), name=f"assumption.{a.id}.{field}", row=row_of(a), field=field,
                      lines=2, save=partial(change, field), placeholder=hint)  # fmt: skip
        kept_choice(t("assumptions.state"), STATES, name=f"assumption.{a.id}.state", row=row_of(a), field="state",
                    kind="segments", save=partial(change, "state"), required=True,
                    words=lambda s: t(f"assumptions.state.{s}"))  # fmt: skip
        _about_field(f"assumption.{a.id}.about", a.about, a.rev, subjects, partial(change, "about"))

        def retire() -> None:
            attempt(assumptions.retire_assumption, ctx, opened.id, where=said)
            _close()

        st.space("small")
        st.button(t("assumptions.take_out"), key=f"retire_{a.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip

    drawer()


def _question_drawer(ctx: Context, opened: QuestionView, subjects: list[About], said: Any) -> None:
    @st.dialog(opened.key, width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        q = next((x for x in assumptions.list_questions(ctx) if x.id == opened.id), None)
        if q is None:
            st.text(t("error.gone"))
            return

        def change(field: str, typed: Any, row: Mapping[str, Any]) -> None:
            assumptions.change_question(ctx, opened.id, rev=row["rev"], **{field: typed})

        kept_text(t("questions.text"), name=f"question.{q.id}.text", row=row_of(q), field="text", lines=2,
                  save=partial(change, "text"))  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            kept_text(t("questions.owner"), name=f"question.{q.id}.owner", row=row_of(q), field="owner",
                      save=partial(change, "owner"))  # fmt: skip
            kept_text(t("questions.due"), name=f"question.{q.id}.due", row=row_of(q), field="due", width=160,
                      placeholder="2026-05-28", save=partial(change, "due"))  # fmt: skip
        kept_text(t("questions.answer"), name=f"question.{q.id}.answer", row=row_of(q), field="answer", lines=3,
                  save=partial(change, "answer"))  # fmt: skip
        _about_field(f"question.{q.id}.about", q.about, q.rev, subjects, partial(change, "about"))

        def retire() -> None:
            attempt(assumptions.retire_question, ctx, opened.id, where=said)
            _close()

        st.space("small")
        st.button(t("assumptions.take_out"), key=f"retire_{q.id}", type="tertiary", icon=":material/delete:",
                  on_click=retire)  # fmt: skip

    drawer()
