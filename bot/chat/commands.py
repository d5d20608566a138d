"""The grammar of commands: a line of text becomes a command, or a refusal that says what to write."""

from typing import Final

from bot.chat.command_reading import NotUnderstood, Reading, SomethingMissing, nearest
from bot.chat.command_words import Word, unwrapped, word_at
from bot.domain.errors import Refusal
from bot.domain.tools import shortened
from bot.flow.commands.form import Command, Form
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.spelling import DASHES
from bot.flow.commands.table import TABLE

__all__ = ["CommandTooLong", "NotUnderstood", "SomethingMissing", "UnknownCommand", "parse_command"]

LIMIT: Final = 10_000
"""Characters that a command may have."""

FORMS: Final = tuple(one.form for one in TABLE)


class CommandTooLong(Refusal):
    """A command can have at most {limit} characters. Say it shorter."""

    kind = "too_large"


class UnknownCommand(Refusal):
    """I do not know a command “{words}”. The nearest one is: {form}. Write “help” for all of them."""


def parse_command(text: str) -> Command:
    """Gives the command that the line says; an empty line asks for help.

    A surface brings its own marks into this form first: a mention is `<@id>` or `<@id|name>`, a link may be
    `<target>` or `<target|label>`, and no sign is written as an entity.

    Raises:
        CommandTooLong, UnknownCommand, NotUnderstood, SomethingMissing: it says none.
    """
    if len(text) > LIMIT:
        raise CommandTooLong(limit=LIMIT)
    line = unwrapped(text)
    found = _found(line)
    if isinstance(found, Command):
        return found
    form, end = found
    reading = Reading(form, line, end)
    given = reading.given()
    try:
        return form.read(given)
    except Refusal as refusal:
        raise NotUnderstood(
            understood=form.name, rest=reading.rest_of(end), why=refusal.sentence, form=form.usage
        ) from None


def _found(line: str) -> Command | tuple[Form, int]:
    """Gives the form whose words the line begins with, the longest of all, and where they end."""
    words = _first_words(line)
    if not words:
        return HelpCommand()
    said = [_command_word(word, number) for number, word in enumerate(words)]
    for count in range(len(words), 0, -1):
        following = words[count].text if count < len(words) else ""
        for form in FORMS:
            is_short = tuple(said[:count]) in form.also and (not following or following.startswith(DASHES))
            if is_short or tuple(said[:count]) == form.words:
                return form, words[count - 1].end
    topics = {form.words[0] for form in FORMS if len(form.words) > 1}
    if said[0] in topics and said[1:] in ([], ["help"]):
        return HelpCommand(topic=said[0])
    usages = {form.name: form.usage for form in FORMS if form.words[0] == said[0]}
    if usages:
        name = nearest(" ".join(said[:2]), usages)
        rest = shortened(words[1].text)
        why = f"“{said[0]} help” lists what there is."
        raise NotUnderstood(understood=said[0], rest=rest, why=why, form=usages[name])
    usages = {form.name: form.usage for form in FORMS}
    name = nearest(" ".join(said[:2]), usages)
    raise UnknownCommand(words=shortened(words[0].text), form=usages[name])


def _first_words(line: str) -> list[Word]:
    longest = max(len(words) for form in FORMS for words in (form.words, *form.also))
    words: list[Word] = []
    while len(words) < longest:
        word = word_at(line, words[-1].end if words else 0)
        if word is None:
            break
        words.append(word)
    return words


def _command_word(word: Word, number: int) -> str:
    said = word.text.casefold()
    return said.removeprefix("/") if number == 0 else said
