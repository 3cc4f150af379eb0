"""Every check there is, quick ones first: `make test`, or `python -m tests.all`.

Chromium is needed for the browser tests: Debian's `chromium` package, or CHROMIUM=path. Without it they are
skipped with that reason; in CI (CI=true) a skipped browser test is a failure.
"""

from __future__ import annotations

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


def main() -> int:
    failed = []
    for name, command in STEPS:
        began = time.monotonic()
        code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
        print(f"-- {name}: {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True)
        if code:
            failed.append(name)
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
