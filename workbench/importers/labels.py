"""When is "Something: text" a speaker? The one rule for every layout.

A label needs more than a colon: it comes with bold or a time, or it comes back. "Note" and "Time was 17"
never
pass. Who asks and who answers is not guessed; roles are a person's to set.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

#: What stands before a colon without speaking, in English and Danish: words, then phrases.
_NOT_SPEAKING_WORDS = """
    note notes nb n.b obs ps p.s kilde kilder source sources ref reference references http https www ftp
    mailto
    example examples eksempel eksempler fx f.eks e.g i.e dvs namely nemlig first second third firstly secondly
    finally lastly then also or and but so because først endelig altså og men eller så fordi
    question questions answer answers spørgsmål svar spm problem problems solution result results resultat
    date dato time tid times place sted location where hvor when hvornår day dag duration varighed
    length længde
    recorded recording optagelse optaget file filename fil filnavn title titel subject emne topic tema project
    projekt version status page side sider line linje chapter kapitel section afsnit part del step trin figure
    figur table tabel participants deltagere present tilstede attendees fremmødte apologies afbud absent
    invited
    transcribed transcript transcription transskription transcriber translator language sprog agenda dagsorden
    summary resumé resume abstract keywords nøgleord introduction indledning introduktion background baggrund
    conclusion konklusion method metode methods aim formål discussion diskussion comment comments kommentar
    kommentarer remember husk warning advarsel important vigtigt todo action actions decision beslutning
    idea ideas ide idé ideer name navn age alder gender køn phone telefon tlf email e-mail mail address
    adresse
    jeg du han hun vi det he she they we you it that this ja nej yes no okay ok well så
    web website speakers interview details confidence kl klokken pause break music musik silence
    laughter latter
"""
_NOT_SPEAKING_PHRASES = """
    for example|for eksempel|that is|for det første|for det andet|for det tredje|til sidst|til stede|
    transcribed by|transskriberet af|translated by|summary keywords|participant list|to do|in short|kort sagt|
    by the way|in other words|med andre ord|in addition|on the other hand|på den anden side|key points|
    main points|next steps
"""
_NOT_SPEAKERS = frozenset(_NOT_SPEAKING_WORDS.split()) | frozenset(
    phrase.strip() for phrase in _NOT_SPEAKING_PHRASES.split("|")
)

#: One of these inside a longer label makes it a sentence ("Time was 17", "og så sagde hun").
_SENTENCE = """
    was were is are am be been has have had do does did said says say told asked think thought mean know knew
    like that this these those it he she we they you there here what which why how who if not just only
    very my
    your his her their our at about as with from to because so then when where will would can could
    should must
    var er været bliver blev har havde gør gjorde sagde siger sige spurgte tænkte mener ved vidste det dette
    disse der her han hun vi jeg du man hvad hvorfor hvordan hvem hvis ikke bare kun meget min mit din
    sin deres
    vores fordi så når hvor vil ville kan kunne skal skulle må måtte at om som
"""
_SENTENCE_WORDS = frozenset(_SENTENCE.split())
_SMALL_WORDS = "de da di du van von der den af og and the la le el al bin & / no nr of for på i"
_PARTICLES = frozenset(_SMALL_WORDS.split())

#: Roles whose label may stand once without further evidence.
_ROLE_NAMES = """
    i int interviewer interviewers intervieweren interviewperson informant respondent r b m q a p d
    moderator mod
    ordstyrer researcher forsker facilitator fac facilitatoren patient pårørende relative speaker taler
    unknown
    ukendt participant deltager nurse sygeplejerske doctor læge gp chair formanden observer observatør
"""
_ROLES = frozenset(_ROLE_NAMES.split()) | {"unknown speaker", "ukendt taler"}

_QUESTION_NUMBER = re.compile(r"(q|spm\.?|question|spørgsmål)\s*\d+[a-z]?", re.I)
_CODE = re.compile(r"[^\W\d_]{1,4}[ _-]?\d{1,3}[a-z]?(/\d{1,2})?")
_PARTICIPANT_CODE = re.compile(r"[A-ZÆØÅ]{1,4}-?\d{1,3}[a-z]?")
_NUMBERED = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?[ _#-]*\d{1,3}(/\d{1,2})?")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]{1,4}\.)+[^\W\d_]?")
_LAST_FIRST = re.compile(r"[A-ZÆØÅ][\w-]{1,30}, [A-ZÆØÅ][\w.-]{0,30}(?: [A-ZÆØÅ][\w.-]{0,20})?")
_WITH_ROLE = re.compile(r"[^\W\d_][^():]{0,50}? \([^():]{2,60}\)")

MOST_SPEAKERS = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A label seen at the start of a paragraph. `sure`: bold or a time stands with it. `spaced`: white space
    follows the colon. `alone`: the label has a line of its own."""

    label: str
    sure: bool
    spaced: bool = True
    alone: bool = False


def key(label: str) -> str:
    """The label as it is compared: case and inner white space do not make a new speaker."""
    return " ".join(label.split()).casefold()


