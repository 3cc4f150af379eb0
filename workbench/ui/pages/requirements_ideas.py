"""A workshop's own ideas, each with where it came from, welcome without any theme; and an idea's drawer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.language import t
from workbench.services import ideas, likeness
from workbench.services.ideas import Idea
from workbench.ui import session
from workbench.ui.components.view import Row, view
from workbench.ui.kept import kept_choice, kept_text, row_of

from .requirements_rows import Sheet, act, not_needed, refused, row, set_aside, taken_back, write


def column(sheet: Sheet, only_holes: bool) -> None:
    st.subheader(t("requirements.ideas"), anchor=False)
    waiting = {id for id, _ in sheet.coverage.ideas}
    shown = [i for i in sheet.ideas if not only_holes or i.id in waiting]
    _list(sheet, shown, t("requirements.no_ideas") if not sheet.ideas else "")
    _add(sheet)


def room(sheet: Sheet) -> None:
    """The ideas for everyone to see; one is pressed, and the requirement written under it."""
    _list(sheet, list(sheet.ideas), t("requirements.no_ideas"))
    _add(sheet)


def _list(sheet: Sheet, shown: list[Idea], empty: str) -> None:
    """Ideas in order; under the one in hand, the line for its requirement."""
    writing = session.draft("idea")
    at = next((n for n, i in enumerate(shown) if i.id == writing), None)
    if at is None:
        _rows(sheet, shown, "ideas", empty)
        return
    _rows(sheet, shown[: at + 1], "ideas", "")
    with st.container(key="idea_in_hand", gap="small"):
        if shown[at].id in sheet.coverage.not_needed:
            aside = [set_aside(sheet, shown[at].id)]
            view("rows", {"rows": aside}, key="aside_idea", on_select=taken_back(sheet))
        write(sheet, "idea", idea=shown[at].id)
        if not session.projector():
            with st.container(horizontal=True, gap="small"):
                if shown[at].id in {id for id, _ in sheet.coverage.ideas}:
                    not_needed(sheet, shown[at].id)
                st.button(t("requirements.idea_change"), key="idea_open", type="tertiary",
                          on_click=lambda: session.ask(idea=writing))  # fmt: skip
    if rest := shown[at + 1 :]:
        _rows(sheet, rest, "ideas_after", "")


def _rows(sheet: Sheet, shown: list[Idea], key: str, empty: str) -> None:
    in_hand = session.draft("idea")
    drawn: list[Row] = []
    for idea in shown:
        keys = [r.requirement.key for r in sheet.resting_on(idea.id)]
        facts = [_origin(idea)]
        if keys:
            facts.append(t("requirements.idea_used", keys=", ".join(keys)))
        elif idea.id in sheet.coverage.not_needed:
            facts.append(t("requirements.not_needed_word"))
        found: Row = {
            "text": idea.text,
            "serif": True,
            "id": idea.id,
            "note": " · ".join(f for f in facts if f),
        }
        if idea.id == in_hand:
            found |= {"current": True, "link": t("requirements.idea_close")}
        else:
            found["link"] = t("requirements.idea_open" if keys else "requirements.idea_write")
        drawn.append(found)

    def take(id: str) -> None:
        session.keep_draft("idea", None if id == in_hand else id)

    if drawn or empty:
        view("rows", {"rows": drawn, "empty": empty}, key=key, on_select=take)


def _origin(idea: Idea) -> str:
    return " · ".join(x for x in (idea.session_title, idea.group_name) if x)


# -- a new one -------------------------------------------------------------------------------------------------


def _add(sheet: Sheet) -> None:
    refused("idea_keep")
    with (
        st.popover(t("requirements.idea_add"), icon=":material/add:", key="idea_popover"),
        st.container(width=420),
    ):
        workshops, groups = ideas.list_origins(sheet.ctx)
        st.text_area(t("requirements.idea_text"), key="idea_text", height=90)
        st.selectbox(t("requirements.idea_workshop"), [id for id, _ in workshops], index=None, key="idea_session",
                     format_func=dict(workshops).__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip
        st.selectbox(t("requirements.idea_group"), [id for id, _ in groups], index=None, key="idea_group",
                     format_func=dict(groups).__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip

        def keep() -> None:
            done = act(
                "idea_keep", ideas.add_idea, sheet.ctx, text=session.widget("idea_text") or "",
                session=session.widget("idea_session"), stakeholder_group=session.widget("idea_group"),
            )  # fmt: skip
            if done is not None:
                session.set_widget("idea_text", "")
                session.keep_draft("idea", done)

        st.button(t("requirements.idea_keep"), key="idea_keep", on_click=keep)


# -- the drawer ------------------------------------------------------------------------------------------------


def draw(sheet: Sheet, idea: Idea) -> None:
    @st.dialog(t("model.kind.idea"), width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        now = next((i for i in ideas.list_ideas(sheet.ctx) if i.id == idea.id), None)
        if now is None:
            st.text(t("error.gone", kind="idea"))
            return
        _fields(sheet, now)

    drawer()


def _close() -> None:
    session.ask(idea=None)


def _fields(sheet: Sheet, idea: Idea) -> None:
    ctx = sheet.ctx
    workshops, groups = map(dict, ideas.list_origins(ctx))
    # Where it came from stays told after a group or workshop has gone.
    if idea.session:
        workshops.setdefault(idea.session, idea.session_title)
    if idea.stakeholder_group:
        groups.setdefault(idea.stakeholder_group, idea.group_name)

    def change(field: str, value: Any, now: Mapping[str, Any]) -> None:
        ideas.change_idea(ctx, idea.id, rev=now["rev"], **{field: value})

    def choice(label: str, field: str, names: Mapping[str, str]) -> None:
        kept_choice(t(label), ["", *names], name=f"idea.{idea.id}.{field}", row=row_of(idea), field=field,
                    words=lambda v: names[v] if v else t("model.none_chosen"), save=partial(change, field))  # fmt: skip

    kept_text(t("requirements.idea_text"), name=f"idea.{idea.id}.text", row=row_of(idea), field="text", lines=4,
              save=partial(change, "text"), height="content")  # fmt: skip
    choice("requirements.idea_workshop", "session", workshops)
    choice("requirements.idea_group", "stakeholder_group", groups)
    alike: list[Row] = [
        {"text": t("requirements.idea_nearly_the_same"), "note": s.text, "link": t("requirements.look"),
         "href": session.link("requirements", idea=s.id)}
        for s in likeness.nearly_the_same(ctx, idea.text, kind="idea", besides=idea.id)
    ]  # fmt: skip
    if alike:
        view("rows", {"rows": alike}, key=f"near_{idea.id}")
    st.markdown(f"**{t('requirements.idea_requirements')}**", anchors=False)
    mine = [row(sheet, r) for r in sheet.resting_on(idea.id)]
    view("rows", {"rows": mine, "empty": t("requirements.idea_no_requirement")}, key=f"idea_rows_{idea.id}")
    if idea.id in sheet.coverage.not_needed:
        aside = [set_aside(sheet, idea.id)]
        view("rows", {"rows": aside}, key=f"aside_{idea.id}", on_select=taken_back(sheet))

    def retire() -> None:
        done = act(f"retire_{idea.id}", ideas.retire_idea, ctx, idea.id)
        if done:
            _close()

    refused(f"retire_{idea.id}")
    st.button(t("requirements.idea_take_out"), key=f"retire_{idea.id}", type="tertiary",
              icon=":material/delete:", on_click=retire)  # fmt: skip
