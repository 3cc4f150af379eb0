"""The saved line of the header, in the browser: what is kept, what is not yet, and the page's language.

It listens to `window` for "workbench:saved" events, `{detail: {pending: n, offline: bool, at: milliseconds}}`,
which the reader and the board send as their outbox fills and empties.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from workbench.language import t


@cache
def _component() -> Any:
    """Registered at first use: Streamlit knows packaged components only once it runs."""
    return st.components.v2.component("workbench.shell", js="shell.js", css="shell.css", isolate_styles=False)


def shell(*, saved: str, said: str = "", words: bool = True) -> None:
    """Draw the line. `saved` is what Python knows ("Saved 14:02"); `said` a sentence to say once.

    The browser keeps the sentences it was sent: a run of the reader's fragment sends none (`words` is False),
    since every mark is such a run."""
    data: dict[str, Any] = {"saved": saved, "said": said}
    if words:
        data["lang"] = t("language.code")
        data["words"] = {
            "saved_at": t("shell.saved"),
            "typing": t("shell.typing"),
            "stopped": t("shell.stopped"),
            "pending_one": t("shell.pending.one"),
            "pending_other": t("shell.pending.other"),
            "offline_one": t("shell.offline.one"),
            "offline_other": t("shell.offline.other"),
            "offline_none": t("shell.offline.none"),
        }
    # A list of one: in a dict Streamlit looks for data frames, and imports pandas to know one.
    _component()(key="shell_saved", width="content", data=[data])
