"""What a form made from a JSON Schema is made of, and how much of it a platform takes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bot.chat.choices import Choice
from bot.chat.schema_form.kinds import Takes
from bot.chat.texts import TextMeasure, name_words
from bot.domain.canonical import JsonObject, JsonValue

_PARAGRAPH: Final = 200
"""Characters above which a text gets several lines."""
_LONG_TEXTS: Final = frozenset(
    {"body", "comment", "comments", "content", "description", "details", "message", "note", "notes", "text"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument that has a field of its own."""

    name: str
    input_id: str
    takes: Takes
    label: str
    hint: str
    required: bool
    nullable: bool
    secret: bool
    schema: JsonObject
    item: Takes = Takes.TEXT
    types: frozenset[str] = frozenset()
    values: tuple[JsonValue, ...] = ()
    """What can be chosen, in the order of the choices."""
    choices: tuple[Choice, ...] = ()
    """The menu; empty where there is none."""

    @property
    def optional(self) -> bool:
        """Whether the field may stay empty."""
        return not self.required or self.nullable

    @property
    def multiline(self) -> bool:
        """Whether a text of it has several lines."""
        if self.schema.get("format") in {"textarea", "markdown", "html"}:
            return True
        if {"format", "pattern"} & set(self.schema):
            return False
        longest = self.schema.get("maxLength")
        if isinstance(longest, int):
            return longest > _PARAGRAPH
        return name_words(self.name).split()[-1].lower() in _LONG_TEXTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A form: the arguments with fields, and whether there is a field for more."""

    arguments: tuple[Argument, ...]
    more_id: str
    more: bool
    more_required: bool = False
    more_names: tuple[str, ...] = ()
    """Arguments that the schema names but that have no field."""


class Size(NamedTuple):
    """How long texts of a field may be, as the platform measures them, and how many choices it may have."""

    label: int
    hint: int
    choices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How much a platform takes."""

    texts: TextMeasure
    sizes: tuple[Size, ...]
    """From generous to small; the next one where a form of such fields would be too large."""
    choice: int
    """How long the label of a choice may be."""
    name: int
    """Characters of a name, at most, that is part of an input's id; a longer one is hashed."""
    fields: int
    """Arguments with a field of their own, at most."""
    form: int
    """What all fields together may weigh."""
    weight: Callable[[Argument], int]
    """What a field weighs."""
    code: Callable[[str], str]
    """Gives what stands for a value among the choices."""
    takes_menu: Callable[[Sequence[Choice]], bool]
    """Whether a menu of these choices is not too large by itself."""
    moment: str = ""
    """How a date with a time is filled in, where that is not plain to see."""
