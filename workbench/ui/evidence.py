"""What the pages of the model and of the committee's table show alike: groups heard, and reasons down to the
words they rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.domain.roles import Action, can
from workbench.language import t, tn
from workbench.services import tracing
from workbench.services.context import Context
from workbench.services.synthesis import Matrix
from workbench.ui import session
from workbench.ui.components.view import Group, Reason, State, Unit
from workbench.ui.text import literal

STATUS: dict[str, State] = {
    "draft": "none",
    "proposed": "open",
    "accepted": "good",
    "parked": "none",
    "rejected": "none",
}


# -- groups ------------------------------------------------------------------------------------------------


def groups_of(matrix: Matrix) -> dict[str, Group]:
    """The discs of the top stakeholder groups by id."""
    return {id: {"mono": mono, "name": name, "tone": tone} for id, name, mono, tone in matrix.groups}


def people_line(people: int, groups: int) -> str:
    """ "17 people in 3 groups"; empty when nobody was heard."""
    if not people:
        return ""
    return t("model.people_in_groups", people=tn("model.people", people), groups=tn("model.groups", groups))


# -- because -----------------------------------------------------------------------------------------------


def unit_view(unit: tracing.TracedUnit, discs: Mapping[str, Group]) -> Unit:
    """A unit in its context, with a link to its place in the reader. In the room (projector) no pseudonym,
    no title of a source and no turn around it is shown."""
    u = unit.card.unit
    group = next((discs[g] for g in unit.card.groups if g in discs), None)
    found: Unit = {"text": u.text, "lang": u.language}
    if group:
        found["group"] = group
    if unit.role == "contradicts":
        found["against"] = True
    if session.projector():
        return found
    found["by"] = ", ".join(u.speakers)
    found["where"] = t("model.where", source=u.source_title, turn=u.turn)
    found["before"] = [{"speaker": x.speaker, "text": x.text} for x in unit.before]
    found["after"] = [{"speaker": x.speaker, "text": x.text} for x in unit.after]
    found["href"] = session.link("code", source=u.source, unit=u.id)
    found["link"] = t("model.in_context")
    return found


def reason_view(node: tracing.Because, discs: Mapping[str, Group]) -> Reason:
    """A thing and what it rests on. Units stand under the condensate that gathers them."""
    units = {x.card.unit.id: x for x in node.units}
    below: list[Reason] = []
    for c in node.condensates:
        held = [units.pop(u) for u in c.units if u in units]
        said: dict[str, Any] = {"text": c.text, "note": ""}
        if c.voice and c.voice in discs:
            said["group"] = discs[c.voice]
        elif c.voice == "mixed":
            said["by"] = t("model.mixed")
        below.append(
            {"key": t("model.kind.subgroup"), "text": c.subgroup, "condensates": [said],  # type: ignore[list-item]
             "units": [unit_view(x, discs) for x in held]}
        )  # fmt: skip
    below += [reason_view(r, discs) for r in node.reasons]
    reason: Reason = {"text": node.label, "units": [unit_view(x, discs) for x in units.values()]}
    if node.kind == "unit":
        reason["text"] = t("model.kind.unit")
    reason["key"] = node.key or (t(f"model.kind.{node.kind}") if node.kind != "unit" else "")
    if node.role == "contradicts":
        reason["against"] = True
    if below:
        reason["below"] = below
    people = {p for x in node.units for p in x.card.unit.participants}
    if node.kind == "category" and node.units:
        reason["note"] = t(
            "model.rests_on", units=tn("model.units", len(node.units)), people=tn("model.people", len(people))
        )
    return reason


def because(ctx: Context, item: str, matrix: Matrix) -> dict[str, Any]:
    """The facts of the view kind `because` for a requirement, theme, component or unit, as far down as the
    acting role may go."""
    discs = groups_of(matrix)
    if can(ctx.member.role, Action.READ_SOURCES):
        node = tracing.because(ctx, item)
    else:
        node = tracing.grounds(ctx, item)
    # What it rests on; the thing itself is the drawer's heading.
    top = reason_view(node, discs)
    reasons: list[Reason] = []
    said: Reason | None = None
    if top.get("units"):
        loose = node.kind == "category" and bool(node.condensates)
        said = {"text": t("model.loose_units") if loose else t("model.own_units"), "units": top["units"],
                "open": len(top["units"]) < 4}  # fmt: skip
    # A requirement's own units come first; what a theme has beside its condensates comes last.
    if said and node.kind != "category":
        reasons.append(said)
    reasons += top.get("below", [])
    if said and node.kind == "category":
        reasons.append(said)
    return {"reasons": reasons, "empty": t("model.rests_on_nothing")}


def escaped(words: Callable[[str], str]) -> Callable[[str], str]:
    """A format function whose result is shown as typed, for pills and other labels that read Markdown (the
    options of a selectbox do not)."""
    return lambda value: literal(words(value))
