"""What must not reach a committee: every unit's words, titles of sources, pseudonyms, condensates, ids."""

from __future__ import annotations

import json
import re
from typing import Any

from workbench.services import coding, condensing, people, quotes
from workbench.services.context import Context
from workbench.ui.text import literal


def everything(at: Any) -> str:
    """All that the page sends to the browser, dialogs and sidebar too."""
    assert not at.exception
    text = []
    stack = [at._tree]
    while stack:
        node = stack.pop()
        stack += list(getattr(node, "children", {}).values())
        proto = getattr(node, "proto", None)
        if proto is not None:
            text.append(str(proto).encode().decode("unicode_escape", errors="ignore"))
            text.append(getattr(proto, "json", "") or "")
    return "\n".join(text)


def forbidden(ctx: Context) -> list[str]:
    """Words and ids that stay with the analysis team; a cleared quote's own printed words may be shown."""
    cards = coding.list_units(ctx)
    cleared = quotes.quotes_by_unit(ctx)
    printed = " ".join(q.printed for q in cleared.values())
    found = [c.unit.text for c in cards if c.unit.text not in printed]
    found += [c.unit.id for c in cards] + [c.unit.source for c in cards]
    found += [c.unit.source_title for c in cards if "Interview" in c.unit.source_title]
    found += [p.pseudonym for p in people.people_view(ctx).participants if p.kind == "informant"]
    with ctx.store.read() as conn:
        views = condensing.condensate_views(conn, coding.load_cards(conn))
    found += [v.condensate.text for v in views] + [v.condensate.id for v in views]
    return list(dict.fromkeys(found))


def leaks(ctx: Context, at: Any) -> list[str]:
    """What of the forbidden is on the page: as it is, as JSON writes it, or as a Markdown label."""
    text = everything(at)
    found = []
    for w in forbidden(ctx):
        if " " in w or len(w) > 30:
            here = any(
                form in text for form in (w, json.dumps(w)[1:-1], literal(w), json.dumps(literal(w))[1:-1])
            )
        else:
            here = re.search(rf"\b{re.escape(w)}\b", text) is not None  # "Maja" in "majority" is no leak
        if here:
            found.append(w)
    return found
