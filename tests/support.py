"""Small things that tests share: a tiny invented project and a dump of what is live in one."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

from workbench.domain.transcripts import ParsedTranscript, ParsedTurn
from workbench.services import coding, people, projects, sources
from workbench.services.context import Context
from workbench.store.project import Store
from workbench.store.unit_of_work import tables

TURNS = (
    ("Interviewer", "How was it to come home?"),
    ("P1", "The first night 🙂 I sat up with the folder on my knees. Nobody had rung."),
    ("Interviewer", "And then?"),
    ("P1", "Then I rang the ward, and they said the municipality had me now. På en måde var jeg ingens."),
    ("P2", "He was nobody's. I was his, but I don't count."),
)


def tiny_transcript(
    turns: tuple[tuple[str | None, str], ...] = TURNS, name: str = "tiny.txt"
) -> ParsedTranscript:
    parsed = tuple(ParsedTurn(speaker, text, None, None) for speaker, text in turns)
    return ParsedTranscript(name=name, layout="name", encoding="utf-8", turns=parsed, notices=())


def tiny_project(folder: Path) -> tuple[Context, str]:
    """A project with one short source of three people; returns the lead's context and the source's id."""
    ctx = projects.lead_context(projects.create_project(folder / "tiny.db", name="Tiny"))
    patients = people.add_group(ctx, name="Patients")
    who = {
        "Interviewer": people.add_participant(ctx, pseudonym="Asker", kind="interviewer"),
        "P1": people.add_participant(ctx, pseudonym="Aase", stakeholder_group=patients),
        "P2": people.add_participant(ctx, pseudonym="Bo", stakeholder_group=patients),
    }
    source = sources.import_source(ctx, tiny_transcript(), b"raw", title="Interview 1", speakers=dict(who))
    return ctx, source


def body_of(ctx: Context, source: str) -> str:
    return "\n".join(t.text for t in sources.read_source(ctx, source).turns)


def mark_words(ctx: Context, source: str, words: str, *groups: str) -> str:
    """Mark the first occurrence of some words, placed in code groups; returns the unit."""
    start = body_of(ctx, source).index(words)
    return coding.mark(
        ctx, source, start, start + len(words), text_rev=1, quote=words,
        placements=[{"code_group": g} for g in groups],
    )  # fmt: skip


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything live in a project, without who touched it last."""
    with store.read() as conn:
        return {
            name: sorted(
                tuple(row)
                for row in conn.execute(f"SELECT {','.join(spec.columns)} FROM {name} WHERE retired IS NULL")
            )
            for name, spec in tables(conn).items()
        }


PIECES = ["tillid", "æøå", "Ærø", "é", "e\u0301", "😀", "👩\u200d🔬", "🇩🇰", "🙏🏽", "שלום", "مرحبا", "नमस्ते", "a", "one two", ".",
          "…", "—", "\u00a0", "  ", "ﬁ", "𝒳", "ไทย", "한국", "\u200d", "1\ufe0f\u20e3", "no?", "It is so."]  # fmt: skip


def random_texts(n: int) -> list[str]:
    """Short texts of everything that has ever moved an offset, normalised as an import does; always the same."""
    dice = random.Random(20061121)
    texts = []
    for _ in range(n):
        words = dice.choices(PIECES, k=dice.randint(1, 14))
        text = "".join(w + dice.choice(["", " ", " "]) for w in words).strip() or "ja"
        texts.append(unicodedata.normalize("NFC", text))
    return texts


# In the browser: selects from a UTF-16 place in one turn to one in another, as a hand with a mouse does.
SELECT = """([a, from, b, to]) => {
  const texts = document.querySelectorAll(".wr-text")
  const point = (el, at) => {
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT)
    let node = walker.nextNode()
    while (node && at > node.length) { at -= node.length; node = walker.nextNode() }
    return [node, at]
  }
  texts[a].dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))
  getSelection().setBaseAndExtent(...point(texts[a], from), ...point(texts[b], to))
  texts[b].dispatchEvent(new PointerEvent("pointerup", { bubbles: true }))
}"""
