"""The worker process of a batch: `python -m workbench.importers.worker`, requests on stdin, replies on
stdout.

Its memory and its processor time per file are limited where the system can (POSIX); wall time is the
parent's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from workbench.importers.frames import read_frame, write_frame


def _limit_memory(allowed: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the transcript
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > allowed:
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def _limit_processor(seconds: float) -> None:
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    until = int(time.process_time() + seconds) + 1
    if hard == resource.RLIM_INFINITY or hard > until:
        resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def _answer(request: dict[str, Any], data: bytes) -> bytes:
    from workbench.domain.errors import ImportRejected
    from workbench.importers.gate import Limits
    from workbench.importers.reading import read

    limits = Limits(**request["limits"])
    _limit_memory(limits.memory)
    _limit_processor(limits.seconds)
    try:
        parsed = read(
            data, request["name"], layout=request["layout"], encoding=request["encoding"], limits=limits
        )
    except ImportRejected as refused:
        return json.dumps({"refused": refused.code, "params": refused.params}).encode("ascii")
    return json.dumps(
        {
            "name": parsed.name,
            "layout": parsed.layout,
            "encoding": parsed.encoding,
            "turns": [(turn.speaker, turn.text, turn.t0_ms, turn.t1_ms) for turn in parsed.turns],
            "notices": [(notice.code, dict(notice.params)) for notice in parsed.notices],
        }
    ).encode("ascii")


def main() -> None:
    # Nothing but frames may reach the parent: whatever prints, prints to stderr.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    while True:
        frame = read_frame(requests)
        if frame is None:
            return
        request = json.loads(frame)
        data = requests.read(request["size"])
        if len(data) < request["size"]:
            return
        write_frame(replies, _answer(request, data))


if __name__ == "__main__":
    main()
