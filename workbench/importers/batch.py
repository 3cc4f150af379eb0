"""Reading a batch of untrusted files in a worker process, so that one bad file costs only itself.

One worker for the batch; a file that runs out of time or memory takes the worker down, is refused, and the
rest go
on in a new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import workbench
from workbench.domain.errors import ImportRejected
from workbench.domain.transcripts import Notice, ParsedTranscript, ParsedTurn
from workbench.importers.frames import read_frame, write_frame
from workbench.importers.gate import Limits, check_size, display_name
from workbench.importers.reading import read

_DEFAULT = Limits()


def read_many(
    files: Iterable[tuple[str, bytes]],
    *,
    layout: str | None = None,
    encoding: str | None = None,
    limits: Limits = _DEFAULT,
    in_worker: bool = True,
) -> list[ParsedTranscript | ImportRejected]:
    """One result per (name, bytes), in order: the transcript, or why the file was not taken. Never
    raises for a
    file's sake."""
    results: list[ParsedTranscript | ImportRejected] = []
    worker: _Worker | None = None
    try:
        for name, data in files:
            try:
                check_size(data, display_name(name), limits)
                if not in_worker:
                    results.append(read(data, name, layout=layout, encoding=encoding, limits=limits))
                    continue
                worker = worker or _Worker()
                results.append(worker.read(data, name, layout, encoding, limits))
            except ImportRejected as refused:
                results.append(refused)
            if worker is not None and not worker.is_alive:
                worker.close()
                worker = None
    finally:
        if worker is not None:
            worker.close()
    return results


class _Worker:
    def __init__(self) -> None:
        root = str(Path(workbench.__file__).resolve().parent.parent)
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._process = subprocess.Popen(  # our own module, no argument from outside
            [sys.executable, "-m", "workbench.importers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote the file
            env={**os.environ, "PYTHONPATH": path},
        )
        self.is_alive = True

    def read(
        self, data: bytes, name: str, layout: str | None, encoding: str | None, limits: Limits
    ) -> ParsedTranscript:
        reply: list[bytes] = []
        request = {
            "name": name,
            "layout": layout,
            "encoding": encoding,
            "limits": asdict(limits),
            "size": len(data),
        }

        def talk() -> None:
            assert self._process.stdin and self._process.stdout
            try:
                write_frame(self._process.stdin, json.dumps(request).encode("ascii"), data)
                answer = read_frame(self._process.stdout)
            except (OSError, ValueError):
                return
            if answer is not None:
                reply.append(answer)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        thread.join(limits.seconds)
        late = thread.is_alive()
        if late or not reply:
            self.is_alive = False
            self._process.kill()
            thread.join(5)
            # Out of time by the clock here, or by the processor limit inside (which ends it with a signal).
            slow = late or self._process.wait() in (-24, -9)  # SIGXCPU, SIGKILL
            raise ImportRejected("import.too_slow" if slow else "import.unreadable", name=display_name(name))
        return _answered(json.loads(reply[0]))

    def close(self) -> None:
        self.is_alive = False
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # gone, with something still buffered for it
                    pipe.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _answered(answer: dict[str, Any]) -> ParsedTranscript:
    if "refused" in answer:
        raise ImportRejected(answer["refused"], **answer["params"])
    return ParsedTranscript(
        answer["name"],
        answer["layout"],
        answer["encoding"],
        tuple(ParsedTurn(*turn) for turn in answer["turns"]),
        tuple(Notice.of(code, **params) for code, params in answer["notices"]),
    )
