"""What is in doubt, by the one change it comes from, and the one question: does the meaning change?"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import t, tn
from workbench.services import trust
from workbench.services.context import Context
from workbench.services.trust import DoubtedItem, Front, TrustView
from workbench.ui import issues, session
from workbench.ui.call import sentence
from workbench.ui.components.view import Row, view
from workbench.ui.text import literal

SCREENS = {"category": "synthesise", "requirement": "requirements", "component": "prototype"}
FIRST = 6  # fronts drawn before one asks for the others


def fronts(ctx: Context, among: Collection[str] | None = None, key: str = "trust") -> TrustView:
    """Draw what is in doubt with its causes; with `among`, only what concerns these things. Who may say whether a
    thing holds has the two buttons."""
    found = trust.trust_view(ctx)
    shown = [f for f in found.fronts if among is None or any(i.id in among for i in (*f.items, *f.distant))]
    more = len(shown) - FIRST
    asked = session.widget(f"{key}_all", False)
    for n, front in enumerate(shown if asked or more <= 1 else shown[:FIRST]):
        if n:
            st.space("small")
        _front(ctx, front, f"{key}_{n}")
    if more > 1 and not asked:
        st.button(
            tn("trust.page.more", more), key=f"{key}_more", type="tertiary",
            on_click=lambda: session.set_widget(f"{key}_all", True),
        )  # fmt: skip
    return found


def _front(ctx: Context, front: Front, key: str) -> None:
    st.markdown(f"**{literal(front.says)}**", anchors=False)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        view("rows", {"rows": [_row(ctx, i) for i in front.items]}, key=f"{key}_rows")
        if front.distant:
            names = ", ".join(i.key or f"“{i.label}”" for i in front.distant[:8])
            rest = len(front.distant) - 8
            said = t("trust.page.distant", what=names)
            st.caption(literal(f"{said} {tn('trust.page.and_more', rest)}" if rest > 0 else said))
    mine = [i for i in front.items if i.may_look]
    with right:
        if not front.can_be_looked_at:
            st.caption(t("trust.page.rule"))
        elif mine:
            _question(ctx, front, mine, key)
            if front.cause.kind == "does_not_hold":
                st.caption(t("trust.page.change"))


def _row(ctx: Context, item: DoubtedItem) -> Row:
    screen = SCREENS[item.kind]
    address = {"synthesise": "category", "requirements": "requirement", "prototype": "component"}[screen]
    parts = [t(f"moscow.{item.moscow}")] if item.moscow == "must" else []
    parts += [item.since] if item.since else []
    parts += [t("trust.page.also", causes=item.also)] if item.also else []
    row: Row = {"text": item.label, "state": "doubt", "note": " · ".join(parts)}
    if item.kind == "category":
        row["serif"] = True
    row["key"] = item.key or t(f"model.kind.{item.kind}")
    target = issues.href(ctx, screen, **{address: item.id})
    if target:
        row["href"] = target["href"]
        row["link"] = t("trust.page.look")
    return row


def _question(ctx: Context, front: Front, mine: list[DoubtedItem], key: str) -> None:
    """One question for all that one change has put in doubt; what is to be answered otherwise is taken out first."""
    st.markdown(t("trust.page.question"), anchors=False)
    # The answer is to what stands here: another front at this place later must not find it.
    key = f"{key}_{front.key}"
    chosen = [i.id for i in mine]
    if len(mine) > 1:
        named = {i.id: i.key or i.label for i in mine}
        picked = st.pills(
            t("trust.page.which"), list(named), selection_mode="multi", default=chosen, key=f"{key}_which",
            format_func=lambda id: literal(_short(named[id])), label_visibility="collapsed", wrap=True,
        )  # fmt: skip
        chosen = [i for i in chosen if i in picked]
    st.text_input(
        t("trust.page.note"), key=f"{key}_note", placeholder=t("trust.page.note_hint"), max_chars=400,
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(horizontal=True):
        for holds, word in ((True, "holds"), (False, "does_not")):
            st.button(
                t(f"trust.page.{word}"), key=f"{key}_{word}", disabled=not chosen, on_click=_look,
                args=(ctx, front, tuple(chosen), holds, f"{key}_note"),
            )  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= 34 else f"{name[:32].rstrip()} …"


def _look(ctx: Context, front: Front, items: tuple[str, ...], holds: bool, note: str) -> None:
    expects = {i.id: i.expects for i in front.items}
    try:
        trust.look_at(ctx, items, holds, str(session.widget(note) or ""), front.cause.item, expects)
    except WorkbenchError as error:
        session.flash(sentence(error), refused=True)
