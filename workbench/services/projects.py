"""Projects: where they live, making and opening one, what one is about."""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from workbench.domain.errors import Refused, StoreFailed
from workbench.domain.records import Member
from workbench.domain.roles import Action, Role, ensure
from workbench.domain.routes import Route
from workbench.resources import checkout
from workbench.store import copies, queries
from workbench.store.connection import APPLICATION_ID, identify
from workbench.store.project import SCHEMA, Store
from workbench.store.unit_of_work import UnitOfWork

from .context import Context, requires

ROUTES = tuple(Route)
SETTINGS = ("name", "question", "lens", "language", "route", "invented", "k_min")


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project as the start page lists it; `copy` and `copy_for` say which co-analyst's copy it is, or are empty."""

    id: str
    name: str
    path: Path
    invented: bool
    copy: str = ""
    copy_for: str = ""


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
    copy_for: str = ""  # whom the project is a co-analyst's copy for; empty where it is none


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
        card = glance(path)
        if card is not None:
            cards.append(card)
    return sorted(cards, key=lambda c: c.name.casefold())


def glance(path: Path) -> ProjectCard | None:
    """What a project file says about itself, without bringing it up to date; None where it cannot be opened."""
    store = Store.glance(path)
    if store is None:
        return None
    with store.read() as conn:
        name = queries.setting(conn, "name", path.stem)
        invented = queries.setting(conn, "invented") == "yes"
        mark = copies.mark_of(conn)
        members = queries.records(conn, Member, id=mark.member) if mark else []
    store.close()
    return ProjectCard(
        store.id, name, path, invented, mark.id if mark else "", members[0].name if members else ""
    )


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
    """A context for the command line: the project's first lead researcher, or whom a copy was made for."""
    members = list_members(store)
    if not members:
        raise Refused("project.no_members")
    return Context(first_member(store, members), store)


def list_members(store: Store) -> list[Member]:
    """Everyone who works on the project, leads first; whom one may act as (this is not a login)."""
    with store.read() as conn:
        return queries.records(conn, Member, order="is_lead DESC, rev, name")


def first_member(store: Store, members: Sequence[Member]) -> Member:
    """Who acts where nobody has been picked: the lead, or in a co-analyst's copy whom it was made for."""
    with store.read() as conn:
        mark = copies.mark_of(conn)
    return next((m for m in members if mark and m.id == mark.member), members[0])


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


@requires(Action.MANAGE)
def change_member(
    ctx: Context,
    id: str,
    *,
    rev: int,
    name: str | None = None,
    role: str | None = None,
    is_lead: bool | None = None,
) -> None:
    """Change what is given of a member. Somebody who analyses always leads."""
    given = {"name": name, "role": role, "is_lead": is_lead}
    changes: dict[str, object] = {k: v for k, v in given.items() if v is not None}
    if name is not None:
        if not name.strip():
            raise Refused("member.needs_name")
        changes |= {"name": name.strip(), "initials": initials(name)}
    if role is not None and role not in tuple(Role):
        raise Refused("member.unknown_role", role=role)
    if changes.get("role", Role.RESEARCHER) != Role.RESEARCHER:
        changes["is_lead"] = False
    if "is_lead" in changes:
        changes["is_lead"] = int(bool(changes["is_lead"]))
    with ctx.write("change_member") as work:
        others = [m for m in work.live("member", is_lead=1, role=str(Role.RESEARCHER)) if m["id"] != id]
        if changes.get("is_lead") == 0 and not others:
            raise Refused("member.last_lead")
        work.ids = {"member": id}
        work.update("member", id, changes, rev=rev)


@requires(Action.SEE_PROJECT)
def project_summary(ctx: Context) -> ProjectSummary:
    with ctx.read() as conn:
        value = {name: queries.setting(conn, name) for name in SETTINGS}
        mark = copies.mark_of(conn)
        members = queries.records(conn, Member, id=mark.member) if mark else []
    return ProjectSummary(
        ctx.store.id, value["name"], value["question"], value["lens"], value["language"] or "en",
        value["route"] or "stc", value["invented"] == "yes", int(value["k_min"] or 5),
        members[0].name if members else "",
    )  # fmt: skip


def route_of(store: Store) -> str:
    """The route of a project's analysis, see domain.routes."""
    with store.read() as conn:
        return queries.setting(conn, "route") or str(Route.STC)


@requires(Action.SEE_PROJECT)
def settings_rows(ctx: Context) -> dict[str, Mapping[str, object]]:
    """SETTINGS as rows (id, value, rev), to be changed as they were read; rev 0 where nothing is kept yet."""
    with ctx.read() as conn:
        kept = {row["id"]: row for row in queries.live(conn, "setting")}
    return {id: kept.get(id, {"id": id, "value": _UNSET.get(id, ""), "rev": 0}) for id in SETTINGS}


_UNSET = {"route": str(Route.STC), "k_min": "5", "language": "en"}
# What is part of the analysis and not of looking after the project.
_OF_ANALYSIS = frozenset({"question", "lens", "route"})


@requires(Action.MANAGE)
def change_setting(ctx: Context, name: str, value: str, *, rev: int | None = None) -> None:
    """Change one of SETTINGS; with `rev` only if nobody was faster. Question, lens and route are changed by those
    who analyse."""
    if name not in SETTINGS:
        raise Refused("project.unknown_setting", name=name)
    if name in _OF_ANALYSIS:
        ensure(ctx.member, Action.ANALYSE)
    value = value.strip()
    if name == "name" and not value:
        raise Refused("project.needs_name")
    if name == "k_min" and not (value.isdecimal() and 1 <= int(value) <= MOST_K_MIN):
        raise Refused("project.k_min")
    if name == "route" and value not in ROUTES:
        raise Refused("project.unknown_route", route=value)
    with ctx.write("change_setting") as work:
        work.ids = {"setting": name}
        put_setting(work, name, value, rev=rev)


MOST_K_MIN = 100


def put_setting(work: UnitOfWork, name: str, value: str, *, rev: int | None = None) -> None:
    """Keep a setting's value. With `rev` (0: none was there) only if nobody was faster."""
    row = work.find("setting", name)
    if row is None:
        work.insert("setting", {"id": name, "value": value})
    elif row["retired"] is not None and not rev:  # its first write was undone
        work.revive("setting", name, {"value": value})
    else:
        work.update("setting", name, {"value": value}, rev=rev)
