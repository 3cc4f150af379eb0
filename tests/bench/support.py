"""What several figures need: long invented texts, the real server and Chromium."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import contextmanager
from typing import Any

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn

PORT = 8931
WORDS = [
    "jeg",
    "ringede",
    "til",
    "afdelingen",
    "og",
    "så",
    "sagde",
    "de",
    "at",
    "kommunen",
    "havde",
    "mig",
    "nu",
    "men",
    "ingen",
    "havde",
    "hørt",
    "noget",
    "om",
    "det",
    "æbler",
    "øre",
    "år",
    "pårørende",
    "hjemmeplejen",
    "lægen",
    "sygeplejersken",
    "tabletterne",
    "mappen",
    "bordet",
    "aftenen",
    "søndagen",
]


def danish(words: int, chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(words))


def long_transcript(words: int) -> ParsedTranscript:
    chance = random.Random(words)
    turns = [
        ParsedTurn("P1" if n % 2 else "Interviewer", danish(60, chance), None, None)
        for n in range(words // 60)
    ]
    return ParsedTranscript("long.txt", "name", "utf-8", tuple(turns), ())


@contextmanager
def served(folder: str) -> Any:
    """The real server over a projects folder; yields (process, its address). Where it stood before, it stands again."""
    server = subprocess.Popen(
        [sys.executable, "-m", "workbench", "run", "--no-browser", "--port", str(PORT)],
        env=os.environ | {"WORKBENCH_DATA": folder},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield server, f"http://localhost:{PORT}"
    finally:
        import psutil

        for child in psutil.Process(server.pid).children(recursive=True):
            child.kill()
        server.kill()
        server.wait()


def chromium(play: Any) -> Any:
    return play.chromium.launch(
        executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
    )
