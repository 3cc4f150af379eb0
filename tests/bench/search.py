"""search_ms: the first 50 hits and the total over 10 million invented words, in a project that has been worked in."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from workbench.services import finding, projects, sources
from workbench.services.context import Context
from workbench.store import texts

SOURCES, WORDS, FORMS = 1_000, 10_000, 150_000
_ENDINGS = ("", "en", "et", "er", "erne", "s", "ens", "ede", "te", "ende")


def _vocabulary(chance: random.Random) -> list[str]:
    """Word forms like Danish ones: roots, half of them in compounds, with endings."""

    def root() -> str:
        return "".join(
            chance.choice("bdfghjklmnprstv")
            + chance.choice("aeiouyæøå")
            + chance.choice(("", "", "n", "r", "l"))
            for _ in range(chance.choice((1, 2, 2, 3)))
        )

    roots = list(dict.fromkeys(root() for _ in range(12_000)))
    forms = dict.fromkeys(("og", "det", "jeg", "at", "er", "i", "en", "så", "til", "ikke"))
    while len(forms) < FORMS:
        word = roots[int(len(roots) * chance.random() ** 2)]
        if chance.random() < 0.55:
            word += roots[int(len(roots) * chance.random() ** 2)]
        forms.setdefault(word + chance.choice(_ENDINGS))
    return list(forms)


def _fill(ctx: Context, vocabulary: list[str]) -> None:
    forms, chance = np.array(vocabulary), np.random.default_rng(1)
    weight = 1 / (np.arange(len(forms)) + 2.7)  # Zipf
    reach = np.cumsum(weight / weight.sum())
    for n in range(SOURCES):
        words = forms[np.searchsorted(reach, chance.random(WORDS))].tolist()
        cuts = [0, *np.cumsum(chance.integers(5, 115, WORDS // 60)).tolist(), WORDS]
        turns: list[dict[str, object]] = []
        start = 0
        for low, high in pairwise(cuts):
            if text := " ".join(words[low : min(high, WORDS)]):
                turns.append(
                    {
                        "source": f"s{n}",
                        "text_rev": 1,
                        "seq": len(turns) + 1,
                        "start": start,
                        "end": start + len(text),
                        "text": text,
                        "speaker": None,
                        "t0_ms": None,
                        "t1_ms": None,
                    }
                )
                start += len(text) + 1  # fmt: skip
        with ctx.write("import_source") as work:
            work.ids = {"source": f"s{n}"}
            work.insert("source", {"id": f"s{n}", "kind": "interview", "words_of": "participant", "title": f"Interview {n}",
                                   "language": "da", "session": None, "iteration": 1, "text_rev": 1, "position": n,
                                   "import_json": "{}"})  # fmt: skip
            work.insert_only(
                "source_text",
                [{"source": f"s{n}", "text_rev": 1, "mac": "", "length": start - 1, "words": WORDS}],
            )
            texts.put(work, turns)


def _asked(vocabulary: list[str]) -> dict[str, str]:
    """One query of each kind; those that cost most of what was tried."""
    inside: dict[str, int] = {}
    for form in vocabulary:
        for at in range(1, len(form) - 3):
            inside[form[at : at + 4]] = inside.get(form[at : at + 4], 0) + 1
    common = vocabulary[:10]
    begins: dict[str, int] = {}
    for rank, form in enumerate(vocabulary):
        begins[form[:2]] = begins.get(form[:2], 0) + 1_000_000 // (rank + 3)
    return {
        "a rare word": f'"{vocabulary[-1]}"',
        "a common word": common[0],
        "two common words": f"{common[0]} {common[1]}",
        "a common phrase": f'"{common[0]} {common[1]}"',
        "a long phrase": f'"{" ".join(common[:4])}"',
        "a beginning": max(begins, key=lambda b: begins[b]) + "*",
        "part of very many compounds": max(inside, key=lambda part: inside[part]),
        "part of some compounds": next(part for part in reversed(inside) if inside[part] > 50),
        "a word that is nowhere": "qwxzqwxz",
    }


def search_ms() -> float:
    """Worst median of ten, in ms: through the service, with the lines around the hits. First as imported, then with
    every fiftieth source taken out and every seventieth moved to the front."""
    worst = 0.0
    vocabulary = _vocabulary(random.Random(1))
    with tempfile.TemporaryDirectory() as folder:
        ctx = projects.lead_context(projects.create_project(Path(folder) / "p.db", name="Bench"))
        _fill(ctx, vocabulary)
        for state in ("as imported", "sources taken out and moved"):
            if state != "as imported":
                for n in range(25, SOURCES, 50):
                    sources.retire_source(ctx, f"s{n}")
                with ctx.write("change_source") as work:
                    for n in range(30, SOURCES, 70):
                        work.update("source", f"s{n}", {"position": n - SOURCES})
            print(f"  {state}", file=sys.stderr)
            for kind, typed in _asked(vocabulary).items():
                times = []
                for _ in range(10):
                    began = time.perf_counter()
                    found = finding.search(ctx, typed)
                    times.append((time.perf_counter() - began) * 1000)
                median = statistics.median(times)
                print(f"    {kind:<28} median {median:6.1f} ms, worst {max(times):6.1f}, {found.total:>7} turns",
                      file=sys.stderr)  # fmt: skip
                worst = max(worst, median)
        ctx.store.close()
    return worst
