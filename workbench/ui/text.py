"""Text typed or spoken by people, made safe for the places where Streamlit reads Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'@/])")
_SPACE = re.compile(r"\s+")


def literal(text: object) -> str:
    """The text as Markdown that shows exactly these characters, on one line.

    Every character with a meaning in Markdown, in Streamlit's own directives (`:red[…]`, `$…$`) or in links
    found by pattern (www., https://, name@place) is escaped; line breaks become spaces, because a label has
    one line."""
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", str(text)).strip())
