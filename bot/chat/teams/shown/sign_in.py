"""A link to sign in, as a card with one button."""

from bot.chat.teams.kit.elements import card as adaptive_card
from bot.chat.teams.kit.elements import rich, run
from bot.domain.canonical import JsonObject


def sign_in_card(text: str, link: str) -> JsonObject:
    """Gives the card; the link is one of our own."""
    return adaptive_card([rich(run(text))], [{"type": "Action.OpenUrl", "title": "Sign in", "url": link}])
