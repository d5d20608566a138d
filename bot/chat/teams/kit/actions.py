"""Buttons of our cards: what each carries, and how a press of it is read back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.documents.json_reading import object_of
from bot.domain.canonical import JsonObject, JsonValue

MARK: Final = "countersign"
"""The name in a button's data under which ours stands, beside Teams' own and what people filled in."""
VERB: Final = "act"
"""The verb of every `Action.Execute` of ours; what is to be done stands in the data."""


class Do(StrEnum):
    """What a press asks for; the texts kept with it stand beside each."""

    ACT = "act"
    """A card's action without a dialog: `card`, `action`."""
    ASK = "ask"
    """The dialog of a card's action: `card`, `action`."""
    ANSWER = "answer"
    """That dialog, filled in: `card`, `action`."""
    VIEW = "view"
    """A card in full: `card`, `page`, and `since` for the page that was shown before."""
    PREVIEW = "preview"
    """What Always allow would do with what is filled in: `card`."""
    ALLOW = "allow"
    """Always allow, filled in: `card`, `shown`."""
    REQUEST = "request"
    """The request form: nothing, or `text` for words that stand in it at first."""
    PICK = "pick"
    """The fields of the tool that was picked, a search, or the way back: `key`, `form`, `step`, `note`."""
    SEND = "send"
    """The request form, filled in: `key`, `tool`, `form`."""
    PAGE = "page"
    """A page of a form of several pages, filled in: `form`, `state`, `fields`."""
    COMMAND = "command"
    """A command: `line`."""
    CHOOSE = "choose"
    """A command whose end was chosen beside the button: `line`, `input`."""


_WORDS: Final = {do.value: do for do in Do}


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of one of our buttons."""

    do: Do
    kept: Mapping[str, str]
    """The small texts that the button carried."""
    inputs: Mapping[str, JsonValue]
    """What people filled in, by the inputs' ids."""

    def text(self, name: str) -> str:
        """Gives a kept text; empty where there is none."""
        return self.kept.get(name, "")


def carried(do: Do, **kept: str) -> dict[str, JsonValue]:
    """Gives a button's data."""
    return {MARK: {"do": do.value, **kept}}


def execute(title: str, do: Do, *, style: str = "", **kept: str) -> JsonObject:
    """Gives a button that is answered where it stands; `style` is empty, `positive` or `destructive`."""
    data = carried(do, **kept)
    found: dict[str, JsonValue] = {"type": "Action.Execute", "title": title, "verb": VERB, "data": data}
    fallback: dict[str, JsonValue] = {"type": "Action.Submit", "title": title, "data": data}
    if style:
        found["style"] = fallback["style"] = style
    return {**found, "fallback": fallback}


def opening(title: str, do: Do, *, style: str = "", **kept: str) -> JsonObject:
    """Gives a button that opens a dialog; where there are none, its press comes as a message."""
    data = {"msteams": {"type": "task/fetch"}, **carried(do, **kept)}
    found: dict[str, JsonValue] = {"type": "Action.Submit", "title": title, "data": data}
    if style:
        found["style"] = style
    return found


def submitting(title: str, do: Do, *, style: str = "", **kept: str) -> JsonObject:
    """Gives a button that sends a form, in a dialog or in the chat."""
    found: dict[str, JsonValue] = {"type": "Action.Submit", "title": title, "data": carried(do, **kept)}
    if style:
        found["style"] = style
    return found


def press_of(value: object) -> Press | None:
    """Gives the press that a button's data makes; None for what is none of ours."""
    data = object_of(value)
    ours = object_of(data.get(MARK))
    word = ours.get("do")
    do = _WORDS.get(word) if isinstance(word, str) else None
    if do is None:
        return None
    kept = {name: text for name, text in ours.items() if name != "do" and isinstance(text, str)}
    inputs = {name: found for name, found in data.items() if name not in {MARK, "msteams"}}
    return Press(do=do, kept=kept, inputs=inputs)
