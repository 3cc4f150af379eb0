"""What many tests need: the demo study's project, fresh for each test, and a page run without a browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.services import projects
from workbench.services.context import Context
from workbench.services.demo import make_demo
from workbench.store.project import Store

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def demo_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo study, made once by the services; copied for each test, never used itself."""
    path = tmp_path_factory.mktemp("master") / "demo.db"
    make_demo(path).close()
    return path


@pytest.fixture
def demo(demo_master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh copy of the demo study in a projects folder of its own."""
    folder = tmp_path / "projects"
    folder.mkdir()
    for suffix in (".db", ".vault.db"):
        shutil.copy(demo_master.with_suffix(suffix), (folder / "demo.db").with_suffix(suffix))
    monkeypatch.setenv("WORKBENCH_DATA", str(folder))
    return folder / "demo.db"


@pytest.fixture
def ctx(demo: Path) -> Context:
    """The lead researcher on the demo study."""
    return projects.lead_context(Store.open(demo))


def acting_as(ctx: Context, role: str) -> Context:
    """The same project, acted on by its first member with this role who is not the lead, if there is one."""
    from dataclasses import replace

    found = [m for m in projects.list_members(ctx.store) if m.role == role]
    return replace(ctx, member=next((m for m in found if not m.is_lead), found[0]))


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A new project with nothing in it but its one researcher."""
    folder = tmp_path / "projects"
    folder.mkdir()
    monkeypatch.setenv("WORKBENCH_DATA", str(folder))
    return projects.lead_context(projects.create_project(folder / "empty.db", name="A new study"))


@pytest.fixture
def run_page() -> Callable[..., object]:
    """`run_page("home", ctx, **query)`: the page as an AppTest, run once, acting as ctx's member."""
    from streamlit.testing.v1 import AppTest

    def run(page: str, ctx: Context | None = None, **query: str) -> AppTest:
        script = (
            "import streamlit as st\n"
            "from workbench.ui import session, shell\n"
            "st.set_page_config(layout='wide')\n"
            "shell.navigation(session.optional_context())\n"
            f"from workbench.ui.pages.{page} import page\n"
            "page()\n"
        )
        at = AppTest.from_string(script, default_timeout=30)
        if ctx is not None:
            at.query_params["project"] = ctx.store.id
            at.query_params["as"] = ctx.member.id
        for name, value in query.items():
            at.query_params[name] = value
        return at.run()

    return run


def chromium_path() -> str | None:
    """Where Chromium is, or None."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):  # type: ignore[no-untyped-def]
    """In CI no browser test may be skipped."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"A browser test was skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One real Chromium for the session; each test opens its own page in its own context."""
    from playwright.sync_api import sync_playwright

    path = chromium_path()
    if path is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as play:
        found = play.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                  "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield found
        found.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """The real server over a projects folder, as `workbench run` starts it; yields its address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "run", "--no-browser", "--port", str(port)],
        env=os.environ | {"WORKBENCH_DATA": str(folder)}, cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    url = f"http://localhost:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
