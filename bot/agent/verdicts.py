"""What the words around a match make of it: a request, a doubt, a question about it, or a refusal."""

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Final

from bot.agent.phrases import PhraseMatch, Reading
from bot.agent.vocabulary import (
    AUXILIARIES,
    BREAKS,
    CANCELS,
    GENERIC,
    GREETINGS,
    LEAD_QUESTIONS,
    LEADS,
    MODALS,
    NEGATIONS,
    NO,
    QUESTION_WORDS,
    REPORTS,
    SIGN_OFFS,
    SKIPPED,
    STATES,
    STOPS,
)


class Verdict(IntEnum):
    """How sure it is that the match is what the person wants done; a higher one is surer."""

    NO = 0
    """They say that they do not want it."""
    ABOUT = 1
    """They ask or speak about it."""
    UNSURE = 2
    """Other words are around it that may turn its meaning."""
    OFFER = 3
    """They ask how to do it themselves."""
    SURE = 4
    """They ask for it."""


_NEW_ASKS: Final = frozenset(
    (modal, who)
    for modal in ("can", "could", "would", "will")
    for who in ("you", "i", "we", "someone", "somebody", "anyone", "anybody")
)
_AND_STARTS: Final = frozenset(
    ["i", "we", "please", "can", "could", "would", "will", "also", "then", "my", "need", "want"]
)
_HOW_TO: Final = frozenset(["do", "can", "to", "could", "should", "would", "i", "we", "does"])
_STILL_WANTED: Final = frozenset(
    ["needed", "required", "necessary", "urgent", "important", "essential", "blocking"]
)
_WISHES: Final = frozenset(
    [
        "wondering",
        "wonder",
        "asking",
        "ask",
        "see",
        "mind",
        "appreciate",
        "appreciated",
        "grateful",
        "great",
        "nice",
    ]
)
_CORRECTIONS: Final = frozenset(["mean", "meant", "correction"])
_AROUND_NAMES: Final = LEADS | GENERIC | frozenset({"account", "profile", "user"})


def judge(reading: Reading, match: PhraseMatch, covered: Collection[int]) -> Verdict:
    """Gives the verdict on a match; `covered` are the tokens that matches in this sentence explain."""
    words = [token.word for token in reading.tokens]
    before = _before(reading, match, covered)
    verdict = _judge_before(before, words[match.first], asks=reading.sentence.asks)
    if verdict is Verdict.SURE and _may_be_quoted(reading, match, covered):
        verdict = Verdict.UNSURE
    if verdict > Verdict.UNSURE and _CORRECTIONS & set(words[match.stop :]):
        verdict = Verdict.UNSURE
    return min(verdict, _judge_after(reading, match, covered))


def takes_back(reading: Reading) -> int | None:
    """Gives the place of the words that take back what was said before; None without such words."""
    words = [token.word for token in reading.tokens if not token.is_soft]
    line = f" {' '.join(words)} "
    places = [line.rfind(f" {cancel} ") for cancel in CANCELS]
    if max(places) >= 0:
        return line[: max(places)].count(" ")
    bare = set(words) - SKIPPED - SIGN_OFFS
    if bare and bare <= NO | {"do", "not", "wait", "sorry"} and bare & (NO | {"not"}):
        return 0
    return None


def _before(reading: Reading, match: PhraseMatch, covered: Collection[int]) -> list[str]:
    """Gives the unexplained words of the same thought before the match."""
    tokens = reading.tokens
    start = match.first
    while start > 0 and not _breaks(reading, start - 1, covered):
        start -= 1
    words = [(place, tokens[place].word) for place in range(start, match.first)]
    line = [word for place, word in words if place not in covered and not tokens[place].is_owner]
    if start == 0 and line and line[0] in GREETINGS:
        line = line[1 + _names_after_greeting(reading, len(line)) :]
    for at in range(len(line) - 2, 0, -1):
        # “Hi I am stuck can you …” begins anew, “I never said that you can …” does not.
        if (line[at], line[at + 1]) in _NEW_ASKS and not _turns(line[:at]):
            return line[at:]
    return line


def _turns(words: Sequence[str]) -> bool:
    return bool({"if", "that", "think", "believe", "whether"} & set(words[-3:])) or bool(
        set(words) & QUESTION_WORDS
    )


def _names_after_greeting(reading: Reading, most: int) -> int:
    """Gives how many names follow the greeting: “Hi Bob can you …”."""
    count = 0
    for token in reading.tokens[1 : min(3, most)]:
        raw = reading.message.text[token.start : token.end]
        if token.word in LEADS or not raw[:1].isupper():
            break
        count += 1
    return count


