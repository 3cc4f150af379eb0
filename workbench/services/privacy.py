"""What may tell who somebody is: suggestions for a person to look at, source by source."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from workbench.domain.errors import Refused
from workbench.domain.roles import Action

from .context import Context, requires
from .sources import read_source

_SECONDS = 120
AROUND = 40  # code points shown on either side


@dataclass(frozen=True, slots=True)
class Identifier:
    """A suggestion in its place: the words, what stands around them, and in which turn."""

    kind: str
    before: str
    text: str
    after: str
    turn: int
    speaker: str


@requires(Action.READ_SOURCES)
def suggest_identifiers(ctx: Context, source: str) -> list[Identifier]:
    """Suggestions for one source, found in a process of its own. Suggestions miss things."""
    reading = read_source(ctx, source)
    text = "\n".join(t.text for t in reading.turns)
    known = sorted({t.speaker for t in reading.turns})
    asked = json.dumps({"text": text, "language": reading.source.language, "known": known}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.nlp"],
            input=asked,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        raise Refused("privacy.failed") from None
    found = []
    turns = iter(reading.turns)
    turn = next(turns, None)
    for kind, start, end in json.loads(done.stdout):
        while turn is not None and turn.turn.end <= start:
            turn = next(turns, None)
        if turn is None:
            break
        left, right = max(turn.turn.start, start - AROUND), min(turn.turn.end, end + AROUND)
        found.append(
            Identifier(kind, text[left:start], text[start:end], text[end:right], turn.turn.seq, turn.speaker)
        )
    return found
