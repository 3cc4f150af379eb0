"""The demo study's meeting pack as one PDF, from an open project to the file's bytes."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from workbench.services import pack_files, projects
from workbench.services.demo import make_demo


def pack_s(rounds: int = 5) -> float:
    """Median seconds for the pack's PDF; the first, which loads the typesetter and its fonts, is not the median."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_demo(Path(folder) / "demo.db")
        ctx, taken = projects.lead_context(store), []
        for _ in range(rounds):
            began = time.perf_counter()
            assert pack_files.pack_pdf(ctx).startswith(b"%PDF")
            taken.append(time.perf_counter() - began)
        store.close()
    return statistics.median(taken)


if __name__ == "__main__":
    sys.stdout.write(f"pack_s {pack_s():.2f}\n")
