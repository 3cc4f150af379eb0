"""Requirements: from a theme to "the model must ...", written in the theme's own row."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import meetings, model, synthesis, tracing
from workbench.services.context import Context
from workbench.services.model import RequirementView
from workbench.services.synthesis import Matrix
from workbench.ui import evidence, session, shell
from workbench.ui.call import attempt, sentence
from workbench.ui.components.view import Row, view
from workbench.ui.kept import kept_choice, kept_text, row_of
from workbench.ui.text import literal

_MODEL = "-"  # the row for requirements that rest on no theme


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.requirements"))
    requirements = model.list_requirements(ctx)
    matrix = synthesis.theme_matrix(ctx)
    changed = {item: day(d.decided_at) for d in meetings.list_decisions(ctx) for item, _ in d.changed_since}
    st.title(t("nav.requirements"), anchor=False)
    said = st.container(key="requirements_said")
    if session.projector():
        _room(ctx, requirements, matrix, changed, said)
    else:
        _desk(ctx, requirements, matrix, changed, said)
    opened = session.asked("requirement")
    found = next((r for r in requirements if opened in (r.requirement.id, r.requirement.key)), None)
    if found is not None:
        _drawer(ctx, found, requirements, matrix)


# -- the page ----------------------------------------------------------------------------------------------


def _desk(
    ctx: Context, requirements: list[RequirementView], matrix: Matrix, changed: Mapping[str, str], said: Any
) -> None:
    holes = tracing.holes(ctx)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(_summary(requirements, matrix), width="content")
        st.space("stretch")
        if holes.themes or holes.requirements:
            st.toggle(t("requirements.holes_only"), key="holes", bind="query-params")
    only_holes = bool(session.widget("holes")) and bool(holes.themes or holes.requirements)
    main, side = st.columns([1.7, 1], gap="large")
    with main:
        if not matrix.themes:
            st.text(t("requirements.no_themes") if not requirements else t("requirements.no_themes_yet"))
        missing = {id for id, _ in holes.themes}
        unheld = {id for id, _ in holes.requirements}
        for n, (theme, heading) in enumerate(matrix.themes, 1):
            mine = [r for r in requirements if any(s.item == theme for s in (*r.supports, *r.against))]
            if only_holes:
                mine = [r for r in mine if r.requirement.id in unheld]
                if theme not in missing and not mine:
                    continue
            _theme(ctx, n, theme, heading, mine, matrix, changed, said, missing=theme in missing)
        others = [
            r for r in requirements if not _themes(r) and (not only_holes or r.requirement.id in unheld)
        ]
        if others or not only_holes:
            with st.container(key="requirements_other"):
                st.subheader(
                    t("requirements.other") if matrix.themes else t("requirements.all"), anchor=False
                )
                _rows(others, changed, "other")
                _write(ctx, None, said)
    with side:
        _holes(holes, requirements)
        _ideas(ctx, requirements, said)


def _room(
    ctx: Context, requirements: list[RequirementView], matrix: Matrix, changed: Mapping[str, str], said: Any
) -> None:
    """On a projector: one theme, its requirements in large letters, new ones typed live, no name anywhere."""
    if not matrix.themes:
        st.text(t("requirements.no_themes_yet"))
        _rows(requirements, {}, "room")
        _write(ctx, None, said)
        return
    numbers = [str(n) for n in range(1, len(matrix.themes) + 1)]
    asked = session.asked("theme")
    chosen = st.segmented_control(
        t("model.kind.category"), numbers, default=asked if asked in numbers else numbers[0], required=True,
        format_func=lambda n: t("requirements.theme_n", n=n), label_visibility="collapsed", key="room_theme",
        on_change=lambda: session.ask(theme=session.widget("room_theme")),
    )  # fmt: skip
    theme, heading = matrix.themes[int(chosen or 1) - 1]
    mine = [r for r in requirements if any(s.item == theme for s in (*r.supports, *r.against))]
    st.header(literal(heading), anchor=False)
    view("spread", {"groups": _heard(matrix, theme)}, key=f"heard_{theme}")
    view(
        "rows",
        {"rows": [{"text": r.requirement.statement, "key": r.requirement.key} for r in mine],
         "empty": t("requirements.none_on_theme")},
        key=f"room_rows_{theme}",
    )  # fmt: skip
    _write(ctx, theme, said)


def _summary(requirements: list[RequirementView], matrix: Matrix) -> str:
    if not requirements:
        return t("requirements.none")
    accepted = sum(r.requirement.status == "accepted" for r in requirements)
    return t(
        "requirements.summary", requirements=tn("requirements.count", len(requirements)),
        themes=tn("requirements.themes", len(matrix.themes)), accepted=accepted,
    )  # fmt: skip


def _themes(r: RequirementView) -> list[str]:
    return [s.item for s in (*r.supports, *r.against) if s.kind == "category"]


def _theme(
    ctx: Context, n: int, theme: str, heading: str, mine: list[RequirementView], matrix: Matrix,
    changed: Mapping[str, str], said: Any, *, missing: bool,
) -> None:  # fmt: skip
    with st.container(key=f"theme_{theme}", gap="small"):
        with st.container(gap=None):
            st.caption(t("requirements.theme_n", n=n))
            st.subheader(literal(heading), anchor=False)
        view("spread", {"groups": _heard(matrix, theme)}, key=f"heard_{theme}")
        _rows(mine, changed, theme, empty=t("requirements.none_on_theme") if missing else "")
        _write(ctx, theme, said)
        st.space("small")


def _heard(matrix: Matrix, theme: str) -> list[dict[str, Any]]:
    """Who was heard in a theme, for the view kind `spread`: people of people in the sample, where told."""
    discs = evidence.groups_of(matrix)
    return [
        {"group": discs[id],
         "text": t("model.of", n=cell.heard, of=cell.sample) if cell.heard is not None
         else t("pack.few" if cell.anyone else "pack.no_one")}
        for id, cell in matrix.cells[theme].items()
    ]  # fmt: skip


def _rows(mine: list[RequirementView], changed: Mapping[str, str], where: str, empty: str = "") -> None:
    if not mine and not empty:
        return
    view(
        "rows",
        {"rows": [_row(r, changed) for r in mine], "empty": empty},
        key=f"rows_{where}",
    )


def _row(r: RequirementView, changed: Mapping[str, str]) -> Row:
    q = r.requirement
    # The key stands in the second line: a sentence of two lines then begins beside its shape.
    row: Row = {
        "text": q.statement,
        "href": session.link("requirements", requirement=q.key, holes=session.asked("holes")),
        "state": evidence.STATUS[q.status],
        "word": t(f"status.{q.status}"),
    }
    facts = [q.key, t(f"moscow.{q.moscow}") if q.moscow else "", t(f"status.{q.status}")]
    if heard := evidence.people_line(r.people or 0, len(r.groups)):
        facts.append(heard)
    elif r.is_held_up:
        facts.append(t(f"basis.rests_{q.basis}") if q.basis != "theme" else "")
    if r.against:
        facts.append(tn("requirements.against", len(r.against)))
    facts += [name for _, name in r.components]
    if not r.is_held_up:
        row["state"], row["word"] = "doubt", t("requirements.unheld_word")
        facts.append(t("requirements.unheld"))
    if q.id in changed:
        row["state"], row["word"] = "doubt", t("requirements.changed_word")
        facts.insert(1, t("requirements.changed_since", at=changed[q.id]))
    row["note"] = " · ".join(f for f in facts if f)
    return row


# -- writing -----------------------------------------------------------------------------------------------


def whole_sentence(typed: str) -> str:
    """What was typed after "The model must", as a sentence; one that begins with a capital is kept as it is."""
    typed = typed.strip()
    if not typed or not typed[0].islower():
        return typed
    lead = t("requirements.must")
    return f"{lead} {typed}"


def _write(ctx: Context, theme: str | None, said: Any) -> None:
    """The input in the theme's own row: type, Enter, done."""
    key = f"must_{theme or _MODEL}"

    def keep() -> None:
        typed = whole_sentence(str(session.widget(key) or ""))
        if not typed:
            return
        basis = {"based_on": [theme]} if theme else {}
        if attempt(model.add_requirement, ctx, statement=typed, where=said, **basis) is not None:
            session.set_widget(key, "")

    st.text_input(
        t("requirements.must_label"), key=key, placeholder=t("requirements.must_placeholder"),
        label_visibility="collapsed", on_change=keep,
    )  # fmt: skip


