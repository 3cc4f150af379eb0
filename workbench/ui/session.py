"""The one module that owns `st.session_state`: which project, who acts, and drafts that are not yet kept.

What matters is in the store; losing a session loses nothing but half-typed text. Addresses carry ids only:
`?project=<id>` always, `?as=<member id>` when another than the lead acts (so that a reload, or a link opened
in a new tab, does not change who acts), and what a page adds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from workbench.domain import routes
from workbench.domain.records import Member
from workbench.language import use_variant
from workbench.services import projects
from workbench.services.context import Context
from workbench.store.project import Store

_PROJECT = "workbench.project"
_WHERE = "workbench.where"
_FLASH = "workbench.flash"
_PROJECTOR = "workbench.projector"


# -- the project -------------------------------------------------------------------------------------------


def project_id() -> str | None:
    """The project in hand: the address's, else the one this session had. None before any is opened."""
    asked = st.query_params.get("project")
    if asked and asked != st.session_state.get(_PROJECT):
        st.session_state[_PROJECT] = asked
    known = st.session_state.get(_PROJECT)
    if known and not asked:
        st.query_params["project"] = known
    return known


def choose_project(id: str | None) -> None:
    """Take another project in hand, or none. Usable in a callback."""
    st.query_params.clear()
    if id is None:
        st.session_state.pop(_PROJECT, None)
    else:
        st.session_state[_PROJECT] = id
        st.query_params["project"] = id


@st.cache_resource(show_spinner=False, max_entries=32)
def _open(path: Path, inode: int) -> Store:
    """One Store per file and process; the inode changes when a backup is restored over the file. A Store
    holds a path and an idle connection, no content."""
    opened = projects.open_project(path)
    opened.hold()
    return opened


def store() -> Store | None:
    """The store of the project in hand, or None when there is none, or none with that id here."""
    wanted = project_id()
    if wanted is None:
        return None
    where = st.session_state.get(_WHERE)
    if not where or where[0] != wanted or not Path(where[1]).exists():
        card = next((c for c in projects.list_projects(projects.projects_dir()) if c.id == wanted), None)
        if card is None:
            return None
        where = st.session_state[_WHERE] = (wanted, str(card.path))
    path = Path(where[1])
    return _open(path, path.stat().st_ino)


# -- who acts ----------------------------------------------------------------------------------------------


def member(of: Store) -> Member:
    """Who acts: the one picked, else the lead, or whom a co-analyst's copy was made for. Not a login."""
    everyone = projects.list_members(of)
    first = projects.first_member(of, everyone)
    picked = st.query_params.get("as") or st.session_state.get(f"workbench.member.{of.id}")
    acting = next((m for m in everyone if m.id == picked), first)
    _act(of, acting.id if acting is not first else None)
    return acting


def choose_member(of: Store, id: str) -> None:
    """Act as another of the project's members from now on. Usable in a callback."""
    _act(of, id)


def _act(of: Store, id: str | None) -> None:
    if id is None:
        st.session_state.pop(f"workbench.member.{of.id}", None)
    else:
        st.session_state[f"workbench.member.{of.id}"] = id
    ask(**{"as": id})


def optional_context() -> Context | None:
    """The context, or None without a project: only Home needs to ask. What is said follows the project's route."""
    found = store()
    use_variant(routes.variant(projects.route_of(found)) if found is not None else "")
    return Context(member(found), found) if found is not None else None


def context() -> Context:
    """Who acts on which project: the first argument of every service. Pages other than Home are only run
    when there is a project."""
    found = optional_context()
    if found is None:
        raise RuntimeError("a page ran without a project")
    return found


# -- addresses ---------------------------------------------------------------------------------------------


def link(screen: str, **ids: object) -> str:
    """The relative address of a screen with ids: `link("code", source=s, unit=u)`. None is left out."""
    query = {"project": project_id(), "as": asked("as"), **ids}
    return f"{screen}?{urlencode({k: v for k, v in query.items() if v is not None})}"


def asked(name: str) -> str | None:
    """An id from the address: `asked("source")`."""
    return st.query_params.get(name)


def ask(**ids: object) -> None:
    """Put ids into the address so that it can be shared; None takes one away."""
    for name, value in ids.items():
        if value is None:
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


# -- what is not kept --------------------------------------------------------------------------------------


def draft(name: str, default: Any = None) -> Any:
    """A page's half-made thing, of this project and session: a string, number, or plain dict or list."""
    return st.session_state.get(f"workbench.draft.{project_id()}.{name}", default)


def keep_draft(name: str, value: Any) -> None:
    """Set a draft; None forgets it."""
    key = f"workbench.draft.{project_id()}.{name}"
    if value is None:
        st.session_state.pop(key, None)
    else:
        st.session_state[key] = value


def widget(key: str, default: Any = None) -> Any:
    """A widget's value by its key, for callbacks."""
    return st.session_state.get(key, default)


def set_widget(key: str, value: Any) -> None:
    """Set a widget's value by its key: in a callback, or before the widget is drawn."""
    st.session_state[key] = value


def popover(name: str) -> str:
    """The key of a popover that a callback can close, by drawing another in its place: `close_popover(name)`."""
    return f"{name}_{draft(f'closed.{name}', 0)}"


def close_popover(name: str) -> None:
    """Close what was opened, so that what it wrote down can be seen. In a callback."""
    keep_draft(f"closed.{name}", draft(f"closed.{name}", 0) + 1)


def flash(sentence: str, *, refused: bool = False) -> None:
    """Say one sentence in the next header: what was undone, or why it was not."""
    st.session_state[_FLASH] = {"text": sentence, "refused": refused}


def peek_flash() -> dict[str, Any] | None:
    """The sentence to say now, left for the one who takes it."""
    said: dict[str, Any] | None = st.session_state.get(_FLASH)
    return said


def take_flash() -> dict[str, Any] | None:
    """The sentence to say now, once."""
    said: dict[str, Any] | None = st.session_state.pop(_FLASH, None)
    return said


def projector() -> bool:
    """Whether everything is shown large and without names."""
    return bool(st.session_state.get(_PROJECTOR, False))


def set_projector(on: bool) -> None:
    """Large letters for the room, or back."""
    st.session_state[_PROJECTOR] = on


# -- what the reader sends ---------------------------------------------------------------------------------


def apply_operations(operations: list[dict[str, Any]]) -> None:
    """Do what the reader sent and keep the answers until the next run tells it. A callback."""
    from workbench.language import t
    from workbench.services import coding, history

    ctx = context()
    answers = coding.apply_operations(ctx, operations)
    keep_draft("reader.answers", answers)
    if any(op["verb"] in ("undo", "redo") and answers.get(op["id"], "") is None for op in operations):
        (last,) = history.list_operations(ctx, member=ctx.member.id, limit=1)
        if last.nature != "do":  # sent again, something else may have been done since
            flash(t("shell.undone" if last.nature == "undo" else "shell.redone", what=last.label))


def answers() -> dict[str, str | None]:
    """Operation id -> None when it is done, or the sentence that refuses it: the answers to the last delivery."""
    found: dict[str, str | None] = draft("reader.answers") or {}
    return found
