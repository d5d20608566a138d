"""Reads the text of a message: who is mentioned in it, and what stands in it as people see it."""

import html
import re
from collections.abc import Sequence
from typing import Final

from bot.documents.json_reading import rows_at, text_at
from bot.domain.canonical import JsonObject

_AT: Final = re.compile(r"<at(?:\s[^<>]*)?>([^<>]*)</at>", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"<at\s+id=[\"']?(\d{1,6})[\"']?\s*>([^<>]*)</at>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<(?:/?(?:p|div|li|tr|h[1-6]|blockquote|pre)|br)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_QUOTED: Final = re.compile(r"<quoted\s[^<>]*/>", re.IGNORECASE)
"""What stands for the message that somebody quotes; its words are not theirs."""
_MARKS: Final = re.compile("[\0-\2]")
"""Characters that stand around mentions meanwhile; nobody types them."""


def mentioned(activity: JsonObject, bot: str) -> tuple[str, bool]:
    """Gives the text with its mentions spelled our way, and whether the bot is among them."""
    text = _QUOTED.sub(" ", _MARKS.sub("", text_at(activity, "text")))
    is_mentioned = False
    for entity in rows_at(activity, "entities"):
        if text_at(entity, "type") != "mention":
            continue
        who, name = text_at(entity, "mentioned", "id"), text_at(entity, "mentioned", "name")
        spelled = text_at(entity, "text")
        is_mentioned = is_mentioned or who == bot
        if spelled and who:
            # Two people of one name have an entity each, in the order in which they are named.
            text = text.replace(spelled, " " if who == bot else f"\0{who}\1{name}\2", 1)
    text = html.unescape(_AT.sub(r"\1", text)).replace("\u00a0", " ")
    return _with_marks(text).strip(), is_mentioned


def read_html(content: str, mentions: Sequence[JsonObject]) -> str:
    """Gives a message's HTML as its readers see it, with the people whom it mentions spelled our way.

    Source: https://learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/action-commands/create-task-module
    """
    people = {
        str(one.get("id")): text_at(one, "mentioned", "user", "id")
        for one in mentions
        if text_at(one, "mentioned", "user", "id")
    }

    def spelled(found: re.Match[str]) -> str:
        who = people.get(found[1])
        return f"\0{who}\1{html.unescape(found[2])}\2" if who else found[2]

    text = _NUMBERED.sub(spelled, _MARKS.sub("", content))
    text = _TAG.sub("", _BREAK.sub("\n", text))
    return _with_marks(html.unescape(text).replace("\u00a0", " "))


def _with_marks(text: str) -> str:
    """Gives the text with its mentions as `<@id|name>`; what people wrote in that form is no mention."""
    text = text.replace("<@", "< @")
    text = re.sub("\0([^\0-\2]*)\1([^\0-\2]*)\2", lambda one: f"<@{_plain(one[1])}|{_plain(one[2])}>", text)
    return _MARKS.sub("", text)


def _plain(text: str) -> str:
    return re.sub(r"[<>|\s]+", " ", text).strip()
