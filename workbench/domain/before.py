"""What stands before the analysis: the five dimensions of information power, and a word that belongs elsewhere.

Source: Malterud K, Siersma VD, Guassora AD. Sample size in qualitative interview studies: guided by information
power. Qual Health Res 2016;26(13):1753-60.
"""

from __future__ import annotations

import re
import unicodedata

# Each is judged from 1 (many participants are needed) to 5 (fewer are enough); 0 is "not judged". They are five
# judgements with reasons, never a sum: nothing here adds them up, and nothing should.
DIMENSIONS = ("aim", "specificity", "theory", "dialogue", "strategy")
LEAST, MOST = 1, 5

_SATURATION = re.compile(
    r"\b(?:data|theme|tema|kode|code)?[- ]?(?:saturat(?:ion|ed)\w*|mætning\w*|metning\w*|mättnad\w*)"
)
# What the blood holds, and fat: words of the clinic, not of the method.
_CLINIC = re.compile(
    r"\b(?:oxygen|o2|blood|arterial|venous|ilt|oksygen|syre)[- ]?(?:saturation|mætning|metning|mättnad)\w*"
    r"|\b(?:saturation|mætning|metning|mättnad)\w*(?= (?:of oxygen|af ilt|på \d|of \d|\d))"
    r"|\bsaturated (?=fat)"
)


def mentions_saturation(text: str) -> bool:
    """Whether a text speaks of data saturation, in English or a Scandinavian language.

    Saturation is tied to grounded theory; systematic text condensation speaks of information power."""
    plain = unicodedata.normalize("NFC", text).casefold()
    return bool(_SATURATION.search(_CLINIC.sub(" ", plain)))
