"""Between the words of a shell and the line of a command: nothing is joined or split on the way."""

import shlex
from collections.abc import Sequence

from bot.chat.command_words import object_at, word_at
from bot.domain.canonical import parse
from bot.domain.errors import Refusal
from bot.domain.terminal import in_terminal
from bot.flow.commands.spelling import quoted


def one_line(words: Sequence[str]) -> str:
    """Gives the command that these words of a shell make; each of them stays one word."""
    return " ".join(filter(None, map(_written, words)))


def _written(word: str) -> str:
    if word.startswith("--") and word[2:3].isalpha():
        name, equals, value = word.partition("=")
        return f"{name}={quoted(value)}" if equals else word
    return word.replace("<", "\\u003c") if _is_object(word) else quoted(word)


def _is_object(word: str) -> bool:
    if not word.lstrip().startswith("{"):
        return False
    try:
        return isinstance(parse(word, what="The object"), dict)
    except Refusal:
        return False


def to_type(command: str, tenant: str = "") -> str:
    """Gives the command as one types it in a shell; `tenant` is whom it is about, if that was said."""
    words, at = [], 0
    while (word := word_at(command, at)) is not None:
        text, at = word.text, word.end
        is_object = not word.is_quoted and text.startswith("{")
        if is_object and (found := object_at(command, word.start)) is not None:
            text, at = found
        words.append(text)
    return in_terminal(shlex.join(words), tenant)
