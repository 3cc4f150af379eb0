"""A small Streamlit script around the reader, over a fake service that keeps its state in one JSON file.

Environment: RIG_STATE the file of operations that were applied; RIG_TEXTS (optional) a JSON file
{name: {"lang", "turns": [[speaker, kind, group, monogram, colour, text]]}} added to the texts here. The query
parameters doc, turn, unit choose what is shown. All texts are invented.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st

from workbench.ui.components.reader import (
    Code,
    CodeGroup,
    Disc,
    Document,
    Focus,
    Mark,
    Marks,
    Member,
    Placement,
    ReaderTurn,
    Tally,
    held,
    reader,
    unsent,
)

st.set_page_config(layout="wide", initial_sidebar_state=232)
st.html("<style>.stMainBlockContainer{padding-inline:clamp(1rem,3vw,2.75rem)}</style>")

PA, HO, MU, GP = (
    Disc("Pa", "sand", "Patients"),
    Disc("Ho", "slate", "Hospital"),
    Disc("Mu", "moss", "Municipality"),
    Disc("GP", "mauve", "General practice"),
)
GROUPS = [
    ("IN", "Information that does not arrive", 64, "Someone acts without knowing what others have known.", [PA, HO, GP]),
    ("WD", "Who decides what happens next", 41, "Decisions that cross sectors; who may change a plan.", [HO, MU, GP]),
    ("ON", "Being one person, not five referrals", 52, "How fragmentation is lived.", [PA, MU]),
    ("NA", "Someone who knows my name", 38, "A named contact; continuity.", [PA, HO, MU, GP]),
    ("TI", "Time to ask what matters", 17, "Needs asked about, or not.", [PA]),
]  # fmt: skip
Q, K, V = (
    ("Interviewer", "interviewer", "", "", ""),
    ("Kirsten", "informant", "Patients", "Pa", "sand"),
    ("Her son", "informant", "Relatives", "Re", "sea"),
)
MAIN: list[tuple[tuple[str, str, str, str, str], str]] = [
    (Q, "Would you tell me about the weeks after the operation?"),
    (K, "The first Monday the phone was silent. I called the ward and they told me it was the council's "
        "business by then, and the council answered that no letter had come. So there I was in the kitchen with "
        "six boxes of pills and a list in a hand I could not make out."),
    (Q, "Whom did you turn to?"),
    (K, "The surgery in town. But the nurse there did not know I was back home. She is patient with me, always, "
        "and she told me: we read what reaches us, Kirsten, and nothing has reached us. Then she copied "
        "everything onto a card, for the third time."),
    (K, "What helped was Grethe from the outpatient clinic. She picked up on the second ring and knew who I was. "
        "I was spared telling it all from the start."),
    (Q, "And what was that like?"),
    (K, "I slept that night. It sounds odd to say it of a telephone number, but I did. One is in pieces, and then "
        "somebody has seen the whole of it."),
    (V, "I went back to my own work after that. Until then I was the one who drove the folder about."),
    (K, "He was the system, if you like. 😀 And 👩‍🔬 she, the researcher, 🇩🇰 wrote it down with care."),
    (Q, "Is there something you would forbid us to write?"),
    (K, "Only the forbidden word. The rest you may have. Café with a combining e\u0301, and שלום too."),
]  # fmt: skip
LONG = MAIN * 40
# A codebook, where RIG_CODES is set.
CODES = [
    ("c1", "Environment", "Capability", "COM-B"),
    ("c2", "Environment", "Opportunity", "COM-B"),
    ("c3", "Planning", "Motivation", "COM-B"),
] if os.environ.get("RIG_CODES") else []  # fmt: skip


class Service:
    """Keeps operations in the order they came and each only once, as the real one does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = Lock()
        self.log: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
        self.units: dict[str, dict[str, dict[str, Any]]] = {}
        self.rev: dict[str, int] = {}
        self.touched: dict[str, dict[str, int]] = {}
        self.groups: list[dict[str, Any]] = [
            {"id": f"g{i}", "tag": tag, "name": name, "count": n, "definition": text, "heard": heard}
            for i, (tag, name, n, text, heard) in enumerate(GROUPS)
        ]
        if not self.log:
            self.log = [*seed("main"), *seed("long")]
        for op in list(self.log):
            self._apply(op)

    def apply(self, op: dict[str, Any]) -> str | None:
        with self.lock:  # script runs of one session may overlap in threads
            return self._checked(op)

    def _checked(self, op: dict[str, Any]) -> str | None:
        if any(one["id"] == op["id"] for one in self.log):
            return None
        if op["verb"] == "mark":
            if "forbidden" in op["quote"]:
                return "This turn was corrected meanwhile. Read it again before you mark it."
            if op["quote"] != body(op["source"])[op["start"] : op["end"]]:
                return f"The words do not match {op['start']}-{op['end']}."
        if op["verb"] == "resize" and self.units[op["source"]][op["unit"]]["rev"] != op["rev"]:
            return "Someone changed this mark."
        self.log.append(op)
        self._apply(op)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self.log))
        fresh.replace(self.path)
        return None

    def _apply(self, op: dict[str, Any]) -> None:
        source = op["source"]
        units = self.units.setdefault(source, {})
        self.rev[source] = self.rev.get(source, 0) + 1
        for new in op.get("new_code_groups", []):
            self.groups.append({"id": new["id"], "tag": new["name"][:2].upper(), "name": new["name"],
                                "count": 0, "definition": "", "heard": []})  # fmt: skip
        if op["verb"] == "mark":
            new = {k: op[k] for k in ("unit", "start", "end", "member")}
            units[op["unit"]] = new | {"placements": [], "codes": [], "comments": []}
        unit = op.get("unit")
        if op["verb"] in ("mark", "place"):
            units[unit]["placements"] += op["placements"]
            units[unit]["codes"] += op.get("codes", [])
            for placed in op["placements"]:
                next(g for g in self.groups if g["id"] == placed["code_group"])["count"] += 1
        elif op["verb"] == "unplace":
            units[unit]["placements"] = [p for p in units[unit]["placements"] if p["id"] != op["placement"]]
        elif op["verb"] == "untag":
            units[unit]["codes"] = [c for c in units[unit]["codes"] if c["id"] != op["tag"]]
        elif op["verb"] == "resize":
            units[unit] |= {"start": op["start"], "end": op["end"]}
        elif op["verb"] == "split":
            text, new = body(source), op["new_unit"]
            end = units[unit]["end"]
            units[unit]["end"] = units[unit]["start"] + len(text[units[unit]["start"] : op["at"]].rstrip())
            start = end - len(text[op["at"] : end].lstrip())
            placed = [p | {"id": f"{new}-{p['id']}"} for p in units[unit]["placements"]]
            units[new] = units[unit] | {
                "unit": new,
                "start": start,
                "end": end,
                "placements": placed,
                "comments": [],
            }
            units[new]["rev"] = self.touched.setdefault(source, {})[new] = self.rev[source]
        elif op["verb"] == "comment":
            others = [c for c in units[unit]["comments"] if c[0] != op["memo"]]
            mine = [(op["memo"], op["member"], op["text"])] if op["text"] else []
            units[unit]["comments"] = others + mine
        elif op["verb"] == "remove":
            del units[unit]
        elif op["verb"] == "undo" and units:
            unit = list(units)[-1]
            del units[unit]
        if unit:
            self.touched.setdefault(source, {})[unit] = self.rev[source]
            if unit in units:
                units[unit]["rev"] = self.rev[source]


