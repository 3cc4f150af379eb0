"""A co-analyst's copy as a file that goes from hand to hand: made to be sent, opened where it arrives, fetched to be
sent back, and taken from an upload. A vault never goes along."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.domain.errors import Refused, StoreFailed
from workbench.domain.roles import Action
from workbench.store import copies as files
from workbench.store import queries

from . import projects
from .context import Context, requires
from .copies import MadeCopy, copy_info, make_copy
from .merge_rows import rows_here
from .merging import NOT_MERGED


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """A copy that was made here: for whom, by whom and when (ISO); `path` is where its file is, None where that has
    been moved or taken away."""

    id: str
    who: str
    by: str
    at: str
    with_marks: bool
    path: Path | None


def folder_of(project: Path) -> Path:
    """Where the copies of a project are kept: beside it, and not among the projects."""
    return project.with_name(f"{project.stem}.copies")


@requires(Action.EXPORT_ANALYSIS)
def make_file(ctx: Context, member: str = "", *, new_member: str = "", with_marks: bool = True) -> MadeCopy:
    """Make a copy for a member, or one of the name `new_member`, in the project's folder of copies; see make_copy."""
    names = {m.id: m.name for m in projects.list_members(ctx.store)}
    who = projects.project_file(Path(), new_member.strip() or names.get(member, "")).stem
    folder, stem = folder_of(ctx.store.path), f"{ctx.store.path.stem}-{who}"
    path, n = folder / f"{stem}.db", 1
    while files.beside(path) is not None:
        n += 1
        path = folder / f"{stem}-{n}.db"
    return make_copy(ctx, path, member, new_member=new_member, with_marks=with_marks)


@requires(Action.EXPORT_ANALYSIS)
def made_files(ctx: Context) -> list[KeptCopy]:
    """The copies that were made here, newest first."""
    with ctx.read() as conn:
        made, here = files.made(conn), rows_here(conn)
        found = files.marks_in(folder_of(ctx.store.path)) if made else {}
        return [
            KeptCopy(
                m["copy"], here.name_of(m["member"]), here.name_of(m["by"]), m["at"], bool(m["with_marks"]),
                found.get(m["copy"]),
            )
            for m in made
        ]  # fmt: skip


@requires(Action.EXPORT_ANALYSIS)
def fetch(ctx: Context, copy: str) -> bytes:
    """The file of a copy that was made here."""
    path = files.marks_in(folder_of(ctx.store.path)).get(copy)
    if path is None:
        raise Refused("copies.file_gone")
    try:
        return path.read_bytes()
    except OSError:
        raise Refused("copies.file_gone") from None


@requires(Action.EXPORT_ANALYSIS)
def hand_over(ctx: Context) -> bytes:
    """This copy as it is now, whole and in one file, to be sent to where it was made."""
    if copy_info(ctx) is None:
        raise Refused("copies.is_none")
    with ctx.read() as conn:
        held = [row["id"] for row in queries.live(conn, "source")]
    return ctx.keep_release("copy_back", files.snapshot(ctx.store), held)


@contextmanager
def uploaded(name: str, data: bytes) -> Iterator[Path]:
    """An uploaded file under its own name for as long as the block lasts; nothing of it stays afterwards."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        path = Path(folder) / _plain(name)
        try:
            path.write_bytes(data)
        except OSError:
            raise StoreFailed("store.full") from None
        yield path


def _plain(name: str) -> str:
    """A file name of this system's kind, whatever the one that sent it allows."""
    kept = "".join(
        c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable() and c not in '<>:"|?*'
    )
    return kept[-120:].lstrip(". ") or "copy.db"


def take_in(name: str, data: bytes, folder: Path) -> str:
    """Put a copy that somebody was sent among the projects of this computer, to be worked on; returns the project's
    id. Raises Refused or StoreFailed where it is no copy, damaged, or here already; then nothing is kept."""
    with uploaded(name, data) as path:
        try:
            mark = files.read(path, NOT_MERGED).mark
        except Refused as refused:
            if refused.code.startswith("copies."):
                raise Refused(f"{refused.code}.opening", **refused.params) from None
            raise
        here = next((c for c in projects.list_projects(folder) if c.copy == mark.id), None)
        if here is not None:
            raise Refused("copies.here_already", name=here.path.name)
        card = projects.glance(path)
        if card is None:
            raise Refused("copies.damaged.opening", name=path.name)
        folder.mkdir(parents=True, exist_ok=True)
        target, n = projects.project_file(folder, f"{card.name} {card.copy_for}"), 1
        while files.beside(target) is not None:
            n += 1
            target = projects.project_file(folder, f"{card.name} {card.copy_for} {n}")
        making = target.with_name(f".{target.stem}.arriving")
        try:
            shutil.copyfile(path, making)
            making.chmod(0o600)
            making.rename(target)
        except OSError:
            raise StoreFailed("store.readonly", name=target.name) from None
        finally:
            making.unlink(missing_ok=True)
        return card.id
