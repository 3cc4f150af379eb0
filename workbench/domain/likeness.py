"""How alike two short statements are: by the words, and the parts of words, that they share. Danish and English.

For noticing that something has been written before. It knows nothing of meaning ("must" and "must not" are alike), so a
person is shown the other statement and decides; the number itself is shown to nobody."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

NEARLY_THE_SAME = 0.62  # seen on pairs of demands written twice, and on those of one theme that differ
_GRAM = 3  # letters of a part of a word: enough for a compound or an ending to share most of them

# Words that stand in every requirement. Not "not" and "ikke": they are why a person has to look.
_WORDS = (
    "a an the and or of to in on at for with from by as is are be been has have had must model shall "
    "should will that this it its they their them who which when en et den det de der som og eller i på "
    "til af for med fra om er være har have havde skal bør modellen at sin sit sine deres dem når "
)
_SMALL = frozenset(_WORDS.split())


def folded(text: str) -> str:
    """The letters and digits of a text without case, one space between words."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(re.findall(r"[^\W_]+", plain))


def _telling(text: str) -> list[str]:
    """The words that tell one statement from another; all of them where there are no others."""
    words = folded(text).split()
    return [w for w in words if w not in _SMALL] or words


def _grams(words: Iterable[str]) -> Counter[str]:
    return Counter(f" {w} "[i : i + _GRAM] for w in words for i in range(max(1, len(w) + 3 - _GRAM)))


def _shared(a: Counter[str], b: Counter[str]) -> float:
    """What two bags have in common, of what they hold: from 0 to 1, the same both ways."""
    return 2 * (a & b).total() / (a.total() + b.total())


def likeness(a: str, b: str) -> float:
    """From 0 to 1: 1 for the same words in the same order, whatever their case and the space and signs between them."""
    if folded(a) == folded(b):
        # Signs alone say nothing, unless they are the same signs.
        return 1.0 if folded(a) or a.split() == b.split() else 0.0
    one, other = _telling(a), _telling(b)
    if not one or not other:
        return 0.0
    return (_shared(Counter(one), Counter(other)) + _shared(_grams(one), _grams(other))) / 2
