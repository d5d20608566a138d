"""The seam to the SDK: four calls that go out, and what they may answer instead."""

from dataclasses import dataclass
from typing import Protocol

from bot.domain.canonical import JsonObject
from bot.ports.outside import Busy, Gone, Unreachable


class TeamsAway(Unreachable):
    """Microsoft Teams does not answer at the moment. Please try it again in a minute."""


class TeamsBusy(Busy):
    """Microsoft Teams takes nothing more from me at the moment. Please try it again in a minute."""


class TeamsGone(Gone):
    """Microsoft Teams cannot bring this any more: {why}."""


class NotHere(TeamsGone):
    """The bot is not installed for {name} in Teams, or was removed there."""


class TeamsRefused(Unreachable):
    """Microsoft Teams does not let me do this ({why}). IT has to look at the bot’s settings and its log."""


class NotAccepted(TeamsRefused):
    """Microsoft Teams does not take this message as it is ({why}). The log says more."""


class BadCredentials(TeamsRefused):
    """Microsoft does not give the bot a token ({why}). IT has to look at its app id, secret and tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What the connector says of one member of a conversation."""

    id: str
    """The bot's own id of the user, such as `29:…`."""
    object_id: str
    """The user's `aadObjectId`; empty where the connector does not say it."""
    tenant: str
    """The Entra tenant of the user's account; empty where the connector does not say it."""
    name: str
    principal_name: str
    """The name that the user signs in with; its domain is verified by their organisation."""
    is_guest: bool


class Connector(Protocol):
    """What goes out. A reference is a conversation reference as the Bot Framework spells it in JSON.

    Every call is tried again a few times, with a random pause, where the connector says 412, 429, 502 or 504.
    It then raises `TeamsBusy`, `TeamsGone`, `NotHere`, `NotAccepted`, `BadCredentials`, `TeamsRefused`, or
    `TeamsAway`; after `TeamsAway` it is not known whether the call did anything.
    """

    async def send(self, reference: JsonObject, activity: JsonObject) -> str:
        """Posts an activity into the reference's conversation, and gives its id."""
        ...

    async def update(self, reference: JsonObject, activity_id: str, activity: JsonObject) -> None:
        """Replaces an activity in place; doing it twice leaves the same."""
        ...

    async def open_personal(self, *, service_url: str, tenant: str, user: str) -> JsonObject:
        """Gives the reference of the bot's private conversation with a user, which exists then.

        Args:
            service_url: the connector of the user's organisation.
            tenant: the organisation's Entra tenant.
            user: the user's `aadObjectId`, or the bot's own id of them.

        Raises:
            NotHere: the bot is not installed for the user.
        """
        ...

    async def member(self, reference: JsonObject, user: str) -> Member | None:
        """Gives what is known of a member of the conversation; None where the user is none.

        Args:
            reference: the conversation.
            user: the `aadObjectId`, or the bot's own id of them.
        """
        ...
