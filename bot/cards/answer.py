"""The model of an answer to a command: plain data, complete, with nothing platform-specific in it."""

from dataclasses import dataclass
from enum import StrEnum

from bot.cards.form import FormPage
from bot.cards.model import Fact, Option, Style


class Press(StrEnum):
    """What pressing an answer's button does."""

    OPEN = "open"
    """Shows the card of the button's value to whoever pressed it, as it is now."""
    RUN = "run"
    """Does what the command of the button's value says, as if whoever pressed it had written it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerButton:
    """One button of an answer."""

    label: str
    press: Press
    value: str
    style: Style = Style.PLAIN
    confirm: str = ""
    """What to ask before it is done; empty where nothing has to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSelect:
    """A selector beside one thing; choosing runs the option's command, as if it had been written."""

    label: str
    """What it chooses, for people who do not see it."""
    options: tuple[Option, ...]
    """At most 10; the value of each is a command."""
    chosen: str = ""
    """The label of the option that holds now; empty where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One thing that the answer is about."""

    label: str
    badge: str = ""
    """One word on how it stands: an action, a state."""
    facts: tuple[Fact, ...] = ()
    button: AnswerButton | None = None
    more: tuple[AnswerButton, ...] = ()
    """Further buttons; at most 3."""
    select: AnswerSelect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command answers; labels and facts may hold outside text, which is never markup."""

    title: str
    facts: tuple[Fact, ...] = ()
    """What goes for the whole answer."""
    lines: tuple[AnswerRow, ...] = ()
    text: str = ""
    """To be copied as it is, in a fixed width; where it is divided, each part ends at the end of a line."""
    note: str = ""
    """A sentence or two below everything else."""
    page: int = 1
    pages: int = 1
    command_for_next: str = ""
    """The command that gives the next page; empty on the last one."""
    command_for_previous: str = ""
    buttons: tuple[AnswerButton, ...] = ()


class FormName(StrEnum):
    """The forms that a command can open."""

    REQUEST = "request"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenForm:
    """The surface is to open a form, whatever its forms are."""

    form: FormName


@dataclass(frozen=True, slots=True)
class AsMessage:
    """The surface is to take these words in as a message of the same person."""

    text: str


Outcome = Answer | OpenForm | FormPage | AsMessage
"""What comes of a command; what may not or cannot be done is refused instead."""
