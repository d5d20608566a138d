"""Tells commands from other messages, where both are written in the same place."""

from typing import Final

from bot.chat.commands import FORMS, NotUnderstood, UnknownCommand, parse_command
from bot.domain.errors import Refusal
from bot.domain.people import Person
from bot.flow.commands.form import Command
from bot.flow.commands.help import HelpCommand
from bot.flow.commands.request import RequestCommand
from bot.flow.commands.rights import may_use
from bot.flow.commands.table import TABLE

_FIRST: Final = frozenset(words[0] for form in FORMS for words in (form.words, *form.also))
_SECOND: Final = frozenset(
    words[:2] for form in FORMS for words in (form.words, *form.also) if len(words) > 1
)
_TOPICS: Final = frozenset(form.words[0] for form in FORMS)
_SHORT: Final = 4
"""Words up to which a line that begins like a command is taken for one with a mistake."""


def is_command_for(person: Person, text: str) -> bool:
    """Whether the message is a command, without a mistake, that the person may use; asking is none."""
    try:
        found = command_in(text)
    except Refusal:
        return False
    if found is None or isinstance(found, HelpCommand | RequestCommand):
        return False
    return any(may_use(one.form, person) for one in TABLE if one.kind is type(found))


def command_in(text: str) -> Command | None:
    """Gives the command that a message is; None for words that are no command.

    A message that only begins with the word of a command, such as “policy question: …”, is none.

    Raises:
        CommandTooLong, NotUnderstood, SomethingMissing: it is meant as a command, and has a mistake.
    """
    words = text.casefold().split(maxsplit=_SHORT)
    if not words or words[0].removeprefix("/") not in _FIRST:
        return None
    is_meant = (
        words[0].startswith("/")
        or len(words) <= _SHORT
        or (words[0], words[1]) in _SECOND
        or any(word.startswith("--") for word in words)
    )
    try:
        found = parse_command(text)
    except UnknownCommand:
        return None
    except NotUnderstood:
        if is_meant:
            raise
        return None
    if isinstance(found, HelpCommand) and found.topic and found.topic.casefold().split()[0] not in _TOPICS:
        return None
    return found
