"""Find: words in the whole project, and marking what was found. Suggestions are the other part of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import number, t, tn
from workbench.services import finding, people, sources
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.call import sentence
from workbench.ui.components import view
from workbench.ui.components.hits import Answer, Hits, Line, Name, code_groups, hits
from workbench.ui.pages import find_suggestions

MOST_SHOWN = 500  # turns: who reads on would rather say more of what is looked for
_ASKED = {"text": "", "shown": 50, "where": "", "who": ""}


PARTS = ("words", "suggestions")


def page() -> None:
    shell.header(t("nav.find"))
    ctx = session.context()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.title(t("find.title"), anchor=False, width="content")
        part = _part()
    if part == "suggestions":
        find_suggestions.part(ctx)
        return
    opened = hits(_facts(ctx), key="find_hits", on_ask=_ask, on_act=_act)
    if opened:
        view.follow(opened)


def _part() -> str:
    """Which part of the screen: words, unless the address or a press says suggestions."""
    asked = session.asked("part")
    chosen = st.segmented_control(
        t("find.part"),
        PARTS,
        default=asked if asked in PARTS else PARTS[0],
        format_func=lambda part: t(f"find.part.{part}"),
        label_visibility="collapsed",
        required=True,
        key="find_part",
        on_change=lambda: session.ask(part=session.widget("find_part"), unit=None, group=None),
    )
    return chosen or PARTS[0]


# -- what is asked: kept in this session, never in the address -------------------------------------------------


def _asked() -> dict[str, Any]:
    return {**_ASKED, **session.draft("find.asked", {})}


def _ask(value: dict[str, Any]) -> None:
    shown = value.get("shown")
    session.keep_draft(
        "find.asked",
        {
            "text": str(value.get("text", "")),
            "shown": min(MOST_SHOWN, max(50, shown)) if isinstance(shown, int) else 50,
            "where": str(value.get("where", "")),
            "who": str(value.get("who", "")),
        },
    )


def _where(asked: Mapping[str, Any]) -> finding.Where:
    kind, _, id = str(asked.get("who", "")).partition(":")
    return finding.Where(
        sources=[asked["where"]] if asked.get("where") else None,
        participants=[id] if kind == "person" else None,
        groups=[id] if kind == "group" else None,
        informants=kind == "informants",
    )


# -- marking -----------------------------------------------------------------------------------------------------


def _act(acts: list[dict[str, Any]]) -> None:
    """Mark what was selected; each act once, however often it arrives. The answers wait for the next run."""
    ctx = session.context()
    answers: dict[str, Answer] = session.draft("find.answers", {})
    fresh: dict[str, Answer] = {}
    for act in acts:
        id = str(act.get("id", ""))
        fresh[id] = answers[id] if id in answers else _done(ctx, act, id)
    session.keep_draft("find.answers", fresh)


def _done(ctx: Context, act: Mapping[str, Any], id: str) -> Answer:
    into: dict[str, Any] = {
        "extent": finding.extent_of(act.get("extent")),
        "code_groups": [str(g) for g in act.get("code_groups", ())],
        "new_code_groups": act.get("new_code_groups", ()),
        "op_id": id,
    }
    try:
        if act.get("everything"):
            asked = act.get("ask", {})
            marked = finding.mark_all(ctx, str(asked.get("text", "")), where=_where(asked), **into)
        else:
            places = [
                finding.Place(str(p[0]), int(p[1]), int(p[2]), int(p[3])) for p in act.get("places", ())
            ]
            marked = finding.mark_hits(ctx, places, **into)
    except WorkbenchError as error:
        return [False, sentence(error)]
    done = tn("find.done", marked.n) if marked.n else "" if marked.said else t("find.done.none")
    return [True, f"{done} {marked.said or ''}".strip()]


# -- what is shown -----------------------------------------------------------------------------------------------


def _facts(ctx: Context) -> Hits:
    asked = _asked()
    every = [v for v in sources.list_sources(ctx) if v.source.words_of != "literature"]
    folk = people.people_view(ctx)
    if asked["where"] not in {v.source.id for v in every}:
        asked["where"] = ""
    found = finding.search(ctx, asked["text"], where=_where(asked), limit=asked["shown"])
    groups = {v.group.id: v for v in folk.groups}
    in_sources = len({h.place.source for h in found.hits})
    whole = found.turns == found.total
    if whole:
        count = f"{tn('find.places', len(found.hits))} {tn('find.in_sources', in_sources)}"
    else:
        count = f"{tn('find.total', found.total)}. {t('find.first', n=number(found.turns))}"
    return {
        "name": f"{ctx.store.id}:{ctx.member.id}:find",
        "asked": asked,
        "lines": [_line(h, groups) for h in found.hits],
        "count": count,
        "total": found.total,
        "more": not whole and asked["shown"] < MOST_SHOWN,
        "sentences": _sentences(found, asked["text"]),
        "like": [(t("find.like", word=_quoted(word)), list(near)) for word, near in found.like if near],
        "names": [_name(n) for n in found.names],
        "groups": code_groups(sources.list_code_groups(ctx)),
        "where": [["", t("find.everywhere")], *([v.source.id, v.source.title] for v in every)],
        "who": [
            ["", t("find.anyone")],
            ["informants", t("find.informants")],
            *([f"group:{v.group.id}", v.group.name] for v in folk.groups if v.group.parent is None),
            *([f"person:{p.id}", p.pseudonym] for p in folk.participants),
        ],
        "answers": session.draft("find.answers", {}),
        "box": True,
    }


def _quoted(word: str) -> str:
    return f"“{word}”"


def _sentences(found: finding.Found, text: str) -> list[str]:
    said = []
    if text.strip() and not found.asked:
        said.append(t("find.nothing_asked"))
    elif found.asked and not found.total:
        if found.like:
            said.append(t("find.none", words=", ".join(_quoted(word) for word, _ in found.like)))
        else:
            said.append(t("find.none.together"))
    if found.bounded:
        words = ", ".join(_quoted(w) for w in found.bounded)
        said.append(t("find.bounded", words=words, n=finding.FORMS))
    return said


def _line(h: finding.Hit, groups: Mapping[str, people.GroupView]) -> Line:
    parts, at = [], 0
    for low, high in h.words:
        parts += [[h.text[at:low], False], [h.text[low:high], True]]
        at = high
    parts.append([h.text[at:], False])
    line: Line = {
        "place": [h.place.source, h.place.text_rev, h.place.start, h.place.end],
        "source": h.place.source,
        "title": h.title,
        "turn": h.turn,
        "lang": h.language,
        "speaker": h.speaker,
        "asking": h.kind in ("interviewer", "facilitator"),
        "before": h.before,
        "parts": [p for p in parts if p[0]],
        "after": h.after,
        "marked": h.marked,
        "groups": list(h.code_groups),
        "href": session.link("code", source=h.place.source, turn=h.turn),
    }
    if group := groups.get(h.group or ""):
        line["disc"] = view.disc(group.group, group.colour)
    return line


def _name(n: finding.NameHit) -> Name:
    name: Name = {"kind": t(f"find.name.{n.kind}"), "text": n.text, "note": n.note}
    match n.kind:
        case "code_group":
            name["href"] = session.link("code_groups", code_group=n.ids["code_group"])
        case "subgroup" if not shell.on_route("condense"):
            name["href"] = session.link("units", subgroup=n.ids["subgroup"])
        case "subgroup":
            name["href"] = session.link("condense", group=n.ids["code_group"], subgroup=n.ids["subgroup"])
        case "category":
            name["href"] = session.link("synthesise", group=n.ids["code_group"])
        case "requirement":
            name["href"] = session.link("requirements", requirement=n.ids["key"])
        case "comment" if "unit" in n.ids:
            name["href"] = session.link("code", source=n.ids["source"], unit=n.ids["unit"])
        case "comment" if "condensate" in n.ids:
            name["href"] = session.link(
                "condense",
                group=n.ids["code_group"],
                subgroup=n.ids["subgroup"],
                condensate=n.ids["condensate"],
            )
        case "comment" if "category" in n.ids:
            name["href"] = session.link("synthesise", group=n.ids["code_group"])
    return name
