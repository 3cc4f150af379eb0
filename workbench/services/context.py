"""Who acts, on which project, and when: passed explicitly to every service function."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from workbench.domain.records import Member
from workbench.domain.roles import Action, ensure
from workbench.store import releases, unseen
from workbench.store.connection import Connection
from workbench.store.project import Store
from workbench.store.unit_of_work import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Context:
    member: Member
    store: Store
    now: Callable[[], datetime] = _now
    new_id: Callable[[], str] = _new_id

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for queries, see Store.read. What others marked in a source that the acting member codes
        unseen is not in it."""
        with self.store.read() as conn:
            unseen.hide(conn, self.member.id)
            yield conn

    def write(self, verb: str, *, op_id: str | None = None, **how: Any) -> AbstractContextManager[UnitOfWork]:
        """One operation by the acting member, see Store.write."""
        return self.store.write(
            id=op_id or self.new_id(),
            member=self.member.id,
            at=self.now().isoformat(timespec="seconds"),
            verb=verb,
            **how,
        )

    def keep_release(self, kind: str, data: bytes, items: Iterable[str]) -> bytes:
        """Keep that a file leaves the project (its digest and the ids of what is in it), and hand it on."""
        with self.write("export") as work:
            releases.keep(work, kind, hashlib.sha256(data).hexdigest(), items)
        return data


def requires(
    action: Action,
) -> Callable[[Callable[Concatenate[Context, P], R]], Callable[Concatenate[Context, P], R]]:
    """Every service function names the action it is; the member's role must include it."""

    def decorate(function: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
        @wraps(function)
        def checked(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
            ensure(ctx.member, action)
            return function(ctx, *args, **kwargs)

        checked.action = action  # type: ignore[attr-defined]
        return checked

    return decorate
