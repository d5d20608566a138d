"""Small cards with which something begins: a form, or the first words between somebody and the bot."""

from collections.abc import Sequence

from bot.chat.teams.kit.actions import Do, carried, opening
from bot.chat.teams.kit.elements import card, heading, own, rich, run
from bot.chat.teams.kit.limits import BUTTON_TEXT, ROW_ACTIONS
from bot.chat.teams.kit.texts import cut
from bot.domain.canonical import JsonObject, JsonValue

OPEN = "Open the form"
_TITLE = 200


def opener(text: str, do: Do, *, title: str = "", **kept: str) -> JsonObject:
    """Gives a card with a button that opens a form; the text is one of ours, the title may be any."""
    above = [heading(cut(title, _TITLE))] if title else []
    return card([*above, own(text)], [opening(OPEN, do, style="positive", **kept)])


def welcome(text: str, suggestions: Sequence[str]) -> JsonObject:
    """Gives the first card that somebody sees: what the bot is for, and a few things to ask at once."""
    body = [own(text), rich(run("For example:", subtle=True))] if suggestions else [own(text)]
    asks = [_said(one) for one in suggestions[: ROW_ACTIONS - 1]]
    return card(body, [*asks, opening("Ask with a form", Do.REQUEST)])


def _said(words: str) -> JsonObject:
    """Gives a button that writes the words into the chat, or asks with them where a client cannot do that."""
    asked = carried(Do.COMMAND, line=f"request {words}")
    data: dict[str, JsonValue] = {"msteams": {"type": "imBack", "value": words}, **asked}
    return {"type": "Action.Submit", "title": cut(words, BUTTON_TEXT), "data": data}
