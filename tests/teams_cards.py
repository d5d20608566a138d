"""Reads Adaptive Cards as a person would: the texts in their order, and the buttons."""

from collections.abc import Iterator, Mapping

from bot.chat.teams.kit.actions import MARK
from bot.domain.canonical import JsonObject, JsonValue
from tests.slack_cards import objects_in


def runs_of(card: JsonValue) -> Iterator[JsonObject]:
    """Gives the runs of outside text and the paragraphs of our own, in the order of reading."""
    return (one for one in objects_in(card) if one.get("type") in {"TextRun", "TextBlock"})


def read(card: JsonValue) -> str:
    """Gives all the texts of the card, one after the other, with the spaces that they were written with."""
    return "".join(str(one["text"]) for one in runs_of(card)).replace("\u00a0", " ")


def lines(card: JsonValue) -> list[str]:
    """Gives the paragraphs of the card."""
    blocks = (one for one in objects_in(card) if one.get("type") in {"RichTextBlock", "TextBlock"})
    return [read(one) for one in blocks]


def contents(card: JsonObject) -> str:
    """Gives the texts below heading and status, without what we say of where something goes on."""
    body = body_of(card)[2:]
    return "".join(
        str(one["text"]) for one in runs_of(body) if not (one.get("italic") and one.get("isSubtle"))
    ).replace("\u00a0", " ")


def body_of(card: JsonObject) -> list[JsonObject]:
    """Gives what the card consists of, the buttons below it excepted."""
    body = card["body"]
    assert isinstance(body, list)
    return [one for one in body if isinstance(one, dict)]


def actions_of(card: JsonObject) -> list[JsonObject]:
    """Gives the buttons below the card."""
    actions = card.get("actions", [])
    assert isinstance(actions, list)
    return [one for one in actions if isinstance(one, dict)]


def buttons_of(card: JsonObject) -> dict[str, JsonObject]:
    """Gives the buttons by what they do, such as `act:approve`, `ask:deny`, `view:2` or `command:help`."""
    found = dict[str, JsonObject]()
    for one in objects_in({"body": card["body"], "actions": card.get("actions", [])}):
        if str(one.get("type")).startswith("Action."):
            kept = kept_in(one)
            what = kept.get("action") or kept.get("line") or kept.get("page")
            found.setdefault(f"{kept['do']}:{what}", one)
    return found


def kept_in(button: JsonObject) -> Mapping[str, str]:
    """Gives what the button carries of ours."""
    data = button["data"]
    assert isinstance(data, dict)
    ours = data[MARK]
    assert isinstance(ours, dict)
    return {name: str(text) for name, text in ours.items()}
