"""What the parts of the page share: what it is drawn from, a requirement as a row, and "the model must" in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.domain.errors import WorkbenchError
from workbench.language import day, t, tn
from workbench.services import confidence, coverage, dissent, ideas, likeness, model, synthesis
from workbench.services.confidence import Judgement
from workbench.services.context import Context
from workbench.services.coverage import Coverage
from workbench.services.dissent import Dissent
from workbench.services.ideas import Idea
from workbench.services.model import RequirementView
from workbench.services.synthesis import Matrix
from workbench.ui import evidence, session
from workbench.ui.call import say, sentence
from workbench.ui.components.view import Row, State, view
from workbench.ui.text import literal

WITHOUT = "-"  # the place for requirements that rest on no theme
# A state that trust computes -> its shape; those without anything to say are not in it.
TRUST: dict[str, State] = {"doubt": "doubt", "does_not_hold": "doubt", "distant": "open"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page is drawn from, read once."""

    ctx: Context
    requirements: Sequence[RequirementView]
    matrix: Matrix
    trust: Mapping[str, tuple[str, str]]
    coverage: Coverage
    dissent: Mapping[str, Dissent]
    judgements: Mapping[str, Mapping[str, Judgement]]
    ideas: Sequence[Idea]

    @property
    def headings(self) -> dict[str, str]:
        return dict(self.matrix.themes)

    def requirement(self, key_or_id: str | None) -> RequirementView | None:
        return next(
            (r for r in self.requirements if key_or_id in (r.requirement.id, r.requirement.key)), None
        )

    def resting_on(self, item: str) -> list[RequirementView]:
        """Requirements that rest on a theme or idea, or that it speaks against."""
        return [r for r in self.requirements if any(s.item == item for s in (*r.supports, *r.against))]


def read(ctx: Context) -> Sheet:
    return Sheet(
        ctx, model.list_requirements(ctx), synthesis.theme_matrix(ctx), model.requirement_trust(ctx),
        coverage.coverage(ctx), dissent.theme_dissent(ctx), confidence.judgements(ctx),
        ideas.list_ideas(ctx),
    )  # fmt: skip


# -- what was refused ------------------------------------------------------------------------------------------


def act(place: str, fn: Callable[..., Any], /, *args: Any, **kw: Any) -> Any:
    """Call a service from a callback: its result, or True where it has none. None when it refused: that is said at
    this place in the run that follows."""
    try:
        done = fn(*args, **kw)
    except WorkbenchError as error:
        session.keep_draft("refused", {"place": place, "said": sentence(error)})
        return None
    return True if done is None else done


def refused(place: str) -> None:
    """The sentence about what was refused here, once."""
    said = session.draft("refused") or {}
    if said.get("place") == place:
        session.keep_draft("refused", None)
        say(said["said"])


# -- rows ----------------------------------------------------------------------------------------------------


def heard(sheet: Sheet, theme: str, *, bars: bool = False) -> list[dict[str, Any]]:
    """Who was heard in a theme, for the view kind `spread`: people of people in the sample, where told, and groups
    that nobody was heard of."""
    discs = evidence.groups_of(sheet.matrix)
    groups: list[dict[str, Any]] = []
    for id, cell in sheet.matrix.cells[theme].items():
        if cell.heard is None:
            groups.append({"group": discs[id], "text": t("pack.few" if cell.anyone else "pack.no_one")})
        else:
            one: dict[str, Any] = {
                "group": discs[id],
                "text": t("model.of", n=cell.heard, of=cell.sample),
            }
            groups.append(one | ({"heard": cell.heard, "of": cell.sample} if bars else {}))
    return groups


def rows(
    sheet: Sheet, mine: Sequence[RequirementView], where: str, empty: str = "", *, quiet: bool = False
) -> None:
    if mine or empty:
        drawn = [row(sheet, r, quiet=quiet) for r in mine]
        view("rows", {"rows": drawn, "empty": empty}, key=f"rows_{where}")


