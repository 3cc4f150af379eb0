"""PDF by typst, offline: data reaches a template as JSON and is only ever set as text, never read as markup.

Fonts are our own and typst's; the system's only lend letters that these do not have (Arabic, emoji). What no
font has is drawn as an empty box.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import typst

from .characters import printable

# A line of one word past 65,535 bytes makes the PDF writer stop; one past the margin is not read.
_LONG_WORD = re.compile(r"[^ \n\t\u200b]{60}(?=[^ \n\t])")


def clean(value: Any) -> Any:
    """Every string of the data as a PDF can hold it; a word longer than a line gets places to break."""
    if isinstance(value, str):
        return _LONG_WORD.sub("\\g<0>\u200b", printable(value)[0])
    if isinstance(value, Mapping):
        return {k: clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return value


def language(code: str) -> str:
    """A language as typst takes it: two or three small letters, English for what is none."""
    return code if re.fullmatch("[a-z]{2,3}", code) else "en"


@cache
def _template(names: tuple[str, ...]) -> bytes:
    folder = files("workbench.exporters")
    return b"\n".join(folder.joinpath(name).read_bytes() for name in names)


@cache
def fonts() -> typst.Fonts:
    with as_file(files("workbench.exporters").joinpath("fonts")) as folder:
        return typst.Fonts(include_system_fonts=True, font_paths=[folder])


def pdf(*templates: str, data: Mapping[str, Any], made: datetime) -> bytes:
    """The PDF that the templates, one after another, make of the data (`d` in them); the same bytes each time."""
    found = typst.compile(
        _template(templates),
        font_paths=fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(clean(data), ensure_ascii=False)},
        timestamp=made.replace(microsecond=0),
    )
    assert isinstance(found, bytes)
    return found


def png_of(svg: str, *, ppi: float = 200.0) -> bytes:
    """A picture as PNG, for what cannot hold SVG."""
    found = typst.compile(
        b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")',
        font_paths=fonts(),
        format="png",
        ppi=ppi,
        sys_inputs={"svg": svg},
    )
    assert isinstance(found, bytes)
    return found
