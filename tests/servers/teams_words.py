"""What a person reads and can press in a message, a card or a dialog, in order."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_inputs import visible
from tests.servers.teams_things import Dialog, Message, TeamsUser

Seen = Message | Dialog | JsonObject
"""A message, a dialog, or the content of a card."""
ByTitleOrData = str | Callable[[JsonObject], bool]
"""A button by what it says, or by what it carries."""
_DATE: Final = re.compile(r"\{\{(?:DATE|TIME)\([^{}]*\)\}\}")
"""What Teams takes for a date wherever text is.

Source: https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
"""


@dataclass(frozen=True, kw_only=True)
class Button:
    """One thing that can be pressed, as this person's client shows it."""

    title: str
    kind: str
    """Such as Action.Execute."""
    data: JsonObject
    """What it carries; people do not see it."""
    verb: str
    style: str
    is_enabled: bool
    content: JsonObject

    @property
    def opens_dialog(self) -> bool:
        """Whether a press asks for a dialog, where the client has such."""
        told = self.data.get("msteams")
        return self.kind == "Action.Submit" and is_object(told) and told.get("type") == "task/fetch"


def card_of(seen: Seen, user: TeamsUser | None = None) -> JsonObject:
    """Gives the card that the person sees there; empty where there is none."""
    if isinstance(seen, Message):
        return seen.card_for(user) or {}
    return seen.card if isinstance(seen, Dialog) else seen


def words(seen: Seen, user: TeamsUser | None = None) -> str:
    """Gives everything that can be read there, a line for each text, button titles last."""
    return "\n".join(_lines(seen, user))


def buttons(seen: Seen, user: TeamsUser | None = None) -> list[Button]:
    """Gives what can be pressed, in order; a client that does not know an action shows its fallback."""
    executes = user is None or user.client.executes
    card = card_of(seen, user)
    found = [*_actions_within(card.get("body", [])), *_listed(card.get("actions"))]
    shown = (_known(one, executes=executes) for one in found)
    return [_button(one) for one in shown if one is not None]


def button_of(seen: Seen, user: TeamsUser | None, wanted: ByTitleOrData) -> Button | None:
    """Gives the first such button; None where there is none."""
    for one in buttons(seen, user):
        if one.title == wanted if isinstance(wanted, str) else wanted(one.data):
            return one
    return None


def titles(seen: Seen, user: TeamsUser | None = None) -> list[str]:
    """Gives what the buttons say, in order."""
    return [one.title for one in buttons(seen, user)]


def marked_texts(seen: Seen, user: TeamsUser | None = None) -> list[str]:
    """Gives the texts in which Teams takes signs for Markdown; outside words must not be there."""
    found = []
    if isinstance(seen, Message) and seen.text and seen.activity.get("textFormat") != "plain":
        found.append(seen.text)
    for one in visible(card_of(seen, user).get("body", [])):
        match one.get("type"):
            case "TextBlock":
                found.append(str(one["text"]))
            case "FactSet":
                found += [str(part) for fact in _listed(one["facts"]) for part in fact.values()]
            case "Input.Toggle":
                found.append(str(one["title"]))
            case "Input.ChoiceSet" if one.get("style") == "expanded":
                found += [str(choice["title"]) for choice in _listed(one["choices"])]
    return found


def _lines(seen: Seen, user: TeamsUser | None) -> Iterator[str]:
    if isinstance(seen, Message) and seen.text:
        yield seen.text
    if isinstance(seen, Dialog) and seen.title:
        yield seen.title
    for one in visible(card_of(seen, user).get("body", [])):
        yield from (line for line in _element_lines(one) if line)
    yield from (one.title for one in buttons(seen, user) if one.title)


def _element_lines(one: JsonObject) -> Iterator[str]:
    match str(one.get("type")):
        case "TextBlock":
            yield _shown(one["text"])
        case "RichTextBlock":
            runs = one["inlines"]
            assert is_list(runs)
            texts = (str(run.get("text")) if is_object(run) else str(run) for run in runs)
            yield "".join(_shown(one) for one in texts)
        case "FactSet":
            for fact in _listed(one["facts"]):
                yield f"{_shown(fact['title'])} {_shown(fact['value'])}"
        case "Image":
            yield str(one.get("altText", ""))
        case kind:
            if kind.startswith("Input."):
                yield from _input_lines(one)


def _shown(text: JsonValue) -> str:
    return _DATE.sub("(a date)", str(text))


def _input_lines(one: JsonObject) -> Iterator[str]:
    yield _shown(one.get("label", ""))
    yield _shown(one.get("title", ""))
    for choice in _listed(one.get("choices")):
        yield _shown(choice["title"])
    if not is_list(one.get("choices")) and one.get("type") != "Input.Toggle":
        value = one.get("value")
        yield str(value if value not in {None, ""} else one.get("placeholder", ""))
    elif not one.get("value"):
        yield str(one.get("placeholder", ""))


def _actions_within(body: JsonValue) -> Iterator[JsonObject]:
    for one in visible(body):
        yield from _listed(one.get("actions"))
        for name in ("selectAction", "inlineAction"):
            held = one.get(name)
            if is_object(held):
                yield held
        for run in _listed(one.get("inlines")):
            held = run.get("selectAction")
            if is_object(held):
                yield held


def _known(action: JsonObject, *, executes: bool) -> JsonObject | None:
    """Gives the action, or what the client shows in its place; None where it shows nothing."""
    if action.get("type") != "Action.Execute" or executes:
        return action
    fallback = action.get("fallback")
    return fallback if is_object(fallback) else None


def _button(action: JsonObject) -> Button:
    data = action.get("data")
    return Button(
        title=str(action.get("title", "")),
        kind=str(action["type"]),
        data=data if is_object(data) else {},
        verb=str(action.get("verb", "")),
        style=str(action.get("style", "default")),
        is_enabled=action.get("isEnabled") is not False,
        content=action,
    )


def _listed(value: JsonValue) -> list[JsonObject]:
    return [one for one in value if is_object(one)] if is_list(value) else []
