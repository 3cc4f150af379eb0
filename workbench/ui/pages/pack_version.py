"""The pack, Version: what the latest version holds, as it was frozen, from people to prototype; and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from workbench.language import day, t, tn
from workbench.services import pack_words, versioning
from workbench.services.context import Context
from workbench.services.packs import Frozen, Pack, PackRequirement
from workbench.ui import evidence
from workbench.ui.call import attempt
from workbench.ui.components.view import TableRow, view
from workbench.ui.pages.pack_parts import TRUST, head, requirement_row
from workbench.ui.pages.prototype import counts, difference
from workbench.ui.pages.trace import picture
from workbench.ui.text import literal


def draw(ctx: Context, pack: Pack) -> None:
    last = pack.versions[-1] if pack.versions else None
    if last is None:
        head(pack, t("pack.no_version"))
    else:
        head(pack, last.label, t("prototype.frozen_on", at=day(last.frozen_at)))
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
        view("rows", {"rows": [requirement_row(ctx, r) for r in others]}, key="pack_not_in_version")


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
        lacks = pack_words.missing(replace(r, status=now.status, owner=now.owner) if now else r)
        if only_holes and not lacks:
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
            "against": pack_words.against_said(r),
            "status": {"text": t("pack.taken_out"), "state": "none"},
            "owner": "",
        }
        if now is not None:
            cells["status"] = {"text": t(f"status.{now.status}"), "state": evidence.STATUS[now.status]}
            cells["owner"] = now.owner
            notes = list(lacks)
            if now.trust:
                cells["status"] |= {"state": TRUST[now.trust]}
                notes.insert(0, t(f"packfile.trust.{now.trust}"))
            elif now.changed_since_decision:
                cells["status"] |= {"state": "doubt"}
                notes.insert(0, t("pack.changed_since_decided"))
            if notes:
                cells["status"] |= {"note": " · ".join(notes)}
        rows.append({"cells": {k: cells[k.removesuffix("_today")] for k in shown}})
    columns = [
        {"key": k, "label": t(f"pack.column_{k}"), "kind": "id" if k == "key" else "text"} for k in shown
    ]
    view("table", {"columns": columns, "rows": rows,
                   "empty": t("pack.no_holes") if only_holes else t("pack.no_requirements")}, key="requirements")  # fmt: skip