def is_speaker_like(label: str) -> bool:
    """Could this be somebody? Form only; says nothing about how often it comes."""
    folded = key(label)
    if (
        not folded
        or len(folded) > 80
        or folded.strip(".") in _NOT_SPEAKERS
        or _QUESTION_NUMBER.fullmatch(folded)
    ):
        return False
    if not any(character.isalpha() for character in folded):
        return False
    if _WITH_ROLE.fullmatch(label):
        return len(label.split()) <= 10 and not any(c in label for c in '?!;"“”»«…')
    if _LAST_FIRST.fullmatch(label):
        return True
    if len(folded) > 40 or any(character in folded for character in '?!;,"“”»«…=<>|*\\{}'):
        return False
    tokens = label.replace("(", " ").replace(")", " ").split()
    if not tokens or len(tokens) > 5:
        return False
    if any("." in token and not _ABBREVIATION.fullmatch(token) for token in tokens):
        return False
    if len(tokens) == 1:
        return True
    return not any(
        token.casefold() in _SENTENCE_WORDS for token in tokens if not token.isupper() or len(token) > 2
    )


def _is_named(label: str) -> bool:
    """Written as a name or a code: P3, Speaker 1, Anna, Dr. Hansen, Formanden (Søren Gade)."""
    if _CODE.fullmatch(label) or _NUMBERED.fullmatch(label):
        return True
    tokens = re.sub(r"\([^()]*\)", " ", label).split()
    return bool(tokens) and all(
        token[0].isupper() or token.isdigit() or token.casefold() in _PARTICLES for token in tokens
    ) and tokens[0][0].isupper()  # fmt: skip


def accept(candidates: Sequence[Candidate], paragraphs: int, *, trusting: bool = False) -> dict[str, str]:
    """Which labels are speakers: key -> the spelling to show (the most frequent, then the first).

    `paragraphs` is how many there are in the file. `trusting` is a person's own choice of the layout: form
    still counts, evidence no longer does.
    """
    likely = [c for c in candidates if is_speaker_like(c.label)]
    counts = Counter(key(c.label) for c in likely if c.spaced or _is_certain(c.label))
    sure = {key(c.label) for c in likely if c.sure}
    spelling: dict[str, Counter[str]] = {}
    for c in likely:
        spelling.setdefault(key(c.label), Counter())[" ".join(c.label.split())] += 1
    shown = {folded: found.most_common(1)[0][0] for folded, found in spelling.items()}
    if trusting:
        return {folded: label for folded, label in shown.items() if counts[folded] or folded in sure}

    throughout = sum(counts[folded] for folded in shown if counts[folded] > 1) * 10 >= paragraphs * 8
    accepted = {
        folded for folded in shown if folded in sure or _comes_back(shown[folded], counts[folded], throughout)
    }
    weak = sum(counts[folded] for folded in accepted - sure)
    if not sure & accepted and not _carries(accepted, weak, paragraphs, likely):
        accepted = set()

    # A person who speaks once. In a file that is labelled throughout, a name or code among the rest is a
    # speaker; elsewhere only a code, a role, or what is written like those that come back.
    named = {folded for folded in shown if counts[folded] and _is_named(shown[folded])} | (
        _ROLES & set(counts)
    )
    labelled = sum(counts[folded] for folded in accepted | named)
    if labelled >= 2 and labelled * 10 >= paragraphs * 8 and len(accepted | named) > 1:
        accepted |= named
    elif accepted:
        shapes = {_shape(shown[folded]) for folded in accepted} - {""}
        accepted |= {
            folded for folded in named if _is_certain(shown[folded]) or _shape(shown[folded]) in shapes
        }
    if len(accepted) > MOST_SPEAKERS:
        accepted = {folded for folded in accepted if folded in sure or counts[folded] > 1}
    return {folded: label for folded, label in shown.items() if folded in accepted}


def _is_certain(label: str) -> bool:
    """A role or a participant's code: a speaker wherever there are speakers at all."""
    return key(label) in _ROLES or _PARTICIPANT_CODE.fullmatch(label) is not None


def _comes_back(label: str, count: int, throughout: bool) -> bool:
    if throughout or _is_named(label) or key(label) in _ROLES:
        return count >= 2
    return (
        count >= 3
    )  # "anna" and "praktiserende læge" are speakers too, but so are lower-case words that are not


def _carries(accepted: set[str], heads: int, paragraphs: int, likely: Sequence[Candidate]) -> bool:
    """Do these labels carry the file, or is it prose in which a word with a colon came twice?"""
    if any(c.alone and _WITH_ROLE.fullmatch(c.label) for c in likely if key(c.label) in accepted):
        return True
    return heads * 20 >= paragraphs and (len(accepted) > 1 or heads * 2 >= paragraphs)


def _shape(label: str) -> str:
    """P3 and P12 are of one shape, so are "Deltager 3" and "DELTAGER 4", and "Title (Name)"; a name has
    none."""
    if _WITH_ROLE.fullmatch(label):
        return "title (name)"
    return re.sub(r"\d+", "0", key(label)) if re.search(r"\d", label) else ""
