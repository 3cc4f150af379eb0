"""Differences, a part of Code: what one analyst marked and the other did not, what they placed differently, and what
was agreed about it. Marking unseen begins and ends here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.domain.records import Member
from workbench.language import day, t, tn
from workbench.services import coding, differences, double_coding
from workbench.services.context import Context
from workbench.services.differences import Comparison, Difference, Pick, Settlements, Side
from workbench.ui import session, shell
from workbench.ui.call import attempt, say, sentence
from workbench.ui.components import differences as component
from workbench.ui.components.view import Row, follow, view
from workbench.ui.pages import differences_scores
from workbench.ui.text import literal

KINDS = ("open", "one", "placed", "alike", "settled")
_ANSWER, _BEGUN = "differences.answer", "differences.begun"


def page() -> None:
    shell.header(t("nav.differences"))
    ctx = session.context()
    analysts = differences.analysts(ctx)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="differences_bar"):
        shell.parts("code", "differences")
        st.space("stretch")
        begin = st.container(width="content")
    if len(analysts) < 2:
        st.title(t("nav.differences"), anchor=False)
        st.text(t("differences.alone"))
        st.page_link(
            shell.screen_page("copies"), label=t("differences.to_copies"), icon=":material/file_copy:"
        )
        return
    with begin, st.popover(t("unseen.begin"), icon=":material/visibility_off:", key="unseen_begin"):
        _begin(ctx, analysts)
    _unseen(ctx)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="differences_title"):
        first, second = _pair(ctx, analysts)
        st.space("stretch")
        where = st.container(width="content")
    marked = session.asked("marked") == "yes"
    found = differences.compare(ctx, first.id, second.id, marked=marked)
    log = differences.settlements(ctx)
    if not found.compared and not log.rows:
        _nothing_coded(found)
        return
    with where:
        source = _source(found)
    kind = _kind(found, log, source)
    if kind == "settled":
        _settled(ctx, log, source)
    else:
        _list(ctx, found, kind, source)
    _more_sources(found)
    differences_scores.part(ctx, found, source, marked=marked)


# -- marking unseen ------------------------------------------------------------------------------------------


def _begin(ctx: Context, analysts: Sequence[Member]) -> None:
    titles = coding.titles(ctx)
    with st.container(width=420, key="unseen_panel"):
        st.caption(t("unseen.what"))
        said = st.container()
        last = session.draft("code.source")  # what one reads is what one is most likely to mean
        st.multiselect(
            t("unseen.sources"),
            list(titles),
            default=[last] if last in titles and not _known(ctx, last) else [],
            format_func=lambda id: titles.get(id, ""),
            key="unseen_sources",
            placeholder=t("unseen.sources_none"),
        )
        names = {m.id: m.name for m in analysts}
        st.pills(
            t("unseen.who"), list(names), default=list(names)[:2], selection_mode="multi", key="unseen_who",
            format_func=lambda id: literal(names.get(id, "")),
        )  # fmt: skip
        st.button(t("unseen.start"), type="primary", key="unseen_start", on_click=_start, args=(ctx, titles))
        if begun := session.draft(_BEGUN):
            session.keep_draft(_BEGUN, None)
            with said:
                say(begun["text"]) if begun["refused"] else st.caption(f":green[✓] {literal(begun['text'])}")


def _known(ctx: Context, source: str) -> bool:
    return bool(double_coding.list_unseen(ctx, source))


def _start(ctx: Context, titles: dict[str, str]) -> None:
    chosen = list(session.widget("unseen_sources") or [])
    try:
        double_coding.open_unseen(ctx, chosen, list(session.widget("unseen_who") or []))
    except WorkbenchError as error:
        session.keep_draft(_BEGUN, {"text": sentence(error), "refused": True})
        return
    session.set_widget("unseen_sources", [])
    text = tn("unseen.begun", len(chosen), title=titles.get(chosen[0], ""))
    session.keep_draft(_BEGUN, {"text": text, "refused": False})


def _unseen(ctx: Context) -> None:
    """A line for every source that is being marked unseen: who is done, and what may be done about it."""
    under_way = [u for u in double_coding.list_unseen(ctx) if u.is_open]
    if not under_way:
        return
    said = st.container()
    with st.container(gap="small", key="unseen_list"):
        st.markdown(f"**{t('unseen.heading')}**", anchors=False)
        for u in under_way:
            mine = u.coder(ctx.member.id)
            with st.container(
                horizontal=True, vertical_alignment="center", gap="small", key=f"unseen_{u.source}"
            ):
                who = [
                    t("unseen.is_done" if c.done_at else "unseen.is_marking", name=c.name) for c in u.coders
                ]
                st.markdown(
                    f"{literal(u.title)} :gray[· {literal(' · '.join(who))}]", width="content", anchors=False
                )
                st.space("stretch")
                st.page_link(
                    shell.screen_page("code"), label=t("unseen.read"), width="content",
                    query_params={"project": ctx.store.id, "source": u.source} | _as(),
                )  # fmt: skip
                waits = mine is not None and not mine.done_at
                if waits and st.button(t("unseen.done"), key=f"unseen_done_{u.source}", type="primary"):
                    attempt(double_coding.say_done, ctx, u.source, where=said)
                    st.rerun()
                if ctx.member.is_lead:
                    with st.popover(t("unseen.close"), key=f"unseen_close_{u.source}"):
                        _close(ctx, u, said)


def _close(ctx: Context, u: double_coding.Unseen, said: Any) -> None:
    *some, last = u.waiting
    names = t("unseen.and", some=", ".join(some), last=last) if some else last
    with st.container(width=380, key=f"unseen_closing_{u.source}"):
        st.text(
            t("unseen.close_what", title=u.title, waiting=tn("unseen.waiting", len(u.waiting), names=names))
        )
        note = st.text_input(t("unseen.close_note"), key=f"unseen_note_{u.source}", max_chars=500)
        if st.button(t("unseen.close_now"), key=f"unseen_now_{u.source}"):
            attempt(double_coding.close_unseen, ctx, u.source, note=note, where=said)
            st.rerun()


def _as() -> dict[str, str]:
    return {"as": me} if (me := session.asked("as")) else {}


# -- what is compared ----------------------------------------------------------------------------------------


def _pair(ctx: Context, analysts: Sequence[Member]) -> tuple[Member, Member]:
    """Who is compared with whom; with two researchers there is nothing to choose."""
    known = {m.id: m for m in analysts}
    if len(analysts) == 2:
        first, second = analysts
        st.title(
            literal(t("differences.of", first=first.name, second=second.name)), anchor=False, width="content"
        )
        return first, second
    st.title(t("nav.differences"), anchor=False, width="content")
    likely = differences.likely_pair(ctx) or (analysts[0].id, analysts[1].id)
    chosen = [session.asked("first") or likely[0], session.asked("second") or likely[1]]
    chosen = [id if id in known else other for id, other in zip(chosen, likely, strict=True)]
    if chosen[0] == chosen[1]:
        chosen[1] = next(id for id in known if id != chosen[0])
    for name, id in zip(("first", "second"), chosen, strict=True):
        if session.widget(f"differences_{name}") not in known:
            session.set_widget(f"differences_{name}", id)
        st.selectbox(
            t(f"differences.{name}"),
            list(known),
            format_func=lambda m: known[m].name,
            width=230,
            key=f"differences_{name}",
            label_visibility="collapsed",
            on_change=lambda: session.ask(
                first=session.widget("differences_first"), second=session.widget("differences_second")
            ),
        )
    first, second = (known[session.widget(f"differences_{n}")] for n in ("first", "second"))
    return (first, second) if first is not second else (first, next(m for m in analysts if m is not first))


def _nothing_coded(found: Comparison) -> None:
    under_way = sum(p.how == "under_way" for p in found.places)
    if under_way:
        st.text(tn("differences.under_way", under_way))
    else:
        st.text(t("differences.none_coded"))
        st.caption(t("differences.none_finished"))
    _more_sources(found)


def _more_sources(found: Comparison) -> None:
    """Sources where both have marks, though nobody said that both have coded them: only when asked for."""
    n = sum(p.how == "marked" for p in found.places)
    if not n:
        return
    session.set_widget("differences_marked", session.asked("marked") == "yes")
    st.checkbox(
        t("differences.marked", n=n), key="differences_marked", help=t("differences.marked_what"),
        on_change=lambda: session.ask(marked="yes" if session.widget("differences_marked") else None),
    )  # fmt: skip


def _source(found: Comparison) -> str | None:
    """The one source to show, None: all of them."""
    if len(found.compared) < 2:
        return None
    titles = {p.source: p.title for p in found.places if p.source in found.compared}
    asked = session.asked("source")
    session.set_widget("differences_source", asked if asked in titles else "")
    return (
        st.selectbox(
            t("differences.source"), ["", *titles], key="differences_source", width=340, label_visibility="collapsed",
            format_func=lambda id: titles.get(id) or t("differences.all_sources", n=len(titles)),
            on_change=lambda: session.ask(source=session.widget("differences_source") or None),
        )
        or None
    )  # fmt: skip


def _shown(found: Comparison, kind: str, source: str | None) -> list[Difference]:
    return [
        d for d in found.differences
        if source in (None, d.source) and (d.kind == kind or (kind == "open" and d.kind != "alike"))
    ]  # fmt: skip


def _kind(found: Comparison, log: Settlements, source: str | None) -> str:
    counts = {k: len(_shown(found, k, source)) for k in KINDS[:-1]} | {
        "settled": sum(source in (None, s.source) for s in log.rows)
    }
    asked = session.asked("kind")
    session.set_widget("differences_kind", asked if asked in KINDS else "open")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="differences_kinds"):
        kind = st.segmented_control(
            t("differences.kind"), KINDS, key="differences_kind", label_visibility="collapsed", required=True,
            format_func=lambda k: t(f"differences.kind.{k}", n=counts[k]),
            on_change=lambda: session.ask(kind=session.widget("differences_kind")),
        )  # fmt: skip
        st.space("stretch")
        alike = _shown(found, "alike", source)
        if alike and kind in ("open", "alike"):
            st.button(
                tn("differences.join_alike", len(alike)), key="differences_join_alike", help=t("differences.join_alike_what"),
                on_click=_settle, args=({"id": "alike", "picks": [[d.pick.first, d.pick.second] for d in alike],
                                         "outcome": "joined", "rev": found.rev},),
            )  # fmt: skip
    return kind or "open"


# -- the list ------------------------------------------------------------------------------------------------


def _list(ctx: Context, found: Comparison, kind: str, source: str | None) -> None:
    lines = _shown(found, kind, source)
    answer = session.draft(_ANSWER)
    if answer and answer[0] == "alike":
        session.keep_draft(_ANSWER, None)
        st.caption(f":green[✓] {literal(answer[2])}") if answer[1] else say(answer[2])
    if not lines:
        st.text(t("differences.nothing_left" if kind == "open" else "differences.nothing_of_kind"))
    titles = {p.source: p.title for p in found.places}
    groups = {g.id: [g.tag, g.name, g.colour % 12, g.colour >= 12] for g in found.code_groups.values()}
    facts: component.Facts = {
        "name": f"{ctx.store.id}:{ctx.member.id}:{kind}:{source}",
        "rev": found.rev,
        "people": [[m.name, m.initials] for m in found.members],
        "lines": [_line(d, titles, found.languages) for d in lines],
        "groups": groups,
        "answer": answer,
    }
    opened = component.differences(facts, key="differences_list", on_settle=_settle)
    if opened:
        follow(opened)


def _line(d: Difference, titles: dict[str, str], languages: Any) -> component.Line:
    unit = d.first or d.second
    assert unit is not None
    return {
        "id": d.id, "kind": d.kind, "source": d.source, "title": titles.get(d.source, ""), "turn": d.turn,
        "who": ", ".join(d.speakers), "lang": languages.get(d.source, ""), "beside": d.beside,
        "a": _marked(d.first), "b": _marked(d.second), "href": session.link("code", source=d.source, unit=unit.unit),
    }  # fmt: skip


def _marked(side: Side | None) -> component.Marked | None:
    if side is None:
        return None
    start, end = side.shared
    return {"unit": side.unit, "parts": [side.text[:start], side.text[start:end], side.text[end:]],
            "groups": list(side.groups), "comments": side.comments}  # fmt: skip


def _settle(value: dict[str, Any]) -> None:
    """Do what was pressed and keep the answer until the next run tells it. A callback."""
    ctx = session.context()
    outcome = value["outcome"]
    try:
        differences.settle(
            ctx, [Pick(a, b) for a, b in value["picks"]], outcome, words=value.get("words", "longer"),
            groups=value.get("groups", "both"), note=str(value.get("note", "")), seen=value.get("rev"),
        )  # fmt: skip
    except WorkbenchError as error:
        session.keep_draft(_ANSWER, [value["id"], False, sentence(error)])
        return
    session.keep_draft(_ANSWER, [value["id"], True, tn(f"differences.done.{outcome}", len(value["picks"]))])


# -- what was settled ----------------------------------------------------------------------------------------


def _settled(ctx: Context, log: Settlements, source: str | None) -> None:
    if not any(source in (None, s.source) for s in log.rows):
        st.text(t("differences.no_settled"))
        return
    said = st.container()
    counts = ", ".join(
        f"{t(f'differences.outcome.{o}').lower()} {log.counts[o]}"
        for o in differences.OUTCOMES
        if log.counts.get(o)
    )
    first, last = day(log.first_at), day(log.last_at)
    summary = "differences.summary_day" if first == last else "differences.summary"
    st.caption(literal(t(summary, counts=counts[:1].upper() + counts[1:], first=first, last=last)))
    rows: list[Row] = []
    for s in log.rows:
        if source not in (None, s.source):
            continue
        note = t(
            "differences.log", outcome=t(f"differences.outcome.{s.outcome}"), day=day(s.at), who=s.who,
            initials=", ".join(s.initials), title=s.title,
        )  # fmt: skip
        row: Row = {
            "text": s.text or t("differences.words_gone"),
            "serif": bool(s.text),
            "note": f"{note} {s.note}".strip(),
        }
        if s.outcome in ("kept", "apart"):
            row |= {"id": s.id, "link": t("differences.again")}
        elif s.unit:
            row |= {
                "href": session.link("code", source=s.source, unit=s.unit),
                "link": t("differences.open_in"),
            }
        rows.append(row)
    again = view("rows", {"rows": rows}, key="differences_settled")
    if again and any(s.id == again for s in log.rows):
        attempt(differences.reopen, ctx, again, where=said)
        st.rerun()
