"""Trust of themes, requirements and components: what was looked at, what is in doubt since, and looking again."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.domain.trust import Trust
from workbench.store.connection import Connection
from workbench.store.unit_of_work import UnitOfWork

from .context import Context


def load_trust(conn: Connection) -> Trust:
    return Trust()


def accept_reviews(ctx: Context, work: UnitOfWork, items: Iterable[str], occasion: str) -> None:
    """Write, inside an operation, that these items and everything they rest on were looked at as they read now.
    `occasion`: accepted | frozen."""
