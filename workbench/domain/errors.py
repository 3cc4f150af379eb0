"""The errors a person may meet; each is a catalogue id with parameters, rendered as a sentence at the edges.

WorkbenchError
├── Refused            the request cannot be done; the sentence says what to do instead
│   ├── ImportRejected a file that was not taken, and why
│   ├── InvalidSpan    a span that does not fit its text
│   ├── StaleEdit      somebody else changed the row since it was read
│   ├── NotAllowed     the member's role does not include the action
│   ├── UndoRefused    an undo that would harm something newer
│   └── StillInUse     a row that something live rests on
└── StoreFailed        disk full, read-only or locked: nothing was written
"""

from __future__ import annotations


class WorkbenchError(Exception):
    """`code` is the id of the sentence; `params` never hold content from a transcript."""

    def __init__(self, code: str, /, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        # Only the code: exceptions end up in logs, and parameters may hold a person's wording.
        return self.code


class Refused(WorkbenchError):
    """The request was understood and cannot be done."""


class ImportRejected(Refused):
    """A file was not taken."""


class InvalidSpan(Refused):
    """A span does not fit the text it points into."""


class StaleEdit(Refused):
    """The row has changed since it was read. `current` carries the row as it is now, to show both."""

    def __init__(self, code: str, /, *, current: dict[str, object] | None = None, **params: object) -> None:
        super().__init__(code, **params)
        self.current = current or {}


class NotAllowed(Refused):
    """The acting member's role does not include the action."""


class UndoRefused(Refused):
    """Undoing would overwrite or break something newer."""


class StillInUse(Refused):
    """Something live rests on the row."""


class StoreFailed(WorkbenchError):
    """The project file could not be read or written."""