def _holes(holes: tracing.Holes, requirements: list[RequirementView]) -> None:
    """What is missing, said as sentences; nothing when nothing is."""
    rows: list[Row] = [
        {"text": t("requirements.hole_theme", theme=heading), "state": "open"} for _, heading in holes.themes
    ]
    parked = _only_parked(requirements)
    rows += [
        {"text": t("requirements.hole_parked", theme=heading), "state": "none", "word": t("status.parked")}
        for heading in parked
    ]
    rows += [
        {"text": t("requirements.hole_requirement", key=key), "state": "doubt", "id": id,
         "link": t("requirements.look")}
        for id, key in holes.requirements
    ]  # fmt: skip
    if not rows:
        return
    st.subheader(t("requirements.missing"), anchor=False)
    view("rows", {"rows": rows}, key="holes_rows", on_select=lambda id: session.ask(requirement=id))
    st.space("small")


def _only_parked(requirements: list[RequirementView]) -> list[str]:
    """Headings of themes whose every requirement is parked."""
    found: dict[str, list[str]] = {}
    for r in requirements:
        for s in r.supports:
            if s.kind == "category":
                found.setdefault(s.label, []).append(r.requirement.status)
    return [heading for heading, states in found.items() if set(states) == {"parked"}]


def _ideas(ctx: Context, requirements: list[RequirementView], said: Any) -> None:
    """A workshop's own ideas, each with where it came from, welcome without any theme."""
    st.subheader(t("requirements.ideas"), anchor=False)
    used: dict[str, list[str]] = {}
    for r in requirements:
        for s in r.supports:
            if s.kind == "idea":
                used.setdefault(s.item, []).append(r.requirement.key)
    ideas = model.list_ideas(ctx)
    writing = session.draft("idea")
    rows: list[Row] = []
    for idea in ideas:
        origin = " · ".join(x for x in (idea.session_title, idea.group_name) if x)
        row: Row = {"text": idea.text, "serif": True, "note": origin, "current": idea.id == writing}
        if idea.id in used:
            row |= {"note": " · ".join([origin, t("requirements.idea_used", keys=", ".join(used[idea.id]))])}
        else:
            row |= {"id": idea.id, "link": t("requirements.idea_write")}
        rows.append(row)
    view("rows", {"rows": rows, "empty": t("requirements.no_ideas")}, key="ideas",
         on_select=lambda id: session.keep_draft("idea", id))  # fmt: skip
    if any(i.id == writing for i in ideas):

        def keep() -> None:
            typed = whole_sentence(str(session.widget("must_idea") or ""))
            if not typed:
                return
            if attempt(model.add_requirement, ctx, statement=typed, based_on=[writing], basis="idea",
                       where=said) is not None:  # fmt: skip
                session.set_widget("must_idea", "")
                session.keep_draft("idea", None)

        st.text_input(t("requirements.must_idea"), key="must_idea", on_change=keep,
                      placeholder=t("requirements.must_placeholder"))  # fmt: skip
    with (
        st.popover(t("requirements.idea_add"), icon=":material/add:", key="idea_popover"),
        st.container(width=420),
    ):
        workshops, groups = model.list_origins(ctx)
        st.text_area(t("requirements.idea_text"), key="idea_text", height=90)
        st.selectbox(t("requirements.idea_workshop"), [id for id, _ in workshops], index=None, key="idea_session",
                     format_func=dict(workshops).__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip
        st.selectbox(t("requirements.idea_group"), [id for id, _ in groups], index=None, key="idea_group",
                     format_func=dict(groups).__getitem__, placeholder=t("model.none_chosen"))  # fmt: skip

        def keep_idea() -> None:
            done = attempt(
                model.add_idea, ctx, text=session.widget("idea_text") or "", where=said,
                session=session.widget("idea_session"), stakeholder_group=session.widget("idea_group"),
            )  # fmt: skip
            if done is not None:
                session.set_widget("idea_text", "")

        st.button(t("requirements.idea_keep"), key="idea_keep", on_click=keep_idea)


# -- the drawer --------------------------------------------------------------------------------------------


def _close() -> None:
    session.ask(requirement=None)


def _drawer(
    ctx: Context, found: RequirementView, requirements: list[RequirementView], matrix: Matrix
) -> None:
    @st.dialog(found.requirement.key, width="medium", position="right", on_dismiss=_close)
    def drawer() -> None:
        part = st.segmented_control(
            t("requirements.parts"), ("requirement", "because"), required=True, default="requirement",
            format_func=lambda p: t(f"requirements.part_{p}"), label_visibility="collapsed",
            key=f"part_{found.requirement.id}",
        )  # fmt: skip
        now = next(
            (r for r in model.list_requirements(ctx) if r.requirement.id == found.requirement.id), None
        )
        if now is None:
            st.text(t("error.gone"))
        elif part == "because":
            st.markdown(f"**{literal(now.requirement.statement)}**", anchors=False)
            facts = evidence.because(ctx, now.requirement.id, matrix)
            if now.requirement.basis in model.OUTSIDE and now.requirement.basis_note:
                facts["reasons"].insert(0, {"key": t(f"basis.{now.requirement.basis}"),
                                            "text": now.requirement.basis_note})  # fmt: skip
            view("because", facts, key=f"because_{now.requirement.id}")
        else:
            _fields(ctx, now)

    drawer()


def _fields(ctx: Context, r: RequirementView) -> None:
    q = r.requirement

    row = row_of(q)

    def change(field: str, value: str, now: Mapping[str, Any]) -> None:
        if field == "status":
            model.set_requirement_status(ctx, q.id, value, rev=now["rev"])
        else:
            model.change_requirement(ctx, q.id, rev=now["rev"], **{field: value})

    def text(field: str, lines: int = 3, **options: Any) -> None:
        if lines > 1:
            options["height"] = "content"
        kept_text(t(f"requirements.{field}"), name=f"requirement.{q.id}.{field}", row=row, field=field,
                  lines=lines, save=partial(change, field), **options)  # fmt: skip

    def choice(field: str, values: tuple[str, ...], words: str, *, required: bool = True) -> None:
        kept_choice(t(f"requirements.{field}"), values, name=f"requirement.{q.id}.{field}", row=row, field=field,
                    kind="pills", none="", words=lambda v: t(f"{words}.{v}"), required=required,
                    save=partial(change, field))  # fmt: skip

    text("statement")
    choice("moscow", model.MOSCOW, "moscow", required=False)
    choice("status", model.STATUSES, "status")
    text("rationale")
    text("acceptance")
    text("feasibility")
    if not session.projector():
        text("owner", 1)
    choice("basis", model.BASES, "basis")
    text("basis_note", 1, placeholder=t("requirements.basis_note_hint"))
    said = st.container(key=f"said_{q.id}")
    grounds = [g for g in model.list_grounds(ctx) if g.id not in {s.item for s in (*r.supports, *r.against)}]
    _sides(ctx, r, "supports", r.supports, grounds, said)
    _sides(ctx, r, "contradicts", r.against, grounds, said)
    if r.components:
        st.markdown(f"**{t('requirements.components')}**", anchors=False)
        view("rows", {"rows": [{"text": name, "href": session.link("prototype", component=id)}
                               for id, name in r.components]}, key=f"components_{q.id}")  # fmt: skip
    if r.decided:
        st.markdown(f"**{t('requirements.decided')}**", anchors=False)
        view("rows", {"rows": [{"text": key, "href": session.link("decisions", decision=key)}
                               for _, key in r.decided]}, key=f"decided_{q.id}")  # fmt: skip

    def retire() -> None:
        try:
            model.retire_requirement(ctx, q.id)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)
        _close()

    st.button(t("requirements.take_out"), key=f"retire_{q.id}", type="tertiary", icon=":material/delete:",
              on_click=retire)  # fmt: skip


