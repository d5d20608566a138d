"""The words of all phrases, and which of them a misspelt word can be."""

from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA, Indel

from bot.agent.phrase_syntax import Variant
from bot.agent.vocabulary import COMMON


class Lexicon:
    """All words of all phrases, and which of them a word of a message can be."""

    def __init__(self, variants: Iterable[Variant], synonyms: Mapping[str, str]) -> None:
        self._synonyms = synonyms
        self._words = {word for variant in variants for words in variant.literals for word in words}
        self._known = self._words | synonyms.keys() | COMMON
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(self._words):
            self._by_letter.setdefault(word[0], []).append(word)

    def meanings(self, word: str) -> dict[str, bool]:
        """Gives the phrases' words that this one can be, and whether it would be a typing mistake."""
        exact = self._synonyms.get(word, word)
        if exact in self._words:
            return {exact: False}
        if word in self._known or len(word) < 3 or word.isdigit():
            return {}
        near = self._by_letter.get(word[0], []) + (self._by_letter.get(word[1], []) if len(word) > 1 else [])
        return {known: True for known in near if _is_misspelt(word, known)}


def _is_misspelt(word: str, known: str) -> bool:
    """Whether the word is the known one with few slips: one up to seven letters, two from eight on.

    A word of four letters may lose, gain or swap letters only: changing one makes too many other words of it.
    """
    length = len(known)
    if word in {f"{known}d", f"{known}ed", f"{known}ing"}:
        return False  # “changed” is no slip of “change”: it is done already
    if length < 4 or abs(len(word) - length) > 2:
        return False
    if word[0] != known[0] and word[:2] != known[1::-1]:
        return False
    slips = OSA.distance(word, known, score_cutoff=2)
    # Two letters changed make another word: “passport” is no password.
    if slips > 2 or (slips == 2 and (length < 8 or Indel.distance(word, known) > 3)):
        return False
    return length > 4 or len(word) != length or sorted(word) == sorted(known)