def turns(name: str) -> list[tuple[tuple[str, str, str, str, str], str]]:
    if name == "main":
        return MAIN
    if name == "long":
        return LONG
    texts = json.loads(Path(os.environ["RIG_TEXTS"]).read_text())
    return [((s, k, g, m, c), text) for s, k, g, m, c, text in texts[name]["turns"]]


def body(name: str) -> str:
    return "\n".join(text for _, text in turns(name))


def seed(name: str) -> list[dict[str, Any]]:
    text = body(name)
    found = [
        ("I called the ward and they told me it was the council's business by then, and the council answered "
         "that no letter had come", ["g0"], "anna"),
        ("the council answered that no letter had come. So there I was in the kitchen with six boxes of pills", ["g2"], "anna"),
        ("the nurse there did not know I was back home", ["g0"], "anna"),
        ("we read what reaches us, Kirsten, and nothing has reached us", ["g0"], "mads"),
        ("she told me: we read what reaches us, Kirsten, and nothing has reached us", ["g1"], "anna"),
        ("She picked up on the second ring and knew who I was", ["g3"], "anna"),
        ("knew who I was. I was spared telling it all from the start", ["g2"], "mads"),
        ("somebody has seen the whole of it", ["g3"], "anna"),
        ("He was the system, if you like.", ["g2"], "mads"),
        ("I slept that night", [], "anna"),
    ]  # fmt: skip
    return [
        {"id": f"s-{name}-{i}", "verb": "mark", "source": name, "member": who, "unit": f"u-{name}-{i}",
         "start": text.index(quote), "end": text.index(quote) + len(quote), "quote": quote,
         "placements": [{"id": f"p-{name}-{i}-{g}", "code_group": g} for g in groups]}
        for i, (quote, groups, who) in enumerate(found)
    ]  # fmt: skip


