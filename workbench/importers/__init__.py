"""Bytes of a transcript -> a ParsedTranscript, or ImportRejected with a sentence that says what to do.

`read` parses in this process; `read_many` does the same in a worker process with limits, one per batch,
which is what everything that faces a person's files should call. Nothing here touches the store or the file
system.
"""

from __future__ import annotations

from workbench.importers.batch import read_many
from workbench.importers.encodings import ENCODINGS
from workbench.importers.gate import Limits
from workbench.importers.reading import LAYOUTS, kind_of, layouts_for, read

__all__ = ["ENCODINGS", "LAYOUTS", "Limits", "kind_of", "layouts_for", "read", "read_many"]
