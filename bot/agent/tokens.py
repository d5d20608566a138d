"""Messages as words: what is compared, and where it stood in the original."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.agent.vocabulary import ENDINGS, IS_OWNERS, SPELLED_OUT

MESSAGE_LIMIT: Final = 4_000
"""Characters of a message that are read; the rest is ignored."""

_APOSTROPHES = dict.fromkeys((0x2019, 0x2018, 0x02BC, 0xFF07, 0x60, 0xB4), "'")
_QUOTES = "".join(map(chr, _APOSTROPHES))
_CHUNK = re.compile(r"\S+")
_MAILTO = re.compile(r"<mailto:[^|>\s]*\|([^>\s]*)>|<mailto:([^>\s]*)>")
_ENDS = frozenset(".?!;…\u3002\uff1f\uff01")
_SOFT = frozenset(',:()[]{}<>"“”„«»–—|/\\·•*\u3001\uff0c\uff1a')
_TRIMMED = ".,;:!?…()[]{}<>\"'“”„«»|*`~"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a message."""

    word: str
    """Lower case, without accents and apostrophes, spelled out: what is compared."""
    start: int
    end: int
    """Where it stands in the original: `text[start:end]`."""
    is_email: bool = False
    is_soft: bool = False
    """A comma, colon, dash, bracket or quotation mark."""
    is_owner: bool = False
    """The 's that makes the word before it an owner."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that belong together, at least one."""

    tokens: tuple[Token, ...]
    asks: bool
    """Whether it ends with a question mark."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, cleaned and split."""

    text: str
    sentences: tuple[Sentence, ...]


def read_message(text: str) -> Message:
    """Gives the message's sentences; never raises, whatever the text holds.

    Reads at most `MESSAGE_LIMIT` characters, and passes over lines that quote somebody else (`> …`).
    """
    clean = cleaned(text)
    sentences: list[Sentence] = []
    place = 0
    for line in clean.split("\n"):
        if not line.lstrip().startswith((">", "&gt;")):
            sentences.extend(_sentences(line, place))
        place += len(line) + 1
    return Message(clean, tuple(sentences))


def cleaned(text: str) -> str:
    """Gives the text as it is read: valid Unicode, plain addresses, at most `MESSAGE_LIMIT` characters."""
    valid = text[:MESSAGE_LIMIT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = _MAILTO.sub(lambda found: found[1] or found[2] or "", valid)
    return re.sub(r"[\r\v\f\u2028\u2029]+", "\n", plain)


def words_of(text: str) -> tuple[str, ...]:
    """Gives the words of a short text as they are compared, without punctuation."""
    return tuple(
        token.word
        for sentence in read_message(text.replace("\n", " ")).sentences
        for token in sentence.tokens
        if not (token.is_soft or token.is_owner)
    )


def folded(text: str) -> str:
    """Gives the text in lower case, compatible forms unified, without accents and invisible characters."""
    spread = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(letter for letter in spread if unicodedata.category(letter) not in ("Mn", "Cf"))


def _sentences(line: str, offset: int) -> Iterator[Sentence]:
    tokens: list[Token] = []
    for chunk in _CHUNK.finditer(line):
        start, piece = offset + chunk.start(), chunk[0]
        tokens.extend(_chunk_tokens(piece, start))
        mark = _end_mark(piece)
        if mark:
            if tokens:
                yield Sentence(tuple(tokens), asks="?" in mark or "\uff1f" in mark)
            tokens = []
    if tokens:
        yield Sentence(tuple(tokens), asks=False)


def _end_mark(chunk: str) -> str:
    """Gives the marks that end a sentence here, or an empty text."""
    tail = chunk[len(chunk.rstrip("".join(_ENDS) + ")\"'”’")) :]
    return "".join(mark for mark in tail if mark in _ENDS)


def _chunk_tokens(chunk: str, start: int) -> Iterator[Token]:
    if "@" in chunk:
        address = _address(chunk)
        if address:
            found = chunk.index(address)
            if chunk[:found].strip("<"):
                yield Token("", start, start + found, is_soft=True)
            yield Token(address.casefold(), start + found, start + found + len(address), is_email=True)
            rest = chunk[found + len(address) :]
            if rest.translate(_APOSTROPHES).casefold().startswith("'s"):
                yield Token(
                    "'s", start + found + len(address), start + found + len(address) + 2, is_owner=True
                )
            if any(mark in _SOFT for mark in rest):
                yield Token("", start + len(chunk) - 1, start + len(chunk), is_soft=True)
            return
    yield from _word_tokens(chunk, start)


def _address(chunk: str) -> str | None:
    """Gives the one e-mail address that the chunk is, without what is wrapped around it."""
    bare = chunk.strip(_TRIMMED).removeprefix("mailto:")
    for tail in ("'s", "’s"):
        bare = bare.removesuffix(tail)
    bare = bare.strip(_TRIMMED + "\u200b\u200c\u200d\u2060\ufeff")
    local, at, domain = bare.partition("@")
    fine = at and local and "." in domain.strip(".") and "@" not in domain
    return bare if fine and not set(bare) & set('<>()[],;:"“”|') else None


def _word_tokens(chunk: str, start: int) -> Iterator[Token]:
    """Splits at everything that is no letter or digit, and keeps node.js, C++ and AT&T whole."""
    place = 0
    while place < len(chunk):
        letter = chunk[place]
        if letter in _SOFT or (letter == "-" and len(chunk.strip("-")) == 0):
            yield Token("", start + place, start + place + 1, is_soft=True)
            place += 1
        elif letter.isalnum():
            end = _word_end(chunk, place)
            yield from _spelled_out(chunk[place:end], start + place)
            place = end
        else:
            place += 1


def _word_end(chunk: str, place: int) -> int:
    end = place
    while end < len(chunk) and (chunk[end].isalnum() or _inside(chunk, end)):
        end += 1
    return end


def _inside(chunk: str, place: int) -> bool:
    """Whether the mark at this place belongs to the word around it."""
    mark = chunk[place]
    if mark in "+#":
        return True
    if unicodedata.category(mark) in ("Mn", "Mc", "Cf"):
        return True
    return mark in ".&'" + _QUOTES and place + 1 < len(chunk) and chunk[place + 1].isalnum()


def _spelled_out(raw: str, start: int) -> Iterator[Token]:
    end = start + len(raw)
    word = folded(raw)
    if "'" in word:
        for ending, meaning in ENDINGS.items():
            if word.endswith(ending):
                stem = {"ca": "can", "wo": "will", "sha": "shall"}.get(
                    word[: -len(ending)], word[: -len(ending)]
                )
                yield from _parts((stem, meaning), start, end)
                return
        if word.endswith("'s"):
            owner = word[:-2]
            if owner in IS_OWNERS:
                yield from _parts((owner, "is"), start, end)
            else:
                yield Token(owner, start, end - 2)
                yield Token("'s", end - 2, end, is_owner=True)
            return
        word = word.replace("'", "")
    yield from _parts(SPELLED_OUT.get(word, word).split(), start, end)


def _parts(words: Sequence[str], start: int, end: int) -> Iterator[Token]:
    for word in words:
        if word:
            yield Token(word, start, end)
