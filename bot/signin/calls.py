"""Calls of an OpenID provider: tried again where that is of use, and never for long."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession

from bot.domain.canonical import JsonObject
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import Unreadable, new_session, object_in, retry_after
from bot.outgoing.tries import Patience, tried
from bot.signin.refusals import ProviderAway

PATIENCE: Final = Patience(again=frozenset({429, 502, 503, 504}), tries=3, within_s=6, try_s=8)
"""Somebody looks at an empty page meanwhile."""

log = structlog.get_logger()

Call = Callable[[ClientSession], AbstractAsyncContextManager[ClientResponse]]


async def document(address: str, patience: Patience) -> JsonObject:
    """Gives the JSON object at the address.

    Raises:
        ProviderAway: there is none to be had.
    """
    try:
        return await _called(address, lambda session: session.get(address, allow_redirects=False), patience)
    except Declined as error:
        raise _away(address, error) from None


async def form_sent(
    address: str, form: Mapping[str, str], headers: Mapping[str, str], patience: Patience
) -> JsonObject:
    """Sends a form and gives what is answered.

    Raises:
        Declined: the provider says no.
        ProviderAway: it does not answer.
    """

    def call(session: ClientSession) -> AbstractAsyncContextManager[ClientResponse]:
        return session.post(address, data=dict(form), headers=dict(headers), allow_redirects=False)

    try:
        return await _called(address, call, patience)
    except Declined as error:
        if error.status >= 500 or error.status == 429:
            raise _away(address, error) from None
        raise


async def _called(address: str, call: Call, patience: Patience) -> JsonObject:
    try:
        return await tried(_once(address, call), patience)
    except (Unsent, Lost) as error:
        raise _away(address, error) from None


def _once(address: str, call: Call) -> Callable[[], Awaitable[JsonObject]]:
    async def once() -> JsonObject:
        try:
            async with new_session(address) as session, call(session) as response:
                if response.status != 200:
                    raise Declined(response.status, "", retry_after(response))
                return await object_in(response)
        except ClientConnectorError as error:
            raise Unsent(type(error).__name__) from None
        except (ClientError, OSError, Unreadable) as error:
            raise Lost(type(error).__name__) from None

    return once


def _away(address: str, error: Exception) -> ProviderAway:
    host = urlsplit(address).hostname or ""
    log.warning("sign_in.provider_away", host=host, why=type(error).__name__, status=str(error))
    return ProviderAway(host=host)
