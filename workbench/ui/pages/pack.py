"""Meeting pack: what the committee reads, at a desk and on a phone, from `meetings.pack` and nothing else.

Neither the page nor its address holds a source, a unit, a condensate or a person; themes are numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.domain.roles import Action, can
from workbench.language import day, t, tn
from workbench.services import meetings, packs, versioning
from workbench.services.context import Context
from workbench.services.packs import Frozen, Pack, PackRequirement, ThemeBrief
from workbench.services.synthesis import OTHERS
from workbench.ui import committee, evidence, session, shell
from workbench.ui.call import attempt
from workbench.ui.components.view import DiffRow, Row, TableRow, view
from workbench.ui.pages.prototype import counts, difference
from workbench.ui.pages.trace import picture
from workbench.ui.text import literal

PARTS = ("since", "themes", "decide", "version")


def page() -> None:
    ctx = session.context()
    shell.header(t("nav.pack"))
    pack = packs.meeting_pack(ctx)
    if not pack.briefs and not pack.asked and not pack.decided:
        st.title(t("nav.pack"), anchor=False)
        st.text(t("pack.empty"))
        return
    part = _part(pack)
    {"since": _since, "themes": _themes, "decide": _decide, "version": _version}[part](ctx, pack)
    committee.from_the_top(f"{part}{session.asked('theme') or ''}", key="pack_top")


def _part(pack: Pack) -> str:
    """What is asked comes first; without a question, the themes."""
    asked = session.asked("part")
    start = (
        asked
        if asked in PARTS
        else "themes"
        if session.asked("theme")
        else "decide"
        if pack.asked
        else "themes"
    )

    def chosen() -> None:
        session.ask(part=session.widget("pack_part"), theme=None)

    if session.widget("pack_part") is None or asked in PARTS:
        session.set_widget("pack_part", start)
    with st.container(width=560, key="pack_parts"):
        part = st.segmented_control(
            t("pack.parts"), PARTS, key="pack_part", required=True, on_change=chosen, wrap=False,
            width="stretch", format_func=lambda p: t(f"pack.part_{p}"), label_visibility="collapsed",
        )  # fmt: skip
    return part or start


def _overline(pack: Pack, first: str = "") -> None:
    meeting = pack.meeting
    parts = [first] if first else []
    if meeting:
        parts += [meeting.title, day(meeting.date)]
    st.caption(literal(" · ".join(p for p in parts if p)))


def _head(pack: Pack, title: str, first: str = "") -> None:
    with st.container(gap=None, key="pack_head"):
        _overline(pack, first)
        st.title(literal(title), anchor=False)


# -- decide ------------------------------------------------------------------------------------------------


def _decide(ctx: Context, pack: Pack) -> None:
    if not pack.asked:
        _head(pack, t("pack.nothing_asked"))
    for n, decision in enumerate(pack.asked):
        if n == 0:
            _head(pack, decision.question, t(f"nature.{decision.nature}_asked"))
        else:
            st.space("small")
            st.caption(t(f"nature.{decision.nature}_asked"))
            st.header(literal(decision.question), anchor=False)
        left, right = st.columns([1.5, 1], gap="large")
        with left:
            committee.facts(decision)
            if decision.votes:
                with st.container(gap=None):
                    st.markdown(f"**{t('committee.positions')}**", anchors=False)
                    view("rows", {"rows": committee.position_rows(decision)}, key=f"positions_{decision.key}")
            _who_disagrees(pack, decision)
            if decision.nature == "decision":
                with st.container(border=True, key=f"vote_{decision.key}"):
                    committee.position_form(ctx, decision, "pack")
        with right:
            _about(ctx, pack, decision)
    if pack.decided:
        st.space("small")
        st.header(t("pack.decided"), anchor=False)
        view("rows", {"rows": [_logged(d) for d in reversed(pack.decided)]}, key="decision_log")


def _briefs_about(pack: Pack, decision: meetings.DecisionView) -> list[tuple[int, ThemeBrief]]:
    """Themes a decision is about, itself or through its requirements, with their numbers."""
    items = {item for item, _, _ in decision.about}
    return [
        (n, b)
        for n, b in enumerate(pack.briefs, 1)
        if b.id in items or any(r[0] in items for r in b.requirements)
    ]


def _who_disagrees(pack: Pack, decision: meetings.DecisionView) -> None:
    """Dissent beside the question: what people said, never an empty box."""
    about = _briefs_about(pack, decision)
    if not about:
        return
    for n, brief in about:
        quotes, sentence = committee.dissent_facts(brief, pack.matrix)
        heading = t("committee.differently") if len(about) == 1 else t("committee.differently_on", n=n)
        view("brief", {"text": [], "dissent_heading": heading, "dissent": quotes, "dissent_note": sentence},
             key=f"dissent_{decision.key}_{n}")  # fmt: skip


def _about(ctx: Context, pack: Pack, decision: meetings.DecisionView) -> None:
    items = {item for item, _, _ in decision.about}
    rows: list[Row] = []
    for n, b in _briefs_about(pack, decision):
        rows.append({"text": b.heading, "key": t("requirements.theme_n", n=n), "href": _theme_link(n)})
    rows += [_requirement_row(ctx, r) for r in pack.requirements if r.id in items]
    rows += [{"text": label, "key": t("model.kind.component")} for _, kind, label in decision.about
             if kind == "component"]  # fmt: skip
    if rows:
        st.subheader(t("pack.it_concerns"), anchor=False)
        view("rows", {"rows": rows}, key=f"about_{decision.key}")


def _logged(d: meetings.DecisionView) -> Row:
    row: Row = {"text": d.question, "key": d.key, "state": "good", "word": t("committee.decided_word"),
                "href": session.link("decisions", decision=d.key)}  # fmt: skip
    notes = [d.outcome]
    if d.dissent:
        notes.append(t("pack.dissented", who=", ".join(v.seat for v in d.dissent)))
    if changed := committee.changed_sentence(d):
        row["state"], row["word"] = "doubt", t("requirements.changed_word")
        notes.append(changed)
    row["note"] = " ".join(notes)
    return row


# -- themes ------------------------------------------------------------------------------------------------


def _theme_link(n: int) -> str:
    return session.link("pack", part="themes", theme=n)


def _themes(ctx: Context, pack: Pack) -> None:
    if not pack.briefs:
        _head(pack, t("pack.no_themes"))
        return
    asked = session.asked("theme") or "1"
    n = min(max(int(asked), 1), len(pack.briefs)) if asked.isdigit() else 1
    brief = pack.briefs[n - 1]
    _head(pack, brief.heading, t("pack.theme_of", n=n, of=len(pack.briefs)))
    decisions = [d for d in pack.asked if any(k == n for k, _ in _briefs_about(pack, d))]
    _badges(pack, brief, bool(decisions))
    left, right = st.columns([1.5, 1], gap="large")
    with left:
        discs = evidence.groups_of(pack.matrix)
        quotes = [committee.quote_view(q, discs) for q in brief.quotes]
        dissent, sentence = committee.dissent_facts(brief, pack.matrix)
        view(
            "brief",
            {"text": list(brief.paragraphs), "quotes": quotes[:2], "dissent_heading": t("committee.differently"),
             "dissent": dissent, "dissent_note": sentence},
            key=f"brief_{n}",
        )  # fmt: skip
        for d in decisions:
            committee.asked_card(ctx, d, key=f"theme{n}")
    with right:
        st.subheader(t("pack.heard"), anchor=False)
        view("spread", {"groups": [_heard(ctx, h) for h in brief.spread]}, key=f"heard_{n}")
        st.space("small")
        st.subheader(t("pack.requirements_on_it"), anchor=False)
        ids = [r[0] for r in brief.requirements]
        view("rows", {"rows": [_requirement_row(ctx, r) for r in pack.requirements if r.id in ids],
                      "empty": t("requirements.none_on_theme")}, key=f"requirements_{n}")  # fmt: skip
        if len(quotes) > 2:
            st.space("small")
            st.subheader(t("pack.more_quotes"), anchor=False)
            view("quote", {"quotes": quotes[2:]}, key=f"quotes_{n}")
        if brief.evidence:
            st.space("small")
            st.subheader(t("pack.published"), anchor=False)
            view("rows", {"rows": [{"text": e.finding, "note": e.citation} for e in brief.evidence]},
                 key=f"evidence_{n}")  # fmt: skip
    _turn(n, len(pack.briefs))
    st.header(t("pack.matrix"), anchor=False)
    _matrix(pack, n)


def _badges(pack: Pack, brief: ThemeBrief, asked: bool) -> None:
    with st.container(horizontal=True, gap="small", key="pack_badges"):
        if pack.matrix.is_exact:
            heard = sum(h.heard or 0 for h in brief.spread)
            people = tn("model.people", pack.people or 0)
            st.badge(t("pack.people_of", n=heard, people=people), icon=":material/forum:", color="gray")
        since = [d for d in pack.decided if any(item == brief.id for item, _ in d.changed_since)]
        if since:
            st.badge(t("pack.changed_since", at=day(since[-1].decided_at)), icon=":material/change_history:",
                     color="orange")  # fmt: skip
        if asked:
            st.badge(t("pack.decision_asked"), icon=":material/how_to_vote:", color="primary")


def _heard(ctx: Context, h: packs.Heard) -> dict[str, Any]:
    found: dict[str, Any] = {"group": {"mono": h.monogram, "name": h.name, "tone": h.colour}}
    if can(ctx.member.role, Action.MODEL) and h.group != OTHERS:
        found["href"] = session.link("trace", group=h.group)
    if h.heard is None:
        return {**found, "text": t("pack.few" if h.anyone else "pack.no_one")}
    said = t("model.of", n=h.heard, of=h.sample) if h.heard else t("pack.no_one_of", of=h.sample)
    return {**found, "text": said, "heard": h.heard, "of": h.sample}


def _requirement_row(ctx: Context, r: PackRequirement) -> Row:
    """A requirement as it stands; who may follow it further down gets a way there."""
    row: Row = {"text": r.statement, "key": r.key, "state": evidence.STATUS[r.status],
                "word": t(f"status.{r.status}")}  # fmt: skip
    importance = t(f"moscow.{r.moscow}") if r.moscow else ""
    notes = [t(f"status.{r.status}")]
    if can(ctx.member.role, Action.MODEL):
        row["href"], row["link"] = session.link("trace", item=r.id), t("tracepage.because")
        notes = [importance, *notes]
    elif importance:
        row["link"] = importance
    if not r.is_held_up:
        row["state"], row["word"] = "doubt", t("requirements.unheld_word")
        notes.append(t("requirements.unheld"))
    if r.changed_since_decision:
        row["state"], row["word"] = "doubt", t("requirements.changed_word")
        notes.append(t("pack.changed_since_decided"))
    row["note"] = " · ".join(n for n in notes if n)
    return row


def _turn(n: int, of: int) -> None:
    """One theme at a time: the one before and the one after."""
    with st.container(horizontal=True, key="pack_turn"):
        if n > 1:
            st.button(t("requirements.theme_n", n=n - 1), key="theme_before", icon=":material/chevron_left:",
                      on_click=lambda: session.ask(part="themes", theme=n - 1))  # fmt: skip
        st.space("stretch")
        if n < of:
            st.button(t("requirements.theme_n", n=n + 1), key="theme_after", icon=":material/chevron_right:",
                      icon_position="right", on_click=lambda: session.ask(part="themes", theme=n + 1))  # fmt: skip


def _matrix(pack: Pack, current: int) -> None:
    groups = [{"mono": m, "name": name, "tone": tone} for _, name, m, tone in pack.matrix.groups]
    rows = []
    for n, (theme, heading) in enumerate(pack.matrix.themes, 1):
        cells: list[dict[str, Any]] = []
        for id, _, _, _ in pack.matrix.groups:
            cell = pack.matrix.cells[theme][id]
            if cell.heard is None:
                said = t("pack.few" if cell.anyone else "pack.no_one")
                cells.append({"text": said, "phrase": cell.phrase})
            else:
                cells.append({"n": cell.heard, "of": cell.sample, "phrase": cell.phrase})
        rows.append({"heading": heading, "current": n == current, "href": _theme_link(n), "cells": cells})
    view("evidence", {"corner": t("model.kind.category"), "groups": groups, "rows": rows, "fold": "current",
                      "note": t("pack.matrix_note", k=pack.k_min)}, key="matrix")  # fmt: skip


# -- version -----------------------------------------------------------------------------------------------


def _version(ctx: Context, pack: Pack) -> None:
    last = pack.versions[-1] if pack.versions else None
    if last is None:
        _head(pack, t("pack.no_version"))
    else:
        _head(pack, last.label, t("prototype.frozen_on", at=day(last.frozen_at)))
        if last.note:
            st.text(last.note)
        if len(pack.versions) > 1:
            before = pack.versions[-2]
            found = attempt(versioning.compare_versions, ctx, before.id, last.id)
            if found:
                st.subheader(t("pack.since_version", label=literal(before.label)), anchor=False)
                st.text(counts(found))
                difference(found, "pack_version")
    numbers = {id: n for n, (id, _) in enumerate(pack.matrix.themes, 1)}
    frozen = pack.frozen
    shown = frozen or pack
    st.space("small")
    st.header(t("pack.trace"), anchor=False)
    picture(shown.strip, shown.matrix, key="pack_strip", numbers=numbers)
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        title = "pack.frozen_requirements" if frozen else "pack.requirements"
        st.header(t(title), anchor=False, width="content")
        st.space("stretch")
        only = st.toggle(t("pack.holes_only"), key="pack_holes")
    if frozen:
        st.caption(t("pack.frozen_note", at=day(frozen.version.frozen_at)))
    _table(shown.requirements, pack, numbers, only, frozen=frozen is not None)
    if frozen:
        _since_frozen(ctx, pack, frozen)


def _since_frozen(ctx: Context, pack: Pack, frozen: Frozen) -> None:
    """What the model says today that the version does not, apart from it."""
    st.space("small")
    st.header(t("pack.since_frozen"), anchor=False)
    found = attempt(versioning.compare_versions, ctx, frozen.version.id, None)
    changed = [d for d in found or () if d.change not in ("same", "added")]
    if changed:
        difference(changed, "pack_now")
    else:
        st.text(t("pack.nothing_since_frozen"))
    held = {r.id for r in frozen.requirements}
    others = [r for r in pack.requirements if r.id not in held]
    if others:
        st.subheader(t("pack.not_in_version"), anchor=False)
        view("rows", {"rows": [_requirement_row(ctx, r) for r in others]}, key="pack_not_in_version")


_COLUMNS = ("key", "requirement", "moscow", "rests", "against", "status", "owner")
_WHEN_FROZEN = ("key", "requirement", "moscow", "rests", "against", "status_today", "owner_today")


def _table(
    requirements: Sequence[PackRequirement],
    pack: Pack,
    numbers: Mapping[str, int],
    only_holes: bool,
    *,
    frozen: bool,
) -> None:
    """Requirements, as they read today or in a version; status and owner, which no version keeps, are today's."""
    today = {r.id: r for r in pack.requirements}
    shown = _WHEN_FROZEN if frozen else _COLUMNS
    rows: list[TableRow] = []
    for r in requirements:
        now = today.get(r.id)
        unanswered = now is not None and now.status in ("accepted", "proposed") and not r.components
        hole = not r.is_held_up or unanswered or not r.acceptance
        if only_holes and not hole:
            continue
        rests = [
            t("requirements.theme_n", n=numbers[id]) if id in numbers else heading for id, heading in r.themes
        ]
        if r.ideas:
            rests.append(tn("pack.ideas", len(r.ideas)))
        if r.basis not in ("theme", "idea"):
            rests.append(t(f"basis.rests_{r.basis}"))
        heard = evidence.people_line(r.people, len(r.groups)) if r.people else ", ".join(r.groups)
        cells: dict[str, Any] = {
            "key": r.key,
            "requirement": {"text": r.statement, "note": r.acceptance},
            "moscow": t(f"moscow.{r.moscow}") if r.moscow else "",
            "rests": {"text": ", ".join(rests) or t("requirements.unheld"), "note": heard},
            "against": _against(r),
            "status": {"text": t("pack.taken_out"), "state": "none"},
            "owner": "",
        }
        if now is not None:
            cells["status"] = {"text": t(f"status.{now.status}"), "state": evidence.STATUS[now.status]}
            cells["owner"] = now.owner
            if now.changed_since_decision:
                cells["status"] |= {"state": "doubt", "note": t("pack.changed_since_decided")}
            if unanswered:
                cells["status"] |= {"note": t("tracepage.no_component")}
        rows.append({"cells": {k: cells[k.removesuffix("_today")] for k in shown}})
    columns = [
        {"key": k, "label": t(f"pack.column_{k}"), "kind": "id" if k == "key" else "text"} for k in shown
    ]
    view("table", {"columns": columns, "rows": rows,
                   "empty": t("pack.no_holes") if only_holes else t("pack.no_requirements")}, key="requirements")  # fmt: skip


