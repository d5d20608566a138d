"""What the connector's answers mean for us.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability
"""

from datetime import timedelta
from typing import Final

import structlog

from bot.chat.teams.connector.calls import (
    BadCredentials,
    NotAccepted,
    NotHere,
    TeamsAway,
    TeamsBusy,
    TeamsGone,
    TeamsRefused,
)
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.ports.outside import Unreachable

_NOT_HERE: Final = frozenset({"BotNotInConversationRoster", "ForbiddenOperationException"})
_GONE: Final = {
    "ActivityNotFoundInConversation": "the message is not there any more",
    "BotDisabledByAdmin": "an administrator of Teams has blocked the bot there",
    "ConversationBlockedByUser": "they have blocked the bot",
    "ConversationNotFound": "the conversation is not there any more",
    "MessageWritesBlocked": "nobody can write there any more",
}
_BUSY: Final = frozenset({412, 429})
_NOT_ACCEPTED: Final = frozenset({400, 413, 415})
_NO_MEMBER: Final = "MemberNotFoundInConversation"
_NO_ACCOUNT: Final = frozenset({"BadArgument", "Bad Argument", "BadSyntax", _NO_MEMBER})

log = structlog.get_logger()


def is_no_member(error: Declined) -> bool:
    """Whether the connector says that the user is no member of the conversation."""
    return error.status in {400, 404} and error.code == _NO_MEMBER


def is_no_account(error: Declined) -> bool:
    """Whether the connector, asked for a private conversation, does not know whose it should be.

    All else that is asked with is the same for everybody.
    """
    return error.status in {400, 404} and error.code in _NO_ACCOUNT


def refusal_of(operation: str, error: Declined | Unsent | Lost) -> Unreachable:
    """Gives what to raise; only what is about the account, the conversation or the message is gone."""
    facts = {"name": operation, "surface": "Microsoft Teams"}
    if not isinstance(error, Declined):
        log.warning("teams.away", operation=operation, why=str(error))
        return TeamsAway(**facts, why=str(error))
    status, code = error.status, error.code
    why = code or f"status {status}"
    if status in _BUSY:
        log.info("teams.busy", operation=operation, status=status)
        return TeamsBusy(**facts, why=why, after=error.after or timedelta(seconds=1))
    if status >= 500:
        log.warning("teams.away", operation=operation, status=status, code=code)
        return TeamsAway(**facts, why=why)
    if status in {403, 404} and code in _NOT_HERE:
        return NotHere(surface=facts["surface"], name="this conversation", why=why)
    if status in {400, 403, 404} and code in _GONE:
        return TeamsGone(**facts, why=_GONE[code])
    log.warning("teams.refused", operation=operation, status=status, code=code)
    if status in _NOT_ACCEPTED:
        return NotAccepted(**facts, why=why)
    return BadCredentials(**facts, why=why) if status == 401 else TeamsRefused(**facts, why=why)