def _breaks(reading: Reading, place: int, covered: Collection[int]) -> bool:
    """Whether a new thought begins after this token."""
    tokens = reading.tokens
    following = tokens[place + 1].word if place + 1 < len(tokens) else ""
    word = tokens[place].word
    if tokens[place].is_soft or place in covered:
        return True
    if word in SIGN_OFFS:
        return following not in {"for", "to"}
    if word == "please":
        return place > 0 and tokens[place - 1].word not in NEGATIONS | {"to", "can", "could", "you"}
    if word == "and":
        return following in _AND_STARTS
    return word in BREAKS


def _judge_before(words: Sequence[str], first: str, *, asks: bool) -> Verdict:
    line = _without_lead_questions(words)
    said = set(line)
    if said & NEGATIONS:
        return Verdict.NO
    if said & QUESTION_WORDS:
        return _judge_question(line)
    if said & STATES or "thanks" in said:
        return Verdict.ABOUT
    content = [word for word in line if word not in SKIPPED]
    if content[:1] == ["do"] and [*content, first][1] not in {"i", "we", "you", "they"}:
        content = content[1:]  # “do reset it”
    if content and content[0] in AUXILIARIES and (len(content) > 1 or asks) and content[:2] != ["have", "to"]:
        return Verdict.ABOUT
    if said - LEADS or _supposes(line):
        return Verdict.UNSURE
    if _owns(line, first) or ("you" in said and not said & (MODALS | {"hope", "wish", "if"})):
        return Verdict.UNSURE
    return Verdict.SURE


def _without_lead_questions(words: Sequence[str]) -> list[str]:
    kept = [word for word in words if word not in SKIPPED or word == "a"]
    line = " ".join(kept)
    for question in LEAD_QUESTIONS:
        if line.startswith(question):
            return line[len(question) :].split()
    return list(words)


def _supposes(words: Sequence[str]) -> bool:
    """Whether “if” makes it a case that is only thought of; “I was wondering if …” asks for it."""
    return any(word == "if" and not _WISHES & set(words[:place]) for place, word in enumerate(words))


def _owns(words: Sequence[str], first: str) -> bool:
    """Whether “have” says that it is there already: “I have access”.

    Not so “can I have access”, “I have to get access”, “I have no access”, “I have lost access”.
    """
    if first in NEGATIONS | {"lost", "left", "forgot"} or first.endswith(("ed", "en")):
        return False
    return any(
        word in {"have", "got"} and not set(words) & MODALS and words[place + 1 : place + 2] != ["to"]
        for place, word in enumerate(words)
    )


def _judge_question(words: Sequence[str]) -> Verdict:
    first = next(word for word in words if word in QUESTION_WORDS)
    at = words.index(first)
    if first == "how" and set(words[at + 1 : at + 2]) & _HOW_TO and not set(words) & (STATES | {"long"}):
        return Verdict.OFFER
    if first == "what" and {"need", "want", "like"} & set(words):
        return Verdict.UNSURE
    return Verdict.ABOUT


def _may_be_quoted(reading: Reading, match: PhraseMatch, covered: Collection[int]) -> bool:
    """Whether somebody else may be speaking: “Bob said …”, or the words stand in quotation marks."""
    tokens = reading.tokens
    earlier = {tokens[place].word for place in range(match.first) if place not in covered}
    if earlier & REPORTS:
        return True
    begin = reading.message.text[tokens[0].start : tokens[match.literals[0]].start]
    return (
        begin.count('"') % 2 == 1
        or begin.count("“") > begin.count("”")
        or begin.count("«") > begin.count("»")
    )


def _judge_after(reading: Reading, match: PhraseMatch, covered: Collection[int]) -> Verdict:
    tokens = reading.tokens
    place = match.stop
    while place < len(tokens):
        token = tokens[place]
        if token.is_soft or place in covered:
            return Verdict.SURE
        if token.word in STOPS and token.word not in SKIPPED:
            return _judge_stop([each.word for each in tokens[place : place + 3]])
        if token.word not in _AROUND_NAMES and not token.is_owner:
            return Verdict.UNSURE
        place += 1
    return Verdict.SURE


def _judge_stop(words: Sequence[str]) -> Verdict:
    """Judges what follows the match: “is not needed”, “was denied”, “for my new project”."""
    following = set(words[1:])
    if words[0] in NEGATIONS or (following & NEGATIONS and words[0] in AUXILIARIES):
        return Verdict.NO if following & (_STILL_WANTED | {"anymore", "longer"}) else Verdict.UNSURE
    if words[0] in AUXILIARIES:
        return Verdict.SURE if following & _STILL_WANTED else Verdict.UNSURE
    return Verdict.SURE
