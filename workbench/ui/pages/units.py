"""Step 2, the matrix of units: what was marked, side by side across sources, grouped and regrouped."""

from __future__ import annotations

from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.unit_ids import short_ids
from workbench.language import t, tn
from workbench.services import people, units
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import say, sentence
from workbench.ui.components.matrix import base_of, held, matrix
from workbench.ui.text import literal

REBASE = 400  # units touched before all of them travel again
_OPEN = "units.open"
_CARDS, _CARDS_SAID = "units.cards", "units.cards.said"
# What an address may ask for, and what the matrix calls it.
_ASKED = ("code_group", "subgroup", "of", "participant", "group", "analyst", "wave", "code", "by", "unit",
          "several")  # fmt: skip


def page() -> None:
    slots = shell.header(t("nav.units"), reads=True)  # the outbox is the matrix's here
    ctx = session.context()
    if slots is not None:
        shell.saved(ctx, slots)
    if opened := session.draft(_OPEN):
        session.keep_draft(_OPEN, None)
        shell.go("code", source=opened["source"], unit=opened["unit"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="units_bar"):
        shell.parts("code", "units")
        st.space("stretch")
        st.page_link(
            shell.screen_page("export"), label=t("paper.title"), icon=":material/print:", width="content",
            query_params={"project": ctx.store.id, "part": "paper"} | ({"as": me} if (me := session.asked("as")) else {}),
        )  # fmt: skip
        cards = st.container(width="content", key="units_cards_slot")
    base, rows, now = _read(ctx)
    if not base["ids"] and not now.rows:
        st.title(t("nav.units"), anchor=False)
        st.text(t("units.none"))
        st.page_link(shell.screen_page("code"), label=t("units.to_code"), icon=":material/ink_highlighter:")
        return
    names = units.names(ctx)
    with cards:
        _cards(ctx, names)
    st.html(f"<style>{_TIGHT}</style>")
    matrix(
        base=rows,
        live=_live(ctx, names, base, now),
        key="units",
        on_operations=session.apply_operations,
        on_open=lambda source, unit: session.keep_draft(_OPEN, {"source": source, "unit": unit}),
    )


# The matrix scrolls by itself, so the page around it must not: the room under it goes.
_TIGHT = ".stMainBlockContainer{padding-bottom:.5rem}"


# -- what travels --------------------------------------------------------------------------------------------


def _read(ctx: Context) -> tuple[dict[str, Any], bytes | None, units.Rows]:
    """Which units the browser has (ids, never words), all of them to send where it has not, and what has changed
    since."""
    base: dict[str, Any] = session.draft("units.base") or {}
    if base.get("of") == ctx.member.id and base["name"] == held():
        now = units.list_rows(ctx, since=base["rev"])
        if now.speaking == base["speaking"] and len(now.standing) <= REBASE:
            return base, None, now
    whole = units.list_rows(ctx)
    base = {
        "of": ctx.member.id,
        "rev": whole.rev,
        "speaking": whole.speaking,
        "ids": list(whole.units),
        "name": f"{ctx.store.id}:{ctx.member.id}:{whole.rev}",
    }
    session.keep_draft("units.base", base)
    short = short_ids(whole.units)
    rows = base_of(base["name"], [_row(r, short[r.id]) for r in whole.rows])
    return base, rows, units.Rows(whole.rev, whole.speaking, (), (), (), ())


def _row(r: units.UnitRow, short: str) -> list[Any]:
    who = [[id, "" if id else name] for id, name in r.speakers]
    return [
        r.id,
        r.rev,
        short,
        r.source,
        r.turn,
        r.start,
        r.made,
        r.member,
        who,
        r.text,
        *_standing(r.standing),
    ]


def _standing(s: units.Standing) -> list[Any]:
    return [
        [[p.id, p.code_group, p.subgroup, int(p.aside)] for p in s.places],
        s.comments,
        list(s.settled),
        list(s.codes),
    ]


def _live(ctx: Context, names: units.Names, base: dict[str, Any], now: units.Rows) -> dict[str, Any]:
    colours = {v.group.id: v.colour for v in people.people_view(ctx).groups}
    short = short_ids([*base["ids"], *(r.id for r in now.rows)]) if now.rows else {}
    return {
        "project": ctx.store.id,
        "member": ctx.member.id,
        "rev": now.rev,
        "base": base["name"],
        "acks": session.answers(),
        "rows": [_row(r, short[r.id]) for r in now.rows],
        "standing": [[s.unit, *_standing(s)] for s in now.standing],
        "gone": list(now.gone),
        "href": session.link("code"),
        "ask": {name: value for name in _ASKED if (value := session.asked(name))},
        "sources": [list(s) for s in names.sources],
        "participants": [[p.id, p.pseudonym, names.tops.get(p.id)] for p in names.participants.values()
                         if p.kind == "informant"],
        "stakeholders": [[g.id, g.monogram, colours.get(g.id, 0), g.name] for g in names.groups],
        "members": [[m.id, m.initials, m.name] for m in names.members],
        "groups": [{"id": g.id, "tag": g.tag, "name": g.name, "colour": g.colour % 12, "hatched": g.colour >= 12,
                    "definition": g.definition} for g in names.code_groups],
        "subgroups": [[s.id, s.code_group, s.name] for s in names.subgroups],
        "waves": [[w.id, w.name] for w in names.waves],
        "codes": [[c.id, f"{c.title}: {c.label}"] for c in names.codes],
    }  # fmt: skip


# -- cards from the table ------------------------------------------------------------------------------------


def _cards(ctx: Context, names: units.Names) -> None:
    """Ids of paper cards typed or pasted: what was understood first, then all of it in one operation."""
    with (
        st.popover(t("units.cards"), icon=":material/keyboard:", key="units_cards"),
        st.container(width=440, key="units_cards_panel"),
    ):
        st.caption(t("units.cards.how"))
        if session.draft(_CARDS) == "":  # placed: the field is for the next table
            session.set_widget("units_cards_text", "")
            session.keep_draft(_CARDS, None)
        typed = st.text_area(
            t("units.cards.typed"), key="units_cards_text", height=150, placeholder=t("units.cards.example"),
            label_visibility="collapsed", max_chars=units.LONGEST,
        )  # fmt: skip
        if said := session.draft(_CARDS_SAID):
            say(said["text"]) if said["refused"] else st.caption(f":green[✓] {literal(said['text'])}")
        if not typed.strip():
            st.button(t("units.cards.read"), key="units_cards_read")
            return
        session.keep_draft(_CARDS_SAID, None)
        found = units.read_cards(ctx, typed)
        tags = {g.id: g.tag for g in names.code_groups}
        n = len({u for p in found.piles for u in p.units})
        lines = [_pile(p, tags) for p in found.piles]
        if found.unknown:
            lines.append(
                f":red[▲] {tn('units.cards.unknown', len(found.unknown), ids=literal(', '.join(found.unknown[:30])))}"
            )
        if found.loose:
            lines.append(f":red[▲] {tn('units.cards.loose', found.loose)}")
        st.markdown("  \n".join(lines), anchors=False)
        if not n:
            st.button(t("units.cards.read"), key="units_cards_read")
            return
        stay = False
        if found.leaving:
            leave = ", ".join(f"{tags[g]} {count}" for g, count in found.leaving)
            stay = bool(
                st.checkbox(t("units.cards.stay"), key="units_cards_stay", help=t("units.cards.stay_what"))
            )
            if not stay:
                st.caption(literal(t("units.cards.leaving", groups=leave)))
        st.button(
            tn("units.cards.place", n), key="units_cards_place", type="primary", on_click=_place_cards,
            args=(ctx, typed, found.rev, stay, n),
        )  # fmt: skip


def _pile(pile: units.Pile, tags: dict[str, str]) -> str:
    name = (
        f"**{literal(tags[pile.code_group])}** {literal(pile.name)}"
        if pile.code_group
        else f"**{literal(pile.name)}**"
    )
    if pile.subgroup_name:
        name += f" / {literal(pile.subgroup_name)}"
    new = t("units.cards.new") if not pile.code_group or (pile.subgroup_name and not pile.subgroup) else ""
    return f"{name}: {tn('units.count', len(pile.units))}" + (f" :gray[· {new}]" if new else "")


def _place_cards(ctx: Context, typed: str, seen: int, stay: bool, n: int) -> None:
    try:
        skipped = units.place_cards(ctx, typed, seen=seen, stay=stay)
    except WorkbenchError as error:
        session.keep_draft(_CARDS_SAID, {"text": sentence(error), "refused": True})
        return
    left = units.said(skipped)
    session.keep_draft(
        _CARDS_SAID, {"text": left or tn("units.cards.done", n - len(skipped)), "refused": bool(left)}
    )
    session.keep_draft(_CARDS, "")
