"""What the code groups are called and mean, how they came to be, and codebooks as a second lens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import CodeGroup
from workbench.language import day, number, t, tn
from workbench.services import code_groups, codebooks, condensing, people, synthesis
from workbench.services.code_groups import GroupCount, Lineage
from workbench.services.codebooks import CodebookView, CodeView
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import attempt, sentence
from workbench.ui.components.view import Group, disc, view
from workbench.ui.impact import impact_note
from workbench.ui.kept import Row, kept_text, row_of
from workbench.ui.text import literal

_ACT = "code_groups.act"  # "merge", "split" or "out", and of which code group: the one thing under way
COLOURS = 12
_LONG = ("definition", "include", "exclude")


def page() -> None:
    shell.header(t("nav.code_groups"))
    ctx = session.context()
    found = code_groups.code_group_counts(ctx)
    chosen = _chosen(found)
    with st.container(gap=None):
        shell.parts("code", "code_groups")
        st.title(t("nav.code_groups"), anchor=False)
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        _list(ctx, found, chosen)
    if chosen:
        with right, st.container(key="code_groups_chosen"):
            _editor(ctx, found, chosen)
    st.space("small")
    _codebooks(ctx)


def _chosen(found: Sequence[GroupCount]) -> GroupCount | None:
    """The code group that the address names, else the first."""
    asked = session.asked("code_group")
    return next((c for c in found if c.group.id == asked), found[0] if found else None)


def _choose(id: str | None) -> None:
    session.ask(code_group=id)
    session.keep_draft(_ACT, None)


def _unplaced(ctx: Context) -> None:
    n = code_groups.count_unplaced(ctx)
    if n and st.button(tn("code_groups.left", n), type="tertiary", key="code_groups_left"):
        shell.go("units", code_group="none")


# -- the list ----------------------------------------------------------------------------------------------


def _list(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount | None) -> None:
    discs: dict[str, Group] = {v.group.id: disc(v.group, v.colour) for v in people.people_view(ctx).groups}
    rows = [
        {"id": c.group.id, "name": c.group.name, "tag": c.group.tag, "colour": c.group.colour % COLOURS + 1,
         "hatched": c.group.colour >= COLOURS, "note": c.group.definition, "count": number(c.units),
         "count_title": tn("code_groups.units", c.units), "current": c is chosen,
         **({"href": session.link("units", code_group=c.group.id)} if c.units else {}),
         "groups": [discs[g] for g in c.heard if g in discs]}
        for c in found
    ]  # fmt: skip
    view(
        "groups",
        {"rows": rows, "label": t("code_groups.list"), "empty": t("code_groups.empty")},
        key="code_groups_list",
        on_select=_choose,
    )
    _typed(
        t("code_groups.new"),
        "code_groups_new",
        lambda name: _choose(code_groups.add_code_group(ctx, name=name)),
    )
    _unplaced(ctx)


def _typed(label: str, key: str, add: Callable[[str], object]) -> None:
    """A field that adds something named when Enter is pressed, and is empty again."""

    def enter() -> None:
        name = str(session.widget(key) or "").strip()
        if not name:
            return
        try:
            add(name)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)
        else:
            session.set_widget(key, "")

    st.text_input(
        label,
        key=key,
        placeholder=label,
        label_visibility="collapsed",
        on_change=enter,
        icon=":material/add:",
    )


# -- the chosen code group ---------------------------------------------------------------------------------


def _editor(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount) -> None:
    group = chosen.group
    row = row_of(group)

    def save(field: str) -> Callable[[Any, Row], None]:
        return lambda typed, now: code_groups.change_code_group(
            ctx, group.id, rev=now["rev"], **{field: typed}
        )

    def field(name: str, lines: int = 1) -> None:
        kept_text(
            t(f"code_groups.{name}"), name=f"code_group.{group.id}.{name}", row=row, field=name, save=save(name),
            lines=lines, help=t("code_groups.tag.help") if name == "tag" else None,
        )  # fmt: skip

    named, tagged = st.columns([4, 1], gap="small")
    with named:
        field("name")
    with tagged:
        field("tag")
    _colours(ctx, found, group)
    for name, lines in (("definition", 3), ("include", 2), ("exclude", 2)):
        field(name, lines)
    _acts(ctx, found, chosen)
    _lineage(ctx, group)


def _colours(ctx: Context, found: Sequence[GroupCount], group: CodeGroup) -> None:
    """The twelve colours; and the same hatched once there are more code groups than colours."""
    used: dict[int, list[str]] = {}
    for c in found:
        if c.group.id != group.id:
            used.setdefault(c.group.colour, []).append(c.group.tag)
    rows = 2 if len(found) > COLOURS or group.colour >= COLOURS else 1
    swatches = []
    for colour in range(rows * COLOURS):
        name = t(f"code_groups.colour.{colour % COLOURS}")
        if colour >= COLOURS:
            name = t("code_groups.colour.hatched", name=name)
        if colour in used:
            name = t("code_groups.colour.used", name=name, tags=", ".join(used[colour]))
        swatches.append(
            {"id": str(colour), "name": name, "colour": colour % COLOURS + 1, "hatched": colour >= COLOURS,
             "current": colour == group.colour, "used": colour in used}
        )  # fmt: skip

    def take(colour: str) -> None:
        try:
            code_groups.change_code_group(ctx, group.id, rev=group.rev, colour=int(colour))
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)

    view(
        "swatches",
        {"swatches": swatches, "label": t("code_groups.colour")},
        key="code_groups_colour",
        on_select=take,
    )


# -- what can be done with it ------------------------------------------------------------------------------


def _acts(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount) -> None:
    group = chosen.group
    ids = [c.group.id for c in found]
    at = ids.index(group.id)
    act, _, of = (session.draft(_ACT) or "").partition(":")

    def move(step: int) -> None:
        order = [*ids]
        order.insert(at + step, order.pop(at))
        session.ask(code_group=group.id)
        try:
            code_groups.order_code_groups(ctx, order)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)

    def begin(what: str) -> None:
        session.keep_draft(_ACT, None if of == group.id and act == what else f"{what}:{group.id}")

    with st.container(horizontal=True, gap="small", key="code_groups_acts"):
        for step, name in ((-1, "up"), (1, "down")):
            st.button(
                t(f"code_groups.{name}"), key=f"code_groups_{name}", type="tertiary", on_click=move, args=(step,),
                icon=f":material/arrow_{'upward' if step < 0 else 'downward'}:", disabled=not 0 <= at + step < len(ids),
            )  # fmt: skip
        for what in ("merge", "split", "out"):
            st.button(
                t(f"code_groups.{what}"),
                key=f"code_groups_{what}",
                on_click=begin,
                args=(what,),
                type="tertiary",
            )
    if of == group.id and act in _PANELS:
        with st.container(border=True, key="code_groups_panel"):
            _PANELS[act](ctx, found, chosen)


def _done(
    fn: Callable[..., Any], /, *args: Any, then: Callable[[Any], str | None], where: Any, **how: Any
) -> None:
    """Do what was asked, and choose what `then` names; a refusal stands in the panel, which stays."""
    result = attempt(lambda: (fn(*args, **how),), where=where)
    if result is not None:
        _choose(then(result[0]))
        st.rerun()


def _note(group: CodeGroup) -> str:
    return st.text_input(t("code_groups.note"), key=f"code_groups_note_{group.id}")


def _buttons(label: str, *, disabled: bool = False) -> bool:
    with st.container(horizontal=True, gap="small"):
        pressed = st.button(literal(label), key="code_groups_do", type="primary", disabled=disabled)
        st.button(
            t("code_groups.cancel"), key="code_groups_cancel", on_click=lambda: session.keep_draft(_ACT, None)
        )
    return pressed


def _merge(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount) -> None:
    group, names = chosen.group, {c.group.id: c.group.name for c in found}
    others = [id for id in names if id != group.id]
    if not others:
        st.text(t("code_groups.merge.only"))
        return
    into = st.selectbox(
        t("code_groups.merge.into"), others, index=None, key=f"code_groups_into_{group.id}",
        format_func=lambda id: names[id], placeholder=t("code_groups.merge.choose"),
    )  # fmt: skip
    said = st.container()
    if into is None:
        return
    impact = code_groups.merge_impact(ctx, group.id, into)
    st.text(_impact(impact, names[into]))
    if impact.theme == "clash":
        _clash(ctx, group, into, names, said)
        return
    impact_note(ctx, "merge", group.id, into)
    note = _note(group)
    if _buttons(t("code_groups.merge.do", name=names[into])):
        _done(
            code_groups.merge_code_groups,
            ctx,
            group.id,
            into=into,
            note=note,
            then=lambda _: into,
            where=said,
        )


def _impact(impact: code_groups.MergeImpact, name: str) -> str:
    """What merging would move, in two or three sentences; or why it cannot be."""
    if impact.theme == "clash":
        return t("code_groups.merge.clash")
    counted = [("units", impact.units), ("subgroups", impact.subgroups), ("condensates", impact.condensates)]
    parts = [tn(f"code_groups.merge.{what}", n) for what, n in counted if n]
    if not parts:
        said = [t("code_groups.merge.nothing")]
    else:
        what = (
            parts[0]
            if len(parts) == 1
            else t("code_groups.merge.and", first=", ".join(parts[:-1]), last=parts[-1])
        )
        said = [t("code_groups.merge.moves", what=what, name=name)]
    if impact.in_both:
        said.append(tn("code_groups.merge.in_both", impact.in_both))
    if impact.released:
        said.append(tn("code_groups.merge.released", impact.released))
    if impact.theme == "moves":
        said.append(t("code_groups.merge.theme"))
    said.append(t("code_groups.merge.undo"))
    return " ".join(said)


def _clash(ctx: Context, group: CodeGroup, into: str, names: dict[str, str], said: Any) -> None:
    """Two themes cannot become one by themselves: open either, or take one out."""
    themes = {g: c.id for g, c in synthesis.synthesis_view(ctx).categories.items()}
    with st.container(gap=None):
        for id in (group.id, into):
            if st.button(
                literal(t("code_groups.merge.open_theme", name=names[id])),
                key=f"code_groups_open_{id}",
                type="tertiary",
            ):
                shell.go("synthesise", category=themes[id])
        impact_note(ctx, "retire", themes[group.id])
        if st.button(
            literal(t("code_groups.merge.retire_theme", name=names[group.id])),
            key="code_groups_theme_out",
            type="tertiary",
        ):
            done = attempt(lambda: (synthesis.retire_category(ctx, themes[group.id]), True), where=said)
            if done:
                st.rerun()


def _split(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount) -> None:
    group = chosen.group
    subgroups = condensing.board(ctx, group.id).subgroups
    said = st.container()
    if not subgroups:
        st.text(t("code_groups.split.none"))
    else:
        st.caption(t("code_groups.split.subgroups"))
        with st.container(gap="xsmall"):
            taken = [
                s.subgroup.id for s in subgroups
                if st.checkbox(
                    literal(tn("code_groups.split.subgroup", len(s.cards), name=s.subgroup.name)),
                    key=f"code_groups_split_{s.subgroup.id}",
                )
            ]  # fmt: skip
        name = st.text_input(t("code_groups.split.name"), key=f"code_groups_split_name_{group.id}")
        note = _note(group)
        if _buttons(t("code_groups.split.do"), disabled=not taken):
            _done(code_groups.split_code_group, ctx, group.id, subgroups=taken, name=name, note=note,
                  then=lambda id: id, where=said)  # fmt: skip
    if st.button(
        t("code_groups.split.units"),
        key="code_groups_split_units",
        type="tertiary",
        icon=":material/grid_view:",
    ):
        shell.go("units", code_group=group.id)


def _out(ctx: Context, found: Sequence[GroupCount], chosen: GroupCount) -> None:
    said = st.container()
    st.text(tn("code_groups.out.what", chosen.units))
    impact_note(ctx, "retire", chosen.group.id)
    note = _note(chosen.group)
    if _buttons(t("code_groups.out.do")):
        _done(code_groups.retire_code_group, ctx, chosen.group.id, note=note, then=lambda _: None, where=said)


_PANELS: dict[str, Callable[[Context, Sequence[GroupCount], GroupCount], None]] = {
    "merge": _merge, "split": _split, "out": _out,
}  # fmt: skip


# -- how it came to be -------------------------------------------------------------------------------------


def _lineage(ctx: Context, group: CodeGroup) -> None:
    steps = []
    for step in reversed(code_groups.lineage(ctx, group.id)):
        said = [step.who]
        if step.kind in _LONG and step.was:
            said.append(t("code_groups.lineage.was", was=step.was))
        if step.kind == "merged_from" and step.was:
            said.append(t("code_groups.lineage.was_about", was=step.was))
        if step.note:
            said.append(step.note)
        steps.append({"when": day(step.at), "text": _told(step), "note": " · ".join(said)})
    with st.container(key="code_groups_lineage"):
        st.subheader(t("code_groups.lineage"), anchor=False)
        view("steps", {"steps": steps}, key="code_groups_steps")


def _told(step: Lineage) -> str:
    first = step.kind in _LONG and not step.was
    id = f"code_groups.lineage.{step.kind}{'.first' if first else ''}"
    return t(id, was=step.was, now=step.now, name=step.name, units=tn("code_groups.units", step.n))


# -- codebooks ---------------------------------------------------------------------------------------------


def _codebooks(ctx: Context) -> None:
    books, codes = codebooks.list_codebooks(ctx), codebooks.list_codes(ctx)
    with st.container(key="codebooks"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(t("codebooks.title"), anchor=False)
            st.space("stretch")
            _add_codebook(ctx)
        st.caption(t("codebooks.about"))
        chosen = next((c for c in codes if c.id == session.asked("code")), None)
        for book in books:
            _codebook(ctx, book, [c for c in codes if c.codebook == book.id], chosen)


def _add_codebook(ctx: Context) -> None:
    def add(**how: str) -> None:
        try:
            codebooks.add_codebook(ctx, **how)
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)

    with st.popover(t("codebooks.add"), key="codebooks_add", icon=":material/add:"), st.container(width=380):
        st.caption(t("codebooks.shipped"))
        for book in codebooks.list_shipped():
            st.button(
                literal(book.title), key=f"codebooks_add_{book.id}", type="tertiary",
                help=literal(f"{book.citation}. {book.checked}"),
                on_click=add, kwargs={"shipped": book.id},
            )  # fmt: skip
        _typed(
            t("codebooks.add.own"), "codebooks_own", lambda title: codebooks.add_codebook(ctx, title=title)
        )


def _codebook(ctx: Context, book: CodebookView, codes: Sequence[CodeView], chosen: CodeView | None) -> None:
    rows = [
        {"id": c.id, "name": c.label, "count": number(c.count), "level": c.level, "current": c is chosen,
         "count_title": tn("code_groups.units", c.count),
         **({"href": session.link("units", code=c.id)} if c.count else {}),
         "note": " · ".join(x for x in (c.definition, t("codebooks.da", label=c.label_da) if c.label_da else "") if x)}
        for c in codes
    ]  # fmt: skip
    left, right = st.columns([1.1, 1], gap="large")
    with left, st.container(gap="small"):
        st.markdown(f"**{literal(book.title)}**")
        if book.citation:
            checked = t("codebooks.verified" if book.verified else "codebooks.unverified")
            st.caption(literal(f"{book.citation}. {checked}."))
        view(
            "groups",
            {"rows": rows, "label": book.title, "empty": t("codebooks.no_codes")},
            key=f"codebook_{book.id}",
            on_select=lambda id: session.ask(code=None if chosen and id == chosen.id else id),
        )
        _typed(
            t("codebooks.add_code"),
            f"codebook_new_{book.id}",
            lambda label: codebooks.add_code(ctx, book.id, label=label),
        )
    with right, st.container(key=f"codebook_edit_{book.id}"):
        if chosen and chosen.codebook == book.id:
            _code(ctx, chosen)
        else:
            _about_codebook(ctx, book)


def _code(ctx: Context, code: CodeView) -> None:
    def save(field: str) -> Callable[[Any, Row], None]:
        return lambda typed, now: codebooks.change_code(ctx, code.id, rev=now["rev"], **{field: typed})

    for field, lines in (("label", 1), ("label_da", 1), ("definition", 3)):
        kept_text(
            t(f"codebooks.{field}"), name=f"code.{code.id}.{field}", row=row_of(code), field=field, save=save(field),
            lines=lines,
        )  # fmt: skip
    _typed(
        t("codebooks.add_under"),
        f"code_under_{code.id}",
        lambda label: codebooks.add_code(ctx, code.codebook, label=label, parent=code.id),
    )
    _take_out("codebooks.code_out", f"code_out_{code.id}", lambda: codebooks.retire_code(ctx, code.id))


def _about_codebook(ctx: Context, book: CodebookView) -> None:
    def save(field: str) -> Callable[[Any, Row], None]:
        return lambda typed, now: codebooks.change_codebook(ctx, book.id, rev=now["rev"], **{field: typed})

    for field, lines in (("title", 1), ("citation", 2)):
        kept_text(
            t("codebooks.code_title" if field == "title" else "codebooks.citation"),
            name=f"codebook.{book.id}.{field}", row=row_of(book), field=field, save=save(field), lines=lines,
        )  # fmt: skip
    _take_out("codebooks.out", f"codebook_out_{book.id}", lambda: codebooks.retire_codebook(ctx, book.id))


def _take_out(what: str, key: str, out: Callable[[], object]) -> None:
    def press() -> None:
        try:
            out()
        except WorkbenchError as error:
            session.flash(sentence(error), refused=True)

    st.button(t(what), key=key, type="tertiary", help=t(f"{what}_what"), on_click=press)
