"""What Teams makes of the bot's answers to invokes; a malformed one fails the test."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.canonical import JsonObject, JsonValue
from tests.servers.slack_shapes import is_list, is_object
from tests.servers.teams_delivery import Answer, Unanswered
from tests.servers.teams_rules import MOST_BYTES, card_problems
from tests.servers.teams_things import ADAPTIVE, Dialog

MESSAGE = "application/vnd.microsoft.activity.message"
SEARCHED = "application/vnd.microsoft.search.searchResponse"
MOST_FOUND = 15
"""What a client lists of what is found."""
ERROR = "application/vnd.microsoft.error"
_SIZES = ("small", "medium", "large")


class BadAnswer(AssertionError):
    """Teams does not understand what the bot answered; the person sees that something went wrong."""


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """What came of a press.

    `card` is put in place of the old one, `message` and `error` show words for a moment, `dialog` opens one
    or shows the next step, `closed` ends one, with words or without, `sent` went off as a message, `link`
    leads elsewhere.
    """

    kind: Literal["card", "message", "error", "dialog", "closed", "sent", "link"]
    text: str = ""
    card: JsonObject | None = None
    dialog: Dialog | None = None
    answer: Answer | None = None


def body_of(answer: Answer) -> JsonValue:
    """Gives the body of an answer to an invoke; None where it is empty.

    Raises:
        Unanswered: nothing in time, or no success.
        BadAnswer: too big, or no JSON.
    """
    if answer.status != 200:
        raise Unanswered(f"an invoke is answered with 200, not {answer}")
    if len(answer.raw) > MOST_BYTES:
        raise BadAnswer(f"an answer of {len(answer.raw)} bytes")
    if not answer.raw:
        return None
    if answer.content_type != "application/json" or not is_object(answer.body):
        raise BadAnswer(f"no JSON object: {answer}")
    return answer.body


def read_action(answer: Answer) -> Pressed:
    """Gives what an answer to `adaptiveCard/action` does.

    Source: https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format

    Raises:
        BadAnswer: not as Teams wants it.
        Unanswered: nothing in time, or no success.
    """
    body = body_of(answer)
    if not is_object(body) or not {"statusCode", "type", "value"} <= body.keys():
        raise BadAnswer(f"statusCode, type and value are needed: {body}")
    status, value = body["statusCode"], body["value"]
    if isinstance(status, bool) or not isinstance(status, int):
        raise BadAnswer(f"statusCode is no number: {status!r}")
    match body["type"]:
        case "application/vnd.microsoft.card.adaptive" if status == 200:
            return Pressed(kind="card", card=_card(value, in_dialog=False), answer=answer)
        case "application/vnd.microsoft.activity.message" if status == 200:
            if not isinstance(value, str) or not value:
                raise BadAnswer(f"a message is a text: {value!r}")
            return Pressed(kind="message", text=value, answer=answer)
        case "application/vnd.microsoft.error" if status >= 400:
            return Pressed(kind="error", text=_error(value), answer=answer)
        case other:
            raise BadAnswer(f"no such answer: {status} {other}")


def read_search(answer: Answer) -> list[tuple[str, str]]:
    """Gives title and value of what an answer to `application/search` lists.

    Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/dynamic-search

    Raises:
        BadAnswer: not as Teams wants it.
        Unanswered: nothing in time, or no success.
    """
    body = body_of(answer)
    if not is_object(body) or (body.get("statusCode"), body.get("type")) != (200, SEARCHED):
        raise BadAnswer(f"no answer to a search: {body}")
    value = body.get("value")
    results = value.get("results") if is_object(value) else None
    if not is_list(results) or len(results) > MOST_FOUND:
        raise BadAnswer(f"a search gives a list of at most {MOST_FOUND}: {value}")
    found = []
    for one in results:
        title, code = (one.get("title"), one.get("value")) if is_object(one) else (None, None)
        if not (isinstance(title, str) and title and isinstance(code, str) and code):
            raise BadAnswer(f"what is found has a title and a value: {one}")
        found.append((title, code))
    return found


def read_dialog(answer: Answer, before: Dialog, *, must_open: bool) -> Pressed:
    """Gives what an answer to a dialog's invoke does.

    Args:
        answer: of the bot.
        before: where the dialog stands; its title and card are those of the last step.
        must_open: whether an empty answer, which closes a dialog, is not allowed.

    Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots

    Raises:
        BadAnswer: not as Teams wants it.
        Unanswered: nothing in time, or no success.
    """
    body = body_of(answer)
    if not body:
        if must_open:
            raise BadAnswer("a dialog was asked for, and there is none")
        return Pressed(kind="closed", answer=answer)
    task = body.get("task") if is_object(body) else None
    if not is_object(task):
        raise BadAnswer(f"no task: {body}")
    value = task.get("value")
    match task.get("type"):
        case "message":
            if not isinstance(value, str) or not value:
                raise BadAnswer(f"a message is a text: {value!r}")
            return Pressed(kind="closed", text=value, answer=answer)
        case "continue":
            return Pressed(kind="dialog", dialog=_dialog(value, before), answer=answer)
        case other:
            raise BadAnswer(f"no such task: {other!r}")


def _dialog(value: JsonValue, before: Dialog) -> Dialog:
    if not is_object(value):
        raise BadAnswer(f"a dialog is an object: {value!r}")
    for name in ("height", "width"):
        size = value.get(name)
        if size is not None and not isinstance(size, int) and size not in _SIZES:
            raise BadAnswer(f"{name} is a number or one of {_SIZES}: {size!r}")
    title, attachment = value.get("title"), value.get("card")
    if title is not None and not isinstance(title, str):
        raise BadAnswer(f"the title is a text: {title!r}")
    if not is_object(attachment) or attachment.get("contentType") != ADAPTIVE:
        raise BadAnswer(f"a dialog needs its card as an attachment: {attachment!r}")
    return Dialog(
        user=before.user,
        title=title or "",
        card=_card(attachment.get("content"), in_dialog=True),
        conversation=before.conversation,
        thread=before.thread,
        replies_to=before.replies_to,
        command=before.command,
    )


def _card(value: JsonValue, *, in_dialog: bool) -> JsonObject:
    found = card_problems(value, in_dialog=in_dialog)
    if found or not is_object(value):
        raise BadAnswer(f"Teams does not take this card: {'; '.join(found)}")
    return value


def _error(value: JsonValue) -> str:
    if not is_object(value) or not isinstance(value.get("code"), str):
        raise BadAnswer(f"an error has a code and a message: {value!r}")
    return str(value.get("message", ""))
