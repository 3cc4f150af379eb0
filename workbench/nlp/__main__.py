"""`python -m workbench.nlp`: one request as JSON on standard input, suggestions as JSON on standard output.

A process of its own, so that spaCy's memory is given back when it ends. Nothing is written anywhere else.
"""

import json
import sys
from dataclasses import astuple
from typing import Any


def _answer(asked: dict[str, Any]) -> Any:
    if asked.get("what") != "similar":
        from workbench.nlp.identifiers import find_identifiers

        found = find_identifiers(asked["text"], asked["language"], known=asked["known"])
        return [astuple(s) for s in found]

    from workbench.nlp import similar

    find = similar.find_close if asked["by"] == "meaning" else similar.find_similar
    try:
        return [astuple(r) for r in find(asked["seeds"], asked["turns"])]
    except similar.NotInstalled:
        return {"not_installed": "semantic"}


sys.stdout.write(json.dumps(_answer(json.loads(sys.stdin.buffer.read()))))
