"""Agreement scores at the foot of Differences: worked out only when somebody asks, each with what it says and does not."""

from __future__ import annotations

import streamlit as st

from workbench.domain.agreement import Score
from workbench.language import number, t, tn
from workbench.services import agreement
from workbench.services.agreement import Scores
from workbench.services.context import Context
from workbench.services.differences import Comparison
from workbench.ui import session
from workbench.ui.call import attempt
from workbench.ui.components.view import view

_ASKED = "differences.scores"


def part(ctx: Context, found: Comparison, source: str | None, *, marked: bool) -> None:
    """A closed expander; nothing is worked out before the button in it is pressed."""
    if not found.compared:
        return
    of = [m.id for m in found.members] + [source or "", str(marked)]
    with st.expander(t("agreement.title"), key="differences_scores"):
        with st.container(width=760, key="differences_scores_text"):
            st.text(t("agreement.stc"))
            st.caption(t("agreement.before"))
        if session.draft(_ASKED) != of:
            st.button(
                t("agreement.work_out"),
                key="differences_work_out",
                on_click=session.keep_draft,
                args=(_ASKED, of),
            )
            return
        first, second = found.members
        scores = attempt(agreement.agreement, ctx, first.id, second.id, source=source, marked=marked)
        if scores is not None:
            _draw(scores)


def _draw(s: Scores) -> None:
    st.caption(
        t("agreement.of", first=s.members[0].name, second=s.members[1].name, a=number(s.marks[0]), b=number(s.marks[1]),
          sources=tn("agreement.sources", len(s.sources)), characters=number(s.length))
    )  # fmt: skip
    columns = [{"key": "group", "label": t("agreement.group")}]
    measures = ("percent", "kappa", "alpha", "units_kappa", "alpha_u")
    columns += [{"key": k, "label": t(f"agreement.{k}"), "kind": "number"} for k in measures]
    rows = []
    for id, group in s.named.items():
        if id in s.characters.per_group:
            over, units = s.characters.per_group[id], s.units.per_group.get(id)
            rows.append(
                {"cells": {"group": group.name, "percent": _percent(over.kappa), "kappa": _value(over.kappa),
                           "alpha": _value(over.alpha), "units_kappa": _value(units.kappa) if units else "–",
                           "alpha_u": _value(s.boundaries.per_group[id]) if id in s.boundaries.per_group else "–"}}
            )  # fmt: skip
    over, units = s.characters.overall, s.units.overall
    rows.append(
        {"cells": {"group": t("agreement.overall"), "percent": _percent(over.kappa), "kappa": _value(over.kappa),
                   "alpha": _value(over.alpha), "units_kappa": _value(units.kappa), "alpha_u": _value(s.boundaries.overall)}}
    )  # fmt: skip
    over = s.characters.marked
    rows.append(
        {"cells": {"group": t("agreement.marked"), "percent": _percent(over.kappa), "kappa": _value(over.kappa),
                   "alpha": _value(over.alpha), "units_kappa": "–", "alpha_u": "–"}}
    )  # fmt: skip
    view(
        "table",
        {"columns": columns, "rows": rows, "note": t("agreement.checked")},
        key="differences_scores_table",
    )
    with st.container(width=760, gap="small", key="differences_scores_what"):
        for name in ("characters", "units", "boundaries"):
            st.caption(
                f"**{t(f'agreement.{name}')}.** {t(f'agreement.{name}_what', left=number(s.units.left_out))}"
            )
    family = [("u", s.partition.units), ("u_binary", s.partition.binary), ("u_coding", s.partition.coding)]
    shown = [{"cells": {"group": t(f"agreement.{k}"), "value": _value(v)}} for k, v in family]
    view(
        "table",
        {"columns": [{"key": "group", "label": t("agreement.family")}, {"key": "value", "label": "", "kind": "number"}],
         "rows": shown, "note": t("agreement.family_what")},
        key="differences_scores_family",
    )  # fmt: skip


def _percent(score: Score) -> str:
    return "–" if score.agreement is None else f"{score.agreement:.1%}".replace("%", " %")


def _value(score: Score) -> str | dict[str, str]:
    """A score with three decimals, or why there is none."""
    if score.value is None:
        return {"text": "–", "note": t(f"agreement.reason.{score.reason}")}
    shown = f"{score.value:.3f}"
    return shown if score.verified else {"text": f"{shown} ○", "note": ""}
