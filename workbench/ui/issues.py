"""What a check found, as a row on a screen: its sentence, its second line, and the place that mends it."""

from __future__ import annotations

from typing import Any

from workbench.domain.issues import Issue
from workbench.language import t
from workbench.services.context import Context
from workbench.ui import session, shell
from workbench.ui.components.view import State

STATE: dict[str, State] = {"error": "doubt", "warning": "open", "note": "none"}

Place = tuple[str, dict[str, str], dict[str, str]]
# A rule -> the screen that mends it, and what its address says: ids taken from the issue's parameters ("" is the
# place the issue is about), then words that are always the same.
_PLACES: dict[str, Place] = {
    "no_preconceptions": ("impression", {}, {"part": "before"}),
    "preliminary_themes": ("impression", {}, {"part": "themes"}),
    "units_unplaced": ("code", {"source": "source_id", "unit": "unit_id"}, {}),
    "unit_in_several": ("units", {}, {"several": "1"}),
    "code_groups": ("code_groups", {}, {}),
    "group_large": ("units", {"code_group": ""}, {}),
    "group_small": ("code_groups", {"code_group": ""}, {}),
    "condensate_stale": ("condense", {"group": "", "subgroup": "subgroup_id"}, {}),
    "units_left_over": ("condense", {"group": ""}, {"subgroup": "left"}),
    "subgroups": ("condense", {"group": ""}, {}),
    "voice": ("condense", {"group": "group_id", "subgroup": "subgroup_id"}, {}),
    "not_first_person": ("condense", {"group": "group_id", "subgroup": "subgroup_id"}, {}),
    "not_held": ("condense", {"group": "group_id", "subgroup": ""}, {}),
    "golden_share": ("units", {"participant": ""}, {}),
    "golden_spread": ("units", {"group": ""}, {}),
    "challenge_unanswered": ("synthesise", {"category": "", "source": "source_id"}, {"part": "reread"}),
    "step_skipped": ("condense", {"group": "group_id"}, {}),
    "group_without_category": ("synthesise", {"group": ""}, {}),
    "not_reread": ("synthesise", {"category": ""}, {"part": "reread"}),
    "no_counter_search": ("synthesise", {"category": ""}, {"part": "against"}),
    "heading_is_label": ("synthesise", {"category": ""}, {}),
    "heading_short": ("synthesise", {"category": ""}, {}),
    "guide_mirrored": ("synthesise", {"category": ""}, {}),
    "headings_level": ("synthesise", {}, {}),
    "banality": ("synthesise", {}, {}),
    "quotes_few": ("synthesise", {}, {"part": "quotes"}),
    "quotes_not_cleared": ("synthesise", {"category": ""}, {"part": "quotes"}),
    "rests_on_few": ("synthesise", {"category": ""}, {}),
    "decided_changed": ("decisions", {"decision": ""}, {}),
    "theme_unanswered": ("requirements", {"theme": ""}, {}),
    "requirement_unheld": ("requirements", {"requirement": "key"}, {}),
    "component_answers_nothing": ("prototype", {"component": ""}, {}),
    "must_support": ("requirements", {"requirement": ""}, {}),
    "theme_not_addressed": ("requirements", {"theme": ""}, {}),
    "against_undecided": ("requirements", {"requirement": ""}, {}),
    "subgroup_not_condensed": ("condense", {"group": "group_id", "subgroup": ""}, {}),
    "no_golden_quote": ("condense", {"group": "group_id", "subgroup": "subgroup_id"}, {}),
    "component_ungrounded": ("prototype", {"component": ""}, {}),
    "requirement_incomplete": ("requirements", {"requirement": ""}, {}),
    "must_not_tried": ("requirements", {"requirement": ""}, {}),
    "voice_share": ("synthesise", {"category": ""}, {}),
    "decided_before_doubt": ("decisions", {"decision": ""}, {}),
}
# Rules whose place depends on what was found.
_BY_KIND: dict[str, Place] = {
    "setting": ("impression", {}, {"part": "before"}),
    "log_entry": ("impression", {}, {"part": "before"}),
    "information_power": ("impression", {}, {"part": "before"}),
    "category": ("synthesise", {"category": ""}, {}),
}
_BY_STEP: dict[str, Place] = {
    "impression": ("impression", {}, {}),
    "code": ("differences", {}, {}),
    "condense": ("condense", {}, {}),
    "all": ("settings", {}, {}),
}
# Where the word pressed says more than the name of the screen.
_WORDS = {
    "decided_changed": "check.look",
    "condensate_stale": "check.look.condense",
    "challenge_unanswered": "check.look.answer",
    "units_unplaced": "check.look.place",
    "units_left_over": "check.look.place",
}


def place(issue: Issue) -> tuple[str, dict[str, object]]:
    """(screen, ids for its address) where what was found is mended."""
    kind, id = issue.where
    if issue.rule == "one_analyst":
        found = _BY_STEP[id]
    elif issue.rule == "saturation":
        found = _BY_KIND[kind]
    elif issue.rule == "in_doubt":
        found = ("trace", {}, {"part": "doubt"})
    else:
        found = _PLACES[issue.rule]
    screen, names, fixed = found
    return screen, {name: issue.params[param] if param else id for name, param in names.items()} | fixed


def href(ctx: Context, screen: str, **ids: object) -> dict[str, str]:
    """The address of a screen, for those who have it in their menu, on the project's route."""
    found = next(s for s in shell.SCREENS if s.path == screen)
    return {"href": session.link(screen, **ids)} if shell.shows(ctx, found) else {}


def target(ctx: Context, issue: Issue) -> dict[str, str]:
    """Address and word of the place where it is mended; empty for those who do not have that screen."""
    screen, ids = place(issue)
    found = href(ctx, screen, **ids)
    # The number of a step belongs to the menu.
    word = t(_WORDS[issue.rule]) if issue.rule in _WORDS else t(f"nav.{screen}").lstrip("1234 ")
    return found | {"link": word} if found else {}


def note(issue: Issue) -> str:
    """The second line: what to do about it, or what it is about; empty where the sentence says it all."""
    id = f"{issue.code}.note" if issue.code.endswith(".several") else f"check.{issue.rule}.note"
    if issue.rule == "condensate_stale":
        came, went = issue.params["came"], issue.params["went"]
        id = f"check.condensate_stale.note.{'both' if came and went else 'came' if came else 'went'}"
    said = t(id, **issue.params)
    return "" if said == id else said


def row(ctx: Context, issue: Issue) -> dict[str, Any]:
    """The row of `view("rows")` for what was found."""
    shown: dict[str, Any] = {"state": STATE[issue.severity], "text": t(issue.code, **issue.params)}
    if issue.severity == "note":
        shown["word"] = t("check.word")
    if said := note(issue):
        shown["note"] = said
    return shown | target(ctx, issue)
