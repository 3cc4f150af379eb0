"""What the pages of the model and of the committee's table show alike: groups heard, reasons down to the words
they rest on, and fields that keep themselves on blur."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from workbench.domain.errors import StaleEdit, WorkbenchError
from workbench.domain.roles import Action, can
from workbench.language import t, tn
from workbench.services import tracing
from workbench.services.context import Context
from workbench.services.synthesis import Matrix
from workbench.ui import session
from workbench.ui.call import say, sentence
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


def heard_line(matrix: Matrix, theme: str) -> list[dict[str, Any]]:
    """Who was heard in a theme, for the view kind `spread`: people of people in the sample."""
    discs = groups_of(matrix)
    return [
        {"group": discs[id], "text": t("model.of", n=cell.heard, of=cell.sample)}
        for id, cell in matrix.cells[theme].items()
    ]


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


# -- fields that keep themselves ---------------------------------------------------------------------------


class Fields:
    """Input fields over one record, each kept when it is left.

    Remembers per session what each field said and the record's rev when it was drawn. A change that
    somebody else made meanwhile to another field does no harm; to the same field, both texts are shown and
    nothing is overwritten."""

    def __init__(self, record: object, change: Callable[..., None]) -> None:
        self._record = record
        self._id = str(record.id)  # type: ignore[attr-defined]
        self._change = change
        self._draft = f"fields.{self._id}"
        seen = session.draft(self._draft, {})
        now = {n: getattr(record, n) for n in record.__slots__}  # type: ignore[attr-defined]
        for name, value in now.items():
            # Untouched fields follow what others have kept.
            if seen and seen.get(name) != value and name not in self._stuck():
                session.set_widget(self.key(name), value)
        session.keep_draft(self._draft, now)

    def key(self, name: str) -> str:
        return f"field_{self._id}_{name}"

    def _stuck(self) -> dict[str, Any]:
        found: dict[str, Any] = session.draft(f"{self._draft}.stuck", {})
        return found

    def _keep(self, name: str, value: Any, rev: int) -> None:
        stuck = dict(self._stuck())
        stuck.pop(name, None)
        try:
            self._change(self._id, rev=rev, **{name: value})
        except StaleEdit as error:
            seen = session.draft(self._draft, {})
            if error.current.get(name) == seen.get(name):
                return self._keep(name, value, int(str(error.current["rev"])))
            stuck[name] = {"mine": value, "theirs": error.current.get(name), "rev": error.current["rev"],
                           "said": sentence(error)}  # fmt: skip
        except WorkbenchError as error:
            stuck[name] = {"mine": value, "theirs": None, "rev": rev, "said": sentence(error)}
        session.keep_draft(f"{self._draft}.stuck", stuck or None)

    def changed(self, name: str) -> None:
        """A widget's callback."""
        self._keep(name, session.widget(self.key(name)) or "", session.draft(self._draft, {}).get("rev", 0))

    def _take_theirs(self, name: str) -> None:
        stuck = dict(self._stuck())
        theirs = stuck.pop(name, {}).get("theirs")
        session.set_widget(self.key(name), theirs)
        session.keep_draft(f"{self._draft}.stuck", stuck or None)

    def _conflict(self, name: str) -> None:
        found = self._stuck().get(name)
        if not found:
            return
        say(found["said"])
        if found["theirs"] is not None:
            with st.container(border=True, key=f"both_{self._id}_{name}"):
                st.caption(t("model.theirs"))
                st.text(str(found["theirs"]))
                with st.container(horizontal=True, gap="small"):
                    st.button(t("model.keep_theirs"), key=f"theirs_{self._id}_{name}",
                              on_click=self._take_theirs, args=(name,))  # fmt: skip
                    st.button(t("model.keep_mine"), key=f"mine_{self._id}_{name}",
                              on_click=self._keep, args=(name, found["mine"], int(found["rev"])))  # fmt: skip

    def _seed(self, name: str) -> str:
        key = self.key(name)
        if session.widget(key) is None:
            stuck = self._stuck().get(name)
            session.set_widget(key, stuck["mine"] if stuck else getattr(self._record, name))
        return key

    def area(self, name: str, label: str, *, height: int | str = "content", placeholder: str = "") -> None:
        """A text area, kept on blur."""
        self._conflict(name)
        st.text_area(label, key=self._seed(name), height=height, placeholder=placeholder,
                     on_change=self.changed, args=(name,))  # fmt: skip

    def line(self, name: str, label: str, *, placeholder: str = "") -> None:
        """One line, kept on Enter or blur."""
        self._conflict(name)
        st.text_input(label, key=self._seed(name), placeholder=placeholder,
                      on_change=self.changed, args=(name,))  # fmt: skip

    def choice(self, name: str, label: str, options: tuple[str, ...], words: Callable[[str], str]) -> None:
        """A few words to choose from, kept at once."""
        self._conflict(name)
        key = self._seed(name)
        if session.widget(key) not in options:
            session.set_widget(key, None)
        st.pills(label, options, key=key, format_func=words, on_change=self.changed, args=(name,))


def escaped(words: Callable[[str], str]) -> Callable[[str], str]:
    """A format function whose result is shown as typed, for pills and other labels that read Markdown (the
    options of a selectbox do not)."""
    return lambda value: literal(words(value))
