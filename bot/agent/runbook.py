"""What a runbook holds once its file has been read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.agent.conditions import Condition
from bot.agent.paths import Path
from bot.agent.phrase_syntax import Phrase
from bot.agent.templates import Template, Tree
from bot.domain.tools import ToolId


class SlotKind(StrEnum):
    """What a slot takes."""

    TEXT = "text"
    EMAIL = "email"
    PERSON = "person"
    NUMBER = "number"
    CHOICE = "choice"
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Where a read's answer lists what a slot can mean."""

    among: Path
    by: tuple[str, ...]
    """The fields that people may name; empty when the list holds texts."""
    value: str
    """The field that becomes the slot's value; empty when the list holds texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One fact that a runbook needs."""

    name: str
    kind: SlotKind
    ask: str
    default: Template | None = None
    optional: bool = False
    phrases: tuple[Phrase, ...] = ()
    """Where else in the message it may be said."""
    options: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    """For a choice: the values, and the words for each."""
    find: Find | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStep:
    """One look before planning."""

    name: str
    tool: ToolId
    arguments: Mapping[str, Tree]
    when: tuple[Condition, ...] = ()
    optional: bool = False
    about: str | None = None
    """The slot to ask again for when the tool answers that it knows no such thing."""
    choices: Path | None = None
    """Where the tool's refusal lists what it knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A value made of a list that a read gave."""

    name: str
    among: Path
    where: Mapping[str, Tree] = field(default_factory=dict)
    text: Template | None = None
    """With it the value is a list of texts, one per member; without it, the first member that fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What to say instead of planning when its conditions hold."""

    when: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    """If all of these hold, it is not said."""
    answer: Template | None = None
    question: Template | None = None
    slot: str | None = None
    """The slot that the question's answer fills."""
    choices: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One call of the plan."""

    tool: ToolId
    arguments: Mapping[str, Tree]
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """How one kind of request is recognised, looked into and answered."""

    name: str
    title: str
    examples: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    wins_over: frozenset[str] = frozenset()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    reads: tuple[ReadStep, ...] = ()
    values: tuple[Derived, ...] = ()
    checks: tuple[Check, ...] = ()
    plan: tuple[PlanStep, ...] = ()
    diagnosis: Template
    answer: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbooks:
    """All runbooks of a tenant, and the words that mean the same in them."""

    runbooks: Mapping[str, Runbook]
    synonyms: Mapping[str, str] = field(default_factory=dict)
