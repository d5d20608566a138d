"""The card model: plain data, complete, with nothing platform-specific in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.domain.canonical import JsonValue


class Style(StrEnum):
    """How much weight a button has."""

    PRIMARY = "primary"
    DANGER = "danger"
    PLAIN = "plain"


class FieldKind(StrEnum):
    """What a dialog's field takes."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    CHECKBOX = "checkbox"
    LOOKUP = "lookup"
    """One thing of many, found while one types; its options are those that are chosen already."""
    LOOKUPS = "lookups"
    """Several of these."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a dialog."""

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    value: JsonValue = None
    """What is preselected; None for nothing."""
    options: tuple[Option, ...] = ()
    help: str = ""
    longest: int | None = None
    """Characters that a text may have; None for what the surface takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """What is asked before an action is done."""

    title: str
    submit: str
    summary: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAction:
    """One button of a card."""

    id: str
    label: str
    style: Style = Style.PLAIN
    dialog: Dialog | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is known."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Somebody's own words, shown as theirs and never trusted."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCall:
    """One call as shown: every argument, secrets masked, hidden characters made visible."""

    tool: str
    title: str
    arguments: Mapping[str, JsonValue]
    effect: str
    decision: str
    reason: str = ""
    status: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card, whole: every copy of it on every surface says the same."""

    id: str
    request: str
    title: str
    status: str
    facts: tuple[Fact, ...] = ()
    calls: tuple[CardCall, ...] = ()
    quotes: tuple[Quote, ...] = ()
    warnings: tuple[str, ...] = ()
    actions: tuple[CardAction, ...] = field(default=())


APPROVE: Final = "approve"
DENY: Final = "deny"
ALWAYS_ALLOW: Final = "always_allow"
WITHDRAW: Final = "withdraw"
NUDGE: Final = "nudge"
ADD_DETAILS: Final = "add_details"
IT_RAN: Final = "it_ran"
IT_DID_NOT_RUN: Final = "it_did_not_run"
