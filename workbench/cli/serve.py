"""Starts the app's server with its own settings, whatever the user's or the folder's settings say."""

from __future__ import annotations

import importlib
import os
import socket
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

from workbench.domain.errors import Refused
from workbench.language import t
from workbench.services import projects

APP = Path(__file__).resolve().parents[1] / "app.py"


def _warm(port: int) -> None:
    """Import what the first page needs while the browser is still loading Streamlit's own script: not before the
    server answers, or the browser would wait for us."""
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    for name in ("workbench.ui.app", "workbench.ui.pages.home", "workbench.ui.components.shell", "numpy"):
        importlib.import_module(name)


def _open_when_ready(server: str, url: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(server + "/_stcore/health", timeout=1)  # noqa: S310 - our own server on loopback
        except OSError:
            time.sleep(0.25)
        else:
            webbrowser.open(url)
            return


def serve(*, port: int = 8501, open_browser: bool = True, demo: bool = False) -> int:
    """Serve the app on this machine only until stopped; returns the server's exit code."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Refused("cli.port_taken", port=port, other=port + 1) from None
    folder = projects.projects_dir()
    folder.mkdir(parents=True, exist_ok=True)
    url = f"http://localhost:{port}"
    if demo:
        from workbench.services.demo import make_demo

        path = folder / "joined-up-discharge.db"
        store = (
            projects.open_project(path) if path.exists() else make_demo(path, progress=lambda c: print(t(c)))
        )
        url += f"/home?project={store.id}"
        store.close()
    print(t("cli.serving", url=url), flush=True)
    if open_browser:
        threading.Thread(target=_open_when_ready, args=(f"http://localhost:{port}", url), daemon=True).start()
    os.environ["WORKBENCH_DATA"] = str(folder)
    threading.Thread(target=_warm, args=(port,), daemon=True).start()
    from streamlit.web.cli import main as streamlit

    # Streamlit's own command line in this process: a second interpreter would cost a third of a second. The
    # weakest of these settings would be the one that counts, so they are given here as well as in the
    # configuration file beside app.py.
    streamlit(
        [
            "run", str(APP),
            "--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true",
            "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none",
            "--client.showErrorDetails", "none", "--server.enableXsrfProtection", "true", "--server.enableCORS", "true",
        ],
        standalone_mode=False,
    )  # fmt: skip
    return 0
