"""What a command looks like, and what came of reading one: plain data for the grammar to work from."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from typing_extensions import override

from bot.cards.answer import Outcome
from bot.domain.actions import Action
from bot.domain.canonical import JsonObject
from bot.domain.people import Person, Role
from bot.flow.commands.refusals import NotANumber
from bot.flow.seams import Seams


@dataclass(frozen=True, slots=True)
class MentionRef:
    """A person as a surface mentions them; only the surface knows who it is."""

    surface_id: str


@dataclass(frozen=True, slots=True)
class EmailRef:
    """A person by their address."""

    email: str


PersonRef = MentionRef | EmailRef


class Command(ABC):
    """What somebody wants, as read from their words; nothing in it is checked against what there is."""

    __slots__ = ()

    @property
    @abstractmethod
    def text(self) -> str:
        """The command as one would write it; reading it gives an equal command."""

    @property
    def about(self) -> str:
        """What it names, for the audit log; never arguments."""
        return ""

    @property
    def changes(self) -> bool:
        """Whether doing it twice may do harm: what somebody else changed in between would be undone."""
        return False


class ChangingCommand(Command):
    """A command that changes something whenever it is done."""

    __slots__ = ()

    @property
    @override
    def changes(self) -> bool:
        return True


class SlotKind(Enum):
    """What a place in a command takes."""

    WORD = "one word"
    NAME = "a name"
    """One word in quotation marks, or all words up to the end."""
    ACTION = "an action"
    """One word, or two that name an action together."""
    PERSON = "a person"
    """A mention or an e-mail address."""
    ARGUMENTS = "arguments"
    """A JSON object."""
    TEXT = "words"
    """All that is left, as it was written, but for the flags in it."""
    RAW = "everything"
    """All that is left, as it was written; flags are words here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place of a command."""

    name: str
    kind: SlotKind = SlotKind.WORD
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One `--name` of a command; a switch where it takes nothing."""

    name: str
    takes: str = ""
    kind: SlotKind = SlotKind.WORD


Value = str | MentionRef | EmailRef | JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What stood in a command's places and behind its flags."""

    slots: Mapping[str, Value] = field(default_factory=dict)
    flags: Mapping[str, Value] = field(default_factory=dict)

    def word(self, slot: str) -> str:
        """Gives the words of a place; empty where nothing stood there."""
        found = self.slots.get(slot, "")
        return found if isinstance(found, str) else ""

    def person(self, slot: str) -> PersonRef | None:
        """Gives the person of a place."""
        found = self.slots.get(slot)
        return found if isinstance(found, MentionRef | EmailRef) else None

    def arguments(self, slot: str) -> JsonObject | None:
        """Gives the object of a place."""
        found = self.slots.get(slot)
        return found if isinstance(found, Mapping) else None

    def flag(self, name: str) -> str:
        """Gives what stood behind the flag; empty where it was not used."""
        found = self.flags.get(name, "")
        return found if isinstance(found, str) else ""

    def action(self, flag: str) -> Action | None:
        """Gives the action behind the flag; None where it was not used.

        Raises:
            UnknownWord: the words name none.
        """
        word = self.flag(flag)
        return Action.parse(word) if word else None

    def switch(self, name: str) -> bool:
        """Whether the flag was used."""
        return name in self.flags

    def who(self, name: str) -> PersonRef | str | None:
        """Gives the person or the words behind the flag."""
        found = self.flags.get(name)
        return found if isinstance(found, str | MentionRef | EmailRef) else None

    def page(self) -> int:
        """Gives the number behind `--page`, from 1.

        Raises:
            NotANumber: it is none.
        """
        text = self.flag("page")
        if not text:
            return 1
        if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) > 0):
            raise NotANumber(text=text[:80])
        return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a command looks like, what it is for, and who may use it."""

    words: tuple[str, ...]
    also: tuple[tuple[str, ...], ...] = ()
    """Shorter or other words for the same."""
    slots: tuple[Slot, ...] = ()
    flags: tuple[Flag, ...] = ()
    needs: Role = Role.EMPLOYEE
    may: str = ""
    """What the role lets one do, as in “Only admins can …”; only where a role is needed."""
    purpose: str
    examples: tuple[str, ...]
    read: Callable[[Given], Command]
    """Gives the command; raises a refusal that says what cannot be understood."""

    @property
    def name(self) -> str:
        """The words that the command begins with."""
        return " ".join(self.words)

    @property
    def usage(self) -> str:
        """The form in one line, e.g. `policy show NAME`; what may be left out is in brackets."""
        slots = [slot.name if slot.required else f"[{slot.name}]" for slot in self.slots]
        flags = [f"[--{flag.name}{' ' if flag.takes else ''}{flag.takes}]" for flag in self.flags]
        return " ".join([*self.words, *slots, *flags])


FindPerson = Callable[[MentionRef], Awaitable[Person | None]]
"""Gives the person whom a surface mentions so; None when they are nobody known."""


async def nobody(_: MentionRef) -> Person | None:
    """Finds nobody; for surfaces without mentions."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who commands, looked up just now, and where."""

    person: Person
    surface: str
    find: FindPerson = nobody
    is_operator: bool = False
    """Whether it is the operator of the deployment, who needs no second admin."""
    only_looks: bool = False
    """Whether the operator wants to see what would change, and nothing is to be written."""


Kind = TypeVar("Kind", bound=Command)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table: a form, the command that it is read to, and the stage that does it."""

    form: Form
    kind: type[Command]
    run: Callable[[Seams, Command, Asker], Awaitable[Outcome]]


def entry(
    form: Form, kind: type[Kind], stage: Callable[[Seams], Callable[[Kind, Asker], Awaitable[Outcome]]]
) -> Entry:
    """Gives the line of the table for a form whose command this stage does."""

    async def run(seams: Seams, command: Command, asker: Asker) -> Outcome:
        if not isinstance(command, kind):
            raise TypeError(f"{form.name} does not take a {type(command).__name__}")
        return await stage(seams)(command, asker)

    return Entry(form, kind, run)
