"""Calls Slack's Web API: one client for a workspace, and what its refusals mean for us."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.documents.json_reading import object_of, text_at
from bot.domain.canonical import JsonObject
from bot.ports.outside import Busy, Gone, Unreachable

TIMEOUT_S: Final = 10
"""Seconds that Slack has to answer a call."""

_GONE: Final = {
    "cannot_dm_bot": "it is a bot’s account",
    "cant_update_message": "the message cannot be changed any more",
    "cannot_reply_to_message": "the message is not there any more",
    "channel_not_found": "the conversation is not there, or the bot is not in it",
    "edit_window_closed": "the message is too old to be changed",
    "is_archived": "the channel is archived",
    "not_found": "it was closed",
    "message_not_found": "the message is not there any more",
    "not_in_channel": "the bot is not in the channel",
    "thread_not_found": "the thread is not there any more",
    "user_disabled": "the account is deactivated",
    "user_not_found": "there is no such account",
    "user_not_visible": "the account cannot be seen by the bot",
    "users_not_found": "there is no such account",
}
_BAD_BLOCKS: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_BUSY: Final = frozenset({"rate_limited", "ratelimited"})
_FAULTS: Final = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
"""Errors of Slack's own, after which it is not known whether something was done.

Source: https://docs.slack.dev/reference/methods/chat.postMessage
"""
_NOT_HERE: Final = frozenset({"not_allowed", "not_assistant_thread", "unknown_method"})
"""Answers where a nicety is asked for that this workspace does not have."""
_BAD_TOKEN: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"}
)

log = structlog.get_logger()


class SlackAway(Unreachable):
    """Slack does not answer at the moment. Please try it again in a minute."""


class SlackBusy(Busy):
    """Slack takes nothing more from me at the moment. Please try it again in a minute."""


class SlackGone(Gone):
    """Slack cannot bring this any more: {why}."""


class SlackRefused(Unreachable):
    """Slack does not let me do this ({why}). IT has to look at the app’s settings; the log says more."""


class NotAccepted(SlackRefused):
    """Slack does not take this message as it is ({why}). The log says more."""


class BadToken(SlackRefused):
    """Slack does not accept the app’s token ({why}). IT has to install the app again."""


def web_client(api_url: str, session: ClientSession, token: str | None = None) -> AsyncWebClient:
    """Gives a client that tries each call once, so that what was posted without an answer is not doubled."""
    return AsyncWebClient(
        token=token, base_url=api_url, timeout=TIMEOUT_S, session=session, retry_handlers=[]
    )


def new_session() -> ClientSession:
    """Gives the session that all clients of a process share; it has to be closed."""
    return ClientSession(timeout=ClientTimeout(total=TIMEOUT_S))


async def answer(method: str, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> JsonObject:
    """Gives what Slack answers.

    Raises:
        Gone: the conversation, the message or the account is not there any more.
        Busy: too many calls; it says when to try again.
        NotAccepted: the message is not as Slack wants it.
        BadToken: the app is not installed any more, or the token is another one now.
        SlackRefused: Slack says no for another reason.
        SlackAway: no answer; it is not known whether the call did anything.
    """
    try:
        return object_of((await call()).data)
    except SlackApiError as error:
        raise _refusal(method, error) from None
    except (ClientError, SlackClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
        log.warning("slack.away", method=method, why=type(error).__name__)
        raise SlackAway(name=method, surface="Slack", why=type(error).__name__) from None


def _refusal(method: str, error: SlackApiError) -> Unreachable:
    response = error.response
    status = getattr(response, "status_code", 0)
    data = object_of(getattr(response, "data", None))
    code = text_at(data, "error")
    facts = {"name": method, "surface": "Slack"}
    if status == 429 or code in _BUSY:
        after = _retry_after(getattr(response, "headers", {}))
        return SlackBusy(**facts, why="it asks for fewer messages", after=after)
    if status >= 500 or code in _FAULTS:
        log.warning("slack.away", method=method, status=status)
        return SlackAway(**facts, why=f"status {status}")
    if code in _GONE:
        return SlackGone(**facts, why=_GONE[code])
    if code in _NOT_HERE:
        log.info("slack.not_here", method=method)
        return SlackRefused(**facts, why=code)
    log.warning("slack.refused", method=method, error=code, messages=data.get("response_metadata"))
    if code in _BAD_BLOCKS:
        return NotAccepted(**facts, why=code)
    if code in _BAD_TOKEN:
        return BadToken(**facts, why=code)
    return SlackRefused(**facts, why=code or f"status {status}")


def _retry_after(headers: object) -> timedelta:
    found = {str(name).lower(): value for name, value in dict(headers).items()} if headers else {}  # type: ignore[call-overload]  # slack_sdk gives a mapping of unknown kind
    text = str(found.get("retry-after", "1"))
    return timedelta(seconds=min(max(int(text), 1), 3600) if text.isdecimal() else 1)
