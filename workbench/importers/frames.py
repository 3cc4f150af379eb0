"""The frames that pass between a batch and its worker: 4 bytes of length, JSON, and for a request the file."""

from __future__ import annotations

import struct
from typing import IO


def write_frame(pipe: IO[bytes], head: bytes, data: bytes = b"") -> None:
    pipe.write(struct.pack(">I", len(head)))
    pipe.write(head)
    pipe.write(data)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes | None:
    """The next frame's JSON, or None at the end of the stream."""
    size = pipe.read(4)
    if len(size) < 4:
        return None
    frame = pipe.read(struct.unpack(">I", size)[0])
    return frame if len(frame) == struct.unpack(">I", size)[0] else None
