"""The texts of a copy beside those that stand here: where its spans stand now, which turns read otherwise, and the
texts of sources that are new here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.domain import spans
from workbench.domain import text as text_rules
from workbench.domain.merging import Row
from workbench.domain.spans import Remapping
from workbench.store import copies, erasing, texts
from workbench.store.connection import Connection
from workbench.store.copies import Foreign
from workbench.store.project import Store
from workbench.store.unit_of_work import UnitOfWork

from . import correcting
from .merge_rows import Rows


class Texts:
    """Texts of both sides, by source."""

    def __init__(self, store: Store, conn: Connection, foreign: Foreign, here: Rows) -> None:
        self.store, self.conn, self.there, self.here = store, conn, foreign, here
        self.new: list[str] = []  # sources whose text comes in
        self._bodies: dict[str, str] = {}
        self._carriers: dict[tuple[str, int], Callable[[int, int], spans.Span | None]] = {}

    def bring(self, source: str) -> bool:
        """Let the text of a source come in, unless it is here already; False where it is not what it was when it
        was imported or corrected there."""
        body = _body(self.there.turns.get(source, []))
        held = self.there.digests.get((source, self.there.rows["source"][source]["text_rev"]))
        if held is None or self.store.mac(body) != held["mac"] or "\0" in body:
            return False
        self._bodies[source] = body
        self.new.append(source)
        return True

    def put(self, work: UnitOfWork) -> None:
        """Write the texts that come in, with their earlier versions."""
        speakers = self.here.rows("speaker")
        for source in self.new:
            work.insert_only(
                "source_text", [row for (id, _), row in self.there.digests.items() if id == source]
            )
            work.insert_only("text_edit", self.there.edits.get(source, []))
            known = [
                {**turn, "speaker": turn["speaker"] if turn["speaker"] in speakers else None}
                for turn in self.there.turns[source]
            ]
            texts.put(work, known)

    def apart(self, source: str) -> Iterator[int]:
        """Turns that read otherwise there, by number."""
        standing = texts.turns(self.conn, source)
        for mine, theirs in zip(standing, self.there.turns.get(source, ()), strict=False):
            if mine["text"] != theirs["text"]:
                yield mine["seq"]

    def place(self, source: str, text_rev: int, start: int, end: int) -> Row | None:
        """Where a span of the copy's text stands in the text that stands here, with that text's version and the
        digest of the words; None where its words are gone, or who said them has withdrawn."""
        body = self._standing(source)
        place = self._carrier(source, text_rev)(start, end)
        if place is None or not 0 <= place[0] < place[1] <= len(body):
            return None
        if place != (start, end):
            place = spans.trimmed(body, *place)
        if place is None or not (words := body[slice(*place)]).strip():
            return None
        rev = self._rev(source, text_rev)
        if erasing.is_withdrawn(self.conn, source, *place):
            return None
        return {"text_rev": rev, "start": place[0], "end": place[1], "mac": self.store.mac(words)}

    def is_withdrawn(self, source: str, text_rev: int, start: int, end: int) -> bool:
        """Whether a span of the copy's text has words of somebody who has withdrawn here, as far as can be told."""
        place = self._carrier(source, text_rev)(start, end)
        return erasing.is_withdrawn(self.conn, source, *(place or (0, len(self._standing(source)))))

    def _standing(self, source: str) -> str:
        if source not in self._bodies:
            self._bodies[source] = _body(texts.turns(self.conn, source))
        return self._bodies[source]

    def _rev(self, source: str, text_rev: int) -> int:
        row = self.here.find("source", source)
        return int(row["text_rev"]) if row else text_rev

    def _carrier(self, source: str, text_rev: int) -> Callable[[int, int], spans.Span | None]:
        """Carries spans from a version of the copy's text, through the last version both sides have had, to the
        one that stands here. Two versions are the same where their digests are."""
        if (source, text_rev) not in self._carriers:
            self._carriers[source, text_rev] = self._make_carrier(source, text_rev)
        return self._carriers[source, text_rev]

    def _make_carrier(self, source: str, text_rev: int) -> Callable[[int, int], spans.Span | None]:
        if source in self.new:
            return lambda start, end: (start, end)
        made = copies.edits_of(self.there.edits.get(source, ()))
        macs = {rev: row["mac"] for (id, rev), row in self.there.digests.items() if id == source}
        known = copies.digests(self.conn, source)
        standing = self._rev(source, text_rev)
        back: list[Remapping] = []
        version = text_rev
        while (common := known.get(macs.get(version, ""))) is None:
            if version not in made:
                return lambda start, end: None
            earlier, edits = made.pop(version)
            back.append(Remapping(spans.inverse(edits)))
            version = earlier

        def carry(start: int, end: int) -> spans.Span | None:
            place: spans.Span | None = (start, end)
            for step in back:
                place = step(*place) if place else None
            if place is None or common == standing:
                return place
            found = correcting.carry_over(self.conn, source, common, *place)
            # Where only marks are left of what was marked, the words are gone.
            return found if found and text_rules.words(self._standing(source)[slice(*found)]) else None

        return carry


def _body(turns: list[Row]) -> str:
    return "\n".join(turn["text"] for turn in turns)
