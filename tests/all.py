"""Every check there is, quick ones first: `make test`, or `python -m tests.all`.

Chromium is needed for the browser tests: Debian's `chromium` package, or CHROMIUM=path. Without it they are
skipped with that reason; in CI (CI=true) a skipped browser test is a failure.

A browser test that fails is run once more by itself, and both are told: on a busy machine a page may be put up later
than a test waits. One that fails twice is a failure.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
STEPS = (
    ("style", [BIN / "ruff", "check", "."]),
    ("layout", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("layers", [BIN / "lint-imports"]),
    ("tests", [BIN / "python", "-m", "pytest", "tests", "-m", "not browser"]),
    ("browser", [BIN / "python", "-m", "pytest", "tests", "-m", "browser"]),
)


def run(command: list[str]) -> tuple[int, list[str]]:
    """Its exit code, and the tests it says have failed; what it prints goes on at once."""
    failures = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if found := re.match(r"(?:FAILED|ERROR) (tests/\S+)", line):
                failures.append(found.group(1))
    return process.returncode, failures


def main() -> int:
    failed = []
    for name, command in STEPS:
        began = time.monotonic()
        code, failures = run([str(part) for part in command])
        if name == "browser" and failures:
            print(f"-- browser: run again: {', '.join(failures)}", flush=True)
            code, _ = run([str(part) for part in (*command[:3], *failures)])
        print(f"-- {name}: {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
        if code:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
