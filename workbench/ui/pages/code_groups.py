"""What the code groups are called and mean."""

from __future__ import annotations

from workbench.language import t
from workbench.ui import shell


def page() -> None:
    shell.header(t("nav.code_groups"))
