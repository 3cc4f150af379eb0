"""Projects: where they live, making and opening one, what one is about."""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from workbench.domain.errors import Refused, StoreFailed
from workbench.domain.records import Member
from workbench.domain.roles import Action
from workbench.resources import checkout
from workbench.store import queries
from workbench.store.connection import APPLICATION_ID, identify
from workbench.store.project import SCHEMA, Store
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires

ROUTES = ("stc", "framework", "content")
SETTINGS = ("name", "question", "lens", "language", "route", "invented", "k_min")


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project as the start page lists it."""

    id: str
    name: str
    path: Path
    invented: bool


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    id: str
    name: str
    question: str
    lens: str
    language: str
    route: str
    invented: bool
    k_min: int


def projects_dir() -> Path:
    """WORKBENCH_DATA where it is set, else `./data` in a checkout, else the platform's data folder."""
    if chosen := os.environ.get("WORKBENCH_DATA"):
        return Path(chosen)
    root = checkout()
    return root / "data" if root else platformdirs.user_data_path("workbench", appauthor=False)


def project_file(folder: Path, name: str) -> Path:
    """The file a project of this name gets: ASCII letters, digits and hyphens only, so that a name can
    neither leave the folder nor break on another system."""
    plain = name.lower().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "project"
    return folder / f"{slug}.db"


def list_projects(folder: Path) -> list[ProjectCard]:
    """The projects in a folder that can be opened, by name."""
    cards = []
    for path in sorted(folder.glob("*.db")) if folder.is_dir() else []:
        if path.name.endswith(".vault.db"):
            continue
        store = Store.glance(path)
        if store is None:
            continue
        with store.read() as conn:
            name = queries.setting(conn, "name", path.stem)
            invented = queries.setting(conn, "invented") == "yes"
        store.close()
        cards.append(ProjectCard(store.id, name, path, invented))
    return sorted(cards, key=lambda c: c.name.casefold())


def list_newer(folder: Path) -> list[str]:
    """Names of the files here that a newer workbench made: they are left as they are and cannot be opened."""
    found = []
    for path in sorted(folder.glob("*.db")) if folder.is_dir() else []:
        try:
            application, version = identify(path)
        except StoreFailed:
            continue
        if application == APPLICATION_ID and version > SCHEMA and not path.name.endswith(".vault.db"):
            found.append(path.stem)
    return found


def create_project(
    path: Path,
    *,
    name: str,
    question: str = "",
    lens: str = "",
    language: str = "en",
    route: str = "stc",
    invented: bool = False,
    member_name: str = "Researcher",
) -> Store:
    """A new project with one researcher, who leads it; that researcher's operation is its first."""
    if not name.strip():
        raise Refused("project.needs_name")
    if route not in ROUTES:
        raise Refused("project.unknown_route", route=route)
    store = Store.create(path, str(uuid.uuid4()))
    member = str(uuid.uuid4())
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with store.write(id=str(uuid.uuid4()), member=member, at=at, verb="create_project") as work:
        work.insert(
            "member",
            {
                "id": member,
                "name": member_name,
                "initials": initials(member_name),
                "role": "researcher",
                "is_lead": 1,
            },
        )
        values = {"name": name.strip(), "question": question.strip(), "lens": lens.strip(), "language": language,
                  "route": route, "invented": "yes" if invented else "no", "k_min": "5"}  # fmt: skip
        for id, value in values.items():
            work.insert("setting", {"id": id, "value": value})
    return store


def open_project(path: Path) -> Store:
    """Open a project file; see Store.open for what is refused."""
    return Store.open(path)


def initials(name: str) -> str:
    """AK for Anna K.; the first two letters of a single name."""
    words = [w for w in re.findall(r"\w+", re.sub(r"\(.*?\)", "", name)) if w]
    if not words:
        return "?"
    return str(words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def lead_context(store: Store) -> Context:
    """A context for the command line: the project's first lead researcher."""
    with store.read() as conn:
        members = queries.records(conn, Member, order="is_lead DESC, rev")
    if not members:
        raise Refused("project.no_members")
    return Context(members[0], store)


def list_members(store: Store) -> list[Member]:
    """Everyone who works on the project, leads first; whom one may act as (this is not a login)."""
    with store.read() as conn:
        return queries.records(conn, Member, order="is_lead DESC, rev, name")


@requires(Action.MANAGE)
def add_member(ctx: Context, *, name: str, role: str, is_lead: bool = False) -> str:
    """Add a member; returns the id."""
    if not name.strip():
        raise Refused("member.needs_name")
    with ctx.write("add_member") as work:
        row = {"id": ctx.new_id(), "name": name.strip(), "initials": initials(name), "role": role,
               "is_lead": int(is_lead)}  # fmt: skip
        work.ids = {"member": row["id"]}
        return work.insert("member", row)


@requires(Action.SEE_PROJECT)
def project_summary(ctx: Context) -> ProjectSummary:
    with ctx.read() as conn:
        value = {name: queries.setting(conn, name) for name in SETTINGS}
    return ProjectSummary(
        ctx.store.id, value["name"], value["question"], value["lens"], value["language"] or "en",
        value["route"] or "stc", value["invented"] == "yes", int(value["k_min"] or 5),
    )  # fmt: skip


@requires(Action.MANAGE)
def change_setting(ctx: Context, name: str, value: str) -> None:
    """Change one of SETTINGS."""
    if name not in SETTINGS:
        raise Refused("project.unknown_setting", name=name)
    if name == "name" and not value.strip():
        raise Refused("project.needs_name")
    if name == "k_min" and not (value.strip().isdecimal() and int(value) >= 1):
        raise Refused("project.k_min")
    with ctx.write("change_setting") as work:
        work.ids = {"setting": name}
        put_setting(work, name, value.strip())


def put_setting(work: UnitOfWork, name: str, value: str, *, rev: int | None = None) -> None:
    """Keep a setting's value. With `rev` (0: none was there) only if nobody was faster."""
    row = work.find("setting", name)
    if row is None:
        work.insert("setting", {"id": name, "value": value})
    elif row["retired"] is not None and not rev:  # its first write was undone
        work.revive("setting", name, {"value": value})
    else:
        work.update("setting", name, {"value": value}, rev=rev)