def _sides(
    ctx: Context, r: RequirementView, role: str, held: tuple[model.Support, ...],
    grounds: list[model.Ground], said: Any,
) -> None:  # fmt: skip
    """What a requirement rests on, or what speaks against it; each can be taken away, others added."""
    st.markdown(f"**{t(f'requirements.{role}')}**", anchors=False)
    may_read = can(ctx.member.role, Action.READ_SOURCES) and not session.projector()
    rows: list[Row] = []
    for s in held:
        label = s.label if s.kind != "unit" or may_read else t("model.kind.unit")
        rows.append({"text": label, "key": t(f"model.kind.{s.kind}"), "id": s.link,
                     "link": t("requirements.take_away")})  # fmt: skip
    view("rows", {"rows": rows, "empty": t(f"requirements.{role}_nothing")}, key=f"{role}_{r.requirement.id}",
         on_select=lambda link: attempt(model.retire_link, ctx, link, where=said))  # fmt: skip
    key = f"add_{role}_{r.requirement.id}"
    names = {g.id: f"{t(f'model.kind.{g.kind}')}: {g.label}" for g in grounds}

    def add() -> None:
        if chosen := session.widget(key):
            attempt(model.support_requirement, ctx, r.requirement.id, chosen, role=role, where=said)
            session.set_widget(key, None)

    if names:
        st.selectbox(t(f"requirements.add_{role}"), list(names), index=None, key=key, on_change=add,
                     format_func=names.__getitem__, label_visibility="collapsed",
                     placeholder=t(f"requirements.add_{role}"))  # fmt: skip
