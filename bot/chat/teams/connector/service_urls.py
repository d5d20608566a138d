"""Addresses of the Bot Connector that the bot's tokens and messages may go to."""

from typing import Final
from urllib.parse import urlsplit

from bot.chat.teams.connector.calls import TeamsRefused
from bot.outgoing.web_addresses import is_loopback, is_web_address

_ENDS: Final = frozenset("?#")
"""After these no path can follow."""


def checked(service_url: str, *, is_open: bool) -> str:
    """Gives the address back.

    Args:
        service_url: where to send. It came with a token that Microsoft signed, so any https host is good.
        is_open: whether nothing that comes in is signed; then only this machine is good.

    Raises:
        TeamsRefused: nothing may be sent there.
    """
    is_address = is_web_address(service_url) and not _ENDS & set(service_url)
    if is_address and (not is_open or is_loopback(urlsplit(service_url).hostname or "")):
        return service_url
    why = "that is no address of the Bot Connector"
    raise TeamsRefused(name="service", surface="Microsoft Teams", why=why)
