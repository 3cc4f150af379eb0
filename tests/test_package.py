"""The built package stands alone: its components, its words and its demo are inside."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import ROOT


def test_the_wheel_holds_everything_and_makes_the_demo_by_itself(tmp_path: Path) -> None:
    source = tmp_path / "source"
    subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True)
    source.mkdir()
    files = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"], check=True, capture_output=True
    )
    for name in files.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, source], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "workbench/pyproject.toml", "workbench/app.py", "workbench/.streamlit/config.toml",
        "workbench/store/schema.sql", "workbench/language/en/cli.po",
        "workbench/ui/components/reader/assets/reader.js", "workbench/ui/components/view/assets/view.js",
        "workbench/_shipped/data/demo/study.toml", "workbench/_shipped/data/port/port.toml",
        "workbench/_shipped/codebooks/README.md",
    ):  # fmt: skip
        assert needed in names, needed
    assert not [n for n in names if n.startswith("tests/") or n.endswith(".db")]
    installed = tmp_path / "installed"
    subprocess.run([*pip, "install", "--no-deps", "--target", installed, wheel], check=True)
    environment = os.environ | {"PYTHONPATH": str(installed), "WORKBENCH_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "workbench", "demo", str(tmp_path / "d.db")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    where = "import workbench; print(workbench.__file__)"
    command = [sys.executable, "-c", where]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert str(installed) in found.stdout
