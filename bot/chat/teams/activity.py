"""What Teams sends, read into events of our own; nothing of its shape is trusted."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.chat.teams.events import (
    Added,
    DialogSent,
    DialogWanted,
    Event,
    Executed,
    Kind,
    Pressed,
    Removed,
    Said,
    Searched,
    Turn,
    Unknown,
)
from bot.chat.teams.kit.actions import MARK, Do, Press, press_of
from bot.chat.teams.mentions import mentioned, read_html
from bot.documents.json_reading import object_at, object_of, rows_at, text_at
from bot.domain.canonical import JsonObject, JsonValue
from bot.domain.errors import Refusal

CHANNEL: Final = "msteams"
_ID: Final = 400
"""Characters that an id may have; Teams' own are shorter."""
_DATASET: Final = 2_000
"""Characters of what a field says of what is searched; ours are shorter."""
_THREAD: Final = ";messageid="
_EXTENSION: Final = "composeExtension/"
_OBJECTS: Final = ("conversation", "from", "recipient", "channelData")
_TEXTS: Final = ("type", "id", "channelId", "serviceUrl", "text", "textFormat", "name", "replyToId", "locale")


class NotAnActivity(Refusal):
    """This is nothing that Microsoft Teams sends: {why}."""


_KINDS: Final = {"personal": Kind.PERSONAL, "groupchat": Kind.GROUP, "channel": Kind.CHANNEL}


def event_of(activity: JsonObject) -> Event:
    """Gives the event of an activity.

    Raises:
        NotAnActivity: it is none, or none that Teams sends.
    """
    _check_shape(activity)
    kind = text_at(activity, "type")
    turn = _turn(activity)
    if kind == "invoke":
        return _invoke(activity, turn)
    if kind == "message":
        return _message(activity, turn)
    return _change(activity, turn, kind)


def _check_shape(activity: JsonObject) -> None:
    for name in _TEXTS:
        found = activity.get(name)
        if found is not None and not isinstance(found, str):
            raise NotAnActivity(why=f"{name} is no text")
    for name in _OBJECTS:
        found = activity.get(name)
        if found is not None and not isinstance(found, dict):
            raise NotAnActivity(why=f"{name} is no object")
    for path in (("type",), ("serviceUrl",), ("conversation", "id"), ("from", "id"), ("recipient", "id")):
        if not 0 < len(text_at(activity, *path)) <= _ID:
            raise NotAnActivity(why=f"{'.'.join(path)} is missing or too long")
    if text_at(activity, "channelId") != CHANNEL:
        raise NotAnActivity(why="it is of another channel")
    if text_at(activity, "type") in {"message", "invoke"} and not 0 < len(text_at(activity, "id")) <= _ID:
        raise NotAnActivity(why="id is missing or too long")


def tenant_of(activity: JsonObject) -> str:
    """Gives the Entra tenant that the activity is from; empty where it does not say.

    Raises:
        NotAnActivity: it names two.
    """
    found = {
        one.lower()
        for path in (("channelData", "tenant", "id"), ("conversation", "tenantId"))
        if (one := text_at(activity, *path))
    }
    if len(found) > 1:
        raise NotAnActivity(why="it names two tenants")
    return next(iter(found), "")


def _turn(activity: JsonObject) -> Turn:
    conversation, _, thread = text_at(activity, "conversation", "id").partition(_THREAD)
    said = text_at(activity, "conversation", "conversationType").lower()
    kind = _KINDS.get(said)
    if kind is None:
        is_channel = bool(object_at(activity, "channelData", "channel")) or bool(thread)
        is_group = object_at(activity, "conversation").get("isGroup") is True
        kind = Kind.CHANNEL if is_channel else Kind.GROUP if is_group else Kind.PERSONAL
    if kind is Kind.PERSONAL and text_at(activity, "name").startswith(_EXTENSION):
        # It is used in chats between people, too, which Teams tells apart from the bot's own by nothing.
        kind = Kind.GROUP
    return Turn(
        id=text_at(activity, "id"),
        kind=kind,
        conversation=conversation,
        thread=thread if kind is Kind.CHANNEL else "",
        tenant=tenant_of(activity),
        user=text_at(activity, "from", "aadObjectId").lower()[:_ID],
        account=text_at(activity, "from", "id"),
        reply_to=text_at(activity, "replyToId"),
        reference=_reference(activity, conversation, kind),
    )


