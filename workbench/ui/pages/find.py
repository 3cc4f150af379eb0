"""Find words in the whole project."""

from __future__ import annotations

from workbench.language import t
from workbench.ui import shell


def page() -> None:
    shell.header(t("nav.find"))
