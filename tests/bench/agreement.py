"""agreement_s: kappa and alpha per code group and over all, of two coders who have read the same documents."""

from __future__ import annotations

import random
import statistics
import sys
import time

from workbench.domain.agreement import Analyst, Mark, differences, over_boundaries, over_characters

DOCUMENTS, CHARACTERS, CODES, CODINGS = 30, 60_000, 150, 6_000


def agreement_s() -> float:
    """Median CPU seconds of five: 30 documents of 60,000 characters, 150 codes, 6,000 codings by two coders, who
    agree about four times in five."""
    chance = random.Random(1)
    marks: tuple[list[Mark], list[Mark]] = ([], [])
    for n in range(CODINGS // 2):
        source, group = f"s{chance.randrange(DOCUMENTS)}", f"g{chance.randrange(CODES)}"
        start, length = chance.randrange(CHARACTERS - 700), chance.randrange(40, 400)
        marks[0].append(Mark(f"a{n}", source, start, start + length, frozenset({group})))
        start, group = start + chance.randrange(60), group if chance.random() < 0.8 else "g0"
        marks[1].append(Mark(f"b{n}", source, start, start + length, frozenset({group})))
    coders = [Analyst(tuple(m)) for m in marks]
    lengths = {f"s{n}": CHARACTERS for n in range(DOCUMENTS)}
    times = []
    for _ in range(5):
        began = time.process_time()
        found = over_characters(coders, lengths)
        times.append(time.process_time() - began)
    began = time.process_time()
    over_boundaries(*coders, lengths)
    middle = time.process_time()
    differences(*marks)
    print(
        f"  kappa {found.overall.kappa.value:.3f}, alpha {found.overall.alpha.value:.3f};"
        f" alphaU {middle - began:.3f} s, differences {time.process_time() - middle:.3f} s",
        file=sys.stderr,
    )
    return statistics.median(times)
