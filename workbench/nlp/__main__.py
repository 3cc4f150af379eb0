"""`python -m workbench.nlp`: one request as JSON on standard input, suggestions as JSON on standard output.

A process of its own, so that spaCy's memory is given back when it ends. Nothing is written anywhere else.
"""

import json
import sys
from dataclasses import astuple

from workbench.nlp.identifiers import find_identifiers


def main() -> None:
    asked = json.loads(sys.stdin.buffer.read())
    found = find_identifiers(asked["text"], asked["language"], known=asked["known"])
    sys.stdout.write(json.dumps([astuple(s) for s in found]))


main()
