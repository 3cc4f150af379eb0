"""Where shipped material lies: in a checkout at the top level, in an installed package beside the code."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """The top of the checkout this code runs from, or None when it is installed as a package."""
    top = _PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() and (top / "workbench") == _PACKAGE else None


def path(*parts: str) -> Path:
    """A shipped file or folder, e.g. path("data", "demo")."""
    top = checkout()
    return (top or _PACKAGE / "_shipped").joinpath(*parts)
