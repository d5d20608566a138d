"""Cards for a client without what is Teams' own: what would open a dialog comes as a message instead."""

from collections.abc import Mapping

from bot.domain.canonical import JsonObject, JsonValue


def without_dialogs(card: JsonObject) -> JsonObject:
    """Gives the card with its buttons' presses sent as messages, and without other wishes to Teams.

    Microsoft's Agents Playground sends nothing at all for a button that opens a dialog.
    """
    return {name: _changed(value) for name, value in card.items() if name != "msteams"}


def _changed(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return without_dialogs(value)
    if isinstance(value, list | tuple):
        return [_changed(one) for one in value]
    return value


def in_dialog(card: JsonObject) -> JsonObject:
    """Gives the card as a dialog can show it: a dialog knows no other buttons than those that send it."""
    return {name: _sending(value) for name, value in card.items()}


def _sending(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        fallback = value.get("fallback")
        if value.get("type") == "Action.Execute" and isinstance(fallback, Mapping):
            return fallback
        return in_dialog(value)
    if isinstance(value, list | tuple):
        return [_sending(one) for one in value]
    return value
