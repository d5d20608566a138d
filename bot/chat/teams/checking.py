"""Looks whether Microsoft knows the bot, and whether it was granted all that the code needs."""

from dataclasses import dataclass

from bot.chat.teams.access import GRAPH_URL, Access
from bot.chat.teams.channel_keys import ChannelKeys
from bot.chat.teams.connector.connected import connected
from bot.chat.teams.connector.tokens import CONNECTOR_SCOPE
from bot.chat.teams.graph import INSTALL, READ_CATALOG, READ_USERS
from bot.outgoing.entra_tokens import granted_in, scope_of
from bot.outgoing.kept_tokens import Tokens
from bot.ports.outside import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The bot as Microsoft Entra knows it."""

    missing: tuple[str, ...]
    """Permissions of Microsoft Graph that the code uses and nobody granted."""


async def registered(access: Access, clock: Clock, *, tokens: Tokens | None = None) -> Registered:
    """Gives what Microsoft says of the bot.

    Args:
        access: its registration.
        clock: for the age of keys.
        tokens: where its tokens come from; without it, from Entra as the registration says.

    Raises:
        BadCredentials: Entra gives no token to this bot.
        KeysAway: the keys of the Bot Connector are not to be had.
        Unreachable: Microsoft does not answer.
    """
    keys = ChannelKeys(access.openid_url, clock)
    try:
        # There is no such key; asking for one fetches all of them.
        await keys.key("")
    finally:
        await keys.close()
    async with connected(access, tokens=tokens) as connector:
        await connector.token(CONNECTOR_SCOPE)
        token = await connector.token(scope_of(access.graph_url, official=GRAPH_URL))
    granted = granted_in(token) or frozenset()
    wanted = {READ_USERS, INSTALL} if access.catalog_id else {READ_USERS, INSTALL, READ_CATALOG}
    return Registered(missing=tuple(sorted(wanted - granted)))
