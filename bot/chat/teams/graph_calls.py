"""Calls Microsoft Graph, and says what its refusals mean for us."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Self

import structlog
from aiohttp import ClientConnectorError, ClientError, ClientSession, ConnectionTimeoutError
from yarl import URL

from bot.chat.teams.access import GRAPH_URL
from bot.chat.teams.connector.calls import BadCredentials, TeamsAway, TeamsBusy, TeamsRefused
from bot.documents.json_reading import text_at
from bot.domain.canonical import JsonObject
from bot.outgoing.entra_tokens import scope_of
from bot.outgoing.outcomes import Declined, Lost, Unsent
from bot.outgoing.session import Unreadable, new_session, object_in, retry_after
from bot.outgoing.tries import AGAIN, Patience, tried
from bot.ports.outside import Unreachable

PATIENCE: Final = Patience(again=AGAIN | {503})

Bearer = Callable[[str], Awaitable[str]]
"""Gives the bot's token for a scope."""

log = structlog.get_logger()


class NotPermitted(Unreachable):
    """Microsoft Graph does not let me {what}. An admin has to grant the bot’s app {permission}."""


class Missing(Exception):
    """Graph does not know it."""


class Conflict(Exception):
    """It is so already."""


class GraphCalls:
    """Used as a block, whose end closes the connections."""

    def __init__(self, graph_url: str, *, token: Bearer, patience: Patience = PATIENCE) -> None:
        self._base = f"{graph_url}v1.0/"
        self._scope = scope_of(graph_url, official=GRAPH_URL)
        self._token = token
        self._patience = patience
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = new_session(self._base)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    def address(self, path: str) -> str:
        """Gives the whole address of something."""
        return f"{self._base}{path}"

    async def call(
        self, verb: str, path: str, *, what: str, permission: str, body: JsonObject | None = None
    ) -> JsonObject:
        """Gives what Graph answers; tried again a few times where that is of use, so it must bear repeating.

        Args:
            verb: of HTTP.
            path: after the version, and quoted.
            what: the call does, in words that go on after “does not let me”.
            permission: what it needs.
            body: of the call.

        Raises:
            Missing: 404.
            Conflict: 409.
            NotPermitted: the permission is missing.
            Unreachable: there is no answer, or another no.
        """
        try:
            return await tried(lambda: self._once(verb, path, body), self._patience)
        except Declined as error:
            raise _meaning(error, what=what, permission=permission) from None
        except (Unsent, Lost) as error:
            log.warning("teams.graph_away", why=str(error))
            raise TeamsAway(name=what, surface="Microsoft Graph", why=str(error)) from None

    async def _once(self, verb: str, path: str, body: JsonObject | None) -> JsonObject:
        if self._session is None:
            raise RuntimeError("used outside of its block")
        headers = {"Authorization": f"Bearer {await self._token(self._scope)}"}
        url = URL(self.address(path), encoded=True)
        try:
            async with self._session.request(
                verb, url, json=body, headers=headers, allow_redirects=False
            ) as response:
                if 200 <= response.status < 300:
                    return await object_in(response)
                try:
                    code = text_at(await object_in(response), "error", "code")
                except Unreadable:
                    code = ""
                raise Declined(response.status, code[:100], retry_after(response))
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise Unsent(type(error).__name__) from None
        except (ClientError, TimeoutError, OSError, Unreadable) as error:
            raise Lost(type(error).__name__) from None


def _meaning(error: Declined, *, what: str, permission: str) -> Exception:
    status, why = error.status, error.code or f"status {error.status}"
    facts = {"name": what, "surface": "Microsoft Graph", "why": why}
    if status in {404, 409}:
        return Missing() if status == 404 else Conflict()
    log.warning("teams.graph_refused", status=status, code=error.code)
    if status == 429:
        return TeamsBusy(**facts, after=error.after or timedelta(seconds=1))
    if status >= 500:
        return TeamsAway(**facts)
    if status == 403:
        return NotPermitted(**facts, what=what, permission=permission)
    return BadCredentials(**facts) if status == 401 else TeamsRefused(**facts)
