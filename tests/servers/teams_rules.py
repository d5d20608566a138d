"""What Teams takes from the bot: the rules of whole cards, of activities, and of answers to invokes."""

from collections.abc import Iterator
from typing import Final

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object, problem
from tests.servers.teams_shapes import CARD
from tests.servers.teams_things import ADAPTIVE, ConnectorError

MOST_BYTES: Final = 28 * 1024
"""What a whole activity may have on the wire.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
"""
_FORMATS: Final = ("plain", "markdown", "xml", "extendedmarkdown")
_MSTEAMS: Final = ("messageBack", "imBack", "signin", "invoke", "task/fetch", "task/submit")


def objects_in(value: JsonValue, place: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Gives every object in a value with its place; what an action carries as data is not looked into."""
    if is_object(value):
        yield place, value
        for name, inner in value.items():
            if name != "data":
                yield from objects_in(inner, f"{place}/{name}")
    elif is_list(value):
        for at, inner in enumerate(value):
            yield from objects_in(inner, f"{place}/{at}")


def card_problems(card: JsonValue, *, in_dialog: bool = False) -> list[str]:
    """Gives what is wrong with a card; nothing when Teams takes it."""
    found = CARD(card, "")
    if found or not is_object(card):
        return found
    parts = list(objects_in(card))
    found += _ids_twice(parts)
    for place, part in parts:
        found += _choice_problems(place, part) + _submit_problems(place, part)
        if part.get("type") == "Action.Execute":
            if in_dialog:
                found.append(problem("a dialog takes no Action.Execute", place))
            if str(card["version"]) < "1.4":
                found.append(problem("Action.Execute needs version 1.4", place))
    return found


def check_activity(activity: JsonValue, size: int, bot_id: str) -> JsonObject:
    """Gives the activity if Teams takes it.

    Args:
        activity: what the bot sent.
        size: its bytes on the wire.
        bot_id: who may send.

    Raises:
        ConnectorError: it is too big, or not as Teams wants it.
    """
    if size > MOST_BYTES:
        raise ConnectorError(413, "MessageSizeTooBig", f"Message size too large: {size} bytes.")
    found = _activity_problems(activity, bot_id)
    if found or not is_object(activity):
        raise ConnectorError(400, "BadSyntax", "; ".join(found))
    return activity


def _activity_problems(activity: JsonValue, bot_id: str) -> list[str]:
    if not is_object(activity):
        return [problem("must provide an object", "")]
    if activity.get("type") == "typing":
        return []
    if activity.get("type") != "message":
        return [problem("unknown activity type", "/type")]
    found = []
    text, attachments = activity.get("text"), activity.get("attachments")
    if not isinstance(text or "", str):
        found.append(problem("must provide a string", "/text"))
    if not text and not attachments:
        found.append(problem("a message needs a text or an attachment", "/text"))
    if activity.get("textFormat") not in {None, *_FORMATS}:
        found.append(problem("must be a valid enum value", "/textFormat"))
    sender = activity.get("from")
    if is_object(sender) and sender.get("id") not in {None, "", bot_id}:
        found.append(problem("the bot speaks for itself only", "/from/id"))
    return [*found, *_attachment_problems(attachments), *_mention_problems(activity)]


def _attachment_problems(attachments: JsonValue) -> list[str]:
    if attachments is None:
        return []
    if not is_list(attachments):
        return [problem("must provide an array", "/attachments")]
    found = []
    for at, one in enumerate(attachments):
        place = f"/attachments/{at}"
        if not is_object(one) or one.get("contentType") != ADAPTIVE:
            found.append(problem("unknown attachment type", place))
        else:
            found += [f"{place}: {said}" for said in card_problems(one.get("content"))]
    return found


def _mention_problems(activity: JsonObject) -> list[str]:
    entities = activity.get("entities")
    found = []
    for at, one in enumerate(entities if is_list(entities) else []):
        if not is_object(one) or one.get("type") != "mention":
            continue
        text = one.get("text")
        if not isinstance(text, str) or text not in str(activity.get("text") or ""):
            found.append(problem("the mention is not in the text", f"/entities/{at}"))
    return found


def _ids_twice(parts: list[tuple[str, JsonObject]]) -> list[str]:
    found, seen = [], set[str]()
    for place, part in parts:
        name = part.get("id")
        if not isinstance(name, str) or place.endswith("/fallback"):
            continue
        if name in seen:
            found.append(problem(f"id {name} already exists", f"{place}/id"))
        seen.add(name)
    return found


def _choice_problems(place: str, part: JsonObject) -> list[str]:
    choices = part.get("choices")
    if part.get("type") != "Input.ChoiceSet" or not is_list(choices):
        return []
    values = [str(one["value"]) for one in choices if is_object(one)]
    found = []
    if not values and "choices.data" not in part:
        found.append(problem("no fewer than 1 items allowed", f"{place}/choices"))
    if "choices.data" in part and part.get("style") != "filtered":
        found.append(problem("only a filtered list is searched", f"{place}/style"))
    if len(set(values)) < len(values):
        found.append(problem("two choices have one value", f"{place}/choices"))
    is_many = part.get("isMultiSelect") is True
    if is_many and any("," in one for one in values):
        found.append(problem("a comma parts the values of several choices", f"{place}/choices"))
    chosen = str(part.get("value") or "")
    wanted = chosen.split(",") if is_many else [chosen]
    if chosen and not set(wanted) <= set(values):
        found.append(problem("must be one of the choices", f"{place}/value"))
    return found


def _submit_problems(place: str, part: JsonObject) -> list[str]:
    data = part.get("data")
    if not is_object(data) or "msteams" not in data:
        return []
    told = data["msteams"]
    if not is_object(told) or told.get("type") not in _MSTEAMS:
        return [problem("must be a valid enum value", f"{place}/data/msteams/type")]
    return []