@st.cache_resource
def service() -> Service:
    return Service(Path(os.environ["RIG_STATE"]))


def as_mark(unit: dict[str, Any]) -> Mark:
    initials = {"anna": "AK", "mads": "MB"}[unit["member"]]
    placed = [Placement(p["id"], p["code_group"]) for p in unit["placements"]]
    codes = [(c["id"], c["code"]) for c in unit["codes"]]
    return Mark(
        unit["unit"],
        unit["start"],
        unit["end"],
        unit["member"],
        initials,
        unit["rev"],
        placed,
        codes,
        unit["comments"],
    )


def receive(operations: list[dict[str, Any]]) -> None:
    st.session_state["acks"] = {op["id"]: service().apply(op) for op in operations}


query = st.query_params
name = query.get("doc", "main")
left, right = st.columns([1, 3])
name = left.selectbox(
    "Source", sorted({"main", "long", name}), index=sorted({"main", "long", name}).index(name)
)
slot = st.container()  # a place kept for what comes and goes: see the wrapper
if right.toggle("A sentence above the reader"):
    slot.text("It came and the reader stayed.")

svc = service()
if right.toggle("Another page"):
    unsent(
        project="rig",
        member="anna",
        acks=st.session_state.get("acks", {}),
        key="unsent",
        on_operations=receive,
    )
    st.stop()
start = 0
shown: list[ReaderTurn] = []
for seq, ((speaker, kind, group, monogram, colour), text) in enumerate(turns(name), 1):
    shown.append(ReaderTurn(seq, start, text, speaker, kind, group, monogram, colour))
    start += len(text) + 1
units = svc.units.get(name, {})
have = held(name)
since = have[0] if have and have[0] <= svc.rev.get(name, 0) else None
touched = [u for u, rev in svc.touched.get(name, {}).items() if since is not None and rev > since]
DISCS = [PA, HO, MU, GP]
reader(
    document=None if since is not None
    else Document(name, 1, "Interview 3", ["Kirsten, 68, patient", "14 March, at home"], "en", shown),
    marks=Marks(
        rev=svc.rev.get(name, 0),
        chain="rig",
        since=since,
        project="rig",
        source=name,
        text_rev=1,
        member="anna",
        marks=[as_mark(units[u]) for u in (units if since is None else touched) if u in units],
        removed=[u for u in touched if u not in units],
        acks=st.session_state.get("acks", {}),
        code_groups=[
            CodeGroup(g["id"], g["tag"], g["name"], i % 12, i, i >= 12, g["definition"])
            for i, g in enumerate(svc.groups)
        ],
        tallies=[Tally(g["id"], g["count"], [DISCS.index(d) for d in g["heard"]]) for g in svc.groups],
        codes=[Code(*c) for c in CODES] if since is None else None,
        discs=DISCS,
        members=[Member("anna", "Anna Koch", "AK"), Member("mads", "Mads Bro", "MB")],
        footer="212 units in 7 sources.",
    ),
    key="reader",
    on_operations=receive,
    focus=Focus(int(query["turn"]) if "turn" in query else None, query.get("unit"))
    if "turn" in query or "unit" in query
    else None,
)  # fmt: skip