def row(sheet: Sheet, r: RequirementView, *, quiet: bool = False) -> Row:
    """A requirement in one line and a second one of facts; a `quiet` one, for the room, has only its key there."""
    q = r.requirement
    # The key stands in the second line: a sentence of two lines then begins beside its shape.
    found: Row = {
        "text": q.statement,
        "href": session.link("requirements", requirement=q.key, holes=session.asked("holes")),
        "state": evidence.STATUS[q.status],
        "word": t(f"status.{q.status}"),
    }
    state, told = sheet.trust.get(q.id, ("", ""))
    moscow = t(f"moscow.{q.moscow}") if q.moscow else ""
    if state in TRUST:
        found["state"], found["word"] = TRUST[state], t(f"requirements.trust_{state}")
    if quiet:
        standing = found["word"] if state in TRUST else t(f"status.{q.status}")
        return found | {"note": " · ".join(f for f in (q.key, moscow, standing) if f)}
    # What has become of it is said first; the sentence names it.
    facts = [told.removesuffix("."), moscow] if state in TRUST else [q.key, moscow, t(f"status.{q.status}")]
    if people := evidence.people_line(r.people or 0, len(r.groups)):
        facts.append(people)
    elif r.is_held_up and q.basis != "theme":
        facts.append(t(f"basis.rests_{q.basis}"))
    if r.against:
        facts.append(tn("requirements.against", len(r.against)))
    if r.conflicts:
        facts.append(t("requirements.conflicts_with", keys=", ".join(c.key for c in r.conflicts)))
    facts += [name for _, name in r.components]
    if not r.is_held_up:
        if state not in TRUST:
            found["state"], found["word"] = "open", t("requirements.unheld_word")
        facts.append(t("requirements.unheld"))
    found["note"] = " · ".join(f for f in facts if f)
    return found


# -- writing -------------------------------------------------------------------------------------------------


def whole_sentence(typed: str) -> str:
    """What was typed after "The model must", as a sentence; one that begins with a capital is kept as it is."""
    typed = typed.strip()
    if not typed or not typed[0].islower():
        return typed
    lead = t("requirements.must")
    return f"{lead} {typed}"


def write(sheet: Sheet, place: str, *, theme: str | None = None, idea: str | None = None) -> None:
    """The line in which "the model must ..." is finished: type, Enter, done. Then whether it has been said before."""
    key = f"must_{place}"

    def keep() -> None:
        typed = whole_sentence(str(session.widget(key) or ""))
        if not typed:
            return
        basis: dict[str, Any] = {"based_on": [x] if (x := theme or idea) else []}
        if idea:
            basis["basis"] = "idea"
        new = act(key, model.add_requirement, sheet.ctx, statement=typed, **basis)
        if new is not None:
            session.set_widget(key, "")
            session.keep_draft("written", {"place": place, "id": new})

    refused(key)
    st.text_input(
        t("requirements.must_label"), key=key, placeholder=t("requirements.must_placeholder"),
        label_visibility="collapsed", on_change=keep,
    )  # fmt: skip
    written = session.draft("written") or {}
    new = sheet.requirement(written.get("id")) if written.get("place") == place else None
    if new is not None:
        said_before(sheet, new)


def said_before(sheet: Sheet, r: RequirementView) -> None:
    """A quiet sentence where another requirement says nearly the same; nothing where none does."""
    q = r.requirement
    near: list[Row] = [
        {"text": t("requirements.nearly_the_same", key=s.key), "note": s.text, "link": t("requirements.look"),
         "href": session.link("requirements", requirement=s.key)}
        for s in likeness.nearly_the_same(sheet.ctx, q.statement, besides=q.id)
    ]  # fmt: skip
    if near:
        view("rows", {"rows": near}, key=f"near_{q.id}")


def not_needed(sheet: Sheet, item: str) -> None:
    """ "Not needed, because ...": a theme or idea that is left without a requirement on purpose."""
    key = f"because_{item}"

    def keep() -> None:
        act(key, coverage.set_not_needed, sheet.ctx, item, session.widget(key) or "")

    refused(key)
    with (
        st.popover(t("requirements.not_needed"), key=f"not_needed_{item}", type="tertiary"),
        st.container(width=380),
    ):
        st.text_area(t("requirements.not_needed_why"), key=key, height=90)
        st.button(t("requirements.not_needed_keep"), key=f"not_needed_keep_{item}", on_click=keep)


def set_aside(sheet: Sheet, item: str) -> Row:
    """The row of a theme or idea that needs no requirement: why, and who says so (in the room nobody)."""
    why = sheet.coverage.not_needed[item]
    found: Row = {"text": t("requirements.not_needed_because", why=why.reason), "state": "none",
                  "word": t("requirements.not_needed_word")}  # fmt: skip
    if not session.projector():
        found |= {"note": t("requirements.by_on", who=why.by, at=day(why.at)), "id": item,
                  "link": t("requirements.take_back")}  # fmt: skip
    return found


def taken_back(sheet: Sheet) -> Callable[[str], None]:
    """What a press on the row of `set_aside` does."""

    def take(item: str) -> None:
        act(f"because_{item}", coverage.take_not_needed_back, sheet.ctx, item)

    return take


def heading(n: int, text: str) -> None:
    with st.container(gap=None):
        st.caption(t("requirements.theme_n", n=n))
        st.subheader(literal(text), anchor=False)