def _reference(activity: JsonObject, conversation: str, kind: Kind) -> JsonObject:
    tenant = tenant_of(activity)
    user = object_at(activity, "from")
    found: dict[str, JsonValue] = {
        "channelId": CHANNEL,
        "serviceUrl": text_at(activity, "serviceUrl"),
        "bot": _named(object_at(activity, "recipient")),
        "conversation": {
            "id": conversation,
            "conversationType": {Kind.GROUP: "groupChat"}.get(kind, kind.value),
            "isGroup": kind is not Kind.PERSONAL,
            "tenantId": tenant,
        },
        "tenantId": tenant,
    }
    if kind is Kind.PERSONAL:
        found["user"] = _named(user)
    if text_at(activity, "locale"):
        found["locale"] = text_at(activity, "locale")
    return found


def _named(account: JsonObject) -> dict[str, JsonValue]:
    return {name: text for name in ("id", "name", "aadObjectId") if (text := text_at(account, name))}


def _message(activity: JsonObject, turn: Turn) -> Event:
    press = press_of(activity.get("value"))
    if press is not None or MARK in object_of(activity.get("value")):
        return Pressed(turn=turn, press=press)
    if activity.get("value") is not None and not text_at(activity, "text").strip():
        return Unknown(turn=turn, is_invoke=False)
    bot = text_at(activity, "recipient", "id")
    text, is_mentioned = mentioned(activity, bot)
    return Said(turn=turn, text=text, is_for_bot=is_mentioned or turn.kind is Kind.PERSONAL)


def _invoke(activity: JsonObject, turn: Turn) -> Event:
    value = object_of(activity.get("value"))
    read = _INVOKES.get(text_at(activity, "name"))
    return read(turn, value) if read else Unknown(turn=turn, is_invoke=True)


def _extension_command(value: JsonObject) -> Press | None:
    """Gives the press that a command of the message extension stands for: it opens the request form."""
    payload = object_at(value, "messagePayload")
    text = text_at(payload, "body", "content")
    if text_at(payload, "body", "contentType") == "html":
        text = read_html(text, rows_at(payload, "mentions"))
    kept = {"text": " ".join(text.split())} if text.strip() else {}
    return Press(do=Do.REQUEST, kept=kept, inputs={}) if text_at(value, "commandId") else None


_INVOKES: Final[Mapping[str, Callable[[Turn, JsonObject], Event]]] = {
    "adaptiveCard/action": lambda turn, value: Executed(
        turn=turn, press=press_of(object_at(value, "action").get("data"))
    ),
    "task/fetch": lambda turn, value: DialogWanted(turn=turn, press=press_of(value.get("data"))),
    "task/submit": lambda turn, value: DialogSent(turn=turn, press=press_of(value.get("data"))),
    "application/search": lambda turn, value: Searched(
        turn=turn, dataset=text_at(value, "dataset")[:_DATASET], typed=text_at(value, "queryText")[:_ID]
    ),
    "composeExtension/fetchTask": lambda turn, value: DialogWanted(
        turn=turn, press=_extension_command(value), is_extension=True
    ),
    "composeExtension/submitAction": lambda turn, value: DialogSent(
        turn=turn, press=press_of(value.get("data")), is_extension=True
    ),
}


def _change(activity: JsonObject, turn: Turn, kind: str) -> Event:
    bot = text_at(activity, "recipient", "id")
    if kind == "installationUpdate":
        return Removed(turn=turn) if "remove" in text_at(activity, "action") else Added(turn=turn)
    if kind == "conversationUpdate":
        if any(text_at(one, "id") == bot for one in rows_at(activity, "membersAdded")):
            return Added(turn=turn)
        if any(text_at(one, "id") == bot for one in rows_at(activity, "membersRemoved")):
            return Removed(turn=turn)
    return Unknown(turn=turn, is_invoke=False)
