"""A quiet note before an act: what it would put in doubt, or nothing at all."""

from __future__ import annotations

import streamlit as st

from workbench.services.context import Context
from workbench.services.impact import impact_of
from workbench.ui.text import literal


def impact_note(ctx: Context, act: str, item: str, into: str | None = None) -> bool:
    """Draw what the act would put in doubt; True if there was anything to say."""
    says = impact_of(ctx, act, item, into).sentences
    if says:
        st.caption(literal(" ".join(says)))
    return bool(says)