def _against(r: PackRequirement) -> str:
    kinds = ("unit", "idea", "evidence", "decision", "source")
    said = dict.fromkeys(t(f"pack.against_{what}") if what in kinds else what for what in r.against)
    return ", ".join([*said, *([tn("pack.challenges", r.challenges)] if r.challenges else [])])


# -- since -------------------------------------------------------------------------------------------------


def _since(ctx: Context, pack: Pack) -> None:
    """What has changed since the last meeting, from what is kept; an honest sentence when nothing has."""
    here = pack.meeting.date if pack.meeting else None
    earlier = [m for m in meetings.list_meetings(ctx) if m.date and here and m.date < here]
    last = earlier[-1] if earlier else None
    if last is None:
        _head(pack, t("pack.first_meeting"))
        st.text(t("pack.first_meeting_text"))
        return
    at = day(last.date)
    changed = [d for d in pack.decided if d.changed_since]
    frozen = [v for v in pack.versions if v.frozen_at[:10] > str(last.date)]
    before = [v for v in pack.versions if v.frozen_at[:10] <= str(last.date)]
    taken = [d for d in pack.decided if d.meeting == last.id]
    _head(pack, t("pack.since_title", at=at))
    st.subheader(t("pack.decided_on_changed"), anchor=False)
    view(
        "rows",
        {"rows": [{"text": committee.changed_sentence(d), "key": d.key, "note": d.question, "state": "doubt",
                   "word": t("requirements.changed_word"), "href": session.link("decisions", decision=d.key)}
                  for d in changed],
         "empty": t("pack.nothing_changed", at=at)},
        key="since_changed",
    )  # fmt: skip
    if changed:
        st.caption(t("pack.changed_why"))
        words = _reworded(ctx, pack, changed)
        if words:
            view("diff", {"rows": words}, key="since_words")
    st.space("small")
    st.subheader(t("pack.frozen_since"), anchor=False)
    view(
        "rows",
        {"rows": [{"text": v.label, "note": " · ".join(x for x in (t("prototype.frozen_on", at=day(v.frozen_at)),
                   v.note) if x), "state": "good", "word": t("prototype.frozen")} for v in frozen],
         "empty": t("pack.no_version_since", at=at)},
        key="since_versions",
    )  # fmt: skip
    if frozen and before:
        found = attempt(versioning.compare_versions, ctx, before[-1].id, frozen[-1].id)
        if found:
            st.text(t("pack.compared", label=before[-1].label) + " " + counts(found))
    st.space("small")
    st.subheader(t("pack.decided_last", meeting=literal(last.title)), anchor=False)
    view(
        "rows", {"rows": [_logged(d) for d in taken], "empty": t("pack.nothing_decided")}, key="since_decided"
    )


def _reworded(ctx: Context, pack: Pack, changed: list[meetings.DecisionView]) -> list[DiffRow]:
    """How the changed things read then and now: against the last version frozen before they were decided on."""
    rows: list[DiffRow] = []
    seen: set[str] = set()
    for d in changed:
        before = [v for v in pack.versions if v.frozen_at[:10] <= str(d.decided_at)]
        found = attempt(versioning.compare_versions, ctx, before[-1].id, None) if before else None
        for x in found or ():
            if x.item in {item for item, _ in d.changed_since} - seen and x.change == "changed":
                seen.add(x.item)
                words: list[Any] = []
                for op, text in x.words:
                    words += [{"op": "same", "text": " "}] if words else []
                    words.append({"op": op, "text": text})
                rows.append({"change": "changed", "words": words,
                             "key": x.label.partition(" ")[0] if x.kind == "requirement" else ""})  # fmt: skip
    return rows
