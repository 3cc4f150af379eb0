"""Everything a steering member may read or fetch: each service of its actions, called with every argument it takes."""

from __future__ import annotations

import importlib
import inspect
import io
import itertools
import pkgutil
import shutil
import subprocess
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import workbench.services
from workbench.domain.errors import WorkbenchError
from workbench.domain.roles import Action
from workbench.services import coding, meetings, model, packs, versioning
from workbench.services.context import Context

READS = (Action.READ_THEMES, Action.SEE_PROJECT, Action.EXPORT_RELEASED)
_SUFFIXES = (".pdf", ".docx", ".svg", ".png", ".xlsx", ".csv", ".sqlite", ".zip", ".md", ".txt")


def reads(actions: Collection[Action] = READS) -> list[tuple[str, Any]]:
    """(module.name, function) of every service that only reads and whose action is one of these: the committee's."""
    found = {}
    for module in pkgutil.iter_modules(workbench.services.__path__):
        part = importlib.import_module(f"workbench.services.{module.name}")
        for name, value in vars(part).items():
            if getattr(value, "action", None) not in actions or value.__module__ != part.__name__:
                continue
            if "ctx.write(" not in inspect.getsource(inspect.unwrap(value)):
                found[f"{module.name}.{name}"] = value
    return sorted(found.items())


def arguments(ctx: Context) -> dict[str, list[Any]]:
    """What to ask for, by the name of a parameter; ids of units too, which must not be answered."""
    pack = packs.meeting_pack(ctx)
    items = [
        pack.briefs[0].id,
        pack.requirements[0].id,
        model.list_components(ctx)[0].component.id,
        pack.decided[0].id,
    ]
    unit = coding.list_units(ctx)[0].unit
    versions = [v.id for v in versioning.list_versions(ctx)]
    anything = [*items, unit.id, unit.source]
    return {
        "meeting": [m.id for m in meetings.list_meetings(ctx)], "before_meeting": [pack.meetings[-1].id],
        "version": versions, "old": versions[:1], "new": [None, versions[-1]],
        "suffix": [*_SUFFIXES], "format": ["svg", "png"], "ending": [*_SUFFIXES],
        "kind": ["matrix", "requirements", "paths", "strip", "trace", "letters", "pack", "minutes"],
        "item": anything, "key_or_id": anything, "requirement": items, "category": [items[0]], "act": ["retire", "reword"],
        "page": [],
    }  # fmt: skip


def calls(function: Any, given: dict[str, list[Any]]) -> Iterator[tuple[Any, ...]]:
    """Every combination of arguments for what has no default, and a few for what has."""
    parameters = [
        p
        for p in list(inspect.signature(function).parameters.values())[1:]
        if p.kind == p.POSITIONAL_OR_KEYWORD
    ]
    needed = [p for p in parameters if p.default is p.empty]
    if any(p.name not in given for p in needed):
        return
    yield from itertools.product(*(given[p.name] for p in needed))
    more = [p for p in parameters if p.default is not p.empty]
    if more and more[0].name in given and not needed:
        yield from ((x,) for x in given[more[0].name])


def text_of(value: Any, folder: Path) -> str:
    """All that is in a value or a file's bytes: members of a zip, the words of a PDF."""
    if not isinstance(value, bytes):
        return repr(value)
    text = value.decode("utf-8", errors="ignore")
    if value[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(value)) as z:
            text = "\n".join(f"{n}\n{text_of(z.read(n), folder)}" for n in z.namelist())
    elif value[:4] == b"%PDF" and shutil.which("pdftotext"):
        (folder / "x.pdf").write_bytes(value)
        text += subprocess.run(
            ["pdftotext", folder / "x.pdf", "-"], check=True, capture_output=True
        ).stdout.decode()
    return text


def everything_read(
    ctx: Context, reader: Context, folder: Path, actions: Collection[Action] = READS
) -> dict[str, str]:
    """What each read gives the reader, as text, by the call."""
    given, found = arguments(ctx), {}
    for name, function in reads(actions):
        for n, chosen in enumerate(calls(function, given)):
            try:
                found[f"{name}{n}"] = text_of(function(reader, *chosen), folder)
            except WorkbenchError:
                continue
    return found
